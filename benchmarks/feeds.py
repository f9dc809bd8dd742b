"""Feeds drawn from a seed: a metro of two million stop times, a nation of 700,000 stops. One
generator.

A city is round. Its lines meet at stations on a lattice:

    chords    rail lines bent through the middle, each with an express that calls at every third
              station
    rings     rail lines around the middle
    buses     routes that wander from a random place

A nation is a lattice of towns, 30 km apart, so that a larger nation has more towns and the region
of one stays as it is; regional trains along its rows and columns, and expresses that call at every
fourth town, join them. Headways follow the hour, each trip has run times of its own. The same
arguments give the same feed.
"""

from __future__ import annotations

import datetime as dt
import io
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
from numpy.typing import NDArray

from railshed.network.model import Network

CENTRE, M_PER_DEGREE = (11.5, 51.0), 111_320.0
RAIL_SPACING_M, BUS_SPACING_M, WALK_M = 1200, 400, 400
SECONDS_PER_M, CHANGE_S = 1.3 / 1.2, 60  # on foot, with the detour
METRO, BUS, REGIONAL, EXPRESS = 1, 3, 106, 102
#: (until hour, headway as a multiple of the peak's), from five in the morning
PERIODS = ((7, 1.6), (9.5, 1.0), (17, 1.6), (20, 1.0), (22, 1.6), (24, 2.5))
#: days of a service and its headway as a multiple of a weekday's
DAILY = {"daily": ("1,1,1,1,1,1,1", 1.0)}
BY_DAY = {
    "weekday": ("1,1,1,1,1,0,0", 1.0),
    "saturday": ("0,0,0,0,0,1,0", 2.0),
    "sunday": ("0,0,0,0,0,0,1", 3.0),
}
#: towns in a row of the nation at scale 1, and metres between them
LARGEST, APART_M = 20, 30_000
DATE = dt.date(2026, 3, 4)
_CALLS = "trip_id,arrival_time,departure_time,stop_id,stop_sequence,pickup_type,drop_off_type"
_CLOCKS = pa.array([f"{s // 3600:02d}:{s // 60 % 60:02d}:{s % 60:02d}" for s in range(60 * 3600)])

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Size:
    """How large a city is, how often its lines run, and how far apart the stops of the two
    directions lie.
    """

    radius_m: float
    n_chords: int
    ring_radii_m: tuple[float, ...]
    n_buses: int
    headway: float = 1.0
    sides_m: float = 0.0


#: 2.2 million stop times, 6,400 stations
LARGE = Size(20_000, 40, (4_000, 8_000, 14_000), 240)
#: fifteen thousand, for the plain reference; and as many, for the guard
SMALL, GUARDED = Size(3_000, 3, (1_500,), 4), Size(4_000, 4, (2_000,), 8, headway=2.0)
#: 1,750 stops, 75,000 stop times on all days together
TOWN = Size(9_000, 2, (), 50, headway=5.7, sides_m=16.0)


@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """One line in one direction of travel."""

    places: Floats  # (n, 2) metres east and north
    speed_ms: float
    dwell_s: int
    headway_s: float
    kind: int

    def ways(self, sides_m: float = 0.0) -> list[Route]:
        """Return both directions, the second with stops of its own so many metres aside (0: the
        same stops).
        """
        aside = self.places[::-1] + sides_m
        return [self, Route(aside, self.speed_ms, self.dwell_s, self.headway_s, self.kind)]


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
    """Return the stops of a bus that keeps its heading more or less, as far as the edge of the
    city.
    """
    start = on_circle(rng.uniform(0, 2 * np.pi), radius_m * 0.95 * np.sqrt(rng.random()))[0]
    heading = rng.uniform(0, 2 * np.pi) + np.cumsum(rng.normal(0, 0.25, rng.integers(25, 45)))
    way = start + np.cumsum(on_circle(heading, BUS_SPACING_M), axis=0)
    inside = np.hypot(*way.T) <= radius_m
    # the lattice of buses is offset: their stops are beside the stations, not at them
    return (
        snapped(way[: len(way) if inside.all() else int(np.argmin(inside))], BUS_SPACING_M * 0.75)
        + 100
    )


