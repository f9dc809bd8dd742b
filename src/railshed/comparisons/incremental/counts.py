"""Figures of a city by reading, cutoff and kind: people and cells by part of the city; rows are
built on demand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from railshed.circles.cell_counts import added_figures, figures_of_parts

#: kinds of cells within a cutoff, in the order of `kernels.cell_sums`
KINDS = ("total", "by_rail", "local", "added_by_rail")


@dataclass(frozen=True, slots=True, eq=False)
class ReadingTotals:
    """What lies within the cutoffs of one reading, by kind and part of the city
    (`cell_counts.PARTS`).
    """

    cutoffs: tuple[int, ...]
    cell_km2: float
    #: int64 (n_cutoffs, 4, 4) cells, and those of which people are known
    n_cells: NDArray[np.int64]
    n_known: NDArray[np.int64]
    #: float64 (n_cutoffs, 4, 4); None where no people are shipped
    people: NDArray[np.float64] | None
    #: whether it is known which people are of the city's own prefecture
    prefectures: bool = True

    def row(self, cutoff_min: int, kind: str) -> dict[str, Any]:
        """Return people and km2, named as in `places.reach_table`."""
        people, n, n_known = self._at(cutoff_min, kind)
        row: dict[str, Any] = figures_of_parts(people, n, n_known, self.prefectures)
        if kind == "added_by_rail":
            total, local = (
                figures_of_parts(*self._at(cutoff_min, other)) for other in ("total", "local")
            )
            row = {**added_figures(row, people, total, local)}
        row["people_known_km2"] = (
            None if self.people is None else float(n_known.sum() * self.cell_km2)
        )
        area = n * self.cell_km2
        return row | {"area_km2": float(area.sum()), "area_km2_outside_city": float(area[1:].sum())}

    def _at(
        self, cutoff_min: int, kind: str
    ) -> tuple[list[float] | None, NDArray[np.int64], NDArray[np.int64]]:
        """Return people by part, None where of none of the cells they are known; cells; those with
        known people.
        """
        at = self.cutoffs.index(cutoff_min), KINDS.index(kind)
        n = self.n_cells[at]
        n_known = self.n_known[at]
        unknown = self.people is None or (n.any() and not n_known.any())
        return None if unknown else list(self.people[at].tolist()), n, n_known  # type: ignore[index]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ReadingTotals):
            return NotImplemented
        names = ("people", "n_cells", "n_known")
        return all(np.array_equal(getattr(self, name), getattr(other, name)) for name in names)

    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True, slots=True)
class StationFigures:
    """Stations within the cutoffs of a reading without a surface: by cutoff (stations, in the city,
    counties, people).

    People are those of whole counties, the press convention, which overstates.
    """

    cutoffs: tuple[int, ...]
    by_cutoff: tuple[tuple[int, int, int | None, int | None], ...]

    def row(self, cutoff_min: int) -> dict[str, Any]:
        """Return stations outside the city proper and within, counties and people."""
        names = ("stations", "stations_in_city", "counties", "people")
        return dict(zip(names, self.by_cutoff[self.cutoffs.index(cutoff_min)], strict=True))


@dataclass(frozen=True, slots=True)
class CityFigures:
    """The figures of a city by reading."""

    totals: Mapping[str, ReadingTotals]
    stations: Mapping[str, StationFigures]

    def row(self, reading: str, cutoff_min: int, kind: str = "total") -> dict[str, Any]:
        """Return the figures of one reading, cutoff and kind (``stations`` for readings without a
        surface).
        """
        if reading in self.stations:
            return self.stations[reading].row(cutoff_min)
        return self.totals[reading].row(cutoff_min, kind)

    def keys(self) -> list[tuple[str, int, str]]:
        """Return reading, cutoff and kind of all rows."""
        plain = [
            (name, cutoff, "stations")
            for name, found in self.stations.items()
            for cutoff in found.cutoffs
        ]
        return plain + [
            (name, cutoff, kind)
            for name, totals in self.totals.items()
            for cutoff in totals.cutoffs
            for kind in KINDS
        ]
