"""Trade-offs on the grid city: every row is the circle of a plan written otherwise."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import railshed
from railshed.appraisal.trade_offs import _shorter, _shorter_own, ranked, variants_of, with_lines
from railshed.assumptions.assumptions import StationTime
from railshed.routing.compile import compile_network
from railshed.scenario.apply import resolve
from railshed.scenario.files import scenario_from_dict

PERIOD = {"start_time": "05:00", "end_time": "23:00", "headway_minutes": 10}
ENDS = [{"name": "西北原", "id": "northwest", "lon": 99.8, "lat": 0.5}, "mid"]


def line(**changes: Any) -> Any:
    table = {"type": "add-trips", "name": "nw", "stops": ENDS, "hop_minutes": [18], "frequencies": [PERIOD]}
    return scenario_from_dict({"title": "northwest", "modification": [{**table, **changes}]})


def people(toy_run: Any, scenario: Any, cutoff: int = 60) -> Any:
    return railshed.compare(toy_run, "mid", scenario, cutoffs=(cutoff,)).headline_row()["people_after"]


def test_every_row_is_a_circle(toy_run: Any) -> None:
    """The plan, half and twice the headway, 20 % faster, thresholds: as `compare` with scenarios that say so."""
    found = toy_run.trade_offs("mid", line())
    rows = {row["key"]: row for row in found.table}
    assert found.table[0]["key"] == "central"
    expected = {
        "central": people(toy_run, line()),
        "speed": people(toy_run, line(hop_minutes=[15])),
        "headway_x0.5": people(toy_run, line(frequencies=[{**PERIOD, "headway_minutes": 5}])),
        "headway_x2": people(toy_run, line(frequencies=[{**PERIOD, "headway_minutes": 20}])),
        "threshold_55": people(toy_run, line(), 55),
        "threshold_65": people(toy_run, line(), 65),
    }
    assert {key: rows[key]["people_after"] for key in expected} == expected
    assert expected["central"] == 223_000
    for row in found.table:
        assert row["people_after"] - row["people_before"] == row["people_net_gain"]
        assert row["people_net_gain"] == row["people_gained"] - row["people_lost"]
        assert row["people_after"] - 223_000 == row["people_vs_plan"]


def test_what_is_assumed_moves_both_sides(toy_run: Any) -> None:
    """On foot alone: the circle without and with the line is that of access on foot."""
    found = toy_run.trade_offs("mid", line())
    (row,) = [r for r in found.table if r["key"] == "access_walk"]
    walk = railshed.compare(railshed.prepare(railshed.load_network("toy"), access=["walk"]), "mid", line())
    assert row["people_before"] == walk.headline_row()["people_before"]
    assert row["people_after"] == walk.headline_row()["people_after"]
    (row,) = [r for r in found.table if r["key"] == "feeder_wait"]
    assert row["people_before"] >= found.table[0]["people_before"]


def test_stops_in_turn(toy_run: Any) -> None:
    """A line with two stops on the way has one row for each left out, named, and one with a stop more."""
    plan = line(stops=[ENDS[0], "west", "north", "mid"], hop_minutes=[14, 20, 16], dwell_minutes=1)
    found = toy_run.trade_offs("mid", plan)
    keys = [row["key"] for row in found.table if row["group"] == "line"]
    assert [k for k in keys if k.startswith("without_")] == ["without_west", "without_north"]
    assert [k for k in keys if k.startswith("stop_more_")] == ["stop_more_nw"]
    assert "no stop at 西山" in next(r["en"] for r in found.table if r["key"] == "without_west")


def test_the_same_lines_make_the_same_network(toy_run: Any) -> None:
    """Taking the lines out and putting the same ones in changes no bit of the timetable."""
    plan = resolve(toy_run.compiled.network, line())
    prints = [
        compile_network(network, toy_run.assumptions).fingerprint()
        for network in (plan.network, with_lines(plan, plan.lines))
    ]
    assert prints[0] == prints[1]


def test_less_time_in_stations() -> None:
    """Five minutes come off entry first, then exit, and nothing below zero."""
    assert _shorter(StationTime(600, 300, 360)) == StationTime(300, 300, 360)
    assert _shorter(StationTime(120, 300, 180)) == StationTime(0, 120, 180)
    assert _shorter(StationTime(120, 120, 180)) == StationTime(0, 0, 180)


def test_a_line_is_varied_as_later_modifications_leave_it(toy_run: Any) -> None:
    """Written at 5 min and 36 min a way, then set to 20 min and twice the speed: varied as the line that is written at
    20 min and 18 min at once, faster, with a stop more, without one; twice the trains are 108 and not 432."""
    slow = {"type": "adjust-frequency", "routes": ["nw"], "frequencies": [{**PERIOD, "headway_minutes": 20}]}
    fast = {"type": "adjust-speed", "routes": ["nw"], "scale": 2}
    (first,) = line(hop_minutes=[36], frequencies=[{**PERIOD, "headway_minutes": 5}]).modifications
    later = toy_run.trade_offs("mid", scenario_from_dict({"modification": [first, slow, fast]}))
    at_once = toy_run.trade_offs("mid", line(frequencies=[{**PERIOD, "headway_minutes": 20}]))
    rows, expected = ({row["key"]: row for row in found.table} for found in (later, at_once))
    assert rows.keys() == expected.keys()
    for key in rows.keys() - {"headway_x0.5", "headway_x2"}:
        assert rows[key] == expected[key], key
    plan = later.plan
    variants = {v.key: v.lines for v in variants_of(plan, toy_run.assumptions, 60)}
    known = toy_run.compiled.network.n_trips
    n_trips = {
        key: with_lines(plan, lines).n_trips - known for key, lines in variants.items() if lines and "headway" in key
    }
    assert n_trips == {"headway_x0.5": 216, "headway_x2": 54}


def test_trains_one_way_and_the_other_are_varied_alike(toy_run: Any) -> None:
    """A line whose trains out pass West has a stop more only on its trains out, which stop alike; all run faster."""
    later = {"type": "remove-stops", "routes": ["nw"], "stops": ["west"], "from": "northwest", "to": "mid"}
    (first,) = line(stops=[ENDS[0], "west", "mid"], hop_minutes=[14, 18]).modifications
    plan = resolve(toy_run.compiled.network, scenario_from_dict({"modification": [first, later]}))
    assert [one.direction for one in plan.lines] == [0, 1]
    variants = {v.key: v.lines for v in variants_of(plan, toy_run.assumptions, 60) if v.lines}
    assert [len(one.stops) for one in variants["stop_more_nw"]] == [3, 3]
    assert [sum(s.run_s for s in one.stops) for one in variants["speed"]] == [1600, 1600]
    assert with_lines(plan, variants["speed"]).n_trips == plan.network.n_trips


def test_stations_with_minutes_of_their_own_are_lowered_too(toy_run: Any) -> None:
    """Every station given the very minutes of its class: five minutes less is worth what it is with none given; one
    of 1 min in and the class's 3 out has none in and none out."""
    network, a = toy_run.compiled.network, toy_run.assumptions
    same = tuple(replace(s, entry_s=a.entry_s(s), exit_s=a.exit_s(s)) for s in network.stations)
    own = railshed.prepare(replace(network, stations=same)).trade_offs("mid", line())
    for given, by_class in zip(own.table, toy_run.trade_offs("mid", line()).table, strict=True):
        assert given == by_class
    (row,) = [r for r in own.table if r["key"] == "station_time"]
    assert row["area_km2_vs_plan"] > 0
    assert "of their own too" in row["en"]
    small = next(s for s in network.stations if s.station_class == "small")
    times = {**a.station_times, "small": StationTime(360, 180, 240)}
    quick = _shorter_own(replace(small, entry_s=60), replace(a, station_times=times))
    assert (quick.entry_s, quick.exit_s) == (0, 0)
    assert _shorter_own(small, a) is small


