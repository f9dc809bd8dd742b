"""Streets from files: tags, lengths, pieces, islands; the town of `street_town` is worked out by
hand.
"""

from __future__ import annotations

import bz2
import gzip
import random
from collections.abc import Sequence

import numpy as np
import pytest

from railshed.access.street_graph import StreetGraph, street_graph, whole_seconds
from railshed.access.streets import BIKE, DRIVE, SNAP, WALK, Streets
from railshed.io.cache import load_streets
from railshed.io.streets.read import read_streets, streets_from_networkx
from railshed.io.streets.tags import CLASSES, Permission, parse_street_speed, permission
from railshed.util.errors import InputError
from railshed.util.units import UNREACHED
from tests.support.osm_town import way, write
from tests.support.street_town import DEGREE_M, NODES, PLACES, SMALLER, WAYS, node, write_streets

SPEEDS = {"walk": 3.6, "bike": 18.0, "drive": None}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Streets:
    return read_streets(
        write_streets(tmp_path_factory.mktemp("streets") / "town.osm"), island_nodes=1
    )


def seconds(streets: Streets, mode: str, start: int, end: int, limit_s: int = 3600) -> int:
    """Seconds between two nodes of the source, found from both ends alike."""
    graph = street_graph(streets, mode, SPEEDS[mode])
    places = [graph_node(streets, graph, number) for number in (start, end)]
    there = graph.nearest((places[:1], [0]), (places[1:], [0]), limit_s, towards_sources=False)
    back = graph.nearest((places[1:], [0]), (places[:1], [0]), limit_s, towards_sources=True)
    assert there.tolist() == back.tolist()
    return int(there[0])


def graph_node(streets: Streets, graph: StreetGraph, number: int) -> int:
    """The node of the graph with an id of the source, -1 where the mode has none."""
    found = np.flatnonzero(streets.node_id[graph.node] == number)
    return int(found[0]) if len(found) else -1


def word(bits: int) -> str:
    return "".join(letter for letter, bit in (("w", WALK), ("b", BIKE), ("d", DRIVE)) if bits & bit)


@pytest.mark.parametrize(
    ("tags", "forth", "back"),
    [
        ("highway=residential", "wbd", "wbd"),
        ("highway=residential oneway=yes", "wbd", "w"),
        ("highway=residential oneway=-1", "w", "wbd"),
        ("highway=residential oneway=reverse", "w", "wbd"),
        ("highway=residential oneway=yes oneway:bicycle=no", "wbd", "wb"),
        ("highway=residential oneway=yes cycleway=opposite_lane", "wbd", "wb"),
        ("highway=residential oneway=yes cycleway:left=opposite_track", "wbd", "wb"),
        ("highway=residential oneway=yes cycleway:right:oneway=no", "wbd", "wb"),
        ("highway=residential oneway=yes cycleway:left:oneway=-1", "wbd", "wb"),
        ("highway=residential oneway=yes cycleway=lane", "wbd", "w"),
        ("highway=residential oneway:bicycle=yes", "wbd", "wd"),
        ("highway=residential oneway:bicycle=-1", "wd", "wbd"),
        ("highway=tertiary junction=roundabout", "wbd", "w"),
        ("highway=tertiary junction=circular", "wbd", "w"),
        ("highway=tertiary junction=roundabout oneway=no", "wbd", "wbd"),
        ("highway=motorway", "d", ""),
        ("highway=motorway_link", "d", ""),
        ("highway=motorway oneway=no", "d", "d"),
        ("highway=motorway foot=yes", "wd", "w"),
        ("highway=trunk", "wbd", "wbd"),
        ("highway=trunk motorroad=yes", "d", "d"),
        ("highway=trunk motorroad=yes foot=designated", "wd", "wd"),
        ("highway=primary foot=no", "bd", "bd"),
        ("highway=primary foot=use_sidepath bicycle=use_sidepath", "d", "d"),
        ("highway=primary sidewalk=separate", "wbd", "wbd"),
        ("highway=footway", "w", "w"),
        ("highway=footway oneway=yes", "w", "w"),
        ("highway=footway bicycle=yes", "wb", "wb"),
        ("highway=footway access=yes", "w", "w"),
        ("highway=pedestrian motor_vehicle=destination", "wd", "wd"),
        ("highway=pedestrian bicycle=dismount", "w", "w"),
        ("highway=path", "wb", "wb"),
        ("highway=path foot=private bicycle=no", None, None),
        ("highway=cycleway oneway=yes", "wb", "w"),
        ("highway=cycleway foot=no", "b", "b"),
        ("highway=steps bicycle=yes", "w", "w"),
        ("highway=track", "wb", "wb"),
        ("highway=track motorcar=yes", "wbd", "wbd"),
        ("highway=service access=private", None, None),
        ("highway=service access=private foot=yes", "w", "w"),
        ("highway=service access=no bicycle=permissive", "b", "b"),
        ("highway=service access=customers", "wbd", "wbd"),
        ("highway=service access=agricultural;forestry", None, None),
        ("highway=service access=agricultural;destination", "wbd", "wbd"),
        ("highway=service service=emergency_access", "wb", "wb"),
        ("highway=residential vehicle=no", "w", "w"),
        ("highway=residential vehicle=no bicycle=yes", "wb", "wb"),
        ("highway=residential motor_vehicle=no", "wb", "wb"),
        ("highway=residential motor_vehicle=no motorcar=yes", "wbd", "wbd"),
        ("highway=construction", None, None),
        ("highway=proposed", None, None),
        ("highway=raceway", None, None),
        ("highway=residential route=ferry", None, None),
    ],
)
def test_who_may_go_where(tags, forth, back):
    """Walkers go both ways; cars and bicycles by oneway, its exceptions and what implies it; the
    closest key counts.
    """
    found = permission(dict(pair.split("=") for pair in tags.split()))
    if forth is None:
        assert found in ("class", "closed", "ferry")
    else:
        assert (word(found.forward), word(found.backward)) == (forth, back)


