"""Checks of a whole network: every problem is an issue, and a sound network has none."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import box

from railshed.io.networks import list_networks, load_network
from railshed.network.checks import validate
from railshed.network.model import Transfers
from railshed.network.ordering import int32
from railshed.util.errors import MAX_NAMED
from tests.support.feeds import CITIES, write_network
from tests.support.issues import texts


@pytest.fixture
def network(tmp_path):
    cities = CITIES | {"core_stations.csv": CITIES["core_stations.csv"] + "bing,c,丙,high,\n"}
    return load_network(write_network(tmp_path / "net", cities))


def found(network, severity=None):
    return [(i.code, i.value) for i in validate(network) if severity in (None, i.severity)]


def test_a_sound_network_has_no_issue(network):
    assert validate(network) == []


def test_duplicate_ids_and_coordinates(network):
    """The same id twice, a place out of range that looks swapped, and (0, 0) are three errors."""
    a, b, c = network.stations
    changed = replace(
        network,
        stations=(
            replace(a, lon=30.0, lat=104.0),
            replace(b, lon=0.0, lat=0.0),
            replace(c, station_id="b"),
        ),
    )
    text = "\n".join(texts(replace(changed, cities=())))
    assert "field station_id: 2 stations have this id (given: 'b')" in text
    assert (
        "甲 (a) lies outside -180 to 180, -90 to 90 (given: '30, 104') -> lon and lat look swapped"
        in text
    )
    assert "乙 (b) lies at (0, 0)" in text


def test_times_that_run_backwards(network):
    """An arrival before the last departure, and a departure before the arrival, are errors with the
    trip.
    """
    calls = network.stop_times
    arrival, departure = calls.arrival_s.copy(), calls.departure_s.copy()
    arrival[1], departure[1] = 28_700, 28_600  # t1 leaves 甲 08:00
    changed = replace(
        network, stop_times=replace(calls, arrival_s=int32(arrival), departure_s=int32(departure))
    )
    assert found(changed, "error") == [
        ("decreasing-time", "07:58:20"),
        ("decreasing-time", "07:56:40"),
    ]
    assert "trip t1 leaves 甲 08:00 and reaches 乙 07:58:20" in texts(changed)[0]


def test_speeds_above_400_are_doubted_once_a_pair(network):
    """28.9 km in 2 minutes is 433 km/h with two minutes to spare; in 3 minutes 346 km/h, which is
    let pass.
    """
    calls = network.stop_times

    def with_arrival(seconds):
        departure = calls.departure_s.copy()
        arrival = calls.arrival_s.copy()
        arrival[1] = departure[0] + seconds
        return replace(network, stop_times=replace(calls, arrival_s=int32(arrival)))

    assert found(with_arrival(120)) == [("impossible-speed", "28.9 km in 2 min")]
    assert validate(with_arrival(120))[0].severity == "warning"
    assert found(with_arrival(180)) == []


def test_short_trips_are_warnings(network):
    """A trip with one call is named; it stays."""
    calls = network.stop_times
    rows = [0, 3, 4, 5]
    thinned = replace(
        calls,
        **{
            name: getattr(calls, name)[rows]
            for name in (
                "trip_idx",
                "station_idx",
                "arrival_s",
                "departure_s",
                "pickup",
                "drop_off",
            )
        },
    )
    assert texts(replace(network, stop_times=thinned)) == [
        (
            "warning short-trip: trip G1 (t1) has 1 call -> it carries no passengers and stays in the "
            "network"
        )
    ]


def test_transfers(network):
    """To itself and negative: two errors."""
    walks = Transfers(int32([0, 0]), int32([0, 1]), int32([60, -5]))
    back, negative = texts(replace(network, transfers=walks))[:2]
    assert "transfer 甲 to 甲 leads back to the same station (given: '60')" in back
    assert "transfer 甲 to 乙 is negative (given: '-5')" in negative


def test_date_without_trips(network):
    """A Sunday on which nothing runs is an error."""
    assert found(replace(network, date=dt.date(2024, 5, 19))) == [("no-trips", "2024-05-19")]


def test_core_stations(network):
    """An unknown core station is an error, a city without any a warning."""
    jia, bing = network.cities
    changed = replace(
        network,
        cities=(replace(jia, core_station_ids=("a", "zz")), replace(bing, core_station_ids=())),
    )
    assert found(changed, "error") == [("unknown-reference", "zz")]
    assert found(changed, "warning") == [("no-core-station", "bing")]


def test_members_and_people(network):
    """Members that no county has, cells in no county and negative people are found; the rest is
    counted.
    """
    counties = gpd.GeoDataFrame(
        {"county_code": ["100101"], "prefecture_code": ["100100"]},
        geometry=[box(104, 29, 105, 31)],
        crs="EPSG:4326",
    )
    people = pd.DataFrame(
        {"county_code": ["100101", "9"], "people": [-1.0, 2.0], "lon": 104.0, "lat": 30.0}
    )
    changed = replace(network, counties=counties, population=people)
    assert found(changed, "warning") == [("unknown-reference", "100201")]
    assert found(changed, "error") == [("negative-people", "-1"), ("unknown-reference", "9")]
    many = pd.DataFrame({"county_code": ["9"] * 50, "people": 1.0, "lon": 104.0, "lat": 30.0})
    issues = [i for i in validate(replace(changed, population=many)) if i.severity == "error"]
    assert len(issues) == MAX_NAMED + 1
    assert issues[-1].message == "and 30 more cells"


@pytest.mark.parametrize("network_id", ["toy", "china"])
def test_shipped_networks_have_no_error(network_id):
    """The shipped networks pass every check without an error."""
    if network_id not in {row["id"] for row in list_networks()}:
        pytest.skip(f"networks/{network_id} is absent")
    assert found(load_network(network_id), "error") == []


def test_cities_without_centres_can_be_checked(tmp_path):
    """Without centres.csv, beside counties; `circle` takes the core stations then."""
    tables = {name: text for name, text in CITIES.items() if name != "centres.csv"}
    network = load_network(write_network(tmp_path / "net", tables))
    counties = gpd.GeoDataFrame(
        {"county_code": ["1"], "prefecture_code": ["1"], "county": ["x"], "population": [1]},
        geometry=[box(103, 29, 106, 31)],
        crs="EPSG:4326",
    )
    changed = replace(network, counties=counties, regions=())
    assert not any(city.centres for city in changed.cities)
    assert [code for code, _ in found(changed)] == ["no-core-station"]


def test_an_index_out_of_range_has_the_number_of_its_rows(network):
    """Two of six calls."""
    calls = network.stop_times
    wrong = replace(calls, station_idx=int32([3, -1, *calls.station_idx[2:]]))
    (issue,) = validate(replace(network, stop_times=wrong))
    assert (issue.row, issue.count) == (1, 2)


def test_a_row_that_stands_twice_is_a_warning_of_the_network(tmp_path):
    """A core station listed twice changes nothing: the network is loaded, and says so."""
    twice = CITIES["core_stations.csv"] + CITIES["core_stations.csv"].splitlines(keepends=True)[1]
    loaded = load_network(write_network(tmp_path / "net", CITIES | {"core_stations.csv": twice}))
    (issue,) = loaded.issues
    assert (issue.severity, issue.code, issue.file, issue.row) == (
        "warning",
        "repeated-row",
        "core_stations.csv",
        3,
    )
    assert loaded.cities == load_network(write_network(tmp_path / "once", CITIES)).cities
