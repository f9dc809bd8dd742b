"""Maps for tests: data of a crowded region, a bare feed, a metropolis, a scenario, a nation; what a
figure prints.
"""

from __future__ import annotations

import itertools
import math
import re
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.text import Text

from railshed.maps import words
from railshed.maps.data import Area, ChangeLayer, Estimate, MapData, NationalData
from railshed.maps.rails import merge_legs
from railshed.maps.save import settings
from railshed.util.bilingual import Words

LON, LAT = 104.0, 30.6
SYLLABLES = "东西南北新安广德眉山都江堰青城彭州郫温邛崃蒲资阳简内遂宁乐至仁寿"


def make_data(*, n_stations: int = 60, seed: int = 7) -> MapData:
    """Return a crowded region: 8 x 6 counties in four prefectures, stations close to each other at
    the centre.
    """
    rng = np.random.default_rng(seed)
    west, south = LON - 1.6, LAT - 1.2
    counties = [
        {
            "county_code": f"{i:02d}{j:02d}",
            "county": "".join(rng.choice(list(SYLLABLES), 2)) + "县",
            "county_en": f"Countyname {i}{j}",
            "prefecture": f"第{'一二三四'[(i // 4) + 2 * (j // 3)]}市",
            "prefecture_en": f"Prefecture {(i // 4) + 2 * (j // 3) + 1}",
            "population": 100_000 * (i + 1),
            "geometry": shapely.box(
                west + i * 0.4, south + j * 0.4, west + (i + 1) * 0.4, south + (j + 1) * 0.4
            ),
        }
        for i in range(8)
        for j in range(6)
    ]
    xy = rng.normal((LON, LAT), (0.35, 0.25), (n_stations, 2))
    xy[:2] = (LON - 0.05, LAT), (LON + 0.1, LAT + 0.03)
    minutes = 20 + 110 * np.hypot(*(xy - (LON, LAT)).T)
    minutes[-5:] = np.nan
    core = np.arange(n_stations) < 2
    stations = gpd.GeoDataFrame(
        {
            "name": ["".join(rng.choice(list(SYLLABLES), 3)) for _ in range(n_stations)],
            "name_en": [f"Station {n}" for n in range(n_stations)],
            "minutes": np.where(core, 0, minutes),
            "trips": rng.integers(1, 90, n_stations),
            "is_core": core,
            "inside": minutes <= 60,
        },
        geometry=gpd.points_from_xy(*xy.T),
        crs=4326,
    )
    places = {n: (float(x), float(y)) for n, (x, y) in enumerate(xy)}
    legs = merge_legs(places, {(n, n + 1): float(9 * n) for n in range(n_stations - 1)})
    points = shapely.points(xy[:40])
    bands = gpd.GeoDataFrame(
        {
            "cutoff_min": [60, 30, 45],
            "people": [3_456_789.0, 123_456.0, 2_000_400.0],
            "area_km2": [2345.6, 120.4, 999.5],
        },
        geometry=[shapely.union_all(shapely.buffer(points, r)) for r in (0.09, 0.03, 0.06)],
        crs=4326,
    )
    return MapData(
        city=Words("成都", "Chengdu"),
        centre=(LON, LAT),
        bands=bands,
        counties=gpd.GeoDataFrame(counties, crs=4326),
        stations=stations,
        legs=legs,
        cutoff_min=60,
        city_proper=shapely.box(LON - 0.1, LAT - 0.1, LON + 0.1, LAT + 0.1),
        people=Estimate(4_321_000, 3_210_000, 5_432_000),
        area_km2=Estimate(2345.6, 2000.2, 2600.8),
        reading=Words("门到站（高峰）", "door to station, peak"),
        definition=(
            Words(
                "从家门到任一中心城区客站出站口。", "From the door to the exit of any core station."
            ),
        )
        * 3,
        sources=(Words("列车时刻：12306", "trains: 12306"), Words("CTAmap 1.30", "CTAmap 1.30")),
        date="2023-12-15",
        warnings=(Words("人口由网格推算", "people on grid cells"),),
    )


def make_feed(*, n_stops: int = 300) -> MapData:
    """Return what a bare feed with buses gives: no counties, no people, bus stops beside stations,
    towns around.
    """
    rng = np.random.default_rng(3)
    data = make_data(n_stations=30)
    xy = rng.normal((LON, LAT), (0.3, 0.2), (n_stops, 2))
    stops = gpd.GeoDataFrame(
        {
            "name": [f"stop {n}" for n in range(n_stops)],
            "name_en": "",
            "minutes": 40.0,
            "trips": 5,
            "is_core": np.arange(n_stops) < 3,
            "inside": True,
            "bus_only": True,
        },
        geometry=gpd.points_from_xy(*xy.T),
        crs=4326,
    )
    towns = gpd.GeoDataFrame(
        {
            "name": ["Great City", "Small Town", "Station 7"],
            "population": [2_000_000, 20_000, 20_000],
        },
        geometry=gpd.points_from_xy([LON - 0.9, LON + 0.9, LON + 0.9], [LAT, LAT + 0.5, LAT - 0.5]),
        crs=4326,
    )
    stations = data.stations.assign(bus_only=False, name=data.stations["name_en"])
    return replace(
        data,
        counties=data.counties.iloc[:0],
        city_proper=None,
        people=None,
        bands=data.bands.drop(columns="people"),
        stations=gpd.GeoDataFrame(pd.concat([stations, stops], ignore_index=True), crs=4326),
        towns=towns,
        roads=gpd.GeoDataFrame(geometry=[shapely.LineString(xy[:40])], crs=4326),
        approval=False,
    )


