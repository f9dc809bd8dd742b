"""The files of one GTFS feed, zip or folder, as tables of text, with every problem kept by file and row.

A zip is never unpacked: members are read by their plain name, whatever folder they claim to lie in, and
refused above `MAX_MEMBER_BYTES`.
"""

from __future__ import annotations

import csv
import hashlib
import io
import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
from numpy.typing import NDArray

from railshed.errors import InputError
from railshed.issues import Issue

#: larger members are refused: the feeds that railshed is for stay far below, a zip bomb does not
MAX_MEMBER_BYTES = 1 << 30
#: rows named one by one for the same kind of problem in the same field; the rest is counted
MAX_ROWS_NAMED = 20
_BLOCK_BYTES = 1 << 26
#: keeps an issue for each of some rows of a table, called like `FeedTable.report`
Report = Callable[..., None]
_ZIP_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    RuntimeError,
    NotImplementedError,
)


@dataclass(slots=True)
class Tables:
    """CSV files as tables of text, and the problems of all of them."""

    issues: list[Issue] = field(default_factory=list, kw_only=True)

    def error(self, file: str, code: str, message: str, **where: Any) -> None:
        """Keep one error."""
        self.issues.append(Issue("error", code, message, file=file, **where))

    def warning(self, file: str, code: str, message: str, **where: Any) -> None:
        """Keep one warning."""
        self.issues.append(Issue("warning", code, message, file=file, **where))

    def parse_table(
        self, name: str, data: bytes, required: Sequence[str], optional: Sequence[str] = ()
    ) -> FeedTable | None:
        """Return the wanted columns of a CSV in UTF-8, None (and issues) where it is none."""
        data = data.removeprefix(b"\xef\xbb\xbf")
        if b"\0" in data:
            self.error(name, "not-text", "holds NUL bytes, so it is no CSV in UTF-8", remedy="save it as UTF-8 text")
            return None
        header_line, _, body = data.partition(b"\n")
        try:
            header = next(csv.reader([header_line.decode("utf-8").rstrip("\r")]), [])
        except (UnicodeDecodeError, csv.Error) as error:
            if not self._report_encoding(name, data):
                self.error(name, "not-csv", f"has no readable header ({error})")
            return None
        header = [column.strip() for column in header]
        if not any(header):
            self.error(name, "empty-file", "is empty: not even a header")
            return None
        missing = [column for column in required if column not in header]
        twice = sorted({column for column in header if column and header.count(column) > 1})
        for column in missing:
            self.error(name, "missing-column", "the column is missing", field=column, remedy="add it to the header")
        for column in twice:
            self.error(name, "duplicate-column", "the header names the column twice", field=column)
        if missing or twice:
            return None
        wanted = [column for column in (*required, *optional) if column in header]
        return self._columns(name, body, header, wanted)

    def _columns(self, name: str, body: bytes, header: list[str], wanted: list[str]) -> FeedTable | None:
        if not body.strip():
            return FeedTable(self, name, {column: pa.array([], pa.string()) for column in wanted}, 0)
        malformed: list[tuple[int | None, int]] = []

        def skip(row: Any) -> str:
            malformed.append((row.number, row.actual_columns))
            return "skip"

        names = [column or f" {i}" for i, column in enumerate(header)]
        try:
            table = pacsv.read_csv(
                io.BytesIO(body),
                read_options=pacsv.ReadOptions(use_threads=False, block_size=_BLOCK_BYTES, column_names=names),
                parse_options=pacsv.ParseOptions(newlines_in_values=b'"' in body, invalid_row_handler=skip),
                convert_options=pacsv.ConvertOptions(
                    include_columns=wanted,
                    column_types=dict.fromkeys(wanted, pa.string()),
                    strings_can_be_null=False,
                ),
            )
        except pa.ArrowInvalid as error:
            if not self._report_encoding(name, body):
                self.error(name, "not-csv", f"is no CSV ({str(error)[:200]})", remedy="look for an unclosed quote")
            return None
        for number, n_columns in malformed[:MAX_ROWS_NAMED]:
            message = f"has {n_columns} values, the header has {len(header)}"
            self.error(name, "column-count", message, row=number, remedy="quote values that hold a comma")
        if len(malformed) > MAX_ROWS_NAMED:
            self.error(name, "column-count", f"and {len(malformed) - MAX_ROWS_NAMED:,} more rows like this")
        columns = {column: table.column(column).combine_chunks() for column in wanted}
        return FeedTable(self, name, columns, table.num_rows)

    def _report_encoding(self, name: str, data: bytes) -> bool:
        """Keep an issue where the bytes are no UTF-8, and return whether they are not."""
        try:
            data.decode("utf-8")
        except UnicodeDecodeError as error:
            row = data[: error.start].count(b"\n") + 1
            try:
                data.decode("gb18030")
                remedy = "it reads as GB18030 (Chinese Windows): save it as UTF-8"
            except UnicodeDecodeError:
                remedy = "save it as UTF-8"
            value = repr(data[error.start : error.start + 4])
            self.error(name, "not-utf8", "is not valid UTF-8", row=row, value=value, remedy=remedy)
            return True
        return False


