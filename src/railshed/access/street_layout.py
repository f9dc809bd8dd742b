"""A street network laid out for searches: junctions first, and all other nodes hung on the one or two they lie between.

In Porto Alegre three nodes in four only shape a street or lie on a dead end. A search goes over junctions alone, and
the others are filled in where it came. Times are those of a search over all nodes, to the tick.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from railshed.kernels.dijkstra import SECONDS, Graph
from railshed.kernels.graph_reduction import FAR, Hanging, Neighbours, dead_ends, hang, side_streets
from railshed.kernels.street_search import BLOCK, Sides, Ways
from railshed.util.array_types import Ints64, Uints32

#: nodes of a side at most: a search from one looks at all of them
LARGEST = 256


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """The network of a mode as it is searched."""

    #: uint32 (n_nodes,) number of each node in the searches
    number: Uints32
    #: along the streets and against them
    forward: Ways
    backward: Ways
    #: ticks: no edge, and no way between a node and an end of its side, takes longer
    longest: int


def lay_out(n_nodes: int, tail: Ints64, head: Ints64, ticks: Ints64, *, largest: int = LARGEST) -> Layout:
    """Return the layout of a directed graph, parallel edges and loops allowed; `FAR` ticks and more are no way."""
    places = neighbours_of(n_nodes, tail, head, ticks)
    order, by, size = dead_ends(places, largest)
    junction, street_ptr, street = side_streets(places, by, size, largest)
    hanging, along = hang(places, order, by, street_ptr, street)
    number, sides = _numbers(junction, hanging)
    end, tail, head = number[hanging.end[sides]], number[places.tail], number[places.node]
    n_junctions = n_nodes - len(sides)
    ptr, next_to = _blocks(n_junctions, end)
    direct, aside = junction[places.tail] & junction[places.node], ~junction[places.tail]
    first, last = tail[street[street_ptr[:-1]]], head[street[street_ptr[1:] - 1]]
    start, stop = np.concatenate([tail[direct], first, last]), np.concatenate([head[direct], last, first])

    def ways(there: Ints64, within: Ints64, one_way: Ints64, other_way: Ints64) -> Ways:
        between = _graph(n_junctions, start, stop, np.concatenate([there[direct], one_way, other_way]))
        row = np.ascontiguousarray(np.column_stack([end, within[sides]]), dtype=np.uint32)
        return Ways(between, _graph(n_nodes, tail[aside], head[aside], there[aside]), Sides(row, ptr, next_to))

    forward = ways(places.there, hanging.out, along[:, 0], along[:, 1])
    backward = ways(places.back, hanging.back, along[:, 1], along[:, 0])
    known = [graph.edges[:, SECONDS] for way in (forward, backward) for graph in (way.between, way.aside)]
    known += [within[within < FAR] for within in (hanging.out, hanging.back)]
    longest = max(int(some.max(initial=0)) for some in known)
    return Layout(number.astype(np.uint32), forward, backward, longest)


def neighbours_of(n_nodes: int, tail: Ints64, head: Ints64, ticks: Ints64) -> Neighbours:
    """Return who is next to whom, with the ticks of the shortest edges."""
    proper = tail != head
    tail, head, ticks = tail[proper], head[proper], ticks[proper]
    pairs = _distinct(np.concatenate([tail * n_nodes + head, head * n_nodes + tail]))
    there, back = np.full(len(pairs), FAR), np.full(len(pairs), FAR)
    np.minimum.at(there, np.searchsorted(pairs, tail * n_nodes + head), ticks)
    np.minimum.at(back, np.searchsorted(pairs, head * n_nodes + tail), ticks)
    return Neighbours(_offsets(n_nodes, pairs // n_nodes), pairs // n_nodes, pairs % n_nodes, there, back)


def _numbers(junction: NDArray[np.bool_], hanging: Hanging) -> tuple[Ints64, Ints64]:
    """Return the numbers of all nodes, and the side nodes in this order: by their first end, then along the side."""
    number = np.cumsum(junction) - 1
    sides = np.flatnonzero(~junction)
    sides = sides[np.lexsort((hanging.out[sides, 0], number[hanging.end[sides, 0]]))]
    number[sides] = np.arange(len(junction) - len(sides), len(junction))
    return number, sides


def _blocks(n_junctions: int, end: Ints64) -> tuple[Uints32, Uints32]:
    """Return which blocks of side nodes, by row of `end`, are next to each block of junctions: offsets and blocks."""
    block = np.repeat(np.arange(len(end)) >> BLOCK, 2)
    pairs = _distinct((end.ravel() >> BLOCK) << 32 | block)
    ptr = _offsets((n_junctions >> BLOCK) + 1, pairs >> 32)
    return ptr.astype(np.uint32), (pairs & 0xFFFFFFFF).astype(np.uint32)


def _graph(n_nodes: int, tail: Ints64, head: Ints64, ticks: Ints64) -> Graph:
    """Return the shortest of parallel edges, without loops and without what is no way."""
    way = (ticks < FAR) & (tail != head)
    pair, ticks = tail[way] * n_nodes + head[way], ticks[way]  # the heads are below n_nodes
    order = np.lexsort((ticks, pair))
    pair, ticks = pair[order], ticks[order]
    first = _firsts(pair)
    edges = np.ascontiguousarray(np.column_stack([pair[first] % n_nodes, ticks[first]]), dtype=np.uint32)
    return Graph(_offsets(n_nodes, pair[first] // n_nodes).astype(np.uint32), edges)


def _distinct(values: Ints64) -> Ints64:
    """Return the values in order, each once; several times as fast as `numpy.unique` on millions."""
    in_order = np.sort(values)
    return in_order[_firsts(in_order)]


def _firsts(in_order: Ints64) -> NDArray[np.bool_]:
    first = np.ones(len(in_order), dtype=bool)
    first[1:] = in_order[1:] != in_order[:-1]
    return first


def _offsets(n_rows: int, row: Ints64) -> Ints64:
    return np.concatenate([[0], np.cumsum(np.bincount(row, minlength=n_rows))])
