"""Candidate links between stations, found in the network itself: screening, not a proposal.

Pairs of stations of a region that rail joins badly are bounded (`link_bounds`), and those with the
largest bounds are appraised in full, in falling order of the bound, until no bound left could beat
the best ones.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from railshed.assumptions.names import SAVED
from railshed.circles.analysis import AnalysisInputs, circle_kinds, run_of
from railshed.circles.city_model import fastest_between
from railshed.comparisons.objective import Objective, objective_of, objective_or_name
from railshed.comparisons.plans import run_after
from railshed.network.cities import City, Region
from railshed.network.model import Network
from railshed.questions.rank.drawn_gains import (
    MOST_DRAWN,
    Drawn,
    First,
    draw_gains,
    first_of,
    n_drawn_of,
)
from railshed.questions.rank.link_bounds import Bounds
from railshed.questions.rank.portfolio import ObjectiveEvaluator
from railshed.questions.rank.ranking import cities_of, definition_of
from railshed.routing.directions import Direction
from railshed.routing.engine import AnyCompiled
from railshed.routing.journeys import Compiled
from railshed.scenario.apply import resolve
from railshed.scenario.files import Scenario, scenario_from_dict
from railshed.scenario.plan import with_seed
from railshed.scenario.run_times.kinematics import FASTEST_KMH, SLOWEST_KMH
from railshed.scenario.run_times.run_times import LineRun
from railshed.scenario.service_plans.fit import as_seen
from railshed.util.array_types import Ints64
from railshed.util.errors import ParameterError
from railshed.util.executors import breadth_of, tasks_on
from railshed.util.geodesy import great_circle_m
from railshed.util.progress import Step, progress_bar
from railshed.util.sums import plain_sum
from railshed.util.units import HOUR, MINUTE, UNREACHED
from railshed.util.validation import checked, flag, optional, text, whole

HEADING = (
    "screening / 筛选, not a proposal: lines straight from station to station, no terrain, "
    "cost or demand"
)
#: links looked at in one go
_CHUNK = 512
#: of links with both ends near those of another one, so many are appraised in full
_A_CORRIDOR = 3
#: a timetable in whole minutes may round a run down by so much
_ROUNDING_S = 30


@dataclass(frozen=True, slots=True)
class LinkRules:
    """Rules of candidate links, and the number that is appraised."""

    #: top speed of the links in service
    top_speed_kmh: float = 200.0
    #: trains in both directions all day, 06:00 to 23:00
    headway_minutes: float = 15.0
    #: straight distance between the stations
    least_km: float = 10.0
    #: the fastest hops by rail take so many times as long as the straight line at top speed
    least_detour: float = 1.5
    #: no more direct trains a day and direction, from stations within a walk too: what a metro
    #: joins is joined
    most_trains: int = 10
    #: of the objective, not within reach yet, near the end where there is more
    least_near: float = 20_000.0
    #: links whose ends lie within so many km of each other are one corridor
    apart_km: float = 15.0
    #: corridors to return, and links that are appraised in full at most
    number: int = 10
    most_appraised: int = 200
    #: rank by gain per km, else by gain
    per_km: bool = False


#: what the rules may be
_BOUNDS = {
    "top_speed_kmh": (SLOWEST_KMH, FASTEST_KMH),
    "headway_minutes": (1, 240),
    "least_km": (1, 1_000),
    "least_detour": (0, 100),
    "most_trains": (0, 10_000),
    "least_near": (0, 1e9),
    "apart_km": (0, 1_000),
    "number": (1, 100),
    "most_appraised": (1, 10_000),
}


@dataclass(frozen=True, slots=True)
class Link:
    """A candidate link, appraised in full."""

    from_id: str
    to_id: str
    from_name: str
    to_name: str
    straight_km: float
    km: float
    run_minutes: float
    #: fastest by rail today, None: more than two hours or not at all
    minutes_now: float | None
    direct_trains: int
    #: no service over this link can gain more
    bound: float
    gain: float
    #: slugs of the cities whose circles may change
    cities: tuple[str, ...]
    scenario: Scenario

    @property
    def gain_per_km(self) -> float:
        """Gain a km of line."""
        return self.gain / self.km

    @property
    def name(self) -> str:
        """Both stations."""
        return f"{self.from_name}-{self.to_name}"


@dataclass(frozen=True, slots=True)
class Suggestions:
    """The best corridors found, best first."""

    region: Region
    objective: Objective
    rules: LinkRules
    links: tuple[Link, ...]
    before: float
    #: pairs of stations in the region, those that rail joins badly, those appraised in full
    n_pairs: int
    n_candidates: int
    n_appraised: int
    #: largest bound (by km where links are ranked so) of what was not appraised
    left_bound: float
    #: whether nothing left could be among the links shown, but for further links of the same
    #: corridors
    proved: bool
    #: what the figures mean, in English and Chinese
    definition: str = ""
    definition_zh: str = ""
    #: by link what it gains in draws of its trains and run times; none where nothing was drawn
    drawn: tuple[Drawn, ...] = ()

    @property
    def first(self) -> First | None:
        """How the best link stands to the others in the draws, None where nothing was drawn."""
        return first_of(
            [(link.name, one) for link, one in zip(self.links, self.drawn, strict=False)]
        )

    def __repr__(self) -> str:
        return (
            f"<Suggestions for {self.region.region_id}: {len(self.links)} links, "
            f"{HEADING.partition(':')[0]}>"
        )

    def as_plain(self) -> dict[str, Any]:
        """Return everything as plain values, rounded as written; a bound is rounded up, so that it
        stays one.
        """
        rounded = self.objective.rounded
        now = [link.minutes_now for link in self.links]
        links = [
            {
                "from": link.from_id,
                "to": link.to_id,
                "from_name": link.from_name,
                "to_name": link.to_name,
                "straight_km": round(link.straight_km, 2),
                "km": round(link.km, 2),
                "run_minutes": round(link.run_minutes, 2),
                "minutes_now": None if today is None else round(today, 2),
                "direct_trains": link.direct_trains,
                "bound": rounded(link.bound, up=True),
                "gain": rounded(link.gain),
                "gain_per_km": round(link.gain_per_km, 3),
                "cities": list(link.cities),
                **(self.drawn[k].row(self.objective) if self.drawn else {}),
            }
            for k, (link, today) in enumerate(zip(self.links, now, strict=True))
        ]
        return {
            "heading": HEADING,
            "region": self.region.region_id,
            "objective": str(self.objective),
            "definition": self.definition,
            "rules": asdict(self.rules),
            "before": rounded(self.before),
            "pairs": self.n_pairs,
            "candidates": self.n_candidates,
            "appraised": self.n_appraised,
            "left_bound": round(self.left_bound, 3)
            if self.rules.per_km
            else rounded(self.left_bound, up=True),
            "proved": self.proved,
            "links": links,
            "first": self.first and asdict(self.first),
        }


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Pairs of ends that rail joins badly: indices into the ends, distance, trains and run time."""

    a: Ints64
    b: Ints64
    km: NDArray[np.float64]
    trains: Ints64
    #: seconds of the straight line at top speed, rounded down as a timetable may
    run_s: Ints64
    n_pairs: int


