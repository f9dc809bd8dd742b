"""Workload `departures`: one departure, 64 at once, all pairs of stations, and a door-to-door
matrix.

Between stations the call is `station_array` on a network prepared, one thread, beside one plain
search an origin (`single.py`, which a scalar connection scan in C++ resembles). Door to door it is
`travel_time_array` for 1,227 hexagons of Porto Alegre by street, rail and bus, beside cafein and
ferrobus in processes of their own. r5py is left out: its engine R5 is on no package index.
"""

from __future__ import annotations

import logging
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from measure import ROOT, Result, Row, by_turns, peak_mib, spent, step
from numpy.typing import NDArray
from single import plan_searches, run_searches
from timetables import Timetables, timetables

from railshed.kernels.matrix import LANES
from railshed.kernels.types import FROM
from railshed.questions.reach.points import travel_time_array
from railshed.questions.reach.stations import iter_station_matrix, station_array
from railshed.questions.reach.times import TimeQuery
from railshed.routing.directions import to_kernel_time
from railshed.routing.journeys import Compiled
from railshed.util.units import MINUTE, UNREACHED

sys.path.append(str(ROOT))
CALL, SCALAR, POINTS = "station_array", "a plain search each", "travel_time_array"
WINDOW_MIN, EVERY = 120, 20


def plain_search(of: Timetables, origin: int) -> Callable[[], NDArray[np.uint32]]:
    """Return the plain search from a station at the first second of the span; its range is found
    beforehand.
    """
    compiled, at = of.compiled, to_kernel_time(of.span[0], "from")
    plan = plan_searches(compiled.from_, np.array([at], np.int64), of.bound_s)
    span = (of.span[0], of.span[0] + MINUTE)
    offset = compiled.profiles("from", {origin: 0}, span, slack_s=0, bound_s=of.bound_s).offset_s
    return partial(run_searches, compiled, "from", offset, plan, of.bound_s)


def seconds_of(of: Timetables, origin: int, found: NDArray[np.uint32]) -> NDArray[np.int64]:
    """Return the travel times of a plain search: by train, or all the way on foot."""
    compiled, by_rail = of.compiled, found[0].astype(np.int64)
    out = np.where(by_rail > 0, to_kernel_time(of.span[0], "from") - by_rail, UNREACHED)
    mine = slice(int(compiled.to.walk_ptr[origin]), int(compiled.to.walk_ptr[origin + 1]))
    seconds = compiled.to.walk_s[mine].astype(np.int64)
    near = seconds <= of.bound_s
    out[compiled.to.walk_to[mine][near]] = np.minimum(
        out[compiled.to.walk_to[mine][near]], seconds[near]
    )
    out[origin] = 0
    return out


def drawn(compiled: Compiled, n: int) -> list[int]:
    """Return stations drawn by their trains."""
    calls = np.bincount(compiled.to.connections[:, FROM], minlength=compiled.network.n_stations)
    chosen = np.random.default_rng(1).choice(len(calls), n, replace=False, p=calls / calls.sum())
    return [int(x) for x in chosen]


def add_origins(result: Result, of: Timetables, quick: bool) -> None:
    """Add the rows of one station to all, and of 64, once every time is that of the plain
    search.
    """
    query, most = TimeQuery(departure=of.span[0]), of.bound_s // MINUTE
    ask = partial(station_array, of.inputs, times=query, max_minutes=most, threads=1)
    many = drawn(of.compiled, LANES)
    searches = {x: plain_search(of, x) for x in many}
    found = ask(of.ids(many))[:, :, 0]
    wrong = sum(
        int((found[k] != seconds_of(of, x, searches[x]())).sum()) for k, x in enumerate(many)
    )
    wrong += sum(
        int((ask(of.ids([x]))[0, :, 0] != found[k]).sum()) for k, x in enumerate(many[:10])
    )
    if wrong:
        raise SystemExit(
            f"departures: {of.name}: {wrong} times differ between the call and plain searches"
        )
    result.facts[f"{of.name}: one departure"] = (
        f"{LANES} stations x {found.shape[1]:,}, all times equal"
    )
    repeats = 5 if quick else 15
    trials = [
        by_turns({CALL: partial(ask, of.ids([x])), SCALAR: searches[x]}, repeats) for x in many[:10]
    ]
    result.add(
        f"{of.name}, one station to all", trials, {CALL: "ten stations drawn by their trains"}
    )
    both: dict[str, Callable[[], object]] = {
        CALL: partial(ask, of.ids(many)),
        SCALAR: lambda: [searches[x]() for x in many],
    }
    result.add(
        f"{of.name}, {LANES} stations to all",
        [by_turns(both, repeats)],
        {CALL: "side by side in one scan"},
    )


