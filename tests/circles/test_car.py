"""Rail against car: speeds by hand, and every place in one of three states."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
from shapely import LineString

import railshed
from railshed.access.straight import Entrances
from railshed.assumptions.assumptions import Car
from railshed.circles.analysis import case_of
from railshed.circles.car import STATES, CarComparison, car_seconds
from railshed.circles.city_at import city_at
from railshed.circles.study_area import StudyArea
from railshed.io.streets.read import read_streets
from railshed.maps.circle import draw_difference
from railshed.maps.style import MapStyle
from railshed.questions.circle.map import car_map
from railshed.questions.circle.tables import every_table
from railshed.show.console import show
from railshed.util.units import MINUTE, UNREACHED
from tests.support.cells import cells_at
from tests.support.osm_town import way, write
from tests.support.street_town import DEGREE_M, write_streets

CAR = Car("test", 5.0, 20.0, 80.0, 1.25, 300, 0.5)


def test_seconds_by_hand() -> None:
    """Detour 1.25: 4 km at 20 km/h take 900 s, the 8 km beyond 5 km at 80 km/h 450 s on top of
    1,125; overhead 300.
    """
    assert CAR.seconds(np.array([0.0, 4_000.0, 5_000.0, 13_000.0])).tolist() == [
        300,
        1_200,
        1_425,
        1_875,
    ]
    assert CAR.reach_m(1_200) == pytest.approx(4_000)
    assert CAR.reach_m(1_875) == pytest.approx(13_000)
    assert CAR.reach_m(200) == 0


@pytest.fixture(scope="module")
def circle() -> railshed.Circle:
    return railshed.circle(railshed.load_network("toy"), "mid")


def test_every_place_is_in_one_state(circle: railshed.Circle) -> None:
    """Rail only, car only and both do not overlap; with neither they are all land; rail is the
    circle's own.
    """
    assert set(circle.car) == {"door-to-door"}
    for name, found in circle.car.items():
        for traffic in found.seconds:
            for cutoff in (45, 60):
                states = found.states(traffic, cutoff)
                assert not states["not_compared"].any()  # no streets, so straight lines everywhere
                assert np.sum([states[s] for s in STATES], axis=0).max() <= 1
                rail = states["rail_only"] | states["both"]
                assert np.array_equal(rail, found.surface.by_rail_s <= cutoff * MINUTE)
                assert rail.sum() == (circle.surfaces[name].by_rail_s <= cutoff * MINUTE).sum()
                assert np.array_equal(
                    states["car_only"] | states["both"], found.seconds[traffic] <= cutoff * MINUTE
                )


def test_the_table_adds_up(circle: railshed.Circle) -> None:
    """By rail are those of rail only and both, to a rounding; more time, more of each; peak is
    slower.
    """
    rows = {(r["reading"], r["traffic"], r["cutoff_min"]): r for r in circle.car_table}
    assert len(rows) == 2 * 4
    for (reading, _traffic, cutoff), row in rows.items():
        for what in ("people", "area_km2"):
            for one in ("rail", "car"):
                parts = (row[f"{what}_outside_city_{each}"] for each in (f"{one}_only", "both"))
                assert abs(row[f"{what}_outside_city_{one}"] - sum(parts)) <= 1
        longer = [c for r, _, c in rows if r == reading and c > cutoff]
        if longer:
            further = rows[reading, row["traffic"], min(longer)]
            assert row["people_outside_city_car"] <= further["people_outside_city_car"]
        peak, free = (
            rows[reading, traffic, cutoff]["area_km2_outside_city_car"]
            for traffic in ("peak", "free-flow")
        )
        assert peak <= free
        own = next(
            r
            for r in circle.summary.readings[reading].table
            if r["cutoff_min"] == cutoff and r["kind"] == "by_rail"
        )
        assert row["people_outside_city_rail"] == own["people_outside_city"]
        assert "outside the city proper" in row["definition"]
        assert "capacity not considered" in row["definition"]


def test_the_map_shows_the_states(circle: railshed.Circle) -> None:
    """Polygons of the states do not overlap and together are those of rail and of car."""
    frame = circle.car_polygons.to_crs(circle.counts.land.grid.crs)
    for _, mine in frame.groupby(["reading", "traffic"]):
        area = mine.set_index("state").geometry.area
        assert area["rail"] == pytest.approx(area["rail_only"] + area["both"], rel=1e-6)
        assert area["car"] == pytest.approx(area["car_only"] + area["both"], rel=1e-6)
    texts = texts_of(circle.plot_car(MapStyle("en")))
    assert "by car only" in texts
    assert (
        texts[
            "capacity not considered: roads, trains and buses are taken as never full"
        ].get_weight()
        == "bold"
    )
    assert "By rail only, outside the city proper" in texts
    assert not any("free flow" in text for text in texts)  # the map of the peak tells of the peak


def texts_of(figure: Any) -> dict[str, Any]:
    return {t.get_text(): t for t in figure.findobj(lambda a: hasattr(a, "get_text"))}


def test_polygons_and_table_leave_the_city_proper_out(circle: railshed.Circle) -> None:
    """No polygon lies in Midtown's own counties; each carries the table's figures and its
    definition.

    Their areas are those of the cells but for half a cell at the edges: a tenth of circles of many
    km2.
    """
    frame = circle.car_polygons
    inside = frame.geometry.intersection(circle.city_proper).to_crs(circle.counts.land.grid.crs)
    assert circle.city_proper.area > 0
    assert inside.area.max() < 1  # m2
    rows = {(r["reading"], r["traffic"], r["cutoff_min"]): r for r in circle.car_table}
    areas = frame.to_crs(circle.counts.land.grid.crs).area / 1e6
    for row, km2 in zip(frame.to_dict(orient="records"), areas, strict=True):
        told = rows[row["reading"], row["traffic"], row["cutoff_min"]]
        for what in ("people", "area_km2"):
            assert row[f"{what}_outside_city"] == told[f"{what}_outside_city_{row['state']}"]
        assert row["definition"] == told["definition"]
        if told[f"area_km2_outside_city_{row['state']}"] > 20:
            assert km2 == pytest.approx(row["area_km2_outside_city"], rel=0.1)


def test_where_there_is_no_city_proper_none_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """A city at a point has none: neither the map nor the tables say that figures are outside of
    it.
    """
    network = railshed.load_network("toy")
    mid = network.stations[network.station_index()["mid"]]
    point = railshed.circle(network, city_at(network, mid.lon, mid.lat, name="Point"))
    assert (point.has_city_proper, point.city_proper) == (False, None)
    assert all("outside the city proper" not in row["definition"] for row in point.car_table)
    for figure in (point.plot_car(MapStyle("en")), point.plot(MapStyle("en"))):
        assert not any("city proper" in text for text in texts_of(figure))
    show(every_table(point, with_car=True), "en")
    assert "city proper" not in capsys.readouterr().out


def test_people_that_are_not_known_are_no_data_on_the_map(circle: railshed.Circle) -> None:
    """People are counted, but of the places by rail only none are known: the headline says so and
    keeps its km2.
    """
    data = car_map(circle)
    assert data.change is not None
    change = replace(data.change, gained=replace(data.change.gained, people=None, area_km2=4.0))
    texts = texts_of(draw_difference(replace(data, change=change), MapStyle("en")))
    assert {"By rail only, outside the city proper", "no data"} <= set(texts)


def test_with_buses_the_map_speaks_of_public_transport(circle: railshed.Circle) -> None:
    """Where buses are among the lines, no word of the car map says that its figures are by rail."""
    roads = gpd.GeoDataFrame(geometry=[LineString([(100, 0.3), (100.1, 0.3)])], crs="EPSG:4326")
    texts = texts_of(draw_difference(replace(car_map(circle), roads=roads), MapStyle("en")))
    assert "by public transport only" in texts
    assert "By public transport only, outside the city proper" in texts
    assert any(text.endswith("public transport against car, peak") for text in texts)
    assert not any("rail" in text for text in texts if not text.startswith(("railway", "Sources")))


def test_on_streets_the_car_follows_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """To node 6 from node 5: 300 m at half of 50 km/h are 43.2 s; from 6 to 5 the one-ways make it
    273.6.
    """
    monkeypatch.setenv("RAILSHED_CACHE_DIR", str(tmp_path))
    streets = read_streets(write_streets(tmp_path / "town.osm"), island_nodes=1)
    network = railshed.load_network("toy", areas=False)
    case = replace(case_of(railshed.prepare(network), "mid"), streets=streets)
    cells = cells_at(0.0, 0.0, 1)  # of a metre
    grid = cells.grid
    inside = {5: (300, 298), 6: (2, 298)}  # two metres within the town's edge
    lon, lat = (np.array([inside[n][k] / DEGREE_M for n in (6, 5)]) for k in (0, 1))
    row, column = grid.index(*grid.project(lon, lat))
    land = StudyArea(cells, row, column, np.zeros(2, np.int64), 0)
    six = Entrances(lon[:1], lat[:1], ["bus"])
    on_foot_s = (2 + 2.8) / 1.25
    for towards, moving_s in ((True, 43.2), (False, 273.6)):
        at_six, at_five = car_seconds(case, land, six, CAR, towards=towards).tolist()
        assert 300 + moving_s + on_foot_s - 1 <= at_five <= 300 + moving_s + on_foot_s + 2
        assert 300 + 2 <= at_six <= 300 + 7
    far = StudyArea(cells, row + 50_000, column, np.zeros(2, np.int64), 0)
    # outside the extent: straight lines, 50 km away, 5 of them in the city
    seconds = car_seconds(case, far, six, CAR, towards=True)
    assert seconds == pytest.approx(300 + 1_125 + 45_000 * 1.25 * 3.6 / 80, rel=0.01)


def test_without_a_way_for_cars_nothing_is_compared(circle: railshed.Circle) -> None:
    """What rail reaches and no known street leads to is no advantage of rail: it is in a state of
    its own.
    """
    found = next(iter(circle.car.values()))
    lost = np.zeros(len(found.counts.land), dtype=bool)
    lost[::2] = True
    seconds = {name: np.where(lost, UNREACHED, s) for name, s in found.seconds.items()}
    cut = CarComparison(found.counts, found.surface, seconds, lost)
    rail = found.surface.by_rail_s <= 60 * MINUTE
    states = cut.states("peak", 60)
    assert np.array_equal(states["not_compared"], rail & lost)
    assert states["not_compared"].any()
    assert not (states["rail_only"] & lost).any()
    row, whole = (c.table([60])[-1] for c in (cut, found))
    assert row["people_outside_city_rail"] == whole["people_outside_city_rail"]


def test_a_street_that_leads_nowhere(tmp_path: Path) -> None:
    """Cars come over the bridge to node 22 and, once its own streets lead nowhere, cannot leave: no
    way, not far.
    """
    streets = read_streets(write_streets(tmp_path / "town.osm"), island_nodes=1)
    network = railshed.load_network("toy", areas=False)
    # four metres from node 22
    land = StudyArea(
        cells_at(0.0, 0.0, 1), np.array([-197]), np.array([596]), np.zeros(1, np.int64), 0
    )
    three = Entrances(np.array([599 / DEGREE_M]), np.array([1 / DEGREE_M]), ["bus"])
    south = streets.lat[streets.tail] < -150 / DEGREE_M
    dead_end = replace(streets, allowed=np.where(south, 0, streets.allowed).astype(np.uint8))
    found = {}
    for name, each in (("whole", streets), ("dead end", dead_end)):
        case = replace(case_of(railshed.prepare(network), "mid"), streets=each)
        found[name] = [
            int(car_seconds(case, land, three, CAR, towards=side)[0]) for side in (True, False)
        ]
    assert max(found["whole"]) < 400
    assert found["dead end"][0] == UNREACHED
    assert found["dead end"][1] == found["whole"][1]


def test_a_motorway_leads_beyond_the_straight_reach(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """100 km of it from the core station at 0.9 of 120 km/h: 8 min + 3,333 s, farther than straight
    lines in 90 min.
    """
    monkeypatch.setenv("RAILSHED_CACHE_DIR", str(tmp_path))
    network = railshed.load_network("toy", areas=False)
    lon, lat = 100.0, 0.3  # a core station
    nodes = [
        f'<node id="{k}" lon="{lon + k * 1_000 / DEGREE_M / np.cos(np.radians(lat)):.9f}" '
        f'lat="{lat:.9f}"/>'
        for k in range(1, 131)
    ]
    nodes.insert(0, f'<node id="131" lon="{lon:.9f}" lat="{lat:.9f}"/>')
    road = way(1, 131, *range(1, 131), highway="trunk", maxspeed="120")
    back = way(2, *range(130, 0, -1), 131, highway="trunk", maxspeed="120")
    streets = read_streets(write(tmp_path / "motorway.osm", *nodes, road, back))
    found = railshed.circle(
        network,
        "mid",
        reading="door-to-station",
        cutoffs=[90],
        streets=streets,
        access="walk",
        cell_size_m=1_000,
    )
    assert set(found.car) == {"door-to-station", "door-to-door"}
    car = found.car["door-to-station"]
    grid, land = car.counts.land.grid, car.counts.land
    x, y = grid.centre(land.row, land.column)
    at_x, at_y = (float(v[0]) for v in grid.project(np.array([lon]), np.array([lat])))
    assert max(c.reach_m(90 * MINUTE) for c in car.counts.case.assumptions.cars.values()) < 90_000
    beside = (np.abs(x - at_x - 100_000) <= 500) & (np.abs(y - at_y) <= 500)
    assert beside.any()
    seconds = car.seconds["free-flow"][beside]
    assert seconds.min() == pytest.approx(
        480 + 100_000 / 30, abs=600
    )  # half a cell, and a walk of 500 m
    assert (seconds <= 90 * MINUTE).all()
