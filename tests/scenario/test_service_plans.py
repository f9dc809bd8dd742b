"""What railways say of a planned line, and draws of its trains: hand-worked corridors, keys, and
what is left out.
"""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from railshed.network.model import Network
from railshed.scenario.run_times.run_times import LineRun
from railshed.scenario.service_plans.corridors import (
    Corridor,
    Railway,
    Train,
    TrainDay,
    corridor_of,
    people_near,
    served_by_trains,
)
from railshed.scenario.service_plans.draws import (
    RunErrors,
    Service,
    Timing,
    _like,
    draw_trains,
    end_pools,
    generator,
    hop_s,
    trains_apart,
)
from railshed.scenario.service_plans.fit import Fit, as_seen, end_of, features, fit_of
from railshed.util.geodesy import great_circle_m
from railshed.util.units import HOUR, MINUTE
from tests.support.small_networks import small_network

PLACES = {"a": (0, 0), "b": (30, 0), "c": (60, 0), "d": (90, 0), "x": (30, 40)}
TRIPS = {
    "out": [("a", "07:00"), ("b", "07:15"), ("d", "07:45")],
    "back": [("d", "08:00"), ("c", "08:12"), ("a", "08:40")],
    "aside": [("a", "09:00"), ("x", "09:30"), ("b", "10:00")],
    "once": [("c", "10:00"), ("x", "11:00")],
    "turns": [("a", "12:00"), ("c", "12:30"), ("b", "12:50")],
}
LINE = Railway("line", "Line", ("a", "b", "c", "d"), 250.0, n_trains=20)


def network(route_type: int = 2) -> Network:
    return small_network(PLACES, TRIPS, route_type=route_type)


def test_trains_of_a_railway_call_twice_in_its_order() -> None:
    """By direction, with what is direct; one that turns round, and one that calls once, are none of
    its own.
    """
    out, back = TrainDay.of(network()).trains_on(LINE.station_ids)
    assert sorted((t.place.tolist(), t.direct) for t in out) == [([0, 1], False), ([0, 1, 3], True)]
    assert [(t.place.tolist(), t.direct) for t in back] == [([3, 2, 0], True)]
    assert back[0].arrival_s.tolist() == [8 * HOUR, 8 * HOUR + 12 * MINUTE, 8 * HOUR + 40 * MINUTE]
    through = TrainDay.of(network()).trains_on(LINE.station_ids, through={"d"})
    assert [[t.place.tolist() for t in way] for way in through] == [[[0, 1, 3]], [[3, 2, 0]]]


def test_a_day_without_stations_is_without_their_trains() -> None:
    day = TrainDay.of(network())
    assert day.n_trains.tolist() == [4, 3, 3, 2, 2]
    left = day.without({"x", "nowhere"})
    assert left.n_trains.tolist() == [3, 2, 2, 2, 0]
    assert served_by_trains(network()) == {"a", "b", "c", "d", "x"}
    assert not served_by_trains(network(route_type=1))
    assert TrainDay.of(network(route_type=1)).n_trains.tolist() == [0] * 5  # a metro


def test_a_corridor_counts_others_and_shares() -> None:
    """Own trains call 3, 2, 1, 2 times; half a call and one train more keep shares from 0 and 1."""
    found = corridor_of(TrainDay.of(network()), LINE)
    assert found.others.tolist() == [1, 1, 2, 0]
    assert found.n_trains() == 1.5
    assert found.stop_shares().tolist() == pytest.approx(
        [
            (2.5 / 3 + 1.5 / 2) / 2,
            (2.5 / 3 + 0.5 / 2) / 2,
            (0.5 / 3 + 1.5 / 2) / 2,
            (1.5 / 3 + 1.5 / 2) / 2,
        ]
    )
    assert found.kind == "250"
    assert found.spacing_km == pytest.approx(30 * 1.05, rel=0.01)  # the usual detour
    assert [
        corridor_of(TrainDay.of(network()), replace(LINE, top_speed_kmh=v)).kind
        for v in (160, 250, 300, 310)
    ] == [
        "200",
        "250",
        "300",
        "350",
    ]


def test_a_length_below_the_straight_line_is_left_out() -> None:
    """What is announced is often the length of the new track alone."""
    assert replace(LINE, length_km=100).run(network()).length_km == 100
    assert replace(LINE, length_km=40).run(network()).length_km is None


def test_people_near_are_those_within_twelve_km(china: Network) -> None:
    table, station = china.population, china.stations[5]
    assert table is not None
    away = great_circle_m(
        station.lon, station.lat, table["lon"].to_numpy(), table["lat"].to_numpy()
    )
    found = people_near(china, np.array([station.lon]), np.array([station.lat]))
    assert found.tolist() == pytest.approx([table["people"].to_numpy()[away < 12_000].sum()])


