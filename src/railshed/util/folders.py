"""Folders that are replaced as a whole: made beside their place, locked meanwhile, and put there in one step.

While a folder is made, ``.railshed-HASH.lock`` and ``.railshed-HASH.new`` stand beside it (HASH: of its name). The
system gives the lock back when its process ends, however that ends: what the next one finds there is removed.

The finished folder is exchanged with the old one, whose other files are first linked into it. Where the system cannot
exchange (a mount point, the working folder, a parent that is read-only), files are moved in one by one: the record of
the old folder goes first and that of the new one comes last, so no mixture ever stands under a record.
"""

from __future__ import annotations

import ctypes
import datetime as dt
import errno
import hashlib
import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from railshed.util.errors import OutputError
from railshed.util.files import FULL, MARK, exists

#: returns, for the old folder, the function that says of a file's name whether the new folder replaces or drops it
Owned = Callable[[Path], Callable[[str], bool]]

_AT_CWD, _EXCHANGE = -100, 2
#: what an operating system says of a lock that another process has, and of a place where nothing can be made
_BUSY = (errno.EAGAIN, errno.EACCES, errno.EDEADLK)
_CLOSED = (errno.EACCES, errno.EPERM, errno.EROFS)


@contextmanager
def whole_folder(
    path: str | Path, owned: Owned, *, last: str, keep: Callable[[Path], bool] = lambda new: False,
    removed: Callable[[list[str]], None] = lambda names: None,
) -> Iterator[Path]:  # fmt: skip
    """Yield a new folder; it takes the place of `path` when the block ends well. Else `path` is unchanged.

    Parameters
    ----------
    owned
        Which files of the old folder it replaces or drops; all others are carried over.
    last
        The file that says what the folder holds.
    keep
        Whether what a stopped block has made is worth going on with; then the next block begins with it.
    removed
        Called at the end with the names of dropped files, where there are any.

    Raises
    ------
    OutputError
        When it is a file, cannot be written, or another process works there; says which, and since when.
    """
    target = Path(os.path.realpath(path))
    missing = [one for one in target.parents if not exists(one)]
    new = target
    try:
        _check(target)
        target.parent.mkdir(parents=True, exist_ok=True)
        with _locked(target) as place:
            new = _begin(target, place, keep)
            try:
                yield new
                gone = _put(new, target, owned(target), last)
            except BaseException:
                if not keep(new):
                    _remove(new)
                raise
            _remove(new, new.with_suffix(".old"))
        if gone:
            removed(gone)
    except OSError as error:
        raise _in_words(error, target, str(path), str(new)) from error
    finally:
        for parent in missing:
            with suppress(OSError):
                parent.rmdir()


def _check(target: Path) -> None:
    if target.exists() and not target.is_dir():
        raise OutputError(f"output folder {target} is a file; give another folder")
    if target.is_dir() and not os.access(target, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(target))


def _in_words(error: OSError, target: Path, path: str, new: str) -> OSError:
    """Return an error of writing in words that name the folder; any other as it is."""
    if isinstance(error, OutputError):
        return OutputError(str(error).replace(new, path))
    file = str(error.filename or "")
    if error.errno in FULL or (file and (MARK in file or file.startswith(str(target)) or target.is_relative_to(file))):
        return OutputError(
            f"output folder {path} cannot be written ({error.strerror or error}); give another folder, or is the disk "
            "full?"
        )
    return error


def _mark(target: Path) -> str:
    return MARK + hashlib.sha256(os.fsencode(target.name)).hexdigest()[:12]


@contextmanager
def _locked(target: Path) -> Iterator[Path]:
    """Lock a folder and yield where the lock stands: beside it, or in it where nothing can be made beside it."""
    place, name = target.parent, f"{_mark(target)}.lock"
    try:
        file = _acquired(place / name, target)
    except OSError as error:
        if error.errno not in _CLOSED or not target.is_dir():
            raise
        place = target
        file = _acquired(place / name, target)
    try:
        with suppress(OSError):
            now = dt.datetime.now().astimezone().strftime("%Y-%m-%d %H:%M:%S")
            (place / name).write_text(f"process {os.getpid()} on {platform.node()} has worked there since {now}")
        yield place
    finally:
        with suppress(OSError):
            (place / name).unlink()
        os.close(file)


def _acquired(path: Path, target: Path) -> int:
    """Return the descriptor of a lock file that this process has locked.

    Raises
    ------
    OutputError
        When another process has it.
    """
    while True:
        file = os.open(path, os.O_RDONLY | os.O_CREAT, 0o644)
        try:
            _lock(file)
        except OSError as error:
            os.close(file)
            if error.errno not in _BUSY:
                raise
            holder = path.read_text() if exists(path) else ""
            raise OutputError(
                f"{target} is in use: {holder or 'another process works there'} -> wait for it, or give another folder"
            ) from error
        with suppress(OSError):
            if path.stat().st_ino == os.fstat(file).st_ino:
                return file
        os.close(file)  # its last holder took it away


