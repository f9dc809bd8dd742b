"""Streets as arrays: which nodes are connected, which node is nearest, and what a search has
reached.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from railshed.kernels.dijkstra import NODE, Graph, search
from railshed.kernels.jit import kernel
from railshed.kernels.types import U32

#: a block of junctions or of branch nodes is 2**BLOCK of them
BLOCK = 6


class Bins(NamedTuple):
    """Nodes by rectangular bins of degrees; row 0 is the south."""

    #: uint32 (n_rows * n_columns + 1,) offsets of the nodes of a bin, row by row
    ptr: U32
    #: uint32 (n,) node, and float64 (n,) its degrees, bin by bin, within a bin by node
    node: U32
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]


class Frame(NamedTuple):
    """Position and size of the bins."""

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


class Branches(NamedTuple):
    """The nodes that a search leaves out and fills in afterwards, see `graph_reduction`."""

    #: uint32 (n_branch_nodes, 4): ends of the branch, times from them within it, FAR if none
    row: U32
    #: uint32 (n_blocks + 1,) offsets of the blocks of rows next to a block of junctions, and (n,)
    #: these
    ptr: U32
    next_to: U32


class ReducedGraph(NamedTuple):
    """A reduced network in one direction: junctions have the lowest numbers, branch nodes follow by
    row.
    """

    #: edges between junctions, those along branches included
    between: Graph
    #: edges out of branch nodes; none out of junctions
    from_branches: Graph
    branches: Branches


class Targets(NamedTuple):
    """Places to be reached, by the node at which they join the graph."""

    #: uint32 (n_nodes + 1,) offsets of the targets at a node
    ptr: U32
    #: uint32 (n_snapped,) target, ascending at each node
    target: U32
    #: uint32 (n_targets,) node, 0 where there is none; own units of time, more than any limit where
    #: there is no node
    node_of: U32
    own: U32


class Room(NamedTuple):
    """The memory of one thread, clean between two searches of the same limit."""

    #: as in `reach`
    bucket: U32
    queue: U32
    label: U32
    #: uint64 (n_targets,) what was found: target << 32 | units of time
    found: NDArray[np.uint64]


@kernel
def components(n_nodes, tail, head):
    """Return uint32 (n_nodes,): the lowest node of each node's part of the graph, edges taken both
    ways.

    tail, head uint32 (n_edges,). Union by lowest node, paths halved on the way.
    """
    part = np.arange(n_nodes).astype(np.uint32)
    for k in range(len(tail)):
        a = tail[k]
        b = head[k]
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
    """Return int64 (n,) nearest nodes, -1 where farther than `max_m`, and float64 (n,) metres to
    them, NaN there.

    Bins are searched ring by ring, from the first that meets the frame, until no farther ring can
    have a nearer node; a bin that lies farther than the best node, by a square metre for rounding,
    is not opened. Of equal distances the lowest node counts. Metres are flat, with the cosine at
    the middle latitude: within a millimetre of the sphere at 500 m.
    """
    ptr, nodes, node_lon, node_lat = bins
    west, south, width, height, n_columns, n_rows, side_m, degree_m = frame
    found = np.full(len(lon), -1)
    metres = np.full(len(lon), np.nan)
    n_rings = int(max_m / side_m) + 2
    for k in range(len(lon)):
        x = (lon[k] - west) / width
        y = (lat[k] - south) / height
        if not (-n_rings <= x <= n_columns + n_rings and -n_rings <= y <= n_rows + n_rings):
            continue
        column = int(np.floor(x))
        row = int(np.floor(y))
        cosine = np.cos(np.radians(lat[k]))
        sine = np.sin(np.radians(lat[k]))
        best = max_m * max_m
        best_node = -1
        for ring in range(max(0, -column, column - n_columns + 1, -row, row - n_rows + 1), n_rings):
            within = max(0.0, (ring - 1) * side_m * 0.99)
            if within * within > best:
                break
            for r in range(max(0, row - ring), min(n_rows, row + ring + 1)):
                low = south + r * height - lat[k]  # of the bin, as `north` of its nodes
                narrow = cosine - max(sine * np.radians(low), sine * np.radians(low + height)) / 2
                away = (max(0.0, r - y, y - r - 1) * height * degree_m) ** 2
                step = 1 if abs(r - row) == ring else max(1, 2 * ring)
                for c in range(column - ring, column + ring + 1, step):
                    aside = max(0.0, c - x, x - c - 1) * width * degree_m * max(0.0, narrow)
                    if not 0 <= c < n_columns or away + aside * aside > best + 1:
                        continue
                    for i in range(ptr[r * n_columns + c], ptr[r * n_columns + c + 1]):
                        north = node_lat[i] - lat[k]
                        shrink = cosine - sine * np.radians(north) / 2
                        square = (north * degree_m) ** 2 + (
                            (node_lon[i] - lon[k]) * degree_m * shrink
                        ) ** 2
                        nearer = square < best or (
                            square == best and (best_node < 0 or nodes[i] < best_node)
                        )
                        if nearer:
                            best = square
                            best_node = np.int64(nodes[i])
        if best_node >= 0:
            found[k] = best_node
            metres[k] = np.sqrt(best)
    return found, metres


@kernel
def reach(graph, source, source_s, limit, shift, bucket, queue, label):
    """Return how many entries of `queue` name the nodes within the limit, some of them more than
    once; fill `label`.

    Arguments and conditions as `dijkstra.search`, on the whole network; the queue has room for the
    nodes, the edges out of branch nodes or those between junctions, the sources, and one. First the
    paths within the branches of the sources, then those between junctions, then from the junctions
    into their branches.
    """
    between, from_branches, branches = graph
    n_junctions = np.uint32(len(between.ptr) - 1)
    n_nodes = np.uint32(len(label))
    one = np.uint32(1)
    unreached = limit + np.uint32(1)
    nothing = np.empty(0, np.uint32)
    n_named = search(
        graph=from_branches,
        sources=source,
        source_s=source_s,
        limit=limit,
        shift=shift,
        bucket=bucket,
        queue=queue,
        label=label,
        came_by=nothing,
    )
    near = np.empty(n_named, np.uint32)
    near_s = np.empty(n_named, np.uint32)
    n_ends = np.uint32(0)  # junctions from the left, branch nodes from the right
    first = np.uint32(n_named)
    for k in range(n_named):
        node = queue[k, NODE]
        time = label[node]
        label[node] = unreached
        if time == unreached:  # named before
            continue
        if node < n_junctions:
            near[n_ends] = node
            near_s[n_ends] = time
            n_ends += one
        else:
            first -= one
            near[first] = node
            near_s[first] = time
    room = queue[: np.uint32(len(queue) - 1) - (n_nodes - n_junctions)]
    n_entries = search(
        graph=between,
        sources=near[:n_ends],
        source_s=near_s[:n_ends],
        limit=limit,
        shift=shift,
        bucket=bucket,
        queue=room,
        label=label,
        came_by=nothing,
    )
    for k in range(first, np.uint32(n_named)):
        label[near[k]] = near_s[k]
    return fill_branches(branches, near[first:], queue, n_entries, label, limit)


@kernel
def fill_branches(branches, near, queue, n_entries, label, limit):
    """Return how many entries of `queue` name what is within the limit, once `label` is filled for
    branch nodes too.

    The first `n_entries` name the junctions, whose labels are final; near uint32 (n,) branch nodes
    with the time of the shortest path that stays within their branch. Every other path to a branch
    node comes from an end last, so the least of the three is the shortest; a node with neither a
    reached end nor a source in its branch is not reached. Branch nodes are filled by blocks: those
    with a node of `near`, and those next to a block with a reached junction.
    """
    row, ptr, next_to = branches
    n_branch_nodes = np.uint32(len(row))
    n_junctions = np.uint32(len(label) - len(row))
    block = np.uint32(BLOCK)
    one = np.uint32(1)
    top = np.uint32(n_entries)
    is_visited = np.zeros(len(ptr), np.uint8)
    is_queued = np.zeros((len(row) >> BLOCK) + 1, np.uint8)
    blocks = np.empty(len(is_queued), np.uint32)
    n_blocks = np.uint32(0)
    for k in range(np.uint32(len(near))):
        one_of = (near[k] - n_junctions) >> block
        if not is_queued[one_of]:
            is_queued[one_of] = 1
            blocks[n_blocks] = one_of
            n_blocks += one
    for k in range(np.uint32(n_entries)):
        here = queue[k, NODE] >> block
        if not is_visited[here]:
            is_visited[here] = 1
            for i in range(ptr[here], ptr[here + one]):
                one_of = next_to[i]
                if not is_queued[one_of]:
                    is_queued[one_of] = 1
                    blocks[n_blocks] = one_of
                    n_blocks += one
    for k in range(n_blocks):
        first = blocks[k] << block
        for k_row in range(first, min(n_branch_nodes, first + (one << block))):
            node = n_junctions + k_row
            one_way = label[row[k_row, 0]] + row[k_row, 2]
            other_way = label[row[k_row, 1]] + row[k_row, 3]
            time = min(label[node], min(one_way, other_way))
            label[node] = time
            queue[top, NODE] = node
            top += np.uint32(time <= limit)
    return top


@kernel
def reach_targets(graph, source, source_s, limit, shift, room, targets):
    """Return how many targets are within the limit of the source, and whether by target; they fill
    `room.found`.

    source, source_s uint32 (n,), several of them are one search from the nearest. Where much is
    reached all targets are tested in order, else those at the reached nodes, in no order. The room
    is clean afterwards.
    """
    bucket, queue, label, found = room
    ptr, target, node_of, own = targets
    n_entries = reach(
        graph=graph,
        source=source,
        source_s=source_s,
        limit=limit,
        shift=shift,
        bucket=bucket,
        queue=queue,
        label=label,
    )
    n = 0
    one = np.uint32(1)
    unreached = limit + np.uint32(1)
    half = np.uint64(32)
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
