"""Cells and people within each of some limits, in one pass over the cells."""

import numpy as np

from railshed.kernels.jit import kernel

_N_PARTS = 4


@kernel
def sum_within(since, until, limits, county, part, known, people_ptr, people_county, people):
    """Return int64 (1 or 2, n_limits, n_counties + 4) cells inside, all and the known ones, and
    float64 people alike.

    By limit, each with its counties first and the 4 parts after them; people (n_limits, n_counties
    + 4). A cell is inside at limits (int64, rising) from its `since` on and below its `until`, both
    int32 (n_cells,) seconds; `until` (0,): no end. county int32 (n_cells,); part int64
    (n_counties,); known bool (n_cells,), (0,): all, not counted apart. people_ptr int32 (n_cells +
    1,), people_county int32 and people float64 (n_people,): the people of each cell, added up in
    their order: to the last bit the sums of the inside ones alone.
    """
    n_limits = len(limits)
    n_counties = len(part)
    cells = np.zeros((2 if len(known) else 1, n_limits + 1, n_counties + _N_PARTS), np.int64)
    sums = np.zeros((n_limits, n_counties + _N_PARTS), np.float64)
    largest = limits.max()
    one = np.uint64(1)
    for k in range(np.uint64(len(since))):
        if since[k] > largest or (len(until) and until[k] <= since[k]):
            continue
        first = np.uint64(np.searchsorted(limits, since[k]))
        last = np.uint64(np.searchsorted(limits, until[k]) if len(until) else n_limits)
        column = np.uint64(county[k])
        of_part = np.uint64(n_counties + part[column])
        for kind in range(2 if len(known) and known[k] else 1):
            for place in (column, of_part):
                cells[kind, first, place] += 1
                cells[kind, last, place] -= 1
        for i in range(np.uint64(people_ptr[k]), np.uint64(people_ptr[k + one])):
            column = np.uint64(people_county[i])
            of_part = np.uint64(n_counties + part[column])
            for row in range(first, last):
                sums[row, column] += people[i]
                sums[row, of_part] += people[i]
    for row in range(1, n_limits):
        cells[:, row] += cells[:, row - 1]
    return cells[:, :n_limits], sums
