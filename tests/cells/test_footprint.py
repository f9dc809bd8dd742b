"""Where people are known and where not: the footprint of every kind of source, and what results say
of land beyond.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from rasterio.transform import Affine

from railshed.cells.areal_interpolation import interpolate
from railshed.cells.grid import Grid
from railshed.cells.opportunities import Opportunities, holes_between
from railshed.io.opportunities.read import read_opportunities
from railshed.util.errors import InputError

GRID = Grid(104.0, 30.5, 500)
HERE = GRID.crs


def square(rows: range, columns: range) -> tuple[np.ndarray, np.ndarray]:
    row, column = (axis.ravel() for axis in np.meshgrid(list(rows), list(columns), indexing="ij"))
    return row.astype(np.int64), column.astype(np.int64)


def known_of(found: Opportunities, rows: range, columns: range) -> set[tuple[int, int]]:
    """Cells of a rectangle of which the source tells."""
    row, column = square(rows, columns)
    known = interpolate(found, GRID, row, column)[2]
    return set(zip(row[known].tolist(), column[known].tolist(), strict=True))


def rectangle(rows: range, columns: range) -> set[tuple[int, int]]:
    return {(r, c) for r in rows for c in columns}


def write_tif(
    path: Path, values: Any, west: float, north: float, pixel: float, **options: Any
) -> Path:
    """A raster of pixels of so many metres on the grid's own projection."""
    array = np.asarray(values)
    profile = {
        "driver": "GTiff",
        "count": 1,
        "height": array.shape[0],
        "width": array.shape[1],
        "dtype": array.dtype,
        "crs": HERE.to_wkt(),
        "transform": Affine(pixel, 0, west, 0, -pixel, north),
    }
    with rasterio.open(path, "w", **profile, **options) as file:
        file.write(array, 1)
    return path


def test_points_tell_of_their_hull() -> None:
    """Points in cells (0, 0), (0, 3) and (3, 0): known are the centres in their triangle, edges
    included.
    """
    points = Opportunities.of_points(
        [250.0, 1750.0, 250.0], [250.0, 250.0, 1750.0], {"people": [1, 0, 4]}, HERE
    )
    triangle = {(r, c) for r in range(4) for c in range(4) if r + c <= 3}
    assert known_of(points, range(-2, 6), range(-2, 6)) == triangle


def test_points_without_a_hull_tell_of_their_cells() -> None:
    """Two points have no area between them: their own two cells are known, also where one has no
    people.
    """
    points = Opportunities.of_points([250.0, 1750.0], [250.0, 250.0], {"people": [1, 0]}, HERE)
    assert known_of(points, range(-2, 6), range(-2, 6)) == {(0, 0), (0, 3)}


def test_areas_tell_of_themselves_and_small_holes() -> None:
    """Nine squares of 2 x 2 cells but the middle one, whose hole may be a missing area: no data;
    beyond none either.
    """
    boxes = [
        shapely.box(1000 * c, 1000 * r, 1000 * c + 1000, 1000 * r + 1000)
        for r in range(3)
        for c in range(3)
    ]
    ring = boxes[:4] + boxes[5:]
    areas = Opportunities.of_areas(ring, {"people": np.ones(8)}, HERE)
    whole = rectangle(range(6), range(6))
    assert known_of(areas, range(-2, 8), range(-2, 8)) == whole - rectangle(
        range(2, 4), range(2, 4)
    )
    assert [len(holes) for holes in holes_between(np.array(ring, dtype=object))] == [0, 1]


def test_a_lake_is_land_without_people() -> None:
    """A hole of one cell (a quarter of the area next to it) is known and empty; the total is
    unchanged.
    """
    lake = shapely.box(500, 500, 1000, 1000)
    parts = [
        shapely.box(0, 0, 1000, 1000).difference(lake),
        *(shapely.box(1000 * k, 0, 1000 * k + 1000, 1000) for k in (1, 2)),
    ]
    above = shapely.box(0, 1000, 3000, 2000)
    areas = Opportunities.of_areas([*parts, above], {"people": [3, 4, 4, 12]}, HERE)
    row, column = square(range(-1, 6), range(-1, 8))
    values, left, known = interpolate(areas, GRID, row, column)
    assert set(zip(row[known].tolist(), column[known].tolist(), strict=True)) == rectangle(
        range(4), range(6)
    )
    assert values[(row == 1) & (column == 1), 0].tolist() == [0]
    assert (values.sum(), left.tolist()) == (23, [0])


