"""The toy network with names that attack terminals, spreadsheets, pages and drawings."""

from __future__ import annotations

import csv
import io
import shutil
import zipfile
from pathlib import Path

import geopandas as gpd

from railshed.util.files import networks_root

#: a formula, an escape that renames the terminal, an override of direction, C1, a tag with a
#: handler, a closing script
PAYLOAD = "=1+1\x1b]0;owned\x07\u202e\x9b31m</script><img src=x onerror=window.PWN=1>"
#: what is left of it
CLEANED = "=1+1]0;owned31m</script><img src=x onerror=window.PWN=1>"
_NAMES = (
    "name_zh",
    "name_en",
    "station_zh",
    "station_en",
    "country_region",
    "home",
    "home_en",
    "proper_source",
)
_STOPS = ("stop_name", "stop_name_en", "route_short_name", "route_long_name", "trip_short_name")
_COUNTIES = ("county", "county_en", "prefecture", "prefecture_en", "province", "province_en")


def _attacked(text: str, columns: tuple[str, ...], count: list[int]) -> str:
    """Return a CSV with the payload and a number in some columns, of which equal texts
    stay equal.
    """
    head, *rows = csv.reader(io.StringIO(text))
    for row in rows:
        for k, column in enumerate(head):
            if column in columns and row[k]:
                row[k] = f"{PAYLOAD}{row[k]}"
                count[0] += 1
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows([head, *rows])
    return out.getvalue()


def attacked_toy(folder: Path) -> int:
    """Make the network in a folder and return the number of names with the payload."""
    shutil.copytree(networks_root() / "toy", folder)
    count = [0]
    for path in folder.glob("*.csv"):
        path.write_text(_attacked(path.read_text("utf-8-sig"), _NAMES, count), "utf-8")
    feed = folder / "timetable.zip"
    with zipfile.ZipFile(feed) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(feed, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, _attacked(data.decode("utf-8-sig"), _STOPS, count))
    counties = gpd.read_parquet(folder / "boundaries.parquet")
    for column in _COUNTIES:
        counties[column] = [f"{PAYLOAD}{text}" for text in counties[column]]
        count[0] += len(counties)
    counties.to_parquet(folder / "boundaries.parquet")
    meta = folder / "network.toml"
    text = meta.read_text("utf-8")
    escaped = PAYLOAD.encode("unicode_escape").decode().replace("\\x", "\\u00")
    meta.write_text(text.replace('title_en = "', f'title_en = "{escaped}', 1), "utf-8")
    return count[0] + 1


#: a scenario whose names attack too
SCENARIO = r"""title = "=1+1\u001b[31m<img src=x onerror=window.PWN=2>"
description = "two\nlines\u001b"
[[modification]]
type = "add-trips"
name = "@cmd\u202e<img src=x onerror=window.PWN=3>"
top_speed_kmh = 160
stops = ["mid", {name = "+1\u009b<b>新站</b>", lon = 100.12, lat = 0.42, station_class = "small"}, "northeast"]
frequencies = [{start_time = "06:00", end_time = "22:00", headway_minutes = 20}]
"""
