"""Cities x scenarios -> results, for the commands and reports: circles, their union, what plans
change, trade-offs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from railshed.api.analysis import Analysis
from railshed.api.circle import Circle
from railshed.network.cities import City, Region
from railshed.uncertainty.intervals import with_intervals
from railshed.util.errors import Issue
from railshed.util.wrap import wrap

if TYPE_CHECKING:
    from railshed.api.appraisal import TradeOffs
    from railshed.api.circle import Overlap
    from railshed.api.comparison import Comparison, Forecast, UnionComparison
    from railshed.circles.analysis import AnalysisInputs
    from railshed.comparisons.plans import Plans
    from railshed.network.model import Network
    from railshed.questions.indicators.agglomerations import Deviation
    from railshed.questions.indicators.regions import RegionIndicators
    from railshed.scenario.files import Scenario


@dataclass(frozen=True, eq=False, kw_only=True)
class Study:
    """What is computed of some cities and scenarios: city by city (`iter_...`), or once
    and cached.
    """

    run: Analysis
    cities: Sequence[City]
    #: None: single cities
    region: Region | None = None
    #: ``cutoffs``, ``reading`` and ``direction`` as `railshed.circle` takes them
    measure: Mapping[str, Any]
    scenarios: Sequence[Scenario] = ()
    plans: Plans | None = None
    #: the runs of `plans.every`
    afters: Sequence[AnalysisInputs] = ()
    #: called after each city
    step: Callable[[], None] = lambda: None
    #: what computes cities, as `Analysis.circles` takes it
    executor: Executor | None = None

    def iter_circles(self, **draws: Any) -> Iterator[Circle]:
        """Yield the circle of each city as it is; ``draws`` and ``seed`` as `railshed.circle` takes
        them.
        """
        for circle in self.run.circles(
            self.cities, executor=self.executor, **self.measure, **draws
        ):
            yield circle
            self.step()

    def iter_comparisons(self) -> Iterator[list[Comparison]]:
        """Yield the comparisons of each city, one a plan; there are plans."""
        from railshed.api.comparison import compare_cities

        plans = self.every_plan, self.afters
        for found in compare_cities(
            self.run, self.cities, *plans, executor=self.executor, **self.measure
        ):
            yield found
            self.step()

    def compute(self) -> None:
        """Compute everything that a report shows."""
        for name in (
            "circles",
            "overlap",
            "unions",
            "forecasts",
            "trade_offs",
            "compliance",
            "integration",
        ):
            getattr(self, name)

    @property
    def every_plan(self) -> Sequence[Any]:
        """Each plan alone, then all together; none without scenarios."""
        return () if self.plans is None else self.plans.every

    @cached_property
    def comparisons(self) -> Sequence[Sequence[Comparison]]:
        """By plan a comparison a city."""
        by_city = () if self.plans is None else self.iter_comparisons()
        return list(zip(*by_city, strict=True))

    @cached_property
    def circles(self) -> Sequence[Circle]:
        """One a city, as it is: those before the plans, where there are plans."""
        if self.plans is None:
            return list(self.iter_circles())
        return [wrap(Circle, with_intervals(one.before)) for one in self.comparisons[0]]

    @cached_property
    def overlap(self) -> Overlap | None:
        """The circles of a region's cities on common cells; None for a single city."""
        if self.region is None or len(self.cities) < 2:
            return None
        return self.overlap_of(self.cities, self.region, cutoff_min=self.first.headline_cutoff)

    def overlap_of(
        self, cities: Sequence[City], region: Region | None, *, cutoff_min: int
    ) -> Overlap:
        """Return the circles of some cities on common cells, under the study's reading where it has
        an area.
        """
        direction = self.measure["direction"]
        reading = self.first.surface.reading.name
        return self.run.union(
            cities, reading=reading, direction=direction, cutoff_min=cutoff_min, **_names(region)
        )

    @cached_property
    def unions(self) -> Sequence[UnionComparison]:
        """By plan the united circles of a region's cities before and after it; none for a single
        city.
        """
        return [] if self.region is None or len(self.cities) < 2 else self.united(self.comparisons)

    def united(self, comparisons: Sequence[Sequence[Comparison]]) -> list[UnionComparison]:
        """Return the united circles of all cities from their comparisons by plan."""
        return [self.run.unite(mine, **_names(self.region)) for mine in comparisons]

    @cached_property
    def compliance(self) -> list[dict[str, Any]]:
        """The verdicts of the national rules on each plan's lines, where the rules hold (see
        `compliance_of`).
        """
        from railshed.comparisons.compliance import compliance_of

        plans = () if self.plans is None else self.plans.alone
        return compliance_of(self.run.compiled.network, plans, self.run.opportunities)

    @cached_property
    def forecasts(self) -> list[Forecast]:
        """What may come of all plans together, one a city; none where the network does not say how
        its railways run.
        """
        from railshed.comparisons.forecast import n_plans_of

        n = n_plans_of(self.run.compiled.network)
        if self.plans is None or self.plans.clash or not n:
            return []
        return [self.run.forecast(city, self.scenarios, n, **self.measure) for city in self.cities]

    @cached_property
    def trade_offs(self) -> list[TradeOffs]:
        """Those of each scenario that adds a line, for the city where it changes most."""
        found = []
        for scenario, mine in zip(
            self.scenarios, self.comparisons, strict=False
        ):  # the last are of all together
            if mine[0].plan is not None and mine[0].plan.lines:
                most = max(mine, key=lambda one: (_moved(one), -mine.index(one)))
                asked = {name: self.measure[name] for name in ("reading", "direction")}
                found.append(self.run.trade_offs(most.before.city, scenario, **asked))
        return found

    @cached_property
    def integration(self) -> RegionIndicators | None:
        """Who of a region reaches a core city; None of cities alone, and where no people
        are known.
        """
        from railshed.questions.indicators.interval import with_interval
        from railshed.questions.indicators.regions import known_indicators

        asked = self.first.surface.reading.name, self.measure["direction"]
        found = (
            None
            if self.region is None
            else known_indicators(self.run, self.region, self.cities, *asked)
        )
        interval = None if self.plans else self.first.interval
        return (
            found
            if found is None or interval is None
            else with_interval(self.run, found, interval.n_draws)
        )

    @cached_property
    def measures(self) -> Mapping[str, float | None]:
        """The measures of the circles; none where those are of another reading, direction or
        cutoffs.
        """
        from railshed.questions.indicators.agglomerations import has_measures, measures_of

        return measures_of(self.circles) if has_measures(self.circles) else {}

    @cached_property
    def deviations(self) -> Sequence[Deviation] | None:
        """How far the measures lie from the median of the 19, largest first; None where those are
        of another kind.
        """
        from railshed.questions.indicators.agglomerations import (
            deviations_of,
            is_comparable,
            table_of_the_19,
        )

        if not is_comparable(self.circles):
            return None
        table = table_of_the_19(lines=bool(self.network.lines_included))
        slugs = "|".join(circle.city.slug for circle in self.circles)
        own = next((key for key, row in table.items() if row["core_cities"] == slugs), None)
        return deviations_of(self.measures, table, own)

    @cached_property
    def issues(self) -> Sequence[Issue]:
        """What reading and checking the network found."""
        from railshed.network.checks import validate

        return [*self.run.compiled.network.issues, *validate(self.run.compiled.network)]

    @property
    def union(self) -> Mapping[str, Any] | None:
        """Rows of the united circles by kind; None for a single city."""
        return None if self.overlap is None else self.overlap.union

    @property
    def inside(self) -> dict[str, int] | None:
        """People of the region's member cities: of the census, and within any circle; None where
        not known.
        """
        if (
            self.overlap is None
            or self.region is None
            or not len((rows := self.overlap.members).columns)
        ):
            return None
        mine = rows[rows["region"] == self.region.region_id]
        known = mine[["people_census", f"people_total_{self.overlap.cutoff_min}"]].astype(float)
        if known.isna().all().any():
            return None
        return dict(
            zip(("people_census", "people_inside"), known.sum().astype(int).tolist(), strict=True)
        )

    @property
    def network(self) -> Network:
        """The network as it is."""
        return self.first.network

    @property
    def first(self) -> Circle:
        """The circle of the first city."""
        return self.circles[0]

    @property
    def counted(self) -> bool:
        """Whether people are known."""
        return self.first.counts.people is not None


