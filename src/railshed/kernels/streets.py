"""Streets as arrays: which nodes hang together, which node is nearest, and what a search has reached."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from railshed.kernels.dijkstra import NODE, search
from railshed.kernels.jit import kernel
from railshed.kernels.types import U32


class Bins(NamedTuple):
    """Nodes by rectangular bins of degrees; row 0 is the south."""

    #: uint32 (n_rows * n_columns + 1,) offsets of the nodes of a bin, row by row
    ptr: U32
    #: uint32 (n,) node, and float64 (n,) its degrees, bin by bin, within a bin by node
    node: U32
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]


class Frame(NamedTuple):
    """Where the bins lie."""

    west: float
    south: float
    #: degrees
    width: float
    height: float
    n_columns: int
    n_rows: int
    #: no side of a bin is shorter
    side_m: float
    #: metres of a degree of latitude
    degree_m: float


class Targets(NamedTuple):
    """Places to be reached, by the node at which they join the graph."""

    #: uint32 (n_nodes + 1,) offsets of the targets at a node
    ptr: U32
    #: uint32 (n_snapped,) target, ascending at each node
    target: U32
    #: uint32 (n_targets,) node, 0 where there is none; own units of time, more than any limit where there is no node
    node_of: U32
    own: U32


class Room(NamedTuple):
    """The memory of one thread, clean between two searches of the same limit."""

    #: as in `dijkstra.search`
    bucket: U32
    queue: U32
    label: U32
    #: uint64 (n_targets,) what was found: target << 32 | units of time
    found: NDArray[np.uint64]


@kernel
def components(n_nodes, tail, head):
    """Return uint32 (n_nodes,): the lowest node of each node's part of the graph, edges taken both ways.

    tail, head uint32 (n_edges,). Union by lowest node, paths halved on the way.
    """
    part = np.arange(n_nodes).astype(np.uint32)
    for k in range(len(tail)):
        a, b = tail[k], head[k]
        while part[a] != a:
            part[a] = part[part[a]]
            a = part[a]
        while part[b] != b:
            part[b] = part[part[b]]
            b = part[b]
        part[max(a, b)] = min(a, b)
    for node in range(n_nodes):
        part[node] = part[part[node]]
    return part


@kernel
def nearest_nodes(bins, frame, lon, lat, max_m):
    """Return int64 (n,) nearest nodes, -1 where farther than `max_m`, and float64 (n,) metres to them, NaN there.

    Bins are searched ring by ring until no farther ring can hold a nearer node; of equal distances the lowest node
    counts. Metres are flat, with the cosine at the middle latitude: within a millimetre of the sphere at 500 m.
    """
    ptr, nodes, node_lon, node_lat = bins
    west, south, width, height, n_columns, n_rows, side_m, degree_m = frame
    found, metres = np.full(len(lon), -1), np.full(len(lon), np.nan)
    n_rings = int(max_m / side_m) + 2
    for k in range(len(lon)):
        x, y = (lon[k] - west) / width, (lat[k] - south) / height
        if not (-n_rings <= x <= n_columns + n_rings and -n_rings <= y <= n_rows + n_rings):
            continue
        column, row = int(np.floor(x)), int(np.floor(y))
        cosine, sine = np.cos(np.radians(lat[k])), np.sin(np.radians(lat[k]))
        best, best_node = max_m * max_m, -1
        for ring in range(n_rings):
            within = max(0.0, (ring - 1) * side_m * 0.99)
            if within * within > best:
                break
            for r in range(max(0, row - ring), min(n_rows, row + ring + 1)):
                step = 1 if abs(r - row) == ring else max(1, 2 * ring)
                for c in range(column - ring, column + ring + 1, step):
                    if not 0 <= c < n_columns:
                        continue
                    for i in range(ptr[r * n_columns + c], ptr[r * n_columns + c + 1]):
                        north = node_lat[i] - lat[k]
                        shrink = cosine - sine * np.radians(north) / 2
                        square = (north * degree_m) ** 2 + ((node_lon[i] - lon[k]) * degree_m * shrink) ** 2
                        nearer = square < best or (square == best and (best_node < 0 or nodes[i] < best_node))
                        if nearer:
                            best, best_node = square, np.int64(nodes[i])
        if best_node >= 0:
            found[k], metres[k] = best_node, np.sqrt(best)
    return found, metres


@kernel
def reach_targets(graph, source, source_s, limit, shift, room, targets):
    """Return how many targets are within the limit of the source, and whether by target; they fill `room.found`.

    source, source_s uint32 (n,), several of them are one search from the nearest. Where much is reached all targets are
    asked in order, else those at the nodes that were reached, in no order: both cost what is found. The room is clean
    afterwards.
    """
    bucket, queue, label, found = room
    ptr, target, node_of, own = targets
    nothing = np.empty(0, np.uint32)
    n_entries = search(graph, source, source_s, limit, shift, bucket, queue, label, nothing)
    n, one, unreached, half = 0, np.uint32(1), limit + np.uint32(1), np.uint64(32)
    in_order = n_entries * 8 > len(node_of)
    if in_order:
        for place in range(np.uint32(len(node_of))):
            total = label[node_of[place]] + own[place]
            if total <= limit:
                found[n] = (np.uint64(place) << half) | np.uint64(total)
                n += 1
    for k in range(n_entries):
        node = queue[k, NODE]
        time = label[node]
        label[node] = unreached
        if in_order or time == unreached:  # named before
            continue
        for i in range(ptr[node], ptr[node + one]):
            place = target[i]
            total = time + own[place]
            if total <= limit:
                found[n] = (np.uint64(place) << half) | np.uint64(total)
                n += 1
    return n, in_order
