"""The engine against the plain reference on the China network: cities x directions x windows, station by station.

    python tests/check_china_reference.py [--cities 20] [--workers 2]

For every station the Pareto journeys of the window and the travel time at every minute must be equal. Prints one
line a case and leaves with 1 where any differs. Takes minutes: the reference is plain Python. The test suite takes two.
"""

from __future__ import annotations

import argparse
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from railshed import default_assumptions, load_network
from railshed.circles.city_model import CityModel
from railshed.routing.compile import compile_network
from railshed.routing.directions import DIRECTIONS, Direction
from railshed.routing.journeys import Compiled
from railshed.routing.profiles import minutes_of
from railshed.util.units import DAY, MINUTE, UNREACHED
from tests.support import reference as ref

BOUND_S = 120 * MINUTE
SLACK_S = 30 * MINUTE
#: morning peak, noon, and the last trains across midnight
WINDOWS = ((27_000, 34_200), (43_200, 50_400), (79_200, 90_000))
LEGS = "door-to-station"


def reference_network(compiled: Compiled) -> ref.RefNetwork:
    """Return the same network for the reference: change times and walks as compiled."""
    timetable = compiled.to
    sources = np.repeat(np.arange(compiled.network.n_stations), np.diff(timetable.walk_ptr.astype(np.int64)))
    walks = zip(sources.tolist(), timetable.walk_to.tolist(), timetable.walk_s.tolist(), strict=True)
    return ref.from_model(compiled.network, timetable.change_s.tolist(), walks)


def differences(
    compiled: Compiled, plain: ref.RefNetwork, slug: str, direction: Direction, span: tuple[int, int]
) -> tuple[int, int, int]:
    """Return (stations reached, stations whose journeys differ, station minutes that differ)."""
    case = CityModel(compiled, compiled.network.get_city(slug), default_assumptions())
    targets = case.targets(LEGS, direction)
    found = compiled.profiles(direction, targets, span, slack_s=SLACK_S, bound_s=BOUND_S)
    if direction == "to":
        expected = ref.journeys_to(plain, targets, span[0] - SLACK_S - BOUND_S, span[1], BOUND_S)
        define = ref.travel_time_to
    else:
        expected = ref.journeys_from(plain, targets, span[0], span[1] + SLACK_S + BOUND_S, BOUND_S)
        define = ref.travel_time_from
    times = found.travel_times(span, SLACK_S)
    reached = wrong = wrong_minutes = 0
    for x in range(compiled.network.n_stations):
        mine, theirs = found.pairs(x), [tuple(p) for p in expected[x]]
        reached += bool(theirs)
        wrong += mine != theirs
        plain_times = [define(expected[x], int(m), SLACK_S) for m in minutes_of(span)]
        within = [UNREACHED if t is None or t > BOUND_S else t for t in plain_times]
        wrong_minutes += int(np.sum(times[x] != np.array(within, dtype=np.int32)))
    return reached, wrong, wrong_minutes


def check_city(slug: str) -> list[str]:
    """Return one line a direction and window of a city."""
    compiled = compile_network(load_network("china"), default_assumptions())
    whole = reference_network(compiled)
    lines = []
    for direction in DIRECTIONS:
        for span in WINDOWS:
            started = time.perf_counter()
            near = ref.clip(whole, max(-DAY, span[0] - 3 * BOUND_S), span[1] + 3 * BOUND_S)
            reached, wrong, minutes = differences(compiled, near, slug, direction, span)
            taken = time.perf_counter() - started
            lines.append(
                f"{slug:14s} {direction:4s} {span[0] // 3600:02d}:{span[0] % 3600 // 60:02d} reached {reached:4d} "
                f"stations that differ {wrong} minutes that differ {minutes} ({taken:.0f} s)"
            )
    return lines


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cities", type=int, default=20)
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    slugs = [c.slug for c in load_network("china").cities if c.role == "core"][: arguments.cities]
    bad = 0
    with ProcessPoolExecutor(arguments.workers, mp_context=get_context("spawn")) as pool:
        for lines in pool.map(check_city, slugs):
            for line in lines:
                print(line, flush=True)
                bad += "differ 0 minutes that differ 0" not in line
    print(f"{len(slugs)} cities, {bad} cases differ")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
