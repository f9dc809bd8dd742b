"""The modification ``reroute``: trips that run over other stations for a part of their way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from railshed.network.lines import with_core_stations
from railshed.network.model import Network
from railshed.scenario.modifications.edits import Calls, calls_of, with_stations, with_trips
from railshed.scenario.modifications.run_times import Running
from railshed.scenario.modifications.selection import choose
from railshed.scenario.modifications.stations import PlannedStops, Stop, one_station
from railshed.scenario.modifications.table import Modification
from railshed.util.units import MINUTE


@dataclass(frozen=True, slots=True)
class _Way:
    """The new calls between two that stay (or up to an end of the run), in the order of travel."""

    #: stations from the call before to the call after, those that stay among them
    station_idx: tuple[int, ...]
    run_s: tuple[int, ...]
    dwell_s: tuple[int, ...]
    #: whether the first and the last of them are calls that stay
    from_call: bool
    to_call: bool

    def mirrored(self) -> _Way:
        """Return the way back."""
        return _Way(self.station_idx[::-1], self.run_s[::-1], self.dwell_s[::-1], self.to_call, self.from_call)


def reroute(m: Modification) -> Network | None:
    """Return the network whose selected trips run the other way."""
    table = m.table
    before, after = one_station(m, table, "from_stop"), one_station(m, table, "to_stop")
    whole = table.has("from_stop") and table.has("to_stop")
    if not table.has("from_stop") and not table.has("to_stop"):
        table.error("from_stop", "missing-key", "needs from_stop, to_stop or both")
    planned = PlannedStops(m, least=0)
    stops = planned.read()
    if not whole and not stops:
        table.error("stops", "too-few-stops", "a run that ends or begins elsewhere needs one station or more")
    if before is not None and after is not None and before.station_id == after.station_id:
        table.error("to_stop", "repeated-stop", "is from_stop too", after.name)
    ends = [(table.has("from_stop"), before), (table.has("to_stop"), after)]
    head = [ends[0][1]] if ends[0][0] else []
    tail = [ends[1][1]] if ends[1][0] else []
    running = Running(m, [*head, *(None if s is None else s.station for s in stops), *tail], f"reroute {table.number}")
    running.read()
    if not whole and table.values.get("bidirectional") is True:
        message, remedy = "needs from_stop and to_stop", "the way back is a modification of its own"
        table.error("bidirectional", "bad-value", message, True, remedy)
    # with one end alone nobody knows which of two directions is meant, so the selection has to say it
    bidirectional, chosen = table.flag("bidirectional") and whole, choose(m, table, required=not whole)
    if m.failed or chosen is None:
        return None
    times = running.times()
    network = with_stations(m.network, planned.own)
    network = _with_cores(network, [s for s in stops if s is not None])
    index = network.station_index()
    idx = tuple(index[s.station_id] for s in running.stations if s is not None)
    way = _Way(idx, times.run_s, times.dwell_s, bool(head), bool(tail))
    return _along(m, network, chosen.trips, [way, way.mirrored()] if bidirectional else [way])


def _with_cores(network: Network, stops: Sequence[Stop]) -> Network:
    joining: dict[str, set[str]] = {}
    for stop in stops:
        if stop.core_city:
            joining.setdefault(stop.core_city, set()).add(stop.station.station_id)
    return replace(network, cities=with_core_stations(network.cities, joining))


def _along(m: Modification, network: Network, trips: Sequence[int], ways: Sequence[_Way]) -> Network | None:
    changed: dict[int, Calls] = {}
    moved = []
    for trip, one in calls_of(network, trips).items():
        for way in ways:
            new = rerouted(one, way)
            if new is not None:
                changed[trip] = new
                moved.append(new.arrival_s[-1] - one.arrival_s[-1])
                break
    if not changed:
        message = "none of the selected trips calls there, in this order"
        m.table.error("from_stop" if m.table.has("from_stop") else "to_stop", "selects-nothing", message)
        return None
    if (
        min(one.departure_s[0] for one in changed.values())
        < 0
        <= min(o.departure_s[0] for o in calls_of(network, changed).values())
    ):
        m.table.error("hop_minutes", "out-of-range", "a trip would begin before 00:00 of its day")
        return None
    mean = sum(moved) / len(moved) / MINUTE
    m.effects.append(
        f"{len(changed)} of {len(trips)} trips run the other way; their last arrivals move by {mean:+.1f} min"
    )
    return with_trips(network, changed)


def rerouted(calls: Calls, way: _Way) -> Calls | None:
    """Return the calls of a trip over the other way, None where it does not call at the ends of it."""
    found = _between(calls, way)
    if found is None:
        return None
    i, j = found
    new = _new_calls(way)
    if way.from_call:
        new.moved(0, calls.departure_s[i] - new.departure_s[0])
        head = calls.part(0, i + 1)
        head.pickup[-1] |= i == len(calls) - 1  # no end of the run any more
        tail = calls.part(j, len(calls)) if way.to_call else Calls([], [], [], [], [])
        if way.to_call:
            tail.moved(0, new.arrival_s[-1] - calls.arrival_s[j])
        return head.followed_by(new.part(1, len(new) - way.to_call)).followed_by(tail)
    new.moved(0, calls.arrival_s[j] - new.arrival_s[-1])
    tail = calls.part(j, len(calls))
    tail.drop_off[0] |= j == 0
    return new.part(0, len(new) - 1).followed_by(tail)


def _between(calls: Calls, way: _Way) -> tuple[int, int] | None:
    """Return the calls that stay before and after the way; -1 or the number of calls where the run ends there."""
    if way.from_call and way.to_call:
        return calls.find(way.station_idx[0], way.station_idx[-1])
    end = way.station_idx[0] if way.from_call else way.station_idx[-1]
    if end not in calls.station_idx:
        return None
    at = calls.station_idx.index(end)
    return (at, len(calls)) if way.from_call else (-1, at)


def _new_calls(way: _Way) -> Calls:
    """Return the calls of the way from second 0; boarding and alighting allowed, but at the ends of the run."""
    arrival, departure = [0], [0]
    for run, dwell in zip(way.run_s, way.dwell_s[1:], strict=True):
        arrival.append(departure[-1] + run)
        departure.append(arrival[-1] + dwell)
    n = len(arrival)
    return Calls(list(way.station_idx), arrival, departure, [True] * n, [True] * n)
