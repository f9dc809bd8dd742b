"""Compiled kernels cached on disk between runs of the command line, in a folder that changes with any kernel file."""

from __future__ import annotations

import os
import sys

from railshed.kernels.jit import source_hash
from railshed.util.cache import cache_dir


def use_kernel_cache() -> None:
    """Switch the disk cache of compiled kernels on for this process; must come before numba is imported.

    Does nothing where the user switched it off (``RAILSHED_KERNEL_CACHE=0``), where the cache folder cannot be written
    or where numba runs uncompiled.
    """
    if os.environ.get("RAILSHED_KERNEL_CACHE") == "0" or os.environ.get("NUMBA_DISABLE_JIT") == "1":
        return
    if "numba" in sys.modules:
        return
    folder = cache_dir() / f"kernels-{source_hash()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".write-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError:
        return
    os.environ["NUMBA_CACHE_DIR"] = str(folder)
    os.environ["RAILSHED_KERNEL_CACHE"] = "1"
