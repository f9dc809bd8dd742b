"""Lengths over tracks against networkx, and estimated run times against timetables."""

from __future__ import annotations

import statistics
from itertools import pairwise
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from railshed.io.gtfs.read import read_gtfs
from railshed.io.osm.elements import read_elements
from railshed.io.osm.read import read_osm
from railshed.io.osm.stations import Place, group_stations, stop_refs
from railshed.io.osm.tracks import RUNNING, Running, RunTimeModel, Sections, TrackGraph, read_tracks
from railshed.util.errors import ParameterError
from tests.support.osm_town import node, relation, way, write

DATA = Path(__file__).resolve().parents[3].parent / "shared" / "data"


def run_time(parts, kind="train", **options):
    return RunTimeModel(**options).seconds(kind, parts)


def test_run_time_model_by_hand():
    """10 km: at 100 km/h 360 s, 400 s at 90 per cent, and 50 s; 140 km/h is the most that a train
    runs.
    """
    assert run_time([(10_000, 100.0)]) == 450
    assert run_time([(10_000, None)]) == 450  # the default of a train is 100 km/h too
    assert run_time([(5_000, 100.0), (5_000, 50.0)]) == 650  # 200 + 400 + 50
    assert run_time([(14_000, 250.0)]) == run_time([(14_000, float("inf"))]) == 450
    assert run_time([(10_000, 100.0)], efficiency=1.0) == 410
    assert run_time([], kind="tram") == 10


def test_model_with_bounds():
    for options in (
        {"efficiency": 0},
        {"efficiency": 1.1},
        {"straight_detour": 0.9},
        {"running": {}},
    ):
        with pytest.raises(ParameterError):
            RunTimeModel(**options)
    faster = RunTimeModel(running={**RUNNING, "tram": Running(100, 100, 0, 5)})
    assert faster.seconds("tram", [(9_000, None)]) == 360


def sections_of(path):
    elements = read_elements(path)
    places = group_stations(elements, stop_refs(elements))
    tracks = read_tracks(elements, places)
    return tracks, places, Sections(tracks, RunTimeModel())


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_shortest_ways_equal_networkx(tmp_path_factory, data):
    """Random tracks between random points: the same lengths, and none exactly where networkx finds
    none.
    """
    n = data.draw(st.integers(3, 9))
    points = data.draw(
        st.lists(st.tuples(*[st.integers(0, 40)] * 2), min_size=n, max_size=n, unique=True)
    )
    ways = data.draw(
        st.lists(st.lists(st.integers(1, n), min_size=2, max_size=4), min_size=1, max_size=8)
    )
    parts = [
        node(i, x * 100, y * 100, railway="stop", name=f"S{i}")
        for i, (x, y) in enumerate(points, 1)
    ]
    parts += [way(i, *nodes, railway="rail") for i, nodes in enumerate(ways, 1)]
    path = write(tmp_path_factory.getbasetemp() / "random.osm", *parts)
    tracks, places, _ = sections_of(path)
    graph = TrackGraph(tracks, tracks.pieces)
    plain = nx.Graph()
    for piece in tracks.pieces:
        known = plain.get_edge_data(piece.start, piece.end, {"metres": np.inf})["metres"]
        plain.add_edge(piece.start, piece.end, metres=min(known, piece.length_m))
    on_track = [place for place in places if int(place.station.station_id[1:]) in plain]
    for a in on_track:
        expected = nx.single_source_dijkstra_path_length(
            plain, int(a.station.station_id[1:]), weight="metres"
        )
        for b in on_track:
            found = graph.parts(a, b, 1e9)
            metres = None if found is None else sum(part[0] for part in found)
            assert metres == (
                pytest.approx(expected[key])
                if (key := int(b.station.station_id[1:])) in expected
                else None
            )


def test_a_way_that_is_too_long_is_none(tmp_path):
    """Two stops 1 km apart whose tracks meet 20 km off: beyond three times the straight line and 2
    km.
    """
    parts = [
        node(i, x, y, railway="stop", name=f"S{i}")
        for i, x, y in ((1, 0, 0), (2, 0, 1_000), (3, 20_000, 500))
    ]
    parts += [
        way(1, 1, 3, 2, railway="rail"),
        relation(9, "n1:stop n2:stop w1", type="route", route="train"),
    ]
    rail = read_osm(write(tmp_path / "far.osm", *parts))
    assert any("1 by straight line" in note for note in rail.notes)
    assert rail.lines[0].stops[1].run_s == 98  # 1.2 km at 90 km/h and 50 s


def test_a_missing_node_ends_the_track(tmp_path):
    """1 and 3 are joined through node 2, which the file lacks: no track is made up between them."""
    parts = [node(1, 0, 0, railway="stop", name="A"), node(3, 2_000, 0, railway="stop", name="C")]
    parts.append(way(1, 1, 2, 3, railway="rail"))
    tracks, _, _ = sections_of(write(tmp_path / "gap.osm", *parts))
    assert (tracks.pieces, tracks.n_clipped_ways, tracks.n_missing_nodes) == ((), 1, 1)


