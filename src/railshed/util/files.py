"""Files that are whole or absent, shipped networks and checksums."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from railshed.util.errors import OutputError, RailshedError
from railshed.util.interrupts import uninterrupted

_PACKAGE = Path(__file__).resolve().parents[1]
#: how the names of files and folders in the making begin
MARK = ".railshed-"
#: signals that have stopped this process: compiled code may have lost the exception, so that work
#: goes on
STOPPED_BY: list[int] = []
#: what an operating system says of a full disk
FULL = (errno.ENOSPC, errno.EDQUOT)
#: libraries whose own errors, raised while a file is written, are of the place and not of the data
_WRITERS = ("pyogrio", "sqlite3", "h5py", "pyarrow")
#: name of a file in a temporary folder that its process has locked: a folder without it may be
#: about to be
_LOCKED = f"{MARK}lock"
#: of a temporary name, so that names of a writer with a longer ending are not too long either
_MOST_BYTES = 200


def networks_root() -> Path:
    """Return the folder of the shipped networks: in the installed package, or at the top of a
    checkout.
    """
    inside = _PACKAGE / "networks"
    return inside if inside.is_dir() else _PACKAGE.parents[1] / "networks"


def exists(path: Path) -> bool:
    """Return whether there is such a file or folder."""
    try:
        return path.exists()
    except (OSError, ValueError):  # a text that is no path at all: too long, or with a NUL
        return False


@contextmanager
def atomic_path(path: str | Path) -> Iterator[Path]:
    """Yield the path of a temporary file with the suffix of `path`, which it replaces when the
    block ends well.

    When the block raises, the temporary file is removed and `path` is unchanged; what a killed
    process left of it is removed by the next. A link stays: the file that it leads to is replaced.
    What is no regular file (a pipe, a device) is written to at the end.

    Raises OutputError when the file cannot be written or replaced.
    """
    target = Path(path)
    try:
        if target.is_dir():
            raise OutputError(f"{target} is a folder; give the name of a file")
        is_stream = target.exists() and not target.is_file()
        place = Path(os.path.realpath(target)) if target.is_symlink() else target
        if place.is_symlink():
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
        parent = None if is_stream else place.parent
        beginning = sibling(place, "-").name
        with ExitStack() as block:
            with uninterrupted():
                made = tempfile.TemporaryDirectory(
                    prefix=beginning, dir=parent, ignore_cleanup_errors=True
                )
                block.callback(_clean_up, made)
            folder = made.name
            for left in () if parent is None else parent.glob(f"{beginning}*/{_LOCKED}"):
                with suppress(OSError):  # a living process has it
                    _lock_folder(left.parent, block)
                    shutil.rmtree(left.parent)
            with suppress(OSError):  # no locks here: no mark either
                _lock_folder(Path(folder), block)
                Path(folder, _LOCKED).touch()
            temporary = Path(
                folder, os.fsencode(target.name)[-_MOST_BYTES:].decode("utf-8", "ignore")
            )
            yield temporary
            if not temporary.exists():
                raise OutputError(f"{target}: nothing was written")
            go_on()
            if is_stream:
                with temporary.open("rb") as content, target.open("wb") as stream:
                    shutil.copyfileobj(content, stream)
            else:
                os.replace(temporary, place)  # noqa: PTH105 - the same call on Windows and elsewhere
    except RailshedError:
        raise
    except Exception as error:
        if (
            not isinstance(error, OSError)
            and type(error).__module__.partition(".")[0] not in _WRITERS
        ):
            raise
        if isinstance(error, FileNotFoundError) and not target.parent.exists():
            raise OutputError(
                f"{target} cannot be written: the folder {target.parent} does not exist"
            ) from error
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise OutputError(
            f"{target} cannot be written ({reason}); is it open elsewhere, or the disk full?"
        ) from error


def _clean_up(made: tempfile.TemporaryDirectory[str]) -> None:
    with uninterrupted():
        made.cleanup()


def sibling(target: Path, suffix: str) -> Path:
    """Return the path, next to a file or folder, of what is made for it."""
    return (
        target.parent / f"{MARK}{hashlib.sha256(os.fsencode(target.name)).hexdigest()[:12]}{suffix}"
    )


def lock(file: int) -> None:
    """Lock an open file until it is closed or its process ends; OSError where another has locked
    it.
    """
    if sys.platform == "win32":
        import msvcrt

        os.lseek(file, 1 << 30, os.SEEK_SET)  # so that others can read what stands in it
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _lock_folder(folder: Path, block: ExitStack) -> None:
    """Lock a folder until a block or its process ends; OSError where another has locked it, and on
    Windows.
    """
    file = os.open(folder, os.O_RDONLY)
    block.callback(os.close, file)
    lock(file)


def go_on() -> None:
    """Raise KeyboardInterrupt where a signal has stopped this process: nothing takes its place any
    more.
    """
    if STOPPED_BY:
        raise KeyboardInterrupt


def check_room(path: Path) -> None:
    """Raise an OSError where the disk has no room for a file of this size once more.

    GDAL reports no error where the last part of a file finds no room.
    """
    size = path.stat().st_size
    with tempfile.TemporaryFile(dir=path.parent) as probe:
        if not hasattr(os, "posix_fallocate"):
            if shutil.disk_usage(path.parent).free < size:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return
        try:
            os.posix_fallocate(probe.fileno(), 0, max(size, 1))
        except OSError as error:
            if error.errno in FULL:
                raise


def write_file(path: str | Path, content: str | bytes) -> Path:
    """Write bytes, or a text as UTF-8, whole or not at all; return the path.

    Raises OutputError when the file cannot be written or replaced.
    """
    with atomic_path(path) as temporary:
        temporary.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    return Path(path)


def sha256_file(path: str | Path) -> str:
    """Return the sha256 of a file as hex digits."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
