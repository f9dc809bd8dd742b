"""Tables of text: columns are encoded, parsed and matched with other tables; every problem names
its file and row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from operator import not_
from typing import Any, Literal

import numpy as np

from railshed.util.array_types import Bools, Floats, Ints32, Ints64
from railshed.util.errors import Issue, named
from railshed.util.names import clean, loses, lost

#: rows counted from 0, or bool (n_rows,)
Rows = Sequence[int] | Ints64 | Bools
#: adds an issue for each of some rows of a table, called like `FeedTable.describe`
Report = Callable[..., None]


@dataclass(slots=True)
class IssueLog:
    """The problems of several files."""

    issues: list[Issue] = field(default_factory=list, kw_only=True)

    def error(self, file: str, code: str, message: str, **where: Any) -> None:
        """Add one error."""
        self.issues.append(Issue("error", code, message, file=file, **where))

    def warning(self, file: str, code: str, message: str, **where: Any) -> None:
        """Add one warning."""
        self.issues.append(Issue("warning", code, message, file=file, **where))


@dataclass(frozen=True, slots=True)
class FeedTable:
    """One file as columns of text; every method adds bad rows to the issues and goes on."""

    feed: IssueLog
    name: str
    #: pyarrow array by column; after the first call of `encoded`, its result
    columns: dict[str, Any]
    n_rows: int
    #: int64 (n_rows,) row of the file, counted from 0, of each row of the table; None: the same
    #: number
    file_rows: Ints64 | None = None

    def __contains__(self, column: str) -> bool:
        return column in self.columns

    def text(self, column: str) -> list[str]:
        """Return the stripped text of every row; "" if the column is absent."""
        if column not in self.columns:
            return [""] * self.n_rows
        codes, texts = self.encoded(column)
        return list(map(texts.__getitem__, codes.tolist()))

    def encoded(self, column: str) -> tuple[Ints32, list[str]]:
        """Return int32 (n_rows,) index of each row's text among the distinct stripped texts, and
        those texts.
        """
        if column not in self.columns:
            return np.zeros(self.n_rows, dtype=np.int32), [""]
        if not isinstance(self.columns[column], tuple):
            codes, raw = _distinct(self.columns[column])
            texts = raw if all(map(str.isprintable, raw)) else list(map(clean, raw))
            self.columns[column] = _joined(codes, texts)
            if texts is not raw and any(bad := list(map(loses, raw))):
                code = lost("").code
                remedy = lost("").remedy
                self.warn(
                    np.array(bad)[codes],
                    code,
                    lambda row: lost(raw[codes[row]]).message,
                    column,
                    remedy,
                )
        codes, texts = self.columns[column]
        return codes, texts

    def where(self, column: str, test: Callable[[str], Any]) -> Bools:
        """Return bool (n_rows,) which rows have a text that passes a test, run once a distinct
        text.
        """
        codes, texts = self.encoded(column)
        return np.fromiter(map(bool, map(test, texts)), np.bool_, len(texts))[codes]

    def parse(
        self,
        column: str,
        parser: Callable[[str], int | float],
        default: float | None = None,
        code: str = "bad-value",
        report: Report | None = None,
    ) -> tuple[Floats, Bools]:
        """Return float64 (n_rows,) parsed values and bool (n_rows,) whether each is valid.

        Each distinct text is parsed once. `parser` raises ValueError with what is allowed. Blank
        cells give `default`; they are errors if it is None.
        """
        if column not in self.columns:
            return np.full(self.n_rows, np.nan if default is None else default), np.ones(
                self.n_rows, dtype=bool
            )
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
                parsed[i] = 0.0
                problems[i] = str(error)
        values = np.array(parsed, dtype=np.float64)[codes]
        if not problems:
            return values, np.ones(self.n_rows, dtype=bool)
        good = ~np.isin(codes, list(problems))
        (report or self.report)(~good, code, lambda row: problems[int(codes[row])], column)
        return values, good

    def refer(
        self,
        column: str,
        known: Sequence[str] | Mapping[str, int],
        target: str,
        report: Report | None = None,
        unknown: int = -1,
    ) -> Ints64:
        """Return int64 (n_rows,) index in `known` of each row's id; `unknown`, and an issue, for
        ids not in it.
        """
        codes, texts = self.encoded(column)
        place = (
            known
            if isinstance(known, Mapping)
            else dict(zip(known, range(len(known)), strict=True))
        )
        idx = np.fromiter(map(place.get, texts, repeat(unknown)), np.int64, len(texts))[codes]
        (report or self.report)(idx == unknown, "unknown-reference", f"is not in {target}", column)
        return idx

    def codes(self, *columns: str) -> Ints64:
        """Return int64 (n_rows,) codes, equal if the stripped texts of all `columns` are; absent
        columns are blank.
        """
        first, texts = self.encoded(columns[0])
        codes = first.astype(np.int64)
        n_codes = max(1, len(texts))
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
        """Return the table without repeated rows.

        A row that repeats an earlier one in every column read is a warning; one that repeats only
        its `key`, an error.
        """
        first_of, inverse = np.unique(self.codes(*key), return_index=True, return_inverse=True)[1:]
        if len(first_of) == self.n_rows:
            return self
        first = first_of[inverse]
        whole = self.codes(*self.columns)
        again = first != np.arange(self.n_rows)
        same = whole == whole[first]

        def say(row: int) -> str:
            return f"stands already in row {self._file_row(int(first[row]))}"

        self.report(
            again & ~same, "duplicate-key", lambda row: say(row) + " with other values", key[-1]
        )
        self.warn(again & same, "repeated-row", lambda row: say(row) + "; counted once", key[-1])
        return self.take(np.flatnonzero(~again))

    def take(self, rows: Ints64) -> FeedTable:
        """Return the table of some rows; issues name them by their numbers in the file."""
        encoded = {column: self.encoded(column) for column in self.columns}
        columns = {column: (codes[rows], texts) for column, (codes, texts) in encoded.items()}
        file_rows = rows if self.file_rows is None else self.file_rows[rows]
        return FeedTable(self.feed, self.name, columns, len(rows), file_rows)

    def _file_row(self, row: int) -> int:
        """Return the number in the file, counted from 1, of a row counted from 0."""
        return (row if self.file_rows is None else int(self.file_rows[row])) + 1

    def value(self, column: str, row: int) -> str:
        """Return the text of a cell, cut to 80 characters; rows count from 0."""
        codes, texts = self.encoded(column)
        return texts[int(codes[row])][:80]

    def describe(
        self,
        rows: Rows,
        code: str,
        message: str | Callable[[int], str],
        column: str = "",
        remedy: str = "",
        severity: Literal["error", "warning"] = "error",
    ) -> list[Issue]:
        """Return an issue for each of the first rows, counted from 0, and one with the number of
        the rest.
        """

        def issue(row: int) -> Issue:
            text = message if isinstance(message, str) else message(row)
            value = self.value(column, row)
            return Issue(
                severity=severity,
                code=code,
                message=text,
                file=self.name,
                row=self._file_row(row),
                field=column,
                value=value,
                remedy=remedy,
            )

        numbers = row_numbers(rows).tolist()
        return named(map(issue, numbers), len(numbers))

    def report(self, rows: Rows, *problem: Any, **more: Any) -> None:
        """Add an error for each of the first rows, counted from 0, and one with the number of the
        rest.
        """
        self.feed.issues += self.describe(rows, *problem, **more)

    def warn(self, rows: Rows, *problem: Any, **more: Any) -> None:
        """Add a warning for each of the first rows, counted from 0, and one with the number of the
        rest.
        """
        self.report(rows, *problem, severity="warning", **more)

    def quoting(self, message: str, column: str) -> Callable[[int], str]:
        """Return the message on a row: `message` with the row's text of a column in place of {}."""
        return lambda row: message.format(self.value(column, row))

    def need(self, column: str) -> None:
        """Add an error for each of the first rows without a text, and one with the number of the
        rest.
        """
        self.report(self.where(column, not_), "blank-key", "is blank", column)


def row_numbers(rows: Rows) -> Ints64:
    """Return int64 numbers of rows, counted from 0."""
    is_mask = isinstance(rows, np.ndarray) and rows.dtype == bool
    return np.flatnonzero(rows) if is_mask else np.asarray(rows, np.int64)


def _distinct(values: Any) -> tuple[Ints32, list[str]]:
    """Return codes and stripped texts, some perhaps equal, of a pyarrow array whose chunks share a
    dictionary.
    """
    codes = [
        np.from_dlpack(chunk.indices) for chunk in values.chunks
    ]  # to_numpy would import pandas
    texts = values.chunk(0).dictionary.to_pylist() if codes else []
    return np.concatenate([np.empty(0, np.int32), *codes]), list(map(str.strip, texts))


def _joined(codes: Ints32, texts: list[str]) -> tuple[Ints32, list[str]]:
    """Return codes of distinct texts, and these, from codes of texts of which some are equal."""
    if len(set(texts)) == len(texts):
        return codes, texts
    place = {text: i for i, text in enumerate(dict.fromkeys(texts))}
    return np.array([place[text] for text in texts], dtype=np.int32)[codes], list(place)
