"""The toy network's hand-worked numbers hold for the plain reference, which reads the feed by
itself.
"""

from __future__ import annotations

import csv
import io
import zipfile
from fractions import Fraction
from pathlib import Path

import pytest

from railshed.util.units import DAY, HOUR, MINUTE, parse_clock
from tests.support import toy_expected as toy
from tests.support.reference import (
    Call,
    RefNetwork,
    cell_times_turn_up,
    journeys_from,
    journeys_to,
    percentile,
    share_served,
    travel_time_from,
    travel_time_to,
)

FEED = Path(__file__).parents[2] / "networks" / "toy" / "timetable.zip"
BOUND = 120 * MINUTE
TO = range(7 * HOUR + 30 * MINUTE, 9 * HOUR + 30 * MINUTE, MINUTE)
FROM = range(17 * HOUR, 19 * HOUR + 30 * MINUTE, MINUTE)
ENTRY, EXIT = 10 * MINUTE, 5 * MINUTE
#: from `mid` to the main centre
BICYCLE = 14 * MINUTE + 4
HALF = Fraction(1, 2)
#: first departures of the headway line "sw", whose phase is drawn
SW_FIRST = {
    ("southwest", "midsouth"): 5 * HOUR + 4 * MINUTE + 52,
    ("midsouth", "southwest"): 5 * HOUR + 38,
}


def _rows(name: str) -> list[dict[str, str]]:
    with zipfile.ZipFile(FEED) as archive:
        return list(csv.DictReader(io.StringIO(archive.read(name).decode("utf-8"))))


@pytest.fixture(scope="module")
def toy_net() -> tuple[RefNetwork, dict[str, int]]:
    """The feed on a Wednesday, with the headway line "sw"."""
    names = [row["stop_id"] for row in _rows("stops.txt")] + ["midsouth", "southwest"]
    index = {name: i for i, name in enumerate(names)}
    daily = {row["trip_id"] for row in _rows("trips.txt") if row["service_id"] == "daily"}
    trips: dict[str, list[Call]] = {}
    for row in _rows("stop_times.txt"):
        if row["trip_id"] in daily:
            times = parse_clock(row["arrival_time"]), parse_clock(row["departure_time"])
            trips.setdefault(row["trip_id"], []).append(Call(index[row["stop_id"]], *times))
    assert len(trips) == toy.N_TRIPS_ON_THE_DAY
    for ends, first in SW_FIRST.items():
        for start in range(first, 23 * HOUR, 10 * MINUTE):
            arrival = start + 17 * MINUTE
            trips[f"{ends[0]}-{start}"] = [
                Call(index[ends[0]], start, start), Call(index[ends[1]], arrival, arrival)
            ]  # fmt: skip
    days = [
        [c._replace(arrival=c.arrival + shift, departure=c.departure + shift) for c in trip]
        for shift in (-DAY, 0, DAY)
        for trip in trips.values()
    ]
    walks = [(index[u], index[v], seconds) for (u, v), seconds in toy.WALK_S.items()]
    return RefNetwork(len(names), days, [6 * MINUTE] * len(names), walks), index


def _profiles(toy_net, find, start, end, mid=0, midsouth=0):
    """Journeys between the platforms of all stations and the end, so many seconds from those in the
    city.
    """
    net, index = toy_net
    found = find(net, {index["mid"]: mid, index["midsouth"]: midsouth}, start, end, BOUND)
    return {name: found[i] for name, i in index.items()}


@pytest.fixture(scope="module")
def profiles_to(toy_net):
    return _profiles(toy_net, journeys_to, 4 * HOUR, 10 * HOUR + 30 * MINUTE)


@pytest.fixture(scope="module")
def profiles_from(toy_net):
    return _profiles(toy_net, journeys_from, 17 * HOUR, 22 * HOUR)


@pytest.fixture(scope="module")
def desk_to(toy_net):
    return _profiles(toy_net, journeys_to, 4 * HOUR, 11 * HOUR, EXIT + BICYCLE, EXIT)


@pytest.fixture(scope="module")
def desk_from(toy_net):
    return _profiles(toy_net, journeys_from, 17 * HOUR, 23 * HOUR, ENTRY + BICYCLE, ENTRY)


