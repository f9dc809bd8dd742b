"""Matrices of travel times: worked out by hand on the toy city and on small networks, on straight
lines and streets.
"""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import replace
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
import shapely

import railshed
from railshed import InputError, ParameterError
from railshed.access.streets import Streets
from railshed.io.streets.read import streets_from_networkx
from railshed.network.model import Station
from railshed.questions.reach.points import map_parts, travel_time_array, travel_time_matrix
from railshed.questions.reach.times import TimeQuery
from railshed.util.units import UNREACHED
from tests.support.small_networks import DATE, LINE, OUT, small_network, two_trains

#: 300.56 m east of a point on the equator of WGS84 (111,319.49 m a degree): 313 s at 4.5 km/h and
#: detour 1.3
STEP = 0.0027
WALK_S = 313


def points(*places: tuple[str, float, float]) -> gpd.GeoDataFrame:
    """Return points of (id, lon, lat)."""
    ids, lon, lat = zip(*places, strict=True)
    return gpd.GeoDataFrame(
        {"id": list(ids)}, geometry=gpd.points_from_xy(lon, lat), crs="EPSG:4326"
    )


def at(network: railshed.Network, *names: str, east: float = 0.0) -> gpd.GeoDataFrame:
    """Return points at stations, or so many degrees east of them."""
    found = [network.stations[network.get_station(name)] for name in names]
    return points(*((s.station_id, s.lon + east, s.lat) for s in found))


@pytest.fixture(scope="module")
def line() -> railshed.Network:
    """A - E every 2 km, one train a -> e at 08:00, one b -> e at 08:10; changes take 3 minutes."""
    return two_trains()


def minutes(
    network: Any, start: gpd.GeoDataFrame, end: gpd.GeoDataFrame, **options: Any
) -> list[float]:
    frame = travel_time_matrix(network, start, end, **options)
    return frame[frame.columns[2]].tolist()


def test_columns_and_order(toy: railshed.Network) -> None:
    """All pairs by origin, then destination, in the order given, with a column a percentile and
    r5py's names.
    """
    query = TimeQuery(departure="07:20", percentiles=(25, 75), departure_time_window=20)
    frame = travel_time_matrix(toy, at(toy, "west", "east"), at(toy, "south", "mid"), times=query)
    assert list(frame.columns) == ["from_id", "to_id", "travel_time_p25", "travel_time_p75"]
    assert frame["from_id"].tolist() == ["west", "west", "east", "east"]
    assert frame["to_id"].tolist() == ["south", "mid", "south", "mid"]


def test_the_wait_counts(toy: railshed.Network) -> None:
    """From the door of west at 07:20: wait 12 minutes for the 07:32, ride 18."""
    assert minutes(toy, at(toy, "west"), at(toy, "mid"), times="07:20") == [30.0]


def test_station_times(toy: railshed.Network) -> None:
    """With 10 minutes to the platform and 5 to the door: 07:20, 07:30, 07:32, 07:50, 07:55."""
    assert minutes(toy, at(toy, "west"), at(toy, "mid"), times="07:20", station_times=True) == [
        35.0
    ]


def test_percentiles_of_a_window(toy: railshed.Network) -> None:
    """Leaving at 07:13 to 07:32 takes 37 to 18 minutes: nearest ranks 18, 22 (5th), 27 (10th), 37
    of twenty.
    """
    twenty = dt.timedelta(minutes=20)
    query = TimeQuery(departure="07:13", departure_time_window=twenty, percentiles=(0, 25, 50, 100))
    frame = travel_time_matrix(toy, at(toy, "west"), at(toy, "mid"), times=query)
    assert frame.iloc[0, 2:].tolist() == [18.0, 22.0, 27.0, 37.0]


def test_one_departure_is_a_window_of_a_minute(toy: railshed.Network) -> None:
    """Every pair of stations, rides free and counted."""
    everywhere = at(toy, *(s.station_id for s in toy.stations))
    for rides in (None, 1):

        def found(times: TimeQuery | str, rides: int | None = rides) -> Any:
            return travel_time_array(toy, everywhere, times=times, max_transfers=rides)

        one, later = found("07:20"), found("07:21")
        window = found(TimeQuery(departure="07:20", departure_time_window=1))
        two = found(TimeQuery(departure="07:20", departure_time_window=2, percentiles=(0, 100)))
        assert one.tolist() == window.tolist()
        assert np.minimum(one, later)[:, :, 0].tolist() == two[:, :, 0].tolist()
        assert np.maximum(one, later)[:, :, 0].tolist() == two[:, :, 1].tolist()


