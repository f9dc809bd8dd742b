"""What the server says of a plan: the figures of `railshed compare`, to the person."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from railshed import Network, Scenario
from railshed.api.analysis import Analysis
from railshed.circles.places import station_seconds
from railshed.comparisons.incremental.baseline import baseline
from railshed.comparisons.incremental.surfaces import changed_surfaces, counts_of, stations_after
from railshed.routing.directions import directions_of
from railshed.scenario.apply import resolve
from railshed.server.answers import change_answer
from railshed.server.workspace import Start, Workspace
from railshed.util.errors import ParameterError
from railshed.util.units import UNREACHED
from tests.support.clirunner import Command
from tests.support.live_plans import PLANS, line, plan
from tests.support.liveserver import LiveServer

CUTOFFS = (45, 60, 75, 90, 120)


@pytest.mark.parametrize("direction", ["to", "from", "both"])
@pytest.mark.parametrize("name", sorted(PLANS))
def test_figures_are_those_of_compare(
    server: LiveServer, railshed: Command, tmp_path: Path, name: str, direction: str
) -> None:
    """Every figure of every reading with an area equals that of the saved file on the
    command line.
    """
    saved = server.ask("scenario-file", {"scenario": PLANS[name]})
    file = tmp_path / "plan.toml"
    file.write_bytes(saved.body)
    done = railshed(
        "compare", "mid", "-n", "toy", "--scenario", file, "--direction", direction, "--json"
    )
    (there,) = json.loads(done.out)["comparisons"]
    for reading in ("door-to-station", "door-to-door", "turn-up-and-go"):
        asked = {
            "cities": ["mid"],
            "scenario": PLANS[name],
            "reading": reading,
            "direction": direction,
        }
        answer = server.ask("changes", asked).json
        (city,) = answer["cities"]
        here = {(row["cutoff_min"], row["kind"]): row for row in city["table"]}
        rows = [row for row in there["table"] if row["reading"] == reading]
        assert rows
        for row in rows:
            if row["cutoff_min"] in CUTOFFS:
                mine = here[row["cutoff_min"], row["kind"]]
                assert {k: v for k, v in mine.items() if k in row} == {
                    k: v for k, v in row.items() if k in mine
                }
                assert set(row) - set(mine) == {"definition"}


@pytest.mark.slow
@pytest.mark.china
def test_cities_without_door_to_door_have_door_to_station(china_run: Analysis) -> None:
    """No station is near a centre of Xining; the first one near that of Yinchuan is the plan's."""
    space = Workspace(lambda: china_run, Start())
    place = {"name": "城心", "id": "cx", "lon": 106.28, "lat": 38.47}
    line = {
        "type": "add-trips", "name": "银川1号线", "stops": ["银川", place], "hop_minutes": [12],
        "frequencies": [{"start_time": "06:00", "end_time": "22:00", "headway_minutes": 6}],
    }  # fmt: skip
    asked = {"modification": [line]}
    cities = [china_run.compiled.network.get_city(slug) for slug in ("xining", "yinchuan", "xian")]
    found = change_answer(space, cities, asked, reading="door-to-door", direction="to")["cities"]
    assert [row["reading"] for row in found] == [
        "door-to-station",
        "door-to-station",
        "door-to-door",
    ]
    seen = [
        change_answer(space, cities[1:2], asked, reading=name, direction="to", picture=True)[
            "picture"
        ]["content"]
        for name in ("door-to-door", "door-to-station")
    ]
    assert seen[0]["minutes"] == seen[1]["minutes"] != {}
    change = china_run.baseline(cities[1:2]).with_scenario(
        Scenario.from_dict(asked), city="yinchuan"
    )
    assert {row["reading"] for row in change.table} == {"station-to-station", "door-to-station"}
    with pytest.raises(ParameterError, match="has no area"):
        change_answer(space, cities, asked, reading="station-to-station", direction="to")


def test_the_worth_is_that_of_the_first_screen(
    server: LiveServer, railshed: Command, tmp_path: Path
) -> None:
    """Who saves how much equals run.json; person-minutes are those people times their mean, to its
    rounding.
    """
    answer = server.ask("changes", {"cities": ["mid"], "scenario": PLANS["both"]}).json
    file = tmp_path / "plan.toml"
    file.write_bytes(server.ask("scenario-file", {"scenario": PLANS["both"]}).body)
    railshed(
        "compare", "mid", "-n", "toy", "--scenario", file, "-o", tmp_path / "out", "--without-map"
    )
    record = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))
    (city,) = answer["cities"]
    there = record["screens"][0]["by_reading"][0]
    assert city["worth"] == {key: there[key] for key in city["worth"]}
    people, minutes = city["worth"]["people_faster"], city["worth"]["minutes_faster"]
    assert city["person_minutes"] == pytest.approx(people * minutes, abs=people * 0.05 + 1)


def test_all_core_cities_at_once(server: LiveServer) -> None:
    """Without cities all core cities are answered for, each as alone."""
    asked = {"scenario": PLANS["two lines"], "reading": "door-to-door"}
    every = server.ask("changes", asked).json["cities"]
    assert [city["city"] for city in every] == ["mid"]
    two = server.ask("changes", asked | {"cities": ["mid", "east"]}).json["cities"]
    assert two[0] == every[0]
    assert two[1] == server.ask("changes", asked | {"cities": ["east"]}).json["cities"][0]


