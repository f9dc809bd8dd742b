"""Checks of trips, times, speeds, services and dates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import numpy as np

from railshed.network.checks.facts import ROUNDING_S, Facts, describe_leg
from railshed.network.model import Network, Service
from railshed.network.route_types import find_mode
from railshed.network.service_windows import (
    PEAKS,
    QUIET_SHARE,
    WEEKS_AROUND,
    has_trips,
    idle_modes,
    running_in_weeks,
)
from railshed.util.array_types import Bools, Ints32, Ints64
from railshed.util.errors import Issue, named
from railshed.util.number_format import counted, examples
from railshed.util.units import MINUTE, format_clock

#: metres above which a leg of zero seconds is more than rounding at a pair of neighbouring
#: platforms
ZERO_HOP_M = 1_000


def trip_lengths(facts: Facts) -> Iterator[Issue]:
    """Yield a warning for each trip with fewer than two calls."""
    trips = facts.network.trips
    n_calls = np.bincount(facts.network.stop_times.trip_idx, minlength=facts.network.n_trips)
    remedy = "it carries no passengers and stays in the network"
    short = []
    for i in np.flatnonzero(n_calls < 2).tolist():
        message = (
            f"trip {trips.names[i]} ({trips.trip_ids[i]}) has {counted(int(n_calls[i]), 'call')}"
        )
        short.append(Issue("warning", "short-trip", message, remedy=remedy))
    yield from named(short, len(short), "trips")


def time_order(facts: Facts) -> Iterator[Issue]:
    """Yield an error for each arrival before the last departure, and each departure before its
    arrival.
    """
    network = facts.network
    calls = facts.network.stop_times
    found = []

    def error(message: str, field: str, seconds: int, remedy: str = "") -> None:
        value = format_clock(int(seconds))
        found.append(
            Issue("error", "decreasing-time", message, field=field, value=value, remedy=remedy)
        )

    for j in np.flatnonzero((facts.seconds < 0) & (facts.leg >= 0)).tolist():
        arrival_s = calls.arrival_s[facts.leg[j] + 1]
        error(describe_leg(facts, j), "arrival", arrival_s, "past midnight count on: 24:10")
    for i in np.flatnonzero(calls.departure_s < calls.arrival_s).tolist():
        trip_id = network.trips.trip_ids[calls.trip_idx[i]]
        name = network.stations[calls.station_idx[i]].name
        error(f"trip {trip_id} leaves {name} before it arrives", "departure", calls.departure_s[i])
    yield from named(found, len(found), "calls")


def speeds(facts: Facts, explained: Bools) -> Iterator[Issue]:
    """Yield a warning for each pair of stations with legs above the limit of their mode, with the
    fastest leg.

    `explained` is bool (n_stations,), stations whose coordinate is already reported: their legs are
    not checked.
    """
    known = explained[facts.start] | explained[facts.end]
    fast = np.flatnonzero((facts.excess > 1) & (facts.seconds > 0) & ~known)
    fast = fast[np.argsort(-facts.excess[fast], kind="stable")]
    if not len(fast):
        return
    pairs, first = np.unique(facts.pair[fast], return_index=True)
    n_legs, n_all = (
        np.bincount(facts.pair[legs], facts.runs_of_legs(legs), minlength=facts.n_pairs)[
            pairs
        ].astype(np.int64)
        for legs in (fast, slice(None))
    )
    problems = []
    for k in np.argsort(first).tolist():
        j = int(fast[first[k]])
        route_type = int(facts.route_type[j])
        limit = f"{facts.limit_kmh(route_type)} km/h ({facts.mode(route_type)})"
        share = f"{n_legs[k]:,} of {counted(int(n_all[k]), 'leg')} between the two too fast"
        value = f"{facts.metres[j] / 1000:.1f} km in {facts.seconds[j] / MINUTE:.3g} min"
        remedy = f"above {limit} in a straight line: check the times and both coordinates"
        message = f"{describe_leg(facts, j)}; {share}"
        problems.append(Issue("warning", "impossible-speed", message, value=value, remedy=remedy))
    yield from named(problems, len(problems), "pairs of stations")


def fast_trips(facts: Facts, explained: Bools) -> tuple[list[Issue], Bools]:
    """Return an error for each route with trips that are too fast as a whole, and bool (n_legs,),
    their legs.

    Short legs may each be rounding while the trip crosses the city in no time. Legs that are
    reported by `speeds` do not count.
    """
    network = facts.network
    of_trip = facts.leg >= 0
    has_speed = of_trip & (facts.excess <= 1) & ~(explained[facts.start] | explained[facts.end])
    trip = np.full(len(facts.leg), network.n_trips)
    trip[of_trip] = network.stop_times.trip_idx[facts.leg[of_trip]]
    metres, seconds = (
        np.bincount(trip[has_speed], weights=values[has_speed], minlength=network.n_trips + 1)[:-1]
        for values in (facts.metres, facts.seconds)
    )
    types, of_type = np.unique(network.trips.route_types, return_inverse=True)
    limit_kmh = np.array([facts.limit_kmh(t) for t in types.tolist()], dtype=np.int64)[of_type]
    fast = metres * 3.6 > limit_kmh * (seconds + ROUNDING_S)
    of_route: dict[str, list[int]] = {}
    for i in np.flatnonzero(fast).tolist():
        of_route.setdefault(network.trips.route_ids[i], []).append(i)
    problems = []
    for route, trips in of_route.items():
        n = int(facts.n_runs[trips].sum())
        first = trips[0]
        mode = facts.mode(int(network.trips.route_types[first]))
        trip_id = network.trips.trip_ids[first]
        run = "runs" if n == 1 else "run"
        message = (
            f"{counted(n, 'trip')} of route {route} {run} faster than a {mode} can, like {trip_id}"
        )
        value = f"{metres[first] / 1000:.1f} km in {seconds[first] / MINUTE:.3g} min"
        remedy = "all times of a trip at one moment, or in another unit?"
        problems.append(
            Issue("error", "impossible-trip", message, field="arrival", value=value, remedy=remedy)
        )
    return list(named(problems, len(problems), "routes")), np.append(fast, False)[trip]


def zero_hops(facts: Facts, explained: Bools, fast: Bools) -> Iterator[Issue]:
    """Yield one warning that counts the legs of no time over more than `ZERO_HOP_M`, without those
    of `fast` trips.
    """
    known = explained[facts.start] | explained[facts.end] | fast
    zero = np.flatnonzero((facts.seconds == 0) & (facts.metres > ZERO_HOP_M) & ~known)
    if not len(zero):
        return
    longest = int(zero[np.argmax(facts.metres[zero])])
    n_legs = int(facts.runs_of_legs(zero).sum())
    n_pairs = len(np.unique(facts.pair[zero]))
    yield Issue(
        "warning",
        "zero-time-hop",
        f"{counted(n_legs, 'leg')} between {counted(n_pairs, 'pair')} of stations more than "
        f"{ZERO_HOP_M / 1000:g} km "
        f"apart take no time, the longest {facts.metres[longest] / 1000:.1f} km: "
        f"{describe_leg(facts, longest)}",
        field="arrival",
        remedy="times rounded to minutes do this over a kilometre or two; they stay unchanged",
        count=n_legs,
    )


def repeated_trips(network: Network) -> Iterator[Issue]:
    """Yield one warning that counts the trips whose calls and service are those of another trip."""
    calls = network.stop_times
    columns = (calls.station_idx, calls.arrival_s, calls.departure_s, calls.pickup, calls.drop_off)
    n_calls = np.bincount(calls.trip_idx, minlength=network.n_trips)
    ends = np.cumsum(n_calls)
    first: dict[tuple[int, bytes], int] = {}
    repeats = []
    for trip in _alike(network, n_calls).tolist():
        mine = slice(ends[trip] - n_calls[trip], ends[trip])
        rows = np.column_stack([column[mine] for column in columns]).astype(np.int32)
        same = first.setdefault((int(network.trips.service_idx[trip]), rows.tobytes()), trip)
        if same != trip:
            repeats.append(f"{network.trips.trip_ids[trip]} as {network.trips.trip_ids[same]}")
    if repeats:
        message = (
            f"{counted(len(repeats), 'trip')} with the calls and the service of another: "
            f"{examples(repeats)}"
        )
        remedy = "coupled trains are listed so, or a trip is there twice; no travel time changes"
        yield Issue(
            "warning", "repeated-trip", message, field="trip_id", remedy=remedy, count=len(repeats)
        )


def _alike(network: Network, n_calls: Ints64) -> Ints64:
    """Return the trips with calls that share their service, number of calls and first and last call
    with another.
    """
    calls = network.stop_times
    trips = np.flatnonzero(n_calls)
    last = np.cumsum(n_calls)[trips] - 1
    first = last - n_calls[trips] + 1
    columns = (
        network.trips.service_idx[trips],
        n_calls[trips],
        calls.departure_s[first],
        calls.station_idx[first],
        calls.arrival_s[last],
        calls.station_idx[last],
    )
    order = np.lexsort(columns)
    same = np.logical_and.reduce([column[order[1:]] == column[order[:-1]] for column in columns])
    edge = np.zeros(min(1, len(order)), dtype=bool)
    return np.sort(trips[order[np.concatenate([edge, same]) | np.concatenate([same, edge])]])


def route_types(facts: Facts) -> Iterator[Issue]:
    """Yield a warning for each route type in no list, unless the reader reported it."""
    if any(issue.code == "unknown-route-type" for issue in facts.network.issues):
        return
    types, of_type = np.unique(facts.network.trips.route_types, return_inverse=True)
    n_trips = np.bincount(of_type, facts.n_runs, minlength=len(types))
    remedy = "taken as `other`; GTFS has 0 to 12, the extended list 100 to 1702"
    unknown = []
    for t, n in zip(types.tolist(), n_trips.tolist(), strict=True):
        if find_mode(t) is None:
            message = f"the route type of {counted(int(n), 'trip')} is in no list"
            issue = Issue(
                "warning",
                "unknown-route-type",
                message,
                field="route_type",
                value=str(t),
                remedy=remedy,
            )
            unknown.append(issue)
    yield from named(unknown, len(unknown), "route types")


def services(facts: Facts) -> Iterator[Issue]:
    """Yield one warning for services that have trips but no day."""
    network = facts.network
    n_trips = np.bincount(network.trips.service_idx, facts.n_runs, minlength=len(network.services))
    unlisted = [i for i, s in enumerate(network.services) if not s.added.bits]
    never = [i for i in unlisted if n_trips[i] and not _has_a_day(network.services[i])]
    if never:
        yield Issue(
            "warning",
            "empty-service",
            f"{counted(len(never), 'service')} with {counted(int(n_trips[never].sum()), 'trip')} "
            f"{'has' if len(never) == 1 else 'have'} no day on which to run",
            field="service_id",
            value=examples([network.services[i].service_id for i in never]),
            remedy="check start_date, end_date, the weekdays and the removed days",
            count=len(never),
        )


def _has_a_day(service: Service) -> bool:
    """Return whether a service without added days runs on any day."""
    if not any(service.weekdays) or service.end_date < service.start_date:
        return False
    days = min((service.end_date - service.start_date).days + 1, 7 * (len(service.removed) + 1))
    return any(service.runs_on(service.start_date + dt.timedelta(days=i)) for i in range(days))


def service_date(facts: Facts) -> Iterator[Issue]:
    """Yield an error if no trip runs on the date, warnings if it differs from the same weekday in
    the weeks around.
    """
    network = facts.network
    if network.links is not None and not network.n_trips:
        return
    today, *others = running_in_weeks(network, (0, *WEEKS_AROUND))
    n_today, *n_others = (int(facts.n_runs[on].sum()) for on in (today, *others))
    if not today.any() or not has_trips(network, facts.n_runs, facts.step_s):
        remedy = (
            "choose a date within the validity of the timetable; calls at 55:00 are two days "
            "after their service day"
        )
        yield _of_date(network, "error", "no-trips", "no trip runs on the date", remedy)
        return
    if found := _without_ride(network, today, facts.n_runs):
        yield from found
        return
    around = dict(zip(WEEKS_AROUND, others, strict=True))
    n_around = list(filter(None, n_others))
    if len(n_around) > 1 and n_today < QUIET_SHARE * np.median(n_around):
        usual = f"{np.median(n_around):,.0f} on the same weekday in the weeks around"
        message = f"{counted(n_today, 'trip')} on the date, {usual}"
        remedy = "a holiday, or the edge of the validity? choose another date"
        yield _of_date(network, "warning", "unusual-date", message, remedy)
    yield from _idle_routes(network, today, around[-1], around[1])
    remedy = (
        "an extract of some hours? choose a window within them with window_to=... or --window-to"
    )
    for text in sorted(
        set(map(str, idle_modes(network, today, facts.n_runs, facts.step_s, PEAKS)))
    ):
        yield Issue("warning", "short-day", text, field="departure_time", remedy=remedy)


def _without_ride(network: Network, today: Bools, n_runs: Ints32) -> list[Issue]:
    """Return an error if in no trip of `today`, bool (n_trips,), one can board and then alight
    elsewhere.
    """
    if (today & _rideable(network)).any():
        return []
    remedy = (
        "a trip needs a stop to board at and another one to alight at after it: check "
        "stop_times.txt"
    )
    message = f"none of the {counted(int(n_runs[today].sum()), 'trip')} of the date carries anybody"
    return [_of_date(network, "error", "no-ride", message, remedy)]


def _of_date(network: Network, severity: Any, code: str, message: str, remedy: str) -> Issue:
    return Issue(severity, code, message, field="date", value=str(network.date), remedy=remedy)


def _rideable(network: Network) -> Bools:
    """Return bool (n_trips,), whether one can board a trip at one station and alight at a later,
    other one.
    """
    calls = network.stop_times
    n = len(network.stop_times.trip_idx)
    first = np.full(network.n_trips, n)
    last = np.full(network.n_trips, -1)
    on = np.flatnonzero(calls.pickup)
    off = np.flatnonzero(calls.drop_off)
    first[calls.trip_idx[on[::-1]]] = on[
        ::-1
    ]  # assignment to a repeated index stores the last value
    last[calls.trip_idx[off]] = off
    moves = (calls.station_idx[1:] != calls.station_idx[:-1]) & (
        calls.trip_idx[1:] == calls.trip_idx[:-1]
    )
    before = np.concatenate([[0], np.cumsum(moves)])
    rideable = last > first
    rideable[rideable] = before[last[rideable]] > before[first[rideable]]
    return rideable


def _idle_routes(network: Network, *days: Bools) -> Iterator[Issue]:
    """Yield one warning for routes without a trip on the first day and with trips on both
    others.
    """
    routes = np.array(network.trips.route_ids, dtype=object)
    today, before, after = ({*routes[day].tolist()} for day in days)
    idle = sorted((before & after) - today)
    if idle:
        yield Issue(
            "warning",
            "idle-route",
            f"{counted(len(idle), 'route')} of {len(before & after):,} that run a week before and "
            "after without a trip on the date",
            field="route_id",
            value=examples(idle),
            remedy="works or a holiday? choose another date",
            count=len(idle),
        )