def test_walks_at_both_ends(line: railshed.Network) -> None:
    """313 s to a, train 08:00-08:12, 313 s from e: leaving at 07:54:47 catches it, a second later
    does not.
    """
    start, end = at(line, "a", east=STEP), at(line, "e", east=-STEP)
    leave = 8 * 3600 - WALK_S
    assert minutes(line, start, end, times=leave) == [round((WALK_S + 720 + WALK_S) / 60, 2)]
    late = travel_time_array(line, start, end, times=leave + 1, max_direct_minutes=0)
    assert late.tolist() == [[[UNREACHED]]]


def test_walking_all_the_way(line: railshed.Network) -> None:
    """Where no train goes one walks, at most `max_direct_minutes`; never with `direct=()`."""
    start, end = at(line, "a"), at(line, "a", east=STEP)
    assert minutes(line, start, end, times="09:00") == [round(WALK_S / 60, 2)]
    for rules in ({"direct": ()}, {"max_direct_minutes": 5}):
        assert np.isnan(minutes(line, start, end, times="09:00", **rules)).all()
    assert minutes(line, start, start, times="09:00") == [0.0]


def test_several_stations_to_get_on_at(line: railshed.Network) -> None:
    """Between a and b, 1 km from each, 1,041 s on foot of 20 minutes: the first train at either
    counts.
    """
    middle = points(("m", (line.stations[0].lon + line.stations[1].lon) / 2, line.stations[0].lat))
    # 08:00 from a is missed at 07:50 by 7 minutes; b at 08:07:21, train 08:10-08:19: 29 minutes
    assert minutes(line, middle, at(line, "e"), times="07:50", max_walk_minutes=20) == [29.0]
    assert np.isnan(
        minutes(line, middle, at(line, "e"), times="07:50", direct=(), max_walk_minutes=17)
    ).all()


def test_changes() -> None:
    """A change of 5 minutes catches the 08:08 and misses it with 6; as many changes as allowed, no
    more.
    """
    trips = {"one": [("a", "08:00"), ("b", "08:03")], "two": [("b", "08:08"), ("c", "08:11")]}
    network = small_network({"a": (0, 0), "b": (10, 0), "c": (20, 0)}, trips)
    start, end = at(network, "a"), at(network, "c")
    assert minutes(network, start, end, times="08:00", change_minutes=5) == [11.0]
    for rules in ({"change_minutes": 6}, {"change_minutes": 5, "max_transfers": 0}):
        assert np.isnan(minutes(network, start, end, times="08:00", **rules)).all()
    assert minutes(network, start, end, times="08:00", change_minutes=5, max_transfers=1) == [11.0]


def test_longer_than_the_bound(toy: railshed.Network) -> None:
    """30 minutes are within 30, not within 29."""
    start, end = at(toy, "west"), at(toy, "mid")
    assert minutes(toy, start, end, times="07:20", max_minutes=30) == [30.0]
    assert np.isnan(minutes(toy, start, end, times="07:20", max_minutes=29)).all()


def test_the_date_of_a_datetime(line: railshed.Network) -> None:
    """A datetime is the service day and the time; a second, other date is refused."""
    start, end = at(line, "a"), at(line, "e")
    moment = dt.datetime.combine(DATE, dt.time(8))
    assert minutes(line, start, end, times=moment) == [12.0]
    with pytest.raises(InputError, match="no trip runs on 2025-05-15"):
        travel_time_matrix(line, start, end, times=moment.replace(year=2025))
    with pytest.raises(ParameterError, match="give one of the two"):
        travel_time_matrix(
            line, start, end, times=TimeQuery(departure=moment, date=DATE + dt.timedelta(days=1))
        )


