"""From a networkx graph to a network and back; every problem of a graph at once."""

from __future__ import annotations

import datetime as dt
import math
from random import Random
from typing import Any

import networkx as nx
import numpy as np
import pytest

import railshed
from railshed.network.links import from_networkx
from railshed.network.model import Network
from railshed.util.errors import InputError, ParameterError
from railshed.util.units import UNREACHED
from tests.support.seeds import each_seed
from tests.support.small_networks import small_network


def edges_of(graph: nx.Graph) -> list[tuple[str, str, list[tuple[str, Any]]]]:
    """Return the edges with their attributes, in an order of their own: keys of parallel edges do
    not matter.
    """
    return sorted((str(u), str(v), sorted(data.items())) for u, v, data in graph.edges(data=True))


def nodes_of(graph: nx.Graph) -> dict[str, dict[str, Any]]:
    return {str(node): dict(data) for node, data in graph.nodes(data=True)}


def line_of_three() -> nx.Graph:
    """Return a - b - c on line L every 10 minutes, 4 and 5 minutes, and a walk from c to d."""
    graph = nx.Graph()
    for k, node in enumerate("abcd"):
        graph.add_node(node, lon=10.0 + k, lat=50.0)
    graph.add_edge("a", "b", minutes=4, line="L", headway_minutes=10)
    graph.add_edge("b", "c", minutes=5, line="L", headway_minutes=10)
    graph.add_edge("c", "d", kind="walk", seconds=300)
    return graph


def random_graph(rng: Random) -> nx.MultiDiGraph:
    """Return a graph with all attributes in their canonical form: parallel lines, walks, all kinds
    of headway.
    """
    graph = nx.MultiDiGraph(
        network_id="r", title="random", date="2024-05-15", service_hours=rng.choice((16.0, 18.0))
    )
    nodes = [f"n{k}" for k in range(rng.randint(2, 9))]
    for node in nodes:
        data: dict[str, Any] = {
            "name": node.upper(),
            "name_en": rng.choice(("", "x")),
            "lon": rng.uniform(-180, 180),
            "lat": rng.uniform(-90, 90),
            "county_code": rng.choice(("", "510100")),
            "station_class": rng.choice(("hub", "small", "metro")),
            "feeder": rng.choice(("bus", "metro")),
            "coord_confidence": rng.choice(("high", "low")),
        }
        if rng.random() < 0.5:
            data["change_s"] = rng.choice((0, 77, 600, math.inf))
        graph.add_node(node, **data)
    graph.add_edge(*nodes[:2], minutes=1.0)
    for _ in range(rng.randint(0, 30)):
        u, v = rng.sample(nodes, 2)
        if rng.random() < 0.2:
            graph.add_edge(u, v, kind="walk", seconds=rng.choice((0, 61, 900, math.inf)))
            continue
        data = {"minutes": rng.choice((0, 60, 61, 599)) / 60}
        data |= rng.choice(({}, {"line": "1"}, {"line": "2"}, {"line": "S 3"}))
        data |= rng.choice(
            ({}, {"trains": rng.randint(1, 500)}, {"headway_minutes": rng.choice((60, 601)) / 60})
        )
        data |= rng.choice(({}, {}, {"route_type": 1}))
        graph.add_edge(u, v, **data)
    return graph


@each_seed(range(100))
def test_graph_to_network_to_graph_is_exact(seed: int) -> None:
    """Nodes, edges, attributes and the graph's own come back, and rows in another order give the
    same network.
    """
    rng = Random(seed)
    graph = random_graph(rng)
    network = from_networkx(graph)
    back = network.to_networkx()
    assert isinstance(back, nx.MultiDiGraph)
    assert nodes_of(back) == nodes_of(graph)
    assert edges_of(back) == edges_of(graph)
    assert back.graph == graph.graph
    assert network.issues == ()
    shuffled = nx.MultiDiGraph(**graph.graph)
    shuffled.add_nodes_from(rng.sample(list(graph.nodes(data=True)), len(graph)))
    shuffled.add_edges_from(rng.sample(list(graph.edges(data=True)), graph.number_of_edges()))
    again = from_networkx(shuffled)
    assert nx.utils.graphs_equal(again.to_networkx(), back)
    assert list(again.to_networkx().edges(data=True)) == list(back.edges(data=True))


def test_timetable_to_links_and_back() -> None:
    """The graph of a timetable, read as links, gives the same nodes, edges and attributes."""
    timetable = railshed.load_network("toy")
    graph = timetable.to_networkx()
    assert isinstance(graph, nx.DiGraph)
    assert graph["mid"]["east"] == {"minutes": 16.0, "trains": 54}
    network = from_networkx(graph)
    back = network.to_networkx()
    assert (nodes_of(back), edges_of(back)) == (nodes_of(graph), edges_of(graph))
    assert network.stations == timetable.stations
    assert (network.network_id, network.title, network.date) == (
        timetable.network_id,
        timetable.title,
        timetable.date,
    )
    # 108, 54, 37, 36 and 18 trains in 18 hours
    assert network.links is not None
    assert sorted(set(network.links.headway_s.tolist())) == [600, 1200, 1751, 1800, 3600]


