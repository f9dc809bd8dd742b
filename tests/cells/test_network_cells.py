"""The cells of a network: near points, in counties, with people, whatever was asked before and by
whom.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import Geod

from railshed import Network
from railshed.cells import network_cells
from railshed.cells.cell_keys import cell_keys, find_keys, key_cells
from railshed.cells.grid import Grid
from railshed.cells.network_cells import NetworkCells
from railshed.cells.population import NOWHERE, People, locate_cells, spread_people
from tests.support.cells import Near, cells_at, cells_near
from tests.support.seeds import each_seed

GEOD = Geod(ellps="WGS84")
#: degrees west, east, south and north of stations, and what their grid is
EXTENTS = {
    "toy": ((99.3, 100.5, 0.0, 1.0), "laea"),
    "islands across 180 degrees": ((177.0, 184.5, -19.0, -15.5), "laea"),
    "a line on the equator": ((30.0, 43.5, 0.2, 0.5), "laea"),
    "Asia": ((26.0, 145.0, -11.0, 55.0), "laea"),
    "the Americas": ((-123.0, -34.0, -35.0, 50.0), "laea"),
    "China": ((76.0, 132.0, 18.2, 50.0), "aea"),
    "South Africa": ((17.0, 33.0, -34.5, -22.0), "aea"),
    "Russia across 180 degrees": ((20.0, 190.0, 43.0, 69.0), "aea"),
}  # fmt: skip


def points_in(rng: np.random.Generator, name: str, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return degrees of points in an extent, its corners first."""
    west, east, south, north = EXTENTS[name][0]
    lon = np.concatenate([[west, west, east, east], rng.uniform(west, east, n)])
    lat = np.concatenate([[south, north, south, north], rng.uniform(south, north, n)])
    return (lon + 180) % 360 - 180, lat


def near_of(found: Near, point: int) -> list[tuple[int, int]]:
    """Return (key, metres) of the cells near one point."""
    mine = slice(found.ptr[point], found.ptr[point + 1])
    return list(zip(found.keys[mine].tolist(), found.metres[mine].tolist(), strict=True))


# --- the grid -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EXTENTS)
def test_a_point_more_inside_moves_no_cell(name: str) -> None:
    """Nor do the points in another order.

    Points far apart on one side of the equator have Albers, others Lambert.
    """
    rng = np.random.default_rng(1)
    lon, lat = points_in(rng, name, 20)
    grid = Grid.over(lon, lat, 500)
    assert ("laea" if grid.parallels is None else "aea") == EXTENTS[name][1]
    more_lon, more_lat = points_in(rng, name, 30)
    order = rng.permutation(len(lon) + len(more_lon))
    every = (np.concatenate(pair)[order] for pair in ((lon, more_lon), (lat, more_lat)))
    assert Grid.over(*every, 500) == grid


def test_where_the_grid_lies() -> None:
    """Lambert around the middle to half a degree; Albers with parallels a sixth in from both ends,
    whole degrees.

    From 18.2 to 50.0 north a sixth is 5.3: 23.5 and 44.7, rounded 24 and 45, around 104 east.
    """
    assert Grid.over(np.array([99.3, 100.5]), np.array([0.0, 1.0]), 250) == Grid(100.0, 0.5, 250)
    china = Grid.over(np.array([76.0, 132.0]), np.array([18.2, 50.0]), 500)
    assert china == Grid(104.0, 0.0, 500, (24.0, 45.0))
    farther = Grid.over(
        np.array([75.8, 132.0]), np.array([18.2, 50.2]), 500
    )  # 103.9; 18.2 + 5.33, 50.2 - 5.33
    assert farther == china
    assert Grid.over(np.empty(0), np.empty(0), 500) == Grid(0.0, 0.0, 500)


@pytest.mark.parametrize("size_m", [100, 500, 2_000])
@pytest.mark.parametrize("name", EXTENTS)
def test_cells_have_their_size_on_the_ellipsoid(name: str, size_m: int) -> None:
    """The area of a cell is the square of its edge within 0.01 %, in the corners of the
    extent too.
    """
    lon, lat = points_in(np.random.default_rng(2), name, 6)
    grid = Grid.over(lon, lat, size_m)
    row, column = grid.index(*grid.project(lon, lat))
    for r, c in zip(row.tolist(), column.tolist(), strict=True):
        x, y = (
            np.array(side, float) * size_m for side in ((c, c + 1, c + 1, c), (r, r, r + 1, r + 1))
        )
        area, _ = GEOD.polygon_area_perimeter(*grid.unproject(x, y))
        assert area == pytest.approx(size_m**2, rel=1e-4)


