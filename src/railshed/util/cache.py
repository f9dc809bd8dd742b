"""Arrays cached in files by a hash of all that they come from."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakKeyDictionary

from railshed.util.errors import OutputError
from railshed.util.files import atomic_path

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

#: ending of files of arrays, and bytes of the checksum that they begin with
_ARRAYS, _DIGEST = ".arrays", 32

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
    """Write a sha256 of all that follows, then the arrays as numpy's own format has them, one after the other."""
    import numpy as np

    file = io.BytesIO()
    for array in arrays:
        np.save(file, array, allow_pickle=False)
    with path.open("wb") as out:
        out.writelines([hashlib.sha256(file.getbuffer()).digest(), file.getbuffer()])


def _read_arrays(path: Path) -> list[NDArray[Any]]:
    """Return the arrays of a file, writeable and aligned, as kernels are compiled for.

    Raises
    ------
    _DamagedError
        When the file is not as it was written.
    """
    import numpy as np

    with path.open("rb") as file:
        digest, rest = file.read(_DIGEST), file.read()
    if hashlib.sha256(rest).digest() != digest:
        raise _DamagedError
    data, arrays = io.BytesIO(rest), []
    while data.tell() < len(rest):
        arrays.append(np.load(data, allow_pickle=False))
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
