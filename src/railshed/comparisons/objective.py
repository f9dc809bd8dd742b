"""What a line is judged by: the minutes it saves, or a column (people, area, jobs) within so many
minutes of cities.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from railshed.assumptions.names import SAVED
from railshed.assumptions.readings import HEADLINE, TO_TERMINALS
from railshed.comparisons.changes import LEAST_MIN, MOST_MIN
from railshed.util.array_types import Ints, Ints32
from railshed.util.errors import ParameterError
from railshed.util.units import MINUTE

#: letter at the end of a short name, and the reading that it means
READINGS = {"": HEADLINE, "s": TO_TERMINALS, "t": "turn-up-and-go"}
PEOPLE = "people"
AREA = "area"
#: draws of the phases of added trains over which minutes saved are averaged
N_PHASES = 20
LARGEST_CUTOFF_MIN = 120
_SHORT = re.compile(r"(?P<column>.*?[^\d])(?P<minutes>\d{1,3})(?P<reading>[a-z]?)")
_SHORT_SAVED = re.compile(rf"{SAVED}(?:-(?P<reading>[a-z]))?")


@dataclass(frozen=True, slots=True)
class Objective:
    """A figure that a line may raise: outside the cities proper, every place counted once."""

    name: str
    #: people, area (km2), or another column that is counted
    column: str
    #: minutes, inclusive
    cutoff_min: int
    reading: str = HEADLINE
    #: minutes below which nothing more is saved: each counts by the minutes of its time below the
    #: cutoff; None: each within the cutoff counts as one
    least_min: int | None = None

    @property
    def saves(self) -> bool:
        """Whether minutes saved are counted, not places within the cutoff."""
        return self.least_min is not None

    @property
    def n_phases(self) -> int:
        """Draws of the phases of added trains over which the figure is averaged."""
        return N_PHASES if self.saves else 1

    @property
    def unit(self) -> str:
        """What it is counted in."""
        unit = {PEOPLE: "people", AREA: "km2"}.get(self.column, self.column)
        return {"people": "person-minutes"}.get(unit, f"{unit}-minutes") if self.saves else unit

    @property
    def whole(self) -> bool:
        """Whether it is printed in whole numbers: persons, or minutes of persons."""
        return self.column == PEOPLE

    def counts(self, seconds: Ints) -> Ints32:
        """Return int32 (n,) of travel times in seconds: those below the cutoff, clipped; or 1
        within it. Else 0.
        """
        cutoff_s = self.cutoff_min * MINUTE
        if self.least_min is None:
            return (seconds <= cutoff_s).astype(np.int32)
        counts: Ints32 = np.maximum(
            cutoff_s - np.maximum(seconds, self.least_min * MINUTE), 0
        ).astype(np.int32)
        return counts

    @property
    def most(self) -> int:
        """The most that a place counts (see `counts`)."""
        return int(self.counts(np.zeros(1, np.int64))[0])

    def value(self, weighted: float) -> float:
        """Return the figure of a sum of weights times counts."""
        return weighted / MINUTE if self.saves else weighted

    def rounded(self, value: float, *, up: bool = False) -> float:
        """Return a figure as written to files: whole persons, else three decimals; `up`: rounded
        up.
        """
        places = 0 if self.whole else 3
        scaled = value * 10**places
        result: float = math.ceil(scaled - 1e-6) if up else round(scaled)
        return result if self.whole else result / 10**places

    def __str__(self) -> str:
        if self.saves:
            return (
                f"{self.name}: {self.unit} saved, times clipped to "
                f"{self.least_min}-{self.cutoff_min} min, "
                f"{self.reading}, by_rail, mean of {self.n_phases} draws of phases"
            )
        return f"{self.name}: {self.unit} within {self.cutoff_min} min, {self.reading}, by_rail"


def objective_of(text: str) -> Objective:
    """Return the objective of a short name: ``minutes``, ``minutes-t``, ``people60``, ``area45``,
    ``jobs60t``.

    ``minutes``: person-minutes saved by rail, times clipped to 30 to 90 minutes. Else a column and
    minutes. A letter for the reading: none for door-to-door, s for door-to-station, t for
    turn-up-and-go.

    Raises ParameterError with what is allowed.
    """
    problems = []
    saved = _SHORT_SAVED.fullmatch(text.strip())
    found = saved or _SHORT.fullmatch(text.strip())
    allowed = (
        "write minutes (saved), or a column, minutes and perhaps a reading: people60, area45, "
        "people90s (door to station), jobs60t"
    )
    if found is None:
        raise ParameterError(f"objective {text!r}: {allowed}")
    letter = found["reading"] or ""
    if letter not in READINGS:
        problems.append(
            f"reading {letter!r}: allowed are none, s (door-to-station), t (turn-up-and-go)"
        )
    minutes = MOST_MIN if saved else int(found["minutes"])
    if not 1 <= minutes <= LARGEST_CUTOFF_MIN:
        problems.append(f"{minutes} minutes: allowed are 1 to {LARGEST_CUTOFF_MIN}")
    if problems:
        raise ParameterError(f"objective {text!r}: {'; '.join(problems)}")
    if saved:
        return Objective(text.strip(), PEOPLE, minutes, READINGS[letter], LEAST_MIN)
    return Objective(text.strip(), found["column"], minutes, READINGS[letter])


def objective_or_name(value: Any) -> Objective:
    """Return an objective, or that of a short name."""
    if isinstance(value, Objective):
        return value
    if not isinstance(value, str):
        raise ValueError("allowed is an Objective, or a short name such as people60")
    return objective_of(value)
