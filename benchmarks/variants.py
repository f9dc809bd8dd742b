"""Other ways to compute the same profiles, for the choice of the algorithm.

All four answer one question (free number of rides, before the first transfer): per station the Pareto journeys
(departure, arrival) that start by boarding a train there. They differ in one thing each:

- `scan_back` with `linear`: the package's method, backward, searching a profile from its end; in one plain function;
- `scan_back` with `binary`: the same, searching by bisection;
- `scan_forward`: forward from the target in mirrored time, with two profiles a station (arrived by train, ready to
  board) in which a journey is inserted wherever it belongs, and a pointer into each that only moves on.

They scan connections of no duration once, so they are for timetables without any (`has_repeats`).
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from railshed.kernels.types import ALIGHT, ARRIVAL, BOARD, DEPARTURE, FLAGS, FROM, NEVER, REPEAT, RUN, TO
from railshed.routing.directions import Direction
from railshed.routing.journeys import Compiled
from railshed.util.units import DAY

#: a kernel second of one direction of time plus the same second of the other
MIRROR = 3 * DAY


class Profiles(NamedTuple):
    """Profiles: the variants hold both columns side by side in `entries`, the package apart."""

    ptr: NDArray[np.uint32]
    count: NDArray[np.uint32]
    entries: NDArray[np.uint32]
    arrival: NDArray[np.uint32] | None = None


def has_repeats(compiled: Compiled) -> bool:
    """Return whether a connection of no duration occurs."""
    return bool((compiled.to.connections[:, FLAGS] & REPEAT).any())


@functools.cache
def span_of(compiled: Compiled, direction: Direction, earliest: int, latest: int) -> tuple[int, int]:
    """Return the connections [first, last) that depart in [earliest, latest] (kernel seconds); kept, so not timed."""
    departures = compiled.timetable(direction).connections[:, DEPARTURE].astype(np.int64)
    first, last = np.searchsorted(departures, [earliest, latest + 1])
    return int(first), int(last)


@njit(nogil=True)
def linear(entries, base, size, ready, limit):  # type: ignore[no-untyped-def]
    """Return the arrival of the first journey that departs at `ready` or later, at most `limit`: from the end."""
    k = base + size
    while k > base:
        k -= np.uint64(1)
        if entries[k, 1] >= limit:
            return limit
        if entries[k, 0] >= ready:
            return entries[k, 1]
    return limit


@njit(nogil=True)
def binary(entries, base, size, ready, limit):  # type: ignore[no-untyped-def]
    """Return the same by bisection: departures fall along the profile."""
    low, high = np.uint64(0), np.uint64(size)
    while low < high:
        middle = (low + high) >> np.uint64(1)
        if entries[base + middle, 0] >= ready:
            low = middle + np.uint64(1)
        else:
            high = middle
    if low == np.uint64(0):
        return limit
    return min(limit, entries[base + low - np.uint64(1), 1])


def make_scan_back(search: Callable[..., Any]) -> Callable[..., Profiles]:
    """Return the backward scan with one way of searching a profile."""

    @njit(nogil=True)
    def scan(connections, change_s, walk_ptr, walk_to, walk_s, offset_s, first, last, n_runs, bound_s, latest):  # type: ignore[no-untyped-def]
        n_stations = len(change_s)
        ptr = np.zeros(n_stations + 1, np.uint32)
        for i in range(first, last):
            if connections[i, FLAGS] & BOARD:
                ptr[connections[i, FROM] + np.uint32(1)] += np.uint32(1)
        for x in range(n_stations):
            ptr[x + 1] += ptr[x]
        count = np.zeros(n_stations, np.uint32)
        entries = np.empty((ptr[n_stations], 2), np.uint32)
        on_board = np.full(n_runs, NEVER, np.uint32)
        i = np.uint64(last)
        while i > np.uint64(first):
            i -= np.uint64(1)
            leaves = connections[i, DEPARTURE]
            run = connections[i, RUN]
            flags = connections[i, FLAGS]
            worst = np.uint32(min(leaves + bound_s, latest) + 1)
            best = on_board[run]
            if flags & ALIGHT:
                limit = min(best, worst)
                at = connections[i, ARRIVAL]
                to = connections[i, TO]
                if offset_s[to] != NEVER:
                    limit = min(limit, np.uint32(at + offset_s[to]))
                limit = np.uint32(
                    search(entries, np.uint64(ptr[to]), np.uint64(count[to]), np.uint32(at + change_s[to]), limit)
                )
                for w in range(walk_ptr[to], walk_ptr[to + np.uint32(1)]):
                    other = walk_to[w]
                    ready = np.uint32(at + walk_s[w])
                    limit = np.uint32(search(entries, np.uint64(ptr[other]), np.uint64(count[other]), ready, limit))
                if limit < min(best, worst):
                    best = limit
                    on_board[run] = best
            if best < worst and flags & BOARD:
                origin = connections[i, FROM]
                n = count[origin]
                k = np.uint64(ptr[origin]) + np.uint64(n)
                if n == 0 or best < entries[k - np.uint64(1), 1]:
                    if n > 0 and entries[k - np.uint64(1), 0] == leaves:
                        k -= np.uint64(1)
                    else:
                        count[origin] = n + np.uint32(1)
                    entries[k, 0] = leaves
                    entries[k, 1] = best
        return ptr, count, entries

    def run(
        compiled: Compiled, direction: Direction, offset_s: NDArray[np.uint32], earliest: int, latest: int, bound_s: int
    ) -> Profiles:
        first, last = span_of(compiled, direction, earliest, latest)
        timetable = compiled.timetable(direction)
        return Profiles(*scan(*timetable, offset_s, first, last, compiled.n_runs, bound_s, latest))

    return run


@njit(nogil=True)
def insert(entries, count, ptr, x, at, value):  # type: ignore[no-untyped-def]
    """Put (at, value) into the profile of `x`, both columns rising; return whether nothing there is as good."""
    base = np.uint64(ptr[x])
    end = base + np.uint64(count[x])
    one = np.uint64(1)
    j = end
    while j > base and entries[j - one, 0] > at:
        j -= one
    if j > base and entries[j - one, 1] >= value:
        return False
    if j > base and entries[j - one, 0] == at:
        j -= one
    e = j
    while e < end and entries[e, 1] <= value:
        e += one
    if e == j:
        k = end
        while k > j:
            entries[k, 0] = entries[k - one, 0]
            entries[k, 1] = entries[k - one, 1]
            k -= one
        count[x] += np.uint32(1)
    else:
        drop = e - j - one
        if drop > 0:
            for k in range(e, end):
                entries[k - drop, 0] = entries[k, 0]
                entries[k - drop, 1] = entries[k, 1]
            count[x] -= np.uint32(drop)
    entries[j, 0] = at
    entries[j, 1] = value
    return True


@njit(nogil=True)
def scan_ahead(connections, change_s, walk_ptr, walk_to, walk_s, offset_s, first, last, n_runs, bound_s, earliest, end):  # type: ignore[no-untyped-def]
    """Scan forward from the target; see `scan_forward`."""
    n_stations = len(change_s)
    ptr = np.zeros(n_stations + 1, np.uint32)
    for i in range(first, last):
        if connections[i, FLAGS] & ALIGHT:
            ptr[connections[i, TO] + np.uint32(1)] += np.uint32(1)
    ready_ptr = ptr.copy()
    for x in range(n_stations):
        for w in range(walk_ptr[x], walk_ptr[x + 1]):
            ready_ptr[walk_to[w] + np.uint32(1)] += ptr[x + 1]
    for x in range(n_stations):
        ptr[x + 1] += ptr[x]
        ready_ptr[x + 1] += ready_ptr[x]
    count = np.zeros(n_stations, np.uint32)
    ready_count = np.zeros(n_stations, np.uint32)
    at_pointer = np.zeros(n_stations, np.uint32)
    entries = np.empty((ptr[n_stations], 2), np.uint32)
    ready = np.empty((ready_ptr[n_stations], 2), np.uint32)
    on_board = np.zeros(n_runs, np.uint32)
    for i in range(np.uint64(first), np.uint64(last)):
        leaves = connections[i, DEPARTURE]
        run = connections[i, RUN]
        flags = connections[i, FLAGS]
        best = on_board[run]
        if flags & BOARD:
            f = connections[i, FROM]
            if offset_s[f] != NEVER:
                best = max(best, np.uint32(leaves - offset_s[f]))
            n = ready_count[f]
            if n > 0:
                base = np.uint64(ready_ptr[f])
                p = min(at_pointer[f], n)
                while p < n and ready[base + p, 0] <= leaves:
                    p += np.uint32(1)
                at_pointer[f] = p
                if p > 0:
                    best = max(best, ready[base + p - np.uint64(1), 1])
        if best >= earliest:
            on_board[run] = best
            at = connections[i, ARRIVAL]
            if flags & ALIGHT and at - best <= bound_s and at <= end:
                to = connections[i, TO]
                if insert(entries, count, ptr, to, at, best):
                    insert(ready, ready_count, ready_ptr, to, np.uint32(at + change_s[to]), best)
                    for w in range(walk_ptr[to], walk_ptr[to + np.uint32(1)]):
                        insert(ready, ready_count, ready_ptr, walk_to[w], np.uint32(at + walk_s[w]), best)
    return ptr, count, entries


def scan_forward(
    compiled: Compiled, direction: Direction, offset_s: NDArray[np.uint32], earliest: int, latest: int, bound_s: int
) -> Profiles:
    """Return the profiles in mirrored time: entries (mirror - departure, mirror - arrival), both rising."""
    other: Direction = "from" if direction == "to" else "to"
    begin, end = MIRROR - latest, MIRROR - earliest
    first, last = span_of(compiled, other, begin, end)
    timetable = compiled.timetable(other)
    return Profiles(*scan_ahead(*timetable, offset_s, first, last, compiled.n_runs, bound_s, begin, end))


def flat_pairs(profiles: Profiles, *, mirrored: bool = False) -> NDArray[np.int64]:
    """Return int64 (n_journeys, 3) rows (station, departure, arrival), by station, latest departure first."""
    if profiles.arrival is not None:
        profiles = Profiles(profiles.ptr, profiles.count, np.column_stack([profiles.entries, profiles.arrival]))
    count = profiles.count.astype(np.int64)
    station = np.repeat(np.arange(len(count)), count)
    before = np.cumsum(count) - count
    place = np.arange(len(station)) - before[station] + profiles.ptr[station].astype(np.int64)
    times = profiles.entries[place].astype(np.int64)
    return np.column_stack([station, MIRROR - times if mirrored else times])
