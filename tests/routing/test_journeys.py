"""Least seconds of journeys: fastest hops and walks, by hand."""

from __future__ import annotations

import pytest

from railshed.assumptions.assumptions import default_assumptions
from railshed.routing.compile import Compiled, compile_network
from railshed.routing.directions import Direction
from tests.support.small_networks import small_network

PLACES = {"a": (0.0, 0.0), "b": (9.0, 0.0), "c": (20.0, 0.0)}


@pytest.fixture(scope="module")
def compiled() -> Compiled:
    """A train of 601 s and one of 700 s from A to B, a walk of 305 s between B and C."""
    trips = {
        "fast": [("a", "08:00:00"), ("b", "08:10:01")],
        "slow": [("a", "09:00:00"), ("b", "09:11:40")],
    }
    walks = [("b", "c", 305), ("c", "b", 305)]
    network = small_network(PLACES, trips, transfers=walks)
    return compile_network(network, default_assumptions(), footpaths=False)


@pytest.mark.parametrize(
    ("direction", "ends", "ride", "walk", "expected"),
    [
        ("to", {"c": 7}, 1.0, 1.0, [913, 312, 7]),
        ("to", {"c": 7}, 0.5, 1.0, [612, 312, 7]),
        ("to", {"c": 7}, 1.0, 0.5, [760, 159, 7]),
        ("to", {"c": 7}, 0.5, 2.0, [917, 617, 7]),
        ("from", {"a": 0}, 0.5, 0.5, [0, 300, 452]),
    ],
)
def test_least_seconds(
    compiled: Compiled,
    direction: Direction,
    ends: dict[str, int],
    ride: float,
    walk: float,
    expected: list[int],
) -> None:
    """Of the fastest train; a half of 601 s is 300 s and one of 305 s is 152 s: no journey is
    faster.
    """
    index = compiled.network.station_index()
    found = compiled.least_seconds(
        direction, {index[k]: s for k, s in ends.items()}, 3600, ride=ride, walk=walk
    )
    assert [int(found[index[name]]) for name in "abc"] == expected
