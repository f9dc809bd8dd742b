"""Access where others compete for the same beds, school places or jobs.

Minutes are float64 (n_places, n_goals), infinite where there is no journey; demand (people) is
(n_places,), supply (n_goals,). None of these has a promise under more trips: who comes within reach
of a goal takes from others.

Sources: Luo and Wang 2003 (2SFCA), Luo and Qi 2009 (E2SFCA), Soukhov et al. 2023 (spatial
availability).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from railshed.util.array_types import Floats


def zones(minutes: Floats, cutoffs: Sequence[float], weights: Sequence[float]) -> Floats:
    """Return the weight of each pair: that of the first cutoff that holds it, 0 beyond the last."""
    place = np.searchsorted(np.asarray(cutoffs, float), minutes)
    return np.append(np.asarray(weights, float), 0.0)[place]


def floating_catchment(weight: Floats, demand: Floats, supply: Floats) -> Floats:
    """Return the supply for each person of a place (2SFCA; E2SFCA with `zones`).

    `weight` float64 (n_places, n_goals), 1 within the catchment or by zone. What a goal has is
    shared among the people of its catchment; a place adds what it has of all goals. The sum over
    places of demand times this is the supply of all goals that anyone reaches where the weights are
    0 or 1.
    """
    people = demand @ weight
    with np.errstate(divide="ignore", invalid="ignore"):
        each = np.where(people > 0, supply / people, 0.0)
    return np.asarray(weight @ each)


def spatial_availability(impedance: Floats, demand: Floats, supply: Floats) -> Floats:
    """Return how much of the supply falls to each place, shared by demand and impedance; all of
    what is reached.

    `impedance` float64 (n_places, n_goals): the weight of each pair, as of `access.decay`. The sum
    over places is the supply of the goals that anyone reaches; by place divided by demand it is for
    each person.
    """
    by_demand = demand[:, None] * impedance
    total = by_demand.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(total > 0, by_demand / total, 0.0)
    return np.asarray(share @ supply)
