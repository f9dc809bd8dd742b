"""Street searches of other libraries on the same graph: each by the call that its users would make.

Run as a program (`streetpeers.py FOLDER`) it is the process of pandana's own, which cannot be
stopped from within.
"""

from __future__ import annotations

import importlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from railshed.access.street_graph import StreetGraph

#: ticks by node, at least for the nodes within the limit
Answer = NDArray[np.float64]
#: the answer of a source, and the processor seconds of the library's call
Search = Callable[[int], tuple[Answer, float]]
#: seconds that pandana may take to make its hierarchy and answer, --quick and not
PANDANA_S = (60, 600)
_WITHOUT_LIMIT = "searches the whole graph: it knows no limit, and does more than is asked"


class Unavailable(Exception):  # noqa: N818
    """A peer cannot answer, and why."""


@dataclass(frozen=True)
class Peer:
    """A library: how it is made ready, and how far its answers may be from whole ticks."""

    name: str
    module: str
    #: (graph, limit in ticks, sources that will be asked, quick) -> search
    make: Callable[[StreetGraph, int, Sequence[int], bool], Search]
    note: str
    #: ticks by which an answer may differ: of a library that keeps times less exactly
    slack: int = 0
    #: a larger graph is not given to it, and why
    most_nodes: int = 2**31
    too_large: str = ""

    def why_not(self, graph: StreetGraph) -> str:
        """Return why it is left out here; "": it is not."""
        try:
            importlib.import_module(self.module)
        except ImportError:
            return "not installed"
        return self.too_large if graph.n_nodes > self.most_nodes else ""

    def fault(self, found: Answer, expected: Answer, limit: int) -> str:
        """Return how the answers differ, "" where they are equal: within the slack, near the limit
        reached or not.
        """
        clear = expected <= limit - self.slack
        outside = ~np.isfinite(expected)
        within = found <= limit - self.slack if self.slack else found <= limit
        wrong = int(
            (np.abs(found[clear] - expected[clear]) > self.slack).sum() + (within & outside).sum()
        )
        return f"{wrong} of {len(found)} times differ from scipy's" if wrong else ""


def edges_of(graph: StreetGraph) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return tail, head, ticks of the edges, the shortest of parallel ones."""
    ptr, edges = graph.forward
    tail = np.repeat(np.arange(graph.n_nodes), np.diff(ptr.astype(np.int64)))
    head, ticks = edges[:, 0].astype(np.int64), edges[:, 1].astype(np.int64)
    first = np.ones(len(tail), dtype=bool)
    first[1:] = (tail[1:] != tail[:-1]) | (head[1:] != head[:-1])
    return tail[first], head[first], ticks[first]


def _timed(call: Callable[[int], Any], read: Callable[[Any], Answer]) -> Search:
    """Return the search that times `call` alone, not what makes an array of its answer."""

    def search(source: int) -> tuple[Answer, float]:
        started = time.process_time()
        found = call(source)
        taken = time.process_time() - started
        return read(found), taken

    return search


def _spread(n: int, found: Mapping[int, float]) -> Answer:
    out = np.full(n, np.inf)
    out[list(found.keys())] = list(found.values())
    return out


def networkx_peer(graph: StreetGraph, limit: int, sources: Sequence[int], quick: bool) -> Search:
    """Return networkx's Dijkstra with a cutoff."""
    import networkx as nx

    plain = nx.DiGraph()
    plain.add_weighted_edges_from(
        zip(*(column.tolist() for column in edges_of(graph)), strict=True)
    )
    return _timed(
        lambda source: nx.single_source_dijkstra_path_length(plain, source, cutoff=limit),
        lambda found: _spread(graph.n_nodes, found),
    )


def igraph_peer(graph: StreetGraph, limit: int, sources: Sequence[int], quick: bool) -> Search:
    """Return igraph's Dijkstra, which knows no limit."""
    import igraph

    tail, head, ticks = edges_of(graph)
    made = igraph.Graph(n=graph.n_nodes, edges=np.column_stack([tail, head]), directed=True)
    weights = ticks.tolist()
    return _timed(lambda source: made.distances(source=source, weights=weights)[0], np.array)


def networkit_peer(graph: StreetGraph, limit: int, sources: Sequence[int], quick: bool) -> Search:
    """Return networkit's Dijkstra, which knows no limit."""
    import networkit

    tail, head, ticks = edges_of(graph)
    edges = (ticks.astype(float), (tail.astype(np.uint64), head.astype(np.uint64)))
    made = networkit.GraphFromCoo(edges, n=graph.n_nodes, weighted=True, directed=True)

    def call(source: int) -> Any:
        return networkit.distance.Dijkstra(made, source, storePaths=False).run().getDistances()

    return _timed(call, np.array)


