"""Planned core stations: lines that end near a city and reach none, and a new one that is a way out of another.

The first would silently be worth nothing, the second more than they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import permutations

import numpy as np

from railshed.assumptions.assumptions import Assumptions, default_assumptions
from railshed.network.cities import City
from railshed.network.lines import Line
from railshed.network.model import Network, Station
from railshed.util.bilingual import Words, fill
from railshed.util.geodesy import great_circle_m
from railshed.util.units import UNREACHED

#: an end this near to a core station or the main centre is meant for the city
_NEAR_KM = 15.0
_NO_CORE = Words(
    "{line}止于{station}，距{city}{km:.1f} km，不停其中心城区客站，亦不接通往该处的列车：不加add-core-station则不计入",
    "{line} ends at {station}, {km:.1f} km from {city} (nearest core station or main centre), calls at no core station "
    "of it and meets no other train to one there: it reaches no core set without add-core-station (or core_station = "
    "true)",
)


def lines_without_core(network: Network, lines: Sequence[Line], city: str = "") -> Iterator[Words]:
    """Yield a warning for each end of a line in or near a city (any, where none is named) that gets no core station.

    A line that meets other trains near the city, and they go on to a core station, is worth something without one.
    """
    cities = [c for c in network.cities if city in ("", c.slug)]
    places = {s.station_id: s for s in network.stations}
    reported = set()
    for line in lines:
        called = [places.get(stop.station.station_id, stop.station) for stop in line.stops]
        for station in (called[0], called[-1]):
            near = [(km, c) for c in cities if (km := _km_from(network, c, station, places)) is not None]
            if not near or (line.name, station.station_id) in reported:
                continue
            km, found = min(near, key=lambda item: (item[0], item[1].slug))
            there = {s.station_id for s in called if _km_from(network, found, s, places) is not None}
            core = set(found.core_station_ids)
            if core & {s.station_id for s in called} or _is_joined(network, line, there, core):
                continue
            reported.add((line.name, station.station_id))
            yield fill(_NO_CORE, line=line.name, station=station.name, km=km, city=found.label)


def _is_joined(network: Network, line: Line, there: set[str], core: set[str]) -> bool:
    """Return whether other trains call at one of the line's stations near the city and at a core station."""
    index, calls = network.station_index(), network.stop_times
    here, away = (
        calls.trip_idx[np.isin(calls.station_idx, [index[s] for s in ids if s in index])] for ids in (there, core)
    )
    route = line.route_id or line.line_id
    return any(network.trips.route_ids[trip] != route for trip in np.intersect1d(here, away).tolist())


def _km_from(network: Network, city: City, station: Station, places: dict[str, Station]) -> float | None:
    """Return km to the nearest of the city's main centre and core stations, None beyond it and 15 km."""
    points = [(s.lon, s.lat) for key in city.core_station_ids if (s := places.get(key)) is not None]
    points += [(c.lon, c.lat) for c in city.centres[:1]]
    if not points:
        return None
    km = min(float(great_circle_m(station.lon, station.lat, *point)) for point in points) / 1000
    inside = station.county_code != "" and station.county_code in city.proper_counties
    return km if inside or km <= _NEAR_KM else None


def short_ways_out(base: Network, network: Network) -> Iterator[Words]:
    """Yield a warning for each core station that is left, or entered, sooner by a walk through another one.

    One of the two is planned: no core station of the city in `base`. The walk is the one that changes of trains take;
    a planned station with the times of a metro beside a main station would else serve all who arrive there.
    """
    before = {city.slug: set(city.core_station_ids) for city in base.cities}
    for city in network.cities:
        core = dict.fromkeys(city.core_station_ids)
        planned = core.keys() - before.get(city.slug, set())
        if not planned:
            continue
        assumptions, index = default_assumptions(network.assumptions), network.station_index()
        for one, other in permutations([index[s] for s in core if s in index], 2):
            ids = {network.stations[k].station_id for k in (one, other)}
            if ids & planned and (sooner := _sooner_by(network, one, other, assumptions)):
                a, b = network.stations[one], network.stations[other]
                yield Words(
                    "",
                    f"{a.name} ({a.station_class}) and {b.name} ({b.station_class}) are core stations of {city.label} "
                    f"within a walk: {sooner}. If they are one place, give both one station_class (in the stop, or by "
                    "adjust-station-time), else the walk its true minutes (add-transfer)",
                )


def _sooner_by(network: Network, one: int, other: int, assumptions: Assumptions) -> str:
    """Return in words how much sooner one station is left, or entered, through the other; "" if it is not."""
    a, b = network.stations[one], network.stations[other]
    found = []
    ways = (
        ("arrivals at {} would leave through {} sooner", "exit", assumptions.exit_s, (one, other)),
        ("departures from {} would enter through {} sooner", "entry", assumptions.entry_s, (other, one)),
    )
    for words, what, each, (start, end) in ways:
        own, there = each(a), each(b)
        walk = None if own <= there else _walk_s(network, start, end, assumptions)
        if walk is not None and walk + there < own:
            sooner = words.format(a.name, b.name)
            found.append(f"{sooner}, in {walk + there:,} s ({what} {there:,} s, walk {walk:,} s) instead of {own:,} s")
    return "; ".join(found)


def _walk_s(network: Network, start: int, end: int, assumptions: Assumptions) -> int | None:
    """Return seconds of the walk from a station to another: listed, else straight within the cap; None for none."""
    from pyproj import Geod

    listed = network.transfers
    same = (listed.from_idx == start) & (listed.to_idx == end)
    if same.any():
        seconds, limit = int(listed.seconds[same].min()), UNREACHED - 1
    else:
        a, b = network.stations[start], network.stations[end]
        _, _, metres = Geod(ellps="WGS84").inv(a.lon, a.lat, b.lon, b.lat)
        seconds, limit = int(assumptions.modes["walk"].straight_s(metres)), assumptions.footpath_cap_s
    return seconds if seconds <= limit else None
