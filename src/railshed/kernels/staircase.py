"""All Pareto journeys of a window to a set of targets, from every station, in one scan (profile connection scan).

Method: Dibbelt, Pajor, Strasser, Wagner, "Connection Scan Algorithm", J. Exp. Algorithmics 23 (2018), section 4
(profiles), with two labels a station as exact change times need: one for a traveller who arrives by train (`change_s`
before the next trip, or a transfer) and one for a traveller who is ready to board. Only the second is stored; the first
is pulled from it when a connection arrives. Journeys longer than the bound are never stored, which keeps staircases
short: with two hours most of a national timetable is out of reach.

Invariant: when a connection is scanned, every staircase holds exactly the Pareto journeys that depart no earlier than
it, so a journey is appended at the end of its station's staircase and never inserted in the middle.
"""

import numpy as np

from railshed.kernels.jit import kernel
from railshed.kernels.types import ALIGHT, ARRIVAL, BOARD, DEPARTURE, FLAGS, FROM, NEVER, REPEAT, RUN, TO


@kernel
def staircase_room(connections, first, last, n_stations):
    """Return uint32 (n_stations + 1,) offsets: no station can hold more journeys than trains that leave it."""
    ptr = np.zeros(n_stations + 1, np.uint32)
    for i in range(first, last):
        if connections[i, FLAGS] & BOARD:
            ptr[connections[i, FROM] + 1] += 1
    for station in range(n_stations):
        ptr[station + 1] += ptr[station]
    return ptr


@kernel
def earliest_ready(departure, arrival, base, count, ready, limit):
    """Return the arrival of the first journey that departs at `ready` or later, `limit` unless it is earlier.

    The last entries depart soonest and arrive soonest, so the search may stop at `limit`.
    """
    k = base + count
    while k > base:
        k -= np.uint64(1)
        if arrival[k] >= limit:
            return limit
        if departure[k] >= ready:
            return arrival[k]
    return limit


@kernel
def scan_connections(timetable, query, ptr):
    """Return (count, departure, arrival) of the ready-to-board staircases, one layer a number of rides.

    count uint32 (n_layers, n_stations); departure, arrival uint32 (n_layers * ptr[-1],), a layer after the other.

    A connection first pulls the earliest end for who gets off at its head, then appends to the staircase of its tail.
    The connections of a second that holds some of no duration are scanned until no staircase changes, each pass from
    the labels on board before the group: a later connection of a run must not see what only an earlier one can do.
    The body stands in one function: a call that hands this many arrays over costs more than the body.
    """
    connections, change_s, walk_ptr, walk_to, walk_s = timetable
    offset_s, first, last, n_runs, bound_s, latest, n_layers, counted = query
    one = np.uint64(1)
    room = np.uint64(ptr[-1])
    count = np.zeros((n_layers, len(change_s)), np.uint32)
    departure = np.empty(n_layers * ptr[-1], np.uint32)
    arrival = np.empty(n_layers * ptr[-1], np.uint32)
    on_board = np.full((n_layers, n_runs), NEVER, np.uint32)
    before = np.empty((n_layers, 0), np.uint32)
    top = np.uint64(last)
    while top > np.uint64(first):
        bottom = top - one
        settle = (connections[bottom, FLAGS] & REPEAT) != 0
        if settle:
            second = connections[top - one, DEPARTURE]
            while bottom > np.uint64(first) and connections[bottom - one, DEPARTURE] == second:
                bottom -= one
            before = on_board[:, connections[bottom:top, RUN]]
        changed = True
        while changed:
            changed = False
            if settle:
                for k in range(top - bottom):
                    on_board[:, connections[bottom + np.uint64(k), RUN]] = before[:, k]
            i = top
            while i > bottom:
                i -= one
                leaves = connections[i, DEPARTURE]
                run = connections[i, RUN]
                flags = connections[i, FLAGS]
                worst = np.uint32(min(leaves + bound_s, latest) + 1)
                for layer in range(n_layers):
                    best = on_board[layer, run]
                    if flags & ALIGHT:
                        at = connections[i, ARRIVAL]
                        to = connections[i, TO]
                        limit = min(best, worst)
                        if offset_s[to] != NEVER:
                            limit = min(limit, np.uint32(at + offset_s[to]))
                        if layer > 0 or not counted:
                            onward = np.uint64(layer - 1 if counted else layer)
                            base, n = onward * room + np.uint64(ptr[to]), np.uint64(count[onward, to])
                            ready = np.uint32(at + change_s[to])
                            limit = np.uint32(earliest_ready(departure, arrival, base, n, ready, limit))
                            for w in range(walk_ptr[to], walk_ptr[to + np.uint32(1)]):
                                base = onward * room + np.uint64(ptr[walk_to[w]])
                                n = np.uint64(count[onward, walk_to[w]])
                                ready = np.uint32(at + walk_s[w])
                                limit = np.uint32(earliest_ready(departure, arrival, base, n, ready, limit))
                        if limit < min(best, worst):
                            best = limit
                            on_board[layer, run] = best
                    if best < worst and flags & BOARD:
                        origin = connections[i, FROM]
                        n = np.uint64(count[layer, origin])
                        k = np.uint64(layer) * room + np.uint64(ptr[origin]) + n
                        if n == 0 or best < arrival[k - one]:
                            if n > 0 and departure[k - one] == leaves:
                                k -= one
                            else:
                                count[layer, origin] += np.uint32(1)
                            departure[k] = leaves
                            arrival[k] = best
                            changed = settle
        top = bottom
    return count, departure, arrival


