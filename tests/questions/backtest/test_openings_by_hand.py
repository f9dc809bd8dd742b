"""Scores of forecasts of opened lines, by hand: cells of round numbers of people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from railshed.comparisons.ensemble import Ensemble
from railshed.questions.backtest.openings import BRIERS, KINDS, LineScore, OpeningsTest
from railshed.util.units import HOUR, UNREACHED


def ensemble(people: Sequence[float], draws: Sequence[Sequence[int]]) -> Ensemble:
    """Return cells that nothing reached before, within an hour where a draw has 1."""
    of = np.array(people)
    land: Any = None
    after = np.where(np.array(draws) == 1, HOUR, UNREACHED)
    return Ensemble(np.arange(len(of)), of, of, np.full(len(of), UNREACHED), after, land)


def scores(
    line: str, people: Sequence[float], came: Sequence[int], draws: Sequence[Sequence[int]]
) -> list[LineScore]:
    drawn, observed = dict.fromkeys(KINDS, ensemble(people, draws)), ensemble(people, [came])
    readings = dict.fromkeys(reading for reading, _ in BRIERS.values())
    return [
        LineScore(line, "c", reading, observed, drawn, np.zeros(len(people)))
        for reading in readings
    ]


def test_reliability_by_tenths() -> None:
    """Ten draws: 100 people at 0.2, who came; 300 at 1.0, of whom 200 came; 50 at 0 are in no row.
    The cutoffs of an hour and more count them, and no cell is within less."""
    draws = [[int(k < 2), 1, 1, 0] for k in range(10)]
    rows = OpeningsTest(
        10, tuple(scores("x", [100, 200, 100, 50], [1, 1, 0, 0], draws))
    ).reliability
    n = rows[0]["people"] / 100
    assert [(row["p_from"], row["p_to"], row["people"] / n) for row in rows] == [
        (0.2, 0.3, 100),
        (0.9, 1.0, 300),
    ]
    assert [(row["p_mean"], row["came"]) for row in rows] == [
        (pytest.approx(0.2), 1.0),
        (1.0, pytest.approx(2 / 3)),
    ]


def test_skill_without_the_largest_line() -> None:
    """The larger line is forecast exactly, the smaller one with half: 1 - 0.25 * 10 / 1010, and
    0.75 without it.
    """
    large, small = scores("a", [1000], [1], [[1], [1]]), scores("b", [10], [1], [[1], [0]])
    row = OpeningsTest(2, (*large, *small)).pooled
    assert row["brier_60"] == pytest.approx(1 - 2.5 / 1010)
    assert row["brier_60_without_largest"] == pytest.approx(0.75)


def test_climatology_is_the_share_that_other_lines_gained() -> None:
    """400 people of another line, of whom 100 came: a quarter at the same distance, whatever the
    line itself gained.
    """
    mine = scores("a", [1000], [1], [[1]])
    found = OpeningsTest(1, (*mine, *scores("b", [100, 300], [1, 0], [[1, 1]])))
    assert found._climatology(mine[0], 60).tolist() == [0.25]
