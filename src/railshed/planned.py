"""The modification ``add-trips``: a planned line as written, checked and held against a network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from railshed.lines import Line, LineStop, Period, great_circle_m, line_ids
from railshed.model import Network, Station
from railshed.modification import Problems
from railshed.planned_stops import PlannedStops
from railshed.units import DAY, MINUTE, format_clock

#: straight-line speed above which a run time is taken for a mistake
MAX_SPEED_KMH = 450
#: minutes at an intermediate stop where dwell_minutes is not given
DEFAULT_DWELL_MIN = 1
_KEYS = (
    "type",
    "name",
    "description",
    "bidirectional",
    "stops",
    "hop_minutes",
    "dwell_minutes",
    "frequencies",
)
_PERIOD_KEYS = ("start_time", "end_time", "headway_minutes")


def resolve_add_trips(
    network: Network,
    number: int,
    table: Mapping[str, Any],
    earlier: Sequence[Line],
    problems: Problems,
    city: str,
) -> Line | None:
    """Return the line of one ``add-trips``, None where anything about it is wrong (see `problems`).

    Stations that `earlier` lines add may be called at by name or id.
    """
    return _AddTrips(number, table, problems, network, earlier, city).resolve()


@dataclass(slots=True)
class _AddTrips(PlannedStops):
    def resolve(self) -> Line | None:
        n_before = len(self.problems.issues)
        self.refuse_unknown(self.table, _KEYS, "")
        name = self.line_name()
        bidirectional = self.table.get("bidirectional", True)
        if not isinstance(bidirectional, bool):
            self.error("bidirectional", "bad-value", "is not true or false", bidirectional)
        stops = self.stops()
        hops = self.hop_seconds(len(stops))
        dwells = self.dwell_seconds(len(stops), name)
        periods = self.periods()
        if hops and len(hops) == len(stops) - 1:
            self.check_hops(stops, hops)
        if len(self.problems.issues) > n_before:
            return None
        runs = [0, *hops]
        line_stops = tuple(
            LineStop(station, runs[i], dwells[i], core)
            for i, (station, core) in enumerate(stops)
            if station is not None
        )
        return Line(name, name, line_stops, periods, bool(bidirectional))

    def line_name(self) -> str:
        name = self.table.get("name")
        if not isinstance(name, str) or not name.strip():
            self.error("name", "missing-key", "must be the line's name", name or "")
            return f"line {self.number}"
        if name in line_ids(self.network) or any(line.line_id == name for line in self.earlier):
            self.error("name", "duplicate-key", "is the name of another line", name, "give it another name")
        return name.strip()

    def hop_seconds(self, n_stops: int) -> list[int]:
        given = self.table.get("hop_minutes")
        if not isinstance(given, list):
            message = "must be a list of the minutes between consecutive stops"
            self.error("hop_minutes", "missing-key", message, given if given is not None else "")
            return []
        if n_stops >= 2 and len(given) != n_stops - 1:
            message = f"has {len(given)} values for {n_stops} stops"
            self.error("hop_minutes", "count-mismatch", message, given, f"give {n_stops - 1}, one a hop")
        return [
            self.minutes(f"hop_minutes[{i}]", value, "hop_minutes", 0, DAY // MINUTE, open_below=True)
            for i, value in enumerate(given, start=1)
        ]

    def dwell_seconds(self, n_stops: int, name: str) -> list[int]:
        """Return the dwell of every stop, 0 at the ends."""
        given = self.table.get("dwell_minutes")
        n_between = max(n_stops - 2, 0)
        if given is None:
            given = DEFAULT_DWELL_MIN
            if n_between:
                self.problems.notes.append(f"{name}: dwell_minutes not given, {DEFAULT_DWELL_MIN} minute assumed")
        if not isinstance(given, list):
            return [0, *[self.minutes("dwell_minutes", given, "dwell_minutes", 0, 120)] * n_between, 0]
        if len(given) != n_between and n_stops >= 2:
            message = f"has {len(given)} values for {n_between} intermediate stops"
            remedy = f"give one number for all, or {n_between}, one a stop between the ends"
            self.error("dwell_minutes", "count-mismatch", message, given, remedy)
        between = [
            self.minutes(f"dwell_minutes[{i}]", value, "dwell_minutes", 0, 120)
            for i, value in enumerate(given, start=1)
        ]
        return [0, *between, 0]

    def check_hops(self, stops: Sequence[tuple[Station | None, str]], hops: Sequence[int]) -> None:
        for i, ((a, _), (b, _), seconds) in enumerate(zip(stops, stops[1:], hops, strict=False), start=1):
            if a is None or b is None or seconds <= 0:
                continue
            metres = float(great_circle_m(a.lon, a.lat, b.lon, b.lat))
            if metres / seconds * 3.6 > MAX_SPEED_KMH:
                kmh, least = metres / seconds * 3.6, metres / MAX_SPEED_KMH * 0.06
                way = f"{metres / 1000:,.1f} km in {seconds / MINUTE:g} min"
                message = f"{a.name} to {b.name}: {way} is {kmh:,.0f} km/h, above {MAX_SPEED_KMH}"
                remedy = f"a straight line at {MAX_SPEED_KMH} km/h takes {least:,.1f} min"
                self.error(f"hop_minutes[{i}]", "impossible-speed", message, f"{seconds / MINUTE:g}", remedy)

    def periods(self) -> tuple[Period, ...]:
        given = self.table.get("frequencies")
        if not isinstance(given, list) or not given or not all(isinstance(p, Mapping) for p in given):
            remedy = "add a table [[modification.frequencies]] with start_time, end_time, headway_minutes"
            self.error("frequencies", "missing-key", "the line has no headway", remedy=remedy)
            return ()
        periods = [(i, p) for i, table in enumerate(given, start=1) if (p := self.period(i, table)) is not None]
        periods.sort(key=lambda pair: (pair[1].start_s, pair[0]))
        for (j, before), (i, after) in pairwise(periods):
            if after.start_s < before.end_s:
                message = f"overlaps frequencies[{j}], {format_clock(before.start_s)}-{format_clock(before.end_s)}"
                value = f"{format_clock(after.start_s)}-{format_clock(after.end_s)}"
                self.error(
                    f"frequencies[{i}].start_time",
                    "overlapping-periods",
                    message,
                    value,
                    "let the periods follow each other",
                    key="start_time",
                    part="frequencies",
                    part_number=i,
                )
        return tuple(p for _, p in periods)

    def period(self, i: int, table: Mapping[str, Any]) -> Period | None:
        n_before = len(self.problems.issues)
        where = f"frequencies[{i}]"
        place: dict[str, Any] = {"part": "frequencies", "part_number": i}
        self.refuse_unknown(table, _PERIOD_KEYS, f"{where}.", **place)
        start = self.clock(f"{where}.start_time", table.get("start_time"), key="start_time", **place)
        end = self.clock(f"{where}.end_time", table.get("end_time"), key="end_time", **place)
        headway = table.get("headway_minutes")
        key = "headway_minutes"
        if headway is None:
            self.error(f"{where}.{key}", "missing-key", "is missing", key=key, **place)
            headway = 1
        headway_s = self.minutes(f"{where}.{key}", headway, key, 0.5, DAY // MINUTE, **place)
        if len(self.problems.issues) == n_before and end <= start:
            remedy = "past midnight count on: 25:00"
            message = f"is not after start_time {format_clock(start)}"
            at, given = f"{where}.end_time", format_clock(end)
            self.error(at, "ends-before-start", message, given, remedy, key="end_time", **place)
        return Period(start, end, headway_s) if len(self.problems.issues) == n_before else None
