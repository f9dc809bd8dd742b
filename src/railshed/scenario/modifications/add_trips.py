"""The modification ``add-trips``: a planned line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from railshed.network.lines import Line, LineStop, Period, add_lines, expand, route_of
from railshed.network.model import Network
from railshed.network.route_types import DEFAULT_ROUTE_TYPE, MODES, ROUTE_TYPES
from railshed.network.trip_series import routes_of, trip_name
from railshed.scenario.edits import calls_of, with_trips
from railshed.scenario.fields import kinds, timing
from railshed.scenario.fields.kinds import PATTERN, RUNNING, SELECTION, SERVICE, THROUGH, fields_of
from railshed.scenario.fields.selection import Chosen, choose
from railshed.scenario.fields.stations import PlannedStops, Stop
from railshed.scenario.fields.table import Table
from railshed.scenario.fields.timetable_file import TimetableFile, is_called
from railshed.scenario.modification import Modification
from railshed.scenario.planned_lines import kind_of, lines_of, service_of
from railshed.util.bilingual import EMPTY, Words, about, joined
from railshed.util.geodesy import great_circle_m
from railshed.util.phrases import phrase
from railshed.util.sums import plain_sum
from railshed.util.units import MINUTE, decimal


@dataclass(frozen=True, slots=True)
class _Pattern:
    """A stop pattern: its name ("" for trains that stop everywhere), which stations it calls at,
    its service.
    """

    name: str
    calls: tuple[int, ...] | None
    periods: tuple[Period, ...]


class AddTrips(Modification):
    """Adds a planned line."""

    type = "add-trips"
    meaning = (
        "A line. Trips leave the first station evenly spaced, from a phase drawn from hash(seed, "
        "name, direction, "
        "period), or at the departures given. Stations between the ends are called at by every "
        "trip, or by stop "
        "patterns. A pattern that passes a station saves its dwell, with top_speed_kmh braking and "
        "accelerating too."
    )
    fields = fields_of(
        {
            "stops": kinds.stops("stations in order: a name or id, or a table", least=2),
            **RUNNING,
            **SERVICE,
            "bidirectional": kinds.flag("runs back as well, with the same minutes", default=True),
            "timetable": replace(
                kinds.text(
                    "the trains both ways, instead of run times and service: the path of a CSV "
                    "file, from this file, or its "
                    "text; columns trip_id, station, arrival, departure; a row a call, those of a "
                    "trip in order; past midnight "
                    "25:10; a blank time is the other one; stations are those of stops",
                ),
                unit="minutes",
            ),
            "mode": kinds.choice("mode of transport; rail", MODES),
            "stop_patterns": kinds.tables(
                "express and local trains; frequencies beside them are of trains that stop "
                "everywhere",
                "pattern",
            ),
            "through": kinds.table(
                "runs on over existing tracks: from its last station to `to`, or from `from` to "
                "its first station, with "
                "the calls, runs and dwells of the trip of median duration between the two; back "
                "in the same minutes. A "
                "run that trains of top_speed_kmh and rolling_stock cannot make in them lasts as "
                "planned for these. Capacity is not checked.",
                "through",
            ),
            "diverted_from": kinds.table(
                "trains that the line takes away from another one: of the selected trips of the "
                "network's day, evenly by "
                "order of departure, as many go as are added (all where there are fewer); with "
                "both_directions each way for itself",
                "selection",
            ),
        },
        selects=False,
    )
    is_named = True
    example = {
        "name": "nw",
        "stops": [{"name": "Northwest", "id": "northwest", "lon": 99.8, "lat": 0.5}, "mid"],
        "hop_minutes": [18],
        "frequencies": [{"start_time": "05:00", "end_time": "23:00", "headway_minutes": 10}],
    }
    drawn = ("name", "hop_minutes", ("frequencies", "frequencies", "departures"), "bidirectional")

    def check(self) -> bool:
        """Read the line."""
        table = self.table
        self.name = self._name()
        self.bidirectional = table.flag("bidirectional")
        mode = table.choice("mode")
        self.route_type = ROUTE_TYPES[mode] if mode else DEFAULT_ROUTE_TYPE
        stops = PlannedStops(self).read()
        self.stops = [stop for stop in stops if stop is not None]
        selection = table.sub("diverted_from", SELECTION)
        #: trips that it takes from another line
        self.diverted = (
            None if selection is None else choose(self, selection, required=True, on_day=True)
        )
        if table.has("timetable"):
            for key in (*RUNNING, *SERVICE, "bidirectional", "stop_patterns", "through"):
                if table.has(key):
                    table.error(
                        key,
                        "two-services",
                        "is given together with timetable",
                        remedy="leave it out",
                    )
            self.trains = list(self._trains()) if len(stops) == len(self.stops) else []
            return True
        self.running = timing.Running(
            self, [stop.station if stop is not None else None for stop in stops], self.name
        )
        self.running.read()
        self.patterns = _patterns(table, stops, self.bidirectional)
        through = table.sub("through", THROUGH)
        ends = (stops[0], stops[-1]) if len(stops) > 1 else (None, None)
        #: how it goes on over existing tracks
        self.beyond = None if through is None else timing.read_through(self, through, ends)
        return True

    def _trains(self) -> Iterator[tuple[Any, int]]:
        """Yield kind and departure of the trains of the timetable."""
        name = self.table.text("timetable")
        texts = self.table.problems.texts
        text = name if "\n" in name else texts.get(name)
        self.waits |= text is None  # reported where it was read
        file = TimetableFile(
            self, name if name in texts else "timetable", [stop.station for stop in self.stops]
        )
        for train in file.trains(text) if text is not None else ():
            yield kind_of(*train), train[-1][0]

    def apply(self) -> Network:
        """Return the network with the line."""
        lines = self._of_timetable() if self.table.has("timetable") else self._of_service()
        self.only_adds = self.diverted is None
        self.lines += lines
        network = self.network if self.diverted is None else self._divert(lines, self.diverted)
        return add_lines(network, lines, seed=self.seed)

    def _of_timetable(self) -> list[Line]:
        """Return the lines of the trains of a timetable, and say what they are."""
        stops = tuple(LineStop(stop.station, 0, 0, stop.core_city) for stop in self.stops)
        way = tuple(stop.station for stop in stops)
        line = Line(self.name, self.name, stops, (), False, self.route_type, way=way, is_timed=True)
        self.say("edit_line_timetable", line=self.name, way=_ends(stops), n_trips=len(self.trains))
        return lines_of(line, self.seed, service_of(self.trains), {s.station_id: s for s in way})

    def _of_service(self) -> list[Line]:
        """Return a line for each stop pattern, and say what they are."""
        patterns = self.patterns
        times = [self.running.times(pattern.calls) for pattern in patterns]
        lines = [
            self._line(*each)
            for each in zip(patterns, times, map(self._beyond, times), strict=True)
        ]
        if len(lines) > 1 or patterns[0].name:
            lines = [replace(line, route_id=self.name) for line in lines]
        for line, each in zip(lines, times, strict=True):
            self._say(line, each)
        return lines

    def _name(self) -> str:
        table = self.table
        name = table.values.get("name")
        if not isinstance(name, str) or not name.strip():
            table.error("name", "missing-key", "must be the line's name", name or "")
            return f"line {table.number}"
        name = name.strip()
        running = routes_of(self.network)
        taken = running | {line.line_id for line in self.lines if route_of(line) in running}
        if name in taken:
            table.error(
                "name",
                "duplicate-key",
                "is the name of another line or route",
                name,
                "give it another name",
            )
        return name

    def _beyond(self, times: timing.Times) -> timing.Continuation | None:
        """Return how a stop pattern goes on over existing tracks, and note what that rests on."""
        if self.beyond is None:
            return None
        way, slowed = (
            (self.beyond, EMPTY) if times.run is None else self.beyond.at_own_speed(times.run)
        )
        unchecked = "through_any_speed" if times.run is None else "through_own_speed"
        for words in (phrase(unchecked, source=self.beyond.source), slowed):
            if words.en:
                self.note_once(about(self.name, words))
        return way

    def _say(self, line: Line, times: timing.Times) -> None:
        """Say what the line is."""
        seconds = sum(s.run_s for s in line.stops) + sum(s.dwell_s for s in line.stops[1:-1])
        metres = plain_sum(
            float(great_circle_m(a.station.lon, a.station.lat, b.station.lon, b.station.lat))
            for a, b in pairwise(line.stops)
        )
        self.say(
            "edit_line",
            line=line.line_id,
            way=_ends(line.stops),
            n_stops=len(line.stops),
            km=metres / 1000,
            minutes=decimal(seconds / MINUTE),
            track=""
            if times.run is None
            else phrase("edit_new_track", km=times.run.length_m / 1000),
            n_trips=sum(len(run.trip_ids) for run in expand(line, self.seed)),
        )

    def _divert(self, lines: Sequence[Line], taken: Chosen) -> Network:
        """Return the network without as many of the trips as the lines have, evenly by order of
        departure.
        """
        runs = [
            (way ^ line.direction, run)
            for line in lines
            for way, run in enumerate(expand(line, self.seed))
        ]
        n_out, n_back = (
            sum(len(run.trip_ids) for way, run in runs if way == direction) for direction in (0, 1)
        )
        removed = evenly(self.network, taken.along, n_out if taken.back else n_out + n_back)
        removed += evenly(self.network, taken.back, n_back)
        n_more = len(removed) - 12
        self.say(
            "edit_diverted",
            line=self.name,
            n=len(removed),
            n_all=len(taken.trips),
            ids=", ".join(trip_name(self.network, t) for t in removed[:12]),
            more=phrase("edit_and_more", n=n_more) if n_more > 0 else "",
        )
        if len(removed) < n_out + n_back:
            self.note("edit_too_few", line=self.name, n_added=n_out + n_back, n=len(removed))
        return with_trips(self.network, {}, removed=removed)

    def _line(
        self, pattern: _Pattern, times: timing.Times, beyond: timing.Continuation | None
    ) -> Line:
        """Return the line of a stop pattern."""
        stops = self.stops
        name = self.name
        line_stops = [
            LineStop(stops[k].station, run, dwell, stops[k].core_city)
            for k, run, dwell in zip(times.calls, (0, *times.run_s), times.dwell_s, strict=True)
        ]
        passed = [LineStop(stop.station, 0) for stop in stops]
        if beyond is not None:
            line_stops = beyond.joined(line_stops)
            passed = beyond.joined(passed)
        way = tuple(stop.station for stop in passed) if len(passed) > len(line_stops) else ()
        line_id = f"{name}/{pattern.name}" if pattern.name else name
        return Line(
            line_id,
            name,
            tuple(line_stops),
            pattern.periods,
            self.bidirectional,
            self.route_type,
            way=way,
            profile=times.profile,
            is_timed=all(period.phase_s is not None for period in pattern.periods),
        )


def _patterns(table: Table, stops: Sequence[Stop | None], both_ways: bool) -> list[_Pattern]:
    """Return the stop patterns; a line without any is one that stops everywhere."""
    everywhere = timing.read_service(
        table, both_ways=both_ways, required=not table.has("stop_patterns")
    )
    found = [_Pattern("", None, everywhere)] if everywhere or not table.has("stop_patterns") else []
    names: set[str] = set()
    for part in table.tables("stop_patterns", PATTERN):
        name = part.text("name")
        if name in names:
            part.error(
                "name",
                "duplicate-key",
                "is the name of another pattern",
                name,
                "give it another name",
            )
        names.add(name)
        found.append(
            _Pattern(name, _calls(part, stops), timing.read_service(part, both_ways=both_ways))
        )
    return found


def _calls(part: Table, stops: Sequence[Stop | None]) -> tuple[int, ...]:
    """Return the indices of the stations where a pattern calls."""
    if part.has("stops") == part.has("skips"):
        remedy = "name where it calls, or what it passes"
        part.error("stops", "missing-key", "needs either stops or skips", remedy=remedy)
        return ()
    key = "stops" if part.has("stops") else "skips"
    named = set()
    for i, text in enumerate(part.texts(key), start=1):
        at = [
            k for k, stop in enumerate(stops) if stop is not None and is_called(stop.station, text)
        ]
        if not at and None not in stops:
            known = ", ".join(stop.station.name for stop in stops if stop is not None)
            message = "is no station of the line"
            part.error(
                key, "unknown-station", message, text, f"known: {known}", item=f"[{i}]", text=text
            )
        named.update(at)
    last = len(stops) - 1
    if key == "skips" and named & {0, last}:
        part.error("skips", "bad-value", "an end of the line cannot be passed")
    if key == "skips":
        named = set(range(len(stops))) - named
    return tuple(sorted({0, last, *named}))


def _ends(stops: Sequence[LineStop]) -> Words:
    """Return the names of the first and the last stop."""
    ends = (stops[0].station, stops[-1].station)
    return joined(
        [Words(station.name, station.name_en or station.name) for station in ends], " - ", " - "
    )


def evenly(network: Network, trips: Sequence[int], n: int) -> list[int]:
    """Return `n` of the trips (all where there are fewer), evenly spaced by rank of first
    departure.
    """
    calls = calls_of(network, trips)
    ranked = sorted(trips, key=lambda t: (calls[t].departure_s[0], t))
    n = min(n, len(ranked))
    total = len(ranked)
    return [ranked[(2 * k + 1) * total // (2 * n)] for k in range(n)]
