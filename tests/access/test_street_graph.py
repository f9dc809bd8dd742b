"""Tables of travel times on streets against scipy, whatever the graph; snapping; options that are
none.
"""

from __future__ import annotations

import math
from contextlib import nullcontext

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from railshed.access.street_graph import (
    MAX_LIMIT_S,
    StreetGraph,
    _bins,
    hilbert_order,
    street_graph,
    whole_seconds,
)
from railshed.access.streets import (
    BIKE,
    DRIVE,
    SNAP,
    WALK,
    Segments,
    Streets,
    build_streets,
    unbroken,
)
from railshed.util.errors import ParameterError
from railshed.util.geodesy import STREET_DEGREE_M, sphere_m
from railshed.util.units import UNREACHED

ALL = WALK | BIKE | DRIVE | SNAP


def streets_of(
    places: list[tuple[float, float]], rows: list[tuple[int, int, float, int, int]]
) -> Streets:
    """Streets from (start, end, metres, bits forth, bits back) on nodes numbered from 1; cars at 36
    km/h.
    """
    start, end, metres, forth, back = (np.array(column) for column in zip(*rows, strict=True))
    kmh = np.full(len(rows), 36.0)
    lon, lat = np.array(places, float).T
    segments = Segments(
        np.arange(1, len(places) + 1),
        lon,
        lat,
        start + 1,
        end + 1,
        metres.astype(float),
        forth.astype(np.uint8),
        back.astype(np.uint8),
        kmh,
        kmh,
    )
    return build_streets(segments, island_nodes=1)


@st.composite
def networks(draw: st.DrawFn) -> Streets:
    """Streets with one-ways, parallel ones, loops and zero metres; no node twice in one place."""
    n = draw(st.integers(2, 9))
    node, bits = st.integers(0, n - 1), st.sampled_from((ALL, ALL, 0))
    metres = st.sampled_from((0.0, 1.5, 20.0, 99.9, 100.0, 250.0))
    rows = draw(
        st.lists(st.tuples(node, node, metres, st.just(ALL), bits), min_size=1, max_size=20)
    )
    rows.append((0, 1, 10.0, ALL, ALL))
    places = [((k * 7 % n) / 500, (k * 3 % n) / 500) for k in range(n)]
    return streets_of(places, rows)


def times_of(streets: Streets, metres_per_s: float) -> np.ndarray:
    """float64 (n_nodes, n_nodes) exact seconds between the nodes of the streets by scipy."""
    best: dict[tuple[int, int], float] = {}
    for tail, head, metres in zip(
        streets.tail.tolist(), streets.head.tolist(), streets.length_m.tolist(), strict=True
    ):
        best[tail, head] = min(metres / metres_per_s, best.get((tail, head), np.inf))
    ends = np.array(list(best), int)
    matrix = csr_matrix(
        (np.array(list(best.values())), (ends[:, 0], ends[:, 1])), shape=(streets.n_nodes,) * 2
    )
    return dijkstra(matrix)


def rounded_up(seconds: float) -> int:
    return math.ceil(seconds - 2e-3)


@settings(max_examples=80, deadline=None)
@given(networks(), st.data())
def test_tables_are_those_of_scipy(streets, data):
    """Every pair within the limit, in both directions, with the seconds of both ends; no node, no
    pair.
    """
    graph = street_graph(streets, "walk", 3.6)
    exact = times_of(streets, 1.0)[np.ix_(graph.node, graph.node)]
    point = st.tuples(st.integers(-1, graph.n_nodes - 1), st.sampled_from((0.0, 3.0, 17.25, 400.0)))
    sources = data.draw(st.lists(point, max_size=5))
    targets = data.draw(st.lists(point, max_size=8))
    limit = data.draw(st.sampled_from((0, 20, 150, 1000)))
    ends = [
        (np.array([p[0] for p in points], np.int64), [p[1] for p in points])
        for points in (sources, targets)
    ]
    for towards in (True, False):
        origin, target, ticks = graph.ticks(*ends, limit, towards_sources=towards, n_threads=2)
        seconds = whole_seconds(ticks)
        nearest = graph.nearest(*ends, limit, towards_sources=towards)
        best = [UNREACHED] * len(targets)
        for k, (source, own) in enumerate(sources):
            expected = {}
            for j, (node, theirs) in enumerate(targets):
                if source >= 0 and node >= 0:
                    ride = exact[node, source] if towards else exact[source, node]
                    if own + ride + theirs <= limit + 2e-3:
                        expected[j] = rounded_up(own + ride + theirs)
                        best[j] = min(best[j], expected[j])
            row = origin == k
            assert target[row].tolist() == sorted(expected)
            assert seconds[row].tolist() == [expected[j] for j in sorted(expected)]
        assert nearest.tolist() == best
        assert (seconds <= limit).all()


