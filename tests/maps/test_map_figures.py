"""Each number and word drawn on a printed map is the key of its figure: by hand on the toy network
and on made data.
"""

from __future__ import annotations

import copy
import math
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
import shapely
import shapely.affinity
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.patches import Circle, Polygon, Rectangle
from matplotlib.text import Text

import railshed
from railshed.api import circle as api
from railshed.maps import words
from railshed.maps.bars import LESS, MORE, Bar, Share, draw_shares, draw_tornado
from railshed.maps.circle import draw_circle, draw_difference
from railshed.maps.data import Area, ChangeLayer, Estimate, MapData
from railshed.maps.from_network import _trains_a_day, bus_lines, drawn_stations, hops
from railshed.maps.furniture import Surround, _turned, compose, draw_scale, scale_length_km
from railshed.maps.legend import _add_bands
from railshed.maps.national import draw_national
from railshed.maps.page import SHEETS, Column, Swatch
from railshed.maps.panels import _frames, panel_figures
from railshed.maps.projection import local_projection
from railshed.maps.station_map import _factor
from railshed.maps.style import MapStyle
from railshed.network.route_types import has_buses, trips_by_bus
from railshed.questions.circle.map import car_map, circle_map, inclusion_map, national_map
from railshed.questions.circle.service_map import share_map, station_map
from railshed.questions.compare import map as from_comparison
from railshed.questions.compare.map import difference_map, saved_map
from railshed.uncertainty.intervals import with_intervals
from railshed.util.bilingual import Words
from railshed.util.phrases import MAP
from railshed.util.units import UNREACHED
from railshed.util.wrap import wrap
from tests.support.made_maps import boxes, make_data, make_national, said, texts
from tests.support.printedtables import Altered
from tests.support.small_networks import LINE, OUT, place, small_network
from tests.support.summaries import of_summary
from tests.support.toy_plan import comparison


@pytest.fixture(scope="module")
def found() -> Any:
    return comparison()


@pytest.fixture(scope="module")
def circle(found: Any) -> Any:
    return wrap(api.Circle, with_intervals(found.before))


def printed(figure: Any) -> list[str]:
    return [text.get_text() for text in texts(figure)]


def after(printed_: list[str], word: str, n: int) -> list[str]:
    """Return the `n` texts after a word that is printed once."""
    assert printed_.count(word) == 1, word
    at = printed_.index(word)
    return printed_[at + 1 : at + 1 + n]


@pytest.mark.parametrize("size", ["a4", "a3"])
@pytest.mark.parametrize("ratio", [250_000, 380_000, 1_000_000])
def test_ratio_bar_and_label_agree(size: str, ratio: int) -> None:
    """On paper the bar's length in metres times the printed ratio is the kilometres of its label,
    to 0.5 %.
    """
    style = MapStyle("en", size)
    sheet = style.sheet
    nothing = Surround(Words("t"), Words("s"), lambda column: None, (), (), (Words("foot"),), ())
    empty = compose(nothing, style)
    wide, tall = (points * ratio * 0.0254 / 72 for points in empty.frame[2:])
    projection = local_projection(None, 104.0, 30.6)
    canvas = empty.with_map((0.0, 0.0, wide, tall), projection, margin=0.0, least_m=1.0)
    draw_scale(canvas)
    inches = (
        sum(r.get_width() for r in canvas.figure.findobj(Rectangle) if r.get_gid() == "scale-bar")
        / 72
    )
    assert canvas.figure.get_size_inches()[0] == pytest.approx(sheet.width / 72, rel=1e-3)
    given = printed(canvas.figure)
    (km,) = (float(t.split()[0]) for t in given if re.fullmatch(r"[\d.]+ km", t))
    (scale,) = (t for t in given if t.startswith("about 1:"))
    n = int(
        scale.split(":")[1]
        .split(" at ")[0]
        .replace(" ", "")
        .replace("\u202f", "")
        .replace("\xa0", "")
    )
    assert n == ratio
    assert scale.endswith(f"at {size.upper()}")
    assert inches * 0.0254 * n == pytest.approx(km * 1000, rel=0.005)
    assert f"{km / 2:g}" in given


@pytest.mark.parametrize(("size", "scale"), [("a4", 1.0), ("a3", 1.25), ("slide", 1.12)])
def test_a_caution_grows_with_the_sheet(size: str, scale: float) -> None:
    """9 points on A4, 11.25 on A3, 10.08 on a slide."""
    nothing = Surround(
        Words("t"),
        Words("s"),
        lambda column: None,
        (),
        (),
        (Words("foot"),),
        (),
        caution=Words("mind"),
    )
    canvas = compose(nothing, MapStyle("en", size))
    (caution,) = (text for text in canvas.figure.findobj(Text) if text.get_text() == "mind")
    assert caution.get_fontsize() == pytest.approx(9 * scale)


def test_the_bar_is_the_longest_round_length() -> None:
    """At 100 m a point 199 points hold 10 km, 200 hold 20, 500 hold 50 and 1,000 hold 100."""
    assert [scale_length_km(100.0, room) for room in (199, 200, 499, 500, 1000)] == [
        10,
        20,
        20,
        50,
        100,
    ]


def test_north_points_up() -> None:
    """Both halves of the arrow have their tip above their base, the dark one on the left."""
    figure = draw_circle(make_data(), MapStyle("en"))
    dark, white = (p.get_xy() for p in figure.findobj(Polygon) if p.get_gid() == "north")
    for half in (dark, white):
        assert half[0][1] == max(half[:, 1])
    assert dark[:, 0].min() < dark[0][0] < white[:, 0].max()


def test_the_arrow_turns_about_its_middle() -> None:
    """Not turned the tip is 24 above its foot; a quarter clockwise about 12 above it, tip and foot
    are 12 to a side.
    """
    arrow, foot = [(0.0, 24.0), (6.0, 0.0), (0.0, 0.0)], (100.0, 50.0)
    assert _turned(arrow, 0.0, foot, 12.0) == [(100, 74), (106, 50), (100, 50)]
    quarter = [pytest.approx(corner) for corner in ((112, 62), (88, 56), (88, 62))]
    assert _turned(arrow, 90.0, foot, 12.0) == quarter


