"""Profiles of a network with more trips, from those without them: the same journeys as a search of all."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from railshed.assumptions.assumptions import default_assumptions
from railshed.kernels.types import FLAGS, REPEAT, RUN
from railshed.routing.added_trips import Added, Addition, ImprovedProfiles, Prepared, Search, find_improved
from railshed.routing.compile import compile_network
from railshed.routing.directions import DIRECTIONS, Direction
from railshed.routing.journeys import Compiled, Journeys
from railshed.routing.profiles import Views, search_span
from railshed.util.units import MINUTE
from tests.support.random_networks import DATE, random_network, random_targets, to_model
from tests.support.reference import Call, RefNetwork
from tests.support.seeds import each_seed

pytestmark = [pytest.mark.kernels, pytest.mark.properties]

BOUND = 120 * MINUTE
SEEDS = range(400)


def compiled(net: RefNetwork) -> Compiled:
    return compile_network(to_model(net), default_assumptions(), date=DATE, footpaths=False)


def larger_and_smaller(rng: Random, *, instant: bool = False) -> tuple[RefNetwork, RefNetwork, RefNetwork]:
    """Return a network, a part of it on its first stations, and the trips that the part leaves out on all stations."""
    net = random_network(rng, max_stations=14, max_trips=30)
    if not instant:  # boarding takes a second at least, so that no second is scanned again
        net = RefNetwork(
            net.n_stations, net.trips, [max(1, c) for c in net.change_s],
            [(u, v, max(1, s)) for u, v, s in net.transfers],
        )  # fmt: skip
    n_old = rng.randint(3, net.n_stations)
    share = rng.choice((0.2, 0.5, 0.9))
    old_trips, added = [], []
    for trip in net.trips:
        old = all(c.station < n_old for c in trip) and rng.random() < share
        (old_trips if old else added).append(trip)
    if not old_trips:  # a network needs a train
        old_trips.append([Call(0, 0, 0), Call(1, 60, 60)])
    walks = [(u, v, s) for u, v, s in net.transfers if u < n_old and v < n_old]
    every = RefNetwork(net.n_stations, [*old_trips, *added], net.change_s, net.transfers)
    base = RefNetwork(n_old, old_trips, net.change_s[:n_old], walks)
    return every, base, RefNetwork(net.n_stations, added, net.change_s, net.transfers)


def addition_of(every: Compiled, base: Compiled, apart: RefNetwork) -> Addition:
    """Return the added trips, cast; changes and walks are those of the larger network."""
    if not apart.trips:
        empty = {way: every.timetable(way)._replace(connections=np.empty((0, 6), np.uint32)) for way in DIRECTIONS}
        return Addition(every.network, empty["to"], empty["from"], base.n_runs, np.empty(0, np.int32), False)
    made = compiled(apart)
    tables = []
    for way in DIRECTIONS:
        rows = made.timetable(way).connections.copy()
        rows[:, RUN] += base.n_runs
        tables.append(every.timetable(way)._replace(connections=rows))
    return Addition(made.network, *tables, base.n_runs + made.n_runs, made.run_trip, False)


def has_repeats(every: Compiled) -> bool:
    return any(bool((every.timetable(way).connections[:, FLAGS] & REPEAT).any()) for way in DIRECTIONS)


def profiles_of(search: Search, improved: ImprovedProfiles | None, n: int) -> list[list[tuple[int, int]]]:
    """Return the journeys by station of the baseline with the improved ones in place."""
    bare = Views(search.direction, search.journeys, BOUND)
    out = [bare.pairs(x) if x < len(search.least_s) else [] for x in range(n)]
    if improved is not None:
        better = Views(search.direction, improved.profiles, BOUND)
        for k, x in enumerate(improved.station.tolist()):
            out[x] = better.pairs(k)
    return out


class Scene:
    """A network, a part of it, what was added, targets in both, a window and a bound."""

    def __init__(self, seed: int, *, instant: bool = False) -> None:
        self.rng = Random(seed)
        every, base, apart = larger_and_smaller(self.rng, instant=instant)
        self.every, self.base = compiled(every), compiled(base)
        self.addition = addition_of(self.every, self.base, apart)
        self.prepared = Prepared.of(self.base)
        self.added = Added.of(self.prepared, self.addition)
        first = min(t[0].arrival for t in every.trips) - 20 * MINUTE
        last = max(t[-1].departure for t in every.trips) + 20 * MINUTE
        self.span = first // MINUTE * MINUTE, last // MINUTE * MINUTE
        if self.rng.random() < 0.5:  # a window within the trips
            self.span = self.span[0] + self.rng.choice((40, 60)) * MINUTE, self.span[1] - 10 * MINUTE
        self.slack = self.rng.choice((0, 600, 3600))
        self.bound = self.rng.choice((BOUND, BOUND, 1800, 600))
        self.targets = random_targets(self.rng, base)
        self.more = dict(self.targets)
        if self.rng.random() < 0.4:
            self.more |= {s: t for s, t in random_targets(self.rng, every).items() if s not in self.targets}

    def find(self, every: bool, way: Direction) -> Journeys:
        """Return the journeys of the larger network or of its part."""
        network, targets = (self.every, self.more) if every else (self.base, self.targets)
        return network.profiles(way, targets, self.span, slack_s=self.slack, bound_s=self.bound)

    def improve(self, way: Direction) -> tuple[Search, ImprovedProfiles | None]:
        """Return the search of the part and what is improved in it."""
        search = Search.of(self.find(False, way), self.targets, self.span, self.slack)
        between = search_span(way, self.span, self.slack, self.bound)
        return search, find_improved(self.prepared, search, self.added, self.more, between, self.bound)


@pytest.mark.parametrize("direction", DIRECTIONS)
@each_seed(SEEDS)
def test_improved_profiles_are_those_of_a_full_search(seed: int, direction: Direction) -> None:
    """Journeys of the part with the improved ones in place are those of the larger network, at every station.

    With new stations, walks and core stations, both ways, for bounds of ten minutes to two hours and every window;
    and stations that are not named as improved have exactly the journeys that they had.
    """
    scene = Scene(seed)
    assert not has_repeats(scene.every)
    full = scene.find(True, direction)
    search, improved = scene.improve(direction)
    n = scene.every.network.n_stations
    found = profiles_of(search, improved, n)
    assert found == [full.pairs(x) for x in range(n)]
    old = [scene.find(False, direction).pairs(x) if x < len(search.least_s) else [] for x in range(n)]
    named = set() if improved is None else set(improved.station.tolist())
    assert named == {x for x in range(n) if found[x] != old[x]}


@pytest.mark.parametrize("direction", DIRECTIONS)
@each_seed(range(60))
def test_least_seconds_are_those_of_the_best_new_journey(seed: int, direction: Direction) -> None:
    """`least_s` is the shortest journey among those that the part does not have."""
    scene = Scene(seed)
    search, improved = scene.improve(direction)
    if improved is None:
        return
    old = Views(direction, search.journeys, BOUND)
    new = Views(direction, improved.profiles, BOUND)
    for k, x in enumerate(improved.station.tolist()):
        had = set(old.pairs(x)) if x < len(search.least_s) else set()
        assert improved.least_s[k] == min(a - d for d, a in set(new.pairs(k)) - had)


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_a_narrower_bound_finds_the_same_short_journeys(direction: Direction) -> None:
    """With an hour as the bound, journeys within the hour are those of a search within two hours."""
    for seed in range(60):
        scene = Scene(seed)
        scene.bound = BOUND
        search = Search.of(scene.find(False, direction), scene.targets, scene.span, scene.slack)
        between = search_span(direction, scene.span, scene.slack, BOUND)
        improved = find_improved(scene.prepared, search, scene.added, scene.more, between, 3600)
        n = scene.every.network.n_stations
        found, full = profiles_of(search, improved, n), scene.find(True, direction)
        for x in range(n):
            within = [[(d, a) for d, a in pairs if a - d <= 3600] for pairs in (found[x], full.pairs(x))]
            assert within[0] == within[1]


def test_nothing_added_improves_nothing() -> None:
    """No trips: no station is improved."""
    scene = Scene(3)
    scene.addition = addition_of(scene.base, scene.base, RefNetwork(scene.base.network.n_stations, [], [], []))
    scene.added = Added.of(scene.prepared, scene.addition)
    scene.more = scene.targets
    for way in DIRECTIONS:
        assert scene.improve(way)[1] is None


def test_a_train_that_is_no_better_improves_nothing() -> None:
    """The same train again: its labels equal the baseline's, so no station is improved."""
    train = [Call(0, 28_800, 28_800), Call(1, 29_400, 29_400), Call(2, 30_000, 30_000)]
    base, every = RefNetwork(3, [train], [60] * 3, []), RefNetwork(3, [train, train], [60] * 3, [])
    small, large = compiled(base), compiled(every)
    added = Added.of(Prepared.of(small), addition_of(large, small, base))
    journeys = small.profiles("to", {2: 0}, (27_000, 36_000), slack_s=0)
    search = Search.of(journeys, {2: 0}, (27_000, 36_000), 0)
    between = search_span("to", (27_000, 36_000), 0, BOUND)
    assert find_improved(Prepared.of(small), search, added, {2: 0}, between, BOUND) is None


