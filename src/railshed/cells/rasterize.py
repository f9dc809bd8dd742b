"""Rasterising polygons: the points of a regular lattice inside each polygon, in runs along rows.

A point on the left or lower edge of a polygon is in it, one on the right or upper edge is not, and
an edge that two polygons share is cut at the same place for both. So a point on a border counts
once, and polygons that cover a region contain each of its points exactly once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from railshed.cells.cell_keys import each_place
from railshed.util.array_types import Floats, Ints64
from railshed.util.errors import InputError

Project = Callable[[Floats, Floats], tuple[Floats, Floats]]
#: cells that are expanded at once: bounds the memory
BLOCK = 1 << 21
#: a straight edge of this length is curved by half a metre in another projection at 45 degrees
_MAX_EDGE_M = 5000.0
_MAX_EDGE_DEG = 0.05


@dataclass(frozen=True, slots=True)
class Lattice:
    """Points (x0 + (column + 0.5) * dx, y0 + (row + 0.5) * dy): the centres of cells or pixels; dx,
    dy > 0.
    """

    x0: float
    y0: float
    dx: float
    dy: float


@dataclass(frozen=True, slots=True, eq=False)
class Spans:
    """Runs of points inside polygons, sorted by polygon, row, column; int64 (n_spans,) each."""

    polygon: Ints64
    row: Ints64
    #: first column, and the one after the last
    start: Ints64
    stop: Ints64

    def count(self, n_polygons: int) -> Ints64:
        """Return int64 (n_polygons,) points inside each polygon."""
        points = np.zeros(n_polygons, np.int64)
        np.add.at(points, self.polygon, self.stop - self.start)
        return points


def find_spans(
    polygons: NDArray[Any], lattice: Lattice, project: Project, max_part: float
) -> Spans:
    """Return the lattice points inside each valid (multi)polygon of shapely.

    `project` returns coordinates of the lattice for those of the polygons. Edges longer than
    `max_part`, in units of the polygons, are projected in parts of at most this length: an edge is
    straight in the polygons' own projection.

    Raises InputError when a corner cannot be projected.
    """
    polygon, low, high = _edges(polygons, max_part)
    ends = [np.column_stack(project(*np.ascontiguousarray(end.T))) for end in (low, high)]
    if not all(np.isfinite(end).all() for end in ends):
        bad = polygon[~(np.isfinite(ends[0]).all(1) & np.isfinite(ends[1]).all(1))]
        raise InputError(
            f"{len(np.unique(bad)):,} polygons have corners that cannot be projected (the first is "
            "number "
            f"{int(bad.min()) + 1} in order of coordinates); check the CRS, and cut polygons to "
            "the region"
        )
    upside_down = ends[0][:, 1] > ends[1][:, 1]
    bottom = np.where(upside_down[:, None], ends[1], ends[0])
    top = np.where(upside_down[:, None], ends[0], ends[1])
    return _spans_of(polygon, bottom, top, lattice)


def max_edge(crs: Any) -> float:
    """Return the length, in the units of a pyproj CRS, of the parts in which edges are
    projected.
    """
    if crs.is_geographic:
        return _MAX_EDGE_DEG
    return float(_MAX_EDGE_M / crs.axis_info[0].unit_conversion_factor)


def _edges(polygons: NDArray[Any], max_part: float) -> tuple[Ints64, Floats, Floats]:
    """Return polygon and ends (n_edges, 2) of all edges, the lower (then left) end first, long ones
    in parts.
    """
    parts, owner = shapely.get_parts(polygons, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    inside = ring[1:] == ring[:-1]
    first = xy[:-1][inside]
    second = xy[1:][inside]
    polygon = owner[part[ring[:-1][inside]]]
    backwards = (second[:, 1] < first[:, 1]) | (
        (second[:, 1] == first[:, 1]) & (second[:, 0] < first[:, 0])
    )
    low = np.where(backwards[:, None], second, first)
    high = np.where(backwards[:, None], first, second)
    n_parts = np.maximum(1, np.ceil(np.hypot(*(high - low).T) / max_part)).astype(np.int64)
    edge, step = each_place(0, n_parts)
    share = (high - low)[edge] / n_parts[edge, None]
    start = low[edge] + share * step[:, None]
    last = step + 1 == n_parts[edge]
    stop = np.where(last[:, None], high[edge], low[edge] + share * (step + 1)[:, None])
    return polygon[edge].astype(np.int64), start, stop


def _spans_of(polygon: Ints64, bottom: Floats, top: Floats, lattice: Lattice) -> Spans:
    first = np.ceil((bottom[:, 1] - lattice.y0) / lattice.dy - 0.5).astype(np.int64)
    stop = np.ceil((top[:, 1] - lattice.y0) / lattice.dy - 0.5).astype(np.int64)
    edge, step = each_place(0, stop - first)
    row = first[edge] + step
    y = lattice.y0 + (row + 0.5) * lattice.dy
    x_low, y_low = bottom[edge].T
    x_high, y_high = top[edge].T
    x = x_low + (y - y_low) * ((x_high - x_low) / (y_high - y_low))
    column = np.ceil((x - lattice.x0) / lattice.dx - 0.5).astype(np.int64)
    owner = polygon[edge]
    order = np.lexsort((column, row, owner))
    owner = owner[order]
    row = row[order]
    column = column[order]
    # each ring is crossed an even number of times on every row: crossings come in pairs
    found = Spans(owner[::2], row[::2], column[::2], column[1::2])
    filled = found.stop > found.start
    return Spans(found.polygon[filled], found.row[filled], found.start[filled], found.stop[filled])


def grow_cells(
    row: Ints64, column: Ints64, rows: int, columns: int
) -> Iterator[tuple[Ints64, Ints64]]:
    """Yield, in blocks, row and column of all cells at most so many rows and columns away from one
    of these.

    These (sorted by row, then column) are among them; each cell comes once.
    """
    if not len(row):
        return
    new = np.flatnonzero((np.diff(row) != 0) | (np.diff(column) > 2 * columns + 1)) + 1
    begin = np.concatenate([[0], new])
    end = np.concatenate([new, [len(row)]]) - 1
    offsets = np.arange(-rows, rows + 1)
    run_row = (row[begin][None, :] + offsets[:, None]).ravel()
    wide = int(column.max() - column.min()) + 4 * columns + 4
    base = run_row * wide - int(column.min())
    start = base + np.tile(column[begin] - columns, len(offsets))
    stop = base + np.tile(column[end] + columns + 1, len(offsets))
    order = np.argsort(start, kind="stable")
    start = start[order]
    stop = np.maximum.accumulate(stop[order])
    base = base[order]
    run_row = run_row[order]
    head = np.flatnonzero(np.concatenate([[True], start[1:] > stop[:-1]]))
    tail = np.concatenate([head[1:], [len(start)]]) - 1
    n_cells = stop[tail] - start[head]
    for block in _blocks(n_cells):
        run, step = each_place(0, n_cells[block])
        yield run_row[head[block]][run], (start[head[block]] - base[head[block]])[run] + step


def _blocks(counts: Ints64) -> Iterator[slice]:
    """Yield slices of items whose counts sum to about BLOCK."""
    group = (np.cumsum(counts) - counts) // BLOCK
    edges = np.concatenate([[0], np.flatnonzero(np.diff(group)) + 1, [len(counts)]])
    for a, b in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        yield slice(a, b)
