"""A second process that makes pictures of figures while this one goes on; run as a module it is that process.

It imports matplotlib while circles are computed. Whatever goes wrong there, the picture is made here, where errors are
said. It writes no file, and ends with the process that started it.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    import subprocess

#: whether this process may start another: a command's own may
allowed = False
_LENGTH = 8


class Beside:
    """The second process, which makes one picture at a time; to be used in `with`."""

    def __init__(self, *, wanted: bool = True) -> None:
        """Start it where it is wanted, allowed and of use; it is not waited for."""
        self._process: subprocess.Popen[bytes] | None = None
        self._asked: tuple[Any, str] | None = None
        if not (wanted and allowed and (os.cpu_count() or 1) > 1):
            return
        import subprocess

        with suppress(OSError):
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", __name__],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            )  # fmt: skip

    def __enter__(self) -> Beside:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()

    def ask(self, figure: Any, kind: str) -> None:
        """Let a picture of the figure be made."""
        import pickle

        if self._process is None or self._process.stdin is None:
            return
        with suppress(OSError, pickle.PicklingError, TypeError, AttributeError):
            _write(self._process.stdin, pickle.dumps((figure, kind)))
            self._asked = figure, kind

    def picture(self, figure: Any, kind: str) -> bytes | None:
        """Return the picture that was asked for, once it is made; None of any other, or where it could not be made."""
        if self._asked is None or self._asked[0] is not figure or self._asked[1] != kind:
            return None
        self._asked = None
        assert self._process is not None
        assert self._process.stdout is not None
        return _read(self._process.stdout) or None


def _write(stream: IO[bytes], data: bytes) -> None:
    stream.write(len(data).to_bytes(_LENGTH, "little") + data)
    stream.flush()


def _read(stream: IO[bytes]) -> bytes:
    """Return what was written with `_write`, nothing where the stream ends before."""
    length = int.from_bytes(stream.read(_LENGTH), "little")
    data = stream.read(length)
    return data if len(data) == length else b""


def serve(given: IO[bytes], told: IO[bytes]) -> None:
    """Write a picture of every figure that is read, until there are none."""
    import pickle
    from io import BytesIO

    from matplotlib.backends import backend_agg  # noqa: F401 - before it is needed

    from railshed.maps import fonts
    from railshed.maps.style import draw

    fonts.register()
    while data := _read(given):
        figure, kind = pickle.loads(data)
        drawn = BytesIO()
        draw(figure, drawn, kind)
        _write(told, drawn.getvalue())


if __name__ == "__main__":
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who started it ends it
    serve(sys.stdin.buffer, sys.stdout.buffer)
