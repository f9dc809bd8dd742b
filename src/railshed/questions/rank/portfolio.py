"""The effect of scenarios on the circles of cities: an objective's value of every set of them, each
city computed once.

A city's circle is stored as the keys of its cells on the grid that all cities share, and what they
count, so that circles are united before anything is summed and no place is counted twice. A set of
scenarios that leaves a city as it was, or as a larger set leaves it, costs nothing there: see
`_City`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from railshed.assumptions.readings import get_reading
from railshed.cells.cell_keys import distinct, find_keys, not_among
from railshed.circles.analysis import HEADLINE_CUTOFFS, AnalysisInputs, case_of, cases_of
from railshed.circles.cell_counts import build_counts
from railshed.circles.common_cells import CommonCells, united_model
from railshed.circles.study_area import land_of
from railshed.comparisons.incremental.baseline import Baseline, baseline
from railshed.comparisons.incremental.city_baseline import base_of
from railshed.comparisons.incremental.city_change import Footprint
from railshed.comparisons.objective import AREA, PEOPLE, Objective
from railshed.comparisons.plans import new_terminals, run_after
from railshed.network.cities import City
from railshed.questions.rank.independence import find_blocks
from railshed.questions.rank.reached import N_DRAWS_OF_KEY, Reached, circle_of, reached_of, united
from railshed.questions.rank.set_functions import EXACT_PARTS, Chosen, SetFunction, largest_sets
from railshed.scenario.apply import resolve
from railshed.scenario.files import Scenario, compose
from railshed.scenario.plan import Plan, with_seed
from railshed.util.array_types import Ints64
from railshed.util.errors import InputError, Issue, ParameterError
from railshed.util.executors import run_tasks
from railshed.util.number_format import counted
from railshed.util.progress import Step
from railshed.util.units import MINUTE

#: ways to take one of all candidates that exclude each other, at most
_MOST_WAYS = 64


class ObjectiveEvaluator:
    """An objective over the united circles of cities, on one grid."""

    #: what scenarios change is computed from it; None where that takes full runs
    _baseline: Baseline | None = None

    def __init__(
        self,
        run: AnalysisInputs,
        cities: Sequence[City],
        objective: Objective,
        direction: str = "to",
    ) -> None:
        self.run = run
        self.objective = objective
        self.direction = direction
        self.cities = tuple(cities)
        self._check()
        self._lead = united_model(cases_of(run, self.cities))
        self._keys = np.empty(0, np.int64)
        self._weights = np.empty(0)

    def _check(self) -> None:
        network = self.run.compiled.network
        one = self.objective
        problems = []
        own = () if self.run.opportunities is None else self.run.opportunities.columns
        legs = get_reading(one.reading, self.run.readings).legs
        if legs == "station":
            problems.append(f"{one.name}: {one.reading} has no people and no area of its own")
        elif not any(case.has_goal(legs) for case in cases_of(self.run, self.cities)):
            problems.append(
                f"{one.name}: {one.reading} is not defined: no station is near an employment centre"
            )
        if one.column not in (AREA, PEOPLE, *own):
            problems.append(
                f"{one.name}: no column {one.column!r}; there are {', '.join((PEOPLE, AREA, *own))}"
            )
        elif one.column == PEOPLE and network.population is None and PEOPLE not in own:
            problems.append(
                f"{one.name}: network {network.network_id} has no people; name a file of people"
            )
        if problems:
            raise ParameterError("; ".join(problems))

    @property
    def baseline(self) -> Baseline | None:
        """What scenarios change is computed from, the circles as they are; None where that takes
        full runs.
        """
        return self._baseline if self.base else None

    @cached_property
    def base(self) -> list[Reached]:
        """The circles of the cities as they are; with them the baseline for scenarios is built
        where one applies.

        On a timetable; access along streets takes full runs.
        """
        one = self.objective
        run = self.run.changed(opportunities=None)
        known = all(city in run.compiled.network.cities for city in self.cities)
        if run.compiled.schedule is None or not known:
            return [self.inside_of([self.run], city) for city in self.cities]
        base = baseline(
            run,
            self.cities[:1],
            readings=[one.reading],
            cutoffs=[one.cutoff_min],
            direction=self.direction,
        )
        if base.only_full:
            return [self.inside_of([self.run], city) for city in self.cities]
        found = tuple(base_of(case, base.question) for case in cases_of(run, self.cities))
        self._baseline = replace(base, cities=found)
        return [circle_of(one, each) for each in found]

    def changed(self, scenario: Scenario, city: str | None = None) -> list[Reached] | None:
        """Return the circles under a scenario, from those of `base`; None: take full runs."""
        base = self.base
        one = self.objective
        if self._baseline is None:
            return None
        changes = self._baseline.with_phases(scenario, one.n_phases, city=city)
        found = []
        for known, circle in zip(self._baseline.cities, base, strict=True):
            own = [change.cities.get(known.slug) for change in changes]
            found.append(circle_of(one, known, own) if any(own) else circle)
        return found

    def blocks(
        self, scenarios: Sequence[Scenario], clashes: Iterable[Chosen], city: str | None
    ) -> list[Chosen]:
        """Return the blocks of dependent scenarios among those that only add (see `independence`).

        All of them in one block where that is not known: they take full runs.
        """
        base = self.base
        every = [frozenset(range(len(scenarios)))]
        if self._baseline is None:
            return every
        baseline = self._baseline
        assumptions = self.run.assumptions
        found: dict[Chosen, Footprint] = {}

        def footprints(block: Chosen) -> list[Footprint]:
            sets = largest_sets(block, clashes)
            for one in sets:
                if one not in found:
                    whole = compose([scenarios[k] for k in sorted(one)])
                    print_ = baseline.footprint(whole, self.objective.n_phases, city=city)
                    if print_ is None:
                        raise _FullRunError
                    found[one] = print_
            return [found[one] for one in sets]

        done = {
            each.slug: distinct(circle.cells[circle.counts == self.objective.most])
            for each, circle in zip(self.cities, base, strict=True)
        }
        walk_m = assumptions.modes["walk"].reach_m(assumptions.footpath_cap_s)
        try:
            return find_blocks(len(scenarios), footprints, done, walk_m)
        except _FullRunError:
            return every

    def inside_of(self, runs: Sequence[AnalysisInputs], city: City) -> Reached:
        """Return the circle of a city on prepared runs, one a draw or one for all: the whole
        search, no baseline.
        """
        one = self.objective
        by_draw = []
        for run in runs:
            common = CommonCells([case_of(run, city)], self.direction, one.cutoff_min * MINUTE)
            surface = common.surface(
                common.models[0], get_reading(one.reading, run.readings), [one.cutoff_min]
            )
            by_draw.append((common.study_area.keys, surface.by_rail_s))
        return reached_of(one, by_draw * (1 if len(by_draw) > 1 else one.n_phases))

    def value(self, circles: Sequence[Reached]) -> float:
        """Return the objective over the united circles, outside the cities proper: the mean over
        draws.
        """
        found = united(circles)
        return self.objective.value(self._sum(found.keys, found.counts))

    def worth(self, before: Sequence[Reached], after: Sequence[Reached]) -> dict[str, float | None]:
        """Return what united circles gain, for an objective of minutes, by name; means over draws.

        ``saved`` (person-minutes; ``saved_p10`` and ``saved_p90`` over the draws), ``savers`` (who
        have less time), ``mean_minutes`` (that each of them saves), ``within_60`` and ``within_90``
        (how many more come within).
        """
        old = united(before)
        new = united(after)
        more = new.counts.copy()
        at, known = find_keys(old.keys, new.keys)
        more[known] -= old.counts[at[known]]
        savers = self._sum(new.keys, more > 0)
        found: dict[str, float | None] = {
            "saved": self.value(after) - self.value(before),
            "savers": savers,
            "mean_minutes": self._sum(new.keys, np.maximum(more, 0)) / savers / MINUTE
            if savers
            else None,
        }
        by_draw = [self.objective.value(float(v)) for v in self._by_draw(new) - self._by_draw(old)]
        found["saved_p10"], found["saved_p90"] = map(float, np.percentile(by_draw, (10, 90)))
        for cutoff in HEADLINE_CUTOFFS:
            least = (self.objective.cutoff_min - cutoff) * MINUTE
            now, was = (circle.keys[circle.counts >= least] for circle in (new, old))
            found[f"within_{cutoff}"] = self._sum(not_among(was, now)) - self._sum(
                not_among(now, was)
            )
        return found

    def _sum(self, keys: Ints64, counts: NDArray[Any] | int = 1) -> float:
        """Return the mean over draws of what lies in cells, by keys of `Reached`, times what each
        counts.
        """
        return (
            float((self.weights(keys // N_DRAWS_OF_KEY) * counts).sum()) / self.objective.n_phases
        )

    def _by_draw(self, circle: Reached) -> NDArray[np.float64]:
        """Return float64 (n_phases,): what a circle counts in each draw."""
        counts = self.weights(circle.cells) * circle.counts
        return np.bincount(circle.keys % N_DRAWS_OF_KEY, counts, self.objective.n_phases).astype(
            np.float64
        )

    def weights(self, keys: Ints64) -> NDArray[np.float64]:
        """Return float64 (n_cells,): what lies in each cell, 0 in the cities proper and outside all
        counties.
        """
        at, known = find_keys(self._keys, keys)
        if not known.all():
            self._learn(keys[~known])
            at, known = find_keys(self._keys, keys)
        return (
            np.where(known, self._weights[at], 0.0) if len(self._weights) else np.zeros(len(keys))
        )

    def _learn(self, keys: Ints64) -> None:
        """Add the weights of new cells to the table."""
        land = land_of(self.run.cells, self.run.cells.numbers(keys))
        counts = build_counts(self._lead, land, self.run.opportunities)
        n = len(land)
        outside = counts.cell_part != 0
        every = np.append(self._keys, land.keys)
        order = np.argsort(every, kind="stable")
        self._keys = every[order]
        if self.objective.column == AREA:
            new = outside * land.grid.cell_km2
        elif self.objective.column == PEOPLE and counts.people is not None:
            people = counts.people
            part = (
                counts.county_part[people.county]
                if len(counts.county_part)
                else np.ones(len(people.county))
            )
            new = np.bincount(
                people.cell, weights=np.where(part == 0, 0, people.people), minlength=n
            )
        else:
            new = counts.others[self.objective.column] * outside
        self._weights = np.append(self._weights, new)[order]


class _FullRunError(Exception):
    """What a scenario changes is not known without a full run."""


@dataclass(eq=False)
class _City:
    """A city's circles by the set of scenarios built, each distinct circle once.

    Where scenarios only add trips, a set between two others of the same circle has it too, since no
    journey worsens when trips are added: most sets leave most cities as they were, and the largest
    set says which.
    """

    city: City
    monotone: bool
    circles: list[Reached] = field(default_factory=list)
    known: dict[Chosen, int] = field(default_factory=dict)

    def find(self, chosen: Chosen) -> Reached | None:
        """Return the circle under a set of scenarios, None where it has to be worked out."""
        at = self.known.get(chosen)
        if at is None and self.monotone:
            below = {n for s, n in self.known.items() if s < chosen}
            same = below & {n for s, n in self.known.items() if s > chosen}
            at = min(same, default=None)
        if at is None:
            return None
        self.known[chosen] = at
        return self.circles[at]

    def store(self, chosen: Chosen, circle: Reached) -> None:
        """Store the circle of a set of scenarios."""
        same = (at for at, other in enumerate(self.circles) if circle.same(other))
        self.known[chosen] = next(same, len(self.circles))
        if self.known[chosen] == len(self.circles):
            self.circles.append(circle)


def _first_line(error: InputError) -> str:
    """Return the first problem."""
    return str(error.issues[0] if error.issues else error)


class Portfolio:
    """Scenarios that may be built, and the objective under every set of them that can be built
    together.

    Two exclude each other where they cannot be resolved one after the other: they add lines of one
    name, say.
    """

    def __init__(
        self,
        run: AnalysisInputs,
        cities: Sequence[City],
        scenarios: Mapping[str, Scenario],
        objective: Objective,
        direction: str = "to",
        step: Step = lambda advance=1: None,
        executor: Executor | None = None,
    ) -> None:
        self._step = step
        self.names = tuple(scenarios)
        self._scenarios = tuple(scenarios.values())
        self._city = cities[0].slug if len(cities) == 1 else None
        self.evaluator = ObjectiveEvaluator(run, cities, objective, direction)
        #: pairs that exclude each other, and why; notes on the sets that can be built together
        self.clashes: Mapping[Chosen, str] = {}
        self.together: tuple[str, ...] = ()
        #: by scenario, names of the stations that it adds to the terminals of the cities; no figure
        #: counts them
        self.new_terminals: list[tuple[str, ...]] = []
        self.monotone, self.notes = self._check()
        self._cities = [_City(city, self.monotone) for city in self.evaluator.cities]
        self._values: dict[Chosen, float] = {}
        #: circles of cities that were worked out
        self.n_circles = 0
        #: those computed from a baseline
        self.n_from_baseline = 0
        #: which of them have to do with each other; cells that a part of a block adds to the
        #: circles
        self.blocks = [frozenset(range(len(self.names)))]
        self._more: dict[Chosen, list[Reached] | None] = {}
        #: circles that workers found in full runs
        self._full: dict[Chosen, list[Reached]] = {}
        if self.monotone:
            self.blocks = self.evaluator.blocks(self._scenarios, self.clashes, self._city)
        if executor is not None:
            self._work_ahead(executor)
        self._ahead = {*self._more, *self._full}
        # the largest sets tell which cities can change at all
        for chosen in (frozenset[int](), *largest_sets(range(len(self.names)), self.clashes)):
            self.value(chosen)

    def __getstate__(self) -> dict[str, Any]:
        """Return what workers need: the bar is moved here."""
        return vars(self) | {"_step": None}

    def _check(self) -> tuple[bool, tuple[str, ...]]:
        """Return whether a scenario more can only raise what is counted, and the notes; raises
        every error at once.

        It can where scenarios only add.
        """
        issues: list[Issue] = []
        texts = []
        notes = []
        known = set[str]()
        only_adds = True
        base = self.evaluator.run.compiled.network
        for name, scenario in zip(self.names, self._scenarios, strict=True):
            try:
                found = resolve(base, scenario, city=self._city)
            except InputError as error:
                issues += error.issues
                texts += [] if error.issues else [f"{name}: {error}"]
                continue
            only_adds &= found.only_adds
            self.new_terminals.append(new_terminals(found, self.evaluator.cities))
            notes += [f"{name}: {note}" for note in found.notes]
            known.update(found.notes)
        if issues or texts:
            head = f"candidates: {counted(len(issues) + len(texts), 'problem')}"
            raise InputError("\n  ".join([head, *texts]), issues)
        self.clashes = self._find_clashes()
        self.together = tuple(note for note in self._notes_together() if note not in known)
        return only_adds, (*dict.fromkeys(notes), *self.together)

    def _refusal(self, chosen: Iterable[int]) -> str:
        """Return why scenarios cannot be built together, "" where they can."""
        try:
            self._resolved(chosen)
        except InputError as error:
            return _first_line(error)
        return ""

    def _resolved(self, chosen: Iterable[int], draw: int = 0) -> Plan:
        scenarios = with_seed([self._scenarios[k] for k in sorted(chosen)], draw)
        return resolve(self.evaluator.run.compiled.network, scenarios, city=self._city)

    def _find_clashes(self) -> dict[Chosen, str]:
        """Return the pairs that exclude each other: both are sound alone.

        Those among what fits together are none.
        """
        if not self._refusal(range(len(self.names))):
            return {}
        together = list[int]()
        left = list[int]()
        for k in range(len(self.names)):
            (left if self._refusal([*together, k]) else together).append(k)
        pairs = {frozenset((j, k)) for k in left for j in range(len(self.names)) if j != k}
        return {pair: why for pair in sorted(pairs, key=sorted) if (why := self._refusal(pair))}

    def _notes_together(self) -> tuple[str, ...]:
        """Return the notes on the largest sets that can be built.

        Raises InputError where one cannot, though each two of it can, and ParameterError where
        there are too many.
        """
        every = largest_sets(range(len(self.names)), self.clashes)
        if len(every) > _MOST_WAYS:
            raise ParameterError(
                f"{len(every)} ways to take one of the candidates that exclude each other, at most "
                f"{_MOST_WAYS} are "
                "compared: leave some alternatives out, or rank those of one question first"
            )
        notes: dict[str, None] = {}
        refused = []
        for chosen in every:
            try:
                notes.update(dict.fromkeys(self._resolved(chosen).notes))
            except InputError as error:
                refused.append(
                    f"{', '.join(self.names[k] for k in sorted(chosen))}: {_first_line(error)}"
                )
        if refused:
            raise InputError(
                f"candidates exclude each other though each two can be built: {'; '.join(refused)}"
            )
        return tuple(notes)

    def runs_of(self, chosen: Chosen) -> list[AnalysisInputs]:
        """Return the run on the network with a set of the scenarios, in the listed order, in each
        draw of phases.
        """
        draws = range(self.evaluator.objective.n_phases if chosen else 1)
        return [run_after(self.evaluator.run, self._resolved(chosen, draw)) for draw in draws]

    def value(self, chosen: Chosen) -> float:
        """Return the objective under a set of the scenarios.

        The one place where circles are worked out.
        """
        if chosen not in self._values:
            runs: list[AnalysisInputs] = []
            circles = []
            known = self._incremental(chosen)
            self.n_from_baseline += len(self._cities) if known is not None and chosen else 0
            for k, each in enumerate(self._cities):
                circle = each.find(chosen) if known is None else known[k]
                if circle is None:
                    if chosen not in self._full:
                        runs = runs or self.runs_of(chosen)
                    circle = (
                        self._full[chosen][k]
                        if not runs
                        else self.evaluator.inside_of(runs, each.city)
                    )
                    self.n_circles += 1
                each.store(chosen, circle)
                circles.append(circle)
            self._values[chosen] = self.evaluator.value(circles)
            if chosen not in self._ahead:
                self._step()
        return self._values[chosen]

    def _incremental(self, chosen: Chosen) -> Sequence[Reached] | None:
        """Return the circles under a set of scenarios from the baseline, None where they take full
        runs.
        """
        if not chosen:
            return self.evaluator.base
        more = []
        for part in (part for block in self.blocks if (part := chosen & block)):
            if part not in self._more:
                self._more[part] = self.added(part)
            if (found := self._more[part]) is None:
                return None
            more.append(found)
        if not self.monotone:  # all in one block
            return more[0]
        return [
            united([old, *(each[k] for each in more)]) for k, old in enumerate(self.evaluator.base)
        ]

    def added(self, part: Chosen) -> list[Reached] | None:
        """Return the cells that a part of a block adds to the circles, from the baseline; None: it
        takes full runs.

        Where scenarios do more than add, all cells of the circles.
        """
        circles = self.evaluator.changed(
            compose([self._scenarios[k] for k in sorted(part)]), self._city
        )
        if not self.monotone:
            return circles
        return circles and [
            new.beyond(old) for new, old in zip(circles, self.evaluator.base, strict=True)
        ]

    def in_full(self, chosen: Chosen) -> list[Reached]:
        """Return the circles of the cities under a set of the scenarios, in full runs."""
        runs = self.runs_of(chosen)
        return [self.evaluator.inside_of(runs, city) for city in self.evaluator.cities]

    def _work_ahead(self, executor: Executor) -> None:
        """Work out on workers what sets do of which a ranking asks: all of a small block; single,
        last in, all others.

        In full runs those of all sizes where a scenario more may harm; else few of them are asked
        for.
        """
        sets = list[Chosen]()
        quick = self.evaluator.baseline is not None
        for block in self.blocks:
            few = len(block) <= EXACT_PARTS and (quick or not self.monotone)
            sizes = range(1, len(block) + 1) if few else sorted({1, len(block) - 1, len(block)})
            sets += [
                frozenset(each) for size in sizes for each in combinations(sorted(block), size)
            ]
        sets = [one for one in sets if not any(pair <= one for pair in self.clashes)]
        known: dict[Chosen, Any] = self._more if quick else self._full
        for one, found in zip(
            sets,
            run_tasks(Portfolio.added if quick else Portfolio.in_full, self, sets, executor),
            strict=True,
        ):
            known[one] = found
            self._step()

    def function(self) -> SetFunction:
        """Return the objective as a function of the set of scenarios."""
        blocks = self.blocks_of_gain()
        return SetFunction(
            len(self.names), self.value, monotone=self.monotone, clashes=self.clashes, blocks=blocks
        )

    def blocks_of_gain(self) -> list[Chosen]:
        """Return blocks of scenarios whose gains add up: no two gain the same cell, in whichever
        city, or clash.

        What parts of a block gain is gained by one of its largest sets, and circles are those of
        each block united.
        """
        if len(self.blocks) == 1:
            return self.blocks
        known = self.united(frozenset())
        gains: dict[Chosen, Ints64] = {}
        for block in self.blocks:
            every = [
                self.united(chosen).beyond(known).cells
                for chosen in largest_sets(block, self.clashes)
            ]
            merged = block
            gain = distinct(np.concatenate(every))
            for other in list(gains):
                same = np.intersect1d(gain, gains[other], assume_unique=True)
                if len(same) or any(pair & merged and pair & other for pair in self.clashes):
                    merged = merged | other
                    gain = np.union1d(gain, gains.pop(other))
            gains[merged] = gain
        return sorted(gains, key=min)

    def circles(self, chosen: Chosen) -> list[Reached]:
        """Return the circles of the cities under a set of scenarios."""
        self.value(chosen)
        return [each.circles[each.known[chosen]] for each in self._cities]

    def worth(self, k: int) -> dict[str, float | None]:
        """Return what a scenario is worth alone (`ObjectiveEvaluator.worth`)."""
        return self.evaluator.worth(self.circles(frozenset()), self.circles(frozenset([k])))

    def united(self, chosen: Chosen) -> Reached:
        """Return the cells within reach of any city under a set of scenarios."""
        return united(self.circles(chosen))