def test_the_other_track_of_two_is_reached(tmp_path):
    """A platform beside two tracks: the way to a stop on the far track does not go round by the
    crossover.
    """
    parts = [
        node(1, 0, 0),
        node(2, 10_000, 0),
        node(3, 0, 8),
        node(4, 9_000, 8, railway="stop", name="B"),
        node(5, 1_000, -20, public_transport="platform", name="A"),
        way(1, 1, 2, railway="rail"),
        way(2, 3, 4, railway="rail"),
        way(3, 2, 4, railway="rail", service="crossover"),
        relation(9, "n5:platform n4:platform w1 w2 w3", type="route", route="train"),
    ]
    (line,) = read_osm(write(tmp_path / "two.osm", *parts)).lines
    assert line.stops[1].run_s == 370  # 8 km at 90 km/h and 50 s


@pytest.mark.parametrize(("route", "run_s"), [("train", 250), ("tram", 410)])
def test_trains_do_not_take_the_tram(tmp_path, route, run_s):
    """Two stations joined by 5 km of rail and 3 km of tram: each takes its own where the route
    names no tracks.
    """
    parts = [
        node(i, x, y, railway="stop", name=f"S{i}")
        for i, x, y in ((1, 0, 0), (2, 0, 10), (3, 3_000, 0), (4, 3_000, 10))
    ]
    parts += [
        relation(
            i, f"n{i}:stop n{i + 1}:stop", type="public_transport", public_transport="stop_area"
        )
        for i in (1, 3)
    ]
    parts += [node(9, 1_500, 2_000), way(1, 1, 9, 3, railway="rail"), way(2, 2, 4, railway="tram")]
    parts.append(relation(5, "n1:stop n4:stop", type="route", route=route))
    (line,) = read_osm(write(tmp_path / "both.osm", *parts)).lines
    assert line.stops[1].run_s == run_s


def place_named(places: tuple[Place, ...], name: str) -> Place:
    return next(place for place in places if place.station.name == name)


@pytest.mark.slow
@pytest.mark.skipif(
    not (DATA / "osm" / "cologne-railway.osm.pbf").is_file(),
    reason="needs the extracts of ../shared/data",
)
def test_cologne_to_bonn_against_the_timetable_of_long_distance_trains():
    """The estimate is within a tenth of the median of 2019: 34 km of track with its limits, no stop
    between.
    """
    feed = read_gtfs(DATA / "gtfs" / "db_fernverkehr_2019.zip").timetable
    index = {station.name: i for i, station in enumerate(feed.stations)}
    calls = feed.stop_times
    follows = calls.trip_idx[1:] == calls.trip_idx[:-1]
    pair = (
        (calls.station_idx[:-1] == index["Köln Hbf"])
        & (calls.station_idx[1:] == index["Bonn Hbf"])
        & follows
    )
    listed = statistics.median((calls.arrival_s[1:] - calls.departure_s[:-1])[pair].tolist())
    _, places, sections = sections_of(DATA / "osm" / "cologne-railway.osm.pbf")
    ends = place_named(places, "Köln Hauptbahnhof"), place_named(places, "Bonn Hauptbahnhof")
    estimate = sections.run_s(sections.route_graph([]), "long_distance", *ends)
    assert pair.sum() > 100
    assert 33_000 < sections.track_m < 35_000
    assert estimate == pytest.approx(listed, rel=0.1)


@pytest.mark.skipif(
    not (DATA / "porto_alegre" / "porto_alegre.osm.pbf").is_file(), reason="needs ../shared/data"
)
def test_trensurb_against_its_timetable():
    """Mercado to São Pedro with a stop between: 275 s there and 215 s back are listed, 220 s
    estimated each way.
    """
    timetable = read_gtfs(DATA / "porto_alegre" / "poa_trensurb_2019.zip").timetable
    index = {station.name: i for i, station in enumerate(timetable.stations)}
    calls = timetable.stop_times
    same_trip = calls.trip_idx[2:] == calls.trip_idx[:-2]
    listed = []
    for a, b in (
        ("ESTACAO MERCADO", "ESTACAO SAO PEDRO"),
        ("ESTACAO SAO PEDRO", "ESTACAO MERCADO"),
    ):
        pair = (
            (calls.station_idx[:-2] == index[a]) & (calls.station_idx[2:] == index[b]) & same_trip
        )
        listed.append(
            statistics.median((calls.arrival_s[2:] - calls.departure_s[:-2])[pair].tolist())
        )
    assert listed == [275, 215]
    _, places, sections = sections_of(DATA / "porto_alegre" / "porto_alegre.osm.pbf")
    stops = [place_named(places, name) for name in ("Mercado", "Rodoviária", "São Pedro")]
    graph = sections.route_graph([])
    runs = [sections.run_s(graph, "subway", a, b) for a, b in pairwise(stops)]
    assert sum(runs) + RUNNING["subway"].dwell_s == pytest.approx(statistics.mean(listed), rel=0.15)
