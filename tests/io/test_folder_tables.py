"""Cities, regions, lines, counties and people from the files of a network folder."""

from __future__ import annotations

import math

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import box

from railshed.io.csv.rows import read_rows
from railshed.io.folder.lines import parse_headways, read_lines
from railshed.io.folder.tables import (
    read_cities,
    read_counties,
    read_meta,
    read_population,
    read_regions,
)
from railshed.network.lines import Period
from railshed.util.errors import InputError
from tests.support.feeds import CITIES, LINES, shuffled, write_files


def test_cities_with_core_stations_and_centres(tmp_path):
    """Core cities come first; core stations by id, centres in the order of the file; blank windows
    are the defaults.
    """
    jia, bing = read_cities(write_files(tmp_path, CITIES), {"a", "b"})
    assert (jia.slug, jia.name, jia.name_en, jia.role, jia.feeder) == (
        "jia",
        "甲城",
        "Jia City",
        "core",
        "metro",
    )
    assert jia.core_station_ids == ("a", "b")
    assert [c.name for c in jia.centres] == ["主中心", "副中心"]
    assert jia.window_to == (25_200, 32_400)
    assert jia.window_from == (61_200, 68_400)
    assert (jia.proper_counties, jia.proper_source) == (("100101", "100102"), "")
    assert (bing.role, bing.feeder, bing.window_to) == ("secondary", "bus", (27_000, 34_200))
    assert bing.window_from == (61_200, 70_200)
    assert bing.core_station_ids == ()


def test_the_source_of_the_city_proper(tmp_path):
    """A column that may be absent, as in the test before."""
    head, jia, _ = CITIES["cities.csv"].splitlines()
    files = CITIES | {"cities.csv": f"{head},proper_source\n{jia},中心城区: plan\n"}
    assert read_cities(write_files(tmp_path, files))[0].proper_source == "中心城区: plan"


def test_city_rows_in_another_order_give_the_same_cities(tmp_path):
    """Rows of cities and core stations may come in any order (of centres not: the first is the main
    one).
    """
    plain = read_cities(write_files(tmp_path / "plain", CITIES))
    for seed in range(3):
        files = {
            name: shuffled(text, seed) if name in ("cities.csv", "core_stations.csv") else text
            for name, text in CITIES.items()
        }
        assert read_cities(write_files(tmp_path / str(seed), files)) == plain


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_cities_of_excel(tmp_path, encoding):
    """UTF-8 with BOM and GB18030, which Chinese Excel writes, are read alike."""
    folder = write_files(tmp_path, {name: text.encode(encoding) for name, text in CITIES.items()})
    assert read_cities(folder)[0].name == "甲城"
    assert read_regions(folder / "regions.csv")[0].name == "某城市群"


def test_every_bad_value_of_the_city_tables_is_reported(tmp_path):
    """One error lists file, row, field and value of problems in three files."""
    files = dict(CITIES)
    files["cities.csv"] += "jia,乙城,Yi,boss,,tram,9-7,17:00-16:00,,\n"
    files["core_stations.csv"] += "jya,a,,high,\njia,aa,,high,\njia,a,,high,\n"
    files["centres.csv"] += "jia,远,Far,190,x,high,\n"
    with pytest.raises(InputError) as caught:
        read_cities(write_files(tmp_path, files), {"a", "b"})
    text = str(caught.value)
    for part in (
        "10 problems",
        "cities.csv row 3 field slug: stands already in row 1 (given: 'jia')",
        "cities.csv row 3 field role: is not allowed (allowed: core, secondary) (given: 'boss')",
        (
            "cities.csv row 3 field feeder: is not allowed (allowed: metro, metro-small, bus, none) "
            "(given: 'tram')"
        ),
        (
            "cities.csv row 3 field window_to: '9' is not a clock time like 07:30 or 25:10:00 (given: "
            "'9-7')"
        ),
        "cities.csv row 3 field window_from: window '17:00-16:00' ends before it starts",
        (
            "core_stations.csv row 3 field city: is no slug in cities.csv (given: 'jya') -> did you "
            "mean 'jia'?"
        ),
        (
            "core_stations.csv row 4 field station_id: is no station of the timetable (given: 'aa') -> "
            "did you mean 'a'?"
        ),
        "core_stations.csv row 5 field station_id: is listed twice for jia (given: 'a')",
        "centres.csv row 3 field lon: is not within -180 to 180 (given: '190')",
        "centres.csv row 3 field lat: is not a number (given: 'x')",
    ):
        assert part in text


