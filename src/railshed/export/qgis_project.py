"""A QGIS project of a GeoPackage: its layers in groups, in the maps' colours and projection, and a
sheet to print.

It is a ``.qgz``, which a double click opens. A project inside the GeoPackage has to be looked for
in QGIS's menus, and saving it changes the data. Sources are relative: both files stay in one
folder, under their names. What is the same in every project stands in `qgis_project.xml`.
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

from railshed.export.symbology import QGIS_HEAD, qml_element, ticked
from railshed.maps.projection import local_projection
from railshed.maps.words import notice
from railshed.util.bilingual import Words, fill, joined, say
from railshed.util.files import atomic_path
from railshed.util.phrases import MAP

if TYPE_CHECKING:
    from railshed.export.layer import Layer
    from railshed.maps.projection import Crs

#: the id of a group in `qgis_project.xml` and a layer of it; ticked are the layers of two groups
Entry = tuple[str, "Layer"]
_VISIBLE = ("headline", "context")
#: width and height of the sheet's map in mm, and how much larger than the headline's areas its view
#: is
_MAP_MM = (196, 160)
_AROUND = 1.16


def write_project(data: Path, layers: Sequence[Layer], crs: Crs = None) -> Path:
    """Write the project of a GeoPackage next to it, drawn in `crs` (default an equal-area one
    around the layers).
    """
    path = data.with_suffix(".qgz")  # of 1980: the same bytes
    file = zipfile.ZipInfo(f"{data.stem}.qgs")
    text = QGIS_HEAD + ET.tostring(project(data.name, layers, crs), encoding="unicode")
    with atomic_path(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        archive.writestr(file, text, zipfile.ZIP_DEFLATED)
    return path


def project(file: str, layers: Sequence[Layer], crs: Crs = None) -> ET.Element:
    """Return the project of the layers of a GeoPackage in the same folder."""
    template = (
        resources.files("railshed.export").joinpath("qgis_project.xml").read_text(encoding="utf-8")
    )
    root = ET.fromstring(template)
    entries = [entry for layer in layers for entry in _entries(layer)]
    for tree in root.findall("layer-tree-group"):
        for group in tree.findall("layer-tree-group"):
            group.extend(_leaf(entry) for entry in entries if entry[0] == group.get("id"))
            if not len(group):
                tree.remove(group)
        tree[-1].extend(_element("item", _key(entry)) for entry in sorted(entries, key=_rank))
    for found in root.iter("projectlayers"):
        found.extend(_map_layer(entry, file) for entry in entries)
    _place(root, entries, crs)
    _fill_sheet(root, layers[0].about)
    return root


def _entries(layer: Layer) -> list[Entry]:
    """Return a layer in its group, one of the headline among the readings too if some of its rules
    are not ticked.

    Layers of one state, before or after, are no headline.
    """
    group = (layer.meaning.group if layer.meaning else "") or "raw"
    if layer.state and group in _VISIBLE:
        return [("readings", layer)]
    more = group == "headline" and layer.style is not None and layer.style != ticked(layer.style)
    return [(group, layer), *([("readings", layer)] if more else [])]


def _key(entry: Entry) -> str:
    return f"{entry[0]}_{entry[1].name}"


def _rank(entry: Entry) -> tuple[bool, int]:
    """Return what sorts layers from the top: points, lines, areas, those of the headline last,
    beneath outlines.
    """
    kind = ("Point", "Line", "Polygon").index(entry[1].kind)
    return entry[0] == "headline" and kind > 1, kind


def _element(
    tag: str, text: str | None = None, *children: ET.Element, **attributes: str
) -> ET.Element:
    element = ET.Element(tag, attributes)
    element.text = text
    element.extend(children)
    return element


def _leaf(entry: Entry) -> ET.Element:
    return _element(
        "layer-tree-layer",
        id=_key(entry),
        name=entry[1].label,
        providerKey="ogr",
        checked="Qt::Checked" if entry[0] in _VISIBLE else "Qt::Unchecked",
        expanded=str(int(entry[0] == "headline")),
    )


def _map_layer(entry: Entry, file: str) -> ET.Element:
    """Return a layer with its source, its fields in Chinese and by name, and its style; ticked
    rules if visible.
    """
    layer = entry[1]
    style = ticked(layer.style) if layer.style and entry[0] in _VISIBLE else layer.style
    look = ET.Element("qgis") if style is None else qml_element(style)
    aliases = [
        _element("alias", field=name, name=f"{field.zh} {name}")
        for name, field in layer.fields.items()
    ]
    return _element(
        "maplayer",
        None,
        _element("id", _key(entry)),
        _element("datasource", f"./{file}|layername={layer.name}"),
        _element("layername", layer.label),
        _element("abstract", layer.description),
        _element("srs", None, _srs(layer.frame.crs)),
        _element("provider", "ogr", encoding="UTF-8"),
        _element("aliases", None, *aliases),
        *look,
        **{**look.attrib, "type": "vector", "geometry": layer.kind},
    )


def _srs(crs: Any) -> ET.Element:
    """Return a CRS: by its code where it has one, which QGIS looks up, and as WKT."""
    found = pyproj.CRS.from_user_input(crs)
    code = ":".join(found.to_authority() or ())
    wkt = found.to_wkt("WKT2_2015").replace('"unknown"', '"equal-area"', 1)
    return _element("spatialrefsys", None, _element("wkt", wkt), _element("authid", code))


def _place(root: ET.Element, entries: Sequence[Entry], crs: Crs) -> None:
    """Set the CRS of the project and the extent of its view and of the sheet's map."""
    areas = [
        layer.frame for group, layer in entries if group == "headline" and layer.kind == "Polygon"
    ]
    frames = (
        *areas,
        *(layer.frame for _, layer in entries),
    )  # an empty circle has stations and land around it
    frame = next(one for one in frames if one.total_bounds[0] < one.total_bounds[2])
    west, south, east, north = frame.to_crs("EPSG:4326").total_bounds
    plane = local_projection(crs, float(west + east) / 2, float(south + north) / 2).crs
    x, y, right, top = map(float, frame.to_crs(plane).total_bounds)
    half = _AROUND / 2 * max((right - x) / _MAP_MM[0], (top - y) / _MAP_MM[1])
    box = {
        f"{axis}{end}": f"{middle + sign * half * size:.3f}"
        for axis, middle, size in (
            ("x", (x + right) / 2, _MAP_MM[0]),
            ("y", (y + top) / 2, _MAP_MM[1]),
        )
        for end, sign in (("min", -1), ("max", 1))
    }
    for parent in (*root.iter("projectCrs"), *root.iter("destinationsrs")):
        parent.append(_srs(plane))
    for corner in root.iterfind("mapcanvas/extent/*"):
        corner.text = box[corner.tag]
    for extent in root.iter("Extent"):
        extent.attrib.update(box)


def _fill_sheet(root: ET.Element, about: Any) -> None:
    """Write title and figures, the legend of what is visible, and definition, sources and notice at
    the foot.
    """
    date = fill(MAP["timetable"], about.date)
    sources = joined(about.sources)
    foot = [*about.premises, Words(MAP["sources"].zh + sources.zh, MAP["sources"].en + sources.en)]
    if about.date:
        foot.insert(0, date)
    texts = {
        "title": about.heading if about.heading.zh else Words(about.title),
        "figures": about.figures,
        "credits": joined([*foot, notice(about.approval, "")], "；", "; "),
    }
    for item in root.iter("LayoutItem"):
        if item.get("id") in texts:
            item.set("labelText", "\n".join(say(texts[str(item.get("id"))], "both")))
    visible = [
        copy.deepcopy(group)
        for name in _VISIBLE
        for group in root.iterfind(f"layer-tree-group/*[@id='{name}']")
    ]
    for legend in root.iterfind(".//LayoutItem[@id='legend']"):
        legend.append(_element("layer-tree-group", None, *visible))
    for title in root.iterfind("title"):
        title.text = " ".join(say(texts["title"], "both"))
