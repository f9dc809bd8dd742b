"""Arrays cached in files by a hash of all that they come from."""

from __future__ import annotations

import hashlib
import io
import mmap
import os
import stat
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakKeyDictionary

from railshed.util.errors import OutputError
from railshed.util.files import atomic_path
from railshed.util.progress import say

if TYPE_CHECKING:
    from numpy.typing import NDArray

T = TypeVar("T")

#: a hash of all that an object comes from, by object while it lives; a changed copy has none
_KEYS: WeakKeyDictionary[Any, str] = WeakKeyDictionary()


def with_cache_key(source: T, key: str) -> T:
    """Return the object; arrays made of it are cached from now on.

    `key`: a hash of all it comes from, and of code.
    """
    _KEYS[source] = key
    return source


def with_key_of(made: T, source: object, what: str) -> T:
    """Return what was made of a source and of `what` alone, with a cache key of its own where the
    source has one.
    """
    key = _KEYS.get(source)
    return (
        made
        if key is None
        else with_cache_key(made, hashlib.sha256(f"{key} {what}".encode()).hexdigest())
    )


def arrays_of(
    source: object, what: str, make: Callable[[], Sequence[NDArray[Any]]]
) -> list[NDArray[Any]]:
    """Return arrays made of an object, cached if it has a cache key; `what` names them and all else
    they depend on.
    """
    key = _KEYS.get(source)
    if key is None:
        return list(make())
    return cached_arrays(hashlib.sha256(f"{key} {what}".encode()).hexdigest(), make)


#: overrides the cache folder
CACHE_VARIABLE = "RAILSHED_CACHE_DIR"

#: ending of files of arrays, bytes of the checksum that they begin with, its block, edges on which
#: each array begins
_ARRAYS = ".arrays"
_CHECK = 8
_BLOCK = 4096
_EDGE = 64
#: of all files in the cache: the oldest go first
MAX_CACHE_BYTES = 2 << 30
#: what was said in this process, one line at most; remedy of a folder that is not used
_SAID: list[str] = []
_ELSEWHERE = f"set {CACHE_VARIABLE} to a folder of your own"


def cache_dir() -> Path:
    """Return the folder for caches, which may be absent: RAILSHED_CACHE_DIR, else the user's cache
    folder.
    """
    folder = os.environ.get(CACHE_VARIABLE, "").strip()
    if folder:
        return Path(os.path.expanduser(folder))  # noqa: PTH111 - of no such user it stays as it is
    import platformdirs

    return Path(platformdirs.user_cache_dir("railshed", appauthor=False))


def cached_arrays(key: str, make: Callable[[], Sequence[NDArray[Any]]]) -> list[NDArray[Any]]:
    """Return arrays from the cache folder, built by `make` where absent; `key` is a hash of all
    that they come from.

    The cache never changes a result: a file that cannot be read or written, or is damaged, and a
    folder that others could write into are done without, and one line on stderr says so once a
    process.
    """
    found = arrays_if_cached(key)
    if found is not None:
        return found
    arrays = list(make())
    try:
        folder = _trusted_folder(make=True)
        with atomic_path(folder / f"{key}{_ARRAYS}") as temporary:
            _write_arrays(temporary, arrays)
        _remove_oldest(folder)
    except (OSError, _UnusedError) as why:  # OutputError is an OSError
        _say_once(f"the cache is not written: {why}")
    return arrays


def arrays_if_cached(key: str) -> list[NDArray[Any]] | None:
    """Return arrays as `cached_arrays`, None where they are not in the cache folder."""
    try:
        return _read_arrays(_trusted_folder() / f"{key}{_ARRAYS}")
    except FileNotFoundError:
        pass
    except (OSError, ValueError, _UnusedError) as why:
        _say_once(f"the cache is not used: {why}")
    return None


class _UnusedError(Exception):
    """The cache is not used; the text says why, and what to do."""


def _trusted_folder(*, make: bool = False) -> Path:
    """Return the folder of the files, created if `make`; _UnusedError where other users can change
    it, but on Windows.

    It belongs to the user and is closed to others. Each folder above it belongs to the user or
    root, and others cannot write there, or remove only what is theirs (sticky).
    """
    try:
        folder = (cache_dir() / "arrays").resolve()
        for one in (*folder.parents[::-1], folder):
            if make:
                one.mkdir(0o700, exist_ok=True)
            if not one.exists():
                break
            if not one.is_dir():
                raise _UnusedError(f"{one} is no folder; {_ELSEWHERE}")
            if hasattr(os, "geteuid"):
                _check_owner(one, own=one == folder)
    except (OSError, RuntimeError, ValueError) as error:
        raise _UnusedError(f"{error}; {_ELSEWHERE}") from error
    return folder


def private_folder() -> Path | None:
    """Return the folder of the cache's files, for a file as large, None where it is not used."""
    with suppress(_UnusedError):
        folder = _trusted_folder(make=True)
        return folder if os.access(folder, os.W_OK) else None
    return None