def corridors(n: int = 6, *, late_s: int = 0) -> list[Corridor]:
    """Return corridors whose hops take the rules' time and 2 minutes more, 5 at both ends; one
    takes `late_s` more.
    """
    found = []
    for k in range(n):
        base = corridor_of(TrainDay.of(network()), replace(LINE, line_id=f"l{k}"))
        base = replace(base, core=("", "", "", "city"))
        trains = []
        for way in (0, 1):
            mine = []
            for j in range(10 + k):
                places = [0, 1, 2, 3] if j % 2 else [0, 1, 3]
                seconds = [0.0]
                for one, other in pairwise(places):
                    end = 5 * MINUTE if one == 0 or other == 3 else 0
                    seconds.append(
                        seconds[-1] + base.hop_s(one, other) + 2 * MINUTE + end + late_s * (k == 0)
                    )
                at = np.array(seconds) + 6 * HOUR + j * HOUR
                if way:
                    at = (at.max() - at + at.min())[::-1]
                    places = places[::-1]
                whole = np.round(at).astype(np.int64)
                mine.append(Train(np.array(places), whole, whole))
            trains.append(tuple(mine))
        found.append(replace(base, trains=(trains[0], trains[1])))
    return found


def test_a_fit_finds_what_was_put_in() -> None:
    """Two minutes a hop, five at ends beyond these, no line slower than another."""
    fit = fit_of(corridors(), [(10, 20), (40, 80)])
    assert fit.hop_min["250"] == pytest.approx(2, abs=0.05)
    assert {end: np.round(values).tolist() for end, values in fit.end_min.items()} == {
        "fast old": [5.0] * 6,
        "fast new": [5.0] * 6,  # others call at the first station
    }
    assert {kind: len(pool) for kind, pool in fit.stop_line.items()} == {"other": 6}
    assert {kind: len(pool) for kind, pool in fit.stop_station.items()} == {"hub": 12, "other": 12}
    assert fit.line_log == pytest.approx([0] * 6, abs=0.01)
    assert fit.growth == pytest.approx((math.log(2), 1))
    assert fit.growth_log == pytest.approx((0, 0))
    assert len(fit.days) == 6
    assert fit.first_s == 6 * HOUR
    shares = 1 / (1 + np.exp(-(features(corridors()[0], 10) @ np.array(fit.stop_logit))))
    assert shares[2] < 0.75 < shares[[0, 1, 3]].min()


def test_one_corridor_counts_once_however_late() -> None:
    """A line ten minutes slow on every hop moves no median of six."""
    plain, odd = fit_of(corridors()), fit_of(corridors(late_s=600))
    assert odd.hop_min == pytest.approx(plain.hop_min, abs=0.01)
    assert max(odd.line_log) > 0.3


def test_growth_is_the_line_of_the_median_slope() -> None:
    """Ten became thirty, forty stayed: slope (log 40 - log 30) / (log 40 - log 10), and nothing is
    left of two.
    """
    fit = fit_of(corridors(), [(10, 30), (40, 40)])
    slope = math.log(40 / 30) / math.log(4)
    assert fit.growth == pytest.approx((math.log(30) - slope * math.log(10), slope))
    assert fit_of(corridors(), [(10, 90), (40, 10)]).growth[1] == 0  # no falling line
    assert fit_of(corridors()).growth == (0.0, 1.0)


def test_a_train_is_timed_hop_by_hop() -> None:
    """Rules and 2 minutes times the line's factor, ends added, whole minutes, a dwell at each call
    on the way.
    """
    corridor, fit = corridors()[0], fit_of(corridors())
    fit = replace(fit, dwell_s={"other": 120.0})
    errors = RunErrors(math.log(1.5), (3.0, -1.0))
    first = (corridor.hop_s(0, 1) + 120) * 1.5 + 180
    last = (corridor.hop_s(1, 3) + 120) * 1.5 - 60
    assert hop_s(corridor, fit, errors, 1, 0) == pytest.approx(first, abs=3)
    timing = Timing(corridor, fit, errors)
    (train,) = timing.trains([0, 1, 3], [8 * HOUR])
    assert train.departure_s[0] == 8 * HOUR
    assert train.departure_s[1] - train.arrival_s[1] == 120
    assert train.arrival_s[2] == pytest.approx(8 * HOUR + first + 120 + last, abs=33)
    assert not (np.concatenate(train[1:3]) % MINUTE).any()
    (arriving,) = timing.trains([3, 1, 0], [8 * HOUR], arriving=True)
    assert arriving.arrival_s[-1] == 8 * HOUR
    assert hop_s(corridor, fit, RunErrors(-5.0, (0, 0)), 1, 2) == 0.6 * corridor.hop_s(1, 2)


