"""Candidates ranked for an objective: what each gains alone, last and on average, and what to build
on a budget.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import asdict, dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

from railshed.assumptions.names import PERMUTATIONS, SAVED
from railshed.assumptions.readings import get_reading
from railshed.circles.analysis import AnalysisInputs, circle_kinds, run_of
from railshed.circles.cell_counts import round_to_total
from railshed.circles.definitions import describe_united
from railshed.comparisons.objective import AREA, PEOPLE, Objective, objective_of, objective_or_name
from railshed.network.cities import City, known_core_cities
from railshed.network.model import Network
from railshed.questions.rank.candidates import Budget, CandidateLine, budget_of, read_candidates
from railshed.questions.rank.drawn_gains import (
    MOST_DRAWN,
    Drawn,
    First,
    draw_gains,
    first_of,
    n_drawn_of,
)
from railshed.questions.rank.portfolio import Portfolio
from railshed.questions.rank.set_functions import (
    EXACT_PARTS,
    Attribution,
    Choice,
    attribute,
    choose,
)
from railshed.util.bilingual import Words
from railshed.util.errors import ParameterError
from railshed.util.progress import progress_bar
from railshed.util.sums import plain_sum
from railshed.util.validation import checked, flag, instance, many, optional, path, text, whole

#: what a candidate is worth beside the objective, where that is minutes saved
WORTH = ("savers", "mean_minutes", "within_60", "within_90")
#: orders drawn at most; each costs as many sets as there are candidates
_MOST_PERMUTATIONS = 100_000
#: what an objective counts, in Chinese
_ZH = {PEOPLE: "人口", AREA: "面积"}


@dataclass(frozen=True)
class RankingResult:
    """Candidates judged by one objective."""

    objective: Objective
    candidates: tuple[CandidateLine, ...]
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
    #: what two candidates gain together, by their numbers
    pair_gains: Mapping[tuple[int, int], float]
    #: by candidate what it is worth alone (`ObjectiveEvaluator.worth`); none unless minutes saved
    #: are counted
    worth: tuple[Mapping[str, float | None], ...]
    #: names of the stations that each candidate adds to the terminals of the cities, which no
    #: figure here counts
    new_terminals: tuple[tuple[str, ...], ...]
    #: pairs of candidates that exclude each other, by their numbers, and why
    clashes: Mapping[tuple[int, int], str]
    #: notes on the sets that can be built together
    together: tuple[str, ...]
    #: what the figures mean, in English and Chinese
    definition: str = ""
    definition_zh: str = ""
    #: circles of cities that followed from a baseline
    n_from_baseline: int = 0
    #: by candidate what it gains alone in draws of its trains and run times; none where nothing was
    #: drawn
    drawn: tuple[Drawn, ...] = ()

    def __repr__(self) -> str:
        total = f"{self.attribution.total:,.0f} {self.objective.unit}"
        return (
            f"<Ranking of {len(self.candidates)} candidates by {self.objective.name}: together "
            f"{total}>"
        )

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
        """Gain of all together as printed; with alternatives, of the best set that can be built."""
        return plain_sum(self.shapley) if self.objective.whole else self.attribution.total

    @property
    def table(self) -> list[dict[str, Any]]:
        """One row a candidate, the largest stand-alone gain first."""
        a = self.attribution
        rows = []
        for k, one in enumerate(self.candidates):
            rows.append(
                {
                    "name": one.name,
                    "gain": a.alone[k],
                    "last_in": a.last_in[k],
                    "shapley": self.shapley[k],
                    "standard_error": a.standard_error[k],
                    "km": one.km,
                    "cost": one.cost,
                    "gain_per_km": None if one.km is None else a.alone[k] / one.km,
                    "gain_per_cost": None if one.cost is None else a.alone[k] / one.cost,
                    **({key: self.worth[k][key] for key in WORTH} if self.worth else {}),
                    **(self.drawn[k].row(self.objective) if self.drawn else {}),
                    "new_terminals": list(self.new_terminals[k]),
                    "greedy": None if self.choice is None else k in self.choice.greedy.parts,
                    "best": None
                    if self.choice is None or self.choice.best is None
                    else k in self.choice.best.parts,
                }
            )
        return sorted(rows, key=lambda row: (-row["gain"], row["name"]))

    @property
    def first(self) -> First | None:
        """How the first of the table stands to the others in the draws, None where nothing was
        drawn.
        """
        by_name = dict(zip(self.names, self.drawn, strict=False))
        return first_of(
            [(row["name"], by_name[row["name"]]) for row in self.table if row["name"] in by_name]
        )

    @property
    def pairs(self) -> list[dict[str, Any]]:
        """One row a pair of candidates: what they gain together, and how much more than the sum of
        each alone.

        More: they need each other; less: they gain the same. Who differs most stands first. `p_one`
        is the probability that the first alone gains more than the other alone, over the draws.
        """
        alone = self.attribution.alone
        rounded = self.objective.rounded
        rows = [
            {
                "one": self.names[a],
                "other": self.names[b],
                "together": rounded(gain),
                "beyond_alone": rounded(gain - alone[a] - alone[b]),
                **({"p_one": self.drawn[a].beats(self.drawn[b])} if self.drawn else {}),
            }
            for (a, b), gain in self.pair_gains.items()
        ]
        return sorted(rows, key=lambda row: (-abs(row["beyond_alone"]), row["one"], row["other"]))

    @property
    def strongest_pair(self) -> dict[str, Any] | None:
        """The first row of `pairs`, None where no two candidates have to do with each other."""
        return next((row for row in self.pairs[:1] if row["beyond_alone"]), None)

    @property
    def alternatives(self) -> list[dict[str, str]]:
        """One row a pair of candidates that exclude each other: `one`, `other` and `why`."""
        return [
            {"one": self.names[a], "other": self.names[b], "why": why}
            for (a, b), why in self.clashes.items()
        ]

    @property
    def plans(self) -> list[dict[str, Any]]:
        """One row a plan under the budget (greedy, then best where it was looked for), with the gap
        of the greedy one.

        `gap` is the share of the best (where it is `proved`), else of the `bound`, that greedy
        misses.
        """
        c = self.choice
        rounded = self.objective.rounded
        if c is None:
            return []
        return [
            {
                "plan": name,
                "names": [self.names[k] for k in plan.parts],
                "gain": rounded(plan.gain),
                "price": round(plan.cost, 3),
                "budget": str(self.budget),
                "how": plan.how.en,
                "gap": None if c.gap is None else round(c.gap, 4),
                "proved": c.proved,
                "bound": None if c.bound is None else rounded(c.bound, up=not c.proved),
            }
            for name, plan in (("greedy", c.greedy), ("best", c.best))
            if plan is not None
        ]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """`table` rounded as written to files."""
        places = {"standard_error": 3, "gain_per_km": 3, "gain_per_cost": 3}
        if self.worth:
            places |= {key: 2 if key == "mean_minutes" else 0 for key in WORTH}
        return [
            row
            | {key: self.objective.rounded(row[key]) for key in ("gain", "last_in", "shapley")}
            | {key: None if row[key] is None else round(row[key], n) for key, n in places.items()}
            for row in self.table
        ]

    def as_plain(self) -> dict[str, Any]:
        """Return everything as plain values, rounded as written."""
        a = self.attribution
        c = self.choice
        rounded = self.objective.rounded
        plans = {}
        if c is not None:
            by_plan = {
                row["plan"]: {key: row[key] for key in ("names", "gain", "price", "how")}
                for row in self.plans
            }
            shared = {key: self.plans[0][key] for key in ("budget", "gap", "bound", "proved")}
            plans = {**shared, "greedy": by_plan["greedy"], "best": by_plan.get("best")}
        return {
            "objective": str(self.objective),
            "definition": self.definition,
            "cities": [city.slug for city in self.cities],
            "before": rounded(self.before),
            "total_gain": rounded(self.total),
            "shapley_sum": rounded(plain_sum(self.shapley)),
            "exact": a.exact,
            "permutations": a.n_permutations,
            "sets": a.n_evaluated if c is None else c.n_evaluated,
            "circles": self.n_circles,
            "circles_from_baseline": self.n_from_baseline,
            "only_adds": self.monotone,
            "candidates": self.rows,
            "pairs": self.pairs,
            "alternatives": self.alternatives,
            "together": list(self.together),
            "choice": plans or None,
            "first": self.first and asdict(self.first),
            "notes": list(self.notes),
        }


_CANDIDATES = many(instance(CandidateLine, hint="read_candidates gives some"))


@checked(
    **circle_kinds("network", "direction", "executor"),
    candidates=lambda value: (
        path(value) if isinstance(value, str | os.PathLike) else _CANDIDATES(value)
    ),
    cities=optional(circle_kinds("cities")["cities"]),
    region=optional(text),
    objective=objective_or_name,
    budget=optional(lambda value: value if isinstance(value, Budget) else budget_of(text(value))),
    progress=flag,
    seed=whole(),
    n_permutations=whole(2, _MOST_PERMUTATIONS),
    n_plans=optional(whole(0, MOST_DRAWN)),
)
def rank_candidates(
    network: Network | AnalysisInputs | str | Path,
    candidates: Sequence[CandidateLine] | str | Path,
    *,
    cities: Sequence[str | City] | None = None,
    region: str | None = None,
    objective: Objective | str = SAVED,
    budget: Budget | str | None = None,
    direction: str = "to",
    seed: int = 0,
    n_permutations: int = PERMUTATIONS,
    n_plans: int | None = None,
    progress: bool = False,
    executor: Executor | None = None,
) -> RankingResult:
    """Return the gain of each candidate, alone and together with the others, and the choice under a
    budget. See `Analysis.rank`.
    """
    run = run_of(network)
    objective_ = objective_of(objective) if isinstance(objective, str) else objective
    assert budget is None or isinstance(budget, Budget)
    if isinstance(candidates, Path):
        candidates = read_candidates(candidates, budget)
    found: tuple[CandidateLine, ...] = tuple(candidates)  # type: ignore[arg-type]
    chosen = cities_of(run.compiled.network, cities, region)
    n_sets = 2 ** len(found) if len(found) <= EXACT_PARTS else None
    with progress_bar(n_sets, progress, "sets of candidates") as step:
        scenarios = {one.name: one.scenario for one in found}
        portfolio = Portfolio(
            run=run,
            cities=chosen,
            scenarios=scenarios,
            objective=objective_,
            direction=direction,
            step=step,
            executor=executor,
        )
        value = portfolio.function()
        names = [one.name for one in found]
        shares = attribute(value, names=names, seed=seed, n_permutations=n_permutations)
        choice = None
        if budget is not None:
            prices = [one.price(budget.unit) for one in found]
            missing = [name for name, price in zip(names, prices, strict=True) if price is None]
            if missing:
                raise ParameterError(
                    f"the budget is {budget}: {', '.join(missing)} has no {budget.unit}"
                )
            choice = choose(value, [price for price in prices if price is not None], budget.amount)
        worth = tuple(portfolio.worth(k) for k in range(len(found))) if objective_.saves else ()
        pairs = {
            pair: value(pair) - value(())
            for pair in combinations(range(len(found)), 2)
            if value.allows(pair)
        }
    n_drawn = n_drawn_of(run.compiled.network, n_plans)
    drawn = draw_gains(
        portfolio.evaluator,
        [one.scenario for one in found],
        n_drawn,
        seed=seed,
        progress=progress,
        executor=executor,
        city=chosen[0].slug if len(chosen) == 1 else None,
    )
    return RankingResult(
        objective_,
        found,
        tuple(chosen),
        value(()),
        shares,
        budget,
        choice,
        portfolio.monotone,
        portfolio.n_circles,
        portfolio.notes,
        pairs,
        worth,
        tuple(portfolio.new_terminals),
        {(min(pair), max(pair)): why for pair, why in portfolio.clashes.items()},
        portfolio.together,
        *definition_of(run, chosen, objective_, direction),
        portfolio.n_from_baseline,
        tuple(drawn),
    )


def definition_of(
    run: AnalysisInputs, cities: Sequence[City], objective: Objective, direction: str
) -> tuple[str, str]:
    """Return the definition of an objective's figure for these cities together, in English and
    Chinese.
    """
    reading = get_reading(objective.reading, run.readings)
    outside = run.compiled.network.counties is not None and any(
        city.proper_counties for city in cities
    )
    options: dict[str, Any] = {"streets": run.streets is not None, "outside": outside}
    within = f"{objective.cutoff_min}分钟内的{_ZH.get(objective.column, objective.column)}"
    goal = Words("节省的分钟" if objective.saves else within, str(objective))
    words = describe_united(goal, reading, cities, run.assumptions, direction, **options)
    return words.en, words.zh


def cities_of(
    network: Network, cities: Sequence[str | City] | None, region: str | None
) -> list[City]:
    """Return the cities named, or the core cities of an agglomeration.

    Raises ParameterError where both or none are set, or the region has no core city.
    """
    if (cities is None) == (region is None):
        raise ParameterError(
            "give one of the two: cities=['chengdu'] or region='cy' (--city chengdu or --region cy)"
        )
    if cities is not None:
        named = [city if isinstance(city, City) else network.get_city(city) for city in cities]
        return list({city.slug: city for city in named}.values())
    assert region is not None
    return known_core_cities(network.cities, network.get_region(region))
