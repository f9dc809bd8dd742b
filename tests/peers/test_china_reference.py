"""The engine against the plain reference on the China network: cities, directions and windows,
station by station.

For every station the Pareto journeys of the window and the travel time at every minute must be
equal.
"""

from __future__ import annotations

import numpy as np
import pytest

from railshed import Network, default_assumptions
from railshed.routing.compile import compile_network
from railshed.routing.directions import DIRECTIONS, Direction
from railshed.routing.journeys import Compiled
from railshed.routing.profiles import minutes_of
from railshed.util.units import DAY, MINUTE, UNREACHED
from tests.support import reference as ref
from tests.support.cells import city_model

pytestmark = [pytest.mark.peers, pytest.mark.china, pytest.mark.slow]
BOUND_S = 120 * MINUTE
SLACK_S = 30 * MINUTE
#: morning peak, noon, and the last trains across midnight
WINDOWS = ((27_000, 34_200), (43_200, 50_400), (79_200, 90_000))
LEGS = "door-to-station"
#: core cities of the network; minutes for each, since the reference is plain Python
WHOLE = (
    "beijing",
    "changchun",
    "changsha",
    "chongqing",
    "dalian",
    "fuzhou",
    "guangzhou",
    "guiyang",
    "hangzhou",
    "harbin",
    "hefei",
    "hohhot",
    "jinan",
    "kunming",
    "lanzhou",
    "nanchang",
    "nanjing",
    "nanning",
    "qingdao",
)
#: no train of the timetable leaves these cities so late
NO_LATE_TRAIN = {("dalian", "from"), ("hefei", "from"), ("qingdao", "from")}
#: by day: the night out of a city with many metro lines, each window of another one
SHORT = [("chengdu", "from", WINDOWS[2]), ("xian", "to", WINDOWS[0]), ("xian", "from", WINDOWS[1]),
         ("xian", "to", WINDOWS[2])]  # fmt: skip
CASES = [
    pytest.param(
        slug, way, window, marks=[pytest.mark.acceptance] * ((slug, way, window) not in SHORT)
    )
    for slug in ("chengdu", "xian", *WHOLE)
    for way in DIRECTIONS
    for window in WINDOWS
]


@pytest.fixture(scope="module")
def compiled(china: Network) -> Compiled:
    return compile_network(china, default_assumptions(china.assumptions))


@pytest.fixture(scope="module")
def hops(compiled: Compiled) -> list[tuple[int, int, int]]:
    """Least seconds between stations that follow each other on a trip, and walks."""
    calls = compiled.network.stop_times
    along = calls.trip_idx[1:] == calls.trip_idx[:-1]
    pairs = np.column_stack([calls.station_idx[:-1], calls.station_idx[1:]])[along]
    seconds = (calls.arrival_s[1:] - calls.departure_s[:-1])[along]
    pairs, which = np.unique(pairs, axis=0, return_inverse=True)
    least = np.full(len(pairs), BOUND_S)
    np.minimum.at(least, which.reshape(-1), seconds)
    return [*zip(*pairs.T.tolist(), least.tolist(), strict=True), *ref.walks_of(compiled)]


def near_city(
    compiled: Compiled, hops: list[tuple[int, int, int]], slug: str, direction: Direction
) -> ref.RefNetwork:
    """Return the trips that a journey within the bound may use: no ride is shorter than its fastest
    hops.
    """
    network = compiled.network
    ends = city_model(compiled, network.get_city(slug), default_assumptions()).targets(
        LEGS, direction
    )
    ways = hops if direction == "to" else [(head, tail, seconds) for tail, head, seconds in hops]
    near = np.array(ref.least_seconds(ways, ends, network.n_stations)) <= BOUND_S
    in_use = np.zeros(network.n_trips, dtype=bool)
    in_use[network.stop_times.trip_idx[near[network.stop_times.station_idx]]] = True
    return ref.from_compiled(compiled, in_use)


def differences(
    compiled: Compiled,
    plain: ref.RefNetwork,
    slug: str,
    direction: Direction,
    span: tuple[int, int],
) -> tuple[int, int, int]:
    """Return (stations reached, stations whose journeys differ, station minutes that differ)."""
    case = city_model(compiled, compiled.network.get_city(slug), default_assumptions())
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
    minutes = [int(m) for m in minutes_of(span)]
    for x in range(compiled.network.n_stations):
        mine, theirs = found.pairs(x), [tuple(p) for p in expected[x]]
        reached += bool(theirs)
        wrong += mine != theirs
        plain_times = (
            [define(expected[x], m, SLACK_S) for m in minutes] if theirs else [None] * len(minutes)
        )
        within = [UNREACHED if t is None or t > BOUND_S else t for t in plain_times]
        wrong_minutes += int(np.sum(times[x] != np.array(within, dtype=np.int32)))
    return reached, wrong, wrong_minutes


@pytest.mark.parametrize(("slug", "direction", "window"), CASES)
def test_equals_the_reference(
    compiled: Compiled,
    hops: list[tuple[int, int, int]],
    slug: str,
    direction: Direction,
    window: tuple[int, int],
) -> None:
    """Every journey and every minute of every station is the plain reference's; by day there are
    many.
    """
    plain = near_city(compiled, hops, slug, direction)
    near = ref.clip(plain, max(-DAY, window[0] - 3 * BOUND_S), window[1] + 3 * BOUND_S)
    reached, wrong, minutes = differences(compiled, near, slug, direction, window)
    late = window[1] > DAY
    assert reached > (0 if late else 10) or (late and (slug, direction) in NO_LATE_TRAIN)
    assert (wrong, minutes) == (0, 0)
