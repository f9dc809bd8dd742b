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

#: columns of the rows that the scan keeps at hand for each station: place of its last journey, arrival of that one,
#: the earliest of all. A look at it spares the walk along most staircases.
LAST, SOONEST = 0, 1
#: departure of the sentinel before each staircase: later than any instant, so that a search stops there
SENTINEL = 2**32 - 1


@kernel
def staircase_room(connections, first, last, n_stations):
    """Return uint32 (n_stations + 1,) offsets, and whether any connection has REPEAT.

    A station has one place for a sentinel and one for each train that leaves it.
    """
    ptr = np.zeros(n_stations + 1, np.uint32)
    seen = np.uint32(0)
    for i in range(np.uint64(first), np.uint64(last)):
        ptr[connections[i, FROM] + np.uint32(1)] += connections[i, FLAGS] & np.uint32(BOARD)
        seen |= connections[i, FLAGS]
    for station in range(n_stations):
        ptr[station + 1] += ptr[station] + np.uint32(1)
    return ptr, (seen & np.uint32(REPEAT)) != 0


def _make_scan(settle):
    """Return the scan, compiled with or without the code that settles seconds with REPEAT: it slows all others."""

    @kernel
    def scan(timetable, query, ptr):
        """Return the ready-to-board staircases with the largest number of rides: (count, stairs).

        count uint32 (n_stations,); stairs uint32 (ptr[-1], 2) of departure and arrival: those of station x begin
        behind a sentinel, at ptr[x] + 1.

        A connection first pulls the earliest end for who gets off at its head, then appends to the staircase of its
        tail. Where rides are counted, layer k holds the journeys of at most k + 1 rides and pulls from the layer
        below. The connections of a second with REPEAT are scanned until no staircase changes, each pass from the
        labels on board before them: a later connection of a run must not see what only an earlier one can do. The
        body stands in one function: a call that hands this many arrays over costs more than the body.
        """
        connections, change_s, walk_ptr, walk_to, walk_s = timetable
        offset_s, first, last, n_runs, bound_s, latest, n_layers, counted = query
        one = np.uint64(1)
        n_stations = np.uint64(len(change_s))
        room = np.uint64(ptr[-1])
        stairs = np.empty((n_layers * room, 2), np.uint32)
        ends = np.empty((n_layers * n_stations, 2), np.uint32)
        for layer in range(n_layers):
            for x in range(n_stations):
                k = np.uint64(layer) * room + np.uint64(ptr[x])
                stairs[k, 0] = SENTINEL
                stairs[k, 1] = NEVER
                ends[np.uint64(layer) * n_stations + x, LAST] = k
                ends[np.uint64(layer) * n_stations + x, SOONEST] = NEVER
        on_board = np.full((n_layers, n_runs), NEVER, np.uint32)
        before = np.empty((n_layers, 0), np.uint32)
        top, bottom = np.uint64(last), np.uint64(last)
        i = np.uint64(last)
        changed = False
        while i > np.uint64(first):
            if settle and i == bottom:
                bottom -= one
                if connections[bottom, FLAGS] & np.uint32(REPEAT):
                    second = connections[bottom, DEPARTURE]
                    while bottom > np.uint64(first) and connections[bottom - one, DEPARTURE] == second:
                        bottom -= one
                    top = i
                    before = on_board[:, connections[bottom:top, RUN]]
                changed = False
            i -= one
            leaves = connections[i, DEPARTURE]
            run = connections[i, RUN]
            flags = connections[i, FLAGS]
            worst = np.uint32(min(leaves + np.uint32(bound_s), np.uint32(latest)) + np.uint32(1))
            for layer in range(np.uint64(n_layers)):
                known = min(on_board[layer, run], worst)
                best = known
                if flags & np.uint32(ALIGHT):
                    at = connections[i, ARRIVAL]
                    to = np.uint64(connections[i, TO])
                    best = min(best, np.uint32(at + offset_s[to]))
                    if layer > 0 or not counted:
                        onward = n_stations * (layer - one if counted else layer)
                        if ends[onward + to, SOONEST] < best:
                            ready = at + change_s[to]
                            k = np.uint64(ends[onward + to, LAST])
                            while stairs[k, 0] < ready:
                                k -= one
                            best = min(best, stairs[k, 1])
                        for w in range(np.uint64(walk_ptr[to]), np.uint64(walk_ptr[to + one])):
                            row = onward + np.uint64(walk_to[w])
                            if ends[row, SOONEST] < best:
                                ready = at + walk_s[w]
                                k = np.uint64(ends[row, LAST])
                                while stairs[k, 0] < ready:
                                    k -= one
                                best = min(best, stairs[k, 1])
                if best < worst:
                    if best < known:
                        on_board[layer, run] = best
                    row = n_stations * layer + np.uint64(connections[i, FROM])
                    if flags & np.uint32(BOARD) and best < ends[row, SOONEST]:
                        k = np.uint64(ends[row, LAST])
                        if stairs[k, 0] != leaves:
                            k += one
                            ends[row, LAST] = k
                            stairs[k, 0] = leaves
                        stairs[k, 1] = best
                        ends[row, SOONEST] = best
                        changed = True
            if settle and i == bottom and changed and flags & np.uint32(REPEAT):
                changed = False
                i = top
                for c in range(top - bottom):
                    on_board[:, connections[bottom + np.uint64(c), RUN]] = before[:, c]
        highest = n_stations * np.uint64(n_layers - 1)
        base = room * np.uint64(n_layers - 1)
        count = np.empty(n_stations, np.uint32)
        for x in range(n_stations):
            count[x] = np.uint64(ends[highest + x, LAST]) - base - np.uint64(ptr[x])
        return count, stairs[base:]

    return scan


