"""The engine of a network: schedule-based where there are trips, frequency-based where there are
only links.

Compiled networks of both have the same methods (`profiles`, `walks_of`, `served_stations`,
`train_stations`, `fingerprint`), and so have their journeys (`trace`, `trace_next`, travel times).
`schedule` is the timetable where there is one, else None.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np

from railshed.assumptions.assumptions import Assumptions
from railshed.assumptions.waits import HALF_HEADWAY, Waits
from railshed.network.model import Links, Network
from railshed.network.route_types import are_trains
from railshed.routing.compile import change_times, compile_network, list_transfers, transfers_csr
from railshed.routing.journeys import Compiled, Journeys
from railshed.routing.link_journeys import CompiledGraph, GraphJourneys
from railshed.util.array_types import Ints64
from railshed.util.errors import InputError, ParameterError
from railshed.util.units import UNREACHED

AnyCompiled = Compiled | CompiledGraph
AnyJourneys = Journeys | GraphJourneys


def compile_any(
    network: Network,
    assumptions: Assumptions,
    *,
    date: dt.date | None = None,
    change_s: int | None = None,
    footpaths: bool = True,
    waits: Waits | str | None = None,
    may_be_empty: bool = False,
) -> AnyCompiled:
    """Return the network compiled for its engine; arguments as `compile_network` and
    `compile_graph`.

    Raises InputError when no trip runs on `date` and one must; ParameterError when the network does
    not use `date` or `waits`.
    """
    if network.links is None or network.n_trips:
        if waits is not None:
            raise ParameterError(
                f"network {network.network_id} has a timetable: its waits are known, not assumed"
            )
        return compile_network(
            network,
            assumptions,
            date=date,
            change_s=change_s,
            footpaths=footpaths,
            may_be_empty=may_be_empty,
        )
    if date is not None:
        raise ParameterError(
            f"network {network.network_id} has no timetable, so there is no date to choose"
        )
    rule = HALF_HEADWAY if waits is None else waits
    return compile_graph(network, assumptions, waits=rule, change_s=change_s, footpaths=footpaths)


def compile_graph(
    network: Network,
    assumptions: Assumptions,
    *,
    waits: Waits | str = HALF_HEADWAY,
    change_s: int | None = None,
    footpaths: bool = True,
) -> CompiledGraph:
    """Return a network of links cast for the graph engine; change times and transfers as in
    `compile_network`.

    Raises InputError when the network has no links; ParameterError when the rule of `waits` is not
    known.
    """
    links = network.links
    if links is None or not len(links.run_s):
        raise InputError(f"network {network.network_id} has no links between stations")
    n = network.n_stations
    changes = change_times(network.stations, assumptions, change_s).astype(np.int64)
    walk_from, walk_to, walk_s = list_transfers(network, assumptions, footpaths, change_s)
    opens = np.flatnonzero(changes != UNREACHED)
    start, end, run_s = (
        column.astype(np.int64) for column in (links.from_idx, links.to_idx, links.run_s)
    )
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
        network=network,
        links=links,
        waits=waits if isinstance(waits, Waits) else Waits(waits),
        n_nodes=2 * n + len(hops),
        tail=tail,
        head=head,
        seconds=seconds,
        hop=hop,
        boards=boards,
        clocks=clocks[:, ::-1].copy(),
        hop_clock=hop_clock.reshape(-1),
        walks=transfers_csr(n, walk_from, walk_to, walk_s),
        walks_back=transfers_csr(n, walk_to, walk_from, walk_s),
    )


def without_trains(compiled: AnyCompiled, assumptions: Assumptions) -> CompiledGraph | None:
    """Return a network of links without intercity and suburban trains, itself without any; None
    where all are.
    """
    assert isinstance(compiled, CompiledGraph)
    links = compiled.links
    trains = are_trains(compiled.links.route_types)
    if not trains.any():
        return compiled
    if trains.all():
        return None
    left = {name: getattr(links, name)[~trains] for name in Links.__slots__[1:-1]}
    network = replace(compiled.network, links=replace(links, **left))
    return compile_graph(network, assumptions, waits=compiled.waits)


def _consecutive(links: Links) -> tuple[Ints64, Ints64]:
    """Return the pairs (hop, next hop) of a line that do not turn back: passengers may stay on
    board.
    """
    leaving: dict[tuple[int, int], list[int]] = {}
    for hop, key in enumerate(zip(links.line_idx.tolist(), links.from_idx.tolist(), strict=True)):
        leaving.setdefault(key, []).append(hop)
    arriving = zip(
        links.line_idx.tolist(), links.to_idx.tolist(), links.from_idx.tolist(), strict=True
    )
    pairs = [
        (hop, after)
        for hop, (line, end, start) in enumerate(arriving)
        for after in leaving.get((line, end), ())
        if links.to_idx[after] != start
    ]
    came, goes = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    return came, goes