@pytest.mark.parametrize(
    ("tags", "forth_kmh", "back_kmh"),
    [
        ({"maxspeed": "50"}, 50, 50),
        ({"maxspeed": "30 mph"}, 48.28032, 48.28032),
        ({"maxspeed": "none"}, 130, 130),
        ({"maxspeed": "walk"}, 7, 7),
        ({"maxspeed": "DE:urban"}, 50, 50),
        ({"maxspeed": "DE:rural"}, 100, 100),
        ({"maxspeed": "RU:urban"}, 60, 60),
        ({"maxspeed": "XX:rural"}, 90, 90),
        ({"maxspeed": "GB:nsl_single"}, 96.56064, 96.56064),
        ({"maxspeed": "DE:zone30"}, 30, 30),
        ({"maxspeed": "DE:zone:20"}, 20, 20),
        ({"maxspeed": "50; 30"}, 30, 30),
        ({"maxspeed": "35 mph;40 mph"}, 56.32704, 56.32704),
        ({"maxspeed:type": "FR:urban"}, 50, 50),
        ({"zone:maxspeed": "DE:30"}, 30, 30),
        ({"source:maxspeed": "AT:rural"}, 100, 100),
        ({"source:maxspeed": "sign"}, 25, 25),
        ({"maxspeed": "signals"}, 25, 25),
        ({"maxspeed": "0"}, 25, 25),
        ({"maxspeed": "fast"}, 25, 25),
        ({}, 25, 25),
        ({"maxspeed:forward": "70"}, 70, 25),
        ({"maxspeed": "50", "maxspeed:backward": "40"}, 50, 40),
    ],
)
def test_speed_of_cars(tags, forth_kmh, back_kmh):
    """Numbers with units, words, zones with and without a country, by direction; else the speed of
    the class, 25.
    """
    found = permission({"highway": "residential", **tags})
    assert isinstance(found, Permission)
    assert (found.forward_kmh, found.backward_kmh) == pytest.approx((forth_kmh, back_kmh), abs=1e-9)
    assert (found.speed == "class") == (forth_kmh == back_kmh == 25)
    assert found.unread_speed == (tags.get("maxspeed", "") if found.speed == "class" else "")


def test_zones_of_speed_alone():
    assert parse_street_speed("urban") == 50
    assert parse_street_speed("DE:") is None
    assert parse_street_speed("999") is None


def test_every_class_says_where_it_is_from():
    for row in CLASSES.values():
        assert row.source_modes
        assert row.source_kmh
        assert 5 <= row.drive_kmh <= 130


