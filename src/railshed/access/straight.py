"""Seconds between places and station entrances without a train, on straight lines, by the fastest mode in use.

Seconds = overhead + whole metres on the ellipsoid * detour / speed, rounded up, at most the mode's cap. Straight lines
ignore rivers, hills and coast: an assumption that every result prints. `street_access` uses them where no streets are
known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from railshed.assumptions.assumptions import Mode
from railshed.cells.cell_keys import cell_keys, key_cells
from railshed.cells.network_cells import Around, NetworkCells
from railshed.kernels.cell_distances import metres_between
from railshed.util.array_types import Floats, Ints64
from railshed.util.units import UNREACHED


@dataclass(frozen=True, slots=True, eq=False)
class Access:
    """The cells that ways lead to from numbered doors, door by door, and the seconds between them."""

    #: cells by door, with whole metres (straight lines) or seconds (streets) in place of `metres`
    around: Around
    #: int64 (n_doors,) row of `seconds` of each door
    kind: Ints64
    #: int64 (n_kinds, n) seconds by metres (seconds), UNREACHED beyond the caps
    seconds: Ints64

    def pairs(self) -> tuple[Ints64, Ints64, Ints64]:
        """Return (cell, door, seconds), int64 (n_pairs,): numbers of the cells within the caps, door by door."""
        cell, door, metres = self.around.pairs()
        seconds = self.seconds[self.kind[door], metres] if len(door) else np.empty(0, np.int64)
        inside = seconds != UNREACHED
        return cell[inside], door[inside], seconds[inside]


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


def mode_seconds(mode: Mode, metres: Floats | Ints64, *, capped: bool = True) -> Ints64:
    """Return whole seconds by one mode, UNREACHED beyond its cap."""
    seconds = np.ceil(mode.overhead_s + metres * mode.seconds_per_metre() - 1e-6).astype(np.int64)
    return np.where(seconds <= mode.cap_s, seconds, UNREACHED) if capped else seconds


def best_seconds(modes: Sequence[Mode], metres: Floats | Ints64, *, capped: bool = True) -> Ints64:
    """Return whole seconds by the fastest of the modes, UNREACHED beyond all caps and without any mode."""
    best = np.full(np.shape(metres), UNREACHED, np.int64)
    for mode in modes:
        best = np.minimum(best, mode_seconds(mode, metres, capped=capped))
    return best


def seconds_by_metre(modes: Sequence[Mode], most_m: int, limit_s: int | None = None) -> Ints64:
    """Return int64 (most_m + 1,) seconds over whole straight metres by the fastest of the modes within their caps.

    Within `limit_s` instead of the caps where it is set; UNREACHED beyond.
    """
    best = best_seconds(modes, np.arange(most_m + 1), capped=limit_s is None)
    return best if limit_s is None else np.where(best <= limit_s, best, UNREACHED)


def straight_access(
    cells: NetworkCells, entrances: Entrances, modes: Sequence[Sequence[Mode]], limit_s: int | None = None
) -> Access:
    """Return the cells within the caps, or within `limit_s` instead, of each door by its own modes."""
    kinds, kind = kinds_of(modes)
    reach = [max((m.reach_m(m.cap_s if limit_s is None else limit_s) for m in mine), default=-1.0) for mine in kinds]
    around = cells.around(entrances.lon, entrances.lat, np.array(reach)[kind] if len(kind) else np.empty(0))
    return Access(around, kind, _seconds_of_kinds(kinds, int(max(reach, default=0.0)) + 2, limit_s))


@lru_cache(maxsize=128)
def _seconds_of_kinds(kinds: tuple[tuple[Mode, ...], ...], most_m: int, limit_s: int | None) -> Ints64:
    """Return int64 (n_kinds, most_m + 1): `seconds_by_metre` of each kind; read-only."""
    found = np.empty((len(kinds), most_m + 1), np.int64)
    for k, mine in enumerate(kinds):
        found[k] = seconds_by_metre(mine, most_m, limit_s)
    found.flags.writeable = False
    return found


def cells_by(
    cells: NetworkCells, entrances: Entrances, modes: Sequence[Sequence[Mode]], limit_s: int | None = None
) -> CellSeconds:
    """Return the pairs of `straight_access` by row and column."""
    cell, door, seconds = straight_access(cells, entrances, modes, limit_s).pairs()
    return CellSeconds(*key_cells(cells.keys(cell)), door, seconds)


def access_of_pairs(cells: NetworkCells, pairs: CellSeconds, n_doors: int) -> Access:
    """Return settled pairs door by door."""
    order = np.argsort(pairs.point, kind="stable")
    ptr = np.concatenate([[0], np.cumsum(np.bincount(pairs.point, minlength=n_doors))]).astype(np.int64)
    cell = cells.numbers(cell_keys(pairs.row, pairs.column))[order].astype(np.uint32)
    around = Around(ptr[:-1], ptr[1:], cell, pairs.seconds[order].astype(np.uint32))
    return Access(around, np.zeros(n_doors, np.int64), np.arange(int(pairs.seconds.max(initial=0)) + 1)[None])


def seconds_between(entrances: Entrances, centres: Entrances, modes: Sequence[Sequence[Mode]]) -> Ints64:
    """Return int64 (n_doors, n_centres): seconds between entrances and centres by each door's own modes, capped."""
    metres = metres_between(entrances.lon, entrances.lat, centres.lon, centres.lat)
    out = np.empty(metres.shape, np.int64)
    kinds, kind = kinds_of(modes)
    for k, mine in enumerate(kinds):
        out[kind == k] = best_seconds(mine, metres[kind == k])
    return out


def kinds_of(modes: Sequence[Sequence[Mode]]) -> tuple[tuple[tuple[Mode, ...], ...], Ints64]:
    """Return the different modes of doors, and int64 (n_doors,) which of them each door has."""
    kinds: dict[tuple[Mode, ...], int] = {}
    same = {id(mine): kinds.setdefault(tuple(mine), len(kinds)) for mine in {id(mine): mine for mine in modes}.values()}
    return tuple(kinds), np.array([same[id(mine)] for mine in modes], np.int64)
