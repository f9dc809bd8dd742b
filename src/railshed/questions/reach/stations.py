"""Travel times from all stations to all stations, at one second or over every minute of a window.

One second: a few stations one by one, else 64 at once in one scan (`kernels.matrix`). A window: the
profiles of one station after the other. Both come in blocks of a few stations, so that a nation's
pairs need not fit in memory.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import cache, cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np

from railshed.assumptions.assumptions import default_assumptions
from railshed.circles.analysis import RUN_KINDS, AnalysisInputs, circle_kinds, network_or_run
from railshed.kernels.matrix import LANES, MatrixQuery, Table
from railshed.kernels.types import Timetable
from railshed.network.model import Network
from railshed.questions.reach.legs import table_of
from railshed.questions.reach.points import cut_rows, map_parts, search_second, table_of_pairs
from railshed.questions.reach.times import TimeQuery, time_query_of
from railshed.routing.compile import compile_network
from railshed.routing.directions import DIRECTIONS, Direction, to_kernel_time
from railshed.routing.journeys import Compiled
from railshed.routing.profiles import station_percentiles
from railshed.util.array_types import Ints32, Ints64
from railshed.util.errors import ParameterError
from railshed.util.executors import breadth_of, run_tasks
from railshed.util.units import MINUTE
from railshed.util.validation import Kind, cast_all, flag, many, number, optional, text, whole

if TYPE_CHECKING:
    import pandas as pd

#: stations searched in one call: rounds of lanes at one second, one by one over a window
_A_SECOND = 4 * LANES
_A_WINDOW = 16
#: longest travel time
_LONGEST_MIN = 240


def station_matrix(
    network: Network | AnalysisInputs | str | Path,
    origins: Sequence[str] | None = None,
    destinations: Sequence[str] | None = None,
    *,
    times: TimeQuery | dt.datetime | int | str,
    max_minutes: float = 120,
    max_transfers: int | None = None,
    change_minutes: float | None = None,
    footpaths: bool = True,
    threads: int | None = None,
    progress: bool = False,
    executor: Executor | None = None,
) -> pd.DataFrame:
    """Return the travel times between all stations: ``from_id, to_id``, and ``travel_time_pN`` in
    minutes. See `Analysis.station_matrix`.
    """
    search = _search_of(
        network=network,
        origins=origins,
        destinations=destinations,
        times=times,
        max_minutes=max_minutes,
        max_transfers=max_transfers,
        change_minutes=change_minutes,
        footpaths=footpaths,
        threads=threads,
        progress=progress,
        executor=executor,
    )
    return search.table(search.ends[0], np.concatenate([block for _, block in search.blocks()]))


def station_array(
    network: Network | AnalysisInputs | str | Path,
    origins: Sequence[str] | None = None,
    destinations: Sequence[str] | None = None,
    *,
    times: TimeQuery | dt.datetime | int | str,
    **arguments: Any,
) -> Ints32:
    """Return int32 (n_origins, n_destinations, n_percentiles) seconds: `station_matrix` for many
    questions. See `Analysis.station_array`.
    """
    search = _search_of(
        network=network, origins=origins, destinations=destinations, times=times, **arguments
    )
    found = np.concatenate([block for _, block in search.blocks()])
    return found if search.way == "from" else np.ascontiguousarray(found.swapaxes(0, 1))


def iter_station_matrix(
    network: Network | AnalysisInputs | str | Path,
    *,
    times: TimeQuery | dt.datetime | int | str,
    **arguments: Any,
) -> Iterator[pd.DataFrame]:
    """Return an iterator over `station_matrix` in parts, of some origins each (with `arrive_by`,
    some destinations). See `Analysis.iter_station_matrix`.
    """
    search = _search_of(network=network, times=times, **arguments)
    return (search.table(some, times) for some, times in search.blocks())


@dataclass(frozen=True, eq=False)
class StationPairs:
    """A question about all pairs of stations, answered in blocks."""

    compiled: Compiled
    #: indices of stations
    origins: Ints64
    destinations: Ints64
    #: *from* each origin at or after the minutes, or *to* each destination by them
    way: Direction
    #: int64 rising clock seconds
    minutes: Ints64
    percentiles: tuple[int, ...]
    bound_s: int
    max_transfers: int | None
    threads: int | None
    progress: bool
    executor: Executor | None = None

    @property
    def ends(self) -> tuple[Ints64, Ints64]:
        """The stations that are searched one after the other, and those at the other end."""
        both = self.origins, self.destinations
        return both if self.way == "from" else both[::-1]

    def blocks(self) -> Iterator[tuple[Ints64, Ints32]]:
        """Yield (stations, int32 (n, n_others, n_percentiles) seconds), UNREACHED above the bound,
        in order.
        """
        one = self.ends[0]
        most = _A_SECOND if len(self.minutes) == 1 else _A_WINDOW
        more: dict[str, Any] = {}
        if self.executor is not None:
            alone = replace(self, executor=None)
            more["run"] = partial(run_tasks, StationPairs.block, alone, executor=self.executor)
            more["breadth"] = breadth_of(self.executor)
        for part, times in map_parts(
            self.block, len(one), most, self.threads, self.progress, "stations", **more
        ):
            yield one[part], times

    def block(self, part: slice) -> Ints32:
        """Return int32 (n, n_others, n_percentiles) seconds of a part of the stations that are
        searched.
        """
        found: Ints32 = self._call(self.ends[0][part])
        return found

    @cached_property
    def _call(self) -> Any:
        return (self._second if len(self.minutes) == 1 else self._window)(self.ends[1])

    def _second(self, others: Ints64) -> Any:
        """Return the call for one minute: lanes over stations, in the direction of time in which
        they come first.
        """
        forward: Direction = "to" if self.way == "from" else "from"
        timetable = self.compiled.timetable(forward)
        (_, near) = _known_of(self.compiled)
        leave = to_kernel_time(int(self.minutes[0]), forward)
        counted = self.max_transfers is not None
        n = len(timetable.change_s)
        ask = MatrixQuery(
            self.compiled.n_runs, self.bound_s, (self.max_transfers or 0) + 1, counted
        )
        tables = near[forward], near[self.way], near[forward]

        @cache
        def cut() -> tuple[Timetable, int]:
            rows, n_runs = cut_rows(timetable.connections, leave, leave + self.bound_s + 1)
            return timetable._replace(connections=rows), n_runs

        def call(some: Ints64) -> Ints32:
            found = np.empty((len(some), n), np.int32)
            search_second(
                timetable=timetable,
                ask=ask,
                tables=tables,
                origins=some.astype(np.uint32),
                leave=np.uint32(leave),
                out=found,
                cut=cut,
            )
            times = found.take(others, axis=1)[:, :, None]
            return (
                times if len(self.percentiles) == 1 else times.repeat(len(self.percentiles), axis=2)
            )

        return call

    def _window(self, others: Ints64) -> Any:
        """Return the call for a window: the profiles of each station, minute by minute, and their
        percentiles.
        """
        forward: Direction = "to" if self.way == "from" else "from"
        near = _known_of(self.compiled)[1][forward]
        span = int(self.minutes[0]), int(self.minutes[-1]) + 1

        def call(some: Ints64) -> Ints32:
            out = np.empty((len(some), len(others), len(self.percentiles)), np.int32)
            for k, x in enumerate(some.tolist()):
                found = self.compiled.profiles(
                    self.way,
                    {x: 0},
                    span,
                    slack_s=0,
                    bound_s=self.bound_s,
                    max_transfers=self.max_transfers,
                )
                times = found.times_at(self.minutes, 0)
                mine = slice(int(near.ptr[x]), int(near.ptr[x + 1]))
                seconds = near.seconds[mine].astype(np.int32)
                on_foot = near.to[mine][seconds <= self.bound_s]
                seconds = seconds[seconds <= self.bound_s]
                times[on_foot] = np.minimum(times[on_foot], seconds[:, None])
                out[k] = station_percentiles(times[others], self.percentiles)
            return out

        return call

    def table(self, some: Ints64, times: Ints32) -> pd.DataFrame:
        """Return the pairs of a block of seconds, (n_some, n_others, n_percentiles), as `blocks`
        yields it.
        """
        ids, _ = _known_of(self.compiled)
        if self.way == "from":
            return table_of_pairs(times, ids[some], ids[self.destinations], self.percentiles)
        return table_of_pairs(times.swapaxes(0, 1), ids[self.origins], ids[some], self.percentiles)


#: networks never change
_KNOWN: WeakKeyDictionary[Compiled, tuple[pd.Index, dict[Direction, Table]]] = WeakKeyDictionary()


def _known_of(compiled: Compiled) -> tuple[pd.Index, dict[Direction, Table]]:
    """Return the stations' ids, and by direction of time the stations that are near on foot;
    computed once.
    """
    if compiled not in _KNOWN:
        import pandas as pd

        near = {way: walks_from(compiled.timetable(way)) for way in DIRECTIONS}
        _KNOWN[compiled] = pd.Index([s.station_id for s in compiled.network.stations]), near
    return _KNOWN[compiled]


def walks_from(timetable: Timetable) -> Table:
    """Return the stations that are near on foot, each station itself among them, in this direction
    of time.
    """
    n = len(timetable.change_s)
    own = np.arange(n)
    source = np.repeat(own, np.diff(timetable.walk_ptr))
    to = timetable.walk_to.astype(np.int64)
    seconds = timetable.walk_s.astype(np.int64)
    rows = (
        np.concatenate([own, source]),
        np.concatenate([own, to]),
        np.concatenate([np.zeros(n, np.int64), seconds]),
    )
    return table_of(rows, n, _LONGEST_MIN * MINUTE)


_KINDS: dict[str, Kind] = {
    "network": network_or_run,
    "origins": optional(many(text)),
    "destinations": optional(many(text)),
    "times": time_query_of,
    "max_minutes": number(1, _LONGEST_MIN),
    "max_transfers": RUN_KINDS["max_transfers"],
    "change_minutes": optional(number(0, 120)),
    "footpaths": flag,
    "threads": optional(whole(1)),
    "progress": flag,
    **circle_kinds("executor"),
}


def _search_of(**arguments: Any) -> StationPairs:
    """Return the query of the arguments of `station_matrix`."""
    defaults = {"origins": None, "destinations": None, **(station_matrix.__kwdefaults__ or {})}
    unknown = sorted(set(arguments) - set(_KINDS))
    if unknown:
        raise ParameterError(f"unknown {', '.join(unknown)}; allowed: {', '.join(_KINDS)}")
    arguments = {**defaults, **cast_all(arguments, _KINDS)}
    network = arguments["network"]
    query = arguments["times"]
    day, minutes = query.moments(network)
    own = isinstance(network, AnalysisInputs) and (
        arguments["change_minutes"],
        arguments["footpaths"],
    ) == (None, True)
    compiled = network.compiled.schedule if own else _compile(network, day, arguments)
    assert compiled is not None  # of links there is no moment
    every = np.arange(compiled.network.n_stations)
    find = compiled.network.get_station
    listed = (arguments[side] for side in ("origins", "destinations"))
    start, end = (
        every if some is None else np.array(list(map(find, some)), np.int64) for some in listed
    )
    return StationPairs(
        compiled=compiled,
        origins=start,
        destinations=end,
        way=query.way,
        minutes=minutes,
        percentiles=query.percentiles,
        bound_s=round(arguments["max_minutes"] * MINUTE),
        max_transfers=arguments["max_transfers"],
        threads=arguments["threads"],
        progress=arguments["progress"],
        executor=arguments["executor"],
    )


def _compile(
    network: Network | AnalysisInputs, day: dt.date | None, arguments: dict[str, Any]
) -> Compiled:
    changes = arguments["change_minutes"]
    footpaths = arguments["footpaths"]
    change_s = None if changes is None else round(changes * MINUTE)
    if isinstance(network, AnalysisInputs):
        assumptions = network.assumptions
        day = network.compiled.date
        network = network.compiled.network
    else:
        assumptions = default_assumptions(network.assumptions)
    return compile_network(network, assumptions, date=day, footpaths=footpaths, change_s=change_s)
