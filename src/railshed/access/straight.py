"""Seconds between places and station entrances without a train, on straight lines, by the fastest mode in use.

Seconds = overhead + straight distance * detour / speed, rounded up, at most the mode's cap. Straight lines ignore
rivers, hills and coast: an assumption that every result prints. With a street network, `street_access` replaces
it for the modes that use streets.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from railshed.access.straight_field import cells_reached, seconds_of_cells, sources_of
from railshed.assumptions.assumptions import Assumptions, Mode
from railshed.cells.grid import Grid
from railshed.network.model import FEEDERS
from railshed.util.array_types import Bools, Floats, Ints64
from railshed.util.sums import plain_sum
from railshed.util.units import UNREACHED

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


_NO_INTS, _NO_FLOATS = np.empty(0, np.int64), np.empty(0)
_NO_PATHS = Paths(_NO_INTS, _NO_INTS, _NO_INTS, _NO_FLOATS, _NO_FLOATS)


@dataclass(frozen=True, slots=True)
class StraightAccess:
    """Access and egress on straight lines; the same in both directions."""

    assumptions: Assumptions

    def farthest_m(self, limit_s: int) -> float:
        """Return metres beyond which nothing is within the caps, nor within `limit_s` without a ride."""
        a = self.assumptions
        every = [(mode, mode.cap_s) for f in FEEDERS for mode in (*a.modes_at(f), *a.modes.values())]
        return max(mode.reach_m(budget) for mode, budget in [*every, *((m, limit_s) for m, _ in every)])

    def cells_within_caps(self, grid: Grid, entrances: Entrances, *, towards: bool = True) -> CellSeconds:
        """Return the cells within the caps of the access modes of each door (a home station's), settled.

        `towards`: from the cells to the entrances, else from the entrances to the cells.
        """
        return self.cells_by(
            grid, entrances, [self.assumptions.modes_at(feeder) for feeder in entrances.feeders]
        ).settled()

    def cells_by(
        self, grid: Grid, entrances: Entrances, modes: Sequence[Sequence[Mode]], limit_s: int | None = None
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

    def cells_without_ride(
        self, grid: Grid, entrances: Entrances, limit_s: int, *, towards: bool = True
    ) -> CellSeconds:
        """Return the cells within `limit_s` of the nearest door without a ride, caps ignored; one pair a cell."""
        modes = [self.assumptions.door_modes(feeder) for feeder in entrances.feeders]
        radii = [max((mode.reach_m(limit_s) for mode in mine), default=0.0) / grid.size_m for mine in modes]
        if plain_sum(4 * radius**2 for radius in radii) > PLAIN_CELLS:
            sources = sources_of(
                grid, *grid.project(entrances.lon, entrances.lat), modes, capped=False, limit_s=limit_s
            )
            row, column, seconds = cells_reached(sources)
            return CellSeconds(row, column, np.zeros_like(row), seconds)
        found = self.cells_by(grid, entrances, modes, limit_s)
        return CellSeconds(found.row, found.column, np.zeros_like(found.point), found.seconds).settled()

    def seconds_without_ride(
        self, grid: Grid, row: Ints64, column: Ints64, entrances: Entrances, limit_s: int, *, towards: bool = True
    ) -> Ints64:
        """Return seconds between cells and the nearest door without a ride, caps ignored.

        Beyond `limit_s` the value may be UNREACHED.
        """
        modes = [self.assumptions.door_modes(feeder) for feeder in entrances.feeders]
        xy = grid.project(entrances.lon, entrances.lat)
        if len(row) * sum(map(len, modes)) > PLAIN_CELLS:
            return seconds_of_cells(sources_of(grid, *xy, modes, capped=False), row, column)
        best = np.full(len(row), UNREACHED, np.int64)
        cx, cy = grid.centre(row, column)
        for x, y, mine in zip(*xy, modes, strict=True):
            best = np.minimum(best, best_seconds(mine, np.hypot(cx - x, cy - y), capped=False))
        return best

    def on_streets(self, doors: Entrances) -> Bools:
        """Return at which doors streets are known: none."""
        return np.zeros(len(doors), dtype=bool)

    def snaps(self, doors: Entrances) -> tuple[Bools, dict[str, Floats]]:
        """Return at which doors streets are known, and metres to each network of streets: none."""
        return self.on_streets(doors), {}

    def known_cells(self, grid: Grid, row: Ints64, column: Ints64) -> Bools:
        """Return at the centres of which cells streets are known: none."""
        return np.zeros(len(row), dtype=bool)

    def cells_by_street(
        self, grid: Grid, row: Ints64, column: Ints64, doors: Entrances, mode: Mode, limit_s: int, *, towards: bool
    ) -> tuple[Bools, Ints64]:
        """Return at which of the cells streets are known, and their seconds along them: none, all UNREACHED."""
        return self.known_cells(grid, row, column), np.full(len(row), UNREACHED, np.int64)

    def cells_along(
        self, grid: Grid, doors: Entrances, mode: Mode, limit_s: int, *, towards: bool
    ) -> tuple[Ints64, Ints64]:
        """Return (row, column) of the cells that streets join to the doors: none."""
        return np.empty(0, np.int64), np.empty(0, np.int64)

    def paths_to_cells(
        self, grid: Grid, doors: Entrances, mode: Mode, limit_s: int, *, towards: bool
    ) -> tuple[Ints64, Ints64, Paths]:
        """Return (row, column) of cells and the paths along streets between them and each door: none."""
        return np.empty(0, np.int64), np.empty(0, np.int64), _NO_PATHS

    def paths_between(self, doors: Entrances, centres: Entrances, mode: Mode, *, towards: bool) -> Paths:
        """Return the paths along streets between doors and centres: none."""
        return _NO_PATHS

    def between(self, entrances: Entrances, centres: Entrances, *, towards: bool = True) -> Ints64:
        """Return int64 (n_doors, n_centres): seconds between station entrances in the city and its centres, capped.

        `towards`: from the entrances to the centres, else back. Modes are the egress modes at each door.
        """
        return self.between_by(
            entrances, centres, [self.assumptions.city_modes(feeder) for feeder in entrances.feeders]
        )

    def between_by(self, entrances: Entrances, centres: Entrances, modes: Sequence[Sequence[Mode]]) -> Ints64:
        """Return the same by each door's own modes."""
        from pyproj import Geod

        out = np.full((len(entrances), len(centres)), UNREACHED, np.int64)
        n = len(centres)
        for k in range(len(entrances)):
            start = np.full(n, entrances.lon[k]), np.full(n, entrances.lat[k])
            _, _, metres = Geod(ellps="WGS84").inv(*start, centres.lon, centres.lat)
            out[k] = best_seconds(modes[k], np.asarray(metres))
        return out
