"""Searches over junctions alone give all nodes the times of scipy on the whole network: streets,
dead ends, circles.
"""

from __future__ import annotations

from itertools import pairwise

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from railshed.access.reduced_streets import ReducedStreets, neighbours_of, reduce_graph
from railshed.access.street_graph import StreetGraph, street_graph
from railshed.access.streets import BIKE, DRIVE, SNAP, WALK, Segments, build_streets
from railshed.kernels.dijkstra import NONE, ring_size
from railshed.kernels.graph_reduction import FAR, attach, dead_ends, find_chains
from railshed.kernels.street_search import ReducedGraph, reach
from railshed.util.units import UNREACHED

pytestmark = pytest.mark.kernels

Edge = tuple[int, int, int]
COSTS = st.sampled_from((0, 0, 1, 2, 7, 32, 500))
ALL = WALK | BIKE | DRIVE | SNAP


@st.composite
def networks(draw: st.DrawFn) -> tuple[int, list[Edge]]:
    """Streets of 0 to 5 nodes between few crossings (also from one to itself), dead ends on any
    node, circles apart.

    Each street goes both ways, one way, or edge by edge as it comes; some edges are doubled; nodes
    are shuffled.
    """
    n = draw(st.integers(1, 4))
    pairs: list[tuple[int, int, str]] = []
    for _ in range(draw(st.integers(0, 6))):
        start, end = draw(st.integers(0, n - 1)), draw(st.integers(0, n - 1))
        length, way = draw(st.integers(0, 5)), draw(st.sampled_from(("both", "one", "any")))
        nodes = [start, *range(n, n + length), end]
        n += length
        pairs += [(a, b, way) for a, b in pairwise(nodes)]
    for _ in range(draw(st.integers(0, 6))):
        pairs.append((draw(st.integers(0, n - 1)), n, draw(st.sampled_from(("both", "any")))))
        n += 1
    circle = draw(st.integers(0, 5))
    pairs += [(n + k, n + (k + 1) % circle, "both") for k in range(circle)]
    n += circle
    number = draw(st.permutations(range(n)))
    edges = []
    for a, b, way in pairs:
        ways = {"both": "fb", "one": "f"}.get(way) or draw(st.sampled_from(("f", "b", "fb", "ffb")))
        for direction in ways:
            tail, head = (a, b) if direction == "f" else (b, a)
            edges.append((number[tail], number[head], draw(COSTS)))
    return n, edges


def columns(edges: list[Edge]) -> tuple[np.ndarray, ...]:
    return tuple(np.array([edge[k] for edge in edges], np.int64) for k in range(3))


def shortest(n_nodes: int, edges: list[Edge], sources: dict[int, int]) -> list[float]:
    """Times of scipy from the nearest source, which are joined to one node more."""
    best: dict[tuple[int, int], int] = {}
    for tail, head, cost in [*edges, *((n_nodes, node, own) for node, own in sources.items())]:
        best[tail, head] = min(cost, best.get((tail, head), cost))
    ends = np.array(list(best), int).reshape(-1, 2)
    matrix = csr_matrix(
        (np.array(list(best.values()), float), (ends[:, 0], ends[:, 1])), shape=(n_nodes + 1,) * 2
    )
    return dijkstra(matrix, indices=n_nodes)[:n_nodes].tolist()


class Search:
    """One room for searches of one limit, as small as `reach` allows."""

    def __init__(
        self,
        streets: ReducedStreets,
        graph: ReducedGraph,
        n_sources: int,
        latest: int,
        limit: int,
        shift: int,
    ) -> None:
        n_nodes = len(streets.number)
        n_edges = max(len(graph.between.edges), len(graph.from_branches.edges))
        self.graph, self.number, self.limit, self.shift = (
            graph,
            streets.number,
            np.uint32(limit),
            np.uint32(shift),
        )
        self.bucket = np.full(
            ring_size(min(streets.longest + latest, limit), self.shift), NONE, np.uint32
        )
        self.label = np.full(n_nodes, limit + 1, np.uint32)
        self.queue = np.empty((n_nodes + n_edges + n_sources + 1, 2), np.uint32)

    def run(self, sources: dict[int, int]) -> tuple[list[int], list[int]]:
        """Return label by node and the nodes that are named, and clean what was named."""
        place, own = (
            self.number[np.array(list(sources), int)],
            np.array(list(sources.values()), np.uint32),
        )
        n = reach(
            self.graph, place, own, self.limit, self.shift, self.bucket, self.queue, self.label
        )
        named = self.queue[:n, 0]
        label = self.label[self.number].tolist()
        self.label[named] = self.limit + np.uint32(1)
        return label, sorted(set(np.argsort(self.number)[named].tolist()))


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(networks(), st.sampled_from((1, 2, 3, 256)), st.data())
def test_labels_are_those_of_scipy(made, largest, data):
    """Sources anywhere with times of their own, both directions, limits on and between distances,
    twice in a room.
    """
    n_nodes, edges = made
    reduced = reduce_graph(n_nodes, *columns(edges), largest=largest)
    draws = st.dictionaries(st.integers(0, n_nodes - 1), st.sampled_from((0, 3, 40)), max_size=3)
    sources = [data.draw(draws), data.draw(draws)]
    for graph, directed in (
        (reduced.forward, edges),
        (reduced.backward, [(b, a, cost) for a, b, cost in edges]),
    ):
        times = [shortest(n_nodes, directed, some) for some in sources]
        known = sorted({int(t) for row in times for t in row if np.isfinite(t)})
        limit = data.draw(st.sampled_from([0, 35, 5000, *known]))
        search = Search(reduced, graph, 3, 40, limit, data.draw(st.sampled_from((0, 4))))
        for some, row in zip(sources, times, strict=True):
            label, named = search.run(some)
            assert label == [int(t) if t <= limit else limit + 1 for t in row]
            assert named == [node for node, t in enumerate(row) if t <= limit]
            assert (search.label == limit + 1).all()


