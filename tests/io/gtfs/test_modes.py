"""Route types and modes, time zones, datum, and what is noted as not used."""

from __future__ import annotations

import pytest

from railshed.io.gtfs.read import read_gtfs
from railshed.util.errors import InputError, ParameterError
from tests.support.feeds import FEED, feed_with, write_zip

#: route r is rail (t1: a, b, c), s a bus (t2: c, b), u suburban (t3: a, b)
MIXED = {
    "routes": "route_id,route_type,route_short_name\nr,2,R\ns,700,S\nu,109,U\n",
    "trips": "route_id,service_id,trip_id\nr,weekdays,t1\ns,weekdays,t2\nu,weekdays,t3\n",
    "stop_times": (
        "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
        "t1,08:00:00,08:00:00,a,1\nt1,08:20:00,08:20:00,b,2\nt1,08:40:00,08:40:00,c,3\n"
        "t2,09:00:00,09:00:00,c,1\nt2,09:20:00,09:20:00,b,2\n"
        "t3,10:00:00,10:00:00,a,1\nt3,10:20:00,10:20:00,b,2\n"
    ),
    "transfers": "from_stop_id,to_stop_id,transfer_type,min_transfer_time\na,b,2,100\nb,c,2,200\nc,b,2,300\n",
}


def read(tmp_path, modes=None, datum="wgs84", **tables):
    return read_gtfs(
        write_zip(tmp_path / "feed.zip", feed_with(**tables)), modes=modes, datum=datum
    )


def test_route_types_are_those_of_the_routes(tmp_path):
    trips = read(tmp_path, **MIXED).timetable.trips
    assert dict(zip(trips.trip_ids, trips.route_types.tolist(), strict=True)) == {
        "t1": 2,
        "t2": 700,
        "t3": 109,
    }
    assert trips.names == ("R", "S", "U")


@pytest.mark.parametrize(
    ("modes", "trip_ids", "station_ids", "transfers", "n_trips_dropped", "n_stations_dropped"),
    [
        (["rail"], ("t1",), ["a", "b", "c"], [100, 200, 300], 2, 0),
        (["bus"], ("t2",), ["b", "c"], [200, 300], 2, 1),
        (["suburban"], ("t3",), ["a", "b"], [100], 2, 1),
        (["bus", "suburban", "bus"], ("t2", "t3"), ["a", "b", "c"], [100, 200, 300], 1, 0),
    ],
)
def test_modes_keep_their_trips_and_the_stations_they_serve(
    tmp_path, modes, trip_ids, station_ids, transfers, n_trips_dropped, n_stations_dropped
):
    feed = read(tmp_path, modes, **MIXED)
    table = feed.timetable
    assert table.trips.trip_ids == trip_ids
    assert [s.station_id for s in table.stations] == station_ids
    assert table.transfers.seconds.tolist() == transfers
    assert table.stop_times.station_idx.max() < len(station_ids)
    words = ", ".join(dict.fromkeys(modes))
    expected = [f"routes.txt: {n_trips_dropped} trips of other modes than {words} dropped"]
    if n_stations_dropped:
        expected.append(
            f"stops.txt: {n_stations_dropped} stations that none of the trips serves dropped"
        )
    assert [note for note in feed.notes if not note.startswith("station times by")] == expected


def test_all_modes_change_nothing(tmp_path):
    feed = read(tmp_path, ["rail", "bus", "suburban"], **MIXED)
    assert feed.timetable.trips.trip_ids == ("t1", "t2", "t3")
    assert feed.notes == ()


def test_a_mode_that_is_not_there_is_an_error_with_those_that_are(tmp_path):
    with pytest.raises(
        InputError,
        match=r"no trip of mode ferry; it has rail \(1 trips\), bus \(1 trips\), suburban",
    ):
        read(tmp_path, ["ferry"], **MIXED)
    with pytest.raises(ParameterError, match="unknown mode 'zeppelin'"):
        read(tmp_path, ["zeppelin"], **MIXED)


def test_modes_choose_among_templates_too(tmp_path):
    """Trips by frequency are filtered before they are made."""
    rows = "trip_id,start_time,end_time,headway_secs,exact_times\nt1,6:00:00,7:00:00,1200,1\nt2,6:00:00,7:00:00,600,1\n"
    feed = read(tmp_path, ["rail"], frequencies=rows, **MIXED)
    assert feed.timetable.trips.trip_ids == ("t1@060000", "t1@062000", "t1@064000")
    assert "1 trip run as 3 by headway" in feed.notes[1]


def test_an_unknown_route_type_is_warned_of_and_counts_as_other(tmp_path):
    routes = MIXED["routes"].replace("s,700", "s,9")
    feed = read(tmp_path, ["other"], **MIXED | {"routes": routes})
    assert feed.timetable.trips.trip_ids == ("t2",)
    (issue,) = feed.issues
    assert (issue.severity, issue.code, issue.file, issue.row) == (
        "warning",
        "unknown-route-type",
        "routes.txt",
        2,
    )


