"""Generated feeds: the reader against a plain one that knows csv and dicts only, and against random corruption."""

from __future__ import annotations

import csv
import datetime as dt
import io
import random
import tempfile
import zipfile
from collections import defaultdict
from collections.abc import Callable
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

pytestmark = pytest.mark.properties

Row = dict[str, str]
#: plain generators: hypothesis' own would draw the ends of every range too often
RANDOM = st.integers(0, 2**32 - 1).map(random.Random)
FIRST, LAST = dt.date(2024, 2, 20), dt.date(2024, 3, 20)
DAYS = [FIRST + dt.timedelta(days=i) for i in range((LAST - FIRST).days + 1)]
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WORDS = ("Nord", "南站", 'the "Old" bridge', "a, b", "Żory", "x" * 50, "  padded  ", "😀")
ROUTE_TYPES = ("0", "1", "2", "3", "4", "5", "7", "11", "12", "100", "109", "400", "700", "900")


# --- making feeds ----------------------------------------------------------------------------------------------


def clock(seconds: int, rng: random.Random) -> str:
    hours, rest = divmod(seconds, 3600)
    return f"{hours:{rng.choice(('', '02'))}}:{rest // 60:02}:{rest % 60:02}"


def make_tables(rng: random.Random) -> dict[str, list[Row]]:
    """Return the rows of a small valid feed with whatever the reader must understand."""
    stops, callable_at = make_stops(rng)
    services = [f"s{i}" for i in range(rng.randint(1, 3))]
    routes = [
        {"route_id": f"r{i}", "route_short_name": rng.choice(("", "R1", "快")), "route_long_name": rng.choice(WORDS),
         "route_type": rng.choice(ROUTE_TYPES)}
        for i in range(rng.randint(1, 3))
    ]  # fmt: skip
    trips, times, frequencies = [], [], []
    for i in range(rng.randint(1, 8)):
        trip = {"route_id": rng.choice(routes)["route_id"], "service_id": rng.choice(services), "trip_id": f"t{i}",
                "trip_short_name": rng.choice(("", "G7"))}  # fmt: skip
        trips.append(trip)
        if rng.random() < 0.9:
            times += make_calls(rng, trip["trip_id"], callable_at)
            if rng.random() < 0.3:
                frequencies += make_frequencies(rng, trip["trip_id"])
    if not times:
        times = make_calls(rng, "t0", callable_at)
    zone = rng.choice(("Europe/Bratislava", "Asia/Tokyo"))
    return {
        "agency.txt": [{"agency_name": "X", "agency_timezone": zone}],
        "stops.txt": stops, "routes.txt": routes, "trips.txt": trips, "stop_times.txt": times,
        "frequencies.txt": frequencies, "transfers.txt": make_transfers(rng, stops), **make_calendars(rng, services),
    }  # fmt: skip


def make_stops(rng: random.Random) -> tuple[list[Row], list[str]]:
    """Return stops.txt, all on one meridian, and the ids that trips may call at."""
    stops, callable_at = [], []
    for i in range(rng.randint(2, 5)):
        place = {"stop_name": rng.choice(WORDS), "stop_lat": f"{48 + i / 100}", "stop_lon": "17.1"}
        if rng.random() < 0.4:
            stops.append({"stop_id": f"S{i}", **place, "location_type": "1", "parent_station": ""})
            for platform in range(rng.randint(1, 3)):
                stop_id = f"S{i}-{platform}"
                where = {"stop_lat": "", "stop_lon": ""} if rng.random() < 0.5 else {}
                kind = rng.choice(("", "0"))
                stops.append({"stop_id": stop_id, **place, **where, "location_type": kind, "parent_station": f"S{i}"})
                callable_at.append(stop_id)
            if rng.random() < 0.5:
                stops.append({"stop_id": f"S{i}-door", **place, "location_type": "2", "parent_station": f"S{i}"})
        else:
            stops.append({"stop_id": f"S{i}", **place, "location_type": rng.choice(("", "0")), "parent_station": ""})
            callable_at.append(f"S{i}")
    return stops, callable_at