def test_a_departure_with_a_time_zone(line: railshed.Network) -> None:
    """08:00 in UTC+8 is 08:00 on a network of Shanghai, and 00:00 UTC too; without a zone it is the
    network's time.

    A network that states no zone takes none.
    """
    network = replace(line, timezone="Asia/Shanghai")
    start, end = at(network, "a"), at(network, "e")
    moment = dt.datetime.combine(DATE, dt.time(8))
    east = moment.replace(tzinfo=dt.timezone(dt.timedelta(hours=8)))
    for departure in (moment, east, east.astimezone(dt.UTC)):
        assert minutes(network, start, end, times=departure) == [12.0]
    with pytest.raises(
        ParameterError,
        match=r"departure .*: network \w+ knows no time zone; give its time, without a",
    ):
        minutes(replace(line, timezone=""), start, end, times=east)


def test_a_prepared_run(toy: railshed.Network) -> None:
    """What `prepare` made gives the same, and only for its own day."""
    run = railshed.prepare(toy)
    everywhere = at(toy, *(s.station_id for s in toy.stations))
    plain = travel_time_array(toy, everywhere, times="07:20")
    assert travel_time_array(run, everywhere, times="07:20").tolist() == plain.tolist()
    with pytest.raises(ParameterError, match="was prepared for 2024-05-15, not for 2024-05-16"):
        travel_time_array(
            run, everywhere, times=TimeQuery(departure="07:20", date=dt.date(2024, 5, 16))
        )


def test_points_in_another_crs(line: railshed.Network) -> None:
    """Metres of a projected CRS mean the same places."""
    start, end = at(line, "a", east=STEP), at(line, "e")
    there = travel_time_array(line, start, end, times="07:50")
    start, end = start.to_crs("EPSG:32632"), end.to_crs("EPSG:3857")
    assert travel_time_array(line, start, end, times="07:50").tolist() == there.tolist()


def test_order_and_threads(toy: railshed.Network) -> None:
    """Points in another order and any number of threads give the same times."""
    everywhere = at(toy, *(s.station_id for s in toy.stations))
    turned = everywhere.iloc[::-1]
    for window in (None, 15):
        options = {"times": TimeQuery(departure="07:20", departure_time_window=window)}
        one = travel_time_array(toy, everywhere, threads=1, **options)
        assert travel_time_array(toy, everywhere, threads=3, **options).tolist() == one.tolist()
        assert travel_time_array(toy, turned, **options)[::-1, ::-1].tolist() == one.tolist()


def test_everything_wrong_with_the_points_at_once(line: railshed.Network) -> None:
    """No CRS, ids twice and an area among them are reported together, with what to do."""
    good = at(line, "a", "b")
    bad = gpd.GeoDataFrame(
        {"id": ["a", "a"]}, geometry=[good.geometry[0], good.geometry[1].buffer(1)]
    )
    with pytest.raises(InputError) as error:
        travel_time_matrix(line, bad, times="08:00")
    for word in ("origins", "no CRS", "given twice (a)", "Polygon", "representative_point"):
        assert word in str(error.value)
    with pytest.raises(InputError, match="destinations: there is no column id"):
        travel_time_matrix(line, good, good.drop(columns="id"), times="08:00")
    with pytest.raises(InputError, match="there is no row"):
        travel_time_matrix(line, good[:0], times="08:00")


@pytest.mark.parametrize(
    ("points", "words"),
    [
        ([None, shapely.Point(100, 0)], "empty points"),
        ([shapely.Point(100, 0), shapely.Point(100, 95)], "no places"),
    ],
)
def test_points_that_are_none(line: railshed.Network, points: list[Any], words: str) -> None:
    """A missing geometry and a latitude of 95 degrees are reported, as is a series without ids."""
    frame = gpd.GeoDataFrame({"id": ["x", "y"]}, geometry=points, crs="EPSG:4326")
    with pytest.raises(InputError, match=words):
        travel_time_matrix(line, frame, times="08:00")
    with pytest.raises(InputError, match="GeoSeries has no ids"):
        travel_time_matrix(line, frame.geometry, times="08:00")


