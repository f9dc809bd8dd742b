"""Rings around the cells within a cutoff: marching squares on a lattice whose nodes are the cell centres.

A crossing lies on a lattice edge between a node inside and one outside. Rings are followed with the inside on the left:
outer rings counter-clockwise, holes clockwise (rows count upwards). Every ring encloses a node, so it crosses an edge
along a row; the first such crossing of a ring, row by row from the left, has the inside on its right for an outer ring
and on its left for a hole. Invariant: the crossings to its left in that row belong to rings that are known, so a hole
belongs to the polygon of the crossing before it (Suzuki and Abe 1985, section 3, on borders of components).
"""

import numpy as np

from railshed.kernels.jit import kernel

_ONE = np.uint64(1)


@kernel
def extend_frame(row, column, seconds, below, frame):
    """Widen `frame` (int64 (4,): least and largest row, least and largest column) to the cells below these seconds.

    row, column, seconds int64 (n_cells,).
    """
    for cell in range(np.uint64(len(row))):
        if seconds[cell] < below:
            frame[0], frame[1] = min(frame[0], row[cell]), max(frame[1], row[cell])
            frame[2], frame[3] = min(frame[2], column[cell]), max(frame[3], column[cell])


@kernel
def spread_cells(row, column, seconds, below, row0, column0, out):
    """Write the cells below these seconds to `out` (int32 (n_rows, n_columns), which begins at row0, column0)."""
    for cell in range(np.uint64(len(row))):
        if seconds[cell] < below:
            out[row[cell] - row0, column[cell] - column0] = seconds[cell]


@kernel
def count_crossings(seconds, cutoff):
    """Return how many lattice edges along rows, and how many between rows, have one end within the cutoff.

    seconds int32 (n_rows, n_columns).
    """
    n_rows, n_columns = seconds.shape
    limit = np.int32(cutoff)
    along, between = np.int64(0), np.int64(0)
    for i in range(np.uint64(n_rows)):
        n = np.uint32(0)
        for j in range(np.uint64(n_columns - 1)):
            n += np.uint32((seconds[i, j] <= limit) != (seconds[i, j + _ONE] <= limit))
        along += n
    for i in range(np.uint64(n_rows - 1)):
        n = np.uint32(0)
        for j in range(np.uint64(n_columns)):
            n += np.uint32((seconds[i, j] <= limit) != (seconds[i + _ONE, j] <= limit))
        between += n
    return along, between


@kernel
def trace_rings(seconds, cutoff, soft):
    """Return (crossings int32 (n, 4), ring_ptr int64 (n_rings + 1,), polygon int64 (n_rings,)).

    seconds int32 (n_rows, n_columns), above the cutoff all around. A crossing is row and column of its edge's lower
    node, whether the edge runs along the row, and the turn of the segment that begins there: 0 straight, 1 around a
    node inside, -1 around a node outside. A ring's first crossing stands at its end again. Rings of a polygon have its
    number, the outer ring comes first. Where two squares inside meet at a corner only, they are joined when their four
    seconds, clipped to `soft` on both sides of the cutoff, are at most the cutoff on average.
    """
    along, between = count_crossings(seconds, cutoff)
    out = np.empty((along + between + along // 2, 4), np.int32)
    ring_ptr, polygon = np.zeros(along // 2 + 1, np.int64), np.empty(along // 2, np.int64)
    #: number from 1 of the ring through the edge from each node along its row
    ring_of = np.zeros(seconds.shape, np.int32)
    n_rings, n_polygons, n = np.int64(0), np.int64(0), np.int64(0)
    for i in range(np.uint64(seconds.shape[0])):
        before = 0
        for j in range(np.uint64(seconds.shape[1] - 1)):
            inside = seconds[i, j] <= cutoff
            if inside == (seconds[i, j + _ONE] <= cutoff):
                continue
            if ring_of[i, j] == 0:
                polygon[n_rings] = polygon[before - 1] if inside else n_polygons
                n_polygons += 0 if inside else 1
                n_rings += 1
                n = follow_ring(seconds, cutoff, soft, np.int64(i), np.int64(j), n_rings, ring_of, out, n)
                ring_ptr[n_rings] = n
            before = ring_of[i, j]
    return out[:n], ring_ptr[: n_rings + 1], polygon[:n_rings]


@kernel
def follow_ring(seconds, cutoff, soft, row, column, number, ring_of, out, n):
    """Write the crossings of the ring through the edge along the row from this node, from out[n] on; return their end.

    At each crossing the square ahead has two corners here, left (inside) and right (outside), and two beyond.
    """
    i, j, across = row, column, 1
    first = n
    while True:
        out[n, 0], out[n, 1], out[n, 2], out[n, 3] = i, j, across, 0
        if n > first and across == 1 and i == row and j == column:
            return n + 1
        # (up, right): the way ahead over the edge, its inside on the left
        if across:
            ring_of[i, j] = number
            up, right = (1, 0) if seconds[i, j] <= cutoff else (-1, 0)
            left_i, left_j = i, j if up > 0 else j + 1
        else:
            up, right = (0, 1) if seconds[i + 1, j] <= cutoff else (0, -1)
            left_i, left_j = i + 1 if right > 0 else i, j
        # to the right of a way (up, right) is (-right, up)
        right_i, right_j = left_i - right, left_j + up
        far_left = seconds[left_i + up, left_j + right] <= cutoff
        far_right = seconds[right_i + up, right_j + right] <= cutoff
        if far_left and not far_right:
            i, j = i + up, j + right
            n += 1
            continue
        turn = -1 if far_left else 1
        if far_right and not far_left:
            total = 0
            for seconds_there in (
                seconds[left_i, left_j], seconds[right_i, right_j],
                seconds[left_i + up, left_j + right], seconds[right_i + up, right_j + right],
            ):  # fmt: skip
                total += min(max(np.int64(seconds_there) - cutoff, -soft), soft)
            turn = -1 if total <= 0 else 1
        out[n, 3] = turn
        node_i, node_j = (left_i, left_j) if turn > 0 else (right_i, right_j)
        i, j = min(node_i, node_i + up), min(node_j, node_j + right)
        across = 1 - across
        n += 1
