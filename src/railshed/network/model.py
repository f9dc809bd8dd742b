"""The network: stations, services, trips, stop times, transfers and links, with cities, regions and
population.

A `Network` is plain, frozen data: the readers in `io` build it, `scenario` changes copies of it,
and `routing` compiles it for the kernels. All arrays are read-only; times are seconds after 00:00
of the service day.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from railshed.network.cities import City, ObservedFlow, Region, city_hint
from railshed.network.dates import NO_DAYS, Days, listed, span_of
from railshed.util.array_types import Bools, Floats, Ints32, Ints64
from railshed.util.errors import Issue, NotFoundError
from railshed.util.frames import later_frames
from railshed.util.units import HOUR, MINUTE, UNREACHED

if TYPE_CHECKING:
    import geopandas as gpd
    import networkx as nx
    import pandas as pd


#: default route type of hops (`route_types.DEFAULT_ROUTE_TYPE`)
_RAIL = 2
#: weeks looked at for a day with trips
_MOST_WEEKS = 520


@dataclass(frozen=True, slots=True)
class Station:
    """A place where trains call (GTFS stop of type 0, or its parent)."""

    station_id: str
    name: str
    lon: float
    lat: float
    name_en: str = ""
    #: key of `Assumptions.station_times`: hub, large, medium, small, halt, metro, border
    station_class: str = "small"
    #: feeder without a timetable: metro, metro-small, bus
    feeder: str = "bus"
    #: "" outside all counties, or without boundaries
    county_code: str = ""
    #: confidence of the coordinate: high, medium, low
    coord_confidence: str = "high"
    #: least seconds between two trips here; None: by class; UNREACHED: no change possible
    change_s: int | None = None
    #: seconds from the door to the platform, and back, if a scenario sets them; None: by class
    entry_s: int | None = None
    exit_s: int | None = None


def degrees_of(stations: Sequence[Station]) -> tuple[Floats, Floats]:
    """Return float64 (n_stations,) longitudes and latitudes."""
    return np.array([s.lon for s in stations], float), np.array([s.lat for s in stations], float)


@dataclass(frozen=True, slots=True)
class Service:
    """The days on which trips run, as in GTFS calendar and calendar_dates."""

    service_id: str
    start_date: dt.date
    end_date: dt.date
    #: Monday first
    weekdays: tuple[bool, bool, bool, bool, bool, bool, bool]
    added: Days = NO_DAYS
    removed: Days = NO_DAYS

    def runs_on(self, date: dt.date) -> bool:
        """Return whether the service runs on `date`."""
        if date in self.added:
            return True
        regular = self.start_date <= date <= self.end_date and self.weekdays[date.weekday()]
        return regular and date not in self.removed


def running(services: Sequence[Service], days: Sequence[dt.date]) -> Bools:
    """Return bool (n_services, n_days), whether each service runs on each day, as
    `Service.runs_on`.
    """
    dates = np.array([day.toordinal() for day in days], dtype=np.int64)
    runs: Bools = listed([s.added for s in services], dates)
    rows = [i for i, s in enumerate(services) if True in s.weekdays]
    weekly = [services[i] for i in rows]
    start = np.array([s.start_date.toordinal() for s in weekly], dtype=np.int64)[:, None]
    end = np.array([s.end_date.toordinal() for s in weekly], dtype=np.int64)[:, None]
    weekdays = np.array([s.weekdays for s in weekly], dtype=bool).reshape(-1, 7)
    regular = (start <= dates) & (dates <= end) & weekdays[:, (dates - 1) % 7]
    runs[rows] |= regular & ~listed([s.removed for s in weekly], dates)
    return runs


def validity(services: Sequence[Service]) -> tuple[dt.date, dt.date] | None:
    """Return the first and last day on which any service may run; None without one."""
    regular = [s for s in services if True in s.weekdays]
    days = [dt.date.fromordinal(day) for day in span_of(s.added for s in services) or ()]
    firsts = [s.start_date for s in regular] + days
    lasts = [s.end_date for s in regular] + days
    return (min(firsts), max(lasts)) if firsts else None


def n_trips_on(
    services: Sequence[Service], service_idx: Ints32, dates: Sequence[dt.date]
) -> Ints64:
    """Return int64 (n_dates,) how many trips run on each date; `service_idx` are the services of
    trips.
    """
    counts: Ints64 = np.bincount(service_idx, minlength=len(services)) @ running(services, dates)
    return counts


def no_trips_text(services: Sequence[Service], service_idx: Ints32, date: dt.date) -> str:
    """Return that no trip runs on `date`, the calendar's range, and the nearest day of the same
    weekday with trips.
    """
    first, last = (span := validity(services)) or (date, date)
    start = first.toordinal()
    day = date.toordinal()
    weekly = sorted(
        range(start + (day - start) % 7, last.toordinal() + 1, 7),
        key=lambda one: (abs(one - day), one),
    )
    dates = [dt.date.fromordinal(one) for one in weekly[:_MOST_WEEKS]]
    near = next(
        (d for d, n in zip(dates, n_trips_on(services, service_idx, dates), strict=True) if n), None
    )
    other = (
        f"no {date:%A} has trips" if near is None else f"the nearest {date:%A} with trips is {near}"
    )
    valid = "on no day" if span is None else f"{first} to {last}; {other}"
    return f"no trip runs on {date} ({date:%A}); the timetable is valid {valid}"


class _Columns:
    """Columns that are set, or computed at the first access to one of them."""

    __slots__ = ("_make", "origin", "series")
    #: `trip_series.Series` or `timetable_merge.Merge` from which the columns are computed; None if
    #: there is none
    series: Any
    origin: Any

    @classmethod
    def later(cls, make: Callable[[], Self], series: Any = None, origin: Any = None) -> Self:
        """Return columns that `make` computes at the first access."""
        new = object.__new__(cls)
        for name, value in (("_make", make), ("origin", origin), ("series", series)):
            object.__setattr__(new, name, value)
        return new

    if not TYPE_CHECKING:

        def __getattr__(self, name):
            if name in ("origin", "series"):
                return None
            if name not in type(self).__slots__:
                raise AttributeError(f"{type(self).__name__} has no {name!r}")
            columns = (
                self if (make := self._make) is None else make()
            )  # None: another thread was first
            for column in type(self).__slots__:
                object.__setattr__(self, column, getattr(columns, column))
            object.__setattr__(self, "_make", None)  # and what it holds
            return getattr(columns, name)


@dataclass(frozen=True, slots=True)
class Trips(_Columns):
    """One row a trip."""

    trip_ids: tuple[str, ...]
    #: public train number or line name; "" without one
    names: tuple[str, ...]
    route_ids: tuple[str, ...]
    service_idx: Ints32  # int32 (n_trips,) index into Network.services
    route_types: Ints32  # int32 (n_trips,) GTFS route type; see `route_types`


@dataclass(frozen=True, slots=True)
class StopTimes(_Columns):
    """One row a call of a trip at a station, sorted by trip, then by order of travel."""

    trip_idx: Ints32  # int32 (n_calls,) index into Trips
    station_idx: Ints32  # int32 (n_calls,) index into Network.stations
    arrival_s: Ints32  # int32 (n_calls,) clock seconds
    departure_s: Ints32  # int32 (n_calls,) clock seconds, >= arrival_s
    pickup: Bools  # bool (n_calls,) passengers may board
    drop_off: Bools  # bool (n_calls,) passengers may alight


@dataclass(frozen=True, slots=True)
class Transfers:
    """Listed transfers on foot between different stations: directed, without transitive closure or
    cap.

    UNREACHED seconds forbid the transfer; then no walk is generated between the two stations.
    """

    from_idx: Ints32  # int32 (n,)
    to_idx: Ints32  # int32 (n,)
    seconds: Ints32  # int32 (n,)


@dataclass(frozen=True, slots=True)
class Links:
    """Hops of a frequency-based network, one row a directed hop; see `links`."""

    line_ids: tuple[str, ...]
    line_idx: Ints32  # int32 (n_hops,) index into line_ids
    from_idx: Ints32  # int32 (n_hops,) index into Network.stations
    to_idx: Ints32  # int32 (n_hops,) index into Network.stations
    run_s: Ints32  # int32 (n_hops,) seconds of the ride
    headway_s: Ints32  # int32 (n_hops,) seconds between trains; 0: no wait
    trains: Ints32  # int32 (n_hops,) trains a day from which the headway was computed, else 0
    route_types: Ints32  # int32 (n_hops,) GTFS route type; see `route_types`
    #: seconds of the day over which `trains` are spread
    service_s: int


@later_frames("counties", "population")
@dataclass(frozen=True, eq=False)
class Network:
    """Stations and trips of one timetable, with its cities, regions and population.

    A frequency-based network has `links` instead of trips; the graph engine computes its travel
    times.
    """

    network_id: str
    title: str
    date: dt.date
    stations: tuple[Station, ...]
    services: tuple[Service, ...]
    trips: Trips
    stop_times: StopTimes
    transfers: Transfers
    links: Links | None = None
    cities: tuple[City, ...] = ()
    regions: tuple[Region, ...] = ()
    #: commuters that documents report, for comparison
    observed: tuple[ObservedFlow, ...] = ()
    #: title, licence, url, date and checksum of each source
    sources: tuple[Mapping[str, str], ...] = ()
    #: sha256 by file name of all files read
    checksums: Mapping[str, str] = field(default_factory=dict)
    #: overrides of the default assumptions, from network.toml
    assumptions: Mapping[str, Any] = field(default_factory=dict)
    #: names of headway-only lines that became trips, and of those left out with the reason
    lines_included: tuple[str, ...] = ()
    lines_left_out: tuple[str, ...] = ()
    #: counts by reason of what the reader or the build dropped, completed or estimated
    notes: tuple[str, ...] = ()
    #: warnings of the reader (trips left out, for example) with file, row and field
    issues: tuple[Issue, ...] = ()
    #: by station: station_id, trips_left_out in reading, trips in the files (one by headway is
    #: one), both by_service ("" where that is unknown), reason, file
    left_out: tuple[Mapping[str, Any], ...] = ()
    #: IANA name; "" if unknown
    timezone: str = ""
    #: limits of the data that maps print, in Chinese and English
    limits: tuple[tuple[str, str], ...] = ()
    #: counties (EPSG:4326): county_code, county, county_en, prefecture_code, prefecture,
    #: prefecture_en, province_code, province, province_en, population, geometry; or None
    counties: gpd.GeoDataFrame | None = None
    #: cells: lon, lat (of the centre), county_code, people; or None
    population: pd.DataFrame | None = None
    #: edge of a population cell in degrees
    population_cell_deg: float = 0.0
    #: year and source of the population, for print
    population_label: str = ""
    #: title in English, or ""
    title_en: str = ""
    #: how its railways are run, which forecasts draw from: JSON of
    #: `scenario.service_plans.fit.Fit`, "" if unknown
    service_plans: str = field(default="", repr=False)
    #: the network that this is a part of (`circles.part`): over it lie the cells, of it are counts
    #: of service
    part_of: Network | None = field(default=None, repr=False)

    @property
    def n_stations(self) -> int:
        """Number of stations."""
        return len(self.stations)

    @property
    def n_trips(self) -> int:
        """Number of trips."""
        series = self.trips.series
        return len(self.trips.trip_ids) if series is None else int(series.n_trips)

    @property
    def n_calls(self) -> int:
        """Number of calls of all trips."""
        series = self.stop_times.series
        return len(self.stop_times.trip_idx) if series is None else int(series.n_calls)

    @property
    def whole(self) -> Network:
        """The network that this is a part of, else the network itself."""
        return self.part_of or self

    def __repr__(self) -> str:
        links = (
            ""
            if self.links is None
            else f"{len(self.links.run_s)} hops of {len(self.links.line_ids)} lines, "
        )
        return (
            f"<Network {self.network_id!r} {self.date}: {self.n_stations} stations, {self.n_trips} "
            f"trips, {self.n_calls} stop times, {links}{len(self.cities)} cities>"
        )

    @cached_property
    def lon_lat(self) -> tuple[Floats, Floats]:
        """float64 (n_stations,) degrees of the stations."""
        return degrees_of(self.stations)

    def station_index(self) -> Mapping[str, int]:
        """Return the station index by station id."""
        return self._index

    @cached_property
    def _index(self) -> Mapping[str, int]:
        return {station.station_id: idx for idx, station in enumerate(self.stations)}

    @cached_property
    def call_starts(self) -> Ints64:
        """int64 (n_trips + 1,) first call of each trip, and the number of calls."""
        return np.append(
            0, np.cumsum(np.bincount(self.stop_times.trip_idx, minlength=self.n_trips))
        ).astype(np.int64)

    def calls_at(self, stations: Sequence[int]) -> Ints64:
        """Return the rows of the stop times at these stations, in order."""
        mine = np.zeros(self.n_stations, bool)
        mine[list(stations)] = True
        return np.flatnonzero(mine[self.stop_times.station_idx])

    @cached_property
    def trip_index(self) -> Mapping[str, int]:
        """The trip index by trip id."""
        return {trip: idx for idx, trip in enumerate(self.trips.trip_ids)}

    @cached_property
    def kinds_of_stations(self) -> tuple[list[Station], Ints64]:
        """One station of each class and times of its own, and int64 (n_stations,) which of these
        each is like.
        """
        first: dict[object, Station] = {}
        keys = [(s.station_class, s.entry_s, s.exit_s) for s in self.stations]
        for key, station in zip(keys, self.stations, strict=True):
            first.setdefault(key, station)
        number = {key: k for k, key in enumerate(first)}
        return list(first.values()), np.array([number[key] for key in keys], np.int64)

    def find_stations(self, text: str) -> list[int]:
        """Return the indices of the stations with this id, else this name, else this English name.

        More than one index means that the name is ambiguous.
        """
        query = text.strip()
        if query in self._index:
            return [self._index[query]]
        english = query.lower()
        by_name = []
        by_name_en = []
        for idx, station in enumerate(self.stations):
            if station.name == query:
                by_name.append(idx)
            if station.name_en.lower() == english:
                by_name_en.append(idx)
        return (by_name or by_name_en) if query else []

    def find_station(self, text: str) -> int | None:
        """Return the index of the station with this id, name or English name; None without one.

        It is None for a name of several stations too: use the id.
        """
        matches = self.find_stations(text)
        return matches[0] if len(matches) == 1 else None

    def get_station(self, text: str) -> int:
        """Return the index of the station with this id or name.

        Raises
        ------
        NotFoundError
            With the nearest names, or the ids of all stations of the name.
        """
        matches = self.find_stations(text)
        if len(matches) == 1:
            return matches[0]
        if matches:
            ids = ", ".join(self.stations[idx].station_id for idx in matches)
            hint = f"{len(matches)} stations bear this name: give one of the ids {ids}."
            raise NotFoundError("station", text, (), hint)
        known = [label for s in self.stations for label in (s.name, s.name_en, s.station_id)]
        raise NotFoundError(
            "station", text, known, "Several stations may share a name: then give the id."
        )

    def anchor(self, city: City) -> tuple[float, float]:
        """Return lon and lat of the city's main centre; without one, the mean of its core
        stations.
        """
        if city.centres:
            return city.centres[0].lon, city.centres[0].lat
        core = [s for s in self.stations if s.station_id in city.core_station_ids]
        return float(np.mean([s.lon for s in core])), float(np.mean([s.lat for s in core]))

    def find_city(self, text: str) -> City | None:
        """Return the city with this slug, Chinese (with or without 市) or English name; None
        without one.
        """
        query = text.strip().lower()
        for city in self.cities:
            names = {
                city.slug,
                city.name,
                city.name_en.lower(),
                city.name.removesuffix("市"),
                city.name + "市",
            }
            names |= {city.name_en.lower().replace("'", ""), city.name_en.lower().replace(" ", "-")}
            if query in names:
                return city
        return None

    def get_city(self, text: str) -> City:
        """Return the city with this slug, Chinese or English name.

        Raises
        ------
        NotFoundError
            With the nearest names.
        """
        city = self.find_city(text)
        if city is None:
            known = (
                [c.slug for c in self.cities]
                + [c.name for c in self.cities]
                + [c.name_en for c in self.cities]
            )
            raise NotFoundError("city", text, known, city_hint(self.counties, text))
        return city

    def get_region(self, text: str) -> Region:
        """Return the region with this id, Chinese or English name.

        Raises
        ------
        NotFoundError
            With the nearest names.
        """
        query = text.strip().lower()
        for region in self.regions:
            if query in {region.region_id.lower(), region.name, region.name_en.lower()}:
                return region
        known = [name for r in self.regions for name in (r.region_id, r.name, r.name_en) if name]
        listed = ", ".join(f"{r.region_id} ({r.name_en or r.name})" for r in self.regions)
        hint = f"Known: {listed}." if listed else "This network has no regions."
        raise NotFoundError("region", text, known, hint)

    def to_networkx(self) -> nx.DiGraph | nx.MultiDiGraph:
        """Return a directed graph of stations and rides between them; `from_networkx` reads it.

        Nodes are station ids with ``name, name_en, lon, lat, county_code, station_class, feeder,
        coord_confidence``, and ``change_s`` if the network lists it (infinite: no change there).

        A timetable gives a DiGraph with an edge for each pair of consecutive calls: ``minutes``
        (fastest leg, departure to arrival) and ``trains`` (a day, on the network's date). It has no
        lines, no transfers and no edges within a station.

        Links give a MultiDiGraph with an edge for each hop of each line: ``minutes``; ``line`` if
        it has a name;
        ``trains`` or ``headway_minutes``, as in its source, none without a wait; ``route_type`` if
        it is not rail (2). Transfers are edges with ``kind="walk"`` and ``seconds`` (infinite:
        forbidden).
        """
        import networkx as nx

        graph = (
            nx.DiGraph()
            if self.links is None
            else nx.MultiDiGraph(service_hours=self.links.service_s / HOUR)
        )
        graph.graph |= {
            "network_id": self.network_id,
            "title": self.title,
            "date": self.date.isoformat(),
        }
        for s in self.stations:
            data = {
                "name": s.name,
                "name_en": s.name_en,
                "lon": s.lon,
                "lat": s.lat,
                "county_code": s.county_code,
                "station_class": s.station_class,
                "feeder": s.feeder,
                "coord_confidence": s.coord_confidence,
            }
            listed = {} if s.change_s is None else {"change_s": _or_infinite(s.change_s)}
            graph.add_node(s.station_id, **data, **listed)
        if self.links is None:
            self._add_legs(graph)
        else:
            self._add_links(graph, self.links)
        return graph

    def _add_legs(self, graph: nx.DiGraph) -> None:
        runs = np.array([service.runs_on(self.date) for service in self.services], dtype=bool)
        calls = self.stop_times
        same_trip = calls.trip_idx[1:] == calls.trip_idx[:-1]
        today = runs[self.trips.service_idx[calls.trip_idx[:-1]]]
        moves = (
            calls.station_idx[1:] != calls.station_idx[:-1]
        )  # not between platforms of one station
        legs = np.flatnonzero(same_trip & today & moves)
        for i in legs.tolist():
            u, v = (self.stations[k].station_id for k in calls.station_idx[i : i + 2].tolist())
            minutes = (int(calls.arrival_s[i + 1]) - int(calls.departure_s[i])) / 60
            if graph.has_edge(u, v):
                edge = graph[u][v]
                edge["trains"] += 1
                edge["minutes"] = min(edge["minutes"], minutes)
            else:
                graph.add_edge(u, v, minutes=minutes, trains=1)

    def _add_links(self, graph: nx.MultiDiGraph, links: Links) -> None:
        ids = [s.station_id for s in self.stations]
        for k in range(len(links.run_s)):
            data: dict[str, Any] = {"minutes": int(links.run_s[k]) / MINUTE}
            if links.line_ids[links.line_idx[k]]:
                data["line"] = links.line_ids[links.line_idx[k]]
            if links.trains[k]:
                data["trains"] = int(links.trains[k])
            elif links.headway_s[k]:
                data["headway_minutes"] = int(links.headway_s[k]) / MINUTE
            if links.route_types[k] != _RAIL:
                data["route_type"] = int(links.route_types[k])
            graph.add_edge(ids[links.from_idx[k]], ids[links.to_idx[k]], **data)
        walks = self.transfers
        for u, v, seconds in zip(
            walks.from_idx.tolist(), walks.to_idx.tolist(), walks.seconds.tolist(), strict=True
        ):
            graph.add_edge(ids[u], ids[v], kind="walk", seconds=_or_infinite(seconds))


def _or_infinite(seconds: int) -> float:
    return math.inf if seconds == UNREACHED else seconds


STATION_CLASSES = ("hub", "large", "medium", "small", "halt", "metro", "border")
FEEDERS = ("metro", "metro-small", "bus", "none")
CONFIDENCES = ("high", "medium", "low")
