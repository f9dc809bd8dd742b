"""Workload `streets`: all nodes within an hour of one, on a generated graph of a million nodes and
a real extract.

The call is `StreetGraph.ticks`, from one node (or 64 neighbours) to all, one thread: what access
tables and matrices make of streets. The kernel is its search alone, labels of all nodes in a room
made once. scipy and networkx are given the same limit; igraph and networkit know none and search
the whole graph: their names say so. The other libraries stand in `streetpeers.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from measure import Result, by_turns, step
from numpy.typing import NDArray
from streetpeers import PEERS, Answer, Peer, Unavailable, edges_of

from railshed.access.street_graph import TICKS, StreetGraph, _Search, street_graph
from railshed.access.streets import DRIVE, SNAP, Streets
from railshed.io.streets.read import read_streets
from railshed.kernels.jit import kernel
from railshed.kernels.street_lanes import LANES
from railshed.kernels.street_search import reach
from railshed.util.geodesy import STREET_DEGREE_M
from railshed.util.units import HOUR

CALL, KERNEL, SCIPY = "StreetGraph.ticks", "one to all", "scipy dijkstra(limit=)"
Nodes = NDArray[np.int64]
_NOTES = {
    CALL: "one source, all nodes, sorted",
    KERNEL: "labels of all nodes, made clean for the next source",
    SCIPY: "same whole weights, one source a call",
}


def road_graph(side: int, seed: int = 20) -> Streets:
    """Return a town of side x side crossings 150 m apart, moved at random; seeded.

    Every tenth line is an arterial (36 km/h, lights included) without gaps, every fiftieth an
    express road (58 km/h); of the other streets (16-24 km/h) three in eight are missing and one in
    eight is one-way.
    """
    rng = np.random.default_rng(seed)
    row, column = np.divmod(np.arange(side * side), side)
    x, y = ((v + rng.uniform(-0.3, 0.3, side * side)) * 150 for v in (column, row))
    node = np.arange(side * side)
    east, north = node[column < side - 1], node[row < side - 1]
    tail, head = np.concatenate([east, north]), np.concatenate([east + 1, north + side])
    line = np.concatenate([row[east], column[north]])
    street = line % 10 != 0
    kmh = np.where(street, rng.uniform(16, 24, len(tail)), np.where(line % 50 == 0, 58.0, 36.0))
    length = np.hypot(x[tail] - x[head], y[tail] - y[head]) * rng.uniform(1, 1.2, len(tail))
    there = ~street | (rng.random(len(tail)) >= 3 / 8)
    back = there & ~(street & (rng.random(len(tail)) < 1 / 8))
    ends = np.concatenate(
        [np.column_stack([tail, head])[there], np.column_stack([head, tail])[back]]
    )
    length, kmh = (np.concatenate([v[there], v[back]]) for v in (length, kmh))
    allowed = np.full(len(ends), DRIVE | SNAP, np.uint8)
    return Streets(
        x / STREET_DEGREE_M,
        y / STREET_DEGREE_M,
        node + 1,
        ends[:, 0],
        ends[:, 1],
        length,
        allowed,
        kmh,
    )


@kernel
def _clean(label, queue, n_entries, unreached):
    """Make the labels ready for the next search: the work is that of what was reached."""
    for k in range(n_entries):
        label[queue[k, 0]] = unreached


class Ours:
    """The package: its call, and its kernel for one source in a room made once."""

    def __init__(self, graph: StreetGraph) -> None:
        self.graph = graph
        self.everywhere = np.arange(graph.n_nodes)
        self.job = graph._job(
            (self.everywhere, np.zeros(graph.n_nodes)),
            HOUR,
            np.zeros(1, np.uint32),
            towards_sources=False,
        )
        self.room = _Search(self.job, graph.n_nodes).room
        self.limit, self.unreached = np.uint32(self.job.limit), np.uint32(self.job.limit + 1)
        self.zero, self.number = np.zeros(1, np.uint32), graph.reduced.number

    def call(self, sources: list[int], places: Nodes | None = None) -> tuple[Nodes, ...]:
        """Return (source, target, ticks) of all pairs within the hour, to some places or
        all nodes.
        """
        starts = np.array(sources, np.int64), np.zeros(len(sources))
        to = self.everywhere if places is None else places
        return self.graph.ticks(
            starts, (to, np.zeros(len(to))), HOUR, towards_sources=False, n_threads=1
        )

    def kernel(self, source: int) -> None:
        """Fill the labels with the ticks of all nodes, and clean them for the next source."""
        room, place = self.room, self.number[source : source + 1]
        n_entries = reach(
            self.job.graph,
            place,
            self.zero,
            self.limit,
            self.job.shift,
            room.bucket,
            room.queue,
            room.label,
        )
        _clean(room.label, room.queue, n_entries, self.unreached)

    def answer(self, sources: list[int], k: int = 0, places: Nodes | None = None) -> Answer:
        """Return the ticks from one of the sources as the call has them, infinite where not
        reached.
        """
        source, target, ticks = self.call(sources, places)
        out = np.full(self.graph.n_nodes if places is None else len(places), np.inf)
        out[target[source == k]] = ticks[source == k]
        return out


def scipy_search(graph: StreetGraph) -> Callable[[int], Answer]:
    """Return scipy's bounded Dijkstra on the same graph."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import dijkstra

    tail, head, ticks = edges_of(graph)
    matrix = csr_matrix((ticks.astype(float), (tail, head)), shape=(graph.n_nodes,) * 2)
    return lambda source: dijkstra(matrix, indices=source, limit=HOUR * TICKS)


