"""lines.csv: times by direction, dwell, days, modes, periods past midnight; with and without a
timetable.
"""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from pathlib import Path

import pytest

from railshed.assumptions.assumptions import default_assumptions
from railshed.io.csv.rows import parse_days
from railshed.io.folder.lines import lines_csv, read_lines
from railshed.io.networks import load_network
from railshed.network.lines import Line, add_lines, expand, line_ids
from railshed.network.model import Network
from railshed.network.ordering import no_transfers, no_trips
from railshed.routing.compile import compile_network
from railshed.util.errors import InputError
from tests.support.feeds import CITIES, LINES, write_files, write_network

HEADER = (
    "line_id,line_zh,stop_sequence,station_id,lon,lat,minutes,headways,confidence,minutes_back,dwell_minutes,"
    "bidirectional,mode,days\n"
)


def rows(
    minutes=(0, 10, 22),
    back=("", "", ""),
    dwell=("", "1", ""),
    headways="06:00-07:00=20",
    more=",,",
    line="L",
):
    """Three stations a, b, c; `more` is bidirectional,mode,days."""
    stations = zip("abc", minutes, back, dwell, strict=True)
    return "".join(
        f"{line},线,{i},{s},104.{i},30.0,{m},{headways},high,{b},{d},{more}\n"
        for i, (s, m, b, d) in enumerate(stations)
    )


def read(folder: Path, text: str) -> list[Line]:
    write_files(folder, {"lines.csv": HEADER + text})
    return list(read_lines(folder / "lines.csv").lines)


def offsets(line: Line, direction: int) -> list[tuple[str, int, int]]:
    """Station, arrival and departure in seconds after the trip's start, the same for all
    its trips.
    """
    runs = expand(line)[direction]
    start = runs.departure_s[:, :1]
    assert (runs.arrival_s - start == (runs.arrival_s - start)[0]).all()
    times = zip(
        (runs.arrival_s - start)[0].tolist(), (runs.departure_s - start)[0].tolist(), strict=True
    )
    return [(station, a, d) for station, (a, d) in zip(runs.station_ids, times, strict=True)]


def starts(line: Line, direction: int = 0) -> list[int]:
    return expand(line)[direction].departure_s[:, 0].tolist()


def empty_network(date: dt.date) -> Network:
    return Network("empty", "空", date, (), (), *no_trips(), no_transfers())


def test_dwell_is_part_of_the_minutes_and_the_same_both_ways(tmp_path):
    """b is reached after 10 minutes and left after 11; c follows after 22.

    Back: 11 minutes, 1 standing, 10.
    """
    (line,) = read(tmp_path, rows(dwell=("3", "1", "5")))  # at the ends it counts for nothing
    assert offsets(line, 0) == [("a", 0, 0), ("b", 600, 660), ("c", 1320, 1320)]
    assert offsets(line, 1) == [("c", 0, 0), ("b", 660, 720), ("a", 1320, 1320)]


def test_minutes_back_are_the_way_to_the_first_station(tmp_path):
    """From c 25 minutes back to a, of these 12 from b after one standing there: so 12 minutes from
    c to b.
    """
    (line,) = read(tmp_path, rows(back=(0, 12, 25)))
    assert offsets(line, 0) == [("a", 0, 0), ("b", 600, 660), ("c", 1320, 1320)]
    assert offsets(line, 1) == [("c", 0, 0), ("b", 720, 780), ("a", 1500, 1500)]


def test_a_file_without_the_new_columns_reads_as_before(tmp_path):
    """The same trips by id, time and service as with the new columns blank."""
    (old,) = read_lines(write_files(tmp_path, LINES) / "lines.csv").lines
    text = LINES["lines.csv"]
    added = "".join(
        line + (",minutes_back,dwell_minutes,bidirectional,mode,days" if i == 0 else ",,,,,") + "\n"
        for i, line in enumerate(text.splitlines())
    )
    (new,) = read_lines(write_files(tmp_path, {"lines.csv": added}) / "lines.csv").lines
    assert repr(old) == repr(new)  # not ==: a place that is not given is NaN
    assert (old.bidirectional, old.route_type, old.weekdays) == (True, 2, (True,) * 7)
    assert [stop.run_s for stop in old.stops] == [0, 720]


def test_one_direction_mode_and_days(tmp_path):
    line, other, third = read(
        tmp_path,
        rows(more="no,metro,mon-fri")
        + rows(more="yes,900,sat|sun", line="M")
        + rows(more=",,daily", line="N", headways="06:00-07:00=30"),
    )
    assert (line.bidirectional, other.bidirectional, third.bidirectional) == (False, True, True)
    assert (line.route_type, other.route_type, third.route_type) == (1, 900, 2)
    assert line.weekdays == (True,) * 5 + (False,) * 2
    # a Wednesday and a Sunday: 3 trips one way by L, 2 x 3 by M, 2 x 2 by N
    for date, n_trips in ((dt.date(2024, 5, 15), 3 + 4), (dt.date(2024, 5, 19), 6 + 4)):
        network = add_lines(empty_network(date), [line, other, third])
        assert network.n_trips == 3 + 6 + 4
        assert [s.service_id for s in network.services] == [
            "lines:0000011",
            "lines:1111100",
            "lines:daily",
        ]
        today = [network.services[i].runs_on(date) for i in network.trips.service_idx]
        assert sum(today) == n_trips
    assert line_ids(network) == {"L", "M", "N"}
    types = dict(zip(network.trips.route_ids, network.trips.route_types.tolist(), strict=True))
    assert types == {"L": 1, "M": 900, "N": 2}
    with pytest.raises(InputError, match="the line id is taken"):
        add_lines(network, [line])


