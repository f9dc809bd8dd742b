"""Cities with their core stations, employment centres and the counties of the city proper.

The city proper (`proper_counties`, its source in `proper_source`) is a plan's or the city's own
where `city_proper.csv` names it; else it is every county unit of the city's prefecture that holds
one of its centres or core stations. `city_proper.csv` is edited by hand: `confidence` is "read" for
a document that was read, by title and address, and "memory" else. A county that a plan cuts is
taken whole where most of its people live inside, or a centre or core station lies in the part
inside; the note says so.

`python build_cities.py` writes these two columns of the shipped `cities.csv` anew, from the shipped
files alone.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from build_regions import read_reference, write_csv

HERE = Path(__file__).resolve().parent
#: source of a city proper that `city_proper.csv` does not name
HELD = "counties that hold a centre or a terminal"
EXTRA_CORE = {"nanjing", "hangzhou", "hefei"}
CITY_COLUMNS = [
    "slug",
    "name_zh",
    "name_en",
    "role",
    "regions",
    "feeder",
    "window_to",
    "window_from",
]
CITY_COLUMNS += ["prefecture_code", "proper_counties", "proper_source", "metro"]
STATION_COLUMNS = ["city", "station_id", "station_zh", "confidence", "note"]
CENTRE_COLUMNS = ["city", "name_zh", "name_en", "lon", "lat", "confidence", "source"]
PEAKS = ("07:30-09:30", "17:00-19:30")
XINJIANG_PEAKS = ("09:30-11:30", "19:00-21:30")

#: what carries people to and from the core stations on 2023-12-15 (from memory): three metro lines
#: or more; one or two; every other city has buses only. 贵阳 line 3 opened a day later.
METRO = frozenset(
    [
        "beijing",
        "tianjin",
        "shijiazhuang",
        "shanghai",
        "nanjing",
        "hangzhou",
        "hefei",
        "suzhou",
        "wuxi",
        "ningbo",
        "guangzhou",
        "shenzhen",
        "foshan",
        "chengdu",
        "chongqing",
        "wuhan",
        "changsha",
        "nanchang",
        "jinan",
        "qingdao",
        "fuzhou",
        "xiamen",
        "zhengzhou",
        "xian",
        "nanning",
        "changchun",
        "shenyang",
        "dalian",
        "kunming",
        "harbin",
        "hongkong",
    ]
)
METRO_SMALL = frozenset([
    "changzhou", "dongguan", "luoyang", "taiyuan", "guiyang", "hohhot", "lanzhou", "urumqi",
    "wenzhou", "xianyang",
])  # fmt: skip
#: prefecture codes that the name does not give
PREFECTURES = {"xiongan": "130600", "shihezi": "659001", "hongkong": "810000"}
#: rows of the core station list that are no core station of their city
NO_CORE = {("beijing", "密云北")}
#: Binhai's centre is 45 km from 天津's core stations and never reached through them
NO_CENTRE = {("tianjin", "泰达(滨海新区)")}
ADDED_CENTRES: dict[str, tuple[str, str, float, float]] = {
    "xiongan": ("启动区", "Start-up area", 115.95, 39.03),
    "mianyang": ("铁牛广场—人民公园", "Tieniu Square", 104.739, 31.466),
    "xiangyang": ("樊城人民广场", "Fancheng Peoples Square", 112.139, 32.047),
    "yichang": ("夷陵广场", "Yiling Square", 111.287, 30.696),
    "yantai": ("南大街", "Nandajie", 121.392, 37.537),
    "zibo": ("张店人民公园", "Zhangdian Peoples Park", 118.054, 36.808),
    "weifang": ("人民广场", "Peoples Square", 119.107, 36.711),
    "quanzhou": ("钟楼—丰泽", "Clock Tower - Fengze", 118.592, 24.911),
    "wenzhou": ("五马街", "Wuma Street", 120.656, 28.016),
    "shantou": ("金砂路", "Jinsha Road", 116.698, 23.364),
    "baoji": ("人民公园—经二路", "Peoples Park - Jing'er Road", 107.144, 34.371),
    "xianyang": ("人民路", "Renmin Road", 108.708, 34.334),
    "zhanjiang": ("赤坎", "Chikan", 110.362, 21.270),
    "anshan": ("站前", "Station square", 122.990, 41.112),
    "yingkou": ("站前区", "Zhanqian", 122.236, 40.668),
    "jinzhong": ("榆次顺城街", "Yuci Shuncheng Street", 112.742, 37.690),
    "zunyi": ("丁字口", "Dingzikou", 106.925, 27.694),
    "anshun": ("大十字", "Dashizi", 105.935, 26.246),
    "qujing": ("南门", "South Gate", 103.797, 25.492),
    "yuxi": ("红塔聂耳广场", "Nie Er Square", 102.543, 24.352),
    "chuxiong": ("鹿城", "Lucheng", 101.543, 25.036),
    "baotou": ("阿尔丁广场", "Arding Square", 109.840, 40.657),
    "ordos": ("康巴什", "Kangbashi", 109.785, 39.606),
    "yulin": ("榆阳老城", "Yuyang old town", 109.737, 38.285),
    "shihezi": ("世纪广场—老街", "Century Square", 86.041, 44.305),
    "karamay": ("市民广场", "Citizens Square", 84.873, 45.595),
}
ADDED_SOURCE = "memory of the city's main square or shopping street, position not checked on a map"


def read_cities(raw_dir: Path) -> pd.DataFrame:
    """Return one row a city of the core station list: slug, names, regions, role."""
    rows = read_reference(raw_dir, "core_stations").rename(columns={"city_slug": "slug"})
    cities = rows.drop_duplicates("slug")[
        ["slug", "name_zh", "name_en", "agglomerations"]
    ].reset_index(drop=True)
    core = {
        c
        for row in read_reference(raw_dir, "agglomerations")["core_cities"]
        for c in row.split("|")
    }
    if missing := core - set(cities["name_zh"]):
        raise ValueError(f"core cities without core stations: {'|'.join(sorted(missing))}")
    is_core = cities["name_zh"].isin(core) | cities["slug"].isin(EXTRA_CORE)
    cities["role"] = np.where(is_core, "core", "secondary")
    return cities


def prefecture_of(slug: str, name: str, counties: pd.DataFrame) -> str:
    """Return the prefecture code of a city by its name."""
    if slug in PREFECTURES:
        return PREFECTURES[slug]
    hit = counties.loc[counties["prefecture"].str.startswith(name), "prefecture_code"].unique()
    if len(hit) != 1:
        raise ValueError(f"{slug}: {len(hit)} prefectures begin with {name}")
    return str(hit[0])


def list_core_stations(
    raw_dir: Path, stations: pd.DataFrame
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return the rows of `core_stations.csv`; raise where a station is not in the timetable."""
    ids = stations.set_index("stop_name")["stop_id"]
    rows, dropped = [], []
    for row in read_reference(raw_dir, "core_stations").itertuples():
        if (row.city_slug, row.station) in NO_CORE:
            dropped.append(row.station)
            continue
        if row.station not in ids.index:
            raise ValueError(
                f"core station {row.station} of {row.city_slug} is not in the timetable"
            )
        rows.append(
            {
                "city": row.city_slug,
                "station_id": ids[row.station],
                "station_zh": row.station,
                "confidence": row.confidence,
                "note": "" if pd.isna(row.note) else row.note,
            }
        )
    return rows, {"core_stations": len(rows), "core_stations_dropped": "|".join(dropped)}


