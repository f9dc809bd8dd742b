"""Neighbouring sources searched side by side: every tick of scipy on the whole network, as of each
source alone.
"""

from __future__ import annotations

from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from railshed.access import street_graph as module
from railshed.access.street_graph import TICKS, StreetGraph, street_graph
from railshed.access.streets import BIKE, DRIVE, SNAP, WALK, Streets
from railshed.kernels.dijkstra import NONE
from railshed.kernels.street_lanes import IDLE, LANES
from railshed.util.geodesy import STREET_DEGREE_M
from tests.access.test_reduced_streets import graph_of, networks

pytestmark = pytest.mark.kernels


def exact_ticks(graph: StreetGraph, *, towards: bool) -> np.ndarray:
    """float64 (n_nodes, n_nodes) ticks between all nodes by scipy, in the direction of the
    searches.
    """
    ptr, edges = graph.forward
    tails = np.repeat(np.arange(graph.n_nodes), np.diff(ptr.astype(int))).tolist()
    best: dict[tuple[int, int], int] = {}
    for tail, (head, ticks) in zip(tails, edges.tolist(), strict=True):
        best[tail, head] = min(ticks, best.get((tail, head), ticks))
    ends = np.array(list(best), int)
    if towards:
        ends = ends[:, ::-1]
    matrix = csr_matrix(
        (np.array(list(best.values()), float), (ends[:, 0], ends[:, 1])), shape=(graph.n_nodes,) * 2
    )
    return dijkstra(matrix)


def town(side: int, seed: int) -> Streets:
    """Crossings 150 m apart with a node half way along each street; some streets are missing, some
    one-way.
    """
    rng = np.random.default_rng(seed)
    row, column = np.divmod(np.arange(side * side), side)
    node = np.arange(side * side)
    east, north = node[column < side - 1], node[row < side - 1]
    tail, head = np.concatenate([east, north]), np.concatenate([east + 1, north + side])
    there = rng.random(len(tail)) < 0.75
    tail, head = tail[there], head[there]
    middle = side * side + np.arange(len(tail))
    x, y = (
        np.concatenate([v, (v[tail] + v[head]) / 2]) * 150
        for v in (column + rng.uniform(-0.3, 0.3, len(row)), row)
    )
    ends = np.concatenate([np.column_stack(pair) for pair in ((tail, middle), (middle, head))])
    back = ends[np.tile(rng.random(len(tail)) < 0.9, 2)][:, ::-1]
    ends = np.concatenate([ends, back])
    length, kmh = rng.uniform(60, 90, len(ends)), rng.choice((10.0, 30.0, 60.0), len(ends))
    allowed = np.full(len(ends), WALK | BIKE | DRIVE | SNAP, np.uint8)
    number = np.arange(1, len(x) + 1)
    return Streets(
        x / STREET_DEGREE_M,
        y / STREET_DEGREE_M,
        number,
        ends[:, 0],
        ends[:, 1],
        length,
        allowed,
        kmh,
    )


def check(
    graph: StreetGraph,
    sources: tuple,
    targets: tuple,
    limit_s: int,
    exact: np.ndarray,
    **how: object,
) -> int:
    """Compare all pairs with scipy's and return how many there are."""
    origin, target, ticks = graph.ticks(sources, targets, limit_s, **how)
    nodes, theirs = (np.asarray(side[0]) for side in (sources, targets))
    own, other = (np.rint(np.asarray(side[1], float) * TICKS) for side in (sources, targets))
    total = own[:, None] + exact[np.ix_(nodes, theirs)] + other
    total[nodes < 0] = np.inf
    total[:, theirs < 0] = np.inf
    one, two = np.nonzero(total <= limit_s * TICKS + 10)
    assert origin.tolist() == one.tolist()
    assert target.tolist() == two.tolist()
    assert ticks.tolist() == total[one, two].tolist()
    return len(one)


@settings(max_examples=150, deadline=None)
@given(networks(), st.data())
def test_lanes_are_those_of_scipy_to_the_tick(made, data):
    """Up to three rounds of lanes from anywhere, in one branch or apart, in both directions, on
    unkind networks.
    """
    n_nodes, edges = made
    graph = graph_of(n_nodes + 1, [*edges, (0, n_nodes, 10)])
    point = st.tuples(st.integers(-1, graph.n_nodes - 1), st.sampled_from((0.0, 3.0, 17.25)))
    n_lanes = data.draw(st.sampled_from((2, 3, 20, 150)))
    drawn = (
        data.draw(st.lists(point, min_size=1, max_size=6)),
        data.draw(st.lists(point, max_size=40)),
    )
    asked = [
        (np.array([p[0] for p in some], np.int64), np.array([p[1] for p in some])) for some in drawn
    ]
    sources = tuple(np.resize(column, n_lanes) for column in asked[0])
    limit = data.draw(st.sampled_from((0, 1, 20, 600)))
    with patch.object(module, "_LEAST_LANES", 2), patch.object(module, "_NEAR", np.inf):
        for towards in (False, True):
            exact = exact_ticks(graph, towards=towards)
            check(graph, sources, asked[1], limit, exact, towards_sources=towards, n_threads=2)


