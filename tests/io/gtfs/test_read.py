"""The GTFS reader: what a feed means, and what a broken one says."""

from __future__ import annotations

import datetime as dt
import zipfile

import numpy as np
import pytest

from railshed.io.gtfs.calendar import default_date
from railshed.io.gtfs.read import read_gtfs
from railshed.network.model import n_trips_on, validity
from railshed.util.errors import InputError
from railshed.util.limits import LIMITS_VARIABLE
from tests.support.feeds import FEED, feed_with, shuffled, write_files, write_zip
from tests.support.feeds import read_tables as read


def problems_of(tmp_path, files) -> str:
    with pytest.raises(InputError) as caught:
        read_gtfs(write_zip(tmp_path / "feed.zip", files))
    return str(caught.value)


def test_zip_and_folder_give_the_same_timetable(tmp_path):
    """A zip and a folder of the same files hold the same trips, worked out by hand."""
    zipped = read_gtfs(write_zip(tmp_path / "feed.zip", FEED))
    folder = read_gtfs(write_files(tmp_path / "feed", FEED))
    for feed in (zipped, folder):
        table = feed.timetable
        assert [s.station_id for s in table.stations] == ["a", "b", "c"]
        assert [(s.name, s.name_en, s.lon, s.lat) for s in table.stations][1] == (
            "乙",
            "Yi",
            104.3,
            30.0,
        )
        assert table.trips.trip_ids == ("t1", "t2")
        assert table.trips.names == ("G1", "R")
        assert table.stop_times.station_idx.tolist() == [0, 1, 2, 2, 1, 0]
        assert table.stop_times.arrival_s.tolist() == [28800, 30000, 31200, 32400, 33480, 34800]
        assert table.stop_times.departure_s.tolist() == [28800, 30120, 31200, 32400, 33600, 34800]
        assert table.stop_times.arrival_s.dtype == np.int32
        assert not table.stop_times.arrival_s.flags.writeable
        assert feed.timezone == "Asia/Shanghai"
        assert feed.notes == ()


def test_row_order_does_not_matter(tmp_path):
    """Every table shuffled gives the identical timetable."""
    plain = read_gtfs(write_zip(tmp_path / "plain.zip", FEED)).timetable
    for seed in range(5):
        files = {name: shuffled(text, seed) for name, text in FEED.items()}
        other = read_gtfs(write_zip(tmp_path / f"{seed}.zip", files)).timetable
        assert (other.stations, other.services) == (plain.stations, plain.services)
        assert (other.trips.trip_ids, other.trips.names) == (
            plain.trips.trip_ids,
            plain.trips.names,
        )
        for column in ("trip_idx", "station_idx", "arrival_s", "departure_s", "pickup", "drop_off"):
            assert (
                getattr(other.stop_times, column).tolist()
                == getattr(plain.stop_times, column).tolist()
            )


def test_trips_come_by_first_departure_then_id(tmp_path):
    """Trips are sorted by the clock time of their first departure; equal ones by id."""
    trips = "route_id,service_id,trip_id\nr,weekdays,z\nr,weekdays,y\nr,weekdays,x\n"
    times = "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
    for trip, hour in (("z", 7), ("y", 8), ("x", 8)):
        times += f"{trip},0{hour}:00:00,0{hour}:00:00,a,1\n{trip},0{hour}:30:00,0{hour}:30:00,b,2\n"
    assert read(tmp_path, trips=trips, stop_times=times).timetable.trips.trip_ids == ("z", "x", "y")


