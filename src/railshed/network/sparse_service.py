"""Cities whose network has few trains from outside for their people: their suburban trains may be
missing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from railshed.network.cities import Centre, City
from railshed.network.gazetteer import has_places, nearest_place, places_in
from railshed.network.model import Network, running
from railshed.network.route_types import METRO, RAIL, SUBURBAN, TRAM, are_of
from railshed.network.trip_series import ranges, served_by, with_first_runs
from railshed.util.array_types import Ints32
from railshed.util.frames import among, columns_of
from railshed.util.geodesy import great_circle_m
from railshed.util.units import DAY, HOUR

#: people from which a city has suburban trains; arrivals an hour for each million of them below
#: which it lacks trains
LARGE_CITY = 1_000_000
ARRIVALS_PER_MILLION = 6
#: metres from the centre beyond which is outside without counties, and within which stations of a
#: town are terminals
_OUTSIDE_M = 10_000
_TERMINALS_M = 5_000
_RAILS = (RAIL, SUBURBAN, METRO, TRAM)
#: by network, as long as it lives, what was found of a city of its own, by slug, on a date
_FOUND: WeakKeyDictionary[Network, dict[tuple[str, dt.date], dict[str, Any] | None]] = (
    WeakKeyDictionary()
)


def sparse_service_of(network: Network, city: City, date: dt.date) -> dict[str, Any] | None:
    """Return `sparse_service` of all trips of a network, which are looked through once for each of
    its cities.
    """
    found = _FOUND.setdefault(network, {}) if city in network.cities else {}
    key = (city.slug, date)
    if key not in found:
        of, n_runs, step_s = with_first_runs(network)
        found[key] = sparse_service(of, city, n_runs, step_s, date)
    return found[key]


def sparse_service(
    network: Network, city: City, n_runs: Ints32, step_s: Ints32, date: dt.date | None = None
) -> dict[str, Any] | None:
    """Return people and arrivals an hour of a city of `LARGE_CITY` people or more with few
    arrivals, else None.

    Few are fewer than `ARRIVALS_PER_MILLION` an hour: a suburban line by China's rules of 2020 (a
    train in ten minutes in the peak) for each million people. Feeds with suburban trains have 9
    (São Paulo) to 140 (Washington), those of long-distance trains 2 to 5 (Berlin, Hamburg, Munich).
    Counted are trains, metros and trams of the date (default: the network's) that arrive at a
    terminal in the morning window after a call outside the city proper, each once; a trip stands
    for `n_runs` trips, int32 (n_trips,), `step_s` seconds apart. People are those of the city
    proper, else of the town within 10 km of the main centre (GeoNames, where it is installed).
    """
    people, is_outside = _people_and_outside(network, city)
    if people < LARGE_CITY or not network.n_trips:
        return None
    calls = network.stop_times
    index = network.station_index()
    start, end = city.window_to
    at = network.calls_at(
        sorted({index[station] for station in city.core_station_ids if station in index})
    )
    at = at[calls.drop_off[at]]
    trip = calls.trip_idx[at]
    clock = calls.arrival_s[at] % DAY
    step = np.maximum(step_s[trip], 1)
    last = n_runs[trip] - 1
    n = (
        np.minimum(last, (end - 1 - clock) // step)
        - np.maximum(0, (start - clock + step - 1) // step)
        + 1
    )
    rides = running(network.services, [date or network.date])[
        network.trips.service_idx[trip], 0
    ] & (n > 0)
    rides &= are_of(network.trips.route_types[trip], _RAILS)
    at = at[rides]
    trip = trip[rides]
    n = n[rides]
    first = np.searchsorted(calls.trip_idx, trip)
    before = np.repeat(first, at - first) + ranges(at - first)
    stations, place = np.unique(calls.station_idx[before], return_inverse=True)
    boards = is_outside(stations)[place] & calls.pickup[before]
    mine = np.flatnonzero(
        np.bincount(np.repeat(np.arange(len(at)), at - first)[boards], minlength=len(at))
    ).tolist()
    each = {
        int(trip[k]): int(n[k]) for k in sorted(mine, key=n.__getitem__)
    }  # the terminal with most of a trip's runs
    an_hour = round(sum(each.values()) * HOUR / (end - start), 1)
    enough = an_hour * 1_000_000 >= ARRIVALS_PER_MILLION * people
    return None if enough else {"people": people, "arrivals_an_hour": an_hour}


def large_cities(network: Network) -> list[City]:
    """Return the core cities, of a feed without any the towns of `LARGE_CITY` people with a station
    within 5 km.
    """
    if network.cities or not has_places() or not network.n_trips:
        return [city for city in network.cities if city.role == "core"]
    lon, lat = network.lon_lat
    found = []
    edge = 0.05
    served = served_by(network, are_of(network.trips.route_types, _RAILS))
    places = places_in(lon.min() - edge, lat.min() - edge, lon.max() + edge, lat.max() + edge)
    for place in (one for one in places if one.population >= LARGE_CITY):
        near = np.flatnonzero(
            served & (great_circle_m(place.lon, place.lat, lon, lat) <= _TERMINALS_M)
        )
        if len(near):
            ids = [network.stations[k].station_id for k in near]
            centre = Centre(place.name, "", place.lon, place.lat)
            found.append(City(place.name, place.name, place.name, tuple(ids), (centre,)))
    return found


def _people_and_outside(network: Network, city: City) -> tuple[int, Callable[[Ints32], Any]]:
    """Return the city's people, 0 where they are not known, and what finds which stations lie
    outside it.
    """
    counties = columns_of(network, "counties")
    at = network.anchor(city)
    if counties is not None and "population" in counties and city.proper_counties:
        proper = set(city.proper_counties)
        people = round(
            np.nansum(counties["population"][among(counties["county_code"], proper)].astype(float))
        )
        return people, lambda some: np.array(
            [network.stations[k].county_code not in proper for k in some], bool
        )
    lon, lat = network.lon_lat
    place = nearest_place(*at) if has_places() else None
    known = place is not None and great_circle_m(place.lon, place.lat, *at) <= _OUTSIDE_M
    people = place.population if place is not None and known else 0
    return people, lambda some: great_circle_m(*at, lon[some], lat[some]) > _OUTSIDE_M