@dataclass(slots=True)
class FeedFiles(Tables):
    """Reads members of a feed by name and collects the problems of all of them."""

    path: Path
    _members: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.path.exists():
            raise InputError(f"feed {self.path}: no such file or folder; give a GTFS zip or a folder of its .txt files")
        if self.path.is_dir():
            self._members = {p.name: p.name for p in sorted(self.path.glob("*.txt"))}
        else:
            self._members = self._list_zip()
        if not self._members:
            raise InputError(f"feed {self.path}: holds no .txt file, so it is no GTFS feed")

    def _list_zip(self) -> dict[str, str]:
        try:
            with zipfile.ZipFile(self.path) as archive:
                names = archive.namelist()
        except _ZIP_ERRORS as error:
            raise InputError(
                f"feed {self.path}: not a readable zip ({error}); fetch it again or give a folder"
            ) from error
        found: dict[str, str] = {}
        for name in sorted(names, key=lambda n: (n.count("/") + n.count("\\"), n)):
            plain = name.replace("\\", "/").rsplit("/", 1)[-1]
            if not plain.endswith(".txt") or plain.startswith("."):
                continue
            if plain in found and (name == found[plain] or "/" in found[plain]):
                self.error(plain, "duplicate-file", f"the zip holds it twice ({found[plain]} and {name})")
            found.setdefault(plain, name)
        return found

    def __contains__(self, name: str) -> bool:
        return name in self._members

    def unused(self, *used: str) -> list[str]:
        """Return the names of the members that are not among `used`."""
        return sorted(set(self._members) - set(used))

    def read_bytes(self, name: str) -> bytes | None:
        """Return the bytes of a member, None (and an issue) where it cannot be read."""
        try:
            if self.path.is_dir():
                data = self._bounded(name, (self.path / name).stat().st_size, lambda: (self.path / name).read_bytes())
            else:
                with zipfile.ZipFile(self.path) as archive:
                    member = archive.getinfo(self._members[name])
                    data = self._bounded(name, member.file_size, lambda: archive.read(member))
        except _ZIP_ERRORS as error:
            self.error(name, "unreadable", f"cannot be read ({error})", remedy="fetch the feed again")
            return None
        return data

    def _bounded(self, name: str, size: int, read: Callable[[], bytes]) -> bytes | None:
        if size > MAX_MEMBER_BYTES:
            limit = MAX_MEMBER_BYTES >> 20
            self.error(
                name,
                "too-large",
                f"holds {size >> 20:,} MiB, at most {limit:,} MiB are read",
                remedy="cut the feed",
            )
            return None
        return read()

    def table(self, name: str, required: Sequence[str], optional: Sequence[str] = ()) -> FeedTable | None:
        """Return the table of a member with the wanted columns, None (and issues) where it cannot be read."""
        if name not in self._members:
            self.error(name, "missing-file", "the feed has no such file", remedy=f"a GTFS feed needs {name}")
            return None
        data = self.read_bytes(name)
        return None if data is None else self.parse_table(name, data, required, optional)

    def checksums(self) -> dict[str, str]:
        """Return the sha256 of the zip by its name, or of every .txt file of the folder."""
        files = [self.path / name for name in self._members] if self.path.is_dir() else [self.path]
        return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


