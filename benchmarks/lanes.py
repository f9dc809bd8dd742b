"""Workload `lanes`: many origins at one second, and all pairs of stations, against one search an origin.

The one search is written as well as we can: a forward connection scan from one station at one second, by the rules of
`railshed.kernels.matrix`: two labels a station (arrived by train, ready to board), one number each.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from measure import Result, Row, interleaved, peak_mib, summarise
from metro import cast, make_metro
from numba import njit
from numpy.typing import NDArray
from routers import side_by_side
from tokyo import load_tokyo
from window import PEAK, china

from railshed import default_assumptions
from railshed.cells.network_cells import NetworkCells
from railshed.circles.analysis import AnalysisInputs
from railshed.kernels.matrix import LANES
from railshed.kernels.types import ALIGHT, ARRIVAL, BOARD, DEPARTURE, FLAGS, FROM, NEVER, REPEAT, RUN, TO, Timetable
from railshed.matrices.points import cut_rows
from railshed.matrices.stations import iter_station_matrix, station_array
from railshed.matrices.times import TimeQuery
from railshed.network.model import Network
from railshed.routing.compile import compile_network
from railshed.routing.directions import to_kernel_time
from railshed.routing.journeys import Compiled
from railshed.util.units import HOUR, MINUTE

TOGETHER, APART = "64 side by side (departures_once)", "a search each"
PRODUCT = "station_array, prepared"


def each_origin(
    timetable: Timetable, n_runs: int, origins: NDArray[np.uint32], second: int, bound_s: int
) -> NDArray[np.uint32]:
    """Return uint32 (n_origins, n_stations) seconds by train or on foot from leaving at kernel `second`, NEVER if none.

    `timetable` has no second with REPEAT: this plain scan does not settle them.
    """
    if (timetable.connections[:, FLAGS] & REPEAT).any():
        raise SystemExit("lanes: the timetable has legs of no duration; the plain scan cannot take them")
    return search_each(*timetable, n_runs, origins, np.uint32(second), np.uint32(bound_s))


@njit(nogil=True)
def search_each(connections, change_s, walk_ptr, walk_to, walk_s, n_runs, origins, second, bound_s):  # type: ignore[no-untyped-def]
    """Run one search an origin; see `each_origin`."""
    one = np.uint64(1)
    n_stations = np.uint64(len(change_s))
    out = np.empty((len(origins), len(change_s)), np.uint32)
    ready = np.empty(n_stations, np.uint32)
    arrived = np.empty(n_stations, np.uint32)
    aboard = np.empty(n_runs, np.uint8)
    for k in range(len(origins)):
        arrived[:] = NEVER
        search_forward(
            connections, change_s, walk_ptr, walk_to, walk_s, origins[k], second, bound_s, ready, arrived, aboard
        )
        row = out[k]
        row[:] = NEVER
        for x in range(n_stations):
            if arrived[x] != NEVER:
                row[x] = min(row[x], arrived[x] - second)
                for w in range(np.uint64(walk_ptr[x]), np.uint64(walk_ptr[x + one])):
                    there = arrived[x] + walk_s[w] - second
                    if there <= bound_s:
                        row[walk_to[w]] = min(row[walk_to[w]], there)
        o = np.uint64(origins[k])
        row[o] = 0
        for w in range(np.uint64(walk_ptr[o]), np.uint64(walk_ptr[o + one])):
            if walk_s[w] <= bound_s:
                row[walk_to[w]] = min(row[walk_to[w]], walk_s[w])
    return out


@njit(nogil=True)
def search_forward(connections, change_s, walk_ptr, walk_to, walk_s, origin, second, bound_s, ready, arrived, aboard):  # type: ignore[no-untyped-def]
    """Scan all connections from `second` on; `arrived` takes the earliest arrival by train of every station."""
    one = np.uint64(1)
    last = second + bound_s
    ready[:] = NEVER
    aboard[:] = 0
    o = np.uint64(origin)
    ready[o] = second
    for w in range(np.uint64(walk_ptr[o]), np.uint64(walk_ptr[o + one])):
        ready[walk_to[w]] = second + walk_s[w]
    for i in range(np.uint64(len(connections))):
        if connections[i, DEPARTURE] > last:
            break
        run = connections[i, RUN]
        flags = connections[i, FLAGS]
        if aboard[run] or (flags & np.uint32(BOARD) and ready[connections[i, FROM]] <= connections[i, DEPARTURE]):
            aboard[run] = 1
            at = connections[i, ARRIVAL]
            to = np.uint64(connections[i, TO])
            if flags & np.uint32(ALIGHT) and at < arrived[to] and at <= last:
                arrived[to] = at
                ready[to] = min(ready[to], at + change_s[to])
                for w in range(np.uint64(walk_ptr[to]), np.uint64(walk_ptr[to + one])):
                    ready[walk_to[w]] = min(ready[walk_to[w]], at + walk_s[w])


def run(quick: bool, shared: Path | None) -> Result:
    """Measure one origin and 64 at one second against searches of one each, and what all pairs over two hours cost."""
    result = Result()
    for city, network, compiled, at, bound_s in cities(quick, shared):
        add_lanes(result, city, compiled, at, bound_s, 5 if quick else 15)
        assumptions = default_assumptions(network.assumptions)
        inputs = AnalysisInputs(compiled, assumptions, {}, NetworkCells(network, assumptions.cell_size_m))
        add_single(result, city, inputs, at, bound_s, 5 if quick else 15)
        if city != "metro":
            add_all_pairs(result, city, inputs, at, bound_s, quick)
    return result


def cities(quick: bool, shared: Path | None) -> Iterator[tuple[str, Network, Compiled, int, int]]:
    """Yield (name, network, network cast, clock second, bound in seconds)."""
    country = china()
    yield "China", country.network, country, PEAK[0], 2 * HOUR
    if shared is not None and (shared / "data" / "tokyo").is_dir():
        tokyo = load_tokyo(shared / "data" / "tokyo")
        yield "Tokyo", tokyo, compile_network(tokyo, default_assumptions(), footpaths=False), 8 * HOUR, HOUR
    if not quick:
        metro = make_metro()
        yield "metro", metro, cast(metro), 8 * HOUR, HOUR


def add_single(result: Result, city: str, run: AnalysisInputs, at: int, bound_s: int, repeats: int) -> None:
    """Add the rows of one departure of one station to all: the public function against the scalar search alone."""
    compiled, second = run.compiled.schedule, to_kernel_time(at, "to")
    assert compiled is not None
    rows, n_runs = cut_rows(compiled.to.connections, second, second + bound_s + 1)
    timetable, n = Timetable(rows, *compiled.to[1:]), compiled.network.n_stations
    calls = np.bincount(rows[:, FROM], minlength=n)
    query, trials = TimeQuery(departure=at), []
    for origin in np.random.default_rng(1).choice(n, 10, replace=False, p=calls / calls.sum()).tolist():
        ids = [compiled.network.stations[origin].station_id]
        calls_of: dict[str, Callable[[], Any]] = {
            PRODUCT: partial(station_array, run, ids, times=query, max_minutes=bound_s // MINUTE, threads=1),
            APART: partial(each_origin, timetable, n_runs, np.array([origin], np.uint32), second, bound_s),
        }
        wrong = int((calls_of[PRODUCT]()[:, :, 0] != calls_of[APART]()).sum())
        if wrong:
            raise SystemExit(f"lanes: {wrong} times of one departure differ")
        trials.append(interleaved(calls_of, repeats))
    note = {PRODUCT: "ten stations drawn by their calls; all times equal"}
    result.rows += summarise("lanes", f"{city}, one station to all, one departure", trials, PRODUCT, note)


def add_lanes(result: Result, city: str, compiled: Compiled, at: int, bound_s: int, repeats: int) -> None:
    """Add the rows of 64 stations at one second, drawn by calls and as they stand in the network, answers equal."""
    second = to_kernel_time(at, "to")
    rows, n_runs = cut_rows(compiled.to.connections, second, second + bound_s + 1)
    timetable = Timetable(rows, *compiled.to[1:])
    n = compiled.network.n_stations
    calls = np.bincount(rows[:, FROM], minlength=n)
    drawn = np.random.default_rng(1).choice(n, LANES, replace=False, p=calls / calls.sum())
    trials = []
    for chosen in (drawn, np.arange(n // 2, n // 2 + LANES)):
        origins = chosen.astype(np.uint32)
        calls_of: dict[str, Callable[[], Any]] = {
            TOGETHER: side_by_side(compiled, origins, second, bound_s),
            APART: partial(each_origin, timetable, n_runs, origins, second, bound_s),
        }
        wrong = int((calls_of[TOGETHER]() != calls_of[APART]()).sum())
        if wrong:
            raise SystemExit(f"lanes: {wrong} times differ")
        trials.append(interleaved(calls_of, repeats))
    note = {TOGETHER: "stations drawn by their calls, and in a row; all times equal"}
    result.rows += summarise("lanes", f"{city}, {LANES} stations to all, one departure", trials, TOGETHER, note)


def add_all_pairs(result: Result, city: str, run: AnalysisInputs, at: int, bound_s: int, quick: bool) -> None:
    """Add the rows of every station to every other: one departure, and each minute of two hours both ways."""
    ids = [s.station_id for s in run.compiled.network.stations][: 200 if quick else None]
    ranks, long = (0, 50), 120
    leaving = TimeQuery(departure=at, departure_time_window=long, percentiles=ranks)
    arriving = TimeQuery(arrive_by=at, departure_time_window=long, percentiles=ranks)
    for side, what, times in (
        ("origins", "one departure", TimeQuery(departure=at, percentiles=ranks)),
        ("origins", "leaving at each minute of two hours", leaving),
        ("destinations", "there by each minute of two hours", arriving),
    ):
        ask: dict[str, Any] = {"max_minutes": bound_s // MINUTE, "times": times, side: ids}
        next(iter(iter_station_matrix(run, **ask)))
        started = time.perf_counter()
        n_reached = sum(int(part.iloc[:, -1].notna().sum()) for part in iter_station_matrix(run, **ask))
        taken = time.perf_counter() - started
        result.rows.append(
            Row(
                "lanes", f"{city}, {len(ids):,} x {run.compiled.network.n_stations:,} stations, {what}",
                "iter_station_matrix", taken, note=f"{n_reached:,} pairs reached; {taken / len(ids) * 1e3:.2g} ms a "
                f"station, all cores; peak memory so far {peak_mib() or 0:,.0f} MiB",
            )
        )  # fmt: skip
