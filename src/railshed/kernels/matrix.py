"""Travel times between many points by foot and train: connection scans of 64 departures side by side.

Method: Dibbelt, Pajor, Strasser, Wagner, "Connection Scan Algorithm", J. Exp. Algorithmics 23 (2018), section 3
(earliest arrival), with the two labels a station of `staircase`: arrived by train, ready to board. A *lane* is one
origin at one departure second. The labels of 64 lanes lie side by side as uint16 seconds after a common second, so
that one pass over the connections serves them all and the inner loops become vector instructions: 64 origins at one
second, or one origin at 64 minutes of a window.
"""

from typing import NamedTuple

import numpy as np

from railshed.kernels.jit import kernel
from railshed.kernels.types import ALIGHT, ARRIVAL, BOARD, DEPARTURE, FLAGS, FROM, NEVER, REPEAT, RUN, TO, U32

#: departures that are searched side by side
LANES = 64
#: "not reached" in a label; no label plus a leg passes 2**16
UNSEEN = 40_000
#: labels above are not stored, and no leg to or from a train is longer: UNSEEN plus a leg fits uint16
LARGEST_LABEL, LONGEST_LEG = 32_000, 25_000
#: "not aboard" and, in a row of travel times, "above the bound": the largest uint16
NOWHERE = 2**16 - 1


class Table(NamedTuple):
    """Seconds from each point (origin or destination) to what lies within reach of it, in compressed rows."""

    #: uint32 (n_points + 1,) offsets
    ptr: U32
    #: uint32 (n_pairs,) station, or destination
    to: U32
    #: uint32 (n_pairs,) seconds, at most LONGEST_LEG
    seconds: U32


class Ask(NamedTuple):
    """What is searched for, the same for all lanes."""

    n_runs: int
    #: a journey takes at most this many seconds
    bound_s: int
    #: 1 where rides are free, else the largest number of rides
    n_layers: int
    #: rides are counted: layer k holds journeys of at most k + 1 rides
    counted: bool


class Labels(NamedTuple):
    """The room of a search, used again by the next."""

    #: uint16 (n_layers * n_stations, LANES) seconds after the common second: ready to board, in front of ride k + 1
    ready: np.ndarray
    #: uint16 (n_layers * n_stations, LANES) the same: arrived by train, with at most k + 1 rides
    arrived: np.ndarray
    #: uint32 (n_layers * n_stations,) the earliest of `ready`
    soonest: U32
    #: uint16 (n_layers * n_runs, LANES) NOWHERE where the traveller is aboard, else 0
    aboard: np.ndarray
    #: bool (n_layers * n_runs,) whether anybody is aboard
    in_use: np.ndarray


@kernel
def make_labels(n_stations, ask):
    """Return room for the labels of LANES searches."""
    n_places, n_rides = ask.n_layers * n_stations, ask.n_layers * ask.n_runs
    return Labels(
        np.empty((n_places, LANES), np.uint16),
        np.empty((n_places, LANES), np.uint16),
        np.empty(n_places, np.uint32),
        np.empty((n_rides, LANES), np.uint16),
        np.empty(n_rides, np.bool_),
    )


@kernel
def set_out(labels, access, ask, origin, leave, base):
    """Fill the labels with what is known before the first ride: the way from each lane's origin to the stations.

    origin uint32 (n_lanes,), leave uint32 (n_lanes,) seconds not before `base`; lanes beyond n_lanes stay empty.
    """
    labels.ready[:] = np.uint16(UNSEEN)
    labels.arrived[:] = np.uint16(UNSEEN)
    labels.soonest[:] = np.uint32(NEVER)
    labels.aboard[:] = np.uint16(0)
    labels.in_use[:] = False
    n_stations = len(labels.soonest) // ask.n_layers
    for lane in range(len(origin)):
        o = origin[lane]
        for k in range(access.ptr[o], access.ptr[o + np.uint32(1)]):
            if access.seconds[k] <= ask.bound_s:
                label = np.uint32(leave[lane] - np.uint32(base) + access.seconds[k])
                for layer in range(ask.n_layers):
                    place = np.uint64(layer * n_stations) + np.uint64(access.to[k])
                    labels.ready[place, lane] = min(labels.ready[place, lane], np.uint16(label))
                    labels.soonest[place] = min(labels.soonest[place], label)


class MinuteLabels(NamedTuple):
    """The labels of one origin, by departure."""

    #: uint16 (n_layers * n_stations, n_departures) seconds after the first departure: ready to board
    ready: np.ndarray
    #: uint16 (n_layers * n_stations, n_departures) the same: arrived by train
    arrived: np.ndarray
    #: uint32 (n_layers * n_stations,) how many departures, from the first, are ready at the current second
    n_ready: U32
    #: uint32 (n_layers * n_runs,) how many departures, from the first, are aboard
    n_aboard: U32


