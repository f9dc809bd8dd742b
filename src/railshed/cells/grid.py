"""The cells of a surface: squares of a projected, equal-area grid around a city."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from railshed.util.array_types import Floats

if TYPE_CHECKING:
    import geopandas as gpd
    from pyproj import CRS


@dataclass(frozen=True)
class Grid:
    """Square cells of `size_m` in a Lambert azimuthal equal-area projection centred on a round degree near the city.

    Cell (row, column) covers x in [column, column + 1) * size_m and y likewise, so grids of one centre and size share
    their cells for any extent; rows and columns may be negative.
    """

    centre_lon: float
    centre_lat: float
    size_m: int

    @classmethod
    def around(cls, lon: float, lat: float, size_m: int) -> Grid:
        """Return the grid of the city at this point; the centre is rounded to half a degree."""
        return cls(round(lon * 2) / 2, round(lat * 2) / 2, size_m)

    @cached_property
    def crs(self) -> CRS:
        """The projection, on WGS84."""
        from pyproj import CRS

        return CRS.from_proj4(
            f"+proj=laea +lat_0={self.centre_lat:g} +lon_0={self.centre_lon:g} +datum=WGS84 +units=m +no_defs"
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
        lon, lat = self._transformer.transform(np.asarray(x, float), np.asarray(y, float), direction="INVERSE")
        return np.asarray(lon), np.asarray(lat)

    def to_degrees(self, shapes: Sequence[Any]) -> gpd.GeoSeries:
        """Return geometries in x, y metres in EPSG:4326, cut where they cross 180 degrees east."""
        import geopandas as gpd

        series = gpd.GeoSeries(shapes, crs=self.crs).to_crs("EPSG:4326")
        bounds = series.bounds
        for k in np.flatnonzero((bounds["maxx"] - bounds["minx"] > 180).to_numpy()).tolist():
            series.iloc[k] = self._cut_at_180(series.iloc[k])
        return series

    def _cut_at_180(self, shape: Any) -> Any:
        import shapely
        from shapely.affinity import translate

        near = shapely.transform(shape, lambda at: np.column_stack([self.unwrapped(at[:, 0]), at[:, 1]]))
        parts = [
            translate(shapely.intersection(near, shapely.box(turn - 180, -90, turn + 180, 90)), -turn)
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
        return np.floor(y / self.size_m).astype(np.int64), np.floor(x / self.size_m).astype(np.int64)

    @property
    def cell_km2(self) -> float:
        """Area of one cell."""
        return self.size_m**2 / 1e6
