"""Least seconds over hops and walks, against sweeps over all pairs until nothing changes."""

from __future__ import annotations

from math import cos, hypot, radians
from random import Random

import numpy as np
import pytest

from railshed.circles.part import squares_of
from railshed.kernels.dijkstra import Graph
from railshed.kernels.least_reach import least_reach
from tests.support.seeds import each_seed

pytestmark = [pytest.mark.kernels, pytest.mark.properties]

LIMIT, DEGREE_M, REACH_M, PER_M, EDGE = 900, 110_000.0, 500.0, 0.9, 0.01


@each_seed(range(60))
def test_equal_to_sweeps(seed: int) -> None:
    """Hops of any length, also of none, stations at one place and at the edges of squares, several
    ends.
    """
    rng = Random(seed)
    n = rng.randint(1, 25)
    wide = rng.choice((0.0, 0.005, 0.03))
    lon, lat = (np.array([rng.uniform(0, wide) for _ in range(n)]) for _ in range(2))
    lat += rng.choice((0.0, 50.0))
    hops = sorted(
        (rng.randrange(n), rng.randrange(n), rng.choice((0, 60, 300, 2_000)))
        for _ in range(rng.randint(0, 40))
    )
    ends = {rng.randrange(n): rng.randrange(LIMIT + LIMIT // 4) for _ in range(rng.randint(1, 3))}

    expected = [ends.get(k, LIMIT + 1) for k in range(n)]
    for _ in range(n + 1):
        for tail, head, seconds in hops:
            expected[head] = min(expected[head], expected[tail] + seconds)
        for one in range(n):
            for other in range(n):
                east = (lon[other] - lon[one]) * cos(radians(lat[one]))
                metres = DEGREE_M * hypot(east, lat[other] - lat[one])
                if metres <= REACH_M:
                    expected[other] = min(expected[other], expected[one] + int(metres * PER_M))
    expected = [min(seconds, LIMIT + 1) for seconds in expected]

    ptr = np.searchsorted([tail for tail, *_ in hops], np.arange(n + 1)).astype(np.uint32)
    graph = Graph(ptr, np.array([hop[1:] for hop in hops], np.uint32).reshape(-1, 2))
    places, n_columns = squares_of(lon, lat, EDGE)
    at, seconds = np.array([*ends], np.int64), np.array([*ends.values()], np.int64)
    found = least_reach(graph, places, n_columns, DEGREE_M, REACH_M, PER_M, at, seconds, LIMIT)
    assert found.tolist() == expected
