"""Polygons of a surface: by hand on a few cells, then nested, valid, centres kept and areas near
the cells' on any.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as stn

from railshed.cells.grid import Grid
from railshed.circles.contours import BLOCK, lattice_xy, trace
from railshed.circles.polygons import _assemble, _smooth, bands, circles_within
from railshed.util.errors import ParameterError
from railshed.util.units import UNREACHED
from tests.support.seeds import each_seed

GRID = Grid(100.0, 0.0, 500)
CELL = 250_000.0
FAR = 10**6
OPTIONS = [
    {},
    {"smooth_m": 600.0},
    {"smooth_m": 1000.0},
    {"simplify_m": 300.0},
    {"smooth_m": 500.0, "simplify_m": 300.0},
]
CUTOFFS = (100, 160, 300)


def cells_of(times, row0=0, column0=0):
    """Return rows, columns and seconds of an array of seconds."""
    times = np.asarray(times, np.int64)
    row, column = (a.ravel() for a in np.indices(times.shape))
    return row + row0, column + column0, times.ravel()


def draw(times, cutoffs, **options):
    row, column, seconds = cells_of(times)
    return circles_within(GRID, row, column, [seconds], cutoffs, **options)[0]


def linear(times, cutoff):
    """Return the polygon of linear interpolation between centres, from which the areas are
    balanced.
    """
    field = np.clip(
        np.pad(np.asarray(times, np.int64), 1, constant_values=UNREACHED) - cutoff, -120, 120
    )
    outline = trace(np.where(field == 0, -1, field), (-1, -1))
    return _assemble(
        (np.stack(lattice_xy(outline), axis=1) + 0.5) * 500, outline.rings, outline.outers
    )


def area(shape):
    return shape.area / CELL


def n_sides(times, cutoff):
    """Return the sides between a cell inside and one outside, whatever is not in the
    array outside.
    """
    inside = np.pad(np.asarray(times) <= cutoff, 1)
    return sum(int(np.diff(inside, axis=axis).sum()) for axis in (0, 1))


def centres_agree(shape, times, cutoff):
    row, column, seconds = cells_of(times)
    return (shapely.contains_xy(shape, *GRID.centre(row, column)) == (seconds <= cutoff)).all()


def islands(seed, n=60):
    """Return rough discs around random centres, with unreached cells sprinkled in."""
    rng = np.random.default_rng(seed)
    rows, columns = np.indices((n, n))
    times = np.full((n, n), 3000.0)
    for _ in range(5):
        y, x = rng.integers(0, n, 2)
        times = np.minimum(times, rng.integers(0, 250) + 15 * np.hypot(rows - y, columns - x))
    times = np.maximum(times + rng.normal(0, 12, times.shape), 0).astype(np.int64)
    return np.where(rng.random(times.shape) < 0.02, UNREACHED, times)


@pytest.mark.parametrize(
    ("times", "cut", "n_cells", "n_holes"),
    [
        # a square loses an eighth of a cell at each corner
        ([[0, 0], [0, 0]], 3.5, 4, 0),
        # a lone cell is a diamond through the middles of its sides
        ([[0]], 0.5, 1, 0),
        # a ring: eight cells, less four corners, plus the four corners of the hole
        ([[0, 0, 0], [0, UNREACHED, 0], [0, 0, 0]], 8.0, 8, 1),
        # two cells that meet at a corner are joined there: two diamonds of a half and a bridge of a
        # half
        ([[0, UNREACHED], [UNREACHED, 0]], 1.5, 2, 0),
    ],
)
def test_a_few_cells_by_hand(times, cut, n_cells, n_holes):
    """Areas follow from the corners that are cut off; with equal areas they are the cells'."""
    (equal,) = draw(times, [FAR])
    plain = linear(times, FAR)
    for shape in (plain, equal):
        assert shape.is_valid
        assert len(shape.geoms) == 1
        assert len(shape.geoms[0].interiors) == n_holes
        assert centres_agree(shape, times, FAR)
    assert area(plain) == pytest.approx(cut)
    assert area(equal) == pytest.approx(
        n_cells, abs=0.08
    )  # 0.02 in each of the four blocks that meet at row 0