def test_platforms_merge_into_their_parent(tmp_path):
    """A station's id is its parent_station; entrances are no stations; blank coordinates of
    platforms do not matter.
    """
    stops = (
        "stop_id,stop_name,stop_lat,stop_lon,location_type,parent_station\n"
        "a,甲,30.0,104.0,,\nb,乙一,,,0,B\nB,乙,30.0,104.3,1,\nb-door,乙门,,,2,B\n"
        "c,丙,30.0,104.6,0,\n"
    )
    feed = read(tmp_path, stops=stops)
    assert [s.station_id for s in feed.timetable.stations] == ["B", "a", "c"]
    assert feed.timetable.stop_times.station_idx.tolist() == [1, 0, 2, 2, 0, 1]
    assert feed.notes == (
        "stops.txt: 1 platforms merged into their parent stations",
        "stops.txt: 1 entrances, nodes and boarding areas not used",
    )


def test_extra_stop_columns_are_used(tmp_path):
    """station_class, feeder, county_code and coord_confidence are taken where present, and derived
    where blank.
    """
    stops = (
        "stop_id,stop_name,stop_lat,stop_lon,station_class,feeder,county_code,coord_confidence\n"
        "a,甲,30.0,104.0,hub,metro,100101,low\nb,乙,30.0,104.3,,,,\nc,丙,30.0,104.6,halt,metro-small,100201,medium\n"
    )
    a, b, c = read(tmp_path, stops=stops).timetable.stations
    assert (a.station_class, a.feeder, a.county_code, a.coord_confidence) == (
        "hub",
        "metro",
        "100101",
        "low",
    )
    assert (b.station_class, b.feeder, b.county_code, b.coord_confidence) == (
        "small",
        "bus",
        "",
        "high",
    )
    assert (c.station_class, c.feeder) == ("halt", "metro-small")


@pytest.mark.parametrize(
    ("n_trains", "expected"), [(39, "small"), (40, "medium"), (150, "large"), (400, "hub")]
)
def test_station_class_follows_from_trains_of_a_tuesday(tmp_path, n_trains, expected):
    """Without station_class, 40, 150 and 400 trains a day make a medium, large and hub station."""
    trips = "route_id,service_id,trip_id\n" + "".join(f"r,weekdays,t{i}\n" for i in range(n_trains))
    times = "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
    times += "".join(
        f"t{i},08:00:00,08:00:00,a,1\nt{i},08:30:00,08:30:00,b,2\n" for i in range(n_trains)
    )
    a, _, c = read(tmp_path, trips=trips, stop_times=times).timetable.stations
    assert (a.station_class, c.station_class) == (expected, "small")


def test_times_past_midnight_and_bom_and_crlf(tmp_path):
    """25:10:00 is 90,600 seconds; a BOM and CRLF line ends change nothing."""
    times = (
        "\ufefftrip_id,arrival_time,departure_time,stop_id,stop_sequence\r\n"
        "t1,23:50:00,23:50:00,a,1\r\nt1,25:10:00,25:10:00,c,2\r\n"
        "t2,9:00:00,9:00:00,c,1\r\nt2,9:40:00,9:40:00,a,2\r\n"
    )
    calls = read(tmp_path, stop_times=times).timetable.stop_times
    assert calls.arrival_s.tolist() == [32400, 34800, 85800, 90600]


def test_pickup_and_drop_off(tmp_path):
    """Type 1 means none; types 2 and 3 are taken as regular and counted."""
    times = (
        "trip_id,arrival_time,departure_time,stop_id,stop_sequence,pickup_type,drop_off_type\n"
        "t1,08:00:00,08:00:00,a,1,,1\nt1,08:20:00,08:22:00,b,2,1,0\nt1,08:40:00,08:40:00,c,3,3,2\n"
        "t2,09:00:00,09:00:00,c,1,0,0\nt2,09:40:00,09:40:00,a,2,0,0\n"
    )
    feed = read(tmp_path, stop_times=times)
    assert feed.timetable.stop_times.pickup.tolist() == [True, False, True, True, True]
    assert feed.timetable.stop_times.drop_off.tolist() == [False, True, True, True, True]
    assert feed.notes == (
        "stop_times.txt: 1 calls on request (pickup or drop-off type 2, 3) taken as regular",
    )


