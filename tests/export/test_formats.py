"""Layers in the formats of GIS programs: each reads back as it was, says what it is, same layers,
same bytes.
"""

from __future__ import annotations

import json
import sqlite3
import struct
from collections.abc import Iterator
from contextlib import closing
from importlib import resources
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely
import xlsxwriter

import railshed
from railshed.cells.opportunities import Opportunities
from railshed.export.field_meanings import find_field, find_layer
from railshed.export.formats import FORMATS, endings_of, file_stem, write_layers
from railshed.export.styles import FileDescription
from railshed.questions.indicators.places import opportunity_access
from railshed.util.errors import OutputError, ParameterError
from tests.support.clirunner import Command, assert_mistake

ABOUT = FileDescription(
    "Circle", ("by train", "at most 60 min"), "abc123", "door-to-station", (30, 60), 60, cell_m=500
)
ENDINGS = [one.ending for one in FORMATS]
RING = [(0, 0), (0, 4), (4, 4), (4, 0), (0, 0)]  # clockwise: the wrong way round for RFC 7946
HOLE = [(1, 1), (2, 1), (2, 2), (1, 2), (1, 1)]  # counterclockwise: likewise


def bands() -> gpd.GeoDataFrame:
    """Two polygons, one with a hole, and a row that has no area."""
    shapes = [shapely.Polygon(RING, [HOLE]), shapely.box(10, 0, 11, 1 / 3), shapely.MultiPolygon()]
    values = {
        "reading": ["door-to-station"] * 3,
        "cutoff_min": [30, 60, 60],
        "kind": ["total", "total", "by_rail"],
        "people": [1, 2, 4],
        "area_km2": [0.5, np.nan, 0.0],
    }
    return gpd.GeoDataFrame(values, geometry=shapes, crs="EPSG:4326")


def points() -> gpd.GeoDataFrame:
    values = {
        "name": ["成都东", "b"],
        "minutes": [12.25, np.nan],
        "is_core": [True, False],
        "inside": [False, True],
        "station_class": ["hub", "metro"],
    }
    return gpd.GeoDataFrame(
        values, geometry=shapely.points([104.123456789, 104.2], [30.6, 30.7]), crs="EPSG:4326"
    )


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Layers of a circle, a comparison, draws, the car and shares on the toy network."""
    plan = tmp_path_factory.mktemp("plan") / "plan.toml"
    plan.write_text(
        'title = "t"\n[[modification]]\ntype = "add-trips"\nname = "x"\nhop_minutes = [9]\nstops = '
        '["west", '
        '{ name = "gate", lon = 99.99, lat = 0.31, terminal = true '
        "}]\n[[modification.frequencies]]\n"
        'start_time = "06:00"\nend_time = "09:00"\nheadway_minutes = 7\n',
        encoding="utf-8",
    )
    network = railshed.load_network("toy")
    circle = railshed.circle(network, "mid")
    return {
        "circle": circle,
        "comparison": railshed.compare(network, "mid", plan),
        "inclusion": circle.inclusion(3),
        "forecast": railshed.prepare(network).forecast("mid", plan, 3),
        "car": {"car": circle.car_polygons},
        "share": {"share": circle.share_polygons},
        "indicators": _indicator_layers(network),
        "overlap": {
            name: frame for name, frame in _overlap_layers(network).items() if name != "stations"
        },
    }


def _overlap_layers(network: Any) -> dict[str, gpd.GeoDataFrame]:
    found = railshed.prepare(network).union(["mid"])
    return {"overlap": found.polygons, "circles": found.circles}


def _indicator_layers(network: Any) -> dict[str, gpd.GeoDataFrame]:
    """Layers of counties, of opportunities (their own columns aside), and of least changes."""
    run = railshed.prepare(network)
    jobs = Opportunities.of_points([100.0], [0.3], {"jobs": [5]})
    access, rows = opportunity_access(run, "toy", jobs), run.why_counties("toy")
    counties, own = (
        network.counties.set_index("county_code"),
        ("jobs_within_60", "jobs_within_90", "jobs_nearest"),
    )
    shapes = counties.geometry.loc[[row["county_code"] for row in rows]].to_numpy()
    return {
        "county_minutes": run.indicators("toy").county_frame,
        "county_access": access.county_frame.drop(columns=[*own, "jobs_per_1000"]),
        "opportunity_places": access.place_frame.drop(columns="jobs"),
        "remedies": gpd.GeoDataFrame(rows, geometry=shapes, crs=4326),
    }


def layers_of(results: dict[str, Any]) -> Iterator[tuple[str, gpd.GeoDataFrame]]:
    for found in results.values():
        yield from (found if isinstance(found, dict) else found.layers()).items()


def read(path: Path) -> gpd.GeoDataFrame:
    """Return a file's first layer; a GeoPackage has the table of styles beside it."""
    if path.suffix == ".parquet":
        return gpd.read_parquet(path)
    return gpd.read_file(path, layer=pyogrio.list_layers(path)[0][0])


