"""Travel times between many points over a window: one origin at every minute, searched in one
connection scan.

Method and sentinels are those of `matrix`; the labels of a station are neighbours in memory, by
departure.
"""

from typing import NamedTuple

import numpy as np

from railshed.kernels.jit import kernel
from railshed.kernels.matrix import NOWHERE, UNSEEN, first_from, rides_of_second
from railshed.kernels.types import (
    ALIGHT,
    ARRIVAL,
    BOARD,
    DEPARTURE,
    FLAGS,
    FROM,
    NEVER,
    REPEAT,
    RUN,
    TO,
    U32,
)


class MinuteLabels(NamedTuple):
    """The labels of one origin, by departure."""

    #: uint16 (n_layers * n_stations, n_departures) seconds after the first departure: ready to
    #: board
    ready: np.ndarray
    #: uint16 (n_layers * n_stations, n_departures) the same: arrived by train
    arrived: np.ndarray
    #: uint32 (n_layers * n_stations,) how many departures, from the first, are ready at the current
    #: second
    n_ready: U32
    #: uint32 (n_layers * n_runs,) how many departures, from the first, are aboard
    n_aboard: U32


@kernel
def make_minute_labels(n_stations, n_departures, query):
    """Return room for the labels of one origin."""
    n_places = query.n_layers * n_stations
    n_rides = query.n_layers * query.n_runs
    return MinuteLabels(
        np.empty((n_places, n_departures), np.uint16),
        np.empty((n_places, n_departures), np.uint16),
        np.empty(n_places, np.uint32),
        np.empty(n_rides, np.uint32),
    )