def check_rules(rules: LinkRules, names: Mapping[str, str]) -> None:
    """Raise where a rule is out of bounds; `names` are what the caller calls them.

    Raises ParameterError naming every such rule, and what is allowed.
    """
    problems = [
        f"{names.get(name, name)} {getattr(rules, name):g}: allowed are numbers from {low:g} to "
        f"{high:g}"
        for name, (low, high) in _BOUNDS.items()
        if not low <= getattr(rules, name) <= high
    ]
    if problems:
        raise ParameterError("; ".join(problems))


def _rules_of(value: Any) -> LinkRules:
    if not isinstance(value, LinkRules):
        raise ValueError("allowed is LinkRules of railshed.questions.rank.suggestions")
    check_rules(value, {})
    return value


@checked(
    **circle_kinds("network", "direction", "executor"),
    region=text,
    objective=objective_or_name,
    rules=optional(_rules_of),
    n_plans=optional(whole(0, MOST_DRAWN)),
    progress=flag,
)
def suggest_links(
    network: Network | AnalysisInputs | str | Path,
    region: str,
    *,
    objective: Objective | str = SAVED,
    direction: str = "to",
    rules: LinkRules | None = None,
    n_plans: int | None = None,
    progress: bool = False,
    executor: Executor | None = None,
) -> Suggestions:
    """Return links between stations of a region that would gain most for the united circles of its
    core cities. See `Analysis.suggest`.
    """
    run = run_of(network)
    base = run.compiled.network
    own = rules or LinkRules()
    if run.compiled.schedule is None or base.counties is None:
        raise ParameterError(
            f"network {base.network_id}: links are suggested where there is a timetable and "
            "counties"
        )
    objective_ = objective_of(objective) if isinstance(objective, str) else objective
    with progress_bar(own.most_appraised, progress, "links, at most") as step:
        search = _Search(run, base.get_region(region), objective_, direction, own)
        found = search.result(step, executor)
    scenarios = [link.scenario for link in found.links]
    n = n_drawn_of(base, n_plans)
    return replace(
        found,
        drawn=tuple(
            draw_gains(search.evaluator, scenarios, n, progress=progress, executor=executor)
        ),
    )