def test_broken_csv_files(tmp_path):
    cases: list[tuple[str | bytes, str]] = [
        ("", "cities.csv: is empty"),
        ("slug,name_zh\n", "cities.csv field name_en: the column is missing"),
        ("slug,name_zh,name_en\nx,y\n", "cities.csv row 1: has 2 values, the header has 3"),
        (b"\xff\xff\xff", "cities.csv: is neither UTF-8 nor Chinese in GB18030"),
        (
            b"slug;name_zh\nx;y\n",
            "cities.csv: the header has no comma between its columns (slug, name_zh)",
        ),
        ("slug,name_zh,name_en\nx\0,y,z\n", "cities.csv: holds NUL characters"),
        (
            "slug,name_zh,name_en\n" + "x" * 200_000 + ",y,z\n",
            "cities.csv: is no CSV (field larger",
        ),
    ]
    for i, (content, expected) in enumerate(cases):
        with pytest.raises(InputError) as caught:
            read_cities(write_files(tmp_path / str(i), {"cities.csv": content}))
        assert expected in str(caught.value)
    with pytest.raises(InputError, match="cannot be read"):
        read_cities(tmp_path)


def test_regions(tmp_path):
    """Members are codes joined by |; an empty list, a repeated member and an unknown kind are
    reported together.
    """
    folder = write_files(tmp_path, CITIES)
    (region,) = read_regions(folder / "regions.csv")
    assert (region.region_id, region.kind, region.member_codes) == (
        "reg",
        "agglomeration",
        ("100100", "100201"),
    )
    assert (region.country_region, region.scope_version) == ("east", "2020")
    rows = "x,club,某,X,,,,high,,,\ny,,,Y,,,1|1,high,,,\n"
    write_files(tmp_path, {"regions.csv": CITIES["regions.csv"] + rows})
    with pytest.raises(InputError) as caught:
        read_regions(folder / "regions.csv")
    text = str(caught.value)
    assert (
        "regions.csv row 2 field kind: is not allowed (allowed: agglomeration, metropolitan_area) "
        "(given: 'club')" in text
    )
    assert "regions.csv row 2 field members: has no member" in text
    assert "regions.csv row 3 field members: names a member twice (given: '1|1')" in text
    assert "regions.csv row 3 field name_zh: is blank" in text


def test_lines_of_high_confidence(tmp_path):
    """Minutes from the first station become runs in order of stop_sequence; other lines are left
    out, with the reason.
    """
    table = read_lines(write_files(tmp_path, LINES) / "lines.csv")
    (line,) = table.lines
    assert (line.line_id, line.name, line.bidirectional) == ("m", "市郊线 Suburban", True)
    assert [(s.station.station_id, s.run_s, s.dwell_s, s.core_city) for s in line.stops] == [
        ("b", 0, 0, ""),
        ("n", 720, 0, "jia"),
    ]
    assert math.isnan(line.stops[0].station.lon)
    assert line.stops[1].station.lon == 104.1
    assert line.periods == (Period(21_600, 25_200, 600), Period(25_200, 32_400, 300))
    assert table.left_out == ("旧线 Old: confidence low",)


