"""What a draw changes: the times of a timetable's connections, and the seconds of ways to doors."""

import numpy as np

from railshed.kernels.jit import kernel
from railshed.kernels.types import ARRIVAL, DEPARTURE, FLAGS, NEVER, REPEAT, RUN, TO


@kernel
def moved_connections(connections, place_of_run, shift_s, pace, start_s, instant):
    """Return the connections at other times, sorted by departure; those of one second stay in
    order.

    A time t of a run becomes start + pace (t - start) + shift, rounded, and 0 if it is less.
    shift_s, start_s int64 and pace float64 (n,) of the runs in use, int32 (n_runs,) the place of
    each run there; instant bool (n_stations,) where one can board again in the second of arrival:
    REPEAT is set anew (see `types.Timetable`).
    """
    n = np.uint64(len(connections))
    one = np.uint64(1)
    leaves = np.empty(n, np.uint32)
    arrives = np.empty(n, np.uint32)
    for i in range(n):
        run = np.uint64(place_of_run[connections[i, RUN]])
        start = start_s[run]
        shift = shift_s[run]
        leave = np.int64(connections[i, DEPARTURE]) - start
        arrive = np.int64(connections[i, ARRIVAL]) - start
        if pace[run] != 1.0:
            leave = np.int64(np.rint(leave * pace[run]))
            arrive = np.int64(np.rint(arrive * pace[run]))
        leaves[i] = max(0, leave + start + shift)
        arrives[i] = max(np.int64(leaves[i]), arrive + start + shift)
    first = leaves.min() if n else np.uint32(0)
    n_seconds = np.uint64(leaves.max() - first if n else 0) + np.uint64(2)
    place = np.zeros(n_seconds, np.uint32)
    repeats = np.zeros(n_seconds, np.uint32)
    for i in range(n):
        second = np.uint64(leaves[i] - first)
        place[second + one] += np.uint32(1)
        if leaves[i] == arrives[i] and instant[np.uint64(connections[i, TO])]:
            repeats[second] = REPEAT
    for second in range(one, n_seconds):
        place[second] += place[second - one]
    moved = np.empty((n, FLAGS + 1), np.uint32)
    keep = ~np.uint32(REPEAT)
    for i in range(n):
        second = np.uint64(leaves[i] - first)
        at = np.uint64(place[second])
        place[second] += np.uint32(1)
        for column in range(FLAGS + 1):
            moved[at, column] = connections[i, column]
        moved[at, DEPARTURE] = leaves[i]
        moved[at, ARRIVAL] = arrives[i]
        moved[at, FLAGS] = (connections[i, FLAGS] & keep) | repeats[second]
    return moved


@kernel
def pairs_of_ways(end, door, n_ends, n_doors):
    """Return (ptr, door, pair): the pairs of end and door that ways join, end by end, and the pair
    of each way.

    end, door int64 (n_ways,). ptr int64 (n_ends + 1,) offsets of the pairs of an end, door int32
    (n_pairs,), pair int32 (n_ways,).
    """
    first = np.zeros(n_ends + 1, np.int64)
    for way in range(len(end)):
        first[end[way] + 1] += 1
    for e in range(n_ends):
        first[e + 1] += first[e]
    ways = np.empty(len(end), np.int64)
    here = first[:-1].copy()
    for way in range(len(end)):
        ways[here[end[way]]] = way
        here[end[way]] += 1
    ptr = np.zeros(n_ends + 1, np.int64)
    of_pair = np.empty(len(end), np.int32)
    pair = np.empty(len(end), np.int32)
    latest = np.full(n_doors, -1, np.int64)
    n = 0
    for e in range(n_ends):
        for k in range(first[e], first[e + 1]):
            d = door[ways[k]]
            if latest[d] < ptr[e]:
                latest[d] = n
                of_pair[n] = d
                n += 1
            pair[ways[k]] = latest[d]
        ptr[e + 1] = n
    return ptr, of_pair[:n], pair


@kernel
def open_pairs(ptr, door, seconds):
    """Return (ptr int64, door int32, seconds int32): the pairs that are not NEVER seconds, by cell.

    ptr int64 (n_cells + 1,) offsets, door and seconds int32 (n_pairs,).
    """
    out_ptr = np.zeros(len(ptr), np.int64)
    of_pair = np.empty(len(door), np.int32)
    taken = np.empty(len(door), np.int32)
    n = np.uint64(0)
    for cell in range(len(ptr) - 1):
        for pair in range(np.uint64(ptr[cell]), np.uint64(ptr[cell + 1])):
            of_pair[n] = door[pair]  # written over where it is closed: no branch
            taken[n] = seconds[pair]
            n += np.uint64(seconds[pair] != NEVER)
        out_ptr[cell + 1] = n
    return out_ptr, of_pair[:n], taken[:n]


@kernel
def shorten(best, pair, door, metres, per_metre, overhead_s, cap_s):
    """Lower `best`, int32 (n_pairs,), to the seconds of straight ways that are within the cap.

    pair, door and metres int32 (n_ways,); per_metre (seconds) and overhead_s float64 (n_doors,).
    Seconds are rounded up as `access.straight.mode_seconds` does.
    """
    for i in range(np.uint64(len(pair))):
        at = np.uint64(door[i])
        seconds = np.int64(np.ceil(overhead_s[at] + metres[i] * per_metre[at] - 1e-6))
        if seconds <= cap_s and seconds < best[np.uint64(pair[i])]:
            best[np.uint64(pair[i])] = seconds
