"""Incremental profile search: the stations whose profiles added trips improve, from those of a baseline.

Calls `kernels.incremental_scan`. Times are kernel time (see `compile`), as in profiles.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from railshed.assumptions.assumptions import Assumptions
from railshed.kernels import incremental_scan as kernels
from railshed.kernels.profile_scan import onward_transfers
from railshed.kernels.types import ARRIVAL, DEPARTURE, FLAGS, FROM, REPEAT, RUN, TO, Profiles, Timetable
from railshed.network.model import Network
from railshed.routing.compile import both_directions, change_times, connections_of, walks_between
from railshed.routing.directions import DIRECTIONS, Direction
from railshed.routing.journeys import Compiled, Journeys, compact, ready_to_board
from railshed.routing.profiles import Window, end_offsets
from railshed.util.array_types import Ints32, Ints64, Uints32, Uints64


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A compiled network with arrays for the search: run and head of every connection, and departures, by direction."""

    compiled: Compiled
    heads: Mapping[Direction, Uints32]
    departures: Mapping[Direction, Uints32]

    @classmethod
    def of(cls, compiled: Compiled) -> Prepared:
        """Return the arrays of a network, built once."""
        rows = {way: compiled.timetable(way).connections for way in DIRECTIONS}
        heads = {way: np.ascontiguousarray(rows[way][:, [RUN, TO]]) for way in DIRECTIONS}
        return cls(compiled, heads, {way: rows[way][:, DEPARTURE].copy() for way in DIRECTIONS})


@dataclass(frozen=True, slots=True, eq=False)
class Added:
    """Added trips in one direction of time, with arrays for the search."""

    timetable: Timetable
    departures: Uints32
    n_runs: int
    #: int64 (n_added,) first connection of the baseline that departs no earlier than each
    places: Ints64
    #: where one can board after arriving, `profile_scan.onward_transfers`
    onward: tuple[Uints64, Uints32, Uints32]
    #: CSR offsets and stations from where one walks to each
    walked_from: tuple[Uints32, Uints32]
    #: int64 (n,) new stations and those where added trips call, and where one can walk to or from these
    near: Ints64

    @classmethod
    def of(cls, prepared: Prepared, addition: Addition) -> dict[Direction, Added]:
        """Return the added trips by direction."""
        found: dict[Direction, Added] = {}
        for way, back in zip(DIRECTIONS, DIRECTIONS[::-1], strict=True):
            timetable, turned = addition.timetable(way), addition.timetable(back)
            departures = timetable.connections[:, DEPARTURE].copy()
            places = np.searchsorted(prepared.departures[way], departures).astype(np.int64)
            new = np.arange(prepared.compiled.network.n_stations, len(timetable.change_s), dtype=np.uint32)
            calls = np.unique(np.append(timetable.connections[:, [FROM, TO]], new))
            reached = [table.walk_to[_rows(table.walk_ptr, calls)] for table in (timetable, turned)]
            near = np.unique(np.concatenate([calls, *reached])).astype(np.int64)
            onward, walked_from = onward_transfers(*timetable[1:]), (turned.walk_ptr, turned.walk_to)
            found[way] = cls(timetable, departures, addition.n_runs, places, onward, walked_from, near)
        return found


