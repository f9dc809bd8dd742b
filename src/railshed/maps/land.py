"""Land of the world, so that maps show sea as sea: Natural Earth together with the areas of a
network.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from railshed.maps.view import project

if TYPE_CHECKING:
    import geopandas as gpd

    from railshed.network.model import Network

#: degrees (about 130 m) by which land is widened: outlines are simplified by up to 300 m, and
#: stations stand at quays
_WIDER_DEG = 0.0012
_FILE = Path(__file__).with_name("land.npz")


@cache
def world_land() -> Any:
    """Return the polygons of all land but Antarctica, an array in degrees; sources in
    LICENSE-land.txt.

    Hong Kong and Macao stand last and overlap the land before them.
    """
    with np.load(_FILE) as file:
        steps = np.column_stack([file["dlon"], file["dlat"]])
        corners = np.cumsum(steps, axis=0) * float(file["grid_deg"])
        rings = shapely.linearrings(
            corners, indices=np.repeat(np.arange(len(file["n_corners"])), file["n_corners"])
        )
        return shapely.polygons(
            rings, indices=np.repeat(np.arange(len(file["n_rings"])), file["n_rings"])
        )


@cache
def hong_kong_and_macao() -> Any:
    """Return the polygons of Hong Kong and Macao, an array in degrees."""
    with np.load(_FILE) as file:
        return world_land()[-int(file["n_outlines"]) :]


def land_within(
    box: Sequence[float], crs: str = "EPSG:4326", areas: Any = (), *, tolerance_deg: float = 0.0
) -> Any:
    """Return the land within a box (west, south, east, north in degrees) as one geometry in a CRS.

    In degrees for EPSG:4326, else in metres of the plane. `areas`: an array of polygons in degrees
    that are land too (`areas_of` a network). Shores may lie `tolerance_deg` aside.
    """
    polygons = np.concatenate([world_land(), np.asarray(areas, dtype=object)])
    bounds = shapely.bounds(polygons)
    west, south, east, north = box
    near = (
        (bounds[:, 0] <= east)
        & (bounds[:, 2] >= west)
        & (bounds[:, 1] <= north)
        & (bounds[:, 3] >= south)
    )
    edge = 2 * _WIDER_DEG
    cut = shapely.clip_by_rect(polygons[near], west - edge, south - edge, east + edge, north + edge)
    cut = shapely.simplify(cut, tolerance_deg) if tolerance_deg else cut
    whole = shapely.buffer(shapely.union_all(shapely.make_valid(cut)), _WIDER_DEG, quad_segs=2)
    land = shapely.clip_by_rect(whole, *box)
    return land if crs == "EPSG:4326" else project(land, crs)


def land_around(network: Network, polygons: gpd.GeoDataFrame) -> Callable[[Any], Any]:
    """Return what cuts a polygon (degrees) to land for a network without boundaries, whose cells
    may lie at sea.
    """
    if network.counties is not None or polygons.geometry.is_empty.all():
        return lambda shape: shape
    land = land_within(polygons.total_bounds, areas=areas_of(network))
    return lambda shape: shape.intersection(land)


def areas_of(network: Network) -> Any:
    """Return the areas that are land by the network's own data, an array of polygons in degrees.

    They are its counties; without counties those cells of its population that lie wholly at sea
    (islands that Natural Earth leaves out).
    """
    if network.counties is not None:
        return network.counties.geometry.to_numpy()
    cells = network.population
    half = network.population_cell_deg / 2
    if cells is None:
        return np.empty(0, dtype=object)
    settled = cells[cells["people"] > 0]
    lon = settled["lon"].to_numpy()
    lat = settled["lat"].to_numpy()
    boxes = shapely.box(lon - half, lat - half, lon + half, lat + half)
    on_land = shapely.STRtree(world_land()).query(boxes, predicate="intersects")[0]
    return np.delete(boxes, np.unique(on_land))
