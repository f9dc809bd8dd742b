"""The connections that short journeys may use: against plain loops, and profiles of the cut against
the whole.
"""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from railshed.assumptions.assumptions import default_assumptions
from railshed.kernels.timetable_cut import Hops, hops_of, more_connections, useful_connections
from railshed.routing.compile import compile_network
from railshed.routing.directions import directions_of
from railshed.routing.journeys import compact
from tests.support.random_networks import random_network, to_model
from tests.support.seeds import each_seed

pytestmark = [pytest.mark.kernels, pytest.mark.properties]


def connections(rng: Random, n_stations: int, n: int) -> np.ndarray:
    """Return connections in order of departure, with hops of no duration and more neighbours than
    there is room for.
    """
    departures = sorted(rng.randrange(1_000) for _ in range(n))
    rows = [
        (
            leaves,
            leaves + rng.randrange(300),
            rng.randrange(n_stations),
            rng.randrange(n_stations),
            run,
            3,
        )
        for run, leaves in enumerate(departures)
    ]
    return np.array(rows, np.uint32).reshape(-1, 6)


@each_seed(range(40))
def test_hops(seed: int) -> None:
    """Each pair of stations with a connection is a hop, once, with its least and most seconds and
    its connections.
    """
    rng = Random(seed)
    n_stations = rng.randint(1, 12)
    rows = connections(rng, n_stations, rng.choice((0, 3, 400)))
    expected: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for place, (departure, arrival, tail, head, *_) in enumerate(rows.tolist()):
        expected.setdefault((tail, head), []).append((place, arrival - departure))
    hops = Hops(*hops_of(rows, n_stations))
    assert hops.head.tolist() == sorted(head for _, head in expected)
    assert len(hops.tail) == len(expected)
    for k, (tail, head) in enumerate(zip(hops.tail.tolist(), hops.head.tolist(), strict=True)):
        mine = slice(hops.ptr[k], hops.ptr[k + 1])
        found = list(zip(hops.place[mine].tolist(), hops.seconds[mine].tolist(), strict=True))
        assert found == expected[tail, head]
        seconds = [taken for _, taken in found]
        assert (hops.least_s[k], hops.most_s[k]) == (min(seconds), max(seconds))


@each_seed(range(40))
def test_useful_connections(seed: int) -> None:
    """Those within the seconds left at their end stay, in order, of all or of some; none where they
    are negative.
    """
    rng = Random(seed)
    rows = connections(rng, 5, rng.choice((0, 1, 60, 64, 400)))
    left = np.array([rng.choice((-1, 0, 100, 299)) for _ in range(5)], np.int64)
    expected = [row if row[1] - row[0] <= left[row[3]] else None for row in rows.tolist()]
    hops = Hops(*hops_of(rows, 5))
    for first, last in ((0, len(rows)), sorted(rng.randint(0, len(rows)) for _ in "ab")):
        found, places = useful_connections(rows, hops, left, first, last)
        assert found.tolist() == [row for row in expected[first:last] if row is not None]
        assert found.tolist() == rows[places].tolist()
        more = left + [rng.choice((0, 0, 1, 99, 300)) for _ in range(5)]
        whole, _ = useful_connections(rows, hops, more, first, last)
        assert (
            more_connections(found, places, left, rows, hops, more, first, last).tolist()
            == whole.tolist()
        )


def test_connections_of_a_day_and_more() -> None:
    """Seconds of a connection end at 65,535: a longer one is useful within no bound of journeys."""
    rows = np.array(
        [(0, 65_535, 0, 1, 0, 3), (0, 65_536, 0, 1, 1, 3), (5, 200_000, 0, 2, 2, 3)], np.uint32
    )
    hops = Hops(*hops_of(rows, 3))
    assert (hops.seconds.tolist(), hops.most_s.tolist()) == ([65_535] * 3, [65_536, 199_995])
    assert len(useful_connections(rows, hops, np.full(3, 65_534), 0, 3)[0]) == 0
    assert (
        useful_connections(rows, hops, np.full(3, 199_994), 0, 3)[0].tolist() == rows[:2].tolist()
    )
    for before in (0, 65_535, 70_000):
        cut = useful_connections(rows, hops, np.full(3, before), 0, 3)
        found = more_connections(*cut, np.full(3, before), rows, hops, np.full(3, 199_995), 0, 3)
        assert found.tolist() == rows.tolist()


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
        cut = whole.cut(direction, dict.fromkeys(ends, 0), bound_s)
        assert len(cut.timetable(direction).connections) <= len(
            whole.timetable(direction).connections
        )
        one, other = (
            compact(
                some.profiles(direction, targets, (0, 86_400), slack_s=0, bound_s=bound_s).profiles
            )
            for some in (whole, cut)
        )
        for expected, found in zip(one, other, strict=True):
            assert np.array_equal(expected, found)
