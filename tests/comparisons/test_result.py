"""What changes on the grid city, worked out by hand: who gains, who loses, minutes saved, united
circles, phases.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import railshed
from railshed.api.analysis import Analysis
from railshed.comparisons.changes import BANDS, saved_seconds
from railshed.comparisons.plans import find_cities, resolve_plans, run_after
from railshed.maps.style import MapStyle
from railshed.network.model import Network
from railshed.questions.compare.map import difference_map, proposed_legs
from railshed.questions.compare.screen import comparison_screen
from railshed.questions.compare.side_by_side import side_by_side
from railshed.questions.compare.tables import lost_stations
from railshed.scenario.apply import resolve
from railshed.scenario.files import scenario_from_dict
from railshed.scenario.plan import one_way_s
from railshed.show.blocks import Facts
from railshed.util.bilingual import Words
from railshed.util.units import UNREACHED

PERIOD = {"start_time": "05:00", "end_time": "23:00", "headway_minutes": 10}
#: 128 thousand people at 49:16 minutes, who had no train before (see `test_compare_rules`)
NORTHWEST = {
    "type": "add-trips",
    "name": "nw",
    "stops": [{"name": "西北原", "id": "northwest", "lon": 99.8, "lat": 0.5}, "mid"],
    "hop_minutes": [18],
    "frequencies": [PERIOD],
}
#: 64 thousand people at 34 minutes from the centre beside its end, whose only train this is
WITHOUT_SOUTHWEST = {"type": "remove-trips", "routes": ["sw"]}


def scenario(*modifications: dict[str, Any], title: str = "plan") -> Any:
    return scenario_from_dict({"title": title, "modification": list(modifications)})


@pytest.fixture(scope="module")
def run(toy: Network) -> Any:
    return railshed.prepare(toy)


def facts(found: Any) -> list[Words]:
    """Return the texts of the last lines of the first screen."""
    return [
        text
        for block in comparison_screen(found)
        if isinstance(block, Facts)
        for _, text in block.rows
    ]


def bands_of(found: Any, reading: str = "door-to-door", cutoff: int = 60) -> dict[str, Any]:
    rows = [r for r in found.saved_table if (r["reading"], r["cutoff_min"]) == (reading, cutoff)]
    return {r["minutes_saved"]: r["people"] for r in rows}


def test_who_had_no_train_before(run: Any) -> None:
    """67 thousand keep their minutes; 128 thousand in the northwest were over 90 minutes away; no
    one else changes.
    """
    found = railshed.compare(run, "mid", scenario(NORTHWEST))
    result = {k: v for k, v in bands_of(found).items() if v}
    assert result == {"within 1 minute": 67_000, "over 90 min before": 128_000}
    assert found.minutes_saved["people_faster"] == found.minutes_saved["people_slower"] == 0
    assert found.minutes_saved["minutes_saved_p50"] is None
    (county,) = found.counties.to_dict(orient="records")
    assert (county["county_code"], county["people_gained"], county["people_lost"]) == (
        "990201",
        128_000,
        0,
    )
    assert (county["status_before"], county["status_after"]) == ("outside", "inside")
    (station,) = found.stations.to_dict(orient="records")
    assert (station["station_id"], station["trips_gained"], station["minutes_after"]) == (
        "northwest",
        12,
        49.27,
    )


def test_who_loses_is_named(run: Any) -> None:
    """Without the southwest's line its 64 thousand people, its county and its station are out, and
    are said to be.
    """
    found = railshed.compare(run, "mid", scenario(WITHOUT_SOUTHWEST))
    row = found.headline_row("by_rail")
    assert (row["people_lost"], row["people_gained"], row["people_after"]) == (64_000, 0, 3_000)
    assert (row["counties_before"], row["counties_after"]) == (3, 2)
    assert lost_stations(found)["station_id"].tolist() == ["southwest"]
    # 10 + 17 + 5, and half of the 4 minutes, and the rest of one by phase, by which a train every
    # 10 is early
    assert 32 + 2 <= lost_stations(found)["minutes_before"].item() <= 32 + 2.5
    (county,) = found.counties.to_dict(orient="records")
    assert (county["people_lost"], county["status_before"], county["status_after"]) == (
        64_000,
        "inside",
        "outside",
    )
    line = side_by_side(found)
    assert (line["people_lost"], line["stations_lost"], line["stations_slower"]) == (
        64_000,
        ["西南坡"],
        ["西南坡"],
    )
    assert len(line["counties_lost"]) == 1
    assert bands_of(found)["over 90 min after"] == 64_000


def test_minutes_saved_by_a_faster_train(run: Any) -> None:
    """West in 10 instead of 18 minutes, every 5 for every 20: its thousand save 11:31 (see
    `test_compare_rules`).
    """
    faster = {
        "type": "add-trips", "name": "fast", "stops": ["west", "mid"], "hop_minutes": [10],
        "frequencies": [{**PERIOD, "headway_minutes": 5}],
    }  # fmt: skip
    found = railshed.compare(run, "mid", scenario(faster))
    assert {k: v for k, v in bands_of(found).items() if v} == {
        "faster": 1_000,
        "10 to 15": 1_000,
        "within 1 minute": 66_000,
    }
    assert [found.minutes_saved[f"minutes_saved_p{p}"] for p in (25, 50, 75)] == [11.52] * 3
    west = found.stations.set_index("station_id").loc["west"]
    assert [
        west[key] for key in ("minutes_before", "minutes_after", "minutes_saved")
    ] == pytest.approx([52.03, 40.52, 11.51])
    county = found.counties.iloc[0]
    assert county["people_faster"] == 1_000
    assert county["minutes_before"] - county["minutes_after"] == pytest.approx(11.51, abs=0.011)


def test_places_by_reading_and_cutoff(run: Any) -> None:
    """The northwest comes in under each reading from the cutoff on that its minutes allow, with 12
    trains; not before.

    18 minutes of ride, 35 from door to station, 49 from door to door: one station and, where half
    of its people are in, one county. The southwest, at 34 from door to door, drops out.
    """
    found = railshed.compare(run, "mid", scenario(NORTHWEST, WITHOUT_SOUTHWEST))
    result = {(row["reading"], row["cutoff_min"]): row for row in found.places}
    assert list(result) == [(name, c) for name in found.cutoffs for c in found.cutoffs[name]]
    kinds = ("counties", "stations")
    both = {
        key: [row[f"{kind}_{state}"] for kind in kinds for state in ("gained", "lost")]
        for key, row in result.items()
    }
    assert both["station-to-station", 30] == [None, None, 1, 1]
    assert both["door-to-station", 30] == [0, 0, 0, 0]
    assert both["door-to-station", 60] == [1, 1, 1, 1]
    assert both["door-to-door", 45] == [0, 1, 0, 1]
    headline = found.headline_places
    assert headline is result["door-to-door", 60]
    assert (headline["trips_gained"], headline["stations_trips_gained"]) == (12, 1)
    assert result["door-to-station", 30]["trips_gained"] == 0
    assert (
        result["station-to-station", 30]["trips_gained"] == 108
    )  # all day, every ten minutes of eighteen hours
    for row in found.table:
        assert (
            row["counties_before"] + row["counties_gained"] - row["counties_lost"]
            == row["counties_after"]
        )
        if row["kind"] == "total":
            mine = result[row["reading"], row["cutoff_min"]]
            assert (row["counties_gained"], row["counties_lost"]) == (
                mine["counties_gained"],
                mine["counties_lost"],
            )


@pytest.mark.parametrize("direction", ["to", "from", "both"])
def test_every_reading_is_as_if_asked_for(run: Any, direction: str) -> None:
    """Stations, counties and towns of a reading and cutoff are those of a comparison with it as the
    headline.
    """
    plan = scenario(NORTHWEST, WITHOUT_SOUTHWEST)
    found = railshed.compare(run, "mid", plan, direction=direction)
    for name, cutoffs in found.cutoffs.items():
        cutoff = 45
        assert cutoff in cutoffs
        asked = railshed.compare(
            run, "mid", plan, direction=direction, reading=name, cutoffs=[cutoff]
        )
        mine = found.all_stations
        mine = mine[(mine["reading"] == name) & (mine["cutoff_min"] == cutoff)].set_index(
            "station_id"
        )
        alone = asked.stations.set_index("station_id").loc[mine.index]
        assert mine[alone.columns.intersection(mine.columns)].equals(
            alone[mine.columns.intersection(alone.columns)]
        )
        if name in found.surfaces:
            row = next(r for r in found.places if (r["reading"], r["cutoff_min"]) == (name, cutoff))
            assert row == asked.headline_places


#: the west becomes a terminal, and the northwest has trains to it alone: 35 minutes from door to
#: station there
WEST = {"type": "add-core-station", "city": "mid", "stations": ["west"]}
TO_WEST = {**NORTHWEST, "stops": [NORTHWEST["stops"][0], "west"]}


def test_a_new_station_beside_a_centre_is_named_with_the_people_it_brings(run: Any) -> None:
    """A line from the northwest to a new station at the main centre, 18 minutes: all whom it brings
    hang on that end.

    To a station far out, and to one that is there, no end is new.
    """
    (lon, lat) = (
        run.compiled.network.cities[0].centres[0].lon,
        run.compiled.network.cities[0].centres[0].lat,
    )
    gate = {"name": "gate", "lon": lon, "lat": lat, "station_class": "metro"}
    found = railshed.compare(
        run, "mid", scenario({**NORTHWEST, "stops": [NORTHWEST["stops"][0], gate]})
    )
    gained = [found.row("door-to-door", cutoff, "by_rail")["people_gained"] for cutoff in (60, 90)]
    assert min(gained) > 0
    assert found.new_targets == {
        "stations": ["gate"],
        "people_60": gained[0],
        "people_90": gained[1],
    }
    (words,) = [text for text in facts(found) if "near a centre" in text.en]
    assert words.en == (
        "new stations near a centre, at which journeys may end: gate; of the people by rail within "
        f"60 | 90 min {gained[0]:,} | {gained[1]:,} hang on these ends"
    )
    assert railshed.compare(run, "mid", scenario(TO_WEST)).new_targets is None
    assert railshed.compare(run, "mid", scenario(NORTHWEST)).new_targets is None


def test_a_new_terminal_moves_no_figure_and_has_a_row_of_its_own(run: Any) -> None:
    """With the west a terminal every figure is as without; if it counted as the city the
    northwest's 128 thousand would be gained. Printed once, in both languages; a plan without one
    says nothing and computes nothing."""
    found, without = (
        railshed.compare(run, "mid", scenario(*m)) for m in ((TO_WEST, WEST), (TO_WEST,))
    )
    assert found.table == without.table
    assert found.stations.equals(without.stations)
    assert found.headline_row("by_rail")["people_gained"] == 0
    assert without.if_city is None
    area = found.if_city.pop("area_km2_gained")
    assert found.if_city == {
        "terminals": ("西山",),
        "reading": "door-to-station",
        "cutoff_min": 60,
        "people_gained": 128_000,
    }
    assert (
        area
        == railshed.compare(run, "mid", scenario(NORTHWEST)).row("door-to-station", 60, "by_rail")[
            "area_km2_gained"
        ]
    )
    found.if_city["area_km2_gained"] = area
    (words,) = [text for text in facts(found) if "西山" in text.en and "counted" in text.en]
    assert words.en == (
        "西山: not counted as the city; if counted, 128,000 people more by rail, door to station "
        "within 60 min"
    )
    assert words.zh == "西山：未计为该城客站；若计入，门到站60分钟内轨道交通可达新增12.8万人"
    assert not [text for text in facts(without) if "not counted as the city" in text.en]


def test_the_map_is_the_same_with_a_new_terminal(run: Any) -> None:
    """All that is gained is by rail, so nothing is said of it; a new terminal changes no word."""
    texts = [
        " ".join(
            t.get_text()
            for t in railshed.compare(run, "mid", scenario(NORTHWEST, *more)).plot().texts
        )
        for more in ((), (WEST,))
    ]
    assert "其中轨道交通可达" not in texts[0]
    assert texts[0] == texts[1]


def test_what_no_cell_loses_is_not_drawn(run: Any) -> None:
    """Edges before and after differ by slivers: where the legend says 0 km² lost, no ring says
    lost.
    """
    found = railshed.compare(run, "mid", scenario(NORTHWEST))
    assert found.headline_row()["area_km2_lost"] == 0
    change = difference_map(found).change
    assert change is not None
    assert change.lost.geometry.is_empty
    assert change.gained.geometry.area > 0


def test_towns_by_reading_and_cutoff(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A town at the northwest's station is gained where its cell is within; without GeoNames
    nothing is claimed.
    """
    import railshed.comparisons.place_changes as module
    from railshed.network.gazetteer import Place

    def towns_on(land: Any) -> Any:
        x, y = land.grid.index(*land.grid.project([99.8], [0.5]))
        at = np.flatnonzero((land.row == x[0]) & (land.column == y[0]))
        return [Place("Northwest", "XX", 20_000, 99.8, 0.5)], at

    monkeypatch.setattr(module, "towns_on", towns_on)
    monkeypatch.setattr("railshed.comparisons.result.has_places", lambda: True)
    found = railshed.compare(run, "mid", scenario(NORTHWEST))
    gained = {(r["reading"], r["cutoff_min"]): r["towns_gained"] for r in found.places}
    assert gained["door-to-station", 60] == 1
    assert gained["door-to-station", 30] == 0
    assert gained["station-to-station", 60] is None
    (town,) = found.towns.to_dict(orient="records")
    assert (town["name"], town["change"], town["in_city_proper"]) == ("Northwest", "gained", False)
    assert side_by_side(found)["towns_gained"] == ["Northwest"]
    monkeypatch.setattr(module, "towns_on", lambda land: ([], np.empty(0, np.int64)))
    monkeypatch.setattr("railshed.comparisons.result.has_places", lambda: False)
    unknown = railshed.compare(run, "mid", scenario(NORTHWEST))
    assert len(unknown.towns) == 0
    assert {row["towns_gained"] for row in unknown.places} == {None}


