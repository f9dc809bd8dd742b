"""The plain reference is right: tiny cases worked out by hand, then other routes to the same
profiles.
"""

from __future__ import annotations

from itertools import pairwise
from random import Random

import pytest

from railshed.util.units import DAY
from tests.support.random_networks import (
    DATE,
    random_network,
    random_targets,
    reversed_network,
    reversed_pairs,
    shuffled,
    span,
    to_model,
)
from tests.support.reference import (
    Call,
    RefNetwork,
    arrive_after,
    cell_times_turn_up,
    clip,
    depart_before,
    earliest_arrivals,
    fewest_rides,
    from_model,
    journeys_from,
    journeys_to,
    journeys_to_forward,
    pareto,
    percentile,
    share_served,
    surface_from,
    surface_to,
    surface_turn_up,
    travel_time_from,
    travel_time_to,
)
from tests.support.seeds import each_seed

pytestmark = pytest.mark.properties

A, B, C, D = range(4)
WIDE = (-DAY, 3 * DAY, DAY)  # earliest, latest, bound: no limit at all


def net(*trips: list[Call], change_s=(0, 0, 0, 0), transfers=()) -> RefNetwork:
    """A network of the stations A, B, C, D."""
    return RefNetwork(4, list(trips), list(change_s), list(transfers))


def trip(*calls: tuple[int, int] | Call) -> list[Call]:
    """A trip of (station, second) pairs: it arrives and leaves in the same second."""
    return [c if isinstance(c, Call) else Call(c[0], c[1], c[1]) for c in calls]


def both(network: RefNetwork, source: int, target: int, *args, **kwargs) -> list[tuple[int, int]]:
    """The journeys from source to target, found in three ways that must agree."""
    limits = args or WIDE
    there = journeys_to(network, {target: 0}, *limits, **kwargs)[source]
    assert there == journeys_to_forward(network, {target: 0}, *limits, **kwargs)[source]
    assert there == journeys_from(network, {source: 0}, *limits, **kwargs)[target]
    return there


def test_a01_one_train():
    """One train gives one journey, for who is there when it leaves."""
    network = net(trip((A, 100), (B, 160)))
    assert both(network, A, B) == [(100, 160)]
    assert both(network, B, A) == []
    assert both(network, A, C) == []
    assert earliest_arrivals(network, {A: 0}, 100) == [None, 160, None, None]
    assert earliest_arrivals(network, {A: 1}, 100) == [None, None, None, None]


def test_a02_a_faster_later_train_supersedes():
    """A train that leaves no earlier and arrives no later drives the other out; equal ones count
    once.
    """
    slow, fast, same = trip((A, 100), (B, 200)), trip((A, 110), (B, 190)), trip((A, 110), (B, 190))
    later = trip((A, 300), (B, 500))
    assert both(net(slow, later, fast, same), A, B) == [(110, 190), (300, 500)]
    assert pareto([(1, 5), (2, 5), (2, 6), (0, 3), (2, 5)]) == [(0, 3), (2, 5)]


def test_a03_early_for_a_deadline():
    """Being early counts in full without slack, and only beyond the slack with it."""
    journeys = [(1000, 1600), (2000, 2500)]
    assert travel_time_to(journeys, 1599, 0) is None
    assert travel_time_to(journeys, 1600, 0) == 600
    assert travel_time_to(journeys, 1900, 0) == 900  # 300 early
    assert travel_time_to(journeys, 1900, 300) == 600
    assert travel_time_to(journeys, 1900, 200) == 700
    assert travel_time_to(journeys, 2500, 0) == 500
    assert depart_before(journeys, 2499) == 1000


def test_a04_the_earlier_train_may_be_better_within_slack():
    """With slack the traveller takes the best train, which need not be the last one."""
    journeys = [(1000, 1300), (1200, 2000)]  # 300 s and 800 s
    assert travel_time_to(journeys, 2000, 0) == 800
    assert travel_time_to(journeys, 2000, 700) == 300
    assert travel_time_to(journeys, 2000, 600) == 400  # 100 s of being early count


def test_a05_waiting_to_leave():
    """Leaving is the mirror: the wait counts only beyond the slack, and the best train is taken."""
    journeys = [(1000, 1800), (1700, 2000)]  # 800 s and 300 s
    assert travel_time_from(journeys, 1701, 0) is None
    assert travel_time_from(journeys, 1000, 0) == 800
    assert travel_time_from(journeys, 900, 0) == 900
    assert travel_time_from(journeys, 900, 100) == 800
    assert travel_time_from(journeys, 1000, 700) == 300
    assert travel_time_from(journeys, 1000, 600) == 400
    assert arrive_after(journeys, 1001) == 2000