def add_pairs(result: Result, of: Timetables, quick: bool) -> None:
    """Add the rows of every station to every other: one departure, and each minute of two hours."""
    ids = of.ids(list(range(of.compiled.network.n_stations)))[:: 20 if quick else 1]
    for what, window in (("one departure", None), ("each minute of two hours", WINDOW_MIN)):
        step(f"departures: {of.name}, all pairs, {what}")
        times = TimeQuery(departure=of.span[0], departure_time_window=window)
        ask: dict[str, Any] = {
            "origins": ids,
            "max_minutes": of.bound_s // MINUTE,
            "times": times,
            "threads": 1,
        }
        reached: list[int] = []
        taken = spent(
            lambda ask=ask, reached=reached: reached.extend(  # type: ignore[misc]
                int(part.iloc[:, -1].notna().sum())
                for part in iter_station_matrix(of.inputs, **ask)
            )
        )
        note = f"{sum(reached):,} pairs reached, {taken / len(ids) * 1e3:.2g} ms a station"
        case = f"{of.name}, {len(ids):,} stations to all {of.compiled.network.n_stations:,}, {what}"
        result.rows.append(Row(case, "iter_station_matrix", taken, role="call", note=note))


def add_matrix(result: Result, folder: Path, quick: bool) -> None:
    """Add the rows of Porto Alegre: one departure, and a window of two hours."""
    from tests.peers import porto_alegre as pa

    files = pa.Files.of(folder)
    network, points, streets = pa.load(files)
    few = points.iloc[::EVERY]
    rules: dict[str, Any] = {
        "streets": streets,
        "times": pa.DEPARTURE_S,
        "walk_speed_kmh": 3.6,
        "change_minutes": 0,
        "threads": 1,
    }
    rules |= dict.fromkeys(("max_walk_minutes", "max_direct_minutes", "max_transfer_minutes"), 20)
    check_window(network, few.iloc[:8], points, rules)
    window = TimeQuery(
        departure=pa.DEPARTURE_S, departure_time_window=WINDOW_MIN, percentiles=(25, 50, 75)
    )
    step("departures: Porto Alegre")
    once = partial(travel_time_array, network, points, **rules)
    long = partial(travel_time_array, network, **(rules | {"times": window}))
    peers = ask_peers(pa, network, files, points, result)
    n, kernel = f"{len(points):,} x {len(points):,}", "the search alone"
    calls: dict[str, Callable[[], object]] = {
        POINTS: once,
        kernel: search_alone(pa, network, points, rules),
    }
    trial = by_turns(calls, 1 if quick else 5) | {
        f"{name}.travel_time_matrix": s for name, (s, _) in peers.items()
    }
    notes = {
        POINTS: "ways on the streets among them",
        "cafein.travel_time_matrix": "one run, ways on the streets too",
    }
    result.add(f"{n} points, leaving at 14:00", [trial], notes, kernel)
    if not quick:
        row = Row(
            f"{n} points, each minute of 14:00-16:00",
            POINTS,
            spent(partial(long, points, points)),
            role="call",
        )
        row.note = "percentiles 25, 50, 75"
        result.rows.append(row)
    for name, (_, taken) in peers.items():
        ends = few if name == "ferrobus" else points
        mine = by_turns({POINTS: partial(long, few, ends)}, 1)
        case = f"{len(few)} x {len(ends):,} points, each minute of 14:00-16:00: {name}"
        result.add(
            case,
            [mine | {f"{name}.travel_time_matrix": taken}],
            {POINTS: "a part: its own size for each peer"},
        )
    result.facts["r5py"] = "left out: its engine R5 is on no package index"


def search_alone(pa: Any, network: Any, points: Any, rules: dict[str, Any]) -> Callable[[], object]:
    """Return the search of one departure, ways on the streets found beforehand."""
    from railshed.questions.reach.legs import MatrixPoints, TravelTimeRules, find_legs
    from railshed.questions.reach.points import cut_timetable, run_matrix

    own = TravelTimeRules(**{k: v for k, v in rules.items() if k not in ("times", "threads")})
    start = MatrixPoints.of(points, "origins")
    legs, walks, _ = find_legs(
        network, start, start, own, own.assumptions(pa.default_assumptions())
    )
    seconds, compiled = np.array([pa.DEPARTURE_S]), pa.compiled_without_changes(network)
    cut, n_runs = cut_timetable(compiled, compiled.to.change_s, walks, seconds, own.bound_s)
    return partial(run_matrix, cut, n_runs, legs, seconds, (50,), own, threads=1)