def test_layers_of_every_reading(run: Any, tmp_path: Path) -> None:
    """The GeoPackage holds what is gained, the stations and the counties with their shapes under
    every reading.
    """
    import geopandas as gpd

    found = railshed.compare(run, "mid", scenario(NORTHWEST))
    path, _ = found.to_file(tmp_path / "c.gpkg")
    gained, stations, counties = (
        gpd.read_file(path, layer=name) for name in ("gained", "stations", "counties")
    )
    assert set(gained["reading"]) == set(found.surfaces)
    assert gained.set_index(["reading", "cutoff_min"]).loc[("door-to-station", 60), "counties"] == 1
    assert set(stations["reading"]) == set(found.cutoffs)
    assert set(counties.geom_type) <= {"Polygon", "MultiPolygon"}
    assert len(counties) == len(found.all_counties)
    assert set(found.polygons["reading"]) == {"door-to-door"}


def test_bands_hold_everybody_once(run: Any) -> None:
    """Per reading and cutoff the bands and the two of no time sum to who is within before
    or after.
    """
    both = scenario({**NORTHWEST}, {**WITHOUT_SOUTHWEST})
    found = railshed.compare(run, "mid", both)
    for name, (old, new) in found.surfaces.items():
        for cutoff in found.cutoffs[name]:
            result = bands_of(found, name, cutoff)
            within = (old.total_s <= cutoff * 60) | (new.total_s <= cutoff * 60)
            total = sum(result[k] for k in result if k not in ("faster", "slower"))
            assert abs(total - (found.counts.inside(within).people_outside or 0)) <= len(BANDS)


