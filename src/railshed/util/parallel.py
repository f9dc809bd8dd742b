"""Threads: how many there are, and the results of a function called on them."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sized
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from railshed.util.errors import ParameterError

#: sets the number of threads
THREADS_VARIABLE = "RAILSHED_THREADS"

Item = TypeVar("Item")
Result = TypeVar("Result")

_THREAD = threading.local()
#: locked where a thread changes what others use too: settings of matplotlib, filters of warnings
ONE_THREAD = threading.RLock()


def count_threads(workers: int | None = None) -> int:
    """Return the number of threads to use: `workers`, else RAILSHED_THREADS, else the processors of
    this process.

    One on a thread of `map_in_threads`, which uses the processors already.

    Raises ParameterError when RAILSHED_THREADS is not a whole number from 1.
    """
    if workers:
        return workers
    if getattr(_THREAD, "is_worker", False):
        return 1
    value = os.environ.get(THREADS_VARIABLE, "").strip()
    if not value:
        return (
            len(os.sched_getaffinity(0))
            if hasattr(os, "sched_getaffinity")
            else os.cpu_count() or 1
        )
    if not value.isdecimal() or int(value) < 1:
        raise ParameterError(f"{THREADS_VARIABLE} is {value!r}: allowed are whole numbers from 1")
    return int(value)


def map_in_threads(
    function: Callable[[Item], Result], items: Iterable[Item], workers: int | None = None
) -> Iterator[Result]:
    """Yield the result of `function` for each item, in order; `workers` as in `count_threads`.

    At most two calls a thread run ahead of the result that is read next. No call begins after an
    error or when the iterator is closed; those that run are waited for. With one thread or one item
    the caller's thread is used.
    """
    n = count_threads(workers)
    if n == 1 or (isinstance(items, Sized) and len(items) <= 1):
        yield from map(function, items)
        return
    pending: deque[Future[Result]] = deque()
    with ThreadPoolExecutor(n, initializer=_mark_worker) as pool:
        try:
            for item in items:
                pending.append(pool.submit(function, item))
                if len(pending) > 2 * n:
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        finally:
            for future in pending:
                future.cancel()


def call_in_threads(
    function: Callable[[Item], object], items: Iterable[Item], workers: int | None = None
) -> None:
    """Call `function` with every item, as `map_in_threads` does."""
    for _ in map_in_threads(function, items, workers):
        pass


def _mark_worker() -> None:
    _THREAD.is_worker = True


@contextmanager
def as_worker() -> Iterator[None]:
    """Count this thread as one of `map_in_threads` within the block: other workers use the other
    processors.
    """
    before = getattr(_THREAD, "is_worker", False)
    _mark_worker()
    try:
        yield
    finally:
        _THREAD.is_worker = before
