"""Two networks, or two dates of one: their stations, hops and trips, and a city's circles in both
on one land.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from railshed.assumptions.names import HEADLINE
from railshed.circles import analysis
from railshed.circles.build import circles_of
from railshed.comparisons.plans import base_with
from railshed.comparisons.result import ComparisonResult
from railshed.network.cities import City
from railshed.network.model import Network, Station, running
from railshed.network.route_types import find_mode
from railshed.routing.engine import compile_any
from railshed.util.errors import InputError, NotFoundError
from railshed.util.geodesy import great_circle_m
from railshed.util.units import MINUTE, UNREACHED
from railshed.util.validation import checked

#: a station is that of another network with its id or name within so many metres
_SAME_PLACE_M = 2_000
STATES = ("new", "gone", "both")


def known_city(network: Network, city: str | City, when: str) -> City:
    """Return the city, looked up in the timetable `when`: before or after.

    Raises NotFoundError naming the timetable that lacks it.
    """
    found = city if isinstance(city, City) else network.find_city(city)
    if found is None:
        names = [name for c in network.cities for name in (c.slug, c.name, c.name_en)]
        place = "lists none: give a place, city=city_at(...) or --at LON,LAT"
        known = f"lists {len(network.cities)} cities" if network.cities else place
        raise NotFoundError(
            "city", str(city), names, f"The timetable {when} ({network.network_id}) {known}."
        )
    return found


def same_stations(station: Station, network: Network) -> list[int]:
    """Return the stations of a network with this one's id or name within 2 km of it."""
    return [
        k
        for k, s in enumerate(network.stations)
        if station.station_id == s.station_id or station.name == s.name
        if float(great_circle_m(station.lon, station.lat, s.lon, s.lat)) <= _SAME_PLACE_M
    ]


def run_on(
    run: analysis.AnalysisInputs,
    after: Network,
    here: City,
    city_after: str | City | None,
    planned: Network,
) -> analysis.AnalysisInputs:
    """Return the run on another network with the land, people and city of a run; core stations are
    the network's own.

    Of a city that it does not know they are those of the same id or name and place; `planned` has
    the city's.

    Raises InputError when the network has none of the city's core stations.
    """
    old = planned
    if city_after is not None:
        core = known_city(after, city_after, "after").core_station_ids
    elif here.slug in {c.slug for c in after.cities}:
        core = after.get_city(here.slug).core_station_ids
    else:
        core = _same_core(planned, here.slug, after)
    new = replace(after, counties=old.counties, population=old.population, regions=old.regions)
    new = base_with(new, [replace(here, core_station_ids=core)])
    return run.changed(compiled=compile_any(new, run.assumptions, date=after.date))


def _same_core(planned: Network, slug: str, after: Network) -> tuple[str, ...]:
    """Return the stations of the new timetable that are the core stations of a city that it does
    not know.
    """
    places = {s.station_id: s for s in planned.stations}
    core = [places[s] for s in planned.get_city(slug).core_station_ids]
    found = tuple(
        dict.fromkeys(after.stations[k].station_id for s in core for k in same_stations(s, after))
    )
    if not found:
        raise InputError(
            f"network {after.network_id} does not know {slug} and has none of its core stations: "
            f"{', '.join(s.name for s in core)} -> give the city as it has it (city_after=..., "
            "--at)"
        )
    return found


@checked(
    before=analysis.network_or_run,
    after=analysis.network_of,
    **analysis.circle_kinds("city", "cutoffs", "reading", "direction"),
)
def compare_networks(
    before: Network | analysis.AnalysisInputs | str | Path,
    after: Network | str | Path,
    city: str | City,
    *,
    cutoffs: Sequence[int] | None = None,
    reading: str = HEADLINE,
    direction: str = "to",
) -> ComparisonResult:
    """Return the circles of a city in two networks, on the same cells.

    Parameters
    ----------
    before
        The earlier network, an id or a path, or the result of `prepare`: people, counties, the city
        proper, the centres and the windows are its own in both circles, so that only trains and
        stations make a difference.
    after
        The later network: core stations are its own.
    city
        In `before`, and by the same slug in `after`.
    cutoffs, reading, direction
        As `circle`.

    Raises NotFoundError when the city is not known; InputError when `after` has none of its core
    stations.
    """
    assert isinstance(after, Network)
    assert not isinstance(before, str | Path)
    run = analysis.run_of(before)
    network = run.compiled.network
    here = known_city(network, city, "before")
    base = base_with(network, [here])
    there = run_on(run, after, here, None, base)
    cases = [
        analysis.case_of(run, here),
        analysis.case_of(there, there.compiled.network.get_city(here.slug)),
    ]
    for case in cases:  # what one of them lacks, both do without
        reading = analysis.defined_reading(run, case, reading).name
    was, now = circles_of(cases, run, reading=reading, direction=direction, cutoffs=cutoffs)
    return ComparisonResult(title_of(network, after), was, now, None, None, None)


