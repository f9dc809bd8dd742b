"""The first screen of a test of forecasts: how the answer is worded."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from railshed.comparisons.ensemble import Ensemble
from railshed.questions.backtest.opening_tables import openings_screen, plain_openings
from railshed.questions.backtest.openings import BRIERS, KINDS, LineScore, OpeningsTest
from railshed.util.units import HOUR, UNREACHED

NOBODY, FIRST, SECOND = (UNREACHED, UNREACHED), (HOUR, UNREACHED), (UNREACHED, HOUR)


def ensemble(*after: tuple[int, int]) -> Ensemble:
    """Return two cells of 10 and 20 people that nothing reached before."""
    land: Any = None
    people = np.array([10.0, 20.0])
    return Ensemble(np.arange(2), people, people, np.full(2, UNREACHED), np.array(after), land)


def of_one_line(came: tuple[int, int], drawn: list[tuple[int, int]]) -> OpeningsTest:
    """Return the test of one line."""
    draws = dict.fromkeys(KINDS, ensemble(*drawn))
    readings = dict.fromkeys(reading for reading, _ in BRIERS.values())
    scores = (
        LineScore("x", "c", reading, ensemble(came), draws, np.zeros(2)) for reading in readings
    )
    return OpeningsTest(len(drawn), tuple(scores))


@pytest.mark.parametrize(
    ("came", "drawn", "en", "zh"),
    [
        (SECOND, [SECOND, SECOND], "err 100% less", "误差少100%"),
        (SECOND, [SECOND, NOBODY], "err 75% less", "误差少75%"),
        (FIRST, [SECOND, SECOND], "err 200% more", "误差多200%"),
        (NOBODY, [SECOND, NOBODY], "no people came", "无新增人口"),
    ],
)  # fmt: skip
def test_the_answer_says_less_more_or_none(
    came: tuple[int, int], drawn: list[tuple[int, int]], en: str, zh: str
) -> None:
    """A skill of its own sign; none where nobody came, in place of a number that is none."""
    answer = next(iter(openings_screen(of_one_line(came, drawn))))
    assert en in answer.words.en
    assert zh in answer.words.zh
    assert "nan" not in answer.words.en


def test_the_end_of_the_screen_counts_draws_and_cities() -> None:
    """Two draws of one city, which has a way from a station to a centre; so do the plain values."""
    found = of_one_line(SECOND, [SECOND, NOBODY])
    (*_, last) = openings_screen(found)
    assert "2 draws" in str(last)
    assert plain_openings(found)["draws"] == 2
