"""What lies under a circle's cells: counties, people and whatever else is counted, and whose they
are.
"""

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
from railshed.kernels.limit_sums import sum_within
from railshed.util.array_types import Bools, Floats, Ints32, Ints64
from railshed.util.errors import InputError
from railshed.util.frames import Columns, among, columns_of
from railshed.util.units import MINUTE, UNREACHED

#: other prefectures are those of the city's own province
PARTS = ("city_proper", "own_prefecture", "other_prefecture", "other_province")
_FARTHEST = len(PARTS) - 1
#: columns of the tables that other columns stand in
_TAKEN = {
    "cutoff_min",
    "kind",
    "reading",
    "definition",
    "counties_inside",
    "counties_touched",
    "row",
    "column",
    "geometry",
    "county_code",
    "share_served",
    "trips",
    "split_direction",
}
_TAKEN_STARTS = ("people_", "area_km2", "minutes_")


def round_to_total(values: Sequence[float] | NDArray[np.float64]) -> list[int]:
    """Return whole numbers that sum to the rounded sum of `values` (largest remainder, ties to the
    earlier one).
    """
    array = np.asarray(values, dtype=float)
    floor = np.floor(array + 1e-9).astype(np.int64)
    missing = int(np.floor(array.sum() + 0.5)) - int(floor.sum())
    order = np.argsort(-(array - floor), kind="stable")
    floor[order[:missing]] += 1
    return [int(v) for v in floor]


def round_parts(people: Sequence[float]) -> list[int]:
    """Return whole people by PARTS: those outside the city proper sum to their rounded sum.

    The city proper is rounded alone, and all are the sum of both. So two rows with the same people
    outside print the same number there, whatever is inside, and a row that holds another one is
    nowhere less.
    """
    return [int(np.floor(people[0] + 0.5)), *round_to_total(people[1:])]


def figures_of_parts(
    people: Sequence[float] | None,
    n: NDArray[np.int64],
    n_known: NDArray[np.int64],
    prefectures: bool = True,
) -> dict[str, int | None]:
    """Return whole people by PARTS, in all and outside the city proper, by name of column.

    None for parts that have cells (`n`) of none of which people are known (`n_known`), both by
    PARTS; `prefectures`: else the parts outside the city proper are not known.
    """
    rounded = None if people is None else round_parts(people)
    n_all = n.tolist()
    n_covered = n_known.tolist()
    chosen = {
        **{f"people_{part}": slice(k, k + 1) for k, part in enumerate(PARTS)},
        "people": slice(None),
        "people_outside_city": slice(1, None),
    }
    found = {
        name: None
        if rounded is None or (any(n_all[parts]) and not any(n_covered[parts]))
        else sum(rounded[parts])
        for name, parts in chosen.items()
    }
    return found if prefectures else found | {f"people_{part}": None for part in PARTS[1:]}


