"""stop_times.txt: blank times estimated between given ones, trips left out for defects."""

from __future__ import annotations

import numpy as np
import pytest

from railshed.util.errors import InputError
from tests.support.feeds import FEED, shuffled
from tests.support.feeds import read_tables as read

HEADER = "trip_id,arrival_time,departure_time,stop_id,stop_sequence"
#: on the equator a hundredth of a degree is the same distance everywhere: a 0, b 1, c 3, d 3, e 4
STOPS = (
    "stop_id,stop_name,stop_lat,stop_lon\n"
    "a,A,0,100.00\nb,B,0,100.01\nc,C,0,100.03\nd,D,0,100.03\ne,E,0,100.04\n"
)
TRIPS = "route_id,service_id,trip_id\nr,weekdays,t\n"


def read_times(tmp_path, rows, columns="", **tables):
    text = HEADER + columns + "\n" + rows
    return read(tmp_path, stops=STOPS, trips=TRIPS, stop_times=text, **tables)


def many_trips(n, stop_times=""):
    """n trips a 08:00 - b 08:10, t0 ... and rows of further trips."""
    trips = "route_id,service_id,trip_id\n" + "".join(f"r,weekdays,t{i}\n" for i in range(n))
    times = (
        HEADER
        + "\n"
        + "".join(f"t{i},08:00:00,08:00:00,a,1\nt{i},08:10:00,08:10:00,b,2\n" for i in range(n))
    )
    return {"trips": trips, "stop_times": times + stop_times}


def test_blank_times_pass_as_the_straight_distance_grows(tmp_path):
    """Of 4 parts of the way in 400 s, b is 1 and c and d are 3 parts on: 100 and 300 s after the
    departure.
    """
    rows = "t,08:00:00,08:00:20,a,1\nt,,,b,2\nt,,,c,3\nt,,,d,4\nt,08:07:00,08:08:00,e,5\n"
    feed = read_times(tmp_path, rows)
    calls = feed.timetable.stop_times
    assert calls.arrival_s.tolist() == [28800, 28920, 29120, 29120, 29220]
    assert calls.departure_s.tolist() == [28820, 28920, 29120, 29120, 29280]
    assert feed.notes == (
        "stop_times.txt: 3 blank times estimated between the given ones: 3 by straight distance",
    )


def test_shape_dist_traveled_goes_before_the_straight_distance(tmp_path):
    """At 10, 30 and 30 of 40 units of the shape the bus is 1/4 and 3/4 of 400 s on, whatever the
    straight way.
    """
    rows = "t,08:00:00,08:00:00,a,1,100\nt,,,c,2,110\nt,,,b,3,130\nt,,,d,4,130\nt,08:06:40,08:06:40,e,5,140\n"
    feed = read_times(tmp_path, rows, ",shape_dist_traveled")
    assert feed.timetable.stop_times.arrival_s.tolist() == [28800, 28900, 29100, 29100, 29200]
    assert feed.notes[0].endswith("3 by shape_dist_traveled")


@pytest.mark.parametrize("distances", ["0,3,1,4", "0,,3,4", ",1,3,4", "0,1,3,", "5,5,5,5"])
def test_a_shape_distance_that_is_missing_or_falls_is_not_used(tmp_path, distances):
    """Then the straight distance counts: a 0, b 1, c 3, e 4 of 400 s."""
    d = distances.split(",")
    rows = f"t,08:00:00,08:00:00,a,1,{d[0]}\nt,,,b,2,{d[1]}\nt,,,c,3,{d[2]}\nt,08:06:40,08:06:40,e,5,{d[3]}\n"
    feed = read_times(tmp_path, rows, ",shape_dist_traveled")
    assert feed.timetable.stop_times.arrival_s.tolist() == [28800, 28900, 29100, 29200]
    assert "2 by straight distance" in feed.notes[0]


