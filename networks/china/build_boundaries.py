"""County polygons: decode the TopoJSON, mend its topology, simplify it as a coverage, name the
units.

The raw file is a quantised TopoJSON in an Albers projection on WGS84. A handful of its rings touch
themselves, so the arcs are noded and polygonised anew and every face is given to the county that
holds it; the result is a valid coverage, and `shapely.coverage_simplify` keeps shared borders
shared. Coordinates are then put back to degrees and rounded to 2**-14 degree (about 6 m; a binary
step, so that the file compresses), which moves a shared corner alike on both sides.

Codes: `prefecture_code` is 110000, 120000, 310000, 500000 for the four municipalities and the
unit's own code for county-level units run by their province (469xxx, 429xxx, 419xxx, 659xxx), as in
the member lists of the agglomerations; everywhere else the first four digits and 00.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from build_place_names import PROVINCES, county_names, english_place

ALBERS = "+proj=aea +lat_0=36 +lat_1=24 +lat_2=48 +lon_0=104.5 +datum=WGS84 +units=m"
#: `coverage_simplify` tolerance in metres: corners whose triangle is smaller than its square go
TOLERANCE_M = 300.0
#: coordinates are multiples of this many degrees
GRID_DEG = 2.0**-14
MUNICIPALITIES = ("11", "12", "31", "50")
#: code -> (people in the raw file, people after correction, why)
CORRECTIONS = {
    "150703": (
        184_424.0,
        84_424.0,
        (
            "扎赉诺尔区: 100,000 too many in the raw file; without them Hulunbuir's counties sum "
            "to its census "
            "(2,242,875) and all counties to the national total (1,409,778,724, no armed forces)"
        ),
    )
}
#: why county sums differ from the census of the prefecture
GAPS = (
    "units that the prefecture table counts apart or elsewhere: 定州 and 雄安 (保定), 杨凌 (咸阳) "
    "and 西咸 (西安, 咸阳), "
    "深汕 (深圳, 汕尾), 洋浦 (儋州), 长白山 (白山, 延边), cities of the XPCC; 武汉, 宜昌 and 仙桃 "
    "differ by numbers that "
    "cancel out within Hubei, a fault of the county table that is left as it is"
)


def prefecture_code(county_code: str) -> str:
    """Return the prefecture code of a county by the convention in the module's docstring."""
    if county_code[:2] in MUNICIPALITIES:
        return county_code[:2] + "0000"
    if county_code[2:4] == "90":
        return county_code
    return county_code[:4] + "00"


def decode_rings(topology: dict[str, Any]) -> tuple[list[dict[str, Any]], np.ndarray]:
    """Return the properties and the (perhaps invalid) polygons of the counties, in Albers
    metres.
    """
    scale = np.array(topology["transform"]["scale"])
    shift = np.array(topology["transform"]["translate"])
    arcs = [np.cumsum(np.array(arc), axis=0) for arc in topology["arcs"]]

    def ring(indices: list[int]) -> np.ndarray:
        parts = [arcs[i] if i >= 0 else arcs[~i][::-1] for i in indices]
        points = np.vstack([parts[0], *(part[1:] for part in parts[1:])])
        return points[np.r_[True, (np.diff(points, axis=0) != 0).any(axis=1)]] * scale + shift

    properties, polygons = [], []
    for item in topology["objects"]["county"]["geometries"]:
        shapes = item["arcs"] if item["type"] == "MultiPolygon" else [item["arcs"]]
        rings = [[ring(indices) for indices in shape] for shape in shapes]
        polygons.append(
            shapely.MultiPolygon([shapely.Polygon(r[0], r[1:]) for r in rings if len(r[0]) > 3])
        )
        properties.append(item["properties"])
    order = np.argsort([int(p["CODE"]) for p in properties])
    return [properties[i] for i in order], np.array(polygons)[order]


def mend_coverage(polygons: np.ndarray) -> tuple[np.ndarray, int]:
    """Return a valid coverage of the same polygons and how many faces lay in several of them."""
    lines = shapely.unary_union(shapely.boundary(polygons))
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(lines)))
    tree = shapely.STRtree(shapely.make_valid(polygons))
    face_idx, owner_idx = tree.query(shapely.point_on_surface(faces), predicate="within")
    owners = pd.Series(owner_idx).groupby(face_idx).agg(["min", "size"])
    mended = [
        shapely.coverage_union_all(faces[owners.index[owners["min"] == i].to_numpy()])
        for i in range(len(polygons))
    ]
    return np.array(mended), int((owners["size"] > 1).sum())


def to_degrees(polygons: np.ndarray) -> np.ndarray:
    """Return Albers polygons in degrees, on the binary grid."""
    back = pyproj.Transformer.from_crs(pyproj.CRS(ALBERS), pyproj.CRS("EPSG:4326"), always_xy=True)

    def move(points: np.ndarray) -> np.ndarray:
        lon, lat = back.transform(points[:, 0], points[:, 1])
        return np.round(np.column_stack([lon, lat]) / GRID_DEG) * GRID_DEG

    return shapely.normalize(shapely.transform(polygons, move))


def simplify(polygons: np.ndarray) -> np.ndarray:
    """Return the simplified coverage in degrees; raise where it is no valid coverage."""
    degrees = to_degrees(shapely.coverage_simplify(polygons, TOLERANCE_M))
    bad = ~shapely.is_valid(degrees)
    if bad.any() or shapely.is_empty(degrees).any() or not shapely.coverage_is_valid(degrees):
        raise ValueError(
            f"the simplified counties are no valid coverage ({int(bad.sum())} invalid polygons)"
        )
    return degrees


