"""Cells of which some change: which ones, the stations near them, and sums over all of them in one
fixed order.
"""

import numpy as np

from railshed.kernels.jit import kernel

#: kinds of cells within a cutoff, in the order of the last axis but one of the counts
TOTAL = 0
BY_RAIL = 1
LOCAL = 2
ADDED_BY_RAIL = 3
_N_KINDS = 4
_N_PARTS = 4


@kernel
def mark_cells(marks, ptr, cell, seconds, station, budget):
    """Set `marks` (bool (n_cells,)) of the cells within each station's budget.

    ptr int64 (n_stations + 1,), cell and seconds int32 (n_pairs,): cells by station; station int64
    (n,), budget int64 (n,) seconds between door and cell, inclusive.
    """
    for k in range(len(station)):
        for pair in range(ptr[station[k]], ptr[station[k] + 1]):
            if seconds[pair] <= budget[k]:
                marks[cell[pair]] = True


@kernel
def gather_pairs(
    cells, ptr, station, seconds, more_slot, more_station, more_seconds, n_slots, rows, home_s
):
    """Return (ptr int64 (n_slots + 1,), row int64, seconds int64): the pairs of some cells and of
    new ones after them.

    cells int64 (n,) of the table ptr int64, station int32, seconds int32; the pairs more_* (int64)
    belong to any of the slots. A pair's row is that of its station, rows int64 (n_stations,); those
    of -1 are left out. home_s (int64 (n_stations,)) is added to the seconds.
    """
    out_ptr = np.zeros(n_slots + 1, np.int64)
    for slot in range(len(cells)):
        for pair in range(ptr[cells[slot]], ptr[cells[slot] + 1]):
            out_ptr[slot + 1] += rows[station[pair]] >= 0
    for pair in range(len(more_slot)):
        out_ptr[more_slot[pair] + 1] += rows[more_station[pair]] >= 0
    for slot in range(n_slots):
        out_ptr[slot + 1] += out_ptr[slot]
    place = out_ptr[:-1].copy()
    out_row = np.empty(out_ptr[-1], np.int64)
    out_s = np.empty(out_ptr[-1], np.int64)
    for slot in range(len(cells)):
        for pair in range(ptr[cells[slot]], ptr[cells[slot] + 1]):
            x = station[pair]
            if rows[x] >= 0:
                out_row[place[slot]] = rows[x]
                out_s[place[slot]] = seconds[pair] + home_s[x]
                place[slot] += 1
    for pair in range(len(more_slot)):
        x = more_station[pair]
        slot = more_slot[pair]
        if rows[x] >= 0:
            out_row[place[slot]] = rows[x]
            out_s[place[slot]] = more_seconds[pair] + home_s[x]
            place[slot] += 1
    return out_ptr, out_row, out_s


@kernel
def count_cells(out, rail_s, local_s, part, known, limits):
    """Add to `out` (int64 (2, n_limits, 4, 4)) the cells within each limit by kind and part, all
    and the known ones.

    rail_s, local_s int32 (n_cells,) seconds; part int8; known bool; limits int64 (n_limits,)
    seconds, inclusive.
    """
    largest = limits.max()
    for cell in range(len(rail_s)):
        if rail_s[cell] > largest and local_s[cell] > largest:
            continue
        for c in range(len(limits)):
            by_rail = rail_s[cell] <= limits[c]
            local = local_s[cell] <= limits[c]
            for kind in range(_N_KINDS):
                inside = _is_inside(kind, by_rail, local)
                out[0, c, kind, part[cell]] += inside
                out[1, c, kind, part[cell]] += inside and known[cell]


@kernel
def sum_population(keys, cell, part, people, rail_s, local_s, more, limits):
    """Return float64 (n_limits, 4, 4) people of the cells within each limit by kind and part.

    keys int64 (n,) rising, by which people are added up; cell int64 (n,) of rail_s and local_s,
    part int8 and people float64 (n,) of each; `more` the same six of other cells, whose keys are
    none of these.
    """
    more_keys, more_cell, more_part, more_people, more_rail_s, more_local_s = more
    largest = limits.max()
    out = np.zeros((len(limits), _N_KINDS, _N_PARTS), np.float64)
    i = 0
    j = 0
    while i < len(keys) or j < len(more_keys):
        if j == len(more_keys) or (i < len(keys) and keys[i] < more_keys[j]):
            rail = rail_s[cell[i]]
            local = local_s[cell[i]]
            where = part[i]
            number = people[i]
            i += 1
        else:
            rail = more_rail_s[more_cell[j]]
            local = more_local_s[more_cell[j]]
            where = more_part[j]
            number = more_people[j]
            j += 1
        if rail > largest and local > largest:
            continue
        for c in range(len(limits)):
            for kind in range(_N_KINDS):
                if _is_inside(kind, rail <= limits[c], local <= limits[c]):
                    out[c, kind, where] += number
    return out


@kernel
def _is_inside(kind, by_rail, local):
    """Return whether a cell is within the limit by this kind."""
    if kind == TOTAL:
        return by_rail or local
    if kind == BY_RAIL:
        return by_rail
    if kind == LOCAL:
        return local
    return by_rail and not local
