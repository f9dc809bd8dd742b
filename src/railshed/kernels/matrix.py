"""Travel times between many points by foot and train: connection scans of 64 departures at a time.

Method: Dibbelt, Pajor, Strasser, Wagner, "Connection Scan Algorithm", J. Exp. Algorithmics 23
(2018), section 3 (earliest arrival), with the two labels a station of `profile_scan`: arrived by
train, ready to board. A *lane* is one origin at one departure second. The labels of 64 lanes are
neighbours in memory, as uint16 seconds after a common second, so that one pass over the connections
serves them all and the inner loops become vector instructions: 64 origins at one second. A few are
searched one by one, without lanes. `matrix_window` searches one origin at every minute of a window.
"""

from typing import NamedTuple

import numpy as np

from railshed.kernels.jit import kernel
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

#: departures that are searched at a time
LANES = 64
#: "not reached" in a label; no label plus a leg passes 2**16
UNSEEN = 40_000
#: labels above are not stored, and no leg to or from a train is longer: UNSEEN plus a leg fits
#: uint16
LARGEST_LABEL = 32_000
LONGEST_LEG = 25_000
#: "not aboard" and, in a row of travel times, "above the bound": the largest uint16
NOWHERE = 2**16 - 1


class Table(NamedTuple):
    """Seconds from each point (origin or destination) to those within its reach, in compressed
    rows.
    """

    #: uint32 (n_points + 1,) offsets
    ptr: U32
    #: uint32 (n_pairs,) station, or destination
    to: U32
    #: uint32 (n_pairs,) seconds, at most LONGEST_LEG
    seconds: U32


class MatrixQuery(NamedTuple):
    """Bounds of a search, the same for all lanes."""

    n_runs: int
    #: a journey takes at most this many seconds
    bound_s: int
    #: 1 where rides are free, else the largest number of rides
    n_layers: int
    #: rides are counted: layer k holds journeys of at most k + 1 rides
    counted: bool


class Labels(NamedTuple):
    """The memory of a search, used again by the next."""

    #: uint16 (n_layers * n_stations, LANES) seconds after the common second: ready to board, in
    #: front of ride k + 1
    ready: np.ndarray
    #: uint16 (n_layers * n_stations, LANES) the same: arrived by train, with at most k + 1 rides
    arrived: np.ndarray
    #: uint32 (n_layers * n_stations,) the earliest of `ready`
    soonest: U32
    #: uint16 (n_layers * n_runs, LANES) NOWHERE where the traveller is aboard, else 0
    aboard: np.ndarray
    #: bool (n_layers * n_runs,) whether any lane is aboard
    in_use: np.ndarray


@kernel
def make_labels(n_stations, query):
    """Return room for the labels of LANES searches."""
    n_places = query.n_layers * n_stations
    n_rides = query.n_layers * query.n_runs
    return Labels(
        np.empty((n_places, LANES), np.uint16),
        np.empty((n_places, LANES), np.uint16),
        np.empty(n_places, np.uint32),
        np.empty((n_rides, LANES), np.uint16),
        np.empty(n_rides, np.bool_),
    )


@kernel
def set_first_labels(labels, access, query, origin, leave, base):
    """Fill the labels before the first ride: the access from each lane's origin to the stations.

    origin uint32 (n_lanes,), leave uint32 (n_lanes,) seconds not before `base`; lanes beyond
    n_lanes stay empty.
    """
    labels.ready[:] = np.uint16(UNSEEN)
    labels.arrived[:] = np.uint16(UNSEEN)
    labels.soonest[:] = np.uint32(NEVER)
    labels.aboard[:] = np.uint16(0)
    labels.in_use[:] = False
    n_stations = len(labels.soonest) // query.n_layers
    for lane in range(len(origin)):
        o = origin[lane]
        for k in range(access.ptr[o], access.ptr[o + np.uint32(1)]):
            if access.seconds[k] <= query.bound_s:
                label = np.uint32(leave[lane] - np.uint32(base) + access.seconds[k])
                for layer in range(query.n_layers):
                    place = np.uint64(layer * n_stations) + np.uint64(access.to[k])
                    labels.ready[place, lane] = min(labels.ready[place, lane], np.uint16(label))
                    labels.soonest[place] = min(labels.soonest[place], label)