def title_of(before: Network, after: Network) -> str:
    """Return what a comparison of two networks is called, by their ids and dates."""
    return f"{before.network_id} ({before.date}) - {after.network_id} ({after.date})"


class _Day:
    """What runs on a network's date: trips by station, and by hop between neighbouring calls."""

    def __init__(self, network: Network) -> None:
        calls = network.stop_times
        trips = network.trips
        self.runs = running(network.services, [network.date])[trips.service_idx, 0]
        self.network = network
        n = network.n_stations
        rows = np.flatnonzero(self.runs[calls.trip_idx])
        trip = calls.trip_idx[rows].astype(np.int64)
        station = calls.station_idx[rows].astype(np.int64)
        self.n_trips = np.bincount(np.unique(trip * n + station) % n, minlength=n)
        legs = np.flatnonzero(trip[1:] == trip[:-1])
        seconds = calls.arrival_s[rows[legs + 1]].astype(np.int64) - calls.departure_s[rows[legs]]
        ends = np.sort(np.column_stack([station[legs], station[legs + 1]]), axis=1)
        self.hops, at = np.unique(ends, axis=0, return_inverse=True)
        self.hop_trips = np.bincount(at.ravel(), minlength=len(self.hops))
        self.hop_s = np.full(len(self.hops), UNREACHED, np.int64)
        np.minimum.at(self.hop_s, at.ravel(), seconds)

    def by_mode(self) -> dict[str, int]:
        """Return trips by mode."""
        types, counts = np.unique(self.network.trips.route_types[self.runs], return_counts=True)
        found: dict[str, int] = {}
        for kind, n in zip(types.tolist(), counts.tolist(), strict=True):
            mode = find_mode(kind) or "other"
            found[mode] = found.get(mode, 0) + n
        return found

    def rows(self) -> tuple[dict[str, int], dict[tuple[str, str], tuple[int, int]]]:
        """Return trips by id of the served stations, and by hop: trips, seconds of the fastest."""
        ids = [s.station_id for s in self.network.stations]
        stations = {key: n for key, n in zip(ids, self.n_trips.tolist(), strict=True) if n}
        hops = zip(self.hops.tolist(), self.hop_trips.tolist(), self.hop_s.tolist(), strict=True)
        found = ((sorted((ids[a], ids[b])), n, s) for (a, b), n, s in hops)
        return stations, {(first, last): (n, s) for (first, last), n, s in found}


def network_changes(before: Network, after: Network) -> dict[str, Any]:
    """Return what two networks have on their dates.

    ``stations`` and ``hops`` are GeoDataFrames (EPSG:4326), a row a served station and a pair of
    neighbouring calls:
    ``state`` (new, gone, both), trips a day before and after, both ways; of hops the fastest
    minutes too. ``modes`` has trips before and after by mode. Stations of both networks have one
    id.
    """
    import geopandas as gpd
    import pandas as pd
    import shapely

    days = [_Day(network) for network in (before, after)]
    (stations_was, hops_was), (stations_now, hops_now) = (day.rows() for day in days)
    places = {s.station_id: s for network in (before, after) for s in network.stations}
    served = sorted({*stations_was, *stations_now})
    rows = [
        {
            "station_id": key,
            "name": places[key].name,
            "name_en": places[key].name_en,
            "state": _state(key in stations_was, key in stations_now),
            "trips_before": stations_was.get(key, 0),
            "trips_after": stations_now.get(key, 0),
        }
        for key in served
    ]
    points = [shapely.Point(places[key].lon, places[key].lat) for key in served]
    hops = []
    lines = []
    for key in sorted({*hops_was, *hops_now}):
        was = hops_was.get(key, (0, UNREACHED))
        now = hops_now.get(key, (0, UNREACHED))
        first, last = key
        a = places[first]
        b = places[last]
        hops.append(
            {
                "from": a.name,
                "to": b.name,
                "from_id": first,
                "to_id": last,
                "state": _state(was[0] > 0, now[0] > 0),
                "trips_before": was[0],
                "trips_after": now[0],
                "minutes_before": _minutes(was[1]),
                "minutes_after": _minutes(now[1]),
                "km": round(float(great_circle_m(a.lon, a.lat, b.lon, b.lat)) / 1000, 1),
            }
        )
        lines.append(shapely.LineString([(a.lon, a.lat), (b.lon, b.lat)]))
    modes = [day.by_mode() for day in days]
    return {
        "stations": gpd.GeoDataFrame(pd.DataFrame(rows), geometry=points, crs="EPSG:4326"),
        "hops": gpd.GeoDataFrame(pd.DataFrame(hops), geometry=lines, crs="EPSG:4326"),
        "modes": [
            {
                "mode": mode,
                "trips_before": modes[0].get(mode, 0),
                "trips_after": modes[1].get(mode, 0),
            }
            for mode in sorted(modes[0].keys() | modes[1].keys())
        ],
    }


def _state(was: bool, now: bool) -> str:
    if was and now:
        return "both"
    return "new" if now else "gone"


def _minutes(seconds: int) -> float | None:
    return None if seconds >= UNREACHED else round(seconds / MINUTE, 1)
