"""transfers.txt: what each type means, at one station and between two, for platforms and whole
stations.
"""

from __future__ import annotations

import pytest

from railshed.io.gtfs.read import read_gtfs
from railshed.util.errors import InputError
from railshed.util.units import UNREACHED
from tests.support.feeds import FEED, feed_with, shuffled, write_zip

HEADER = "from_stop_id,to_stop_id,transfer_type,min_transfer_time\n"
#: station A with platforms a and a2, station B with b and b2, c by itself
PLATFORMS = (
    "stop_id,stop_name,stop_lat,stop_lon,location_type,parent_station\n"
    "A,甲,30.0,104.0,1,\na,甲一,,,0,A\na2,甲二,,,0,A\n"
    "B,乙,30.0,104.3,1,\nb,乙一,,,0,B\nb2,乙二,,,0,B\nc,丙,30.0,104.6,0,\n"
)
OTHERS = "files not used"


def read(tmp_path, rows, stops=FEED["stops.txt"], header=HEADER):
    return read_gtfs(
        write_zip(tmp_path / "feed.zip", feed_with(transfers=header + rows, stops=stops))
    )


def walks(feed):
    table = feed.timetable
    ids = [s.station_id for s in table.stations]
    ends = zip(table.transfers.from_idx.tolist(), table.transfers.to_idx.tolist(), strict=True)
    return {
        f"{ids[i]}-{ids[j]}": s
        for (i, j), s in zip(ends, table.transfers.seconds.tolist(), strict=True)
    }


def changes(feed):
    return {s.station_id: s.change_s for s in feed.timetable.stations if s.change_s is not None}


def test_type_2_is_the_time_listed(tmp_path):
    """Between stations it is a directed transfer, at one the change time."""
    feed = read(tmp_path, "a,b,2,300\nb,a,2,240\nc,c,2,420\n")
    assert walks(feed) == {"a-b": 300, "b-a": 240}
    assert changes(feed) == {"c": 420}
    assert feed.notes == ()


def test_type_0_and_1_between_stations_take_their_time_or_walk(tmp_path):
    """100 m at 4.5 km/h with a detour of 1.3 are 104 s; the walk has no cap, so 28.9 km are eight
    hours.
    """
    stops = (
        "stop_id,stop_name,stop_lat,stop_lon\na,A,0,104.0\nb,B,0,104.00089831528\nc,C,30.0,104.3\n"
    )
    feed = read(tmp_path, "a,b,0,\nb,a,1,\na,c,,500\nc,a,1,60\n", stops=stops)
    assert walks(feed) == {"a-b": 104, "b-a": 104, "a-c": 500, "c-a": 60}
    assert feed.notes == (
        (
            "transfers.txt: 2 rows of type 0 or 1 without min_transfer_time taken as walks of the "
            "straight distance"
        ),
    )
    far = read(tmp_path, "a,b,0,\n")
    assert walks(far)["a-b"] == pytest.approx(28_938 * 1.04, abs=60)


def test_type_1_at_a_station_is_a_change_in_0_s(tmp_path):
    """The departing vehicle waits for the arriving one."""
    feed = read(tmp_path, "a,a,1,\nb,b,1,90\n")
    assert changes(feed) == {"a": 0, "b": 90}


def test_type_0_at_a_station_without_a_time_says_nothing(tmp_path):
    feed = read(tmp_path, "a,a,0,\nb,b,0,75\n")
    assert changes(feed) == {"b": 75}
    assert feed.notes == (
        "transfers.txt: 1 rows of type 0 at one station without min_transfer_time say nothing",
    )


def test_type_3_forbids(tmp_path):
    """Between stations no transfer is possible, at one no change."""
    feed = read(tmp_path, "a,b,3,\nc,c,3,\n")
    assert walks(feed) == {"a-b": UNREACHED}
    assert changes(feed) == {"c": UNREACHED}


def test_in_seat_transfers_are_counted_and_may_leave_stops_blank(tmp_path):
    header = HEADER.strip() + ",from_trip_id,to_trip_id\n"
    feed = read(tmp_path, ",,4,,t1,t2\n,,5,,t2,t1\na,a,4,,,\na,b,5,,,\nb,b,5,,,\n", header=header)
    assert (walks(feed), changes(feed)) == ({}, {})
    assert feed.notes == (
        "transfers.txt: 1 rows of type 4 (in-seat) not used",
        "transfers.txt: 2 rows of type 5 (in-seat) not used",
        "transfers.txt: 1 rows of type 4 for single routes or trips not used",
        "transfers.txt: 1 rows of type 5 for single routes or trips not used",
    )


@pytest.mark.parametrize("column", ["from_route_id", "to_route_id", "from_trip_id", "to_trip_id"])
def test_rows_for_single_routes_or_trips_are_counted_and_not_used(tmp_path, column):
    rows = "a,b,2,60,r\na,b,2,300,\na,a,3,,r\nb,b,2,30,\n"
    feed = read(tmp_path, rows, header=f"{HEADER.strip()},{column}\n")
    assert walks(feed) == {"a-b": 300}
    assert changes(feed) == {"b": 30}
    assert feed.notes == (
        "transfers.txt: 1 rows of type 2 for single routes or trips not used",
        "transfers.txt: 1 rows of type 3 for single routes or trips not used",
    )