def test_a_lone_cell_reaches_over_its_sides():
    """A diamond of one cell's area has half-diagonals of sqrt(1/2) cells, here to 0.02 cells."""
    row, column, seconds = cells_of([[0]], 3, 3)
    ((shape,),) = circles_within(GRID, row, column, [seconds], [FAR])
    west, south, east, north = shape.bounds
    for half in ((east - west) / 2, (north - south) / 2):
        assert half / 500 == pytest.approx(0.5**0.5, abs=0.02)


def test_a_cell_on_the_cutoff_is_inside():
    """The cutoff is inclusive: at 60 the cell is in, all of it."""
    outside, inside = draw([[60]], [59, 60])
    assert outside.is_empty
    assert centres_agree(inside, [[60]], 60)
    assert area(inside) == pytest.approx(1.0, abs=0.08)


def test_the_edge_lies_where_time_reaches_the_cutoff():
    """Between cells of 0 and 100 s the cutoff of 75 s is three quarters of the way, 375 m from the
    first centre.
    """
    times = np.tile([0, 0, 0, 100], (5, 1))
    shape = linear(times, 75)
    line = shape.intersection(shapely.LineString([(0, 1250), (3000, 1250)]))
    assert line.bounds[2] == pytest.approx(2.5 * 500 + 375)


@pytest.mark.parametrize("options", OPTIONS)
def test_nothing_inside_is_an_empty_polygon(options):
    """No cells, none reached, none within the cutoff: an empty multipolygon a cutoff, and empty
    bands.
    """
    for times in (np.empty((0, 0)), [[UNREACHED]], [[500]]):
        shapes = draw(times, [100, 200], **options)
        assert [shape.wkt for shape in shapes] == ["MULTIPOLYGON EMPTY"] * 2
        assert [shape.wkt for shape in bands(shapes)] == ["MULTIPOLYGON EMPTY"] * 2
    shapes = draw(np.full((4, 4), 150), [100, 200], **options)
    assert shapes[0].is_empty
    assert not shapes[1].is_empty
    assert draw([[0]], [], **options) == []


@pytest.mark.parametrize(
    ("cutoffs", "options", "said"),
    [
        ([60, 60], {}, "do not rise"),
        ([60, 30], {}, "do not rise"),
        ([60], {"smooth_m": -1}, "smooth_m is -1"),
        ([60], {"simplify_m": float("nan")}, "simplify_m is nan"),
        ([60], {"smooth_m": float("inf")}, "smooth_m is inf"),
    ],
)
def test_options_out_of_range_are_refused(cutoffs, options, said):
    """Cutoffs that do not rise and lengths that are no length: said by name."""
    with pytest.raises(ParameterError, match=said):
        draw([[0]], cutoffs, **options)


surfaces = stn.arrays(
    np.int64,
    st.tuples(st.integers(1, 9), st.integers(1, 9)),
    elements=st.one_of(st.integers(0, 420), st.sampled_from([100, 160, 300, UNREACHED])),
)


@settings(deadline=None, max_examples=60)
@given(surfaces, st.sampled_from(OPTIONS))
def test_circles_are_nested_and_valid(times, options):
    """On any surface, under any option: each circle covers the one before, is valid, and bands add
    up.
    """
    shapes = draw(times, CUTOFFS, **options)
    for less, more in pairwise(shapes):
        assert less.is_empty or more.covers(less)
    assert all(shape.is_valid and shape.geom_type == "MultiPolygon" for shape in shapes)
    between = bands(shapes)
    assert all(band.is_valid for band in between)
    assert sum(area(band) for band in between) == pytest.approx(area(shapes[-1]))
    assert area(shapely.union_all(between)) == pytest.approx(area(shapes[-1]))


