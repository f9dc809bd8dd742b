"""Write the toy network, the same bytes every time: `python networks/toy/build.py`.

README.md works its numbers out by hand.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import geopandas as gpd
import pandas as pd
from shapely.geometry import box

HERE = Path(__file__).resolve().parent
ZIP_DATE = (2024, 1, 1, 0, 0, 0)
CELL_DEG = 0.01
HALF_COUNTY_DEG = 0.1

#: station_id: name, English name, lon, lat, county
STATIONS = {
    "mid": ("中城", "Midtown", 100.0, 0.3, "990101"),
    "west": ("西山", "Westhill", 99.8, 0.3, "990102"),
    "east": ("东桥", "Eastbridge", 100.2, 0.3, "980101"),
    "eastnorth": ("东桥北", "Eastbridge North", 100.2045, 0.3, "980101"),
    "north": ("北湖", "Northlake", 100.0, 0.5, "990103"),
    "south": ("南港", "Southport", 100.0, 0.1, "990104"),
    "northeast": ("东北岭", "Ridgefield", 100.2, 0.5, "980102"),
    "southeast": ("东南湾", "Baymouth", 100.2, 0.1, "980103"),
}
#: stations that only a headway line serves
LINE_STATIONS = {
    "midsouth": ("中城南", "Midtown South", 100.0, 0.25),
    "southwest": ("西南坡", "Slopeside", 99.8, 0.1),
    "northwest": ("西北原", "Plainview", 99.8, 0.5),
}
PREFECTURES = {
    "9901": ("中城市", "Midtown"),
    "9902": ("西原市", "Westplain"),
    "9801": ("东江市", "Eastriver"),
}
PROVINCES = {"99": ("中江省", "Zhongjiang"), "98": ("东江省", "Dongjiang")}
#: county_code: name, English name, lon, lat of its middle
COUNTIES = {
    "990101": ("中城区", "Midtown District", 100.0, 0.3),
    "990102": ("西山县", "Westhill County", 99.8, 0.3),
    "990103": ("北湖县", "Northlake County", 100.0, 0.5),
    "990104": ("南港县", "Southport County", 100.0, 0.1),
    "990201": ("西北原县", "Plainview County", 99.8, 0.5),
    "990202": ("西南坡县", "Slopeside County", 99.8, 0.1),
    "980101": ("东桥县", "Eastbridge County", 100.2, 0.3),
    "980102": ("东北岭县", "Ridgefield County", 100.2, 0.5),
    "980103": ("东南湾县", "Baymouth County", 100.2, 0.1),
}
#: lon, lat, county, thousands of people: powers of two, so that a sum names the places
PEOPLE = (
    (99.8, 0.3, "990102", 1),
    (100.2, 0.3, "980101", 2),
    (100.0, 0.5, "990103", 4),
    (100.0, 0.1, "990104", 8),
    (100.2, 0.5, "980102", 16),
    (100.2, 0.1, "980103", 32),
    (99.8, 0.1, "990202", 64),
    (99.8, 0.5, "990201", 128),
    (100.0, 0.3, "990101", 256),
    (99.93, 0.57, "990103", 512),  # fields 10.9 km from the station 北湖
)
#: route: stations with minutes after the start (arrival, departure), first run (minutes), every,
#: runs
LINES = {
    "fast-east": ([("west", 0, 0), ("mid", 18, 20), ("east", 36, 36)], 5 * 60 + 12, 20, 54),
    "fast-west": ([("east", 0, 0), ("mid", 16, 18), ("west", 36, 36)], 5 * 60 + 4, 20, 54),
    "slow-south": ([("north", 0, 0), ("mid", 32, 35), ("south", 68, 68)], 5 * 60 + 10, 30, 36),
    "slow-north": ([("south", 0, 0), ("mid", 33, 36), ("north", 68, 68)], 5 * 60 + 12, 30, 36),
    "loop-a": (
        [("north", 0, 0), ("northeast", 10, 12), ("eastnorth", 18, 20), ("southeast", 30, 30)],
        4 * 60 + 56, 60, 18,
    ),
    "loop-b": (
        [("southeast", 0, 0), ("eastnorth", 10, 11), ("northeast", 17, 18), ("north", 28, 28)],
        5 * 60 + 6, 60, 18,
    ),
    "night": ([("mid", 0, 0), ("north", 32, 32)], 24 * 60 + 15, 60, 1),
    "weekend": ([("southeast", 0, 0), ("mid", 20, 20)], 8 * 60, 60, 2),
}  # fmt: skip
STOP_EXTRAS = ("station_class", "feeder", "county_code")
NAMES = {"fast": "快线", "slow": "慢线", "loop": "环线", "night": "末班车", "weekend": "周末快车"}


def csv_text(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table as CSV text."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def clock(minutes: int) -> str:
    """Return the GTFS time of minutes after midnight."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}:00"