def test_nobody_enters_on_motorways_and_in_tunnels():
    tags = [
        {"highway": "motorway"},
        {"highway": "residential", "tunnel": "yes"},
        {"highway": "residential"},
    ]
    tags.append({"highway": "residential", "tunnel": "building_passage"})
    assert [bool(permission(item).forward & SNAP) for item in tags] == [False, False, True, True]


def test_walks_by_hand(town):
    """The banks of the river are 200 m apart and 1,400 m by the bridge; the steps are short;
    one-ways mean nothing.
    """
    assert seconds(town, "walk", 1, 3) == 600
    assert seconds(town, "walk", 1, 21) == 1400
    assert seconds(town, "walk", 2, 5) == seconds(town, "walk", 5, 2) == 300
    assert seconds(town, "walk", 1, 6) == seconds(town, "walk", 6, 1) == 300


def test_rides_by_hand(town):
    """At 5 m/s: no steps, so 2 to 5 is 900 m round the block; the one-way streets are open to
    bicycles both ways.
    """
    assert seconds(town, "bike", 2, 5) == seconds(town, "bike", 5, 2) == 180
    assert seconds(town, "bike", 1, 6) == seconds(town, "bike", 6, 1) == 60


def test_drives_by_hand(town):
    """2 to 6: 300 m at 30 km/h, 900 at 50, 36 + 64.8 s; back over 1: 21.6 + 36 s. The bridge at 20
    mph 22.4 s, and 600 m at 25 km/h 86.4 s."""
    assert seconds(town, "drive", 2, 6) == 101
    assert seconds(town, "drive", 6, 2) == 58
    assert seconds(town, "drive", 3, 21) == 109
    assert seconds(town, "drive", 21, 3) == 109
    assert seconds(town, "drive", 1, 6) == 137  # 72 + 64.8: round the block


def test_limit_is_inclusive(town):
    assert seconds(town, "walk", 1, 21, 1400) == 1400
    assert seconds(town, "walk", 1, 21, 1399) == UNREACHED


def test_speed_factor_slows_cars(town):
    graph = street_graph(town, "drive", speed_factor=0.5)
    ends = [graph_node(town, graph, number) for number in (1, 3)]
    assert graph.nearest(
        (ends[:1], [0]), (ends[1:], [0]), 3600, towards_sources=False
    ).tolist() == [144]


def test_what_is_left_out_is_counted(town):
    assert town.notes[:4] == (
        "5 ways that can be walked, cycled or driven",
        "1 ways left out: ferries are no streets",
        "1 ways left out: ways of other kinds than streets and paths: 'construction' 1",
        "1 ways left out: ways closed to the public (private, no access)",
    )
    assert "1 of 4 ways for cars have no speed limit: that of their class is assumed" in town.notes
    assert not {23, 31, 32} & set(town.node_id.tolist())


def test_long_streets_are_cut(town):
    """300 m are three edges and 600 m six, each of 100 m; 2,900 m in 9 pieces, both ways,
    add up.
    """
    metres = 600 + 1200 + 300 + 200 + 600
    assert town.length_m == pytest.approx(100 * SMALLER, abs=0.01)
    assert town.length_m.sum() == pytest.approx(2 * metres * SMALLER, abs=0.2)
    assert (town.node_id == 0).sum() == metres / 100 - 9
    assert "20 nodes inserted into edges longer than 100 m" in town.notes


def test_edges_are_sorted_and_sources_named(town):
    order = np.lexsort((town.length_m, town.head, town.tail))
    assert order.tolist() == list(range(town.n_edges))
    (source,) = town.sources
    assert source["title"] == "OpenStreetMap"
    assert source["licence"] == "ODbL 1.0"
    assert town.checksums == {"town.osm": source["sha256"]}
    assert repr(town) == f"<Streets {town.n_nodes} nodes, {town.n_edges} directed edges>"


def test_points_snap_to_the_nearest_street(town):
    """A point 30 m north of the street, half way between two inserted nodes; the middle of the
    river; far away.
    """
    graph = street_graph(town, "walk", 3.6)
    lon, lat = np.array([(140, 30), (140, -99), (140, -101), (5_000, 0)], float).T / DEGREE_M
    found, metres = graph.snap(lon, lat)
    assert found.tolist()[3] == -1
    assert np.isnan(metres[3])
    assert metres[:3] == pytest.approx(
        [50, (40**2 + 99**2) ** 0.5, (40**2 + 99**2) ** 0.5], abs=0.05
    )
    x = np.rint(graph.lon[found[:3]] * DEGREE_M)
    y = np.rint(graph.lat[found[:3]] * DEGREE_M)
    assert list(zip(x, y, strict=True)) == [(100, 0), (100, 0), (100, -200)]
    assert graph.snap(0.0, 0.01)[0].tolist() == [-1]


