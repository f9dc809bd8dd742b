"""The 19 urban agglomerations: members as whole prefectures or single counties, checked against
published totals.

Whole members come from the raw member list. Members that count in part are resolved here to county
names; a list that was read in a published text keeps the agglomeration's confidence, a list from
memory lowers it. A plan that says "part of a county" is given the whole county, and the note says
so.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
from build_boundaries import ALBERS

COLUMNS = [
    "region_id",
    "kind",
    "name_zh",
    "name_en",
    "country_region",
    "tier",
    "members",
    "confidence",
]
COLUMNS += ["scope_version", "source", "notes"]

#: (agglomeration, raw code) -> (keep | drop, names, how it is known)
PARTS: dict[tuple[str, str], tuple[str, str, str]] = {
    ("cy", "500000"): (
        "keep",
        (
            "渝中区 万州区 黔江区 涪陵区 大渡口区 江北区 沙坪坝区 九龙坡区 南岸区 北碚区 綦江区 "
            "大足区 "
            "渝北区 巴南区 长寿区 江津区 合川区 永川区 南川区 潼南区 铜梁区 荣昌区 璧山区 梁平区 "
            "丰都县 垫江县 忠县 开州区 云阳县"
        ),
        (
            "read: the plan's preface (发改规划〔2016〕910号) names 27 districts and counties and "
            "parts of 开州 and 云阳, taken whole here"
        ),
    ),
    ("cy", "510700"): ("drop", "平武县 北川羌族自治县", "read"),
    ("cy", "511700"): ("drop", "万源市", "memory, agrees with the reference list"),
    ("cy", "511800"): ("drop", "天全县 宝兴县", "memory, agrees with the reference list"),
    ("cjzy", "361000"): (
        "drop",
        "",
        (
            "the 2015 plan says parts without a list that could be found; taken whole because an "
            "abstract "
            "counts 9 cities of Jiangxi and parts of 吉安, and because the area then agrees with "
            "the 32.61万 km2 of the 2022 scheme"
        ),
    ),
    ("cjzy", "360800"): ("keep", "新干县", "memory: no county list found"),
    ("gzpy", "611000"): ("keep", "商州区 洛南县 丹凤县 柞水县", "read"),
    ("gzpy", "140800"): ("drop", "平陆县 垣曲县", "read"),
    ("gzpy", "141000"): ("keep", "尧都区 侯马市 襄汾县 霍州市 曲沃县 翼城县 洪洞县 浮山县", "read"),
    ("gzpy", "620800"): ("keep", "崆峒区 华亭市 泾川县 崇信县 灵台县", "read"),
    ("gzpy", "621000"): ("keep", "西峰区", "read (庆阳市区)"),
    ("dz", "532500"): (
        "keep",
        "个旧市 开远市 蒙自市 弥勒市 建水县 石屏县 泸西县",
        "read (北部7县市), names from memory",
    ),
    ("qz", "520300"): ("keep", "红花岗区 汇川区 播州区 绥阳县 仁怀市", "memory"),
    ("qz", "520400"): (
        "keep",
        "西秀区 平坝区 普定县 镇宁布依族苗族自治县",
        (
            "memory; whole in the reference list, but four make the 33 counties and 5.38万 km2 of the "
            "plan"
        ),
    ),
    ("qz", "520500"): ("keep", "七星关区 大方县 黔西市 黔西县 金沙县 织金县", "memory"),
    ("qz", "522600"): ("keep", "凯里市 麻江县", "memory"),
    ("qz", "522700"): ("keep", "都匀市 福泉市 贵定县 瓮安县 长顺县 龙里县 惠水县", "memory"),
    ("lx", "620400"): ("keep", "白银区 平川区 靖远县 景泰县", "read"),
    ("lx", "621100"): ("keep", "安定区 陇西县 渭源县 临洮县", "read"),
    ("lx", "622900"): ("keep", "临夏市 东乡族自治县 永靖县 积石山保安族东乡族撒拉族自治县", "read"),
    ("lx", "632200"): ("keep", "海晏县", "read"),
    ("lx", "632500"): ("keep", "共和县 贵德县 贵南县", "read"),
    ("lx", "632300"): ("keep", "同仁市 尖扎县", "read"),
    ("tsbp", "654003"): ("keep", "奎屯市", "memory"),
    ("tsbp", "654202"): ("keep", "乌苏市", "memory"),
    ("tsbp", "654223"): ("keep", "沙湾县 沙湾市", "memory"),
    ("tsbp", "659010"): ("keep", "胡杨河市", "memory"),
    ("tsbp", "650400"): ("keep", "", "in some versions only: left out"),
    ("tsbp", "650500"): ("keep", "", "in some versions only: left out"),
}

SCOPES: dict[str, str] = {
    "jjj": "2015 京津冀协同发展规划纲要: 2 municipalities + 11 prefectures of Hebei",
    "csj": "2016 plan: 26 cities (2019 outline: 27-city centre, 41 cities)",
    "prd": "2008 outline: 9 mainland cities (GBA adds Hong Kong and Macao)",
    "cy": "2016 plan (发改规划〔2016〕910号), by county",
    "cjzy": "2015 plan, with all of 抚州 (2022 scheme: 32.61万 km2)",
    "sdbd": "2021-2035 plan: 16 cities",
    "ymz": "20-city 海峡西岸 set less Quzhou and the Jiangxi four",
    "zy": "2016 plan: 30 cities (core area: 14)",
    "gzpy": "2018 plan (发改规划〔2018〕220号), by county",
    "bbw": "2017 plan: 15 units",
    "hc": "2016 plan: 11 prefectures whole (its totals are of a core area)",
    "lzn": "9-city list",
    "sxzb": "5-city list",
    "qz": "2017 plan: 33 counties",
    "dz": "2020 plan: 49 counties",
    "hbey": "2018 plan (国函〔2018〕16号)",
    "lx": "2018 plan (发改规划〔2018〕423号), by county",
    "nxyh": "4-city list (some add Guyuan)",
    "tsbp": "8-unit list without Turpan and Hami",
}
#: confidence that differs from the reference: county lists from memory lower it, agreeing counts
#: and areas raise it
CONFIDENCE = {"cjzy": "medium", "qz": "medium"}


def resolve_part(region: str, code: str, counties: pd.DataFrame) -> list[str]:
    """Return the county codes of a member that counts in part."""
    action, names, _ = PARTS[(region, code)]
    wanted = names.split()
    pool = counties[(counties["prefecture_code"] == code) | (counties["county_code"] == code)]
    if not len(pool):
        raise ValueError(f"agglomeration {region}: no county has the prefecture code {code}")
    hit = pool["county"].isin(wanted)
    aliases = {"沙湾市", "沙湾县", "黔西市", "黔西县"}  # counties that became cities in 2021
    missing = set(wanted) - set(pool["county"]) - aliases
    if missing:
        raise ValueError(
            f"agglomeration {region}: {code} has no county {'|'.join(sorted(missing))}"
        )
    return sorted(pool.loc[hit if action == "keep" else ~hit, "county_code"])


def list_members(
    region: str, members: pd.DataFrame, counties: pd.DataFrame
) -> tuple[list[str], list[str]]:
    """Return member codes and the notes on members that count in part."""
    codes: list[str] = []
    notes: list[str] = []
    for row in members[members["id"] == region].itertuples():
        if row.coverage == "whole" and (region, row.adcode) not in PARTS:
            if row.adcode not in set(counties["prefecture_code"]) | set(counties["county_code"]):
                raise ValueError(
                    f"agglomeration {region}: {row.city_zh} {row.adcode} is no unit of the county "
                    "file"
                )
            codes.append(row.adcode)
            continue
        part = resolve_part(region, row.adcode, counties)
        total = int((counties["prefecture_code"] == row.adcode).sum()) or 1
        codes += [row.adcode] if len(part) == total else part
        notes.append(
            f"{row.city_zh} {len(part)} of {total} counties ({PARTS[(region, row.adcode)][2]})"
        )
    return codes, notes


def counties_of(codes: list[str], counties: pd.DataFrame) -> pd.Series:
    """Return which counties belong to member codes (whole prefectures or single counties)."""
    return counties["prefecture_code"].isin(codes) | counties["county_code"].isin(codes)


def compare_totals(area_km2: float, people: float, extra: Any) -> str:
    """Return the gap between our totals and the published ones, in words."""
    text = f"here {area_km2:,.0f} km2 and {people / 1e4:,.0f}万 people (2020 census)"
    published = []
    if extra.area_km2 > 0:
        published.append(f"{extra.area_km2:,.0f} km2 ({area_km2 / extra.area_km2 - 1:+.1%})")
    if extra.population_10k > 0:
        gap = people / 1e4 / extra.population_10k - 1
        published.append(f"{extra.population_10k:,.0f}万 in {extra.population_year} ({gap:+.1%})")
    if not published:
        return f"{text}; no published total"
    return f"{text}; published {' and '.join(published)}; {extra.area_population_basis}"


def read_reference(raw_dir: Path, name: str) -> pd.DataFrame:
    """Return one of the raw reference tables, codes as text."""
    path = raw_dir / "reference" / f"{name}.csv"
    return pd.read_csv(path, encoding="utf-8-sig", dtype={"adcode": str})


def write_csv(path: Path, columns: list[str], rows: list[dict[str, Any]]) -> None:
    """Write rows as plain UTF-8 CSV with unix line ends."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def build_regions(
    raw_dir: Path, out_dir: Path, counties: gpd.GeoDataFrame
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Write `regions.csv`; return its rows and notes."""
    members = read_reference(raw_dir, "agglomeration_members")
    extra = read_reference(raw_dir, "agglomerations_extra").set_index("id")
    area = counties.to_crs(ALBERS).area / 1e6
    rows = []
    for region in read_reference(raw_dir, "agglomerations").itertuples():
        codes, parts = list_members(region.id, members, counties)
        inside = counties_of(codes, counties)
        more = extra.loc[region.id]
        totals = compare_totals(area[inside].sum(), counties.loc[inside, "population"].sum(), more)
        rows.append(
            {
                "region_id": region.id,
                "kind": "agglomeration",
                "name_zh": region.name_zh,
                "name_en": region.name_en,
                "country_region": region.region,
                "tier": more["fyp_tier"],
                "members": "|".join(codes),
                "confidence": CONFIDENCE.get(region.id, region.confidence),
                "scope_version": SCOPES[region.id],
                "source": region.source,
                "notes": "; ".join([totals, *parts]),
            }
        )
    write_csv(out_dir / "regions.csv", COLUMNS, rows)
    covered = counties_of([c for row in rows for c in row["members"].split("|")], counties)
    return rows, {
        "regions": len(rows),
        "region_counties": int(covered.sum()),
        "region_people_without_double_counting": float(counties.loc[covered, "population"].sum()),
    }