def _rows(ptr: Uints32, which: Uints32) -> Ints64:
    """Return the places of all entries of some stations."""
    parts = [np.arange(ptr[x], ptr[x + 1]) for x in which.tolist()]
    return np.concatenate([np.empty(0, np.int64), *parts]).astype(np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Search:
    """A search of the baseline: its profiles, ready to board and with a first transfer."""

    direction: Direction
    targets: Mapping[int, int]
    boarding: Profiles
    journeys: Profiles
    offset_s: Uints32
    #: uint32 (n_stations,) seconds of the shortest journey when ready to board, or from arriving to the end
    least_s: Uints32

    @classmethod
    def of(cls, journeys: Journeys, targets: Mapping[int, int], span: Window, slack_s: int) -> Search:
        """Return the search that returned `journeys`, with its arguments."""
        compiled, direction = journeys.compiled, journeys.direction
        boarding = ready_to_board(compiled, direction, targets, span, slack_s=slack_s, bound_s=journeys.bound_s)
        least = journeys.offset_s.copy()
        station = np.repeat(np.arange(len(least)), boarding.count)
        np.minimum.at(least, station, boarding.arrival - boarding.departure)
        return cls(direction, targets, boarding, compact(journeys.profiles), journeys.offset_s, least)


@dataclass(frozen=True, slots=True, eq=False)
class ImprovedProfiles:
    """The stations whose profiles improve, and their whole profiles, in order of station."""

    #: int64 (n,) rising
    station: Ints64
    profiles: Profiles
    #: int64 (n,) seconds of the shortest of the journeys that improve
    least_s: Ints64


def find_improved(
    prepared: Prepared, search: Search, added: Mapping[Direction, Added], targets: Mapping[int, int], between: Window,
    bound_s: int,
) -> ImprovedProfiles | None:  # fmt: skip
    """Return which stations have better journeys that leave and arrive `between` kernel seconds, within `bound_s`.

    `targets` of the larger network: those of the baseline, unchanged, and perhaps more. Profiles are then those of
    a search of the larger network, as far as journeys within these bounds go. None where nothing improves.
    """
    direction = search.direction
    more, connections = added[direction], prepared.compiled.timetable(direction).connections
    n, n_old = len(more.timetable.change_s), len(search.offset_s)
    offset = end_offsets(*more.timetable[2:], targets)
    better = np.zeros(n, dtype=bool)
    better[:n_old] = offset[:n_old] < search.offset_s
    nearest = np.append(search.least_s, offset[n_old:])[more.near]
    if not better.any() and not (nearest <= bound_s).any():
        return None
    earliest, latest = between
    ends = np.array([max(earliest, 0), max(latest + 1, 0)], np.uint32)
    ranges = [
        int(at) for departures in (prepared.departures[direction], more.departures)
        for at in np.searchsorted(departures, ends)
    ]  # fmt: skip
    found, newest = kernels.scan_added(
        connections, prepared.heads[direction], more.timetable.connections, more.places, more.onward, more.walked_from,
        search.boarding, better, (offset, *ranges, more.n_runs, bound_s, latest),
    )  # fmt: skip
    if len(found) == 1 and n == n_old:
        return None
    station, least, *profiles = kernels.improved_profiles(
        found, newest, more.timetable[2:], search.boarding, search.journeys, between, bound_s
    )
    if not len(station):
        return None
    ptr = profiles[0]
    return ImprovedProfiles(station, Profiles(ptr, np.diff(ptr), *profiles[1:]), least.astype(np.int64))


@dataclass(frozen=True, slots=True, eq=False)
class Addition:
    """Trips added to a compiled network, whose stations and runs keep their numbers: those added follow."""

    #: the added trips alone, on all stations
    network: Network
    #: the added connections, with the changes and walks of all stations
    to: Timetable
    from_: Timetable
    #: runs of both together
    n_runs: int
    #: int32 (n_added_runs,) index into network.trips of each added run
    run_trip: Ints32
    #: whether the larger network has seconds with REPEAT
    repeats: bool

    def timetable(self, direction: Direction) -> Timetable:
        """Return the arrays of one direction of time."""
        return self.to if direction == "to" else self.from_


def heads_at_once(compiled: Compiled) -> dict[Direction, Ints64]:
    """Return by direction the stations where connections of no duration end."""
    found: dict[Direction, Ints64] = {}
    for direction in DIRECTIONS:
        rows = compiled.timetable(direction).connections
        found[direction] = np.unique(rows[rows[:, DEPARTURE] == rows[:, ARRIVAL], TO]).astype(np.int64)
    return found


def compile_addition(
    compiled: Compiled, network: Network, assumptions: Assumptions, at_once: Mapping[Direction, Ints64]
) -> Addition:
    """Return trips cast for the kernels, to be added to `compiled` (whose generated walks are on).

    `network` has these trips alone, on the compiled network's stations with new ones behind them; `at_once` is
    `heads_at_once` of the compiled network. Together they are the larger network compiled, with its rows in another
    order.
    """
    n_old = compiled.network.n_stations
    connections, run_trip, _ = connections_of(network, compiled.date)
    connections[:, RUN] += compiled.n_runs
    new = replace(network, stations=network.stations[n_old:])
    changes = np.concatenate([compiled.to.change_s, change_times(new, assumptions)])
    ptr = compiled.to.walk_ptr.astype(np.int64)
    old = np.repeat(np.arange(n_old), ptr[1:] - ptr[:-1])
    walks = np.concatenate([
        np.column_stack([old, compiled.to.walk_to, compiled.to.walk_s]).astype(np.int64),
        walks_between(network, assumptions, since=n_old),
    ])  # fmt: skip
    tables: dict[Direction, Timetable] = {}
    repeats = False
    for direction, (table, instant) in zip(DIRECTIONS, both_directions(connections, changes, *walks.T), strict=True):
        repeats |= bool(instant[at_once[direction]].any()) or bool((table.connections[:, FLAGS] & REPEAT).any())
        tables[direction] = table
    return Addition(network, tables["to"], tables["from"], compiled.n_runs + len(run_trip), run_trip, repeats)