def test_calls_at_two_platforms_of_one_station_are_no_edge() -> None:
    """A train that calls twice in turn at a merged station: its other legs stay, and the graph
    reads back.
    """
    calls = [("a", "08:00"), ("b", "08:03"), ("b", "08:05"), ("c", "08:09")]
    network = small_network({"a": (0, 0), "b": (2, 0), "c": (4, 0)}, {"t": calls})
    graph = network.to_networkx()
    assert edges_of(graph) == [
        ("a", "b", [("minutes", 3.0), ("trains", 1)]),
        ("b", "c", [("minutes", 4.0), ("trains", 1)]),
    ]
    again = from_networkx(graph)
    assert (again.issues, edges_of(again.to_networkx())) == ((), edges_of(graph))


def test_undirected_edges_run_both_ways() -> None:
    """A Graph and a MultiGraph give each hop and walk in both directions, with defaults
    filled in.
    """
    for graph in (line_of_three(), nx.MultiGraph(line_of_three())):
        network = from_networkx(graph)
        back = network.to_networkx()
        hop = [("headway_minutes", 10.0), ("line", "L"), ("minutes", 4.0)]
        walk = [("kind", "walk"), ("seconds", 300)]
        assert edges_of(back)[:2] == [("a", "b", hop), ("b", "a", hop)]
        assert edges_of(back)[-2:] == [("c", "d", walk), ("d", "c", walk)]
        assert back.nodes["a"] == {
            "name": "a",
            "name_en": "",
            "lon": 10.0,
            "lat": 50.0,
            "county_code": "",
            "station_class": "small",
            "feeder": "bus",
            "coord_confidence": "high",
        }
        assert repr(network) == (
            "<Network 'graph' 2000-01-04: 4 stations, 0 trips, 0 stop times, 4 hops of 1 lines, 0 "
            "cities>"
        )


def test_other_spellings() -> None:
    """x, y, seconds, run_s, change_minutes, headway_s, numpy numbers, number ids; arguments win
    over attributes.
    """
    graph = nx.DiGraph(network_id="inner", title="Inner", date="2024-05-15", service_hours=10)
    graph.add_node(1, x=np.float64(10), y=50, change_minutes=2.5)
    graph.add_node(2, x=11, y=50, change_minutes=math.inf)
    graph.add_edge(1, 2, run_s=90, line=7, headway_s=np.int64(601))
    graph.add_edge(2, 1, seconds=61.6, trains=np.int32(7), line=7)
    network = from_networkx(graph)
    assert [s.change_s for s in network.stations] == [150, UNREACHED]
    assert network.links is not None
    assert network.links.line_ids == ("7",)
    assert network.links.run_s.tolist() == [90, 62]
    assert network.links.headway_s.tolist() == [601, round(36_000 / 7)]
    assert network.notes == ("1 time rounded to whole seconds",)
    assert (network.network_id, network.title, network.date) == (
        "inner",
        "Inner",
        dt.date(2024, 5, 15),
    )
    named = from_networkx(
        graph, network_id="n", title="T", date=dt.date(2025, 1, 2), service_hours=20
    )
    assert (named.network_id, named.title, named.date) == ("n", "T", dt.date(2025, 1, 2))
    assert named.links is not None
    assert named.links.headway_s.tolist() == [601, round(72_000 / 7)]


def test_what_is_assumed_is_said() -> None:
    """Hops without a line and without a headway are counted in the notes; unread attributes are
    warned of.
    """
    graph = nx.path_graph(3, nx.DiGraph)
    nx.set_node_attributes(graph, {k: {"lon": k, "lat": 0, "population": 5} for k in range(3)})
    nx.set_edge_attributes(
        graph,
        {(0, 1): {"minutes": 1, "lines": "A", "osmid": 1}, (1, 2): {"minutes": 1, "osmid": 2}},
    )
    network = from_networkx(graph)
    assert network.notes == (
        "2 of 2 hops name no line: counted as one line, without changes between them",
        "2 of 2 hops have no headway: no wait, a train every minute",
    )
    assert [(i.severity, i.code, i.field, i.message.split(" is ")[0]) for i in network.issues] == [
        ("warning", "unknown-attribute", "lines", "attribute of 1 edge"),
        ("warning", "unknown-attribute", "osmid", "attribute of 2 edges"),
        ("warning", "unknown-attribute", "population", "attribute of 3 nodes"),
    ]
    assert network.issues[0].remedy == "did you mean 'line'?"


