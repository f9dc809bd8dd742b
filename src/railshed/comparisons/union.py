"""The comparison of the united circles of several cities, each place counted once, as data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from railshed.circles.cell_counts import CellCounts
from railshed.circles.polygons import circles_within
from railshed.circles.surface import Surface
from railshed.comparisons.result import ComparisonResult, Difference
from railshed.scenario.plan import Plan
from railshed.util.units import MINUTE

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class UnionComparisonResult(Difference):
    """The united circles of several cities before and after a plan: on common cells, each place counted once."""

    title: str
    #: of the region, or of the cities
    name: str
    name_en: str
    #: by city, on cells of their own
    comparisons: Sequence[ComparisonResult]
    common: CellCounts = field(repr=False)
    #: before and after by reading, the headline one first
    united: Mapping[str, tuple[Surface, Surface]] = field(repr=False)
    plan: Plan | None = field(default=None, repr=False)

    def __repr__(self) -> str:
        row = self.headline_row()
        people = f"people gained {row['people_gained']}, lost {row['people_lost']}"
        return f"<UnionComparison {len(self.comparisons)} cities {self.title!r}: {people}>"

    @property
    def ground(self) -> CellCounts:
        """What lies under the common cells; the city proper is that of all the cities."""
        return self.common

    @property
    def surfaces(self) -> Mapping[str, tuple[Surface, Surface]]:
        """Before and after by reading, the headline one first."""
        return self.united

    @property
    def cutoffs(self) -> Mapping[str, tuple[int, ...]]:
        """Cutoffs by reading."""
        return self.comparisons[0].cutoffs

    @property
    def limit_s(self) -> int:
        """Seconds of the study area; beyond it no minutes are saved."""
        return self.comparisons[0].limit_s

    @property
    def definitions(self) -> Mapping[str, str]:
        """What the figures of a reading mean."""
        cities = ", ".join(c.before.city.label for c in self.comparisons)
        first = self.comparisons[0].definitions
        return {name: f"united circles of {cities}, each with its own window; {text}" for name, text in first.items()}

    @property
    def station_tables(self) -> tuple[Sequence[pd.DataFrame], Sequence[pd.DataFrame]]:
        """`Circle.stations` of each city before and after."""
        return [c.before.stations for c in self.comparisons], [c.after.stations for c in self.comparisons]

    @property
    def station_figures(self) -> tuple[Sequence[pd.DataFrame], Sequence[pd.DataFrame]]:
        """The stations of each city before and after, under every reading and cutoff."""
        pairs = [c.station_figures for c in self.comparisons]
        return [before for pair in pairs for before in pair[0]], [after for pair in pairs for after in pair[1]]

    def shapes(self, reading: str) -> tuple[dict[int, Any], dict[int, Any]]:
        """Return by cutoff the polygons before and after (by rail or local) in grid metres."""
        first, land, cutoffs = self.comparisons[0].before, self.ground.land, self.cutoffs[reading]
        before, after = (
            circles_within(
                land.grid, land.row, land.column, [surface.total_s], [c * MINUTE for c in cutoffs],
                smooth_m=first.smooth_m, simplify_m=first.simplify_m,
            )[0]
            for surface in self.surfaces[reading]
        )  # fmt: skip
        return dict(zip(cutoffs, before, strict=True)), dict(zip(cutoffs, after, strict=True))
