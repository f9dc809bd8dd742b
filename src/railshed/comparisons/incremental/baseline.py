"""What edits of a timetable change, city by city: from a baseline that is computed once, or by a
full run.

Both ways give the same figures to the bit; the result says which it was and why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import compress
from pathlib import Path
from typing import Any, Literal, cast

import geopandas as gpd
import numpy as np

from railshed.assumptions.readings import HEADLINE, get_reading
from railshed.cells.cell_keys import key_cells
from railshed.circles.analysis import (
    AnalysisInputs,
    case_of,
    cases_of,
    circle_kinds,
    cutoffs_of,
    limit_of,
    run_of,
)
from railshed.circles.polygons import circles_within
from railshed.comparisons.incremental.city_baseline import (
    CityBase,
    Question,
    SearchKey,
    Seconds,
    base_of,
    census_of,
)
from railshed.comparisons.incremental.city_change import (
    CityChange,
    CityUpdate,
    Footprint,
    PlannedTrips,
    footprint_of,
)
from railshed.comparisons.plans import base_with
from railshed.network.cities import City
from railshed.network.lines import Line, add_lines, lines_apart
from railshed.network.model import Network
from railshed.routing.engine import compile_any
from railshed.routing.journeys import Compiled
from railshed.routing.timetable_edit import TimetableEdit, edit_of, with_lines
from railshed.scenario.apply import resolve, scenario_of
from railshed.scenario.files import Scenario
from railshed.scenario.plan import Plan, with_seed
from railshed.util.array_types import Ints64
from railshed.util.errors import ParameterError
from railshed.util.parallel import count_threads, map_in_threads
from railshed.util.units import MINUTE
from railshed.util.validation import checked, instance, many, optional, text, whole


@dataclass(frozen=True, eq=False)
class Change:
    """The changed figures of the cities of a baseline; cities without any change are left out."""

    #: by slug, in the order of the baseline
    cities: Mapping[str, CityChange]
    #: incremental or full, and why it had to be full
    method: str
    why: str = ""

    def __repr__(self) -> str:
        return (
            f"<Change of {len(self.cities)} cities, "
            f"{self.method}{f': {self.why}' if self.why else ''}>"
        )

    @cached_property
    def table(self) -> list[dict[str, Any]]:
        """One row a city, reading, cutoff and kind: people and km2 after, and before with
        ``_before`` behind the name.

        Names are those of the tables of a circle. Readings at stations have kind ``stations`` and
        whole counties' people. Readings that the change defines, as a first station near a centre
        does, are left out.
        """
        rows = []
        for slug, city in self.cities.items():
            known = set(city.before.keys())
            for reading, cutoff, kind in filter(known.__contains__, city.after.keys()):
                old, new = (
                    figures.row(reading, cutoff, kind) for figures in (city.before, city.after)
                )
                row = {"city": slug, "reading": reading, "cutoff_min": cutoff, "kind": kind}
                rows.append(row | new | {f"{name}_before": value for name, value in old.items()})
        return rows

    def gained(
        self,
        reading: str = HEADLINE,
        cutoff_min: int = 60,
        kind: str = "by_rail",
        what: str = "people_outside_city",
    ) -> dict[str, float]:
        """Return by city how much more there is of one figure (fewer: negative); 0 where it is not
        known.
        """
        found = {}
        for slug, city in self.cities.items():
            old, new = (
                figures.row(reading, cutoff_min, kind)[what]
                for figures in (city.before, city.after)
            )
            found[slug] = (new or 0) - (old or 0)
        return found

    def cells(self, city: str, reading: str) -> tuple[np.ndarray, np.ndarray]:
        """Return row and column, on the city's grid, of the cells whose time within the largest
        cutoff changes.
        """
        return key_cells(self.cities[city].cells.get(reading, np.empty(0, np.int64)))

    def polygons(
        self,
        city: str,
        reading: str = HEADLINE,
        cutoffs: Sequence[int] | None = None,
        kind: Literal["by_rail", "total"] = "by_rail",
    ) -> gpd.GeoDataFrame:
        """Return one row a cutoff with the polygon after the change, EPSG:4326, without smoothing.

        `kind` is ``by_rail`` or ``total``. Cutoffs are at most the largest of the baseline
        (default: its own). Polygons are those of a full run; of a cutoff less than 2 min below the
        largest, edges may lie elsewhere between two cell centres.
        """
        one = self.cities[city]
        limits = sorted(set(cutoffs or one.known.question.cutoffs[reading]))
        largest = max(one.known.question.cutoffs[reading])
        if max(limits) > largest:
            raise ParameterError(
                f"cutoff {max(limits)}: the baseline knows times up to {largest} min; give it "
                "larger"
            )
        keys, after = one.seconds_after(reading)
        grid = one.known.case.grid
        kinds = ("by_rail", "total")
        surfaces = [after.of_kind(each) for each in kinds]
        circles = circles_within(
            grid, *key_cells(keys), surfaces, [limit * MINUTE for limit in limits]
        )
        rows = [
            {"city": city, "reading": reading, "cutoff_min": limit, "kind": kind}
            for limit in limits
        ]
        return gpd.GeoDataFrame(rows, geometry=grid.to_degrees(circles[kinds.index(kind)]))


@dataclass(frozen=True, eq=False)
class Baseline:
    """The circles of many cities; an edit of the timetable recomputes only what it changes.

    Built by `baseline`; one serves any number of calls and threads.
    """

    run: AnalysisInputs
    question: Question
    cities: tuple[CityBase, ...]
    #: threads over cities or candidates
    workers: int
    #: why nothing can be computed from it, "" where edits can
    only_full: str = ""

    def __repr__(self) -> str:
        readings = ", ".join(self.question.readings)
        return f"<Baseline of {len(self.cities)} cities of {self.network.network_id!r}: {readings}>"

    @checked(lines=many(instance(Line)), seed=many(whole(0)), workers=optional(whole(1)))
    def with_lines(
        self, lines: Sequence[Line], *, seed: int | Sequence[int] = 0, workers: int | None = None
    ) -> Change:
        """Return the change by these lines together; `seed`, one for all or one a line, draws
        phases of their trips.

        Raises InputError with every problem of every line.
        """
        seeds = [seed] if isinstance(seed, int) else list(seed)
        seeds *= len(lines) if len(seeds) == 1 else 1
        found = self._computed(self._added(lines, seeds), workers)
        if isinstance(found, Change):
            return found
        return self._in_full(add_lines(self.network, lines, seed=seeds), found, workers)

    @checked(scenario=scenario_of, city=optional(text), workers=optional(whole(1)))
    def with_scenario(
        self,
        scenario: Scenario | str | Path,
        *,
        city: str | None = None,
        workers: int | None = None,
    ) -> Change:
        """Return the change by a scenario. Parameters are those of `apply_scenario`.

        Raises InputError with every problem of every modification.
        """
        assert isinstance(scenario, Scenario)
        return self.with_plan(self._resolved(scenario, city), workers=workers)

    @checked(plan=instance(Plan), workers=optional(whole(1)))
    def with_plan(self, plan: Plan, *, workers: int | None = None) -> Change:
        """Return the change by scenarios resolved on the baseline's network (see
        `scenario.apply.resolve`).
        """
        if not plan.only_adds or not plan.lines:
            return self.with_network(plan.network, workers=workers)
        found = self._computed(self._added(plan.lines, plan.seeds), workers)
        return found if isinstance(found, Change) else self._in_full(plan.network, found, workers)

    @checked(trips=instance(Network), workers=optional(whole(1)))
    def with_trips(self, trips: Network, *, workers: int | None = None) -> Change:
        """Return the change by the trips of a network with the stations of the baseline's, in their
        order, and more.

        Raises ParameterError when the baseline can compute no edits (see `only_full`).
        """
        found = self._computed(with_lines(self._compiled, trips, self.run.assumptions), workers)
        if isinstance(found, str):
            raise ParameterError(f"trips cannot be added to this baseline: {found}")
        return found

    def with_phases(self, scenario: Scenario, n: int, *, city: str | None = None) -> list[Change]:
        """Return the change by a scenario in each of `n` draws of the phases of its trips, its own
        seed first.
        """
        changes: list[Change] = []
        for draw, edit in enumerate(self._drawn(self._resolved(scenario, city), scenario, n, city)):
            change = self._computed(edit, 1)
            if isinstance(change, str):
                change = self._in_full(self._resolved(scenario, city, draw).network, change, 1)
            changes.append(change)
        return changes if len(changes) == n else changes * n

    def _resolved(self, scenario: Scenario, city: str | None, draw: int = 0) -> Plan:
        return resolve(self.network, with_seed([scenario], draw), city=city)

    def _drawn(
        self, plan: Plan, scenario: Scenario, n: int, city: str | None
    ) -> Iterator[TimetableEdit | str]:
        """Yield the edit of a scenario in each draw of its phases, one where it has none; or why
        there is none.
        """
        for draw in range(n if plan.lines else 1):
            if plan.only_adds:
                yield self._added(plan.lines, [seed + draw for seed in plan.seeds])
            else:
                drawn = self._resolved(scenario, city, draw) if draw else plan
                yield edit_of(self._compiled, drawn.network, self.run.assumptions)

    def _added(self, lines: Sequence[Line], seeds: Sequence[int]) -> TimetableEdit | str:
        apart = lines_apart(self.network, lines, seeds)
        return with_lines(self._compiled, apart, self.run.assumptions)

    def _computed(self, edit: TimetableEdit | str, workers: int | None) -> Change | str:
        """Return the change by an edit, or why it needs a full run."""
        updates = self._updates(edit)
        if isinstance(updates, str):
            return updates
        return self._collected(CityUpdate.change, updates, workers, "incremental")

    def _updates(self, edit: TimetableEdit | str) -> list[CityUpdate] | str:
        """Return every city under an edit, or why it needs a full run."""
        if self.only_full or isinstance(edit, str):
            return self.only_full or str(edit)
        plan = self._plan(edit)
        updates = [CityUpdate(base, plan) for base in self.cities]
        return next((why for update in updates if (why := update.needs_full_run())), "") or updates

    def footprint(
        self, scenario: Scenario, n: int = 1, *, city: str | None = None
    ) -> Footprint | None:
        """Return where a scenario may meet others that add too, in any of `n` draws; None where it
        takes full runs.
        """
        plan = self._resolved(scenario, city)
        found = []
        for edit in self._drawn(plan, scenario, n if plan.only_adds else 0, city):
            updates = self._updates(edit)
            if isinstance(updates, str):
                return None
            found.append(footprint_of(updates))
        return Footprint.joined(found) if plan.only_adds else None

    def with_network(
        self, network: Network, *, full: bool = False, workers: int | None = None
    ) -> Change:
        """Return the change by another network: trips may be added, moved or removed, stations and
        walks change.

        `full` computes every city anew, as is done anyway where nothing of the baseline serves (see
        `Change.why`).
        """
        why: Change | str = "it is asked for" if full else self.only_full
        if not why:
            why = self._computed(edit_of(self._compiled, network, self.run.assumptions), workers)
        return why if isinstance(why, Change) else self._in_full(network, why, workers)

    def _in_full(self, network: Network, why: str, workers: int | None) -> Change:
        """Return the change by another network, by a full run of every city."""
        a = self.run.assumptions
        day = self.run.compiled.date
        run = self.run.changed(compiled=compile_any(network, a, date=day, may_be_empty=True))

        def compare(base: CityBase) -> CityChange | None:
            return full_change(base, base_of(case_of(run, base.case.city), self.question))

        return self._collected(compare, self.cities, workers, "full", why)

    def appraise(
        self,
        candidates: Iterable[Sequence[Line] | Scenario],
        *,
        seed: int = 0,
        workers: int | None = None,
    ) -> Iterator[Change]:
        """Yield the change by each of many sets of lines, or scenarios, on its own, in their order.

        `seed` is that of `with_lines`. A few are computed at a time, each on one thread, so memory
        does not grow with their number.
        """

        def change(each: Sequence[Line] | Scenario) -> Change:
            if isinstance(each, Scenario):
                return self.with_scenario(each, workers=1)
            return self.with_lines(each, seed=seed, workers=1)

        yield from map_in_threads(change, candidates, workers or self.workers)

    def _collected(
        self,
        work: Callable[[Any], CityChange | None],
        cities: Sequence[Any],
        workers: int | None,
        method: str,
        why: str = "",
    ) -> Change:
        """Return the change of all cities, computed on threads."""
        changes = list(map_in_threads(work, cities, workers or self.workers))
        found = {
            base.slug: change
            for base, change in zip(self.cities, changes, strict=True)
            if change is not None
        }
        return Change(found, method, why)

    @property
    def network(self) -> Network:
        """The network before any edit."""
        return self.run.compiled.network

    @property
    def _compiled(self) -> Compiled:
        return cast(Compiled, self.run.compiled)

    @cached_property
    def _n_calls(self) -> Ints64:
        return self._compiled.count_calls(self._compiled.run_trip)

    @cached_property
    def _home_s(self) -> dict[SearchKey, Ints64]:
        """Seconds between door and platform at home, by search."""
        keys = dict.fromkeys(source.key for base in self.cities for source in base.sources)
        return {key: self._home_of(self.network, key) for key in keys}

    def _home_of(self, network: Network, key: SearchKey) -> Ints64:
        case = copy(self.cities[0].case)
        object.__setattr__(case, "compiled", replace(self._compiled, network=network))
        return case.home_s(*key)

    def _plan(self, edit: TimetableEdit) -> PlannedTrips:
        network = edit.added.network
        home = {}
        others = replace(network, stations=tuple(compress(network.stations, edit.differs.tolist())))
        for key, old_s in self._home_s.items():
            home[key] = np.append(old_s, np.zeros(network.n_stations - len(old_s), np.int64))
            home[key][edit.differs] = self._home_of(others, key)
        served, trains = edit.count_calls(self._n_calls) > 0
        return PlannedTrips(edit, home, self._home_s, trains if trains.any() else served)


def full_change(before: CityBase, after: CityBase) -> CityChange | None:
    """Return the difference of two full runs of a city, None where there is none."""
    cells = {}
    before_s = {}
    after_s = {}
    keys = np.union1d(before.facts.keys, after.facts.keys)
    for name in before.seconds:
        old, new = (base.seconds[name].at(base.facts.keys, keys) for base in (before, after))
        moved = (old.rail_s != new.rail_s) | (old.local_s != new.local_s)
        if moved.any():
            cells[name] = keys[moved]
            before_s[name], after_s[name] = (
                Seconds(*(v[moved] for v in side)) for side in (old, new)
            )
    if not cells and before.figures.stations == after.figures.stations:
        return None
    stations = _changed_stations(before, after)
    return CityChange(
        city=after.case.city,
        before=before.figures,
        after=after.figures,
        stations=stations,
        cells=cells,
        before_s=before_s,
        after_s=after_s,
        known=after,
    )


def _changed_stations(before: CityBase, after: CityBase) -> tuple[str, ...]:
    """Return the ids of stations with other journeys that may matter within the largest cutoff of a
    reading.
    """
    found: set[str] = set()
    for key in dict.fromkeys([*before.searches, *after.searches]):
        sides = [
            _journeys_that_matter(base, key) if key in base.searches else set()
            for base in (before, after)
        ]
        found |= {station for station, *_ in sides[0] ^ sides[1]}
    return tuple(sorted(found))


def _journeys_that_matter(base: CityBase, key: SearchKey) -> set[tuple[str, int, int, int]]:
    profiles = base.searches[key].profiles
    home_s = base.case.home_s(*key)
    within_s = max(s.within_s for s in base.sources if s.key == key)
    station = np.repeat(np.arange(len(profiles.count)), profiles.count)
    taken = profiles.arrival.astype(np.int64) - profiles.departure + home_s[station]
    matter = np.flatnonzero(taken <= within_s)
    columns = station, profiles.departure, profiles.arrival, home_s[station]
    ids = [s.station_id for s in base.case.compiled.network.stations]
    rows = zip(*(column[matter].tolist() for column in columns), strict=True)
    return {(ids[x], *rest) for x, *rest in rows}


@checked(
    **circle_kinds("network", "cutoffs", "direction", "workers"),
    cities=optional(circle_kinds("cities")["cities"]),
    readings=optional(many(text)),
)
def baseline(
    network: Network | AnalysisInputs | str | Path,
    cities: Sequence[str | City] | None = None,
    *,
    readings: Sequence[str] | None = None,
    cutoffs: Sequence[int] | None = None,
    direction: str = "to",
    workers: int | None = None,
) -> Baseline:
    """Return the circles of many cities in a form from which edits of the timetable are computed in
    milliseconds. See `Analysis.baseline`.
    """
    run = run_of(network)
    compiled = run.compiled.schedule
    if compiled is None:
        raise ParameterError(
            f"network {run.compiled.network.network_id} has links instead of a timetable: lines "
            "are added to timetables"
        )
    if run.opportunities is not None:
        raise ParameterError(
            "people of a file, or other columns, are not counted here: prepare the network without"
        )
    base = compiled.network
    chosen = (
        cities
        if cities is not None
        else [c for c in base.cities if c.role == "core"] or list(base.cities)
    )
    found = [c if isinstance(c, City) else base.get_city(c) for c in chosen]
    base = base_with(compiled.network, found)
    if base is not compiled.network:
        compiled = compiled.for_network(base)
        run = run.changed(compiled=compiled)
    names = list(run.readings) if readings is None else list(dict.fromkeys(readings))
    by_reading = cutoffs_of(run, cutoffs)
    question = Question(
        {name: get_reading(name, run.readings) for name in names},
        {name: by_reading[name] for name in names},
        direction,
        limit_of(by_reading),
        census_of(base),
    )
    n = count_threads(workers)
    bases = tuple(map_in_threads(lambda case: base_of(case, question), cases_of(run, found), n))
    return Baseline(
        run, question, bases, n, "" if run.streets is None else "access goes along streets"
    )
