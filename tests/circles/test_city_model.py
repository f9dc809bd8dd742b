"""Journeys of a city: the hours around a window against the day, parts of the timetable against the
whole.
"""

from __future__ import annotations

import math
from dataclasses import replace
from random import Random

import numpy as np
import pytest

import railshed
from railshed.assumptions.readings import load_readings
from railshed.cells.network_cells import NetworkCells
from railshed.circles.analysis import case_of, cases_of
from railshed.circles.city_model import CityModel
from railshed.network.model import FEEDERS
from railshed.routing.directions import DIRECTIONS
from railshed.routing.journeys import Journeys
from railshed.util.geodesy import great_circle_m
from railshed.util.units import HOUR, MINUTE
from tests.support.random_worlds import prepared, world
from tests.support.seeds import each_seed

pytestmark = [pytest.mark.properties]

SEEDS = range(7_000, 7_060)
LEGS = ("station", "door-to-station", "ride-to-target", "door-to-target", "door-to-door")


def random_model(seed: int) -> tuple[CityModel, Random]:
    """Return the city of a random world, with windows before and after its trains, or at the ends
    of the day.
    """
    rng = Random(seed)
    run = prepared(world(seed).network)
    city = run.compiled.network.cities[0]
    away, length = rng.randrange(0, 4 * HOUR, MINUTE), rng.choice((15, 60, 120)) * MINUTE
    to, from_ = rng.choice(
        ((city.window_to[1] + away, max(0, city.window_to[0] - away)), (0, 0), (26 * HOUR, 0))
    )
    city = replace(city, window_to=(to, to + length), window_from=(from_, from_ + length))
    return case_of(run, city), rng


def fresh(case: CityModel) -> CityModel:
    """Return the case with nothing found yet."""
    return replace(case)


@each_seed(SEEDS)
def test_the_hours_around_a_window_give_the_minutes_of_the_day(seed: int) -> None:
    """Times, counts and gaps of any reading and window, also with the journeys of several slacks
    found before.
    """
    case, rng = random_model(seed)
    day = fresh(case)
    for legs in LEGS:
        for way in DIRECTIONS:
            reading = replace(
                load_readings()["door-to-door"],
                legs=legs,
                slack_s=rng.choice((0, 900, HOUR, 2 * HOUR)),
                early_weight=rng.choice((0.4, 0.5, 1.0)),
                random_departure=rng.random() < 0.3,
            )
            found, expected = case.journeys_of(reading, way), day.journeys(legs, way)
            assert (found is None) == (expected is None)
            if found is None or expected is None:
                continue
            span, home = case.window(reading, way), case.home_s(legs, way)
            one, other = (
                (
                    j.travel_times(span, reading.slack_s, reading.early_weight).tolist(),
                    j.summary(span, home, 90 * MINUTE).tolist(),
                )
                for j in (found, expected)
            )
            assert one == other
            if reading.turns_up(way):
                each, minutes = np.arange(len(home) + 1), np.arange(*span, MINUTE)
                for door_s in (0, 45 * MINUTE):
                    one, other = (
                        j.turn_up_minutes(minutes, each, each[:-1], home + door_s).tolist()
                        for j in (found, expected)
                    )
                    assert one == other


def test_some_windows_need_the_day_and_some_do_not() -> None:
    """Or the test above would say nothing."""
    reading = load_readings()["door-to-station"]
    known = set()
    for seed in SEEDS:
        case, _ = random_model(seed)
        case.journeys_of(reading, "to")
        known |= {search == ((0, 28 * HOUR), HOUR) for _, search in case._found}
    assert known == {True, False}


@each_seed(SEEDS)
def test_journeys_without_trains_are_those_of_a_network_without(seed: int) -> None:
    """Of the whole timetable less the trains, searched without a cut; variants share what is cut
    once.
    """
    case, rng = random_model(seed)
    others, schedule = case.without_trains(), case.compiled.schedule
    assert schedule is not None
    if others is None or others is case:
        assert schedule.train_runs.all() or not schedule.train_runs.any()
        return
    way = rng.choice(DIRECTIONS)
    if rng.random() < 0.5:
        case.journeys("station", way)
    for legs in ("station", "door-to-door"):
        found = others.journeys(legs, way)
        if found is None:
            continue
        plain = schedule.without_runs(way, schedule.train_runs)
        expected = plain.profiles(way, others.targets(legs, way), (0, 28 * HOUR), slack_s=HOUR)
        assert isinstance(found, Journeys)
        assert [found.pairs(x) for x in range(len(found.offset_s))] == [
            expected.pairs(x) for x in range(len(found.offset_s))
        ]


@each_seed(SEEDS)
def test_ways_to_one_centre(seed: int) -> None:
    """Taken from the ways to all centres, they are those of a city with this centre alone, as are
    its journeys.
    """
    case, _ = random_model(seed)
    for centre in case.city.centres:
        shared, alone = (
            case.with_centre(centre),
            replace(case, city=replace(case.city, centres=(centre,))),
        )
        for way in DIRECTIONS:
            assert shared.ways_to_centres(way) == alone.ways_to_centres(way)
            one, other = (model.journeys("door-to-door", way) for model in (shared, alone))
            assert (one is None) == (other is None)
            if one is not None and other is not None:
                assert one.fastest().tolist() == other.fastest().tolist()


def test_cells_of_many_cities_are_found_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of up to three are found city by city."""
    found: list[NetworkCells] = []
    monkeypatch.setattr(NetworkCells, "find_together", lambda cells: found.append(cells))
    run = railshed.prepare("toy")
    for n, times in ((1, 0), (3, 0), (4, 1)):
        assert [case.city.slug for case in cases_of(run, ["mid"] * n)] == ["mid"] * n
        assert found == [run.cells] * times


@each_seed(SEEDS[:20])
def test_stations_near_a_centre_by_loops(seed: int) -> None:
    """Within the reach of the fastest egress, station by station on the sphere; from an index on,
    those alone.
    """
    case, _ = random_model(seed)
    stations, every = case.compiled.network.stations, case.near_centres()
    modes = [mode for feeder in FEEDERS for mode in case.assumptions.city_modes(feeder)]
    farthest = max(mode.cap_s * mode.speed_kmh / 3.6 for mode in modes)
    metres = [
        min(
            (float(great_circle_m(s.lon, s.lat, c.lon, c.lat)) for c in case.city.centres),
            default=math.inf,
        )
        for s in stations
    ]
    assert all(abs(m - farthest) > 50 for m in metres)
    assert every == [k for k, m in enumerate(metres) if m <= farthest]
    for since in range(len(stations) + 1):
        assert case.near_centres(since) == [k for k in every if k >= since]
