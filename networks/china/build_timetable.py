"""The GTFS tables of the C, D, G and S trains, and `stations_estimated.csv`."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from build_notes import SOURCES, make_notes
from build_stations import build_stations, find_hops
from train_table.calls import read_calls as read_trains
from train_table.rows import TrainTableColumns

from railshed.io.csv.parser import CsvTables
from railshed.util.errors import InputError

#: file name -> (header, rows)
Tables = dict[str, tuple[Sequence[str], Iterable[Any]]]

LETTERS = ("C", "D", "G", "S")
COLUMNS = TrainTableColumns(
    train="train_full_code", sequence="stop_seq", name="train_code", line="class"
)
SERVICE_DATE = "20231215"
FIRST_DATE, LAST_DATE = "20231214", "20231216"
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
#: what a train of these lines can do; a faster hop means a wrong coordinate
MAX_HOP_KMH = 350.0
#: entries of a zip need a date: the first that the format knows
ZIP_DATE = (1980, 1, 1, 0, 0, 0)

AGENCY_ID = "CR"
#: letter -> (route_id, short name, long name, GTFS extended route type: 101 high speed, 102 long
#: distance, 103 inter-regional, 109 suburban rail)
ROUTES = {
    "C": ("C", "C", "城际动车组 Intercity EMU", 103),
    "D": ("D", "D", "动车组 EMU", 102),
    "G": ("G", "G", "高速动车组 High speed EMU", 101),
    "S": ("S", "S", "市郊列车 Suburban", 109),
}
LICENCE = (
    "Facts of 12306.cn's public timetable as crawled on 2023-12-13..15; the source names no "
    "licence and "
    "advises against commercial use. Coordinates contain data (c) OpenStreetMap contributors, ODbL "
    "1.0."
)


def read_calls(raw_dir: Path) -> pd.DataFrame:
    """Return all calls of the C, D, G and S trains in order of travel, in minutes after 00:00 of
    the day.

    The clock of the file is turned into elapsed time by going forward only: a time earlier than the
    one before it belongs to the next day. `day_offset` counts the midnights up to the arrival;
    where it says otherwise, the order of travel is taken and the notes say so.
    """
    path = raw_dir / "timetable_2023" / "stop_times.csv"
    tables = CsvTables()
    made = read_trains(tables, path, COLUMNS, [], where={"class": LETTERS}, least_calls=1)
    if made is None or tables.issues:
        raise InputError(f"{path}: not as it was", tables.issues)
    rows = pd.read_csv(path, dtype="object", keep_default_na=False, encoding="utf-8").iloc[
        made.rows
    ]
    return pd.DataFrame(
        {
            "train": rows["train_full_code"],
            "letter": rows["class"],
            "code": rows["train_code"],
            "sequence": rows["stop_seq"].astype(int),
            "station": rows["station"].str.replace(r"[\s_]", "", regex=True),
            "arrival": made.arrival_s // 60,
            "departure": made.departure_s // 60,
            "day_offset": rows["day_offset"].astype(int),
        }
    ).reset_index(drop=True)


def gtfs_time(minutes: int) -> str:
    """Return HH:MM:00, past 24:00 where needed."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}:00"