@settings(deadline=None, max_examples=60)
@given(surfaces)
def test_centres_and_holes_are_kept(times):
    """Without smoothing and simplification every centre is on its side, and the area within half a
    cell a side.
    """
    for cutoff, shape in zip(CUTOFFS, draw(times, CUTOFFS), strict=True):
        assert centres_agree(shape, times, cutoff)
        assert abs(area(shape) - (times <= cutoff).sum()) <= n_sides(times, cutoff) / 2 + 1e-9


@settings(deadline=None, max_examples=40)
@given(surfaces)
def test_linear_circles_are_the_squares_between_centres_put_together(times):
    """The area equals a plain sum over lattice squares, each cut where its four sides cross the
    cutoff.

    Crossings stand at whole parts of a side, away from the centres, so each of the two of a square
    may be 1/64 off.
    """
    for cutoff in CUTOFFS:
        if (times <= cutoff).any():
            assert area(linear(times, cutoff)) == pytest.approx(
                plain_area(times, cutoff), abs=n_sides(times, cutoff) / 64
            )


def plain_area(times, cutoff):
    """Return the area in cells, square by square."""
    values = np.clip((np.pad(times, 1, constant_values=UNREACHED) - cutoff) / 120, -1, 1)
    values[values == 0] = -1 / 120  # a second inside, as the drawing has it
    total = 0.0
    for i in range(values.shape[0] - 1):
        for j in range(values.shape[1] - 1):
            corners = [values[i, j], values[i, j + 1], values[i + 1, j + 1], values[i + 1, j]]
            total += square_area(corners)
    return total


def square_area(corners):
    """Return the part of a unit square inside, its corners given in ring order."""
    places = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)]
    inside = [value <= 0 for value in corners]
    sides = list(zip(corners, corners[1:] + corners[:1], strict=True))
    crossing = [a / (a - b) if (a <= 0) != (b <= 0) else None for a, b in sides]
    if None not in crossing and sum(corners) / 4 > 0:  # two corners apart: a triangle each
        from_inside = [t if inside[k] else 1 - t for k, t in enumerate(crossing)]
        return sum(from_inside[k] * from_inside[k - 1] / 2 for k in range(4) if inside[k])
    ring = []
    for k, part in enumerate(crossing):
        if inside[k]:
            ring.append(places[k])
        if part is not None:
            ring.append(
                tuple(
                    p + (q - p) * part for p, q in zip(places[k], places[(k + 1) % 4], strict=True)
                )
            )
    return shapely.Polygon(ring).area if len(ring) > 2 else 0.0


@settings(deadline=None, max_examples=30)
@given(surfaces)
def test_larger_cutoffs_move_no_smaller_one(times):
    """The smallest cutoff alone has the rings that it has among others, to the bit."""
    (alone,), (shape, *_) = draw(times, CUTOFFS[:1]), draw(times, CUTOFFS)
    assert shapely.normalize(alone).wkb == shapely.normalize(shape).wkb


@each_seed(range(6))
def test_equal_areas_are_the_cells(seed):
    """On rough islands: within half a cell or 0.2 % of the cells, each circle, and nearer than
    linear ones in sum.
    """
    times = islands(seed)
    n = np.array([(times <= cutoff).sum() for cutoff in CUTOFFS])
    equal = np.abs([area(shape) for shape in draw(times, CUTOFFS)] - n)
    plain = np.abs([area(linear(times, cutoff)) for cutoff in CUTOFFS] - n)
    assert (equal <= np.maximum(0.5, 0.002 * n)).all()
    assert equal.sum() < plain.sum()


def test_equal_areas_move_no_edge_far_from_a_change():
    """A cell more in one corner leaves every edge two blocks away to the bit: nothing else is
    gained or lost.
    """
    times = islands(3)
    other = times.copy()
    other[1, 1] = 0 if times[1, 1] > 160 else UNREACHED
    (old,), (new,) = (draw(t, [160]) for t in (times, other))
    changed = old.symmetric_difference(new)
    assert not changed.is_empty
    assert max(changed.bounds[2:]) <= (1 + 2 * BLOCK) * 500