@settings(max_examples=200, deadline=None)
@given(networks(), st.sampled_from((1, 2, 3, 256)))
def test_sides_are_small_trees_between_two_junctions(made, largest):
    """By networkx: a side touches one or two junctions and is a tree of at most `largest` nodes;
    every part has one.
    """
    n_nodes, edges = made
    reduced = reduce_graph(n_nodes, *columns(edges), largest=largest)
    whole = nx.Graph()
    whole.add_nodes_from(range(n_nodes))
    whole.add_edges_from((a, b) for a, b, _ in edges if a != b)
    n_junctions = len(reduced.forward.between.ptr) - 1
    junctions = {node for node in range(n_nodes) if reduced.number[node] < n_junctions}
    assert sorted(reduced.number.tolist()) == list(range(n_nodes))
    assert all(part & junctions for part in nx.connected_components(whole))
    for side in nx.connected_components(whole.subgraph(set(whole) - junctions)):
        assert len(side) <= largest
        assert nx.is_tree(whole.subgraph(side))
        ends = {near for node in side for near in whole[node]} & junctions
        rows = [
            reduced.forward.branches.row[reduced.number[node] - n_junctions, :2] for node in side
        ]
        assert {int(end) for row in rows for end in row} == {
            int(reduced.number[end]) for end in ends
        }
        assert len(ends) in (1, 2)


def two_ways(pairs: list[Edge]) -> list[Edge]:
    return [*pairs, *((b, a, cost) for a, b, cost in pairs)]


def junctions_of(n_nodes: int, edges: list[Edge], largest: int = 256) -> list[int]:
    reduced = reduce_graph(n_nodes, *columns(edges), largest=largest)
    return np.flatnonzero(reduced.number < len(reduced.forward.between.ptr) - 1).tolist()


@pytest.mark.parametrize(
    ("n", "pairs", "largest", "expected"),
    [
        # two crossings with three streets between them, of no, one and two nodes
        (5, [(0, 1, 1), (0, 2, 1), (2, 1, 1), (0, 3, 1), (3, 4, 1), (4, 1, 1)], 256, [0, 1]),
        # a circle alone, and one with a dead end: its junction is the first node, and the dead end
        # hangs on it
        (3, [(0, 1, 1), (1, 2, 1), (2, 0, 1)], 256, [0]),
        (4, [(0, 1, 1), (1, 2, 1), (2, 0, 1), (1, 3, 1)], 256, [0]),
        # a tree: one of its nodes stays
        (4, [(0, 1, 1), (1, 2, 1), (1, 3, 1)], 256, [3]),
        # without neighbours
        (2, [], 256, [0, 1]),
        # a dead end of six nodes, at most three on a junction, itself included
        (6, [(k, k + 1, 1) for k in range(5)], 3, [2, 3]),
        # a circle of seven nodes, at most two on a street: 0, and each third of the others
        (7, [(k, (k + 1) % 7, 1) for k in range(7)], 2, [0, 3, 6]),
    ],
)
def test_junctions_by_hand(n, pairs, largest, expected):
    assert junctions_of(n, two_ways(pairs), largest) == expected


