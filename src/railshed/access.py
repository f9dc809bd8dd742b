"""Door-to-station seconds on straight lines: which cells reach which station door, by the best mode in use.

Seconds = overhead + straight distance * detour / speed, rounded up, at most the mode's cap, from the cell's centre.
Straight lines ignore rivers, hills and coast: an assumption that every result prints.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from railshed.assumptions import Assumptions, Mode
from railshed.grid import Grid
from railshed.units import UNREACHED

Ints64 = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Access:
    """Every (cell, station) pair within the access caps."""

    grid: Grid
    #: int64 (n_cells,) of the cells with at least one pair, sorted by row, then column
    row: Ints64
    column: Ints64
    #: int64 (n_cells + 1,) CSR offsets into the pairs
    ptr: Ints64
    #: int64 (n_pairs,) station index
    station: Ints64
    #: int64 (n_pairs,) seconds from the cell's centre to the station door
    seconds: Ints64


def disc_cells(grid: Grid, x: float, y: float, radius_m: float) -> tuple[Ints64, Ints64, NDArray[np.float64]]:
    """Return (row, column, metres) of the cells whose centre is within `radius_m` of a point."""
    reach = int(radius_m // grid.size_m) + 2
    row0, column0 = grid.index(np.array([x]), np.array([y]))
    span = np.arange(-reach, reach + 1)
    rows, columns = (a.ravel() for a in np.meshgrid(row0 + span, column0 + span, indexing="ij"))
    cx, cy = grid.centre(rows, columns)
    metres = np.hypot(cx - x, cy - y)
    near = metres <= radius_m
    return rows[near], columns[near], metres[near]


def mode_seconds(mode: Mode, metres: NDArray[np.float64], *, capped: bool = True) -> Ints64:
    """Return whole seconds by one mode, UNREACHED beyond its cap."""
    seconds = np.ceil(mode.overhead_s + metres * mode.seconds_per_metre() - 1e-6).astype(np.int64)
    return np.where(seconds <= mode.cap_s, seconds, UNREACHED) if capped else seconds


def best_seconds(modes: Sequence[Mode], metres: NDArray[np.float64], *, capped: bool = True) -> Ints64:
    """Return whole seconds by the fastest of the modes, UNREACHED beyond all caps."""
    best: Ints64 = np.min([mode_seconds(mode, metres, capped=capped) for mode in modes], axis=0)
    return best


def station_access(
    grid: Grid,
    stations: Sequence[int],
    lon: NDArray[np.float64],
    lat: NDArray[np.float64],
    feeders: Sequence[str],
    assumptions: Assumptions,
) -> Access:
    """Return the access table of `stations` (indices); lon, lat and feeders are those of the same stations in order."""
    x, y = grid.project(lon, lat)
    parts = []
    for k, station in enumerate(stations):
        modes = assumptions.modes_at(feeders[k])
        radius = max(mode.reach_m(mode.cap_s) for mode in modes)
        rows, columns, metres = disc_cells(grid, float(x[k]), float(y[k]), radius)
        seconds = best_seconds(modes, metres)
        reached = seconds != UNREACHED
        parts.append(np.column_stack([rows, columns, np.full(len(rows), station, np.int64), seconds])[reached])
    pairs = np.concatenate(parts) if parts else np.empty((0, 4), np.int64)
    pairs = pairs[np.lexsort((pairs[:, 2], pairs[:, 1], pairs[:, 0]))]
    new = np.ones(len(pairs), dtype=bool)
    new[1:] = np.any(pairs[1:, :2] != pairs[:-1, :2], axis=1)
    starts = np.flatnonzero(new)
    ptr = np.append(starts, len(pairs)).astype(np.int64)
    cells = pairs[starts, :2]
    return Access(grid, cells[:, 0].copy(), cells[:, 1].copy(), ptr, pairs[:, 2].copy(), pairs[:, 3].copy())


def local_seconds(
    grid: Grid,
    lon: NDArray[np.float64],
    lat: NDArray[np.float64],
    feeder: str,
    assumptions: Assumptions,
    limit_s: int,
) -> tuple[Ints64, Ints64, Ints64]:
    """Return (row, column, seconds) of the cells within `limit_s` of the nearest point without a ride, caps ignored."""
    modes = assumptions.modes_at(feeder)
    radius = max(mode.reach_m(limit_s) for mode in modes)
    x, y = grid.project(lon, lat)
    parts = []
    for px, py in zip(x.tolist(), y.tolist(), strict=True):
        rows, columns, metres = disc_cells(grid, px, py, radius)
        parts.append(np.column_stack([rows, columns, best_seconds(modes, metres, capped=False)]))
    cells = np.concatenate(parts) if parts else np.empty((0, 3), np.int64)
    cells = cells[cells[:, 2] <= limit_s]
    cells = cells[np.lexsort((cells[:, 2], cells[:, 1], cells[:, 0]))]
    first = np.ones(len(cells), dtype=bool)
    first[1:] = np.any(cells[1:, :2] != cells[:-1, :2], axis=1)
    cells = cells[first]
    return cells[:, 0].copy(), cells[:, 1].copy(), cells[:, 2].copy()


def egress_seconds(
    station_lon: float,
    station_lat: float,
    centre_lon: NDArray[np.float64],
    centre_lat: NDArray[np.float64],
    feeder: str,
    assumptions: Assumptions,
) -> Ints64:
    """Return seconds from one station door to each centre by the city's modes, capped; UNREACHED beyond the caps."""
    from pyproj import Geod

    n = len(centre_lon)
    _, _, metres = Geod(ellps="WGS84").inv(np.full(n, station_lon), np.full(n, station_lat), centre_lon, centre_lat)
    return best_seconds(assumptions.modes_at(feeder), np.asarray(metres))