@kernel
def make_minute_labels(n_stations, n_departures, ask):
    """Return room for the labels of one origin."""
    n_places, n_rides = ask.n_layers * n_stations, ask.n_layers * ask.n_runs
    return MinuteLabels(
        np.empty((n_places, n_departures), np.uint16),
        np.empty((n_places, n_departures), np.uint16),
        np.empty(n_places, np.uint32),
        np.empty(n_rides, np.uint32),
    )


@kernel
def first_from(connections, second):
    """Return the place of the first connection that departs at `second` or later."""
    low, high = 0, len(connections)
    while low < high:
        middle = (low + high) // 2
        if connections[middle, DEPARTURE] < second:
            low = middle + 1
        else:
            high = middle
    return low


def _make_ride(settle):
    """Return the scan, compiled with or without the code that settles seconds with REPEAT: it slows all others."""

    @kernel
    def ride(timetable, ask, labels, base, horizon):
        """Fill the labels with all journeys: scan the connections from `base` to `horizon` seconds later.

        The connections of a second with REPEAT are scanned until no label changes, each pass from those aboard before
        them: an earlier connection of a run must not take along who boards only at a later one. The body stands in one
        function: a call that hands this many arrays over costs more than the body.
        """
        connections, change_s, walk_ptr, walk_to, walk_s = timetable
        ready, arrived, soonest, aboard, in_use = labels
        one = np.uint64(1)
        n_stations, n_runs, n_layers = np.uint64(len(change_s)), np.uint64(ask.n_runs), np.uint64(ask.n_layers)
        n_connections = np.uint64(len(connections))
        counted = ask.counted
        base, horizon = np.uint32(base), np.uint32(horizon)
        i = np.uint64(first_from(connections, base))
        begin, end = i, i
        kept_aboard = np.empty((0, LANES), np.uint16)
        kept_use = np.empty(0, np.bool_)
        changed = False
        while i < n_connections and connections[i, DEPARTURE] - base <= horizon:
            if settle and i == end:
                begin = i
                end = i + one
                second = connections[i, DEPARTURE]
                if connections[i, FLAGS] & np.uint32(REPEAT):
                    while end < n_connections and connections[end, DEPARTURE] == second:
                        end += one
                    kept_aboard = np.empty(((end - begin) * n_layers, LANES), np.uint16)
                    kept_use = np.empty((end - begin) * n_layers, np.bool_)
                    for c in range(end - begin):
                        for layer in range(n_layers):
                            row = layer * n_runs + np.uint64(connections[begin + np.uint64(c), RUN])
                            kept_aboard[np.uint64(c) * n_layers + layer] = aboard[row]
                            kept_use[np.uint64(c) * n_layers + layer] = in_use[row]
                changed = False
            leaves = np.uint32(connections[i, DEPARTURE] - base)
            lands = np.uint32(connections[i, ARRIVAL] - base)
            flags = connections[i, FLAGS]
            to = np.uint64(connections[i, TO])
            for layer in range(n_layers):
                tail = layer * n_stations + np.uint64(connections[i, FROM])
                run = layer * n_runs + np.uint64(connections[i, RUN])
                if flags & np.uint32(BOARD) and soonest[tail] <= leaves:
                    at = np.uint16(leaves)
                    for j in range(LANES):
                        aboard[run, j] |= np.uint16(NOWHERE) if ready[tail, j] <= at else np.uint16(0)
                    in_use[run] = True
                if flags & np.uint32(ALIGHT) and in_use[run] and lands <= horizon:
                    head = layer * n_stations + to
                    at = np.uint16(lands)
                    gain = np.uint16(0)
                    for j in range(LANES):
                        label = arrived[head, j]
                        best = min(label, np.uint16(at | ~aboard[run, j]))
                        arrived[head, j] = best
                        gain |= label ^ best
                    if gain != 0:
                        changed = True
                        if counted and layer + one == n_layers:
                            continue
                        onward = n_stations * (layer + one if counted else layer)
                        then = np.uint32(lands + change_s[to])
                        if then <= horizon:
                            soonest[onward + to] = min(soonest[onward + to], then)
                            label = np.uint16(then)
                            for j in range(LANES):
                                mine = label if arrived[head, j] == at else np.uint16(UNSEEN)
                                ready[onward + to, j] = min(ready[onward + to, j], mine)
                        for w in range(np.uint64(walk_ptr[to]), np.uint64(walk_ptr[to + one])):
                            then = np.uint32(lands + walk_s[w])
                            if then <= horizon:
                                place = onward + np.uint64(walk_to[w])
                                soonest[place] = min(soonest[place], then)
                                label = np.uint16(then)
                                for j in range(LANES):
                                    mine = label if arrived[head, j] == at else np.uint16(UNSEEN)
                                    ready[place, j] = min(ready[place, j], mine)
            i += one
            if settle and i == end and changed and connections[begin, FLAGS] & np.uint32(REPEAT):
                changed = False
                i = begin
                for c in range(end - begin):
                    for layer in range(n_layers):
                        row = layer * n_runs + np.uint64(connections[begin + np.uint64(c), RUN])
                        aboard[row] = kept_aboard[np.uint64(c) * n_layers + layer]
                        in_use[row] = kept_use[np.uint64(c) * n_layers + layer]

    return ride


