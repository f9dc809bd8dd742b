"""Comparisons computed: a city or several before and after plans, united circles, and what phases
decide.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from functools import reduce
from pathlib import Path
from typing import Any

from railshed.assumptions.readings import HEADLINE, TO_TERMINALS
from railshed.cells.opportunities import Opportunities
from railshed.circles.analysis import (
    HEADLINE_CUTOFF_MIN,
    HEADLINE_CUTOFFS,
    AnalysisInputs,
    case_of,
    cases_of,
    circle_kinds,
    run_of,
)
from railshed.circles.build import circles_of
from railshed.circles.common_cells import CommonCells, united_model
from railshed.circles.result import CircleResult
from railshed.circles.study_area import cells_of
from railshed.circles.surface import Surface, directed_surface, least_of
from railshed.comparisons.changes import state_figures, states_of
from railshed.comparisons.compliance import compliance_rows
from railshed.comparisons.plans import (
    base_with,
    each_once,
    find_cities,
    new_terminals,
    resolve_plans,
    run_after,
    scenario_name,
)
from railshed.comparisons.result import ComparisonResult, UnionComparisonResult
from railshed.network.cities import City
from railshed.network.model import Network
from railshed.routing.directions import directions_of
from railshed.scenario.apply import plans_alone, resolve, scenario_of
from railshed.scenario.files import Scenario
from railshed.scenario.plan import Plan
from railshed.util.errors import InputError, ParameterError
from railshed.util.executors import run_tasks
from railshed.util.units import MINUTE
from railshed.util.validation import checked, instance, many, optional, text

_LOG = logging.getLogger(__name__)


@checked(**circle_kinds("cutoffs", "reading", "direction"))
def comparisons_of(
    run: AnalysisInputs,
    city: City,
    plans: Sequence[Plan],
    afters: Sequence[AnalysisInputs],
    *,
    reading: str,
    direction: str,
    cutoffs: Sequence[int] | None,
) -> list[ComparisonResult]:
    """Return a city's comparison with each plan; `afters` are the plans' runs.

    No plan moves the goal: terminals, centres, windows and city proper are those of the city
    before.
    """
    cases = [case_of(run, city), *(case_of(after, city) for after in afters)]
    before, *circles = circles_of(cases, run, reading=reading, direction=direction, cutoffs=cutoffs)
    return [
        ComparisonResult(
            plan.title,
            before,
            circle,
            plan,
            _if_city(run, city, plan, after, direction),
            _new_targets(run, circle),
        )
        for plan, circle, after in zip(plans, circles, afters, strict=True)
    ]


def _new_targets(run: AnalysisInputs, circle: CircleResult) -> dict[str, Any] | None:
    """Return the plan's stations near a centre, at which journeys may end, and the people that they
    bring.

    People by rail, door to door, outside the city proper, less those without these ends. None
    without any.
    """
    counts = circle.counts
    now = circle.surfaces.get(HEADLINE)
    case = counts.case
    ways = directions_of(circle.direction)
    known = run.compiled.network.station_index()
    stations = case.compiled.network.stations
    ends = {k for way in ways for k in case.ways_to_centres(way)}
    new = sorted(k for k in ends if stations[k].station_id not in known)
    if now is None or not new:
        return None
    other = case.without_targets(new)
    cells = cells_of(other, counts.land, ways, circle.limit_s)
    without = directed_surface(other, cells, now.reading, circle.direction, count_trips=False)
    found: dict[str, Any] = {"stations": [stations[k].name for k in new]}
    within = [counts.within(s.by_rail_s, HEADLINE_CUTOFFS) for s in (now, without)]
    for cutoff in HEADLINE_CUTOFFS:
        with_, rest = (own[cutoff].people_outside for own in within)
        found[f"people_{cutoff}"] = None if with_ is None or rest is None else with_ - rest
    return found


def _if_city(
    run: AnalysisInputs, city: City, plan: Plan, after: AnalysisInputs, direction: str
) -> dict[str, Any] | None:
    """Return what a plan gains by rail, door to station, if its new terminals count as the city;
    None without any.
    """
    names = new_terminals(plan, [city])
    if not names:
        return None
    moved = replace(city, core_station_ids=plan.network.get_city(city.slug).core_station_ids)
    cases = [case_of(run, city), case_of(after, moved)]
    limit_s = HEADLINE_CUTOFF_MIN * MINUTE
    common = CommonCells(cases, direction, limit_s, run.opportunities)
    was, now = (
        common.surface(case, run.readings[TO_TERMINALS], [HEADLINE_CUTOFF_MIN]).by_rail_s <= limit_s
        for case in cases
    )
    figures = state_figures(
        {state: common.counts.inside(cells) for state, cells in states_of(was, now).items()}
    )
    gained = {key: figures[key] for key in ("people_gained", "area_km2_gained")}
    return {
        "terminals": names,
        "reading": TO_TERMINALS,
        "cutoff_min": HEADLINE_CUTOFF_MIN,
        **gained,
    }


@checked(
    comparisons=many(instance(ComparisonResult, hint="comparisons(...) gives some")),
    name=text,
    name_en=text,
    **circle_kinds("run"),
)
def unite(
    run: AnalysisInputs,
    comparisons: Sequence[ComparisonResult],
    *,
    name: str = "",
    name_en: str = "",
) -> UnionComparisonResult:
    """Return the united circles of several cities before and after one plan, each place counted
    once. See `Analysis.unite`.
    """
    plan = comparisons[0].plan
    if plan is None or any(c.plan is not plan for c in comparisons):
        raise ParameterError(
            "comparisons: allowed are those of one plan, as comparisons(...) gives them"
        )
    after = run_after(run, plan)
    first = comparisons[0].before
    sides = [
        [case_of(side, circle.city) for circle in circles]
        for side, circles in (
            (run, [c.before for c in comparisons]),
            (after, [c.after for c in comparisons]),
        )
    ]
    common = CommonCells(
        [*sides[0], *sides[1]],
        first.direction,
        first.limit_s,
        run.opportunities,
        united_model(sides[0]),
    )
    widest = max(
        comparisons, key=lambda one: len(one.surfaces)
    )  # in a city without door to door no one is within it
    readings = [own.reading for own, _ in widest.surfaces.values()]
    cutoffs = first.cutoffs_by_reading
    was, now = (
        reduce(
            _least,
            (
                {r.name: common.surface(case, r, cutoffs[r.name]) for r in readings}
                for case in cases
            ),
        )
        for cases in sides
    )
    name = name or ", ".join(c.before.city.label for c in comparisons)
    pairs = {key: (was[key], now[key]) for key in widest.surfaces}
    return UnionComparisonResult(
        title=plan.title,
        name=name,
        name_en=name_en,
        comparisons=tuple(comparisons),
        common=common.counts,
        united=pairs,
        plan=plan,
    )


@checked(
    **circle_kinds("network", "city", "cutoffs", "reading", "direction"), scenario=many(scenario_of)
)
def compare(
    network: Network | AnalysisInputs | str | Path,
    city: str | City,
    scenario: Scenario | str | Path | Sequence[Scenario | str | Path],
    *,
    cutoffs: Sequence[int] | None = None,
    reading: str = HEADLINE,
    direction: str = "to",
    access: Sequence[str] | None = None,
) -> ComparisonResult:
    """Return the circle of a city before and after a scenario, on the same cells.

    See `Analysis.compare`.
    """
    inputs = run_of(network, access=access)
    (found,) = find_cities(inputs, [city])
    scenarios: Any = scenario
    plan = resolve(base_with(inputs.compiled.network, [found]), scenarios, city=found.slug)
    (comparison,) = comparisons_of(
        inputs,
        found,
        [plan],
        [run_after(inputs, plan)],
        reading=reading,
        direction=direction,
        cutoffs=cutoffs,
    )
    return comparison


@checked(
    **circle_kinds("run", "cities", "cutoffs", "reading", "direction", "executor"),
    scenarios=many(scenario_of),
)
def iter_comparisons(
    run: AnalysisInputs,
    cities: Sequence[str | City],
    scenarios: Sequence[Scenario | str | Path],
    *,
    cutoffs: Sequence[int] | None = None,
    reading: str = HEADLINE,
    direction: str = "to",
    executor: Executor | None = None,
) -> Iterator[list[ComparisonResult]]:
    """Yield for each city its comparisons: each scenario alone, then (of several) all together in
    order. See `Analysis.comparisons`.
    """
    found = find_cities(run, cities)
    given, again = each_once(scenarios)  # type: ignore[arg-type]
    for message in again:
        _LOG.warning("%s", message)
    plans = resolve_plans(run, found, given)
    if plans.clash:
        _LOG.warning("all scenarios together are left out: %s", plans.clash)
    afters = [run_after(run, plan) for plan in plans.every]
    yield from compare_cities(
        run,
        found,
        plans.every,
        afters,
        executor,
        reading=reading,
        direction=direction,
        cutoffs=cutoffs,
    )


def compare_cities(
    run: AnalysisInputs,
    cities: Sequence[City],
    plans: Sequence[Plan],
    afters: Sequence[AnalysisInputs],
    executor: Executor | None = None,
    **asked: Any,
) -> Iterator[list[ComparisonResult]]:
    """Yield for each city its comparison with each plan, as `comparisons_of`; a city is a task of
    the executor.
    """
    every = [case.city for case in cases_of(run, cities)]
    return run_tasks(_compared, (run, plans, afters, asked), every, executor, workers=1)


def _compared(shared: tuple[Any, ...], city: City) -> list[ComparisonResult]:
    run, plans, afters, asked = shared
    return comparisons_of(run, city, plans, afters, **asked)


def _least(ones: Mapping[str, Surface], others: Mapping[str, Surface]) -> dict[str, Surface]:
    """Return by reading the surface of least times, as of united circles."""
    return {name: least_of([one, others[name]]) for name, one in ones.items()}


@checked(
    **circle_kinds("network"),
    scenarios=many(scenario_of),
    city=optional(text),
    population=optional(instance(Opportunities, hint="read_opportunities(...) gives one")),
)
def check_compliance(
    network: Network | AnalysisInputs | str | Path,
    scenarios: Scenario | str | Path | Sequence[Scenario | str | Path],
    *,
    city: str | None = None,
    population: Opportunities | None = None,
) -> list[dict[str, str]]:
    """Return the verdicts of the national rules on the lines of scenarios: one row a line and
    clause. See `Analysis.check_compliance`.
    """
    found: Any = scenarios
    base: Any = network
    if isinstance(network, AnalysisInputs):
        base = network.compiled.network
        population = network.opportunities if population is None else population
    plans = plans_alone(base, found, city=city)
    idle = ", ".join(scenario_name(plan.scenarios[0]) for plan in plans if not plan.lines)
    if idle:
        raise InputError(
            f"{idle}: adds no line, and the rules are for lines -> give scenarios with add-trips"
        )
    return [
        {"scenario": plan.title, **row}
        for plan in plans
        for row in compliance_rows(plan, population)
    ]