def test_states_of_the_polygons(run: Any) -> None:
    """Gained and unchanged are disjoint and make up after; layers are named after states, the line
    is one of them.
    """
    found = railshed.compare(run, "mid", scenario(NORTHWEST))
    mine = found.polygons[found.polygons["cutoff_min"] == 60].set_index("state")
    assert mine.geometry["gained"].intersection(mine.geometry["unchanged"]).area < 1e-9
    together = mine.geometry["gained"].union(mine.geometry["unchanged"])
    assert together.symmetric_difference(mine.geometry["after"]).area < 1e-9
    assert mine.loc["gained", "people"] == 128_000
    layers = found.layers()
    assert {"before", "after", "gained", "lost", "unchanged", "minutes_saved", "line"} <= set(
        layers
    )
    (line,) = layers["line"].to_dict(orient="records")
    assert (line["line"], line["minutes"], line["trips_a_day"]) == ("nw", 18.0, 216)


def test_a_line_is_told_as_later_modifications_leave_it(run: Any) -> None:
    """Half the speed and every 20 min instead of 10: 36 min and 108 trips in the map's layer and in
    run.json.
    """
    period = {"start_time": "05:00", "end_time": "23:00", "headway_minutes": 20}
    slow = {"type": "adjust-speed", "routes": ["nw"], "scale": 0.5}
    fewer = {"type": "adjust-frequency", "routes": ["nw"], "frequencies": [period]}
    plan = resolve(run.compiled.network, scenario(NORTHWEST, slow, fewer))
    (row,) = plan.line_frame.to_dict(orient="records")
    assert (row["minutes"], row["trips_a_day"]) == (36.0, 108)
    (result,) = plan.to_dict()["lines"]
    assert result["minutes"] == 36.0
    assert [p["headway_s"] for p in result["periods"]] == [1200]
    assert [s["run_s"] for s in result["stops"]] == [0, 2160]
    assert len(plan.trips) == 108


