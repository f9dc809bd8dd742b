"""How evenly something is spread over people: Gini, Palma, Theil, concentration, the worst-off
tenth.

Values (n,) are of groups of people, 0 or more; `people` (n,) their numbers. All are free of scale:
values times a constant give the same. None has a promise under more trips: a line that serves the
best served first makes each worse.

Sources: Gini 1912 as the weighted mean absolute difference; Palma 2011; Theil 1967 with its parts
between and within groups; Kakwani, Wagstaff, van Doorslaer 1997 for the concentration index.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from railshed.util.array_types import Floats

#: shares of the people whose parts the Palma ratio compares, the best off by the worst off
_PALMA_TOP = 0.1
_PALMA_BOTTOM = 0.4


def _known(values: Floats, people: Floats) -> tuple[Floats, Floats]:
    """Return the values of groups with people, rising, and the people."""
    some = people > 0
    order = np.argsort(values[some], kind="stable")
    return values[some][order], people[some][order]


def gini(values: Floats, people: Floats) -> float:
    """Return the Gini index: 0 where all have the same, near 1 where one group has all; NaN where
    no one has any.
    """
    value, n = _known(values, people)
    return _concentration(value, n)


def concentration(values: Floats, people: Floats, rank: Floats) -> float:
    """Return the concentration index of values over people in order of `rank`, poorest first: -1 to
    1.

    Below 0: the poor have more than their share; the rank by the values themselves gives the Gini
    index. Groups of one rank count as one.
    """
    some = people > 0
    levels, of = np.unique(rank[some], return_inverse=True)
    n = np.bincount(of, people[some], len(levels)).astype(float)
    return _concentration(np.bincount(of, values[some] * people[some], len(levels)) / n, n)


def _concentration(value: Floats, n: Floats) -> float:
    """Return twice the covariance of values and fractional rank by the mean, of values in their
    order.
    """
    total = float((value * n).sum())
    if total <= 0:
        return float("nan")
    middle = (np.cumsum(n) - n / 2) / n.sum()
    return float(2 * (value * n * middle).sum() / total - 1)


def palma(values: Floats, people: Floats) -> float:
    """Return what the best-off tenth has by what the worst-off four tenths have; infinite where
    these have nothing.
    """
    value, n = _known(values, people)
    share = np.append(0.0, np.cumsum(n) / n.sum())
    has = np.append(0.0, np.cumsum(value * n))
    bottom = float(np.interp(_PALMA_BOTTOM, share, has))
    top = float(has[-1] - np.interp(1 - _PALMA_TOP, share, has))
    if bottom > 0:
        return top / bottom
    return float("inf") if top > 0 else float("nan")


def theil(values: Floats, people: Floats, groups: Sequence[Any] | None = None) -> dict[str, float]:
    """Return Theil's T as `all`, and with `groups` (n,) its parts `between` their means and
    `within` them.
    """
    names = (
        np.zeros(len(values), int)
        if groups is None
        else np.unique(np.asarray(groups), return_inverse=True)[1]
    )
    total = float((values * people).sum())
    if total <= 0:
        return dict.fromkeys(("all", "between", "within"), float("nan"))
    n = np.bincount(names, people).astype(float)
    means = np.bincount(names, values * people) / np.where(n > 0, n, 1)
    between = _theil(means, n, total)
    whole = _theil(values, people, total)
    return {"all": whole, "between": between, "within": whole - between}


def _theil(values: Floats, people: Floats, total: float) -> float:
    ratio = values * people.sum() / total
    logs = np.log(np.where(ratio > 0, ratio, 1.0))
    return float((people * ratio * logs).sum() / people.sum())


def middle(values: Floats, people: Floats, total: float | None = None) -> float:
    """Return the value that half of the people have at most; infinite where fewer than half of
    `total` have one.

    `values` may be infinite; `total` is the number of people if there are more than those of the
    groups.
    """
    order = np.argsort(values, kind="stable")
    at = int(
        np.searchsorted(np.cumsum(people[order]), (people.sum() if total is None else total) / 2)
    )
    return float(values[order][at]) if at < len(order) else float("inf")


def worst_tenth(values: Floats, people: Floats, share: float = 0.1) -> float:
    """Return the mean value of the share of people who have least; NaN without people."""
    value, n = _known(values, people)
    if not len(n):
        return float("nan")
    cut = share * n.sum()
    counted = np.clip(cut - (np.cumsum(n) - n), 0.0, n)
    return float((value * counted).sum() / cut)
