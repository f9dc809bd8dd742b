"""What is wrong with a network as a whole, as a list of issues: nothing is raised and nothing is mended.

Readers report what is wrong with rows of files; here a `Network` is checked, whatever it was made from.
Errors make results wrong or meaningless; warnings deserve a look.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from railshed.issues import Issue
from railshed.lines import great_circle_m
from railshed.model import Network
from railshed.units import MINUTE, format_clock

#: straight-line speed between two calls above which the times or a coordinate are doubted
MAX_SPEED_KMH = 400
#: timetables are rounded to the minute at both ends of a leg
ROUNDING_S = 2 * MINUTE
#: problems of one kind that are named one by one; the rest is counted
MAX_NAMED = 20


def validate(network: Network) -> list[Issue]:
    """Return every problem of the network, errors and warnings, in a fixed order.

    Errors: duplicate station ids, coordinates at (0, 0) or out of range, times that run backwards,
    transfers of a station to itself or of negative length, unknown core stations, a date without any trip,
    people without a known county, negative people. Warnings: trips with fewer than two calls, legs faster
    than `MAX_SPEED_KMH` in a straight line (with `ROUNDING_S` to spare), cities without core stations,
    region members that no county has.
    """
    checks = (
        _stations, _trip_lengths, _time_order, _speeds, _transfers, _service_date, _cities, _regions, _people,
    )  # fmt: skip
    return [issue for check in checks for issue in check(network)]


def _named(code: str, problems: Sequence[dict[str, Any]], what: str, severity: Any = "error") -> Iterator[Issue]:
    """Yield the first problems one by one, and the number of the rest."""
    for problem in problems[:MAX_NAMED]:
        yield Issue(severity, code, **problem)
    if len(problems) > MAX_NAMED:
        yield Issue(severity, code, f"and {len(problems) - MAX_NAMED:,} more {what}")


def _stations(network: Network) -> Iterator[Issue]:
    count = Counter(s.station_id for s in network.stations)
    twice = [
        {"message": f"{n} stations have this id", "field": "station_id", "value": station_id}
        for station_id, n in count.items()
        if n > 1
    ]
    yield from _named("duplicate-key", twice, "ids")
    out, zero = [], []
    for s in network.stations:
        at = f"{s.lon:g}, {s.lat:g}"
        if not (-180 <= s.lon <= 180 and -90 <= s.lat <= 90):
            message = f"{s.name} ({s.station_id}) lies outside -180 to 180, -90 to 90"
            swapped = -90 <= s.lon <= 90 and -180 <= s.lat <= 180
            remedy = "lon and lat look swapped" if swapped else "give WGS84 degrees"
            out.append({"message": message, "field": "lon, lat", "value": at, "remedy": remedy})
        elif s.lon == 0 and s.lat == 0:
            message = f"{s.name} ({s.station_id}) lies at (0, 0), in the sea off Africa"
            zero.append({"message": message, "field": "lon, lat", "value": at, "remedy": "give its coordinate"})
    yield from _named("out-of-range", out, "stations")
    yield from _named("zero-coordinate", zero, "stations")


def _trip_lengths(network: Network) -> Iterator[Issue]:
    n_calls = np.bincount(network.stop_times.trip_idx, minlength=network.n_trips)
    short = [
        {
            "message": f"trip {network.trips.names[i]} ({network.trips.trip_ids[i]}) has {n_calls[i]} calls",
            "remedy": "it carries nobody and is kept as it is",
        }
        for i in np.flatnonzero(n_calls < 2).tolist()
    ]
    yield from _named("short-trip", short, "trips", "warning")


def _legs(network: Network) -> NDArray[np.int64]:
    """Return the index of the first call of every leg."""
    trip_idx = network.stop_times.trip_idx
    return np.flatnonzero(trip_idx[1:] == trip_idx[:-1])


def _time_order(network: Network) -> Iterator[Issue]:
    calls = network.stop_times
    legs = _legs(network)
    backwards = legs[calls.arrival_s[legs + 1] < calls.departure_s[legs]]
    problems = [
        _leg(network, i) | {"field": "arrival", "remedy": "past midnight count on: 24:10"} for i in backwards.tolist()
    ]
    early = np.flatnonzero(calls.departure_s < calls.arrival_s)
    problems += [
        {
            "message": f"trip {network.trips.trip_ids[calls.trip_idx[i]]} leaves "
            f"{network.stations[calls.station_idx[i]].name} before it arrives",
            "field": "departure",
            "value": format_clock(int(calls.departure_s[i])),
        }
        for i in early.tolist()
    ]
    yield from _named("decreasing-time", problems, "calls")


def _leg(network: Network, i: int) -> dict[str, Any]:
    calls = network.stop_times
    trip_id = network.trips.trip_ids[calls.trip_idx[i]]
    start, end = (network.stations[calls.station_idx[j]].name for j in (i, i + 1))
    leave, reach = (format_clock(int(s)) for s in (calls.departure_s[i], calls.arrival_s[i + 1]))
    return {
        "message": f"trip {trip_id} leaves {start} {leave} and reaches {end} {reach}",
        "value": reach,
    }


def _speeds(network: Network) -> Iterator[Issue]:
    """Yield one warning a pair of stations, for its fastest leg."""
    calls, legs = network.stop_times, _legs(network)
    lon = np.array([s.lon for s in network.stations], dtype=float)
    lat = np.array([s.lat for s in network.stations], dtype=float)
    start, end = calls.station_idx[legs], calls.station_idx[legs + 1]
    seconds = calls.arrival_s[legs + 1].astype(np.int64) - calls.departure_s[legs]
    metres = great_circle_m(lon[start], lat[start], lon[end], lat[end])
    kmh = metres * 3.6 / np.maximum(seconds + ROUNDING_S, 1)
    fast = np.flatnonzero((kmh > MAX_SPEED_KMH) & (seconds >= 0))
    fastest: dict[tuple[int, int], int] = {}
    for j in fast[np.argsort(-kmh[fast], kind="stable")].tolist():
        fastest.setdefault((int(start[j]), int(end[j])), j)
    problems = [
        _leg(network, int(legs[j]))
        | {
            "value": f"{metres[j] / 1000:.1f} km in {seconds[j] / MINUTE:g} min",
            "remedy": f"above {MAX_SPEED_KMH} km/h in a straight line: check the times and both coordinates",
        }
        for j in fastest.values()
    ]
    yield from _named("impossible-speed", problems, "pairs of stations", "warning")


def _transfers(network: Network) -> Iterator[Issue]:
    walks, n = network.transfers, network.n_stations
    problems = []
    for from_idx, to_idx, seconds in zip(
        *(a.tolist() for a in (walks.from_idx, walks.to_idx, walks.seconds)), strict=True
    ):
        if not (0 <= from_idx < n and 0 <= to_idx < n):
            problems.append(
                {"message": "a transfer names a station that is not there", "value": f"{from_idx}, {to_idx}"}
            )
            continue
        pair = f"{network.stations[from_idx].name} to {network.stations[to_idx].name}"
        if from_idx == to_idx:
            remedy = "the change time of a station is its change_s"
            problems.append({"message": f"transfer {pair} leads back to the same station", "remedy": remedy})
        if seconds < 0:
            problems.append({"message": f"transfer {pair} is negative", "field": "seconds", "value": str(seconds)})
    yield from _named("bad-transfer", problems, "transfers")


def _service_date(network: Network) -> Iterator[Issue]:
    runs = np.array([service.runs_on(network.date) for service in network.services], dtype=bool)
    if not network.n_trips or not runs[network.trips.service_idx].any():
        remedy = "choose a date within the validity of the timetable"
        yield Issue(
            "error",
            "no-trips",
            "no trip runs on the date",
            field="date",
            value=str(network.date),
            remedy=remedy,
        )


def _cities(network: Network) -> Iterator[Issue]:
    known = {s.station_id for s in network.stations}
    unknown, without = [], []
    for city in network.cities:
        unknown += [
            {
                "message": f"core station of {city.slug} is not in the network",
                "field": "station_id",
                "value": station_id,
            }
            for station_id in city.core_station_ids
            if station_id not in known
        ]
        if not city.core_station_ids:
            message = f"{city.slug} has no core station, so nothing reaches it"
            without.append({"message": message, "field": "city", "value": city.slug})
    yield from _named("unknown-reference", unknown, "core stations")
    yield from _named("no-core-station", without, "cities", "warning")


def _regions(network: Network) -> Iterator[Issue]:
    if network.counties is None:
        return
    codes = {*network.counties["county_code"], *network.counties["prefecture_code"]}
    unknown = [
        {
            "message": f"member of {region.region_id} is no county or prefecture",
            "field": "members",
            "value": code,
        }
        for region in network.regions
        for code in region.member_codes
        if code not in codes
    ]
    yield from _named("unknown-reference", unknown, "members", "warning")


def _people(network: Network) -> Iterator[Issue]:
    people = network.population
    if people is None:
        return
    negative = [
        {
            "message": "cell has negative people",
            "row": row + 1,
            "field": "people",
            "value": f"{people['people'].iloc[row]:g}",
        }
        for row in np.flatnonzero(people["people"].to_numpy() < 0).tolist()
    ]
    yield from _named("negative-people", negative, "cells")
    if network.counties is not None:
        known = people["county_code"].isin(network.counties["county_code"]).to_numpy()
        lost = [
            {"message": "cell lies in no known county", "row": row + 1, "field": "county_code",
             "value": str(people["county_code"].iloc[row])}
            for row in np.flatnonzero(~known).tolist()
        ]  # fmt: skip
        yield from _named("unknown-reference", lost, "cells")
