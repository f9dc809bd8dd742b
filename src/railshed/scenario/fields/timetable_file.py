"""CSV timetables of an added line: one row a call, by train."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from railshed.network.model import Station
from railshed.scenario.fields.timing import impossible_speed
from railshed.scenario.modification import Modification
from railshed.util.errors import Issue, suggestion
from railshed.util.units import DAY, format_clock, parse_clock

TIMETABLE_COLUMNS = ("trip_id", "station", "arrival", "departure")


class _Call(NamedTuple):
    """A call of a train: row of the file, station as written, clock seconds."""

    row: int
    station: str
    arrival_s: int
    departure_s: int


def is_called(station: Station, text: str) -> bool:
    """Return whether a text is the id, the name or the English name of a station."""
    return (
        text in (station.station_id, station.name) or text.lower() == station.name_en.lower() != ""
    )


@dataclass(frozen=True, slots=True)
class TimetableFile:
    """Reads a CSV timetable of trains along stations; what is wrong is reported with row, field and
    value.
    """

    m: Modification
    file: str
    stations: Sequence[Station]

    def trains(self, text: str) -> Iterator[tuple[int, list[str], list[int], list[int]]]:
        """Yield direction (0 in the order of the stations), station ids, arrivals and departures of
        each train.
        """
        reader = csv.DictReader(io.StringIO(text), restval="")
        found = dict[str, list[_Call | None]]()
        try:
            rows = list(reader)
            columns = reader.fieldnames or ()
        except csv.Error as error:
            return self._error(None, "", "no-csv", f"is no CSV: {error}")
        if not columns:
            return self._error(
                None, "", "no-rows", f"is empty: the columns are {', '.join(TIMETABLE_COLUMNS)}"
            )
        lacking = [name for name in TIMETABLE_COLUMNS if name not in columns]
        for name in lacking or ([] if rows else ["trip_id"]):
            message = (
                f"the columns are {', '.join(TIMETABLE_COLUMNS)}" if lacking else "has no train"
            )
            self._error(None, name, "missing-column" if lacking else "no-rows", message)
        for number, values in enumerate([] if lacking else rows, start=1):
            row = {key: values[key].strip() for key in TIMETABLE_COLUMNS}
            found.setdefault(row["trip_id"], []).append(self._call(number, row))
        for trip, calls in found.items():
            sound = [call for call in calls if call is not None]
            if len(sound) == len(calls) and (way := self._way(trip, sound)) is not None:
                yield (
                    *way,
                    [call.arrival_s for call in sound],
                    [call.departure_s for call in sound],
                )

    def _error(
        self, row: int | None, key: str, code: str, message: str, value: str = "", remedy: str = ""
    ) -> None:
        found = Issue(
            severity="error",
            code=code,
            message=message,
            file=self.file,
            row=row,
            field=key,
            value=value[:80],
            remedy=remedy,
        )
        self.m.table.problems.found.issues.append(found)

    def _call(self, number: int, row: dict[str, str]) -> _Call | None:
        """Return a call; None, reported, if a field is wrong. A blank time is the other one."""
        n_before = len(self.m.table.problems.found.issues)
        times = list[int]()
        if not row["trip_id"]:
            self._error(number, "trip_id", "blank", "is blank")
        if not any(is_called(station, row["station"]) for station in self.stations):
            known = suggestion(row["station"], [station.name for station in self.stations])
            self._error(
                number,
                "station",
                "unknown-station",
                "is none of the line's stops",
                row["station"],
                known,
            )
        for key in ("arrival", "departure"):
            try:
                times.append(parse_clock(row[key] or row["arrival"] or row["departure"]))
            except ValueError:
                times.append(-1)
            is_said = row[key] or (
                key == "arrival" and not row["departure"]
            )  # of two times each, of a blank one once
            if not 0 <= times[-1] <= 2 * DAY and is_said:
                self._error(
                    number,
                    key,
                    "bad-time",
                    "is not a clock time",
                    row[key],
                    "allowed: 07:30 up to 48:00:00",
                )
        if times[1] < times[0]:
            self._error(
                number, "departure", "decreasing-time", "is before the arrival", row["departure"]
            )
        return (
            None
            if len(self.m.table.problems.found.issues) > n_before
            else _Call(number, row["station"], *times)
        )

    def _way(self, trip: str, calls: Sequence[_Call]) -> tuple[int, list[str]] | None:
        """Return direction and station ids of a train; None, reported, if it cannot run along the
        line so.
        """
        n_before = len(self.m.table.problems.found.issues)
        first = calls[0].row
        ways = [
            (way, found)
            for way in (0, 1)
            if (found := _along(self.stations[:: 1 - 2 * way], calls))
        ]
        if len(calls) < 2:
            self._error(
                first, "trip_id", "too-few-stops", "has one call; a train has two or more", trip
            )
        elif not ways:
            self._error(
                first,
                "trip_id",
                "bad-order",
                "calls in another order than stops, there or back",
                trip,
            )
        for k, (a, b) in enumerate(pairwise(calls)):
            seconds = b.arrival_s - a.departure_s
            clock = format_clock(b.arrival_s)
            if seconds <= 0:
                self._error(
                    b.row,
                    "arrival",
                    "decreasing-time",
                    f"is not after the departure of row {a.row}",
                    clock,
                )
            elif (
                ways
                and (fast := impossible_speed(ways[0][1][k], ways[0][1][k + 1], seconds))
                is not None
            ):
                self._error(b.row, "arrival", "impossible-speed", fast[0], clock, fast[1])
        if len(self.m.table.problems.found.issues) > n_before:
            return None
        return ways[0][0], [station.station_id for station in ways[0][1]]


def _along(stations: Sequence[Station], calls: Sequence[_Call]) -> list[Station]:
    """Return the station of each call; [] if they are in another order."""
    left = iter(stations)
    found = [next((s for s in left if is_called(s, call.station)), None) for call in calls]
    return [station for station in found if station is not None] if None not in found else []
