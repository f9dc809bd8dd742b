"""Trips by headway as series: the first run of each is stored, the others are computed at the first
access.

A feed of a few thousand rows stands for millions of calls. Reading, checking and counting need one
run of a series and the number of runs; searching needs them all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from railshed.network.model import Network, StopTimes, Trips
from railshed.network.ordering import (
    NO_CALL,
    Timetable,
    int32,
    make_calls,
    shifted_calls,
    take_trips,
    trip_order,
)
from railshed.util.array_types import Bools, Ints32, Ints64
from railshed.util.frames import altered
from railshed.util.units import compact_clocks

#: between the id of a template and the first departure of its runs: of exact times, and where the
#: phase is drawn
EXACT = "@"
DRAWN = "~"


@dataclass(frozen=True, eq=False)
class Series:
    """Runs at even intervals of whole minutes; a trip that runs once is a series too."""

    #: first run of each series
    trips: Trips
    stop_times: StopTimes
    #: prefix of the runs' ids, with `EXACT` or `DRAWN` at its end; "" for a single run, which has
    #: the id of `trips`
    templates: tuple[str, ...]
    n_runs: Ints32  # int32 (n_series,)
    step_s: Ints32  # int32 (n_series,) seconds from run to run

    @property
    def n_trips(self) -> int:
        """Number of runs."""
        return int(self.n_runs.sum())

    @property
    def n_calls(self) -> int:
        """Number of calls of all runs."""
        return int(self.n_runs.astype(np.int64)[self.stop_times.trip_idx].sum())

    def ids(self) -> list[str]:
        """Return the id of every run by series: ``<template>HHMMSS`` with its first departure."""
        series, start = self.starts()
        seconds, place = np.unique(start, return_inverse=True)
        clocks = compact_clocks(seconds)
        own = self.templates
        pairs = zip(series.tolist(), place.tolist(), strict=True)
        return [own[i] + clocks[k] if own[i] else self.trips.trip_ids[i] for i, k in pairs]

    def starts(self) -> tuple[Ints64, Ints64]:
        """Return int64 (n_trips,) series index and first departure (clock seconds, else NO_CALL) of
        every run.
        """
        series, later_s = each_run(self.n_runs, self.step_s)
        first = np.full(len(self.n_runs), NO_CALL, np.int64)
        # assignment to a repeated index stores the last value: the first call
        first[self.stop_times.trip_idx[::-1]] = self.stop_times.departure_s[::-1]
        return series, first[series] + later_s

    def within(self, table: Timetable) -> Timetable:
        """Return `table`, the first runs in canonical order, with all runs, computed at the first
        access.
        """
        place = {trip_id: i for i, trip_id in enumerate(self.trips.trip_ids)}
        order = [place[trip_id] for trip_id in table.trips.trip_ids]
        ordered = Series(
            table.trips,
            table.stop_times,
            tuple(map(self.templates.__getitem__, order)),
            int32(self.n_runs[order]),
            int32(self.step_s[order]),
        )
        trips, calls = ordered.later()
        return replace(table, trips=trips, stop_times=calls)

    def later(self) -> tuple[Trips, StopTimes]:
        """Return all runs and their calls, computed at the first access; the first runs are in
        canonical order.
        """
        calls = StopTimes.later(
            lambda: runs_of(self.stop_times, len(self.n_runs), *self.in_order[:2]), self
        )
        return Trips.later(self._all_trips, self), calls

    def _all_trips(self) -> Trips:
        ids = self.ids()
        series, _, order = self.in_order
        return replace(
            take_trips(self.trips, series), trip_ids=tuple(map(ids.__getitem__, order.tolist()))
        )

    @cached_property
    def in_order(self) -> tuple[Ints64, Ints64, Ints64]:
        """Series and first departure of every run, and its place among `ids`; in canonical order.

        That of a network whose first runs are sorted by trip.
        """
        series, start = self.starts()
        # ids of runs that leave together differ before the clock; where one begins another, whole
        # ids are sorted
        begin = [
            own or trip_id for own, trip_id in zip(self.templates, self.trips.trip_ids, strict=True)
        ]
        sorts = sorted(set(begin))
        if any(later.startswith(one) for one, later in pairwise(sorts)):
            order = trip_order(self.ids(), start)
        else:
            place = {name: i for i, name in enumerate(sorts)}
            order = np.lexsort((np.array([place[name] for name in begin], np.int64)[series], start))
        return series[order], start[order], order


def series_of(network: Network) -> Series | None:
    """Return the series of the network's trips; None if they are not stored."""
    series: Series | None = network.trips.series
    return series if series is network.stop_times.series else None


def first_runs(network: Network) -> tuple[Trips, StopTimes]:
    """Return the first run of each series and its calls, all trips without series: no
    trip is made.
    """
    series = series_of(network)
    return (
        (network.trips, network.stop_times) if series is None else (series.trips, series.stop_times)
    )


#: by network, as long as it lives
_FIRST_RUNS: WeakKeyDictionary[Network, tuple[Network, Ints32, Ints32]] = WeakKeyDictionary()


