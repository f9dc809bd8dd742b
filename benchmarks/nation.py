"""Feeds of made nations: `nation.py SCALE OUT.zip`, where scale 1 has 700,000 stops and 30 million stop times.

Cities of equal size stand on a lattice, about 30 km apart, so that a larger nation has more cities and the region of
one stays as it is:

    buses and metro    lines through the middle of each city, with a stop a direction, of its own size and headway
    regional trains    along every row and column of the lattice, calling between the cities too
    expresses          along the same, calling at every fourth city

Each line runs on weekdays, Saturdays and Sundays with trips of their own. The same scale and seed give the same feed,
which is written where it is absent, then read, checked and searched step by step.
"""

from __future__ import annotations

import io
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from time import process_time
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
from measure import peak_mib
from numpy.typing import NDArray

import railshed
from railshed.circles.budgets import find_over_limits
from railshed.circles.city_at import city_at
from railshed.io.csv import parser
from railshed.io.gtfs import files
from railshed.io.gtfs.read import read_gtfs
from railshed.io.networks import network_of
from railshed.network.checks import validate

T = TypeVar("T")

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: cities in a row of the nation at scale 1, and metres between them
LARGEST, APART_M = 20, 30_000
N_LINES, N_METRO, N_STOPS = 35, 2, 25
WEST, SOUTH, M_PER_DEGREE = 6.5, 48.0, 111_320.0
#: trips a line and direction on weekdays, Saturdays and Sundays; calls of buses on average
TRIPS = {"weekday": 24, "saturday": 11, "sunday": 8}
DAYS = {"weekday": "1,1,1,1,1,0,0", "saturday": "0,0,0,0,0,1,0", "sunday": "0,0,0,0,0,0,1"}
N_TRAINS = 18
FIRST_S, LAST_S = 5 * 3600, 23 * 3600
_CALLS = "trip_id,arrival_time,departure_time,stop_id,stop_sequence,pickup_type,drop_off_type"
_CLOCKS = pa.array([f"{s // 3600:02d}:{s // 60 % 60:02d}:{s % 60:02d}" for s in range(40 * 3600)])


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Stops and lines that are written together: a city, or all trains."""

    stop_ids: list[str]
    x: Floats  # (n_stops,) metres east
    y: Floats  # (n_stops,) metres north
    #: GTFS route type, stops in order of travel, and seconds after departure of each, by line and direction
    lines: list[tuple[int, Ints, Ints, int]]


def n_cities(scale: float) -> tuple[int, int]:
    """Return rows and columns of the lattice."""
    side = max(1, round(LARGEST * np.sqrt(scale)))
    return side, max(1, round(LARGEST**2 * scale / side))


def _city(number: int, x: float, y: float, rng: np.random.Generator) -> Part:
    """Return the buses and metros of a city around a point."""
    angle, spacing = rng.uniform(0, np.pi, N_LINES), rng.uniform(350, 900, N_LINES)
    at = np.arange(N_STOPS) - N_STOPS // 2
    bend = rng.normal(0, 0.35, N_LINES)
    turn = angle[:, None] + bend[:, None] * at / N_STOPS
    along = spacing[:, None] * at
    side = np.array([-8.0, 8.0])[None, :, None]  # the stop of each direction on its side of the road
    xs = x + (along * np.cos(turn))[:, None] - side * np.sin(turn)[:, None]
    ys = y + (along * np.sin(turn))[:, None] + side * np.cos(turn)[:, None]
    ids = [f"de:{number:05d}:{k:05d}" for k in range(xs.size)]
    lines, places = [], np.arange(xs.size).reshape(xs.shape)
    for k in range(N_LINES):
        metro = k < N_METRO
        hop = np.maximum(60, np.rint(spacing[k] / (9.0 if metro else 5.5) / 30) * 30).astype(int)
        after = np.arange(N_STOPS) * hop
        lines += [(1 if metro else 3, places[k, 0], after, 20), (1 if metro else 3, places[k, 1][::-1], after, 20)]
    return Part(ids, xs.ravel(), ys.ravel(), lines)


def _trains(x: Floats, y: Floats) -> Part:
    """Return regional trains and expresses along the rows and columns of cities at (n_rows, n_columns) places."""
    ids, xs, ys, lines = [f"rail:{k:06d}" for k in range(x.size)], list(x.ravel()), list(y.ravel()), []
    places = np.arange(x.size).reshape(x.shape)
    for row in [*places, *places.T]:
        if len(row) < 2:
            continue
        stops: list[int] = [int(row[0])]
        for one, other in zip(row[:-1].tolist(), row[1:].tolist(), strict=True):
            for third in (1 / 3, 2 / 3):
                stops.append(len(xs))
                ids.append(f"rail:{len(xs):06d}")
                xs.append(xs[one] + third * (xs[other] - xs[one]))
                ys.append(ys[one] + third * (ys[other] - ys[one]))
            stops.append(other)
        fast = np.unique(np.append(row[::4], row[-1:]))
        for calls, speed_ms, kind in ((np.array(stops), 22.0, 106), (fast, 50.0, 102)):
            metres = np.hypot(np.diff(np.array(xs)[calls]), np.diff(np.array(ys)[calls]))
            after = np.append(0, np.cumsum(np.ceil((metres / speed_ms + 90) / 60) * 60)).astype(int)
            back = after[-1] - after[::-1]
            lines += [(kind, calls, after, 60), (kind, calls[::-1], back, 60)]
    return Part(ids, np.array(xs), np.array(ys), lines)


def parts(scale: float, seed: int = 0) -> Iterator[Part]:
    """Yield the parts of a nation."""
    rng = np.random.default_rng(seed)
    rows, columns = n_cities(scale)
    east, north = np.meshgrid(np.arange(columns) * APART_M, np.arange(rows) * APART_M)
    x, y = (at + rng.uniform(-0.2, 0.2, at.shape) * APART_M for at in (east.astype(float), north.astype(float)))
    yield _trains(x, y)
    for number, (cx, cy) in enumerate(zip(x.ravel().tolist(), y.ravel().tolist(), strict=True)):
        yield _city(number, cx, cy, np.random.default_rng([seed, number]))


def _calls_of(part: Part, first_trip: int, first_route: int, rng: np.random.Generator) -> tuple[pa.Table, list[str]]:
    """Return the stop times of a part, and its rows of trips.txt."""
    trip, stop, sequence, seconds, dwell, rows = [], [], [], [], [], []
    for line, (kind, stops, after, dwell_s) in enumerate(part.lines):
        for service, n in TRIPS.items():
            n_trips = n if kind in (1, 3) else N_TRAINS
            step = (LAST_S - FIRST_S) / n_trips
            start = (FIRST_S + np.rint((np.arange(n_trips) + rng.uniform()) * step / 60) * 60).astype(np.int64)
            numbers = first_trip + len(rows) + np.arange(n_trips)
            rows += [f"{first_route + line},{service},{number}" for number in numbers.tolist()]
            trip.append(np.repeat(numbers, len(stops)))
            stop.append(np.tile(stops, n_trips))
            sequence.append(np.tile(np.arange(len(stops)), n_trips))
            seconds.append((start[:, None] + after).ravel())
            last = np.arange(len(stops)) < len(stops) - 1
            dwell.append(np.tile(np.where(last, dwell_s, 0), n_trips))
    arrives, waits = np.concatenate(seconds), np.concatenate(dwell)
    zero = pa.array(np.zeros(len(arrives), np.int8))
    columns = [
        pa.array(np.concatenate(trip)), _CLOCKS.take(pa.array(arrives)), _CLOCKS.take(pa.array(arrives + waits)),
        pa.array(part.stop_ids).take(pa.array(np.concatenate(stop))), pa.array(np.concatenate(sequence)), zero, zero,
    ]  # fmt: skip
    return pa.table(columns, names=_CALLS.split(",")), rows


def write_nation(path: Path, scale: float, seed: int = 0) -> dict[str, int]:
    """Write the feed of a nation as a zip; return what it holds."""
    made = list(parts(scale, seed))
    rng = np.random.default_rng([seed, 1])
    options = pacsv.WriteOptions(include_header=False, quoting_style="none")
    trips, routes, n_calls = ["route_id,service_id,trip_id"], ["route_id,route_short_name,route_type"], 0
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        with archive.open("stop_times.txt", "w", force_zip64=True) as file:
            file.write(f"{_CALLS}\n".encode())
            for part in made:
                table, rows = _calls_of(part, len(trips), len(routes), rng)
                routes += [f"{len(routes) + k},L{k},{kind}" for k, (kind, *_) in enumerate(part.lines)]
                trips += rows
                n_calls += table.num_rows
                text = io.BytesIO()
                pacsv.write_csv(table, text, options)
                file.write(text.getbuffer())
        write: Any = lambda name, lines: archive.writestr(name, "\n".join([*lines, ""]))  # noqa: E731
        write("agency.txt", ["agency_name,agency_url,agency_timezone", "Nation,https://example.org,Europe/Berlin"])
        days = [f"{name},{days},20260101,20261231" for name, days in DAYS.items()]
        week = "monday,tuesday,wednesday,thursday,friday,saturday,sunday"
        write("calendar.txt", [f"service_id,{week},start_date,end_date", *days])
        write("routes.txt", routes)
        write("trips.txt", trips)
        stops = ["stop_id,stop_name,stop_lat,stop_lon"]
        for part in made:
            lat = SOUTH + part.y / M_PER_DEGREE
            lon = WEST + part.x / M_PER_DEGREE / np.cos(np.radians(SOUTH + 2.7))
            at = zip(part.stop_ids, lat.tolist(), lon.tolist(), strict=True)
            stops += [f"{stop},Stop {stop},{b:.6f},{a:.6f}" for stop, b, a in at]
        write("stops.txt", stops)
    return {"stops": len(stops) - 1, "trips": len(trips) - 1, "stop times": n_calls}


def measure(path: Path) -> None:
    """Print processor seconds and the peak of memory by step: reading, checks, a circle of a city in the middle.

    The part that the circle uses is computed once more as if a person had cut it out.
    """
    # the limits that the package reads within are an eighth of a nation
    parser.MAX_ROWS, parser.MAX_MEMBER_BYTES = 60_000_000, 3 << 30
    files.MAX_ROWS, files.MAX_MEMBER_BYTES, files.MAX_FEED_BYTES = 60_000_000, 3 << 30, 4 << 30
    network = _timed("read", lambda: network_of(read_gtfs(path), path.stem))
    _timed("limits", lambda: find_over_limits(network))
    _timed("checks", lambda: validate(network))
    west, east = (float(end(network.lon_lat[0])) for end in (np.min, np.max))
    rail = [s for s in network.stations if s.station_id.startswith("rail:")]
    middle = min(rail, key=lambda s: (abs(s.lon - (west + east) / 2), s.station_id))
    city = city_at(network, middle.lon, middle.lat, name="Middle")
    run = _timed("cut and cast", lambda: railshed.prepare(network, cities=[city]))
    part = run.compiled.network
    print(f"{part.n_stations:,} of {network.n_stations:,} stations, {part.n_calls:,} of {network.n_calls:,} stop times")
    by_hand = _timed("cast, cut by hand", lambda: railshed.prepare(replace(part, part_of=None)))
    for name in ("first circle", "circle"):
        _timed(name, partial(run.circle, city, draws=0))
        _timed(f"{name}, by hand", partial(by_hand.circle, city, draws=0))


def _timed(name: str, call: Callable[[], T]) -> T:
    start = process_time()
    found = call()
    print(f"{name:20s} {process_time() - start:7.2f} s, peak {peak_mib() or 0:,.0f} MiB", flush=True)
    return found


if __name__ == "__main__":
    feed = Path(sys.argv[2])
    if not feed.is_file():
        print(write_nation(feed, float(sys.argv[1])))
    measure(feed)
