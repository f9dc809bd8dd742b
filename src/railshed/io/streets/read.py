"""Readers of streets from files of OpenStreetMap and osmnx, graphs in memory, and OpenStreetMap's servers.

.osm, .osm.gz, .osm.bz2, .osm.pbf     with pyosmium, see `streets.osm`
.graphml, .gpkg                       saved by osmnx, see `streets.osmnx`
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from railshed.access.streets import ISLAND_NODES, Segments, Streets, build_streets
from railshed.io.osm.download import download_file
from railshed.io.osm.elements import SUFFIXES
from railshed.io.streets.osm import read_osm_ways, segments_of
from railshed.io.streets.osmnx import GraphStreets, read_geopackage, read_graphml, streets_of_graph
from railshed.util import files as store
from railshed.util.errors import InputError
from railshed.util.validation import checked, files, text, whole
from railshed.util.validation import path as as_path

_GRAPHS = {".graphml": read_graphml, ".gpkg": read_geopackage}


def _files_or_graph(value: Any) -> Any:
    return value if hasattr(value, "is_multigraph") else files(value)


@checked(path=_files_or_graph, island_nodes=whole(0))
def read_streets(path: str | Path | Sequence[str | Path] | Any, *, island_nodes: int = ISLAND_NODES) -> Streets:
    """Return the street network of a file, of several files joined at common nodes, or of a graph of osmnx.

    Parameters
    ----------
    path
        .osm, .osm.gz, .osm.bz2 or .osm.pbf; .graphml or .gpkg saved by osmnx. In any order; a file listed twice
        counts once. Or a graph of osmnx, as `streets_from_networkx` takes it.
    island_nodes
        Parts of the network with fewer nodes are dropped, separately for each mode.

    Raises
    ------
    InputError
        When a file is absent, of another kind, empty, damaged, or holds no street.
    """
    if hasattr(path, "is_multigraph"):
        return streets_from_networkx(path, island_nodes=island_nodes)
    paths = [Path(path)] if isinstance(path, str | Path) else [Path(item) for item in path]
    if not paths:
        raise InputError("no street file given")
    _check_names(paths)
    by_sum = dict(sorted({store.sha256_file(item): item for item in sorted(paths)}.items()))
    graphs = {item: _GRAPHS[item.suffix.lower()](item) for item in by_sum.values() if item.suffix.lower() in _GRAPHS}
    plain = [item for item in by_sum.values() if item not in graphs]
    parts = [graph.segments for graph in graphs.values()]
    notes: list[str] = []
    dates: dict[Path, str] = {}
    if plain:
        ways = read_osm_ways(plain)
        segments, notes = segments_of(ways)
        parts.insert(0, segments)
        dates = {item: ways.timestamps[item.name] for item in plain}
    dates |= {item: graph.date for item, graph in graphs.items()}
    return build_streets(
        _together(parts),
        sources=[_source(item.name, dates[item], digest) for digest, item in by_sum.items()],
        checksums={item.name: digest for digest, item in by_sum.items()},
        notes=[*notes, *(note for graph in graphs.values() for note in graph.notes)],
        issues=[issue for graph in graphs.values() for issue in graph.issues],
        island_nodes=island_nodes,
    )


@checked(name=text, island_nodes=whole(0))
def streets_from_networkx(graph: Any, *, name: str = "street graph", island_nodes: int = ISLAND_NODES) -> Streets:
    """Return the street network of a MultiDiGraph of osmnx: nodes with x, y; edges with highway, length.

    Raises
    ------
    InputError
        When it is no such graph, or holds no street.
    """
    streets: GraphStreets = streets_of_graph(graph, name)
    return build_streets(
        streets.segments, sources=[_source(name, streets.date, "")], checksums={name: ""}, notes=streets.notes,
        issues=streets.issues, island_nodes=island_nodes,
    )  # fmt: skip


@checked(place=text, path=as_path)
def download_streets(place: str, path: str | Path) -> Path:
    """Download the streets of a place and 500 m around it to an .osm or .osm.pbf file and return its path.

    `read_streets` reads the file. Parameters and errors are those of `download_rail`.
    """
    return download_file(place, path, _ask_streets, "street")


def _ask_streets(osmnx: Any, boundary: Any) -> None:
    osmnx.graph_from_polygon(
        boundary, custom_filter='["highway"]', simplify=False, retain_all=True, truncate_by_edge=True
    )


def _check_names(paths: Sequence[Path]) -> None:
    for item in paths:
        if item.is_dir():
            street_files = sorted(f.name for f in item.iterdir() if f.name.lower().endswith((*SUFFIXES, *_GRAPHS)))
            listed = ", ".join(street_files[:5]) + (", ..." if len(street_files) > 5 else "") or "it holds none"
            allowed = ", ".join((*SUFFIXES, *_GRAPHS))
            raise InputError(f"{item}: a folder -> give the street files ({allowed}) in it by name: {listed}")
        if not item.is_file():
            raise InputError(f"{item}: no such file")
        if not item.name.lower().endswith((*SUFFIXES, *_GRAPHS)):
            allowed = ", ".join((*SUFFIXES, *_GRAPHS))
            raise InputError(f"{item}: not named like a street file; allowed: {allowed}")
        if item.stat().st_size == 0:
            raise InputError(f"{item}: the file is empty")


def _together(parts: Sequence[Segments]) -> Segments:
    """Return the segments of all parts, with nodes joined by id."""
    if len(parts) == 1:
        return parts[0]
    ids, lon, lat = (np.concatenate([getattr(part, name) for part in parts]) for name in ("node_id", "lon", "lat"))
    _, first = np.unique(ids, return_index=True)
    columns = {
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in ("start", "end", "length_m", "forward", "backward", "forward_kmh", "backward_kmh")
    }
    begins = np.cumsum([0, *(len(part.start) for part in parts)])
    shapes = {
        int(begin) + k: shape
        for begin, part in zip(begins[:-1], parts, strict=True)
        for k, shape in part.shapes.items()
    }
    return Segments(ids[first], lon[first], lat[first], **columns, shapes=shapes)


def _source(name: str, timestamp: str, sha256: str) -> Mapping[str, str]:
    source = {
        "title": "OpenStreetMap",
        "attribution": "© OpenStreetMap contributors",
        "url": "https://www.openstreetmap.org/copyright",
        "licence": "ODbL 1.0",
        "date": timestamp[:10],
        "files": name,
        "sha256": sha256,
    }
    return {key: value for key, value in source.items() if value}
