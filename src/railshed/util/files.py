"""Files that are whole or absent, output folders that can be written, shipped networks and checksums."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from railshed.util.errors import OutputError

_PACKAGE = Path(__file__).resolve().parents[1]


def networks_root() -> Path:
    """Return the folder of the shipped networks: in the installed package, or at the top of a checkout."""
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
    """Yield a temporary sibling of `path` with the same suffix; it takes its place when the block ends well.

    When the block raises, the temporary file is removed and `path` is unchanged.

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


def write_file(path: str | Path, content: str | bytes) -> Path:
    """Write bytes, or a text as UTF-8, whole or not at all; return the path.

    Raises
    ------
    OutputError
        When the file cannot be written or replaced.
    """
    with atomic_path(path) as temporary:
        temporary.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    return Path(path)


def output_dir(path: str | Path) -> Path:
    """Return the folder, created if absent, after a test that it can be written.

    Raises
    ------
    OutputError
        When it is a file, or cannot be created or written.
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


def sha256_file(path: str | Path) -> str:
    """Return the sha256 of a file as hex digits."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
