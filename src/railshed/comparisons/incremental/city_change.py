"""The change of one city by added trips: only stations with better journeys, and only cells near them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass

import numpy as np

from railshed.cells.cell_keys import cell_keys, find_keys
from railshed.circles.city_model import CityModel
from railshed.comparisons.incremental.city_baseline import (
    CellFacts,
    CityBase,
    NewCells,
    PeopleNear,
    SearchKey,
    Seconds,
    Source,
    block_of,
    capped,
    new_facts,
    station_figures,
    totals_of,
)
from railshed.comparisons.incremental.counts import CityFigures, StationFigures
from railshed.kernels import cell_sums as kernels
from railshed.kernels import cell_times as surface_kernels
from railshed.kernels.types import Profiles
from railshed.network.cities import City
from railshed.network.model import Station
from railshed.routing.added_trips import Added, ImprovedProfiles, Prepared, find_improved
from railshed.routing.directions import Direction
from railshed.routing.journeys import Compiled
from railshed.routing.profiles import MIN_BOUND_S, Views, minutes_of, percentile_ranks, station_percentiles
from railshed.util.array_types import Bools, Ints32, Ints64
from railshed.util.units import MINUTE, UNREACHED

_NO_LIMITS = np.empty(0, np.int64)
_NONE = np.empty(0, np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class PlannedTrips:
    """Added trips, ready for every city of a baseline."""

    prepared: Prepared
    #: the baseline's, with the stations of the plan behind its own
    compiled: Compiled
    added: Mapping[Direction, Added]
    #: by slug, cities with more core stations
    cities: Mapping[str, City]
    #: int64 (n_stations,) seconds between door and platform at home, by legs and direction
    home_s: Mapping[SearchKey, Ints64]
    #: bool (n_stations,) where added trips of the day call
    served: Bools
    people_near: PeopleNear


@dataclass(frozen=True, slots=True, eq=False)
class CityChange:
    """A city whose figures, cells or stations change."""

    city: City
    before: CityFigures
    after: CityFigures
    #: ids of stations with a better journey within the largest cutoff of a reading, sorted
    stations: tuple[str, ...]
    #: int64 (n,) keys (`population.cell_keys`) of the cells whose seconds within the largest cutoff change, by reading
    cells: Mapping[str, Ints64]
    #: seconds of these cells before and after, by reading
    before_s: Mapping[str, Seconds]
    after_s: Mapping[str, Seconds]
    #: the city with the seconds of all other cells
    known: CityBase

    def moved_cells(self, reading: str, cutoff_min: int, kind: str) -> tuple[Ints64, Ints64]:
        """Return the keys of the cells that come within a cutoff, and of those that are no longer within it."""
        if reading not in self.cells:
            return _NONE, _NONE
        was, now = (side[reading].of_kind(kind) <= cutoff_min * MINUTE for side in (self.before_s, self.after_s))
        return self.cells[reading][now & ~was], self.cells[reading][was & ~now]

    def seconds_after(self, reading: str) -> tuple[Ints64, Seconds]:
        """Return the keys of all cells of the city after the change, and their seconds under a reading."""
        keys, found = self.known.facts.keys, self.known.seconds(reading)
        if reading not in self.cells:
            return keys, found
        every = np.union1d(keys, self.cells[reading])
        place, after = np.searchsorted(every, self.cells[reading]), found.at(keys, every)
        for values, changed in zip(after, self.after_s[reading], strict=True):
            values[place] = changed
        return every, after


@dataclass(frozen=True, slots=True, eq=False)
class _Better:
    """The stations of a search that matter to a reading: indices, profiles and least seconds."""

    station: Ints64
    profiles: Profiles
    least_s: Ints64

    @classmethod
    def of(cls, improved: ImprovedProfiles, home_s: Ints64, within_s: int) -> _Better | None:
        chosen = np.flatnonzero(improved.least_s + home_s[improved.station] <= within_s)
        if not len(chosen):
            return None
        s = improved.profiles
        profiles = Profiles(s.ptr[chosen], s.count[chosen], s.departure, s.arrival)
        return cls(improved.station[chosen], profiles, improved.least_s[chosen])


def case_after(base: CityBase, plan: PlannedTrips) -> CityModel:
    """Return the city on the larger network."""
    old = base.case
    if base.slug not in plan.cities:  # its core stations keep their numbers
        case = copy(old)
        object.__setattr__(case, "compiled", plan.compiled)
        return case
    case = CityModel(plan.compiled, plan.cities[base.slug], old.assumptions, old.max_transfers, old.streets)
    if case.grid == old.grid:  # reuse its projection
        object.__setattr__(case, "grid", old.grid)
    return case


def needs_full_run(base: CityBase, plan: PlannedTrips) -> str:
    """Return why a city cannot be computed from its baseline, "" where it can."""
    if base.slug not in plan.cities:
        return ""
    case = case_after(base, plan)
    if case.grid != base.case.grid:
        return f"the cells of {base.slug} move with its core stations"
    if any(source.key not in base.searches and case.targets(*source.key) for source in base.sources):
        return f"no core station of {base.slug} reached a centre"
    return ""


def change_of(base: CityBase, plan: PlannedTrips) -> CityChange | None:
    """Return the change of a city by the plan, None if there is none."""
    has_new_core = base.slug in plan.cities
    case = case_after(base, plan) if has_new_core else None
    improved = _improved(base, plan, case)
    newly_served = plan.served[: len(base.served)] & ~base.served
    reached = [newly_served & (seconds != UNREACHED) for seconds in base.station_s.values()]
    if not improved and not has_new_core and not any(r.any() for r in reached):
        return None
    case = case_after(base, plan) if case is None else case
    stations = _stations_after(base, plan, case, improved)
    totals, cells, before_s, after_s = dict(base.figures.totals), {}, {}, {}
    for name in base.rail_s:
        found = _surface(base, plan, case, name, improved)
        if found is not None and len(found[3]):
            rail_s, local_s, more, keys = found
            cells[name] = keys
            before_s[name] = base.seconds(name).at(base.facts.keys, keys)
            after_s[name] = Seconds(rail_s, local_s).at(base.facts.keys, keys)
            if more is not None:
                new = Seconds(more.rail_s, more.local_s).at(more.facts.keys, keys)
                after_s[name] = Seconds(*map(np.minimum, after_s[name], new))
            with_people = totals[name].people is not None
            totals[name] = totals_of(base, name, rail_s, local_s, more, with_people)
    after = CityFigures(totals, stations)
    if not cells and stations == base.figures.stations:
        return None
    stations_moved = _station_ids(base, plan, improved)
    return CityChange(case.city, base.figures, after, stations_moved, cells, before_s, after_s, base)


@dataclass(frozen=True, slots=True, eq=False)
class Footprint:
    """Where added trips may meet other added trips: see `independence`."""

    #: ids of new stations and those where added trips call, and of all within a walk of these
    stations: frozenset[str]
    new: tuple[Station, ...]
    #: ids of stations with a better journey that may be part of one within the largest cutoff, in any city
    improved: frozenset[str]
    #: int64 keys of the cells that may have other seconds by rail, by slug and reading
    touched: Mapping[tuple[str, str], Ints64]


def footprint_of(cities: Sequence[CityBase], plan: PlannedTrips) -> Footprint:
    """Return where planned trips may meet others in these cities."""
    known, n_old = plan.compiled.network.stations, len(cities[0].served)
    near, better, cells = set[int](), set[int](), {}
    for added in plan.added.values():
        near.update(added.near.tolist())
    for base in cities:
        case = case_after(base, plan)
        improved = _improved(base, plan, case if base.slug in plan.cities else None)
        for each in improved.values():
            better.update(each.station.tolist())
        for name in base.rail_s:
            sources = [s for s in base.sources if s.reading.name == name]
            touched = _touched(base, plan, case, sources, improved)
            keys = [base.facts.keys[touched.marks]]
            for x, budget_s in (pair for pairs in touched.far.values() for pair in pairs):
                block = block_of(base, case, x, plan.people_near, base.question.limit_s)
                keys.append(block.facts.keys[block.seconds <= budget_s])
            cells[base.slug, name] = np.unique(np.concatenate(keys))
    ids = [frozenset(known[k].station_id for k in found) for found in (near, better)]
    return Footprint(ids[0], tuple(known[n_old:]), ids[1], cells)


def _improved(base: CityBase, plan: PlannedTrips, case: CityModel | None) -> dict[SearchKey, ImprovedProfiles]:
    """Return the improved stations by search; searches without any are left out."""
    found = {}
    for key, search in base.searches.items():
        bounds = [s.between(int(plan.home_s[key].min())) for s in base.sources if s.key == key]
        between = min(b[0] for b in bounds), max(b[1] for b in bounds)
        targets = search.targets if case is None else case.targets(*key)
        bound_s = max(b[2] for b in bounds)
        if bound_s >= 0:
            improved = find_improved(plan.prepared, search, plan.added, targets, between, min(bound_s, MIN_BOUND_S))
            if improved is not None:
                found[key] = improved
    return found


def _station_ids(base: CityBase, plan: PlannedTrips, improved: Mapping[SearchKey, ImprovedProfiles]) -> tuple[str, ...]:
    found: set[int] = set()
    for key, better in improved.items():
        within_s = max(s.within_s for s in base.sources if s.key == key)
        chosen = _Better.of(better, plan.home_s[key], within_s)
        found |= set() if chosen is None else set(chosen.station.tolist())
    return tuple(sorted(plan.compiled.network.stations[x].station_id for x in found))


def _stations_after(
    base: CityBase, plan: PlannedTrips, case: CityModel, improved: Mapping[SearchKey, ImprovedProfiles]
) -> dict[str, StationFigures]:  # fmt: skip
    """Return the figures of readings without a surface."""
    n_new = len(plan.served) - len(base.served)
    served = np.append(base.served, np.zeros(n_new, dtype=bool)) | plan.served
    found = {}
    for name in base.figures.stations:
        seconds = {}
        for source in (s for s in base.sources if s.reading.name == name):
            after = np.append(base.station_s[name, source.way], np.full(n_new, UNREACHED, np.int32))
            if source.key in improved:
                better = _Better.of(improved[source.key], plan.home_s[source.key], source.within_s)
                if better is not None:
                    times = _times(source, better)
                    after[better.station] = station_percentiles(times, [source.reading.percentile])[:, 0]
            seconds[name, source.way] = after
        found[name] = station_figures(base, name, seconds, served, case)
    return found


def _times(source: Source, better: _Better) -> Ints32:
    """Return T_s of the better stations."""
    return Views(source.way, better.profiles, MIN_BOUND_S).travel_times(source.span, source.reading.slack_s)


@dataclass(slots=True)
class _Touched:
    """The cells to compute again: marks on the baseline's, keys of new ones, and their stations by direction."""

    marks: Bools
    #: by direction: better stations, None where there are none; those unknown to the baseline's land, with budgets
    better: dict[Direction, _Better | None]
    far: dict[Direction, list[tuple[int, int]]]


