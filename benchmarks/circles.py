"""Workload `circle`: processor seconds of one more circle in a process, city by city, and what is done once a network.

Warm: kernels compiled, network prepared, grid found. Without draws; with the interval of 40 draws; and without draws on
a network to which the same stations and trains were added once more, far away. All threads of the process count.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from measure import Result, Row, quartiles

import railshed
from railshed.network.model import Network, StopTimes, Transfers, Trips

#: degrees east by which the second network lies, beyond the end of the first
FAR_DEG = 60.0
REPEATS = 3


def run(quick: bool, shared: Path | None) -> Result:
    """Measure all core cities of China, three with `quick`."""
    network = railshed.load_network("china")
    cities = [city.slug for city in network.cities if city.role == "core"][: 3 if quick else None]
    result = Result()
    with tempfile.TemporaryDirectory() as folder:
        before = os.environ.get("RAILSHED_CACHE_DIR")
        os.environ["RAILSHED_CACHE_DIR"] = folder
        for what in ("found", "read from the cache"):
            analysis = railshed.prepare(network)
            seconds, cells = grid_seconds(analysis)
            tables = {id(table): table.nbytes for table in (*cells._cells, *cells._pairs)}
            note = f"{len(cells):,} cells, {sum(tables.values()) / 1e6:,.0f} MB"
            result.rows.append(Row("circle", "once a network: the grid", what, seconds, note=note))
        os.environ.pop("RAILSHED_CACHE_DIR") if before is None else os.environ.update(RAILSHED_CACHE_DIR=before)
    twice = railshed.prepare(doubled(network))
    plain = by_city(cities, lambda city: analysis.circle(city, draws=0))
    drawn = by_city(cities, analysis.circle)
    beside = by_city(cities, lambda city: twice.circle(city, draws=0))
    case = f"China, {len(cities)} cities, processor seconds a circle"
    for what, seconds in (("without draws", plain), ("with the interval", drawn), ("network doubled", beside)):
        ratio = float(np.sum(seconds) / np.sum(plain))
        note = f"mean {np.mean(seconds):.3f} s, most {max(seconds):.3f} s ({cities[int(np.argmax(seconds))]})"
        low, middle, high = quartiles(seconds)
        result.rows.append(
            Row("circle", case, what, middle, low, high, len(cities), "without draws", ratio, note=note)
        )  # fmt: skip
    return result


def grid_seconds(analysis: Any) -> tuple[float, Any]:
    """Return processor seconds of finding what is near all stations, and the cells."""
    cells = analysis.cells
    started = time.process_time()
    cells.around(*(np.zeros(0) for _ in range(3)))
    return time.process_time() - started, cells


def by_city(cities: Sequence[str], circle: Callable[[str], object]) -> list[float]:
    """Return the least processor seconds of `REPEATS` circles of each city, after one that is not counted."""
    circle(cities[0])
    found = []
    for city in cities:
        taken = []
        for _ in range(REPEATS):
            started = time.process_time()
            circle(city)
            taken.append(time.process_time() - started)
        found.append(min(taken))
    return found


def doubled(network: Network) -> Network:
    """Return the network with its stations and trips once more, `FAR_DEG` to the east, in no city."""
    n, trips, calls, walks = network.n_stations, network.trips, network.stop_times, network.transfers
    far = tuple(
        replace(s, station_id=f"far:{s.station_id}", lon=s.lon + FAR_DEG, county_code="") for s in network.stations
    )

    def twice(values: Any, more: int = 0) -> Any:
        return np.concatenate([values, values + more]) if more else np.concatenate([values, values])

    ids = (*trips.trip_ids, *(f"far:{trip}" for trip in trips.trip_ids))
    names, routes = trips.names * 2, (*trips.route_ids, *(f"far:{route}" for route in trips.route_ids))
    return replace(
        network, network_id="doubled", stations=network.stations + far,
        trips=Trips(ids, names, routes, twice(trips.service_idx), twice(trips.route_types)),
        stop_times=StopTimes(
            twice(calls.trip_idx, network.n_trips), twice(calls.station_idx, n), twice(calls.arrival_s),
            twice(calls.departure_s), twice(calls.pickup), twice(calls.drop_off),
        ),
        transfers=Transfers(twice(walks.from_idx, n), twice(walks.to_idx, n), twice(walks.seconds)),
    )  # fmt: skip
