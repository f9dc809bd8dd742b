"""One search a minute: the way to fill a window without profiles, written as well as we can.

A backward connection scan for one deadline gives the latest departure of every station that arrives
by then: no list a station, two numbers only. The rules are those of
`railshed.kernels.profile_scan`: two labels a station (arrived by train, ready to board), change
times, one transfer before the first ride, between two rides or after the last.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

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
from railshed.routing.directions import Direction
from railshed.routing.journeys import Compiled


class Searches(NamedTuple):
    """The deadlines of a window and the connections that each of them needs."""

    #: int64 (n_minutes,) kernel seconds, rising
    deadlines: NDArray[np.int64]
    #: int64 (n_minutes,) connections [first, last) depart within the bound before the deadline
    first: NDArray[np.int64]
    last: NDArray[np.int64]


def plan_searches(timetable: Timetable, deadlines: NDArray[np.int64], bound_s: int) -> Searches:
    """Return the range of connections of each deadline."""
    departures = timetable.connections[:, DEPARTURE].astype(np.int64)
    return Searches(
        deadlines,
        np.searchsorted(departures, deadlines - bound_s).astype(np.int64),
        np.searchsorted(departures, deadlines, "right").astype(np.int64),
    )


def run_searches(
    compiled: Compiled,
    direction: Direction,
    offset_s: NDArray[np.uint32],
    searches: Searches,
    bound_s: int,
) -> NDArray[np.uint32]:
    """Return uint32 (n_minutes, n_stations): the latest departure in kernel time, 0 where there is
    none.
    """
    timetable = compiled.timetable(direction)
    # transfers *into* a station are the transfers out of it in the other direction of time
    mirrored = compiled.timetable("from" if direction == "to" else "to")
    return search_every_minute(
        timetable.connections,
        timetable.change_s,
        timetable.walk_ptr,
        timetable.walk_to,
        timetable.walk_s,
        mirrored.walk_ptr,
        mirrored.walk_to,
        mirrored.walk_s,
        offset_s,
        searches.deadlines,
        searches.first,
        searches.last,
        compiled.n_runs,
        bound_s,
    )


@njit(nogil=True)
def search_every_minute(
    connections,
    change_s,
    walk_ptr,
    walk_to,
    walk_s,
    back_ptr,
    back_to,
    back_s,
    offset_s,
    deadlines,
    firsts,
    lasts,
    n_runs,
    bound_s,
):  # type: ignore[no-untyped-def]
    """Run one search a deadline; see `run_searches`."""
    n_stations = len(change_s)
    out = np.zeros((len(deadlines), n_stations), np.uint32)
    in_by = np.empty(n_stations, np.uint32)
    board = np.empty(n_stations, np.uint32)
    useful = np.empty(n_runs, np.uint8)
    for m in range(len(deadlines)):
        in_by[:] = 0
        board[:] = 0
        useful[:] = 0
        for x in range(n_stations):
            if offset_s[x] != NEVER:
                in_by[x] = deadlines[m] - offset_s[x]
        search_back(
            connections,
            change_s,
            back_ptr,
            back_to,
            back_s,
            np.uint64(firsts[m]),
            np.uint64(lasts[m]),
            in_by,
            board,
            useful,
        )
        earliest = deadlines[m] - bound_s
        for x in range(n_stations):
            best = np.int64(board[x])
            for w in range(walk_ptr[x], walk_ptr[x + 1]):
                best = max(best, np.int64(board[walk_to[w]]) - np.int64(walk_s[w]))
            if best >= earliest:
                out[m, x] = best
    return out


@njit(nogil=True)
def search_back(
    connections, change_s, back_ptr, back_to, back_s, first, last, in_by, board, useful
):  # type: ignore[no-untyped-def]
    """Scan connections [first, last) backward; `board` takes the latest departure of every station.

    in_by uint32 (n_stations,): arrive by train no later than this and the deadline is kept, 0 =
    cannot be kept; useful uint8 (n_runs,): whoever stays on board keeps the deadline.
    """
    one = np.uint64(1)
    i = last
    while i > first:
        i -= one
        if connections[i, FLAGS] & REPEAT:
            start = i
            while (
                start > first and connections[start - one, DEPARTURE] == connections[i, DEPARTURE]
            ):
                start -= one
            settle_second(
                connections,
                change_s,
                back_ptr,
                back_to,
                back_s,
                start,
                i + one,
                in_by,
                board,
                useful,
            )
            i = start
            continue
        run = connections[i, RUN]
        flags = connections[i, FLAGS]
        if useful[run] or (flags & ALIGHT and connections[i, ARRIVAL] <= in_by[connections[i, TO]]):
            useful[run] = 1
            origin = connections[i, FROM]
            leaves = connections[i, DEPARTURE]
            if flags & BOARD and board[origin] < leaves:
                board[origin] = leaves
                in_by[origin] = max(in_by[origin], leaves - change_s[origin])
                for w in range(back_ptr[origin], back_ptr[origin + np.uint32(1)]):
                    in_by[back_to[w]] = max(in_by[back_to[w]], leaves - back_s[w])


@njit(nogil=True)
def settle_second(
    connections, change_s, back_ptr, back_to, back_s, first, last, in_by, board, useful
):  # type: ignore[no-untyped-def]
    """Scan the connections of one second, some of no duration, until no station improves (as
    `profile` does).
    """
    before = np.empty(last - first, np.uint8)
    for k in range(first, last):
        before[k - first] = useful[connections[k, RUN]]
    changed = True
    while changed:
        changed = False
        for k in range(first, last):
            useful[connections[k, RUN]] = before[k - first]
        i = np.int64(last)
        while i > np.int64(first):
            i -= 1
            run = connections[i, RUN]
            flags = connections[i, FLAGS]
            if useful[run] or (
                flags & ALIGHT and connections[i, ARRIVAL] <= in_by[connections[i, TO]]
            ):
                useful[run] = 1
                origin = connections[i, FROM]
                leaves = connections[i, DEPARTURE]
                if flags & BOARD and board[origin] < leaves:
                    changed = True
                    board[origin] = leaves
                    in_by[origin] = max(in_by[origin], leaves - change_s[origin])
                    for w in range(back_ptr[origin], back_ptr[origin + np.uint32(1)]):
                        in_by[back_to[w]] = max(in_by[back_to[w]], leaves - back_s[w])
