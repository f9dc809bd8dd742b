"""Rail against car: speeds by hand, and every place in one of three states."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import railshed
from railshed.access import Doors
from railshed.assumptions import Car, default_assumptions
from railshed.car import STATES, CarComparison, car_seconds
from railshed.cases import Case
from railshed.grid import Grid
from railshed.land import Land
from railshed.sources.streets import read_streets
from railshed.units import MINUTE, UNREACHED
from street_town import DEGREE_M, write_streets

CAR = Car("test", 5.0, 20.0, 80.0, 1.25, 300, 0.5)


def test_seconds_by_hand() -> None:
    """Detour 1.25: 4 km at 20 km/h take 900 s, the 8 km beyond 5 km at 80 km/h 450 s on top of 1,125; overhead 300."""
    assert CAR.seconds(np.array([0.0, 4_000.0, 5_000.0, 13_000.0])).tolist() == [300, 1_200, 1_425, 1_875]
    assert CAR.reach_m(1_200) == pytest.approx(4_000)
    assert CAR.reach_m(1_875) == pytest.approx(13_000)
    assert CAR.reach_m(200) == 0


@pytest.fixture(scope="module")
def circle() -> railshed.Circle:
    return railshed.circle(railshed.load_network("toy"), "mid")


def test_every_place_is_in_one_state(circle: railshed.Circle) -> None:
    """Rail only, car only and both do not overlap; with neither they are all land; rail is the circle's own."""
    assert set(circle.car) == {"door-to-station", "door-to-door"}
    for name, found in circle.car.items():
        for traffic in found.seconds:
            for cutoff in (45, 60):
                states = found.states(traffic, cutoff)
                assert not states["not_compared"].any()  # no streets, so straight lines everywhere
                assert np.sum([states[s] for s in STATES], axis=0).max() <= 1
                rail = states["rail_only"] | states["both"]
                assert np.array_equal(rail, found.surface.by_rail_s <= cutoff * MINUTE)
                assert rail.sum() == (circle.surfaces[name].by_rail_s <= cutoff * MINUTE).sum()
                assert np.array_equal(states["car_only"] | states["both"], found.seconds[traffic] <= cutoff * MINUTE)


def test_the_table_adds_up(circle: railshed.Circle) -> None:
    """By rail are those of rail only and both, to a rounding; more time, more of each; peak is slower."""
    rows = {(r["reading"], r["traffic"], r["cutoff_min"]): r for r in circle.car_table}
    assert len(rows) == 2 * (3 + 4)
    for (reading, _traffic, cutoff), row in rows.items():
        for what in ("people", "area_km2"):
            for one in ("rail", "car"):
                assert abs(row[f"{what}_{one}"] - row[f"{what}_{one}_only"] - row[f"{what}_both"]) <= 1
        longer = [c for r, _, c in rows if r == reading and c > cutoff]
        if longer:
            assert row["people_car"] <= rows[reading, row["traffic"], min(longer)]["people_car"]
        assert rows[reading, "peak", cutoff]["area_km2_car"] <= rows[reading, "free-flow", cutoff]["area_km2_car"]
        own = next(
            r for r in circle.summary["readings"][reading]["table"]
            if r["cutoff_min"] == cutoff and r["kind"] == "by_rail"
        )  # fmt: skip
        assert row["people_rail"] == own["people_outside_city"]


def test_the_map_shows_the_states(circle: railshed.Circle) -> None:
    """Polygons of the states do not overlap and together are those of rail and of car."""
    frame = circle.car_polygons.to_crs(circle.ground.land.grid.crs)
    for _, mine in frame.groupby(["reading", "traffic"]):
        area = mine.set_index("state").geometry.area
        assert area["rail"] == pytest.approx(area["rail_only"] + area["both"], rel=1e-6)
        assert area["car"] == pytest.approx(area["car_only"] + area["both"], rel=1e-6)
    texts = {t.get_text() for t in circle.plot_car(lang="en").findobj(lambda a: hasattr(a, "get_text"))}
    assert any("by car only" in t for t in texts)
    assert any("capacity not considered" in t for t in texts)