@pytest.mark.china
def test_the_grid_of_china(china: Network, toy: Network) -> None:
    """Albers for China, Lambert for the toy network."""
    assert NetworkCells(china, 500).grid.parallels is not None
    assert NetworkCells(toy, 500).grid.parallels is None


# --- near ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EXTENTS)
def test_cells_near_are_all_cells_within_the_metres(name: str) -> None:
    """Of a much wider square: those, and their metres, nearest first, ties by key; to 150 km around
    corners.
    """
    rng = np.random.default_rng(3)
    lon, lat = points_in(rng, name, 2)
    cells = cells_at(lon[0], lat[0], 1_000)
    cells.grid = Grid.over(lon, lat, 1_000)
    radius = np.array([150_000, 150_000, 30_000, 5_000, 60_000, 1_500.5])
    found = cells_near(cells, lon, lat, radius)
    assert found.point.tolist() == [k for k in range(len(lon)) for _ in near_of(found, k)]
    for k in range(len(lon)):
        half = int(radius[k] / 1_000 * 1.35) + 3
        (row,), (column,) = cells.grid.index(*cells.grid.project(lon[k : k + 1], lat[k : k + 1]))
        span = np.arange(-half, half + 1)
        keys = cell_keys(
            *(a.ravel() for a in np.meshgrid(row + span, column + span, indexing="ij"))
        )
        (metres,) = cells.metres(cells.numbers(keys), lon[k : k + 1], lat[k : k + 1])
        within = metres <= radius[k]
        edge = (
            np.maximum(
                *(np.abs(a - b) for a, b in zip(key_cells(keys), (row, column), strict=True))
            )
            == half
        )
        assert not within[edge].any()
        pairs = sorted(zip(metres[within].tolist(), keys[within].tolist(), strict=True))
        assert near_of(found, k) == [(key, far) for far, key in pairs]


def test_near_a_point_by_hand() -> None:
    """Cells of 500 m around the origin: from the middle of one its four neighbours are 500 m away,
    707 the next.
    """
    cells = cells_at(0.0, 0.0, 500)
    lon, lat = cells.grid.unproject(np.full(4, 250.0), np.full(4, 250.0))
    found = cells_near(cells, lon, lat, np.array([499.0, 500.0, 707.0, -1.0]))
    assert np.diff(found.ptr).tolist() == [1, 5, 9, 0]
    assert [far for _, far in near_of(found, 2)] == [0, 500, 500, 500, 500, 707, 707, 707, 707]
    keys = cell_keys(np.array([0, -1, 0, 0, 1]), np.array([0, 0, -1, 1, 0]))
    assert [key for key, _ in near_of(found, 1)] == keys.tolist()
    nothing = cells_near(cells, np.empty(0), np.empty(0), np.empty(0))
    assert (nothing.ptr.tolist(), nothing.keys.tolist(), nothing.metres.tolist()) == ([0], [], [])


def test_what_was_asked_before_changes_no_answer() -> None:
    """Wider, narrower, elsewhere and the same again, one by one or together: each point has its own
    cells.
    """
    rng = np.random.default_rng(4)
    lon, lat, radius = (
        rng.uniform(99.5, 100.5, 8),
        rng.uniform(-0.5, 0.5, 8),
        rng.uniform(500, 30_000, 8),
    )
    whole = cells_near(cells_at(100.0, 0.0, 1_000), lon, lat, radius)
    expected = [near_of(whole, k) for k in range(8)]
    grown = cells_at(100.0, 0.0, 1_000)
    first = cells_near(grown, lon[:1], lat[:1], radius[:1])
    before = [part.copy() for part in first]
    for k in rng.permutation(np.repeat(np.arange(8), 3)).tolist():
        cells_near(grown, lon[[k]], lat[[k]], radius[[k]] * rng.uniform(0.1, 2))
        assert near_of(cells_near(grown, lon[[k]], lat[[k]], radius[[k]]), 0) == expected[k]
    assert all(np.array_equal(*pair) for pair in zip(first, before, strict=True))


