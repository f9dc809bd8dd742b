"""What to buy: what a planned line saves under higher speed, more trains, better feeders, fewer or
more stops.

One change at a time from the plan, whose lines are varied as they run once all modifications are
applied. A change of the line does not change the circle without it; a change of feeders, stations
or modes moves both, and what the plan saves is the difference of the two. Figures are means over
draws of the phases of the plan's trains, by rail, under the reading and turning up and going.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from railshed.assumptions.assumptions import Assumptions, StationTime
from railshed.assumptions.names import SAVED
from railshed.assumptions.readings import HEADLINE
from railshed.circles.analysis import AnalysisInputs, case_of, circle_kinds, shown_reading
from railshed.circles.definitions import OUTSIDE, describe_reading
from railshed.comparisons.changes import LEAST_MIN, MOST_MIN
from railshed.comparisons.incremental.baseline import Baseline, baseline
from railshed.comparisons.objective import AREA, PEOPLE, Objective
from railshed.comparisons.plans import base_with, find_cities
from railshed.network.cities import City
from railshed.network.lines import Line, route_of, stations_of
from railshed.network.model import Network, Station
from railshed.questions.rank.portfolio import ObjectiveEvaluator
from railshed.questions.rank.reached import circle_of
from railshed.routing.compile import compile_network
from railshed.routing.journeys import Compiled
from railshed.scenario.apply import resolve, scenario_of
from railshed.scenario.edits import with_trips
from railshed.scenario.files import Scenario
from railshed.scenario.plan import Plan, one_way_s
from railshed.scenario.run_times.stops import running_of, with_stop, without_stop
from railshed.util.bilingual import EMPTY, Words, joined
from railshed.util.errors import ParameterError
from railshed.util.phrases import phrase
from railshed.util.progress import progress_bar
from railshed.util.units import DAY, MINUTE, decimal
from railshed.util.validation import checked, flag

FASTER = 1.2
FEEDER_FASTER = 1.25
STATION_LESS_MIN = 5
CENTRAL = "central"
TURN_UP = "turn-up-and-go"


@dataclass(frozen=True, slots=True)
class Variant:
    """One change of the plan: its words and the changed parts; None: as in the plan."""

    key: str
    #: line, feeders, stations, access
    group: str
    words: Words
    lines: tuple[Line, ...] | None = None
    assumptions: Assumptions | None = None
    #: minutes that stations have of their own are lowered too
    own_station_times: bool = False


@dataclass(frozen=True, eq=False)
class TradeOffsResult:
    """The table of trade-offs of one plan for one city."""

    city: City
    plan: Plan
    #: minutes saved by people, by km2 where none are known
    objective: Objective
    direction: str
    definition: str
    #: one row a variant, the plan as written first (see `trade_offs`)
    table: list[dict[str, Any]]
    #: whether there is one, which no figure counts
    has_city_proper: bool = True
    definition_zh: str = ""

    @property
    def reading(self) -> str:
        """Name of the reading."""
        return self.objective.reading

    def __repr__(self) -> str:
        return f"<TradeOffs {self.city.slug} {self.plan.title!r}: {len(self.table) - 1} variants>"


@checked(scenario=scenario_of, progress=flag, **circle_kinds("run", "city", "reading", "direction"))
def trade_offs(
    run: AnalysisInputs,
    city: str | City,
    scenario: Scenario | str | Path,
    *,
    reading: str = HEADLINE,
    direction: str = "to",
    progress: bool = False,
) -> TradeOffsResult:
    """Return the worth of a planned line under changes of it and of assumptions, one at a time.

    See `Analysis.trade_offs`.
    """
    (found,) = find_cities(run, [city])
    assert isinstance(scenario, Scenario)
    network = base_with(run.compiled.network, [found])
    if network is not run.compiled.network:
        run = run.changed(compiled=replace(run.compiled, network=network))
    plan = resolve(network, scenario, city=found.slug)
    if not plan.lines:
        raise ParameterError(
            f"scenario {plan.title!r} adds no line (add-trips): there is nothing to vary"
        )
    chosen = shown_reading(run, case_of(run, found), reading)
    question = _Question(run, found, plan, chosen.name, direction)
    variants = [
        Variant(CENTRAL, "plan", phrase("variant_plan")),
        *variants_of(plan, run.assumptions),
    ]
    rows: list[dict[str, Any]] = []
    with progress_bar(len(variants), progress, "changes") as step:
        for variant in variants:
            words = variant.words
            row: dict[str, Any] = {
                "key": variant.key,
                "group": variant.group,
                "en": words.en,
                "zh": words.zh,
            }
            row |= question.worth(variant)
            rows.append(row | {"saved_vs_plan": row["saved"] - (rows[0] if rows else row)["saved"]})
            step()
    outside = network.counties is not None and bool(found.proper_counties)
    lines = describe_reading(
        chosen,
        found,
        run.assumptions,
        direction,
        n_centres=len(found.centres),
        streets=run.streets is not None,
    )
    definition = joined([*lines, OUTSIDE] if outside else lines, "；", "; ")
    return TradeOffsResult(
        city=found,
        plan=plan,
        objective=question.objective,
        direction=direction,
        definition=definition.en,
        table=rows,
        has_city_proper=outside,
        definition_zh=definition.zh,
    )


@dataclass(eq=False)
class _Question:
    """What every variant of a plan is asked: the same city, reading and direction."""

    run: AnalysisInputs
    city: City
    plan: Plan
    reading: str
    direction: str

    @cached_property
    def objective(self) -> Objective:
        """Minutes saved by people, by km2 where none are known."""
        own = () if self.run.opportunities is None else self.run.opportunities.columns
        known = PEOPLE in own or self.run.compiled.network.population is not None
        return Objective(
            SAVED, PEOPLE if known else AREA, MOST_MIN, self.reading, least_min=LEAST_MIN
        )

    @cached_property
    def _objectives(self) -> dict[str, Objective]:
        """The objective, and turning up and going where that is defined."""
        found = {"": self.objective}
        if case_of(self.run, self.city).has_goal(self.run.readings[TURN_UP].legs):
            found["_turn_up"] = replace(self.objective, reading=TURN_UP)
        return found

    @cached_property
    def _evaluators(self) -> dict[str, ObjectiveEvaluator]:
        return {
            name: ObjectiveEvaluator(self.run, [self.city], one, self.direction)
            for name, one in self._objectives.items()
        }

    @cached_property
    def _central(self) -> tuple[Baseline, Baseline]:
        return self._baselines(Variant(CENTRAL, "plan", EMPTY))

    @cached_property
    def _stripped(self) -> Compiled:
        """The network of the plan without its lines, under the assumptions as they are."""
        return compile_network(
            without_lines(self.plan),
            self.run.assumptions,
            date=self.run.compiled.date,
            may_be_empty=True,
        )

    def _baselines(self, variant: Variant) -> tuple[Baseline, Baseline]:
        """Return the city before the plan, and with all of it but its lines, under the variant's
        assumptions.
        """
        a = variant.assumptions or self.run.assumptions
        readings = [one.reading for one in self._objectives.values()]
        options: dict[str, Any] = {
            "readings": readings,
            "cutoffs": [MOST_MIN],
            "direction": self.direction,
        }
        sides = []  # one for both where lines are all that the plan has
        for compiled in (self.run.compiled, *(() if self.plan.only_adds else (self._stripped,))):
            if (
                variant.own_station_times
            ):  # walks between train and metro lead through the doors of both
                stations = tuple(
                    _shorter_own(s, self.run.assumptions) for s in compiled.network.stations
                )
                compiled = compile_network(
                    replace(compiled.network, stations=stations), a, date=compiled.date
                )
            side = self.run.changed(compiled=compiled, assumptions=a, opportunities=None)
            sides.append(baseline(side, [self.city], **options))
        return sides[0], sides[-1]

    def worth(self, variant: Variant) -> dict[str, Any]:
        """Return what the plan is worth with one change: means over draws of the phases of its
        trains.
        """
        before, stripped = (
            self._central if variant.assumptions is None else self._baselines(variant)
        )
        (old,) = before.cities
        (new,) = stripped.cities
        lines = variant.lines or self.plan.lines
        moved = []
        for draw in range(self.objective.n_phases):
            change = stripped.with_lines(lines, seed=[seed + draw for seed in self.plan.seeds])
            moved.append(change.cities.get(self.city.slug))
        found: dict[str, Any] = {}
        for name, one in self._objectives.items():
            worth = self._evaluators[name].worth(
                [circle_of(one, old)], [circle_of(one, new, moved)]
            )
            found |= worth if not name else {f"saved{name}": worth["saved"]}
        return found


def without_lines(plan: Plan) -> Network:
    """Return the plan's network without the trips of the lines that it adds."""
    routes = {route_of(line) for line in plan.lines}
    gone = [k for k, route in enumerate(plan.network.trips.route_ids) if route in routes]
    return with_trips(plan.network, {}, removed=gone)


