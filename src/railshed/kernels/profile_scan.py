"""All Pareto journeys of a window to a set of targets, from every station, in one scan (profile connection scan).

Method: Dibbelt, Pajor, Strasser, Wagner, "Connection Scan Algorithm", J. Exp. Algorithmics 23 (2018), section 4
(profiles), with two labels a station as exact change times need: one for a traveller who arrives by train (`change_s`
before the next trip, or a transfer) and one for a traveller who is ready to board. Only the second is stored; the first
is pulled from it when a connection arrives, over all ways on from there: the station itself and where one walks to.
Journeys longer than the bound are never stored, which keeps staircases short: with two hours most of a national
timetable is out of reach.

Invariant: when a connection is scanned, every staircase holds exactly the Pareto journeys that depart no earlier than
it, so a journey is appended at the end of its station's staircase and never inserted in the middle.
"""

import numpy as np

from railshed.kernels.jit import kernel
from railshed.kernels.types import ALIGHT, ARRIVAL, BOARD, DEPARTURE, FLAGS, FROM, NEVER, REPEAT, RUN, TO

#: columns of the rows that the scan keeps at hand for each station: place of its last journey, arrival of that one,
#: the earliest of all. A look at it spares the walk along most staircases.
LAST, SOONEST = 0, 1
#: ways on from a station come in groups of this many, padded with ways to nowhere: a station with few walks takes one
#: turn of the loop like one with none, and the processor guesses right
ABREAST = 3
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