def read_census(raw_dir: Path) -> pd.Series:
    """Return the people by county code, corrected; NaN = no data."""
    table = pd.read_csv(
        raw_dir / "counties" / "population.csv", dtype={"CODE": str}, encoding="utf-8-sig"
    )
    people = table.set_index("CODE")["POPU"].astype(float)
    for code, (raw, fixed, _) in CORRECTIONS.items():
        if people[code] != raw:
            raise ValueError(
                f"counties/population.csv: {code} has {people[code]:.0f} people, expected {raw:.0f}"
            )
        people[code] = fixed
    return people


def name_units(properties: list[dict[str, Any]], raw_dir: Path) -> pd.DataFrame:
    """Return codes and names of counties, prefectures and provinces, one row a county."""
    table = pd.DataFrame({"county_code": [str(p["CODE"]) for p in properties]})
    table["county"] = [str(p["NAME"]).strip() for p in properties]
    table["prefecture_code"] = table["county_code"].map(prefecture_code)
    spelling = [str(p["ENG_NAME"] or "") for p in properties]
    rows = list(
        zip(table["county_code"], table["county"], spelling, table["prefecture_code"], strict=True)
    )
    table["county_en"] = table["county_code"].map(county_names(rows))
    table["province_code"] = table["county_code"].str[:2] + "0000"
    table["province"] = [PROVINCES[c[:2]][0] for c in table["county_code"]]
    table["province_en"] = [PROVINCES[c[:2]][1] for c in table["county_code"]]
    names = pd.read_csv(
        raw_dir / "prefectures" / "census_city_2010-2020_v1.csv",
        dtype={"city_code": str},
        usecols=["city", "city_code"],
        encoding="utf-8-sig",
    ).set_index("city_code")["city"]
    names = pd.concat([names, pd.Series({c + "0000": PROVINCES[c][0] for c in MUNICIPALITIES})])
    table["prefecture"] = table["prefecture_code"].map(names)
    alone = table["prefecture"].isna()
    table.loc[alone, "prefecture"] = table.loc[alone, "county"]
    table["prefecture_en"] = [
        english_place(name, code=code)[0]
        for name, code in zip(table["prefecture"], table["prefecture_code"], strict=True)
    ]
    return table


def compare_prefectures(counties: pd.DataFrame, raw_dir: Path) -> dict[str, float]:
    """Return county sum minus the prefecture's own census, where they differ, by
    prefecture name.
    """
    table = pd.read_csv(
        raw_dir / "prefectures" / "census_city_2010-2020_v1.csv",
        dtype={"city_code": str},
        usecols=["city", "city_code", "popu_2020"],
        encoding="utf-8-sig",
    )
    table["code"] = [prefecture_code(c) for c in table["city_code"]]
    sums = counties.groupby("prefecture_code")["population"].sum()
    both = table.set_index("code").join(sums, how="inner").dropna(subset=["popu_2020"])
    gap = both["population"] - both["popu_2020"]
    return {f"{both.loc[c, 'city']} {c}": float(v) for c, v in gap.items() if v != 0}


def build_boundaries(raw_dir: Path, out_dir: Path) -> tuple[gpd.GeoDataFrame, dict[str, Any]]:
    """Write `boundaries.parquet`; return the counties and notes."""
    topology = json.loads(
        (raw_dir / "counties" / "counties-geo.topojson").read_text(encoding="utf-8")
    )
    properties, raw = decode_rings(topology)
    mended, contested = mend_coverage(raw)
    geometry = simplify(mended)
    table = name_units(properties, raw_dir)
    table["population"] = table["county_code"].map(read_census(raw_dir))
    columns = [
        "county_code",
        "county",
        "county_en",
        "prefecture_code",
        "prefecture",
        "prefecture_en",
    ]
    columns += ["province_code", "province", "province_en", "population"]
    counties = gpd.GeoDataFrame(table[columns], geometry=geometry, crs="EPSG:4326")
    counties.to_parquet(
        out_dir / "boundaries.parquet",
        index=False,
        compression="zstd",
        compression_level=19,
        schema_version="1.1.0",
    )
    gaps = compare_prefectures(counties, raw_dir)
    change = shapely.area(shapely.coverage_simplify(mended, TOLERANCE_M)) / shapely.area(mended) - 1
    notes = {
        "counties": len(counties),
        "counties_invalid_in_source": int((~shapely.is_valid(raw)).sum()),
        "faces_in_several_counties": contested,
        "simplify_tolerance_m": TOLERANCE_M,
        "area_change_by_county": f"median {np.median(np.abs(change)):.2%}, 99th percentile "
        f"{np.quantile(np.abs(change), 0.99):.2%}, largest {np.abs(change).max():.1%}",
        "counties_without_census": "|".join(counties.loc[counties["population"].isna(), "county"]),
        "census_total": float(counties["population"].sum()),
        "census_corrected": "; ".join(f"{code} {why}" for code, (_, _, why) in CORRECTIONS.items()),
        "county_sum_minus_prefecture_census": "; ".join(
            f"{name} {v:+,.0f}" for name, v in gaps.items()
        ),
        "county_sum_explained": GAPS,
    }
    return counties, notes
