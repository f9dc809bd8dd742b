"""Workload `tokyo`: one station from (to) all stations for every minute of two hours within an hour, at scale."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
from measure import Result, interleaved, summarise
from numpy.typing import NDArray
from routers import add_routers
from sketch import load_sketch
from tokyo import TARGETS, load_tokyo
from window import Question, Task, check_task, time_reference

from railshed import default_assumptions
from railshed.routing.compile import compile_network
from railshed.routing.directions import DIRECTIONS
from railshed.routing.journeys import Compiled
from railshed.util.units import HOUR, UNREACHED

SPAN = (8 * HOUR, 10 * HOUR)
#: changes of train that no journey within the hour exceeds
ANY_JOURNEY = 12
OURS, SKETCH, SEARCHES = "find_journeys + travel_times", "sketch", "120 single searches"
LIMITS = {"at most 2 changes": 2, "at most 3 changes": 3}
NOTES = {
    OURS: "exact: change times, transfers, profiles kept",
    SKETCH: "one label a station, no change times, from the station only",
    SEARCHES: "exact, slack 0 only",
}


def run(quick: bool, shared: Path | None) -> Result:
    """Measure; every cell is compared with single searches, two stations also with the plain reference."""
    result = Result()
    if shared is None or not (shared / "data" / "tokyo").is_dir():
        result.facts["Tokyo"] = "left out: its tables are not here (--shared FOLDER)"
        return result
    network = load_tokyo(shared / "data" / "tokyo")
    compiled = compile_network(network, default_assumptions(), footpaths=False)
    index = network.station_index()
    stations = [index[name] for name in (TARGETS[:3] if quick else TARGETS)]
    for way in DIRECTIONS:
        time_reference(compiled, Task.of(compiled, way, {stations[0]: 0}, Question(SPAN, slack_s=0, bound_s=HOUR)))
    result.facts["journeys equal to the plain reference"] = f"all of {network.stations[stations[0]].name_en}, both ways"
    add_windows(result, "tokyo", "Tokyo", compiled, stations, quick, shared)
    add_routers(result, "tokyo", "Tokyo", network, stations[:3], SPAN, HOUR)
    return result


def add_windows(
    result: Result, workload: str, city: str, compiled: Compiled, stations: Sequence[int], quick: bool,
    shared: Path | None,
) -> None:  # fmt: skip
    """Add the rows of single stations to (from) all, every cell compared with single searches before."""
    ask = Question(SPAN, slack_s=0, bound_s=HOUR)
    tasks = {(x, way): Task.of(compiled, way, {x: 0}, ask) for x in stations for way in DIRECTIONS}
    checked = [check_task(task) for task in tasks.values()]
    result.facts[f"{city}, station minutes equal to single searches"] = (
        f"{sum(c[0] for c in checked):,}, {sum(c[1] for c in checked):,} of them reached; none differs"
    )
    perf = None if shared is None else shared / "perf"
    sketch = load_sketch(perf, compiled, SPAN, ask.bound_s) if perf is not None and perf.is_dir() else None
    repeats = 5 if quick else 9
    for way in DIRECTIONS:
        trials = []
        for x in stations:
            task = tasks[x, way]
            calls = {OURS: task.travel_times, SEARCHES: task.single}
            if sketch is not None:
                calls[SKETCH] = partial(sketch, x)
            trials.append(interleaved(calls, repeats))
        case = f"{city}, {way}, {len(stations)} stations"
        result.rows += summarise(workload, case, trials, SKETCH if sketch is not None else OURS, NOTES)
    add_limits(result, workload, city, compiled, stations, repeats)


def add_limits(
    result: Result, workload: str, city: str, compiled: Compiled, stations: Sequence[int], repeats: int
) -> None:
    """Add the rows of the same windows with the largest number of changes set; what more changes bring is counted."""

    def times(x: int, limit: int | None) -> NDArray[np.int32]:
        found = compiled.profiles("to", {x: 0}, SPAN, slack_s=0, bound_s=HOUR, max_transfers=limit)
        return found.travel_times(SPAN, 0)

    trials, worse, cells = [], dict.fromkeys(LIMITS, 0), 0
    for x in stations:
        free = times(x, None)
        if (times(x, ANY_JOURNEY) != free).any():
            raise SystemExit(f"{workload}: {ANY_JOURNEY} changes allowed give other times than any number")
        cells += int((free != UNREACHED).sum())
        for name, limit in LIMITS.items():
            limited = times(x, limit)
            worse[name] += int((limited > free).sum())
            if (limited < free).any():
                raise SystemExit(f"{workload}: a limit of changes makes a journey faster")
        calls = {OURS: partial(times, x, None)}
        calls |= {name: partial(times, x, limit) for name, limit in LIMITS.items()}
        trials.append(interleaved(calls, repeats))
    notes = {name: f"{n:,} of {cells:,} station minutes are later or not reached" for name, n in worse.items()}
    result.rows += summarise(workload, f"{city}, to, changes limited", trials, OURS, notes | {OURS: "any number"})