def make_calls(rng: random.Random, trip_id: str, callable_at: list[str]) -> list[Row]:
    n_calls, now, sequence, distance = rng.randint(1, 6), rng.randint(0, 30 * 3600), rng.randint(0, 3), 0
    shaped = rng.random() < 0.4
    calls = []
    for i in range(n_calls):
        arrival = now
        now += rng.choice((0, 0, 60, 137))
        row = {"trip_id": trip_id, "arrival_time": clock(arrival, rng), "departure_time": clock(now, rng),
               "stop_id": rng.choice(callable_at), "stop_sequence": str(sequence),
               "pickup_type": rng.choice(("", "0", "1", "2", "3")),
               "drop_off_type": rng.choice(("", "0", "1", "2", "3")),
               "shape_dist_traveled": f"{distance / 10}" if shaped and rng.random() < 0.9 else ""}  # fmt: skip
        blank = rng.random()
        if 0 < i < n_calls - 1 and blank < 0.3:
            row["arrival_time"] = row["departure_time"] = ""
        elif blank > 0.9:
            row[rng.choice(("arrival_time", "departure_time"))] = ""
        calls.append(row)
        now += rng.choice((0, 30, 300, 451, 4000) if i else (30, 300))  # a trip that takes no time is a defect
        sequence += rng.randint(1, 9)
        distance += rng.choice((0, 5, 17, 30))
    return calls


def make_frequencies(rng: random.Random, trip_id: str) -> list[Row]:
    start, rows = rng.randint(0, 20) * 1800, []
    for _ in range(rng.randint(1, 2)):
        end = start + rng.choice((600, 1800, 3601))
        rows.append(
            {
                "trip_id": trip_id,
                "start_time": clock(start, rng),
                "end_time": clock(end, rng),
                "headway_secs": rng.choice(("300", "599", "1800")),
                "exact_times": rng.choice(("", "0", "1")),
            }
        )
        start = end + rng.choice((0, 700))
    return rows


def make_transfers(rng: random.Random, stops: list[Row]) -> list[Row]:
    """Return rows between any two stops, and rows that forbid to change between all platforms of two stations."""
    ids = [stop["stop_id"] for stop in stops if stop["location_type"] != "2"]
    kinds = {(rng.choice(ids), rng.choice(ids)): rng.choice("2234") for _ in range(rng.randint(0, 6))}
    if rng.random() < 0.5:
        sides = []
        for station in (rng.choice([i for i in ids if "-" not in i]) for _ in range(2)):
            sides.append([i for i in ids if i.startswith(f"{station}-") and rng.random() < 0.9] or [station])
            if rng.random() < 0.4:
                sides[-1] = [station]
        kinds |= dict.fromkeys(product(*sides), "3")
    return [
        {"from_stop_id": a, "to_stop_id": b, "transfer_type": kind,
         "min_transfer_time": str(rng.randint(0, 900)) if kind == "2" else "",
         "from_trip_id": rng.choice(("", "", "", "", "", "t0"))}
        for (a, b), kind in kinds.items()
    ]  # fmt: skip


def make_calendars(rng: random.Random, services: list[str]) -> dict[str, list[Row]]:
    calendar, dates = [], []
    for service in services:
        if rng.random() < 0.7:
            start, end = sorted(rng.sample(DAYS, 2))
            flags = {day: rng.choice("01") for day in WEEKDAYS}
            span = {"start_date": f"{start:%Y%m%d}", "end_date": f"{end:%Y%m%d}"}
            calendar.append({"service_id": service, **flags, **span})
        dates += [
            {"service_id": service, "date": f"{day:%Y%m%d}", "exception_type": rng.choice("12")}
            for day in rng.sample(DAYS, rng.randint(0, 4))
        ]
        if not any(row["service_id"] == service for row in (*calendar, *dates)):
            dates.append({"service_id": service, "date": f"{FIRST:%Y%m%d}", "exception_type": "1"})
    return {"calendar.txt": calendar, "calendar_dates.txt": dates}


def write_table(rows: list[Row], rng: random.Random) -> bytes:
    """Return the rows as CSV, in any order of rows and columns, quoted and ended in any way."""
    columns = list(rows[0]) + (["extra"] if rng.random() < 0.3 else [])
    rng.shuffle(columns)
    rows = rng.sample(rows, len(rows))
    out = io.StringIO(newline="")
    quoting, end = rng.choice((csv.QUOTE_MINIMAL, csv.QUOTE_ALL)), rng.choice(("\n", "\r\n", "\r"))
    writer = csv.DictWriter(out, columns, restval="e,e", quoting=quoting, lineterminator=end)
    writer.writeheader()
    writer.writerows(rows)
    text = out.getvalue()
    if rng.random() < 0.3:
        text = text.removesuffix(end) if rng.random() < 0.5 else end + text + end * 3
    return text.encode("utf-8-sig" if rng.random() < 0.5 else "utf-8")


def make_files(rng: random.Random) -> Files:
    tables = make_tables(rng)
    files = {name: write_table(rows, rng) for name, rows in tables.items() if rows}
    if "calendar.txt" not in files and "calendar_dates.txt" not in files:
        raise AssertionError("a feed needs services")
    return files