def test_everything_wrong_with_the_arguments_at_once(line: railshed.Network) -> None:
    """Each argument out of range is named with what is allowed."""
    with pytest.raises(ParameterError) as error:
        travel_time_matrix(
            line,
            at(line, "a"),
            times="08:00",
            threads=0,
            max_minutes=300,
            access=("tram",),
            egress=3,
            direct=("feeder",),
            max_transfers=1.5,
        )
    for word in (
        "threads 0",
        "max_minutes 300: allowed are numbers from 1 to 240",
        "access 'tram': allowed are walk, bike,",
        "egress 3",
        "direct 'feeder': allowed are walk, bike, drive",
        "max_transfers 1.5",
    ):
        assert word in str(error.value)
    with pytest.raises(ParameterError) as error:
        TimeQuery(departure="8 o'clock", departure_time_window=0, percentiles=(50, 101))
    for word in (
        "is not a clock time",
        "departure_time_window 0",
        "percentiles 101: allowed are whole numbers from 0 to 100",
    ):
        assert word in str(error.value)
    with pytest.raises(ParameterError, match=r"percentiles \(50, 50\): each once"):
        TimeQuery(departure="08:00", percentiles=(50, 50))
    with pytest.raises(ParameterError, match="give either departure or arrive_by"):
        TimeQuery()
    with pytest.raises(ParameterError, match="arrive_by: allowed between stations"):
        travel_time_matrix(line, at(line, "a"), times=TimeQuery(arrive_by="08:00"))
    with pytest.raises(ParameterError, match="unknown speed; allowed: streets, access"):
        travel_time_matrix(line, at(line, "a"), times="08:00", speed=5)
    with pytest.raises(ParameterError, match="allowed 00:00-28:00"):
        travel_time_matrix(line, at(line, "a"), times="28:01")


def test_a_network_without_a_timetable(toy: railshed.Network) -> None:
    """Links have no departure to keep."""
    graph = railshed.from_networkx(toy.to_networkx())
    with pytest.raises(ParameterError, match="has no timetable"):
        travel_time_matrix(graph, at(toy, "west"), times="08:00")


def test_modes_of_access_and_egress(line: railshed.Network) -> None:
    """1.5 km to a by bike: 3 min and 1,503 m at 15 km/h and detour 1.25, 631 s; on foot it is
    beyond 15 minutes.
    """
    start, end = at(line, "a", east=-0.0135), at(line, "e")
    assert np.isnan(minutes(line, start, end, times="07:48", direct=())).all()
    assert minutes(line, start, end, times="07:48", access=("walk", "bike"), egress=("walk",)) == [
        24.0
    ]
    # 10 min and 1,503 m at 16 km/h and detour 1.4: 18 min, for the 08:00
    rules = {"times": "07:30", "direct": ()}
    assert minutes(line, start, end, access=("feeder",), egress=("walk",), **rules) == [42.0]
    # by default the way from the station is by those of them that stand there, else on foot
    assert minutes(line, start, end, access=("feeder",), **rules) == [42.0]
    aside = at(line, "e", east=STEP)
    on_foot = [
        minutes(line, start, aside, access=("feeder",), egress=by, **rules)
        for by in (None, ("walk",))
    ]
    assert on_foot == [[round((42 * 60 + WALK_S) / 60, 2)]] * 2
    # 3 min and 301 m at 12 km/h
    assert minutes(line, start, aside, access=("feeder",), egress=("shared-bicycle",), **rules) == [
        46.52
    ]


def town() -> Streets:
    """A street along the equator, and one 500 m north of it that only a bridge 2 km east joins."""
    graph = nx.MultiDiGraph(crs="EPSG:4326")
    degree = 111_194.93  # on the sphere of osmnx
    for k in range(41):
        graph.add_node(k, x=10 + k * 100 / degree, y=0.0)
        graph.add_node(100 + k, x=10 + k * 100 / degree, y=500 / degree)
    edges = [(k, k + 1) for k in range(40)] + [(100 + k, 101 + k) for k in range(40)]
    for u, v in edges:
        graph.add_edge(u, v, highway="residential", length=100.0)
        graph.add_edge(v, u, highway="residential", length=100.0)
    for u, v in ((20, 120), (120, 20)):
        graph.add_edge(u, v, highway="residential", length=500.0)
    return streets_from_networkx(graph)


def on_street(k: int, north: bool = False) -> tuple[float, float]:
    return 10 + k * 100 / 111_194.93, 500 / 111_194.93 if north else 0.0


