"""Door-to-door travel times between many points, by street and timetable, with R5's field names.

A journey is access by street to any station, one ride or more with changes or transfers between
them, and egress by street; or the whole way by street. The traveller leaves the door at one second,
so waiting counts in full (DESIGN, section 4, turn-up-and-go). There is no transfer before the first
ride or after the last: access and egress reach every station within their cap themselves.
"""

from __future__ import annotations

import datetime as dt
import logging
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from railshed.assumptions.assumptions import Assumptions, default_assumptions
from railshed.circles.analysis import AnalysisInputs, network_or_run, streets_of
from railshed.kernels import matrix as kernels
from railshed.kernels import matrix_window
from railshed.kernels.matrix import LARGEST_LABEL, MatrixQuery, Table
from railshed.kernels.types import DEPARTURE, FLAGS, REPEAT, RUN, Timetable
from railshed.network.model import Network
from railshed.questions.reach.legs import (
    RULE_KINDS,
    LegTables,
    MatrixPoints,
    Pairs,
    TravelTimeRules,
    find_legs,
)
from railshed.questions.reach.times import TimeQuery, time_query_of
from railshed.routing.compile import compile_network, instant_stations, set_repeats, transfers_csr
from railshed.routing.directions import to_kernel_time
from railshed.routing.journeys import Compiled
from railshed.routing.profiles import percentile_ranks
from railshed.util.array_types import Ints32, Ints64, Uints32
from railshed.util.errors import ParameterError
from railshed.util.parallel import count_threads, map_in_threads
from railshed.util.progress import progress_bar
from railshed.util.units import MINUTE, to_minutes
from railshed.util.validation import Kind, cast_all, flag, optional, whole

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd


R = TypeVar("R")
_LOG = logging.getLogger(__name__)
#: origins of one call of a kernel: what Ctrl-C waits for, and the step of the progress bar
_ORIGINS_A_CALL = 16 * kernels.LANES
_ORIGINS_A_WINDOW = 16
#: so many origins take less time one by one than in lanes (benchmarks, workload departures)
_MOST_ALONE = 11


def travel_time_matrix(
    network: Network | AnalysisInputs | str | Path,
    origins: gpd.GeoDataFrame,
    destinations: gpd.GeoDataFrame | None = None,
    *,
    times: TimeQuery | dt.datetime | int | str,
    threads: int | None = None,
    progress: bool = False,
    **rules: Any,
) -> pd.DataFrame:
    """Return the travel times between all pairs of points: ``from_id, to_id``, and
    ``travel_time_pN`` in minutes. See `Analysis.travel_time_matrix`.
    """
    seconds, ends, notes, ranks = _solve(
        network=network,
        origins=origins,
        destinations=destinations,
        times=times,
        threads=threads,
        progress=progress,
        **rules,
    )
    found = table_of_pairs(seconds, *ends, ranks)
    found.attrs["notes"] = list(notes)
    return found


def table_of_pairs(
    seconds: Ints32,
    start: NDArray[Any] | pd.Index,
    end: NDArray[Any] | pd.Index,
    percentiles: Sequence[int],
) -> pd.DataFrame:
    """Return a table of int32 (n_start, n_end, n_percentiles) seconds between ids, in minutes, by
    pair.
    """
    import pandas as pd

    to = np.tile(np.arange(len(end)), len(start))
    columns: dict[str, Any] = {"from_id": start.repeat(len(end)), "to_id": end.take(to)}
    for k, p in enumerate(percentiles):
        columns[f"travel_time_p{p}"] = to_minutes(seconds[:, :, k].ravel().astype(np.int64))
    return pd.DataFrame(columns)


def travel_time_array(
    network: Network | AnalysisInputs | str | Path,
    origins: gpd.GeoDataFrame,
    destinations: gpd.GeoDataFrame | None = None,
    *,
    times: TimeQuery | dt.datetime | int | str,
    threads: int | None = None,
    progress: bool = False,
    **rules: Any,
) -> Ints32:
    """Return int32 (n_origins, n_destinations, n_percentiles) seconds: `travel_time_matrix` for
    many points. See `Analysis.travel_time_array`.
    """
    return _solve(
        network=network,
        origins=origins,
        destinations=destinations,
        times=times,
        threads=threads,
        progress=progress,
        **rules,
    )[0]


