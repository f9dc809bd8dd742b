"""Checks of trips, times, speeds, services and dates."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from railshed.issues import Issue
from railshed.model import Network, Service
from railshed.modes import OTHER, find_mode
from railshed.units import HOUR, MINUTE, format_clock
from railshed.validate.facts import ROUNDING_S, Facts, count, describe_leg, examples, named

#: metres above which a leg of zero seconds is more than rounding at a pair of neighbouring platforms
ZERO_HOP_M = 1_000
#: the date is unusual when it has less than this share of the trips of the same weekday in the weeks around
QUIET_SHARE = 0.7
#: trips of a mode on the date from which on a peak without any is no matter of a few trains
MANY_TRIPS = 100
PEAKS = ((7 * HOUR + 30 * MINUTE, 9 * HOUR + 30 * MINUTE), (17 * HOUR, 19 * HOUR + 30 * MINUTE))
_WEEKS_AROUND = (-4, -3, -2, -1, 1, 2, 3, 4)


def trip_lengths(facts: Facts) -> Iterator[Issue]:
    """Yield a warning for each trip with fewer than two calls."""
    trips = facts.network.trips
    n_calls = np.bincount(facts.network.stop_times.trip_idx, minlength=facts.network.n_trips)
    short = [
        {
            "message": f"trip {trips.names[i]} ({trips.trip_ids[i]}) has {count(int(n_calls[i]), 'call')}",
            "remedy": "it carries nobody and is kept as it is",
        }
        for i in np.flatnonzero(n_calls < 2).tolist()
    ]
    yield from named("short-trip", short, "trips", "warning")


def time_order(facts: Facts) -> Iterator[Issue]:
    """Yield an error for each call before the one before it, and each departure before its arrival."""
    network, calls = facts.network, facts.network.stop_times
    problems = [
        {
            "message": describe_leg(facts, j),
            "field": "arrival",
            "value": format_clock(int(calls.arrival_s[facts.leg[j] + 1])),
            "remedy": "past midnight count on: 24:10",
        }
        for j in np.flatnonzero((facts.seconds < 0) & (facts.leg >= 0)).tolist()
    ]
    problems += [
        {
            "message": f"trip {network.trips.trip_ids[calls.trip_idx[i]]} leaves "
            f"{network.stations[calls.station_idx[i]].name} before it arrives",
            "field": "departure",
            "value": format_clock(int(calls.departure_s[i])),
        }
        for i in np.flatnonzero(calls.departure_s < calls.arrival_s).tolist()
    ]
    yield from named("decreasing-time", problems, "calls")


def speeds(facts: Facts, explained: NDArray[np.bool_]) -> Iterator[Issue]:
    """Yield a warning for each pair of stations with legs above the limit of their mode, with the fastest.

    `explained` (n_stations,) are stations whose coordinate is already reported: legs to and from them are not doubted.
    """
    known = explained[facts.start] | explained[facts.end]
    fast = np.flatnonzero((facts.excess > 1) & (facts.seconds > 0) & ~known)
    fast = fast[np.argsort(-facts.excess[fast], kind="stable")]
    pairs, first, n_legs = np.unique(facts.pair[fast], return_index=True, return_counts=True)
    n_all = np.bincount(facts.pair, minlength=facts.n_pairs)[pairs]
    problems = []
    for k in np.argsort(first).tolist():
        j = int(fast[first[k]])
        route_type = int(facts.route_type[j])
        limit = f"{facts.limit_kmh(route_type)} km/h ({facts.mode(route_type)})"
        share = f"{n_legs[k]:,} of {count(int(n_all[k]), 'leg')} between the two too fast"
        problems.append({
            "message": f"{describe_leg(facts, j)}; {share}",
            "value": f"{facts.metres[j] / 1000:.1f} km in {facts.seconds[j] / MINUTE:.3g} min",
            "remedy": f"above {limit} in a straight line: check the times and both coordinates",
        })  # fmt: skip
    yield from named("impossible-speed", problems, "pairs of stations", "warning")


def fast_trips(facts: Facts, explained: NDArray[np.bool_]) -> tuple[list[Issue], NDArray[np.bool_]]:
    """Return an error for each route with trips that are too fast as a whole, and (n_legs,) the legs of these trips.

    Over many short legs each may pass as rounding while the trip crosses the city in no time. Legs that are reported
    for themselves do not count.
    """
    network = facts.network
    of_trip = facts.leg >= 0
    counted = of_trip & (facts.excess <= 1) & ~(explained[facts.start] | explained[facts.end])
    trip = np.full(len(facts.leg), network.n_trips)
    trip[of_trip] = network.stop_times.trip_idx[facts.leg[of_trip]]
    metres, seconds = (
        np.bincount(trip[counted], weights=values[counted], minlength=network.n_trips + 1)[:-1]
        for values in (facts.metres, facts.seconds)
    )
    limit_kmh = np.array([facts.limit_kmh(t) for t in network.trips.route_types.tolist()])
    fast = metres * 3.6 > limit_kmh * (seconds + ROUNDING_S)
    of_route: dict[str, list[int]] = {}
    for i in np.flatnonzero(fast).tolist():
        of_route.setdefault(network.trips.route_ids[i], []).append(i)
    problems = [
        {
            "message": f"{count(len(trips), 'trip')} of route {route_id} run{'s' * (len(trips) == 1)} faster than a "
            f"{facts.mode(int(network.trips.route_types[trips[0]]))} can, like {network.trips.trip_ids[trips[0]]}",
            "field": "arrival",
            "value": f"{metres[trips[0]] / 1000:.1f} km in {seconds[trips[0]] / MINUTE:.3g} min",
            "remedy": "all times of a trip at one moment, or in another unit?",
        }
        for route_id, trips in of_route.items()
    ]
    return list(named("impossible-trip", problems, "routes")), np.append(fast, False)[trip]


def zero_hops(facts: Facts, explained: NDArray[np.bool_], fast: NDArray[np.bool_]) -> Iterator[Issue]:
    """Yield one warning that counts the legs of no time over more than `ZERO_HOP_M`, without those of `fast` trips."""
    known = explained[facts.start] | explained[facts.end] | fast
    zero = np.flatnonzero((facts.seconds == 0) & (facts.metres > ZERO_HOP_M) & ~known)
    if not len(zero):
        return
    longest = int(zero[np.argmax(facts.metres[zero])])
    n_pairs = len(np.unique(facts.pair[zero]))
    yield Issue(
        "warning",
        "zero-time-hop",
        f"{count(len(zero), 'leg')} between {count(n_pairs, 'pair')} of stations more than {ZERO_HOP_M / 1000:g} km "
        f"apart take no time, the longest {facts.metres[longest] / 1000:.1f} km: {describe_leg(facts, longest)}",
        field="arrival",
        remedy="times rounded to minutes do this over a kilometre or two; they are kept as they are",
    )


def repeated_trips(facts: Facts) -> Iterator[Issue]:
    """Yield one warning that counts the trips whose calls and service are those of another trip."""
    network, calls = facts.network, facts.network.stop_times
    columns = (calls.station_idx, calls.arrival_s, calls.departure_s, calls.pickup, calls.drop_off)
    rows = np.ascontiguousarray(np.column_stack(columns).astype(np.int32))
    ends = np.concatenate([[0], np.cumsum(np.bincount(calls.trip_idx, minlength=network.n_trips))]).tolist()
    services = network.trips.service_idx.tolist()
    first: dict[tuple[int, bytes], int] = {}
    repeats = []
    for trip, (begin, end) in enumerate(itertools.pairwise(ends)):
        if end > begin:
            same = first.setdefault((services[trip], rows[begin:end].tobytes()), trip)
            if same != trip:
                repeats.append(f"{network.trips.trip_ids[trip]} as {network.trips.trip_ids[same]}")
    if repeats:
        yield Issue(
            "warning",
            "repeated-trip",
            f"{count(len(repeats), 'trip')} with the calls and the service of another: {examples(repeats)}",
            field="trip_id",
            remedy="coupled trains are listed so, or a trip is there twice; no travel time changes",
        )


def route_types(facts: Facts) -> Iterator[Issue]:
    """Yield a warning for each route type that no list has, unless reading has said so."""
    if any(issue.code == "unknown-route-type" for issue in facts.network.issues):
        return
    types, n_trips = np.unique(facts.network.trips.route_types, return_counts=True)
    unknown = [
        {
            "message": f"the route type of {count(int(n), 'trip')} is in no list",
            "field": "route_type",
            "value": str(t),
            "remedy": "taken as `other`; GTFS has 0 to 12, the extended list 100 to 1702",
        }
        for t, n in zip(types.tolist(), n_trips.tolist(), strict=True)
        if find_mode(t) is None
    ]
    yield from named("unknown-route-type", unknown, "route types", "warning")


def services(facts: Facts) -> Iterator[Issue]:
    """Yield one warning for services with trips that have no day at all."""
    network = facts.network
    n_trips = np.bincount(network.trips.service_idx, minlength=len(network.services))
    never = [i for i, s in enumerate(network.services) if n_trips[i] and not _has_a_day(s)]
    if never:
        yield Issue(
            "warning",
            "empty-service",
            f"{count(len(never), 'service')} with {count(int(n_trips[never].sum()), 'trip')} "
            f"{'has' if len(never) == 1 else 'have'} no day on which to run",
            field="service_id",
            value=examples([network.services[i].service_id for i in never]),
            remedy="check start_date, end_date, the weekdays and the removed days",
        )


def _has_a_day(service: Service) -> bool:
    if service.added:
        return True
    if not any(service.weekdays) or service.end_date < service.start_date:
        return False
    days = min((service.end_date - service.start_date).days + 1, 7 * (len(service.removed) + 1))
    return any(service.runs_on(service.start_date + dt.timedelta(days=i)) for i in range(days))


def service_date(facts: Facts) -> Iterator[Issue]:
    """Yield an error when no trip runs on the date, warnings when it is unlike the same weekday in the weeks around."""
    network = facts.network
    if network.links is not None and not network.n_trips:
        return
    today = _running(network, 0)
    if not today.any():
        yield Issue(
            "error",
            "no-trips",
            "no trip runs on the date",
            field="date",
            value=str(network.date),
            remedy="choose a date within the validity of the timetable",
        )
        return
    if not (today & _rideable(network)).any():
        yield Issue(
            "error",
            "no-ride",
            f"none of the {count(int(today.sum()), 'trip')} of the date carries anybody",
            field="date",
            value=str(network.date),
            remedy="a trip needs a stop to board at and another one to alight at after it: check stop_times.txt",
        )
        return
    around = {weeks: _running(network, weeks) for weeks in _WEEKS_AROUND}
    n_around = [int(running.sum()) for running in around.values() if running.any()]
    n_today = int(today.sum())
    if len(n_around) > 1 and n_today < QUIET_SHARE * np.median(n_around):
        yield Issue(
            "warning",
            "unusual-date",
            f"{count(n_today, 'trip')} on the date, {np.median(n_around):,.0f} on the same weekday in the weeks around",
            field="date",
            value=str(network.date),
            remedy="a holiday, or the edge of the validity? choose another date",
        )
    yield from _idle_routes(network, today, around[-1], around[1])
    for text in sorted({str(quiet) for peak in PEAKS for quiet in quiet_modes(network, peak)}):
        yield Issue(
            "warning",
            "short-day",
            text,
            field="departure_time",
            remedy="an extract of some hours? a window outside them finds none: choose one with --window-to",
        )


def _rideable(network: Network) -> NDArray[np.bool_]:
    """Return (n_trips,) in which trips one can board at one station and alight at another after it."""
    calls, n = network.stop_times, len(network.stop_times.trip_idx)
    first, last = np.full(network.n_trips, n), np.full(network.n_trips, -1)
    at = np.arange(n)
    np.minimum.at(first, calls.trip_idx[calls.pickup], at[calls.pickup])
    np.maximum.at(last, calls.trip_idx[calls.drop_off], at[calls.drop_off])
    moves = (calls.station_idx[1:] != calls.station_idx[:-1]) & (calls.trip_idx[1:] == calls.trip_idx[:-1])
    before = np.concatenate([[0], np.cumsum(moves)])
    found = last > first
    found[found] = before[last[found]] > before[first[found]]
    return found


class QuietMode(NamedTuple):
    """A mode with many trips on the date, none of them under way in a window."""

    mode: str
    n_trips: int
    #: clock seconds of the first departure and the last arrival
    first_s: int
    last_s: int

    def __str__(self) -> str:
        span = f"{format_clock(self.first_s)} to {format_clock(self.last_s)}"
        return f"{self.mode}: all {self.n_trips:,} trips of the date run from {span}"


def quiet_modes(network: Network, window: tuple[int, int]) -> list[QuietMode]:
    """Return the modes that have many trips on the date but none under way in the window (clock seconds)."""
    calls = network.stop_times
    running = _running(network, 0)
    if not len(calls.trip_idx) or not running.any():
        return []
    first = np.full(network.n_trips, np.iinfo(np.int32).max)
    last = np.full(network.n_trips, -1)
    np.minimum.at(first, calls.trip_idx, calls.departure_s)
    np.maximum.at(last, calls.trip_idx, calls.arrival_s)
    running &= last >= 0
    found = []
    kinds = {t: find_mode(t) or OTHER for t in np.unique(network.trips.route_types).tolist()}
    for mode in sorted(set(kinds.values())):
        mine = running & np.isin(network.trips.route_types, [t for t, name in kinds.items() if name == mode])
        under_way = mine & (first < window[1]) & (last >= window[0])
        if mine.sum() >= MANY_TRIPS and not under_way.any():
            found.append(QuietMode(mode, int(mine.sum()), int(first[mine].min()), int(last[mine].max())))
    return found


def _running(network: Network, weeks: int) -> NDArray[np.bool_]:
    """Return (n_trips,) which trips run so many weeks after the date."""
    date = network.date + dt.timedelta(weeks=weeks)
    runs = np.array([service.runs_on(date) for service in network.services], dtype=bool)
    return np.asarray(runs[network.trips.service_idx], dtype=bool) if len(runs) else np.zeros(0, dtype=bool)


def _idle_routes(network: Network, *days: NDArray[np.bool_]) -> Iterator[Issue]:
    """Yield one warning for routes without a trip on the first day that have some on the two others."""
    routes = np.array(network.trips.route_ids, dtype=object)
    today, before, after = ({*routes[day].tolist()} for day in days)
    idle = sorted((before & after) - today)
    if idle:
        yield Issue(
            "warning",
            "idle-route",
            f"{count(len(idle), 'route')} of {len(before & after):,} that run a week before and after "
            "without a trip on the date",
            field="route_id",
            value=examples(idle),
            remedy="works or a holiday? choose another date",
        )
