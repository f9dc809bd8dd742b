"""Readers of streets from files of OpenStreetMap and osmnx, graphs in memory, and OpenStreetMap's
servers.

.osm, .osm.gz, .osm.bz2, .osm.pbf     with pyosmium: ways in Python, positions of nodes in C++
.graphml, .gpkg                       saved by osmnx, see `streets.osmnx`

Several files are merged by the ids of ways and nodes, so extracts that meet at a border complete
each other. A way with nodes that the files do not hold is cut into the pieces with known nodes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from railshed.access.streets import DRIVE, ISLAND_NODES, Segments, Streets, build_streets
from railshed.io.osm.download import download_file
from railshed.io.osm.elements import SUFFIXES, osm_source, read_header, read_osm_file
from railshed.io.streets.osmnx import GraphStreets, read_geopackage, read_graphml, streets_of_graph
from railshed.io.streets.tags import Permission, columns_of, permission, speed_notes
from railshed.util import files as store
from railshed.util.errors import InputError
from railshed.util.geodesy import sphere_m
from railshed.util.validation import checked, files, text, whole
from railshed.util.validation import path as as_path

#: text by reason why ways are left out
_REASONS = {
    "ferry": "ferries are no streets",
    "class": "ways of other kinds than streets and paths",
    "closed": "ways closed to the public (private, no access)",
}


@dataclass(frozen=True, slots=True)
class _Way:
    version: int
    refs: tuple[int, ...]
    allowed: Permission


@dataclass(slots=True)
class OsmWays:
    """The streets of OpenStreetMap files, and the ways that were left out."""

    ways: dict[int, _Way] = field(default_factory=dict)
    #: units of 1e-7 degrees
    positions: dict[int, tuple[int, int]] = field(default_factory=dict)
    left_out: dict[int, str] = field(default_factory=dict)
    classes_left_out: Counter[str] = field(default_factory=Counter)
    #: date and time of the data by file name, "" where not stated
    timestamps: dict[str, str] = field(default_factory=dict)


def read_osm_ways(paths: Iterable[Path]) -> OsmWays:
    """Return the streets of .osm, .osm.gz, .osm.bz2 and .osm.pbf files.

    Raises InputError when a file is absent, of another kind, empty, cut off, malformed or without
    any highway.
    """
    result = OsmWays()
    for path in paths:
        read_osm_file(path, lambda osmium, file: _read(osmium, file, result))
    return result


def _read(osmium: Any, path: Path, result: OsmWays) -> None:
    result.timestamps[path.name] = read_header(osmium, path)
    mine: dict[int, _Way] = {}
    streets = osmium.FileProcessor(path, osmium.osm.WAY)
    n_highways = 0
    for item in streets.with_filter(osmium.filter.KeyFilter("highway", "route")):
        tags = {tag.k: tag.v for tag in item.tags}
        n_highways += "highway" in tags
        allowed = permission(tags)
        if isinstance(allowed, Permission):
            mine[item.id] = _Way(item.version, tuple([node.ref for node in item.nodes]), allowed)
        elif "highway" in tags or allowed == "ferry":
            if allowed == "class" and item.id not in result.left_out:
                result.classes_left_out[tags["highway"]] += 1
            result.left_out[item.id] = allowed
    if not n_highways:
        raise InputError(
            f"{path}: there is no way with highway=* in it, so no street -> give an extract that "
            "keeps streets"
        )
    needed = {ref for way in mine.values() for ref in way.refs} - result.positions.keys()
    result.positions.update(_positions(osmium, path, needed))
    for number, way in mine.items():
        other = result.ways.get(number)
        if other is None or (way.version, way.refs) > (other.version, other.refs):
            result.ways[number] = way


def _positions(osmium: Any, path: Path, needed: set[int]) -> dict[int, tuple[int, int]]:
    """Return the positions of the needed nodes that are in the file."""
    index = osmium.index.create_map("flex_mem")
    handler = osmium.NodeLocationsForWays(index)
    handler.ignore_errors()
    osmium.apply(osmium.io.Reader(str(path), osmium.osm.NODE), handler)
    osmium.apply(
        osmium.io.Reader(str(path), osmium.osm.WAY), handler
    )  # its first way sorts the index
    positions = {}
    for number in needed:
        try:
            location = index.get(number)
        except (
            KeyError,
            TypeError,
        ):  # TypeError: ids below zero, of nodes that were never uploaded
            continue
        positions[number] = (location.x, location.y)
    negative = {number for number in needed if number < 0}
    if negative:
        for item in osmium.FileProcessor(path, osmium.osm.NODE):
            if item.id in negative and item.location.valid():
                positions[item.id] = (item.location.x, item.location.y)
    return positions


def segments_of(read: OsmWays) -> tuple[Segments, list[str]]:
    """Return the segments between known nodes, and notes on the ways."""
    known = read.positions
    ids = np.array(sorted(known), np.int64)
    places = np.array([known[number] for number in ids.tolist()], np.int64).reshape(-1, 2) / 1e7
    ways = [way for _, way in sorted(read.ways.items())]
    sizes = np.array([len(way.refs) for way in ways], np.int64)
    refs = np.fromiter(chain.from_iterable(way.refs for way in ways), np.int64, int(sizes.sum()))
    owner = np.repeat(np.arange(len(ways)), sizes)
    at = np.minimum(np.searchsorted(ids, refs), max(len(ids) - 1, 0))
    in_file = ids[at] == refs if len(ids) else np.zeros(len(refs), dtype=bool)
    pair = np.flatnonzero((owner[1:] == owner[:-1]) & in_file[1:] & in_file[:-1])
    lon = places[:, 0]
    lat = places[:, 1]
    a = at[pair]
    b = at[pair + 1]
    way = owner[pair]
    rights = [way.allowed for way in ways]
    metres = np.asarray(sphere_m(lon[a], lat[a], lon[b], lat[b]))
    forward, backward, forward_kmh, backward_kmh = columns_of(rights)
    segments = Segments(
        node_id=ids,
        lon=lon,
        lat=lat,
        start=ids[a],
        end=ids[b],
        length_m=metres,
        forward=forward[way],
        backward=backward[way],
        forward_kmh=forward_kmh[way],
        backward_kmh=backward_kmh[way],
    )
    clipped = np.unique(owner[~in_file])
    return segments, _notes(read, rights, len(clipped), int((~in_file).sum()))


def _notes(
    read: OsmWays, rights: Sequence[Permission], n_clipped: int, n_missing: int
) -> list[str]:
    notes = [f"{len(rights):,} ways that can be walked, cycled or driven"]
    reasons = Counter(reason for number, reason in read.left_out.items() if number not in read.ways)
    for reason, words in _REASONS.items():
        if reasons[reason]:
            kinds = f": {_shown(read.classes_left_out)}" if reason == "class" else ""
            notes.append(f"{reasons[reason]:,} ways left out: {words}{kinds}")
    if n_clipped:
        notes.append(
            f"{n_clipped:,} ways lack {n_missing:,} nodes that the file does not hold; they are "
            "cut there"
        )
    notes += speed_notes(rights, "ways")
    unread = Counter(
        r.unread_speed for r in rights if (r.forward | r.backward) & DRIVE and r.unread_speed
    )
    if unread:
        notes.append(
            f"{sum(unread.values()):,} speed limits not understood, taken as none given: "
            f"{_shown(unread)}"
        )
    return notes


def _shown(counted: Mapping[str, int]) -> str:
    """Return the commonest five texts with their counts, and "and others" if there are more."""
    ranked = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    more = " and others" if len(ranked) > 5 else ""
    return ", ".join(f"{text!r} {n}" for text, n in ranked[:5]) + more


_GRAPHS = {".graphml": read_graphml, ".gpkg": read_geopackage}


@checked(
    path=lambda value: value if hasattr(value, "is_multigraph") else files(value),
    island_nodes=whole(0),
)
def read_streets(
    path: str | Path | Sequence[str | Path] | Any, *, island_nodes: int = ISLAND_NODES
) -> Streets:
    """Return the streets of a file, of several files joined at common nodes, or of an osmnx graph.

    Parameters
    ----------
    path
        .osm, .osm.gz, .osm.bz2 or .osm.pbf; .graphml or .gpkg saved by osmnx. In any order; a file
        listed twice counts once. Or a graph of osmnx, as `streets_from_networkx` takes it.
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
    graphs = {
        item: _GRAPHS[item.suffix.lower()](item)
        for item in by_sum.values()
        if item.suffix.lower() in _GRAPHS
    }
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
def streets_from_networkx(
    graph: Any, *, name: str = "street graph", island_nodes: int = ISLAND_NODES
) -> Streets:
    """Return the street network of a MultiDiGraph of osmnx: nodes with x, y; edges with highway,
    length.

    Raises InputError when it is no such graph, or holds no street.
    """
    streets: GraphStreets = streets_of_graph(graph, name)
    return build_streets(
        streets.segments,
        sources=[_source(name, streets.date, "")],
        checksums={name: ""},
        notes=streets.notes,
        issues=streets.issues,
        island_nodes=island_nodes,
    )