def _solve(
    **arguments: Any,
) -> tuple[Ints32, tuple[NDArray[Any], NDArray[Any]], tuple[str, ...], tuple[int, ...]]:
    """Return seconds, ids of origins and destinations, notes and percentiles."""
    unknown = sorted(set(arguments) - set(_KINDS))
    names = TravelTimeRules.__dataclass_fields__
    if unknown:
        raise ParameterError(f"unknown {', '.join(unknown)}; allowed: {', '.join(names)}")
    arguments |= cast_all(arguments, _KINDS)
    network, origins, destinations, query = map(
        arguments.__getitem__, ("network", "origins", "destinations", "times")
    )
    if query.arrive_by is not None:
        raise ParameterError(
            "arrive_by: allowed between stations (station_matrix); between points give departure"
        )
    day, seconds = query.moments(network)
    rules = TravelTimeRules(**{name: value for name, value in arguments.items() if name in names})
    start = MatrixPoints.of(origins, "origins")
    end = start if destinations is None else MatrixPoints.of(destinations, "destinations")
    compiled, assumptions = _compile(network, rules, day)
    legs, walks, notes = find_legs(compiled.network, start, end, rules, assumptions)
    for note in notes:
        _LOG.warning(note)
    changes = compiled.to.change_s
    if rules.change_minutes is not None:
        changes = np.full(len(changes), round(rules.change_minutes * MINUTE), np.uint32)
    timetable, n_runs = cut_timetable(compiled, changes, walks, seconds, rules.bound_s)
    how = arguments["threads"], arguments["progress"]
    found = run_matrix(timetable, n_runs, legs, seconds, query.percentiles, rules, *how)
    return found, (start.ids, end.ids), notes, tuple(query.percentiles)


