"""The rail network as drawn: express legs laid onto the stations that they pass."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pyproj
import shapely

if TYPE_CHECKING:
    import geopandas as gpd

#: trains a day below which a leg is drawn along a longer way rather than across the country
_FEW = 20


def merge_legs(
    places: Mapping[Any, tuple[float, float]],
    trains: Mapping[tuple[Any, Any], float],
    *,
    detour: float = 1.15,
) -> gpd.GeoDataFrame:
    """Return the legs to draw, EPSG:4326, with columns trains (both ways) and geometry.

    A timetable's leg joins two calls in a row, so an express draws a straight line across the
    stations that it passes. Each leg, the longest first, is replaced by the shortest way over other
    legs where that is at most `detour` times as long (up to 0.1 more for the longest, 0.25 for few
    trains), and its trains are added there. A cartographic simplification, not a statement about
    tracks: two parallel lines between the same stations become one.

    places: lon, lat by station; trains: trains a day by (from, to), of which the two directions are
    added. Legs without a place are left out.
    """
    import geopandas as gpd
    import networkx as nx

    graph: Any = nx.Graph()
    for (u, v), count in trains.items():
        if u != v and u in places and v in places:
            graph.add_edge(
                u, v, trains=float(count) + graph.get_edge_data(u, v, {"trains": 0.0})["trains"]
            )
    edges = sorted(graph.edges, key=str)
    lon_lat = np.array([[*places[u], *places[v]] for u, v in edges], dtype=np.float64).reshape(
        -1, 4
    )
    metres = pyproj.Geod(ellps="WGS84").inv(*lon_lat.T)[2]
    for (u, v), length in zip(edges, metres, strict=True):
        graph[u][v]["metres"] = float(length)
    for idx in np.argsort(-metres, kind="stable"):
        u, v = edges[idx]
        count = graph[u][v]["trains"]
        longer = 0.1 * min(1.0, float(metres[idx]) / 150_000) + (0.25 if count < _FEW else 0.0)
        limit = float(metres[idx]) * (detour + longer) + 1
        graph.remove_edge(u, v)
        try:
            way: list[Hashable] = nx.single_source_dijkstra(graph, u, v, limit, "metres")[1]
        except nx.NetworkXNoPath:
            graph.add_edge(u, v, trains=count, metres=float(metres[idx]))
            continue
        for a, b in pairwise(way):
            graph[a][b]["trains"] += count
    merged: list[tuple[Hashable, Hashable, float]] = sorted(graph.edges(data="trains"), key=str)
    lines = shapely.linestrings(
        np.array([[places[u], places[v]] for u, v, _ in merged]).reshape(-1, 2, 2)
    )
    return gpd.GeoDataFrame({"trains": [count for _, _, count in merged]}, geometry=lines, crs=4326)
