"""What changes on the grid city, worked out by hand: who gains, who loses, minutes saved, united circles, phases."""

from __future__ import annotations

import hashlib
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import railshed
from railshed.api import union
from railshed.changes import BANDS, saved_seconds
from railshed.comparing import find_cities, resolve_plans, run_after, spread_of
from railshed.differencetables import lost_stations, side_by_side
from railshed.model import Network
from railshed.plans import one_way_s, plan_of
from railshed.scenario import scenario_from_dict
from railshed.units import UNREACHED

PERIOD = {"start_time": "05:00", "end_time": "23:00", "headway_minutes": 10}
#: 128 thousand people in 33 minutes, who had no train before
NORTHWEST = {
    "type": "add-trips", "name": "nw", "stops": [{"name": "西北原", "id": "northwest", "lon": 99.8, "lat": 0.5}, "mid"],
    "hop_minutes": [18], "frequencies": [PERIOD],
}  # fmt: skip
#: 64 thousand people in 32 minutes, whose only train this is
WITHOUT_SOUTHWEST = {"type": "remove-trips", "routes": ["sw"]}


def scenario(*modifications: dict[str, Any], title: str = "plan") -> Any:
    return scenario_from_dict({"title": title, "modification": list(modifications)})


@pytest.fixture(scope="module")
def toy() -> Network:
    return railshed.load_network("toy")


@pytest.fixture(scope="module")
def run(toy: Network) -> Any:
    return railshed.prepare(toy)


def bands_of(found: Any, reading: str = "door-to-station", cutoff: int = 60) -> dict[str, Any]:
    rows = [r for r in found.saved_table if (r["reading"], r["cutoff_min"]) == (reading, cutoff)]
    return {r["minutes_saved"]: r["people"] for r in rows}


def test_who_had_no_train_before(run: Any) -> None:
    """95 thousand keep their minutes; 128 thousand in the northwest were over 90 minutes away; nobody else moves."""
    found = railshed.compare(run, "mid", scenario(NORTHWEST))
    told = {k: v for k, v in bands_of(found).items() if v}
    assert told == {"within 1 minute": 95_000, "over 90 min before": 128_000}
    assert found.minutes_saved["people_faster"] == found.minutes_saved["people_slower"] == 0
    assert found.minutes_saved["minutes_saved_p50"] is None
    (county,) = found.counties.to_dict(orient="records")
    assert (county["county_code"], county["people_gained"], county["people_lost"]) == ("990201", 128_000, 0)
    assert (county["status_before"], county["status_after"]) == ("outside", "inside")
    (station,) = found.stations.to_dict(orient="records")
    assert (station["station_id"], station["trips_gained"], station["minutes_after"]) == ("northwest", 12, 33.0)


def test_who_loses_is_named(run: Any) -> None:
    """Without the southwest's line its 64 thousand people, its county and its station are out, and are said to be."""
    found = railshed.compare(run, "mid", scenario(WITHOUT_SOUTHWEST))
    row = found.headline_row("by_rail")
    assert (row["people_lost"], row["people_gained"], row["people_after"]) == (64_000, 0, 31_000)
    assert (row["counties_before"], row["counties_after"]) == (5, 4)
    assert lost_stations(found)["station_id"].tolist() == ["southwest"]
    assert lost_stations(found)["minutes_before"].tolist() == [32.0]
    (county,) = found.counties.to_dict(orient="records")
    assert (county["people_lost"], county["status_before"], county["status_after"]) == (64_000, "inside", "outside")
    line = side_by_side(found)
    assert (line["people_lost"], line["stations_lost"], line["stations_slower"]) == (64_000, ["西南坡"], ["西南坡"])
    assert len(line["counties_lost"]) == 1
    assert bands_of(found)["over 90 min after"] == 64_000


def test_minutes_saved_by_a_faster_train(run: Any) -> None:
    """West in 10 instead of 18 minutes: its thousand save 8, all three quartiles; the band is 5 to 10."""
    faster = {
        "type": "add-trips", "name": "fast", "stops": ["west", "mid"], "hop_minutes": [10],
        "frequencies": [{**PERIOD, "headway_minutes": 5}],
    }  # fmt: skip
    found = railshed.compare(run, "mid", scenario(faster))
    assert {k: v for k, v in bands_of(found).items() if v} == {
        "faster": 1_000, "5 to 10": 1_000, "within 1 minute": 94_000,
    }  # fmt: skip
    assert [found.minutes_saved[f"minutes_saved_p{p}"] for p in (25, 50, 75)] == [8.0, 8.0, 8.0]
    west = found.stations.set_index("station_id").loc["west"]
    assert (west["minutes_before"], west["minutes_after"], west["minutes_saved"]) == (33.0, 25.0, 8.0)
    county = found.counties.iloc[0]
    assert county["people_faster"] == 1_000
    assert county["minutes_before"] - county["minutes_after"] == 8.0


