"""Workload `incremental`: what drawn, removed and retimed lines change in all core cities of China."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from random import Random

import numpy as np
from measure import Result, Row, peak_mib, quartiles

import railshed
from railshed.circles.analysis import AnalysisInputs
from railshed.comparisons.incremental.baseline import Baseline, Change, baseline
from railshed.network.lines import Line, LineStop, Period, add_lines
from railshed.network.model import Network, Station
from railshed.scenario.apply import resolve
from railshed.scenario.files import Scenario, scenario_from_dict
from railshed.util.geodesy import great_circle_m
from railshed.util.units import HOUR, MINUTE

#: corridors that are planned or were opened after the timetable; (name, lon, lat) is a station that it has not. The
#: stations are a choice, the service is the same for all: nobody's plan, but lines of real length and place
CORRIDORS: dict[str, tuple[str | tuple[str, float, float], ...]] = {
    "Chengdu - Chongqing": ("成都东", "资阳北", "重庆北"),
    "Beijing - Xiong'an - Shangqiu": ("北京西", "雄安", ("雄商中", 115.7, 37.0), "商丘"),
    "Shanghai - Suzhou - Huzhou": ("上海虹桥", ("苏州南新", 120.66, 31.0), "湖州"),
    "Shenzhen - Jiangmen": ("深圳北", ("南沙新", 113.55, 22.77), "中山北", "江门"),
    "Nanjing - Huai'an": ("南京南", ("天长新", 119.0, 32.69), "淮安东"),
    "Hefei - Xuzhou": ("合肥南", "徐州东"),
    "Xiong'an - Xinzhou": ("雄安", ("阜平新", 114.2, 38.85), "忻州西"),
    "Xi'an - Yan'an": ("西安北", ("铜川新", 108.95, 34.9), "延安"),
    "Wuhan - Yichang": ("汉口", "天门南", "宜昌东"),
    "Changsha - Ganzhou": ("长沙南", ("井冈新", 114.2, 26.6), "赣州西"),
    "Tianjin - Weifang": ("天津", ("滨州新", 118.0, 37.4), "潍坊北"),
    "Hangzhou - Wenzhou": ("杭州东", ("浦江新", 119.9, 29.45), "温州南"),
}
TRACK_OVER_STRAIGHT, KMH, LOST_S = 1.2, 220, 180
N_CANDIDATES = 1_000
READING, CUTOFF_MIN = "door-to-station", 60


def line_of(name: str, stations: list[Station], headway_min: int = 20) -> Line:
    """Return a line at `KMH` over a track longer than straight, all day, both ways."""
    stops = [LineStop(stations[0], 0)]
    for a, b in pairwise(stations):
        metres = float(great_circle_m(a.lon, a.lat, b.lon, b.lat)) * TRACK_OVER_STRAIGHT
        stops.append(LineStop(b, round(metres / (KMH / 3.6)) + LOST_S, MINUTE))
    return Line(name, name, tuple(stops), (Period(6 * HOUR, 23 * HOUR, headway_min * MINUTE),))


def corridors(network: Network) -> dict[str, Line]:
    """Return the corridors as lines."""
    found = {}
    for name, stops in CORRIDORS.items():
        stations = [
            network.stations[network.get_station(s)] if isinstance(s, str) else Station(s[0], s[0], s[1], s[2])
            for s in stops
        ]
        found[name] = line_of(name, stations)
    return found


def candidates(network: Network, n: int, seed: int = 0) -> Iterator[list[Line]]:
    """Yield lines between two stations 30 to 200 km apart, half of them with a new station in the middle."""
    rng = Random(seed)
    lon, lat = (np.array([getattr(s, name) for s in network.stations]) for name in ("lon", "lat"))
    made = 0
    while made < n:
        k = rng.randrange(network.n_stations)
        metres = great_circle_m(lon[k], lat[k], lon, lat)
        near = np.flatnonzero((metres > 30_000) & (metres < 200_000))
        if not len(near):
            continue
        ends = [network.stations[k], network.stations[int(near[rng.randrange(len(near))])]]
        if made % 2:
            middle = [(getattr(ends[0], name) + getattr(ends[1], name)) / 2 for name in ("lon", "lat")]
            ends.insert(1, Station(f"new{made}", f"new{made}", *middle))
        yield [line_of(f"candidate{made}", ends)]
        made += 1


def warming(network: Network, city: str) -> Line:
    """Return a line from a city to a new station 30 km away, which needs every kernel."""
    station = network.stations[network.get_station(network.get_city(city).core_station_ids[0])]
    return line_of("warming", [station, Station("warming", "warming", station.lon, station.lat + 0.27)])


def same(one: Change, other: Change) -> bool:
    """Return whether two changes have the same cities, figures, stations and cells."""
    alike = one.table == other.table and one.cities.keys() == other.cities.keys()
    for slug in one.cities.keys() & other.cities.keys():
        a, b = one.cities[slug], other.cities[slug]
        alike &= a.stations == b.stations and a.cells.keys() == b.cells.keys()
        alike &= all(np.array_equal(a.cells[name], b.cells[name]) for name in a.cells.keys() & b.cells.keys())
    return alike


@dataclass
class Trial:
    """One edit: seconds of a full run, and of what is computed from a baseline."""

    full_s: float
    edit_s: list[float]
    n_cities: int


def scenarios(network: Network) -> dict[str, list[Scenario]]:
    """Return scenarios of the trains between the ends of the corridors: taken away, and a tenth faster."""
    found: dict[str, list[Scenario]] = {"removed": [], "retimed": []}
    for stops in CORRIDORS.values():
        ends = {"from": stops[0], "to": stops[-1], "both_directions": True}
        for kind, own in (("removed", {"type": "remove-trips"}), ("retimed", {"type": "adjust-speed", "scale": 1.1})):
            one = scenario_from_dict({"title": kind, "modification": [own | ends]})
            with suppress(railshed.InputError):  # no train runs there yet
                resolve(network, one)
                found[kind].append(one)
    return found


def tried(base: Baseline, change: Callable[[], Change], network: Network, repeats: int) -> Trial:
    """Return the times of an edit once both ways agree."""
    first = change()
    started = time.process_time()
    full = base.with_network(network, full=True)
    whole = time.process_time() - started
    if first.method != "incremental" or not same(first, full):
        raise SystemExit(f"incremental: {first} differs from a full run")
    times = []
    for _ in range(repeats):
        started = time.process_time()
        change()
        times.append(time.process_time() - started)
    return Trial(whole, times, len(first.cities))


def run(quick: bool, shared: Path | None) -> Result:
    """Measure single edits in all readings, and many candidates for people within the hour."""
    result = Result()
    network = railshed.load_network("china")
    prepared = railshed.prepare(network)
    cities = [c.slug for c in network.cities if c.role == "core"][: 4 if quick else None]
    started = time.process_time()
    base = baseline(prepared, cities, workers=1)
    result.facts["baseline"] = (
        f"{len(cities)} cities, {len(base.question.readings)} readings, made in "
        f"{time.process_time() - started:.0f} s; peak memory so far {peak_mib():,.0f} MiB"
    )
    n, repeats = (2, 3) if quick else (6, 7)
    base.with_lines([warming(network, cities[0])])
    trials = {
        "drawn": [
            tried(base, lambda line=line: base.with_lines([line]), add_lines(network, [line]), repeats)  # type: ignore[misc]
            for line in list(corridors(network).values())[:n]
        ]
    }
    for kind, listed in scenarios(network).items():
        made = [resolve(network, one).network for one in listed[:n]]
        trials[kind] = [tried(base, lambda new=new: base.with_network(new), new, repeats) for new in made]  # type: ignore[misc]
    for kind, each in trials.items():
        case = f"a {kind} line, {len(cities)} cities, {len(base.question.readings)} readings"
        full = Row("incremental", case, "full run", 0.0, n=len(each))
        full.low_s, full.median_s, full.high_s = quartiles([t.full_s for t in each])
        own = [float(np.median(t.edit_s)) for t in each]
        row = Row("incremental", case, "incremental", 0.0, n=len(each), note=f"slowest {max(own) * 1e3:.0f} ms")
        row.low_s, row.median_s, row.high_s = quartiles(own)
        row.base = "full run"
        row.ratio_low, row.ratio, row.ratio_high = quartiles([o / t.full_s for o, t in zip(own, each, strict=True)])
        result.rows += [full, row]
        result.facts[f"cities that a {kind} line changes"] = ", ".join(str(t.n_cities) for t in each)
    result.facts["checked"] = "all figures, cells and stations of each equal those of full runs"
    many(result, prepared, network, cities, 40 if quick else N_CANDIDATES)
    return result


def many(result: Result, prepared: AnalysisInputs, network: Network, cities: list[str], n: int) -> None:
    """Add the rows of many candidates."""
    base = baseline(prepared, cities, readings=[READING], cutoffs=[CUTOFF_MIN])
    base.with_lines([warming(network, cities[0])])
    sample = list(candidates(network, 6, seed=2))
    for lines in sample:
        if not same(base.with_lines(lines), base.with_network(add_lines(network, lines), full=True)):
            raise SystemExit("incremental: a candidate differs from a full run")
    before, peaks = peak_mib() or 0, []
    per_candidate = None
    for size in (n // 4, n // 2, n):
        started = time.process_time()
        gains = [sum(c.gained(READING, CUTOFF_MIN).values()) for c in base.appraise(candidates(network, size))]
        taken = time.process_time() - started
        peaks.append((peak_mib() or 0) - before)
        case = f"candidates for people within {CUTOFF_MIN}, {len(cities)} cities"
        row = Row(
            "incremental", case, f"{size} candidates", taken,
            note=f"{taken / size * 1e3:.1f} ms each; {np.count_nonzero(gains)} change somebody's hour",
        )  # fmt: skip
        if per_candidate is not None:
            row.base, row.ratio = f"{n // 4} candidates", taken / per_candidate
        per_candidate = per_candidate or taken
        result.rows.append(row)
    result.facts["memory of candidates"] = (
        f"peak {before:,.0f} MiB before, {', '.join(f'+{p:,.0f}' for p in peaks)} MiB after each number"
    )
    result.facts["candidates checked"] = f"{len(sample)} against full runs, equal"
