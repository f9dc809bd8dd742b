"""A network prepared for many cities, with what can be computed of it; the public functions call
its methods.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from functools import partial
from importlib import import_module
from pathlib import Path
from types import MethodType
from typing import TYPE_CHECKING, Any

from railshed.api.circle import Circle, Overlap
from railshed.assumptions.assumptions import Assumptions
from railshed.assumptions.names import HEADLINE, N_DRAWS
from railshed.circles import analysis as _analysis
from railshed.circles.analysis import (
    HEADLINE_CUTOFF_MIN,
    AnalysisInputs,
    case_of,
    cases_of,
    circle_kinds,
    run_of,
)
from railshed.circles.build import circles_of
from railshed.circles.overlap import overlap_of
from railshed.circles.result import CircleResult
from railshed.network.cities import City
from railshed.network.model import Network
from railshed.uncertainty.intervals import with_intervals
from railshed.util.executors import run_tasks
from railshed.util.validation import checked, text
from railshed.util.wrap import wrap, wrapping

if TYPE_CHECKING:
    import networkx as nx

    from railshed.access.streets import Streets
    from railshed.cells.opportunities import Opportunities


class _Method:
    """A function of another module as a method, imported when it is first used."""

    def __init__(self, path: str) -> None:
        self.module, _, self.name = path.rpartition(".")

    def __get__(self, found: Any, owner: type) -> Callable[..., Any]:
        function: Callable[..., Any] = getattr(import_module(f"railshed.{self.module}"), self.name)
        return function if found is None else MethodType(function, found)


class Analysis(AnalysisInputs):
    """A network compiled once with its assumptions, and all that can be asked of it;
    `railshed.prepare` makes one.
    """

    @checked(**circle_kinds("city", "cutoffs", "reading", "direction", "draws", "seed"))
    def circle(
        self,
        city: str | City,
        *,
        cutoffs: Sequence[int] | None = None,
        reading: str = HEADLINE,
        direction: str = "to",
        draws: int = N_DRAWS,
        seed: int = 0,
    ) -> Circle:
        """Return the circle of a city; parameters as `railshed.circle`."""
        (found,) = circles_of(
            [case_of(self, city)], self, reading=reading, direction=direction, cutoffs=cutoffs
        )
        return wrap(Circle, with_intervals(found, draws, seed))

    @checked(
        **circle_kinds(
            "cities", "cutoffs", "reading", "direction", "draws", "seed", "workers", "executor"
        )
    )
    def circles(
        self,
        cities: Sequence[str | City],
        *,
        cutoffs: Sequence[int] | None = None,
        reading: str = HEADLINE,
        direction: str = "to",
        draws: int = N_DRAWS,
        seed: int = 0,
        workers: int | None = None,
        executor: Executor | None = None,
    ) -> Iterator[Circle]:
        """Yield the circles of many cities in the order given, computed by `workers` threads
        (default: all cores).

        Kernels and geometry work without the interpreter lock. With `executor` (of
        `concurrent.futures`, or of Dask: `Client.get_executor`) a city is a task. Parameters and
        errors are those of `railshed.circle`.
        """
        asked = {
            "reading": reading,
            "direction": direction,
            "cutoffs": cutoffs,
            "draws": draws,
            "seed": seed,
        }
        every = [case.city for case in cases_of(self, cities)]
        yield from map(
            partial(wrap, Circle), run_tasks(_circle, (self, asked), every, executor, workers)
        )

    @checked(
        **circle_kinds("cities", "reading", "direction", "cutoff_min"), name=text, name_en=text
    )
    def union(
        self,
        cities: Sequence[str | City],
        *,
        reading: str = HEADLINE,
        direction: str = "to",
        cutoff_min: int = HEADLINE_CUTOFF_MIN,
        name: str = "",
        name_en: str = "",
    ) -> Overlap:
        """Return the circles of several cities on one common grid: their union, and how many cities
        reach each place.

        Parameters
        ----------
        cities
            Two or more: slugs, names, or `City`.
        reading, direction, cutoff_min
            As `railshed.circle`; a reading with an area.
        name, name_en
            What the cities are together: the region.
        """
        return wrap(
            Overlap,
            overlap_of(
                self,
                cities,
                reading=reading,
                direction=direction,
                cutoff_min=cutoff_min,
                name=name,
                name_en=name_en,
            ),
        )

    compare = _Method("api.comparison.compare")
    comparisons = _Method("api.comparison.iter_comparisons")
    unite = _Method("api.comparison.unite")
    inclusion = _Method("api.inclusion.inclusion")
    trade_offs = _Method("api.appraisal.trade_offs")
    rank = _Method("api.appraisal.rank_candidates")
    suggest = _Method("questions.rank.suggestions.suggest_links")
    why = _Method("questions.why.why_outside.why")
    why_counties = _Method("questions.why.why_counties.why_counties")
    indicators = _Method("questions.indicators.interval.indicators")
    elasticities = _Method("questions.indicators.elasticities.elasticities")
    opportunity_access = _Method("questions.indicators.places.opportunity_access")
    backtest = _Method("api.appraisal.backtest")
    forecast = _Method("api.comparison.forecast")
    check_compliance = _Method("comparisons.compare.check_compliance")
    baseline = _Method("comparisons.incremental.baseline.baseline")
    travel_time_matrix = _Method("questions.reach.points.travel_time_matrix")
    travel_time_array = _Method("questions.reach.points.travel_time_array")
    station_matrix = _Method("questions.reach.stations.station_matrix")
    station_array = _Method("questions.reach.stations.station_array")
    iter_station_matrix = _Method("questions.reach.stations.iter_station_matrix")
    reach = _Method("questions.reach.reach.reach")


def _circle(shared: tuple[AnalysisInputs, dict[str, Any]], city: City) -> CircleResult:
    """Return the circle of a city, a task of `Analysis.circles`."""
    run, asked = shared
    draws = {name: asked[name] for name in ("draws", "seed")}
    rest = {name: value for name, value in asked.items() if name not in draws}
    return with_intervals(circles_of([case_of(run, city)], run, **rest)[0], **draws)


def analysis_of(inputs: AnalysisInputs) -> Analysis:
    """Return inputs with the methods that compute of them."""
    return wrap(Analysis, inputs)


prepare = wrapping(Analysis, _analysis.prepare)


@checked(**circle_kinds("network", "city", "cutoffs", "reading", "direction", "draws", "seed"))
def circle(
    network: Network | AnalysisInputs | str | Path,
    city: str | City,
    *,
    cutoffs: Sequence[int] | None = None,
    reading: str = HEADLINE,
    direction: str = "to",
    draws: int = N_DRAWS,
    seed: int = 0,
    access: Sequence[str] | None = None,
    assumptions: Assumptions | None = None,
    readings: str | Path | None = None,
    date: dt.date | str | None = None,
    max_transfers: int | None = None,
    egress: Sequence[str] | None = None,
    streets: Streets | str | Path | nx.Graph | None = None,
    population: Opportunities | str | Path | None = None,
    cell_size_m: int | None = None,
    smooth_m: float = 0.0,
    simplify_m: float = 0.0,
    allow_loss: bool | None = None,
) -> Circle:
    """Return the one-hour commuting circle of a city under all readings.

    Parameters
    ----------
    network
        A network, an id or a path, or what `prepare` made of it (which has everything from `access`
        on).
    city
        Slug, Chinese or English name, or a `City`.
    cutoffs
        Minutes, inclusive; default those of each reading (30, 45, 60; door to door 45, 60, 75, 90).
    reading
        The headline reading; the others stand beside it.
    direction
        ``to`` the city in its morning window, ``from`` it in the evening window, or ``both``.
    draws, seed
        Draws of what is assumed, for the interval around the headline (0: none), and what they are
        drawn from.
    access, assumptions, readings, date, max_transfers, egress, streets, population, cell_size_m,
    smooth_m, simplify_m, allow_loss
        As `prepare`.

    Raises
    ------
    NotFoundError
        Unknown city or reading, with the nearest names.
    ParameterError
        A cutoff, direction or mode that is not allowed.
    """
    inputs = run_of(
        network,
        access=access,
        assumptions=assumptions,
        readings=readings,
        date=date,
        max_transfers=max_transfers,
        egress=egress,
        streets=streets,
        population=population,
        cell_size_m=cell_size_m,
        smooth_m=smooth_m,
        simplify_m=simplify_m,
        allow_loss=allow_loss,
        cities=[city],
    )
    return analysis_of(inputs).circle(
        city, cutoffs=cutoffs, reading=reading, direction=direction, draws=draws, seed=seed
    )