def test_b01_change_too_short_by_a_second():
    """A change needs `change_s` to the second."""
    trips = trip((A, 0), (B, 100)), trip((B, 160), (C, 200))
    assert both(net(*trips, change_s=(0, 60, 0, 0)), A, C) == [(0, 200)]
    assert both(net(*trips, change_s=(0, 61, 0, 0)), A, C) == []


def test_b02_first_boarding_and_last_alighting_need_no_change():
    """`change_s` stands between two trips only."""
    assert both(net(trip((A, 0), (B, 1)), change_s=(999, 999, 0, 0)), A, B) == [(0, 1)]


def test_b03_transfer_instead_of_change():
    """Boarding after a transfer needs no change at either end; it is directed."""
    trips = trip((A, 0), (B, 100)), trip((C, 200), (D, 300))
    slow_changes = (999, 999, 999, 999)
    assert both(net(*trips, change_s=slow_changes, transfers=[(B, C, 100)]), A, D) == [(0, 300)]
    assert both(net(*trips, change_s=slow_changes, transfers=[(B, C, 101)]), A, D) == []
    assert both(net(*trips, change_s=slow_changes, transfers=[(C, B, 100)]), A, D) == []


def test_b04_transfer_before_the_first_and_after_the_last_ride():
    """One transfer may stand at either end, and moves departure and arrival."""
    network = net(trip((B, 100), (C, 200)), transfers=[(A, B, 30), (C, D, 40)])
    assert both(network, A, D) == [(70, 240)]
    assert both(network, B, D) == [(100, 240)]
    assert both(network, A, C) == [(70, 200)]


def test_b05_never_two_transfers_in_a_row():
    """Neither before, between nor after rides."""
    walks = [(A, B, 10), (B, C, 10)]
    assert both(net(trip((C, 100), (D, 200)), transfers=walks), A, D) == []
    assert both(net(trip((D, 100), (A, 200)), transfers=walks), D, C) == []
    two = trip((D, 0), (A, 10)), trip((C, 100), (D, 200))
    assert both(net(*two, change_s=(0, 0, 0, 500), transfers=walks), D, D) == []
    assert both(net(*two, transfers=[(A, C, 90)]), D, D) == [(0, 200)]


def test_b06_a_transfer_alone_is_no_journey():
    """By rail means at least one ride."""
    assert both(net(trip((C, 0), (D, 10)), transfers=[(A, B, 10)]), A, B) == []


def test_b07_walking_away_and_back_does_not_shorten_the_change():
    """A second trip at the same station needs the change, whatever transfers there are."""
    trips = trip((A, 0), (B, 100)), trip((B, 150), (D, 200))
    network = net(*trips, change_s=(0, 60, 0, 0), transfers=[(B, C, 0), (C, B, 0)])
    assert both(network, A, D) == []


def test_b08_label_by_train_and_label_ready_are_apart():
    """Who arrives by train must not profit from who arrived there on foot, nor the other
    way round.
    """
    # B by train at 100, after the change 160; on foot from C at 150, so the train at 155 is caught
    trips = trip((A, 0), (B, 100)), trip((A, 0), (C, 90)), trip((B, 155), (D, 200))
    assert both(net(*trips, change_s=(0, 60, 0, 0), transfers=[(C, B, 60)]), A, D) == [(0, 200)]
    assert both(net(*trips, change_s=(0, 60, 0, 0), transfers=[(C, B, 66)]), A, D) == []
    # arriving at B on foot at 20 does not let one walk on to C
    walks = [(D, B, 10), (B, C, 10)]
    assert both(net(trip((A, 0), (D, 10)), transfers=walks), A, C) == []


def test_c01_a_trip_calls_twice():
    """At a station that a trip calls at twice, board and alight at either call; staying aboard is
    free.
    """
    loop = trip((A, 0), (B, 100), (C, 200), (B, 300), (D, 400))
    network = net(loop, change_s=(999,) * 4)
    assert both(network, A, B) == [(0, 100)]
    assert both(network, B, D) == [(300, 400)]
    assert both(network, B, C) == [(100, 200)]
    assert both(network, C, B) == [(200, 300)]
    assert both(network, A, D) == [(0, 400)]
    assert both(network, B, B) == [(100, 300)]


