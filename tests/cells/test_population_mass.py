"""People of source cells on the cells of a surface: totals hold at any cell size, and each share is
worked out by hand.

Source cells lie on the equator. One of 5 arc minutes, as networks ship them, is 9,277 m from west
to east and 9,215 m from south to north, one of 0.01 degrees 1,113 m and 1,106 m. Grids begin at the
south-west corner of the first source cell, so the centre of cell (row, column) lies row + 1/2 and
column + 1/2 cell sizes from its edges.
"""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st

from railshed.cells.cell_keys import cell_keys, key_cells
from railshed.cells.grid import Grid
from railshed.cells.population import NOWHERE, county_rows, locate_cells, spread_people
from railshed.network.model import Network
from tests.support.small_networks import two_trains

SHIPPED_DEG, SMALL_DEG = 1 / 12, 0.01
BASE = two_trains()


def network_of(parts: list[tuple[int, int, str, float]], source_deg: float = SMALL_DEG) -> Network:
    """Return a network with people by row and column of source cells and by county.

    The border of the counties `w` and `e` runs through the middle of the second column of source
    cells.
    """
    border = 10 + 1.5 * source_deg
    counties = gpd.GeoDataFrame(
        {"county_code": ["w", "e"]},
        geometry=[shapely.box(9.5, -0.5, border, 0.5), shapely.box(border, -0.5, 10.5, 0.5)],
        crs="EPSG:4326",
    )
    rows = [
        (10 + (column + 0.5) * source_deg, (row + 0.5) * source_deg, code, n)
        for row, column, code, n in parts
    ]
    people = pd.DataFrame(rows, columns=["lon", "lat", "county_code", "people"])
    return replace(BASE, counties=counties, population=people, population_cell_deg=source_deg)


def by_cell(network: Network, size_m: int) -> dict[tuple[int, int, str], float]:
    """Return people by row, column and county on all cells within and around two rows of three
    source cells.
    """
    grid = Grid(10.0, 0.0, size_m)
    side = np.arange(-2, int(3 * 111_320 * network.population_cell_deg / size_m) + 3)
    keys = np.sort(cell_keys(*(axis.ravel() for axis in np.meshgrid(side, side, indexing="ij"))))
    row, column = key_cells(keys)
    found = spread_people(
        network, grid, row, column, locate_cells(grid, row, column, network.counties)
    )
    assert found is not None
    cells = zip(
        row[found.cell].tolist(), column[found.cell].tolist(), found.county.tolist(), strict=True
    )
    each = [((r, c, "we"[k]), n) for (r, c, k), n in zip(cells, found.people.tolist(), strict=True)]
    out: dict[tuple[int, int, str], float] = {}
    for key, n in each:
        out[key] = out.get(key, 0.0) + n
    return out


PEOPLE = st.floats(0, 10_000)


@given(
    st.integers(250, 5_000), st.lists(PEOPLE, min_size=8, max_size=8),
    st.sampled_from([SHIPPED_DEG, SMALL_DEG, SMALL_DEG / 10]),
)  # fmt: skip
@example(50, [1000.0] * 8, SHIPPED_DEG)
@example(500, [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0], SHIPPED_DEG)
@example(4_700, [7.0] * 8, SHIPPED_DEG)
@example(5_000, [1.0] * 8, SHIPPED_DEG)
@example(2_000, [1.0] * 8, SMALL_DEG)
@settings(deadline=None, max_examples=40)
def test_totals_hold_at_any_cell_size(size_m: int, people: list[float], source_deg: float) -> None:
    """All cells of 50 m to 5 km together hold each county's people, whatever cells a source cell is
    cut into.
    """
    places = [
        (row, column, code)
        for row in range(2)
        for column, code in ((0, "w"), (1, "w"), (1, "e"), (2, "e"))
    ]
    parts = [(*place, n) for place, n in zip(places, people, strict=True)]
    found = by_cell(network_of(parts, source_deg), size_m)
    for code in "we":
        expected = sum(n for place, n in zip(places, people, strict=True) if place[2] == code)
        assert sum(n for key, n in found.items() if key[2] == code) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("size_m", "side", "share"),
    [
        (50, 22, 2.0),
        (100, 11, 8.0),
        (500, 2, 242.0),
        (700, 2, 242.0),
        (1_000, 1, 968.0),
        (2_000, 1, 968.0),
        (5_000, 1, 968.0),
    ],
)
def test_a_source_cell_is_shared_evenly(size_m: int, side: int, share: float) -> None:
    """968 people on the cells whose centres lie in their square: 22 x 22 of 50 m, one of 1 km,
    which has them all.
    """
    found = by_cell(network_of([(0, 0, "w", 968.0)]), size_m)
    assert found == {
        (row, column, "w"): pytest.approx(share) for row in range(side) for column in range(side)
    }


