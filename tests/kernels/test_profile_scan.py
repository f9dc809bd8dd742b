"""The timetable kernels against the plain reference, on random networks that are unkind
on purpose.
"""

from __future__ import annotations

import itertools
from dataclasses import replace
from fractions import Fraction
from random import Random

import numpy as np
import pytest

from railshed.assumptions.assumptions import default_assumptions
from railshed.kernels.types import FLAGS, REPEAT
from railshed.network.model import Network, Transfers
from railshed.routing.compile import compile_network
from railshed.routing.directions import DIRECTIONS, Direction
from railshed.routing.journeys import Compiled, Journeys
from railshed.routing.profiles import minutes_of, station_percentiles
from railshed.util.units import DAY, MINUTE, UNREACHED
from tests.support import reference as ref
from tests.support.random_networks import (
    DATE,
    random_network,
    random_targets,
    reversed_network,
    reversed_pairs,
    shuffled,
    to_model,
)
from tests.support.seeds import each_seed

pytestmark = [pytest.mark.kernels, pytest.mark.properties]

BOUND = 120 * MINUTE
SEEDS = range(200)


def compiled(network: Network) -> Compiled:
    return compile_network(network, default_assumptions(), date=DATE, footpaths=False)


def wide_window(net: ref.RefNetwork) -> tuple[int, int]:
    """Return whole-minute bounds around all trips."""
    first = min(t[0].arrival for t in net.trips) - 20 * MINUTE
    last = max(t[-1].departure for t in net.trips) + 20 * MINUTE
    return first // MINUTE * MINUTE, last // MINUTE * MINUTE


def kernel_pairs(
    net: ref.RefNetwork,
    direction: Direction,
    targets: dict[int, int],
    bound: int = BOUND,
    rides: int | None = None,
) -> list[list[tuple[int, int]]]:
    found = search(net, direction, targets, bound, rides)
    return [found.pairs(x) for x in range(net.n_stations)]


def search(
    net: ref.RefNetwork,
    direction: Direction,
    targets: dict[int, int],
    bound: int = BOUND,
    rides: int | None = None,
) -> Journeys:
    return compiled(to_model(net)).profiles(
        direction,
        targets,
        wide_window(net),
        slack_s=3600,
        bound_s=bound,
        max_transfers=None if rides is None else rides - 1,
    )


def reference_pairs(
    net: ref.RefNetwork,
    direction: Direction,
    targets: dict[int, int],
    bound: int = BOUND,
    rides: int | None = None,
) -> list[list[tuple[int, int]]]:
    find = ref.journeys_to if direction == "to" else ref.journeys_from
    return [
        sorted(map(tuple, pairs)) for pairs in find(net, targets, -3 * DAY, 3 * DAY, bound, rides)
    ]


@pytest.mark.parametrize("direction", DIRECTIONS)
@each_seed(SEEDS)
def test_profiles_equal_the_reference(seed: int, direction: Direction) -> None:
    """Every station's Pareto journeys, rides free and counted, bound wide and tight, equal the
    reference's.
    """
    rng = Random(seed)
    net = random_network(rng)
    targets = random_targets(rng, net)
    for bound, rides in (
        (BOUND, None),
        (BOUND, 1),
        (BOUND, rng.choice((2, 3))),
        (rng.choice((300, 900)), None),
    ):
        expected = reference_pairs(net, direction, targets, bound, rides)
        assert kernel_pairs(net, direction, targets, bound, rides) == expected


@each_seed(SEEDS)
def test_to_equals_from_reversed(seed: int) -> None:
    """Journeys to the city are journeys from it on the network with time reversed."""
    rng = Random(seed)
    net = random_network(rng)
    targets = random_targets(rng, net)
    there = kernel_pairs(net, "to", targets)
    back = kernel_pairs(reversed_network(net), "from", targets)
    assert [sorted(reversed_pairs(pairs)) for pairs in back] == there


