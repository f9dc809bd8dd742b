"""PTAL: how many trains a place has at hand, from walk and wait (Transport for London, 2015).

Each service within reach counts by 30 divided by its access minutes: walk, half the headway, and a
margin for its reliability. Of a mode the best service counts whole, all others half. A trip more
never lowers it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from railshed.util.array_types import Floats
from railshed.util.errors import ParameterError

#: minutes that the headway is less reliable by
RELIABILITY_MIN: Mapping[str, float] = {"rail": 0.75, "metro": 0.75, "bus": 2.0}
#: farthest walk in minutes by mode
MOST_WALK_MIN: Mapping[str, float] = {"rail": 12.0, "metro": 12.0, "bus": 8.0}
#: least index of each level above 0
LEVELS = (
    (0.0, "1a"),
    (2.5, "1b"),
    (5.0, "2"),
    (10.0, "3"),
    (15.0, "4"),
    (20.0, "5"),
    (25.0, "6a"),
    (40.0, "6b"),
)


def ptal_index(walk_min: Floats, trains_per_hour: Floats, modes: Sequence[str]) -> float:
    """Return the index of one place from its services (n,): minutes on foot, trains an hour, mode
    of each.

    ParameterError for a mode that is none of rail, metro and bus.
    """
    if unknown := sorted({*modes} - {*MOST_WALK_MIN}):
        raise ParameterError(f"modes {', '.join(unknown)}: allowed are {', '.join(MOST_WALK_MIN)}")
    total = 0.0
    walk_min = np.asarray(walk_min, float)
    trains_per_hour = np.asarray(trains_per_hour, float)
    for mode in dict.fromkeys(modes):
        mine = (
            np.array([one == mode for one in modes])
            & (walk_min <= MOST_WALK_MIN[mode])
            & (trains_per_hour > 0)
        )
        if mine.any():
            minutes = walk_min[mine] + 30 / trains_per_hour[mine] + RELIABILITY_MIN[mode]
            doors = np.sort(30 / minutes)[::-1]
            total += float(doors[0] + doors[1:].sum() / 2)
    return total


def ptal_level(index: float) -> str:
    """Return the level of an index: 0, 1a (worst) to 6b (best)."""
    return "0" if index <= 0 else [level for least, level in LEVELS if index > least][-1]
