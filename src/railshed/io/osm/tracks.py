"""Track lengths and estimated run times between stations of OpenStreetMap.

The run time is a plain model, not a simulation: each metre at the lower of the track's speed limit
and the top speed of the kind of train, a reserve of some per cent, and a fixed loss for a start and
a stop.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import networkx as nx
import numpy as np

from railshed.io.osm.elements import TRACKS, Elements, Ref
from railshed.io.osm.stations import Place, metres_xy
from railshed.io.osm.tags import track_limit
from railshed.util.errors import ParameterError
from railshed.util.geodesy import great_circle_m
from railshed.util.sums import plain_sum

#: metres from the nearest track beyond which a stop is on no track
OFF_TRACK_M = 150
#: tracks at most so many metres farther than the nearest one belong to the stop too (the other
#: track of two)
_NEXT_TRACK_M = 30
#: longest path over tracks: three times the straight line and 2 km
_MAX_DETOUR = 3.0
_DETOUR_M = 2_000
#: service=* of tracks that no passenger train runs along from stop to stop
_SIDE_TRACKS = frozenset({"yard", "siding", "spur"})
#: methods of the length of a section, best first
METHODS = (
    "route's own tracks",
    "shortest way over main tracks of its kind",
    "shortest way over all tracks",
    "straight line",
)
#: railway=* on which a kind of train runs if its route does not name the tracks; other kinds run on
#: rail
_TRACKS_OF = {
    "light_rail": ("light_rail", "tram", "subway", "rail"),
    "subway": ("subway", "light_rail"),
    "tram": ("tram", "light_rail"),
    "monorail": ("monorail",),
    "funicular": ("funicular", "narrow_gauge", "rail"),
}
_RAIL = ("rail", "narrow_gauge")


@dataclass(frozen=True, slots=True)
class Running:
    """Speeds and stop times of a kind of train."""

    #: top speed of the trains in km/h
    top_kmh: float
    #: km/h on track without a speed limit in the map
    default_kmh: float
    #: seconds that a stop takes over running through, without the dwell: v (1/a + 1/b) / 2
    stop_s: int
    #: seconds of dwell at a stop on the way
    dwell_s: int


#: by kind of service. All are guesses in round figures: speeds usual for the kind, stop_s from v
#: (1/a + 1/b) / 2 with a = b = 0.4 m/s2 (high_speed, long_distance), 0.6 (train), 0.8 (commuter)
#: and 1.0 (the others)
RUNNING: Mapping[str, Running] = {
    "high_speed": Running(300, 200, 150, 120),
    "long_distance": Running(200, 120, 90, 120),
    "train": Running(140, 100, 50, 60),
    "commuter": Running(120, 80, 35, 40),
    "light_rail": Running(80, 50, 15, 25),
    "subway": Running(80, 65, 20, 30),
    "monorail": Running(80, 60, 20, 30),
    "tram": Running(50, 30, 10, 20),
    "funicular": Running(30, 15, 10, 30),
}


@dataclass(frozen=True, slots=True)
class RunTimeModel:
    """Assumptions of estimated run times."""

    #: by kind: high_speed, long_distance, train, commuter, light_rail, subway, monorail, tram,
    #: funicular
    running: Mapping[str, Running] = field(default_factory=lambda: RUNNING)
    #: average speed in a timetable as a share of the limit (a guess; reserves of 3 to 10 % are
    #: usual)
    efficiency: float = 0.9
    #: track metres for a straight metre if there is no path over tracks (a guess)
    straight_detour: float = 1.2

    def __post_init__(self) -> None:
        if not 0 < self.efficiency <= 1 or not 1 <= self.straight_detour <= 5:
            raise ParameterError("efficiency must be above 0 to 1, straight_detour 1 to 5")
        missing = sorted(set(RUNNING) - set(self.running))
        if missing:
            needed = ", ".join(RUNNING)
            raise ParameterError(
                f"the run time model has no {', '.join(missing)}; it needs each of {needed}"
            )

    def seconds(self, kind: str, parts: Iterable[tuple[float, float | None]]) -> int:
        """Return the run time in seconds of a section with a start and a stop; parts are (metres,
        km/h or None).
        """
        running = self.running[kind]
        hours = plain_sum(
            metres / 1000 / min(running.top_kmh, running.default_kmh if limit is None else limit)
            for metres, limit in parts
        )
        return max(1, round(hours * 3600 / self.efficiency + running.stop_s))


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of one track between two points where tracks meet, end or have a stop."""

    start: int
    end: int
    way_id: int
    #: railway=* of the track
    railway: str
    length_m: float
    limit_kmh: float | None
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Tracks:
    """All tracks of a file as pieces, and counts of what could not be used."""

    pieces: tuple[Piece, ...]
    #: ids of yards, sidings and spurs
    side_ways: frozenset[int]
    #: node ids of the stops that lie on a track
    stops_on_track: frozenset[int]
    #: ways of which some nodes are not in the file, and the number of these nodes
    n_clipped_ways: int
    n_missing_nodes: int
    #: speed tags that were not understood
    unread_speeds: Mapping[str, int]