@pytest.mark.parametrize("text", ["x", "-1", "nan", "inf", "1e12"])
def test_a_shape_distance_that_is_none_is_warned_of_and_not_used(tmp_path, text):
    rows = f"t,08:00:00,08:00:00,a,1,0\nt,,,b,2,{text}\nt,,,c,3,3.9\nt,08:06:40,08:06:40,e,5,4\n"
    feed = read_times(tmp_path, rows, ",shape_dist_traveled")
    assert feed.timetable.stop_times.arrival_s.tolist() == [28800, 28900, 29100, 29200]
    (issue,) = feed.issues
    assert (issue.severity, issue.row, issue.field, issue.value) == (
        "warning",
        2,
        "shape_dist_traveled",
        text,
    )


def test_each_gap_is_estimated_by_itself(tmp_path):
    """A distance that is missing in the second gap does not matter in the first; both count by
    method.
    """
    rows = (
        "t,08:00:00,08:00:00,a,1,0\nt,,,b,2,3\nt,08:06:40,08:06:40,c,3,4\n"
        "t,,,d,4,\nt,08:10:00,08:10:00,e,5,9\n"
    )
    feed = read_times(tmp_path, rows, ",shape_dist_traveled")
    assert feed.timetable.stop_times.arrival_s.tolist() == [28800, 29100, 29200, 29200, 29400]
    assert feed.notes[0].endswith("1 by shape_dist_traveled, 1 by straight distance")


def test_between_stops_at_one_place_time_passes_evenly(tmp_path):
    """c and d share a coordinate: the blank call between them is halfway in time, 2.5 s rounded up
    to 3.
    """
    rows = "t,08:00:00,08:00:00,c,1\nt,,,d,2\nt,08:00:05,08:00:05,c,3\n"
    feed = read_times(tmp_path, rows)
    assert feed.timetable.stop_times.arrival_s.tolist() == [28800, 28803, 28805]
    assert feed.notes[0].endswith("1 evenly")


def test_one_of_the_pair_takes_the_other(tmp_path):
    """A blank arrival or departure is the other of the two, at the ends too, and is counted."""
    rows = "t,,08:00:00,a,1\nt,08:10:00,,b,2\nt,08:20:00,08:21:00,c,3\nt,08:30:00,,e,4\n"
    feed = read_times(tmp_path, rows)
    assert feed.timetable.stop_times.arrival_s.tolist() == [28800, 29400, 30000, 30600]
    assert feed.timetable.stop_times.departure_s.tolist() == [28800, 29400, 30060, 30600]
    assert feed.notes == (
        "stop_times.txt: 3 calls with one of arrival and departure blank take the other",
    )


def test_estimates_do_not_depend_on_the_order_of_rows(tmp_path):
    rows = "t,08:00:00,08:00:20,a,1\nt,,,b,2\nt,,,c,3\nt,,,d,4\nt,08:07:00,08:08:00,e,5\n"
    plain = read_times(tmp_path, rows).timetable.stop_times
    for seed in range(5):
        text = shuffled(HEADER + "\n" + rows, seed)
        other = read(tmp_path, stops=STOPS, trips=TRIPS, stop_times=text).timetable.stop_times
        assert other.arrival_s.tolist() == plain.arrival_s.tolist()
        assert other.station_idx.tolist() == plain.station_idx.tolist()


def test_estimated_times_never_decrease(tmp_path):
    """Two hundred random gaps: times stay between the given ones and never fall."""
    random = np.random.default_rng(1)
    rows, trips = [], "route_id,service_id,trip_id\n"
    for i in range(200):
        trips += f"r,weekdays,t{i}\n"
        n, span = int(random.integers(1, 12)), int(random.integers(1, 30))
        stops = ["abcde"[k] for k in random.integers(0, 5, n + 2)]
        blanks = [f"t{i},,,{stop},{k + 1}" for k, stop in enumerate(stops[1:-1])]
        rows += [
            f"t{i},8:00:00,8:00:00,{stops[0]},0",
            *blanks,
            f"t{i},8:00:{span:02d},8:00:{span:02d},{stops[-1]},99",
        ]
    feed = read(tmp_path, stops=STOPS, trips=trips, stop_times="\n".join([HEADER, *rows]))
    calls = feed.timetable.stop_times
    same_trip = calls.trip_idx[1:] == calls.trip_idx[:-1]
    assert (np.diff(calls.arrival_s)[same_trip] >= 0).all()
    assert (calls.arrival_s == calls.departure_s).all()
    assert feed.issues == ()