def test_c02_zero_second_hops_in_a_chain():
    """Trips and changes of no time at all chain in one second, whatever the order of the trips."""
    trips = [trip((C, 5), (D, 5)), trip((B, 5), (C, 5)), trip((A, 5), (B, 5))]
    assert both(net(*trips), A, D) == [(5, 5)]
    assert both(net(*trips[::-1]), A, D) == [(5, 5)]
    assert both(net(*trips, change_s=(0, 0, 1, 0)), A, D) == []
    assert both(net(trip((A, 5), (B, 5)), trip((C, 5), (D, 5)), transfers=[(B, C, 0)]), A, D) == [
        (5, 5)
    ]


def test_c03_order_of_travel_holds_within_one_second():
    """A trip of no time cannot be ridden backwards."""
    assert both(net(trip((A, 5), (B, 5), (C, 5))), C, A) == []
    assert both(net(trip((A, 5), (B, 5), (C, 5))), A, C) == [(5, 5)]


def test_c04_dwell_lets_board_until_the_departure():
    """One alights at the arrival and boards until the departure."""
    through = [Call(A, 0, 0), Call(B, 100, 400), Call(C, 500, 500)]
    feeder = trip((D, 0), (B, 350))
    assert both(net(through, feeder, change_s=(0, 50, 0, 0)), D, C) == [(0, 500)]
    assert both(net(through, feeder, change_s=(0, 51, 0, 0)), D, C) == []
    assert both(net(through), A, B) == [(0, 100)]
    assert both(net(through), B, C) == [(400, 500)]


def test_c05_pickup_and_drop_off():
    """One boards only with pickup and alights only with drop_off; riding through needs neither."""
    through = [
        Call(A, 0, 0, True, False),
        Call(B, 10, 10, True, False),
        Call(C, 20, 20, False),
        Call(D, 30, 30),
    ]
    network = net(through)
    assert both(network, A, B) == []
    assert both(network, C, D) == []
    assert both(network, A, C) == [(0, 20)]
    assert both(network, B, D) == [(10, 30)]


def test_c06_midnight():
    """A train of D-1 at 24:10 is one of D at 00:10; the service day of each trip is its own."""
    yesterday = trip((A, -600), (B, 600))
    tomorrow = trip((B, DAY + 60), (C, DAY + 120))
    network = net(yesterday, trip((B, 660), (C, 900)), tomorrow)
    assert both(network, A, C) == [(-600, 900)]
    assert both(network, B, C) == [(660, 900), (DAY + 60, DAY + 120)]
    model = to_model(network)
    assert [s.service_id for s in model.services] == ["prev", "today", "next"]
    assert sorted(from_model(model, network.change_s, ()).trips) == sorted(network.trips)


def test_d01_rides_at_most():
    """`max_rides` is exact: the faster journey with more rides gives way to the slower one with
    fewer.
    """
    trips = (
        trip((A, 0), (B, 10)),
        trip((B, 10), (C, 20)),
        trip((C, 20), (D, 30)),
        trip((A, 0), (D, 100)),
    )
    network = net(*trips, trip((A, 0), (C, 50)))
    assert both(network, A, D) == [(0, 30)]
    assert both(network, A, D, *WIDE, max_rides=3) == [(0, 30)]
    assert both(network, A, D, *WIDE, max_rides=2) == [(0, 100)]
    assert both(network, A, D, *WIDE, max_rides=1) == [(0, 100)]
    assert both(network, A, D, *WIDE, max_rides=0) == []
    assert [fewest_rides(network, {D: 0}, A, 0, t) for t in (29, 30, 99, 100)] == [None, 3, 3, 1]
    assert fewest_rides(network, {D: 0}, A, 1, 999) is None


def test_d02_bounds_are_inclusive():
    """Earliest, latest and bound all count as inside."""
    network = net(trip((A, 100), (B, 200)))
    assert both(network, A, B, 100, 200, 100) == [(100, 200)]
    assert both(network, A, B, 101, 200, 100) == []
    assert both(network, A, B, 100, 199, 100) == []
    assert both(network, A, B, 100, 200, 99) == []


def test_d03_offsets_of_doors():
    """Target offsets come after the train, source offsets before it; the least of several targets
    counts.
    """
    network = net(trip((A, 100), (B, 200), (C, 300)), transfers=[(C, D, 10)])
    assert journeys_to(network, {B: 500, C: 50}, *WIDE)[A] == [(100, 350)]
    assert journeys_to(network, {B: 500, D: 50}, *WIDE)[A] == [(100, 360)]
    assert journeys_from(network, {A: 60}, *WIDE)[C] == [(40, 300)]
    assert journeys_from(network, {A: 60, B: 0}, *WIDE)[C] == [(200, 300)]
    assert journeys_from(network, {A: 60}, 40, 300, 260)[C] == [(40, 300)]
    assert journeys_from(network, {A: 60}, 41, 300, 260)[C] == []


