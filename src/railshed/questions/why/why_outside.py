"""Why a place is outside a city's circle: what its journey is made of, and the least single change
that brings it in.

Changes are tried, not guessed: each is a scenario (or an assumption) under which the place's time
is computed again by the same engine. They are ordered by what must be done for them, from nothing
to a new line; within a family the least comes first. That is an order, not a cost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from railshed.assumptions.names import HEADLINE
from railshed.cells.cell_keys import find_keys, key_cells, not_among
from railshed.circles.analysis import (
    LARGEST_CUTOFF_MIN,
    AnalysisInputs,
    case_of,
    circle_kinds,
    defined_reading,
    run_of,
)
from railshed.circles.components import ACCESS, COMPONENTS, ENTRY, Split, split_of
from railshed.circles.study_area import cells_of, land_of
from railshed.comparisons.incremental.baseline import Baseline, baseline
from railshed.comparisons.incremental.city_baseline import CityBase
from railshed.comparisons.incremental.surfaces import counts_of, people_outside
from railshed.comparisons.plans import base_with, find_cities
from railshed.network.cities import City
from railshed.network.model import Network, Station
from railshed.network.route_types import are_trains
from railshed.network.trip_series import trip_name
from railshed.questions.why.place_query import PlaceQuery, query_of
from railshed.questions.why.remedies import BINDS, Remedies, Remedy, metres
from railshed.scenario.apply import resolve
from railshed.scenario.files import Scenario
from railshed.util.array_types import Ints64
from railshed.util.bilingual import Words
from railshed.util.errors import InputError, ParameterError
from railshed.util.geodesy import great_circle_m
from railshed.util.phrases import phrase
from railshed.util.units import MINUTE, UNREACHED
from railshed.util.validation import checked, text, whole


@dataclass(frozen=True, slots=True)
class Tried:
    """A change with the place's seconds under it, and the people whom it brings within the cutoff
    everywhere.
    """

    remedy: Remedy
    seconds: int
    people: float | None

    def row(self, cutoff_min: int) -> dict[str, Any]:
        """Return it as plain values."""
        minutes = None if self.seconds >= UNREACHED else round(self.seconds / MINUTE, 1)
        return {
            "key": self.remedy.key,
            "family": self.remedy.family,
            "en": self.remedy.words.en,
            "zh": self.remedy.words.zh,
            "minutes": minutes,
            "inside": self.seconds <= cutoff_min * MINUTE,
            "people_gained": None if self.people is None else round(self.people),
            "modifications": [dict(one) for one in self.remedy.modifications],
        }


@dataclass(frozen=True)
class WhyResult:
    """Why a place is outside a city's circle, or that it is inside."""

    place: PlaceQuery
    city: City
    reading: str
    cutoff_min: int
    #: by reading seconds of the place by rail, UNREACHED beyond two hours or without a journey
    seconds: Mapping[str, int]
    #: under the reading without a ride, UNREACHED beyond two hours
    local_s: int
    #: whether it lies in the city proper, whose people no figure counts
    in_city_proper: bool
    #: of the place and of the nearest one inside: name, minutes by component, stations and rides of
    #: the journey
    parts: Sequence[Mapping[str, Any]]
    #: every change that was tried, in order
    tried: Sequence[Tried]

    def __repr__(self) -> str:
        best = self.best.remedy.key if self.best else "no single change"
        if self.is_inside:
            best = "inside"
        return (
            f"<Why {self.place.name} of {self.city.slug}, {self.reading} {self.cutoff_min} "
            f"min: {best}>"
        )

    @property
    def is_inside(self) -> bool:
        """Whether the place is within the cutoff as it is, by rail or without a ride."""
        return min(self.seconds[self.reading], self.local_s) <= self.cutoff_min * MINUTE

    @property
    def short_s(self) -> int | None:
        """Seconds beyond the cutoff, None where it has no journey within two hours."""
        found = min(self.seconds[self.reading], self.local_s)
        return None if found >= UNREACHED else max(0, found - self.cutoff_min * MINUTE)

    @cached_property
    def best(self) -> Tried | None:
        """The first change that brings it in, None where none does or it is inside."""
        limit = self.cutoff_min * MINUTE
        return (
            None
            if self.is_inside
            else next((one for one in self.tried if one.seconds <= limit), None)
        )

    @property
    def binds(self) -> Words | None:
        """What keeps it outside: what the first change that brings it in is about; None where no
        single one does.
        """
        return None if self.best is None else phrase(f"binds_{BINDS[self.best.remedy.family]}")

    @property
    def table(self) -> list[dict[str, Any]]:
        """One row a change, in the order in which they were tried."""
        return [one.row(self.cutoff_min) for one in self.tried]

    def as_plain(self) -> dict[str, Any]:
        """Return everything as plain values."""
        short = None if self.short_s is None else round(self.short_s / MINUTE, 1)
        return {
            "place": self.place.as_plain(),
            "city": self.city.slug,
            "reading": self.reading,
            "cutoff_min": self.cutoff_min,
            "inside": self.is_inside,
            "minutes_short": short,
            "minutes": {
                k: None if s >= UNREACHED else round(s / MINUTE, 1) for k, s in self.seconds.items()
            },
            "minutes_local": None if self.local_s >= UNREACHED else round(self.local_s / MINUTE, 1),
            "in_city_proper": self.in_city_proper,
            "parts": [dict(row) for row in self.parts],
            "binds": self.best and BINDS[self.best.remedy.family],
            "best": self.best and self.best.row(self.cutoff_min),
            "changes": self.table,
        }


