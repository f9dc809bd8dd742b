"""One journey rebuilt: the rides of a journey from one station at one departure, fewest rides
first.

Forward connection scan in layers by number of rides. Among journeys of the fewest rides the first
counts, in order of departure second, then run: the order of `Timetable.connections`, which does not
depend on the input's rows. Only connections that can be reached, and from which the fastest hops
still arrive in time, are scanned.
"""

import numpy as np

from railshed.kernels.jit import kernel
from railshed.kernels.matrix import first_from
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
    Timetable,
)

#: places at first for the connections of a journey, and for the rides of journeys
_SOME = 16
#: marks of a station, and what they are before a journey: the second from which one can board, the
#: first of its connections that was met, whether it waits to be looked at, its number among the
#: stations of the journey
READY = 0
MET = 1
WAITS = 2
NUMBER = 3
_NO_MARKS = np.array([NEVER, -1, 0, -1], np.int32)


@kernel
def departures_of(connections, n_stations, n_runs):
    """Return the fields of `Departures`."""
    n = len(connections)
    ptr = np.zeros(n_stations + 1, np.uint32)
    following = np.empty(n, np.uint32)
    later = np.full(n_runs, n, np.uint32)
    for c in range(n - 1, -1, -1):
        ptr[connections[c, FROM] + 1] += np.uint32(1)
        following[c] = later[connections[c, RUN]]
        later[connections[c, RUN]] = c
    ptr = np.cumsum(ptr).astype(np.uint32)
    end = ptr.copy()
    place = np.empty(n, np.uint32)
    for c in range(n):
        place[end[connections[c, FROM]]] = c
        end[connections[c, FROM]] += np.uint32(1)
    return ptr, place, following


@kernel
def find_rides(timetable, departures, offset_s, least_s, n_runs, journeys, max_rides):
    """Return int64 (n + 1,) offsets, and int64 (n_rides, 2) connections boarded and left: the rides
    of each journey.

    journeys int64 (n, 3) origin, ready, by: the traveller stands ready to board at station `origin`
    at second `ready`, before an optional first transfer; the journey ends where arrival plus
    `offset_s` (NEVER: no target) is at most `by`. One that does not arrive `by` has no rides.
    least_s int64 (n_stations,): no journey from a station to its end is faster.
    """
    marks = np.empty((len(timetable.change_s), 4), np.int32)
    boarded_at = np.empty(n_runs, np.int64)
    marks[:] = _NO_MARKS
    ptr = np.zeros(len(journeys) + 1, np.int64)
    found = np.empty((_SOME, 2), np.int64)
    for k in range(len(journeys)):
        origin, ready, by = journeys[k]
        first = first_from(timetable.connections, np.uint32(ready))
        last = first_from(timetable.connections, np.uint32(by + 1))
        places = useful_places(
            timetable=timetable,
            departures=departures,
            least_s=least_s,
            first=first,
            last=last,
            origin=origin,
            ready=ready,
            by=by,
            marks=marks,
        )
        rides = rides_among(
            timetable=timetable,
            places=places,
            offset_s=offset_s,
            origin=origin,
            ready=ready,
            by=by,
            max_rides=max_rides,
            marks=marks,
            boarded_at=boarded_at,
        )
        ptr[k + 1] = ptr[k] + len(rides)
        while len(found) < ptr[k + 1]:
            found = np.concatenate((found, found))
        found[ptr[k] : ptr[k + 1]] = rides
    return ptr, found[: ptr[-1]]


@kernel
def rides_among(timetable, places, offset_s, origin, ready, by, max_rides, marks, boarded_at):
    """Return int64 (n_rides, 2) of the journey over the connections `places`; `marks` are then as
    before a journey.

    boarded_at int64 (n_runs,) is written over.
    """
    connections = np.empty((len(places), FLAGS + 1), np.uint32)
    stations = np.empty(2 * len(places) + 1, np.int64)
    stations[-1] = origin
    for k in range(len(places)):
        connections[k] = timetable.connections[places[k]]
        stations[2 * k], stations[2 * k + 1] = connections[k, FROM], connections[k, TO]
    stations = np.unique(stations)
    for x in range(len(stations)):
        marks[stations[x], NUMBER] = x
    for end in (FROM, TO):
        connections[:, end] = marks[:, NUMBER][connections[:, end]]
    walks = walks_among(timetable, stations, marks)
    part = Timetable(connections, timetable.change_s[stations], *walks)
    rides = fewest_rides(
        timetable=part,
        offset_s=offset_s[stations],
        boarded_at=boarded_at,
        origin=np.int64(marks[origin, NUMBER]),
        ready=ready,
        by=by,
        max_rides=max_rides,
    )
    for ride in range(len(rides)):
        rides[ride, 0], rides[ride, 1] = places[rides[ride, 0]], places[rides[ride, 1]]
    for x in stations:
        marks[x] = _NO_MARKS
        for w in range(timetable.walk_ptr[x], timetable.walk_ptr[x + 1]):
            marks[timetable.walk_to[w]] = _NO_MARKS
    return rides


