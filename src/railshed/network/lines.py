"""Lines with run times and headways only, as evenly spaced trips of a network.

The phase of a line's first trip in a period is a hash of (seed, line id, direction, period), so
adding a line changes no other one. On sparse lines results depend on the phase: compare several
seeds.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from railshed.network.cities import City
from railshed.network.dates import FIRST_DAY, LAST_DAY
from railshed.network.model import Network, Service, Station, Trips
from railshed.network.ordering import int32, join_trips, make_calls, no_trips
from railshed.network.route_types import DEFAULT_ROUTE_TYPE
from railshed.network.timetable_merge import merge_timetables
from railshed.network.trip_series import first_runs
from railshed.util.array_types import Ints32
from railshed.util.errors import Issue, raise_errors
from railshed.util.geodesy import great_circle_m
from railshed.util.limits import check_limit
from railshed.util.units import compact_clocks

#: prefix of the service ids of headway-only trips, and of lines whose departures are all given
SERVICE_PREFIX = "lines:"
TIMED_PREFIX = "departures:"
LINE_PREFIXES = (SERVICE_PREFIX, TIMED_PREFIX)
#: metres between a line's and the network's coordinate within which a station is the same
SAME_PLACE_M = 1_000


@dataclass(frozen=True, slots=True)
class Period:
    """A headway from `start_s` to before `end_s`, clock seconds at the first stop of either
    direction.
    """

    start_s: int
    end_s: int
    headway_s: int
    #: seconds from the start to the first departure, outward and back; None: random
    phase_s: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class LineStop:
    """A stop of a line, in order of the outward direction."""

    #: a station of the network (by id; the coordinate may be NaN), or a new one with coordinates
    station: Station
    #: seconds from leaving the stop before to arriving here; 0 at the first stop
    run_s: int
    #: seconds of dwell in either direction; not used at the ends
    dwell_s: int = 0
    #: slug of the city whose core stations this one joins, "" for none
    core_city: str = ""
    #: on the way back, seconds from leaving here to arriving at the stop before; None: `run_s`
    run_back_s: int | None = None


class Seen(NamedTuple):
    """How the railways of a network run, beyond the rules of run times; medians of a class."""

    #: it holds for trains that go no faster
    top_kmh: float
    #: seconds that each hop takes beyond, below 0 where less, and at a call
    hop_s: float
    dwell_s: float
    #: seconds beyond of the hop that begins or ends at the first station of the line, and at its
    #: last
    end_s: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Profile:
    """The inputs of the run times of a line's trains on its own tracks."""

    top_speed_kmh: float
    #: row of the table of rolling stock
    stock_id: str
    #: calls, metres of track between them, and seconds of planned dwell at each
    station_ids: tuple[str, ...]
    hop_m: tuple[float, ...]
    dwell_s: tuple[float, ...]
    #: (from km, to km, km/h) along the line from its first station
    speed_limits: tuple[tuple[float, float, float], ...] = ()
    #: classes of railways that it may be run like, the own one last; none: by the rules alone
    seen: tuple[Seen, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A line of at least two stops with its headways."""

    line_id: str
    name: str
    stops: tuple[LineStop, ...]
    periods: tuple[Period, ...]
    bidirectional: bool = True
    #: GTFS route type
    route_type: int = DEFAULT_ROUTE_TYPE
    #: weekdays of service, Monday first
    weekdays: tuple[bool, bool, bool, bool, bool, bool, bool] = (True,) * 7
    #: route id of its trips, shared by the stop patterns of one line; "": `line_id`
    route_id: str = ""
    #: direction of the stops: 0 outward; 1 for lines that run back only
    direction: int = 0
    #: stations that the trains pass, calls included, from first stop to last; empty: the stops
    way: tuple[Station, ...] = ()
    #: None: run times are listed
    profile: Profile | None = None
    #: all departures are given: no phase is drawn
    is_timed: bool = False

    @property
    def passed(self) -> tuple[Station, ...]:
        """Stations that the trains pass, in order, from the first call to the last."""
        calls = stations_of(self)
        for way in (self.way, self.way[::-1]):
            ids = [station.station_id for station in way]
            at = _positions_in_order(calls, ids)
            if at:
                return way[at[0] : at[-1] + 1]
        return tuple(stop.station for stop in self.stops)


def route_of(line: Line) -> str:
    """Return the route id of a line's trips, which its stop patterns share."""
    return line.route_id or line.line_id


def stations_of(line: Line) -> tuple[str, ...]:
    """Return the ids of a line's stations in order."""
    return tuple(stop.station.station_id for stop in line.stops)


def _positions_in_order(names: Sequence[str], ids: Sequence[str]) -> list[int]:
    """Return the index in `ids` of each name, in rising order; [] if there is no such order."""
    at: list[int] = []
    for name in names:
        start = at[-1] + 1 if at else 0
        if name not in ids[start:]:
            return []
        at.append(ids.index(name, start))
    return at


@dataclass(frozen=True, slots=True)
class Runs:
    """All trips of a line in one direction, one row a trip and one column a stop."""

    trip_ids: tuple[str, ...]
    station_ids: tuple[str, ...]
    arrival_s: Ints32  # int32 (n_trips, n_stops) clock seconds
    departure_s: Ints32  # int32 (n_trips, n_stops) clock seconds


def expand(line: Line, seed: int = 0) -> list[Runs]:
    """Return the trips of the line by departure, outward and, if bidirectional, back.

    Within a period the trips leave the first stop every `headway_s` seconds, the first one a phase
    after the start (random in [0, headway_s) if the period has none), none at or after the end.
    """
    way = line.direction
    outward = list(line.stops)
    directions = [(way, outward, [stop.run_s for stop in outward[1:]])]
    if line.bidirectional:
        back = outward[::-1]
        directions.append(
            (1 - way, back, [s.run_s if s.run_back_s is None else s.run_back_s for s in back[:-1]])
        )
    return [
        _expand_direction(line, direction, stops, hops, seed)
        for direction, stops, hops in directions
    ]


def _expand_direction(
    line: Line, direction: int, stops: list[LineStop], hops: list[int], seed: int
) -> Runs:
    dwells = [0, *(stop.dwell_s for stop in stops[1:-1]), 0]
    arrivals = [0]
    departures = [0]
    for hop, dwell in zip(hops, dwells[1:], strict=True):
        arrivals.append(departures[-1] + hop)
        departures.append(arrivals[-1] + dwell)
    starts: list[int] = []
    for period in sorted(line.periods, key=lambda p: p.start_s):
        own = period.phase_s
        start = period.start_s
        step = period.headway_s
        phase = (
            draw_phase(seed, line.line_id, direction, start, step)
            if own is None
            else own[direction]
        )
        starts += range(start + phase, period.end_s, step)
    leave = np.array(starts, dtype=np.int32)[:, None]
    return Runs(
        tuple(f"{line.line_id}:{direction}:{clock}" for clock in compact_clocks(starts)),
        tuple(stop.station.station_id for stop in stops),
        leave + np.array(arrivals, dtype=np.int32),
        leave + np.array(departures, dtype=np.int32),
    )


def draw_phase(seed: int, line_id: str, direction: int, start_s: int, headway_s: int) -> int:
    """Return seconds in [0, headway_s) after the period's start, from a hash of the other
    arguments.
    """
    key = f"{seed}|{line_id}|{direction}|{start_s}"
    drawn = int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest(), "big")
    return (drawn * headway_s) >> 64


