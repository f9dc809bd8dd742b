"""The days on which trips run: validity, number of trips, and what to say of a day without any."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np

from railshed.network.dates import FIRST_DAY, LAST_DAY, span_of
from railshed.network.model import Service, running
from railshed.util.array_types import Ints32

#: days looked at together
_AT_ONCE = 64


def validity(services: Sequence[Service]) -> tuple[dt.date, dt.date] | None:
    """Return the first and last day on which any service may run; None without one."""
    regular = [s for s in services if True in s.weekdays]
    listed = [dt.date.fromordinal(day) for day in span_of(s.added for s in services) or ()]
    firsts, lasts = [s.start_date for s in regular] + listed, [s.end_date for s in regular] + listed
    return (min(firsts), max(lasts)) if firsts else None


def n_trips_on(services: Sequence[Service], service_idx: Ints32, date: dt.date) -> int:
    """Return how many trips run on `date`."""
    per_service = np.bincount(service_idx, minlength=len(services))
    return int(per_service @ running(services, [date])[:, 0])


def nearest_day(services: Sequence[Service], service_idx: Ints32, date: dt.date) -> dt.date | None:
    """Return the day with trips that is nearest to `date` on the same weekday, the earlier of two; None without one."""
    span = validity(services)
    if span is None:
        return None
    first, last = max(span[0], FIRST_DAY).toordinal(), min(span[1], LAST_DAY).toordinal()
    start = first + (date.toordinal() - first) % 7
    days = sorted(range(start, last + 1, 7), key=lambda day: (abs(day - date.toordinal()), day))
    used = np.bincount(service_idx, minlength=len(services)) > 0
    for k in range(0, len(days), _AT_ONCE):
        some = [dt.date.fromordinal(day) for day in days[k : k + _AT_ONCE]]
        runs = running(services, some)[used].any(axis=0)
        if runs.any():
            return some[int(runs.argmax())]
    return None


def no_trips_text(services: Sequence[Service], service_idx: Ints32, date: dt.date) -> str:
    """Return that no trip runs on `date`, the calendar's range, and the nearest day of the same weekday."""
    near = nearest_day(services, service_idx, date)
    other = f"no {date:%A} has trips" if near is None else f"the nearest {date:%A} with trips is {near}"
    return f"no trip runs on {date} ({date:%A}); the timetable is valid {span_text(services)}; {other}"


def span_text(services: Sequence[Service]) -> str:
    """Return the validity of services as a text."""
    span = validity(services)
    return f"{span[0]} to {span[1]}" if span else "on no day"
