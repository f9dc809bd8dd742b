"""The cells of a surface: squares of one projected, equal-area grid a network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import NDArray

from railshed.util.array_types import Floats
from railshed.util.geodesy import LEAST_DEGREE_M

if TYPE_CHECKING:
    import geopandas as gpd
    from pyproj import CRS


#: degrees from south to north, or west to east, of points for which the projection is Albers
_WIDE_DEG = 12.0


@dataclass(frozen=True)
class Grid:
    """Square cells of `size_m` in an equal-area projection: Lambert azimuthal, or Albers conic
    where it has parallels.

    Cell (row, column) covers x in [column, column + 1) * size_m and y likewise, so grids of one
    projection and size share their cells for any extent; rows and columns may be negative.
    Distances are not taken on it.
    """

    centre_lon: float
    centre_lat: float
    size_m: int
    #: degrees north of the standard parallels of Albers; None: Lambert azimuthal
    parallels: tuple[float, float] | None = None

    @classmethod
    def over(cls, lon: Floats, lat: Floats, size_m: int) -> Grid:
        """Return the grid of these points: Lambert around their middle (to half a degree), Albers
        where far apart.

        Albers where they lie over 12 degrees or more, on one side of the equator: parallels a sixth
        in from both ends, central meridian and parallels in whole degrees, so that a point more
        moves no cell unless it lies far outside.
        """
        first = float(lon[0]) if len(lon) else 0.0
        around = first + (np.append(lon, first) - first + 180) % 360 - 180
        west = float(around.min())
        east = float(around.max())
        south, north = (float(lat.min()), float(lat.max())) if len(lat) else (0.0, 0.0)
        middle = (west + east) / 2
        sixth = (north - south) / 6
        parallels = float(round(south + sixth)), float(round(north - sixth))
        if max(north - south, east - west) < _WIDE_DEG or south * north <= 0 or not any(parallels):
            lon0 = (middle + 180) % 360 - 180
            lat0 = (south + north) / 2
            return cls(round(lon0 * 2) / 2, round(lat0 * 2) / 2, size_m)
        return cls(float((round(middle) + 180) % 360 - 180), 0.0, size_m, parallels)

    @cached_property
    def crs(self) -> CRS:
        """The projection, on WGS84."""
        from pyproj import CRS

        kind = (
            "laea"
            if self.parallels is None
            else "aea +lat_1={:g} +lat_2={:g}".format(*self.parallels)
        )
        return CRS.from_proj4(
            f"+proj={kind} +lat_0={self.centre_lat:g} +lon_0={self.centre_lon:g} +datum=WGS84 "
            "+units=m +no_defs"
        )

    @cached_property
    def _transformer(self) -> Any:
        from pyproj import Transformer

        return Transformer.from_crs("EPSG:4326", self.crs, always_xy=True)

    def project(self, lon: Any, lat: Any) -> tuple[Floats, Floats]:
        """Return x, y metres of WGS84 degrees."""
        x, y = self._transformer.transform(np.asarray(lon, float), np.asarray(lat, float))
        return np.asarray(x), np.asarray(y)

    def unproject(self, x: Any, y: Any) -> tuple[Floats, Floats]:
        """Return WGS84 degrees of x, y metres."""
        lon, lat = self._transformer.transform(
            np.asarray(x, float), np.asarray(y, float), direction="INVERSE"
        )
        return np.asarray(lon), np.asarray(lat)

    def extent(self, lon: Floats, lat: Floats, radius_m: Floats) -> Floats:
        """Return float64 (n,) metres in x and in y within which what lies within a radius of each
        point is.
        """
        north = radius_m / LEAST_DEGREE_M
        east = north / np.cos(np.radians(lat))
        none = np.zeros_like(north)
        middle = np.stack(self.project(lon, lat))
        ends = [
            np.abs(np.stack(self.project(lon + u, lat + v)) - middle)
            for u, v in ((east, none), (-east, none), (none, north), (none, -north))
        ]
        sides = np.hypot(np.maximum(ends[0], ends[1]), np.maximum(ends[2], ends[3]))
        return np.asarray(sides.max(axis=0))

    def to_degrees(self, shapes: Sequence[Any]) -> gpd.GeoSeries:
        """Return geometries in x, y metres in EPSG:4326, cut where they cross 180 degrees east."""
        import geopandas as gpd

        series = gpd.GeoSeries(shapes, crs=self.crs).to_crs("EPSG:4326")
        bounds = series.bounds
        for k in np.flatnonzero((bounds["maxx"] - bounds["minx"] > 180).to_numpy()).tolist():
            series.iloc[k] = self._cut_at_180(series.iloc[k])
        return series

    def _cut_at_180(self, shape: Any) -> Any:
        from shapely.affinity import translate

        near = shapely.transform(
            shape, lambda at: np.column_stack([self.unwrapped(at[:, 0]), at[:, 1]])
        )
        parts = [
            translate(
                shapely.intersection(near, shapely.box(turn - 180, -90, turn + 180, 90)), -turn
            )
            for turn in (-360, 0, 360)
        ]
        return shapely.union_all(parts)

    def unwrapped(self, lon: Floats) -> Floats:
        """Return degrees east, beyond 180 or -180 where that is nearer to the grid's centre."""
        return np.asarray(self.centre_lon + (lon - self.centre_lon + 180) % 360 - 180)

    def centre(self, row: NDArray[np.int64], column: NDArray[np.int64]) -> tuple[Floats, Floats]:
        """Return x, y metres of cell centres."""
        return np.asarray((column + 0.5) * self.size_m), np.asarray((row + 0.5) * self.size_m)

    def index(self, x: Floats, y: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return int64 row and column of the cells that contain these points (grid metres)."""
        return np.floor(y / self.size_m).astype(np.int64), np.floor(x / self.size_m).astype(
            np.int64
        )

    @property
    def cell_km2(self) -> float:
        """Area of one cell."""
        return self.size_m**2 / 1e6