@kernel
def first_from(connections, second):
    """Return the place of the first connection that departs at `second` or later."""
    return np.searchsorted(connections[:, DEPARTURE], second)


@kernel
def rides_of_second(connections, i, n_runs, n_layers):
    """Return the end of the second that connection `i` begins, and uint64 rows of its runs among
    the rides.
    """
    one = np.uint64(1)
    end = i + one
    while (
        end < np.uint64(len(connections))
        and connections[end, DEPARTURE] == connections[i, DEPARTURE]
    ):
        end += one
    rides = np.empty((end - i) * n_layers, np.uint64)
    for c in range(end - i):
        for layer in range(n_layers):
            rides[np.uint64(c) * n_layers + layer] = layer * n_runs + np.uint64(
                connections[i + np.uint64(c), RUN]
            )
    return end, rides


def _make_ride(settle):
    """Return the scan, compiled with or without the code that settles seconds with REPEAT: it slows
    all others.
    """

    @kernel
    def ride(timetable, query, labels, base, horizon):
        """Fill the labels with all journeys: scan the connections from `base` to `horizon` seconds
        later.

        The connections of a second with REPEAT are scanned until no label changes, each pass from
        those aboard before them: an earlier connection of a run must not carry travellers who board
        at a later one. The body stands in one function: a call with this many arrays costs more
        than the body.
        """
        connections, change_s, walk_ptr, walk_to, walk_s = timetable
        ready, arrived, soonest, aboard, in_use = labels
        one = np.uint64(1)
        n_stations = np.uint64(len(change_s))
        n_runs = np.uint64(query.n_runs)
        n_layers = np.uint64(query.n_layers)
        n_connections = np.uint64(len(connections))
        counted = query.counted
        base = np.uint32(base)
        horizon = np.uint32(horizon)
        i = np.uint64(first_from(connections, base))
        begin = i
        end = i
        rides = np.empty(0, np.uint64)
        saved_aboard = np.empty((0, LANES), np.uint16)
        saved_use = np.empty(0, np.bool_)
        changed = False
        while i < n_connections and connections[i, DEPARTURE] - base <= horizon:
            if settle and i == end:
                begin = i
                end = i + one
                if connections[i, FLAGS] & np.uint32(REPEAT):
                    end, rides = rides_of_second(connections, i, n_runs, n_layers)
                    saved_aboard = aboard[rides]
                    saved_use = in_use[rides]
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
                        aboard[run, j] |= (
                            np.uint16(NOWHERE) if ready[tail, j] <= at else np.uint16(0)
                        )
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
                aboard[rides] = saved_aboard
                in_use[rides] = saved_use

    return ride


#: for timetables without REPEAT
ride_once = _make_ride(False)
#: for all timetables
ride_and_settle = _make_ride(True)


