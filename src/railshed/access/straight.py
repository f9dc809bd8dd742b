"""Seconds between places and station entrances without a train, on straight lines, by the fastest
mode in use.

Seconds = overhead + whole metres on the ellipsoid * detour / speed, rounded up, at most the mode's
cap. Straight lines ignore rivers, hills and coast: an assumption that every result prints.
`street_access` uses them where no streets are known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from railshed.assumptions.assumptions import Mode
from railshed.cells.network_cells import Around, NetworkCells
from railshed.kernels.cell_distances import metres_between
from railshed.util.array_types import Floats, Ints64
from railshed.util.units import UNREACHED


@dataclass(frozen=True, slots=True, eq=False)
class Access:
    """The cells near numbered doors, door by door, and the seconds between each cell and door."""

    #: cells by door, with whole metres (straight lines) or seconds (streets) in place of `metres`
    around: Around
    #: int64 (n_doors,) row of `seconds` of each door
    kind: Ints64
    #: int64 (n_kinds, n) seconds by metres (seconds), UNREACHED beyond the caps
    seconds: Ints64

    def pairs(self) -> tuple[Ints64, Ints64, Ints64]:
        """Return (cell, door, seconds), int64 (n_pairs,): numbers of the cells within the caps,
        door by door.
        """
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
        return Entrances(
            self.lon[which], self.lat[which], [self.feeders[k] for k in which.tolist()]
        )


@dataclass(frozen=True, slots=True, eq=False)
class Paths:
    """Ways along streets in parts: between the node of a door and that of another point, and the
    walks to both.
    """

    #: int64 (n,) number of the door and of the other point
    door: Ints64
    end: Ints64
    #: int64 (n,) `street_graph.TICKS` between the nodes
    ticks: Ints64
    #: float64 (n,) seconds walked to the nodes
    door_walk_s: Floats
    end_walk_s: Floats


def mode_seconds(mode: Mode, metres: Floats | Ints64, *, capped: bool = True) -> Ints64:
    """Return whole seconds by one mode, UNREACHED beyond its cap."""
    seconds = np.ceil(mode.overhead_s + metres * mode.seconds_per_metre() - 1e-6).astype(np.int64)
    return np.where(seconds <= mode.cap_s, seconds, UNREACHED) if capped else seconds


def best_seconds(modes: Sequence[Mode], metres: Floats | Ints64, *, capped: bool = True) -> Ints64:
    """Return whole seconds by the fastest of the modes, UNREACHED beyond all caps and without any
    mode.
    """
    best = np.full(np.shape(metres), UNREACHED, np.int64)
    for mode in modes:
        best = np.minimum(best, mode_seconds(mode, metres, capped=capped))
    return best


def seconds_by_metre(modes: Sequence[Mode], most_m: int, limit_s: int | None = None) -> Ints64:
    """Return int64 (most_m + 1,) seconds over whole straight metres by the fastest of the modes
    within their caps.

    Within `limit_s` instead of the caps where it is set; UNREACHED beyond.
    """
    best = best_seconds(modes, np.arange(most_m + 1), capped=limit_s is None)
    return best if limit_s is None else np.where(best <= limit_s, best, UNREACHED)


def straight_access(
    cells: NetworkCells,
    entrances: Entrances,
    modes: Sequence[Sequence[Mode]],
    limit_s: int | None = None,
) -> Access:
    """Return the cells within the caps, or within `limit_s` instead, of each door by its
    own modes.
    """
    kinds, kind = kinds_of(modes)
    reach = [
        max((m.reach_m(m.cap_s if limit_s is None else limit_s) for m in mine), default=-1.0)
        for mine in kinds
    ]
    around = cells.around(
        entrances.lon, entrances.lat, np.array(reach)[kind] if len(kind) else np.empty(0)
    )
    return Access(around, kind, _seconds_of_kinds(kinds, int(max(reach, default=0.0)) + 2, limit_s))


@lru_cache(maxsize=128)
def _seconds_of_kinds(
    kinds: tuple[tuple[Mode, ...], ...], most_m: int, limit_s: int | None
) -> Ints64:
    """Return int64 (n_kinds, most_m + 1): `seconds_by_metre` of each kind; read-only."""
    found = np.empty((len(kinds), most_m + 1), np.int64)
    for k, mine in enumerate(kinds):
        found[k] = seconds_by_metre(mine, most_m, limit_s)
    found.flags.writeable = False
    return found


def access_of_pairs(parts: Sequence[tuple[Ints64, Ints64, Ints64]], n_doors: int) -> Access:
    """Return the least seconds of each cell and door over parts (cell, door, seconds) as
    `Access.pairs` has them.
    """
    cell, door, seconds = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    # one number a pair, in this order: sorting it takes a tenth of sorting by three keys
    n_cells = int(cell.max(initial=0)) + 1
    n_seconds = int(seconds.max(initial=0)) + 1
    packed = np.sort((door * n_cells + cell) * n_seconds + seconds)
    pair = packed // n_seconds
    first = np.flatnonzero(np.diff(pair, prepend=-1))
    door, cell = np.divmod(pair[first], n_cells)
    ptr = np.searchsorted(door, np.arange(n_doors + 1))
    around = Around(
        ptr[:-1], ptr[1:], cell.astype(np.uint32), (packed[first] % n_seconds).astype(np.uint32)
    )
    same = np.arange(n_seconds)[None]
    same.flags.writeable = False  # as the table of straight lines: kernels are compiled once
    return Access(around, np.zeros(n_doors, np.int64), same)


def seconds_between(
    entrances: Entrances, centres: Entrances, modes: Sequence[Sequence[Mode]]
) -> Ints64:
    """Return int64 (n_doors, n_centres): seconds between entrances and centres by each door's own
    modes, capped.
    """
    metres = metres_between(entrances.lon, entrances.lat, centres.lon, centres.lat)
    out = np.empty(metres.shape, np.int64)
    kinds, kind = kinds_of(modes)
    for k, mine in enumerate(kinds):
        out[kind == k] = best_seconds(mine, metres[kind == k])
    return out


def kinds_of(modes: Sequence[Sequence[Mode]]) -> tuple[tuple[tuple[Mode, ...], ...], Ints64]:
    """Return the different modes of doors, and int64 (n_doors,) which of them each door has."""
    kinds: dict[tuple[Mode, ...], int] = {}
    same = {
        id(mine): kinds.setdefault(tuple(mine), len(kinds))
        for mine in {id(mine): mine for mine in modes}.values()
    }
    return tuple(kinds), np.array([same[id(mine)] for mine in modes], np.int64)
