"""The service day of a network: an option, the date of network.toml, of an exported feed, or an ordinary Tuesday."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from railshed.io.gtfs.calendar import FeedInfo, default_date, n_trips_on, validity
from railshed.io.gtfs.read import Feed
from railshed.network.dates import CHOSEN_DAY, FIRST_DAY, LAST_DAY
from railshed.network.model import Service
from railshed.network.ordering import Timetable, int32
from railshed.network.trip_series import service_of_trips
from railshed.util.errors import InputError


def parse_date(value: Any, where: str) -> dt.date:
    """Return a date from a date or a text like 2023-12-15.

    Raises
    ------
    InputError
        When it is no date, or not within 1900 to 2199; the message begins with `where`.
    """
    try:
        day = value if isinstance(value, dt.date) else dt.date.fromisoformat(str(value))
    except ValueError:
        raise InputError(f"{where}: date {str(value)[:80]!r} is not a date like 2023-12-15") from None
    day = day.date() if isinstance(day, dt.datetime) else day
    if not FIRST_DAY <= day <= LAST_DAY:
        raise InputError(f"{where}: date {day} is not within {FIRST_DAY} to {LAST_DAY}")
    return day


def listed_day(option: Any, listed: Any, where: str) -> dt.date | None:
    """Return the user's date, else that of network.toml in the folder `where`; None without both.

    Raises
    ------
    InputError
        As `parse_date`.
    """
    if option is not None:
        return parse_date(option, "option")
    return None if listed is None else parse_date(listed, f"{where}/network.toml")


def service_date(feeds: Mapping[str, Feed], option: Any, listed: Any) -> tuple[dt.date, list[str]]:
    """Return the service day of feeds, and a note if railshed chose it.

    `feeds` are by path; `option` is the user's date and `listed` that of network.toml, or None.

    Raises
    ------
    InputError
        When a feed has no trip on it.
    """
    where = " + ".join(feeds)
    notes = []
    day = listed_day(option, listed, where)
    if day is None:
        common, service_idx, span = _common_services([feed.timetable for feed in feeds.values()])
        exported = _exported_day(list(feeds.values()))
        chosen = exported or default_date(common, service_idx, _common_info(list(feeds.values())))
        if chosen is None:
            spans = "; ".join(f"{path} {_span_text(validity(f.timetable.services))}" for path, f in feeds.items())
            together = " on which all of them are valid" if len(feeds) > 1 else ""
            raise InputError(f"{where}: no trip runs on any day of its calendar{together} ({spans})")
        day = chosen
        usual = "an ordinary Tuesday" if day.weekday() == 1 else f"a {day:%A} with the most trips"
        kind = "that of the network which railshed wrote as this feed," if exported else usual
        notes.append(
            f"{CHOSEN_DAY} {day} ({day:%A}), {kind} within {_span_text(span)}; date=... or --date chooses another"
        )
    for path, feed in feeds.items() if len(feeds) > 1 or not notes else ():  # a day chosen for one feed has trips
        services, service_idx = feed.timetable.services, service_of_trips(feed.timetable.trips)
        if not n_trips_on(services, service_idx, day):
            usual_day = default_date(services, service_idx, feed.info)
            remedy = f"; try {usual_day}" if usual_day else ""
            valid = _span_text(validity(services))
            raise InputError(f"{path}: no trip runs on {day} ({day:%A}); the feed is valid {valid}{remedy}")
    return day, notes


def _exported_day(feeds: Sequence[Feed]) -> dt.date | None:
    """Return the service day stored in the only feed, if railshed wrote it and trips run on that day; else None."""
    day = feeds[0].info.service_day if len(feeds) == 1 else None
    if day is None or not FIRST_DAY <= day <= LAST_DAY:
        return None
    table = feeds[0].timetable
    return day if n_trips_on(table.services, service_of_trips(table.trips), day) else None


def _common_info(feeds: Sequence[Feed]) -> FeedInfo:
    """Return the days that every feed_info.txt states."""
    spans = [feed.info.span for feed in feeds if feed.info.span is not None]
    return FeedInfo((max(s[0] for s in spans), min(s[1] for s in spans)) if spans else None)


def _common_services(tables: Sequence[Timetable]) -> tuple[list[Service], Any, tuple[dt.date, dt.date] | None]:
    """Return the services of all feeds within their common days, the service index of each trip, and those days."""
    spans = [span for table in tables if (span := validity(table.services)) is not None]
    if len(spans) < len(tables):
        return [], int32([]), None
    first, last = max(span[0] for span in spans), min(span[1] for span in spans)
    offsets = np.cumsum([0, *(len(table.services) for table in tables)])
    idx = [service_of_trips(table.trips) + offset for table, offset in zip(tables, offsets, strict=False)]
    services = [service for table in tables for service in table.services]
    if len(tables) > 1:
        services = [_within(service, first, last) for service in services]
    return services, int32(np.concatenate(idx)), (first, last)


def _within(service: Service, first: dt.date, last: dt.date) -> Service:
    added = service.added.within(first, last)
    start, end = max(service.start_date, first), min(service.end_date, last)
    if start > end:
        return replace(service, start_date=first, end_date=first, weekdays=(False,) * 7, added=added)
    return replace(service, start_date=start, end_date=end, added=added)


def _span_text(span: tuple[dt.date, dt.date] | None) -> str:
    return f"{span[0]} to {span[1]}" if span else "on no day"
