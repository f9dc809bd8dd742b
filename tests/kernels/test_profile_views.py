"""Counts of journeys in a window, and what there is to say when there is no journey."""

from __future__ import annotations

import itertools
from random import Random

import numpy as np
import pytest

from railshed.assumptions.assumptions import default_assumptions
from railshed.kernels.profile_views import least_times
from railshed.kernels.types import Profiles
from railshed.routing.compile import compile_network
from railshed.routing.directions import DIRECTIONS, Direction, to_kernel_time
from railshed.routing.profiles import minutes_of, percentile_ranks
from railshed.util.errors import InputError, ParameterError
from railshed.util.units import MINUTE, UNREACHED
from tests.kernels.test_profile_scan import BOUND, compiled, reference_pairs, search, wide_window
from tests.support import reference as ref
from tests.support.random_networks import random_network, random_targets, to_model
from tests.support.seeds import each_seed

pytestmark = pytest.mark.kernels

LIMIT = 45 * MINUTE


@pytest.mark.parametrize("direction", DIRECTIONS)
@each_seed(range(60))
def test_counts_are_those_of_the_journeys_in_the_window(seed: int, direction: Direction) -> None:
    """Number, largest gap and clock times are those of distinct journeys that end in the window,
    within the limit.
    """
    rng = Random(4000 + seed)
    net = random_network(rng)
    targets = random_targets(rng, net)
    low, high = wide_window(net)
    span = (low + 15 * MINUTE, min(high, low + 80 * MINUTE))
    extra = np.array([rng.choice((0, 60, 600)) for _ in range(net.n_stations)], np.int64)
    found = search(net, direction, targets)
    counted, (station, clock) = found.summary(span, extra, LIMIT), found.clocks(span, extra, LIMIT)
    assert (np.diff(station) >= 0).all()
    for x, pairs in enumerate(reference_pairs(net, direction, targets)):
        ends = sorted(
            end
            for d, a in pairs
            for end in [a if direction == "to" else d]
            if span[0] <= end < span[1] and a - d + extra[x] <= LIMIT
        )
        edges = [span[0], *ends, span[1]]
        gap = max(b - a for a, b in itertools.pairwise(edges))
        assert counted[x].tolist() == [len(ends), gap]
        assert sorted(clock[station == x].tolist()) == ends


@pytest.mark.parametrize("direction", DIRECTIONS)
@each_seed(range(60))
def test_least_times_and_those_of_some_stations(seed: int, direction: Direction) -> None:
    """The least of all minutes is that of the whole rows; asked for some stations, times are their
    rows.
    """
    rng = Random(5000 + seed)
    net = random_network(rng)
    found = search(net, direction, random_targets(rng, net))
    low, high = wide_window(net)
    span, slack, weight = (
        (low, min(high, low + 300 * MINUTE)),
        rng.choice((0, 25, 60, 600)),
        rng.choice((1, 0.5, 0.73)),
    )
    times = found.travel_times(span, slack, weight)
    assert found.least_at(minutes_of(span), slack, weight).tolist() == times.min(axis=1).tolist()
    assert (
        found.least_at(minutes_of((low, low)), slack, weight).tolist()
        == [UNREACHED] * net.n_stations
    )
    assert found.linked().tolist() == [x for x in range(net.n_stations) if found.pairs(x)]
    some = np.array(sorted(rng.sample(range(net.n_stations), 2)))
    assert found.travel_times(span, slack, weight, some).tolist() == times[some].tolist()


def test_no_journey_traces_to_no_rides() -> None:
    """Asked for a journey faster than any train, the trace is empty; the journeys beside it have
    their rides.
    """
    net = ref.RefNetwork(
        2, [[ref.Call(0, 28_800, 28_800), ref.Call(1, 30_000, 30_000)]], [0, 0], []
    )
    found = search(net, "to", {1: 0})
    asked = [(0, 28_800, 29_999), (0, 28_800, 30_000), (1, 28_800, 30_000)]
    assert [len(rides) for rides in found.rides(asked)] == [0, 1, 0]
    assert found.rides([]) == []


