"""Train tables: what a railway's list of trains becomes, and what is said of one that is broken."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import io
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from train_table.read import read_traintable
from train_table.rows import TrainTableColumns

from railshed.io.gtfs.read import read_gtfs
from railshed.util.errors import InputError, ParameterError
from railshed.util.units import UNREACHED, parse_clock
from tests.support.feeds import write_files

ROOT = Path(__file__).resolve().parents[2]
RAW = ROOT.parent / "shared" / "data" / "china" / "timetable_2023"
YEAR = (dt.date(2024, 1, 1), dt.date(2024, 12, 31))

STATIONS = "station,lon,lat,name_zh,name_en\na,104.0,30.0,甲,Jia\nb,104.3,30.0,乙,Yi\nc,104.6,30.0,丙,Bing\n"
#: out in the morning, back over midnight
TRAINS = (
    "train,sequence,station,arrive,depart\n"
    "G1,1,a,,08:00\nG1,2,b,08:20,08:22\n"
    "G1,3,c,08:40,\nG2,1,c,,23:50\n"
    "G2,2,b,0:08:30,\nG2,3,a,00:30,\n"
)


def many(n: int = 40) -> str:
    """Rows of sound trains, so that one bad train among them stays below one in twenty."""
    times = [f"{i // 60}:{i % 60:02d}" for i in range(360, 360 + n + 60)]
    return "".join(f"x{i:02d},1,a,,{times[i]}\nx{i:02d},2,b,{times[i + 60]},\n" for i in range(n))


def read(folder: Path, trains: str | bytes = TRAINS, stations: str | bytes = STATIONS, **options):
    options.setdefault("timezone", "Asia/Shanghai")
    files = {"trains.csv": trains, "stations.csv": stations}
    if "transfers" in options:
        files["transfers.csv"] = options["transfers"]
        options["transfers"] = folder / "transfers.csv"
    write_files(folder, files)
    return read_traintable(
        folder / "trains.csv", folder / "stations.csv", **{"date_range": YEAR} | options
    )


def calls_of(feed) -> dict[str, list[tuple[str, int, int]]]:
    """Trip -> calls in order: (station id, arrival, departure) in clock seconds."""
    table, out = feed.timetable, {}
    calls = table.stop_times
    for i, station, arrival, departure in zip(
        calls.trip_idx.tolist(),
        calls.station_idx.tolist(),
        calls.arrival_s.tolist(),
        calls.departure_s.tolist(),
        strict=True,
    ):
        row = (table.stations[station].station_id, arrival, departure)
        out.setdefault(table.trips.trip_ids[i], []).append(row)
    return out


def clocks(feed, train: str) -> list[str]:
    """Calls of a train as text: station, arrival and departure in H:MM:SS."""

    def text(seconds: int) -> str:
        return clock(seconds).removesuffix(":00") if seconds % 3600 else f"{seconds // 3600}:00"

    return [f"{s} {text(a)} {text(d)}" for s, a, d in calls_of(feed)[train]]


def test_a_table_by_its_default_columns(tmp_path):
    """Two trains of three calls: blank times are the other one, 0:08:30 after 23:50 is the next
    day's.
    """
    feed = read(tmp_path)
    table = feed.timetable
    assert clocks(feed, "G1") == ["a 8:00 8:00", "b 8:20 8:22", "c 8:40 8:40"]
    assert clocks(feed, "G2") == ["c 23:50 23:50", "b 24:08:30 24:08:30", "a 24:30 24:30"]
    assert [
        (s.station_id, s.name, s.lon, s.lat, s.station_class, s.change_s) for s in table.stations
    ] == [
        ("a", "a", 104.0, 30.0, "small", None),
        ("b", "b", 104.3, 30.0, "small", None),
        ("c", "c", 104.6, 30.0, "small", None),
    ]
    assert [(s.service_id, s.start_date, s.end_date, s.weekdays) for s in table.services] == [
        ("daily", *YEAR, (True,) * 7)
    ]
    assert table.trips.names == ("", "")
    assert table.trips.route_types.tolist() == [2, 2]
    assert table.stop_times.pickup.all()
    assert table.stop_times.drop_off.all()
    assert len(table.transfers.seconds) == 0
    assert feed.notes == (
        "trains.csv: 1 midnights passed on the way: times after them are the next day's",
    )
    assert feed.issues == ()
    assert set(feed.checksums) == {"trains.csv", "stations.csv"}


def test_columns_by_other_names_in_any_order(tmp_path):
    """Every column can be called otherwise; columns that mean nothing are left alone."""
    trains = (
        "到,车次,站,x,开,序,等级,公布车次\n07:30,G1,丙,x,,30,高速,G4\n"
        ",G1,甲,x,07:00,10,高速,G1\n07:10,G1,乙,x,07:12,20,高速,G4\n"
    )
    columns = TrainTableColumns(
        "车次",
        "序",
        "站",
        "到",
        "开",
        name="公布车次",
        line="等级",
        station_key="name_zh",
        station_name="name_zh",
        station_name_en="name_en",
    )
    feed = read(
        tmp_path, trains, columns=columns, timezone="Asia/Shanghai", route_type=101, change_s=120
    )
    assert clocks(feed, "G1") == ["甲 7:00 7:00", "乙 7:10 7:12", "丙 7:30 7:30"]
    assert (feed.timetable.trips.names, feed.timetable.trips.route_ids) == (("G1/G4",), ("高速",))
    assert feed.timetable.trips.route_types.tolist() == [101]
    assert {(s.name, s.name_en) for s in feed.timetable.stations} == {
        ("甲", "Jia"),
        ("乙", "Yi"),
        ("丙", "Bing"),
    }
    assert {s.change_s for s in feed.timetable.stations} == {120}
    assert feed.timezone == "Asia/Shanghai"
    assert feed.notes == ()


def test_rows_without_a_sequence_stand_in_order(tmp_path):
    trains = "train,station,arrive,depart\nG1,c,,08:00\nG1,a,08:20,08:22\nG1,b,08:40,\n"
    feed = read(tmp_path, trains, columns=TrainTableColumns(sequence=""))
    assert clocks(feed, "G1") == ["c 8:00 8:00", "a 8:20 8:22", "b 8:40 8:40"]


def test_the_day_column_decides(tmp_path):
    """With a day column a leg of 20 hours is one, and midnight while standing is the
    departure's.
    """
    trains = (
        "train,sequence,station,arrive,depart,day\n"
        "Z1,1,a,,10:00,0\nZ1,2,b,06:00,06:10,1\nZ1,3,c,23:55,00:05,1\nZ1,4,b,00:30,,2\n"
    )
    feed = read(tmp_path, trains, columns=TrainTableColumns(day="day"))
    assert clocks(feed, "Z1") == [
        "a 10:00 10:00",
        "b 30:00 30:10",
        "c 47:55 48:05",
        "b 48:30 48:30",
    ]
    with pytest.raises(
        InputError, match="row 2 field arrive: 23:00 is more than 12 hours after 10:00"
    ):
        read(tmp_path, trains.replace("06:00,06:10", "23:00,23:10"))


def test_the_day_begins_when_the_railway_says(tmp_path):
    """With a day from 03:00 the train at 00:20 is the last of the day, not the first; 03:00 is the
    first minute.
    """
    trains = (
        "train,sequence,station,arrive,depart\nlast,1,a,,00:20\nlast,2,b,00:40,\n"
        "over,1,a,,23:50\nover,2,b,00:10,\nfirst,1,a,,03:00\nfirst,2,b,24:00,\n"
    )
    with pytest.raises(InputError, match="24:00 is more than 12 hours after 03:00"):
        read(tmp_path, trains, day_starts_s=10_800)
    feed = read(tmp_path, trains.replace("b,24:00", "b,04:00"), day_starts_s=10_800)
    assert clocks(feed, "last") == ["a 24:20 24:20", "b 24:40 24:40"]
    assert clocks(feed, "over") == ["a 23:50 23:50", "b 24:10 24:10"]
    assert clocks(feed, "first") == ["a 3:00 3:00", "b 4:00 4:00"]
    assert clocks(read(tmp_path, trains.replace("b,24:00", "b,04:00")), "last") == [
        "a 0:20 0:20",
        "b 0:40 0:40",
    ]


def test_half_a_day_is_the_longest_step(tmp_path):
    """12 hours ahead stay the same day, 12 hours back are the next one; a minute more or less is no
    timetable.
    """
    trains = "train,sequence,station,arrive,depart\nZ,1,a,,08:00\nZ,2,b,20:00,\nY,1,a,,20:00\nY,2,b,08:00,\n"
    feed = read(tmp_path, trains)
    assert clocks(feed, "Z") == ["a 8:00 8:00", "b 20:00 20:00"]
    assert clocks(feed, "Y") == ["a 20:00 20:00", "b 32:00 32:00"]
    for late in ("b,20:00:01", "b,08:00:01"):
        with pytest.raises(InputError, match="1 of 2 trains have defects"):
            read(tmp_path, trains.replace(late[:-3], late))


CALENDAR = (
    "train,sequence,station,arrive,depart,days\n"
    "w,1,a,,08:00,工作日\nw,2,b,08:20,,工作日\ns,1,a,,09:00,周末\ns,2,b,09:20,,周末\n"
)


def test_calendars_are_weekdays_of_services(tmp_path):
    columns = TrainTableColumns(calendar="days")
    feed = read(
        tmp_path, CALENDAR, columns=columns, calendars={"工作日": "mon-fri", "周末": ["sat", "sun"]}
    )
    weekdays = {s.service_id: s.weekdays for s in feed.timetable.services}
    assert weekdays == {"工作日": (True,) * 5 + (False,) * 2, "周末": (False,) * 5 + (True,) * 2}
    assert feed.timetable.services[feed.timetable.trips.service_idx[0]].runs_on(
        dt.date(2024, 5, 15)
    )
    with pytest.raises(InputError) as caught:
        read(tmp_path, CALENDAR, columns=columns, calendars={"工作日": "mon-fri"})
    (issue,) = caught.value.issues
    assert (issue.code, issue.file, issue.field, issue.value) == (
        "unknown-calendar",
        "trains.csv",
        "days",
        "周末",
    )
    assert issue.message == "1 trains run by a calendar without weekdays"


def test_lists_of_dates_are_days_of_services(tmp_path):
    """Each list is a service of its own; a text that is none, or a day beyond the calendar, is an
    unknown calendar.
    """
    columns = TrainTableColumns(calendar="days")
    listed = CALENDAR.replace("工作日", "2024-05-14|2024-05-16").replace("周末", "2024-05-18")
    feed = read(tmp_path, listed, columns=columns)
    days = {
        s.service_id: [d for d in range(13, 20) if s.runs_on(dt.date(2024, 5, d))]
        for s in feed.timetable.services
    }
    assert days == {"dates-1": [18], "dates-2": [14, 16]}  # trains in order of their ids
    for wrong in ("2024-05-18 00:00:00", "2024-05-32", "0001-01-01", ""):
        with pytest.raises(InputError) as caught:
            read(tmp_path, listed.replace("2024-05-18", wrong), columns=columns)
        assert [(i.code, i.value) for i in caught.value.issues] == [("unknown-calendar", wrong)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("crlf", [False, True])
@pytest.mark.parametrize("packed", [False, True])
def test_encodings_line_ends_and_gzip_are_the_same_table(tmp_path, encoding, crlf, packed):
    """GB18030 is said; everything else is silent; the feed is the same."""
    plain = CALENDAR.replace("\n", "\r\n") if crlf else CALENDAR
    data = plain.encode(encoding)
    name = "trains.csv.gz" if packed else "trains.csv"
    write_files(tmp_path, {name: gzip.compress(data) if packed else data, "stations.csv": STATIONS})
    options = {
        "columns": TrainTableColumns(calendar="days"),
        "calendars": {"工作日": "mon-fri", "周末": "sat|sun"},
    }
    feed = read_traintable(tmp_path / name, tmp_path / "stations.csv", date_range=YEAR, **options)
    assert [s.service_id for s in feed.timetable.services] == ["周末", "工作日"]
    assert clocks(feed, "w") == ["a 8:00 8:00", "b 8:20 8:20"]
    said = [(issue.code, issue.file) for issue in feed.issues]
    assert said == ([("gb18030", name)] if encoding == "gb18030" else [])


def test_only_the_rows_asked_for(tmp_path):
    """Rows of other classes are not read, so their mistakes do not count; nothing left is
    an error.
    """
    trains = (
        TRAINS.replace("\n", ",G\n").replace("depart,G", "depart,class") + "K1,x,nowhere,late,,K\n"
    )
    feed = read(tmp_path, trains, where={"class": ["G", "D"]})
    assert set(calls_of(feed)) == {"G1", "G2"}
    assert feed.notes[0] == "trains.csv: 1 rows with another class than G, D not read"
    with pytest.raises(InputError, match="has no rows with the texts asked for"):
        read(tmp_path, trains, where={"class": ["Z"]})


def test_unknown_stations_leave_out_the_train_or_the_call(tmp_path):
    """One train calls at a station without coordinates; of two others fewer than two calls are at
    known ones.
    """
    trains = TRAINS + many() + "G3,1,a,,08:00\nG3,2,d,08:10,\nG3,3,b,08:20,\n"
    stations = STATIONS + "d,,,丁,Ding\n"
    feed = read(tmp_path, trains, stations)
    assert "G3" not in calls_of(feed)
    (issue,) = feed.issues
    assert (issue.severity, issue.code, issue.row, issue.field, issue.value) == (
        "warning",
        "unknown-reference",
        88,
        "station",
        "d",
    )
    assert issue.message == "is not in stations.csv, or has no coordinates there; train left out"
    assert "trains.csv: 1 of 43 trains left out for defects (see the warnings)" in feed.notes
    trains += "G4,1,a,,08:00\nG4,2,e,08:10,\nG5,1,e,,08:00\nG5,2,d,08:10,\n"
    feed = read(tmp_path, trains, stations, drop_unknown_stations=True)
    assert clocks(feed, "G3") == ["a 8:00 8:00", "b 8:20 8:20"]
    assert not {"G4", "G5"} & set(calls_of(feed))
    assert feed.issues == ()
    assert feed.notes[1] == (
        "trains.csv: 4 calls dropped at 2 stations that stations.csv does not know or place, "
        "and 2 trains of which fewer than two calls are left"
    )


def test_a_dropped_call_still_counts_for_the_clock(tmp_path):
    """18:00, a midnight between two unknown stations, 07:00: the last call is the next day's."""
    trains = (
        "train,sequence,station,arrive,depart\nN,1,a,,18:00\nN,2,p,23:50,23:50\nN,3,q,00:10,\nN,4,b,07:00,07:05\n"
        "N,5,c,08:00,\n"
    )
    feed = read(tmp_path, trains, drop_unknown_stations=True)
    assert clocks(feed, "N") == ["a 18:00 18:00", "b 31:00 31:05", "c 32:00 32:00"]


