"""Compiled frequency-based networks: the graph for the shortest-time kernels, and the waits on it.

Nodes, by station: *arrived* by train, *ready* to board at the start or after a change or a transfer; by hop: *on
board* at its end. Edges::

    on board --ride--> on board          a hop of the same line that does not turn back: its run time, no wait
    on board --alight--> arrived         0 s
    arrived --change--> ready            the station's change time
    arrived --transfer--> ready          of another station: on foot, so never two transfers in a row
    ready --board--> on board            the wait for the line, and its first hop

A traveller on lines of headways h1, h2, ... at unknown phases waits once for the least frequent of them, and that wait
depends on the clock: with a timetable one leaves home in time for its trains. At each of the others half its
headway is lost on average, before it or after it. So the least frequent hop of a journey (of two alike, that of the
last line by id) gives it a clock: such journeys leave every headway of that hop, from a phase drawn by line, and the
line is boarded without a wait. All other lines cost a wait (`Waits`) by the headway of the hop that is boarded. The
same journey results in both directions of time.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from railshed.assumptions.assumptions import Assumptions
from railshed.assumptions.waits import HALF_HEADWAY, Waits
from railshed.kernels.dijkstra import SECONDS, Graph
from railshed.network.model import Links, Network
from railshed.routing.compile import Direction, change_times, fingerprint_of, list_transfers, transfers_csr
from railshed.util.array_types import Bools, Ints64
from railshed.util.errors import InputError
from railshed.util.units import MINUTE, UNREACHED

Walks = tuple[NDArray[np.uint32], NDArray[np.uint32], NDArray[np.uint32]]

#: states of a journey: where the hop is that gives it its clock
AHEAD, COMING, BEHIND = 0, 1, 2

N_STATES = 3

#: a line without headway leaves every minute
NO_HEADWAY_S = MINUTE


@dataclass(frozen=True, eq=False)
class CompiledGraph:
    """A network of links cast for the graph engine."""

    network: Network
    links: Links
    waits: Waits
    #: station x has the nodes arrived x and ready n_stations + x; those on board follow
    n_nodes: int
    #: int64 (n_edges,) nodes, and seconds without waits
    tail: Ints64
    head: Ints64
    seconds: Ints64
    #: int64 (n_edges,) hop of an edge that boards or rides, else -1; whether it boards
    hop: Ints64
    boards: Bools
    #: int64 (n_clocks, 2) line and headway of what gives journeys a clock, most frequent first
    clocks: Ints64
    #: int64 (n_hops,) row of `clocks`
    hop_clock: Ints64
    #: uint32 transfers in CSR as in `kernels.types.Timetable`: out of a station, and with time reversed
    walks: Walks
    walks_back: Walks

    @property
    def date(self) -> dt.date:
        """The network's date, which is only printed."""
        return self.network.date

    def walks_of(self, direction: Direction) -> Walks:
        """Return the transfers in one direction of time."""
        return self.walks if direction == "to" else self.walks_back


@dataclass(frozen=True, slots=True, eq=False)
class Layers:
    """The graph of a search in one direction of time, a copy of all nodes for each state of a journey.

    The state is where the hop is that gives the clock: AHEAD, COMING (its line is boarded, the hop not yet ridden) or
    BEHIND; and how many rides were begun, where changes are counted: node v is
    ``(state * n_rides + rides) * n_nodes + v``.
    """

    compiled: CompiledGraph
    n_rides: int
    ptr: NDArray[np.uint32]
    #: int64 (n_edges,) head; row of `CompiledGraph.tail`; states before and after
    head: Ints64
    edge: Ints64
    before: Ints64
    after: Ints64
    #: int64 (n_edges,) row of `CompiledGraph.clocks` and line of the hop, -1 where there is none
    clock: Ints64
    line: Ints64
    #: bool (n_edges,) edges that take the hop that gives the clock, and that board its line before
    to_behind: Bools
    to_coming: Bools

    def nodes(self, stations: Ints64, state: int, *, ready: bool) -> Ints64:
        """Return int64 (n_rides, n): the nodes of stations, arrived or ready, by number of rides."""
        compiled = self.compiled
        layer = np.arange(self.n_rides)[:, None] + state * self.n_rides
        return layer * compiled.n_nodes + stations + (compiled.network.n_stations if ready else 0)

    @property
    def pays(self) -> Bools:
        """Which edges cost a wait: those that board another line than the one that gives the clock."""
        paying: Bools = self.compiled.boards[self.edge] & (self.before == self.after)
        return paying

    def weighted(self, waits_s: Ints64) -> NDArray[np.uint32]:
        """Return the edges of `Graph` with the waits of a draw, int64 (n_hops,), for any clock."""
        seconds = self.compiled.seconds[self.edge]
        paying = np.flatnonzero(self.pays)
        seconds[paying] += waits_s[self.compiled.hop[self.edge[paying]]]
        return np.ascontiguousarray(np.column_stack([self.head, seconds]), dtype=np.uint32)

    def graph(self, weighted: NDArray[np.uint32], clock: int) -> Graph:
        """Return the graph of journeys with this row of `clocks`, on hops that are no less frequent."""
        closed = self.clock > clock
        closed |= self.to_behind & (self.clock != clock)
        closed |= self.to_coming & ((self.clock == clock) | (self.line != self.compiled.clocks[clock, 0]))
        edges = weighted.copy()
        edges[closed, SECONDS] = UNREACHED
        return Graph(self.ptr, edges)


