"""Readers of small CSV files (cities, regions, lines) row by row; checks add problems to a list and
go on.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from railshed.util.encodings import SAVE_AS_UTF8, decode
from railshed.util.errors import Issue
from railshed.util.names import FILE_NAME, clean, is_file_name, loses, lost

MAX_BYTES = 1 << 26
#: Monday first
Weekdays = tuple[bool, bool, bool, bool, bool, bool, bool]
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_T = TypeVar("_T")


@dataclass(slots=True)
class Row:
    """One row; `number` counts from 1 below the header.

    Getters add problems to `issues` and return a default.
    """

    file: str
    number: int
    values: dict[str, str]
    issues: list[Issue]

    def error(self, field: str, code: str, message: str, remedy: str = "") -> None:
        """Add one error of this row."""
        value = self.values.get(field, "")[:80]
        self.issues.append(
            Issue(
                severity="error",
                code=code,
                message=message,
                file=self.file,
                row=self.number,
                field=field,
                value=value,
                remedy=remedy,
            )
        )

    def text(self, field: str) -> str:
        """Return the stripped text; "" if it is blank or the column is absent."""
        return self.values.get(field, "")

    def need(self, field: str) -> str:
        """Return the stripped text, which must not be blank."""
        text = self.text(field)
        if not text:
            self.error(field, "blank", "is blank")
        return text

    def file_name(self, field: str) -> str:
        """Return the stripped text, which must not be blank and names files."""
        text = self.need(field)
        if text and not is_file_name(text):
            self.error(field, "bad-id", "names files, and this cannot", f"allowed: {FILE_NAME}")
        return text

    def items(self, field: str) -> tuple[str, ...]:
        """Return the parts of a list joined by ``|``."""
        return tuple(part.strip() for part in self.text(field).split("|") if part.strip())

    def choice(self, field: str, allowed: Sequence[str], default: str | None = None) -> str:
        """Return one of the allowed texts; blank gives `default`."""
        text = self.text(field)
        if not text and default is not None:
            return default
        if text not in allowed:
            self.error(field, "bad-value", f"is not allowed (allowed: {', '.join(allowed)})")
            return default if default is not None else allowed[0]
        return text

    def number_in(
        self, field: str, low: float, high: float, *, blank: float | None = None
    ) -> float:
        """Return a number within the bounds; `blank` for a blank cell, which is an error if that is
        None.
        """
        text = self.text(field)
        if not text and blank is not None:
            return blank
        try:
            value = float(text)
        except ValueError:
            self.error(field, "bad-number", "is not a number" if text else "is blank")
            return low
        if not low <= value <= high:
            self.error(field, "out-of-range", f"is not within {low:g} to {high:g}")
            return low
        return value

    def parsed(self, field: str, parser: Callable[[str], _T], default: _T) -> _T:
        """Return the parsed text; blank gives `default`.

        `parser` raises ValueError with what is allowed.
        """
        text = self.text(field)
        if not text:
            return default
        try:
            return parser(text)
        except ValueError as error:
            self.error(field, "bad-value", str(error))
            return default


def parse_days(text: str) -> Weekdays:
    """Return the weekdays of ``mon-fri``, ``sat|sun``, ``daily`` or ``never``; a range may pass the
    end of the week.

    Raises ValueError when a part is no weekday, range of weekdays, daily or never.
    """
    runs = [False] * 7
    for part in text.lower().split("|"):
        first, dash, last = (word.strip() for word in part.partition("-"))
        if first in ("daily", "never") and not dash:
            runs = [on or first == "daily" for on in runs]
        elif first in DAYS and (last in DAYS if dash else True):
            start = DAYS.index(first)
            n_days = (DAYS.index(last) - start) % 7 + 1 if dash else 1
            for day in range(start, start + n_days):
                runs[day % 7] = True
        else:
            raise ValueError(
                f"{part.strip()!r} is no weekday or range (allowed: {', '.join(DAYS)}, mon-fri, "
                "daily, never)"
            )
    return tuple(runs)  # type: ignore[return-value]


def not_comma_separated(header: Sequence[str]) -> tuple[str, str] | None:
    """Return what is wrong with a header that lacks columns, and the remedy; None if it
    has commas.
    """
    text = ",".join(header).strip()
    if text.startswith("<"):
        return (
            "is a web page or XML, no CSV",
            "fetch it again: an error page may have come in its place",
        )
    for mark, name in ((";", "';'"), ("\t", "tabs"), ("|", "'|'")):
        if text.count(mark) > text.count(","):
            columns = ", ".join(part.strip().strip('"') for part in text.split(mark))[:200]
            message = (
                f"the header has no comma between its columns ({columns}); is it separated "
                f"by {name}?"
            )
            return message, "save it with commas between the columns"
    return None


def read_rows(path: Path, required: Iterable[str], issues: list[Issue]) -> list[Row]:
    """Return the rows of a CSV file, of equal ones the first; none, and issues, if it cannot be
    read.
    """
    name = path.name

    def fail(code: str, message: str, field: str = "", remedy: str = "") -> list[Row]:
        issues.append(Issue("error", code, message, file=name, field=field, remedy=remedy))
        return []

    try:
        if path.stat().st_size > MAX_BYTES:
            return fail("too-large", f"is larger than {MAX_BYTES >> 20} MiB")
        text = decode(path.read_bytes())
    except OSError as error:
        return fail("unreadable", f"cannot be read ({error.strerror or error})")
    except UnicodeDecodeError:
        return fail("not-text", "is neither UTF-8 nor Chinese in GB18030", remedy=SAVE_AS_UTF8)
    if "\0" in text:
        return fail(
            "not-text", "holds NUL characters, so it is no CSV", remedy="save it as UTF-8 text"
        )
    try:
        lines = [
            line
            for line in csv.reader(io.StringIO(text, newline=""))
            if any(cell.strip() for cell in line)
        ]
    except csv.Error as error:
        return fail("not-csv", f"is no CSV ({error})")
    if not lines:
        return fail("empty-file", "is empty: not even a header")
    header = [cell.strip() for cell in lines[0]]
    missing = [column for column in required if column not in header]
    if missing and (what := not_comma_separated(header)) is not None:
        return fail("not-csv", what[0], remedy=what[1])
    for column in missing:
        fail("missing-column", "the column is missing", column, "add it to the header")
    rows: list[Row] = []
    seen: dict[tuple[str, ...], int] = {}
    for number, cells in enumerate(() if missing else lines[1:], start=1):
        if len(cells) != len(header):
            message = f"has {len(cells)} values, the header has {len(header)}"
            remedy = "quote values that hold a comma"
            issues.append(Issue("error", "column-count", message, name, number, remedy=remedy))
            continue
        values = {column: clean(cell.strip()) for column, cell in zip(header, cells, strict=True)}
        issues += [
            lost(cell, name, number, field)
            for field, cell in zip(header, cells, strict=True)
            if loses(cell)
        ]
        first = seen.setdefault(tuple(values.values()), number)
        if first != number:
            issues.append(
                Issue(
                    "warning", "repeated-row", f"is row {first} again; counted once", name, number
                )
            )
            continue
        rows.append(Row(name, number, values, issues))
    return rows


def report_duplicates(rows: Sequence[Row], field: str) -> None:
    """Add an error for every row whose value of `field` stands in an earlier row."""
    first: dict[str, int] = {}
    for row in rows:
        number = first.setdefault(row.text(field), row.number)
        if number != row.number:
            row.error(field, "duplicate-key", f"stands already in row {number}")
