"""Styles of layers: rules with symbols, written as QML (QGIS) and SLD (GeoServer, MapServer and others).

A style is a list of rules in the order of a legend, what lies on top first. Rules hold rules: a group whose own
condition holds for all of them. Rules that are not `shown` stand in QGIS's legend unticked; SLD knows no such thing
and leaves them out.
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
_SLD = {
    "xmlns": "http://www.opengis.net/sld", "xmlns:se": "http://www.opengis.net/se",
    "xmlns:ogc": "http://www.opengis.net/ogc", "version": "1.1.0",
}  # fmt: skip
_COMPARE = {
    "=": "PropertyIsEqualTo", "<>": "PropertyIsNotEqualTo", "<": "PropertyIsLessThan",
    "<=": "PropertyIsLessThanOrEqualTo", ">": "PropertyIsGreaterThan", ">=": "PropertyIsGreaterThanOrEqualTo",
    "is null": "PropertyIsNull",
}  # fmt: skip
#: by kind of symbol: QGIS's class and type of geometry, SLD's symbolizer
_KINDS = {
    "fill": ("SimpleFill", 2, "Polygon"), "line": ("SimpleLine", 1, "Line"), "marker": ("SimpleMarker", 0, "Point"),
}  # fmt: skip
QGIS_HEAD = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
#: SLD counts in pixels of 0.28 mm
_PIXELS_MM = 1 / 0.28

#: field, operator (a key of `_COMPARE`, or ``is null``, which has no value), value
Condition = tuple[str, str, Any]


@dataclass(frozen=True, slots=True)
class Symbol:
    """A fill, a line or a marker: colours as ``#rrggbb``, none where empty; sizes in mm on paper."""

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
    """Labels: an expression of QGIS, and the field that SLD writes."""

    expression: str
    field: str
    colour: str
    size_pt: float = 8.0


@dataclass(frozen=True, slots=True)
class Style:
    """Rules, labels and opacity of a layer."""

    rules: tuple[StyleRule, ...]
    label: FieldLabel | None = None
    opacity: float = 1.0

    def leaves(self, *, shown: bool = False) -> Iterator[tuple[tuple[Condition, ...], StyleRule]]:
        """Yield the rules that have a symbol, each with all its conditions; if `shown`, those alone that are."""
        yield from _leaves(self.rules, (), shown)


def ticked(style: Any) -> Any:
    """Return a style, or a rule, with its shown rules alone."""
    return replace(style, rules=tuple(ticked(rule) for rule in style.rules if rule.shown))


def _leaves(
    rules: tuple[StyleRule, ...], above: tuple[Condition, ...], shown: bool
) -> Iterator[tuple[tuple[Condition, ...], StyleRule]]:  # fmt: skip
    for rule in rules:
        if shown and not rule.shown:
            continue
        when = above + rule.when
        if rule.symbol is not None:
            yield when, rule
        yield from _leaves(rule.rules, when, shown)


def expression(when: tuple[Condition, ...]) -> str:
    """Return conditions in QGIS's language of expressions; "" for none."""
    return " AND ".join(
        f'"{field}" {sign}' if sign == "is null" else f'"{field}" {sign} {_literal(value)}'
        for field, sign, value in when
    )


