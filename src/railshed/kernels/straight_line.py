"""Straight-line field: seconds of cells from the nearest source, in time that grows with the straight distance.

A source is a row (x, y, base, per, reach), float64: a cell that is d <= reach cells away from (x, y) is base + d * per
seconds away. Coordinates count cells: the centre of cell (row, column) is at x = column, y = row. The least of all
sources counts, rounded up to whole seconds. base and per are not negative. A cell whose distance is the reach to the
last bit may fall on either side: callers add ROUNDING_S to the seconds that set the reach.

Blocks of 128 x 128 cells are worked out one by one. Where the discs of a block's sources cover few cells they are
painted; where they cover many, tiles of 32 x 32 cells first drop the sources that are nowhere the least there. The
cheaper way is estimated block by block; the answer is the same.

Painting is in float32, three times as fast as float64. Where float32's error leaves the whole second in doubt, the cell
is worked out again in float64 over the same sources. Invariant: each cell has the second that float64 alone would give.
"""

import numpy as np

from railshed.kernels.jit import kernel
from railshed.kernels.types import NEVER

#: columns of a source
X, Y, BASE, PER, REACH = 0, 1, 2, 3, 4
#: cells along the side of a block and of a tile
BLOCK, TILE = 128, 32
#: in cells painted: the bounds of a source in all tiles of a block; a cell of a block cut into tiles
_BOUNDS_COST, _TILED_COST = 300.0, 4.0
#: seconds are rounded up from this much less: a distance of just so many seconds is not one more
ROUNDING_S = 1e-6
#: seconds of a cell that no source has painted
_FAR = np.float32(3e38)
_NEVER = np.int32(NEVER)
#: float32 is wrong by less than these parts of a cell's seconds, and of the seconds that a block's side takes
_WRONG, _WRONG_IN_BLOCK = 12 / 2**24, 2 / 2**24


@kernel
def least_seconds(sources, row, column, out):
    """Fill `out` (int32 (n_rows, n_columns)) with the seconds of the cells from (row, column) on, NEVER out of reach.

    sources float64 (n_sources, 5).
    """
    n_rows, n_columns = out.shape
    in_band, in_block, in_tile = np.empty_like(sources), np.empty_like(sources), np.empty_like(sources)
    best = np.empty((BLOCK, BLOCK), np.float32)
    for i in range(0, n_rows, BLOCK):
        height = min(BLOCK, n_rows - i)
        n_band = sources_near(sources, len(sources), (row + i, column, height, n_columns), in_band)
        for j in range(0, n_columns, BLOCK):
            block = (row + i, column + j, height, min(BLOCK, n_columns - j))
            n_block = sources_near(in_band, n_band, block, in_block)
            cut = painted_cells(in_block, n_block, block) > tiles_cost(n_block, block)
            side = TILE if cut else BLOCK
            best[:] = _FAR
            for k in range(0, height, side):
                for m in range(0, block[3], side):
                    tile = (block[0] + k, block[1] + m, min(side, height - k), min(side, block[3] - m))
                    n = sources_near(in_block, n_block, tile, in_tile)
                    paint_sources(in_tile, n, block, tile, best)
                    settle_cells(in_tile, n, block, tile, best, out[i : i + height], j)


@kernel
def sources_near(sources, n, area, out):
    """Copy those of the first `n` sources that may be the least at a cell of `area` to `out`; return how many.

    area: first row, first column, rows, columns. A source is left out where it reaches no cell, or where another
    reaches all cells sooner than this one the nearest.
    """
    row, column, height, width = area
    soonest = np.inf
    for k in range(n):
        right, up = column + width - 1 - sources[k, X], row + height - 1 - sources[k, Y]
        far_x, far_y = max(right, sources[k, X] - column), max(up, sources[k, Y] - row)
        far = far_x * far_x + far_y * far_y
        latest = sources[k, BASE] + sources[k, PER] * np.sqrt(far)
        if latest < soonest and far <= sources[k, REACH] * sources[k, REACH]:
            soonest = latest
    n_near = 0
    for k in range(n):
        near_x = max(column - sources[k, X], sources[k, X] - (column + width - 1), 0.0)
        near_y = max(row - sources[k, Y], sources[k, Y] - (row + height - 1), 0.0)
        near = near_x * near_x + near_y * near_y
        if near > sources[k, REACH] * sources[k, REACH]:
            continue
        if sources[k, BASE] + sources[k, PER] * np.sqrt(near) <= soonest:
            out[n_near] = sources[k]
            n_near += 1
    return n_near


