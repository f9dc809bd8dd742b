"""Parser of CSV in UTF-8 with limits on size, and reader of single files, plain or gzip; problems
name file and row.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import re
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from railshed.io.csv.rows import not_comma_separated
from railshed.io.csv.table import FeedTable, IssueLog
from railshed.util.encodings import SAVE_AS_UTF8, chinese_text
from railshed.util.errors import Issue, named
from railshed.util.limits import LIMITS_VARIABLE, most_of
from railshed.util.names import clean, loses, lost

#: distinct texts of a column, which take a hundred bytes each where a row takes four
MAX_TEXTS = 12_000_000
#: limits the number of columns too
MAX_HEADER_BYTES = 1 << 16
#: of one value in a column that is used
MAX_VALUE_BYTES = 1 << 12
#: rows with too few or too many values after which a file is given up
MAX_ROWS_MALFORMED = 10_000
#: remedy for a file that is too large
CUT_FEED = (
    f"cut the feed to a region or a day, or raise {LIMITS_VARIABLE}=%s=NUMBER, given "
    "memory and time"
)
#: of one row
_BLOCK_BYTES = 1 << 22
#: of a column as it is parsed: each distinct text once, and int32 codes
_DISTINCT = pa.dictionary(pa.int32(), pa.string())
_HEADER = re.compile(rb"(?:\xef\xbb\xbf)?[\r\n]*([^\r\n]{0,%d})(?:[\r\n]+|\Z)" % MAX_HEADER_BYTES)


def n_lines(data: bytes | bytearray, start: int = 0) -> int:
    """Return the number of line ends, LF, CRLF or CR."""
    return max(data.count(b"\n", start), data.count(b"\r", start))


@dataclass(slots=True)
class Tables(IssueLog):
    """CSV files as tables of text, and the problems of all of them."""

    def parse_table(
        self,
        name: str,
        data: bytes | bytearray,
        required: Sequence[str],
        optional: Sequence[str] | None = (),
    ) -> FeedTable | None:
        """Return some columns (optional None: all) of a CSV in UTF-8; None, and issues, if it
        cannot be parsed.

        Lines may end in LF, CRLF or CR; blank lines do not count. Values are quoted as in RFC 4180.
        """
        if b"\0" in data:
            what = "is UTF-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "holds NUL bytes"
            row = data.count(b"\n", 0, data.index(b"\0")) or None
            self.error(
                name,
                "not-text",
                f"{what}, so it is no CSV in UTF-8",
                row=row,
                remedy="save it as UTF-8 text",
            )
            return None
        most = most_of("rows")
        if len(data) > most and n_lines(data) > most:
            self.error(name, "too-large", f"has more than {most:,} rows", remedy=CUT_FEED % "rows")
            return None
        match = _HEADER.match(data)
        if match is None:
            message = (
                f"has a first line of more than {MAX_HEADER_BYTES:,} bytes, so it is no CSV "
                "with a header"
            )
            self.error(name, "not-csv", message)
            return None
        if not data.isascii() and not self._check_encoding(name, data, match.end()):
            return None
        try:
            raw = next(csv.reader([match[1].decode("utf-8")], strict=True), [])
        except csv.Error as error:
            self.error(name, "not-csv", f"has no readable header ({error})")
            return None
        header = [
            clean(column) if loses(column) else column.strip() for column in raw
        ]  # tabs are looked for below
        self.issues += [lost(column, name, None, "header") for column in raw if loses(column)]
        if not any(header):
            self.error(name, "empty-file", "is empty: not even a header")
            return None
        missing = [column for column in required if column not in header]
        known = filter(None, header) if optional is None else (*required, *optional)
        columns = [column for column in known if column in header]
        twice = sorted(column for column, n in Counter(header).items() if column and n > 1)
        if missing and (other := not_comma_separated(header)) is not None:
            self.error(name, "not-csv", other[0], remedy=other[1])
            return None
        for column in missing:
            self.error(
                name,
                "missing-column",
                "the column is missing",
                field=column,
                remedy="add it to the header",
            )
        for column in twice:
            self.error(name, "duplicate-column", "the header names the column twice", field=column)
        if missing or twice:
            return None
        if match.end() == len(data):
            return FeedTable(
                self, name, {column: (np.empty(0, np.int32), []) for column in columns}, 0
            )
        return self._columns(name, data, match.end(), header, columns)

    def _columns(
        self, name: str, data: bytes | bytearray, start: int, header: list[str], columns: list[str]
    ) -> FeedTable | None:
        malformed: list[tuple[int, int]] = []

        def skip(row: Any) -> str:
            malformed.append((row.number, row.actual_columns))
            return "skip" if len(malformed) < MAX_ROWS_MALFORMED else "error"

        n_quotes = data.count(b'"', start)
        names = [column or f" {i}" for i, column in enumerate(header)]
        try:
            table = pacsv.read_csv(
                pa.BufferReader(memoryview(data)[start:]),
                # only one thread knows the numbers of rows
                read_options=pacsv.ReadOptions(
                    use_threads=False, block_size=_BLOCK_BYTES, column_names=names
                ),
                parse_options=pacsv.ParseOptions(
                    newlines_in_values=n_quotes > 0, invalid_row_handler=skip
                ),
                convert_options=pacsv.ConvertOptions(
                    include_columns=columns,
                    column_types=dict.fromkeys(columns, _DISTINCT),
                    strings_can_be_null=False,
                ),
            ).unify_dictionaries()
        except pa.ArrowInvalid as error:
            if len(malformed) == MAX_ROWS_MALFORMED:
                self._report_malformed(name, malformed, len(header))
            elif "straddling" in str(error):
                message = f"has a row of more than {_BLOCK_BYTES >> 20} MiB"
                self.error(name, "too-long", message, remedy="look for an unclosed quote")
            else:
                self.error(
                    name,
                    "not-csv",
                    f"is no CSV ({str(error)[:200]})",
                    remedy="look for an unclosed quote",
                )
            return None
        n_rows = table.num_rows + len(malformed)
        if n_quotes and not self._check_quotes(name, data, start, n_rows, n_quotes):
            return None
        self._report_malformed(name, malformed, len(header))
        skipped = [number - 1 for number, _ in malformed]
        file_rows = np.delete(np.arange(n_rows), skipped) if skipped else None
        values = {column: table.column(column) for column in columns}
        parsed = FeedTable(self, name, dict(values), table.num_rows, file_rows)
        for column, texts in values.items():
            known = texts.chunk(0).dictionary if texts.num_chunks else []
            if len(known) > MAX_TEXTS:
                message = f"has more than {MAX_TEXTS:,} different values"
                self.error(name, "too-large", message, field=column, remedy=CUT_FEED)
                return None
            longest = pc.max(pc.binary_length(known)).as_py() if len(known) else 0
            if (longest or 0) > MAX_VALUE_BYTES:
                too_long = parsed.where(column, lambda text: len(text.encode()) > MAX_VALUE_BYTES)
                parsed.report(
                    too_long, "too-long", f"is longer than {MAX_VALUE_BYTES:,} bytes", column
                )
        return parsed

    def _report_malformed(
        self, name: str, malformed: Sequence[tuple[int, int]], n_columns: int
    ) -> None:
        texts = (
            (row, f"has {n_values} values, the header has {n_columns}")
            for row, n_values in malformed
        )
        remedy = "quote values that hold a comma"
        found = (
            Issue("error", "column-count", text, name, row, remedy=remedy) for row, text in texts
        )
        least = ", or more of them" if len(malformed) == MAX_ROWS_MALFORMED else ""
        self.issues += named(found, len(malformed), f"rows like this{least}")

    def _check_quotes(
        self, name: str, data: bytes | bytearray, start: int, n_rows: int, n_quotes: int
    ) -> bool:
        """Return whether every quote is closed; add a warning if line breaks stand inside quotes.

        An unclosed quote swallows rows up to the next one without an error of the parser. That is
        possible only if the numbers of lines and rows differ, or the number of quotes is odd; then
        the csv module, slow and strict, checks.
        """
        if n_lines(data, start) + (data[-1:] not in (b"\n", b"\r")) == n_rows and n_quotes % 2 == 0:
            return True
        text = io.TextIOWrapper(io.BytesIO(memoryview(data)[start:]), "utf-8", newline="")
        lines = csv.reader(text, strict=True)
        row = 0
        first_break = None
        try:
            for row, values in enumerate(filter(None, lines), start=1):
                if first_break is None and any("\n" in value or "\r" in value for value in values):
                    first_break = row
        except csv.Error as error:
            message = (
                "a value opened by a quote goes on for too long or is not closed as CSV "
                f"wants it ({error})"
            )
            self.error(
                name,
                "unclosed-quote",
                message,
                row=row + 1,
                remedy='close the quote; write " inside it as ""',
            )
            return False
        if first_break is not None:
            message = "a quoted value holds a line break, which GTFS forbids; taken as a space"
            self.warning(
                name,
                "line-break",
                message,
                row=first_break,
                remedy="look for a quote that is not closed",
            )
        return True

    def _check_encoding(self, name: str, data: bytes | bytearray, start: int) -> bool:
        """Return whether the bytes are UTF-8; add an issue if not. Rows count from `start`."""
        try:
            data.decode("utf-8")
        except UnicodeDecodeError as error:
            row = data.count(b"\n", start, error.start) + 1 if error.start >= start else None
            is_chinese = chinese_text(data) is not None
            remedy = (
                "it reads as GB18030 (Chinese Windows): save it as UTF-8"
                if is_chinese
                else SAVE_AS_UTF8
            )
            value = repr(bytes(data[error.start : error.start + 4]))
            where = "" if row else ", in the header"
            self.error(
                name, "not-utf8", f"is not valid UTF-8{where}", row=row, value=value, remedy=remedy
            )
            return False
        return True


_READ_ERRORS = (OSError, EOFError, zlib.error)


@dataclass(slots=True)
class CsvTables(Tables):
    """Reads CSV files by path and collects their problems."""

    #: sha256 by file name
    checksums: dict[str, str] = field(default_factory=dict)

    def table(
        self, path: Path, required: Sequence[str], optional: Sequence[str] | None = ()
    ) -> FeedTable | None:
        """Return some columns (optional None: all) of a file; None, and issues, if it cannot be
        read.

        Files that end in ``.gz`` are unpacked. Text that is not UTF-8 but Chinese in GB18030 (as
        Chinese Windows writes it) is read with a warning.
        """
        data = self._read_bytes(path)
        return (
            None
            if data is None
            else self.parse_table(path.name, self._as_utf8(path.name, data), required, optional)
        )

    def _read_bytes(self, path: Path) -> bytes | None:
        most = most_of("file_bytes")
        try:
            with path.open("rb") as file:
                size = path.stat().st_size or most  # 0 of a pipe; so much is allocated at once
                data = file.read(min(size, most) + 1)
                self.checksums[path.name] = hashlib.sha256(data).hexdigest()
                if path.suffix.lower() == ".gz":
                    file.seek(0)
                    with gzip.open(file) as unpacked:
                        data = unpacked.read(most + 1)
        except _READ_ERRORS as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else error
            self.error(
                path.name,
                "unreadable",
                f"cannot be read ({reason})",
                remedy="give a .csv or .csv.gz file",
            )
            return None
        if len(data) > most:
            remedy = CUT_FEED % "file_bytes"
            self.error(path.name, "too-large", f"holds more than {most >> 20:,} MiB", remedy=remedy)
            return None
        return data

    def _as_utf8(self, name: str, data: bytes) -> bytes:
        try:
            data.decode("utf-8")
        except UnicodeDecodeError:
            text = chinese_text(data)
            if text is None:
                return data  # parse_table reports where
            data = text.encode("utf-8")
            self.warning(
                name,
                "gb18030",
                "is no UTF-8; read as GB18030",
                remedy="save it as UTF-8 if names look wrong",
            )
        return data