def test_a_source_cell_is_shared_county_by_county() -> None:
    """Of the cell between 1,113 and 2,226 m the border at 1,670 m leaves centres at 1,250 in the
    west, 1,750 in the east: 600 people on two cells, 300 on two others."""
    found = by_cell(network_of([(0, 1, "w", 600.0), (0, 1, "e", 300.0)]), 500)
    assert found == {
        (0, 2, "w"): 300.0,
        (1, 2, "w"): 300.0,
        (0, 3, "e"): 150.0,
        (1, 3, "e"): 150.0,
    }


def test_a_part_without_a_centre_goes_to_the_middle_of_its_source_cell() -> None:
    """On cells of 1 km the centre at 1,500 m is the west's; the east's 300 people have none there
    and follow.
    """
    found = by_cell(network_of([(0, 1, "w", 600.0), (0, 1, "e", 300.0)]), 1_000)
    assert found == {(0, 1, "w"): 600.0, (0, 1, "e"): 300.0}
    # cells of 700 m: the one centre of the second row and column is the east's, at 1,750 m; the
    # middle is in its cell
    found = by_cell(network_of([(1, 1, "w", 600.0), (1, 1, "e", 300.0)]), 700)
    assert found == {(2, 2, "w"): 600.0, (2, 2, "e"): 300.0}


def test_no_people_outside_all_counties() -> None:
    """North of 553 m is the sea: 600 people on the two cells south of it, none on the two in it."""
    network = network_of([(0, 0, "w", 600.0)])
    assert network.counties is not None
    coast = network.counties.assign(
        geometry=[shapely.box(9.5, -0.5, 10.5, 0.005), shapely.box(11, 0, 12, 1)]
    )
    assert by_cell(replace(network, counties=coast), 500) == {
        (0, 0, "w"): 300.0,
        (0, 1, "w"): 300.0,
    }


def test_two_source_cells_on_one_cell_add_up() -> None:
    """On cells of 2 km the source cell from 1,113 to 2,226 m holds no centre: its 7 people join the
    5 before it.
    """
    found = by_cell(network_of([(0, 0, "w", 5.0), (0, 1, "w", 7.0)]), 2_000)
    assert found == {(0, 0, "w"): 12.0}


def test_people_of_an_unknown_county_are_nowhere() -> None:
    """A row whose county has no boundary is placed on no cell, and the others keep their people."""
    network = network_of([(0, 0, "w", 5.0), (0, 0, "unknown", 7.0)])
    assert county_rows(network).tolist() == [0, NOWHERE]
    assert by_cell(network, 1_000) == {(0, 0, "w"): 5.0}


def test_cells_asked_for_alone_have_their_own_share() -> None:
    """One of the four cells of a source cell has a quarter of its people, though the other three
    are not asked for.
    """
    network, grid = network_of([(0, 0, "w", 968.0)]), Grid(10.0, 0.0, 500)
    for row, column, share in ((0, 0, [242.0]), (1, 1, [242.0]), (0, 2, [])):
        at = (np.array([row]), np.array([column]))
        found = spread_people(network, grid, *at, locate_cells(grid, *at, network.counties))
        assert found is not None
        assert found.people.tolist() == pytest.approx(share)
