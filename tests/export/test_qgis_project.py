"""The QGIS project beside a GeoPackage, read as XML: layers that are in the file, relative sources,
whole groups.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyogrio
import pyproj
import pytest
import shapely

import railshed
from railshed.export.formats import write_layers
from tests.support.small_networks import NEW_CORE_STATION as PLAN

GROUPS = {
    "主结果 headline": True,
    "其他口径与时限 readings": False,
    "背景 context": True,
    "原始数据 raw": False,
}
#: of the toy network: what lies around its circle
CONTEXT = {"centres", "terminals", "railways", "city_proper", "boundaries", "counties"}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The circle and a comparison of the toy network's city, each as a GeoPackage with
    its project.
    """
    folder = tmp_path_factory.mktemp("projects")
    (folder / "plan.toml").write_text(PLAN, encoding="utf-8")
    found = railshed.compare(railshed.load_network("toy"), "mid", folder / "plan.toml")
    files = {
        "circle": found.before.to_file(folder / "mid.gpkg"),
        "comparison": found.to_file(folder / "both.gpkg"),
    }
    return {"files": files, "circle": found.before, "comparison": found}


def read(path: Path) -> ET.Element:
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist() == [f"{path.stem}.qgs"]
        return ET.fromstring(archive.read(f"{path.stem}.qgs"))


def tree_of(root: ET.Element) -> ET.Element:
    tree = root.find("layer-tree-group")
    assert tree is not None
    return tree


@pytest.mark.parametrize("name", ["circle", "comparison"])
def test_every_layer_has_a_source_and_a_group(name: str, written: dict[str, Any]) -> None:
    """Each layer of the GeoPackage is in the project and in a group, each source is a table beside
    the project.
    """
    data, path = written["files"][name]
    assert path == data.with_suffix(".qgz")
    root = read(path)
    tables = {table for table, _ in pyogrio.list_layers(data)} - {"layer_styles"}
    sources = {
        str(layer.findtext("id")): str(layer.findtext("datasource"))
        for layer in root.iter("maplayer")
    }
    assert {source.partition("|layername=")[2] for source in sources.values()} == tables
    assert {source.partition("|")[0] for source in sources.values()} == {f"./{data.name}"}
    assert {layer.findtext("provider") for layer in root.iter("maplayer")} == {"ogr"}
    assert root.findtext("properties/Paths/Absolute") == "false"
    leaves = [
        leaf.get("id") for group in tree_of(root).findall("layer-tree-group") for leaf in group
    ]
    assert sorted(map(str, leaves)) == sorted(sources)
    assert sorted(str(item.text) for item in tree_of(root).iter("item")) == sorted(sources)
    assert not tree_of(root).findall("layer-tree-layer")


@pytest.mark.parametrize("name", ["circle", "comparison"])
def test_headline_and_context_alone_are_visible(name: str, written: dict[str, Any]) -> None:
    """Groups in this order, named in both languages; layers of hidden groups are not
    ticked either.
    """
    tree = tree_of(read(written["files"][name][1]))
    groups = tree.findall("layer-tree-group")
    assert [group.get("name") for group in groups] == list(GROUPS)
    for group in groups:
        visible = GROUPS[str(group.get("name"))]
        assert {one.get("checked") for one in (group, *group)} == {
            "Qt::Checked" if visible else "Qt::Unchecked"
        }
    tables = {
        str(g.get("id")): [str(leaf.get("id")).partition("_")[2] for leaf in g] for g in groups
    }
    first = {"circle": ["stations", "polygons"], "comparison": ["stations", "line", "changes"]}
    assert tables["headline"] == first[name]
    assert set(tables["context"]) == CONTEXT
    assert all(table.startswith("cells") for table in tables["raw"])
    for leaf in tree.iter("layer-tree-layer"):
        zh, _, en = str(leaf.get("name")).partition(" ")
        assert zh
        assert not zh.isascii()
        assert en.replace(" ", "").isascii()