def test_more_than_one_bad_train_in_twenty_is_an_error(tmp_path):
    """2 of 40 trains are 5 % and left out; 2 of 39 are more."""
    bad = "y,1,a,,08:00\ny,2,z,08:10,\nz,1,a,,08:00\nz,2,z,08:10,\n"
    header = TRAINS.splitlines()[0] + "\n"
    assert len(calls_of(read(tmp_path, header + bad + many(38)))) == 38
    with pytest.raises(InputError) as caught:
        read(tmp_path, header + bad + many(37))
    assert [issue.code for issue in caught.value.issues] == ["unknown-reference"] * 2 + [
        "too-many-defects"
    ]
    assert caught.value.issues[2].message == "2 of 39 trains have defects; at most 5 % are left out"


@pytest.mark.parametrize(
    ("rows", "code", "row", "field", "value", "said"),
    [
        (
            "Q,1,a,,08:00\nQ,2,b,07:59,\n",
            "decreasing-time",
            82,
            "arrive",
            "07:59",
            "07:59 is before 08:00",
        ),
        (
            "Q,1,a,,08:00\nQ,2,b,08:20,08:19\nQ,3,c,09:00,\n",
            "decreasing-time",
            82,
            "arrive",
            "08:20",
            "08:19 is",
        ),
        (
            "Q,1,a,,08:00\nQ,2,b,20:01,\n",
            "long-step",
            82,
            "arrive",
            "20:01",
            "20:01 is more than 12 hours after 08:00",
        ),
        (
            "Q,1,a,,08:00\nQ,1,b,08:20,\n",
            "duplicate-key",
            82,
            "sequence",
            "1",
            "stands twice in the train",
        ),
        ("Q,1,a,,08:00\nQ,2,b,,\n", "blank-time", 82, "arrive", "", "is blank, and depart too"),
        (
            "Q,1,a,,8h00\nQ,2,b,08:20,\n",
            "bad-time",
            81,
            "depart",
            "8h00",
            "is not a time like 07:30:00",
        ),
        (
            "Q,1,a,,08:00\nQ,2,b,08:60,\n",
            "bad-time",
            82,
            "arrive",
            "08:60",
            "is not a time like 07:30:00",
        ),
        (
            "Q,1,a,,08:00\nQ,2,b,-1:00,\n",
            "bad-time",
            82,
            "arrive",
            "-1:00",
            "is not a time like 07:30:00",
        ),
        ("Q,1,a,,08:00\nQ,2,b,99:00,\n", "bad-time", 82, "arrive", "99:00", "is later than 48:00"),
        (
            "Q,1,a,,08:00\nQ,zwei,b,08:20,\n",
            "bad-value",
            82,
            "sequence",
            "zwei",
            "is not a whole number",
        ),
        (
            "Q,1,a,,08:00\nQ,1.5,b,08:20,\n",
            "bad-value",
            82,
            "sequence",
            "1.5",
            "is not a whole number",
        ),
        (
            "Q,1,a,,08:00\nQ,-2,b,08:20,\n",
            "bad-value",
            82,
            "sequence",
            "-2",
            "is not a whole number",
        ),
        ("Q,1,a,,08:00\nQ,,b,08:20,\n", "bad-value", 82, "sequence", "", "is blank"),
        ("Q,1,a,,08:00\n", "too-few-stops", 81, "train", "Q", "is a train with fewer than 2 calls"),
        (
            "Q,1,a,,08:00\nQ,2,a,08:20,\n",
            "too-few-stops",
            81,
            "train",
            "Q",
            "is a train with fewer than 2 calls",
        ),
        (
            "Q,1,a,,08:00\nQ,2,,08:20,\n",
            "unknown-reference",
            82,
            "station",
            "",
            "is not in stations.csv",
        ),
        (
            "Q,1,a,,08:00\nQ,2,A,08:20,\n",
            "unknown-reference",
            82,
            "station",
            "A",
            "is not in stations.csv",
        ),
    ],
)
def test_a_train_with_a_defect_is_left_out(tmp_path, rows, code, row, field, value, said):
    """Among 40 sound trains: one warning with file, row, field and value, and the others stay as
    they are.
    """
    header = TRAINS.splitlines()[0] + "\n"
    feed = read(tmp_path, header + many() + rows)
    assert set(calls_of(feed)) == {f"x{i:02d}" for i in range(40)}
    (issue,) = feed.issues
    assert (issue.severity, issue.code, issue.file, issue.row, issue.field, issue.value) == (
        "warning",
        code,
        "trains.csv",
        row,
        field,
        value,
    )
    assert said in issue.message
    assert issue.message.endswith("; train left out")
    assert "trains.csv: 1 of 41 trains left out for defects (see the warnings)" in feed.notes