def test_an_hourly_train_and_a_feeder_worked_out_by_hand() -> None:
    """0 -> 1 at 8:00-8:10 waits for the 8:30 from 1 to 2 until a train 8:15-8:20 is added: 20 instead of 40 minutes.

    The feeder is an old train whose head is improved, so it is scanned again; the other old train, 0 -> 1 at
    8:25-8:28, gains nothing.
    """
    eight = 28_800
    old = [
        [Call(0, eight, eight), Call(1, eight + 600, eight + 600)],
        [Call(0, eight + 1500, eight + 1500), Call(1, eight + 1680, eight + 1680)],
        [Call(1, eight + 1800, eight + 1800), Call(2, eight + 2400, eight + 2400)],
    ]
    new = [[Call(1, eight + 900, eight + 900), Call(2, eight + 1200, eight + 1200)]]
    small, large = compiled(RefNetwork(3, old, [60] * 3, [])), compiled(RefNetwork(3, old + new, [60] * 3, []))
    prepared, span = Prepared.of(small), (eight, eight + 3600)
    added = Added.of(prepared, addition_of(large, small, RefNetwork(3, new, [60] * 3, [])))
    journeys = small.profiles("to", {2: 0}, span, slack_s=0)
    search = Search.of(journeys, {2: 0}, span, 0)
    assert Views("to", search.journeys, BOUND).pairs(0) == [(eight + 1500, eight + 2400)]
    improved = find_improved(prepared, search, added, {2: 0}, search_span("to", span, 0, BOUND), BOUND)
    assert improved is not None
    assert improved.station.tolist() == [0, 1]
    assert improved.least_s.tolist() == [1200, 300]
    found = Views("to", improved.profiles, BOUND)
    assert found.pairs(0) == [(eight, eight + 1200), (eight + 1500, eight + 2400)]
    assert found.pairs(1) == [(eight + 900, eight + 1200), (eight + 1800, eight + 2400)]


