"""Checks of what hangs together, transfers, cities and people: each problem, and a near miss."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from random import Random

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import box

from railshed.io.networks import load_network
from railshed.network.checks import validate
from railshed.network.checks.connectivity import _joined
from railshed.network.cities import Centre, City
from railshed.util.units import HOUR, UNREACHED
from tests.support.issues import codes, texts
from tests.support.random_networks import DATE, ref_networks, to_model
from tests.support.small_networks import BACK, LINE, OUT, place, small_network

ROOT = Path(__file__).resolve().parents[3]
DATA = ROOT.parent / "shared" / "data"


# --- stations and parts -------------------------------------------------------------------------


def test_stations_without_calls():
    """A station without trains is counted, with one call it is not."""
    network = small_network(LINE | {"x": (9, 0), "y": (10, 0)}, {"t": OUT})
    assert texts(network) == [
        (
            "warning unserved-station: 2 stations without any call: X (x), Y (y) -> no train, so no "
            "station of a circle"
        )
    ]
    many = small_network(LINE | {f"x{i}": (9 + i, 0) for i in range(6)}, {"t": OUT})
    assert [i.message for i in validate(many)] == [
        "6 stations without any call: X0 (x0), X1 (x1), X2 (x2), X3 (x3), X4 (x4), X5 (x5)"
    ]


def test_stations_without_boarding():
    """C is passed without pickup and drop-off by all trips."""
    network = small_network(LINE, {"t": OUT, "u": BACK}, no_boarding=["c"])
    assert texts(network) == [
        (
            "warning closed-station: 1 station where passengers may neither board nor alight: C (c) -> "
            "check pickup_type"
        )
    ]


#: two lines 50 km apart
TWO_LINES = LINE | {"p": (50, 0), "q": (52, 0), "r": (54, 0)}
TWO_TRIPS = {"t": OUT, "u": [("p", "08:00"), ("q", "08:03"), ("r", "08:06")]}


def test_parts_that_nothing_joins():
    """5 of 8 stations hang together: said, with one station of each part."""
    (parts,) = texts(small_network(TWO_LINES, TWO_TRIPS))
    assert parts == (
        "warning disconnected: 2 parts are joined by no trip, transfer, walk of 600 m or city: 5 "
        "stations with A; "
        "3 stations with P -> nothing crosses between them: check stop ids, coordinates and "
        "transfers"
    )


def test_what_joins_parts():
    """A transfer, a walk of 500 m (700 m does not) and a city that has a core station in both do; a
    closed one not.
    """
    assert codes(small_network(TWO_LINES, TWO_TRIPS, transfers=[("e", "p", 3600)])) == [
        "odd-transfer",
        "one-way-transfer",
    ]
    forbidden = [("e", "p", UNREACHED), ("p", "e", UNREACHED)]
    assert codes(small_network(TWO_LINES, TWO_TRIPS, transfers=forbidden)) == ["disconnected"]
    city = City("x", "X", "X", ("a", "q"), ())
    assert codes(small_network(TWO_LINES, TWO_TRIPS, cities=(city,))) == []
    near = {"p": (8, 0.5), "q": (10, 0.5), "r": (12, 0.5)}
    assert codes(small_network(LINE | near, TWO_TRIPS)) == []
    beside = {"p": (8, 0.7), "q": (10, 0.7), "r": (12, 0.7)}
    assert codes(small_network(LINE | beside, TWO_TRIPS)) == ["disconnected"]


def test_nine_in_ten_hang_together():
    """18 of 20 stations are enough, 17 of 19 are not."""
    trips = {"u": [("p", "08:00"), ("q", "08:03")]}

    def network(n):
        stations = {f"s{i:02d}": (2.0 * i, 0.0) for i in range(n)} | {"p": (100, 0), "q": (102, 0)}
        calls = [(f"s{i:02d}", f"{8 + i * 3 // 60:02d}:{i * 3 % 60:02d}") for i in range(n)]
        return small_network(stations, trips | {"t": calls})

    assert codes(network(18)) == []
    assert codes(network(17)) == ["disconnected"]


@given(st.integers(1, 30), st.integers(0, 2**32 - 1))
def test_parts_equal_those_of_networkx(n, seed):
    """Parts of random graphs are those that networkx finds, joined in two steps as in one."""
    rng = Random(seed)
    edges = [(rng.randrange(n), rng.randrange(n)) for _ in range(rng.randrange(2 * n))]
    graph = nx.Graph(edges)
    graph.add_nodes_from(range(n))
    expected = [min(nx.node_connected_component(graph, k)) for k in range(n)]
    ends = np.array(edges, dtype=np.int64).reshape(-1, 2)
    assert _joined(np.arange(n), [(ends[:, 0], ends[:, 1])]).tolist() == expected
    half = len(ends) // 2
    first = _joined(np.arange(n), [(ends[:half, 0], ends[:half, 1])])
    assert _joined(first, [(ends[half:, 0], ends[half:, 1])]).tolist() == expected


# --- transfers ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "found"),
    [
        (
            599,
            "faster than 3 m/s (given: '599')",
        ),  # 2 km, 200 m off for the size of stations: 600 s
        (601, ""),
        (3600, ""),
        (3601, "long for a walk (given: '3601')"),
        (UNREACHED, ""),
    ],
)
def test_length_of_transfers(seconds, found):
    """A to B is 2 km: 10 minutes to an hour are let pass."""
    network = small_network(LINE, {"t": OUT}, transfers=[("a", "b", seconds), ("b", "a", seconds)])
    issues = [i for i in validate(network) if i.code == "odd-transfer"]
    assert len(issues) == (2 if found else 0)
    if found:
        assert issues[0].message + f" (given: '{seconds}')" == f"transfer A to B is {found}"
        assert issues[0].value == f"2,000 m in {seconds} s"


@pytest.mark.parametrize(("seconds", "odd"), [(0, False), (1233, False), (1234, True)])
def test_transfers_next_door(seconds, odd):
    """100 m may take no time and up to 15 minutes plus 333 s at 0.3 m/s."""
    stations = LINE | {"x": (8.1, 0)}
    trips = {"t": OUT, "u": [("x", "09:00"), ("a", "09:20")]}
    network = small_network(stations, trips, transfers=[("e", "x", seconds), ("x", "e", seconds)])
    assert codes(network) == ["odd-transfer"] * 2 * odd


def test_transfers_without_the_way_back():
    """One of three listed transfers is one-way; a forbidden one needs no way back."""
    walks = [("a", "b", 1500), ("b", "a", 1600), ("b", "c", 1500), ("d", "e", UNREACHED)]
    (one_way,) = texts(small_network(LINE, {"t": OUT}, transfers=walks))
    assert one_way == (
        "warning one-way-transfer: 1 transfer of 4 without the way back: B to C -> list both "
        "directions; a walk within "
        "the cap is made in any case"
    )


# --- cities and people --------------------------------------------------------------------------


def with_city(**changes):
    city = City("x", "X", "X", ("a", "b"), (Centre("centre", "Centre", *place(0)),))
    return small_network(LINE, {"t": OUT}, cities=(replace(city, **changes),))


def test_core_stations_far_from_the_centre():
    """B lies 61 km from a centre 63 km east of A (A itself 63), 59 and 61 km from one 2
    km nearer.
    """

    def centre(km):
        return with_city(centres=(Centre("centre", "Centre", *place(km)),))

    assert [(i.message, i.value) for i in validate(centre(63))] == [
        ("core station A of x lies 63 km from centre", "a"),
        ("core station B of x lies 61 km from centre", "b"),
    ]
    assert [i.value for i in validate(centre(61))] == ["a"]
    assert codes(centre(59)) == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"window_to": (8 * HOUR, 8 * HOUR)}, "bad-window"),
        ({"window_to": (-1, 8 * HOUR)}, "bad-window"),
        ({"window_from": (47 * HOUR, 49 * HOUR)}, "bad-window"),
        ({"window_from": (17 * HOUR, 23 * HOUR + 1)}, "odd-window"),
        ({"window_from": (17 * HOUR, 23 * HOUR)}, ""),
        ({"window_from": (7 * HOUR, 9 * HOUR)}, "odd-window"),
        ({"window_from": (22 * HOUR, 26 * HOUR)}, ""),
    ],
)
def test_windows(changes, code):
    """Windows are not empty, within two days, six hours at most, the morning's first."""
    assert codes(with_city(**changes)) == [code] * bool(code)


