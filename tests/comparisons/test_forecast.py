"""What may come of a plan: drawn plans where the network knows how railways are run, else
departures alone.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest

import railshed
from railshed import prepare
from railshed.api.analysis import Analysis
from railshed.cells.cell_keys import cell_keys
from railshed.comparisons.forecast import (
    Forecast,
    Route,
    drawn_changes,
    forecast,
    n_plans_of,
    routes_of,
)
from railshed.comparisons.incremental.baseline import Baseline, baseline
from railshed.network.lines import expand, lines_apart, route_of
from railshed.network.model import Network
from railshed.questions.compare.map import forecast_map
from railshed.scenario.apply import resolve
from railshed.scenario.files import Scenario
from railshed.scenario.plan import Plan
from railshed.scenario.service_plans.draws import draw_trains, generator
from railshed.scenario.service_plans.fit import Fit
from railshed.util.errors import InputError
from tests.support.scripts import build_script

NORTHWEST: dict[str, Any] = {
    "type": "add-trips",
    "name": "nw",
    "stops": [{"name": "西北原", "id": "northwest", "lon": 99.8, "lat": 0.5}, "mid"],
    "hop_minutes": [18],
    "frequencies": [{"start_time": "05:00", "end_time": "23:00", "headway_minutes": 10}],
}
FAST = {"top_speed_kmh": 250, "rolling_stock": "CR300"}


def plan(**changes: Any) -> Scenario:
    """Return the line, of which a value of None is left out."""
    line = {key: value for key, value in (NORTHWEST | changes).items() if value is not None}
    return Scenario.from_dict({"modification": [line]}, title="nw")


def forecast_of(
    base: Baseline, resolved: Plan, fit: Fit, reading: str, *, n_plans: int, seed: int = 0
) -> Forecast:
    """Return what may come of a plan for the first city of a baseline."""
    changes, drawn, given = drawn_changes(base, resolved, fit, n_plans=n_plans, seed=seed)
    city = base.cities[0]
    return Forecast(
        city, reading, [change.cities.get(city.slug) for change in changes], drawn, given
    )


def test_departures_alone_where_nothing_is_known(toy_run: Analysis) -> None:
    """A headway within the slack decides nothing: one value, that of the plan itself; one seed, the
    same rows.
    """
    rows = forecast(toy_run, "mid", plan(), 3).rows
    assert n_plans_of(toy_run.compiled.network) == 0
    assert [row["cutoff_min"] for row in rows] == [60, 90]
    compared = toy_run.compare("mid", plan())
    for row in rows:
        one = compared.row("door-to-door", row["cutoff_min"], "by_rail")
        assert (row["people_low"], row["people_high"], row["people_mean"]) == (
            one["people_gained"],
        ) * 3
        assert row["area_km2_low"] <= one["area_km2_gained"] <= row["area_km2_high"]
        assert (row["n_plans"], row["drawn"], row["given"]) == (3, [], ["nw"])
    assert rows == forecast(toy_run, "mid", plan(), 3).rows


@pytest.fixture(scope="module")
def fit() -> Fit:
    path = Path(__file__).parents[2] / "networks" / "china" / "service_plans.json"
    return Fit.from_json(path.read_text(encoding="utf-8"))


def test_a_fit_is_read_back(fit: Fit) -> None:
    assert Fit.from_json(fit.to_json()) == fit
    older = json.dumps(json.loads(fit.to_json()) | {"stop_line": [0.0]})
    for text in ("", "[]", "{}", '{"days": 3}', older):
        with pytest.raises(InputError, match=r"service_plans\.json"):
            Fit.from_json(text)


@pytest.mark.parametrize(
    ("changes", "drawn", "spread"),
    [
        ({"hop_minutes": None, **FAST}, True, True),
        ({}, False, False),
        (
            {
                "hop_minutes": None,
                **FAST,
                "frequencies": None,
                "departures": ["07:00"],
                "bidirectional": False,
            },
            False,
            False,
        ),
        ({"hop_minutes": None, "top_speed_kmh": 100, "rolling_stock": "metro-100"}, False, True),
    ],
)
def test_what_is_given_goes_before_what_is_drawn(
    toy_run: Analysis, fit: Fit, changes: dict[str, Any], drawn: bool, spread: bool
) -> None:
    """Speed and headways alone are drawn; minutes, departures and metros are given; times by speed
    have an error.
    """
    base = baseline(toy_run, ["mid"], readings=["door-to-door"])
    resolved = resolve(base.network, plan(**changes), city="mid")
    found = forecast_of(base, resolved, fit, "door-to-door", n_plans=12)
    assert (found.drawn, found.given) == ((("nw",), ()) if drawn else ((), ("nw",)))
    again = forecast_of(base, resolved, fit, "door-to-door", n_plans=12)
    assert np.array_equal(found.ensemble.after_s, again.ensemble.after_s)
    row = found.row(58)
    assert (row["people_low"] < row["people_high"]) == spread
    other = forecast_of(base, resolved, fit, "door-to-door", n_plans=12, seed=1)
    assert found.row(58) == found.row(58) | {"n_plans": 12}
    if drawn:
        assert other.row(58) != found.row(58)


def test_maps_and_layers_show_the_rows(toy_run: Analysis, fit: Fit, tmp_path: Path) -> None:
    """The mean of a row is the sum of people times probabilities; polygons hold the cells of their
    share alone.
    """
    run = prepare(replace(toy_run.compiled.network, service_plans=fit.to_json()))
    scenario = plan(hop_minutes=None, **FAST)
    found, compared = run.forecast("mid", scenario, 20), run.compare("mid", scenario)
    cells = found.cells
    for row in found.rows:
        cutoff = row["cutoff_min"]
        p = cells[f"probability_{cutoff}"]
        outside = cells["minutes_before"].isna() | (cells["minutes_before"] > cutoff)
        assert not p[~outside].any()
        assert (p * cells["people"]).sum() == pytest.approx(row["people_mean"], abs=1)
        bands = found.polygons(cutoff).set_index("probability")
        assert bands["people"].is_monotonic_increasing
        for level, band in bands.iterrows():
            assert cells.geometry[p >= float(level) - 1e-9].within(band.geometry).all()
            assert not cells.geometry[p < float(level) - 1e-9].within(band.geometry).any()
            assert band["people"] == pytest.approx(
                cells["people"][p >= float(level) - 1e-9].sum(), abs=1
            )
    shown = forecast_map(compared, found)
    assert [head.people.value for head in shown.headlines if head.people] == [
        r["people_mean"] for r in found.rows
    ]
    assert compared.plot_forecast(found).get_size_inches().all()
    (path,) = found.to_file(tmp_path / "f.gpkg")[:1]
    assert set(gpd.list_layers(path)["name"]) >= {"forecast", "forecast_cells", "forecast_stations"}


def test_one_line_moves_no_other(toy_run: Analysis, fit: Fit) -> None:
    """Draws have keys: a line that no one reaches changes no cell of another's forecast."""
    base = baseline(toy_run, ["mid"], readings=["door-to-door"])
    line = {key: value for key, value in (NORTHWEST | FAST).items() if key != "hop_minutes"}
    far = line | {
        "name": "far",
        "stops": [{"name": "p", "lon": 0.0, "lat": 80.0}, {"name": "q", "lon": 5.0, "lat": 80.0}],
    }
    alone, both = (
        resolve(base.network, Scenario.from_dict({"modification": lines}), city="mid")
        for lines in ([line], [far, line])
    )
    one, two = (forecast_of(base, each, fit, "door-to-door", n_plans=6) for each in (alone, both))
    assert np.array_equal(one.ensemble.after_s, two.ensemble.after_s)