def test_what_a_panel_says() -> None:
    """Cumulative people, area and stations of the cutoff's band; what is not known is left out, not
    printed.
    """
    data = make_data()
    n = int(data.stations["inside"].sum())
    assert panel_figures(data) == Words(
        f"60 分钟内：345.7 万人，2,346 km²，{n} 站",
        f"within 60 min: 3.46 million, 2,346 km², {n} stations",
    )
    without = (
        data.bands.assign(people=np.nan),
        data.bands.assign(people=None),
        data.bands.drop(columns="people"),
    )
    for bands in without:
        assert (
            panel_figures(replace(data, bands=bands)).en
            == f"within 60 min: 2,346 km², {n} stations"
        )
    assert panel_figures(replace(data, bands=data.bands.drop(columns="area_km2"))).zh == (
        f"60 分钟内：345.7 万人，{n} 站"
    )
    assert panel_figures(replace(data, cutoff_min=50)).en == f"within 50 min: {n} stations"


def labels_on_dots(stations: gpd.GeoDataFrame, *, inside: bool) -> tuple[int, int]:
    """Return how many station labels a map of these stations has, and how many stand on a dot of
    theirs.
    """
    base = make_data(n_stations=4)
    shape = shapely.box(*stations.total_bounds)
    bands = base.bands.iloc[:1].assign(geometry=[shape])
    legs, counties = base.legs.iloc[:0], base.counties.iloc[:0]
    data = replace(
        base, stations=stations, legs=legs, bands=bands, counties=counties, city_proper=None
    )
    figure = draw_circle(data, MapStyle("zh"))
    found = boxes(figure, [t for t in texts(figure) if t.get_gid().startswith("label-station")])
    scale = figure.dpi / 72
    marks = [
        line
        for line in figure.axes[0].lines
        if line.get_marker() == "o" and line.get_linestyle() == "None"
    ]
    dots = [line for line in marks if (line.get_markersize() > 4) == inside]
    xy = np.concatenate([np.asarray(line.get_xydata()) for line in dots]) * scale
    assert len(xy) == (stations["inside"] == inside).sum()
    on = [((xy > box[:2]) & (xy < box[2:])).all(axis=1).any() for box in found.values()]
    return len(on), int(np.sum(on))


def dotted(xy: list[tuple[float, float]], inside: list[bool]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {
            "name": [f"站名{k}" for k in range(len(xy))],
            "name_en": "",
            "minutes": 33.0,
            "trips": 5,
            "is_core": False,
            "inside": inside,
        },
        geometry=gpd.points_from_xy(*zip(*xy, strict=True)),
        crs=4326,
    )


def test_no_label_stands_on_a_station_of_the_circle() -> None:
    """Where stations lie 10 points from each other on a lattice some names find no room, and are
    left out.
    """
    lattice = [(104 + 0.02 * a, 30.6 + 0.017 * b) for a in range(14) for b in range(14)] + [
        (103.6, 30.2),
        (104.7, 31.2),
    ]
    n, on = labels_on_dots(dotted(lattice, [True] * len(lattice)), inside=True)
    assert (n < len(lattice), on) == (True, 0)


def test_labels_give_way_to_grey_dots_where_there_is_room() -> None:
    """A grey dot at the right of a station, where its name would stand, moves the name to another
    side.
    """
    places = [(104 + 0.2 * a, 30.6 + 0.15 * b) for a in range(4) for b in range(3)]
    beside = [(x + 0.02, y) for x, y in places]
    n, on = labels_on_dots(dotted([*places, *beside], [True] * 12 + [False] * 12), inside=False)
    assert (n >= 12, on) == (True, 0)


def test_figures_of_a_circle(circle: Any) -> None:
    """By rail outside 67,000 people within the hour, 64,000 to 67,000, and 64 to 95 thousand by
    band, nearest first.

    Each station has its minutes after its name: 10 + 18 + 5, 14:04 to the centre and half of 9:56
    early from 西山, 53.
    """
    given = printed(circle.plot(MapStyle("en")))
    head = "by rail within 60 min, outside the city proper"
    assert after(given, head, 2) == ["67,000", "interval 64,000 – 67,000 · 45 km²"]
    assert after(given, "by rail within 90 min, outside the city proper", 1) == ["95,000"]
    assert after(given, "by rail, outside the city proper:", 8) == [
        "within 45 min",
        "64,000 · 8 km²",
        "within 60 min",
        "67,000 · 45 km²",
        "within 75 min",
        "73,667 · 118 km²",
        "within 90 min",
        "95,000 · 229 km²",
    ]
    assert after(given, "without a ride, within 60 min", 1) == ["0 · 118 km²"]
    steps = [
        "fastest train, to a station near a centre",
        "half of all times in the window",
        "plus station entry and exit",
    ]
    assert [given[given.index(step) - 1] for step in steps] == ["8", "7", "6"]
    last = {
        "plus the way to the station": ["6", "(73,667)"],
        "door to door within 90 min": ["7", "(95,000)"],
        "plus the way to the desk: door to door": ["4", "(67,000)"],
    }
    assert {step: given[given.index(step) - 2 : given.index(step)] for step in last} == last
    assert after(given, "railway, trains a day both ways", 3) == ["≥ 200", "80 – 199", "20 – 79"]
    minutes = {"Westhill": 53, "Eastbridge": 51, "Northlake": 69, "Southport": 70, "Slopeside": 35}
    for name, n in minutes.items():  # on the map, and again in an inset
        assert {given[k + 1] for k, text in enumerate(given) if text == name} == {f" {n}"}
    assert "Baymouth" not in given  # a metro station 99 minutes away, beyond the widest band


def test_what_a_map_of_a_circle_is_made_of(circle: Any) -> None:
    """People and km² with their ends, bands of rail and local together, calls and trains of the
    day.

    54 fast trains and 36 slow ones each way, one at night, 18 on each loop, 108 each way on the
    branch.
    """
    data = circle_map(circle)
    assert data.people is not None
    assert data.area_km2 is not None
    assert (data.people.value, data.people.low, data.people.high) == (67_000, 64_000, 67_000)
    assert (data.area_km2.value, data.area_km2.low, data.area_km2.high) == (45.0, 26.5, 73.0)
    assert data.bands[["cutoff_min", "people", "area_km2"]].to_numpy().tolist() == [
        [45, 64_000, 8.25],
        [60, 67_000, 45.0],
        [75, 73_667, 118.25],
        [90, 95_000, 229.0],
    ]
    assert dict(zip(data.stations["station_id"], data.stations["trains"], strict=True)) == {
        "mid": 54 * 2 + 36 * 2 + 1,
        "east": 108,
        "west": 108,
        "north": 36 * 3 + 1,
        "south": 72,
        "northeast": 36,
        "eastnorth": 36,
        "southeast": 36,
        "southwest": 216,
        "midsouth": 216,
    }
    place = {s.station_id: (s.lon, s.lat) for s in circle.network.stations}
    trains = {
        frozenset(leg.coords): n
        for leg, n in zip(data.legs.geometry, data.legs["trains"], strict=True)
    }
    assert trains == {
        frozenset((place[a], place[b])): n
        for a, b, n in (
            ("west", "mid", 108),
            ("mid", "east", 108),
            ("north", "mid", 73),
            ("mid", "south", 72),
            ("north", "northeast", 36),
            ("northeast", "eastnorth", 36),
            ("eastnorth", "southeast", 36),
            ("southwest", "midsouth", 216),
        )
    }
    assert (data.date, data.cutoff_min, data.approval) == ("2024-05-15", 60, True)
    own = circle.polygons.set_index(["reading", "kind", "cutoff_min"]).geometry
    for cutoff, drawn in zip(data.bands["cutoff_min"], data.bands.geometry, strict=True):
        assert drawn.equals(own["door-to-door", "by_rail", cutoff])