class _Search:
    """The search for the best links of one region."""

    def __init__(
        self,
        run: AnalysisInputs,
        region: Region,
        objective: Objective,
        direction: str,
        rules: LinkRules,
    ) -> None:
        self.run = run
        self.region = region
        self.objective = objective
        self.rules = rules
        self.direction = direction
        self.network = run.compiled.network
        self.cities = cities_of(self.network, None, region.region_id)
        self.evaluator = ObjectiveEvaluator(run, self.cities, objective, direction)
        self.ends = _ends(run.compiled, region, self.cities)
        way: Direction = "from" if direction == "from" else "to"
        self.bounds = Bounds.of(self.evaluator, self.ends, way)
        self.before = self.evaluator.value(self.evaluator.base)
        lon, lat = (
            np.array([getattr(self.network.stations[k], name) for k in self.ends])
            for name in ("lon", "lat")
        )
        #: float64 (n_ends, n_ends) straight km
        self.km = np.asarray(great_circle_m(lon[:, None], lat[:, None], lon, lat)) / 1000
        self.near = self.km <= rules.apart_km
        self.at = {self.network.stations[k].station_id: n for n, k in enumerate(self.ends)}
        self.pairs = self._pairs()
        #: by pair, and by link's ends what was appraised
        self._links: dict[int, Link] = {}
        self._gains: dict[tuple[str, str], float] = {}

    def _pairs(self) -> _Pairs:
        """Return the pairs of ends far enough apart that rail joins badly, with something to gain
        at one end.
        """
        rules = self.rules
        a, b = np.triu_indices(len(self.ends), 1)
        km = self.km[a, b]
        run_s = np.maximum(np.floor(km / rules.top_speed_kmh * HOUR) - _ROUNDING_S, 0).astype(
            np.int64
        )
        trains = _direct_trains(self.run.compiled, self.ends)  # type: ignore[arg-type]
        direct = np.maximum(trains[a, b], trains[b, a])
        hops_s = np.minimum(
            self.bounds.between[a, np.array(self.ends)[b]],
            self.bounds.between[b, np.array(self.ends)[a]],
        )
        near = self.bounds.near[self.ends]
        chosen = (
            (km >= rules.least_km)
            & (run_s <= self.bounds.cutoff_s)
            & (direct <= rules.most_trains)
            & (hops_s >= rules.least_detour * km / rules.top_speed_kmh * HOUR)
            & (np.maximum(near[a], near[b]) >= rules.least_near)
        )
        return _Pairs(a[chosen], b[chosen], km[chosen], direct[chosen], run_s[chosen], len(a))

    def result(self, step: Step, executor: Executor | None = None) -> Suggestions:
        """Return the best links; bounds fall from one to the next, so what is left is known."""
        with tasks_on(executor, self, workers=1) as run:
            return self._result(step, run, 1 if executor is None else 3 * breadth_of(executor))

    def _result(self, step: Step, run: Callable[..., Iterator[float]], at_once: int) -> Suggestions:
        """Return the best links, `at_once` of them appraised in one round of tasks."""
        pairs = self.pairs
        rules = self.rules
        parts = [slice(k, k + _CHUNK) for k in range(0, len(pairs.a), _CHUNK)]
        loose = [self.bounds.loose(pairs.a[p], pairs.b[p], pairs.run_s[p]) for p in parts]
        score = np.concatenate([np.empty(0), *loose]) / (pairs.km if rules.per_km else 1.0)
        queue: list[tuple[float, int, Link | None]] = [
            (-float(v), k, None) for k, v in enumerate(score) if v > 0
        ]
        heapq.heapify(queue)
        found: list[Link] = []
        n_candidates = len(queue)
        best = list[Link]()
        proved = True
        while queue:
            top, k, link = heapq.heappop(queue)
            if len(best) == rules.number and -top <= self._score(best[-1], best[-1].gain):
                heapq.heappush(queue, (top, k, link))
                break
            if link is None:  # bounded more tightly first
                link = self._link(k)
                if link.bound > 0:
                    heapq.heappush(queue, (-self._score(link, link.bound), k, link))
                continue
            if plain_sum(self._alike(link, other) for other in found) >= _A_CORRIDOR:
                continue
            if len(found) == rules.most_appraised:
                heapq.heappush(queue, (top, k, link))
                proved = False
                break
            ends = link.from_id, link.to_id
            if ends not in self._gains:
                some = (
                    self._next([(top, k, link), *queue], found, at_once) if at_once > 1 else [link]
                )
                self._gains |= zip(
                    [(one.from_id, one.to_id) for one in some], run(_Search.gain, some), strict=True
                )
            found.append(replace(link, gain=self._gains[ends]))
            best = self._best(found)
            step()
        best = [self._with_today(link) for link in best]
        left = -queue[0][0] if queue else 0.0
        return Suggestions(
            self.region,
            self.objective,
            rules,
            tuple(best),
            self.before,
            pairs.n_pairs,
            n_candidates,
            len(found),
            left,
            proved,
            *definition_of(self.run, self.cities, self.objective, self.direction),
        )

    def _next(
        self, queue: list[tuple[float, int, Link | None]], found: Sequence[Link], n: int
    ) -> list[Link]:
        """Return the links that are appraised next, up to `n`, unless those before them leave them
        out.
        """
        some: list[Link] = []
        heapq.heapify(queue)
        while queue and len(some) < n:
            _, k, link = heapq.heappop(queue)
            if link is None:
                link = self._link(k)
                if link.bound > 0:
                    heapq.heappush(queue, (-self._score(link, link.bound), k, link))
            elif plain_sum(self._alike(link, other) for other in (*found, *some)) < _A_CORRIDOR:
                some.append(link)
        return some

    def _score(self, link: Link, value: float) -> float:
        return value / link.km if self.rules.per_km else value

    def _best(self, found: Sequence[Link]) -> list[Link]:
        """Return the best link of each corridor, best first."""
        best: list[Link] = []
        for link in sorted(
            found, key=lambda one: (-self._score(one, one.gain), one.from_id, one.to_id)
        ):
            if link.gain > 0 and not any(self._alike(link, other) for other in best):
                best.append(link)
        return best[: self.rules.number]

    def _alike(self, one: Link, other: Link) -> bool:
        """Return whether both ends of the links lie near each other."""
        (a, b), (c, d) = ((self.at[link.from_id], self.at[link.to_id]) for link in (one, other))
        return bool((self.near[a, c] and self.near[b, d]) or (self.near[a, d] and self.near[b, c]))

    def _link(self, k: int) -> Link:
        """Return a link as `_bounded` does, once."""
        if k not in self._links:
            self._links[k] = self._bounded(k)
        return self._links[k]

    def _bounded(self, k: int) -> Link:
        """Return a link with its run time and the tight bound, not appraised yet; 0 where rail is
        as fast today.
        """
        pairs = self.pairs
        rules = self.rules
        a = int(pairs.a[k])
        b = int(pairs.b[k])
        one, other = (self.network.stations[self.ends[end]] for end in (a, b))
        ends = [(one.lon, one.lat), (other.lon, other.lat)]
        run = LineRun(ends, top_speed_kmh=rules.top_speed_kmh)
        ride = as_seen(run, self.network, (one, other)).times()
        run_s = int(ride.total_s)
        title = f"{one.name}-{other.name}"
        title_en = "-".join(end.name_en or end.name for end in (one, other))
        period = {
            "start_time": "06:00",
            "end_time": "23:00",
            "headway_minutes": rules.headway_minutes,
        }
        scenario = scenario_from_dict(
            {
                "title": title,
                "title_en": title_en,
                "modification": [
                    {
                        "type": "add-trips",
                        "name": title,
                        "description": HEADING,
                        "stops": [one.station_id, other.station_id],
                        "top_speed_kmh": rules.top_speed_kmh,
                        "frequencies": [period],
                    }
                ],
            }
        )
        touched = tuple(
            city.slug for n, city in enumerate(self.cities) if self.bounds.touches(n, a, b, run_s)
        )
        joined = (
            min(self.bounds.between[a, self.ends[b]], self.bounds.between[b, self.ends[a]]) <= run_s
        )
        bound = 0.0 if joined else self.bounds.tight(a, b, run_s)
        return Link(
            from_id=one.station_id,
            to_id=other.station_id,
            from_name=one.name,
            to_name=other.name,
            straight_km=float(pairs.km[k]),
            km=ride.length_m / 1000,
            run_minutes=run_s / MINUTE,
            minutes_now=None,
            direct_trains=int(pairs.trains[k]),
            bound=bound,
            gain=0.0,
            cities=touched,
            scenario=scenario,
        )

    def gain(self, link: Link) -> float:
        """Return what a link gains: full circles of the cities that it can be of use for."""
        circles = self.evaluator.changed(link.scenario)
        if circles is None:
            drawn = [with_seed([link.scenario], draw) for draw in range(self.objective.n_phases)]
            runs = [run_after(self.run, resolve(self.network, scenarios)) for scenarios in drawn]
            circles = [
                self.evaluator.inside_of(runs, city) if city.slug in link.cities else circle
                for city, circle in zip(self.cities, self.evaluator.base, strict=True)
            ]
        return self.evaluator.value(circles) - self.before

    def _with_today(self, link: Link) -> Link:
        """Return the link with the fastest ride between its stations today, changes and waiting
        included.
        """
        index = self.network.station_index()
        a = index[link.from_id]
        b = index[link.to_id]
        seconds = min(fastest_between(self.run.compiled, *pair) for pair in ((a, b), (b, a)))
        return replace(link, minutes_now=None if seconds >= UNREACHED else seconds / MINUTE)


