"""Journeys on a frequency-based network: shortest seconds by the line that gives the clock, and
their profiles.

For each line and headway a bounded search on the graph of `link_graph` finds the shortest journey
in which that line is the least frequent. It leaves every headway, so each station has a family of
journeys a line, all of the same time. The Pareto journeys of a station are those of all its
families, before a first transfer too, and every travel time is the same view of them as with a
timetable. Journeys on one line are thus exactly those of a timetable with these departures; those
with a change have the wait assumed instead of the one that the clock would give.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from railshed.kernels.dijkstra import NONE, one_to_all, paths_to_all
from railshed.kernels.types import NEVER, Profiles
from railshed.network.fingerprint import fingerprint_of
from railshed.network.route_types import are_trains
from railshed.network.trip_series import ranges
from railshed.routing import profiles as pareto
from railshed.routing.directions import Direction, to_kernel_time
from railshed.routing.link_graph import AHEAD, BEHIND, NO_HEADWAY_S, Layers, LinkGraph, layers_of
from railshed.routing.profiles import MIN_BOUND_S, Ride, TracedJourney, Views, Walks, Window
from railshed.util.array_types import Bools, Ints32, Ints64, Uints32
from railshed.util.units import MINUTE, UNREACHED


@dataclass(frozen=True, slots=True, eq=False)
class GraphJourneys:
    """The Pareto journeys of a network of links; answers what `journeys.Journeys` does.

    There is one set of journeys for each draw of `Waits`: a draw is a network of its own, and the
    minutes of a window take the draws in turn. Counts of journeys are trains of the first lines,
    the median over draws.
    """

    compiled: LinkGraph
    direction: Direction
    bound_s: int
    targets: Mapping[int, int]
    max_transfers: int | None
    draws: tuple[Views, ...]

    def draws_of(self, minutes: Ints64) -> Ints64:
        """Return int64 (n,): the draw that answers for each clock minute."""
        return minutes // MINUTE % len(self.draws)

    def linked(self) -> Ints64:
        """Return the stations with journeys in any draw."""
        return np.flatnonzero(np.any([views.profiles.count for views in self.draws], axis=0))

    def travel_times(
        self, span: Window, slack_s: int, weight: float = 1.0, stations: Ints64 | None = None
    ) -> Ints32:
        """Return T_s as `profiles.Views.travel_times`."""
        minutes = pareto.minutes_of(span)
        n_stations = self.compiled.network.n_stations if stations is None else len(stations)
        out = np.full((n_stations, len(minutes)), UNREACHED, np.int32)
        for views, mine in self._shares(minutes):
            out[:, mine] = views.times_at(minutes[mine], slack_s, weight, stations)
        return out

    def least_at(self, minutes: Ints64, slack_s: int, weight: float = 1.0) -> Ints64:
        """Return int64 (n_stations,) as `profiles.Views.least_at`, of all draws."""
        found = [
            views.least_at(minutes[mine], slack_s, weight) for views, mine in self._shares(minutes)
        ]
        return np.asarray(np.min(found, axis=0), np.int64)

    def turn_up_cells(
        self,
        minutes: Ints64,
        ptr: Ints64,
        station: Ints64,
        pair_s: Ints64,
        ranks: Ints64,
        limits: Ints64,
    ) -> tuple[Ints32, Ints32]:
        """Return (ranked, served) by cell as `profiles.Views.turn_up_cells`."""
        if len(self.draws) == 1:
            return self.draws[0].turn_up_cells(minutes, ptr, station, pair_s, ranks, limits)
        values = []
        served = np.zeros((len(ptr) - 1, len(limits)), np.int32)
        for views, mine in self._shares(minutes):
            every = np.arange(len(mine), dtype=np.int64)
            ranked, within = views.turn_up_cells(minutes[mine], ptr, station, pair_s, every, limits)
            values.append(ranked)
            served += within
        return np.sort(np.concatenate(values, axis=1), axis=1)[:, ranks], served

    def turn_up_minutes(
        self, minutes: Ints64, ptr: Ints64, station: Ints64, pair_s: Ints64
    ) -> Uints32:
        """Return uint32 (n_cells, n_minutes) as `profiles.Views.turn_up_minutes`."""
        out = np.full((len(ptr) - 1, len(minutes)), UNREACHED, np.uint32)
        for views, mine in self._shares(minutes):
            out[:, mine] = views.turn_up_minutes(minutes[mine], ptr, station, pair_s)
        return out

    def next_journeys(self, minutes: Ints64, station: Ints64, ready: Ints64) -> Ints64:
        """Return int64 (n, 2) as `profiles.Views.next_journeys`, of the draw that answers for each
        of `minutes`.
        """
        out = np.full((len(minutes), 2), UNREACHED, np.int64)
        for views, mine in self._shares(minutes):
            out[mine] = views.next_journeys(minutes[mine], station[mine], ready[mine])
        return out

    def fastest(self) -> Ints64:
        """Return int64 (n_stations,) seconds of the fastest journey of all draws, UNREACHED where
        there is none.
        """
        return np.asarray(np.min([views.fastest() for views in self.draws], axis=0), np.int64)

    def summary(self, span: Window, extra_s: Ints64, limit_s: int) -> Ints32:
        """Return int32 (n_stations, 2) as `profiles.Views.summary`: trains by headway, and their
        largest gap.
        """
        return _median([views.summary(span, extra_s, limit_s) for views in self.draws])

    def cell_trips(
        self, span: Window, ptr: Ints64, station: Ints64, pair_s: Ints64, limit_s: int
    ) -> Ints32:
        """Return int32 (n_cells,) trains by headway as `profiles.Views.cell_trips`."""
        return _median(
            [views.cell_trips(span, ptr, station, pair_s, limit_s) for views in self.draws]
        )

    @property
    def schedule(self) -> None:
        """None: no journey has clock times."""

    def trace(
        self, at: Sequence[tuple[int, int]], slack_s: int, weight: float = 1.0
    ) -> list[TracedJourney | None]:
        """Return the same as `Journeys.trace`, of the draw of each minute; a ride's `trip_idx` is
        its line.

        Ties after the first hop: the path found first.
        """
        out = []
        for (station, minute), draw in zip(
            at, self.draws_of(np.array([m for _, m in at], np.int64)), strict=True
        ):
            pairs = pareto.best_pairs(self.draws[draw], station, minute, slack_s, weight)
            traced = [
                (rides, pair) for pair in pairs for rides in _trace(self, int(draw), station, pair)
            ]
            out.append(pareto.traced_journey(self.direction, minute, slack_s, traced, weight))
        return out

    def trace_next(self, rows: Sequence[tuple[int, int, int]]) -> list[TracedJourney | None]:
        """Return the same as `Journeys.trace_next`, of the draw of each minute."""
        station, minute, ready = np.array(rows, np.int64).reshape(-1, 3).T.copy()
        out = []
        pairs = self.next_journeys(minute, station, ready).tolist()
        for row, draw, (leaves, arrives) in zip(
            rows, self.draws_of(minute).tolist(), pairs, strict=True
        ):
            found = _trace(self, draw, row[0], (leaves, arrives)) if leaves != UNREACHED else []
            out.append(
                pareto.traced_journey(
                    "from", row[2], 0, [(rides, (leaves, arrives)) for rides in found]
                )
            )
        return out

    def _shares(self, minutes: Ints64) -> list[tuple[Views, Ints64]]:
        """Return each draw that answers for some of the minutes, with their places."""
        places = [
            (views, np.flatnonzero(self.draws_of(minutes) == k))
            for k, views in enumerate(self.draws)
        ]
        return [(views, mine) for views, mine in places if len(mine)]


def _median(counts: list[Ints32]) -> Ints32:
    """Return the median over draws, the lower of two."""
    return np.asarray(np.sort(counts, axis=0)[(len(counts) - 1) // 2], np.int32)


@dataclass(frozen=True, eq=False)
class CompiledGraph(LinkGraph):
    """A network of links compiled for the frequency-based engine; answers what `journeys.Compiled`
    does.
    """

    @property
    def schedule(self) -> None:
        """None: no trip has clock times."""

    def served_stations(self) -> Bools:
        """Return bool (n_stations,): where a line calls."""
        served = np.zeros(self.network.n_stations, dtype=bool)
        served[self.links.from_idx] = served[self.links.to_idx] = True
        return served

    def train_stations(self) -> Bools:
        """Return bool (n_stations,): where an intercity or suburban train calls."""
        served = np.zeros(self.network.n_stations, dtype=bool)
        mine = are_trains(self.links.route_types)
        served[self.links.from_idx[mine]] = served[self.links.to_idx[mine]] = True
        return served

    def fingerprint(self) -> str:
        """Return a hash of everything that figures come from, as
        `journeys.Compiled.fingerprint`.
        """
        links = self.links
        waits = self.waits
        arrays: list[NDArray[Any]] = [self.tail, self.head, self.seconds, self.hop, self.clocks]
        arrays += [self.hop_clock, *self.walks]
        arrays += [
            drawn(links, draw) for draw in waits.draws for drawn in (waits.of_hops, waits.phases)
        ]
        return fingerprint_of(arrays, self.network)

    def profiles(
        self,
        direction: Direction,
        targets: Mapping[int, int],
        span: Window,
        *,
        slack_s: int,
        bound_s: int = MIN_BOUND_S,
        max_transfers: int | None = None,
    ) -> GraphJourneys:
        """Return the Pareto journeys of every station to (or from) the `targets`, as
        `journeys.Compiled.profiles`.

        Raises ParameterError when there is no target, or a number is out of range.
        """
        pareto.check_search(targets, max_transfers)
        earliest, latest = pareto.search_span(direction, span, slack_s, bound_s)
        n_stations = self.network.n_stations
        layers = layers_of(self, direction, max_transfers)
        draws = []
        for draw in self.waits.draws:
            families = _families(layers, direction, draw, targets, bound_s)
            families = _with_transfers(families, self.walks_of(direction), bound_s)
            draws.append(
                Views(direction, profiles_of(n_stations, families, earliest, latest), bound_s)
            )
        return GraphJourneys(self, direction, bound_s, dict(targets), max_transfers, tuple(draws))


def _families(
    layers: Layers, direction: Direction, draw: int, targets: Mapping[int, int], bound_s: int
) -> Ints64:
    """Return int64 (n, 4) rows (station, a departure in kernel time, headway, seconds), a first
    transfer apart.
    """
    compiled = layers.compiled
    waits_s, phases = (
        draw_of(compiled.links, draw) for draw_of in (compiled.waits.of_hops, compiled.waits.phases)
    )
    sources = _sources(layers, direction, targets)
    weighted = layers.weighted(waits_s)
    ends = _ends(layers, direction)
    stations = np.arange(compiled.network.n_stations)
    rows = []
    best = np.full((len(compiled.links.line_ids), len(stations)), bound_s + 1)
    for clock, (line, headway) in enumerate(compiled.clocks.tolist()):
        found = one_to_all(layers.graph(weighted, clock), *sources, bound_s)
        taken = found[ends].min(axis=0).astype(np.int64)
        # reversed, a journey departs when it arrives
        departure = to_kernel_time(int(phases[line]), direction) - (
            0 if direction == "to" else taken
        )
        columns = np.broadcast_arrays(stations, departure, headway, taken)
        # a line's rarer trains are some of its frequent ones: they count where they are faster
        rows.append(np.column_stack(columns)[taken < best[line]])
        best[line] = np.minimum(best[line], taken)
    return np.concatenate(rows)


def _sources(
    layers: Layers, direction: Direction, targets: Mapping[int, int]
) -> tuple[Uints32, Uints32]:
    """Return the nodes from which the search starts at the city, with a transfer there, and their
    seconds.
    """
    compiled = layers.compiled
    offset_s = pareto.end_offsets(*compiled.walks_of(direction), targets)
    near = np.flatnonzero(offset_s != NEVER)
    nodes = (
        layers.nodes(near, BEHIND, ready=False)
        if direction == "to"
        else layers.nodes(near, AHEAD, ready=True)[:1]
    )
    return nodes.ravel().astype(np.uint32), np.tile(offset_s[near], len(nodes))


def _ends(layers: Layers, direction: Direction) -> Ints64:
    """Return int64 (n, n_stations) the nodes where a search has reached a station."""
    stations = np.arange(layers.compiled.network.n_stations)
    if direction == "to":
        return layers.nodes(stations, AHEAD, ready=True)[:1]
    return layers.nodes(stations, BEHIND, ready=False)


def _with_transfers(families: Ints64, walks: Walks, bound_s: int) -> Ints64:
    """Return the families with those at other stations that begin with a transfer, within the
    bound.
    """
    walk_ptr, walk_to, walk_s = walks
    walk_from = np.repeat(np.arange(len(walk_ptr) - 1), np.diff(walk_ptr))
    by_station = families[np.argsort(families[:, 0], kind="stable")]
    first = np.searchsorted(by_station[:, 0], walk_to, side="left")
    n_each = np.searchsorted(by_station[:, 0], walk_to, side="right") - first
    walk = np.repeat(np.arange(len(walk_to)), n_each)
    walked = by_station[first[walk] + ranges(n_each)]
    walked[:, 0] = walk_from[walk]
    walked[:, 1] -= walk_s[walk]
    walked[:, 3] += walk_s[walk]
    every = np.concatenate([families, walked])
    return every[every[:, 3] <= bound_s]


def profiles_of(n_stations: int, families: Ints64, earliest: int, latest: int) -> Profiles:
    """Return the Pareto journeys of families (station, a departure, headway, seconds) within
    [earliest, latest].

    A family without headway leaves every minute, so as to end on whole minutes.
    """
    station, departure, headway, taken = families.T
    departure = np.where(headway == 0, -taken, departure)
    headway = np.where(headway == 0, NO_HEADWAY_S, headway)
    first = earliest + (departure - earliest) % headway
    n_each = np.maximum(0, (latest - taken - first) // headway + 1)
    row = np.repeat(np.arange(len(families)), n_each)
    leaves = first[row] + ranges(n_each) * headway[row]
    reaches = leaves + taken[row]
    at = station[row]
    order = np.lexsort((reaches, -leaves, at))
    at = at[order]
    leaves = leaves[order]
    reaches = reaches[order]
    # a journey that leaves sooner must arrive sooner than all that leave later; stations are set
    # apart by a long time
    soonest = np.minimum.accumulate(reaches - at * (latest + 1))
    pareto = np.ones(len(at), dtype=bool)
    pareto[1:] = soonest[1:] < soonest[:-1]
    count = np.bincount(at[pareto], minlength=n_stations).astype(np.uint32)
    ptr = np.concatenate([[0], np.cumsum(count)]).astype(np.uint32)
    return Profiles(ptr, count, leaves[pareto].astype(np.uint32), reaches[pareto].astype(np.uint32))


def _trace(
    journeys: GraphJourneys, draw: int, station: int, pair: tuple[int, int]
) -> list[list[Ride]]:
    """Return the rides of the journeys of `station` with this (departure, arrival), one a clock
    that has such.
    """
    compiled = journeys.compiled
    direction = journeys.direction
    waits_s, phases = (
        draw_of(compiled.links, draw) for draw_of in (compiled.waits.of_hops, compiled.waits.phases)
    )
    layers = layers_of(compiled, direction, journeys.max_transfers)
    sources = _sources(layers, direction, journeys.targets)
    ends = _ends(layers, direction)
    ptr, to, walks_s = compiled.walks_of(direction)
    walks = slice(ptr[station], ptr[station + 1])
    near = [(station, 0), *zip(to[walks].tolist(), walks_s[walks].tolist(), strict=True)]
    found = []
    weighted = layers.weighted(waits_s)
    for clock, (line, headway) in enumerate(compiled.clocks.tolist()):
        seconds, came_by = paths_to_all(layers.graph(weighted, clock), *sources, journeys.bound_s)
        for place, walk_s in near:
            node = int(ends[seconds[ends[:, place]].argmin(), place])
            leaves_s = pair[0] + (walk_s if direction == "to" else 0)
            whole = pair[1] if direction == "to" else pair[0]
            runs = (
                whole % NO_HEADWAY_S == 0
                if headway == 0
                else (leaves_s - int(phases[line])) % headway == 0
            )
            if runs and int(seconds[node]) + walk_s == pair[1] - pair[0]:
                path = []
                while came_by[node] != NONE:
                    path.append(int(came_by[node]))
                    node = int(np.searchsorted(layers.ptr, path[-1], side="right")) - 1
                if direction == "from":
                    path = path[::-1]
                    leaves_s = leaves_s + int(seconds[node])
                found.append(_rides(layers, waits_s, leaves_s, path))
    return found


def _rides(layers: Layers, waits_s: Ints64, leaves_s: int, path: list[int]) -> list[Ride]:
    """Return the rides of a journey that is ready to board at a clock second and follows these
    edges.

    The wait for a line that comes before the one that gives the clock is added after it, before the
    next.
    """
    compiled = layers.compiled
    links = compiled.links
    n_stations = compiled.network.n_stations
    pays = layers.pays
    rides: list[Ride] = []
    now = leaves_s
    owed = 0
    behind = False
    line = start = boarded_s = 0
    for k in path:
        row = int(layers.edge[k])
        hop = int(compiled.hop[row])
        head = int(compiled.head[row])
        if compiled.boards[row]:
            behind = behind or layers.before[k] != layers.after[k]
            wait = int(waits_s[hop]) if pays[k] else 0
            now += owed + (wait if behind else 0)
            line = int(links.line_idx[hop])
            start = int(links.from_idx[hop])
            boarded_s = now
            owed = 0 if behind else wait
        elif head < n_stations:
            rides.append(Ride(line, start, head, boarded_s, now))
        now += int(compiled.seconds[row])
    return rides
