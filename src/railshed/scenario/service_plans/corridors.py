"""Railways with the trains that run on them in a network, and what is known of their stations.

Fits are made of them (`fit`), and a planned line is one without trains (`draws`).
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from railshed.network.model import Network, running
from railshed.network.route_types import are_trains
from railshed.network.trip_series import calls_of_trips, first_run_of, served_by, with_first_runs
from railshed.scenario.run_times.kinematics import CITY, Limit, get_stock
from railshed.scenario.run_times.run_times import LineRun
from railshed.util.array_types import Bools, Floats, Ints64
from railshed.util.geodesy import great_circle_m

#: people within so many metres of a station are counted with it
_NEAR_M = 12_000
#: top speed from which a railway is fast, above which some of its trains are slower, and mean km
#: between stations below which a slow one is suburban
FAST_KMH = 250
MIXED_KMH = 300
SUBURBAN_KM = 20
_NONE = np.empty(0, np.int64)


@dataclass(frozen=True, slots=True)
class Railway:
    """A line from outside the timetable: stations of a network in order, speed, length, trains as
    announced.
    """

    line_id: str
    name: str
    station_ids: tuple[str, ...]
    top_speed_kmh: float
    #: km of track from the first station to the last, None where it is not known
    length_km: float | None = None
    #: pairs of trains a day
    n_trains: float = 0.0
    #: cities to which it was built
    cities: tuple[str, ...] = ()
    #: stations that trains served before it, though not those of the earlier timetable
    served: tuple[str, ...] = ()
    source: str = ""
    speed_limits: tuple[Limit, ...] = ()

    def run(self, network: Network) -> LineRun:
        """Return the run of a train that calls everywhere; a length below the straight lines is
        left out.

        What is announced is often the length of the new track alone. Speed limits are km from the
        first station.
        """
        at = {s.station_id: (s.lon, s.lat) for s in network.stations}
        places = [at[key] for key in self.station_ids]
        limits = self.speed_limits
        run = LineRun(
            places, top_speed_kmh=self.top_speed_kmh, length_km=self.length_km, speed_limits=limits
        )
        return (
            replace(run, length_km=None)
            if any(field == "length_km" for field, _ in run.problems())
            else run
        )


class Train(NamedTuple):
    """A train on a railway: places of its calls along the line, in the order of travel, and clock
    seconds.
    """

    place: Ints64
    arrival_s: Ints64
    departure_s: Ints64
    #: whether it has no other call between its first and its last one on the line
    direct: bool = True


#: by direction: 0 in the order of the stations, 1 the other
Trains = tuple[tuple[Train, ...], tuple[Train, ...]]


@dataclass(frozen=True, eq=False)
class Corridor:
    """A railway, planned or running."""

    name: str
    station_ids: tuple[str, ...]
    #: of a train that calls everywhere
    run: LineRun
    #: by station: people within 12 km, slug of the city whose core station it is, trains a day that
    #: are not its own
    people: Floats
    core: tuple[str, ...]
    others: Ints64
    #: whether it is called after its prefecture-level city
    seat: Bools
    trains: Trains = ((), ())
    _hops: dict[tuple[int, int], tuple[float, bool]] = field(default_factory=dict, repr=False)

    @property
    def n_stations(self) -> int:
        """Number of stations."""
        return len(self.station_ids)

    @cached_property
    def hop_m(self) -> Floats:
        """float64 (n_stations - 1,) metres of track between neighbours."""
        return np.array(self.run.hop_lengths())

    @property
    def length_km(self) -> float:
        """Km of track."""
        return float(self.hop_m.sum()) / 1000

    @property
    def spacing_km(self) -> float:
        """Mean km between stations, at least 1."""
        return max(1.0, self.length_km / len(self.hop_m))

    @property
    def is_fast(self) -> bool:
        """Whether it is built for 250 km/h or more."""
        return self.run.top_speed_kmh >= FAST_KMH

    @cached_property
    def kind(self) -> str:
        """Class of the railway: suburban, or by its top speed."""
        return kind_of(self.run.top_speed_kmh, self.spacing_km)

    @cached_property
    def on_own_tracks(self) -> bool:
        """Whether it is said to be run like a metro: no railway shows how it runs."""
        stock = self.run.rolling_stock
        return isinstance(stock, str) and get_stock(stock).service == CITY

    def approaches(self, first: int, last: int) -> tuple[bool, bool]:
        """Return whether a hop has that of the first station, and of the last; a speed limit stands
        for it.
        """
        if self.on_own_tracks or self._hop(first, last)[1]:
            return False, False
        return first == 0, last == self.n_stations - 1

    def hop_s(self, first: int, last: int) -> float:
        """Return the seconds by the rules from a call to a later one, none between, of the usual
        way to run.
        """
        return self._hop(first, last)[0]

    def _hop(self, first: int, last: int) -> tuple[float, bool]:
        """Return the seconds of a hop, and whether a speed limit lies on it; found once."""
        key = (first, last) if first < last else (last, first)
        if key not in self._hops:
            self._hops[key] = self.run.hop_seconds(*key), self.run.is_limited(*key)
        return self._hops[key]

    @property
    def at_core(self) -> Bools:
        """bool (n_stations,): whether it is a core station."""
        return np.array([slug != "" for slug in self.core])

    def towards(self, city: str) -> int:
        """Return the direction that leads to a city: to the end that its core stations are nearer
        to; 1 without any.
        """
        places = [k for k, slug in enumerate(self.core) if slug == city]
        return int(not places or float(np.mean(places)) <= (self.n_stations - 1) / 2)

    def n_trains(self) -> float:
        """Return the trains a day each way."""
        return sum(map(len, self.trains)) / 2

    def stop_shares(self) -> Floats:
        """Return float64 (n_stations,): share of the trains that call, the mean of both ways, never
        0 or 1.
        """
        both = [
            (calls_at([trains], self.n_stations) + 0.5) / (len(trains) + 1)
            for trains in self.trains
        ]
        return np.asarray(np.mean(both, axis=0))


def kind_of(top_kmh: float, spacing_km: float) -> str:
    """Return the class of a railway: suburban, or by its top speed."""
    if top_kmh < FAST_KMH:
        return "suburban" if spacing_km < SUBURBAN_KM else "200"
    return next((str(kmh) for kmh in (FAST_KMH, MIXED_KMH) if top_kmh <= kmh), "350")


def calls_at(trains: Sequence[Sequence[Train]], n_stations: int) -> Ints64:
    """Return int64 (n_stations,) calls of trains."""
    return np.bincount(
        np.concatenate([_NONE, *(t.place for way in trains for t in way)]), minlength=n_stations
    )


@dataclass(frozen=True, eq=False)
class TrainDay:
    """The trains of a network on its day: one row a call, by train and in the order of travel."""

    network: Network
    #: int64 (n_calls,)
    trip: Ints64
    station: Ints64
    arrival_s: Ints64
    departure_s: Ints64

    @classmethod
    def of(cls, network: Network) -> TrainDay:
        """Return the trains (no metro, no bus) that run on the network's date."""
        trips, like = first_run_of(network, np.arange(network.n_trips))
        runs = running(network.services, [network.date])[trips.service_idx, 0] & are_trains(
            trips.route_types
        )
        calls = calls_of_trips(network, np.flatnonzero(runs[like]))
        columns = calls.trip_idx, calls.station_idx, calls.arrival_s, calls.departure_s
        return cls(network, *(column.astype(np.int64) for column in columns))

    @cached_property
    def n_trains(self) -> Ints64:
        """int64 (n_stations,) trains that call."""
        pairs = np.unique(self.trip * self.network.n_stations + self.station)
        return np.bincount(pairs % self.network.n_stations, minlength=self.network.n_stations)

    def without(self, station_ids: Collection[str]) -> TrainDay:
        """Return the day without the trains that call at any of these stations."""
        known = self.network.station_index()
        gone = np.isin(self.station, [known[s] for s in station_ids if s in known])
        return self.without_trips(self.trip[gone])

    def without_trips(self, trips: Ints64) -> TrainDay:
        """Return the day without some trips."""
        stays = ~np.isin(self.trip, trips)
        columns = self.trip, self.station, self.arrival_s, self.departure_s
        return TrainDay(self.network, *(column[stays] for column in columns))

    def trains_on(self, station_ids: Sequence[str], through: Collection[str] = ()) -> Trains:
        """Return by direction the trains that call at two stations of a railway or more, in their
        order.

        With `through`, those that call at one of these at least.
        """
        known = self.network.station_index()
        place = np.full(self.network.n_stations, -1, np.int64)
        for k, station in enumerate(station_ids):
            if station in known:
                place[known[station]] = k
        rows = np.flatnonzero(place[self.station] >= 0)
        needed = {k for k, station in enumerate(station_ids) if station in through}
        found: tuple[list[Train], list[Train]] = ([], [])
        for mine in np.split(rows, np.flatnonzero(np.diff(self.trip[rows])) + 1):
            at = place[self.station[mine]]
            steps = np.diff(at)
            in_order = len(steps) > 0 and bool((steps > 0).all() or (steps < 0).all())
            if not in_order or (through and needed.isdisjoint(at.tolist())):
                continue
            direct = bool(mine[-1] - mine[0] == len(mine) - 1)
            found[int(steps[0] < 0)].append(
                Train(at, self.arrival_s[mine], self.departure_s[mine], direct)
            )
        return tuple(found[0]), tuple(found[1])


