"""The order of connections in both directions of time, against numpy's own sort."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from railshed.kernels.timetable_order import by_departure
from railshed.kernels.types import ALIGHT, ARRIVAL, BOARD, DEPARTURE, FLAGS, FROM, RUN, TO


def connections(rng: np.random.Generator, n: int) -> NDArray[np.uint32]:
    """Return connections by run, each run's in the order of travel, many of one second and some
    without duration.
    """
    run = np.sort(rng.integers(0, max(n // 4, 1), n))
    clock = np.sort(rng.integers(100, 130, n))
    rows = np.column_stack(
        [
            clock,
            clock + rng.integers(0, 3, n),
            *rng.integers(0, 9, (2, n)),
            run,
            rng.integers(0, 4, n),
        ]
    )
    return rows[np.lexsort((clock, run))].astype(np.uint32)


@pytest.mark.parametrize("n", [0, 1, 2, 40, 400])
@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("factor", [1, 1_000])
def test_by_departure_is_the_stable_sort(n: int, mirrored: bool, factor: int) -> None:
    """By departure, run and order of travel; with time reversed, what was last is first and ends
    change places.
    """
    rows = connections(np.random.default_rng(n), n)
    rows[:, [DEPARTURE, ARRIVAL]] *= (
        factor  # few connections in many seconds are sorted in another way
    )
    expected = rows.astype(np.int64)
    if mirrored:
        expected = expected[::-1][:, [ARRIVAL, DEPARTURE, TO, FROM, RUN, FLAGS]]
        expected[:, [DEPARTURE, ARRIVAL]] = 1_000 * factor - expected[:, [DEPARTURE, ARRIVAL]]
        flags = expected[:, FLAGS].copy()
        expected[:, FLAGS] = np.where(flags & BOARD, ALIGHT, 0) + np.where(flags & ALIGHT, BOARD, 0)
    expected = expected[np.lexsort((expected[:, RUN], expected[:, DEPARTURE]))]
    before = rows.copy()
    assert np.array_equal(by_departure(rows, 1_000 * factor if mirrored else -1), expected)
    assert np.array_equal(rows, before)
