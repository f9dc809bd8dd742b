"""Workload `matrix`: travel times from each of 1,227 hexagons of Porto Alegre to each, against other routers.

cafein and ferrobus run in the interpreter that RAILSHED_PEERS names (default: this one), in a process each; they tell
their own seconds, without reading feeds and streets. Their answers are compared before railshed's time is taken.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from measure import ROOT, Result, Row, peak_mib

from railshed.matrices.points import travel_time_array
from railshed.matrices.times import TimeQuery
from railshed.util.units import MINUTE, UNREACHED

sys.path.append(str(ROOT))
WINDOW_MIN, EVERY = 120, 20
OURS = "travel_time_array"


def run(quick: bool, shared: Path | None) -> Result:
    """Measure one departure and a window of two hours."""
    from tests.peers import porto_alegre as pa

    result = Result()
    folder = None if shared is None else shared / "data" / "porto_alegre"
    if folder is None or not folder.is_dir():
        result.facts["Porto Alegre"] = "left out: its files are not here (--shared FOLDER)"
        return result
    files = pa.Files.of(folder)
    network, points, streets = pa.load(files)
    n = f"{len(points):,}"
    few = points.iloc[::EVERY]
    rules = {"streets": streets, "times": pa.DEPARTURE_S, "walk_speed_kmh": 3.6, "change_minutes": 0}
    rules |= dict.fromkeys(("max_walk_minutes", "max_direct_minutes", "max_transfer_minutes"), 20)
    check_window(network, few.iloc[:8], points, rules)
    result.facts["percentiles of the window equal to 120 single departures"] = "8 origins, none differs"
    repeats = 1 if quick else 3
    once = timed(partial(travel_time_array, network, points, **rules), repeats)
    case = f"{n} x {n}, leaving at 14:00"
    result.rows.append(Row("matrix", case, OURS, once, n=repeats, note="ways on the streets among them"))
    legs_s, kernel_s = kernels_alone(network, points, rules, repeats)
    for threads, seconds in kernel_s.items():
        note = f"the search alone; the ways take {legs_s:.2f} s"
        result.rows.append(Row("matrix", case, f"run_matrix, {threads} threads", seconds, n=repeats, note=note))
    times = TimeQuery(departure=pa.DEPARTURE_S, departure_time_window=WINDOW_MIN, percentiles=(25, 50, 75))
    window = rules | {"times": times}
    long = timed(partial(travel_time_array, network, few if quick else points, points, **window), 1)
    start = len(few) if quick else n
    result.rows.append(Row("matrix", f"{start} x {n}, each minute of 14:00-16:00, percentiles 25, 50, 75", OURS, long))
    small = timed(partial(travel_time_array, network, few, points, **window), repeats)
    square = timed(partial(travel_time_array, network, few, few, **window), repeats)
    result.facts["peak memory of railshed before peers and their answers"] = f"{peak_mib():.0f} MiB"
    with tempfile.TemporaryDirectory() as scratch:
        filled = pa.write_filled_feed(network, Path(scratch) / "filled")
        job = {
            "streets": str(files.streets), "points": str(files.points), "departure": f"{pa.DAY} 14:00",
            "walk_min": 20, "transfer_min": 20,
        }  # fmt: skip
        peers: dict[str, dict[str, Any]] = {
            "cafein": {"feeds": [str(filled.with_suffix(".zip"))], "walk_kmh": 3.6},
            "ferrobus": {"feeds": [str(filled)], "nearest_stops": 5000, "rides": 8},
        }
        python = os.environ.get("RAILSHED_PEERS", sys.executable)
        for name, own in peers.items():
            version = pa.peer_version(python, name)
            if version is None:
                result.facts[name] = "left out: not installed (benchmarks/requirements.txt)"
                continue
            ask = partial(pa.ask_peer, python, name, folder=Path(scratch))
            full = ask(job=job | own | {"tables": True})
            result.facts[f"{name} {version}"] = compare(pa, network, full, len(points))
            what = f"{name}.travel_time_matrix"
            add_peer(result, case, what, ask(job=job | own), once)
            some = ask(job=job | own | {"window_min": WINDOW_MIN, "every": EVERY})
            ends, base = (n, small) if name == "cafein" else (len(few), square)
            add_peer(result, f"{len(few)} x {ends}, each minute of 14:00-16:00", what, some, base)
    result.facts["r5py"] = "left out: its engine R5 is on no package index"
    return result


def timed(call: Callable[[], object], repeats: int) -> float:
    """Return the median seconds of a call, warmed."""
    call()
    taken = []
    for _ in range(repeats):
        started = time.perf_counter()
        call()
        taken.append(time.perf_counter() - started)
    return float(np.median(taken))


def kernels_alone(network: Any, points: Any, rules: dict[str, Any], repeats: int) -> tuple[float, dict[int, float]]:
    """Return the seconds of the ways on the streets, and of the search by number of threads."""
    from railshed.matrices.legs import MatrixPoints, TravelTimeRules, find_legs
    from railshed.matrices.points import cut_timetable, run_matrix
    from tests.peers import porto_alegre as pa

    told = TravelTimeRules(**{k: v for k, v in rules.items() if k != "departure"})
    compiled = pa.compiled_without_changes(network)
    assumptions = told.assumptions(pa.default_assumptions())
    start = MatrixPoints.of(points, "origins")
    find = partial(find_legs, network, start, start, told, assumptions)
    legs_s = timed(find, repeats)
    legs, walks, _ = find()
    seconds = np.array([pa.DEPARTURE_S])
    cut, n_runs = cut_timetable(compiled, compiled.to.change_s, walks, seconds, told.bound_s)
    search = partial(run_matrix, cut, n_runs, legs, seconds, (50,), told)
    return legs_s, {threads: timed(partial(search, threads=threads), 3 * repeats) for threads in (1, 2)}


def check_window(network: Any, start: Any, end: Any, rules: dict[str, Any]) -> None:
    """Stop unless the percentiles of a window are those of its departures, one by one."""
    leave = rules["times"]
    single = np.stack([
        travel_time_array(network, start, end, **(rules | {"times": leave + MINUTE * k}))[:, :, 0]
        for k in range(WINDOW_MIN)
    ])  # fmt: skip
    single.sort(axis=0)
    times = TimeQuery(departure=leave, departure_time_window=WINDOW_MIN, percentiles=(25, 50))
    window = travel_time_array(network, start, end, **(rules | {"times": times}))
    wrong = int((window[:, :, 0] != single[29]).sum() + (window[:, :, 1] != single[59]).sum())
    if wrong:
        raise SystemExit(f"matrix: {wrong} percentiles differ between a window and its departures")


def compare(pa: Any, network: Any, answer: dict[str, Any], n: int) -> str:
    """Return how railshed's search compares on the peer's own seconds on foot and rules; stop above a minute."""
    access, walks, direct = pa.peer_legs(network, answer)
    beyond, first = pa.with_walk(access, walks), access
    if "near" in answer:
        first = pa.with_walk(pa.kept_stations(access, pa.near_stations(network, answer))[1], walks)
    ours = pa.solve(pa.compiled_without_changes(network), pa.legs_of(first, beyond, direct, n), walks, 8)
    theirs = pa.bounded(answer["matrix"])
    both = (ours < UNREACHED) & (theirs < UNREACHED)
    apart = np.abs(ours - theirs)[both]
    equal, middle = float((apart == 0).mean()), float(np.median(apart)) / MINUTE
    if middle > 1:
        raise SystemExit(f"matrix: {middle:.1f} minutes apart in the median under the same rules")
    return (
        f"on its own seconds on foot and rules {equal:.1%} of the pairs are equal to the second, median {middle:.2f} "
        "min apart (tests/peers/porto_alegre_differences.md)"
    )


def add_peer(result: Result, case: str, what: str, answer: dict[str, Any], base_s: float) -> None:
    """Add the row of a peer; its own seconds."""
    seconds = float(answer["matrix_s"])
    note = f"one run; reading takes {float(answer['build_s']):.1f} s; peak memory {float(answer['peak_mib']):.0f} MiB"
    result.rows.append(
        Row("matrix", case, what, seconds, base=f"{OURS} ({base_s:.2f} s)", ratio=seconds / base_s, note=note)
    )
