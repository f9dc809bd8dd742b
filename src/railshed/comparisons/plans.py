"""Scenarios of one request: resolved together, applied to one network, their clashes found."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from itertools import combinations
from pathlib import Path

from railshed.circles.analysis import AnalysisInputs
from railshed.network.cities import City
from railshed.network.model import Network
from railshed.routing.compile import compile_network
from railshed.scenario.apply import plans_alone, resolve, scenario_of
from railshed.scenario.files import Scenario
from railshed.scenario.plan import Plan
from railshed.util.cache import with_key_of
from railshed.util.errors import InputError

#: problems printed of two scenarios that clash
_MOST_PROBLEMS = 3


@dataclass(frozen=True, slots=True)
class Plans:
    """Scenarios resolved on one network: each alone, and all together in order where they can be
    built together.
    """

    alone: tuple[Plan, ...]
    #: None for one scenario, and for several that clash
    together: Plan | None = None
    #: which of them clash and why, "" where none do
    clash: str = ""

    @property
    def every(self) -> tuple[Plan, ...]:
        """Each alone, then all together."""
        return self.alone if self.together is None else (*self.alone, self.together)

    @property
    def line_points(self) -> list[tuple[float, float]]:
        """Longitude and latitude of all stations of the planned lines."""
        return [point for plan in self.every for line in plan.lines for point in plan.points(line)]


def run_after(run: AnalysisInputs, plan: Plan) -> AnalysisInputs:
    """Return the run on the plan's network, compiled."""
    if plan.network is plan.base:
        return run
    day = run.compiled.date
    return run.changed(
        compiled=compile_network(plan.network, run.assumptions, date=day, may_be_empty=True)
    )


def new_terminals(plan: Plan, cities: Sequence[City]) -> tuple[str, ...]:
    """Return the names of the stations that a plan adds to the terminals of these cities, where it
    joins them.
    """
    slugs = {city.slug for city in cities}
    known = {station for city in cities for station in city.core_station_ids}
    now = [
        station
        for city in plan.network.cities
        if city.slug in slugs
        for station in city.core_station_ids
    ]
    return tuple(
        plan.places[station].name for station in dict.fromkeys(now) if station not in known
    )


def base_with(network: Network, cities: Sequence[City]) -> Network:
    """Return the network, extended by these cities (one of `city_at`, say, or with other
    windows).
    """
    if all(city in network.cities for city in cities):
        return network
    slugs = {city.slug for city in cities}
    return replace(network, cities=(*(c for c in network.cities if c.slug not in slugs), *cities))


def runs_after(
    run: AnalysisInputs, cities: Sequence[City], scenarios: Sequence[Scenario | str | Path]
) -> list[AnalysisInputs]:
    """Return the run on the network of each scenario alone, then of all together; those that cannot
    be are left out.
    """
    base = base_with(run.compiled.network, cities)
    city = cities[0].slug if len(cities) == 1 else None
    loaded = [scenario_of(one) for one in scenarios]
    sets = [[one] for one in loaded] + ([loaded] if len(loaded) > 1 else [])
    plans = [found for chosen in sets if isinstance(found := _together(base, chosen, city), Plan)]
    return [run_after(run, plan) for plan in plans]


def find_cities(run: AnalysisInputs, cities: Sequence[str | City]) -> list[City]:
    """Return the cities, each once."""
    network = run.compiled.network
    return list(
        dict.fromkeys(city if isinstance(city, City) else network.get_city(city) for city in cities)
    )


def each_once(scenarios: Sequence[Scenario]) -> tuple[list[Scenario], list[str]]:
    """Return the scenarios, each once, and a sentence for each listed more often."""
    found: list[Scenario] = []
    for one in scenarios:
        found += [one] if one not in found else []
    again = [
        f"{scenario_name(one)} is given {n} times: taken once"
        for one in found
        if (n := list(scenarios).count(one)) > 1
    ]
    return found, again


def resolve_plans(
    run: AnalysisInputs, cities: Sequence[City], scenarios: Sequence[Scenario]
) -> Plans:
    """Return a plan for each scenario alone and, of several, one for all in order where they do not
    clash.

    ``terminal = true`` means the city that is compared, and with several cities is an error:
    ``core_city`` says.

    Raises InputError with every problem of every scenario alone.
    """
    base = base_with(run.compiled.network, cities)
    city = cities[0].slug if len(cities) == 1 else None
    alone = tuple(_cached(plan, city) for plan in plans_alone(base, scenarios, city=city))
    if len(alone) < 2:
        return Plans(alone)
    found = _together(base, scenarios, city)
    if isinstance(found, Plan):
        return Plans(alone, _cached(found, city))
    return Plans(alone, clash=_clash(base, scenarios, city, found))


def _cached(plan: Plan, city: str | None) -> Plan:
    """Return the plan: what is made of its network is cached, as of its base, where its scenarios
    are plain values.
    """
    if plan.network is not plan.base:
        with suppress(TypeError):  # values of a scenario made in Python
            with_key_of(
                plan.network, plan.base, json.dumps([city, [asdict(one) for one in plan.scenarios]])
            )
    return plan


def _together(base: Network, scenarios: Sequence[Scenario], city: str | None) -> Plan | InputError:
    try:
        return resolve(base, scenarios, city=city)
    except InputError as error:
        return error


def _clash(
    base: Network, scenarios: Sequence[Scenario], city: str | None, whole: InputError
) -> str:
    """Return a sentence naming the scenarios that cannot follow others, with the problems."""
    clashes = []
    for earlier, later in combinations(scenarios, 2):
        found = _together(base, [earlier, later], city)
        if isinstance(found, InputError):
            clashes.append(
                f"{scenario_name(later)} after {scenario_name(earlier)}: {_problems(found)}"
            )
    return "; ".join(clashes or [_problems(whole)])


def scenario_name(scenario: Scenario) -> str:
    """Return what a scenario is called: its file, else its title."""
    return scenario.file or scenario.title


def _problems(error: InputError) -> str:
    texts = [str(issue).partition(": ")[2] for issue in error.issues] or [str(error)]
    more = f" and {len(texts) - _MOST_PROBLEMS} more" if len(texts) > _MOST_PROBLEMS else ""
    return ", ".join(texts[:_MOST_PROBLEMS]) + more
