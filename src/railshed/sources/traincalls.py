"""A train table (one row a train and station) as calls in order of travel, in clock seconds that never go back."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from railshed.sources.csvtables import CsvTables
from railshed.sources.feedfiles import FeedTable, Report
from railshed.sources.gtfs_calls import clock
from railshed.sources.gtfs_defects import TripDefects
from railshed.sources.gtfs_trips import whole
from railshed.units import DAY, HOUR, format_clock

#: without a day column, a train neither runs between two stations nor stands at one for longer
LONGEST_STEP_S = 12 * HOUR
_MAX_DAYS = 9
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class TrainTableColumns:
    """The columns of a train table and of its stations by what they mean; "" where there is none."""

    #: what makes rows one train, unique over all calendars
    train: str = "train"
    #: numbers that rise along the train; "": rows stand in order of travel
    sequence: str = "sequence"
    station: str = "station"
    #: clock times; one of the two may be blank
    arrive: str = "arrive"
    depart: str = "depart"
    #: days after the train's first one, at the arrival (at the departure where that alone is given)
    day: str = ""
    #: on which days the train runs
    calendar: str = ""
    #: public number or name; where it changes on the way the names are joined by /
    name: str = ""
    line: str = ""
    #: trains that this one goes on as, through the end of its table, joined by |
    next_train: str = ""
    #: stations file: what `station` refers to
    station_key: str = "station"
    station_name: str = ""
    station_name_en: str = ""
    lon: str = "lon"
    lat: str = "lat"
    station_class: str = ""
    #: key of the station that this one is a part of: both become one station
    station_parent: str = ""


@dataclass(frozen=True, slots=True)
class TrainCalls:
    """Trains by id, and their calls by train and order of travel."""

    train_ids: tuple[str, ...]
    names: tuple[str, ...]
    lines: tuple[str, ...]
    calendars: tuple[str, ...]
    train_idx: Ints  # (n_calls,) index into train_ids
    station_idx: Ints  # (n_calls,) index of the caller's for the station
    arrival_s: Ints  # (n_calls,) clock seconds, never before the departure from the call before
    departure_s: Ints  # (n_calls,) clock seconds, never before the arrival
    rows: Ints  # (n_calls,) row of the file, counted from 0


@dataclass(slots=True)
class _Calls:
    """Calls in order of travel while they are made; one value a call."""

    row: Ints  # row of the table
    train: Ints
    station: Ints
    arrival: NDArray[np.float64]  # clock seconds as written, then since 00:00 of the train's first day
    departure: NDArray[np.float64]

    def take(self, calls: Ints | NDArray[np.bool_]) -> _Calls:
        return _Calls(*(getattr(self, name)[calls] for name in self.__slots__))

    def follows(self) -> NDArray[np.bool_]:
        """Return whether each call but the first is of the same train as the one before."""
        return self.train[1:] == self.train[:-1]


@dataclass(frozen=True, slots=True)
class _Trains:
    """The rows of a table by train, and the trains with defects."""

    table: FeedTable
    columns: TrainTableColumns
    ids: list[str]  # sorted
    train: Ints  # (n_rows,) index into ids
    sequence: NDArray[np.float64]  # (n_rows,)
    order: Ints  # (n_rows,) rows by train and sequence
    defects: TripDefects

    @classmethod
    def of(cls, table: FeedTable, columns: TrainTableColumns) -> _Trains:
        codes, ids = table.encoded(columns.train)
        by_id = sorted(range(len(ids)), key=ids.__getitem__)
        rank = np.empty(len(ids), dtype=np.int64)
        rank[by_id] = np.arange(len(ids))
        train = rank[codes]
        defects = TripDefects(np.zeros(len(ids), dtype=bool))
        sequence = np.arange(table.n_rows, dtype=np.float64)
        if columns.sequence:
            sequence, _ = table.parse(columns.sequence, whole, report=defects.reporter(table, train))
        order = np.lexsort((sequence, train))
        return cls(table, columns, [ids[i] for i in by_id], train, sequence, order, defects)

    @property
    def report(self) -> Report:
        """Reports rows and leaves out their trains."""
        return self.defects.reporter(self.table, self.train)

    def repeats(self) -> Ints:
        """Return the rows that have the train and sequence of another."""
        before, after = self.order[:-1], self.order[1:]
        same = (self.train[before] == self.train[after]) & (self.sequence[before] == self.sequence[after])
        return after[same]

    def of_train(self, column: str) -> list[str]:
        """Return the text of a column by train; it must be the same in all rows of one."""
        codes, texts = self.table.encoded(column)
        first = self.order[np.searchsorted(self.train[self.order], np.arange(len(self.ids)))]
        said = codes[first[self.train]]
        other = np.flatnonzero(codes != said)
        self.report(other, "differs", lambda row: f"is {texts[said[row]]!r} in the train's first row", column)
        return [texts[code] for code in codes[first].tolist()]

    def names(self) -> list[str]:
        """Return the public names by train, in order of travel, joined by / where they change."""
        codes, texts = self.table.encoded(self.columns.name)
        train, code = self.train[self.order], codes[self.order]
        names = [texts[k] for k in code[np.searchsorted(train, np.arange(len(self.ids)))].tolist()]
        for k in (np.flatnonzero((train[1:] == train[:-1]) & (code[1:] != code[:-1])) + 1).tolist():
            names[train[k]] = _joined([names[train[k]], texts[code[k]]])
        return names


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
    """Return the calls of all trains without defects, None where the table cannot be read.

    Parameters
    ----------
    tables
        Collects the issues: warnings where few trains are left out, errors where they are many.
    notes
        Collects counts of what was mended, joined or left out.
    stations
        Index of each station by its text in the table; default: that of its name among the sorted ones.
    stations_name
        Where an unknown station is missing.
    where
        Texts that a row may have in a column; other rows are not read.
    days
        What two calendars have in common where they mean the same days: only then trains are joined.
    day_starts_s
        Clock times before it belong to the night after.
    least_calls
        Trains with fewer calls are left out.
    """
    c = columns
    wanted = (c.train, c.station, c.arrive, c.depart, c.sequence, c.day, c.calendar, c.name, c.line, c.next_train)
    table = tables.table(path, list(dict.fromkeys(x for x in (*wanted, *(where or {})) if x)))
    if table is None:
        return None
    for column, allowed in (where or {}).items():
        table = _keep(table, column, allowed, notes)
    if table.n_rows == 0:
        tables.error(table.name, "no-rows", "has no rows" + bool(where) * " with the texts asked for")
        return None
    trains = _Trains.of(table, c)
    if len(trains.repeats()):
        trains = _Trains.of(table.distinct(c.train, c.sequence), c)
    trains.report(trains.repeats(), "duplicate-key", lambda _: "stands twice in the train", c.sequence)
    if trains.ids[0] == "":
        trains.table.report(np.flatnonzero(trains.train == 0), "blank-key", lambda _: "is blank", c.train)
    if stations is None:
        stations = {name: i for i, name in enumerate(sorted(trains.table.encoded(c.station)[1]))}
    calls = _place(trains, stations, stations_name, drop_unknown_stations, notes)
    _note_gaps(trains, notes)
    calls = _timed(trains, calls, day_starts_s, notes)
    names, goes_on = trains.names(), trains.of_train(c.next_train) if c.next_train else []
    calendars, lines = trains.of_train(c.calendar), trains.of_train(c.line)
    calls = calls.take(~trains.defects.out[calls.train])
    if c.next_train:
        same_days = [(days or {}).get(calendar, calendar) for calendar in calendars]
        calls, names = _join(trains, calls, names, goes_on, same_days, notes)
    calls = _without_repeated_stops(calls, trains.table.name, notes)
    calls = _drop_short(trains, calls, least_calls)
    trains.defects.settle(tables, notes, trains.table.name, "train")
    kept, train_idx = np.unique(calls.train, return_inverse=True)
    pick = kept.tolist()
    return TrainCalls(
        tuple(trains.ids[i] for i in pick), tuple(names[i] for i in pick), tuple(lines[i] for i in pick),
        tuple(calendars[i] for i in pick), train_idx, calls.station, calls.arrival.astype(np.int64),
        calls.departure.astype(np.int64), calls.row,
    )  # fmt: skip


def _keep(table: FeedTable, column: str, allowed: Collection[str], notes: list[str]) -> FeedTable:
    """Return the rows with one of the allowed texts, the others noted."""
    codes, texts = table.encoded(column)
    kept = np.array([text in allowed for text in texts], dtype=bool)[codes]
    if kept.all():
        return table
    notes.append(f"{table.name}: {int((~kept).sum()):,} rows with another {column} than {', '.join(allowed)} not read")
    return table.take(np.flatnonzero(kept))


def _place(
    trains: _Trains, stations: Mapping[str, int], stations_name: str, drop_unknown: bool, notes: list[str]
) -> _Calls:
    """Return the calls at known stations in order of travel, times not yet read."""
    table, column = trains.table, trains.columns.station
    codes, texts = table.encoded(column)
    station = np.array([stations.get(text, -1) for text in texts], dtype=np.int64)[codes]
    known = station >= 0
    if drop_unknown and not known.all():
        n_calls, n_names = int((~known).sum()), len(np.unique(codes[~known]))
        n_known = np.bincount(trains.train[known], minlength=len(trains.ids))
        short = (n_known < 2) & (np.bincount(trains.train) > n_known)
        known &= ~short[trains.train]
        notes.append(
            f"{table.name}: {n_calls:,} calls dropped at {n_names:,} stations that {stations_name} does not know or "
            f"place, and {int(short.sum()):,} trains of which fewer than two calls are left"
        )
    elif not known.all():
        remedy = "add the station, or drop the calls at unknown stations"
        message = f"is not in {stations_name}, or has no coordinates there"
        trains.report(np.flatnonzero(~known), "unknown-reference", lambda _: message, column, remedy)
    row = trains.order[known[trains.order]]
    nothing = np.full(len(row), np.nan)
    return _Calls(row, trains.train[row], station[row], nothing, nothing)


def _note_gaps(trains: _Trains, notes: list[str]) -> None:
    """Note the trains in which numbers are missing: steps other than the commonest one of the table."""
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
            f"{trains.table.name}: {int(gaps.sum()):,} gaps in {trains.columns.sequence} of {n_trains:,} trains"
        )


def _timed(trains: _Trains, calls: _Calls, day_starts_s: int, notes: list[str]) -> _Calls:
    """Return the calls with clock seconds that rise along the train; trains for which there are none are left out."""
    table, c = trains.table, trains.columns
    arrive, _ = table.parse(c.arrive, clock, np.nan, "bad-time", trains.report)
    depart, _ = table.parse(c.depart, clock, np.nan, "bad-time", trains.report)
    for times in (arrive, depart):
        times[times < day_starts_s] += DAY
    blank = np.isnan(arrive) & np.isnan(depart)
    remedy = "delete the row if the train does not stop there"
    trains.report(np.flatnonzero(blank), "blank-time", lambda _: f"is blank, and {c.depart} too", c.arrive, remedy)
    arrive, depart = np.where(np.isnan(arrive), depart, arrive), np.where(np.isnan(depart), arrive, depart)
    if c.day:
        day, _ = table.parse(c.day, _day, 0, report=trains.report)
        arrive += day * DAY
        depart += day * DAY
        depart[depart - arrive <= -LONGEST_STEP_S] += DAY  # midnight while standing
    calls = _Calls(calls.row, calls.train, calls.station, arrive[calls.row], depart[calls.row])
    calls = calls.take(~trains.defects.out[calls.train])
    times = np.column_stack([calls.arrival, calls.departure]).ravel()
    follows = np.repeat(calls.train, 2)[1:] == np.repeat(calls.train, 2)[:-1]
    if not c.day:
        _count_midnights(times, follows, table.name, notes)
    _check_steps(trains, calls, times, follows, LONGEST_STEP_S if not c.day else _MAX_DAYS * DAY)
    calls.arrival, calls.departure = times[::2], times[1::2]
    return calls.take(~trains.defects.out[calls.train])


def _day(text: str) -> int:
    day = whole(text)
    if day > _MAX_DAYS:
        raise ValueError(f"is not within 0 to {_MAX_DAYS} days")
    return day


def _count_midnights(times: NDArray[np.float64], follows: NDArray[np.bool_], name: str, notes: list[str]) -> None:
    """Add a day to `times` (arrival and departure of each call in turn) after each midnight of a train."""
    if not len(times):
        return
    midnight = np.concatenate([[False], follows & (np.diff(times) <= -LONGEST_STEP_S)])
    passed = np.cumsum(midnight)
    first = np.concatenate([[True], ~follows])
    times += DAY * (passed - passed[first][np.cumsum(first) - 1])
    if midnight.any():
        notes.append(
            f"{name}: {int(midnight.sum()):,} midnights passed on the way: times after them are the next day's"
        )


def _check_steps(
    trains: _Trains, calls: _Calls, times: NDArray[np.float64], follows: NDArray[np.bool_], longest_s: int
) -> None:
    """Leave out the trains whose times run backwards, or that take longer than `longest_s` for one step."""
    step = np.where(follows, np.diff(times), 0)
    for wrong, code, why in (
        (step < 0, "decreasing-time", "is before"),
        (step > longest_s, "long-step", f"is more than {longest_s // HOUR} hours after"),
    ):
        after = np.flatnonzero(wrong) + 1
        said = {
            int(
                calls.row[k // 2]
            ): f"{format_clock(int(times[k]))} {why} {format_clock(int(times[k - 1]))}, the time before"
            for k in after.tolist()
        }
        remedy = "times run on along the train; give a day column if a step takes longer than half a day"
        trains.report(list(said), code, said.__getitem__, trains.columns.arrive, remedy)


def _join(
    trains: _Trains,
    calls: _Calls,
    names: list[str],
    goes_on: Sequence[str],
    days: Sequence[Hashable],
    notes: list[str],
) -> tuple[_Calls, list[str]]:
    """Return the calls with each train and those it goes on as made one train, and the names by train.

    Of several trains that one goes on as, the first listed is taken, and of several that go on as one the first by
    id: there passengers change into the others. Trains are joined where they run on the same days and the second
    leaves no earlier than the first arrives.
    """
    first = np.searchsorted(calls.train, np.arange(len(trains.ids)))
    last = np.searchsorted(calls.train, np.arange(len(trains.ids)), "right") - 1
    index = {trains.ids[i]: i for i in np.flatnonzero(first <= last).tolist()}
    follower: dict[int, int] = {}
    taken: set[int] = set()
    n_listed = 0
    for train in index.values():
        if not goes_on[train]:
            continue
        listed = [text.strip() for text in goes_on[train].split("|") if text.strip()]
        n_listed += len(listed)
        other = next((index[text] for text in listed if text in index), None)
        if other is None or other in taken or days[other] != days[train]:
            continue
        if 0 <= calls.departure[first[other]] - calls.arrival[last[train]] <= LONGEST_STEP_S:
            follower[train] = other
            taken.add(other)
    head, place = np.arange(len(trains.ids)), np.zeros(len(trains.ids), dtype=np.int64)
    names = list(names)
    for train in sorted(follower.keys() - taken):
        chain = [train]
        while chain[-1] in follower:
            chain.append(follower[chain[-1]])
        head[chain], place[chain] = train, np.arange(len(chain))
        names[train] = _joined([names[i] for i in chain])
    for train, other in follower.items():
        calls.departure[last[train]], calls.arrival[first[other]] = (
            calls.arrival[last[train]],
            calls.departure[first[other]],
        )
    if n_listed:
        notes.append(
            f"{trains.table.name}: {len(follower):,} of {n_listed:,} listed continuations joined into through trains; "
            "at the others passengers change"
        )
    calls = calls.take(np.lexsort((place[calls.train], head[calls.train])))
    calls.train = head[calls.train]
    return calls, names


def _joined(names: Sequence[str]) -> str:
    return "/".join(dict.fromkeys(part for name in names for part in name.split("/") if part))


def _without_repeated_stops(calls: _Calls, name: str, notes: list[str]) -> _Calls:
    """Return the calls with those at the station of the call before made one with it."""
    if not len(calls.row):
        return calls
    again = np.concatenate([[False], calls.follows() & (calls.station[1:] == calls.station[:-1])])
    if not again.any():
        return calls
    notes.append(f"{name}: {int(again.sum()):,} calls at the station of the call before joined with it")
    last = np.append(np.flatnonzero(~again)[1:], len(again)) - 1
    joined = calls.take(~again)
    joined.departure = calls.departure[last]
    return joined


def _drop_short(trains: _Trains, calls: _Calls, least: int) -> _Calls:
    """Return the calls of the trains with at least `least` calls."""
    n_calls = np.bincount(calls.train, minlength=len(trains.ids))
    short = n_calls[calls.train] < least
    trains.report(
        calls.row[short], "too-few-stops", lambda _: f"is a train with fewer than {least} calls", trains.columns.train
    )
    return calls.take(~short)
