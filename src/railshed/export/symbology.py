"""Styles of layers: rules with symbols, written as QML of QGIS.

A style is a list of rules in the order of a legend, what lies on top first. Rules hold rules: a
group whose own condition holds for all of them. Rules that are not `shown` stand in QGIS's legend
unticked.
"""

from __future__ import annotations

import uuid
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from importlib import resources
from typing import Any

#: of rules, which QGIS tells apart by an id: the same rule has the same id in every file
_SPACE = uuid.UUID("6f9a2b9e-4d0f-5f0e-9b86-0d5b2f0f6c11")
#: by kind of symbol: QGIS's class and type of geometry
_KINDS = {"fill": ("SimpleFill", 2), "line": ("SimpleLine", 1), "marker": ("SimpleMarker", 0)}
QGIS_HEAD = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"

#: field, operator of comparison (or ``is null``, which has no value), value
Condition = tuple[str, str, Any]


@dataclass(frozen=True, slots=True)
class Symbol:
    """A fill, a line or a marker: colours as ``#rrggbb``, none where empty; sizes in mm
    on paper.
    """

    kind: str
    fill: str = ""
    edge: str = ""
    width_mm: float = 0.2
    dashed: bool = False
    #: Qt's name of a brush drawn white over the fill: f_diagonal, diagonal_x
    hatch: str = ""
    #: of a marker: circle, square, star
    shape: str = "circle"
    size_mm: float = 2.0
    #: of a marker as wide as this on the ground, instead of `size_mm`
    ground_m: float = 0.0


@dataclass(frozen=True, slots=True)
class StyleRule:
    """The symbol of features for which all conditions hold."""

    label: str
    when: tuple[Condition, ...] = ()
    symbol: Symbol | None = None
    shown: bool = True
    rules: tuple[StyleRule, ...] = ()


@dataclass(frozen=True, slots=True)
class FieldLabel:
    """Labels: an expression of QGIS."""

    expression: str
    colour: str
    size_pt: float = 8.0


@dataclass(frozen=True, slots=True)
class Style:
    """Rules, labels and opacity of a layer."""

    rules: tuple[StyleRule, ...]
    label: FieldLabel | None = None
    opacity: float = 1.0

    def symbols(self) -> Iterator[Symbol]:
        """Yield the symbols of the rules, in their order."""
        yield from _symbols(self.rules)


def ticked(style: Any) -> Any:
    """Return a style, or a rule, with its shown rules alone."""
    return replace(style, rules=tuple(ticked(rule) for rule in style.rules if rule.shown))


def _symbols(rules: tuple[StyleRule, ...]) -> Iterator[Symbol]:
    for rule in rules:
        if rule.symbol is not None:
            yield rule.symbol
        yield from _symbols(rule.rules)


def expression(when: tuple[Condition, ...]) -> str:
    """Return conditions in QGIS's language of expressions; "" for none."""
    return " AND ".join(
        f'"{field}" {sign}' if sign == "is null" else f'"{field}" {sign} {_literal(value)}'
        for field, sign, value in when
    )


