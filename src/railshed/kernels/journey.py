"""One journey rebuilt: the rides of a journey from one station at one departure, fewest rides first.

Forward connection scan in layers by number of rides. Among journeys of the fewest rides the first counts, in
order of departure second, then run: the order of `Timetable.connections`, which does not depend on the input's rows.
"""

import numpy as np

from railshed.kernels.jit import kernel
from railshed.kernels.types import ALIGHT, ARRIVAL, BOARD, DEPARTURE, FLAGS, FROM, NEVER, REPEAT, RUN, TO


@kernel
def find_rides(timetable, offset_s, first, last, n_runs, origin, ready, by, max_rides):
    """Return int64 (n_rides, 2) connections boarded and left, empty where no journey arrives `by`.

    The traveller stands ready to board at station `origin` at second `ready`, before an optional first transfer; the
    journey ends where arrival plus `offset_s` (NEVER: no target) is at most `by`. Connections [first, last) are used.
    """
    n_stations = len(timetable.change_s)
    arrived = np.empty((max_rides + 1, n_stations), np.int64)
    boarded_at = np.empty(n_runs, np.int64)
    came_on = np.empty((max_rides + 1, n_stations), np.int64)
    came_off = np.empty((max_rides + 1, n_stations), np.int64)
    boardable = np.empty((max_rides + 1, n_stations), np.int64)
    boardable[0] = NEVER
    boardable[0, origin] = ready
    walk_on(timetable, origin, np.int64(ready), boardable[0])
    for rides in range(1, max_rides + 1):  # few journeys have many rides: a round fills its own rows
        arrived[rides], boardable[rides] = NEVER, NEVER
        came_on[rides], came_off[rides] = -1, -1
        for c in range(first, last):
            boarded_at[timetable.connections[c, RUN]] = -1
        scan_round(timetable, first, last, by, rides, arrived, boardable, boarded_at, came_on, came_off)
        target = np.int64(-1)
        best = np.int64(by) + 1
        for x in range(n_stations):
            if arrived[rides, x] != NEVER and offset_s[x] != NEVER and arrived[rides, x] + offset_s[x] < best:
                best = arrived[rides, x] + np.int64(offset_s[x])
                target = x
        if target >= 0:
            return collect(timetable, target, rides, arrived, came_on, came_off)
    return np.empty((0, 2), np.int64)


@kernel
def scan_round(timetable, first, last, by, rides, arrived, boardable, boarded_at, came_on, came_off):
    """Find the earliest arrivals by train with exactly `rides` rides, and from when on one can board after them.

    boarded_at int64 (n_runs,): the connection boarded, -1 for none. boardable int64 (max_rides + 1, n_stations): the
    second from which on one can board after so many rides.
    """
    connections = timetable.connections
    i = first
    while i < last and connections[i, DEPARTURE] <= by:
        group = i
        while i < last and connections[i, DEPARTURE] == connections[group, DEPARTURE]:
            i += 1
        repeat = True
        while repeat:
            changed = False
            for c in range(group, i):
                run = connections[c, RUN]
                if boarded_at[run] < 0 and connections[c, FLAGS] & BOARD:
                    at = np.int64(connections[c, FROM])
                    second = np.int64(connections[c, DEPARTURE])
                    if boardable[rides - 1, at] <= second:
                        boarded_at[run] = c
                        changed = True
                arrives = np.int64(connections[c, ARRIVAL])
                to = connections[c, TO]
                on = boarded_at[run]
                if on >= 0 and on <= c and connections[c, FLAGS] & ALIGHT and arrives < arrived[rides, to]:
                    arrived[rides, to] = arrives
                    came_on[rides, to] = on
                    came_off[rides, to] = c
                    boardable[rides, to] = min(boardable[rides, to], arrives + np.int64(timetable.change_s[to]))
                    walk_on(timetable, np.int64(to), arrives, boardable[rides])
                    changed = True
            repeat = changed and (connections[group, FLAGS] & REPEAT) != 0


@kernel
def walk_on(timetable, station, second, boardable):
    """Lower `boardable` (int64 (n_stations,)) to the arrivals on foot when leaving `station` at `second`."""
    for w in range(timetable.walk_ptr[station], timetable.walk_ptr[station + 1]):
        to = timetable.walk_to[w]
        boardable[to] = min(boardable[to], second + np.int64(timetable.walk_s[w]))


@kernel
def previous_station(timetable, at, second, rides, arrived):
    """Return where the traveller got off before boarding at `at` by `second`: `at` itself, else a neighbour."""
    if arrived[rides, at] + np.int64(timetable.change_s[at]) <= second:
        return np.int64(at)
    x = np.int64(0)
    while not walks_over(timetable, x, at, arrived[rides, x], second):
        x += np.int64(1)
    return x


@kernel
def walks_over(timetable, x, at, leaves, second):
    """Return whether a walk that leaves station `x` at `leaves` arrives at station `at` by `second`."""
    for w in range(timetable.walk_ptr[x], timetable.walk_ptr[x + 1]):
        if timetable.walk_to[w] == at and leaves + np.int64(timetable.walk_s[w]) <= second:
            return True
    return False


@kernel
def collect(timetable, target, rides, arrived, came_on, came_off):
    """Return int64 (rides, 2) connections boarded and left, from the first ride to the one that ends at `target`."""
    out = np.empty((rides, 2), np.int64)
    x = np.int64(target)
    for ride in range(rides, 0, -1):
        out[ride - 1, 0] = came_on[ride, x]
        out[ride - 1, 1] = came_off[ride, x]
        board = came_on[ride, x]
        if ride > 1:
            at = np.int64(timetable.connections[board, FROM])
            second = np.int64(timetable.connections[board, DEPARTURE])
            x = previous_station(timetable, at, second, ride - 1, arrived)
    return out
