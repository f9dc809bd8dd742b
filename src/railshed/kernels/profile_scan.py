"""All Pareto journeys of a window to a set of targets, from every station, in one scan (profile
connection scan).

Method: Dibbelt, Pajor, Strasser, Wagner, "Connection Scan Algorithm", J. Exp. Algorithmics 23
(2018), section 4 (profiles), with two labels a station as exact change times need: one for a
traveller who arrives by train (`change_s` before the next trip, or a transfer) and one for a
traveller who is ready to board. Only the second is stored; the first is pulled from it when a
connection arrives, over all onward transfers: the station itself and where one walks to. Journeys
longer than the bound are never stored, which keeps profiles short: with two hours most of a
national timetable is out of reach.

Invariant: when a connection is scanned, every profile has exactly the Pareto journeys that depart
no earlier than it, so a journey is appended at the end of its station's profile and never inserted
in the middle.
"""

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
)

#: columns of the scan's row for each station: place of its last journey, and the arrival of that
#: journey, the earliest of all. Comparing with it first spares the walk along most profiles.
LAST = 0
SOONEST = 1
#: onward transfers come in groups of this many, padded with transfers to no station: a station with
#: few walks takes one turn of the loop like one with none, and the processor predicts the branch
ABREAST = 3
#: departure of the sentinel before each profile: later than any instant, so that a search stops
#: there
SENTINEL = 2**32 - 1