def added_figures(
    own: Mapping[str, int | None],
    people: Sequence[float] | None,
    total: Mapping[str, int | None],
    local: Mapping[str, int | None],
) -> dict[str, int | None]:
    """Return the figures of `added_by_rail`, of which `own` rounds `people`, as those of total less
    those of local.

    So printed rows add up: in the city proper, outside and in all. The parts outside sum to what is
    outside.
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
        found[largest] = found["people_outside_city"] - sum(
            own[name] or 0 for name in outside if name != largest
        )
    return found


def balanced(row: Mapping[str, int | None]) -> dict[str, int | None]:
    """Return before, after, gained, lost so that gained less lost is what after is more than
    before.

    Each is rounded from people, before and after as everywhere else; gained and lost give way by a
    person or two. Neither falls below 0; of whom none are known, None stays.
    """
    gained = row["gained"]
    lost = row["lost"]
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
    """What lies under a case's cells: counties and people, and which counties are the
    city proper.
    """

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
    #: bool (n_cells,) where the source of the people tells who is there, and that of the others;
    #: None: everywhere
    known: Bools | None = None
    others_known: Bools | None = None

    @property
    def has_city_proper(self) -> bool:
        """Whether some of the land is the city proper, which is counted apart."""
        return self.counties is not None and bool(self.case.city.proper_counties)

    @cached_property
    def counties(self) -> Columns | None:
        """The columns of the network's counties; None where no boundaries are shipped."""
        return columns_of(self.case.compiled.network, "counties")

    @cached_property
    def county_part(self) -> NDArray[np.int64]:
        """Return index into PARTS by county row, and by `land.county`; other province where none is
        known.
        """
        if (counties := self.counties) is None:
            return np.zeros(0, np.int64)
        proper = among(counties["county_code"], self.case.city.proper_counties)
        prefecture = counties["prefecture_code"]
        province = counties["province_code"]
        mine = proper | (prefecture == self.case.city.prefecture_code)
        near = [proper, *(among(codes, codes[mine].tolist()) for codes in (prefecture, province))]
        return np.select(near, [0, 1, 2], _FARTHEST).astype(np.int64)

    @property
    def part_names(self) -> list[str]:
        """Name of the part of each county; "" outside the city proper where prefectures are not
        known.
        """
        known = self.case.has_prefectures
        return [PARTS[k] if known or not k else "" for k in self.county_part.tolist()]

    @cached_property
    def cell_part(self) -> NDArray[np.int64]:
        """Return index into PARTS of each cell (other province where no boundaries are shipped)."""
        if self.counties is None:
            return np.full(len(self.land), _FARTHEST, np.int64)
        return self.county_part[self.land.county]

    @cached_property
    def census(self) -> NDArray[np.float64] | None:
        """float64 (n_counties,) people of the census, NaN where there is none; None where no
        counties are shipped.
        """
        return None if self.counties is None else self.counties["population"].astype(float)

    def people_per_cell(self) -> NDArray[np.float64]:
        """Return float64 (n_cells,) people, NaN where they are not known."""
        if self.people is None:
            return np.full(len(self.land), np.nan)
        return _where_known(self.people.per_cell(len(self.land)), self.known)

    def others_per_cell(self) -> dict[str, NDArray[np.float64]]:
        """Return float64 (n_cells,) of every other column by name, NaN where its source tells
        nothing.
        """
        return {
            name: _where_known(values, self.others_known) for name, values in self.others.items()
        }

    @cached_property
    def counties_on_land(self) -> Ints64:
        """int64 (n,) rows of the counties that hold cells of the land, or people of them."""
        held = [] if self.people is None else [self.people.county]
        n = np.sum(
            [
                np.bincount(rows, minlength=len(self.county_part))
                for rows in (self.land.county, *held)
            ],
            axis=0,
        )
        return np.flatnonzero(n)

    @cached_property
    def _columns(self) -> tuple[Any, ...]:
        """The arrays of `kernels.limit_sums` after the limits; one county where no counties are
        shipped.
        """
        people = self.people or People(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
        part = np.array([_FARTHEST])
        county = np.zeros(len(self.land), np.int32)
        of_people = np.zeros(len(people.county), np.int32)
        if len(self.county_part):
            place = np.zeros(len(self.county_part), np.int32)
            place[self.counties_on_land] = np.arange(len(self.counties_on_land))
            part = self.county_part[self.counties_on_land]
            county = place[self.land.county]
            of_people = place[people.county]
        known = np.empty(0, bool) if self.known is None else self.known
        ptr = np.zeros(len(self.land) + 1, np.int32)
        np.cumsum(np.bincount(people.cell, minlength=len(self.land)), out=ptr[1:])
        return county, part, known, ptr, of_people, people.people

    def within(
        self, since_s: Ints32, minutes: Sequence[int], until_s: Ints32 | None = None
    ) -> dict[int, Inside]:
        """Return by minute what lies under the cells with `since_s` at most so many minutes, and
        `until_s` more.

        int32 (n_cells,) seconds; until None: no end.
        """
        chosen = sorted(set(minutes))
        cells, people = self._sums(since_s, chosen, until_s)
        return {
            minute: Inside(
                counts=self,
                since_s=since_s,
                until_s=until_s,
                minutes=minute,
                n=cells[0, k],
                n_known=cells[-1, k],
                people=people[k],
            )
            for k, minute in enumerate(chosen)
        }

    def outside(
        self, since_s: Ints32, minutes: range, until_s: Ints32 | None = None
    ) -> dict[str, list[Any]]:
        """Return `people` and `km2` outside the city proper by minute, as each `Inside` of `within`
        has them.
        """
        cells, people = self._sums(since_s, minutes, until_s)
        outside = self.people_outside(cells[0], cells[-1], people)
        return {
            "people": outside,
            "km2": (cells[0][:, -_FARTHEST:].sum(axis=1) * self.land.grid.cell_km2).tolist(),
        }

    def people_outside(self, n: Ints64, n_known: Ints64, people: Floats) -> list[int | None]:
        """Return whole people outside the city proper, None where they are known of none; (n_rows,
        4) by PARTS last.
        """
        some, known = (own[:, -len(PARTS) :].astype(bool) for own in (n, n_known))
        lacks = [
            own.any(axis=1) & ~its.any(axis=1)
            for own, its in ((some, known), (some[:, 1:], known[:, 1:]))
        ]
        none = np.any(lacks, axis=0) | (self.people is None)
        whole = np.floor(people[:, -_FARTHEST:].sum(axis=1) + 0.5).astype(np.int64)
        return [
            None if lacking else value
            for value, lacking in zip(whole.tolist(), none.tolist(), strict=True)
        ]

    def _sums(
        self, since_s: Ints32, minutes: Sequence[int], until_s: Ints32 | None
    ) -> tuple[Ints64, Floats]:
        ends = np.empty(0, np.int32) if until_s is None else until_s
        found: tuple[Ints64, Floats] = sum_within(
            since_s, ends, np.array(minutes, np.int64) * MINUTE, *self._columns
        )
        return found

    def inside(self, cells: Bools) -> Inside:
        """Return what lies under some cells, bool (n_cells,)."""
        return self.within(np.where(cells, np.int32(0), np.int32(UNREACHED)), [0])[0]


@dataclass(frozen=True, slots=True, eq=False)
class Inside:
    """What lies under the cells with `since_s` at most so many minutes, and `until_s` more.

    Counts and sums are by county (`CellCounts.counties_on_land`), then by PARTS.
    """

    counts: CellCounts
    #: int32 (n_cells,)
    since_s: Ints32
    until_s: Ints32 | None
    minutes: int
    #: int64 (n + 4,) cells, and those of which people are known
    n: Ints64
    n_known: Ints64
    #: float64 (n + 4,)
    people: NDArray[np.float64]

    @property
    def cells(self) -> Bools:
        """bool (n_cells,), which cells they are."""
        return cells_within(self.since_s, self.until_s, self.minutes)

    @property
    def n_by_part(self) -> Ints64:
        """int64 (4,) cells by PARTS."""
        return self.n[-len(PARTS) :]

    @property
    def _n_known_by_part(self) -> Ints64:
        return self.n_known[-len(PARTS) :]

    @property
    def people_by_part(self) -> list[float] | None:
        """People by PARTS, None where of none of the cells they are known."""
        if self.counts.people is None or (
            any(self.n_by_part.tolist()) and not any(self._n_known_by_part.tolist())
        ):
            return None
        found: list[float] = self.people[-len(PARTS) :].tolist()
        return found

    @property
    def people_figures(self) -> dict[str, int | None]:
        """Whole people by PARTS, outside the city proper and in all, by name of column.

        None for parts that have cells, of none of which people are known.
        """
        known = self.counts.case.has_prefectures
        return figures_of_parts(self.people_by_part, self.n_by_part, self._n_known_by_part, known)

    @property
    def people_outside(self) -> int | None:
        """Whole people outside the city proper, None where they are known of none: that of
        `people_figures`.
        """
        return self.counts.people_outside(self.n[None], self.n_known[None], self.people[None])[0]

    @property
    def people_on_land(self) -> NDArray[np.float64] | None:
        """People by `CellCounts.counties_on_land` as `people_by_county`."""
        if self.counts.people is None or self.counts.census is None:
            return None
        return np.where((self.n > 0) & (self.n_known == 0), np.nan, self.people)[: -len(PARTS)]

    @property
    def people_by_county(self) -> NDArray[np.float64] | None:
        """People by row of the counties, None where no people are shipped.

        NaN where a county has cells and people are known of none of them.
        """
        return None if (people := self.people_on_land) is None else self._by_county(people)

    @property
    def n_by_county(self) -> Ints64:
        """int64 (n_counties,) cells by row of the counties."""
        return self._by_county(self.n[: -len(PARTS)])

    def _by_county(self, values: NDArray[Any]) -> NDArray[Any]:
        found = np.zeros(len(self.counts.county_part), values.dtype)
        found[self.counts.counties_on_land] = values
        return found

    @property
    def known_km2(self) -> float | None:
        """Area where people are known: what figures of people stand for; None where no people are
        shipped.
        """
        return None if self.counts.people is None else self._km2(self._n_known_by_part)

    @property
    def known_km2_outside(self) -> float | None:
        """Area as `known_km2`, outside the city proper."""
        return None if self.counts.people is None else self._km2(self._n_known_by_part[1:])

    @property
    def km2_outside(self) -> float:
        """Area outside the city proper."""
        return self._km2(self.n_by_part[1:])

    def _km2(self, n: Ints64 | Bools) -> float:
        return float(n.sum() * self.counts.land.grid.cell_km2)

    @property
    def others(self) -> dict[str, tuple[float | None, ...]]:
        """By name of the other columns what the cells hold, and the part outside the city proper.

        None where their source tells of none of the cells.
        """
        counts = self.counts
        if not counts.others:
            return {}
        wheres = [self.cells, self.cells & (counts.cell_part != 0)]
        covered = [
            not cells.any() or _known_within(cells, counts.others_known).any() for cells in wheres
        ]
        return {
            name: tuple(
                float(values[cells].sum()) if known else None
                for cells, known in zip(wheres, covered, strict=True)
            )
            for name, values in counts.others.items()
        }

    @property
    def others_known_km2(self) -> float:
        """Area that the source of the other columns tells of."""
        return self._km2(_known_within(self.cells, self.counts.others_known))

    @property
    def figures(self) -> dict[str, Any]:
        """People and km2, with the city proper and without it."""
        people = self.people_figures
        return {
            "people": people["people"],
            "people_known_km2": self.known_km2,
            "area_km2": self._km2(self.n_by_part),
            "people_outside_city": people["people_outside_city"],
            "area_km2_outside_city": self.km2_outside,
        }


def cells_within(since_s: Ints32, until_s: Ints32 | None, minutes: int) -> Bools:
    """Return bool (n_cells,), `since_s` at most so many minutes, and `until_s` more;
    None: no end.
    """
    limit = minutes * MINUTE
    return since_s <= limit if until_s is None else (since_s <= limit) & (until_s > limit)


def people_by_kind(kinds: Mapping[str, Inside]) -> dict[str, dict[str, int | None]]:
    """Return `Inside.people_figures` of each kind of `places.spans_by_kind`, added by rail as total
    less local.

    See `added_figures`.
    """
    found = {kind: inside.people_figures for kind, inside in kinds.items()}
    people = kinds["added_by_rail"].people_by_part
    return found | {
        "added_by_rail": added_figures(
            found["added_by_rail"], people, found["total"], found["local"]
        )
    }


def _known_within(inside: Bools, known: Bools | None) -> Bools:
    """Return bool (n_cells,): the cells `inside` that a source covers."""
    return inside if known is None else inside & known


def _where_known(values: NDArray[np.float64], known: Bools | None) -> NDArray[np.float64]:
    return values if known is None else np.where(known, values, np.nan)


def known_sum(people: NDArray[np.float64]) -> float | None:
    """Return the sum of what is known, NaN left out; None where some are NaN and no others are
    above 0.
    """
    n = float(np.nansum(people))
    return None if n == 0 and np.isnan(people).any() else n


def check_columns(opportunities: Opportunities) -> None:
    """Raise where a column would take the place of one of the results.

    Raises InputError naming every such column.
    """
    taken = _TAKEN | {
        f"{name}{end}" for name in opportunities.columns for end in ("_outside_city", "_known_km2")
    }
    bad = [
        name for name in opportunities.columns if name in taken or name.startswith(_TAKEN_STARTS)
    ]
    if bad:
        raise InputError(
            f"{opportunities.label or 'opportunities'}: column {', '.join(map(repr, bad))} has the "
            "name of a column of the results -> rename it in the file"
        )


def build_counts(
    case: CityModel, land: StudyArea, opportunities: Opportunities | None = None
) -> CellCounts:
    """Return the land with the network's own people, or with the people and other columns of
    `opportunities`.

    A source that has no column of people leaves the network's own, known in the counties where they
    were placed.
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
        own = People(mine, land.county[mine], people[mine])
        label = opportunities.label
        known = others_known
    if opportunities.cut is not None:
        left = left + opportunities.cut
    elsewhere = dict(zip(opportunities.columns, left.tolist(), strict=True))
    return CellCounts(
        case=case,
        land=land,
        people=own,
        people_label=label,
        others=columns,
        elsewhere=elsewhere,
        opportunities=opportunities,
        known=known,
        others_known=others_known,
    )