def gtfs_tables(calls: pd.DataFrame, stations: pd.DataFrame) -> Tables:
    """Return every file of the feed as (header, rows)."""
    ids = stations.set_index("name")["station_id"]
    firsts = calls.drop_duplicates("train")
    lasts = calls.drop_duplicates("train", keep="last").set_index("train")["station"]
    codes = calls.groupby("train")["code"].agg(lambda c: "/".join(dict.fromkeys(c)))
    trips = (
        (ROUTES[r.letter][0], "daily", r.train, codes[r.train], lasts[r.train])
        for r in firsts.itertuples()
    )
    stops = (
        (
            s.station_id,
            s.name,
            f"{s.lat:.6f}",
            f"{s.lon:.6f}",
            "0",
            "Asia/Shanghai",
            s.name_en,
            s.station_class,
            s.feeder,
            s.county_code,
            s.coord_confidence,
            s.coord_source,
        )
        for s in stations.itertuples(index=False)
    )
    times = (
        (r.train, gtfs_time(r.arrival), gtfs_time(r.departure), ids[r.station], r.sequence, "")
        for r in calls.itertuples()
    )
    return {
        "agency.txt": (
            ["agency_id", "agency_name", "agency_url", "agency_timezone", "agency_lang"],
            [(AGENCY_ID, "中国铁路 China Railway", "https://www.12306.cn", "Asia/Shanghai", "zh")],
        ),
        "calendar.txt": (
            ["service_id", *WEEKDAYS, "start_date", "end_date"],
            [("daily", *"1111111", FIRST_DATE, LAST_DATE)],
        ),
        "feed_info.txt": (
            [
                "feed_publisher_name",
                "feed_publisher_url",
                "feed_lang",
                "feed_start_date",
                "feed_end_date",
                "feed_version",
                "feed_license",
            ],
            [
                (
                    "railshed",
                    "https://www.12306.cn",
                    "zh",
                    FIRST_DATE,
                    LAST_DATE,
                    "2023-12-15",
                    LICENCE,
                )
            ],
        ),
        "routes.txt": (
            ["route_id", "agency_id", "route_short_name", "route_long_name", "route_type"],
            [(i, AGENCY_ID, short, long, kind) for i, short, long, kind in ROUTES.values()],
        ),
        "stops.txt": (
            [
                "stop_id",
                "stop_name",
                "stop_lat",
                "stop_lon",
                "location_type",
                "stop_timezone",
                "stop_name_en",
                "station_class",
                "feeder",
                "county_code",
                "coord_confidence",
                "coord_source",
            ],
            stops,
        ),
        "trips.txt": (
            ["route_id", "service_id", "trip_id", "trip_short_name", "trip_headsign"],
            trips,
        ),
        "stop_times.txt": (
            [
                "trip_id",
                "arrival_time",
                "departure_time",
                "stop_id",
                "stop_sequence",
                "pickup_type",
            ],
            times,
        ),
    }


def csv_text(header: Sequence[str], rows: Iterable[Any]) -> str:
    """Return a CSV file as text, lines ended by a line feed."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def write_zip(path: Path, tables: Tables) -> None:
    """Write the tables as a GTFS zip with fixed dates: the same tables give the same bytes."""
    with zipfile.ZipFile(path, "w") as archive:
        for name in sorted(tables):
            entry = zipfile.ZipInfo(name, ZIP_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, csv_text(*tables[name]).encode("utf-8"), compresslevel=9)


def estimated_rows(stations: pd.DataFrame) -> Iterator[tuple[Any, ...]]:
    """Return a row for each station whose coordinate is an estimate or comes from a weaker list."""
    shown = stations[(stations["coord_confidence"] != "high") | (stations["how"] != "")]
    for s in shown.itertuples(index=False):
        error = f"{s.likely_error_km:.1f}" if s.likely_error_km else ""
        yield (
            s.station_id,
            s.name,
            s.name_en,
            f"{s.lon:.6f}",
            f"{s.lat:.6f}",
            s.n_trains,
            s.county_code,
            s.county,
            s.coord_confidence,
            error,
            s.coord_source,
            s.how,
        )


def main(raw_dir: Path, out_dir: Path) -> dict[str, Any]:
    """Write stations_estimated.csv; return the stations, the tables of the feed and the notes for
    network.toml.
    """
    calls = read_calls(raw_dir)
    stations = build_stations(raw_dir, calls)
    hops = find_hops(calls, stations)
    fast = hops[hops["kmh"] > MAX_HOP_KMH]
    if len(fast):
        msg = f"{len(fast)} hops are faster than {MAX_HOP_KMH} km/h:\n{fast.head(20)}"
        raise ValueError(msg)
    tables = gtfs_tables(calls, stations)
    header = [
        "station_id",
        "station_zh",
        "station_en",
        "lon",
        "lat",
        "n_trains",
        "county_code",
        "county",
        "coord_confidence",
        "likely_error_km",
        "coord_source",
        "how",
    ]
    text = csv_text(header, estimated_rows(stations))
    (out_dir / "stations_estimated.csv").write_bytes(text.encode("utf-8"))
    notes = make_notes(raw_dir, calls, stations, hops)
    return {"stations": stations, "tables": tables, "sources": SOURCES, "notes": notes}
