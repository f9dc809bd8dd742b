"""Compiled frequency-based networks: the graph for the shortest-time kernels, and the waits on it.

Nodes, by station: *arrived* by train, *ready* to board at the start or after a change or a
transfer; by hop: *on board* at its end. Edges::

    on board --ride--> on board          a hop of the same line that does not turn back: its run
                                         time, no wait
    on board --alight--> arrived         0 s
    arrived --change--> ready            the station's change time
    arrived --transfer--> ready          of another station: on foot, so never two transfers in a
                                         row
    ready --board--> on board            the wait for the line, and its first hop

A traveller on lines of headways h1, h2, ... at unknown phases waits once for the least frequent of
them, and that wait depends on the clock: with a timetable one leaves home in time for its trains.
At each of the others half its headway is lost on average, before it or after it. So the least
frequent hop of a journey (of two alike, that of the last line by id) gives it a clock: such
journeys leave every headway of that hop, from a phase drawn by line, and the line is boarded
without a wait. All other lines cost a wait (`Waits`) by the headway of the hop that is boarded. The
same journey results in both directions of time.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from railshed.assumptions.waits import Waits
from railshed.kernels.dijkstra import SECONDS, Graph
from railshed.network.model import Links, Network
from railshed.routing.directions import Direction
from railshed.routing.profiles import Walks
from railshed.util.array_types import Bools, Ints64, Uints32
from railshed.util.units import MINUTE, UNREACHED

#: states of a journey: where the hop is that gives it its clock
AHEAD = 0
COMING = 1
BEHIND = 2
N_STATES = 3
#: a line without headway leaves every minute
NO_HEADWAY_S = MINUTE


@dataclass(frozen=True, eq=False)
class LinkGraph:
    """A network of links as a graph; nodes and edges as above."""

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
    #: uint32 transfers in CSR as in `kernels.types.Timetable`: out of a station, and with time
    #: reversed
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
    """The graph of a search in one direction of time, a copy of all nodes for each state of a
    journey.

    The state is where the hop is that gives the clock: AHEAD, COMING (its line is boarded, the hop
    not yet ridden) or BEHIND; and how many rides were begun, where changes are counted: node v is
    ``(state * n_rides + rides) * n_nodes + v``.
    """

    compiled: LinkGraph
    n_rides: int
    ptr: Uints32
    #: int64 (n_edges,) head; row of `LinkGraph.tail`; states before and after
    head: Ints64
    edge: Ints64
    before: Ints64
    after: Ints64
    #: int64 (n_edges,) row of `LinkGraph.clocks` and line of the hop, -1 where there is none
    clock: Ints64
    line: Ints64
    #: bool (n_edges,) edges that take the hop that gives the clock, and that board its line before
    to_behind: Bools
    to_coming: Bools

    def nodes(self, stations: Ints64, state: int, *, ready: bool) -> Ints64:
        """Return int64 (n_rides, n): the nodes of stations, arrived or ready, by number
        of rides.
        """
        compiled = self.compiled
        layer = np.arange(self.n_rides)[:, None] + state * self.n_rides
        return layer * compiled.n_nodes + stations + (compiled.network.n_stations if ready else 0)

    @property
    def pays(self) -> Bools:
        """Which edges cost a wait: those that board another line than the one that gives
        the clock.
        """
        return np.asarray(self.compiled.boards[self.edge] & (self.before == self.after))

    def weighted(self, waits_s: Ints64) -> Uints32:
        """Return the edges of `Graph` with the waits of a draw, int64 (n_hops,), for any clock."""
        seconds = self.compiled.seconds[self.edge]
        paying = np.flatnonzero(self.pays)
        seconds[paying] += waits_s[self.compiled.hop[self.edge[paying]]]
        return np.ascontiguousarray(np.column_stack([self.head, seconds]), dtype=np.uint32)

    def graph(self, weighted: Uints32, clock: int) -> Graph:
        """Return the graph of journeys with this row of `clocks`, on hops that are no less
        frequent.
        """
        closed = self.clock > clock
        closed |= self.to_behind & (self.clock != clock)
        closed |= self.to_coming & (
            (self.clock == clock) | (self.line != self.compiled.clocks[clock, 0])
        )
        edges = weighted.copy()
        edges[closed, SECONDS] = UNREACHED
        return Graph(self.ptr, edges)


def layers_of(compiled: LinkGraph, direction: Direction, max_transfers: int | None) -> Layers:
    """Return the graph of a search, with edges reversed for *to*."""
    counted = max_transfers is not None
    n_rides = 1 if max_transfers is None else max_transfers + 2
    boards = compiled.boards
    rides_on = (compiled.hop >= 0) & ~compiled.boards
    steps = [
        (AHEAD, AHEAD, np.ones(len(boards), dtype=bool)),
        (BEHIND, BEHIND, np.ones(len(boards), dtype=bool)),
        (AHEAD, COMING, boards),
        (AHEAD, BEHIND, boards),
        (COMING, COMING, rides_on),
        (COMING, BEHIND, rides_on),
    ]
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
    head = head[order]
    edge = edge[order]
    before = before[order]
    after = after[order]
    hop = compiled.hop[edge]
    turns = before != after
    clock, line = (
        np.where(hop >= 0, column[hop], -1)
        for column in (compiled.hop_clock, compiled.links.line_idx)
    )
    return Layers(
        compiled=compiled,
        n_rides=n_rides,
        ptr=ptr,
        head=head,
        edge=edge,
        before=before,
        after=after,
        clock=clock,
        line=line,
        to_behind=turns & (after == BEHIND),
        to_coming=turns & (after == COMING),
    )