@kernel
def ways_on(change_s, walk_ptr, walk_to, walk_s):
    """Return where who gets off can board next: uint64 (n_stations + 1,) offsets, uint32 stations, uint32 seconds.

    At the station itself after its change time, at others after a walk. Groups are filled up with n_stations: nowhere.
    """
    one, abreast = np.uint64(1), np.uint64(ABREAST)
    n_stations = np.uint64(len(change_s))
    ptr = np.zeros(n_stations + one, np.uint64)
    for x in range(n_stations):
        n_walks = np.uint64(walk_ptr[x + one] - walk_ptr[x])
        ptr[x + one] = ptr[x] + (n_walks // abreast + one) * abreast
    way_to = np.full(ptr[n_stations], n_stations, np.uint32)
    way_s = np.zeros(ptr[n_stations], np.uint32)
    for x in range(n_stations):
        way = ptr[x]
        way_to[way], way_s[way] = x, change_s[x]
        for w in range(np.uint64(walk_ptr[x]), np.uint64(walk_ptr[x + one])):
            way += one
            way_to[way], way_s[way] = walk_to[w], walk_s[w]
    return ptr, way_to, way_s


def _make_scan(settle, counted):
    """Return the scan, compiled with or without the code that settles seconds with REPEAT and that counts rides.

    Either slows the searches that need it not: settling by a third, layers by a tenth.
    """

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
        offset_s, first, last, n_runs, bound_s, latest, n_layers = query
        one = np.uint64(1)
        n_stations = np.uint64(len(change_s))
        layers = np.uint64(n_layers if counted else 1)
        room, abreast = np.uint64(ptr[-1]), np.uint64(ABREAST)
        way_ptr, way_to, way_s = ways_on(change_s, walk_ptr, walk_to, walk_s)
        # of a copy the compiler knows that nobody else writes to it: the loop over ways comes out shorter
        way_ptr, way_to, way_s = way_ptr.copy(), way_to.copy(), way_s.copy()
        stairs = np.empty((layers * room, 2), np.uint32)
        places = n_stations + one  # nowhere is one
        ends = np.full((layers * places, 2), NEVER, np.uint32)
        for layer in range(layers):
            for x in range(n_stations):
                k = layer * room + np.uint64(ptr[x])
                stairs[k, 0] = SENTINEL
                stairs[k, 1] = NEVER
                ends[layer * places + x, LAST] = k
        on_board = np.full((layers, n_runs), NEVER, np.uint32)
        before = np.empty((layers, 0), np.uint32)
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
            for layer in range(layers):
                best = min(on_board[layer, run], worst)
                if flags & np.uint32(ALIGHT):
                    at = connections[i, ARRIVAL]
                    to = np.uint64(connections[i, TO])
                    best = min(best, np.uint32(at + offset_s[to]))
                    if layer > 0 or not counted:
                        onward = places * (layer - one if counted else layer)
                        for group in range(way_ptr[to], way_ptr[to + one], abreast):
                            for way in range(group, group + abreast):
                                row = onward + np.uint64(way_to[way])
                                if ends[row, SOONEST] < best:
                                    ready = at + way_s[way]
                                    k = np.uint64(ends[row, LAST])
                                    while stairs[k, 0] < ready:
                                        k -= one
                                    best = min(best, stairs[k, 1])
                if best < worst:
                    on_board[layer, run] = best
                    row = places * layer + np.uint64(connections[i, FROM])
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
        highest = places * (layers - one)
        base = room * (layers - one)
        count = np.empty(n_stations, np.uint32)
        for x in range(n_stations):
            count[x] = np.uint64(ends[highest + x, LAST]) - base - np.uint64(ptr[x])
        return count, stairs[base:]

    return scan


#: for windows without REPEAT and for those with it, rides free
scan_connections, scan_and_settle = _make_scan(False, False), _make_scan(True, False)
#: the same with rides counted
scan_rides, scan_rides_and_settle = _make_scan(False, True), _make_scan(True, True)


@kernel
def with_first_transfer(timetable, ptr, count, stairs, earliest, bound_s):
    """Return (ptr, count, departure, arrival) with first transfers, none departing before `earliest`.

    The staircase of a station is merged with that of every station it walks to, the walk taken off the departures.
    """
    walk_ptr, walk_to, walk_s = timetable.walk_ptr, timetable.walk_to, timetable.walk_s
    one = np.uint64(1)
    n_stations = np.uint64(len(count))
    new_ptr = np.zeros(n_stations + one, np.uint32)
    most = np.uint32(0)
    for x in range(n_stations):
        size = count[x]
        for w in range(np.uint64(walk_ptr[x]), np.uint64(walk_ptr[x + one])):
            size += count[walk_to[w]]
        new_ptr[x + one] = new_ptr[x] + size
        most = max(most, size)
    new_count = np.empty(n_stations, np.uint32)
    new_departure = np.empty(new_ptr[n_stations], np.uint32)
    new_arrival = np.empty(new_ptr[n_stations], np.uint32)
    spare, other = np.empty((most + one, 2), np.uint32), np.empty((most + one, 2), np.uint32)
    for x in range(n_stations):
        merged, first, n = stairs, np.uint64(ptr[x]) + one, np.uint64(count[x])
        for w in range(np.uint64(walk_ptr[x]), np.uint64(walk_ptr[x + one])):
            y = walk_to[w]
            if count[y] > 0 and stairs[ptr[y] + np.uint32(1), 0] >= earliest + walk_s[w]:
                n = merge(merged, first, n, stairs, ptr[y], count[y], walk_s[w], earliest, bound_s, spare)
                merged, first = spare, np.uint64(0)
                spare, other = other, spare
        base = np.uint64(new_ptr[x])
        for k in range(n):
            new_departure[base + k], new_arrival[base + k] = merged[first + k, 0], merged[first + k, 1]
        new_count[x] = n
    return new_ptr, new_count, new_departure, new_arrival


@kernel
def merge(left, first, n_left, stairs, sentinel, n_right, walk, earliest, bound_s, out):
    """Write to `out` the Pareto journeys of left[first : first + n_left] and of those behind `sentinel` after a walk.

    Returns how many. All fall in departure and arrival. A journey is written before it is known to count, which saves
    a jump that is hard to predict: `out` has room for one more than all.
    """
    one = np.uint64(1)
    i, n = np.uint64(first), np.uint64(0)
    end = i + np.uint64(n_left)
    soonest = np.uint32(NEVER)
    leave_by = np.uint32(earliest + walk)
    for j in range(np.uint64(sentinel) + one, np.uint64(sentinel) + np.uint64(n_right) + one):
        if stairs[j, 0] < leave_by:
            break
        departure, arrival = stairs[j, 0] - walk, stairs[j, 1]
        if arrival >= soonest or arrival - departure > bound_s:
            continue
        while i < end and (left[i, 0] > departure or (left[i, 0] == departure and left[i, 1] <= arrival)):
            out[n, 0], out[n, 1] = left[i, 0], left[i, 1]
            if left[i, 1] < soonest:
                soonest = left[i, 1]
                n += one
            i += one
        out[n, 0], out[n, 1] = departure, arrival
        if arrival < soonest:
            soonest = arrival
            n += one
    while i < end:
        out[n, 0], out[n, 1] = left[i, 0], left[i, 1]
        if left[i, 1] < soonest:
            soonest = left[i, 1]
            n += one
        i += one
    return n