@checked(place=text, path=as_path)
def download_streets(place: str, path: str | Path) -> Path:
    """Download the streets of a place and 500 m around it to an .osm or .osm.pbf file and return
    its path.

    `read_streets` reads the file. Parameters and errors are those of `download_rail`.
    """

    def ask(osmnx: Any, boundary: Any) -> None:
        osmnx.graph_from_polygon(
            boundary,
            custom_filter='["highway"]',
            simplify=False,
            retain_all=True,
            truncate_by_edge=True,
        )

    return download_file(place, path, ask, "street")


def _check_names(paths: Sequence[Path]) -> None:
    for item in paths:
        if item.is_dir():
            street_files = sorted(
                f.name for f in item.iterdir() if f.name.lower().endswith((*SUFFIXES, *_GRAPHS))
            )
            listed = (
                ", ".join(street_files[:5]) + (", ..." if len(street_files) > 5 else "")
                or "it holds none"
            )
            allowed = ", ".join((*SUFFIXES, *_GRAPHS))
            raise InputError(
                f"{item}: a folder -> give the street files ({allowed}) in it by name: {listed}"
            )
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
    ids, lon, lat = (
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("node_id", "lon", "lat")
    )
    _, first = np.unique(ids, return_index=True)
    columns = {
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in (
            "start",
            "end",
            "length_m",
            "forward",
            "backward",
            "forward_kmh",
            "backward_kmh",
        )
    }
    begins = np.cumsum([0, *(len(part.start) for part in parts)])
    shapes = {
        int(begin) + k: shape
        for begin, part in zip(begins[:-1], parts, strict=True)
        for k, shape in part.shapes.items()
    }
    return Segments(ids[first], lon[first], lat[first], **columns, shapes=shapes)


def _source(name: str, timestamp: str, sha256: str) -> Mapping[str, str]:
    source = osm_source(name, timestamp, sha256)
    return {key: value for key, value in source.items() if value}
