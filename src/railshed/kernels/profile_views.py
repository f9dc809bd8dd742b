"""Travel times for the minutes of a window, counts and gaps, computed from profiles.

All times are seconds in the direction of time of the profiles. Kernels return the rail journey
alone.
"""

import numpy as np

from railshed.kernels.jit import kernel
from railshed.kernels.types import NEVER

#: seconds early times their weight are rounded up from this much less
_ROUNDING_S = 1e-6


@kernel
def travel_times(profiles, deadlines, slack_s, weight, bound_s, turned):
    """Return int32 (n_stations, n_minutes): least seconds of journeys that arrive by each deadline,
    NEVER above bound.

    deadlines int64 (n_minutes,) rising. A journey that arrives early takes its own seconds, and
    `weight` (above 0, at most 1) times those that it is early beyond `slack_s`, rounded up.
    `turned`: the last deadline comes first in the result.

    Invariant: before the last loop over minutes, taken[m] is the least seconds of journeys that
    arrive within the slack before deadline m, costs[m] the least of (seconds - weight * arrival) of
    those that arrive by deadline m - slack, not by that of m - 1: beyond the slack all journeys
    grow alike, so the least stays the least.
    """
    ptr, count, departure, arrival = profiles
    one = np.uint64(1)
    n_minutes = np.uint64(len(deadlines))
    out = np.empty((len(count), n_minutes), np.int32)
    if n_minutes == 0:
        return out
    after = deadlines_after(deadlines)
    taken = np.empty(n_minutes, np.int32)
    costs = np.empty(n_minutes + one, np.float64)
    for x in range(np.uint64(len(count))):
        if count[x] == 0:
            out[x] = NEVER
            continue
        taken[:] = NEVER
        costs[:] = np.inf
        for k in range(np.uint64(ptr[x]), np.uint64(ptr[x]) + np.uint64(count[x])):
            second = np.int64(arrival[k]) - deadlines[0]
            from_here = np.uint64(after[min(max(second, 0), len(after) - 1)])
            early_from = np.uint64(after[min(max(second + slack_s, 0), len(after) - 1)])
            seconds = np.int32(arrival[k] - departure[k])
            for m in range(from_here, early_from):
                taken[m] = min(taken[m], seconds)
            costs[early_from] = min(costs[early_from], seconds - weight * arrival[k])
        least = np.inf
        for m in range(n_minutes):
            least = min(least, costs[m])
            early = weight * (deadlines[m] - slack_s) + least
            best = taken[m]
            if early < best:
                best = np.int32(np.ceil(early - _ROUNDING_S))
            # element by element: numba words the errors of copied slices, two seconds of its
            # compilation
            out[x, n_minutes - one - m if turned else m] = best if best <= bound_s else NEVER
    return out


@kernel
def least_times(profiles, deadlines, slack_s, weight, bound_s):
    """Return int64 (n_stations,): the least of each row of `travel_times`, NEVER where there is
    none.

    A journey takes least at the first deadline after it.
    """
    ptr, count, departure, arrival = profiles
    out = np.full(len(count), NEVER, np.int64)
    if len(deadlines) == 0:
        return out
    after = deadlines_after(deadlines)
    for x in range(len(count)):
        for k in range(np.uint64(ptr[x]), np.uint64(ptr[x]) + np.uint64(count[x])):
            arrives = np.int64(arrival[k])
            seconds = np.int64(arrival[k] - departure[k])
            m = after[min(max(arrives - deadlines[0], 0), len(after) - 1)]
            if m == len(deadlines):
                continue
            if deadlines[m] - arrives > slack_s:
                early = weight * (deadlines[m] - slack_s) + (seconds - weight * arrives)
                seconds = np.int64(np.ceil(early - _ROUNDING_S))
            if seconds <= bound_s:
                out[x] = min(out[x], seconds)
    return out


@kernel
def deadlines_after(deadlines):
    """Return uint32 (n,): for each second from the first deadline on, the place of the first
    deadline not before it.

    The last entry, for any later second, is the number of deadlines.
    """
    out = np.full(deadlines[-1] - deadlines[0] + 2, len(deadlines), np.uint32)
    second = 0
    for m in range(len(deadlines)):
        while second <= deadlines[m] - deadlines[0]:
            out[second] = m
            second += 1
    return out


@kernel
def fastest(profiles):
    """Return int64 (n_stations,) seconds of the fastest journey of each station, NEVER where there
    is none.
    """
    out = np.full(len(profiles.count), NEVER, np.int64)
    for x in range(len(profiles.count)):
        for k in range(
            np.uint64(profiles.ptr[x]), np.uint64(profiles.ptr[x]) + np.uint64(profiles.count[x])
        ):
            out[x] = min(out[x], np.int64(profiles.arrival[k] - profiles.departure[k]))
    return out


@kernel
def journeys_within(profiles, extra_s, low, high, start, end, limit_s):
    """Return int32 (n_stations, 4): number, first arrival, last arrival, largest gap of journeys of
    at most `limit_s`.

    Counted are journeys that arrive in [low, high] and take at most `limit_s` with `extra_s` (int64
    (n_stations,)) added; the largest gap counts from `start` to the first arrival, between
    arrivals, and to `end`. First and last are -1 where there is none.
    """
    n_stations = len(profiles.count)
    out = np.empty((n_stations, 4), np.int32)
    for x in range(n_stations):
        base = np.int64(profiles.ptr[x])
        number = 0
        first = np.int64(-1)
        last = np.int64(-1)
        gap = np.int64(0)
        before = np.int64(start)
        k = base + np.int64(profiles.count[x])
        while k > base:
            k -= 1
            arrives = np.int64(profiles.arrival[k])
            if arrives < low or arrives > high:
                continue
            if arrives - np.int64(profiles.departure[k]) + extra_s[x] > limit_s:
                continue
            if number == 0:
                first = arrives
            number += 1
            last = arrives
            gap = max(gap, arrives - before)
            before = arrives
        out[x, 0] = number
        out[x, 1] = first
        out[x, 2] = last
        out[x, 3] = max(gap, np.int64(end) - before)
    return out