def add_lines(network: Network, lines: Sequence[Line], *, seed: int | Sequence[int] = 0) -> Network:
    """Return a copy of the network with the lines' trips, new stations and core stations; `seed`
    for all or each.

    Raises InputError with every problem of every line: an unknown city, a station neither in the
    network nor with coordinates, a new station with the id of a distant one, a line id that is in
    use.
    """
    if not lines:
        return network
    apart = lines_apart(network, lines, [seed] * len(lines) if isinstance(seed, int) else seed)
    table = merge_timetables(network, np.zeros(network.n_trips, bool), apart)
    # once for all stop patterns of a line
    names = {route_of(line): line.name for line in lines if not line.is_timed}.values()
    included = (*network.lines_included, *names)
    return replace(network, **table.parts(), cities=apart.cities, lines_included=included)


def lines_apart(network: Network, lines: Sequence[Line], seeds: Sequence[int]) -> Network:
    """Return a network with the lines' trips alone; new stations follow the network's, whose
    indices do not change.

    `seeds` has one seed a line. Cities have the lines' core stations. Trips and stations are those
    of `add_lines`, in another order, and so are the errors.
    """
    new = list(_new_stations(network, lines).values())
    n_trips = [
        sum(-(-(p.end_s - p.start_s) // p.headway_s) << one.bidirectional for p in one.periods)
        for one in lines
    ]
    check_limit("trips", sum(n_trips), "the lines")
    check_limit(
        "calls",
        sum(n * len(line.stops) for n, line in zip(n_trips, lines, strict=True)),
        "the lines",
    )
    stations = (*network.stations, *with_counties(network, new))
    index = {s.station_id: i for i, s in enumerate(stations)}
    services = tuple(dict.fromkeys(map(_service, lines)))
    parts = [no_trips()]
    runs = [
        (line, run) for line, seed in zip(lines, seeds, strict=True) for run in expand(line, seed)
    ]
    for line, run in runs:
        n_trips, n_stops = run.arrival_s.shape
        trips = Trips(
            run.trip_ids,
            (line.name,) * n_trips,
            (route_of(line),) * n_trips,
            int32([services.index(_service(line))] * n_trips),
            int32([line.route_type] * n_trips),
        )
        calls = make_calls(
            np.repeat(np.arange(n_trips), n_stops),
            np.tile([index[s] for s in run.station_ids], n_trips),
            run.arrival_s.ravel(),
            run.departure_s.ravel(),
        )
        parts.append((trips, calls))
    trips, calls = join_trips(parts)
    joining = ((stop.core_city, stop.station.station_id) for line in lines for stop in line.stops)
    cities = with_core_stations(network.cities, joining)
    return replace(
        network, stations=stations, services=services, trips=trips, stop_times=calls, cities=cities
    )


def _service(line: Line) -> Service:
    """Return the service of a line; lines that run on the same days share it."""
    days = "daily" if all(line.weekdays) else "".join("01"[on] for on in line.weekdays)
    return Service(
        (TIMED_PREFIX if line.is_timed else SERVICE_PREFIX) + days,
        FIRST_DAY,
        LAST_DAY,
        line.weekdays,
    )


def line_ids(network: Network) -> set[str]:
    """Return the ids of the lines that became trips of the network."""
    of_lines = [i for i, s in enumerate(network.services) if s.service_id.startswith(LINE_PREFIXES)]
    trips, _ = first_runs(network)
    return {
        trips.route_ids[i] for i in np.flatnonzero(np.isin(trips.service_idx, of_lines)).tolist()
    }


def _new_stations(network: Network, lines: Sequence[Line]) -> dict[str, Station]:
    """Return the new stations of the lines by id; raise InputError with every problem of
    the lines.
    """
    known = {s.station_id: s for s in network.stations}
    slugs = {city.slug for city in network.cities}
    used_ids = line_ids(network)
    new: dict[str, Station] = {}
    issues: list[Issue] = []

    def error(line: Line, code: str, message: str, value: str, remedy: str) -> None:
        issues.append(
            Issue("error", code, f"line {line.line_id!r}: {message}", value=value, remedy=remedy)
        )

    for line in lines:
        if line.line_id in used_ids:
            error(line, "duplicate-key", "the line id is taken", line.line_id, "give it another id")
        used_ids.add(line.line_id)
        for stop in line.stops:
            station = stop.station
            if stop.core_city and stop.core_city not in slugs:
                remedy = f"known: {', '.join(sorted(slugs)) or 'none'}"
                error(
                    line,
                    "unknown-reference",
                    "core_city is no city of the network",
                    stop.core_city,
                    remedy,
                )
            same = known.get(station.station_id) or new.get(station.station_id)
            if same is None and not math.isfinite(station.lon + station.lat):
                message = (
                    f"station {station.name} is neither in the network nor given by lon and lat"
                )
                error(
                    line,
                    "unknown-reference",
                    message,
                    station.station_id,
                    "give lon and lat, or a known id",
                )
            elif same is None:
                new[station.station_id] = station
            elif _metres(same, station) > SAME_PLACE_M:
                message = (
                    f"the id is taken by {same.name}, {_metres(same, station) / 1000:.1f} km away"
                )
                error(
                    line, "id-taken", message, station.station_id, "give the new station another id"
                )
    raise_errors("lines", issues)
    return new


def _metres(a: Station, b: Station) -> float:
    """Return the distance on the sphere in metres; 0 if a coordinate is NaN."""
    if not math.isfinite(a.lon + a.lat + b.lon + b.lat):
        return 0.0
    return float(great_circle_m(a.lon, a.lat, b.lon, b.lat))


def with_counties(network: Network, stations: list[Station]) -> list[Station]:
    """Return the stations with the codes of their counties; codes that are set do not change."""
    if network.counties is None or not stations:
        return stations
    import shapely

    points = shapely.points([(s.lon, s.lat) for s in stations])
    codes = network.counties["county_code"].to_numpy()
    point_idx, county_idx = network.counties.sindex.query(points, predicate="intersects", sort=True)
    county_of = {
        int(p): str(codes[c]) for p, c in zip(point_idx[::-1], county_idx[::-1], strict=True)
    }
    return [
        replace(s, county_code=s.county_code or county_of.get(i, ""))
        for i, s in enumerate(stations)
    ]


def with_core_stations(
    cities: Sequence[City], joining: Iterable[tuple[str, str]]
) -> tuple[City, ...]:
    """Return the cities with further core stations; `joining` has the slug of a city, "" for none,
    and a station id.
    """
    found: dict[str, set[str]] = {}
    for slug, station_id in joining:
        found.setdefault(slug, set()).add(station_id)
    return tuple(
        replace(city, core_station_ids=tuple(sorted({*city.core_station_ids, *found[city.slug]})))
        if city.slug in found
        else city
        for city in cities
    )
