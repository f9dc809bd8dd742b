"""Options of glibc's memory allocator (`mallopt`, malloc.h) for a whole process; nothing where
there is another one.
"""

from __future__ import annotations

import ctypes
from contextlib import suppress

_TRIM_THRESHOLD = -1
_MMAP_THRESHOLD = -3
_MMAP_MAX = -4
_ARENA_MAX = -8


def reuse_memory() -> None:
    """Let arrays take the memory of those that are gone.

    Else the system clears every page of each large array: a sixth of the time of a feed of 30
    million stop times.
    """
    _set({_TRIM_THRESHOLD: -1, _MMAP_MAX: 0})


def give_back_memory() -> None:
    """Give back what large arrays used, from one heap for all threads: a server else grows for
    hours, with holes.
    """
    _set({_ARENA_MAX: 1, _MMAP_THRESHOLD: 1 << 21})


def _set(options: dict[int, int]) -> None:
    with suppress(AttributeError, OSError, TypeError):
        for option, value in options.items():
            ctypes.CDLL(None).mallopt(option, value)
