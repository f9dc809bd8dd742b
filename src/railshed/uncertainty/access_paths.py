"""Access paths in parts (wait, distance), so that other speeds and waits need no new search.

A path joins an end (a cell or a centre) to a door by one mode. Its seconds are a wait and a
distance on straight lines or along streets. All paths are found that the fastest draw may use; a
draw leaves out those above the mode's cap, so it has the seconds of `access` under its own speeds:
with all factors 1 those of the run, bit for bit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from railshed.access.straight import Entrances, Paths
from railshed.access.street_access import StreetAccess, straight_modes, users_by_mode
from railshed.access.street_graph import to_ticks, whole_seconds
from railshed.assumptions.assumptions import Mode
from railshed.cells.cell_keys import cell_keys
from railshed.cells.network_cells import NetworkCells
from railshed.circles.study_area import StudyArea
from railshed.kernels import draws as kernels
from railshed.kernels.cell_distances import metres_between
from railshed.util.array_types import Floats, Ints32, Ints64
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
    #: int64 (n,) number of the cell or centre; int32 (n,) that of the door, and whole metres
    end: Ints64
    door: Ints32
    metres: Ints32
    #: whether the mode's cap holds
    capped: bool

    def shorten(self, best: Ints32, pair: Ints32, speeds: Speeds) -> None:
        """Lower `best` to the whole seconds of each way that is within the cap, as
        `access.mode_seconds`.
        """
        mode = self.mode
        per_metre = mode.seconds_per_metre() / speeds.speed(mode)
        overhead_s = mode.overhead_s * speeds.wait(mode)
        kernels.shorten(
            best=best,
            pair=pair,
            door=self.door,
            metres=self.metres,
            per_metre=per_metre,
            overhead_s=overhead_s,
            cap_s=mode.cap_s if self.capped else UNREACHED,
        )

    def take(self, which: Ints64 | NDArray[np.bool_], end: Ints64) -> StraightPaths:
        """Return some of the ways, their ends numbered anew."""
        return replace(self, end=end, door=self.door[which], metres=self.metres[which])


@dataclass(frozen=True, slots=True, eq=False)
class StreetPaths:
    """Ways along streets: one speed for all of a way, so the shortest stays the shortest when it is
    drawn.
    """

    mode: Mode
    #: int64 (n,) number of the cell or centre, and of the door
    end: Ints64
    door: Ints64
    paths: Paths
    capped: bool

    def shorten(self, best: Ints32, pair: Ints32, speeds: Speeds) -> None:
        """Lower `best` to the whole seconds of each way that is within the cap, as
        `StreetGraph.nearest`.
        """
        mode = self.mode
        door = self.door
        paths = self.paths
        own = to_ticks(paths.door_walk_s / speeds.walk + mode.overhead_s * speeds.wait(mode)[door])
        way = np.rint(paths.ticks / speeds.speed(mode)[door]).astype(np.int64)
        seconds = whole_seconds(own + way + to_ticks(paths.end_walk_s / speeds.walk))
        open_ = seconds <= (mode.cap_s if self.capped else UNREACHED)
        best[pair[open_]] = np.minimum(best[pair[open_]], seconds[open_])

    def take(self, which: Ints64 | NDArray[np.bool_], end: Ints64) -> StreetPaths:
        """Return some of the ways, their ends numbered anew."""
        p = self.paths
        paths = Paths(
            p.door[which], p.end[which], p.ticks[which], p.door_walk_s[which], p.end_walk_s[which]
        )
        return replace(self, end=end, door=self.door[which], paths=paths)


#: the ways of one mode, each between one end and one door
ModePaths = StraightPaths | StreetPaths


@dataclass(frozen=True, slots=True, eq=False)
class PathTable:
    """All ways between ends and doors: the pairs, and for each mode which of them it serves."""

    n_ends: int
    #: int64 (n_ends + 1,) offsets of the pairs of each end; int32 (n_pairs,) door of each pair
    ptr: Ints64
    door: Ints32
    #: each with int32 (n,) pair of each way
    legs: Sequence[tuple[ModePaths, Ints32]]

    @classmethod
    def of(cls, n_ends: int, n_doors: int, legs: Sequence[ModePaths]) -> PathTable:
        """Return the ways with the pairs that any of the legs serves, end by end."""
        none = np.empty(0, np.int64)
        end, door = (
            np.concatenate([none, *(getattr(leg, name) for leg in legs)])
            for name in ("end", "door")
        )
        ptr, of_pair, pair = kernels.pairs_of_ways(end, door, n_ends, n_doors)
        places = np.split(pair, np.cumsum([len(leg.end) for leg in legs])[:-1]) if legs else []
        return cls(n_ends, ptr, of_pair, list(zip(legs, places, strict=True)))

    def seconds(self, speeds: Speeds) -> Ints32:
        """Return int32 (n_pairs,) whole seconds by the fastest mode, UNREACHED beyond all caps."""
        best = np.full(len(self.door), UNREACHED, np.int32)
        for leg, pair in self.legs:
            leg.shorten(best, pair, speeds)
        return best

    def by_end(self, speeds: Speeds) -> Ints64:
        """Return int64 (n_ends,) whole seconds to the nearest door, UNREACHED where there is no
        way.
        """
        best = np.full(self.n_ends, UNREACHED, np.int64)
        np.minimum.at(
            best, np.repeat(np.arange(self.n_ends), np.diff(self.ptr)), self.seconds(speeds)
        )
        return best

    def by_door(self, speeds: Speeds, n_doors: int) -> Ints64:
        """Return int64 (n_doors,) whole seconds to the nearest end, UNREACHED where there is no
        way.
        """
        best = np.full(n_doors, UNREACHED, np.int64)
        np.minimum.at(best, self.door, self.seconds(speeds))
        return best


@dataclass(frozen=True, slots=True, eq=False)
class CellPaths:
    """Ways of one mode between cells and doors, before the cells are land."""

    #: int64 (n,) number of the cell of each way
    cell: Ints64
    legs: ModePaths

    def on(self, land: StudyArea) -> ModePaths:
        """Return those whose cell is land."""
        place = land.places(self.cell)
        known = place >= 0
        return self.legs.take(known, place[known])


@dataclass(frozen=True, slots=True)
class Reach:
    """How far the fastest draw goes by a mode: straight metres, and usual seconds along streets,
    both generous.
    """

    metres: float
    street_s: int


def paths_to_cells(
    access: StreetAccess,
    cells: NetworkCells,
    doors: Entrances,
    modes: Sequence[Sequence[Mode]],
    *,
    towards: bool,
    reach: Mapping[str, Reach],
    capped: bool,
) -> list[CellPaths]:
    """Return the ways between cells and doors by each door's own modes, within `reach` (by mode).

    `towards` the doors, else from them; `capped`: draws leave out ways above the caps.
    """
    on = access.on_streets(doors)
    found = _straight_to_cells(cells, doors, straight_modes(modes, on), reach, capped=capped)
    for mode, uses in users_by_mode(modes, on):
        limit_s = reach[mode.name].street_s
        row, column, paths = access.paths_to_cells(
            cells.grid, doors.take(uses), mode, limit_s, towards=towards
        )
        legs = StreetPaths(mode, paths.end, uses[paths.door], paths, capped)
        found.append(CellPaths(cells.numbers(cell_keys(row, column))[paths.end], legs))
    return found


def _straight_to_cells(
    cells: NetworkCells,
    doors: Entrances,
    modes: Sequence[Sequence[Mode]],
    reach: Mapping[str, Reach],
    *,
    capped: bool,
) -> list[CellPaths]:
    used = {mode.name: mode for mine in modes for mode in mine}
    farthest = [max((reach[m.name].metres for m in mine), default=-1.0) for mine in modes]
    cell, door, metres = cells.around(doors.lon, doors.lat, np.array(farthest)).pairs()
    legs = []
    for name, mode in sorted(used.items()):
        serves = np.array([mode in mine for mine in modes])[door]
        some = np.flatnonzero(serves & (metres <= reach[name].metres))
        own_door, own_metres = (values[some].astype(np.int32) for values in (door, metres))
        legs.append(
            CellPaths(
                cell[some], StraightPaths(mode, np.zeros_like(some), own_door, own_metres, capped)
            )
        )
    return legs


def paths_between(
    access: StreetAccess,
    doors: Entrances,
    centres: Entrances,
    modes: Sequence[Sequence[Mode]],
    reach: Mapping[str, Reach],
    *,
    towards: bool,
) -> list[ModePaths]:
    """Return the ways between station doors in the city and its centres within `reach`; draws leave
    out those capped.

    `towards` the centres, else from them. From doors on the streets along them, by the modes that
    use them.
    """
    on = access.on_streets(doors)
    found: list[ModePaths] = [*_straight_between(doors, centres, straight_modes(modes, on), reach)]
    for mode, uses in users_by_mode(modes, on):
        paths = access.paths_between(
            doors.take(uses), centres, mode, reach[mode.name].street_s, towards=towards
        )
        found.append(StreetPaths(mode, paths.end, uses[paths.door], paths, capped=True))
    return found


def _straight_between(
    doors: Entrances,
    centres: Entrances,
    modes: Sequence[Sequence[Mode]],
    reach: Mapping[str, Reach],
) -> list[StraightPaths]:
    metres = metres_between(doors.lon, doors.lat, centres.lon, centres.lat)
    used = {mode.name: mode for mine in modes for mode in mine}
    legs = []
    for name, mode in sorted(used.items()):
        serves = np.array([mode in mine for mine in modes])
        door, end = np.nonzero(serves[:, None] & (metres <= reach[name].metres))
        legs.append(
            StraightPaths(
                mode, end, door.astype(np.int32), metres[door, end].astype(np.int32), capped=True
            )
        )
    return legs
