"""Readers of calendar.txt, calendar_dates.txt and feed_info.txt: services and the default service
day.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np

from railshed.io.csv.table import FeedTable
from railshed.io.gtfs.files import FeedFiles
from railshed.io.gtfs.stops import one_of
from railshed.network.dates import FIRST_DAY, LAST_DAY, NO_DAYS, RAILSHED, Days, in_bulk
from railshed.network.model import Service, n_trips_on, validity
from railshed.util.array_types import Bools, Floats, Ints32

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
#: calendar_dates.txt and its columns
EXCEPTIONS = ("calendar_dates.txt", ("service_id", "date", "exception_type"))
_NEVER = (False, False, False, False, False, False, False)
#: Tuesdays compared for the default date; evenly spaced if the validity has more
_MAX_TUESDAYS = 156
#: days compared if no trip runs on a Tuesday; evenly spaced if there are more
_MAX_DAYS = 400
#: limit of all exceptions as bits: a year takes 46 bytes a service
MAX_DAYS_BYTES = 1 << 27
_TUESDAY = 1
#: days that a default date lies within the validity if possible: timetables are often incomplete at
#: its ends
_EDGE_DAYS = 7
#: days of validity from which the middle is taken: services may begin in 1900 or end in 2199
_LONG_DAYS = 731


@dataclass(frozen=True, slots=True)
class FeedInfo:
    """The days that feed_info.txt states."""

    #: first and last day of the schedule; None if neither is stated
    span: tuple[dt.date, dt.date] | None = None
    #: service day of the network, if railshed wrote the feed
    service_day: dt.date | None = None


def read_services(files: FeedFiles) -> list[Service]:
    """Return the services of calendar.txt, calendar_dates.txt or both; problems go to
    `files.issues`.
    """
    if "calendar.txt" not in files and "calendar_dates.txt" not in files:
        message = "the feed has neither calendar.txt nor calendar_dates.txt"
        remedy = "a GTFS feed needs one of the two"
        files.error("calendar.txt", "missing-file", message, remedy=remedy)
        return []
    services = _read_calendar(files) if "calendar.txt" in files else {}
    added, removed = _read_exceptions(files) if "calendar_dates.txt" in files else ({}, {})
    if not (services or added or removed or files.issues):
        files.error(
            "calendar.txt", "no-rows", "no service is given: neither calendar file has a row"
        )
    ids = list(dict.fromkeys([*services, *added, *removed]))
    plus, minus = (
        [days.get(service_id, NO_DAYS) for service_id in ids] for days in (added, removed)
    )
    regular = map(services.get, ids)
    spans = [
        (service.start_date, service.end_date, service.weekdays) if service else _exceptional(a, r)
        for service, a, r in zip(regular, plus, minus, strict=True)
    ]
    return in_bulk(Service, ids, *zip(*spans, strict=True), plus, minus) if ids else []


def _exceptional(added: Days, removed: Days) -> tuple[dt.date, dt.date, tuple[bool, ...]]:
    """Return first day, last day and weekdays (none) of a service that has exceptions only."""
    if added.bits and removed.bits:
        both = Days.of((*added, *removed))
    else:
        both = added if added.bits else removed
    return _date(both.first), _date(both.last), _NEVER


def _ordinal(text: str) -> int:
    try:
        if len(text) != 8 or not text.isascii() or not text.isdigit():
            raise ValueError
        return dt.date(int(text[:4]), int(text[4:6]), int(text[6:])).toordinal()
    except ValueError:
        raise ValueError("is not a date like 20231215") from None


def _exception(text: str) -> int:
    if text not in ("1", "2"):
        raise ValueError("is not allowed (allowed: 1 = added, 2 = removed)")
    return int(text)


def _read_calendar(files: FeedFiles) -> dict[str, Service]:
    table = files.table("calendar.txt", ["service_id", *WEEKDAYS, "start_date", "end_date"])
    if table is None:
        return {}
    table = table.distinct("service_id")
    ids = table.text("service_id")
    days, day_ok = zip(
        *(table.parse(day, one_of({"0": 0, "1": 1})) for day in WEEKDAYS), strict=True
    )
    start, start_ok = table.parse("start_date", _ordinal)
    end, end_ok = table.parse("end_date", _ordinal)
    good = np.logical_and.reduce([*day_ok, start_ok, end_ok])
    message = table.quoting("is before start_date {}", "start_date")
    table.report(good & (end < start), "ends-before-start", message, "end_date")
    # services with bad fields get a placeholder, so that their trips are not reported too
    services = {
        service_id: Service(service_id, dt.date.min, dt.date.min, _NEVER) for service_id in ids
    }
    for row in np.flatnonzero(good).tolist():
        weekdays: Any = tuple(bool(day[row]) for day in days)
        services[ids[row]] = Service(ids[row], _date(start[row]), _date(end[row]), weekdays)
    return services


def _read_exceptions(files: FeedFiles) -> tuple[dict[str, Days], dict[str, Days]]:
    """Return the added and the removed days by service."""
    table = files.table(*EXCEPTIONS)
    if table is None:
        return {}, {}
    table = table.distinct("service_id", "date")
    ordinal, date_ok = table.parse("date", _ordinal)
    kind, kind_ok = table.parse("exception_type", _exception)
    good = date_ok & kind_ok
    return _days_by_id(table, ordinal, good & (kind == 1)), _days_by_id(
        table, ordinal, good & (kind == 2)
    )


def _days_by_id(table: FeedTable, ordinal: Floats, used: Bools) -> dict[str, Days]:
    if not used.any():
        return {}
    codes, ids = table.encoded("service_id")
    if not used.all():
        codes = codes[used]
        ordinal = ordinal[used]
    listed = np.zeros(len(ids), bool)
    listed[codes] = True
    service = np.flatnonzero(listed)
    # int32: allocating memory for hundreds of thousands of rows takes longer than the sums
    row = (np.cumsum(listed, dtype=np.int32) - 1)[codes]
    day = ordinal.astype(np.int32)
    first = np.full(len(service), day.max())
    np.minimum.at(first, row, day)
    last = np.zeros(len(service), np.int32)
    np.maximum.at(last, row, day)
    n_bytes = (last - first) // 8 + 1
    starts = np.concatenate([[0], np.cumsum(n_bytes, dtype=np.int64)])
    if starts[-1] > MAX_DAYS_BYTES:
        widest = int(np.argmax(n_bytes))
        span = f"{_date(first[widest])} to {_date(last[widest])}"
        message = (
            f"dates of {len(service):,} services lie too far apart, those of "
            f"{ids[service[widest]]!r} from {span}"
        )
        table.feed.error(
            table.name, "too-large", message, field="date", remedy="look for wrong years"
        )
        return {ids[i]: Days(at, 1) for i, at in zip(service.tolist(), first.tolist(), strict=True)}
    day -= first[row]
    bits = np.uint8(1) << (day & 7).astype(np.uint8)
    day >>= 3
    day += starts.astype(np.int32)[row]
    packed = np.zeros(starts[-1], np.uint8)
    np.add.at(packed, day, bits)  # dates are distinct
    days = packed.tobytes()
    ends = starts.tolist()
    all_bits = [int.from_bytes(days[a:b], "little") for a, b in pairwise(ends)]
    return dict(
        zip(
            map(ids.__getitem__, service.tolist()),
            in_bulk(Days, first.tolist(), all_bits),
            strict=True,
        )
    )


@lru_cache(maxsize=1 << 12)
def _date(ordinal: Any) -> dt.date:
    return dt.date.fromordinal(int(ordinal))


def read_info(files: FeedFiles) -> FeedInfo:
    """Return the days that feed_info.txt states; its problems are warnings, since no trip depends
    on it.
    """
    if "feed_info.txt" not in files:
        return FeedInfo()
    n_before = len(files.issues)
    columns = ["feed_publisher_name", "feed_version", "feed_start_date", "feed_end_date"]
    table = files.table("feed_info.txt", [], columns)
    info = FeedInfo() if table is None else _info(table)
    files.issues[n_before:] = [
        replace(issue, severity="warning") for issue in files.issues[n_before:]
    ]
    return info


def _info(table: FeedTable) -> FeedInfo:
    ends = []
    for column, end in (("feed_start_date", FIRST_DAY), ("feed_end_date", LAST_DAY)):
        days, good = table.parse(column, _ordinal, np.nan)
        stated = [_date(day) for day in days[good & ~np.isnan(days)].tolist()]
        ends.append(stated or [end])
    first = min(ends[0])
    last = max(ends[1])
    versions = table.text("feed_version")
    try:
        service_day = (
            dt.date.fromisoformat(versions[0])
            if table.text("feed_publisher_name") == [RAILSHED]
            else None
        )
    except ValueError:
        service_day = None
    return FeedInfo(
        (first, last) if (first, last) != (FIRST_DAY, LAST_DAY) and first <= last else None,
        service_day,
    )


def default_date(
    services: Sequence[Service],
    service_idx: Ints32,
    info: FeedInfo | None = None,
    span: tuple[dt.date, dt.date] | None = None,
) -> dt.date | None:
    """Return an ordinary Tuesday: one with the commonest number of trips among the Tuesdays.

    Preferred are days outside 24 December to 1 January, then days at least a week within the
    validity, then the first day, or the one nearest to the middle if the validity is longer than
    two years. The validity (default that of the services) is `span`, or that of feed_info.txt if
    trips run in it.

    Without trips on Tuesdays, it is a day with the most trips (of the first year, added days and
    weeks in which a service begins; 400 evenly spaced days if there are more). Without any trip the
    result is None. Days before 1900 and after 2199 are ignored.
    """
    span = span or validity(services)
    if span is None:
        return None
    first = max(span[0], FIRST_DAY)
    last = min(span[1], LAST_DAY)
    if info is not None and info.span is not None:
        stated = max(first, info.span[0]), min(last, info.span[1])
        usual = _usual_day(services, service_idx, *stated) if stated[0] <= stated[1] else None
        if usual is not None:
            return usual
    return _usual_day(services, service_idx, first, last)


def _usual_day(
    services: Sequence[Service], service_idx: Ints32, first: dt.date, last: dt.date
) -> dt.date | None:
    n_days = (last - first).days + 1
    skip = (_TUESDAY - first.weekday()) % 7
    tuesdays = [first + dt.timedelta(days=d) for d in range(skip, n_days, 7)]
    counts = _counts(services, service_idx, tuesdays, _MAX_TUESDAYS)
    if counts:
        frequency = Counter(counts.values())
        usual = max(frequency, key=lambda count: (frequency[count], count))
        return _most_ordinary((day for day, count in counts.items() if count == usual), first, last)
    counts = _counts(services, service_idx, _other_days(services, first, last), _MAX_DAYS)
    most = max(counts.values(), default=0)
    return _most_ordinary((day for day, count in counts.items() if count == most), first, last)


def is_holiday(day: dt.date) -> bool:
    """Return whether a day lies between Christmas and New Year."""
    return (day.month, day.day) == (1, 1) or (day.month == 12 and day.day >= 24)


def _most_ordinary(days: Iterable[dt.date], first: dt.date, last: dt.date) -> dt.date | None:
    """Return the day that is least likely to be a holiday or at the edge of the validity."""
    middle = (
        (first.toordinal() + last.toordinal()) / 2 if (last - first).days >= _LONG_DAYS else None
    )

    def rank(day: dt.date) -> tuple[bool, int, float]:
        inside = min((day - first).days, (last - day).days, _EDGE_DAYS)
        return is_holiday(day), -inside, 0 if middle is None else abs(day.toordinal() - middle)

    return min(days, key=lambda day: (*rank(day), day), default=None)


def _other_days(services: Sequence[Service], first: dt.date, last: dt.date) -> list[dt.date]:
    spans = {(service.start_date.toordinal(), 28) for service in services if any(service.weekdays)}
    spans.add((first.toordinal(), 366))
    end = last.toordinal() + 1
    days = {dt.date.fromordinal(d) for start, n in spans for d in range(start, min(start + n, end))}
    return sorted(
        day for day in days.union(*(service.added for service in services)) if first <= day <= last
    )


def _counts(
    services: Sequence[Service], service_idx: Ints32, days: list[dt.date], most: int
) -> dict[dt.date, int]:
    """Return the number of trips by day, of days that have any; of more than `most` days, evenly
    spaced ones.
    """
    days = days[:: max(1, -(-len(days) // most))]
    counts = n_trips_on(services, service_idx, days)
    return {day: n for day, n in zip(days, counts.tolist(), strict=True) if n}
