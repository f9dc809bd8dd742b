"""Values that many threads ask for, each made once and the latest of them cached."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Once(Generic[Value]):
    """The latest `most` values by key.

    A thread that asks for one that another thread makes waits for it.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._made: OrderedDict[Hashable, Future[Value]] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """Return the value of a key, made where there is none; an error is raised for all that
        wait, and not cached.
        """
        with self._lock:
            known = self._made.get(key)
            mine = self._made.setdefault(key, Future()) if known is None else known
            self._made.move_to_end(key)
            while len(self._made) > self._most:
                self._made.popitem(last=False)
        if known is None:
            try:
                mine.set_result(make())
            except BaseException as error:
                with self._lock:
                    if self._made.get(key) is mine:
                        del self._made[key]
                mine.set_exception(error)
                raise
        return mine.result()