def _check_owner(folder: Path, *, own: bool) -> None:
    """Raise _UnusedError where others can write into a folder; close the one of the files to those
    who could read.
    """
    found = folder.stat()
    if found.st_uid != os.geteuid() and (own or found.st_uid != 0):
        raise _UnusedError(f"{folder} belongs to another user ({found.st_uid}); {_ELSEWHERE}")
    if found.st_mode & 0o022 and (own or not found.st_mode & stat.S_ISVTX):
        remedy = f"empty it, then chmod 700 {folder}" if own else f"chmod go-w {folder}"
        raise _UnusedError(f"others can write into {folder}; {remedy}, or {_ELSEWHERE}")
    if own and found.st_mode & 0o077:
        folder.chmod(0o700)


def _say_once(what: str) -> None:
    if not _SAID:
        _SAID.append(what)
        say(f"railshed: {what}")


def cache_state() -> dict[str, Any]:
    """Return folder, number of files, bytes and limit of the cache, and why it is not used, ""
    where it is.
    """
    folder = cache_dir() / "arrays"
    unused = ""
    try:
        folder = _trusted_folder(make=True)
    except _UnusedError as why:
        unused = str(why)
    sizes = [size for _, size, _ in _files(folder)]
    return {
        "folder": folder,
        "files": len(sizes),
        "bytes": sum(sizes),
        "limit": MAX_CACHE_BYTES,
        "unused": unused,
    }


def clear_cache() -> int:
    """Remove the files of the cache, nothing else, and return their number; raises OutputError
    where it cannot.
    """
    files = _files(cache_dir() / "arrays")
    try:
        for _, _, file in files:
            file.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(f"the cache cannot be emptied: {error}") from error
    return len(files)


def _files(folder: Path) -> list[tuple[float, int, Path]]:
    """Return time, bytes and path of each file of arrays, those half-written too, oldest first."""
    found = []
    for file in folder.rglob(f"*{_ARRAYS}"):
        with suppress(OSError):
            about = file.lstat()
            if stat.S_ISREG(about.st_mode):
                found.append((about.st_mtime, about.st_size, file))
    return sorted(found)


def _write_arrays(path: Path, arrays: Sequence[NDArray[Any]]) -> None:
    """Write a checksum of all that follows, then the arrays as numpy's own format has them, each
    from an edge on.
    """
    import numpy as np

    file = io.BytesIO()
    file.write(bytes(_EDGE))
    for array in arrays:
        np.save(file, array, allow_pickle=False)
        file.write(bytes(-file.tell() % _EDGE))
    content = file.getbuffer()
    content[:_CHECK] = _checksum(content)
    path.write_bytes(content)


def _checksum(content: Any) -> bytes:
    """Return the sum of all further words, each times the odd number of its block, plus the number
    of words.

    ValueError at half a word.
    """
    import numpy as np

    words = np.frombuffer(content, np.uint64)[_CHECK // 8 :]
    sums = np.add.reduceat(words, np.arange(0, len(words), _BLOCK))
    total = int((sums * np.arange(1, 2 * len(sums), 2, dtype=np.uint64)).sum()) + len(
        words
    )  # zeros at the end count
    return (total % (1 << 64)).to_bytes(_CHECK, sys.byteorder)


def _read_arrays(path: Path) -> list[NDArray[Any]]:
    """Return the arrays of a file, mapped: memory is filled where they are used, and a change stays
    in the process.

    They are writeable and aligned, as kernels are compiled for. Raises ValueError when the file is
    not as it was written.
    """
    from numpy import ndarray
    from numpy.lib import format as npy

    with path.open("rb") as file:
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    if _checksum(data) != data[:_CHECK]:  # of damage, not of malice
        raise ValueError(f"the checksum of {path} is wrong")
    arrays = []
    at = _EDGE
    while at < len(data):
        data.seek(at)
        npy.read_magic(data)
        shape, by_column, dtype = npy.read_array_header_1_0(data)
        if dtype.hasobject:
            raise ValueError(f"{path} has objects")
        arrays.append(ndarray(shape, dtype, data, data.tell(), order="F" if by_column else "C"))
        at = data.tell() + arrays[-1].nbytes
        at += -at % _EDGE
    return arrays


def _remove_oldest(folder: Path) -> None:
    """Remove the oldest files beyond `MAX_CACHE_BYTES`."""
    total = 0
    for _, size, file in reversed(_files(folder)):
        total += size
        if total > MAX_CACHE_BYTES:
            file.unlink(missing_ok=True)


@cache
def code_hash() -> str:
    """Return a hash of every module of the package: results cached under it come from this code
    alone.
    """
    root = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for file in sorted(root.rglob("*.py")):
        digest.update(f"{file.relative_to(root)}\n".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()