def city_routes(rng: np.random.Generator, size: Size) -> list[Route]:
    """Return all routes of a city around (0, 0), both ways."""
    routes, more = [], size.headway
    for k in range(size.n_chords):
        places = chord(rng, 2 * np.pi * k / size.n_chords + rng.normal(0, 0.05), size.radius_m)
        routes.append(Route(places, 13.0, 25, 180 * more, METRO))
        routes.append(Route(places[::3], 18.0, 30, 600 * more, METRO))
    for radius in size.ring_radii_m:
        around = spaced(on_circle(np.linspace(0, 2 * np.pi, 500), radius), RAIL_SPACING_M)
        routes.append(Route(snapped(around, RAIL_SPACING_M / 2), 12.0, 25, 200 * more, METRO))
    for _ in range(size.n_buses):
        headway = float(rng.choice([300, 420, 600, 900]))
        routes.append(Route(wander(rng, size.radius_m), 5.2, 12, headway * more, BUS))
    return [way for route in routes if len(route.places) > 2 for way in route.ways(size.sides_m)]


def train_routes(towns: Floats) -> list[Route]:
    """Return the trains between towns at (n_rows, n_columns, 2) places."""
    routes = []
    for row in [*towns, *towns.swapaxes(0, 1)]:
        if len(row) > 1:
            steps = np.arange(0, len(row) - 1 + 1e-9, 1 / 3)
            calls = np.column_stack([np.interp(steps, np.arange(len(row)), axis) for axis in row.T])
            fast = row[np.unique([*range(0, len(row), 4), len(row) - 1])]
            routes += (
                Route(calls, 22.0, 60, 2400, REGIONAL).ways()
                + Route(fast, 50.0, 60, 2400, EXPRESS).ways()
            )
    return routes


def departures(rng: np.random.Generator, headway_s: float) -> Ints:
    """Return the seconds at which trips of a route set out, headways a tenth off either way."""
    found, at = [], 5 * 3600 + rng.uniform(0, headway_s)
    for until, stretch in PERIODS:
        while at < until * 3600:
            found.append(at)
            at += headway_s * stretch * rng.uniform(0.9, 1.1)
    return np.array(found).astype(np.int64)


def calls_of(rng: np.random.Generator, route: Route, stretch: float) -> tuple[Ints, Ints]:
    """Return arrivals and departures, int64 (n_trips, n_stops), of a day."""
    metres = np.hypot(*np.diff(route.places, axis=0).T)
    leave = departures(rng, route.headway_s * stretch)
    runs = metres / route.speed_ms * rng.uniform(0.95, 1.1, (len(leave), len(metres)))
    after = leave[:, None] + np.cumsum(np.maximum(5, runs).astype(np.int64) + route.dwell_s, axis=1)
    arrival, departure = (
        np.column_stack([leave, after - route.dwell_s]),
        np.column_stack([leave, after]),
    )
    departure[:, -1] = arrival[:, -1]
    return arrival, departure


