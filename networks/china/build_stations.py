"""Stations of the China network: where each lies, in which county, its class, feeder and names."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from build_estimates import ABROAD, BORDER_STATIONS, COORDINATES
from build_metro import feeder_of
from build_names import english_name, pinyin_id

ALBERS = "+proj=aea +lat_0=36 +lat_1=24 +lat_2=48 +lon_0=104.5 +datum=WGS84 +units=m"
#: a station whose point falls into the sea or over a simplified border takes the nearest county
#: within this
NEAREST_COUNTY_M = 3_000
EARTH_KM = 6371.0088
HALT_RUN_KM, HALT_SPACING_KM, HALT_CONVENTIONAL = 120, 15, 0.2

SOURCE_NAMES = {
    "osm_wensimehrp": "OpenStreetMap",
    "parse12306_2016_gcj2wgs": "2016 list, GCJ-02 to WGS84",
    "heywhale_wgs84": "heywhale list, WGS84",
}


def read_counties(raw_dir: Path) -> gpd.GeoDataFrame:
    """Return the county polygons of the TopoJSON (`code`, `name`, `geometry`) in their Albers
    projection.
    """
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
        rows.append(
            (code, shape["properties"]["NAME"], shapely.make_valid(shapely.MultiPolygon(parts)))
        )
    counties = gpd.GeoDataFrame(rows, columns=["code", "name", "geometry"], crs=ALBERS)
    return counties.sort_values("code", ignore_index=True)


def read_stations(raw_dir: Path) -> pd.DataFrame:
    """Return the stations of the raw list that C, D, G or S trains call at, text as given, sorted
    by name.
    """
    path = raw_dir / "timetable_2023" / "stations.csv"
    table = pd.read_csv(path, dtype="object", keep_default_na=False, encoding="utf-8")
    table = table[table["n_emu_stop_rows"].astype(int) > 0]
    return table.sort_values("station", ignore_index=True)


def place(stations: pd.DataFrame, raw_dir: Path) -> pd.DataFrame:
    """Return name, lon, lat, coord_confidence, coord_source, how, likely_error_km of
    every station.
    """
    path = raw_dir / "reference" / "missing_station_coords.csv"
    proposed = pd.read_csv(path, encoding="utf-8-sig", dtype={"lon": str, "lat": str}).set_index(
        "name"
    )
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


def find_counties(points: pd.DataFrame, counties: gpd.GeoDataFrame) -> tuple[list[str], list[str]]:
    """Return the county code of each point, and how it was found: inside, nearest (within 3 km) or
    none.
    """
    geometry = gpd.GeoSeries.from_xy(points["lon"], points["lat"], crs="EPSG:4326").to_crs(
        counties.crs
    )
    tree = shapely.STRtree(counties.geometry.values)
    codes, ways = [], []
    for name, point in zip(points["name"], geometry, strict=True):
        way = "inside"
        found = sorted(tree.query(point, predicate="intersects"))
        if not found:
            near, away = tree.query_nearest(point, return_distance=True)
            found, way = (sorted(near), "nearest") if away[0] <= NEAREST_COUNTY_M else ([], "none")
        if name in ABROAD:
            found, way = [], "none"
        codes.append(counties["code"].iloc[found[0]] if found else "")
        ways.append(way)
    return codes, ways


def station_class(name: str, trains: dict[str, int], suburban: bool) -> str:
    """Return the class of a station from the trains that call there, by letter
    (access_defaults.csv).
    """
    n = sum(trains.values())
    if name in BORDER_STATIONS:
        return "border"
    if n >= 400:
        return "hub"
    if suburban and trains["G"] == 0 and trains["C"] + trains["S"] > 0.85 * n and n < 250:
        return "halt"
    if n >= 150:
        return "large"
    return "medium" if n >= 40 else "small"


def behaves_suburban(names: pd.Series, raw: pd.DataFrame, hops: pd.DataFrame) -> list[bool]:
    """Return whether each station is served like a suburban halt.

    Its trains run at most 120 km from end to end (median, sum of straight hops), the next station
    is within 15 km (median over trains, the nearer side), and at most a fifth of all calls are of
    conventional trains (K, T, Z ...), which bring gates and waiting rooms. These are guesses that
    keep what is known to be tap in, come and go (Jinshan, Changsha-Zhuzhou-Xiangtan,
    Dongguan-Huizhou, Guangzhou-Qingyuan, Chengdu-Dujiangyan, Haikou) and leave out C trains on main
    lines (拉萨, 三亚, 雄安, 武清).
    """
    run_km = hops.groupby("train")["km"].transform("sum")
    ends = pd.concat(
        [
            pd.DataFrame(
                {"train": hops["train"], "station": hops[side], "km": hops["km"], "run": run_km}
            )
            for side in ("from", "to")
        ]
    )
    served = ends.groupby(["station", "train"]).agg(near=("km", "min"), run=("run", "first"))
    middle = served.groupby("station").median().reindex(names)
    calls = raw.set_index("station").reindex(names)
    emu = calls["n_emu_stop_rows"].astype(int) / calls["n_stop_rows"].astype(int)
    good = (
        (middle["run"] <= HALT_RUN_KM)
        & (middle["near"] <= HALT_SPACING_KM)
        & (emu >= 1 - HALT_CONVENTIONAL)
    )
    return good.tolist()


def find_hops(calls: pd.DataFrame, stations: pd.DataFrame) -> pd.DataFrame:
    """Return all hops from station to station: train, letter, minutes, straight-line km
    and km/h.
    """
    go = calls["train"].eq(calls["train"].shift(-1))
    at = stations.set_index("name")
    u, v = calls["station"][go], calls["station"].shift(-1)[go]
    lon1, lat1, lon2, lat2 = (
        np.radians(at[column].reindex(names).to_numpy())
        for names in (u, v)
        for column in ("lon", "lat")
    )
    half = (
        np.sin((lat2 - lat1) / 2) ** 2
        + np.cos(lat1) * np.cos(lat2) * np.sin((lon2 - lon1) / 2) ** 2
    )
    km = 2 * EARTH_KM * np.arcsin(np.sqrt(half))
    minutes = (calls["arrival"].shift(-1) - calls["departure"])[go].to_numpy()
    columns = {"train": calls["train"][go], "letter": calls["letter"][go], "from": u, "to": v}
    return pd.DataFrame({**columns, "minutes": minutes, "km": km, "kmh": km / minutes * 60})


def build_stations(raw_dir: Path, calls: pd.DataFrame) -> pd.DataFrame:
    """Return the station table, sorted by id, given the calls of all trains."""
    counties = read_counties(raw_dir)
    raw = read_stations(raw_dir)
    table = place(raw, raw_dir)
    table["county_code"], table["county_by"] = find_counties(table, counties)
    table["county_given"] = raw["county_code"]
    table["county"] = table["county_code"].map(counties.set_index("code")["name"]).fillna("")
    seen = calls.drop_duplicates(["train", "station"])
    counts = seen.pivot_table("train", "station", "letter", aggfunc="count", fill_value=0)
    counts = counts.reindex(index=table["name"], columns=list("CDGS"), fill_value=0)
    table["n_trains"] = counts.sum(axis=1).to_numpy()
    by_name = counts.to_dict("index")
    suburban = behaves_suburban(table["name"], raw, find_hops(calls, table))
    table["station_class"] = [
        station_class(name, by_name[name], s)
        for name, s in zip(table["name"], suburban, strict=True)
    ]
    table["feeder"] = [
        feeder_of(name, code, county)
        for name, code, county in zip(
            table["name"], table["county_code"], table["county"], strict=True
        )
    ]
    table["name_en"] = [english_name(name) for name in table["name"]]
    table["station_id"] = unique_ids(table)
    return table.sort_values("station_id", ignore_index=True)


def unique_ids(table: pd.DataFrame) -> list[str]:
    """Return pinyin ids; each of a set of homophones carries its county code, so that none is
    ambiguous.
    """
    plain = table["name"].map(pinyin_id)
    shared = plain.duplicated(keep=False)
    ids = [
        f"{p}-{c}" if s else p for p, c, s in zip(plain, table["county_code"], shared, strict=True)
    ]
    if len(set(ids)) != len(ids):
        msg = f"station ids are not unique: {sorted(i for i in ids if ids.count(i) > 1)}"
        raise ValueError(msg)
    return ids
