"""frequencies.txt: which trips a headway makes, and what is refused."""

from __future__ import annotations

import pytest

from railshed.io.gtfs.read import read_gtfs
from railshed.util.errors import InputError
from railshed.util.limits import LIMITS_VARIABLE
from tests.support.feeds import FEED, feed_with, write_zip

HEADER = "trip_id,start_time,end_time,headway_secs,exact_times\n"


def read(tmp_path, rows, seed=0, **tables):
    return read_gtfs(
        write_zip(tmp_path / "feed.zip", feed_with(frequencies=HEADER + rows, **tables)), seed=seed
    )


def runs(feed, trip_id="t1"):
    """First departure in seconds by trip id, of trips made from the template."""
    table = feed.timetable
    calls = table.stop_times
    firsts = {}
    for trip, departure in zip(calls.trip_idx.tolist(), calls.departure_s.tolist(), strict=True):
        firsts.setdefault(table.trips.trip_ids[trip], departure)
    return {key: value for key, value in firsts.items() if key.startswith(trip_id)}


def test_exact_times_leave_at_the_start_and_every_headway_before_the_end(tmp_path):
    """06:00 to 07:00 every 600 s: 06:00, 06:10 ...

    06:50; the template does not run, the other trip does.
    """
    feed = read(tmp_path, "t1,06:00:00,07:00:00,600,1\n")
    assert runs(feed) == {
        "t1@060000": 21600,
        "t1@061000": 22200,
        "t1@062000": 22800,
        "t1@063000": 23400,
        "t1@064000": 24000,
        "t1@065000": 24600,
    }
    assert feed.timetable.trips.trip_ids[-1] == "t2"
    assert feed.notes == ("frequencies.txt: 1 trip run as 6 by headway",)


def test_times_of_the_template_are_offsets_from_its_first_departure(tmp_path):
    """The template leaves at 08:00, is at b from 08:20 to 08:22 and at c at 08:40: 20, 22 and 40
    minutes later.
    """
    calls = read(tmp_path, "t1,25:00:00,25:00:01,600,1\n").timetable.stop_times
    assert calls.station_idx.tolist() == [2, 1, 0, 0, 1, 2]
    assert calls.arrival_s.tolist()[3:] == [90000, 91200, 92400]
    assert calls.departure_s.tolist()[3:] == [90000, 91320, 92400]
    assert calls.trip_idx.tolist() == [0, 0, 0, 1, 1, 1]


def test_without_exact_times_the_phase_is_drawn_from_seed_trip_and_start(tmp_path):
    """The first trip leaves 600 * blake2b-64("seed|t1|0|start") / 2**64 seconds later: 168 s; 284 s
    of 300 at 07:00.
    """
    feed = read(tmp_path, "t1,06:00:00,07:00:00,600,\nt1,07:00:00,07:15:00,300,0\n")
    assert list(runs(feed).values()) == [
        21768,
        22368,
        22968,
        23568,
        24168,
        24768,
        25484,
        25784,
        26084,
    ]
    assert next(iter(runs(feed))) == "t1~060248"
    assert "9 of them without exact times" in feed.notes[0]


def test_another_seed_moves_the_phase_and_exact_times_stay(tmp_path):
    rows = "t1,06:00:00,07:00:00,600,0\nt2,06:00:00,07:00:00,600,1\n"
    one, two = read(tmp_path, rows, seed=1), read(tmp_path, rows, seed=2)
    assert runs(one, "t1") != runs(two, "t1")
    assert runs(one, "t2") == runs(two, "t2")


def test_row_order_and_a_further_trip_move_nothing(tmp_path):
    """Each row draws its own phase."""
    rows = [
        "t1,06:00:00,07:00:00,600,0\n",
        "t1,07:00:00,09:00:00,1200,0\n",
        "t2,06:00:00,07:00:00,700,0\n",
    ]
    plain = runs(read(tmp_path, "".join(rows)))
    assert runs(read(tmp_path, "".join(reversed(rows)))) == plain
    assert runs(read(tmp_path, "".join(rows[:2]))) == plain


def test_trips_and_calls_may_stand_in_any_order(tmp_path):
    """Whatever the order of trips.txt and of the trips in stop_times.txt, each trip runs by its own
    calls.
    """
    rows = "t2,06:00:00,06:00:01,600,1\n"
    for name in ("trips.txt", "stop_times.txt"):
        header, *lines = FEED[name].splitlines(keepends=True)
        half = len(lines) // 2
        turned = {name.removesuffix(".txt"): header + "".join(lines[half:] + lines[:half])}
        calls = read(tmp_path, rows, **turned).timetable.stop_times
        assert calls.arrival_s.tolist() == [21600, 22680, 24000, 28800, 30000, 31200]
        assert calls.station_idx.tolist() == [2, 1, 0, 0, 1, 2]


