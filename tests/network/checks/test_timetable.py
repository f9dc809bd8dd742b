"""Checks of trips, times, services and dates: each problem on a network that has it, and a near
miss that has not.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from railshed.network.checks import validate
from railshed.network.checks.facts import gather
from railshed.network.checks.timetable import fast_trips, speeds
from railshed.network.dates import Days
from railshed.network.model import Links, Service
from railshed.network.ordering import int32
from railshed.network.route_types import MAX_SPEED_KMH, find_mode
from railshed.util.errors import Issue
from tests.support.issues import codes, texts
from tests.support.small_networks import BACK, DAILY, DATE, LINE, OUT, small_network

WEEK = dt.timedelta(weeks=1)
#: on Mondays from a Tuesday on, but not on the first
SECOND_MONDAY = {
    "start_date": dt.date(2024, 1, 2),
    "weekdays": (True, *(False,) * 6),
    "removed": Days.of({dt.date(2024, 1, 8)}),
}


def hop(km, start="08:00", end="08:05", route_type=1, **trips):
    """A and B so many kilometres apart, one trip between them, and others."""
    return small_network(
        {"a": (0, 0), "b": (km, 0)},
        {"t1": [("a", start), ("b", end)], **trips},
        route_type=route_type,
    )


@pytest.mark.parametrize("route_type", [0, 1, 2, 3, 4, 6, 109, 1100, 1700])
def test_speed_limits_by_mode(route_type):
    """A leg of 5 minutes, 2 to spare for rounding, may be 7/60 of the limit long; 1 % more is
    doubted.
    """
    limit = MAX_SPEED_KMH[find_mode(route_type)]
    km = limit * 7 / 60
    assert codes(hop(km * 0.99, route_type=route_type)) == []
    assert codes(hop(km * 1.01, route_type=route_type)) == ["impossible-speed"]


def test_one_warning_a_pair_with_its_fastest_leg():
    """20 km in 5 minutes (171 km/h with 2 to spare), in 4 (200) and back in 6 (150): the second is
    named, 2 of 3.
    """
    network = hop(20, t2=[("a", "09:00"), ("b", "09:04")], t3=[("b", "10:00"), ("a", "10:06")])
    (speed,) = texts(network)
    assert speed == (
        "warning impossible-speed: trip t2 leaves A 09:00 and reaches B 09:04; 2 of 3 legs between "
        "the two too fast "
        "(given: '20.0 km in 4 min') -> above 160 km/h (metro) in a straight line: check the times "
        "and both coordinates"
    )


def test_odd_seconds_are_taken_at_their_word():
    """14 km in 5 minutes: 120 km/h with 2 minutes to spare; with odd seconds and half a minute 153;
    15 km 164.
    """
    assert codes(hop(14, "08:00:10", "08:05:10")) == []
    assert codes(hop(15, "08:00:10", "08:05:10")) == ["impossible-speed"]
    assert codes(hop(15)) == []


def test_legs_of_no_time():
    """1.5 km and 1.2 km in no time are one warning, 0.9 km is rounding between neighbours."""
    stations = {"a": (0, 0), "b": (1.5, 0), "c": (2.7, 0), "d": (3.6, 0)}
    calls = [("a", "08:00"), ("b", "08:00"), ("c", "08:00"), ("d", "08:00")]
    (zero,) = texts(small_network(stations, {"t1": calls, "t2": [(s, "09:00") for s, _ in calls]}))
    assert zero == (
        "warning zero-time-hop: field arrival: 4 legs between 2 pairs of stations more than 1 km "
        "apart take no time, "
        "the longest 1.5 km: trip t1 leaves A 08:00 and reaches B 08:00 -> times rounded to "
        "minutes do this over a kilometre or two; they stay unchanged"
    )
    assert codes(small_network({"c": (0, 0), "d": (0.9, 0)}, {"t": calls[2:]})) == []


def test_trips_in_no_time():
    """20 legs of 500 m in no time: 10 km with 2 minutes to spare are 300 km/h, an error a route; 5
    km (150) pass.

    A leg by itself is 15 km/h, so nothing else is said, not even of the one leg of 1.5 km that the
    trip has too.
    """

    def network(n, last_km):
        stations = {f"s{i:02d}": (i / 2, 0.0) for i in range(n + 1)} | {"x": (n / 2 + last_km, 0.0)}
        calls = [(s, "08:00") for s in stations]
        return small_network(
            stations, {"t1": calls, "t2": calls[:-1]}, routes={"t1": "r", "t2": "r"}
        )

    (fast,) = texts(network(20, 1.5))
    assert fast == (
        "error impossible-trip: field arrival: 2 trips of route r run faster than a metro can, "
        "like t1 "
        "(given: '11.5 km in 0 min') -> all times of a trip at one moment, or in another unit?"
    )
    assert codes(network(10, 0.3)) == []
    assert codes(network(8, 1.1)) == ["zero-time-hop"]


def test_repeated_trips():
    """The same calls and service twice; another service or a second later make another trip."""
    other = replace(DAILY, service_id="other")
    network = small_network(
        LINE, {"t1": OUT, "t2": OUT, "t3": OUT}, services=(DAILY, other), service={"t3": "other"}
    )
    (repeated,) = texts(network)
    assert repeated == (
        "warning repeated-trip: field trip_id: 1 trip with the calls and the service of another: "
        "t2 as t1 -> coupled trains are listed so, or a trip is there twice; no travel time changes"
    )
    later = [*OUT[:-1], ("e", "08:12:01")]
    assert codes(small_network(LINE, {"t1": OUT, "t2": later})) == []


def test_short_trips():
    """A trip with one call is a warning; one with two is not."""
    network = small_network(LINE, {"t1": OUT, "one": OUT[:1], "two": OUT[:2]})
    assert texts(network) == [
        (
            "warning short-trip: trip one (one) has 1 call -> it carries no passengers and stays in "
            "the network"
        ),
    ]


def test_unknown_route_types():
    """Type 99 is in no list: said once, and not again where reading has said so."""
    network = small_network(LINE, {"t1": OUT, "t2": BACK}, route_type={"t1": 99, "t2": 1})
    assert [(i.code, i.message, i.value) for i in validate(network)] == [
        ("unknown-route-type", "the route type of 1 trip is in no list", "99")
    ]
    said = Issue("warning", "unknown-route-type", "is no route type", file="routes.txt", row=1)
    assert codes(replace(network, issues=(said,))) == []


@pytest.mark.parametrize(
    ("changes", "never"),
    [
        ({"weekdays": (False,) * 7}, True),
        ({"weekdays": (False,) * 7, "added": Days.of({DATE})}, False),
        ({"start_date": DATE, "end_date": DATE, "removed": Days.of({DATE})}, True),
        ({"start_date": DATE, "end_date": DATE + WEEK / 7, "removed": Days.of({DATE})}, False),
        ({"start_date": DATE, "end_date": DATE - WEEK}, True),
        (
            {"start_date": DATE, "end_date": DATE + WEEK / 7, "weekdays": (True, *(False,) * 6)},
            True,
        ),
        ({"weekdays": (True, *(False,) * 6), "removed": Days.of({dt.date(2024, 1, 1)})}, False),
        # from Tuesday on, without the first Monday: the second one is the last of 14 days
        (SECOND_MONDAY | {"end_date": dt.date(2024, 1, 15)}, False),
        (SECOND_MONDAY | {"end_date": dt.date(2024, 1, 14)}, True),
        (SECOND_MONDAY, False),
    ],
)
def test_services_without_a_day(changes, never):
    """No weekday, all days removed, an end before the start, a Monday that does not come: no trip
    ever runs.
    """
    service = replace(DAILY, service_id="odd", **changes)
    trips = {"t1": OUT, "t2": BACK, "t3": [("a", "10:00"), ("b", "10:03")]}
    network = small_network(
        LINE, trips, services=(DAILY, service), service={"t2": "odd", "t3": "odd"}
    )
    expected = (
        "warning empty-service: field service_id: 1 service with 2 trips has no day on which to "
        "run (given: 'odd') -> check start_date, end_date, the weekdays and the removed days"
    )
    assert [t for t in texts(network) if "empty-service" in t] == [expected] * never


def test_no_trip_on_the_date():
    """A service that is removed on the date leaves nothing: an error."""
    service = replace(DAILY, removed=Days.of({DATE}))
    (none,) = texts(small_network(LINE, {"t": OUT}, services=(service,)))
    assert none == (
        "error no-trips: field date: no trip runs on the date (given: '2024-05-15') -> choose a "
        "date within the "
        "validity of the timetable; calls at 55:00 are two days after their service day"
    )


@pytest.mark.parametrize(("n_removed", "unusual"), [(2, False), (3, False), (4, True)])
def test_an_unusual_date(n_removed, unusual):
    """Of 10 trips 6 are fewer than 70 % and said; 7 are not. All are of one route, which runs."""
    holiday = replace(DAILY, service_id="holiday", removed=Days.of({DATE}))
    trips = {f"t{i}": [("a", f"{8 + i:02d}:00"), ("b", f"{8 + i:02d}:03")] for i in range(10)}
    network = small_network(
        {"a": (0, 0), "b": (2, 0)},
        trips,
        services=(DAILY, holiday),
        service={f"t{i}": "holiday" for i in range(n_removed)},
        routes=dict.fromkeys(trips, "r"),
    )
    expected = (
        "warning unusual-date: field date: 6 trips on the date, 10 on the same weekday in the "
        "weeks around "
        "(given: '2024-05-15') -> a holiday, or the edge of the validity? choose another date"
    )
    assert texts(network) == [expected] * unusual


@pytest.mark.parametrize("weeks", [(-4, -3), (-2, -1), (1, 2), (3, 4), (4, 5)])
def test_the_weeks_that_are_looked_at(weeks):
    """Two of the four weeks before and after are enough to tell what is usual, one is not."""
    some = replace(
        DAILY,
        service_id="some",
        weekdays=(False,) * 7,
        added=Days.of(DATE + w * WEEK for w in weeks),
    )
    today = replace(DAILY, service_id="today", start_date=DATE, end_date=DATE)
    trips = {f"t{i}": [("a", f"{8 + i:02d}:00"), ("b", f"{8 + i:02d}:03")] for i in range(10)}
    services = {f"t{i}": "today" if i < 3 else "some" for i in range(10)}
    stations = {"a": (0, 0), "b": (2, 0)}
    network = small_network(
        stations, trips, services=(some, today), service=services, routes=dict.fromkeys(trips, "r")
    )
    assert codes(network) == ["unusual-date"] * (weeks != (4, 5))


def test_idle_routes():
    """A route with trips a week before and after but none on the date is named; one that ends or
    begins is not.
    """
    holiday = replace(DAILY, service_id="holiday", removed=Days.of({DATE}))
    ended = replace(DAILY, service_id="ended", end_date=DATE - WEEK)
    begins = Service("begins", DATE + WEEK, DATE + 9 * WEEK, (True,) * 7)
    trips = {f"t{i}": [("a", f"{8 + i:02d}:00"), ("b", f"{8 + i:02d}:03")] for i in range(8)}
    network = small_network(
        {"a": (0, 0), "b": (2, 0)},
        trips,
        services=(DAILY, holiday, ended, begins),
        service={"t1": "holiday", "t2": "ended", "t3": "begins"},
    )
    (idle,) = (t for t in texts(network) if "idle" in t)
    assert idle == (
        "warning idle-route: field route_id: 1 route of 6 that run a week before and after without "
        "a trip on the date (given: 't1') -> works or a holiday? choose another date"
    )


def test_a_mode_without_trips_in_a_peak():
    """Buses of every minute from 10:00 to 11:39 and one metro of the morning: 99 buses are too few
    to say so.
    """

    def day(n_buses, **more):
        buses = {
            f"x{i:02d}": [
                ("a", f"{10 + i // 60}:{i % 60:02d}"),
                ("b", f"{10 + i // 60}:{i % 60:02d}:50"),
            ]
            for i in range(n_buses)
        }
        trips = {"m": OUT, **buses, **more}
        network = small_network(
            LINE, trips, route_type={t: 3 if t[0] in "xy" else 1 for t in trips}
        )
        return [str(issue) for issue in validate(network) if issue.code == "short-day"]

    assert day(99) == []
    assert day(100) == [
        (
            "warning short-day: field departure_time: bus: all 100 trips of the date run from "
            "10:00 to 11:39:50 "
            "-> an extract of some hours? choose a window within them with window_to=... or "
            "--window-to"
        )
    ]
    early, late = [("a", "07:20"), ("b", "07:30")], [("a", "19:29"), ("b", "19:40")]
    assert len(day(100, y1=early)) == 1
    assert day(100, y1=early, y2=late) == []
    assert len(day(100, y1=early, y2=[("a", "19:30"), ("b", "19:40")])) == 1


def test_hops_without_a_timetable():
    """Lines by headway only: no date to miss, speeds by mode, and their stations are served."""
    bare = small_network({"a": (0, 0), "b": (2, 0), "c": (4, 0), "d": (6, 0)}, {})

    def linked(run_s):
        hops = Links(
            ("m",),
            int32([0, 0]),
            int32([0, 1]),
            int32([1, 2]),
            int32([180, run_s]),
            int32([300, 300]),
            int32([0, 0]),
            int32([1, 1]),
            57_600,
        )
        return replace(bare, links=hops)

    assert texts(linked(180)) == [
        (
            "warning unserved-station: 1 station without any call: D (d) -> no train, so no station of "
            "a circle"
        )
    ]
    # 2 km in 10 s, 30 to spare, are 180 km/h; in 15 s 160
    assert next((i.code, i.message) for i in validate(linked(10))) == (
        "impossible-speed",
        "line m runs from B to C in 10 s; 1 of 1 leg between the two too fast",
    )
    assert codes(linked(16)) == ["unserved-station"]
    assert codes(bare)[0] == "no-trips"


@pytest.mark.parametrize(
    ("part", "field", "values", "message"),
    [
        (
            "stop_times",
            "trip_idx",
            [0, 0, 0, 0, 1],
            "a call refers to one of 1 that is not there, in 1 of 5 rows",
        ),
        (
            "stop_times",
            "station_idx",
            [0, 1, 5, 3, -1],
            "a call refers to one of 5 that is not there, in 2 of 5 rows",
        ),
        (
            "trips",
            "service_idx",
            [7],
            "a trip refers to one of 1 that is not there, in 1 of 1 rows",
        ),
        (
            "transfers",
            "from_idx",
            [9],
            "a transfer refers to one of 5 that is not there, in 1 of 1 rows",
        ),
        (
            "transfers",
            "to_idx",
            [5],
            "a transfer refers to one of 5 that is not there, in 1 of 1 rows",
        ),
    ],
)
def test_indices_to_nothing(part, field, values, message):
    """An index that leads nowhere is the only thing that is said."""
    network = small_network(LINE, {"t": OUT}, transfers=[("a", "b", 1500)])
    broken = replace(network, **{part: replace(getattr(network, part), **{field: int32(values)})})
    (issue,) = validate(broken)
    first_bad = next(
        k for k, v in enumerate(values) if v != getattr(getattr(network, part), field)[k]
    )
    assert (issue.code, issue.severity, issue.field, issue.message) == (
        "bad-index",
        "error",
        field,
        message,
    )
    assert (issue.row, issue.value) == (first_bad + 1, str(values[first_bad]))


def test_many_problems_are_counted():
    """Of 25 short trips 20 are named."""
    trips = {f"x{i:02d}": [("a", "08:00")] for i in range(25)}
    issues = [
        i for i in validate(small_network(LINE, {"t": OUT} | trips)) if i.code == "short-trip"
    ]
    assert len(issues) == 21
    assert issues[-1].message == "and 5 more trips"


def test_an_empty_network():
    """Nothing at all: only the date is wrong."""
    empty = small_network({}, {})
    assert codes(empty) == ["no-trips"]
    assert np.array_equal(empty.trips.service_idx, [])


@pytest.mark.parametrize(
    ("trips", "options", "found"),
    [
        ({"t": [("a", "08:00")]}, {}, True),  # one call
        ({"t": [("a", "08:00"), ("a", "08:10")]}, {}, True),  # to where one is
        (
            {"t": [("a", "08:00"), ("b", "08:10")]},
            {"no_boarding": ["a"]},
            True,
        ),  # only b lets anybody on or off
        ({"t": [("a", "08:00"), ("b", "08:10")]}, {}, False),
        ({"t": [("a", "08:00")], "u": [("a", "08:00"), ("b", "08:10")]}, {}, False),
    ],
)
def test_trips_without_a_ride(trips, options, found):
    """An error where no trip of the date can be boarded at one station and left at another after
    it.
    """
    network = small_network({"a": (0, 0), "b": (2, 0)}, trips, **options)
    issues = [issue for issue in validate(network) if issue.code == "no-ride"]
    assert [issue.severity for issue in issues] == ["error"] * found
    if found:
        assert issues[0].message == "none of the 1 trip of the date carries anybody"


def test_a_leg_at_its_limit_counts_in_its_trip():
    """Legs exactly as fast as allowed are not too fast by themselves, but a trip of 20 of them in
    no time is.
    """
    stations = {f"s{i:02d}": (i / 2, 0.0) for i in range(21)}
    facts = gather(small_network(stations, {"t": [(s, "08:00") for s in stations]}))
    explained = np.zeros(len(stations), bool)
    for excess, found in ((1.0, ["impossible-trip"]), (np.nextafter(1.0, 2.0), [])):
        at_limit = replace(facts, excess=np.full(20, excess), seconds=np.full(20, 1))
        assert [issue.code for issue in fast_trips(at_limit, explained)[0]] == found
        assert len(list(speeds(at_limit, explained))) == (20 if not found else 0)


def test_a_leg_of_a_station_that_is_explained_does_not_count_in_its_trip():
    """A trip of 20 legs in no time is no problem of its own where one end of every leg is one
    already.
    """
    stations = {f"s{i:02d}": (i / 2, 0.0) for i in range(21)}
    facts = gather(small_network(stations, {"t": [(s, "08:00") for s in stations]}))
    facts = replace(facts, excess=np.full(20, 1.0), seconds=np.full(20, 1))
    every_other = np.arange(21) % 2 == 0
    for explained, found in (
        (every_other, []),
        (~every_other, []),
        (np.zeros(21, bool), ["impossible-trip"]),
    ):
        assert [issue.code for issue in fast_trips(facts, explained)[0]] == found


@pytest.mark.parametrize(
    ("types", "mode"),
    [
        ((0, 5, 900, 999), "tram"),
        ((1, 12, 400, 699), "metro"),
        ((2, 100, 108, 110, 199), "rail"),
        ((109, 300, 399), "suburban"),
        ((3, 11, 200, 299, 700, 899), "bus"),
        ((4, 1000, 1099, 1200, 1299), "ferry"),
        ((6, 7, 1300, 1499), "cable"),
        ((1100, 1199), "air"),
        ((1500, 1799), "other"),
        ((-1, 8, 9, 10, 13, 99, 1800), None),
    ],
)
def test_modes_of_route_types(types, mode):
    """Both ends of every range of the extended list; what is in no list has no mode."""
    assert {find_mode(route_type) for route_type in types} == {mode}
