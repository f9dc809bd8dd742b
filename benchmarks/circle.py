"""Workload `circle`: one more circle in a process, city by city, all cities with tables, and cells
of rising number.

Warm: kernels compiled, network prepared, cells near the stations found. Without draws; with the
interval of the default draws; and without draws on a network to which the same stations and trains
were added once more, far away. All cities by one and by two processes: seconds on the clock, the
other rows are processor seconds.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from measure import Result, Row, apart, peak_mib, quartiles, spent, step

import railshed
from railshed.cli.inputs import workers_of
from railshed.network.model import Network, StopTimes, Transfers, Trips

#: degrees east by which the second network lies, beyond the end of the first
FAR_DEG = 60.0
REPEATS = 3
#: edges of cells, and the city whose circle has them
CELLS_M, CELL_CITY = (500, 250, 100), "chengdu"


def run(quick: bool, shared: Path | None) -> Result:
    """Measure all core cities of China, three with `quick`."""
    network = railshed.load_network("china")
    cities = [city.slug for city in network.cities if city.role == "core"][: 3 if quick else None]
    result = Result()
    analysis = railshed.prepare(network)
    by_city(result, analysis, railshed.prepare(doubled(network)), cities)
    whole = spent(lambda: [tables_of(circle) for circle in analysis.circles(cities, workers=1)])
    all_of_them = f"China, {len(cities)} cities with four readings, polygons and tables"
    result.rows.append(
        Row(all_of_them, "Analysis.circles", whole, role="call", note="interval of all draws")
    )
    by_processes(result, analysis, cities)
    for cell_m in CELLS_M[: 2 if quick else None]:
        step(f"circle: cells of {cell_m} m")
        with tempfile.TemporaryDirectory() as folder:
            found, later = (apart("circle.py", cell_m, RAILSHED_CACHE_DIR=folder) for _ in range(2))
        case = f"a circle of {found['land']:,} land cells of {cell_m} m, first in a process"
        note = (
            f"a second one {found['again']:.2f} s, first in a later process "
            f"{later['first']:.2f} s; "
        )
        note += f"{found['square']:.0f} km across; peak {found['peak']:,.0f} MiB"
        result.rows.append(Row(case, "Analysis.circle", found["first"], role="call", note=note))
    return result


def by_city(result: Result, analysis: Any, twice: Any, cities: Sequence[str]) -> None:
    """Add the least processor seconds of `REPEATS` circles of each city, after one that is not
    counted.
    """
    case = f"China, {len(cities)} cities, one circle"
    kinds: dict[str, Callable[[str], object]] = {
        "without draws": lambda city: analysis.circle(city, draws=0),
        "with the interval": analysis.circle,
        "without draws, network doubled": lambda city: twice.circle(city, draws=0),
    }
    plain = 0.0
    for what, circle in kinds.items():
        step(f"circle: {what}")
        circle(cities[0])
        seconds = [min(spent(lambda: circle(city)) for _ in range(REPEATS)) for city in cities]  # noqa: B023
        most = f"most {max(seconds):.3f} s ({cities[int(np.argmax(seconds))]})"
        low, middle, high = quartiles(seconds)
        row = Row(
            case,
            what,
            middle,
            low,
            high,
            len(cities),
            note=f"mean {np.mean(seconds):.3f} s, {most}",
        )
        if plain:
            row.base, row.ratio = "without draws", sum(seconds) / plain
        row.role = "other" if plain else "call"
        plain = plain or sum(seconds)
        result.rows.append(row)


def by_processes(result: Result, analysis: Any, cities: Sequence[str]) -> None:
    """Add seconds on the clock of the circles of all cities by one and by two processes, which hold
    the network.
    """
    case, found, taken = (
        f"China, {len(cities)} cities by processes, on the clock",
        [],
        dict[str, float](),
    )
    for number, name in (("1", "one process"), ("2", "two processes")):
        step(f"circle: {name}")
        with workers_of(number) as pool:
            list(analysis.circles(cities, executor=pool))
            started = time.perf_counter()
            circles = list(analysis.circles(cities, executor=pool))
            taken[name] = time.perf_counter() - started
        found.append([circle.summary.to_dict() for circle in circles])
    if found[0] != found[1]:
        raise SystemExit("circle: two processes find other figures than one")
    result.add(case, [taken], {"two processes": "all figures equal"})


def tables_of(circle: Any) -> int:
    """Return how many rows and polygons a circle has, all made."""
    tables: Iterable[Any] = (circle.polygons, circle.stations, circle.counties, circle.members)
    return sum(len(table) for table in tables)


def one_circle(cell_m: int) -> dict[str, float]:
    """Return processor seconds of a first and a second circle with cells of this edge, their
    number, peak memory.
    """
    network = railshed.load_network("china")
    analysis = railshed.prepare(network, cities=[CELL_CITY], cell_size_m=cell_m)
    found: list[Any] = []
    first, again = (
        spent(lambda: found.append(analysis.circle(CELL_CITY, draws=0))) for _ in range(2)
    )
    land: Any = found[0].counts.land
    across = max(np.ptp(land.row), np.ptp(land.column)) * cell_m / 1000
    return {
        "first": first,
        "again": again,
        "land": len(land),
        "square": float(across),
        "peak": peak_mib(),
    }


def doubled(network: Network) -> Network:
    """Return the network with its stations and trips once more, `FAR_DEG` to the east, in
    no city.
    """
    n, trips, calls, walks = (
        network.n_stations,
        network.trips,
        network.stop_times,
        network.transfers,
    )
    far = tuple(
        replace(s, station_id=f"far:{s.station_id}", lon=s.lon + FAR_DEG, county_code="")
        for s in network.stations
    )

    def twice(values: Any, more: int = 0) -> Any:
        return np.concatenate([values, values + more]) if more else np.concatenate([values, values])

    ids = (*trips.trip_ids, *(f"far:{trip}" for trip in trips.trip_ids))
    names, routes = (
        trips.names * 2,
        (*trips.route_ids, *(f"far:{route}" for route in trips.route_ids)),
    )
    return replace(
        network,
        network_id="doubled",
        stations=network.stations + far,
        trips=Trips(ids, names, routes, twice(trips.service_idx), twice(trips.route_types)),
        stop_times=StopTimes(
            twice(calls.trip_idx, network.n_trips),
            twice(calls.station_idx, n),
            twice(calls.arrival_s),
            twice(calls.departure_s),
            twice(calls.pickup),
            twice(calls.drop_off),
        ),
        transfers=Transfers(twice(walks.from_idx, n), twice(walks.to_idx, n), twice(walks.seconds)),
    )


if __name__ == "__main__":
    print(json.dumps(one_circle(int(sys.argv[1]))))