def run_matrix(
    timetable: Timetable,
    n_runs: int,
    legs: LegTables,
    seconds: Ints64,
    percentiles: Sequence[int],
    rules: TravelTimeRules,
    threads: int | None = None,
    progress: bool = False,
) -> Ints32:
    """Return int32 (n_origins, n_destinations, n_percentiles) seconds, UNREACHED above the bound.

    `seconds` are the departures in clock seconds, a minute apart; `timetable` is that of
    `cut_timetable` for them.
    """
    counted = rules.max_transfers is not None
    layers = 1 if rules.max_transfers is None else rules.max_transfers + 1
    ask = MatrixQuery(n_runs, rules.bound_s, layers, counted)
    tables = (legs.access, legs.egress, legs.direct)
    leave = (seconds + to_kernel_time(0, "to")).astype(np.uint32)
    n_origins = len(legs.access.ptr) - 1
    n_destinations = len(legs.egress.ptr) - 1
    if len(seconds) == 1:
        once = np.empty((n_origins, n_destinations), np.int32)

        def call(chunk: slice) -> None:
            search_second(timetable, ask, tables, _numbers(chunk), leave[0], once[chunk])

        for _ in map_parts(call, n_origins, _ORIGINS_A_CALL, threads, progress, "origins"):
            pass
        return np.repeat(once[:, :, None], len(percentiles), axis=2)
    out = np.empty((n_origins, n_destinations, len(percentiles)), np.int32)
    ranks = percentile_ranks(percentiles, len(seconds))
    block = min(len(seconds), (LARGEST_LABEL - rules.bound_s) // MINUTE + 1)
    scan_window = (
        matrix_window.windows_settled if settles(timetable) else matrix_window.windows_once
    )

    def call_window(chunk: slice) -> None:
        scan_window(timetable, ask, *tables, _numbers(chunk), leave, block, ranks, out[chunk])

    for _ in map_parts(call_window, n_origins, _ORIGINS_A_WINDOW, threads, progress, "origins"):
        pass
    return out


def search_second(
    timetable: Timetable,
    ask: MatrixQuery,
    tables: tuple[Table, Table, Table],
    origins: Uints32,
    leave: np.uint32,
    out: Ints32,
    cut: Callable[[], tuple[Timetable, int]] | None = None,
) -> None:
    """Fill int32 (n_origins, n_destinations) seconds of leaving at a kernel second: few origins
    alone, others in lanes.

    `tables` as `kernels.departures_once` takes them. `cut` is called for the lanes where the
    timetable is not cut yet: it returns that and the number of its runs.
    """
    few = len(origins) <= _MOST_ALONE and not ask.counted
    if few and kernels.single_departures(timetable, ask, *tables, origins, leave, out):
        return
    if cut is not None:
        timetable, n_runs = cut()
        ask = ask._replace(n_runs=n_runs)
    scan = kernels.departures_settled if settles(timetable) else kernels.departures_once
    scan(timetable, ask, *tables, origins, leave, out)


def settles(timetable: Timetable) -> bool:
    """Return whether seconds of the timetable must be scanned until nothing changes."""
    return bool((timetable.connections[:, FLAGS] & REPEAT).any())


def _numbers(chunk: slice) -> Uints32:
    return np.arange(chunk.start, chunk.stop, dtype=np.uint32)


def map_parts(
    call: Callable[[slice], R],
    n: int,
    most: int,
    threads: int | None,
    progress: bool,
    what: str,
    run: Callable[[Sequence[slice]], Iterator[R]] | None = None,
    breadth: int = 1,
) -> Iterator[tuple[slice, R]]:
    """Yield slices of range(n), of at most `most` each, with what `call` returns for them, computed
    in threads.

    Or what `run` gives for all of them, of which `breadth` are computed at once. Ctrl-C waits for
    the calls that run, no others begin.
    """
    n_threads = count_threads(threads)
    size = max(1, min(most, -(-n // (n_threads if run is None else breadth))))
    chunks = [slice(start, min(start + size, n)) for start in range(0, n, size)]
    with progress_bar(n, progress, what) as step:
        every = map_in_threads(call, chunks, n_threads) if run is None else run(chunks)
        for chunk, found in zip(chunks, every, strict=True):
            yield chunk, found
            step(chunk.stop - chunk.start)


def _compile(
    network: Network | AnalysisInputs, rules: TravelTimeRules, day: dt.date | None
) -> tuple[Compiled, Assumptions]:
    """Return the network cast for the kernels, and its assumptions with the rules' own."""
    if isinstance(network, AnalysisInputs):
        assert network.compiled.schedule is not None
        return network.compiled.schedule, rules.assumptions(network.assumptions)
    assumptions = rules.assumptions(default_assumptions(network.assumptions))
    return compile_network(network, assumptions, date=day, footpaths=False), assumptions


def cut_timetable(
    compiled: Compiled, change_s: Uints32, walks: Pairs, seconds: Ints64, bound_s: int
) -> tuple[Timetable, int]:
    """Return the connections that journeys from `seconds` on can use, with these changes and walks,
    and their runs.

    Runs are numbered anew; REPEAT is set where these changes and walks let one board again in the
    same second.
    """
    first_s, last_s = (
        to_kernel_time(int(s), "to") for s in (seconds[0], seconds[-1] + bound_s + 1)
    )
    rows, n_runs = cut_rows(compiled.to.connections, first_s, last_s)
    rows[:, FLAGS] &= ~np.uint32(REPEAT)
    set_repeats(rows, instant_stations(change_s, walks[0], walks[2]))
    return Timetable(rows, change_s, *transfers_csr(len(change_s), *walks)), n_runs


def cut_rows(connections: Uints32, first_s: int, last_s: int) -> tuple[Uints32, int]:
    """Return a copy of the connections departing in kernel seconds [first_s, last_s), and their
    runs, numbered anew.
    """
    departures = connections[:, DEPARTURE]
    rows = connections[bisect_left(departures, first_s) : bisect_left(departures, last_s)].copy()
    runs = rows[:, RUN]
    numbers = np.zeros(int(runs.max(initial=0)) + 2, np.uint32)
    numbers[runs + 1] = 1
    np.cumsum(numbers, out=numbers)
    rows[:, RUN] = numbers[runs]
    return rows, int(numbers[-1])


def _frame(value: Any) -> Any:
    if not hasattr(value, "geometry") or not hasattr(value, "crs"):
        raise ValueError("allowed is a GeoDataFrame of points with a column id and a CRS")
    return value


_KINDS: dict[str, Kind] = {
    "network": network_or_run,
    "origins": _frame,
    "destinations": optional(_frame),
    "times": time_query_of,
    "threads": optional(whole(1)),
    "progress": flag,
    "streets": optional(streets_of),
} | RULE_KINDS
