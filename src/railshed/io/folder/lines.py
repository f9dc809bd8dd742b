"""Reader and writer of lines.csv: lines with minutes and headways, one row a station."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from railshed.io.csv.rows import DAYS, Row, parse_days, read_rows
from railshed.network import route_types
from railshed.network.lines import Line, LineStop, Period
from railshed.network.model import CONFIDENCES, FEEDERS, STATION_CLASSES, Station
from railshed.util.errors import Issue, raise_errors
from railshed.util.units import DAY, MINUTE, format_clock, parse_window

_REQUIRED = (
    "line_id",
    "line_zh",
    "stop_sequence",
    "station_id",
    "minutes",
    "headways",
    "confidence",
)
_SAME_IN_A_LINE = ("line_zh", "line_en", "headways", "confidence", "bidirectional", "mode", "days")
_MAX_MINUTES = 24 * 60
_MAX_DWELL_MINUTES = 60


@dataclass(frozen=True, slots=True)
class LineTable:
    """The lines of high confidence by id, and the others with the reason for leaving them out."""

    lines: tuple[Line, ...]
    left_out: tuple[str, ...]


def read_lines(path: Path, warnings: list[Issue] | None = None) -> LineTable:
    """Return the lines of lines.csv; stations without lon and lat are those of the network with
    that id.

    `minutes` are from leaving the first station to arriving here, `minutes_back` from leaving here
    to arriving at the first station on the way back (blank in all rows: as outward), both with the
    `dwell_minutes` of the stations between. `bidirectional` is yes (default) or no; `mode` a word
    of `route_types.MODES` (default rail) or a GTFS route type; `days` ``mon-fri``, ``sat|sun`` or
    ``daily`` (default): a line whose headway differs by day is two lines with days of their own. A
    first or last train at a fixed time is a period of one minute (``23:10-23:11=1``). Raises
    InputError with every problem of every row, of the lines left out too; warnings are added to
    `warnings`.
    """
    issues: list[Issue] = []
    rows = read_rows(path, _REQUIRED, issues)
    by_line: dict[str, list[Row]] = {}
    for row in rows:
        by_line.setdefault(row.need("line_id"), []).append(row)
    lines = []
    left_out = []
    for line_id in sorted(by_line):
        members = _in_order(by_line[line_id])
        line = _line(line_id, members)
        confidence = members[0].choice("confidence", CONFIDENCES)
        if confidence == "high":
            lines.append(line)
        else:
            left_out.append(f"{line.name}: confidence {confidence}")
    raise_errors(f"lines {path}", sorted(issues, key=lambda issue: issue.row or 0), warnings)
    return LineTable(tuple(lines), tuple(left_out))


def _in_order(rows: Sequence[Row]) -> list[Row]:
    """Return the rows of one line by stop_sequence."""
    sequence = {row.number: row.number_in("stop_sequence", 0, 10_000) for row in rows}
    ordered = sorted(rows, key=lambda row: (sequence[row.number], row.number))
    for before, row in pairwise(ordered):
        if sequence[before.number] == sequence[row.number]:
            row.error(
                "stop_sequence",
                "duplicate-key",
                f"stands already in row {before.number} of the same line",
            )
    return ordered


def _line(line_id: str, rows: list[Row]) -> Line:
    first = rows[0]
    for row in rows[1:]:
        for field in _SAME_IN_A_LINE:
            if row.text(field) != first.text(field):
                row.error(field, "differs", f"differs from row {first.number} of the same line")
    if len(rows) < 2:
        first.error(
            "line_id", "too-few-stops", "the line has one station only; it needs two or more"
        )
    for before, row in pairwise(rows):
        if row.text("station_id") == before.text("station_id"):
            row.error("station_id", "repeated-stop", f"is the station of row {before.number} again")
    dwells = [row.number_in("dwell_minutes", 0, _MAX_DWELL_MINUTES, blank=0) for row in rows]
    dwells[0] = dwells[-1] = 0
    runs = _runs("minutes", rows, dwells)
    bidirectional = first.choice("bidirectional", ("yes", "no"), "yes") == "yes"
    back: Sequence[int | None] = [None] * len(rows)
    if any(row.text("minutes_back") for row in rows):
        back = _runs("minutes_back", rows, dwells)
        if not bidirectional:
            first.error(
                "minutes_back", "not-bidirectional", "is given for a line in one direction only"
            )
    name = f"{first.need('line_zh')} {first.text('line_en')}".strip()
    stops = tuple(_stop(*values) for values in zip(rows, runs, dwells, back, strict=True))
    days = first.parsed("days", parse_days, (True,) * 7)
    no_periods: tuple[Period, ...] = ()
    periods = (
        first.parsed("headways", parse_headways, no_periods)
        if first.need("headways")
        else no_periods
    )
    route_type = first.parsed("mode", _route_type, route_types.DEFAULT_ROUTE_TYPE)
    return Line(
        line_id=line_id,
        name=name,
        stops=stops,
        periods=periods,
        bidirectional=bidirectional,
        route_type=route_type,
        weekdays=days,
    )


def _runs(field: str, rows: Sequence[Row], dwells: Sequence[float]) -> list[int]:
    """Return the seconds in motion from the stop before to each stop, from minutes since the first
    stop.

    `dwells` are the minutes of dwell between the value of a row and that of the next.
    """
    minutes = [row.number_in(field, 0, _MAX_MINUTES) for row in rows]
    if minutes[0] != 0:
        rows[0].error(field, "bad-value", "is not 0 at the first station")
    runs = [0]
    for i, (before, row) in enumerate(pairwise(rows)):
        runs.append(round((minutes[i + 1] - minutes[i]) * MINUTE) - round(dwells[i] * MINUTE))
        if runs[-1] <= 0:
            standing = " and its dwell" if dwells[i] else ""
            row.error(
                field,
                "decreasing-time",
                f"is not later than row {before.number}{standing} of the same line",
            )
    return runs


def _route_type(text: str) -> int:
    if text in route_types.ROUTE_TYPES:
        return route_types.ROUTE_TYPES[text]
    if text.isascii() and text.isdigit() and route_types.find_mode(int(text)) is not None:
        return int(text)
    raise ValueError(f"is no mode (allowed: {', '.join(route_types.MODES)}) and no GTFS route type")


def _stop(row: Row, run_s: int, dwell_minutes: float, run_back_s: int | None) -> LineStop:
    station_id = row.need("station_id")
    lon = row.number_in("lon", -180, 180, blank=math.nan)
    lat = row.number_in("lat", -90, 90, blank=math.nan)
    if math.isnan(lon) != math.isnan(lat):
        row.error("lon" if math.isnan(lon) else "lat", "blank", "is blank, but its pair is not")
    station = Station(
        station_id,
        row.text("station_zh") or station_id,
        lon,
        lat,
        row.text("station_en"),
        station_class=row.choice("station_class", STATION_CLASSES, "metro"),
        feeder=row.choice("feeder", FEEDERS, "bus"),
        coord_confidence=row.choice("coord_confidence", CONFIDENCES, "medium"),
    )
    return LineStop(
        station, run_s, round(dwell_minutes * MINUTE), row.text("core_city"), run_back_s
    )


def parse_headways(text: str) -> tuple[Period, ...]:
    """Return the periods of a text like ``06:00-07:00=10|07:00-09:00=5`` (headways in minutes) by
    start.

    Raises ValueError when a part is no period with a headway, or two periods overlap.
    """
    periods = []
    for part in text.split("|"):
        window, equals, headway = part.partition("=")
        if not equals:
            raise ValueError(f"{part!r} is not a period with a headway like 06:00-07:00=10")
        start, end = parse_window(window)
        try:
            headway_s = round(float(headway) * MINUTE)
        except (ValueError, OverflowError):
            raise ValueError(
                f"headway {headway!r} of {window.strip()} is not a number of minutes"
            ) from None
        if not MINUTE // 2 <= headway_s <= DAY:
            raise ValueError(
                f"headway {headway!r} of {window.strip()} is not within 0.5 to 1440 minutes"
            )
        periods.append(Period(start, end, headway_s))
    periods.sort(key=lambda p: p.start_s)
    for before, after in pairwise(periods):
        if after.start_s < before.end_s:
            raise ValueError(
                f"the periods from {format_clock(before.start_s)} and "
                f"{format_clock(after.start_s)} overlap"
            )
    return tuple(periods)


_COLUMNS = (
    "line_id",
    "line_zh",
    "line_en",
    "stop_sequence",
    "station_id",
    "station_zh",
    "station_en",
    "lon",
    "lat",
    "minutes",
    "minutes_back",
    "dwell_minutes",
    "station_class",
    "feeder",
    "coord_confidence",
    "core_city",
    "headways",
    "bidirectional",
    "mode",
    "days",
    "confidence",
    "source",
)


def lines_csv(
    lines: Sequence[Line], *, sources: Mapping[str, str], confidence: str = "high"
) -> str:
    """Return the text of lines.csv; `sources` by line id, and the full name of each line as
    `line_zh`.

    All lines have one `confidence`; only those of high confidence are part of a network.
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, _COLUMNS, lineterminator="\n")
    writer.writeheader()
    for line in lines:
        for row in _rows(line):
            writer.writerow(
                {**row, "confidence": confidence, "source": sources.get(line.line_id, "")}
            )
    return text.getvalue()


