"""Workload `all`: the circles of all core cities under all readings, in a fresh process, and where the time goes.

Stages are those of `stages.py`; each counts its own time without that of the stages within it.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from measure import Result, Row, child_environment, peak_mib
from stages import WAITING, Stopwatch


def work(n_cities: int, workers: int) -> dict[str, Any]:
    """Compute every circle, polygon and table in this process; return wall seconds, stages, peak memory."""
    watch = Stopwatch()
    watch.install()
    started = time.perf_counter()
    from railshed.api import analysis as api
    from railshed.circles import analysis
    from railshed.io.cache import load_network_once

    network = load_network_once("china")
    run = analysis.prepare(network)
    cities = [c for c in network.cities if c.role == "core"][:n_cities]
    each: list[float] = []
    cells = polygons = 0
    at = time.perf_counter()
    # one thread is a plain loop: `circles` would compute the next city while this one's polygons are drawn
    one_by_one = (api.circle(run, city) for city in cities)
    found = one_by_one if workers == 1 else api.analysis_of(run).circles(cities, workers=workers)
    for circle in found:
        polygons += len(circle.polygons)
        cells += len(circle.ground.land)
        len(circle.counties), len(circle.members)
        each.append(time.perf_counter() - at)
        at = time.perf_counter()
    return {
        "wall_s": time.perf_counter() - started, "stages_s": dict(watch.taken),
        "cities": len(cities), "cells": cells, "polygons": polygons, "peak_mib": peak_mib(), "each_s": each,
    }  # fmt: skip


def fresh(n_cities: int, workers: int, cache: str) -> dict[str, Any]:
    """Return `work` of a fresh process that keeps compiled kernels in `cache`."""
    command = [sys.executable, __file__, "--cities", str(n_cities), "--workers", str(workers)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=child_environment(cache))
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def run(quick: bool, shared: Path | None) -> Result:
    """Measure one and two threads, each in a fresh process whose kernels were compiled before."""
    n = 3 if quick else 99
    result = Result()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as cache:
        fresh(1, 1, cache)
        runs = {workers: fresh(n, workers, cache) for workers in (1, 2)}
    first = runs[1]
    case = f"China, {first['cities']} cities, 4 readings"
    ratio = runs[2]["wall_s"] / first["wall_s"]
    for workers, done in runs.items():
        peak = done["peak_mib"] or 0
        row = Row("all", case, f"{workers} thread{'s' * (workers > 1)}", done["wall_s"])
        row.note = f"peak memory {peak:,.0f} MiB"
        if workers > 1:
            row.base = "1 thread"
            row.ratio = ratio
        result.rows.append(row)
        result.facts[f"peak memory, {row.what}"] = f"{peak:,.0f} MiB of the 4,096 allowed"
    stages = {stage: seconds for stage, seconds in first["stages_s"].items() if stage != WAITING}
    stages["glue"] = first["wall_s"] - sum(stages.values())
    for stage, seconds in sorted(stages.items(), key=lambda item: -item[1]):
        result.rows.append(
            Row("all", "where it goes, 1 thread", stage, seconds, note=f"{seconds / first['wall_s']:.0%} of the wall")
        )
    result.facts["size"] = f"{first['cells']:,} land cells, {first['polygons']:,} polygons"
    return result


def main() -> None:
    """Run `work` and print it as JSON: what `fresh` starts."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--cities", type=int, required=True)
    parser.add_argument("--workers", type=int, required=True)
    arguments = parser.parse_args()
    print(json.dumps(work(arguments.cities, arguments.workers)))


if __name__ == "__main__":
    main()