@settings(max_examples=40, deadline=None)
@given(networks(), st.integers(1, 5))
def test_threads_change_nothing(streets, n_threads):
    graph = street_graph(streets, "bike", 15)
    everywhere = np.arange(graph.n_nodes), np.zeros(graph.n_nodes)
    one = graph.ticks(everywhere, everywhere, 600, towards_sources=True, n_threads=1)
    many = graph.ticks(everywhere, everywhere, 600, towards_sources=True, n_threads=n_threads)
    for a, b in zip(one, many, strict=True):
        assert a.tolist() == b.tolist()


def test_one_way_by_hand():
    """0 to 1 is 100 m one way, 1 to 2 both ways: at 10 m/s cars reach 2 from 0 in 20 s, and nothing
    reaches 0.
    """
    streets = streets_of(
        [(0, 0), (0.001, 0), (0.002, 0)], [(0, 1, 100, ALL, 0), (1, 2, 100, ALL, ALL)]
    )
    graph = street_graph(streets, "drive")
    at = np.argsort(graph.node)
    source, target, ticks = graph.ticks((at[:1], [0]), (at, [0, 0, 5]), 60, towards_sources=False)
    assert (source.tolist(), target.tolist(), whole_seconds(ticks).tolist()) == (
        [0, 0, 0],
        [0, 1, 2],
        [0, 10, 25],
    )
    every = at, [0, 0, 0]
    assert graph.nearest((at[1:], [0, 0]), every, 60, towards_sources=False).tolist() == [
        UNREACHED,
        0,
        0,
    ]
    assert graph.nearest((at[2:], [7]), every, 60, towards_sources=True).tolist() == [27, 17, 7]


def test_rounding_up_forgives_a_millisecond():
    """100 edges of 1/3 s are 33.33 s: 34; 90 of them 30.0 s: 30, though each edge was rounded."""
    n = 101
    places = [(k / 1e4, 0.0) for k in range(n)]
    streets = streets_of(places, [(k, k + 1, 1 / 3, ALL, ALL) for k in range(n - 1)])
    graph = street_graph(streets, "walk", 3.6)
    at = np.argsort(graph.node)
    found = graph.nearest((at[:1], [0]), (at, np.zeros(n)), 60, towards_sources=False)
    assert found[[3, 90, 91, 100]].tolist() == [1, 30, 31, 34]


@pytest.mark.parametrize("lat", [0.0, 30.1, -51.0, 68.0])
def test_snapped_points_are_nearest_on_the_sphere(lat):
    """200 nodes and 100 points in a square of 3 km at several latitudes: the node and metres of a
    plain loop.
    """
    rng = np.random.default_rng(5)
    wide, high = 0.03 / np.cos(np.radians(lat)), 0.03
    places = [(10 + x * wide, lat + y * high) for x, y in rng.random((200, 2))]
    graph = street_graph(
        streets_of(places, [(k, k + 1, 10, ALL, ALL) for k in range(199)]), "walk", 5
    )
    x, y = 10 + (rng.random(100) * 1.2 - 0.1) * wide, lat + (rng.random(100) * 1.2 - 0.1) * high
    found, metres = graph.snap(x, y, 400)
    for k in range(100):
        apart = sphere_m(x[k], y[k], graph.lon, graph.lat)
        if apart.min() > 400:
            assert found[k] == -1
            assert np.isnan(metres[k])
        else:
            assert found[k] == int(apart.argmin())
            assert metres[k] == pytest.approx(apart.min(), abs=2e-3)


