"""Groups of circles that are drawn together, on a square of 21 x 21 cells."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from railshed.cells.grid import Grid
from railshed.circles.overlap import OverlapResult, _meet
from railshed.circles.study_area import StudyArea
from railshed.circles.surface import Surface
from railshed.util.units import UNREACHED

N = 21
Cell = tuple[int, int]


def groups_of(*circles: list[Cell]) -> list[set[Cell]]:
    """Return the cells of each group of cities, of which these have these cells (row, column) at 60
    minutes sharp.
    """
    row, column = (axis.ravel() for axis in np.indices((N, N)))
    surfaces = {}
    for k, cells in enumerate(circles):
        total_s = np.full(N * N, 3_601, np.int64)
        total_s[0] = UNREACHED
        total_s[[r * N + c for r, c in cells]] = 3_600
        surfaces[f"city-{k}"] = SimpleNamespace(total_s=total_s)
    counts: Any = SimpleNamespace(
        land=StudyArea(Grid(0.0, 0.0, 1_000), row - 9, column - 9, 0 * row, 0)
    )
    nothing: Any = None
    found = OverlapResult(nothing, (), "", "", "to", 60, counts, cast(Any, surfaces), nothing)
    return [
        set(zip(row[mine].tolist(), column[mine].tolist(), strict=True)) for mine in found._groups()
    ]


def test_the_least_time_to_any_of_some_cities() -> None:
    """Of each cell by rail, and without a ride; one city alone is what it is."""

    def united(*seconds: tuple[list[int], list[int]]) -> OverlapResult:
        never, nothing = np.full(4, UNREACHED), cast(Any, None)
        surfaces = {
            f"city-{k}": Surface(
                nothing, "to", np.array(rail), never, np.array(local), nothing, 1, nothing
            )
            for k, (rail, local) in enumerate(seconds)
        }
        return OverlapResult(nothing, (), "", "", "to", 60, nothing, surfaces, nothing)

    one = ([3_600, 3_601, 10, UNREACHED], [3_601, 3_600, 20, UNREACHED])
    two = ([3_601, 3_500, 30, UNREACHED], [3_600, UNREACHED, 5, 3_601])
    for found, by_rail, local, n in (
        (united(one), *one, [1, 1, 1, 0]),
        (united(one, two), [3_600, 3_500, 10, UNREACHED], [3_600, 3_600, 5, 3_601], [2, 2, 2, 0]),
        (united(two, one), [3_600, 3_500, 10, UNREACHED], [3_600, 3_600, 5, 3_601], [2, 2, 2, 0]),
    ):
        assert found.together.by_rail_s.tolist() == by_rail
        assert found.together.local_s.tolist() == local
        assert found.n_reaching.tolist() == n


@pytest.mark.parametrize(
    "side", [(0, 1), (0, -1), (1, 0), (-1, 0), (1, 1), (1, -1), (-1, 1), (-1, -1)]
)
def test_circles_four_cells_apart_are_drawn_together(side: Cell) -> None:
    """Two rows or columns around each: with three cells between them they meet, with four they do
    not.
    """
    for n, together in ((1, True), (4, True), (5, False)):
        one, other = (10, 10), (10 + n * side[0], 10 + n * side[1])
        assert groups_of([one], [other]) == ([{one, other}] if together else [{one}, {other}])


@pytest.mark.parametrize("column", [True, False])
def test_all_cells_of_a_circle_count(column: bool) -> None:
    """A circle of cells 5 to 8 meets one at 1 and at 12, not one at 0 or 13."""
    cells = [[(10, k) if column else (k, 10)] for k in range(N)]
    wide = [cell for (cell,) in cells[5:9]]
    for k, n in ((0, 2), (1, 1), (12, 1), (13, 2)):
        assert len(groups_of(wide, cells[k])) == len(groups_of(cells[k], wide)) == n


def test_circles_that_a_third_joins_are_one_group() -> None:
    """Also where no two of them are near, but the box around two of them is near the third."""
    one, other, between, apart = (10, 0), (10, 8), (10, 4), (20, 20)
    assert groups_of([one], [other], [apart]) == [{one}, {other}, {apart}]
    assert groups_of([one], [other], [apart], [between]) == [{apart}, {one, other, between}]
    corner, low, high = (2, 18), (3, 10), (7, 14)
    assert groups_of([corner], [low]) == [{corner}, {low}]
    assert groups_of([corner], [high]) == [{corner}, {high}]
    assert groups_of([corner], [low], [high]) == [{corner, low, high}]


def test_a_city_that_reaches_nothing_is_in_no_group() -> None:
    """Without any cell at all there is one group, of none."""
    assert groups_of([], [(3, 3)], []) == [{(3, 3)}]
    assert groups_of([], []) == [set()]


@pytest.mark.parametrize(
    ("other", "meet"),
    [
        ((6, 3, 7, 9), True), ((7, 3, 8, 9), False), ((0, 3, 1, 9), False), ((0, 3, 2, 9), True),
        ((3, 6, 9, 7), True), ((3, 7, 9, 8), False), ((3, 0, 9, 1), False), ((3, 0, 9, 2), True),
        ((3, 3, 4, 4), True), ((0, 0, 9, 9), True),
    ],
)  # fmt: skip
def test_boxes_meet_in_a_cell(other: tuple[int, int, int, int], meet: bool) -> None:
    """Boxes of rows and columns 2 to 6 and others, edges included."""
    assert _meet((2, 2, 6, 6), other) is meet
    assert _meet(other, (2, 2, 6, 6)) is meet