def test_head_strip_and_legend_are_the_keys_of_the_record(circle: Any) -> None:
    """Each figure of the map is a key of run.json: altered there, it is altered on the map."""
    summary = copy.deepcopy(circle.summary.to_dict())
    table = {
        (row["cutoff_min"], row["kind"]): row
        for row in summary["readings"]["door-to-door"]["table"]
    }
    for k, (key, row) in enumerate(table.items()):
        row["people_outside_city"], row["area_km2_outside_city"] = 1_000 + k, 100.0 + k
        table[key] = row
    for k, rung in enumerate(summary["bridge"]):
        rung["stations"] = 70 + k
        if "people" in rung:
            rung["people"] = 500 + k
    for k, interval in enumerate(summary["intervals"]):
        interval["low"], interval["high"] = ({"people_outside_city": n + k} for n in (900, 2_000))
    altered: Any = Altered(circle, **of_summary(summary))
    data = circle_map(altered)
    rail = {cutoff: table[cutoff, "by_rail"] for cutoff in (45, 60, 75, 90)}
    assert data.bands["people"].tolist() == [row["people_outside_city"] for row in rail.values()]
    assert data.bands["area_km2"].tolist() == [
        row["area_km2_outside_city"] for row in rail.values()
    ]
    for k, (headline, cutoff) in enumerate(zip(data.headlines, (60, 90), strict=True)):
        assert headline.people == Estimate(rail[cutoff]["people_outside_city"], 900 + k, 2_000 + k)
        assert headline.area_km2 == Estimate(rail[cutoff]["area_km2_outside_city"])
    assert [step.stations for step in data.strip] == [70, 71, 72, 73, 74, 75]
    assert [step.people for step in data.strip] == [None, None, None, 503, 504, 505]
    assert [step.answer for step in data.strip] == [False] * 4 + [True, False]
    assert data.no_ride is not None
    assert data.no_ride.people == table[60, "local"]["people_outside_city"]
    given = printed(draw_circle(data, MapStyle("en")))
    assert after(given, "by rail within 60 min, outside the city proper", 1) == [
        f"{rail[60]['people_outside_city']:,}"
    ]
    assert given[given.index("plus the way to the desk: door to door") - 2 :][:2] == ["74", "(504)"]


def test_what_trains_add_is_the_difference(circle: Any) -> None:
    """Cells within 90 minutes by rail and not without trains; nothing where that is all or not
    known.
    """
    surface = circle.surface
    rail_s = surface.by_rail_s
    reached = np.flatnonzero(rail_s <= 90 * 60)
    without = rail_s.copy()
    without[reached[0]] = UNREACHED
    cases = {
        "one": without,
        "all": np.full(len(rail_s), UNREACHED),
        "none": rail_s,
        "unknown": None,
    }
    found = {}
    for name, seconds in cases.items():
        changed = replace(surface, without_trains_s=seconds)
        found[name] = circle_map(Altered(circle, surface=changed)).trains  # type: ignore[arg-type]
    assert {name: area is None for name, area in found.items()} == {
        "one": False,
        "all": True,
        "none": True,
        "unknown": True,
    }
    land = circle.counts.land
    x, y = land.grid.centre(land.row[reached], land.column[reached])
    points = shapely.points(*land.grid.unproject(x, y))
    assert found["one"].geometry.contains(points[0])
    assert not shapely.contains(found["one"].geometry, points[5:]).any()


def test_a_circle_at_sea_is_cut_to_land(circle: Any) -> None:
    """Without boundaries polygons end at the shore; figures stay as they are."""
    west_of_sumatra = shapely.box(97.5, -0.5, 99.5, 0.5)
    frame = circle.polygons.assign(geometry=west_of_sumatra)
    network = replace(circle.network, counties=None, population=None)
    data = circle_map(Altered(circle, polygons=frame, network=network, city_proper=None))  # type: ignore[arg-type]
    (shape,) = {shapely.to_wkb(s) for s in data.bands.geometry}
    drawn = shapely.from_wkb(shape)
    assert not drawn.contains(shapely.Point(97.8, 0.0))
    assert drawn.contains(shapely.Point(99.4, 0.4))
    assert data.bands["area_km2"].tolist() == [8.25, 45.0, 118.25, 229.0]


def test_hops_are_those_of_calls_in_a_row() -> None:
    """Pairs of stations, each once, and trains by pair and way, as a plain loop over the calls
    finds them.
    """
    network = railshed.load_network("toy")
    calls = network.stop_times
    rows = list(zip(calls.trip_idx.tolist(), calls.station_idx.tolist(), strict=True))
    some = np.arange(network.n_trips) % 3 > 0
    legs = Counter((u, v) for (s, u), (t, v) in pairwise(rows) if s == t and u != v and some[t])
    assert hops(network, some).tolist() == sorted(map(list, {(min(leg), max(leg)) for leg in legs}))
    some &= trips_by_bus(network)[1]  # of the day alone
    legs = Counter((u, v) for (s, u), (t, v) in pairwise(rows) if s == t and u != v and some[t])
    assert _trains_a_day(network, some) == legs
    assert hops(network).tolist() == hops(network, np.ones(network.n_trips, bool)).tolist()
    assert hops(network, np.zeros(network.n_trips, bool)).shape == (0, 2)


