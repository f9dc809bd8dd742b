"""Whole metres between places against the geodesic, and the cells near points against a plain
reference.
"""

from __future__ import annotations

import numpy as np
import pytest
from pyproj import Geod

from railshed.cells.cell_keys import cell_keys, key_cells
from railshed.kernels import cell_distances as kernels
from tests.support import reference as ref
from tests.support.seeds import each_seed

pytestmark = pytest.mark.kernels

GEOD = Geod(ellps="WGS84")
NEAR_M, FAR_M = 20_000, 150_000


def ends_of(
    rng: np.random.Generator, lon: float, lat: float, least_m: float, most_m: float, n: int = 60
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return degrees of points around one, and their metres on the ellipsoid."""
    metres = rng.uniform(least_m, most_m, n)
    east, north, _ = GEOD.fwd(np.full(n, lon), np.full(n, lat), rng.uniform(0, 360, n), metres)
    return np.asarray(east), np.asarray(north), metres


@each_seed(range(60))
def test_metres_are_those_of_the_geodesic(seed: int) -> None:
    """Up to 65 degrees north and south: to 20 km within 0.1 m before rounding, to 150 km within
    0.03 %.
    """
    rng = np.random.default_rng(seed)
    lon, lat = rng.uniform(-180, 180), rng.uniform(-65, 65)
    for least_m, most_m in ((0, NEAR_M), (NEAR_M, FAR_M)):
        to_lon, to_lat, metres = ends_of(rng, lon, lat, least_m, most_m)
        found = kernels.metres_between(np.array([lon]), np.array([lat]), to_lon, to_lat)[0]
        allowed = 0.6 if most_m == NEAR_M else 0.0003 * metres
        assert (np.abs(found - metres) <= allowed).all()


def test_metres_round_to_the_nearest() -> None:
    """A degree north at the equator is 110,574 m, one east there 111,319 m, the halves 55,287 and
    55,660 m.
    """
    zero = np.zeros(1)
    north = kernels.metres_between(zero, zero, np.zeros(3), np.array([0.0, 0.5, 1.0]))
    east = kernels.metres_between(zero, zero, np.array([0.0, 0.5, 1.0]), np.zeros(3))
    assert (north.tolist(), north.dtype) == ([[0, 55_287, 110_574]], np.int64)
    assert east.tolist() == [[0, 55_660, 111_319]]


@pytest.mark.parametrize(
    ("lon", "to_lon"), [(179.99, -179.99), (-179.99, 179.99), (179.99, 180.01), (539.99, -179.99)]
)
def test_metres_across_180_degrees_east(lon: float, to_lon: float) -> None:
    """0.02 degrees of longitude at 60 degrees north are 1,116 m on either side, whatever turn a
    longitude is of.
    """
    found = kernels.metres_between(
        np.array([lon]), np.array([60.0]), np.array([to_lon]), np.array([60.0])
    )
    assert found.tolist() == [[1116]]
    assert round(GEOD.inv(lon, 60.0, to_lon, 60.0)[2]) == 1116


def test_without_points_there_is_nothing() -> None:
    """No point, no row; no cell, no column; no square, no key."""
    none, one = np.empty(0), np.zeros(1)
    assert kernels.metres_between(none, none, one, one).shape == (0, 1)
    assert kernels.metres_between(one, one, none, none).shape == (1, 0)
    whole = np.empty(0, np.int64)
    assert kernels.boxes(whole, whole, whole).tolist() == []
    ptr, cell, metres = kernels.cells_near(
        whole, none, none, none, none, whole, whole, whole, whole
    )
    assert (ptr.tolist(), cell.tolist(), metres.tolist()) == ([0], [], [])


@each_seed(range(20))
def test_boxes_are_the_squares_of_the_reference(seed: int) -> None:
    """Squares around cells west and south of the origin too, one after the other, those of one cell
    among them.
    """
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 6))
    row, column, reach = (
        rng.integers(-30, 30, n),
        rng.integers(-(2**31) + 9, 2**31 - 9, n),
        rng.integers(0, 5, n),
    )
    found = kernels.boxes(row, column, reach)
    middles = zip(row.tolist(), column.tolist(), strict=True)
    expected = [
        cell for k, middle in enumerate(middles) for cell in ref.square_of(middle, int(reach[k]))
    ]
    assert list(zip(*(part.tolist() for part in key_cells(found)), strict=True)) == expected


@each_seed(range(40))
def test_cells_near_are_those_of_the_reference(seed: int) -> None:
    """Random cells with gaps, points anywhere, squares and radii that cut each other: nearest
    first, ties by cell.

    Some cells lie at the same place, so that ties are common; some points have no cell, some more
    than 1,024 have.
    """
    rng = np.random.default_rng(seed)
    rows, columns = np.meshgrid(np.arange(-9, 40), np.arange(-30, 16), indexing="ij")
    some = rng.random(rows.size) < rng.choice([0.2, 1.0])
    keys = np.sort(cell_keys(rows.ravel()[some], columns.ravel()[some]))
    cells = list(zip(*(part.tolist() for part in key_cells(keys)), strict=True))
    cell_row, cell_column = (np.array(part) for part in zip(*cells, strict=True))
    coarse = int(rng.choice([1, 4]))
    cell_lon = (179.8 + cell_column // coarse * coarse * 0.01 + 180) % 360 - 180
    cell_lat = 40 + cell_row // coarse * coarse * 0.01
    n = 5
    lon, lat = rng.uniform(179.3, 180.2, n) % 360, rng.uniform(39.8, 40.5, n)
    row, column = (
        np.floor((lat - 40) / 0.01).astype(np.int64),
        np.floor((lon - 179.8) / 0.01).astype(np.int64),
    )
    reach, radius = rng.integers(0, 60, n), rng.integers(0, 40_000, n)
    radius[0] = -1
    metres = kernels.metres_between(lon, lat, cell_lon, cell_lat).tolist()
    found = kernels.cells_near(keys, cell_lon, cell_lat, lon, lat, row, column, reach, radius)
    ptr, cell, far = (part.tolist() for part in found)
    assert {part.dtype for part in found} == {np.dtype(np.int64)}
    for k in range(n):
        pairs = [*zip(far[ptr[k] : ptr[k + 1]], cell[ptr[k] : ptr[k + 1]], strict=True)]
        assert pairs == ref.cells_near(
            cells, metres[k], (row[k], column[k]), int(reach[k]), int(radius[k])
        )
    assert ptr[1] == 0
    assert ptr[-1] == len(cell) == len(far)


def test_many_cells_are_near() -> None:
    """Of 61 x 61 cells around a point all 3,721 are near, more than the first room holds; the own
    cell is first.
    """
    span = np.arange(-30, 31)
    keys = cell_keys(*(axis.ravel() for axis in np.meshgrid(span, span, indexing="ij")))
    lon, lat = (0.005 * part for part in key_cells(keys)[::-1])
    zero, one = np.zeros(1), np.zeros(1, np.int64)
    ptr, cell, metres = kernels.cells_near(
        keys, lon, lat, zero, zero, one, one, one + 30, one + 100_000
    )
    assert ptr.tolist() == [0, 3721]
    assert (int(cell[0]), int(metres[0])) == (30 * 61 + 30, 0)
    assert (np.diff(metres) >= 0).all()
