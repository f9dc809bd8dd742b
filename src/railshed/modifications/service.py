"""When a line's trains run: headways by period, or a number of trains a day."""

from __future__ import annotations

from itertools import pairwise

from railshed.lines import Period
from railshed.modifications.fields import PERIOD
from railshed.modifications.table import Table
from railshed.units import HOUR, format_clock

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
    """Return the periods of ``frequencies`` by start, none of which overlap."""
    found = [
        (number, part, period)
        for number, part in enumerate(table.tables("frequencies", PERIOD), start=1)
        if (period := _period(part)) is not None
    ]
    found.sort(key=lambda item: (item[2].start_s, item[0]))
    for (j, _, before), (_, part, after) in pairwise(found):
        if after.start_s < before.end_s:
            message = f"overlaps frequencies[{j}], {format_clock(before.start_s)}-{format_clock(before.end_s)}"
            value = f"{format_clock(after.start_s)}-{format_clock(after.end_s)}"
            part.error("start_time", "overlapping-periods", message, value, "let the periods follow each other")
    return tuple(period for *_, period in found)


def _period(part: Table) -> Period | None:
    start, end, headway = part.clock("start_time"), part.clock("end_time"), part.seconds("headway_minutes")
    if start is None or end is None or headway is None:
        return None
    return Period(start, end, headway) if _in_order(part, start, end) else None


def _in_order(table: Table, start: int, end: int) -> bool:
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
