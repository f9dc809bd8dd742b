"""The kernels of streets against scipy, networkx and plain loops: wide buckets, full queues, parts,
nearest nodes.
"""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from railshed.access.street_graph import _bins
from railshed.kernels.dijkstra import NONE, Graph, paths_to_all, ring_size, search
from railshed.kernels.street_search import (
    Bins,
    Branches,
    Frame,
    ReducedGraph,
    Room,
    Targets,
    components,
    nearest_nodes,
    reach_targets,
)

pytestmark = pytest.mark.kernels

Edge = tuple[int, int, int]
COSTS = st.sampled_from((0, 0, 1, 2, 7, 31, 32, 33, 500))


@st.composite
def graphs(draw: st.DrawFn) -> tuple[int, list[Edge]]:
    """Graphs with edges of no time, loops, parallel edges and nodes that nothing reaches."""
    n_nodes = draw(st.integers(1, 12))
    nodes = st.integers(0, n_nodes - 1)
    return n_nodes, draw(st.lists(st.tuples(nodes, nodes, COSTS), max_size=40))


def graph_of(n_nodes: int, edges: list[Edge]) -> Graph:
    rows = sorted(edges)
    ptr = np.zeros(n_nodes + 1, np.uint32)
    for tail, _, _ in rows:
        ptr[tail + 1 :] += np.uint32(1)
    return Graph(ptr, np.array([row[1:] for row in rows], np.uint32).reshape(-1, 2))


def without_branches(graph: Graph) -> ReducedGraph:
    """The graph, every node a junction; test_streetsides has the others."""
    nothing = Graph(np.zeros(len(graph.ptr), np.uint32), np.empty((0, 2), np.uint32))
    branches = Branches(np.empty((0, 4), np.uint32), np.zeros(2, np.uint32), np.empty(0, np.uint32))
    return ReducedGraph(graph, nothing, branches)


def shortest(n_nodes: int, edges: list[Edge], sources: dict[int, int]) -> list[float]:
    """Times of scipy from the nearest source, which are joined to one node more."""
    best: dict[Edge | tuple[int, int], int] = {}
    for tail, head, cost in [*edges, *((n_nodes, node, own) for node, own in sources.items())]:
        best[tail, head] = min(cost, best.get((tail, head), cost))
    ends = np.array(list(best), int).reshape(-1, 2)
    matrix = csr_matrix(
        (np.array(list(best.values()), float), (ends[:, 0], ends[:, 1])), shape=(n_nodes + 1,) * 2
    )
    return dijkstra(matrix, indices=n_nodes)[:n_nodes].tolist()


def run(
    graph: Graph, sources: dict[int, int], limit: int, shift: int, spare: int = 0
) -> tuple[list[int], list[int]]:
    """Labels and reached nodes of a search; the queue has room for `spare` entries fewer than it is
    promised.
    """
    n_nodes = len(graph.ptr) - 1
    longest = max([0, *graph.edges[:, 1].tolist(), *sources.values()])
    bucket = np.full(ring_size(min(longest, limit), np.uint32(shift)), NONE, np.uint32)
    label = np.full(n_nodes, limit + 1, np.uint32)
    queue = np.empty((n_nodes + len(graph.edges) + len(sources) + 1 - spare, 2), np.uint32)
    places, own = (np.array(list(v), np.uint32) for v in (sources, sources.values()))
    n = search(
        graph,
        places,
        own,
        np.uint32(limit),
        np.uint32(shift),
        bucket,
        queue,
        label,
        np.empty(0, np.uint32),
    )
    assert (bucket == NONE).all()
    return label.tolist(), sorted(set(queue[:n, 0].tolist()))


@settings(max_examples=100, deadline=None)
@given(graphs(), st.data())
def test_buckets_of_any_width_give_the_shortest_times(made, data):
    """From several sources with times of their own, for limits on and between distances, buckets 1
    to 1,024 wide.
    """
    n_nodes, edges = made
    sources = data.draw(
        st.dictionaries(st.integers(0, n_nodes - 1), st.sampled_from((0, 3, 40, 1200)), max_size=3)
    )
    expected = shortest(n_nodes, edges, sources)
    known = sorted(int(t) for t in expected if np.isfinite(t))
    limit = data.draw(st.sampled_from([0, 35, 2000, *known]))
    graph = graph_of(n_nodes, edges)
    for shift in (0, 1, 5, 10):
        label, reached = run(graph, sources, limit, shift)
        assert label == [int(t) if t <= limit else limit + 1 for t in expected]
        assert reached == [node for node, t in enumerate(expected) if t <= limit]


def ladder(n: int) -> list[Edge]:
    """Chords that are bettered again and again by one long chain: each node is scanned many times
    in a wide bucket.
    """
    chain = [(k, k + 1, 1) for k in range(n - 1)]
    return [*chain, *((k, head, 3 * (head - k)) for k in range(n - 1) for head in range(k + 2, n))]


