"""The land of a run: the cells that its cases may reach, and the stations near each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from railshed.access import Access, best_seconds, local_seconds, station_access
from railshed.arrays import Direction
from railshed.cases import Case, fastest_seconds
from railshed.grid import Grid
from railshed.model import Centre
from railshed.population import NOWHERE, cell_keys, find_keys, key_cells, locate_cells
from railshed.units import UNREACHED

Ints64 = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Land:
    """The land cells that any case of a run may reach, sorted by row, then column."""

    grid: Grid
    row: Ints64
    column: Ints64
    #: int64 (n_cells,) row of Network.counties, NOWHERE where no boundaries are shipped
    county: Ints64
    #: cells within reach that lie outside all shipped counties (sea, abroad, no data) and are not counted
    n_outside: int

    def __len__(self) -> int:
        return len(self.row)


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Land cells with the stations within one case's access caps."""

    land: Land
    #: int64 (n_cells + 1,), (n_pairs,), (n_pairs,): stations and seconds to their door
    ptr: Ints64
    station: Ints64
    seconds: Ints64


def find_land(cases: Sequence[Case], directions: Sequence[Direction], limit_s: int) -> Land:
    """Return the land cells that one of the cases may reach within `limit_s`, on the first one's grid."""
    grid = cases[0].grid
    keys = [np.empty(0, np.int64)]
    for case in cases:
        access = access_of(case, grid, directions, limit_s)
        keys.append(cell_keys(access.row, access.column))
        points = [(s.lon, s.lat) for s in (case.compiled.network.stations[k] for k in case.core)]
        points += [(c.lon, c.lat) for c in case.city.centres]
        lon, lat = np.array(points).T
        row, column, _ = local_seconds(grid, lon, lat, case.city.feeder, case.assumptions, limit_s)
        keys.append(cell_keys(row, column))
    row, column = key_cells(np.unique(np.concatenate(keys)))
    counties = cases[0].compiled.network.counties
    county = locate_cells(grid, row, column, counties)
    land = np.ones(len(row), dtype=bool) if counties is None else county != NOWHERE
    return Land(grid, row[land], column[land], county[land], int((~land).sum()))


def access_of(case: Case, grid: Grid, directions: Sequence[Direction], limit_s: int) -> Access:
    """Return the access table of every station whose fastest ride is within `limit_s`, made once a case."""
    key = (grid, tuple(directions), limit_s)
    if key in case._access:
        return case._access[key]
    stations = case.compiled.network.stations
    near = np.flatnonzero(fastest_seconds(case, directions) <= limit_s).tolist()
    lon, lat = np.array([stations[k].lon for k in near]), np.array([stations[k].lat for k in near])
    case._access[key] = station_access(grid, near, lon, lat, [stations[k].feeder for k in near], case.assumptions)
    return case._access[key]


def cells_of(case: Case, land: Land, directions: Sequence[Direction], limit_s: int) -> Cells:
    """Return the land cells with the stations of this case's access table."""
    access = access_of(case, land.grid, directions, limit_s)
    keys = cell_keys(access.row, access.column)
    at, known = find_keys(cell_keys(land.row, land.column), keys)
    n_pairs = np.zeros(len(land), np.int64)
    n_pairs[at[known]] = np.diff(access.ptr)[known]
    kept = np.repeat(known, np.diff(access.ptr))
    ptr = np.concatenate([[0], np.cumsum(n_pairs)]).astype(np.int64)
    return Cells(land, ptr, access.station[kept], access.seconds[kept])


def local_times(case: Case, cells: Cells, legs: str, centres: Sequence[Centre] | None) -> Ints64:
    """Return seconds without a ride to the nearest core station (door-to-station) or centre (door-to-door), no caps."""
    if legs == "door-to-door":
        ends = [(c.lon, c.lat) for c in (case.city.centres if centres is None else centres)]
    else:
        ends = [(s.lon, s.lat) for s in (case.compiled.network.stations[k] for k in case.core)]
    best = np.full(len(cells.land), UNREACHED, np.int64)
    cx, cy = cells.land.grid.centre(cells.land.row, cells.land.column)
    modes = case.assumptions.modes_at(case.city.feeder)
    for x, y in zip(*cells.land.grid.project([e[0] for e in ends], [e[1] for e in ends]), strict=True):
        best = np.minimum(best, best_seconds(modes, np.hypot(cx - x, cy - y), capped=False))
    return best
