"""The decorator of all kernels, and when compiled code is cached on disk.

Numba's disk cache does not notice a change in a callee's file, so it is off unless ``RAILSHED_KERNEL_CACHE=1``. The
command line sets it, with ``NUMBA_CACHE_DIR`` at a folder named by `source_hash`, which changes with any kernel file.
"""

import hashlib
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
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


#: optional modules of numba that no kernel uses: linear algebra and line coverage
_UNUSED = ("scipy", "coverage")


@contextmanager
def _out_of_sight(names: Iterable[str]) -> Iterator[None]:
    """Hide these modules from imports; those imported before stay."""
    hidden = [name for name in names if name not in sys.modules]
    for name in hidden:
        sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


@cache
def _set_up() -> None:
    """Import numba without the optional modules that no kernel uses, which saves 0.3 s.

    In the command line's process only, where no other code compiles; numba finds the modules later.
    """
    with _out_of_sight(_UNUSED), suppress(ImportError, AttributeError):  # names within numba: else it sets itself up
        from numba.core.registry import cpu_target

        cpu_target.target_context.refresh()


def kernel(function: F) -> F:
    """Compile `function` without the interpreter lock, on first call."""
    cached = os.environ.get("RAILSHED_KERNEL_CACHE") == "1"
    if cached:
        _set_up()
    from numba import njit

    compiled: F = njit(nogil=True, cache=cached)(function)
    return compiled