#: for windows without REPEAT
scan_connections = _make_scan(False)
#: for all windows; about a third slower
scan_and_settle = _make_scan(True)


@kernel
def with_first_transfer(timetable, ptr, count, stairs, earliest, bound_s):
    """Return (ptr, count, departure, arrival) with first transfers, none departing before `earliest`.

    The staircase of a station is merged with that of every station it walks to, the walk taken off the departures.
    """
    walk_ptr, walk_to, walk_s = timetable.walk_ptr, timetable.walk_to, timetable.walk_s
    n_stations = len(count)
    new_ptr = np.zeros(n_stations + 1, np.uint32)
    most = np.uint32(0)
    for x in range(n_stations):
        size = count[x]
        for w in range(walk_ptr[x], walk_ptr[x + 1]):
            size += count[walk_to[w]]
        new_ptr[x + 1] = new_ptr[x] + size
        most = max(most, size)
    new_count = np.zeros(n_stations, np.uint32)
    new_departure = np.empty(new_ptr[n_stations], np.uint32)
    new_arrival = np.empty(new_ptr[n_stations], np.uint32)
    merged, other = np.empty((most, 2), np.uint32), np.empty((most, 2), np.uint32)
    for x in range(n_stations):
        n = np.uint64(count[x])
        own = np.uint64(ptr[x]) + np.uint64(1)
        base = np.uint64(new_ptr[x])
        for k in range(n):
            merged[k, 0], merged[k, 1] = stairs[own + np.uint64(k), 0], stairs[own + np.uint64(k), 1]
        for w in range(walk_ptr[x], walk_ptr[x + 1]):
            y = walk_to[w]
            if count[y] > 0 and stairs[ptr[y] + np.uint32(1), 0] >= earliest + walk_s[w]:
                n = merge(merged, n, stairs, ptr[y], count[y], walk_s[w], earliest, bound_s, other)
                merged, other = other, merged
        for k in range(n):
            new_departure[base + np.uint64(k)], new_arrival[base + np.uint64(k)] = merged[k, 0], merged[k, 1]
        new_count[x] = n
    return new_ptr, new_count, new_departure, new_arrival


@kernel
def merge(left, n_left, stairs, sentinel, n_right, walk, earliest, bound_s, out):
    """Write to `out` the Pareto journeys of left[:n_left] and of those behind `sentinel` after a walk; return how many.

    Both fall in departure and arrival; so does the result.
    """
    one = np.uint64(1)
    i, n = np.uint64(0), np.uint64(0)
    soonest = np.uint32(NEVER)
    leave_by = np.uint32(earliest + walk)
    for j in range(np.uint64(sentinel) + one, np.uint64(sentinel) + np.uint64(n_right) + one):
        if stairs[j, 0] < leave_by:
            break
        departure, arrival = stairs[j, 0] - walk, stairs[j, 1]
        while i < n_left and (left[i, 0] > departure or (left[i, 0] == departure and left[i, 1] <= arrival)):
            if left[i, 1] < soonest:
                out[n, 0], out[n, 1] = left[i, 0], left[i, 1]
                soonest = left[i, 1]
                n += one
            i += one
        if arrival < soonest and arrival - departure <= bound_s:
            out[n, 0], out[n, 1] = departure, arrival
            soonest = arrival
            n += one
    while i < n_left:
        if left[i, 1] < soonest:
            out[n, 0], out[n, 1] = left[i, 0], left[i, 1]
            soonest = left[i, 1]
            n += one
        i += one
    return n