def make_metropolis(*, n_stations: int = 900) -> MapData:
    """Return a metropolis: metro stations so close at its centre that no name finds room, all core
    stations among them.

    Station 200 is the busiest of all, Station 300 and Station 400 follow; the 10 core stations are
    the nearest to the centre, Station 3 the busiest of them. The town Metropolis is the city
    itself, Othertown stands beside a station of its name.
    """
    rng = np.random.default_rng(11)
    data = make_feed()
    xy = rng.normal((LON, LAT), (0.10, 0.08), (n_stations, 2))
    xy = xy[np.argsort(np.hypot(*(xy - (LON, LAT)).T))]
    xy[[200, 300, 400, -1]] = (
        (LON - 0.14, LAT),
        (LON + 0.14, LAT + 0.05),
        (LON, LAT - 0.14),
        (LON + 0.55, LAT),
    )
    trains = rng.integers(100, 900, n_stations)
    trains[[200, 300, 400, 3]] = 9_000, 8_000, 7_000, 6_000
    stations = gpd.GeoDataFrame(
        {
            "name": [f"Station {n}" for n in range(n_stations - 1)] + ["Othertöwn"],
            "name_en": "",
            "minutes": np.arange(n_stations) / n_stations * 55 + 3,
            "trips": rng.integers(1, 90, n_stations),
            "trains": trains,
            "is_core": np.arange(n_stations) < 10,
            "inside": True,
            "station_class": "metro",
        },
        geometry=gpd.points_from_xy(*xy.T),
        crs=4326,
    )
    towns = gpd.GeoDataFrame(
        {"name": ["Metropolis", "Othertown"], "population": [9_000_000, 800_000]},
        geometry=gpd.points_from_xy([LON - 0.08, LON + 0.56], [LAT, LAT]),
        crs=4326,
    )
    return replace(
        data, city=Words("Metropolis", "Metropolis"), stations=stations, towns=towns, roads=None
    )


def make_difference() -> MapData:
    data = make_data()
    before = data.bands.geometry.iloc[0]
    gained = shapely.box(LON + 0.9, LAT - 0.1, LON + 1.1, LAT + 0.1)
    lost = before.intersection(shapely.box(LON - 2, LAT - 2, LON - 0.3, LAT + 2))
    proposed = gpd.GeoDataFrame(
        {"name": ["x"]}, geometry=[shapely.LineString([(LON, LAT), (LON + 1, LAT)])], crs=4326
    )
    sides = {
        "before": (before, 3_000_000, 2000.0),
        "after": (before.difference(lost).union(gained), 3_380_000, 2300.0),
        "gained": (gained, 400_000, 380.0),
        "lost": (lost, 20_000, 80.0),
    }
    change = ChangeLayer(
        **{side: Area(words.SCENARIO[side], *own) for side, own in sides.items()},
        scenario=Words("某线", "A line"),
        proposed=proposed,
    )
    return replace(data, change=change)


def make_national() -> NationalData:
    memberships = (("a", "甲市", 104), ("a", "乙市", 106), ("b", "乙市", 106), ("b", "丙市", 108))
    rows = [
        {
            "region_id": region,
            "region": f"{region}城市群",
            "region_en": f"Region {region}",
            "prefecture": prefecture,
            "geometry": shapely.box(x, 30, x + 2, 32),
        }
        for region, prefecture, x in memberships
    ]
    cities = gpd.GeoDataFrame(
        {"name": ["甲", "丙"], "name_en": ["Jia", "Bing"], "value": [1234.0, math.nan]},
        geometry=gpd.points_from_xy([105, 109], [31, 31]),
        crs=4326,
    )
    label = Words("圈内人口（万人）", "people inside (10,000)")
    return NationalData(gpd.GeoDataFrame(rows, crs=4326), cities, label, date="2023-12-15")


def texts(figure) -> list[Text]:
    """Return what is printed, halos left out."""
    return [t for t in figure.findobj(Text) if t.get_text() and t.get_gid() not in (None, "halo")]


def said(figure) -> str:
    return "\n".join(t.get_text() for t in texts(figure))


def boxes(figure, chosen) -> dict[str, np.ndarray]:
    """Return the window extents, the pieces of one label joined."""
    found: dict[str, list] = {}
    with settings():
        renderer = RendererAgg(1, 1, figure.dpi)  # which measures text, and holds no pixels
        for n, text in enumerate(chosen):
            key = (
                text.get_gid()
                if text.get_gid().startswith("label-")
                else f"text {n} {text.get_text()}"
            )
            found.setdefault(key, []).append(text.get_window_extent(renderer).extents)
    joined = {}
    for key, extents in found.items():
        e = np.array(extents)
        joined[key] = np.r_[e[:, :2].min(axis=0), e[:, 2:].max(axis=0)]
    return joined


def overlapping(found: dict[str, np.ndarray]) -> list[tuple[str, str]]:
    return [
        (a, b)
        for (a, p), (b, q) in itertools.combinations(found.items(), 2)
        if p[0] < q[2] - 0.5 and q[0] < p[2] - 0.5 and p[1] < q[3] - 0.5 and q[1] < p[3] - 0.5
    ]


def numbers(text: str) -> list[float]:
    return [float(n.replace(",", "")) for n in re.findall(r"[\d,]*\d(?:\.\d+)?", text)]
