"""Workload `all`: the circles of all core cities under all readings, in a fresh process, and where the time goes.

Stages are timed by wrapping the functions named below; each counts its own time without that of the stages within it.
"""

from __future__ import annotations

import argparse
import functools
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from measure import Result, Row, child_environment, peak_mib

#: "module:name" or "module:Class.name" by stage; whatever is in none of them is "glue"
STAGES = {
    "load": ("sources.networks:load_network",),
    "compile": ("arrays:compile_network",),
    "staircases": ("routing:find_journeys",),
    "minutes at stations": ("routing:Journeys.travel_times", "routing:station_percentiles", "routing:Journeys.summary"),
    "access and land": ("land:find_land", "land:cells_of", "land:local_times", "population:locate_cells"),
    "surface kernels": ("surfaces:surface_of", "routing:Journeys.cell_trips"),
    "people": (
        "population:spread_people", "ground:Ground.people_by_part", "ground:Ground.people_by_county",
        "indicators:county_share",
    ),
    "polygons": ("polygons:circles_within",),
    "tables": (
        "indicators:reach_table", "indicators:station_table", "indicators:county_table", "indicators:member_table",
        "bridge:build_bridge", "bridge:headline_range", "runs:definition_hash",
    ),
}  # fmt: skip


class Stopwatch:
    """Own time by stage, over all threads."""

    def __init__(self) -> None:
        self.taken: dict[str, float] = defaultdict(float)
        self._local = threading.local()
        self._lock = threading.Lock()

    def wrap(self, stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return `function`, timed."""

        @functools.wraps(function)
        def timed(*args: Any, **kwargs: Any) -> Any:
            inner: list[float] = self._local.__dict__.setdefault("inner", [])
            inner.append(0.0)
            started = time.perf_counter()
            try:
                return function(*args, **kwargs)
            finally:
                whole = time.perf_counter() - started
                within = inner.pop()
                if inner:
                    inner[-1] += whole
                with self._lock:
                    self.taken[stage] += whole - within

        return timed

    def install(self) -> None:
        """Put the timed functions wherever the package holds the plain ones."""
        from importlib import import_module

        for stage, names in STAGES.items():
            for name in names:
                module_name, _, path = name.partition(":")
                module = import_module(f"railshed.{module_name}")
                owner, _, attribute = path.rpartition(".")
                if owner:
                    kind = getattr(module, owner)
                    setattr(kind, attribute, self.wrap(stage, getattr(kind, attribute)))
                    continue
                plain = getattr(module, path)
                timed = self.wrap(stage, plain)
                for other in [m for n, m in sys.modules.items() if n.startswith("railshed")]:
                    for key, value in list(vars(other).items()):
                        if value is plain:
                            setattr(other, key, timed)


def work(n_cities: int, workers: int) -> dict[str, Any]:
    """Compute every circle, polygon and table in this process; return wall seconds, stages, peak memory."""
    from railshed.kernelcache import use_kernel_cache

    started = time.perf_counter()
    use_kernel_cache()
    from railshed import api
    from railshed.sources import networks

    imported = time.perf_counter() - started
    watch = Stopwatch()
    watch.install()
    network = networks.load_network("china")
    run = api.prepare(network)
    cities = [c for c in network.cities if c.role == "core"][:n_cities]
    each: list[float] = []
    cells = polygons = 0
    at = time.perf_counter()
    # one thread is a plain loop: `iter_circles` would compute the next city while this one's polygons are drawn
    one_by_one = (api.circle(run, city) for city in cities)
    found = one_by_one if workers == 1 else api.iter_circles(run, cities, workers=workers)
    for circle in found:
        polygons += len(circle.polygons)
        cells += len(circle.ground.land)
        len(circle.counties), len(circle.members)
        each.append(time.perf_counter() - at)
        at = time.perf_counter()
    return {
        "wall_s": time.perf_counter() - started, "imports_s": imported, "stages_s": dict(watch.taken),
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
    stages = {"imports": first["imports_s"], **first["stages_s"]}
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