def _surface(
    base: CityBase, plan: PlannedTrips, case: CityModel, name: str, improved: Mapping[SearchKey, ImprovedProfiles]
) -> tuple[Ints32, Ints32, NewCells | None, Ints64] | None:
    """Return seconds by rail and without a ride of the baseline's cells, new cells, and keys of those that change."""
    sources = [s for s in base.sources if s.reading.name == name]
    touched = _touched(base, plan, case, sources, improved)
    within_s = sources[0].within_s
    local_s = base.local_s[name]
    new_core = _new_core(base, case)
    if new_core and sources[0].reading.legs == "door-to-station":
        for source in sources:
            local_s = np.minimum(local_s, capped(_local_of(base, case, new_core, base.facts, source.way), within_s))
    facts, local_new = _new_cells(base, plan, case, sources, touched, new_core)
    cells = np.flatnonzero(touched.marks)
    if not len(cells) and not len(facts.keys) and local_s is base.local_s[name]:
        return None
    values = np.zeros(len(cells) + len(facts.keys), np.int32)
    for source in sources:
        values = np.maximum(values, _seconds(base, plan, case, source, touched, cells, facts.keys))
    rail_s = base.rail_s[name].copy()
    rail_s[cells] = values[: len(cells)]
    more = NewCells(facts, values[len(cells) :], local_new) if len(facts.keys) else None
    changed = base.facts.keys[(rail_s != base.rail_s[name]) | (local_s != base.local_s[name])]
    if more is not None:
        reached = np.minimum(more.rail_s, more.local_s) <= within_s
        changed = np.sort(np.concatenate([changed, facts.keys[reached]]))
    return rail_s, local_s, more, changed


