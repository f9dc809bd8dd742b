"""Service days that reach a date: calls at or after 48:00 are those of earlier days, by hand."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from railshed.assumptions.assumptions import default_assumptions
from railshed.io.networks import load_network
from railshed.network.checks import validate
from railshed.network.model import Network, Service
from railshed.network.ordering import int32
from railshed.network.service_windows import days_back, low_service_window, modes_without_service
from railshed.routing.compile import compile_network, connections_of
from railshed.util.units import DAY, HOUR
from tests.support.shared import SHARED, needs
from tests.support.small_networks import DATE, small_network

PEAK = (27_000, 34_200)


def shifted(network: Network, days: int) -> Network:
    """Return the network with all times so many days later, and its calendar so many days
    earlier.
    """
    calls, back = network.stop_times, dt.timedelta(days=days)
    times = {
        name: int32(getattr(calls, name) + days * DAY) for name in ("arrival_s", "departure_s")
    }
    services = tuple(_moved(service, back, days) for service in network.services)
    return replace(network, stop_times=replace(calls, **times), services=services)


def _moved(service: Service, back: dt.timedelta, days: int) -> Service:
    weekdays = tuple(service.weekdays[(k + days) % 7] for k in range(7))
    return replace(
        service,
        start_date=service.start_date - back,
        end_date=service.end_date - back,
        weekdays=weekdays,
    )


def same_times(one: Network, other: Network) -> bool:
    """Return whether all travel times of the morning and the evening to and from the first station
    are equal.
    """
    tables = []
    for network in (one, other):
        compiled = compile_network(network, default_assumptions({}))
        found = [
            compiled.profiles(way, {0: 0}, PEAK, slack_s=1800).travel_times(PEAK, 1800)
            for way in ("to", "from")
        ]
        tables.append(found)
    return all(np.array_equal(a, b) for a, b in zip(*tables, strict=True))


@pytest.mark.parametrize(
    ("latest", "days"), [("23:59", 1), ("39:59", 1), ("40:00", 2), ("64:00", 3)]
)
def test_days_back(latest: str, days: int) -> None:
    """From 16:00 of the day before on: 40:00 less two days, 64:00 less three."""
    hours, minutes = latest.split(":")
    assert days_back(int(hours) * HOUR + int(minutes) * 60, -8 * HOUR) == days


def test_a_train_of_three_days() -> None:
    """08:00 to 80:20 with a call an hour or so a day: on a date stand the three parts of three
    days' trains.
    """
    calls = [
        ("a", "08:00"),
        ("b", "08:30"),
        ("a", "32:00"),
        ("b", "32:10"),
        ("a", "80:00"),
        ("b", "80:20"),
    ]
    network = small_network({"a": (0, 0), "b": (9, 0)}, {"t": calls})
    rows, trips, shifts = connections_of(network, DATE)
    assert shifts.tolist() == [
        -3 * DAY,
        -2 * DAY,
        -DAY,
        0,
        DAY,
    ]  # one run each, cut to -08:00 to 40:00 of the date
    assert trips.tolist() == [0] * 5
    inside = [
        (d - DAY, a - DAY)
        for d, a in rows[:, :2].tolist()
        if d >= DAY and a - d < HOUR and d < 2 * DAY
    ]
    assert sorted(inside) == [(28_800, 29_400), (28_800, 30_000), (28_800, 30_600)]


@needs("gtfs/mtr_hsr_hongkong_2026-01-26.zip", "gtfs/sao_paulo_freq_sample.zip")
@pytest.mark.parametrize(
    ("name", "date"),
    [("mtr_hsr_hongkong_2026-01-26", "2026-01-29"), ("sao_paulo_freq_sample", "2014-02-25")],
)
@pytest.mark.parametrize("days", [1, 2, 3])
def test_a_feed_of_days_ago_gives_the_same_times(name: str, date: str, days: int) -> None:
    """Times so many days later with a calendar so many days earlier; series by headway too."""
    network = load_network(SHARED / "gtfs" / f"{name}.zip", date=date)
    later = shifted(network, days)
    assert same_times(network, later)
    assert [issue.code for issue in validate(later)] == [issue.code for issue in validate(network)]
    assert modes_without_service(later, PEAK) == modes_without_service(network, PEAK)
    assert low_service_window(later, PEAK) == low_service_window(network, PEAK)


def test_a_date_that_no_service_day_reaches() -> None:
    """Calls at 56:00 alone: on the first day of the calendar no trip is under way, two days later
    it is.
    """
    network = small_network({"a": (0, 0), "b": (9, 0)}, {"t": [("a", "56:00"), ("b", "56:20")]})
    first = replace(network, services=(replace(network.services[0], start_date=DATE),))
    assert [(i.code, i.message) for i in validate(first)] == [
        ("no-trips", "no trip runs on the date")
    ]
    assert low_service_window(first, PEAK).n_trips == 0
    later = replace(first, date=DATE + dt.timedelta(days=2))
    assert validate(later) == []
    assert low_service_window(later, PEAK) is None


def test_trips_under_way_are_those_counted_one_by_one() -> None:
    """The busiest window begins at the first minute with the most trips of yesterday, today and
    tomorrow.
    """
    rng, hour = np.random.default_rng(7), 3_600
    starts = [
        *rng.integers(6 * hour, 23 * hour, 60).tolist(),
        27 * hour,
        23 * hour + 59 * 60,
        0,
        23 * hour - 1,
    ]
    clock = [
        [f"{t // hour:02}:{t // 60 % 60:02}:{t % 60:02}" for t in (s, s + 1_801)] for s in starts
    ]
    trips = {f"t{k}": [("a", one), ("b", other)] for k, (one, other) in enumerate(clock)}
    network = small_network({"a": (0, 0), "b": (9, 0)}, trips)

    def under_way(start: int) -> int:
        return sum(
            s + d < start + hour <= s + d + 1_801 + hour for s in starts for d in (-DAY, 0, DAY)
        )

    found = low_service_window(network, (3 * hour, 4 * hour))
    each = [under_way(minute * 60) for minute in range(1440)]
    assert found is not None
    assert (found.n_trips, found.n_busiest, found.busiest[0]) == (
        each[180],
        max(each),
        each.index(max(each)) * 60,
    )
    assert found.n_usual == each[180] > 0
