"""Candidates ranked for an objective: what each gains alone, last and on average, and what to build on a budget."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from railshed.appraise import Portfolio
from railshed.arguments import checked, flag, instance, many, optional, path, text, whole
from railshed.attribution import EXACT_PARTS, PERMUTATIONS, Attribution, attribute
from railshed.candidatefile import Budget, Candidate, budget_of, read_candidates, scenarios_of
from railshed.choose import Choice, choose
from railshed.errors import ParameterError
from railshed.ground import round_to_total
from railshed.model import City, Network
from railshed.objectives import Objective, objective_of, objective_or_name
from railshed.progress import progress_bar
from railshed.runs import Run, circle_kinds, prepare

#: orders drawn at most; each costs as many sets as there are candidates
_MOST_PERMUTATIONS = 100_000


@dataclass(frozen=True, slots=True)
class Ranking:
    """Candidates judged by one objective."""

    objective: Objective
    candidates: tuple[Candidate, ...]
    cities: tuple[City, ...]
    #: without any of them
    before: float
    attribution: Attribution
    budget: Budget | None
    #: None where there is no budget
    choice: Choice | None
    #: a further candidate never makes the objective less: all of them only add trips
    monotone: bool
    #: circles of cities that were worked out; what was assumed
    n_circles: int
    notes: tuple[str, ...]

    def __repr__(self) -> str:
        total = f"{self.attribution.total:,.0f} {self.objective.unit}"
        return f"<Ranking of {len(self.candidates)} candidates by {self.objective.name}: together {total}>"

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the candidates as in the file."""
        return tuple(one.name for one in self.candidates)

    @property
    def shapley(self) -> tuple[float, ...]:
        """Shapley values as printed: whole persons, which sum to the printed total."""
        values = self.attribution.shapley
        return tuple(map(float, round_to_total(values))) if self.objective.whole else values

    @property
    def total(self) -> float:
        """Gain of all together as printed."""
        return sum(self.shapley) if self.objective.whole else self.attribution.total

    @property
    def table(self) -> list[dict[str, Any]]:
        """One row a candidate, the largest stand-alone gain first."""
        a, rows = self.attribution, []
        for k, one in enumerate(self.candidates):
            rows.append({
                "name": one.name, "gain": a.alone[k], "last_in": a.last_in[k], "shapley": self.shapley[k],
                "standard_error": a.standard_error[k], "km": one.km, "cost": one.cost,
                "gain_per_km": None if one.km is None else a.alone[k] / one.km,
                "gain_per_cost": None if one.cost is None else a.alone[k] / one.cost,
                "greedy": None if self.choice is None else k in self.choice.greedy.parts,
                "best": None if self.choice is None or self.choice.best is None else k in self.choice.best.parts,
            })  # fmt: skip
        return sorted(rows, key=lambda row: (-row["gain"], row["name"]))

    def as_plain(self) -> dict[str, Any]:
        """Return everything as plain values."""
        a, c = self.attribution, self.choice
        plans = {} if c is None else {
            "budget": str(self.budget), "gap": c.gap, "bound": c.bound, "proved": c.proved,
            "stale_gains_grown": c.n_grown,
            **{
                name: None if plan is None else {
                    "names": [self.names[k] for k in plan.parts], "gain": plan.gain, "price": plan.cost,
                    "how": plan.how,
                }
                for name, plan in (("greedy", c.greedy), ("best", c.best))
            },
        }  # fmt: skip
        return {
            "objective": str(self.objective), "cities": [city.slug for city in self.cities], "before": self.before,
            "total_gain": a.total, "shapley_sum": sum(a.shapley), "exact": a.exact, "permutations": a.n_permutations,
            "sets": a.n_evaluated if c is None else c.n_evaluated, "circles": self.n_circles,
            "only_adds": self.monotone, "candidates": self.table, "choice": plans or None, "notes": list(self.notes),
        }  # fmt: skip


_CANDIDATES = many(instance(Candidate, hint="read_candidates gives some"))


def _candidates_of(value: Any) -> Any:
    return path(value) if isinstance(value, str | os.PathLike) else _CANDIDATES(value)