def write_somehow(folder: Path, files: Files, rng: random.Random) -> Path:
    """Write the files as a folder or a zip, in a folder of it or not."""
    if rng.random() < 0.3:
        path = Path(tempfile.mkdtemp(dir=folder))
        for name, data in files.items():
            (path / name).write_bytes(data)
        return path
    path = folder / "feed.zip"
    path.write_bytes(zip_bytes(files, rng.choice(("", "gtfs/", "a/b/"))))
    return path


# --- a plain reading -------------------------------------------------------------------------------------------


def plain_rows(files: Files, name: str) -> list[Row]:
    text = files.get(name, b"").decode("utf-8-sig")
    lines = [line for line in csv.reader(io.StringIO(text, newline="")) if line]
    return [{k.strip(): v.strip() for k, v in zip(lines[0], line, strict=True)} for line in lines[1:]]


def seconds(text: str) -> int:
    hours, minutes, rest = map(int, text.split(":"))
    return hours * 3600 + minutes * 60 + rest


def plain_stations(files: Files) -> tuple[dict[str, Row], dict[str, str]]:
    """Return the row of every station by id, and the station of every stop."""
    rows = {row["stop_id"]: row for row in plain_rows(files, "stops.txt")}
    home = {i: row["parent_station"] or i for i, row in rows.items() if row["location_type"] != "2"}
    return {i: rows[i] for i in set(home.values())}, home


def plain_calls(rows: list[Row], home: dict[str, str], latitude: dict[str, Fraction]) -> list[tuple[Any, ...]]:
    """Return the calls of one trip: station, arrival, departure, boarding, alighting; exact where estimated."""
    rows = sorted(rows, key=lambda row: int(row["stop_sequence"]))
    given_times = [
        (seconds(r["arrival_time"] or r["departure_time"]), seconds(r["departure_time"] or r["arrival_time"]))
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
        return (Fraction(shape[i]) - Fraction(shape[0])) / (Fraction(shape[-1]) - Fraction(shape[0]))
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
            days[row["service_id"]] | day if row["exception_type"] == "1" else days[row["service_id"]] - day
        )
    return days


def plain_transfers(files: Files, home: dict[str, str]) -> dict[tuple[str, str], int]:
    """Return the seconds between two stations, or at one: the longest listed, UNREACHED where all is forbidden."""
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
                platforms[x] if row[end] == x else {row[end]} for x, end in ((a, "from_stop_id"), (b, "to_stop_id"))
            ]
            covered |= set(product(*sides))
        if listed:
            seconds_of[a, b] = max(listed)
        elif covered == set(product(platforms[a], platforms[b])):
            seconds_of[a, b] = UNREACHED
    return seconds_of


# --- the two compared ------------------------------------------------------------------------------------------


def calls_by_trip(feed: Feed) -> dict[str, list[tuple[Any, ...]]]:
    table = feed.timetable
    ids, times = [s.station_id for s in table.stations], table.stop_times
    columns = (times.trip_idx, times.station_idx, times.arrival_s, times.departure_s, times.pickup, times.drop_off)
    calls: dict[str, list[tuple[Any, ...]]] = {trip: [] for trip in table.trips.trip_ids}
    for trip, station, *rest in zip(*(column.tolist() for column in columns), strict=True):
        calls[table.trips.trip_ids[trip]].append((ids[station], *rest))
    return calls


def assert_calls(read: list[tuple[Any, ...]], plain: list[tuple[Any, ...]], shift: int = 0) -> None:
    """Given times are equal, estimated ones the nearest second."""
    assert len(read) == len(plain)
    for (station, arrival, departure, *may), (station_, arrival_, departure_, *may_) in zip(read, plain, strict=True):
        assert (station, may) == (station_, may_)
        for got, exact in ((arrival, arrival_ + shift), (departure, departure_ + shift)):
            assert got == exact if isinstance(exact, int) else abs(got - exact) <= Fraction(501, 1000)


def assert_canonical(feed: Feed) -> None:
    """What every later step relies on: ids in order, indices in range, times that never fall, arrays read-only."""
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


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
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


