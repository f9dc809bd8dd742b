"""Workload `tokyo`: one station from (to) all stations for every minute of two hours within an hour, at scale."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from measure import Result, interleaved, summarise
from sketch import load_sketch
from tokyo import TARGETS, load_tokyo
from window import Question, Task, check_task, time_reference

from railshed import default_assumptions
from railshed.arrays import DIRECTIONS, compile_network
from railshed.units import HOUR

SPAN = (8 * HOUR, 10 * HOUR)
OURS, SKETCH, SEARCHES = "find_journeys + travel_times", "sketch", "120 single searches"
NOTES = {
    OURS: "exact: change times, transfers, staircases kept",
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
    ask = Question(SPAN, slack_s=0, bound_s=HOUR)
    tasks = {(x, way): Task.of(compiled, way, {x: 0}, ask) for x in stations for way in DIRECTIONS}
    checked = [check_task(task) for task in tasks.values()]
    for way in DIRECTIONS:
        time_reference(compiled, tasks[stations[0], way])
    result.facts["station minutes equal to single searches"] = f"{sum(c[0] for c in checked):,}; none differs"
    result.facts["journeys equal to the plain reference"] = f"all of {network.stations[stations[0]].name_en}, both ways"
    sketch = load_sketch(shared / "perf", compiled, SPAN, ask.bound_s) if (shared / "perf").is_dir() else None
    for way in DIRECTIONS:
        trials = []
        for x in stations:
            task = tasks[x, way]
            calls = {OURS: task.travel_times, SEARCHES: task.single}
            if sketch is not None:
                calls[SKETCH] = partial(sketch, x)
            trials.append(interleaved(calls, 5 if quick else 15))
        case = f"Tokyo, {way}, {len(stations)} stations"
        result.rows += summarise("tokyo", case, trials, SKETCH if sketch is not None else OURS, NOTES)
    return result