def test_the_plot_shows_every_row(toy_run: Any) -> None:
    """Each change is written beside its bar, in both languages and whole, the largest on top of its panel."""
    found = toy_run.trade_offs("mid", line())
    figure = found.plot()
    texts = "".join(t.get_text() for axes in figure.axes for t in axes.texts).replace(" ", "")  # lines are broken
    for row in found.table[1:]:
        assert row["zh"].replace(" ", "") in texts
        assert row["en"].replace(" ", "") in texts
    assert min(t.get_fontsize() for axes in figure.axes for t in axes.texts) >= 7
    sizes = [abs(row["people_vs_plan"]) for row in ranked(found.table[1:])]
    assert sizes == sorted(sizes, reverse=True)


def test_nothing_to_vary(toy_run: Any) -> None:
    """A scenario without a line is refused with the reason."""
    gone = scenario_from_dict({"modification": [{"type": "remove-trips", "routes": ["sw"]}]})
    with pytest.raises(railshed.ParameterError, match="adds no line"):
        toy_run.trade_offs("mid", gone)


def test_stations_alone_are_varied_door_to_station(toy_run: Any) -> None:
    """Station to station no land counts, so cells are those of door-to-station; another reading is itself."""
    tables = {
        reading: toy_run.trade_offs("mid", line(), reading=reading).table
        for reading in ("station-to-station", "door-to-station", "door-to-door")
    }
    assert tables["station-to-station"] == tables["door-to-station"]
    assert tables["door-to-station"][0]["people_before"] == 95_000
    assert tables["door-to-door"][0]["people_before"] == 67_000
