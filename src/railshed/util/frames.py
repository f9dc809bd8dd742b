"""Frames that results have computed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

F = TypeVar("F")


class cached_frame(Generic[F]):  # noqa: N801
    """A property that is computed once, each access a copy: a change to it is in no other figure and no file.

    A copy shares the values until one of them is changed (pandas 3; before, columns alone are its own).
    """

    def __init__(self, make: Callable[[Any], F]) -> None:
        self.make, self.__doc__ = make, make.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self.key = f"_{name}_made"

    def __get__(self, one: Any, owner: type) -> F:
        if one is None:
            return self  # type: ignore[return-value]
        made = vars(one)
        if self.key not in made:
            made[self.key] = self.make(one)
        return made[self.key].copy(deep=False)  # type: ignore[no-any-return]