def test_what_an_answer_says_of_the_plan(server: LiveServer) -> None:
    """Lines with their minutes, what was assumed and its error, warnings, rules, polygons, the
    forecast.
    """
    fast = plan(
        line(stops=["mid", {"name": "Near", "lon": 100.0, "lat": 0.309}], top_speed_kmh=350)
    )
    asked = {"cities": ["mid"], "scenario": fast, "compliance": True, "polygons": True, "plans": 3}
    answer = server.ask("changes", asked).json
    (run,) = answer["lines"]
    assert [stop["station_id"] for stop in run["stops"]] == ["mid", "Near"]
    assert run["minutes"] * 60 == run["stops"][1]["run_s"]
    assert any("how wrong" in text["en"] for text in answer["assumed"])
    assert any("->" in text["en"] and "350" in text["en"] for text in answer["warnings"])
    (city,) = answer["cities"]
    states = [one["properties"]["state"] for one in city["polygons"]["features"]]
    assert states == ["before", "after", "gained", "lost"] * 2
    saved = city["forecast"]["person_minutes"]
    assert saved["n_plans"] == 3
    assert saved["low"] <= saved["mean"] <= saved["high"]
    assert [row["cutoff_min"] for row in city["forecast"]["rows"]] == [60, 90]
    assert "3 draws" in city["forecast"]["text"]["en"]
    assert server.ask("changes", asked | {"cities": ["mid", "east"]}).status == 422


def test_sixteen_clients_at_once(server: LiveServer) -> None:
    """Sixteen clients ask for different plans at once: each gets the answer of its own."""
    plans = [
        plan(line(frequencies=[{"start_time": "05:00", "end_time": "23:00", "headway_minutes": n}]))
        for n in range(5, 21)
    ]

    def ask(one: dict[str, Any]) -> Any:
        return server.ask("changes", {"cities": ["mid"], "scenario": one, "picture": True})

    alone = [ask(one) for one in plans]
    with ThreadPoolExecutor(16) as pool:
        together = list(pool.map(ask, plans))
    assert [found.status for found in together] == [200] * 16
    assert [found.body for found in together] == [found.body for found in alone]
    assert len({found.body for found in alone}) > 1


# --- what it is computed of ---------------------------------------------------------------------


@pytest.mark.parametrize("direction", ["to", "both"])
@pytest.mark.parametrize("name", ["two lines", "slower", "both"])
def test_surfaces_and_stations_of_a_change(
    toy: Network, toy_run: Analysis, name: str, direction: str
) -> None:
    """Surfaces of an edit equal those of a full run in every cell, stations' seconds those of the
    other network.
    """
    base = baseline(toy_run, ["mid"], cutoffs=CUTOFFS, direction=direction)
    done = resolve(toy, Scenario.from_dict(PLANS[name]), city="mid")
    quick, full = base.with_plan(done), base.with_network(done.network, full=True)
    assert (quick.method, full.method) == ("incremental", "full")
    (city,) = base.cities
    names = list(city.seconds)
    found, other = (
        changed_surfaces(city, one.cities["mid"], counts_of(city, None), names)
        for one in (quick, full)
    )
    for reading in names:
        mine, theirs = found.surfaces[reading][1], other.surfaces[reading][1]
        same = np.isin(other.counts.land.keys, found.counts.land.keys)
        assert (theirs.total_s[~same] == UNREACHED).all()
        for what in ("by_rail_s", "local_s"):
            left, right = getattr(mine, what), getattr(theirs, what)[same]
            place = np.searchsorted(found.counts.land.keys, other.counts.land.keys[same])
            assert np.array_equal(left[place], right)
        seconds = stations_after(city, quick.cities["mid"], reading)
        after = full.cities["mid"].known.case
        there = station_seconds(after, base.question.readings[reading], directions_of(direction))
        index = after.compiled.network.station_index()
        assert seconds
        limit = max(CUTOFFS) * 60
        for key, value in seconds.items():
            if key not in after.city.core_station_ids:
                assert value == there[index[key]] or min(value, there[index[key]]) > limit


def test_why_a_place_is_outside_is_what_the_library_says(
    server: LiveServer, toy_run: Analysis
) -> None:
    """The same rows, a sentence in both languages, a change of each family; mistakes are
    problems.
    """
    found = server.ask("cities/mid/why?place=southeast&cutoff=45")
    assert found.status == 200
    there = toy_run.why("southeast", "mid", cutoff_min=45)
    plain = json.loads(json.dumps(there.as_plain()))
    assert {key: found.json[key] for key in plain} == plain
    assert "45" in found.json["text"]["en"]
    families = [row["family"] for row in found.json["families"]]
    assert families == list(dict.fromkeys(row["family"] for row in plain["changes"]))
    for query in (
        "place=nowhere",
        "place=mid&reading=none",
        "place=mid&cutoff=500",
        "cutoff=60",
        "place=mid&colour=red",
    ):
        assert server.ask(f"cities/mid/why?{query}").status in (404, 422), query