@kernel
def useful_places(timetable, departures, least_s, first, last, origin, ready, by, marks):
    """Return int64 (n,) the connections, in order, of journeys from `origin` at `ready` that may
    end `by`.

    Connections [first, last) depart between both. Those of a station are met from the last in time
    back to the first that can be boarded, each once. marks int32 (n_stations, 4) are those of no
    journey before.
    """
    connections, change_s, walk_ptr, walk_to, walk_s = timetable
    ptr, place, following = departures
    waiting = np.empty(len(change_s), np.int64)
    n_waiting = may_board(np.int64(origin), np.int64(ready), marks, waiting, np.int64(0))
    for w in range(walk_ptr[origin], walk_ptr[origin + 1]):
        n_waiting = may_board(
            np.int64(walk_to[w]), ready + np.int64(walk_s[w]), marks, waiting, n_waiting
        )
    used = np.empty(_SOME, np.int64)
    n_used = 0
    is_used = np.zeros(last - first, np.bool_)
    while n_waiting:
        n_waiting -= 1
        x = waiting[n_waiting]
        marks[x, WAITS], k = 0, marks[x, MET]
        if k < 0:
            k = first_after(connections, place, ptr[x], ptr[x + 1], by - least_s[x])
        while k > ptr[x] and np.int64(connections[place[k - 1], DEPARTURE]) >= marks[x, READY]:
            k -= 1
            c = np.int64(place[k])
            if not connections[c, FLAGS] & BOARD:
                continue
            while c < last and not is_used[c - first]:
                at = np.int64(connections[c, ARRIVAL])
                to = np.int64(connections[c, TO])
                if at + least_s[to] > by:
                    break
                if n_used == len(used):
                    used = np.concatenate((used, used))
                used[n_used] = c
                is_used[c - first] = True
                n_used += 1
                if connections[c, FLAGS] & ALIGHT:
                    n_waiting = may_board(
                        to, at + np.int64(change_s[to]), marks, waiting, n_waiting
                    )
                    for w in range(walk_ptr[to], walk_ptr[to + 1]):
                        on_foot = at + np.int64(walk_s[w])
                        n_waiting = may_board(
                            np.int64(walk_to[w]), on_foot, marks, waiting, n_waiting
                        )
                c = np.int64(following[c])
        marks[x, MET] = k
    found = used[:n_used].copy()
    found.sort()
    return found


@kernel
def may_board(x, second, marks, waiting, n_waiting):
    """Note that one can board at station `x` from `second` on; return how many stations wait to be
    looked at.
    """
    if second >= marks[x, READY]:
        return n_waiting
    marks[x, READY] = second
    if not marks[x, WAITS]:
        marks[x, WAITS], waiting[n_waiting] = 1, x
        n_waiting += 1
    return n_waiting


@kernel
def first_after(connections, place, low, high, second):
    """Return the first of the connections place[low:high], by departure, that departs after
    `second`.
    """
    low = np.int64(low)
    high = np.int64(high)
    while low < high:
        middle = (low + high) // 2
        if np.int64(connections[place[middle], DEPARTURE]) <= second:
            low = middle + 1
        else:
            high = middle
    return low


@kernel
def walks_among(timetable, stations, marks):
    """Return CSR offsets, stations and seconds of the transfers between some stations, by their
    numbers.
    """
    ptr = np.zeros(len(stations) + 1, np.uint32)
    n = 0
    for x in range(len(stations)):
        n += timetable.walk_ptr[stations[x] + 1] - timetable.walk_ptr[stations[x]]
    to = np.empty(n, np.uint32)
    seconds = np.empty(n, np.uint32)
    n = 0
    for x in range(len(stations)):
        for w in range(timetable.walk_ptr[stations[x]], timetable.walk_ptr[stations[x] + 1]):
            end = marks[timetable.walk_to[w], NUMBER]
            if end >= 0:
                to[n] = end
                seconds[n] = timetable.walk_s[w]
                n += 1
        ptr[x + 1] = n
    return ptr, to, seconds


