"""Arrays cached in files by a hash of all that they come from."""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakKeyDictionary

from railshed.util.errors import OutputError
from railshed.util.files import _ALIGNED, _ARRAYS, _DIGEST, _LENGTH, atomic_path

if TYPE_CHECKING:
    from numpy.typing import NDArray

T = TypeVar("T")

#: a hash of all that an object comes from, by object while it lives; a changed copy has none
_KEYS: WeakKeyDictionary[Any, str] = WeakKeyDictionary()


def with_cache_key(source: T, key: str) -> T:
    """Return the object; arrays made of it are cached from now on. `key`: a hash of all it comes from, and of code."""
    _KEYS[source] = key
    return source


def arrays_of(source: object, what: str, make: Callable[[], Sequence[NDArray[Any]]]) -> list[NDArray[Any]]:
    """Return arrays made of an object, cached if it has a cache key; `what` names them and all else they depend on."""
    key = _KEYS.get(source)
    if key is None:
        return list(make())
    return cached_arrays(hashlib.sha256(f"{key} {what}".encode()).hexdigest(), make)


#: overrides the cache folder
CACHE_VARIABLE = "RAILSHED_CACHE_DIR"

#: of all cached arrays
_MAX_CACHE_BYTES = 2 << 30


def cache_dir() -> Path:
    """Return the folder for caches, which may be absent: RAILSHED_CACHE_DIR, else the user's cache folder."""
    folder = os.environ.get(CACHE_VARIABLE, "").strip()
    if folder:
        return Path(folder).expanduser()
    import platformdirs

    return Path(platformdirs.user_cache_dir("railshed", appauthor=False))


def cached_arrays(key: str, make: Callable[[], Sequence[NDArray[Any]]]) -> list[NDArray[Any]]:
    """Return arrays from the cache folder, built by `make` where absent; `key` is a hash of all that they come from.

    A file that cannot be read or written, or is damaged, counts as absent: the cache never changes a result.
    """
    path = cache_dir() / "arrays" / f"{key}{_ARRAYS}"
    with suppress(OSError, _DamagedError):
        return _read_arrays(path)
    arrays = list(make())
    with suppress(OutputError, OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic_path(path) as temporary:
            _write_arrays(temporary, arrays)
        _remove_oldest(path.parent)
    return arrays


class _DamagedError(Exception):
    """A file of arrays is not as it was written."""


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
    """Return the arrays of a file, writeable and aligned, as kernels are compiled for.

    Raises
    ------
    _DamagedError
        When the file is not as it was written.
    """
    import numpy as np

    data = bytearray(path.stat().st_size)
    with path.open("rb") as file:
        if file.readinto(data) != len(data):
            raise _DamagedError
    rest = memoryview(data)[_DIGEST:]
    if hashlib.sha256(rest).digest() != data[:_DIGEST]:
        raise _DamagedError
    at = _DIGEST + _LENGTH + int.from_bytes(rest[:_LENGTH], "little")
    arrays = []
    for kind, shape in json.loads(bytes(data[_DIGEST + _LENGTH : at])):
        at += -at % _ALIGNED
        array = np.frombuffer(data, np.dtype(kind), math.prod(shape), at) if math.prod(shape) else np.empty(0, kind)
        arrays.append(array.reshape(shape))
        at += array.nbytes
    return arrays


def _remove_oldest(folder: Path) -> None:
    """Remove the oldest files beyond `_MAX_CACHE_BYTES`."""
    files = sorted(folder.glob(f"*{_ARRAYS}"), key=lambda f: f.stat().st_mtime, reverse=True)
    total = 0
    for file in files:
        total += file.stat().st_size
        if total > _MAX_CACHE_BYTES:
            file.unlink(missing_ok=True)


@cache
def code_hash() -> str:
    """Return a hash of every module of the package: results cached under it come from this code alone."""
    root, digest = Path(__file__).parents[1], hashlib.sha256()
    for file in sorted(root.rglob("*.py")):
        digest.update(f"{file.relative_to(root)}\n".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()
