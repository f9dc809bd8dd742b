"""Two networks compared: stations, hops and trips by hand, and circles as a scenario of the same
trains gives them.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from railshed import InputError, Network, Scenario, apply_scenario, load_network, prepare
from railshed.api.analysis import Analysis
from railshed.api.comparison import compare_networks
from railshed.comparisons.networks import network_changes
from railshed.network.model import Station
from railshed.questions.compare.network_tables import plain_changes
from railshed.questions.compare.screen import comparison_screen
from railshed.util.errors import NotFoundError
from tests.support.clirunner import Command
from tests.support.printedtables import shown
from tests.support.small_networks import small_network

HALF_HOURLY: dict[str, Any] = {
    "type": "add-trips",
    "name": "nw",
    "stops": [{"name": "西北原", "id": "northwest", "lon": 99.8, "lat": 0.5}, "mid"],
    "hop_minutes": [18],
    "frequencies": [{"start_time": "05:00", "end_time": "23:00", "headway_minutes": 30}],
}


def test_stations_and_hops_by_hand() -> None:
    """A train more, a station gone, a station new, a hop a minute faster; both ways are one hop."""
    before = small_network(
        {"a": (0, 0), "b": (10, 0), "c": (20, 0), "x": (50, 50)},
        {
            "1": [("a", "08:00"), ("b", "08:10"), ("c", "08:20")],
            "2": [("b", "09:00"), ("a", "09:12")],
        },
        route_type=2,
    )
    after = small_network(
        {"a": (0, 0), "b": (10, 0), "d": (30, 0)},
        {
            "1": [("a", "08:00"), ("b", "08:09"), ("d", "08:30")],
            "3": [("b", "10:00"), ("a", "10:10")],
            "4": [("a", "11:00"), ("b", "11:10")],
        },
        route_type={"1": 2, "3": 2, "4": 1},
    )
    found = network_changes(before, after)
    rows = found["stations"].drop(columns="geometry").to_dict(orient="records")
    assert [(r["station_id"], r["state"], r["trips_before"], r["trips_after"]) for r in rows] == [
        ("a", "both", 2, 3),
        ("b", "both", 2, 3),
        ("c", "gone", 1, 0),
        ("d", "new", 0, 1),
    ]
    hops = plain_changes(found)["hops"]
    assert [
        (
            h["from_id"],
            h["to_id"],
            h["state"],
            h["trips_before"],
            h["trips_after"],
            h["minutes_before"],
            h["minutes_after"],
        )
        for h in hops
    ] == [
        ("a", "b", "both", 2, 3, 10.0, 9.0),
        ("b", "c", "gone", 1, 0, 10.0, None),
        ("b", "d", "new", 0, 1, None, 21.0),
    ]
    assert hops[0]["km"] == pytest.approx(10, abs=0.1)
    assert found["modes"] == [
        {"mode": "metro", "trips_before": 0, "trips_after": 1},
        {"mode": "rail", "trips_before": 2, "trips_after": 2},
    ]


def test_circles_are_those_of_a_scenario(toy: Network, toy_run: Analysis) -> None:
    """The network with a line, as another network, gives what the line as a scenario gives."""
    scenario = Scenario.from_dict({"modification": [HALF_HOURLY]}, title="nw")
    later = apply_scenario(toy, scenario)
    found, known = compare_networks(toy_run, later, "mid"), toy_run.compare("mid", scenario)
    assert found.plan is None
    assert found.table == known.table
    assert found.saved_table == known.saved_table
    assert found.title == f"toy ({toy.date}) - toy ({toy.date})"
    same = compare_networks(toy_run, toy, "mid")
    assert same.minutes_saved["people_faster"] == same.minutes_saved["people_slower"] == 0


def test_a_city_of_neither_is_a_mistake(toy: Network, toy_run: Analysis) -> None:
    with pytest.raises(NotFoundError, match="The timetable before"):
        compare_networks(toy_run, toy, "rome")
    moved = tuple(replace(s, lon=s.lon + 30) if isinstance(s, Station) else s for s in toy.stations)
    away = replace(toy, stations=moved, cities=())
    with pytest.raises(InputError, match="has none of its core stations"):
        compare_networks(toy_run, away, "mid")


def test_at_the_command_line(railshed: Command, tmp_path: Path) -> None:
    """Figures, tables and files; cities are optional; an unknown one is a mistake."""
    done = railshed("diff", "toy", "toy", "--json")
    assert done.code == 0, done.err
    found = json.loads(done.out)
    assert {row["state"] for row in found["stations"]} == {"both"}
    assert found["comparisons"] == []
    out = tmp_path / "out"
    done = railshed(
        "diff", "toy", "toy", "--city", "mid", "-o", out, "--without-map", "--full", "--lang", "zh"
    )
    assert done.code == 0, done.err
    assert "新增0站，停办0站" in done.out
    names = {path.name for path in out.iterdir()}
    assert {
        "networks.gpkg",
        "network_stations.csv",
        "network_hops.csv",
        "mid_compare.gpkg",
        "run.json",
    } <= names
    record = json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert (record["before"]["id"], record["after"]["id"], len(record["results"])) == (
        "toy",
        "toy",
        2,
    )
    assert railshed("diff", "toy", "toy", "--city", "rome").code == 2
    assert railshed("diff", "toy", "nowhere").code == 2


@pytest.mark.slow
@pytest.mark.china
def test_seven_years_of_china(china: Network) -> None:
    """Of 672 stations of 2016 a few are gone; the busiest that are new opened since."""
    found = network_changes(load_network("china-2016"), china)
    stations = found["stations"]
    gone = stations[stations["state"] == "gone"]
    assert 40 <= len(gone) <= 60
    new = set(stations[stations["state"] == "new"]["station_id"])
    assert {"qinghe", "jinandong", "hangzhouxi"} <= new


@pytest.mark.slow
@pytest.mark.china
def test_readings_that_one_side_lacks(china: Network) -> None:
    """Door to door is not defined in Xi'an without its metro: the circles are compared by what both
    have.
    """
    old = load_network("china-2016")
    for one, other in ((china, old), (old, china)):
        found = compare_networks(prepare(one), other, "xian")
        assert list(found.surfaces) == ["door-to-station"]
        assert {row["reading"] for row in found.car_table} == {"door-to-station"}
        assert "door to station" in "".join(shown(comparison_screen(found), "en").lines)
