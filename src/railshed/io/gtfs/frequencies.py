"""Reader of frequencies.txt: template trips become series of evenly spaced trips."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import repeat
from typing import Any

import numpy as np

from railshed.io.csv.table import FeedTable, Report
from railshed.io.gtfs.files import FeedFiles
from railshed.io.gtfs.stop_times import COUNT_ON, clock
from railshed.io.gtfs.stops import one_of
from railshed.io.gtfs.trips import TripDefects, keep_trips, whole
from railshed.network.lines import draw_phase
from railshed.network.model import StopTimes, Trips
from railshed.network.ordering import int32, join_trips, take_trips
from railshed.network.trip_series import DRAWN, EXACT, Series, ranges, runs_of
from railshed.util.array_types import Bools, Floats, Ints64
from railshed.util.errors import InputError
from railshed.util.limits import check_limit
from railshed.util.number_format import counted
from railshed.util.units import DAY, MINUTE, compact_clocks


@dataclass(frozen=True, slots=True)
class Frequencies:
    """Rows of frequencies.txt by trip and start, one value a row."""

    trip_idx: Ints64
    start_s: Ints64  # clock seconds at the first stop
    end_s: Ints64  # no trip leaves the first stop at or after it
    headway_s: Ints64
    exact: Bools  # True: the first trip leaves at start_s; False: at a random phase after it
    row: Ints64  # of the file, counted from 1

    def take(self, rows: Ints64 | Bools) -> Frequencies:
        """Return some of the rows."""
        return Frequencies(*(getattr(self, name)[rows] for name in self.__slots__))


def _headway(text: str) -> int:
    if not 1 <= whole(text) <= DAY:
        raise ValueError(f"is not within 1 to {DAY} seconds")
    return whole(text)


def read_frequencies(files: FeedFiles, trips: Trips, defects: TripDefects) -> Frequencies | None:
    """Return the rows of frequencies.txt, None without any; trips with problems are left out."""
    columns = ["trip_id", "start_time", "end_time", "headway_secs"], ["exact_times"]
    table = files.table("frequencies.txt", *columns) if "frequencies.txt" in files else None
    if table is None or table.n_rows == 0:
        return None
    table = table.distinct("trip_id", "start_time")
    trip_idx = defects.find_trips(table, trips.trip_ids)
    report = defects.reporter(table, trip_idx)
    start, start_ok = table.parse("start_time", clock, code="bad-time", report=report)
    end, end_ok = table.parse("end_time", clock, code="bad-time", report=report)
    headway, headway_ok = table.parse("headway_secs", _headway, code="bad-headway", report=report)
    exact, exact_ok = table.parse("exact_times", one_of({"0": 0, "1": 1}), 0, report=report)
    rows = np.flatnonzero((trip_idx >= 0) & start_ok & end_ok & headway_ok & exact_ok)
    rows = rows[np.lexsort((start[rows], trip_idx[rows]))]
    _check_periods(table, rows, trip_idx, start, end, report)
    start_s, end_s, headway_s = (column.astype(np.int64) for column in (start, end, headway))
    row = 1 + (np.arange(table.n_rows) if table.file_rows is None else table.file_rows)
    return Frequencies(trip_idx, start_s, end_s, headway_s, exact > 0, row).take(rows)


def _check_periods(
    table: FeedTable, rows: Ints64, trip_idx: Ints64, start: Floats, end: Floats, report: Report
) -> None:
    backwards = np.sort(rows[end[rows] <= start[rows]])
    message = table.quoting("is not after start_time {}", "start_time")
    report(backwards, "ends-before-start", message, "end_time", COUNT_ON)
    # an offset per trip keeps the running maximum of ends within one trip
    apart = trip_idx[rows] * (1 << 40)
    latest_end = np.maximum.accumulate(apart + end[rows])
    overlapping = np.sort(rows[1:][(apart + start[rows])[1:] < latest_end[:-1]])
    message = table.quoting("lies in another period of trip {!r}", "trip_id")
    report(overlapping, "overlapping-periods", message, "start_time")


def run_frequencies(
    trips: Trips, calls: StopTimes, rows: Frequencies, selected: Bools, seed: int, notes: list[str]
) -> Series:
    """Return the trips where `selected` (n_trips,) is True, templates replaced by the trips of
    their frequencies.

    A template gives the time of each call after its first departure; it does not run itself. With
    ``exact_times`` 1 its trips leave at ``start_time`` and every headway later before ``end_time``;
    else the first one leaves a phase in [0, headway) later, drawn from (seed, trip id, start time)
    like those of lines (`lines.draw_phase`). The trip ids are ``<trip_id>@HHMMSS`` by first
    departure, ``<trip_id>~HHMMSS`` where the phase is drawn. Raises InputError when there would be
    more trips or calls than `util.limits` allows, or a trip would have the id of another.
    """
    rows = rows.take(selected[rows.trip_idx])
    first_s, n_runs = _first_departures(trips, rows, seed)
    n_calls = np.bincount(calls.trip_idx, minlength=len(selected))
    for name, n_each in (("trips", n_runs), ("calls", n_runs * n_calls[rows.trip_idx])):
        most = int(n_each.argmax()) if len(n_each) else None
        where = (
            {} if most is None else {"row": int(rows.row[most]), "value": str(rows.headway_s[most])}
        )
        place: dict[str, Any] = {"file": "frequencies.txt", "field": "headway_secs", **where}
        check_limit(name, int(n_each.sum()), "the feed", "are the headways in seconds?", **place)
    template = np.zeros(len(selected), dtype=bool)
    template[rows.trip_idx] = True
    row, first_s, n, step_s = _in_whole_minutes(rows, first_s, n_runs)
    mark = np.where(rows.exact, EXACT, DRAWN)
    templates = [
        trips.trip_ids[i] + sign
        for i, sign in zip(rows.trip_idx[row].tolist(), mark[row], strict=True)
    ]
    expanded = _make_trips(trips, calls, rows.trip_idx[row], first_s, templates)
    plain = keep_trips(trips, calls, selected & ~template)
    once = len(plain[0].trip_ids)
    series = Series(
        *(join_trips([plain, expanded]) if once else expanded),
        ("",) * once + tuple(templates),
        int32(np.concatenate([np.ones(once, np.int64), n])),
        int32(np.concatenate([np.zeros(once, np.int64), step_s])),
    )
    _check_ids(plain[0].trip_ids, series)
    n_trips = int(template.sum())
    drawn = n_runs[~rows.exact].sum()
    more = (
        f"; {drawn:,} of them without exact times: their phases are drawn (seed {seed})"
        if drawn
        else ""
    )
    notes.append(
        f"frequencies.txt: {counted(n_trips, 'trip')} run as {n_runs.sum():,} by headway{more}"
    )
    return series


def _first_departures(trips: Trips, rows: Frequencies, seed: int) -> tuple[Ints64, Ints64]:
    """Return the first departure of every row in clock seconds, and its number of trips."""
    drawn = np.flatnonzero(~rows.exact)
    trip_ids = map(trips.trip_ids.__getitem__, rows.trip_idx[drawn].tolist())
    periods = (column[drawn].tolist() for column in (rows.start_s, rows.headway_s))
    first_s = rows.start_s.copy()
    first_s[drawn] += np.fromiter(
        map(draw_phase, repeat(seed), trip_ids, repeat(0), *periods), np.int64, len(drawn)
    )
    return first_s, np.maximum(0, -(-(rows.end_s - first_s) // rows.headway_s))


def _in_whole_minutes(rows: Frequencies, first_s: Ints64, n_runs: Ints64) -> tuple[Ints64, ...]:
    """Return row, first departure, number of runs and step of series whose runs are whole minutes
    apart.

    A headway of 90 s gives two series. Checks test whether times are whole minutes: with such
    steps, the first run of a series stands for all.
    """
    n_series = np.minimum(MINUTE // np.gcd(rows.headway_s, MINUTE), n_runs)
    row = np.repeat(np.arange(len(n_series)), n_series)
    place = ranges(n_series)
    headway_s = rows.headway_s[row]
    n_series = n_series[row]
    return (
        row,
        first_s[row] + place * headway_s,
        -(-(n_runs[row] - place) // n_series),
        headway_s * n_series,
    )


def _make_trips(
    trips: Trips, calls: StopTimes, trip_of: Ints64, start: Ints64, templates: Sequence[str]
) -> tuple[Trips, StopTimes]:
    """Return trips like those of index `trip_of` that leave at `start`, with their calls; ids by
    `templates`.
    """
    like = take_trips(trips, trip_of)
    seconds, place = np.unique(start, return_inverse=True)
    clocks = compact_clocks(seconds)
    ids = tuple(
        [template + clocks[i] for template, i in zip(templates, place.tolist(), strict=True)]
    )
    return replace(like, trip_ids=ids), runs_of(calls, len(trips.trip_ids), trip_of, start)


def _check_ids(plain: tuple[str, ...], series: Series) -> None:
    """Raise InputError if a trip of frequencies has the id of another trip; trips of one template
    differ by time.
    """
    like = [trip_id for trip_id in plain if EXACT in trip_id or DRAWN in trip_id]
    clashing = sorted(set(series.ids()[len(plain) :]).intersection(like)) if like else []
    if clashing:
        message = f"{len(clashing):,} trips made from it would bear the id of another trip"
        raise InputError(
            f"frequencies.txt: {message}, {clashing[0]!r} for one; give the trips other ids"
        )
