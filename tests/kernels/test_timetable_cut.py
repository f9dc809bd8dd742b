"""The connections that short journeys may use: against plain loops, and profiles of the cut against the whole."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from railshed.assumptions.assumptions import default_assumptions
from railshed.kernels.timetable_cut import fastest_hops, useful_connections
from railshed.routing.compile import compile_network
from railshed.routing.directions import directions_of
from railshed.routing.journeys import compact
from tests.support.random_networks import random_network, to_model
from tests.support.seeds import each_seed

pytestmark = [pytest.mark.kernels, pytest.mark.properties]


def connections(rng: Random, n_stations: int, n: int) -> np.ndarray:
    """Return connections in order of departure, with hops of no duration and more neighbours than there is room for."""
    departures = sorted(rng.randrange(1_000) for _ in range(n))
    rows = [
        (leaves, leaves + rng.randrange(300), rng.randrange(n_stations), rng.randrange(n_stations), run, 3)
        for run, leaves in enumerate(departures)
    ]
    return np.array(rows, np.uint32).reshape(-1, 6)


@each_seed(range(40))
def test_fastest_hops(seed: int) -> None:
    """Each pair of stations with a connection has its least seconds, once."""
    rng = Random(seed)
    n_stations = rng.randint(1, 12)
    rows = connections(rng, n_stations, rng.choice((0, 3, 400)))
    least: dict[tuple[int, int], int] = {}
    for departure, arrival, tail, head, *_ in rows.tolist():
        least[tail, head] = min(arrival - departure, least.get((tail, head), 10**6))
    found = fastest_hops(rows, n_stations).tolist()
    assert {(tail, head): seconds for tail, head, seconds in found} == least
    assert len(found) == len(least)
    assert [head for _, head, _ in found] == sorted(head for _, head, _ in found)


@each_seed(range(40))
def test_useful_connections(seed: int) -> None:
    """Those within the seconds left at their end stay, in order; none where they are negative."""
    rng = Random(seed)
    rows = connections(rng, 5, 60)
    left = np.array([rng.choice((-1, 0, 100, 299)) for _ in range(5)], np.int64)
    expected = [row for row in rows.tolist() if row[1] - row[0] <= left[row[3]]]
    assert useful_connections(rows, left).tolist() == expected


@each_seed(range(60))
def test_profiles_of_a_cut_are_those_of_the_whole(seed: int) -> None:
    """To any of the ends, with any bound up to that of the cut, in both directions of time."""
    rng = Random(seed)
    net = random_network(rng)
    whole = compile_network(to_model(net), default_assumptions())
    ends = rng.sample(range(net.n_stations), rng.randint(1, 3))
    targets = {end: rng.choice((0, 60, 900)) for end in ends[: rng.randint(1, len(ends))]}
    bound_s = rng.choice((600, 3_600, 7_200))
    for direction in directions_of("both"):
        cut = whole.cut(direction, ends, bound_s)
        assert len(cut.timetable(direction).connections) <= len(whole.timetable(direction).connections)
        one, other = (
            compact(some.profiles(direction, targets, (0, 86_400), slack_s=0, bound_s=bound_s).profiles)
            for some in (whole, cut)
        )
        for expected, found in zip(one, other, strict=True):
            assert np.array_equal(expected, found)
