"""From a network to the lines, stations and notes that a map shows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from railshed.cells.cell_keys import distinct
from railshed.circles.cell_counts import CellCounts
from railshed.circles.definitions import GENERAL_LIMITS, STRAIGHT_LINES
from railshed.maps.data import COUNTY_COLUMNS, MapData
from railshed.network.route_types import are_buses, are_trains, trips_by_bus
from railshed.network.trip_series import first_runs, with_first_runs
from railshed.util.array_types import Bools, Ints32, Ints64
from railshed.util.bilingual import Words
from railshed.util.cache import arrays_of
from railshed.util.sums import plain_sum
from railshed.util.units import MINUTE

if TYPE_CHECKING:
    import geopandas as gpd

    from railshed.network.model import Network

#: west, south, east, north: China and, on the safe side, what lies around it
_CHINA_BOX = (73.0, 0.0, 136.0, 54.0)


def network_map(
    counts: CellCounts,
    stations: gpd.GeoDataFrame,
    *,
    sources: Iterable[Words] = (),
    warnings: Iterable[Words] = (),
    **fields: Any,
) -> MapData:
    """Return a map with the counties, stations, lines, sources and limits of a network; `fields`
    are all others.
    """
    import geopandas as gpd

    network = counts.case.compiled.network
    counties = counts.case.compiled.network.counties
    if counties is None:
        counties = gpd.GeoDataFrame({c: [] for c in COUNTY_COLUMNS}, geometry=[], crs="EPSG:4326")
    limits = limits_of(
        network, people=counts.people is not None, streets=counts.case.streets is not None
    )
    return MapData(
        counties=counties[[*COUNTY_COLUMNS, "geometry"]],
        stations=drawn_stations(network, stations),
        legs=network_legs(network),
        roads=bus_lines(network),
        approval=needs_approval(network),
        sources=(*credits_of(network), *sources),
        warnings=(*warnings, *limits),
        **fields,
    )


#: by network in use: calls at each station of buses, of other trips that run, of all that run
_CALLS: WeakKeyDictionary[Network, list[Ints64]] = WeakKeyDictionary()


def drawn_stations(network: Network, stations: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return stations as maps draw them: whether they have buses alone, and trips that call on the
    network's date.
    """
    if network not in _CALLS:
        of, n_runs, _ = with_first_runs(network)
        (bus, runs) = trips_by_bus(of)
        calls = of.stop_times
        _CALLS[network] = [
            np.bincount(
                calls.station_idx, (n_runs * trips)[calls.trip_idx], network.n_stations
            ).astype(np.int64)
            for trips in (bus, runs & ~bus, runs)
        ]
    index = network.station_index()
    mine = [index[station_id] for station_id in stations["station_id"]]
    by_bus, by_rail, today = (calls[mine] for calls in _CALLS[network])
    return stations.assign(bus_only=(by_bus > 0) & (by_rail == 0), trains=today)