@kernel
def with_first_transfer(timetable, ptr, count, departure, arrival, earliest, bound_s):
    """Return (ptr, count, departure, arrival) with first transfers, none departing before `earliest`."""
    n_stations = len(timetable.change_s)
    new_ptr = np.zeros(n_stations + 1, np.uint32)
    for x in range(n_stations):
        size = np.int64(count[x])
        for w in range(timetable.walk_ptr[x], timetable.walk_ptr[x + 1]):
            size += count[timetable.walk_to[w]]
        new_ptr[x + 1] = new_ptr[x] + size
    new_count = np.zeros(n_stations, np.uint32)
    new_departure = np.empty(new_ptr[n_stations], np.uint32)
    new_arrival = np.empty(new_ptr[n_stations], np.uint32)
    for x in range(n_stations):
        first_walk = timetable.walk_ptr[x]
        n_lists = np.int64(timetable.walk_ptr[x + 1]) - np.int64(first_walk) + 1
        taken = np.zeros(n_lists, np.int64)
        base = np.int64(new_ptr[x])
        n = np.int64(0)
        while True:
            pick = np.int64(-1)
            pick_departure = np.int64(-1)
            pick_arrival = np.int64(NEVER)
            for j in range(n_lists):
                source = x if j == 0 else np.int64(timetable.walk_to[first_walk + j - 1])
                walk = np.int64(0) if j == 0 else np.int64(timetable.walk_s[first_walk + j - 1])
                if taken[j] == count[source]:
                    continue
                k = np.int64(ptr[source]) + taken[j]
                leaves = np.int64(departure[k]) - walk
                reaches = np.int64(arrival[k])
                if leaves > pick_departure or (leaves == pick_departure and reaches < pick_arrival):
                    pick, pick_departure, pick_arrival = np.int64(j), leaves, reaches
            if pick < 0:
                break
            taken[pick] += 1
            dominated = n > 0 and pick_arrival >= new_arrival[base + n - 1]
            if not dominated and pick_departure >= earliest and pick_arrival - pick_departure <= bound_s:
                new_departure[base + n] = pick_departure
                new_arrival[base + n] = pick_arrival
                n += 1
        new_count[x] = n
    return new_ptr, new_count, new_departure, new_arrival
