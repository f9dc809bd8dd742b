"""Arguments of the public functions: what is plainly meant is taken, anything else is refused with
what is allowed.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest

import railshed
from railshed import InputError, Network, ParameterError, RailshedError, Scenario
from railshed.assumptions.readings import load_readings
from railshed.questions.reach.legs import TravelTimeRules
from railshed.questions.reach.reach import reach

PLAN = '[[modification]]\ntype = "remove-trips"\ntrips = ["none"]\n'
LINES = '[[candidate]]\nname = "A"\nscenario = "plan.toml"\n'
#: no argument of any function may be any of these
WRONG = (object(), b"x", [object()], float("nan"), np.zeros((1, 2, 4)))


@pytest.fixture(scope="module")
def at_stations(toy: Network) -> gpd.GeoDataFrame:
    """A point at every station."""
    place = gpd.points_from_xy([s.lon for s in toy.stations], [s.lat for s in toy.stations])
    return gpd.GeoDataFrame({"id": range(toy.n_stations)}, geometry=place, crs="EPSG:4326")


@pytest.fixture(scope="module")
def calls(
    toy: Network, at_stations: gpd.GeoDataFrame, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, dict[str, Any]]:
    """By public function what it needs."""
    folder = tmp_path_factory.mktemp("given")
    (folder / "plan.toml").write_text(PLAN, encoding="utf-8")
    (folder / "lines.toml").write_text(LINES, encoding="utf-8")
    (folder / "people.csv").write_text("lon,lat,people\n100.2,0.3,5\n", encoding="utf-8")
    station = toy.stations[0]
    run = railshed.prepare(toy)
    matrix = {"network": toy, "origins": at_stations, "times": "08:00"}
    return {
        "Waits": {},
        "atlas": {"network": run, "out": folder / "atlas"},
        "backtest": {"before": toy, "after": toy, "lines": folder / "plan.toml", "city": "mid"},
        "circle": {"network": run, "city": "mid", "cutoffs": (30,)},
        "apply_scenario": {"network": toy, "scenario": folder / "plan.toml"},
        "baseline": {"network": run, "cities": ["mid"]},
        "city_at": {"network": toy, "lon": station.lon, "lat": station.lat},
        "check_compliance": {"network": toy, "scenarios": folder / "plan.toml"},
        "iter_station_matrix": {"network": toy, "times": "08:00"},
        "iter_comparisons": {
            "run": run,
            "cities": ["mid"],
            "scenarios": folder / "plan.toml",
            "cutoffs": (30,),
        },
        "forecast": {"run": run, "city": "mid", "scenario": folder / "plan.toml", "n_plans": 1},
        "trade_offs": {"run": run, "city": "mid", "scenario": folder / "plan.toml"},
        "unite": {
            "run": run,
            "comparisons": [railshed.compare(run, "mid", Scenario("none"), cutoffs=(30,))],
        },
        "compare": {"network": run, "city": "mid", "scenario": folder / "plan.toml"},
        "default_assumptions": {},
        "default_uncertainty": {},
        "download_streets": {"place": "x", "path": folder / "streets.png"},
        "from_networkx": {"graph": toy.to_networkx()},
        "inclusion": {"network": run, "city": "mid", "n_draws": 1},
        "Analysis.circles": {"self": run, "cities": ["mid"], "cutoffs": (30,)},
        "list_networks": {},
        "list_scenarios": {},
        "load_network": {"ref": "toy"},
        "load_readings": {},
        "load_scenario": {"path": folder / "plan.toml"},
        "prepare": {"network": toy},
        "rank_candidates": {"network": run, "candidates": folder / "lines.toml", "cities": ["mid"]},
        "reach": {"network": toy, "stations": ["mid"]},
        "read_opportunities": {"path": folder / "people.csv"},
        "read_streets": {"path": folder / "missing.osm"},
        "widget": {"analysis": run},
        "run_times": {"stops": [(100.0, 0.3), (100.2, 0.3)], "top_speed_kmh": 200},
        "suggest_links": {"network": run, "region": "toy"},
        "station_matrix": {"network": toy, "times": "08:00"},
        "streets_from_networkx": {"graph": nx.MultiDiGraph()},
        "travel_time_array": matrix,
        "travel_time_matrix": matrix,
        "Analysis.union": {"self": run, "cities": ["mid"]},
        "with_boundaries": {"network": replace(toy, counties=None), "path": folder / "areas.gpkg"},
        "write_gtfs": {"network": toy, "path": folder / "feed.zip"},
        "write_omx": {
            "table": pd.DataFrame({"from_id": ["a"], "to_id": ["b"], "travel_time": [1.0]}),
            "path": folder / "m.omx",
        },
        "write_network": {"network": toy, "folder": folder / "network", "overwrite": True},
    }


#: functions that check their arguments and are no public names themselves, most of them methods of
#: `Analysis`
HOMES = {
    "Waits": "assumptions.waits",
    "backtest": "api.appraisal",
    "baseline": "comparisons.incremental.baseline",
    "check_compliance": "comparisons.compare",
    "default_uncertainty": "assumptions.assumptions",
    "download_streets": "io.streets.read",
    "inclusion": "api.inclusion",
    "iter_comparisons": "api.comparison",
    "iter_station_matrix": "questions.reach.stations",
    "load_readings": "assumptions.readings",
    "forecast": "comparisons.forecast",
    "rank_candidates": "api.appraisal",
    "reach": "questions.reach.reach",
    "station_matrix": "questions.reach.stations",
    "streets_from_networkx": "io.streets.read",
    "suggest_links": "questions.rank.suggestions",
    "trade_offs": "api.appraisal",
    "unite": "api.comparison",
    "travel_time_array": "questions.reach.points",
    "travel_time_matrix": "questions.reach.points",
    "with_boundaries": "io.boundaries",
}
METHODS = ["Analysis.circles", "Analysis.union"]
PUBLIC = [name for name in railshed.__all__ if inspect.isfunction(getattr(railshed, name))]
FUNCTIONS = sorted([*PUBLIC, *HOMES, *METHODS])


def function_of(name: str) -> Callable[..., Any]:
    """Return a function by its name here."""
    if name in METHODS:
        return getattr(railshed.Analysis, name.removeprefix("Analysis."))  # type: ignore[no-any-return]
    return getattr(import_module(f"railshed.{HOMES[name]}") if name in HOMES else railshed, name)  # type: ignore[no-any-return]


#: handed on as they are
OPEN = {"check", "self"}
#: circles of a prepared run look at none of them
OF_A_RUN = set(inspect.signature(railshed.prepare).parameters) - {"network"}


def arguments_of(name: str) -> list[str]:
    if name == "iter_station_matrix":
        name = "station_matrix"
    found = inspect.signature(function_of(name)).parameters
    plain = [key for key, p in found.items() if p.kind is not p.VAR_KEYWORD]
    rules = list(TravelTimeRules.__dataclass_fields__) if len(plain) < len(found) else []
    skipped = OPEN | (OF_A_RUN if name in ("circle", "compare") else set())
    return [key for key in [*plain, *rules] if key not in skipped]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_wrong_types_are_refused(name: str, calls: dict[str, dict[str, Any]]) -> None:
    """An object, bytes, a list of objects, NaN or a table of numbers for any argument: an error
    with its name.
    """
    for argument in arguments_of(name):
        for wrong in WRONG:
            given = calls[name] | {argument: wrong}
            with pytest.raises(RailshedError) as raised:
                function_of(name)(**given)
            word = {"rule": "waits", "graph": "graph", "areas": "areas"}.get(argument, argument)
            assert word in str(raised.value).lower(), (argument, wrong, str(raised.value))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"streets": "x.pbf"}, "x.pbf: no such file"),
        (
            {"streets": 3},
            (
                "streets 3: allowed is what read_streets gives, a path as it takes them, or a graph of "
                "osmnx"
            ),
        ),
        ({"population": "x.csv"}, "x.csv: cannot be read (No such file or directory)"),
        (
            {"population": pd.DataFrame()},
            "population of type DataFrame: allowed is what read_opportunities gives",
        ),
        ({"cell_size_m": "500"}, "cell_size_m '500': allowed are whole numbers from 50 to 5000"),
        ({"cell_size_m": True}, "cell_size_m True: allowed are whole numbers"),
        ({"max_transfers": -1}, "max_transfers -1: allowed are whole numbers from 0 to 12"),
        ({"smooth_m": -1}, "smooth_m -1: allowed are numbers from 0 to 10000"),
        ({"date": "15.12.2023"}, "date '15.12.2023': allowed is a date, or a text like 2023-12-15"),
        (
            {"network": 5},
            "network 5: allowed is a Network, or an id or a path as load_network takes them",
        ),
        ({"access": "horse"}, "unknown access mode horse"),
        (
            {"assumptions": {}},
            "assumptions {}: allowed is Assumptions; default_assumptions(...) gives one",
        ),
        ({"waits": 3}, "waits 3: allowed is Waits or str; half-headway or sampled"),
    ],
)
def test_prepare_says_what_is_allowed(toy: Network, given: dict[str, Any], words: str) -> None:
    """What was given and what is allowed, in one line."""
    with pytest.raises(RailshedError) as raised:
        railshed.prepare(**{"network": toy} | given)
    assert words in str(raised.value)


def test_all_arguments_are_refused_at_once(toy: Network) -> None:
    """Three arguments that are no such thing stand in one message."""
    with pytest.raises(ParameterError) as raised:
        railshed.circle(toy, None, cutoffs="60", reading=3)  # type: ignore[arg-type]
    assert str(raised.value) == (
        "city None: allowed is a slug, a name, or a City, e.g. of city_at; cutoffs '60': allowed "
        "are whole numbers from 1 to 120; reading 3: allowed is a text"
    )


def test_what_is_plainly_meant_is_taken(toy: Network) -> None:
    """An id or path for the network, datetimes and texts for dates, one mode, cutoff or city alone,
    500.0 cells.
    """
    run = railshed.prepare(
        "toy", access="walk, bike", date=pd.Timestamp("2024-05-15 08:00"), cell_size_m=500.0
    )
    assert run.compiled.date == toy.date
    assert run.assumptions.access_modes == ("walk", "bike")
    assert run.assumptions.cell_size_m == 500
    assert railshed.prepare(toy, date="2024-05-15").compiled.date == toy.date
    one, many = (railshed.circle(run, "mid", cutoffs=cutoffs) for cutoffs in (60, [np.int64(60)]))  # type: ignore[arg-type]
    assert one.cutoffs == many.cutoffs == (60,)
    (alone,) = run.circles("mid", cutoffs=[60])
    assert alone.summary == one.summary
    assert run.union("mid").union == run.union(["mid"]).union


def test_windows_are_seconds_or_texts(toy: Network) -> None:
    """07:30-09:30 is (27000, 34200); a window that ends before it starts is refused."""
    text, seconds = (
        reach(toy, ["mid"], window=window, percentiles=50)  # type: ignore[arg-type]
        for window in ("07:30-09:30", (27_000, 34_200))
    )
    pd.testing.assert_frame_equal(text, seconds)
    for wrong in ("morning", "09:00-07:00", (34_200, 27_000), (1, 2, 3), 5):
        with pytest.raises(ParameterError, match="window"):
            reach(toy, ["mid"], window=wrong)  # type: ignore[arg-type]
        with pytest.raises(ParameterError, match="window_to"):
            railshed.city_at(toy, 100.2, 0.3, window_to=wrong)  # type: ignore[arg-type]


def test_files_are_read(toy: Network, tmp_path: Path) -> None:
    """Paths of people are read as `read_opportunities` reads them, a graph of osmnx as
    `streets_from_networkx`.
    """
    path = tmp_path / "people.csv"
    path.write_text("lon,lat,people\n100.2,0.3,5\n", encoding="utf-8")
    run = railshed.prepare(toy, population=path)
    assert run.opportunities is not None
    assert run.opportunities.values.sum() == 5
    with pytest.raises(InputError, match="street"):
        railshed.prepare(toy, streets=nx.MultiDiGraph())


def test_a_circle_is_smoothed_as_a_run(toy: Network) -> None:
    """`circle` takes the options of `Analysis` by name."""
    one = railshed.circle(toy, "mid", cutoffs=[60], smooth_m=2_000, simplify_m=200)
    prepared = railshed.prepare(toy, smooth_m=2_000, simplify_m=200)
    other = railshed.circle(prepared, "mid", cutoffs=[60])
    with pytest.raises(
        ParameterError, match="access, cell_size_m: the network is prepared already"
    ):
        railshed.circle(prepared, "mid", access=["walk"], cell_size_m=1_000)
    assert one.polygons.geometry.geom_equals(other.polygons.geometry).all()


def test_all_mistakes_in_readings_are_listed(tmp_path: Path) -> None:
    """Every table and key that is not allowed in one message, misspelt keys with the nearest;
    cutoffs are a set.
    """
    own = tmp_path / "own.toml"
    own.write_text(
        "loose = 3\n[one]\npercentil = 100\nslack_min = 0\nq = 1\n[two]\nrandom_departure = "
        '"no"\npercentile = true\n'
        'cutoffs = []\nlabel = 7\n[three]\ncutoffs = [true, 130, 30]\nlegs = "bus"\nslack_minutes '
        "= nan\n[four]\ncutoffs = [60, 30, 60]\n",
        encoding="utf-8",
    )
    with pytest.raises(InputError) as raised:
        load_readings(own)
    for part in (
        f"readings file {own}: loose 3: allowed is a table [loose]",
        "one.percentil: unknown, did you mean 'percentile'?",
        "one.slack_min: unknown, did you mean 'slack_minutes'?",
        "one.q: unknown, allowed: label, label_zh, ",
        "two.label 7: allowed is a text",
        "two.percentile True: ",
        "two.cutoffs (none): give 1 or more",
        "random_departure 'no': allowed are",
        "three.legs 'bus': allowed are station, door-to-station, door-to-door",
        "three.slack_minutes nan: allowed are numbers from 0 to 120",
        "cutoffs True, 130: allowed are whole numbers from 1",
    ):
        assert part in str(raised.value)
    own.write_text("[four]\ncutoffs = [60, 30, 60]\n", encoding="utf-8")
    assert load_readings(own)["four"].cutoffs == (30, 60)


def test_a_reading_named_as_a_shipped_one_changes_it_alone(tmp_path: Path) -> None:
    """What its table leaves out is the shipped reading's, not that of another."""
    own = tmp_path / "own.toml"
    own.write_text("[door-to-door]\npercentile = 90\n", encoding="utf-8")
    assert load_readings(own)["door-to-door"] == replace(
        load_readings()["door-to-door"], percentile=90
    )
    own.write_text("[strict]\npercentile = 80\n", encoding="utf-8")
    usual = replace(
        load_readings()["door-to-station"], name="strict", label="strict", label_zh="strict"
    )
    assert load_readings(own)["strict"] == replace(usual, percentile=80)


def test_signatures_stay() -> None:
    """Names, defaults and docstrings of the functions are those that were written."""
    found: Callable[..., Any] = reach
    assert list(inspect.signature(found).parameters)[:3] == ["network", "stations", "city"]
    assert (inspect.getdoc(found) or "").startswith("Return station-to-station travel times")
    with pytest.raises(TypeError, match="unexpected keyword argument 'speed'"):
        found("toy", speed=5)
