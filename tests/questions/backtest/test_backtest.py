"""Back-tests: predicted against observed circles, on the toy city and on timetables of three
stations.
"""

from __future__ import annotations

import datetime as dt
import json
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import railshed
from railshed import InputError, Network, NotFoundError
from railshed.api.appraisal import Backtest
from railshed.network.model import Service
from railshed.questions.backtest.backtest import predict, runs_of, states_of
from railshed.questions.backtest.tables import every_table, first_screen
from railshed.scenario.apply import apply_scenario
from railshed.scenario.files import scenario_from_dict
from railshed.show.blocks import Table
from railshed.show.console import show
from railshed.util.bilingual import Words
from railshed.util.phrases import phrase
from tests.support.clirunner import Command
from tests.support.printedtables import Altered

LINE = """
title = "northwest line"

[[modification]]
type = "add-trips"
name = "NW"
stops = ["mid", {name = "西北原", id = "nw-new", lon = 99.8, lat = 0.5}]
top_speed_kmh = 160
frequencies = [{start_time = "05:00", end_time = "23:00", headway_minutes = 10}]
"""
#: the same with minutes of its own: 24 to the end
CAME = LINE.replace("top_speed_kmh = 160", "hop_minutes = [24]")
GONE = '[[modification]]\ntype = "remove-trips"\nroutes = ["sw"]\n'
NOTHING = 'title = "nothing"\nmodification = []\n'
KEYS = ("door-to-door", 60)
SAVED = Words("存", "saved")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("lines")
    texts = {"line": LINE, "came": CAME, "nothing": NOTHING, "gone": GONE}
    texts["slow"] = LINE.replace("160", "40")
    texts["far"] = LINE.replace('"mid"', '{name = "远", lon = 110.0, lat = 0.5}')
    for name, text in texts.items():
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    return {name: folder / f"{name}.toml" for name in texts}


@pytest.fixture(scope="module")
def observed(toy: Network, files: dict[str, Path]) -> Network:
    return apply_scenario(toy, railshed.load_scenario(files["came"]))


@pytest.fixture(scope="module")
def found(toy: Network, observed: Network, files: dict[str, Path]) -> Backtest:
    return railshed.prepare(toy).backtest(observed, files["line"], "mid")


def test_cells_are_hit_missed_or_false() -> None:
    """Of four cells predicted and not, observed and not; those that were inside before
    are no gain.
    """
    predicted, observed = np.array([1, 0, 1, 0, 1], bool), np.array([1, 1, 0, 0, 1], bool)
    was = np.array([0, 0, 0, 0, 1], bool)
    circle, gain = (
        {
            state: np.flatnonzero(cells).tolist()
            for state, cells in states_of(was, predicted, observed, scope).items()
        }
        for scope in ("circle", "gain")
    )
    assert circle == {"hit": [0, 4], "miss": [1], "false_alarm": [2]}
    assert gain == {"hit": [0], "miss": [1], "false_alarm": [2]}


def test_a_line_observed_as_predicted_is_all_hit(toy: Network, files: dict[str, Path]) -> None:
    """After is before plus the same line: no miss, no false alarm, skill 1 where anything changed,
    runs off by 0.
    """
    line = railshed.load_scenario(files["line"])
    found = railshed.prepare(toy).backtest(apply_scenario(toy, line), line, "mid")
    for row in found.table:
        assert row["area_km2_miss"] == row["area_km2_false_alarm"] == 0
        assert row["people_miss"] == row["people_false_alarm"] == 0
        assert row["skill"] in (1, None)
    assert found.row(*KEYS, "gain")["area_km2_hit"] > 0
    assert found.row(*KEYS, "circle")["skill_people"] == 1
    assert {(row["off_min"], row["hit"]) for row in found.runs} == {(0, True)}
    assert (
        found.run_summary["hit"]
        == found.run_summary["pairs"]
        == found.run_summary["neighbours_hit"]
        == 2
    )