def test_a_city_twice():
    """The same slug twice is an error."""
    network = with_city()
    assert [(i.code, i.value) for i in validate(replace(network, cities=network.cities * 2))] == [
        ("duplicate-key", "x")
    ]


def counties(population=(1.0,)):
    n = len(population)
    return gpd.GeoDataFrame(
        {
            "county_code": [str(100101 + k) for k in range(n)],
            "prefecture_code": ["100100"] * n,
            "county": [f"county {k}" for k in range(n)],
            "population": list(population),
        },
        geometry=[box(9 + k, -1, 10 + k, 1) for k in range(n)],
        crs="EPSG:4326",
    )


def test_centres_near_no_county():
    """A centre 0.4 degrees outside is abroad, 0.6 degrees outside it is doubted."""

    def network(lon):
        return replace(with_city(centres=(Centre("centre", "", lon, 0.0),)), counties=counties())

    assert "outside-counties" not in codes(network(10.4))
    (found,) = (i for i in validate(network(10.6)) if i.code == "outside-counties")
    assert (found.message, found.value) == (
        "centre centre of x lies in no county and near none",
        "10.6, 0",
    )


def test_counties_without_people():
    """One of two counties has no census: said once, by name; no data is no error."""
    network = replace(with_city(), counties=counties((1.0, np.nan)))
    assert [(i.message, i.value) for i in validate(network)] == [
        ("1 county of 2 without people", "county 1"),
    ]
    people = pd.DataFrame({"county_code": ["100101"], "people": [0.0], "lon": [9.5], "lat": [0.0]})
    assert codes(replace(with_city(), counties=counties(), population=people)) == []