def _literal(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return (
        str(value) if isinstance(value, int | float) else "'" + str(value).replace("'", "''") + "'"
    )


def to_qml(style: Style) -> str:
    """Return the style as a QGIS layer style, as the column `styleQML` of a GeoPackage holds it."""
    root = qml_element(style)
    ET.indent(root, " ")
    return QGIS_HEAD + ET.tostring(root, encoding="unicode")


def qml_element(style: Style) -> ET.Element:
    """Return the style as the root of a QGIS layer style, whose attributes and children a project's
    layer has too.
    """
    lines = (
        resources.files("railshed.export")
        .joinpath("layer_style.xml")
        .read_text(encoding="utf-8")
        .splitlines()
    )
    root = ET.fromstring("".join(map(str.strip, lines)))
    drawn = list(style.symbols())
    renderer, labeling, _, _, opacity, geometry = root
    rules, symbols = renderer
    rules.set("key", _key(""))
    for rule in style.rules:
        _qml_rule(rules, symbols, rule, "", len(drawn))
    first = drawn[0]
    assert first is not None
    if style.label is None:
        root.remove(labeling)
    else:
        root.set("labelsEnabled", "1")
        _fill_label(labeling[0], style.label, first.kind)
    opacity.text = f"{style.opacity:g}"
    geometry.text = str(_KINDS[first.kind][1])
    return root


def _key(path: str) -> str:
    return "{" + str(uuid.uuid5(_SPACE, path)) + "}"


def _qml_rule(parent: ET.Element, symbols: ET.Element, rule: StyleRule, path: str, n: int) -> None:
    """Add a rule and those within it; what comes first is drawn in the last of the `n` passes, on
    top.
    """
    path = f"{path}/{rule.label}/{expression(rule.when)}"
    attributes = {"key": _key(path), "label": rule.label}
    if rule.when:
        attributes["filter"] = expression(rule.when)
    if not rule.shown:
        attributes["checkstate"] = "0"
    if rule.symbol is not None:
        attributes["symbol"] = str(len(symbols))
        _qml_symbol(symbols, rule.symbol, n - 1 - len(symbols))
    element = ET.SubElement(parent, "rule", attributes)
    for inner in rule.rules:
        _qml_rule(element, symbols, inner, path, n)


def _qml_symbol(symbols: ET.Element, symbol: Symbol, in_pass: int) -> None:
    element = ET.SubElement(
        symbols,
        "symbol",
        {
            "type": symbol.kind,
            "name": str(len(symbols)),
            "alpha": "1",
            "clip_to_extent": "1",
            "force_rhr": "0",
        },
    )
    layers = [_properties(symbol)]
    if symbol.hatch:
        layers.append({"color": _rgba("#ffffff"), "style": symbol.hatch, "outline_style": "no"})
    attributes = {
        "class": _KINDS[symbol.kind][0],
        "enabled": "1",
        "locked": "0",
        "pass": str(in_pass),
    }
    for properties in layers:
        _options(ET.SubElement(element, "layer", attributes), properties)


def _options(parent: ET.Element, properties: Mapping[str, str]) -> None:
    """Add properties in both spellings: that of QGIS 3.20 and later, and that of earlier ones."""
    found = ET.SubElement(parent, "Option", {"type": "Map"})
    for name, value in properties.items():
        ET.SubElement(found, "Option", {"name": name, "type": "QString", "value": value})
    for name, value in properties.items():
        ET.SubElement(parent, "prop", {"k": name, "v": value})


def _properties(symbol: Symbol) -> dict[str, str]:
    dash = "dash" if symbol.dashed else "solid"
    if not symbol.edge:
        dash = "no"
    width = f"{symbol.width_mm:g}"
    if symbol.kind == "line":
        return {
            "line_color": _rgba(symbol.edge),
            "line_style": dash,
            "line_width": width,
            "line_width_unit": "MM",
            "capstyle": "flat",
            "joinstyle": "round",
        }
    own = {
        "color": _rgba(symbol.fill),
        "outline_color": _rgba(symbol.edge),
        "outline_style": dash,
        "outline_width": width,
        "outline_width_unit": "MM",
    }
    if symbol.kind == "fill":
        return {**own, "style": "solid" if symbol.fill else "no", "joinstyle": "bevel"}
    size, unit = (
        (symbol.ground_m, "RenderMetersInMapUnits") if symbol.ground_m else (symbol.size_mm, "MM")
    )
    return {
        **own,
        "name": symbol.shape,
        "size": f"{size:g}",
        "size_unit": unit,
        "scale_method": "diameter",
    }


def _rgba(colour: str) -> str:
    """Return a colour as QGIS writes it; invisible for none."""
    if not colour:
        return "255,255,255,0"
    return ",".join(str(int(colour[k : k + 2], 16)) for k in (1, 3, 5)) + ",255"


def _fill_label(settings: ET.Element, label: FieldLabel, kind: str) -> None:
    """Fill in labels: next to points, along lines, within areas."""
    text, placement, _ = settings
    text.attrib |= {
        "fieldName": label.expression,
        "fontSize": f"{label.size_pt:g}",
        "textColor": _rgba(label.colour),
    }
    around = {
        "placement": "6",
        "predefinedPositionOrder": "R,L,TR,BR,TL,BL,TSR,BSR",
        "offsetType": "1",
    }
    where = around if kind == "marker" else {"placement": "2" if kind == "line" else "4"}
    placement.attrib = {**where, **placement.attrib}