GOOD = TRAINS.splitlines()
BROKEN = {
    "empty": ("", STATIONS, "empty-file", "trains.csv", None, ""),
    "header only": (GOOD[0] + "\n", STATIONS, "no-rows", "trains.csv", None, ""),
    "missing column": (
        TRAINS.replace("depart", "departs"),
        STATIONS,
        "missing-column",
        "trains.csv",
        None,
        "depart",
    ),
    "column twice": (
        TRAINS.replace("sequence", "train"),
        STATIONS,
        "missing-column",
        "trains.csv",
        None,
        "sequence",
    ),
    "NUL": (TRAINS.replace("G1", "G\0"), STATIONS, "not-text", "trains.csv", 1, ""),
    "neither encoding": (
        TRAINS.encode() + b"\xff\xff,1,a,,\n",
        STATIONS,
        "not-utf8",
        "trains.csv",
        7,
        "",
    ),
    "a value too many": (
        TRAINS.replace("08:40,", "08:40,,"),
        STATIONS,
        "column-count",
        "trains.csv",
        3,
        "",
    ),
    "blank train": (TRAINS.replace("G1,2", ",2"), STATIONS, "blank-key", "trains.csv", 2, "train"),
    "no stations": (TRAINS, "", "empty-file", "stations.csv", None, ""),
    "no lon": (TRAINS, STATIONS.replace("lon", "x"), "missing-column", "stations.csv", None, "lon"),
    "lon no number": (
        TRAINS,
        STATIONS.replace("104.3", '"104,3"'),
        "bad-value",
        "stations.csv",
        2,
        "lon",
    ),
    "lat too large": (
        TRAINS,
        STATIONS.replace("b,104.3,30.0", "b,30.0,104.3"),
        "bad-value",
        "stations.csv",
        2,
        "lat",
    ),
    "lat blank": (
        TRAINS,
        STATIONS.replace("b,104.3,30.0", "b,104.3,"),
        "blank-coordinate",
        "stations.csv",
        2,
        "lat",
    ),
    "station twice": (
        TRAINS,
        STATIONS + "a,104.1,30,甲,Jia\n",
        "duplicate-key",
        "stations.csv",
        4,
        "station",
    ),
    "station without key": (
        TRAINS,
        STATIONS + ",104.1,30,丁,Ding\n",
        "blank-key",
        "stations.csv",
        4,
        "station",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_tables_say_file_row_and_field(tmp_path, name):
    """What makes a file unusable is an error, at its place."""
    trains, stations, code, file, row, field = BROKEN[name]
    with pytest.raises(InputError) as caught:
        read(tmp_path, trains, stations)
    found = [(i.code, i.file, i.row, i.field) for i in caught.value.issues]
    assert (code, file, row, field) in found
    assert all(issue.severity == "error" for issue in caught.value.issues)


def test_missing_files_and_no_gzip(tmp_path):
    """Both missing files are named at once; a .gz that is none is said to be so."""
    with pytest.raises(InputError) as caught:
        read_traintable(tmp_path / "t.csv", tmp_path / "s.csv", date_range=YEAR)
    assert [(i.code, i.file) for i in caught.value.issues] == [
        ("unreadable", "s.csv"),
        ("unreadable", "t.csv"),
    ]
    write_files(
        tmp_path,
        {"t.csv.gz": TRAINS, "cut.csv.gz": gzip.compress(TRAINS.encode())[:-20], "s.csv": STATIONS},
    )
    for name in ("t.csv.gz", "cut.csv.gz"):
        with pytest.raises(InputError, match=f"{name}: cannot be read"):
            read_traintable(tmp_path / name, tmp_path / "s.csv", date_range=YEAR)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"date_range": YEAR[::-1]}, "ends before it starts"),
        ({"day_starts_s": 86_400}, "day_starts_s 86400"),
        ({"day_starts_s": -1}, "day_starts_s -1"),
        ({"route_type": 99}, "route type 99"),
        ({"station_class": "grand"}, "unknown station class 'grand'"),
        ({"datum": "tokyo"}, "unknown datum 'tokyo'"),
        ({"change_s": -180}, "change time of -180 s: allowed are 0 to 86400 s"),
        ({"change_s": 86_401}, "change time of 86401 s"),
        ({"merge_within_m": -1}, "within -1 m: allowed are 0 to 10,000 m"),
        ({"merge_within_m": float("nan")}, "within nan m"),
        ({"timezone": "Mars/X"}, "time zone 'Mars/X' is none of the IANA list"),
        (
            {"date_range": (dt.date(1, 1, 1), dt.date(2024, 1, 1))},
            "date range 0001-01-01 to 2024-01-01 is not within",
        ),
        ({"calendars": {"w": "mon-fry"}}, "calendar 'w': 'mon-fry' is no weekday"),
    ],
)
def test_options_out_of_range(tmp_path, options, said):
    """Said before a file is read."""
    with pytest.raises(ParameterError, match=said):
        read_traintable("none.csv", "none.csv", **{"date_range": YEAR, **options})
    with pytest.raises(ParameterError, match=said):
        read(tmp_path, **options)