def test_an_express_is_drawn_along_its_line(run: Any) -> None:
    """Trains that pass the west run through it, not straight past it: in the map's legs, the layer
    and its km.

    From 0.5 N down to 0.3 N, then 0.2 degrees east: 22.24 km each. On the way back it is the same
    way.
    """
    express = {
        "type": "add-trips",
        "name": "nw",
        "stops": [NORTHWEST["stops"][0], "west", "mid"],
        "hop_minutes": [10, 10],
        "stop_patterns": [{"name": "x", "skips": ["west"], "frequencies": [PERIOD]}],
    }
    plan = resolve(run.compiled.network, scenario(express))
    way = [(99.8, 0.5), (99.8, 0.3), (100.0, 0.3)]
    (row,) = plan.line_frame.to_dict(orient="records")
    assert (row["line"], row["stations"], row["km_straight"]) == ("nw/x", "西北原 - 中城", 44.5)
    assert list(row["geometry"].coords) == way
    legs = proposed_legs(railshed.compare(run, "mid", scenario(express)))
    assert legs is not None
    assert {frozenset(shape.coords) for shape in legs.geometry} == {
        frozenset(way[:2]),
        frozenset(way[1:]),
    }
    (back,) = plan.lines
    assert [s.station_id for s in replace(back, stops=back.stops[::-1]).passed] == [
        "mid",
        "west",
        "northwest",
    ]