def test_a_planned_line_runs_as_railways_do() -> None:
    """Its hops are those of the median errors; a limit stands for an approach, a metro stays on
    tracks of its own.
    """
    corridor, fit = corridors()[0], fit_of(corridors())
    base = replace(network(), service_plans=fit.to_json())
    stations = [s for key in LINE.station_ids for s in base.stations if s.station_id == key]
    places = [(s.lon, s.lat) for s in stations]

    def hops(**given: Any) -> list[float]:
        run = LineRun(places, **{"top_speed_kmh": 250.0, "round_to_s": 0} | given)
        return [hop.run_s for hop in as_seen(run, base, stations).times().hops]

    old = replace(corridor, core=("",) * 4, others=np.ones(4, int))  # others call at every station
    first, last = (float(np.median(pool)) for pool in end_pools(old, fit))
    usual = RunErrors(0.0, (first, last))
    assert hops() == pytest.approx(
        [hop_s(corridor, fit, usual, k, k + 1) for k in range(3)], abs=0.1
    )
    limited = {"speed_limits": [(90.0, 94.0, 120.0)]}
    late = LineRun(places, top_speed_kmh=250.0, **limited)
    assert hops(**limited)[:2] == pytest.approx(hops()[:2])
    assert hops(**limited)[2] == pytest.approx(late.hop_seconds(2, 3) + 120, abs=3)
    metro = {"rolling_stock": "metro-100", "top_speed_kmh": 100.0}
    assert hops(**metro) == [
        hop.run_s for hop in LineRun(places, round_to_s=0, **metro).times().hops
    ]
    part = as_seen(
        LineRun(places, top_speed_kmh=250.0, round_to_s=0), base, stations, whole=False
    ).times()
    assert part.hops[0].run_s == pytest.approx(hops()[0] - 300, abs=3)


def test_a_higher_top_speed_is_never_slower() -> None:
    """Also where railways for 250 km/h lose less at each hop than faster ones, and these less than
    the fastest.
    """
    fit = replace(fit_of(corridors()), hop_min={"250": -0.7, "300": 0.5, "350": 1.5, "200": -0.3})
    base = replace(network(), service_plans=fit.to_json())
    places = [(s.lon, s.lat) for s in base.stations[:4]]
    took = [
        as_seen(LineRun(places, top_speed_kmh=float(v), round_to_s=0), base, base.stations[:4])
        .times()
        .total_s
        for v in range(250, 360, 10)
    ]
    assert took == sorted(took, reverse=True)


@pytest.fixture(scope="module")
def fitted() -> tuple[Corridor, Fit]:
    return replace(corridors()[0], trains=((), ())), fit_of(corridors())


def test_draws_have_keys(fitted: tuple[Corridor, Fit]) -> None:
    """The same key gives the same trains to the second, another draw or line others."""
    corridor, fit = fitted

    def drawn(*key: object) -> list[list[int]]:
        trains = draw_trains(corridor, fit, 12, "city", generator(*key))
        return [[*t.place.tolist(), *t.arrival_s.tolist(), *t.departure_s.tolist()] for t in trains]

    assert drawn(0, "l", 1) == drawn(0, "l", 1)
    assert drawn(0, "l", 1) != drawn(0, "l", 2) != drawn(0, "m", 2)


def test_drawn_trains_are_trains(fitted: tuple[Corridor, Fit]) -> None:
    """Two calls or more in the order of travel, none before the first train of a day, both ways."""
    corridor, fit = fitted
    for draw in range(30):
        trains = draw_trains(corridor, fit, 12, "city", generator(draw))
        ways = set()
        for train in trains:
            steps = np.diff(train.place)
            assert len(train.place) > 1
            assert (steps > 0).all() or (steps < 0).all()
            assert (np.diff(train.arrival_s) > 0).all()
            assert (train.departure_s >= train.arrival_s).all()
            assert train.departure_s[0] >= fit.first_s
            ways.add(int(steps[0] < 0))
        assert ways == {0, 1}


def test_trains_apart_are_those_trains(fitted: tuple[Corridor, Fit]) -> None:
    """Of the network's own stations, in their order; nothing else runs."""
    corridor, fit = fitted
    base = network()
    trains = draw_trains(corridor, fit, 3, "city", generator(4))
    apart = trains_apart(base, [Service("line", corridor.station_ids, trains)])
    assert apart.stations is base.stations
    day = TrainDay.of(apart)
    found = sorted(
        (t.place.tolist(), t.arrival_s.tolist(), t.departure_s.tolist())
        for way in day.trains_on(corridor.station_ids)
        for t in way
    )
    assert found == sorted(
        (t.place.tolist(), t.arrival_s.tolist(), t.departure_s.tolist()) for t in trains
    )
    assert trains_apart(base, [Service("line", corridor.station_ids, [])]).n_trips == 0


def test_an_end_without_other_trains_is_new() -> None:
    """At a core station too; where others call, the core stations are apart."""
    assert [end_of(True, city, old) for city in ("", "city") for old in (False, True)] == [
        "fast new",
        "fast old",
        "fast new",
        "fast core",
    ]
    assert end_of(False, "", True) == "slow old"


def test_a_day_of_one_train_is_spread_from_seven_to_twenty_one() -> None:
    """A thousand trains lie evenly between 7:00 and 21:00, in order."""
    found = _like([8 * HOUR], 1000, generator("x"))
    assert found[0] >= 7 * HOUR
    assert found[-1] <= 21 * HOUR
    assert np.abs(found - np.linspace(7 * HOUR, 21 * HOUR, 1000)).max() < HOUR
