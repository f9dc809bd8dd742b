"""Access and egress along streets where they are known; straight lines elsewhere and for other
modes.

The station decides for every path. Where streets are known at its door (`coverage`), modes that use
streets go along them only, from the nearest node that the mode may use; the metres to it are walked
straight. Where no such node is near, that mode does not serve the door; `StreetAccess.snaps`
returns how far each door's nodes are. At the other end, a cell or centre, the same where streets
are known: a place with no street near is not reached (water, forest). Where they are not, the mode
itself goes on, straight, from the street nearest to that end. Where none are known at the station,
all its paths are straight lines, and so are those of modes on no street (metro). So no path crosses
a river known to have no bridge, and no land is lost for lack of a street file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal
from weakref import WeakKeyDictionary

import numpy as np

from railshed.access.coverage import EMPTY_DISC_M, TILE_M
from railshed.access.straight import (
    Access,
    Entrances,
    Paths,
    access_of_pairs,
    seconds_between,
    straight_access,
)
from railshed.access.street_graph import StreetGraph, street_graph, to_ticks, whole_seconds
from railshed.access.streets import Streets
from railshed.assumptions.assumptions import Assumptions, Mode
from railshed.cells.cell_keys import cell_keys, key_cells
from railshed.cells.grid import Grid
from railshed.cells.network_cells import NetworkCells
from railshed.network.model import FEEDERS
from railshed.util.array_types import Bools, Floats, Ints64
from railshed.util.cache import cached_arrays
from railshed.util.units import UNREACHED

Which = Literal["access", "egress", "door"]
#: a door is on the network of a mode when a node of it is within so many metres
DOOR_SNAP_M = 500.0
#: cells: three quarters of their edge, but at least and at most
_CELL_SNAP_M = (250.0, 500.0)
#: no street is faster than this; bounds the land that is searched around a door
FASTEST_KMH = 130.0
#: increased when the same streets and assumptions result in another table
_TABLE_VERSION = 3
#: cells along a side of the blocks for which coverage is computed
_BLOCK = 64
#: most tables of cells without a ride in memory, by city, mode and direction
_MOST_TABLES = 16


#: the other ends of paths: node, seconds from it, seconds of these walked; see `StreetAccess._ends`
_Ends = tuple[Ints64, Floats, Floats]


class _Known:
    """Results of a street network, computed once for all cities, modes and variants of a run."""

    def __init__(self, streets: Streets) -> None:
        self.coverage = streets.coverage
        self.top_kmh = float(streets.drive_kmh.max())
        self.fingerprint = streets.fingerprint()
        self.graphs: dict[object, StreetGraph] = {}
        self.blocks: dict[tuple[Grid, int], Bools] = {}
        self.nearest: dict[str, tuple[Ints64, ...]] = {}

    def cells(self, grid: Grid, row: Ints64, column: Ints64) -> Bools:
        """Return bool (n_cells,): whether streets are known at each cell's centre."""
        block, at = np.unique(cell_keys(row // _BLOCK, column // _BLOCK), return_inverse=True)
        if not len(block):
            return np.zeros(0, dtype=bool)
        blocks = np.stack([self._block(grid, key) for key in block.tolist()])
        found: Bools = blocks[at, row % _BLOCK, column % _BLOCK]
        return found

    def _block(self, grid: Grid, key: int) -> Bools:
        found = self.blocks.get((grid, key))
        if found is None:
            row0, column0 = (int(v[0]) * _BLOCK for v in key_cells(np.array([key])))
            row, column = np.meshgrid(
                row0 + np.arange(_BLOCK), column0 + np.arange(_BLOCK), indexing="ij"
            )
            lon, lat = grid.unproject(*grid.centre(row, column))
            found = self.coverage.contains(lon.ravel(), lat.ravel()).reshape(row.shape)
            self.blocks[grid, key] = found
        return found


#: of the streets in use; streets are never changed
_KNOWN: WeakKeyDictionary[Streets, _Known] = WeakKeyDictionary()


@dataclass(frozen=True, eq=False)
class StreetAccess:
    """Access and egress along streets, on straight lines where there are none."""

    assumptions: Assumptions
    streets: Streets | None = None

    @cached_property
    def _known(self) -> _Known:
        assert self.streets is not None
        known = _KNOWN.get(self.streets)
        return _KNOWN.setdefault(self.streets, _Known(self.streets)) if known is None else known

    def snaps(self, entrances: Entrances) -> tuple[Bools, dict[str, Floats]]:
        """Return whether streets are known at each door, and metres to each access mode's network,
        NaN if too far.
        """
        if self.streets is None:
            return self.on_streets(entrances), {}
        modes = {
            m.streets: m
            for f in sorted(set(entrances.feeders))
            for m in self._modes("access", f)
            if m.streets
        }
        snapped = {
            net: self.graph(mode).snap(entrances.lon, entrances.lat, DOOR_SNAP_M)
            for net, mode in modes.items()
        }
        return self.on_streets(entrances), {net: metres for net, (_, metres) in snapped.items()}

    def farthest_m(self, limit_s: int) -> float:
        """Return metres beyond which nothing is within the caps, nor within `limit_s` without a
        ride.
        """
        a = self.assumptions
        top_kmh = 0.0 if self.streets is None else FASTEST_KMH
        every = [
            (mode, mode.cap_s) for f in FEEDERS for mode in (*a.modes_at(f), *a.modes.values())
        ]
        straight = max(
            mode.reach_m(budget) for mode, budget in [*every, *((m, limit_s) for m, _ in every)]
        )
        return max(straight, limit_s * top_kmh / 3.6)

    def within_caps(
        self, cells: NetworkCells, entrances: Entrances, *, towards: bool = True
    ) -> Access:
        """Return the cells within the caps of the access modes of each door (a home station's).

        `towards`: from the cells to the entrances, else from the entrances to the cells.
        """
        return self._to_cells("access", cells, entrances, None, towards)

    def without_ride(
        self, cells: NetworkCells, entrances: Entrances, limit_s: int, *, towards: bool = True
    ) -> Access:
        """Return the cells within `limit_s` of doors without a ride, caps ignored; with streets of
        the nearest door.
        """
        return self._to_cells("door", cells, entrances, limit_s, towards)

    def _to_cells(
        self,
        which: Which,
        cells: NetworkCells,
        entrances: Entrances,
        limit_s: int | None,
        towards: bool,
    ) -> Access:
        straight, users = self._users(which, entrances)
        found = straight_access(cells, entrances, straight, limit_s)
        each = limit_s is None
        if not users:
            return found
        parts = [found.pairs()]
        for mode, uses in users:
            within_s = mode.cap_s if limit_s is None else limit_s
            *at, point, seconds = self._cells(
                cells.grid, entrances.take(uses), mode, within_s, towards, each=each
            )
            parts.append((cells.numbers(cell_keys(*at)), uses[point], seconds))
        if not each:
            parts = [(cell, np.zeros_like(door), seconds) for cell, door, seconds in parts]
        return access_of_pairs(parts, len(entrances) if each else 1)

    def known_cells(self, grid: Grid, row: Ints64, column: Ints64) -> Bools:
        """Return bool (n_cells,): whether streets are known at each cell's centre."""
        return (
            np.zeros(len(row), dtype=bool)
            if self.streets is None
            else self._known.cells(grid, row, column)
        )

    def cells_by_street(
        self,
        grid: Grid,
        row: Ints64,
        column: Ints64,
        entrances: Entrances,
        mode: Mode,
        limit_s: int,
        *,
        towards: bool,
    ) -> tuple[Bools, Ints64]:
        """Return whether streets are known at each cell, and its seconds along them to the nearest
        door.

        All false where streets are known at no door.
        """
        on = self.on_streets(entrances)
        inside = self.known_cells(grid, row, column) & bool(on.any())
        seconds = np.full(len(row), UNREACHED, np.int64)
        if inside.any():
            lon, lat = grid.unproject(*grid.centre(row[inside], column[inside]))
            ends = self.snapped(lon, lat, mode, _cell_snap_m(grid))
            doors = self._door_nodes(entrances.take(np.flatnonzero(on)), mode)
            seconds[inside] = self.graph(mode).nearest(
                doors, ends, limit_s, towards_sources=towards
            )
        return inside, seconds

    def cells_along(
        self, grid: Grid, entrances: Entrances, mode: Mode, limit_s: int, *, towards: bool
    ) -> tuple[Ints64, Ints64]:
        """Return (row, column) of the cells that one mode joins to the entrances on the streets
        within the limit.
        """
        on = np.flatnonzero(self.on_streets(entrances))
        if not len(on):
            return np.empty(0, np.int64), np.empty(0, np.int64)
        row, column, _, _ = self._cells(
            grid, entrances.take(on), mode, limit_s, towards, each=False
        )
        return row, column

    def paths_to_cells(
        self, grid: Grid, entrances: Entrances, mode: Mode, limit_s: int, *, towards: bool
    ) -> tuple[Ints64, Ints64, Paths]:
        """Return (row, column) of cells and the paths by one mode between them and each door,
        within the limit.
        """
        row, column = self._cells_near(grid, entrances, mode, limit_s)
        ends = self._cell_ends(grid, row, column, mode, limit_s)
        return row, column, self._paths(entrances, ends, mode, limit_s, towards_doors=towards)

    def paths_between(
        self, entrances: Entrances, centres: Entrances, mode: Mode, limit_s: int, *, towards: bool
    ) -> Paths:
        """Return the paths by one mode between entrances and centres (`towards` these, else back),
        within the limit.
        """
        ends = self._centre_ends(centres, mode)
        return self._paths(entrances, ends, mode, limit_s, towards_doors=not towards)

    def _paths(
        self, entrances: Entrances, ends: _Ends, mode: Mode, limit_s: int, *, towards_doors: bool
    ) -> Paths:
        start, walked = self.snapped(entrances.lon, entrances.lat, mode, DOOR_SNAP_M)
        own = walked + mode.overhead_s
        node, seconds, walked_s = ends
        door, target, ticks = self.graph(mode).ticks(
            (start, own), (node, seconds), limit_s, towards_sources=towards_doors
        )
        way = ticks - to_ticks(own)[door] - to_ticks(walked_s)[target]
        return Paths(door, target, way, walked[door], walked_s[target])

    def between(self, entrances: Entrances, centres: Entrances, *, towards: bool = True) -> Ints64:
        """Return int64 (n_doors, n_centres): seconds between station entrances in the city and its
        centres, capped.

        `towards`: from the entrances to the centres, else back. Modes are the egress modes at each
        door.
        """
        straight, users = self._users("egress", entrances)
        out = seconds_between(entrances, centres, straight)
        for mode, uses in users:
            doors = self._door_nodes(entrances.take(uses), mode)
            node, seconds, _ = self._centre_ends(centres, mode)
            source, target, ticks = self.graph(mode).ticks(
                doors, (node, seconds), mode.cap_s, towards_sources=not towards
            )
            np.minimum.at(out, (uses[source], target), whole_seconds(ticks))
        return out

    def _modes(self, which: Which, feeder: str) -> tuple[Mode, ...]:
        a = self.assumptions
        return {"access": a.modes_at, "egress": a.city_modes, "door": a.door_modes}[which](feeder)

    def _users(
        self, which: Which, entrances: Entrances
    ) -> tuple[Sequence[Sequence[Mode]], list[tuple[Mode, Ints64]]]:
        """Return each door's modes on straight lines, and the modes that use streets with the doors
        of each.
        """
        by_feeder = {feeder: self._modes(which, feeder) for feeder in set(entrances.feeders)}
        on = self.on_streets(entrances)
        modes = [by_feeder[feeder] for feeder in entrances.feeders]
        if not on.any():
            return modes, []
        return straight_modes(modes, on), list(users_by_mode(modes, on))

    def on_streets(self, entrances: Entrances) -> Bools:
        """Return bool (n_doors,): whether streets are known at each door."""
        if self.streets is None:
            return np.zeros(len(entrances), dtype=bool)
        return self._known.coverage.contains(entrances.lon, entrances.lat)

    def graph(self, mode: Mode) -> StreetGraph:
        """Return the streets of a mode at its speeds, built once."""
        fixed = None if mode.street_factor else mode.speed_kmh
        key = (mode.streets, fixed, mode.street_factor)
        graphs = self._known.graphs
        if key not in graphs:
            assert self.streets is not None
            factor = mode.street_factor or 1.0
            graphs[key] = street_graph(self.streets, mode.streets, fixed, speed_factor=factor)
        return graphs[key]

    def snapped(
        self, lon: Floats, lat: Floats, mode: Mode, within_m: float
    ) -> tuple[Ints64, Floats]:
        """Return nodes of points, -1 where none is near, and the seconds walked there."""
        node, metres = self.graph(mode).snap(lon, lat, within_m)
        walk = 3.6 / self.assumptions.modes["walk"].speed_kmh
        return node, np.where(node >= 0, np.nan_to_num(metres) * walk, 0.0)

    def _door_nodes(self, entrances: Entrances, mode: Mode) -> tuple[Ints64, Floats]:
        node, walked = self.snapped(entrances.lon, entrances.lat, mode, DOOR_SNAP_M)
        return node, walked + mode.overhead_s

    def _cell_ends(
        self, grid: Grid, row: Ints64, column: Ints64, mode: Mode, limit_s: int
    ) -> _Ends:
        lon, lat = grid.unproject(*grid.centre(row, column))
        return self._ends(
            lon, lat, self.known_cells(grid, row, column), mode, _cell_snap_m(grid), limit_s
        )

    def _centre_ends(self, centres: Entrances, mode: Mode) -> _Ends:
        return self._ends(
            centres.lon, centres.lat, self.on_streets(centres), mode, DOOR_SNAP_M, mode.cap_s
        )

    def _ends(
        self, lon: Floats, lat: Floats, known: Bools, mode: Mode, within_m: float, limit_s: int
    ) -> _Ends:
        """Return the other ends of paths: walked to a street that is near, or straight by the mode
        to the nearest.

        Nodes, -1 where no street is near; float64 (n,) seconds from them, and how many of these are
        walked.
        """
        node, walked = self.snapped(lon, lat, mode, within_m)
        node[~known] = -1
        walked[~known] = 0.0
        straight = np.zeros(len(node))
        far = np.flatnonzero(~known)
        if len(far):
            node[far], metres = self.graph(mode).snap(lon[far], lat[far], mode.reach_m(limit_s))
            straight[far] = np.nan_to_num(metres) * mode.seconds_per_metre()
        return node, walked + straight, walked

    def _cells(
        self,
        grid: Grid,
        entrances: Entrances,
        mode: Mode,
        limit_s: int,
        towards: bool,
        *,
        each: bool,
    ) -> tuple[Ints64, Ints64, Ints64, Ints64]:
        """Return (row, column, door, seconds) within the limit: by door, or of the nearest door
        (number 0).
        """

        def make() -> tuple[Ints64, ...]:
            row, column = self._cells_near(grid, entrances, mode, limit_s)
            node, away_s, _ = self._cell_ends(grid, row, column, mode, limit_s)
            doors = self._door_nodes(entrances, mode)
            graph = self.graph(mode)
            if each:
                door, target, ticks = graph.ticks(
                    doors, (node, away_s), limit_s, towards_sources=towards
                )
                return row[target], column[target], door, whole_seconds(ticks)
            nearest = graph.nearest(doors, (node, away_s), limit_s, towards_sources=towards)
            known = nearest <= limit_s
            return row[known], column[known], np.zeros(int(known.sum()), np.int64), nearest[known]

        key = self._key(grid, entrances, mode, limit_s, towards, each)
        tables = self._known.nearest
        found = tables.get(key)
        if found is None:
            found = tuple(cached_arrays(key, make))
            if not each:  # every surface needs it again
                tables[key] = found
                for old in list(tables)[:-_MOST_TABLES]:
                    tables.pop(old, None)
        row, column, door, seconds = found
        return row, column, door, seconds

    def _key(
        self, grid: Grid, entrances: Entrances, mode: Mode, limit_s: int, towards: bool, each: bool
    ) -> str:
        """Return a hash of everything that a table comes from."""
        walk = self.assumptions.modes["walk"].speed_kmh
        rules = (_TABLE_VERSION, DOOR_SNAP_M, _CELL_SNAP_M, walk, mode, limit_s, towards, each)
        digest = hashlib.sha256(repr((rules, grid)).encode())
        digest.update(repr((TILE_M, EMPTY_DISC_M)).encode())
        digest.update(
            self._known.fingerprint.encode() + entrances.lon.tobytes() + entrances.lat.tobytes()
        )
        return digest.hexdigest()

    def _cells_near(
        self, grid: Grid, entrances: Entrances, mode: Mode, limit_s: int
    ) -> tuple[Ints64, Ints64]:
        """Return the cells that a door may reach: within its disc at the top speed, and of the
        streets straight.
        """
        along = self._known.top_kmh * mode.street_factor if mode.street_factor else mode.speed_kmh
        top_kmh = max(min(along, FASTEST_KMH), 3.6 / mode.seconds_per_metre())
        radius = max(0, limit_s - mode.overhead_s) * top_kmh / 3.6
        beyond = mode.reach_m(limit_s) + 2 * TILE_M
        at_x, at_y = grid.project(entrances.lon, entrances.lat)
        x, y = grid.project(*self._known.coverage.rim())
        far = radius + 2 * TILE_M
        near = (
            (x > at_x.min() - far)
            & (x < at_x.max() + far)
            & (y > at_y.min() - far)
            & (y < at_y.max() + far)
        )
        edges = [
            np.array(
                [
                    max(v[near].min() - beyond, at.min() - far),
                    min(v[near].max() + beyond, at.max() + far),
                ]
            )
            for v, at in ((x, at_x), (y, at_y))
        ]  # the door's own tile is near
        (row0, row1), (column0, column1) = (a.tolist() for a in grid.index(edges[0], edges[1]))
        marked = np.zeros((row1 - row0 + 1, column1 - column0 + 1), dtype=bool)
        column_x, row_y = grid.centre(np.arange(row0, row1 + 1), np.arange(column0, column1 + 1))
        for px, py in zip(at_x.tolist(), at_y.tolist(), strict=True):
            rows, columns = (
                slice(*np.searchsorted(v, [p - radius, p + radius]).tolist())
                for v, p in ((row_y, py), (column_x, px))
            )
            marked[rows, columns] |= (
                np.hypot(column_x[columns] - px, (row_y[rows] - py)[:, None]) <= radius
            )
        row, column = np.nonzero(marked)
        return row + row0, column + column0


def _cell_snap_m(grid: Grid) -> float:
    return float(np.clip(0.75 * grid.size_m, *_CELL_SNAP_M))


def straight_modes(modes: Sequence[Sequence[Mode]], on: Bools) -> list[list[Mode]]:
    """Return the modes of each door that use straight lines."""
    return [[m for m in mine if not (on[k] and m.streets)] for k, mine in enumerate(modes)]


def users_by_mode(modes: Sequence[Sequence[Mode]], on: Bools) -> Iterator[tuple[Mode, Ints64]]:
    """Yield the modes that use streets at some door, by name, with the numbers of those
    entrances.
    """
    found = {m.name: m for k, mine in enumerate(modes) if on[k] for m in mine if m.streets}
    for mode in (found[name] for name in sorted(found)):
        yield mode, np.array([k for k in np.flatnonzero(on).tolist() if mode in modes[k]], np.int64)
