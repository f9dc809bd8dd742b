"""One table of text: its columns encoded, parsed, referred to others; every problem kept by file and row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from railshed.util.errors import Issue

if TYPE_CHECKING:
    from railshed.io.csv.parser import Tables

#: rows named one by one for the same kind of problem in the same field; the rest is counted
MAX_ROWS_NAMED = 20
#: keeps an issue for each of some rows of a table, called like `FeedTable.report`
Report = Callable[..., None]


@dataclass(frozen=True, slots=True)
class FeedTable:
    """One file as columns of text; every method reports bad rows to the feed's issues and goes on."""

    feed: Tables
    name: str
    #: by column an array of pyarrow until `encoded` is first called, then what it returns
    columns: dict[str, Any]
    n_rows: int
    #: int64 (n_rows,) rows of the file that the rows of the table are, None where they are all of them
    file_rows: NDArray[np.int64] | None = None

    def __contains__(self, column: str) -> bool:
        return column in self.columns

    def text(self, column: str) -> list[str]:
        """Return the stripped values, "" in every row where the column is absent."""
        if column not in self.columns:
            return [""] * self.n_rows
        codes, texts = self.encoded(column)
        return list(map(texts.__getitem__, codes.tolist()))

    def encoded(self, column: str) -> tuple[NDArray[np.int32], list[str]]:
        """Return the index of every row's text among the distinct stripped texts, and these."""
        if column not in self.columns:
            return np.zeros(self.n_rows, dtype=np.int32), [""]
        if not isinstance(self.columns[column], tuple):
            self.columns[column] = _stripped(self.columns[column])
        codes, texts = self.columns[column]
        return codes, texts

    def parse(
        self,
        column: str,
        parser: Callable[[str], int | float],
        default: float | None = None,
        code: str = "bad-value",
        report: Report | None = None,
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Return the parsed values and whether each row is good; each distinct text is parsed once.

        `parser` raises ValueError with what is allowed. Blank cells give `default`, or are errors where it is None.
        """
        if column not in self.columns:
            return np.full(self.n_rows, np.nan if default is None else default), np.ones(self.n_rows, dtype=bool)
        codes, texts = self.encoded(column)
        parsed = [0.0 if default is None else default] * len(texts)
        problems: dict[int, str] = {}
        for i, text in enumerate(texts):
            if not text:
                if default is None:
                    problems[i] = "is blank"
                continue
            try:
                parsed[i] = parser(text)
            except ValueError as error:
                parsed[i], problems[i] = 0.0, str(error)
        values = np.array(parsed, dtype=np.float64)[codes]
        if not problems:
            return values, np.ones(self.n_rows, dtype=bool)
        bad = np.zeros(len(texts), dtype=bool)
        bad[list(problems)] = True
        good = ~bad[codes]
        (report or self.report)(np.flatnonzero(~good), code, lambda row: problems[int(codes[row])], column)
        return values, good

    def refer(
        self,
        column: str,
        known: Sequence[str] | Mapping[str, int],
        target: str,
        report: Report | None = None,
        unknown: int = -1,
    ) -> NDArray[np.int64]:
        """Return the index into `known`, or what it says, of every row's id; `unknown` (and an issue) for others."""
        codes, texts = self.encoded(column)
        place = known if isinstance(known, Mapping) else dict(zip(known, range(len(known)), strict=True))
        idx = np.fromiter(map(place.get, texts, repeat(unknown)), np.int64, len(texts))[codes]
        (report or self.report)(
            np.flatnonzero(idx == unknown), "unknown-reference", lambda _: f"is not in {target}", column
        )
        return idx

    def codes(self, *columns: str) -> NDArray[np.int64]:
        """Return a number a row, equal where the stripped texts of all `columns` are; absent columns are blank."""
        first, texts = self.encoded(columns[0])
        codes, n_codes = first.astype(np.int64), max(1, len(texts))
        for column in columns[1:]:
            more, texts = self.encoded(column)
            if n_codes * len(texts) > 1 << 62:
                codes = np.unique(codes, return_inverse=True)[1]
                n_codes = self.n_rows
            codes *= len(texts)
            codes += more
            n_codes *= max(1, len(texts))
        return codes

    def distinct(self, *key: str) -> FeedTable:
        """Return the table without rows that repeat an earlier one in every column read.

        Such rows are warned of; rows that repeat only the `key` of an earlier one are errors.
        """
        codes = self.codes(*key)
        if not _repeat(codes):
            return self
        first_of, inverse = np.unique(codes, return_index=True, return_inverse=True)[1:]
        first = first_of[inverse]
        whole = self.codes(*self.columns)
        again = first != np.arange(self.n_rows)
        same = whole == whole[first]
        place = self._file_row

        def say(row: int) -> str:
            return f"stands already in row {place(int(first[row]))}"

        self.report(
            np.flatnonzero(again & ~same), "duplicate-key", lambda row: say(row) + " with other values", key[-1]
        )
        self.warn(np.flatnonzero(again & same), "repeated-row", lambda row: say(row) + "; counted once", key[-1])
        return self.take(np.flatnonzero(~again))

    def take(self, rows: NDArray[np.int64]) -> FeedTable:
        """Return the table of the given rows, which keep their numbers in the file."""
        encoded = {column: self.encoded(column) for column in self.columns}
        columns = {column: (codes[rows], texts) for column, (codes, texts) in encoded.items()}
        file_rows = rows if self.file_rows is None else self.file_rows[rows]
        return FeedTable(self.feed, self.name, columns, len(rows), file_rows)

    def _file_row(self, row: int) -> int:
        """Return the number in the file, counted from 1, of a row counted from 0."""
        return (row if self.file_rows is None else int(self.file_rows[row])) + 1

    def value(self, column: str, row: int) -> str:
        """Return the text of a cell (row counts from 0), cut to 80 characters."""
        codes, texts = self.encoded(column)
        return texts[int(codes[row])][:80]

    def describe(
        self,
        rows: Iterable[int] | NDArray[np.int64],
        code: str,
        message: Callable[[int], str],
        column: str = "",
        remedy: str = "",
        severity: Literal["error", "warning"] = "error",
    ) -> list[Issue]:
        """Return an issue for each row (counted from 0): the first ones by name, the rest as a number."""
        rows = [int(row) for row in rows]
        named = [
            Issue(severity, code, message(row), self.name, self._file_row(row), column, self.value(column, row), remedy)
            for row in rows[:MAX_ROWS_NAMED]
        ]
        if len(rows) <= MAX_ROWS_NAMED:
            return named
        more = f"and {len(rows) - MAX_ROWS_NAMED:,} more rows like this"
        return [*named, Issue(severity, code, more, self.name, field=column)]

    def report(
        self,
        rows: Iterable[int] | NDArray[np.int64],
        code: str,
        message: Callable[[int], str],
        column: str = "",
        remedy: str = "",
    ) -> None:
        """Keep an error for each row (counted from 0): the first ones by name, the rest as a number."""
        self.feed.issues += self.describe(rows, code, message, column, remedy)

    def warn(
        self,
        rows: Iterable[int] | NDArray[np.int64],
        code: str,
        message: Callable[[int], str],
        column: str = "",
        remedy: str = "",
    ) -> None:
        """Keep a warning for each row (counted from 0): the first ones by name, the rest as a number."""
        self.feed.issues += self.describe(rows, code, message, column, remedy, "warning")


def _repeat(codes: NDArray[np.int64]) -> bool:
    """Return whether any number, at least 0, stands there twice."""
    if len(codes) == 0:
        return False
    if codes.max() < 64 * len(codes):  # ticking off is quicker than sorting, where it fits
        seen = np.zeros(int(codes.max()) + 1, dtype=np.bool_)
        seen[codes] = True
        return int(np.count_nonzero(seen)) < len(codes)
    in_order = np.sort(codes)
    return bool((in_order[1:] == in_order[:-1]).any())


def _stripped(values: Any) -> tuple[NDArray[np.int32], list[str]]:
    """Return codes and distinct stripped texts of an array of pyarrow."""
    coded = values.combine_chunks().dictionary_encode()
    codes: NDArray[np.int32] = np.asarray(np.from_dlpack(coded.indices), np.int32)  # to_numpy would import pandas
    texts = list(map(str.strip, coded.dictionary.to_pylist()))
    if len(set(texts)) == len(texts):
        return codes, texts
    place = {text: i for i, text in enumerate(dict.fromkeys(texts))}
    return np.array([place[text] for text in texts], dtype=np.int32)[codes], list(place)