def middle_of(places: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Return the mean longitude and latitude of some places."""
    lon, lat = (plain_sum(values) / len(values) for values in zip(*places, strict=True))
    return lon, lat


def needs_approval(network: Network) -> bool:
    """Return whether a station lies in the box around China: maps of its land need an approval
    number there.
    """
    west, south, east, north = _CHINA_BOX
    return any(west <= s.lon <= east and south <= s.lat <= north for s in network.stations)


def credits_of(network: Network) -> tuple[Words, ...]:
    """Return the sources as a map's foot prints them: the credit of each that has one, else
    attribution and licence.
    """
    credited = {
        (s["credit_zh"], s.get("credit_en", "")): None
        for s in network.sources
        if s.get("credit_zh")
    }
    if credited:
        return tuple(Words(zh, en) for zh, en in credited)
    lines = (
        " · ".join(
            p for p in (s.get("attribution") or s.get("title", ""), s.get("licence", "")) if p
        )
        for s in network.sources
    )
    return tuple(Words(line, line) for line in lines)


def limits_of(network: Network, *, people: bool, streets: bool = False) -> tuple[Words, ...]:
    """Return the notes on gaps in the data that a map prints."""
    found = [Words(*pair) for pair in network.limits] or list(GENERAL_LIMITS)
    if streets:
        found = [row for row in found if row != STRAIGHT_LINES]
    if network.counties is None:
        found.append(
            Words(
                "无区县边界：水面计为土地，图上只画陆地",
                "no boundaries: water counts as land, but is not drawn",
            )
        )
    if not people:
        found.append(Words("无人口数据", "people: no data"))
    return tuple(found)


#: drawn lines of the networks in use; a network is never changed, so its lines are found once
_LEGS: WeakKeyDictionary[Any, gpd.GeoDataFrame] = WeakKeyDictionary()


def network_legs(network: Network) -> gpd.GeoDataFrame:
    """Return the rail network as lines with trains a day, merged for drawing; buses are
    `bus_lines`.

    `metro`: of metros and trams, where the network has trains too.
    """
    if network not in _LEGS:
        import geopandas as gpd
        import shapely

        ends, trains, metro = arrays_of(network, "legs by mode", lambda: _merged_legs(network))
        _LEGS[network] = gpd.GeoDataFrame(
            {"trains": trains, "metro": metro.astype(bool)},
            geometry=shapely.linestrings(ends),
            crs=4326,
        )
    return _LEGS[network]


def _merged_legs(network: Network) -> list[NDArray[Any]]:
    """Return both ends of each leg, float64 (n_legs, 2, 2) degrees, its trains a day, and whether
    it is a metro's.

    Trains run along trains alone: no metro stands for the railway.
    """
    import geopandas as gpd
    import pandas as pd
    import shapely

    from railshed.maps.rails import merge_legs

    places = dict(enumerate(zip(*(v.tolist() for v in network.lon_lat), strict=True)))
    types = (
        first_runs(network)[0].route_types if network.links is None else network.links.route_types
    )
    trains = are_trains(types)
    parts = [
        merge_legs(places, _trains_a_day(network, kind))
        for kind in (trains, ~trains & ~are_buses(types))
    ]
    legs = gpd.GeoDataFrame(pd.concat(parts, ignore_index=True))
    metro = np.repeat([0, 1 if len(parts[0]) else 0], [len(part) for part in parts])
    return [
        shapely.get_coordinates(legs.geometry).reshape(-1, 2, 2),
        legs["trains"].to_numpy(np.float64),
        metro,
    ]


def _trains_a_day(network: Network, kind: NDArray[np.bool_]) -> dict[tuple[int, int], float]:
    """Return the trains a day between stations, of the trips (hops of a network of lines) that are
    of this `kind`.

    Those of a line known by its headway run through the service day.
    """
    links = network.links
    if links is None:
        of, n_runs, _ = with_first_runs(network)
        keys, trip = _calls_in_a_row(of, kind & trips_by_bus(of)[1])
        keys, which = np.unique(keys, return_inverse=True)
        u, v = (ends.tolist() for ends in np.divmod(keys, network.n_stations))
        return dict(
            zip(zip(u, v, strict=True), np.bincount(which, n_runs[trip]).tolist(), strict=True)
        )
    every_s = np.where(links.headway_s > 0, links.headway_s, MINUTE)
    daily = np.where(links.trains > 0, links.trains, links.service_s / every_s)
    trains: dict[tuple[int, int], float] = {}
    for u, v, count in zip(
        *(column[kind].tolist() for column in (links.from_idx, links.to_idx, daily)), strict=True
    ):
        trains[u, v] = trains.get((u, v), 0.0) + count
    return trains


def _calls_in_a_row(network: Network, trips: Bools | None) -> tuple[Ints64, Ints32]:
    """Return int64 (n,) first * n_stations + second of two calls in a row of trips, and int32 (n,)
    the trip.
    """
    trip = network.stop_times.trip_idx
    station = network.stop_times.station_idx
    same = (trip[1:] == trip[:-1]) & (station[1:] != station[:-1])
    if trips is not None:
        same &= trips[trip[:-1]]
    return station[:-1][same].astype(np.int64) * network.n_stations + station[1:][same], trip[:-1][
        same
    ]


def bus_lines(network: Network) -> gpd.GeoDataFrame | None:
    """Return the hops of the day's buses as straight lines, each pair of stops once; None where
    none runs.
    """
    import geopandas as gpd
    import shapely

    road = np.logical_and(*trips_by_bus(network, first_runs(network)[0]))
    if not road.any():
        return None
    place = np.array([(s.lon, s.lat) for s in network.stations])
    return gpd.GeoDataFrame(
        geometry=shapely.linestrings(place[hops(network, road)]), crs="EPSG:4326"
    )


def hops(network: Network, trips: NDArray[np.bool_] | None = None) -> NDArray[np.int64]:
    """Return int64 (n_hops, 2) pairs of stations at which trips call one after the other.

    trips: bool (n,) which of the `first_runs`, default all.
    """
    n = network.n_stations
    keys = distinct(_calls_in_a_row(with_first_runs(network)[0], trips)[0])
    u, v = np.divmod(keys, n)
    return np.column_stack(np.divmod(distinct(np.minimum(u, v) * n + np.maximum(u, v)), n))