@kernel
def fewest_rides(timetable, offset_s, boarded_at, origin, ready, by, max_rides):
    """Return int64 (n_rides, 2) of the journey, places in this timetable; empty where none arrives
    `by`.
    """
    first = 0
    last = len(timetable.connections)
    n_stations = len(timetable.change_s)
    arrived = np.empty((max_rides + 1, n_stations), np.int64)
    came_on = np.empty((max_rides + 1, n_stations), np.int64)
    came_off = np.empty((max_rides + 1, n_stations), np.int64)
    boardable = np.empty((max_rides + 1, n_stations), np.int64)
    boardable[0] = NEVER
    boardable[0, origin] = ready
    walk_on(timetable, origin, np.int64(ready), boardable[0])
    for rides in range(
        1, max_rides + 1
    ):  # few journeys have many rides: a round fills its own rows
        arrived[rides] = NEVER
        boardable[rides] = NEVER
        came_on[rides] = -1
        came_off[rides] = -1
        for c in range(first, last):
            boarded_at[timetable.connections[c, RUN]] = -1
        scan_round(
            timetable=timetable,
            first=first,
            last=last,
            by=by,
            rides=rides,
            arrived=arrived,
            boardable=boardable,
            boarded_at=boarded_at,
            came_on=came_on,
            came_off=came_off,
        )
        target = np.int64(-1)
        best = np.int64(by) + 1
        for x in range(n_stations):
            if (
                arrived[rides, x] != NEVER
                and offset_s[x] != NEVER
                and arrived[rides, x] + offset_s[x] < best
            ):
                best = arrived[rides, x] + np.int64(offset_s[x])
                target = x
        if target >= 0:
            return collect(timetable, target, rides, arrived, came_on, came_off)
    return np.empty((0, 2), np.int64)


@kernel
def scan_round(
    timetable, first, last, by, rides, arrived, boardable, boarded_at, came_on, came_off
):
    """Find the earliest arrivals by train with exactly `rides` rides, and from when on one can
    board after them.

    boarded_at int64 (n_runs,): the connection boarded, -1 for none. boardable int64 (max_rides + 1,
    n_stations): the second from which on one can board after so many rides.
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
                if (
                    on >= 0
                    and on <= c
                    and connections[c, FLAGS] & ALIGHT
                    and arrives < arrived[rides, to]
                ):
                    arrived[rides, to] = arrives
                    came_on[rides, to] = on
                    came_off[rides, to] = c
                    boardable[rides, to] = min(
                        boardable[rides, to], arrives + np.int64(timetable.change_s[to])
                    )
                    walk_on(timetable, np.int64(to), arrives, boardable[rides])
                    changed = True
            repeat = changed and (connections[group, FLAGS] & REPEAT) != 0


@kernel
def walk_on(timetable, station, second, boardable):
    """Lower `boardable` (int64 (n_stations,)) to the arrivals on foot when leaving `station` at
    `second`.
    """
    for w in range(timetable.walk_ptr[station], timetable.walk_ptr[station + 1]):
        to = timetable.walk_to[w]
        boardable[to] = min(boardable[to], second + np.int64(timetable.walk_s[w]))


@kernel
def previous_station(timetable, at, second, rides, arrived):
    """Return where the traveller got off before boarding at `at` by `second`: `at` itself, else a
    neighbour.
    """
    if arrived[rides, at] + np.int64(timetable.change_s[at]) <= second:
        return np.int64(at)
    x = np.int64(0)
    while not walks_over(timetable, x, at, arrived[rides, x], second):
        x += np.int64(1)
    return x


@kernel
def walks_over(timetable, x, at, leaves, second):
    """Return whether a walk that leaves station `x` at `leaves` arrives at station `at` by
    `second`.
    """
    for w in range(timetable.walk_ptr[x], timetable.walk_ptr[x + 1]):
        if timetable.walk_to[w] == at and leaves + np.int64(timetable.walk_s[w]) <= second:
            return True
    return False


@kernel
def collect(timetable, target, rides, arrived, came_on, came_off):
    """Return int64 (rides, 2) connections boarded and left, from the first ride to the one that
    ends at `target`.
    """
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
