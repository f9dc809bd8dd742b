"""Networks without a timetable: by hand, against a plain reference, and against the timetable engine."""

from __future__ import annotations

import datetime as dt
from random import Random

import networkx as nx
import numpy as np
import pytest

import graph_reference as ref
import railshed
from railshed.arrays import DIRECTIONS, Direction
from railshed.assumptions import default_assumptions
from railshed.engines import trace_any_journey
from railshed.errors import InputError, ParameterError
from railshed.graph import CompiledGraph, Waits, compile_graph
from railshed.graph_routing import GraphJourneys, find_graph_journeys
from railshed.links import from_networkx
from railshed.model import Network
from railshed.routing import minutes_of
from railshed.units import DAY, HOUR, MINUTE, UNREACHED

SPAN = (8 * HOUR, 8 * HOUR + 40 * MINUTE)
BOUND = 45 * MINUTE


def to_graph(links: ref.RefLinks) -> nx.MultiDiGraph:
    """Return the reference's network as a graph; stations stand a degree apart, so no walk is generated."""
    graph = nx.MultiDiGraph()
    for k, change in enumerate(links.changes):
        graph.add_node(f"s{k}", lon=float(k), lat=0.0, change_s=float("inf") if change is None else change)
    for hop in links.hops:
        graph.add_edge(f"s{hop.start}", f"s{hop.end}", seconds=hop.run_s, line=f"l{hop.line}", headway_s=hop.headway_s)
    for u, v, seconds in links.walks:
        graph.add_edge(f"s{u}", f"s{v}", kind="walk", seconds=seconds)
    return graph


def compiled(network: Network, waits: Waits | str = "half-headway") -> CompiledGraph:
    return compile_graph(network, default_assumptions(), waits=waits)


def reference_pairs(
    links: ref.RefLinks, cast: CompiledGraph, draw: int, direction: Direction, targets: dict[int, int], max_rides: int
) -> list[list[tuple[int, int]]]:
    """Return every journey of every station that can matter for SPAN."""
    columns = (cast.links.line_idx, cast.links.from_idx, cast.links.to_idx, cast.links.run_s, cast.links.headway_s)
    names = [int(line[1:]) for line in cast.links.line_ids]
    hops = [ref.Hop(names[row[0]], *row[1:]) for row in zip(*(c.tolist() for c in columns), strict=True)]
    waits = dict(zip(hops, cast.waits.of_hops(cast.links, draw).tolist(), strict=True))
    phases = dict(zip(names, cast.waits.phases(cast.links, draw).tolist(), strict=True))
    by_line = [phases.get(k, 0) for k in range(max(names) + 1)]
    pairs: list[list[tuple[int, int]]] = [[] for _ in range(links.n_stations)]
    for family in ref.families(links, direction, targets, waits, max_rides, BOUND):
        pairs[family[0]] += ref.departures(family, direction, by_line, SPAN[0] - 3 * HOUR, SPAN[1] + 3 * HOUR)
    return pairs


@pytest.mark.parametrize("seed", range(60))
@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("rule", ["half-headway", "sampled"])
def test_equal_to_the_reference(seed: int, direction: Direction, rule: str) -> None:
    """T_s at every minute, for no, small and large slack and any limit of changes, is that of all journeys by hand."""
    rng = Random(seed)
    max_transfers = rng.choice((None, 0, 1, 2))
    n_stations, n_lines = (4, 2) if max_transfers is None else (rng.randint(3, 6), rng.randint(1, 3))
    links = ref.random_links(rng, n_stations, n_lines)
    network = from_networkx(to_graph(links))
    cast = compiled(network, Waits(rule, n_draws=3, seed=seed))
    targets = {k: rng.choice((0, 0, 120)) for k in rng.sample(range(n_stations), rng.randint(1, 2))}
    found = find_graph_journeys(
        cast, direction, targets, SPAN, slack_s=HOUR, bound_s=BOUND, max_transfers=max_transfers
    )
    rides = 6 if max_transfers is None else max_transfers + 1
    draws = [reference_pairs(links, cast, draw, direction, targets, rides) for draw in cast.waits.draws]
    for slack in (0, 300, HOUR):
        times = found.travel_times(SPAN, slack)
        for x in range(n_stations):
            expected = [
                ref.travel_time(draws[int(m) // MINUTE % len(draws)][x], direction, int(m), slack, BOUND)
                for m in minutes_of(SPAN)
            ]
            assert times[x].tolist() == expected
    fastest = [min((a - d for draw in draws for d, a in draw[x]), default=UNREACHED) for x in range(n_stations)]
    assert found.fastest().tolist() == fastest
