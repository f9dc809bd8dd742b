"""Scores of forecasts against plain sums over people, and what a perfect and a useless forecast
score.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from railshed.questions.backtest.skill import brier, crps, middle, total

NUMBERS = st.lists(st.floats(0, 1e6), min_size=1, max_size=12)


@given(NUMBERS, st.floats(0, 1e6))
def test_crps_is_the_mean_error_less_half_the_mean_difference(
    draws: list[float], came: float
) -> None:
    """Gneiting and Raftery, formula 21: over every pair of draws."""
    plain = (
        np.mean([abs(d - came) for d in draws])
        - np.mean([abs(a - b) for a in draws for b in draws]) / 2
    )
    assert crps(np.array(draws), came) == pytest.approx(plain, abs=1e-6)


@given(NUMBERS)
def test_crps_of_one_number_is_its_error_and_of_the_truth_none(draws: list[float]) -> None:
    assert crps(np.array(draws[:1]), 0.0) == pytest.approx(draws[0])
    assert crps(np.full(5, draws[0]), draws[0]) == pytest.approx(0, abs=1e-6)


def test_brier_sums_people() -> None:
    """1 hit at p 0.8, 10 missed at 0.4, 100 false at 0.5: error 0.04 + 3.6 + 25, of 11 who came."""
    found = brier(
        np.array([0.8, 0.4, 0.5]), np.array([True, True, False]), np.array([1.0, 10.0, 100.0])
    )
    assert found.error == pytest.approx(28.64)
    assert (found.came, found.wrong) == (11, 110)
    assert found.skill == pytest.approx(1 - 28.64 / 11)
    assert found.guess_skill == pytest.approx(-9)
    both = total([found, brier(np.ones(1), np.ones(1, bool), np.array([89.0]))])
    assert both.skill == pytest.approx(1 - 28.64 / 100)
    assert math.isnan(total([]).skill)


def test_a_perfect_forecast_and_that_of_no_change() -> None:
    came, people = np.array([True, False, True]), np.array([3.0, 5.0, 7.0])
    assert brier(came.astype(float), came, people).skill == 1
    assert brier(np.zeros(3), came, people).skill == 0


def test_the_middle_lies_at_draws() -> None:
    assert middle(np.arange(1.0, 11.0)) == (1, 9)
    assert middle(np.array([4.0])) == (4, 4)
