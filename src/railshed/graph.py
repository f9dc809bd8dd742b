"""The cast of a network of links to the graph that the shortest-seconds kernels walk.

Nodes, by station: *arrived* by train, *ready* to board after a change or a transfer; by station and line: *on board*,
having come there on the line. Edges::

    on board --ride--> on board          the line's next hop, its run time: who stays on the line does not wait
    on board --alight--> arrived         0 s
    arrived --change--> ready            the station's change time
    arrived --transfer--> ready          of another station: on foot, so never two transfers in a row
    ready --board--> on board            the wait for the line, and its first hop

The first train of a journey is no edge. Who leaves for it knows when it runs, as with a timetable: trains of a line
leave each of its stations every headway, from a phase drawn by line, so journeys have clock times and staircases
(`graph_routing`). Only the waits at changes are assumed (`Waits`).
"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from railshed.arrays import Direction, change_times, fingerprint_of, list_transfers, transfers_csr
from railshed.assumptions import Assumptions
from railshed.errors import InputError, ParameterError
from railshed.kernels.dijkstra import Graph
from railshed.model import Links, Network
from railshed.units import MINUTE, UNREACHED

Ints64 = NDArray[np.int64]
HALF_HEADWAY, SAMPLED = "half-headway", "sampled"
#: a line without headway leaves every minute
NO_HEADWAY_S = MINUTE


@dataclass(frozen=True, slots=True)
class Waits:
    """How long a traveller waits for a line at a change, and when its trains run.

    ``half-headway``: half of it, rounded up to a second; one network. ``sampled``: `n_draws` networks, in each of
    which a line has one wait, uniform in [0, headway), and one phase. All are drawn from hash(seed, line, draw), so
    adding a line moves no other. The minutes of a window take the draws in turn, so percentiles are over both; a
    slack chooses among the trains of one draw, never among draws.
    """

    rule: str = HALF_HEADWAY
    n_draws: int = 30
    seed: int = 0

    def __post_init__(self) -> None:
        if self.rule not in (HALF_HEADWAY, SAMPLED):
            raise ParameterError(f"waits {self.rule!r}: allowed are {HALF_HEADWAY}, {SAMPLED}")
        if not 1 <= self.n_draws <= 1000:
            raise ParameterError(f"n_draws {self.n_draws}: allowed are 1-1000")

    @property
    def draws(self) -> range:
        """The networks that are made."""
        return range(self.n_draws if self.rule == SAMPLED else 1)

    def of_hops(self, links: Links, draw: int) -> tuple[Ints64, Ints64]:
        """Return by hop, int64 (n_hops,), a clock second at which a train leaves, and the wait at a change onto it.

        Clock seconds are in [0, headway); both are 0 where there is no headway.
        """
        phase, sampled = (self._share(links, draw, what) * links.headway_s >> 32 for what in ("phase", "wait"))
        return phase, sampled if self.rule == SAMPLED else (links.headway_s.astype(np.int64) + 1) // 2

    def _share(self, links: Links, draw: int, what: str) -> Ints64:
        """Return int64 (n_hops,) drawn by line, uniform in [0, 2**32)."""
        keys = (f"{self.seed}|{line}|{draw}|{what}".encode() for line in links.line_ids)
        drawn = [int.from_bytes(hashlib.blake2b(key, digest_size=4).digest(), "big") for key in keys]
        return np.array(drawn, dtype=np.int64)[links.line_idx]


@dataclass(frozen=True, eq=False)
class CompiledGraph:
    """A network of links cast for the graph engine."""

    network: Network
    links: Links
    waits: Waits
    #: int64 (n_nodes,) station of a node, and index of the line that it is on board of, -1 off board
    node_station: Ints64
    node_line: Ints64
    #: int64 (n_hops,) the node on board at the head of each hop
    hop_node: Ints64
    #: int64 (n_edges,) ends and seconds of the edges, without waits; index of the hop that an edge boards, else -1
    tail: Ints64
    head: Ints64
    seconds: Ints64
    boards: Ints64
    #: uint32 transfers in CSR as in `kernels.types.Timetable`: out of a station, and with time reversed
    walks: tuple[NDArray[np.uint32], NDArray[np.uint32], NDArray[np.uint32]]
    walks_back: tuple[NDArray[np.uint32], NDArray[np.uint32], NDArray[np.uint32]]

    @property
    def date(self) -> dt.date:
        """The network's date, which is only printed."""
        return self.network.date

    @property
    def n_nodes(self) -> int:
        """Number of nodes; station x has arrived x and ready n_stations + x."""
        return len(self.node_station)

    def walks_of(self, direction: Direction) -> tuple[NDArray[np.uint32], NDArray[np.uint32], NDArray[np.uint32]]:
        """Return the transfers in one direction of time."""
        return self.walks if direction == "to" else self.walks_back

    def search_graph(self, direction: Direction, draw: int, max_transfers: int | None) -> tuple[Graph, Ints64]:
        """Return the graph in one direction of time, and the row of `tail` of each of its edges.

        Where changes are counted there is a layer of all nodes for each ride: node v after k changes is
        ``k * n_nodes + v``, and boarding leads one layer up.
        """
        _, waits = self.waits.of_hops(self.links, draw)
        board = self.boards >= 0
        seconds = self.seconds + np.where(board, waits[self.boards], 0)
        counted = max_transfers is not None
        n_layers = 1 + (max_transfers or 0)
        edge = np.tile(np.arange(len(board)), n_layers)
        layer = np.repeat(np.arange(n_layers), len(board))
        up = layer + (board[edge] & counted)
        kept = up < n_layers
        edge, tail, head = (
            edge[kept],
            (self.tail[edge] + layer * self.n_nodes)[kept],
            (self.head[edge] + up * self.n_nodes)[kept],
        )
        if direction == "to":
            tail, head = head, tail
        order = np.argsort(tail, kind="stable")
        ptr = np.zeros(n_layers * self.n_nodes + 1, np.uint32)
        ptr[1:] = np.cumsum(np.bincount(tail, minlength=n_layers * self.n_nodes))
        rows = np.column_stack([head, seconds[edge]])[order]
        return Graph(ptr, np.ascontiguousarray(rows, dtype=np.uint32)), edge[order]