def test_repeated_rows_count_once(tmp_path):
    """200,000 copies of a row are a handful of warnings, and the feed is the same."""
    feed = read(tmp_path, TRAINS + "G1,2,b,08:20,08:22\n" * 200_000)
    assert calls_of(feed) == calls_of(read(tmp_path))
    assert {issue.code for issue in feed.issues} == {"repeated-row"}
    assert len(feed.issues) == 21
    assert feed.issues[-1].message == "and 199,980 more rows like this"


@pytest.mark.parametrize("mark", ["-", "--", "----", "—", "――", "…", "...", "－－"])
def test_marks_for_no_time_are_blank(tmp_path, mark):
    """Railways write a mark where a train begins and ends: the same trains as without; a note
    counts them.
    """
    marked = TRAINS.replace("a,,08:00", f"a,{mark},08:00").replace("08:40,", f"08:40,{mark}")
    feed = read(tmp_path, marked)
    assert calls_of(feed) == calls_of(read(tmp_path))
    assert f"trains.csv: 2 times written as '{mark}' taken as blank" in feed.notes
    with pytest.raises(InputError, match="arrive: is blank, and depart too"):
        read(tmp_path, TRAINS.replace("b,08:20,08:22", f"b,{mark},{mark}"))


def test_tables_with_semicolons_and_of_other_code_pages(tmp_path):
    """The separator is said once and not a column at a time; a Windows code page is not read as
    Chinese.
    """
    with pytest.raises(InputError) as caught:
        read(tmp_path, TRAINS.replace(",", ";"), STATIONS.replace(",", ";"))
    assert [(i.file, i.code) for i in caught.value.issues] == [
        ("stations.csv", "not-csv"),
        ("trains.csv", "not-csv"),
    ]
    assert all("is it separated by ';'?" in issue.message for issue in caught.value.issues)
    stations = (
        STATIONS.replace("甲", "Žilina").replace("乙", "B").replace("丙", "C").encode("cp1250")
    )
    with pytest.raises(InputError, match="perhaps a Windows code page"):
        read(tmp_path, stations=stations)


