"""A prediction compared with the observed circle: the old timetable plus a line, and the new
timetable.

The line is a scenario without run times of its own. Three circles of a city stand on the same land
with the same people: of the timetable before, of that timetable with the line, and of the timetable
after.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from pathlib import Path
from statistics import median
from typing import Any

import geopandas as gpd
import numpy as np

from railshed.assumptions.readings import HEADLINE
from railshed.circles.analysis import (
    AnalysisInputs,
    case_of,
    circle_kinds,
    city_of,
    network_of,
    network_or_run,
    run_of,
)
from railshed.circles.build import circles_of
from railshed.circles.places import inside_by_kind
from railshed.circles.result import CircleResult
from railshed.comparisons.networks import known_city, run_on, same_stations
from railshed.comparisons.plans import base_with
from railshed.network.cities import City
from railshed.network.lines import Line, expand, route_of, stations_of
from railshed.network.model import Network
from railshed.routing.engine import compile_any
from railshed.scenario.apply import is_on, resolve, scenario_of
from railshed.scenario.fields.selection import on_network_day
from railshed.scenario.fields.table import Findings, Problems
from railshed.scenario.files import Scenario
from railshed.scenario.modifications import MODIFICATIONS
from railshed.scenario.plan import Plan
from railshed.util.array_types import Bools
from railshed.util.bilingual import Words
from railshed.util.errors import InputError, raise_errors
from railshed.util.frames import cached_frame
from railshed.util.units import MINUTE
from railshed.util.validation import checked, optional

STATES = ("hit", "miss", "false_alarm")
#: what is compared: the whole circle, or what it gains over the timetable before
SCOPES = ("circle", "gain")
#: a run time is hit when it is off by no more than this, in minutes, or this share of the real one
HIT_MIN = 2.0
HIT_SHARE = 0.1


@dataclass(frozen=True, eq=False)
class BacktestResult:
    """The predicted and the observed circle of one city."""

    title: str
    before: CircleResult
    predicted: CircleResult
    after: CircleResult
    #: the lines as predicted, and what their trains were drawn from
    lines: tuple[Line, ...]
    seeds: tuple[int, ...]
    #: what was assumed
    assumed: tuple[Words, ...]

    def __repr__(self) -> str:
        row = self.row(self.after.surface.reading.name, self.after.headline_cutoff, "gain")
        figures = ", ".join(f"{state} {row[f'people_{state}']}" for state in STATES)
        return f"<Backtest {self.after.city.slug} {self.title!r}: people of the gain {figures}>"

    @property
    def notes(self) -> tuple[str, ...]:
        """What was assumed, in English."""
        return tuple(words.en for words in self.assumed)

    def row(self, reading: str, cutoff_min: int, scope: str, kind: str = "total") -> dict[str, Any]:
        """Return one row of `table`."""
        key = reading, cutoff_min, kind, scope
        return next(
            r for r in self.table if (r["reading"], r["cutoff_min"], r["kind"], r["scope"]) == key
        )

    @cached_property
    def table(self) -> list[dict[str, Any]]:
        """One row a reading, cutoff, kind and scope, all outside the city proper where there is
        one.

        ``hit`` is inside as predicted and as observed, ``miss`` as observed only, ``false_alarm``
        as predicted only; scope ``gain`` leaves out what was inside before. ``skill`` is the share
        of the area by which the timetable before was wrong about the one after that the prediction
        is not (1: nothing wrong, 0: no better than predicting no change, below: worse; None where
        nothing changed); ``skill_people`` is that of people.
        """
        return [row for name in self.before.surfaces for row in self._rows(name)]

    def _rows(self, reading: str) -> Iterator[dict[str, Any]]:
        for cutoff in self.before.summary.readings[reading].cutoffs:
            was, predicted, observed = (
                inside_by_kind(c.surfaces[reading], cutoff)
                for c in (self.before, self.predicted, self.after)
            )
            for kind in ("total", "by_rail"):
                for scope in SCOPES:
                    row = {"reading": reading, "cutoff_min": cutoff, "kind": kind, "scope": scope}
                    yield row | self._figures(was[kind], predicted[kind], observed[kind], scope)

    def _figures(self, was: Bools, predicted: Bools, observed: Bools, scope: str) -> dict[str, Any]:
        """Return people and km2 of each state, what they come to, and how much better than no
        change.
        """
        counts = self.before.counts
        row: dict[str, Any] = {}
        sizes: dict[str, dict[str, float]] = {"people": {}, "area_km2": {}}
        for state, cells in states_of(was, predicted, observed, scope).items():
            inside = counts.inside(cells)
            people = inside.people_outside
            km2 = inside.km2_outside
            row |= {f"people_{state}": people, f"area_km2_{state}": km2}
            sizes["people"][state] = float(people or 0)
            sizes["area_km2"][state] = km2
        changed = counts.inside(was ^ observed)
        unchanged_wrong = {"people": changed.people_outside, "area_km2": changed.km2_outside}
        for what, size in sizes.items():
            wrong = size["miss"] + size["false_alarm"]
            suffix = "_people" if what == "people" else ""
            row[f"found{suffix}"] = _share(size["hit"], size["hit"] + size["miss"])
            row[f"right{suffix}"] = _share(size["hit"], size["hit"] + size["false_alarm"])
            worst = unchanged_wrong[what]
            row[f"skill{suffix}"] = (
                None if not worst or scope == "gain" else round(1 - wrong / worst, 4)
            )
        return row

    @cached_property
    def runs(self) -> list[dict[str, Any]]:
        """One row a line and pair of its stations, each way: trains a day and minutes, predicted
        and observed.

        Observed: direct trains of the new timetable that the old one does not have at these
        minutes. ``hit`` is a median within 2 minutes or a tenth of the real one; None where no such
        train ran. ``stations_between`` is None where no train of the line stops everywhere.
        """
        routes: dict[str, list[tuple[Line, int]]] = {}
        for line, seed in zip(self.lines, self.seeds, strict=True):
            routes.setdefault(route_of(line), []).append((line, seed))
        return [row for route, lines in routes.items() for row in self._run_rows(route, lines)]

    def _run_rows(self, route: str, lines: Sequence[tuple[Line, int]]) -> Iterator[dict[str, Any]]:
        names: dict[str, str] = {}
        predicted: dict[tuple[str, str], list[float]] = {}
        for line, seed in lines:
            names |= {stop.station.station_id: stop.station.name for stop in line.stops}
            for run in expand(line, seed):
                for a, b in combinations(range(len(run.station_ids)), 2):
                    took = (run.arrival_s[:, b] - run.departure_s[:, a]) / MINUTE
                    predicted.setdefault((run.station_ids[a], run.station_ids[b]), []).extend(
                        took.tolist()
                    )
        order = next((stations_of(line) for line, _ in lines if len(line.stops) == len(names)), ())
        old = self._calls(self.before.network, names)
        new = self._calls(self.after.network, names)
        for (start, end), minutes in predicted.items():
            added = _direct(new, start, end) - _direct(old, start, end)
            observed = sorted((arrive - leave) / MINUTE for leave, arrive in added.elements())
            row: dict[str, Any] = {"line": route, "from": names[start], "to": names[end]}
            between = (
                abs(order.index(start) - order.index(end)) - 1
                if {start, end} <= set(order)
                else None
            )
            row |= {
                "stations_between": between,
                "trains_predicted": len(minutes),
                "trains_after": len(observed),
            }
            row |= {**_ends("predicted", minutes), **_ends("after", observed)}
            off = (
                row["minutes_median_predicted"] - row["minutes_median_after"]
                if observed and minutes
                else None
            )
            limit = max(HIT_MIN, HIT_SHARE * (row["minutes_median_after"] or 0))
            yield row | {"off_min": off, "hit": None if off is None else abs(off) <= limit}

    def _calls(
        self, network: Network, names: Mapping[str, str]
    ) -> dict[str, dict[int, tuple[int, int]]]:
        """Return by station of the line the trips that call there: arrival, departure; twice is the
        first.
        """
        places = {s.station_id: s for s in self.predicted.network.stations}
        calls = network.stop_times
        runs = on_network_day(network)
        found: dict[str, dict[int, tuple[int, int]]] = {}
        for station_id in names:
            same = same_stations(places[station_id], network)
            at = np.flatnonzero(np.isin(calls.station_idx, same) & runs[calls.trip_idx])
            columns = (calls.trip_idx[at], calls.arrival_s[at], calls.departure_s[at])
            found[station_id] = {}
            for trip, arrival, departure in zip(*(c.tolist() for c in columns), strict=True):
                found[station_id].setdefault(trip, (arrival, departure))
        return found

    @cached_property
    def run_summary(self) -> dict[str, Any]:
        """Pairs of stations, how many of them are hit, by how much the median of trains is off; the
        same of neighbours.

        Between neighbours no stop plan makes a difference: what is off there is the run time alone.
        """
        near = [row for row in self.runs if row["stations_between"] == 0]
        return {
            "pairs": len(self.runs),
            **_off(self.runs),
            **{f"neighbours_{k}": v for k, v in _off(near).items()},
        }

    @cached_frame
    def polygons(self) -> gpd.GeoDataFrame:
        """Hit, miss and false alarm of the headline reading by cutoff (by rail or without a ride);
        EPSG:4326.
        """
        land = self.before.counts.land
        name = self.after.surface.reading.name
        rows = []
        shapes = []
        predicted = self.predicted.shapes(name)
        observed = self.after.shapes(name)
        for cutoff in predicted:
            a = predicted[cutoff]["total"]
            b = observed[cutoff]["total"]
            row = self.row(name, cutoff, "circle")
            for state, shape in zip(
                STATES, (a.intersection(b), b.difference(a), a.difference(b)), strict=True
            ):
                figures = {what: row[f"{what}_{state}"] for what in ("people", "area_km2")}
                rows.append({"reading": name, "cutoff_min": cutoff, "state": state, **figures})
                shapes.append(shape)
        return gpd.GeoDataFrame(rows, geometry=land.grid.to_degrees(shapes))


def states_of(was: Bools, predicted: Bools, observed: Bools, scope: str) -> dict[str, Bools]:
    """Return the cells that are a hit, a miss and a false alarm, of the whole circle or of what it
    gains.
    """
    counted = np.ones_like(was) if scope == "circle" else ~was
    return {
        "hit": counted & predicted & observed,
        "miss": counted & observed & ~predicted,
        "false_alarm": counted & predicted & ~observed,
    }


def _off(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    off = [row["off_min"] for row in rows if row["off_min"] is not None]
    return {
        "with_trains_after": len(off),
        "hit": sum(row["hit"] is True for row in rows),
        "off_min_median": median(off) if off else None,
        "off_min_median_absolute": median(map(abs, off)) if off else None,
    }


def _share(part: float, whole: float) -> float | None:
    return None if whole == 0 else round(part / whole, 4)


def _ends(when: str, minutes: Sequence[float]) -> dict[str, float | None]:
    """Return the fastest and the median minutes, of an even number the mean of the two in the
    middle.
    """
    return {
        f"minutes_fastest_{when}": min(minutes) if minutes else None,
        f"minutes_median_{when}": float(median(minutes)) if minutes else None,
    }


def _direct(
    calls: Mapping[str, Mapping[int, tuple[int, int]]], a: str, b: str
) -> Counter[tuple[int, int]]:
    """Return the runs without a change: seconds of leaving a and reaching b."""
    first = calls[a]
    last = calls[b]
    return Counter(
        (first[t][1], last[t][0]) for t in first.keys() & last.keys() if first[t][1] < last[t][0]
    )


@checked(
    before=network_or_run,
    after=network_of,
    lines=scenario_of,
    city_after=optional(city_of),
    **circle_kinds("city", "cutoffs", "reading", "direction"),
)
def backtest(
    before: Network | AnalysisInputs | str | Path,
    after: Network | str | Path,
    lines: Scenario | str | Path,
    city: str | City,
    *,
    city_after: str | City | None = None,
    cutoffs: Sequence[int] | None = None,
    reading: str = HEADLINE,
    direction: str = "to",
) -> BacktestResult:
    """Return how well the old timetable plus a line predicts the circle of the new timetable.

    See `Analysis.backtest`.
    """
    assert isinstance(after, Network)
    assert isinstance(lines, Scenario)
    assert not isinstance(before, str | Path)
    run = run_of(before)
    here = known_city(run.compiled.network, city, "before")
    found, runs = _three(run, after, lines, here, city_after)
    cases = [
        case_of(one, city)
        for one, city in zip(
            runs, (here, here, runs[2].compiled.network.get_city(here.slug)), strict=True
        )
    ]
    was, predicted, observed = circles_of(
        cases, run, reading=reading, direction=direction, cutoffs=cutoffs
    )
    return BacktestResult(
        title=lines.title,
        before=was,
        predicted=predicted,
        after=observed,
        lines=found.lines,
        seeds=found.seeds,
        assumed=found.assumed,
    )


def runs_of(
    run: AnalysisInputs,
    after: Network,
    lines: Scenario,
    city: str | City,
    *,
    city_after: str | City | None = None,
) -> list[AnalysisInputs]:
    """Return the run on the old timetable, on it with the line, and on the new one; errors as
    `backtest`.
    """
    return _three(run, after, lines, known_city(run.compiled.network, city, "before"), city_after)[
        1
    ]


def _three(
    run: AnalysisInputs, after: Network, lines: Scenario, here: City, city_after: str | City | None
) -> tuple[Plan, list[AnalysisInputs]]:
    old = base_with(run.compiled.network, [here])
    found = predict(old, lines, city=here.slug)
    day = run.compiled.date
    return found, [
        *(
            run
            if network is run.compiled.network
            else run.changed(compiled=compile_any(network, run.assumptions, date=day))
            for network in (old, found.network)
        ),
        run_on(run, after, here, city_after, found.network),
    ]


def predict(old: Network, lines: Scenario, *, city: str | None = None) -> Plan:
    """Return the scenario applied to the old timetable; it must add a line and set no minutes.

    What is switched off does not count. Lengths, speeds, stations and trains a day (headways too)
    may be set; the minutes between them are what a back-test predicts. A scale of speeds or dwells
    is a way of giving minutes.

    Raises InputError naming every field that gives minutes and everything that cannot be applied,
    or that no line is added.
    """
    problems = Findings()
    for part in lines.parts:
        errors = part.problems(problems)
        for number, values in part.numbered():
            _refuse_minutes(number, values, errors)
    try:
        found = resolve(old, lines, city=city)
    except InputError as error:
        if error.issues and problems.issues:
            raise_errors(f"scenario {lines.file or lines.title}", [*problems.issues, *error.issues])
        raise
    raise_errors(f"scenario {lines.file or lines.title}", problems.issues)
    if not found.lines:
        raise InputError(
            f"scenario {lines.file or lines.title} adds no line: a back-test foretells one -> give "
            "add-trips with top_speed_kmh, stations and trains a day"
        )
    return found


def _refuse_minutes(number: int, values: Mapping[str, Any], problems: Problems) -> None:
    """Record an error for every field of a modification that sets minutes, or scales them."""
    kind = str(values.get("type"))
    if kind not in MODIFICATIONS or not is_on(values):
        return
    for key, one in MODIFICATIONS[kind].fields.items():
        if values.get(key) is not None and (one.unit == "minutes" or key == "scale"):
            speed = "give top_speed_kmh, and length_km where it was announced"
            remedy = (
                speed
                if key == "hop_minutes"
                else f"leave it out{', the whole modification' * one.required}"
            )
            message = f"{kind} sets minutes, and a back-test predicts them"
            problems.error(number, key, "minutes-given", message, values[key], remedy, key=key)
