"""Blocks of a circle that its first screen leaves out: assumptions, bridge, readings, places,
stations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product
from typing import TYPE_CHECKING, Any

from railshed.circles.analysis import HEADLINE_CUTOFFS
from railshed.circles.definitions import DIRECTIONS, MODES, people_words, rung_words
from railshed.circles.places import ALL_NIGHT
from railshed.questions import labels
from railshed.questions.circle.car_tables import car, components
from railshed.show.blocks import Block, Cell, Table, remark, remarks, shown_columns, unrepeated
from railshed.util import number_format as n
from railshed.util.bilingual import EMPTY, Words, joined
from railshed.util.frames import among, columns_of
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
#: cells of people this large say little about who lives within a walk of a station
_COARSE_KM2 = 4


def every_table(circle: CircleResult, *, with_car: bool = False) -> Iterator[Block]:
    """Yield what the first screen leaves out: assumptions, readings side by side, places; rail
    against car if asked.
    """
    yield from remarks([*definition(circle), *compared_words(circle)])
    yield from _within_city(circle)
    yield ranges([circle])
    yield readings(circle)
    yield from grounds(circle)
    yield from _members(circle)
    if circle.summary.centres and circle.counts.people is not None:
        yield centres(circle)
    if circle.summary.observed:
        yield observed([circle])
    yield from _towns(circle)
    if with_car:
        yield from components(circle)
        yield from car(circle)
    yield stations(circle)


def definition(circle: CircleResult) -> Iterator[Words]:
    """Yield what the reading counts, at length."""
    found = circle.summary.readings[circle.surface.reading.name]
    yield from map(Words, found.definition_zh, found.definition_en)


def _within_city(circle: CircleResult) -> Iterator[Block]:
    """Yield what the choice of the city proper leaves out: people by rail in counties without a
    centre or terminal.
    """
    found = circle.summary.within_city
    if found is None or not found[f"people_by_rail_{HEADLINE_CUTOFFS[-1]}"]:
        return
    people = {
        f"at_{cutoff}": n.people(found[f"people_by_rail_{cutoff}"]) for cutoff in HEADLINE_CUTOFFS
    }
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
    counties = columns_of(circle.network, "counties")
    assert counties is not None
    mine = among(counties["county_code"], codes)
    names = zip(
        counties["county"][mine].tolist(), counties["county_en"][mine].tolist(), strict=True
    )
    return n.joined([Words(name, name_en or name) for name, name_en in names], most)


def ranges(circles: Sequence[CircleResult]) -> Table:
    """Return a row a city, cutoff and set of assumptions: the result, most cautious and most
    generous ones.
    """
    first = circles[0]
    rows: list[tuple[Cell, ...]] = []
    for circle in circles:
        for ends, end in product(circle.summary.corners, ("central", "low", "high")):
            row = getattr(ends, end)
            station_time = f"{row.station_time_min:+d}".replace("-", "−").removeprefix("+0") or "0"
            rows.append(
                (
                    labels.city_name(circle.city),
                    str(ends.cutoff_min),
                    phrase(f"end_{end}"),
                    joined([MODES[mode] for mode in row.access.split(", ")]),
                    str(row.slack_min),
                    station_time,
                    n.people(row.people),
                    n.km2(row.area_km2),
                )
            )
    names = heads("city", "min", "end", "access", "slack", "station_time", "people", "area_whole")
    shown = (True, True, True, True, True, True, first.counts.people is not None, True)
    on_foot = labels.people_cell_km2(first) >= _COARSE_KM2 and any(
        row[3] == MODES["walk"] for row in rows
    )
    notes = (
        (phrase("coarse_people", cells=f"{first.network.population_cell_deg * 60:g}"),)
        if on_foot
        else ()
    )
    title = phrase("range_title", outside=labels.outside_of(first))
    return Table(title, *shown_columns(names, unrepeated(rows), shown), right=4, notes=notes)


def headline_parts(circle: CircleResult) -> Iterator[Words]:
    """Yield whose people the headline counts, what it would be without trains, and what compares
    cities.
    """
    for name in circle.summary.not_defined:
        yield phrase("reading_not_defined", reading=labels.reading_label(circle, name))
    if circle.counts.people is None or circle.network.counties is None:
        return
    yield from own_and_other(circle)
    values = labels.figures_at(labels.without_trains(circle), n.people)
    yield phrase("without_trains", values=values, cutoffs=labels.within_words(circle))
    yield from compared_words(circle)


def own_and_other(circle: CircleResult, form: Callable[[Any], Words] = n.people) -> Iterator[Words]:
    """Yield people by rail of the own prefecture, of others, of other provinces; nothing where they
    are not known.
    """
    if circle.has_city_proper and circle.counts.case.has_prefectures:
        rows = labels.at_cutoffs(circle)
        own, other, province = (
            [row[f"people_{part}"] for row in rows]
            for part in ("own_prefecture", "other_prefecture", "other_province")
        )
        away = [
            None if one is None or two is None else one + two
            for one, two in zip(other, province, strict=True)
        ]
        yield phrase(
            "parts_of_headline",
            cutoffs=labels.within_words(circle),
            **{
                key: labels.figures_at(v, form)
                for key, v in (("own", own), ("other", away), ("province", province))
            },
            home=phrase(
                "is_municipality"
                if circle.city.prefecture_code.endswith("0000")
                else "is_prefecture"
            ),
        )


def compared_words(circle: CircleResult) -> Iterator[Words]:
    """Yield the figures by which cities are compared: people far from the main centre, mean over
    the centres.
    """
    found = circle.summary.beyond
    if found is not None and circle.counts.people is not None:
        yield phrase(
            "beyond_and_mean",
            km=found["beyond_km"],
            n=circle.summary.n_centres,
            cutoffs="60 | 90",
            beyond=labels.figures_at(
                [found[f"people_by_rail_beyond_{c}"] for c in HEADLINE_CUTOFFS], n.people
            ),
            mean=labels.figures_at(
                [found[f"people_by_rail_mean_of_centres_{c}"] for c in HEADLINE_CUTOFFS], n.people
            ),
        )


def bridge(circles: Sequence[CircleResult]) -> Table:
    """Return a row a city and rung: minutes, stations, counties, people."""
    counted = any(rung.people is not None for circle in circles for rung in circle.bridge)
    rows = [
        (
            labels.city_name(circle.city),
            rung_words(rung.key),
            str(rung.cutoff_min),
            str(rung.stations),
            *((n.number(rung.counties), n.people(rung.people)) if rung.has_surface else _BLANK),
        )
        for circle in circles
        for rung in circle.bridge
    ]
    names = heads("city", "assumption", "min", "stations", "counties", "people")
    shown = (True, True, True, True, circles[0].network.counties is not None, counted)
    title = phrase("bridge_title", outside=labels.outside_of(circles[0]))
    return Table(title, *shown_columns(names, unrepeated(rows), shown), right=2)


def readings(circle: CircleResult) -> Table:
    """Return one row a reading and cutoff: all people inside, then those outside the city proper by
    kind, km2.
    """
    counted = circle.counts.people is not None
    others = list(circle.counts.others)
    bounded = circle.network.counties is not None and counted
    added_by_rail = (
        "added_by_rail" if "bike" in circle.assumptions.access_modes else "added_by_rail_walking"
    )
    names = heads(
        "reading",
        "min",
        "people_total",
        "people_outside",
        "by_rail",
        added_by_rail,
        "added_by_trains",
        "strict_by_rail",
        "km2_total",
        "km2_by_rail",
        "counties_inside",
        "counties_touched",
    )
    shown = (True, True, *(counted,) * 6, True, True, bounded, bounded, *(True for _ in others))
    rows: list[tuple[Cell, ...]] = []
    for name, block in circle.summary.readings.items():
        strict = block.strict
        outside = "people_outside_city"
        for cutoff in block.cutoffs:
            kinds = block.table.at(cutoff)
            total, rail, added = (kinds[kind] for kind in ("total", "by_rail", "added_by_rail"))
            trains = kinds.get("added_by_trains")
            rows.append(
                (
                    labels.reading_label(circle, name),
                    str(cutoff),
                    n.people(total["people"]),
                    *(n.people(row[outside]) for row in (total, rail, added)),
                    "" if trains is None else n.people(trains[outside]),
                    n.people(strict[outside]) if strict["cutoff_min"] == cutoff else "",
                    *(n.km2(row["area_km2_outside_city"]) for row in (total, rail)),
                    *(n.number(total[f"counties_{state}"]) for state in ("inside", "touched")),
                    *(n.people(total[f"{other}_outside_city"]) for other in others),
                )
            )
    return Table(
        phrase("by_reading_title", name=labels.city_name(circle.city)),
        *shown_columns((*names, *(Words(name, "") for name in others)), unrepeated(rows), shown),
        notes=(phrase("by_reading_note"),) if circle.has_city_proper else (),
    )


def grounds(circle: CircleResult) -> Iterator[Block]:
    """Yield whose people they are, what of other columns lies elsewhere, and how stations meet the
    streets.
    """
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
        names = ", ".join(lost[:_LOST_SHOWN]) + (
            f" … {len(lost) - _LOST_SHOWN}" if len(lost) > _LOST_SHOWN else ""
        )
        yield phrase(
            "streets",
            net=net,
            stations=f"{row['stations']:,}",
            median=row["median_m"],
            largest=row["largest_m"],
            lost=phrase("streets_lost", n=len(lost), within=f"{found['within_m']:g}", names=names)
            if lost
            else "",
        )
    if found["stations_outside"]:
        yield phrase("stations_outside_streets", n=f"{found['stations_outside']:,}")
    beyond = found["straight"]
    if beyond["cells"]:
        yield phrase(
            "land_without_streets",
            area=n.km2(beyond["area_km2"]),
            people=n.people(beyond["people"]),
        )


def members_region(circle: CircleResult) -> str:
    """Return the region of a city whose members are shown: an agglomeration, where it is in one; ""
    in none.
    """
    return next(
        (r.region_id for r in circle.network.regions if r.region_id in circle.city.regions), ""
    )


def _members(circle: CircleResult) -> Iterator[Block]:
    """Yield the member cities of the agglomeration, and others, of which most is inside."""
    members = circle.members
    cutoff = circle.headline_cutoff
    if not len(members.columns):
        return
    members = members[members["region"].isin([members_region(circle), ""])].drop_duplicates(
        "prefecture_code"
    )
    inside = members[members[f"share_total_{cutoff}"].fillna(0) > 0]
    inside = inside.sort_values(
        [f"share_total_{cutoff}", "prefecture_code"], ascending=[False, True]
    )
    rows = tuple(
        (
            Words(row["prefecture"], f"{row['prefecture']} {row['prefecture_en']}"),
            scope_words(row["scope"]),
            n.people(row[f"people_total_{cutoff}"]),
            n.people(row["people_census"]),
            n.share(row[f"share_total_{cutoff}"]),
        )
        for row in inside.head(_MEMBERS_SHOWN).to_dict(orient="records")
    )
    yield Table(
        phrase("members_title", cutoff=cutoff),
        heads("member", "scope", "inside", "census", "share"),
        rows,
        right=2,
    )


def scope_words(scope: str) -> Words:
    """Return how much of a member city belongs to the region, as `places.member_table` says it, in
    words.
    """
    if scope == "whole":
        return phrase("scope_whole")
    part, of = (word for word in scope.split() if word.isdigit())
    return phrase("scope_counties", part=part, of=of)


def centres(circle: CircleResult) -> Table:
    """Return people and km² within 60 and 90 minutes of each centre alone, and how sure its place
    is.
    """
    rows = tuple(
        (
            Words(row["name"], row["name_en"] or row["name"]),
            *(n.people(row[f"people_by_rail_outside_city_{c}"]) for c in HEADLINE_CUTOFFS),
            *(n.km2(row.get(f"area_km2_by_rail_outside_city_{c}")) for c in HEADLINE_CUTOFFS),
            labels.CONFIDENCE.get(row["confidence"], row["confidence"]) or "-",
        )
        for row in circle.summary.centres
    )
    names = heads("centre", "people_60", "people_90", "km2_60", "km2_90", "confidence")
    return Table(phrase("centres_title", outside=labels.outside_of(circle)), names, rows)


def observed(circles: Sequence[CircleResult]) -> Table:
    """Return a row a reported flow of commuters, with what is reached and with its source."""
    return observed_table(
        [
            (labels.city_name(circle.city), row)
            for circle in circles
            for row in circle.summary.observed
        ]
    )


def observed_table(flows: Sequence[tuple[Words, Mapping[str, Any]]]) -> Table:
    """Return a row a flow, each after the name of its city (see `observed`)."""
    rows: list[tuple[Cell, ...]] = [
        (
            city,
            Words(row["home"], row["home_en"] or row["home"]),
            DIRECTIONS[row["direction"]],
            str(row["year"]),
            n.people(row["people_a_day"]),
            *(n.people(row[f"people_by_rail_{c}"]) for c in HEADLINE_CUTOFFS),
            n.people(row["people_census"]),
            "-" if row["minutes_by_rail"] is None else f"{row['minutes_by_rail']:.0f}",
        )
        for city, row in flows
    ]
    names = heads(
        "city",
        "home",
        "direction",
        "year",
        "people_a_day",
        "people_60",
        "people_90",
        "census",
        "minutes",
    )
    documents = dict.fromkeys(row["document"] for _, row in flows)
    named = joined(
        [Words(text.replace("as reported by ", "据"), text) for text in documents], "；", "; "
    )
    notes = (phrase("observed_note"), joined([phrase("sources_colon"), named], "", ""))
    return Table(phrase("observed_title"), names, tuple(unrepeated(rows)), right=3, notes=notes)


def _towns(circle: CircleResult) -> Iterator[Block]:
    towns = circle.towns
    if not len(towns):
        return
    rows = tuple(
        (
            row.name,
            row.country,
            f"{row.population:,}",
            n.minutes(row.minutes),
            phrase("yes" if row.by_rail else "no"),
        )
        for row in towns.head(_TOWNS_SHOWN).itertuples()
    )
    left = len(towns) - _TOWNS_SHOWN
    yield Table(
        phrase("towns_title", cutoff=circle.headline_cutoff, n=len(towns)),
        heads("town", "country", "population", "minutes", "by_rail"),
        rows,
        right=2,
        notes=(phrase("more_in_files", n=left),) if left > 0 else (),
    )


def stations(circle: CircleResult, most: int = _STATIONS_SHOWN) -> Table:
    """Return the nearest stations inside, at most so many."""
    inside = circle.stations[circle.stations["inside"] & circle.stations["counted"]].sort_values(
        ["minutes", "station_id"], kind="stable"
    )
    shown = inside.head(most)
    reading = circle.reading
    of = {"cutoff": circle.headline_cutoff, "n": len(inside)}
    title = phrase("stations_title", **of)
    if reading.legs == "station":
        title = phrase("stations_title_of", **of, reading=Words(reading.label_zh, reading.label))
    notes = [phrase("coordinate_estimated")] if (shown["coord_confidence"] != "high").any() else []
    if len(inside) > most:
        notes.append(phrase("more_stations", n=len(inside) - most))
    return Table(
        phrase("named", name=labels.city_name(circle.city), text=title),
        heads(
            "station",
            "minutes_here",
            "minutes_p75",
            "minutes_fastest",
            "trips_window",
            "share_served",
            "max_gap",
            "first_arrival",
            "last_return",
        ),
        tuple(_station(row) for row in shown.to_dict(orient="records")),
        notes=tuple(notes),
    )


def _station(row: dict[str, Any]) -> tuple[Cell, ...]:
    name = labels.station_name(row["name"], row["name_en"])
    mark = "" if row["coord_confidence"] == "high" else " ≈"
    ends = (row["first_arrival"] or "-", row["last_return"] or "-")
    return (
        Words(name.zh + mark, name.en + mark),
        n.minutes(row["minutes"]),
        n.minutes(row["minutes_strict"]),
        n.minutes(row["minutes_fastest"]),
        str(row["trips"]),
        f"{row['share_served']:.0%}",
        n.minutes(row["max_gap_min"]),
        *(phrase("all_night") if end == ALL_NIGHT else end for end in ends),
    )
