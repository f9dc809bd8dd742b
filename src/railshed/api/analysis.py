"""A network prepared for many cities, with what can be computed of it; the public functions call
its methods.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from railshed.api.circle import Circle, Overlap
from railshed.assumptions.assumptions import Assumptions
from railshed.assumptions.names import HEADLINE, N_DRAWS, N_PLANS, PERMUTATIONS, SAVED
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
from railshed.util.wrap import wrap

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    import networkx as nx
    import pandas as pd

    from railshed.access.streets import Streets
    from railshed.api.appraisal import Backtest, Ranking, TradeOffs
    from railshed.api.comparison import Comparison, Forecast, UnionComparison
    from railshed.api.inclusion import Inclusion
    from railshed.assumptions.waits import Waits
    from railshed.cells.opportunities import Opportunities
    from railshed.comparisons.incremental.baseline import Baseline
    from railshed.comparisons.objective import Objective
    from railshed.comparisons.result import ComparisonResult
    from railshed.questions.indicators.places import OpportunityAccess
    from railshed.questions.indicators.regions import RegionIndicators
    from railshed.questions.rank.candidates import Budget, CandidateLine
    from railshed.questions.rank.suggestions import LinkRules, Suggestions
    from railshed.questions.reach.times import TimeQuery
    from railshed.questions.why.why_outside import WhyResult
    from railshed.scenario.files import Scenario
    from railshed.util.array_types import Ints32


class Analysis(AnalysisInputs):
    """A network compiled once with its assumptions, and all that can be asked of it.

    One serves many cities: `Analysis(network).circle(city)`.

    Parameters
    ----------
    network
        A network, or an id or a path as `load_network` takes them.
    access, egress
        Modes between home and the station there (walk, bike, feeder, drive, park-and-ride,
        kiss-and-ride), and between the station in the city and the centre (walk, shared-bicycle,
        drive). drive is a taxi. Default: walk, bike, feeder; walk, shared-bicycle.
    waits
        How long a change takes on a network without a timetable (`from_networkx`): ``half-headway``
        (default), ``sampled``, or `Waits` with the number of draws and a seed.
    streets
        What `read_streets` gives, a path, or a graph of osmnx: where it reaches, walk, bike, bus
        feeder and car go along streets.
    population
        What `read_opportunities` gives, or a path (then the whole file is read): people in place of
        the network's own, and any other columns.
    cell_size_m
        Edge of the cells of surfaces, default 500.
    smooth_m, simplify_m
        Metres over which the edges of drawn polygons are smoothed, and by which they are simplified
        as one coverage; circles stay nested. Figures are sums over cells and do not depend on it.
    allow_loss
        Whether circles are computed where reading left out more than 5 % of the trips at a
        terminal, or 10 % at a station inside; False: an `InputError`, None: a `RailshedWarning`.
        `summary.left_out` lists them.
    cities
        The only cities whose circles are computed: of a network of 4 million calls or more, the
        part within their reach is compiled, and a note counts the rest. Their circles are the same.

    Raises
    ------
    ParameterError
        Naming every argument that is not allowed, and what is.
    """

    def __init__(
        self,
        network: Network | str | Path,
        *,
        access: Sequence[str] | None = None,
        assumptions: Assumptions | None = None,
        readings: str | Path | None = None,
        date: dt.date | str | None = None,
        max_transfers: int | None = None,
        waits: Waits | str | None = None,
        egress: Sequence[str] | None = None,
        streets: Streets | str | Path | nx.Graph | None = None,
        population: Opportunities | str | Path | None = None,
        cell_size_m: int | None = None,
        smooth_m: float = 0.0,
        simplify_m: float = 0.0,
        allow_loss: bool | None = None,
        cities: Sequence[str | City] | None = None,
    ) -> None:
        inputs = _analysis.prepare(
            network,
            access=access,
            assumptions=assumptions,
            readings=readings,
            date=date,
            max_transfers=max_transfers,
            waits=waits,
            egress=egress,
            streets=streets,
            population=population,
            cell_size_m=cell_size_m,
            smooth_m=smooth_m,
            simplify_m=simplify_m,
            allow_loss=allow_loss,
            cities=cities,
        )
        vars(self).update(vars(inputs))

    @classmethod
    def of(cls, inputs: AnalysisInputs) -> Analysis:
        """Return prepared inputs with the methods that compute of them."""
        return wrap(cls, inputs)

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
        """Yield the circles of many cities in their order, computed by `workers` threads.

        Default: a thread a core.

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
        """Return the union of several circles, and how many cities reach each place.

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

    def compare(
        self,
        city: str | City,
        scenario: Scenario | str | Path | Sequence[Scenario | str | Path],
        *,
        cutoffs: Sequence[int] | None = None,
        reading: str = HEADLINE,
        direction: str = "to",
        access: Sequence[str] | None = None,
    ) -> Comparison:
        """Return the circle of a city before and after a scenario, on the same cells.

        Parameters are those of `circle`; `scenario` is a file or a `Scenario`, or several that are
        applied in order.

        Raises
        ------
        InputError
            When the scenario cannot be applied; names every problem.
        """
        from railshed.api.comparison import compare

        return compare(
            self,
            city,
            scenario,
            cutoffs=cutoffs,
            reading=reading,
            direction=direction,
            access=access,
        )

    def comparisons(
        self,
        cities: Sequence[str | City],
        scenarios: Sequence[Scenario | str | Path],
        *,
        cutoffs: Sequence[int] | None = None,
        reading: str = HEADLINE,
        direction: str = "to",
        executor: Executor | None = None,
    ) -> Iterator[list[Comparison]]:
        """Yield the comparisons of each city: each scenario, then (of several) all together.

        All are on the same cells as the circle without them. A scenario given twice is taken once;
        of scenarios that cannot be built together, such as two alternatives of one line, each alone
        is given: both with a warning in the log. With `executor` (of `concurrent.futures`, or of
        Dask) a city is a task. Parameters and errors are those of `compare`.
        """
        from railshed.api.comparison import iter_comparisons

        return iter_comparisons(
            self,
            cities,
            scenarios,
            cutoffs=cutoffs,
            reading=reading,
            direction=direction,
            executor=executor,
        )

    def unite(
        self, comparisons: Sequence[ComparisonResult], *, name: str = "", name_en: str = ""
    ) -> UnionComparison:
        """Return united circles before and after one plan, each place counted once.

        Parameters
        ----------
        comparisons
            One a city, with the same plan, reading, direction and cutoffs.
        name, name_en
            What the cities are together: the region.
        """
        from railshed.api.comparison import unite

        return unite(self, comparisons, name=name, name_en=name_en)

    def inclusion(
        self,
        city: str | City,
        *,
        n_draws: int = 100,
        seed: int = 0,
        reading: str = HEADLINE,
        direction: str = "to",
        cutoff_min: int = HEADLINE_CUTOFF_MIN,
        uncertainty: Mapping[str, Mapping[str, Any]] | None = None,
        progress: bool = False,
        workers: int | None = None,
        executor: Executor | None = None,
    ) -> Inclusion:
        """Return in which share of many drawn days each place is within the cutoff of a city.

        A draw is a whole run: times in stations, speeds and waits on the way to them and delays of
        trains are drawn, and all else is as in `circle`. Places, people and area of a draw are
        those that `circle` would give under them.

        Parameters
        ----------
        reading
            Door to station where it ends at a centre and the city has no station near one, as in
            `circle`.
        n_draws, seed
            How many days, and what they are drawn from: the same seed gives the same bytes, and the
            first draws of more are the draws of fewer.
        uncertainty
            Rows that replace those of the network and the shipped ones (`default_uncertainty`), as
            in network.toml:
            ``{"station_time": {"log_sd": 0.1}, "delay:rail": {"kind": "none"}}``.
        progress
            Show a bar on standard error.
        workers
            Threads; default one a core. They change no result.
        executor
            What computes blocks of draws in place of threads, as `Analysis.circles` takes it.

        Raises NotFoundError for an unknown city or reading, with the nearest names; InputError with
        every row of `uncertainty` that is not allowed; ParameterError for a number, direction or
        reading that is not allowed.
        """
        from railshed.api.inclusion import inclusion

        return inclusion(
            self,
            city,
            n_draws=n_draws,
            seed=seed,
            reading=reading,
            direction=direction,
            cutoff_min=cutoff_min,
            uncertainty=uncertainty,
            progress=progress,
            workers=workers,
            executor=executor,
        )

    def trade_offs(
        self,
        city: str | City,
        scenario: Scenario | str | Path,
        *,
        reading: str = HEADLINE,
        direction: str = "to",
        progress: bool = False,
    ) -> TradeOffs:
        """Return the worth of a planned line under changes of it and of assumptions, one at a time.

        Rows of the table: ``key``, ``group``, ``en`` and ``zh`` (the change); ``saved``,
        person-minutes that the plan saves by rail outside the city proper, times clipped to 30 to
        90 minutes, ``saved_p10`` and ``saved_p90`` over the draws of its trains' phases, and
        ``saved_vs_plan``, less those of the plan as written; ``savers`` and ``mean_minutes``, who
        has less time and how much; ``within_60`` and ``within_90``, who comes within so many
        minutes; ``saved_turn_up``, turning up and going. Where no people are known, km2 in place of
        people.

        Parameters are those of `compare`, for a prepared run; `progress` shows on stderr how many
        changes are done.

        Raises InputError with every reason why the scenario cannot be applied; ParameterError when
        it adds no line.
        """
        from railshed.api.appraisal import trade_offs

        return trade_offs(
            self, city, scenario, reading=reading, direction=direction, progress=progress
        )

    def rank(
        self,
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
    ) -> Ranking:
        """Return the gain of each candidate, alone and together, and the choice under a budget.

        Candidates may exclude each other: two that add lines of one name, say. They are never
        chosen together, and where both are among those at hand the better choice counts (see
        `set_functions`): Shapley values and last-in gains then share what alternatives compete for,
        and sum to the gain of the best set that can be built.

        Parameters
        ----------
        candidates
            A candidates file, or the result of `read_candidates`.
        cities, region
            Whose circles count, united; an agglomeration means its core cities.
        objective
            ``minutes`` (person-minutes saved by rail, door to door), ``minutes-t`` (turn up and
            go), ``people60``, ``area45``, ``people90s`` (door to station), or an `Objective`.
        budget
            ``120km`` or ``500亿``; None: nothing is chosen.
        direction
            ``to``, ``from`` or ``both``.
        seed, n_permutations
            With more than 10 candidates that have to do with each other (see `independence`): what
            the drawn orders follow from, and how many.
        n_plans
            Draws of each candidate's trains and run times (see `drawn_gains`); None: 100 where the
            network says how its railways are run, else 20, of departures alone; 0 for none.
        progress
            Show on stderr how many sets of candidates are worked out.
        executor
            What works out sets of candidates, as `Analysis.circles` takes it.

        Raises InputError with every problem of the file, and then of all scenarios, or where three
        candidates or more exclude each other though each two can be built; NotFoundError for an
        unknown city or region, with the nearest names; ParameterError for an objective or budget
        that is not allowed.
        """
        from railshed.api.appraisal import rank_candidates

        return rank_candidates(
            self,
            candidates,
            cities=cities,
            region=region,
            objective=objective,
            budget=budget,
            direction=direction,
            seed=seed,
            n_permutations=n_permutations,
            n_plans=n_plans,
            progress=progress,
            executor=executor,
        )

    def suggest(
        self,
        region: str,
        *,
        objective: Objective | str = SAVED,
        direction: str = "to",
        rules: LinkRules | None = None,
        n_plans: int | None = None,
        progress: bool = False,
        executor: Executor | None = None,
    ) -> Suggestions:
        """Return the links between stations that would gain most for a region's core cities.

        Screening, not a proposal: straight lines from station to station, one service for all, no
        terrain, cost or demand.

        Parameters
        ----------
        region
            Id, Chinese or English name of an agglomeration with counties.
        objective
            As `rank_candidates`.
        direction
            ``to``, ``from`` or ``both``.
        rules
            What a candidate is, and how many are appraised.
        n_plans
            Draws of the trains and run times of the links found, as `rank_candidates`.
        progress
            Show on stderr how many of the links appraised at most are done.
        executor
            What appraises links, as `Analysis.circles` takes it; some are appraised ahead, and
            forgotten where they are not asked for.

        Raises NotFoundError for an unknown region, with the nearest names; ParameterError for a
        network without timetable or counties, or a rule out of bounds.
        """
        from railshed.questions.rank.suggestions import suggest_links

        return suggest_links(
            self,
            region,
            objective=objective,
            direction=direction,
            rules=rules,
            n_plans=n_plans,
            progress=progress,
            executor=executor,
        )

    def why(
        self, place: str, city: str | City, *, reading: str = HEADLINE, cutoff_min: int = 60
    ) -> WhyResult:
        """Return why a place is outside the circle of a city, and which changes bring it in.

        Parameters
        ----------
        place
            Id or name of a station, name or code of a county (its cell of most people), name of a
            town, or ``LON,LAT``.
        city
            Slug, Chinese or English name.
        reading, cutoff_min
            Reading with an area, and minutes.

        Raises NotFoundError for an unknown place or city, with the nearest names; ParameterError
        for a reading without an area, a network without a timetable, or a place outside its land.
        """
        from railshed.questions.why.why_outside import why

        return why(self, place, city, reading=reading, cutoff_min=cutoff_min)

    def why_counties(
        self, region: str, *, reading: str = HEADLINE, cutoff_min: int = 60, progress: bool = False
    ) -> list[dict[str, Any]]:
        """Return why counties of an agglomeration are outside: a row a county, nearest first.

        Each, but those of the cities proper, is asked of the core city that is nearest to its cell
        of most people. Rows: ``county_code``, ``county``, ``county_en``, ``people``, ``city`` and
        its names, ``minutes`` (None beyond two hours), ``family``, ``binds`` and ``en``, ``zh`` of
        the least change that brings it in (None where no single one does), ``minutes_after``,
        ``people_gained``.

        Raises NotFoundError for an unknown region, with the nearest names; ParameterError for a
        network without counties or timetable, or a region without a core city.
        """
        from railshed.questions.why.why_counties import why_counties

        return why_counties(self, region, reading=reading, cutoff_min=cutoff_min, progress=progress)

    def indicators(
        self,
        region: str,
        *,
        reading: str = HEADLINE,
        direction: str = "to",
        cities: Sequence[City] | None = None,
        draws: int = N_DRAWS,
        seed: int = 0,
    ) -> RegionIndicators:
        """Return who of an agglomeration reaches a core city, how evenly, over which borders.

        Parameters
        ----------
        region
            Id, Chinese or English name of an agglomeration; or a core city, which then counts alone
            in its agglomeration.
        reading, direction, draws, seed
            As `railshed.circle`; draws make the interval of the share who reach a core city (see
            `with_interval`).
        cities
            Core cities; default those of the region, or the one. After a scenario those before it:
            it moves no goal.

        Raises NotFoundError for an unknown region or city, with the nearest names; ParameterError
        for a network without counties or people, a region without a core city, or a city without a
        region.
        """
        from railshed.questions.indicators.interval import indicators

        return indicators(
            self,
            region,
            reading=reading,
            direction=direction,
            cities=cities,
            draws=draws,
            seed=seed,
        )

    def opportunity_access(
        self,
        region: str,
        opportunities: Opportunities,
        *,
        reading: str = HEADLINE,
        direction: str = "to",
        progress: bool = False,
    ) -> OpportunityAccess:
        """Return which opportunities the people of an agglomeration reach, and who reaches each.

        Parameters
        ----------
        region
            Id, Chinese or English name of an agglomeration, or of a core city of it.
        opportunities
            What `read_opportunities` gives; its people are left out. Points and pixels in one cell
            of the network's grid (500 m) are one place, an area is a point inside it. Places
            outside the region count too.
        reading, direction
            As `railshed.circle`.
        progress
            Whether a bar is shown on stderr.

        Raises NotFoundError for an unknown region, with the nearest names; ParameterError for a
        network without counties or people, no column but people, or too many places.
        """
        from railshed.questions.indicators.places import opportunity_access

        return opportunity_access(
            self, region, opportunities, reading=reading, direction=direction, progress=progress
        )

    def backtest(
        self,
        after: Network | str | Path,
        lines: Scenario | str | Path,
        city: str | City,
        *,
        city_after: str | City | None = None,
        cutoffs: Sequence[int] | None = None,
        reading: str = HEADLINE,
        direction: str = "to",
    ) -> Backtest:
        """Return how well the old timetable plus a line predicts the circle of the new timetable.

        Parameters
        ----------
        after
            The new timetable: a network, an id or a path as `load_network` takes them.
        lines
            The line, or several, as a scenario. Take its trains from what was announced, never from
            `after`.
        city
            In `before`, and by the same slug in `after` unless `city_after` says otherwise. Core
            stations are each timetable's own; where `after` does not know the city, its stations of
            the same id or name and place.
        cutoffs, reading, direction
            As `circle`.

        Raises InputError when the scenario cannot be applied, adds no line, gives minutes
        (`predict` lists them), or the networks have no timetable; NotFoundError when a city is not
        known.
        """
        from railshed.api.appraisal import backtest

        return backtest(
            self,
            after,
            lines,
            city,
            city_after=city_after,
            cutoffs=cutoffs,
            reading=reading,
            direction=direction,
        )

    def forecast(
        self,
        city: str | City,
        scenario: Scenario | str | Path | Sequence[Scenario | str | Path],
        n_plans: int = N_PLANS,
        *,
        seed: int = 0,
        cutoffs: Sequence[int] | None = None,
        reading: str = HEADLINE,
        direction: str = "to",
    ) -> Forecast:
        """Return what may come of scenarios; its `rows` are one a cutoff of the headline.

        See `forecast_city`. Parameters are those of `compare`.
        """
        from railshed.api.comparison import forecast

        return forecast(
            self,
            city,
            scenario,
            n_plans,
            seed=seed,
            cutoffs=cutoffs,
            reading=reading,
            direction=direction,
        )

    def check_compliance(
        self,
        scenarios: Scenario | str | Path | Sequence[Scenario | str | Path],
        *,
        city: str | None = None,
        population: Opportunities | None = None,
    ) -> list[dict[str, str]]:
        """Return the verdicts of the national rules on planned lines: a row a line and clause.

        Parameters
        ----------
        scenarios
            A scenario or several, each applied to the network alone.
        city
            The city that ``terminal = true`` means.
        population
            People in place of the network's own.

        Raises InputError when a scenario cannot be applied, naming every problem, or adds no line.
        """
        from railshed.comparisons.compare import check_compliance

        return check_compliance(self, scenarios, city=city, population=population)

    def baseline(
        self,
        cities: Sequence[str | City] | None = None,
        *,
        readings: Sequence[str] | None = None,
        cutoffs: Sequence[int] | None = None,
        direction: str = "to",
        workers: int | None = None,
    ) -> Baseline:
        """Return circles that are computed again in milliseconds after edits of the timetable.

        Parameters
        ----------
        cities
            Default: all core cities of the network.
        readings
            Names of readings, default all of them; fewer cost less.
        cutoffs
            Minutes, inclusive; default those of each reading.
        direction
            ``to``, ``from`` or ``both``.
        workers
            Threads; default one a core. They change no result.

        Raises NotFoundError for an unknown city or reading, with the nearest names; ParameterError
        when the network has no timetable, or people and other columns of a file are to be counted.
        """
        from railshed.comparisons.incremental.baseline import baseline

        return baseline(
            self, cities, readings=readings, cutoffs=cutoffs, direction=direction, workers=workers
        )

    def travel_time_matrix(
        self,
        origins: gpd.GeoDataFrame,
        destinations: gpd.GeoDataFrame | None = None,
        *,
        times: TimeQuery | dt.datetime | int | str,
        threads: int | None = None,
        progress: bool = False,
        **rules: Any,
    ) -> pd.DataFrame:
        """Return travel times between points: ``from_id, to_id, travel_time_pN`` in minutes.

        Parameters
        ----------
        origins, destinations
            Points with a column ``id`` and a CRS; destinations default to the origins.
        times
            A `TimeQuery` with departures, or one departure: a datetime, ``14:00``, or clock
            seconds.
        threads
            Default: all cores.
        progress
            Whether a bar is shown on stderr.
        streets
            A street network (`read_streets`), a path or a graph of osmnx, for access, egress, the
            whole way and the walks between stations; None: straight lines with the detour factors
            of the assumptions.
        access, egress, direct
            Modes to the first station, from the last one, and of the whole way without a ride
            (``()``: none): walk, bike, drive; to stations also feeder, park-and-ride and
            kiss-and-ride; from them walk, shared-bicycle, drive. Egress defaults to those of access
            that are egress modes, else to walk. The fastest counts. Speeds, and which modes use
            streets, are those of circles.
        max_minutes
            Longer travel times are left empty (at most 240).
        max_walk_minutes
            Longest walk to or from a station; default that of the assumptions (15). Other modes
            have their own caps.
        max_direct_minutes
            Longest way without a ride; default `max_minutes`.
        walk_speed_kmh
            Default that of the assumptions (4.5).
        snap_m
            Points and stations farther from a street than this reach nothing; ``attrs["notes"]``
            lists them. To the street one walks.
        max_transfers
            Largest number of changes, exact; None: any number.
        change_minutes
            Change time at every station; default what the network lists, else by station class.
        max_transfer_minutes
            Longest generated walk between two stations (10); listed transfers stay.
        station_times
            Whether the way from door to platform and back counts, by station class.

        Returns
        -------
        DataFrame
            All pairs, by origin, then destination, as the points are listed; minutes with two
            decimals, NaN where the destination is not reached within `max_minutes`.

        Raises ParameterError for arguments that are not allowed, InputError for points that are
        not.
        """
        from railshed.questions.reach.points import travel_time_matrix

        return travel_time_matrix(
            self, origins, destinations, times=times, threads=threads, progress=progress, **rules
        )

    def travel_time_array(
        self,
        origins: gpd.GeoDataFrame,
        destinations: gpd.GeoDataFrame | None = None,
        *,
        times: TimeQuery | dt.datetime | int | str,
        threads: int | None = None,
        progress: bool = False,
        **rules: Any,
    ) -> Ints32:
        """Return `travel_time_matrix` as int32 (n_origins, n_destinations, n_percentiles) seconds.

        2147483647 (`railshed.util.units.UNREACHED`) where the destination is not reached within
        `max_minutes`.
        """
        from railshed.questions.reach.points import travel_time_array

        return travel_time_array(
            self, origins, destinations, times=times, threads=threads, progress=progress, **rules
        )

    def station_matrix(
        self,
        origins: Sequence[str] | None = None,
        destinations: Sequence[str] | None = None,
        *,
        times: TimeQuery | dt.datetime | int | str,
        max_minutes: float = 120,
        max_transfers: int | None = None,
        change_minutes: float | None = None,
        footpaths: bool = True,
        threads: int | None = None,
        progress: bool = False,
        executor: Executor | None = None,
    ) -> pd.DataFrame:
        """Return travel times between stations: ``from_id, to_id, travel_time_pN`` in minutes.

        From the platform of one station to that of another: the wait for the train, rides and
        changes. A transfer may stand first, last, or alone; a station is 0 minutes from itself.
        Entrances, entry and exit are no part of it (`travel_time_matrix` has them).

        Parameters
        ----------
        origins, destinations
            Stations by id or name; default all.
        times
            A `TimeQuery` with departures or deadlines, or one departure: a datetime, ``07:30``, or
            clock seconds.
        max_minutes
            Longer travel times are left empty (at most 240).
        max_transfers
            Largest number of changes of train, exact; None: any number.
        change_minutes
            Change time at every station; default what the network lists, else by station class.
        footpaths
            Whether walks between stations are generated; listed transfers stay.
        threads
            Default: all cores.
        progress
            Whether a bar is shown on stderr.
        executor
            What searches blocks of stations in place of threads, as `Analysis.circles` takes it.

        Returns
        -------
        DataFrame
            All pairs, by origin, then destination, as listed or in the network's order; minutes
            with two decimals, NaN where the destination is not reached within `max_minutes`.

        Raises NotFoundError for an unknown station; ParameterError with all problems of the
        arguments at once.
        """
        from railshed.questions.reach.stations import station_matrix

        return station_matrix(
            self,
            origins,
            destinations,
            times=times,
            max_minutes=max_minutes,
            max_transfers=max_transfers,
            change_minutes=change_minutes,
            footpaths=footpaths,
            threads=threads,
            progress=progress,
            executor=executor,
        )

    def station_array(
        self,
        origins: Sequence[str] | None = None,
        destinations: Sequence[str] | None = None,
        *,
        times: TimeQuery | dt.datetime | int | str,
        **arguments: Any,
    ) -> Ints32:
        """Return `station_matrix` as int32 (n_origins, n_destinations, n_percentiles) seconds.

        2147483647 (`railshed.util.units.UNREACHED`) where the destination is not reached within
        `max_minutes`. With the result of `prepare`, one departure takes the time of its search and
        little more.
        """
        from railshed.questions.reach.stations import station_array

        return station_array(self, origins, destinations, times=times, **arguments)

    def iter_station_matrix(
        self, *, times: TimeQuery | dt.datetime | int | str, **arguments: Any
    ) -> Iterator[pd.DataFrame]:
        """Return an iterator over `station_matrix` in parts of some origins each.

        With `arrive_by` of some destinations.

        Arguments as `station_matrix`. A few parts are in memory at once, however many stations
        there are.
        """
        from railshed.questions.reach.stations import iter_station_matrix

        return iter_station_matrix(self, times=times, **arguments)

    def reach(
        self,
        stations: Sequence[str] | None = None,
        *,
        city: str | City | None = None,
        direction: str = "to",
        window: tuple[int, int] | str = (27_000, 34_200),
        slack_minutes: float = 30,
        percentiles: Sequence[int] = (0, 50),
        max_transfers: int | None = None,
        change_minutes: float | None = None,
        footpaths: bool = True,
        max_minutes: int = 120,
        date: dt.date | str | None = None,
        waits: Waits | str | None = None,
    ) -> pd.DataFrame:
        """Return travel times of all stations to (from) the named ones: changes and rides.

        At least one ride.

        Between stations that are minutes apart on foot `station_matrix` has the walk.

        Parameters
        ----------
        stations, city
            The target stations by id or name, or the core stations of a city: exactly one of the
            two.
        direction
            ``to`` the targets (the window's minutes are deadlines) or ``from`` them (earliest
            departures).
        window
            (start, end) clock seconds or ``07:30-09:30``, end exclusive; every whole minute counts
            once.
        slack_minutes
            Minutes that a traveller may be early (*from*: leave late) without counting them.
        percentiles
            Of the window's minutes, nearest rank; 0 is the fastest.
        max_transfers
            Largest number of changes of train, exact; None: any number.
        change_minutes
            Change time at every station; default that of the network.
        footpaths
            Whether walks between stations are generated; listed transfers stay.
        max_minutes
            Longer travel times are left empty.
        date
            Service day; default the network's own.
        waits
            At changes, on a network without a timetable: ``half-headway`` (default), ``sampled`` or
            `Waits`.

        Returns
        -------
        DataFrame
            ``station_id, station_name, station_name_en, lon, lat``, one ``travel_time_pN`` a
            percentile (minutes, NaN above `max_minutes`), and ``trips``, the distinct journeys in
            the window of at most `max_minutes`. Named stations have 0 of each.

        Raises NotFoundError for an unknown station or city; ParameterError for a number out of
        range.
        """
        from railshed.questions.reach.reach import reach

        return reach(
            self,
            stations,
            city=city,
            direction=direction,
            window=window,
            slack_minutes=slack_minutes,
            percentiles=percentiles,
            max_transfers=max_transfers,
            change_minutes=change_minutes,
            footpaths=footpaths,
            max_minutes=max_minutes,
            date=date,
            waits=waits,
        )


def _circle(shared: tuple[AnalysisInputs, dict[str, Any]], city: City) -> CircleResult:
    """Return the circle of a city, a task of `Analysis.circles`."""
    run, asked = shared
    draws = {name: asked[name] for name in ("draws", "seed")}
    rest = {name: value for name, value in asked.items() if name not in draws}
    return with_intervals(circles_of([case_of(run, city)], run, **rest)[0], **draws)


#: its name of the first edition
prepare = Analysis


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
    **options: Any,
) -> Circle:
    """Return the one-hour commuting circle of a city under all readings.

    Parameters
    ----------
    network
        A network, an id or a path, or an `Analysis`, which has the options already.
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
    options
        Those of `Analysis`, by name: access, streets, population, ...

    Raises
    ------
    NotFoundError
        Unknown city or reading, with the nearest names.
    ParameterError
        A cutoff, direction or mode that is not allowed.
    """
    inputs = run_of(network, cities=[city], **options)
    return Analysis.of(inputs).circle(
        city, cutoffs=cutoffs, reading=reading, direction=direction, draws=draws, seed=seed
    )
