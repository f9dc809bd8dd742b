"""Workload `edits`: what drawn, removed and retimed lines change in all core cities of China, and
many candidates.

The call is `Baseline.with_lines` or `with_network`, beside a full run of every city; figures,
stations and cells of both are equal before a time counts.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import partial
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from measure import Result, Row, by_turns, peak_mib, spent, step

import railshed
from railshed.circles.analysis import AnalysisInputs
from railshed.comparisons.incremental.baseline import Baseline, Change, baseline
from railshed.network.lines import Line, LineStop, Period, add_lines
from railshed.network.model import Network, Station
from railshed.scenario.apply import resolve
from railshed.scenario.files import Scenario, scenario_from_dict
from railshed.util.geodesy import great_circle_m
from railshed.util.units import HOUR, MINUTE

#: corridors that are planned or were opened after the timetable; (name, lon, lat) is a station that
#: it has not. The stations are a choice, the service is the same for all: nobody's plan, but lines
#: of real length and place
CORRIDORS: tuple[tuple[str | tuple[str, float, float], ...], ...] = (
    ("成都东", "资阳北", "重庆北"),
    ("北京西", "雄安", ("雄商中", 115.7, 37.0), "商丘"),
    ("上海虹桥", ("苏州南新", 120.66, 31.0), "湖州"),
    ("深圳北", ("南沙新", 113.55, 22.77), "中山北", "江门"),
    ("南京南", ("天长新", 119.0, 32.69), "淮安东"),
    ("合肥南", "徐州东"),
    ("雄安", ("阜平新", 114.2, 38.85), "忻州西"),
    ("西安北", ("铜川新", 108.95, 34.9), "延安"),
    ("汉口", "天门南", "宜昌东"),
    ("长沙南", ("井冈新", 114.2, 26.6), "赣州西"),
    ("天津", ("滨州新", 118.0, 37.4), "潍坊北"),
    ("杭州东", ("浦江新", 119.9, 29.45), "温州南"),
)
TRACK_OVER_STRAIGHT, KMH, LOST_S = 1.2, 220, 180
N_CANDIDATES = 400
READING, CUTOFF_MIN = "door-to-station", 60
CALL, FULL = "from a baseline", "full run"


def line_of(name: str, stations: list[Station], headway_min: int = 20) -> Line:
    """Return a line at `KMH` over a track longer than straight, all day, both ways."""
    stops = [LineStop(stations[0], 0)]
    for a, b in pairwise(stations):
        metres = float(great_circle_m(a.lon, a.lat, b.lon, b.lat)) * TRACK_OVER_STRAIGHT
        stops.append(LineStop(b, round(metres / (KMH / 3.6)) + LOST_S, MINUTE))
    return Line(name, name, tuple(stops), (Period(6 * HOUR, 23 * HOUR, headway_min * MINUTE),))


def corridors(network: Network) -> list[Line]:
    """Return the corridors as lines."""
    found: list[Line] = []
    for stops in CORRIDORS:
        stations = [
            network.stations[network.get_station(s)] if isinstance(s, str) else Station(s[0], *s)
            for s in stops
        ]
        found.append(line_of(f"corridor {len(found)}", stations))
    return found


def candidates(network: Network, n: int, seed: int = 0) -> Iterator[list[Line]]:
    """Yield lines between two stations 30 to 200 km apart, half of them with a new station in the
    middle.
    """
    rng, made = Random(seed), 0
    lon, lat = network.lon_lat
    while made < n:
        k = rng.randrange(network.n_stations)
        metres = great_circle_m(lon[k], lat[k], lon, lat)
        near = np.flatnonzero((metres > 30_000) & (metres < 200_000))
        if not len(near):
            continue
        ends = [network.stations[k], network.stations[int(near[rng.randrange(len(near))])]]
        if made % 2:
            middle = [
                (getattr(ends[0], name) + getattr(ends[1], name)) / 2 for name in ("lon", "lat")
            ]
            ends.insert(1, Station(f"new{made}", f"new{made}", *middle))
        yield [line_of(f"candidate{made}", ends)]
        made += 1


def same(one: Change, other: Change) -> bool:
    """Return whether two changes have the same cities, figures, stations and cells."""
    alike = one.table == other.table and one.cities.keys() == other.cities.keys()
    for slug in one.cities.keys() & other.cities.keys():
        a, b = one.cities[slug], other.cities[slug]
        alike &= a.stations == b.stations and a.cells.keys() == b.cells.keys()
        alike &= all(
            np.array_equal(a.cells[name], b.cells[name]) for name in a.cells.keys() & b.cells.keys()
        )
    return alike


def scenarios(network: Network) -> dict[str, list[Scenario]]:
    """Return scenarios of the trains between the ends of the corridors: taken away, and a tenth
    faster.
    """
    found: dict[str, list[Scenario]] = {"removed": [], "retimed": []}
    for stops in CORRIDORS:
        ends = {"from": stops[0], "to": stops[-1], "both_directions": True}
        for kind, own in (
            ("removed", {"type": "remove-trips"}),
            ("retimed", {"type": "adjust-speed", "scale": 1.1}),
        ):
            one = scenario_from_dict({"title": kind, "modification": [own | ends]})
            with suppress(railshed.InputError):  # no train runs there yet
                resolve(network, one)
                found[kind].append(one)
    return found


def tried(
    base: Baseline, change: Callable[[], Change], network: Network, repeats: int
) -> tuple[dict[str, float], int]:
    """Return the times of an edit once both ways agree, and how many cities it changes."""
    first, started = change(), time.process_time()
    full = base.with_network(network, full=True)
    whole = time.process_time() - started
    if first.method != "incremental" or not same(first, full):
        raise SystemExit(f"edits: {first} differs from a full run")
    return by_turns({CALL: change}, repeats) | {FULL: whole}, len(first.cities)


def run(quick: bool, shared: Path | None) -> Result:
    """Measure single edits in all readings, and many candidates for people within the hour."""
    result, made = Result(), []
    network = railshed.load_network("china")
    prepared = railshed.prepare(network)
    cities = [c.slug for c in network.cities if c.role == "core"][: 4 if quick else None]
    step("edits: baseline")
    taken = spent(lambda: made.append(baseline(prepared, cities, workers=1)))
    (base,) = made
    result.facts["baseline"] = (
        f"{len(cities)} cities, {len(base.question.readings)} readings, made in {taken:.0f} s; "
        f"peak memory so far {peak_mib():,.0f} MiB"
    )
    n, repeats = (2, 3) if quick else (6, 5)
    changes: dict[str, list[tuple[Callable[[], Change], Network]]] = {
        "drawn": [
            (partial(base.with_lines, [line]), add_lines(network, [line]))
            for line in corridors(network)[:n]
        ]
    }
    for kind, listed in scenarios(network).items():
        edited = [resolve(network, one).network for one in listed[:n]]
        changes[kind] = [(partial(base.with_network, new), new) for new in edited]
    for kind, each in changes.items():
        trials = []
        for k, (change, edited_network) in enumerate(each):
            step(f"edits: a {kind} line, {k + 1} of {len(each)}")
            trials.append(tried(base, change, edited_network, repeats))
        slowest = max(trial[CALL] for trial, _ in trials)
        numbers = ", ".join(str(n_cities) for _, n_cities in trials)
        notes = {
            CALL: f"slowest {slowest * 1e3:.0f} ms; cities changed: {numbers}",
            FULL: "one run; all figures equal",
        }
        case = f"a {kind} line, {len(cities)} cities, {len(base.question.readings)} readings"
        result.add(case, [trial for trial, _ in trials], notes)
    add_candidates(result, prepared, network, cities, 40 if quick else N_CANDIDATES)
    return result


def add_candidates(
    result: Result, prepared: AnalysisInputs, network: Network, cities: list[str], n: int
) -> None:
    """Add the rows of many candidates, whose cost and memory grow with their number and
    not faster.
    """
    base = baseline(prepared, cities, readings=[READING], cutoffs=[CUTOFF_MIN])
    for lines in candidates(network, 4, seed=2):
        if not same(
            base.with_lines(lines), base.with_network(add_lines(network, lines), full=True)
        ):
            raise SystemExit("edits: a candidate differs from a full run")
    for size in (n // 2, n):
        step(f"edits: {size} candidates")
        gains: list[float] = []
        each = base.appraise(candidates(network, size))

        def appraise(gains: list[float] = gains, each: Iterable[Any] = each) -> None:
            gains.extend(sum(c.gained(READING, CUTOFF_MIN).values()) for c in each)

        taken = spent(appraise)
        note = (
            f"{taken / size * 1e3:.1f} ms each; {np.count_nonzero(gains)} change somebody's hour; "
        )
        case = f"candidates for people within {CUTOFF_MIN} min, {len(cities)} cities"
        row = Row(
            case, f"{size} candidates", taken, role="call", note=f"{note}peak {peak_mib():,.0f} MiB"
        )
        result.rows.append(row)
