"""Reader of streets from osmnx graphs: .graphml and .gpkg files saved by osmnx, and MultiDiGraphs.

Cars and bicycles use edges in their direction, walkers in both. An edge of several ways (osmnx's
simplification) allows what all of them allow, at the lowest of their speeds.
"""

from __future__ import annotations

import ast
import math
import numbers
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from railshed.access.streets import DRIVE, LONGEST_EDGE_M, Segments
from railshed.io.streets.tags import KEYS, Permission, columns_of, permission, speed_notes
from railshed.util.array_types import Floats
from railshed.util.errors import InputError, Issue, raise_errors
from railshed.util.geodesy import sphere_m

Shape = tuple[Floats, Floats]
#: tail, head, attributes, points on the way (None if straight)
Edge = tuple[Any, Any, Mapping[str, Any], Shape | None]
#: least length as a share of the straight line, less a metre: on the ellipsoid a line is up to 0.6
#: % shorter than on the sphere, and positions are rounded
_SHORTEST = 0.99
#: what edges lack, by attribute
_EDGE_DEFECTS = {
    "u, v": "lead to a node that is not there", "length": "have no length in metres",
    "highway": "have no class of street",
}  # fmt: skip
_AS_SAVED = "save it with osmnx.save_graphml or osmnx.save_graph_geopackage, not simplified by hand"


@dataclass(frozen=True, slots=True)
class GraphStreets:
    """The segments of a graph, its date, and notes and issues."""

    segments: Segments
    date: str
    notes: tuple[str, ...]
    issues: tuple[Issue, ...]


def read_graphml(path: Path) -> GraphStreets:
    """Return the streets of a .graphml file that osmnx saved; InputError when it is damaged, or no
    graph of osmnx.
    """
    import networkx as nx
    import osmnx

    try:
        graph = osmnx.load_graphml(path)
    except (
        OSError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        SyntaxError,
        nx.NetworkXError,
    ) as error:
        detail = " ".join(str(error).split())[:200]
        raise InputError(
            f"{path}: no street graph that osmnx can read ({detail}) -> {_AS_SAVED}"
        ) from error
    return streets_of_graph(graph, str(path))


def streets_of_graph(graph: Any, name: str) -> GraphStreets:
    """Return the streets of a MultiDiGraph of osmnx; projected graphs are converted to degrees.

    Raises InputError when nodes lack x, y or edges lack length, or values are out of range.
    """
    if not (hasattr(graph, "is_directed") and graph.is_directed() and graph.is_multigraph()):
        raise InputError(f"{name}: not a networkx.MultiDiGraph, as osmnx makes them -> {_AS_SAVED}")
    lacking = sum("x" not in data or "y" not in data for _, data in graph.nodes(data=True))
    if lacking:
        message = f"{lacking} of {len(graph)} nodes have no position"
        raise_errors(name, [Issue("error", "no-position", message, field="x, y", remedy=_AS_SAVED)])
    from pyproj import CRS

    crs = graph.graph.get("crs")
    if crs is not None and CRS.from_user_input(crs).is_projected:
        import osmnx

        graph = osmnx.project_graph(graph, to_latlong=True)
    nodes = {node: (data["x"], data["y"]) for node, data in graph.nodes(data=True)}
    edges = ((u, v, data, _shape(data.get("geometry"))) for u, v, data in graph.edges(data=True))
    return _collect(name, nodes, edges, str(graph.graph.get("created_date", "")))


def _shape(line: Any) -> Shape | None:
    if line is None or not hasattr(line, "coords"):
        return None
    x, y = np.asarray(line.coords, float)[:, :2].T
    return x, y