def test_trains_of_lines_are_added_by_leg() -> None:
    """Every 10 minutes in 18 hours are 108 a way; another line has 20 trains on the same leg."""
    graph = nx.MultiDiGraph(service_hours=18.0)
    for k, node in enumerate("abc"):
        graph.add_node(node, lon=10.0 + k, lat=50.0)
    graph.add_edge("a", "b", minutes=4, line="L", headway_minutes=10)
    graph.add_edge("b", "c", minutes=4, line="L", headway_minutes=10)
    graph.add_edge("a", "b", minutes=4, line="M", trains=20)
    graph.add_edge("b", "a", minutes=4, line="M", trains=20)
    network = railshed.from_networkx(graph)
    daily = _trains_a_day(network, np.ones(len(network.links.from_idx), bool))
    assert daily == {(0, 1): 128, (1, 2): 108, (1, 0): 20}


def test_buses_are_apart_from_trains() -> None:
    """A bus calls at a and b, a train at b and c: a has buses alone, and the bus line is drawn once
    for both ways.
    """
    network = small_network(
        LINE,
        {"bus": OUT[:2], "back": [("b", "09:00"), ("a", "09:05")], "train": OUT[1:3]},
        route_type={"bus": 3, "back": 3, "train": 1},
    )
    table = gpd.GeoDataFrame(
        {"station_id": ["a", "b", "c"]}, geometry=[shapely.Point(0, 0)] * 3, crs=4326
    )
    drawn = drawn_stations(network, table)
    assert drawn["bus_only"].tolist() == [True, False, False]
    assert drawn["trains"].tolist() == [2, 3, 1]
    assert has_buses(network)
    lines = bus_lines(network)
    assert lines is not None
    assert len(lines) == 1
    assert not has_buses(small_network(LINE, {"train": OUT}))


def test_what_a_map_warns_of(circle: Any) -> None:
    """Modes that do not run in the window, nearly empty windows and straight lines have the figures
    of their key.
    """
    summary = copy.deepcopy(circle.summary.to_dict())
    summary["quiet_modes"] = [{
        "mode": "ferry", "trips": 1234, "first_departure": "10:00", "last_arrival": "16:00",
        "window": ("07:30", "09:30"),
    }]  # fmt: skip
    row = {
        "window": ("07:30", "09:30"),
        "busiest_window": ("12:00", "14:00"),
        "trips": 1,
        "trips_busiest": 99,
        "trips_usual": 80,
    }
    summary["empty_windows"] = [row]
    summary["streets"] = {"straight": {"cells": 3, "area_km2": 12.4}}
    rows = summary["readings"]["door-to-door"]["table"]
    next(r for r in rows if (r["cutoff_min"], r["kind"]) == (60, "by_rail"))[
        "people_known_km2_outside_city"
    ] = 40.0
    altered: Any = Altered(circle, **of_summary(summary))
    warned = [text.en for text in circle_map(altered).warnings]
    assert warned[0] == (
        "ferry: all 1,234 trips of the day run from 10:00 to 16:00, none in the window 07:30-09:30"
    )
    assert warned[1] == (
        "window 07:30–09:30 nearly empty: 1 trip under way, 99 in the busiest, 12:00–14:00; 80 on "
        "that weekday around"
    )
    assert "40" in warned[2]
    assert "45" in warned[2]
    assert warned[3] == "12 km² without known streets: straight lines"


def test_figures_of_rail_against_car(circle: Any) -> None:
    """By rail alone, by car alone, by rail and by car: each has the figures of its state, at the
    headline cutoff.
    """
    change = car_map(circle).change
    assert change is not None
    row = next(
        r
        for r in circle.car_table
        if (r["reading"], r["traffic"], r["cutoff_min"]) == ("door-to-door", "peak", 60)
    )
    sides = {"gained": "rail_only", "lost": "car_only", "after": "rail", "before": "car"}
    for side, state in sides.items():
        assert getattr(change, side).people == row[f"people_outside_city_{state}"]
        assert getattr(change, side).area_km2 == row[f"area_km2_outside_city_{state}"]
    assert (change.gained.people, change.lost.people, change.after.people) == (
        35_556,
        26_222,
        67_000,
    )
    shapes = (
        circle.car_polygons.query("reading == 'door-to-door' and traffic == 'peak'")
        .set_index("state")
        .geometry
    )
    assert all(
        getattr(change, side).geometry.equals(shapes[state]) for side, state in sides.items()
    )


def test_figures_of_a_comparison(found: Any) -> None:
    """+128 and −65 thousand, 130 after and 67 before: each beside its word, with the km² of its
    state.

    The 64 of southwest lose their line, and west, 12 minutes slower, is outside with its 1.
    """
    given = printed(found.plot(MapStyle("en")))
    outside = "outside the city proper"
    assert after(given, f"gained by rail within 60 min, {outside}", 2) == [
        "+128,000",
        "31 km² · lost 65,000",
    ]
    assert after(given, f"gained by rail within 90 min, {outside}", 2) == [
        "+128,000",
        "68 km² · lost 64,000",
    ]
    assert after(given, "gained", 1) == ["128,000 · 31 km²"]
    assert after(given, "lost", 1) == ["65,000 · 39 km²"]
    assert after(given, "with the scenario", 1) == ["130,000 · 37 km²"]
    assert after(given, "baseline, outline", 1) == ["67,000 · 45 km²"]
    assert after(given, "Westhill", 1) == [" 65 (was 53)"]
    assert (
        "Midtown, plan: by rail +128,000, −65,000 within 60 min, +128,000, −64,000 within 90 min"
        in given
    )
    assert after(given, "西北原", 1) == [" 49"]
    change = difference_map(found).change
    assert change is not None
    assert change.proposed is not None
    assert [set(leg.coords) for leg in change.proposed.geometry] == [{(99.8, 0.5), (100.0, 0.3)}]
    northwest, southwest = shapely.Point(99.8, 0.5), shapely.Point(99.8, 0.1)
    for side, inside in (
        (change.before, southwest),
        (change.after, northwest),
        (change.gained, northwest),
        (change.lost, southwest),
    ):
        assert [p for p in (northwest, southwest) if side.geometry.contains(p)] == [inside]