#: by network, as long as it lives
_SERVED: WeakKeyDictionary[Network, frozenset[str]] = WeakKeyDictionary()


def served_by_trains(network: Network) -> frozenset[str]:
    """Return the ids of the stations where a train calls on the network's date."""
    if network not in _SERVED:
        of = with_first_runs(network)[0]
        runs = running(of.services, [of.date])[of.trips.service_idx, 0] & are_trains(
            of.trips.route_types
        )
        _SERVED[network] = frozenset(
            of.stations[k].station_id for k in np.flatnonzero(served_by(of, runs)).tolist()
        )
    return _SERVED[network]


def corridor_of(day: TrainDay, railway: Railway) -> Corridor:
    """Return a railway with its stations as a network has them, and its trains of the day."""
    run = railway.run(day.network)
    return with_trains(
        stations_on(day, day.network, railway.line_id, railway.station_ids, run), day
    )


def stations_on(
    day: TrainDay, network: Network, name: str, station_ids: Sequence[str], run: LineRun
) -> Corridor:
    """Return a line without trains of its own: all that call at its stations on the day are others.

    `network` has its stations, those of the day's network first.
    """
    core = {key: city.slug for city in network.cities for key in city.core_station_ids}
    places = {s.station_id: s for s in network.stations}
    known = day.network.station_index()
    lon, lat = np.array([(places[key].lon, places[key].lat) for key in station_ids]).T
    others = np.array([day.n_trains[known[key]] if key in known else 0 for key in station_ids])
    return Corridor(
        name=name,
        station_ids=tuple(station_ids),
        run=run,
        people=people_near(network, lon, lat),
        core=tuple(core.get(key, "") for key in station_ids),
        others=others,
        seat=_seats(network, station_ids),
    )


