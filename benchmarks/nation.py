"""Workload `nation`: feeds read and checked; a generated nation of 700,000 stops, and how its cost
grows.

Real feeds stand beside gtfs_kit, which reads the same zip, shapes and fares too, and checks
nothing. A generated nation (`feeds.py`) is read and checked, cut to the region of one town and
cast, and the circle of that town computed; beside it the same region as if a person had cut it out
before. Scales grow four times each, to 1; once each line runs twice as often. Each is a process of
its own, so that peak memory is its own; imports are done before, and memory is used again as the
command line does.

    python benchmarks/nation.py feed CONTENDER FEED | nation SCALE MORE_TRIPS    # what such a
                                                                                 process runs
"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from feeds import write_nation
from measure import Result, Row, apart, peak_mib, spent, step

import railshed
from railshed.circles.budgets import find_over_limits
from railshed.circles.city_at import city_at
from railshed.io.gtfs.read import read_gtfs
from railshed.io.networks import load_network, network_of
from railshed.network.checks import validate
from railshed.util.memory import reuse_memory

FEEDS = (
    "gtfs/caltrain_2023.zip", "gtfs/db_fernverkehr_2019.zip", "gtfs/wmata_2026-04.zip",
    "gtfs/mexico_city_2018_freq.zip", "porto_alegre/poa_eptc_2019.zip",
)  # fmt: skip
WARM = "gtfs/bart_2023.zip"
OURS, CHECKS, PEER = "load_network", "load_network + validate", "gtfs_kit.read_feed"
#: the limits that the package reads within are an eighth of a nation
LIMITS = "rows=60000000,file_bytes=3221225472,feed_bytes=4294967296"
#: scale, and how many times as often each line runs
SCALES = ((1 / 64, 1.0), (1 / 64, 2.0), (1 / 16, 1.0), (1 / 4, 1.0), (1.0, 1.0))
READ, CHECKED, CUT, CIRCLE = "read", "checked", "cut and cast", "circle of a town"


def read_peer(path: str) -> int:
    """Return the number of stop times."""
    import gtfs_kit

    return len(gtfs_kit.read_feed(path, dist_units="km").stop_times)


def read_ours(path: str) -> int:
    """Return the number of stop times; errors would be raised."""
    return load_network(path).n_calls


def read_checked(path: str) -> int:
    """Return the number of stop times, all problems looked for."""
    network = load_network(path)
    validate(network)
    return network.n_calls


def read_once(contender: str, path: str) -> dict[str, float]:
    """Return processor seconds, peak memory and stop times of a feed; another is read first, for
    the imports.
    """
    read, found = {OURS: read_ours, CHECKS: read_checked, PEER: read_peer}[contender], []
    read(str(Path(path).parents[1] / WARM))
    taken = spent(lambda: found.append(read(path)))
    return {"seconds": taken, "peak": peak_mib(), "calls": found[0]}


def add_feeds(result: Result, folder: Path, repeats: int) -> None:
    """Add the rows of real feeds."""
    contenders = [OURS, CHECKS, *([PEER] if importlib.util.find_spec("gtfs_kit") else [])]
    for name in FEEDS:
        step(f"nation: {name}")
        with tempfile.TemporaryDirectory() as cache:
            turns = [
                {
                    c: apart("nation.py", "feed", c, folder / name, RAILSHED_CACHE_DIR=cache)
                    for c in contenders
                }
                for _ in range(repeats)
            ]
        notes = {
            c: f"{turns[0][c]['calls']:,} stop times, peak {turns[0][c]['peak']:.0f} MiB"
            for c in contenders
        }
        trials = [{c: turn[c]["seconds"] for c in contenders} for turn in turns]
        result.add(Path(name).stem, trials, notes)


def measure(scale: float, more_trips: float) -> dict[str, Any]:
    """Return processor seconds by step, sizes, and the peak of memory after each."""
    reuse_memory()
    steps: dict[str, float] = {}
    peaks: dict[str, float] = {}

    def timed(name: str, call: Callable[[], Any]) -> Any:
        found: list[Any] = []
        steps[name] = steps.get(name, 0.0) + spent(lambda: found.append(call()))
        peaks[name] = peak_mib()
        return found[0]

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "nation.zip"
        apart("nation.py", "write", path, scale, more_trips)
        network = timed(READ, lambda: network_of(read_gtfs(path), "nation"))
    timed(CHECKED, lambda: (find_over_limits(network), validate(network)))
    rail = [s for s in network.stations if s.station_id.startswith("rail:")]
    middle = min(
        rail,
        key=lambda s: (np.hypot(s.lon - np.mean(network.lon_lat[0]), s.lat - 51), s.station_id),
    )
    town = city_at(network, middle.lon, middle.lat, name="Middle")
    railshed.circle("toy", "mid", draws=0)  # imports are no part of a growth curve
    run = timed(CUT, lambda: railshed.prepare(network, cities=[town]))
    part = run.compiled.network
    by_hand = timed("cast, cut by hand", lambda: railshed.prepare(replace(part, part_of=None)))
    for name in (f"{CIRCLE}, first", CIRCLE):
        for whose, one in (("", run), (", cut by hand", by_hand)):
            with (
                tempfile.TemporaryDirectory() as cache
            ):  # neither reads cells that the other has found
                os.environ["RAILSHED_CACHE_DIR"] = cache
                timed(f"{name}{whose}", partial(one.circle, town, draws=0))
    sizes = {
        "stops": network.n_stations,
        "calls": network.n_calls,
        "near": part.n_stations,
        "near_calls": part.n_calls,
    }
    return {"steps": steps, "peaks": peaks, "sizes": sizes}


def add_nations(result: Result, scales: tuple[tuple[float, float], ...]) -> None:
    """Add the rows of generated nations, step by step."""
    for scale, more_trips in scales:
        step(f"nation: scale {scale:g}, {more_trips:g} times the trips")
        found = apart("nation.py", "nation", scale, more_trips, RAILSHED_LIMITS=LIMITS)
        sizes, steps = found["sizes"], found["steps"]
        case = f"nation of {sizes['stops']:,} stops, {sizes['calls']:,} stop times"
        kept = f"{sizes['near']:,} stops and {sizes['near_calls']:,} stop times are kept"
        for name, seconds in steps.items():
            note = f"peak {found['peaks'][name]:,.0f} MiB" + (f"; {kept}" if name == CUT else "")
            row = Row(case, name, seconds, note=note)
            hand = f"{name}, cut by hand"
            if hand in steps:
                row.base, row.ratio = hand, seconds / steps[hand]
            result.rows.append(row)
        whole = sum(steps[name] for name in (READ, CHECKED, CUT, f"{CIRCLE}, first"))
        peak = max(found["peaks"].values())
        note = f"{whole / sizes['calls'] * 1e6:.2f} s a million stop times; peak {peak:,.0f} MiB"
        result.rows.append(
            Row(case, "read, checked, cut and a first circle", whole, role="call", note=note)
        )


def run(quick: bool, shared: Path | None) -> Result:
    """Measure real feeds, then nations of growing size."""
    result = Result()
    if shared is None or not (shared / "data" / "gtfs").is_dir():
        result.facts["feeds"] = "left out: they are not here (--shared FOLDER)"
    else:
        add_feeds(result, shared / "data", 1 if quick else 5)
    add_nations(result, SCALES[:2] if quick else SCALES)
    return result


if __name__ == "__main__":
    word, *given = sys.argv[1:]
    if word == "feed":
        print(json.dumps(read_once(*given)))
    elif word == "write":
        print(json.dumps(write_nation(Path(given[0]), *map(float, given[1:]))))
    else:
        print(json.dumps(measure(*map(float, given))))
