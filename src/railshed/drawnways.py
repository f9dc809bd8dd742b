"""The way to and from doors, kept in parts, so that other speeds and waits need no new search.

One way is a pair of an end (a cell, or a centre) and a door, by one mode. Its seconds are a wait and a distance on
straight lines. A faster or slower day changes the seconds, not which pairs there are: a mode's cap says how far one
goes by it at all, and that goes by the usual time. With all factors 1 the seconds are those of `access`, bit for bit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from railshed.access import Doors, disc_cells, mode_seconds
from railshed.assumptions import Mode
from railshed.grid import Grid
from railshed.land import Land
from railshed.population import cell_keys, find_keys
from railshed.units import UNREACHED

Ints64 = NDArray[np.int64]
Floats = NDArray[np.float64]
#: factors of each door, by mode
Factors = Callable[[Mode], Floats]


@dataclass(frozen=True, slots=True)
class Speeds:
    """What one draw multiplies: speed and overhead of each mode by door, walking speed."""

    speed: Factors
    wait: Factors
    walk: float


class Legs(Protocol):
    """The ways of one mode, each between one end and one door."""

    @property
    def end(self) -> Ints64:
        """Number of the cell or centre of each way."""

    @property
    def door(self) -> Ints64:
        """Number of the door of each way."""

    def seconds(self, drawn: Speeds) -> Ints64:
        """Return whole seconds of each way."""


@dataclass(frozen=True, slots=True, eq=False)
class StraightLegs:
    """Ways on straight lines."""

    mode: Mode
    #: int64 (n,) number of the cell or centre, and of the door
    end: Ints64
    door: Ints64
    #: float64 (n,)
    metres: Floats

    def seconds(self, drawn: Speeds) -> Ints64:
        """Return whole seconds of each way, as `access.mode_seconds`."""
        mode, door = self.mode, self.door
        moving = self.metres * (mode.seconds_per_metre() / drawn.speed(mode)[door])
        return np.ceil(mode.overhead_s * drawn.wait(mode)[door] + moving - 1e-6).astype(np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Ways:
    """All ways between ends and doors: the pairs, and for each mode which of them it serves."""

    n_ends: int
    #: int64 (n_ends + 1,) offsets of the pairs of each end; int64 (n_pairs,) door of each pair
    ptr: Ints64
    door: Ints64
    #: each with int64 (n,) pair of each way
    legs: Sequence[tuple[Legs, Ints64]]

    @classmethod
    def of(cls, n_ends: int, n_doors: int, legs: Sequence[Legs]) -> Ways:
        """Return the ways with the pairs that any of the legs serves, sorted by end, then door."""
        keys = [leg.end * n_doors + leg.door for leg in legs]
        pairs = np.unique(np.concatenate([np.empty(0, np.int64), *keys]))
        end, door = np.divmod(pairs, max(1, n_doors))
        ptr = np.searchsorted(end, np.arange(n_ends + 1)).astype(np.int64)
        places = (np.searchsorted(pairs, key) for key in keys)
        return cls(n_ends, ptr, door, list(zip(legs, places, strict=True)))

    def seconds(self, drawn: Speeds) -> Ints64:
        """Return int64 (n_pairs,) whole seconds by the fastest mode."""
        best = np.full(len(self.door), UNREACHED, np.int64)
        for leg, pair in self.legs:
            best[pair] = np.minimum(best[pair], leg.seconds(drawn))
        return best

    def by_end(self, drawn: Speeds) -> Ints64:
        """Return int64 (n_ends,) whole seconds to the nearest door, UNREACHED where there is no way."""
        best = np.full(self.n_ends, UNREACHED, np.int64)
        np.minimum.at(best, np.repeat(np.arange(self.n_ends), np.diff(self.ptr)), self.seconds(drawn))
        return best

    def by_door(self, drawn: Speeds, n_doors: int) -> Ints64:
        """Return int64 (n_doors,) whole seconds to the nearest end, UNREACHED where there is no way."""
        best = np.full(n_doors, UNREACHED, np.int64)
        np.minimum.at(best, self.door, self.seconds(drawn))
        return best


@dataclass(frozen=True, slots=True, eq=False)
class CellLegs:
    """Ways between cells and doors on straight lines, before the cells are land."""

    mode: Mode
    row: Ints64
    column: Ints64
    door: Ints64
    metres: Floats

    def on(self, land: Land) -> StraightLegs:
        """Return those whose cell is land."""
        at, known = find_keys(cell_keys(land.row, land.column), cell_keys(self.row, self.column))
        return StraightLegs(self.mode, at[known], self.door[known], self.metres[known])


def legs_to_cells(
    grid: Grid, doors: Doors, modes: Sequence[Sequence[Mode]], reach_m: Mapping[str, float] | None = None
) -> list[CellLegs]:
    """Return the ways between cells and doors by each door's own modes: within the caps, or within `reach_m` instead.

    `reach_m`: straight metres by mode.
    """
    parts: dict[str, list[tuple[Ints64, Ints64, Ints64, Floats]]] = {}
    used = {mode.name: mode for mine in modes for mode in mine}
    for k, (x, y) in enumerate(zip(*(a.tolist() for a in grid.project(doors.lon, doors.lat)), strict=True)):
        radius = {m.name: m.reach_m(m.cap_s) if reach_m is None else reach_m[m.name] for m in modes[k]}
        if not radius:
            continue
        row, column, metres = disc_cells(grid, x, y, max(radius.values()))
        for mode in modes[k]:
            near = mode_seconds(mode, metres) != UNREACHED if reach_m is None else metres <= radius[mode.name]
            found = row[near], column[near], np.full(int(near.sum()), k, np.int64), metres[near]
            parts.setdefault(mode.name, []).append(found)
    return [
        CellLegs(used[name], *(np.concatenate(column) for column in zip(*found, strict=True)))
        for name, found in sorted(parts.items())
    ]


def legs_between(doors: Doors, centres: Doors, modes: Sequence[Sequence[Mode]]) -> list[StraightLegs]:
    """Return the ways between station doors in the city and its centres, within the caps."""
    from pyproj import Geod

    parts: dict[str, list[tuple[Ints64, Ints64, Floats]]] = {}
    used = {mode.name: mode for mine in modes for mode in mine}
    n = len(centres)
    for k in range(len(doors)):
        start = np.full(n, doors.lon[k]), np.full(n, doors.lat[k])
        metres = np.asarray(Geod(ellps="WGS84").inv(*start, centres.lon, centres.lat)[2])
        for mode in modes[k]:
            near = np.flatnonzero(mode_seconds(mode, metres) != UNREACHED)
            parts.setdefault(mode.name, []).append((near, np.full(len(near), k, np.int64), metres[near]))
    return [
        StraightLegs(used[name], *(np.concatenate(column) for column in zip(*found, strict=True)))
        for name, found in sorted(parts.items())
    ]
