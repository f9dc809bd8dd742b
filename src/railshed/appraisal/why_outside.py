"""Why a place is outside a city's circle: what its journey is made of, and the least single change that brings it in.

Changes are tried, not guessed: each is a scenario (or an assumption) under which the place's time is computed again by
the same engine. They are ordered by what must be done for them, from nothing to a new line; within a family the least
comes first. That is an order, not a cost.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from railshed.appraisal.place_asked import PlaceAsked, find_asked
from railshed.assumptions.names import HEADLINE
from railshed.cells.cell_keys import key_cells
from railshed.circles.analysis import (
    LARGEST_CUTOFF_MIN,
    AnalysisInputs,
    case_of,
    circle_kinds,
    defined_reading,
    prepare,
)
from railshed.circles.components import COMPONENTS, Split, split_of
from railshed.circles.study_area import cells_of, land_of
from railshed.comparisons.incremental.baseline import Baseline, baseline
from railshed.comparisons.incremental.city_baseline import CityBase
from railshed.comparisons.incremental.surfaces import counts_of
from railshed.comparisons.plans import base_with, find_cities
from railshed.network.cities import City
from railshed.network.model import Network, Station
from railshed.network.route_types import are_trains
from railshed.routing.profiles import percentile_ranks
from railshed.scenario.apply import resolve
from railshed.scenario.files import Scenario, scenario_from_dict
from railshed.util.array_types import Ints64
from railshed.util.bilingual import Words
from railshed.util.errors import ParameterError
from railshed.util.geodesy import great_circle_m
from railshed.util.phrases import phrase
from railshed.util.units import HOUR, MINUTE, UNREACHED
from railshed.util.validation import checked, text, whole

#: levels of the changes, the least first
LATER_MIN, HEADWAYS_MIN, SPEEDS, LINES_KMH = (15, 30, 45, 60), (60, 30, 15, 10), (1.1, 1.25, 1.5), (160, 250)
LINE_HEADWAY_MIN = 15
#: of a straight ride to a core station, by which the best one is chosen
_STRAIGHT_KMH = 120
#: minutes less in the two stations of a journey together
STATION_LESS_MIN = 5
#: families of changes in the order in which they are tried, and what the first that helps shows to bind
BINDS = {
    "deadline": "first_train", "access": "access", "feeder": "access", "station": "station", "stop": "stops",
    "trains": "trains", "speed": "speed", "line": "track",
}  # fmt: skip
FAMILIES = tuple(BINDS)


@dataclass(frozen=True, slots=True)
class Remedy:
    """One change that may bring a place in."""

    key: str
    family: str
    words: Words
    #: as in scenario files; none where an assumption is changed
    modifications: tuple[Mapping[str, Any], ...] = ()
    #: minutes by which the deadline is later; access modes more
    later_min: int = 0
    modes: tuple[str, ...] = ()

    @property
    def scenario(self) -> Scenario | None:
        """What it is as a scenario, None where an assumption is changed."""
        if not self.modifications:
            return None
        return scenario_from_dict({"title": self.words.en, "modification": list(self.modifications)})


@dataclass(frozen=True, slots=True)
class Tried:
    """A change with the place's seconds under it, and the people whom it brings within the cutoff everywhere."""

    remedy: Remedy
    seconds: int
    people: float | None

    def row(self, cutoff_min: int) -> dict[str, Any]:
        """Return it as plain values."""
        minutes = None if self.seconds >= UNREACHED else round(self.seconds / MINUTE, 1)
        return {
            "key": self.remedy.key, "family": self.remedy.family, "en": self.remedy.words.en,
            "zh": self.remedy.words.zh, "minutes": minutes, "inside": self.seconds <= cutoff_min * MINUTE,
            "people_gained": None if self.people is None else round(self.people),
            "modifications": [dict(one) for one in self.remedy.modifications],
        }  # fmt: skip


