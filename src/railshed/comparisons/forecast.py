"""What may come of a plan: draws of the trains and run times of its lines, as the railways of the
network are run.

A line of which speed and headways alone are known gets a drawn service plan; what a planner gives
goes before it: departures and stop patterns stay, and so do minutes between stations.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from railshed.assumptions.names import HEADLINE, N_PLANS
from railshed.cells.cell_keys import cell_keys, find_keys
from railshed.circles.analysis import (
    AnalysisInputs,
    case_of,
    circle_kinds,
    cutoffs_of,
    headlines_of,
    shown_reading,
)
from railshed.circles.polygons import drawn_cells
from railshed.comparisons.ensemble import Ensemble, ensemble_of
from railshed.comparisons.incremental.baseline import Baseline, Change, baseline
from railshed.comparisons.incremental.city_baseline import CityBase
from railshed.comparisons.incremental.city_change import CityChange
from railshed.comparisons.plans import base_with, find_cities
from railshed.network.cities import City
from railshed.network.lines import Line, expand, lines_apart, route_of
from railshed.network.model import Network, Station, degrees_of
from railshed.network.route_types import are_trains
from railshed.scenario.apply import resolve, scenario_of
from railshed.scenario.files import Scenario, compose
from railshed.scenario.plan import Plan
from railshed.scenario.run_times.kinematics import RAILWAY, get_stock
from railshed.scenario.run_times.run_times import LineRun
from railshed.scenario.service_plans.corridors import Corridor, Train, TrainDay, stations_on
from railshed.scenario.service_plans.draws import (
    Service,
    Timing,
    draw_errors,
    draw_trains,
    generator,
    trains_apart,
)
from railshed.scenario.service_plans.fit import Fit
from railshed.util.array_types import Floats
from railshed.util.frames import cached_frame
from railshed.util.units import MINUTE, UNREACHED
from railshed.util.validation import checked, many, whole

if TYPE_CHECKING:
    import geopandas as gpd

#: draws at most
MOST_PLANS = 10_000
#: shares of the draws that polygons are drawn at
LEVELS = (0.9, 0.5, 0.1)


@dataclass(frozen=True, eq=False)
class Forecast:
    """The draws of a plan for one city under one reading."""

    city: CityBase
    reading: str
    #: of each draw; None where it changes nothing
    changes: Sequence[CityChange | None]
    #: lines with a drawn service plan, and those whose own goes before it
    drawn: tuple[str, ...]
    given: tuple[str, ...]
    #: those of the headline
    cutoffs: tuple[int, ...] = ()
    #: stations of the lines but terminals of the city
    stops: tuple[Station, ...] = ()

    def __repr__(self) -> str:
        return f"<Forecast of {self.city.slug}, {self.reading}: {len(self.changes)} draws>"

    @cached_property
    def bands(self) -> dict[int, gpd.GeoDataFrame]:
        """By cutoff its `polygons`."""
        return {cutoff: self.polygons(cutoff) for cutoff in self.cutoffs}

    @cached_property
    def rows(self) -> list[dict[str, Any]]:
        """A row a cutoff, see `row`."""
        return [self.row(cutoff) for cutoff in self.cutoffs]

    @cached_property
    def ensemble(self) -> Ensemble:
        """What the draws do."""
        return ensemble_of(self.city, self.changes, self.reading)

    def row(self, cutoff_min: int) -> dict[str, Any]:
        """Return people and km2 that come within the minutes: mean, 10, 50 and 90 % of the draws, p
        of any.
        """
        every = self.ensemble
        row = {"city": self.city.slug, "reading": self.reading, "cutoff_min": cutoff_min}
        row |= {"n_plans": len(self.changes), "drawn": list(self.drawn), "given": list(self.given)}
        for name, of in (("people", every.people), ("area_km2", every.km2)):
            decimals = 0 if name == "people" else 2
            gained = None if of is None else np.round(every.gained(cutoff_min, of), decimals)
            row |= {f"{name}_{key}": value for key, value in spread(gained).items()}
        return row

    def polygons(self, cutoff_min: int) -> gpd.GeoDataFrame:
        """Return where 90, 50 and 10 % of the draws or more come within the minutes that were not
        before: nested.

        A row a share: people and km2 there, outside the city proper; EPSG:4326. Marching squares on
        the share of draws; every cell centre is on its own side.
        """
        import geopandas as gpd

        every = self.ensemble
        n = len(self.changes)
        new = every.newly(cutoff_min)
        place = np.searchsorted(every.keys, every.land.keys)
        missing = n - np.rint(n * new[place]).astype(np.int64)
        steps = {level: min(n - math.ceil(level * n - 1e-9), n - 1) for level in LEVELS}
        shapes = drawn_cells(every.land, missing, list(steps.values()))
        rows = []
        for level, most in steps.items():
            inside = n - np.rint(n * new) <= most
            people = None if every.people is None else round(float(every.people[inside].sum()))
            rows.append(
                {
                    "reading": self.reading,
                    "cutoff_min": cutoff_min,
                    "probability": level,
                    "people": people,
                    "area_km2": round(float(every.km2[inside].sum()), 2),
                    "draws": n,
                }
            )
        return gpd.GeoDataFrame(rows, geometry=list(shapes), crs="EPSG:4326")

    @property
    def cells(self) -> gpd.GeoDataFrame:
        """Centres of cells that come within a cutoff in a draw, EPSG:4326: people, minutes before,
        probabilities.
        """
        import geopandas as gpd

        every = self.ensemble
        land = self.ensemble.land
        place = np.searchsorted(every.keys, land.keys)
        p = {cutoff: every.newly(cutoff)[place] for cutoff in self.cutoffs}
        some = np.max([*p.values(), np.zeros(len(place))], axis=0) > 0
        before = every.before_s[place]
        columns: dict[str, Any] = (
            {} if every.people is None else {"people": np.round(every.people[place], 1)}
        )
        columns |= {
            "minutes_before": np.where(before < UNREACHED, np.round(before / MINUTE, 1), np.nan)
        }
        columns |= {f"probability_{cutoff}": np.round(values, 3) for cutoff, values in p.items()}
        lon, lat = land.grid.unproject(*land.grid.centre(land.row[some], land.column[some]))
        table = {name: values[some] for name, values in columns.items()}
        return gpd.GeoDataFrame(table, geometry=gpd.points_from_xy(lon, lat), crs="EPSG:4326")

    @cached_frame
    def stations(self) -> gpd.GeoDataFrame:
        """Stations of the lines, EPSG:4326: share of the draws in which the cell of each is within
        a cutoff by rail.
        """
        import geopandas as gpd

        every = self.ensemble
        (lon, lat) = degrees_of(self.stops)
        grid = self.city.case.grid
        keys = cell_keys(*grid.index(*grid.project(lon, lat)))
        at, known = find_keys(every.keys, keys)
        before_s = self.city.seconds[self.reading].at(self.city.facts.keys, keys).of_kind("by_rail")
        names = [
            {"station_id": s.station_id, "name": s.name, "name_en": s.name_en} for s in self.stops
        ]
        table = gpd.GeoDataFrame(names, geometry=gpd.points_from_xy(lon, lat), crs="EPSG:4326")
        for cutoff in self.cutoffs:
            p = np.append(np.round(every.probability(cutoff), 3), 0.0)[at]
            table[f"probability_within_{cutoff}"] = np.where(known, p, before_s <= cutoff * MINUTE)
        return table

    def saved(self) -> dict[str, Any]:
        """Return person-minutes saved by rail: mean, 10, 50 and 90 % of the draws."""
        saved = self.ensemble.person_minutes()
        return {"n_plans": len(self.changes)} | spread(None if saved is None else np.round(saved))


def spread(values: Floats | None) -> dict[str, float | None]:
    """Return mean, 10, 50 and 90 % of draws, and the share of them above 0; None of no draws."""
    if values is None:
        return dict.fromkeys(("mean", "low", "middle", "high", "p_any"))
    low, middle, high = np.quantile(values, (0.1, 0.5, 0.9), method="inverted_cdf").tolist()
    p_any = round(float((values > 0).mean()), 3)
    return {
        "mean": round(float(values.mean()), 1),
        "low": low,
        "middle": middle,
        "high": high,
        "p_any": p_any,
    }


@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """The stop patterns of one line."""

    lines: tuple[Line, ...]
    seeds: tuple[int, ...]
    #: None where the minutes are listed, or it is no railway
    corridor: Corridor | None

    @property
    def is_drawn(self) -> bool:
        """Whether nothing is given but headways of trains that call everywhere; a line run like a
        metro calls so.
        """
        (first, *others) = self.lines
        every = len(first.stops) == len(first.passed) and not others and not first.is_timed
        return (
            every
            and self.corridor is not None
            and first.profile is not None
            and (get_stock(first.profile.stock_id).service == RAILWAY)
        )

    def city_of(self, cities: Sequence[str]) -> str:
        """Return the first of the cities with a core station on the line, else the first."""
        core = () if self.corridor is None else self.corridor.core
        return next((city for city in cities if city in core), cities[0])

    def services(self, fit: Fit, city: str, key: Sequence[object], draw: int) -> Iterator[Service]:
        """Yield the trains of a draw."""
        first = self.lines[0]
        rng = generator(*key, route_of(self.lines[0]), draw)
        if self.corridor is not None and self.is_drawn:
            n = len(expand(first, self.seeds[0])[0].trip_ids)
            trains = draw_trains(self.corridor, fit, max(1, n), city, rng)
            ways = [t for t in trains if first.bidirectional or t.place[0] < t.place[-1]]
            yield Service(first.line_id, self.corridor.station_ids, ways, first.route_type)
            return
        corridor = self.corridor
        timing = (
            None if corridor is None else Timing(corridor, fit, draw_errors(corridor, fit, rng))
        )
        for line, seed in zip(self.lines, self.seeds, strict=True):
            for k, run in enumerate(expand(line, seed + draw)):
                if corridor is None or timing is None:
                    places = np.arange(len(run.station_ids))
                    times = zip(
                        run.arrival_s.astype(np.int64),
                        run.departure_s.astype(np.int64),
                        strict=True,
                    )
                    trains = [
                        Train(places, arrival_s, departure_s) for arrival_s, departure_s in times
                    ]
                    yield Service(f"{line.line_id}:{k}", run.station_ids, trains, line.route_type)
                    continue
                at = [corridor.station_ids.index(key_) for key_ in run.station_ids]
                trains = timing.trains(at, run.departure_s.astype(np.int64)[:, 0])
                yield Service(f"{line.line_id}:{k}", corridor.station_ids, trains, line.route_type)


def routes_of(plan: Plan, network: Network) -> list[Route]:
    """Return the lines of a plan by route; `network` has their stations."""
    day = TrainDay.of(plan.base)
    by_route = dict[str, list[int]]()
    for k, line in enumerate(plan.lines):
        by_route.setdefault(route_of(line), []).append(k)
    found = []
    for places in by_route.values():
        lines = [plan.lines[k] for k in places]
        longest = max(lines, key=lambda line: len(line.passed))
        profile = longest.profile
        on_rails = bool(are_trains(np.array([longest.route_type]))[0])
        corridor = None
        if profile is not None and on_rails and len(profile.station_ids) == len(longest.stops):
            run = LineRun(
                None,
                top_speed_kmh=profile.top_speed_kmh,
                rolling_stock=profile.stock_id,
                hop_km=[metres / 1000 for metres in profile.hop_m],
                speed_limits=profile.speed_limits,
                dwell_s=profile.dwell_s,
            )
            corridor = stations_on(day, network, longest.line_id, profile.station_ids, run)
        found.append(Route(tuple(lines), tuple(plan.seeds[k] for k in places), corridor))
    return found


def drawn_changes(
    base: Baseline, plan: Plan, fit: Fit, *, n_plans: int = N_PLANS, seed: int = 0
) -> tuple[list[Change], tuple[str, ...], tuple[str, ...]]:
    """Return what each draw changes of a plan that adds trains and nothing else; lines drawn, and
    those given.

    One seed gives the same draws; a line's are the same whatever else is planned. A donor's day
    runs to the first city of the baseline with a core station on the line, else to the first.

    Raises ParameterError when the trips cannot be added to the baseline.
    """
    network = lines_apart(base.network, plan.lines, plan.seeds)
    routes = routes_of(plan, network)
    cities = [city.slug for city in base.cities]
    named = [
        tuple(r.lines[0].name for r in routes if r.is_drawn == drawn) for drawn in (True, False)
    ]
    changes = []
    for draw in range(n_plans):
        services = [
            s for route in routes for s in route.services(fit, route.city_of(cities), (seed,), draw)
        ]
        changes.append(base.with_trips(trains_apart(network, services)))
    return changes, named[0], named[1]


def forecast_city(
    base: Baseline,
    plan: Plan,
    scenario: Scenario,
    reading: str,
    *,
    n_plans: int = N_PLANS,
    seed: int = 0,
) -> Forecast:
    """Return what may come of a plan for the first city of a baseline, by the scenario that it was
    resolved from.

    See `changes_of`.
    """
    city = base.cities[0]
    changes, drawn, given = changes_of(
        base, plan, scenario, n_plans=n_plans, seed=seed, city=city.slug
    )
    return Forecast(
        city, reading, [change.cities.get(city.slug) for change in changes], drawn, given
    )


def changes_of(
    base: Baseline,
    plan: Plan,
    scenario: Scenario,
    *,
    n_plans: int = N_PLANS,
    seed: int = 0,
    city: str | None = None,
) -> tuple[list[Change], tuple[str, ...], tuple[str, ...]]:
    """Return what each draw of a plan changes; names of the lines whose service plan is drawn, and
    of the others.

    Where the network says how its railways are run (`Network.service_plans`) and the plan only adds
    trains, draws are of service plans and run times (see `drawn_changes`); else of the phases of
    trains known by headway alone. `city` is that by which the plan was resolved from the scenario.
    """
    text = base.network.service_plans
    if text and plan.only_adds and plan.lines and not base.only_full:
        return drawn_changes(base, plan, Fit.from_json(text), n_plans=n_plans, seed=seed)
    changes = base.with_phases(scenario, n_plans, city=city)
    return changes, (), tuple(dict.fromkeys(line.name for line in plan.lines))


def n_plans_of(network: Network) -> int:
    """Return how many draws a comparison makes: none where the network does not say how its
    railways are run.
    """
    return N_PLANS if network.service_plans else 0


@checked(
    **circle_kinds("run", "city", "cutoffs", "reading", "direction"),
    scenario=many(scenario_of),
    n_plans=whole(1, MOST_PLANS),
    seed=whole(),
)
def forecast(
    run: AnalysisInputs,
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

    See `Analysis.forecast`.
    """
    (found,) = find_cities(run, [city])
    network = run.compiled.network
    chosen = shown_reading(run, case_of(run, found), reading)
    limits = cutoffs_of(run, cutoffs)[chosen.name]
    alone = run.changed(opportunities=None)
    base = baseline(alone, [found], readings=[chosen.name], cutoffs=limits, direction=direction)
    whole_scenario = compose(scenario)  # type: ignore[arg-type]
    plan = resolve(base_with(network, [found]), whole_scenario, city=found.slug)
    every = forecast_city(base, plan, whole_scenario, chosen.name, n_plans=n_plans, seed=seed)
    stops = {stop.station.station_id: stop.station for line in plan.lines for stop in line.stops}
    outside = tuple(
        stop for key, stop in stops.items() if key not in every.city.case.city.core_station_ids
    )
    return replace(every, cutoffs=tuple(headlines_of(limits)), stops=outside)