def read_tracks(elements: Elements, places: Sequence[Place]) -> Tracks:
    """Return the tracks in use, cut where they meet and at the stops."""
    ways = {
        number: way for number, way in elements.ways.items() if way.tags.get("railway") in TRACKS
    }
    uses = Counter(node for way in ways.values() for node in way.node_ids)
    stops = {
        number for place in places for kind, number in place.refs if kind == "n" and number in uses
    }
    unread: Counter[str] = Counter()
    pieces: list[Piece] = []
    n_clipped = n_missing = 0
    for way_id, way in ways.items():
        limit, understood = track_limit(way.tags)
        if not understood:
            unread[way.tags.get("maxspeed", "") or "maxspeed:forward/backward"] += 1
        missing = sum(node not in elements.nodes for node in way.node_ids)
        n_clipped += missing > 0
        n_missing += missing
        for run in runs_in_file(way.node_ids, elements):
            cuts = [
                i
                for i, node in enumerate(run)
                if i in (0, len(run) - 1) or uses[node] > 1 or node in stops
            ]
            for i, j in pairwise(cuts):
                points = tuple(
                    (elements.nodes[node].lon, elements.nodes[node].lat) for node in run[i : j + 1]
                )
                pieces.append(
                    Piece(
                        start=run[i],
                        end=run[j],
                        way_id=way_id,
                        railway=way.tags["railway"],
                        length_m=_length_m(points),
                        limit_kmh=limit,
                        points=points,
                    )
                )
    side = frozenset(
        number for number, way in ways.items() if way.tags.get("service") in _SIDE_TRACKS
    )
    return Tracks(
        tuple(pieces), side, frozenset(stops), n_clipped, n_missing, dict(sorted(unread.items()))
    )


def runs_in_file(node_ids: Sequence[int], elements: Elements) -> list[list[int]]:
    """Return the chains of two or more consecutive nodes that are in the file; gaps are not
    bridged.
    """
    runs: list[list[int]] = [[]]
    for node in node_ids:
        if node in elements.nodes:
            runs[-1].append(node)
        else:
            runs.append([])
    return [run for run in runs if len(run) > 1]


def _length_m(points: Sequence[tuple[float, float]]) -> float:
    lon, lat = np.array(points).T
    return float(great_circle_m(lon[:-1], lat[:-1], lon[1:], lat[1:]).sum())