def _hour(profile: list[tuple[int, int]], start: int) -> list[tuple[int, int]]:
    return [(d // 60, a // 60) for d, a in profile if start <= d < start + HOUR]


def test_profiles_to(profiles_to):
    """Journeys to the city leave and arrive as worked out, in the hour from 07:00."""
    assert {
        name: _hour(profiles_to[name], 7 * HOUR) for name in toy.STAIRCASE_TO
    } == toy.STAIRCASE_TO


def test_profiles_from(profiles_from):
    """Journeys from the city leave and arrive as worked out, in the hour from 17:00."""
    assert {
        name: _hour(profiles_from[name], 17 * HOUR) for name in toy.STAIRCASE_FROM
    } == toy.STAIRCASE_FROM


def test_fastest(profiles_to, profiles_from):
    """The fastest journeys are as worked out."""
    assert {
        x: min(a - d for d, a in profiles_to[x]) // 60 for x in toy.FASTEST_TO
    } == toy.FASTEST_TO
    assert {
        x: min(a - d for d, a in profiles_from[x]) // 60 for x in toy.FASTEST_FROM
    } == toy.FASTEST_FROM


def _doors(profile, minutes, time, slack=0, weight=HALF):
    """Travel times from door to door of the stations; `minutes` count at the door of the core
    station.
    """
    shift = EXIT if time is travel_time_to else -ENTRY
    times = (time(profile, m - shift, slack, weight) for m in minutes)
    return [None if t is None else t + ENTRY + EXIT for t in times]


def _ranked(times, p):
    """Percentiles in minutes as tables print them."""
    return {x: round(percentile(values, p) / 60, 2) for x, values in times.items()}


@pytest.mark.parametrize(
    ("expected", "p", "slack", "weight"),
    [
        (toy.DOOR_TO_STATION_TO_P50, 50, 0, HALF),
        (toy.DOOR_TO_STATION_TO_P75, 75, 0, HALF),
        (toy.DOOR_TO_STATION_TO_P50_SLACK_30, 50, 30, 1),
        (toy.DOOR_TO_STATION_TO_P50_WEIGHT_1, 50, 0, 1),
    ],
)
def test_door_to_station_to(profiles_to, expected, p, slack, weight):
    """Percentiles of the travel time to the city are as worked out."""
    times = {
        x: _doors(profiles_to[x], TO, travel_time_to, slack * MINUTE, weight) for x in expected
    }
    assert _ranked(times, p) == expected


@pytest.mark.parametrize(
    ("expected", "p"), [(toy.DOOR_TO_STATION_FROM_P50, 50), (toy.DOOR_TO_STATION_FROM_P75, 75)]
)
def test_door_to_station_from(profiles_from, expected, p):
    """Percentiles of the travel time from the city are as worked out."""
    assert (
        _ranked({x: _doors(profiles_from[x], FROM, travel_time_from) for x in expected}, p)
        == expected
    )


@pytest.mark.parametrize(
    ("expected", "p"), [(toy.DOOR_TO_DOOR_TO_P50, 50), (toy.DOOR_TO_DOOR_TO_P75, 75)]
)
def test_door_to_door_to(desk_to, expected, p):
    """So are those to the desk."""
    times = {x: [ENTRY + travel_time_to(desk_to[x], m, 0, HALF) for m in TO] for x in expected}
    assert _ranked(times, p) == expected


@pytest.mark.parametrize(
    ("expected", "p"), [(toy.DOOR_TO_DOOR_FROM_P50, 50), (toy.DOOR_TO_DOOR_FROM_P75, 75)]
)
def test_door_to_door_from(desk_from, expected, p):
    """And from the desk."""
    times = {x: [EXIT + travel_time_from(desk_from[x], m, 0, HALF) for m in FROM] for x in expected}
    assert _ranked(times, p) == expected


def test_shares(profiles_to, profiles_from):
    """So are the minutes served within 60."""
    for x, (served, n) in toy.SERVED_TO_60.items():
        assert share_served(_doors(profiles_to[x], TO, travel_time_to), HOUR) == served / n
    for x, (served, n) in toy.SERVED_FROM_60.items():
        assert share_served(_doors(profiles_from[x], FROM, travel_time_from), HOUR) == served / n


def test_turn_up(desk_to):
    """Turn up and go, from 06:30 to 08:30, is as worked out."""
    minutes = [m - HOUR for m in TO]
    times = {x: cell_times_turn_up([desk_to[x]], [(0, ENTRY)], minutes) for x in toy.TURN_UP_TO_P50}
    assert _ranked(times, 50) == toy.TURN_UP_TO_P50


def test_first_and_last(toy_net):
    """First arrivals within 60 and last trains home are as worked out, the night train
    among them.
    """
    net, index = toy_net
    morning = journeys_to(net, {index["mid"]: 0}, 0, 8 * HOUR, 45 * MINUTE)
    first = {x: min(a for _, a in morning[index[x]]) // 60 for x in toy.FIRST_ARRIVAL}
    night = journeys_from(net, {index["mid"]: ENTRY}, 20 * HOUR, 28 * HOUR, 55 * MINUTE)
    last = {x: max(d for d, _ in night[index[x]]) // 60 for x in toy.LAST_TRAIN_HOME}
    assert first == toy.FIRST_ARRIVAL
    assert last == toy.LAST_TRAIN_HOME