def test_d04_clipping_keeps_the_useful_piece():
    """Calls before the start cannot be boarded and calls after the end not alighted at."""
    network = net([Call(A, 0, 10), Call(B, 20, 30), Call(C, 40, 50)])
    assert clip(network, 10, 40).trips == [network.trips[0]]
    assert clip(network, 11, 40).trips == [network.trips[0][1:]]
    assert clip(network, 0, 39).trips == [network.trips[0][:2]]
    assert clip(network, 31, 40).trips == []


@pytest.mark.parametrize(
    ("p", "expected"), [(0, 1), (1, 1), (25, 1), (26, 2), (50, 2), (51, 3), (75, 3), (76, None)]
)
def test_e01_percentile_nearest_rank(p, expected):
    """Of four sorted values the percentile is the ceil(4p/100)-th, unreached last, percentile 0 the
    least.
    """
    assert percentile([3, None, 1, 2], p) == expected


def test_e02_share_served():
    """The cutoff is inclusive and unreached is not served."""
    assert share_served([60, 61, None, 0], 60) == 0.5


def test_e03_a_cell_takes_the_best_station_of_each_minute():
    """Percentiles of a cell come after the minimum over its stations, never before."""
    journeys = [[(0, 60)], [(100, 160)], []]
    # deadline 100: by station 0 in 100 s (+10) ; deadline 200: by 0 in 200 s, by 1 in 100 s (+20)
    cells = [[(0, 10), (1, 20)], [(2, 0)], []]
    assert surface_to(journeys, cells, [100, 200], 0, [50, 100]) == [
        [110, 120],
        [None, None],
        [None, None],
    ]
    assert surface_from(journeys, cells, [0, 100], 0, [50, 100]) == [
        [70, 80],
        [None, None],
        [None, None],
    ]
    # door at 80 reaches station 1 at 100 sharp; at 81 too late
    assert cell_times_turn_up(journeys, cells[0], [-10, -9, 80, 81]) == [70, 169, 80, None]
    assert surface_turn_up(journeys, cells, [-10, -9, 80, 81], [50]) == [[80], [None], [None]]


# --- random networks ----------------------------------------------------------------------------


def all_journeys(network: RefNetwork, x: int, max_rides: int) -> set[tuple[int, int, int]]:
    """Every journey from x as (departure, station, arrival), spelled out: no labels, rounds or
    pruning.
    """
    found: set[tuple[int, int, int]] = set()

    def ride(
        station: int, ready: int | None, before: int, departure: int | None, rides: int
    ) -> None:
        """Take each trip from `station`, ready at `ready` (None: at will, `before` after leaving
        x).
        """
        for calls in network.trips:
            for i, on in enumerate(calls):
                if (
                    on.station != station
                    or not on.pickup
                    or (ready is not None and on.departure < ready)
                ):
                    continue
                left = on.departure - before if departure is None else departure
                for off in calls[i + 1 :]:
                    if not off.drop_off:
                        continue
                    found.add((left, off.station, off.arrival))
                    walks = [(v, s) for u, v, s in network.transfers if u == off.station]
                    found.update((left, v, off.arrival + s) for v, s in walks)
                    if rides < max_rides:
                        ride(
                            off.station,
                            off.arrival + network.change_s[off.station],
                            0,
                            left,
                            rides + 1,
                        )
                        for v, s in walks:
                            ride(v, off.arrival + s, 0, left, rides + 1)

    if max_rides:
        ride(x, None, 0, None, 1)
        for u, v, s in network.transfers:
            if u == x:
                ride(v, None, s, None, 1)
    return found


@each_seed(range(100))
def test_f01_all_journeys_spelled_out(seed):
    """The profiles are the Pareto journeys among all that exist, of at most two to four rides."""
    rng = Random(seed)
    network = random_network(rng, max_stations=7, max_trips=8)
    max_rides = rng.choice((2, 3, 4))
    targets, (start, end) = random_targets(rng, network), span(network)
    limits = (
        start + rng.choice((-1000, 600)),
        end + rng.choice((1000, -600)),
        rng.choice((1200, 7200)),
    )
    expected, mirrored = [], [[] for _ in range(network.n_stations)]
    for x in range(network.n_stations):
        journeys = all_journeys(network, x, max_rides)
        doors = ((d, a + targets[t]) for d, t, a in journeys if t in targets)
        expected.append(pareto(_within(doors, *limits)))
        if x in targets:
            for d, y, a in journeys:
                mirrored[y].append((d - targets[x], a))
    assert journeys_to(network, targets, *limits, max_rides=max_rides) == expected
    assert journeys_to_forward(network, targets, *limits, max_rides=max_rides) == expected
    assert journeys_from(network, targets, *limits, max_rides=max_rides) == [
        pareto(_within(pairs, *limits)) for pairs in mirrored
    ]