@pytest.mark.parametrize("lat", [0.0, 55.0, -30.0])
def test_points_far_from_all_nodes_snap_to_the_nearest(lat):
    """Up to 20 km away: metres of the sphere to 0.1 per mille, none beyond the limit."""
    rng = np.random.default_rng(5)
    places = list(
        zip(
            rng.uniform(-0.05, 0.05, 300).tolist(),
            (lat + rng.uniform(-0.03, 0.03, 300)).tolist(),
            strict=True,
        )
    )
    graph = street_graph(
        streets_of(places, [(k, k + 1, 10.0, WALK | SNAP, WALK | SNAP) for k in range(299)]),
        "walk",
        5,
    )
    x, y = rng.uniform(-0.2, 0.2, 200), lat + rng.uniform(-0.15, 0.15, 200)
    away = sphere_m(graph.lon, graph.lat, x[:, None], y[:, None])
    for max_m in (5_000, 30_000):
        node, metres = graph.snap(x, y, max_m)
        near = away.min(axis=1) <= max_m
        assert np.array_equal(node >= 0, near)
        assert metres[near] == pytest.approx(away.min(axis=1)[near], rel=1e-4)
        assert away[near, node[near]] == pytest.approx(away.min(axis=1)[near], rel=1e-4)


def test_points_do_not_snap_where_nobody_may_enter():
    """The nearer street has no SNAP bit (a motorway): the farther one counts; without any, no point
    snaps.
    """
    places = [(0, 0), (0.001, 0), (0, 0.001), (0.001, 0.001)]
    rows = [(0, 1, 100, DRIVE, DRIVE), (2, 3, 100, DRIVE | SNAP, DRIVE | SNAP)]
    graph = street_graph(streets_of(places, rows), "drive")
    found, metres = graph.snap([0.0], [0.0001])
    assert (graph.lon[found[0]], graph.lat[found[0]]) == (0, 0.001)
    assert metres[0] == pytest.approx(0.0009 * 111_195, abs=0.1)
    graph = street_graph(streets_of(places, rows[:1]), "drive")
    assert graph.snap([0.0], [0.0])[0].tolist() == [-1]


def test_read_only_points_snap():
    """Columns of a frame are often read-only: the kernel compiled for arrays that may be written
    takes them.
    """
    graph = street_graph(
        streets_of([(0, 0), (0.001, 0)], [(0, 1, 100, WALK | SNAP, WALK | SNAP)]), "walk", 5
    )
    x, y = np.array([0.001]), np.array([0.0])
    x.flags.writeable = y.flags.writeable = False
    assert graph.snap(x, y)[0].tolist() == [graph.lon.tolist().index(0.001)]


def test_nodes_follow_a_hilbert_curve():
    """The corners of a square, then each quadrant before the next."""
    assert hilbert_order(np.array([0.0, 1, 1, 0]), np.array([0.0, 0, 1, 1])).tolist() == [
        0,
        3,
        2,
        1,
    ]
    side = np.arange(8)
    x, y = (v.ravel().astype(float) for v in np.meshgrid(side, side))
    order = hilbert_order(x, y)
    assert sorted(order.tolist()) == list(range(64))
    quadrants = (x[order] > 3.5) * 2 + (y[order] > 3.5)
    assert (np.diff(quadrants) != 0).sum() == 3
    assert set(np.hypot(np.diff(x[order]), np.diff(y[order])).tolist()) == {
        1.0
    }  # from each to one beside it
    assert [(x[k], y[k]) for k in order[[0, 1, 2, 3, 63]]] == [
        (0, 0),
        (0, 1),
        (1, 1),
        (1, 0),
        (7, 0),
    ]
    assert hilbert_order(5 + x / 9, y / 9 - 5).tolist() == order.tolist()
    assert hilbert_order(np.array([3.0, 3.0]), np.array([4.0, 4.0])).tolist() == [0, 1]
    assert hilbert_order(np.empty(0), np.empty(0)).tolist() == []