class TrackGraph:
    """Graph of some of the tracks. A stop off the track is projected on the nearest tracks."""

    def __init__(self, tracks: Tracks, pieces: Sequence[Piece]) -> None:
        self._pieces = pieces
        self._stops = tracks.stops_on_track
        self._graph = nx.DiGraph()
        self._anchors: dict[str, frozenset[Hashable]] = {}
        self._inserted: dict[int, list[tuple[float, Hashable]]] = {}
        self._lat_0 = pieces[0].points[0][1] if pieces else 0.0
        self._tree: Any = None
        for piece in pieces:
            self._link(piece.start, piece.end, piece.length_m, piece.limit_kmh)

    def _link(self, a: Hashable, b: Hashable, metres: float, limit: float | None) -> None:
        """Add the edge both ways where none is as short."""
        for ends in ((a, b), (b, a)):
            if metres < self._graph.get_edge_data(*ends, {"metres": math.inf})["metres"]:
                self._graph.add_edge(*ends, metres=metres, limit=limit)

    def parts(
        self, start: Place, end: Place, max_m: float
    ) -> list[tuple[float, float | None]] | None:
        """Return (metres, km/h or None) along the shortest path between two places; None above
        `max_m`.
        """
        sources = self.anchors(start)
        targets = self.anchors(end)
        if not sources or not targets:
            return None
        goal = ("end", end.station.station_id)
        self._graph.add_edges_from(((target, goal) for target in targets), metres=0.0, limit=None)
        try:  # equal lengths: first come, first served, so that no hash order decides
            path = nx.multi_source_dijkstra(
                self._graph, sorted(sources, key=str), goal, max_m, "metres"
            )[1]
        except nx.NetworkXNoPath:
            return None
        edges = (self._graph.edges[ends] for ends in pairwise(path[:-1]))
        return [(edge["metres"], edge["limit"]) for edge in edges]

    def anchors(self, place: Place) -> frozenset[Hashable]:
        """Return the nodes of a place on the tracks, inserted if it lies off them; empty if it is
        too far away.
        """
        key = place.station.station_id
        if key not in self._anchors:
            on_track = {
                number for kind, number in place.refs if kind == "n" and number in self._stops
            }
            self._anchors[key] = frozenset(
                on_track.intersection(self._graph) or self._project(place)
            )
        return self._anchors[key]

    def _project(self, place: Place) -> list[Hashable]:
        import shapely

        if self._tree is None:
            flat = (
                [metres_xy(*point, self._lat_0) for point in piece.points] for piece in self._pieces
            )
            self._tree = shapely.STRtree(list(map(shapely.LineString, flat)))
        point = shapely.Point(metres_xy(place.station.lon, place.station.lat, self._lat_0))
        near = self._tree.query(point, predicate="dwithin", distance=OFF_TRACK_M)
        shapes = self._tree.geometries.take(near)
        if not len(near):
            return []
        metres = shapely.distance(shapes, point)
        inserted: list[Hashable] = []
        for index, shape, distance in sorted(
            zip(near.tolist(), shapes, metres.tolist(), strict=True)
        ):
            if distance <= metres.min() + _NEXT_TRACK_M:
                share = float(shapely.line_locate_point(shape, point, normalized=True))
                inserted.append(self._insert((place.station.station_id, index), index, share))
        return inserted

    def _insert(self, node: Hashable, index: int, share: float) -> Hashable:
        """Insert a node on a piece, linked to both ends and to the other nodes inserted there."""
        piece = self._pieces[index]
        others = self._inserted.setdefault(index, [(0.0, piece.start), (1.0, piece.end)])
        for other_share, other in others:
            self._link(node, other, abs(share - other_share) * piece.length_m, piece.limit_kmh)
        others.append((share, node))
        return node


class Sections:
    """Lengths and run times between places, and counts by method of the length."""

    def __init__(self, tracks: Tracks, model: RunTimeModel) -> None:
        self._tracks = tracks
        self.model = model
        self._graphs: dict[tuple[str, ...], TrackGraph] = {}
        self._by_way: dict[int, list[Piece]] = {}
        for piece in tracks.pieces:
            self._by_way.setdefault(piece.way_id, []).append(piece)
        self.methods: Counter[str] = Counter()
        #: track metres and straight metres of the sections over tracks
        self.track_m = self.straight_m = 0.0

    def route_graph(self, refs: Iterable[Ref]) -> TrackGraph:
        """Return the graph of the tracks among the members of a route, yards and sidings
        included.
        """
        ways = dict.fromkeys(number for kind, number in refs if kind == "w")
        return TrackGraph(
            self._tracks, [piece for way in ways for piece in self._by_way.get(way, ())]
        )

    def run_s(self, route: TrackGraph, kind: str, start: Place, end: Place) -> int:
        """Return the estimated seconds from leaving `start` to arriving at `end`."""
        a = start.station
        b = end.station
        straight_m = float(great_circle_m(a.lon, a.lat, b.lon, b.lat))
        max_m = _MAX_DETOUR * straight_m + _DETOUR_M
        # the larger graphs are built when needed
        for method, railways in zip(METHODS, (None, _TRACKS_OF.get(kind, _RAIL), ()), strict=False):
            graph = route if railways is None else self._graph(railways)
            parts = graph.parts(start, end, max_m)
            if parts is not None:
                self.methods[method] += 1
                self.track_m += plain_sum(metres for metres, _ in parts)
                self.straight_m += straight_m
                return self.model.seconds(kind, parts)
        self.methods[METHODS[-1]] += 1
        return self.model.seconds(kind, [(straight_m * self.model.straight_detour, None)])

    def _graph(self, railways: tuple[str, ...]) -> TrackGraph:
        """Return the graph of the main tracks of some kinds, of all tracks for ()."""
        if railways not in self._graphs:
            side = self._tracks.side_ways
            all_pieces = self._tracks.pieces
            main = [p for p in all_pieces if p.railway in railways and p.way_id not in side]
            self._graphs[railways] = TrackGraph(self._tracks, main if railways else all_pieces)
        return self._graphs[railways]
