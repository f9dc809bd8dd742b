"""Results as the classes that users hold: the same data, with plots and files."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

T = TypeVar("T")
P = ParamSpec("P")


def wrap(cls: type[T], result: Any, **changes: Any) -> T:
    """Return a result as one of its subclasses, with some fields replaced; what it has computed is
    shared.
    """
    if isinstance(result, cls):
        return result
    wrapped = object.__new__(cls)
    object.__setattr__(
        wrapped, "__dict__", {**vars(result), **changes} if changes else vars(result)
    )
    return wrapped


def returning(convert: Callable[[Any], T], function: Callable[P, Any]) -> Callable[P, T]:
    """Return a function of the same signature and docstring whose result is converted."""

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        return convert(function(*args, **kwargs))

    call.__annotations__ = {
        **function.__annotations__,
        "return": getattr(convert, "__annotations__", {}).get("return"),
    }
    return call


def wrapping(cls: type[T], function: Callable[P, Any]) -> Callable[P, T]:
    """Return a function of the same signature and docstring whose result is wrapped."""

    def convert(result: Any) -> T:
        return wrap(cls, result)

    convert.__annotations__["return"] = cls.__name__
    return returning(convert, function)
