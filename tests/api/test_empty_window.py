"""A window in which next to nothing runs is said with the numbers: counted by hand, and trip by
trip.
"""

from __future__ import annotations

import datetime as dt
import statistics
from dataclasses import replace
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from railshed.api.analysis import Analysis
from railshed.circles import analysis
from railshed.circles.city_at import city_at
from railshed.network.dates import Days
from railshed.network.model import Network, Service
from railshed.network.service_windows import LowServiceWindow, low_service_window
from railshed.questions.circle.map import circle_map
from railshed.util.units import DAY, HOUR, MINUTE
from tests.support.small_networks import DATE, place, small_network

NIGHT, MORNING = (3 * HOUR, 5 * HOUR), (7 * HOUR, 9 * HOUR)


def shuttle(*departures: str, **fields: object) -> Network:
    """Trips of half an hour from a to b, 40 km apart."""
    trips = {}
    for n, text in enumerate(departures):
        hour, minute = map(int, text.split(":"))
        end = hour * 60 + minute + 30
        trips[f"t{n}"] = [("a", text), ("b", f"{end // 60:02d}:{end % 60:02d}")]
    return small_network({"a": (0, 0), "b": (40, 0)}, trips, **fields)  # type: ignore[arg-type]


def test_two_trains_of_a_night_by_hand() -> None:
    """Nine trips begin from 07:00 to 08:20, the last ends at 08:50; 04:00 and 04:55 are two of the
    night.

    The first minute whose two hours hold all nine is 06:21, before 08:21: t8 has begun and t0 is
    under way.
    """
    day = [f"{7 + n // 6:02d}:{n % 6}0" for n in range(9)]
    network = shuttle("04:00", "04:55", *day)
    found = low_service_window(network, NIGHT)
    assert found == LowServiceWindow(
        NIGHT, 2, (6 * HOUR + 21 * MINUTE, 8 * HOUR + 21 * MINUTE), 9, 2.0
    )
    assert str(found) == (
        "2 trips under way in the window 03:00-05:00, 9 in 06:21-08:21; 2 in 03:00-05:00 on the "
        "same weekday around"
    )
    assert low_service_window(network, MORNING) is None


def test_a_quarter_is_enough() -> None:
    """Two of eight are a quarter, so nothing is said; two of nine are less."""
    day = [f"07:{n:02d}" for n in range(9)]
    assert low_service_window(shuttle("04:00", "04:10", *day[:8]), NIGHT) is None
    assert low_service_window(shuttle("04:00", "04:10", *day), NIGHT) is not None


def test_trips_of_the_day_before_are_under_way_after_midnight() -> None:
    """Three trains leave at 27:00 of the day before and run to 03:30: with them three of four are
    under way.
    """
    network = shuttle("27:00", "27:00", "27:00", "07:00", "07:00", "07:00", "07:00")
    assert low_service_window(network, NIGHT) is None


def test_the_last_day_of_a_feed() -> None:
    """On the last Wednesday one of five trips still runs: less than a quarter of the five on the
    Wednesdays before.
    """
    week = (True,) * 7
    most = Service("most", dt.date(2024, 1, 1), DATE - dt.timedelta(days=1), week)
    rest = Service("rest", dt.date(2024, 1, 1), DATE, week)
    network = shuttle(
        *["07:30"] * 5,
        services=(most, rest),
        service={f"t{n}": "most" if n else "rest" for n in range(5)},
    )
    found = low_service_window(network, MORNING)
    assert found is not None
    assert (found.n_trips, found.n_busiest, found.n_usual) == (1, 1, 5.0)
    assert low_service_window(replace(network, date=DATE - dt.timedelta(days=1)), MORNING) is None


@settings(max_examples=60, deadline=None)
@given(
    trips=st.lists(
        st.tuples(st.integers(0, 28 * 60), st.integers(1, 300), st.integers(0, 2)),
        min_size=1,
        max_size=12,
    ),
    start=st.integers(0, 23 * 60),
    minutes=st.integers(1, 240),
    days=st.lists(st.integers(-30, 30), max_size=8),
)
def test_counts_equal_those_trip_by_trip(
    trips: list[tuple[int, int, int]], start: int, minutes: int, days: list[int]
) -> None:
    """In every window trips are counted one by one, on three days each; the first busiest one is
    named.
    """
    week = (True,) * 7
    services = (
        Service("daily", dt.date(2024, 1, 1), dt.date(2024, 12, 31), week),
        Service("until", dt.date(2024, 1, 1), DATE, week),
        Service("some", DATE, DATE, week, added=Days.of(DATE + dt.timedelta(days=d) for d in days)),
    )
    calls = {}
    for n, (leave, takes, _) in enumerate(trips):
        there = leave + takes
        calls[f"t{n:02d}"] = [
            ("a", f"{leave // 60}:{leave % 60:02d}"),
            ("b", f"{there // 60}:{there % 60:02d}"),
        ]
    named = {f"t{n:02d}": services[which].service_id for n, (*_, which) in enumerate(trips)}
    network = small_network({"a": (0, 0), "b": (40, 0)}, calls, services=services, service=named)

    def plain(week: int, begin_s: int) -> int:
        found = 0
        for leave, takes, which in trips:
            for day in (-1, 0, 1):
                if services[which].runs_on(DATE + dt.timedelta(days=7 * week + day)):
                    first, last = leave * MINUTE + day * DAY, (leave + takes) * MINUTE + day * DAY
                    found += first < begin_s + minutes * MINUTE and last >= begin_s
        return found

    n, each = plain(0, start * MINUTE), [plain(0, m * MINUTE) for m in range(24 * 60)]
    weeks = [
        w
        for w in (-4, -3, -2, -1, 1, 2, 3, 4)
        if any(services[which].runs_on(DATE + dt.timedelta(days=7 * w)) for *_, which in trips)
    ]
    usual = float(statistics.median([plain(w, start * MINUTE) for w in weeks])) if weeks else None
    found = low_service_window(network, (start * MINUTE, (start + minutes) * MINUTE))
    if n >= max(each) / 4 and n >= (usual or 0) / 4:
        assert found is None
    else:
        busiest = each.index(max(each))
        window = (start * MINUTE, (start + minutes) * MINUTE)
        there = (busiest * MINUTE, (busiest + minutes) * MINUTE)
        assert found == LowServiceWindow(window, n, there, max(each), usual)


def test_it_is_said_with_the_circle_and_on_its_map(tmp_path: Path) -> None:
    """Summary and map give the window, the two of it and the nine of the busiest; in the morning
    nothing is said.
    """
    network = shuttle("04:00", "04:55", *[f"{7 + n // 6:02d}:{n % 6}0" for n in range(9)])
    run = analysis.prepare(network)
    lon, lat = place(40)
    night, morning = (
        city_at(network, lon, lat, name="B", window_to=span) for span in (NIGHT, MORNING)
    )
    quiet, busy = Analysis.of(run).circles([night, morning], cutoffs=(60,))
    assert quiet.summary.low_service_windows == [
        {
            "window": ["03:00", "05:00"],
            "trips": 2,
            "busiest_window": ["06:21", "08:21"],
            "trips_busiest": 9,
            "trips_usual": 2.0,
        }
    ]
    said = circle_map(quiet).warnings[0]
    assert said.en == (
        "window 03:00–05:00 nearly empty: 2 trips under way, 9 in the busiest, 06:21–08:21; 2 on "
        "that weekday around"
    )
    assert "在途2班" in said.zh
    assert busy.summary.low_service_windows == []
