"""Styles of layers: well-formed, in the maps' colours, a rule for every value; what is ticked is
the headline.
"""

from __future__ import annotations

import sqlite3
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely

import railshed
from railshed.export.formats import write_layers
from railshed.export.styles import FileDescription, style_of
from railshed.export.symbology import (
    FieldLabel,
    Style,
    StyleRule,
    Symbol,
    expression,
    ticked,
    to_qml,
)
from railshed.maps import palette
from railshed.maps.palette import band_colours
from tests.support.small_networks import NEW_CORE_STATION as PLAN

ABOUT = FileDescription(
    reading="a",
    cutoffs=(30, 60),
    cutoff_min=60,
    names={"a": ("甲", "first"), "b": ("乙", "second")},
    cell_m=500,
)


def rules_of(qml: str) -> Iterator[tuple[str, str, bool, ET.Element]]:
    """Yield (filter with those above, label, ticked with all above, symbol) of every rule that
    draws.
    """
    root = ET.fromstring(qml)
    symbols = {symbol.get("name"): symbol for symbol in root.iter("symbol")}

    def walk(
        rule: ET.Element, held: list[str], ticked: bool
    ) -> Iterator[tuple[str, str, bool, ET.Element]]:
        held = [*held, *([f"({rule.get('filter')})"] if rule.get("filter") else [])]
        ticked = ticked and rule.get("checkstate") != "0"
        if rule.get("symbol") is not None:
            yield " AND ".join(held), str(rule.get("label")), ticked, symbols[rule.get("symbol")]
        for inner in rule.findall("rule"):
            yield from walk(inner, held, ticked)

    for rule in root.findall("renderer-v2/rules/rule"):
        yield from walk(rule, [], True)


def properties(symbol: ET.Element) -> dict[str, str]:
    """Return the properties of a symbol's first layer; both spellings say the same."""
    layer = symbol.find("layer")
    assert layer is not None
    new = {str(o.get("name")): str(o.get("value")) for o in layer.findall("Option/Option")}
    assert new == {str(o.get("k")): str(o.get("v")) for o in layer.findall("prop")}
    return new


def rgba(colour: str) -> str:
    return ",".join(str(int(colour[k : k + 2], 16)) for k in (1, 3, 5)) + ",255"


