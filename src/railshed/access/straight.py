"""Seconds between places and station entrances without a train, on straight lines, by the fastest mode in use.

Seconds = overhead + straight distance * detour / speed, rounded up, at most the mode's cap. Straight lines ignore
rivers, hills and coast: an assumption that every result prints. `street_access` uses them where no streets are known.

The field is the same by a kernel, for millions of cells at once. A place has a start second (0 without a head start)
and modes. Each mode is a source of the field, up to a cap or a limit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from railshed.assumptions.assumptions import Mode
from railshed.cells.grid import Grid
from railshed.kernels import straight_line as kernels
from railshed.util.array_types import Floats, Ints64
from railshed.util.parallel import call_in_threads
from railshed.util.sums import plain_sum
from railshed.util.units import UNREACHED

#: rows of cells worked out at a time, a whole number of the kernel's blocks
BAND = kernels.BLOCK
#: reach of sources with neither cap nor limit: 30 years, still an int32 when it is rounded
_MOST_S = 10**9
#: fewer cells than this are worked out on one thread
_WORTH_THREADS = 1 << 20
#: most (cell, door, mode) times computed door by door in numpy; above, the kernel is faster despite its compilation
PLAIN_CELLS = 1 << 22


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
    #: int64 (n_pairs,) seconds between the cell's centre and the station door
    seconds: Ints64


@dataclass(frozen=True, slots=True, eq=False)
class Entrances:
    """Entrances: points reached without a train, stations or centres."""

    #: float64 (n,) degrees
    lon: Floats
    lat: Floats
    #: feeder of each: metro, metro-small, bus
    feeders: Sequence[str]

    def __len__(self) -> int:
        return len(self.lon)

    def take(self, which: Ints64) -> Entrances:
        """Return some of the points."""
        return Entrances(self.lon[which], self.lat[which], [self.feeders[k] for k in which.tolist()])


@dataclass(frozen=True, slots=True, eq=False)
class Paths:
    """Ways along streets in parts: between the node of a door and that of another point, and the walks to both."""

    #: int64 (n,) number of the door and of the other point
    door: Ints64
    end: Ints64
    #: int64 (n,) `street_graph.TICKS` between the nodes
    ticks: Ints64
    #: float64 (n,) seconds walked to the nodes
    door_walk_s: Floats
    end_walk_s: Floats


@dataclass(frozen=True, slots=True, eq=False)
class CellSeconds:
    """Seconds between cells and numbered points: one row a pair, at most one a cell and point where `settled`."""

    row: Ints64
    column: Ints64
    #: number of the point
    point: Ints64
    seconds: Ints64

    @classmethod
    def joined(cls, parts: Sequence[CellSeconds]) -> CellSeconds:
        """Return the pairs of all parts."""
        return cls(*(
            np.concatenate([np.empty(0, np.int64), *(getattr(part, name) for part in parts)])
            for name in ("row", "column", "point", "seconds")
        ))  # fmt: skip

    def of_nearest(self) -> CellSeconds:
        """Return the least seconds of each cell, as of point 0."""
        return CellSeconds(self.row, self.column, np.zeros_like(self.point), self.seconds).settled()

    def settled(self) -> CellSeconds:
        """Return the least seconds of each cell and point, sorted by row, column, point."""
        if not len(self.row):
            return self
        # one number a pair, in this order: sorting it takes a tenth of sorting by four keys
        row0, column0 = int(self.row.min()), int(self.column.min())
        width, n_points = int(self.column.max()) - column0 + 1, int(self.point.max()) + 1
        n_seconds = int(self.seconds.max()) + 1
        assert (int(self.row.max()) - row0 + 1) * width * n_points * n_seconds < 2**63
        packed = ((self.row - row0) * width + self.column - column0) * n_points + self.point
        packed = np.sort(packed * n_seconds + self.seconds)
        pair = packed // n_seconds
        first = np.ones(len(pair), dtype=bool)
        first[1:] = pair[1:] != pair[:-1]
        cell, point = np.divmod(pair[first], n_points)
        row, column = np.divmod(cell, width)
        return CellSeconds(row + row0, column + column0, point, packed[first] - pair[first] * n_seconds)


def disc_cells(grid: Grid, x: float, y: float, radius_m: float) -> tuple[Ints64, Ints64, Floats]:
    """Return (row, column, metres) of the cells whose centre is within `radius_m` of a point."""
    reach = int(radius_m // grid.size_m) + 2
    row0, column0 = grid.index(np.array([x]), np.array([y]))
    span = np.arange(-reach, reach + 1)
    rows, columns = (a.ravel() for a in np.meshgrid(row0 + span, column0 + span, indexing="ij"))
    cx, cy = grid.centre(rows, columns)
    metres = np.hypot(cx - x, cy - y)
    near = metres <= radius_m
    return rows[near], columns[near], metres[near]


def mode_seconds(mode: Mode, metres: Floats, *, capped: bool = True) -> Ints64:
    """Return whole seconds by one mode, UNREACHED beyond its cap."""
    seconds = np.ceil(mode.overhead_s + metres * mode.seconds_per_metre() - 1e-6).astype(np.int64)
    return np.where(seconds <= mode.cap_s, seconds, UNREACHED) if capped else seconds


def best_seconds(modes: Sequence[Mode], metres: Floats, *, capped: bool = True) -> Ints64:
    """Return whole seconds by the fastest of the modes, UNREACHED beyond all caps and without any mode."""
    best = np.full(np.shape(metres), UNREACHED, np.int64)
    for mode in modes:
        best = np.minimum(best, mode_seconds(mode, metres, capped=capped))
    return best


def access_of_pairs(grid: Grid, pairs: CellSeconds, stations: Ints64) -> Access:
    """Return the table of settled pairs whose points are the `stations` (indices) in order."""
    new = np.ones(len(pairs.row), dtype=bool)
    new[1:] = (np.diff(pairs.row) != 0) | (np.diff(pairs.column) != 0)
    starts = np.flatnonzero(new)
    ptr = np.append(starts, len(pairs.row)).astype(np.int64)
    return Access(grid, pairs.row[starts], pairs.column[starts], ptr, stations[pairs.point], pairs.seconds)


def sources_of(
    grid: Grid, x: Floats, y: Floats, modes: Sequence[Sequence[Mode]], *,
    start_s: Sequence[int] | Ints64 | None = None, capped: bool = True, limit_s: int | None = None,
) -> Floats:  # fmt: skip
    """Return float64 (n_sources, 5): the sources of places at x, y (grid metres), one a place and mode.

    `start_s` seconds, not negative, of leaving each place. A source ends at the mode's cap if `capped`, and where start
    and travel take more than `limit_s`; both inclusive. Those without reach are left out.
    """
    starts = np.zeros(len(x), np.int64) if start_s is None else np.asarray(start_s, np.int64)
    found = []
    # Python numbers: several times as fast as numpy scalars
    for at_x, at_y, start, mine in zip(x.tolist(), y.tolist(), starts.tolist(), modes, strict=True):
        for mode in mine:
            budget = min(mode.cap_s if capped else _MOST_S, _MOST_S if limit_s is None else limit_s - start)
            if mode.overhead_s <= budget:
                per = mode.seconds_per_metre()
                reach = (budget + kernels.ROUNDING_S - mode.overhead_s) / per
                size = grid.size_m
                found.append((at_x / size - 0.5, at_y / size - 0.5, start + mode.overhead_s, per * size, reach / size))
    return np.array(found, np.float64).reshape(-1, 5)


def seconds_of_cells(sources: Floats, row: Ints64, column: Ints64, workers: int | None = None) -> Ints64:
    """Return int64 (n_cells,) seconds of single cells in any order, UNREACHED beyond all sources.

    `workers` threads; None: one where there are few cells, else as in `util.parallel.count_threads`.
    """
    out = np.full(len(row), UNREACHED, np.int64)
    if (np.diff(row) < 0).any():
        order = np.argsort(row, kind="stable")
        out[order] = seconds_of_cells(sources, row[order], column[order], workers)
        return out
    bands = np.unique(row // BAND)
    ends = np.searchsorted(row, np.stack([bands, bands + 1]) * BAND)

    def work(band: int) -> None:
        mine = slice(ends[0, band], ends[1, band])
        first, left = int(bands[band]) * BAND, int(column[mine].min())
        strip = np.empty((BAND, int(column[mine].max()) - left + 1), np.int32)
        kernels.least_seconds(sources, first, left, strip)
        out[mine] = strip[row[mine] - first, column[mine] - left]

    _for_each(work, range(len(bands)), len(row), workers)
    return out


def cells_reached(sources: Floats, workers: int | None = None) -> tuple[Ints64, Ints64, Ints64]:
    """Return (row, column, seconds) of all cells that a source reaches, by row, then column; workers as above."""
    if not len(sources):
        return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.int64)
    x, y, reach = (sources[:, k] for k in (kernels.X, kernels.Y, kernels.REACH))
    low, high = int(np.ceil((y - reach).min())), int(np.floor((y + reach).max()))
    left, right = int(np.ceil((x - reach).min())), int(np.floor((x + reach).max()))
    found: dict[int, tuple[Ints64, Ints64, Ints64]] = {}

    def work(first: int) -> None:
        strip = np.empty((min(BAND, high + 1 - first), right + 1 - left), np.int32)
        kernels.least_seconds(sources, first, left, strip)
        row, column = np.nonzero(strip != UNREACHED)
        found[first] = row + first, column + left, strip[row, column].astype(np.int64)

    firsts = range(low, high + 1, BAND)
    _for_each(work, firsts, max(0, high - low) * max(0, right - left), workers)
    row, column, seconds = (np.concatenate([found[first][k] for first in firsts]) for k in range(3))
    return row, column, seconds


def _for_each(work: Callable[[int], None], items: Iterable[int], n_cells: int, workers: int | None) -> None:
    """Call `work` with every item, on one thread where there are few cells."""
    call_in_threads(work, items, workers or (None if n_cells >= _WORTH_THREADS else 1))


def cells_by(
    grid: Grid, entrances: Entrances, modes: Sequence[Sequence[Mode]], limit_s: int | None = None
) -> CellSeconds:
    """Return the cells within the caps, or within `limit_s` instead, of each door by its own modes."""
    parts = []
    for k, (x, y) in enumerate(zip(*(a.tolist() for a in grid.project(entrances.lon, entrances.lat)), strict=True)):
        if not modes[k]:
            continue
        radius = max(mode.reach_m(mode.cap_s if limit_s is None else limit_s) for mode in modes[k])
        rows, columns, metres = disc_cells(grid, x, y, radius)
        seconds = best_seconds(modes[k], metres, capped=limit_s is None)
        near = seconds <= (UNREACHED - 1 if limit_s is None else limit_s)
        parts.append(CellSeconds(rows[near], columns[near], np.full(int(near.sum()), k, np.int64), seconds[near]))
    return CellSeconds.joined(parts)


def cells_around(grid: Grid, entrances: Entrances, modes: Sequence[Sequence[Mode]], limit_s: int) -> CellSeconds:
    """Return the cells within `limit_s` of the nearest door by its own modes, caps ignored; one pair a cell."""
    radii = [max((mode.reach_m(limit_s) for mode in mine), default=0.0) / grid.size_m for mine in modes]
    if plain_sum(4 * radius**2 for radius in radii) > PLAIN_CELLS:
        sources = sources_of(grid, *grid.project(entrances.lon, entrances.lat), modes, capped=False, limit_s=limit_s)
        row, column, seconds = cells_reached(sources)
        return CellSeconds(row, column, np.zeros_like(row), seconds)
    return cells_by(grid, entrances, modes, limit_s).of_nearest()


def seconds_around(
    grid: Grid, row: Ints64, column: Ints64, entrances: Entrances, modes: Sequence[Sequence[Mode]]
) -> Ints64:
    """Return seconds between cells and the nearest door by its own modes, caps ignored."""
    xy = grid.project(entrances.lon, entrances.lat)
    if len(row) * sum(map(len, modes)) > PLAIN_CELLS:
        return seconds_of_cells(sources_of(grid, *xy, modes, capped=False), row, column)
    best = np.full(len(row), UNREACHED, np.int64)
    cx, cy = grid.centre(row, column)
    for x, y, mine in zip(*xy, modes, strict=True):
        best = np.minimum(best, best_seconds(mine, np.hypot(cx - x, cy - y), capped=False))
    return best


def seconds_between(entrances: Entrances, centres: Entrances, modes: Sequence[Sequence[Mode]]) -> Ints64:
    """Return int64 (n_doors, n_centres): seconds between entrances and centres by each door's own modes, capped."""
    from pyproj import Geod

    out = np.full((len(entrances), len(centres)), UNREACHED, np.int64)
    n = len(centres)
    for k in range(len(entrances)):
        start = np.full(n, entrances.lon[k]), np.full(n, entrances.lat[k])
        _, _, metres = Geod(ellps="WGS84").inv(*start, centres.lon, centres.lat)
        out[k] = best_seconds(modes[k], np.asarray(metres))
    return out
