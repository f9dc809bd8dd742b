"""People and other opportunities on cells: totals are unchanged, borders count once, order of rows
changes no bit.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS, Transformer

from railshed.cells.areal_interpolation import _pixel_extent, interpolate
from railshed.cells.grid import Grid
from railshed.cells.opportunities import Areas, Opportunities, Pixels, Points
from railshed.cells.rasterize import Lattice, _edges, find_spans, grow_cells
from railshed.util.errors import InputError, ParameterError

GRID = Grid(104.0, 30.5, 500)
HERE = GRID.crs


def cells_of(rows: range, columns: range) -> tuple[np.ndarray, np.ndarray]:
    row, column = (axis.ravel() for axis in np.meshgrid(list(rows), list(columns), indexing="ij"))
    return row.astype(np.int64), column.astype(np.int64)


def by_cell(found: Opportunities, rows: range, columns: range) -> dict[tuple[int, int], float]:
    row, column = cells_of(rows, columns)
    cells, _, _ = interpolate(found, GRID, row, column)
    pairs = zip(row.tolist(), column.tolist(), cells[:, 0].tolist(), strict=True)
    return {(r, c): value for r, c, value in pairs if value}


def test_a_pixel_is_shared_by_the_cells_whose_centre_it_holds() -> None:
    """A kilometre pixel of 8 people holds four cells of 500 m: 2 each; two of them are asked for, 4
    are left.
    """
    pixel = Opportunities.of_pixels((0, 0), (1000, 1000), [0], [0], {"people": [8]}, HERE)
    assert by_cell(pixel, range(-3, 5), range(-3, 5)) == {
        (0, 0): 2,
        (0, 1): 2,
        (1, 0): 2,
        (1, 1): 2,
    }
    cells, left, _ = interpolate(pixel, GRID, np.array([0, 0, 7]), np.array([0, 1, 7]))
    assert cells.tolist() == [[2], [2], [0]]
    assert left.tolist() == [4]


def test_fine_pixels_go_to_the_cell_that_holds_their_centre() -> None:
    """A cell of 500 m gets the 25 pixels of 100 m in it, one of which holds its centre."""
    row, column = cells_of(range(10), range(10))
    pixels = Opportunities.of_pixels(
        (0, 0), (100, 100), row, column, {"people": np.ones(100)}, HERE
    )
    assert by_cell(pixels, range(3), range(3)) == {(0, 0): 25, (0, 1): 25, (1, 0): 25, (1, 1): 25}
    assert interpolate(pixels, GRID, np.array([1]), np.array([0]))[1].tolist() == [75]


def test_areas_are_shared_evenly_and_slivers_go_to_one_cell() -> None:
    """10 people in 1000 x 500 m: 5 in each of two cells; 3 people in a hut: all in the cell that
    holds it.
    """
    areas = Opportunities.of_areas(
        [shapely.box(0, 0, 1000, 500), shapely.box(10, 10, 20, 20)], {"people": [10, 3]}, HERE
    )
    assert by_cell(areas, range(-2, 3), range(-2, 3)) == {(0, 0): 8, (0, 1): 5}


def test_a_centre_on_the_border_of_two_areas_counts_once() -> None:
    """Cell (0, 0)'s centre lies on the border at x = 250: it belongs to the eastern area, as do all
    left borders.
    """
    west, east = shapely.box(-500, 0, 250, 500), shapely.box(250, 0, 1000, 500)
    areas = Opportunities.of_areas([west, east], {"people": [6, 4]}, HERE)
    assert by_cell(areas, range(-2, 3), range(-2, 3)) == {(0, -1): 6, (0, 0): 2, (0, 1): 2}


def test_holes_hold_nothing_and_parts_hold_their_share() -> None:
    """A ring of 3 x 3 cells without its middle has 8 cells; with a part of one cell apart, 9: 18
    people are 2 each.
    """
    ring = shapely.Polygon(
        shapely.box(0, 0, 1500, 1500).exterior, [shapely.box(500, 500, 1000, 1000).exterior]
    )
    area = Opportunities.of_areas(
        [shapely.MultiPolygon([ring, shapely.box(3000, 0, 3500, 500)])], {"people": [18]}, HERE
    )
    cells = by_cell(area, range(-2, 9), range(-2, 9))
    assert set(cells.values()) == {2}
    assert (len(cells), (1, 1) in cells, (0, 6) in cells) == (9, False, True)


def test_overlapping_areas_both_count() -> None:
    """The same square twice, with 4 and 5 people, is 9 people in its cell."""
    square = shapely.box(0, 0, 500, 500)
    assert by_cell(
        Opportunities.of_areas([square, square], {"people": [4, 5]}, HERE), range(2), range(2)
    ) == {(0, 0): 9}


def test_points_go_to_their_cell_in_every_column() -> None:
    """1, 2, 4 schools at three points name the points in a sum; jobs go along."""
    points = Opportunities.of_points(
        [10, 490, 510], [10, 490, 10], {"schools": [1, 2, 4], "jobs": [10, 20, 40]}, HERE
    )
    cells, left, _ = interpolate(points, GRID, np.array([0, 0]), np.array([0, 1]))
    assert (cells.tolist(), left.tolist()) == ([[3, 30], [4, 40]], [0, 0])
    assert interpolate(points, GRID, np.array([0]), np.array([1]))[1].tolist() == [3, 30]


def test_no_cells_and_no_sources() -> None:
    """Without cells all is left; without sources nothing is anywhere."""
    point = Opportunities.of_points([10], [10], {"people": [7]}, HERE)
    none = np.empty(0, np.int64)
    cells, left, _ = interpolate(point, GRID, none, none)
    assert (cells.shape, left.tolist()) == ((0, 1), [7])
    empty = Opportunities.of_points([], [], {"people": []}, HERE)
    assert interpolate(empty, GRID, np.array([0]), np.array([0]))[0].tolist() == [[0]]
    far = Opportunities.of_areas(
        [shapely.box(-76, -31, -75.9, -30.9)], {"people": [5]}
    )  # the other side of the earth
    assert interpolate(far, GRID, np.array([0]), np.array([0]))[1].tolist() == [5]


def test_cells_that_come_twice_are_refused() -> None:
    """A cell given twice would have its people twice."""
    point = Opportunities.of_points([10], [10], {"people": [7]}, HERE)
    with pytest.raises(ParameterError, match="given twice"):
        interpolate(point, GRID, np.array([0, 0]), np.array([3, 3]))


def plain_spread(
    found: Opportunities, grid: Grid, window: range, asked: set[tuple[int, int]]
) -> tuple[dict, float]:
    """The rule in loops: `window` holds every cell that could hold a centre of a source."""
    to_source = Transformer.from_crs(grid.crs, found.crs, always_xy=True)
    centres = {
        (r, c): to_source.transform((c + 0.5) * grid.size_m, (r + 0.5) * grid.size_m)
        for r in window
        for c in window
    }
    shape = found.geometry
    cells: dict[tuple[int, int], float] = {}
    left = 0.0
    for k in range(len(found)):
        people = float(found.values[k, 0])
        holding: list[tuple[int, int]] = []
        if isinstance(shape, Pixels):
            west, south = shape.x0 + shape.column[k] * shape.dx, shape.y0 + shape.row[k] * shape.dy
            east, north = west + shape.dx, south + shape.dy
            holding = [
                cell for cell, (x, y) in centres.items() if west <= x < east and south <= y < north
            ]
            x, y = (west + east) / 2, (south + north) / 2
        elif isinstance(shape, Areas):
            holding = [
                cell
                for cell, (x, y) in centres.items()
                if shape.polygons[k].contains(shapely.Point(x, y))
            ]
            point = shape.polygons[k].point_on_surface()
            x, y = point.x, point.y
        else:
            x, y = shape.x[k], shape.y[k]
        if not holding:
            grid_x, grid_y = to_source.transform(x, y, direction="INVERSE")
            holding = [(int(grid_y // grid.size_m), int(grid_x // grid.size_m))]
        for cell in holding:
            if cell in asked:
                cells[cell] = cells.get(cell, 0.0) + people / len(holding)
            else:
                left += people / len(holding)
    return cells, left


def check_against_plain(
    found: Opportunities, asked: set[tuple[int, int]], window: range = range(-18, 18)
) -> None:
    row, column = (np.array(axis, np.int64) for axis in zip(*sorted(asked), strict=True))
    cells, left, _ = interpolate(found, GRID, row, column)
    expected, expected_left = plain_spread(found, GRID, window, asked)
    mine = {
        cell: value
        for cell, value in zip(sorted(asked), cells[:, 0].tolist(), strict=True)
        if value
    }
    assert mine == pytest.approx({cell: value for cell, value in expected.items() if value})
    assert left[0] == pytest.approx(expected_left)
    assert cells.sum() + left[0] == pytest.approx(found.totals[0], abs=1e-6)


@pytest.mark.parametrize(
    ("crs", "size"),
    [
        ("EPSG:4326", 1 / 120),
        ("EPSG:4326", 1 / 1200),
        ("EPSG:4326", 1 / 30),
        ("ESRI:54009", 1000.0),
        ("ESRI:54009", 450.0),
        ("EPSG:32648", 300.0),
        ("EPSG:3857", 700.0),
        ("EPSG:4490", 1 / 200),
    ],
)
def test_pixels_of_any_projection_equal_the_plain_rule(crs: str, size: float) -> None:
    """Pixels smaller and larger than cells, some of them empty, in eight grids; cells are an odd
    half of the region.
    """
    rng = np.random.default_rng(7)
    x, y = Transformer.from_crs(HERE, crs, always_xy=True).transform(-4000, -4000)
    scale = 111_000 if size < 1 else 1
    n = min(60, max(3, int(8000 / (size * scale))))
    row, column = cells_of(range(n), range(n))
    has_value = rng.random(len(row)) < 0.8
    values = rng.integers(0, 100, has_value.sum()).astype(float)
    pixels = Opportunities.of_pixels(
        (x, y), (size, size), row[has_value], column[has_value], {"people": values}, crs
    )
    asked = {(r, c) for r in range(-9, 8) for c in range(-8, 9) if (r * 7 + c * 3) % 5 < 3}
    check_against_plain(pixels, asked)


def test_extents_of_pixels_by_hand() -> None:
    """A pixel of 2 x 3 on a grid that leans both ways: its corners lie at x 0, 2, -3, -1 and at y
    0, 2, 6, 8.

    Stretched, the pixel from 2 to 4 is 4 to 16 wide and the one from 0 to 2 has 4, the least; a
    place that a projection does not know, or where its pixel is not defined, is left out.
    """
    pixels = Pixels(0.0, 0.0, 2.0, 3.0, *(np.zeros(1, np.int64),) * 2)
    two, known = np.arange(2), np.ones(2, bool)

    def extent(to_grid: Any, known: np.ndarray = known) -> tuple[float, float, float]:
        return _pixel_extent(pixels, (two, two, known), to_grid)

    assert extent(lambda x, y: (x - y, x + 2 * y)) == (5, 8, 5)
    assert extent(lambda x, y: (x**2, y)) == (12, 3, 3)
    assert extent(lambda x, y: (x, y**2)) == (2, 27, 2)
    assert extent(lambda x, y: (x**2, y), known=two == 0) == (4, 3, 3)
    assert extent(lambda x, y: (np.where(x < 4, x, np.inf), y)) == (2, 3, 2)
    assert extent(lambda x, y: (x, np.full(2, np.inf))) == (np.inf,) * 3
    assert extent(lambda x, y: (x, y), known=two < 0) == (np.inf,) * 3


@pytest.mark.parametrize("crs", ["EPSG:4326", "ESRI:54009", "EPSG:32648"])
@pytest.mark.parametrize("n_sides", [3, 6])
def test_polygons_of_any_projection_equal_the_plain_rule(crs: str, n_sides: int) -> None:
    """Triangles and hexagons from 50 m to 3 km: cell centres are looked up in the polygons' own
    projection.
    """
    rng = np.random.default_rng(11 + n_sides)
    back = Transformer.from_crs(HERE, crs, always_xy=True)
    turns = np.arange(n_sides) * 2 * np.pi / n_sides
    polygons = []
    for _ in range(30):
        (x, y), radius = rng.uniform(-4000, 4000, 2), rng.choice([50, 400, 3000])
        polygons.append(
            shapely.Polygon(
                np.column_stack(
                    back.transform(x + radius * np.cos(turns), y + radius * np.sin(turns))
                )
            )
        )
    areas = Opportunities.of_areas(polygons, {"people": rng.integers(1, 1000, 30)}, crs)
    check_against_plain(areas, {(r, c) for r in range(-9, 8) for c in range(-8, 9) if (r + c) % 3})


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_totals_are_unchanged_and_sum_over_disjoint_cells(data: st.DataObject) -> None:
    """Given cells and the rest sum to the source; cells asked for in two parts get what they get
    together.
    """
    numbers = st.integers(0, 2**31)
    rng = np.random.default_rng(data.draw(numbers, "seed"))
    kind = data.draw(st.sampled_from(["points", "raster", "areas"]))
    n = data.draw(st.integers(1, 30))
    values = {"people": rng.integers(0, 1000, n) / 8, "jobs": rng.integers(0, 9, n).astype(float)}
    if kind == "points":
        found = Opportunities.of_points(
            rng.uniform(103.95, 104.05, n), rng.uniform(30.45, 30.55, n), values
        )
    elif kind == "areas":
        west, south = rng.uniform(103.95, 104.05, n), rng.uniform(30.45, 30.55, n)
        found = Opportunities.of_areas(
            shapely.box(west, south, west + rng.choice([1e-4, 0.03], n), south + 0.01), values
        )
    else:
        size = float(rng.choice([1 / 1200, 1 / 120, 1 / 60]))
        at = rng.choice(400, n, replace=False)
        found = Opportunities.of_pixels(
            (103.95, 30.45), (size, size), at // 20, at % 20, values, "EPSG:4326"
        )
    row, column = cells_of(range(-15, 15), range(-15, 15))
    mine = rng.random(len(row)) < data.draw(st.sampled_from([0.02, 0.5, 1.0]))
    whole, left, _ = interpolate(found, GRID, row, column)
    np.testing.assert_allclose(whole.sum(axis=0) + left, found.totals, atol=1e-8)
    one, one_left, _ = interpolate(found, GRID, row[mine], column[mine])
    other, _, _ = interpolate(found, GRID, row[~mine], column[~mine])
    assert one.tobytes() == whole[mine].tobytes()
    assert other.tobytes() == whole[~mine].tobytes()
    np.testing.assert_allclose(one_left, other.sum(axis=0) + left, atol=1e-8)


@pytest.mark.parametrize("kind", ["points", "areas", "raster"])
def test_order_of_rows_changes_no_bit(kind: str) -> None:
    """Sources and cells in another order give the same bytes, cell by cell, also where sources
    share a place.
    """
    rng = np.random.default_rng(3)
    n = 300
    values, again = rng.random(n) * 10, rng.permutation(n)
    x, y = 104 + rng.integers(0, 20, n) / 2000, 30.5 + rng.integers(0, 20, n) / 2000
    boxes = shapely.box(x, y, x + 0.004, y + rng.choice([0.001, 0.01], n))
    pixel = rng.choice(3600, n, replace=False)

    def made(order: np.ndarray) -> Opportunities:
        if kind == "points":
            return Opportunities.of_points(x[order], y[order], {"people": values[order]})
        if kind == "areas":
            return Opportunities.of_areas(boxes[order], {"people": values[order]})
        cell = pixel[order]
        return Opportunities.of_pixels(
            (104, 30.5), (0.0003, 0.0003), cell // 60, cell % 60, {"people": values[order]}, 4326
        )

    row, column = cells_of(range(-4, 8), range(-4, 8))
    shuffled = rng.permutation(len(row))
    cells, left, _ = interpolate(made(np.arange(n)), GRID, row, column)
    others, other_left, _ = interpolate(made(again), GRID, row[shuffled], column[shuffled])
    assert cells[shuffled].tobytes() == others.tobytes()
    assert left.tobytes() == other_left.tobytes()
    assert cells.sum() > 100


def test_a_coverage_holds_each_lattice_point_once() -> None:
    """Triangles between whole-numbered corners, with lattice points on edges and corners: none
    lost, none twice.
    """
    rng = np.random.default_rng(5)
    corners = shapely.MultiPoint(rng.integers(0, 30, (60, 2)))
    triangles = np.array(shapely.delaunay_triangles(corners).geoms)
    lattice = Lattice(-0.5, -0.5, 1.0, 1.0)  # centres on whole numbers

    def keep(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return x, y

    spans = find_spans(triangles, lattice, keep, np.inf)
    points = [
        (r, c)
        for r, a, b in zip(spans.row, spans.start, spans.stop, strict=True)
        for c in range(a, b)
    ]
    hull = find_spans(np.array([corners.convex_hull]), lattice, keep, np.inf)
    expected = [
        (r, c) for r, a, b in zip(hull.row, hull.start, hull.stop, strict=True) for c in range(a, b)
    ]
    assert sorted(points) == sorted(expected)
    assert len(points) > 500
    inner = [
        (r, c)
        for r in range(30)
        for c in range(30)
        if corners.convex_hull.contains_properly(shapely.Point(c, r))
    ]
    assert set(inner) <= set(points)


@settings(deadline=None, max_examples=50)
@given(
    st.sets(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), min_size=1),
    st.integers(0, 3),
    st.integers(0, 3),
)
def test_cells_grow_by_rows_and_columns(
    cells: set[tuple[int, int]], rows: int, columns: int
) -> None:
    """All cells within so many rows and columns, each once."""
    row, column = (np.array(axis, np.int64) for axis in zip(*sorted(cells), strict=True))
    grown = [
        pair
        for block in grow_cells(row, column, rows, columns)
        for pair in zip(*map(list, block), strict=True)
    ]
    around = {
        (r + a, c + b)
        for r, c in cells
        for a in range(-rows, rows + 1)
        for b in range(-columns, columns + 1)
    }
    assert len(grown) == len(set(grown))
    assert {(int(r), int(c)) for r, c in grown} == around


def test_growing_in_blocks_gives_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks bound the memory and change nothing."""
    rng = np.random.default_rng(2)
    keys = np.unique(rng.integers(0, 10_000, 400))
    whole = list(grow_cells(keys // 100, keys % 100, 2, 3))
    monkeypatch.setattr("railshed.cells.rasterize.BLOCK", 50)
    parts = list(grow_cells(keys // 100, keys % 100, 2, 3))
    assert len(parts) > 10
    for axis in (0, 1):
        assert np.array_equal(
            np.concatenate([p[axis] for p in parts]), np.concatenate([w[axis] for w in whole])
        )


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: Opportunities.of_points([1.0], [2.0], {"people": [-1]}),
            (
                r"1 values are not "
                r"between "
                r"0 "
                r"and "
                r"1e\+10"
            ),
        ),
        (
            lambda: Opportunities.of_points([1.0], [np.nan], {"people": [1]}),
            "geometry: 1 values are not finite",
        ),
        (
            lambda: Opportunities.of_points([1.0], [2.0], {"people": [1, 2]}),
            (
                r"\(2,\) values, 1 are "
                r"needed"
            ),
        ),
        (
            lambda: Opportunities.of_areas([shapely.Point(1, 2)], {"people": [1]}),
            "1 of 1 areas are no valid polygons",
        ),
        (
            lambda: Opportunities.of_pixels(
                (0, 0), (1, 1), [2, 2], [3, 3], {"people": [1, 2]}, 4326
            ),
            "given twice",
        ),
        (
            lambda: Opportunities.of_pixels((0, 0), (1, -1), [2], [3], {"people": [1]}, 4326),
            "not above zero",
        ),
        (
            lambda: Opportunities.of_points([1.0], [2.0], {"jobs": [1]}).column(),
            "no column is 'people'.*-columns",
        ),
    ],
)
def test_what_cannot_be_counted_is_refused(make: Any, message: str) -> None:
    """Negative numbers, places that are none, and people where no column says so."""
    with pytest.raises(InputError, match=message):
        make()


def test_repr_and_kind() -> None:
    """One line with counts."""
    found = Opportunities.of_points(
        [1.0, 2.0], [2.0, 3.0], {"people": [1000, 500], "jobs": [3, 4]}, label="here"
    )
    assert repr(found) == "<Opportunities here: 2 points; people 1,500, jobs 7>"
    assert isinstance(found.geometry, Points)
    assert found.crs == CRS.from_epsg(4326)


def test_an_edge_of_two_areas_is_cut_at_the_same_places() -> None:
    """From left to right or from below, whichever area it is of: what lies on it then lies on one
    side for both.
    """
    for shared, one, other in (
        ("level", shapely.box(0, 0, 0.7, 1), shapely.box(0, 1, 0.7, 2)),
        ("upright", shapely.box(0, 0, 1, 0.7), shapely.box(1, 0, 2, 0.7)),
    ):
        polygon, start, stop = _edges(np.array([one, other]), 0.3)
        at, along = (1, 0) if shared == "level" else (0, 1)
        on_it = (start[:, at] == 1) & (stop[:, at] == 1)
        parts = [
            list(zip(start[mine, along].tolist(), stop[mine, along].tolist(), strict=True))
            for mine in (on_it & (polygon == 0), on_it & (polygon == 1))
        ]
        assert parts[0] == parts[1]
        assert [round(x, 3) for x, _ in parts[0]] == [0, 0.233, 0.467]
        assert parts[0][-1][1] == 0.7