def test_many_improvements_of_one_station() -> None:
    """A train a second for twenty minutes: the room for improvements grows with them."""
    eight = 28_800
    old = [[Call(0, eight - 7200, eight - 7200), Call(1, eight - 7000, eight - 7000)]]
    new = [[Call(0, eight + k, eight + k), Call(1, eight + k + 60, eight + k + 60)] for k in range(1200)]
    small, large = compiled(RefNetwork(2, old, [60] * 2, [])), compiled(RefNetwork(2, old + new, [60] * 2, []))
    prepared, span = Prepared.of(small), (eight, eight + 3600)
    added = Added.of(prepared, addition_of(large, small, RefNetwork(2, new, [60] * 2, [])))
    journeys = small.profiles("to", {1: 0}, span, slack_s=0)
    search = Search.of(journeys, {1: 0}, span, 0)
    improved = find_improved(prepared, search, added, {1: 0}, search_span("to", span, 0, BOUND), BOUND)
    assert improved is not None
    expected = [(eight - 7200, eight - 7000), *((eight + k, eight + k + 60) for k in range(1200))]
    assert Views("to", improved.profiles, BOUND).pairs(0) == expected


def test_compact_profiles_have_no_room_left() -> None:
    """`Search` holds the same journeys without unused room."""
    scene = Scene(11)
    journeys = scene.find(False, "to")
    search = Search.of(journeys, scene.targets, scene.span, scene.slack)
    for profiles in (search.boarding, search.journeys):
        assert profiles.ptr[-1] == len(profiles.departure) == profiles.count.sum()
    held = Views("to", search.journeys, BOUND)
    assert [held.pairs(x) for x in range(len(search.least_s))] == [
        journeys.pairs(x) for x in range(len(search.least_s))
    ]