def test_circles_do_not_leak_across_the_river(town):
    """Twenty minutes from the north bank hold no node of the south bank but those by the bridge."""
    graph = street_graph(town, "walk", 3.6)
    everywhere = np.arange(graph.n_nodes)
    north = graph_node(town, graph, 1)
    source, target, ticks = graph.ticks(
        ([north], [0]), (everywhere, np.zeros(graph.n_nodes)), 1200, towards_sources=True
    )
    assert not source.any()
    found = whole_seconds(ticks)
    x, y = np.rint(graph.lon[target] * DEGREE_M), np.rint(graph.lat[target] * DEGREE_M)
    south = y == -200
    assert sorted(x[south]) == [200, 300, 400, 500, 600]
    assert found[south].tolist() == (800 + 600 - x[south]).tolist()


def test_a_clipped_way_is_cut_into_its_known_pieces(tmp_path):
    """Of five nodes the middle one is missing: two edges are left, and nothing leads from one to
    the other.
    """
    places = [node(k, 50 * k, 0) for k in (1, 2, 4, 5)]
    path = write(tmp_path / "cut.osm", *places, way(1, 1, 2, 3, 4, 5, highway="residential"))
    streets = read_streets(path, island_nodes=1)
    assert streets.node_id.tolist() == [1, 2, 4, 5]
    assert streets.n_edges == 4
    assert "1 ways lack 1 nodes that the file does not hold; they are cut there" in streets.notes
    assert seconds(streets, "walk", 1, 2) == 50
    assert seconds(streets, "walk", 2, 4) == UNREACHED


def test_files_that_meet_are_one(tmp_path, town):
    """Each file has all ways and half of the nodes, one way of an older version: together they are
    the town.
    """
    older = [
        item.replace('way id="101"', 'way id="101" version="1"').replace("30", "70")
        for item in WAYS
    ]
    newer = [item.replace('way id="101"', 'way id="101" version="2"') for item in WAYS]
    west = write(tmp_path / "west.osm", *NODES[:5], *older)
    east = write(tmp_path / "east.osm", *NODES[5:], *newer)
    for paths in ([west, east], [east, west], [west, east, west]):
        assert read_streets(paths, island_nodes=1).fingerprint() == town.fingerprint()


@pytest.mark.parametrize("seed", range(5))
def test_order_of_the_file_does_not_matter(tmp_path, town, seed):
    """Ways before nodes, ways turned round, in any order: the same network, bit for bit."""
    rng = random.Random(seed)
    turned = [
        way(105, 22, 21, highway="unclassified") if 'id="105"' in item else item for item in WAYS
    ]
    parts = [*NODES, *turned]
    rng.shuffle(parts)
    assert (
        read_streets(write(tmp_path / "town.osm", *parts), island_nodes=1).fingerprint()
        == town.fingerprint()
    )


def test_ids_below_zero(tmp_path):
    """Nodes that an editor made and never uploaded are nodes."""
    places = [node(-k, 50 * k, 0) for k in (1, 2, 3)]
    streets = read_streets(
        write(tmp_path / "new.osm", *places, way(-1, -1, -2, -3, highway="path")), island_nodes=1
    )
    assert streets.node_id.tolist() == [-3, -2, -1]


def test_compressed_files_are_the_file(tmp_path, town):
    text = write_streets(tmp_path / "town.osm").read_bytes()
    (tmp_path / "a.osm.gz").write_bytes(gzip.compress(text))
    (tmp_path / "a.osm.bz2").write_bytes(bz2.compress(text))
    for name in ("a.osm.gz", "a.osm.bz2"):
        assert read_streets(tmp_path / name, island_nodes=1).fingerprint() == town.fingerprint()


def chain(first: int, n: int, y_m: float, number: int, **tags: str) -> list[str]:
    """A street of n nodes 10 m apart."""
    places = range(first, first + n)
    return [*(node(k, 10 * (k - first), y_m) for k in places), way(number, *places, **tags)]


