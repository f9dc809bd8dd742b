"""The canonical order of a timetable: stations and services by id, trips by first departure,
transfers by ends.

Readers and scenarios have rows in the order of their files. `canonical_order` sorts every
`Network`, so ties, sums and bytes of outputs do not depend on that order.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from railshed.network.model import Service, Station, StopTimes, Transfers, Trips
from railshed.util.array_types import Ints32, Ints64

#: first departure of a trip without calls
NO_CALL = 2**31 - 1
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

    def parts(self) -> dict[str, Any]:
        """Return the parts by their names in a `Network`."""
        return {name: getattr(self, name) for name in self.__slots__}


def canonical_order(
    stations: Sequence[Station],
    services: Sequence[Service],
    trips: Trips,
    stop_times: StopTimes,
    transfers: Transfers,
) -> Timetable:
    """Return the same timetable in canonical order, with read-only int32 and bool arrays.

    Calls of one trip must stand in order of travel; those of different trips may be mixed. Ids are
    unique.
    """
    new_stations, station_rank = _sorted_by(stations, [s.station_id for s in stations])
    new_services, service_rank = _sorted_by(services, [s.service_id for s in services])
    new_trips, trip_rank = _sort_trips(trips, service_rank, stop_times)
    trip_idx = trip_rank[stop_times.trip_idx]
    order = _by_key(trip_idx)
    calls = make_calls(
        trip_idx[order],
        station_rank.astype(np.int32)[stop_times.station_idx[order]],
        stop_times.arrival_s[order],
        stop_times.departure_s[order],
        stop_times.pickup[order],
        stop_times.drop_off[order],
    )
    walks = keep_transfers(transfers, station_rank)
    by_ends = np.lexsort((walks.seconds, walks.to_idx, walks.from_idx))
    walks = Transfers(
        *(int32(column[by_ends]) for column in (walks.from_idx, walks.to_idx, walks.seconds))
    )
    return Timetable(new_stations, new_services, new_trips, calls, walks)


def int32(values: NDArray[np.generic] | Sequence[int]) -> Ints32:
    """Return a read-only int32 copy of the values."""
    return read_only(np.array(values, dtype=np.int32), np.int32)


def read_only(values: NDArray[np.generic], dtype: type[_Scalar]) -> NDArray[_Scalar]:
    """Return the array itself, read-only, if it has the dtype; else a read-only copy with the
    dtype.
    """
    array = values.astype(dtype, copy=False)
    array.flags.writeable = False
    return array


def shifted_calls(calls: StopTimes, rows: Ints32, trip_idx: Ints32, shift_s: Ints32) -> StopTimes:
    """Return some rows of the calls, `shift_s` seconds later, as calls of the trips `trip_idx`; one
    value a row.
    """
    arrival = calls.arrival_s[rows]
    departure = calls.departure_s[rows]
    arrival += shift_s
    departure += shift_s
    return make_calls(
        trip_idx,
        calls.station_idx[rows],
        arrival,
        departure,
        calls.pickup[rows],
        calls.drop_off[rows],
    )


def make_calls(
    trip_idx: ArrayLike,
    station_idx: ArrayLike,
    arrival_s: ArrayLike,
    departure_s: ArrayLike,
    pickup: ArrayLike | None = None,
    drop_off: ArrayLike | None = None,
) -> StopTimes:
    """Return calls with read-only int32 and bool arrays; passengers may board and alight unless it
    is said.

    Arrays of these types are not copied: they become read-only themselves.
    """
    numbers = (trip_idx, station_idx, arrival_s, departure_s)
    trip, station, arrival, departure = (read_only(np.asarray(v), np.int32) for v in numbers)
    every = np.ones(np.shape(trip_idx), np.bool_)
    board, alight = (
        read_only(np.asarray(every if v is None else v), np.bool_) for v in (pickup, drop_off)
    )
    return StopTimes(trip, station, arrival, departure, board, alight)


def no_trips() -> tuple[Trips, StopTimes]:
    """Return no trips and no calls."""
    return Trips((), (), (), int32([]), int32([])), make_calls([], [], [], [])


def take_trips(trips: Trips, pick: Ints64) -> Trips:
    """Return the trips of some indices."""
    rows = pick.tolist()
    return Trips(
        tuple(map(trips.trip_ids.__getitem__, rows)),
        tuple(map(trips.names.__getitem__, rows)),
        tuple(map(trips.route_ids.__getitem__, rows)),
        int32(trips.service_idx[pick]),
        int32(trips.route_types[pick]),
    )


def join_trips(parts: Sequence[tuple[Trips, StopTimes]]) -> tuple[Trips, StopTimes]:
    """Return the trips and calls of all parts in one; station and service indices do not change."""
    trips, calls = zip(*parts, strict=True)
    starts = np.cumsum([0, *(len(t.trip_ids) for t in trips[:-1])])
    trip_idx = np.concatenate([c.trip_idx + start for c, start in zip(calls, starts, strict=True)])
    columns = ([getattr(c, name) for c in calls] for name in StopTimes.__slots__[1:])
    joined = Trips(
        tuple(chain.from_iterable(t.trip_ids for t in trips)),
        tuple(chain.from_iterable(t.names for t in trips)),
        tuple(chain.from_iterable(t.route_ids for t in trips)),
        int32(np.concatenate([t.service_idx for t in trips])),
        int32(np.concatenate([t.route_types for t in trips])),
    )
    return joined, make_calls(trip_idx, *map(np.concatenate, columns))


def make_transfers(rows: Iterable[tuple[int, int, int]]) -> Transfers:
    """Return the transfers of rows (from, to, seconds)."""
    return Transfers(*map(int32, np.array(list(rows), np.int32).reshape(-1, 3).T))


def no_transfers() -> Transfers:
    """Return an empty list of transfers."""
    return make_transfers(())


def keep_transfers(walks: Transfers, rank: Ints64) -> Transfers:
    """Return the transfers with `rank` as station index, without those from or to a station of rank
    -1.
    """
    start = rank[walks.from_idx]
    end = rank[walks.to_idx]
    both = (start >= 0) & (end >= 0)
    return Transfers(int32(start[both]), int32(end[both]), int32(walks.seconds[both]))


def _sorted_by(items: Sequence[_T], keys: Sequence[str]) -> tuple[tuple[_T, ...], Ints64]:
    """Return the items by key, and the new index of each old one."""
    order = sorted(range(len(items)), key=keys.__getitem__)
    rank = np.empty(len(items), dtype=np.int64)
    rank[order] = np.arange(len(items))
    return tuple(map(items.__getitem__, order)), rank


def _by_key(key: Ints64) -> Ints64:
    """Return the stable order by key; fast if equal keys are adjacent, since only runs of them are
    sorted.
    """
    starts = np.flatnonzero(np.diff(key, prepend=-1))
    lengths = np.diff(starts, append=len(key))
    runs = np.argsort(key[starts], kind="stable")
    starts = starts[runs]
    lengths = lengths[runs]
    return np.asarray(
        np.repeat(starts - np.cumsum(lengths) + lengths, lengths) + np.arange(len(key))
    )


def trip_order(trip_ids: Sequence[str], first_departure: Ints64) -> Ints64:
    """Return the indices of trips by first departure, then id."""
    by_id = np.array(sorted(range(len(trip_ids)), key=trip_ids.__getitem__), dtype=np.int64)
    return by_id[np.argsort(first_departure[by_id], kind="stable")]


def _sort_trips(trips: Trips, service_rank: Ints64, calls: StopTimes) -> tuple[Trips, Ints64]:
    n_trips = len(trips.trip_ids)
    first_departure = np.full(n_trips, NO_CALL, dtype=np.int64)
    # assignment to a repeated index stores the last value: the first call
    first_departure[calls.trip_idx[::-1]] = calls.departure_s[::-1]
    order = trip_order(trips.trip_ids, first_departure)
    rank = np.empty(n_trips, dtype=np.int64)
    rank[order] = np.arange(n_trips)
    ordered = take_trips(trips, order)
    return replace(ordered, service_idx=int32(service_rank[ordered.service_idx])), rank
