"""The schedule-based engine: a network compiled for one service day, and its journeys; the only
door to its kernels.

Profiles live in kernel time (see `directions`); every function here takes and gives clock seconds.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from railshed.kernels import edited_timetable, journey, profile_scan, timetable_cut
from railshed.kernels.dijkstra import Graph, one_to_all
from railshed.kernels.timetable_cut import Hops
from railshed.kernels.types import (
    ARRIVAL,
    DEPARTURE,
    FROM,
    NEVER,
    RUN,
    TO,
    Departures,
    Profiles,
    Query,
    Timetable,
)
from railshed.network.fingerprint import fingerprint_of
from railshed.network.model import Network
from railshed.network.route_types import are_trains
from railshed.network.trip_series import first_run_of, first_runs, ranges, rows_of, served_by
from railshed.routing import profiles as pareto
from railshed.routing.directions import Direction, to_kernel_time
from railshed.routing.profiles import MIN_BOUND_S, Ride, TracedJourney, Views, Walks, Window
from railshed.util.array_types import Bools, Ints32, Ints64, Uints32
from railshed.util.cache import arrays_of

#: connections cut out of a timetable, and their places in it
Cut = tuple[Uints32, Uints32]


@dataclass(frozen=True, eq=False)
class Compiled:
    """A network cast for the kernels on one service date."""

    network: Network
    date: dt.date
    to: Timetable
    from_: Timetable
    n_runs: int
    #: int32 (n_runs,) index into Network.trips of each run; a trip that runs on D and D+1 is two
    #: runs
    run_trip: Ints32
    #: int32 (n_runs,) seconds added to the trip's clock times: whole days, an hour off where the
    #: clock changes
    run_shift: Ints32
    #: what it was made by, apart from the network: names what is made of both in the cache; ""
    #: where that is unknown
    made_by: str = ""
    #: by direction, see `hops`
    _hops: dict[Direction, tuple[Graph, Bools, Hops]] = field(
        default_factory=dict, init=False, repr=False
    )
    #: by direction, see `departures`
    _departures: dict[Direction, Departures] = field(default_factory=dict, init=False, repr=False)
    #: by direction, first and last connection, see `profile_offsets`
    _offsets: dict[object, tuple[Uints32, bool]] = field(
        default_factory=dict, init=False, repr=False
    )

    def for_network(self, network: Network) -> Compiled:
        """Return the same timetable for a network that differs in its cities, or in the ways to
        stations, alone.
        """
        found = replace(self, network=network)
        found._hops.update(self._hops)
        return found

    def timetable(self, direction: Direction) -> Timetable:
        """Return the arrays of one direction of time."""
        return self.to if direction == "to" else self.from_

    @property
    def schedule(self) -> Compiled:
        """This network: its trips have clock times."""
        return self

    @property
    def waits(self) -> None:
        """None: waits follow from the timetable."""

    def walks_of(self, direction: Direction) -> Walks:
        """Return the transfers out of each station in one direction of time: CSR offsets, stations,
        seconds.
        """
        timetable = self.timetable(direction)
        return timetable.walk_ptr, timetable.walk_to, timetable.walk_s

    def served_stations(self) -> Bools:
        """Return bool (n_stations,): where a trip of the day calls; read-only."""
        return self._calls[0]

    def train_stations(self) -> Bools:
        """Return bool (n_stations,): where a train of the day calls, intercity or suburban;
        read-only.
        """
        return self._calls[1]

    @cached_property
    def _calls(self) -> tuple[Bools, Bools]:
        found = []
        for runs in (self.run_trip, self.run_trip[self.train_runs]):
            today = np.zeros(self.network.n_trips, bool)
            today[runs] = True
            found.append(served_by(self.network, today))
            found[-1].flags.writeable = False
        return found[0], found[1]

    def count_calls(self, trips: Ints32 | Ints64) -> Ints64:
        """Return int64 (2, n_stations): calls of these trips, each counted once, and of those that
        are trains.
        """
        of, like = first_run_of(self.network, np.unique(trips).astype(np.int64))
        some, n = np.unique(like, return_counts=True)
        calls = first_runs(self.network)[1]
        rows = rows_of(calls, some)
        at = calls.station_idx[rows]
        which = np.searchsorted(some, calls.trip_idx[rows])
        each = (times[which] for times in (n, n * are_trains(of.route_types[some])))
        return np.array([np.bincount(at, times, self.network.n_stations) for times in each]).astype(
            np.int64
        )

    @cached_property
    def train_runs(self) -> Bools:
        """bool (n_runs,): runs of intercity and suburban trains."""
        trips, like = first_run_of(self.network, self.run_trip)
        return are_trains(trips.route_types)[like]

    def without_runs(self, direction: Direction, runs: Bools) -> Compiled:
        """Return the network without these runs in one direction of time; stations and
        walks stay.
        """
        connections = self.timetable(direction).connections
        return self.with_connections(
            direction, edited_timetable.edited_connections(connections, runs, connections[:0])
        )

    def with_connections(self, direction: Direction, connections: Uints32) -> Compiled:
        """Return the network with other connections in one direction of time; stations and walks
        stay.
        """
        table = self.timetable(direction)._replace(connections=connections)
        if direction == "to":
            return replace(self, to=table, made_by="")
        return replace(self, from_=table, made_by="")

    def _cached(self, what: str, make: Callable[[], Sequence[NDArray[Any]]]) -> list[NDArray[Any]]:
        return (
            arrays_of(self.network, f"{what} of {self.made_by}", make)
            if self.made_by
            else list(make())
        )

    def hops(self, direction: Direction) -> tuple[Graph, Bools, Hops]:
        """Return the graph of the day's fastest hops and of the walks, which edges are walks, and
        the hops; cached.

        Edges go against the way of the timetable.
        """
        if direction not in self._hops:
            table = self.timetable(direction)
            n = self.network.n_stations
            connections = table.connections
            hops = Hops(
                *self._cached(f"hops {direction}", lambda: timetable_cut.hops_of(connections, n))
            )
            walk_from = np.repeat(np.arange(n), np.diff(table.walk_ptr))
            tail = (hops.tail, walk_from)
            head = (hops.head, table.walk_to)
            seconds = hops.least_s, table.walk_s
            graph, order = graph_of(n, tail, head, seconds)
            self._hops[direction] = graph, order >= len(hops.tail), hops
        return self._hops[direction]

    def least_seconds(
        self,
        direction: Direction,
        ends: Mapping[int, int],
        bound_s: int,
        *,
        ride: float = 1.0,
        walk: float = 1.0,
    ) -> Ints64:
        """Return int64 (n_stations,) seconds to the nearest of `ends` over fastest hops and walks
        without waiting.

        `ends`: seconds from stations on, by station. No journey is faster; above `bound_s` they are
        not exact. `ride` and `walk` are factors of hops and walks.
        """
        graph, is_walk, _ = self.hops(direction)
        if (ride, walk) != (1.0, 1.0):
            edges = graph.edges.copy()
            edges[:, 1] = np.floor(edges[:, 1] * np.where(is_walk, walk, ride))
            graph = graph._replace(edges=edges)
        return least_seconds(graph, ends, bound_s)

    def cut(
        self,
        direction: Direction,
        ends: Mapping[int, int],
        bound_s: int = MIN_BOUND_S,
        *,
        ride: float = 1.0,
        walk: float = 1.0,
        between: Window | None = None,
    ) -> Compiled:
        """Return the network with the connections alone that a journey of at most `bound_s` to
        `ends` may use.

        `ends`: seconds from stations on, by station, which count for the bound. What
        `least_seconds` leaves out is in no such journey: the profiles to any of these stations
        within the bound are those of the whole network, in one direction of time, also where rides
        and walks take these factors of their time. `between`: kernel seconds of departure,
        inclusive; connections outside are left out too.
        """
        low = self.least_seconds(direction, ends, bound_s, ride=ride, walk=walk)
        left_s = np.where(
            low <= bound_s, ((bound_s - low + 1) / ride).astype(np.int64), -1
        )  # rides are rounded
        return self.with_connections(
            direction, self.useful_connections(direction, left_s, between)[0]
        )

    def useful_connections(
        self, direction: Direction, left_s: Ints64, between: Window | None = None
    ) -> Cut:
        """Return the connections that take at most the seconds left at the station where they end,
        and their places.

        `left_s` int64 (n_stations,), negative where none may end. `between`: kernel seconds of
        departure, inclusive.
        """
        rows, places = timetable_cut.useful_connections(*self._of_hops(direction, left_s, between))
        return rows, places

    def more_connections(
        self, direction: Direction, left_s: Ints64, between: Window, before_s: Ints64, before: Cut
    ) -> Uints32:
        """Return the useful connections, and all of `before`, which are those of `before_s`."""
        of_hops = self._of_hops(direction, left_s, between)
        return np.asarray(timetable_cut.more_connections(*before, before_s, *of_hops))

    def _of_hops(
        self, direction: Direction, left_s: Ints64, between: Window | None
    ) -> tuple[Any, ...]:
        connections = self.timetable(direction).connections
        *_, hops = self.hops(direction)
        first, last = (0, len(connections)) if between is None else departing(connections, between)
        return connections, hops, left_s, first, last

    def departures(self, direction: Direction) -> Departures:
        """Return the connections by the station that they leave, and the next of each one's run;
        found once.
        """
        if direction not in self._departures:
            connections = self.timetable(direction).connections
            n = self.network.n_stations
            self._departures[direction] = Departures(
                *journey.departures_of(connections, n, self.n_runs)
            )
        return self._departures[direction]

    def profile_offsets(self, direction: Direction, first: int, last: int) -> tuple[Uints32, bool]:
        """Return `profile_scan.profile_offsets` of the connections from `first` to
        `last`; cached.
        """
        key = direction, first, last
        if key not in self._offsets:
            connections = self.timetable(direction).connections
            self._offsets[key] = profile_scan.profile_offsets(
                connections, first, last, self.network.n_stations
            )
        return self._offsets[key]

    def fingerprint(self) -> str:
        """Return a hash of everything that figures come from: what the kernels see, stations,
        counties and people.

        Equal hashes give equal results; names, sources and the order of input rows do not matter.
        """
        return self._fingerprint

    @cached_property
    def _fingerprint(self) -> str:
        def make() -> list[NDArray[Any]]:
            arrays = [
                np.ascontiguousarray(array)
                for timetable in (self.to, self.from_)
                for array in timetable
            ]
            return [np.array([fingerprint_of(arrays, self.network)])]

        return str(self._cached("fingerprint", make)[0][0])

    def profiles(
        self,
        direction: Direction,
        targets: Mapping[int, int],
        span: Window,
        *,
        slack_s: int,
        bound_s: int = MIN_BOUND_S,
        max_transfers: int | None = None,
    ) -> Journeys:
        """Return the Pareto journeys of every station to (or from) the `targets`.

        Parameters
        ----------
        targets
            Seconds by station index: *to*, from the platform to where the journey ends (station
            exit, egress); *from*, from where it starts to the platform.
        span
            Clock seconds of the minutes that will be asked for, end exclusive.
        slack_s
            The largest slack that will be asked for.
        bound_s
            Journeys that take longer, slack apart, are not found.
        max_transfers
            Largest number of changes of train, exact; None: any number.

        Raises ParameterError when there is no target, or a number is out of range.
        """
        between = pareto.search_span(direction, span, slack_s, bound_s)
        return self.profiles_between(direction, targets, between, bound_s, max_transfers)

    def profiles_between(
        self,
        direction: Direction,
        targets: Mapping[int, int],
        between: Window,
        bound_s: int,
        max_transfers: int | None = None,
    ) -> Journeys:
        """Return `profiles` of journeys that leave and arrive between two kernel seconds,
        inclusive.
        """
        pareto.check_search(targets, max_transfers)
        timetable = self.timetable(direction)
        offset = pareto.end_offsets(*timetable[2:], targets)
        earliest, latest = between
        first, last = departing(timetable.connections, between)
        layers = 1 if max_transfers is None else max_transfers + 1
        query = Query(
            offset_s=offset,
            first=first,
            last=last,
            n_runs=self.n_runs,
            bound_s=bound_s,
            latest=latest,
            n_layers=layers,
        )
        ptr, repeats = self.profile_offsets(direction, first, last)
        if max_transfers is None:
            scan = profile_scan.scan_and_settle if repeats else profile_scan.scan_connections
        else:
            scan = profile_scan.scan_rides_and_settle if repeats else profile_scan.scan_rides
        count, profiles = scan(timetable, query, ptr)
        found = Profiles(
            *profile_scan.with_first_transfer(timetable, ptr, count, profiles, earliest, bound_s)
        )
        return Journeys(direction, found, bound_s, self, offset)


@dataclass(frozen=True, slots=True, eq=False)
class Journeys(Views):
    """The Pareto journeys of a timetable (at least one ride)."""

    compiled: Compiled
    #: uint32 (n_stations,) the targets' seconds, a last transfer included; NEVER elsewhere
    offset_s: Uints32
    #: none or one, see `least_s`
    _least: list[Ints64] = field(default_factory=list, init=False, repr=False)

    @property
    def schedule(self) -> Journeys:
        """These journeys: they have clock times."""
        return self

    def least_s(self) -> Ints64:
        """Return int64 (n_stations,) seconds to the nearest target over fastest hops without
        waiting; found once.
        """
        if not self._least:
            at = np.flatnonzero(self.offset_s != NEVER)
            ends = dict(zip(at.tolist(), self.offset_s[at].tolist(), strict=True))
            self._least.append(self.compiled.least_seconds(self.direction, ends, self.bound_s))
        return self._least[0]

    def rides(self, journeys: Sequence[tuple[int, int, int]]) -> list[list[Ride]]:
        """Return the rides of journeys between a station and the city: (station, departure,
        arrival), clock seconds.

        Ties are broken by fewest rides, then by order of departure and trip (`kernels.journey`). No
        rides where there is no such journey.
        """
        if not journeys:
            return []
        compiled = self.compiled
        direction = self.direction
        timetable = compiled.timetable(direction)
        asked = np.array(journeys, np.int64).reshape(-1, 3)
        turned = 1 if direction == "to" else -1
        zero = to_kernel_time(0, direction)
        asked[:, 1:] = np.sort(turned * asked[:, 1:] + zero, axis=1)
        ptr, found = journey.find_rides(
            timetable,
            compiled.departures(direction),
            offset_s=self.offset_s,
            least_s=self.least_s(),
            n_runs=compiled.n_runs,
            journeys=asked,
            max_rides=pareto.MORE_RIDES_THAN_ANY_JOURNEY,
        )
        on, off = (timetable.connections[found[:, end]].astype(np.int64) for end in (0, 1))
        clocks = [turned * (seconds - zero) for seconds in (on[:, DEPARTURE], off[:, ARRIVAL])]
        columns = (
            compiled.run_trip[on[:, RUN]],
            *[on[:, FROM], off[:, TO]][::turned],
            *clocks[::turned],
        )
        every = [Ride(*row) for row in zip(*(column.tolist() for column in columns), strict=True)]
        return [every[first:end][::turned] for first, end in pairwise(ptr.tolist())]

    def trace(
        self, at: Sequence[tuple[int, int]], slack_s: int, weight: float = 1.0
    ) -> list[TracedJourney | None]:
        """Return the journey that makes T of each (station, minute); None where there is none
        within the bound.

        Ties: fewest rides, then later departure, then order of departure and trip
        (`kernels.journey`).
        """
        pairs = [pareto.best_pairs(self, *one, slack_s, weight) for one in at]
        every = [
            (station, *pair) for (station, _), mine in zip(at, pairs, strict=True) for pair in mine
        ]
        rides = iter(self.rides(every))
        return [
            pareto.traced_journey(
                self.direction, minute, slack_s, [(next(rides), pair) for pair in mine], weight
            )
            for (_, minute), mine in zip(at, pairs, strict=True)
        ]

    def trace_next(self, rows: Sequence[tuple[int, int, int]]) -> list[TracedJourney | None]:
        """Return the first journey of each (station, minute, clock second) that leaves then or
        later; *to* the city.

        Its wait is that from the second to the departure. None where there is none within the
        bound.
        """
        station, minute, ready = np.array(rows, np.int64).reshape(-1, 3).T.copy()
        pairs = [
            (leaves, arrives)
            for leaves, arrives in self.next_journeys(minute, station, ready).tolist()
        ]
        rides = self.rides([(x, *pair) for x, pair in zip(station.tolist(), pairs, strict=True)])
        return [
            pareto.traced_journey("from", second, 0, [(mine, pair)] if mine else [])
            for second, mine, pair in zip(ready.tolist(), rides, pairs, strict=True)
        ]


def graph_of(
    n: int,
    tail: Sequence[NDArray[Any]],
    head: Sequence[NDArray[Any]],
    seconds: Sequence[NDArray[Any]],
) -> tuple[Graph, Ints64]:
    """Return the graph of edges by their ends, of several parts, and which edge stands at each
    place.
    """
    tails, heads, taken = (np.concatenate(parts) for parts in (tail, head, seconds))
    order = np.argsort(heads, kind="stable")
    ptr = np.zeros(n + 1, np.uint32)
    edges = np.empty((len(order), 2), np.uint32)
    ptr[1:] = np.cumsum(np.bincount(heads, minlength=n))
    edges[:, 0] = tails[order]
    edges[:, 1] = taken[order]
    return Graph(ptr, edges), order


def least_seconds(graph: Graph, ends: Mapping[int, int], bound_s: int) -> Ints64:
    """Return int64 (n_stations,) least seconds to the nearest of `ends`; not exact above
    the bound.
    """
    at = np.array(sorted(ends), np.uint32)
    own = np.array([ends[k] for k in sorted(ends)], np.uint32)
    return np.asarray(one_to_all(graph, at, own, bound_s), np.int64)


def compact(profiles: Profiles) -> Profiles:
    """Return the same profiles without unused room."""
    ptr = np.zeros(len(profiles.count) + 1, np.uint32)
    ptr[1:] = np.cumsum(profiles.count)
    at = np.repeat(profiles.ptr[:-1].astype(np.int64), profiles.count) + ranges(
        profiles.count.astype(np.int64)
    )
    return Profiles(ptr, profiles.count, profiles.departure[at], profiles.arrival[at])


def departing(connections: Uints32, between: Window) -> tuple[int, int]:
    """Return the first connection that departs between two kernel seconds, inclusive, and the one
    after the last.
    """
    departures = connections[:, DEPARTURE]
    return bisect_left(departures, between[0]), bisect_left(departures, between[1] + 1)
