"""The part of a large network that the circles of some cities may reach: a nation costs what its
region costs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from itertools import compress

import numpy as np

from railshed.access.street_access import FASTEST_KMH
from railshed.assumptions.assumptions import EGRESS_MODES, Assumptions, default_uncertainty
from railshed.kernels.cell_distances import metres_between
from railshed.kernels.dijkstra import Graph
from railshed.kernels.least_reach import Places, least_reach
from railshed.kernels.timetable_cut import hops_of
from railshed.network.cities import City
from railshed.network.lines import SERVICE_PREFIX
from railshed.network.model import FEEDERS, Network, running
from railshed.network.ordering import keep_transfers, make_calls, take_trips
from railshed.network.trip_series import DRAWN, ranges
from railshed.routing.compile import service_days
from railshed.routing.profiles import MIN_BOUND_S
from railshed.util.array_types import Bools, Floats, Ints64
from railshed.util.cache import with_key_of
from railshed.util.geodesy import LEAST_DEGREE_M, degrees_around
from railshed.util.units import UNREACHED

#: calls from which a network is cut to what circles may reach
LARGE = 4_000_000
#: times its speed that a draw lets a mode of egress go at most
_FASTER = 4.0
#: walks are measured on the plane: this much of their length is certain
_CERTAIN = 0.999


def is_large(network: Network) -> bool:
    """Return whether circles are computed on a part of the network."""
    return network.links is None and network.n_calls >= LARGE


def part_within_reach(
    network: Network,
    cities: Sequence[City],
    assumptions: Assumptions,
    date: dt.date,
    *,
    along: bool,
) -> Network:
    """Return the network with the stations and trips alone that the circles of these cities may
    use.

    A station is left out where the fastest hops of the service days searched, and walks, without
    any wait, take more than the bound of all searches to the nearest end of a city, also in the
    draws of what is assumed. Of the trips, calls at the others stay, with a call before and after,
    and what lies between: circles of the part are those of the network, and its cells are. `along`:
    whether modes of egress go along streets. A note counts what is left out.
    """
    calls = network.stop_times
    days = [date + dt.timedelta(days=k) for k in service_days(calls.departure_s)]
    today: Bools = np.logical_or.reduce(running(network.services, days), axis=1)[
        network.trips.service_idx
    ]
    ends = _ends_of(network, cities, assumptions, along)
    near = _near(network, today, ends, assumptions)
    rows, found = _calls_of(network, today, near)
    used = near | (np.bincount(calls.station_idx[rows], minlength=len(near)) > 0)
    rank, trip_rank = (np.cumsum(mask) - 1 for mask in (used, found))
    columns = (
        column[rows]
        for column in (calls.arrival_s, calls.departure_s, calls.pickup, calls.drop_off)
    )
    ids = {station.station_id for station in compress(network.stations, used.tolist())}
    names = " and ".join(city.name for city in cities)
    note = (
        f"{int((~used).sum()):,} of {network.n_stations:,} stations and {int((~found).sum()):,} of "
        f"{network.n_trips:,} "
        f"trips are left out: {int((~today).sum()):,} trips run on other days, and the others are "
        "more than "
        f"{MIN_BOUND_S // 60} minutes from {names} by the fastest rides without waiting; no circle "
        "changes by it"
    )
    part = replace(
        network,
        stations=tuple(compress(network.stations, used.tolist())),
        trips=take_trips(network.trips, np.flatnonzero(found)),
        stop_times=make_calls(
            trip_rank[calls.trip_idx[rows]], rank[calls.station_idx[rows]], *columns
        ),
        transfers=keep_transfers(network.transfers, np.where(used, rank, -1)),
        cities=tuple(city for city in network.cities if ids.issuperset(city.core_station_ids)),
        notes=(*network.notes, note),
        part_of=network,
    )
    return with_key_of(part, network, f"part {date} {along} {assumptions!r} {cities!r}")


def _ends_of(
    network: Network, cities: Sequence[City], assumptions: Assumptions, along: bool
) -> tuple[Ints64, Ints64]:
    """Return the core stations, and those from which any mode may lead to a centre, with the least
    seconds of it.
    """
    index = network.station_index()
    lon, lat = network.lon_lat
    least = np.full(network.n_stations, UNREACHED, np.int64)
    every = assumptions.with_access(*assumptions.access_modes, egress=EGRESS_MODES)
    own = {mode.name for feeder in FEEDERS for mode in assumptions.city_modes(feeder)}
    modes = {mode for feeder in FEEDERS for mode in every.city_modes(feeder)}
    for city in cities:
        least[[index[station] for station in city.core_station_ids]] = 0
        if not city.centres:
            continue
        at = np.array([(centre.lon, centre.lat) for centre in city.centres])
        metres = metres_between(at[:, 0].copy(), at[:, 1].copy(), lon, lat).min(axis=0)
        for mode in modes:
            kmh = FASTEST_KMH if along and mode.street_factor else mode.speed_kmh
            speed_ms = kmh / 3.6 * (_FASTER if mode.name in own else 1.0)
            near = metres <= mode.cap_s * speed_ms
            least[near] = np.minimum(least[near], (metres[near] / speed_ms).astype(np.int64))
    ends = np.flatnonzero(least <= MIN_BOUND_S)
    return ends, least[ends]


def _near(
    network: Network, today: Bools, ends: tuple[Ints64, Ints64], assumptions: Assumptions
) -> Bools:
    """Return bool (n_stations,): within the bound of the ends, to them or from them."""
    calls = network.stop_times
    n = network.n_stations
    rows = default_uncertainty(network.assumptions)
    lines = any(service.service_id.startswith(SERVICE_PREFIX) for service in network.services)
    lines |= any(DRAWN in trip for trip in network.trips.trip_ids)
    pace = min(1.0, rows["run_time"].least) if lines else 1.0
    slow = min(1.0, rows["change_time"].least)
    legs = np.flatnonzero((calls.trip_idx[1:] == calls.trip_idx[:-1]) & today[calls.trip_idx[:-1]])
    taken = calls.arrival_s[legs + 1] - calls.departure_s[legs]
    none = np.zeros_like(taken)
    hops = np.column_stack(
        [none, taken, calls.station_idx[legs], calls.station_idx[legs + 1], none, none]
    )
    tail, head, least_s, *_ = hops_of(hops.astype(np.uint32), n)
    walks = network.transfers
    tail = np.append(tail, walks.from_idx)
    head = np.append(head, walks.to_idx)
    seconds = np.append(np.floor(least_s * pace), np.floor(walks.seconds * slow)).astype(np.int64)
    usable = seconds <= MIN_BOUND_S
    tail = tail[usable]
    head = head[usable]
    seconds = seconds[usable]
    walk = assumptions.modes["walk"]
    lon, lat = network.lon_lat
    reach_m = walk.reach_m(assumptions.footpath_cap_s)
    lon = (lon - lon[0] + 180) % 360 - 180
    places, n_columns = squares_of(lon, lat, degrees_around(reach_m, lat))
    per_m = walk.seconds_per_metre() * slow
    near = np.zeros(n, bool)
    for start, end in ((head, tail), (tail, head)):
        order = np.argsort(start, kind="stable")
        ptr = np.searchsorted(start[order], np.arange(n + 1)).astype(np.uint32)
        graph = Graph(
            ptr, np.ascontiguousarray(np.column_stack([end[order], seconds[order]]), np.uint32)
        )
        measure = LEAST_DEGREE_M * _CERTAIN, reach_m, per_m
        near |= least_reach(graph, places, n_columns, *measure, *ends, MIN_BOUND_S) <= MIN_BOUND_S
    return near


def squares_of(lon: Floats, lat: Floats, edge: float) -> tuple[Places, int]:
    """Return the stations by squares of `edge` degrees, and the number of columns."""
    column, row = (np.floor((at - at.min()) / edge).astype(np.int64) for at in (lon, lat))
    n_columns = int(column.max()) + 3  # those at the edges have no neighbours in another row
    square = row * n_columns + column
    order = np.argsort(square, kind="stable")
    return Places(square[order], order, lon, lat, square), n_columns


def _calls_of(network: Network, today: Bools, near: Bools) -> tuple[Ints64, Bools]:
    """Return the calls that stay, and bool (n_trips,): trips with at least one.

    Of a trip of the days, from the call before the first near station to the one after the last.
    """
    calls = network.stop_times
    rows = np.flatnonzero(near[calls.station_idx] & today[calls.trip_idx])
    trip = calls.trip_idx[rows]
    new = np.flatnonzero(np.diff(trip, prepend=-1))
    mine = trip[new]
    first = rows[new]
    last = rows[np.append(new[1:], len(rows)) - 1] if len(new) else rows
    begins, ends = (np.searchsorted(calls.trip_idx, mine, side) for side in ("left", "right"))
    first = np.maximum(first - 1, begins)
    last = np.minimum(last + 1, ends - 1)
    n_each = last - first + 1
    found = np.zeros(network.n_trips, bool)
    found[mine] = True
    return np.repeat(first, n_each) + ranges(n_each), found
