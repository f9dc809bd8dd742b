"""Streets against osmnx and networkx: on a real extract to the second; graphs saved by osmnx;
downloads.
"""

from __future__ import annotations

import math
import random
import re
from pathlib import Path
from xml.sax.saxutils import quoteattr

import networkx as nx
import numpy as np
import osmium
import osmnx
import pytest
import shapely

from railshed.access.straight import Entrances
from railshed.access.street_access import StreetAccess
from railshed.access.street_graph import street_graph, whole_seconds
from railshed.access.streets import LONGEST_EDGE_M, Streets
from railshed.assumptions.assumptions import default_assumptions
from railshed.io.streets.read import download_streets, read_streets, streets_from_networkx
from railshed.util.errors import InputError
from tests.access.test_streets import graph_node, seconds
from tests.support.cells import cells_at, pairs_of_access
from tests.support.osm_server import Server, overpass_answer
from tests.support.street_town import DEGREE_M, SMALLER, write_streets

PORTO_ALEGRE = (
    Path(__file__).resolve().parents[2].parent
    / "shared"
    / "data"
    / "porto_alegre"
    / "porto_alegre.osm.pbf"
)
needs_data = pytest.mark.skipif(
    not PORTO_ALEGRE.is_file(), reason="needs ../shared/data/porto_alegre"
)
#: metres a second
WALK = 4.8 / 3.6
SHUT = {"no", "private"}


def walked_by(tags: dict[str, str]) -> bool:
    """A filter for walking in other words than the package's: streets and paths without a no."""
    kind = tags.get("highway", "none")
    left_out = ("motorway", "construction", "proposed", "rest_area", "none")
    said = tags.get("foot", tags.get("access", "yes"))
    return not kind.startswith(left_out) and said not in SHUT and tags.get("route") != "ferry"


def cut_osm(source: Path, target: Path, lon: tuple[float, float], lat: tuple[float, float]) -> Path:
    """The walkable ways that touch a box, with their nodes, as .osm text that osmnx reads."""
    inside = {}
    for item in osmium.FileProcessor(source, osmium.osm.NODE):
        inside[item.id] = (item.location.lon, item.location.lat)
    ways = []
    for item in osmium.FileProcessor(source, osmium.osm.WAY):
        refs = [node.ref for node in item.nodes]
        tags = {tag.k: tag.v for tag in item.tags}
        if walked_by(tags) and any(
            lon[0] < inside[r][0] < lon[1] and lat[0] < inside[r][1] < lat[1] for r in refs
        ):
            ways.append((item.id, refs, tags))
    lines = ['<osm version="0.6">']
    for number in sorted({ref for _, refs, _ in ways for ref in refs}):
        x, y = inside[number]
        lines.append(f'<node id="{number}" lon="{x:.7f}" lat="{y:.7f}"/>')
    for number, refs, tags in ways:
        inner = "".join(f'<nd ref="{ref}"/>' for ref in refs)
        inner += "".join(f"<tag k={quoteattr(k)} v={quoteattr(v)}/>" for k, v in tags.items())
        lines.append(f'<way id="{number}">{inner}</way>')
    target.write_text("\n".join([*lines, "</osm>"]), encoding="utf-8")
    return target


