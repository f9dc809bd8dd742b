"""The rail network as drawn: express legs laid onto the stations that they pass."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from heapq import heappop, heappush
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pyproj
import shapely

if TYPE_CHECKING:
    import geopandas as gpd


def merge_legs(
    places: Mapping[Any, tuple[float, float]],
    trains: Mapping[tuple[Any, Any], float],
    *,
    detour: float = 1.15,
) -> gpd.GeoDataFrame:
    """Return the legs to draw, EPSG:4326, with columns trains (both ways) and geometry.

    A timetable's leg joins two calls in a row, so an express draws a straight line across the stations that
    it passes. Each leg, the longest first, is replaced by the shortest way over other legs where that is at most
    `detour` times as long (up to 0.1 more for the longest), and its trains are added there. A cartographic
    simplification, not a statement about tracks: two parallel lines between the same stations become one.

    Parameters
    ----------
    places
        lon, lat by station.
    trains
        Trains a day by (from, to); the two directions are added. Legs without a place are left out.
    """
    import geopandas as gpd
    import networkx as nx

    graph: Any = nx.Graph()
    for (u, v), count in trains.items():
        if u == v or u not in places or v not in places:
            continue
        if graph.has_edge(u, v):
            graph[u][v]["trains"] += count
        else:
            graph.add_edge(u, v, trains=float(count))
    edges = sorted(graph.edges, key=str)
    lon_lat = np.array([[*places[u], *places[v]] for u, v in edges], dtype=np.float64).reshape(-1, 4)
    metres = pyproj.Geod(ellps="WGS84").inv(*lon_lat.T)[2]
    for (u, v), length in zip(edges, metres, strict=True):
        graph[u][v]["metres"] = float(length)
    for idx in np.argsort(-metres, kind="stable"):
        u, v = edges[idx]
        limit = float(metres[idx]) * (detour + 0.1 * min(1.0, float(metres[idx]) / 150_000)) + 1
        count = graph[u][v]["trains"]
        graph.remove_edge(u, v)
        way = _way(graph, u, v, limit, places)
        if way is None:
            graph.add_edge(u, v, trains=count, metres=float(metres[idx]))
            continue
        for a, b in pairwise(way):
            graph[a][b]["trains"] += count
    merged: list[tuple[Hashable, Hashable, float]] = sorted(graph.edges(data="trains"), key=str)
    lines = [shapely.LineString([places[u], places[v]]) for u, v, _ in merged]
    return gpd.GeoDataFrame({"trains": [count for _, _, count in merged]}, geometry=lines, crs=4326)


def _way(
    graph: Any, u: Hashable, v: Hashable, limit: float, places: Mapping[Any, tuple[float, float]]
) -> list[Hashable] | None:
    """Return the shortest way of at most `limit` metres, None where there is none (A* on straight lines)."""
    adjacency = graph.adj
    to_lon, to_lat = places[v]
    shrink = np.cos(np.radians(to_lat))

    def rest(node: Hashable) -> float:  # a lower bound, 1 % short of the straight line
        lon, lat = places[node]
        return 110_000 * float(np.hypot((lon - to_lon) * shrink * 0.97, lat - to_lat))

    best = {u: 0.0}
    before: dict[Hashable, Hashable] = {}
    queue: list[tuple[float, str, Hashable]] = [(rest(u), str(u), u)]
    while queue:
        estimate, _, node = heappop(queue)
        if node == v:
            way = [v]
            while way[-1] != u:
                way.append(before[way[-1]])
            return way[::-1]
        if estimate > best[node] + rest(node) + 1e-6:
            continue
        for other, edge in adjacency[node].items():
            length = best[node] + edge["metres"]
            if length < best.get(other, np.inf) and length + rest(other) <= limit:
                best[other], before[other] = length, node
                heappush(queue, (length + rest(other), str(other), other))
    return None
