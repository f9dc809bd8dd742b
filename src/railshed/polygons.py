"""Polygons drawn from a surface."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from railshed.grid import Grid
from railshed.units import MINUTE, UNREACHED

Ints64 = NDArray[np.int64]
#: a surface falls linearly across the cutoff within this many seconds, so polygons do not follow cell edges
_SOFT_S = 2 * MINUTE


def polygon_within(grid: Grid, row: Ints64, column: Ints64, seconds: Ints64, cutoff_s: int) -> Any:
    """Return the (multi)polygon, in grid metres, of the cells within `cutoff_s`: marching squares with holes kept.

    The field is clip((T - cutoff) / 2 min, -1, +1), unreached and everything outside the cells +1, its zero line the
    edge: polygons of rising cutoffs are nested and every cell centre is on the right side.
    """
    import contourpy
    import shapely

    inside = seconds <= cutoff_s
    if not inside.any():
        return shapely.MultiPolygon()
    reached = np.flatnonzero(seconds < UNREACHED)
    row0, column0 = int(row[reached].min()) - 1, int(column[reached].min()) - 1
    shape = (int(row[reached].max()) - row0 + 2, int(column[reached].max()) - column0 + 2)
    field_ = np.ones(shape)
    value = np.clip((seconds[reached] - cutoff_s) / _SOFT_S, -1.0, 1.0)
    # a cell exactly on the cutoff is inside
    field_[row[reached] - row0, column[reached] - column0] = np.where(value == 0.0, -1e-9, value)
    x = (np.arange(shape[1]) + column0 + 0.5) * grid.size_m
    y = (np.arange(shape[0]) + row0 + 0.5) * grid.size_m
    generator = contourpy.contour_generator(x, y, field_, fill_type=contourpy.FillType.OuterOffset)
    points, offsets = generator.filled(-np.inf, 0.0)
    parts = [
        shapely.Polygon(p[o[0] : o[1]], [p[o[k] : o[k + 1]] for k in range(1, len(o) - 1)])
        for p, o in zip(points, offsets, strict=True)
    ]
    parts = [part if part.is_valid else shapely.make_valid(part) for part in parts]
    merged = shapely.union_all([p for part in parts for p in _polygons(part)])
    return shapely.MultiPolygon(_polygons(merged))


def _polygons(shape: Any) -> list[Any]:
    """Return the polygons of any geometry, without its lines and points."""
    if shape.geom_type == "Polygon":
        return [] if shape.is_empty else [shape]
    return [p for part in getattr(shape, "geoms", []) for p in _polygons(part)]
