"""From degrees to points on the sheet: projection, extent, clipping, borders and
matplotlib paths.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from railshed.maps.projection import ground_at, to_degrees, to_metres
from railshed.util.array_types import Floats

if TYPE_CHECKING:
    import geopandas as gpd


def project(geometries: Any, crs: str) -> Any:
    """Return geometries (an array or one) in degrees as metres of the CRS."""
    return shapely.transform(geometries, lambda xy: to_metres(crs, *xy.T))


@dataclass(frozen=True, slots=True)
class View:
    """The part of the projected plane that fills the map's frame on the sheet."""

    crs: str
    #: projected metres at the lower left corner of the frame
    x0: float
    y0: float
    metres_per_point: float
    #: left, bottom, width, height in points
    frame: tuple[float, float, float, float]

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, bottom, right, top of the frame in points."""
        left, bottom, width, height = self.frame
        return left, bottom, left + width, bottom + height

    def place(self, geometries: Any) -> Any:
        """Return geometries in degrees as geometries in points on the sheet."""
        origin = np.array([self.x0, self.y0])
        corner = np.array(self.frame[:2])
        plane = project(geometries, self.crs)
        return shapely.transform(plane, lambda xy: (xy - origin) / self.metres_per_point + corner)

    def degrees(self, points: Floats) -> Floats:
        """Return points (n, 2) of the sheet as lon, lat."""
        return to_degrees(self.crs, self.plane(points))

    def plane(self, points: Floats) -> Floats:
        """Return points (n, 2) of the sheet as metres of the plane."""
        xy: Floats = (points - np.array(self.frame[:2])) * self.metres_per_point + np.array(
            [self.x0, self.y0]
        )
        return xy

    def lattice(self, n: int) -> Floats:
        """Return n x n points of the sheet, even over the frame and its edges."""
        left, bottom, right, top = self.box
        xs, ys = np.meshgrid(np.linspace(left, right, n), np.linspace(bottom, top, n))
        return np.column_stack([xs.ravel(), ys.ravel()])

    def counts(self) -> tuple[Floats, Floats]:
        """Return scale and north (`ground_at`) at 81 points all over the frame, its middle among
        them.
        """
        return ground_at(self.crs, self.plane(self.lattice(9)), 20 * self.metres_per_point)

    def clip(self, geometries: Any, *, pad: float = 3.0) -> Any:
        """Return geometries in points cut `pad` points outside the frame; empty where the
        projection has no place.
        """
        left, bottom, right, top = self.box
        geometries = np.asarray(geometries, dtype=object)
        bounds = shapely.bounds(geometries)
        lost = np.isinf(bounds).any(axis=-1) | (
            np.isnan(bounds).any(axis=-1) & ~shapely.is_empty(geometries)
        )
        # a part beyond the projection: the antipode of the centre
        geometries = np.where(lost, shapely.Point(), geometries)
        box = left - pad, bottom - pad, right + pad, top + pad
        try:
            return shapely.clip_by_rect(geometries, *box)
        except (
            shapely.errors.GEOSException
        ):  # a ring that falls into a line at the edge of the projection
            return shapely.intersection(shapely.make_valid(geometries), shapely.box(*box))

    @property
    def degrees_box(self) -> tuple[float, float, float, float]:
        """West, south, east, north of what may be in view, in degrees."""
        lon_lat = self.degrees(self.lattice(9))
        lon_lat = lon_lat[np.isfinite(lon_lat).all(axis=1)]
        (west, south) = lon_lat.min(axis=0) - 0.02
        (east, north) = lon_lat.max(axis=0) + 0.02
        return float(west), float(south), float(east), float(north)

    def seen(self, frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Return the rows (in degrees) that may touch the view."""
        return frame.iloc[np.sort(frame.sindex.query(shapely.box(*self.degrees_box)))]