@pytest.fixture(scope="module")
def extract(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The middle of Porto Alegre, 3.5 x 3.3 km."""
    folder = tmp_path_factory.mktemp("osmnx")
    return cut_osm(PORTO_ALEGRE, folder / "middle.osm", (-51.235, -51.20), (-30.06, -30.03))


@needs_data
def test_walks_equal_osmnx_to_the_second(extract):
    """From 12 random nodes to all others within an hour: the seconds of networkx on osmnx's own
    lengths, rounded up.

    Both read the same file; osmnx's graph is not simplified and not cut. Edges are rounded to a
    tenth of a millisecond, so a way of 400 edges may be 0.02 s off, and a whole second more or less
    where the exact time is that near to one.
    """
    theirs = osmnx.graph_from_xml(extract, bidirectional=True, simplify=False, retain_all=True)
    for _, _, data in theirs.edges(data=True):
        data["seconds"] = data["length"] / WALK
    streets = read_streets(extract, island_nodes=1)
    graph = street_graph(streets, "walk", 4.8)
    ids = streets.node_id[graph.node]
    known = np.flatnonzero(ids > 0)
    assert set(ids[known].tolist()) == set(theirs.nodes)
    starts = random.Random(4).sample(known.tolist(), 12)
    zeros = np.zeros(len(known))
    source, target, ticks = graph.ticks(
        (starts, np.zeros(12)), (known, zeros), 3600, towards_sources=True
    )
    found = whole_seconds(ticks)
    n_pairs = n_early = 0
    for k, start in enumerate(starts):
        exact = nx.single_source_dijkstra_path_length(
            theirs, int(ids[start]), cutoff=3601, weight="seconds"
        )
        row = source == k
        mine = dict(zip(ids[known[target[row]]].tolist(), found[row].tolist(), strict=True))
        assert set(mine) >= {node for node, s in exact.items() if s <= 3599.9}
        for node, s in mine.items():
            assert math.ceil(exact[node] - 0.03) <= s <= math.ceil(exact[node] + 0.03)
            n_early += s != math.ceil(exact[node])
        n_pairs += len(mine)
    assert n_pairs > 50_000
    assert n_early < n_pairs / 200


@needs_data
def test_lengths_equal_osmnx_to_the_millimetre(extract):
    """Edges of at most 100 m, which are not cut: the length between the same two nodes is
    the same.
    """
    theirs = osmnx.graph_from_xml(extract, bidirectional=True, simplify=False, retain_all=True)
    streets = read_streets(extract, island_nodes=1)
    mine = {}
    for tail, head, metres in zip(
        streets.tail.tolist(), streets.head.tolist(), streets.length_m.tolist(), strict=True
    ):
        mine[int(streets.node_id[tail]), int(streets.node_id[head])] = metres
    short = [
        (u, v, d["length"])
        for u, v, d in theirs.edges(data=True)
        if d["length"] <= LONGEST_EDGE_M and u != v
    ]
    assert len(short) > 10_000
    assert max(abs(mine[u, v] - length) for u, v, length in short) < 1e-3


@needs_data
def test_the_whole_extract():
    """The streets of Porto Alegre lie where the file does, and no edge is longer than 100 m; so for
    cars, on foot.
    """
    streets = read_streets(PORTO_ALEGRE)
    streets.require_area(-51.22, -30.04, "Porto Alegre")
    west, south, east, north = streets.extent
    assert -51.3 < west < east < -51.1
    assert -30.2 < south < north < -29.9
    assert streets.length_m.max() <= LONGEST_EDGE_M + 1e-6
    walk, drive = street_graph(streets, "walk", 5), street_graph(streets, "drive")
    assert walk.n_nodes > drive.n_nodes > 30_000


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_streets(tmp_path_factory.mktemp("town") / "town.osm")


@pytest.fixture
def drive(town, monkeypatch) -> nx.MultiDiGraph:
    """The town as osmnx has it, simplified, without what is closed there."""
    monkeypatch.setattr(
        osmnx.settings, "useful_tags_way", [*osmnx.settings.useful_tags_way, "cycleway", "foot"]
    )
    graph = osmnx.graph_from_xml(town, retain_all=True)
    return _streets_only(graph)


def same_times(streets: Streets) -> None:
    """The times of `test_streets` between crossings that simplification keeps."""
    assert seconds(streets, "walk", 1, 3) == 600
    assert seconds(streets, "walk", 3, 21) == 800
    assert seconds(streets, "walk", 2, 5) == seconds(streets, "walk", 5, 2) == 300
    assert seconds(streets, "bike", 2, 5) == seconds(streets, "bike", 5, 2) == 180
    assert seconds(streets, "drive", 1, 3) == 72
    assert seconds(streets, "drive", 3, 1) == 72
    assert seconds(streets, "drive", 3, 5) == 44  # 600 m at 50 km/h; not against the one-way street
    assert seconds(streets, "drive", 5, 3) == 44 + 72
    assert streets.length_m.max() <= LONGEST_EDGE_M + 1e-6


def test_graphs_in_memory_and_saved_are_the_town(drive, tmp_path):
    """Simplified, with curves as shapes: the same times from the graph, its GraphML and its
    GeoPackage, bit for bit.
    """
    streets = streets_from_networkx(drive, island_nodes=1)
    same_times(streets)
    osmnx.save_graphml(drive, tmp_path / "town.graphml")
    osmnx.save_graph_geopackage(drive, tmp_path / "town.gpkg", directed=True)
    for name in ("town.graphml", "town.gpkg"):
        saved = read_streets(tmp_path / name, island_nodes=1)
        assert saved.fingerprint() == streets.fingerprint()
        assert saved.sources[0]["licence"] == "ODbL 1.0"
    assert not streets.issues


@pytest.mark.parametrize("mode", ["walk", "bike", "drive"])
def test_circles_on_graphs_are_those_on_the_file(town, tmp_path, monkeypatch, mode):
    """Of the same streets as .osm, .graphml and .gpkg, every cell of 50 m is as many seconds from
    every door.

    Positions have the seven digits that files of OpenStreetMap hold.
    """
    monkeypatch.setattr(
        osmnx.settings, "useful_tags_way", [*osmnx.settings.useful_tags_way, "cycleway", "foot"]
    )
    monkeypatch.setenv("RAILSHED_CACHE_DIR", str(tmp_path / "cache"))
    text = re.sub(
        r'"(-?[0-9]+\.[0-9]{3,})"',
        lambda m: f'"{float(m[1]):.7f}"',
        town.read_text(encoding="utf-8"),
    )
    file = tmp_path / "town.osm"
    file.write_text(text, encoding="utf-8")
    graph = osmnx.graph_from_xml(file, simplify=False, retain_all=True)
    osmnx.save_graphml(graph := _streets_only(graph), tmp_path / "town.graphml")
    osmnx.save_graph_geopackage(graph, tmp_path / "town.gpkg", directed=True)
    doors = Entrances(
        *(np.array(v) for v in ([0.0, 0.002, 0.004], [0.0001, 0.0026, 0.0])), ["bus"] * 3
    )
    found = []
    for name in ("town.osm", "town.graphml", "town.gpkg"):
        access = StreetAccess(
            default_assumptions().with_access(mode), read_streets(tmp_path / name, island_nodes=1)
        )
        for towards in (True, False):
            cells = cells_at(0.0, 0.0, 50)
            pairs = pairs_of_access(cells, access.within_caps(cells, doors, towards=towards))
            found.append(
                [v.tolist() for v in (pairs.row, pairs.column, pairs.point, pairs.seconds)]
            )
    assert len(found[0][0]) > 300
    assert found[0] == found[2] == found[4]
    assert found[1] == found[3] == found[5]


def _streets_only(graph: nx.MultiDiGraph) -> nx.MultiDiGraph:
    """Without what is under construction, railway or ferry, and the nodes that lose their last
    edge.
    """
    gone = [
        e
        for e in graph.edges(keys=True)
        if graph.edges[e].get("highway", "construction") == "construction"
    ]
    graph.remove_edges_from(gone)
    graph.remove_nodes_from([node for node in graph if graph.degree(node) == 0])
    return graph


def test_curves_are_cut_along_their_shape(drive):
    """Node 4 is a bend that simplification takes away: a node is inserted there, on the corner of
    the street.
    """
    streets = streets_from_networkx(drive, island_nodes=1)
    assert 4 not in streets.node_id
    corner = np.hypot(streets.lon - 600 / DEGREE_M, streets.lat - 300 / DEGREE_M) * DEGREE_M
    assert corner.min() < 0.1
    drawn = (600 + 1200 + 300 + 200 + 600) * SMALLER
    assert streets.length_m.sum() == pytest.approx(2 * drawn, abs=1)


def test_projected_graphs_are_taken_back_to_degrees(drive):
    back = streets_from_networkx(osmnx.project_graph(drive), island_nodes=1)
    plain = streets_from_networkx(drive, island_nodes=1)
    assert back.lon == pytest.approx(plain.lon, abs=1e-8)
    assert back.lat == pytest.approx(plain.lat, abs=1e-8)
    same_times(back)


def test_an_undirected_package_keeps_two_way_streets(drive, tmp_path):
    """Each street once in the file: those that are not one-way go both ways."""
    osmnx.save_graph_geopackage(drive, tmp_path / "town.gpkg")
    streets = read_streets(tmp_path / "town.gpkg", island_nodes=1)
    assert seconds(streets, "drive", 1, 3) == seconds(streets, "drive", 3, 1) == 72


def test_a_graph_for_walking_warns_of_cars(town):
    """osmnx makes all streets two-way for walkers: cars would go against one-way streets, and that
    is said.
    """
    graph = osmnx.graph_from_xml(town, bidirectional=True, retain_all=True)
    graph.remove_edges_from([e for e in graph.edges(keys=True) if "highway" not in graph.edges[e]])
    streets = streets_from_networkx(graph, island_nodes=1)
    assert [issue.code for issue in streets.issues] == ["no-one-ways"]


def test_speeds_that_osmnx_imputed_count(drive):
    """speed_kph goes before maxspeed: 800 m over the bridge at 36 km/h instead of 20 mph."""
    assert seconds(streets_from_networkx(drive, island_nodes=1), "drive", 3, 21) == 90
    for _, _, data in drive.edges(data=True):
        data["speed_kph"] = 36.0
    assert seconds(streets_from_networkx(drive, island_nodes=1), "drive", 3, 21) == 80


def test_several_ways_in_one_edge_allow_what_all_allow():
    """A merged edge of road and steps is for walkers; of two speeds the lower counts, 40 km/h."""
    graph = nx.MultiDiGraph(crs="epsg:4326")
    for number in (1, 2, 3):
        graph.add_node(number, x=number / 1000, y=0.0)
    common = {"length": 100.0, "oneway": False}
    for u, v in ((1, 2), (2, 1)):
        graph.add_edge(u, v, highway=["residential", "steps"], **common)
    for u, v in ((2, 3), (3, 2)):
        graph.add_edge(u, v, highway=["residential", "tertiary"], maxspeed=["60", "40"], **common)
    streets = streets_from_networkx(graph, island_nodes=1)
    assert seconds(streets, "walk", 1, 3) == 200
    assert seconds(streets, "drive", 2, 3) == 9
    assert graph_node(streets, street_graph(streets, "drive"), 1) == -1


def broken(**changes: object) -> nx.MultiDiGraph:
    graph = nx.MultiDiGraph(crs="epsg:4326")
    graph.add_node(1, x=0.0, y=0.0)
    graph.add_node(2, x=changes.pop("x", 0.001), y=0.0)
    graph.add_edge(1, changes.pop("head", 2), **{"length": 100.0, "highway": "path", **changes})
    return graph


def straight_street(*lengths: float, at: float = 0.0) -> nx.MultiDiGraph:
    """A path of nodes 0.001 degrees (111.2 m) apart along the equator, east of a longitude, with
    given lengths.
    """
    graph = nx.MultiDiGraph(crs="epsg:4326")
    for k in range(len(lengths) + 1):
        graph.add_node(k + 1, x=(at + k / 1000 + 180) % 360 - 180, y=0.0)
    for k, length in enumerate(lengths):
        graph.add_edge(k + 1, k + 2, length=length, highway="path", oneway=False)
    return graph


def test_lengths_shorter_than_the_straight_line_are_said():
    """One of three edges is 30 m short: a warning with both ends, and it counts as given.

    Less than 1 % is rounding.
    """
    streets = streets_from_networkx(straight_street(111.2, 110.0, 81.2), island_nodes=1)
    (issue,) = streets.issues
    assert (issue.severity, issue.code, issue.field) == ("warning", "length", "length")
    assert (
        issue.message
        == "1 of 3 edges are shorter than the straight line between their ends; they count as given"
    )
    assert issue.value == "81.2 from 3 to 4, straight 111.2 m"
    assert sorted(set(streets.length_m.tolist())) == [
        55.0,
        55.6,
        81.2,
    ]  # longer ones are cut in halves
    assert 81.2 in streets.length_m
    graph = straight_street(71.2, 177.4)
    graph.nodes[3]["x"] = 0.003
    (two,) = streets_from_networkx(graph, island_nodes=1).issues
    assert two.value == "177.4 from 2 to 3, straight 222.4 m", "the edge that lacks most"
    assert not streets_from_networkx(straight_street(111.2, 110.0, 109.2), island_nodes=1).issues


@pytest.mark.parametrize("bent", [False, True])
def test_a_street_across_180_degrees_is_cut_on_its_way(bent):
    """A street of 222 m across 180 degrees becomes three parts: the two nodes between lie a third
    from its ends.
    """
    graph = straight_street(222.4, at=179.999)
    graph.nodes[2]["x"] = -179.999
    if bent:
        line = shapely.LineString(
            [(179.999, 0.0), (179.9999, 0.0), (-179.9999, 0.0), (-179.999, 0.0)]
        )
        graph.edges[1, 2, 0]["geometry"] = line
    streets = streets_from_networkx(graph, island_nodes=1)
    east = np.sort(streets.lon % 360)
    assert east == pytest.approx([179.999, 180 - 0.001 / 3, 180 + 0.001 / 3, 180.001], abs=1e-7)
    assert np.abs(streets.lon).max() <= 180
    assert street_graph(streets, "walk", 5).snap(-179.9997, 0.0005)[1] == pytest.approx(
        [55.6], abs=1
    )


def test_lengths_in_another_unit_are_an_error():
    """Kilometres: most edges are shorter than half the straight line."""
    with pytest.raises(InputError, match=r"3 of 3 edges are shorter .*lengths must be metres"):
        streets_from_networkx(straight_street(0.111, 0.112, 0.111))


@pytest.mark.parametrize(
    ("graph", "message"),
    [
        (broken(length=None), "1 edges have no length in metres"),
        (broken(length=-1.0), "1 edges have no length in metres"),
        (broken(length=float("nan")), "1 edges have no length in metres"),
        (broken(x=400.0), "1 nodes lie outside 180 degrees"),
        (broken(x=float("nan")), "1 nodes lie outside 180 degrees"),
        (broken(head=3), "1 of 3 nodes have no position"),
        (broken(highway="raceway"), "there is no street in it"),
        (nx.MultiDiGraph(), "there is no street in it"),
        (nx.relabel_nodes(broken(), {1: "one"}), "1 ids of nodes are no whole numbers"),
        (nx.DiGraph(broken()), "not a networkx.MultiDiGraph"),
    ],
)
def test_graphs_that_are_none(graph, message):
    with pytest.raises(InputError, match=message):
        streets_from_networkx(graph)


def test_graphml_without_positions(tmp_path):
    graph = nx.MultiDiGraph()
    graph.add_edge(1, 2, length=5.0)
    nx.write_graphml(graph, tmp_path / "plain.graphml")
    with pytest.raises(
        InputError, match=r"2 of 2 nodes have no position|no street graph that osmnx can read"
    ):
        read_streets(tmp_path / "plain.graphml")


def test_packages_without_their_layers(drive, tmp_path):
    nodes, edges = osmnx.graph_to_gdfs(drive)
    nodes.to_file(tmp_path / "half.gpkg", layer="nodes", index=True)
    with pytest.raises(InputError, match=r"no layer edges \(layers: nodes\)"):
        read_streets(tmp_path / "half.gpkg")
    edges[["geometry"]].to_file(tmp_path / "half.gpkg", layer="edges", index=False)
    with pytest.raises(InputError, match="no column u") as caught:
        read_streets(tmp_path / "half.gpkg")
    assert [issue.code for issue in caught.value.issues] == ["missing-column"] * 4


def test_a_file_and_a_graph_are_one(drive, town, tmp_path):
    """A walk graph of osmnx joined to the file it came from adds nothing that is not there."""
    osmnx.save_graphml(drive, tmp_path / "town.graphml")
    both = read_streets([tmp_path / "town.graphml", town], island_nodes=1)
    same_times(both)
    assert len(both.sources) == 2


def test_streets_downloaded_are_the_town(osm_server, town, tmp_path):
    """The cached file gives the same network, bit for bit; highways are asked for."""
    state: Server = osm_server
    state.answer = overpass_answer(town)
    path = download_streets("Town", tmp_path / "town.osm.pbf")
    assert (
        read_streets(path, island_nodes=1).fingerprint()
        == read_streets(town, island_nodes=1).fingerprint()
    )
    assert "[highway]" in state.queries[0].replace('"', "")


def test_a_place_without_streets(osm_server, tmp_path):
    state: Server = osm_server
    state.answer = {"elements": []}
    with pytest.raises(
        InputError, match="download of 'Town': there is no street within its boundary"
    ):
        download_streets("Town", tmp_path / "town.osm")
    assert list(tmp_path.iterdir()) == []