@dataclass(frozen=True)
class WhyResult:
    """Why a place is outside a city's circle, or that it is inside."""

    place: PlaceAsked
    city: City
    reading: str
    cutoff_min: int
    #: by reading seconds of the place by rail, UNREACHED beyond two hours or without a journey
    seconds: Mapping[str, int]
    #: of the place and of the nearest one inside: name, minutes by component, stations and rides of the journey
    parts: Sequence[Mapping[str, Any]]
    #: every change that was tried, in order
    tried: Sequence[Tried]

    def __repr__(self) -> str:
        best = "inside" if self.is_inside else self.best.remedy.key if self.best else "no single change"
        return f"<Why {self.place.name} of {self.city.slug}, {self.reading} {self.cutoff_min} min: {best}>"

    @property
    def is_inside(self) -> bool:
        """Whether the place is within the cutoff as it is."""
        return self.seconds[self.reading] <= self.cutoff_min * MINUTE

    @property
    def short_s(self) -> int | None:
        """Seconds beyond the cutoff, None where it has no journey within two hours."""
        found = self.seconds[self.reading]
        return None if found >= UNREACHED else max(0, found - self.cutoff_min * MINUTE)

    @cached_property
    def best(self) -> Tried | None:
        """The first change that brings it in, None where none does or it is inside."""
        limit = self.cutoff_min * MINUTE
        return None if self.is_inside else next((one for one in self.tried if one.seconds <= limit), None)

    @property
    def binds(self) -> Words | None:
        """What keeps it outside: what the first change that brings it in is about; None where no single one does."""
        return None if self.best is None else phrase(f"binds_{BINDS[self.best.remedy.family]}")

    @property
    def table(self) -> list[dict[str, Any]]:
        """One row a change, in the order in which they were tried."""
        return [one.row(self.cutoff_min) for one in self.tried]

    def as_plain(self) -> dict[str, Any]:
        """Return everything as plain values."""
        short = None if self.short_s is None else round(self.short_s / MINUTE, 1)
        return {
            "place": self.place.as_plain(), "city": self.city.slug, "reading": self.reading,
            "cutoff_min": self.cutoff_min, "inside": self.is_inside, "minutes_short": short,
            "minutes": {k: None if s >= UNREACHED else round(s / MINUTE, 1) for k, s in self.seconds.items()},
            "parts": [dict(row) for row in self.parts], "binds": self.best and BINDS[self.best.remedy.family],
            "best": self.best and self.best.row(self.cutoff_min), "changes": self.table,
        }  # fmt: skip


@checked(**circle_kinds("network", "city"), place=text, reading=text, cutoff_min=whole(1, LARGEST_CUTOFF_MIN))
def why(
    network: Network | AnalysisInputs | str | Path,
    place: str,
    city: str | City,
    *,
    reading: str = HEADLINE,
    cutoff_min: int = 60,
) -> WhyResult:
    """Return why a place is outside the circle of a city, by rail to the city, and which changes bring it in.

    Parameters
    ----------
    network
        A network with a timetable, an id or a path, or the result of `prepare`.
    place
        Id or name of a station, name or code of a county (its cell of most people), name of a town, or ``LON,LAT``.
    city
        Slug, Chinese or English name.
    reading, cutoff_min
        Reading with an area, and minutes.

    Raises
    ------
    NotFoundError
        Unknown place or city, with the nearest names.
    ParameterError
        A reading without an area, a network without a timetable, or a place outside its land.
    """
    run = network if isinstance(network, AnalysisInputs) else prepare(network)
    (found,) = find_cities(run, [city])
    base = base_with(run.compiled.network, [found])
    run = replace(run, compiled=replace(run.compiled, network=base), opportunities=None)
    if run.compiled.schedule is None:
        raise ParameterError(f"network {base.network_id} has no timetable: changes of trains cannot be tried")
    return _Search(run, found, find_asked(run, place), reading, cutoff_min).result()