@dataclass(frozen=True, slots=True)
class FeedTable:
    """One file as columns of text; every method reports bad rows to the feed's issues and goes on."""

    feed: Tables
    name: str
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
        values: list[str] = pc.utf8_trim_whitespace(self.columns[column]).to_pylist()
        return values

    def encoded(self, column: str) -> tuple[NDArray[np.int64], list[str]]:
        """Return the index of every row's text among the distinct stripped texts, and these."""
        if column not in self.columns:
            return np.zeros(self.n_rows, dtype=np.int64), [""]
        encoded = self.columns[column].dictionary_encode()
        stripped = pc.utf8_trim_whitespace(encoded.dictionary).dictionary_encode()
        same: NDArray[np.int64] = stripped.indices.to_numpy(zero_copy_only=False).astype(np.int64)
        return same[encoded.indices.to_numpy(zero_copy_only=False)], stripped.dictionary.to_pylist()

    def parse(
        self,
        column: str,
        parser: Callable[[str], int | float],
        default: float | None = None,
        code: str = "bad-value",
        report: Report | None = None,
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Return the parsed values and whether each row is good; each distinct text is parsed once.

        `parser` raises ValueError with what is allowed. Blank cells give `default`, or are errors where it is
        None.
        """
        if column not in self.columns:
            return np.full(self.n_rows, np.nan if default is None else default), np.ones(self.n_rows, dtype=bool)
        codes, texts = self.encoded(column)
        values, good = np.zeros(len(texts)), np.ones(len(texts), dtype=bool)
        problems: dict[int, str] = {}
        for i, text in enumerate(texts):
            try:
                values[i] = _or_default(text, parser, default)
            except ValueError as error:
                good[i], problems[i] = False, str(error)
        if problems:
            (report or self.report)(np.flatnonzero(~good[codes]), code, lambda row: problems[int(codes[row])], column)
        return values[codes], good[codes]

    def refer(self, column: str, known: Sequence[str], target: str, report: Report | None = None) -> NDArray[np.int64]:
        """Return the index into `known` of every row's id, -1 (and an issue) where it is unknown."""
        codes, texts = self.encoded(column)
        found = pc.fill_null(pc.index_in(pa.array(texts, pa.string()), value_set=pa.array(known, pa.string())), -1)
        idx: NDArray[np.int64] = found.to_numpy(zero_copy_only=False).astype(np.int64)[codes]
        (report or self.report)(np.flatnonzero(idx < 0), "unknown-reference", lambda _: f"is not in {target}", column)
        return idx

    def codes(self, *columns: str) -> NDArray[np.int64]:
        """Return a number a row, equal where the stripped texts of all `columns` are; absent columns are blank."""
        codes = np.zeros(self.n_rows, dtype=np.int64)
        for column in columns:
            more, texts = self.encoded(column)
            _, codes = np.unique(codes * len(texts) + more, return_inverse=True)
        return codes

    def distinct(self, *key: str) -> FeedTable:
        """Return the table without rows that repeat an earlier one in every column read.

        Such rows are warned of; rows that repeat only the `key` of an earlier one are errors.
        """
        codes = self.codes(*key)
        first_of, inverse = np.unique(codes, return_index=True, return_inverse=True)[1:]
        if len(first_of) == self.n_rows:
            return self
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
        columns = {name: values.take(pa.array(rows)) for name, values in self.columns.items()}
        file_rows = rows if self.file_rows is None else self.file_rows[rows]
        return FeedTable(self.feed, self.name, columns, len(rows), file_rows)

    def _file_row(self, row: int) -> int:
        """Return the number in the file, counted from 1, of a row counted from 0."""
        return (row if self.file_rows is None else int(self.file_rows[row])) + 1

    def value(self, column: str, row: int) -> str:
        """Return the text of a cell (row counts from 0), cut to 80 characters."""
        return str(self.columns[column][row].as_py())[:80] if column in self.columns else ""

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


def _or_default(text: str, parser: Callable[[str], int | float], default: float | None) -> float:
    if text:
        return parser(text)
    if default is None:
        raise ValueError("is blank")
    return default
