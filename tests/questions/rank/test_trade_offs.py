"""Trade-offs on the grid city: every row is what a plan written otherwise saves, by full runs of
each draw.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import railshed
from railshed.assumptions.assumptions import StationTime
from railshed.comparisons.objective import Objective, objective_of
from railshed.comparisons.plans import run_after
from railshed.network.lines import add_lines, expand
from railshed.questions.rank.portfolio import ObjectiveEvaluator
from railshed.questions.rank.trade_offs import _shorter, _shorter_own, variants_of, without_lines
from railshed.routing.compile import compile_network
from railshed.scenario.apply import resolve
from railshed.scenario.files import scenario_from_dict
from railshed.scenario.plan import with_seed

PERIOD = {"start_time": "05:00", "end_time": "23:00", "headway_minutes": 10}
ENDS = [{"name": "西北原", "id": "northwest", "lon": 99.8, "lat": 0.5}, "mid"]


def line(**changes: Any) -> Any:
    table = {
        "type": "add-trips",
        "name": "nw",
        "stops": ENDS,
        "hop_minutes": [18],
        "frequencies": [PERIOD],
    }
    return scenario_from_dict({"title": "northwest", "modification": [{**table, **changes}]})


@pytest.fixture(scope="module")
def of_the_line(toy_run: Any) -> Any:
    """The trade-offs of the line as it is written above."""
    return toy_run.trade_offs("mid", line())


def worth(run: Any, scenario: Any, objective: str | Objective = "minutes") -> dict[str, Any]:
    """Return what a scenario is worth for Midtown, by full runs before and after, one for each draw
    of phases.
    """
    one = objective_of(objective) if isinstance(objective, str) else objective
    city = run.compiled.network.get_city("mid")
    evaluator, network = ObjectiveEvaluator(run, [city], one), run.compiled.network
    plans = [
        resolve(network, with_seed([scenario], draw), city="mid") for draw in range(one.n_phases)
    ]
    after = [run_after(run, plan) for plan in plans]
    return evaluator.worth([evaluator.inside_of([run], city)], [evaluator.inside_of(after, city)])


@pytest.mark.slow
def test_every_row_is_a_full_run_of_each_draw(toy_run: Any, of_the_line: Any) -> None:
    """The plan, half and twice the headway, 20 % faster: as scenarios that say so, worked out from
    nothing. Twice the trains are worth more than the plan, half of them less, in the default
    reading and turning up and going."""
    rows = {row["key"]: row for row in of_the_line.table}
    assert of_the_line.table[0]["key"] == "central"
    scenarios = {
        "central": line(), "speed": line(hop_minutes=[15]),
        "headway_x0.5": line(frequencies=[{**PERIOD, "headway_minutes": 5}]),
        "headway_x2": line(frequencies=[{**PERIOD, "headway_minutes": 20}]),
    }  # fmt: skip
    for key, scenario in scenarios.items():
        expected = worth(toy_run, scenario) | {
            "saved_turn_up": worth(toy_run, scenario, "minutes-t")["saved"]
        }
        assert {name: rows[key][name] for name in expected} == pytest.approx(expected), key
    for what in ("saved", "saved_turn_up"):
        half, plan, twice = (rows[key][what] for key in ("headway_x2", "central", "headway_x0.5"))
        assert half < plan < twice
        assert plan < rows["speed"][what] != twice
    for row in of_the_line.table:
        assert row["saved_vs_plan"] == row["saved"] - of_the_line.table[0]["saved"]
        assert row["savers"] * row["mean_minutes"] == pytest.approx(
            row["saved"]
        )  # the plan takes nothing away


def test_three_minutes_less_by_hand(of_the_line: Any) -> None:
    """20 % off 18 minutes are 3, for all 128,000 of 西北原 above the least of 30 minutes: 384,000
    person-minutes.
    """
    rows = {row["key"]: row for row in of_the_line.table}
    assert rows["speed"]["saved_vs_plan"] == pytest.approx(3 * 128_000)
    assert rows["central"]["savers"] == rows["central"]["within_90"] == 128_000


def test_what_is_assumed_moves_both_sides(of_the_line: Any) -> None:
    """On foot alone: what the line saves is the difference of two circles with access on foot."""
    (row,) = [r for r in of_the_line.table if r["key"] == "access_walk"]
    walk = railshed.prepare(railshed.load_network("toy"), access=["walk"])
    expected = worth(walk, line())
    assert {name: row[name] for name in expected} == pytest.approx(expected)
    assert row["saved_vs_plan"] < 0


def test_people_of_a_file_are_those_of_the_network(toy_run: Any) -> None:
    """With 100 people at the door of 西北原 alone, 3 minutes less are 300 person-minutes, from the
    baseline too.
    """
    points = np.array([99.8]), np.array([0.5]), {"people": np.array([100.0])}
    run = railshed.prepare(
        railshed.load_network("toy"), population=railshed.Opportunities.of_points(*points, 4326)
    )
    rows = {row["key"]: row for row in run.trade_offs("mid", line()).table}
    assert rows["speed"]["saved_vs_plan"] == pytest.approx(300)
    assert rows["central"]["mean_minutes"] == pytest.approx(rows["central"]["saved"] / 100)


def test_stops_in_turn(toy_run: Any) -> None:
    """A line with two stops on the way has one row for each left out, named, and one with a stop
    more.
    """
    plan = line(stops=[ENDS[0], "west", "north", "mid"], hop_minutes=[14, 20, 16], dwell_minutes=1)
    found = toy_run.trade_offs("mid", plan)
    keys = [row["key"] for row in found.table if row["group"] == "line"]
    assert [k for k in keys if k.startswith("without_")] == ["without_west", "without_north"]
    assert [k for k in keys if k.startswith("stop_more_")] == ["stop_more_nw"]
    assert "no stop at Westhill" in next(r["en"] for r in found.table if r["key"] == "without_west")


def test_the_same_lines_make_the_same_network(toy_run: Any) -> None:
    """Taking the lines out and putting the same ones in changes no bit of the timetable."""
    plan = resolve(toy_run.compiled.network, line())
    again = add_lines(without_lines(plan), plan.lines)
    prints = [
        compile_network(network, toy_run.assumptions).fingerprint()
        for network in (plan.network, again)
    ]
    assert prints[0] == prints[1]
    assert plan.network.n_trips > without_lines(plan).n_trips == toy_run.compiled.network.n_trips


def test_less_time_in_stations() -> None:
    """Five minutes come off entry first, then exit, and nothing below zero."""
    assert _shorter(StationTime(600, 300, 360)) == StationTime(300, 300, 360)
    assert _shorter(StationTime(120, 300, 180)) == StationTime(0, 120, 180)
    assert _shorter(StationTime(120, 120, 180)) == StationTime(0, 0, 180)


def test_a_line_is_varied_as_later_modifications_leave_it(toy_run: Any) -> None:
    """Written at 5 min and 36 min a way, then set to 20 min and twice the speed: varied as what it
    is then; twice the trains are 108 and not 432."""
    slow = {
        "type": "adjust-frequency",
        "routes": ["nw"],
        "frequencies": [{**PERIOD, "headway_minutes": 20}],
    }
    fast = {"type": "adjust-speed", "routes": ["nw"], "scale": 2}
    (first,) = line(hop_minutes=[36], frequencies=[{**PERIOD, "headway_minutes": 5}]).modifications
    later = toy_run.trade_offs("mid", scenario_from_dict({"modification": [first, slow, fast]}))
    plan, rows = later.plan, {row["key"]: row for row in later.table}
    variants = {v.key: v.lines for v in variants_of(plan, toy_run.assumptions)}
    n_trips = {
        key: sum(len(run.trip_ids) for one in lines or () for run in expand(one))
        for key, lines in variants.items()
    }
    assert (n_trips["headway_x0.5"], n_trips["headway_x2"], n_trips["speed"]) == (216, 54, 108)
    assert rows["speed"]["saved_vs_plan"] == pytest.approx(3 * 128_000)  # 15 minutes in place of 18
    assert rows["headway_x2"]["saved"] < rows["central"]["saved"] < rows["headway_x0.5"]["saved"]


def test_trains_one_way_and_the_other_are_varied_alike(toy_run: Any) -> None:
    """A line whose trains out pass West has a stop more only on its trains out, which stop alike;
    all run faster.
    """
    later = {
        "type": "remove-stops",
        "routes": ["nw"],
        "stops": ["west"],
        "from": "northwest",
        "to": "mid",
    }
    (first,) = line(stops=[ENDS[0], "west", "mid"], hop_minutes=[14, 18]).modifications
    plan = resolve(toy_run.compiled.network, scenario_from_dict({"modification": [first, later]}))
    assert [one.direction for one in plan.lines] == [0, 1]
    variants = {v.key: v.lines for v in variants_of(plan, toy_run.assumptions) if v.lines}
    assert [len(one.stops) for one in variants["stop_more_nw"]] == [3, 3]
    assert [sum(s.run_s for s in one.stops) for one in variants["speed"]] == [1600, 1600]
    assert add_lines(without_lines(plan), variants["speed"]).n_trips == plan.network.n_trips


def test_stations_with_minutes_of_their_own_are_lowered_too(toy_run: Any, of_the_line: Any) -> None:
    """Every station given the very minutes of its class: five minutes less is worth what it is with
    none given; one of 1 min in and the class's 3 out has none in and none out."""
    network, a = toy_run.compiled.network, toy_run.assumptions
    same = tuple(replace(s, entry_s=a.entry_s(s), exit_s=a.exit_s(s)) for s in network.stations)
    own = railshed.prepare(replace(network, stations=same)).trade_offs("mid", line())
    for given, by_class in zip(own.table, of_the_line.table, strict=True):
        assert given == by_class
    (row,) = [r for r in own.table if r["key"] == "station_time"]
    assert row["saved_vs_plan"] > 0
    assert "of their own too" in row["en"]
    small = next(s for s in network.stations if s.station_class == "small")
    times = {**a.station_times, "small": StationTime(360, 180, 240)}
    quick = _shorter_own(replace(small, entry_s=60), replace(a, station_times=times))
    assert (quick.entry_s, quick.exit_s) == (0, 0)
    assert _shorter_own(small, a) is small