@pytest.mark.slow
@pytest.mark.china
def test_china_says_how_its_railways_are_run(china: Network) -> None:
    """The shipped fit is that of the shipped timetable; a plan that takes trains away is
    not drawn.
    """
    script = build_script("build_service_plans")
    made = script.fit_all(railshed.load_network("china-2016"), china)
    assert made.to_json() == china.service_plans
    assert n_plans_of(china) == 200
    assert len(json.loads(china.service_plans)["days"]) > 100


@pytest.mark.china
def test_scenarios_that_change_trains_draw_departures(china_run: Analysis) -> None:
    slow = Scenario.from_dict(
        {"modification": [{"type": "remove-trips", "calls_at": ["dujiangyan"]}]}
    )
    rows = china_run.forecast("chengdu", slow, 2).rows
    assert rows[0]["drawn"] == []
    assert replace(china_run.compiled.network, service_plans="").service_plans == ""


def test_stations_have_the_share_of_draws_that_reach_their_cell(toy_run: Analysis) -> None:
    """By the seconds of each draw at the cell, one by one; a station that no draw moves is within
    or is not.
    """
    passing = plan(stops=[*NORTHWEST["stops"], "east"], hop_minutes=[18, 30])
    found = forecast(toy_run, "mid", passing, 5)
    frame = found.stations
    assert "mid" not in set(frame["station_id"]), "terminals of the city are left out"
    assert set(frame["station_id"]) == {"northwest", "east"}
    grid, (after, before) = (
        found.city.case.grid,
        (found.ensemble.after_s, found.city.seconds["door-to-door"]),
    )
    for row in frame.to_dict("records"):
        x, y = grid.project(np.array([row["geometry"].x]), np.array([row["geometry"].y]))
        (key,) = cell_keys(*grid.index(x, y)).tolist()
        place = np.flatnonzero(found.ensemble.keys == key)
        was = before.at(found.city.facts.keys, np.array([key])).of_kind("by_rail")[0]
        for cutoff in found.cutoffs:
            seconds = [int(one[place[0]]) for one in after] if len(place) else [int(was)] * 5
            assert row[f"probability_within_{cutoff}"] == sum(s <= cutoff * 60 for s in seconds) / 5


@pytest.mark.parametrize("draw", [0, 1, 5])
def test_a_draw_has_the_numbers_of_its_key(toy_run: Analysis, fit: Fit, draw: int) -> None:
    """Drawn trains are of the key, route and draw; phases of the draw are those of a seed as many
    higher.
    """
    base = baseline(toy_run, ["mid"], readings=["door-to-door"])

    def route(**changes: Any) -> Route:
        resolved = resolve(base.network, plan(**changes), city="mid")
        (found,) = routes_of(resolved, lines_apart(base.network, resolved.lines, resolved.seeds))
        return found

    drawn = route(hop_minutes=None, **FAST)
    assert drawn.corridor is not None
    (line,), (service,) = drawn.lines, drawn.services(fit, "mid", (3,), draw)
    n_announced = 18 * 6
    expected = draw_trains(
        drawn.corridor, fit, n_announced, "mid", generator(3, route_of(line), draw)
    )
    assert [train.departure_s.tolist() for train in service.trains] == [
        t.departure_s.tolist() for t in expected
    ]
    phases = route()
    found = list(phases.services(fit, "mid", (3,), draw))
    runs = expand(phases.lines[0], phases.seeds[0] + draw)
    assert [[t.departure_s.tolist() for t in s.trains] for s in found] == [
        r.departure_s.tolist() for r in runs
    ]
