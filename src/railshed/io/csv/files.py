"""Readers of single CSV files, plain or gzip, in UTF-8 or GB18030."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from railshed.io.csv.parser import MAX_MEMBER_BYTES, Tables
from railshed.io.csv.rows import chinese_text
from railshed.io.csv.table import FeedTable

_READ_ERRORS = (OSError, EOFError, zlib.error)


@dataclass(slots=True)
class CsvTables(Tables):
    """Reads CSV files by path and collects their problems."""

    #: sha256 by file name
    checksums: dict[str, str] = field(default_factory=dict)

    def table(self, path: Path, required: Sequence[str], optional: Sequence[str] | None = ()) -> FeedTable | None:
        """Return some columns (optional None: all) of a file; None, and issues, if it cannot be read.

        Files that end in ``.gz`` are unpacked. Text that is not UTF-8 but Chinese in GB18030 (as Chinese Windows
        writes it) is read with a warning.
        """
        data = self._read_bytes(path)
        return None if data is None else self.parse_table(path.name, self._as_utf8(path.name, data), required, optional)

    def _read_bytes(self, path: Path) -> bytes | None:
        try:
            with path.open("rb") as file:
                data = file.read(MAX_MEMBER_BYTES + 1)
                self.checksums[path.name] = hashlib.sha256(data).hexdigest()
                if path.suffix.lower() == ".gz":
                    file.seek(0)
                    with gzip.open(file) as unpacked:
                        data = unpacked.read(MAX_MEMBER_BYTES + 1)
        except _READ_ERRORS as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else error
            self.error(path.name, "unreadable", f"cannot be read ({reason})", remedy="give a .csv or .csv.gz file")
            return None
        if len(data) > MAX_MEMBER_BYTES:
            limit = MAX_MEMBER_BYTES >> 20
            self.error(path.name, "too-large", f"holds more than {limit:,} MiB", remedy="cut the table")
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
            self.warning(name, "gb18030", "is no UTF-8; read as GB18030", remedy="save it as UTF-8 if names look wrong")
        return data
