"""What the timetable of the China network says of itself: sources, counts of what was dropped or
mended.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

DAY_MIN = 1440

SOURCES: list[dict[str, Any]] = [
    {
        "title": "12306.cn public timetable, repository Hu-xiaojiao/12306-code-database-2023-12-15 "
        "(db.zip)",
        "url": "https://github.com/Hu-xiaojiao/12306-code-database-2023-12-15",
        "date": "2023-12-15",
        "licence": (
            "none named; its README: free to use, commercial use not recommended, no liability. "
            "Crawled 2023-12-13..15; service day Friday 2023-12-15; no running calendar"
        ),
        "files": ["timetable.zip"],
        "raw": ("timetable_2023/stop_times.csv", "timetable_2023/trains.csv"),
    },
    {
        "title": "Station coordinates from OpenStreetMap (list cn_station_coords_osm by "
        "wensimehrp)",
        "url": "https://www.openstreetmap.org/copyright",
        "date": "2023",
        "licence": "ODbL 1.0, (c) OpenStreetMap contributors",
        "files": ["timetable.zip", "stations_estimated.csv"],
        "raw": ("timetable_2023/stations.csv",),
    },
    {
        "title": "Station coordinates of a 2016 list (GCJ-02 turned into WGS84) and a heywhale "
        "list (WGS84)",
        "url": "",
        "date": "2016",
        "licence": "none named; 22 stations, single facts, coord_confidence medium",
        "files": ["timetable.zip", "stations_estimated.csv"],
    },
    {
        "title": "Coordinates of 30 stations in no list: estimated by mileage, neighbours and run "
        "times",
        "url": "",
        "date": "2023-12-15",
        "licence": "facts; how each was found and how sure it is: stations_estimated.csv",
        "files": ["timetable.zip", "stations_estimated.csv"],
        "raw": ("reference/missing_station_coords.csv",),
    },
]


def read(path: Path) -> pd.DataFrame:
    """Return a raw table as text."""
    return pd.read_csv(path, dtype="object", keep_default_na=False, encoding="utf-8")


def counted(values: pd.Series) -> dict[str, int]:
    """Return how often each value occurs, most often first, ties by value."""
    counts = values.value_counts()
    return {str(k): int(v) for k, v in sorted(counts.items(), key=lambda kv: (-kv[1], str(kv[0])))}


def make_notes(
    raw_dir: Path, calls: pd.DataFrame, stations: pd.DataFrame, hops: pd.DataFrame
) -> dict[str, Any]:
    """Return the notes on the timetable for network.toml."""
    folder = raw_dir / "timetable_2023"
    rows = read(folder / "stop_times.csv").rename(
        columns={"train_full_code": "train", "class": "letter"}
    )
    other = rows[~rows["letter"].isin(set(calls["letter"]))]
    raw_stations = read(folder / "stations.csv")
    kept = calls.drop_duplicates("train")
    return {
        "included": {
            "trains": len(kept),
            "trains_by_letter": counted(kept["letter"]),
            "stop_rows": len(calls),
            "stations": len(stations),
        },
        "dropped": {
            "trains_by_letter": counted(other.drop_duplicates("train")["letter"]),
            "trains_why": "conventional trains (K, T, Z, P, Y): the network is of C, D, G and S "
            "trains",
            "stop_rows": len(other),
            "stations_without_such_trains": len(raw_stations) - len(stations),
        },
        **mended(raw_dir, calls),
        **oddities(raw_dir, rows, calls),
        **checked(stations, hops),
    }


def mended(raw_dir: Path, calls: pd.DataFrame) -> dict[str, Any]:
    """Return what was read otherwise than it is written."""
    rows = read(raw_dir / "timetable_2023" / "stop_times.csv")
    late = calls[calls["arrival"] // DAY_MIN != calls["day_offset"]]
    stray = rows["station"].str.contains(r"[\s_]", regex=True)
    return {
        "mended": {
            "day_offset_ignored": [
                f"{r.code} ({r.train}) at {r.station}: {r.day_offset}, by order "
                f"{r.arrival // DAY_MIN}"
                for r in late.itertuples()
            ],
            "station_names_with_stray_characters": int(rows.loc[stray, "station"].nunique()),
            "station_names_why": (
                "a stray '_' in 13 names was already removed in the raw table; any left is removed "
                "here"
            ),
            "blank_ends": "none: the source repeats the other time; as given",
        }
    }


def oddities(raw_dir: Path, rows: pd.DataFrame, calls: pd.DataFrame) -> dict[str, Any]:
    """Return what is odd in the source and stays as it is."""
    by_train = calls.groupby("train")
    stops = by_train.size()
    ends = pd.DataFrame({"first": by_train["station"].first(), "last": by_train["station"].last()})
    trains = read(raw_dir / "timetable_2023" / "trains.csv").set_index("train_full_code")
    said = trains.reindex(ends.index)
    said_first = said["start_station"].str.replace(" ", "")
    said_last = said["end_station"].str.replace(" ", "")
    cut = ends[(said_first != ends["first"]) | (said_last != ends["last"])]
    code = by_train["code"].first()
    repeated = calls[calls.duplicated(["train", "station"])]["train"].nunique()
    night = by_train["departure"].max() >= DAY_MIN
    dwell = calls["departure"] - calls["arrival"]
    inner = calls["train"].eq(calls["train"].shift(1)) & calls["train"].eq(calls["train"].shift(-1))
    last = ~calls["train"].eq(calls["train"].shift(-1))
    return {
        "as_given": {
            "code_changes_en_route": int((by_train["code"].nunique() > 1).sum()),
            "code_changes_why": "one trip by train_full_code; trip_short_name joins the public "
            "codes by /",
            "trains_calling_twice_at_a_station": int(repeated),
            "trains_past_midnight": int(night.sum()),
            "trains_with_one_stop": [
                f"{code[t]} ({t}): {ends['first'][t]}" for t in stops[stops < 2].index
            ],
            "trains_cut_short_in_the_source": [
                f"{code[t]} ({t}): {ends['first'][t]}-{ends['last'][t]}, said "
                f"{said_first[t]}-{said_last[t]}"
                for t in cut.index
            ],
            "last_calls_with_a_later_departure": int((last & (dwell > 0)).sum()),
            "inner_calls_without_dwell": int((inner & (dwell == 0)).sum()),
            "longest_dwell_min": int(dwell[inner].max()),
            "trains_without_a_row_in_trains_csv": int(said["end_station"].isna().sum()),
            "calendar": "the source has none: every train is taken to run on 2023-12-14, 15 and 16",
        }
    }


def checked(stations: pd.DataFrame, hops: pd.DataFrame) -> dict[str, Any]:
    """Return what was checked of hops, coordinates and counties."""
    fastest = hops.sort_values(["kmh", "train"], ascending=[False, True]).iloc[0]
    given = stations["county_given"] != ""
    same = stations["county_given"] == stations["county_code"]
    no_county = stations[stations["county_code"] == ""]["name"]
    nearest = stations[stations["county_by"] == "nearest"]["name"]
    return {
        "hops": {
            "checked": len(hops),
            "fastest_kmh": round(float(fastest["kmh"]), 1),
            "fastest": "{from}-{to}, {km:.1f} km straight, {minutes:.0f} min".format(**fastest),
            "limit_kmh": 350,
            "faster_than_limit": int((hops["kmh"] > 350).sum()),
            "shortest_min": int(hops["minutes"].min()),
            "longest_min": int(hops["minutes"].max()),
        },
        "coordinates": {
            "by_confidence": counted(stations["coord_confidence"]),
            "by_source": counted(stations["coord_source"]),
            "estimated": int((stations["coord_source"] == "estimate").sum()),
        },
        "station_counties": {
            "same_as_in_the_source": int((given & same).sum()),
            "other_than_in_the_source": int((given & ~same).sum()),
            "filled": int((~given & (stations["county_code"] != "")).sum()),
            "nearest_within_3_km": sorted(nearest),
            "none": sorted(no_county),
        },
        "station_class": counted(stations["station_class"]),
        "feeder": counted(stations["feeder"]),
    }