def _budget_of(value: Any) -> Budget:
    return value if isinstance(value, Budget) else budget_of(text(value))


@checked(
    **circle_kinds("network", "direction"),
    candidates=_candidates_of,
    cities=optional(circle_kinds("cities")["cities"]),
    region=optional(text),
    objective=objective_or_name,
    budget=optional(_budget_of),
    seed=whole(),
    n_permutations=whole(2, _MOST_PERMUTATIONS),
    progress=flag,
)
def rank_candidates(
    network: Network | Run | str | Path,
    candidates: Sequence[Candidate] | str | Path,
    *,
    cities: Sequence[str | City] | None = None,
    region: str | None = None,
    objective: Objective | str = "people60",
    budget: Budget | str | None = None,
    direction: str = "to",
    seed: int = 0,
    n_permutations: int = PERMUTATIONS,
    progress: bool = False,
) -> Ranking:
    """Return what each candidate gains, alone and together with the others, and what to build under a budget.

    Parameters
    ----------
    network
        A network, an id or a path, or what `prepare` made of it.
    candidates
        A candidates file, or what `read_candidates` gave.
    cities, region
        Whose circles count, united; an agglomeration means its core cities.
    objective
        ``people60``, ``area45``, ``people90d`` (door to door), ``jobs60t`` (turn up and go), or an `Objective`.
    budget
        ``120km`` or ``500亿``; None: nothing is chosen.
    direction
        ``to``, ``from`` or ``both``.
    seed, n_permutations
        With more than 10 candidates: what the drawn orders follow from, and how many.
    progress
        Show on stderr how many sets of candidates are worked out.

    Raises
    ------
    InputError
        With every problem of the file, and then of all scenarios.
    NotFoundError
        Unknown city or region, with the nearest names.
    ParameterError
        An objective or budget that is not allowed.
    """
    run = network if isinstance(network, Run) else prepare(network)
    wanted = objective_of(objective) if isinstance(objective, str) else objective
    assert budget is None or isinstance(budget, Budget)
    if isinstance(candidates, Path):
        candidates = read_candidates(candidates, budget)
    found: tuple[Candidate, ...] = tuple(candidates)  # type: ignore[arg-type]
    chosen = cities_of(run.compiled.network, cities, region)
    n_sets = 2 ** len(found) if len(found) <= EXACT_PARTS else None
    with progress_bar(n_sets, progress, "sets of candidates") as step:
        portfolio = Portfolio(run, chosen, scenarios_of(found), [wanted], direction, step)
        value = portfolio.function()
        names = [one.name for one in found]
        shares = attribute(value, names=names, seed=seed, n_permutations=n_permutations)
        choice = None
        if budget is not None:
            prices = [one.price(budget.unit) for one in found]
            missing = [name for name, price in zip(names, prices, strict=True) if price is None]
            if missing:
                raise ParameterError(f"the budget is {budget}: {', '.join(missing)} has no {budget.unit}")
            choice = choose(value, [price for price in prices if price is not None], budget.amount)
    return Ranking(
        wanted, found, tuple(chosen), value(()), shares, budget, choice, portfolio.monotone, portfolio.n_circles,
        portfolio.notes,
    )  # fmt: skip


def cities_of(network: Network, cities: Sequence[str | City] | None, region: str | None) -> list[City]:
    """Return the cities named, or the core cities of an agglomeration.

    Raises
    ------
    ParameterError
        Where both or none are given, or the region has no core city.
    """
    if (cities is None) == (region is None):
        raise ParameterError("give one of the two: cities=['chengdu'] or region='cy' (--city chengdu or --region cy)")
    if cities is not None:
        named = [city if isinstance(city, City) else network.get_city(city) for city in cities]
        return list({city.slug: city for city in named}.values())
    assert region is not None
    known = network.get_region(region)
    found = [c for c in network.cities if known.region_id in c.regions and c.role == "core"]
    if not found:
        raise ParameterError(f"region {known.region_id} has no core city; `railshed cities` lists them")
    return found