@pytest.mark.parametrize(
    ("metres", "lat", "side_m", "shape", "ptr"),
    [
        ([(0, 0), (149, 0), (151, 0), (460, 0)], 0, 150, (1, 4), [0, 2, 3, 3, 4]),
        ([(0, 0), (0, 299), (0, 301)], 0, 150, (3, 1), [0, 1, 2, 3]),
        ([(0, 0), (310, 200), (310, 20)], 0, 150, (2, 3), [0, 1, 1, 2, 2, 2, 3]),
        (
            [(0, 0), (30_000, 20_000)],
            0,
            12_247,
            (2, 3),
            [0, 1, 1, 1, 1, 1, 2],
        ),  # the root of 600 km2 over 4
        ([(0, 0), (30_000, 0)], 0, 7_500, (1, 5), [0, 1, 1, 1, 1, 2]),  # a quarter of it
        ([(0, 0), (0, 30_000)], 0, 7_500, (5, 1), [0, 1, 1, 1, 1, 2]),
        ([(0, 0), (230, 0)], 60, 150, (1, 2), [0, 1, 2]),
        ([(1, 1)], 0, 150, (1, 1), [0, 1]),
        ([], 0, 150, (1, 1), [0, 0]),
    ],
)
def test_bins_by_hand(metres, lat, side_m, shape, ptr):
    """150 m wide or more, so wide that there are about twice as many bins as nodes at most; rows
    from the south.
    """
    x, y = np.array(metres, float).reshape(-1, 2).T / STREET_DEGREE_M
    lon, lats = 10 + x / np.cos(np.radians(lat)), lat + y
    bins, frame = _bins(lon, lats, np.arange(len(lon)), 150)
    assert frame.side_m == pytest.approx(side_m, rel=1e-3)
    assert (frame.n_rows, frame.n_columns) == shape
    assert bins.ptr.tolist() == ptr
    assert frame.height * STREET_DEGREE_M == pytest.approx(frame.side_m)
    assert frame.width * STREET_DEGREE_M * np.cos(np.radians(lat)) == pytest.approx(
        frame.side_m, rel=1e-3
    )
    assert sorted(bins.node.tolist()) == list(range(len(lon)))
    if len(lon):
        assert (frame.west, frame.south) == (lon.min(), lats.min())


@pytest.mark.parametrize(
    ("lon", "found"),
    [
        ([], []),
        ([7], [7]),
        ([-90, 90], [-90, 90]),  # 180 degrees apart: as far one way as the other
        ([-90, 91], [270, 91]),
        ([179, -179, 178, -178], [179, 181, 178, 182]),
        (
            [-100, 60, 100],
            [-100, 60, 100],
        ),  # 160 degrees free in the middle, 160 around: nothing is turned
        ([-100, 61, 100], [260, 61, 100]),
        ([-100, 59, 100], [-100, 59, 100]),
        ([-170, -60, 60, 170], [190, 300, 60, 170]),
    ],
)
def test_longitudes_across_180_degrees(lon, found):
    """Those west of the widest gap are a turn on, where it is wider than what is free around."""
    assert unbroken(np.array(lon, float)).tolist() == found


def small() -> StreetGraph:
    return street_graph(streets_of([(0, 0), (0.001, 0)], [(0, 1, 100, ALL, ALL)]), "walk", 5)


