"""The files of one GTFS feed, zip or folder, as tables of text, with every problem kept by file and row.

A zip is never unpacked: members are read by their plain name out of one folder of it, and what is read is bounded
by the bytes that really come, not by what the zip says of itself.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import repeat
from pathlib import Path
from typing import IO, Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
from numpy.typing import NDArray

from railshed.errors import InputError
from railshed.issues import Issue
from railshed.sources.encodings import SAVE_AS_UTF8, chinese_text
from railshed.sources.rows import not_comma_separated
from railshed.store import sha256_file

#: what a feed may hold: far above the feeds that railshed is for, far below a zip bomb
MAX_MEMBERS = 10_000
MAX_MEMBER_BYTES = 1 << 30
MAX_FEED_BYTES = 2 << 30
MAX_ROWS = 12_000_000
#: bounds the number of columns too
MAX_HEADER_BYTES = 1 << 16
#: of one value in a column that is used
MAX_VALUE_BYTES = 1 << 12
#: rows named one by one for the same kind of problem in the same field; the rest is counted
MAX_ROWS_NAMED = 20
#: rows with too few or too many values after which a file is given up
MAX_ROWS_MALFORMED = 10_000
#: columns with many distinct texts that are seldom asked for: encoded only then
_PLAIN = ("shape_dist_traveled",)
_CUT = "cut the feed to a region or a day"
#: of a line without an end, after which no more is read
_ENDLESS_BYTES = 1 << 24
#: read at once: memory that is used again need not be fetched again
_CHUNK_BYTES = 1 << 18
#: small enough for the processor's cache
_BLOCK_BYTES = 1 << 22
_HEADER = re.compile(rb"(?:\xef\xbb\xbf)?[\r\n]*([^\r\n]{0,%d})(?:[\r\n]+|\Z)" % MAX_HEADER_BYTES)
#: the other methods unpack a member at once, however large it becomes
_COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
#: what damaged, encrypted and malicious archives raise (ValueError: names that are no UTF-8)
_READ_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError)
#: keeps an issue for each of some rows of a table, called like `FeedTable.report`
Report = Callable[..., None]


def _count(data: bytes | bytearray | memoryview, byte: bytes) -> int:
    """Return how often a frequent byte occurs, several times as fast as `bytes.count`."""
    values = np.frombuffer(data, np.uint8)
    parts = range(0, len(values), _BLOCK_BYTES)
    return sum(int(np.count_nonzero(values[i : i + _BLOCK_BYTES] == byte[0])) for i in parts)


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
        self, name: str, data: bytes | bytearray, required: Sequence[str], optional: Sequence[str] = ()
    ) -> FeedTable | None:
        """Return the wanted columns of a CSV in UTF-8, None (and issues) where it is none.

        Lines may end in LF, CRLF or CR; blank lines do not count. Values are quoted as in RFC 4180.
        """
        if b"\0" in data:
            what = "is UTF-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "holds NUL bytes"
            row = data.count(b"\n", 0, data.index(b"\0")) or None
            self.error(name, "not-text", f"{what}, so it is no CSV in UTF-8", row=row, remedy="save it as UTF-8 text")
            return None
        if len(data) > MAX_ROWS and max(_count(data, b"\n"), _count(data, b"\r")) > MAX_ROWS:
            self.error(name, "too-large", f"has more than {MAX_ROWS:,} rows", remedy=_CUT)
            return None
        match = _HEADER.match(data)
        if match is None:
            message = f"has a first line of more than {MAX_HEADER_BYTES:,} bytes, so it is no CSV with a header"
            self.error(name, "not-csv", message)
            return None
        if not data.isascii() and not self._check_encoding(name, data, match.end()):
            return None
        try:
            header = [column.strip() for column in next(csv.reader([match[1].decode("utf-8")], strict=True), [])]
        except csv.Error as error:
            self.error(name, "not-csv", f"has no readable header ({error})")
            return None
        if not any(header):
            self.error(name, "empty-file", "is empty: not even a header")
            return None
        missing = [column for column in required if column not in header]
        wanted = [column for column in (*required, *optional) if column in header]
        twice = sorted(column for column, n in Counter(header).items() if column and n > 1)
        if missing and (other := not_comma_separated(header)) is not None:
            self.error(name, "not-csv", other[0], remedy=other[1])
            return None
        for column in missing:
            self.error(name, "missing-column", "the column is missing", field=column, remedy="add it to the header")
        for column in twice:
            self.error(name, "duplicate-column", "the header names the column twice", field=column)
        if missing or twice:
            return None
        if match.end() == len(data):
            return FeedTable(self, name, {column: (np.empty(0, np.int32), []) for column in wanted}, 0)
        return self._columns(name, data, match.end(), header, wanted)

    def _columns(
        self, name: str, data: bytes | bytearray, start: int, header: list[str], wanted: list[str]
    ) -> FeedTable | None:
        malformed: list[tuple[int, int]] = []

        def skip(row: Any) -> str:
            malformed.append((row.number, row.actual_columns))
            return "skip" if len(malformed) < MAX_ROWS_MALFORMED else "error"

        n_quotes = _count(memoryview(data)[start:], b'"') if b'"' in data else 0
        names = [column or f" {i}" for i, column in enumerate(header)]

        def read(on_malformed: Callable[[Any], str] | None) -> Any:
            return pacsv.read_csv(
                pa.BufferReader(memoryview(data)[start:]),
                read_options=pacsv.ReadOptions(
                    use_threads=on_malformed is None, block_size=_BLOCK_BYTES, column_names=names
                ),
                parse_options=pacsv.ParseOptions(newlines_in_values=n_quotes > 0, invalid_row_handler=on_malformed),
                convert_options=pacsv.ConvertOptions(
                    include_columns=wanted,
                    column_types=dict.fromkeys(wanted, pa.dictionary(pa.int32(), pa.string()))
                    | dict.fromkeys(_PLAIN, pa.string()),
                    strings_can_be_null=False,
                ),
            )

        try:
            try:
                table = read(None)
            except pa.ArrowInvalid:  # only one thread knows the numbers of rows
                table = read(skip)
        except pa.ArrowInvalid as error:
            if len(malformed) == MAX_ROWS_MALFORMED:
                self._report_malformed(name, malformed, len(header))
            elif "straddling" in str(error):
                message = f"has a row of more than {_BLOCK_BYTES >> 20} MiB"
                self.error(name, "too-long", message, remedy="look for an unclosed quote")
            else:
                self.error(name, "not-csv", f"is no CSV ({str(error)[:200]})", remedy="look for an unclosed quote")
            return None
        n_rows = table.num_rows + len(malformed)
        if n_quotes and not self._check_quotes(name, data, start, n_rows, n_quotes):
            return None
        self._report_malformed(name, malformed, len(header))
        skipped = [number - 1 for number, _ in malformed]
        file_rows = np.delete(np.arange(n_rows), skipped) if skipped else None
        values = {column: table.column(column) for column in wanted}
        for column in set(wanted).difference(_PLAIN):
            values[column] = values[column].unify_dictionaries().combine_chunks()
        parsed = FeedTable(self, name, dict(values), table.num_rows, file_rows)
        for column, texts in values.items() if len(data) > MAX_VALUE_BYTES else ():
            longest = pc.max(pc.binary_length(texts if column in _PLAIN else texts.dictionary)).as_py()
            if (longest or 0) > MAX_VALUE_BYTES:
                codes, distinct = parsed.encoded(column)
                too_long = np.array([len(text.encode()) > MAX_VALUE_BYTES for text in distinct])
                message = f"is longer than {MAX_VALUE_BYTES:,} bytes"
                rows = np.flatnonzero(too_long[codes])
                parsed.report(rows, "too-long", lambda _, message=message: message, column)  # type: ignore[misc]
        return parsed

    def _report_malformed(self, name: str, malformed: Sequence[tuple[int, int]], n_columns: int) -> None:
        for number, n_values in malformed[:MAX_ROWS_NAMED]:
            message = f"has {n_values} values, the header has {n_columns}"
            self.error(name, "column-count", message, row=number, remedy="quote values that hold a comma")
        if len(malformed) > MAX_ROWS_NAMED:
            least = "at least " if len(malformed) == MAX_ROWS_MALFORMED else ""
            more = f"and {least}{len(malformed) - MAX_ROWS_NAMED:,} more rows like this"
            self.error(name, "column-count", more)

    def _check_quotes(self, name: str, data: bytes | bytearray, start: int, n_rows: int, n_quotes: int) -> bool:
        """Return whether every quote is closed; keep a warning where line breaks stand inside quotes.

        An unclosed quote swallows rows up to the next one, and the parser says nothing. Only where lines and rows
        differ in number, or quotes are odd, can there be one; then the csv module looks, which is slow and strict.
        """
        body = memoryview(data)[start:]
        n_lines = max(_count(body, b"\n"), _count(body, b"\r")) + (data[-1:] not in (b"\n", b"\r"))
        if n_lines == n_rows and n_quotes % 2 == 0:
            return True
        text = io.TextIOWrapper(io.BytesIO(body), "utf-8", newline="")
        lines = csv.reader(text, strict=True)
        row, first_break = 0, None
        try:
            for row, values in enumerate(filter(None, lines), start=1):
                if first_break is None and any("\n" in value or "\r" in value for value in values):
                    first_break = row
        except csv.Error as error:
            message = f"a value opened by a quote goes on for too long or is not closed as CSV wants it ({error})"
            self.error(name, "unclosed-quote", message, row=row + 1, remedy='close the quote; write " inside it as ""')
            return False
        if first_break is not None:
            message = "a quoted value holds a line break, which GTFS forbids; taken as part of the value"
            self.warning(name, "line-break", message, row=first_break, remedy="look for a quote that is not closed")
        return True

    def _check_encoding(self, name: str, data: bytes | bytearray, start: int) -> bool:
        """Return whether the bytes are UTF-8, with an issue where they are not; rows are counted from `start`."""
        try:
            data.decode("utf-8")
        except UnicodeDecodeError as error:
            row = data.count(b"\n", start, error.start) + 1 if error.start >= start else None
            is_chinese = chinese_text(data) is not None
            remedy = "it reads as GB18030 (Chinese Windows): save it as UTF-8" if is_chinese else SAVE_AS_UTF8
            value = repr(bytes(data[error.start : error.start + 4]))
            where = "" if row else ", in the header"
            self.error(name, "not-utf8", f"is not valid UTF-8{where}", row=row, value=value, remedy=remedy)
            return False
        return True


@dataclass(slots=True)
class FeedFiles(Tables):
    """Reads members of a feed by name and collects the problems of all of them."""

    path: Path
    #: by plain name: the name in the zip or folder
    _members: dict[str, str] = field(default_factory=dict)
    _checksums: dict[str, str] = field(default_factory=dict)
    _n_bytes: int = 0

    def __post_init__(self) -> None:
        try:
            if self.path.is_dir():
                self._members = {p.name: p.name for p in sorted(self.path.iterdir()) if p.suffix == ".txt"}
            elif self.path.is_file():
                self._members = self._list_zip()
            else:
                what = "neither a file nor a folder" if self.path.exists() else "no such file or folder"
                raise InputError(f"feed {self.path}: {what}; give a GTFS zip or a folder of its .txt files")
        except InputError:
            raise
        except _READ_ERRORS as error:
            raise InputError(
                f"feed {self.path}: not a readable zip or folder ({error}); fetch it again or give a folder"
            ) from error
        if not self._members:
            raise InputError(f"feed {self.path}: holds no .txt file, so it is no GTFS feed")

    def _list_zip(self) -> dict[str, str]:
        """Return the members of the folder that holds stops.txt, or of the topmost one where none does."""
        with zipfile.ZipFile(self.path) as archive:
            names = archive.namelist()
        if len(names) > MAX_MEMBERS:
            raise InputError(f"feed {self.path}: holds {len(names):,} files, at most {MAX_MEMBERS:,} are looked at")
        folders: dict[str, dict[str, str]] = {}
        for name in names:
            folder, _, plain = name.replace("\\", "/").rpartition("/")
            if plain.endswith(".txt") and not plain.startswith("."):
                self._add(folders.setdefault(folder, {}), plain, name)
        if not folders:
            inner = next((name for name in names if name.lower().endswith(".zip")), "")
            if inner:
                raise InputError(f"feed {self.path}: holds no .txt file but another zip, {inner[:80]!r}: unpack that")
            return {}
        rank = {f: ("stops.txt" not in files, f.count("/") + bool(f)) for f, files in folders.items()}
        chosen, *others = sorted(folders, key=lambda f: (rank[f], f))
        rivals = [f for f in others if rank[f] == rank[chosen] and "stops.txt" in folders[f]]
        for folder in rivals[:MAX_ROWS_NAMED]:
            self._add(folders[chosen], "stops.txt", folders[folder]["stops.txt"])
        unread = [name for f in others if f not in rivals for name in folders[f].values()]
        if unread and not rivals:
            message = f"{len(unread)} .txt files outside the folder of stops.txt are not read ({unread[0][:80]!r})"
            self.warning("", "other-folder", message)
        return folders[chosen]

    def _add(self, files: dict[str, str], plain: str, name: str) -> None:
        if plain in files:
            message = f"the zip holds it twice ({files[plain]} and {name})"
            self.error(plain[:80], "duplicate-file", message[:400], remedy="keep one; each feed needs its own zip")
        files.setdefault(plain, name)

    def __contains__(self, name: str) -> bool:
        return name in self._members

    def unused(self, *used: str) -> list[str]:
        """Return the names of the members that are not among `used`."""
        return sorted(set(self._members) - set(used))

    def read_bytes(self, name: str) -> bytearray | None:
        """Return the bytes of a member, None (and an issue) where it cannot be read.

        What follows a NUL byte, `MAX_ROWS` lines or a line of `_ENDLESS_BYTES` may be left out: `parse_table` refuses
        all three.
        """
        data, n_lines, n_unbroken = bytearray(), 0, 0
        limit = min(MAX_MEMBER_BYTES, MAX_FEED_BYTES - self._n_bytes)
        try:
            with self._open(name) as file:
                while len(data) <= limit and (chunk := file.read(_CHUNK_BYTES)):
                    n_lines += _count(chunk, b"\n") if data else 0  # counting a small file once is enough
                    data += chunk
                    n_unbroken = 0 if b"\n" in chunk or b"\r" in chunk else n_unbroken + len(chunk)
                    if n_unbroken >= _ENDLESS_BYTES or b"\0" in chunk or n_lines > MAX_ROWS:
                        break
        except _READ_ERRORS as error:
            self.error(name, "unreadable", f"cannot be read ({error})", remedy="fetch the feed again")
            return None
        if len(data) > limit:
            message = (
                f"holds more than {MAX_MEMBER_BYTES >> 20:,} MiB, or the feed more than {MAX_FEED_BYTES >> 20:,} MiB"
            )
            self.error(name, "too-large", message, remedy=_CUT)
            return None
        self._n_bytes += len(data)
        if self.path.is_dir():
            self._checksums[name] = hashlib.sha256(data).hexdigest()
        return data

    @contextmanager
    def _open(self, name: str) -> Iterator[IO[bytes]]:
        if self.path.is_dir():
            path = self.path / name
            if not path.is_file():  # a pipe would be waited for, a device never ends
                raise OSError(f"{name} is no regular file")
            with path.open("rb") as plain:
                yield plain
            return
        with zipfile.ZipFile(self.path) as archive:
            member = archive.getinfo(self._members[name])
            if member.compress_type not in _COMPRESSIONS:
                raise ValueError(f"compression method {member.compress_type}; only stored and deflated are read")
            with archive.open(member) as packed:
                yield packed

    def table(self, name: str, required: Sequence[str], optional: Sequence[str] = ()) -> FeedTable | None:
        """Return the table of a member with the wanted columns, None (and issues) where it cannot be read."""
        if name not in self._members:
            self.error(name, "missing-file", "the feed has no such file", remedy=f"a GTFS feed needs {name}")
            return None
        data = self.read_bytes(name)
        return None if data is None else self.parse_table(name, data, required, optional)

    def checksums(self) -> dict[str, str]:
        """Return the sha256 of the zip by its name, or of every file of the folder that was read."""
        return dict(self._checksums) if self.path.is_dir() else {self.path.name: sha256_file(self.path)}


@dataclass(frozen=True, slots=True)
class FeedTable:
    """One file as columns of text; every method reports bad rows to the feed's issues and goes on."""

    feed: Tables
    name: str
    #: by column what `encoded` returns, an array of pyarrow until it is first asked for
    columns: dict[str, Any]
    n_rows: int
    #: int64 (n_rows,) rows of the file that the rows of the table are, None where they are all of them
    file_rows: NDArray[np.int64] | None = None

    def __contains__(self, column: str) -> bool:
        return column in self.columns

    def text(self, column: str) -> list[str]:
        """Return the stripped values, "" in every row where the column is absent."""
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

        `parser` raises ValueError with what is allowed. Blank cells give `default`, or are errors where it is
        None.
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

    def refer(self, column: str, known: Sequence[str], target: str, report: Report | None = None) -> NDArray[np.int64]:
        """Return the index into `known` of every row's id, -1 (and an issue) where it is unknown."""
        codes, texts = self.encoded(column)
        place = {text: i for i, text in enumerate(known)}
        idx = np.array(list(map(place.get, texts, repeat(-1))), dtype=np.int64)[codes]
        (report or self.report)(np.flatnonzero(idx < 0), "unknown-reference", lambda _: f"is not in {target}", column)
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
    """Return codes and distinct stripped texts of an array of texts, dictionary or plain."""
    if isinstance(values, pa.ChunkedArray):
        values = values.dictionary_encode().unify_dictionaries().combine_chunks()
    # not to_numpy, which imports pandas
    codes: NDArray[np.int32] = np.asarray(np.from_dlpack(values.indices), dtype=np.int32)
    texts: list[str] = pc.utf8_trim_whitespace(values.dictionary).to_pylist()
    if len(set(texts)) == len(texts):
        return codes, texts
    place = {text: i for i, text in enumerate(dict.fromkeys(texts))}
    return np.array([place[text] for text in texts], dtype=np.int32)[codes], list(place)