def test_outlines_lie_over_the_circle(written: dict[str, Any]) -> None:
    """Points are drawn above railways, railways above outlines, the circle's fill beneath all of
    them.
    """
    tree = tree_of(read(written["files"]["circle"][1]))
    order = [str(item.text) for item in tree.iter("item")]
    assert order[-1] == "headline_polygons"
    above = [
        order.index(f"{key}")
        for key in ("headline_stations", "context_railways", "context_counties")
    ]
    assert above == sorted(above)


def test_visible_layers_hold_ticked_rules_alone(written: dict[str, Any]) -> None:
    """The headline's circle has by rail under the headline reading; the readings have all rules,
    most unticked.
    """
    root = read(written["files"]["circle"][1])
    rules = {str(layer.findtext("id")): list(layer.iter("rule")) for layer in root.iter("maplayer")}
    for layer, mine in rules.items():
        assert mine, layer
        if layer.startswith(("headline", "context")):
            assert not [rule for rule in mine if rule.get("checkstate") == "0"], layer
    circle = written["circle"]
    labels = [str(rule.get("label")) for rule in rules["headline_polygons"] if rule.get("symbol")]
    assert labels == [f"轨道交通可达 by rail: {c} 分钟内 within {c} min" for c in circle.cutoffs]
    drawn = [rule for rule in rules["readings_polygons"] if rule.get("symbol")]
    assert len(drawn) == len(circle.polygons)


def test_symbols_of_rules_exist_and_fit_the_geometry(written: dict[str, Any]) -> None:
    """Every rule's symbol is in its layer, of the kind that its geometry has; fields have Chinese
    aliases.
    """
    kinds = {"Point": "marker", "Line": "line", "Polygon": "fill"}
    for name in ("circle", "comparison"):
        for layer in read(written["files"][name][1]).iter("maplayer"):
            symbols = {symbol.get("name"): symbol.get("type") for symbol in layer.iter("symbol")}
            used = {rule.get("symbol") for rule in layer.iter("rule")} - {None}
            assert used == set(symbols)
            assert set(symbols.values()) == {kinds[str(layer.get("geometry"))]}
            aliases = [(a.get("field"), str(a.get("name"))) for a in layer.iter("alias")]
            assert aliases
            for field, alias in aliases:
                assert alias.endswith(f" {field}")
                assert not alias.isascii(), alias


def test_the_project_lies_on_the_maps_plane(written: dict[str, Any]) -> None:
    """Without a CRS the local equal-area one, around the middle of the circle; the view holds the
    whole circle.
    """
    root = read(written["files"]["circle"][1])
    plane = pyproj.CRS.from_wkt(str(root.findtext("projectCrs/spatialrefsys/wkt")))
    assert "Azimuthal Equal Area" in plane.to_wkt()
    assert root.findtext("properties/SpatialRefSys/ProjectionsEnabled") == "1"
    view = [
        float(str(root.findtext(f"mapcanvas/extent/{k}"))) for k in ("xmin", "ymin", "xmax", "ymax")
    ]
    circle = written["circle"].polygons.to_crs(plane).total_bounds
    assert shapely.box(*view).contains(shapely.box(*circle))
    assert (view[2] - view[0]) / (view[3] - view[1]) == pytest.approx(196 / 160, rel=1e-3)


def test_an_empty_circle_is_shown_by_its_stations(tmp_path: Path) -> None:
    """Where no train runs in the window, before and after, the view holds what the layers have."""
    (tmp_path / "plan.toml").write_text(PLAN, encoding="utf-8")
    toy = railshed.load_network("toy")
    night = replace(toy.get_city("mid"), window_to=(7_200, 10_800))
    root = read(
        railshed.compare(toy, night, tmp_path / "plan.toml").to_file(tmp_path / "night.gpkg")[1]
    )
    view = [
        float(str(root.findtext(f"mapcanvas/extent/{k}"))) for k in ("xmin", "ymin", "xmax", "ymax")
    ]
    assert 0 < view[2] - view[0] < 1e6
    none = railshed.circle(toy, "east", cutoffs=[1], draws=0)
    assert none.polygons.is_empty.all()
    root = read(none.to_file(tmp_path / "none.gpkg")[1])
    assert float(str(root.findtext("mapcanvas/extent/xmax"))) > float(
        str(root.findtext("mapcanvas/extent/xmin"))
    )


