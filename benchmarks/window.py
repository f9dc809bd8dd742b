"""Workload `window`: one station to (from) all stations for every minute of two hours, on three
timetables.

The call is `station_array` on a network prepared, one thread: percentiles over all 120 minutes,
walks included. The kernel is what lies below: profiles, then every minute. Beside them stand 120
single searches (`single.py`: same rules and bound), the plain reference of the tests, a numba
sketch, and other routers by their own best calls (`routers.py`).
"""

from __future__ import annotations

import runpy
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from feeds import SMALL, make_metro
from measure import ROOT, Result, by_turns, step
from numpy.typing import NDArray
from routers import add_routers
from single import Searches, plan_searches, run_searches
from timetables import Timetables, busy_stations, inputs_of, timetables

from railshed.kernels.types import ARRIVAL, DEPARTURE, FLAGS
from railshed.questions.reach.stations import station_array
from railshed.questions.reach.times import TimeQuery
from railshed.routing.directions import DIRECTIONS, Direction, to_kernel_time
from railshed.routing.journeys import Journeys
from railshed.routing.profiles import minutes_of
from railshed.util.units import HOUR, MINUTE, UNREACHED

CALL, KERNEL, SEARCHES = "station_array", "profiles and every minute", "120 single searches"
PLAIN, SKETCH = "plain reference", "sketch"
NOTES = {
    CALL: "prepared, one thread; median over 120 minutes, walks included",
    KERNEL: "exact: change times, transfers, profiles",
    SEARCHES: "exact; their ranges are found beforehand",
    SKETCH: "not exact: one label a station, no change times; from the station only; no part of "
    "the project",
}
#: journeys that the sketch can hold a station
_ROOM = 160


@dataclass(frozen=True, eq=False)
class Task:
    """One station in one direction."""

    of: Timetables
    direction: Direction
    station: int
    searches: Searches
    offset_s: NDArray[np.uint32]

    @classmethod
    def plan(cls, of: Timetables, direction: Direction, station: int) -> Task:
        """Return the task with its single searches planned (their planning is not timed)."""
        asked = sorted(to_kernel_time(int(m), direction) for m in minutes_of(of.span))
        searches = plan_searches(
            of.compiled.timetable(direction), np.array(asked, dtype=np.int64), of.bound_s
        )
        found = of.compiled.profiles(
            direction, {station: 0}, of.span, slack_s=0, bound_s=of.bound_s
        )
        return cls(of, direction, station, searches, found.offset_s)

    def call(self) -> NDArray[np.int32]:
        """Return the median seconds as a user gets them."""
        start, n = self.of.span[0], (self.of.span[1] - self.of.span[0]) // MINUTE
        here, most = self.of.ids([self.station]), self.of.bound_s // MINUTE
        if self.direction == "from":
            times = TimeQuery(departure=start, departure_time_window=n)
            return station_array(self.of.inputs, here, times=times, max_minutes=most, threads=1)
        times = TimeQuery(arrive_by=start, departure_time_window=n)
        return station_array(self.of.inputs, None, here, times=times, max_minutes=most, threads=1)

    def journeys(self) -> Journeys:
        """Return the profiles."""
        targets, bound_s = {self.station: 0}, self.of.bound_s
        return self.of.compiled.profiles(
            self.direction, targets, self.of.span, slack_s=0, bound_s=bound_s
        )

    def every_minute(self) -> NDArray[np.int32]:
        """Return the seconds of every station and minute."""
        return self.journeys().travel_times(self.of.span, 0)

    def single(self) -> NDArray[np.uint32]:
        """Return D(x, m) by one search a minute."""
        return run_searches(
            self.of.compiled, self.direction, self.offset_s, self.searches, self.of.bound_s
        )

    def check(self) -> tuple[int, int]:
        """Return (station minutes, those reached) once single searches and kernel agree everywhere,
        else stop.
        """
        single, deadlines = self.single().astype(np.int64).T, self.searches.deadlines
        taken = np.where(single > 0, deadlines - single, UNREACHED)
        wrong = int(
            (self.every_minute() != (taken[:, ::-1] if self.direction == "from" else taken)).sum()
        )
        if wrong:
            raise SystemExit(
                f"window: {wrong} of {single.size} cells differ between single searches and "
                "profiles"
            )
        return single.size, int((single > 0).sum())


def time_reference(task: Task) -> float:
    """Return the processor seconds of the plain reference once its journeys agree with the
    profiles, else stop.
    """
    if str(ROOT) not in sys.path:
        sys.path.append(str(ROOT))
    from tests.support import reference as ref

    (start, end), bound_s, compiled = task.of.span, task.of.bound_s, task.of.compiled
    net = ref.clip(ref.from_compiled(compiled), start - bound_s, end + bound_s)
    started = time.process_time()
    if task.direction == "to":
        expected = ref.journeys_to(net, {task.station: 0}, start - bound_s, end, bound_s)
    else:
        expected = ref.journeys_from(net, {task.station: 0}, start, end + bound_s, bound_s)
    taken = time.process_time() - started
    found = task.journeys()
    wrong = sum(found.pairs(x) != expected[x] for x in range(compiled.network.n_stations))
    if wrong:
        raise SystemExit(
            f"window: the journeys of {wrong} stations differ from the plain reference"
        )
    return taken