class Feed:
    """A feed that is written part by part: `add` a city or all trains, then `close`."""

    def __init__(self, path: Path, services: dict[str, tuple[str, float]], *, walks: bool) -> None:
        self.services, self.walks, self.n_calls = services, walks, 0
        self.archive = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
        self.calls = self.archive.open("stop_times.txt", "w", force_zip64=True)
        self.calls.write(f"{_CALLS}\n".encode())
        self.stops, self.trips = (
            ["stop_id,stop_name,stop_lat,stop_lon"],
            ["route_id,service_id,trip_id"],
        )
        self.routes = ["route_id,route_short_name,route_type"]
        self.transfers = ["from_stop_id,to_stop_id,transfer_type,min_transfer_time"]

    def add(self, name: str, routes: Sequence[Route], rng: np.random.Generator) -> None:
        """Write the stop times of a part, and note its stops, routes, trips and walks."""
        every = np.concatenate([route.places for route in routes])
        places, place_of = np.unique(every.round().astype(np.int64), axis=0, return_inverse=True)
        ids = [f"{name}:{k:05d}" for k in range(len(places))]
        lat = CENTRE[1] + places[:, 1] / M_PER_DEGREE
        lon = CENTRE[0] + places[:, 0] / (M_PER_DEGREE * np.cos(np.radians(CENTRE[1])))
        at = zip(ids, lat.tolist(), lon.tolist(), strict=True)
        self.stops += [f"{stop},Stop {stop},{b:.6f},{a:.6f}" for stop, b, a in at]
        columns, first = [], 0
        for route in routes:
            here = place_of[first : first + len(route.places)]
            first += len(here)
            self.routes.append(f"R{len(self.routes):06d},L{len(self.routes)},{route.kind}")
            columns += [self._trips(rng, route, here, service) for service in self.services]
        trip, stop, sequence, arrives, leaves = (
            np.concatenate(each) for each in zip(*columns, strict=True)
        )
        zero = pa.array(np.zeros(len(trip), np.int8))
        table = pa.table(
            [
                pa.array(trip),
                _CLOCKS.take(pa.array(arrives)),
                _CLOCKS.take(pa.array(leaves)),
                pa.array(ids).take(pa.array(stop)),
                pa.array(sequence),
                zero,
                zero,
            ],
            names=_CALLS.split(","),
        )
        text = io.BytesIO()
        pacsv.write_csv(table, text, pacsv.WriteOptions(include_header=False, quoting_style="none"))
        self.calls.write(text.getbuffer())
        self.n_calls += len(trip)
        if self.walks:
            self._walk(ids, places)

    def _trips(
        self, rng: np.random.Generator, route: Route, here: Ints, service: str
    ) -> tuple[Ints, ...]:
        arrives, leaves = calls_of(rng, route, self.services[service][1])
        numbers = len(self.trips) + np.arange(len(arrives))
        self.trips += [
            f"{self.routes[-1].split(',')[0]},{service},{number}" for number in numbers.tolist()
        ]
        n = len(here)
        order = np.tile(here, len(arrives)), np.tile(np.arange(n), len(arrives))
        return np.repeat(numbers, n), *order, arrives.ravel(), leaves.ravel()

    def _walk(self, ids: list[str], places: Ints) -> None:
        """Note the change at each stop and the walks within WALK_M, both ways, at least a minute
        long.
        """
        import shapely

        points = shapely.points(places)
        one, two = shapely.STRtree(points).query(points, predicate="dwithin", distance=WALK_M)
        metres = np.hypot(*(places[one] - places[two]).T)
        seconds = np.where(
            one == two, CHANGE_S, np.maximum(60, (metres * SECONDS_PER_M).astype(np.int64))
        )
        rows = zip(one.tolist(), two.tolist(), seconds.tolist(), strict=True)
        self.transfers += [f"{ids[a]},{ids[b]},2,{s}" for a, b, s in rows]

    def close(self) -> dict[str, int]:
        """Write the other tables; return what the feed has."""
        self.calls.close()
        days = [f"{name},{days},20260101,20261231" for name, (days, _) in self.services.items()]
        week = "monday,tuesday,wednesday,thursday,friday,saturday,sunday"
        tables = {
            "agency": [
                "agency_name,agency_url,agency_timezone",
                "Generated,https://example.org,Europe/Berlin",
            ],
            "calendar": [f"service_id,{week},start_date,end_date", *days],
            "routes": self.routes,
            "trips": self.trips,
            "stops": self.stops,
        }
        if self.walks:
            tables["transfers"] = self.transfers
        for name, lines in tables.items():
            self.archive.writestr(f"{name}.txt", "\n".join([*lines, ""]))
        self.archive.close()
        return {
            "stops": len(self.stops) - 1,
            "trips": len(self.trips) - 1,
            "stop times": self.n_calls,
        }


def make_metro(size: Size = LARGE, seed: int = 20_260_304) -> Network:
    """Return the network of one city."""
    from railshed.io.gtfs.read import read_gtfs
    from railshed.io.networks import network_of

    rng = np.random.default_rng(seed)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "metro.zip"
        feed = Feed(path, DAILY, walks=True)
        feed.add("S", city_routes(rng, size), rng)
        feed.close()
        return network_of(read_gtfs(path), "metro")


def n_towns(scale: float) -> tuple[int, int]:
    """Return rows and columns of the lattice of a nation."""
    side = max(1, round(LARGEST * np.sqrt(scale)))
    return side, max(1, round(LARGEST**2 * scale / side))


def _moved(routes: Sequence[Route], place: Floats) -> Iterator[Route]:
    for r in routes:
        yield Route(r.places + place, r.speed_ms, r.dwell_s, r.headway_s, r.kind)


def write_nation(
    path: Path, scale: float, more_trips: float = 1.0, seed: int = 0
) -> dict[str, int]:
    """Write the feed of a nation, each line so many times as often; return what it has."""
    rng = np.random.default_rng(seed)
    rows, columns = n_towns(scale)
    lattice = np.stack(
        np.meshgrid(np.arange(columns) - columns / 2, np.arange(rows) - rows / 2), axis=2
    )
    towns = (lattice + rng.uniform(-0.2, 0.2, lattice.shape)) * APART_M
    services = {name: (days, stretch / more_trips) for name, (days, stretch) in BY_DAY.items()}
    feed = Feed(path, services, walks=False)
    feed.add("rail", train_routes(towns), rng)
    for k, place in enumerate(towns.reshape(-1, 2)):
        own = np.random.default_rng([seed, k])
        feed.add(f"{k:05d}", list(_moved(city_routes(own, TOWN), place)), own)
    return feed.close()
