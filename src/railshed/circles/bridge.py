"""The bridge from the press's hour to a commuter's, and the range around the headline.

Bridge (口径阶梯): stations, counties and people within the hour as one assumption after the other is added. All rungs
count what rail brings outside the city proper, core stations apart: no ride begins at one. On the first three rungs,
which have no surface, people are those of whole counties with a qualifying station: the press convention, which
overstates, in no sum.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from railshed.assumptions.readings import Reading
from railshed.circles.cell_counts import CellCounts
from railshed.circles.city_model import CityModel
from railshed.circles.common_cells import CommonCells
from railshed.circles.places import counties_inside, stations_within
from railshed.circles.study_area import Cells
from railshed.circles.summary import Bridge, Convention, Interval, Outcome, Rung
from railshed.circles.surface import Surface, directed_surface
from railshed.routing.directions import Direction, directions_of
from railshed.util.array_types import Bools
from railshed.util.units import HOUR, MINUTE

#: minutes by which the station time of a whole journey is moved for the range
STATION_TIME_SHIFT_MIN = 5

WIDE_SLACK_S = HOUR


def build_bridge(
    ground: CellCounts,
    cells: Mapping[Direction, Cells],
    readings: Mapping[str, Reading],
    direction: str,
    cutoff_min: int,
    door_surface: Surface,
) -> Bridge:
    """Return the bridge: stations, counties and people at each step, and by which convention people are counted.

    `door_surface` is the surface of door-to-station.
    """
    case = ground.case
    fastest, door = readings["station-to-station"], readings["door-to-station"]
    to_door = readings["door-to-door"]
    at_station = replace(door, name="peak", legs="station")
    rungs = []
    for key, reading in (("fastest_of_day", fastest), ("peak_percentile_50", at_station), ("plus_entry_exit", door)):
        stations = _stations(case, reading, direction, cutoff_min)
        counties, people = _whole_counties(ground, stations)
        rungs.append(_rung(ground, key, cutoff_min, stations, counties, people, "whole counties"))
    stations = _stations(case, door, direction, cutoff_min)
    rungs.append(_surface_rung(ground, "plus_access", door_surface, cutoff_min, stations))
    to_centre = directed_surface(case, cells, to_door, direction, core_boarding=False, count_trips=False)
    for key, minutes in (("door_to_door", cutoff_min), ("door_to_door_90", 90)):
        stations = _stations(case, to_door, direction, minutes)
        rungs.append(_surface_rung(ground, key, to_centre, minutes, stations))
    return Bridge(tuple(rungs))


def _stations(case: CityModel, reading: Reading, direction: str, cutoff_min: int) -> Bools:
    found = [stations_within(case, reading, way, cutoff_min) for way in directions_of(direction)]
    return np.logical_and(found[0], found[-1])


def _rung(
    ground: CellCounts,
    key: str,
    cutoff: int,
    stations: Bools,
    counties: int | None,
    people: int | None,
    how: Convention,
) -> Rung:  # fmt: skip
    """Return one rung; stations inside the city proper are counted apart (most are stops of the city's own lines)."""
    network = ground.case.compiled.network
    codes = [network.stations[k].county_code for k in np.flatnonzero(stations).tolist()]
    in_city = sum(code in ground.case.city.proper_counties for code in codes)
    return Rung(key, cutoff, len(codes) - in_city, in_city, counties, people, how)


def _surface_rung(ground: CellCounts, key: str, surface: Surface, cutoff: int, stations: Bools) -> Rung:
    inside = surface.by_rail_s <= cutoff * MINUTE
    counties, _ = counties_inside(ground, inside)
    rung = _rung(ground, key, cutoff, stations, counties, ground.people_outside(inside), "cells")
    known = ground.people_known_km2(inside, outside=True)
    return replace(rung, people_known_km2=known, area_km2=ground.km2_outside(inside))


def _whole_counties(ground: CellCounts, stations: Bools) -> tuple[int | None, int | None]:
    """Return how many counties outside the city proper hold one of the stations, and their census people."""
    network = ground.case.compiled.network
    if network.counties is None:
        return None, None
    codes = {network.stations[k].county_code for k in np.flatnonzero(stations).tolist()} - {""}
    codes -= set(ground.case.city.proper_counties)
    mine = network.counties["county_code"].isin(codes)
    census = network.counties["population"]
    return int(mine.sum()), None if census.isna().all() else int(census[mine].fillna(0).sum())


def headline_range(
    ground: CellCounts,
    variants: Mapping[str, CityModel],
    own: Surface,
    common: CommonCells,
    cutoff_min: int,
) -> Interval:
    """Return central, low and high of people and km2 by rail outside the city proper, and what makes the ends.

    Varied together: station time of the journey -5, 0, +5 min; slack as read and 60 min; the access modes of `variants`
    (the first is the central one, whose surface `own` is known). Without people the range is of the area alone.

    Ends are chosen by people, then by area; of equal ones low is the strictest and high the most generous: by number of
    modes, then slack, then station time.
    """
    reading, first = own.reading, next(iter(variants))
    slacks = [reading.slack_s] if reading.random_departure else sorted({reading.slack_s, WIDE_SLACK_S})
    outcomes = []
    for access, case in sorted(variants.items(), key=lambda pair: len(pair[1].assumptions.access_modes)):
        cells = common.cells(case)
        for slack in slacks:
            surface = own
            if (access, slack) != (first, reading.slack_s):
                varied = replace(reading, slack_s=slack)
                surface = directed_surface(case, cells, varied, common.direction, count_trips=False)
            for shift in (STATION_TIME_SHIFT_MIN, 0, -STATION_TIME_SHIFT_MIN):
                inside = surface.by_rail_s <= (cutoff_min - shift) * MINUTE
                outcomes.append(Outcome(
                    access, slack // MINUTE, shift, ground.people_outside(inside), ground.km2_outside(inside),
                    ground.people_known_km2(inside, outside=True),
                ))  # fmt: skip
    own_slack_min = reading.slack_s // MINUTE
    (central,) = (o for o in outcomes if (o.access, o.slack_min, o.station_time_min) == (first, own_slack_min, 0))
    return Interval(cutoff_min, "by_rail, outside the city proper", central, *ends_of(outcomes))


def ends_of(outcomes: Sequence[Outcome]) -> tuple[Outcome, Outcome]:
    """Return the low and the high one of outcomes that stand in order, the strictest first.

    By people, then area; of equal ones low is the first and high the last.
    """

    def size(outcome: Outcome) -> tuple[int, float]:
        return outcome.people or 0, outcome.area_km2

    return min(outcomes, key=size), max(reversed(outcomes), key=size)
