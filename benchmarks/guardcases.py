"""The fixed small cases of the guard: a small metro, its cells and the streets of a small town.

Run with the kernels as plain Python: `record` puts its own decorator in place of
`kernels.jit.kernel`, so that each call of a kernel from outside the kernels is kept with its
arguments and its executed lines are counted.
"""

from __future__ import annotations

import copy
import importlib
import inspect
import pkgutil
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np

#: calls of a kernel that are kept; more of them say nothing new
_CALLS = 3


@dataclass
class Record:
    """Calls of kernels from outside, by kernel ("module.name"), and the lines that they
    executed.
    """

    calls: dict[str, list[tuple[Any, ...]]] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    #: kernel functions and their names, the latter known once all modules are imported
    _made: list[Any] = field(default_factory=list)
    _folder: str = ""
    _running: bool = False
    _counted: int = 0

    def install(self) -> None:
        """Put the recording decorator in place and import all kernels with it."""
        import railshed.kernels
        from railshed.kernels import jit

        self._folder = str(Path(railshed.kernels.__file__).parent)
        jit.kernel = self._kernel  # type: ignore[assignment]
        for info in pkgutil.iter_modules(railshed.kernels.__path__):
            if f"{info.name}.py" in jit.NOT_KERNELS:
                continue
            module = importlib.import_module(f"railshed.kernels.{info.name}")
            for name, value in vars(module).items():
                if callable(value) and value in self._made and value.__module__ == module.__name__:
                    value.guarded = f"{info.name}.{name}"

    def _kernel(self, function: Callable[..., Any]) -> Callable[..., Any]:
        signature = inspect.signature(function)

        def called(*given: Any, **named: Any) -> Any:
            arguments = signature.bind(*given, **named).args
            name = called.guarded  # type: ignore[attr-defined]
            known = self.calls.setdefault(name, []) if not self._running else []
            if self._running or len(known) == _CALLS:
                return function(*arguments)
            known.append(copy.deepcopy(arguments))
            self._running, self._counted = True, 0
            sys.settrace(self._enter)
            try:
                return function(*arguments)
            finally:
                sys.settrace(None)
                self._running = False
                self.lines[name] = self.lines.get(name, 0) + self._counted

        called.__module__, called.__doc__ = function.__module__, function.__doc__
        self._made.append(called)
        return called

    def _enter(self, frame: FrameType, event: str, argument: object) -> Any:
        return self._line if frame.f_code.co_filename.startswith(self._folder) else None

    def _line(self, frame: FrameType, event: str, argument: object) -> Any:
        self._counted += event == "line"
        return self._line


def record() -> Record:
    """Return the calls and lines of all cases; once a process."""
    warnings.filterwarnings("ignore", "overflow encountered", RuntimeWarning)
    found = Record()
    found.install()
    for case in (timetable, lanes, edits, distances, areas, streets):
        case()
    return found


def small_metro() -> Any:
    """Return a network of about a hundred stations and fifteen thousand stop times."""
    from feeds import GUARDED, make_metro

    return make_metro(GUARDED, seed=7)


def compiled(network: Any) -> Any:
    """Return it, cast."""
    from railshed import default_assumptions
    from railshed.routing.compile import compile_network

    return compile_network(network, default_assumptions(), footpaths=False)