def graph_fingerprint(compiled: CompiledGraph) -> str:
    """Return a hash of everything that figures come from, as `arrays.fingerprint`."""
    links, waits = compiled.links, compiled.waits
    arrays: list[NDArray[Any]] = [compiled.hop_node, compiled.tail, compiled.head, compiled.seconds, compiled.boards]
    arrays += [links.headway_s, *compiled.walks]
    arrays += [column for draw in waits.draws for column in waits.of_hops(links, draw)]
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
    station_of_hop = np.column_stack([links.line_idx, links.to_idx]).astype(np.int64)
    on_board, hop_node = np.unique(station_of_hop, axis=0, return_inverse=True)
    node = {(int(line), int(station)): 2 * n + k for k, (line, station) in enumerate(on_board.tolist())}
    hop_node = hop_node.reshape(-1).astype(np.int64) + 2 * n
    came = np.array([node.get(pair, -1) for pair in zip(links.line_idx.tolist(), links.from_idx.tolist(), strict=True)])
    changes = change_times(network, assumptions, change_s).astype(np.int64)
    walk_from, walk_to, walk_s = list_transfers(network, assumptions, footpaths)
    stays, opens = np.flatnonzero(came >= 0), np.flatnonzero(changes != UNREACHED)
    run_s, all_on_board = links.run_s.astype(np.int64), np.arange(len(on_board)) + 2 * n
    edges = [
        (came[stays], hop_node[stays], run_s[stays]),
        (all_on_board, on_board[:, 1], np.zeros(len(on_board), np.int64)),
        (opens, opens + n, changes[opens]),
        (walk_from, walk_to + n, walk_s),
        (links.from_idx.astype(np.int64) + n, hop_node, run_s),
    ]
    tail, head, seconds = (np.concatenate(column) for column in zip(*edges, strict=True))
    hops = np.arange(len(came))
    boards = np.concatenate([np.full(len(tail) - len(hops), -1, np.int64), hops])
    stations = np.arange(n, dtype=np.int64)
    return CompiledGraph(
        network, links, waits if isinstance(waits, Waits) else Waits(waits),
        np.concatenate([stations, stations, on_board[:, 1]]),
        np.concatenate([np.full(2 * n, -1, np.int64), on_board[:, 0]]),
        hop_node, tail, head, seconds, boards,
        transfers_csr(n, walk_from, walk_to, walk_s), transfers_csr(n, walk_to, walk_from, walk_s),
    )  # fmt: skip
