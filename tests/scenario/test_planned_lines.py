"""Added lines as they run once later modifications are applied: lines written so give just the
trips that are there.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from random import Random
from typing import Any

import geopandas as gpd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from railshed.network.lines import Line, expand
from railshed.network.model import Network
from railshed.questions.data.scenario_tables import plain_scenario, scenario_blocks
from railshed.scenario.apply import resolve
from railshed.scenario.edits import calls_of
from railshed.scenario.files import scenario_from_dict
from railshed.scenario.plan import Plan
from railshed.scenario.planned_lines import _periods, kind_of, lines_of, off_land, service_of
from railshed.show.console import show
from railshed.util.errors import InputError
from tests.support.random_networks import random_network, random_targets, to_model
from tests.support.random_scenarios import canonical, line, modification, scenario
from tests.support.small_networks import place, small_network

PERIOD = {"start_time": "06:00", "end_time": "08:00", "headway_minutes": 10}
#: 21 minutes one way with a minute at B, twelve trains each way
LINE = {
    "type": "add-trips",
    "name": "L",
    "stops": ["a", "b", "c"],
    "hop_minutes": [10, 10],
    "dwell_minutes": 1,
    "frequencies": [PERIOD],
}

Train = tuple[tuple[str, ...], tuple[int, ...], tuple[int, ...]]


@pytest.fixture(scope="module")
def base() -> Network:
    places = {"a": (0.0, 0.0), "b": (10.0, 0.0), "c": (20.0, 0.0), "d": (30.0, 0.0)}
    return small_network(places, {"t": [("a", "05:00"), ("d", "05:40")]})


def after(base: Network, *later: dict[str, Any]) -> Plan:
    return resolve(base, scenario_from_dict({"modification": [LINE, *later]}))


def written(found: Plan) -> Counter[Train]:
    """Return the trains of the lines: stations, departures but the last, arrivals but the first."""
    return Counter(
        (
            run.station_ids,
            tuple(run.departure_s[k, :-1].tolist()),
            tuple(run.arrival_s[k, 1:].tolist()),
        )
        for line, seed in zip(found.lines, found.seeds, strict=True)
        for run in expand(line, seed)
        for k in range(len(run.trip_ids))
    )


def running(found: Plan, routes: set[str]) -> Counter[Train]:
    """Return the trains of these routes in the network."""
    network = found.network
    trips = [k for k, route in enumerate(network.trips.route_ids) if route in routes]
    return Counter(
        (
            tuple(network.stations[k].station_id for k in calls.station_idx),
            tuple(calls.departure_s[:-1]),
            tuple(calls.arrival_s[1:]),
        )
        for calls in calls_of(network, trips).values()
    )


def shape(line: Line) -> tuple[Any, ...]:
    return (
        line.line_id,
        "".join(stop.station.station_id for stop in line.stops),
        line.direction,
        line.bidirectional,
        [(stop.run_s, stop.dwell_s, stop.run_back_s) for stop in line.stops[1:]],
        [p.headway_s for p in line.periods],
    )


SLOW = {**PERIOD, "headway_minutes": 20}
CASES: dict[str, tuple[list[dict[str, Any]], list[tuple[Any, ...]]]] = {
    "nothing": ([], [("L", "abc", 0, True, [(600, 60, None), (600, 0, None)], [600])]),
    "half the trains": (
        [{"type": "adjust-frequency", "routes": ["L"], "frequencies": [SLOW]}],
        [("L", "abc", 0, True, [(600, 60, None), (600, 0, None)], [1200])],
    ),
    "twice as fast, standing two minutes": (
        [
            {"type": "adjust-speed", "routes": ["L"], "scale": 2},
            {"type": "adjust-dwell-time", "routes": ["L"], "dwell_minutes": 2},
        ],
        [("L", "abc", 0, True, [(300, 120, None), (300, 0, None)], [600])],
    ),
    "twice as fast outward": (
        [{"type": "adjust-speed", "routes": ["L"], "from": "a", "to": "c", "scale": 2}],
        [("L", "abc", 0, True, [(300, 60, 600), (300, 0, 600)], [600])],
    ),
    "past B": (
        [{"type": "remove-stops", "routes": ["L"], "stops": ["b"]}],
        [("L", "ac", 0, True, [(1200, 0, None)], [600])],
    ),
    "past B outward": (
        [{"type": "remove-stops", "from": "a", "to": "c", "routes": ["L"], "stops": ["b"]}],
        [
            ("L", "ac", 0, False, [(1200, 0, None)], [600]),
            ("L [2]", "cba", 1, False, [(600, 60, None), (600, 0, None)], [600]),
        ],
    ),
    "from B alone": (
        [{"type": "remove-stops", "routes": ["L"], "stops": ["a"]}],
        [
            ("L", "bc", 0, False, [(600, 0, None)], [600]),
            ("L [2]", "cb", 1, False, [(600, 0, None)], [600]),
        ],
    ),
    "on to D": (
        [
            {
                "type": "reroute",
                "routes": ["L"],
                "from": "a",
                "to": "c",
                "from_stop": "c",
                "stops": ["d"],
                "hop_minutes": [9],
            },
            {
                "type": "reroute",
                "routes": ["L"],
                "from": "c",
                "to": "a",
                "to_stop": "c",
                "stops": ["d"],
                "hop_minutes": [9],
            },
        ],
        [
            ("L", "abcd", 0, False, [(600, 60, None), (600, 0, None), (540, 0, None)], [600]),
            ("L [2]", "dcba", 1, False, [(540, 0, None), (600, 60, None), (600, 0, None)], [600]),
        ],
    ),
    "outward only": (
        [{"type": "remove-trips", "routes": ["L"], "from": "c", "to": "a"}],
        [("L", "abc", 0, False, [(600, 60, None), (600, 0, None)], [600])],
    ),
    "nothing left": ([{"type": "remove-trips", "routes": ["L"]}], []),
}


@pytest.mark.parametrize("case", CASES)
def test_a_line_as_later_modifications_leave_it(base: Network, case: str) -> None:
    """Stations, runs, dwells, headways and ways are those of the trips at the end; `as_added` keeps
    the others. Trains that leave 11 minutes later one way alone have no period in common."""
    later, expected = CASES[case]
    found = after(base, *later)
    assert [shape(one) for one in found.lines] == expected
    assert written(found) == running(found, {"L"})
    assert [one.line_id for one in found.as_added] == ["L"]
    if not later:
        assert found.lines == found.as_added


def test_lines_are_printed_as_later_modifications_leave_them(
    base: Network, capsys: pytest.CaptureFixture[str]
) -> None:
    """`railshed scenario`: every 20 min, six trains a way, 6 min a hop outward, 10 back and a
    minute at B.
    """
    later = [
        {"type": "adjust-frequency", "routes": ["L"], "frequencies": [SLOW]},
        {"type": "adjust-speed", "routes": ["L"], "from": "a", "to": "c", "scale": 10 / 6},
    ]
    found = after(base, *later)
    whole = scenario_from_dict({"modification": [LINE, *later]})
    (printed,) = plain_scenario(found, base, whole)["lines"]
    assert printed["trips"] == [6, 6]
    assert [p["headway_minutes"] for p in printed["frequencies"]] == [20]
    assert [(s["run_minutes"], s["run_back_minutes"]) for s in printed["stops"]] == [
        (0, 0),
        (6, 10),
        (6, 10),
    ]
    show(scenario_blocks(found, base, whole), "en")
    text = " ".join(capsys.readouterr().out.split())
    assert "L: 6 + 6 trips a day" in text
    assert "every 20 min, back in 21 min" in text
    assert "lines are shown as later modifications leave them" in text


def test_headways_of_a_part_of_the_day(base: Network) -> None:
    """Every 10 min until 07:00 and every 20 after it: six trains and three a way, the line's own
    and drawn phases.
    """
    half = {**SLOW, "start_time": "07:00"}
    found = after(base, {"type": "adjust-frequency", "routes": ["L"], "frequencies": [half]})
    assert sum(written(found).values()) == 2 * (6 + 3)
    assert written(found) == running(found, {"L"})
    headways = {one.direction: {p.headway_s for p in one.periods} for one in found.lines}
    assert all({600, 1200} <= each for each in headways.values())


def test_a_line_taken_away_and_added_again_is_the_second(base: Network) -> None:
    """The same name may stand for another line after the first is gone: its minutes count, once."""
    again = {**LINE, "hop_minutes": [4, 4]}
    found = after(base, {"type": "remove-trips", "routes": ["L"]}, again)
    assert [[stop.run_s for stop in one.stops] for one in found.lines] == [[0, 240, 240]]
    assert written(found) == running(found, {"L"})


@pytest.mark.parametrize(("east_km", "outside_km"), [(20, 0), (24, 0), (26, 6), (40, 20)])
def test_a_line_into_the_sea_is_warned_of(east_km: float, outside_km: int) -> None:
    """Kilometres beyond the counties, from 5 on; a network without counties warns of nothing."""
    square = gpd.GeoDataFrame(
        {"county_code": ["1"]},
        geometry=[shapely.box(*place(-5, -5), *place(20, 5))],
        crs="EPSG:4326",
    )
    places = {"a": (0.0, 0.0), "b": (10.0, 0.0), "z": (float(east_km), 0.0)}
    network = small_network(places, {"t": [("a", "05:00"), ("b", "05:40")]}, counties=square)
    plan = scenario_from_dict({"modification": [{**LINE, "stops": ["a", "b", "z"]}]})
    found = resolve(network, plan)
    assert [f"{outside_km} km of L," in words.en for words in found.warnings] == [True] * bool(
        outside_km
    )
    assert list(off_land(replace(network, counties=None), found.lines)) == []


def test_periods_are_read_off_departures() -> None:
    """0, 10, 20, 35, 45: every 10 to 30, then every 10 to 55; none goes on past the next one's
    start; a train alone.
    """

    def read(*times: int) -> list[tuple[int, int, int]]:
        return [(p.start_s, p.end_s, p.headway_s) for p in _periods(times)]

    assert read(0, 10, 20, 35, 45) == [(0, 30, 10), (35, 55, 10)]
    assert read(0, 30, 40) == [(0, 40, 30), (40, 50, 10)]
    assert read(7) == [(7, 67, 86_400)]
    lone = [(start, start + 60, 86_400) for start in (0, 6000)]
    gaps = [(p.start_s, p.end_s, p.headway_s) for p in _periods((0, 3000, 3600, 4200, 6000), 600)]
    assert gaps == [lone[0], (3000, 4800, 600), lone[1]]


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10**6))
def test_lines_of_random_scenarios_give_the_trips_that_run(seed: int) -> None:
    """Whatever modifications follow: the lines at the end are just the trips of their routes, train
    by train.
    """
    rng = Random(seed)
    net = random_network(rng)
    network = canonical(to_model(net, targets=list(random_targets(rng, net))))
    added = [line(rng, network, name) for name in ("新线", "二线")]
    aimed = [
        {
            "type": "adjust-frequency",
            "routes": ["新线"],
            "frequencies": [
                {
                    "start_time": "08:00",
                    "end_time": "11:00",
                    "headway_minutes": rng.choice((5, 13, 40)),
                }
            ],
        },
        {"type": "adjust-speed", "routes": ["新线"], "scale": rng.choice((0.5, 1.3))},
        {"type": "adjust-dwell-time", "routes": ["新线"], "dwell_minutes": 2},
        {
            "type": "remove-stops",
            "routes": ["新线"],
            "stops": [rng.choice(network.stations).station_id],
        },
        {"type": "remove-trips", "routes": ["新线"], "start_time": "08:10", "end_time": "08:40"},
        {
            "type": "adjust-speed",
            "routes": ["新线", "二线"],
            "start_time": "08:00",
            "end_time": "09:00",
            "scale": 1.1,
        },
        modification(rng, network, 0),
    ]
    later = rng.sample(aimed, rng.randint(1, 3))
    try:
        found = resolve(network, scenario(*added, *later))
    except InputError:
        return
    routes = {one.route_id or one.line_id for one in found.as_added}
    assert written(found) == running(found, routes)
    assert len({one.line_id for one in found.lines}) == len(found.lines)


def test_the_kind_of_most_trains_has_the_id_of_the_line(base: Network) -> None:
    """Outward three trains that stand a minute at B and one, earlier, that stands three: it is the
    second line.
    """
    (line,) = after(base, {"type": "remove-trips", "routes": ["L"], "from": "c", "to": "a"}).lines
    trains = [
        (
            kind_of(
                0,
                "abc",
                (t, t + 600, t + 1200 + dwell_s),
                (t, t + 600 + dwell_s, t + 1200 + dwell_s),
            ),
            t,
        )
        for t, dwell_s in ((20_000, 180), (21_600, 60), (22_200, 60), (22_800, 60))
    ]
    found = lines_of(line, 0, service_of(trains), {s.station_id: s for s in base.stations})
    assert [(one.line_id, one.stops[1].dwell_s, one.periods[0].start_s) for one in found] == [
        ("L", 60, 21_600),
        ("L [2]", 180, 20_000),
    ]