@pytest.mark.parametrize("n", [6, 12, 20])
def test_a_full_queue_is_made_anew(n):
    """A queue with room for the nodes and the edges of one node alone still gives the shortest
    times.
    """
    edges = ladder(n)
    graph = graph_of(n, edges)
    most = max(np.diff(graph.ptr.astype(int)))
    spare = len(graph.edges) + 2 - int(most)
    for shift in (0, 3, 10):
        label, reached = run(graph, {0: 0}, 10_000, shift, spare)
        assert label == list(range(n))
        assert reached == list(range(n))


def test_paths_are_those_of_the_times():
    """0 -5-> 1 -0-> 2: the edges by which 1 and 2 are reached, none for the source and for 3."""
    graph = graph_of(4, [(0, 1, 5), (1, 2, 0), (0, 2, 6), (3, 0, 1)])
    seconds, came_by = paths_to_all(graph, np.zeros(1, np.uint32), np.zeros(1, np.uint32), 100)
    assert seconds.tolist() == [0, 5, 5, 2**31 - 1]
    assert came_by.tolist() == [NONE, 0, 2, NONE]


@pytest.mark.parametrize(
    ("longest", "shift", "size"), [(0, 0, 2), (1, 0, 4), (2, 0, 4), (3, 0, 8), (100, 5, 8)]
)
def test_rings_are_powers_of_two_that_hold_the_longest_edge(longest, shift, size):
    """longest >> shift buckets ahead, the present one, and one more, rounded up."""
    assert ring_size(longest, np.uint32(shift)) == size


@settings(max_examples=50, deadline=None)
@given(graphs())
def test_parts_are_those_of_networkx(made):
    n_nodes, edges = made
    theirs = nx.Graph()
    theirs.add_nodes_from(range(n_nodes))
    theirs.add_edges_from(edge[:2] for edge in edges)
    expected = {node: min(part) for part in nx.connected_components(theirs) for node in part}
    tail, head = (np.array([edge[k] for edge in edges], np.uint32) for k in (0, 1))
    assert components(n_nodes, tail, head).tolist() == [expected[node] for node in range(n_nodes)]


