"""What several checks need: usable coordinates, legs between calls, and pairs of stations that legs join."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from railshed.issues import Issue
from railshed.lines import great_circle_m
from railshed.model import Network
from railshed.modes import DEFAULT_ROUTE_TYPE, MAX_SPEED_KMH, OTHER, find_mode
from railshed.units import MINUTE, format_clock

#: problems of one kind that are named one by one; the rest is counted
MAX_NAMED = 20
#: names given as examples where problems are only counted
MAX_EXAMPLES = 5
#: times in whole minutes are rounded at both ends of a leg; odd seconds are taken at their word, nearly
ROUNDING_S, SECONDS_ROUNDING_S = 2 * MINUTE, 30

_Floats = NDArray[np.float64]
_Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """A network and what is computed from it once. Legs join consecutive calls; a pair is two stations, lower first."""

    network: Network
    lon: _Floats  # (n_stations,) NaN where the station has no usable coordinate
    lat: _Floats  # (n_stations,)
    mode_of_type: Mapping[int, str]  # by route type that occurs; unknown ones are `other`
    leg: _Ints  # (n_legs,) index of the leg's first call
    seconds: _Ints  # (n_legs,) from departure to arrival
    start: _Ints  # (n_legs,) station index
    end: _Ints  # (n_legs,) station index
    metres: _Floats  # (n_legs,) straight, NaN where a coordinate is not usable
    #: (n_legs,) straight speed, with rounding to spare, over the limit of the mode; NaN where it is not known
    excess: _Floats
    pair: _Ints  # (n_legs,) index into the pairs
    pair_a: _Ints  # (n_pairs,) station index
    pair_b: _Ints  # (n_pairs,) station index, larger than pair_a

    @property
    def n_pairs(self) -> int:
        """Number of pairs of different stations that legs join."""
        return len(self.pair_a)

    def name(self, idx: int) -> str:
        """Return name and id of a station."""
        station = self.network.stations[idx]
        return f"{station.name} ({station.station_id})"

    def apart_m(self, a: Any, b: Any) -> Any:
        """Return metres between stations given by index (numbers or arrays)."""
        return great_circle_m(self.lon[a], self.lat[a], self.lon[b], self.lat[b])


def gather(network: Network) -> Facts:
    """Return the facts of a network whose indices are sound."""
    import pandas as pd

    lon = np.array([s.lon for s in network.stations], dtype=np.float64)
    lat = np.array([s.lat for s in network.stations], dtype=np.float64)
    usable = (np.abs(lon) <= 180) & (np.abs(lat) <= 90) & ~at_zero(lon, lat)
    lon, lat = np.where(usable, lon, np.nan), np.where(usable, lat, np.nan)
    calls, types = network.stop_times, network.trips.route_types
    leg = np.flatnonzero(calls.trip_idx[1:] == calls.trip_idx[:-1])
    start, end = calls.station_idx[leg].astype(np.int64), calls.station_idx[leg + 1].astype(np.int64)
    departure, arrival = calls.departure_s[leg].astype(np.int64), calls.arrival_s[leg + 1].astype(np.int64)
    n = network.n_stations
    pair, keys = pd.factorize(np.minimum(start, end) * n + np.maximum(start, end), sort=True)
    pair_a, pair_b = np.divmod(keys, max(n, 1))
    metres = great_circle_m(lon[pair_a], lat[pair_a], lon[pair_b], lat[pair_b])[pair]
    mode_of_type = {t: find_mode(t) or OTHER for t in np.unique(types).tolist()}
    known, type_of_trip = np.unique(types, return_inverse=True)
    limits = np.array([MAX_SPEED_KMH[mode_of_type[t]] for t in known.tolist() or [DEFAULT_ROUTE_TYPE]], dtype=float)
    whole_minutes = (departure % MINUTE == 0) & (arrival % MINUTE == 0)
    spare = np.where(whole_minutes, ROUNDING_S, SECONDS_ROUNDING_S)
    kmh = metres * 3.6 / np.maximum(arrival - departure + spare, 1)
    excess = kmh / limits[type_of_trip[calls.trip_idx[leg]]]
    return Facts(
        network, lon, lat, mode_of_type, leg, arrival - departure, start, end, metres, excess, pair, pair_a, pair_b
    )


def at_zero(lon: Any, lat: Any) -> Any:
    """Return whether coordinates lie at (0, 0), within a kilometre."""
    return (np.abs(lon) < 0.01) & (np.abs(lat) < 0.01)


def named(code: str, problems: Sequence[dict[str, Any]], what: str, severity: Any = "error") -> Iterator[Issue]:
    """Yield the first problems one by one, and the number of the rest."""
    for problem in problems[:MAX_NAMED]:
        yield Issue(severity, code, **problem)
    if len(problems) > MAX_NAMED:
        yield Issue(severity, code, f"and {len(problems) - MAX_NAMED:,} more {what}")


def examples(names: Sequence[str]) -> str:
    """Return the first names and how many more there are."""
    more = f" and {len(names) - MAX_EXAMPLES:,} more" if len(names) > MAX_EXAMPLES else ""
    return ", ".join(names[:MAX_EXAMPLES]) + more


def count(n: int, one: str, many: str = "") -> str:
    """Return "1 trip" or "1,200 trips"."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def describe_leg(facts: Facts, i: int) -> str:
    """Return trip, stations and times of the leg that begins with call `i`."""
    network, calls = facts.network, facts.network.stop_times
    trip_id = network.trips.trip_ids[calls.trip_idx[i]]
    start, end = (network.stations[calls.station_idx[j]].name for j in (i, i + 1))
    leave, reach = (format_clock(int(s)) for s in (calls.departure_s[i], calls.arrival_s[i + 1]))
    return f"trip {trip_id} leaves {start} {leave} and reaches {end} {reach}"