@pytest.mark.parametrize("options", OPTIONS[:3])
def test_a_faster_surface_covers_a_slower_one(options):
    """By rail lies inside the total of the same cutoff, also with equal areas and smoothing."""
    rail = islands(1)
    total = np.minimum(rail, islands(2))
    row, column, _ = cells_of(rail)
    by_rail, either = circles_within(
        GRID, row, column, [rail.ravel(), total.ravel()], CUTOFFS, **options
    )
    assert all(more.covers(less) for less, more in zip(by_rail, either, strict=True))
    assert all(more.covers(less) for less, more in pairwise(either))


@settings(deadline=None, max_examples=25)
@given(
    stn.arrays(np.int64, (6, 7), elements=st.integers(-1920, 1920)), st.integers(1, 3), st.data()
)
def test_smoothing_is_a_mean_and_keeps_order(field, radius, data):
    """Equal to the weighted mean, rounded down, the outside beyond the array; a lower field stays
    lower everywhere.
    """
    smooth = _smooth(field, radius)
    weights = radius + 1 - np.abs(np.arange(-radius, radius + 1))
    wide = np.pad(field, radius, constant_values=1920)
    for (i, j), value in np.ndenumerate(smooth):
        window = wide[i : i + 2 * radius + 1, j : j + 2 * radius + 1]
        assert value == (window * np.outer(weights, weights)).sum() // (radius + 1) ** 4
    less = data.draw(stn.arrays(np.int64, (6, 7), elements=st.integers(0, 500)))
    assert (_smooth(np.maximum(field - less, -1920), radius) <= smooth).all()


@pytest.mark.parametrize("seed", range(3))
def test_smoothing_with_equal_areas_keeps_the_area(seed):
    """Smoothed over 1 km, circles have as much land as before, to 1 % or two cells, and a shorter
    edge.
    """
    times = islands(seed)
    rough, smooth = (draw(times, CUTOFFS, smooth_m=m) for m in (0, 1000))
    for cutoff, before, after in zip(CUTOFFS, rough, smooth, strict=True):
        assert area(after) == pytest.approx((times <= cutoff).sum(), rel=0.01, abs=2)
        assert after.length < 0.9 * before.length


@pytest.mark.parametrize("simplify_m", [100.0, 500.0, 5000.0])
def test_simplified_circles_keep_their_area(simplify_m):
    """Fewer vertices; areas within 1 % or a cell of what they were, also where the tolerance is far
    too large.
    """
    times = islands(5)
    plain, simple = (draw(times, CUTOFFS, simplify_m=m) for m in (0, simplify_m))
    for before, after in zip(plain, simple, strict=True):
        assert shapely.get_num_coordinates(after) < shapely.get_num_coordinates(before)
        assert abs(after.area - before.area) <= max(0.01 * before.area, CELL)


@pytest.mark.parametrize("options", OPTIONS)
def test_bands_share_their_edges(options):
    """The edges of a band are those of its two circles that are not of both; the bands are a valid
    coverage.
    """
    shapes = draw(islands(4), CUTOFFS, **options)
    between = bands(shapes)
    assert shapely.coverage_is_valid(between)
    for band, inner, outer in zip(between[1:], shapes, shapes[1:], strict=False):
        assert edges(band) == edges(inner) ^ edges(outer)


def edges(shape):
    """Return the segments of a polygon's rings, without direction."""
    found = set()
    for ring in shapely.get_rings(shapely.get_parts(shape)):
        points = [tuple(p) for p in shapely.get_coordinates(ring).tolist()]
        found |= {frozenset(pair) for pair in pairwise(points)}
    return found


@pytest.mark.parametrize("options", OPTIONS)
def test_the_order_of_cells_does_not_matter(options):
    """Shuffled cells give the same bytes."""
    row, column, seconds = cells_of(islands(0), -20, -30)
    order = np.random.default_rng(0).permutation(len(row))
    first = circles_within(GRID, row, column, [seconds], CUTOFFS, **options)[0]
    second = circles_within(GRID, row[order], column[order], [seconds[order]], CUTOFFS, **options)[
        0
    ]
    assert [s.wkb for s in first] == [s.wkb for s in second]
