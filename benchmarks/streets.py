"""Workload `streets`: all nodes within an hour of one, on a generated graph of a million nodes and a real extract."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from measure import Result, Row, interleaved, summarise
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

OURS, MANY, SCIPY = "one to all", "table, 2 threads, a source", "scipy dijkstra(limit=)"
NEAR, FULL = "64 neighbours to 10,000 places, a source", "64 neighbours to all nodes, a source"
_NOTES = {
    OURS: "the kernels, labels of all nodes, made clean for the next source; least processor time",
    MANY: "StreetGraph.ticks, sorted, 32 sources at once",
    NEAR: "StreetGraph.ticks, one thread, processor time; four sources compared with scipy",
    FULL: "as before; the table has all pairs",
    SCIPY: "same whole weights, one source a call; least processor time",
}
#: sources that are searched one after the other before the next contender's turn
_GROUP = 5


def road_graph(side: int, seed: int = 20) -> Streets:
    """Return a town of side x side crossings 150 m apart, moved at random; seeded.

    Every tenth line is an arterial (36 km/h, lights included) without gaps, every fiftieth an express road (58 km/h);
    of the other streets (16-24 km/h) three in eight are missing and one in eight is one-way.
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
    ends = np.concatenate([np.column_stack([tail, head])[there], np.column_stack([head, tail])[back]])
    length, kmh = (np.concatenate([v[there], v[back]]) for v in (length, kmh))
    allowed = np.full(len(ends), DRIVE | SNAP, np.uint8)
    return Streets(x / STREET_DEGREE_M, y / STREET_DEGREE_M, node + 1, ends[:, 0], ends[:, 1], length, allowed, kmh)


@kernel
def _clean(label, queue, n_entries, unreached):
    """Make the labels ready for the next search: the work is that of what was reached."""
    for k in range(n_entries):
        label[queue[k, 0]] = unreached


class Ours:
    """The package: its kernel for one source in a room made once, and its table for many."""

    def __init__(self, graph: StreetGraph, limit_s: int) -> None:
        self.graph, self.limit_s = graph, limit_s
        self.nodes, self.zeros = np.arange(graph.n_nodes), np.zeros(graph.n_nodes)
        self.job = graph._job((self.nodes, self.zeros), limit_s, np.zeros(1, np.uint32), towards_sources=False)
        self.room = _Search(self.job, graph.n_nodes).room
        self.limit, self.unreached = np.uint32(self.job.limit), np.uint32(self.job.limit + 1)
        self.zero, self.number = np.zeros(1, np.uint32), graph.reduced.number

    def _search(self, source: int) -> int:
        room, place = self.room, self.number[source : source + 1]
        return reach(
            self.job.graph, place, self.zero, self.limit, self.job.shift, room.bucket, room.queue, room.label
        )  # fmt: skip

    def one(self, source: int) -> None:
        """Fill the labels with the ticks of all nodes, and clean them for the next source."""
        _clean(self.room.label, self.room.queue, self._search(source), self.unreached)

    def answer(self, source: int) -> Answer:
        """Return ticks by node, more than the limit where not reached."""
        n_entries = self._search(source)
        ticks = self.room.label[self.number].astype(float)
        _clean(self.room.label, self.room.queue, n_entries, self.unreached)
        return ticks

    def many(self, sources: NDArray[np.int64]) -> object:
        """Return the table of many sources to all nodes."""
        starts, ends = (sources, np.zeros(len(sources))), (self.nodes, self.zeros)
        return self.graph.ticks(starts, ends, self.limit_s, towards_sources=False, n_threads=2)