def test_bound_is_inclusive() -> None:
    """A ride of 20 minutes is found with a bound of 20 minutes and not with one second less."""
    net = ref.RefNetwork(
        2, [[ref.Call(0, 28_800, 28_800), ref.Call(1, 30_000, 30_000)]], [0, 0], []
    )
    assert search(net, "to", {1: 0}, bound=1200).pairs(0) == [(28_800, 30_000)]
    assert search(net, "to", {1: 0}, bound=1199).pairs(0) == []


def test_waiting_counts_towards_the_bound() -> None:
    """A ride of 20 minutes with no slack and a bound of 25 serves deadlines up to 5 minutes after
    its arrival.
    """
    net = ref.RefNetwork(
        2, [[ref.Call(0, 28_800, 28_800), ref.Call(1, 30_000, 30_000)]], [0, 0], []
    )
    times = search(net, "to", {1: 0}, bound=1500).travel_times((29_940, 30_420), 0)
    assert times[0].tolist() == [UNREACHED, 1200, 1260, 1320, 1380, 1440, 1500, UNREACHED]
    assert search(net, "to", {1: 0}).travel_times((30_000, 30_000), 0).shape == (2, 0)
    found = search(net, "to", {1: 0}, bound=1500)
    leave, at_station = (
        np.array([28_440, 28_500, 28_800, 28_860]),
        (np.arange(2), np.zeros(1, np.int64)),
    )
    taken = found.turn_up_minutes(leave, *at_station, np.zeros(1, np.int64))
    assert taken.tolist() == [[UNREACHED, 1500, 1200, UNREACHED]]


def test_kernel_time_turns_round() -> None:
    """Kernel time is above 0 from the day before to the day after; it runs as the clock to the
    city, else back.
    """
    for direction, turned in zip(DIRECTIONS, (1, -1), strict=True):
        for clock in (-8 * 3600, 0, 27_000, 100_000, 40 * 3600):
            assert to_kernel_time(clock, direction) > 0
            assert to_kernel_time(clock, direction) - to_kernel_time(0, direction) == turned * clock


def test_percentile_is_nearest_rank() -> None:
    """Of 120 minutes percentile 0 is the least, 50 the 60th, 75 the 90th, 100 the largest."""
    assert percentile_ranks([0, 50, 75, 100], 120).tolist() == [0, 59, 89, 119]
    assert percentile_ranks([0, 50, 100], 1).tolist() == [0, 0, 0]


def test_impossible_searches_are_refused() -> None:
    """No target, a negative number of changes, a day without trains: each is an error
    that says so.
    """
    net = random_network(Random(1))
    model = to_model(net)
    targets = random_targets(Random(1), net)
    with pytest.raises(ParameterError, match="no core station"):
        compiled(model).profiles("to", {}, (0, 3600), slack_s=0, bound_s=BOUND)
    with pytest.raises(ParameterError, match="max_transfers -1"):
        compiled(model).profiles(
            "to", targets, (0, 3600), slack_s=0, bound_s=BOUND, max_transfers=-1
        )
    with pytest.raises(InputError, match="no trip runs on"):
        compile_network(model, default_assumptions(), date=model.date.replace(year=1999))


def test_least_times_by_hand() -> None:
    """Deadlines at 1,000 and 1,060 s, bound 600 s: neither a journey after both counts nor one of
    890 s.

    That of 190 s, ten seconds early at half weight, takes 195 s; two seconds early are within a
    slack of two.
    """
    deadlines = np.array([1_000, 1_060])
    departure = np.array([900, 100, 900, 800, 950], np.uint32)
    arrival = np.array([1_200, 990, 1_200, 990, 998], np.uint32)
    profiles = Profiles(
        np.array([0, 2, 4, 5], np.uint32), np.array([2, 2, 1], np.uint32), departure, arrival
    )
    assert least_times(profiles, deadlines, 0, 0.5, 600).tolist() == [UNREACHED, 195, 49]
    assert least_times(profiles, deadlines, 2, 0.5, 600).tolist() == [UNREACHED, 194, 48]
