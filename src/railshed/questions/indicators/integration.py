"""Do the cities of an agglomeration hold together? Shares of its people, mutual reach, borders.

Minutes by rail are float64 (n_cells, n_cities), infinite where no journey is known; people are
(n_cells,), each person once. A trip more never lowers `integration_index`, `served_over_border` has
no such promise.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from railshed.util.array_types import Bools, Floats, Ints64


def integration_index(minutes: Floats, people: Floats, cutoff: float, total: float) -> float:
    """Return the share of an agglomeration's people (`total`, each once) who reach a core city
    within the cutoff.
    """
    inside = minutes.min(axis=1, initial=np.inf) <= cutoff
    return float(people[inside].sum() / total) if total > 0 else float("nan")


def mutual(minutes: Floats, cutoff: float) -> NDArray[np.bool_]:
    """Return bool (n_cities, n_cities): which cities lie within each other's cutoff, both ways;
    symmetric.

    `minutes` float64 (n_cities, n_cities): from the row to the column.
    """
    there = minutes <= cutoff
    return np.asarray(there & there.T)


def boundary_effect(
    minutes: Floats,
    people: Floats,
    region: Ints64,
    of_city: Ints64,
    cutoff: float,
    totals: tuple[float, float] | None = None,
) -> float:
    """Return the share of people who reach a city over a border by the share who reach one within
    their own region.

    `region` (n_cells,) and `of_city` (n_cities,) are prefectures or provinces. The people who
    might: of the first those with a city in another region, of the second those with one in their
    own; `totals` are both where more live there than the cells hold. 1: a border makes no
    difference; below 1 it impedes. NaN where no one reaches one in their own.
    """
    same = region[:, None] == of_city
    reached = minutes <= cutoff
    within = (reached & same).any(axis=1)
    over = (reached & ~same).any(axis=1)
    others, own = totals or (people[(~same).any(axis=1)].sum(), people[same.any(axis=1)].sum())
    if not others or not own or not people[within].sum():
        return float("nan")
    return float((people[over].sum() / others) / (people[within].sum() / own))


def served_over_border(
    minutes: Floats, people: Floats, region: Ints64, of_city: Ints64, cutoff: float
) -> float:
    """Return the share of the people who reach a city whose nearest one lies over a border."""
    best = minutes.argmin(axis=1)
    inside = minutes.min(axis=1, initial=np.inf) <= cutoff
    total = people[inside].sum()
    return (
        float(people[inside & (of_city[best] != region)].sum() / total) if total else float("nan")
    )


def labour(inside: Bools, people: Floats) -> float:
    """Return the people who reach a park, a data centre or any other point: `inside` (n_cells,) its
    circle.
    """
    return float(people[inside].sum())


#: what observed commuters against reachable people say, in the order of a table
QUADRANTS = ("both", "commuting unserved", "served unused", "neither")


def quadrants(observed: Floats, reachable: Floats) -> list[str]:
    """Return of each pair: ``both``, ``commuting unserved`` (勤而不通), ``served unused``
    (通而不勤) or ``neither``.

    Observed commuters and reachable people are many where they are above their medians.
    """
    many = observed > np.median(observed)
    near = reachable > np.median(reachable)
    names = {
        (True, True): "both",
        (True, False): "commuting unserved",
        (False, True): "served unused",
    }
    return [names.get(pair, "neither") for pair in zip(many.tolist(), near.tolist(), strict=True)]
