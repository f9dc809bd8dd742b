"""Graph reduction of a street network: searches visit junctions alone, other nodes follow from the
junctions around.

In Porto Alegre three nodes in four only shape a street or lie on a dead end. Their times are filled
in after the search and equal those of a search over all nodes, to the tick.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from railshed.cells.cell_keys import distinct
from railshed.kernels.dijkstra import SECONDS, Graph
from railshed.kernels.graph_reduction import (
    FAR,
    Attachment,
    Neighbours,
    attach,
    dead_ends,
    find_chains,
)
from railshed.kernels.street_search import BLOCK, Branches, ReducedGraph
from railshed.util.array_types import Ints64, Uints32

#: most nodes of a branch: a search from one of them visits all
LARGEST = 256


@dataclass(frozen=True, slots=True, eq=False)
class ReducedStreets:
    """The reduced network of a mode, in both directions."""

    #: uint32 (n_nodes,) number of each node in the searches
    number: Uints32
    #: along the streets and against them
    forward: ReducedGraph
    backward: ReducedGraph
    #: ticks: no edge, and no path between a node and an end of its branch, takes longer
    longest: int


def reduce_graph(
    n_nodes: int, tail: Ints64, head: Ints64, ticks: Ints64, *, largest: int = LARGEST
) -> ReducedStreets:
    """Return the reduced graph of a directed graph; parallel edges and loops are allowed, `FAR`
    ticks mean no edge.
    """
    places = neighbours_of(n_nodes, tail, head, ticks)
    order, by, size = dead_ends(places, largest)
    junction, street_ptr, street = find_chains(places, by, size, largest)
    attachment, along = attach(places, order, by, street_ptr, street)
    number, branches = _numbers(junction, attachment)
    end = number[attachment.end[branches]]
    tail = number[places.tail]
    head = number[places.node]
    n_junctions = n_nodes - len(branches)
    ptr, next_to = _blocks(n_junctions, end)
    direct = junction[places.tail] & junction[places.node]
    from_branches = ~junction[places.tail]
    first = tail[street[street_ptr[:-1]]]
    last = head[street[street_ptr[1:] - 1]]
    start = np.concatenate([tail[direct], first, last])
    stop = np.concatenate([head[direct], last, first])

    def reduced(there: Ints64, within: Ints64, one_way: Ints64, other_way: Ints64) -> ReducedGraph:
        between = _graph(
            n_junctions, start, stop, np.concatenate([there[direct], one_way, other_way])
        )
        row = np.ascontiguousarray(np.column_stack([end, within[branches]]), dtype=np.uint32)
        out_of_branches = _graph(
            n_nodes, tail[from_branches], head[from_branches], there[from_branches]
        )
        return ReducedGraph(between, out_of_branches, Branches(row, ptr, next_to))

    forward = reduced(places.there, attachment.out, along[:, 0], along[:, 1])
    backward = reduced(places.back, attachment.back, along[:, 1], along[:, 0])
    known = [
        graph.edges[:, SECONDS]
        for way in (forward, backward)
        for graph in (way.between, way.from_branches)
    ]
    known += [within[within < FAR] for within in (attachment.out, attachment.back)]
    longest = max(int(some.max(initial=0)) for some in known)
    return ReducedStreets(number.astype(np.uint32), forward, backward, longest)


def neighbours_of(n_nodes: int, tail: Ints64, head: Ints64, ticks: Ints64) -> Neighbours:
    """Return the neighbours of each node, with the ticks of the shortest edges."""
    proper = tail != head
    tail = tail[proper]
    head = head[proper]
    ticks = ticks[proper]
    pairs = distinct(np.concatenate([tail * n_nodes + head, head * n_nodes + tail]))
    there = np.full(len(pairs), FAR)
    back = np.full(len(pairs), FAR)
    np.minimum.at(there, np.searchsorted(pairs, tail * n_nodes + head), ticks)
    np.minimum.at(back, np.searchsorted(pairs, head * n_nodes + tail), ticks)
    return Neighbours(
        offsets_of(n_nodes, pairs // n_nodes), pairs // n_nodes, pairs % n_nodes, there, back
    )


def _numbers(junction: NDArray[np.bool_], attachment: Attachment) -> tuple[Ints64, Ints64]:
    """Return the numbers of all nodes, and the branch nodes in order: by their first end, then
    along the branch.
    """
    number = np.cumsum(junction) - 1
    branches = np.flatnonzero(~junction)
    branches = branches[
        np.lexsort((attachment.out[branches, 0], number[attachment.end[branches, 0]]))
    ]
    number[branches] = np.arange(len(junction) - len(branches), len(junction))
    return number, branches


def _blocks(n_junctions: int, end: Ints64) -> tuple[Uints32, Uints32]:
    """Return which blocks of branch nodes, by row of `end`, are next to each block of junctions:
    offsets and blocks.
    """
    block = np.repeat(np.arange(len(end)) >> BLOCK, 2)
    pairs = distinct((end.ravel() >> BLOCK) << 32 | block)
    ptr = offsets_of((n_junctions >> BLOCK) + 1, pairs >> 32)
    return ptr.astype(np.uint32), (pairs & 0xFFFFFFFF).astype(np.uint32)


def _graph(n_nodes: int, tail: Ints64, head: Ints64, ticks: Ints64) -> Graph:
    """Return the graph of the shortest of parallel edges, without loops and edges of `FAR`."""
    way = (ticks < FAR) & (tail != head)
    # the heads are below n_nodes
    pair = tail[way] * n_nodes + head[way]
    ticks = ticks[way]
    order = np.lexsort((ticks, pair))
    pair = pair[order]
    ticks = ticks[order]
    first = np.diff(pair, prepend=-1) != 0
    edges = np.ascontiguousarray(
        np.column_stack([pair[first] % n_nodes, ticks[first]]), dtype=np.uint32
    )
    return Graph(offsets_of(n_nodes, pair[first] // n_nodes).astype(np.uint32), edges)


def offsets_of(n_rows: int, row: NDArray[Any]) -> Ints64:
    """Return int64 (n_rows + 1,) offsets of rows into what is sorted by `row`."""
    return np.concatenate([[0], np.cumsum(np.bincount(row, minlength=n_rows))])