NODE_PROBLEMS = [
    ({"lon": None}, "lon"),
    ({"lon": math.nan}, "lon"),
    ({"lon": "10"}, "lon"),
    ({"lon": 181}, "lon"),
    ({"lat": 91}, "lat"),
    ({"lat": True}, "lat"),
    ({"station_class": "huge"}, "station_class"),
    ({"feeder": "tram"}, "feeder"),
    ({"coord_confidence": "sure"}, "coord_confidence"),
    ({"change_s": -1}, "change_s"),
    ({"change_s": math.nan}, "change_s"),
    ({"change_minutes": "2"}, "change_minutes"),
    ({"change_s": 60, "change_minutes": 1}, "change_s"),
]
EDGE_PROBLEMS = [
    ({"minutes": -1}, "minutes"),
    ({"minutes": math.nan}, "minutes"),
    ({"minutes": math.inf}, "minutes"),
    ({"minutes": None}, "minutes"),
    ({"minutes": "4"}, "minutes"),
    ({"minutes": 1441}, "minutes"),
    ({"seconds": 60}, "minutes"),
    ({"headway_minutes": -10}, "headway_minutes"),
    ({"headway_minutes": math.inf}, "headway_minutes"),
    ({"trains": 10}, "trains"),
    ({"line": ["A"]}, "line"),
    ({"line": True}, "line"),
    ({"route_type": 99}, "route_type"),
    ({"route_type": "rail"}, "route_type"),
    ({"kind": "fly"}, "kind"),
    ({"kind": "walk", "minutes": -1}, "minutes"),
]


@pytest.mark.parametrize(("data", "field"), NODE_PROBLEMS)
def test_problem_of_a_node(data: dict[str, Any], field: str) -> None:
    """One wrong attribute is one error that names the node and the field."""
    graph = line_of_three()
    graph.nodes["a"].update(data)
    with pytest.raises(InputError) as caught:
        from_networkx(graph)
    assert [issue.field for issue in caught.value.issues] == [field]
    assert "node 'a'" in str(caught.value)


@pytest.mark.parametrize(("data", "field"), EDGE_PROBLEMS)
def test_problem_of_an_edge(data: dict[str, Any], field: str) -> None:
    """One wrong attribute is one error that names the edge and the field."""
    graph = line_of_three()
    graph.edges["a", "b"].update(data)
    with pytest.raises(InputError) as caught:
        from_networkx(graph)
    assert [issue.field for issue in caught.value.issues] == [field]
    assert "edge 'a' to 'b'" in str(caught.value)


@pytest.mark.parametrize("number", [0, -3, 2.5, math.nan, "7", True])
def test_trains_are_whole_and_positive(number: object) -> None:
    """A line of no trains, or of half ones, is an error."""
    graph = line_of_three()
    del graph.edges["a", "b"]["headway_minutes"]
    graph.edges["a", "b"]["trains"] = number
    with pytest.raises(InputError, match="trains"):
        from_networkx(graph)


def test_all_problems_at_once() -> None:
    """Missing coordinates, equal ids, an empty id, a loop, a missing time and bad graph attributes
    in one error.
    """
    graph = line_of_three()
    graph.graph |= {"date": "May", "service_hours": 25}
    graph.add_node("e")
    graph.add_node(1, lon=0, lat=0)
    graph.add_node("1", lon=0, lat=0)
    graph.add_node(" ", lon=0, lat=0)
    graph.add_edge("a", "a", minutes=1)
    graph.add_edge("a", "c", line="L")
    with pytest.raises(InputError) as caught:
        from_networkx(graph)
    assert sorted(issue.field for issue in caught.value.issues) == [
        "date",
        "edge",
        "lat",
        "lon",
        "minutes",
        "node",
        "node",
        "service_hours",
    ]


def test_nothing_to_ride_on() -> None:
    """An empty graph, and one of walks alone, are errors; what is no graph is one too."""
    walks = nx.Graph()
    walks.add_nodes_from([("a", {"lon": 0, "lat": 0}), ("b", {"lon": 1, "lat": 0})])
    walks.add_edge("a", "b", kind="walk", seconds=60)
    for graph in (nx.Graph(), walks):
        with pytest.raises(InputError, match="no edge to ride on"):
            from_networkx(graph)
    with pytest.raises(ParameterError, match="a networkx graph is needed, not dict"):
        from_networkx({})


def test_network_without_transfers_or_links_is_as_before() -> None:
    """A timetable has no links; a network of links has no trips, no services and its own limits."""
    assert railshed.load_network("toy").links is None
    network: Network = from_networkx(line_of_three())
    assert (network.n_trips, network.services, len(network.stop_times.trip_idx)) == (0, (), 0)
    assert network.limits[0][1].startswith("no timetable")
    for array in (network.links.run_s, network.transfers.seconds, network.stop_times.arrival_s):  # type: ignore[union-attr]
        assert array.dtype == np.int32
        assert not array.flags.writeable