def compare(result: Result, case: str, graph: StreetGraph, n_sources: int, quick: bool) -> None:
    """Add the rows of one graph once every contender gives the same times."""
    ours, exact = Ours(graph), scipy_search(graph)
    sources = np.random.default_rng(3).integers(0, graph.n_nodes, n_sources).tolist()
    expected = {source: exact(source) for source in sources}
    for source, row in expected.items():
        _same(case, ours.answer([source]), row)
    share = np.median([np.isfinite(row).mean() for row in expected.values()])
    result.facts[f"{case}: compared"] = (
        f"{len(sources)} sources x {graph.n_nodes:,} nodes, all times equal to scipy's; "
        f"{share:.0%} reached"
    )
    repeats, trials = 3 if quick else 7, []
    for source in sources:
        calls = {
            CALL: partial(ours.call, [source]),
            KERNEL: partial(ours.kernel, source),
            SCIPY: partial(exact, source),
        }
        trials.append(by_turns(calls, repeats))
    result.add(case, trials, _NOTES, KERNEL)
    add_neighbours(result, case, ours, exact)
    for peer in PEERS:
        step(f"streets: {case}, {peer.name}")
        add_peer(result, case, graph, peer, ours, expected, quick)


def add_neighbours(result: Result, case: str, ours: Ours, exact: Callable[[int], Answer]) -> None:
    """Add the rows of the 64 nodes around the middle: to 10,000 places, and to all nodes;
    a source.
    """
    graph = ours.graph
    x, y = graph.lon - np.median(graph.lon), graph.lat - np.median(graph.lat)
    many: list[int] = np.argsort(np.hypot(x, y), kind="stable")[:LANES].tolist()
    drawn = np.random.default_rng(5).choice(
        graph.n_nodes, min(10_000, graph.n_nodes), replace=False
    )
    for name, places in (("10,000 places", drawn), ("all nodes", None)):
        for k in range(0, LANES, LANES // 4):
            expected = exact(many[k])
            _same(
                case, ours.answer(many, k, places), expected if places is None else expected[places]
            )
        calls = {CALL: partial(ours.call, many, places), SCIPY: lambda: [exact(x) for x in many]}
        trial = {what: taken / LANES for what, taken in by_turns(calls, 3).items()}
        notes = {
            CALL: "four sources compared with scipy",
            SCIPY: "to all nodes, one source after the other",
        }
        result.add(f"{case}: a source of {LANES} neighbours to {name}", [trial], notes)


def add_peer(
    result: Result,
    case: str,
    graph: StreetGraph,
    peer: Peer,
    ours: Ours,
    expected: dict[int, Answer],
    quick: bool,
) -> None:
    """Add the row of a peer: one run for each of three sources, by turns with ours."""
    reason, asked = peer.why_not(graph), list(expected)[:3]
    if not reason:
        try:
            search = peer.make(graph, HOUR * TICKS, asked, quick)
            trials = []
            for source in asked:
                mine = by_turns({CALL: partial(ours.call, [source])}, 3)
                found, taken = search(source)
                reason = reason or peer.fault(found, expected[source], HOUR * TICKS)
                trials.append(mine | {peer.name: taken})
        except Unavailable as fault:
            reason = str(fault)
    if reason:
        result.facts[f"{case}: {peer.name}"] = f"left out: {reason}"
    else:
        result.add(case, trials, {peer.name: peer.note}, again=True)


def _same(case: str, found: Answer, expected: Answer) -> None:
    wrong = int((found != expected).sum())
    if wrong:
        raise SystemExit(f"streets: {case}: {wrong} times differ from scipy's")


def run(quick: bool, shared: Path | None) -> Result:
    """Measure; a difference ends the run."""
    result = Result()
    side, n = (300, 3) if quick else (1000, 10)
    made = street_graph(road_graph(side), "drive")
    compare(
        result,
        f"generated, {made.n_nodes:,} nodes, {made.n_edges:,} edges, drive 60 min",
        made,
        n,
        quick,
    )
    extract = shared / "data" / "porto_alegre" / "porto_alegre.osm.pbf" if shared else None
    if extract is None or not extract.is_file():
        result.facts["Porto Alegre"] = "left out: its streets are not here (--shared FOLDER)"
        return result
    streets = read_streets(extract)
    for mode, speed in (("walk", 4.8), ("drive", None)):
        graph = street_graph(streets, mode, speed)
        compare(result, f"Porto Alegre, {graph.n_nodes:,} nodes, {mode} 60 min", graph, n, quick)
    return result