def with_trains(corridor: Corridor, day: TrainDay) -> Corridor:
    """Return a corridor with its trains of another day of the same network."""
    own = day.trains_on(corridor.station_ids)
    known = day.network.station_index()
    calls = day.n_trains[[known[key] for key in corridor.station_ids]]
    return replace(
        corridor, trains=own, others=np.maximum(calls - calls_at(own, corridor.n_stations), 0)
    )


def people_near(network: Network, lon: Floats, lat: Floats) -> Floats:
    """Return float64 (n,) people of the network's population cells with a centre within 12 km of
    each place.
    """
    table = network.population
    if table is None:
        return np.zeros(len(lon))
    order = np.argsort(table["lat"].to_numpy(), kind="stable")
    south, west, people = (table[name].to_numpy(float)[order] for name in ("lat", "lon", "people"))
    reach = math.degrees(_NEAR_M / 6.37e6) * 1.01
    found = np.zeros(len(lon))
    for k, (x, y) in enumerate(zip(lon.tolist(), lat.tolist(), strict=True)):
        rows = slice(*np.searchsorted(south, [y - reach, y + reach]))
        found[k] = people[rows][
            np.asarray(great_circle_m(x, y, west[rows], south[rows])) < _NEAR_M
        ].sum()
    return found


def _seats(network: Network, station_ids: Sequence[str]) -> Bools:
    """Return bool (n_stations,): whether a station's name begins with that of its prefecture-level
    city.
    """
    counties = network.counties
    places = {s.station_id: s for s in network.stations}
    if counties is None:
        return np.zeros(len(station_ids), bool)
    names = dict(
        zip(counties["county_code"], counties["prefecture"].str.removesuffix("市"), strict=True)
    )
    stations = [places[key] for key in station_ids]
    cities = [names.get(s.county_code, "") for s in stations]
    return np.array(
        [bool(city) and s.name.startswith(city) for s, city in zip(stations, cities, strict=True)]
    )