def test_calendar_dates_alone(tmp_path):
    """A feed without calendar.txt runs on the added dates only."""
    dates = "service_id,date,exception_type\nweekdays,20240305,1\nweekdays,20240306,1\nweekdays,20240307,2\n"
    table = read(tmp_path, calendar=None, calendar_dates=dates).timetable
    (service,) = table.services
    assert [service.runs_on(dt.date(2024, 3, day)) for day in (4, 5, 6, 7)] == [
        False,
        True,
        True,
        False,
    ]
    assert validity(table.services) == (dt.date(2024, 3, 5), dt.date(2024, 3, 6))


def test_calendar_with_exceptions(tmp_path):
    """An added date runs outside the weekdays, a removed one does not run."""
    dates = "service_id,date,exception_type\nweekdays,20240309,1\nweekdays,20240308,2\n"
    (service,) = read(tmp_path, calendar_dates=dates).timetable.services
    assert [service.runs_on(dt.date(2024, 3, day)) for day in (7, 8, 9, 10)] == [
        True,
        False,
        True,
        False,
    ]


def test_default_date_is_the_first_ordinary_tuesday(tmp_path):
    """The first Tuesday whose number of trips is the commonest: not 2 January, when one service is
    suspended.
    """
    trips = "route_id,service_id,trip_id\nr,weekdays,t1\nr,extra,t2\n"
    calendar = FEED["calendar.txt"] + "extra,1,1,1,1,1,1,1,20240101,20241231\n"
    dates = "service_id,date,exception_type\nextra,20240102,2\n"
    table = read(tmp_path, trips=trips, calendar=calendar, calendar_dates=dates).timetable
    day = default_date(table.services, table.trips.service_idx)
    assert day == dt.date(2024, 1, 9)
    assert n_trips_on(table.services, table.trips.service_idx, [day]) == [2]


def test_default_date_without_tuesdays_is_the_busiest_day(tmp_path):
    """A feed that runs at week-ends gives its first day with the most trips that is a week from the
    edge.
    """
    calendar = FEED["calendar.txt"].replace("1,1,1,1,1,0,0", "0,0,0,0,0,1,1")
    table = read(tmp_path, calendar=calendar).timetable
    assert default_date(table.services, table.trips.service_idx) == dt.date(2024, 1, 13)


def test_trips_without_calls_are_dropped_and_counted(tmp_path):
    trips = FEED["trips.txt"] + "r,weekdays,t0,\n"
    feed = read(tmp_path, trips=trips)
    assert feed.timetable.trips.trip_ids == ("t1", "t2")
    assert feed.notes == ("trips.txt: 1 trips without stop times dropped",)


