"""Streets, many sources at once: up to 64 neighbouring sources in lanes, each node searched once
for most of them.

The shortest paths of neighbours to far places are mostly the same. So one search from the nearest
of the sources gives the order of the nodes, and in that order an edge betters the labels of all
lanes at once, in vector instructions. The order decides how much is searched again, never a time: a
node whose labels improve waits until its edges are followed again.
"""

from typing import NamedTuple

import numpy as np

from railshed.kernels.dijkstra import HEAD_IS_LOW, NODE, NONE, search
from railshed.kernels.jit import kernel
from railshed.kernels.types import U32

#: sources that are searched at a time
LANES = 64
#: in `LaneRoom.after`: waits in no bucket
IDLE = NONE - 1


class LaneRoom(NamedTuple):
    """The memory of one thread for the lanes, clean between two searches."""

    #: uint32 (limit >> shift + 1,) the first node of each bucket, NONE if empty
    bucket: U32
    #: uint32 (n_nodes,) next node of the same bucket, NONE after the last; IDLE for those that wait
    #: in none
    after: U32
    #: uint32 (n_nodes,) row of a node's labels, NONE where it is not reached
    slot: U32
    #: uint32 (at least n_reached,) node of each row
    named: U32
    #: uint32 (at least n_reached, LANES) units of time from each source, limit + 1 where not
    #: reached
    label: U32


@kernel
def lane_starts(graph, source, source_s, limit, shift, room):
    """Return (starts, n_entries, n_rows): where the lanes begin, and how many nodes they reach.

    source, source_s uint32 (n_lanes,). starts uint32 (n, 3): nodes reached within the branch of a
    source, lane, units of time. `room` is that of `reach_targets`, with room for 2 * LANES sources.
    Afterwards its labels are the times of junctions from the nearest source, which `n_entries` of
    its queue name; at most `n_rows` nodes have labels in lanes.
    """
    between, from_branches, _ = graph
    bucket, queue, label, _ = room
    unreached = limit + np.uint32(1)
    nothing = np.empty(0, np.uint32)
    n_nodes = np.uint32(len(label))
    n_junctions = np.uint32(len(between.ptr) - 1)
    starts = np.empty((1024, 3), np.uint32)
    n = 0
    n_ends = 0
    ends = np.empty(2 * LANES, np.uint32)
    ends_s = np.empty(2 * LANES, np.uint32)
    for lane in range(len(source)):
        alone = slice(lane, lane + 1)
        n_named = search(
            graph=from_branches,
            sources=source[alone],
            source_s=source_s[alone],
            limit=limit,
            shift=shift,
            bucket=bucket,
            queue=queue,
            label=label,
            came_by=nothing,
        )
        if n + n_named > len(starts):
            starts = np.concatenate((starts, np.empty((len(starts) + n_named, 3), np.uint32)))
        for k in range(n_named):
            node = queue[k, NODE]
            time = label[node]
            label[node] = unreached
            if time == unreached:  # named before
                continue
            starts[n, 0] = node
            starts[n, 1] = lane
            starts[n, 2] = time
            n += 1
            if node < n_junctions:
                ends[n_ends] = node
                ends_s[n_ends] = time
                n_ends += 1
    free = queue[: np.uint32(len(queue) - 1) - (n_nodes - n_junctions)]
    n_entries = search(
        graph=between,
        sources=ends[:n_ends],
        source_s=ends_s[:n_ends],
        limit=limit,
        shift=shift,
        bucket=bucket,
        queue=free,
        label=label,
        came_by=nothing,
    )
    return starts[:n], n_entries, n_entries + n


