"""The canonical order of a timetable: stations and services by id, trips by first departure, transfers by ends.

Readers and scenarios have rows in the order of their files. `canonical_order` sorts every `Network`, so ties, sums and
bytes of outputs do not depend on that order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from railshed.network.model import Service, Station, StopTimes, Transfers, Trips

_NO_CALL = 2**31 - 1
_T = TypeVar("_T")
_Scalar = TypeVar("_Scalar", bound=np.generic)


@dataclass(frozen=True, slots=True)
class Timetable:
    """The parts of a `Network` that refer to each other by index."""

    stations: tuple[Station, ...]
    services: tuple[Service, ...]
    trips: Trips
    stop_times: StopTimes
    transfers: Transfers


def canonical_order(
    stations: Sequence[Station],
    services: Sequence[Service],
    trips: Trips,
    stop_times: StopTimes,
    transfers: Transfers,
) -> Timetable:
    """Return the same timetable in canonical order, with read-only int32 and bool arrays.

    Calls of one trip must stand in order of travel; those of different trips may be mixed. Ids are unique.
    """
    new_stations, station_rank = _sorted_by(stations, [s.station_id for s in stations])
    new_services, service_rank = _sorted_by(services, [s.service_id for s in services])
    new_trips, trip_rank = _sort_trips(trips, service_rank, stop_times)
    trip_idx = trip_rank[stop_times.trip_idx]
    order = _by_key(trip_idx)
    calls = StopTimes(
        trip_idx=read_only(trip_idx[order], np.int32),
        station_idx=read_only(station_rank.astype(np.int32)[stop_times.station_idx[order]], np.int32),
        arrival_s=read_only(stop_times.arrival_s[order], np.int32),
        departure_s=read_only(stop_times.departure_s[order], np.int32),
        pickup=read_only(stop_times.pickup[order], np.bool_),
        drop_off=read_only(stop_times.drop_off[order], np.bool_),
    )
    from_idx, to_idx = station_rank[transfers.from_idx], station_rank[transfers.to_idx]
    by_ends = np.lexsort((transfers.seconds, to_idx, from_idx))
    walks = Transfers(int32(from_idx[by_ends]), int32(to_idx[by_ends]), int32(transfers.seconds[by_ends]))
    return Timetable(new_stations, new_services, new_trips, calls, walks)


def int32(values: NDArray[np.generic] | Sequence[int]) -> NDArray[np.int32]:
    """Return a read-only int32 copy of the values."""
    return read_only(np.array(values, dtype=np.int32), np.int32)


def frozen(values: NDArray[np.bool_] | Sequence[bool]) -> NDArray[np.bool_]:
    """Return a read-only bool copy of the values."""
    return read_only(np.array(values, dtype=np.bool_), np.bool_)


def read_only(values: NDArray[np.generic], dtype: type[_Scalar]) -> NDArray[_Scalar]:
    """Return the array itself, read-only, if it has the dtype; else a read-only copy with the dtype."""
    array = values.astype(dtype, copy=False)
    array.flags.writeable = False
    return array


def shifted_calls(
    calls: StopTimes, rows: NDArray[np.int32], trip_idx: NDArray[np.int32], shift_s: NDArray[np.int32]
) -> StopTimes:
    """Return some rows of the calls, `shift_s` seconds later, as calls of the trips `trip_idx`; one value a row."""
    arrival, departure = calls.arrival_s[rows], calls.departure_s[rows]
    arrival += shift_s
    departure += shift_s
    return StopTimes(
        read_only(trip_idx, np.int32), read_only(calls.station_idx[rows], np.int32), read_only(arrival, np.int32),
        read_only(departure, np.int32), read_only(calls.pickup[rows], np.bool_),
        read_only(calls.drop_off[rows], np.bool_),
    )  # fmt: skip


def no_transfers() -> Transfers:
    """Return an empty list of transfers."""
    return Transfers(int32([]), int32([]), int32([]))


def _sorted_by(items: Sequence[_T], keys: Sequence[str]) -> tuple[tuple[_T, ...], NDArray[np.int64]]:
    """Return the items by key, and the new index of each old one."""
    order = sorted(range(len(items)), key=keys.__getitem__)
    rank = np.empty(len(items), dtype=np.int64)
    rank[order] = np.arange(len(items))
    return tuple(map(items.__getitem__, order)), rank


def _by_key(key: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the stable order by key; fast if equal keys are adjacent, since only runs of them are sorted."""
    starts = np.flatnonzero(np.diff(key, prepend=-1))
    lengths = np.diff(starts, append=len(key))
    runs = np.argsort(key[starts], kind="stable")
    starts, lengths = starts[runs], lengths[runs]
    order: NDArray[np.int64] = np.repeat(starts - np.cumsum(lengths) + lengths, lengths) + np.arange(len(key))
    return order


def trip_order(trip_ids: Sequence[str], first_departure: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the indices of trips by first departure, then id."""
    by_id = np.array(sorted(range(len(trip_ids)), key=trip_ids.__getitem__), dtype=np.int64)
    return by_id[np.argsort(first_departure[by_id], kind="stable")]


def _sort_trips(trips: Trips, service_rank: NDArray[np.int64], calls: StopTimes) -> tuple[Trips, NDArray[np.int64]]:
    n_trips = len(trips.trip_ids)
    first_departure = np.full(n_trips, _NO_CALL, dtype=np.int64)
    # assignment to a repeated index stores the last value: the first call
    first_departure[calls.trip_idx[::-1]] = calls.departure_s[::-1]
    order = trip_order(trips.trip_ids, first_departure).tolist()
    rank = np.empty(n_trips, dtype=np.int64)
    rank[order] = np.arange(n_trips)
    ordered = Trips(
        trip_ids=tuple(map(trips.trip_ids.__getitem__, order)),
        names=tuple(map(trips.names.__getitem__, order)),
        route_ids=tuple(map(trips.route_ids.__getitem__, order)),
        service_idx=int32(service_rank[trips.service_idx[order]]),
        route_types=int32(trips.route_types[order]),
    )
    return ordered, rank