def with_first_runs(network: Network) -> tuple[Network, Ints32, Ints32]:
    """Return the network with the first run of each series alone, and `often` of its trips; no trip
    is made.
    """
    if network not in _FIRST_RUNS:
        trips, calls = first_runs(network)
        _FIRST_RUNS[network] = (
            altered(network, trips=trips, stop_times=calls),
            *often(network, series_of(network)),
        )
    return _FIRST_RUNS[network]


def served_by(network: Network, trips: Bools) -> Bools:
    """Return bool (n_stations,): where any of these trips, bool (n_trips,), calls; no
    call is made.
    """
    if series := series_of(network):
        trips = np.bincount(series.in_order[0][trips], minlength=len(series.n_runs)) > 0
    calls = first_runs(network)[1]
    served = np.zeros(network.n_stations, bool)
    served[calls.station_idx[trips[calls.trip_idx]]] = True
    return served


def first_departures(network: Network, trips: Ints32 | Ints64) -> Ints64:
    """Return int64 (n,) the clock seconds at which these trips begin; no call is made."""
    if series := series_of(network):
        return series.in_order[1][trips]
    return network.stop_times.departure_s[
        np.searchsorted(network.stop_times.trip_idx, trips)
    ].astype(np.int64)


def first_run_of(network: Network, trips: Ints32 | Ints64) -> tuple[Trips, Ints64]:
    """Return the first runs, and int64 (n,) which of them is of the series of each of these trips;
    no trip is made.
    """
    series = series_of(network)
    return (
        (network.trips, trips.astype(np.int64))
        if series is None
        else (series.trips, series.in_order[0][trips])
    )


def routes_of(network: Network) -> set[str]:
    """Return the routes of all trips; no trip is made."""
    return set(first_runs(network)[0].route_ids)


def trip_name(network: Network, trip: int) -> str:
    """Return the name of a trip, its id where it has none."""
    trips, like = first_run_of(network, np.array([trip]))
    return trips.names[int(like[0])] or network.trips.trip_ids[trip]


def service_of_trips(trips: Trips) -> Ints32:
    """Return int32 (n_trips,) service index of every trip, in any order, without computing the
    trips.
    """
    series: Series | None = trips.series
    return (
        trips.service_idx if series is None else np.repeat(series.trips.service_idx, series.n_runs)
    )


def runs_of(calls: StopTimes, n_trips: int, trip: Ints64, start: Ints64) -> StopTimes:
    """Return the calls of runs like those of index `trip` that leave at `start` (clock seconds), by
    run.

    Calls of a trip are adjacent, trips in any order.
    """
    n_calls = np.bincount(calls.trip_idx, minlength=n_trips)
    first_of = np.zeros(n_trips, dtype=np.int64)
    # assignment to a repeated index stores the last value: the first call
    first_of[calls.trip_idx[::-1]] = np.arange(len(calls.trip_idx))[::-1]
    first = first_of[trip]
    n_each = n_calls[trip]
    # int32: allocating memory for millions of calls takes longer than the sums
    run = np.repeat(np.arange(len(trip), dtype=np.int32), n_each)
    row = np.repeat((first - np.cumsum(n_each) + n_each).astype(np.int32), n_each)
    row += np.arange(len(row), dtype=np.int32)
    shift = np.repeat((start - calls.departure_s[first]).astype(np.int32), n_each)
    return shifted_calls(calls, row, run, shift)


def each_run(n_runs: Ints32, step_s: Ints32) -> tuple[Ints64, Ints64]:
    """Return int64 (n_trips,) series index of every run, and its seconds after the first run."""
    series = np.repeat(np.arange(len(n_runs)), n_runs)
    return series, ranges(n_runs) * step_s[series]


def ranges(n: Sequence[int] | NDArray[np.integer]) -> Ints64:
    """Return int64 0, 1, ... n[0]-1, 0, 1, ... n[1]-1 and so on."""
    ends = np.cumsum(n)
    return np.asarray(np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - n, n))


def rows_of(calls: StopTimes, trips: Ints64) -> Ints64:
    """Return the rows of the calls of some trips, in the order of these."""
    some = trips.astype(np.int32)  # of the type of the rows, which are not copied then
    first, last = (np.searchsorted(calls.trip_idx, some, side) for side in ("left", "right"))
    return np.asarray(np.repeat(first, last - first) + ranges(last - first))


def calls_of_trips(network: Network, trips: Ints64) -> StopTimes:
    """Return the calls of some trips, in the order of these; no other call is made."""
    series = series_of(network)
    calls = first_runs(network)[1]
    if series is None:
        rows = rows_of(calls, trips)
        return make_calls(*(getattr(calls, name)[rows] for name in StopTimes.__slots__))
    made = runs_of(calls, len(series.n_runs), series.in_order[0][trips], series.in_order[1][trips])
    return replace(made, trip_idx=int32(trips[made.trip_idx]))


def often(network: Network, series: Series | None = None) -> tuple[Ints32, Ints32]:
    """Return int32 (n_trips,) number of trips that each stands for, and seconds from one to the
    next.
    """
    if series is not None:
        return series.n_runs, series.step_s
    return np.ones(network.n_trips, np.int32), np.zeros(network.n_trips, np.int32)
