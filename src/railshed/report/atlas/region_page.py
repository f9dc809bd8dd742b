"""The page of one agglomeration: key figures, three findings, the map, tables by core city and by member city."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from railshed.questions.circle.tables import observed_table, scope_words
from railshed.questions.indicators import tables as of_region
from railshed.questions.indicators.agglomerations import CUTOFF_MIN, Deviation, printed
from railshed.questions.labels import CONFIDENCE, place_name, recorded_ends
from railshed.report.atlas.about import About
from railshed.report.atlas.comparison import MEASURE, Comparison
from railshed.report.atlas.entries import Entry
from railshed.report.atlas.folder import INDEX, counties_name, map_name, page_name
from railshed.report.atlas.html import PageRenderer, strip
from railshed.report.findings import N_AGGLOMERATIONS
from railshed.show.blocks import Cell, Table
from railshed.util import number_format as n
from railshed.util.bilingual import Words, joined
from railshed.util.phrases import heads, phrase

#: core cities up to which a long table of members stands in two halves beside each other
_NARROW, _LONG = 2, 8


def region_page(
    pen: PageRenderer, compared: Comparison, entry: Entry, about: About, png: bytes | None,
    counties: bytes | None = None,
) -> str:  # fmt: skip
    """Return the page of an agglomeration; without a map where there is none, of its counties too."""
    names = core_city_words(entry)
    subtitle = phrase("page_subtitle", names=names, dated=about.dated)
    caption = phrase("atlas_map_united", name=entry.name)
    if len(entry.cities) == 1:
        caption = phrase("atlas_map", name=names, cutoff=CUTOFF_MIN)
    drawn = "" if png is None else pen.picture(png, caption, map_name(entry.region))
    flows = [(place_name(city["city"]), row) for city in entry.cities for row in city["observed"]]
    links = _links(pen, compared, entry)
    body = (
        f"<header>\n{links}<h1>{pen.stacked(entry.name)}</h1>\n"
        f'<p class="soft">{pen.stacked(subtitle)}</p>\n</header>\n<main>\n'
        f"{_tiles(pen, compared, entry)}{_findings(pen, compared, entry)}{_cities(pen, entry)}{drawn}"
        f"{_members(pen, entry)}{_integration(pen, entry, counties)}{pen.table(observed_table(flows)) if flows else ''}"
        f"{about.closing(pen, [entry])}</main>\n{links}"
    )
    return pen.page(phrase("page_title", name=entry.name), body)


def core_city_words(entry: Entry) -> Words:
    """Return the names of the core cities."""
    return joined([place_name(city["city"]) for city in entry.cities])


def _links(pen: PageRenderer, compared: Comparison, entry: Entry) -> str:
    """Return the way to the one before, the index, and the next, in the order of the index."""
    order = list(compared.entries)
    k = order.index(entry)
    before, after = (order[j] if 0 <= j < len(order) else None for j in (k - 1, k + 1))
    back = "" if before is None else f'<a rel="prev" href="{page_name(before.region)}">← {pen.plain(before.name)}</a>'
    on = "" if after is None else f'<a rel="next" href="{page_name(after.region)}">{pen.plain(after.name)} →</a>'
    home = phrase("all_agglomerations", n=len(order))
    return f'<nav><span>{back}</span><span><a href="{INDEX}">{pen.plain(home)}</a></span><span>{on}</span></nav>\n'


def place_words(compared: Comparison, entry: Entry, key: str) -> Words | None:
    """Return the place of a figure among the agglomerations of the atlas, highest first; None for a few."""
    own, every = compared.values(entry)[key], [compared.values(one)[key] for one in compared.entries]
    known = [v for v in every if v is not None]
    if own is None or len(known) < 3:
        return None
    place, same = 1 + sum(v > own for v in known), sum(v == own for v in known)
    return phrase("place_of", n=len(known), place=place, joint=phrase("joint") if same > 1 else "")


def _tiles(pen: PageRenderer, compared: Comparison, entry: Entry) -> str:
    """Return the key figures: what compares agglomerations, then people of the union outside the city propers."""
    values, ends, several = compared.values(entry), recorded_ends(entry.cities[0]), len(entry.cities) > 1
    shown = []
    for key in ("beyond_60_per_city", "beyond_per_city", "inside_of_census", "united_people"):
        of = "_of_several" if several and key.startswith("united") else ""
        texts = [phrase(f"tile_{key}{of}", census=n.people(entry.census))]
        if key == "united_people" and not several and None not in ends:
            texts.append(phrase("tile_range", low=n.people(ends[0]), high=n.people(ends[1])))
        place = None if key == "united_people" else place_words(compared, entry, key)
        texts += [] if place is None else [place]
        shown.append(
            f'<div class="tile"><b>{pen.figure(value_words(key, values[key]))}</b>'
            f"<small>{pen.stacked(joined(texts, '；', '; '))}</small></div>"
        )
    return f'<div class="tiles">{"".join(shown)}</div>\n'


def value_words(key: str, value: float | None) -> Words:
    """Return a figure of the comparison as it is printed."""
    return n.MISSING if value is None else printed(MEASURE[key], value)


def _findings(pen: PageRenderer, compared: Comparison, entry: Entry) -> str:
    """Return the three largest deviations from the median, each with where it lies among the others."""
    title = pen.line(phrase("findings_title"))
    if compared.table is None:
        return f"<h2>{title}</h2>\n<p>{pen.stacked(phrase('findings_of_few'))}</p>\n"
    cards = "".join(_card(pen, compared, found, sentence) for found, sentence in compared.findings(entry))
    source = phrase("medians_shipped", n=N_AGGLOMERATIONS) if compared.shipped else ""
    note = pen.stacked(phrase("findings_note", source=source))
    return f'<h2>{title}</h2>\n<div class="findings">{cards}</div>\n<p class="soft">{note}</p>\n'


def _card(pen: PageRenderer, compared: Comparison, found: Deviation, sentence: Words) -> str:
    assert compared.table is not None
    values = [row[found.measure.key] for row in compared.table.values() if row[found.measure.key] is not None]
    low, high, middle = (pen.figure(printed(found.measure, v)) for v in (min(values), max(values), found.middle))
    label = {"en": f"median {middle}", "both": f"中位 median {middle}"}.get(pen.lang, f"中位数 {middle}")
    drawn = strip(values, found.value, found.middle, (low, high), label)
    return (
        f'<div class="finding"><b>{pen.figure(printed(found.measure, found.value))}</b>{drawn}'
        f"<p>{pen.stacked(sentence)}</p></div>"
    )


def _cities(pen: PageRenderer, entry: Entry) -> str:
    """Return a row a core city, along the bridge from the press convention to the door; last the circles united."""
    rows: list[tuple[Cell, ...]] = [_city_row(city) for city in entry.cities]
    several = len(rows) > 1
    if several:
        rail, added, total = (entry.united[kind] for kind in ("by_rail", "added_by_rail", "total"))
        rows.append((
            phrase("united"), n.people(rail["people_outside_city"]), "", "", n.km2(rail["area_km2_outside_city"]),
            n.people(added["people_outside_city"]), n.people(total["people"]), *[""] * 5,
        ))  # fmt: skip
    names = heads(
        "core_city", "people_by_rail", "range_low", "range_high", "area_whole", "by_rail_alone", "all_inside",
        "stations_fastest", "stations_peak", "stations_from_door", "people_by_press", "people_door_to_door",
    )  # fmt: skip
    steps = [
        phrase("named", name=place_name(one["city"]), text=Words(*step))
        for one in entry.cities if (step := entry.steps.get(one["city"]["slug"])) is not None
    ]  # fmt: skip
    table = Table(phrase("core_cities_title", cutoff=CUTOFF_MIN), names, tuple(rows))
    return pen.table(table, last=several) + pen.items(steps, "small")


def _city_row(city: Mapping[str, Any]) -> tuple[Cell, ...]:
    rungs, central = {row["key"]: row for row in city["bridge"]}, city["corners"][0]["central"]
    kinds = {row["kind"]: row for row in city["readings"][city["reading"]]["table"] if row["cutoff_min"] == CUTOFF_MIN}
    return (
        place_name(city["city"]), *map(n.people, (central["people"], *recorded_ends(city))),
        n.km2(central["area_km2"]), n.people(kinds["added_by_rail"]["people_outside_city"]),
        n.people(kinds["total"]["people"]),
        *map(n.number, [row["stations"] for row in city["bridge"][:3]] or [None] * 3),
        n.people(city["press"]["people"]), n.people(rungs["door_to_door_90"]["people"] if rungs else None),
    )  # fmt: skip


def _integration(pen: PageRenderer, entry: Entry, png: bytes | None) -> str:
    """Return whether it holds together: who reaches a core city, over borders, the largest counties left out."""
    found = entry.integration
    if found is None:
        return ""
    drawn = "" if png is None else pen.picture(png, phrase("map_region"), map_name(counties_name(entry.region)))
    notes = [of_region.even_words(found["equity"]), *of_region.counted_words(found["integration"])]
    return (
        f"<h2>{pen.line(phrase('body_of_region'))}</h2>\n{pen.table(of_region.integration_table(found['integration']))}"
        f"{pen.table(of_region.left_out_table(found['counties']))}{pen.notes(notes)}{drawn}"
    )


def _members(pen: PageRenderer, entry: Entry) -> str:
    """Return a row a member city of which somebody is inside: its census, and who is inside; the others named."""
    if not entry.members:
        return ""
    several = len(entry.cities) > 1
    rows: list[tuple[Cell, ...]] = []
    empty: list[Words] = []
    for row in sorted(entry.members, key=lambda row: (-(row["people_united"] or 0), row["prefecture_code"])):
        own = [row["people_by_city"][city["city"]["slug"]] for city in entry.cities]
        if not any(own) and not row["people_united"] and None not in own:
            empty.append(place_name(row))
        else:
            rows.append((
                place_name(row), scope_words(row["scope"]), n.people(row["people_census"]), *map(n.people, own),
                n.share(row["share_united"]),
            ))  # fmt: skip
    inside = [place_name(city["city"]) for city in entry.cities] if several else heads("inside")
    names = (*heads("member", "scope", "census"), *inside, *heads("share_inside_any" if several else "share"))
    notes = [phrase("members_not_inside", n=len(empty), names=joined(empty))] if empty else []
    table = Table(phrase("members_inside_title", cutoff=CUTOFF_MIN), names, tuple(rows), right=2)
    return _halved(pen, table, len(entry.cities)) + pen.notes([*notes, _members_note(entry)])


def _members_note(entry: Entry) -> Words:
    members, unknown = entry.members, Words("未注明", entry.confidence or "not said")
    return phrase(
        "members_of_agglomeration", n=len(members), whole=sum(row["scope"] == "whole" for row in members),
        scope=entry.scope or "not said where from", confidence=CONFIDENCE.get(entry.confidence, unknown),
    )  # fmt: skip


def _halved(pen: PageRenderer, table: Table, n_cities: int) -> str:
    """Return the table whole, or in two halves beside each other where it is long and narrow."""
    if len(table.rows) <= _LONG or n_cities > _NARROW:
        return pen.table(table)
    half = (len(table.rows) + 1) // 2
    second = replace(table, title=phrase("continued"), rows=table.rows[half:])
    return f'<div class="halves">{pen.table(replace(table, rows=table.rows[:half]))}{pen.table(second)}</div>\n'