def test_the_datum_of_a_train_table_is_noted(tmp_path):
    """Two stations in China, one in Slovakia: two are turned, and it is said."""
    feed = read(tmp_path, stations=STATIONS.replace("104.6,30.0", "17.1,48.2"), datum="gcj02")
    assert (
        "stations.csv: 2 of 3 coordinates turned from gcj02 into WGS84; the others lie outside the "
        "box around China" in (feed.notes)
    )


def test_gaps_in_the_sequence_are_counted(tmp_path):
    """Steps of 10 are no gap; 10, 20, 40 is one."""
    trains = (
        TRAINS.replace(",1,", ",10,")
        .replace(",2,", ",20,")
        .replace("G1,3,", "G1,30,")
        .replace("G2,3,", "G2,40,")
    )
    feed = read(tmp_path, trains)
    assert feed.notes[0] == "trains.csv: 1 gaps in sequence of 1 trains"


def test_a_train_that_calls_twice_at_a_station(tmp_path):
    trains = "train,sequence,station,arrive,depart\nG,1,a,,08:00\nG,2,b,08:10,08:12\nG,3,a,08:20,08:22\nG,4,c,09:00,\n"
    assert clocks(read(tmp_path, trains), "G") == [
        "a 8:00 8:00",
        "b 8:10 8:12",
        "a 8:20 8:22",
        "c 9:00 9:00",
    ]


def test_zero_second_hops_stay(tmp_path):
    """Times in whole minutes make hops without duration; nothing is added to them."""
    trains = "train,sequence,station,arrive,depart\nG,1,a,,08:00\nG,2,b,,08:00\nG,3,c,08:00,\n"
    assert clocks(read(tmp_path, trains), "G") == ["a 8:00 8:00", "b 8:00 8:00", "c 8:00 8:00"]


PARTS = "station,lon,lat,of\na,104.0,30.0,\nb1,104.3,30.0,b2\nb2,104.31,30.0,\nb3,,,b2\nc,104.6,30.0,c\n"
THROUGH = (
    "train,sequence,station,arrive,depart,next\n"
    "P,1,a,,08:00,Q|R\nP,2,b1,08:20,,Q|R\n"
    "Q,1,b2,,08:25,\nQ,2,c,08:40,,\n"
    "R,1,b3,,08:30,\nR,2,a,08:55,,\n"
)


