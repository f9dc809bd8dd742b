"""Through-running: an added line goes on over existing tracks in the times of trains that run there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from railshed.lines import LineStop
from railshed.model import Network
from railshed.modifications.edits import Calls, calls_of
from railshed.modifications.fields import SELECTION
from railshed.modifications.selection import choose
from railshed.modifications.stations import Stop, one_station
from railshed.modifications.table import Modification, Table
from railshed.units import MINUTE

#: seconds that a through train stands where it joins the existing tracks, if the line says nothing
_JOIN_S = MINUTE


@dataclass(frozen=True, slots=True)
class Continuation:
    """Stops on existing tracks, in order; the first of them (the last where `ahead`) is an end of the line."""

    stops: tuple[LineStop, ...]
    #: before the line's first station instead of after its last
    ahead: bool
    #: what it is made of
    told: str

    def joined(self, line: Sequence[LineStop]) -> list[LineStop]:
        """Return the stops of the line and of the existing tracks, the one they share once."""
        if self.ahead:
            shared = replace(line[0], run_s=self.stops[-1].run_s, dwell_s=_JOIN_S)
            return [*self.stops[:-1], shared, *line[1:]]
        return [*line[:-1], replace(line[-1], dwell_s=_JOIN_S), *self.stops[1:]]


def median_trip(calls: Mapping[int, Calls], ends: Mapping[int, tuple[int, int]]) -> int:
    """Return the trip of median duration between its two calls (the shorter of two), ties by departure, then order."""
    leaves = {t: calls[t].departure_s[ends[t][0]] for t in calls}
    ranked = sorted(calls, key=lambda t: (calls[t].arrival_s[ends[t][1]] - leaves[t], leaves[t], t))
    return ranked[(len(ranked) - 1) // 2]


def read_through(m: Modification, table: Table, ends: tuple[Stop | None, Stop | None]) -> Continuation | None:
    """Return where the line runs on; None, reported, where it does not begin at one of the line's ends."""
    start, end = one_station(m, table, "from"), one_station(m, table, "to")
    chosen = table.sub("of", SELECTION)
    trips = None if chosen is None else choose(m, chosen, required=True)
    if start is None or end is None or None in ends or (chosen is not None and trips is None):
        return None
    first, last = (stop.station.station_id for stop in ends if stop is not None)
    ahead = end.station_id == first
    if not ahead and start.station_id != last:
        message = "is no end of the line: through goes from its last station, or to its first"
        table.error("from", "bad-value", message, start.name)
        return None
    index = m.network.station_index()
    a, b = index[start.station_id], index[end.station_id]
    candidates = range(m.network.n_trips) if trips is None else trips.trips
    calls = calls_of(m.network, _near(m.network, a, b, candidates))
    between = {t: at for t, one in calls.items() if (at := one.find(a, b)) is not None}
    if not between:
        message = f"no trip runs from {start.name} to {end.name}"
        table.error("to", "selects-nothing", message, end.name, "name stations of one run, in its direction")
        return None
    trip = median_trip({t: calls[t] for t in between}, between)
    i, j = between[trip]
    stops = tuple(_stop(m.network, calls[trip], k, i, j) for k in range(i, j + 1))
    name = m.network.trips.names[trip] or m.network.trips.trip_ids[trip]
    way = f"runs through {start.name} - {end.name} in the times of {name}"
    told = f"{way}, the median of {len(between)} trips; capacity not checked"
    return Continuation(stops, ahead, told)


def _near(network: Network, a: int, b: int, trips: Sequence[int] | range) -> list[int]:
    """Return those of the trips that call at both stations."""
    calls = network.stop_times
    at_both = np.intersect1d(calls.trip_idx[calls.station_idx == a], calls.trip_idx[calls.station_idx == b])
    return sorted(set(at_both.tolist()) & set(trips))


def _stop(network: Network, calls: Calls, k: int, first: int, last: int) -> LineStop:
    run = calls.run_s(k - 1) if k > first else 0
    dwell = calls.departure_s[k] - calls.arrival_s[k] if first < k < last else 0
    return LineStop(network.stations[calls.station_idx[k]], run, dwell)
