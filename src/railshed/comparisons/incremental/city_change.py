"""The change of one city by an edit of the timetable: only stations with other journeys, and only
cells near them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from railshed.cells.cell_keys import distinct, find_keys, with_keys
from railshed.circles.city_model import ENDS_AT_TERMINALS, RIDES_ALONE, CityModel
from railshed.circles.study_area import Cells, StudyArea, land_of, local_times
from railshed.comparisons.incremental.city_baseline import (
    Block,
    CellFacts,
    CityBase,
    NewCells,
    SearchKey,
    Seconds,
    Source,
    capped,
    facts_of,
    station_figures,
    totals_of,
)
from railshed.comparisons.incremental.counts import CityFigures, StationFigures
from railshed.kernels import cell_sums as kernels
from railshed.kernels import cell_times as surface_kernels
from railshed.kernels.profile_views import fastest
from railshed.kernels.types import Profiles
from railshed.network.cities import City
from railshed.network.model import Station
from railshed.routing.directions import Direction, directions_of
from railshed.routing.profiles import (
    MIN_BOUND_S,
    Views,
    minutes_of,
    percentile_ranks,
    station_percentiles,
)
from railshed.routing.timetable_edit import TimetableEdit
from railshed.util.array_types import Bools, Ints32, Ints64
from railshed.util.units import UNREACHED

#: stations beyond a city's reach whose cells are cached, a city
_CACHED_BLOCKS = 256
_NONE = np.empty(0, np.int64)
_NO_PAIRS = np.empty(0, np.int32)


@dataclass(frozen=True, slots=True, eq=False)
class PlannedTrips:
    """An edit of the timetable, ready for every city of a baseline."""

    edit: TimetableEdit
    #: int64 (n_stations,) seconds between door and platform at home, by legs and direction; those
    #: before
    home_s: Mapping[SearchKey, Ints64]
    old_home_s: Mapping[SearchKey, Ints64]
    #: bool (n_stations,) those that are counted (`CityModel.counted_stations`)
    served: Bools


@dataclass(frozen=True, slots=True, eq=False)
class CityChange:
    """A city whose figures, cells or stations change."""

    city: City
    before: CityFigures
    after: CityFigures
    #: ids of stations with other journeys within the largest cutoff of a reading, sorted
    stations: tuple[str, ...]
    #: int64 (n,) keys (`population.cell_keys`) of the cells whose seconds within the largest cutoff
    #: change, by reading
    cells: Mapping[str, Ints64]
    #: seconds of these cells before and after, by reading
    before_s: Mapping[str, Seconds]
    after_s: Mapping[str, Seconds]
    #: the city with the seconds of all other cells
    known: CityBase
    #: of which the change was computed; None for a full run
    update: CityUpdate | None = field(default=None, repr=False)

    def seconds_after(self, reading: str) -> tuple[Ints64, Seconds]:
        """Return the keys of all cells of the city after the change, and their seconds under a
        reading.
        """
        keys = self.known.facts.keys
        found = self.known.seconds[reading]
        if reading not in self.cells:
            return keys, found
        place, known = find_keys(keys, self.cells[reading])
        if known.all():
            every = keys
            after = Seconds(*(values.copy() for values in found))
        else:
            every = with_keys(keys, self.cells[reading])
            place = np.searchsorted(every, self.cells[reading])
            after = found.at(keys, every)
        for values, changed in zip(after, self.after_s[reading], strict=True):
            values[place] = changed
        return every, after


@dataclass(frozen=True, slots=True, eq=False)
class _Moved:
    """Stations whose journeys differ: indices, their journeys now, and seconds of the shortest that
    differs.
    """

    station: Ints64
    profiles: Profiles
    #: from the door at home to the end
    least_s: Ints64

    def times(self, source: Source) -> Ints32:
        """Return T_s of the stations."""
        return Views(source.way, self.profiles, MIN_BOUND_S).travel_times(
            source.span, source.reading.slack_s, source.reading.early_weight
        )


@dataclass(frozen=True, slots=True, eq=False)
class Footprint:
    """Where added trips may meet other added trips: see `independence`."""

    #: ids of new stations and those where added trips call, and of all within a walk of these
    stations: frozenset[str]
    new: tuple[Station, ...]
    #: ids of stations with a better journey that may be part of one within the largest cutoff, in
    #: any city
    improved: frozenset[str]
    #: int64 keys of the cells that may have other seconds by rail, by slug and reading
    touched: Mapping[tuple[str, str], Ints64]

    @classmethod
    def joined(cls, each: Sequence[Footprint]) -> Footprint:
        """Return where any of these may meet others; they have the same new stations."""
        stations, improved = (
            frozenset().union(*(getattr(f, name) for f in each))
            for name in ("stations", "improved")
        )
        cells = {
            key: distinct(np.concatenate([f.touched[key] for f in each])) for key in each[0].touched
        }
        return cls(stations, each[0].new, improved, cells)


#: by direction, stations whose cells the baseline's land does not know them for, with seconds left
#: for the way to them
_Far = dict[Direction, list[tuple[int, int]]]


@dataclass(frozen=True, eq=False)
class CityUpdate:
    """A city of a baseline under an edit: the journeys that differ, and what follows for its cells
    and stations.
    """

    base: CityBase
    plan: PlannedTrips

    @cached_property
    def case(self) -> CityModel:
        """The city on the larger network; its core stations keep their numbers."""
        case = copy(self.base.case)
        object.__setattr__(case, "compiled", self.plan.edit.added)
        object.__setattr__(case, "_ways", {})
        return case

    @cached_property
    def _targets(self) -> dict[SearchKey, Mapping[int, int]]:
        """Where journeys of each search end; as they were where no end is new and none has other
        times.
        """
        base = self.base
        differs = self.plan.edit.differs
        by_centres = bool(self.case.near_centres(len(base.served)))
        found: dict[SearchKey, Mapping[int, int]] = {}
        for way in directions_of(base.question.direction):
            for legs in dict.fromkeys(reading.legs for reading in base.question.readings.values()):
                known = base.searches[legs, way].targets if (legs, way) in base.searches else {}
                again = differs[list(known)].any() or (by_centres and legs not in ENDS_AT_TERMINALS)
                found[legs, way] = self.case.targets(legs, way) if again else known
        return found

    def needs_full_run(self) -> str:
        """Return why the city cannot be computed from its baseline, "" where it can."""
        if any(ends and key not in self.base.searches for key, ends in self._targets.items()):
            return f"the first station near a centre of {self.base.slug}"
        return ""

    @cached_property
    def moved(self) -> dict[SearchKey, _Moved]:
        """The stations whose journeys differ, by search; searches without any are left out."""
        found = {}
        for key, search in self.base.searches.items():
            changed = search.edited(self.plan.edit, self._targets[key])
            home_s = self.plan.home_s[key]
            old_s = self.plan.old_home_s[key]
            other_s = np.flatnonzero(home_s[: len(old_s)] != old_s)
            if changed is None and not len(other_s):
                continue
            station = _NONE
            least_s = np.empty(0, np.int64)
            profiles = search.profiles
            if changed is not None:
                station = changed.station
                profiles = changed.profiles
                least_s = changed.least_s + home_s[station]
            if len(other_s):
                before = fastest(search.profiles)[other_s]
                after = fastest(profiles)[other_s]
                own_s = np.minimum(before + old_s[other_s], after + home_s[other_s])
                stays = ~np.isin(station, other_s)
                station, least_s = (
                    np.concatenate([one[stays], two])
                    for one, two in ((station, other_s), (least_s, own_s))
                )
                order = np.argsort(station, kind="stable")
                station = station[order]
                least_s = least_s[order]
            found[key] = _Moved(station, profiles, least_s)
        return found

    def moved_of(self, source: Source) -> _Moved | None:
        """Return the stations whose journeys differ within the cutoff of a reading, None where
        there are none.
        """
        if source.key not in self.moved:
            return None
        every = self.moved[source.key]
        chosen = every.least_s <= source.within_s
        station = every.station[chosen]
        p = every.profiles
        if not len(station):
            return None
        return _Moved(
            station,
            Profiles(p.ptr[station], p.count[station], p.departure, p.arrival),
            every.least_s[chosen],
        )

    def change(self) -> CityChange | None:
        """Return the change of the city, None if there is none."""
        base = self.base
        plan = self.plan
        differs = plan.served[: len(base.served)] != base.served
        reached = any(
            (differs & (seconds != UNREACHED)).any() for seconds in base.station_s.values()
        )
        if not self.moved and not reached:
            return None
        stations = self._stations_after()
        totals = dict(base.figures.totals)
        cells = {}
        before_s = {}
        after_s = {}
        for name in base.seconds:
            found = self._surface(name)
            if found is not None and len(found[2]):
                after, more, keys = found
                cells[name] = keys
                before_s[name] = base.seconds[name].at(base.facts.keys, keys)
                after_s[name] = after.at(base.facts.keys, keys)
                if more is not None:
                    new = more.seconds.at(more.facts.keys, keys)
                    after_s[name] = Seconds(*map(np.minimum, after_s[name], new))
                totals[name] = totals_of(base, name, after, more, totals[name].people is not None)
        if not cells and stations == base.figures.stations:
            return None
        moved = {
            x
            for s in base.sources
            if (other := self.moved_of(s)) is not None
            for x in other.station.tolist()
        }
        ids = tuple(sorted(plan.edit.added.network.stations[x].station_id for x in moved))
        figures = CityFigures(totals, stations)
        return CityChange(
            city=self.case.city,
            before=base.figures,
            after=figures,
            stations=ids,
            cells=cells,
            before_s=before_s,
            after_s=after_s,
            known=base,
            update=self,
        )

    def station_seconds(self, name: str) -> dict[str, int]:
        """Return by id the seconds from its door of each station whose journeys differ under a
        reading.

        At the reading's percentile, both ways the slower one; UNREACHED beyond the largest cutoff.
        """
        sources = [s for s in self.base.sources if s.reading.name == name]
        moved = [each.station for s in sources if (each := self.moved_of(s)) is not None]
        stations = distinct(np.concatenate([_NONE, *moved]))
        seconds = np.zeros(len(stations), np.int32)
        for source in sources:
            row = self._rows(source)[stations]
            ptr = np.append(0, np.cumsum(row >= 0)).astype(np.int64)
            home_s = self.plan.home_s[source.key][stations]
            seconds = np.maximum(
                seconds, self._ranked(source, ptr, row[row >= 0], home_s[row >= 0])
            )
        ids = [self.plan.edit.added.network.stations[k].station_id for k in stations.tolist()]
        return dict(zip(ids, seconds.tolist(), strict=True))

    def touched_keys(self, name: str) -> Ints64:
        """Return the keys of the cells that may have other seconds by rail under a reading."""
        marks, far = self._touched([s for s in self.base.sources if s.reading.name == name])
        keys = [self.base.facts.keys[marks]]
        for x, budget_s in (pair for pairs in far.values() for pair in pairs):
            block = self._block(x)
            keys.append(block.facts.keys[block.seconds <= budget_s])
        return np.unique(np.concatenate(keys))

    def _stations_after(self) -> dict[str, StationFigures]:
        """Return the figures of readings without a surface."""
        base = self.base
        plan = self.plan
        n_new = len(plan.served) - len(base.served)
        found = {}
        for name in base.figures.stations:
            seconds = {}
            for source in (s for s in base.sources if s.reading.name == name):
                after = np.append(
                    base.station_s[name, source.way], np.full(n_new, UNREACHED, np.int32)
                )
                moved = self.moved_of(source)
                if moved is not None:
                    ranked = station_percentiles(moved.times(source), [source.reading.percentile])
                    after[moved.station] = ranked[:, 0]
                seconds[name, source.way] = after
            found[name] = station_figures(base, name, seconds, plan.served, self.case)
        return found

    def _surface(self, name: str) -> tuple[Seconds, NewCells | None, Ints64] | None:
        """Return seconds of the baseline's cells, new cells, and keys of those that change."""
        base = self.base
        sources = [s for s in self.base.sources if s.reading.name == name]
        marks, far = self._touched(sources)
        within_s = sources[0].within_s
        old = base.seconds[name]
        facts, local_new = self._new_cells(sources, far)
        cells = np.flatnonzero(marks)
        if not len(cells) and not len(facts.keys):
            return None
        values = np.zeros(len(cells) + len(facts.keys), np.int32)
        for source in sources:
            values = np.maximum(values, self._seconds(source, far[source.way], cells, facts.keys))
        rail_s = old.rail_s.copy()
        rail_s[cells] = values[: len(cells)]
        more = (
            NewCells(facts, Seconds(values[len(cells) :], local_new)) if len(facts.keys) else None
        )
        changed = base.facts.keys[rail_s != old.rail_s]
        if more is not None:
            reached = more.seconds.of_kind("total") <= within_s
            changed = np.sort(np.concatenate([changed, facts.keys[reached]]))
        return Seconds(rail_s, old.local_s), more, changed

    def _touched(self, sources: Sequence[Source]) -> tuple[Bools, _Far]:
        """Return the cells near stations whose journeys differ, whose seconds may change: marks,
        and far ones.
        """
        base = self.base
        far = _Far()
        marks = np.zeros(len(base.facts.keys), dtype=bool)
        n_old = len(base.served)
        for source in sources:
            near = base.near[source.way]
            moved = self.moved_of(source)
            mine = far.setdefault(source.way, [])
            if moved is None:
                continue
            barred = self.case.core if source.reading.legs in ENDS_AT_TERMINALS else ()
            open_ = ~np.isin(moved.station, sorted(barred))
            budget = source.within_s - moved.least_s
            known = open_ & (moved.station < n_old)
            ptr = near.by_station_ptr
            known[known] = ptr[moved.station[known] + 1] > ptr[moved.station[known]]
            kernels.mark_cells(
                marks,
                ptr,
                near.by_station_cell,
                near.by_station_s,
                moved.station[known],
                budget[known],
            )
            mine += zip(
                moved.station[open_ & ~known].tolist(), budget[open_ & ~known].tolist(), strict=True
            )
            for x, budget_s in mine:
                block = self._block(x)
                marks[block.at[block.at_s <= budget_s]] = True
        return marks, far

    def _block(self, station: int) -> Block:
        """Return the cells near a station that the baseline's land does not know it for; the latest
        are cached.
        """
        base = self.base
        s = self.case.compiled.network.stations[station]
        key = (s.station_id, s.lon, s.lat, s.feeder)
        cached = base.blocks.get(key)
        if cached is not None:
            return cached
        limit_s = base.question.limit_s
        cells = base.case.cells
        number, _, seconds = base.case.access.within_caps(cells, self.case.doors([station])).pairs()
        order = np.argsort(cells.keys(number))
        keys = cells.keys(number)[order]
        seconds = seconds[order]
        at, there = find_keys(base.facts.keys, keys)
        facts, land = self._facts(keys[~there])
        place, on_land = find_keys(keys, facts.keys)
        assert on_land.all()
        none = Cells(land, limit_s, _NONE, _NONE, _NO_PAIRS, _NO_PAIRS)
        local = {
            k: capped(local_times(base.case, none, *k), limit_s)
            for k in base.searches
            if k[0] not in RIDES_ALONE
        }
        block = Block(at[there], seconds[there], facts, seconds[place], local)
        base.blocks[key] = block
        while len(base.blocks) > _CACHED_BLOCKS:
            base.blocks.popitem(last=False)
        return block

    def _facts(self, keys: Ints64) -> tuple[CellFacts, StudyArea]:
        """Return part and people of those cells that are land, and the land."""
        base = self.base
        land = land_of(base.case.cells, base.case.cells.numbers(keys))
        return facts_of(
            land, land.cells.people(land.numbers), base.county_part, base.county_known
        ), land

    def _new_cells(self, sources: Sequence[Source], far: _Far) -> tuple[CellFacts, Ints32]:
        """Return the cells outside the baseline's land that may be reached, and their seconds
        without a ride.
        """
        parts = []
        locals_ = []
        for source in sources:
            for x, budget_s in far[source.way]:
                block = self._block(x)
                chosen = block.seconds <= budget_s
                parts.append(_take(block.facts, chosen))
                locals_.append(np.max([block.local_s[s.key][chosen] for s in sources], axis=0))
        facts, first = _joined(parts)
        return facts, capped(
            np.concatenate([np.empty(0, np.int32), *locals_])[first], sources[0].within_s
        )

    def _seconds(
        self, source: Source, far: Sequence[tuple[int, int]], cells: Ints64, new_keys: Ints64
    ) -> Ints32:
        """Return int32 (n_cells + n_new,) seconds by rail of the cells to compute again and of new
        ones.
        """
        near = self.base.near[source.way]
        home_s = self.plan.home_s[source.key]
        rows = self._rows(source)
        slots = [_NONE]
        stations = [_NONE]
        seconds = [_NONE]
        for x, _ in far:
            block = self._block(x)
            for keys, near_keys, pair_s, start in (
                (cells, block.at, block.at_s, 0),
                (new_keys, block.facts.keys, block.seconds, len(cells)),
            ):
                at, hit = find_keys(keys, near_keys)
                slots.append(at[hit] + start)
                seconds.append(pair_s[hit])
                stations.append(np.full(len(slots[-1]), x, np.int64))
        ptr, row, pair_s = kernels.gather_pairs(
            cells=cells,
            ptr=near.ptr,
            station=near.station,
            seconds=near.seconds,
            more_slot=np.concatenate(slots),
            more_station=np.concatenate(stations),
            more_seconds=np.concatenate(seconds),
            n_slots=len(cells) + len(new_keys),
            rows=rows,
            home_s=home_s,
        )
        return self._ranked(source, ptr, row, pair_s)

    def _rows(self, source: Source) -> Ints64:
        """Return int64 (n_stations,) where the minutes of each station stand after the edit, -1
        where no ride begins.

        Those of stations whose journeys differ follow those of the baseline.
        """
        moved = self.moved_of(source)
        n_stations = len(self.plan.home_s[source.key])
        rows = np.append(source.rows, np.full(n_stations - len(source.rows), -1, np.int64))
        if moved is not None:
            known = (
                self.base.searches[source.key].profiles.count
                if source.times is None
                else source.times
            )
            rows[moved.station] = len(known) + np.arange(len(moved.station))
        if source.reading.legs in ENDS_AT_TERMINALS:
            rows[list(self.case.core)] = -1
        return rows

    def _ranked(self, source: Source, ptr: Ints64, row: Ints64, pair_s: Ints64) -> Ints32:
        """Return int32 (n,) seconds at the reading's percentile of places by their pairs: rows of
        `_rows`, seconds.
        """
        profiles = self.base.searches[source.key].profiles
        moved = self.moved_of(source)
        minutes = minutes_of(source.span)
        ranks = percentile_ranks([source.reading.percentile], len(minutes))
        if source.times is None:
            if moved is not None:
                profiles = _joined_profiles(profiles, moved.profiles)
            views = Views(source.way, profiles, MIN_BOUND_S)
            ranked, _ = views.turn_up_cells(minutes, ptr, row, pair_s, ranks, _NONE)
        else:
            times = (
                source.times
                if moved is None
                else np.concatenate([source.times, moved.times(source)])
            )
            used, at = np.unique(row, return_inverse=True)
            mine = times[used]
            pairs = ptr, at.astype(np.int32), pair_s.astype(np.int32)
            ranked, _ = surface_kernels.cell_times(
                *pairs, mine, np.sort(mine, axis=1), ranks, _NONE, source.within_s
            )
        return capped(ranked[:, 0], source.within_s)