@pytest.mark.parametrize(
    "ending", [one for one in ENDINGS if one not in (".pmtiles", ".xlsx")]
)  # cut, no shapes
def test_what_is_written_is_read_back(ending: str, tmp_path: Path) -> None:
    """Rows, values, missing values, Chinese and shapes (GeoJSON: to 7 decimals of a degree), in
    EPSG:4326.

    FlatGeobuf keeps rows in the order of its spatial index.
    """
    for name, frame in (("polygons", bands()), ("stations", points())):
        (path,) = write_layers(tmp_path / f"a{ending}", {name: frame}, ABOUT)
        found = read(path)
        if ending == ".fgb" and name == "stations":
            found = found.sort_values("name", ascending=False, ignore_index=True)
        assert found.crs == "EPSG:4326"
        assert list(found.columns) == list(frame.columns)
        for column in frame.columns.drop("geometry"):
            assert found[column].astype(object).where(found[column].notna(), None).tolist() == (
                frame[column].astype(object).where(frame[column].notna(), None).tolist()
            )
        for here, there in zip(found.geometry, frame.geometry, strict=True):
            assert (here is None or here.is_empty) == there.is_empty
            if not there.is_empty:
                assert shapely.equals_exact(here.normalize(), _multi(there).normalize(), 6e-8)
    assert sorted(p.suffix for p in tmp_path.iterdir()) == [ending]


def _multi(shape: Any) -> Any:
    return shapely.MultiPolygon([shape]) if shape.geom_type == "Polygon" else shape


def test_areas_are_of_one_type(tmp_path: Path) -> None:
    """A polygon, a multi-polygon and an area with a line beside it are multi-polygons: QGIS shows
    one layer.
    """
    mixed = shapely.GeometryCollection(
        [shapely.box(0, 0, 1, 1), shapely.LineString([(5, 5), (6, 6)])]
    )
    frame = gpd.GeoDataFrame(
        {"state": ["both"] * 3},
        crs=4326,
        geometry=[
            shapely.box(0, 0, 1, 1),
            shapely.MultiPolygon([shapely.box(0, 0, 1, 1)]),
            mixed,
        ],
    )
    (path,) = write_layers(tmp_path / "a.gpkg", {"x": frame})
    assert pyogrio.read_info(path, layer="x")["geometry_type"] == "MultiPolygon"
    assert [shape.area for shape in gpd.read_file(path, layer="x").geometry] == [1, 1, 1]


def test_geojson_follows_rfc_7946(tmp_path: Path) -> None:
    """No crs; outer rings counterclockwise, holes clockwise; a bbox; at most 7 decimals; what it
    is, as members.
    """
    (path,) = write_layers(tmp_path / "a.geojson", {"polygons": bands()}, ABOUT)
    text = path.read_text(encoding="utf-8")
    found = json.loads(text, parse_float=str)
    assert "crs" not in found
    assert found["type"] == "FeatureCollection"
    assert [float(x) for x in found["bbox"]] == pytest.approx([0, 0, 11, 1 / 3 + 11 / 3], abs=1e-6)
    outer, hole = (
        [[float(x) for x in at] for at in ring]
        for ring in found["features"][0]["geometry"]["coordinates"][0]
    )
    assert shapely.LinearRing(outer).is_ccw
    assert not shapely.LinearRing(hole).is_ccw
    assert max(len(x.partition(".")[2]) for x in _numbers(found["features"])) <= 7
    assert (found["definition_hash"], found["fields"]["cutoff_min"]["unit"]) == ("abc123", "min")
    assert found["title"] == "Circle: polygons"


def _numbers(value: Any) -> Iterator[str]:
    if isinstance(value, dict) and "coordinates" in value:
        yield from _numbers(value["coordinates"])
    elif isinstance(value, dict):
        yield from _numbers(value.get("geometry") or [])
    elif isinstance(value, list):
        for inner in value:
            yield from _numbers(inner)
    else:
        yield str(value)


