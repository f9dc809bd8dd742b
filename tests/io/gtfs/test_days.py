"""Days of 23 and 25 hours, time zones within a feed, and days without trips: hand-worked times, and
what is said.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

import railshed
from railshed.io.gtfs.read import read_gtfs
from railshed.io.networks import load_network
from railshed.network.model import Network
from railshed.routing.compile import connections_of
from railshed.routing.directions import FORWARD_SHIFT_S
from railshed.util.errors import InputError
from railshed.util.units import format_clock
from tests.support.feeds import FEED, feed_with, write_zip

#: a night train of three hours and an early one of four, every day of 2024
NIGHTS = {
    "agency.txt": FEED["agency.txt"].replace("Asia/Shanghai", "Europe/Berlin"),
    "trips.txt": "route_id,service_id,trip_id\nr,daily,night\nr,daily,early\n",
    "stop_times.txt": (
        "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
        "night,23:30:00,23:30:00,a,1\nnight,26:30:00,26:30:00,c,2\n"
        "early,01:00:00,01:00:00,a,1\nearly,05:00:00,05:00:00,c,2\n"
    ),
    "calendar.txt": FEED["calendar.txt"].replace("weekdays,1,1,1,1,1,0,0", "daily,1,1,1,1,1,1,1"),
}
LISTED = "service_id,date,exception_type\nx,20240305,1\nx,20240306,1\nx,20240312,1\n"


def feed(tmp_path, **tables) -> str:
    return str(
        write_zip(
            tmp_path / "f.zip", {**FEED, **NIGHTS, **{f"{k}.txt": v for k, v in tables.items()}}
        )
    )


def legs(network: Network) -> list[tuple[str, str]]:
    """Return departure and arrival of the trains from the evening before to the next morning, clock
    of the day.
    """
    times = connections_of(network, network.date)[0][:, :2].astype(np.int64) - FORWARD_SHIFT_S
    return [(format_clock(a), format_clock(b)) for a, b in sorted(times.tolist())]


def test_an_ordinary_day_has_24_hours(tmp_path):
    """The night train of the day before leaves half an hour before 00:00 of the day."""
    network = load_network(feed(tmp_path), date="2024-05-14", validated=False)
    assert legs(network) == [
        ("-00:30", "02:30"),
        ("01:00", "05:00"),
        ("23:30", "26:30"),
        ("25:00", "29:00"),
    ]
    assert not [note for note in network.notes if "hours in" in note]


def test_the_day_of_23_hours(tmp_path):
    """31 March 2024, 2:00 becomes 3:00. The day's times count from 12:00 less 12 hours, which is
    23:00 of the 30th.

    The night train leaves at 23:30 of the 30th, half an hour after that, and runs three hours: 3:30
    in summer time. The early train of 1:00 leaves at midnight by the clock and arrives four hours
    later, at 5:00 in summer time.
    """
    network = load_network(feed(tmp_path), date="2024-03-31", validated=False)
    assert legs(network) == [
        ("00:30", "03:30"),
        ("01:00", "05:00"),
        ("23:30", "26:30"),
        ("25:00", "29:00"),
    ]
    assert network.notes[-1] == (
        "2024-03-31 has 23 hours in Europe/Berlin: times count from noon less 12 hours, as GTFS "
        "has it, so until the change the clock shows 1 h earlier than the timetable"
    )
    before = load_network(feed(tmp_path), date="2024-03-30", validated=False)
    # the early train of the 31st leaves 30 minutes after the night train of the 30th: midnight by
    # the clock
    assert legs(before)[-2:] == [("23:30", "26:30"), ("24:00", "28:00")]


def test_the_day_of_25_hours(tmp_path):
    """27 October 2024, 3:00 becomes 2:00. 12:00 less 12 hours is 1:00 in summer time, an hour and a
    half after 23:30.

    The night train arrives three hours after 23:30: 2:30 in summer time, 1:30 of the timetable.
    """
    network = load_network(feed(tmp_path), date="2024-10-27", validated=False)
    assert legs(network) == [
        ("-01:30", "01:30"),
        ("01:00", "05:00"),
        ("23:30", "26:30"),
        ("25:00", "29:00"),
    ]
    assert "2024-10-27 has 25 hours in Europe/Berlin" in network.notes[-1]
    assert "the clock shows 1 h later than the timetable" in network.notes[-1]


def test_agencies_of_two_time_zones_are_two_feeds(tmp_path):
    """Times are read in the zone of the first agency by id, with a warning; as two feeds 8:00 is
    9:00 in Berlin.
    """
    agencies = (
        "agency_id,agency_name,agency_url,agency_timezone\nx,X,https://x.example,Europe/Berlin\n"
    )
    london = "y,Y,https://y.example,Europe/London\n"
    both = read_gtfs(write_zip(tmp_path / "both.zip", feed_with(agency=agencies + london)))
    (issue,) = both.issues
    assert (issue.file, issue.row, issue.field, issue.value) == (
        "agency.txt",
        2,
        "agency_timezone",
        "Europe/London",
    )
    assert "differs from Europe/Berlin, which is used for the whole feed" in issue.message
    assert "join them (-n a=... -n b=...)" in issue.remedy
    assert both.timetable.stop_times.departure_s[0] == 8 * 3600
    one = write_zip(tmp_path / "one.zip", feed_with(agency=agencies))
    other = write_zip(
        tmp_path / "two.zip", feed_with(agency=agencies.splitlines()[0] + "\n" + london)
    )
    network = load_network([f"a={one}", f"b={other}"], date="2024-05-14", validated=False)
    leaves = dict(
        zip(network.trips.trip_ids, network.stop_times.departure_s[::3].tolist(), strict=True)
    )
    assert (leaves["a:t1"], leaves["b:t1"]) == (8 * 3600, 9 * 3600)


def test_the_zone_of_a_stop_moves_no_time(tmp_path):
    """GTFS has times in the agency's zone whatever stop_timezone says; it is noted where it
    differs.
    """
    stops = FEED["stops.txt"].replace("stop_name_en\n", "stop_name_en,stop_timezone\n")
    rows = (
        stops.replace(",Jia", ",Jia,Asia/Shanghai")
        .replace(",Yi", ",Yi,")
        .replace(",Bing", ",Bing,Asia/Tokyo")
    )
    read = read_gtfs(write_zip(tmp_path / "s.zip", feed_with(stops=rows)))
    plain = read_gtfs(write_zip(tmp_path / "p.zip", FEED))
    assert (
        read.timetable.stop_times.arrival_s.tolist()
        == plain.timetable.stop_times.arrival_s.tolist()
    )
    assert [note for note in read.notes if note not in plain.notes] == [
        (
            "stops.txt: stop_timezone Asia/Tokyo: not used, times are in the agency's zone "
            "(Asia/Shanghai), as GTFS has it"
        )
    ]


REMOVED = "service_id,date,exception_type\ndaily,20241225,2\ndaily,20241218,2\n"
ODD = FEED["calendar.txt"].replace("weekdays,1,1,1,1,1", "daily,1,0,0,0,0")


@pytest.mark.parametrize(
    ("tables", "day", "says"),
    [
        ({}, "2026-01-01", "the nearest Thursday with trips is 2024-12-26"),
        ({}, "1990-06-03", "the nearest Sunday with trips is 2024-01-07"),
        (
            {"calendar_dates": REMOVED},
            "2024-12-25",
            "the nearest Wednesday with trips is 2024-12-11",
        ),
        ({"calendar": ODD}, "2024-05-18", "no Saturday has trips; an ordinary day is 2024-01-08"),
    ],
)
def test_days_without_trips(tmp_path, tables, day, says):
    """After the calendar, before it, a day taken out within it, a weekday that never runs: range
    and nearest day.
    """
    with pytest.raises(InputError) as caught:
        load_network(feed(tmp_path, **tables), date=day)
    weekday = f"{dt.date.fromisoformat(day):%A}"
    text = (
        f"no trip runs on {day} ({weekday}); the timetable is valid 2024-01-01 to 2024-12-31; "
        f"{says}"
    )
    assert text in str(caught.value)


def test_a_feed_of_listed_days_alone(tmp_path):
    """Two Tuesdays and a Wednesday are listed: the range is theirs, the nearest day is
    one of them.
    """
    tables = {k: v for k, v in {**FEED, **NIGHTS}.items() if k != "calendar.txt"}
    tables |= {"trips.txt": tables["trips.txt"].replace("daily", "x"), "calendar_dates.txt": LISTED}
    path = write_zip(tmp_path / "listed.zip", tables)
    assert load_network(path, validated=False).date == dt.date(2024, 3, 5)
    for day, near in (
        ("2024-04-02", "2024-03-12"),
        ("2024-02-27", "2024-03-05"),
        ("2024-03-20", "2024-03-06"),
    ):
        with pytest.raises(InputError) as caught:
            load_network(path, date=day)
        assert (
            f"valid 2024-03-05 to 2024-03-12; the nearest {dt.date.fromisoformat(day):%A} with "
            f"trips is {near}" in str(caught.value)
        )


def test_a_day_of_an_analysis_without_trips(tmp_path):
    """A day given later, to `prepare`, is answered alike."""
    network = load_network(feed(tmp_path), validated=False)
    says = (
        r"no trip runs on 2026-01-01 \(Thursday\); .* the nearest Thursday with trips is 2024-12-26"
    )
    with pytest.raises(InputError, match=says):
        railshed.prepare(network, date="2026-01-01")