def feed() -> dict[str, str]:
    """Return the text of every file of the GTFS feed."""
    trips, calls = [], []
    for route, (pattern, first, every, n_runs) in LINES.items():
        service = "weekend" if route == "weekend" else "daily"
        for run in range(n_runs):
            start = first + run * every
            trip_id = f"{route}-{clock(start)[:5].replace(':', '')}"
            trips.append((route, service, trip_id))
            for sequence, (station, arrival, departure) in enumerate(pattern, 1):
                calls.append(
                    (trip_id, clock(start + arrival), clock(start + departure), station, sequence)
                )
    days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    stops = [
        (sid, zh, en, lat, lon, "small", "bus", code)
        for sid, (zh, en, lon, lat, code) in STATIONS.items()
    ]
    routes = [(route, NAMES[route.split("-")[0]], route, 2) for route in LINES]
    return {
        "agency.txt": csv_text(
            ["agency_id", "agency_name", "agency_url", "agency_timezone"],
            [("toy", "格子铁路 Grid Railway", "https://example.org/", "Etc/GMT-7")],
        ),
        "stops.txt": csv_text(
            ["stop_id", "stop_name", "stop_name_en", "stop_lat", "stop_lon", *STOP_EXTRAS],
            stops,
        ),
        "routes.txt": csv_text(
            ["route_id", "route_short_name", "route_long_name", "route_type"], routes
        ),
        "trips.txt": csv_text(["route_id", "service_id", "trip_id"], trips),
        "stop_times.txt": csv_text(
            ["trip_id", "arrival_time", "departure_time", "stop_id", "stop_sequence"], calls
        ),
        "calendar.txt": csv_text(
            ["service_id", *days, "start_date", "end_date"],
            [
                ("daily", *[1] * 7, 20240101, 20241231),
                ("weekend", *[0] * 5, 1, 1, 20240101, 20241231),
            ],
        ),
    }