@kernel
def profile_offsets(connections, first, last, n_stations):
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
def onward_transfers(change_s, walk_ptr, walk_to, walk_s):
    """Return where one can board after arriving: uint64 (n_stations + 1,) offsets, uint32 stations,
    uint32 seconds.

    At the station itself after its change time, at others after a walk. Groups are padded with
    n_stations: no station.
    """
    one = np.uint64(1)
    abreast = np.uint64(ABREAST)
    n_stations = np.uint64(len(change_s))
    ptr = np.zeros(n_stations + one, np.uint64)
    for x in range(n_stations):
        n_walks = np.uint64(walk_ptr[x + one] - walk_ptr[x])
        ptr[x + one] = ptr[x] + (n_walks // abreast + one) * abreast
    onward_to = np.full(ptr[n_stations], n_stations, np.uint32)
    onward_s = np.zeros(ptr[n_stations], np.uint32)
    for x in range(n_stations):
        way = ptr[x]
        onward_to[way] = x
        onward_s[way] = change_s[x]
        for w in range(np.uint64(walk_ptr[x]), np.uint64(walk_ptr[x + one])):
            way += one
            onward_to[way] = walk_to[w]
            onward_s[way] = walk_s[w]
    return ptr, onward_to, onward_s


def _make_scan(settle, counted):
    """Return the scan, compiled with or without the code that settles seconds with REPEAT and that
    counts rides.

    Either slows the searches that do not need it: settling by a third, layers by a tenth.
    """

    @kernel
    def scan(timetable, query, ptr):
        """Return the ready-to-board profiles with the largest number of rides: (count, profiles).

        count uint32 (n_stations,); profiles uint32 (ptr[-1], 2) of departure and arrival: those of
        station x begin behind a sentinel, at ptr[x] + 1.

        A connection first pulls the earliest end of journeys that leave the train at its head, then
        appends to the profile of its tail. Where rides are counted, layer k holds the journeys of
        at most k + 1 rides and pulls from the layer below. The connections of a second with REPEAT
        are scanned until no profile changes, each pass from the labels on board before them: a
        later connection of a run must not see what only an earlier one can do. The body stands in
        one function: a call with this many arrays costs more than the body.
        """
        connections, change_s, walk_ptr, walk_to, walk_s = timetable
        offset_s, first, last, n_runs, bound_s, latest, n_layers = query
        one = np.uint64(1)
        n_stations = np.uint64(len(change_s))
        layers = np.uint64(n_layers if counted else 1)
        room = np.uint64(ptr[-1])
        abreast = np.uint64(ABREAST)
        onward_ptr, onward_to, onward_s = onward_transfers(change_s, walk_ptr, walk_to, walk_s)
        # the compiler knows that nothing else writes to a copy: the loop over transfers comes out
        # shorter
        onward_ptr = onward_ptr.copy()
        onward_to = onward_to.copy()
        onward_s = onward_s.copy()
        profiles = np.empty((layers * room, 2), np.uint32)
        places = n_stations + one  # and the one that stands for no station
        ends = np.full((layers * places, 2), NEVER, np.uint32)
        for layer in range(layers):
            for x in range(n_stations):
                k = layer * room + np.uint64(ptr[x])
                profiles[k, 0] = SENTINEL
                profiles[k, 1] = NEVER
                ends[layer * places + x, LAST] = k
        on_board = np.full((layers, n_runs), NEVER, np.uint32)
        before = np.empty((layers, 0), np.uint32)
        top = np.uint64(last)
        bottom = np.uint64(last)
        i = np.uint64(last)
        changed = False
        while i > np.uint64(first):
            if settle and i == bottom:
                bottom -= one
                if connections[bottom, FLAGS] & np.uint32(REPEAT):
                    second = connections[bottom, DEPARTURE]
                    while (
                        bottom > np.uint64(first) and connections[bottom - one, DEPARTURE] == second
                    ):
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
                        onward_row = places * (layer - one if counted else layer)
                        for group in range(onward_ptr[to], onward_ptr[to + one], abreast):
                            for way in range(group, group + abreast):
                                row = onward_row + np.uint64(onward_to[way])
                                if ends[row, SOONEST] < best:
                                    ready = at + onward_s[way]
                                    k = np.uint64(ends[row, LAST])
                                    while profiles[k, 0] < ready:
                                        k -= one
                                    best = min(best, profiles[k, 1])
                if best < worst:
                    on_board[layer, run] = best
                    row = places * layer + np.uint64(connections[i, FROM])
                    if flags & np.uint32(BOARD) and best < ends[row, SOONEST]:
                        k = np.uint64(ends[row, LAST])
                        if profiles[k, 0] != leaves:
                            k += one
                            ends[row, LAST] = k
                            profiles[k, 0] = leaves
                        profiles[k, 1] = best
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
        return count, profiles[base:]

    return scan


#: for windows without REPEAT and for those with it, rides free
scan_connections = _make_scan(False, False)
scan_and_settle = _make_scan(True, False)
#: the same with rides counted
scan_rides = _make_scan(False, True)
scan_rides_and_settle = _make_scan(True, True)


@kernel
def with_first_transfer(timetable, ptr, count, profiles, earliest, bound_s):
    """Return (ptr, count, departure, arrival) with first transfers, none departing before
    `earliest`.

    The profile of a station is merged with that of every station it walks to, the walk taken off
    the departures.
    """
    walk_ptr = timetable.walk_ptr
    walk_to = timetable.walk_to
    walk_s = timetable.walk_s
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
    spare = np.empty((most + one, 2), np.uint32)
    other = np.empty((most + one, 2), np.uint32)
    for x in range(n_stations):
        if new_ptr[x + one] == new_ptr[x]:
            new_count[x] = 0
            continue
        merged = profiles
        first = np.uint64(ptr[x]) + one
        n = np.uint64(count[x])
        for w in range(np.uint64(walk_ptr[x]), np.uint64(walk_ptr[x + one])):
            y = walk_to[w]
            if count[y] > 0 and profiles[ptr[y] + np.uint32(1), 0] >= earliest + walk_s[w]:
                n = merge(
                    left=merged,
                    first=first,
                    n_left=n,
                    profiles=profiles,
                    sentinel=ptr[y],
                    n_right=count[y],
                    walk=walk_s[w],
                    earliest=earliest,
                    bound_s=bound_s,
                    out=spare,
                )
                merged = spare
                first = np.uint64(0)
                spare, other = other, spare
        base = np.uint64(new_ptr[x])
        for k in range(n):
            new_departure[base + k], new_arrival[base + k] = (
                merged[first + k, 0],
                merged[first + k, 1],
            )
        new_count[x] = n
    return new_ptr, new_count, new_departure, new_arrival


@kernel
def merge(left, first, n_left, profiles, sentinel, n_right, walk, earliest, bound_s, out):
    """Write to `out` the Pareto journeys of left[first : first + n_left] and of those behind
    `sentinel` after a walk.

    Returns how many. All fall in departure and arrival. A journey is written before it is known to
    count, which saves a jump that is hard to predict: `out` has room for one more than all.
    """
    one = np.uint64(1)
    i = np.uint64(first)
    n = np.uint64(0)
    end = i + np.uint64(n_left)
    soonest = np.uint32(NEVER)
    leave_by = np.uint32(earliest + walk)
    for j in range(np.uint64(sentinel) + one, np.uint64(sentinel) + np.uint64(n_right) + one):
        if profiles[j, 0] < leave_by:
            break
        departure = profiles[j, 0] - walk
        arrival = profiles[j, 1]
        if arrival >= soonest or arrival - departure > bound_s:
            continue
        while i < end and (
            left[i, 0] > departure or (left[i, 0] == departure and left[i, 1] <= arrival)
        ):
            out[n, 0] = left[i, 0]
            out[n, 1] = left[i, 1]
            if left[i, 1] < soonest:
                soonest = left[i, 1]
                n += one
            i += one
        out[n, 0] = departure
        out[n, 1] = arrival
        if arrival < soonest:
            soonest = arrival
            n += one
    while i < end:
        out[n, 0] = left[i, 0]
        out[n, 1] = left[i, 1]
        if left[i, 1] < soonest:
            soonest = left[i, 1]
            n += one
        i += one
    return n
