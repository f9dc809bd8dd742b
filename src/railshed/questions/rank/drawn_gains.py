"""What candidates may gain in draws of their trains and run times, and whether the draws tell one
from another.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np

from railshed.comparisons.ensemble import changed_keys
from railshed.comparisons.forecast import changes_of, spread
from railshed.comparisons.incremental.baseline import Change
from railshed.comparisons.objective import N_PHASES, Objective
from railshed.network.model import Network
from railshed.questions.rank.portfolio import ObjectiveEvaluator
from railshed.scenario.apply import resolve
from railshed.scenario.files import Scenario
from railshed.util.array_types import Floats
from railshed.util.executors import run_tasks
from railshed.util.progress import progress_bar

#: draws by default, and at most
N_DRAWN = 100
MOST_DRAWN = 10_000
#: with a smaller probability that one gains more than another the draws do not distinguish them
LEAST_SURE = 0.8


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a candidate gains alone, in each draw."""

    #: float64 (n_draws,) sorted; None where it cannot be drawn: what it changes takes full runs
    gains: Floats | None

    def row(self, objective: Objective) -> dict[str, float | None]:
        """Return the mean and the middle 80 % of the draws, as written to files."""
        found = spread(self.gains)
        return {
            f"drawn_{key}": None if (value := found[key]) is None else objective.rounded(value)
            for key in ("mean", "low", "high")
        }

    def beats(self, other: Drawn) -> float | None:
        """Return the probability that it gains more than another, a tie counting half: over all
        pairs of draws.
        """
        if self.gains is None or other.gains is None:
            return None
        below = [
            np.searchsorted(other.gains, self.gains, side=side).mean() for side in ("left", "right")
        ]
        return float(np.mean(below)) / len(other.gains)


@dataclass(frozen=True, slots=True)
class _Draws:
    """What draws the candidates of one evaluator."""

    evaluator: ObjectiveEvaluator
    n: int
    seed: int
    city: str | None

    def of(self, scenario: Scenario) -> Drawn:
        """Return what a scenario gains alone in each draw."""
        base = self.evaluator.baseline
        if base is None:
            return Drawn(None)
        plan = resolve(base.network, scenario, city=self.city)
        changes, *_ = changes_of(
            base, plan, scenario, n_plans=self.n, seed=self.seed, city=self.city
        )
        return Drawn(np.sort(gains_of(self.evaluator, changes)))


def gains_of(evaluator: ObjectiveEvaluator, changes: Sequence[Change]) -> Floats:
    """Return float64 (n_changes,): what the united circles gain in each change of the evaluator's
    baseline.
    """
    goal = evaluator.objective
    base = evaluator.baseline
    assert base is not None
    cities = [city for city in base.cities if goal.reading in city.seconds]
    keys = changed_keys(
        (change.cities.get(city.slug) for change in changes for city in cities), goal.reading
    )
    before = [
        goal.counts(city.seconds[goal.reading].at(city.facts.keys, keys).rail_s) for city in cities
    ]
    was = np.max(before, axis=0)
    weights = evaluator.weights(keys)
    found = np.zeros(len(changes))
    for k, change in enumerate(changes):
        after = list(before)
        for n, city in enumerate(cities):
            own = change.cities.get(city.slug)
            if own is not None and goal.reading in own.cells:
                after[n] = before[n].copy()
                at = np.searchsorted(keys, own.cells[goal.reading])
                after[n][at] = goal.counts(own.after_s[goal.reading].rail_s)
        found[k] = goal.value(float(((np.max(after, axis=0) - was) * weights).sum()))
    return found


def n_drawn_of(network: Network, n_plans: int | None) -> int:
    """Return how many draws are made: fewer where only departures are drawn, as many as
    of phases.
    """
    if n_plans is not None:
        return n_plans
    return N_DRAWN if network.service_plans else N_PHASES


def draw_gains(
    evaluator: ObjectiveEvaluator,
    scenarios: Sequence[Scenario],
    n: int,
    *,
    seed: int = 0,
    city: str | None = None,
    progress: bool = False,
    executor: Executor | None = None,
) -> list[Drawn]:
    """Return what each scenario gains alone in `n` draws; none are drawn where `n` is 0.

    See `forecast.changes_of`; `city` is that by which scenarios are resolved.
    """
    if not n:
        return []
    found: list[Drawn] = []
    with progress_bar(len(scenarios), progress, "candidates drawn") as step:
        for one in run_tasks(_Draws.of, _Draws(evaluator, n, seed, city), scenarios, executor, 1):
            found.append(one)
            step()
    return found


@dataclass(frozen=True, slots=True)
class First:
    """How the first of some candidates stands to the others in the draws."""

    name: str
    n_draws: int
    #: name of each other one that the draws do not tell from it, and the probability that the first
    #: gains more
    close: tuple[tuple[str, float], ...]
    #: the least of these probabilities over all others, None where there is no other
    least_p: float | None


def first_of(ranked: Sequence[tuple[str, Drawn]]) -> First | None:
    """Return how the first of ranked candidates (name and draws) stands to the others; None: none
    gains anything.
    """
    if (
        not ranked
        or ranked[0][1].gains is None
        or not any(one.gains is not None and one.gains.any() for _, one in ranked)
    ):
        return None
    (name, best), *others = ranked
    assert best.gains is not None
    sure = [(other, p) for other, one in others if (p := best.beats(one)) is not None]
    close = tuple((other, round(p, 2)) for other, p in sure if p < LEAST_SURE)
    most = 1 - 1 / len(best.gains)  # of so few draws nothing is certain
    least_p = min((round(min(p, most), 2) for _, p in sure), default=None)
    return First(name, len(best.gains), close, least_p)
