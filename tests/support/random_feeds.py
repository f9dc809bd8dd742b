"""Small random GTFS feeds, written in any way, and feeds broken at random."""

from __future__ import annotations

import csv
import datetime as dt
import io
import random
import tempfile
from collections.abc import Callable
from itertools import product
from pathlib import Path

from tests.support.mutations import Files, zip_bytes

Row = dict[str, str]
FIRST, LAST = dt.date(2024, 2, 20), dt.date(2024, 3, 20)
DAYS = [FIRST + dt.timedelta(days=i) for i in range((LAST - FIRST).days + 1)]
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WORDS = ("Nord", "南站", 'the "Old" bridge', "a, b", "Żory", "x" * 50, "  padded  ", "😀")
ROUTE_TYPES = ("0", "1", "2", "3", "4", "5", "7", "11", "12", "100", "109", "400", "700", "900")


# --- making feeds -------------------------------------------------------------------------------


def clock(seconds: int, rng: random.Random) -> str:
    hours, rest = divmod(seconds, 3600)
    return f"{hours:{rng.choice(('', '02'))}}:{rest // 60:02}:{rest % 60:02}"


def make_tables(rng: random.Random) -> dict[str, list[Row]]:
    """Return the rows of a small valid feed with whatever the reader must understand."""
    stops, callable_at = make_stops(rng)
    services = [f"s{i}" for i in range(rng.randint(1, 3))]
    routes = [
        {
            "route_id": f"r{i}",
            "route_short_name": rng.choice(("", "R1", "快")),
            "route_long_name": rng.choice(WORDS),
            "route_type": rng.choice(ROUTE_TYPES),
        }
        for i in range(rng.randint(1, 3))
    ]
    trips, times, frequencies = [], [], []
    for i in range(rng.randint(1, 8)):
        trip = {
            "route_id": rng.choice(routes)["route_id"],
            "service_id": rng.choice(services),
            "trip_id": f"t{i}",
            "trip_short_name": rng.choice(("", "G7")),
        }
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
        "stops.txt": stops,
        "routes.txt": routes,
        "trips.txt": trips,
        "stop_times.txt": times,
        "frequencies.txt": frequencies,
        "transfers.txt": make_transfers(rng, stops),
        **make_calendars(rng, services),
    }


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
                stops.append(
                    {
                        "stop_id": stop_id,
                        **place,
                        **where,
                        "location_type": kind,
                        "parent_station": f"S{i}",
                    }
                )
                callable_at.append(stop_id)
            if rng.random() < 0.5:
                stops.append(
                    {
                        "stop_id": f"S{i}-door",
                        **place,
                        "location_type": "2",
                        "parent_station": f"S{i}",
                    }
                )
        else:
            stops.append(
                {
                    "stop_id": f"S{i}",
                    **place,
                    "location_type": rng.choice(("", "0")),
                    "parent_station": "",
                }
            )
            callable_at.append(f"S{i}")
    return stops, callable_at


def make_calls(rng: random.Random, trip_id: str, callable_at: list[str]) -> list[Row]:
    n_calls, now, sequence, distance = (
        rng.randint(1, 6),
        rng.randint(0, 30 * 3600),
        rng.randint(0, 3),
        0,
    )
    shaped = rng.random() < 0.4
    calls = []
    for i in range(n_calls):
        arrival = now
        now += rng.choice((0, 0, 60, 137))
        row = {
            "trip_id": trip_id,
            "arrival_time": clock(arrival, rng),
            "departure_time": clock(now, rng),
            "stop_id": rng.choice(callable_at),
            "stop_sequence": str(sequence),
            "pickup_type": rng.choice(("", "0", "1", "2", "3")),
            "drop_off_type": rng.choice(("", "0", "1", "2", "3")),
            "shape_dist_traveled": f"{distance / 10}" if shaped and rng.random() < 0.9 else "",
        }
        blank = rng.random()
        if 0 < i < n_calls - 1 and blank < 0.3:
            row["arrival_time"] = row["departure_time"] = ""
        elif blank > 0.9:
            row[rng.choice(("arrival_time", "departure_time"))] = ""
        calls.append(row)
        now += rng.choice(
            (0, 30, 300, 451, 4000) if i else (30, 300)
        )  # a trip that takes no time is a defect
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
    """Return rows between any two stops, and rows that forbid to change between all platforms of
    two stations.
    """
    ids = [stop["stop_id"] for stop in stops if stop["location_type"] != "2"]
    kinds = {
        (rng.choice(ids), rng.choice(ids)): rng.choice("2234") for _ in range(rng.randint(0, 6))
    }
    if rng.random() < 0.5:
        sides = []
        for station in (rng.choice([i for i in ids if "-" not in i]) for _ in range(2)):
            sides.append(
                [i for i in ids if i.startswith(f"{station}-") and rng.random() < 0.9] or [station]
            )
            if rng.random() < 0.4:
                sides[-1] = [station]
        kinds |= dict.fromkeys(product(*sides), "3")
    return [
        {
            "from_stop_id": a,
            "to_stop_id": b,
            "transfer_type": kind,
            "min_transfer_time": str(rng.randint(0, 900)) if kind == "2" else "",
            "from_trip_id": rng.choice(("", "", "", "", "", "t0")),
        }
        for (a, b), kind in kinds.items()
    ]


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


# --- corruption ---------------------------------------------------------------------------------


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
        (
            b'"',
            b"\n",
            b"\r",
            b",",
            b"\0",
            b"\xff",
            b"\xef\xbb\xbf",
            b'"\n"',
            b"\t",
            "\u2028".encode(),
            b"-",
            b"9" * 30,
        )
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


CORRUPTIONS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    flip_bytes,
    cut,
    insert,
    cells,
    cells,
    cells,
)
