"""Incremental profile search: the profiles of a network with added trips, from those of the network without them.

Method: a profile connection scan (see `profile_scan`) of the added connections and of those old ones that an
improvement can reach, latest departure first, from the baseline's ready-to-board labels. An old connection matters only
when its run carries an improved label or when one can board an improved journey at its head: all else is in the
baseline. The baseline's journeys onward are looked up for added connections alone: old ones have them in their labels.

Invariant: when a connection is scanned, the Pareto union of the baseline's profiles and of the improvements so far is
exactly the Pareto journeys of the larger network that depart no earlier than it. An improvement is appended where it
beats both, and is never removed.

Seconds with REPEAT and rides that are counted need the full scan.
"""

import numpy as np

from railshed.kernels.jit import kernel
from railshed.kernels.types import ALIGHT, ARRIVAL, BOARD, DEPARTURE, FLAGS, FROM, NEVER, RUN, TO

#: columns of the improvements: departure, arrival; the latest second at which a journey of the baseline that arrives as
#: soon can be boarded; row of the station's improvement before this
LEAVES, ARRIVES, UNTIL, BEFORE = 0, 1, 2, 3
#: columns of `heads`
HEAD_RUN, HEAD_TO = 0, 1
#: later than any instant: a search along the improvements of a station stops there
_SENTINEL = 2**32 - 1
_FIRST_ROOM = 256


@kernel
def scan_added(connections, heads, added, places, onward, walked_from, base, better, query):
    """Return (improvements uint32 (n, 4), newest uint32 (n_stations,)): columns see above, row 0 is the sentinel.

    connections uint32 (n_connections, 6) of the baseline, heads uint32 (n_connections, 2) run and head of each; added
    uint32 (n_added, 6), with stations and runs numbered on after the baseline's; places int64 (n_added,) of the first
    connection that departs no earlier than each. onward as `profile_scan.onward_transfers`, of old and new stations;
    walked_from (ptr, station) from where one walks to a station. base: ready-to-board profiles of the baseline. better
    bool (n_stations,) where the seconds from getting off to the journey's end are fewer than in the baseline. query:
    offset_s, [first, last) of the connections and of those added, n_runs of both, bound_s, latest as `types.Query`.
    newest[x] is the row of the last improvement of a station, 0 without one.
    """
    onward_ptr, onward_to, onward_s = onward
    back_ptr, back_from = walked_from
    base_ptr, base_count, base_departure, base_arrival = base
    offset_s, first, last, first_added, last_added, n_runs, bound_s, latest = query
    one = np.uint64(1)
    n_stations, n_old = np.uint64(len(better)), np.uint64(len(base_count))
    touched = better.copy()
    alive = False
    for x in range(n_stations):
        alive = alive or better[x]
    on_board = np.full(n_runs, NEVER, np.uint32)
    newest = np.zeros(n_stations + one, np.uint32)
    soonest = np.full(n_stations + one, NEVER, np.uint32)
    found = np.empty((_FIRST_ROOM, 4), np.uint32)
    found[0, LEAVES], found[0, ARRIVES], found[0, UNTIL], found[0, BEFORE] = _SENTINEL, NEVER, _SENTINEL, 0
    n_found = one
    i, j = np.uint64(last), np.uint64(last_added)
    while True:
        floor = np.uint64(first)
        if j > np.uint64(first_added):
            floor = max(floor, np.uint64(places[j - one]))
        is_new = True
        if alive:
            while i > floor:
                i -= one
                if touched[heads[i, HEAD_TO]] or on_board[heads[i, HEAD_RUN]] != NEVER:
                    is_new = False
                    break
        else:
            i = min(i, floor)
        if is_new and j == np.uint64(first_added):
            break
        if is_new:
            j -= one
            leaves, at, run, flags = added[j, DEPARTURE], added[j, ARRIVAL], added[j, RUN], added[j, FLAGS]
            tail, to = np.uint64(added[j, FROM]), np.uint64(added[j, TO])
        else:
            leaves, at = connections[i, DEPARTURE], connections[i, ARRIVAL]
            run, flags = connections[i, RUN], connections[i, FLAGS]
            tail, to = np.uint64(connections[i, FROM]), np.uint64(connections[i, TO])
        worst = np.uint32(min(leaves + np.uint32(bound_s), np.uint32(latest)) + np.uint32(1))
        best = min(on_board[run], worst)
        if flags & np.uint32(ALIGHT):
            if is_new or better[to]:
                best = min(best, np.uint32(at + offset_s[to]))
            for way in range(onward_ptr[to], onward_ptr[to + one]):
                y = np.uint64(onward_to[way])
                ready = np.uint32(at + onward_s[way])
                if soonest[y] < best:
                    k = np.uint64(newest[y])
                    while found[k, LEAVES] < ready:
                        k = np.uint64(found[k, BEFORE])
                    if found[k, UNTIL] < ready:
                        best = min(best, found[k, ARRIVES])
                if is_new and y < n_old and base_count[y] > 0:
                    low, high = np.uint64(base_ptr[y]), np.uint64(base_ptr[y]) + np.uint64(base_count[y])
                    while low < high:
                        middle = (low + high) >> one
                        if base_departure[middle] >= ready:
                            low = middle + one
                        else:
                            high = middle
                    if low > np.uint64(base_ptr[y]):
                        best = min(best, base_arrival[low - one])
        if best >= worst:
            continue
        on_board[run] = best
        if not flags & np.uint32(BOARD) or best >= soonest[tail]:
            continue
        low, end = np.uint64(0), np.uint64(0)
        if tail < n_old:
            low = np.uint64(base_ptr[tail])
            end = low + np.uint64(base_count[tail])
        high = end
        while low < high:
            middle = (low + high) >> one
            if base_arrival[middle] > best:
                low = middle + one
            else:
                high = middle
        until = base_departure[low] if low < end else np.uint32(0)
        if until >= leaves:
            continue
        k = np.uint64(newest[tail])
        if k == np.uint64(0) or found[k, LEAVES] != leaves:
            if n_found == np.uint64(len(found)):
                more = np.empty((2 * len(found), 4), np.uint32)
                more[: len(found)] = found
                found = more
            k = n_found
            n_found += one
            found[k, LEAVES], found[k, BEFORE] = leaves, newest[tail]
            newest[tail] = k
        found[k, ARRIVES], found[k, UNTIL] = best, until
        soonest[tail] = best
        alive = True
        touched[tail] = True
        for b in range(np.uint64(back_ptr[tail]), np.uint64(back_ptr[tail + one])):
            touched[back_from[b]] = True
    return found[:n_found], newest[:n_stations]