def test_geojson_is_cut_at_180_degrees(tmp_path: Path) -> None:
    """A line from 179 to 179 degrees west is two pieces that meet at 180: no way around
    the world.
    """
    line = gpd.GeoDataFrame(
        {"name": ["a"]}, geometry=[shapely.LineString([(179, 0), (-179, 0)])], crs=4326
    )
    (path,) = write_layers(tmp_path / "a.geojson", {"line": line}, ABOUT)
    (feature,) = json.loads(path.read_text(encoding="utf-8"))["features"]
    assert feature["geometry"]["type"] == "MultiLineString"
    assert sorted(feature["geometry"]["coordinates"]) == [
        [[-180, 0], [-179, 0]],
        [[179, 0], [180, 0]],
    ]


def test_geoparquet_says_units_and_definition(tmp_path: Path) -> None:
    """GeoParquet 1.1 in WKB; each column carries unit and meaning, the file title, definition and
    its hash.
    """
    (path,) = write_layers(tmp_path / "a.parquet", {"polygons": bands()}, ABOUT)
    schema = pq.read_schema(path)
    geo = json.loads(schema.metadata[b"geo"])
    assert (geo["version"], geo["primary_column"]) == ("1.1.0", "geometry")
    assert geo["columns"]["geometry"]["encoding"] == "WKB"
    assert geo["columns"]["geometry"]["geometry_types"] == ["MultiPolygon"]
    assert geo["columns"]["geometry"]["crs"]["id"] == {"authority": "EPSG", "code": 4326}
    assert schema.field("cutoff_min").metadata[b"unit"] == b"min"
    assert schema.field("area_km2").metadata[b"unit"] == b"km2"
    assert schema.metadata[b"railshed:definition_hash"] == b"abc123"
    assert schema.metadata[b"railshed:definition"] == b"by train; at most 60 min"
    assert schema.metadata[b"railshed:title"] == b"Circle: polygons"


def test_flatgeobuf_says_units_and_definition(tmp_path: Path) -> None:
    """Title, definition, hash and units are in the header; rows without area cost the index, not
    the rows.
    """
    for name, frame, fast in (("polygons", bands(), False), ("stations", points(), True)):
        (path,) = write_layers(tmp_path / "a.fgb", {name: frame}, ABOUT)
        info = pyogrio.read_info(path)
        result = info["layer_metadata"]
        assert result["definition_hash"] == "abc123"
        assert result["TITLE"] == f"Circle: {name}"
        assert json.loads(result["fields"])["minutes" if fast else "cutoff_min"]["unit"] == "min"
        assert info["capabilities"]["fast_spatial_filter"] == fast
        assert info["features"] == len(frame)


def test_pmtiles_have_a_header_and_every_feature(tmp_path: Path) -> None:
    """Version 3, vector tiles, zooms 4 to 11, bounds of the data; at the last zoom no feature is
    missing.
    """
    lon, lat = np.repeat(np.arange(20), 20) / 50, np.tile(np.arange(20), 20) / 50
    places = gpd.GeoDataFrame({"row": range(400)}, geometry=shapely.points(lon, lat), crs=4326)
    (path,) = write_layers(tmp_path / "a.pmtiles", {"cells": places}, ABOUT)
    head = path.read_bytes()[:127]
    assert (head[:7], head[7]) == (b"PMTiles", 3)
    assert head[99:102] == bytes([1, 4, 11])
    assert np.array(struct.unpack("<4i", head[102:118])) / 1e7 == pytest.approx(
        [0, 0, 0.38, 0.38], abs=1e-6
    )
    found = gpd.read_file(path)
    assert found.crs == "EPSG:3857"
    assert set(found["row"]) == set(range(400))
    result = pyogrio.read_info(path)["dataset_metadata"]
    assert result["name"] == "Circle: cells"
    assert result["description"].endswith("by train; at most 60 min; abc123")


