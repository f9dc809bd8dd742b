"""Seconds of cells at percentiles of a window, by hand: what random timetables seldom hold."""

from __future__ import annotations

import numpy as np
import pytest

from railshed.kernels.cell_times import cell_times, cells_within
from railshed.kernels.types import NEVER
from tests.support.seeds import each_seed

pytestmark = pytest.mark.kernels

RANKS = np.array([0, 1, 2])


def test_a_pair_that_is_always_slower_changes_nothing() -> None:
    """Two stations are reached in every minute: the nearer one's minutes and walk are the cell's,
    at every rank.
    """
    times = np.array([[660, 600, 720], [1260, 1200, 1320]], np.int32)
    cutoffs = np.array([700, 800, 3600])
    for stations, walks in (([0, 1], [60, 0]), ([1, 0], [0, 60]), ([0], [60])):
        pairs = (
            np.array([0, len(stations)]),
            np.array(stations, np.int32),
            np.array(walks, np.int32),
        )
        found, served = cell_times(*pairs, times, np.sort(times), RANKS, cutoffs, NEVER)
        assert found.tolist() == [[660, 720, 780]]
        assert served.tolist() == [[1, 3, 3]]


def test_a_pair_that_is_sometimes_faster_counts() -> None:
    """The faster of two stations counts minute by minute; a minute that neither serves is reached
    by no one.
    """
    never = int(NEVER)
    times = np.array([[600, 900, never], [800, 700, never]], np.int32)
    pairs = np.array([0, 2]), np.array([0, 1], np.int32), np.array([0, 0], np.int32)
    found, served = cell_times(*pairs, times, np.sort(times), RANKS, np.array([650, 3600]), NEVER)
    assert found.tolist() == [[600, 700, never]]
    assert served.tolist() == [[1, 2]]


def test_values_above_the_limit_are_never() -> None:
    """Ranks of 600, 660, 720 s and of two stations: what is above 660 s is NEVER, what is not
    stays.
    """
    times = np.array([[660, 600, 720], [700, 650, 900]], np.int32)
    for stations, walks in (([0], [0]), ([0, 1], [0, 0])):
        pairs = (
            np.array([0, len(stations)]),
            np.array(stations, np.int32),
            np.array(walks, np.int32),
        )
        found, served = cell_times(*pairs, times, np.sort(times), RANKS, np.empty(0, np.int64), 660)
        assert found.tolist() == [[600, 660, int(NEVER)]]
        assert served.shape == (1, 0)


@each_seed(range(60))
def test_cells_within_limits_are_those_whose_ranked_minute_is(seed: int) -> None:
    """Cells of none to four pairs, stations that are reached in all, some or no minutes: as ranked,
    then compared.
    """
    rng = np.random.default_rng(seed)
    n_stations, n_cells, n_minutes = int(rng.integers(1, 5)), 12, int(rng.integers(1, 9))
    times = rng.integers(0, 60, (n_stations, n_minutes)).astype(np.int32)
    times[rng.random(times.shape) < rng.choice([0, 0.3, 1])] = NEVER
    ptr = np.concatenate([[0], np.cumsum(rng.integers(0, 5, n_cells))])
    pairs = ptr, *(rng.integers(0, most, ptr[-1]).astype(np.int32) for most in (n_stations, 30))
    limits, rank = np.unique(rng.integers(0, 90, 3)), int(rng.integers(0, n_minutes))
    every = (*pairs, times, np.sort(times))
    ranked, _ = cell_times(*every, np.array([rank]), np.empty(0, np.int64), NEVER)
    assert cells_within(*every, rank, limits).tolist() == (ranked <= limits).tolist()
