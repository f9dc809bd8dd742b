"""Rail against car: the same circle by car, and the places where one of the two is inside and the
other is not.

The car goes all the way, from the cell to the nearest core station or centre where the reading's
journeys end: along the streets where they are given and reach both, else on straight lines at
stated speeds. Traffic is one state for the whole journey (free-flow, peak); neither roads nor
trains are ever full here, and no fare, fuel or parking fee counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np
import shapely

from railshed.access.straight import Entrances
from railshed.assumptions.assumptions import Car, Mode
from railshed.cells.cell_keys import cell_keys, find_keys
from railshed.circles.cell_counts import CellCounts, build_counts
from railshed.circles.city_model import CityModel
from railshed.circles.polygons import circles_within
from railshed.circles.study_area import StudyArea, land_of
from railshed.circles.surface import Surface
from railshed.routing.directions import directions_of
from railshed.util.array_types import Bools, Ints, Ints32, Ints64
from railshed.util.units import DAY, MINUTE, UNREACHED

#: which of the two is within the cutoff
STATES = ("rail_only", "car_only", "both", "not_compared")
#: of the table, each by rail, by car and by state: ``people_outside_city_rail_only``
FIGURES = ("people_outside_city", "people_known_km2_outside_city", "area_km2_outside_city")


@dataclass(frozen=True, eq=False)
class CarComparison:
    """Rail and car on the same cells, under one reading."""

    counts: CellCounts
    #: the reading's surface on these cells
    surface: Surface
    #: int64 (n_cells,) seconds by car, by state of traffic; UNREACHED beyond the largest cutoff
    seconds: dict[str, Ints64]
    #: bool (n_cells,) among known streets, but no street for cars near, or none that leads to an
    #: end
    no_way: Bools

    def states(self, traffic: str, cutoff_min: int) -> dict[str, Bools]:
        """Return the cells where rail alone, car alone or both are within the cutoff, and rail
        where no car is known.

        `not_compared` is that last one: what the extract does not tell is no advantage of rail.
        """
        limit = cutoff_min * MINUTE
        rail = self.surface.by_rail_s <= limit
        car = self.seconds[traffic] <= limit
        return {
            "rail_only": rail & ~car & ~self.no_way,
            "car_only": car & ~rail,
            "both": rail & car,
            "not_compared": rail & ~car & self.no_way,
        }

    def table(self, cutoffs: Sequence[int]) -> list[dict[str, Any]]:
        """Return one row a traffic and cutoff: people, km2, other columns outside the city by rail,
        car and state.
        """
        rows = []
        for traffic in self.seconds:
            for cutoff in cutoffs:
                states = self.states(traffic, cutoff)
                rail = states["rail_only"] | states["both"] | states["not_compared"]
                areas = {"rail": rail, "car": states["car_only"] | states["both"], **states}
                row: dict[str, Any] = {"traffic": traffic, "cutoff_min": cutoff}
                for name, cells in areas.items():
                    inside = self.counts.inside(cells)
                    row[f"people_outside_city_{name}"] = inside.people_outside
                    row[f"people_known_km2_outside_city_{name}"] = inside.known_km2_outside
                    row[f"area_km2_outside_city_{name}"] = inside.km2_outside
                    for other, (_, outside) in inside.others.items():
                        row[f"{other}_outside_city_{name}"] = (
                            None if outside is None else round(outside, 3)
                        )
                rows.append(row)
        return rows

    def shapes(self, cutoff_min: int) -> dict[str, dict[str, Any]]:
        """Return by traffic the polygons of rail, of car and of each state within the cutoff, in
        grid metres.
        """
        land = self.counts.land
        size = self.counts.land.grid.size_m

        def drawn(seconds: Ints) -> Any:
            return circles_within(
                land.grid, land.row, land.column, [seconds], [cutoff_min * MINUTE]
            )[0][0]

        rail = drawn(self.surface.by_rail_s)
        found = {}
        for traffic, seconds in self.seconds.items():
            car = drawn(seconds)
            alone = rail.difference(car)
            which = self.states(traffic, cutoff_min)["not_compared"]
            west, south = (a[which] * size for a in (land.column, land.row))
            unknown = shapely.union_all(shapely.box(west, south, west + size, south + size))
            found[traffic] = {
                "rail": rail,
                "car": car,
                "both": rail.intersection(car),
                "rail_only": alone.difference(unknown),
                "car_only": car.difference(rail),
                "not_compared": alone.intersection(unknown),
            }
        return found


def compare_with_car(
    counts: CellCounts, surface: Surface, direction: str, limit_s: int
) -> CarComparison:
    """Return the surface of a circle beside the car, on all land that either reaches within
    `limit_s`.
    """
    case = counts.case
    legs = surface.reading.legs
    ends = (
        case.centre_doors() if legs == "door-to-door" else case.doors(case.core, case.city.feeder)
    )
    wide = _with_car_land(counts, ends, limit_s, direction)
    at, known = find_keys(
        cell_keys(counts.land.row, counts.land.column), cell_keys(wide.land.row, wide.land.column)
    )
    seconds = {}
    no_way = np.zeros(len(wide.land), dtype=bool)
    for name, car in case.assumptions.cars.items():
        each = [
            car_seconds(case, wide.land, ends, car, towards=way == "to")
            for way in directions_of(direction)
        ]
        slower = np.max(each, axis=0)
        no_way |= slower == UNREACHED
        seconds[name] = np.where(slower <= limit_s, slower, UNREACHED)
    return CarComparison(wide, _spread_surface(surface, at, known), seconds, no_way)


def car_seconds(
    case: CityModel, land: StudyArea, ends: Entrances, car: Car, *, towards: bool
) -> Ints64:
    """Return int64 (n_cells,) seconds by car between the cells and the nearest end.

    UNREACHED where streets are known at the cell and every end, and they know no way for cars.
    """
    best = _straight_seconds(land, ends, car)
    on, along = case.access.cells_by_street(
        land.grid, land.row, land.column, ends, _street_mode(car), DAY, towards=towards
    )
    if on.any():
        beyond = ends.take(np.flatnonzero(~case.access.on_streets(ends)))
        best = np.where(on, np.minimum(along, _straight_seconds(land, beyond, car)), best)
    return best


def _street_mode(car: Car) -> Mode:
    return Mode(
        name="car",
        speed_kmh=car.speed_kmh,
        detour=car.detour,
        overhead_s=car.overhead_s,
        cap_s=DAY,
        streets="drive",
        street_factor=car.street_factor,
    )


def _straight_seconds(land: StudyArea, ends: Entrances, car: Car) -> Ints64:
    """Return int64 (n_cells,) seconds by car on straight lines between the cells and the nearest
    end.
    """
    metres = land.cells.metres(land.numbers, ends.lon, ends.lat)
    return car.seconds(metres.min(axis=0)) if len(ends) else np.full(len(land), UNREACHED, np.int64)


def _with_car_land(counts: CellCounts, ends: Entrances, limit_s: int, direction: str) -> CellCounts:
    """Return the counts with the cells that a car may reach added: on straight lines, and farther
    along streets.
    """
    land = counts.land
    access = counts.case.access
    cars = counts.case.assumptions.cars.values()
    radius = max((car.reach_m(limit_s) for car in cars), default=0.0)
    numbers = [
        land.numbers,
        land.cells.around(ends.lon, ends.lat, np.full(len(ends), radius)).pairs()[0],
    ]
    for car, way in product(cars, directions_of(direction)):
        found = access.cells_along(land.grid, ends, _street_mode(car), limit_s, towards=way == "to")
        numbers.append(land.cells.numbers(cell_keys(*found)))
    return build_counts(
        counts.case, land_of(land.cells, np.concatenate(numbers)), counts.opportunities
    )


def _spread_surface(surface: Surface, at: Ints64, known: Bools) -> Surface:
    """Return the surface on more cells, unreached where it knows nothing."""

    def wide(values: Ints32) -> Ints32:
        return (
            np.where(known, values[at], UNREACHED)
            if len(values)
            else np.full(len(at), UNREACHED, np.int32)
        )

    return replace(
        surface,
        by_rail_s=wide(surface.by_rail_s),
        strict_s=wide(surface.strict_s),
        local_s=wide(surface.local_s),
        served=np.zeros((len(at), 0), np.int32),
        trips=np.zeros(0, np.int32),
    )