class _Search:
    """The changes of one place and city."""

    def __init__(self, run: AnalysisInputs, city: City, place: PlaceAsked, reading: str, cutoff_min: int) -> None:
        self.run, self.city, self.place, self.cutoff_min = run, city, place, cutoff_min
        self.case = case_of(run, city)
        self.reading = defined_reading(run, self.case, reading)
        if self.reading.legs == "station":
            raise ParameterError(f"{reading}: has no area of its own; take door-to-door or turn-up-and-go")
        self.network = run.compiled.network
        others = [n for n, r in run.readings.items() if r.legs != "station" and self.case.has_goal(r.legs)]
        self.readings = list(dict.fromkeys([self.reading.name, *others]))
        self.base = self._baseline(run, city)

    def _baseline(self, run: AnalysisInputs, city: City) -> Baseline:
        return baseline(run, [city], readings=self.readings, cutoffs=[LARGEST_CUTOFF_MIN])

    def result(self) -> WhyResult:
        """Return the answer."""
        (known,) = self.base.cities
        key = np.array([self.place.key], np.int64)
        seconds = {name: int(found.at(known.facts.keys, key).rail_s[0]) for name, found in known.seconds.items()}
        near = self._nearest_inside(known)
        split = self._split([self.place.key] if near is None else sorted({self.place.key, near}))
        home, core, parts = self._parts(split, near)
        tried = [self._tried(known, one) for one in self._remedies(home, core)]
        return WhyResult(self.place, self.city, self.reading.name, self.cutoff_min, seconds, parts, tried)

    def _nearest_inside(self, known: CityBase) -> int | None:
        """Return the key of the nearest cell within the cutoff outside the city proper, None where there is none."""
        inside = (known.seconds[self.reading.name].rail_s <= self.cutoff_min * MINUTE) & (known.facts.part != 0)
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
            raise ParameterError(f"{where}: no land of the network is there that any station may be reached from")
        cells = cells_of(self.case, land, ("to",), LARGEST_CUTOFF_MIN * MINUTE)["to"]
        return land.keys, split_of(self.case, cells, self.reading, "to")

    def _parts(
        self, found: tuple[Ints64, Split], near: int | None
    ) -> tuple[Station, Station, list[dict[str, Any]]]:  # fmt: skip
        """Return the stations between which trains run or would run, and a row of the place and of the one inside."""
        keys, split = found
        own = {"place": self.place.name, "place_en": self.place.name_en}
        rows, ends = list[dict[str, Any]](), self._without_journey()
        for key in [self.place.key, *([] if near in (None, self.place.key) else [near])]:
            at = int(np.flatnonzero(keys == key)[0])
            station, minute = int(split.station[at]), int(split.minute_s[at])
            if station < 0:
                rows.append({**own, "km_away": 0.0, "minutes": None, "rides": []})
                continue
            rides = self._rides(station, minute)
            if key == self.place.key:
                ends = self._ends(rides) or ends
            minutes = {
                f"{n}_min": round(int(s) / MINUTE, 1) for n, s in zip(COMPONENTS, split.seconds[at], strict=True)
            }
            lon, lat = self.case.grid.unproject(*self.case.grid.centre(*key_cells(np.array([key]))))
            km = float(great_circle_m(self.place.lon, self.place.lat, lon, lat)[0]) / 1000
            named = own if key == self.place.key else self._county_of(key)
            total = round(int(split.by_rail_s[at]) / MINUTE, 1)
            ridden = [self._ride(ride) for ride in rides]
            rows.append({**named, "km_away": round(km, 1), "minutes": total, **minutes, "rides": ridden})
        return *ends, rows

    def _rides(self, station: int, minute_s: int) -> Sequence[Any]:
        """Return the rides of the journey that makes a minute of a station."""
        journeys, one = self.case.journeys_of(self.reading, "to"), self.reading
        assert journeys is not None
        if one.turns_up("to"):
            traced = journeys.trace_next(station, minute_s, minute_s)
        else:
            traced = journeys.trace(station, minute_s, one.slack_s, one.early_weight)
        return () if traced is None else traced.rides

    def _ride(self, ride: Any) -> dict[str, Any]:
        stations, trips = self.network.stations, self.network.trips
        return {
            "train": trips.names[ride.trip_idx] or trips.trip_ids[ride.trip_idx],
            "from": stations[ride.from_idx].name, "to": stations[ride.to_idx].name,
            "from_en": stations[ride.from_idx].name_en, "to_en": stations[ride.to_idx].name_en,
            "departure_s": ride.departure_s, "arrival_s": ride.arrival_s,
        }  # fmt: skip

    def _ends(self, rides: Sequence[Any]) -> tuple[Station, Station] | None:
        """Return where the trains of a journey are first entered and last left; of all rides where none is a train."""
        types = self.network.trips.route_types
        trains = [ride for ride in rides if are_trains(types[[ride.trip_idx]])[0]] or list(rides)
        if not trains:
            return None
        return self.network.stations[trains[0].from_idx], self.network.stations[trains[-1].to_idx]

    def _without_journey(self) -> tuple[Station, Station]:
        """Return the station with trains that is nearest to the place, and the best core station from there."""
        served = np.flatnonzero(self.case.counted_stations()).tolist()
        outside = [self.network.stations[k] for k in served if k not in self.case.core]
        if not outside:
            raise ParameterError(f"no train calls outside the core stations of {self.city.slug}: nothing can be tried")
        home = min(outside, key=lambda s: _metres(s, self.place.lon, self.place.lat))
        return home, self._best_core(home)

    def _best_core(self, home: Station) -> Station:
        """Return the core station from which the goal is reached soonest, a straight ride to it included."""
        one, core = self.reading, list(self.case.core)
        journeys = self.case.journeys_of(one, "to")
        assert journeys is not None
        times = journeys.travel_times(self.case.window(one, "to"), one.slack_s, one.early_weight)[core]
        onward = np.sort(times, axis=1)[:, int(percentile_ranks([one.percentile], times.shape[1])[0])]
        stations = [self.network.stations[k] for k in core]
        rides = [_metres(s, home.lon, home.lat) / _STRAIGHT_KMH * 3.6 for s in stations]
        return stations[int(np.argmin(onward + np.array(rides)))]

    def _county_of(self, key: int) -> dict[str, str]:
        """Return the names of the county of a cell; those of the place where no counties are shipped."""
        counties, number = self.network.counties, self.run.cells.numbers(np.array([key], np.int64))
        if counties is None:
            return {"place": self.place.name, "place_en": self.place.name_en}
        row = counties.iloc[int(self.run.cells.counties(number)[0])]
        return {"place": row["county"], "place_en": row["county_en"] or row["county"]}

    def _remedies(self, home: Station, core: Station) -> Iterator[Remedy]:
        """Yield the changes in the order in which they are tried; trains and lines to the best core station as well."""
        for minutes in LATER_MIN:
            yield Remedy(f"deadline_{minutes}", "deadline", phrase("why_deadline", n=minutes), later_min=minutes)
        if "drive" not in self.run.assumptions.access_modes:
            yield Remedy("drive", "access", phrase("why_drive"), modes=("drive",))
        if home.feeder != "metro":
            metro = {"type": "adjust-station-time", "stations": [home.station_id], "feeder": "metro"}
            yield Remedy("feeder_metro", "feeder", phrase("why_feeder", name=_name(home)), (metro,))
        yield from self._less_in_stations(home, core)
        yield from self._one_stop_more(home)
        cores = {one.station_id: one for one in (core, self._best_core(home)) if one.station_id != home.station_id}
        for one in cores.values():
            yield from self._more_trains(home, one)
        for scale in SPEEDS if self._fastest_min(home, core) is not None else ():
            faster = {"type": "adjust-speed", "calls_at": [home.station_id], "scale": scale}
            words = phrase("why_speed", name=_name(home), n=round((scale - 1) * 100))
            yield Remedy(f"speed_{scale:g}", "speed", words, (faster,))
        for one in cores.values():
            for kmh in LINES_KMH:
                new = _line(home, one) | {"top_speed_kmh": kmh, "frequencies": [_all_day(LINE_HEADWAY_MIN)]}
                words = phrase("why_line", home=_name(home), core=_name(one), kmh=kmh, n=LINE_HEADWAY_MIN)
                yield Remedy(f"line_{kmh}_{one.station_id}", "line", words, (new,))

    def _more_trains(self, home: Station, core: Station) -> Iterator[Remedy]:
        """Yield direct trains as fast as the fastest way by rail of today, changes included."""
        now = self._fastest_min(home, core)
        for headway in HEADWAYS_MIN if now is not None else ():
            trains = _line(home, core) | {"hop_minutes": [now], "frequencies": [_all_day(headway)]}
            words = phrase("why_trains", home=_name(home), core=_name(core), n=headway, minutes=f"{now:g}")
            yield Remedy(f"trains_{headway}_{core.station_id}", "trains", words, (trains,))

    def _less_in_stations(self, home: Station, core: Station) -> Iterator[Remedy]:
        """Yield the change of both stations' minutes: less at the entry first, the rest at the exit."""
        a, less = self.run.assumptions, STATION_LESS_MIN * MINUTE
        entry, leave = a.entry_s(home), a.exit_s(core)
        at_home = min(entry, less)
        at_core = min(leave, less - at_home)
        if at_home + at_core:
            parts = [(home, "entry_minutes", entry - at_home)] * bool(at_home)
            parts += [(core, "exit_minutes", leave - at_core)] * bool(at_core)
            yield Remedy(
                "station_time", "station", phrase("why_station", n=STATION_LESS_MIN),
                tuple({"type": "adjust-station-time", "stations": [s.station_id], key: s_left / MINUTE}
                      for s, key, s_left in parts),
            )  # fmt: skip

    def _one_stop_more(self, home: Station) -> Iterator[Remedy]:
        """Yield that the trains which pass the station call there: those that run between two calls around it."""
        passing = passing_trips(self.network, self.network.station_index()[home.station_id], self.run.compiled.date)
        if not passing:
            return
        n, ids = sum(map(len, passing.values())), [s.station_id for s in self.network.stations]
        yield Remedy(
            "stop_more", "stop", phrase("why_stop", n=n, name=_name(home)),
            tuple(
                {"type": "reroute", "trips": [self.network.trips.trip_ids[t] for t in trips], "from_stop": ids[a],
                 "to_stop": ids[b], "stops": [home.station_id], "hop_minutes": [to / MINUTE, on / MINUTE]}
                for (a, b, to, on), trips in passing.items()
            ),
        )  # fmt: skip

    def _fastest_min(self, home: Station, core: Station) -> float | None:
        """Return the minutes of the fastest way by rail between the stations today, changes included."""
        index = self.network.station_index()
        found = self.run.compiled.profiles("to", {index[core.station_id]: 0}, (0, 28 * HOUR), slack_s=HOUR).fastest()
        seconds = int(found[index[home.station_id]])
        return None if seconds >= UNREACHED or not seconds else seconds / MINUTE

    def _tried(self, known: CityBase, remedy: Remedy) -> Tried:
        """Return the place's seconds under a change, and the people whom it brings in everywhere."""
        name, limit, key = self.reading.name, self.cutoff_min * MINUTE, np.array([self.place.key], np.int64)
        scenario = remedy.scenario
        if scenario is not None and remedy.family != "feeder":
            change = self.base.with_scenario(scenario, city=self.city.slug).cities.get(self.city.slug)
            keys, after = (known.facts.keys, known.seconds[name]) if change is None else change.seconds_after(name)
        else:
            later = tuple(s + remedy.later_min * MINUTE for s in self.city.window_to)
            city = replace(self.city, window_to=(later[0], later[1]))
            a, compiled = self.run.assumptions, self.run.compiled
            if scenario is not None:  # another feeder: the timetable stays
                network = resolve(compiled.network, scenario, city=self.city.slug).network
                compiled = replace(compiled, network=network)
            run = replace(self.run, compiled=compiled, assumptions=a.with_access(*a.access_modes, *remedy.modes))
            (other,) = self._baseline(run, city).cities
            keys, after = other.facts.keys, other.seconds[name]
        new = keys[after.rail_s <= limit]
        gained = np.setdiff1d(new, known.facts.keys[known.seconds[name].rail_s <= limit])
        return Tried(remedy, int(after.at(keys, key).rail_s[0]), people_of(known, gained))


