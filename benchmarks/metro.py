"""Workload `metro`: as `tokyo`, on a metro of two million stop times a day, drawn from a seed.

Lines across a round city, rings, and buses between them:

    chords    rail lines bent through the middle, each with an express that calls at every third station
    rings     rail lines around the middle
    buses     routes that wander from a random place

Stations lie on a lattice, so that lines that meet share them. Headways follow the hour, each trip has run times of its
own, and stations within 400 m of each other are joined on foot.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from measure import Result
from numpy.typing import NDArray
from routers import add_routers
from scale import SPAN, add_windows
from window import Question, Task, time_reference

from railshed import default_assumptions
from railshed.network.model import Network, Service, Station, StopTimes, Transfers, Trips
from railshed.network.ordering import canonical_order
from railshed.routing.compile import compile_network
from railshed.routing.directions import DIRECTIONS
from railshed.routing.journeys import Compiled
from railshed.util.units import HOUR

DATE = dt.date(2026, 3, 4)
CENTRE = (139.75, 35.68)
M_PER_DEGREE = 111_320.0
RAIL_SPACING_M, BUS_SPACING_M, WALK_M = 1200, 400, 400
SECONDS_PER_M = 1.3 / 1.2  # on foot, with the detour
RAIL, BUS = 1, 3
#: (first hour, last hour, headway as a multiple of the peak's)
PERIODS = ((5, 7, 1.6), (7, 9.5, 1.0), (9.5, 17, 1.6), (17, 20, 1.0), (20, 22, 1.6), (22, 24, 2.5))

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Size:
    """How large a metro is."""

    radius_m: float = 20_000
    n_chords: int = 40
    ring_radii_m: tuple[float, ...] = (4_000, 8_000, 14_000)
    n_buses: int = 240


#: 2.2 million stop times, 6,400 stations
LARGE = Size()
#: a few thousand, for the plain reference
SMALL = Size(3_000, 3, (1_500,), 4)


@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """One line in one direction of travel."""

    places: Floats  # (n, 2) metres east and north
    speed_ms: float
    dwell_s: int
    headway_s: float
    kind: int

    def turned(self) -> Route:
        """Return the way back."""
        return Route(self.places[::-1], self.speed_ms, self.dwell_s, self.headway_s, self.kind)


def snapped(points: Floats, lattice_m: float) -> Floats:
    """Return the points moved to the lattice, without repeats in a row."""
    on = np.round(points / lattice_m) * lattice_m
    new = np.ones(len(on), dtype=bool)
    new[1:] = (on[1:] != on[:-1]).any(axis=1)
    return on[new]


def spaced(curve: Floats, every_m: float) -> Floats:
    """Return points of a curve at equal distances along it."""
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(curve, axis=0).T))])
    at = np.arange(0, along[-1], every_m)
    return np.column_stack([np.interp(at, along, column) for column in curve.T])


def on_circle(angle: Floats | float, radius_m: float) -> Floats:
    """Return the points at these angles of a circle."""
    return np.column_stack([radius_m * np.cos(angle), radius_m * np.sin(angle)])


def chord(rng: np.random.Generator, turn: float, radius_m: float) -> Floats:
    """Return the stations of a line across the city, bent towards a place near the middle."""
    ends = on_circle(np.array([turn, turn + np.pi + rng.normal(0, 0.4)]), radius_m)
    middle = rng.normal(0, radius_m / 8, 2)
    t = np.linspace(0, 1, 200)[:, None]
    bent = (1 - t) ** 2 * ends[0] + 2 * t * (1 - t) * middle + t**2 * ends[1]
    return snapped(spaced(bent, RAIL_SPACING_M), RAIL_SPACING_M / 2)


def wander(rng: np.random.Generator, radius_m: float) -> Floats:
    """Return the stops of a bus that keeps its heading more or less, as far as the edge of the city."""
    start = on_circle(rng.uniform(0, 2 * np.pi), radius_m * 0.95 * np.sqrt(rng.random()))[0]
    heading = rng.uniform(0, 2 * np.pi) + np.cumsum(rng.normal(0, 0.25, rng.integers(25, 45)))
    way = start + np.cumsum(on_circle(heading, BUS_SPACING_M), axis=0)
    inside = np.hypot(*way.T) <= radius_m
    # the lattice of buses is offset: their stops are beside the stations, not at them
    return snapped(way[: len(way) if inside.all() else int(np.argmin(inside))], BUS_SPACING_M * 0.75) + 100


def routes_of(rng: np.random.Generator, size: Size) -> list[Route]:
    """Return all routes, both ways."""
    routes = []
    for k in range(size.n_chords):
        places = chord(rng, 2 * np.pi * k / size.n_chords + rng.normal(0, 0.05), size.radius_m)
        routes.append(Route(places, 13.0, 25, 180, RAIL))
        routes.append(Route(places[::3], 18.0, 30, 600, RAIL))
    for radius in size.ring_radii_m:
        around = spaced(on_circle(np.linspace(0, 2 * np.pi, 500), radius), RAIL_SPACING_M)
        routes.append(Route(snapped(around, RAIL_SPACING_M / 2), 12.0, 25, 200, RAIL))
    for _ in range(size.n_buses):
        headway = float(rng.choice([300, 420, 600, 900]))
        routes.append(Route(wander(rng, size.radius_m), 5.2, 12, headway, BUS))
    routes = [route for route in routes if len(route.places) > 2]
    return [way for route in routes for way in (route, route.turned())]


def departures(rng: np.random.Generator, headway_s: float) -> Ints:
    """Return the seconds at which trips of a route set out, headways a tenth off either way."""
    found = []
    at = 5 * HOUR + rng.uniform(0, headway_s)
    for _, until, stretch in PERIODS:
        while at < until * HOUR:
            found.append(at)
            at += headway_s * stretch * rng.uniform(0.9, 1.1)
    return np.array(found).astype(np.int64)


def calls_of(rng: np.random.Generator, route: Route) -> tuple[Ints, Ints]:
    """Return arrivals and departures, int64 (n_trips, n_stops), of a day."""
    metres = np.hypot(*np.diff(route.places, axis=0).T)
    leave = departures(rng, route.headway_s)
    runs = metres / route.speed_ms * rng.uniform(0.95, 1.1, (len(leave), len(metres)))
    runs = np.maximum(5, runs).astype(np.int64)
    after = leave[:, None] + np.cumsum(runs + route.dwell_s, axis=1)
    arrival = np.column_stack([leave, after - route.dwell_s])
    departure = np.column_stack([leave, after])
    departure[:, -1] = arrival[:, -1]
    return arrival, departure


def make_metro(size: Size = LARGE, seed: int = 20_260_304) -> Network:
    """Return the metro of a seed."""
    rng = np.random.default_rng(seed)
    routes = routes_of(rng, size)
    every = np.concatenate([route.places for route in routes])
    places, place_of = np.unique(every.round().astype(np.int64), axis=0, return_inverse=True)
    ends = np.cumsum([0, *(len(route.places) for route in routes)])
    day = [calls_of(rng, route) for route in routes]
    n_trips = np.array([len(arrival) for arrival, _ in day])
    n_stops = np.array([len(route.places) for route in routes])
    station = np.concatenate([
        np.tile(place_of[start:end], n) for (start, end), n in zip(pairwise(ends), n_trips, strict=True)
    ])  # fmt: skip
    trip = np.repeat(np.arange(n_trips.sum()), np.repeat(n_stops, n_trips))
    arrival, departure = (np.concatenate([both[k].ravel() for both in day]) for k in (0, 1))
    ones = np.ones(len(trip), dtype=bool)
    of_route = np.repeat(np.arange(len(routes)), n_trips)
    kinds = np.array([route.kind for route in routes])[of_route]
    names = tuple(f"T{k:06d}" for k in range(len(of_route)))
    table = canonical_order(
        stations_at(places),
        (Service("daily", DATE - dt.timedelta(days=7), DATE + dt.timedelta(days=7), (True,) * 7),),
        Trips(names, names, tuple(f"R{r:04d}" for r in of_route), np.zeros(len(names), np.int32), kinds),
        StopTimes(trip, station, arrival, departure, ones, ones),
        walks_between_places(places),
    )
    return Network(
        "metro", "A metro drawn from a seed", DATE, table.stations, table.services, table.trips, table.stop_times,
        table.transfers, timezone="UTC",
    )  # fmt: skip


def stations_at(places: Ints) -> list[Station]:
    """Return a station for each place."""
    lon = CENTRE[0] + places[:, 0] / (M_PER_DEGREE * np.cos(np.radians(CENTRE[1])))
    lat = CENTRE[1] + places[:, 1] / M_PER_DEGREE
    return [
        Station(f"S{k:05d}", f"S{k:05d}", round(x, 6), round(y, 6), station_class="metro", change_s=60)
        for k, (x, y) in enumerate(zip(lon.tolist(), lat.tolist(), strict=True))
    ]


def walks_between_places(places: Ints) -> Transfers:
    """Return the walks between places within WALK_M of each other, both ways, at least a minute long."""
    import shapely

    points = shapely.points(places)
    left, right = shapely.STRtree(points).query(points, predicate="dwithin", distance=WALK_M)
    left, right = left[left != right], right[left != right]
    metres = np.hypot(*(places[left] - places[right]).T)
    return Transfers(left, right, np.maximum(60, (metres * SECONDS_PER_M).astype(np.int64)))


def cast(network: Network) -> Compiled:
    """Return the metro cast, with its own walks alone."""
    return compile_network(network, default_assumptions(), footpaths=False)


def busy_stations(network: Network, n: int, seed: int = 1) -> list[int]:
    """Return stations drawn by their calls, each once."""
    calls = np.bincount(network.stop_times.station_idx, minlength=network.n_stations)
    drawn = np.random.default_rng(seed).choice(network.n_stations, n, replace=False, p=calls / calls.sum())
    return [int(x) for x in drawn]


def run(quick: bool, shared: Path | None) -> Result:
    """Measure; every cell is compared with single searches, and a small metro with the plain reference."""
    result = Result()
    small = make_metro(SMALL)
    ask = Question((8 * HOUR, 8 * HOUR + HOUR // 4), slack_s=0, bound_s=HOUR)
    for x in busy_stations(small, 4):
        for way in DIRECTIONS:
            time_reference(cast(small), Task.of(cast(small), way, {x: 0}, ask))
    result.facts["journeys equal to the plain reference"] = f"all of 4 stations of a metro of {small.n_stations}"
    network = make_metro()
    calls = len(network.stop_times.trip_idx)
    result.facts["the metro"] = f"{network.n_stations:,} stations, {network.n_trips:,} trips, {calls:,} stop times"
    stations = busy_stations(network, 3 if quick else 10)
    add_windows(result, "metro", "metro", cast(network), stations, quick, shared)
    add_routers(result, "metro", "metro", network, stations[:3], SPAN, HOUR)
    return result
