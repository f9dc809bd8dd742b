"""Calls of a train table in order of travel, in clock seconds that never decrease along a train."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from railshed.io.csv.parser import CsvTables
from railshed.io.gtfs.stop_times import clock
from railshed.io.gtfs.trips import TripDefects, whole
from railshed.util.array_types import Bools, Floats, Ints64
from railshed.util.units import DAY, HOUR, format_clock
from train_table.rows import LONGEST_STEP_S, Calls, Trains, TrainTableColumns, joined, open_trains

_MAX_DAYS = 9
#: marks for no time, at the ends of a train say: - -- ---- — –– … .. and the like
_BLANK = re.compile(r"[-\u2010-\u2015\u2212\u2500\u2501\u30fc\uff0d\u2026.]+")


@dataclass(frozen=True, slots=True)
class TrainCalls:
    """Trains by id, and their calls by train and order of travel."""

    train_ids: tuple[str, ...]
    names: tuple[str, ...]
    lines: tuple[str, ...]
    calendars: tuple[str, ...]
    train_idx: Ints64  # (n_calls,) index into train_ids
    station_idx: Ints64  # (n_calls,) value of `stations` for the station
    arrival_s: Ints64  # (n_calls,) clock seconds, never before the departure from the call before
    departure_s: Ints64  # (n_calls,) clock seconds, never before the arrival
    rows: Ints64  # (n_calls,) row of the file, counted from 0
    defects: TripDefects


def read_calls(
    tables: CsvTables,
    path: Path,
    columns: TrainTableColumns,
    notes: list[str],
    *,
    stations: Mapping[str, int] | None = None,
    stations_name: str = "the stations",
    drop_unknown_stations: bool = False,
    where: Mapping[str, Collection[str]] | None = None,
    days: Mapping[str, Hashable] | None = None,
    day_starts_s: int = 0,
    least_calls: int = 2,
) -> TrainCalls | None:
    """Return the calls of all trains without defects; None if the table cannot be read.

    Parameters
    ----------
    tables
        Collects the issues: warnings if few trains are left out, errors if they are many.
    notes
        Collects counts of what was completed, joined or left out.
    stations
        Index of each station by its text in the table; default: that of its name among the sorted
        ones.
    stations_name
        Name of the list of stations in messages.
    where
        Texts that a row may have in a column; other rows are not read.
    days
        Key of the days of each calendar: trains are joined only if their keys are equal.
    day_starts_s
        Clock seconds; earlier times belong to the night after.
    least_calls
        Trains with fewer calls are left out.
    """
    trains = open_trains(tables, path, columns, where or {}, notes)
    if trains is None:
        return None
    if stations is None:
        stations = {
            name: i for i, name in enumerate(sorted(trains.table.encoded(columns.station)[1]))
        }
    station = _find_stations(trains, stations, stations_name, drop_unknown_stations)
    trains.defects.calls = station, trains.train
    _note_gaps(trains, notes)
    calls = _timed(trains, station, day_starts_s, notes)
    names, lines = trains.names(), trains.first_texts(columns.line, same=False)
    calendars = trains.defects.services = trains.first_texts(columns.calendar)
    goes_on = trains.first_texts(columns.next_train) if columns.next_train else []
    calls = calls.take(~trains.defects.out[calls.train])
    calls = _without_unknown_stations(trains, calls, stations_name, notes)
    if columns.next_train:
        same_days = [(days or {}).get(calendar, calendar) for calendar in calendars]
        calls, names = join_through(trains, calls, names, goes_on, same_days, notes)
    calls = _without_repeated_stops(calls, trains.table.name, notes)
    short = np.bincount(calls.train, minlength=len(trains.ids))[calls.train] < least_calls
    trains.report(
        calls.row[short],
        "too-few-stops",
        f"is a train with fewer than {least_calls} calls",
        columns.train,
    )
    calls = calls.take(~short)
    trains.defects.settle(tables, notes, trains.table.name, "train")
    train_of, train_idx = np.unique(calls.train, return_inverse=True)
    pick = train_of.tolist()
    file_rows = trains.table.file_rows
    rows = calls.row if file_rows is None else file_rows[calls.row]
    return TrainCalls(
        tuple(trains.ids[i] for i in pick),
        tuple(names[i] for i in pick),
        tuple(lines[i] for i in pick),
        tuple(calendars[i] for i in pick),
        train_idx,
        calls.station,
        calls.arrival.astype(np.int64),
        calls.departure.astype(np.int64),
        rows,
        trains.defects,
    )


def _find_stations(
    trains: Trains, stations: Mapping[str, int], stations_name: str, drop_unknown: bool
) -> Ints64:
    """Return (n_rows,) station of each row; -1 if unknown, with a defect unless such calls are
    dropped.
    """
    codes, texts = trains.table.encoded(trains.columns.station)
    station = np.array([stations.get(text, -1) for text in texts], dtype=np.int64)[codes]
    if not drop_unknown:
        remedy = "add the station, or drop the calls at unknown stations"
        message = f"is not in {stations_name}, or has no coordinates there"
        trains.report(station < 0, "unknown-reference", message, trains.columns.station, remedy)
    return station


def _without_unknown_stations(
    trains: Trains, calls: Calls, stations_name: str, notes: list[str]
) -> Calls:
    """Return the calls at known stations, without trains of which fewer than two calls remain."""
    unknown = calls.station < 0
    if not unknown.any():
        return calls
    rows = trains.table.take(calls.row[unknown])
    n_names = len(np.unique(rows.codes(trains.columns.station)))
    n_known = np.bincount(calls.train[~unknown], minlength=len(trains.ids))
    short = (n_known < 2) & (np.bincount(calls.train, minlength=len(trains.ids)) > n_known)
    notes.append(
        f"{rows.name}: {rows.n_rows:,} calls dropped at {n_names:,} stations that {stations_name} "
        "does not know or "
        f"place, and {int(short.sum()):,} trains of which fewer than two calls are left"
    )
    return calls.take(~unknown & ~short[calls.train])


def _note_gaps(trains: Trains, notes: list[str]) -> None:
    """Add a note on trains with missing numbers: steps larger than the commonest one of
    the table.
    """
    sequence, train = trains.sequence[trains.order], trains.train[trains.order]
    follows = train[1:] == train[:-1]
    steps = np.diff(sequence)[follows]
    if not len(steps):
        return
    values, counts = np.unique(steps, return_counts=True)
    gaps = steps > values[counts.argmax()]
    if gaps.any():
        n_trains = len(np.unique(train[1:][follows][gaps]))
        notes.append(
            f"{trains.table.name}: {int(gaps.sum()):,} gaps in {trains.columns.sequence} of "
            f"{n_trains:,} trains"
        )


def _timed(trains: Trains, station: Ints64, day_starts_s: int, notes: list[str]) -> Calls:
    """Return the calls in order of travel, without trains whose times decrease."""
    table, c = trains.table, trains.columns
    arrive, _ = table.parse(c.arrive, _clock, np.nan, "bad-time", trains.report)
    depart, _ = table.parse(c.depart, _clock, np.nan, "bad-time", trains.report)
    _note_marks(trains, notes)
    for times in (arrive, depart):
        times[times < day_starts_s] += DAY
    blank = np.isnan(arrive) & np.isnan(depart)
    remedy = "delete the row if the train does not stop there"
    trains.report(blank, "blank-time", f"is blank, and {c.depart} too", c.arrive, remedy)
    arrive, depart = (
        np.where(np.isnan(arrive), depart, arrive),
        np.where(np.isnan(depart), arrive, depart),
    )
    if c.day:
        day, _ = table.parse(c.day, _day, 0, report=trains.report)
        arrive += day * DAY
        depart += day * DAY
        depart[depart - arrive <= -LONGEST_STEP_S] += DAY  # midnight while standing
    row = trains.order[~trains.defects.out[trains.train[trains.order]]]
    calls = Calls(row, trains.train[row], station[row], arrive[row], depart[row])
    times, train = (
        np.column_stack([calls.arrival, calls.departure]).ravel(),
        np.repeat(calls.train, 2),
    )
    follows = train[1:] == train[:-1]
    if not c.day:
        _count_midnights(times, follows, table.name, notes)
    _check_steps(trains, calls, times, follows, LONGEST_STEP_S if not c.day else _MAX_DAYS * DAY)
    calls.arrival, calls.departure = times[::2], times[1::2]
    return calls.take(~trains.defects.out[calls.train])


def _clock(text: str) -> float:
    if _BLANK.fullmatch(text):
        return np.nan
    seconds = clock(text)
    if seconds > 2 * DAY:
        raise ValueError("is later than 48:00; write the day in a column of its own")
    return seconds


def _note_marks(trains: Trains, notes: list[str]) -> None:
    """Add a note on times that are written as a mark for none."""
    marked: Counter[str] = Counter()
    for column in (trains.columns.arrive, trains.columns.depart):
        codes, texts = trains.table.encoded(column)
        n_rows = np.bincount(codes, minlength=len(texts))
        marked.update(
            {text: int(n) for text, n in zip(texts, n_rows, strict=True) if _BLANK.fullmatch(text)}
        )
    if marked:
        kinds = ", ".join(repr(mark) for mark in sorted(marked))
        notes.append(
            f"{trains.table.name}: {sum(marked.values()):,} times written as {kinds} taken as blank"
        )


def _day(text: str) -> int:
    day = whole(text)
    if day > _MAX_DAYS:
        raise ValueError(f"is not within 0 to {_MAX_DAYS} days")
    return day


def _count_midnights(times: Floats, follows: Bools, name: str, notes: list[str]) -> None:
    """Add a day to `times` (arrival and departure of each call in turn) after each midnight of a
    train, in place.
    """
    if not len(times):
        return
    midnight = np.concatenate([[False], follows & (np.diff(times) <= -LONGEST_STEP_S)])
    passed = np.cumsum(midnight)
    first = np.concatenate([[True], ~follows])
    times += DAY * (passed - passed[first][np.cumsum(first) - 1])
    if midnight.any():
        notes.append(
            f"{name}: {int(midnight.sum()):,} midnights passed on the way: times after them are "
            "the next day's"
        )


def _check_steps(
    trains: Trains, calls: Calls, times: Floats, follows: Bools, longest_s: int
) -> None:
    """Report trains whose times decrease, or that take longer than `longest_s` seconds for one
    step.
    """
    step = np.where(follows, np.diff(times), 0)
    remedy = (
        "times run on along the train; give a day column if a step takes longer than half a day"
    )
    for wrong, code, why in (
        (step < 0, "decreasing-time", "is before"),
        (step > longest_s, "long-step", f"is more than {longest_s // HOUR} hours after"),
    ):
        messages = {}
        for k in np.flatnonzero(wrong).tolist():
            before, after = (format_clock(int(seconds)) for seconds in times[k : k + 2])
            messages[int(calls.row[(k + 1) // 2])] = f"{after} {why} {before}, the time before"
        trains.report(list(messages), code, messages.__getitem__, trains.columns.arrive, remedy)


def _without_repeated_stops(calls: Calls, name: str, notes: list[str]) -> Calls:
    """Return the calls with consecutive calls at one station merged."""
    if not len(calls.row):
        return calls
    same = (calls.train[1:] == calls.train[:-1]) & (calls.station[1:] == calls.station[:-1])
    again = np.concatenate([[False], same])
    if not again.any():
        return calls
    notes.append(
        f"{name}: {int(again.sum()):,} calls at the station of the call before joined with it"
    )
    last = np.append(np.flatnonzero(~again)[1:], len(again)) - 1
    joined = calls.take(~again)
    joined.departure = calls.departure[last]
    return joined


def join_through(
    trains: Trains,
    calls: Calls,
    names: list[str],
    goes_on: Sequence[str],
    days: Sequence[Hashable],
    notes: list[str],
) -> tuple[Calls, list[str]]:
    """Return the calls with each train and its continuations joined into one train, and the names
    by train.

    Of several listed continuations the first is used; of several trains with one continuation, the
    first by id. Passengers change into the others. Trains are joined only if they run on the same
    days and the second leaves no earlier than the first arrives.
    """
    first = np.searchsorted(calls.train, np.arange(len(trains.ids)))
    last = np.searchsorted(calls.train, np.arange(len(trains.ids)), "right") - 1
    index = {trains.ids[i]: i for i in np.flatnonzero(first <= last).tolist()}
    follower: dict[int, int] = {}
    followed: set[int] = set()
    n_listed = n_joined = 0
    for train in index.values():
        if not goes_on[train]:
            continue
        listed = [text.strip() for text in goes_on[train].split("|") if text.strip()]
        n_listed += len(listed)
        other = next((index[text] for text in listed if text in index), None)
        if other is None or other in followed or days[other] != days[train]:
            continue
        if 0 <= calls.departure[first[other]] - calls.arrival[last[train]] <= LONGEST_STEP_S:
            follower[train] = other
            followed.add(other)
    head, place = np.arange(len(trains.ids)), np.zeros(len(trains.ids), dtype=np.int64)
    names = list(names)
    for train in sorted(follower.keys() - followed):
        chain = [train]
        while chain[-1] in follower:
            chain.append(follower[chain[-1]])
        head[chain], place[chain] = train, np.arange(len(chain))
        names[train] = joined([names[i] for i in chain])
        ends, starts = last[chain[:-1]], first[chain[1:]]
        calls.departure[ends], calls.arrival[starts] = calls.arrival[ends], calls.departure[starts]
        n_joined += len(starts)
    if n_listed:
        notes.append(
            f"{trains.table.name}: {n_joined:,} of {n_listed:,} listed continuations joined into "
            "through trains; at the others passengers change"
        )
    calls = calls.take(np.lexsort((place[calls.train], head[calls.train])))
    calls.train = head[calls.train]
    return calls, names