@kernel
def improved_profiles(found, newest, walks, base, final, between, bound_s):
    """Return (station, least, ptr, departure, arrival) of the stations whose profile with first transfers improves.

    station int64 (n,) rising; least uint32 (n,) seconds of the shortest improvement; the rest their whole profiles:
    the Pareto union of `final`, that of the baseline with first transfers, and of the improvements of the station and
    of those one walks to from there, that leave and arrive `between` two seconds and within `bound_s`. Stations behind
    those of the baseline are new: journeys that begin on foot there may take those of the baseline at the other end.
    """
    walk_ptr, walk_to, walk_s = walks
    base_ptr, base_count, base_departure, base_arrival = base
    final_ptr, final_count, final_departure, final_arrival = final
    earliest, latest = between
    one, tag = np.uint64(1), np.uint64(1)
    n_stations, n_old = len(newest), len(base_count)
    stations, leasts = np.empty(n_stations, np.int64), np.empty(n_stations, np.uint32)
    ptr = np.zeros(n_stations + 1, np.uint32)
    departure, arrival = np.empty(_FIRST_ROOM, np.uint32), np.empty(_FIRST_ROOM, np.uint32)
    keys = np.empty(_FIRST_ROOM, np.uint64)
    n, used = 0, np.uint64(0)
    for x in range(n_stations):
        first, last = np.uint64(walk_ptr[x]), np.uint64(walk_ptr[x + 1])
        size = np.uint64(0)
        for w in range(first, last + one):
            y = np.uint64(x) if w == last else np.uint64(walk_to[w])
            k = np.uint64(newest[y])
            while k > np.uint64(0):
                size += one
                k = np.uint64(found[k, BEFORE])
            if x >= n_old and y < np.uint64(n_old):
                size += np.uint64(base_count[y])
        if size == np.uint64(0):
            continue
        from_base = np.uint64(final_count[x]) if x < n_old else np.uint64(0)
        size += from_base
        if size > np.uint64(len(keys)):
            keys = np.empty(2 * size, np.uint64)
        size = np.uint64(0)
        for k in range(from_base):
            keys[size] = _key(final_departure[final_ptr[x] + k], final_arrival[final_ptr[x] + k])
            size += one
        for w in range(first, last + one):
            y = np.uint64(x) if w == last else np.uint64(walk_to[w])
            seconds = np.uint32(0) if w == last else walk_s[w]
            k = np.uint64(newest[y])
            while k > np.uint64(0):
                if found[k, LEAVES] >= earliest + seconds:
                    keys[size] = _key(np.uint32(found[k, LEAVES] - seconds), found[k, ARRIVES]) | tag
                    size += one
                k = np.uint64(found[k, BEFORE])
            if x >= n_old and y < np.uint64(n_old):
                for k in range(np.uint64(base_ptr[y]), np.uint64(base_ptr[y]) + np.uint64(base_count[y])):
                    if base_departure[k] >= earliest + seconds and base_arrival[k] <= latest:
                        keys[size] = _key(np.uint32(base_departure[k] - seconds), base_arrival[k]) | tag
                        size += one
        keys[:size].sort()
        if used + size > np.uint64(len(departure)):
            departure, arrival = _roomier(departure, 2 * (used + size)), _roomier(arrival, 2 * (used + size))
        soonest, least = np.uint32(NEVER), np.uint32(NEVER)
        start = used
        for k in range(size):
            leaves = np.uint32(np.uint64(NEVER) - (keys[k] >> np.uint64(32)))
            arrives = np.uint32((keys[k] >> one) & np.uint64(NEVER))
            is_better = keys[k] & tag
            if arrives >= soonest or (is_better and arrives - leaves > bound_s):
                continue
            soonest = arrives
            departure[used], arrival[used] = leaves, arrives
            used += one
            if is_better:
                least = min(least, np.uint32(arrives - leaves))
        if least == np.uint32(NEVER):
            used = start
            continue
        stations[n], leasts[n], ptr[n + 1] = x, least, used
        n += 1
    return stations[:n], leasts[:n], ptr[: n + 1], departure[:used], arrival[:used]


@kernel
def _key(departure, arrival):
    """Return a number that rises as departures fall, then as arrivals rise; its last bit is free."""
    return ((np.uint64(NEVER) - np.uint64(departure)) << np.uint64(32)) | (np.uint64(arrival) << np.uint64(1))


@kernel
def _roomier(values, size):
    """Return a copy with room for `size`."""
    out = np.empty(size, np.uint32)
    out[: len(values)] = values
    return out