def test_bands_hold_everybody_once(run: Any) -> None:
    """Per reading and cutoff the bands and the two of no time sum to who is within before or after."""
    both = scenario({**NORTHWEST}, {**WITHOUT_SOUTHWEST})
    found = railshed.compare(run, "mid", both)
    for name, (old, new) in found.surfaces.items():
        for cutoff in found.cutoffs[name]:
            told = bands_of(found, name, cutoff)
            within = (old.total_s <= cutoff * 60) | (new.total_s <= cutoff * 60)
            total = sum(told[k] for k in told if k not in ("faster", "slower"))
            assert abs(total - (found.ground.people_outside(within) or 0)) <= len(BANDS)


def test_states_of_the_polygons(run: Any) -> None:
    """Gained and unchanged are disjoint and make up after; layers are named after states, the line is one of them."""
    found = railshed.compare(run, "mid", scenario(NORTHWEST))
    mine = found.polygons[found.polygons["cutoff_min"] == 60].set_index("state")
    assert mine.geometry["gained"].intersection(mine.geometry["unchanged"]).area < 1e-9
    together = mine.geometry["gained"].union(mine.geometry["unchanged"])
    assert together.symmetric_difference(mine.geometry["after"]).area < 1e-9
    assert mine.loc["gained", "people"] == 128_000
    layers = found.layers()
    assert {"before", "after", "gained", "lost", "unchanged", "minutes_saved", "line"} <= set(layers)
    (line,) = layers["line"].to_dict(orient="records")
    assert (line["line"], line["minutes"], line["trips_a_day"]) == ("nw", 18.0, 216)


def test_each_alone_and_all_in_order(run: Any) -> None:
    """Two scenarios for a city: three comparisons with one and the same circle before; together 95 + 128 - 64."""
    plans = [scenario(NORTHWEST, title="a"), scenario(WITHOUT_SOUTHWEST, title="b")]
    ((one, other, together),) = railshed.iter_comparisons(run, ["mid"], plans)
    assert one.before is other.before is together.before
    assert [c.title for c in (one, other, together)] == ["a", "b", "a + b"]
    after = [c.headline_row("by_rail")["people_after"] for c in (one, other, together)]
    assert after == [223_000, 31_000, 159_000]
    alone = railshed.compare(run, "mid", plans)
    assert alone.headline_row()["people_after"] == together.headline_row()["people_after"]


def test_united_circles_count_everybody_once(run: Any) -> None:
    """Before and after the united circles of both cities are those of `union` on either network."""
    plans = [scenario(NORTHWEST)]
    comparisons = [c for (c,) in railshed.iter_comparisons(run, ["mid", "east"], plans)]
    found = railshed.unite(comparisons, run, name="both")
    (plan,) = resolve_plans(run, find_cities(run, ["mid", "east"]), plans)
    for state, side in (("before", run), ("after", run_after(run, comparisons[0].plan))):
        expected = union(side, ["mid", "east"])
        for kind in ("total", "by_rail"):
            assert found.row("door-to-station", 60, kind)[f"people_{state}"] == expected[kind]["people_outside_city"]
            assert found.row("door-to-station", 60, kind)[f"area_km2_{state}"] == pytest.approx(
                expected[kind]["area_km2_outside_city"]
            )
    assert found.headline_row()["people_gained"] == 128_000
    alone = sum(c.headline_row()["people_after"] for c in comparisons)
    assert found.headline_row()["people_after"] < alone  # east and mid reach each other's surroundings
    assert plan.title == "plan"
    with pytest.raises(railshed.ParameterError, match="of one plan"):
        railshed.unite([comparisons[0], railshed.compare(run, "east", plans[0])], run)


def test_several_cities_name_their_core_stations(run: Any) -> None:
    """core_station = true says nothing of two cities: core_city is asked for."""
    stops = [NORTHWEST["stops"][0], {"name": "new", "lon": 100.02, "lat": 0.31, "core_station": True}]
    with pytest.raises(railshed.InputError, match="core_city"):
        list(railshed.iter_comparisons(run, ["mid", "east"], [scenario({**NORTHWEST, "stops": stops})]))


