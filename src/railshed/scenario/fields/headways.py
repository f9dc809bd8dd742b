"""When a line's trains run: headways by period, or a number of trains a day."""

from __future__ import annotations

from collections.abc import Sequence

from railshed.network.lines import Period
from railshed.scenario.fields.groups import PERIOD
from railshed.scenario.fields.table import Table
from railshed.util.units import DAY, HOUR, format_clock

#: service hours of trips_per_day where none are given
_FROM_S, _TO_S = 6 * HOUR, 23 * HOUR
_LEAST_HEADWAY_S = 30


def read_service(table: Table, *, required: bool = True) -> tuple[Period, ...]:
    """Return the periods of ``frequencies`` or ``trips_per_day``; what is wrong with them is reported."""
    if table.has("trips_per_day"):
        if table.has("frequencies"):
            table.error(
                "trips_per_day", "two-services", "is given together with frequencies", remedy="give one of them"
            )
        return _spread(table)
    for key in ("start_time", "end_time"):
        if table.has(key) and "trips_per_day" in table.fields:
            table.error(key, "unknown-key", "goes with trips_per_day", remedy="periods have their own start and end")
    if not table.has("frequencies"):
        if required:
            place = ".".join(["modification", *(name for name, _ in table.path), "frequencies"])
            remedy = f"add a table [[{place}]] with start_time, end_time, headway_minutes, or trips_per_day"
            table.error("frequencies", "missing-key", "the line has no headway", remedy=remedy)
        return ()
    return read_periods(table)


def read_periods(table: Table) -> tuple[Period, ...]:
    """Return the periods of ``frequencies`` by start, none of which overlap; order and overlap hang on no headway."""
    found: list[tuple[int, int, int, Table, int | None]] = []
    for number, part in enumerate(table.tables("frequencies", PERIOD), start=1):
        start, end, headway = part.clock("start_time"), part.clock("end_time"), part.seconds("headway_minutes")
        if start is not None and end is not None and _in_order(part, start, end):
            found.append((start, number, end, part, headway))
    found.sort(key=lambda item: item[:2])
    for k, (start, _, end, part, _) in enumerate(found[1:], start=1):
        before, j, until, *_ = max(found[:k], key=lambda item: item[2])
        if start < until:
            message = f"overlaps frequencies[{j}], {format_clock(before)}-{format_clock(until)}"
            value = f"{format_clock(start)}-{format_clock(end)}"
            part.error("start_time", "overlapping-periods", message, value, "let the periods follow each other")
    _check_next_day(found)
    return tuple(Period(start, end, headway) for start, _, end, _, headway in found if headway is not None)


def _check_next_day(found: Sequence[tuple[int, int, int, Table, int | None]]) -> None:
    """Report the last of several periods where it runs into the first one of the next day: both run every day."""
    if len(found) < 2:
        return
    start, first, *_ = found[0]
    begins, _, end, part, _ = max(found, key=lambda item: item[2])
    if end > start + DAY and end - begins <= DAY:
        message = f"runs into frequencies[{first}] of the next day, from {format_clock(start + DAY)}"
        part.error("end_time", "overlapping-periods", message, format_clock(end), "let the periods follow each other")


def _in_order(table: Table, start: int, end: int) -> bool:
    if end - start > DAY:
        message = f"is more than 24 hours after start_time {format_clock(start)}: every train would run twice"
        table.error("end_time", "out-of-range", message, format_clock(end), "the line runs every day: end it sooner")
        return False
    if end > start:
        return True
    message, remedy = f"is not after start_time {format_clock(start)}", "past midnight count on: 25:00"
    table.error("end_time", "ends-before-start", message, format_clock(end), remedy)
    return False


def _spread(table: Table) -> tuple[Period, ...]:
    """Return the one period that holds just so many trips, its end moved forward to whole headways."""
    n_trips, start, end = table.number_of("trips_per_day"), table.clock("start_time"), table.clock("end_time")
    start, end = _FROM_S if start is None else start, _TO_S if end is None else end
    if n_trips is None or not _in_order(table, start, end):
        return ()
    headway = (end - start) // int(n_trips)
    if headway < _LEAST_HEADWAY_S:
        message = (
            f"is more than one train in {_LEAST_HEADWAY_S} s between {format_clock(start)} and {format_clock(end)}"
        )
        table.error("trips_per_day", "out-of-range", message, int(n_trips))
        return ()
    return (Period(start, start + headway * int(n_trips), headway),)