@pytest.mark.parametrize(
    ("mode", "speed", "factor", "message"),
    [
        ("train", 5, 1, "unknown mode 'train'; allowed: walk, bike, drive"),
        ("walk", None, 1, "walk needs one of 0.5-60"),
        ("walk", 0, 1, "walk needs one of 0.5-60"),
        ("walk", float("nan"), 1, "walk needs one of 0.5-60"),
        ("bike", 90, 1, "bike needs one of 0.5-60"),
        ("drive", 90, 1, "drive needs one of 0.5-60"),
        ("drive", 50, 0.5, "1 where the speed is given"),
        ("drive", None, 0, "allowed are 0.1-2"),
        ("walk", 5, 0.5, "1 where the speed is given"),
    ],
)
def test_options_that_are_none(mode, speed, factor, message):
    streets = streets_of([(0, 0), (0.001, 0)], [(0, 1, 100, ALL, ALL)])
    with pytest.raises(ParameterError, match=message):
        street_graph(streets, mode, speed, speed_factor=factor)


@pytest.mark.parametrize(
    ("mode", "speed", "factor", "right"),
    [
        ("walk", 0.5, 1, True),
        ("walk", 0.49, 1, False),
        ("bike", 60, 1, True),
        ("bike", 60.1, 1, False),
        ("drive", 0.5, 1, True),
        ("drive", 60, 1, True),
        ("drive", 60.1, 1, False),
        ("drive", 20, 1.1, False),
        ("drive", None, 0.1, True),
        ("drive", None, 0.09, False),
        ("drive", None, 2, True),
        ("drive", None, 2.1, False),
        ("walk", 5, 1.1, False),
    ],
)
def test_how_fast_one_may_be(mode, speed, factor, right):
    """0.5 to 60 km/h with factor 1, or the streets' own speeds of cars a tenth to twice as high."""
    streets = streets_of([(0, 0), (0.001, 0)], [(0, 1, 100, ALL, ALL)])
    with nullcontext() if right else pytest.raises(ParameterError):
        street_graph(streets, mode, speed, speed_factor=factor)


def test_cars_and_buses():
    """100 m by car at 36 km/h, at half of it, and by a bus at 20 km/h on the same streets."""
    streets = streets_of([(0, 0), (0.001, 0)], [(0, 1, 100, ALL, ALL)])
    graphs = [street_graph(streets, "drive"), street_graph(streets, "drive", speed_factor=0.5)]
    graphs.append(street_graph(streets, "drive", 20))
    found = [
        graph.nearest(([0], [0]), ([1], [0]), 60, towards_sources=True).tolist() for graph in graphs
    ]
    assert found == [[10], [20], [18]]


def test_a_mode_without_streets():
    streets = streets_of([(0, 0), (0.001, 0)], [(0, 1, 100, WALK, WALK)])
    with pytest.raises(ParameterError, match="mode 'drive': no street"):
        street_graph(streets, "drive")


@pytest.mark.parametrize(
    ("node", "own", "message"),
    [
        ([2], [0], "a node below 2"),
        ([-2], [0], "a node below 2"),
        ([0], [-1], "0 or more seconds"),
        ([0], [float("nan")], "0 or more seconds"),
        ([0, 1], [0], "as many as source_s"),
        ([0.5], [0], "whole numbers"),
    ],
)
def test_points_that_are_none(node, own, message):
    with pytest.raises(ParameterError, match=message):
        small().ticks((node, own), ([0], [0]), 60, towards_sources=True)


def test_unsnapped_points_may_have_any_seconds():
    """What snap gives can be passed on: node -1 with NaN metres reaches nothing and is no error."""
    source, target, _ = small().ticks(
        ([-1, 0], [np.nan, 0]), ([0, -1], [0, np.nan]), 60, towards_sources=True
    )
    assert (source.tolist(), target.tolist()) == ([1], [0])


@pytest.mark.parametrize("limit", [-1, MAX_LIMIT_S + 1])
def test_limits_that_are_none(limit):
    with pytest.raises(ParameterError, match="allowed are 0-86400 seconds"):
        small().nearest(([0], [0]), ([0], [0]), limit, towards_sources=True)