@each_seed(SEEDS)
def test_rows_in_another_order(seed: int) -> None:
    """Stations, trips and transfers in another order give the same journeys and the same traces."""
    rng = Random(seed)
    net = random_network(rng)
    targets = random_targets(rng, net)
    other, old = shuffled(net, rng)
    moved = {old.index(t): s for t, s in targets.items()}
    for direction in DIRECTIONS:
        pairs = kernel_pairs(net, direction, targets)
        assert [pairs[o] for o in old] == kernel_pairs(other, direction, moved)


@pytest.mark.parametrize("direction", DIRECTIONS)
@each_seed(SEEDS)
def test_travel_times_equal_the_definition(seed: int, direction: Direction) -> None:
    """T at every minute, for slacks and weights of early minutes, follows the definition and
    reference journeys.
    """
    rng = Random(1000 + seed)
    net = random_network(rng)
    targets = random_targets(rng, net)
    found = search(net, direction, targets)
    expected = reference_pairs(net, direction, targets)
    define = ref.travel_time_to if direction == "to" else ref.travel_time_from
    low, high = wide_window(net)
    span = (low, min(high, low + 90 * MINUTE))
    for slack, weight in (
        (0, 1),
        (5 * MINUTE, 1),
        (30 * MINUTE, 1),
        (0, Fraction(1, 2)),
        (5 * MINUTE, Fraction(7, 10)),
    ):
        times = found.travel_times(span, slack, float(weight))
        for x in range(net.n_stations):
            plain = [define(expected[x], int(m), slack, weight) for m in minutes_of(span)]
            within = [UNREACHED if t is None or t > BOUND else t for t in plain]
            assert times[x].tolist() == within
            ranks = station_percentiles(times[x : x + 1], [0, 50, 75, 100])[0].tolist()
            values = [None if t == UNREACHED else t for t in within]
            assert ranks == [
                UNREACHED if v is None else v
                for v in (ref.percentile(values, p) for p in (0, 50, 75, 100))
            ]


@pytest.mark.parametrize("direction", DIRECTIONS)
@each_seed(SEEDS)
def test_traced_journeys_hold(seed: int, direction: Direction) -> None:
    """A traced journey leaves and arrives as the profile says, keeps every rule and has the fewest
    rides.
    """
    rng = Random(2000 + seed)
    net = random_network(rng)
    targets = random_targets(rng, net)
    model = to_model(net)
    found = search(net, direction, targets)
    walks: dict[tuple[int, int], int] = {}
    for u, v, s in net.transfers:
        walks[u, v] = min(s, walks.get((u, v), s))
    turned = reversed_network(net)
    every = iter(
        found.rides([(x, *pair) for x in range(net.n_stations) for pair in found.pairs(x)])
    )
    for x in range(net.n_stations):
        for departure, arrival in found.pairs(x):
            rides = next(every)
            assert rides == found.rides([(x, departure, arrival)])[0] != []
            if direction == "to":
                fewest = ref.fewest_rides(net, targets, x, departure, arrival)
            else:
                fewest = ref.fewest_rides(turned, targets, x, DAY - arrival, DAY - departure)
            assert len(rides) == fewest
            starts = {x: 0} if direction == "to" else targets
            ends = targets if direction == "to" else {x: 0}
            assert any(
                departure
                + s
                + (0 if u == rides[0].from_idx else walks.get((u, rides[0].from_idx), DAY))
                <= rides[0].departure_s
                for u, s in starts.items()
            )
            assert any(
                rides[-1].arrival_s
                + s
                + (0 if u == rides[-1].to_idx else walks.get((rides[-1].to_idx, u), DAY))
                <= arrival
                for u, s in ends.items()
            )
            for one, two in itertools.pairwise(rides):
                wait = (
                    net.change_s[one.to_idx]
                    if one.to_idx == two.from_idx
                    else walks[one.to_idx, two.from_idx]
                )
                assert one.arrival_s + wait <= two.departure_s
            for ride in rides:
                assert_ride_runs(model, ride)