def test_parts_of_a_station_are_one(tmp_path):
    """The station that the others are part of gives id and coordinate; calls in turn at its parts
    are one call.
    """
    trains = "train,sequence,station,arrive,depart\nG,1,a,,08:00\nG,2,b1,08:20,08:21\nG,3,b3,,08:24\nG,4,c,08:40,\n"
    feed = read(tmp_path, trains, PARTS, columns=TrainTableColumns(station_parent="of"))
    assert clocks(feed, "G") == ["a 8:00 8:00", "b2 8:20 8:24", "c 8:40 8:40"]
    assert [(s.station_id, s.lon) for s in feed.timetable.stations] == [
        ("a", 104.0),
        ("b2", 104.31),
        ("c", 104.6),
    ]
    assert feed.notes == (
        "stations.csv: 2 stations merged into those that they are part of",
        "trains.csv: 1 calls at the station of the call before joined with it",
    )
    broken = PARTS.replace("b2,104.31,30.0,", "b2,104.31,30.0,c").replace(
        "c,104.6,30.0,c", "c,104.6,30.0,d"
    )
    with pytest.raises(InputError) as caught:
        read(tmp_path, trains, broken, columns=TrainTableColumns(station_parent="of"))
    found = {
        (i.code, i.row, i.field, i.value) for i in caught.value.issues if i.file == "stations.csv"
    }
    assert found == {
        ("unknown-reference", 5, "of", "d"),
        ("bad-parent", 2, "of", "b2"),
        ("bad-parent", 4, "of", "b2"),
        ("bad-parent", 3, "of", "c"),
    }


def test_stations_of_one_name_that_lie_together_are_one(tmp_path):
    """0.001 degrees of longitude at 30 N are 96.3 m: within 97 m one station, within 96 m two; far
    ones stay apart.
    """
    stations = (
        "key,name,lon,lat\nz,城,104.000,30.0\ny,城,104.001,30.0\nx,城,105,30.0\nw,镇,104.000,30.0\n"
    )
    trains = "train,sequence,station,arrive,depart\nG,1,z,,08:00\nG,2,y,08:05,\nG,3,x,08:30,\nG,4,w,09:00,\n"
    columns = TrainTableColumns(station_key="key", station_name="name")
    apart = read(tmp_path, trains, stations, columns=columns, merge_within_m=96)
    assert len(apart.timetable.stations) == 4
    feed = read(tmp_path, trains, stations, columns=columns, merge_within_m=97)
    assert clocks(feed, "G") == ["y 8:00 8:05", "x 8:30 8:30", "w 9:00 9:00"]
    assert (
        feed.notes[0] == "stations.csv: 1 stations merged into those of the same name within 97 m"
    )


def test_trains_that_go_on_as_another_are_one(tmp_path):
    """P goes on as Q, the first listed; into R passengers change.

    Without the column all are trains of their own.
    """
    columns = TrainTableColumns(station_parent="of", next_train="next", name="train")
    feed = read(tmp_path, THROUGH, PARTS, columns=columns)
    assert clocks(feed, "P") == ["a 8:00 8:00", "b2 8:20 8:25", "c 8:40 8:40"]
    assert clocks(feed, "R") == ["b2 8:30 8:30", "a 8:55 8:55"]
    assert dict(zip(feed.timetable.trips.trip_ids, feed.timetable.trips.names, strict=True)) == {
        "P": "P/Q",
        "R": "R",
    }
    assert (
        "trains.csv: 1 of 2 listed continuations joined into through trains; at the others "
        "passengers change" in feed.notes
    )
    assert set(
        calls_of(read(tmp_path, THROUGH, PARTS, columns=replace(columns, next_train="")))
    ) == {"P", "Q", "R"}


@pytest.mark.parametrize(
    "change",
    [("Q,1,b2,,08:25", "Q,1,b2,,08:19"), (",08:00,Q|R", ",08:00,S"), ("08:20,,Q|R", "08:20,,S")],
)
def test_trains_that_cannot_go_on_stay_apart(tmp_path, change):
    """A train that leaves before the other arrives, or that the table does not have, is
    not joined.
    """
    trains = THROUGH.replace(*change).replace(
        "Q|R", change[1][-1] if change[1].endswith("S") else "Q"
    )
    feed = read(
        tmp_path, trains, PARTS, columns=TrainTableColumns(station_parent="of", next_train="next")
    )
    assert set(calls_of(feed)) == {"P", "Q", "R"}


def test_only_one_of_two_trains_goes_on_as_a_third(tmp_path):
    """P and R are coupled and go on as Q: P, first by its id, is the through train; from R
    passengers change.
    """
    trains = (
        THROUGH.replace("Q|R", "Q")
        .replace("R,1,b3,,08:30,", "R,1,c,,08:00,Q")
        .replace("R,2,a,08:55,,", "R,2,b3,08:21,,Q")
    )
    feed = read(
        tmp_path, trains, PARTS, columns=TrainTableColumns(station_parent="of", next_train="next")
    )
    assert clocks(feed, "P") == ["a 8:00 8:00", "b2 8:20 8:25", "c 8:40 8:40"]
    assert clocks(feed, "R") == ["c 8:00 8:00", "b2 8:21 8:21"]


def test_trains_of_other_days_and_circles_stay_apart(tmp_path):
    """A continuation that runs on other days is none; two trains that go on as each other in no
    time are no train.
    """
    rows = THROUGH.replace("Q|R", "Q").splitlines()
    days = {"P": "w", "Q": "s", "R": "w"}
    trains = "\n".join([rows[0] + ",days", *(f"{row},{days[row[0]]}" for row in rows[1:])]) + "\n"
    columns = TrainTableColumns(station_parent="of", next_train="next", calendar="days")
    apart = read(tmp_path, trains, PARTS, columns=columns, calendars={"w": "mon-fri", "s": "sat"})
    assert set(calls_of(apart)) == {"P", "Q", "R"}
    same = read(
        tmp_path, trains, PARTS, columns=columns, calendars={"w": "mon-fri", "s": "fri|mon-thu"}
    )
    assert set(calls_of(same)) == {"P", "R"}
    circle = "train,sequence,station,arrive,depart,next\nP,1,a,,08:00,Q\nP,2,b,08:00,,Q\nQ,1,b,,08:00,P\nQ,2,a,08:00,,P\n"
    feed = read(tmp_path, circle, columns=TrainTableColumns(next_train="next"))
    assert calls_of(feed) == {
        "P": [("a", 28_800, 28_800), ("b", 28_800, 28_800)],
        "Q": [("b", 28_800, 28_800), ("a", 28_800, 28_800)],
    }


