"""Lines under construction and proposed, of OpenStreetMap; they are not part of the network."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import networkx as nx

from railshed.io.osm.elements import Elements, Ref, Relation, Tags, is_stop, lifecycle, planned_state
from railshed.io.osm.lines import Remarks
from railshed.io.osm.stations import Place, group_stations, is_stop_role, metres_xy, station_name
from railshed.io.osm.tags import line_name, shared_name
from railshed.io.osm.tracks import runs_in_file
from railshed.network.model import Station
from railshed.util.geodesy import steps_m
from railshed.util.sums import plain_sum

if TYPE_CHECKING:
    import shapely

#: metres from the tracks within which a station belongs to the line
ALONG_M = 150
#: tags of a candidate, each with its most frequent value
_TAGS = ("name", "name:zh", "name:en", "ref", "operator", "network", "opening_date", "start_date", "maxspeed", "tracks")
#: planned values of railway=* that are places, not tracks
_STATIONS = frozenset({"station", "halt", "tram_stop", "stop", "platform"})


@dataclass(frozen=True, slots=True)
class Candidate:
    """A line that is not built yet."""

    #: relation ("r123"), else the way with the smallest id ("w123")
    candidate_id: str
    #: "" if the map has none
    name: str
    #: construction or proposed
    state: str
    #: planned kind: rail, subway, light_rail, ...
    mode: str
    #: LineString or MultiLineString, lon and lat
    geometry: shapely.Geometry
    #: metres of track in the file; parallel tracks count twice if both are mapped
    length_m: float
    ways: tuple[int, ...]
    tags: Mapping[str, str]
    #: existing and planned stations within 150 m of its tracks, in order along the longest of them
    stations: tuple[Station, ...]
    #: ids of the stations among them that exist already
    existing: frozenset[str]


def read_candidates(elements: Elements, places: Sequence[Place], remarks: Remarks) -> tuple[Candidate, ...]:
    """Return the lines that are not built yet, by id.

    Tracks belong to a candidate by a route relation (relations of one name are merged), else by state, kind and name;
    tracks without a name belong together if they touch.
    """
    states = {
        number: track
        for number, way in elements.ways.items()
        if (track := lifecycle(way.tags)) and track[1] not in _STATIONS
    }
    groups: dict[str, tuple[Tags, str, list[int]]] = {}
    used_ways: set[int] = set()
    first: dict[object, str] = {}
    for number, (state, relation) in _planned_routes(elements).items():
        tracks = [m.ref[1] for m in relation.members if m.ref[0] == "w" and not is_stop_role(m.role)]
        tracks = [way for way in tracks if way in elements.ways]
        # of an extension only the planned part, of a service on existing tracks all of it
        ways = [way for way in tracks if way in states] or tracks
        name = line_name(relation.tags)
        if not ways:
            remarks.add("planned routes left out: none of their tracks is in the file", name or f"relation {number}")
            continue
        used_ways.update(ways)
        key = first.setdefault((state, relation.tags.get("network"), name) if name else number, f"r{number}")
        tags, _, before = groups.get(key, (relation.tags, state, []))
        groups[key] = tags, state, list(dict.fromkeys([*before, *ways]))
    for ways in _by_name(elements, {number: state for number, state in states.items() if number not in used_ways}):
        groups[f"w{ways[0]}"] = ({}, states[ways[0]][0], ways)
    planned = planned_stations(elements)
    built = (_candidate(elements, key, *group, states, places, planned) for key, group in sorted(groups.items()))
    return tuple(candidate for candidate in built if candidate)


def _planned_routes(elements: Elements) -> dict[int, tuple[str, Relation]]:
    routes = {number: item for number, item in elements.relations.items() if item.tags.get("type") == "route"}
    return {number: (state, item) for number, item in routes.items() if (state := planned_state(elements, item))}


def planned_stations(elements: Elements) -> tuple[Place, ...]:
    """Return the stations that are not built yet, by their tags or as stops of a planned route."""
    refs: set[Ref] = set()
    for kind, holder in (("n", elements.nodes), ("w", elements.ways)):
        for number, item in holder.items():
            state = lifecycle(item.tags)
            if state and state[1] in _STATIONS:
                refs.add((kind, number))
    for _, route in _planned_routes(elements).values():
        refs.update(m.ref for m in route.members if is_stop_role(m.role) and not is_stop(elements.tags(m.ref)))
    return group_stations(elements, {ref for ref in refs if elements.position(ref) is not None})


def _by_name(elements: Elements, states: Mapping[int, tuple[str, str]]) -> list[list[int]]:
    """Return groups of ways with one state and name, or, without a name, a common node; ids in rising order."""
    graph = nx.Graph()
    for number, state in states.items():
        way = elements.ways[number]
        name = station_name(way.tags)
        graph.add_edges_from((number, (state, key)) for key in ((name,) if name else way.node_ids))
    return [sorted(n for n in part if isinstance(n, int)) for part in nx.connected_components(graph)]


def _candidate(
    elements: Elements, key: str, tags: Tags, state: str, ways: Sequence[int],
    states: Mapping[int, tuple[str, str]], places: Sequence[Place], planned: Sequence[Place],
) -> Candidate | None:  # fmt: skip
    import shapely

    chains = [
        [(elements.nodes[node].lon, elements.nodes[node].lat) for node in run]
        for way in ways
        for run in runs_in_file(elements.ways[way].node_ids, elements)
    ]
    if not chains:
        return None
    geometry = shapely.line_merge(shapely.MultiLineString(chains))
    all_tags = [tags] if tags else [elements.ways[way].tags for way in ways]
    shared_tags = {name: text for name in _TAGS if (text := shared_name(t.get(name, "") for t in all_tags))}
    stations, existing = _along(chains, places, planned)
    modes = [states[way][1] for way in ways if way in states]
    mode = shared_name(modes) or tags.get("route") or tags.get(f"{state}:route") or "rail"
    length_m = plain_sum(plain_sum(steps_m(chain)) for chain in chains)
    name = line_name(shared_tags)
    return Candidate(key, name, state, mode, geometry, length_m, tuple(ways), shared_tags, stations, existing)


def _along(
    chains: Sequence[Sequence[tuple[float, float]]], places: Sequence[Place], planned: Iterable[Place]
) -> tuple[tuple[Station, ...], frozenset[str]]:
    import shapely

    lat_0 = chains[0][0][1]
    flat = shapely.line_merge(shapely.MultiLineString([[metres_xy(*p, lat_0) for p in chain] for chain in chains]))
    longest = max(shapely.get_parts(flat), key=shapely.length)
    shapely.prepare(flat)
    nearby: list[tuple[float, str, Station]] = []
    for place in (*places, *planned):
        station = place.station
        point = shapely.Point(metres_xy(station.lon, station.lat, lat_0))
        if shapely.dwithin(flat, point, ALONG_M):
            nearby.append((float(shapely.line_locate_point(longest, point)), station.station_id, station))
    ids = {place.station.station_id for place in places}
    return (
        tuple(station for _, _, station in sorted(nearby, key=lambda item: item[:2])),
        frozenset(name for _, name, _ in nearby if name in ids),
    )


def stations_geojson(stations: Sequence[Station]) -> str:
    """Return a GeoJSON text: a feature a station with its id and names."""
    return _collection(
        ({"station_id": s.station_id, "name": s.name, "name_en": s.name_en},
         {"type": "Point", "coordinates": [s.lon, s.lat]})
        for s in stations
    )  # fmt: skip


def candidates_geojson(candidates: Sequence[Candidate]) -> str:
    """Return a GeoJSON text: a feature a candidate with its id, name, state, mode, length, stations, ways and tags."""
    import shapely

    def properties(candidate: Candidate) -> dict[str, Any]:
        return {
            **{key: getattr(candidate, key) for key in ("candidate_id", "name", "state", "mode")},
            "length_m": round(candidate.length_m),
            "stations": "|".join(station.name for station in candidate.stations),
            "osm_ways": "|".join(map(str, candidate.ways)),
            **{f"osm:{key}": text for key, text in candidate.tags.items()},
        }

    return _collection((properties(c), shapely.geometry.mapping(c.geometry)) for c in candidates)


def _collection(features: Iterable[tuple[dict[str, Any], Any]]) -> str:
    """Return a GeoJSON text of properties, the first of which is the id, and geometries."""
    items = [
        {"type": "Feature", "id": next(iter(properties.values())), "properties": properties, "geometry": geometry}
        for properties, geometry in features
    ]
    return json.dumps({"type": "FeatureCollection", "features": items}, ensure_ascii=False, indent=1) + "\n"
