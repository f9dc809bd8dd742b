"""The errors that railshed raises for a user's mistake.

::

    RailshedError
    ├── InputError      (ValueError)   a file, row or field that cannot be used; carries every
                                       problem found
    ├── ParameterError  (ValueError)   an argument or option out of range
    ├── NotFoundError   (LookupError)  an unknown network, city, station, region or reading
    └── OutputError     (OSError)      a place that cannot be written

Each message names the value, what is allowed and what to do. Nothing else is caught by the command
line: any other exception is a defect of railshed.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Literal

#: issues of one kind that are named; the rest is counted
MAX_NAMED = 20


class RailshedError(Exception):
    """Base of all errors that a user can mend."""


class InputError(RailshedError, ValueError):
    """Input that cannot be used; `issues` lists every problem found, not only the first."""

    def __init__(self, message: str, issues: Sequence[Issue] = ()) -> None:
        self.issues = tuple(issues)
        lines = [message, *(f"  {issue}" for issue in self.issues[:50])]
        if len(self.issues) > 50:
            lines.append(f"  ... and {count_of(self.issues[50:]):,} more")
        super().__init__("\n".join(lines))


class ParameterError(RailshedError, ValueError):
    """An argument out of range."""


class NotFoundError(RailshedError, LookupError):
    """A name that is not known; the message suggests the nearest ones."""

    def __init__(self, kind: str, given: str, known: Iterable[str], hint: str = "") -> None:
        self.given = given
        spelled = {name.lower(): name for name in known}
        near = _alike(given.lower(), spelled, 3)
        suggestion = f" Did you mean {' or '.join(repr(spelled[n]) for n in near)}?" if near else ""
        super().__init__(f"unknown {kind} {given!r}.{suggestion}{' ' + hint if hint else ''}")


class OutputError(RailshedError, OSError):
    """An output path that cannot be written."""


class RailshedWarning(UserWarning):
    """What makes a result doubtful that Python returns and the command line refuses."""


@dataclass(frozen=True, slots=True)
class Issue:
    """A problem in one file, row and field.

    `row` counts from 1 at the first line below the header.
    """

    severity: Literal["error", "warning"]
    code: str
    message: str
    file: str = ""
    row: int | None = None
    field: str = ""
    value: str = ""
    remedy: str = ""
    #: problems of this kind that it stands for: trips, stations or rows that it counts instead of
    #: naming each
    count: int = 1

    def __str__(self) -> str:
        row = "" if self.row is None else f"row {self.row}"
        where = " ".join(
            part for part in (self.file, row, f"field {self.field}" if self.field else "") if part
        )
        value = f" (given: {self.value!r})" if self.value else ""
        remedy = f" -> {self.remedy}" if self.remedy else ""
        return (
            f"{self.severity} {self.code}: "
            f"{where + ': ' if where else ''}{self.message}{value}{remedy}"
        )


def _alike(text: str, known: Collection[str], most: int) -> list[str]:
    return difflib.get_close_matches(
        text[:200], known, n=most, cutoff=0.5 if len(text) < 4 else 0.6
    )


def nearest(
    text: str, known: Collection[str], most: int = 1, say: Callable[[str], str] = str
) -> str:
    """Return "did you mean ...?" with known texts like this one, else that hold it, as `say` has
    them; "" if none.
    """
    near = _alike(text, known, most)
    near = near or [name for name in known if text and text.lower() in name.lower()][:most]
    return f"did you mean {' or '.join(map(repr, dict.fromkeys(map(say, near))))}?" if near else ""


def suggestion(text: str, known: Collection[str]) -> str:
    """Return the nearest known text as a remedy, else all of them."""
    return nearest(text, known) or f"allowed: {', '.join(known)}"


def raise_errors(what: str, issues: Collection[Issue], warnings: list[Issue] | None = None) -> None:
    """Raise one InputError with every error among `issues`; warnings alone raise nothing, and go to
    `warnings`.
    """
    errors = [issue for issue in issues if issue.severity == "error"]
    if errors:
        n = count_of(errors)
        raise InputError(f"{what}: {n:,} problem{'s' if n > 1 else ''}", errors)
    if warnings is not None:
        warnings += issues


def named(issues: Iterable[Issue], n: int, what: str = "rows like this") -> list[Issue]:
    """Return the first of `n` issues of a kind, and one with the number of the rest."""
    first = list(islice(issues, MAX_NAMED))
    left = n - MAX_NAMED
    if left > 0:
        first.append(
            replace(
                first[0],
                message=f"and {left:,} more {what}",
                row=None,
                value="",
                remedy="",
                count=left,
            )
        )
    return first


def count_of(issues: Iterable[Issue]) -> int:
    """Return the number of problems, those that an issue counts instead of naming each included."""
    return sum(issue.count for issue in issues)