def test_each_alone_and_all_in_order(run: Any) -> None:
    """Two scenarios for a city: three comparisons with one and the same circle before; together 67
    + 128 - 64.
    """
    plans = [scenario(NORTHWEST, title="a"), scenario(WITHOUT_SOUTHWEST, title="b")]
    ((one, other, together),) = run.comparisons(["mid"], plans)
    assert one.before is other.before is together.before
    assert [c.title for c in (one, other, together)] == ["a", "b", "a + b"]
    after = [c.headline_row("by_rail")["people_after"] for c in (one, other, together)]
    assert after == [195_000, 3_000, 131_000]
    alone = railshed.compare(run, "mid", plans)
    assert alone.headline_row()["people_after"] == together.headline_row()["people_after"]


def test_united_circles_count_everybody_once(run: Any) -> None:
    """Before and after the united circles of both cities are those of `union` on either network."""
    plans = [scenario(NORTHWEST)]
    comparisons = [c for (c,) in run.comparisons(["mid", "east"], plans)]
    found = run.unite(comparisons, name="both")
    (plan,) = resolve_plans(run, find_cities(run, ["mid", "east"]), plans).every
    for state, side in (("before", run), ("after", run_after(run, comparisons[0].plan))):
        expected = Analysis.of(side).union(["mid", "east"]).union
        for kind in ("total", "by_rail"):
            assert (
                found.row("door-to-door", 60, kind)[f"people_{state}"]
                == expected[kind]["people_outside_city"]
            )
            assert found.row("door-to-door", 60, kind)[f"area_km2_{state}"] == pytest.approx(
                expected[kind]["area_km2_outside_city"]
            )
    assert found.headline_row()["people_gained"] == 128_000
    alone = sum(c.headline_row()["people_after"] for c in comparisons)
    assert (
        found.headline_row()["people_after"] < alone
    )  # east and mid reach each other's surroundings
    assert plan.title == "plan"
    with pytest.raises(railshed.ParameterError, match="of one plan"):
        run.unite([comparisons[0], railshed.compare(run, "east", plans[0])])


def test_several_cities_name_their_core_stations(run: Any) -> None:
    """terminal = true says nothing of two cities: core_city is asked for."""
    stops = [NORTHWEST["stops"][0], {"name": "new", "lon": 100.02, "lat": 0.31, "terminal": True}]
    with pytest.raises(railshed.InputError, match="core_city"):
        list(run.comparisons(["mid", "east"], [scenario({**NORTHWEST, "stops": stops})]))