@checked(
    **circle_kinds("network", "city"),
    place=text,
    reading=text,
    cutoff_min=whole(1, LARGEST_CUTOFF_MIN),
)
def why(
    network: Network | AnalysisInputs | str | Path,
    place: str,
    city: str | City,
    *,
    reading: str = HEADLINE,
    cutoff_min: int = 60,
) -> WhyResult:
    """Return why a place is outside the circle of a city, by rail to the city, and which changes
    bring it in. See `Analysis.why`.
    """
    run = run_of(network)
    (found,) = find_cities(run, [city])
    return CityQuery(run, found, reading).why(place, cutoff_min)


class CityQuery:
    """A city of which places are asked: its baseline, and those under other assumptions,
    made once.
    """

    def __init__(self, run: AnalysisInputs, city: City, reading: str) -> None:
        network = base_with(run.compiled.network, [city])
        if run.compiled.schedule is None:
            raise ParameterError(
                f"network {network.network_id} has no timetable: changes of trains cannot be tried"
            )
        self.compiled = run.compiled.schedule.for_network(network)
        self.run = run.changed(compiled=self.compiled, opportunities=None)
        self.city, self.case = city, case_of(self.run, city)
        self.reading = defined_reading(self.run, self.case, reading)
        if self.reading.legs == "station":
            raise ParameterError(
                f"{reading}: has no area of its own; take door-to-door or turn-up-and-go"
            )
        others = [
            n for n, r in run.readings.items() if r.legs != "station" and self.case.has_goal(r.legs)
        ]
        self.readings = list(dict.fromkeys([self.reading.name, *others]))
        self.base = self.baseline(self.run, city)
        self.remedies = Remedies(self.run, self.case, self.reading)
        self._made: dict[tuple[int, tuple[str, ...]], CityBase] = {}

    def baseline(self, run: AnalysisInputs, city: City) -> Baseline:
        """Return the city on a run, up to two hours."""
        return baseline(run, [city], readings=self.readings, cutoffs=[LARGEST_CUTOFF_MIN])

    def why(self, place: str, cutoff_min: int) -> WhyResult:
        """Return why a place, as a user names it, is outside."""
        return PlaceSearch(self, query_of(self.run, place), cutoff_min).result()

    def under(self, remedy: Remedy) -> CityBase:
        """Return the city with another deadline, or more ways to the station."""
        key = remedy.later_min, remedy.modes
        if key not in self._made:
            start, end = (seconds + remedy.later_min * MINUTE for seconds in self.city.window_to)
            a = self.run.assumptions
            run = self.run.changed(assumptions=a.with_access(*a.access_modes, *remedy.modes))
            (self._made[key],) = self.baseline(
                run, replace(self.city, window_to=(start, end))
            ).cities
        return self._made[key]

    def with_feeder(self, scenario: Scenario) -> CityBase:
        """Return the city where another feeder brings people to a station: the timetable stays."""
        network = resolve(self.run.compiled.network, scenario, city=self.city.slug).network
        (found,) = self.baseline(
            self.run.changed(compiled=self.compiled.for_network(network)), self.city
        ).cities
        return found


