"""Added lines that end near a city and reach none of its core stations: they would silently be worth nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from railshed.lines import Line, great_circle_m
from railshed.model import City, Network, Station

#: an end this near to a core station or the main centre is meant for the city
_NEAR_KM = 15.0


def lines_without_core(network: Network, lines: Sequence[Line], city: str = "") -> Iterator[str]:
    """Yield a warning for each end of a line in or near a city (any, where none is named) that gets no core station.

    A line that meets other trains near the city, and they go on to a core station, is worth something without one.
    """
    cities = [c for c in network.cities if city in ("", c.slug)]
    places = {s.station_id: s for s in network.stations}
    said = set()
    for line in lines:
        called = [places.get(stop.station.station_id, stop.station) for stop in line.stops]
        for station in (called[0], called[-1]):
            near = [(km, c) for c in cities if (km := _km_from(network, c, station, places)) is not None]
            if not near or (line.name, station.station_id) in said:
                continue
            km, found = min(near, key=lambda item: (item[0], item[1].slug))
            there = {s.station_id for s in called if _km_from(network, found, s, places) is not None}
            core = set(found.core_station_ids)
            if core & {s.station_id for s in called} or _is_joined(network, line, there, core):
                continue
            said.add((line.name, station.station_id))
            yield (
                f"{line.name} ends at {station.name}, {km:.1f} km from {found.label} (nearest core station or main "
                "centre), calls at no core station of it and meets no other train to one there: it reaches no core "
                "set without add-core-station (or core_station = true)"
            )


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