# --- all together -------------------------------------------------------------------------------


@given(ref_networks())
def test_random_networks_have_no_error(net):
    """Networks that are unkind but sound give warnings at most; only a day without trips, or rides,
    is an error.

    Their stations are set 220 m apart, since the trains take a minute or no time from one to the
    next.
    """
    network = to_model(net, targets=(0,))
    near = tuple(
        replace(s, lon=100 + (s.lon - 100) / 50, lat=10 + (s.lat - 10) / 50)
        for s in network.stations
    )
    network = replace(network, stations=near)
    runs = any(network.services[s].runs_on(DATE) for s in network.trips.service_idx.tolist())
    errors = [i.code for i in validate(network) if i.severity == "error" and i.code != "no-ride"]
    assert errors == ([] if runs else ["no-trips"])


FEEDS = {
    "gtfs/bart_2023.zip": set(),
    "gtfs/caltrain_2023.zip": {"unserved-station"},  # shuttle and temporary stops
    "gtfs/db_fernverkehr_2019.zip": {
        "repeated-trip",
        "idle-route",
        "unserved-station",
        "sparse-service",
    },
    # the stops of 20 bus trips left out
    "gtfs/mexico_city_2018_freq.zip": {"far-namesakes", "unserved-station", "sparse-service"},
    "gtfs/mtr_hsr_hongkong_2026-01-26.zip": {"sparse-service"},  # long-distance trains alone
    "gtfs/wmata_2026-04.zip": set(),
    "gtfs/sao_paulo_freq_sample.zip": {"split-station"},  # metro and CPTM each have their own stops
    "porto_alegre/poa_eptc_2019.zip": {"short-day"},  # an extract of the middle of the day
    "porto_alegre/poa_trensurb_2019.zip": set(),
}


@pytest.mark.parametrize("name", FEEDS)
def test_real_feeds(name):
    """Published feeds have the problems that hold when looked at by hand, and no others."""
    if not (DATA / name).is_file():
        pytest.skip(f"needs ../shared/data/{name}")
    assert set(codes(load_network(DATA / name))) == FEEDS[name]