def _new_core(base: CityBase, case: CityModel) -> list[int]:
    return sorted(set(case.core) - set(base.case.core))


def _touched(
    base: CityBase, plan: PlannedTrips, case: CityModel, sources: Sequence[Source],
    improved: Mapping[SearchKey,
    ImprovedProfiles],
) -> _Touched:  # fmt: skip
    """Return the cells whose seconds may change: near better stations, and near new core stations."""
    found = _Touched(np.zeros(len(base.facts.keys), dtype=bool), {}, {})
    n_old = len(base.served)
    for source in sources:
        near, home_s, far = base.near[source.way], plan.home_s[source.key], found.far.setdefault(source.way, [])
        better = None
        if source.key in improved:
            better = _Better.of(improved[source.key], home_s, source.within_s)
        found.better[source.way] = better
        no_boarding = set(case.core) if source.reading.legs == "door-to-station" else set()
        stations = np.array([x for x in sorted(no_boarding - set(base.case.core)) if x < n_old], np.int64)
        budgets = np.full(len(stations), source.within_s, np.int64)
        if better is not None:
            open_ = ~np.isin(better.station, sorted(no_boarding))
            budget = source.within_s - home_s[better.station] - better.least_s
            known = open_ & (better.station < n_old)
            known[known] = near.by_station_ptr[better.station[known] + 1] > near.by_station_ptr[better.station[known]]
            stations = np.concatenate([stations, better.station[known]])
            budgets = np.concatenate([budgets, budget[known]])
            far += zip(better.station[open_ & ~known].tolist(), budget[open_ & ~known].tolist(), strict=True)
        kernels.mark_cells(
            found.marks, near.by_station_ptr, near.by_station_cell, near.by_station_s, stations, budgets
        )  # fmt: skip
        for x, budget_s in far:
            block = block_of(base, case, x, plan.people_near, base.question.limit_s)
            found.marks[block.at[block.at_s <= budget_s]] = True
    return found


