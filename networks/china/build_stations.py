"""Stations of the China network: coordinate, county, class, feeder and names of each station that EMU trains call at."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from build_estimates import BORDER_STATIONS, COORDINATES, COUNTY_OF, FAR_SOURCES
from build_metro import feeder_of
from build_names import english_name, pinyin_id

ALBERS = "+proj=aea +lat_0=36 +lat_1=24 +lat_2=48 +lon_0=104.5 +datum=WGS84 +units=m"
#: a station whose point falls into the sea or over a simplified border takes the nearest county within this
NEAREST_COUNTY_M = 3_000

SOURCE_NAMES = {
    "osm_wensimehrp": "OpenStreetMap",
    "parse12306_2016_gcj2wgs": "2016 list, GCJ-02 to WGS84",
    "heywhale_wgs84": "heywhale list, WGS84",
}


def read_counties(raw_dir: Path) -> gpd.GeoDataFrame:
    """Return the county polygons of the TopoJSON (`code`, `name`, `geometry`) in their Albers projection."""
    path = raw_dir / "counties" / "counties-geo.topojson"
    topology = json.loads(path.read_text(encoding="utf-8"))
    scale = np.array(topology["transform"]["scale"])
    translate = np.array(topology["transform"]["translate"])
    arcs = [np.cumsum(np.array(arc), axis=0) * scale + translate for arc in topology["arcs"]]

    def ring(indices: list[int]) -> np.ndarray:
        parts = [arcs[i] if i >= 0 else arcs[~i][::-1] for i in indices]
        return np.vstack([parts[0], *(part[1:] for part in parts[1:])])

    def polygon(rings: list[list[int]]) -> shapely.Polygon | None:
        lines = [line for line in map(ring, rings) if len(line) >= 4]
        return shapely.Polygon(lines[0], lines[1:]) if lines else None

    rows = []
    for shape in topology["objects"]["county"]["geometries"]:
        many = [shape["arcs"]] if shape["type"] == "Polygon" else shape["arcs"]
        parts = [p for p in map(polygon, many) if p is not None]
        code = str(shape["properties"]["CODE"])
        rows.append((code, shape["properties"]["NAME"], shapely.make_valid(shapely.MultiPolygon(parts))))
    counties = gpd.GeoDataFrame(rows, columns=["code", "name", "geometry"], crs=ALBERS)
    return counties.sort_values("code", ignore_index=True)


def read_stations(raw_dir: Path) -> pd.DataFrame:
    """Return the stations of the raw list that C, D, G or S trains call at, text as given, sorted by name."""
    path = raw_dir / "timetable_2023" / "stations.csv"
    table = pd.read_csv(path, dtype="object", keep_default_na=False, encoding="utf-8")
    table = table[table["n_emu_stop_rows"].astype(int) > 0]
    return table.sort_values("station", ignore_index=True)


def place(stations: pd.DataFrame, raw_dir: Path) -> pd.DataFrame:
    """Return name, lon, lat, coord_confidence, coord_source, how, likely_error_km of every station."""
    path = raw_dir / "reference" / "missing_station_coords.csv"
    proposed = pd.read_csv(path, encoding="utf-8-sig", dtype={"lon": str, "lat": str}).set_index("name")
    rows = []
    for row in stations.itertuples():
        name = row.station
        if name in COORDINATES:
            lon, lat, confidence, source, error_km, how = COORDINATES[name]
        elif row.lon:
            lon, lat, error_km, how = row.lon, row.lat, 0.0, ""
            source = SOURCE_NAMES[row.coord_source]
            confidence = "high" if row.coord_source == "osm_wensimehrp" else "medium"
        else:
            p = proposed.loc[name]
            lon, lat, confidence, how = p["lon"], p["lat"], p["confidence"], p["how_found"]
            source, error_km = "estimate", float(p["likely_error_km"])
        rows.append((name, float(lon), float(lat), confidence, source, error_km, how))
    columns = ["name", "lon", "lat", "coord_confidence", "coord_source", "likely_error_km", "how"]
    return pd.DataFrame(rows, columns=columns)


def find_counties(points: pd.DataFrame, counties: gpd.GeoDataFrame) -> list[str]:
    """Return the code of the county that contains each point, the nearest within 3 km, or ""."""
    geometry = gpd.GeoSeries.from_xy(points["lon"], points["lat"], crs="EPSG:4326").to_crs(counties.crs)
    tree = shapely.STRtree(counties.geometry.values)
    codes = []
    for name, point in zip(points["name"], geometry, strict=True):
        if name in FAR_SOURCES:
            codes.append("")
            continue
        if name in COUNTY_OF:
            codes.append(COUNTY_OF[name])
            continue
        inside = sorted(tree.query(point, predicate="intersects"))
        if not inside:
            near, away = tree.query_nearest(point, return_distance=True)
            inside = sorted(near) if away[0] <= NEAREST_COUNTY_M else []
        codes.append(counties["code"].iloc[inside[0]] if inside else "")
    return codes


def station_class(name: str, trains: dict[str, int]) -> str:
    """Return the class of a station from the number of trains that call there, by letter (access_defaults.csv)."""
    n = sum(trains.values())
    if name in BORDER_STATIONS:
        return "border"
    if n >= 400:
        return "hub"
    suburban = trains["C"] + trains["S"]
    if trains["G"] == 0 and suburban > 0.85 * n and n < 250:
        return "halt"
    if n >= 150:
        return "large"
    return "medium" if n >= 40 else "small"


def build_stations(raw_dir: Path, calls: pd.DataFrame) -> pd.DataFrame:
    """Return the station table, sorted by id, given the calls of all trains (`train`, `letter`, `station`)."""
    counties = read_counties(raw_dir)
    raw = read_stations(raw_dir)
    table = place(raw, raw_dir)
    table["county_code"] = find_counties(table, counties)
    table["county_given"] = raw["county_code"]
    table["county"] = table["county_code"].map(counties.set_index("code")["name"]).fillna("")
    seen = calls.drop_duplicates(["train", "station"])
    counts = seen.pivot_table(index="station", columns="letter", values="train", aggfunc="count", fill_value=0)
    counts = counts.reindex(index=table["name"], columns=list("CDGS"), fill_value=0)
    table["n_trains"] = counts.sum(axis=1).to_numpy()
    by_name = counts.to_dict("index")
    table["station_class"] = [station_class(name, by_name[name]) for name in table["name"]]
    table["feeder"] = [
        feeder_of(name, code, county)
        for name, code, county in zip(table["name"], table["county_code"], table["county"], strict=True)
    ]
    table["name_en"] = [english_name(name) for name in table["name"]]
    table["station_id"] = unique_ids(table)
    return table.sort_values("station_id", ignore_index=True)


def unique_ids(table: pd.DataFrame) -> list[str]:
    """Return pinyin ids; every one of a set of homophones carries its county code, so that none is ambiguous."""
    plain = table["name"].map(pinyin_id)
    shared = plain.duplicated(keep=False)
    ids = [f"{p}-{c}" if s else p for p, c, s in zip(plain, table["county_code"], shared, strict=True)]
    if len(set(ids)) != len(ids):
        msg = f"station ids are not unique: {sorted(i for i in ids if ids.count(i) > 1)}"
        raise ValueError(msg)
    return ids
