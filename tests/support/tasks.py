"""Tasks that workers find by name."""

from __future__ import annotations

import os
import signal
import time
import warnings
from pathlib import Path
from typing import Any

from railshed.api.analysis import _circle
from railshed.util.errors import NotFoundError, RailshedWarning


def squared(shared: int, number: int) -> tuple[int, int]:
    """Return a number squared plus what is shared, and the process."""
    return number**2 + shared, os.getpid()


def killed_once(folder: Path, number: int) -> int:
    """Return a number squared; of every fifth number the first worker is killed."""
    mark = folder / str(number)
    if number % 5 == 0 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number**2


def killed(_: Any, number: int) -> int:
    """Kill the worker at number 7, whenever it comes."""
    if number == 7:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def refused(_: Any, number: int) -> int:
    """Warn, and refuse number 3."""
    warnings.warn(f"number {number}", RailshedWarning, stacklevel=1)
    if number == 3:
        raise NotFoundError("number", "3", ["2", "4"])
    return number


def broken(_: Any, number: int) -> float:
    """Divide by 0."""
    return number / 0


def slow(folder: Path, number: int) -> int:
    """Leave the process in a file, and take a minute."""
    (folder / f"{number}").write_text(str(os.getpid()), encoding="ascii")
    time.sleep(60)
    return number


def compilations(shared: Any, city: Any) -> list[str]:
    """Return the kernels that the circle of a city compiles."""
    from railshed.kernels.jit import ShippedCode

    found: list[str] = []
    usual = ShippedCode.save_overload
    ShippedCode.save_overload = lambda self, *_: found.append(self.name)  # type: ignore[method-assign]
    try:
        _circle(shared, city)
    finally:
        ShippedCode.save_overload = usual  # type: ignore[method-assign]
    return found