def test_a_line_that_did_not_come_is_a_false_alarm(toy: Network, files: dict[str, Path]) -> None:
    """After is before: the gain is all false alarm, the circle of before all hit, and there is no
    skill to speak of.
    """
    found = railshed.prepare(toy).backtest(toy, files["line"], "mid")
    gain, circle = (found.row(*KEYS, scope) for scope in ("gain", "circle"))
    assert (gain["area_km2_hit"], gain["area_km2_miss"]) == (0, 0)
    assert gain["area_km2_false_alarm"] == circle["area_km2_false_alarm"] > 0
    assert circle["skill"] is None
    before = found.before.counts.inside(found.before.surface.total_s <= 3600).km2_outside
    assert circle["area_km2_hit"] == before
    assert [row["trains_after"] for row in found.runs] == [0, 0]
    assert {row["off_min"] for row in found.runs} == {None}


def test_an_unpredicted_line_is_a_miss(
    toy: Network, observed: Network, files: dict[str, Path]
) -> None:
    """A line elsewhere: the gain is all miss, skill is 0."""
    found = railshed.prepare(toy).backtest(observed, files["far"], "mid")
    gain, circle = (found.row(*KEYS, scope) for scope in ("gain", "circle"))
    assert (gain["people_hit"], gain["people_false_alarm"]) == (0, 0)
    assert gain["people_miss"] > 0
    assert (circle["skill"], circle["skill_people"]) == (0, 0)
    assert {row["trains_after"] for row in found.runs} == {0}


def test_states_sum_to_the_circles(found: Backtest) -> None:
    """Hit and miss are the new circle, hit and false alarm the predicted one: people and km2, every
    row of a circle.
    """
    for row in found.table:
        if row["scope"] == "circle":
            for state, circle in (("miss", found.after), ("false_alarm", found.predicted)):
                table = circle.summary.readings[row["reading"]].table
                own = next(
                    r
                    for r in table
                    if (r["cutoff_min"], r["kind"]) == (row["cutoff_min"], row["kind"])
                )
                assert row["area_km2_hit"] + row[f"area_km2_{state}"] == pytest.approx(
                    own["area_km2_outside_city"]
                )
                people = row["people_hit"] + row[f"people_{state}"]
                assert people == pytest.approx(own["people_outside_city"], abs=1.5)


def test_run_times_are_those_of_the_new_trains(found: Backtest) -> None:
    """108 trains a day each way ran, 24 min each (18 hours, one in ten minutes); the sw line's are
    none of them.
    """
    assert [(row["from"], row["to"]) for row in found.runs] == [
        ("中城", "西北原"),
        ("西北原", "中城"),
    ]
    for row in found.runs:
        assert (row["trains_predicted"], row["trains_after"]) == (108, 108)
        assert row["minutes_fastest_after"] == row["minutes_median_after"] == 24
        assert row["off_min"] == row["minutes_median_predicted"] - 24
        assert row["hit"] == (abs(row["off_min"]) <= 2.4)


def test_a_slower_prediction_misses_what_was_observed(
    toy: Network, observed: Network, files: dict[str, Path]
) -> None:
    """At 40 km/h the 31 km take above 46 min: nothing new is predicted, no run time is hit, all is
    missed.
    """
    found = railshed.prepare(toy).backtest(observed, files["slow"], "mid")
    assert all(row["off_min"] > 22 and row["hit"] is False for row in found.runs)
    gain = found.row(*KEYS, "gain")
    assert gain["area_km2_hit"] == gain["area_km2_false_alarm"] == 0 < gain["area_km2_miss"]


def test_stations_are_known_by_name_in_another_feed(
    toy: Network, observed: Network, files: dict[str, Path], found: Backtest
) -> None:
    """The new timetable has other ids and no cities: names and places tell stations and core;
    nothing else changes.
    """
    stations = tuple(replace(s, station_id=f"other:{s.station_id}") for s in observed.stations)
    other = railshed.prepare(toy).backtest(
        replace(observed, stations=stations, cities=()), files["line"], "mid"
    )
    assert other.runs == found.runs
    assert other.table == found.table


