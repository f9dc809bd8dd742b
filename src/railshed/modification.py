"""One ``[[modification]]`` of a scenario as written, and the collector of all that is wrong with them."""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from railshed.issues import Issue
from railshed.tomllines import TomlLines
from railshed.units import DAY, HOUR, MINUTE, parse_clock


@dataclass(slots=True)
class Problems:
    """Every problem of a scenario file, by number and line of the modification."""

    file: str
    lines: TomlLines
    issues: list[Issue] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def error(
        self,
        number: int,
        where: str,
        code: str,
        message: str,
        value: Any = "",
        remedy: str = "",
        **place: Any,
    ) -> None:
        """Keep an error of modification `number`; `place` narrows its line down for `TomlLines.find`."""
        place.setdefault("key", where.split("[")[0].split(".")[0])
        line = self.lines.find(number, **place)
        at = f"modification {number}" + (f" (line {line})" if line else "")
        self.issues.append(
            Issue("error", code, f"{at}: {message}", self.file, field=where, value=_shown(value), remedy=remedy)
        )


def _shown(value: Any) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)[:80]


def is_number(value: Any) -> bool:
    """Return whether the value is a finite number, and no bool."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) < 1e12  # False for nan; a whole number of TOML may be too large for a float


@dataclass(slots=True)
class Modification:
    """The table of one modification; every getter reports what is not allowed and goes on."""

    #: counts from 1
    number: int
    table: Mapping[str, Any]
    problems: Problems

    def error(self, where: str, code: str, message: str, value: Any = "", remedy: str = "", **place: Any) -> None:
        """Keep an error of this modification."""
        self.problems.error(self.number, where, code, message, value, remedy, **place)

    def refuse_unknown(self, table: Mapping[str, Any], known: tuple[str, ...], prefix: str, **place: Any) -> None:
        """Keep an error for every key that is not known."""
        for key in table:
            if key not in known:
                near = difflib.get_close_matches(key, known, n=1, cutoff=0.6)
                remedy = f"did you mean {near[0]!r}?" if near else f"allowed: {', '.join(known)}"
                self.error(f"{prefix}{key}", "unknown-key", "is not known", remedy=remedy, **{"key": key, **place})

    def minutes(
        self,
        where: str,
        value: Any,
        key: str,
        low: float,
        high: float,
        *,
        open_below: bool = False,
        **place: Any,
    ) -> int:
        """Return the seconds of a number of minutes within bounds, 0 where it is none."""
        if not is_number(value):
            self.error(where, "bad-number", "is not a number of minutes", value, key=key, **place)
            return 0
        if not low <= value <= high or (open_below and round(value * MINUTE) <= 0):
            allowed = f"allowed: {'more than ' if open_below else ''}{low:g} to {high:g} minutes"
            self.error(where, "out-of-range", "is out of range", value, allowed, key=key, **place)
            return 0
        return round(float(value) * MINUTE)

    def clock(self, where: str, value: Any, **place: Any) -> int:
        """Return the clock seconds of a text or a TOML time, negative where it is none."""
        if isinstance(value, dt.time):
            return value.hour * HOUR + value.minute * MINUTE + value.second
        try:
            seconds = parse_clock(value) if isinstance(value, str) else -1
        except ValueError:
            seconds = -1
        if not 0 <= seconds <= 2 * DAY:
            code, message = ("bad-time", "is not a clock time")
            if value is None:
                code, message, value = "missing-key", "is missing", ""
            self.error(where, code, message, value, 'allowed: "07:30" up to "48:00"', **place)
        return seconds
