"""Days of services: the default date and its counts against counting day by day."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from railshed.io.gtfs.calendar import FeedInfo, default_date
from railshed.io.gtfs.read import read_gtfs
from railshed.io.networks import service_date
from railshed.network.dates import Days, in_bulk, listed
from railshed.network.model import Service, running, validity
from railshed.network.ordering import int32
from railshed.routing.compile import day_shift
from tests.support.feeds import FEED, feed_with, write_zip

FIRST = dt.date(2024, 1, 1)
DAY = dt.timedelta(days=1)
#: month and day of what is a holiday nearly everywhere
HOLIDAYS = {"0101", *(f"12{day}" for day in range(24, 32))}
DAYS = st.integers(0, 40).map(lambda n: FIRST + dt.timedelta(days=n))


def test_objects_in_bulk_are_those_made_one_by_one():
    """Also hashes and frozenness; the columns go on for longer than the first, or all fields are
    given.
    """
    one, two = in_bulk(Days, [7, 8], [1, 5, 9])
    assert (one, two) == (Days(7, 1), Days(8, 5))
    assert hash(two) == hash(Days(8, 5))
    with pytest.raises(AttributeError):
        two.bits = 4


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
@given(
    st.frozensets(DAYS, max_size=8), st.frozensets(DAYS, max_size=8), DAYS, DAYS, st.integers(-9, 9)
)
def test_days_are_a_set_of_dates(one, two, first, last, n):
    """Contents, order, algebra, shifts and cuts are those of frozensets."""
    days, other = Days.of(one), Days.of(two)
    assert (days, hash(days), len(days), list(days)) == (
        one,
        hash(Days.of(sorted(one))),
        len(one),
        sorted(one),
    )
    assert (days & other, days - other, days | other) == (one & two, one - two, one | two)
    assert days.moved(n) == {day + dt.timedelta(days=n) for day in one}
    assert days.within(first, last) == {day for day in one if first <= day <= last}
    assert [day in days for day in sorted(one | two)] == [day in one for day in sorted(one | two)]
    if one:
        assert (days.first, days.last) == (min(one).toordinal(), max(one).toordinal())
    dates = np.array([day.toordinal() for day in sorted(one | two)], dtype=np.int64)
    assert listed([days, other], dates).tolist() == [
        [d in s for d in sorted(one | two)] for s in (one, two)
    ]


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


def plain_default(made, service_idx, stated=None):
    """The rule of `default_date` said day by day."""
    span = validity(made)
    if span is None:
        return None
    if stated is not None:
        within = max(span[0], stated[0]), min(span[1], stated[1])
        if (found := plain_day(made, service_idx, within)) is not None:
            return found
    return plain_day(made, service_idx, span)


def plain_day(made, service_idx, span):
    """The ordinary Tuesday within a span, else the day with the most trips."""
    days = [span[0] + dt.timedelta(days=n) for n in range((span[1] - span[0]).days + 1)]
    counts = {day: sum(made[i].runs_on(day) for i in service_idx.tolist()) for day in days}
    tuesdays = {day: n for day, n in counts.items() if day.weekday() == 1 and n}
    if tuesdays:
        frequency = Counter(tuesdays.values())
        usual = max(frequency, key=lambda n: (frequency[n], n))
        left = [day for day, n in tuesdays.items() if n == usual]
    else:
        most = max(counts.values(), default=0)
        left = [day for day, n in counts.items() if n == most and n]
    left = [day for day in left if f"{day:%m%d}" not in HOLIDAYS] or left
    for n_days in range(7, -1, -1):
        inner = [day for day in left if span[0] + n_days * DAY <= day <= span[1] - n_days * DAY]
        if inner:
            return min(inner)
    return None


@settings(max_examples=200, deadline=None)
@given(
    services(),
    st.lists(st.integers(0, 3), min_size=1, max_size=6),
    st.none() | st.tuples(DAYS, DAYS).map(lambda ends: (min(ends), max(ends))),
)
def test_default_date_is_the_one_found_day_by_day(made, picks, stated):
    """Also where days are added that run anyway, removed that do not, or both; within what
    feed_info.txt states.
    """
    service_idx = int32([pick % len(made) for pick in picks])
    assert default_date(made, service_idx, FeedInfo(stated)) == plain_default(
        made, service_idx, stated
    )


EVERY_DAY = (True,) * 7


@pytest.mark.parametrize(
    ("first", "last", "weekdays", "expected"),
    [
        # a year that begins on a Tuesday: not the holiday, nor the rest of the first week
        ((2019, 1, 1), (2019, 12, 31), EVERY_DAY, (2019, 1, 8)),
        # Tuesdays 27 December, 3 and 10 January: the third is within the last week, the first a
        # holiday
        ((2022, 12, 20), (2023, 1, 12), EVERY_DAY, (2023, 1, 3)),
        # Thursday to Saturday, as railshed exports one service day with those around it: the middle
        ((2023, 12, 14), (2023, 12, 16), EVERY_DAY, (2023, 12, 15)),
        # one day only, a holiday at both edges: no choice
        ((2019, 1, 1), (2019, 1, 1), EVERY_DAY, (2019, 1, 1)),
        # two weeks, Monday to Sunday: the Tuesday five days before the end, not the one a day after
        # the beginning
        ((2024, 3, 4), (2024, 3, 17), EVERY_DAY, (2024, 3, 12)),
        # Sundays alone: the second, a week from the edge
        ((2024, 3, 3), (2024, 3, 31), (False,) * 6 + (True,), (2024, 3, 10)),
        # 2010 to 2020: its middle is Friday 2015-07-03, and of the Tuesdays looked at, every fourth
        # from 2010-01-05, the nearest is the 72nd after the first, 2016 days later
        ((2010, 1, 1), (2020, 12, 31), EVERY_DAY, (2015, 7, 14)),
    ],
)  # fmt: skip
def test_default_date_is_no_holiday_and_not_at_the_edge(first, last, weekdays, expected):
    """Worked out by hand from calendars."""
    service = Service("s", dt.date(*first), dt.date(*last), weekdays, Days(), Days())
    assert default_date([service], int32([0])) == dt.date(*expected)


def test_feed_info_says_which_years_are_meant(tmp_path):
    """Services from 1900 to 2199, feed_info.txt from June 2024: Tuesday 11 June is the first a week
    from its edges.

    A feed that states another time than its services have is read by its services; dates that are
    none are a warning.
    """
    calendar = FEED["calendar.txt"].replace("20240101,20241231", "19000101,21991231")
    header = "feed_publisher_name,feed_publisher_url,feed_lang,feed_start_date,feed_end_date\n"
    for dates, expected in (
        ("20240601,20240831", dt.date(2024, 6, 11)),
        ("18800101,18801231", None),
        ("soon,", None),
    ):
        feed_info = header + f"X,https://example.org,en,{dates}\n"
        feed = read_gtfs(
            write_zip(tmp_path / "f.zip", feed_with(calendar=calendar, feed_info=feed_info))
        )
        day, (note,) = service_date({"f": feed}, None)
        assert day == expected or (
            expected is None and abs(day - dt.date(2050, 1, 1)) < dt.timedelta(days=1000)
        )
        assert f"service day {day} (Tuesday), an ordinary Tuesday" in note
        assert [(i.severity, i.file, i.field) for i in feed.issues] == [
            ("warning", "feed_info.txt", "feed_start_date")
        ] * dates.startswith("soon")


def test_a_service_of_exceptions_alone_spans_them(tmp_path):
    """Two services by calendar_dates alone, in no order; a removed day counts to the span but does
    not run.
    """
    dates = (
        "service_id,date,exception_type\nweekdays,20240307,1\nnever,20240101,2\nweekdays,20240305,1\n"
        "weekdays,20240306,2\nweekdays,20240304,2\n"
    )
    trips = "route_id,service_id,trip_id\nr,weekdays,t1\nr,never,t2\n"
    feed = read_gtfs(
        write_zip(tmp_path / "f.zip", feed_with(calendar=None, calendar_dates=dates, trips=trips))
    )
    never, service = feed.timetable.services
    assert (service.start_date, service.end_date) == (dt.date(2024, 3, 4), dt.date(2024, 3, 7))
    assert sorted(service.added) == [dt.date(2024, 3, 5), dt.date(2024, 3, 7)]
    assert sorted(service.removed) == [dt.date(2024, 3, 4), dt.date(2024, 3, 6)]
    assert (never.start_date, never.added, never.removed) == (
        dt.date(2024, 1, 1),
        Days(),
        Days.of({dt.date(2024, 1, 1)}),
    )
    assert default_date(feed.timetable.services, feed.timetable.trips.service_idx) == dt.date(
        2024, 3, 5
    )
    assert np.array_equal(feed.timetable.trips.service_idx, [1, 0])