def polygons() -> gpd.GeoDataFrame:
    rows = [(r, c, k) for r in ("a", "b") for c in (30, 60) for k in ("total", "by_rail")]
    columns = dict(zip(("reading", "cutoff_min", "kind"), zip(*rows, strict=True), strict=True))
    return gpd.GeoDataFrame(columns, geometry=[shapely.box(0, 0, 1, 1)] * len(rows), crs=4326)


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One GeoPackage with every layer of a circle, a comparison, draws, the car, shares and
    overlaps.
    """
    folder = tmp_path_factory.mktemp("styles")
    (folder / "plan.toml").write_text(PLAN, encoding="utf-8")
    network = railshed.load_network("toy")
    found = railshed.compare(network, "mid", folder / "plan.toml")
    circle = found.before
    both = railshed.prepare(network).union(["mid"])
    named: dict[str, Any] = {
        **found.layers(),
        **{f"{name}_circle": f for name, f in circle.layers().items()},
        **circle.inclusion(3).layers(),
        "car": circle.car_polygons,
        "share": circle.share_polygons,
        "overlap": both.polygons,
        "circles": both.circles,
    }
    named["counties_before"] = named.pop("counties_circle")
    named = {name: frame for name, frame in named.items() if not name.endswith("_circle")}
    return write_layers(folder / "all.gpkg", named, circle.about)[0]


def test_every_feature_is_drawn_by_one_rule(package: Path) -> None:
    """The rules' filters, asked of the file itself: no feature by two, none by no rule, no rule
    without a value.

    Cells beyond the cutoffs, and whose minutes change by less than one, are not drawn. Rules of
    classes and bands of minutes stand in the legend though a layer holds none of them.
    """
    with closing(sqlite3.connect(package)) as file:
        layers = file.execute("SELECT f_table_name, styleQML FROM layer_styles").fetchall()
        tables = {
            t
            for (t,) in file.execute(
                "SELECT table_name FROM gpkg_contents WHERE data_type = 'features'"
            )
        }
        assert {name for name, _ in layers} == tables != set()
        for layer, qml in layers:
            drawn: list[int] = []
            for held, label, _, _ in rules_of(qml):
                mine = [
                    k for (k,) in file.execute(f'SELECT fid FROM "{layer}" WHERE {held or "1"}')
                ]
                drawn += mine
                if layer.startswith(
                    ("polygons", "before", "after", "gained", "lost", "car", "inclusion", "share")
                ):
                    assert mine or layer == "inclusion_cells", (layer, label)
            n = file.execute(f'SELECT count(*) FROM "{layer}"').fetchone()[0]
            assert len(drawn) == len(set(drawn)), layer
            assert len(drawn) == n or layer.startswith(
                ("minutes_saved", "inclusion_cells", "cells")
            ), (layer, n)


def test_bands_have_the_colours_of_the_maps() -> None:
    """By rail nearest darkest, as on the map; by rail or without a ride is a dashed outline without
    a fill.
    """
    style = style_of("polygons", polygons(), ABOUT)
    assert style is not None
    found = {held: properties(symbol) for held, _, _, symbol in rules_of(to_qml(style))}
    near, far = band_colours(2)
    for reading in ("a", "b"):
        for cutoff, colour in ((30, near), (60, far)):
            rail = found[
                f'("reading" = \'{reading}\') AND ("kind" = \'by_rail\' AND "cutoff_min" = '
                f"{cutoff})"
            ]
            assert (rail["color"], rail["style"]) == (rgba(colour), "solid")
            total = found[
                f'("reading" = \'{reading}\') AND ("kind" = \'total\' AND "cutoff_min" = {cutoff})'
            ]
            assert (total["outline_style"], total["style"]) == ("dash", "no")


def test_ticked_is_the_headline() -> None:
    """Of two readings, two cutoffs and two kinds: by rail within both cutoffs under the headline
    reading.
    """
    style = style_of("polygons_after", polygons(), ABOUT)
    assert style is not None
    shown = [label for _, label, here, _ in rules_of(to_qml(style)) if here]
    assert shown == [f"轨道交通可达 by rail: {c} 分钟内 within {c} min" for c in (30, 60)]
    assert [rule.label for rule in style.rules] == ["甲 first", "乙 second"]
    alone = [(label, here) for _, label, here, _ in rules_of(to_qml(ticked(style)))]
    assert alone == [(label, True) for label in shown]


def test_no_county_is_filled() -> None:
    """Whole counties never have the circle's colours: outlines alone, as a circle's and as a
    comparison's layer.
    """
    shapes = {"geometry": [shapely.box(0, 0, 1, 1)] * 4, "crs": 4326}
    states = ["inside", "touched", "outside", "no data"]
    circle = {"county": list("abcd"), "status_60": states, "share_by_rail_60": [0.6, 0.1, 0.0, 0.0]}
    change = {
        "reading": ["a"] * 4,
        "cutoff_min": [60] * 4,
        "county": list("abcd"),
        "status_before": states,
        "status_after": states[::-1],
    }
    for columns in (circle, change):
        style = style_of("counties", gpd.GeoDataFrame(columns, **shapes), ABOUT)
        assert style is not None
        assert style.label is not None
        symbols = [properties(symbol) for _, _, _, symbol in rules_of(to_qml(style))]
        assert len(symbols) == 4
        assert {(one["style"], one["color"]) for one in symbols} == {("no", "255,255,255,0")}


def test_counties_of_an_agglomeration_are_filled_by_class() -> None:
    """Minutes to a core city by class, each value in one class; least changes in the order in which
    they are tried.
    """
    shapes = {"geometry": [shapely.box(0, 0, 1, 1)] * 4, "crs": 4326, "county": list("abcd")}
    for layer, column in (("county_minutes", "minutes"), ("county_access", "jobs_nearest")):
        style = style_of(
            layer, gpd.GeoDataFrame({**shapes, column: [0.0, 30.0, 30.1, None]}), ABOUT
        )
        assert style is not None
        classes = [
            f"{low} - {most} 分钟 min" for low, most in pairwise((0, *palette.COUNTY_STEPS_MIN))
        ]
        assert [rule.label for rule in style.rules] == [*classes, "更远或不可达 beyond"]
        for value, n in ((0.0, 1), (30.0, 1), (30.1, 1), (120.0, 1), (121.0, 0)):
            rules = [rule for rule in style.rules if rule.when[0][1] == "<="]
            ops = {"<=": value.__le__, ">": value.__gt__, ">=": value.__ge__}
            assert sum(all(ops[op](limit) for _, op, limit in rule.when) for rule in rules) == n
    style = style_of(
        "remedies", gpd.GeoDataFrame({**shapes, "binds": ["track", "access", None, "track"]}), ABOUT
    )
    assert style is not None
    assert [rule.when[0][2] for rule in style.rules] == ["access", "track", None]


@pytest.mark.parametrize(
    ("layer", "colour", "brush"),
    [
        ("gained", palette.GAINED, "f_diagonal"),
        ("lost", palette.LOST, "diagonal_x"),
        ("after", palette.UNCHANGED, ""),
    ],
)
def test_what_changes_has_the_colours_of_the_maps(layer: str, colour: str, brush: str) -> None:
    frame = polygons()[lambda f: f["kind"] == "total"].assign(state=layer)
    style = style_of(layer, frame, ABOUT)
    assert style is not None
    rules = list(rules_of(to_qml(style)))
    assert len(rules) == 4
    assert [here for _, _, here, _ in rules] == [False, True, False, False]
    for _, _, _, symbol in rules:
        assert properties(symbol)["color"] == rgba(colour)
        hatches = [o.get("v") for o in symbol.iterfind("layer/prop") if o.get("k") == "style"]
        assert hatches == ["solid", *([brush] if brush else [])]


def test_what_lies_on_top_is_drawn_last() -> None:
    """QML numbers passes from the last rule to the first."""
    style = Style(
        (
            StyleRule("top", (("a", "=", 1),), Symbol("fill", "#000001")),
            StyleRule("hidden", (("a", "=", 2),), Symbol("fill", "#000002"), shown=False),
            StyleRule("bottom", (("a", "=", 3),), Symbol("fill", "#000003")),
        )
    )
    passes = [layer.get("pass") for layer in ET.fromstring(to_qml(style)).iter("layer")]
    assert passes == ["2", "1", "0"]


def test_conditions_of_rules() -> None:
    """Texts are quoted, quotes in them doubled; truth, numbers and nothing are written as QGIS has
    them.
    """
    when = (("n", "=", "it's"), ("in", "=", True), ("m", "<=", 1.5), ("x", "is null", None))
    assert expression(when) == '"n" = \'it\'\'s\' AND "in" = true AND "m" <= 1.5 AND "x" is null'


@pytest.mark.slow
def test_labels_of_stations(package: Path) -> None:
    """Stations have labels: of core stations the name, of those inside name and minutes, of others
    nothing.
    """
    with closing(sqlite3.connect(package)) as file:
        texts = dict(file.execute("SELECT f_table_name, styleQML FROM layer_styles"))
    root = ET.fromstring(texts["stations_before"])
    assert root.get("labelsEnabled") == "1"
    (text,) = root.iter("text-style")
    assert text.get("isExpression") == "1"
    assert text.get("fieldName") == (
        'CASE WHEN "is_core" THEN "name" WHEN "inside" THEN "name" || '
        "coalesce(' ' || to_string(ceil(\"minutes\")), '') END"
    )
    assert ET.fromstring(texts["polygons_before"]).get("labelsEnabled") == "0"


@pytest.mark.parametrize(("kind", "placement"), [("marker", "6"), ("line", "2"), ("fill", "4")])
def test_labels_stand_beside_points_along_lines_within_areas(kind: str, placement: str) -> None:
    """The kinds of placement as QGIS numbers them, and the type of geometry that the
    style is for.
    """
    style = Style(
        (StyleRule("r", (), Symbol(kind, "#ffffff", "#000000")),),
        FieldLabel('"name"', "#000000"),
        0.5,
    )
    root = ET.fromstring(to_qml(style))
    (found,) = root.iter("placement")
    assert found.get("placement") == placement
    assert root.findtext("layerGeometryType") == {"marker": "0", "line": "1", "fill": "2"}[kind]
    assert root.findtext("layerOpacity") == "0.5"
    assert "Rendering" in str(root.get("styleCategories"))


def test_cells_are_as_wide_as_cells() -> None:
    """Markers of cells are squares of the cells' edge on the ground."""
    frame = gpd.GeoDataFrame({"minutes_by_rail": [10.0]}, geometry=[shapely.Point(0, 0)], crs=4326)
    style = style_of("cells", frame, ABOUT)
    assert style is not None
    for (_, _, _, symbol), colour in zip(rules_of(to_qml(style)), band_colours(2), strict=True):
        result = properties(symbol)
        assert (result["name"], result["size"], result["size_unit"]) == (
            "square",
            "500",
            "RenderMetersInMapUnits",
        )
        assert result["color"] == rgba(colour)


