"""Generated feeds: the reader against a plain one that knows csv and dicts only, and against random
corruption.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import random
import zipfile
from collections import defaultdict
from fractions import Fraction
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from railshed.io.gtfs.read import Feed, read_gtfs
from railshed.io.networks import load_network
from railshed.network.checks import validate
from railshed.util.errors import RailshedError
from railshed.util.units import UNREACHED
from tests.support.mutations import RICH, Files, zip_bytes
from tests.support.random_feeds import (
    CORRUPTIONS,
    DAYS,
    WEEKDAYS,
    Row,
    cut,
    flip_bytes,
    insert,
    make_files,
    make_tables,
    write_somehow,
    write_table,
)

pytestmark = pytest.mark.properties

#: plain generators: hypothesis' own would draw the ends of every range too often
RANDOM = st.integers(0, 2**32 - 1).map(random.Random)

# --- a plain reading -----------------------------------------------------------------------------


def plain_rows(files: Files, name: str) -> list[Row]:
    text = files.get(name, b"").decode("utf-8-sig")
    lines = [line for line in csv.reader(io.StringIO(text, newline="")) if line]
    return [
        {k.strip(): v.strip() for k, v in zip(lines[0], line, strict=True)} for line in lines[1:]
    ]


def seconds(text: str) -> int:
    hours, minutes, rest = map(int, text.split(":"))
    return hours * 3600 + minutes * 60 + rest


def plain_stations(files: Files) -> tuple[dict[str, Row], dict[str, str]]:
    """Return the row of every station by id, and the station of every stop."""
    rows = {row["stop_id"]: row for row in plain_rows(files, "stops.txt")}
    home = {i: row["parent_station"] or i for i, row in rows.items() if row["location_type"] != "2"}
    return {i: rows[i] for i in set(home.values())}, home


def plain_calls(
    rows: list[Row], home: dict[str, str], latitude: dict[str, Fraction]
) -> list[tuple[Any, ...]]:
    """Return the calls of one trip: station, arrival, departure, boarding, alighting; exact where
    estimated.
    """
    rows = sorted(rows, key=lambda row: int(row["stop_sequence"]))
    given_times = [
        (
            seconds(r["arrival_time"] or r["departure_time"]),
            seconds(r["departure_time"] or r["arrival_time"]),
        )
        if r["arrival_time"] or r["departure_time"]
        else None
        for r in rows
    ]
    times: list[tuple[Fraction | int, Fraction | int]] = []
    for i, pair in enumerate(given_times):
        if pair is not None:
            times.append(pair)
            continue
        a = max(k for k in range(i) if given_times[k] is not None)
        b = min(k for k in range(i + 1, len(rows)) if given_times[k] is not None)
        start, end = given_times[a][1], given_times[b][0]  # type: ignore[index]
        here = start + share(rows[a : b + 1], i - a, home, latitude) * (end - start)
        times.append((here, here))
    return [
        (home[row["stop_id"]], *pair, row["pickup_type"] != "1", row["drop_off_type"] != "1")
        for row, pair in zip(rows, times, strict=True)
    ]


def share(rows: list[Row], i: int, home: dict[str, str], latitude: dict[str, Fraction]) -> Fraction:
    """Return the share of the way between the first and the last row at which row `i` is."""
    shape = [row["shape_dist_traveled"] for row in rows]
    if all(shape) and Fraction(shape[-1]) > Fraction(shape[0]):
        return (Fraction(shape[i]) - Fraction(shape[0])) / (
            Fraction(shape[-1]) - Fraction(shape[0])
        )
    places = [latitude[home[row["stop_id"]]] for row in rows]
    steps = [abs(b - a) for a, b in pairwise(places)]
    if sum(steps):
        return Fraction(sum(steps[:i])) / sum(steps)
    return Fraction(i, len(rows) - 1)


def plain_days(files: Files) -> dict[str, set[dt.date]]:
    """Return the days of every service."""
    days: dict[str, set[dt.date]] = defaultdict(set)
    for row in plain_rows(files, "calendar.txt"):
        span = [day for day in DAYS if row["start_date"] <= f"{day:%Y%m%d}" <= row["end_date"]]
        days[row["service_id"]] |= {day for day in span if row[WEEKDAYS[day.weekday()]] == "1"}
    for row in plain_rows(files, "calendar_dates.txt"):
        day = {dt.datetime.strptime(row["date"], "%Y%m%d").date()}  # noqa: DTZ007 - a day has no zone
        days[row["service_id"]] = (
            days[row["service_id"]] | day
            if row["exception_type"] == "1"
            else days[row["service_id"]] - day
        )
    return days


def plain_transfers(files: Files, home: dict[str, str]) -> dict[tuple[str, str], int]:
    """Return the seconds between two stations, or at one: the longest listed, UNREACHED where all
    is forbidden.
    """
    platforms: dict[str, set[str]] = defaultdict(set)
    for stop, station in home.items():
        platforms[station] |= {stop} - {station}
    for station, found in platforms.items():
        found |= set() if found else {station}
    by_pair: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in plain_rows(files, "transfers.txt"):
        if not row["from_trip_id"] and row["transfer_type"] in "23":
            by_pair[home[row["from_stop_id"]], home[row["to_stop_id"]]].append(row)
    seconds_of = {}
    for (a, b), rows in by_pair.items():
        listed = [int(row["min_transfer_time"]) for row in rows if row["transfer_type"] == "2"]
        covered = set()
        for row in rows:
            sides = [
                platforms[x] if row[end] == x else {row[end]}
                for x, end in ((a, "from_stop_id"), (b, "to_stop_id"))
            ]
            covered |= set(product(*sides))
        if listed:
            seconds_of[a, b] = max(listed)
        elif covered == set(product(platforms[a], platforms[b])):
            seconds_of[a, b] = UNREACHED
    return seconds_of


# --- the two compared ---------------------------------------------------------------------------


def calls_by_trip(feed: Feed) -> dict[str, list[tuple[Any, ...]]]:
    table = feed.timetable
    ids, times = [s.station_id for s in table.stations], table.stop_times
    columns = (
        times.trip_idx,
        times.station_idx,
        times.arrival_s,
        times.departure_s,
        times.pickup,
        times.drop_off,
    )
    calls: dict[str, list[tuple[Any, ...]]] = {trip: [] for trip in table.trips.trip_ids}
    for trip, station, *rest in zip(*(column.tolist() for column in columns), strict=True):
        calls[table.trips.trip_ids[trip]].append((ids[station], *rest))
    return calls


def assert_calls(read: list[tuple[Any, ...]], plain: list[tuple[Any, ...]], shift: int = 0) -> None:
    """Given times are equal, estimated ones the nearest second."""
    assert len(read) == len(plain)
    for (station, arrival, departure, *may), (station_, arrival_, departure_, *may_) in zip(
        read, plain, strict=True
    ):
        assert (station, may) == (station_, may_)
        for got, exact in ((arrival, arrival_ + shift), (departure, departure_ + shift)):
            assert (
                got == exact if isinstance(exact, int) else abs(got - exact) <= Fraction(501, 1000)
            )


def assert_canonical(feed: Feed) -> None:
    """What every later step relies on: ids in order, indices in range, times that never fall,
    arrays read-only.
    """
    table = feed.timetable
    times = table.stop_times
    assert [s.station_id for s in table.stations] == sorted({s.station_id for s in table.stations})
    assert len(set(table.trips.trip_ids)) == len(table.trips.trip_ids)
    for values, n in (
        (times.trip_idx, len(table.trips.trip_ids)),
        (times.station_idx, len(table.stations)),
        (table.trips.service_idx, len(table.services)),
        (table.transfers.from_idx, len(table.stations)),
        (table.transfers.to_idx, len(table.stations)),
    ):
        assert values.dtype == np.int32
        assert not values.flags.writeable
        assert ((values >= 0) & (values < n)).all()
    assert np.bincount(times.trip_idx, minlength=len(table.trips.trip_ids)).all()
    assert (times.departure_s >= times.arrival_s).all()
    same = times.trip_idx[1:] == times.trip_idx[:-1]
    assert (np.diff(times.trip_idx) >= 0).all()
    assert (times.arrival_s[1:][same] >= times.departure_s[:-1][same]).all()
    assert all(abs(s.lon) <= 180 and abs(s.lat) <= 90 for s in table.stations)
    assert all(issue.severity == "warning" for issue in feed.issues)


@pytest.mark.slow
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rng=RANDOM)
def test_a_generated_feed_reads_as_the_plain_reading(tmp_path: Path, rng: random.Random) -> None:
    """Stations, calls, days, names, modes and transfers are those that csv and dicts give."""
    files = make_files(rng)
    feed = read_gtfs(write_somehow(tmp_path, files, rng))
    assert feed.issues == ()
    assert_canonical(feed)
    table = feed.timetable
    assert feed.timezone == plain_rows(files, "agency.txt")[0]["agency_timezone"]
    stations, home = plain_stations(files)
    transfers = plain_transfers(files, home)
    assert {s.station_id: (s.name, s.lon, s.lat, s.change_s) for s in table.stations} == {
        i: (row["stop_name"], float(row["stop_lon"]), float(row["stop_lat"]), transfers.get((i, i)))
        for i, row in stations.items()
    }
    read = [table.transfers.from_idx, table.transfers.to_idx, table.transfers.seconds]
    ids = [s.station_id for s in table.stations]
    assert {(ids[i], ids[j]): s for i, j, s in zip(*(c.tolist() for c in read), strict=True)} == {
        pair: s for pair, s in transfers.items() if pair[0] != pair[1]
    }
    assert_trips(files, feed, home, {i: Fraction(row["stop_lat"]) for i, row in stations.items()})


def assert_trips(
    files: Files, feed: Feed, home: dict[str, str], latitude: dict[str, Fraction]
) -> None:
    table, calls = feed.timetable, calls_by_trip(feed)
    rows_of: dict[str, list[Row]] = defaultdict(list)
    for row in plain_rows(files, "stop_times.txt"):
        rows_of[row["trip_id"]].append(row)
    days = plain_days(files)
    routes = {row["route_id"]: row for row in plain_rows(files, "routes.txt")}
    periods: dict[str, list[Row]] = defaultdict(list)
    for row in plain_rows(files, "frequencies.txt"):
        periods[row["trip_id"]].append(row)
    service_of = dict(zip(table.trips.trip_ids, table.trips.service_idx.tolist(), strict=True))
    label_of = dict(
        zip(
            table.trips.trip_ids,
            zip(table.trips.names, table.trips.route_types.tolist(), strict=True),
            strict=True,
        )
    )
    expected: set[str] = set()
    for row in plain_rows(files, "trips.txt"):
        trip = row["trip_id"]
        if trip not in rows_of:
            continue
        plain = plain_calls(rows_of[trip], home, latitude)
        made = assert_runs(calls, trip, plain, periods[trip]) if trip in periods else {trip}
        if trip not in periods:
            assert_calls(calls[trip], plain)
        expected |= made
        route = routes[row["route_id"]]
        label = row["trip_short_name"] or route["route_short_name"] or route["route_long_name"]
        for run in made:
            service = table.services[service_of[run]]
            assert {day for day in DAYS if service.runs_on(day)} == days[row["service_id"]]
            assert label_of[run] == (label, int(route["route_type"]))
    assert set(calls) == expected


def assert_runs(
    calls: dict[str, list[tuple[Any, ...]]],
    trip: str,
    plain: list[tuple[Any, ...]],
    rows: list[Row],
) -> set[str]:
    """The trips of a template leave in step, from the start or a phase after it, before the end;
    return their ids.
    """
    runs = {calls[run][0][2]: run for run in calls if run.startswith((f"{trip}@", f"{trip}~"))}
    first = plain[0][2]
    for row in rows:
        start, end, headway = (
            seconds(row["start_time"]),
            seconds(row["end_time"]),
            int(row["headway_secs"]),
        )
        found = sorted(s for s in runs if start <= s < end)
        mark = "@" if row["exact_times"] == "1" else "~"
        phase = 0 if row["exact_times"] == "1" else (found[0] - start if found else headway)
        assert phase < headway or (not found and end - start < headway)
        assert found == list(range(start + phase, end, headway))
        for departure in found:
            hours, rest = divmod(departure, 3600)
            assert runs[departure] == f"{trip}{mark}{hours:02}{rest // 60:02}{rest % 60:02}"
            assert_calls(calls[runs[departure]], plain, departure - first)
    assert all(
        any(seconds(r["start_time"]) <= s < seconds(r["end_time"]) for r in rows) for s in runs
    )
    return set(runs.values())


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rng=RANDOM)
def test_how_a_feed_is_written_does_not_matter(tmp_path: Path, rng: random.Random) -> None:
    """The same rows written twice at random give the same timetable, byte for byte, and the same
    notes.
    """
    tables = make_tables(rng)
    feeds = [
        read_gtfs(
            write_somehow(
                tmp_path, {n: write_table(rows, rng) for n, rows in tables.items() if rows}, rng
            )
        )
        for _ in range(2)
    ]
    first, second = (feed.timetable for feed in feeds)
    assert (first.stations, first.services) == (second.stations, second.services)
    for part in ("trips", "stop_times", "transfers"):
        for name in getattr(first, part).__slots__:
            assert np.array_equal(
                getattr(getattr(first, part), name), getattr(getattr(second, part), name)
            )
    without_extra = [
        [note for note in feed.notes if not note.startswith("files not used")] for feed in feeds
    ]
    assert without_extra[0] == without_extra[1]


# --- corruption ---------------------------------------------------------------------------------


def assert_feed_or_error(path: Path) -> None:
    """Reading ends in a whole feed, checks and a network, or in an error for the user: nothing else
    is raised.
    """
    try:
        feed = read_gtfs(path)
    except RailshedError:
        return
    assert_canonical(feed)
    try:
        network = load_network(path)
    except RailshedError:
        return
    for issue in validate(network):
        assert str(issue)


@pytest.mark.slow
@settings(
    max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rng=RANDOM)
def test_corrupt_text_gives_a_feed_or_an_error(tmp_path: Path, rng: random.Random) -> None:
    """Bytes flipped, text cut, junk put in, cells and rows deleted, swapped, doubled or
    replaced.
    """
    files = dict(RICH) if rng.random() < 0.6 else make_files(rng)
    for name in rng.sample(sorted(files), rng.randint(1, 2)):
        for _ in range(rng.randint(1, 2)):
            files[name] = rng.choice(CORRUPTIONS)(files[name], rng) if files[name] else b""
    assert_feed_or_error(write_somehow(tmp_path, files, rng))


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rng=RANDOM)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_corrupt_zips_give_a_feed_or_an_error(tmp_path: Path, rng: random.Random) -> None:
    """Bytes of the zip itself flipped, cut or put in: headers, directory, packed data."""
    data = zip_bytes(RICH)
    tail = len(data) - 700 if rng.random() < 0.7 else 0  # the directory of the zip
    data = data[:tail] + rng.choice((flip_bytes, flip_bytes, cut, insert))(data[tail:], rng)
    (tmp_path / "feed.zip").write_bytes(data)
    assert_feed_or_error(tmp_path / "feed.zip")


def test_the_zip_of_the_good_feed_ends_in_its_directory() -> None:
    """The corruption above aims at the right place: nine entries of some 60 bytes and the end
    record.
    """
    data = zip_bytes(RICH)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert len(data) - 700 < archive.start_dir < len(data)