def read_geopackage(path: Path) -> GraphStreets:
    """Return the streets of a .gpkg file saved by osmnx, with the layers nodes and edges.

    Raises InputError when it is damaged, a layer or column is missing, or the CRS is not stated.
    """
    import geopandas as gpd
    import pyogrio
    from shapely.errors import ShapelyError

    try:
        layers = [str(name) for name, _ in pyogrio.list_layers(path)]
        missing = [layer for layer in ("nodes", "edges") if layer not in layers]
        if missing:
            names = ", ".join(layers) or "none"
            raise InputError(
                f"{path}: no layer {' and no layer '.join(missing)} (layers: {names}) -> "
                f"{_AS_SAVED}"
            )
        nodes, edges = (gpd.read_file(path, layer=layer) for layer in ("nodes", "edges"))
    except (
        pyogrio.errors.DataSourceError,
        pyogrio.errors.DataLayerError,
        OSError,
        ValueError,
        ShapelyError,
    ) as error:
        if isinstance(error, InputError):
            raise
        detail = " ".join(str(error).split())[:200]
        raise InputError(f"{path}: no readable GeoPackage ({detail}) -> {_AS_SAVED}") from error
    issues = [
        Issue(
            "error", "missing-column", f"the layer {layer} has no column {column}", remedy=_AS_SAVED
        )
        for layer, table, columns in (
            ("nodes", nodes, ("osmid",)),
            ("edges", edges, ("u", "v", "highway", "length")),
        )
        for column in columns
        if column not in table.columns
    ]
    issues += [
        Issue(
            "error",
            "no-crs",
            f"the layer {layer} states no coordinate reference system",
            remedy=_AS_SAVED,
        )
        for layer, table in (("nodes", nodes), ("edges", edges))
        if getattr(table, "crs", None) is None
    ]
    raise_errors(str(path), issues)
    points = nodes.to_crs(4326).geometry
    positions = dict(
        zip(
            nodes["osmid"].tolist(),
            zip(points.x.tolist(), points.y.tolist(), strict=True),
            strict=True,
        )
    )
    lines = edges.to_crs(4326).geometry
    rows = edges.drop(columns=edges.geometry.name).to_dict("records")
    edge_rows = (
        (row["u"], row["v"], row, _shape(line)) for row, line in zip(rows, lines, strict=True)
    )
    return _collect(str(path), positions, edge_rows, "")


def _collect(
    name: str, nodes: Mapping[Any, tuple[Any, Any]], edges: Iterable[Edge], date: str
) -> GraphStreets:
    """Return the segments of nodes and edges; all are checked first."""
    odd = [node for node in nodes if not isinstance(node, numbers.Integral)]
    if odd:
        message = f"{len(odd)} ids of nodes are no whole numbers"
        raise_errors(
            name, [Issue("error", "node-id", message, value=str(odd[0]), remedy=_AS_SAVED)]
        )
    places = np.array([nodes[node] for node in nodes], float).reshape(-1, 2)
    bad = ~np.isfinite(places).all(axis=1) | (np.abs(places) > (180, 90)).any(axis=1)
    issues = []
    if bad.any():
        message = (
            f"{int(bad.sum())} nodes lie outside 180 degrees east and west, 90 north and south"
        )
        issues.append(
            Issue("error", "position", message, field="x, y", value=str(places[bad][0].tolist()))
        )
    ends: list[tuple[int, int]] = []
    length_m: list[float] = []
    rights: list[Permission] = []
    shapes: dict[int, Shape] = {}
    counts: Counter[str] = Counter()
    for tail, head, attributes, shape in edges:
        length = _number(attributes.get("length"))
        allowed = _edge_permission(attributes)
        lacks = {
            "u, v": tail not in nodes or head not in nodes,
            "length": length is None,
            "highway": "highway" not in attributes,
        }
        counts.update(field for field, missing in lacks.items() if missing)
        if length is None or any(lacks.values()):
            continue
        if allowed is None:
            counts["closed"] += 1
            continue
        if length > LONGEST_EDGE_M and shape is not None and len(shape[0]) > 2:
            shapes[len(ends)] = shape
        ends.append((int(tail), int(head)))
        length_m.append(length)
        rights.append(allowed)
    issues += [
        Issue("error", "edge", f"{counts[field]} edges {what}", field=field, remedy=_AS_SAVED)
        for field, what in _EDGE_DEFECTS.items()
        if counts[field]
    ]
    raise_errors(name, issues)
    if not ends:
        raise InputError(f"{name}: there is no street in it")
    start, end = np.array(ends, np.int64).T
    ids = np.array(list(nodes), np.int64)
    columns = (start, end, np.array(length_m), *columns_of(rights))
    segments = Segments(ids, places[:, 0], places[:, 1], *columns, shapes)
    warnings = list(_too_short(segments, name))
    raise_errors(name, warnings)
    driven = [r for r in rights if (r.forward | r.backward) & DRIVE]
    if driven and all(r.forward & DRIVE == r.backward & DRIVE for r in driven):
        message = (
            "no street is one-way in it (a graph for walking?), so cars and bicycles may go "
            "both ways everywhere"
        )
        warnings.append(Issue("warning", "no-one-ways", message, name, field="oneway"))
    notes = [f"{len(ends):,} edges that can be walked, cycled or driven"]
    if counts["closed"]:
        notes.append(
            f"{counts['closed']:,} edges left out: of other kinds than streets and paths, or closed"
        )
    return GraphStreets(
        segments, date[:10], (*notes, *speed_notes(rights, "edges")), tuple(warnings)
    )