def _ends(compiled: AnyCompiled, region: Region, cities: Sequence[City]) -> list[int]:
    """Return the train stations in the region's counties, and the terminals of its core cities.

    Stations that nothing serves are among them: a line may have been closed. All stations where no
    train runs.
    """
    network = compiled.network
    assert network.counties is not None
    trains = compiled.train_stations()
    counted = (
        trains | ~compiled.served_stations()
        if trains.any()
        else np.ones(network.n_stations, dtype=bool)
    )
    codes = set(network.counties.loc[region.holds(network.counties), "county_code"])
    core = {station for city in cities for station in city.core_station_ids}
    return [
        k
        for k, s in enumerate(network.stations)
        if (counted[k] and s.county_code in codes) or s.station_id in core
    ]


def points_within(
    compiled: AnyCompiled,
    region: str,
    cities: Sequence[City],
    rules: LinkRules,
    objective: Objective,
) -> list[tuple[float, float]]:
    """Return the stations that links could join and that a straight way at top speed brings within
    the minutes.
    """
    network = compiled.network
    reach_m = objective.cutoff_min * MINUTE * rules.top_speed_kmh / 3.6
    ends = [network.stations[k] for k in _ends(compiled, network.get_region(region), cities)]
    places = {s.station_id: s for s in network.stations}
    core = [places[station] for city in cities for station in city.core_station_ids]
    lons, lats = (np.array([getattr(s, name) for s in core]) for name in ("lon", "lat"))
    return [
        (s.lon, s.lat) for s in ends if (great_circle_m(s.lon, s.lat, lons, lats) <= reach_m).any()
    ]