def test_pixels_tell_of_the_rectangle_around_them() -> None:
    """Two pixels at the corners of 2 x 3 kilometres, without a file: all between them is known."""
    pixels = Opportunities.of_pixels((0, 0), (1000, 1000), [0, 1], [0, 2], {"people": [8, 8]}, HERE)
    assert known_of(pixels, range(-3, 9), range(-3, 9)) == rectangle(range(4), range(6))


def test_a_file_tells_of_its_extent_also_without_data(tmp_path: Path) -> None:
    """Pixels of declared nodata are sea without people: known, counted, noted; cells beyond the
    file are unknown.
    """
    values = np.array([[-1, 5], [-1, 7]], np.float32)
    found = read_opportunities(write_tif(tmp_path / "pop.tif", values, 0, 2000, 1000, nodata=-1))
    assert (
        found.notes[0] == "pop.tif: 4 pixels, 2 of them without data: land or sea, counted as zero"
    )
    assert known_of(found, range(-3, 9), range(-3, 9)) == rectangle(range(4), range(4))


def test_a_missing_tile_is_a_hole(tmp_path: Path) -> None:
    """Three of four tiles: the fourth is said with its place, and its cells are not known."""
    ones = np.ones((2, 2), np.float32)
    corners = {"sw": (0, 2000), "nw": (0, 4000), "ne": (2000, 4000)}
    files = [
        write_tif(tmp_path / f"pop_{name}.tif", ones, *corner, 1000)
        for name, corner in corners.items()
    ]
    found = read_opportunities(files)
    assert known_of(found, range(-2, 10), range(-2, 10)) == rectangle(
        range(8), range(8)
    ) - rectangle(range(4), range(4, 8))
    assert [issue.code for issue in found.issues] == ["missing-tile"]
    assert "no data there, no people are counted" in found.issues[0].message


@pytest.mark.parametrize("down", [-1, 1], ids=["north-up", "south-up"])
def test_a_block_that_a_file_lacks_is_a_hole(tmp_path: Path, down: int) -> None:
    """A sparse GeoTIFF of 3 x 2 blocks of 16 pixels, two of them written: cells of the others are
    not known.
    """
    path = tmp_path / "pop.tif"
    profile = {
        "driver": "GTiff",
        "count": 1,
        "height": 40,
        "width": 32,
        "dtype": "int16",
        "crs": HERE.to_wkt(),
        "tiled": True,
        "blockxsize": 16,
        "blockysize": 16,
        "SPARSE_OK": True,
        "transform": Affine(500, 0, 0, 0, down * 500, 0 if down > 0 else 20_000),
    }
    with rasterio.open(path, "w", **profile) as file:
        for column, row, height in ((16, 0, 16), (0, 32, 8)):
            window = rasterio.windows.Window(column, row, 16, height)
            file.write(np.ones((1, height, 16), np.int16), window=window)
    found = read_opportunities(path)
    north, south = range(24, 40), range(8)
    if down > 0:
        north, south = range(16), range(32, 40)
    known = rectangle(north, range(16, 32)) | rectangle(south, range(16))
    assert found.totals.tolist() == [16 * 16 + 8 * 16]
    assert known_of(found, range(-3, 45), range(-3, 40)) == known
    assert [issue.code for issue in found.issues] == ["missing-tile"] * 3
    assert all(issue.file == "pop.tif" for issue in found.issues)


def test_beyond_the_file_within_the_box_is_said(tmp_path: Path) -> None:
    """A box larger than the file: a note says what it tells of; a smaller one is silent and cuts
    the footprint.
    """
    path = write_tif(tmp_path / "pop.tif", np.ones((40, 40), np.float32), -10_000, 10_000, 500)
    wide = read_opportunities(path, within=(103.0, 30.0, 105.0, 31.0))
    assert any(note.startswith("within the box asked for it tells of 103.8") for note in wide.notes)
    east = read_opportunities(path, within=(104.0, 30.45, 104.05, 30.55))
    assert not any("tells of" in note for note in east.notes)
    known = known_of(east, range(-25, 25), range(-25, 25))
    assert min(c for _, c in known) == 0
    assert known <= rectangle(range(-20, 20), range(20))


