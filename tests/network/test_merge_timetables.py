"""Trips taken out of a timetable in canonical order and others put in: as if all were put in order
anew.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random

import numpy as np
import pytest

from railshed.network.model import Network
from railshed.network.ordering import canonical_order, int32, join_trips
from railshed.network.timetable_merge import merge_timetables
from tests.support.random_networks import random_network, to_model
from tests.support.random_scenarios import canonical
from tests.support.seeds import each_seed

pytestmark = pytest.mark.properties


def some_of(network: Network, chosen: np.ndarray) -> Network:
    """Return the network with some trips, whose ids change."""
    trips, calls = network.trips, network.stop_times
    rows = chosen[calls.trip_idx]
    names = {
        name: tuple(np.array(getattr(trips, name))[chosen].tolist())
        for name in ("names", "route_ids")
    }
    ids = tuple(f"{'ba'[k % 2]}{trips.trip_ids[k]}" for k in np.flatnonzero(chosen).tolist())
    columns = {name: getattr(calls, name)[rows] for name in type(calls).__slots__}
    columns["trip_idx"] = int32((np.cumsum(chosen) - 1)[calls.trip_idx[rows]])
    services, types = (int32(column[chosen]) for column in (trips.service_idx, trips.route_types))
    made = replace(trips, trip_ids=ids, service_idx=services, route_types=types, **names)
    return replace(network, trips=made, stop_times=replace(calls, **columns))


@each_seed(range(200))
def test_merged_timetables_are_in_canonical_order(seed: int) -> None:
    """With new stations and services before, between and behind the old ones, trips that leave at
    once, and none.
    """
    rng = Random(seed)
    base, other = (
        canonical(to_model(random_network(rng, max_stations=8, max_trips=12))) for _ in "ab"
    )
    gone = np.array([rng.random() < 0.3 for _ in range(base.n_trips)])
    new = tuple(
        replace(s, station_id=f"{rng.choice('az')}{k}") for k, s in enumerate(other.stations)
    )
    stations = (*base.stations, *new)
    services = tuple(
        replace(s, service_id=rng.choice(("a", s.service_id, "z"))) for s in other.services
    )
    services = (
        services if len({s.service_id for s in services}) == len(services) else other.services
    )
    added = some_of(other, np.array([rng.random() < 0.7 for _ in range(other.n_trips)]))
    calls = replace(
        added.stop_times, station_idx=int32(added.stop_times.station_idx + base.n_stations)
    )
    added = replace(added, stations=stations, services=services, stop_times=calls)
    found = merge_timetables(base, gone, added)
    every = tuple(dict.fromkeys([*base.services, *services]))
    left = some_of(base, ~gone)
    ids = tuple(np.array(base.trips.trip_ids)[~gone].tolist())
    sides = [replace(left, trips=replace(left.trips, trip_ids=ids)), added]
    parts = [
        (
            replace(
                n.trips,
                service_idx=int32([every.index(n.services[k]) for k in n.trips.service_idx]),
            ),
            n.stop_times,
        )
        for n in sides
    ]
    expected = canonical_order(stations, every, *join_trips(parts), base.transfers)
    for name in ("stations", "services"):
        assert getattr(found, name) == getattr(expected, name)
    for one, two in (
        (found.trips, expected.trips),
        (found.stop_times, expected.stop_times),
        (found.transfers, expected.transfers),
    ):
        for name in type(one).__slots__:
            value, wanted = (getattr(part, name) for part in (one, two))
            same = value == wanted if isinstance(value, tuple) else np.array_equal(value, wanted)
            assert same, name
            assert isinstance(value, tuple) or (
                value.dtype == wanted.dtype and not value.flags.writeable
            )
