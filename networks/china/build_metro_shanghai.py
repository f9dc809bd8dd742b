"""Run times and positions of Shanghai's metro: minutes between first and last trains, stations of
OpenStreetMap.

The times are differences of departures in whole minutes, so they hold the dwell: a call arrives and
leaves in one minute.
"""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from pathlib import Path
from statistics import fmean

FOLDER = Path("metro", "shanghai_times")
CITY = "shanghai"
#: number of the source's files -> name of the line
NAMES = {"41": "浦江线", "51": "市域机场线"}
#: names that differ: of the times -> of the list of lines
ALIASES = {"国家会展中心": "国家会展中心({line})"}

#: (line, from, to) -> minutes
Hops = dict[tuple[str, str, str], float]


def read_hops(raw_dir: Path) -> Hops:
    """Return the minutes from station to station of each line and direction."""
    hops: Hops = {}
    stations = {row["站点ID"]: row["站点名称"] for row in _rows(raw_dir, "data/Station.csv")}
    # the edges were made of the same times; they have some that the tables of lines lack
    for row in _rows(raw_dir, "data/Edge.csv"):
        ends = (_name(stations[row[key]], row["线路"]) for key in ("起点站ID", "终点站ID"))
        hops[row["线路"], *ends] = float(row["通行时间"])
    for file in sorted((raw_dir / FOLDER / "python" / "metro_data").glob("fltime-*.csv")):
        for row in _rows(raw_dir, f"metro_data/{file.name}"):
            line = line_name(row["line"])
            hops[line, _name(row["from_station"], line), _name(row["to_station"], line)] = float(
                row["interval_min"]
            )
    return hops


def _rows(raw_dir: Path, name: str) -> list[dict[str, str]]:
    with (raw_dir / FOLDER / "python" / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def line_name(number: str) -> str:
    """Return the name of a line in the list of lines."""
    return NAMES.get(number, f"{int(number)}号线")


def _name(name: str, line: str) -> str:
    return ALIASES.get(name, name).format(line=line)


def read_places(raw_dir: Path) -> dict[tuple[str, str, str], tuple[float, float]]:
    """Return WGS84 longitude and latitude by (city, line, station): the mean of the platforms of
    that name.
    """
    folder = raw_dir / FOLDER
    rows = json.loads((folder / "station_coords.json").read_text(encoding="utf-8"))
    by_name: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for row in rows.values():
        by_name[row["name"]].append((row["lng"], row["lat"]))
    mean = {
        name: (fmean(p[0] for p in at), fmean(p[1] for p in at)) for name, at in by_name.items()
    }
    return {
        (CITY, row["line"], _name(row["name"], row["line"])): mean[row["name"]]
        for row in rows.values()
    }


def minutes_of(hops: Hops, line: str, start: str, end: str) -> float | None:
    """Return the minutes of a hop, of the way back where only that was read; None if
    neither was.
    """
    return hops.get((line, start, end)) or hops.get((line, end, start))