def _lock(file: int) -> None:
    """Lock an open file until it is closed, or its process ends; an OSError where another has locked it."""
    if sys.platform == "win32":
        import msvcrt

        os.lseek(file, 1 << 30, os.SEEK_SET)  # so that others can read what stands in it
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _begin(target: Path, place: Path, keep: Callable[[Path], bool]) -> Path:
    """Return the new folder, empty but for what is worth keeping; what a dead process has left goes."""
    inside = target.is_dir() and (place == target or os.path.ismount(target) or Path.cwd().is_relative_to(target))
    beside, within = (at / f"{_mark(target)}.new" for at in (target.parent, target))
    new, other = (within, beside) if inside else (beside, within)
    old = beside.with_suffix(".old")
    if old.is_dir() and not target.exists():  # stopped between two renames
        old.rename(target)
    _remove(old, other, *(() if keep(new) else (new,)))
    new.mkdir(exist_ok=True)
    return new


def _remove(*folders: Path) -> None:
    """Remove folders, also those in which nothing may be removed."""
    for one in folders:
        for folder, _, _ in os.walk(one):
            with suppress(OSError):
                Path(folder).chmod(0o700)
        shutil.rmtree(one, ignore_errors=True)


def _put(new: Path, target: Path, is_owned: Callable[[str], bool], last: str) -> list[str]:
    """Put the new folder in its place and return the names of the files that are dropped."""
    if not target.exists():
        new.rename(target)
        return []
    if new.parent == target.parent:
        with suppress(OSError):  # another file system below, rights of others, no links: file by file
            gone = _carry(target, new, is_owned)
            os.utime(new)
            _exchange(new, target)
            return gone
    return _move_in(new, target, is_owned, last)


def _carry(old: Path, new: Path, is_owned: Callable[[str], bool]) -> list[str]:
    """Link what is not owned into the new folder; return the names of owned files that it does not have."""
    gone = []
    for folder, inner, files in os.walk(old, topdown=False, onerror=_raise):
        here, there = Path(folder), new / Path(folder).relative_to(old)
        names = [*files, *(name for name in inner if (here / name).is_symlink())]
        gone_here = [name for name in names if is_owned((here / name).relative_to(old).as_posix())]
        gone += [here / name for name in gone_here if not os.path.lexists(there / name)]
        foreign = [name for name in names if name not in gone_here and not os.path.lexists(there / name)]
        if here != old and not (foreign or there.exists() or not (files or inner)):
            continue  # nothing but dropped files
        there.mkdir(parents=True, exist_ok=True)
        for name in foreign:
            os.link(here / name, there / name, follow_symlinks=False)
        _make_like(there, here)
    return sorted(one.relative_to(old).as_posix() for one in gone)


def _raise(error: OSError) -> None:
    raise error


def _make_like(new: Path, old: Path) -> None:
    """Give a folder the rights, times and owner of another."""
    was, now = old.stat(), new.stat()
    if (was.st_uid, was.st_gid) != (now.st_uid, now.st_gid):
        os.chown(new, was.st_uid, was.st_gid)
    shutil.copystat(old, new)


def _exchange(new: Path, target: Path) -> None:
    """Exchange two folders, in one step where the system can, else by two renames, which `_begin` can complete."""
    rename = getattr(ctypes.CDLL(None), "renameat2", None) if sys.platform == "linux" else None
    if rename and rename(_AT_CWD, os.fsencode(new), _AT_CWD, os.fsencode(target), _EXCHANGE) == 0:
        return
    old = new.with_suffix(".old")
    target.rename(old)
    try:
        new.rename(target)
    except BaseException:
        old.rename(target)
        raise


def _move_in(new: Path, target: Path, is_owned: Callable[[str], bool], last: str) -> list[str]:
    """Move the files of the new folder in, its record last; return the names of the files that are dropped."""
    names = sorted(file_names(new), key=lambda name: (name == last, name))
    taken = [str(target / name) for name in names if (target / name).is_dir()]
    if taken:
        raise OutputError(f"{', '.join(taken)}: a folder stands where a file is to be written; move it away")
    gone = sorted(name for name in file_names(target) if is_owned(name) and name not in names)
    for name in (last, *gone):
        (target / name).unlink(missing_ok=True)
        for folder in (target / name).parents:
            if folder == target or any(folder.iterdir()):
                break
            folder.rmdir()
    for name in names:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.move(new / name, target / name)
    return gone


def file_names(folder: Path) -> Iterator[str]:
    """Yield the names of all files below a folder but those of folders in the making."""
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        if (path.is_symlink() or not path.is_dir()) and not name.startswith(MARK):
            yield name