#: for timetables without REPEAT
ride_once = _make_ride(False)
#: for all timetables
ride_and_settle = _make_ride(True)


@kernel
def get_there(arrived, egress, n_lanes, out, column):
    """Write to out[destination, column:] the earliest label at each destination by train, UNSEEN or more if none.

    arrived uint16 (n_stations, LANES); out uint16 (n_destinations, at least column + LANES).
    """
    one = np.uint64(1)
    ptr, to, seconds = egress
    reached = np.zeros(len(arrived), np.bool_)
    for x in range(np.uint64(len(arrived))):
        least = np.uint16(UNSEEN)
        for j in range(LANES):
            least = min(least, arrived[x, j])
        reached[x] = least < UNSEEN
    best = np.empty(LANES, np.uint16)
    for d in range(np.uint64(len(ptr) - 1)):
        for j in range(LANES):
            best[j] = np.uint16(NOWHERE)
        for k in range(np.uint64(ptr[d]), np.uint64(ptr[d + one])):
            x = np.uint64(to[k])
            if reached[x]:
                leg = np.uint16(seconds[k])
                for j in range(LANES):
                    best[j] = min(best[j], np.uint16(arrived[x, j] + leg))
        for j in range(np.uint64(n_lanes)):
            out[d, np.uint64(column) + j] = best[j]


@kernel
def least_of_rank(values, rank):
    """Return the entry at this place of the sorted row: uint16 `values` are counted, not moved.

    Bisection between the least and the largest value, each step one pass that counts.
    """
    low, high = np.uint16(NOWHERE), np.uint16(0)
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


def _make_departures(ride):
    @kernel
    def departures(timetable, ask, access, egress, walk, origins, second, out):
        """Write to out[k, destination] the seconds from each of `origins` when leaving at `second`, NEVER if none.

        access: origin to station; egress: destination to station (the way back of who arrives); walk: origin to
        destination without a ride. origins uint32 (n,); out int32 (n, n_destinations). A lane an origin.
        """
        n_destinations = len(egress.ptr) - 1
        n_stations = len(timetable.change_s)
        labels = make_labels(n_stations, ask)
        top = labels.arrived[(ask.n_layers - 1) * n_stations :]
        there = np.empty((n_destinations, LANES), np.uint16)
        leave = np.full(LANES, second, np.uint32)
        for start in range(0, len(origins), LANES):
            lanes = origins[start : start + LANES]
            set_out(labels, access, ask, lanes, leave, second)
            ride(timetable, ask, labels, second, ask.bound_s)
            get_there(top, egress, len(lanes), there, 0)
            for lane in range(len(lanes)):
                row = out[start + lane]
                for d in range(n_destinations):
                    row[d] = there[d, lane] if there[d, lane] <= ask.bound_s else NEVER
                for k in range(walk.ptr[lanes[lane]], walk.ptr[lanes[lane] + np.uint32(1)]):
                    if walk.seconds[k] <= ask.bound_s:
                        row[walk.to[k]] = min(row[walk.to[k]], np.int32(walk.seconds[k]))

    return departures


departures_once = _make_departures(ride_once)
departures_settled = _make_departures(ride_and_settle)