def _rows(line: Line) -> Iterator[dict[str, str]]:
    headways = "|".join(
        f"{format_clock(p.start_s)}-{format_clock(p.end_s)}={_minutes(p.headway_s)}"
        for p in line.periods
    )
    days = (
        "daily"
        if all(line.weekdays)
        else "|".join(d for d, on in zip(DAYS, line.weekdays, strict=True) if on)
    )
    two_times = line.bidirectional and any(stop.run_back_s is not None for stop in line.stops[1:])
    there_s = back_s = 0
    for i, stop in enumerate(line.stops):
        dwell_s = 0 if i in (0, len(line.stops) - 1) else stop.dwell_s
        there_s += stop.run_s
        back_s += stop.run_s if stop.run_back_s is None else stop.run_back_s
        station = stop.station
        yield {
            "line_id": line.line_id,
            "line_zh": line.name,
            "stop_sequence": str(i + 1),
            "station_id": station.station_id,
            "station_zh": station.name,
            "station_en": station.name_en,
            "lon": f"{station.lon:.7f}" if station.lon == station.lon else "",
            "lat": f"{station.lat:.7f}" if station.lat == station.lat else "",
            "minutes": _minutes(there_s),
            "minutes_back": _minutes(back_s) if two_times else "",
            "dwell_minutes": _minutes(dwell_s),
            **{
                key: getattr(station, key)
                for key in ("station_class", "feeder", "coord_confidence")
            },
            "core_city": stop.core_city,
            "headways": headways,
            "bidirectional": "yes" if line.bidirectional else "no",
            "mode": str(line.route_type),
            "days": days or "never",
        }
        there_s += dwell_s
        back_s += dwell_s


def _minutes(seconds: int) -> str:
    """Return minutes as a text that is exact to the second."""
    return f"{seconds / MINUTE:.4f}".rstrip("0").rstrip(".")