def fit(
    bounds: Sequence[float],
    crs: str,
    frame: tuple[float, float, float, float],
    *,
    margin: float,
    least_m: float,
) -> View:
    """Return the view that shows `bounds` (projected) with a margin (share of its size), filled to
    the frame.

    The shorter side of the frame shows at least `least_m` metres.
    """
    left, bottom, right, top = bounds
    grow = 1 + 2 * margin
    scale = max(
        (right - left) * grow / frame[2], (top - bottom) * grow / frame[3], least_m / min(frame[2:])
    )
    x0 = (left + right) / 2 - frame[2] * scale / 2
    y0 = (bottom + top) / 2 - frame[3] * scale / 2
    return View(crs, x0, y0, scale, frame)


def path(geometry: Any) -> Any:
    """Return the matplotlib path of a polygon, a line or several of them; holes stay holes."""
    from matplotlib.path import Path

    rings = shapely.get_parts(geometry)
    if rings.size and shapely.get_type_id(rings[0]) not in (1, 2):
        rings = shapely.get_rings(rings[shapely.get_dimensions(rings) == 2])
    lines = [(shapely.get_coordinates(ring), shapely.get_type_id(ring) == 2) for ring in rings]
    return Path.make_compound_path(
        *(Path(xy, closed=closed) for xy, closed in lines if len(xy) > 1)
    )


def borders(polygons: Any, groups: Sequence[str], finish: Callable[[Any], Any]) -> dict[str, Any]:
    """Return each border once, from polygons of a coverage (neighbours share their vertices).

    Lines of ``edge``, the outer one, ``county``, between counties of one prefecture, and
    ``prefecture``, between two. Polygons that are no coverage share no segments: then each outline
    is a county border and the outline of each group is a prefecture border.
    """
    rings, owner = shapely.get_rings(polygons, return_index=True)
    xy, ring_of = shapely.get_coordinates(rings, return_index=True)
    xy = np.round(xy, 3) + 0.0
    same = ring_of[1:] == ring_of[:-1]
    a = xy[:-1][same]
    b = xy[1:][same]
    swap = (a[:, 0] > b[:, 0]) | ((a[:, 0] == b[:, 0]) & (a[:, 1] > b[:, 1]))
    a, b = np.where(swap[:, None], b, a), np.where(swap[:, None], a, b)
    segment, first, inverse, count = np.unique(
        np.column_stack([a, b]), axis=0, return_index=True, return_inverse=True, return_counts=True
    )
    group = np.unique(np.asarray(groups, dtype=str), return_inverse=True)[1][
        owner[ring_of[:-1][same]]
    ]
    other = np.zeros(len(segment), dtype=bool)
    np.logical_or.at(other, inverse.ravel(), group != group[first][inverse.ravel()])
    shared = count > 1
    if shared.mean() < 0.02:
        names = np.asarray(groups, dtype=str)
        outlines = [
            shapely.boundary(shapely.union_all(polygons[names == name]))
            for name in np.unique(names)
        ]
        every = finish(shapely.union_all(shapely.boundary(polygons)))
        return {
            "edge": shapely.MultiLineString(),
            "county": every,
            "prefecture": finish(shapely.union_all(outlines)),
        }
    lines = shapely.linestrings(segment.reshape(-1, 2, 2))
    picks = {"edge": ~shared, "county": shared & ~other, "prefecture": shared & other}
    return {
        key: finish(shapely.line_merge(shapely.multilinestrings(lines[pick])))
        for key, pick in picks.items()
    }


def draw_lines(axes: Any, lines: Any, colour: str, width: Any, order: float, **style: Any) -> None:
    """Draw the lines of a geometry in points, or of an array of them with one width or one each."""
    from matplotlib.collections import LineCollection

    parts, owner = shapely.get_parts(np.atleast_1d(lines), return_index=True)
    widths = width if np.ndim(width) == 0 else np.asarray(width)[owner]
    coordinates = [shapely.get_coordinates(part) for part in parts]
    axes.add_collection(
        LineCollection(coordinates, colors=colour, linewidths=widths, zorder=order, **style),
        autolim=False,
    )
