"""The cells of circles in each draw of phases, and what they count under an objective."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from railshed.cells.cell_keys import find_keys
from railshed.comparisons.incremental.city_baseline import CityBase
from railshed.comparisons.incremental.city_change import CityChange
from railshed.comparisons.objective import N_PHASES, Objective
from railshed.util.array_types import Ints32, Ints64
from railshed.util.units import MINUTE

#: numbers of draws that a key has room for
N_DRAWS_OF_KEY = 32
assert N_PHASES <= N_DRAWS_OF_KEY


class Reached(NamedTuple):
    """The cells of a circle in each draw of phases; none stands twice."""

    #: int64 (n,) sorted: key of the cell (`cell_keys`) times `N_DRAWS_OF_KEY`, plus the draw
    keys: Ints64
    #: int32 (n,): `Objective.counts` of their times, 0 just at the cutoff where minutes are saved
    counts: Ints32

    @property
    def cells(self) -> Ints64:
        """int64 (n,) keys of the cells, once a draw."""
        return self.keys // N_DRAWS_OF_KEY

    def same(self, other: Reached) -> bool:
        """Return whether both are alike."""
        return np.array_equal(self.keys, other.keys) and np.array_equal(self.counts, other.counts)

    def of_draw(self, cells: Ints64, draw: int = 0) -> Ints32:
        """Return int32 (n,) what cells count in one draw, 0 outside the circle."""
        at, known = find_keys(self.keys, cells * N_DRAWS_OF_KEY + draw)
        found = np.zeros(len(cells), np.int32)
        found[known] = self.counts[at[known]]
        return found

    def beyond(self, other: Reached) -> Reached:
        """Return the cells that are not in another circle, or count more than there."""
        at, known = find_keys(other.keys, self.keys)
        more = ~known
        more[known] = self.counts[known] > other.counts[at[known]]
        return Reached(self.keys[more], self.counts[more])


def reached_of(objective: Objective, by_draw: Sequence[tuple[Ints64, Ints64 | Ints32]]) -> Reached:
    """Return the circle of cells (keys and seconds by rail) in each draw."""
    keys = [np.empty(0, np.int64)]
    counts = [np.empty(0, np.int32)]
    for draw, (cells, seconds) in enumerate(by_draw):
        within = seconds <= objective.cutoff_min * MINUTE
        keys.append(cells[within] * N_DRAWS_OF_KEY + draw)
        counts.append(objective.counts(seconds[within]))
    every = np.concatenate(keys)
    order = np.argsort(every, kind="stable")
    return Reached(every[order], np.concatenate(counts)[order])


def circle_of(
    objective: Objective, base: CityBase, changes: Sequence[CityChange | None] = ()
) -> Reached:
    """Return the circle of a city of a baseline, after the change in each draw; empty where it is
    not defined.
    """
    if objective.reading not in base.seconds:
        return reached_of(objective, [])
    before = base.facts.keys, base.seconds[objective.reading]
    every = changes or [None] * objective.n_phases
    sides = [before if one is None else one.seconds_after(objective.reading) for one in every]
    return reached_of(objective, [(keys, seconds.rail_s) for keys, seconds in sides])


def united(circles: Iterable[Reached]) -> Reached:
    """Return the cells of any of the circles, with the most that each counts."""
    parts = list(circles)
    keys = np.concatenate([np.empty(0, np.int64), *(part.keys for part in parts)])
    counts = np.concatenate([np.empty(0, np.int32), *(part.counts for part in parts)])
    order = np.lexsort((-counts, keys))
    keys = keys[order]
    counts = counts[order]
    first = np.diff(keys, prepend=keys[:1] - 1) != 0
    return Reached(keys[first], counts[first])
