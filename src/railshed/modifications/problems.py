"""Everything that is wrong with scenario files, collected, and what was assumed about them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from railshed.issues import Issue

#: sub-tables from a modification down to the one that is meant: (field, number from 1)
Path = tuple[tuple[str, int], ...]


class Lines(Protocol):
    """Finds lines of a file."""

    def find(self, number: int, key: str = "", *, path: Path = (), text: str = "") -> int | None:
        """Return the line of a key (or of the quoted text after it) in table `number`, None where it is not found."""


@dataclass(slots=True)
class Findings:
    """What all files of a scenario share: problems, notes, and names that are missing because something failed."""

    issues: list[Issue] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    #: names and ids of lines and stations that a modification with errors would have added
    failed: set[str] = field(default_factory=set)
    #: and names that one which is switched off would have added
    off: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Problems:
    """The findings of one file."""

    file: str
    lines: Lines
    found: Findings
    #: what one table is called
    what: str = "modification"

    def error(
        self, number: int, where: str, code: str, message: str, value: Any = "", remedy: str = "", *, key: str = "",
        path: Path = (), text: str = "",
    ) -> None:  # fmt: skip
        """Keep an error of modification `number`; key, path and text narrow its line down."""
        line = self.lines.find(number, key, path=path, text=text)
        at = f"{self.what} {number}" + (f" (line {line})" if line else "")
        issue = Issue("error", code, f"{at}: {message}", self.file, field=where, value=shown(value), remedy=remedy)
        self.found.issues.append(issue)

    def note(self, text: str) -> None:
        """Keep a sentence on what was assumed or left out."""
        self.found.notes.append(text)


def shown(value: Any) -> str:
    """Return a value as it is printed beside an error."""
    return ("true" if value else "false") if isinstance(value, bool) else str(value)[:80]
