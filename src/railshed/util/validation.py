"""Arguments of public functions as callers write them: cast where it is plain what is meant, else
refused, all at once.

A kind takes an argument and returns the value that the function uses, or raises ValueError with
what is allowed.
"""

from __future__ import annotations

import datetime as dt
import functools
import inspect
import math
import numbers
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from railshed.util.errors import ParameterError, RailshedError, suggestion
from railshed.util.units import DAY, LATEST_S, format_clock, parse_window

P = ParamSpec("P")
R = TypeVar("R")
Kind = Callable[[Any], Any]
#: no bound
_ANY = 2**31 - 1
_SHOWN = 80
_NAMED = 5


def checked(**kinds: Kind) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Return a decorator that casts the arguments of a function by name.

    Raises ParameterError naming every argument that is not allowed, and what is.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        signature = inspect.signature(function)

        @functools.wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> R:
            bound = signature.bind(*args, **kwargs)
            bound.arguments.update(cast_all(bound.arguments, kinds))
            return function(*bound.args, **bound.kwargs)

        return call

    return decorate


def cast_all(given: Mapping[str, Any], kinds: Mapping[str, Kind]) -> dict[str, Any]:
    """Return the arguments that have a kind, cast.

    Raises ParameterError naming every argument that is not allowed, and what is.
    """
    found = {}
    problems = []
    for name, kind in kinds.items():
        if name not in given:
            continue
        try:
            found[name] = kind(given[name])
        except RailshedError:
            raise
        except (ValueError, TypeError) as error:
            what = error.what if isinstance(error, _BadItemsError) else shown(given[name])
            problems.append(f"{name} {what}: {error}")
    if problems:
        raise ParameterError("; ".join(problems))
    return found


def faults_of(given: Mapping[str, Any], kinds: Mapping[str, Any], table: str = "") -> list[str]:
    """Return what is wrong with a table of a file; `kinds` are kinds by key, mappings of them for
    its own tables.
    """
    faults = []
    for name, value in given.items():
        key = f"{table}{name}"
        kind = kinds.get(name)
        if kind is None:
            faults.append(f"{key}: unknown, {suggestion(str(name), kinds)}")
        elif not isinstance(kind, Mapping):
            try:
                cast_all({key: value}, {key: kind})
            except ParameterError as error:
                faults.append(str(error))
        elif isinstance(value, Mapping):
            faults += faults_of(value, kind, f"{key}.")
        else:
            faults.append(f"{key} {shown(value)}: allowed is a table [{key}]")
    return faults


class _BadItemsError(ValueError):
    """Some of a list; `what` names them."""

    def __init__(self, what: str, message: str) -> None:
        super().__init__(message)
        self.what = what


def shown(value: Any) -> str:
    """Return a value as a message shows it: short, and the type alone of what has no plain text."""
    if isinstance(value, numbers.Number):
        return str(value)
    plain = value is None or isinstance(
        value, str | bytes | dt.date | os.PathLike | list | tuple | Mapping
    )
    text = repr(value) if plain else f"of type {type(value).__name__}"
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def optional(kind: Kind) -> Kind:
    """Return the kind that also takes None."""
    return lambda value: None if value is None else kind(value)


def instance(*types: type, hint: str = "") -> Kind:
    """Return the kind of objects of some types."""

    def cast(value: Any) -> Any:
        if not isinstance(value, types):
            raise ValueError(
                f"allowed is {' or '.join(t.__name__ for t in types)}{hint and f'; {hint}'}"
            )
        return value

    return cast


def _is_number(value: Any) -> bool:
    return not isinstance(value, bool) and isinstance(value, numbers.Real) and math.isfinite(value)


def number(low: float, high: float) -> Kind:
    """Return the kind of numbers within bounds."""

    def cast(value: Any) -> Any:
        if not _is_number(value) or not low <= value <= high:
            raise ValueError(f"allowed are numbers from {low:g} to {high:g}")
        return value

    return cast


def real(value: Any) -> Any:
    """Return a number, which may be NaN."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise ValueError("allowed are numbers")
    return value


def whole(low: int = -_ANY, high: int = _ANY) -> Kind:
    """Return the kind of whole numbers within bounds, 60.0 among them."""
    bounds = ""
    if low > -_ANY:
        bounds = f" from {low} {'up' if high == _ANY else f'to {high}'}"

    def cast(value: Any) -> int:
        if not _is_number(value) or value != int(value) or not low <= value <= high:
            raise ValueError(f"allowed are whole numbers{bounds}")
        return int(value)

    return cast


def flag(value: Any) -> bool:
    """Return True or False."""
    if type(value).__name__ not in ("bool", "bool_"):
        raise ValueError("allowed are True, False")
    return bool(value)


def text(value: Any) -> str:
    """Return a text."""
    if not isinstance(value, str):
        raise ValueError("allowed is a text")
    return value


def one_of(*allowed: str) -> Kind:
    """Return the kind of some words."""

    def cast(value: Any) -> str:
        if not isinstance(value, str) or value not in allowed:
            raise ValueError(f"allowed are {', '.join(word or repr(word) for word in allowed)}")
        return value

    return cast


def many(kind: Kind, *, least: int = 1) -> Kind:
    """Return the kind of lists, and of one such thing alone; a frame is one thing, no list of its
    columns.
    """

    def cast(value: Any) -> tuple[Any, ...]:
        whole = isinstance(value, str | bytes | os.PathLike | Mapping) or hasattr(value, "columns")
        alone = whole or not isinstance(value, Iterable)
        items = []
        bad = []
        message = ""
        for item in [value] if alone else value:
            try:
                items.append(kind(item))
            except (ValueError, TypeError) as error:
                bad.append(shown(item))
                message = str(error)
        if bad:
            raise _BadItemsError(", ".join(bad[:_NAMED]), message)
        if len(items) < least:
            raise _BadItemsError("(none)", f"give {least} or more")
        return tuple(items)

    return cast


def words(value: Any) -> tuple[str, ...]:
    """Return texts of a list, or of one text split at commas."""
    listed: tuple[str, ...] = many(text, least=0)(value)
    return tuple(word.strip() for part in listed for word in part.split(",") if word.strip())


def day(value: Any) -> dt.date:
    """Return the date of a date, a datetime or a text like 2023-12-15."""
    if isinstance(value, dt.datetime):  # a Timestamp of pandas is one; NaT has no date
        return dt.date(value.year, value.month, value.day)
    if isinstance(value, dt.date):
        return value
    try:
        return dt.date.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError("allowed is a date, or a text like 2023-12-15") from None


def window(value: Any) -> tuple[int, int]:
    """Return (start, end) clock seconds of two numbers or of a text like 07:30-09:30."""
    if isinstance(value, str):
        return parse_window(value)
    message = (
        f"allowed are (start, end) in clock seconds, up to {format_clock(LATEST_S)}, or a "
        "text like 07:30-09:30"
    )
    try:
        start, end = (whole(0, LATEST_S)(second) for second in value)
    except (TypeError, ValueError):
        raise ValueError(message) from None
    if not start < end <= start + DAY:
        raise ValueError(f"{message}; start before end, at most a day apart")
    return start, end


def path(value: Any) -> Path:
    """Return the path of a file or folder."""
    if not isinstance(value, str | os.PathLike):
        raise ValueError("allowed is a path")
    return Path(value)


def files(value: Any) -> list[str]:
    """Return the paths of a file or of several."""
    return [os.fspath(item) for item in many(path, least=0)(value)]


def mapping(value: Any) -> Mapping[str, Any]:
    """Return a table of values by name."""
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        raise ValueError("allowed is a table of values by name: {name: value}")
    return value