def test_trains_of_other_days_do_not_count(
    toy: Network, observed: Network, files: dict[str, Path]
) -> None:
    """The line's trains run on Saturdays alone, and the day is a Wednesday: no run times, and all
    was a false alarm.
    """
    routes = np.array([route == "NW" for route in observed.trips.route_ids])
    saturdays = Service(
        "saturdays", observed.date, observed.date.replace(month=12), (*(False,) * 5, True, False)
    )
    service_idx = np.where(routes, len(observed.services), observed.trips.service_idx).astype(
        np.int32
    )
    trips = replace(observed.trips, service_idx=service_idx)
    weekend = replace(observed, services=(*observed.services, saturdays), trips=trips)
    found = railshed.prepare(toy).backtest(weekend, files["line"], "mid")
    assert [row["trains_after"] for row in found.runs] == [0, 0]
    assert found.row(*KEYS, "gain")["area_km2_hit"] == 0


def test_lines_with_minutes_are_refused(
    toy: Network, observed: Network, files: dict[str, Path]
) -> None:
    """hop_minutes would copy the answer: every such field is named with its line and the remedy."""
    pattern = (
        r"came.toml field hop_minutes: modification 1 \(line 8\): add-trips sets minutes.* "
        r"-> give top_speed_kmh"
    )
    with pytest.raises(InputError, match=pattern):
        railshed.prepare(toy).backtest(observed, files["came"], "mid")


LINE_TABLE = tomllib.loads(LINE)["modification"][0]


@pytest.mark.parametrize(
    ("modification", "field"),
    [
        ({**LINE_TABLE, "name": "B", "dwell_minutes": 2}, "dwell_minutes"),
        ({"type": "adjust-speed", "routes": ["NW"], "scale": 1.2}, "scale"),
        ({"type": "adjust-dwell-time", "routes": ["sw"], "dwell_minutes": 3}, "dwell_minutes"),
        ({"type": "adjust-dwell-time", "routes": ["sw"], "scale": 0.5}, "scale"),
        ({"type": "remove-stops", "routes": ["sw"], "stops": ["mid"], "minutes_saved_per_stop": 2},
         "minutes_saved_per_stop"),
        ({"type": "reroute", "routes": ["sw"], "hop_minutes": [2, 3]}, "hop_minutes"),
        ({"type": "adjust-station-time", "stations": ["mid"], "entry_minutes": 1}, "entry_minutes"),
        ({"type": "add-transfer", "from": "mid", "to": "nw-new", "minutes": 1}, "minutes"),
    ],
)  # fmt: skip
def test_minutes_are_refused_wherever_they_stand(
    toy: Network, modification: dict[str, Any], field: str
) -> None:
    """Also as a scale of known ones; what is switched off does not count; other mistakes are
    reported with them.
    """
    lines = {
        "modification": [LINE_TABLE, modification, {"type": "remove-trips", "routes": ["nowhere"]}]
    }
    with pytest.raises(InputError) as caught:
        predict(toy, scenario_from_dict(lines), city="mid")
    assert f"field {field}: modification 2: {modification['type']} sets minutes" in str(
        caught.value
    )
    assert "field routes[1]: modification 3" in str(caught.value)
    off = {"modification": [LINE_TABLE, {**modification, "enabled": False}]}
    assert len(predict(toy, scenario_from_dict(off), city="mid").lines) == 1


def test_the_three_runs(toy: Network, observed: Network, files: dict[str, Path]) -> None:
    """The run itself, with the line, and the new trains: 216 more of them, on the new date, with
    the old people.
    """
    run, line, date = (
        railshed.prepare(toy),
        railshed.load_scenario(files["line"]),
        dt.date(2024, 5, 16),
    )
    new = replace(observed, date=date, population=None)
    was, predicted, after = runs_of(run, new, line, "mid")
    assert was is run
    for one, day in ((predicted, toy.date), (after, date)):
        assert one.compiled.network.n_trips == toy.n_trips + 216
        assert one.compiled.date == day
        assert one.compiled.network.population is toy.population
    core = {city: runs_of(run, new, line, "mid", city_after=city)[2] for city in ("mid", "east")}
    for city, one in core.items():
        assert (
            one.compiled.network.get_city("mid").core_station_ids
            == toy.get_city(city).core_station_ids
        )
    with pytest.raises(NotFoundError, match=r"timetable before \(toy\)"):
        runs_of(run, new, line, "nowhere")