def variants_of(plan: Plan, assumptions: Assumptions) -> Iterator[Variant]:
    """Yield the changes that the table holds, in order."""
    lines = plan.lines
    words = _words("speed", faster=round((FASTER - 1) * 100), times=FASTER)
    yield Variant("speed", "line", words, tuple(_with_runs(line, FASTER) for line in lines))
    for factor, key in ((0.5, "twice"), (2.0, "half")):
        spaced = tuple(_with_headways(line, factor) for line in lines)
        if spaced != lines:
            yield Variant(f"headway_x{factor:g}", "line", _words(key), spaced)
    yield from _stops_fewer(plan)
    yield from _stops_more(plan)
    yield from _assumed(assumptions)


def _words(key: str, **values: object) -> Words:
    return phrase(f"variant_{key}", **values)


def _with_runs(line: Line, faster: float) -> Line:
    def quicker(seconds: int) -> int:
        return max(1, round(seconds / faster))

    stops = [
        replace(
            s,
            run_s=quicker(s.run_s),
            run_back_s=None if s.run_back_s is None else quicker(s.run_back_s),
        )
        for s in line.stops[1:]
    ]
    return replace(line, stops=(line.stops[0], *stops))


def _with_headways(line: Line, factor: float) -> Line:
    if all(period.phase_s is not None and period.headway_s == DAY for period in line.periods):
        return line  # each departure is given
    periods = tuple(replace(p, headway_s=max(1, round(p.headway_s * factor))) for p in line.periods)
    return replace(line, periods=periods)


