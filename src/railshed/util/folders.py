"""Folders that are replaced as a whole: made next to their place, locked meanwhile, and put there
in one step.

While a folder is made, ``.railshed-HASH.lock`` and ``.railshed-HASH.new`` stand next to it (HASH:
of its name). The system gives the lock back when its process ends, however that ends: what the next
one finds there is removed.

The finished folder is exchanged with the old one, whose other files are first linked into it. Where
that cannot be (a mount point, the working folder, a read-only parent, no links), files are moved in
one by one: the record of the old folder goes first and that of the new one comes last, so that no
mixture stands under a record.
"""

from __future__ import annotations

import ctypes
import datetime as dt
import errno
import os
import platform
import shutil
import sys
import weakref
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from railshed.util.errors import OutputError
from railshed.util.files import MARK, exists, go_on, lock, sibling
from railshed.util.interrupts import uninterrupted

#: returns, for the old folder, the function that says of a file's name whether the new folder
#: replaces or drops it
Owned = Callable[[Path], Callable[[str], bool]]

#: what an operating system says of a lock that another process has
_BUSY = (errno.EAGAIN, errno.EACCES, errno.EDEADLK)
#: what it says where a file system has none: two processes in one folder are not recognised there
_NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)
#: of `renameat2`: the working folder, and that two names are exchanged
_AT_CWD = -100
_EXCHANGE = 2


@contextmanager
def whole_folder(
    path: str | Path,
    owned: Owned,
    *,
    last: str,
    keep: Callable[[Path], bool] = lambda new: False,
    removed: Callable[[list[str]], None] = lambda names: None,
) -> Iterator[Path]:
    """Yield a new folder; it takes the place of `path` when the block ends well. Else `path` is
    unchanged.

    Files of the old folder that are not `owned` are carried over; `removed` is called with the
    names of others that the new one does not have. `last` is the file that says what the folder
    holds. `keep` says of the new folder of a block that was stopped whether the next block begins
    with it.

    Raises OutputError when it is a file, cannot be written, or another process works there; says
    which, and since when.
    """
    missing = []
    gone = []
    made = list[Path]()
    try:
        target = Path(os.path.realpath(path))
        made = [sibling(target, ".new"), target / sibling(target, ".new").name]
        if (file := next((one for one in target.parents if one.is_file()), None)) is not None:
            raise OutputError(f"output folder {path}: {file} is a file; give another folder")
        missing = [one for one in target.parents if not exists(one)]
        target.parent.mkdir(parents=True, exist_ok=True)
        with _locked(target) as place:
            try:
                new = _begin(target, place, keep)
                yield new
                with uninterrupted():
                    go_on()
                    gone = _put(new, target, owned(target), last)
                    _remove(new, new.with_suffix(".old"))
            except BaseException:  # of whatever path the caller gave, only folders of our own names
                _remove(*(one for one in made if not keep(one)))
                raise
    except OSError as error:
        text = str(error)
        for one in made:
            text = text.replace(str(one), str(path))
        words = (
            f"output folder {path} cannot be written ({text}); give another folder, or is the "
            "disk full?"
        )
        raise OutputError(text if isinstance(error, OutputError) else words) from error
    finally:
        with suppress(OSError):  # those that hold something stay
            for parent in missing:
                parent.rmdir()
    if gone:
        removed(gone)


@contextmanager
def _locked(target: Path) -> Iterator[Path]:
    """Lock a folder and yield where the lock stands: in its parent, or in it where the parent is
    read-only.
    """
    place = target if target.is_dir() and not os.access(target.parent, os.W_OK) else target.parent
    path = place / sibling(target, ".lock").name
    block = ExitStack()
    with uninterrupted():
        file = _acquired(path, target)
        given_back = weakref.finalize(
            block, _give_back, path, file
        )  # at the end of the process at the latest
    with block:
        block.callback(given_back)
        with suppress(OSError):
            now = dt.datetime.now().astimezone().strftime("%Y-%m-%d %H:%M:%S")
            os.write(
                file,
                f"process {os.getpid()} on {platform.node()} has worked there since {now}".encode(),
            )
        yield place


def _give_back(path: Path, file: int) -> None:
    with uninterrupted():
        with suppress(OSError):
            path.unlink()
        os.close(file)


def _acquired(path: Path, target: Path) -> int:
    """Return the descriptor of a lock file that this process has locked; OutputError where another
    process has it.
    """
    while True:
        file = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o644)
        try:
            lock(file)
        except OSError as error:
            if error.errno in _NO_LOCKS:
                return file
            os.close(file)
            if error.errno not in _BUSY:
                raise
            holder = (path.read_text() if exists(path) else "") or "another process works there"
            raise OutputError(
                f"{target} is in use: {holder} -> wait for it, or give another folder"
            ) from error
        with suppress(OSError):
            if path.stat().st_ino == os.fstat(file).st_ino:
                return file
        os.close(file)  # its last holder took it away