def test_every_problem_is_reported_at_once(tmp_path):
    """One error names file, row, field and value of problems in four files."""
    files = feed_with(
        stops=FEED["stops.txt"].replace("30.0,104.3", "abc,204.3"),
        trips=FEED["trips.txt"].replace("r,weekdays,t2,", "nowhere,never,t2,"),
        stop_times=FEED["stop_times.txt"]
        .replace("t1,08:20:00", "t1,8h20")
        .replace("t2,9:00:00,9:00:00,c", "t2,9:00:00,9:00:00,zz"),
        calendar=FEED["calendar.txt"].replace("20241231", "20231231"),
    )
    text = problems_of(tmp_path, files)
    for part in (
        "8 problems",
        "trips.txt: 2 of 2 trips have defects; at most 5 % are left out",
        "stops.txt row 2 field stop_lat: is not a number of degrees (given: 'abc')",
        "stops.txt row 2 field stop_lon: is not within -180 to 180 degrees (given: '204.3')",
        (
            "trips.txt row 2 field service_id: is not in calendar.txt or calendar_dates.txt (given: "
            "'never')"
        ),
        "trips.txt row 2 field route_id: is not in routes.txt (given: 'nowhere')",
        (
            "stop_times.txt row 2 field arrival_time: is not a time like 07:30:00 or 25:10:00 (given: "
            "'8h20')"
        ),
        "stop_times.txt row 4 field stop_id: is not in stops.txt (given: 'zz')",
        "calendar.txt row 1 field end_date: is before start_date 20240101 (given: '20231231')",
    ):
        assert part in text


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"stops": None}, "stops.txt: the feed has no such file"),
        ({"stop_times": None}, "stop_times.txt: the feed has no such file"),
        ({"routes": None}, "routes.txt: the feed has no such file"),
        ({"calendar": None}, "neither calendar.txt nor calendar_dates.txt"),
        (
            {"stops": "stop_id,stop_name,stop_lat\n"},
            "stops.txt field stop_lon: the column is missing",
        ),
        ({"stops": ""}, "stops.txt: is empty: not even a header"),
        (
            {"stop_times": FEED["stop_times.txt"].splitlines()[0] + "\n"},
            "stop_times.txt: has no rows",
        ),
        ({"calendar": FEED["calendar.txt"].splitlines()[0] + "\n"}, "no service is given"),
        (
            {"stops": FEED["stops.txt"] + "a,甲,30,104,\n"},
            "stops.txt row 4 field stop_id: stands already in row 1 with other values (given: 'a')",
        ),
        (
            {"trips": FEED["trips.txt"] + "r,weekdays,t1,\n"},
            (
                "trips.txt row 3 field trip_id: stands "
                "already in row 1 with other values (given: 't1')"
            ),
        ),
        (
            {"stops": FEED["stops.txt"].replace("104.6", "")},
            "stops.txt row 3 field stop_lon: is blank",
        ),
        (
            {"stops": FEED["stops.txt"].replace("30.0,104.6", "104.6,30.0")},
            (
                "stops.txt row 3 field stop_lat: is not within -90 to 90 degrees; are stop_lon and "
                "this swapped? (given: '104.6')"
            ),
        ),
        (
            {"stops": FEED["stops.txt"].replace("c,丙", "c,丙,x")},
            "stops.txt row 3: has 6 values, the header has 5",
        ),
        (
            {"stops": FEED["stops.txt"].replace("stop_name_en", "stop_id")},
            "stops.txt field stop_id: the header names the column twice",
        ),
        (
            {
                "stops": "stop_id,stop_name,stop_lat,stop_lon,parent_station\na,甲,30,104,zz\nb,乙,30,104.3,zz\nc,丙,30,104.6,\n"
            },
            "stops.txt row 1 field parent_station: is not in stops.txt (given: 'zz')",
        ),
        (
            {
                "stops": "stop_id,stop_name,stop_lat,stop_lon,station_class\na,甲,30,104,huge\nb,乙,30,104.3,\nc,丙,30,104.6,\n"
            },
            (
                "field station_class: is not allowed (allowed: hub, large, medium, small, halt, metro, "
                "border) (given: 'huge')"
            ),
        ),
        (
            {"stop_times": FEED["stop_times.txt"].replace("08:40:00,08:40:00", ",")},
            "stop_times.txt row 3 field arrival_time: is blank",
        ),
        (
            {"stop_times": FEED["stop_times.txt"].replace("08:40:00", "08:10:00")},
            (
                "stop_times.txt row 3 field "
                "arrival_time: is before the departure from the stop "
                "before, trip 't1' (given: '08:10:00')"
            ),
        ),
        (
            {
                "stop_times": FEED["stop_times.txt"].replace(
                    "08:20:00,08:22:00", "08:22:00,08:20:00"
                )
            },
            (
                "stop_times.txt row 2 field "
                "departure_time: is before "
                "arrival_time 08:22:00 (given: '08:20:00')"
            ),
        ),
        (
            {"stop_times": FEED["stop_times.txt"].replace("b,2\nt1", "b,1\nt1")},
            "stop_times.txt row 2 field stop_sequence: stands twice in trip 't1' (given: '1')",
        ),
        (
            {"stop_times": FEED["stop_times.txt"].replace("c,3", "c,-3")},
            (
                "stop_times.txt row 3 field "
                "stop_sequence: is not a whole number of at least 0 (given: '-3')"
            ),
        ),
        (
            {"stop_times": FEED["stop_times.txt"].replace("08:40:00", "-8:40:00")},
            "field arrival_time: is not a time like 07:30:00 or 25:10:00 (given: '-8:40:00')",
        ),
        (
            {"calendar": FEED["calendar.txt"].replace("20240101", "2024-01-01")},
            (
                "calendar.txt row 1 field "
                "start_date: is not a date like 20231215 (given: "
                "'2024-01-01')"
            ),
        ),
        (
            {"transfers": "from_stop_id,to_stop_id,transfer_type,min_transfer_time\na,zz,2,60\n"},
            "transfers.txt row 1 field to_stop_id: is not in stops.txt (given: 'zz')",
        ),
        (
            {"transfers": "from_stop_id,to_stop_id,transfer_type\na,b,7\n"},
            (
                "transfers.txt row 1 field "
                "transfer_type: is not allowed (allowed: 0, 1, 2, 3, 4, 5) "
                "(given: '7')"
            ),
        ),
        (
            {"stops": FEED["stops.txt"].replace("c,丙", "c,丙\0")},
            "stops.txt row 3: holds NUL bytes",
        ),
        ({"stops": FEED["stops.txt"].replace("c,丙", 'c,"丙')}, "stops.txt"),
    ],
)
def test_broken_feeds_say_file_row_field_and_value(tmp_path, change, expected):
    assert expected in problems_of(tmp_path, feed_with(**change))


