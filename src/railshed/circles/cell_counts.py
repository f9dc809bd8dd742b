"""What lies under a circle's cells: counties, people and whatever else is counted, and whose they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from railshed.cells.areal_interpolation import interpolate
from railshed.cells.opportunities import PEOPLE, Opportunities
from railshed.cells.population import People, known_counties
from railshed.circles.city_model import CityModel
from railshed.circles.study_area import StudyArea
from railshed.util.array_types import Bools
from railshed.util.errors import InputError

#: other prefectures are those of the city's own province
PARTS = ("city_proper", "own_prefecture", "other_prefecture", "other_province")
_FARTHEST = len(PARTS) - 1
#: columns of the tables that other columns stand in
_TAKEN = {
    "cutoff_min", "kind", "reading", "definition", "counties_inside", "counties_touched", "row", "column", "geometry",
    "county_code", "share_served", "trips", "split_direction",
}  # fmt: skip
_TAKEN_STARTS = ("people_", "area_km2", "minutes_")


def round_to_total(values: Sequence[float] | NDArray[np.float64]) -> list[int]:
    """Return whole numbers that sum to the rounded sum of `values` (largest remainder, ties to the earlier one)."""
    array = np.asarray(values, dtype=float)
    floor = np.floor(array + 1e-9).astype(np.int64)
    missing = int(np.floor(array.sum() + 0.5)) - int(floor.sum())
    order = np.argsort(-(array - floor), kind="stable")
    floor[order[:missing]] += 1
    return [int(v) for v in floor]


def round_parts(people: Sequence[float]) -> list[int]:
    """Return whole people by PARTS: those outside the city proper sum to their rounded sum.

    The city proper is rounded alone, and all are the sum of both. So two rows with the same people outside print the
    same number there, whatever is inside, and a row that holds another one is nowhere less.
    """
    return [int(np.floor(people[0] + 0.5)), *round_to_total(people[1:])]


def figures_of_parts(
    people: Sequence[float] | None, n: NDArray[np.int64], n_known: NDArray[np.int64]
) -> dict[str, int | None]:  # fmt: skip
    """Return whole people by PARTS, in all and outside the city proper, by name of column.

    None for parts that have cells (`n`) of none of which people are known (`n_known`), both by PARTS.
    """
    rounded = None if people is None else round_parts(people)
    chosen = {
        **{f"people_{part}": slice(k, k + 1) for k, part in enumerate(PARTS)}, "people": slice(None),
        "people_outside_city": slice(1, None),
    }  # fmt: skip
    return {
        name: None if rounded is None or (n[parts].any() and not n_known[parts].any()) else sum(rounded[parts])
        for name, parts in chosen.items()
    }


def added_figures(
    own: Mapping[str, int | None], people: Sequence[float] | None, total: Mapping[str, int | None],
    local: Mapping[str, int | None],
) -> dict[str, int | None]:  # fmt: skip
    """Return the figures of `added_by_rail`, of which `own` rounds `people`, as those of total less those of local.

    So printed rows add up: in the city proper, outside and in all. The parts outside sum to what is outside.
    """
    found = dict(own)
    if people is None:
        return found
    for name in ("people_city_proper", "people_outside_city", "people"):
        if own[name] is not None:
            found[name] = (total[name] or 0) - (local[name] or 0)
    outside = [f"people_{part}" for part in PARTS[1:]]
    largest = max(outside, key=lambda name: people[1 + outside.index(name)])
    if own[largest] is not None and found["people_outside_city"] is not None:
        found[largest] = found["people_outside_city"] - sum(own[name] or 0 for name in outside if name != largest)
    return found


def balanced(row: Mapping[str, int | None]) -> dict[str, int | None]:
    """Return before, after, gained, lost so that gained less lost is what after is more than before.

    Each is rounded from people, before and after as everywhere else; gained and lost give way by a person or two.
    Neither falls below 0; of whom none are known, None stays.
    """
    gained, lost = row["gained"], row["lost"]
    more = (row["after"] or 0) - (row["before"] or 0)
    came = max(0, more + (lost or 0)) if gained and lost else max(0, more)
    found = dict(row)
    if gained is not None:
        found["gained"] = came
    if lost is not None:
        found["lost"] = came - more
    return found


@dataclass(frozen=True, eq=False)
class CellCounts:
    """What lies under a case's cells: counties and people, and which counties are the city proper."""

    case: CityModel
    land: StudyArea
    people: People | None
    #: year and source of the people
    people_label: str = ""
    #: float64 (n_cells,) of every other column that is counted (jobs, schools), by name
    others: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    #: by column, what the source holds beyond the land of this run
    elsewhere: Mapping[str, float] = field(default_factory=dict)
    #: what the people and the other columns come from, None: the network
    opportunities: Opportunities | None = None
    #: bool (n_cells,) where the source of the people tells who is there, and that of the others; None: everywhere
    known: Bools | None = None
    others_known: Bools | None = None

    @property
    def has_city_proper(self) -> bool:
        """Whether some of the land is the city proper, which is counted apart."""
        return self.case.compiled.network.counties is not None and bool(self.case.city.proper_counties)

    @cached_property
    def county_part(self) -> NDArray[np.int64]:
        """Return index into PARTS by county row, and by `land.county`; other province where none is known."""
        counties = self.case.compiled.network.counties
        if counties is None:
            return np.zeros(0, np.int64)
        proper = counties["county_code"].isin(self.case.city.proper_counties).to_numpy()
        prefecture, province = (counties[name].to_numpy() for name in ("prefecture_code", "province_code"))
        mine = proper | (prefecture == self.case.city.prefecture_code)
        near = [proper, *(np.isin(codes, list(set(codes[mine]))) for codes in (prefecture, province))]
        return np.select(near, [0, 1, 2], _FARTHEST).astype(np.int64)

    @cached_property
    def cell_part(self) -> NDArray[np.int64]:
        """Return index into PARTS of each cell (other province where no boundaries are shipped)."""
        if self.case.compiled.network.counties is None:
            return np.full(len(self.land), _FARTHEST, np.int64)
        return self.county_part[self.land.county]

    def people_known_km2(self, inside: Bools, *, outside: bool = False) -> float | None:
        """Return the area of the cells `inside` where people are known, of those outside the city proper if asked.

        It is what figures of people there stand for; None where no people are shipped.
        """
        if self.people is None:
            return None
        chosen = inside & (self.cell_part != 0) if outside else inside
        return float(_known_within(chosen, self.known).sum() * self.land.grid.cell_km2)

    def people_per_cell(self) -> NDArray[np.float64]:
        """Return float64 (n_cells,) people, NaN where they are not known."""
        if self.people is None:
            return np.full(len(self.land), np.nan)
        return _where_known(self.people.per_cell(len(self.land)), self.known)

    def others_per_cell(self) -> dict[str, NDArray[np.float64]]:
        """Return float64 (n_cells,) of every other column by name, NaN where its source tells nothing."""
        return {name: _where_known(values, self.others_known) for name, values in self.others.items()}

    def people_by_part(self, inside: Bools) -> list[float] | None:
        """Return people of the cells `inside` by PARTS, None where of none of the cells they are known."""
        if self.people is None or _none_known(inside, self.known):
            return None
        mine = inside[self.people.cell]
        county = self.people.county[mine]
        part = self.county_part[county] if len(self.county_part) else np.full(len(county), _FARTHEST)
        return [float(v) for v in np.bincount(part, weights=self.people.people[mine], minlength=len(PARTS))]

    def people_outside(self, inside: Bools) -> int | None:
        """Return whole people of the cells `inside` outside the city proper, None where they are known of none."""
        return self.people_figures(inside)["people_outside_city"]

    def people_figures(self, inside: Bools) -> dict[str, int | None]:
        """Return whole people of the cells `inside` by PARTS, outside the city proper and in all, by name of column.

        None for parts that have cells inside, of none of which people are known.
        """
        n, n_known = (
            np.bincount(self.cell_part[cells], minlength=len(PARTS))
            for cells in (inside, _known_within(inside, self.known))
        )
        return figures_of_parts(self.people_by_part(inside), n, n_known)

    def people_by_kind(self, kinds: Mapping[str, Bools]) -> dict[str, dict[str, int | None]]:
        """Return `people_figures` of each kind of `places.inside_by_kind`, added by rail as total less local.

        See `added_figures`.
        """
        found = {kind: self.people_figures(inside) for kind, inside in kinds.items()}
        people = self.people_by_part(kinds["added_by_rail"])
        return found | {"added_by_rail": added_figures(found["added_by_rail"], people, found["total"], found["local"])}

    def others_within(self, inside: Bools) -> dict[str, tuple[float | None, float | None]]:
        """Return by name of the other columns what the cells `inside` hold, and the part outside the city proper.

        None where their source tells of none of the cells.
        """
        wheres = [inside, inside & (self.cell_part != 0)]
        unknown = [_none_known(cells, self.others_known) for cells in wheres]
        return {
            name: (
                None if unknown[0] else float(values[wheres[0]].sum()),
                None if unknown[1] else float(values[wheres[1]].sum()),
            )
            for name, values in self.others.items()
        }

    def others_known_km2(self, inside: Bools) -> float:
        """Return the area of the cells `inside` that the source of the other columns tells of."""
        return float(_known_within(inside, self.others_known).sum() * self.land.grid.cell_km2)

    def km2_outside(self, inside: Bools) -> float:
        """Return the area of the cells `inside` outside the city proper."""
        return float((inside & (self.cell_part != 0)).sum() * self.land.grid.cell_km2)

    def figures_within(self, inside: Bools) -> dict[str, Any]:
        """Return people and km2 of the cells `inside`, with the city proper and without it."""
        people = self.people_figures(inside)
        return {
            "people": people["people"], "people_known_km2": self.people_known_km2(inside),
            "area_km2": float(inside.sum()) * self.land.grid.cell_km2,
            "people_outside_city": people["people_outside_city"], "area_km2_outside_city": self.km2_outside(inside),
        }  # fmt: skip

    def people_by_county(self, inside: Bools) -> NDArray[np.float64] | None:
        """Return people of the cells `inside` by row of the counties, None where no people are shipped.

        NaN where a county has cells inside and people are known of none of them.
        """
        counties = self.case.compiled.network.counties
        if self.people is None or counties is None:
            return None
        mine = inside[self.people.cell]
        weights = self.people.people[mine]
        people = np.bincount(self.people.county[mine], weights=weights, minlength=len(counties)).astype(np.float64)
        if self.known is not None:
            n, n_known = (
                np.bincount(self.land.county[cells], minlength=len(counties))
                for cells in (inside, _known_within(inside, self.known))
            )
            people[(n > 0) & (n_known == 0)] = np.nan
        return people