def test_on_streets_the_car_follows_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """To node 6 from node 5: 300 m at half of 50 km/h are 43.2 s; from 6 to 5 the one-ways make it 273.6."""
    monkeypatch.setenv("RAILSHED_CACHE_DIR", str(tmp_path))
    streets = read_streets(write_streets(tmp_path / "town.osm"), island_nodes=1)
    network = railshed.load_network("toy", areas=False)
    case = Case(railshed.prepare(network).compiled, network.get_city("mid"), default_assumptions(), None, streets)
    grid = Grid(0.0, 0.0, 1)  # cells of a metre
    inside = {5: (300, 298), 6: (2, 298)}  # two metres within the town's edge
    lon, lat = (np.array([inside[n][k] / DEGREE_M for n in (6, 5)]) for k in (0, 1))
    row, column = grid.index(*grid.project(lon, lat))
    land = Land(grid, row, column, np.zeros(2, np.int64), 0)
    six = Doors(lon[:1], lat[:1], ["bus"])
    on_foot_s = (2 + 2.8) / 1.25
    for towards, moving_s in ((True, 43.2), (False, 273.6)):
        at_six, at_five = car_seconds(case, land, six, CAR, towards=towards).tolist()
        assert 300 + moving_s + on_foot_s - 1 <= at_five <= 300 + moving_s + on_foot_s + 2
        assert 300 + 2 <= at_six <= 300 + 7
    far = Land(grid, row + 50_000, column, np.zeros(2, np.int64), 0)
    # outside the extent: straight lines, 50 km away, 5 of them in the city
    seconds = car_seconds(case, far, six, CAR, towards=True)
    assert seconds == pytest.approx(300 + 1_125 + 45_000 * 1.25 * 3.6 / 80, rel=0.01)


def test_without_a_way_for_cars_nothing_is_compared(circle: railshed.Circle) -> None:
    """What rail reaches and no known street leads to is no advantage of rail: it is in a state of its own."""
    found = next(iter(circle.car.values()))
    lost = np.zeros(len(found.ground.land), dtype=bool)
    lost[::2] = True
    seconds = {name: np.where(lost, UNREACHED, s) for name, s in found.seconds.items()}
    cut = CarComparison(found.ground, found.surface, seconds, lost)
    rail = found.surface.by_rail_s <= 60 * MINUTE
    states = cut.states("peak", 60)
    assert np.array_equal(states["not_compared"], rail & lost)
    assert states["not_compared"].any()
    assert not (states["rail_only"] & lost).any()
    row, whole = (c.table([60])[-1] for c in (cut, found))
    assert row["people_rail"] == whole["people_rail"]


def test_a_street_that_leads_nowhere(tmp_path: Path) -> None:
    """Cars come over the bridge to node 22 and, once its own streets lead nowhere, cannot leave: no way, not far."""
    streets = read_streets(write_streets(tmp_path / "town.osm"), island_nodes=1)
    network = railshed.load_network("toy", areas=False)
    grid = Grid(0.0, 0.0, 1)
    land = Land(grid, np.array([-197]), np.array([596]), np.zeros(1, np.int64), 0)  # four metres from node 22
    three = Doors(np.array([599 / DEGREE_M]), np.array([1 / DEGREE_M]), ["bus"])
    south = streets.lat[streets.tail] < -150 / DEGREE_M
    dead_end = replace(streets, allowed=np.where(south, 0, streets.allowed).astype(np.uint8))
    found = {}
    for name, each in (("whole", streets), ("dead end", dead_end)):
        case = Case(railshed.prepare(network).compiled, network.get_city("mid"), default_assumptions(), None, each)
        found[name] = [int(car_seconds(case, land, three, CAR, towards=side)[0]) for side in (True, False)]
    assert max(found["whole"]) < 400
    assert found["dead end"][0] == UNREACHED
    assert found["dead end"][1] == found["whole"][1]
