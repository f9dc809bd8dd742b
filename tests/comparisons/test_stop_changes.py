"""A stop fewer or more: a line given by top speed is just as if written so, minutes given move by a
sum by hand.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import railshed
from railshed.network.lines import Line
from railshed.network.model import Network, Station
from railshed.questions.rank.trade_offs import variants_of
from railshed.scenario.apply import resolve
from railshed.scenario.files import scenario_from_dict
from railshed.scenario.plan import Plan, one_way_s
from railshed.scenario.run_times.stops import running_of, with_stop, without_stop
from railshed.scenario.service_plans.fit import Fit
from tests.support.small_networks import place, small_network

#: kilometres east of each station, all on one straight line
KM = {"a": 0.0, "b": 30.0, "c": 70.0, "d": 90.0, "e": 130.0}
PERIOD = {"start_time": "06:00", "end_time": "09:00", "headway_minutes": 30}
LINE = {"type": "add-trips", "name": "L", "stops": list(KM), "frequencies": [PERIOD]}
#: what a line may be given by: the stop left out saves whole minutes of them
PROFILES: dict[str, dict[str, Any]] = {
    "350": {"top_speed_kmh": 350, "rolling_stock": "CR400"},
    "stock not named": {"top_speed_kmh": 200},
    "length": {"top_speed_kmh": 160, "rolling_stock": "suburban-160", "length_km": 150},
    "hops and dwells": {
        "top_speed_kmh": 250,
        "hop_km": [31, 45, 22, 44],
        "dwell_minutes": [2, 1, 3],
    },
    "limits": {
        "top_speed_kmh": 250,
        "speed_limits": [[5, 40, 80], [60, 95, 120]],
        "length_km": 140,
    },
}


@pytest.fixture(scope="module")
def base() -> Network:
    return small_network(
        {name: (km, 0.0) for name, km in KM.items()}, {"t": [("a", "05:00"), ("e", "06:40")]}
    )


@pytest.fixture(scope="module", params=["rules", "as railways run"])
def either(base: Network, request: pytest.FixtureRequest) -> Network:
    """The network, and the same where it says how its railways run."""
    ends = {
        kind: (60.0 * k,)
        for k, kind in enumerate(("fast old", "slow old", "fast new", "slow new"), start=1)
    }
    fit = Fit(
        {"350": 0.9, "300": 0.4, "250": -0.7, "200": -0.3},
        (0.0,),
        {k: (v[0] / 25,) for k, v in ends.items()},
        {"other": 140.0},
        (),
        {},
        {},
        (),
        0.0,
    )
    return base if request.param == "rules" else replace(base, service_plans=fit.to_json())


def plan(base: Network, *modifications: dict[str, Any]) -> Plan:
    return resolve(base, scenario_from_dict({"modification": list(modifications)}))


def times(line: Line) -> list[tuple[str, int, int, int | None]]:
    """Return station, run, dwell and run back of each stop."""
    return [(s.station.station_id, s.run_s, s.dwell_s, s.run_back_s) for s in line.stops]


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("left_out", ["b", "c", "d"])
def test_a_stop_fewer_is_the_line_written_so(either: Network, profile: str, left_out: str) -> None:
    """To the second, stop by stop, the line whose trains skip the stop in a pattern."""
    given = {**LINE, **PROFILES[profile]}
    found = plan(either, given)
    pattern = {"name": "p", "skips": [left_out], "frequencies": [PERIOD]}
    written = plan(
        either,
        {k: v for k, v in given.items() if k != "frequencies"} | {"stop_patterns": [pattern]},
    )
    assert times(without_stop(found, found.lines[0], left_out)) == times(written.lines[0])


@pytest.mark.parametrize("profile", ["350", "length", "hops and dwells"])
def test_a_stop_more_is_the_line_written_so(either: Network, profile: str) -> None:
    """To the second the line with a station midway, as long to the left as to the right, and two
    minutes there.
    """
    hops = {"hop_km": [31, 45, 22, 44]}
    given = {**LINE, "rolling_stock": "CR300", **PROFILES[profile], **hops, "dwell_minutes": 2}
    given.pop("length_km", None)
    found = plan(either, given)
    lon, lat = place(50.0)
    more = with_stop(found, found.lines[0], 2, Station("m", "M", lon, lat))
    stops = ["a", "b", {"name": "m", "lon": lon, "lat": lat}, "c", "d", "e"]
    written = plan(either, {**given, "stops": stops, "hop_km": [31, 22.5, 22.5, 22, 44]})
    assert times(more) == times(written.lines[0])


def test_what_a_stop_of_a_fast_train_costs(base: Network) -> None:
    """At 350 km/h a stop costs what `run_times` says, two minutes of it standing: more than seven
    minutes, and not the 220 s of dwell and timetable loss alone. The text says so."""
    found = plan(base, {**LINE, **PROFILES["350"]})
    points = [place(km) for km in KM.values()]
    model = {"top_speed_kmh": 350, "rolling_stock": "CR400"}
    without_c = railshed.run_times(points, stops_at=[0, 1, 3, 4], **model)
    saved = railshed.run_times(points, **model).total_s - without_c.total_s
    assert saved >= 7 * 60
    (one,) = [v for v in variants_of(found, railshed.default_assumptions()) if v.key == "without_c"]
    assert one.lines is not None
    assert one_way_s(found.lines[0]) - one_way_s(one.lines[0]) == saved
    assert one.words.en == f"no stop at C ({saved / 60:g} min less by the run-time model, 350 km/h)"
    assert one.words.zh == f"不停C(运行时分模型，350公里/小时：少{saved / 60:g}分钟)"


def test_minutes_given() -> None:
    """20 km in 2,000 s are 36 km/h or 10 m/s. CRH6F starts and brakes at 0.8 m/s2, so a stop costs
    6.25 s twice, 11 % of margin on them and the 100 s of a hop: 113.9 s, and its minute."""
    network = small_network(
        {"a": (0.0, 0.0), "b": (20.0, 0.0), "c": (40.0, 0.0)},
        {"t": [("a", "05:00"), ("c", "06:00")]},
    )
    line = {
        **LINE,
        "stops": ["a", "b", "c"],
        "hop_minutes": [2000 / 60, 2000 / 60],
        "dwell_minutes": 1,
    }
    found = plan(network, line)
    (one,) = found.lines
    assert times(without_stop(found, one, "b")) == [("a", 0, 0, None), ("c", 4000 - 114, 0, None)]
    more = with_stop(found, one, 1, Station("m", "M", *place(10.0)))
    assert times(more) == [
        ("a", 0, 0, None),
        ("m", 1057, 60, None),
        ("b", 1057, 60, None),
        ("c", 2000, 0, None),
    ]
    texts = {v.key: v.words.en for v in variants_of(found, railshed.default_assumptions())}
    assert (
        texts["without_b"]
        == "no stop at B (2.9 min less by the run-time model, mean of the fastest hop, 36 km/h)"
    )
    assert (
        "midway A - B (2.9 min more by the run-time model, mean of the fastest hop, 36 km/h"
        in texts["stop_more_L"]
    )


def test_the_text_is_of_the_line_that_calls(base: Network) -> None:
    """A slow line first, a fast one second: the stop of either has its own minutes and speed, one
    of both a range.
    """
    slow = {
        **LINE,
        "name": "S",
        "stops": ["a", "b", "c"],
        "top_speed_kmh": 120,
        "rolling_stock": "suburban-120",
    }
    fast = {
        **LINE,
        "name": "F",
        "stops": ["a", "c", "d", "e"],
        "top_speed_kmh": 350,
        "rolling_stock": "CR400",
    }
    found = plan(base, slow, fast)
    texts = {v.key: v.words.en for v in variants_of(found, railshed.default_assumptions())}
    saved = {
        name: (one_way_s(line) - one_way_s(without_stop(found, line, name))) / 60
        for line, name in zip(found.lines, "bd", strict=True)
    }
    assert saved["d"] > 2 * saved["b"]
    assert (
        texts["without_b"]
        == f"no stop at B ({saved['b']:g} min less by the run-time model, 120 km/h)"
    )
    assert (
        texts["without_d"]
        == f"no stop at D ({saved['d']:g} min less by the run-time model, 350 km/h)"
    )
    both = {**slow, "stops": ["a", "b", "c", "d"]}
    text = next(
        v.words.en
        for v in variants_of(plan(base, both, fast), railshed.default_assumptions())
        if v.key == "without_c"
    )
    assert "120 km/h; 350 km/h" in text
    assert " - " in text


def test_later_modifications_are_kept(base: Network) -> None:
    """A minute more at D and trains one way past B: leaving C out saves as much as before, each
    way, and D keeps it.
    """
    given = {**LINE, **PROFILES["limits"], "rolling_stock": "CR300"}
    longer = {"type": "adjust-dwell-time", "routes": ["L"], "stops": ["d"], "dwell_minutes": 3}
    past = {"type": "remove-stops", "routes": ["L"], "stops": ["b"], "from": "a", "to": "e"}
    before, found = plan(base, given), plan(base, given, longer, past)
    out, back = found.lines
    assert [one.direction for one in (out, back)] == [0, 1]
    expected = one_way_s(before.lines[0]) - one_way_s(without_stop(before, before.lines[0], "c"))
    for one in (out, back):
        less = without_stop(found, one, "c")
        assert abs(one_way_s(one) - one_way_s(less) - expected) <= 60
        assert {s.station.station_id: s.dwell_s for s in less.stops}["d"] == 180
    # mirrored: the same tracks and limits met from the other end
    running = running_of(found, back)
    assert sorted(running.speed_limits)[0] == pytest.approx((140 - 95, 140 - 60, 120))
    assert sorted(running.speed_limits)[1] == pytest.approx((140 - 40, 140 - 5, 80))


def test_a_stop_where_the_line_runs_on_over_existing_tracks() -> None:
    """The join is a stop like others: braking, starting and its minute are saved, and no run is
    below its parts.
    """
    network = small_network(
        {"o": (-30.0, 0.0), "p": (0.0, 0.0), "q": (40.0, 0.0)},
        {"t": [("p", "08:00"), ("q", "08:20")]},
    )
    through = {
        **LINE,
        "stops": ["o", "p"],
        "top_speed_kmh": 200,
        "through": {"from": "p", "to": "q"},
    }
    found = plan(network, through)
    (one,) = found.lines
    running = running_of(found, one)
    assert running.hop_km == pytest.approx((30 * 1.06, 40 * 1.06), rel=1e-5)
    less = without_stop(found, one, "p")
    assert [s.station.station_id for s in less.stops] == ["o", "q"]
    assert 3 * 60 < one_way_s(one) - one_way_s(less) < 8 * 60
    assert less.stops[1].run_s >= max(s.run_s for s in one.stops)