def _literal(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else "'" + str(value).replace("'", "''") + "'"


def to_qml(style: Style) -> str:
    """Return the style as a QGIS layer style, as the column `styleQML` of a GeoPackage holds it."""
    root = qml_element(style)
    ET.indent(root, " ")
    return QGIS_HEAD + ET.tostring(root, encoding="unicode")


def qml_element(style: Style) -> ET.Element:
    """Return the style as the root of a QGIS layer style, whose attributes and children a project's layer has too."""
    lines = resources.files("railshed.export").joinpath("layer_style.xml").read_text(encoding="utf-8").splitlines()
    root, leaves = ET.fromstring("".join(map(str.strip, lines))), list(style.leaves())
    renderer, labeling, _, _, opacity, geometry = root
    rules, symbols = renderer
    rules.set("key", _key(""))
    for rule in style.rules:
        _qml_rule(rules, symbols, rule, "", len(leaves))
    first = leaves[0][1].symbol
    assert first is not None
    if style.label is None:
        root.remove(labeling)
    else:
        root.set("labelsEnabled", "1")
        _fill_label(labeling[0], style.label, first.kind)
    opacity.text, geometry.text = f"{style.opacity:g}", str(_KINDS[first.kind][1])
    return root


def _key(path: str) -> str:
    return "{" + str(uuid.uuid5(_SPACE, path)) + "}"


def _qml_rule(parent: ET.Element, symbols: ET.Element, rule: StyleRule, path: str, n: int) -> None:
    """Add a rule and those within it; what comes first is drawn in the last of the `n` passes, on top."""
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
    element = ET.SubElement(symbols, "symbol", {
        "type": symbol.kind, "name": str(len(symbols)), "alpha": "1", "clip_to_extent": "1", "force_rhr": "0",
    })  # fmt: skip
    hatch = {"color": _rgba("#ffffff"), "style": symbol.hatch, "outline_style": "no"}
    attributes = {"class": _KINDS[symbol.kind][0], "enabled": "1", "locked": "0", "pass": str(in_pass)}
    for properties in [_properties(symbol), *[hatch] * bool(symbol.hatch)]:
        _options(ET.SubElement(element, "layer", attributes), properties)


def _options(parent: ET.Element, properties: Mapping[str, str]) -> None:
    """Add properties in both spellings: that of QGIS 3.20 and later, and that of earlier ones."""
    found = ET.SubElement(parent, "Option", {"type": "Map"})
    for name, value in properties.items():
        ET.SubElement(found, "Option", {"name": name, "type": "QString", "value": value})
    for name, value in properties.items():
        ET.SubElement(parent, "prop", {"k": name, "v": value})


def _properties(symbol: Symbol) -> dict[str, str]:
    dash = "no" if not symbol.edge else "dash" if symbol.dashed else "solid"
    width = f"{symbol.width_mm:g}"
    if symbol.kind == "line":
        return {
            "line_color": _rgba(symbol.edge), "line_style": dash, "line_width": width, "line_width_unit": "MM",
            "capstyle": "flat", "joinstyle": "round",
        }  # fmt: skip
    own = {
        "color": _rgba(symbol.fill), "outline_color": _rgba(symbol.edge), "outline_style": dash,
        "outline_width": width, "outline_width_unit": "MM",
    }  # fmt: skip
    if symbol.kind == "fill":
        return {**own, "style": "solid" if symbol.fill else "no", "joinstyle": "bevel"}
    size, unit = (symbol.ground_m, "RenderMetersInMapUnits") if symbol.ground_m else (symbol.size_mm, "MM")
    return {**own, "name": symbol.shape, "size": f"{size:g}", "size_unit": unit, "scale_method": "diameter"}


def _rgba(colour: str) -> str:
    """Return a colour as QGIS writes it; invisible for none."""
    if not colour:
        return "255,255,255,0"
    return ",".join(str(int(colour[k : k + 2], 16)) for k in (1, 3, 5)) + ",255"


def _fill_label(settings: ET.Element, label: FieldLabel, kind: str) -> None:
    """Fill in labels: next to points, along lines, within areas."""
    text, placement, _ = settings
    text.attrib |= {"fieldName": label.expression, "fontSize": f"{label.size_pt:g}", "textColor": _rgba(label.colour)}
    around = {"placement": "6", "predefinedPositionOrder": "R,L,TR,BR,TL,BL,TSR,BSR", "offsetType": "1"}
    where = around if kind == "marker" else {"placement": "2" if kind == "line" else "4"}
    placement.attrib = {**where, **placement.attrib}


def to_sld(style: Style, name: str) -> str:
    """Return the shown rules as SLD 1.1, what lies on top last, as it is painted."""
    root = ET.Element("StyledLayerDescriptor", _SLD)
    layer = ET.SubElement(root, "NamedLayer")
    ET.SubElement(layer, "se:Name").text = name
    user = ET.SubElement(layer, "UserStyle")
    ET.SubElement(user, "se:Name").text = name
    for when, rule in reversed(list(style.leaves(shown=True))):
        _sld_rule(ET.SubElement(user, "se:FeatureTypeStyle"), when, rule, style.label)
    ET.indent(root, " ")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode")


def _sld_rule(parent: ET.Element, when: tuple[Condition, ...], rule: StyleRule, label: FieldLabel | None) -> None:
    element = ET.SubElement(parent, "se:Rule")
    ET.SubElement(element, "se:Name").text = rule.label
    if when:
        filter_ = ET.SubElement(element, "ogc:Filter")
        filter_ = filter_ if len(when) == 1 else ET.SubElement(filter_, "ogc:And")
        for field, sign, value in when:
            test = ET.SubElement(filter_, f"ogc:{_COMPARE[sign]}")
            ET.SubElement(test, "ogc:PropertyName").text = field
            if sign != "is null":
                ET.SubElement(test, "ogc:Literal").text = str(value).lower() if isinstance(value, bool) else str(value)
    assert rule.symbol is not None
    _sld_symbol(element, rule.symbol)
    if label is not None:
        text = ET.SubElement(element, "se:TextSymbolizer")
        ET.SubElement(ET.SubElement(text, "se:Label"), "ogc:PropertyName").text = label.field
        _svg(text, "Font", font_size=f"{label.size_pt:g}")
        _svg(text, "Fill", fill=label.colour)


def _sld_symbol(parent: ET.Element, symbol: Symbol) -> None:
    own = ET.SubElement(parent, f"se:{_KINDS[symbol.kind][2]}Symbolizer")
    if symbol.kind == "marker":
        graphic = ET.SubElement(own, "se:Graphic")
        own = ET.SubElement(graphic, "se:Mark")
        ET.SubElement(own, "se:WellKnownName").text = symbol.shape
    if symbol.fill:
        _svg(own, "Fill", fill=symbol.fill)
    if symbol.edge:
        dashes = {"stroke_dasharray": "6 3"} if symbol.dashed else {}
        _svg(own, "Stroke", stroke=symbol.edge, stroke_width=f"{symbol.width_mm * _PIXELS_MM:.2f}", **dashes)
    if symbol.kind == "marker":
        ET.SubElement(graphic, "se:Size").text = f"{symbol.size_mm * _PIXELS_MM:.1f}"


def _svg(parent: ET.Element, tag: str, **values: str) -> None:
    """Add an element with parameters of SVG; "_" in their names stands for "-"."""
    element = ET.SubElement(parent, f"se:{tag}")
    for name, value in values.items():
        ET.SubElement(element, "se:SvgParameter", {"name": name.replace("_", "-")}).text = value
