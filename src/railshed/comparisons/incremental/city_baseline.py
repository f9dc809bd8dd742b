"""One city of a baseline: the results of a full run, so that added trips recompute only what they
reach.

Cells' seconds beyond the largest cutoff of a reading count as unreached: no figure needs more, and
journeys that take longer need not be looked for.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from railshed.assumptions.readings import Reading
from railshed.cells.cell_keys import cell_keys, find_keys
from railshed.cells.population import People, known_counties
from railshed.circles.cell_counts import PARTS, CellCounts
from railshed.circles.city_model import ENDS_AT_TERMINALS, CityModel
from railshed.circles.common_cells import CommonCells
from railshed.circles.study_area import Cells, StudyArea
from railshed.circles.surface import directed_surface
from railshed.comparisons.incremental.counts import CityFigures, ReadingTotals, StationFigures
from railshed.kernels import cell_sums as kernels
from railshed.network.model import Network
from railshed.routing.directions import Direction, directions_of, to_kernel_time
from railshed.routing.journeys import Compiled
from railshed.routing.profiles import (
    MIN_BOUND_S,
    Views,
    Window,
    early_s,
    search_span,
    station_percentiles,
)
from railshed.routing.timetable_edit import Search
from railshed.util.array_types import Bools, Ints, Ints32, Ints64
from railshed.util.errors import ParameterError
from railshed.util.sums import plain_sum
from railshed.util.units import MINUTE, UNREACHED

#: a search of a city: legs and direction
SearchKey = tuple[str, Direction]


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """The question put to every city: readings with their cutoffs in minutes, and a direction."""

    readings: Mapping[str, Reading]
    cutoffs: Mapping[str, tuple[int, ...]]
    direction: str
    #: largest cutoff in seconds: bounds the study area
    limit_s: int
    #: by code of a county: how many rows of the counties, and their census people; None where there
    #: are none
    census: Mapping[str, tuple[int, float]] | None

    def limits(self, reading: str) -> Ints64:
        """Return the cutoffs of a reading in seconds."""
        return np.array(self.cutoffs[reading], np.int64) * MINUTE

    def largest_s(self, reading: str) -> int:
        """Return the largest cutoff of a reading in seconds."""
        return int(self.limits(reading).max())


def census_of(network: Network) -> dict[str, tuple[int, float]] | None:
    """Return by code of a county how many rows it has, and their census people; None where no
    counties are shipped.
    """
    if network.counties is None:
        return None
    found: dict[str, tuple[int, float]] = {}
    people = network.counties["population"].fillna(0).tolist()
    for code, number in zip(network.counties["county_code"], people, strict=True):
        n, before = found.get(code, (0, 0.0))
        found[code] = n + 1, before + float(number)
    return found


@dataclass(frozen=True, slots=True, eq=False)
class CellFacts:
    """Part of the city and people of cells that are sorted by key."""

    keys: Ints64
    #: int8 (n_cells,) index into cell_counts.PARTS; whether people are known
    part: NDArray[np.int8]
    known: Bools
    #: by cell and county: int64 (n,) index of the cell, int8 part of the county, float64 people
    people_cell: Ints64
    people_part: NDArray[np.int8]
    people: NDArray[np.float64]


class Seconds(NamedTuple):
    """Seconds of cells within the largest cutoff of a reading, UNREACHED beyond it."""

    #: int32 (n_cells,) by rail, and without a ride
    rail_s: Ints32
    local_s: Ints32

    def of_kind(self, kind: str) -> Ints32:
        """Return int32 (n_cells,) seconds of ``by_rail``, ``local`` or ``total``, the least of
        both.
        """
        kinds = {"by_rail": self.rail_s, "local": self.local_s, "total": np.minimum(*self)}
        if kind not in kinds:
            raise ParameterError(f"kind {kind!r}: allowed are {', '.join(kinds)}")
        return kinds[kind]

    def at(self, keys: Ints64, of_keys: Ints64) -> Seconds:
        """Return the seconds at `of_keys` of cells whose sorted keys are `keys`; UNREACHED where
        there is no cell.
        """
        place, known = find_keys(keys, of_keys)
        return Seconds(
            *(
                np.where(known, values[place] if len(values) else UNREACHED, UNREACHED).astype(
                    np.int32
                )
                for values in self
            )
        )


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """A reading in one direction: where the minutes of its cells come from."""

    reading: Reading
    way: Direction
    span: Window
    #: int64 (n_stations,) row in `times`, or station of the profiles; -1 where no ride begins
    rows: Ints64
    #: int32 (n_rows, n_minutes) T_s of the stations near land; None where the traveller turns up
    #: and goes
    times: Ints32 | None
    #: largest cutoff
    within_s: int

    @property
    def key(self) -> SearchKey:
        """Which search it is a view of."""
        return self.reading.legs, self.way


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """The cells near a station that the baseline's land does not know it for."""

    #: int64 (n,) index into the baseline's cells, seconds to (from) the door
    at: Ints64
    at_s: Ints64
    #: the other cells on land, seconds to the door, and without a ride by legs and direction
    facts: CellFacts
    seconds: Ints64
    local_s: Mapping[SearchKey, Ints32]


