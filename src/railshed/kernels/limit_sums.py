"""Cells and people within each of some limits, in one pass over the cells."""

import numpy as np

from railshed.kernels.jit import kernel

_N_PARTS = 4


@kernel
def sum_within(since, until, limits, county, part, known, cell, people_county, people):
    """Return int64 (2, n_limits, n_counties + 4) cells inside, all and the known ones, and float64 people alike.

    By limit, each with its counties first and the 4 parts after them; people (n_limits, n_counties + 4). A cell is
    inside at limits (int64, rising) from its `since` on and below its `until`, both int64 (n_cells,) seconds; `until`
    (0,): no end. county int64 (n_cells,); part int64 (n_counties,); known bool (n_cells,), (0,): all. cell and
    people_county int64 and people float64 (n_people,), added up in their order: to the last bit the sums of the inside
    ones alone.
    """
    n_limits, n_counties = len(limits), len(part)
    cells = np.zeros((2, n_limits + 1, n_counties + _N_PARTS), np.int64)
    sums = np.zeros((n_limits, n_counties + _N_PARTS), np.float64)
    first, last = np.empty(len(since), np.int32), np.full(len(since), n_limits, np.int32)
    for k in range(len(since)):
        first[k] = _limits_below(limits, since[k])
        if len(until):
            last[k] = max(first[k], _limits_below(limits, until[k]))
        for column in (county[k], n_counties + part[county[k]]):
            for kind in range(2 if len(known) == 0 or known[k] else 1):
                cells[kind, first[k], column] += 1
                cells[kind, last[k], column] -= 1
    for row in range(1, n_limits):
        cells[:, row] += cells[:, row - 1]
    for i in range(len(cell)):
        for row in range(first[cell[i]], last[cell[i]]):
            sums[row, people_county[i]] += people[i]
            sums[row, n_counties + part[people_county[i]]] += people[i]
    return cells[:, :n_limits], sums


@kernel
def _limits_below(limits, seconds):
    """Return how many of the rising limits are less than so many seconds."""
    n = 0
    while n < len(limits) and limits[n] < seconds:
        n += 1
    return n
