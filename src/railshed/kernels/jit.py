"""The one decorator of all kernels, and when compiled code is kept on disk.

Numba's disk cache does not notice a change in a callee's file, so it is off unless ``RAILSHED_KERNEL_CACHE=1``; whoever
sets that (the command line) points ``NUMBA_CACHE_DIR`` at a folder named by `source_hash`, which changes with any
kernel file.
"""

import hashlib
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])


def source_hash() -> str:
    """Return a hash of every file in this folder."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


@cache
def _set_up() -> None:
    """Set numba up while scipy cannot be found: it looks for linear algebra, which no kernel uses, for 0.2 s.

    In the command line's process only, where nobody else compiles; what numba does later finds scipy as ever.
    """
    if "scipy" in sys.modules:
        return
    sys.modules["scipy"] = None  # type: ignore[assignment]
    try:
        with suppress(ImportError, AttributeError):  # names within numba: without them it sets itself up, with scipy
            from numba.core.registry import cpu_target

            cpu_target.target_context.refresh()
    finally:
        del sys.modules["scipy"]


def kernel(function: F) -> F:
    """Compile `function` without the interpreter lock, on first call."""
    from numba import njit

    cached = os.environ.get("RAILSHED_KERNEL_CACHE") == "1"
    if cached:
        _set_up()
    compiled: F = njit(nogil=True, cache=cached)(function)
    return compiled
