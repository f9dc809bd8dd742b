"""Another timetable as what it has more and less than a compiled one, and the journeys that differ.

Stations and runs of the compiled timetable keep their numbers, so its arrays serve again: the
connections that matter to a search are cut out of it, trips are taken out, others put in, and the
part is scanned anew. Calls `kernels.edited_timetable`. Times are kernel time (see `directions`), as
in profiles.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import compress
from weakref import WeakKeyDictionary

import numpy as np

from railshed.assumptions.assumptions import Assumptions
from railshed.kernels import edited_timetable as kernels
from railshed.kernels.dijkstra import Graph
from railshed.kernels.profile_views import fastest
from railshed.kernels.timetable_cut import Hops, hops_of
from railshed.kernels.types import ARRIVAL, DEPARTURE, FROM, RUN, TO, Profiles
from railshed.network.model import Network, StopTimes, Transfers, Trips
from railshed.network.ordering import int32, make_calls, take_trips
from railshed.network.timetable_merge import Merge
from railshed.network.trip_series import first_run_of, first_runs, rows_of
from railshed.routing.compile import (
    both_directions,
    change_times,
    connections_of,
    list_transfers,
    set_repeats,
)
from railshed.routing.directions import Direction
from railshed.routing.journeys import Compiled, Cut, compact, departing, graph_of, least_seconds
from railshed.routing.profiles import Window, end_offsets
from railshed.util.array_types import Bools, Ints64
from railshed.util.units import UNREACHED


@dataclass(frozen=True, eq=False)
class TimetableEdit:
    """What a timetable has other than a compiled one.

    Stations: those of the compiled one, then new ones.
    """

    base: Compiled
    #: the added trips alone, with the change times and walks of all stations; its runs follow those
    #: of the base
    added: Compiled
    #: bool (n_trips,) trips of the base that do not run any more
    gone: Bools
    #: bool (n_stations,) those whose times may differ from those of the base, new ones included
    differs: Bools
    #: bool (n_stations,) by direction: where another train can be boarded in the second of arrival
    instant: Mapping[Direction, Bools]
    #: by direction, see `least_seconds`
    _graphs: dict[Direction, Graph] = field(default_factory=dict, init=False, repr=False)

    @cached_property
    def gone_runs(self) -> Bools:
        """bool (n_runs,) runs that do not run any more, of all runs."""
        found = np.zeros(self.added.n_runs, dtype=bool)
        if self.gone.any():
            found[: self.base.n_runs] = self.gone[self.base.run_trip]
        return found

    @cached_property
    def near(self) -> Ints64:
        """int64 (n,) stations of which every journey that differs passes one, before what it has of
        the base alone.
        """
        calls = first_runs(self.base.network)[1]
        touched = self.differs.copy()
        gone = first_run_of(self.base.network, np.flatnonzero(self.gone))[1]
        touched[calls.station_idx[rows_of(calls, np.unique(gone))]] = True
        touched[self.added.to.connections[:, [FROM, TO]]] = True
        found = touched.copy()
        for table in (self.added.to, self.added.from_):
            found[table.walk_to[np.repeat(touched, np.diff(table.walk_ptr))]] = True
        return np.flatnonzero(found)

    def least_seconds(self, direction: Direction, ends: Mapping[int, int], bound_s: int) -> Ints64:
        """Return `Compiled.least_seconds` of all stations, of the timetable with all
        trips of both.
        """
        if direction not in self._graphs:
            self._graphs[direction] = self._graph(direction)
        return least_seconds(self._graphs[direction], ends, bound_s)

    def _graph(self, direction: Direction) -> Graph:
        n = len(self.differs)
        differs = self.differs
        table = self.added.timetable(direction)
        graph, is_walk, _ = self.base.hops(direction)
        head = np.repeat(np.arange(self.base.network.n_stations), np.diff(graph.ptr))
        tail, seconds = graph.edges.T
        new = Hops(*hops_of(table.connections, n))
        walk_from = np.repeat(np.arange(n), np.diff(table.walk_ptr))
        old = ~(is_walk & (differs[head] | differs[tail]))
        put = differs[walk_from] | differs[table.walk_to]
        return graph_of(
            n,
            (tail[old], new.tail, walk_from[put]),
            (head[old], new.head, table.walk_to[put]),
            (seconds[old], new.least_s, table.walk_s[put]),
        )[0]

    def count_calls(self, before: Ints64) -> Ints64:
        """Return `Compiled.count_calls` of the day of the edited timetable; `before`: that of the
        base.
        """
        found = self.added.count_calls(self.added.run_trip)
        gone = np.flatnonzero(self.gone_runs)
        found[:, : before.shape[1]] += before - self.base.count_calls(self.base.run_trip[gone])
        return found


def with_lines(base: Compiled, lines: Network, assumptions: Assumptions) -> TimetableEdit:
    """Return the edit that adds the trips of `network.lines.lines_apart`."""
    is_new = np.arange(lines.n_stations) >= base.network.n_stations
    return _edit(base, lines, np.zeros(base.network.n_trips, dtype=bool), is_new, assumptions)


def edit_of(base: Compiled, network: Network, assumptions: Assumptions) -> TimetableEdit | str:
    """Return what `network` has other than a compiled one, or why that is not known: "stations are
    taken away".
    """
    old = base.network
    if network.counties is not old.counties or network.population is not old.population:
        return "counties or people are others"
    if network.links is not None or network.timezone != old.timezone:
        return "the network is of another kind"
    index = old.station_index()
    n_old = old.n_stations
    at = np.array([index.get(s.station_id, -1) for s in network.stations], np.int64)
    new = at < 0
    if np.count_nonzero(~new) < n_old:
        return "stations are taken away"
    at[new] = n_old + np.arange(np.count_nonzero(new))
    stations = tuple(network.stations[k] for k in np.argsort(at).tolist())
    moved = [k for k, s in enumerate(old.stations) if s is not stations[k] and s != stations[k]]
    for one, other in ((old.stations[k], stations[k]) for k in moved):
        if (one.lon, one.lat, one.feeder) != (other.lon, other.lat, other.feeder):
            return f"the door of {one.name} is another"
    transfers = network.transfers
    walks = Transfers(
        *(int32(c) for c in (at[transfers.from_idx], at[transfers.to_idx], transfers.seconds))
    )
    gone, trips, calls = _changed_trips(old, network, at)
    calls = replace(calls, station_idx=int32(at[calls.station_idx]))
    apart = replace(network, stations=stations, trips=trips, stop_times=calls, transfers=walks)
    differs = np.arange(len(at)) >= n_old
    differs[[*moved, *_differing_ends(old.transfers, walks)]] = True
    return _edit(base, apart, gone, differs, assumptions)


def _edit(
    base: Compiled, network: Network, gone: Bools, differs: Bools, assumptions: Assumptions
) -> TimetableEdit:
    """Return the edit by the trips of `network` alone, which has all stations in the order of the
    edit.
    """
    connections, run_trip, run_shift = connections_of(network, base.date)
    connections[:, RUN] += base.n_runs
    changes = base.to.change_s
    ptr = base.to.walk_ptr.astype(np.int64)
    walks = np.column_stack(
        [np.repeat(np.arange(len(ptr) - 1), np.diff(ptr)), base.to.walk_to, base.to.walk_s]
    )
    if differs.any():
        changes = np.append(changes, np.zeros(network.n_stations - len(changes), np.uint32))
        changes[differs] = change_times(
            list(compress(network.stations, differs.tolist())), assumptions
        )
        made = _walks_of(base.network, network, assumptions, differs)
        walks = np.concatenate([walks[~differs[walks[:, :2]].any(axis=1)], made])
    (to, at_to), (from_, at_from) = both_directions(connections, changes, *walks.astype(np.int64).T)
    added = Compiled(
        network=network,
        date=base.date,
        to=to,
        from_=from_,
        n_runs=base.n_runs + len(run_trip),
        run_trip=run_trip,
        run_shift=run_shift,
    )
    return TimetableEdit(base, added, gone, differs, {"to": at_to, "from": at_from})


#: by base: rows of `list_transfers` from and to stations that edits change or add, by these
#: stations
_WALKS: WeakKeyDictionary[Network, dict[object, Ints64]] = WeakKeyDictionary()
_MOST_EDITS = 32


def _walks_of(base: Network, network: Network, assumptions: Assumptions, differs: Bools) -> Ints64:
    """Return rows (from, to, seconds) of the walks from and to stations that differ; found once for
    a plan's draws.
    """
    known = _WALKS.setdefault(base, {}) if network.transfers is base.transfers else {}
    key = differs.tobytes(), tuple(compress(network.stations, differs.tolist())), repr(assumptions)
    if (found := known.get(key)) is None:
        if len(known) >= _MOST_EDITS:
            known.clear()
        found = known[key] = np.column_stack(list_transfers(network, assumptions, True, of=differs))
    return found


def _changed_trips(old: Network, network: Network, at: Ints64) -> tuple[Bools, Trips, StopTimes]:
    """Return bool (n_old_trips,) trips that are no longer there as they were, and trips and calls
    that were not.

    Where the network was merged from the old one they are known; else trips of one id are compared,
    `at` is the old number of each station.
    """
    made: Merge | None = network.trips.origin
    if (
        made
        and made.base() is old
        and made is network.stop_times.origin
        and network.services == old.services
    ):
        return made.gone, made.trips, made.calls
    same = _places_of(network.trips.trip_ids, old)
    services = {service: k for k, service in enumerate(old.services)}
    service = np.array([services.get(s, -1) for s in network.services], np.int64)
    sides = old, network
    starts = [one.call_starts for one in sides]
    found = np.flatnonzero(same >= 0)
    mine = same[found]
    alike = service[network.trips.service_idx[found]] == old.trips.service_idx[mine]
    alike &= network.trips.route_types[found] == old.trips.route_types[mine]
    alike &= np.diff(starts[1])[found] == np.diff(starts[0])[mine]
    found = found[alike]
    mine = mine[alike]
    # neighbours on both sides are compared in one piece
    cuts = np.flatnonzero((np.diff(found) != 1) | (np.diff(mine) != 1)) + 1
    stays = np.zeros(network.n_trips, dtype=bool)
    for part, own in zip(np.split(found, cuts), np.split(mine, cuts), strict=True):
        if not len(part):
            continue
        rows, old_rows = (
            slice(s[p[0]], s[p[-1] + 1]) for s, p in ((starts[1], part), (starts[0], own))
        )
        now = network.stop_times
        was = old.stop_times
        differs = at[now.station_idx[rows]] != was.station_idx[old_rows]
        for name in StopTimes.__slots__[2:]:
            differs |= getattr(now, name)[rows] != getattr(was, name)[old_rows]
        stays[part] = True
        stays[np.unique(now.trip_idx[rows][differs])] = False
    gone = np.ones(old.n_trips, dtype=bool)
    gone[same[stays]] = False
    put = np.flatnonzero(~stays)
    calls = network.stop_times
    of_put = rows_of(calls, put)
    place = np.cumsum(~stays) - 1
    columns = (getattr(calls, name)[of_put] for name in StopTimes.__slots__[1:])
    return gone, take_trips(network.trips, put), make_calls(place[calls.trip_idx[of_put]], *columns)


def _places_of(ids: Sequence[str], old: Network) -> Ints64:
    """Return the number of each trip in the old network, -1 where it has none.

    Most follow one another there too, and are compared in pieces that grow; looking each up took
    four times as long.
    """
    known = old.trip_index
    others = old.trips.trip_ids
    found = np.full(len(ids), -1, np.int64)
    k = 0
    while k < len(ids):
        at = known.get(ids[k], -1)
        size = 1
        step = 1
        while at >= 0 and step and k + size < len(ids):
            piece = ids[k + size : k + size + step]
            if piece == others[at + size : at + size + step]:
                size = size + len(piece)
                step = 2 * step
            else:
                step //= 2
        if at >= 0:
            found[k : k + size] = np.arange(at, at + size)
        k += size
    return found


def _differing_ends(one: Transfers, other: Transfers) -> set[int]:
    """Return the stations of listed transfers that only one of the two has."""
    old, new = (np.column_stack([w.from_idx, w.to_idx, w.seconds]) for w in (one, other))
    if np.array_equal(old, new):
        return set()
    differing = set(map(tuple, old.tolist())) ^ set(map(tuple, new.tolist()))
    return {end for row in differing for end in row[:2]}


@dataclass(frozen=True, slots=True, eq=False)
class Search:
    """The journeys to some ends that leave and arrive between two seconds within a bound, and what
    they are made of.
    """

    compiled: Compiled
    direction: Direction
    targets: Mapping[int, int]
    between: Window
    bound_s: int
    max_transfers: int | None
    #: int64 (n_stations,) seconds left at each by the fastest hops, -1 beyond the bound; the
    #: connections within, and their places
    left_s: Ints64
    connections: Cut
    profiles: Profiles
    #: int64 (n_stations,) seconds of the shortest journey, or from getting off to the end,
    #: UNREACHED beyond the bound
    least_s: Ints64

    @classmethod
    def of(
        cls,
        compiled: Compiled,
        direction: Direction,
        targets: Mapping[int, int],
        between: Window,
        bound_s: int,
        max_transfers: int | None = None,
    ) -> Search:
        """Return the search of a timetable; arguments as `Compiled.profiles_between`."""
        left_s = _left_s(compiled.least_seconds(direction, targets, bound_s), bound_s)
        connections = compiled.useful_connections(direction, left_s, between)
        part = compiled.with_connections(direction, connections[0])
        found = part.profiles_between(direction, targets, between, bound_s, max_transfers)
        profiles = compact(found.profiles)
        least_s = np.minimum(fastest(profiles), np.minimum(found.offset_s, UNREACHED)).astype(
            np.int64
        )
        return cls(
            compiled=compiled,
            direction=direction,
            targets=targets,
            between=between,
            bound_s=bound_s,
            max_transfers=max_transfers,
            left_s=left_s,
            connections=connections,
            profiles=profiles,
            least_s=least_s,
        )

    def edited(self, edit: TimetableEdit, targets: Mapping[int, int]) -> ChangedProfiles | None:
        """Return the stations whose journeys an edit changes; None where there are none.

        `targets` of the edited network: those of the search, perhaps with other seconds, and
        perhaps more.
        """
        way = self.direction
        bound_s = self.bound_s
        table = edit.added.timetable(self.direction)
        n_new = len(table.change_s) - len(self.left_s)
        least_s = np.append(self.least_s, np.full(n_new, UNREACHED))
        least_s = np.minimum(least_s, end_offsets(*table[2:], targets))
        same_ends = targets == self.targets
        if same_ends and not (least_s[edit.near] <= bound_s).any():
            return None
        connections = self.connections[0]
        left_s = np.append(self.left_s, np.full(n_new, -1))
        if (
            len(table.connections) or edit.differs.any() or not same_ends
        ):  # fastest hops and walks may be others
            left_s = _left_s(edit.least_seconds(way, targets, bound_s), bound_s)
            left = left_s[: len(self.left_s)]
            if (left > self.left_s).any():
                connections = self.compiled.more_connections(
                    way, left, self.between, self.left_s, self.connections
                )
        first, last = departing(table.connections, self.between)
        added = table.connections[first:last]
        added = added[added[:, ARRIVAL] - added[:, DEPARTURE] <= left_s[added[:, TO]]]
        every = kernels.edited_connections(connections, edit.gone_runs, added)
        set_repeats(every, edit.instant[way])
        part = edit.added.with_connections(way, every)
        found = part.profiles_between(
            way, targets, self.between, bound_s, self.max_transfers
        ).profiles
        station, least = kernels.changed_profiles(self.profiles, found)
        return ChangedProfiles(station, least, found) if len(station) else None


@dataclass(frozen=True, slots=True, eq=False)
class ChangedProfiles:
    """The stations whose journeys differ after an edit."""

    #: int64 (n,) rising, and seconds of the shortest journey that only one of both timetables has
    station: Ints64
    least_s: Ints64
    #: of all stations, after the edit
    profiles: Profiles


def _left_s(low: Ints64, bound_s: int) -> Ints64:
    """Return the seconds left within the bound after the least ones, -1 beyond it."""
    return np.where(low <= bound_s, bound_s - low, -1)
