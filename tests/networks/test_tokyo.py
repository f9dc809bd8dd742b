"""All trains of Greater Tokyo through the train-table reader: 1.21 million rows, 2,580 stations."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import io
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from train_table.read import read_traintable
from train_table.rows import TrainTableColumns

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "tokyo"
pytestmark = [
    pytest.mark.peers,
    pytest.mark.slow,
    pytest.mark.skipif(not FOLDER.exists(), reason="needs the tables of ../shared/data/tokyo"),
]

COLUMNS = TrainTableColumns(
    train="trip_id",
    sequence="seq",
    station="station_id",
    calendar="calendar",
    name="train_no",
    line="railway",
    station_key="station_id",
    station_name="name_ja",
    station_name_en="name_en",
)
SATURDAY, SUNDAY, WEEKEND = "sat", "sun", "sat|sun"
#: .1 and .2 are further parts of trains that run on the same days
CALENDARS = {
    "Weekday": "mon-fri",
    "Weekday.1": "mon-fri",
    "Weekday.2": "mon-fri",
    "Saturday": SATURDAY,
    "Holiday": SUNDAY,
    "SaturdayHoliday": WEEKEND,
    "SaturdayHoliday.1": WEEKEND,
    "SaturdayHoliday.2": WEEKEND,
}
OPTIONS = {
    "calendars": CALENDARS,
    "date_range": (dt.date(2026, 8, 1), dt.date(2026, 8, 31)),
    "day_starts_s": 3 * 3600,
    "station_class": "metro",
    "timezone": "Asia/Tokyo",
}
#: of a tram whose times run backwards
LEFT_OUT = "Toei.Arakawa.ODPT3691.Holiday"


@pytest.fixture(scope="module")
def feed():
    return read_traintable(
        FOLDER / "stop_times.csv.gz", FOLDER / "stations.csv", columns=COLUMNS, **OPTIONS
    )


@pytest.fixture(scope="module")
def merged():
    """The same with the lines' stations of one name as one, and trains that run through as one."""
    columns = replace(COLUMNS, next_train="next_trip")
    options = {"columns": columns, "merge_within_m": 300, **OPTIONS}
    return read_traintable(FOLDER / "stop_times.csv.gz", FOLDER / "stations.csv", **options)


def seconds(text: str) -> int:
    """The rule of the recipe: before 03:00 is the night after."""
    hours, minutes = map(int, text.split(":"))
    return (hours + 24 * (hours < 3)) * 3600 + minutes * 60


def calls_by_train(feed) -> dict[str, list[tuple[str, int, int]]]:
    """Trip -> calls in order: (station id, arrival, departure)."""
    table, calls = feed.timetable, feed.timetable.stop_times
    stations = [s.station_id for s in table.stations]
    rows = list(
        zip(
            calls.station_idx.tolist(),
            calls.arrival_s.tolist(),
            calls.departure_s.tolist(),
            strict=True,
        )
    )
    ends = np.searchsorted(calls.trip_idx, np.arange(len(table.trips.trip_ids) + 1)).tolist()
    return {
        trip: [(stations[i], a, d) for i, a, d in rows[start:end]]
        for trip, (start, end) in zip(table.trips.trip_ids, pairwise(ends), strict=True)
    }


def n_trips_on(feed, day: dt.date) -> int:
    runs = np.array([service.runs_on(day) for service in feed.timetable.services])
    return int(runs[feed.timetable.trips.service_idx].sum())


def test_counts(feed):
    """92,923 trains, one of them left out with its 18 rows; 30 of 2,610 stations have no train."""
    table = feed.timetable
    assert len(table.stations) == 2580
    assert len(table.trips.trip_ids) == 92_922
    assert len(table.stop_times.trip_idx) == 1_208_522 - 18
    assert {s.station_class for s in table.stations} == {"metro"}
    tokyo = next(s for s in table.stations if s.station_id == "JR-East.Yamanote.Tokyo")
    assert (tokyo.name, tokyo.name_en) == ("東京", "Tokyo")
    assert n_trips_on(feed, dt.date(2026, 8, 5)) == 48_709 + 192 + 192
    assert n_trips_on(feed, dt.date(2026, 8, 8)) == 42_840 + 162 + 162 + 344
    assert n_trips_on(feed, dt.date(2026, 8, 9)) == 42_840 + 162 + 162 + 322 - 1