def test_transfers_are_directed_and_a_station_to_itself_is_its_change_time(tmp_path):
    transfers = "from,to,seconds\na,b1,240\nb3,a,300\nb2,b3,120\nb1,b2,90\nc,c,60\n"
    feed = read(
        tmp_path,
        THROUGH,
        PARTS,
        columns=TrainTableColumns(station_parent="of"),
        transfers=transfers,
    )
    table = feed.timetable
    ids = [s.station_id for s in table.stations]
    walks = zip(
        table.transfers.from_idx, table.transfers.to_idx, table.transfers.seconds, strict=True
    )
    assert [(ids[i], ids[j], int(s)) for i, j, s in walks] == [("a", "b2", 240), ("b2", "a", 300)]
    assert {s.station_id: s.change_s for s in table.stations} == {"a": None, "b2": 120, "c": 60}
    bad = "from,to,seconds\na,zz,240\na,c,-5\na,b1,1\na,b1,2\n"
    with pytest.raises(InputError) as caught:
        read(
            tmp_path, THROUGH, PARTS, columns=TrainTableColumns(station_parent="of"), transfers=bad
        )
    assert {(i.code, i.file, i.row, i.field, i.value) for i in caught.value.issues} == {
        ("unknown-reference", "transfers.csv", 1, "to", "zz"),
        ("bad-value", "transfers.csv", 2, "seconds", "-5"),
        ("duplicate-key", "transfers.csv", 4, "to", "b1"),
    }


def test_the_datum_is_turned_into_wgs84(tmp_path):
    """At 104 E, 30 N GCJ-02 lies 270 m and more off; the names and times do not change."""
    plain, shifted = read(tmp_path), read(tmp_path, datum="gcj02")
    assert calls_of(plain) == calls_of(shifted)
    moved = [
        abs(a.lon - b.lon)
        for a, b in zip(plain.timetable.stations, shifted.timetable.stations, strict=True)
    ]
    assert all(0.001 < by < 0.005 for by in moved)


def test_station_classes(tmp_path):
    """The file's class first, then the one given for all, else by the trains of a Tuesday: 40 make
    a medium station.
    """
    header = TRAINS.splitlines()[0] + "\n"
    by_trains = {
        s.station_id: s.station_class for s in read(tmp_path, header + many(40)).timetable.stations
    }
    assert by_trains == {"a": "medium", "b": "medium"}
    given_all = read(tmp_path, header + many(40), station_class="metro").timetable.stations
    assert {s.station_class for s in given_all} == {"metro"}
    stations = "station,lon,lat,class\na,104.0,30.0,halt\nb,104.3,30.0,\n"
    columns = TrainTableColumns(station_class="class")
    mixed = read(tmp_path, header + many(39), stations, columns=columns).timetable.stations
    assert {s.station_id: s.station_class for s in mixed} == {"a": "halt", "b": "small"}
    with pytest.raises(InputError, match=r"row 1 field class: is not allowed"):
        read(tmp_path, header + many(39), stations.replace("halt", "Halt"), columns=columns)


def test_station_classes_are_the_same_everywhere(tmp_path):
    """The same 40 trains in China and in Europe, without a time zone: a medium station."""
    header = TRAINS.splitlines()[0] + "\n"
    for lon, lat in ((104, 30), (17, 48)):
        stations = f"station,lon,lat\na,{lon},{lat}\nb,{lon}.3,{lat}\n"
        feed = read(tmp_path, header + many(40), stations, timezone="")
        assert {s.station_class for s in feed.timetable.stations} == {"medium"}


