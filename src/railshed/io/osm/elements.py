"""Reader of the railway part of an OpenStreetMap file: nodes, ways and relations, with pyosmium.

It reads tracks, stops, routes and their members. Objects that a clipped extract refers to but does
not hold are absent; callers count them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast

from railshed.util.errors import InputError, Issue
from railshed.util.names import clean_tree

SUFFIXES = (".osm", ".osm.gz", ".osm.bz2", ".osm.pbf", ".pbf")
#: railway=* of tracks that trains run on
TRACKS = frozenset(
    {"rail", "light_rail", "subway", "tram", "monorail", "narrow_gauge", "funicular"}
)
#: railway=* of places where trains stop
STOPS = frozenset({"station", "halt", "tram_stop", "stop"})
#: states of planned objects, and the values of railway=* for them
STATES = ("construction", "proposed")
#: keys that tell which rail modes use a public_transport=* object
_MODE_KEYS = ("train", "light_rail", "subway", "tram", "monorail", "funicular")
#: platforms are stops only as members of a route: their name is often that of a track
_PUBLIC_TRANSPORT = frozenset({"station", "stop_position"})
_KEYS = ("railway", "public_transport", *(f"{state}:railway" for state in STATES))
_RELATIONS = (
    ("type", "route"),
    ("type", "route_master"),
    ("public_transport", "stop_area"),
    ("public_transport", "station"),
    ("public_transport", "platform"),
    ("railway", "station"),
    ("railway", "halt"),
    ("railway", "platform"),
)
T = TypeVar("T")
Tags = Mapping[str, str]
#: type ("n", "w", "r") and id
Ref = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Node:
    """A point in degrees of WGS84."""

    lon: float
    lat: float
    tags: Tags


@dataclass(frozen=True, slots=True)
class Way:
    """A chain of nodes, some of which may be missing in the file."""

    node_ids: tuple[int, ...]
    tags: Tags


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a relation; the object may be missing in the file."""

    ref: Ref
    role: str


@dataclass(frozen=True, slots=True)
class Relation:
    """An ordered list of members."""

    members: tuple[Member, ...]
    tags: Tags


@dataclass(frozen=True, slots=True)
class Elements:
    """The railway objects of a file by id, in rising order."""

    nodes: Mapping[int, Node]
    ways: Mapping[int, Way]
    relations: Mapping[int, Relation]
    #: date and time of the data where the file states it, else ""
    timestamp: str = ""
    #: warnings of tags that lost control characters
    issues: tuple[Issue, ...] = ()

    def tags(self, ref: Ref) -> Tags:
        """Return the tags of an object; {} if it is not in the file."""
        kind, number = ref
        items: Mapping[int, Node | Way | Relation] = self.relations
        if kind == "n":
            items = self.nodes
        elif kind == "w":
            items = self.ways
        item = items.get(number)
        return item.tags if item else {}

    def position(self, ref: Ref) -> tuple[float, float] | None:
        """Return lon and lat of a node, or of the middle of the bounding box of an object's nodes
        in the file.
        """
        points = list(self._points(ref))
        if not points:
            return None
        lons, lats = zip(*points, strict=True)
        return (min(lons) + max(lons)) / 2, (min(lats) + max(lats)) / 2

    def _points(self, ref: Ref) -> Iterator[tuple[float, float]]:
        kind, number = ref
        if kind == "n" and number in self.nodes:
            yield self.nodes[number].lon, self.nodes[number].lat
        elif kind == "w" and number in self.ways:
            for node_id in self.ways[number].node_ids:
                yield from self._points(("n", node_id))
        elif kind == "r" and number in self.relations:
            for member in self.relations[number].members:
                if member.ref[0] != "r":  # no recursion: relations may contain each other
                    yield from self._points(member.ref)


def is_stop(tags: Tags) -> bool:
    """Return whether the tags are those of an existing stop of trains."""
    if tags.get("railway") in STOPS:
        return True
    return tags.get("public_transport") in _PUBLIC_TRANSPORT and any(
        tags.get(key) == "yes" for key in _MODE_KEYS
    )


def lifecycle(tags: Tags) -> tuple[str, str] | None:
    """Return the state and planned kind (``("construction", "subway")``); None for an existing
    object.

    The tags are ``railway=construction`` with ``construction=subway`` or
    ``construction:railway=subway``, or the last one alone; without a kind it is "rail". The same
    with ``proposed``.
    """
    railway = tags.get("railway", "")
    for state in STATES:
        future = tags.get(state) or tags.get(f"{state}:railway")
        if railway == state or (not railway and f"{state}:railway" in tags):
            return state, future if future and future != "yes" else "rail"
    return None


def planned_state(elements: Elements, route: Relation) -> str | None:
    """Return the state of a planned route; None for a running one.

    A route is planned by its own tags (``state``, ``route=construction``, ``proposed:route``), or
    if more than half of its tracks are.
    """
    tags = route.tags
    state_tag = {"planned": "proposed"}.get(tags.get("state", ""), tags.get("state", ""))
    for state in STATES:
        if state in (state_tag, tags.get("route")) or (
            "route" not in tags and f"{state}:route" in tags
        ):
            return state
    ways = (elements.tags(member.ref) for member in route.members if member.ref[0] == "w")
    tracks = [way for way in ways if way.get("railway", "platform") != "platform"]
    states = [state[0] for state in map(lifecycle, tracks) if state]
    return max(sorted(set(states)), key=states.count) if len(states) * 2 > len(tracks) else None