def _too_short(segments: Segments, name: str) -> Iterator[Issue]:
    """Yield an issue if edges are shorter than the straight line; an error if most are shorter than
    half of it.

    Lengths in kilometres or miles, say, make every edge too short.
    """
    order = np.argsort(segments.node_id)
    a, b = (
        order[np.searchsorted(segments.node_id, end, sorter=order)]
        for end in (segments.start, segments.end)
    )
    straight = np.asarray(
        sphere_m(segments.lon[a], segments.lat[a], segments.lon[b], segments.lat[b])
    )
    short = np.flatnonzero(segments.length_m < _SHORTEST * straight - 1)
    if not len(short):
        return
    worst = short[
        np.lexsort(
            (segments.end[short], segments.start[short], segments.length_m[short] - straight[short])
        )
    ]
    k = int(worst[0])
    most = 2 * int((segments.length_m[short] < straight[short] / 2).sum()) > len(segments.length_m)
    yield Issue(
        "error" if most else "warning",
        "length",
        f"{len(short):,} of {len(segments.length_m):,} edges are shorter than the straight line "
        "between their ends" + ("" if most else "; they count as given"),
        name,
        field="length",
        value=f"{segments.length_m[k]:.1f} from {segments.start[k]} to {segments.end[k]}, straight "
        f"{straight[k]:.1f} m",
        remedy="lengths must be metres" if most else "correct their lengths or positions",
    )


def _number(value: Any) -> float | None:
    """Return a finite number of at least 0; None for other values."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) and number >= 0 else None


def _edge_permission(attributes: Mapping[str, Any]) -> Permission | None:
    """Return what an edge allows: what all its ways allow; None if it is closed."""
    values = {key: _values(attributes[key]) for key in KEYS if key in attributes}
    tags = {
        key: ";".join(value)
        for key, value in values.items()
        if value and key not in ("highway", "junction")
    }
    # the opposite direction is another edge of the graph
    tags["oneway"] = "no" if values.get("oneway") in (["False"], ["no"], ["0"]) else "yes"
    parts = [permission({**tags, "highway": highway}) for highway in values.get("highway", ())]
    known = [part for part in parts if isinstance(part, Permission)]
    if not known or len(known) < len(parts):
        return None
    forward = known[0].forward
    backward = known[0].backward
    for part in known[1:]:
        forward = forward & part.forward
        backward = backward & part.backward
    kmh = _number(attributes.get("speed_kph"))
    return Permission(
        forward,
        backward,
        kmh or min(part.forward_kmh for part in known),
        kmh or min(part.backward_kmh for part in known),
        "tag" if kmh else known[0].speed,
    )


def _values(value: Any) -> list[str]:
    """Return the texts of an attribute; lists may be texts in files."""
    if isinstance(value, str) and value.startswith("["):
        try:
            value = ast.literal_eval(value)
        except (ValueError, SyntaxError):
            return [value]
    items = value if isinstance(value, list | tuple | set) else [value]
    known = (item for item in items if item is not None and str(item) != "nan")
    return sorted({str(item) for item in known} - {""})
