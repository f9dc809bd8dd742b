"""The modification ``add-trips``: a planned line as written, checked and held against a network."""

from __future__ import annotations

import datetime as dt
import difflib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from railshed.assumptions import FEEDERS, STATION_CLASSES
from railshed.issues import Issue
from railshed.lines import Line, LineStop, Period, great_circle_m, line_ids
from railshed.model import Network, Station
from railshed.tomllines import TomlLines
from railshed.units import DAY, HOUR, MINUTE, format_clock, parse_clock

#: straight-line speed above which a run time is taken for a mistake
MAX_SPEED_KMH = 450
#: minutes at an intermediate stop where dwell_minutes is not given
DEFAULT_DWELL_MIN = 1
#: a new station this near to one of the same name is that one
_SAME_PLACE_M = 1_000
#: lon and lat count as swapped where exchanging them comes this near to the network, and they themselves do not
_NEAR_M = 500_000
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
_STOP_KEYS = ("name", "id", "name_en", "lon", "lat", "station_class", "feeder", "core_station", "core_city")
_PERIOD_KEYS = ("start_time", "end_time", "headway_minutes")


@dataclass(slots=True)
class Problems:
    """Every problem of a scenario file, by number and line of the modification."""

    file: str
    lines: TomlLines
    issues: list[Issue] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def error(
        self,
        number: int,
        where: str,
        code: str,
        message: str,
        value: Any = "",
        remedy: str = "",
        **place: Any,
    ) -> None:
        """Keep an error of modification `number`; `place` narrows the line down as `TomlLines.find` takes it."""
        place.setdefault("key", where.split("[")[0].split(".")[0])
        line = self.lines.find(number, **place)
        at = f"modification {number}" + (f" (line {line})" if line else "")
        self.issues.append(
            Issue(
                "error", code, f"{at}: {message}", self.file, field=where, value=_shown(value), remedy=remedy
            )
        )


def _shown(value: Any) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)[:80]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


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
    return _AddTrips(network, number, table, earlier, problems, city).resolve()