@dataclass(frozen=True, eq=False)
class CityBase:
    """A city before anything is added."""

    case: CityModel
    question: Question
    searches: Mapping[SearchKey, Search]
    sources: tuple[Source, ...]
    facts: CellFacts
    #: by direction, cells and stations near each other: the baseline's access table, int32
    near: Mapping[Direction, Pairs]
    #: seconds of the cells by reading with a surface
    seconds: Mapping[str, Seconds]
    #: int32 (n_stations,) seconds at the percentile of readings without a surface, by reading and
    #: direction
    station_s: Mapping[tuple[str, Direction], Ints32]
    figures: CityFigures
    #: by row of the counties: part of the city, whether people are known (None: everywhere)
    county_part: NDArray[np.int64]
    county_known: Bools | None
    #: bool (n_stations,) those that are counted (`CityModel.counted_stations`)
    served: Bools
    #: cells near stations of plans, cached
    blocks: OrderedDict[object, Block] = field(default_factory=OrderedDict, repr=False)

    @property
    def slug(self) -> str:
        """The city's slug."""
        return self.case.city.slug

    @cached_property
    def people_keys(self) -> Ints64:
        """Key of the cell of each row of people."""
        return self.facts.keys[self.facts.people_cell]


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Cells and the stations within the access caps, by cell and by station.

    Seconds between cell and door.
    """

    ptr: Ints64
    station: Ints32
    seconds: Ints32
    by_station_ptr: Ints64
    by_station_cell: Ints32
    by_station_s: Ints32

    @classmethod
    def of(cls, cells: Cells, n_stations: int) -> Pairs:
        """Return the table of a case."""
        order = np.argsort(cells.station, kind="stable")
        cell = np.repeat(np.arange(len(cells.land)), np.diff(cells.ptr))
        ptr = np.concatenate(
            [[0], np.cumsum(np.bincount(cells.station, minlength=n_stations))]
        ).astype(np.int64)
        return cls(
            cells.ptr,
            cells.station.astype(np.int32),
            cells.seconds,
            ptr,
            cell[order].astype(np.int32),
            cells.seconds[order],
        )


def base_of(case: CityModel, question: Question) -> CityBase:
    """Return the baseline of a city, by a full run."""
    directions = directions_of(question.direction)
    common = CommonCells([case], question.direction, question.limit_s)
    land = common.study_area
    cells = common.cells(case)
    counts = common.counts
    known = known_counties(case.compiled.network)
    county_known = None if known is None or known.all() else known
    people = counts.people
    facts = facts_of(land, people, counts.county_part, county_known)
    seconds = {}
    station_s = {}
    sources = []
    searches = _searches(case, question)
    for name, reading in question.readings.items():
        if reading.legs != "station" and case.has_goal(reading.legs):
            surface = directed_surface(
                case,
                cells,
                reading,
                question.direction,
                cutoffs=question.cutoffs[name],
                count_trips=False,
            )
            largest_s = question.largest_s(name)
            seconds[name] = Seconds(
                capped(surface.by_rail_s, largest_s), capped(surface.local_s, largest_s)
            )
        for way in directions:
            if reading.legs == "station":
                times = _views(searches, reading, way).travel_times(
                    case.window(reading, way), reading.slack_s, reading.early_weight
                )
                station_s[name, way] = np.ascontiguousarray(
                    station_percentiles(times, [reading.percentile])[:, 0]
                )
            if reading.legs == "station" or name in seconds:
                sources.append(
                    _source(case, searches, cells[way], reading, way, question.largest_s(name))
                )
    served = case.counted_stations()
    near = {way: Pairs.of(cells[way], case.compiled.network.n_stations) for way in directions}
    base = CityBase(
        case=case,
        question=question,
        searches=searches,
        sources=tuple(sources),
        facts=facts,
        near=near,
        seconds=seconds,
        station_s=station_s,
        figures=CityFigures({}, {}),
        county_part=counts.county_part,
        county_known=county_known,
        served=served,
    )
    object.__setattr__(base, "figures", _figures(base, counts))
    case.made.clear()
    case._found.clear()
    return base


def _searches(case: CityModel, question: Question) -> dict[SearchKey, Search]:
    """Return by legs and direction the search of all journeys that may matter within the cutoffs of
    their readings.
    """
    found: dict[SearchKey, Search] = {}
    compiled = case.compiled
    assert isinstance(compiled, Compiled)
    for way in directions_of(question.direction):
        for legs in dict.fromkeys(reading.legs for reading in question.readings.values()):
            if not case.has_goal(legs):
                continue
            targets = case.targets(legs, way)
            spans = []
            bound_s = 0
            for name, reading in question.readings.items():
                if reading.legs == legs:
                    bound_s = max(bound_s, min(question.largest_s(name), MIN_BOUND_S))
                    spans.append(
                        _span(case.window(reading, way), reading, way, question.largest_s(name))
                    )
            between = min(span[0] for span in spans), max(span[1] for span in spans)
            found[legs, way] = Search.of(
                compiled, way, targets, between, bound_s, case.max_transfers
            )
    return found


def _span(window: Window, reading: Reading, way: Direction, within_s: int) -> Window:
    """Return the kernel seconds between which journeys leave and arrive that may matter within the
    cutoff.
    """
    if reading.turns_up(way):
        start, end = (to_kernel_time(s, "to") for s in window)
        return start, end + within_s
    return search_span(
        way, window, early_s(reading.slack_s, reading.early_weight, within_s), within_s
    )


def _views(searches: Mapping[SearchKey, Search], reading: Reading, way: Direction) -> Views:
    return Views(way, searches[reading.legs, way].profiles, MIN_BOUND_S)


def _source(
    case: CityModel,
    searches: Mapping[SearchKey, Search],
    cells: Cells,
    reading: Reading,
    way: Direction,
    within_s: int,
) -> Source:
    span = case.window(reading, way)
    n = case.compiled.network.n_stations
    rows = np.arange(n)
    times = None
    if reading.legs != "station" and not reading.turns_up(way):
        near = np.unique(cells.station)
        rows = np.full(n, -1, np.int64)
        rows[near] = np.arange(len(near))
        times = np.full((len(near), 0), UNREACHED, np.int32)
        if (reading.legs, way) in searches:
            times = _views(searches, reading, way).travel_times(
                span, reading.slack_s, reading.early_weight, near
            )
    if reading.legs in ENDS_AT_TERMINALS:
        rows[list(case.core)] = -1
    return Source(reading, way, span, rows.astype(np.int64), times, within_s)


def _figures(base: CityBase, counts: CellCounts) -> CityFigures:
    """Return the figures of a full run."""
    with_people = counts.people is not None
    totals = {
        name: totals_of(base, name, seconds, None, with_people)
        for name, seconds in base.seconds.items()
    }
    stations = {
        name: station_figures(base, name, base.station_s, base.served, base.case)
        for name, reading in base.question.readings.items()
        if reading.legs == "station"
    }
    return CityFigures(totals, stations)


def capped(seconds: Ints, limit_s: int) -> Ints32:
    """Return seconds, UNREACHED above the limit."""
    return np.where(seconds <= limit_s, seconds, UNREACHED).astype(np.int32, copy=False)


def facts_of(
    land: StudyArea,
    people: People | None,
    county_part: NDArray[np.int64],
    county_known: Bools | None,
) -> CellFacts:
    """Return part and people of cells; `people` as `population.spread_people`."""
    n = len(land)
    part = county_part[land.county] if len(county_part) else np.full(n, len(PARTS) - 1)
    known = np.ones(n, dtype=bool) if county_known is None else county_known[land.county]
    cell = np.empty(0, np.int64)
    county = np.empty(0, np.int64)
    number = np.empty(0)
    if people is not None:
        cell = people.cell
        county = people.county
        number = people.people
    of_people = county_part[county] if len(county_part) else np.full(len(county), len(PARTS) - 1)
    return CellFacts(
        cell_keys(land.row, land.column),
        part.astype(np.int8),
        known,
        cell,
        of_people.astype(np.int8),
        number,
    )


@dataclass(frozen=True, slots=True, eq=False)
class NewCells:
    """Cells outside the baseline's land, and their seconds under one reading."""

    facts: CellFacts
    seconds: Seconds


