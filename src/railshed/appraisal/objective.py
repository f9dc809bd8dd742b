"""What a line is judged by: a column (people, area, jobs) within so many minutes of cities, under one reading."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

from railshed.util.errors import ParameterError

#: letter at the end of a short name, and the reading that it means
READINGS = {"": "door-to-station", "d": "door-to-door", "t": "turn-up-and-go"}
KINDS = ("total", "by_rail", "added_by_rail")
PEOPLE, AREA = "people", "area"
LARGEST_CUTOFF_MIN = 120
_SHORT = re.compile(r"(?P<column>.*?[^\d])(?P<minutes>\d{1,3})(?P<reading>[a-z]?)")


@dataclass(frozen=True, slots=True)
class Objective:
    """A figure that a line may raise: outside the cities proper, every place counted once."""

    name: str
    #: people, area (km2), or another column that is counted
    column: str
    #: minutes, inclusive
    cutoff_min: int
    reading: str = "door-to-station"
    #: total (by rail or without a ride), by_rail, added_by_rail
    kind: str = "total"

    @property
    def unit(self) -> str:
        """What it is counted in."""
        return {PEOPLE: "people", AREA: "km2"}.get(self.column, self.column)

    @property
    def whole(self) -> bool:
        """Whether it is printed in whole numbers: persons."""
        return self.column == PEOPLE

    def rounded(self, value: float, *, up: bool = False) -> float:
        """Return a figure as written to files: whole persons, else three decimals; `up`: rounded up."""
        places = 0 if self.whole else 3
        scaled = value * 10**places
        result: float = math.ceil(scaled - 1e-6) if up else round(scaled)
        return result if self.whole else result / 10**places

    def __str__(self) -> str:
        return f"{self.name}: {self.unit} within {self.cutoff_min} min, {self.reading}, {self.kind}"


def objective_of(text: str, *, kind: str = "total", reading: str | None = None) -> Objective:
    """Return the objective of a short name: ``people60``, ``area45``, ``people90d``, ``jobs60t``.

    A column, minutes, and a letter for the reading: none for door-to-station, d for door-to-door, t for
    turn-up-and-go. `reading` names any other one.

    Raises
    ------
    ParameterError
        With what is allowed.
    """
    found = _SHORT.fullmatch(text.strip())
    allowed = "write a column, minutes and perhaps a reading: people60, area45, people90d (door to door), jobs60t"
    if found is None:
        raise ParameterError(f"objective {text!r}: {allowed}")
    minutes, letter = int(found["minutes"]), found["reading"]
    problems = []
    if letter not in READINGS:
        problems.append(f"reading {letter!r}: allowed are none, d (door-to-door), t (turn-up-and-go)")
    if not 1 <= minutes <= LARGEST_CUTOFF_MIN:
        problems.append(f"{minutes} minutes: allowed are 1 to {LARGEST_CUTOFF_MIN}")
    if kind not in KINDS:
        problems.append(f"kind {kind!r}: allowed are {', '.join(KINDS)}")
    if problems:
        raise ParameterError(f"objective {text!r}: {'; '.join(problems)}")
    return Objective(text.strip(), found["column"], minutes, reading or READINGS[letter], kind)


def objective_or_name(value: Any) -> Objective:
    """Return an objective, or that of a short name."""
    if isinstance(value, Objective):
        return value
    if not isinstance(value, str):
        raise ValueError("allowed is an Objective, or a short name such as people60")
    return objective_of(value)
