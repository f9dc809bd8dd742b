"""The modification ``reroute``: trips that run over other stations for a part of their way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from railshed.network.lines import with_core_stations
from railshed.network.model import Network
from railshed.scenario.edits import Calls, calls_of, with_stations, with_trips
from railshed.scenario.fields import kinds
from railshed.scenario.fields.kinds import RUNNING, fields_of
from railshed.scenario.fields.selection import select
from railshed.scenario.fields.stations import PlannedStops, one_station
from railshed.scenario.fields.timing import Running
from railshed.scenario.modification import Modification
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
        return _Way(
            self.station_idx[::-1],
            self.run_s[::-1],
            self.dwell_s[::-1],
            self.to_call,
            self.from_call,
        )


class Reroute(Modification):
    """Lets trips run over other stations for a part of their way."""

    type = "reroute"
    meaning = (
        "The selected trips (all, where nothing is selected) that call at from_stop and later at "
        "to_stop run over "
        "other stations between: the calls between are replaced, the departure from from_stop "
        "stays, everything from "
        "to_stop on moves by the difference. Without to_stop the run ends at the last of stops; "
        "without from_stop it "
        "begins at the first, and the times from to_stop on stay; then the selection must say "
        "which direction is "
        "meant. Other trips stay as they are. Passengers may board and alight at the new calls, "
        "and at an old terminus that the trains now run through."
    )
    fields = fields_of(
        {
            "from_stop": kinds.text("last call that stays before the change", kind="station"),
            "to_stop": kinds.text("first call that stays after the change", kind="station"),
            "stops": kinds.stops(
                "stations in between, in order; may be empty between from_stop and to_stop"
            ),
            **RUNNING,
            "bidirectional": kinds.flag(
                "with both ends: trips from to_stop to from_stop as well, the other way round",
                default=True,
            ),
        }
    )
    example = {"from_stop": "east", "to_stop": "west", "stops": ["north"], "hop_minutes": [20, 25]}
    drawn = ("from_stop", "to_stop", "stops", "hop_minutes")

    def check(self) -> bool:
        """Read the trips and their new way."""
        table = self.table
        before = one_station(self, table, "from_stop")
        after = one_station(self, table, "to_stop")
        from_call = table.has("from_stop")
        to_call = table.has("to_stop")
        if not from_call and not to_call:
            table.error("from_stop", "missing-key", "needs from_stop, to_stop or both")
        planned = PlannedStops(self, least=0)
        stops = planned.read()
        if not (from_call and to_call) and not stops:
            message = "a run that ends or begins elsewhere needs one station or more"
            table.error("stops", "too-few-stops", message)
        if before is not None and after is not None and before.station_id == after.station_id:
            table.error("to_stop", "repeated-stop", "is from_stop too", after.name)
        stations = [None if stop is None else stop.station for stop in stops]
        way = [*([before] if from_call else []), *stations, *([after] if to_call else [])]
        self.running = Running(self, way, f"reroute {table.number}", whole=False)
        self.running.read()
        if not (from_call and to_call) and table.values.get("bidirectional") is True:
            message = "needs from_stop and to_stop"
            remedy = "the way back is a modification of its own"
            table.error("bidirectional", "bad-value", message, True, remedy)
        self.both_ways = table.flag("bidirectional") and from_call and to_call
        self.stops = [stop for stop in stops if stop is not None]
        self.new_stations = planned.own
        # with one end alone either direction may be meant, so the selection has to say it
        return select(self, required=not (from_call and to_call))

    def apply(self) -> Network | None:
        """Return the network whose selected trips run the other way."""
        times = self.running.times()
        network = with_stations(self.network, self.new_stations)
        joining = ((stop.core_city, stop.station.station_id) for stop in self.stops)
        network = replace(network, cities=with_core_stations(network.cities, joining))
        index = network.station_index()
        idx = tuple(index[s.station_id] for s in self.running.stations if s is not None)
        ends = self.table.has("from_stop"), self.table.has("to_stop")
        way = _Way(idx, times.run_s, times.dwell_s, *ends)
        ways = [way, way.mirrored()] if self.both_ways else [way]
        before = calls_of(network, self.trips)
        after = {
            t: [new for way in ways if (new := rerouted(one, way)) is not one]
            for t, one in before.items()
        }
        changed = {
            trip: new[0] for trip, new in after.items() if new
        }  # a ring takes both: the first is meant
        if not self._is_possible(before, changed):
            return None
        moved_s = sum(
            one.arrival_s[-1] - before[trip].arrival_s[-1] for trip, one in changed.items()
        )
        self.say(
            "edit_rerouted",
            n=len(changed),
            n_all=len(before),
            minutes=moved_s / len(changed) / MINUTE,
        )
        return with_trips(network, changed)

    def _is_possible(self, before: Mapping[int, Calls], changed: Mapping[int, Calls]) -> bool:
        """Report that no trip changes, or that one would begin on the day before; return whether
        neither is so.
        """
        if not changed:
            key = "from_stop" if self.table.has("from_stop") else "to_stop"
            self.table.error(
                key, "selects-nothing", "none of the selected trips calls there, in this order"
            )
        elif (
            min(c.departure_s[0] for c in changed.values())
            < 0
            <= min(before[t].departure_s[0] for t in changed)
        ):
            self.table.error(
                "hop_minutes", "out-of-range", "a trip would begin before 00:00 of its day"
            )
        return not self.failed


def rerouted(calls: Calls, way: _Way) -> Calls:
    """Return the calls of a trip over the other way each time it takes this one; itself where it
    does not.
    """
    for i, j in reversed(_between(calls, way)):
        calls = _replaced(calls, way, i, j)
    return calls


def _replaced(calls: Calls, way: _Way, i: int, j: int) -> Calls:
    """Return the calls with another way between two of them that stay."""
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


def _between(calls: Calls, way: _Way) -> Sequence[tuple[int, int]]:
    """Return the calls that stay before and after each way; -1 or the number of calls where the run
    ends there.
    """
    if way.from_call and way.to_call:
        return calls.passages(way.station_idx[0], way.station_idx[-1])
    end = way.station_idx[0] if way.from_call else way.station_idx[-1]
    if end not in calls.station_idx:
        return []
    at = calls.station_idx.index(end)
    return [(at, len(calls)) if way.from_call else (-1, at)]


def _new_calls(way: _Way) -> Calls:
    """Return the calls of the way from second 0; boarding and alighting allowed, but at the ends of
    the run.
    """
    arrival = [0]
    departure = [0]
    for run, dwell in zip(way.run_s, way.dwell_s[1:], strict=True):
        arrival.append(departure[-1] + run)
        departure.append(arrival[-1] + dwell)
    n = len(arrival)
    return Calls(list(way.station_idx), arrival, departure, [True] * n, [True] * n)