def test_minutes_saved_stop_at_the_land(run: Any) -> None:
    """Nothing is saved against a time beyond the land that was looked at: UNREACHED."""
    found = railshed.compare(run, "mid", scenario(NORTHWEST))
    old, new = found.headline
    saved = saved_seconds(old, new, 5400)
    beyond = (old.total_s > 5400) | (new.total_s > 5400)
    assert (saved[beyond] == UNREACHED).all()
    assert (saved[~beyond] == (old.total_s - new.total_s)[~beyond]).all()


def test_the_raster_of_minutes_saved(run: Any, tmp_path: Path) -> None:
    """In the west 10:32 by a train every 10 minutes from 05:00:05 on: 8 of ride, and 4:51 early in
    place of 9:56, half of it counted and rounded up; NaN where there was no time within 90 minutes;
    no data beyond the counties."""
    rasterio = pytest.importorskip("rasterio")
    faster = {**NORTHWEST, "name": "fast", "stops": ["west", "mid"], "hop_minutes": [10]}
    found = railshed.compare(run, "mid", scenario(NORTHWEST, faster))
    with rasterio.open(found.to_raster(tmp_path / "saved.tif")) as raster:
        names = [text.split(" (")[0] for text in raster.descriptions]
        saved, before = (
            raster.read(names.index("minutes saved") + 1),
            raster.read(names.index("total before") + 1),
        )
        assert raster.nodata == 999_999.0
        assert "negative is slower; no value where it is over 90 min" in raster.tags()["definition"]
    known = np.isfinite(saved) & (saved != 999_999)
    assert saved[known].max() == pytest.approx(8 + (9 * 60 + 56) / 120 - 146 / 60)
    assert saved[known].min() == 0.0
    assert np.isnan(saved[np.isfinite(before) & (before > 90) & (before != 999_999)]).all()


def test_everything_of_a_plan_is_kept(toy: Network, tmp_path: Path) -> None:
    """Text, checksum, seed, the line with its runs, every trip with its departure and arrival."""
    file = tmp_path / "nw.toml"
    text = (
        'title = "northwest"\nseed = 3\n[[modification]]\ntype = "add-trips"\nname = '
        '"nw"\nhop_minutes = [18]\n'
        'stops = [{name = "西北原", id = "northwest", lon = 99.8, lat = 0.5}, "mid"]\n'
        'frequencies = [{start_time = "05:00", end_time = "23:00", headway_minutes = 10}]\n'
    )
    file.write_text(text, encoding="utf-8")
    plan = resolve(toy, railshed.load_scenario(file), city="mid")
    result = plan.to_dict()
    (stored,) = result["files"]
    assert stored["sha256"] == hashlib.sha256(text.encode()).hexdigest()
    assert (stored["file"], stored["seed"], stored["text"]) == ("nw.toml", 3, text)
    assert len(result["trips"]) == 2 * 18 * 6
    assert {row["line"] for row in result["trips"]} == {"nw"}
    (line,) = result["lines"]
    assert [stop["run_s"] for stop in line["stops"]] == [0, 1080]
    assert one_way_s(plan.lines[0]) == 1080
    rows = [r for r in plan.trips if r["from"] == "northwest"]
    assert {b["departure_s"] - a["departure_s"] for a, b in pairwise(rows)} == {600}
    assert {r["arrival_s"] - r["departure_s"] for r in rows} == {1080}
    assert plan.name == "nw"


def test_maps_are_drawn(run: Any) -> None:
    """Both maps of a city and of united circles are drawn, also where nothing changes."""
    comparisons = [c for (c,) in run.comparisons(["mid", "east"], [scenario(NORTHWEST)])]
    for found in (comparisons[0], run.unite(comparisons, name="格子城市群", name_en="Grid")):
        for figure in (found.plot(), found.plot_saved()):
            texts = " ".join(t.get_text() for t in figure.texts)
            assert "12.8 万人" in texts
    nothing = railshed.compare(
        run, "mid", scenario({**NORTHWEST, "frequencies": [{**PERIOD, "end_time": "05:10"}]})
    )
    assert "nowhere" in " ".join(t.get_text() for t in nothing.plot_saved(MapStyle("en")).texts)