@pytest.mark.parametrize(
    ("stops", "said"),
    [
        (FEED["stops.txt"].replace(",", ";"), "is it separated by ';'?"),
        (FEED["stops.txt"].replace(",", "\t"), "is it separated by tabs?"),
        ("<!DOCTYPE html>\n<html><body>404</body></html>\n", "is a web page or XML, no CSV"),
    ],
)
def test_other_separators_are_said_once(tmp_path, stops, said):
    """One error, not one a column; with the columns that are there."""
    with pytest.raises(InputError) as caught:
        read(tmp_path, stops=stops)
    found = [issue for issue in caught.value.issues if issue.file == "stops.txt"]
    assert [issue.code for issue in found] == ["not-csv"]
    assert said in found[0].message
    assert ("(stop_id, stop_name, stop_lat" in found[0].message) == ("separated" in said)


@pytest.mark.parametrize(
    ("encoding", "name"), [("cp1250", "Žilina, Štrba"), ("cp1251", "Москва"), ("cp1252", "Köln")]
)
def test_a_windows_code_page_is_not_taken_for_chinese(tmp_path, encoding, name):
    """The bytes of these names are GB18030 too, of characters that no text consists of."""
    text = problems_of(
        tmp_path,
        feed_with(
            stops=FEED["stops.txt"]
            .replace("甲", f'"{name}"')
            .replace("乙", "B")
            .replace("丙", "C")
            .encode(encoding)
        ),
    )
    assert "GB18030" not in text
    assert "perhaps a Windows code page: save it as UTF-8" in text


def test_control_characters_in_names_are_a_warning(tmp_path):
    """A bell and an escape in the name of A: said with the row, and left out of the name."""
    feed = read(tmp_path, stops=FEED["stops.txt"].replace("甲", "甲\x07\x1b[31m"))
    (issue,) = feed.issues
    assert (issue.severity, issue.code, issue.row, issue.field) == (
        "warning",
        "control-character",
        1,
        "stop_name",
    )
    assert r"甲\x07\x1b[31m" in issue.message
    assert feed.timetable.stations[0].name == "甲[31m"


