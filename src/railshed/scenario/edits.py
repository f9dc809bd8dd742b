"""Trips of a network taken out, changed and put back: every result is a new network in canonical
order.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import compress

import numpy as np

from railshed.network.lines import with_counties
from railshed.network.model import Network, Station, Transfers
from railshed.network.ordering import int32, make_calls, no_trips, take_trips
from railshed.network.timetable_merge import merge_timetables

#: what there is of every call: fields of `Calls`, and of `StopTimes`
_COLUMNS = {
    "station_idx": int,
    "arrival_s": int,
    "departure_s": int,
    "pickup": bool,
    "drop_off": bool,
}


@dataclass(slots=True)
class Calls:
    """The calls of one trip in order of travel; a copy that may be changed."""

    station_idx: list[int]
    arrival_s: list[int]
    departure_s: list[int]
    pickup: list[bool]
    drop_off: list[bool]

    def __len__(self) -> int:
        return len(self.station_idx)

    def run_s(self, k: int) -> int:
        """Return seconds from call k to the next one."""
        return self.arrival_s[k + 1] - self.departure_s[k]

    def dwells(self) -> list[int]:
        """Return the seconds from arrival to departure at each call."""
        return [d - a for a, d in zip(self.arrival_s, self.departure_s, strict=True)]

    def retimed(self, runs: Sequence[int], dwells: Sequence[int]) -> Calls:
        """Return the calls with these runs and dwells, seconds; the first departure stays."""
        new = self.part(0, len(self))
        for k, run in enumerate(runs, start=1):
            new.arrival_s[k] = new.departure_s[k - 1] + run
            new.departure_s[k] = new.arrival_s[k] + dwells[k]
        return new

    def moved(self, first: int, seconds: int) -> None:
        """Move all times from call `first` on."""
        self.arrival_s[first:] = [t + seconds for t in self.arrival_s[first:]]
        self.departure_s[first:] = [t + seconds for t in self.departure_s[first:]]

    def part(self, start: int, end: int) -> Calls:
        """Return the calls from `start` to before `end`."""
        return Calls(*(getattr(self, name)[start:end] for name in _COLUMNS))

    def followed_by(self, other: Calls) -> Calls:
        """Return the calls of both."""
        return Calls(*(getattr(self, name) + getattr(other, name) for name in _COLUMNS))

    def find(self, way: Sequence[int]) -> list[int] | None:
        """Return the first calls at these stations in order, None if there are none."""
        found = []
        start = 0
        for station in way:
            try:
                found.append(self.station_idx.index(station, start))
            except ValueError:
                return None
            start = found[-1] + 1
        return found

    def passages(self, first: int, last: int) -> list[tuple[int, int]]:
        """Return, each time, the call at one station and the next at another, with neither of them
        in between.
        """
        found = list[tuple[int, int]]()
        start = -1
        for k, station in enumerate(self.station_idx):
            if station == first:
                start = k
            elif station == last and start >= 0:
                found.append((start, k))
                start = -1
        return found


@dataclass(frozen=True, slots=True)
class NewTrip:
    """A trip like another one in all but its id and calls."""

    trip_id: str
    like: int
    calls: Calls


def calls_of(network: Network, trips: Iterable[int]) -> dict[int, Calls]:
    """Return the calls of these trips."""
    starts = network.call_starts
    columns = [getattr(network.stop_times, name) for name in _COLUMNS]
    return {t: Calls(*(c[starts[t] : starts[t + 1]].tolist() for c in columns)) for t in trips}


def with_trips(
    network: Network,
    changed: Mapping[int, Calls],
    *,
    removed: Collection[int] = (),
    added: Sequence[NewTrip] = (),
) -> Network:
    """Return the network with some trips changed, removed and added."""
    trips = network.trips
    gone = np.zeros(network.n_trips, dtype=bool)
    gone[[*removed, *changed]] = True
    stay = changed.keys() - set(removed)
    put = [*(NewTrip(trips.trip_ids[t], t, changed[t]) for t in sorted(stay)), *added]
    like = np.array([trip.like for trip in put], np.int64)
    taken = replace(take_trips(trips, like), trip_ids=tuple(trip.trip_id for trip in put))
    calls = make_calls(
        np.repeat(np.arange(len(put)), [len(trip.calls) for trip in put]),
        *(
            np.array([v for trip in put for v in getattr(trip.calls, name)], kind)
            for name, kind in _COLUMNS.items()
        ),
    )
    table = merge_timetables(network, gone, replace(network, trips=taken, stop_times=calls))
    # trips and calls of the table are not computed for this
    lost = {trips.names[t] for t in np.flatnonzero(gone).tolist()}.intersection(
        network.lines_included
    )
    lost -= {*taken.names, *compress(trips.names, ~gone)} if lost else set()
    included = tuple(name for name in network.lines_included if name not in lost)
    return replace(network, trips=table.trips, stop_times=table.stop_times, lines_included=included)


def with_stations(network: Network, stations: Sequence[Station]) -> Network:
    """Return the network with further stations, in canonical order: indices change."""
    if not stations:
        return network
    trips, calls = no_trips()
    every = (*network.stations, *with_counties(network, list(stations)))
    new = replace(network, stations=every, trips=trips, stop_times=calls)
    table = merge_timetables(network, np.zeros(network.n_trips, dtype=bool), new)
    return replace(network, **table.parts())


def with_transfers(network: Network, transfers: Mapping[tuple[int, int], int]) -> Network:
    """Return the network with listed transfers by (from, to), in place of those listed for the same
    pairs.
    """
    old = network.transfers
    rows = [
        row
        for row in zip(
            old.from_idx.tolist(), old.to_idx.tolist(), old.seconds.tolist(), strict=True
        )
        if row[:2] not in transfers
    ]
    rows += [(a, b, seconds) for (a, b), seconds in transfers.items()]
    rows.sort()
    a, b, seconds = (int32([row[k] for row in rows]) for k in range(3))
    return replace(network, transfers=Transfers(a, b, seconds))
