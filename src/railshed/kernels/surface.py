"""Cells: the best station minute by minute, then the percentile; never the percentile of stations."""

import numpy as np

from railshed.kernels.jit import kernel
from railshed.kernels.types import NEVER
from railshed.kernels.window import arrivals_after


@kernel
def number_within(best, seconds):
    """Return how many of `best` are at most `seconds`."""
    number = 0
    for m in range(len(best)):
        number += best[m] <= seconds
    return number


@kernel
def cell_times(cell_ptr, pair_station, pair_s, times, ranks, cutoffs):
    """Return (ranked int32 (n_cells, n_ranks), served int32 (n_cells, n_cutoffs)) over the minutes of a window.

    A cell's time at a minute is the least of station time plus access over its pairs. cell_ptr int64 (n_cells + 1,);
    pair_station int64, pair_s int64 (n_pairs,); times int32 (n_stations, n_minutes), NEVER where unreached;
    cutoffs int64 seconds, inclusive.
    """
    n_cells = len(cell_ptr) - 1
    n_minutes = times.shape[1]
    out = np.empty((n_cells, len(ranks)), np.int32)
    served = np.zeros((n_cells, len(cutoffs)), np.int32)
    best = np.empty(n_minutes, np.int32)
    for cell in range(n_cells):
        best[:] = NEVER
        reached = False
        for pair in range(cell_ptr[cell], cell_ptr[cell + 1]):
            station = pair_station[pair]
            extra = np.int32(pair_s[pair])
            for m in range(n_minutes):
                value = times[station, m]
                if value != NEVER:
                    best[m] = min(best[m], np.int32(value + extra))
                    reached = True
        if reached:
            summarise(best, ranks, cutoffs, out[cell], served[cell])
        else:
            out[cell] = NEVER
    return out, served


@kernel
def summarise(best, ranks, cutoffs, out, served):
    """Fill `out` with the ranked values of one cell's minutes and `served` with how many are within each cutoff.

    A rank is found by bisection over seconds with a count of the minutes: few ranks, so cheaper than a sort.
    """
    for c in range(len(cutoffs)):
        served[c] = number_within(best, cutoffs[c])
    reached = 0
    largest = np.int64(0)
    for m in range(len(best)):
        if best[m] != NEVER:
            reached += 1
            largest = max(largest, np.int64(best[m]))
    for r in range(len(ranks)):
        if ranks[r] >= reached:
            out[r] = NEVER
            continue
        low, high = np.int64(0), largest
        while low < high:
            middle = (low + high) // 2
            if number_within(best, middle) > ranks[r]:
                high = middle
            else:
                low = middle + 1
        out[r] = low


@kernel
def cell_departures(cell_ptr, pair_station, pair_s, stairs, departures, bound_s, ranks, cutoffs):
    """Return the same as `cell_times` for a traveller who leaves the door at each of `departures` (turn up and go)."""
    n_cells = len(cell_ptr) - 1
    out = np.empty((n_cells, len(ranks)), np.int32)
    served = np.zeros((n_cells, len(cutoffs)), np.int32)
    best = np.empty(len(departures), np.int32)
    for cell in range(n_cells):
        best[:] = NEVER
        for pair in range(cell_ptr[cell], cell_ptr[cell + 1]):
            extra = pair_s[pair]
            taken = arrivals_after(stairs, pair_station[pair], departures + extra, bound_s)
            for m in range(len(departures)):
                if taken[m] != NEVER:
                    best[m] = min(best[m], np.int32(taken[m] + extra))
        summarise(best, ranks, cutoffs, out[cell], served[cell])
    return out, served


@kernel
def cell_trips(cell_ptr, pair_station, pair_s, stairs, start, end, limit_s):
    """Return int32 (n_cells,): distinct arrivals in [start, end] of journeys within `limit_s`, over all stations."""
    n_cells = len(cell_ptr) - 1
    out = np.zeros(n_cells, np.int32)
    seen = np.empty(max(1, len(stairs.arrival)), np.int64)
    for cell in range(n_cells):
        n = 0
        for pair in range(cell_ptr[cell], cell_ptr[cell + 1]):
            x = pair_station[pair]
            base = np.int64(stairs.ptr[x])
            for k in range(base, base + np.int64(stairs.count[x])):
                arrives = np.int64(stairs.arrival[k])
                taken = arrives - np.int64(stairs.departure[k]) + pair_s[pair]
                if start <= arrives <= end and taken <= limit_s and n < len(seen):
                    seen[n] = arrives
                    n += 1
        if n > 0:
            order = np.sort(seen[:n])
            out[cell] = 1
            for k in range(1, n):
                if order[k] != order[k - 1]:
                    out[cell] += 1
    return out