def write_feed(path: Path) -> None:
    """Write the GTFS zip with fixed dates and modes."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in sorted(feed().items()):
            info = zipfile.ZipInfo(name, ZIP_DATE)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            info.create_system = 3
            archive.writestr(info, text.encode())


def write_tables() -> None:
    """Write the CSV files."""
    tables = {
        "cities.csv": (
            [
                "slug",
                "name_zh",
                "name_en",
                "role",
                "regions",
                "feeder",
                "window_to",
                "window_from",
                "prefecture_code",
                "proper_counties",
            ],
            [
                (
                    "mid",
                    "中城",
                    "Midtown",
                    "core",
                    "toy|mid-area",
                    "bus",
                    "07:30-09:30",
                    "17:00-19:30",
                    "990100",
                    "990101",
                ),
                (
                    "east",
                    "东桥",
                    "Eastbridge",
                    "secondary",
                    "toy|mid-area",
                    "bus",
                    "07:30-09:30",
                    "17:00-19:30",
                    "980100",
                    "980101",
                ),
            ],
        ),
        "core_stations.csv": (
            ["city", "station_id", "station_zh", "confidence", "note"],
            [
                ("mid", "mid", "中城", "high", ""),
                ("east", "east", "东桥", "high", ""),
                ("east", "eastnorth", "东桥北", "high", ""),
            ],
        ),
        "centres.csv": (
            ["city", "name_zh", "name_en", "lon", "lat", "confidence", "source"],
            [
                (
                    "mid",
                    "中城广场",
                    "Midtown Square",
                    100.0,
                    0.32,
                    "high",
                    "2.2 km north of the station",
                ),
                ("mid", "南园", "South Park", 100.0, 0.25, "high", "at Midtown South"),
                ("east", "东桥广场", "Eastbridge Square", 100.2, 0.3, "high", "at the station"),
            ],
        ),
        "regions.csv": (
            [
                "region_id",
                "kind",
                "name_zh",
                "name_en",
                "country_region",
                "tier",
                "members",
                "confidence",
                "scope_version",
                "source",
                "notes",
            ],
            [
                (
                    "toy",
                    "agglomeration",
                    "格子城市群",
                    "Grid Agglomeration",
                    "",
                    "",
                    "990100|990200|980101|980102",
                    "high",
                    "invented",
                    "invented",
                    "all but 980103",
                ),
                (
                    "mid-area",
                    "metropolitan_area",
                    "中城都市圈",
                    "Midtown Metropolitan Area",
                    "",
                    "",
                    "990100|980101",
                    "high",
                    "invented",
                    "invented",
                    "one prefecture and one county",
                ),
            ],
        ),
        "lines.csv": (
            [
                "line_id",
                "line_zh",
                "line_en",
                "stop_sequence",
                "station_id",
                "station_zh",
                "station_en",
                "lon",
                "lat",
                "minutes",
                "station_class",
                "feeder",
                "core_city",
                "headways",
                "confidence",
                "source",
            ],
            [
                *_line("sw", "市域线", "Suburban line", ["southwest", "midsouth"], 17, "high"),
                *_line("nw", "西北线", "Northwest line", ["northwest", "mid"], 18, "medium"),
            ],
        ),
    }
    for name, (header, rows) in tables.items():
        (HERE / name).write_text(csv_text(header, rows), encoding="utf-8", newline="")


def _line(
    line_id: str, zh: str, en: str, ends: list[str], minutes: int, confidence: str
) -> list[tuple[object, ...]]:
    rows = []
    for sequence, station in enumerate(ends):
        name_zh, name_en, lon, lat = (LINE_STATIONS.get(station) or STATIONS[station])[:4]
        core = "mid" if station == "midsouth" else ""
        rows.append(
            (
                line_id,
                zh,
                en,
                sequence + 1,
                station,
                name_zh,
                name_en,
                lon,
                lat,
                sequence * minutes,
                "small",
                "bus",
                core,
                "05:00-23:00=10",
                confidence,
                "invented",
            )
        )
    return rows


def write_places() -> None:
    """Write counties and people."""
    people_of = dict.fromkeys(COUNTIES, 0)
    for _, _, county, thousands in PEOPLE:
        people_of[county] += thousands * 1000
    rows = []
    for code, (zh, en, lon, lat) in COUNTIES.items():
        prefecture, province = PREFECTURES[code[:4]], PROVINCES[code[:2]]
        half = HALF_COUNTY_DEG
        edges = (round(v, 1) for v in (lon - half, lat - half, lon + half, lat + half))
        rows.append(
            {
                "county_code": code,
                "county": zh,
                "county_en": en,
                "prefecture_code": code[:4] + "00",
                "prefecture": prefecture[0],
                "prefecture_en": prefecture[1],
                "province_code": code[:2] + "0000",
                "province": province[0],
                "province_en": province[1],
                "population": float(people_of[code]),
                "geometry": box(*edges),
            }
        )
    counties = gpd.GeoDataFrame(rows, geometry="geometry", crs="EPSG:4326")
    counties.to_parquet(HERE / "boundaries.parquet", index=False)
    people = pd.DataFrame(
        [(lon, lat, county, thousands * 1000.0) for lon, lat, county, thousands in PEOPLE],
        columns=["lon", "lat", "county_code", "people"],
    )
    people.to_parquet(HERE / "population.parquet", index=False)


if __name__ == "__main__":
    write_feed(HERE / "timetable.zip")
    write_tables()
    write_places()