def layers_of(compiled: CompiledGraph, direction: Direction, max_transfers: int | None) -> Layers:
    """Return the graph of a search, with edges reversed for *to*."""
    counted = max_transfers is not None
    n_rides = 1 if max_transfers is None else max_transfers + 2
    boards, rides_on = compiled.boards, (compiled.hop >= 0) & ~compiled.boards
    steps = [
        (AHEAD, AHEAD, np.ones(len(boards), dtype=bool)), (BEHIND, BEHIND, np.ones(len(boards), dtype=bool)),
        (AHEAD, COMING, boards), (AHEAD, BEHIND, boards), (COMING, COMING, rides_on), (COMING, BEHIND, rides_on),
    ]  # fmt: skip
    columns = []
    for before, after, edges in steps:
        for rides in range(n_rides):
            edge = np.flatnonzero(edges & ~(boards & (rides + counted >= n_rides)))
            begun = rides + (boards[edge] & counted)
            tail = compiled.tail[edge] + (before * n_rides + rides) * compiled.n_nodes
            head = compiled.head[edge] + (after * n_rides + begun) * compiled.n_nodes
            columns.append(np.stack(np.broadcast_arrays(tail, head, edge, before, after)))
    tail, head, edge, before, after = np.concatenate(columns, axis=1)
    if direction == "to":
        tail, head = head, tail
    order = np.argsort(tail, kind="stable")
    n_nodes = N_STATES * n_rides * compiled.n_nodes
    ptr = np.zeros(n_nodes + 1, np.uint32)
    ptr[1:] = np.cumsum(np.bincount(tail, minlength=n_nodes))
    head, edge, before, after = head[order], edge[order], before[order], after[order]
    hop, turns = compiled.hop[edge], before != after
    clock, line = (np.where(hop >= 0, column[hop], -1) for column in (compiled.hop_clock, compiled.links.line_idx))
    return Layers(
        compiled, n_rides, ptr, head, edge, before, after, clock, line,
        turns & (after == BEHIND), turns & (after == COMING),
    )  # fmt: skip


def graph_fingerprint(compiled: CompiledGraph) -> str:
    """Return a hash of everything that figures come from, as `arrays.fingerprint`."""
    links, waits = compiled.links, compiled.waits
    arrays: list[NDArray[Any]] = [compiled.tail, compiled.head, compiled.seconds, compiled.hop, compiled.clocks]
    arrays += [compiled.hop_clock, *compiled.walks]
    arrays += [drawn(links, draw) for draw in waits.draws for drawn in (waits.of_hops, waits.phases)]
    return fingerprint_of(arrays, compiled.network)


def compile_graph(
    network: Network,
    assumptions: Assumptions,
    *,
    waits: Waits | str = HALF_HEADWAY,
    change_s: int | None = None,
    footpaths: bool = True,
) -> CompiledGraph:
    """Return a network of links cast for the graph engine; change times and transfers as in `arrays.compile_network`.

    Raises
    ------
    InputError
        When the network has no links.
    ParameterError
        When the rule of `waits` is not known.
    """
    links = network.links
    if links is None or not len(links.run_s):
        raise InputError(f"network {network.network_id} has no links between stations")
    n = network.n_stations
    changes = change_times(network, assumptions, change_s).astype(np.int64)
    walk_from, walk_to, walk_s = list_transfers(network, assumptions, footpaths)
    opens = np.flatnonzero(changes != UNREACHED)
    start, end, run_s = (column.astype(np.int64) for column in (links.from_idx, links.to_idx, links.run_s))
    hops = np.arange(len(run_s))
    came, goes = _consecutive(links)
    edges = [
        (came + 2 * n, goes + 2 * n, run_s[goes], goes),
        (start + n, hops + 2 * n, run_s, hops),
        (hops + 2 * n, end, np.zeros_like(hops), np.full_like(hops, -1)),
        (opens, opens + n, changes[opens], np.full_like(opens, -1)),
        (walk_from, walk_to + n, walk_s, np.full_like(walk_s, -1)),
    ]
    tail, head, seconds, hop = (np.concatenate(column) for column in zip(*edges, strict=True))
    boards = np.zeros(len(tail), dtype=bool)
    boards[len(came) : len(came) + len(hops)] = True
    headway_first = np.column_stack([links.headway_s, links.line_idx]).astype(np.int64)
    clocks, hop_clock = np.unique(headway_first, axis=0, return_inverse=True)
    return CompiledGraph(
        network, links, waits if isinstance(waits, Waits) else Waits(waits), 2 * n + len(hops),
        tail, head, seconds, hop, boards, clocks[:, ::-1].copy(), hop_clock.reshape(-1),
        transfers_csr(n, walk_from, walk_to, walk_s), transfers_csr(n, walk_to, walk_from, walk_s),
    )  # fmt: skip


def _consecutive(links: Links) -> tuple[Ints64, Ints64]:
    """Return the pairs (hop, next hop) of a line that do not turn back: a traveller on board may stay there."""
    leaving: dict[tuple[int, int], list[int]] = {}
    for hop, key in enumerate(zip(links.line_idx.tolist(), links.from_idx.tolist(), strict=True)):
        leaving.setdefault(key, []).append(hop)
    arriving = zip(links.line_idx.tolist(), links.to_idx.tolist(), links.from_idx.tolist(), strict=True)
    pairs = [
        (hop, after)
        for hop, (line, end, start) in enumerate(arriving)
        for after in leaving.get((line, end), ())
        if links.to_idx[after] != start
    ]
    came, goes = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    return came, goes
