"""Rings around cells: by hand, against contourpy, and polygons that own their holes."""

from __future__ import annotations

import contourpy
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as stn

from railshed.cells.grid import Grid
from railshed.circles.contours import Rings, rings_within
from railshed.circles.polygons import circles_within
from railshed.kernels import contours as kernels
from railshed.util.units import UNREACHED

pytestmark = pytest.mark.kernels

SOFT = 120
Edge = tuple[int, int, bool]


def framed(seconds: object) -> np.ndarray:
    return np.pad(np.asarray(seconds, np.int32), 1, constant_values=UNREACHED)


def turned(ring: list[Edge]) -> tuple[Edge, ...]:
    """The same ring, in the same direction, begun at its least edge."""
    at = ring.index(min(ring))
    return tuple(ring[at:] + ring[:at])


def polygons_of(
    edges: list[Edge], rings: np.ndarray, outers: np.ndarray
) -> set[tuple[object, ...]]:
    """Polygons as (outer ring, holes), whatever their order."""
    every = [
        turned(edges[a : b - 1])
        for a, b in zip(rings[:-1].tolist(), rings[1:].tolist(), strict=True)
    ]
    bounds = zip(outers[:-1].tolist(), outers[1:].tolist(), strict=True)
    return {(every[a], frozenset(every[a + 1 : b])) for a, b in bounds}


def polygons_of_contourpy(seconds: np.ndarray, cutoff: int) -> set[tuple[object, ...]]:
    # means of four integers are quarters: at 1/8 none is in doubt
    field = np.clip(seconds.astype(np.float64) - cutoff, -SOFT, SOFT)
    kind = contourpy.FillType.ChunkCombinedOffsetOffset
    points, rings, outers = contourpy.contour_generator(z=field, fill_type=kind).filled(
        -np.inf, 0.125
    )
    if points[0] is None:
        return set()
    edges = []
    for x, y in points[0].tolist():
        across = abs(x - round(x)) > 1e-9
        edges.append((round(y), int(x), True) if across else (int(y), round(x), False))
    return polygons_of(edges, rings[0].astype(int), outers[0].astype(int))


def edges_of(found: Rings) -> list[Edge]:
    return list(zip(found.row.tolist(), found.column.tolist(), found.across.tolist(), strict=True))


def test_a_cell_and_a_contour_of_cells_by_hand() -> None:
    """A lone cell: four corners inside, counter-clockwise.

    Eight cells around one: an outer ring, a hole clockwise.
    """
    found = rings_within(framed([[60]]), 60, SOFT)
    assert edges_of(found) == [
        (1, 0, True),
        (0, 1, False),
        (1, 1, True),
        (1, 1, False),
        (1, 0, True),
    ]
    assert found.turn.tolist() == [1, 1, 1, 1, 0]
    found = rings_within(framed([[0, 0, 0], [0, 99, 0], [0, 0, 0]]), 60, SOFT)
    assert found.outers.tolist() == [0, 2]
    hole = slice(*found.rings[1:].tolist())
    assert edges_of(found)[hole] == [
        (2, 1, True),
        (2, 2, False),
        (2, 2, True),
        (1, 2, False),
        (2, 1, True),
    ]
    assert found.turn[hole].tolist() == [-1, -1, -1, -1, 0]
    assert found.turn[: found.rings[1]].tolist().count(1) == 4


def test_nothing_inside() -> None:
    """No ring, no polygon, and an empty shape."""
    found = rings_within(framed([[61]]), 60, SOFT)
    assert (len(found.row), found.rings.tolist(), found.outers.tolist()) == (0, [0], [0])
    zero = np.zeros(1, np.int64)
    (shapes,) = circles_within(Grid(0, 0, 100), zero, zero, [zero + 70], [60, 70])
    assert [shape.is_empty for shape in shapes] == [True, False]


def test_two_cells_at_a_corner() -> None:
    """Joined where the four are at most the cutoff on average, clipped: 10 s within twice, 10 and
    11 beyond.
    """
    assert len(rings_within(framed([[50, 70], [70, 50]]), 60, SOFT).outers) == 2
    assert len(rings_within(framed([[50, 70], [71, 50]]), 60, SOFT).outers) == 3
    assert len(rings_within(framed([[-300, 180], [180, 60]]), 60, SOFT).outers) == 3


def test_a_hole_belongs_to_the_island_in_a_lake() -> None:
    """An island with a pond of its own in the lake of a larger one: two polygons with a
    hole each.
    """
    land = np.zeros((9, 9), np.int32)
    land[1:8, 1:8], land[2:7, 2:7], land[4, 4] = 99, 0, 99
    found = rings_within(framed(land), 60, SOFT)
    assert found.outers.tolist() == [0, 2, 4]
    assert np.diff(found.rings).tolist() == [37, 29, 21, 5]


@given(
    stn.arrays(
        np.int32,
        st.tuples(st.integers(1, 9), st.integers(1, 9)),
        elements=st.one_of(
            st.sampled_from([0, 59, 60, 61, 120, UNREACHED]), st.integers(-100, 300)
        ),
    )
)
@settings(max_examples=150, deadline=None)
def test_rings_are_those_of_contourpy(values: np.ndarray) -> None:
    """The same rings in the same direction, the same holes in the same polygons; each crossing has
    its turn.
    """
    seconds = framed(values)
    found = rings_within(seconds, 60, SOFT)
    edges = edges_of(found)
    assert polygons_of(edges, found.rings, found.outers) == polygons_of_contourpy(seconds, 60)
    assert sum(kernels.count_crossings(seconds, 60)) == len(edges) - len(found.rings) + 1
    ends = set((found.rings[1:] - 1).tolist())
    for k, (row, column, across) in enumerate(edges):
        if k in ends:
            continue
        next_row, next_column, next_across = edges[k + 1]
        if across == next_across:
            assert found.turn[k] == 0
            continue
        # both edges meet at a node: the row of the one along a row, the column of the other
        node = seconds[row if across else next_row, next_column if across else column]
        assert found.turn[k] == (1 if node <= 60 else -1)


def test_cells_are_spread_within_their_frame() -> None:
    """Of cells at 5, 7 and 9 in both directions, the two below 100 s make a frame of 3 x 3."""
    row, seconds = np.array([7, 5, 9]), np.array([99, 0, 100])
    frame = np.array([UNREACHED, -UNREACHED, UNREACHED, -UNREACHED])
    kernels.extend_frame(row, row, seconds, 100, frame)
    assert frame.tolist() == [5, 7, 5, 7]
    out = np.full((3, 3), -1, np.int32)
    kernels.spread_cells(row, row, seconds, 100, 5, 5, out)
    assert out.tolist() == [[0, -1, -1], [-1, -1, -1], [-1, -1, 99]]
