"""Data shared by several checks: usable coordinates, legs between calls, and pairs of stations with
legs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from railshed.network.model import Network
from railshed.network.route_types import MAX_SPEED_KMH, OTHER, find_mode
from railshed.network.trip_series import Series, often, ranges
from railshed.util.array_types import Bools, Floats, Ints32, Ints64
from railshed.util.geodesy import great_circle_m
from railshed.util.units import MINUTE, format_clock

#: seconds of rounding of a leg: of times in whole minutes (at both ends), and of other times
ROUNDING_S = 2 * MINUTE
SECONDS_ROUNDING_S = 30


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """A network and arrays derived from it.

    Legs join consecutive calls of trips; they are followed by the hops of a frequency-based
    network. A pair is two stations, the lower index first.
    """

    network: Network
    lon: Floats  # (n_stations,) NaN where the station has no usable coordinate
    lat: Floats  # (n_stations,)
    mode_of_type: Mapping[int, str]  # mode by route type; unknown ones are `other`
    leg: Ints64  # (n_legs,) index of the leg's first call; -1 - i for hop i of the links
    route_type: Ints64  # (n_legs,)
    seconds: Ints64  # (n_legs,) from departure to arrival
    start: Ints64  # (n_legs,) station index
    end: Ints64  # (n_legs,) station index
    metres: Floats  # (n_legs,) straight, NaN where a coordinate is not usable
    #: (n_legs,) least straight speed, after rounding, over the limit of the mode; NaN if unknown
    excess: Floats
    pair: Ints64  # (n_legs,) index into the pairs
    pair_a: Ints64  # (n_pairs,) station index
    pair_b: Ints64  # (n_pairs,) station index, larger than pair_a
    served: Bools  # (n_stations,) some trip calls or some hop ends here
    #: (n_trips,) number of trips that each stands for, and seconds from one to the next: 1 and 0
    #: without series
    n_runs: Ints32
    step_s: Ints32

    @property
    def n_pairs(self) -> int:
        """Number of pairs of different stations that legs join."""
        return len(self.pair_a)

    def runs_of_legs(self, legs: Any) -> Ints64:
        """Return int64 number of legs that each of `legs` (slice or indices) stands for; 1 for
        hops.
        """
        leg = self.leg[legs]
        n_runs = np.ones(len(leg), np.int64)
        of_trip = leg >= 0
        n_runs[of_trip] = self.n_runs[self.network.stop_times.trip_idx[leg[of_trip]]]
        return n_runs

    def mode(self, route_type: int) -> str:
        """Return the mode of a route type; `other` if the type is unknown."""
        return self.mode_of_type.get(route_type, OTHER)

    def limit_kmh(self, route_type: int) -> int:
        """Return the speed limit in km/h of the mode of a route type."""
        return MAX_SPEED_KMH[self.mode(route_type)]

    def name(self, idx: int) -> str:
        """Return the name and id of a station as text."""
        station = self.network.stations[idx]
        return f"{station.name} ({station.station_id})"

    def apart_m(self, a: Any, b: Any) -> Any:
        """Return metres between stations `a` and `b`, indices or arrays of them."""
        return great_circle_m(self.lon[a], self.lat[a], self.lon[b], self.lat[b])


def gather(network: Network, series: Series | None = None) -> Facts:
    """Return the facts of a network with valid indices; with `series`, its trips are the first
    runs.
    """
    lon, lat = network.lon_lat
    at_zero = (np.abs(lon) < 0.01) & (np.abs(lat) < 0.01)  # within about a kilometre
    usable = (np.abs(lon) <= 180) & (np.abs(lat) <= 90) & ~at_zero
    lon = np.where(usable, lon, np.nan)
    lat = np.where(usable, lat, np.nan)
    leg, start, end, seconds, whole_minutes, route_type = _legs(network)
    n = network.n_stations
    keys, pair = _distinct(np.minimum(start, end) * n + np.maximum(start, end))
    pair_a, pair_b = np.divmod(keys, max(n, 1))
    metres = great_circle_m(lon[pair_a], lat[pair_a], lon[pair_b], lat[pair_b])[pair]
    types, type_code = _distinct(route_type)
    mode_of_type = {t: find_mode(t) or OTHER for t in types.tolist()}
    limit_kmh = np.array([MAX_SPEED_KMH[mode] for mode in mode_of_type.values()], dtype=np.float64)[
        type_code
    ]
    kmh = (
        metres
        * 3.6
        / np.maximum(seconds + np.where(whole_minutes, ROUNDING_S, SECONDS_ROUNDING_S), 1)
    )
    served = np.zeros(n, dtype=bool)
    served[network.stop_times.station_idx] = served[start] = served[end] = True
    n_runs, step_s = often(network, series)
    return Facts(
        network=network,
        lon=lon,
        lat=lat,
        mode_of_type=mode_of_type,
        leg=leg,
        route_type=route_type,
        seconds=seconds,
        start=start,
        end=end,
        metres=metres,
        excess=kmh / limit_kmh,
        pair=pair,
        pair_a=pair_a,
        pair_b=pair_b,
        served=served,
        n_runs=n_runs,
        step_s=step_s,
    )


def _distinct(values: Ints64) -> tuple[Ints64, Ints64]:
    """Return the distinct values, sorted, and the index of each value: `np.unique` without sorting
    all of them.
    """
    import pyarrow as pa

    coded = pa.array(values).dictionary_encode()
    found, codes = (np.from_dlpack(column) for column in (coded.dictionary, coded.indices))
    order = np.argsort(found)
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    return found[order].astype(np.int64), rank[codes]


def _legs(network: Network) -> tuple[Ints64, Ints64, Ints64, Ints64, Bools, Ints64]:
    """Return leg, start, end, seconds, whether times are whole minutes, and route type of every
    leg, (n_legs,) each.
    """
    calls = network.stop_times
    leg = np.flatnonzero(calls.trip_idx[1:] == calls.trip_idx[:-1])
    departure = calls.departure_s[leg]
    arrival = calls.arrival_s[leg + 1]
    columns = [
        leg,
        calls.station_idx[leg],
        calls.station_idx[leg + 1],
        arrival.astype(np.int64) - departure,
        (departure % MINUTE == 0) & (arrival % MINUTE == 0),
        network.trips.route_types[calls.trip_idx[leg]],
    ]
    hops = network.links
    if hops is not None:
        of_hops = (
            -1 - np.arange(len(hops.run_s)),
            hops.from_idx,
            hops.to_idx,
            hops.run_s,
            hops.run_s % MINUTE == 0,
            hops.route_types,
        )
        columns = [np.concatenate(both) for both in zip(columns, of_hops, strict=True)]
    leg, start, end, seconds, whole, route_type = columns
    return (
        leg,
        start.astype(np.int64),
        end.astype(np.int64),
        seconds,
        whole,
        route_type.astype(np.int64),
    )


def describe_leg(facts: Facts, j: int) -> str:
    """Return a text of trip or line, stations and times of a leg."""
    network = facts.network
    calls = facts.network.stop_times
    i = int(facts.leg[j])
    start, end = (network.stations[int(k[j])].name for k in (facts.start, facts.end))
    if i < 0 and network.links is not None:
        line_id = network.links.line_ids[network.links.line_idx[-1 - i]]
        return f"line {line_id} runs from {start} to {end} in {facts.seconds[j]} s"
    trip_id = network.trips.trip_ids[calls.trip_idx[i]]
    leave, reach = (format_clock(int(s)) for s in (calls.departure_s[i], calls.arrival_s[i + 1]))
    return f"trip {trip_id} leaves {start} {leave} and reaches {end} {reach}"


def first_runs_suffice(series: Series, short_too: bool = False) -> bool:
    """Return whether checks of first runs are enough: no times decrease and, unless `short_too`,
    all call twice.
    """
    calls = series.stop_times
    early = (calls.trip_idx[1:] == calls.trip_idx[:-1]) & (
        calls.arrival_s[1:] < calls.departure_s[:-1]
    )
    if early.any() or (calls.departure_s < calls.arrival_s).any():
        return False
    return short_too or bool((np.bincount(calls.trip_idx, minlength=len(series.n_runs)) > 1).all())


def may_repeat(series: Series) -> bool:
    """Return whether any two runs share service, number of calls, and place and time of
    both ends.
    """
    calls = series.stop_times
    trips = series.trips
    n_calls = np.bincount(calls.trip_idx, minlength=len(series.n_runs))
    last = np.cumsum(n_calls) - 1
    first = last - n_calls + 1
    start = calls.departure_s[first].astype(np.int64)
    takes_s = calls.arrival_s[last] - start
    columns = (
        trips.service_idx,
        n_calls,
        calls.station_idx[first],
        calls.station_idx[last],
        takes_s,
    )
    order = np.lexsort((start, *columns))
    differs = np.logical_or.reduce([column[order[1:]] != column[order[:-1]] for column in columns])
    kind = np.zeros(len(order), np.int64)
    kind[order[1:]] = np.cumsum(differs)
    # an offset per kind keeps the running maximum of ends within one kind
    apart = (kind << 32) + start
    end = apart + (series.n_runs - 1) * series.step_s.astype(np.int64)
    meets = apart[order[1:]] <= np.maximum.accumulate(end[order])[:-1]
    is_crowded = np.zeros(len(kind), np.bool_)
    is_crowded[kind[order[1:]][meets]] = True
    crowded = np.flatnonzero(is_crowded[kind])
    n_runs = series.n_runs[crowded]
    of_run = np.repeat(crowded, n_runs)
    runs = np.sort(apart[of_run] + ranges(n_runs) * series.step_s[of_run])
    return bool((runs[1:] == runs[:-1]).any())