@kernel
def painted_cells(sources, n, area):
    """Return about how many cells of `area` the first `n` sources reach in all: those of the squares around them."""
    row, column, height, width = area
    total = 0.0
    for k in range(n):
        x, y, reach = sources[k, X], sources[k, Y], sources[k, REACH]
        across = min(x + reach, column + width) - max(x - reach, column)
        total += max(across, 0.0) * max(min(y + reach, row + height) - max(y - reach, row), 0.0)
    return total


@kernel
def tiles_cost(n, area):
    """Return what `area` costs when it is cut into tiles that `n` sources may reach, in cells painted."""
    return _TILED_COST * area[2] * area[3] + _BOUNDS_COST * n


@kernel
def paint_sources(sources, n, block, area, best):
    """Lower `best` (float32, the cells of `block`) to the seconds of the first `n` sources at the cells of `area`."""
    row, column, height, width = area
    for k in range(n):
        x, y, reach = sources[k, X], sources[k, Y], sources[k, REACH]
        base, per = np.float32(sources[k, BASE]), np.float32(sources[k, PER])
        start = np.float32(block[1] - x)
        low, high = max(np.ceil(y - reach), row), min(np.floor(y + reach), row + height - 1)
        for i in range(np.int64(low), np.int64(high) + 1):
            dy = i - y
            half = np.sqrt(max(reach * reach - dy * dy, 0.0))
            first = np.uint32(max(np.ceil(x - half), column) - block[1])
            last = np.uint32(max(min(np.floor(x + half), column + width - 1) + 1 - block[1], 0.0))
            square = np.float32(dy * dy)
            line = np.uint64(i - block[0])
            for j in range(first, last):
                dx = np.float32(np.int32(j)) + start
                seconds = base + per * np.sqrt(dx * dx + square)
                best[line, j] = seconds if seconds < best[line, j] else best[line, j]


@kernel
def settle_cells(sources, n, block, area, best, out, offset):
    """Write the whole seconds of `area` to `out` (the block's rows, its first column at `offset`).

    With eps = 2**-24, W cells along a block and float32's roundings to first order, dx is wrong by at most
    eps (2 |dx| + W), the distance d by eps (4 d + W), base + per d by eps (8 seconds + per W).
    """
    row, column, height, width = area
    steepest = 0.0
    for k in range(n):
        steepest = max(steepest, sources[k, PER])
    wrong, wrong_here = np.float32(_WRONG), np.float32(_WRONG_IN_BLOCK * BLOCK * steepest + 2 * ROUNDING_S)
    left = np.uint64(column - block[1])
    there = np.uint64(offset) + left
    for i in range(np.uint64(row - block[0]), np.uint64(row - block[0] + height)):
        doubts = np.int32(0)
        for j in range(np.uint64(width)):
            seconds = best[i, left + j]
            up = np.ceil(seconds)
            out[i, there + j] = np.int32(up) if seconds < _FAR else _NEVER
            doubts += np.int32(1) if is_in_doubt(seconds, wrong, wrong_here) else np.int32(0)
        if doubts == 0:
            continue
        for j in range(np.uint64(width)):
            if is_in_doubt(best[i, left + j], wrong, wrong_here):
                out[i, there + j] = seconds_at(sources, n, block[0] + np.int64(i), column + np.int64(j))


@kernel
def is_in_doubt(seconds, wrong, wrong_here):
    """Return whether seconds (float32) that may be wrong by their part `wrong` and `wrong_here` round up in doubt."""
    below = np.ceil(seconds) - seconds
    most = seconds * wrong + wrong_here
    return (seconds < _FAR) & ((below < most) | (np.float32(1) - below < most))


@kernel
def seconds_at(sources, n, row, column):
    """Return the whole seconds of one cell over the first `n` sources, NEVER out of their reach."""
    least = np.inf
    for k in range(n):
        dx, dy = column - sources[k, X], row - sources[k, Y]
        square = dx * dx + dy * dy
        if square <= sources[k, REACH] * sources[k, REACH]:
            least = min(least, sources[k, BASE] + sources[k, PER] * np.sqrt(square))
    return np.int64(np.ceil(least - ROUNDING_S)) if least < NEVER else NEVER