def test_geopackage_has_the_styles_that_qgis_looks_for(tmp_path: Path) -> None:
    """`layer_styles` has QGIS's columns; a default style a layer, by schema '', table and geometry
    column.
    """
    (path,) = write_layers(
        tmp_path / "a.gpkg", {"polygons": bands(), "stations": points(), "other": points()}, ABOUT
    )
    with closing(sqlite3.connect(path)) as file:
        columns = {row[1]: row[2] for row in file.execute("PRAGMA table_info(layer_styles)")}
        rows = file.execute(
            "SELECT f_table_catalog, f_table_schema, f_table_name, f_geometry_column, "
            "useAsDefault, update_time, "
            "styleName FROM layer_styles ORDER BY id"
        ).fetchall()
        kind = file.execute(
            "SELECT data_type FROM gpkg_contents WHERE table_name = 'layer_styles'"
        ).fetchone()
        assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        dates = file.execute(
            "SELECT last_change FROM gpkg_contents UNION SELECT timestamp FROM "
            "gpkg_metadata_reference"
        )
        assert {date[:19] for (date,) in dates} == {"2000-01-01T00:00:00"}
    assert columns == {
        "id": "INTEGER",
        "f_table_catalog": "TEXT(256)",
        "f_table_schema": "TEXT(256)",
        "f_table_name": "TEXT(256)",
        "f_geometry_column": "TEXT(256)",
        "styleName": "TEXT(30)",
        "styleQML": "TEXT",
        "styleSLD": "TEXT",
        "useAsDefault": "BOOLEAN",
        "description": "TEXT",
        "owner": "TEXT(30)",
        "ui": "TEXT(30)",
        "update_time": "DATETIME",
    }
    assert rows == [
        ("", "", name, "geom", 1, "2000-01-01T00:00:00Z", "railshed")
        for name in ("polygons", "stations")
    ]
    assert kind == ("attributes",)


def test_geopackage_says_what_layers_and_fields_are(tmp_path: Path) -> None:
    """Descriptions of layers, of fields with units, and title, definition, hash and CRS as
    metadata.
    """
    (path,) = write_layers(tmp_path / "a.gpkg", {"stations": points()}, ABOUT)
    result = pyogrio.read_info(path, layer="stations")["layer_metadata"]
    assert (result["definition"], result["definition_hash"]) == (
        "by train; at most 60 min",
        "abc123",
    )
    assert result["crs"] == "EPSG:4326, WGS 84, longitude and latitude in degrees"
    with closing(sqlite3.connect(path)) as file:
        fields = dict(file.execute("SELECT column_name, description FROM gpkg_data_columns"))
        (text,) = file.execute(
            "SELECT description FROM gpkg_contents WHERE table_name = 'stations'"
        ).fetchone()
        names = {row[0] for row in file.execute("SELECT extension_name FROM gpkg_extensions")}
    assert fields["minutes"] == "travel time of the headline reading [min]; 主口径出行时间"
    assert set(fields) == set(points().columns) - {"geometry"}
    assert text.startswith("stations near the city")
    assert {"gpkg_schema", "gpkg_metadata"} <= names


def test_every_layer_and_field_has_a_meaning(results: dict[str, Any]) -> None:
    """Of circles, comparisons, draws, the car, shares and overlaps no layer and no field goes
    without words.
    """
    for name, frame in layers_of(results):
        assert find_layer(name) is not None, name
        for column in frame.columns.drop("geometry"):
            found = find_field(name, column)
            assert found is not None, (name, column)
            assert found.en, (name, column)
            assert found.zh, (name, column)


@pytest.mark.parametrize(
    ("layer", "field", "unit", "words"),
    [
        ("line", "minutes", "min", "run time"),
        ("stations", "minutes_before", "min", "before"),
        ("counties", "people_by_rail_45", "people", "within 45 minutes"),
        ("counties", "people_gained", "people", "gained"),
        ("stations_after", "trips", "count", "journeys"),
    ],
)
def test_meanings_of_fields_by_layer_cutoff_and_state(
    layer: str, field: str, unit: str, words: str
) -> None:
    found = find_field(layer, field)
    assert found is not None
    assert found.unit == unit
    assert words in found.en


def test_layers_of_a_back_test_have_a_meaning() -> None:
    """Its areas, and the stations of its three circles."""
    assert all(
        find_layer(name)
        for name in ("backtest", "stations_before", "stations_predicted", "stations_after")
    )
    assert find_field("stations_predicted", "minutes") == find_field("stations", "minutes")


def test_a_column_of_the_users_own_has_no_meaning() -> None:
    assert find_field("cells", "jobs") is None
    assert find_layer("jobs") is None


