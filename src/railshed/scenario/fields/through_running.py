"""Through-running: an added line goes on over existing tracks in the times of trains there, no faster than its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from railshed.network.lines import LineStop
from railshed.network.model import Network, Station
from railshed.scenario.edits import Calls, calls_of
from railshed.scenario.fields.groups import SELECTION
from railshed.scenario.fields.selection import choose
from railshed.scenario.fields.stations import Stop, one_station
from railshed.scenario.fields.table import Table
from railshed.scenario.modification import Modification
from railshed.scenario.run_times.kinematics import run_seconds
from railshed.scenario.run_times.run_times import RunTimes, run_times
from railshed.util.geodesy import great_circle_m
from railshed.util.units import MINUTE, decimal

#: seconds that a through train stands where it joins the existing tracks, if the line says nothing
_JOIN_S = MINUTE


@dataclass(frozen=True, slots=True)
class Continuation:
    """Stops on existing tracks, in order; the first of them (the last where `ahead`) is an end of the line."""

    stops: tuple[LineStop, ...]
    #: before the line's first station instead of after its last
    ahead: bool
    #: which trips its times are those of, a sentence
    source: str

    def at_own_speed(self, run: RunTimes) -> tuple[Continuation, str]:
        """Return it as the line's own trains can run it, and what is slowed for that; "" if nothing is.

        A run shorter than theirs at its fastest, on the straight line and without margin, is theirs as planned: with
        margin, loss and the usual detour, for the length of the tracks is not known. All others they take over.
        """
        stops, slowed = [self.stops[0]], []
        for before, stop in pairwise(self.stops):
            own_s = _own_s(before.station, stop.station, stop.run_s, run)
            if own_s != stop.run_s:
                way = f"{before.station.name} - {stop.station.name}"
                slowed.append(f"{way} {decimal(own_s / MINUTE)} min in place of {decimal(stop.run_s / MINUTE)}")
            stops.append(replace(stop, run_s=own_s))
        if not slowed:
            return self, ""
        top = min(run.top_speed_kmh, run.stock.top_kmh)
        why = f"its own trains ({run.stock.stock_id}, up to {top:g} km/h) cannot keep the times of those there"
        return replace(self, stops=tuple(stops)), f"{why}: {', '.join(slowed)}"

    def joined(self, line: Sequence[LineStop]) -> list[LineStop]:
        """Return the stops of the line and of the existing tracks, the one they share once."""
        if self.ahead:
            shared = replace(line[0], run_s=self.stops[-1].run_s, dwell_s=_JOIN_S)
            return [*self.stops[:-1], shared, *line[1:]]
        return [*line[:-1], replace(line[-1], dwell_s=_JOIN_S), *self.stops[1:]]


def _own_s(start: Station, end: Station, run_s: int, run: RunTimes) -> int:
    """Return the seconds that trains of this kind take for a run which others make in `run_s`."""
    metres = float(great_circle_m(start.lon, start.lat, end.lon, end.lat))
    if not metres or run_seconds(metres, run.top_speed_kmh, run.stock) <= run_s:
        return run_s
    own = run_times([start, end], top_speed_kmh=run.top_speed_kmh, rolling_stock=run.stock, rules=run.rules)
    return max(round(own.total_s), run_s)


def median_trip(calls: Mapping[int, Calls], ends: Mapping[int, tuple[int, int]]) -> int:
    """Return the trip of median duration between its two calls (the shorter of two), ties by departure, then order."""
    leaves = {t: calls[t].departure_s[ends[t][0]] for t in calls}
    ranked = sorted(calls, key=lambda t: (calls[t].arrival_s[ends[t][1]] - leaves[t], leaves[t], t))
    return ranked[(len(ranked) - 1) // 2]


def read_through(m: Modification[Any], table: Table, ends: tuple[Stop | None, Stop | None]) -> Continuation | None:
    """Return where the line runs on; None, reported, if it does not begin at one of the line's ends."""
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
    return Continuation(stops, ahead, f"{way}, the median of {len(between)} trips")


def _near(network: Network, a: int, b: int, trips: Sequence[int] | range) -> list[int]:
    """Return those of the trips that call at both stations."""
    calls = network.stop_times
    at_both = np.intersect1d(calls.trip_idx[calls.station_idx == a], calls.trip_idx[calls.station_idx == b])
    return sorted(set(at_both.tolist()) & set(trips))


def _stop(network: Network, calls: Calls, k: int, first: int, last: int) -> LineStop:
    run = calls.run_s(k - 1) if k > first else 0
    dwell = calls.departure_s[k] - calls.arrival_s[k] if first < k < last else 0
    return LineStop(network.stations[calls.station_idx[k]], run, dwell)