def test_a_comparison_shows_the_cutoff_where_something_changes(
    found: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing gained or lost within 60 minutes, something within 90: the map shows 90, its title
    says both.
    """
    real = found.row

    def row(reading: str, cutoff: int, kind: str) -> dict[str, Any]:
        own = dict(real(reading, cutoff, kind))
        if cutoff == 60:
            own |= {
                f"{what}_{state}": 0
                for what in ("people", "area_km2")
                for state in ("gained", "lost")
            }
        return own

    base = from_comparison.base_map(found)
    monkeypatch.setattr(from_comparison, "base_map", lambda _: base)
    changed: Any = Altered(found, row=row)
    data = difference_map(changed)
    assert data.cutoff_min == 90
    assert data.title is not None
    assert data.title.en.endswith("by rail 0 within 60 min, +128,000, −64,000 within 90 min")
    assert data.title.zh.endswith("轨道交通60分钟内0 人，90分钟内+12.8 万人、−6.4 万人")
    assert data.change is not None
    assert data.change.gained.people == real("door-to-door", 90, "by_rail")["people_gained"]
    minutes = data.stations.set_index("name")["minutes"]
    assert data.stations.set_index("name")["inside"].equals(minutes <= 90)
    assert difference_map(found).cutoff_min == 60


def test_signs_stand_only_where_there_is_something() -> None:
    """A gain of 0 has no plus; what is not known says so; a map of rail against car has
    no signs.
    """
    data = make_data()
    shape = data.bands.geometry.iloc[0]
    figures = {"before": (1.0, 3.0), "after": (1.0, 4.0), "gained": (0, 5.0), "lost": (None, None)}
    change = ChangeLayer(
        **{side: Area(words.SCENARIO[side], shape, *own) for side, own in figures.items()}
    )
    given = printed(draw_difference(replace(data, change=change), MapStyle("en")))
    assert after(given, "People gained, outside the city proper", 2) == ["0", "5 km²"]
    assert after(given, "People lost, outside the city proper", 1) == ["no data"]


def test_minutes_saved_by_class(found: Any) -> None:
    """From 10 minutes up the 128 thousand who had no train; from 5 also 2; slower or without any 1
    + 64.
    """
    data = saved_map(found)
    assert data.bands["cutoff_min"].tolist() == [-30, -15, -10, -5, -1]
    assert data.bands["people"].tolist() == [128_000] * 3 + [130_000] * 2
    assert data.worse is not None
    assert (data.worse.people, data.worse.area_km2) == (65_000, 39.0)
    assert data.worse.geometry.contains(shapely.Point(99.8, 0.1))
    assert not data.worse.geometry.contains(shapely.Point(99.8, 0.5))
    assert data.bands.geometry.iloc[0].contains(shapely.Point(99.8, 0.5))
    assert not data.bands.geometry.iloc[0].contains(shapely.Point(100.2, 0.3))
    assert data.bands.geometry.iloc[3].contains(shapely.Point(100.2, 0.3))
    assert data.bands["en"].iloc[3] == "5 min or more"
    assert data.band_note is not None
    assert data.band_note.en == "figures are cumulative; with who was over 90 min before"
    assert data.band_head is not None
    (row,) = (row for row in found.worth if row["reading"] == "door-to-door")
    faster, slower = data.headlines
    assert (faster.people, faster.note.en) == (
        Estimate(row["people_faster"]),
        f"{row['minutes_faster']:.1f} min each on average",
    )
    assert slower.people == Estimate(row["people_slower"])
    assert (
        data.band_head.en
        == "by rail within 60 min before or after, saved, outside the city proper:"
    )


def test_shares_and_trips_an_hour(circle: Any) -> None:
    """Bands of the share served count by rail outside the city proper; 6 trips from 东桥 in 2 hours
    are 3 an hour.
    """
    data = share_map(circle)
    assert data.bands["cutoff_min"].tolist() == [0, 10, 25, 50, 75, 100]
    assert data.bands["en"].tolist() == [
        "every minute",
        "90% of minutes or more",
        "75% of minutes or more",
        "50% of minutes or more",
        "25% of minutes or more",
        "one minute at least",
    ]
    # half of 19:56 early at worst, 57:02 and 55:02 at the doors of west and east: 1 of 6 cells of 1
    # thousand and 2 of 6 of 2 in every minute, beside 64; all from half of the minutes on, as on
    # the map of the circle
    people = data.bands["people"].tolist()
    assert (people[0], people[3:]) == (64_833, [67_000] * 3)
    assert (data.no_ride, data.trains) == (circle_map(circle).no_ride, None)
    assert people == sorted(people)
    stations = station_map(circle).stations.set_index("station_id")["per_hour"]
    assert stations[["east", "southwest", "northeast", "south", "southeast"]].tolist() == [
        3,
        6,
        0,
        0,
        0,
    ]
    away, both = (
        railshed.circle(circle.network, "mid", direction=way, draws=0) for way in ("from", "both")
    )
    back, fewer = (
        station_map(one).stations.set_index("station_id")["per_hour"] for one in (away, both)
    )
    assert (fewer == np.minimum(stations, back)[fewer.index]).all()
    assert fewer["east"] == 3  # of 2 and of 2.5 hours


def test_how_often_is_by_rail_outside(circle: Any) -> None:
    """The figure is the mean of the draws and its range percentiles 10 and 90, of what is by rail
    outside the city.
    """
    ends = {"mean": 30, "p10": 20, "p90": 40}
    rows = [
        {"kind": kind}
        | {
            f"{k}_outside_city_{end}": v * n
            for k in ("people", "area_km2")
            for end, v in ends.items()
        }
        for kind, n in (("total", 10), ("by_rail", 1))
    ]
    frame = gpd.GeoDataFrame(
        {
            "kind": ["total", "total", "by_rail"],
            "probability": [0.9, 0.1, 0.9],
            "people": [5, 6, 7],
            "area_km2": [8.0, 9.0, 10.0],
        },
        geometry=[shapely.Point(0, 0).buffer(r) for r in (1, 2, 3)],
        crs=4326,
    )
    drawn: Any = SimpleNamespace(
        polygons=frame,
        table=rows,
        cutoff_min=45,
        definition_words=[Words("抽", "drawn")],
        n_draws=8,
        city=circle.city,
    )
    data = inclusion_map(circle, drawn)
    assert data.people is not None
    assert data.area_km2 is not None
    assert (data.people.value, data.people.low, data.people.high) == (30, 20, 40)
    assert (data.area_km2.value, data.area_km2.low, data.area_km2.high) == (30, 20, 40)
    assert data.bands[["cutoff_min", "people"]].to_numpy().tolist() == [[10, 7]]
    assert data.bands["en"].tolist() == ["inside in 90% of draws or more"]
    assert (data.trains, data.no_ride, data.strip) == (None, None, ())
    assert [(one.words.en, one.people) for one in data.headlines] == [
        ("by rail, mean of 8 draws", data.people)
    ]
    assert (data.cutoff_min, data.title.en if data.title else "") == (
        45,
        "Midtown: how often within 45 min",
    )


def test_the_nation(circle: Any) -> None:
    """67,000 people by rail are 6.7 ten thousand at the city's place; 城市群 has its own
    prefectures.
    """
    data = national_map(circle.network, [circle.summary.to_dict()])
    assert data.cities["value"].tolist() == [6.7]
    assert data.decimals == 1
    assert (data.cities.geometry.x.tolist(), data.cities.geometry.y.tolist()) == ([100.0], [0.32])
    assert set(data.members.loc[data.members["region_id"] == "toy", "prefecture"]) == {
        "中城市",
        "西原市",
        "东江市",
    }
    assert data.value_label.en == "people by rail within 60 min, outside the city proper (10,000)"


def test_what_the_nation_shares(circle: Any) -> None:
    """A city where the reading is not defined has no figure, not 0; lines that hold for one city
    alone are left out.
    """
    one = circle.summary.to_dict()
    block = one["readings"]["door-to-door"]
    lines = {
        f"definition_{lang}": [*block[f"definition_{lang}"][:-1], "9 centres"]
        for lang in ("zh", "en")
    }
    other = one | {"readings": one["readings"] | {"door-to-door": block | lines}}
    undefined = one | {"reading": "door-to-station"}
    data = national_map(circle.network, [undefined, one, other])
    assert np.isnan(data.cities["value"].iloc[0])
    assert data.cities["value"].tolist()[1:] == [6.7, 6.7]
    assert [line.en for line in data.definition] == block["definition_en"][:-1]


def test_circles_of_the_nation_are_in_proportion() -> None:
    """A city with a quarter of the figure has a circle of half the radius; no data is white and a
    dash.
    """
    national = make_national()
    point = national.cities.geometry.iloc[0]
    cities = gpd.GeoDataFrame(
        {"name": ["甲", "乙", "丙"], "name_en": ["A", "B", "C"], "value": [400.0, 100.0, math.nan]},
        geometry=[point, shapely.Point(107, 31), shapely.Point(109, 31)],
        crs=4326,
    )
    figure = draw_national(replace(national, cities=cities, decimals=1), MapStyle("en"))
    large, small, none = (p for p in figure.axes[0].patches if isinstance(p, Circle))
    assert large.radius == pytest.approx(2 * small.radius)
    # above the outlines (3) and below the labels (7.5), small ones on large ones
    assert 3 < large.get_zorder() < small.get_zorder() < 7.5
    assert none.get_facecolor()[:3] == (1.0, 1.0, 1.0)
    given = printed(figure)
    assert [after(given, name, 1) for name in "ABC"] == [[" 400.0"], [" 100.0"], [" –"]]


def test_trade_offs_as_bars() -> None:
    """Less is drawn to the left; beside each bar stand its minutes, their change, and who comes
    within 90.
    """
    bars = (
        Bar("少", "fewer", -20_000.0, 80_000.0, -5_000.0),
        Bar("多", "more", 30_000.0, 130_000.0, 45_000.0),
    )
    panel = (Words("线", "The line"), bars)
    figure = draw_tornado(
        [panel], 100_000.0, 50_000.0, title=Words("t"), definition=Words("义", "d"), lang="en"
    )
    drawn = figure.axes[0].patches[:2]
    assert [round(p.get_x() + p.get_width()) for p in drawn] == [-20_000, 30_000]
    assert len({p.get_facecolor() for p in drawn}) == 2
    given = [t.get_text() for t in figure.axes[0].texts] + [t.get_text() for t in figure.texts]
    # the larger change is on top, that is drawn last
    assert [t for t in given if "(" in t] == [
        "80,000 minutes  (−20,000 minutes)",
        "130,000 minutes  (+30,000 minutes)",
    ]
    assert [t for t in given if t.startswith("within 90")] == [
        "within 90 min −5,000",
        "within 90 min 45,000",
    ]
    assert (
        "the plan as written saves 100,000 minutes, 50,000 come within 90 min; one change at a time"
        in given
    )
    assert MORE != LESS


def test_shares_as_bars() -> None:
    """The first share is on top; beside it stand the Shapley value with its error, alone and last
    in.
    """
    shares = [
        Share("A", 30_000.0, 400.0, 50_000.0, 10_000.0),
        Share("B", -2_000.0, 0.0, 1_000.0, -3_000.0),
    ]
    figure = draw_shares(
        shares, title=Words("t"), summary=Words("s", "s"), definition=Words("义", "d"), lang="en"
    )
    (axes,) = figure.axes
    given = [(t.get_text(), round(t.get_position()[1])) for t in axes.texts]
    assert ("30,000 ± 400", 1) in given
    assert ("alone 50,000, last in 10,000", 1) in given
    assert ("−2,000", 0) in given
    assert ("alone 1,000, last in −3,000", 0) in given
    marks = {line.get_marker(): [] for line in axes.lines}
    for line in axes.lines:
        marks[line.get_marker()].append(tuple(np.ravel(line.get_data()).astype(int)))
    assert marks["o"] == [(1000, 0), (50_000, 1)]
    assert (10_000, 1) in marks["|"]
    assert (-3000, 0) in marks["|"]


@pytest.mark.parametrize("lang", ["en", "both"])
def test_figures_of_bars_are_on_the_sheet(lang: str) -> None:
    """Long figures take room from the bars; labels of the axis are fewer where they would meet."""
    bars = [Bar("多", "more", 1.83e6, 2.43e6, 311_741.0), Bar("少", "fewer", -5e5, 7e4, 6_176.0)]
    shares = [
        Share("A", 12_345_678.0, 400_000.0, 50_000_000.0, 10_000_000.0),
        Share("B", -2e6, 0.0, 1e6, -3e6),
    ]
    same: dict[str, Any] = {"title": Words("题", "t"), "definition": Words("义", "d"), "lang": lang}
    for figure in (
        draw_tornado([(Words("线", "The line"), bars)], 6e5, 7e4, **same),
        draw_shares(shares, minutes=True, summary=Words("概", "s"), **same),
    ):
        renderer = FigureCanvasAgg(figure).get_renderer()
        figure.draw(renderer)
        (axes,) = figure.axes
        ticks = [label.get_window_extent(renderer) for label in axes.get_xticklabels()]
        places = [text.get_window_extent(renderer) for text in (*axes.texts, *figure.texts)]
        assert all(place.x0 > 0 and place.x1 < figure.bbox.width for place in (*places, *ticks))
        assert len(ticks) > 1
        assert all(left.x1 < right.x0 for left, right in pairwise(ticks))


def test_figures_in_words() -> None:
    """Where a figure changes its form: 9,999 and 10,000 people, a million, less than half a km²,
    ten trips an hour.
    """
    assert [words.people(n).zh for n in (9_999, 10_000)] == ["9,999 人", "1.0 万人"]
    assert [words.people(n).en for n in (999_999, 1_000_000, 2_345_678)] == [
        "999,999",
        "1.00 million",
        "2.35 million",
    ]
    assert [words.area(a).en for a in (0.0, 0.2, 0.6, 1234.4)] == [
        "0 km²",
        "0.2 km²",
        "0.6 km²",
        "1,234 km²",
    ]
    assert (words.people(math.nan), words.area(math.nan)) == (MAP["no_data"], MAP["no_data"])
    assert [words.rate(r) for r in (0.5, 3.0, 9.94, 9.96)] == ["0.5", "3", "9.9", "10"]
    assert words.degrees(-3.5, 51.25) == "3.50°W 51.25°N"
    assert words.degrees(103.5, -1.25) == "103.50°E 1.25°S"
    assert words.title(Words("甲", "A"), 45) == Words(
        "甲45分钟铁路通勤圈", "A: within 45 minutes by rail"
    )
    assert words.title(Words("甲", "A"), 60, 90) == Words(
        "甲1小时、90分钟铁路通勤圈", "A: within one hour and 90 minutes by rail"
    )
    assert words.stations(1, "en") == ["1 station"]
    assert words.stations(1234, "zh") == ["1,234 站"]


def test_classes_of_trains_in_the_legend() -> None:
    """A leg of 200 trains is of the widest class, one of 199 of the next; the legend has the
    classes that are there.
    """
    data: MapData = make_data()
    for trains, word in (
        (200.0, "≥ 200"),
        (199.0, "80 – 199"),
        (80.0, "80 – 199"),
        (79.0, "20 – 79"),
        (19.0, "< 20"),
    ):
        shown = replace(data, legs=data.legs.iloc[:1].assign(trains=trains))
        given = said(draw_circle(shown, MapStyle("en"))).split("\n")
        assert [t for t in given if t in ("≥ 200", "80 – 199", "20 – 79", "< 20")] == [word]


def test_panels_of_bars_stand_below_each_other() -> None:
    """Each has its bars, and each bar its label at its height: Chinese above English, as far above
    as below.

    A bar takes 0.42 inches, or the lines of the tallest label (1.22 times their size) and 5 points.
    """
    long = " ".join(["a long name of a change that takes several lines"] * 6)
    for name, sizes in (("Short", None), (long, 1)):
        panels = [
            (
                Words(f"组{n}", f"Panel {n}"),
                tuple(Bar(f"项{k}", name, k + 1.0, 9.0, 5.0) for k in range(n)),
            )
            for n in (1, 3)
        ]
        figure = draw_tornado(
            panels, 8.0, 5.0, title=Words("题", "t"), definition=Words("义", "d"), lang="both"
        )
        above, below = figure.axes
        assert [len(axes.patches) for axes in (above, below)] == [1, 3]
        assert above.get_position().y0 > below.get_position().y1
        heads = {t.get_text(): t.get_position()[1] for t in figure.texts}
        assert above.get_position().y0 > heads["组3  Panel 3"]
        for name_, axes in (("组1  Panel 1", above), ("组3  Panel 3", below)):
            assert (
                heads[name_] - axes.get_position().y1
            ) * figure.get_figheight() == pytest.approx(0.16)  # inches
        pitch = below.get_position().height * figure.get_figheight() / 3
        assert above.get_position().height * figure.get_figheight() == pytest.approx(pitch)
        for k in range(3):
            lines = [
                t for t in below.texts if t.get_ha() == "right" and round(t.get_position()[1]) == k
            ]
            assert lines[0].get_text() == f"项{k}"
            assert " ".join(t.get_text() for t in lines[1:]) == name
            places = [t.get_position()[1] for t in lines]
            assert places == sorted(places, reverse=True)
            top = (places[0] - k) * pitch * 72 + lines[0].get_size() * 1.22 / 2
            bottom = (k - places[-1]) * pitch * 72 + lines[-1].get_size() * 1.22 / 2
            tall = 1.22 * sum(t.get_size() for t in lines)
            assert (top, bottom) == (pytest.approx(tall / 2), pytest.approx(tall / 2))
            assert pitch * 72 == pytest.approx(0.42 * 72 if sizes is None else tall + 5)


def test_one_row_where_both_languages_fit() -> None:
    """The English stands behind the Chinese where the row holds it, else below it."""
    both = Words("无数据", "no data")

    def rows_of(width: float) -> list[Any]:
        column = Column("both", 8.0, width)
        column.line(both)
        return column.rows

    (row,) = rows_of(200.0)
    assert (row.text, row.tail) == ("无数据", "no data")
    assert [r.text for r in rows_of(row.width - 0.1)] == ["无数据", "no data"]
    assert [r.text for r in rows_of(row.width)] == ["无数据"]


def test_a_latin_name_stands_apart_from_chinese() -> None:
    """A space between them, none between Chinese and Chinese; the subtitle in English is the
    smaller one.
    """
    assert words.title(Words("", "Porto"), 60).zh == "Porto 1小时铁路通勤圈"
    assert words.title(Words("成都", "Chengdu"), 60).zh == "成都1小时铁路通勤圈"
    figure = draw_circle(make_data())
    sizes = {t.get_text(): t.get_size() for t in figure.texts}
    assert sizes["成都1小时铁路通勤圈"] == 17.0
    assert sizes["Chengdu: within one hour by rail"] == 10.5


@pytest.fixture
def saved_at(found: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[int, int], MapData]:
    """The map of minutes saved where one cell outside the city takes these seconds by rail before
    and after.
    """
    (cell,) = np.flatnonzero(found.counts.cell_part != 0)[:1]
    base = from_comparison.base_map(found)
    monkeypatch.setattr(from_comparison, "base_map", lambda _: base)

    def saved(before_s: int, after_s: int) -> MapData:
        pair = []
        for surface, seconds in zip(found.headline, (before_s, after_s), strict=True):
            by_rail = np.full(len(surface.by_rail_s), UNREACHED)
            by_rail[cell] = seconds
            pair.append(
                replace(surface, by_rail_s=by_rail, local_s=np.full_like(by_rail, UNREACHED))
            )
        return saved_map(Altered(found, headline=tuple(pair)))

    return saved


def test_cells_at_the_cutoff_save_minutes(saved_at: Callable[[int, int], MapData]) -> None:
    """60 minutes are within 60: before, so that who is slower is hatched, and after.

    A second more on both is not: the map shows the next cutoff, 90; beyond it nothing has changed.
    """

    def figures(before_s: int, after_s: int) -> tuple[int, float, float | None]:
        data = saved_at(before_s, after_s)
        assert data.worse is not None
        faster = data.bands.set_index("cutoff_min")["area_km2"].get(-1, 0.0)
        return data.cutoff_min, faster, data.worse.area_km2

    assert figures(3600, 3660) == (60, 0, 0.25)
    assert figures(3660, 3600) == (60, 0.25, 0)
    assert figures(3601, 3661) == (90, 0, 0.25)
    assert figures(3661, 3601) == (90, 0.25, 0)
    assert figures(3600, 3659) == figures(5401, 5461) == (60, 0, 0)


def test_the_note_on_places_far_beyond_before(saved_at: Callable[[int, int], MapData]) -> None:
    """It stands where a cell comes from beyond the land looked at, not where one was 61 minutes
    away or stays out.
    """

    def note(before_s: int, after_s: int) -> bool:
        data = saved_at(before_s, after_s)
        assert data.band_note is not None
        return "with who was over" in data.band_note.en

    assert note(UNREACHED, 3600)
    assert not note(3660, 3600)
    assert not note(3600, 3600)


def test_bars_have_a_grid_of_their_figures() -> None:
    """A line at each tick of the figures, none between bars."""
    panel = (Words("线", "The line"), (Bar("多", "more", 3.0, 13.0, 4.0),))
    tornado = draw_tornado(
        [panel], 10.0, 5.0, title=Words("t"), definition=Words("义", "d"), lang="en"
    )
    shares = draw_shares(
        [Share("A", 3.0, 0.0, 5.0, 1.0)],
        title=Words("t"),
        summary=Words("s", "s"),
        definition=Words("义", "d"),
        lang="en",
    )
    for figure in (tornado, shares):
        axes = figure.axes[0]
        assert axes.xaxis.get_gridlines()
        assert all(line.get_visible() for line in axes.xaxis.get_gridlines())
        assert not any(line.get_visible() for line in axes.yaxis.get_gridlines())


def test_long_names_of_shares_are_smaller() -> None:
    """Room is 0.24 of 11 inches, 190.08 points: 22 characters have 8.5 points each (187), 24 have
    7.75, not 8 (192).
    """
    for n, points in ((22, 8.5), (24, 7.75), (80, 5.0)):
        name = "城" * n
        figure = draw_shares(
            [Share(name, 3.0, 0.0, 5.0, 1.0)],
            title=Words("t"),
            summary=Words("s", "s"),
            definition=Words("义", "d"),
            lang="zh",
        )
        (text,) = (t for t in figure.axes[0].texts if t.get_text() == name)
        assert text.get_size() == points
        assert figure.texts[-1].get_text() == "义"


def test_a_map_without_bands_says_so_three_points_below() -> None:
    """Where nothing is within a cutoff, the legend begins with a paragraph, 3 points below what
    stands above it.
    """
    column = Column("en", 8.0, 200.0)
    data = make_data()
    _add_bands(column, replace(data, bands=data.bands.iloc[:0], band_head=None))
    assert column.rows[0].gap == 3.0
    assert column.rows[0].text in MAP["no_band"].en


def test_an_entry_of_the_legend_stands_three_points_below() -> None:
    """Its first row, unless another gap is asked for; the rows of one entry stand close."""
    column = Column("both", 8.0, 60.0)
    swatch = Swatch("patch", "#000000")
    column.entry(Words("一小时内可达", "within one hour"), swatch)
    column.entry(Words("一", ""), swatch, gap=0.5)
    assert [row.gap for row in column.rows] == [3.0, *[0.0] * (len(column.rows) - 2), 0.5]
    assert len(column.rows) > 2


@pytest.mark.parametrize(
    ("n", "lefts", "bottoms", "wide", "high"),
    [
        (2, [0, 54.5], [0], 45.5, 75),
        (4, [0, 54.5], [54.5, 0], 45.5, 20.5),
        (5, [0, 39, 78], [54.5, 0], 30, 20.5),
    ],
)
def test_panels_share_the_frame(
    n: int, lefts: list[float], bottoms: list[float], wide: float, high: float
) -> None:
    """Two abreast, from five three; 9 points apart, 25 above each for its head, row by row from the
    top.
    """
    width = 100.0 if n < 5 else 108.0
    frames = _frames((0.0, 0.0, width, 100.0), n, 1.0)
    places = [(left, bottom, wide, high) for bottom in bottoms for left in lefts]
    assert frames == [pytest.approx(place) for place in places[:n]]


@pytest.mark.parametrize(("km", "factor"), [(50.0, 1.0), (0.001, 0.4)])
def test_symbols_of_stations_are_smaller_only_where_they_are_near(km: float, factor: float) -> None:
    """Two stations far apart have the full size, two at one place 0.4 of it; a lone station has the
    full size.
    """
    points = [shapely.Point(place(east)) for east in (0.0, km)]
    stations = gpd.GeoDataFrame({"per_hour": [4.0, 4.0]}, geometry=points, crs=4326)
    data = replace(make_data(), stations=stations, centre=place(0.0))
    assert _factor(data, SHEETS["a4"]) == factor
    assert _factor(replace(data, stations=stations.iloc[:1]), SHEETS["a4"]) == 1.0


def test_an_inset_says_how_much_it_enlarges(circle: Any) -> None:
    """The number is the root of how much larger its band is drawn than on the map: of the piece of
    the same shape.
    """
    figure = draw_circle(circle_map(circle))
    numbers = [
        float(t.get_text()[1:]) for t in texts(figure) if t.get_gid().startswith("label-enlarged-")
    ]
    insets = figure.axes[1:]
    assert len(numbers) == len(insets) == 2

    def pieces(axes: Any) -> list[Any]:
        bands = [p for p in axes.patches if p.get_zorder() == 1.8]
        return [shapely.Polygon(ring) for p in bands for ring in p.get_path().to_polygons()]

    def moved(piece: Any, size: float) -> Any:
        """Return the piece with its middle at the origin and an area of 1, `size` times as long."""
        scaled = shapely.affinity.scale(piece, *[size / math.sqrt(piece.area)] * 2)
        return shapely.affinity.translate(scaled, -scaled.centroid.x, -scaled.centroid.y)

    for number, inset in zip(numbers, insets, strict=True):
        (drawn,) = pieces(inset)
        apart = lambda piece: shapely.symmetric_difference(moved(piece, 1), moved(drawn, 1)).area  # noqa: E731, B023
        same = min(pieces(figure.axes[0]), key=apart)
        assert apart(same) < 0.2
        assert math.sqrt(drawn.area / same.area) == pytest.approx(number, abs=0.06)