def test_streets_and_a_river(caplog: pytest.LogCaptureFixture) -> None:
    """Along the streets: over the bridge and not over the river, to the station, between stations
    and all the way.

    What lies at no street is warned of and noted.
    """
    stations = {
        "a": Station("a", "A", *on_street(0)), "b": Station("b", "B", *on_street(30)),
        "n": Station("n", "N", *on_street(30, north=True)),
        "z": Station("z", "Z", 10.5, 0.1),
    }  # fmt: skip
    trips = {"one": [("a", "08:00"), ("b", "08:10")], "two": [("n", "08:32"), ("z", "09:00")]}
    network = small_network(stations, trips)
    origin = points(("o", *on_street(3)))  # 300 m from a: 240 s at 4.5 km/h
    across = points(("x", *on_street(33, north=True)))
    rules = {"streets": town(), "times": "07:56"}
    # a at 08:00, b at 08:10; x is 600 m away as the crow flies, 1,300 + 500 + 300 m of it by the
    # bridge: too far
    assert np.isnan(minutes(network, origin, across, direct=(), **rules)).all()
    # 1,000 m to the bridge, 500 over it, 1,300 m back east: 2,800 m are 2,240 s, 840 s after 07:56
    assert minutes(network, origin, across, max_walk_minutes=40, direct=(), **rules) == [
        round((840 + 2240) / 60, 2)
    ]
    # all the way: 1,700 m to the bridge, 500, 1,300 m
    assert minutes(network, origin, across, **rules) == [round(3500 / 1.25 / 60, 2)]
    # from b to n 2,500 m by the bridge, 500 m across the river: 2,000 s, 08:43:20, is too late for
    # the 08:32
    z = points(("z", 10.5, 0.1))
    with pytest.raises(
        InputError, match="destinations: none lies within 1600 m of a street to walk"
    ):
        travel_time_matrix(network, origin, z, **rules)
    back = points(("z", 10.5, 0.1), ("x", *on_street(33, north=True)))
    caplog.clear()
    frame = travel_time_matrix(network, origin, back, **rules)
    assert np.isnan(frame["travel_time_p50"][0])
    assert frame.attrs["notes"] == [
        "1 destinations to walk: no street within 1600 m (z)",
        "1 stations to walk: no street within 1600 m (z)",
    ]
    assert [(r.levelname, r.getMessage()) for r in caplog.records] == [
        ("WARNING", n) for n in frame.attrs["notes"]
    ]


def test_walks_between_stations_follow_the_streets() -> None:
    """b and n lie 500 m apart across the river: a change on straight lines, none along
    the streets.
    """
    stations = {
        "a": Station("a", "A", *on_street(0)), "b": Station("b", "B", *on_street(30)),
        "n": Station("n", "N", *on_street(30, north=True)),
        "m": Station("m", "M", *on_street(0, north=True)),
    }  # fmt: skip
    trips = {"one": [("a", "08:00"), ("b", "08:10")], "two": [("n", "08:32"), ("m", "08:40")]}
    start, end = points(("o", *on_street(0))), points(("x", *on_street(0, north=True)))
    options = {"times": "08:00", "direct": ()}
    plain = small_network(stations, trips)
    assert minutes(plain, start, end, **options) == [40.0]
    assert np.isnan(minutes(plain, start, end, streets=town(), **options)).all()
    listed = small_network(stations, trips, transfers=[("b", "n", 1200)])
    assert minutes(listed, start, end, streets=town(), **options) == [40.0]
    forbidden = small_network(stations, trips, transfers=[("b", "n", UNREACHED)])
    assert np.isnan(minutes(forbidden, start, end, **options)).all()


def test_cars_on_streets_go_at_a_share_of_the_limits() -> None:
    """4,500 m over the bridge at 0.6 of 25 km/h, the assumption of circles: 1,080 s, and 5 min to
    set out and park.
    """
    network = small_network(LINE, {"out": OUT})
    start, end = points(("o", *on_street(0))), points(("x", *on_street(0, north=True)))
    rules = {"times": "08:00", "direct": ("drive",), "streets": town()}
    assert minutes(network, start, end, **rules) == [23.0]
    # to the street one walks: 90 m are 72 s, then 3,000 m are 720 s
    lon, lat = on_street(30)
    aside = points(("o", lon, lat - 90 / 111_194.93))
    assert minutes(network, aside, start.assign(id="x"), **rules) == [
        round((72 + 720 + 300) / 60, 2)
    ]


