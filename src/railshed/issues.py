"""One problem of an input: where it is, what is wrong, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from railshed.errors import InputError


@dataclass(frozen=True, slots=True)
class Issue:
    """A problem in one file, row and field. `row` counts from 1 at the first line below the header."""

    severity: Literal["error", "warning"]
    code: str
    message: str
    file: str = ""
    row: int | None = None
    field: str = ""
    value: str = ""
    remedy: str = ""

    def __str__(self) -> str:
        row = "" if self.row is None else f"row {self.row}"
        where = " ".join(part for part in (self.file, row, f"field {self.field}" if self.field else "") if part)
        value = f" (given: {self.value!r})" if self.value else ""
        remedy = f" -> {self.remedy}" if self.remedy else ""
        return f"{self.severity} {self.code}: {where + ': ' if where else ''}{self.message}{value}{remedy}"


def raise_errors(what: str, issues: Iterable[Issue]) -> None:
    """Raise one InputError with every error among `issues`; warnings alone raise nothing."""
    errors = [issue for issue in issues if issue.severity == "error"]
    if errors:
        raise InputError(f"{what}: {len(errors)} problem{'s' if len(errors) > 1 else ''}", errors)
