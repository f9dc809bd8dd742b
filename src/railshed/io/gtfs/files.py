"""Reader of the files of one GTFS feed, zip or folder, with limits on size; every problem names its
file and row.

A zip is never extracted: members of one of its folders are read by plain name. Limits count the
bytes that are read, not the sizes that the zip states.
"""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from railshed.io.csv.parser import CUT_FEED, Tables
from railshed.io.csv.table import FeedTable
from railshed.util.errors import MAX_NAMED, InputError
from railshed.util.files import sha256_file
from railshed.util.limits import most_of

#: far above real feeds, far below a zip bomb
MAX_MEMBERS = 10_000
#: length of a line without an end after which reading stops
_ENDLESS_BYTES = 1 << 24
#: bytes decompressed at once
_CHUNK_BYTES = 1 << 18
#: the other methods decompress a member at once, whatever its size
_COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
#: errors of damaged, encrypted and malicious archives (ValueError: names that are no UTF-8)
_READ_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError)


@dataclass(slots=True)
class FeedFiles(Tables):
    """Reads members of a feed by name and collects their problems."""

    path: Path
    #: name in the zip or folder by plain name
    _members: dict[str, str] = field(default_factory=dict)
    _checksums: dict[str, str] = field(default_factory=dict)
    _n_bytes: int = 0

    def __post_init__(self) -> None:
        try:
            if self.path.is_dir():
                self._members = {
                    p.name: p.name for p in sorted(self.path.iterdir()) if p.suffix == ".txt"
                }
            elif self.path.is_file():
                self._members = self._list_zip()
            else:
                what = (
                    "neither a file nor a folder"
                    if self.path.exists()
                    else "no such file or folder"
                )
                raise InputError(
                    f"feed {self.path}: {what}; give a GTFS zip or a folder of its .txt files"
                )
        except InputError:
            raise
        except _READ_ERRORS as error:
            raise InputError(
                f"feed {self.path}: not a readable zip or folder ({error}); fetch it again or give "
                "a folder"
            ) from error
        if not self._members:
            raise InputError(f"feed {self.path}: holds no .txt file, so it is no GTFS feed")

    def _list_zip(self) -> dict[str, str]:
        """Return the members of the folder with stops.txt, or of the topmost folder without one."""
        with zipfile.ZipFile(self.path) as archive:
            names = archive.namelist()
        if len(names) > MAX_MEMBERS:
            raise InputError(
                f"feed {self.path}: holds {len(names):,} files, at most {MAX_MEMBERS:,} are looked "
                "at"
            )
        folders: dict[str, dict[str, str]] = {}
        for name in names:
            folder, _, plain = name.replace("\\", "/").rpartition("/")
            if plain.endswith(".txt") and not plain.startswith("."):
                self._add(folders.setdefault(folder, {}), plain, name)
        if not folders:
            inner = next((name for name in names if name.lower().endswith(".zip")), "")
            if inner:
                raise InputError(
                    f"feed {self.path}: holds no .txt file but another zip, {inner[:80]!r}: unpack "
                    "that"
                )
            return {}
        rank = {
            f: ("stops.txt" not in files, f.count("/") + bool(f)) for f, files in folders.items()
        }
        chosen, *others = sorted(folders, key=lambda f: (rank[f], f))
        rivals = [f for f in others if rank[f] == rank[chosen] and "stops.txt" in folders[f]]
        for folder in rivals[:MAX_NAMED]:
            self._add(folders[chosen], "stops.txt", folders[folder]["stops.txt"])
        unread = [name for f in others if f not in rivals for name in folders[f].values()]
        if unread and not rivals:
            message = (
                f"{len(unread)} .txt files outside the folder of stops.txt are not read "
                f"({unread[0][:80]!r})"
            )
            self.warning("", "other-folder", message)
        return folders[chosen]

    def _add(self, files: dict[str, str], plain: str, name: str) -> None:
        if plain in files:
            message = f"the zip holds it twice ({files[plain]} and {name})"
            self.error(
                plain[:80],
                "duplicate-file",
                message[:400],
                remedy="keep one; each feed needs its own zip",
            )
        files.setdefault(plain, name)

    def __contains__(self, name: str) -> bool:
        return name in self._members

    def unused(self, *used: str) -> list[str]:
        """Return the names of the members that are not among `used`."""
        return sorted(set(self._members) - set(used))

    def read_bytes(self, name: str) -> bytearray | None:
        """Return the bytes of a member; None, and an issue, if it cannot be read.

        Reading may stop after a NUL byte, more rows than are allowed or a line of `_ENDLESS_BYTES`:
        `parse_table` refuses all three.
        """
        data = bytearray()
        n_lines = 0
        n_unbroken = 0
        rows, of_file, of_feed = map(most_of, ("rows", "file_bytes", "feed_bytes"))
        limit = min(of_file, of_feed - self._n_bytes)
        try:
            with self._open(name) as file:
                while len(data) <= limit and (chunk := file.read(_CHUNK_BYTES)):
                    n_lines += chunk.count(b"\n")
                    data += chunk
                    n_unbroken = 0 if b"\n" in chunk or b"\r" in chunk else n_unbroken + len(chunk)
                    if n_unbroken >= _ENDLESS_BYTES or b"\0" in chunk or n_lines > rows:
                        break
        except _READ_ERRORS as error:
            self.error(
                name, "unreadable", f"cannot be read ({error})", remedy="fetch the feed again"
            )
            return None
        if len(data) > limit:
            limits = f"more than {of_file >> 20:,} MiB, or the feed more than {of_feed >> 20:,} MiB"
            self.error(
                name,
                "too-large",
                f"holds {limits}",
                remedy=CUT_FEED % "file_bytes=NUMBER,feed_bytes",
            )
            return None
        self._n_bytes += len(data)
        if self.path.is_dir():
            self._checksums[name] = hashlib.sha256(data).hexdigest()
        return data

    @contextmanager
    def _open(self, name: str) -> Iterator[IO[bytes]]:
        if self.path.is_dir():
            path = self.path / name
            if not path.is_file():  # a pipe blocks, a device never ends
                raise OSError(f"{name} is no regular file")
            with path.open("rb") as plain:
                yield plain
            return
        with zipfile.ZipFile(self.path) as archive:
            member = archive.getinfo(self._members[name])
            if member.compress_type not in _COMPRESSIONS:
                raise ValueError(
                    f"compression method {member.compress_type}; only stored and deflated are read"
                )
            with archive.open(member) as unpacked:
                yield unpacked

    def table(
        self, name: str, required: Sequence[str], optional: Sequence[str] = ()
    ) -> FeedTable | None:
        """Return some columns of a member; None, and issues, if it cannot be read."""
        if name not in self._members:
            self.error(
                name,
                "missing-file",
                "the feed has no such file",
                remedy=f"a GTFS feed needs {name}",
            )
            return None
        data = self.read_bytes(name)
        return None if data is None else self.parse_table(name, data, required, optional)

    def checksums(self) -> dict[str, str]:
        """Return the sha256 of the zip, or of every file of the folder that was read, by name."""
        return (
            dict(self._checksums)
            if self.path.is_dir()
            else {self.path.name: sha256_file(self.path)}
        )