def test_every_problem_of_lines_is_reported(tmp_path):
    """Problems of several lines, the left out ones too, come in one error, by row."""
    header = LINES["lines.csv"].splitlines()[0]
    rows = (
        "m,线,L,1,a,,,,,2,metro,bus,,06:00-07:00=0,high,x\n"
        "m,线,L,2,a,,,104,,1,tube,bus,,06:00-07:00=0,high,x\n"
        "q,单,One,1,a,,,,,0,metro,bus,,06:00-08:00=10|07:00-09:00=5,sure,x\n"
        "p,双,Two,1,a,,,,,0,metro,bus,,06:00-08:00=10,low,x\n"
        "p,双,Two,1,b,,,,,9,metro,bus,,06:00-08:00=12,low,x\n"
    )
    with pytest.raises(InputError) as caught:
        read_lines(write_files(tmp_path, {"lines.csv": f"{header}\n{rows}"}) / "lines.csv")
    text = str(caught.value)
    for part in (
        "lines.csv row 1 field minutes: is not 0 at the first station (given: '2')",
        (
            "lines.csv row 1 field headways: headway '0' of 06:00-07:00 is not within 0.5 to 1440 "
            "minutes"
        ),
        "lines.csv row 2 field minutes: is not later than row 1 of the same line (given: '1')",
        "lines.csv row 2 field station_id: is the station of row 1 again (given: 'a')",
        "lines.csv row 2 field lat: is blank, but its pair is not",
        "lines.csv row 2 field station_class: is not allowed",
        "lines.csv row 3 field headways: the periods from 06:00 and 07:00 overlap",
        (
            "lines.csv row 3 field confidence: is not allowed (allowed: high, medium, low) (given: "
            "'sure')"
        ),
        (
            "lines.csv row 3 field line_id: the line has one station only; it needs two or more "
            "(given: 'q')"
        ),
        (
            "lines.csv row 5 field stop_sequence: stands already in row 4 of the same line (given: "
            "'1')"
        ),
        "lines.csv row 5 field headways: differs from row 4 of the same line",
    ):
        assert part in text
    numbers = [issue.row for issue in caught.value.issues]
    assert numbers == sorted(numbers)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("06:00-07:00", "is not a period with a headway"),
        ("06:00-07:00=often", "headway 'often' of 06:00-07:00 is not a number of minutes"),
        ("07:00-06:00=5", "ends before it starts"),
        ("06:00-07:00=nan", "is not a number of minutes"),
    ],
)
def test_headways_that_are_none(text, expected):
    with pytest.raises(ValueError, match=expected):
        parse_headways(text)


def counties(**columns):
    base = {
        name: ["100102", "100101"] if name == "county_code" else ["x", "y"]
        for name in (
            "county_code",
            "county",
            "county_en",
            "prefecture_code",
            "prefecture",
            "prefecture_en",
            "province_code",
            "province",
            "province_en",
        )
    }
    geometry = [box(104, 30, 105, 31), box(103, 30, 104, 31)]
    return gpd.GeoDataFrame(
        base | {"population": [1.0, 2.0]} | columns, geometry=geometry, crs="EPSG:4326"
    )


def test_counties_by_code_in_wgs84(tmp_path):
    """Counties come by code, in EPSG:4326 whatever they are stored in."""
    counties().to_crs("EPSG:3857").to_parquet(tmp_path / "boundaries.parquet")
    frame = read_counties(tmp_path / "boundaries.parquet")
    assert frame["county_code"].tolist() == ["100101", "100102"]
    assert frame.crs.to_epsg() == 4326
    assert frame.total_bounds == pytest.approx([103, 30, 105, 31])


def test_counties_that_cannot_be_used(tmp_path):
    """A missing CRS, a missing column, repeated codes and a file that is no Parquet are refused
    with the reason.
    """
    path = tmp_path / "boundaries.parquet"
    counties().set_crs(None, allow_override=True).drop(columns="county_en").to_parquet(path)
    with pytest.raises(InputError) as caught:
        read_counties(path)
    assert "boundaries.parquet field county_en: the column is missing" in str(caught.value)
    assert "boundaries.parquet: has no CRS -> write it in EPSG:4326 with that CRS stated" in str(
        caught.value
    )
    counties(county_code=["1", "1"]).to_parquet(path)
    with pytest.raises(InputError, match="row 2 field county_code: stands in an earlier row"):
        read_counties(path)
    path.write_bytes(b"no parquet at all")
    with pytest.raises(InputError, match="not a readable Parquet file"):
        read_counties(path)


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("", "missing-key"),
        ("population_cell_deg = -1", "out-of-range"),
        ("population_cell_deg = 9", "out-of-range"),
    ],
)
def test_people_need_the_size_of_their_cells(tmp_path, line, wrong):
    """Without it every county would have all of its neighbours' people; a folder without people
    needs none.
    """
    (tmp_path / "network.toml").write_text(line, encoding="utf-8")
    read_meta(tmp_path)
    (tmp_path / "population.parquet").write_bytes(b"")
    with pytest.raises(
        InputError, match=f"{wrong}: network.toml field population_cell_deg: must be the edge"
    ):
        read_meta(tmp_path)
    (tmp_path / "network.toml").write_text("population_cell_deg = 0.01", encoding="utf-8")
    assert read_meta(tmp_path) == {"population_cell_deg": 0.01}