def test_ids_of_rules_are_their_own_and_stay() -> None:
    """Two rules never share an id, and the same style has the same ids."""
    style = style_of("polygons", polygons(), ABOUT)
    assert style is not None
    keys = [element.get("key") for element in ET.fromstring(to_qml(style)).iter("rule")]
    assert len(keys) == len(set(keys)) == 10
    assert to_qml(style) == to_qml(style)


def test_a_layer_without_a_look_has_none() -> None:
    assert style_of("other", polygons(), ABOUT) is None
    assert style_of("polygons", polygons().iloc[:0], ABOUT) is None
    assert style_of("counties", polygons(), ABOUT) is None
    label = FieldLabel('"name"', "#000000")
    assert 'fieldName="&quot;name&quot;"' in to_qml(
        Style((StyleRule("r", (), Symbol("marker", "#ffffff")),), label)
    )


def test_what_came_from_beyond_is_as_dark_as_the_most_saved() -> None:
    """No minutes before and inside is drawn as 30 minutes saved or more; no minutes after as what
    is slower.

    Each class of minutes saved ends below the next; squares are as large as their cells.
    """
    frame = gpd.GeoDataFrame({"minutes_saved": [1.0]}, geometry=[shapely.Point(0, 0)], crs=4326)
    style = style_of("minutes_saved", frame, ABOUT)
    assert style is not None
    rules = list(rules_of(to_qml(style)))
    steps = ("30", "15", "10", "5", "1")
    inner = [
        f'"minutes_saved" >= {low} AND "minutes_saved" < {high}' for high, low in pairwise(steps)
    ]
    assert [held.strip("()") for held, *_ in rules] == [
        '"minutes_saved" is null AND "inside_after" = true',
        '"minutes_saved" >= 30',
        *inner,
        '"minutes_saved" <= -1',
        '"minutes_saved" is null AND "inside_before" = true',
    ]
    assert {properties(symbol)["size"] for *_, symbol in rules} == {"500"}
    colours = [properties(symbol)["color"] for *_, symbol in rules]
    saved = [rgba(colour) for colour in band_colours(5)]
    assert colours == [saved[0], *saved, rgba(palette.LOST), rgba(palette.LOST)]
