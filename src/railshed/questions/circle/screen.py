"""The first screen of a circle and of several: the answer in at most 25 lines, which a page and a
notebook show too.

Figures are those of run.json; `places_of` is its key `places`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import numpy as np

from railshed.assumptions.readings import HEADLINE, Reading
from railshed.circles import definitions
from railshed.circles.doubts import doubts_of
from railshed.circles.places import ALL_NIGHT, counties_by_people
from railshed.circles.surface import STRICT_PERCENTILE
from railshed.network import route_types
from railshed.network.trip_series import first_runs
from railshed.questions import labels
from railshed.questions.circle.tables import counties_named, own_and_other, source_words
from railshed.show.blocks import (
    Block,
    Cell,
    Heading,
    Paragraph,
    Table,
    remark,
    remarks,
    shown_columns,
)
from railshed.util import number_format as n
from railshed.util.bilingual import EMPTY, Words, joined
from railshed.util.frames import columns_of
from railshed.util.phrases import heads, phrase

if TYPE_CHECKING:
    from railshed.circles.result import CircleResult
    from railshed.network.cities import City, Region
    from railshed.network.model import Network

#: places of a kind that are named, and minutes beyond the cutoff that are just outside
NAMED = 4
_JUST_OUTSIDE_MIN = 15
_NAMED_COUNTIES = 5
_MILLIONS = re.compile(r" million( \| | to )(?=[\d.]+ million)")
_FULL_COLUMNS = (
    "fastest_of_day",
    "peak_p50",
    "plus_entry_exit",
    "area_whole",
    "people_main_centre",
)


def circle_screen(
    circle: CircleResult, *, with_car: bool = False, files: Words = EMPTY
) -> Iterator[Block]:
    """Yield the answer, its parts, the steps to it, where people come from, weak points, limits,
    files.
    """
    s = circle.summary
    places = places_of(circle)
    yield Heading(title_of(circle))
    yield Paragraph(answer_words(circle))
    draws = [] if circle.interval is None else [phrase("screen_draws", n=circle.interval.n_draws)]
    missing = [
        phrase("reading_not_defined", reading=labels.reading_label(circle, name))
        for name in s.not_defined
    ]
    if circle.reading.legs == "station":
        asked, shown = (
            Words(one.label_zh, one.label) for one in (circle.reading, circle.surface.reading)
        )
        missing.append(phrase("reading_without_land", reading=asked, shown=shown))
    yield from remarks([*draws, *missing, *map(once, _parts(circle))])
    press = (
        ""
        if s.press.people is None
        else phrase("screen_press_people", people=n.people_short(s.press.people))
    )
    to_it = "screen_steps" if circle.surface.reading.name == HEADLINE else "screen_steps_door"
    stations = s.press.stations + s.press.stations_in_city
    steps = phrase(to_it) if s.bridge.rungs else ""
    yield Paragraph(phrase("screen_press", stations=n.number(stations), people=press, steps=steps))
    if s.bridge.rungs:
        yield _steps(circle)
    yield labels.ending(
        ("from", once(_from(circle, places))),
        ("weak", once(_weak(circle, places, with_car))),
        ("outside", _just_outside(circle, places)),
        ("proper", _proper(circle)),
        ("definition", _definition(circle)),
        *(("doubt", text) for text in (_doubt(circle), *doubts_of(s))),
        ("not_counted", not_counted(circle)),
        ("next", phrase("screen_next", city=circle.city.slug)),
        ("files", files_words(circle, files)),
    )


def title_of(circle: CircleResult) -> Words:
    """Return what the screen of a circle is of."""
    reading = circle.surface.reading
    name = labels.city_name(circle.city)
    return title(
        circle.network, [circle.city], reading, circle.direction, circle.summary.date, name
    )


def once(words: Words) -> Words:
    """Return figures in a row with their "million" once."""
    return Words(words.zh, _MILLIONS.sub(r"\1", words.en))


def title(
    network: Network,
    cities: Sequence[City],
    reading: Reading,
    direction: str,
    day: str,
    name: Words,
) -> Words:
    """Return what a screen is of: the place, by which transport, under which reading, when, on
    which day.
    """
    rides = first_runs(network)[0] if network.links is None else network.links
    modes = {route_types.find_mode(int(kind)) for kind in np.unique(rides.route_types)}
    known = any(city.metro for city in network.cities)  # which cities' metros are in the network
    trains = set(route_types.TRAINS)
    metros = {route_types.METRO, route_types.TRAM}
    metro = modes & metros and (not known or any(city.metro for city in cities))
    kinds = []
    if modes <= trains | metros:
        runs = {"train": modes & trains, "metro": metro}
        kinds = [kind for kind, has in runs.items() if has]
    apart = len({(city.window_to, city.window_from) for city in cities}) > 1
    return phrase(
        "screen_title",
        name=name,
        by=phrase(f"transport_{'_'.join(kinds) or 'any'}"),
        date=day,
        reading=Words(reading.label_zh, reading.label),
        weekday=phrase(f"weekday_{date.fromisoformat(day).weekday()}"),
        when=phrase("screen_own_windows") if apart else _times(cities[0], reading, direction, "at"),
    )


def _times(city: City, reading: Reading, direction: str, key: str) -> Words:
    """Return the window of arrivals, of departures, or both, in the words of `key`."""
    return joined(
        [
            phrase(f"screen_{key}_{'turn_up' if reading.turns_up(way) else way}", **clock)
            for way, clock in definitions.clocks_of(reading, city, direction)
        ],
        "，",
        ", ",
    )


def amount_of(circle: Any) -> tuple[str, Callable[[Any], Words], Callable[[Any], Words]]:
    """Return what is counted, people or km² where none are known: key of its figures, format with
    and without unit.
    """
    if circle.counts.people is None:
        return (
            "area_km2",
            lambda v: phrase("count_of_area", n=n.km2(v)),
            lambda v: Words(n.km2(v), n.km2(v)),
        )
    return "people", lambda v: phrase("count_of_people", n=n.people_short(v)), n.people_short


def _values(circle: CircleResult, kind: str = "by_rail", reading: str = "") -> list[Any]:
    """Return what is counted by a kind within the cutoffs of the headline."""
    return [
        row[f"{amount_of(circle)[0]}_outside_city"]
        for row in labels.at_cutoffs(circle, kind, reading)
    ]


def answer_words(circle: CircleResult) -> Words:
    """Return people, or km² where none are known, at the cutoffs of the headline, with the interval
    of the draws.
    """
    what, form, bare = amount_of(circle)
    parts = []
    forms = (form, bare if what == "people" else form)
    for k, (cutoff, value) in enumerate(zip(circle.headline_cutoffs, _values(circle), strict=True)):
        interval = next(iter(circle.summary.intervals[k:]), None)
        parts.append(
            phrase(
                "screen_further" if k else "screen_within",
                amount=forms[k](value),
                cutoff=cutoff,
                outside=phrase("screen_outside") if circle.has_city_proper else "",
                interval=labels.interval_words(interval, f"{what}_outside_city", bare),
            )
        )
    return once(joined(parts, "，", ", "))


def _parts(circle: CircleResult) -> Iterator[Words]:
    """Yield whose people they are, what is left without trains, who could come without a ride, on
    how many km².
    """
    if circle.counts.people is None:
        return
    yield from own_and_other(circle, n.people_short)
    key = "cycling" if "bike" in circle.assumptions.access_modes else "walking"
    km2 = [row["area_km2_outside_city"] for row in labels.at_cutoffs(circle)]
    yield phrase(
        "screen_pairs",
        cutoffs=labels.within_words(circle),
        km2=labels.figures_at(km2, n.km2),
        trains=labels.figures_at(labels.without_trains(circle), n.people_short),
        ride=phrase(
            f"screen_no_{key}",
            values=labels.figures_at(_values(circle, "added_by_rail"), n.people_short),
        ),
    )


def _doubt(circle: CircleResult) -> Words:
    """Return that a circle smaller than a cell of people is an order of magnitude; empty where none
    is.
    """
    cell_km2 = labels.people_cell_km2(circle)
    small = [
        row for row in labels.at_cutoffs(circle) if 0 < row["area_km2_outside_city"] < cell_km2
    ]
    return (
        phrase(
            "screen_small",
            cutoff=small[-1]["cutoff_min"],
            km2=n.km2(small[-1]["area_km2_outside_city"]),
            cell=n.km2(cell_km2),
        )
        if small
        else EMPTY
    )


def _steps(circle: CircleResult) -> Table:
    """Return the rungs of the bridge; the one that is the answer is marked."""
    answer = "door_to_door" if circle.surface.reading.name == HEADLINE else ""
    rows: list[tuple[Cell, ...]] = []
    for rung in circle.bridge:
        none = rung.has_surface and not rung.stations and rung.people
        marks = []
        if rung.key == answer:
            marks.append(phrase("screen_this"))
        if none:
            marks.append(phrase("screen_no_station"))
        people = n.people_short(rung.people) if rung.has_surface else ""
        rows.append(
            (
                definitions.rung_words(rung.key),
                n.number(rung.stations),
                people,
                joined(marks, "；", "; "),
            )
        )
    trains = circle.counts.case.compiled.train_stations().any()
    where = definitions.OUTSIDE if circle.has_city_proper else EMPTY
    names = (where, *heads("train_stations" if trains else "stations", "people", ""))
    shown = (True, True, any(rung.people is not None for rung in circle.bridge), True)
    return Table(EMPTY, *shown_columns(names, rows, shown))


def places_of(circle: CircleResult) -> dict[str, Any]:
    """Return the places outside the city proper that the screen names, as run.json has them.

    Counties with most people by rail within the last cutoff, stations just outside the first one,
    and of those inside the one with the latest first arrival and that with the earliest last train
    home.
    """
    counties = counties_by_people(
        circle.counts, circle.surface, circle.cutoffs, circle.headline_cutoffs[-1]
    )
    cutoff = circle.headline_cutoff
    proper = set(circle.city.proper_counties)
    stations = [
        row for row in circle.station_rows if row["counted"] and row["county_code"] not in proper
    ]
    found = {
        "just_outside": [
            row for row in stations if 0 < row["minutes"] - cutoff <= _JUST_OUTSIDE_MIN
        ]
    }
    for key, choose in (("first_arrival", max), ("last_return", min)):
        inside = [row for row in stations if row["inside"] and row[key] not in ("", ALL_NIGHT)]
        found[key] = [choose(inside, key=itemgetter(key))] if inside else []
    fields = ("station_id", "name", "name_en", "minutes", "first_arrival", "last_return")
    named = {
        key: [{name: row[name] for name in fields} for row in own[:NAMED]]
        for key, own in found.items()
    }
    return {"n_counties": len(counties), "counties": counties[:NAMED], **named}


def _from(circle: CircleResult, places: Mapping[str, Any]) -> Words:
    last = circle.headline_cutoffs[-1]
    names = [
        phrase(
            "screen_county",
            name=labels.place_name(row, "county"),
            people=n.people_short(row[f"people_by_rail_{last}"]),
            minutes=n.minutes(row["minutes_by_rail"]),
        )
        for row in places["counties"]
    ]
    left = places["n_counties"] - len(names)
    more = phrase("screen_more", n=left) if left else ""
    return (
        phrase("screen_counties", names=joined(names), more=more, cutoff=last) if names else EMPTY
    )


def _weak(circle: CircleResult, places: Mapping[str, Any], with_car: bool) -> Words:
    """Return what a bad minute and turning up come to, the first and last train, and what a car in
    the peak reaches.
    """
    name = circle.surface.reading.name
    (what, form, bare) = amount_of(circle)
    strict = circle.summary.readings[name].strict
    parts = []
    if circle.surface.reading.percentile < STRICT_PERCENTILE:  # else it is no stricter
        parts = [
            phrase(
                "screen_strict",
                cutoff=strict["cutoff_min"],
                amount=form(strict[f"{what}_outside_city"]),
            )
        ]
    within = labels.within_words(circle)
    if name == HEADLINE and "turn-up-and-go" in circle.summary.readings:
        turned_up = labels.figures_at(_values(circle, reading="turn-up-and-go"), bare)
        parts.append(phrase("screen_turn_up", values=turned_up, cutoffs=within))
    for key in ("first_arrival", "last_return"):
        parts += [
            phrase(f"screen_{key}", name=labels.place_name(row), clock=row[key])
            for row in places[key]
        ]
    if with_car:
        mine = [
            row for row in circle.car_table if (row["reading"], row["traffic"]) == (name, "peak")
        ]
        cars = [
            row[f"{what}_outside_city_car"]
            for row in mine
            if row["cutoff_min"] in circle.headline_cutoffs
        ]
        parts.append(phrase("screen_car", values=labels.figures_at(cars, bare), cutoffs=within))
    return joined(parts, "；", " · ")


def _just_outside(circle: CircleResult, places: Mapping[str, Any]) -> Words:
    return joined(
        [
            phrase(
                "screen_just_outside",
                name=labels.place_name(row),
                minutes=n.minutes(row["minutes"]),
                over=n.minutes(row["minutes"] - circle.headline_cutoff),
            )
            for row in places["just_outside"]
        ]
    )


def _proper(circle: CircleResult) -> Words:
    if not circle.has_city_proper:
        return phrase(
            "no_boundaries"
            if columns_of(circle.network, "counties") is None
            else "screen_no_proper"
        )
    names = counties_named(circle, circle.city.proper_counties, _NAMED_COUNTIES)
    source = source_words(circle.city.proper_source)
    return phrase(
        "screen_proper",
        names=names,
        source=phrase("screen_source", source=source) if source.en else "",
    )


def _definition(circle: CircleResult, *, several: bool = False) -> Words:
    """Return which share of the window's times counts, what being early does, how one comes to and
    from stations.
    """
    reading = circle.surface.reading
    assumptions = circle.assumptions
    counts_less = reading.early_weight != 1 and not reading.random_departure
    egress = joined([definitions.MODES[mode] for mode in assumptions.egress_modes])
    n_own = len(circle.city.centres)
    centres = phrase("screen_centres" if n_own > 1 else "screen_centre", n=n_own)
    if several:
        centres = phrase("screen_own_centres", n=n_own)
    way = circle.direction
    to_desk = reading.legs == HEADLINE
    ends = phrase(f"screen_egress_{way}", modes=egress, centres=centres) if to_desk else ""
    window = _times(circle.city, reading, way, "times")
    return phrase(
        f"screen_definition_{way}",
        times=phrase("screen_own_times") if several else window,
        egress=ends,
        share=definitions.share_words(reading.percentile),
        early=phrase(f"screen_early_{way}", weight=f"{reading.early_weight:g}")
        if counts_less
        else "",
        access=joined([definitions.MODES[mode] for mode in assumptions.access_modes]),
    )


def not_counted(circle: CircleResult) -> Words:
    """Return what no figure counts, and what its people and some of its lines come from."""
    label = circle.summary.people_label
    lines = circle.summary.lines_by_headway
    buses = route_types.has_buses
    row = circle.summary.readings[circle.surface.reading.name].table.at(
        circle.headline_cutoffs[-1]
    )["by_rail"]
    known = definitions.describe_known(
        row["people_known_km2_outside_city"], row["area_km2_outside_city"]
    )
    return joined(
        [
            phrase("screen_limits"),
            *([] if buses(circle.network) else [phrase("screen_no_buses")]),
            phrase("screen_people", source=definitions.people_words(label) if label else n.MISSING),
            *([] if known is None else [known]),
            *(
                [phrase("screen_drawn_lines", lines=joined([*map(n.parted, lines)]))]
                if lines
                else []
            ),
        ],
        "；",
        "; ",
    )


def files_words(circle: CircleResult, files: Words = EMPTY, *, several: bool = False) -> Words:
    """Return which files there are, or how to have them, where all tables are, and the definition
    of a single city.
    """
    of = "" if several else phrase("screen_hash", hash=circle.summary.definition_hash[:8])
    return joined(
        [files if files.en else phrase("screen_no_files"), phrase("screen_full", of=of)],
        "；",
        " · ",
    )


def city_row(circle: CircleResult, reading: str) -> tuple[Cell, ...]:
    """Return the row of one city of several: its name, people or km², then columns that --full
    prints.

    The name alone where the circle's reading is not the one that was asked for.
    """
    (what, _, bare) = amount_of(circle)
    s = circle.summary
    row = labels.at_cutoffs(circle)[0]
    cells: list[Cell] = []
    for k, value in enumerate(_values(circle)):
        interval = next(iter(s.intervals[k:]), None)
        cells += [bare(value), once(labels.interval_words(interval, f"{what}_outside_city", bare))]
    rungs = [str(rung.stations) for rung in s.bridge.rungs[:3]] or ["-"] * 3
    main = s.centres[0]["people_by_rail_outside_city_90"] if s.centres else None
    cells += [
        bare(labels.without_trains(circle, what)[-1]),
        *rungs,
        n.km2(row["area_km2_outside_city"]),
        n.people_short(main),
    ]
    name = labels.city_name(circle.city)
    mark = "†" if s.lines_by_headway else ""
    if _doubt(circle).en:
        mark += "*"
    return (
        Words(name.zh + mark, name.en + mark),
        *(cells if circle.reading.name == reading else ()),
    )


def cities_name(cities: Sequence[City], region: Region | None) -> Words:
    """Return what cities are called: their region, the name of one, or how many they are."""
    if region is None and len(cities) == 1:
        return labels.city_name(cities[0])
    return (
        phrase("screen_of_cities", n=len(cities))
        if region is None
        else Words(region.name, region.name_en)
    )


def cities_screen(
    cities: Sequence[City],
    region: Region | None,
    circle: CircleResult,
    rows: Sequence[tuple[Cell, ...]],
    union: Mapping[str, Any] | None,
    files: Words,
    *,
    full: bool = False,
) -> Iterator[Block]:
    """Yield the united circles, then one row a city (`city_row`), then what the figures are and
    leave out.

    `circle` is that of any city that has the reading which was asked for.
    """
    (what, form, _) = amount_of(circle)
    reading = circle.surface.reading
    within = circle.headline_cutoffs
    name = cities_name(cities, region)
    yield Heading(
        title(circle.network, cities, reading, circle.direction, circle.summary.date, name)
    )
    for kind in ("by_rail", "total")[: 1 + full] if union is not None else ():
        row = union[kind]  # type: ignore[index]
        area = (
            phrase("screen_area", km2=n.km2(row["area_km2_outside_city"]))
            if what == "people"
            else ""
        )
        amount = form(row[f"{what}_outside_city"])
        yield Paragraph(
            phrase(f"screen_union_{kind}", amount=amount, cutoff=row["cutoff_min"], area=area)
        )
    own = [words for c in within for words in (phrase("screen_column", cutoff=c), EMPTY)]
    names = (
        *heads("city"),
        *own,
        phrase("screen_column_trains", cutoff=within[-1]),
        *heads(*_FULL_COLUMNS),
    )
    shown = [True] * (len(names) - len(_FULL_COLUMNS)) + [full] * len(_FULL_COLUMNS)
    unit = phrase("unit_people" if what == "people" else "unit_area")
    known = [(*row, *["-"] * (len(names) - len(row))) for row in rows]
    yield Table(phrase("screen_cities_title", unit=unit), *shown_columns(names, known, shown))
    marks = "".join(getattr(row[0], "en", "") for row in rows)
    missing = any(len(row) == 1 for row in rows)
    about_rows = {
        "cities_with_lines": "†" in marks,
        "cities_small": "*" in marks,
        "no_sum": union is None,
    }
    if missing:
        yield remark(phrase("reading_not_defined", reading=Words("-", "-")))
    yield from remarks(phrase(key) for key, applies in about_rows.items() if applies)
    others = [city for city in circle.network.cities if city not in cities]
    left = (
        []
        if region is None
        else [labels.city_name(city) for city in others if region.region_id in city.regions]
    )
    draws = EMPTY if circle.interval is None else phrase("screen_draws", n=circle.interval.n_draws)
    doubts = [draws, phrase("screen_propers_differ")]
    if union is not None:
        doubts.append(phrase("screen_no_union_interval", cutoff=circle.headline_cutoff))
    yield labels.ending(
        ("definition", _definition(circle, several=True)),
        *(("doubt", text) for text in doubts),
        ("not_counted", not_counted(circle)),
        ("not_counted", left and phrase("screen_other_cities", names=n.joined(left, NAMED))),
        ("next", phrase("screen_next_city", city=cities[0].slug)),
        ("files", files_words(circle, files, several=True)),
    )
