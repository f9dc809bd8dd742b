"""The city proper of `networks/china`: a named source before the rule, every centre and terminal by
the rule.
"""

from __future__ import annotations

import csv
import shutil
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
from shapely.geometry import box

from tests.support.scripts import CHINA, build_script

pytestmark = pytest.mark.china

COUNTIES = gpd.GeoDataFrame(
    {
        "county_code": ["100101", "100102", "100103", "100104", "100201"],
        "prefecture_code": ["100100"] * 4 + ["100200"],
    },
    geometry=[box(x, 30, x + 1, 31) for x in range(100, 105)],
    crs="EPSG:4326",
)
pytestmark = pytest.mark.peers  # the script needs the tools that build the network
#: the main centre lies in the first county, the second one in the second, the third in another
#: prefecture
CENTRES = [{"city": "jia", "lon": lon, "lat": "30.5"} for lon in ("100.5", "101.5", "104.5")]
#: terminals in the fourth county and in another prefecture; the third county holds nothing
CORE = [{"city": "jia", "station_id": "east"}, {"city": "jia", "station_id": "far"}]
COUNTY_OF = {"east": "100104", "far": "100201"}
HEAD = "slug,counties,what,source,address,confidence,note\n"


def found(folder: Path, rows: str) -> dict[str, Any]:
    """Return the row of 甲 in `cities.csv` where `city_proper.csv` has these rows."""
    (path := folder / "city_proper.csv").write_text(HEAD + rows, encoding="utf-8")
    cities: list[dict[str, Any]] = [{"slug": "jia", "prefecture_code": "100100"}]
    build_script("build_cities").add_city_proper(cities, CORE, CENTRES, COUNTY_OF, COUNTIES, path)
    return cities[0]


def test_by_rule_every_county_that_holds_a_centre_or_a_terminal(tmp_path: Path) -> None:
    """Two centres in two counties and a terminal in a third; what lies in another prefecture adds
    none.
    """
    row = found(tmp_path, "")
    assert row["proper_counties"] == "100101|100102|100104"
    assert row["proper_source"] == "counties that hold a centre or a terminal"


def test_a_named_source_comes_first(tmp_path: Path) -> None:
    """The counties of the document, also one without a centre, not those of the rule."""
    row = found(tmp_path, "jia,100101|100103,中心城区,甲市城市总体规划,https://x.example,read,\n")
    assert row["proper_counties"] == "100101|100103"
    assert row["proper_source"] == "中心城区: 甲市城市总体规划"


def test_a_city_without_a_county_has_none(tmp_path: Path) -> None:
    """As 香港, whose land is in no county."""
    cities: list[dict[str, Any]] = [{"slug": "hk", "prefecture_code": "810000"}]
    (path := tmp_path / "city_proper.csv").write_text(HEAD, encoding="utf-8")
    core = [{"city": "hk", "station_id": "none"}]
    build_script("build_cities").add_city_proper(
        cities, core, [{**CENTRES[0], "city": "hk"}], {"none": ""}, COUNTIES, path
    )
    assert (cities[0]["proper_counties"], cities[0]["proper_source"]) == ("", "")


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("jia,100109,a,b,https://x.example,read,\n", "no county 100109"),
        ("jia,100101,a,b,,read,\n", "no address"),
        ("jia,100101,a,b,,memory,\n", "memory of"),
        ("jia,100101,a,memory of b,https://x.example,read,\n", "memory of"),
        ("yi,100101,a,b,https://x.example,read,\n", "no city yi"),
    ],
)
def test_a_bad_row_is_refused(tmp_path: Path, row: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        found(tmp_path, row)


def test_the_shipped_table_is_what_the_script_gives(tmp_path: Path) -> None:
    for name in (
        "cities.csv",
        "core_stations.csv",
        "centres.csv",
        "boundaries.parquet",
        "timetable.zip",
    ):
        shutil.copy(CHINA / name, tmp_path)
    build_script("build_cities").main(tmp_path)
    assert (tmp_path / "cities.csv").read_bytes() == (CHINA / "cities.csv").read_bytes()


def test_what_the_density_rule_had_wrong() -> None:
    """Of Ningbo 鄞州, of Nanjing 栖霞, 江宁 and 浦口, of Qingdao 崂山, of Chengdu 双流."""
    with (CHINA / "cities.csv").open(encoding="utf-8", newline="") as file:
        cities = {row["slug"]: row for row in csv.DictReader(file)}
    counties = gpd.read_parquet(
        CHINA / "boundaries.parquet", columns=["county_code", "prefecture_code", "geometry"]
    )
    prefecture_of = dict(zip(counties["county_code"], counties["prefecture_code"], strict=True))
    for slug, codes in {
        "ningbo": {"330203", "330212"},
        "nanjing": {"320111", "320113", "320115"},
        "qingdao": {"370212"},
        "chengdu": {"510114", "510116"},
    }.items():
        assert codes <= set(cities[slug]["proper_counties"].split("|")), slug
    for row in cities.values():
        assert (
            bool(row["proper_source"])
            == bool(row["proper_counties"])
            == (row["slug"] != "hongkong")
        ), row["slug"]
        codes = set(filter(None, row["proper_counties"].split("|")))
        assert {prefecture_of[code] for code in codes} <= {row["prefecture_code"]}, row["slug"]