def people_of(known: CityBase, keys: Ints64) -> float | None:
    """Return the people of cells outside the city proper, None where no people are known."""
    if not len(keys):
        return 0.0
    counts = counts_of(known, None, keys)
    if counts.people is None:
        return None
    part = counts.county_part
    outside = part[counts.people.county] > 0 if len(part) else np.ones(len(counts.people.county), bool)
    return float(counts.people.people[outside].sum())


def passing_trips(network: Network, station: int, date: Any) -> dict[tuple[int, int, int, int], list[int]]:
    """Return the trips of a day that pass a station: of two calls in a row around it, and how others run there.

    By (call before, call after, seconds of others to the station, and from it on): the median of the trips that call
    at all three in a row; trips by index.
    """
    calls = network.stop_times
    runs = np.array([service.runs_on(date) for service in network.services], bool)[network.trips.service_idx]
    here = np.flatnonzero((calls.station_idx == station) & runs[calls.trip_idx])
    around: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for k in here.tolist():
        if 0 < k < len(calls.trip_idx) - 1 and calls.trip_idx[k - 1] == calls.trip_idx[k] == calls.trip_idx[k + 1]:
            pair = int(calls.station_idx[k - 1]), int(calls.station_idx[k + 1])
            to, on = calls.arrival_s[k] - calls.departure_s[k - 1], calls.arrival_s[k + 1] - calls.departure_s[k]
            around.setdefault(pair, []).append((int(to), int(on)))
    found: dict[tuple[int, int, int, int], list[int]] = {}
    follows = np.flatnonzero((calls.trip_idx[1:] == calls.trip_idx[:-1]) & runs[calls.trip_idx[1:]])
    one, other = calls.station_idx[follows], calls.station_idx[follows + 1]
    for (a, b), times in sorted(around.items()):
        trips = np.unique(calls.trip_idx[follows[(one == a) & (other == b)]]).tolist()
        if trips:
            to, on = (int(np.median(side)) for side in zip(*times, strict=True))
            found[a, b, to, on] = trips
    return found


def _line(home: Station, core: Station) -> dict[str, Any]:
    stops = [home.station_id, core.station_id]
    return {"type": "add-trips", "name": f"{home.name}-{core.name}", "stops": stops}


def _all_day(headway: int) -> dict[str, Any]:
    return {"start_time": "05:30", "end_time": "23:00", "headway_minutes": headway}


def _name(station: Station) -> Words:
    return Words(station.name, station.name_en or station.name)


def _metres(station: Station, lon: float, lat: float) -> float:
    return float(great_circle_m(station.lon, station.lat, lon, lat))