def _new_cells(
    base: CityBase,
    plan: PlannedTrips,
    case: CityModel,
    sources: Sequence[Source],
    touched: _Touched,
    new_core: Sequence[int],
) -> tuple[CellFacts, Ints32]:
    """Return the cells outside the baseline's land that may be reached, and their seconds without a ride."""
    parts, locals_ = [], []
    legs, within_s = sources[0].reading.legs, sources[0].within_s
    for source in sources:
        for x, budget_s in touched.far[source.way]:
            block = block_of(base, case, x, plan.people_near, base.question.limit_s)
            chosen = block.seconds <= budget_s
            parts.append(_take(block.facts, chosen))
            each = [block.local_s[s.key][chosen] for s in sources]
            locals_.append(np.max(each, axis=0))
    if not new_core or legs != "door-to-station":
        facts, first = _joined(parts)
        local = np.concatenate([np.empty(0, np.int32), *locals_])[first]
        return facts, capped(local, within_s)
    doors, keys = case.doors(new_core, case.city.feeder), [part.keys for part in parts]
    for source in sources:
        near = base.case.access.cells_without_ride(base.case.grid, doors, within_s, towards=source.way == "to")
        keys.append(cell_keys(near.row, near.column))
    every = np.unique(np.concatenate([_NONE, *keys]))
    facts, _ = new_facts(base, every[~find_keys(base.facts.keys, every)[1]], plan.people_near)
    local = np.zeros(len(facts.keys), np.int64)
    for source in sources:
        local = np.maximum(local, _local_of(base, case, case.core, facts, source.way))
    return facts, capped(local, within_s)


def _local_of(base: CityBase, case: CityModel, core: Sequence[int], facts: CellFacts, way: Direction) -> Ints64:
    """Return seconds without a ride between cells and the nearest of some core stations."""
    row, column = facts.keys >> 32, (facts.keys & 0xFFFFFFFF) - (1 << 31)
    doors = case.doors(core, case.city.feeder)
    return base.case.access.seconds_without_ride(
        base.case.grid, row, column, doors, base.question.limit_s, towards=way == "to"
    )