def test_every_mistake_in_assumptions_is_reported(tmp_path):
    """Tables, rows, keys and values of [assumptions] that are not allowed, in one message."""
    (tmp_path / "network.toml").write_text(
        "[assumptions.general]\ncell_size = 1000\n[assumptions.genral]\ncell_size_m = "
        "1000\n[assumptions.modes.walk]\n"
        "speed_kmh = -2\n[assumptions.modes.fly]\n[assumptions.station_times]\nsmall = 5\n"
        '[assumptions.uncertainty.station_time]\nlog_sd = "x"\n',
        encoding="utf-8",
    )
    with pytest.raises(InputError) as raised:
        read_meta(tmp_path)
    for part in (
        "network.toml field assumptions: general.cell_size: unknown, did you mean 'cell_size_m'?",
        "genral: unknown, did you mean 'general'?",
        "modes.walk.speed_kmh -2: allowed are numbers from 0.1 to 1000",
        "modes.fly: unknown, allowed: walk, bike,",
        "station_times.small 5: allowed is a table",
        "log_sd 'x'",
    ):
        assert part in str(raised.value)


def test_people(tmp_path):
    """Cells come by county, latitude and longitude; negative people and impossible coordinates are
    refused with row.
    """
    path = tmp_path / "population.parquet"
    frame = pd.DataFrame(
        {
            "lon": [104.5, 104.0],
            "lat": [30.0, 30.0],
            "county_code": ["2", "1"],
            "people": [5.0, 7.0],
        }
    )
    frame.to_parquet(path)
    assert read_population(path)["people"].tolist() == [7.0, 5.0]
    frame.assign(people=[-1.0, math.nan], lon=[204.0, 1.0]).to_parquet(path)
    with pytest.raises(InputError) as caught:
        read_population(path)
    for part in (
        "3 problems",
        "row 1 field lon: is not within -180 to 180 (given: '204.0')",
        "row 1 field people: is not within 0 to 1e+09 (given: '-1.0')",
        "row 2 field people: is not within 0 to 1e+09 (given: 'nan')",
    ):
        assert part in str(caught.value)
    frame.assign(people=["a", "b"]).drop(columns="lat").to_parquet(path)
    with pytest.raises(InputError, match="field lat: the column is missing"):
        read_population(path)
    frame.assign(people=["a", "b"]).to_parquet(path)
    with pytest.raises(InputError, match="field people: is no column of numbers"):
        read_population(path)


def test_equal_rows_count_once_with_a_warning(tmp_path):
    """A city, a core station and a region that stand twice change nothing; rows of one key that
    differ are errors.
    """
    files = {name: text + text.splitlines(keepends=True)[1] for name, text in CITIES.items()}
    folder = write_files(tmp_path, files)
    assert read_cities(folder) == read_cities(write_files(tmp_path / "once", CITIES))
    assert len(read_regions(folder / "regions.csv")) == 1
    issues = []
    rows = read_rows(folder / "core_stations.csv", ["city"], issues)
    assert len(rows) == 2
    assert [(i.severity, i.code, i.row, i.message) for i in issues] == [
        ("warning", "repeated-row", 3, "is row 1 again; counted once")
    ]


def test_bad_rows_of_a_parquet_file_are_all_counted(tmp_path):
    """Of 25 cells with fewer than no people 20 are named, and one issue has the other five."""
    path = tmp_path / "population.parquet"
    columns = {
        "lon": [1.0] * 25,
        "lat": [1.0] * 25,
        "county_code": ["1"] * 25,
        "people": [-1.0] * 25,
    }
    pd.DataFrame(columns).to_parquet(path)
    with pytest.raises(InputError, match="25 problems") as caught:
        read_population(path)
    assert (len(caught.value.issues), caught.value.issues[-1].count) == (21, 5)