def timetable() -> None:
    """Profiles, window views and cells of two hours to one station."""
    from railshed.kernels import cell_times
    from railshed.routing.profiles import minutes_of, percentile_ranks, station_percentiles

    made = compiled(small_metro())
    n, span = made.network.n_stations, (28_800, 36_000)
    made.profiles("to", {n // 2: 60}, span, slack_s=600, bound_s=3600, max_transfers=2)
    found = made.profiles("to", {n // 2: 60}, span, slack_s=1800)
    times = found.travel_times(span, 1800)
    station_percentiles(times, (50,))
    found.summary(span, np.zeros(n, np.int64), 3600)
    rng = np.random.default_rng(5)
    ptr = np.concatenate([[0], np.cumsum(rng.integers(0, 7, 300))])
    station, seconds = rng.integers(0, n, ptr[-1]), rng.integers(60, 900, ptr[-1])
    limits = np.array([1800, 2700, 3600])
    ranks, ordered = percentile_ranks((50, 75), times.shape[1]), np.sort(times)
    pairs = ptr, station.astype(np.int32), seconds.astype(np.int32)
    cell_times.cell_times(*pairs, times, ordered, ranks, limits, 5_400)
    few, minutes = slice(0, 101), minutes_of(span)
    found.turn_up_cells(
        minutes, ptr[few], station, seconds, percentile_ranks((50, 75), len(minutes)), limits
    )
    found.cell_trips(span, ptr, station, seconds, 1500)


def lanes() -> None:
    """A matrix between stations, leaving at eight, and at each of twenty minutes."""
    import geopandas as gpd

    from railshed.questions.reach.points import travel_time_array
    from railshed.questions.reach.times import TimeQuery

    network = small_metro()
    chosen = network.stations[::6]
    places = gpd.points_from_xy([s.lon for s in chosen], [s.lat for s in chosen], crs="EPSG:4326")
    points = gpd.GeoDataFrame({"id": range(len(chosen))}, geometry=places)
    for window, origins in ((None, points), (None, points.iloc[:3]), (20, points.iloc[:3])):
        times = TimeQuery(departure="08:00", departure_time_window=window)
        travel_time_array(network, origins, points, times=times, max_minutes=30, threads=1)


def edits() -> None:
    """A line taken out of a metro and put back, from the searches before."""
    from railshed import default_assumptions
    from railshed.routing.profiles import search_span
    from railshed.routing.timetable_edit import Search, TimetableEdit, edit_of

    network = small_metro()
    line = np.array(network.trips.route_ids) == network.trips.route_ids[0]
    target, between = {network.n_stations // 2: 60}, search_span("to", (28_800, 36_000), 1800, 3600)
    for one, other in ((network, _part(network, ~line)), (_part(network, ~line), network)):
        base = compiled(one)
        edit = edit_of(base, other, default_assumptions())
        assert isinstance(edit, TimetableEdit)
        Search.of(base, "to", target, between, 3600).edited(edit, target)


def _part(network: Any, kept: Any) -> Any:
    """Return the network with some of its trips."""
    from railshed.network.model import StopTimes, Trips
    from railshed.network.ordering import canonical_order

    rows, number = np.flatnonzero(kept), np.cumsum(kept) - 1
    trips, calls = network.trips, network.stop_times
    mine = kept[calls.trip_idx]
    ids, titles, routes = (
        tuple(column[k] for k in rows) for column in (trips.trip_ids, trips.names, trips.route_ids)
    )
    names = ("station_idx", "arrival_s", "departure_s", "pickup", "drop_off")
    table = canonical_order(
        network.stations,
        network.services,
        Trips(ids, titles, routes, trips.service_idx[rows], trips.route_types[rows]),
        StopTimes(number[calls.trip_idx[mine]], *(getattr(calls, name)[mine] for name in names)),
        network.transfers,
    )
    return replace(network, trips=table.trips, stop_times=table.stop_times)


def distances() -> None:
    """Cells of 250 m within 4 km of every third station of the metro, and metres between them and
    all stations.
    """
    from railshed.cells.network_cells import NetworkCells

    network = small_metro()
    lon, lat = (np.array([getattr(s, name) for s in network.stations]) for name in ("lon", "lat"))
    cells = NetworkCells(network, 250)
    number = cells.around(lon[::3], lat[::3], np.full(len(lon[::3]), 4_000.0)).pairs()[0]
    cells.metres(number[::50], lon, lat)


def areas() -> None:
    """The rings around the cells of a square that are within twenty minutes of places."""
    from railshed.circles.contours import rings_within
    from railshed.util.units import UNREACHED

    side, n = 96, 40
    rng = np.random.default_rng(6)
    place, start, reach = (
        rng.uniform(0, side, (n, 2)),
        rng.integers(0, 1500, n),
        rng.uniform(4, 16, n),
    )
    row, column = (axis[..., None] for axis in np.indices((side, side)))
    far = np.hypot(column - place[:, 0], row - place[:, 1])
    seconds = (
        np.where(far <= reach, np.ceil(start + 60 * far), UNREACHED).min(axis=2).astype(np.int32)
    )
    rings_within(np.pad(seconds, 1, constant_values=UNREACHED), 1200, 120)


def streets() -> None:
    """The graph of a small town, points put on it, searches from three nodes, and from 64
    neighbours.
    """
    from streets import road_graph

    from railshed.access.street_graph import street_graph

    town = road_graph(40)
    graph = street_graph(town, "drive")
    graph.snap(town.lon[::9], town.lat[::9])
    nodes = np.arange(graph.n_nodes)
    for source in (0, graph.n_nodes // 2, graph.n_nodes - 1):
        graph.nearest(([source], [0.0]), (nodes, np.zeros(len(nodes))), 600, towards_sources=False)
    some = nodes[: 3 * 64 : 3]
    graph.ticks(
        (some, np.zeros(64)), (nodes, np.zeros(len(nodes))), 600, towards_sources=False, n_threads=1
    )
