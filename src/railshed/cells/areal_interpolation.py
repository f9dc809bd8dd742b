"""Areal interpolation: opportunities on the cells of a grid, with unchanged totals.

The values of an area or pixel are divided evenly among the cells whose centre is in it; without
such a cell, all go to the cell with its own centre (of an area: a point inside it). Points go to
the cell that they are in. So totals are exact before rounding: the values on the requested cells
and elsewhere sum to the source. Overlapping areas count separately.

A cell that no source covers has no data, which is not zero people: a cell is known when its centre
is in the source's footprint (`Opportunities.footprint`) and in the box that was read, or when some
value falls on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from railshed.cells.cell_keys import cell_keys, each_place, find_keys
from railshed.cells.grid import Grid
from railshed.cells.opportunities import Areas, Box, Opportunities, Pixels, Points, points_inside
from railshed.cells.polygons import points_in
from railshed.cells.rasterize import BLOCK, Lattice, Project, find_spans, grow_cells, max_edge
from railshed.util.array_types import Bools, Floats, Ints64
from railshed.util.errors import ParameterError

#: areas whose every corner is farther from the grid's centre contain none of its cells (near a
#: quarter of the equator)
_FAR_M = 9.0e6
#: pixels sampled for their size on the grid, and how much larger another may be
_SAMPLE = 4096
_MARGIN = 1.5


def interpolate(
    opportunities: Opportunities, grid: Grid, row: Ints64, column: Ints64
) -> tuple[Floats, Floats, Bools]:
    """Return float64 (n_cells, n_columns) on these cells, float64 (n_columns,) that falls on
    others, and known cells.

    The last is bool (n_cells,): whether the source covers the cell; elsewhere there is no data. The
    order of the sources changes no bit; each cell may be given once, in any order.

    Raises ParameterError when a cell occurs twice; InputError when an area cannot be projected.
    """
    row = np.asarray(row, np.int64)
    column = np.asarray(column, np.int64)
    keys = cell_keys(row, column)
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    if len(keys) and not (np.diff(keys) > 0).all():
        raise ParameterError("a cell is given twice; cells must differ in row or column")
    shares = _shares(opportunities, grid, row[order], column[order], keys)
    values = opportunities.values
    cells = np.zeros((len(keys), values.shape[1]))
    for k in range(values.shape[1]):
        part = values[:, k] / shares.n_parts
        cells[order, k] = np.bincount(shares.cell, weights=part[shares.source], minlength=len(keys))
    n_elsewhere = shares.n_parts - np.bincount(shares.source, minlength=len(values))
    left = (values * (n_elsewhere / shares.n_parts)[:, None]).sum(axis=0)
    known = np.zeros(len(keys), dtype=bool)
    known[order] = shares.known
    return cells, left, known


@dataclass(frozen=True, slots=True, eq=False)
class _Shares:
    """The equal parts of the sources, by requested cell; each part is on one cell."""

    #: int64 (n_parts_here,) cell and source of the parts on requested cells, by source within a
    #: cell
    cell: Ints64
    source: Ints64
    #: int64 (n_sources,) parts of each source, on requested cells or not
    n_parts: Ints64
    #: bool (n_cells,) whether the source covers them
    known: Bools


def _shares(
    opportunities: Opportunities, grid: Grid, row: Ints64, column: Ints64, keys: Ints64
) -> _Shares:
    n = len(opportunities)
    source = opportunities.geometry
    none = np.empty(0, np.int64)
    if not len(keys):
        return _Shares(none, none, np.ones(n, np.int64), np.zeros(0, dtype=bool))
    to_grid, to_source = _transforms(opportunities.crs, grid)
    land = opportunities.footprint
    max_part = max_edge(opportunities.crs)
    if isinstance(source, Points):
        known = _in_polygons(land, *_centres(grid, row, column, to_source))
        cell = none
        idx = none
        n_inside = np.zeros(n, np.int64)
        near = np.arange(n)
        x = source.x
        y = source.y
    elif isinstance(source, Areas):
        cell, idx, n_inside = _area_cells(source, grid, keys, to_grid, max_part)
        known = np.zeros(len(keys), dtype=bool)
        known[cell] = known[_area_cells(Areas(land), grid, keys, to_grid, max_part)[0]] = True
        near = np.flatnonzero(n_inside == 0)
        x, y = points_inside(source.polygons[near])
    else:
        centre_x, centre_y = _centres(grid, row, column, to_source)
        known = _in_boxes(land, centre_x, centre_y)
        cell, idx, n_inside, near = _pixel_cells(
            source,
            grid,
            row=row,
            column=column,
            centres=(centre_x, centre_y),
            to_grid=to_grid,
            to_source=to_source,
        )
        x, y = source.centre(near)
    if opportunities.within is not None and not isinstance(
        source, Areas
    ):  # areas that were read are whole
        known &= _in_degrees(opportunities.within, grid, row, column)
    home_cell, home_idx = _homes(grid, keys, near, x, y, to_grid)
    known[cell] = known[home_cell] = True
    return _Shares(
        np.concatenate([cell, home_cell]),
        np.concatenate([idx, home_idx]),
        np.maximum(n_inside, 1),
        known,
    )


def _centres(grid: Grid, row: Ints64, column: Ints64, to_source: Project) -> tuple[Floats, Floats]:
    """Return the cells' centres in the source's coordinates, infinite where its projection is not
    defined.
    """
    parts = [
        to_source(*grid.centre(row[start : start + BLOCK], column[start : start + BLOCK]))
        for start in range(0, len(row), BLOCK)
    ]
    x, y = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    return x, y


def _in_polygons(polygons: NDArray[Any], x: Floats, y: Floats) -> Bools:
    """Return bool (n,): whether each point is in one of the polygons, or on an edge."""
    known = np.zeros(len(x), dtype=bool)
    finite = np.isfinite(x) & np.isfinite(y)
    for polygon in polygons:
        known[finite] |= points_in(polygon, x[finite], y[finite], shapely.intersects_xy)
    return known


def _in_boxes(boxes: NDArray[Any], x: Floats, y: Floats) -> Bools:
    """Return bool (n,): whether each point is in one of the boxes; left and lower edges are in, as
    of pixels.
    """
    known = np.zeros(len(x), dtype=bool)
    finite = np.isfinite(x) & np.isfinite(y)
    if not finite.any():
        return known
    bounds = shapely.bounds(boxes).reshape(-1, 4)
    low, high = (np.array([f(x[finite]), f(y[finite])]) for f in (np.min, np.max))
    near = (bounds[:, :2] <= high).all(axis=1) & (bounds[:, 2:] > low).all(axis=1)
    for west, south, east, north in bounds[near].tolist():
        known |= (x >= west) & (x < east) & (y >= south) & (y < north)
    return known


def _in_degrees(within: Box, grid: Grid, row: Ints64, column: Ints64) -> Bools:
    """Return bool (n_cells,): whether each centre is in a box of degrees; west and south edges are
    in.
    """
    lon, lat = grid.unproject(*grid.centre(row, column))
    west, south, east, north = within
    return np.asarray((lon >= west) & (lon < east) & (lat >= south) & (lat < north))


def _transforms(crs: Any, grid: Grid) -> tuple[Project, Project]:
    """Return the projections from the source's coordinates to the grid's, and back."""
    from pyproj import Transformer

    transformer = Transformer.from_crs(crs, grid.crs, always_xy=True)

    def to_grid(x: Floats, y: Floats) -> tuple[Floats, Floats]:
        return transformer.transform(x, y)

    def to_source(x: Floats, y: Floats) -> tuple[Floats, Floats]:
        return transformer.transform(x, y, direction="INVERSE")

    return to_grid, to_source


def _homes(
    grid: Grid, keys: Ints64, idx: Ints64, x: Floats, y: Floats, to_grid: Project
) -> tuple[Ints64, Ints64]:
    """Return the requested cells that contain these points, and `idx` of those points."""
    cells = [np.empty(0, np.int64)]
    sources = [np.empty(0, np.int64)]
    for start in range(0, len(idx), BLOCK):
        part = slice(start, start + BLOCK)
        grid_x, grid_y = to_grid(x[part], y[part])
        finite = np.flatnonzero(np.isfinite(grid_x) & np.isfinite(grid_y))
        at, known = find_keys(keys, cell_keys(*grid.index(grid_x[finite], grid_y[finite])))
        cells.append(at[known])
        sources.append(idx[part][finite[known]])
    return np.concatenate(cells), np.concatenate(sources)


def _area_cells(
    areas: Areas, grid: Grid, keys: Ints64, to_grid: Project, max_part: float
) -> tuple[Ints64, Ints64, Ints64]:
    """Return cell and area of the requested cells inside areas, and how many cells each area
    contains; -1 far away.
    """
    xy, owner = shapely.get_coordinates(areas.polygons, return_index=True)
    x, y = to_grid(*np.ascontiguousarray(xy.T))
    near = np.zeros(len(areas), dtype=bool)
    near[owner[np.hypot(x, y) < _FAR_M]] = True
    chosen = np.flatnonzero(near)
    lattice = Lattice(0.0, 0.0, float(grid.size_m), float(grid.size_m))
    spans = find_spans(areas.polygons[chosen], lattice, to_grid, max_part)
    n_inside = np.full(len(areas), -1, np.int64)
    n_inside[chosen] = spans.count(len(chosen))
    first = np.searchsorted(keys, cell_keys(spans.row, spans.start))
    n_cells = np.searchsorted(keys, cell_keys(spans.row, spans.stop)) - first
    span, cell = each_place(first, n_cells)
    return cell, chosen[spans.polygon[span]], n_inside


#: row and column of the pixels at the centres of some cells, and whether the raster's projection is
#: defined there
_Under = tuple[Ints64, Ints64, Bools]


def _pixel_cells(
    pixels: Pixels,
    grid: Grid,
    row: Ints64,
    column: Ints64,
    centres: tuple[Floats, Floats],
    to_grid: Project,
    to_source: Project,
) -> tuple[Ints64, Ints64, Ints64, Ints64]:
    """Return cell and pixel of the requested cells inside pixels, how many cells each pixel
    contains, and home pixels.

    The number is right for pixels that contain a requested cell's centre or have their own in a
    requested cell. Home pixels contain no cell's centre and may have their own in a requested cell.
    """
    none = np.empty(0, np.int64)
    under = pixels.index(*centres)
    width, height, least = _pixel_extent(pixels, under, to_grid)
    if not least < np.inf:
        return none, none, np.zeros(len(pixels), np.int64), none
    pixel_keys = cell_keys(pixels.row, pixels.column)
    n_inside = np.zeros(len(pixels), np.int64)
    steps = [int(np.ceil(_MARGIN * extent / grid.size_m)) + 1 for extent in (height, width)]
    for block_row, block_column in grow_cells(row, column, *steps):
        *around, defined = pixels.index(*_centres(grid, block_row, block_column, to_source))
        idx, known = find_keys(pixel_keys, cell_keys(*around))
        np.add.at(n_inside, idx[known & defined], 1)
    *at, defined = under
    idx, known = find_keys(pixel_keys, cell_keys(*at))
    cell = np.flatnonzero(known & defined)
    margin = int(np.ceil(_MARGIN * grid.size_m / least)) + 1
    near = n_inside == 0
    for mine, theirs in zip((pixels.row, pixels.column), at, strict=True):
        low = theirs[defined].min() - margin
        high = theirs[defined].max() + margin
        near &= (mine >= low) & (mine <= high)
    return cell, idx[cell], n_inside, np.flatnonzero(near)


def _pixel_extent(pixels: Pixels, under: _Under, to_grid: Project) -> tuple[float, float, float]:
    """Return the largest width and height on the grid of some pixels under cells, and the least of
    any, metres.

    All three are infinite where no pixel can be projected.
    """
    row, column = (place[under[2]] for place in under[:2])
    if len(row):
        evenly = np.linspace(0, len(row) - 1, _SAMPLE).astype(np.int64)
        some = np.unique([*evenly, row.argmin(), row.argmax(), column.argmin(), column.argmax()])
        row = row[some]
        column = column[some]
    corners = np.array(
        [
            to_grid(
                np.asarray(pixels.x0 + (column + a) * pixels.dx),
                np.asarray(pixels.y0 + (row + b) * pixels.dy),
            )
            for a, b in ((0, 0), (1, 0), (0, 1), (1, 1))
        ]
    )
    corners = corners[:, :, np.isfinite(corners).all(axis=(0, 1))]
    if not corners.size:
        return np.inf, np.inf, np.inf
    extent = np.ptp(corners, axis=0)
    return float(extent[0].max()), float(extent[1].max()), float(extent.min())
