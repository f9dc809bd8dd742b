"""What lies under the circles of an HTML map, by hand: counties and prefectures, railways, towns,
arrays of bytes.
"""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely

from railshed.maps.palette import METRO_WIDTH
from railshed.maps.web.base_layers import (
    _ground,
    _land,
    _names,
    _tolerance,
    _towns,
    base_of,
    box_around,
    rails_of,
)
from railshed.maps.web.encoding import Blob, add_lines
from tests.support.htmlpages import values_of
from tests.support.made_maps import make_data

BOX = (0.0, 0.0, 10.0, 10.0)


def ends_of(entry: Any, blob: Blob) -> list[list[tuple[float, float]]]:
    """Return the points in degrees of each line that an entry stands for."""
    n, x, y = (values_of(entry[name], blob.to_bytes()) for name in "nxy")
    points = list(
        zip((np.cumsum(x) / 10_000).tolist(), (np.cumsum(y) / 10_000).tolist(), strict=True)
    )
    stops = np.cumsum(n).tolist()
    return [points[start:stop] for start, stop in zip([0, *stops], stops, strict=False)]


def test_counties_and_prefectures_have_their_names() -> None:
    """P has two counties, Q one, one has no prefecture: each by name, with its size and a point
    inside.
    """
    counties = gpd.GeoDataFrame(
        {
            "county": ["a", "b", "c", "d"],
            "county_en": ["A", "", "C", "D"],
            "prefecture": ["Q", "P", "P", ""],
            "prefecture_en": ["Cue", "Pea", "Pea", ""],
            "population": [1.0, 2.4, np.nan, 4.0],
        },
        geometry=[shapely.box(k, 0, k + 1, 1) for k in range(4)],
        crs=4326,
    )
    blob = Blob()
    found = _land(counties, 1e-6, blob)
    assert [(row["zh"], row["en"], row["size"], row["people"]) for row in found["counties"]] == [
        ("a", "A", 1, 1),
        ("b", "", 1, 2),
        ("c", "C", 1, None),
        ("d", "D", 1, 4),
    ]
    assert [(row["zh"], row["en"], row["size"]) for row in found["prefectures"]] == [
        ("Q", "Cue", 1),
        ("P", "Pea", 2),
    ]
    for k, row in enumerate(found["counties"]):
        assert counties.geometry.iloc[k].contains(shapely.Point(row["at"]))
    assert shapely.box(1, 0, 3, 1).contains(shapely.Point(found["prefectures"][1]["at"]))
    borders = {
        name: [sorted(line) for line in ends_of(entry, blob)]
        for name, entry in found["borders"].items()
    }
    assert borders["county"] == [[(2, 0), (2, 1)]]
    assert sorted(borders["prefecture"]) == [[(1, 0), (1, 1)], [(3, 0), (3, 1)]]
    assert _land(counties.iloc[:0], 1e-6, blob) == {
        "borders": {},
        "counties": [],
        "prefectures": [],
    }


def test_railways_by_class() -> None:
    """200 trains a day are the widest class, 199 and 80 the next, 79 and 20, 19: lines beyond the
    box are left out.
    """
    lines = [[(k, 1), (k, 2)] for k in range(7)]
    legs = gpd.GeoDataFrame(
        {"trains": [19.0, 20.0, 79.0, 80.0, 199.0, 200.0, 999.0]},
        geometry=[shapely.LineString(line) for line in [*lines[:6], [(11, 1), (11, 2)]]],
        crs=4326,
    )
    blob = Blob()
    found = [
        (row["least"], row["width"], ends_of(row["lines"], blob))
        for row in rails_of(legs, BOX, blob)
    ]
    assert found == [
        (200, 2.2, lines[5:6]),
        (80, 1.5, lines[3:5]),
        (20, 0.9, lines[1:3]),
        (0, 0.45, lines[:1]),
    ]
    assert [row["least"] for row in rails_of(legs.iloc[2:4], BOX, blob)] == [80, 20]
    assert rails_of(legs.iloc[6:], BOX, blob) == []
    beside = legs.iloc[3:5].assign(metro=[False, True])
    found = [
        (row["least"], row["width"], ends_of(row["lines"], blob))
        for row in rails_of(beside, BOX, blob)
    ]
    assert found == [(80, 1.5, lines[3:4]), (None, METRO_WIDTH, lines[4:5])]


@pytest.mark.parametrize(("n", "shown"), [(3, 3), (80, 80), (81, 80)])
def test_the_largest_towns_are_signposts(n: int, shown: int) -> None:
    """Eighty of them, of equal ones by name; those beyond the box are none."""
    towns = gpd.GeoDataFrame(
        {
            "name": [f"t{k:02d}" for k in range(n)] + ["far"],
            "population": [*range(n - 1, 0, -1), 1, 999_999],
        },
        geometry=[*(shapely.Point(k / 10 + 0.12345678, 2) for k in range(n)), shapely.Point(11, 1)],
        crs=4326,
    )
    found = _towns(towns.iloc[::-1], BOX)
    assert [town["zh"] for town in found] == [f"t{k:02d}" for k in range(shown)]
    assert found[0] == {"zh": "t00", "en": "", "at": [0.1235, 2.0], "people": n - 1}
    assert _towns(None, BOX) == []