def _begin(target: Path, place: Path, keep: Callable[[Path], bool]) -> Path:
    """Return the new folder, empty but for what is worth keeping; what a dead process has left
    goes.
    """
    new = sibling(target, ".new")
    old = sibling(target, ".old")
    if old.is_dir() and not target.exists():  # stopped between two renames
        old.rename(target)
    if target.is_symlink():
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
    if target.exists() and not target.is_dir():
        raise OutputError(f"output folder {target} is no folder; give another one")
    if target.is_dir():
        if not os.access(target, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(target))
        within = target / new.name
        if place == target or os.path.ismount(target) or Path.cwd().is_relative_to(target):
            new, within = within, new
        _remove(within, old)
    goes_on = keep(new)
    if not goes_on:
        _remove(new)
    new.mkdir(exist_ok=goes_on)
    return new


def _remove(*folders: Path) -> None:
    """Remove folders, also those in which nothing may be removed."""
    for one in (one for one in folders if not one.is_symlink()):
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
        with suppress(OSError):  # rights of others, another file system within, no links
            gone = _carry(target, new, is_owned)
            _carry_late(_exchange(new, target), target, is_owned)
            return gone
    return _move_in(new, target, is_owned, last)


def _carry(old: Path, new: Path, is_owned: Callable[[str], bool]) -> list[str]:
    """Link what is not owned into the new folder; return the names of owned files that it does not
    have.
    """
    gone = []
    for folder, inner, files in os.walk(old, topdown=False, onerror=_raise):
        here = Path(folder)
        there = new / Path(folder).relative_to(old)
        paths = [
            here / name for name in (*files, *inner) if name in files or (here / name).is_symlink()
        ]
        paths = [path for path in paths if not os.path.lexists(there / path.name)]
        dropped = [
            name for name in (path.relative_to(old).as_posix() for path in paths) if is_owned(name)
        ]
        gone += dropped
        if len(dropped) == len(paths) and (files or inner) and not there.exists():
            continue  # a folder of dropped files
        there.mkdir(parents=True, exist_ok=True)
        for path in paths:
            if path.relative_to(old).as_posix() not in dropped:
                os.link(path, there / path.name, follow_symlinks=False)
        was = here.stat()
        now = there.stat()
        if (was.st_uid, was.st_gid) != (now.st_uid, now.st_gid):
            os.chown(there, was.st_uid, was.st_gid)
        shutil.copystat(here, there)
    os.utime(new)
    return sorted(gone)


def _raise(error: OSError) -> None:
    raise error


def _carry_late(old: Path, target: Path, is_owned: Callable[[str], bool]) -> None:
    """Move what others have written into the old folder since it was carried over, where it finds a
    place.
    """
    for name in [
        name
        for name in file_names(old)
        if not is_owned(name) and not os.path.lexists(target / name)
    ]:
        with suppress(
            OSError
        ):  # the new folder stands already: no other way of putting it there may follow
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            (old / name).rename(target / name)


def _exchange(new: Path, target: Path) -> Path:
    """Exchange two folders, in one step where the system can, else by two renames, which `_begin`
    can undo.

    Returns where the old one is.
    """
    rename = getattr(ctypes.CDLL(None), "renameat2", None) if sys.platform == "linux" else None
    if rename and rename(_AT_CWD, os.fsencode(new), _AT_CWD, os.fsencode(target), _EXCHANGE) == 0:
        return new
    old = new.with_suffix(".old")
    target.rename(old)
    try:
        new.rename(target)
    except BaseException:
        old.rename(target)
        raise
    return old


def _move_in(new: Path, target: Path, is_owned: Callable[[str], bool], last: str) -> list[str]:
    """Move the files of the new folder in, its record last; return the names of the files that are
    dropped.
    """
    names = sorted(file_names(new), key=lambda name: (name == last, name))
    gone = sorted(name for name in file_names(target) if is_owned(name) and name not in names)
    for name in (last, *gone):
        (target / name).unlink(missing_ok=True)
        with suppress(OSError):  # up to a folder that holds something
            for folder in Path(name).parents[:-1]:
                (target / folder).rmdir()
    for name in names:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (new / name).replace(target / name)
    return gone


def file_names(folder: Path) -> Iterator[str]:
    """Yield the names of all files below a folder but those of folders in the making."""
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        if (path.is_symlink() or not path.is_dir()) and not name.startswith(MARK):
            yield name