def load_sketch(folder: Path, of: Timetables) -> Callable[[int], object]:
    """Return the sketch's search from one station, as `profile_fast.py` in the folder has it.

    It ignores change times, knows one window of departures and no trace, and writes into arrays
    made beforehand.
    """
    sys.path.insert(0, str(folder))
    try:
        profile = runpy.run_path(str(folder / "profile_fast.py"))["prof"]
    finally:
        sys.path.remove(str(folder))
    compiled, span = of.compiled, of.span
    rows = compiled.to.connections.astype(np.int64)
    rows[:, [DEPARTURE, ARRIVAL]] -= to_kernel_time(0, "to")
    rows = rows[
        (rows[:, DEPARTURE] >= span[0]) & (rows[:, DEPARTURE] <= span[1] - MINUTE + of.bound_s)
    ]
    rows = rows[np.lexsort((np.arange(len(rows)), rows[:, ARRIVAL], rows[:, DEPARTURE]))]
    connections = np.ascontiguousarray(rows[:, :FLAGS], dtype=np.uint32)
    walks = np.ascontiguousarray(
        np.column_stack([compiled.to.walk_to, compiled.to.walk_s]), dtype=np.uint32
    )
    n, n_minutes = compiled.network.n_stations, (span[1] - span[0]) // MINUTE
    entries, count, position = (
        np.empty((n * _ROOM, 2), np.uint32),
        np.zeros(n, np.uint32),
        np.zeros(n, np.uint32),
    )
    label, walked = np.zeros(compiled.n_runs, np.uint32), np.zeros(n, np.uint32)
    out: NDArray[np.uint16] = np.empty((n, n_minutes), np.uint16)

    def search(station: int) -> NDArray[np.uint16]:
        profile(
            connections,
            compiled.to.walk_ptr,
            walks,
            0,
            len(connections),
            np.uint32(station),
            np.uint32(span[0]),
            np.uint32(n_minutes),
            np.uint32(of.bound_s),
            entries,
            count,
            position,
            label,
            walked,
            np.uint32(_ROOM),
            out,
        )
        return out

    return search


def add_windows(
    result: Result, of: Timetables, sketch: Callable[[int], object] | None, repeats: int
) -> None:
    """Add the rows of single stations to (from) all, every cell compared with single searches
    before.
    """
    tasks = {(x, way): Task.plan(of, way, x) for x in of.stations for way in DIRECTIONS}
    checked = [task.check() for task in tasks.values()]
    result.facts[f"{of.name}, station minutes equal to single searches"] = (
        f"{sum(c[0] for c in checked):,}, {sum(c[1] for c in checked):,} of them reached; none "
        "differs"
    )
    for way in DIRECTIONS:
        trials = []
        for k, x in enumerate(of.stations):
            step(f"window: {of.name}, {way}, {k + 1} of {len(of.stations)}")
            task = tasks[x, way]
            calls: dict[str, Callable[[], object]] = {
                CALL: task.call,
                KERNEL: task.every_minute,
                SEARCHES: task.single,
            }
            if sketch is not None:
                calls[SKETCH] = partial(sketch, x)
            trials.append(by_turns(calls, repeats))
        result.add(f"{of.name}, {way}, {len(trials)} stations", trials, NOTES, KERNEL)


def add_reference(result: Result, quick: bool) -> None:
    """Add the row of the plain reference, on a small metro in a quarter of an hour; all journeys
    equal.
    """
    small = make_metro(SMALL)
    of = Timetables(
        "small metro",
        inputs_of(small),
        busy_stations(small, 4),
        (8 * HOUR, 8 * HOUR + HOUR // 4),
        HOUR,
    )
    trials = []
    for x in of.stations[: 1 if quick else 4]:
        for way in DIRECTIONS:
            task = Task.plan(of, way, x)
            trials.append(by_turns({KERNEL: task.every_minute}, 5) | {PLAIN: time_reference(task)})
    case = f"small metro, {small.n_stations} stations, every minute of a quarter of an hour"
    result.add(
        case, trials, {PLAIN: "tests/support/reference.py, one run each; all journeys equal"}
    )


def run(quick: bool, shared: Path | None) -> Result:
    """Measure; answers are compared before any time is taken."""
    result, repeats = Result(), 3 if quick else 7
    perf = None if shared is None else shared / "perf"
    for of in timetables(quick, shared):
        wanted = of.name != "China" and perf is not None and perf.is_dir()
        add_windows(result, of, load_sketch(perf, of) if wanted and perf else None, repeats)
        if of.name != "China":
            step(f"window: {of.name}, other routers")
            add_routers(result, of, 2 if quick else 3)
    add_reference(result, quick)
    return result
