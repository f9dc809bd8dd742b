"""Blocks of a circle: premises, headline, bridge, readings, members, centres, towns, stations; several cities."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from railshed.circles.analysis import HEADLINE_CUTOFFS
from railshed.circles.definitions import BRIDGE, CONVENTION, DIRECTIONS, KINDS, people_words
from railshed.network.route_types import has_buses
from railshed.tables.blocks import EMPTY, Block, Cell, Heading, Table, remark, remarks, shown_columns, unrepeated
from railshed.tables.car_and_components import car, components
from railshed.tables.labels import (
    CONFIDENCE,
    access_words,
    city_name,
    interval_words,
    known_people,
    outside_of,
    people_format,
    reading_label,
    station_name,
)
from railshed.util import number_format as n
from railshed.util.bilingual import Words, joined
from railshed.util.phrases import PHRASES, heads, phrase

if TYPE_CHECKING:
    from railshed.circles.result import CircleResult

#: counties and people of rungs without a surface
_BLANK = (EMPTY, EMPTY)
_STATIONS_SHOWN = 40
_MEMBERS_SHOWN = 12
#: stations without a street that are named
_LOST_SHOWN = 3
_TOWNS_SHOWN = 20
#: cells of a population this wide (2 km) say little about who lives within a walk of a station
_COARSE_DEG = 0.02


def circle_blocks(circle: CircleResult, *, with_car: bool = False) -> Iterator[Block]:
    """Yield one city: headline with interval, bridge, readings side by side, places; with rail against car if asked."""
    yield from premises(circle, phrase("circle_title", name=city_name(circle.city)))
    yield from _ranges(circle)
    if circle.summary.bridge.rungs:
        yield bridge([circle])
    yield from remarks(press(circle))
    yield _readings(circle)
    yield from grounds(circle)
    yield from _members(circle)
    if circle.summary.centres and circle.ground.people is not None:
        yield centres(circle)
    if circle.summary.observed:
        yield observed([circle])
    yield from _towns(circle)
    if with_car:
        yield from components(circle)
        yield from car(circle)
    yield stations(circle)


def premises(circle: CircleResult, title: Words) -> Iterator[Block]:
    """Yield the title, then what holds for every figure: date, definition, lines by headway, the city proper."""
    s = circle.summary
    yield Heading(phrase("dated_title", title=title, date=s.date, direction=DIRECTIONS[circle.direction]))
    definition = s.readings[circle.surface.reading.name]
    yield from remarks(map(Words, definition.definition_zh, definition.definition_en))
    if s.lines_by_headway:
        yield remark(phrase("with_lines", lines=", ".join(s.lines_by_headway)))
    if has_buses(circle.network):
        yield remark(phrase("with_buses"))
    if circle.network.counties is None:
        text = phrase("no_boundaries")
        yield remark(phrase("people_unknown", text=text) if circle.ground.people is None else text)
    elif not circle.has_city_proper:
        yield remark(phrase("no_city_proper"))
    else:
        source = Words(source_words(circle.city.proper_source).zh, circle.city.proper_source)
        key = "city_proper_is_by" if source.en else "city_proper_is"
        yield remark(phrase(key, names=counties_named(circle, circle.city.proper_counties), source=source))
        yield from _within_city(circle)


def _within_city(circle: CircleResult) -> Iterator[Block]:
    """Yield what the choice of the city proper leaves out: people by rail in counties without a centre or terminal."""
    found = circle.summary.within_city
    if found is None or not found[f"people_by_rail_{HEADLINE_CUTOFFS[-1]}"]:
        return
    people = {f"at_{cutoff}": n.people(found[f"people_by_rail_{cutoff}"]) for cutoff in HEADLINE_CUTOFFS}
    names = counties_named(circle, found["counties"])
    yield remark(phrase("city_proper_without_ends", names=names, **people))


def source_words(source: str) -> Words:
    """Return who draws the city proper, without how the document was read but from memory."""
    named = source.partition(", ")[0]
    if source == PHRASES["screen_by_rule"].en:
        return PHRASES["screen_by_rule"]
    head, memory, plan = named.partition("memory of ")
    return phrase("screen_memory", plan=f"{head}{plan}") if memory else Words(named, named)


def counties_named(circle: CircleResult, codes: Sequence[str], most: int = 100) -> Words:
    """Return counties by name; beyond `most` the rest is counted."""
    counties = circle.network.counties
    assert counties is not None
    mine = counties[counties["county_code"].isin(codes)]
    return n.joined([Words(row.county, row.county_en or row.county) for row in mine.itertuples()], most)


def _ranges(circle: CircleResult) -> Iterator[Block]:
    """Yield at each cutoff of the headline its value and interval; its parts; the most cautious and generous values."""
    corners = circle.summary.corners
    for k, ends in enumerate(corners):
        central, interval = ends.central, next(iter(circle.summary.intervals[k:]), None)
        yield Heading(
            phrase(
                "range_of_area" if central.people is None else "range",
                cutoff=ends.cutoff_min, outside=outside_of(circle, "in_brackets_outside"),
                people=n.people_wan(central.people), km2=n.km2(central.area_km2),
                interval=interval_words(interval, "people_outside_city", n.people_wan),
                km2_interval=interval_words(interval, "area_km2_outside_city", n.km2),
            ), 2,
        )  # fmt: skip
    if circle.interval is not None:
        yield remark(phrase("interval_of_draws", n=circle.interval.n_draws, seed=circle.interval.seed))
    first = corners[0]
    yield from known_people(first.central.people_known_km2, first.central.area_km2)
    yield from remarks(headline_parts(circle))
    own = circle.ground.people_label == circle.network.population_label  # no file of the user's
    coarse = own and circle.network.population_cell_deg >= _COARSE_DEG and first.central.people is not None
    if coarse and any(end.access == "walk" for end in (first.central, first.low)):
        yield remark(phrase("coarse_people", cells=f"{circle.network.population_cell_deg * 60:g}"))
    for name in ("low", "high"):
        end = getattr(first, name)
        values = [getattr(ends, name) for ends in corners]
        figures = [Words(f"{n.km2(v.area_km2)} km²") if v.people is None else n.people_wan(v.people) for v in values]
        yield remark(phrase(
            f"range_{name}", access=access_words(end.access), slack=end.slack_min, station_time=end.station_time_min,
            values=joined(figures, " | ", " | "), cutoffs=" | ".join(str(ends.cutoff_min) for ends in corners),
        ))  # fmt: skip


def headline_parts(circle: CircleResult, people: Callable[[Any], Words] = n.people_wan) -> Iterator[Words]:
    """Yield whose people the headline counts, what it would be without trains, and what compares cities."""
    s, reading = circle.summary, circle.surface.reading.name
    for name in s.not_defined:
        yield phrase("reading_not_defined", reading=reading_label(circle, name))
    cutoffs = circle.headline_cutoffs
    within = " | ".join(map(str, cutoffs))
    rows = [s.readings[reading].table.at(cutoff) for cutoff in cutoffs]

    def beside(values: Sequence[int | None]) -> Words:
        return joined(list(map(people, values)), " | ", " | ")

    rail = [row["by_rail"] for row in rows]
    if circle.ground.people is None or circle.network.counties is None:
        return
    if circle.has_city_proper:
        away = [_plus(row["people_other_prefecture"], row["people_other_province"]) for row in rail]
        yield phrase(
            "parts_of_headline", cutoffs=within, own=beside([row["people_own_prefecture"] for row in rail]),
            other=beside(away), province=beside([row["people_other_province"] for row in rail]),
            municipality=phrase("is_municipality") if circle.city.prefecture_code.endswith("0000") else "",
        )  # fmt: skip
    added = [row["added_by_trains"]["people_outside_city"] for row in rows]
    left = [_plus(row["people_outside_city"], None if n is None else -n) for row, n in zip(rail, added, strict=True)]
    yield phrase("without_trains", values=beside(left), cutoffs=within)
    if s.beyond is not None:
        yield phrase(
            "beyond_and_mean", km=s.beyond["beyond_km"], n=s.n_centres, cutoffs="60 | 90",
            beyond=beside([s.beyond[f"people_by_rail_beyond_{c}"] for c in (60, 90)]),
            mean=beside([s.beyond[f"people_by_rail_mean_of_centres_{c}"] for c in (60, 90)]),
        )  # fmt: skip


def _plus(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one + other


def press(circle: CircleResult) -> Iterator[Words]:
    """Yield what the press would count; nothing where no people are known."""
    found = circle.summary.press
    if found.people is not None:
        yield phrase(
            "press_line", press=CONVENTION, stations=found.stations + found.stations_in_city,
            counties=n.number(found.counties), people=n.people_wan(found.people), cutoff=found.cutoff_min,
        )  # fmt: skip


def bridge(circles: Sequence[CircleResult], *, whole: bool = False) -> Table:
    """Return a row a rung: minutes, stations, counties, people; `whole` for a report, with the city before it."""
    first = circles[0]
    counted = any(rung.people is not None for circle in circles for rung in circle.bridge)
    people = people_format(whole=whole)
    rows = [
        (
            city_name(circle.city), BRIDGE[rung.key], str(rung.cutoff_min), str(rung.stations),
            str(rung.stations_in_city),
            *((n.number(rung.counties), people(rung.people)) if rung.has_surface else _BLANK),
        )
        for circle in circles
        for rung in circle.bridge
    ]  # fmt: skip
    names = heads("city", "assumption", "min", "stations", "stations_in_city", "counties", "people")
    bounded = first.network.counties is not None
    shown = (whole, True, True, True, first.has_city_proper and not whole, bounded, counted)
    return Table(
        phrase("bridge_title", outside=outside_of(first)),
        *shown_columns(names, unrepeated(rows), shown),
        right=1 + whole,
    )


def _readings(circle: CircleResult) -> Table:
    """Return a row a reading, cutoff and kind, and one of the strict circle a reading."""
    counted, bounded = circle.ground.people is not None, circle.network.counties is not None
    blocks, apart, others = circle.summary.readings, circle.has_city_proper, list(circle.ground.others)
    partly = counted and any(
        n.km2(row["people_known_km2"]) != n.km2(row["area_km2"]) for block in blocks.values() for row in block.table
    )
    names = heads(
        "reading", "min", "kind", "people", "people_outside", "area_whole", "known_km2", "area_outside",
        "counties_inside", "counties_touched",
    )  # fmt: skip
    shown = (
        *(True,) * 3, counted, counted and apart, True, partly, apart, *(bounded and counted,) * 2,
        *(True for _ in others),
    )  # fmt: skip

    def cells(name: str, kind: Words, row: dict[str, Any]) -> tuple[Cell, ...]:
        return (
            reading_label(circle, name), str(row["cutoff_min"]), kind, n.people_wan(row["people"]),
            n.people_wan(row["people_outside_city"]), n.km2(row["area_km2"]), n.km2(row["people_known_km2"] or 0.0),
            n.km2(row["area_km2_outside_city"]), n.number(row["counties_inside"]), n.number(row["counties_touched"]),
            *(n.amount(row[other]) for other in others),
        )  # fmt: skip

    rows = []
    for name, block in blocks.items():
        rows += [cells(name, KINDS[row["kind"]], row) for row in block.table]
        rows.append(cells(name, phrase("strict_by_rail"), block.strict))
    return Table(phrase("readings_title"), *shown_columns((*names, *others), unrepeated(rows), shown), right=3)


def grounds(circle: CircleResult) -> Iterator[Block]:
    """Yield whose people they are, what of other columns lies elsewhere, and how stations meet the streets."""
    if circle.summary.people_label:
        yield remark(people_words(circle.summary.people_label))
    for name, elsewhere in circle.summary.counted_elsewhere.items():
        if elsewhere >= 1:
            yield remark(phrase("counted_elsewhere", name=name, n=f"{elsewhere:,.0f}"))
    if circle.summary.streets is not None:
        yield from remarks(_streets(circle.summary.streets))


def _streets(found: Mapping[str, Any]) -> Iterator[Words]:
    """Yield how the stations meet the streets."""
    for net, row in found["networks"].items():
        lost = row["without_street"]
        names = ", ".join(lost[:_LOST_SHOWN]) + (f" … {len(lost) - _LOST_SHOWN}" if len(lost) > _LOST_SHOWN else "")
        yield phrase(
            "streets", net=net, stations=f"{row['stations']:,}", median=row["median_m"], largest=row["largest_m"],
            lost=phrase("streets_lost", n=len(lost), within=f"{found['within_m']:g}", names=names) if lost else "",
        )  # fmt: skip
    if found["stations_outside"]:
        yield phrase("stations_outside_streets", n=f"{found['stations_outside']:,}")
    beyond = found["straight"]
    if beyond["cells"]:
        yield phrase("land_without_streets", area=n.km2(beyond["area_km2"]), people=n.people_wan(beyond["people"]))


def _members(circle: CircleResult) -> Iterator[Block]:
    """Yield the member cities of which most is inside."""
    members, cutoff = circle.members, circle.headline_cutoff
    if not len(members.columns):
        return
    inside = members[members[f"share_total_{cutoff}"].fillna(0) > 0]
    inside = inside.sort_values([f"share_total_{cutoff}", "prefecture_code"], ascending=[False, True])
    rows = tuple(
        (
            Words(row["prefecture"], f"{row['prefecture']} {row['prefecture_en']}"), scope_words(row["scope"]),
            n.people_wan(row[f"people_total_{cutoff}"]), n.people_wan(row["people_census"]),
            f"{row[f'share_total_{cutoff}']:.1%}",
        )
        for row in inside.drop_duplicates("prefecture_code").head(_MEMBERS_SHOWN).to_dict(orient="records")
    )  # fmt: skip
    yield Table(
        phrase("members_title", cutoff=cutoff), heads("member", "scope", "inside", "census", "share"), rows, right=2
    )


def scope_words(scope: str) -> Words:
    """Return how much of a member city belongs to the region, as `places.member_table` says it, in words."""
    if scope == "whole":
        return phrase("scope_whole")
    part, of = (word for word in scope.split() if word.isdigit())
    return phrase("scope_counties", part=part, of=of)


def centres(circle: CircleResult, *, whole: bool = False) -> Table:
    """Return people within 60 and 90 minutes of each centre alone; `whole` for a report, with km² and confidence."""
    people = people_format(whole=whole)
    rows = [
        (
            Words(row["name"], row["name_en"] or row["name"]),
            *(people(row[f"people_by_rail_outside_city_{c}"]) for c in (60, 90)),
            *(n.km2(row.get(f"area_km2_by_rail_outside_city_{c}")) for c in (60, 90)),
            CONFIDENCE.get(row["confidence"], row["confidence"]) or "-",
        )
        for row in circle.summary.centres
    ]
    names = heads("centre", "people_60", "people_90", "km2_60", "km2_90", "confidence")
    shown = (True, True, True, *(whole,) * 3)
    return Table(phrase("centres_title", outside=outside_of(circle)), *shown_columns(names, rows, shown))


def observed(circles: Sequence[CircleResult], *, whole: bool = False) -> Table:
    """Return a row a reported flow of commuters, beside what is reached; `whole` for a report, with city and source."""
    flows = [(city_name(circle.city), row) for circle in circles for row in circle.summary.observed]
    return observed_table(flows, whole=whole)


def observed_table(flows: Sequence[tuple[Words, Mapping[str, Any]]], *, whole: bool = True) -> Table:
    """Return a row a flow, each after the name of its city (see `observed`)."""
    people = people_format(whole=whole)
    rows: list[tuple[Cell, ...]] = [
        (
            city, Words(row["home"], row["home_en"] or row["home"]),
            DIRECTIONS[row["direction"]], str(row["year"]), people(row["people_a_day"]),
            *(people(row[f"people_by_rail_{c}"]) for c in (60, 90)),
            people(row["people_census"]), "-" if row["minutes_by_rail"] is None else f"{row['minutes_by_rail']:.0f}",
        )
        for city, row in flows
    ]  # fmt: skip
    names = heads("city", "home", "direction", "year", "people_a_day", "people_60", "people_90", "census", "minutes")
    documents = dict.fromkeys(row["document"] for _, row in flows)
    named = joined([Words(text.replace("as reported by ", "据"), text) for text in documents], "；", "; ")
    notes = (phrase("observed_note"), *([joined([phrase("sources_colon"), named], "", "")] if whole else []))
    shown = shown_columns(names, unrepeated(rows), (whole, *(True,) * 8))
    return Table(phrase("observed_title"), *shown, right=2 + whole, notes=notes)


def _towns(circle: CircleResult) -> Iterator[Block]:
    towns = circle.towns
    if not len(towns):
        return
    rows = tuple(
        (
            row.name, row.country, f"{row.population:,}", n.minutes(row.minutes),
            phrase("yes" if row.by_rail else "no"),
        )
        for row in towns.head(_TOWNS_SHOWN).itertuples()
    )  # fmt: skip
    left = len(towns) - _TOWNS_SHOWN
    yield Table(
        phrase("towns_title", cutoff=circle.headline_cutoff, n=len(towns)),
        heads("town", "country", "population", "minutes", "by_rail"),
        rows,
        right=2,
        notes=(phrase("more_in_files", n=left),) if left > 0 else (),
    )


def stations(circle: CircleResult, most: int = _STATIONS_SHOWN, *, whole: bool = False) -> Table:
    """Return the nearest stations inside, at most so many; `whole` for a report, with the city in the title."""
    inside = circle.stations[circle.stations["inside"] & circle.stations["counted"]].sort_values(
        ["minutes", "station_id"], kind="stable"
    )
    shown = inside.head(most)
    reading, of = circle.reading, {"cutoff": circle.headline_cutoff, "n": len(inside)}
    title = phrase("stations_title", **of)
    if reading.legs == "station":
        title = phrase("stations_title_of", **of, reading=Words(reading.label_zh, reading.label))
    notes = [phrase("coordinate_estimated")] if (shown["coord_confidence"] != "high").any() else []
    if len(inside) > most:
        notes.append(phrase("more_stations" if whole else "more_in_files", n=len(inside) - most))
    return Table(
        phrase("named", name=city_name(circle.city), text=title) if whole else title,
        heads(
            "station", "minutes_here", "minutes_p75", "minutes_fastest", "trips_window", "share_served", "max_gap",
            "first_arrival", "last_return",
        ),
        tuple(_station(row, whole=whole) for row in shown.to_dict(orient="records")),
        notes=tuple(notes),
    )  # fmt: skip


def _station(row: dict[str, Any], *, whole: bool) -> tuple[Cell, ...]:
    name = Words(row["name"], row["name_en"] or row["name"]) if whole else station_name(row["name"], row["name_en"])
    mark = "" if row["coord_confidence"] == "high" else " ≈"
    return (
        Words(name.zh + mark, name.en + mark), n.minutes(row["minutes"]), n.minutes(row["minutes_strict"]),
        n.minutes(row["minutes_fastest"]), str(row["trips"]), f"{row['share_served']:.0%}",
        n.minutes(row["max_gap_min"]), row["first_arrival"] or "-", row["last_return"] or "-",
    )  # fmt: skip