class PlaceSearch:
    """The changes of one place and city."""

    def __init__(self, query: CityQuery, place: PlaceQuery, cutoff_min: int) -> None:
        self.query = query
        self.place = place
        self.cutoff_min = cutoff_min
        self.run = query.run
        self.city = query.city
        self.case = query.case
        self.reading = query.reading
        self.network = self.run.compiled.network

    def least(self) -> WhyResult | None:
        """Return the answer with changes up to the first that brings it in; None where no station
        can be reached.
        """
        land = land_of(self.run.cells, self.run.cells.numbers(np.array([self.place.key], np.int64)))
        return self.result(first=True) if self.place.key in land.keys else None

    def result(self, *, first: bool = False) -> WhyResult:
        """Return the answer; `first`: no change is tried after one that brings the place in, and
        none where it is.
        """
        (known,) = self.query.base.cities
        key = np.array([self.place.key], np.int64)
        both = {name: found.at(known.facts.keys, key) for name, found in known.seconds.items()}
        seconds = {name: int(s.rail_s[0]) for name, s in both.items()}
        local_s = int(both[self.reading.name].local_s[0])
        proper = bool(find_keys(known.facts.keys[known.facts.part == 0], key)[1][0])
        near = self._nearest_inside(known)
        split = self._split([self.place.key] if near is None else sorted({self.place.key, near}))
        home, core, parts = self._parts(split, near)
        limit = self.cutoff_min * MINUTE
        tried = list[Tried]()
        inside = min(seconds[self.reading.name], local_s) <= limit
        for one in () if first and inside else self.query.remedies.of(home, core):
            with suppress(InputError):  # a train would be faster than any is
                tried.append(self._tried(known, one))
            if first and tried and tried[-1].seconds <= limit:
                break
        return WhyResult(
            place=self.place,
            city=self.city,
            reading=self.reading.name,
            cutoff_min=self.cutoff_min,
            seconds=seconds,
            local_s=local_s,
            in_city_proper=proper,
            parts=parts,
            tried=tried,
        )

    def _nearest_inside(self, known: CityBase) -> int | None:
        """Return the key of the nearest cell within the cutoff outside the city proper, None where
        there is none.
        """
        inside = (known.seconds[self.reading.name].rail_s <= self.cutoff_min * MINUTE) & (
            known.facts.part != 0
        )
        keys = known.facts.keys[inside]
        if not len(keys):
            return None
        lon, lat = self.case.grid.unproject(*self.case.grid.centre(*key_cells(keys)))
        return int(keys[np.argmin(great_circle_m(self.place.lon, self.place.lat, lon, lat))])

    def _split(self, keys: Sequence[int]) -> tuple[Ints64, Split]:
        """Return the keys of these cells that lie on land, and what their journeys are made of."""
        land = land_of(self.run.cells, self.run.cells.numbers(np.array(keys, np.int64)))
        if self.place.key not in land.keys:
            where = f"{self.place.name} ({self.place.lon:g}, {self.place.lat:g})"
            raise ParameterError(
                f"{where}: no land of the network is there that any station may be reached from"
            )
        cells = cells_of(self.case, land, ("to",), LARGEST_CUTOFF_MIN * MINUTE)["to"]
        return land.keys, split_of(self.case, cells, self.reading, "to")

    def _parts(
        self, found: tuple[Ints64, Split], near: int | None
    ) -> tuple[Station, Station, list[dict[str, Any]]]:
        """Return the stations between which trains run or would run, and a row of the place and of
        the one inside.
        """
        keys, split = found
        own = {"place": self.place.name, "place_en": self.place.name_en}
        rows = list[dict[str, Any]]()
        ends = None
        for key in [self.place.key, *([] if near in (None, self.place.key) else [near])]:
            at = int(np.flatnonzero(keys == key)[0])
            station = int(split.station[at])
            minute = int(split.minute_s[at])
            if station < 0:
                rows.append({**own, "km_away": 0.0, "minutes": None, "rides": []})
                continue
            rides = self._rides(
                station, minute, minute + int(split.seconds[at, [ACCESS, ENTRY]].sum())
            )
            if key == self.place.key:
                ends = self._ends(rides)
            minutes = {
                f"{n}_min": round(int(s) / MINUTE, 1)
                for n, s in zip(COMPONENTS, split.seconds[at], strict=True)
            }
            lon, lat = self.case.grid.unproject(*self.case.grid.centre(*key_cells(np.array([key]))))
            km = float(great_circle_m(self.place.lon, self.place.lat, lon, lat)[0]) / 1000
            named = own if key == self.place.key else self._county_of(key)
            total = round(int(split.by_rail_s[at]) / MINUTE, 1)
            ridden = [self._ride(ride) for ride in rides]
            rows.append(
                {**named, "km_away": round(km, 1), "minutes": total, **minutes, "rides": ridden}
            )
        return *(ends or self._without_journey()), rows

    def _rides(self, station: int, minute_s: int, ready_s: int) -> Sequence[Any]:
        """Return the rides of the journey that makes a minute of a station, whose platform is
        reached at `ready_s`.
        """
        journeys = self.case.journeys_of(self.reading, "to")
        one = self.reading
        assert journeys is not None
        if one.turns_up("to"):
            traced = journeys.trace_next([(station, minute_s, ready_s)])
        else:
            traced = journeys.trace([(station, minute_s)], one.slack_s, one.early_weight)
        return () if traced[0] is None else traced[0].rides

    def _ride(self, ride: Any) -> dict[str, Any]:
        stations = self.network.stations
        return {
            "train": trip_name(self.network, ride.trip_idx),
            "from": stations[ride.from_idx].name,
            "to": stations[ride.to_idx].name,
            "from_en": stations[ride.from_idx].name_en,
            "to_en": stations[ride.to_idx].name_en,
            "departure_s": ride.departure_s,
            "arrival_s": ride.arrival_s,
        }

    def _ends(self, rides: Sequence[Any]) -> tuple[Station, Station] | None:
        """Return where the trains of a journey are first entered and last left; of all rides where
        none is a train.
        """
        types = self.network.trips.route_types
        trains = [ride for ride in rides if are_trains(types[[ride.trip_idx]])[0]] or list(rides)
        if not trains:
            return None
        return self.network.stations[trains[0].from_idx], self.network.stations[trains[-1].to_idx]

    def _without_journey(self) -> tuple[Station, Station]:
        """Return the station with trains that is nearest to the place, and the best core station
        from there.
        """
        served = np.flatnonzero(self.case.counted_stations()).tolist()
        outside = [self.network.stations[k] for k in served if k not in self.case.core]
        if not outside:
            raise ParameterError(
                f"no train calls outside the core stations of {self.city.slug}: nothing can be "
                "tried"
            )
        home = min(outside, key=lambda s: metres(s, self.place.lon, self.place.lat))
        return home, self.query.remedies.best_core(home)

    def _county_of(self, key: int) -> dict[str, str]:
        """Return the names of the county of a cell; those of the place where no counties are
        shipped.
        """
        counties = self.network.counties
        number = self.run.cells.numbers(np.array([key], np.int64))
        if counties is None:
            return {"place": self.place.name, "place_en": self.place.name_en}
        row = counties.iloc[int(self.run.cells.counties(number)[0])]
        return {"place": row["county"], "place_en": row["county_en"] or row["county"]}

    def _tried(self, known: CityBase, remedy: Remedy) -> Tried:
        """Return the place's seconds under a change, and the people whom it brings in
        everywhere.
        """
        name = self.reading.name
        limit = self.cutoff_min * MINUTE
        key = np.array([self.place.key], np.int64)
        scenario = remedy.scenario
        if scenario is not None and remedy.family != "feeder":
            change = self.query.base.with_scenario(scenario, city=self.city.slug).cities.get(
                self.city.slug
            )
            keys, after = (
                (known.facts.keys, known.seconds[name])
                if change is None
                else change.seconds_after(name)
            )
        else:
            other = (
                self.query.under(remedy) if scenario is None else self.query.with_feeder(scenario)
            )
            keys = other.facts.keys
            after = other.seconds[name]
        new = keys[after.rail_s <= limit]
        gained = not_among(known.facts.keys[known.seconds[name].rail_s <= limit], new)
        people = people_outside(known, counts_of(known, None, gained))
        return Tried(
            remedy,
            int(after.at(keys, key).rail_s[0]),
            None if people is None else float(people[1].sum()),
        )
