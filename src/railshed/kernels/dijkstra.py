"""Shortest seconds on a directed graph, bounded: a bucket a second (Dial's algorithm) instead of a heap.

Method: R. B. Dial, "Algorithm 360: shortest-path forest with topological ordering", Comm. ACM 12 (1969). Seconds are
whole and bounded by the limit, so the queue is one list of nodes a second: no node is ever compared with another, and
the work is that of the edges within the limit.
"""

from typing import NamedTuple

import numpy as np

from railshed.kernels.jit import kernel
from railshed.kernels.types import NEVER, U32

#: columns of `Graph.edges`
HEAD, SECONDS = 0, 1
#: columns of the queue: what is waiting, the place of the next one in the same bucket
NODE, NEXT = 0, 1
#: "no edge" in `came_by`, "no further entry" in the queue
NONE = 2**32 - 1


class Graph(NamedTuple):
    """A directed graph in compressed rows. Parallel edges, loops and edges of 0 s are allowed."""

    #: uint32 (n_nodes + 1,) offsets of the edges out of a node
    ptr: U32
    #: uint32 (n_edges, 2): head, seconds (below 2**31); sorted by tail
    edges: U32


@kernel
def search(graph, sources, source_s, limit, bucket, queue, seconds, came_by):
    """Fill `seconds` (all NEVER before) with the shortest seconds from the sources, and `came_by` unless it is empty.

    bucket uint32 (limit + 1,), all NONE before and after; queue uint32 (n_edges + n_sources, 2). A node enters the
    queue once for each better label, which is at most once an edge into it; entries that were bettered are skipped.
    Places in the queue are used again, so that what is touched of it is the frontier and stays in the cache.
    """
    ptr, edges = graph
    one, none = np.uint32(1), np.uint32(NONE)
    with_edges = len(came_by) > 0
    top, free = np.uint32(0), none
    for k in range(len(sources)):
        node, second = sources[k], source_s[k]
        if second <= limit and second < seconds[node]:
            seconds[node] = second
            queue[top, NODE] = node
            queue[top, NEXT] = bucket[second]
            bucket[second] = top
            top += one
    for second in range(np.uint32(0), limit + one):
        while bucket[second] != none:  # edges of 0 s fill the bucket again
            entry = bucket[second]
            bucket[second] = none
            while entry != none:
                node, following = queue[entry, NODE], queue[entry, NEXT]
                queue[entry, NEXT] = free
                free = entry
                entry = following
                if seconds[node] != second:
                    continue
                for k in range(ptr[node], ptr[node + one]):
                    head = edges[k, HEAD]
                    reached = np.uint32(second + edges[k, SECONDS])
                    if reached <= limit and reached < seconds[head]:
                        seconds[head] = reached
                        if with_edges:
                            came_by[head] = k
                        if free != none:
                            place = free
                            free = queue[place, NEXT]
                        else:
                            place = top
                            top += one
                        queue[place, NODE] = head
                        queue[place, NEXT] = bucket[reached]
                        bucket[reached] = place


@kernel
def one_to_all(graph, sources, source_s, limit):
    """Return uint32 (n_nodes,): shortest seconds from the nearest source, NEVER above `limit` (inclusive).

    sources uint32 (n,) nodes, source_s uint32 (n,) their own seconds; limit below 2**31, which is also the memory of
    the buckets. Many sources are one search; the reverse graph answers the way to them.
    """
    seconds = np.full(len(graph.ptr) - 1, NEVER, np.uint32)
    bucket = np.full(limit + 1, NONE, np.uint32)
    queue = np.empty((len(graph.edges) + len(sources), 2), np.uint32)
    search(graph, sources, source_s, np.uint32(limit), bucket, queue, seconds, np.empty(0, np.uint32))
    return seconds


@kernel
def paths_to_all(graph, sources, source_s, limit):
    """Return (seconds, came_by): as `one_to_all`, and the edge by which each node is reached, NONE for others.

    came_by uint32 (n_nodes,) is a forest: following it back ends at a source, also over edges of 0 s.
    """
    n_nodes = len(graph.ptr) - 1
    seconds = np.full(n_nodes, NEVER, np.uint32)
    came_by = np.full(n_nodes, NONE, np.uint32)
    bucket = np.full(limit + 1, NONE, np.uint32)
    queue = np.empty((len(graph.edges) + len(sources), 2), np.uint32)
    search(graph, sources, source_s, np.uint32(limit), bucket, queue, seconds, came_by)
    return seconds, came_by


@kernel
def many_to_all(graph, source_ptr, sources, source_s, limit):
    """Return uint32 (n_searches, n_nodes): `one_to_all` from each group of sources, in one room.

    source_ptr uint32 (n_searches + 1,) offsets of the groups. Serial and without the interpreter lock: call it from as
    many threads as there are cores, each with its share of the groups.
    """
    n_searches = len(source_ptr) - 1
    seconds = np.full((n_searches, len(graph.ptr) - 1), NEVER, np.uint32)
    bucket = np.full(limit + 1, NONE, np.uint32)
    queue = np.empty((len(graph.edges) + len(sources), 2), np.uint32)
    nothing = np.empty(0, np.uint32)
    for k in range(n_searches):
        group = slice(source_ptr[k], source_ptr[k + 1])
        search(graph, sources[group], source_s[group], np.uint32(limit), bucket, queue, seconds[k], nothing)
    return seconds