def test_a_headway_longer_than_the_period_may_make_no_trip(tmp_path):
    """A phase of 6048 of 21,600 s (168/600 of it) falls after a period of one hour; then the
    template makes nothing.
    """
    feed = read(tmp_path, "t1,06:00:00,07:00:00,21600,0\n")
    assert runs(feed) == {}
    assert feed.timetable.trips.trip_ids == ("t2",)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (
            "t1,06:00:00,06:00:00,600,1\n",
            (
                "ends-before-start: frequencies.txt row 1 field end_time: "
                "is not after start_time 06:00:00"
            ),
        ),
        ("t1,23:00:00,01:00:00,600,1\n", "ends-before-start: frequencies.txt row 1 field end_time"),
        (
            "t1,06:00:00,07:00:00,0,1\n",
            (
                "bad-headway: frequencies.txt row 1 field headway_secs: is "
                "not within 1 to 86400 seconds (given: '0')"
            ),
        ),
        ("t1,06:00:00,07:00:00,100000,1\n", "bad-headway: frequencies.txt row 1"),
        (
            "t1,06:00:00,07:00:00,-5,1\n",
            (
                "bad-headway: frequencies.txt row 1 field headway_secs: is "
                "not a whole number of at least 0"
            ),
        ),
        (
            "t1,06:00:00,07:00:00,,1\n",
            "bad-headway: frequencies.txt row 1 field headway_secs: is blank",
        ),
        ("t1,06:00,7h,600,1\n", "bad-time: frequencies.txt row 1 field end_time"),
        (
            "t1,06:00:00,07:00:00,600,2\n",
            "bad-value: frequencies.txt row 1 field exact_times: is not allowed (allowed: 0, 1)",
        ),
        (
            "t1,06:00:00,07:00:00,600,1\nt1,06:30:00,08:00:00,600,1\n",
            (
                "overlapping-periods: frequencies.txt row 2 field "
                "start_time: lies in another period "
                "of trip 't1'"
            ),
        ),
        (
            "t1,06:00:00,09:00:00,600,1\nt1,06:10:00,06:20:00,600,1\nt1,08:30:00,10:00:00,600,1\n",
            "overlapping-periods: frequencies.txt row 2",
        ),
        (
            "zz,06:00:00,07:00:00,600,1\n",
            (
                "unknown-reference: frequencies.txt row 1 field trip_id: "
                "is not in trips.txt (given: 'zz')"
            ),
        ),
        (
            "t1,06:00:00,07:00:00,600,1\nt1,06:00:00,07:00:00,700,1\n",
            (
                "duplicate-key: frequencies.txt row 2 field "
                "start_time: stands already in row 1 with "
                "other values"
            ),
        ),
    ],
)
def test_what_is_wrong_is_said_by_row(tmp_path, rows, expected):
    with pytest.raises(InputError) as caught:
        read(tmp_path, rows)
    assert expected in str(caught.value)


def test_a_period_within_a_longer_one_is_found_behind_others(tmp_path):
    """The third period lies in the first, though not in the second."""
    rows = "t1,06:00:00,09:00:00,600,1\nt1,06:10:00,06:20:00,600,1\nt1,08:30:00,10:00:00,600,1\n"
    with pytest.raises(InputError) as caught:
        read(tmp_path, rows)
    assert [issue.row for issue in caught.value.issues if issue.code == "overlapping-periods"] == [
        2,
        3,
    ]


def test_an_explosion_is_refused_before_it_happens(tmp_path, monkeypatch):
    """86,400 trips of three calls are more than the limit."""
    monkeypatch.setenv(LIMITS_VARIABLE, "calls=259199")
    with pytest.raises(
        InputError, match=r"row 1 .*259,200 calls of trips by headway, at most 259,199 are made"
    ):
        read(tmp_path, "t1,00:00:00,24:00:00,1,1\n")
    monkeypatch.setenv(LIMITS_VARIABLE, "calls=259200")
    assert len(read(tmp_path, "t1,00:00:00,24:00:00,1,1\n").timetable.trips.trip_ids) == 86_401


def test_a_made_id_that_is_taken_is_refused(tmp_path):
    trips = FEED["trips.txt"].replace(",t2,", ",t1@060000,")
    times = FEED["stop_times.txt"].replace("t2,", "t1@060000,")
    with pytest.raises(InputError, match=r"would bear the id of another trip, 't1@060000'"):
        read(tmp_path, "t1,06:00:00,07:00:00,600,1\n", trips=trips, stop_times=times)


def test_an_empty_frequencies_file_changes_nothing(tmp_path):
    assert read(tmp_path, "").timetable.trips.trip_ids == ("t1", "t2")