@kernel
def write_arrivals(arrived, egress, n_lanes, out, column):
    """Write to out[destination, column:] the earliest label at each destination by train, UNSEEN or
    more if none.

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


def _make_departures(settle):
    """Return the search; compiled code is found by the bool of the closure."""

    @kernel
    def departures(timetable, query, access, egress, walk, origins, second, out):
        """Write to out[k, destination] the seconds from each of `origins` when leaving at `second`,
        NEVER if none.

        access: origin to station; egress: destination to station (reversed); walk: origin to
        destination without a ride. origins uint32 (n,); out int32 (n, n_destinations). A lane an
        origin.
        """
        n_destinations = len(egress.ptr) - 1
        n_stations = len(timetable.change_s)
        labels = make_labels(n_stations, query)
        top = labels.arrived[(query.n_layers - 1) * n_stations :]
        there = np.empty((n_destinations, LANES), np.uint16)
        leave = np.full(LANES, second, np.uint32)
        for start in range(0, len(origins), LANES):
            lanes = origins[start : start + LANES]
            set_first_labels(labels, access, query, lanes, leave, second)
            if settle:
                ride_and_settle(timetable, query, labels, second, query.bound_s)
            else:
                ride_once(timetable, query, labels, second, query.bound_s)
            write_arrivals(top, egress, len(lanes), there, 0)
            for lane in range(len(lanes)):
                row = out[start + lane]
                for d in range(n_destinations):
                    row[d] = there[d, lane] if there[d, lane] <= query.bound_s else NEVER
                for k in range(walk.ptr[lanes[lane]], walk.ptr[lanes[lane] + np.uint32(1)]):
                    if walk.seconds[k] <= query.bound_s:
                        row[walk.to[k]] = min(row[walk.to[k]], np.int32(walk.seconds[k]))

    return departures


departures_once = _make_departures(False)
departures_settled = _make_departures(True)


@kernel
def scan_alone(timetable, first, last_s, ready, arrived, aboard):
    """Fill `arrived` with the journeys of one origin; return False at a second with REPEAT in which
    one boards.

    Connections from `first` on that depart and arrive by `last_s`. ready, arrived uint32
    (n_stations,) seconds, NEVER if none; aboard uint8 (n_runs,), 1 where the traveller is. BOARD is
    1 too: the two conditions are one branch, and a function of its own keeps the arrays in
    registers.
    """
    connections, change_s, walk_ptr, walk_to, walk_s = timetable
    one = np.uint64(1)
    for i in range(np.uint64(first), np.uint64(len(connections))):
        leaves = connections[i, DEPARTURE]
        if leaves > last_s:
            break
        run = connections[i, RUN]
        flags = connections[i, FLAGS]
        if aboard[run] | (
            np.uint8(flags & np.uint32(BOARD)) & np.uint8(ready[connections[i, FROM]] <= leaves)
        ):
            if flags & np.uint32(REPEAT):
                return False
            aboard[run] = 1
            lands = connections[i, ARRIVAL]
            to = np.uint64(connections[i, TO])
            if flags & np.uint32(ALIGHT) and lands < arrived[to] and lands <= last_s:
                arrived[to] = lands
                ready[to] = min(ready[to], lands + change_s[to])
                for w in range(np.uint64(walk_ptr[to]), np.uint64(walk_ptr[to + one])):
                    ready[walk_to[w]] = min(ready[walk_to[w]], lands + walk_s[w])
    return True


@kernel
def single_departures(timetable, query, access, egress, walk, origins, second, out):
    """Write what `departures_once` writes, one search an origin; return whether that is so.

    It is not where a journey boards in a second with REPEAT. Rides are not counted. The timetable
    need not be cut.
    """
    one = np.uint64(1)
    never = np.uint32(NEVER)
    bound = np.uint32(query.bound_s)
    n_stations = len(timetable.change_s)
    ready = np.empty(n_stations, np.uint32)
    arrived = np.empty(n_stations, np.uint32)
    aboard = np.empty(query.n_runs, np.uint8)
    first = first_from(timetable.connections, second)
    last_s = np.uint32(second + bound)
    for k in range(len(origins)):
        o = np.uint64(origins[k])
        row = out[k]
        ready[:] = never
        arrived[:] = never
        aboard[:] = 0
        for w in range(np.uint64(access.ptr[o]), np.uint64(access.ptr[o + one])):
            if access.seconds[w] <= bound:
                ready[access.to[w]] = min(
                    ready[access.to[w]], np.uint32(second + access.seconds[w])
                )
        if not scan_alone(timetable, first, last_s, ready, arrived, aboard):
            return False
        for d in range(np.uint64(len(egress.ptr) - 1)):
            best = never
            for w in range(np.uint64(egress.ptr[d]), np.uint64(egress.ptr[d + one])):
                best = min(best, np.uint32(arrived[egress.to[w]] + egress.seconds[w]))
            row[d] = best - second if best <= last_s else never
        for w in range(np.uint64(walk.ptr[o]), np.uint64(walk.ptr[o + one])):
            if walk.seconds[w] <= bound:
                row[walk.to[w]] = min(row[walk.to[w]], np.int32(walk.seconds[w]))
    return True