def _known_within(inside: Bools, known: Bools | None) -> Bools:
    """Return bool (n_cells,): the cells `inside` that a source covers."""
    return inside if known is None else inside & known


def _none_known(inside: Bools, known: Bools | None) -> bool:
    """Return whether there are cells inside and a source covers none of them."""
    return bool(inside.any() and not _known_within(inside, known).any())


def _where_known(values: NDArray[np.float64], known: Bools | None) -> NDArray[np.float64]:
    return values if known is None else np.where(known, values, np.nan)


def check_columns(opportunities: Opportunities) -> None:
    """Raise where a column would take the place of one of the results.

    Raises
    ------
    InputError
        Naming every such column.
    """
    taken = _TAKEN | {f"{name}{end}" for name in opportunities.columns for end in ("_outside_city", "_known_km2")}
    bad = [name for name in opportunities.columns if name in taken or name.startswith(_TAKEN_STARTS)]
    if bad:
        raise InputError(
            f"{opportunities.label or 'opportunities'}: column {', '.join(map(repr, bad))} has the name of a column "
            "of the results -> rename it in the file"
        )


def build_ground(case: CityModel, land: StudyArea, opportunities: Opportunities | None = None) -> CellCounts:
    """Return the land with the network's own people, or with the people and other columns of `opportunities`.

    A source that has no column of people leaves the network's own, known in the counties where they were placed.
    """
    network = case.compiled.network
    own = land.cells.people(land.numbers)
    label = network.population_label if own is not None else ""
    counties = known_counties(network)
    known = None if counties is None or own is None or counties.all() else counties[land.county]
    if opportunities is None:
        return CellCounts(case, land, own, label, known=known)
    check_columns(opportunities)
    values, left, others_known = interpolate(opportunities, land.grid, land.row, land.column)
    columns = dict(zip(opportunities.columns, values.T, strict=True))
    people = columns.pop(PEOPLE, None)
    if people is not None:
        mine = np.flatnonzero(people)
        own, label, known = People(mine, land.county[mine], people[mine]), opportunities.label, others_known
    if opportunities.cut is not None:
        left = left + opportunities.cut
    elsewhere = dict(zip(opportunities.columns, left.tolist(), strict=True))
    return CellCounts(case, land, own, label, columns, elsewhere, opportunities, known, others_known)
