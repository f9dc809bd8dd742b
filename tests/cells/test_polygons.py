"""Points in polygons that threads share, which are left as they are; polygons that cross themselves
too often.
"""

from __future__ import annotations

import math
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely

from railshed.cells import polygons
from railshed.cells.polygons import check_edges, points_in
from railshed.io.boundaries import with_boundaries
from railshed.io.folder.tables import read_counties
from railshed.io.opportunities.read import read_opportunities
from railshed.maps.basemap import load_basemap
from railshed.util.errors import InputError
from railshed.util.limits import LIMITS_VARIABLE
from tests.support.small_networks import small_network


@pytest.mark.parametrize("test", [shapely.contains_xy, shapely.intersects_xy])
def test_few_and_many_points_are_found_alike(test, monkeypatch: pytest.MonkeyPatch) -> None:
    """A triangle with a hole: corners, edges and centres. The polygon is never prepared: four
    threads crash on one.

    (One in some hundred times four threads that prepare a polygon of 3,000 corners end the
    process.)
    """
    shape = shapely.Polygon([(0, 0), (8, 0), (0, 8)], [[(1, 1), (2, 1), (1, 2)]])
    x, y = (
        axis.ravel() for axis in np.meshgrid(np.arange(-1.0, 9.0, 0.5), np.arange(-1.0, 9.0, 0.5))
    )
    many = points_in(shape, x, y, test)
    monkeypatch.setattr(polygons, "_MANY", 10_000)
    assert points_in(shape, x, y, test).tolist() == many.tolist()
    assert many.any()
    assert not shapely.is_prepared(shape)


#: a pentagram crosses itself five times, a bow once, a square never
PENTAGRAM = shapely.Polygon(
    [(math.cos(k * 0.8 * math.pi), math.sin(k * 0.8 * math.pi)) for k in range(5)]
)
BOW = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
SQUARE = shapely.box(0, 0, 1, 1)
#: it stands where a collection within a collection ends, beside a square that it crosses four times
DEEP = shapely.GeometryCollection(
    [shapely.MultiPolygon([PENTAGRAM, shapely.box(-2, -0.1, 2, 0.1)])]
)


@pytest.mark.parametrize(
    ("limits", "shapes", "message"),
    [
        ("crossings=5", [SQUARE, PENTAGRAM], None),
        ("crossings=4", [SQUARE, PENTAGRAM], ("a.gpkg row 2: at least 5 crossings of edges within "
            "one pol")),
        ("crossings=4", [SQUARE, BOW, None, shapely.Point(0, 0), shapely.Polygon()], None),
        ("crossings=12", [shapely.GeometryCollection([DEEP])], "row 1: at least 13 crossings"),
        ("crossings=13", [shapely.GeometryCollection([DEEP])], None),
        ("file_crossings=6", [BOW, PENTAGRAM], None),
        ("file_crossings=5", [BOW, SQUARE, PENTAGRAM], ("row 3: at least 6 crossings of edges "
            "within the polygons")),
        ("edge_pairs=9", [PENTAGRAM], ("row 1: at least 10 pairs of edges of one polygon with "
            "boxes")),
        ("edge_pairs=9", [SQUARE], None),
    ],
)  # fmt: skip
def test_polygons_that_cross_themselves_too_often(
    limits: str, shapes: list[Any], message: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Crossings are counted by polygon and by file, whatever holds the polygon; valid ones are not
    counted.
    """
    monkeypatch.setenv(LIMITS_VARIABLE, limits)
    if message is None:
        check_edges(np.array(shapes, dtype=object), "a.gpkg")
        return
    with pytest.raises(
        InputError, match=f"{message}.*RAILSHED_LIMITS={limits.split('=')[0]}=NUMBER"
    ):
        check_edges(np.array(shapes, dtype=object), "a.gpkg")


@pytest.mark.parametrize("reader", ["opportunities", "boundaries", "counties", "basemap"])
def test_every_reader_of_polygons_counts_first(
    reader: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row 2 of each file is a star of 50 corners that crosses itself some 300 times, where 10 are
    allowed.
    """
    monkeypatch.setenv(LIMITS_VARIABLE, "crossings=10")
    star = shapely.Polygon([(100 + math.cos(k) / 10, 0.3 + math.sin(k) / 10) for k in range(50)])
    names = (
        "county",
        "county_en",
        "prefecture_code",
        "prefecture",
        "prefecture_en",
        "province_code",
        "province",
    )
    table: dict[str, Any] = {
        "people": [1.0, 2.0],
        "county_code": ["a", "b"],
        "population": [1.0, 2.0],
    }
    frame = gpd.GeoDataFrame(
        table | {name: ["x", "y"] for name in (*names, "province_en")},
        geometry=[SQUARE, star],
        crs="EPSG:4326",
    )
    path = tmp_path / "boundaries.parquet"
    frame.to_parquet(path)
    if reader == "basemap":
        path = tmp_path / "basemap.gpkg"
        frame.to_file(path)
    network = small_network(
        {"a": (0.0, 0.0), "b": (1.0, 0.0)}, {"t": [("a", "07:00"), ("b", "07:10")]}
    )
    with pytest.raises(InputError, match=f"{path.name} row 2: at least .* crossings"):
        {
            "opportunities": lambda: read_opportunities(path),
            "boundaries": lambda: with_boundaries(network, path),
            "counties": lambda: read_counties(path),
            "basemap": lambda: load_basemap(path),
        }[reader]()