@pytest.mark.parametrize(
    ("row", "code", "field"),
    [
        ("x,,,a,1\nx,08:10:00,08:10:00,b,2\n", "blank-time", "arrival_time"),
        ("x,08:00:00,08:00:00,a,1\nx,,,b,2\n", "blank-time", "arrival_time"),
        ("x,08:00:00,08:00:00,a,1\nx,07:10:00,07:10:00,b,2\n", "decreasing-time", "arrival_time"),
        (
            "x,08:00:00,08:09:00,a,1\nx,,,c,2\nx,08:05:00,08:05:00,b,3\n",
            "decreasing-time",
            "arrival_time",
        ),
        ("x,08:00:00,07:59:00,a,1\nx,08:10:00,08:10:00,b,2\n", "decreasing-time", "departure_time"),
        ("x,8 Uhr,08:00:00,a,1\nx,08:10:00,08:10:00,b,2\n", "bad-time", "arrival_time"),
        ("x,08:00:00,-8:00:00,a,1\nx,08:10:00,08:10:00,b,2\n", "bad-time", "departure_time"),
        (
            "x,08:00:00,08:00:00,nowhere,1\nx,08:10:00,08:10:00,b,2\n",
            "unknown-reference",
            "stop_id",
        ),
        ("x,08:00:00,08:00:00,a,1.5\nx,08:10:00,08:10:00,b,2\n", "bad-value", "stop_sequence"),
        ("x,08:00:00,08:00:00,a,1\nx,08:10:00,08:10:00,b,1\n", "duplicate-key", "stop_sequence"),
        ("x,08:00:00,08:00:00,a,1\n", "unknown-reference", "trip_id"),
    ],
)
def test_a_trip_with_a_defect_is_left_out_with_a_warning(tmp_path, row, code, field):
    """One bad trip of 20 leaves 19, a warning with the row and a note; the last case is of no trip
    at all.
    """
    tables = many_trips(19, row)
    n_trips = 20
    if field != "trip_id":
        tables["trips"] += "r,weekdays,x\n"
    feed = read(tmp_path, **tables)
    assert len(feed.timetable.trips.trip_ids) == 19
    assert "x" not in feed.timetable.trips.trip_ids
    assert len(feed.timetable.stop_times.trip_idx) == 38
    (issue,) = feed.issues
    assert (issue.severity, issue.code, issue.file, issue.field) == (
        "warning",
        code,
        "stop_times.txt",
        field,
    )
    assert 39 <= issue.row <= 41
    assert issue.message.endswith("; trip left out")
    assert feed.notes == (
        f"trips.txt: 1 of {n_trips} trips left out for defects (see the warnings)",
    )


@pytest.mark.parametrize(
    ("end", "left_out"),
    [("a,1\nx,,,b,2\nx,08:00:00,08:00:00,e,3", True), ("a,1\nx,08:00:00,08:00:00,b,2", False)],
)
def test_a_trip_of_some_length_takes_time(tmp_path, end, left_out):
    """0.04 degrees of the equator, 4.4 km, in no time cannot be; 1.1 km within a minute may, by
    rounding.
    """
    tables = many_trips(19, f"x,08:00:00,08:00:00,{end}\n")
    tables["trips"] += "r,weekdays,x\n"
    feed = read(tmp_path, stops=STOPS, **tables)
    assert ("x" in feed.timetable.trips.trip_ids) is not left_out
    found = [(i.severity, i.code, i.file, i.row, i.field, i.value) for i in feed.issues]
    assert (
        found
        == [("warning", "no-time", "stop_times.txt", 41, "arrival_time", "08:00:00")] * left_out
    )