@kernel
def fill_lanes(graph, starts, limit, shift, n_entries, first, lanes):
    """Return how many rows of `lanes` hold the times of the nodes reached from `starts`; clean
    `first`.

    first: the room whose labels `lane_starts` has filled. The rows are those of all junctions
    within the limit and of the branch nodes of `starts`.
    """
    between = graph.between
    ptr = between.ptr
    words = between.edges.view(np.uint64).reshape(-1)
    bucket, after, slot, named, label = lanes
    _, queue, order, _ = first
    one = np.uint32(1)
    none = np.uint32(NONE)
    idle = np.uint32(IDLE)
    half = np.uint64(32)
    n = np.uint32(0)
    unreached = np.uint32(limit + np.uint32(1))
    n_junctions = np.uint32(len(ptr) - 1)
    for k in range(len(starts)):
        node = starts[k, 0]
        lane = starts[k, 1]
        time = starts[k, 2]
        if slot[node] == none:
            slot[node], named[n] = n, node
            label[n] = unreached
            n += one
        label[slot[node], lane] = time
        if node < n_junctions and after[node] == idle:
            place = order[node] >> shift
            after[node], bucket[place] = bucket[place], node
    mine = np.empty(LANES, np.uint32)
    for number in range(np.uint32(0), (limit >> shift) + one):
        while bucket[number] != none:
            waiting = bucket[number]
            bucket[number] = none
            while waiting != none:
                node = waiting
                waiting = after[node]
                after[node] = idle
                row = slot[node]
                for j in range(np.uint64(LANES)):
                    mine[j] = label[row, j]
                for k in range(ptr[node], ptr[node + one]):
                    word = words[k]
                    head = np.uint32(word if HEAD_IS_LOW else word >> half)
                    time = np.uint32(word >> half if HEAD_IS_LOW else word)
                    row = slot[head]
                    if row == none:
                        if order[head] == unreached:
                            continue
                        row = n
                        slot[head], named[n] = n, head
                        n += one
                        for j in range(np.uint64(LANES)):
                            label[row, j] = min(np.uint32(mine[j] + time), unreached)
                    else:
                        gain = np.uint32(0)
                        for j in range(np.uint64(LANES)):
                            before = label[row, j]
                            best = min(np.uint32(mine[j] + time), before)
                            label[row, j] = best
                            gain |= best ^ before
                        if gain == 0:
                            continue
                    if after[head] == idle:
                        place = max(order[head] >> shift, number)
                        after[head], bucket[place] = bucket[place], head
    for k in range(n_entries):
        order[queue[k, NODE]] = unreached
    return n


@kernel
def near_targets(graph, targets, limit, slot):
    """Return uint32 (n,): the targets at which a lane may be within the limit, in order."""
    row = graph.branches.row
    node_of = targets.node_of
    own = targets.own
    near = np.empty(len(node_of), np.uint32)
    n = 0
    none = np.uint32(NONE)
    n_junctions = np.uint32(len(graph.between.ptr) - 1)
    for place in range(np.uint32(len(node_of))):
        node = node_of[place]
        known = slot[node] != none
        if node >= n_junctions:
            known |= (
                slot[row[node - n_junctions, 0]] != none or slot[row[node - n_junctions, 1]] != none
            )
        near[n] = place
        n += known and own[place] <= limit
    return near[:n]


@kernel
def write_lanes(graph, targets, near, limit, n_rows, lanes, found):
    """Return int64 (n_lanes,): how many targets each lane has within the limit; write them, and
    clean `lanes`.

    found uint64 (n_lanes, len(near) + 1): target << 32 | units of time, by target. As in
    `fill_branches` the time of a branch node is the least of its own and those by its ends.
    """
    ways = graph.branches.row
    node_of = targets.node_of
    own = targets.own
    _, _, slot, named, label = lanes
    none = np.uint32(NONE)
    half = np.uint64(32)
    unreached = np.uint32(limit + np.uint32(1))
    n_junctions = np.uint32(len(graph.between.ptr) - 1)
    n_near = np.uint64(len(near))
    n_tile = np.uint64(LANES)
    count = np.zeros(len(found), np.int64)
    tile = np.empty((LANES, LANES), np.uint32)
    for start in range(np.uint64(0), n_near, n_tile):
        end = min(n_near, start + n_tile)
        for k in range(start, end):
            node = node_of[near[k]]
            best = tile[k - start]
            row = slot[node]
            for j in range(np.uint64(LANES)):
                best[j] = label[row, j] if row != none else unreached
            if node >= n_junctions:
                for side in range(2):
                    row = slot[ways[node - n_junctions, side]]
                    time = ways[node - n_junctions, side + 2]
                    if row != none:
                        for j in range(np.uint64(LANES)):
                            best[j] = min(best[j], np.uint32(label[row, j] + time))
        for lane in range(np.uint64(len(found))):
            n = np.uint64(count[lane])
            for k in range(start, end):
                total = np.uint32(tile[k - start, lane] + own[near[k]])
                found[lane, n] = (np.uint64(near[k]) << half) | np.uint64(total)
                n += np.uint64(total <= limit)
            count[lane] = n
    for k in range(n_rows):
        slot[named[k]] = none
    return count