def test_the_base_is_what_its_box_shows() -> None:
    """Counties that touch the box, railways within it, streets and towns where there are any."""
    data = make_data()
    box = box_around([tuple(data.counties.total_bounds)])
    blob = Blob()
    base = base_of(data, box, data.counties.geometry.to_numpy(), blob)
    assert base["box"] == [round(v, 4) for v in box]
    assert len(base["counties"]) == len(data.counties)
    assert (base["roads"], base["towns"]) == (None, [])
    assert base_of(data, (0.0, 0.0, 1.0, 1.0), (), blob)["counties"] == []


def test_arrays_stand_once_and_at_multiples_of_four() -> None:
    """The same bytes of another type are another array; three bytes are followed by one of none."""
    blob = Blob()
    three, four = np.array([1, 2, 3], np.uint8), np.array([1, 2, 3, 4], np.int32)
    assert blob.add(three) == {"type": "u1", "at": 0, "n": 3}
    assert blob.add(four) == {"type": "i4", "at": 4, "n": 4}
    assert blob.add(three) == {"type": "u1", "at": 0, "n": 3}
    assert blob.add(np.array([513, 3], np.uint16)) == {"type": "u2", "at": 20, "n": 2}
    assert blob.add(np.array([1, 2, 3, 0], np.uint8)) == {"type": "u1", "at": 24, "n": 4}
    assert blob.to_bytes() == bytes(
        [1, 2, 3, 0, *b"\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0", 1, 2, 3, 0, 1, 2, 3, 0]
    )


def test_lines_in_steps_of_a_ten_thousandth_of_a_degree() -> None:
    """A ring runs anticlockwise, its hole clockwise; points of one step are one, and a line of one
    point is none.
    """
    blob = Blob()
    holed = shapely.Polygon([(0, 0), (0, 4), (4, 4), (4, 0)], [[(1, 1), (2, 1), (2, 2)]])
    ring, hole = ends_of(add_lines(blob, holed), blob)
    assert ring[0] == ring[-1]
    assert shapely.LinearRing(ring).is_ccw
    assert not shapely.LinearRing(hole).is_ccw
    bend = shapely.LineString([(0, 0), (0.00004, 0), (0.00006, 0), (1, 1)])
    short = shapely.LineString([(5, 5), (5.00004, 5)])
    assert ends_of(add_lines(blob, np.array([bend, short])), blob) == [
        [(0, 0), (0.0001, 0), (1, 1)]
    ]
    for nothing in (shapely.Polygon(), None, short):
        assert ends_of(add_lines(blob, nothing), blob) == []


def test_sea_is_sea_and_land_without_data_is_named() -> None:
    """Around 香港 the counties known end at the border: what lies south of it is land without data,
    then sea.

    Where no counties are known at all, no land is without data. Far from there a strip that is
    narrower than eight kilometres, where two coastlines differ, is none either; a county without
    people is, where others have some.
    """
    box = (113.8, 22.1, 114.5, 22.9)
    frame = {
        "county": ["a"],
        "county_en": ["A"],
        "prefecture": [""],
        "prefecture_en": [""],
        "population": [1.0],
    }
    county = gpd.GeoDataFrame(frame, geometry=[shapely.box(113.7, 22.56, 114.6, 23.0)], crs=4326)
    for counties, known in ((county, True), (county.iloc[:0], False)):
        blob = Blob()
        found = _ground(counties, box, counties.geometry.to_numpy(), 1e-4, blob)
        sea, no_data = (_shape(found[name], blob) for name in ("sea", "no_data"))
        assert sea.contains(shapely.Point(114.45, 22.12))
        assert not sea.intersects(shapely.Point(114.15, 22.4))  # 新界
        assert no_data.contains(shapely.Point(114.15, 22.4)) == known
        assert not no_data.intersects(shapely.Point(114.0, 22.7))
    west = (100.0, 30.0, 101.0, 31.0)
    for low, known in ((30.05, False), (30.15, True)):
        strip = gpd.GeoDataFrame(frame, geometry=[shapely.box(99.0, low, 102.0, 32.0)], crs=4326)
        assert (
            _ground(strip, west, strip.geometry.to_numpy(), 1e-4, Blob())["no_data"] is not None
        ) == known
    halves = [shapely.box(99.0, 29.0, 100.5, 32.0), shapely.box(100.5, 29.0, 102.0, 32.0)]
    both = gpd.GeoDataFrame(
        {k: v * 2 for k, v in frame.items()} | {"population": [1.0, np.nan]},
        geometry=halves,
        crs=4326,
    )
    blob = Blob()
    blank = _shape(_ground(both, west, both.geometry.to_numpy(), 1e-4, blob)["no_data"], blob)
    assert blank.area == pytest.approx(0.5, abs=1e-3)


def _shape(entry: Any, blob: Blob) -> Any:
    """Return the area of rings, holes cut out."""
    if entry is None:
        return shapely.Polygon()
    found = shapely.Polygon()
    for points in ends_of(entry, blob):
        found = found.symmetric_difference(shapely.Polygon(points))
    return found


def test_shapes_are_simplified_by_the_longer_side_of_the_map() -> None:
    assert _tolerance((100, 30, 102, 31)) == _tolerance((100, 30, 101, 32)) == 2 / 4000


def test_a_name_stands_within_its_shape() -> None:
    shape = shapely.Polygon([(0, 0), (3, 0), (0, 1)])
    (found,) = _names(["a"], [""], [shape])
    inside = shapely.point_on_surface(shape)
    assert found["at"] == [round(inside.x, 4), round(inside.y, 4)]
