"""Ways between cells and doors, door by door: which cells they meet, the least seconds of a cell,
cells by cell.

The arguments of all: int64 (n_doors,) `first` and `last`, the part of each door of `cell` (uint32
(n,) number of a cell) and `value` (uint32 (n,) metres or seconds); int64 `kind` (n_doors,), the row
of `seconds` (int64, by value, NEVER beyond the caps) that is a door's. `place` int32 (n,) is a
cell's place on the land by number, counted from 1; 0 elsewhere.
"""

import numpy as np

from railshed.kernels.jit import kernel
from railshed.kernels.types import NEVER


@kernel
def mark_cells(first, last, cell, value, kind, seconds, held):
    """Set `held`, bool by number of the cell, at the cells within the caps of a door."""
    for door in range(len(first)):
        for i in range(np.uint64(first[door]), np.uint64(last[door])):
            if seconds[kind[door], value[i]] != NEVER:
                held[cell[i]] = True


@kernel
def least_by_cell(first, last, cell, value, kind, seconds, place, n_cells):
    """Return int32 (n_cells,): the least seconds of each cell of the land, NEVER where there are
    none.
    """
    out = np.full(n_cells, NEVER, np.int32)
    for door in range(len(first)):
        for i in range(np.uint64(first[door]), np.uint64(last[door])):
            at = np.int64(place[cell[i]]) - 1 if cell[i] < len(place) else -1
            if at >= 0:
                out[at] = min(out[at], seconds[kind[door], value[i]])
    return out


@kernel
def pairs_by_cell(first, last, cell, value, kind, seconds, place, n_cells):
    """Return (ptr int64, door int32, seconds int32): the pairs of each cell of the land by door,
    offsets in `ptr`.
    """
    ptr = np.zeros(n_cells + 1, np.int64)
    on_land = np.empty((last - first).sum(), np.int32)
    n = np.uint64(0)
    for door in range(len(first)):
        for i in range(np.uint64(first[door]), np.uint64(last[door])):
            at = np.int64(place[cell[i]]) - 1 if cell[i] < len(place) else -1
            if at >= 0 and seconds[kind[door], value[i]] != NEVER:
                ptr[at + 1] += 1
            else:
                at = -1
            on_land[n] = at
            n += np.uint64(1)
    for at in range(n_cells):
        ptr[at + 1] += ptr[at]
    here = ptr[:-1].copy()
    of_pair = np.empty(ptr[-1], np.int32)
    pair_s = np.empty(ptr[-1], np.int32)
    n = np.uint64(0)
    for door in range(len(first)):
        for i in range(np.uint64(first[door]), np.uint64(last[door])):
            at = on_land[n]
            n += np.uint64(1)
            if at >= 0:
                to = np.uint64(here[at])
                of_pair[to] = door
                pair_s[to] = seconds[kind[door], value[i]]
                here[at] += 1
    return ptr, of_pair, pair_s
