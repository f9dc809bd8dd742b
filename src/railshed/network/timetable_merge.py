"""A timetable without some of its trips and with others, in canonical order.

Where trips are added alone, series stay series and the added trips are single ones; else all trips
are written out.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import chain
from weakref import ReferenceType, ref

import numpy as np

from railshed.network import ordering
from railshed.network.model import Network, StopTimes, Trips
from railshed.network.trip_series import Series, series_of, with_first_runs
from railshed.util.array_types import Bools, Ints64


@dataclass(frozen=True, slots=True, eq=False)
class Merge:
    """What a timetable has other than the one that it was merged from."""

    base: ReferenceType[Network]
    #: bool (n_trips,) of its trips, those that are not in the merged one
    gone: Bools
    #: those that were added; stations and services are those of the merged one
    trips: Trips
    calls: StopTimes


def merge_timetables(base: Network, gone: Bools, added: Network) -> ordering.Timetable:
    """Return the canonical timetable of the trips of `base` that are not `gone`, and of those of
    `added`.

    Trips and calls are computed at the first access to one of them; where series stay, their first
    runs at once.

    Parameters
    ----------
    base
        In canonical order; its transfers stay.
    gone
        bool (n_trips,) of `base`.
    added
        Its stations are those of `base`, then new ones; its services are its own. Trips and calls
        in any order.
    """
    services = tuple(dict.fromkeys([*base.services, *added.services]))
    number = {service: k for k, service in enumerate(services)}
    of_added = np.array([number[service] for service in added.services], np.int64)[
        added.trips.service_idx
    ]
    trips = replace(added.trips, service_idx=ordering.int32(of_added))
    new = ordering.canonical_order(
        added.stations, services, trips, added.stop_times, ordering.no_transfers()
    )
    station_at = _places(
        [s.station_id for s in base.stations], [s.station_id for s in new.stations]
    )
    origin = Merge(ref(base), gone, new.trips, new.stop_times) if gone.any() else None
    series = series_of(base)
    merged = replace(added, **new.parts())
    if series is None or origin is not None:
        rows = cache(partial(_merged, base, gone, merged, station_at))
        both = (
            Trips.later(lambda: rows()[0], origin=origin),
            StopTimes.later(lambda: rows()[1], origin=origin),
        )
    else:
        none = np.zeros(len(series.n_runs), bool)
        n = len(new.trips.trip_ids)
        trips, calls, order = _merged(with_first_runs(base)[0], none, merged, station_at)
        templates = (*series.templates, *("",) * n)
        n_runs, step_s = (
            ordering.int32(np.append(of, each)[order])
            for of, each in ((series.n_runs, [1] * n), (series.step_s, [0] * n))
        )
        both = Series(
            trips, calls, tuple(map(templates.__getitem__, order.tolist())), n_runs, step_s
        ).later()
    return ordering.Timetable(
        new.stations, new.services, *both, ordering.keep_transfers(base.transfers, station_at)
    )


def _merged(
    base: Network, gone: Bools, new: Network, station_at: Ints64
) -> tuple[Trips, StopTimes, Ints64]:
    """Return trips and calls of `merge_timetables`, and the place of each trip among those of both,
    base first.

    `base` may have the first runs alone, `gone` is of its trips; `new` is in canonical order,
    `station_at` has indices in it.
    """
    service_at = _places(
        [s.service_id for s in base.services], [s.service_id for s in new.services]
    )
    sides = base, new
    starts = [t.call_starts for t in sides]
    leaves = [np.full(len(start) - 1, ordering.NO_CALL) for start in starts]
    for leave, side, start in zip(leaves, sides, starts, strict=True):
        some = np.diff(start) > 0
        leave[some] = side.stop_times.departure_s[start[:-1][some]]
    ties = (np.searchsorted(leaves[0], leaves[1], side).tolist() for side in ("left", "right"))
    at = [
        bisect_left(base.trips.trip_ids, *one)
        for one in zip(new.trips.trip_ids, *ties, strict=True)
    ]
    n = len(gone)
    stay = np.flatnonzero(~gone)
    order = np.insert(stay, np.searchsorted(stay, np.array(at, np.int64)), n + np.arange(len(at)))
    pieces = _pieces(order, n)
    ids, names, routes = (
        tuple(chain.from_iterable(getattr(sides[side].trips, name)[some] for side, some in pieces))
        for name in ("trip_ids", "names", "route_ids")
    )
    kinds = [
        (service_at[base.trips.service_idx], base.trips.route_types),
        (new.trips.service_idx, new.trips.route_types),
    ]
    of_service, types = (
        ordering.int32(np.append(*column)[order]) for column in zip(*kinds, strict=True)
    )
    columns = {
        name: [getattr(t.stop_times, name) for t in sides] for name in StopTimes.__slots__[1:]
    }
    if new.n_stations > base.n_stations:
        columns["station_idx"][0] = station_at.astype(np.int32)[columns["station_idx"][0]]
    rows = [
        (side, slice(starts[side][some.start], starts[side][some.stop])) for side, some in pieces
    ]
    lengths = np.append(*map(np.diff, starts))[order]
    calls = ordering.make_calls(
        np.repeat(np.arange(len(order), dtype=np.int32), lengths),
        *(
            np.concatenate([of[0][:0], *(of[side][some] for side, some in rows)])
            for of in columns.values()
        ),
    )
    return Trips(ids, names, routes, of_service, types), calls, order


def _pieces(order: Ints64, n: int) -> list[tuple[int, slice]]:
    """Return (side, some of its trips) for those that follow one another in an order; side 1 is
    numbered from `n`.
    """
    first = np.flatnonzero((np.diff(order, prepend=-2) != 1) | (order == n))
    ends = np.append(first[1:], len(order))[: len(first)]
    found = []
    for k, size in zip(order[first].tolist(), (ends - first).tolist(), strict=True):
        start = k - n if k >= n else k
        found.append((int(k >= n), slice(start, start + size)))
    return found


def _places(old: Sequence[str], new: Sequence[str]) -> Ints64:
    """Return the places of the old ids among the new ones."""
    place = {each: k for k, each in enumerate(new)}
    return np.array([place[each] for each in old], np.int64)