def test_islands_are_dropped_for_the_mode_that_is_alone_there(tmp_path):
    """40 nodes stay and 39 are dropped.

    A garage road of 10 nodes at the end of a footway is an island to cars only.
    """
    path = write(
        tmp_path / "islands.osm",
        *chain(1000, 40, 0, 1, highway="residential"),
        *chain(2000, 39, 100, 2, highway="residential"),
        *chain(3000, 10, 200, 3, highway="service"),
        way(4, 1000, 3000, highway="footway"),
    )
    streets = read_streets(path)
    assert not [number for number in streets.node_id.tolist() if 2000 <= number < 3000]
    assert graph_node(streets, street_graph(streets, "walk", 5), 3009) >= 0
    assert graph_node(streets, street_graph(streets, "drive"), 3009) == -1
    assert graph_node(streets, street_graph(streets, "drive"), 1039) >= 0
    assert "39 nodes in islands of fewer than 40 are no streets to walk" in streets.notes
    assert "49 nodes in islands of fewer than 40 are no streets to drive" in streets.notes


def test_a_file_without_the_study_area(town):
    assert town.covers(0.001, 0.001)
    town.require_area(0.001, 0.001, "Town")
    with pytest.raises(
        InputError, match=r"town\.osm: .*between 0\.000 and 0\.005 .* Beijing at 116\.400, 39\.900"
    ):
        town.require_area(116.4, 39.9, "Beijing")


BROKEN: Sequence[tuple[str, str | bytes | None, str]] = (
    ("absent.osm", None, "no such file"),
    ("empty.osm", "", "the file is empty"),
    ("streets.txt", "x", "not named like a street file; allowed: .osm"),
    ("text.osm", "no XML", "no readable OpenStreetMap file"),
    ("cut.osm", '<osm version="0.6"><node id="1" lon="0"', "no readable OpenStreetMap file"),
    ("cut.osm.pbf", b"\x00\x00\x00\x0d", "no readable OpenStreetMap file"),
    (
        "rail.osm",
        '<osm version="0.6"><way id="1"><tag k="railway" v="rail"/></way></osm>',
        "no way with highway",
    ),
    ("nothing.osm", '<osm version="0.6"></osm>', "no way with highway"),
    (
        "private.osm",
        '<osm version="0.6"><way id="1"><tag k="highway" v="x"/></way></osm>',
        "is left",
    ),
    ("nodeless.osm", f'<osm version="0.6">{WAYS[0]}</osm>', "is left"),
    (
        "history.osm",
        '<osm version="0.6"><node id="1" version="1" lon="0"/></osm>',
        "no way with highway",
    ),
    ("text.graphml", "no XML", "no street graph that osmnx can read"),
    (
        "other.graphml",
        '<graphml xmlns="http://graphml.graphdrawing.org/xmlns"/>',
        "no street graph",
    ),
    ("text.gpkg", "no database", "no readable GeoPackage"),
)


@pytest.mark.parametrize(("name", "content", "message"), BROKEN, ids=[row[0] for row in BROKEN])
def test_files_that_are_none(tmp_path, name, content, message):
    """Whatever is wrong, one sentence names the file and what to do; never another error."""
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InputError, match=message) as caught:
        read_streets(path)
    assert str(path.name) in str(caught.value)


def test_a_folder_is_no_file(tmp_path):
    """It is called one, with the street files in it; their order is that of their names."""
    with pytest.raises(
        InputError,
        match=r"a folder -> give the street files \(\.osm, .*\) .* by name: it holds none",
    ):
        load_streets([tmp_path])
    for name in ("b.osm.pbf", "a.graphml", "c.txt"):
        (tmp_path / name).write_text("x", encoding="utf-8")
    with pytest.raises(InputError, match=r"a folder -> .* in it by name: a\.graphml, b\.osm\.pbf$"):
        read_streets(tmp_path)


def test_no_file_is_no_input():
    with pytest.raises(InputError, match="no street file given"):
        read_streets([])


def test_not_a_graph():
    with pytest.raises(InputError, match=r"not a networkx\.MultiDiGraph"):
        streets_from_networkx({"nodes": []})


def test_places_of_the_town_are_as_drawn(town):
    """A check of the test's own drawing: ids lie where `street_town` says."""
    for number, (x, y) in PLACES.items():
        at = np.flatnonzero(town.node_id == number)
        if len(at):
            assert (town.lon[at[0]] * DEGREE_M, town.lat[at[0]] * DEGREE_M) == pytest.approx(
                (x, y), abs=0.02
            )