def test_wrong_encoding_offers_gb18030(tmp_path):
    """A file in GB18030 is refused with the row and the offer."""
    text = problems_of(tmp_path, feed_with(stops=FEED["stops.txt"].encode("gb18030")))
    assert "stops.txt row 1: is not valid UTF-8" in text
    assert "it reads as GB18030 (Chinese Windows): save it as UTF-8" in text
    header = problems_of(tmp_path, feed_with(stops="车站,stop_id\n".encode("gb18030")))
    assert "stops.txt" in header
    assert "GB18030" in header


def test_many_bad_rows_are_counted_not_listed(tmp_path):
    """Of a thousand bad times twenty are named and the others counted."""
    rows = "".join(f"t1,x,08:00:00,a,{i}\n" for i in range(4, 1004))
    with pytest.raises(InputError) as caught:
        read_gtfs(
            write_zip(tmp_path / "f.zip", feed_with(stop_times=FEED["stop_times.txt"] + rows))
        )
    assert len(caught.value.issues) == 22  # and that these are too many trips with defects
    assert "and 980 more rows like this" in str(caught.value)


def test_corrupt_and_missing_feeds(tmp_path):
    good = write_zip(tmp_path / "good.zip", FEED).read_bytes()
    cases = {
        "cut.zip": good[: len(good) // 2],
        "text.zip": b"this is no zip",
        "empty.zip": b"",
    }
    for name, data in cases.items():
        (tmp_path / name).write_bytes(data)
        with pytest.raises(InputError, match="not a readable zip"):
            read_gtfs(tmp_path / name)
    with pytest.raises(InputError, match="no such file or folder"):
        read_gtfs(tmp_path / "nothing.zip")
    with pytest.raises(InputError, match=r"holds no \.txt file"):
        read_gtfs(write_zip(tmp_path / "other.zip", {"readme.md": "x"}))


def test_flipped_bytes_in_a_member_are_an_error_of_that_file(tmp_path):
    """A zip whose member does not match its checksum names the member."""
    path = tmp_path / "feed.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, text in FEED.items():
            archive.writestr(name, text)
    data = path.read_bytes().replace(b"t1,08:20:00", b"t1,08:21:00")
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"stop_times\.txt: cannot be read"):
        read_gtfs(path)


def test_members_are_read_by_plain_name_and_bounded(tmp_path, monkeypatch):
    """Paths like ../stops.txt are harmless, doubles are refused, and a member above the limit is
    not read.
    """
    nested = {f"../{name}": text for name, text in FEED.items()}
    assert read_gtfs(write_zip(tmp_path / "nested.zip", nested)).timetable.trips.trip_ids == (
        "t1",
        "t2",
    )
    double = {"x/stops.txt": FEED["stops.txt"], "y/stops.txt": "stop_id\n"} | feed_with(stops=None)
    assert "the zip holds it twice (x/stops.txt and y/stops.txt)" in problems_of(tmp_path, double)
    monkeypatch.setenv(LIMITS_VARIABLE, "file_bytes=100")
    assert "stops.txt: holds more than 0 MiB" in problems_of(tmp_path, FEED)
    monkeypatch.setenv(LIMITS_VARIABLE, "rows=2")
    assert "stop_times.txt: has more than 2 rows" in (found := problems_of(tmp_path, FEED))
    assert "RAILSHED_LIMITS=rows=NUMBER" in found


def test_missing_agency_is_a_note(tmp_path):
    """Without agency.txt the feed is read, and says so."""
    feed = read(tmp_path, agency=None)
    assert feed.timezone == ""
    assert feed.notes == ("agency.txt is missing: times are taken as local",)


def test_quoted_values_and_padding(tmp_path):
    """Quotes, commas and line ends inside quotes, and blanks around ids are read as meant."""
    stops = (
        'stop_id , stop_name,stop_lat,stop_lon\n"a ","甲,\n站",30.0,104.0\n b,乙, 30.0 '
        ",104.3\nc,丙,30.0,104.6\n"
    )
    stations = read(tmp_path, stops=stops).timetable.stations
    assert [s.station_id for s in stations] == ["a", "b", "c"]
    assert stations[0].name == "甲, 站"