def is_call(calls, k: int, station: int, allowed, seconds, clock_s: int) -> bool:  # type: ignore[no-untyped-def]
    return bool(
        calls.station_idx[k] == station and allowed[k] and (seconds[k] - clock_s) % DAY == 0
    )


def assert_ride_runs(model: Network, ride) -> None:  # type: ignore[no-untyped-def]
    calls = model.stop_times
    mine = np.flatnonzero(calls.trip_idx == ride.trip_idx)
    boards = [
        k
        for k in mine
        if is_call(calls, k, ride.from_idx, calls.pickup, calls.departure_s, ride.departure_s)
    ]
    leaves = [
        k
        for k in mine
        if is_call(calls, k, ride.to_idx, calls.drop_off, calls.arrival_s, ride.arrival_s)
    ]
    assert any(b < a for b in boards for a in leaves)


@each_seed(SEEDS)
def test_better_timetables_never_hurt(seed: int) -> None:
    """A trip added, an arrival earlier, a departure later, a transfer added or shortened worsens no
    travel time.
    """
    rng = Random(3000 + seed)
    net = random_network(rng, max_trips=15)
    targets = random_targets(rng, net)
    extra = random_network(rng, max_trips=3)
    span = (
        min(wide_window(net)[0], wide_window(extra)[0]),
        max(wide_window(net)[1], wide_window(extra)[1]),
    )
    fits = [t for t in extra.trips if max(c.station for c in t) < net.n_stations]
    later = [list(t) for t in net.trips]
    trip = rng.choice(later)
    trip[0] = trip[0]._replace(departure=min(trip[0].departure + 60, trip[1].arrival))
    trip[-1] = trip[-1]._replace(arrival=max(trip[-1].arrival - 60, trip[-2].departure))
    walks = [*net.transfers, (0, net.n_stations - 1, 120)]
    shorter = [(u, v, s // 2) for u, v, s in net.transfers]
    better = [
        replace(net, trips=[*net.trips, *fits]),
        replace(net, trips=later),
        replace(net, transfers=walks),
        replace(net, transfers=shorter),
    ]
    for direction in DIRECTIONS:
        before = times_of(net, direction, targets, span)
        for changed in better:
            assert np.all(times_of(changed, direction, targets, span) <= before)


def times_of(
    net: ref.RefNetwork, direction: Direction, targets: dict[int, int], span: tuple[int, int]
) -> np.ndarray:
    found = compiled(to_model(net)).profiles(direction, targets, span, slack_s=1800, bound_s=BOUND)
    return found.travel_times(span, 1800)


@pytest.mark.parametrize("direction", DIRECTIONS)
@each_seed(SEEDS)
def test_parts_of_a_traced_journey_sum_to_its_travel_time(seed: int, direction: Direction) -> None:
    """At every minute the trace's wait, ways, rides and changes sum to T_s, with the fewest rides
    among equals.
    """
    rng = Random(5000 + seed)
    net = random_network(rng)
    targets = random_targets(rng, net)
    found = search(net, direction, targets)
    low, high = wide_window(net)
    span = (low, min(high, low + 40 * MINUTE))
    slack, weight = rng.choice((0, 300, 1800)), rng.choice((1.0, 0.5, 0.6))
    times = found.travel_times(span, slack, weight)
    for x in range(net.n_stations):
        for k, minute in enumerate(minutes_of(span).tolist()):
            traced = found.trace([(x, minute)], slack, weight)[0]
            assert (UNREACHED if traced is None else traced.travel_time_s) == times[x, k]
            if traced is not None:
                parts = (
                    traced.wait_s,
                    traced.before_s,
                    traced.ride_s,
                    traced.change_s,
                    traced.after_s,
                )
                assert min(parts) >= 0
                assert (
                    list(traced.rides)
                    == found.rides([(x, traced.departure_s, traced.arrival_s)])[0]
                )


def test_trace_takes_the_best_train() -> None:
    """Of the trains that may be up to the slack early, the quickest counts; being early beyond it
    is wait.
    """
    net = ref.RefNetwork(
        2,
        [
            [ref.Call(0, 28_800, 28_800), ref.Call(1, 30_000, 30_000)],
            [ref.Call(0, 29_400, 29_400), ref.Call(1, 30_900, 30_900)],
        ],
        [0, 0],
        [],
    )
    found = search(net, "to", {1: 0})
    quick = found.trace([(0, 30_900)], 1800)[0]
    assert quick is not None
    assert (quick.departure_s, quick.arrival_s, quick.travel_time_s) == (
        28_800,
        30_000,
        1200,
    )  # against 25 minutes
    punctual = found.trace([(0, 30_900)], 0)[0]
    assert punctual is not None
    assert (punctual.departure_s, punctual.wait_s) == (
        29_400,
        0,
    )  # the early one would count 35 minutes
    early = found.trace([(0, 30_600)], 0)[0]
    assert early is not None
    assert (early.ride_s, early.wait_s) == (1200, 600)
    assert found.trace([(0, 29_999)], 1800)[0] is None


def test_a_first_transfer_does_not_leave_before_the_window() -> None:
    """Trains at 06:02 and 06:10, five minutes on foot before: asked from 06:00 on, 06:05 remains,
    05:57 does not.
    """
    net = ref.RefNetwork(
        3,
        [
            [ref.Call(1, 21_720, 21_720), ref.Call(2, 22_320, 22_320)],
            [ref.Call(1, 22_200, 22_200), ref.Call(2, 22_800, 22_800)],
        ],
        [0, 0, 0],
        [(0, 1, 300)],
    )
    found = compiled(to_model(net)).profiles("to", {2: 0}, (22_200, 25_200), slack_s=0, bound_s=600)
    assert found.pairs(1) == [(21_720, 22_320), (22_200, 22_800)]
    assert found.pairs(0) == []  # 15 minutes, above the bound of ten
    found = compiled(to_model(net)).profiles("to", {2: 0}, (22_500, 25_200), slack_s=0, bound_s=900)
    assert found.pairs(0) == [(21_900, 22_800)]


@pytest.mark.parametrize(
    ("direction", "window", "target", "station", "expected"),
    [("to", (-DAY, DAY), 2, 0, (21_420, 22_320)), ("from", (0, 2 * DAY), 1, 3, (21_720, 22_620))],
)
def test_a_window_that_begins_with_kernel_time_keeps_first_transfers(
    direction: Direction,
    window: tuple[int, int],
    target: int,
    station: int,
    expected: tuple[int, int],
) -> None:
    """A train 06:02-06:12, five minutes on foot before and after it: the walk counts however early
    the search goes.
    """
    net = ref.RefNetwork(
        4,
        [[ref.Call(1, 21_720, 21_720), ref.Call(2, 22_320, 22_320)]],
        [0] * 4,
        [(0, 1, 300), (2, 3, 300)],
    )
    found = compiled(to_model(net)).profiles(direction, {target: 0}, window, slack_s=0)
    assert found.pairs(station) == [expected]


def zero_hops(change_s: int) -> ref.RefNetwork:
    """Two trains at 08:00 whose first legs take no time: from 0 to 1, and from 1 to 2."""
    return ref.RefNetwork(
        4,
        [
            [ref.Call(0, 28_800, 28_800), ref.Call(1, 28_800, 28_800), ref.Call(3, 29_400, 29_400)],
            [ref.Call(1, 28_800, 28_800), ref.Call(2, 28_800, 28_800)],
        ],
        [change_s] * 4,
        [],
    )


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize(("change_s", "n_repeated"), [(60, (0, 0)), (0, (3, 2))])
def test_seconds_are_scanned_again_only_where_no_order_serves(
    change_s: int, n_repeated: tuple[int, int], direction: Direction
) -> None:
    """A leg of no duration needs another pass only where one can change to another train in the
    same second.
    """
    net = zero_hops(change_s)
    flags = compiled(to_model(net)).timetable(direction).connections[:, FLAGS]
    assert int((flags & REPEAT > 0).sum()) == n_repeated[DIRECTIONS.index(direction)]
    for x in range(net.n_stations):
        assert (
            search(net, direction, {x: 0}).pairs(2 if x == 0 else 0)
            == (reference_pairs(net, direction, {x: 0})[2 if x == 0 else 0])
        )
    changed = search(net, "to", {2: 0}).pairs(0)
    assert changed == ([(28_800, 28_800)] if change_s == 0 else [])


def test_what_the_feed_forbids() -> None:
    """No change where the station forbids it, no walk between two stations where a transfer is
    forbidden.
    """
    net = ref.RefNetwork(
        4,
        [
            [ref.Call(0, 28_800, 28_800), ref.Call(1, 29_400, 29_400)],
            [ref.Call(1, 29_700, 29_700), ref.Call(2, 30_300, 30_300)],
            [ref.Call(2, 30_900, 30_900), ref.Call(3, 31_200, 31_200)],
        ],
        [0] * 4,
        [(1, 2, 120)],
    )
    model = to_model(net)
    assert search(net, "to", {3: 0}).pairs(0) == [(28_800, 31_200)]
    stations = [
        replace(s, change_s=UNREACHED if i == 1 else 0) for i, s in enumerate(model.stations)
    ]
    closed = replace(model, stations=tuple(stations))
    for direction, targets, x in (("to", {3: 0}, 0), ("from", {0: 0}, 3)):
        walked = compiled(closed).profiles(direction, targets, (0, DAY), slack_s=0).pairs(x)  # type: ignore[arg-type]
        assert walked == [(28_800, 31_200)]  # on foot from 1 to 2, then the third train
    none = replace(
        closed, transfers=replace(model.transfers, seconds=np.full(1, UNREACHED, np.int32))
    )
    assert compiled(none).profiles("to", {3: 0}, (0, DAY), slack_s=0).pairs(0) == []
    near = replace(
        none,
        stations=tuple(replace(s, lon=100 + i / 1000, lat=10) for i, s in enumerate(none.stations)),
    )
    walks = compile_network(near, default_assumptions(), date=DATE).to
    starts = np.repeat(range(4), np.diff(walks.walk_ptr.astype(int))).tolist()
    pairs = set(zip(starts, walks.walk_to.tolist(), strict=True))
    assert (2, 1) in pairs  # 110 m apart
    assert (1, 2) not in pairs


def test_a_listed_transfer_goes_before_the_walk() -> None:
    """Three stations 110 m apart, two minutes on foot: 600 s and 60 s are listed, the third pair is
    walked.
    """
    model = to_model(
        ref.RefNetwork(3, [[ref.Call(0, 28_800, 28_800), ref.Call(1, 29_400, 29_400)]], [0] * 3, [])
    )
    near = replace(
        model,
        stations=tuple(
            replace(s, lon=100 + i / 1000, lat=10) for i, s in enumerate(model.stations)
        ),
        transfers=Transfers(*(np.array(c, dtype=np.int32) for c in ([0, 1], [1, 0], [600, 60]))),
    )
    walks = compile_network(near, default_assumptions(), date=DATE).to
    starts = np.repeat(range(3), np.diff(walks.walk_ptr.astype(int))).tolist()
    found = dict(
        zip(zip(starts, walks.walk_to.tolist(), strict=True), walks.walk_s.tolist(), strict=True)
    )
    assert (found[0, 1], found[1, 0]) == (600, 60)
    assert found[1, 2] == found[2, 1] == 115  # 109.64 m x 1.3 at 4.5 km/h, rounded up


def test_fingerprint_sees_every_second() -> None:
    """Networks that differ by one second have different fingerprints; equal ones the same."""
    net = random_network(Random(5))
    later = replace(net, change_s=[net.change_s[0] + 1, *net.change_s[1:]])
    assert compiled(to_model(net)).fingerprint() == compiled(to_model(net)).fingerprint()
    assert compiled(to_model(net)).fingerprint() != compiled(to_model(later)).fingerprint()
