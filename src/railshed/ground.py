"""What lies under a circle's cells: counties, people and whatever else is counted, and whose they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from railshed.cases import Case
from railshed.errors import InputError
from railshed.land import Land
from railshed.opportunities import PEOPLE, Opportunities
from railshed.population import People, spread_people
from railshed.spreading import spread

Bools = NDArray[np.bool_]
PARTS = ("city_proper", "same_province", "other_province")
#: columns of the tables that other columns stand in
_TAKEN = {
    "cutoff_min", "kind", "reading", "definition", "counties_inside", "counties_touched", "row", "column", "geometry",
    "county_code", "minutes_total", "minutes_by_rail", "minutes_strict", "minutes_local", "share_served", "trips",
}  # fmt: skip


def round_to_total(values: Sequence[float] | NDArray[np.float64]) -> list[int]:
    """Return whole numbers that sum to the rounded sum of `values` (largest remainder, ties to the earlier one)."""
    array = np.asarray(values, dtype=float)
    floor = np.floor(array + 1e-9).astype(np.int64)
    missing = int(np.floor(array.sum() + 0.5)) - int(floor.sum())
    order = np.argsort(-(array - floor), kind="stable")
    floor[order[:missing]] += 1
    return [int(v) for v in floor]


def round_parts(people: Sequence[float]) -> list[int]:
    """Return whole people by PARTS: those outside the city proper sum to their rounded sum, all to the total.

    So two rows with the same people outside print the same number there, whatever is inside.
    """
    outside = round_to_total(people[1:])
    return [int(np.floor(sum(people) + 0.5)) - sum(outside), *outside]


@dataclass(frozen=True, eq=False)
class Ground:
    """What lies under a case's cells: counties and people, and which counties are the city proper."""

    case: Case
    land: Land
    people: People | None
    #: year and source of the people
    people_label: str = ""
    #: float64 (n_cells,) of every other column that is counted (jobs, schools), by name
    others: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    #: by column, what the source holds beyond the land of this run
    elsewhere: Mapping[str, float] = field(default_factory=dict)
    #: what the people and the other columns come from, None: the network
    opportunities: Opportunities | None = None

    def on(self, land: Land) -> Ground:
        """Return what lies under other cells."""
        return build_ground(self.case, land, self.opportunities)

    @cached_property
    def county_part(self) -> NDArray[np.int64]:
        """Return index into PARTS by county row, and by `land.county`; other province where none is known."""
        counties = self.case.compiled.network.counties
        if counties is None:
            return np.zeros(0, np.int64)
        codes = counties["county_code"].to_numpy()
        proper = np.isin(codes, list(self.case.city.proper_counties))
        provinces = counties["province_code"].to_numpy()
        own = set(provinces[proper])
        prefecture = self.case.city.prefecture_code
        own |= set(provinces[(counties["prefecture_code"] == prefecture).to_numpy()])
        part = np.where(np.isin(provinces, list(own)), 1, 2)
        part[proper] = 0
        return part.astype(np.int64)

    @cached_property
    def cell_part(self) -> NDArray[np.int64]:
        """Return index into PARTS of each cell (other province where no boundaries are shipped)."""
        if self.case.compiled.network.counties is None:
            return np.full(len(self.land), 2, np.int64)
        return self.county_part[self.land.county]

    def people_by_part(self, inside: Bools) -> list[float] | None:
        """Return people of the cells `inside` by PARTS, None where no people are shipped."""
        if self.people is None:
            return None
        mine = inside[self.people.cell]
        county = self.people.county[mine]
        part = self.county_part[county] if len(self.county_part) else np.full(len(county), 2)
        return [float(v) for v in np.bincount(part, weights=self.people.people[mine], minlength=len(PARTS))]

    def people_outside(self, inside: Bools) -> int | None:
        """Return whole people of the cells `inside` outside the city proper, None where no people are shipped."""
        people = self.people_by_part(inside)
        return None if people is None else sum(round_parts(people)[1:])

    def others_within(self, inside: Bools) -> dict[str, tuple[float, float]]:
        """Return by name of the other columns what the cells `inside` hold, and the part outside the city proper."""
        outside = inside & (self.cell_part != 0)
        return {name: (float(v[inside].sum()), float(v[outside].sum())) for name, v in self.others.items()}

    def km2_outside(self, inside: Bools) -> float:
        """Return the area of the cells `inside` outside the city proper."""
        return float((inside & (self.cell_part != 0)).sum() * self.land.grid.cell_km2)

    def people_by_county(self, inside: Bools) -> NDArray[np.float64] | None:
        """Return people of the cells `inside` by row of the counties, None where no people are shipped."""
        counties = self.case.compiled.network.counties
        if self.people is None or counties is None:
            return None
        mine = inside[self.people.cell]
        weights = self.people.people[mine]
        return np.bincount(self.people.county[mine], weights=weights, minlength=len(counties)).astype(np.float64)


def check_columns(opportunities: Opportunities) -> None:
    """Raise where a column would take the place of one of the results.

    Raises
    ------
    InputError
        Naming every such column.
    """
    taken = _TAKEN | {f"{name}_outside_city" for name in opportunities.columns}
    bad = [name for name in opportunities.columns if name in taken or name.startswith(("people_", "area_km2"))]
    if bad:
        raise InputError(
            f"{opportunities.label or 'opportunities'}: column {', '.join(map(repr, bad))} has the name of a column "
            "of the results -> rename it in the file"
        )


def build_ground(case: Case, land: Land, opportunities: Opportunities | None = None) -> Ground:
    """Return the land with the network's own people, or with the people and other columns of `opportunities`.

    A source that has no column of people leaves the network's own.
    """
    network = case.compiled.network
    own = spread_people(network, land.grid, land.row, land.column, land.county)
    label = network.population_label if own is not None else ""
    if opportunities is None:
        return Ground(case, land, own, label)
    check_columns(opportunities)
    values, left = spread(opportunities, land.grid, land.row, land.column)
    columns = dict(zip(opportunities.columns, values.T, strict=True))
    people = columns.pop(PEOPLE, None)
    if people is not None:
        mine = np.flatnonzero(people)
        own, label = People(mine, land.county[mine], people[mine]), opportunities.label
    if opportunities.cut is not None:
        left = left + opportunities.cut
    elsewhere = dict(zip(opportunities.columns, left.tolist(), strict=True))
    return Ground(case, land, own, label, columns, elsewhere, opportunities)