def test_the_plot_shows_every_row(of_the_line: Any) -> None:
    """Each change is written beside its bar, in both languages and whole."""
    figure = of_the_line.plot()
    texts = "".join(t.get_text() for axes in figure.axes for t in axes.texts).replace(
        " ", ""
    )  # lines are broken
    for row in of_the_line.table[1:]:
        assert row["zh"].replace(" ", "") in texts
        assert row["en"].replace(" ", "") in texts
    assert min(t.get_fontsize() for axes in figure.axes for t in axes.texts) >= 7


def test_nothing_to_vary(toy_run: Any) -> None:
    """A scenario without a line is refused with the reason."""
    gone = scenario_from_dict({"modification": [{"type": "remove-trips", "routes": ["sw"]}]})
    with pytest.raises(railshed.ParameterError, match="adds no line"):
        toy_run.trade_offs("mid", gone)


@pytest.mark.slow
def test_stations_alone_are_varied_door_to_station(toy_run: Any, of_the_line: Any) -> None:
    """Station to station no land counts, so cells are those of door-to-station; another reading is
    itself: without the ride by shared bicycle from the station of the city, everyone saves by the
    time clipped at 90 minutes more."""
    tables = {
        reading: toy_run.trade_offs("mid", line(), reading=reading).table
        for reading in ("station-to-station", "door-to-station", "door-to-door")
    }
    assert tables["station-to-station"] == tables["door-to-station"]
    assert tables["door-to-station"][0]["saved"] > tables["door-to-door"][0]["saved"]
    assert tables["door-to-door"] == of_the_line.table