def test_points_tell_of_the_hull_of_the_whole_file(tmp_path: Path) -> None:
    """A box that holds one point of four lies in the hull of all: every cell in the box
    is known.
    """
    path = tmp_path / "people.csv"
    corners = [(103.9, 30.4), (104.1, 30.4), (103.9, 30.6), (104.1, 30.6), (104.0, 30.5)]
    path.write_text(
        "lon,lat,people\n" + "".join(f"{x},{y},1\n" for x, y in corners), encoding="utf-8"
    )
    found = read_opportunities(path, within=(103.99, 30.49, 104.01, 30.51))
    row, column = square(range(-10, 10), range(-10, 10))
    lon, lat = GRID.unproject(*GRID.centre(row, column))
    inside = (lon >= 103.99) & (lon < 104.01) & (lat >= 30.49) & (lat < 30.51)
    assert 0 < inside.sum() < len(row)
    assert np.array_equal(interpolate(found, GRID, row, column)[2], inside)


@settings(deadline=None, max_examples=40)
@given(st.data())
def test_known_cells_of_any_source(data: st.DataObject) -> None:
    """Who falls on a cell is known there; order and parts of the cells change nothing; nothing
    beyond the source.
    """
    rng = np.random.default_rng(data.draw(st.integers(0, 2**31)))
    n, kind = (
        data.draw(st.integers(1, 12)),
        data.draw(st.sampled_from(["points", "areas", "pixels"])),
    )
    x, y, people = (
        rng.uniform(-4000, 4000, n),
        rng.uniform(-4000, 4000, n),
        {"people": rng.integers(0, 3, n)},
    )
    if kind == "points":
        found = Opportunities.of_points(x, y, people, HERE)
    elif kind == "areas":
        found = Opportunities.of_areas(
            shapely.buffer(shapely.points(x, y), rng.uniform(50, 1500, n)), people, HERE
        )
    else:
        at = np.unique(rng.integers(-4, 4, (n, 2)), axis=0)
        found = Opportunities.of_pixels(
            (0, 0), (700, 900), *at.T, {"people": people["people"][: len(at)]}, HERE
        )
    row, column = square(range(-16, 16), range(-16, 16))
    values, _, known = interpolate(found, GRID, row, column)
    assert known[values[:, 0] > 0].all()
    order = rng.permutation(len(row))
    first, second = np.sort(order[:400]), order[400:]
    for part in (first, second):
        assert np.array_equal(interpolate(found, GRID, row[part], column[part])[2], known[part])
    assert not known[np.hypot(*GRID.centre(row, column)) > 8000].any()


@pytest.mark.parametrize("suffix", ["csv", "tif"])
def test_more_people_than_there_can_be(tmp_path: Path, suffix: str) -> None:
    """1e300 people are refused with file, row (or pixel) and value; ten billion jobs are none of
    that.
    """
    path = tmp_path / f"pop.{suffix}"
    if suffix == "csv":
        path.write_text(
            "lon,lat,people,jobs\n104,30.5,1,2e10\n104,30.6,1e300,5\n", encoding="utf-8"
        )
        where = "pop.csv row 2 field people"
    else:
        write_tif(path, np.array([[1.0, 2.0], [3.0, 1e300]]), 0, 2000, 1000)
        where = r"pop.tif: the pixel in row 2, column 2 \(from the upper left\)"
    with pytest.raises(
        InputError, match=rf"{where}.* more than there can be \(1e\+10\) \(given: '1e\+300'\)"
    ) as caught:
        read_opportunities(path)
    assert len(caught.value.issues) == 1
    with pytest.raises(InputError, match=r"column 'people': 1 values are not between 0 and 1e\+10"):
        Opportunities.of_points([1.0], [2.0], {"people": [1e300]})


def test_a_list_of_tiles_is_no_raster(tmp_path: Path) -> None:
    """A .vrt says what to give instead."""
    with pytest.raises(
        InputError, match=r"pop\.vrt: lists the tiles of a raster and holds none; give the tiles"
    ):
        read_opportunities(tmp_path / "pop.vrt")