@kernel
def least_of_rank(values, rank):
    """Return the entry at this place of the sorted row: uint16 `values` are counted, not moved.

    Bisection between the least and the largest value, each step one pass that counts.
    """
    low = np.uint16(NOWHERE)
    high = np.uint16(0)
    for value in values:
        low = min(low, value)
        high = max(high, value)
    while low < high:
        middle = np.uint16(low + (high - low) // np.uint16(2))
        n_within = np.uint16(0)
        for value in values:
            n_within += np.uint16(1) if value <= middle else np.uint16(0)
        if n_within > rank:
            high = middle
        else:
            low = np.uint16(middle + np.uint16(1))
    return low


def _make_minutes(settle):
    """Return the scan of a window, compiled with or without the code that settles seconds with
    REPEAT.
    """

    @kernel
    def minutes(timetable, query, leave, labels):
        """Fill the labels of one origin with all journeys that set out at one of the seconds
        `leave`.

        leave uint32 (n,) rising; labels are counted from its first. An earlier departure can wait
        for a later one, so labels rise with the departure: those ready at a station, aboard a run
        or improved by a train are the first departures, and one number counts them. A connection
        touches the labels it improves. Departures before `floor` left more than the bound ago:
        their labels are no longer updated.
        """
        connections, change_s, walk_ptr, walk_to, walk_s = timetable
        ready, arrived, n_ready, n_aboard = labels
        one = np.uint64(1)
        n_stations = np.uint64(len(change_s))
        n_runs = np.uint64(query.n_runs)
        n_layers = np.uint64(query.n_layers)
        n_connections = np.uint64(len(connections))
        n_leave = np.uint64(len(leave))
        counted = query.counted
        bound = np.uint32(query.bound_s)
        base = leave[0]
        horizon = np.uint32(leave[n_leave - one] - base + bound)
        floor = np.uint64(0)
        i = np.uint64(first_from(connections, base))
        begin = i
        end = i
        rides = np.empty(0, np.uint64)
        saved_aboard = np.empty(0, np.uint32)
        changed = False
        while i < n_connections and connections[i, DEPARTURE] - base <= horizon:
            if settle and i == end:
                begin = i
                end = i + one
                if connections[i, FLAGS] & np.uint32(REPEAT):
                    end, rides = rides_of_second(connections, i, n_runs, n_layers)
                    saved_aboard = n_aboard[rides]
                changed = False
            leaves = np.uint32(connections[i, DEPARTURE] - base)
            lands = np.uint32(connections[i, ARRIVAL] - base)
            flags = connections[i, FLAGS]
            to = np.uint64(connections[i, TO])
            while leave[floor] - base + bound < leaves:  # the last one ends with the horizon
                floor += one
            for layer in range(n_layers):
                tail = layer * n_stations + np.uint64(connections[i, FROM])
                run = layer * n_runs + np.uint64(connections[i, RUN])
                if flags & np.uint32(BOARD):
                    n = max(np.uint64(n_ready[tail]), floor)
                    while n < n_leave and ready[tail, n] <= leaves:
                        n += one
                    n_ready[tail] = n
                    n_aboard[run] = max(n_aboard[run], np.uint32(n))
                n = np.uint64(n_aboard[run])
                if flags & np.uint32(ALIGHT) and n > floor and lands <= horizon:
                    head = layer * n_stations + to
                    k = n
                    while k > floor and arrived[head, k - one] > lands:
                        k -= one
                        arrived[head, k] = lands
                    if k < n:
                        changed = True
                        if counted and layer + one == n_layers:
                            continue
                        onward = n_stations * (layer + one if counted else layer)
                        then = np.uint32(lands + change_s[to])
                        if then <= horizon:
                            k = n
                            while k > floor and ready[onward + to, k - one] > then:
                                k -= one
                                ready[onward + to, k] = then
                        for w in range(np.uint64(walk_ptr[to]), np.uint64(walk_ptr[to + one])):
                            then = np.uint32(lands + walk_s[w])
                            place = onward + np.uint64(walk_to[w])
                            if then <= horizon:
                                k = n
                                while k > floor and ready[place, k - one] > then:
                                    k -= one
                                    ready[place, k] = then
            i += one
            if settle and i == end and changed and connections[begin, FLAGS] & np.uint32(REPEAT):
                changed = False
                i = begin
                n_aboard[rides] = saved_aboard

    return minutes


minutes_once = _make_minutes(False)
minutes_settled = _make_minutes(True)


@kernel
def set_first_labels_by_minute(labels, access, query, origin, leave):
    """Fill the labels before the first ride: the access from the origin to the stations, for each
    departure.
    """
    labels.ready[:] = np.uint16(UNSEEN)
    labels.arrived[:] = np.uint16(UNSEEN)
    labels.n_ready[:] = np.uint32(0)
    labels.n_aboard[:] = np.uint32(0)
    n_stations = len(labels.n_ready) // query.n_layers
    for k in range(access.ptr[origin], access.ptr[origin + np.uint32(1)]):
        if access.seconds[k] <= query.bound_s:
            for layer in range(query.n_layers):
                place = np.uint64(layer * n_stations) + np.uint64(access.to[k])
                for m in range(len(leave)):
                    label = np.uint16(leave[m] - leave[0] + access.seconds[k])
                    labels.ready[place, m] = min(labels.ready[place, m], label)


@kernel
def write_arrivals_by_minute(arrived, egress, out):
    """Write to out[destination, departure] the earliest label there by train, UNSEEN or more where
    there is none.

    arrived uint16 (n_stations, n_departures); out uint16 (n_destinations, n_departures).
    """
    ptr, to, seconds = egress
    n_departures = out.shape[1]
    reached = np.zeros(len(arrived), np.bool_)
    for x in range(np.uint64(len(arrived))):
        for m in range(n_departures):
            reached[x] |= arrived[x, m] < UNSEEN
    for d in range(np.uint64(len(ptr) - 1)):
        best = out[d]
        best[:] = np.uint16(NOWHERE)
        for k in range(np.uint64(ptr[d]), np.uint64(ptr[d + np.uint64(1)])):
            x = np.uint64(to[k])
            if reached[x]:
                leg = np.uint16(seconds[k])
                from_here = arrived[x]
                for m in range(n_departures):
                    best[m] = min(best[m], np.uint16(from_here[m] + leg))


def _make_windows(settle):
    """Return the search; as in `matrix`, the closure has a bool."""

    @kernel
    def windows(timetable, query, access, egress, walk, origins, seconds, block, ranks, out):
        """Write to out[k, destination, p] the travel time at rank p of those when leaving at each
        of `seconds`.

        Arguments as `departures`; seconds uint32 (n_departures,) rising, searched in blocks of
        `block`, whose span and the bound fit LARGEST_LABEL; ranks int64 (n_ranks,) places among the
        sorted times (unreached last); out int32 (n, n_destinations, n_ranks).
        """
        n_destinations = len(egress.ptr) - 1
        n_departures = len(seconds)
        n_stations = len(timetable.change_s)
        n_places = query.n_layers * n_stations
        times = np.empty((n_destinations, n_departures), np.uint16)
        on_foot = np.empty(n_destinations, np.uint16)
        bound = np.uint16(query.bound_s)
        for k in range(len(origins)):
            o = origins[k]
            on_foot[:] = np.uint16(NOWHERE)
            for w in range(walk.ptr[o], walk.ptr[o + np.uint32(1)]):
                if walk.seconds[w] <= query.bound_s:
                    on_foot[walk.to[w]] = min(on_foot[walk.to[w]], np.uint16(walk.seconds[w]))
            for start in range(0, n_departures, block):
                leave = seconds[start : start + block]
                labels = make_minute_labels(n_stations, len(leave), query)
                there = np.empty((n_destinations, len(leave)), np.uint16)
                set_first_labels_by_minute(labels, access, query, o, leave)
                if settle:
                    minutes_settled(timetable, query, leave, labels)
                else:
                    minutes_once(timetable, query, leave, labels)
                write_arrivals_by_minute(labels.arrived[n_places - n_stations :], egress, there)
                for d in range(n_destinations):
                    for m in range(len(leave)):
                        taken = min(
                            np.uint16(there[d, m] - np.uint16(leave[m] - leave[0])), on_foot[d]
                        )
                        times[d, start + m] = taken if taken <= bound else np.uint16(NOWHERE)
            for d in range(n_destinations):
                for p in range(len(ranks)):
                    found = least_of_rank(times[d], ranks[p])
                    out[k, d, p] = found if found <= bound else NEVER

    return windows


windows_once = _make_windows(False)
windows_settled = _make_windows(True)