def cityseer_peer(graph: StreetGraph, limit: int, sources: Sequence[int], quick: bool) -> Search:
    """Return cityseer's bounded tree: an edge is a line as many metres long as it takes seconds,
    walked at 1 m/s.
    """
    from cityseer import rustalgos

    from railshed.access.street_graph import TICKS

    made = rustalgos.graph.NetworkStructure()
    made.set_is_directed(True)
    for node in range(graph.n_nodes):
        made.add_street_node(str(node), 0.0, 0.0, True, 1.0)
    for k, (tail, head, ticks) in enumerate(
        zip(*(column.tolist() for column in edges_of(graph)), strict=True)
    ):
        made.add_street_edge(
            tail, head, k, str(tail), str(head), f"LINESTRING (0 0, {ticks / TICKS} 0)"
        )

    def read(found: Any) -> Answer:
        reached, tree = found
        out = np.full(graph.n_nodes, np.inf)
        out[reached] = [tree[node].agg_seconds * TICKS for node in reached]
        out[out > limit] = np.inf
        return out

    return _timed(lambda source: made.dijkstra_tree_shortest(source, limit // TICKS, 1.0), read)


def pandana_peer(graph: StreetGraph, limit: int, sources: Sequence[int], quick: bool) -> Search:
    """Return pandana's `nodes_in_range`, asked beforehand in a process of its own with a time
    limit.
    """
    from railshed.access.street_graph import TICKS

    tail, head, ticks = edges_of(graph)
    allowed = PANDANA_S[not quick]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        seconds = ticks / TICKS
        np.savez(
            path / "graph.npz",
            n=graph.n_nodes,
            tail=tail,
            head=head,
            seconds=seconds,
            sources=sources,
        )
        command = [sys.executable, __file__, folder, str(limit // TICKS)]
        try:
            done = subprocess.run(
                command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=allowed
            )
        except subprocess.TimeoutExpired:
            raise Unavailable(
                f"its contraction hierarchy was not made within {allowed} s"
            ) from None
        if done.returncode:
            raise Unavailable(
                f"it failed: {done.stderr.decode(errors='replace').strip().splitlines()[-1:]}"
            )
        with np.load(path / "found.npz") as found:
            answers = dict(zip(sources, found["answers"] * TICKS, strict=True))
            taken = dict(zip(sources, found["taken"].tolist(), strict=True))
    return lambda source: (answers[source], taken[source])


def run_pandana(folder: Path, limit_s: float) -> None:
    """Write the seconds by node and the time of each source's call."""
    import pandana
    import pandas as pd

    with np.load(folder / "graph.npz") as given:
        n, sources = int(given["n"]), given["sources"].tolist()
        zero = pd.Series(np.zeros(n))
        weights = pd.DataFrame({"s": given["seconds"]})
        made = pandana.Network(
            zero, zero, pd.Series(given["tail"]), pd.Series(given["head"]), weights, twoway=False
        )
    answers, taken = np.full((len(sources), n), np.inf), np.empty(len(sources))
    made.nodes_in_range([sources[0]], limit_s)
    for k, source in enumerate(sources):
        started = time.process_time()
        found = made.nodes_in_range([source], limit_s)
        taken[k] = time.process_time() - started
        answers[k, found["destination"]] = found["s"]
    np.savez(folder / "found.npz", answers=answers, taken=taken)


#: a second: pandana cuts every edge to thousandths, cityseer counts in 32-bit floats
_SECOND = 10_000
PEERS: Sequence[Peer] = (
    Peer("networkx, cutoff", "networkx", networkx_peer, "dictionaries"),
    Peer("igraph, whole graph", "igraph", igraph_peer, _WITHOUT_LIMIT),
    Peer("networkit, whole graph", "networkit", networkit_peer, _WITHOUT_LIMIT),
    Peer(
        "pandana nodes_in_range",
        "pandana",
        pandana_peer,
        "weights in seconds: it keeps thousandths in 32 bits, and ticks would overflow; within a "
        "second",
        _SECOND,
    ),
    Peer(
        "cityseer dijkstra_tree_shortest",
        "cityseer",
        cityseer_peer,
        "32-bit floats; within a second",
        _SECOND,
        200_000,
        "it takes an edge a call, and a Python object for every node of the graph in each answer",
    ),
)

if __name__ == "__main__":
    run_pandana(Path(sys.argv[1]), float(sys.argv[2]))