@dataclass(slots=True)
class _AddTrips:
    network: Network
    number: int
    table: Mapping[str, Any]
    earlier: Sequence[Line]
    problems: Problems
    city: str

    def error(
        self, where: str, code: str, message: str, value: Any = "", remedy: str = "", **place: Any
    ) -> None:
        self.problems.error(self.number, where, code, message, value, remedy, **place)

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

    def refuse_unknown(
        self, table: Mapping[str, Any], known: tuple[str, ...], prefix: str, **place: Any
    ) -> None:
        for key in table:
            if key not in known:
                near = difflib.get_close_matches(key, known, n=1, cutoff=0.6)
                remedy = f"did you mean {near[0]!r}?" if near else f"allowed: {', '.join(known)}"
                self.error(
                    f"{prefix}{key}", "unknown-key", "is not known", remedy=remedy, **{"key": key, **place}
                )

    def line_name(self) -> str:
        name = self.table.get("name")
        if not isinstance(name, str) or not name.strip():
            self.error("name", "missing-key", "must be the line's name", name or "")
            return f"line {self.number}"
        if name in line_ids(self.network) or any(line.line_id == name for line in self.earlier):
            self.error("name", "duplicate-key", "is the name of another line", name, "give it another name")
        return name.strip()

    def stops(self) -> list[tuple[Station | None, str]]:
        """Return station (None where unknown) and core city of every stop."""
        given = self.table.get("stops")
        if not isinstance(given, list):
            self.error(
                "stops", "missing-key", "must be a list of stations", given if given is not None else ""
            )
            return []
        if len(given) < 2:
            self.error("stops", "too-few-stops", f"names {len(given)} stops; a line needs two or more")
        stops = [self.stop(i, stop) for i, stop in enumerate(given, start=1)]
        for i, ((before, _), (after, _)) in enumerate(pairwise(stops), start=2):
            if before is not None and after is not None and before.station_id == after.station_id:
                message = f"is the same station as stop {i - 1}"
                self.error(f"stops[{i}]", "repeated-stop", message, after.name, text=after.name)
        return stops

    def stop(self, i: int, stop: Any) -> tuple[Station | None, str]:
        where = f"stops[{i}]"
        if isinstance(stop, str):
            return self.known_station(where, stop, stop), ""
        if not isinstance(stop, Mapping):
            self.error(where, "bad-value", "is neither a station's name nor a table", stop)
            return None, ""
        name = str(stop.get("name", stop.get("id", "")))
        self.refuse_unknown(stop, _STOP_KEYS, f"{where}.", key="stops", text=name)
        if not name.strip():
            self.error(f"{where}.name", "missing-key", "must be the station's name")
            return None, ""
        core = self.core_city(where, stop, name)
        if "lon" in stop or "lat" in stop:
            return self.new_station(where, stop, name), core
        return self.known_station(where, str(stop.get("id", name)), name), core

    def core_city(self, where: str, stop: Mapping[str, Any], name: str) -> str:
        flag, given = stop.get("core_station", "core_city" in stop), stop.get("core_city", self.city)
        if not isinstance(flag, bool):
            self.error(f"{where}.core_station", "bad-value", "is not true or false", flag, text=name)
        if flag is not True:
            return ""
        if not given:
            message, remedy = "does not say of which city", 'add core_city = "slug"'
            self.error(f"{where}.core_station", "missing-key", message, True, remedy, text=name)
            return ""
        city = self.network.find_city(str(given))
        if city is None:
            slugs = [c.slug for c in self.network.cities]
            near = difflib.get_close_matches(str(given).lower(), slugs, n=3, cutoff=0.5)
            remedy = (
                f"did you mean {' or '.join(near)}?" if near else f"known: {', '.join(slugs[:12]) or 'none'}"
            )
            self.error(
                f"{where}.core_city",
                "unknown-reference",
                "is no city of the network",
                given,
                remedy,
                text=name,
            )
            return ""
        return city.slug

    def planned_stations(self, text: str) -> list[Station]:
        """Return the stations of this id or name that earlier lines add, each once."""
        known = {s.station_id for s in self.network.stations}
        found = {
            stop.station.station_id: stop.station
            for line in self.earlier
            for stop in line.stops
            if stop.station.station_id not in known and text in (stop.station.station_id, stop.station.name)
        }
        return list(found.values())

    def known_station(self, where: str, text: str, quoted: str) -> Station | None:
        wanted = text.strip()
        found = [self.network.stations[idx] for idx in self.network.find_stations(wanted)]
        found = found or self.planned_stations(wanted)
        if len(found) == 1:
            return found[0]
        if found:
            ids = ", ".join(s.station_id for s in found)
            message = f"names {len(found)} stations"
            self.error(where, "ambiguous-station", message, text, f"give one of the ids {ids}", text=quoted)
        else:
            remedy = self.suggest_station(wanted)
            self.error(where, "unknown-station", "is no station of the network", text, remedy, text=quoted)
        return None

    def suggest_station(self, text: str) -> str:
        labels: dict[str, Station] = {}
        for station in self.network.stations:
            for label in (station.station_id, station.name_en, station.name):
                labels.setdefault(label.lower(), station)
        near = difflib.get_close_matches(text.lower().removesuffix("站"), list(labels), n=6, cutoff=0.5)
        stations = list({labels[label].station_id: labels[label] for label in near}.values())[:3]
        new = "for a new station give lon and lat"
        if not stations:
            return new
        return f"did you mean {' or '.join(f'{s.name} ({s.station_id})' for s in stations)}? {new}"

    def new_station(self, where: str, stop: Mapping[str, Any], name: str) -> Station | None:
        lon, lat = stop.get("lon"), stop.get("lat")
        sound = self.sound_coordinates(where, lon, lat, name)
        for key, allowed in (("station_class", STATION_CLASSES), ("feeder", FEEDERS)):
            if stop.get(key, allowed[0]) not in allowed:
                remedy = f"allowed: {', '.join(allowed)}"
                self.error(f"{where}.{key}", "bad-value", "is not allowed", stop[key], remedy, text=name)
        if not sound:
            return None
        station = Station(
            station_id=str(stop.get("id", name)),
            name=name,
            lon=float(lon),  # type: ignore[arg-type]
            lat=float(lat),  # type: ignore[arg-type]
            name_en=str(stop.get("name_en", "")),
            station_class=str(stop.get("station_class", "small")),
            feeder=str(stop.get("feeder", "bus")),
            coord_confidence="medium",
        )
        return self.unless_known(where, station, by_id="id" in stop)

    def unless_known(self, where: str, station: Station, *, by_id: bool) -> Station | None:
        """Return the station, or the one of the network (or an earlier line) that stands at the same place."""
        text = station.station_id
        same = [
            self.network.stations[idx] for idx in self.network.find_stations(text)
        ] or self.planned_stations(text)
        if by_id:
            same = [s for s in same if s.station_id == text]
        if not same:
            return station
        metres = [float(great_circle_m(station.lon, station.lat, s.lon, s.lat)) for s in same]
        nearest = min(range(len(same)), key=metres.__getitem__)
        if metres[nearest] <= _SAME_PLACE_M:
            return same[nearest]
        message = (
            f"is taken by a station {metres[nearest] / 1000:,.1f} km away (id {same[nearest].station_id})"
        )
        remedy = "leave out lon and lat to call there, or give the new station an id of its own"
        self.error(
            f"{where}.{'id' if by_id else 'name'}", "station-taken", message, text, remedy, text=station.name
        )
        return None

    def sound_coordinates(self, where: str, lon: Any, lat: Any, name: str) -> bool:
        """Return whether lon and lat are degrees within bounds and do not look swapped."""
        n_before = len(self.problems.issues)
        for key, value in (("lon", lon), ("lat", lat)):
            if value is None:
                self.error(f"{where}.{key}", "missing-key", "is missing", text=name)
            elif not _is_number(value):
                self.error(f"{where}.{key}", "bad-number", "is not a number of degrees", value, text=name)
        if len(self.problems.issues) > n_before:
            return False
        swapped = "lon and lat look swapped"
        if not -90 <= lat <= 90:
            remedy = swapped if abs(lat) <= 180 and abs(lon) <= 90 else "allowed: -90 to 90"
            self.error(
                f"{where}.lat", "out-of-range", "is not within -90 to 90 degrees", lat, remedy, text=name
            )
        elif not -180 <= lon <= 180:
            message, remedy = "is not within -180 to 180 degrees", "allowed: -180 to 180"
            self.error(f"{where}.lon", "out-of-range", message, lon, remedy, text=name)
        elif abs(lon) <= 90 and self.metres_from_network(lon, lat) > _NEAR_M > self.metres_from_network(
            lat, lon
        ):
            message = f"the station lies {self.metres_from_network(lon, lat) / 1000:,.0f} km from the network"
            self.error(f"{where}.lon", "looks-swapped", message, lon, f"{swapped}: exchange them", text=name)
        return len(self.problems.issues) == n_before

    def metres_from_network(self, lon: float, lat: float) -> float:
        stations = self.network.stations
        if not stations:
            return 0.0
        metres = great_circle_m(lon, lat, [s.lon for s in stations], [s.lat for s in stations])
        return float(metres.min())

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
                self.problems.notes.append(
                    f"{name}: dwell_minutes not given, {DEFAULT_DWELL_MIN} minute assumed"
                )
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

    def minutes(
        self,
        where: str,
        value: Any,
        key: str,
        low: float,
        high: float,
        *,
        open_below: bool = False,
        **place: Any,
    ) -> int:
        """Return the seconds of a number of minutes within bounds, 0 where it is none."""
        if not _is_number(value):
            self.error(where, "bad-number", "is not a number of minutes", value, key=key, **place)
            return 0
        if not low <= value <= high or (open_below and round(value * MINUTE) <= 0):
            allowed = f"allowed: {'more than ' if open_below else ''}{low:g} to {high:g} minutes"
            self.error(where, "out-of-range", "is out of range", value, allowed, key=key, **place)
            return 0
        return round(value * MINUTE)

    def check_hops(self, stops: Sequence[tuple[Station | None, str]], hops: Sequence[int]) -> None:
        for i, ((a, _), (b, _), seconds) in enumerate(zip(stops, stops[1:], hops, strict=False), start=1):
            if a is None or b is None or seconds <= 0:
                continue
            metres = float(great_circle_m(a.lon, a.lat, b.lon, b.lat))
            if metres / seconds * 3.6 > MAX_SPEED_KMH:
                speed = f"{metres / 1000:,.1f} km in {seconds / MINUTE:g} min is {metres / seconds * 3.6:,.0f} km/h"
                remedy = f"at {MAX_SPEED_KMH} km/h in a straight line it takes {metres / MAX_SPEED_KMH * 0.06:,.1f} min"
                message = f"{a.name} to {b.name}: {speed}, above {MAX_SPEED_KMH}"
                self.error(f"hop_minutes[{i}]", "impossible-speed", message, f"{seconds / MINUTE:g}", remedy)

    def periods(self) -> tuple[Period, ...]:
        given = self.table.get("frequencies")
        if not isinstance(given, list) or not given or not all(isinstance(p, Mapping) for p in given):
            remedy = "add a table [[modification.frequencies]] with start_time, end_time, headway_minutes"
            self.error("frequencies", "missing-key", "the line has no headway", remedy=remedy)
            return ()
        periods = [
            (i, p) for i, table in enumerate(given, start=1) if (p := self.period(i, table)) is not None
        ]
        periods.sort(key=lambda pair: (pair[1].start_s, pair[0]))
        for (j, before), (i, after) in pairwise(periods):
            if after.start_s < before.end_s:
                message = (
                    f"overlaps frequencies[{j}], {format_clock(before.start_s)}-{format_clock(before.end_s)}"
                )
                value = f"{format_clock(after.start_s)}-{format_clock(after.end_s)}"
                self.error(
                    f"frequencies[{i}].start_time", "overlapping-periods", message, value, "let periods follow each other",
                    key="start_time", part="frequencies", part_number=i,
                )  # fmt: skip
        return tuple(p for _, p in periods)

    def period(self, i: int, table: Mapping[str, Any]) -> Period | None:
        n_before = len(self.problems.issues)
        where, place = f"frequencies[{i}]", {"part": "frequencies", "part_number": i}
        self.refuse_unknown(table, _PERIOD_KEYS, f"{where}.", **place)
        start = self.clock(f"{where}.start_time", table.get("start_time"), key="start_time", **place)
        end = self.clock(f"{where}.end_time", table.get("end_time"), key="end_time", **place)
        headway = table.get("headway_minutes")
        key = "headway_minutes"
        if headway is None:
            self.error(f"{where}.{key}", "missing-key", "is missing", key=key, **place)
        headway_s = (
            0
            if headway is None
            else self.minutes(f"{where}.{key}", headway, key, 0.5, DAY // MINUTE, **place)
        )
        if len(self.problems.issues) == n_before and end <= start:
            remedy = "past midnight count on: 25:00"
            message = f"is not after start_time {format_clock(start)}"
            self.error(
                f"{where}.end_time",
                "ends-before-start",
                message,
                format_clock(end),
                remedy,
                key="end_time",
                **place,
            )
        return Period(start, end, headway_s) if len(self.problems.issues) == n_before else None

    def clock(self, where: str, value: Any, **place: Any) -> int:
        if isinstance(value, dt.time):
            return value.hour * HOUR + value.minute * MINUTE + value.second
        try:
            seconds = parse_clock(value) if isinstance(value, str) else -1
        except ValueError:
            seconds = -1
        if not 0 <= seconds <= 2 * DAY:
            code, message = (
                ("missing-key", "is missing") if value is None else ("bad-time", "is not a clock time")
            )
            self.error(
                where,
                code,
                message,
                "" if value is None else value,
                'allowed: "07:30" up to "48:00"',
                **place,
            )
        return seconds