def _stops_fewer(plan: Plan) -> Iterator[Variant]:
    """Yield each stop on the way left out in turn (see `stopchanges`), with what that saves the
    trains that call.
    """
    between = dict.fromkeys(
        stop.station.station_id for line in plan.lines for stop in line.stops[1:-1]
    )
    for station_id in between:
        lines = tuple(without_stop(plan, line, station_id) for line in plan.lines)
        place = plan.places[station_id]
        words = _words(
            "without", name=Words(place.name, place.name_en or place.name), **_moved(plan, lines)
        )
        yield Variant(f"without_{station_id}", "line", words, lines)


def _stops_more(plan: Plan) -> Iterator[Variant]:
    """Yield a stop more, midway on the longest hop of each line, for all of its trains that stop
    alike, both ways.
    """
    for line in {route_of(one): one for one in reversed(plan.lines)}.values():
        metres = plan.hop_m(line)
        k = max(range(len(metres)), key=lambda i: (metres[i], -i)) + 1
        (lon_a, lat_a), (lon_b, lat_b) = plan.points(line)[k - 1 : k + 1]
        ends = [plan.places[line.stops[i].station.station_id] for i in (k - 1, k)]
        name = f"{ends[0].name}/{ends[1].name}"
        middle = (lon_a + lon_b) / 2, (lat_a + lat_b) / 2
        station = Station(
            f"{line.line_id}: {name}", name, *middle, station_class="small", feeder="bus"
        )
        places = {stations_of(line): k, stations_of(line)[::-1]: len(line.stops) - k}
        changed = tuple(
            with_stop(plan, one, places[stations_of(one)], station)
            if route_of(one) == route_of(line) and stations_of(one) in places
            else one
            for one in plan.lines
        )
        first, last = (Words(end.name, end.name_en or end.name) for end in ends)
        words = _words("stop_more", line=line.name, first=first, last=last, **_moved(plan, changed))
        yield Variant(f"stop_more_{line.line_id}", "line", words, changed)


