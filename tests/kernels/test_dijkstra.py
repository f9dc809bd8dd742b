"""Bounded shortest seconds on graphs: the bucket queue against networkx and scipy, and by hand."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from random import Random

import networkx as nx
import numpy as np
import pytest
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from railshed.kernels.dijkstra import (
    HEAD,
    NONE,
    SECONDS,
    Graph,
    many_to_all,
    one_to_all,
    paths_to_all,
)
from railshed.kernels.types import NEVER
from tests.support.seeds import each_seed

pytestmark = [pytest.mark.kernels, pytest.mark.properties]

Edge = tuple[int, int, int]


def graph_of(n_nodes: int, edges: list[Edge]) -> Graph:
    """Return the rows sorted by tail, compressed."""
    rows = sorted(edges)
    ptr = np.zeros(n_nodes + 1, np.uint32)
    for tail, _, _ in rows:
        ptr[tail + 1 :] += 1
    columns = np.array([(head, seconds) for _, head, seconds in rows], np.uint32).reshape(-1, 2)
    return Graph(ptr, columns)


def u32(*values: int) -> np.ndarray:
    return np.array(values, np.uint32)


def seconds_from(graph: Graph, sources: dict[int, int], limit: int) -> list[int | None]:
    found = one_to_all(graph, u32(*sources), u32(*sources.values()), limit)
    assert found.dtype == np.uint32
    return [None if s == NEVER else int(s) for s in found]


def random_edges(rng: Random, n_nodes: int) -> list[Edge]:
    """Return edges with zero seconds, loops, parallel ones, and nodes that nothing reaches."""
    edges = []
    for _ in range(rng.randint(0, 4 * n_nodes)):
        edge = (
            rng.randrange(n_nodes),
            rng.randrange(n_nodes),
            rng.choice((0, 0, 1, 2, 7, 60, 61, 599)),
        )
        edges += [edge] * rng.choice((1, 1, 1, 2))
    return edges


def test_by_hand() -> None:
    """0 -5-> 1 -0-> 2, a slower parallel edge, a loop, and 3 -1-> 0 which nothing leads to."""
    graph = graph_of(4, [(0, 1, 5), (0, 1, 9), (1, 2, 0), (2, 2, 0), (0, 2, 6), (3, 0, 1)])
    assert seconds_from(graph, {0: 0}, 100) == [0, 5, 5, None]
    assert seconds_from(graph, {3: 0}, 100) == [1, 6, 6, 0]
    assert seconds_from(graph, {0: 10, 2: 3}, 100) == [10, 15, 3, None]
    assert seconds_from(graph, {}, 100) == [None] * 4


def test_limit_is_inclusive() -> None:
    """A node 5 s away is found with a limit of 5 s and not with 4 s; a source beyond the limit
    finds nothing.
    """
    graph = graph_of(2, [(0, 1, 5)])
    assert seconds_from(graph, {0: 0}, 5) == [0, 5]
    assert seconds_from(graph, {0: 0}, 4) == [0, None]
    assert seconds_from(graph, {0: 1}, 5) == [1, None]
    assert seconds_from(graph, {0: 6}, 5) == [None, None]
    assert seconds_from(graph, {0: 0}, 0) == [0, None]


def test_the_nearest_of_equal_sources_counts() -> None:
    """A node named twice as a source counts with its smaller seconds, in either order."""
    graph = graph_of(2, [(0, 1, 5)])
    for order in ((9, 2), (2, 9)):
        assert one_to_all(graph, u32(0, 0), u32(*order), 100).tolist() == [2, 7]


def test_closed_edges_do_not_wrap() -> None:
    """An edge of NEVER seconds leads nowhere, whatever the seconds before it."""
    graph = graph_of(3, [(0, 1, 2**30), (1, 2, NEVER)])
    assert seconds_from(graph, {0: 0}, 100) == [0, None, None]
    assert seconds_from(graph, {1: 99}, 100) == [None, 99, None]


@each_seed(range(80))
def test_equal_to_networkx_and_scipy(seed: int) -> None:
    """Every distance within the limit is theirs, for limits between, on and beyond the
    distances.
    """
    rng = Random(seed)
    n_nodes = rng.randint(1, 40)
    edges = random_edges(rng, n_nodes)
    theirs = nx.MultiDiGraph()
    theirs.add_nodes_from(range(n_nodes))
    theirs.add_weighted_edges_from(edges)
    shortest: dict[tuple[int, int], int] = {}
    for tail, head, seconds in edges:
        shortest[tail, head] = min(seconds, shortest.get((tail, head), NEVER))
    ends = np.array(list(shortest), int).reshape(-1, 2)
    matrix = csr_matrix(
        (np.array(list(shortest.values()), float), (ends[:, 0], ends[:, 1])),
        shape=(n_nodes, n_nodes),
    )
    graph, source = graph_of(n_nodes, edges), rng.randrange(n_nodes)
    far = nx.single_source_dijkstra_path_length(theirs, source)
    limits = {
        0,
        1,
        2**20,
        max(far.values()),
        max(0, max(far.values()) - 1),
        rng.choice(list(far.values())),
    }
    for limit in sorted(limits):
        mine = seconds_from(graph, {source: 0}, limit)
        assert mine == [
            far[node] if far.get(node, NEVER) <= limit else None for node in range(n_nodes)
        ]
        row = dijkstra(matrix, indices=source, limit=limit)
        assert mine == [int(s) if np.isfinite(s) else None for s in row]


@each_seed(range(40))
def test_several_sources_are_the_nearest_of_each_alone(seed: int) -> None:
    """One search from sources with seconds of their own is the least of the searches from each."""
    rng = Random(1000 + seed)
    n_nodes = rng.randint(2, 30)
    graph, limit = graph_of(n_nodes, random_edges(rng, n_nodes)), 900
    sources = u32(*(rng.randrange(n_nodes) for _ in range(3)))
    begins = u32(*(rng.choice((0, 0, 5, 600)) for _ in range(3)))
    each = [one_to_all(graph, sources[k : k + 1], begins[k : k + 1], limit) for k in range(3)]
    assert one_to_all(graph, sources, begins, limit).tolist() == np.min(each, axis=0).tolist()


@each_seed(range(40))
def test_many_searches_are_one_after_the_other(seed: int) -> None:
    """Groups of sources, empty ones too, give the rows of single searches; in two threads at once
    as well.
    """
    rng = Random(2000 + seed)
    n_nodes = rng.randint(1, 30)
    graph, limit = graph_of(n_nodes, random_edges(rng, n_nodes)), rng.choice((0, 61, 900))
    sizes = [rng.choice((0, 1, 1, 3)) for _ in range(6)]
    ptr = np.concatenate([[0], np.cumsum(sizes)]).astype(np.uint32)
    sources = u32(*(rng.randrange(n_nodes) for _ in range(sum(sizes))))
    begins = u32(*(rng.choice((0, 7)) for _ in range(sum(sizes))))
    groups = [slice(int(ptr[k]), int(ptr[k + 1])) for k in range(len(sizes))]
    single = [one_to_all(graph, sources[g], begins[g], limit).tolist() for g in groups]
    with ThreadPoolExecutor(2) as pool:
        runs = list(pool.map(lambda _: many_to_all(graph, ptr, sources, begins, limit), range(2)))
    assert [run.tolist() for run in runs] == [single, single]


@each_seed(range(60))
def test_paths_lead_back_to_a_source_in_the_seconds_found(seed: int) -> None:
    """The edges by which nodes are reached form a forest, over cycles of 0 s too, and their seconds
    add up.
    """
    rng = Random(3000 + seed)
    n_nodes = rng.randint(1, 30)
    edges = random_edges(rng, n_nodes)
    graph, limit = graph_of(n_nodes, edges), rng.choice((60, 700))
    tails = [tail for tail, _, _ in sorted(edges)]
    sources, begins = u32(0, n_nodes - 1), u32(3, 8)
    seconds, came_by = paths_to_all(graph, sources, begins, limit)
    assert seconds.tolist() == one_to_all(graph, sources, begins, limit).tolist()
    own = {0: 3, n_nodes - 1: 8} if n_nodes > 1 else {0: 3}
    for node in range(n_nodes):
        if seconds[node] == NEVER:
            assert came_by[node] == NONE
            continue
        at, left, n_edges = node, int(seconds[node]), 0
        while came_by[at] != NONE:
            edge = came_by[at]
            assert graph.edges[edge, HEAD] == at
            left -= int(graph.edges[edge, SECONDS])
            at, n_edges = tails[edge], n_edges + 1
            assert n_edges < n_nodes
        assert left == own[at]
