"""Windows of time in which little or nothing runs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from railshed.network.model import Network, running
from railshed.network.route_types import OTHER, find_mode
from railshed.network.trip_series import often
from railshed.util.number_format import counted
from railshed.util.units import DAY, HOUR, MINUTE, format_clock

#: the date is unusual when it has less than this share of the trips of the same weekday in the weeks around
QUIET_SHARE = 0.7

#: trips of a mode on the date from which on a peak without any is no matter of a few trains
MANY_TRIPS = 100

#: a window is nearly empty when it has less than this share of the trips of a busy one
EMPTY_SHARE = 0.25

PEAKS = ((7 * HOUR + 30 * MINUTE, 9 * HOUR + 30 * MINUTE), (17 * HOUR, 19 * HOUR + 30 * MINUTE))

_WEEKS_AROUND = (-4, -3, -2, -1, 1, 2, 3, 4)


class QuietMode(NamedTuple):
    """A mode with many trips on the date, none of them under way in a window."""

    mode: str
    n_trips: int
    #: clock seconds of the first departure and the last arrival
    first_s: int
    last_s: int

    def __str__(self) -> str:
        span = f"{format_clock(self.first_s)} to {format_clock(self.last_s)}"
        return f"{self.mode}: all {self.n_trips:,} trips of the date run from {span}"


def quiet_modes(network: Network, window: tuple[int, int]) -> list[QuietMode]:
    """Return the modes that have many trips on the date but none under way in the window (clock seconds)."""
    return _quiet(network, _running(network, (0,))[0], _Spans(*_trip_spans(network), *often(network)), window)


class EmptyWindow(NamedTuple):
    """A window with few trips under way, and what it was held against."""

    #: clock seconds
    window: tuple[int, int]
    n_trips: int
    #: the busiest window of the same length that begins on a whole minute of the date
    busiest: tuple[int, int]
    n_busiest: int
    #: median of the window on the same weekday in the weeks around; None where none of them has a trip at all
    n_usual: float | None

    def __str__(self) -> str:
        span, busiest = ("-".join(format_clock(end) for end in window) for window in (self.window, self.busiest))
        usual = "" if self.n_usual is None else f"; {self.n_usual:,.0f} in {span} on the same weekday around"
        return f"{counted(self.n_trips, 'trip')} under way in the window {span}, {self.n_busiest:,} in {busiest}{usual}"


def empty_window(network: Network, window: tuple[int, int]) -> EmptyWindow | None:
    """Return the window where it is nearly empty, else None.

    Counted are the trips under way at some second of it, those of the day before and after included. It is nearly empty
    when they are less than a quarter of those in the busiest window of the same length on the date, or of the median of
    the same window on the same weekday of the four weeks before and after, as far as any trip runs then.
    """
    if not network.n_trips:
        return None
    first, last = _trip_spans(network)
    weeks = (0, *_WEEKS_AROUND)
    dates = [network.date + dt.timedelta(days=7 * week + day) for week in weeks for day in (-1, 0, 1)]
    runs = running(network.services, dates).T[:, network.trips.service_idx].reshape(len(weeks), 3, -1) & (last >= 0)
    shift = np.array([-DAY, 0, DAY])

    def starts_and_ends(days: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        day, trip = np.nonzero(days)
        return np.sort(first[trip] + shift[day]), np.sort(last[trip] + shift[day])

    def under_way(spans: tuple[NDArray[np.int64], NDArray[np.int64]], starts: NDArray[np.int64]) -> NDArray[np.int64]:
        begun = np.searchsorted(spans[0], starts + window[1] - window[0])
        return begun - np.searchsorted(spans[1], starts)

    own, today = np.array([window[0]]), starts_and_ends(runs[0])
    n_trips, minutes = int(under_way(today, own)[0]), np.arange(0, DAY, MINUTE)
    each = under_way(today, minutes)
    busiest = int(minutes[each.argmax()])
    around = [int(under_way(starts_and_ends(days), own)[0]) for days in runs[1:] if days[1].any()]
    usual = float(np.median(around)) if around else None
    if n_trips >= EMPTY_SHARE * max(int(each.max()), usual or 0):
        return None
    there = (busiest, busiest + window[1] - window[0])
    return EmptyWindow(window, n_trips, there, int(each.max()), usual)


def _trip_spans(network: Network) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return (n_trips,) the first departure and the last arrival of each trip; -1 for both where it has no call."""
    calls = network.stop_times
    first, last = (np.full(network.n_trips, -1, dtype=np.int32) for _ in range(2))
    starts = np.flatnonzero(np.diff(calls.trip_idx, prepend=-1))
    if len(starts):
        trips = calls.trip_idx[starts]
        first[trips] = np.minimum.reduceat(calls.departure_s, starts)
        last[trips] = np.maximum.reduceat(calls.arrival_s, starts)
    return first, last


class _Spans(NamedTuple):
    """When trips are under way, or series of them; each (n_trips,)."""

    #: of the first run: clock seconds of the first departure and the last arrival, -1 where there is no call
    first: NDArray[np.int32]
    last: NDArray[np.int32]
    n_runs: NDArray[np.int32]
    step_s: NDArray[np.int32]

    def under_way(self, window: tuple[int, int]) -> NDArray[np.bool_]:
        """Return whether any run is under way in the window."""
        step_s = np.maximum(self.step_s, 1)
        soonest = np.maximum(0, -((self.last - window[0]) // step_s))
        latest = np.minimum(self.n_runs - 1, (window[1] - 1 - self.first) // step_s)
        return np.asarray(soonest <= latest)


def _quiet(
    network: Network, today: NDArray[np.bool_], spans: _Spans, window: tuple[int, int]
) -> list[QuietMode]:  # fmt: skip
    """Return the quiet modes of a window, given which trips run on the date and when each runs."""
    on = today & (spans.last >= 0)
    under_way = spans.under_way(window)
    last = spans.last + (spans.n_runs - 1) * spans.step_s
    found = []
    types, of_type = np.unique(network.trips.route_types, return_inverse=True)
    modes = [find_mode(t) or OTHER for t in types.tolist()]
    for mode in sorted(set(modes)):
        mine = on & np.array([name == mode for name in modes])[of_type]
        n = int(spans.n_runs[mine].sum())
        if n >= MANY_TRIPS and not under_way[mine].any():
            found.append(QuietMode(mode, n, int(spans.first[mine].min()), int(last[mine].max())))
    return found


def _running(network: Network, weeks: Sequence[int]) -> NDArray[np.bool_]:
    """Return (n_weeks, n_trips) which trips run so many weeks after the date."""
    runs = running(network.services, [network.date + dt.timedelta(weeks=n) for n in weeks])
    return np.ascontiguousarray(runs.T)[:, network.trips.service_idx]