#: ways within a branch that are found, then found shorter
TWICE = [
    (4, 1, 42),
    (1, 4, 42),
    (6, 8, 10),
    (8, 6, 41),
    (7, 6, 27),
    (6, 7, 81),
    (5, 6, 12),
    (6, 5, 63),
    (1, 3, 74),
    (3, 1, 74),
    (1, 3, 33),
    (3, 1, 37),
    (4, 2, 80),
    (2, 4, 3),
    (3, 8, 74),
    (8, 3, 2),
    (4, 2, 89),
    (2, 4, 77),
    (2, 4, 72),
    (2, 8, 52),
]


def test_ways_in_a_branch_that_are_found_twice():
    """Every node a source, on a network in which a search names a node of a branch again."""
    graph = graph_of(9, TWICE)
    every = np.arange(graph.n_nodes), np.zeros(graph.n_nodes)
    for near in (0.0, np.inf):  # each alone, side by side
        with patch.object(module, "_LEAST_LANES", 2), patch.object(module, "_NEAR", near):
            for towards in (False, True):
                check(
                    graph,
                    every,
                    every,
                    600,
                    exact_ticks(graph, towards=towards),
                    towards_sources=towards,
                )


def test_long_branches_and_a_loop():
    """Twenty sources along a street of 400 nodes, and two in a loop whose direct way back is the
    longer one.
    """
    chain = [(k, k + 1, 20) for k in range(401)]
    leaves = [(0, 402, 30), (0, 403, 30), (401, 404, 30), (401, 405, 30)]
    one_way = [*chain, *leaves, (0, 406, 90), (406, 407, 10), (407, 0, 10)]
    graph = graph_of(408, [*one_way, *((head, tail, ticks) for tail, head, ticks in one_way)])
    sources = np.array([*range(5, 400, 20), 406, 407]), np.zeros(22)
    targets = np.arange(graph.n_nodes), np.zeros(graph.n_nodes)
    with patch.object(module, "_LEAST_LANES", 2), patch.object(module, "_NEAR", np.inf):
        for towards in (False, True):
            exact = exact_ticks(graph, towards=towards)
            assert check(graph, sources, targets, 3_000, exact, towards_sources=towards) > 1000


@pytest.mark.parametrize("limit_s", [60, 300, 900])
@pytest.mark.parametrize("towards", [True, False])
def test_a_town_in_groups_and_alone(limit_s, towards):
    """300 sources of which some share lanes and some do not, or all or none: always
    scipy's times.
    """
    graph = street_graph(town(20, 3), "drive")
    rng = np.random.default_rng(4)
    nodes = rng.integers(-1, graph.n_nodes, 300)
    sources = nodes, rng.choice((0.0, 2.5, 40.0, 5_000.0), 300)
    targets = np.arange(graph.n_nodes), rng.choice((0.0, 7.1), graph.n_nodes)
    exact = exact_ticks(graph, towards=towards)
    for near in (0.0, module._NEAR, np.inf):
        with patch.object(module, "_NEAR", near):
            sizes = [len(group) for group in graph._neighbours(nodes, limit_s)]
            assert sum(sizes) == (nodes >= 0).sum()
            assert {0.0: max(sizes) == 1, np.inf: max(sizes) == LANES}.get(near, True)
            assert check(graph, sources, targets, limit_s, exact, towards_sources=towards) > 1000


def test_only_neighbours_share_lanes():
    """Eight sources within reach of each other are one group; seven are not, nor one far away."""
    graph = street_graph(town(20, 3), "drive")
    reach_m = module._NEAR * 90 * graph.metres_per_s
    away_m = np.hypot(graph.lon - graph.lon[100], graph.lat - graph.lat[100]) * STREET_DEGREE_M
    near = np.argsort(away_m, kind="stable")[:8]
    far = np.argmax(away_m)
    assert away_m[near].max() < reach_m / 2 < reach_m * 2 < away_m[far]
    groups = graph._neighbours(np.append(near, [far, -1]), 90)
    assert sorted(sorted(group.tolist()) for group in groups) == [[*range(8)], [8]]
    assert (
        sorted(len(group) for group in graph._neighbours(np.append(near[:7], far), 90)) == [1] * 8
    )


def test_the_memory_is_clean_afterwards():
    """A search leaves no trace for the next in the same memory."""
    graph = street_graph(town(12, 5), "walk", 5.0)
    every = np.arange(graph.n_nodes), np.zeros(graph.n_nodes)
    nodes, own = graph._points((np.arange(LANES), np.zeros(LANES)), "source")
    job = graph._job(every, 300, own, towards_sources=False)
    search = module._Search(job, graph.n_nodes)
    first = search.each(nodes, own)
    room, lanes = search.room, search.lanes
    assert (room.label == job.limit + 1).all()
    assert all((part == value).all() for part, value in ((room.bucket, NONE), (lanes.bucket, NONE)))
    assert all((part == value).all() for part, value in ((lanes.after, IDLE), (lanes.slot, NONE)))
    again, alone = (
        search.each(nodes, own),
        [search.nearest(nodes[k : k + 1], own[:1]) for k in range(LANES)],
    )
    assert (
        [row.tolist() for row in again]
        == [row.tolist() for row in first]
        == [row.tolist() for row in alone]
    )