def _take(facts: CellFacts, chosen: Bools) -> CellFacts:
    """Return some of the cells."""
    place = np.cumsum(chosen) - 1
    mine = chosen[facts.people_cell]
    return CellFacts(
        facts.keys[chosen], facts.part[chosen], facts.known[chosen], place[facts.people_cell[mine]],
        facts.people_part[mine], facts.people[mine],
    )  # fmt: skip


def _joined(parts: Sequence[CellFacts]) -> tuple[CellFacts, Ints64]:
    """Return the cells of all parts, each once, and where each of them stands first in the parts end to end."""
    keys = np.concatenate([_NONE, *(p.keys for p in parts)])
    distinct, first = np.unique(keys, return_index=True)
    is_first = np.zeros(len(keys), dtype=bool)
    is_first[first] = True
    starts = np.cumsum([0, *(len(p.keys) for p in parts)])
    cell = np.concatenate([_NONE, *(p.people_cell + s for p, s in zip(parts, starts, strict=False))])
    mine = np.flatnonzero(is_first[cell])
    place = np.searchsorted(distinct, keys[cell[mine]])
    order = mine[np.argsort(place, kind="stable")]
    part, known, people_part, people = (
        np.concatenate([empty, *(getattr(p, name) for p in parts)])
        for name, empty in (
            ("part", np.empty(0, np.int8)), ("known", np.empty(0, bool)), ("people_part", np.empty(0, np.int8)),
            ("people", np.empty(0)),
        )
    )  # fmt: skip
    return CellFacts(distinct, part[first], known[first], np.sort(place), people_part[order], people[order]), first


def _seconds(
    base: CityBase, plan: PlannedTrips, case: CityModel, source: Source, touched: _Touched, cells: Ints64,
    new_keys: Ints64
) -> Ints32:  # fmt: skip
    """Return int32 (n_cells + n_new,) seconds by rail of the cells to compute again and of new ones."""
    search, better = base.searches[source.key], touched.better[source.way]
    near, home_s = base.near[source.way], plan.home_s[source.key]
    rows = np.append(source.rows, np.full(len(home_s) - len(source.rows), -1, np.int64))
    n_rows = len(search.journeys.count) if source.times is None else len(source.times)
    if better is not None:
        rows[better.station] = n_rows + np.arange(len(better.station))
    if source.reading.legs == "door-to-station":
        rows[list(case.core)] = -1
    slots, stations, seconds = [_NONE], [_NONE], [_NONE]
    for x, _ in touched.far[source.way]:
        block = block_of(base, case, x, plan.people_near, base.question.limit_s)
        for keys, near_keys, pair_s, start in (
            (cells, block.at, block.at_s, 0), (new_keys, block.facts.keys, block.seconds, len(cells))
        ):  # fmt: skip
            at, hit = find_keys(keys, near_keys)
            slots.append(at[hit] + start)
            seconds.append(pair_s[hit])
            stations.append(np.full(len(slots[-1]), x, np.int64))
    ptr, row, pair_s = kernels.gather_pairs(
        cells, near.ptr, near.station, near.seconds, np.concatenate(slots), np.concatenate(stations),
        np.concatenate(seconds), len(cells) + len(new_keys), rows, home_s,
    )  # fmt: skip
    minutes = minutes_of(source.span)
    ranks = percentile_ranks([source.reading.percentile], len(minutes))
    if source.times is None:
        profiles = search.journeys if better is None else _joined_profiles(search.journeys, better.profiles)
        views = Views(source.way, profiles, MIN_BOUND_S)
        ranked, _ = views.turn_up_cells(minutes, ptr, row, pair_s, ranks, _NO_LIMITS)
    else:
        times = source.times if better is None else np.concatenate([source.times, _times(source, better)])
        ranked, _ = surface_kernels.cell_times(ptr, row, pair_s, times, ranks, _NO_LIMITS)
    return capped(ranked[:, 0], source.within_s)


def _joined_profiles(old: Profiles, new: Profiles) -> Profiles:
    """Return the profiles of both, those of `new` numbered after those of `old`."""
    ptr = np.concatenate([old.ptr[:-1], new.ptr + np.uint32(len(old.departure))]).astype(np.uint32)
    return Profiles(
        ptr, np.concatenate([old.count, new.count]), np.concatenate([old.departure, new.departure]),
        np.concatenate([old.arrival, new.arrival]),
    )  # fmt: skip