def test_minutes_saved_stop_at_the_land(run: Any) -> None:
    """Nothing is saved against a time beyond the land that was looked at: UNREACHED."""
    found = railshed.compare(run, "mid", scenario(NORTHWEST))
    old, new = found.headline
    saved = saved_seconds(old, new, 5400)
    beyond = (old.total_s > 5400) | (new.total_s > 5400)
    assert (saved[beyond] == UNREACHED).all()
    assert (saved[~beyond] == (old.total_s - new.total_s)[~beyond]).all()


def test_the_raster_of_minutes_saved(run: Any, tmp_path: Path) -> None:
    """8 minutes west; NaN where there was no time within 90 minutes; the declared no data beyond the counties."""
    rasterio = pytest.importorskip("rasterio")
    faster = {**NORTHWEST, "name": "fast", "stops": ["west", "mid"], "hop_minutes": [10]}
    found = railshed.compare(run, "mid", scenario(NORTHWEST, faster))
    with rasterio.open(found.to_raster(tmp_path / "saved.tif")) as raster:
        names = [text.split(" (")[0] for text in raster.descriptions]
        saved, before = raster.read(names.index("minutes saved") + 1), raster.read(names.index("total before") + 1)
        assert raster.nodata == 999_999.0
    known = np.isfinite(saved) & (saved != 999_999)
    assert saved[known].max() == 8.0
    assert saved[known].min() == 0.0
    assert np.isnan(saved[np.isfinite(before) & (before > 90) & (before != 999_999)]).all()


def test_everything_of_a_plan_is_kept(toy: Network, tmp_path: Path) -> None:
    """Text, checksum, seed, the line with its runs, every trip with its departure and arrival."""
    file = tmp_path / "nw.toml"
    text = (
        'title = "northwest"\nseed = 3\n[[modification]]\ntype = "add-trips"\nname = "nw"\nhop_minutes = [18]\n'
        'stops = [{name = "西北原", id = "northwest", lon = 99.8, lat = 0.5}, "mid"]\n'
        'frequencies = [{start_time = "05:00", end_time = "23:00", headway_minutes = 10}]\n'
    )
    file.write_text(text, encoding="utf-8")
    plan = plan_of(toy, railshed.load_scenario(file), city="mid")
    told = plan.to_dict()
    (kept,) = told["files"]
    assert kept["sha256"] == hashlib.sha256(text.encode()).hexdigest()
    assert (kept["file"], kept["seed"], kept["text"]) == ("nw.toml", 3, text)
    assert len(told["trips"]) == 2 * 18 * 6
    assert {row["line"] for row in told["trips"]} == {"nw"}
    (line,) = told["lines"]
    assert [stop["run_s"] for stop in line["stops"]] == [0, 1080]
    assert one_way_s(plan.lines[0]) == 1080
    rows = [r for r in plan.trips if r["from"] == "northwest"]
    assert {b["departure_s"] - a["departure_s"] for a, b in pairwise(rows)} == {600}
    assert {r["arrival_s"] - r["departure_s"] for r in rows} == {1080}
    assert plan.name == "nw"


def test_phases(run: Any) -> None:
    """The first draw is the scenario itself; a headway within the slack decides nothing, the spread is one value."""
    draws = railshed.phase_draws(run, "mid", scenario(NORTHWEST), 3)
    assert [row["seed"] for row in draws] == [0, 1, 2]
    assert [row["people_by_rail_gained"] for row in draws] == [128_000] * 3
    spread = spread_of(draws, "people_by_rail_gained")
    assert spread == {"own": 128_000, "least": 128_000, "middle": 128_000, "largest": 128_000}
    assert draws == railshed.phase_draws(run, "mid", scenario(NORTHWEST), 3)


def test_maps_are_drawn(run: Any) -> None:
    """Both maps of a city and of united circles are drawn, also where nothing changes."""
    comparisons = [c for (c,) in railshed.iter_comparisons(run, ["mid", "east"], [scenario(NORTHWEST)])]
    for found in (comparisons[0], railshed.unite(comparisons, run, name="格子城市群", name_en="Grid")):
        for figure in (found.plot(), found.plot_saved()):
            texts = " ".join(t.get_text() for t in figure.texts)
            assert "12.8 万人" in texts
    nothing = railshed.compare(run, "mid", scenario({**NORTHWEST, "frequencies": [{**PERIOD, "end_time": "05:10"}]}))
    assert "nowhere" in " ".join(t.get_text() for t in nothing.plot_saved(lang="en").texts)