def test_times_within_a_side_by_hand():
    """0 -5- 2 -7-> 3 -1- 1 with a dead end 4 on 2 (10 there, 20 back); on 0 and 1 a circle each.

    From 0 it is 5, 12, 15 to 2, 3, 4; from 1 it is 1 to 3, and no further. Along the street 13, and
    not back.
    """
    pairs = [*two_ways([(0, 2, 5), (3, 1, 1)]), (2, 3, 7), (2, 4, 10), (4, 2, 20)]
    pairs += two_ways([(0, 5, 1), (0, 6, 1), (5, 6, 1), (1, 7, 1), (1, 8, 1), (7, 8, 1)])
    places = neighbours_of(9, *columns(pairs))
    order, by, size = dead_ends(places, 256)
    junction, ptr, street = find_chains(places, by, size, 256)
    assert np.flatnonzero(junction).tolist() == [0, 1]
    attachment, along = attach(places, order, by, ptr, street)
    streets = {
        (int(places.tail[street[a]]), int(places.node[street[b - 1]])): tuple(ticks)
        for a, b, ticks in zip(ptr[:-1], ptr[1:], along.tolist(), strict=True)
    }
    assert streets == {(0, 1): (13, FAR), (0, 0): (3, 3), (1, 1): (3, 3)}
    assert attachment.end[[2, 3, 4]].tolist() == [[0, 1]] * 3
    assert attachment.out[[2, 3, 4]].tolist() == [[5, FAR], [12, 1], [15, FAR]]
    assert attachment.back[[2, 3, 4]].tolist() == [[5, 8], [FAR, 1], [25, 28]]
    assert (
        attachment.end[0].tolist(),
        attachment.out[0].tolist(),
        attachment.back[0].tolist(),
    ) == (
        [0, 0],
        [0, 0],
        [0, 0],
    )


def test_edges_beyond_every_limit_are_no_way():
    """An edge of FAR ticks is none; two that are FAR together are none either, and no sum leaves 32
    bits.
    """
    half = FAR // 2
    reduced = reduce_graph(4, *columns(two_ways([(0, 1, half), (1, 2, half), (2, 3, FAR)])))
    search = Search(reduced, reduced.forward, 1, 0, FAR - 2, 20)
    unreached = FAR - 1
    assert search.run({0: 0})[0] == [0, half, unreached, unreached]
    assert search.run({1: 0})[0] == [half, 0, half, unreached]
    assert search.run({3: 0})[0] == [unreached, unreached, unreached, 0]


def graph_of(n_nodes: int, edges: list[Edge]) -> StreetGraph:
    """Return the edges as streets of as many metres, cut at 100 m as ever, walked at 1 m/s."""
    start, end, metres = columns(edges)
    at, kmh = np.arange(n_nodes), np.full(len(edges), 36.0)
    forth, back = np.full(len(edges), ALL, np.uint8), np.zeros(len(edges), np.uint8)
    lon, lat = (at * 7 % n_nodes) / 500, (at * 3 % n_nodes) / 500
    segments = Segments(
        at + 1, lon, lat, start + 1, end + 1, metres.astype(float), forth, back, kmh, kmh
    )
    return street_graph(build_streets(segments, island_nodes=1), "walk", 3.6)


@settings(max_examples=150, deadline=None)
@given(networks(), st.data())
def test_tables_are_those_of_scipy_to_the_tick(made, data):
    """Sources and targets anywhere, also on one side, in both directions: pairs and ticks of scipy
    on the whole.
    """
    n_nodes, edges = made
    graph = graph_of(n_nodes + 1, [*edges, (0, n_nodes, 10)])
    ptr, edges = graph.forward
    tails = np.repeat(np.arange(graph.n_nodes), np.diff(ptr.astype(int))).tolist()
    whole = [(a, int(b), int(ticks)) for a, (b, ticks) in zip(tails, edges, strict=True)]
    point = st.tuples(st.integers(-1, graph.n_nodes - 1), st.sampled_from((0.0, 3.0, 17.25)))
    sources, targets = (
        data.draw(st.lists(point, max_size=4)),
        data.draw(st.lists(point, max_size=30)),
    )
    limit = data.draw(st.sampled_from((0, 1, 20, 600)))
    asked = [
        (np.array([p[0] for p in points], np.int64), np.array([p[1] for p in points]))
        for points in (sources, targets)
    ]
    for towards in (False, True):
        directed = [(b, a, ticks) for a, b, ticks in whole] if towards else whole
        origin, target, ticks = graph.ticks(*asked, limit, towards_sources=towards, n_threads=2)
        best = [np.inf] * len(targets)
        for k, (node, own) in enumerate(sources):
            times = (
                shortest(graph.n_nodes, directed, {node: 0})
                if node >= 0
                else [np.inf] * graph.n_nodes
            )
            totals = [
                own * 1e4 + times[at] + theirs * 1e4 if at >= 0 else np.inf
                for at, theirs in targets
            ]
            expected = {j: total for j, total in enumerate(totals) if total <= limit * 10_000 + 10}
            row = origin == k
            assert dict(zip(target[row].tolist(), ticks[row].tolist(), strict=True)) == expected
            assert target[row].tolist() == sorted(expected)
            best = [min(b, expected.get(j, np.inf)) for j, b in enumerate(best)]
        nearest = graph.nearest(*asked, limit, towards_sources=towards)
        assert nearest.tolist() == [
            UNREACHED if b == np.inf else max(0, -(-int(b - 10) // 10_000)) for b in best
        ]