def test_what_may_be_given(toy: Network) -> None:
    """Length, top speed, stations, trains a day or headways; a line that is taken from, fewer
    trains of another.
    """
    more = {"length_km": 40, "rolling_stock": "suburban-160", "dwell_minutes": None}
    fewer = {"start_time": "06:00", "end_time": "20:00", "headway_minutes": 60}
    lines = [
        {**LINE_TABLE, **more},
        {"type": "adjust-frequency", "routes": ["sw"], "frequencies": [fewer]},
    ]
    assert predict(toy, scenario_from_dict({"modification": lines})).lines
    daily = {k: v for k, v in LINE_TABLE.items() if k != "frequencies"} | {"trips_per_day": 40}
    assert predict(toy, scenario_from_dict({"modification": [daily]})).lines


def test_trains_are_counted_as_later_modifications_leave_them(
    toy: Network, observed: Network
) -> None:
    """Announced every 10 min and cut to 20: 54 trains are predicted each way, and 54 are what the
    tables say.
    """
    fewer = {"start_time": "05:00", "end_time": "23:00", "headway_minutes": 20}
    later = {"type": "adjust-frequency", "routes": ["NW"], "frequencies": [fewer]}
    found = railshed.prepare(toy).backtest(
        observed, scenario_from_dict({"modification": [LINE_TABLE, later]}), "mid"
    )
    assert [row["trains_predicted"] for row in found.runs] == [54, 54]


def test_no_line_is_told(toy: Network, files: dict[str, Path]) -> None:
    """A scenario that only takes trips away foretells no line."""
    with pytest.raises(
        InputError,
        match=r"scenario gone.toml adds no line: .* -> give add-trips with top_speed_kmh",
    ):
        railshed.prepare(toy).backtest(toy, files["gone"], "mid")


def test_an_unknown_city_is_named(toy: Network, observed: Network, files: dict[str, Path]) -> None:
    """With the nearest name and which timetable lacks it; a feed lists no cities, so a place is
    asked for.
    """
    with pytest.raises(
        NotFoundError, match=r"Did you mean 'mid'\? The timetable before \(toy\) lists 2 cities"
    ):
        railshed.prepare(toy).backtest(observed, files["line"], "midd")
    with pytest.raises(NotFoundError, match=r"unknown city 'west'.*The timetable after"):
        railshed.prepare(toy).backtest(observed, files["line"], "mid", city_after="west")
    feed = replace(toy, network_id="feed.zip", cities=())
    with pytest.raises(
        NotFoundError,
        match=r"timetable before \(feed.zip\) lists none: give a place, .*--at LON,LAT",
    ):
        railshed.prepare(feed).backtest(observed, files["line"], "mid")


