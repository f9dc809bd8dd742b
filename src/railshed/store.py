"""Files that are whole or absent, output folders that can be written, the cache folder and checksums."""

from __future__ import annotations

import hashlib
import json
import math
import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from railshed.errors import OutputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: overrides the cache folder
CACHE_VARIABLE = "RAILSHED_CACHE_DIR"
#: of arrays that are kept to be used again
_MAX_CACHE_BYTES = 2 << 30
#: files of arrays: their ending, and bytes of the checksum, of the length of the table, between starts of arrays
_ARRAYS, _DIGEST, _LENGTH, _ALIGNED = ".arrays", 32, 8, 64


@contextmanager
def atomic_path(path: str | Path) -> Iterator[Path]:
    """Yield a temporary sibling of `path` with the same suffix; it takes its place when the block ends well.

    When the block raises, the temporary file is removed and `path` keeps what it held before.

    Raises
    ------
    OutputError
        When the file cannot be written or replaced.
    """
    target = Path(path)
    if target.is_dir():
        raise OutputError(f"{target} is a folder; give the name of a file")
    temporary = target.with_name(f".{target.stem}.{secrets.token_hex(6)}{target.suffix}")
    try:
        yield temporary
        if not temporary.exists():
            raise OutputError(f"{target}: nothing was written")
        os.replace(temporary, target)  # noqa: PTH105 - the same call on Windows and elsewhere
    except OutputError:
        raise
    except OSError as error:
        raise OutputError(
            f"{target} cannot be written ({_reason(error)}); is it open elsewhere, or the disk full?"
        ) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def output_dir(path: str | Path) -> Path:
    """Return the folder, made where it is absent, once a file could be written into it.

    Raises
    ------
    OutputError
        When it is a file, or cannot be made or written.
    """
    folder = Path(path)
    if folder.exists() and not folder.is_dir():
        raise OutputError(f"output folder {folder} is a file; give another folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".railshed-{secrets.token_hex(6)}"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise OutputError(
            f"output folder {folder} cannot be written ({_reason(error)}); give another folder"
        ) from error
    return folder


def _reason(error: OSError) -> str:
    return error.strerror or str(error) or type(error).__name__


def cache_dir() -> Path:
    """Return the folder for caches, not made yet: RAILSHED_CACHE_DIR, else the user's cache folder."""
    given = os.environ.get(CACHE_VARIABLE, "").strip()
    if given:
        return Path(given).expanduser()
    import platformdirs

    return Path(platformdirs.user_cache_dir("railshed", appauthor=False))


def cached_arrays(key: str, make: Callable[[], Sequence[NDArray[Any]]]) -> list[NDArray[Any]]:
    """Return arrays from the cache folder by their key, a hash of all that they come from; made where absent.

    A file that cannot be read or written, or whose content is not what was written, is as if it were absent: the cache
    never changes a result.
    """
    path = cache_dir() / "arrays" / f"{key}{_ARRAYS}"
    with suppress(OSError, _DamagedError):
        return _read_arrays(path)
    found = list(make())
    with suppress(OutputError, OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic_path(path) as temporary:
            _write_arrays(temporary, found)
        _keep_newest(path.parent)
    return found


class _DamagedError(Exception):
    """A file of arrays does not hold what was written."""


def _write_arrays(path: Path, arrays: Sequence[NDArray[Any]]) -> None:
    """Write a sha256 of all that follows, the length of a table of types and shapes, the table, and the arrays."""
    table = json.dumps([[a.dtype.str, a.shape] for a in arrays]).encode()
    parts: list[bytes] = [len(table).to_bytes(_LENGTH, "little"), table]
    at = _DIGEST + _LENGTH + len(table)
    for array in arrays:
        data = array.tobytes()
        parts += [bytes(-at % _ALIGNED), data]
        at += -at % _ALIGNED + len(data)
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    with path.open("wb") as file:
        file.writelines([digest.digest(), *parts])


def _read_arrays(path: Path) -> list[NDArray[Any]]:
    """Return the arrays of a file that is whole, writeable and aligned: kernels are compiled for such."""
    import numpy as np

    data = bytearray(path.stat().st_size)
    with path.open("rb") as file:
        if file.readinto(data) != len(data):
            raise _DamagedError
    rest = memoryview(data)[_DIGEST:]
    if hashlib.sha256(rest).digest() != data[:_DIGEST]:
        raise _DamagedError
    at = _DIGEST + _LENGTH + int.from_bytes(rest[:_LENGTH], "little")
    found = []
    for kind, shape in json.loads(bytes(data[_DIGEST + _LENGTH : at])):
        at += -at % _ALIGNED
        array = np.frombuffer(data, np.dtype(kind), math.prod(shape), at) if math.prod(shape) else np.empty(0, kind)
        found.append(array.reshape(shape))
        at += array.nbytes
    return found


def _keep_newest(folder: Path) -> None:
    """Remove the oldest files beyond `_MAX_CACHE_BYTES`."""
    files = sorted(folder.glob(f"*{_ARRAYS}"), key=lambda f: f.stat().st_mtime, reverse=True)
    total = 0
    for file in files:
        total += file.stat().st_size
        if total > _MAX_CACHE_BYTES:
            file.unlink(missing_ok=True)


@cache
def code_hash() -> str:
    """Return a hash of every module of the package: what is kept under it is never of other code."""
    root, digest = Path(__file__).parent, hashlib.sha256()
    for file in sorted(root.rglob("*.py")):
        digest.update(f"{file.relative_to(root)}\n".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def sha256_file(path: str | Path) -> str:
    """Return the sha256 of a file as hex digits."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