def test_the_sheet_says_the_number(written: dict[str, Any]) -> None:
    """Title, people by rail at each headline cutoff as run.json has them, legend of what is
    visible, scale, sources.
    """
    circle = written["circle"]
    root = read(written["files"]["circle"][1])
    items = {str(item.get("id")): item for item in root.iter("LayoutItem")}
    assert "Midtown: within one hour by rail" in str(items["title"].get("labelText"))
    summary = circle.summary.to_dict()
    table = summary["readings"][circle.surface.reading.name]["table"]
    for row in table:
        if row["kind"] == "by_rail" and row["cutoff_min"] in (60, 90):
            people, text = row["people_outside_city"], str(items["figures"].get("labelText"))
            assert f"{people:,} within {row['cutoff_min']} min" in text
            assert f"{row['cutoff_min']} 分钟内 {people / 10_000:.1f} 万人" in text
    legend = [leaf.get("id") for leaf in items["legend"].iter("layer-tree-layer")]
    tree = tree_of(root).findall("layer-tree-group")
    assert legend == [
        leaf.get("id") for group in tree for leaf in group if GROUPS[str(group.get("name"))]
    ]
    assert (
        items["scale"].get("mapUuid") == items["legend"].get("map_uuid") == items["map"].get("uuid")
    )
    assert items["scale"].get("unitType") == "km"
    assert f"Timetable of {summary['date']}" in str(items["credits"].get("labelText"))


def test_a_named_crs_is_the_layers_and_the_projects(
    written: dict[str, Any], tmp_path: Path
) -> None:
    """EPSG:4547 and EPSG:4490: every layer reads back in it, points where pyproj puts them; so is
    the project.
    """
    circle = written["circle"]
    for code in (4547, 4490):
        data, path = circle.to_file(tmp_path / f"{code}.gpkg", f"EPSG:{code}")
        for table, _ in pyogrio.list_layers(data):
            if table != "layer_styles":
                assert gpd.read_file(data, layer=table).crs.to_epsg() == code, table
        stations = gpd.read_file(data, layer="stations")
        move = pyproj.Transformer.from_crs(4326, code, always_xy=True)
        x, y = move.transform(stations["lon"], stations["lat"])
        assert stations.geometry.x.to_list() == pytest.approx(list(x), abs=1e-6)
        assert stations.geometry.y.to_list() == pytest.approx(list(y), abs=1e-6)
        root = read(path)
        assert {s.findtext("spatialrefsys/authid") for s in root.iter("srs")} == {f"EPSG:{code}"}
    assert pyogrio.read_info(tmp_path / "4547.gpkg", layer="stations")["layer_metadata"][
        "crs"
    ].startswith("EPSG:4547")


@pytest.mark.parametrize(
    ("ending", "code"), [(".parquet", 4547), (".fgb", 4547), (".geojson", 4326)]
)
def test_formats_follow_the_crs_where_they_may(ending: str, code: int, tmp_path: Path) -> None:
    """GeoParquet and FlatGeobuf do; GeoJSON is always in WGS 84."""
    frame = gpd.GeoDataFrame({"name": ["a"]}, geometry=[shapely.Point(114.0, 30.0)], crs=4326)
    (path,) = write_layers(tmp_path / f"a{ending}", {"towns": frame}, crs="EPSG:4547")
    found = gpd.read_parquet(path) if ending == ".parquet" else gpd.read_file(path)
    assert found.crs.to_epsg() == code
    expected = {4326: (114.0, 30.0), 4547: (500_000.0, 3_320_113.4)}[
        code
    ]  # 114 E is the central meridian
    assert (found.geometry[0].x, found.geometry[0].y) == pytest.approx(expected, abs=0.1)


def test_a_package_without_surroundings_has_no_project(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame({"name": ["a"]}, geometry=[shapely.Point(0, 0)], crs=4326)
    assert write_layers(tmp_path / "a.gpkg", {"cells": frame}) == [tmp_path / "a.gpkg"]
