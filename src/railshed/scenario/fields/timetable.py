"""The trains of a planned line, call by call, from a CSV timetable."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from railshed.network.model import Station
from railshed.scenario.fields.table import suggestion
from railshed.scenario.fields.timing import impossible_speed
from railshed.scenario.modification import Modification
from railshed.util.errors import Issue
from railshed.util.units import DAY, format_clock, parse_clock

COLUMNS = ("trip_id", "station", "arrival", "departure")


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a train: row of the file, station, clock seconds."""

    row: int
    station: str
    arrival_s: int
    departure_s: int


def is_named(station: Station, text: str) -> bool:
    """Return whether a text is the id, the name or the English name of a station."""
    return text in (station.station_id, station.name) or text.lower() == station.name_en.lower() != ""


@dataclass(frozen=True, slots=True)
class TimetableFile:
    """Reads a timetable over a line's stations; what is wrong is reported with row, field and value."""

    m: Modification
    file: str
    stations: Sequence[Station]

    def error(self, row: int | None, key: str, code: str, message: str, value: str = "", remedy: str = "") -> None:
        """Report an error."""
        found = Issue("error", code, message, self.file, row, key, value[:80], remedy)
        self.m.table.problems.found.issues.append(found)

    def trains(self, text: str) -> Iterator[tuple[int, list[str], list[Call]]]:
        """Yield direction (0 in the order of the stations), station ids and calls of each train."""
        reader, found = csv.DictReader(io.StringIO(text), restval=""), dict[str, list[Call | None]]()
        for name in (name for name in COLUMNS if name not in (reader.fieldnames or ())):
            self.error(None, name, "missing-column", f"is missing; the columns are {', '.join(COLUMNS)}")
        for number, values in enumerate(reader if not self.m.failed else (), start=1):
            row = {key: (values[key] or "").strip() for key in COLUMNS}
            found.setdefault(row["trip_id"], []).append(self._call(number, row))
        if not found and not self.m.failed:
            self.error(None, "trip_id", "no-rows", "has no train")
        for trip, calls in found.items():
            sound = [call for call in calls if call is not None]
            way = self._way(trip, sound) if len(sound) == len(calls) else None
            if way is not None:
                yield (*way, sound)

    def _call(self, number: int, row: dict[str, str]) -> Call | None:
        """Return a call; None, reported, if a field is wrong. A blank time is the other one."""
        n_before, times = len(self.m.table.problems.found.issues), list[int]()
        if not row["trip_id"]:
            self.error(number, "trip_id", "blank", "is blank")
        if not any(is_named(station, row["station"]) for station in self.stations):
            known = suggestion(row["station"], [station.name for station in self.stations])
            self.error(number, "station", "unknown-station", "is none of the line's stops", row["station"], known)
        for key in COLUMNS[2:]:
            try:
                times.append(parse_clock(row[key] or row["arrival"] or row["departure"]))
            except ValueError:
                times.append(-1)
            if not 0 <= times[-1] <= 2 * DAY:
                self.error(number, key, "bad-time", "is not a clock time", row[key], "allowed: 07:30 up to 48:00:00")
        if times[1] < times[0]:
            self.error(number, "departure", "decreasing-time", "is before the arrival", row["departure"])
        return None if len(self.m.table.problems.found.issues) > n_before else Call(number, row["station"], *times)

    def _way(self, trip: str, calls: Sequence[Call]) -> tuple[int, list[str]] | None:
        """Return direction and station ids of a train; None, reported, if it cannot run along the line so."""
        n_before = len(self.m.table.problems.found.issues)
        ways = {way: found for way in (0, 1) if (found := _along(self.stations[:: 1 - 2 * way], calls))}
        if len(calls) < 2:
            self.error(calls[0].row, "trip_id", "too-few-stops", "has one call; a train has two or more", trip)
        elif not ways:
            self.error(calls[0].row, "trip_id", "bad-order", "calls in another order than stops, there or back", trip)
        for k, (a, b) in enumerate(pairwise(calls)):
            seconds, clock = b.arrival_s - a.departure_s, format_clock(b.arrival_s)
            if seconds <= 0:
                self.error(b.row, "arrival", "decreasing-time", f"is not after the departure of row {a.row}", clock)
            for way in () if seconds <= 0 else list(ways.values())[:1]:
                if (fast := impossible_speed(way[k], way[k + 1], seconds)) is not None:
                    self.error(b.row, "arrival", "impossible-speed", fast[0], clock, fast[1])
        if len(self.m.table.problems.found.issues) > n_before:
            return None
        direction, found = next(iter(ways.items()))
        return direction, [station.station_id for station in found]


def _along(stations: Sequence[Station], calls: Sequence[Call]) -> list[Station]:
    """Return the station of each call; [] if they are in another order."""
    left = iter(stations)
    found = [next((s for s in left if is_named(s, call.station)), None) for call in calls]
    return [station for station in found if station is not None] if None not in found else []
