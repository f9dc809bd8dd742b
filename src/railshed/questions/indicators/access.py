"""What can be reached from each place: counts, decay, nearest ones, potential, weighted times.

Minutes are float64 (n_places, n_goals), infinite where there is no journey; weights (jobs, beds,
people) are float64 (n_goals,). Results are (n_places,) unless said otherwise. A trip more never
lowers `cumulative`, `decayed`, `potential` or `daily`, and never raises `dual` or `nearest`;
`weighted_time` has no such promise where a goal comes within reach.

Sources: Pereira et al., `accessibility` (R, 2022) for cumulative measures, intervals and cost to
the closest; Conveyal R5 for the five decays; Hansen 1959 for the potential; Gutierrez 2001 for
weighted average time and daily accessibility.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from railshed.util.array_types import Floats
from railshed.util.errors import ParameterError

DECAYS = ("step", "exponential", "fixed-exponential", "linear", "logistic")
#: hours of national policy: commuting within one, an agglomeration within two, main cities within
#: three
RINGS_MIN = (60, 120, 180)


def cumulative(minutes: Floats, weights: Floats, cutoffs: Sequence[float]) -> Floats:
    """Return float64 (n_places, n_cutoffs): the weights within each cutoff, inclusive; in the units
    of the weights.
    """
    known = np.isfinite(minutes)
    return np.array([(known & (minutes <= cutoff)) @ weights for cutoff in cutoffs], float).T


def cumulative_interval(minutes: Floats, weights: Floats, low: int, high: int) -> Floats:
    """Return the mean of the cumulative measure over every whole minute from `low` to `high`, both
    inclusive.

    It hangs less on one arbitrary cutoff.
    """
    return np.asarray(cumulative(minutes, weights, range(low, high + 1)).mean(axis=1))


def decay(minutes: Floats, name: str, cutoff: float, width: float = 10.0) -> Floats:
    """Return the weight, 0 to 1, of each travel time; its tail is not cut off, and 0 where there is
    no journey.

    ``step``: 1 within the cutoff. ``exponential``: half at the cutoff. ``fixed-exponential``: e^(-t
    / cutoff).
    ``linear``: from 1 at `width` / 2 before the cutoff to 0 as long after it. ``logistic``: half at
    about the cutoff, with `width` as its standard deviation, 1 at no minutes. A width of 0 is a
    step, a cutoff without end counts all.

    Raises ParameterError for an unknown name, or a cutoff or width below 0.
    """
    if name not in DECAYS or not cutoff > 0 or not width >= 0:
        allowed = f"allowed are {', '.join(DECAYS)}; more than 0; 0 or more"
        raise ParameterError(f"decay {name!r}, cutoff {cutoff:g}, width {width:g}: {allowed}")
    known = np.isfinite(minutes)
    return np.where(known, _decay(np.where(known, minutes, 0.0), name, cutoff, width), 0.0)


def _decay(minutes: Floats, name: str, cutoff: float, width: float) -> Floats:
    if name == "step" or (width == 0 and name in ("linear", "logistic")):
        return np.asarray(minutes <= cutoff, float)
    if name == "exponential":
        return np.exp(-math.log(2) * minutes / cutoff)
    if name == "fixed-exponential":
        return np.exp(-minutes / cutoff)
    if name == "linear":
        return np.clip((cutoff + width / 2 - minutes) / width, 0.0, 1.0)
    steep = math.pi / (width * math.sqrt(3))
    with np.errstate(over="ignore"):
        found: Floats = (1 + math.exp(-cutoff * steep)) / (1 + np.exp((minutes - cutoff) * steep))
    return found


def decayed(
    minutes: Floats, weights: Floats, name: str, cutoff: float, width: float = 10.0
) -> Floats:
    """Return the sum of weights times `decay`."""
    return np.asarray(decay(minutes, name, cutoff, width) @ weights)


def dual(minutes: Floats, weights: Floats, amount: float) -> Floats:
    """Return the least minutes within which a place has `amount` of the weights; infinite where it
    never has.
    """
    order = np.argsort(minutes, axis=1, kind="stable")
    sums = np.cumsum(
        np.where(np.isfinite(minutes), weights, 0.0)[np.arange(len(minutes))[:, None], order],
        axis=1,
    )
    enough = sums >= amount * (1 - 1e-12)
    first = np.argmax(enough, axis=1)
    found = np.take_along_axis(minutes, order, axis=1)[np.arange(len(minutes)), first]
    return np.where(enough.any(axis=1), found, np.inf)


def nearest(minutes: Floats, k: int = 1) -> Floats:
    """Return the minutes to the k-th nearest goal; infinite where there are fewer."""
    if k > minutes.shape[1]:
        return np.full(len(minutes), np.inf)
    return np.partition(minutes, k - 1, axis=1)[:, k - 1]


def potential(
    minutes: Floats, weights: Floats, exponent: float = 1.0, least: float = 1.0
) -> Floats:
    """Return the sum of weights by minutes to the power of `exponent`; fewer minutes than `least`
    count as `least`.
    """
    return np.asarray((np.maximum(minutes, least) ** -exponent) @ weights)


def elasticity(before: Floats, after: Floats, change: float) -> Floats:
    """Return by how many per cent a measure moves for each per cent by which what was changed
    moves.

    `change` is the ratio of the changed quantity, after by before (frequency doubled: 2). NaN where
    it was 0 before.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.log(after / before) / math.log(change)
    return np.where(before > 0, found, np.nan)


def weighted_time(minutes: Floats, weights: Floats) -> Floats:
    """Return the mean minutes to the goals weighted by theirs (WATT), of goals with a journey; NaN
    without any.
    """
    known = np.isfinite(minutes)
    total = known @ weights
    with np.errstate(invalid="ignore"):
        return np.where(total > 0, np.where(known, minutes, 0.0) @ weights / total, np.nan)


def daily(minutes: Floats, weights: Floats, hours: float = 4.0) -> Floats:
    """Return the weights within so many hours: who can be met and left in a day."""
    return cumulative(minutes, weights, [60 * hours])[:, 0]


def rings(minutes: Floats, weights: Floats) -> Floats:
    """Return float64 (n_places, 3): the weights within one, two and three hours, the rings of
    national policy.
    """
    return cumulative(minutes, weights, RINGS_MIN)
