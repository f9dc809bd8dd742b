"""Many futures of one city: the seconds of every cell in each of many changes of a baseline.

Seconds are exact, so that a probability, an interval and a map of any cutoff come from one set.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from railshed.cells.cell_keys import with_keys
from railshed.circles.study_area import StudyArea
from railshed.comparisons.changes import LEAST_MIN, MOST_MIN
from railshed.comparisons.incremental.city_baseline import CityBase
from railshed.comparisons.incremental.city_change import CityChange
from railshed.comparisons.incremental.surfaces import counts_of, people_outside
from railshed.util.array_types import Bools, Floats, Ints32, Ints64
from railshed.util.units import MINUTE


@dataclass(frozen=True, slots=True, eq=False)
class Ensemble:
    """The cells that any of the changes alters, by rail; UNREACHED beyond the baseline's
    cutoffs.
    """

    #: int64 (n_cells,) sorted
    keys: Ints64
    #: float64 (n_cells,) people and km2 outside the city proper; None where no people are known
    people: Floats | None
    km2: Floats
    #: int32 (n_cells,), and (n_changes, n_cells)
    before_s: Ints32
    after_s: NDArray[np.int32]
    #: those of the cells that lie on land
    land: StudyArea

    def outside(self, cutoff_min: int) -> Bools:
        """Return bool (n_cells,): not within the minutes before."""
        return np.asarray(self.before_s > cutoff_min * MINUTE)

    def probability(self, cutoff_min: int) -> Floats:
        """Return float64 (n_cells,): share of the changes in which a cell is within the minutes."""
        return np.asarray((self.after_s <= cutoff_min * MINUTE).mean(axis=0))

    def newly(self, cutoff_min: int) -> Floats:
        """Return float64 (n_cells,): the probability of the cells that were not within the minutes
        before, else 0.
        """
        return np.where(self.outside(cutoff_min), self.probability(cutoff_min), 0.0)

    def gained(self, cutoff_min: int, of: Floats) -> Floats:
        """Return float64 (n_changes,): what (people, km2) comes within the minutes that was not
        before.
        """
        new = (self.after_s <= cutoff_min * MINUTE) & self.outside(cutoff_min)
        return np.asarray(new @ of)

    def person_minutes(self) -> Floats | None:
        """Return float64 (n_changes,): person-minutes saved, as `changes.person_minutes` of these
        seconds.
        """
        if self.people is None:
            return None
        was, now = (
            np.clip(s, LEAST_MIN * MINUTE, MOST_MIN * MINUTE) for s in (self.before_s, self.after_s)
        )
        return np.asarray((was - now) @ self.people / MINUTE)

    def only(self, changes: slice) -> Ensemble:
        """Return some of the changes, over the same cells."""
        return replace(self, after_s=self.after_s[changes])


def changed_keys(changes: Iterable[CityChange | None], reading: str) -> Ints64:
    """Return int64 (n,) the sorted keys of the cells that any of the changes alters; None is no
    change.
    """
    keys = np.empty(0, np.int64)
    for change in changes:
        if change is not None and reading in change.cells:
            keys = with_keys(keys, change.cells[reading])
    return keys


def ensemble_of(base: CityBase, changes: Sequence[CityChange | None], reading: str) -> Ensemble:
    """Return what changes of a city do under a reading with an area; None of them is no change."""
    keys = changed_keys(changes, reading)
    before = base.seconds[reading].at(base.facts.keys, keys).of_kind("by_rail")
    after = np.repeat(before[None], len(changes), axis=0)
    for row, change in zip(after, changes, strict=True):
        if change is not None and reading in change.cells:
            row[np.searchsorted(keys, change.cells[reading])] = change.after_s[reading].of_kind(
                "by_rail"
            )
    counts = counts_of(base, None, keys)
    km2 = np.zeros(len(keys))
    people = None
    place = np.searchsorted(keys, counts.land.keys)
    part = counts.county_part
    km2[place] = base.case.grid.cell_km2 * (part[counts.land.county] > 0 if len(part) else True)
    if (found := people_outside(base, counts)) is not None:
        people = np.zeros(len(keys))
        np.add.at(people, place[found[0]], found[1])
    return Ensemble(keys, people, km2, before, after, counts.land)