def _direct_trains(compiled: Compiled, ends: Sequence[int]) -> Ints64:
    """Return int64 (n_ends, n_ends): trips of the day that call at or within a walk of one, and
    later of the other.
    """
    calls = compiled.network.stop_times
    today = np.zeros(compiled.network.n_trips, dtype=bool)
    today[compiled.run_trip[compiled.run_shift == 0]] = True
    ptr, to, _ = compiled.walks_of("to")
    around: dict[int, list[int]] = {}
    for n, end in enumerate(ends):
        for station in (end, *to[ptr[end] : ptr[end + 1]].tolist()):
            around.setdefault(station, []).append(n)
    near = np.zeros(compiled.network.n_stations, dtype=bool)
    near[list(around)] = True
    chosen = today[calls.trip_idx] & near[calls.station_idx]
    trip = calls.trip_idx[chosen]
    place = calls.station_idx[chosen]
    patterns = Counter(
        part.tobytes() for part in np.split(place, np.flatnonzero(np.diff(trip)) + 1)
    )
    found = np.zeros((len(ends), len(ends)), np.int64)
    for pattern, n_trips in patterns.items():
        stations = np.frombuffer(pattern, place.dtype).tolist()
        met = np.array(
            [(n, k) for k, station in enumerate(stations) for n in around[station]], np.int64
        )
        here, there = np.nonzero(met[:, None, 1] < met[:, 1])
        joined = np.unique(met[here, 0] * len(ends) + met[there, 0])
        found.reshape(-1)[joined] += n_trips
    return found
