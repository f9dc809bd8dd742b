"""A plain search by rounds with the rules of ferrobus that no table of seconds on foot can tell.

They were read in the source of ferrobus 0.2.1; none of its code is here. Always: a walk between
stations begins where this round came earlier than anything before, walks too, so a ride to a
station that a walk had reached before ends there. At choice: `Rules`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from railshed.network.model import Network
from railshed.questions.reach.legs import Pairs, table_of
from railshed.util.units import UNREACHED
from tests.peers.porto_alegre import BOUND_S, DEPARTURE_S, Times

Ints = NDArray[np.int64]
RIDES = 8


class Lines(NamedTuple):
    """The trips of the day, grouped by route and by the stations called at, in the order of their
    first departure.
    """

    starts: Ints  # (n_lines + 1,) into `stations`
    stations: Ints  # stations of each line, in order of travel
    trips: Ints  # (n_lines + 1,) first trip of each line
    times: Ints  # (n_lines + 1,) into `arrival` and `departure`, which hold a row a trip
    arrival: Ints
    departure: Ints


class Rules(NamedTuple):
    """What else ferrobus does."""

    #: after rides stations are taken in the order of the feed; a walk begins with the time that one
    #: before it has set
    chained: bool
    #: who alights goes on when the train leaves again; where one boards, the train's arrival counts
    #: as one's own
    waits: bool


class State(NamedTuple):
    """What one search knows of each station."""

    best: Ints  # earliest arrival of all rounds
    arrival: Ints  # of this round
    ready: Ints  # when one may go on from there, of this round
    marked: NDArray[np.bool_]  # better than ever in this round


def lines_of(network: Network) -> Lines:
    """Return the lines of the network's day; an error where a trip overtakes another of
    its line.
    """
    trips, calls = network.trips, network.stop_times
    runs = np.array([s.runs_on(network.date) for s in network.services])[trips.service_idx]
    bounds = np.searchsorted(calls.trip_idx, np.arange(network.n_trips + 1))
    groups: dict[tuple[str, tuple[int, ...]], list[int]] = {}
    for k in np.flatnonzero(runs).tolist():
        called = tuple(calls.station_idx[bounds[k] : bounds[k + 1]].tolist())
        groups.setdefault((trips.route_ids[k], called), []).append(k)
    arrival, departure = [], []
    for key in sorted(groups):
        groups[key].sort(key=lambda k: (calls.departure_s[bounds[k]], trips.trip_ids[k]))
        rows = [slice(bounds[k], bounds[k + 1]) for k in groups[key]]
        one, two = (
            np.stack([calls.arrival_s[r] for r in rows]),
            np.stack([calls.departure_s[r] for r in rows]),
        )
        if (np.diff(one, axis=0) < 0).any() or (np.diff(two, axis=0) < 0).any():
            raise ValueError(f"trips of route {key[0]} overtake one another")
        arrival.append(one.ravel())
        departure.append(two.ravel())

    def ends(sizes: list[int]) -> Ints:
        return np.cumsum([0, *sizes], dtype=np.int64)

    order = sorted(groups)
    return Lines(
        ends([len(called) for _, called in order]),
        np.concatenate([called for _, called in order]).astype(np.int64),
        ends([len(groups[key]) for key in order]),
        ends([len(times) for times in arrival]),
        np.concatenate(arrival).astype(np.int64),
        np.concatenate(departure).astype(np.int64),
    )


@njit(nogil=True)
def _reach(state, k, arrival, ready):
    if arrival >= state.arrival[k]:
        return False
    state.arrival[k] = arrival
    state.ready[k] = ready
    if arrival >= state.best[k]:
        return False
    state.best[k] = arrival
    return True


@njit(nogil=True)
def _ride(lines, line, state, before, was, waits):
    low = lines.starts[line]
    n = lines.starts[line + 1] - low
    n_trips = lines.trips[line + 1] - lines.trips[line]
    row, start = -1, 0
    while start < n and not was[lines.stations[low + start]]:
        start += 1
    for i in range(start, n):
        k = lines.stations[low + i]
        if (
            row >= 0
            and not waits
            and _reach(state, k, lines.arrival[row + i], lines.arrival[row + i])
        ):
            state.marked[k] = True
        if row < 0 or before[k] < lines.departure[row + i]:
            for trip in range(n_trips):
                at = lines.times[line] + trip * n
                if lines.departure[at + i] >= before[k]:
                    row = at
                    break
        if (
            row >= 0
            and waits
            and _reach(state, k, lines.arrival[row + i], lines.departure[row + i])
        ):
            state.marked[k] = True


@njit(nogil=True)
def _walk(walks, state, chained):
    begins = state.ready if chained else state.ready.copy()
    fresh = np.zeros_like(state.marked)
    for k in np.flatnonzero(state.marked):
        for w in range(np.int64(walks.ptr[k]), np.int64(walks.ptr[k + 1])):
            to = np.int64(walks.to[w])
            at = begins[k] + np.int64(walks.seconds[w])
            if at < state.ready[to] and _reach(state, to, at, at):
                fresh[to] = True
    state.marked[fresh] = True


@njit(nogil=True)
def _search(lines, walks, state, source, second, rides, rules):
    state.best[:], state.arrival[:], state.ready[:], state.marked[:] = (
        UNREACHED,
        UNREACHED,
        UNREACHED,
        False,
    )
    state.marked[source] = _reach(state, source, second, second)
    _walk(walks, state, False)
    for _ in range(rides):
        before, was = state.ready.copy(), state.marked.copy()
        state.arrival[:], state.ready[:], state.marked[:] = UNREACHED, UNREACHED, False
        for line in range(len(lines.starts) - 1):
            _ride(lines, line, state, before, was, rules.waits)
        _walk(walks, state, rules.chained)


@njit(nogil=True)
def _all(lines, walks, access, egress, departure, rides, rules, out):
    n_stations = len(walks.ptr) - 1
    state = State(
        np.empty(n_stations, np.int64),
        np.empty(n_stations, np.int64),
        np.empty(n_stations, np.int64),
        np.empty(n_stations, np.bool_),
    )
    for row in range(len(access[0])):
        origin, source, seconds = access[0][row], access[1][row], access[2][row]
        _search(lines, walks, state, source, departure + seconds, rides, rules)
        for target in range(out.shape[1]):
            for e in range(np.int64(egress.ptr[target]), np.int64(egress.ptr[target + 1])):
                at = state.best[np.int64(egress.to[e])] + np.int64(egress.seconds[e]) - departure
                out[origin, target] = min(out[origin, target], at)


def search(
    lines: Lines,
    first: Pairs,
    egress: Pairs,
    direct: Pairs,
    walks: Pairs,
    shape: tuple[int, int],
    rules: Rules,
) -> Times:
    """Return the seconds between the points by at most 8 rides, each from its one station of
    `first`.

    `shape`: the numbers of points and of stations.
    """
    out = np.full((shape[0], shape[0]), UNREACHED, dtype=np.int64)
    out[direct[0], direct[1]] = direct[2]
    on_foot, last = table_of(walks, shape[1], BOUND_S), table_of(egress, shape[0], BOUND_S)
    _all(lines, on_foot, first, last, DEPARTURE_S, RIDES, rules, out)
    out[out > BOUND_S] = UNREACHED
    return out
