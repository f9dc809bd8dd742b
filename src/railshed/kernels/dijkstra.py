"""Shortest times on a directed graph, bounded: a ring of buckets (Dial's algorithm) instead of a
heap.

Method: R. B. Dial, "Algorithm 360: shortest-path forest with topological ordering", Comm. ACM 12
(1969). Times are whole numbers (seconds, or parts of them) bounded by the limit, so the queue is
one list of nodes a bucket: no node is ever compared with another, and the work is that of the edges
within the limit. A bucket may be wider than one unit; within it labels are corrected until none
improves, so times are exact whatever the width.
"""

import sys
from typing import NamedTuple

import numpy as np

from railshed.kernels.jit import kernel
from railshed.kernels.types import NEVER, U32

#: columns of `Graph.edges`
HEAD = 0
SECONDS = 1
#: where the head is in an edge that is loaded as one word
HEAD_IS_LOW = sys.byteorder == "little"
#: columns of the queue: what is waiting, the place of the next one in the same bucket
NODE = 0
NEXT = 1
#: "no edge" in `came_by`, "no further entry" in the queue
NONE = 2**32 - 1


class Graph(NamedTuple):
    """A directed graph in compressed rows. Parallel edges, loops and edges of 0 s are allowed."""

    #: uint32 (n_nodes + 1,) offsets of the edges out of a node
    ptr: U32
    #: uint32 (n_edges, 2): head, seconds or other units of time (below 2**31); sorted by tail
    edges: U32


@kernel
def search(graph, sources, source_s, limit, shift, bucket, queue, label, came_by):
    """Return how many entries of `queue` name the nodes within the limit, some of them more than
    once; fill `label`.

    label uint32 (n_nodes,), all limit + 1 before: what is not within the limit keeps it. came_by
    uint32 (n_nodes,), or (0,) where it is not needed. A bucket is 2**shift units wide, shift
    uint32. bucket uint32 (`ring_size`,), all NONE before and after. queue uint32 (n_nodes + n_edges
    + n_sources + 1, 2): a node enters it once for each better label, and stays there: the entries
    say what was reached.

    What counts is how few bytes are touched: an edge is loaded as one word, and only label and
    queue are stored. With wide buckets a node may be scanned again, so the queue may fill: it is
    then packed, each node once, and the buckets are filled again.
    """
    ptr, edges = graph
    words = edges.view(np.uint64).reshape(-1)
    one = np.uint32(1)
    none = np.uint32(NONE)
    half = np.uint64(32)
    marked = np.uint32(2**31)
    mask = np.uint32(len(bucket) - 1)
    room = np.uint32(len(queue))
    with_edges = len(came_by) > 0
    top = np.uint32(0)
    for k in range(len(sources)):
        node = sources[k]
        time = source_s[k]
        if time < label[node]:
            label[node] = time
            place = (time >> shift) & mask
            queue[top, NODE] = node
            queue[top, NEXT] = bucket[place]
            bucket[place] = top
            top += one
    for number in range(np.uint32(0), (limit >> shift) + one):
        here = number & mask
        while bucket[here] != none:  # edges within the bucket fill it again
            entry = bucket[here]
            bucket[here] = none
            while entry != none:
                node = queue[entry, NODE]
                entry = queue[entry, NEXT]
                time = label[node]
                if time >> shift != number:
                    continue
                first = ptr[node]
                end = ptr[node + one]
                if top + (end - first) > room:
                    bucket[:] = none
                    n_packed = np.uint32(0)
                    for k in range(top):
                        node = queue[k, NODE]
                        if label[node] < marked:
                            label[node] |= marked
                            queue[n_packed, NODE] = node
                            n_packed += one
                    top = n_packed
                    for k in range(n_packed):
                        node = queue[k, NODE]
                        label[node] ^= marked
                        if label[node] >> shift >= number:
                            place = (label[node] >> shift) & mask
                            queue[k, NEXT] = bucket[place]
                            bucket[place] = k
                    break
                for k in range(first, end):
                    word = words[k]
                    head = np.uint32(word if HEAD_IS_LOW else word >> half)
                    arrives = np.uint32(time + np.uint32(word >> half if HEAD_IS_LOW else word))
                    if arrives < label[head]:
                        label[head] = arrives
                        if with_edges:
                            came_by[head] = k
                        place = (arrives >> shift) & mask
                        queue[top, NODE] = head
                        queue[top, NEXT] = bucket[place]
                        bucket[place] = top
                        top += one
    return top


@kernel
def ring_size(longest, shift):
    """Return how many buckets `search` needs for a longest edge or latest source: a power
    of two.
    """
    size = 2
    while size < (longest >> shift) + 2:
        size *= 2
    return size


@kernel
def shortest(graph, sources, source_s, limit, came_by):
    """Return the seconds of `one_to_all`; came_by as in `search`."""
    n_nodes = len(graph.ptr) - 1
    seconds = np.full(n_nodes, limit + 1, np.uint32)
    bucket = np.full(ring_size(limit, np.uint32(0)), NONE, np.uint32)
    queue = np.empty((n_nodes + len(graph.edges) + len(sources) + 1, 2), np.uint32)
    search(
        graph=graph,
        sources=sources,
        source_s=source_s,
        limit=np.uint32(limit),
        shift=np.uint32(0),
        bucket=bucket,
        queue=queue,
        label=seconds,
        came_by=came_by,
    )
    for node in range(n_nodes):
        if seconds[node] > limit:
            seconds[node] = NEVER
    return seconds


@kernel
def one_to_all(graph, sources, source_s, limit):
    """Return uint32 (n_nodes,): shortest seconds from the nearest source, NEVER above `limit`
    (inclusive).

    sources uint32 (n,) nodes, source_s uint32 (n,) their own seconds; limit below 2**31, which is
    also the memory of the buckets. Many sources are one search; the reverse graph has the times to
    them.
    """
    return shortest(graph, sources, source_s, limit, np.empty(0, np.uint32))


@kernel
def paths_to_all(graph, sources, source_s, limit):
    """Return (seconds, came_by): as `one_to_all`, and the edge by which each node is reached, NONE
    for others.

    came_by uint32 (n_nodes,) is a forest: following it back ends at a source, also over edges of 0
    s.
    """
    came_by = np.full(len(graph.ptr) - 1, NONE, np.uint32)
    return shortest(graph, sources, source_s, limit, came_by), came_by


@kernel
def many_to_all(graph, source_ptr, sources, source_s, limit):
    """Return uint32 (n_searches, n_nodes): `one_to_all` from each group of sources.

    source_ptr uint32 (n_searches + 1,) offsets of the groups. Serial and without the interpreter
    lock: call it from several threads, each with its share of the groups.
    """
    n_searches = len(source_ptr) - 1
    seconds = np.empty((n_searches, len(graph.ptr) - 1), np.uint32)
    for k in range(n_searches):
        group = slice(source_ptr[k], source_ptr[k + 1])
        seconds[k] = one_to_all(graph, sources[group], source_s[group], limit)
    return seconds