def test_no_train_to_hold_run_times_against(
    toy: Network, files: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """The line did not come: that no pair of stations has trains is said, with no median and no
    neighbours.
    """
    wrong = railshed.prepare(toy).backtest(toy, files["line"], "mid")
    show(first_screen([wrong], "to", SAVED), "en")
    out = " ".join(capsys.readouterr().out.split())
    assert "none of 2 pairs of stations got direct trains that the old timetable has not" in out
    assert "in the median" not in out
    show(first_screen([wrong], "to", SAVED), "zh")
    assert "2对站间在新时刻表中均无新增直达车" in capsys.readouterr().out


def test_neither_timetable_changes(
    toy: Network, observed: Network, files: dict[str, Path], found: Backtest
) -> None:
    """The same again gives the same, and the networks have the trips that they had."""
    n_trips = toy.n_trips, observed.n_trips
    again = railshed.prepare(toy).backtest(observed, files["line"], "mid")
    assert again.table == found.table
    assert (toy.n_trips, observed.n_trips) == n_trips
    assert repr(again).startswith("<Backtest mid 'northwest line': people of the gain hit ")


def test_polygons_have_the_figures_of_the_table(found: Backtest) -> None:
    """A row a cutoff and state, areas as large as the cells to a few per cent."""
    frame = found.polygons
    assert set(frame["state"]) == {"hit", "miss", "false_alarm"}
    row = found.row(*KEYS, "circle")
    for state in ("hit", "miss", "false_alarm"):
        mine = frame[(frame["cutoff_min"] == 60) & (frame["state"] == state)].iloc[0]
        assert mine["people"] == row[f"people_{state}"]
        assert mine["area_km2"] == row[f"area_km2_{state}"]


def test_the_command_writes_tables_map_and_run(
    toy: Network,
    observed: Network,
    files: dict[str, Path],
    found: Backtest,
    tmp_path: Path,
    cli: Command,
) -> None:
    """A network, a feed and a line: the city at whose core it calls, its tables, map, run.json,
    words; exit code 0.
    """
    railshed.write_gtfs(observed, tmp_path / "new.zip")
    out = tmp_path / "out"
    done = cli("backtest", "toy", tmp_path / "new.zip", files["line"], "-o", out)
    assert done.code == 0, done.err
    assert "the forecast had 42,667 of the 42,667 people that came within 60 minutes" in done.out
    names = {path.name for path in out.iterdir()}
    assert names == {
        "mid_backtest.gpkg",
        "mid_backtest.csv",
        "mid_backtest_runs.csv",
        "mid_backtest.png",
        "run.json",
    }
    table = pd.read_csv(out / "mid_backtest.csv")
    assert table["area_km2_hit"].tolist() == pytest.approx(
        [row["area_km2_hit"] for row in found.table]
    )
    written = json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert written["scenario"][0]["text"] == LINE
    assert written["results"][0]["city"] == "mid"


@pytest.mark.parametrize(
    ("name", "more", "words"),
    [
        ("came", (), "came.toml field hop_minutes"),
        ("nothing", (), "adds no line"),
        ("gone", ("--city", "mid"), "adds no line"),
        ("far", (), "calls at no core station of a city of BEFORE"),
        ("line", ("--city", "nowhere"), "nowhere"),
        ("line", ("--city", "mid", "--at", "100,0.3"), "give --city or --at, not both"),
    ],
)
def test_mistakes_end_with_code_2(
    name: str, more: tuple[str, ...], words: str, files: dict[str, Path], cli: Command
) -> None:
    """In one line, without files."""
    done = cli("backtest", "toy", "toy", files[name], *more)
    assert done.code == 2
    assert words in done.err


def test_a_city_at_a_point(files: dict[str, Path], cli: Command) -> None:
    """--at finds the core stations in each timetable; --json gives the verdict."""
    done = cli(
        "backtest",
        "toy",
        "toy",
        files["line"],
        "--at",
        "100.0,0.3",
        "--stations-within",
        6,
        "--json",
    )
    assert done.code == 0, done.err
    result = json.loads(done.out)["backtests"][0]["verdict"]
    assert "the circle of the two timetables is the same" in result


@pytest.mark.parametrize("n", [2, 30, 31])
def test_at_most_thirty_pairs_of_stations_are_shown(found: Backtest, n: int) -> None:
    """Of 31 pairs the last one stands in the file alone."""
    rows = [{**found.runs[0], "from": f"station {k}"} for k in range(1, n + 1)]
    altered: Any = Altered(found, runs=rows)
    tables = [b for b in every_table(altered) if isinstance(b, Table)]
    (shown,) = (table.rows for table in tables if table.title == phrase("run_times_title"))
    assert [row[1] for row in shown] == [f"station {k}" for k in range(1, min(n, 30) + 1)]