def _make_minutes(settle):
    """Return the scan of a window, compiled with or without the code that settles seconds with REPEAT."""

    @kernel
    def minutes(timetable, ask, leave, labels):
        """Fill the labels of one origin with all journeys that set out at one of the seconds `leave`.

        leave uint32 (n,) rising; labels are counted from its first. Who leaves earlier can wait for whoever leaves
        later, so labels rise with the departure: those ready at a station, aboard a run or better off by a train are
        the first so many departures. One number stands for each, and a connection touches the labels it betters.
        Departures before `floor` left more than the bound ago: their labels are kept no more.
        """
        connections, change_s, walk_ptr, walk_to, walk_s = timetable
        ready, arrived, n_ready, n_aboard = labels
        one = np.uint64(1)
        n_stations, n_runs, n_layers = np.uint64(len(change_s)), np.uint64(ask.n_runs), np.uint64(ask.n_layers)
        n_connections, n_leave = np.uint64(len(connections)), np.uint64(len(leave))
        counted, bound = ask.counted, np.uint32(ask.bound_s)
        base = leave[0]
        horizon = np.uint32(leave[n_leave - one] - base + bound)
        floor = np.uint64(0)
        i = np.uint64(first_from(connections, base))
        begin, end = i, i
        kept_aboard = np.empty(0, np.uint32)
        changed = False
        while i < n_connections and connections[i, DEPARTURE] - base <= horizon:
            if settle and i == end:
                begin = i
                end = i + one
                second = connections[i, DEPARTURE]
                if connections[i, FLAGS] & np.uint32(REPEAT):
                    while end < n_connections and connections[end, DEPARTURE] == second:
                        end += one
                    kept_aboard = np.empty((end - begin) * n_layers, np.uint32)
                    for c in range(end - begin):
                        for layer in range(n_layers):
                            row = layer * n_runs + np.uint64(connections[begin + np.uint64(c), RUN])
                            kept_aboard[np.uint64(c) * n_layers + layer] = n_aboard[row]
                changed = False
            leaves = np.uint32(connections[i, DEPARTURE] - base)
            lands = np.uint32(connections[i, ARRIVAL] - base)
            flags = connections[i, FLAGS]
            to = np.uint64(connections[i, TO])
            while leave[floor] - base + bound < leaves:  # the last one holds as long as the horizon
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
                for c in range(end - begin):
                    for layer in range(n_layers):
                        row = layer * n_runs + np.uint64(connections[begin + np.uint64(c), RUN])
                        n_aboard[row] = kept_aboard[np.uint64(c) * n_layers + layer]

    return minutes


minutes_once = _make_minutes(False)
minutes_settled = _make_minutes(True)


@kernel
def set_out_by_minute(labels, access, ask, origin, leave):
    """Fill the labels with the way from the origin to the stations, for each departure."""
    labels.ready[:] = np.uint16(UNSEEN)
    labels.arrived[:] = np.uint16(UNSEEN)
    labels.n_ready[:] = np.uint32(0)
    labels.n_aboard[:] = np.uint32(0)
    n_stations = len(labels.n_ready) // ask.n_layers
    for k in range(access.ptr[origin], access.ptr[origin + np.uint32(1)]):
        if access.seconds[k] <= ask.bound_s:
            for layer in range(ask.n_layers):
                place = np.uint64(layer * n_stations) + np.uint64(access.to[k])
                for m in range(len(leave)):
                    label = np.uint16(leave[m] - leave[0] + access.seconds[k])
                    labels.ready[place, m] = min(labels.ready[place, m], label)


@kernel
def get_there_by_minute(arrived, egress, out):
    """Write to out[destination, departure] the earliest label there by train, UNSEEN or more where there is none.

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


def _make_windows(scan):
    @kernel
    def windows(timetable, ask, access, egress, walk, origins, seconds, block, ranks, out):
        """Write to out[k, destination, p] the travel time at rank p of those when leaving at each of `seconds`.

        Arguments as `departures`; seconds uint32 (n_departures,) rising, searched in blocks of `block`, whose span and
        the bound fit LARGEST_LABEL; ranks int64 (n_ranks,) places among the sorted times (unreached last); out int32
        (n, n_destinations, n_ranks).
        """
        n_destinations, n_departures = len(egress.ptr) - 1, len(seconds)
        n_stations = len(timetable.change_s)
        n_places = ask.n_layers * n_stations
        times = np.empty((n_destinations, n_departures), np.uint16)
        on_foot = np.empty(n_destinations, np.uint16)
        bound = np.uint16(ask.bound_s)
        for k in range(len(origins)):
            o = origins[k]
            on_foot[:] = np.uint16(NOWHERE)
            for w in range(walk.ptr[o], walk.ptr[o + np.uint32(1)]):
                if walk.seconds[w] <= ask.bound_s:
                    on_foot[walk.to[w]] = min(on_foot[walk.to[w]], np.uint16(walk.seconds[w]))
            for start in range(0, n_departures, block):
                leave = seconds[start : start + block]
                labels = make_minute_labels(n_stations, len(leave), ask)
                there = np.empty((n_destinations, len(leave)), np.uint16)
                set_out_by_minute(labels, access, ask, o, leave)
                scan(timetable, ask, leave, labels)
                get_there_by_minute(labels.arrived[n_places - n_stations :], egress, there)
                for d in range(n_destinations):
                    for m in range(len(leave)):
                        taken = min(np.uint16(there[d, m] - np.uint16(leave[m] - leave[0])), on_foot[d])
                        times[d, start + m] = taken if taken <= bound else np.uint16(NOWHERE)
            for d in range(n_destinations):
                for p in range(len(ranks)):
                    found = least_of_rank(times[d], ranks[p])
                    out[k, d, p] = found if found <= bound else NEVER

    return windows


windows_once = _make_windows(minutes_once)
windows_settled = _make_windows(minutes_settled)