def totals_of(
    base: CityBase, name: str, seconds: Seconds, more: NewCells | None, with_people: bool
) -> ReadingTotals:
    """Return cells and people within the cutoffs of a reading, over the baseline's cells and new
    ones.
    """
    facts = base.facts
    limits = base.question.limits(name)
    counts = np.zeros((2, len(limits), 4, 4), np.int64)
    kernels.count_cells(counts, *seconds, facts.part, facts.known, limits)
    none = np.empty(0, np.int64)
    no32 = np.empty(0, np.int32)
    other = (none, none, np.empty(0, np.int8), np.empty(0, np.float64), no32, no32)
    if more is not None:
        kernels.count_cells(counts, *more.seconds, more.facts.part, more.facts.known, limits)
        f = more.facts
        other = (f.keys[f.people_cell], f.people_cell, f.people_part, f.people, *more.seconds)
    people = None
    if with_people:
        people = kernels.sum_population(
            base.people_keys,
            facts.people_cell,
            facts.people_part,
            facts.people,
            *seconds,
            other,
            limits,
        )
    km2 = base.case.grid.cell_km2
    known = base.case.has_prefectures
    return ReadingTotals(base.question.cutoffs[name], km2, counts[0], counts[1], people, known)


def station_figures(
    base: CityBase,
    name: str,
    seconds: Mapping[tuple[str, Direction], Ints32],
    served: Bools,
    case: CityModel,
) -> StationFigures:
    """Return stations within the cutoffs of a reading without a surface, and the whole counties
    that hold them.

    The press convention (see `circles.bridge.press_of`): core stations and the city proper are left
    out.
    """
    network = case.compiled.network
    census = base.question.census
    rows = []
    for limit in base.question.limits(name).tolist():
        within = served.copy()
        for way in directions_of(base.question.direction):
            within &= seconds[name, way] <= limit
        within[list(case.core)] = False
        codes = [network.stations[k].county_code for k in np.flatnonzero(within).tolist()]
        in_city = sum(code in case.city.proper_counties for code in codes)
        counties = people = None
        if census is not None:
            found = [
                census.get(code, (0, 0.0)) for code in set(codes) - {"", *case.city.proper_counties}
            ]
            counties = sum(n for n, _ in found)
            people = int(plain_sum(p for _, p in found))
        rows.append((len(codes) - in_city, in_city, counties, people))
    return StationFigures(base.question.cutoffs[name], tuple(rows))
