"""The part of a network that circles may reach: the same circles as of the whole, and what is left
out is said.
"""

from __future__ import annotations

from dataclasses import fields, replace
from random import Random

import numpy as np
import pandas as pd
import pytest

import railshed
from railshed.circles import part
from railshed.circles.city_at import city_at
from railshed.io.gtfs.read import read_gtfs
from railshed.io.networks import network_of
from railshed.network.cities import City
from railshed.network.model import Network
from railshed.network.ordering import canonical_order, join_trips, make_calls
from railshed.util.units import HOUR
from tests.support.random_worlds import world
from tests.support.seeds import each_seed
from tests.support.shared import SHARED, needs


@pytest.fixture(autouse=True)
def every_network_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(part, "LARGE", 0)


def same_circles(network: Network, city: City, direction: str, draws: int) -> Network:
    """Compare the circle of the part with that of the whole network; return the part."""
    run = railshed.prepare(network, cities=[city])
    found, whole = (
        each.circle(city, direction=direction, draws=draws)
        for each in (run, railshed.prepare(network))
    )
    summaries = [repr(replace(each.summary, definition_hash="")) for each in (found, whole)]
    assert summaries[0] == summaries[1]
    for name in ("stations", "towns", "counties", "split_table", "share_table"):
        one, other = (getattr(each, name) for each in (found, whole))
        one, other = (each() if callable(each) else each for each in (one, other))
        if isinstance(other, pd.DataFrame):
            pd.testing.assert_frame_equal(one, other, check_exact=True)
        assert repr(one) == repr(other)
    for name, surface in whole.surfaces.items():
        for column in fields(surface):
            if isinstance(values := getattr(surface, column.name), np.ndarray):
                np.testing.assert_array_equal(getattr(found.surfaces[name], column.name), values)
    assert [shape.wkb for shape in found.polygons.geometry] == [
        shape.wkb for shape in whole.polygons.geometry
    ]
    return run.compiled.network


def with_far_twin(network: Network) -> Network:
    """Return a network with a copy of itself six degrees east, and a train of three hours between
    the two.
    """
    n, m = network.n_stations, network.n_trips
    twins = [
        replace(s, station_id=f"{s.station_id}'", name=f"{s.name}'", lon=s.lon + 6)
        for s in network.stations
    ]
    trips, calls = network.trips, network.stop_times
    trips = replace(trips, trip_ids=tuple(f"{trip}'" for trip in trips.trip_ids))
    far = replace(calls, station_idx=calls.station_idx + np.int32(n))
    start = int(calls.departure_s.min())
    link = replace(
        trips,
        trip_ids=("link",),
        names=("",),
        route_ids=("link",),
        service_idx=trips.service_idx[:1],
        route_types=trips.route_types[:1],
    )
    times = [start, start + 3 * HOUR]
    joined = join_trips(
        [(network.trips, calls), (trips, far), (link, make_calls([0, 0], [0, n], times, times))]
    )
    assert len(joined[0].trip_ids) == 2 * m + 1
    table = canonical_order(
        [*network.stations, *twins], network.services, *joined, network.transfers
    )
    return replace(network, **table.parts())


@pytest.mark.slow
@each_seed(range(25))
def test_random_worlds(seed: int) -> None:
    """Of unkind networks with a far twin, which is left out but for the ends of the train that
    leads there.
    """
    made = world(seed)
    network = with_far_twin(made.network)
    found = same_circles(
        network, network.cities[0], made.direction, draws=3 * (Random(seed).random() < 0.5)
    )
    assert found.n_stations < network.n_stations
    assert found.part_of is network
    assert f"of {network.n_stations:,} stations" in found.notes[-1]


@needs("gtfs")
@pytest.mark.slow
@pytest.mark.parametrize(
    ("feed", "lon", "lat", "less"),
    [
        ("caltrain_2023.zip", -122.3947, 37.7764, False),
        ("bart_2023.zip", -122.4010, 37.7894, False),
        ("db_fernverkehr_2019.zip", 8.6638, 50.1071, True),
    ],
)
def test_real_feeds(feed: str, lon: float, lat: float, less: bool) -> None:
    """Of a whole country, stations beyond two hours are left out."""
    network = network_of(read_gtfs(SHARED / "gtfs" / feed), "feed")
    found = same_circles(network, city_at(network, lon, lat, name="X"), "both", draws=4)
    assert (found.n_stations < network.n_stations) >= less


def test_a_small_network_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    network = railshed.load_network("toy")
    assert railshed.prepare(network, cities=[network.cities[0].slug]).compiled.network is network
