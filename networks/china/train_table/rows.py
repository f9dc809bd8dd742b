"""Rows of a train table by train, and the names of its columns."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from railshed.io.csv.parser import CsvTables
from railshed.io.csv.table import FeedTable, Report
from railshed.io.gtfs.trips import TripDefects, whole
from railshed.util.array_types import Bools, Floats, Ints64
from railshed.util.units import HOUR

#: without a day column, a train neither runs between two stations nor stands at one for longer
LONGEST_STEP_S = 12 * HOUR


@dataclass(frozen=True, slots=True)
class TrainTableColumns:
    """Names of the columns of a train table and of its stations file; "" for columns that
    it lacks.
    """

    #: id of the train, unique over all calendars
    train: str = "train"
    #: numbers that rise along the train; "": rows are in order of travel
    sequence: str = "sequence"
    station: str = "station"
    #: clock times; one of the two may be blank
    arrive: str = "arrive"
    depart: str = "depart"
    #: days after the train's first day, at the arrival (at the departure if there is no arrival)
    day: str = ""
    #: on which days the train runs
    calendar: str = ""
    #: public number or name; names that change on the way are joined by /
    name: str = ""
    line: str = ""
    #: ids of the trains as which this one continues, joined by |
    next_train: str = ""
    #: stations file: the key that `station` refers to
    station_key: str = "station"
    station_name: str = ""
    station_name_en: str = ""
    lon: str = "lon"
    lat: str = "lat"
    station_class: str = ""
    #: key of the station that this one is a part of: both are merged
    station_parent: str = ""


@dataclass(slots=True)
class Calls:
    """Calls in order of travel, one value a call."""

    row: Ints64  # row of the table
    train: Ints64
    station: Ints64
    arrival: Floats  # clock seconds
    departure: Floats

    def take(self, calls: Ints64 | Bools) -> Calls:
        """Return some of the calls."""
        return Calls(*(getattr(self, name)[calls] for name in self.__slots__))


@dataclass(frozen=True, slots=True)
class Trains:
    """The rows of a table by train, and the trains with defects."""

    table: FeedTable
    columns: TrainTableColumns
    ids: list[str]  # sorted
    train: Ints64  # (n_rows,) index into ids
    sequence: Floats  # (n_rows,)
    order: Ints64  # (n_rows,) rows by train and sequence
    defects: TripDefects

    @classmethod
    def of(cls, table: FeedTable, columns: TrainTableColumns) -> Trains:
        """Return the rows of a table by train."""
        codes, texts = table.encoded(columns.train)
        present = np.flatnonzero(np.bincount(codes, minlength=len(texts))).tolist()
        present.sort(key=texts.__getitem__)
        ids = [texts[i] for i in present]
        rank = np.full(len(texts), -1)
        rank[present] = np.arange(len(ids))
        train = rank[codes]
        defects = TripDefects(np.zeros(len(ids), dtype=bool))
        sequence = np.arange(table.n_rows, dtype=np.float64)
        if columns.sequence:
            sequence, _ = table.parse(
                columns.sequence, whole, report=defects.reporter(table, train)
            )
        order = np.lexsort((sequence, train))
        return cls(table, columns, ids, train, sequence, order, defects)

    @property
    def report(self) -> Report:
        """Function that reports rows and leaves out their trains."""
        return self.defects.reporter(self.table, self.train)

    def without_repeats(self) -> Trains:
        """Return the trains without repeated rows; trains with two rows of one number are
        left out.
        """
        before, after = self.order[:-1], self.order[1:]
        again = (self.train[before] == self.train[after]) & (
            self.sequence[before] == self.sequence[after]
        )
        if not again.any():
            return self
        whole_row = self.table.codes(*self.table.columns)
        same = again & (whole_row[before] == whole_row[after])
        column = self.columns.sequence
        self.table.warn(
            np.sort(after[same]), "repeated-row", "repeats another row; counted once", column
        )
        other = np.sort(after[again & ~same])
        self.report(other, "duplicate-key", "stands twice in the train, with other values", column)
        return replace(self, order=self.order[np.concatenate([[True], ~same])])

    def first_texts(self, column: str, *, same: bool = True) -> list[str]:
        """Return the text of a column in the first row of each train; with `same`, other texts are
        defects.
        """
        codes, texts = self.table.encoded(column)
        first = self.order[np.searchsorted(self.train[self.order], np.arange(len(self.ids)))]
        if same:
            expected = codes[first[self.train]]
            other = codes != expected
            self.report(
                other,
                "differs",
                lambda row: f"is {texts[expected[row]]!r} in the train's first row",
                column,
            )
        return [texts[code] for code in codes[first].tolist()]

    def names(self) -> list[str]:
        """Return the public names by train, in order of travel, joined by / where they change."""
        codes, texts = self.table.encoded(self.columns.name)
        train, code = self.train[self.order], codes[self.order]
        names = [texts[k] for k in code[np.searchsorted(train, np.arange(len(self.ids)))].tolist()]
        for k in (np.flatnonzero((train[1:] == train[:-1]) & (code[1:] != code[:-1])) + 1).tolist():
            names[train[k]] = joined([names[train[k]], texts[code[k]]])
        return names


def open_trains(
    tables: CsvTables,
    path: Path,
    columns: TrainTableColumns,
    where: Mapping[str, Collection[str]],
    notes: list[str],
) -> Trains | None:
    """Return the rows of a table by train; None, and issues, if there are none.

    Only rows with an allowed text in each column of `where` are read. Rows equal to another one are
    counted once, with a warning.
    """
    c = columns
    mapped = (
        c.train,
        c.station,
        c.arrive,
        c.depart,
        c.sequence,
        c.day,
        c.calendar,
        c.name,
        c.line,
        c.next_train,
    )
    table = tables.table(
        path, list(dict.fromkeys(column for column in (*mapped, *where) if column))
    )
    if table is None:
        return None
    for column, allowed in where.items():
        table = _keep(table, column, allowed, notes)
    if table.n_rows == 0:
        tables.error(
            table.name, "no-rows", "has no rows" + bool(where) * " with the texts asked for"
        )
        return None
    trains = Trains.of(table, c).without_repeats()
    table.need(c.train)
    return trains


def _keep(table: FeedTable, column: str, allowed: Collection[str], notes: list[str]) -> FeedTable:
    """Return the rows with one of the allowed texts; the others are counted in a note."""
    selected = table.where(column, lambda text: text in allowed)
    if selected.all():
        return table
    notes.append(
        f"{table.name}: {np.count_nonzero(~selected):,} rows with another {column} than "
        f"{', '.join(allowed)} not read"
    )
    return table.take(np.flatnonzero(selected))


def joined(names: Sequence[str]) -> str:
    """Return the distinct names in order, joined by /."""
    return "/".join(dict.fromkeys(part for name in names for part in name.split("/") if part))