@pytest.mark.slow
def test_to_file_chooses_by_the_ending(results: dict[str, Any], tmp_path: Path) -> None:
    """GeoPackage holds all layers, the others one a file; every format has the rows of
    every layer.
    """
    circle = results["circle"]
    rows = {name: len(frame) for name, frame in circle.layers().items() if len(frame)}
    assert circle.to_file(tmp_path / "mid.gpkg") == [tmp_path / "mid.gpkg", tmp_path / "mid.qgz"]
    listed = dict(pyogrio.list_layers(tmp_path / "mid.gpkg"))
    assert set(listed) == {*rows, "layer_styles"}
    for ending in (".parquet", ".fgb", ".geojson"):
        paths = circle.to_file(tmp_path / f"mid{ending}")
        assert {p.name: len(read(p)) for p in paths} == {
            f"mid_{name}{ending}": n for name, n in rows.items()
        }
    assert [p.name for p in circle.to_file(tmp_path / "mid.pmtiles")] == [
        f"mid_{name}.pmtiles" for name in rows
    ]


@pytest.mark.parametrize("ending", ENDINGS)
def test_two_runs_give_the_same_bytes(ending: str, results: dict[str, Any], tmp_path: Path) -> None:
    """The same layers twice: the same names, the same bytes."""
    both = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        paths = write_layers(
            tmp_path / name / f"mid_car{ending}", results["car"], results["circle"].about
        )
        paths += write_layers(
            tmp_path / name / f"mid{ending}", {"stations": points(), "polygons": bands()}, ABOUT
        )
        both.append({p.name: p.read_bytes() for p in paths})
    assert both[0] == both[1]


def test_names_of_files_share_a_word() -> None:
    assert file_stem("chengdu", "stations") == "chengdu_stations"
    assert file_stem("chengdu_inclusion", "inclusion_cells") == "chengdu_inclusion_cells"
    assert file_stem("stations", "stations") == "stations_stations"


def test_unknown_formats_and_endings_are_named(tmp_path: Path) -> None:
    with pytest.raises(
        ParameterError, match=r"formats='abc', 'xyz' \(--format\): allowed are gpkg, geoparquet"
    ):
        endings_of(["gpkg", "abc", "xyz"])
    with pytest.raises(
        ParameterError, match=r"a\.abc: the ending says the format; allowed are \.gpkg, \.parquet"
    ):
        write_layers(tmp_path / "a.abc", {"stations": points()})
    assert endings_of(["geojson", "gpkg", "geojson"]) == (".geojson", ".gpkg")


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_file_is_whole_or_absent(
    ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where writing fails, the old file stays as it was and nothing is left beside it."""
    path = tmp_path / f"a{ending}"
    path.write_bytes(b"old")

    def fail(*args: Any, **options: Any) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(pyogrio, "write_dataframe", fail)
    monkeypatch.setattr(gpd.GeoDataFrame, "to_parquet", fail)
    monkeypatch.setattr(xlsxwriter.Workbook, "close", fail)
    with pytest.raises(OutputError, match=rf"a\{ending} cannot be written \(disk full\)"):
        write_layers(path, {"stations": points()})
    assert [p.read_bytes() for p in tmp_path.iterdir()] == [b"old"]


def test_no_layer_no_file(tmp_path: Path) -> None:
    for ending in ENDINGS:
        assert write_layers(tmp_path / f"a{ending}", {"stations": points().iloc[:0]}) == []
    assert not list(tmp_path.iterdir())


def test_help_and_guide_list_every_format(cli: Command) -> None:
    """The list of formats is what `--help` and the guide say, in its order."""
    text = " ".join(cli("circle", "--help").out.split())
    first, *others, last = (one.name for one in FORMATS)
    assert (
        f"{first} (all in one, with a QGIS project), or one a layer: {', '.join(others)}; {last}: "
        "all" in text
    )
    page = (
        resources.files("railshed")
        .joinpath("guide", "en", "gis-files.md")
        .read_text(encoding="utf-8")
    )
    assert ", ".join(f"`{one.name}` ({one.description})" for one in FORMATS) in " ".join(
        page.split()
    )


def test_formats_on_the_command_line(cli: Command, tmp_path: Path) -> None:
    """--format says which files are written, for circle with its car table alike; the CSV stay;
    others are refused.
    """
    asked = ("circle", "mid", "-n", "toy", "--without-map", "-o", str(tmp_path), "--format")
    assert cli(*asked, "geojson,flatgeobuf").code == 0
    names = {p.name for p in tmp_path.iterdir()}
    assert {
        "mid_polygons.geojson",
        "mid_polygons.fgb",
        "mid_car.geojson",
        "mid_car.fgb",
        "mid_stations.csv",
    } <= names
    assert not [n for n in names if n.endswith((".gpkg", ".parquet"))]
    assert_mistake(cli(*asked, "abc"), "formats='abc' (--format): allowed are gpkg, geoparquet")
