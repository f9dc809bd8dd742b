"""One run of another router on a timetable, in that router's own interpreter: it imports nothing of railshed.

    python benchmarks/windowpeers.py NAME JOB.json

The job names feed, streets, day, `origins` and `targets` (places in stops.txt), the first `second` and how many
`minutes`. The answer is an .npz with seconds taken (``build_s``; ``once_s``, ``window_s``, ``pair_s`` by origin or
pair), ``times`` (int64 (n_origins, n_found) seconds at the first departure, 2**31 - 1 where none) and ``peak_mib``.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
import os
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from measure import peak_mib

UNREACHED = 2**31 - 1
Job = dict[str, Any]


def stop_rows(job: Job) -> list[dict[str, str]]:
    """Return the rows of stops.txt."""
    with (Path(job["feed"]) / "stops.txt").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def taken(call: Callable[[], Any], repeats: int) -> float:
    """Return the median seconds of a call, warmed."""
    call()
    found = []
    for _ in range(repeats):
        started = time.perf_counter()
        call()
        found.append(time.perf_counter() - started)
    return float(np.median(found))


def run_ferrobus(job: Job) -> dict[str, Any]:
    """Ask ferrobus: all stations at one departure, at each minute by as many calls, and its range of one pair."""
    import ferrobus

    rows = stop_rows(job)
    started = time.perf_counter()
    model = ferrobus.create_transit_model(
        job["streets"], [job["feed"]], dt.date.fromisoformat(job["date"]), job["transfer_s"]
    )
    built = time.perf_counter() - started
    points = [
        ferrobus.create_transit_point(float(r["stop_lat"]), float(r["stop_lon"]), model, job["transfer_s"], 1)
        for r in rows
    ]
    second, n, rides = job["second"], job["minutes"], job["transfers"]

    def all_stations(origin: int, at: int) -> list[Any]:
        found: list[Any] = ferrobus.find_routes_one_to_many(model, points[origin], points, at, rides)
        return found

    def every_minute(origin: int) -> None:
        for k in range(n):
            all_stations(origin, second + 60 * k)

    def one_pair(origin: int, target: int) -> None:
        ferrobus.range_multimodal_routing(model, points[origin], points[target], (second, second + 60 * (n - 1)), rides)

    times = [
        [UNREACHED if r is None else r["travel_time_seconds"] for r in all_stations(o, second)] for o in job["origins"]
    ]
    return {
        "build_s": built, "times": np.array(times, dtype=np.int64),
        "once_s": [taken(lambda o=o: all_stations(o, second), 7) for o in job["origins"]],
        "window_s": [taken(lambda o=o: every_minute(o), 1) for o in job["origins"]],
        "pair_s": [taken(lambda o=o, t=t: one_pair(o, t), 3) for o in job["origins"] for t in job["targets"] if t != o],
    }  # fmt: skip


def run_pynigiri(job: Job) -> dict[str, Any]:
    """Ask nigiri for pairs: its bindings have `route` and no search to all stations."""
    import pynigiri as ng

    ids = [row["stop_id"] for row in stop_rows(job)]
    day = dt.date.fromisoformat(job["date"])
    config, options = ng.LoaderConfig(), ng.FinalizeOptions()
    config.link_stop_distance = 0
    options.adjust_footpaths = options.merge_dupes_inter_src = options.merge_dupes_intra_src = False
    sources = [ng.TimetableSource("0", job["zip"], config)]
    log, sink = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(sink, 2)
    started = time.perf_counter()
    timetable = ng.load_timetable(
        sources, (day - dt.timedelta(days=1)).isoformat(), (day + dt.timedelta(days=1)).isoformat(), options
    )
    built = time.perf_counter() - started
    os.dup2(log, 2)
    place = [timetable.find_location(ids[k], ng.SourceIdx(0)) for k in range(len(ids))]

    def ask(origin: int, target: int, start: Any) -> Any:
        query = ng.Query()
        query.start, query.destination = [ng.Offset(place[origin], 0, 0)], [ng.Offset(place[target], 0, 0)]
        query.use_start_footpaths = True
        query.max_travel_time = job["bound_s"] // 60
        query.start_time = start
        return ng.route(timetable, query)

    minute = (job["zero"] + job["second"]) // 60
    times, once, window = [], [], []
    for o in job["origins"]:
        times.append([
            min((j.dest_time - minute for j in ask(o, t, minute)), default=UNREACHED // 60) * 60 for t in job["targets"]
        ])  # fmt: skip
        for t in [t for t in job["targets"] if t != o]:
            once.append(taken(lambda o=o, t=t: ask(o, t, minute), 3))
            window.append(taken(lambda o=o, t=t: [ask(o, t, minute + k) for k in range(job["minutes"])], 1))
    return {
        "build_s": built, "times": np.array(times, dtype=np.int64), "once_s": once, "window_s": window,
    }  # fmt: skip


def main() -> None:
    """Run the job."""
    warnings.simplefilter("ignore")
    job = json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))
    found = {"ferrobus": run_ferrobus, "pynigiri": run_pynigiri}[sys.argv[1]](job)
    np.savez(job["out"], peak_mib=peak_mib() or np.nan, **found)


if __name__ == "__main__":
    main()
