"""Straight-line field of one reading: sources painted by a kernel against plain float64, and people within limits."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from railshed.access import straight
from railshed.access.straight import Entrances
from railshed.access.street_access import StreetAccess
from railshed.assumptions.assumptions import Mode, default_assumptions
from railshed.cells.grid import Grid
from railshed.kernels import straight_line as kernels
from railshed.util.units import UNREACHED

pytestmark = pytest.mark.kernels

GRID = Grid.around(104.06, 30.66, 1000)
WALK = Mode("walk", 3.6, 1.0, 0, 1200)
BUS = Mode("bus", 36.0, 1.0, 300, 1800)


def seconds_of_area(
    rows: np.ndarray, row: int, column: int, shape: tuple[int, int], workers: int | None = None
) -> np.ndarray:
    """Seconds of all cells of a rectangle."""
    at_row, at_column = (axis.ravel() for axis in np.indices(shape))
    return straight.seconds_of_cells(rows, at_row + row, at_column + column, workers).reshape(shape)


def plain(rows: np.ndarray, row: int, column: int, shape: tuple[int, int]) -> list[list[int]]:
    """Every source at every cell, in float64."""
    out = []
    for i in range(row, row + shape[0]):
        line = []
        for j in range(column, column + shape[1]):
            best = math.inf
            for x, y, base, per, reach in rows.tolist():
                square = (j - x) ** 2 + (i - y) ** 2
                if square <= reach * reach:
                    best = min(best, base + per * math.sqrt(square))
            line.append(UNREACHED if best == math.inf else math.ceil(best - 1e-6))
        out.append(line)
    return out


def painted(rows: np.ndarray, row: int, column: int, shape: tuple[int, int]) -> list[list[int]]:
    out = np.empty(shape, np.int32)
    kernels.least_seconds(rows, row, column, out)
    return out.tolist()


def test_a_walk_and_a_bus_from_one_place() -> None:
    """Cells of 1 km in a row: on foot 1,000 s a cell up to 20 min, by bus 5 min and 100 s a cell up to 30 min."""
    rows = straight.sources_of(GRID, np.array([500.0]), np.array([500.0]), [[WALK, BUS]])
    found = seconds_of_area(rows, 0, 0, (1, 17))
    assert found.tolist() == [[0, *(300 + 100 * k for k in range(1, 16)), UNREACHED]]
    on_foot = straight.sources_of(GRID, np.array([500.0]), np.array([500.0]), [[WALK]])
    assert seconds_of_area(on_foot, 0, 0, (1, 3)).tolist() == [[0, 1000, UNREACHED]]


def test_the_head_start_counts_within_the_limit() -> None:
    """Left at 30 min with a limit of 40, 5 min of overhead and 3 cells fit, 33 km would within the cap alone."""
    at = np.array([500.0]), np.array([500.0])
    rows = straight.sources_of(GRID, *at, [[BUS]], start_s=[1800], limit_s=2400)
    assert seconds_of_area(rows, 0, 0, (1, 5)).tolist() == [[2100, 2200, 2300, 2400, UNREACHED]]
    assert len(straight.sources_of(GRID, *at, [[BUS]], start_s=[2101], limit_s=2400)) == 0


def test_without_cap_or_limit_every_cell_is_reached() -> None:
    """5,000 km away on foot: 5 million seconds."""
    rows = straight.sources_of(GRID, np.array([500.0]), np.array([500.0]), [[WALK]], capped=False)
    assert seconds_of_area(rows, 3000, -4000, (1, 1)).tolist() == [[5_000_000]]


@st.composite
def some_sources(draw: st.DrawFn) -> np.ndarray:
    """Sources near and far, steep and flat, wide and empty; many seconds are whole, many cells just at the reach.

    As `sources_of` has it, a reach is a little more than such a distance.
    """
    place = st.integers(-12 * 64, 30 * 64).map(lambda k: k / 64)
    per = st.one_of(st.sampled_from([1.0, 12.0, 60.0]), st.floats(0.01, 2000))
    reach = st.one_of(st.integers(0, 320).map(lambda k: k / 8 + 1e-6), st.just(1e9))
    source = st.tuples(place, place, st.integers(0, 3000).map(float), per, reach)
    return np.array(draw(st.lists(source, max_size=6)), np.float64).reshape(-1, 5)


@given(some_sources(), st.integers(-5, 5), st.integers(-5, 5))
@settings(max_examples=150, deadline=None)
def test_painting_equals_float64(rows: np.ndarray, row: int, column: int) -> None:
    """Each cell has the second of plain float64, whatever float32 makes of it."""
    assert painted(rows, row, column, (9, 14)) == plain(rows, row, column, (9, 14))


@pytest.mark.parametrize("side", [kernels.TILE, kernels.BLOCK])
def test_blocks_and_tiles_equal_float64(side: int) -> None:
    """Over the seams of blocks and tiles, where few discs are painted and where many sources compete."""
    rng = np.random.default_rng(7)
    n, shape = (40, (10, 150)) if side == kernels.TILE else (4, (140, 6))
    reach = rng.uniform(150, 400, n) if side == kernels.TILE else rng.uniform(2, 9, n)
    rows = np.stack(
        [rng.uniform(0, shape[1], n), rng.uniform(0, shape[0], n), rng.integers(0, 900, n), np.full(n, 12.0), reach], 1
    )
    block = (0, 0, min(shape[0], kernels.BLOCK), min(shape[1], kernels.BLOCK))
    dear = kernels.painted_cells(rows, n, block) > kernels.tiles_cost(n, block)
    assert dear == (side == kernels.TILE)
    assert painted(rows, 0, 0, shape) == plain(rows, 0, 0, shape)


def test_a_source_that_is_nowhere_the_least_is_left_out() -> None:
    """Of an area of 3 x 3 cells: slower than the slowest of another, and out of reach; an equal one stays."""
    rows = np.array([[1, 1, 0, 10, 50], [1, 1, 15, 10, 50], [9, 1, 0, 10, 5], [1, 1, 0, 10, 50]], np.float64)
    out = np.empty_like(rows)
    assert kernels.sources_near(rows, 4, (0, 0, 3, 3), out) == 2
    assert out[:2].tolist() == rows[[0, 3]].tolist()
    rows[1, kernels.BASE] = 14.0
    assert kernels.sources_near(rows, 4, (0, 0, 3, 3), out) == 3


def test_single_cells_and_reached_cells_are_those_of_the_area() -> None:
    """The same seconds in any order of cells, on one thread and on two; by row, then column."""
    rng = np.random.default_rng(3)
    x, y = rng.uniform(-20_000, 160_000, (2, 12))
    rows = straight.sources_of(GRID, x, y, [[WALK, BUS]] * 12, start_s=rng.integers(0, 900, 12), limit_s=2400)
    area = seconds_of_area(rows, -40, -40, (230, 230), workers=2)
    assert np.array_equal(area, seconds_of_area(rows, -40, -40, (230, 230), workers=1))
    row, column = np.nonzero(area != UNREACHED)
    for workers in (1, 2):
        found = straight.cells_reached(rows, workers)
        assert [a.tolist() for a in found] == [(row - 40).tolist(), (column - 40).tolist(), area[row, column].tolist()]
    cells = rng.integers(-40, 190, (2, 500))
    expected = area[cells[0] + 40, cells[1] + 40]
    assert straight.seconds_of_cells(rows, *cells).tolist() == expected.tolist()
    order = np.argsort(cells[0], kind="stable")
    assert straight.seconds_of_cells(rows, *cells[:, order], workers=2).tolist() == expected[order].tolist()
    assert [len(a) for a in straight.cells_reached(rows[:0])] == [0, 0, 0]


def test_ways_without_a_ride_are_the_same_painted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Door by door and by the field: the same cells within 40 min of three doors, and the same seconds."""
    way = StreetAccess(default_assumptions())
    doors = Entrances(np.array([104.0, 104.2, 104.21]), np.array([30.6, 30.7, 30.7]), ["metro", "bus", "metro-small"])
    one = way.cells_without_ride(GRID, doors, 2400)
    every = way.seconds_without_ride(GRID, one.row[::-1], one.column[::-1], doors, 2400)
    assert len(one.row) > 300
    monkeypatch.setattr(straight, "PLAIN_CELLS", 0)
    two = way.cells_without_ride(GRID, doors, 2400)
    for name in ("row", "column", "point", "seconds"):
        assert getattr(one, name).tolist() == getattr(two, name).tolist()
    assert way.seconds_without_ride(GRID, one.row[::-1], one.column[::-1], doors, 2400).tolist() == every.tolist()
    assert every[::-1].tolist() == one.seconds.tolist()