def read_elements(path: str | Path) -> Elements:
    """Return the railway part of an .osm, .osm.gz, .osm.bz2 or .osm.pbf file.

    Raises InputError when the file is absent, of another kind, empty, cut off or malformed.
    """
    return read_osm_file(path, _read)


def read_osm_file(path: str | Path, read: Callable[[Any, Path], T]) -> T:
    """Return the result of `read`, called with the module osmium and the path of an OpenStreetMap
    file.

    Raises InputError when the file is absent, of another kind, empty, cut off or malformed.
    """
    path = Path(path)
    import osmium  # here: 0.04 s that other commands do not need

    if not path.is_file():
        raise InputError(f"{path}: no such file")
    if not path.name.lower().endswith(SUFFIXES):
        raise InputError(
            f"{path}: not named like an OpenStreetMap file; allowed: {', '.join(SUFFIXES)}"
        )
    if path.stat().st_size == 0:
        raise InputError(f"{path}: the file is empty")
    try:
        return read(osmium, path)
    except (RuntimeError, ValueError, OSError, osmium.InvalidLocationError) as error:
        detail = " ".join(str(error).split())[:200]
        raise InputError(
            f"{path}: no readable OpenStreetMap file, or cut off ({detail}) -> fetch it again"
        ) from error


def read_header(osmium: Any, path: Path) -> str:
    """Return the date and time of the data that the file states, else ""; RuntimeError when the
    file is a history.
    """
    header = osmium.FileProcessor(path).header
    if header.has_multiple_object_versions:
        raise RuntimeError(
            "it holds several versions of objects, so it is a history and no map of one day"
        )
    return str(header.get("osmosis_replication_timestamp") or "")


def _read(osmium: Any, path: Path) -> Elements:
    timestamp = read_header(osmium, path)
    relations = _relations(osmium, path)
    members = {member.ref for relation in relations.values() for member in relation.members}
    ways = _ways(osmium, path, {number for kind, number in members if kind == "w"})
    needed = {number for kind, number in members if kind == "n"}
    needed.update(node_id for way in ways.values() for node_id in way.node_ids)
    nodes = _nodes(osmium, path, needed)
    issues: list[Issue] = []
    for kind, found in (("n", nodes), ("w", ways), ("r", relations)):
        for number, item in found.items():
            cast("dict[str, str]", item.tags).update(
                clean_tree(item.tags, path.name, issues, f"{kind}{number}")
            )
    return Elements(nodes, ways, relations, timestamp, tuple(issues))


def _relations(osmium: Any, path: Path) -> dict[int, Relation]:
    relations = {}
    for item in osmium.FileProcessor(path, osmium.osm.RELATION).with_filter(
        osmium.filter.TagFilter(*_RELATIONS)
    ):
        tags = _tags(item)
        routes = {tags.get("route"), *(tags.get(f"{state}:route") for state in STATES)}
        if tags.get("type") == "route" and not routes & {*_MODE_KEYS, *STATES}:
            continue  # not of passenger rail, running or planned
        members = tuple(Member((member.type, member.ref), member.role) for member in item.members)
        relations[item.id] = Relation(members, tags)
    return dict(sorted(relations.items()))


def _ways(osmium: Any, path: Path, member_ids: Collection[int]) -> dict[int, Way]:
    ways = {}
    for item in _select(osmium, path, osmium.osm.WAY, member_ids):
        if item.id in ways:
            continue
        tags = _tags(item)
        is_rail = tags.get("railway") in TRACKS or is_stop(tags) or lifecycle(tags)
        if is_rail or item.id in member_ids:
            ways[item.id] = Way(tuple(node.ref for node in item.nodes), tags)
    return dict(sorted(ways.items()))


def _nodes(osmium: Any, path: Path, needed: Collection[int]) -> dict[int, Node]:
    nodes = {}
    for item in _select(osmium, path, osmium.osm.NODE, needed):
        if item.id in nodes:
            continue
        tags = _tags(item)
        is_rail = item.id in needed or is_stop(tags) or lifecycle(tags)
        if is_rail and item.location.valid():
            nodes[item.id] = Node(item.location.lon, item.location.lat, tags)
    return dict(sorted(nodes.items()))


def _select(osmium: Any, path: Path, entity: Any, ids: Collection[int]) -> Iterator[Any]:
    """Yield the objects with a key of rail, then those with an id in `ids`; one pass cannot join
    the two filters.

    Ids are tested here, 1.3 us an object: pyosmium's IdFilter takes 1.5 GB for sets that span the
    ids of today.
    """
    yield from osmium.FileProcessor(path, entity).with_filter(osmium.filter.KeyFilter(*_KEYS))
    if ids:
        yield from (item for item in osmium.FileProcessor(path, entity) if item.id in ids)


def _tags(item: Any) -> dict[str, str]:
    return {tag.k: tag.v for tag in item.tags} if len(item.tags) else {}


def osm_source(name: str, timestamp: str, sha256: str) -> dict[str, str]:
    """Return the source of a file of OpenStreetMap with the keys of network.toml."""
    return {
        "title": "OpenStreetMap",
        "attribution": "© OpenStreetMap contributors",
        "url": "https://www.openstreetmap.org/copyright",
        "licence": "ODbL 1.0",
        "date": timestamp[:10],
        "files": name,
        "sha256": sha256,
    }
