"""Tiny GTFS feeds and network folders written by tests, one table of text a file."""

from __future__ import annotations

import zipfile
from pathlib import Path

from railshed.io.gtfs.read import Feed, read_gtfs

#: A 08:00 -> B 08:20-08:22 -> C 08:40, and back from 09:00; every weekday of 2024
FEED = {
    "agency.txt": "agency_id,agency_name,agency_url,agency_timezone\nx,X,https://example.org,Asia/Shanghai\n",
    "stops.txt": (
        "stop_id,stop_name,stop_lat,stop_lon,stop_name_en\n"
        "a,甲,30.0,104.0,Jia\nb,乙,30.0,104.3,Yi\n"
        "c,丙,30.0,104.6,Bing\n"
    ),
    "routes.txt": "route_id,agency_id,route_short_name,route_long_name,route_type\nr,x,R,,2\n",
    "trips.txt": "route_id,service_id,trip_id,trip_short_name\nr,weekdays,t1,G1\nr,weekdays,t2,\n",
    "stop_times.txt": (
        "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
        "t1,08:00:00,08:00:00,a,1\n"
        "t1,08:20:00,08:22:00,b,2\n"
        "t1,08:40:00,08:40:00,c,3\n"
        "t2,9:00:00,9:00:00,c,1\nt2,9:18:00,9:20:00,b,2\n"
        "t2,9:40:00,9:40:00,a,3\n"
    ),
    "calendar.txt": (
        "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\n"
        "weekdays,1,1,1,1,1,0,0,20240101,20241231\n"
    ),
}

NETWORK_TOML = """
title = "试验"
date = 2024-05-15
population_cell_deg = 0.5

[[sources]]
title = "invented"
licence = "CC0-1.0"

[notes]
dropped.trains = 2
"""

CITIES = {
    "cities.csv": (
        "slug,name_zh,name_en,role,regions,feeder,window_to,window_from,prefecture_code,proper_counties\n"
        "jia,甲城,Jia City,core,reg,metro,07:00-09:00,17:00-19:00,100100,100101|100102\n"
        "bing,丙城,Bing City,secondary,reg,,,,100200,\n"
    ),
    "core_stations.csv": "city,station_id,station_zh,confidence,note\njia,b,乙,high,\njia,a,甲,high,\n",
    "centres.csv": (
        "city,name_zh,name_en,lon,lat,confidence,source\n"
        "jia,主中心,Main,104.01,30.01,high,x\n"
        "jia,副中心,Second,104.02,30.02,high,x\n"
    ),
    "regions.csv": (
        "region_id,kind,name_zh,name_en,country_region,tier,members,confidence,scope_version,source,notes\n"
        "reg,agglomeration,某城市群,Some Region,east,,100100|100201,high,2020,x,\n"
    ),
}

LINES = {
    "lines.csv": (
        "line_id,line_zh,line_en,stop_sequence,station_id,station_zh,station_en,lon,lat,minutes,station_class,"
        "feeder,core_city,headways,confidence,source\n"
        "m,市郊线,Suburban,2,n,新,New,104.1,30.0,12,metro,bus,jia,06:00-07:00=10|07:00-09:00=5,high,x\n"
        "m,市郊线,Suburban,1,b,,,,,0,metro,bus,,06:00-07:00=10|07:00-09:00=5,high,x\n"
        "q,旧线,Old,1,a,,,,,0,metro,bus,,06:00-07:00=10,low,x\n"
        "q,旧线,Old,2,b,,,,,20,metro,bus,,06:00-07:00=10,low,x\n"
    ),
}


def write_files(folder: Path, files: dict[str, str | bytes]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        data = content if isinstance(content, bytes) else content.encode("utf-8")
        (folder / name).write_bytes(data)
    return folder


def write_zip(path: Path, files: dict[str, str | bytes]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def feed_with(**tables: str | bytes | None) -> dict[str, str | bytes]:
    """The feed with some tables replaced (``stops="..."``) or, where None, left out."""
    files: dict[str, str | bytes] = dict(FEED)
    for name, content in tables.items():
        if content is None:
            del files[f"{name}.txt"]
        else:
            files[f"{name}.txt"] = content
    return files


def write_network(
    folder: Path, files: dict[str, str | bytes] | None = None, **tables: str | bytes | None
) -> Path:
    """A network folder: toml, timetable.zip, and the given CSV files."""
    write_files(folder, {"network.toml": NETWORK_TOML, **(CITIES if files is None else files)})
    write_zip(folder / "timetable.zip", feed_with(**tables))
    return folder


def shuffled(table: str, seed: int) -> str:
    """The same table with its rows in another order."""
    import random

    header, *rows = table.splitlines()
    random.Random(seed).shuffle(rows)
    return "\n".join([header, *rows]) + "\n"


def read_tables(folder: Path, **tables: str | bytes | None) -> Feed:
    """Return what is read of the good feed with these tables in place of its own, from a zip
    written into a folder.
    """
    return read_gtfs(write_zip(folder / "feed.zip", feed_with(**tables)))
