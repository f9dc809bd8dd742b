"""Workload `window`: one city to all stations for every minute of the peak, against the two obvious ways to do it."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from measure import ROOT, Result, interleaved, summarise
from numpy.typing import NDArray
from single import Searches, plan_searches, run_searches

from railshed import default_assumptions, load_network
from railshed.cells.network_cells import NetworkCells
from railshed.circles.city_model import CityModel
from railshed.kernels.types import NEVER
from railshed.routing.compile import compile_network
from railshed.routing.directions import DIRECTIONS, Direction, to_kernel_time
from railshed.routing.journeys import Compiled, Journeys
from railshed.routing.profiles import minutes_of
from railshed.util.units import MINUTE

CITIES = (
    "beijing", "shanghai", "guangzhou", "chengdu", "wuhan", "xian", "shenzhen", "nanjing", "hangzhou", "zhengzhou",
)  # fmt: skip
PEAK = (27_000, 34_200)
STAIRS, TIMES = "find_journeys", "find_journeys + travel_times"
SEARCHES, PLAIN = "120 single searches", "plain reference"


@dataclass(frozen=True)
class Question:
    """What is asked of one city: which minutes, how early one may be, how long a journey may take."""

    span: tuple[int, int] = PEAK
    slack_s: int = 30 * MINUTE
    bound_s: int = 120 * MINUTE


@dataclass(frozen=True, eq=False)
class Task:
    """One city in one direction."""

    compiled: Compiled
    direction: Direction
    targets: dict[int, int]
    ask: Question
    searches: Searches
    offset_s: NDArray[np.uint32]

    @classmethod
    def of(cls, compiled: Compiled, direction: Direction, targets: dict[int, int], ask: Question) -> Task:
        """Return the task with its single searches planned (their planning is not timed)."""
        minutes = sorted(to_kernel_time(int(m), direction) for m in minutes_of(ask.span))
        searches = plan_searches(compiled.timetable(direction), np.array(minutes, dtype=np.int64), ask.bound_s)
        found = compiled.profiles(direction, targets, ask.span, slack_s=ask.slack_s, bound_s=ask.bound_s)
        return cls(compiled, direction, targets, ask, searches, found.offset_s)

    def journeys(self) -> Journeys:
        """Return the profiles."""
        ask = self.ask
        return self.compiled.profiles(self.direction, self.targets, ask.span, slack_s=ask.slack_s, bound_s=ask.bound_s)

    def travel_times(self) -> NDArray[np.int32]:
        """Return the minutes: profiles, then T_s of every station and minute."""
        return self.journeys().travel_times(self.ask.span, self.ask.slack_s)

    def single(self) -> NDArray[np.uint32]:
        """Return D(x, m) by one search a minute."""
        return run_searches(self.compiled, self.direction, self.offset_s, self.searches, self.ask.bound_s)


def latest_departures(found: Journeys, deadlines: NDArray[np.int64]) -> NDArray[np.uint32]:
    """Return D(x, m) of profiles, kernel time, 0 where none is within the bound of the deadline."""
    profiles = found.profiles
    out = np.zeros((len(deadlines), len(profiles.count)), np.uint32)
    for x in np.flatnonzero(profiles.count).tolist():
        base, n = int(profiles.ptr[x]), int(profiles.count[x])
        arrival = profiles.arrival[base : base + n][::-1].astype(np.int64)
        departure = profiles.departure[base : base + n][::-1].astype(np.int64)
        k = np.searchsorted(arrival, deadlines, "right") - 1
        latest = np.where(k >= 0, departure[k], 0)
        out[:, x] = np.where(deadlines - latest <= found.bound_s, latest, 0)
    return out


def check_task(task: Task) -> tuple[int, int]:
    """Return (cells, cells reached) once the single searches agree with the profiles everywhere, else raise."""
    found, single = task.journeys(), task.single()
    deadlines = task.searches.deadlines
    expected = latest_departures(found, deadlines)
    wrong = int((single != expected).sum())
    taken = np.where(single.T > 0, deadlines[None, :] - single.T.astype(np.int64), NEVER)
    if task.direction == "from":
        taken = taken[:, ::-1]
    wrong += int((found.travel_times(task.ask.span, 0) != taken).sum())
    if wrong:
        raise SystemExit(f"window: {wrong} of {single.size} cells differ between single searches and profiles")
    return single.size, int((single > 0).sum())


def time_reference(compiled: Compiled, task: Task) -> float:
    """Return the seconds of the plain reference once its journeys agree with the profiles, else raise."""
    if str(ROOT) not in sys.path:
        sys.path.append(str(ROOT))
    from tests.support import reference as ref

    (start, end), slack_s, bound_s = task.ask.span, task.ask.slack_s, task.ask.bound_s
    net = ref.clip(ref.from_compiled(compiled), start - slack_s - bound_s, end + slack_s + bound_s)
    started = time.perf_counter()
    if task.direction == "to":
        expected = ref.journeys_to(net, task.targets, start - slack_s - bound_s, end, bound_s)
    else:
        expected = ref.journeys_from(net, task.targets, start, end + slack_s + bound_s, bound_s)
    taken = time.perf_counter() - started
    found = task.journeys()
    wrong = sum(found.pairs(x) != expected[x] for x in range(compiled.network.n_stations))
    if wrong:
        raise SystemExit(f"window: the journeys of {wrong} stations differ from the plain reference")
    return taken


def china() -> Compiled:
    """Return the China network, cast."""
    network = load_network("china")
    return compile_network(network, default_assumptions(network.assumptions))


def city_targets(compiled: Compiled, slug: str, direction: Direction) -> dict[int, int]:
    """Return the core stations of a city with their exit or entry seconds (door-to-station)."""
    network = compiled.network
    assumptions = default_assumptions(network.assumptions)
    cells = NetworkCells(network, assumptions.cell_size_m)
    case = CityModel(compiled, network.get_city(slug), assumptions, cells)
    return case.targets("door-to-station", direction)


def run(quick: bool, shared: Path | None) -> Result:
    """Measure; answers are checked before any time is taken."""
    compiled = china()
    cities = CITIES[:3] if quick else CITIES
    tasks = {
        (slug, way): Task.of(compiled, way, city_targets(compiled, slug, way), Question())
        for slug in cities
        for way in DIRECTIONS
    }
    checked = [check_task(task) for task in tasks.values()]
    result = Result()
    result.facts["cells checked, single searches against profiles"] = (
        f"{sum(c[0] for c in checked):,} station minutes, {sum(c[1] for c in checked):,} of them reached; none differs"
    )
    repeats = 5 if quick else 15
    trials = {
        key: interleaved({TIMES: task.travel_times, STAIRS: task.journeys, SEARCHES: task.single}, repeats)
        for key, task in tasks.items()
    }
    notes = {
        TIMES: "slack 30 min", STAIRS: "profiles alone",
        SEARCHES: "slack 0 only: a slack of 30 min would need 150 searches",
    }  # fmt: skip
    for way in DIRECTIONS:
        mine = [trial for (_, key), trial in trials.items() if key == way]
        result.rows += summarise("window", f"China, {way}, {len(cities)} cities", mine, TIMES, notes)
    plain = [key for key in tasks if key[0] in cities[: 1 if quick else 2]]
    slow = [{STAIRS: trials[key][STAIRS], PLAIN: time_reference(compiled, tasks[key])} for key in plain]
    case = f"China, {', '.join(dict.fromkeys(slug for slug, _ in plain))}, both ways"
    remark = "tests/support/reference.py, one run each, journeys equal"
    result.rows += summarise("window", case, slow, STAIRS, {PLAIN: remark})
    return result