def check_window(network: Any, start: Any, end: Any, rules: dict[str, Any]) -> None:
    """Stop unless the percentiles of a window are those of its departures, one by one."""
    leave = rules["times"]
    single = np.stack(
        [
            travel_time_array(network, start, end, **(rules | {"times": leave + MINUTE * k}))[
                :, :, 0
            ]
            for k in range(WINDOW_MIN)
        ]
    )
    single.sort(axis=0)
    times = TimeQuery(departure=leave, departure_time_window=WINDOW_MIN, percentiles=(25, 50))
    window = travel_time_array(network, start, end, **(rules | {"times": times}))
    wrong = int((window[:, :, 0] != single[29]).sum() + (window[:, :, 1] != single[59]).sum())
    if wrong:
        raise SystemExit(
            f"departures: {wrong} percentiles differ between a window and its departures"
        )


def ask_peers(
    pa: Any, network: Any, files: Any, points: Any, result: Result
) -> dict[str, tuple[float, float]]:
    """Return the processor seconds of each peer, of one departure and of a part of the window,
    answers compared.
    """
    job: dict[str, Any] = {
        "streets": str(files.streets),
        "points": str(files.points),
        "departure": f"{pa.DAY} 14:00",
        "walk_min": 20,
        "transfer_min": 20,
    }
    found = {}
    with tempfile.TemporaryDirectory() as scratch:
        filled = pa.write_filled_feed(network, Path(scratch) / "filled")
        peers: dict[str, dict[str, Any]] = {
            "cafein": {"feeds": [str(filled.with_suffix(".zip"))], "walk_kmh": 3.6},
            "ferrobus": {"feeds": [str(filled)], "nearest_stops": 5000, "rides": 8},
        }
        for name, own in peers.items():
            version = pa.peer_version(sys.executable, name)
            if version is None:
                result.facts[name] = "left out: not installed (benchmarks/requirements.txt)"
                continue
            step(f"departures: Porto Alegre, {name}")
            ask = partial(pa.ask_peer, sys.executable, name, folder=Path(scratch))
            told = compare(pa, network, ask(job=job | own | {"tables": True}), len(points))
            once, some = (
                ask(job=job | own),
                ask(job=job | own | {"window_min": WINDOW_MIN, "every": EVERY}),
            )
            found[name] = float(once["matrix_s"]), float(some["matrix_s"])
            reading = (
                f"reading takes {float(once['build_s']):.1f} s, peak memory "
                f"{float(once['peak_mib']):.0f} MiB"
            )
            result.facts[f"{name} {version}"] = f"{told}; {reading}"
    return found


def compare(pa: Any, network: Any, answer: dict[str, Any], n: int) -> str:
    """Return how railshed's search compares on the peer's own seconds on foot and rules; stop above
    a minute.
    """
    access, walks, direct = pa.peer_legs(network, answer)
    beyond, first = pa.with_walk(access, walks), access
    if "near" in answer:
        first = pa.with_walk(pa.kept_stations(access, pa.near_stations(network, answer))[1], walks)
    ours = pa.solve(
        pa.compiled_without_changes(network), pa.legs_of(first, beyond, direct, n), walks, 8
    )
    theirs = pa.bounded(answer["matrix"])
    apart_s = np.abs(ours - theirs)[(ours < UNREACHED) & (theirs < UNREACHED)]
    equal, middle = float((apart_s == 0).mean()), float(np.median(apart_s)) / MINUTE
    if middle > 1:
        raise SystemExit(
            f"departures: {middle:.1f} minutes apart in the median under the same rules"
        )
    return (
        f"under its own rules {equal:.1%} of the pairs are equal to the second, median "
        f"{middle:.2f} min apart"
    )


def run(quick: bool, shared: Path | None) -> Result:
    """Measure; answers are compared before any time is taken."""
    result = Result()
    logging.getLogger("railshed").setLevel(
        logging.ERROR
    )  # points beyond the streets are named once a call
    for of in timetables(quick, shared):
        step(f"departures: {of.name}")
        add_origins(result, of, quick)
        if of.name != "metro":
            add_pairs(result, of, quick)
    result.facts["peak memory before Porto Alegre"] = f"{peak_mib():,.0f} MiB"
    folder = None if shared is None else shared / "data" / "porto_alegre"
    if folder is None or not folder.is_dir():
        result.facts["Porto Alegre"] = "left out: its files are not here (--shared FOLDER)"
    else:
        add_matrix(result, folder, quick)
    return result
