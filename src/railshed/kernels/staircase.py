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
        k -= 1
        if arrival[k] >= limit:
            return limit
        if departure[k] >= ready:
            return np.int64(arrival[k])
    return limit


@kernel
def best_after(timetable, query, ptr, count, departure, arrival, layer, room, to, at, limit):
    """Return the earliest arrival at a target for a traveller who gets off at `to` at second `at`, at most `limit`."""
    best = limit
    if query.offset_s[to] != NEVER:
        best = min(best, at + np.int64(query.offset_s[to]))
    if query.counted and layer == 0:
        return best
    onward = layer - 1 if query.counted else layer
    shift = onward * room
    best = earliest_ready(
        departure, arrival, shift + ptr[to], np.int64(count[onward, to]), at + timetable.change_s[to], best
    )
    for w in range(timetable.walk_ptr[to], timetable.walk_ptr[to + np.uint32(1)]):
        other = timetable.walk_to[w]
        best = earliest_ready(
            departure,
            arrival,
            shift + ptr[other],
            np.int64(count[onward, other]),
            at + timetable.walk_s[w],
            best,
        )
    return best


@kernel
def scan_connections(timetable, query, ptr):
    """Return (count, departure, arrival) of the ready-to-board staircases, one layer a number of rides.

    count uint32 (n_layers, n_stations); departure, arrival uint32 (n_layers * ptr[-1],), a layer after the other.
    """
    connections = timetable.connections
    n_stations = len(timetable.change_s)
    room = np.int64(ptr[n_stations])
    count = np.zeros((query.n_layers, n_stations), np.uint32)
    departure = np.empty(query.n_layers * room, np.uint32)
    arrival = np.empty(query.n_layers * room, np.uint32)
    on_board = np.full((query.n_layers, query.n_runs), NEVER, np.int64)
    i = query.last
    while i > query.first:
        group_end = i
        second = connections[i - 1, DEPARTURE]
        while i > query.first and connections[i - 1, DEPARTURE] == second:
            i -= 1
        if connections[i, FLAGS] & REPEAT:
            settle_group(timetable, query, ptr, count, departure, arrival, on_board, i, group_end)
        else:
            scan_group(timetable, query, ptr, count, departure, arrival, on_board, i, group_end)
    return count, departure, arrival


@kernel
def settle_group(timetable, query, ptr, count, departure, arrival, on_board, first, last):
    """Scan a group that holds connections of no duration until nothing changes.

    Every pass starts from the labels on board before the group: a later connection of a run must not see what only an
    earlier one can do.
    """
    runs = timetable.connections[first:last, RUN]
    before = np.empty((query.n_layers, last - first), np.int64)
    for k in range(last - first):
        for layer in range(query.n_layers):
            before[layer, k] = on_board[layer, runs[k]]
    while scan_group(timetable, query, ptr, count, departure, arrival, on_board, first, last):
        for k in range(last - first):
            for layer in range(query.n_layers):
                on_board[layer, runs[k]] = before[layer, k]


@kernel
def scan_group(timetable, query, ptr, count, departure, arrival, on_board, first, last):
    """Scan connections [first, last), which all depart in the same second; return whether a staircase improved."""
    connections = timetable.connections
    room = np.int64(ptr[len(timetable.change_s)])
    changed = False
    i = last
    while i > first:
        i -= 1
        leaves = np.int64(connections[i, DEPARTURE])
        origin = connections[i, FROM]
        run = connections[i, RUN]
        flags = connections[i, FLAGS]
        worst = min(leaves + query.bound_s, query.latest) + 1
        for layer in range(query.n_layers):
            best = on_board[layer, run]
            if flags & ALIGHT:
                limit = min(best, worst)
                found = best_after(
                    timetable, query, ptr, count, departure, arrival, layer, room,
                    connections[i, TO], np.int64(connections[i, ARRIVAL]), limit,
                )  # fmt: skip
                if found < limit:
                    best = found
                    on_board[layer, run] = best
            if best < worst and flags & BOARD:
                k = layer * room + ptr[origin] + count[layer, origin]
                n = count[layer, origin]
                if n == 0 or best < arrival[k - 1]:
                    if n > 0 and departure[k - 1] == leaves:
                        k -= 1
                    else:
                        count[layer, origin] = n + np.uint32(1)
                    departure[k] = leaves
                    arrival[k] = best
                    changed = True
    return changed


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