TIMES = st.integers(0, 4 * 3600).map(lambda s: s // 30 * 30)


@st.composite
def tables(draw):
    """Trains with times in order (many over midnight), some cells blank, some trains with a time
    moved back.
    """
    trains = {}
    for number in range(draw(st.integers(1, 6))):
        now = draw(st.integers(0, 86_399))
        calls = []
        for _ in range(draw(st.integers(1, 5))):
            arrive = now + draw(TIMES)
            now = arrive + draw(TIMES)
            calls.append([draw(st.sampled_from("abcd")), arrive, now])
        if draw(st.integers(0, 9)) == 0:
            calls[-1][1] -= draw(st.integers(1, 20_000))
        trains[f"T{number}"] = calls
    return (
        trains,
        draw(st.lists(st.sampled_from(["", "arrive", "depart"]), min_size=40, max_size=40)),
        draw(st.integers(0, 99)),
    )


def clock(seconds: int) -> str:
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def written(trains, blanks, seed) -> str:
    rows, k = [], 0
    for train, calls in trains.items():
        for number, (station, arrive, depart) in enumerate(calls):
            cells = {"arrive": arrive, "depart": depart}
            text = {
                key: ""
                if blanks[k % 40] == key
                else f"{s % 86_400 // 3600:02d}:{s // 60 % 60:02d}:{s % 60:02d}"
                for key, s in cells.items()
            }
            rows.append([train, number, station, text["arrive"], text["depart"]])
            k += 1
    random.Random(seed).shuffle(rows)
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(
        [["train", "sequence", "station", "arrive", "depart"], *rows]
    )
    return out.getvalue()


def plain_reading(text: str, known: str) -> dict[str, list[tuple[str, int, int]]]:
    """The same rules, slowly: one train after the other, one call after the other; None where a
    train is left out.
    """
    by_train: dict[str, list[dict[str, str]]] = {}
    for row in csv.DictReader(io.StringIO(text)):
        by_train.setdefault(row["train"], []).append(row)
    out = {}
    for train, rows in by_train.items():
        before, calls, sound = None, [], True
        for row in sorted(rows, key=lambda r: int(r["sequence"])):
            times = []
            for text in (row["arrive"] or row["depart"], row["depart"] or row["arrive"]):
                now = parse_clock(text)
                days = 0 if before is None else before // 86_400
                now += days * 86_400
                if before is not None and now - before <= -43_200:
                    now += 86_400
                sound &= before is None or 0 <= now - before <= 43_200
                before = now
                times.append(now)
            sound &= row["station"] in known
            if calls and calls[-1][0] == row["station"]:
                calls[-1] = (row["station"], calls[-1][1], times[1])
            else:
                calls.append((row["station"], *times))
        if sound and len(calls) > 1:
            out[train] = calls
    return out


@pytest.mark.slow
@settings(deadline=None, max_examples=200)
@given(tables())
def test_equals_a_plain_reading_in_any_order(tmp_path_factory, drawn):
    """The vectorised reader and a plain one agree on every train, left out or not, rows in whatever
    order.
    """
    folder = tmp_path_factory.mktemp("table")
    trains, blanks, seed = drawn
    text = written(trains, blanks, seed)
    expected = plain_reading(text, "abc")
    padded = text + many(150).replace("x", "pad")
    found = calls_of(read(folder, padded))
    assert {
        train: calls for train, calls in found.items() if not train.startswith("pad")
    } == expected
    again = calls_of(
        read(folder, written(trains, blanks, seed + 1) + many(150).replace("x", "pad"))
    )
    assert again == found


PUT = st.sampled_from([b"", b",", b'"', b"\n", b"\0", b"-", b"\xff", b"99"])
SPOILS = st.tuples(st.integers(0, 400), st.integers(0, 6), PUT)


@settings(deadline=None, max_examples=150)
@given(
    st.sampled_from(["trains.csv", "stations.csv", "transfers.csv"]),
    st.lists(SPOILS, min_size=1, max_size=5),
)
def test_spoilt_bytes_end_in_a_feed_or_in_issues(tmp_path_factory, name, spoils):
    """Bytes cut out and others put in, anywhere in any of the files: a feed, or an error with its
    issues.
    """
    folder = tmp_path_factory.mktemp("spoilt")
    sound = "".join(row + ",\n" for row in many().splitlines())
    files = {"trains.csv": THROUGH + sound, "stations.csv": PARTS + "b,104.2,30,\n"}
    files["transfers.csv"] = "from,to,seconds\na,c,60\n"
    data = bytearray(files[name].encode())
    for place, cut, put in spoils:
        start = place % len(data)
        data[start : start + cut] = put
    write_files(folder, files | {name: bytes(data)})
    columns = TrainTableColumns(station_parent="of", next_train="next")
    try:
        feed = read_traintable(
            *(folder / file for file in ("trains.csv", "stations.csv")),
            columns=columns,
            date_range=YEAR,
            transfers=folder / "transfers.csv",
        )
    except InputError as error:
        if {issue.severity for issue in error.issues} != {"error"}:
            pytest.fail(f"an error without its issues: {error}")
    else:
        calls = feed.timetable.stop_times
        assert (calls.departure_s >= calls.arrival_s).all()
        assert all(issue.severity == "warning" for issue in feed.issues)


def test_equals_the_same_trains_as_gtfs(tmp_path):
    """The toy network's trips as a train table are the trips of its GTFS, to the second."""
    feed = read_gtfs(ROOT / "networks" / "toy" / "timetable.zip")
    calls, table = feed.timetable.stop_times, feed.timetable
    served = sorted(set(calls.station_idx.tolist()))
    stations = "station,lon,lat\n" + "".join(
        f"{table.stations[i].station_id},{table.stations[i].lon},{table.stations[i].lat}\n"
        for i in served
    )
    rows = ["train,sequence,station,arrive,depart"]
    for k, (i, station, arrival, departure) in enumerate(
        zip(calls.trip_idx, calls.station_idx, calls.arrival_s, calls.departure_s, strict=True)
    ):
        times = f"{clock(int(arrival))},{clock(int(departure))}"
        rows.append(f"{table.trips.trip_ids[i]},{k},{table.stations[station].station_id},{times}")
    found = read(tmp_path, "\n".join(rows) + "\n", stations).timetable
    assert found.trips.trip_ids == table.trips.trip_ids
    assert np.array_equal(found.stop_times.trip_idx, calls.trip_idx)
    assert np.array_equal(found.stop_times.arrival_s, calls.arrival_s)
    assert np.array_equal(found.stop_times.departure_s, calls.departure_s)
    assert calls_of(feed) == calls_of(read(tmp_path, "\n".join(rows) + "\n", stations))


@pytest.mark.skipif(not RAW.exists(), reason="needs the raw tables of ../shared/data/china")
def test_the_table_of_12306(tmp_path):
    """All C, D, G and S trains with their calls at the stations that have coordinates, and the same
    by day column.
    """
    columns = TrainTableColumns(
        train="train_full_code", sequence="stop_seq", name="train_code", line="class"
    )
    options = {"columns": columns, "date_range": (dt.date(2023, 12, 14), dt.date(2023, 12, 16))}
    options |= {"where": {"class": "CDGS"}, "drop_unknown_stations": True}
    feed = read_traintable(RAW / "stop_times.csv", RAW / "stations.csv", **options)
    table = feed.timetable
    # of 8,886 trains, 74,317 calls and 1,555 stations, 30 have no coordinates
    assert (len(table.stations), len(table.trips.trip_ids), len(table.stop_times.trip_idx)) == (
        1525,
        8757,
        72854,
    )
    assert [(i.code, i.value) for i in feed.issues] == [("too-few-stops", "4e000C550109")]
    by_name = dict(zip(table.trips.names, table.trips.trip_ids, strict=True))
    assert clocks(feed, by_name["C301"])[:4] == [
        "昆明南 7:53 7:53",
        "玉溪 8:30 8:34",
        "化念 8:56 9:08",
        "墨江 9:50 9:54",
    ]
    options["columns"] = replace(columns, day="day_offset")
    by_day = calls_of(read_traintable(RAW / "stop_times.csv", RAW / "stations.csv", **options))
    # the one train whose day_offset is wrong (S8088, see the notes of networks/china) differs
    differ = [train for train, calls in calls_of(feed).items() if by_day.get(train) != calls]
    assert differ == ["6d000S808806"]


def test_unreached_is_no_change_time(tmp_path):
    """A listed change time stays below the sentinel for no change at all."""
    with pytest.raises(InputError, match="seconds: is not a whole number"):
        read(tmp_path, transfers=f"from,to,seconds\na,a,{UNREACHED}\n")