def list_centres(raw_dir: Path, slugs: list[str]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return the rows of `centres.csv`, cities in order, main centre first."""
    given = read_reference(raw_dir, "centres")
    rows = []
    for slug in slugs:
        found = False
        for row in given[given["city_slug"] == slug].itertuples():
            if (slug, row.centre_zh) in NO_CENTRE:
                continue
            found = True
            values = (
                slug,
                row.centre_zh,
                row.centre_en,
                row.lon,
                row.lat,
                row.confidence,
                row.source_note,
            )
            rows.append(dict(zip(CENTRE_COLUMNS, values, strict=True)))
        if not found:
            rows.append(
                dict(
                    zip(
                        CENTRE_COLUMNS,
                        (slug, *ADDED_CENTRES[slug], "low", ADDED_SOURCE),
                        strict=True,
                    )
                )
            )
    return rows, {"centres": len(rows), "centres_from_memory_only": len(ADDED_CENTRES)}


def read_city_proper(path: Path, known: Collection[str]) -> dict[str, tuple[str, str]]:
    """Return the county codes, joined by |, and the source of each city proper that is named, by
    slug.

    Raise where a code is not one of the `known` counties, or a document that was read has no
    address.
    """
    named = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if unknown := sorted(set(row["counties"].split("|")) - set(known)):
                raise ValueError(f"{path.name}: {row['slug']}: no county {', '.join(unknown)}")
            if (row["confidence"] == "memory") != row["source"].startswith("memory of "):
                raise ValueError(
                    f"{path.name}: {row['slug']}: confidence memory and source 'memory of ...' go "
                    "together"
                )
            if row["confidence"] == "read" and not row["address"]:
                raise ValueError(f"{path.name}: {row['slug']}: no address of the document")
            named[row["slug"]] = (row["counties"], f"{row['what']}: {row['source']}")
    return named


def list_holding(
    prefecture: str,
    centres: Sequence[Mapping[str, Any]],
    codes: Collection[str],
    counties: gpd.GeoDataFrame,
) -> list[str]:
    """Return the county codes of a prefecture that hold one of the `centres` or are among `codes`,
    in order.
    """
    own = counties[counties["prefecture_code"] == prefecture]
    points = shapely.points([[float(row["lon"]), float(row["lat"])] for row in centres])
    holds = shapely.intersects(own.geometry.to_numpy()[:, None], points).any(axis=1)
    return sorted(own.loc[holds | own["county_code"].isin(codes).to_numpy(), "county_code"])


def add_city_proper(
    cities: Sequence[dict[str, Any]],
    core: Sequence[Mapping[str, Any]],
    centres: Sequence[Mapping[str, Any]],
    county_of: Mapping[str, str],
    counties: gpd.GeoDataFrame,
    path: Path = HERE / "city_proper.csv",
) -> dict[str, Any]:
    """Set `proper_counties` and `proper_source` of rows of `cities.csv`; return notes.

    `county_of` is the county code of a station id, `path` the table of those that are named.
    """
    named = read_city_proper(path, set(counties["county_code"]))
    if unknown := set(named) - {row["slug"] for row in cities}:
        raise ValueError(f"{path.name}: no city {', '.join(sorted(unknown))}")
    for row in cities:
        own = [centre for centre in centres if centre["city"] == row["slug"]]
        codes = {
            county_of[station["station_id"]] for station in core if station["city"] == row["slug"]
        }
        held = "|".join(list_holding(row["prefecture_code"], own, codes, counties))
        row["proper_counties"], row["proper_source"] = named.get(
            row["slug"], (held, HELD if held else "")
        )
    return {"city_proper_named": len(named), "city_proper_by_rule": len(cities) - len(named)}


def build_cities(
    raw_dir: Path,
    out_dir: Path,
    counties: gpd.GeoDataFrame,
    stations: pd.DataFrame,
    metros: frozenset[str],
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Write `cities.csv`, `core_stations.csv` and `centres.csv`; return the cities and notes.

    `metros` are the slugs of the cities whose metro is in the network.
    """
    cities = read_cities(raw_dir)
    core, core_notes = list_core_stations(raw_dir, stations)
    centres, centre_notes = list_centres(raw_dir, list(cities["slug"]))
    rows = []
    for city in cities.itertuples():
        prefecture = prefecture_of(city.slug, city.name_zh, counties)
        window_to, window_from = XINJIANG_PEAKS if prefecture.startswith("65") else PEAKS
        feeder = (
            "metro" if city.slug in METRO else "metro-small" if city.slug in METRO_SMALL else "bus"
        )
        values = (
            city.slug,
            city.name_zh,
            city.name_en,
            city.role,
            str(city.agglomerations).replace(";", "|"),
            feeder,
        )
        metro = "yes" if city.slug in metros else "no"
        values = (*values, window_to, window_from, prefecture, "", "", metro)
        rows.append(dict(zip(CITY_COLUMNS, values, strict=True)))
    county_of = dict(zip(stations["stop_id"], stations["county_code"], strict=True))
    proper_notes = add_city_proper(rows, core, centres, county_of, counties)
    write_csv(out_dir / "cities.csv", CITY_COLUMNS, rows)
    write_csv(out_dir / "core_stations.csv", STATION_COLUMNS, core)
    write_csv(out_dir / "centres.csv", CENTRE_COLUMNS, centres)
    notes = {"cities": len(rows), "cities_core": sum(row["role"] == "core" for row in rows)}
    return rows, {**notes, **core_notes, **centre_notes, **proper_notes}


def read_csv(path: Path) -> list[dict[str, Any]]:
    """Return the rows of a table as text."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def main(folder: Path = HERE) -> None:
    """Write the city proper of the shipped `cities.csv` anew, as `build_cities` does."""
    with zipfile.ZipFile(folder / "timetable.zip") as archive:
        stops = csv.DictReader(io.StringIO(archive.read("stops.txt").decode("utf-8-sig")))
        county_of = {row["stop_id"]: row["county_code"] for row in stops}
    cities, core, centres = (
        read_csv(folder / f"{name}.csv") for name in ("cities", "core_stations", "centres")
    )
    print(
        add_city_proper(
            cities, core, centres, county_of, gpd.read_parquet(folder / "boundaries.parquet")
        )
    )
    write_csv(folder / "cities.csv", CITY_COLUMNS, cities)


if __name__ == "__main__":
    main()
