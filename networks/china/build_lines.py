"""`lines.csv`: commuter lines not sold on 12306, as stops, minutes and headways, from
`lines_stops.toml`.

Minutes come from published times where a stop has one (`m`). Between two such stops they are shared
out, and where no time is known they are computed, by hop = 1.1 x straight distance / cruising speed
+ a stop penalty; the two numbers of a line are chosen for its speed limit and hold the usual
commercial speed. A stop in the same complex as a railway station takes that station's id and
coordinate, so that people can change there.
"""

from __future__ import annotations

import math
import tomllib
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd
from build_names import english_name, pinyin_id
from build_regions import write_csv

HERE = Path(__file__).resolve().parent
COLUMNS = [
    "line_id",
    "line_zh",
    "line_en",
    "stop_sequence",
    "station_id",
    "station_zh",
    "station_en",
    "lon",
    "lat",
]
COLUMNS += ["minutes", "station_class", "feeder", "core_city", "headways", "confidence", "source"]
#: run length over straight distance between stops
DETOUR = 1.1
#: names whose pinyin is not what the line's map says
ENGLISH = {
    "迪士尼": "Disney Resort",
    "浙大国际校区": "Zhejiang University International Campus",
    "童世界": "Children's World",
    "临平南": "Linping South",
    "菉葭": "Lujia",
}


def read_stop(text: str) -> dict[str, Any]:
    """Return one stop of `lines_stops.toml`."""
    name, lon, lat, *options = text.split()
    known = dict(option.split("=", 1) for option in options)
    if unknown := set(known) - {"m", "id", "core", "f", "place"}:
        raise ValueError(
            f"lines_stops.toml: unknown option {'|'.join(sorted(unknown))} in {text!r}"
        )
    return {"name": name, "lon": float(lon), "lat": float(lat), **known}


def straight_km(a: dict[str, Any], b: dict[str, Any]) -> float:
    """Return the great-circle distance of two stops."""
    lat_a, lat_b = math.radians(a["lat"]), math.radians(b["lat"])
    h = math.sin((lat_b - lat_a) / 2) ** 2
    h += math.cos(lat_a) * math.cos(lat_b) * math.sin(math.radians(b["lon"] - a["lon"]) / 2) ** 2
    return 2 * 6371 * math.asin(math.sqrt(h))


def minutes_of(stops: list[dict[str, Any]], cruise_kmh: float, stop_min: float) -> list[float]:
    """Return minutes from the first stop, to half a minute, increasing."""
    hops = [DETOUR * straight_km(a, b) / cruise_kmh * 60 + stop_min for a, b in pairwise(stops)]
    known = {i: float(stop["m"]) for i, stop in enumerate(stops) if "m" in stop}
    known.setdefault(0, 0.0)
    first_known = min((i for i in known if i > 0), default=None)
    if first_known is not None and known[0] != 0.0:
        raise ValueError("the first stop is not at minute 0")
    exact = [0.0]
    for i, hop in enumerate(hops):
        before = max(k for k in known if k <= i)
        after = min((k for k in known if k > i), default=None)
        if after is not None:
            hop *= (known[after] - known[before]) / sum(hops[before:after])
        exact.append(exact[-1] + hop)
    rounded = [round(minute * 2) / 2 for minute in exact]
    for i in range(1, len(rounded)):
        rounded[i] = max(rounded[i], rounded[i - 1] + 0.5)
    return rounded


def line_rows(
    line: dict[str, Any], stations: pd.DataFrame, feeders: dict[str, str]
) -> list[dict[str, Any]]:
    """Return the rows of one line."""
    stops = [read_stop(text) for text in line["stops"].strip().splitlines()]
    for stop in stops:
        if "id" in stop:
            at = stations.loc[stop["id"]]
            moved = straight_km(stop, {"lon": at["stop_lon"], "lat": at["stop_lat"]})
            if moved > 1.0:
                raise ValueError(
                    f"{line['id']}: {stop['name']} lies {moved:.1f} km from station {stop['id']}"
                )
            stop["lon"], stop["lat"] = float(at["stop_lon"]), float(at["stop_lat"])
    minutes = minutes_of(stops, line.get("cruise_kmh", 70.0), line.get("stop_min", 1.0))
    rows = []
    for i, (stop, minute) in enumerate(zip(stops, minutes, strict=True)):
        core = stop.get("core", "")
        place = stop.get("place", line["place"])
        name = stop["name"]
        values = (
            line["id"],
            line["zh"],
            line["en"],
            i + 1,
            stop.get("id") or f"{place}-{pinyin_id(name)}",
            name,
            ENGLISH.get(name) or english_name(name),
            stop["lon"],
            stop["lat"],
            minute,
            "metro",
            feeders[core] if core else stop.get("f", "bus"),
            core,
            line["headways"],
            line["confidence"],
            f"{line['source']}; coordinates: {line['coordinates']}",
        )
        rows.append(dict(zip(COLUMNS, values, strict=True)))
    return rows


def build_lines(
    out_dir: Path, stations: pd.DataFrame, cities: list[dict[str, Any]]
) -> dict[str, Any]:
    """Write `lines.csv`; return notes."""
    lines = tomllib.loads((HERE / "lines_stops.toml").read_text(encoding="utf-8"))["line"]
    feeders = {city["slug"]: city["feeder"] for city in cities}
    known = stations.set_index("stop_id")
    rows = [row for line in lines for row in line_rows(line, known, feeders)]
    write_csv(out_dir / "lines.csv", COLUMNS, rows)
    by = {
        c: "|".join(line["id"] for line in lines if line["confidence"] == c)
        for c in ("high", "medium", "low")
    }
    return {"lines": len(lines), **{f"lines_{c}": names for c, names in by.items() if names}}