def assert_trips(files: Files, feed: Feed, home: dict[str, str], latitude: dict[str, Fraction]) -> None:
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
        zip(table.trips.trip_ids, zip(table.trips.names, table.trips.route_types.tolist(), strict=True), strict=True)
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
    calls: dict[str, list[tuple[Any, ...]]], trip: str, plain: list[tuple[Any, ...]], rows: list[Row]
) -> set[str]:
    """The trips of a template leave in step, from the start or a phase after it, before the end; return their ids."""
    runs = {calls[run][0][2]: run for run in calls if run.startswith((f"{trip}@", f"{trip}~"))}
    first = plain[0][2]
    for row in rows:
        start, end, headway = seconds(row["start_time"]), seconds(row["end_time"]), int(row["headway_secs"])
        found = sorted(s for s in runs if start <= s < end)
        mark = "@" if row["exact_times"] == "1" else "~"
        phase = 0 if row["exact_times"] == "1" else (found[0] - start if found else headway)
        assert phase < headway or (not found and end - start < headway)
        assert found == list(range(start + phase, end, headway))
        for departure in found:
            hours, rest = divmod(departure, 3600)
            assert runs[departure] == f"{trip}{mark}{hours:02}{rest // 60:02}{rest % 60:02}"
            assert_calls(calls[runs[departure]], plain, departure - first)
    assert all(any(seconds(r["start_time"]) <= s < seconds(r["end_time"]) for r in rows) for s in runs)
    return set(runs.values())


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rng=RANDOM)
def test_how_a_feed_is_written_does_not_matter(tmp_path: Path, rng: random.Random) -> None:
    """The same rows written twice at random give the same timetable, byte for byte, and the same notes."""
    tables = make_tables(rng)
    feeds = [
        read_gtfs(write_somehow(tmp_path, {n: write_table(rows, rng) for n, rows in tables.items() if rows}, rng))
        for _ in range(2)
    ]
    first, second = (feed.timetable for feed in feeds)
    assert (first.stations, first.services) == (second.stations, second.services)
    for part in ("trips", "stop_times", "transfers"):
        for name in getattr(first, part).__slots__:
            assert np.array_equal(getattr(getattr(first, part), name), getattr(getattr(second, part), name))
    without_extra = [[note for note in feed.notes if not note.startswith("files not used")] for feed in feeds]
    assert without_extra[0] == without_extra[1]


# --- corruption ------------------------------------------------------------------------------------------------


def flip_bytes(data: bytes, rng: random.Random) -> bytes:
    out = bytearray(data)
    for _ in range(rng.randint(1, 8)):
        out[rng.randrange(len(out))] = rng.randrange(256)
    return bytes(out)


def cut(data: bytes, rng: random.Random) -> bytes:
    start, end = sorted(rng.randrange(len(data) + 1) for _ in range(2))
    return data[:start] + data[end:] if rng.random() < 0.5 else data[:start]


def insert(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data) + 1)
    junk = rng.choice(
        (b'"', b"\n", b"\r", b",", b"\0", b"\xff", b"\xef\xbb\xbf", b'"\n"', b"\t", "\u2028".encode(), b"-", b"9" * 30)
    )
    return data[:at] + junk * rng.randint(1, 3) + data[at:]


def cells(data: bytes, rng: random.Random) -> bytes:
    """Delete, swap, double or replace cells and rows."""
    try:
        rows = [row for row in csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")) if row]
    except (UnicodeDecodeError, csv.Error):
        return data
    for _ in range(rng.randint(1, 4)):
        if not rows:
            break
        row = rng.choice(rows)
        i, j = rng.randrange(len(row)), rng.randrange(len(row))
        action = rng.randrange(7)
        if action == 0:
            row[i] = ""
        elif action == 1:
            row[i] = rng.choice(rng.choice(rows) or [""])
        elif action == 2:
            row[i], row[j] = row[j], row[i]
        elif action == 3 and len(row) > 1:
            del row[i]
        elif action == 4:
            rows.insert(rng.randrange(len(rows) + 1), list(row))
        elif action == 5:
            rows.remove(row)
        else:
            row[i] = rng.choice(
                (
                    "-1",
                    "0",
                    "1e9",
                    "nan",
                    "inf",
                    "99:99:99",
                    "999:59:59",
                    "20240230",
                    "4294967296",
                    " ",
                    "１２",
                    "a" * 5000,
                )
            )
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


CORRUPTIONS: tuple[Callable[[bytes, random.Random], bytes], ...] = (flip_bytes, cut, insert, cells, cells, cells)


def assert_feed_or_error(path: Path) -> None:
    """Reading ends in a whole feed, checks and a network, or in an error for the user: nothing else is raised."""
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


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rng=RANDOM)
def test_corrupt_text_gives_a_feed_or_an_error(tmp_path: Path, rng: random.Random) -> None:
    """Bytes flipped, text cut, junk put in, cells and rows deleted, swapped, doubled or replaced."""
    files = dict(RICH) if rng.random() < 0.6 else make_files(rng)
    for name in rng.sample(sorted(files), rng.randint(1, 2)):
        for _ in range(rng.randint(1, 2)):
            files[name] = rng.choice(CORRUPTIONS)(files[name], rng) if files[name] else b""
    assert_feed_or_error(write_somehow(tmp_path, files, rng))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
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
    """The corruption above aims at the right place: nine entries of some 60 bytes and the end record."""
    data = zip_bytes(RICH)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert len(data) - 700 < archive.start_dir < len(data)
