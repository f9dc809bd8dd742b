"""Days of services: the default date and its counts against counting day by day."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds import feed_with, write_zip
from railshed.arrays import day_shift
from railshed.canonical import int32
from railshed.days import Days, listed
from railshed.model import Service, running
from railshed.sources.calendar import default_date, validity
from railshed.sources.gtfs import read_gtfs

FIRST = dt.date(2024, 1, 1)
DAYS = st.integers(0, 40).map(lambda n: FIRST + dt.timedelta(days=n))


@st.composite
def services(draw):
    made = []
    for i in range(draw(st.integers(1, 4))):
        start, end = sorted((draw(DAYS), draw(DAYS)))
        weekdays = tuple(draw(st.lists(st.booleans(), min_size=7, max_size=7)))
        exceptions = [draw(st.frozensets(DAYS, max_size=4).map(Days.of)) for _ in range(2)]
        made.append(Service(f"s{i}", start, end, weekdays, *exceptions))
    return made


@settings(max_examples=200, deadline=None)
@given(st.frozensets(DAYS, max_size=8), st.frozensets(DAYS, max_size=8), DAYS, DAYS, st.integers(-9, 9))
def test_days_are_a_set_of_dates(one, two, first, last, n):
    """Contents, order, algebra, shifts and cuts are those of frozensets."""
    days, other = Days.of(one), Days.of(two)
    assert (days, hash(days), len(days), list(days)) == (one, hash(Days.of(sorted(one))), len(one), sorted(one))
    assert (days & other, days - other, days | other) == (one & two, one - two, one | two)
    assert days.moved(n) == {day + dt.timedelta(days=n) for day in one}
    assert days.within(first, last) == {day for day in one if first <= day <= last}
    assert [day in days for day in sorted(one | two)] == [day in one for day in sorted(one | two)]
    if one:
        assert (days.first, days.last) == (min(one).toordinal(), max(one).toordinal())
    dates = np.array([day.toordinal() for day in sorted(one | two)], dtype=np.int64)
    assert listed([days, other], dates).tolist() == [[d in s for d in sorted(one | two)] for s in (one, two)]


@settings(max_examples=200, deadline=None)
@given(services(), st.lists(DAYS, max_size=5))
def test_services_run_on_the_days_that_each_says(made, days):
    assert running(made, days).tolist() == [[s.runs_on(day) for day in days] for s in made]


@pytest.mark.parametrize(
    ("day", "offset", "timezone", "hours"),
    [
        (dt.date(2019, 3, 31), -1, "Europe/Berlin", -23),
        (dt.date(2019, 3, 31), 1, "Europe/Berlin", 24),
        (dt.date(2019, 3, 30), 1, "Europe/Berlin", 23),
        (dt.date(2019, 10, 27), -1, "Europe/Berlin", -25),
        (dt.date(2019, 3, 31), -1, "Asia/Shanghai", -24),
        (dt.date(2019, 3, 31), -1, "", -24),
        (dt.date(2019, 3, 31), -1, "Mars/Olympus", -24),
        (dt.date(2019, 3, 31), 0, "Europe/Berlin", 0),
    ],
)
def test_service_days_about_a_change_of_the_clock(day, offset, timezone, hours):
    """Noon is as far from noon as the clock says: 23 hours over the night that loses one."""
    assert day_shift(day, offset, timezone) == hours * 3600


def plain_default(made, service_idx):
    """The rule of `default_date` said day by day."""
    span = validity(made)
    if span is None:
        return None
    days = [span[0] + dt.timedelta(days=n) for n in range((span[1] - span[0]).days + 1)]
    counts = {day: sum(made[i].runs_on(day) for i in service_idx.tolist()) for day in days}
    tuesdays = {day: n for day, n in counts.items() if day.weekday() == 1 and n}
    if tuesdays:
        frequency = Counter(tuesdays.values())
        usual = max(frequency, key=lambda n: (frequency[n], n))
        return min(day for day, n in tuesdays.items() if n == usual)
    return min((day for day, n in counts.items() if n), key=lambda day: (-counts[day], day), default=None)


@settings(max_examples=200, deadline=None)
@given(services(), st.lists(st.integers(0, 3), min_size=1, max_size=6))
def test_default_date_is_the_one_found_day_by_day(made, picks):
    """Also where days are added that run anyway, removed that do not, or both at once."""
    service_idx = int32([pick % len(made) for pick in picks])
    assert default_date(made, service_idx) == plain_default(made, service_idx)


def test_a_service_of_exceptions_alone_spans_them(tmp_path):
    """Two services by calendar_dates alone, in no order; a removed day counts to the span but does not run."""
    dates = (
        "service_id,date,exception_type\nweekdays,20240307,1\nnever,20240101,2\nweekdays,20240305,1\n"
        "weekdays,20240306,2\nweekdays,20240304,2\n"
    )
    trips = "route_id,service_id,trip_id\nr,weekdays,t1\nr,never,t2\n"
    feed = read_gtfs(write_zip(tmp_path / "f.zip", feed_with(calendar=None, calendar_dates=dates, trips=trips)))
    never, service = feed.timetable.services
    assert (service.start_date, service.end_date) == (dt.date(2024, 3, 4), dt.date(2024, 3, 7))
    assert sorted(service.added) == [dt.date(2024, 3, 5), dt.date(2024, 3, 7)]
    assert sorted(service.removed) == [dt.date(2024, 3, 4), dt.date(2024, 3, 6)]
    assert (never.start_date, never.added, never.removed) == (
        dt.date(2024, 1, 1), Days(), Days.of({dt.date(2024, 1, 1)}),
    )  # fmt: skip
    assert default_date(feed.timetable.services, feed.timetable.trips.service_idx) == dt.date(2024, 3, 5)
    assert np.array_equal(feed.timetable.trips.service_idx, [1, 0])
