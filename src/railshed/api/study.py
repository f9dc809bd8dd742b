"""Everything that a report tells of, computed once: circles, their union, what plans change, trade-offs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from railshed.api.analysis import analysis_of
from railshed.api.appraisal import TradeOffs, trade_offs
from railshed.api.comparison import compare_plans, unite
from railshed.comparisons import compliance as compliance_
from railshed.comparisons import plans as plans_
from railshed.comparisons.plans import Plans
from railshed.indicators.agglomerations import Deviation, deviations_of, is_comparable, measures_of, table_of_the_19
from railshed.network.checks import validate
from railshed.network.cities import City, Region
from railshed.scenario.files import Scenario
from railshed.util.errors import Issue, ParameterError

if TYPE_CHECKING:
    from railshed.api.circle import Circle
    from railshed.api.comparison import Comparison, UnionComparison
    from railshed.api.union import Overlap
    from railshed.circles.analysis import AnalysisInputs
    from railshed.network.model import Network


@dataclass(frozen=True, eq=False)
class Study:
    """The results that a report is written from."""

    run: AnalysisInputs
    #: None: single cities
    region: Region | None
    #: as they are, one a city
    circles: Sequence[Circle]
    #: of the circles of a region's cities; None for a single one
    overlap: Overlap | None = None
    plans: Plans | None = None
    #: by plan: a comparison a city, and of a region's cities together
    comparisons: Sequence[Sequence[Comparison]] = ()
    unions: Sequence[UnionComparison] = ()
    #: of each plan that adds lines, for the city where it changes most
    trade_offs: Sequence[TradeOffs] = ()
    issues: Sequence[Issue] = ()
    measures: Mapping[str, float | None] = field(default_factory=dict)
    #: from the median of the 19, the largest first; None where they are of another kind
    deviations: Sequence[Deviation] | None = None
    #: rows of `api.compliance_rows` with the scenario's title
    compliance: Sequence[Mapping[str, Any]] = ()

    @property
    def union(self) -> Mapping[str, Any] | None:
        """Rows of the united circles by kind; None for a single city."""
        return None if self.overlap is None else self.overlap.union

    @property
    def network(self) -> Network:
        """The network as it is."""
        return self.circles[0].network

    @property
    def first(self) -> Circle:
        """The circle of the first city."""
        return self.circles[0]

    @property
    def counted(self) -> bool:
        """Whether people are known."""
        return self.first.ground.people is not None


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
) -> Study:
    """Return what a report tells of.

    Parameters
    ----------
    measure
        ``cutoffs``, ``reading`` and ``direction`` as `api.circle` takes them.
    with_people
        Gives the run the people of one's own, read where these circles and those after the plans may reach.
    step
        Called after each city.

    Raises
    ------
    InputError
        When a scenario cannot be applied; names every problem of all.
    ParameterError
        For `station-to-station`, which has no circle.
    """
    if measure["reading"] == "station-to-station":
        raise ParameterError(
            "reading=station-to-station (--reading) has no circle: give one from door to station or from door to door"
        )
    plans = plans_.resolve_plans(run, cities, scenarios) if scenarios else None
    afters = [] if plans is None else [plans_.run_after(run, plan) for plan in plans.every]
    run = with_people(run, afters, plans)
    circles, comparisons = _computed(run, cities, plans, afters, measure, step)
    found: dict[str, Any] = {}
    if region is not None and len(cities) > 1:
        found["overlap"] = analysis_of(run).union(
            cities,
            reading=circles[0].reading.name,
            direction=measure["direction"],
            cutoff_min=circles[0].headline_cutoff,
            name=region.name,
            name_en=region.name_en,
        )
        found["unions"] = [unite(mine, run, name=region.name, name_en=region.name_en) for mine in comparisons]
    if plans is not None:
        found["compliance"] = [
            {"scenario": plan.title, **row}
            for plan in plans.alone
            if compliance_.rules_apply(run.compiled.network) and plan.lines
            for row in compliance_.compliance_rows(plan, run.opportunities)
        ]
        found["trade_offs"] = _trade_offs(run, comparisons, scenarios, measure)
    return Study(
        run,
        region,
        circles,
        plans=plans,
        comparisons=comparisons,
        issues=[*run.compiled.network.issues, *validate(run.compiled.network)],
        **found,
        **_against_the_19(circles),
    )


def _computed(
    run: AnalysisInputs,
    cities: Sequence[City],
    plans: Plans | None,
    afters: Sequence[AnalysisInputs],
    measure: Mapping[str, Any],
    step: Callable[[], None],
) -> tuple[list[Circle], list[list[Comparison]]]:
    """Return the circles, and by plan the comparisons, whose circles before are those."""
    circles: list[Circle] = []
    if plans is None:
        for circle in analysis_of(run).circles(cities, **measure):
            circles.append(circle)
            step()
        return circles, []
    by_city = []
    for city in cities:
        by_city.append(compare_plans(run, city, plans.every, afters, **measure))
        circles.append(by_city[-1][0].before)
        step()
    return circles, [list(mine) for mine in zip(*by_city, strict=True)]


def _trade_offs(
    run: AnalysisInputs,
    comparisons: Sequence[Sequence[Comparison]],
    scenarios: Sequence[Scenario],
    measure: Mapping[str, Any],
) -> list[TradeOffs]:
    """Return the trade-offs of each scenario that adds a line, for the city where it changes most."""
    found = []
    for scenario, mine in zip(scenarios, comparisons, strict=False):  # the last comparisons are of all together
        if mine[0].plan is not None and mine[0].plan.lines:
            most = max(mine, key=lambda one: (_moved(one), -mine.index(one)))
            found.append(trade_offs(run, most.before.city, scenario, **measure))
    return found


def _moved(found: Comparison) -> float:
    row = found.headline_row()
    what = "people" if row["people_gained"] is not None else "area_km2"
    return float(row[f"{what}_gained"] + row[f"{what}_lost"])


def _against_the_19(circles: Sequence[Circle]) -> dict[str, Any]:
    """Return the measures of the circles and how far they lie from the median, where the 19 are of the same kind."""
    if not is_comparable(circles):
        return {}
    values = measures_of(circles)
    table = table_of_the_19(lines=bool(circles[0].network.lines_included))
    slugs = "|".join(circle.city.slug for circle in circles)
    own = next((key for key, row in table.items() if row["core_cities"] == slugs), None)
    return {"measures": values, "deviations": deviations_of(values, table, own)}
