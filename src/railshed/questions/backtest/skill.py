"""How good forecasts with probabilities were: scores against what came, over cells weighted by
people.

Brier: Brier (1950), Monthly Weather Review 78. CRPS: Gneiting and Raftery (2007), JASA 102. A skill
of 1 is a perfect forecast, 0 one no better than its reference, below worse.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from railshed.util.array_types import Bools, Floats


class Brier(NamedTuple):
    """Sums over cells that were outside before, weighted by people."""

    #: squared error of the probability, and of the forecast that nothing changes: the people who
    #: came
    error: float
    came: float
    #: people for whom the best guess (a probability of a half or more) was wrong
    wrong: float

    def __add__(self, other: tuple[float, ...]) -> Brier:  # type: ignore[override]
        return Brier(*(a + b for a, b in zip(self, other, strict=True)))

    @property
    def skill(self) -> float:
        """Return the share of the error of no change that is gone; NaN where nothing came."""
        return 1 - self.error / self.came if self.came else float("nan")

    @property
    def guess_skill(self) -> float:
        """Return the same of the best guess."""
        return 1 - self.wrong / self.came if self.came else float("nan")


def brier(probability: Floats, came: Bools, people: Floats) -> Brier:
    """Return the sums of a forecast for cells, all (n_cells,)."""
    error = float((people * (probability - came) ** 2).sum())
    return Brier(
        error, float(people[came].sum()), float(people[(probability >= 0.5) != came].sum())
    )


def total(parts: Sequence[Brier]) -> Brier:
    """Return the sums of several forecasts."""
    found = Brier(0.0, 0.0, 0.0)
    for part in parts:
        found += part
    return found


def crps(draws: Floats, came: float) -> float:
    """Return the continuous ranked probability score of draws (n,), in their unit; that of one
    number is its error.
    """
    ordered = np.sort(draws)
    n = len(ordered)
    # the mean difference of two draws, from their ranks
    spread = float((ordered * (2 * np.arange(n) - n + 1)).sum()) * 2 / n**2
    return float(np.abs(draws - came).mean()) - spread / 2


def middle(draws: Floats, share: float = 0.8) -> tuple[float, float]:
    """Return the ends of the middle share of draws (n,), at draws themselves."""
    low, high = np.quantile(draws, ((1 - share) / 2, (1 + share) / 2), method="inverted_cdf")
    return float(low), float(high)