def across_the_river(feeder: str = "bus") -> railshed.Network:
    """One train at 08:30 from n, on the north bank 3 km east, to m, 2,900 m back west, 10
    minutes.
    """
    stations = {
        "n": Station("n", "N", *on_street(30, north=True), feeder=feeder),
        "m": Station("m", "M", *on_street(1, north=True), feeder=feeder),
    }
    return small_network(stations, {"one": [("n", "08:30"), ("m", "08:40")]})


@pytest.mark.parametrize("streets", [None, town()])
def test_a_vehicle_left_at_the_station_serves_home_only(streets: Streets | None) -> None:
    """From the station in the city one walks, 240 s for 300 m along streets; 1,900 m are too far,
    and no car waits.

    To n by car: 480 s and 2,500 m over the bridge at 15 km/h, 600 s.
    """
    start = points(("o", *on_street(30)))
    near, far = points(("x", *on_street(4, north=True))), points(("y", *on_street(20, north=True)))
    rules = {
        "times": 8 * 3600 + 30 * 60 - 1080,
        "access": ("park-and-ride",),
        "direct": (),
        "streets": streets,
    }
    found = minutes(across_the_river(), start, near, **rules)
    # 300 m are 313 s on straight lines with detour 1.3, as WALK_S
    assert found == (
        [round((1080 + 600 + 240) / 60, 2)] if streets else [round((1080 + 600 + WALK_S) / 60, 2)]
    )
    assert np.isnan(minutes(across_the_river(), start, far, **rules)).all()
    if streets:
        assert np.isnan(
            minutes(across_the_river(), start, near, **(rules | {"times": "08:12:01"}))
        ).all()
        # who is brought leaves five minutes later
        brought = rules | {"times": "08:17", "access": ("kiss-and-ride",)}
        assert minutes(across_the_river(), start, near, **brought) == [27.0]
    for mode in ("park-and-ride", "kiss-and-ride"):
        with pytest.raises(
            ParameterError, match=f"egress '{mode}': allowed are walk, shared-bicycle, drive$"
        ):
            minutes(across_the_river(), start, near, egress=(mode,), **rules)


def test_a_bus_feeder_keeps_to_the_streets() -> None:
    """10 min and 2,500 m over the bridge at 16 km/h: 1,163 s, a second later the train is gone; a
    metro goes under.
    """
    start, end = points(("o", *on_street(30))), points(("x", *on_street(1, north=True)))
    rules = {"access": ("feeder",), "egress": ("walk",), "direct": (), "streets": town()}
    leave = 8 * 3600 + 30 * 60 - 1163
    assert minutes(across_the_river(), start, end, times=leave, **rules) == [
        round((1163 + 600) / 60, 2)
    ]
    assert np.isnan(minutes(across_the_river(), start, end, times=leave + 1, **rules)).all()
    # 15 min, and 500 m (497 on WGS84) straight at 32 km/h and detour 1.3: 73 s
    leave = 8 * 3600 + 30 * 60 - 973
    metro = across_the_river("metro")
    assert minutes(metro, start, end, times=leave, **rules) == [round((973 + 600) / 60, 2)]
    assert np.isnan(minutes(metro, start, end, times=leave + 1, **rules)).all()


def test_ctrl_c_and_errors_reach_the_caller() -> None:
    """What stops a thread stops the whole, and no further part begins."""
    begun = []

    def call(chunk: slice) -> None:
        begun.append(chunk)
        time.sleep(0.001)  # so that the other thread may stop the rest, however busy the machine
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(map_parts(call, 1000, 1, 1, False, "origins"))
    assert len(begun) < 1000


def test_progress_is_shown_when_asked_for(
    toy: railshed.Network, capsys: pytest.CaptureFixture[str]
) -> None:
    """A bar on stderr, none without."""
    travel_time_array(toy, at(toy, "west"), times="07:20")
    assert capsys.readouterr().err == ""
    travel_time_array(toy, at(toy, "west", "mid"), times="07:20", progress=True)
    assert "origins" in capsys.readouterr().err