def _moved(plan: Plan, lines: Sequence[Line]) -> dict[str, object]:
    """Return by how many minutes the trains that a stop concerns are moved, and at which top
    speeds.
    """
    pairs = [
        (old, new)
        for old, new in zip(plan.lines, lines, strict=True)
        if len(old.stops) != len(new.stops)
    ]
    minutes = sorted({abs(one_way_s(new) - one_way_s(old)) / MINUTE for old, new in pairs})
    range_ = " - ".join(dict.fromkeys(decimal(value) for value in (minutes[0], minutes[-1])))
    speeds = sorted(
        {(running_of(plan, old).top_speed_kmh, old.profile is None) for old, _ in pairs}
    )
    tops = [_words("by_hops" if by_hops else "top_speed", kmh=top) for top, by_hops in speeds]
    return {"minutes": range_, "tops": joined(tops, "；", "; ")}


def _assumed(a: Assumptions) -> Iterator[Variant]:
    """Yield the changes of feeders, stations and modes, which hold with and without the line."""
    feeders = [name for name in a.modes if name.startswith("feeder:")]
    quicker = {
        name: replace(a.modes[name], speed_kmh=a.modes[name].speed_kmh * FEEDER_FASTER)
        for name in feeders
    }
    sooner = {
        name: replace(a.modes[name], overhead_s=a.modes[name].overhead_s // 2) for name in feeders
    }
    if "feeder" in a.access_modes or "feeder" in a.egress_modes:
        percent = round((FEEDER_FASTER - 1) * 100)
        yield _around(
            "feeder_speed", "feeders", replace(a, modes={**a.modes, **quicker}), feeders=percent
        )
        yield _around("feeder_wait", "feeders", replace(a, modes={**a.modes, **sooner}))
    shorter = replace(a, station_times={k: _shorter(t) for k, t in a.station_times.items()})
    yield replace(
        _around("station_time", "stations", shorter, less=STATION_LESS_MIN), own_station_times=True
    )
    yield _around("access_walk", "access", a.with_access("walk"))
    if "drive" not in a.access_modes:
        both_ends = a.with_access(*a.access_modes, "drive", egress=[*a.egress_modes, "drive"])
        yield _around("access_drive", "access", both_ends)


def _around(key: str, group: str, assumptions: Assumptions, **numbers: int) -> Variant:
    return Variant(key, group, _words(key, **numbers), assumptions=assumptions)


def _shorter(times: StationTime) -> StationTime:
    less = STATION_LESS_MIN * MINUTE
    entry = max(0, times.entry_s - less)
    return replace(
        times, entry_s=entry, exit_s=max(0, times.exit_s - (less - (times.entry_s - entry)))
    )


def _shorter_own(station: Station, a: Assumptions) -> Station:
    """Return the station whose own minutes, where it has any, are lowered as those of a class."""
    if station.entry_s is None and station.exit_s is None:
        return station
    times = _shorter(StationTime(a.entry_s(station), a.exit_s(station), 0))
    return replace(station, entry_s=times.entry_s, exit_s=times.exit_s)