def test_the_longest_time_between_platforms_counts(tmp_path):
    """Rows between platforms, and between a platform and a station, are of their stations."""
    feed = read(
        tmp_path, "a,b,2,300\na2,B,2,360\nA,b2,2,330\na,a2,2,90\na2,a,2,80\n", stops=PLATFORMS
    )
    assert walks(feed) == {"A-B": 360}
    assert changes(feed) == {"A": 90}
    assert feed.notes[-1] == (
        "change time of 2 stations with merged platforms: the slowest listed at 1 (90 to 90 s), by "
        "station class at 1"
    )


ALL_OF_A = "a,a,{0},\na,a2,{0},\na2,a,{0},\na2,a2,{0},\n"
ALL_A_TO_B = "a,b,{0},\na,b2,{0},\na2,b,{0},\na2,b2,{0},\n"


@pytest.mark.parametrize(
    ("rows", "walk", "change", "note"),
    [
        (ALL_OF_A.format(3), {}, {"A": UNREACHED}, None),
        ("A,A,3,\n", {}, {"A": UNREACHED}, None),
        ("A,a,3,\na,a2,3,\na2,a2,3,\n", {}, {"A": UNREACHED}, None),
        ("a,a2,3,\na2,a,3,\n", {}, {}, "2 rows of type 3 for single platforms"),
        ("A,A,3,\na,a2,2,120\n", {}, {"A": 120}, "1 rows of type 3 for single platforms"),
        (ALL_OF_A.format(1), {}, {"A": 0}, None),
        ("a,a2,1,\na2,a,1,\n", {}, {}, "2 rows of type 1 for single platforms"),
        ("A,A,1,\na,a2,2,120\n", {}, {"A": 120}, "1 rows of type 1 for single platforms"),
        (ALL_A_TO_B.format(3), {"A-B": UNREACHED}, {}, None),
        ("A,B,3,\n", {"A-B": UNREACHED}, {}, None),
        ("a,B,3,\na2,B,3,\n", {"A-B": UNREACHED}, {}, None),
        ("a,b,3,\na2,B,3,\n", {}, {}, "2 rows of type 3 for single platforms"),
        ("a,b,3,\na2,b2,2,200\n", {"A-B": 200}, {}, "1 rows of type 3 for single platforms"),
    ],
)
def test_types_1_and_3_must_cover_the_whole_station(tmp_path, rows, walk, change, note):
    """A rule for some pairs of platforms would be a rule for all of them once they are one station:
    it is not used.
    """
    feed = read(tmp_path, rows, stops=PLATFORMS)
    assert (walks(feed), changes(feed)) == (walk, change)
    said = [text for text in feed.notes if "single platforms" in text]
    assert said == ([f"transfers.txt: {note} not used"] if note else [])


def test_stations_where_no_change_is_possible_are_said(tmp_path):
    feed = read(tmp_path, "A,A,3,\n", stops=PLATFORMS)
    assert feed.notes[-1] == (
        "change time of 2 stations with merged platforms: by station class at 1, no change "
        "possible at 1"
    )


def test_type_2_without_a_time_is_warned_of_and_not_used(tmp_path):
    feed = read(tmp_path, "a,b,2,\n")
    assert walks(feed) == {}
    (issue,) = feed.issues
    assert (issue.severity, issue.code, issue.row, issue.field) == (
        "warning",
        "blank-time",
        1,
        "min_transfer_time",
    )


def test_row_order_does_not_matter(tmp_path):
    rows = "a,b,2,300\na2,B,2,360\nA,b2,3,\na,a2,2,90\na2,a,2,80\nb,b2,1,\nB,c,0,\n"
    plain = read(tmp_path, rows, stops=PLATFORMS)
    for seed in range(5):
        other = read(
            tmp_path,
            "".join(shuffled(HEADER + rows, seed).splitlines(keepends=True)[1:]),
            stops=PLATFORMS,
        )
        assert (walks(other), changes(other), other.notes) == (
            walks(plain),
            changes(plain),
            plain.notes,
        )


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("a,zz,2,60\n", ("unknown-reference: transfers.txt row 1 field to_stop_id: is not in "
            "stops.txt (given: 'zz')")),
        (",a,2,60\n", ("unknown-reference: transfers.txt row 1 field from_stop_id: is not in "
            "stops.txt")),
        ("a,b,2,-60\n", ("bad-value: transfers.txt row 1 field min_transfer_time: is not a whole "
            "number of at least 0 (given: '-60')")),
        ("a,b,2,1.5\n", "bad-value: transfers.txt row 1 field min_transfer_time"),
        ("a,b,6,60\n", ("bad-value: transfers.txt row 1 field transfer_type: is not allowed "
            "(allowed: 0, 1, 2, 3, 4, 5)")),
        ("a,b,2,60\na,b,2,90\n", ("duplicate-key: transfers.txt row 2 field to_stop_id: stands "
            "already in row 1 with other values")),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_by_row(tmp_path, rows, expected):
    with pytest.raises(InputError) as caught:
        read(tmp_path, rows)
    assert expected in str(caught.value)


def test_a_row_of_an_entrance_is_refused(tmp_path):
    """The entrance has no station; the stops beside it have one."""
    rows = "a,b,2,60\nE,c,2,60\nc,E,2,90\n"
    with pytest.raises(InputError) as caught:
        read(tmp_path, rows, stops=f"{PLATFORMS}E,口,30.0,104.0,2,A\n")
    found = str(caught.value)
    assert "transfers.txt row 2 field from_stop_id" in found
    assert "transfers.txt row 3 field to_stop_id" in found
    assert found.count("not-a-stop") == 2
