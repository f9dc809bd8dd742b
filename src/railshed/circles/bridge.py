"""The bridge from the fastest train of the day to a commuter's journey, the press's hour, the ends
of the guesses.

Bridge (口径阶梯): all rungs are journeys to the same stations, the targets of door-to-door, and
each adds one leg or condition to the one before: the stations within the cutoff only fall, down to
door-to-door. Train stations are counted, all stations where no train runs, and people on rungs with
a surface alone, outside the city proper.

The press's hour is apart: whole counties with a station that any train of the day links with a
terminal, which overstates, in no sum.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from railshed.assumptions.readings import HEADLINE, Reading
from railshed.circles.cell_counts import CellCounts
from railshed.circles.city_model import CityModel
from railshed.circles.common_cells import CommonCells
from railshed.circles.definitions import AT_PERCENTILE
from railshed.circles.places import counties_inside, station_seconds, stations_within
from railshed.circles.study_area import Cells
from railshed.circles.summary import Bridge, Corners, Outcome, Press, Rung
from railshed.circles.surface import Surface, directed_surface
from railshed.routing.directions import Direction, directions_of
from railshed.util.array_types import Bools, Ints64
from railshed.util.frames import among
from railshed.util.units import HOUR, MINUTE

#: minutes by which the station time of a whole journey is moved for the range
STATION_TIME_SHIFT_MIN = 5

WIDE_SLACK_S = HOUR


def build_bridge(
    counts: CellCounts,
    cells: Mapping[Direction, Cells],
    readings: Mapping[str, Reading],
    direction: str,
    cutoff_min: int,
    door_to_door: Surface | None,
) -> Bridge:
    """Return the bridge: stations, and on rungs with a surface counties, people and km2.

    `door_to_door` is the surface of that reading; without it journeys end nowhere, and there is no
    rung.
    """
    if door_to_door is None:
        return Bridge(())
    return Bridge(
        tuple(
            _rung(counts, step.key, step.cutoff_min, step.inside, step.surface)
            for step in bridge_steps(
                counts.case, cells, readings, direction, cutoff_min, door_to_door
            )
        )
    )


@dataclass(frozen=True, slots=True, eq=False)
class BridgeStep:
    """What a rung counts: stations within its minutes, and cells where it has a surface."""

    key: str
    cutoff_min: int
    #: int64 (n_stations,) seconds from the door, and bool, those that are counted within the cutoff
    seconds: Ints64
    inside: Bools
    surface: Surface | None


def bridge_steps(
    case: CityModel,
    cells: Mapping[Direction, Cells],
    readings: Mapping[str, Reading],
    direction: str,
    cutoff_min: int,
    door_to_door: Surface,
) -> Iterator[BridgeStep]:
    """Yield the steps of the bridge, from the fastest train of the day to door to door within 90
    minutes.
    """
    door = readings[HEADLINE]
    counted = case.counted_stations().copy()
    if not case.city.proper_counties:
        counted[list(case.core)] = False  # they are no stations outside
    fastest = replace(readings["station-to-station"], legs="ride-to-target")
    peak, to_target = (replace(door, legs=legs) for legs in ("ride-to-target", "door-to-target"))
    with_access = directed_surface(case, cells, to_target, direction, within_s=cutoff_min * MINUTE)
    steps: Sequence[tuple[str, Reading, Surface | None, int]] = (
        ("fastest_of_day", fastest, None, cutoff_min),
        (f"{AT_PERCENTILE}{door.percentile}", peak, None, cutoff_min),
        ("plus_entry_exit", to_target, None, cutoff_min),
        ("plus_access", to_target, with_access, cutoff_min),
        ("door_to_door", door, door_to_door, cutoff_min),
        ("door_to_door_90", door, door_to_door, 90),
    )
    ways = directions_of(direction)
    seconds = {
        reading: station_seconds(case, reading, ways)
        for reading in (fastest, peak, to_target, door)
    }
    for key, reading, surface, minutes in steps:
        own = seconds[reading]
        yield BridgeStep(
            key, minutes, own, counted & stations_within(case, reading, own, minutes), surface
        )


def _rung(
    counts: CellCounts, key: str, cutoff: int, stations: Bools, surface: Surface | None
) -> Rung:
    """Return one rung; stations inside the city proper are counted apart (most are stops of the
    city's own lines).
    """
    n, in_city = _outside(counts, stations)
    if surface is None:
        return Rung(key, cutoff, n, in_city)
    inside = counts.within(surface.by_rail_s, [cutoff])[cutoff]
    counties, _ = counties_inside(inside)
    known = inside.known_km2_outside
    return Rung(
        key=key,
        cutoff_min=cutoff,
        stations=n,
        stations_in_city=in_city,
        counties=counties,
        people=inside.people_outside,
        people_known_km2=known,
        area_km2=inside.km2_outside,
    )


def _outside(counts: CellCounts, stations: Bools) -> tuple[int, int]:
    """Return how many stations lie outside the city proper, and how many in it."""
    network = counts.case.compiled.network
    codes = [network.stations[k].county_code for k in np.flatnonzero(stations).tolist()]
    in_city = sum(code in counts.case.city.proper_counties for code in codes)
    return len(codes) - in_city, in_city


def press_of(counts: CellCounts, fastest: Reading, direction: str, cutoff_min: int) -> Press:
    """Return stations that the fastest train of the day links with a terminal, and the whole
    counties that hold them.

    Terminals and the city proper are left out.
    """
    case = counts.case
    seconds = station_seconds(case, fastest, directions_of(direction))
    stations = case.counted_stations() & stations_within(case, fastest, seconds, cutoff_min)
    return Press(cutoff_min, *_outside(counts, stations), *_whole_counties(counts, stations))


def _whole_counties(counts: CellCounts, stations: Bools) -> tuple[int | None, int | None]:
    """Return how many counties outside the city proper hold one of the stations, and their census
    people.
    """
    network = counts.case.compiled.network
    if counts.counties is None:
        return None, None
    codes = {network.stations[k].county_code for k in np.flatnonzero(stations).tolist()} - {""}
    codes -= set(counts.case.city.proper_counties)
    mine = among(counts.counties["county_code"], codes)
    census = counts.census
    return int(mine.sum()), None if census is None or np.isnan(census).all() else int(
        np.nansum(census[mine])
    )


def headline_corners(
    counts: CellCounts,
    variants: Mapping[str, CityModel],
    own: Surface,
    common: CommonCells,
    cutoffs: Sequence[int],
) -> tuple[Corners, ...]:
    """Return by cutoff central, low and high of people and km2 by rail outside the city proper, and
    what makes them.

    Varied together: station time of the journey -5, 0, +5 min; slack as read and 60 min; the access
    modes of `variants` (the first is the central one, whose surface `own` is known). Without people
    the range is of the area alone.

    Ends are chosen by people, then by area; of equal ones low is the strictest and high the most
    generous: by number of modes, then slack, then station time.
    """
    reading = own.reading
    first = next(iter(variants))
    slacks = (
        [reading.slack_s] if reading.random_departure else sorted({reading.slack_s, WIDE_SLACK_S})
    )
    most_s = (max(cutoffs) + STATION_TIME_SHIFT_MIN) * MINUTE
    outcomes: dict[int, list[Outcome]] = {cutoff: [] for cutoff in cutoffs}
    for access, case in sorted(
        variants.items(), key=lambda pair: len(pair[1].assumptions.access_modes)
    ):
        cells = common.cells(case)
        for slack in slacks:
            surface = own
            if (access, slack) != (first, reading.slack_s):
                varied = replace(reading, slack_s=slack)
                surface = directed_surface(case, cells, varied, common.direction, within_s=most_s)
            shifts = (STATION_TIME_SHIFT_MIN, 0, -STATION_TIME_SHIFT_MIN)
            within = counts.within(
                surface.by_rail_s, [cutoff - shift for cutoff in cutoffs for shift in shifts]
            )
            for cutoff, found in outcomes.items():
                for shift, inside in ((shift, within[cutoff - shift]) for shift in shifts):
                    found.append(
                        Outcome(
                            access,
                            slack // MINUTE,
                            shift,
                            inside.people_outside,
                            inside.km2_outside,
                            inside.known_km2_outside,
                        )
                    )
    central = first, reading.slack_s // MINUTE, 0
    return tuple(
        Corners(
            cutoff,
            "by_rail, outside the city proper",
            next(o for o in found if (o.access, o.slack_min, o.station_time_min) == central),
            *ends_of(found),
        )
        for cutoff, found in outcomes.items()
    )


def ends_of(outcomes: Sequence[Outcome]) -> tuple[Outcome, Outcome]:
    """Return the low and the high one of outcomes that stand in order, the strictest first.

    By people, then area; of equal ones low is the first and high the last.
    """

    def size(outcome: Outcome) -> tuple[int, float]:
        return outcome.people or 0, outcome.area_km2

    return min(outcomes, key=size), max(reversed(outcomes), key=size)
