"""Stations of OpenStreetMap: the objects of a station (nodes, platforms, stop positions) are merged
into one place.

Objects belong to one place if they are in one ``stop_area`` relation, or have the same name and lie
within 500 m. An object without a name joins the nearest named one within 150 m.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import networkx as nx
import numpy as np

from railshed.io.osm.elements import Elements, Ref, Tags, is_stop, lifecycle, planned_state
from railshed.io.osm.tags import shared_name
from railshed.network.model import Station
from railshed.util.geodesy import great_circle_m

#: metres within which objects of one name are one station
SAME_NAME_M = 500
#: metres within which an object without a name belongs to a named one
UNNAMED_M = 150
_METRES_PER_DEGREE = 111_195
#: values of railway=* of the object that gives a place its position and id, in order of preference
_RANK = ("station", "halt", "tram_stop", "stop")


@dataclass(frozen=True, slots=True)
class Place:
    """A station and its objects, by type and id."""

    station: Station
    refs: tuple[Ref, ...]
    named: bool
    #: metres from the station's position to its farthest object
    reach_m: float


def stop_refs(elements: Elements) -> set[Ref]:
    """Return all existing stops of trains, and every stop or platform of a running route, in the
    file.
    """
    holders = (("n", elements.nodes), ("w", elements.ways), ("r", elements.relations))
    refs = {
        (kind, number)
        for kind, holder in holders
        for number, item in holder.items()
        if is_stop(item.tags)
    }
    for relation in elements.relations.values():
        if relation.tags.get("type") == "route" and not planned_state(elements, relation):
            refs.update(member.ref for member in relation.members if is_stop_role(member.role))
    return {
        ref
        for ref in refs
        if elements.position(ref) is not None and not lifecycle(elements.tags(ref))
    }


def is_stop_role(role: str) -> bool:
    """Return whether a member of a route is a stop: stop, stop_entry_only, platform,
    platform_exit_only, ...
    """
    return role.startswith(("stop", "platform"))


def group_stations(elements: Elements, refs: Iterable[Ref]) -> tuple[Place, ...]:
    """Return the places of the objects by station id (type and number of the main object)."""
    ordered = sorted(refs)
    position = {ref: at for ref in ordered if (at := elements.position(ref)) is not None}
    names = {ref: station_name(elements.tags(ref)) for ref in ordered}
    same_place = nx.Graph()
    same_place.add_nodes_from(ordered)
    areas = [
        r for r in elements.relations.values() if r.tags.get("public_transport") == "stop_area"
    ]
    for area in areas:
        members = [m.ref for m in area.members if m.ref in names]
        for ref in members:
            same_place.add_edge(members[0], ref)
            names[ref] = names[ref] or station_name(area.tags)
    by_name: dict[str, list[Ref]] = {}
    for ref in ordered:
        by_name.setdefault(names[ref].casefold(), []).append(ref)
    unnamed = by_name.pop("", [])
    for same in by_name.values():
        for a, b in _close_pairs([position[ref] for ref in same]):
            same_place.add_edge(same[a], same[b])
    same_place.add_edges_from(
        _nearest_named(unnamed, [ref for ref in ordered if names[ref]], position)
    )
    groups = nx.connected_components(same_place)
    places = (_place(elements, sorted(members), names, position) for members in groups)
    return tuple(sorted(places, key=lambda place: place.station.station_id))


def station_name(tags: Tags) -> str:
    """Return the local name without repeated blanks; "" without a name."""
    return " ".join((tags.get("name") or tags.get("name:en") or "").split())


def _close_pairs(points: Sequence[tuple[float, float]]) -> list[tuple[int, int]]:
    """Return the index pairs of positions at most 500 m apart."""
    lon, lat = np.array(points).T
    pairs = []
    for i in range(len(points) - 1):
        near = great_circle_m(lon[i], lat[i], lon[i + 1 :], lat[i + 1 :]) <= SAME_NAME_M
        pairs += [(i, i + 1 + int(j)) for j in np.flatnonzero(near)]
    return pairs


def _nearest_named(
    unnamed: Sequence[Ref], named: Sequence[Ref], position: Mapping[Ref, tuple[float, float]]
) -> list[tuple[Ref, Ref]]:
    """Return pairs of an object without a name and the nearest named one, at most 150 m apart."""
    if not named:
        return []
    lon, lat = np.array([position[ref] for ref in named]).T
    pairs = []
    for ref in unnamed:
        metres = great_circle_m(*position[ref], lon, lat)
        nearest = int(metres.argmin())
        if metres[nearest] <= UNNAMED_M:
            pairs.append((ref, named[nearest]))
    return pairs


def _place(
    elements: Elements,
    refs: list[Ref],
    names: Mapping[Ref, str],
    position: Mapping[Ref, tuple[float, float]],
) -> Place:
    def rank(ref: Ref) -> tuple[int, Ref]:
        railway = elements.tags(ref).get("railway", "")
        return (_RANK.index(railway) if railway in _RANK else len(_RANK)), ref

    first = min(refs, key=rank)
    leading = [ref for ref in refs if rank(ref)[0] == rank(first)[0]]
    name = (
        names[first]
        or shared_name(names[ref] for ref in leading)
        or shared_name(names[ref] for ref in refs)
    )
    english = shared_name(elements.tags(ref).get("name:en", "") for ref in refs)
    # OpenStreetMap stores seven decimals
    lon, lat = (
        round(float(value), 7) for value in np.mean([position[ref] for ref in leading], axis=0)
    )
    station_id = f"{first[0]}{first[1]}"
    station = Station(station_id, name or f"unnamed stop {station_id}", lon, lat, name_en=english)
    lons, lats = np.array([position[ref] for ref in refs]).T
    reach_m = float(great_circle_m(station.lon, station.lat, lons, lats).max())
    return Place(station, tuple(refs), bool(name), reach_m)


def metres_xy(lon: float, lat: float, lat_0: float) -> tuple[float, float]:
    """Return x and y in metres on a plane that is true along `lat_0`; x elsewhere is off by the
    ratio of cosines.
    """
    return lon * math.cos(math.radians(lat_0)) * _METRES_PER_DEGREE, lat * _METRES_PER_DEGREE
