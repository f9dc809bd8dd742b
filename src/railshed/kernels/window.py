"""Views of staircases: travel times for the minutes of a window, percentiles, shares and counts.

All times are seconds in the staircases' own direction of time. Kernels return the rail journey alone.
"""

import numpy as np

from railshed.kernels.jit import kernel
from railshed.kernels.types import NEVER


@kernel
def travel_times(stairs, deadlines, slack_s, bound_s):
    """Return int32 (n_stations, n_minutes): the least of max(arrival, deadline - slack) - departure, NEVER above bound.

    deadlines int64 (n_minutes,) rising. A journey counts for a deadline when it arrives no later.
    """
    ptr, count, departure, arrival = stairs
    one = np.uint64(1)
    n_stations, n_minutes = np.uint64(len(count)), np.uint64(len(deadlines))
    out = np.empty((n_stations, n_minutes), np.int32)
    for x in range(n_stations):
        base = np.uint64(ptr[x])
        end = base + np.uint64(count[x])
        latest = end
        for m in range(n_minutes):
            deadline = np.uint32(deadlines[m])
            early = np.uint32(deadlines[m] - slack_s)
            while latest > base and arrival[latest - one] <= deadline:
                latest -= one
            best = np.uint32(NEVER)
            k = latest
            while k < end and arrival[k] > early:
                best = min(best, np.uint32(arrival[k] - departure[k]))
                k += one
            if k < end:  # all that arrive earlier leave earlier too
                best = min(best, np.uint32(early - departure[k]))
            out[x, m] = best if best <= bound_s else NEVER
    return out


@kernel
def arrivals_after(stairs, x, ready, bound_s):
    """Return int64 (n,): seconds from each of `ready` (rising) to the earliest arrival from `x`, NEVER if none."""
    base = np.int64(stairs.ptr[x])
    k = base + np.int64(stairs.count[x])
    out = np.full(len(ready), NEVER, np.int64)
    for m in range(len(ready)):
        while k > base and stairs.departure[k - 1] < ready[m]:
            k -= 1
        if k > base:
            taken = np.int64(stairs.arrival[k - 1]) - ready[m]
            if taken <= bound_s:
                out[m] = taken
    return out


@kernel
def ranked(values, ranks):
    """Return int32 (n_rows, n_ranks): in each row of `values` the entries at these places of the sorted row."""
    out = np.empty((values.shape[0], len(ranks)), np.int32)
    for row in range(values.shape[0]):
        order = np.sort(values[row])
        for r in range(len(ranks)):
            out[row, r] = order[ranks[r]]
    return out


@kernel
def journeys_within(stairs, extra_s, low, high, start, end, limit_s):
    """Return int32 (n_stations, 4): number, first arrival, last arrival, largest gap of journeys of at most `limit_s`.

    Counted are journeys that arrive in [low, high] and take at most `limit_s` with `extra_s` (int64 (n_stations,))
    added; the largest gap counts from `start` to the first arrival, between arrivals, and to `end`. First and last are
    -1 where there is none.
    """
    n_stations = len(stairs.count)
    out = np.empty((n_stations, 4), np.int32)
    for x in range(n_stations):
        base = np.int64(stairs.ptr[x])
        number = 0
        first = np.int64(-1)
        last = np.int64(-1)
        gap = np.int64(0)
        before = np.int64(start)
        k = base + np.int64(stairs.count[x])
        while k > base:
            k -= 1
            arrives = np.int64(stairs.arrival[k])
            if arrives < low or arrives > high:
                continue
            if arrives - np.int64(stairs.departure[k]) + extra_s[x] > limit_s:
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
