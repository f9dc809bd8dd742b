"""Access paths in parts (wait, distance), so that other speeds and waits need no new search.

A path joins an end (a cell or a centre) to a door by one mode. Its seconds are a wait and a distance on
straight lines. A faster or slower day changes the seconds, not which pairs there are: a mode's cap says how far one
goes by it at all, and that goes by the usual time. With all factors 1 the seconds are those of `access`, bit for bit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from railshed.access.straight import Entrances, Paths, mode_seconds
from railshed.access.street_access import StreetAccess, straight_modes, users_by_mode
from railshed.access.street_graph import to_ticks, whole_seconds
from railshed.assumptions.assumptions import Mode
from railshed.cells.cell_keys import cell_keys, find_keys, key_cells
from railshed.cells.network_cells import NetworkCells
from railshed.circles.study_area import StudyArea
from railshed.kernels.cell_distances import metres_between
from railshed.util.array_types import Floats, Ints64
from railshed.util.units import UNREACHED

#: factors of each door, by mode
Factors = Callable[[Mode], Floats]


@dataclass(frozen=True, slots=True)
class Speeds:
    """Factors of one draw: speed and overhead of each mode by door, walking speed."""

    speed: Factors
    wait: Factors
    walk: float


@dataclass(frozen=True, slots=True, eq=False)
class StraightPaths:
    """Ways on straight lines."""

    mode: Mode
    #: int64 (n,) number of the cell or centre, and of the door
    end: Ints64
    door: Ints64
    #: float64 (n,)
    metres: Floats

    def seconds(self, speeds: Speeds) -> Ints64:
        """Return whole seconds of each way, as `access.mode_seconds`."""
        mode, door = self.mode, self.door
        moving = self.metres * (mode.seconds_per_metre() / speeds.speed(mode)[door])
        return np.ceil(mode.overhead_s * speeds.wait(mode)[door] + moving - 1e-6).astype(np.int64)

    def take(self, which: Ints64 | NDArray[np.bool_], end: Ints64) -> StraightPaths:
        """Return some of the ways, their ends numbered anew."""
        return StraightPaths(self.mode, end, self.door[which], self.metres[which])


@dataclass(frozen=True, slots=True, eq=False)
class StreetPaths:
    """Ways along streets: one speed for all of a way, so the shortest stays the shortest when it is drawn."""

    mode: Mode
    #: int64 (n,) number of the cell or centre, and of the door
    end: Ints64
    door: Ints64
    paths: Paths

    def seconds(self, speeds: Speeds) -> Ints64:
        """Return whole seconds of each way, as `street_graph.StreetGraph.nearest`."""
        mode, door, paths = self.mode, self.door, self.paths
        own = to_ticks(paths.door_walk_s / speeds.walk + mode.overhead_s * speeds.wait(mode)[door])
        way = np.rint(paths.ticks / speeds.speed(mode)[door]).astype(np.int64)
        return whole_seconds(own + way + to_ticks(paths.end_walk_s / speeds.walk))

    def take(self, which: Ints64 | NDArray[np.bool_], end: Ints64) -> StreetPaths:
        """Return some of the ways, their ends numbered anew."""
        p = self.paths
        paths = Paths(p.door[which], p.end[which], p.ticks[which], p.door_walk_s[which], p.end_walk_s[which])
        return StreetPaths(self.mode, end, self.door[which], paths)


#: the ways of one mode, each between one end and one door
ModePaths = StraightPaths | StreetPaths


@dataclass(frozen=True, slots=True, eq=False)
class PathTable:
    """All ways between ends and doors: the pairs, and for each mode which of them it serves."""

    n_ends: int
    #: int64 (n_ends + 1,) offsets of the pairs of each end; int64 (n_pairs,) door of each pair
    ptr: Ints64
    door: Ints64
    #: each with int64 (n,) pair of each way
    legs: Sequence[tuple[ModePaths, Ints64]]

    @classmethod
    def of(cls, n_ends: int, n_doors: int, legs: Sequence[ModePaths]) -> PathTable:
        """Return the ways with the pairs that any of the legs serves, sorted by end, then door."""
        keys = [leg.end * n_doors + leg.door for leg in legs]
        pairs = np.unique(np.concatenate([np.empty(0, np.int64), *keys]))
        end, door = np.divmod(pairs, max(1, n_doors))
        ptr = np.searchsorted(end, np.arange(n_ends + 1)).astype(np.int64)
        places = (np.searchsorted(pairs, key) for key in keys)
        return cls(n_ends, ptr, door, list(zip(legs, places, strict=True)))

    def seconds(self, speeds: Speeds) -> Ints64:
        """Return int64 (n_pairs,) whole seconds by the fastest mode."""
        best = np.full(len(self.door), UNREACHED, np.int64)
        for leg, pair in self.legs:
            best[pair] = np.minimum(best[pair], leg.seconds(speeds))
        return best

    def by_end(self, speeds: Speeds) -> Ints64:
        """Return int64 (n_ends,) whole seconds to the nearest door, UNREACHED where there is no way."""
        best = np.full(self.n_ends, UNREACHED, np.int64)
        np.minimum.at(best, np.repeat(np.arange(self.n_ends), np.diff(self.ptr)), self.seconds(speeds))
        return best

    def by_door(self, speeds: Speeds, n_doors: int) -> Ints64:
        """Return int64 (n_doors,) whole seconds to the nearest end, UNREACHED where there is no way."""
        best = np.full(n_doors, UNREACHED, np.int64)
        np.minimum.at(best, self.door, self.seconds(speeds))
        return best


@dataclass(frozen=True, slots=True, eq=False)
class CellPaths:
    """Ways of one mode between cells and doors, before the cells are land."""

    #: int64 (n,) of the cell of each way
    row: Ints64
    column: Ints64
    legs: ModePaths

    def on(self, land: StudyArea) -> ModePaths:
        """Return those whose cell is land."""
        at, known = find_keys(cell_keys(land.row, land.column), cell_keys(self.row, self.column))
        return self.legs.take(known, at[known])


@dataclass(frozen=True, slots=True)
class Reach:
    """How far one goes by a mode where no cap says it: straight metres, and seconds along streets, both generous."""

    metres: float
    street_s: int


def paths_to_cells(
    access: StreetAccess,
    cells: NetworkCells,
    doors: Entrances,
    modes: Sequence[Sequence[Mode]],
    *,
    towards: bool,
    reach: Mapping[str, Reach] | None = None,
) -> list[CellPaths]:
    """Return the ways between cells and doors by each door's own modes, within the caps or within `reach` instead.

    `towards` the doors, else from them; `reach` by mode.
    """
    on = access.on_streets(doors)
    found = _straight_to_cells(cells, doors, straight_modes(modes, on), reach)
    for mode, uses in users_by_mode(modes, on):
        limit_s = mode.cap_s if reach is None else reach[mode.name].street_s
        row, column, paths = access.paths_to_cells(cells.grid, doors.take(uses), mode, limit_s, towards=towards)
        legs = StreetPaths(mode, paths.end, uses[paths.door], paths)
        found.append(CellPaths(row[paths.end], column[paths.end], legs))
    return found


def _straight_to_cells(
    cells: NetworkCells, doors: Entrances, modes: Sequence[Sequence[Mode]], reach: Mapping[str, Reach] | None
) -> list[CellPaths]:
    used = {mode.name: mode for mine in modes for mode in mine}
    radius = {m.name: m.reach_m(m.cap_s) if reach is None else reach[m.name].metres for m in used.values()}
    near = cells.near(
        doors.lon, doors.lat, np.array([max((radius[m.name] for m in mine), default=-1.0) for mine in modes])
    )  # fmt: skip
    row, column = key_cells(near.keys)
    door, legs = near.point, []
    for name, mode in sorted(used.items()):
        serves = np.array([mode in mine for mine in modes])[door]
        within = mode_seconds(mode, near.metres) != UNREACHED if reach is None else near.metres <= radius[name]
        some = np.flatnonzero(serves & within)
        ways = StraightPaths(mode, np.zeros_like(some), door[some], near.metres[some].astype(np.float64))
        legs.append(CellPaths(row[some], column[some], ways))
    return legs


def paths_between(
    access: StreetAccess, doors: Entrances, centres: Entrances, modes: Sequence[Sequence[Mode]], *, towards: bool
) -> list[ModePaths]:
    """Return the ways between station doors in the city and its centres, within the caps.

    `towards` the centres, else from them. From doors on the streets along them, by the modes that use them.
    """
    on = access.on_streets(doors)
    found: list[ModePaths] = [*_straight_between(doors, centres, straight_modes(modes, on))]
    for mode, uses in users_by_mode(modes, on):
        paths = access.paths_between(doors.take(uses), centres, mode, towards=towards)
        found.append(StreetPaths(mode, paths.end, uses[paths.door], paths))
    return found


def _straight_between(doors: Entrances, centres: Entrances, modes: Sequence[Sequence[Mode]]) -> list[StraightPaths]:
    metres = metres_between(doors.lon, doors.lat, centres.lon, centres.lat)
    used = {mode.name: mode for mine in modes for mode in mine}
    legs = []
    for _, mode in sorted(used.items()):
        serves = np.array([mode in mine for mine in modes])
        door, end = np.nonzero(serves[:, None] & (mode_seconds(mode, metres) != UNREACHED))
        legs.append(StraightPaths(mode, end, door, metres[door, end].astype(np.float64)))
    return legs
