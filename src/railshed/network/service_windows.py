"""Modes without service and windows with little service."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from railshed.network.model import Network, running
from railshed.network.route_types import OTHER, find_mode
from railshed.network.trip_series import each_run, with_first_runs
from railshed.util.array_types import Bools, Ints32, Ints64
from railshed.util.frames import altered
from railshed.util.number_format import counted
from railshed.util.units import DAY, HOUR, LATEST_S, MINUTE, format_clock

#: share of the trips of the same weekday in the weeks around below which a date is unusual
QUIET_SHARE = 0.7
#: trips of a mode on the date from which a peak without any is reported
MANY_TRIPS = 100
#: share of the trips of a busy window below which a window has little service
EMPTY_SHARE = 0.25
PEAKS = ((7 * HOUR + 30 * MINUTE, 9 * HOUR + 30 * MINUTE), (17 * HOUR, 19 * HOUR + 30 * MINUTE))
WEEKS_AROUND = (-4, -3, -2, -1, 1, 2, 3, 4)


class ModeWithoutService(NamedTuple):
    """A mode with many trips on the date, but none under way in a window."""

    mode: str
    n_trips: int
    #: clock seconds of the first departure and the last arrival
    first_s: int
    last_s: int

    def __str__(self) -> str:
        span = f"{format_clock(self.first_s)} to {format_clock(self.last_s)}"
        return f"{self.mode}: all {self.n_trips:,} trips of the date run from {span}"


def days_back(latest_s: int, start_s: int) -> int:
    """Return how many service days before a date reach its clock second `start_s`, with calls up to
    `latest_s`.
    """
    return max(1, (latest_s - start_s) // DAY)


def has_trips(network: Network, n_runs: Ints32, step_s: Ints32) -> bool:
    """Return whether any trip of any service day is under way on the date, 00:00 to 28:00; counts
    as `idle_modes`.
    """
    first, last = trip_spans(network)
    last = last + (n_runs - 1) * step_s
    days = range(-1, days_back(int(last.max(initial=0)), 0) + 1)
    runs = running(network.services, [network.date - dt.timedelta(days=k) for k in days])[
        network.trips.service_idx
    ]
    return any(
        (runs[:, k + 1] & (first < k * DAY + LATEST_S) & (last >= k * DAY)).any() for k in days
    )


def modes_without_service(network: Network, window: tuple[int, int]) -> list[ModeWithoutService]:
    """Return the modes with many trips on the date but none under way in the window (clock
    seconds).
    """
    of, n_runs, step_s = with_first_runs(network)
    return idle_modes(of, running_in_weeks(of, (0,))[0], n_runs, step_s, [window])


class LowServiceWindow(NamedTuple):
    """A window with few trips under way, and the windows compared with it."""

    #: clock seconds
    window: tuple[int, int]
    n_trips: int
    #: the busiest window of the same length that begins on a whole minute of the date
    busiest: tuple[int, int]
    n_busiest: int
    #: median of the window on the same weekday in the weeks around; None if none of them has a trip
    n_usual: float | None

    def __str__(self) -> str:
        span, busiest = (
            "-".join(format_clock(end) for end in window) for window in (self.window, self.busiest)
        )
        usual = (
            ""
            if self.n_usual is None
            else f"; {self.n_usual:,.0f} in {span} on the same weekday around"
        )
        return (
            f"{counted(self.n_trips, 'trip')} under way in the window {span}, "
            f"{self.n_busiest:,} in {busiest}{usual}"
        )


def low_service_window(network: Network, window: tuple[int, int]) -> LowServiceWindow | None:
    """Return the window if it has little service, else None.

    Counted are the trips under way at any second of it, of the days before and the day after too.
    The service is little if they are less than a quarter of those in the busiest window of the same
    length on the date, or of the median of the same window on the same weekday of the four weeks
    before and after, of days with trips.
    """
    if not network.n_trips:
        return None
    of, n_runs, step_s = with_first_runs(network)
    series, later_s = each_run(n_runs, step_s)
    first, last = (ends[series] + later_s for ends in trip_spans(of))
    weeks = (0, *WEEKS_AROUND)
    days = np.arange(-days_back(int(last.max()), 0), 2)
    dates = [
        network.date + dt.timedelta(days=7 * week + day) for week in weeks for day in days.tolist()
    ]
    runs = (
        running(network.services, dates)
        .T[:, of.trips.service_idx[series]]
        .reshape(len(weeks), len(days), -1)
    )
    runs = runs & (last >= 0)
    first, last = (ends + days[:, None] * DAY for ends in (first, last))
    in_window = (first < window[1]) & (last >= window[0])
    n_trips = int(np.count_nonzero(runs[0] & in_window))
    around = [np.count_nonzero(of_days & in_window) for of_days in runs[1:] if of_days[-2].any()]
    usual = float(np.median(around)) if around else None
    minutes = np.arange(0, DAY, MINUTE)
    begun = n_before(first[runs[0]], minutes + window[1] - window[0])
    each = begun - n_before(last[runs[0]], minutes)
    busiest = int(minutes[each.argmax()])
    if n_trips >= EMPTY_SHARE * max(int(each.max()), usual or 0):
        return None
    there = (busiest, busiest + window[1] - window[0])
    return LowServiceWindow(window, n_trips, there, int(each.max()), usual)


def n_before(seconds: Ints64, clock_s: Ints64) -> Ints64:
    """Return how many of `seconds` are less than each of `clock_s`, which rises from 0 or more."""
    most = int(clock_s[-1])
    return np.bincount(np.clip(seconds + 1, 0, most + 1), minlength=most + 1).cumsum()[clock_s]


Service = tuple[list[ModeWithoutService], LowServiceWindow | None]
#: by network, as long as it lives
_KNOWN: WeakKeyDictionary[Network, dict[object, Service]] = WeakKeyDictionary()


def service_in(network: Network, window: tuple[int, int], date: dt.date | None = None) -> Service:
    """Return the modes without service in a window of a day, and the window if it has little; found
    once.
    """
    day = date or network.date
    known = _KNOWN.setdefault(network, {})
    if (day, window) not in known:
        on_day = altered(network, date=day)
        known[day, window] = (
            modes_without_service(on_day, window),
            low_service_window(on_day, window),
        )
    return known[day, window]


def trip_spans(network: Network) -> tuple[Ints32, Ints32]:
    """Return int32 (n_trips,) first departure and last arrival of each trip in clock seconds; -1
    without a call.
    """
    calls = network.stop_times
    first, last = (np.full(network.n_trips, -1, dtype=np.int32) for _ in range(2))
    starts = np.flatnonzero(np.diff(calls.trip_idx, prepend=-1))
    if len(starts):
        trips = calls.trip_idx[starts]
        first[trips] = np.minimum.reduceat(calls.departure_s, starts)
        last[trips] = np.maximum.reduceat(calls.arrival_s, starts)
    return first, last


def idle_modes(
    network: Network,
    today: Bools,
    n_runs: Ints32,
    step_s: Ints32,
    windows: Iterable[tuple[int, int]],
) -> list[ModeWithoutService]:
    """Return the modes without service in each window; `today` is bool (n_trips,), the trips of the
    date.

    A trip stands for `n_runs` trips, int32 (n_trips,), `step_s` seconds apart. Trips that begin at
    24:00 or later, and windows past it, count at their time of the day too: service days overlap.
    """
    first, last = trip_spans(network)
    days_s = first // DAY * DAY
    types, of_type = np.unique(network.trips.route_types, return_inverse=True)
    mode_of_type = np.array([find_mode(t) or OTHER for t in types.tolist()], dtype=str)
    quiet = []
    step = np.maximum(step_s, 1)
    for start, end in windows:
        under_way = np.zeros(len(today), bool)
        for day in (0, DAY) if end > DAY else (0,):
            # the first run that ends in the window or later, and the last that begins in it or
            # before
            soonest = np.maximum(0, -((last - days_s - start + day) // step))
            under_way |= soonest <= np.minimum(n_runs - 1, (end - day - 1 - first + days_s) // step)
        for mode in np.unique(mode_of_type).tolist():
            mine = today & (last >= 0) & (mode_of_type == mode)[of_type]
            n = int(n_runs[mine].sum())
            if n >= MANY_TRIPS and not under_way[mine].any():
                final_s = int((last + (n_runs - 1) * step_s)[mine].max())
                quiet.append(ModeWithoutService(mode, n, int(first[mine].min()), final_s))
    return quiet


def running_in_weeks(network: Network, weeks: Sequence[int]) -> Bools:
    """Return bool (n_weeks, n_trips), whether each trip runs so many weeks after the date."""
    runs = running(network.services, [network.date + dt.timedelta(weeks=n) for n in weeks])
    return np.ascontiguousarray(runs.T)[:, network.trips.service_idx]