def _within(pairs, earliest, latest, bound):
    return [(d, a) for d, a in pairs if d >= earliest and a <= latest and a - d <= bound]


@each_seed(range(100, 200))
def test_f02_mirror(seed):
    """To the city equals from the city with time reversed, and the two searches to the
    city agree.
    """
    rng = Random(seed)
    network = random_network(rng)
    targets, (start, end) = random_targets(rng, network), span(network)
    earliest, latest, bound = start + rng.choice((-1000, 600)), end + rng.choice((1000, -600)), 3600
    max_rides = rng.choice((None, None, 1, 2))
    there = journeys_to(network, targets, earliest, latest, bound, max_rides)
    assert there == journeys_to_forward(network, targets, earliest, latest, bound, max_rides)
    back = journeys_from(
        reversed_network(network), targets, DAY - latest, DAY - earliest, bound, max_rides
    )
    assert there == [reversed_pairs(pairs) for pairs in back]


@each_seed(range(200, 230))
def test_f03_order_of_rows_does_not_matter(seed):
    """Stations, trips and transfers in another order give the same profiles."""
    rng = Random(seed)
    network = random_network(rng)
    targets, limits = random_targets(rng, network), (*span(network), 3600)
    other, old = shuffled(network, rng)
    moved = {old.index(t): offset for t, offset in targets.items()}
    there = journeys_to(network, targets, *limits)
    assert journeys_to(other, moved, *limits) == [there[o] for o in old]


@each_seed(range(300, 330))
def test_f04_the_model_is_the_same_network(seed):
    """The trips of a model's three service days are those of the network, for it and for its
    reverse.
    """
    network = random_network(Random(seed))
    for one in (network, reversed_network(network)):
        model = to_model(one)
        assert model.date == DATE
        assert min(model.stop_times.arrival_s.tolist()) >= 0
        assert sorted(from_model(model, one.change_s, one.transfers).trips) == sorted(one.trips)


@each_seed(range(400, 450))
def test_f05_fewest_rides(seed):
    """The fewest rides of a Pareto journey is the least `max_rides` under which it is found."""
    rng = Random(seed)
    network = random_network(rng)
    targets, (start, end) = random_targets(rng, network), span(network)
    by_rides = [journeys_to(network, targets, start, end, DAY, rides) for rides in range(1, 6)]
    for x, pairs in enumerate(by_rides[-1]):
        for departure, arrival in pairs:
            rides = next(
                r for r, found in enumerate(by_rides, 1) if (departure, arrival) in found[x]
            )
            assert fewest_rides(network, targets, x, departure, arrival) == rides


def test_f06_random_networks_cover_what_they_should():
    """Among 300 networks every unkind feature occurs, and journeys of several rides."""
    nets = [random_network(Random(seed)) for seed in range(300)]
    trips = [t for n in nets for t in n.trips]
    hops = [(a, b) for t in trips for a, b in pairwise(t)]
    walks = [w for n in nets for w in n.transfers]
    assert any(b.arrival == a.departure for a, b in hops)
    assert any(c.arrival == c.departure for t in trips for c in t)
    assert any(len({c.station for c in t}) < len(t) for t in trips)
    assert any(t[0].station == t[-1].station for t in trips)
    assert all(a.station != b.station for a, b in hops)
    assert any(n.trips.count(t) > 1 for n in nets for t in n.trips)
    assert any(not c.pickup for t in trips for c in t)
    assert any(not c.drop_off for t in trips for c in t)
    assert any(t[0].arrival < 0 < t[-1].arrival for t in trips)
    assert any(t[0].arrival < DAY < t[-1].arrival for t in trips)
    assert {0, 900} <= {s for _, _, s in walks}
    assert any((v, u, s) not in n.transfers for n in nets for u, v, s in n.transfers)
    assert any(0 in n.change_s for n in nets)
    assert any(c.arrival % 60 for t in trips for c in t)
    assert any(set(range(n.n_stations)) - {c.station for t in n.trips for c in t} for n in nets)
    rides = []
    for n in nets[:100]:
        for x, pairs in enumerate(journeys_to(n, {0: 0, 1: 0}, *WIDE)):
            rides += [fewest_rides(n, {0: 0, 1: 0}, x, d, a) for d, a in pairs]
    assert {1, 2, 3} <= set(rides)