def scipy_peer(graph: StreetGraph, limit: int) -> Callable[[int], Answer]:
    """Return scipy's bounded Dijkstra on the same graph."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import dijkstra

    tail, head, ticks = edges_of(graph)
    matrix = csr_matrix((ticks.astype(float), (tail, head)), shape=(graph.n_nodes,) * 2)
    return lambda source: dijkstra(matrix, indices=source, limit=limit)


def compare(result: Result, case: str, graph: StreetGraph, sources: Sequence[int], quick: bool) -> None:
    """Add the rows of one graph once every contender gives the same times."""
    ours, limit = Ours(graph, HOUR), HOUR * TICKS
    scipy_search = scipy_peer(graph, limit)
    expected = {source: scipy_search(source) for source in sources}
    shares = [np.isfinite(row).mean() for row in expected.values()]
    for source, row in expected.items():
        found = ours.answer(source)
        _same(case, OURS, np.where(found <= limit, found, np.inf), row)
    result.facts[f"{case}: compared"] = (
        f"{len(sources)} sources x {graph.n_nodes:,} nodes, all times equal to scipy's; {np.median(shares):.0%} reached"
    )
    repeats = 5 if quick else 15
    groups = [list(sources[k : k + _GROUP]) for k in range(0, len(sources), _GROUP)]
    trials = []
    for group in groups:
        calls = {name: partial(_each, call, group) for name, call in ((OURS, ours.one), (SCIPY, scipy_search))}
        trials.append({name: taken / len(group) for name, taken in _least(calls, repeats).items()})
    batch = np.resize(np.array(sources, np.int64), 32)
    ours.many(batch)
    taken = min(_seconds(partial(ours.many, batch)) for _ in range(3)) / len(batch)
    rows = summarise("streets", case, trials, OURS, _NOTES)
    middle = rows[0].median_s or 1.0
    rows.append(Row("streets", case, MANY, taken, base=OURS, ratio=taken / middle, note=_NOTES[MANY]))
    rows += neighbours(case, graph, scipy_search, middle)
    for peer in PEERS:
        rows += _slow_peer(result, case, graph, peer, ours, expected, quick)
    result.facts["graph-tool"] = "left out: it is on no package index that pip asks"
    result.rows += rows


def neighbours(case: str, graph: StreetGraph, exact: Callable[[int], Answer], middle: float) -> list[Row]:
    """Return the rows of the 64 nodes around one in the middle, once their times are scipy's."""
    x, y = graph.lon - np.median(graph.lon), graph.lat - np.median(graph.lat)
    sources = np.argsort(np.hypot(x, y), kind="stable")[:LANES]
    starts, rows = (sources, np.zeros(LANES)), []
    drawn = np.random.default_rng(5).choice(graph.n_nodes, min(10_000, graph.n_nodes), replace=False)
    for name, places in ((NEAR, drawn), (FULL, np.arange(graph.n_nodes))):
        ends = places, np.zeros(len(places))
        call = partial(graph.ticks, starts, ends, HOUR, towards_sources=False, n_threads=1)
        source, target, ticks = call()
        for k in range(0, LANES, LANES // 4):
            found = np.full(len(places), np.inf)
            found[target[source == k]] = ticks[source == k]
            _same(case, name, found, exact(int(sources[k]))[places])
        taken = _least({name: call}, 5)[name] / LANES
        rows.append(Row("streets", case, name, taken, base=OURS, ratio=taken / middle, note=_NOTES[name]))
    return rows


def _slow_peer(
    result: Result, case: str, graph: StreetGraph, peer: Peer, ours: Ours, expected: Mapping[int, Answer], quick: bool
) -> list[Row]:  # fmt: skip
    """Return the row of a peer that takes long: one run for each of three sources, in turns with ours."""
    reason = peer.why_not(graph)
    search = None
    if not reason:
        try:
            search = peer.make(graph, HOUR * TICKS, list(expected)[:3], quick)
        except Unavailable as fault:
            reason = str(fault)
    if search is None:
        result.facts[f"{case}: {peer.name}"] = f"left out: {reason}"
        return []
    timed = []
    for source, row in list(expected.items())[:3]:
        ours.one(source)
        mine = min(_seconds(partial(ours.one, source)) for _ in range(5))
        found, taken = search(source)
        timed.append({OURS: mine, peer.name: taken})
        fault = peer.fault(found, row, HOUR * TICKS)
        if fault:
            result.facts[f"{case}: {peer.name}"] = f"left out: {fault}"
            return []
    return summarise("streets", case, timed, OURS, {peer.name: peer.note})[1:]


def _least(calls: Mapping[str, Callable[[], object]], repeats: int) -> dict[str, float]:
    """Return the least processor seconds of each call, in turns: all run on one thread, other programs do not count."""
    taken: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(repeats + 1):
        for name, call in calls.items():
            started = time.thread_time()
            call()
            taken[name].append(time.thread_time() - started)
    return {name: min(times) for name, times in taken.items()}


def _each(call: Callable[[int], object], sources: Sequence[int]) -> None:
    """One source after the other, as whoever has many does: the memory of one search is near when the next begins."""
    for source in sources:
        call(source)


def _same(case: str, name: str, found: Answer, expected: Answer) -> None:
    wrong = int((found != expected).sum())
    if wrong:
        raise SystemExit(f"streets: {case}: {wrong} times of {name!r} differ from scipy's")


def _seconds(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def reading(result: Result, path: Path) -> None:
    """Add what it takes to read an extract, against osmnx on the same ways as .osm text, which it needs."""
    rows = {"read_streets, .osm.pbf": partial(read_streets, path)}
    with tempfile.TemporaryDirectory() as folder:
        try:
            import osmium
            import osmnx
        except ImportError:
            result.facts["osmnx"] = "left out: not installed"
        else:
            text = Path(folder) / "highways.osm"
            with osmium.BackReferenceWriter(str(text), ref_src=str(path), overwrite=True) as writer:
                for way in osmium.FileProcessor(path, osmium.osm.WAY).with_filter(osmium.filter.KeyFilter("highway")):
                    writer.add(way)
            rows["read_streets, .osm"] = partial(read_streets, text)
            rows["osmnx graph_from_xml"] = partial(osmnx.graph_from_xml, text, simplify=False, retain_all=True)
        timed = interleaved(rows, 3)
    notes = {"osmnx graph_from_xml": "not simplified; all modes alike, no speeds"}
    result.rows += summarise("streets", "Porto Alegre, reading", [timed], "read_streets, .osm.pbf", notes)


def pick(graph: StreetGraph, n: int, seed: int = 3) -> list[int]:
    """Return random nodes."""
    found: list[int] = np.random.default_rng(seed).integers(0, graph.n_nodes, n).tolist()
    return found


def run(quick: bool, shared: Path | None) -> Result:
    """Measure; a difference ends the run."""
    result = Result()
    side, n = (300, 5) if quick else (1000, 15)
    generated = street_graph(road_graph(side), "drive")
    case = f"generated, {generated.n_nodes:,} nodes, {generated.n_edges:,} edges, drive 60 min"
    compare(result, case, generated, pick(generated, n), quick)
    extract = shared / "data" / "porto_alegre" / "porto_alegre.osm.pbf" if shared else None
    if extract is None or not extract.is_file():
        result.facts["Porto Alegre"] = "left out: its streets are not here (--shared FOLDER)"
        return result
    streets = read_streets(extract)
    for mode, speed in (("walk", 4.8), ("drive", None)):
        graph = street_graph(streets, mode, speed)
        case = f"Porto Alegre, {graph.n_nodes:,} nodes, {mode} 60 min"
        compare(result, case, graph, pick(graph, n), quick)
    reading(result, extract)
    return result
