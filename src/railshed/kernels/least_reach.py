"""The least seconds to stations over hops and walks, the walks found on the way and not
beforehand.
"""

from math import cos, hypot, radians
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from railshed.kernels.jit import kernel

_NONE = -1


class Places(NamedTuple):
    """Stations by squares of a lattice, so that those around one are in few runs of neighbours."""

    #: int64 (n_stations,) square, row by row and sorted, and the station there
    square: NDArray[np.int64]
    station: NDArray[np.int64]
    #: float64 (n_stations,) degrees, and int64 (n_stations,) square, by station
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    square_of: NDArray[np.int64]


@kernel
def _move(bucket, links, seconds, node, time):
    """Put a node into the bucket of its least seconds, out of that of more."""
    old = seconds[node]
    if old < len(bucket):
        before = links[node, 0]
        after = links[node, 1]
        if before == _NONE:
            bucket[old] = after
        else:
            links[before, 1] = after
        if after != _NONE:
            links[after, 0] = before
    seconds[node] = time
    links[node, 0] = _NONE
    links[node, 1] = bucket[time]
    if bucket[time] != _NONE:
        links[bucket[time], 0] = node
    bucket[time] = node


@kernel
def least_reach(
    graph, places, n_columns, metres_per_degree, reach_m, seconds_per_m, ends, end_s, limit
):
    """Return int64 (n_stations,) least seconds from the nearest of `ends`, `limit` + 1 beyond
    `limit`.

    graph: hops; one walks between any two stations within `reach_m` straight metres, at most the
    edge of a square. ends, end_s int64 (n,): stations, and seconds there. A bucket a second holds
    the stations as a list.
    """
    n = len(places.lon)
    seconds = np.full(n, limit + 1, np.int64)
    links = np.full((n, 2), _NONE, np.int64)
    bucket = np.full(limit + 1, _NONE, np.int64)
    for k in range(len(ends)):
        if end_s[k] < seconds[ends[k]]:
            _move(bucket, links, seconds, ends[k], end_s[k])
    for time in range(limit + 1):
        while bucket[time] != _NONE:
            node = bucket[time]
            bucket[time] = links[node, 1]
            if bucket[time] != _NONE:
                links[bucket[time], 0] = _NONE
            for k in range(graph.ptr[node], graph.ptr[node + 1]):
                head = np.int64(graph.edges[k, 0])
                arrives = time + np.int64(graph.edges[k, 1])
                if arrives < seconds[head]:
                    _move(bucket, links, seconds, head, arrives)
            across = cos(radians(places.lat[node]))
            for row in range(-1, 2):
                first = places.square_of[node] + row * n_columns - 1
                k = np.searchsorted(places.square, first)
                while k < n and places.square[k] <= first + 2:
                    head = places.station[k]
                    k += 1
                    if seconds[head] <= time:
                        continue
                    east = (places.lon[head] - places.lon[node]) * across
                    metres = metres_per_degree * hypot(east, places.lat[head] - places.lat[node])
                    arrives = time + np.int64(metres * seconds_per_m)
                    if metres <= reach_m and arrives < seconds[head]:
                        _move(bucket, links, seconds, head, arrives)
    return seconds