@pytest.mark.parametrize("cached", [False, True])
def test_cells_found_together_and_later_are_one_table(
    cached: bool, land: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Points found together, farther around them, others, and cells by key: as where nothing was
    found together.
    """
    monkeypatch.setenv("RAILSHED_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(network_cells, "_FEW_PAIRS", 0)
    rng = np.random.default_rng(3)
    lon, lat, radius = (
        rng.uniform(100, 100.4, 12),
        rng.uniform(0.3, 0.6, 12),
        rng.uniform(2_000, 9_000, 12),
    )
    codes = {"prefecture_code": "p", "province_code": "q", "population": 1}
    network = cells_at(
        100.0, 0.5, 1_000, **(land | {"counties": land["counties"].assign(**codes)})
    ).network
    for again in range(1 + cached):  # the second time from the cache
        together = NetworkCells(network, 1_000, (lon[:6], lat[:6], radius[:6]))
        if not again:
            together.find_together()
        apart = NetworkCells(network, 1_000)
        for some, factor in (
            (slice(0, 6), 1.0),
            (slice(3, 9), 0.7),
            (slice(0, 12), 1.6),
            (slice(0, 6), 0.5),
        ):
            asked = lon[some], lat[some], radius[some] * factor
            one, other = (cells_near(cells, *asked) for cells in (together, apart))
            assert [near_of(one, k) for k in range(len(asked[0]))] == [
                near_of(other, k) for k in range(len(asked[0]))
            ]
            keys = np.unique(
                np.concatenate(
                    [one.keys, rng.integers(0, 40, 5) + cell_keys(np.int64(0), np.int64(0))]
                )
            )
            found = [(cells, cells.numbers(keys)) for cells in (together, apart)]
            assert all(np.array_equal(cells.keys(numbers), keys) for cells, numbers in found)
            assert np.array_equal(*(cells.counties(numbers) for cells, numbers in found))
            assert np.array_equal(*(cells.metres(numbers, lon, lat) for cells, numbers in found))
            people = [cells.people(numbers) for cells, numbers in found]
            assert all(
                np.array_equal(*columns) for columns in zip(*map(astuple, people), strict=True)
            )
        assert len(together) == len(apart)
        assert all(len(cells.keys) for cells in together._cells)
    assert bool(list(tmp_path.rglob("*.arrays")))


def test_cells_near_points_are_cached(
    land: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Where those of all points are not: those requested are found and written, later read,
    whatever was there before.

    Of points that are not the network's nothing is written. The cells are the same, and their
    counties and people.
    """
    monkeypatch.setenv("RAILSHED_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(network_cells, "_FEW_PAIRS", 0)
    lon, lat, radius = np.array([100.1, 100.4]), np.array([0.3, 0.6]), np.array([3_000.0, 4_000.0])
    codes = {"prefecture_code": "p", "province_code": "q", "population": 1}
    network = cells_at(
        100.0, 0.5, 1_000, **(land | {"counties": land["counties"].assign(**codes)})
    ).network
    apart = NetworkCells(network, 1_000)
    expected = [near_of(cells_near(apart, lon, lat, radius), k) for k in range(2)]

    def first_of(points: int, at: int = 0) -> NetworkCells:
        cells = NetworkCells(network, 1_000, (lon[:points], lat[:points], radius[:points]))
        assert near_of(cells_near(cells, lon[[at]], lat[[at]], radius[[at]]), 0) == expected[at]
        assert len(cells) == len(expected[at])
        return cells

    first_of(1, at=1)
    assert not list(tmp_path.rglob("*.arrays"))
    first_of(2)
    with monkeypatch.context() as patch:
        patch.delattr(NetworkCells, "_near")
        cells = first_of(2)
    cells.find_together()
    assert len(cells) == len(apart)
    assert near_of(cells_near(cells, lon[1:], lat[1:], radius[1:]), 0) == expected[1]
    by_key = NetworkCells(network, 1_000, (lon, lat, radius))
    by_key.numbers(cells_near(apart, lon[1:], lat[1:], radius[1:]).keys[:1])
    assert near_of(cells_near(by_key, lon[1:], lat[1:], radius[1:]), 0) == expected[1]
    assert len(list(tmp_path.rglob("*.arrays"))) == 2  # the first point, the second one
    again = NetworkCells(network, 1_000, (lon, lat, radius))
    keys = np.unique(cells_near(apart, lon, lat, radius).keys)
    again.numbers(keys[::2])
    with monkeypatch.context() as patch:
        patch.delattr(NetworkCells, "_near")
        for k in (1, 0):
            assert near_of(cells_near(again, lon[[k]], lat[[k]], radius[[k]]), 0) == expected[k]
    found = [(cells, cells.numbers(keys)) for cells in (again, apart)]
    assert np.array_equal(*(cells.counties(numbers) for cells, numbers in found))
    people = [cells.people(numbers) for cells, numbers in found]
    assert all(np.array_equal(*columns) for columns in zip(*map(astuple, people), strict=True))


def test_cells_near_points_of_plans_are_forgotten(
    land: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Pairs near many other points take no more memory than allowed; the network's own stay, and
    all answers hold.
    """
    monkeypatch.setenv("RAILSHED_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(network_cells, "_MOST_OF_PLANS", 200)
    rng = np.random.default_rng(5)
    lon, lat, radius = rng.uniform(100, 100.4, 9), rng.uniform(0.3, 0.6, 9), np.full(9, 3_000.0)
    network = cells_at(100.0, 0.5, 1_000).network
    apart, cells = (
        NetworkCells(network, 1_000),
        NetworkCells(network, 1_000, (lon[:2], lat[:2], radius[:2])),
    )
    whole = cells_near(apart, lon, lat, radius)
    expected = [near_of(whole, k) for k in range(9)]
    for k in [0, 2, 3, 1, *range(2, 9), *range(9), 8, 2]:
        found = cells_near(cells, lon[[k]], lat[[k]], radius[[k]])
        assert near_of(found, 0) == expected[k]
        of_plans = sum(len(look.cell) for look in cells._pairs[cells._settled :])
        assert of_plans <= 200 + max(map(len, expected))
    several = cells_near(cells, lon, lat, radius)
    assert [near_of(several, k) for k in range(9)] == expected
    assert {(lon[0], lat[0]), (lon[1], lat[1])} <= set(cells._number)


def test_cells_read_for_the_whole_network_are_not_forgotten(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What was read together stays, however much it is and whatever plans look at."""
    monkeypatch.setenv("RAILSHED_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(network_cells, "_FEW_PAIRS", 0)
    monkeypatch.setattr(network_cells, "_MOST_OF_PLANS", 5)
    rng = np.random.default_rng(7)
    lon, lat, radius = rng.uniform(100, 100.4, 4), rng.uniform(0.3, 0.6, 4), np.full(4, 3_000.0)
    network, own = cells_at(100.0, 0.5, 1_000).network, (lon[:2], lat[:2], radius[:2])
    NetworkCells(network, 1_000, own).find_together()
    cells = NetworkCells(network, 1_000, own)
    with monkeypatch.context() as patch:
        patch.delattr(NetworkCells, "_near")
        first = cells.around(lon[:1], lat[:1], radius[:1])
    assert len(first.cell) > 5
    for k in (2, 3):
        assert len(cells.around(lon[[k]], lat[[k]], radius[[k]]).pairs()[0]) > 5
    with monkeypatch.context() as patch:
        patch.delattr(NetworkCells, "_near")
        assert cells.around(*own).cell is first.cell


def test_points_looked_at_farther_around_are_still_answered_by_what_is_near() -> None:
    """An answer is a part of what was found, no copy, also of points that were looked at farther
    around since.
    """
    rng = np.random.default_rng(6)
    lon, lat, radius = rng.uniform(100, 100.4, 5), rng.uniform(0.3, 0.6, 5), np.full(5, 3_000.0)
    cells = NetworkCells(cells_at(100.0, 0.5, 1_000).network, 1_000)
    near = cells.around(lon, lat, radius)
    far = cells.around(lon[:2], lat[:2], 3 * radius[:2])
    assert (far.last - far.first > (near.last - near.first)[:2]).all()
    again = cells.around(lon, lat, radius)
    assert again.cell is near.cell
    assert np.array_equal(again.first, near.first)
    assert all(
        np.array_equal(*columns) for columns in zip(again.pairs(), near.pairs(), strict=True)
    )


# --- counties and people ------------------------------------------------------------------------


SOURCE_DEG = 0.02


@pytest.fixture(scope="module")
def land() -> dict[str, Any]:
    """Three counties with slanting borders, and 1-500 people in each part of the source cells of
    2.2 km in them.

    Many parts are slivers without the centre of a cell of 1 km.
    """
    corners = [(100.0, 0.3), (100.31, 0.3), (100.4, 0.62), (100.0, 0.6), (100.13, 0.47)]
    shapes = [
        shapely.Polygon([corners[k] for k in ring]) for ring in ((0, 1, 4), (1, 2, 4), (0, 4, 2, 3))
    ]
    rng, rows = np.random.default_rng(5), []
    for i, j in np.ndindex(24, 24):
        lon, lat = 99.95 + (j + 0.5) * SOURCE_DEG, 0.25 + (i + 0.5) * SOURCE_DEG
        cell = shapely.box(
            lon - SOURCE_DEG / 2, lat - SOURCE_DEG / 2, lon + SOURCE_DEG / 2, lat + SOURCE_DEG / 2
        )
        held = [k for k, shape in enumerate(shapes) if shape.intersection(cell).area > 0]
        rows += [(lon, lat, "abc"[k], float(rng.integers(1, 500))) for k in held]
    counties = gpd.GeoDataFrame({"county_code": list("abc")}, geometry=shapes, crs="EPSG:4326")
    people = pd.DataFrame(rows, columns=["lon", "lat", "county_code", "people"])
    return {"counties": counties, "population": people, "population_cell_deg": SOURCE_DEG}


@pytest.fixture
def cells(land: dict[str, Any]) -> NetworkCells:
    """The cells of 1 km of these counties, none of which is known yet."""
    return cells_at(100.0, 0.5, 1_000, **land)


@pytest.fixture(scope="module")
def square(land: dict[str, Any]) -> np.ndarray:
    """Sorted keys of all cells of the counties and of some around them."""
    axes = np.arange(-40, 30), np.arange(-10, 60)
    return np.sort(cell_keys(*(a.ravel() for a in np.meshgrid(*axes, indexing="ij"))))


@pytest.fixture(scope="module")
def plain(land: dict[str, Any], square: np.ndarray) -> tuple[np.ndarray, People]:
    """County by cell, and the people of the cells, without a table in between."""
    cells = cells_at(100.0, 0.5, 1_000, **land)
    row, column = key_cells(square)
    county = locate_cells(cells.grid, row, column, land["counties"])
    (on,) = np.nonzero(county != NOWHERE)  # no people count on the sea
    found = spread_people(cells.network, cells.grid, row[on], column[on], county[on])
    assert found is not None
    assert len(on) < len(county)
    assert (
        len(found.cell) > len(np.unique(found.cell)) > 500
    )  # some cells have people of two counties
    return county, replace(found, cell=on[found.cell])


def people_on(people: People, every: np.ndarray, keys: np.ndarray) -> list[tuple[int, int, float]]:
    """Return (key, county, people) of the people on some of the cells."""
    mine = find_keys(np.sort(keys), every[people.cell])[1]
    columns = (every[people.cell], people.county, people.people)
    return list(zip(*(column[mine].tolist() for column in columns), strict=True))


def assert_as_plain(
    cells: NetworkCells, keys: np.ndarray, square: np.ndarray, plain: tuple[np.ndarray, People]
) -> None:
    """The cells have the counties, in the order of the keys, and the people that they have without
    a table.
    """
    county, people = plain
    at, known = find_keys(square, keys)
    assert known.all()
    assert cells.counties(cells.numbers(keys)).tolist() == county[at].tolist()
    order = np.sort(keys)
    found = cells.people(cells.numbers(order))
    assert found is not None
    assert people_on(found, order, order) == people_on(people, square, order)


@each_seed(range(6))
def test_counties_and_people_in_any_order_of_requests(
    seed: int, land: dict[str, Any], square: np.ndarray, plain: tuple[np.ndarray, People]
) -> None:
    """Some cells, others, the same again and all: always what `locate_cells` and `spread_people`
    say of all of them.
    """
    rng = np.random.default_rng(seed)
    cells = cells_at(100.0, 0.5, 1_000, **land)
    for _ in range(8):
        some = rng.permutation(square)[: int(rng.choice([1, 7, 60, 400]))]
        assert_as_plain(cells, some, square, plain)
    assert_as_plain(cells, rng.permutation(square), square, plain)


def test_several_threads_ask_at_once(
    cells: NetworkCells, square: np.ndarray, plain: tuple[np.ndarray, People]
) -> None:
    """Eight threads want overlapping cells, and cells near points, of one network: each gets what
    one alone gets.
    """
    rng = np.random.default_rng(7)
    parts = [rng.permutation(square)[:300] for _ in range(24)]
    lon, lat, radius = (
        rng.uniform(100, 100.4, 9),
        rng.uniform(0.3, 0.6, 9),
        rng.uniform(3_000, 20_000, 9),
    )
    alone = cells_near(cells_at(100.0, 0.5, 1_000), lon, lat, radius)

    def ask(k: int) -> list[tuple[int, int]]:
        assert_as_plain(cells, parts[k], square, plain)
        point = k % len(lon)
        return near_of(cells_near(cells, lon[[point]], lat[[point]], radius[[point]]), 0)

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(ask, range(len(parts))))
    assert found == [near_of(alone, k % len(lon)) for k in range(len(parts))]
    assert_as_plain(cells, square, square, plain)


def test_without_counties_or_people(cells: NetworkCells) -> None:
    """Cells of a network without boundaries lie nowhere and have no people; none of no cells."""
    bare, keys = cells_at(100.0, 0.0, 500), np.arange(4)
    assert bare.counties(bare.numbers(keys)).tolist() == [NOWHERE] * 4
    assert bare.people(keys) is None
    assert bare.counties(bare.numbers(keys[:0])).tolist() == []
    assert cells.people(keys[:0]) is None