def test_the_one_bad_train_is_named(feed):
    (issue,) = feed.issues
    assert (issue.severity, issue.code, issue.file, issue.row, issue.field, issue.value) == (
        "warning",
        "decreasing-time",
        "stop_times.csv.gz",
        778_697,
        "arrive",
        "20:41",
    )
    assert feed.notes == (
        "stop_times.csv.gz: 1 of 92,923 trains left out for defects (see the warnings)",
        "stations.csv: 3 stations without trains left out",
    )


def test_every_call_is_the_row_of_the_table(feed):
    """Read with the standard library: all 1.2 million calls agree to the second, in their order."""
    expected: dict[str, list[tuple[str, int, int]]] = {}
    with gzip.open(FOLDER / "stop_times.csv.gz") as packed:
        rows = csv.reader(io.TextIOWrapper(packed, encoding="utf-8", newline=""))
        header = next(rows)
        train, station, arrive, depart = (
            header.index(c) for c in ("trip_id", "station_id", "arrive", "depart")
        )
        known = {
            text: seconds(text)
            for text in {f"{h:02d}:{m:02d}" for h in range(25) for m in range(60)}
        }
        for row in rows:  # the file is in order of travel
            a, d = row[arrive] or row[depart], row[depart] or row[arrive]
            expected.setdefault(row[train], []).append((row[station], known[a], known[d]))
    del expected[LEFT_OUT]
    assert calls_by_train(feed) == expected


def test_zero_second_hops_stay(feed):
    """Whole minutes: 4,740 hops of a weekday take no time, and none is made longer."""
    calls, table = feed.timetable.stop_times, feed.timetable
    runs = np.array([service.runs_on(dt.date(2026, 8, 5)) for service in table.services])
    hop = (calls.trip_idx[1:] == calls.trip_idx[:-1]) & runs[
        table.trips.service_idx[calls.trip_idx[1:]]
    ]
    assert int((hop & (calls.arrival_s[1:] == calls.departure_s[:-1])).sum()) == 4740


def test_first_and_last_trains_of_the_loop(feed):
    """The Yamanote line by hand: 04:25 from Ikebukuro is the first, and 00:18 from Osaki belongs to
    the night after.
    """
    calls = {
        train: rows
        for train, rows in calls_by_train(feed).items()
        if train.startswith("JR-East.Yamanote.")
    }
    weekday = {train: rows for train, rows in calls.items() if train.endswith(".Weekday")}
    first = min(weekday, key=lambda train: (weekday[train][0][2], train))
    assert first == "JR-East.Yamanote.461G.Weekday"
    assert [
        (s.rsplit(".", 1)[1], a // 60 - 240, d // 60 - 240) for s, a, d in weekday[first][:3]
    ] == [("Ikebukuro", 25, 25), ("Otsuka", 28, 28), ("Sugamo", 30, 30)]
    late = weekday["JR-East.Yamanote.2405G.Weekday"]
    assert late[0] == ("JR-East.Yamanote.Osaki", 24 * 3600 + 18 * 60, 24 * 3600 + 18 * 60)


def test_through_trains_and_merged_stations(merged):
    """The 06:38 from Chiba to Kofu is five trains in the table and one here; its cars for
    Kawaguchiko are another.
    """
    table = merged.timetable
    assert len(table.trips.trip_ids) == 92_922 - 28_236
    assert any("28,236 of 28,372 listed continuations joined" in note for note in merged.notes)
    # in the table three stations 国分寺 at one place, and two 大月 55 m apart
    assert [s.station_id for s in table.stations if s.name == "国分寺"] == [
        "JR-East.ChuoRapid.Kokubunji"
    ]
    assert [s.station_id for s in table.stations if s.name == "大月"] == ["Fujikyu.Fujikyu.Otsuki"]
    calls = calls_by_train(merged)
    at = {s.station_id: s.name for s in table.stations}
    kofu = [
        (at[s], a // 60 - 360, d // 60 - 360)
        for s, a, d in calls["JR-East.SobuRapid.5003M.Weekday"]
    ]
    assert kofu == [
        ("千葉", 38, 38),
        ("船橋", 52, 53),
        ("錦糸町", 66, 67),
        ("新宿", 86, 90),
        ("立川", 112, 113),
        ("八王子", 122, 123),
        ("大月", 150, 153),
        ("塩山", 173, 174),
        ("山梨市", 178, 178),
        ("石和温泉", 182, 183),
        ("甲府", 188, 188),
    ]
    assert at[calls["Fujikyu.Fujikyu.2103M.Weekday"][0][0]] == "大月"
    assert all(u[0] != v[0] for rows in calls.values() for u, v in pairwise(rows))