def test_what_is_written_reads_back(tmp_path):
    """Way back, dwell, direction, mode and days of lines survive writing."""
    lines = read(
        tmp_path,
        rows(back=(0, 12, 25))
        + rows(more="no,metro,fri-mon", line="M", headways="22:00-25:30=7.5", dwell=["", "2", ""]),
    )
    write_files(tmp_path, {"lines.csv": lines_csv(lines, sources={})})
    assert list(read_lines(tmp_path / "lines.csv").lines) == lines


def test_lines_alone_make_a_network(tmp_path):
    """Stations and trips from nothing but a line; the kernels' arrays hold its 2 x 3 trips on three
    days.
    """
    (line,) = read(tmp_path, rows())
    network = add_lines(empty_network(dt.date(2024, 5, 15)), [line])
    assert [(s.station_id, s.lon) for s in network.stations] == [
        ("a", 104.0),
        ("b", 104.1),
        ("c", 104.2),
    ]
    compiled = compile_network(network, default_assumptions())
    # 40 hours from 8 hours before the day: its own trips, and those of the next morning, but none
    # of the day before
    assert compiled.n_runs == 6 + 6
    folder = write_network(tmp_path / "net", {"lines.csv": HEADER + rows()})
    (folder / "timetable.zip").unlink()
    loaded = load_network(folder)
    assert (loaded.n_stations, loaded.n_trips) == (3, 6)


def test_lines_join_a_timetable(tmp_path):
    """Beside a timetable the stations that both name are one."""
    text = HEADER + rows(more=",,mon-fri").replace("104.1,30.0", "104.3,30.0").replace(
        "104.2,30.0", "104.6,30.0"
    )
    network = load_network(write_network(tmp_path / "net", {**CITIES, "lines.csv": text}))
    assert [s.station_id for s in network.stations] == ["a", "b", "c"]
    assert [s.service_id for s in network.services] == ["lines:1111100", "weekdays"]
    assert network.n_trips == 2 + 6


def test_periods_past_midnight_and_single_trains(tmp_path):
    """23:30-25:30 every 30 minutes are four trips up to 25:30; a period of one minute is one train
    in that minute.
    """
    (line,) = read(tmp_path, rows(headways="23:30-25:30=30|22:00-22:01=1"))
    first, *rest = starts(line)
    assert 22 * 3600 <= first < 22 * 3600 + 60
    assert len(rest) == 4
    assert {b - a for a, b in pairwise(rest)} == {1800}
    assert 23.5 * 3600 <= rest[0] < 24 * 3600
    assert rest[-1] < 25.5 * 3600
    with pytest.raises(InputError, match="past midnight write 22:00-25:00"):
        read(tmp_path, rows(headways="23:30-01:30=30"))


def test_every_problem_of_a_line_table_is_named(tmp_path):
    """Each with row and field; a way back for a line in one direction is a contradiction."""
    text = (
        rows(back=(1, 12, 12), dwell=("", "99", ""), more="perhaps,maglev,mon-fry")
        + rows(minutes=(0, 10, 11), line="M")
        + rows(back=(0, 12, 25), more="no,,", line="N")
        + rows(back=(0, "", 25), more="no,,", line="P").replace("no,,\n", "yes,,\n", 1)
    )
    with pytest.raises(InputError) as caught:
        read(tmp_path, text)
    found = {(i.row, i.field, i.code) for i in caught.value.issues}
    assert found == {
        (1, "minutes_back", "bad-value"),
        (3, "minutes_back", "decreasing-time"),
        (2, "dwell_minutes", "out-of-range"),
        (1, "bidirectional", "bad-value"),
        (1, "mode", "bad-value"),
        (1, "days", "bad-value"),
        (6, "minutes", "decreasing-time"),
        (7, "minutes_back", "not-bidirectional"),
        (11, "minutes_back", "bad-number"),
        (11, "minutes_back", "decreasing-time"),
        (11, "bidirectional", "differs"),
        (12, "bidirectional", "differs"),
    }
    said = str(caught.value)
    assert "is not later than row 5 and its dwell of the same line (given: '11')" in said
    assert (
        "is no mode (allowed: rail, suburban, metro, tram, bus, ferry, cable, air, other) and no "
        "GTFS" in said
    )
    assert (
        "'mon-fry' is no weekday or range (allowed: mon, tue, wed, thu, fri, sat, sun, mon-fri, "
        "daily, never)" in said
    )


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("mon-fri", "1111100"),
        ("Mon-Fri", "1111100"),
        ("sat|sun", "0000011"),
        ("daily", "1111111"),
        ("never", "0000000"),
        ("fri-mon", "1000111"),
        ("wed", "0010000"),
        ("mon-mon", "1000000"),
        (" tue | thu - fri ", "0101100"),
        ("never|sat", "0000010"),
    ],
)
def test_days_of_the_week(text, days):
    assert parse_days(text) == tuple(day == "1" for day in days)


@pytest.mark.parametrize(
    "text", ["", "monday", "mon-", "-fri", "mon,tue", "1-5", "daily-fri", "mon-fri-sun"]
)
def test_no_days_of_the_week(text):
    with pytest.raises(ValueError, match="is no weekday or range"):
        parse_days(text)