def bins_of(
    points: list[tuple[int, int]], n_columns: int, n_rows: int, side: float
) -> tuple[Bins, Frame]:
    """Points in units of a tenth of a bin, on the equator."""
    place = [min(y // 10, n_rows - 1) * n_columns + min(x // 10, n_columns - 1) for x, y in points]
    order = sorted(range(len(points)), key=lambda k: (place[k], k))
    ptr = np.zeros(n_columns * n_rows + 1, np.uint32)
    for k in place:
        ptr[k + 1 :] += np.uint32(1)
    lon, lat = (np.array([points[k][axis] for k in order], float) * side / 10 for axis in (0, 1))
    frame = Frame(0.0, 0.0, side, side, n_columns, n_rows, side * 111_195, 111_195.0)
    return Bins(ptr, np.array(order, np.uint32), lon, lat), frame


SPOTS = st.tuples(st.integers(0, 59), st.integers(0, 39))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(SPOTS, max_size=12),
    st.lists(st.tuples(st.integers(-60, 120), st.integers(-60, 100)), max_size=6),
)
def test_nearest_nodes_are_those_of_a_plain_loop(points, asked):
    """Inside, outside and far from the bins, with ties (the lowest node), for several distances."""
    side = 0.001
    bins, frame = bins_of(points, 6, 4, side)
    lon, lat = (np.array([spot[axis] for spot in asked], float) * side / 10 for axis in (0, 1))
    for max_m in (0.0, 60.0, 250.0, 700.0):
        found, metres = nearest_nodes(bins, frame, lon, lat, max_m)
        for k, (x, y) in enumerate(asked):
            squares = [(px - x) ** 2 + (py - y) ** 2 for px, py in points]
            best = min(squares, default=np.inf)
            distance = best**0.5 * side / 10 * 111_195
            if abs(distance - max_m) < 1e-6 and max_m:
                continue  # on the edge, where rounding decides
            if distance > max_m:
                assert found[k] == -1
                assert np.isnan(metres[k])
                continue
            assert metres[k] == pytest.approx(distance, abs=1e-3)
            near = [node for node, square in enumerate(squares) if square < best + 1e-9]
            assert found[k] in near


@pytest.mark.parametrize("north", [-70.0, 0.0, 45.0, 70.0])
def test_nearest_nodes_at_any_latitude(north):
    """The nodes and metres of a plain loop with the same flat metres, for points among the nodes
    and 60 km around.
    """
    rng = np.random.default_rng(7)
    lon, lat = rng.uniform(10, 10.4, 60), rng.uniform(north, north + 0.3, 60)
    bins, frame = _bins(lon, lat, np.arange(60), 1_500.0)
    x, y = rng.uniform(9.5, 10.9, 200), rng.uniform(north - 0.5, north + 0.8, 200)
    found, metres = nearest_nodes(bins, frame, x, y, 200_000.0)
    for k in range(200):
        shrink = np.cos(np.radians(y[k])) - np.sin(np.radians(y[k])) * np.radians(lat - y[k]) / 2
        far = np.hypot((lat - y[k]) * frame.degree_m, (lon - x[k]) * frame.degree_m * shrink)
        assert found[k] == np.argmin(far)
        assert metres[k] == pytest.approx(far.min(), abs=1e-6)


def test_the_lowest_of_equally_near_nodes_counts():
    """A point between four nodes of one place each, and nodes of the same place; points that are
    none find nothing.
    """
    bins, frame = bins_of([(30, 20), (10, 20), (10, 20), (20, 10), (20, 30)], 6, 4, 0.001)
    found, metres = nearest_nodes(
        bins, frame, np.array([0.002, np.nan]), np.array([0.002, 0.0]), 500.0
    )
    assert found[1] == -1
    assert metres[0] == pytest.approx(111.195, abs=1e-6)
    exact = nearest_nodes(bins, frame, np.array([0.001]), np.array([0.002]), 500.0)
    assert (exact[0].tolist(), exact[1].tolist()) == ([1], [0.0])


@settings(max_examples=150, deadline=None)
@given(graphs(), st.data())
def test_targets_within_the_limit(made, data):
    """Each target at its node's time and its own, where the sum is within the limit; then a clean
    room.
    """
    n_nodes, edges = made
    ways, limit = (
        without_branches(graph_of(n_nodes, edges)),
        data.draw(st.sampled_from((0, 40, 600))),
    )
    targets = data.draw(
        st.lists(st.tuples(st.integers(0, n_nodes - 1), st.sampled_from((0, 5, 90))), max_size=8)
    )
    order = sorted(range(len(targets)), key=lambda k: (targets[k][0], k))
    ptr = np.zeros(n_nodes + 1, np.uint32)
    for node, _ in targets:
        ptr[node + 1 :] += np.uint32(1)
    columns = np.array(targets, np.uint32).reshape(-1, 2)
    mine = Targets(ptr, np.array(order, np.uint32), columns[:, 0].copy(), columns[:, 1].copy())
    room = Room(
        np.full(ring_size(500, np.uint32(4)), NONE, np.uint32),
        np.empty((n_nodes + len(edges) + 2, 2), np.uint32),
        np.full(n_nodes, limit + 1, np.uint32),
        np.empty(len(targets), np.uint64),
    )
    for source in range(min(n_nodes, 3)):
        times = shortest(n_nodes, edges, {source: 0})
        expected = {
            k: times[node] + own
            for k, (node, own) in enumerate(targets)
            if times[node] + own <= limit
        }
        place = np.array([source], np.uint32)
        n, in_order = reach_targets(
            ways, place, np.zeros(1, np.uint32), np.uint32(limit), np.uint32(4), room, mine
        )
        assert not in_order or sorted(room.found[:n].tolist()) == room.found[:n].tolist()
        found = {int(x) >> 32: int(x) & 0xFFFFFFFF for x in room.found[:n]}
        assert found == expected
        assert n == len(found)
        assert (room.label == limit + 1).all()


@pytest.mark.parametrize(("n_targets", "in_order"), [(3, True), (40, False)])
def test_nodes_that_were_bettered_are_found_once(n_targets, in_order):
    """0 -10-> 1 and 0 -1-> 2 -1-> 1: node 1 is queued twice; few targets are asked in turn, many at
    their nodes.
    """
    graph = graph_of(4, [(0, 1, 10), (0, 2, 1), (2, 1, 1)])
    node_of = np.full(n_targets, 3, np.uint32)
    node_of[:3] = (1, 0, 2)
    order = np.argsort(node_of, kind="stable").astype(np.uint32)
    ptr = np.searchsorted(node_of[order], np.arange(5)).astype(np.uint32)
    room = Room(
        np.full(16, NONE, np.uint32),
        np.empty((9, 2), np.uint32),
        np.full(4, 101, np.uint32),
        np.empty(n_targets, np.uint64),
    )
    zero = np.zeros(1, np.uint32)
    own = np.full(n_targets, 5, np.uint32)
    n, ordered = reach_targets(
        without_branches(graph),
        zero,
        zero,
        np.uint32(100),
        np.uint32(0),
        room,
        Targets(ptr, order, node_of, own),
    )
    assert sorted((int(x) >> 32, int(x) & 0xFFFFFFFF) for x in room.found[:n]) == [
        (0, 7),
        (1, 5),
        (2, 6),
    ]
    assert ordered == in_order
