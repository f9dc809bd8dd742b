"""Contours around the cells within a cutoff: marching squares on a lattice whose nodes are the cell
centres.

A crossing lies on a lattice edge between a node inside and one outside. Contours are followed with
the inside on the left: outer ones counter-clockwise, holes clockwise (rows count upwards). Every
contour encloses a node, so it crosses an edge along a row; its first such crossing, row by row from
the left, has the inside on its right for an outer contour and on its left for a hole. Invariant:
the crossings to its left in that row belong to contours that are known, so a hole belongs to the
polygon of the crossing before it (Suzuki and Abe 1985, section 3, on borders of components).
"""

import numpy as np

from railshed.kernels.jit import kernel

_ONE = np.uint64(1)


@kernel
def extend_frame(row, column, seconds, below, frame):
    """Widen `frame` (int64 (4,): least and largest row, least and largest column) to the cells
    below these seconds.

    row, column, seconds int64 (n_cells,).
    """
    for cell in range(np.uint64(len(row))):
        if seconds[cell] < below:
            frame[0], frame[1] = min(frame[0], row[cell]), max(frame[1], row[cell])
            frame[2], frame[3] = min(frame[2], column[cell]), max(frame[3], column[cell])


@kernel
def spread_cells(row, column, seconds, below, row0, column0, out):
    """Write the cells below these seconds to `out` (int32 (n_rows, n_columns), which begins at
    row0, column0).
    """
    for cell in range(np.uint64(len(row))):
        if seconds[cell] < below:
            out[row[cell] - row0, column[cell] - column0] = seconds[cell]


@kernel
def count_crossings(seconds, cutoff):
    """Return how many lattice edges along rows, and how many between rows, have one end within the
    cutoff.

    seconds int32 (n_rows, n_columns).
    """
    n_rows, n_columns = seconds.shape
    limit = np.int32(cutoff)
    along = np.int64(0)
    between = np.int64(0)
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
def trace_contours(seconds, cutoff, soft):
    """Return (crossings int32 (n, 4), contour_ptr int64 (n_contours + 1,), polygon int64
    (n_contours,)).

    seconds int32 (n_rows, n_columns), above the cutoff all around. A crossing is row and column of
    its edge's lower node, whether the edge runs along the row, and the turn of the segment that
    begins there: 0 straight, 1 around a node inside, -1 around a node outside. A contour's first
    crossing stands at its end again. Contours of a polygon have its number, the outer one comes
    first. Where two squares inside meet at a corner only, they are joined when their four seconds,
    clipped to `soft` on both sides of the cutoff, are at most the cutoff on average.
    """
    along, between = count_crossings(seconds, cutoff)
    out = np.empty((along + between + along // 2, 4), np.int32)
    contour_ptr = np.zeros(along // 2 + 1, np.int64)
    polygon = np.empty(along // 2, np.int64)
    #: number from 1 of the contour through the edge from each node along its row
    contour_of = np.zeros(seconds.shape, np.int32)
    n_contours = np.int64(0)
    n_polygons = np.int64(0)
    n = np.int64(0)
    for i in range(np.uint64(seconds.shape[0])):
        before = 0
        for j in range(np.uint64(seconds.shape[1] - 1)):
            inside = seconds[i, j] <= cutoff
            if inside == (seconds[i, j + _ONE] <= cutoff):
                continue
            if contour_of[i, j] == 0:
                polygon[n_contours] = polygon[before - 1] if inside else n_polygons
                n_polygons += 0 if inside else 1
                n_contours += 1
                n = follow_contour(
                    seconds=seconds,
                    cutoff=cutoff,
                    soft=soft,
                    row=np.int64(i),
                    column=np.int64(j),
                    number=n_contours,
                    contour_of=contour_of,
                    out=out,
                    n=n,
                )
                contour_ptr[n_contours] = n
            before = contour_of[i, j]
    return out[:n], contour_ptr[: n_contours + 1], polygon[:n_contours]


@kernel
def follow_contour(seconds, cutoff, soft, row, column, number, contour_of, out, n):
    """Write the crossings of the contour through this node's edge along the row, from out[n] on;
    return their end.

    At each crossing the square ahead has two corners here, left (inside) and right (outside), and
    two beyond.
    """
    i = row
    j = column
    across = 1
    first = n
    while True:
        out[n, 0] = i
        out[n, 1] = j
        out[n, 2] = across
        out[n, 3] = 0
        if n > first and across == 1 and i == row and j == column:
            return n + 1
        # (up, right): the way ahead over the edge, its inside on the left
        if across:
            contour_of[i, j] = number
            up, right = (1, 0) if seconds[i, j] <= cutoff else (-1, 0)
            left_i = i
            left_j = j if up > 0 else j + 1
        else:
            up, right = (0, 1) if seconds[i + 1, j] <= cutoff else (0, -1)
            left_i = i + 1 if right > 0 else i
            left_j = j
        # to the right of a way (up, right) is (-right, up)
        right_i = left_i - right
        right_j = left_j + up
        far_left = seconds[left_i + up, left_j + right] <= cutoff
        far_right = seconds[right_i + up, right_j + right] <= cutoff
        if far_left and not far_right:
            i = i + up
            j = j + right
            n += 1
            continue
        turn = -1 if far_left else 1
        if far_right and not far_left:
            total = 0
            for seconds_there in (
                seconds[left_i, left_j],
                seconds[right_i, right_j],
                seconds[left_i + up, left_j + right],
                seconds[right_i + up, right_j + right],
            ):
                total += min(max(np.int64(seconds_there) - cutoff, -soft), soft)
            turn = -1 if total <= 0 else 1
        out[n, 3] = turn
        node_i, node_j = (left_i, left_j) if turn > 0 else (right_i, right_j)
        i = min(node_i, node_i + up)
        j = min(node_j, node_j + right)
        across = 1 - across
        n += 1