def study_of(
    run: AnalysisInputs,
    cities: Sequence[City],
    scenarios: Sequence[Scenario] = (),
    *,
    region: Region | None = None,
    measure: Mapping[str, Any],
    with_people: Callable[
        [AnalysisInputs, Sequence[AnalysisInputs], Plans | None], AnalysisInputs
    ] = lambda run, afters, plans: run,
    step: Callable[[], None] = lambda: None,
    executor: Executor | None = None,
) -> Study:
    """Return a study, its scenarios resolved together and nothing computed yet.

    Parameters
    ----------
    measure
        ``cutoffs``, ``reading`` and ``direction`` as `railshed.circle` takes them.
    with_people
        Gives the run the people of one's own, read where these circles and those after the plans
        may reach.
    step
        Called after each city.
    executor
        As `Analysis.circles` takes it.

    Raises
    ------
    InputError
        When a scenario cannot be applied; names every problem of all.
    """
    plans = None
    afters = []
    if scenarios:
        from railshed.comparisons.plans import resolve_plans, run_after

        plans = resolve_plans(run, cities, scenarios)
        afters = [run_after(run, plan) for plan in plans.every]
    return Study(
        run=Analysis.of(with_people(run, afters, plans)),
        cities=cities,
        region=region,
        measure=measure,
        scenarios=scenarios,
        plans=plans,
        afters=afters,
        step=step,
        executor=executor,
    )


def _names(region: Region | None) -> dict[str, Any]:
    return {} if region is None else {"name": region.name, "name_en": region.name_en}


def _moved(found: Comparison) -> float:
    row = found.headline_row()
    what = "people" if row["people_gained"] is not None else "area_km2"
    return float(row[f"{what}_gained"] + row[f"{what}_lost"])
