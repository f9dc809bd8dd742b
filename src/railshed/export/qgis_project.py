"""A QGIS project beside a GeoPackage: its layers in groups, in the maps' colours and projection, and a sheet to print.

It is a ``.qgz``, which a double click opens. A project inside the GeoPackage has to be looked for in QGIS's menus, and
saving it changes the data. Sources are relative: both files stay in one folder, under their names. What is the same in
every project stands in `qgis_project.xml`.
"""

from __future__ import annotations

import copy
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyproj

from railshed.export.symbology import qml_element
from railshed.maps.projection import local_projection
from railshed.maps.words import SOURCES, TIMETABLE, notice
from railshed.util.bilingual import Words, fill, joined, say
from railshed.util.files import atomic_path

if TYPE_CHECKING:
    from railshed.export.layer import Layer
    from railshed.maps.projection import Crs

#: a layer and the id of its group in `qgis_project.xml`
Entry = tuple[str, "Layer"]
_VISIBLE = ("headline", "context")
#: width and height of the sheet's map in mm
_MAP_MM = (196, 160)
#: how much wider and higher the view is than the areas of the headline
_AROUND = 1.16
_HEAD = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"


def write_project(data: Path, layers: Sequence[Layer], crs: Crs = None) -> Path:
    """Write the project of a GeoPackage beside it, drawn in `crs` (default an equal-area one around the layers)."""
    path, file = data.with_suffix(".qgz"), zipfile.ZipInfo(f"{data.stem}.qgs")  # of 1980: the same bytes
    text = _HEAD + ET.tostring(project(data.name, layers, crs), encoding="unicode")
    with atomic_path(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        archive.writestr(file, text, zipfile.ZIP_DEFLATED)
    return path


def project(file: str, layers: Sequence[Layer], crs: Crs = None) -> ET.Element:
    """Return the project of the layers of a GeoPackage in the same folder."""
    text = resources.files("railshed.export").joinpath("qgis_project.xml").read_text(encoding="utf-8")
    root, entries = ET.fromstring(text), [entry for layer in layers for entry in _entries(layer)]
    tree, about = root.find("layer-tree-group"), layers[0].about
    assert tree is not None
    for group in tree.findall("layer-tree-group"):
        mine = [layer for name, layer in entries if name == group.get("id")]
        group.extend(_leaf(str(group.get("id")), layer) for layer in mine)
        if not mine:
            tree.remove(group)
    for order in tree.iter("custom-order"):
        order.extend(_text("item", _key(entry)) for entry in sorted(entries, key=_rank))
    for found in root.iter("projectlayers"):
        found.extend(_map_layer(entry, file) for entry in entries)
    for title in root.iter("title"):
        title.text = " ".join(say(about.heading, "both")) or about.title
    _place(root, entries, crs)
    _fill_sheet(root, tree, about)
    return root


def _entries(layer: Layer) -> list[Entry]:
    """Return a layer in its group; one of the headline whose rules are not all ticked is among the readings too.

    Layers of one state, before or after, are no headline.
    """
    group = layer.meaning.group or "raw" if layer.meaning else "raw"
    if layer.state and group in _VISIBLE:
        return [("readings", layer)]
    more = group == "headline" and layer.style is not None and layer.style != layer.style.ticked()
    return [(group, layer), *([("readings", layer)] if more else [])]


def _key(entry: Entry) -> str:
    return f"{entry[0]}_{entry[1].name}"


def _rank(entry: Entry) -> tuple[bool, int, bool]:
    """Return what sorts layers from the top: points, lines, outlines, areas of the headline."""
    group, layer = entry
    kind = ("Point", "Line", "Polygon").index(layer.kind)
    return group == "headline" and kind > 1, kind, group not in _VISIBLE


def _text(tag: str, text: str, **attributes: str) -> ET.Element:
    element = ET.Element(tag, attributes)
    element.text = text
    return element


def _leaf(group: str, layer: Layer) -> ET.Element:
    """Return a layer of the tree."""
    shown = group in _VISIBLE
    return ET.Element("layer-tree-layer", {
        "id": _key((group, layer)), "name": layer.label, "checked": "Qt::Checked" if shown else "Qt::Unchecked",
        "expanded": str(int(group == "headline")), "providerKey": "ogr",
    })  # fmt: skip


def _map_layer(entry: Entry, file: str) -> ET.Element:
    """Return a layer with its source, its fields in Chinese and by name, and its style; ticked rules if shown."""
    group, layer = entry
    style = layer.style.ticked() if layer.style is not None and group in _VISIBLE else layer.style
    look = ET.Element("qgis") if style is None else qml_element(style)
    element = ET.Element("maplayer", {**look.attrib, "type": "vector", "geometry": layer.kind})
    srs, aliases = ET.Element("srs"), ET.Element("aliases")
    srs.append(_srs(layer.frame.crs))
    for field, meaning in layer.fields.items():
        aliases.append(ET.Element("alias", {"field": field, "name": f"{meaning.zh} {field}"}))
    element.extend([
        _text("id", _key(entry)), _text("datasource", f"./{file}|layername={layer.name}"),
        _text("layername", layer.label), _text("abstract", layer.description), srs,
        _text("provider", "ogr", encoding="UTF-8"), aliases, *look,
    ])  # fmt: skip
    return element


def _srs(crs: Any) -> ET.Element:
    """Return a CRS: by its code where it has one, which QGIS looks up, and as WKT."""
    found, srs = pyproj.CRS.from_user_input(crs), ET.Element("spatialrefsys", {"nativeFormat": "Wkt"})
    srs.extend([_text("wkt", found.to_wkt()), _text("authid", ":".join(found.to_authority() or ()))])
    return srs


def _place(root: ET.Element, entries: Sequence[Entry], crs: Crs) -> None:
    """Set the CRS of the project, the extent of its view and of the sheet's map, and the scale bar."""
    areas = [layer.frame for group, layer in entries if group == "headline" and layer.kind == "Polygon"]
    frame = (areas or [entries[0][1].frame])[0]
    west, south, east, north = frame.to_crs("EPSG:4326").total_bounds
    plane = local_projection(crs, float(west + east) / 2, float(south + north) / 2).crs
    west, south, east, north = map(float, frame.to_crs(plane).total_bounds)
    mm = _AROUND * max((east - west) / _MAP_MM[0], (north - south) / _MAP_MM[1])
    box = {
        f"{axis}{end}": f"{(low + high) / 2 + sign * mm * size / 2:.3f}"
        for axis, low, high, size in (("x", west, east, _MAP_MM[0]), ("y", south, north, _MAP_MM[1]))
        for end, sign in (("min", -1), ("max", 1))
    }
    for parent in root.iter("projectCrs"):
        parent.append(_srs(plane))
    for extent in root.iter("extent"):
        for corner in extent:
            corner.text = box[corner.tag]
    for extent in root.iter("Extent"):
        extent.attrib.update(box)
    for scale in root.iterfind(".//LayoutItem[@id='scale']"):
        steps = [n * 10**power for power in range(-1, 4) for n in (1, 2, 5)]
        km = max((step for step in steps if step * 1000 <= 25 * mm), default=steps[0])
        scale.set("numUnitsPerSegment", f"{km:g}")


def _fill_sheet(root: ET.Element, tree: ET.Element, about: Any) -> None:
    """Write title and figures, the legend of what is visible, and definition, sources and notice at the foot."""
    foot = [fill(TIMETABLE, about.date)] * bool(about.date) + [*about.premises]
    foot += [Words(SOURCES.zh + found.zh, SOURCES.en + found.en) for found in [joined(about.sources)] if about.sources]
    foot += [notice(about.approval, "")]
    texts = {
        "title": about.heading if about.heading.zh else Words(about.title), "figures": about.figures,
        "credits": joined(foot, "；", "; "),
    }  # fmt: skip
    for item in root.iter("LayoutItem"):
        if item.get("id") in texts:
            item.set("labelText", "\n".join(say(texts[str(item.get("id"))], "both")))
        if item.get("id") == "legend":
            legend = ET.SubElement(item, "layer-tree-group")
            legend.extend(copy.deepcopy(group) for group in tree.iter() if group.get("id") in _VISIBLE)
