"""Places and commuter lines of `networks/china`: counties, people, agglomerations, cities,
lines.csv.
"""

from __future__ import annotations

import csv
import hashlib
import math
import os
import subprocess
import sys
import zipfile
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import pytest

import railshed

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "networks" / "china"
RAW = ROOT.parent / "shared" / "data" / "china"
TABLES = [
    "boundaries.parquet",
    "population.parquet",
    "regions.csv",
    "cities.csv",
    "core_stations.csv",
]
TABLES += ["centres.csv", "lines.csv"]
BUILT = [
    "timetable.zip",
    "stations_estimated.csv",
    "metro_lines.csv",
    "transfers.csv",
    "network.toml",
]
MISSING = [name for name in [*TABLES, "timetable.zip"] if not (FOLDER / name).exists()]

pytestmark = [
    pytest.mark.peers,
    pytest.mark.china,
    pytest.mark.skipif(bool(MISSING), reason=f"networks/china lacks {', '.join(MISSING)}"),
]
needs_raw = pytest.mark.skipif(
    not RAW.exists(), reason="needs the raw tables of ../shared/data/china"
)


def read(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def counties():
    import geopandas as gpd

    return gpd.read_parquet(FOLDER / "boundaries.parquet")


@pytest.fixture(scope="module")
def stop_ids() -> set[str]:
    with zipfile.ZipFile(FOLDER / "timetable.zip") as archive:
        text = archive.read("stops.txt").decode("utf-8-sig").splitlines()
    return {row["stop_id"] for row in csv.DictReader(text)}


def test_counties_are_a_valid_coverage_in_degrees(counties):
    """2,990 counties, none invalid or empty; neighbours share their borders without gap
    or overlap.
    """
    import shapely

    shapes = counties.geometry.to_numpy()
    assert len(counties) == 2990
    assert counties["county_code"].is_unique
    assert counties.crs.to_epsg() == 4326
    assert shapely.is_valid(shapes).all()
    assert not shapely.is_empty(shapes).any()
    assert shapely.coverage_is_valid(shapes)
    assert (FOLDER / "boundaries.parquet").stat().st_size < 3_000_000


def test_the_census_sums_to_the_published_totals(counties):
    """National total of 2020 without the armed forces, and one prefecture once 扎赉诺尔区 is
    corrected.
    """
    people = counties.set_index("county_code")["population"]
    assert people.sum() == 1_409_778_724
    assert people["150703"] == 84_424
    hulunbuir = counties.loc[counties["prefecture_code"] == "150700", "population"]
    assert hulunbuir.sum() == 2_242_875
    assert list(people.index[people.isna()]) == ["350527"]


def test_names_are_complete_and_cased(counties):
    names = counties.set_index("county_code")["county_en"]
    assert names["320583"] == "Kunshan"
    assert names["310115"] == "Pudong New Area"
    assert names["310106"] == "Jing'an"
    for column in ("county", "county_en", "prefecture", "prefecture_en", "province", "province_en"):
        assert counties[column].notna().all()
        assert (counties[column].str.strip() == counties[column]).all()
    assert names.str.match(r"^[A-Z]").all()
    assert not names.str.contains(r"[㐀-鿿]").any()


def test_municipalities_and_units_run_by_their_province_have_the_codes_of_the_member_lists(
    counties,
):
    code = counties.set_index("county_code")["prefecture_code"]
    assert code["310115"] == "310000"
    assert code["500233"] == "500000"
    assert code["429004"] == "429004"
    assert code["320583"] == "320500"


def test_cells_of_every_county_sum_to_its_census_exactly(counties):
    import pandas as pd

    cells = pd.read_parquet(FOLDER / "population.parquet")
    sums = cells.groupby("county_code")["people"].sum()
    census = counties.set_index("county_code")["population"].dropna()
    assert (sums.reindex(census.index) == census).all()
    assert set(sums.index) == set(census.index)
    assert (cells["people"] > 0).all()
    assert not cells.duplicated(["lon", "lat", "county_code"]).any()
    assert (FOLDER / "population.parquet").stat().st_size < 4_000_000


def test_every_member_of_the_19_agglomerations_is_a_prefecture_or_a_county(counties):
    regions = read("regions.csv")
    known = set(counties["county_code"]) | set(counties["prefecture_code"])
    assert len(regions) == 19
    assert {row["kind"] for row in regions} == {"agglomeration"}
    for row in regions:
        members = row["members"].split("|")
        assert set(members) <= known, row["region_id"]
        assert len(members) == len(set(members)), row["region_id"]
        assert row["confidence"] in {"high", "medium", "low"}
        assert row["country_region"] in {"eastern", "central", "western", "northeastern"}


@pytest.mark.parametrize(
    ("region", "area_km2"),
    [
        ("gzpy", 107_100),
        ("dz", 111_400),
        ("qz", 53_800),
        ("bbw", 116_600),
        ("zy", 287_000),
        ("lx", 97_500),
    ],
)
def test_area_of_an_agglomeration_by_county_agrees_with_its_plan(counties, region, area_km2):
    """Within 2 per cent of the area that the plan prints."""
    members = next(
        row["members"] for row in read("regions.csv") if row["region_id"] == region
    ).split("|")
    inside = counties["county_code"].isin(members) | counties["prefecture_code"].isin(members)
    assert counties[inside].to_crs("ESRI:102025").area.sum() / 1e6 == pytest.approx(
        area_km2, rel=0.02
    )


def test_cities_are_complete(counties, stop_ids):
    """69 cities, 32 of them core; each with core stations, a centre, windows and a city proper."""
    cities = read("cities.csv")
    regions = {row["region_id"] for row in read("regions.csv")}
    stations, centres = defaultdict(list), defaultdict(list)
    for row in read("core_stations.csv"):
        stations[row["city"]].append(row["station_id"])
    for row in read("centres.csv"):
        centres[row["city"]].append((float(row["lon"]), float(row["lat"])))
    slugs = [row["slug"] for row in cities]
    assert len(slugs) == len(set(slugs)) == 69
    assert sum(row["role"] == "core" for row in cities) == 32
    assert set(stations) == set(centres) == set(slugs)
    assert {s for group in stations.values() for s in group} <= stop_ids
    assert "miyunbei" not in stations["beijing"]
    codes = set(counties["county_code"])
    for row in cities:
        assert set(row["regions"].split("|")) <= regions, row["slug"]
        assert row["feeder"] in {"metro", "metro-small", "bus"}
        for window in (row["window_to"], row["window_from"]):
            start, end = (minutes(text) for text in window.split("-"))
            assert 0 <= start < end <= 24 * 60
        proper = [code for code in row["proper_counties"].split("|") if code]
        assert set(proper) <= codes
        assert bool(proper) == (row["slug"] != "hongkong"), row["slug"]
    xinjiang = {row["slug"] for row in cities if row["window_to"] == "09:30-11:30"}
    assert xinjiang == {"urumqi", "shihezi", "karamay"}


def test_the_main_centre_lies_in_the_city_proper(counties):
    import shapely

    by_code = counties.set_index("county_code").geometry
    main: dict[str, tuple[float, float]] = {}
    for row in read("centres.csv"):
        main.setdefault(row["city"], (float(row["lon"]), float(row["lat"])))
    for city in read("cities.csv"):
        codes = [code for code in city["proper_counties"].split("|") if code]
        if codes:
            point = shapely.Point(main[city["slug"]])
            assert any(by_code[code].intersects(point) for code in codes), city["slug"]


def minutes(clock: str) -> int:
    hours, mins = clock.split(":")
    return int(hours) * 60 + int(mins)


def lines() -> dict[str, list[dict[str, str]]]:
    table = defaultdict(list)
    for row in read("lines.csv"):
        table[row["line_id"]].append(row)
    return table


def km(a: dict[str, str], b: dict[str, str]) -> float:
    lat_a, lat_b = math.radians(float(a["lat"])), math.radians(float(b["lat"]))
    h = math.sin((lat_b - lat_a) / 2) ** 2
    h += (
        math.cos(lat_a)
        * math.cos(lat_b)
        * math.sin(math.radians(float(b["lon"]) - float(a["lon"])) / 2) ** 2
    )
    return 2 * 6371 * math.asin(math.sqrt(h))


@pytest.mark.parametrize("line_id", sorted(lines()) if not MISSING else [])
def test_a_commuter_line_is_consistent(line_id, stop_ids):
    """Minutes increase from 0, no hop is faster than 160 km/h straight, headway periods do not
    overlap.
    """
    rows = lines()[line_id]
    cities = {row["slug"] for row in read("cities.csv")}
    assert [int(row["stop_sequence"]) for row in rows] == list(range(1, len(rows) + 1))
    assert len({row["station_id"] for row in rows}) == len(rows)
    assert float(rows[0]["minutes"]) == 0
    for before, row in pairwise(rows):
        hours = (float(row["minutes"]) - float(before["minutes"])) / 60
        assert hours > 0
        assert km(before, row) / hours < 160
    for column in ("line_zh", "line_en", "headways", "confidence", "source"):
        assert len({row[column] for row in rows}) == 1
    periods = sorted(part.split("=")[0] for part in rows[0]["headways"].split("|"))
    spans = [tuple(minutes(t) for t in period.split("-")) for period in periods]
    assert all(start < end for start, end in spans)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    for row in rows:
        assert row["core_city"] in cities | {""}
        assert row["station_id"] in stop_ids or "-" in row["station_id"]


def test_the_one_commuter_line_left_is_that_of_taizhou():
    """Metros are in the timetable; no line of lines.csv is sure enough to be loaded."""
    assert {key: rows[0]["confidence"] for key, rows in lines().items()} == {"taizhou-s1": "medium"}


def test_cities_say_whose_metro_is_in_the_network():
    """41 cities have one in the list, of which Xuzhou is no city here; Xianyang is reached by
    Xi'an's.
    """
    metros = {row["slug"] for row in read("cities.csv") if row["metro"] == "yes"}
    assert {row["metro"] for row in read("cities.csv")} == {"yes", "no"}
    assert len(metros) == 41
    assert {"beijing", "hongkong", "xianyang", "urumqi"} <= metros
    assert not {"xiongan", "zhuhai", "yinchuan", "xining"} & metros


@needs_raw
@pytest.mark.slow
def test_two_builds_give_the_committed_bytes(tmp_path):
    """A build in another folder and process equals the committed files, by the pyarrow version that
    wrote them.
    """
    import pyarrow
    import pyarrow.parquet

    writer = pyarrow.parquet.read_metadata(FOLDER / "population.parquet").created_by
    if not writer.endswith(pyarrow.__version__):
        pytest.skip(
            f"parquet files were written by {writer}, this is pyarrow {pyarrow.__version__}"
        )
    env = os.environ | {"PYTHONPATH": str(Path(railshed.__file__).resolve().parents[1])}
    subprocess.run(
        [sys.executable, str(FOLDER / "build.py"), str(RAW), str(tmp_path)], env=env, check=True
    )
    for name in [*TABLES, *BUILT]:
        made, kept = ((folder / name).read_bytes() for folder in (tmp_path, FOLDER))
        assert hashlib.sha256(made).hexdigest() == hashlib.sha256(kept).hexdigest(), name