def footprint_of(updates: Sequence[CityUpdate]) -> Footprint:
    """Return where the planned trips of these cities may meet others."""
    plan = updates[0].plan
    known = plan.edit.added.network.stations
    near = set(plan.edit.near.tolist())
    better = set[int]()
    cells = {}
    for update in updates:
        base = update.base
        for each in update.moved.values():
            better.update(each.station.tolist())
        for name in base.seconds:
            cells[base.slug, name] = update.touched_keys(name)
    ids = [frozenset(known[k].station_id for k in found) for found in (near, better)]
    return Footprint(ids[0], tuple(known[len(updates[0].base.served) :]), ids[1], cells)


def _take(facts: CellFacts, chosen: Bools) -> CellFacts:
    """Return some of the cells."""
    place = np.cumsum(chosen) - 1
    mine = chosen[facts.people_cell]
    return CellFacts(
        facts.keys[chosen],
        facts.part[chosen],
        facts.known[chosen],
        place[facts.people_cell[mine]],
        facts.people_part[mine],
        facts.people[mine],
    )


def _joined(parts: Sequence[CellFacts]) -> tuple[CellFacts, Ints64]:
    """Return the cells of all parts, each once, and where each of them stands first in the parts
    end to end.
    """
    keys = np.concatenate([_NONE, *(p.keys for p in parts)])
    distinct, first = np.unique(keys, return_index=True)
    is_first = np.zeros(len(keys), dtype=bool)
    is_first[first] = True
    starts = np.cumsum([0, *(len(p.keys) for p in parts)])
    cell = np.concatenate(
        [_NONE, *(p.people_cell + s for p, s in zip(parts, starts, strict=False))]
    )
    mine = np.flatnonzero(is_first[cell])
    place = np.searchsorted(distinct, keys[cell[mine]])
    order = mine[np.argsort(place, kind="stable")]
    part, known, people_part, people = (
        np.concatenate([empty, *(getattr(p, name) for p in parts)])
        for name, empty in (
            ("part", np.empty(0, np.int8)),
            ("known", np.empty(0, bool)),
            ("people_part", np.empty(0, np.int8)),
            ("people", np.empty(0)),
        )
    )
    return CellFacts(
        distinct, part[first], known[first], np.sort(place), people_part[order], people[order]
    ), first


def _joined_profiles(old: Profiles, new: Profiles) -> Profiles:
    """Return the profiles of both, those of `new` numbered after those of `old`."""
    ptr = np.concatenate([old.ptr[:-1], new.ptr + np.uint32(len(old.departure))]).astype(np.uint32)
    return Profiles(ptr, *(np.concatenate(pair) for pair in zip(old[1:], new[1:], strict=True)))