@pytest.mark.parametrize("text", ["", "rail", "-1", "2.0"])
def test_a_route_type_that_is_no_number_is_an_error(tmp_path, text):
    with pytest.raises(InputError, match=r"routes\.txt row 2 field route_type"):
        read(tmp_path, **MIXED | {"routes": MIXED["routes"].replace("s,700", f"s,{text}")})


def agency(*zones):
    rows = "".join(f"{chr(120 - i)},A,https://example.org,{zone}\n" for i, zone in enumerate(zones))
    return "agency_id,agency_name,agency_url,agency_timezone\n" + rows


def test_the_zone_is_that_of_the_first_agency_by_id(tmp_path):
    """Ids x, w, v: v is first whatever the order of rows; agencies in other zones are warned of."""
    feed = read(tmp_path, agency=agency("Europe/Vienna", "Europe/Bratislava", "Europe/Prague"))
    assert feed.timezone == "Europe/Prague"
    assert [(i.severity, i.code, i.row) for i in feed.issues] == [
        ("warning", "several-timezones", 1),
        ("warning", "several-timezones", 2),
    ]


@pytest.mark.parametrize(
    "zone", ["Europe/Nowhere", "UTC+1", "", "../../etc/passwd", "Europe", "中国"]
)
def test_an_unknown_zone_is_warned_of(tmp_path, zone):
    feed = read(tmp_path, agency=agency(zone))
    assert feed.timezone == ""
    assert [(i.severity, i.code, i.row) for i in feed.issues] == [
        ("warning", "unknown-timezone", 1)
    ]


def test_a_known_zone_goes_before_an_unknown_one(tmp_path):
    """Agency w comes before x by its id, but its zone is none."""
    feed = read(tmp_path, agency=agency("Europe/Vienna", "Vienna"))
    assert feed.timezone == "Europe/Vienna"
    assert [(i.code, i.row) for i in feed.issues] == [("unknown-timezone", 2)]


def test_coordinates_of_another_datum_become_wgs84(tmp_path):
    """In Beijing GCJ-02 lies 500 to 700 m east and north of WGS84: 0.006 and 0.0014 degrees."""
    stops = (
        "stop_id,stop_name,stop_lat,stop_lon\na,A,39.91,116.4\nb,B,39.92,116.5\nc,C,39.93,116.6\n"
    )
    plain, moved = read(tmp_path, stops=stops), read(tmp_path, datum="gcj02", stops=stops)
    a, b = plain.timetable.stations[0], moved.timetable.stations[0]
    assert a.lon - b.lon == pytest.approx(0.0062, abs=0.0005)
    assert a.lat - b.lat == pytest.approx(0.0014, abs=0.0005)
    assert moved.notes == ("stops.txt: 3 coordinates turned from gcj02 into WGS84",)
    abroad = FEED["stops.txt"].replace("30.0,104.0", "48.2,17.1").replace("30.0,104.3", "48.3,17.4")
    feed = read_gtfs(write_zip(tmp_path / "abroad.zip", feed_with(stops=abroad)), datum="gcj02")
    assert feed.timetable.stations[0].lon == 17.1
    assert feed.notes[0] == (
        "stops.txt: 1 of 3 coordinates turned from gcj02 into WGS84; the others lie outside the "
        "box around China"
    )
    with pytest.raises(ParameterError, match="gcj"):
        read(tmp_path, datum="gcj", stops=stops)


def test_what_is_not_used_is_noted(tmp_path):
    """Blocks of more than one trip, continuous stopping, and files that are not read."""
    trips = "route_id,service_id,trip_id,block_id\nr,weekdays,t1,1\nr,weekdays,t2,1\n"
    routes = "route_id,route_type,continuous_pickup,continuous_drop_off\nr,2,0,1\n"
    times = FEED["stop_times.txt"].replace("stop_sequence\n", "stop_sequence,continuous_drop_off\n")
    times = times.replace("a,1\n", "a,1,1\n").replace("b,2\n", "b,2,2\n").replace("c,3\n", "c,3,\n")
    times = times.replace("c,1\n", "c,1,0\n").replace("a,3\n", "a,3,\n")
    feed = read(
        tmp_path,
        trips=trips,
        routes=routes,
        stop_times=times,
        pathways="pathway_id\n",
        levels="level_id\n",
    )
    assert feed.notes == (
        "routes.txt: 1 rows with continuous pickup or drop-off: calls at stops only",
        "trips.txt: 2 trips in 1 blocks (block_id): passengers who stay seated count as changing",
        "stop_times.txt: 3 rows with continuous pickup or drop-off: calls at stops only",
        "files not used: levels.txt, pathways.txt",
    )


def test_a_block_of_one_trip_says_nothing(tmp_path):
    trips = "route_id,service_id,trip_id,block_id\nr,weekdays,t1,1\nr,weekdays,t2,2\n"
    assert read(tmp_path, trips=trips).notes == ()