def test_defects_of_trips_txt_leave_out_the_trip(tmp_path):
    """An unknown route and an unknown service: 2 of 40 trips are 5 %, which is allowed."""
    tables = many_trips(40)
    tables["trips"] = (
        tables["trips"]
        .replace("r,weekdays,t7\n", "zz,weekdays,t7\n")
        .replace("r,weekdays,t9\n", "r,never,t9\n")
    )
    feed = read(tmp_path, **tables)
    assert len(feed.timetable.trips.trip_ids) == 38
    assert {(i.field, i.row, i.value) for i in feed.issues} == {
        ("route_id", 8, "zz"),
        ("service_id", 10, "never"),
    }


def test_more_than_five_percent_of_defects_is_an_error(tmp_path):
    """3 of 40 trips are too many: every defect is an error, and a line says why."""
    tables = many_trips(40)
    for i in (7, 8, 9):
        tables["trips"] = tables["trips"].replace(f"r,weekdays,t{i}\n", f"zz,weekdays,t{i}\n")
    with pytest.raises(InputError) as caught:
        read(tmp_path, **tables)
    assert [i.code for i in caught.value.issues] == ["unknown-reference"] * 3 + ["too-many-defects"]
    assert "3 of 40 trips have defects; at most 5 % are left out" in str(caught.value)


def test_a_trip_with_two_defects_counts_once(tmp_path):
    tables = many_trips(19, "x,08:00:00,07:00:00,a,1\nx,07:10:00,7h,nowhere,2\n")
    tables["trips"] += "r,weekdays,x\n"
    feed = read(tmp_path, **tables)
    assert feed.notes == ("trips.txt: 1 of 20 trips left out for defects (see the warnings)",)
    assert len(feed.timetable.trips.trip_ids) == 19


def test_repeated_rows_count_once(tmp_path):
    """Rows that repeat an earlier one in every column are used once, with a warning, in
    every file.
    """
    double = {
        name.removesuffix(".txt"): text + text.splitlines(keepends=True)[-1]
        for name, text in FEED.items()
        if name not in ("agency.txt",)
    }
    feed = read(tmp_path, **double)
    plain = read(tmp_path)
    assert feed.timetable.stations == plain.timetable.stations
    assert (
        feed.timetable.stop_times.arrival_s.tolist()
        == plain.timetable.stop_times.arrival_s.tolist()
    )
    assert sorted((i.severity, i.code, i.file, i.row) for i in feed.issues) == [
        ("warning", "repeated-row", "calendar.txt", 2),
        ("warning", "repeated-row", "routes.txt", 2),
        ("warning", "repeated-row", "stop_times.txt", 7),
        ("warning", "repeated-row", "stops.txt", 4),
        ("warning", "repeated-row", "trips.txt", 3),
    ]


def test_rows_keep_their_number_after_repeated_ones(tmp_path):
    """A defect in row 5, below a repeated row 2, is said of row 5."""
    stops = "stop_id,stop_name,stop_lat,stop_lon\na,A,30,104\na,A,30,104\nb,B,30,104.3\nc,C,30,104.6\nd,D,91,104\n"
    with pytest.raises(InputError, match=r"stops\.txt row 5 field stop_lat"):
        read(tmp_path, stops=stops)


def test_calls_of_two_trips_in_turns_are_put_together(tmp_path):
    """The one call of u stands behind the first of t, whose second has no time: a third of the way,
    at 08:03:20.
    """
    trips = "route_id,service_id,trip_id\nr,weekdays,t\nr,weekdays,u\n"
    rows = "t,08:00:00,08:00:00,a,1\nu,08:01:00,08:01:00,b,1\nt,,,b,2\nt,08:10:00,08:10:00,c,3\n"
    first, other, *rest = rows.splitlines(keepends=True)
    found, expected = (
        read(
            tmp_path, stops=STOPS, trips=trips, stop_times=f"{HEADER}\n{''.join(lines)}"
        ).timetable.stop_times
        for lines in ([first, other, *rest], [first, *rest, other])
    )
    for name in ("trip_idx", "station_idx", "arrival_s", "departure_s"):
        assert getattr(found, name).tolist() == getattr(expected, name).tolist()
    assert found.departure_s.tolist()[:3] == [28_800, 29_000, 29_400]
