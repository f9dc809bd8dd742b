"""Sentences written from the numbers: what is unlike the others, what a circle hides, who gains and
who loses.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from railshed.circles.definitions import DIRECTIONS, describe_known, rung_words
from railshed.circles.places import ALL_NIGHT
from railshed.questions.compare.screen import answer, screen_of
from railshed.questions.compare.tables import losing_names, losing_stations, outside_city_proper
from railshed.questions.indicators.agglomerations import Deviation, printed
from railshed.questions.labels import city_name, counted, interval_words
from railshed.util import number_format as n
from railshed.util.bilingual import Words, joined
from railshed.util.phrases import phrase
from railshed.util.units import format_clock

if TYPE_CHECKING:
    from railshed.api.circle import Circle
    from railshed.api.comparison import AnyComparison, Comparison
    from railshed.api.study import Study
    from railshed.circles.summary import Corners, Interval
    from railshed.comparisons.result import Difference

N_AGGLOMERATIONS = 19
_NAMED = 5
#: deviations from the median that a report shows
N_FINDINGS = 3


def name_of(study: Study) -> Words:
    """Return what the report is of: the region, or its cities."""
    if study.region is not None:
        return Words(study.region.name, study.region.name_en)
    return joined([city_name(circle.city) for circle in study.circles])


def deviation_words(
    name: Words, found: Deviation, *, of_a_city: bool, of: int = N_AGGLOMERATIONS
) -> Words:
    """Return the sentence on a deviation; `of` how many agglomerations there are."""
    value, middle = (printed(found.measure, v) for v in (found.value, found.middle))
    far = f"{abs(found.distance):.1f}"
    return phrase(
        "deviation" if found.distance else "at_the_median",
        name=name,
        what=found.measure.words,
        value=value,
        middle=middle,
        n=found.n,
        side=phrase("above" if found.distance > 0 else "below"),
        known=phrase("with_this_figure") if found.n < of else "",
        apart=phrase("apart_by", n=far) if far != "0.0" else phrase("apart_by_less"),
        place=phrase("place_of_a_city", n=found.n, above=found.above)
        if of_a_city
        else phrase("place", n=found.n, place=found.above + 1),
    )


def headlines(circle: Circle) -> list[Words]:
    """Return at each cutoff of the headline people and km2 with their interval."""
    intervals = circle.summary.intervals
    return [
        _headline(circle, ends, next(iter(intervals[k:]), None))
        for k, ends in enumerate(circle.summary.corners)
    ]


def _headline(circle: Circle, ends: Corners, interval: Interval | None) -> Words:
    """Return people and km2 with their interval; km2 alone where no people are known."""
    central = ends.central
    known = describe_known(central.people_known_km2, central.area_km2)
    return phrase(
        "headline_of_area" if central.people is None else "headline",
        name=city_name(circle.city),
        cutoff=ends.cutoff_min,
        outside=phrase("headline_outside") if circle.has_city_proper else "",
        people=n.people(central.people),
        interval=interval_words(interval, "people_outside_city", n.people),
        km2=n.km2(central.area_km2),
        km2_interval=interval_words(interval, "area_km2_outside_city", n.km2),
        known="" if known is None else Words(known.zh, f" {known.en}."),
    )


def observed(circle: Circle) -> list[Words]:
    """Return the largest flow of commuters that a document reports, and the people reached from
    there.
    """
    numbers = ("people_a_day", "people_census", "people_by_rail_60", "people_by_rail_90")
    return [
        phrase(
            "observed",
            name=city_name(circle.city),
            home=Words(row["home"], row["home_en"] or row["home"]),
            year=row["year"],
            way=DIRECTIONS[row["direction"]],
            **{key: n.people(row[key]) for key in numbers},
        )
        for row in circle.summary.observed
        if row["people_census"]
    ][:1]


def whole_of(study: Study) -> AnyComparison | None:
    """Return what all plans together change, or the last of them: of the region, else of the city
    where most change.
    """
    if study.unions or not study.comparisons:
        return study.unions[-1] if study.unions else None
    rows = [found.headline_row() for found in study.comparisons[-1]]
    moved = [float(row["area_km2_gained"] + row["area_km2_lost"]) for row in rows]
    return study.comparisons[-1][moved.index(max(moved))]


def hidden(circle: Circle) -> list[Words]:
    """Return what a circle as one number hides, a sentence each, of what is known."""
    makers = (costliest_step, _composition, _strict, _fastest_only, _gap, _by_car)
    return [sentence for make in makers if (sentence := make(circle)) is not None]


def costliest_step(circle: Circle) -> Words | None:
    """Return the rung of the bridge that costs most stations."""
    rungs = [rung for rung in circle.bridge if rung.key != "door_to_door_90"]
    if not rungs:
        return None
    before, after = max(pairwise(rungs), key=lambda pair: pair[0].stations - pair[1].stations)
    if before.stations <= after.stations:
        return None
    return phrase(
        "costliest_step",
        label=rung_words(after.key),
        unit=phrase("unit_stations"),
        before=n.people(before.stations),
        after=n.people(after.stations),
    )


def rows_at(circle: Circle, cutoff_min: int) -> dict[str, dict[str, Any]]:
    """Return the rows of the headline reading by kind."""
    return circle.summary.readings[circle.surface.reading.name].table.at(cutoff_min)


def _composition(circle: Circle) -> Words | None:
    if circle.counts.people is None or not circle.has_city_proper:
        return None
    rows = rows_at(circle, circle.corners.cutoff_min)
    total, local, added = (rows[kind] for kind in ("total", "local", "added_by_rail"))
    return phrase(
        "composition",
        inside=n.people(total["people"]),
        proper=n.people(total["people_city_proper"]),
        near=n.people(local["people_outside_city"]),
        rail=n.people(added["people_outside_city"]),
        away=n.people(total["people_other_province"]),
    )


def _strict(circle: Circle) -> Words | None:
    what, unit, form = counted(circle)
    own = rows_at(circle, circle.corners.cutoff_min)["by_rail"][f"{what}_outside_city"]
    strict = circle.summary.readings[circle.surface.reading.name].strict[f"{what}_outside_city"]
    if not own:
        return None
    return phrase(
        "strict", unit=unit, before=form(own), after=form(strict), change=f"{strict / own - 1:+.1%}"
    )


def _fastest_only(circle: Circle) -> Words | None:
    frame = circle.stations[circle.stations["counted"] & ~circle.stations["is_core"]]
    cutoff = circle.headline_cutoff
    mine = frame[(frame["minutes_fastest"] <= cutoff) & ~frame["inside"]]
    first = mine.sort_values(["minutes_fastest", "station_id"]).head(_NAMED).itertuples()
    names = [
        phrase("name_and_minutes", name=city_name(row), minutes=n.minutes(row.minutes_fastest))
        for row in first
    ]
    return (
        phrase("fastest_only", n=len(mine), cutoff=cutoff, names=joined(names)) if names else None
    )


def _gap(circle: Circle) -> Words | None:
    """Return which station inside has to wait longest between useful trains, and how many reach the
    city late.
    """
    frame = circle.stations[circle.stations["inside"] & circle.stations["counted"]]
    known = frame[frame["max_gap_min"].notna()]
    if not len(known) or circle.direction != "to":
        return None
    row = next(
        known.sort_values(["max_gap_min", "station_id"], ascending=[False, True]).itertuples()
    )
    start = format_clock(circle.city.window_to[0])
    return phrase(
        "longest_gap",
        n=len(frame),
        name=city_name(row),
        trips=int(row.trips),
        gap=n.minutes(row.max_gap_min),
        start=start,
        late=int(((frame["first_arrival"] > start) & (frame["first_arrival"] != ALL_NIGHT)).sum()),
    )


def _by_car(circle: Circle) -> Words | None:
    key = (circle.surface.reading.name, "peak", circle.headline_cutoff)
    rows = [
        row
        for row in circle.car_table
        if (row["reading"], row["traffic"], row["cutoff_min"]) == key
    ]
    if not rows or rows[0]["people_outside_city_rail"] is None:
        return None
    rail, car, only = (
        n.people(rows[0][f"people_outside_city_{k}"]) for k in ("rail", "car", "rail_only")
    )
    return phrase("by_car", cutoff=rows[0]["cutoff_min"], car=car, rail=rail, only=only)


def changes(found: Difference) -> list[Words]:
    """Return what a plan changes: who saves, comes in and loses; the largest gain, stations, who
    loses by name.
    """
    return [
        answer(found, screen_of(found)),
        _largest_gain(found),
        _stations_in(found),
        _losers(found),
    ]


def _largest_gain(found: Difference) -> Words:
    frame = outside_city_proper(found.counties)
    (what, unit, form) = counted(found)
    gained = f"{what}_gained"
    mine = frame[frame[gained].fillna(0) > 0] if len(frame) else frame
    if not len(mine):
        return phrase("no_county_gains", cutoff=found.headline_cutoff)
    top = mine.sort_values([gained, "county_code"], ascending=[False, True]).iloc[0]
    return phrase(
        "largest_gain",
        cutoff=found.headline_cutoff,
        county=Words(top["county"], top["county_en"] or top["county"]),
        prefecture=top["prefecture"],
        unit=unit,
        value=form(top[gained]),
        n=len(mine),
        share=f"{float(top[gained]) / float(mine[gained].sum()):.0%}",
    )


def _stations_in(found: Difference) -> Words:
    mine = found.stations[~found.stations["in_city_proper"]]
    places = found.headline_places
    frames = {state: mine[mine["change"] == state] for state in ("gained", "lost")}
    lists = {
        state: n.joined(list(map(Words, frame["name"], frame["name_en"])))
        for state, frame in frames.items()
    }
    return phrase(
        "stations_in",
        **lists,
        **{f"trips_{state}": f"{places[f'trips_{state}']:,}" for state in lists},
    )


def _losers(found: Difference) -> Words:
    stations = losing_stations(found)
    counties = losing_names(found)
    if not stations and not counties:
        return phrase("no_losers")
    return phrase(
        "losers", stations=n.joined(stations, _NAMED), counties=n.joined(counties, _NAMED)
    )


def most_moved(study: Study, plan_idx: int) -> Words | None:
    """Return which city gains most under a plan and which least; None for a single city."""
    mine: Sequence[Comparison] = study.comparisons[plan_idx]
    if len(mine) < 2:
        return None
    what, unit, _ = counted(mine[0])
    rows = [(found.before.city, found.headline_row()) for found in mine]
    net = [(float(row[f"{what}_gained"] - row[f"{what}_lost"]), city) for city, row in rows]
    parts = [
        joined(
            [city_name(city), n.signed(value) if what == "people" else Words(f"{value:+,.0f}")],
            " ",
            " ",
        )
        for value, city in sorted(net, key=lambda pair: (-pair[0], pair[1].slug))
    ]
    return phrase("most_moved", unit=unit, cities=joined(parts))
