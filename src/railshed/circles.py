"""Travel-time surfaces of a city, and the polygons drawn from them.

A `Case` is one city on one compiled network with one set of assumptions. Journeys are found per direction and per kind
of leg (what lies between the platform in the city and the end of the journey); a `Surface` is the travel time of every
land cell under one reading.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from railshed.access import (
    Access,
    best_seconds,
    egress_seconds,
    local_seconds,
    station_access,
)
from railshed.arrays import Direction
from railshed.assumptions import Assumptions, Reading
from railshed.engines import AnyCompiled, AnyJourneys, find_any_journeys
from railshed.errors import InputError
from railshed.grid import Grid
from railshed.kernels import surface as kernels
from railshed.model import Centre, City
from railshed.population import NOWHERE, cell_keys, find_keys, key_cells, locate_cells
from railshed.routing import (
    MIN_BOUND_S,
    Window,
    minutes_of,
    percentile_ranks,
)
from railshed.units import DAY, HOUR, MINUTE, UNREACHED

Ints64 = NDArray[np.int64]
#: the whole service day; trains home may run past midnight
DAY_WINDOW: Window = (0, DAY)
#: percentile printed as the strict value beside the reading's own
STRICT_PERCENTILE = 75
#: a surface falls linearly across the cutoff within this many seconds, so polygons do not follow cell edges
_SOFT_S = 2 * MINUTE


@dataclass(frozen=True, eq=False)
class Case:
    """One city, one compiled network, one set of assumptions."""

    compiled: AnyCompiled
    city: City
    assumptions: Assumptions
    max_transfers: int | None = None
    grid: Grid = field(init=False)
    core: tuple[int, ...] = field(init=False)
    _access: dict[object, Access] = field(default_factory=dict, init=False, repr=False)
    #: by legs, direction, centres and the access modes they depend on; shared by the variants of `with_access`
    _found: dict[object, AnyJourneys] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        index = self.compiled.network.station_index()
        missing = [s for s in self.city.core_station_ids if s not in index]
        if missing or not self.city.core_station_ids:
            raise InputError(
                f"city {self.city.slug}: core station {', '.join(missing) or '(none given)'} is not in network "
                f"{self.compiled.network.network_id}"
            )
        object.__setattr__(self, "core", tuple(index[s] for s in self.city.core_station_ids))
        lon, lat = self.compiled.network.anchor(self.city)
        object.__setattr__(self, "grid", Grid.around(lon, lat, self.assumptions.cell_size_m))

    def with_access(self, *access_modes: str) -> Case:
        """Return the case with other access modes; journeys that do not depend on them are found once for both."""
        other = Case(self.compiled, self.city, self.assumptions.with_access(*access_modes), self.max_transfers)
        object.__setattr__(other, "_found", self._found)
        return other

    def window(self, reading: Reading, direction: Direction) -> Window:
        """Return the minutes the reading asks for, clock seconds."""
        if reading.window == "day":
            return DAY_WINDOW
        span = self.city.window_to if direction == "to" else self.city.window_from
        if reading.random_departure and direction == "to":
            return span[0] - HOUR, span[1] - HOUR
        return span

    def targets(self, legs: str, direction: Direction, centres: Sequence[Centre] | None = None) -> dict[int, int]:
        """Return seconds between platform and journey's end by core station, without those that reach no centre."""
        stations = self.compiled.network.stations
        a = self.assumptions
        out = {}
        for k in self.core:
            s = stations[k]
            inside = a.exit_s(s.station_class) if direction == "to" else a.entry_s(s.station_class)
            if legs == "station":
                out[k] = 0
            elif legs == "door-to-station":
                out[k] = inside
            else:
                ends = self.city.centres if centres is None else centres
                walk = egress_seconds(
                    s.lon, s.lat, np.array([c.lon for c in ends]), np.array([c.lat for c in ends]),
                    self.city.feeder, a,
                )  # fmt: skip
                if len(walk) and walk.min() != UNREACHED:
                    out[k] = inside + int(walk.min())
        return out

    def home_s(self, legs: str, direction: Direction) -> Ints64:
        """Return int64 (n_stations,) seconds between the station door at home and the platform."""
        stations = self.compiled.network.stations
        if legs == "station":
            return np.zeros(len(stations), np.int64)
        a = self.assumptions
        each = a.entry_s if direction == "to" else a.exit_s
        return np.array([each(s.station_class) for s in stations], dtype=np.int64)

    def journeys(self, legs: str, direction: Direction, centres: Sequence[Centre] | None = None) -> AnyJourneys | None:
        """Return the day's journeys with these legs, found once; None where no core station reaches a centre."""
        modes = self.assumptions.access_modes if legs == "door-to-door" else ()
        key = (legs, direction, None if centres is None else tuple(centres), modes)
        if key not in self._found:
            targets = self.targets(legs, direction, centres)
            if not targets:
                return None
            self._found[key] = find_any_journeys(
                self.compiled,
                direction,
                targets,
                (0, 28 * HOUR),
                slack_s=HOUR,
                bound_s=MIN_BOUND_S,
                max_transfers=self.max_transfers,
            )
        return self._found[key]


@dataclass(frozen=True, slots=True, eq=False)
class Land:
    """The land cells that any case of a run may reach, sorted by row, then column."""

    grid: Grid
    row: Ints64
    column: Ints64
    #: int64 (n_cells,) row of Network.counties, NOWHERE where no boundaries are shipped
    county: Ints64
    #: cells within reach that lie outside all shipped counties (sea, abroad, no data) and are not counted
    n_outside: int

    def __len__(self) -> int:
        return len(self.row)


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Land cells with the stations within one case's access caps."""

    land: Land
    #: int64 (n_cells + 1,), (n_pairs,), (n_pairs,): stations and seconds to their door
    ptr: Ints64
    station: Ints64
    seconds: Ints64


def fastest_seconds(case: Case, directions: Sequence[Direction]) -> Ints64:
    """Return int64 (n_stations,) of the day's fastest ride, either way: UNREACHED beyond the bound, 0 at core."""
    best = np.full(case.compiled.network.n_stations, UNREACHED, np.int64)
    for direction in directions:
        journeys = case.journeys("station", direction)
        if journeys is not None:
            best = np.minimum(best, journeys.fastest())
    best[list(case.core)] = 0
    return best


def find_land(cases: Sequence[Case], directions: Sequence[Direction], limit_s: int) -> Land:
    """Return the land cells that one of the cases may reach within `limit_s`, on the first one's grid."""
    grid = cases[0].grid
    keys = [np.empty(0, np.int64)]
    for case in cases:
        access = access_of(case, grid, directions, limit_s)
        keys.append(cell_keys(access.row, access.column))
        points = [(s.lon, s.lat) for s in (case.compiled.network.stations[k] for k in case.core)]
        points += [(c.lon, c.lat) for c in case.city.centres]
        lon, lat = np.array(points).T
        row, column, _ = local_seconds(grid, lon, lat, case.city.feeder, case.assumptions, limit_s)
        keys.append(cell_keys(row, column))
    row, column = key_cells(np.unique(np.concatenate(keys)))
    counties = cases[0].compiled.network.counties
    county = locate_cells(grid, row, column, counties)
    land = np.ones(len(row), dtype=bool) if counties is None else county != NOWHERE
    return Land(grid, row[land], column[land], county[land], int((~land).sum()))


def access_of(case: Case, grid: Grid, directions: Sequence[Direction], limit_s: int) -> Access:
    """Return the access table of every station whose fastest ride is within `limit_s`, made once a case."""
    key = (grid, tuple(directions), limit_s)
    if key in case._access:
        return case._access[key]
    stations = case.compiled.network.stations
    near = np.flatnonzero(fastest_seconds(case, directions) <= limit_s).tolist()
    lon, lat = np.array([stations[k].lon for k in near]), np.array([stations[k].lat for k in near])
    case._access[key] = station_access(grid, near, lon, lat, [stations[k].feeder for k in near], case.assumptions)
    return case._access[key]


def cells_of(case: Case, land: Land, directions: Sequence[Direction], limit_s: int) -> Cells:
    """Return the land cells with the stations of this case's access table."""
    access = access_of(case, land.grid, directions, limit_s)
    keys = cell_keys(access.row, access.column)
    at, known = find_keys(cell_keys(land.row, land.column), keys)
    n_pairs = np.zeros(len(land), np.int64)
    n_pairs[at[known]] = np.diff(access.ptr)[known]
    kept = np.repeat(known, np.diff(access.ptr))
    ptr = np.concatenate([[0], np.cumsum(n_pairs)]).astype(np.int64)
    return Cells(land, ptr, access.station[kept], access.seconds[kept])


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """Travel times of the cells under one reading. Seconds, UNREACHED where there is no journey."""

    reading: Reading
    direction: str
    #: int64 (n_cells,) by rail at the reading's percentile; at the strict percentile; without a ride
    by_rail_s: Ints64
    strict_s: Ints64
    local_s: Ints64
    #: int64 (n_cells, n_cutoffs) minutes of the window within each cutoff, by rail
    served: Ints64
    n_minutes: int
    #: int64 (n_cells,) distinct journeys in the window within the largest cutoff, by rail; (0,) where not counted
    trips: Ints64

    @property
    def total_s(self) -> Ints64:
        """By rail or without a ride, whichever is less."""
        return np.minimum(self.by_rail_s, self.local_s)


def surface_of(
    case: Case,
    cells: Cells,
    reading: Reading,
    direction: Direction,
    *,
    cutoffs: Sequence[int] | None = None,
    slack_s: int | None = None,
    centres: Sequence[Centre] | None = None,
    core_boarding: bool = True,
    count_trips: bool = True,
) -> Surface:
    """Return the surface of one reading in one direction.

    `cutoffs` in minutes; `centres` and `core_boarding` (a ride may begin at a core station) for door-to-door only.
    Counting trips is half of the work and more where buses are: `count_trips` for surfaces that are shown.
    """
    limits = np.array([c * MINUTE for c in (cutoffs or reading.cutoffs)], dtype=np.int64)
    span = case.window(reading, direction)
    n_minutes = len(minutes_of(span))
    journeys = case.journeys(reading.legs, direction, centres)
    local = local_times(case, cells, reading.legs, centres)
    if journeys is None:
        never = np.full(len(cells.land), UNREACHED, np.int64)
        none = np.zeros((len(cells.land), len(limits)), np.int64)
        return Surface(reading, direction, never, never, local, none, n_minutes, never * 0)
    ranks = percentile_ranks([reading.percentile, STRICT_PERCENTILE], n_minutes)
    if reading.legs != "door-to-door" or not core_boarding:
        cells = _without_core(cells, case)
    pair_s = cells.seconds + case.home_s(reading.legs, direction)[cells.station]
    slack = reading.slack_s if slack_s is None else slack_s
    if reading.random_departure and direction == "to":
        values, served = journeys.turn_up_cells(minutes_of(span), cells.ptr, cells.station, pair_s, ranks, limits)
    else:
        times = journeys.travel_times(span, slack)
        values, served = kernels.cell_times(cells.ptr, cells.station, pair_s, times, ranks, limits)
    trips: NDArray[np.integer[Any]] = np.empty(0, np.int64)
    if count_trips:
        trips = journeys.cell_trips(span, cells.ptr, cells.station, pair_s, int(limits.max()))
    return Surface(
        reading, direction, values[:, 0].astype(np.int64), values[:, 1].astype(np.int64), local,
        served.astype(np.int64), n_minutes, trips.astype(np.int64),
    )  # fmt: skip


def _without_core(cells: Cells, case: Case) -> Cells:
    """Return the cells without access to core stations: whoever stands at one has arrived, and that is `local`.

    Without this the land around a core station would count as reached by rail, by a ride to the next core station.
    """
    kept = ~np.isin(cells.station, case.core)
    before = np.concatenate([[0], np.cumsum(kept)]).astype(np.int64)
    return Cells(cells.land, before[cells.ptr], cells.station[kept], cells.seconds[kept])


def both_ways(to: Surface, from_: Surface) -> Surface:
    """Return the surface of places that are within the cutoff in both directions.

    DESIGN: max(T_to - limit_to, T_from - limit_from) + cutoff; with both limits at the cutoff it is the larger time.
    The total is taken direction by direction, so `local_s` of the result is the local time of both.
    """
    return replace(
        to,
        direction="both",
        by_rail_s=np.maximum(to.by_rail_s, from_.by_rail_s),
        strict_s=np.maximum(to.strict_s, from_.strict_s),
        local_s=np.maximum(to.local_s, from_.local_s),
        served=np.minimum(to.served * from_.n_minutes, from_.served * to.n_minutes),
        n_minutes=to.n_minutes * from_.n_minutes,
        trips=np.minimum(to.trips, from_.trips),
    )


def local_times(case: Case, cells: Cells, legs: str, centres: Sequence[Centre] | None) -> Ints64:
    """Return seconds without a ride to the nearest core station (door-to-station) or centre (door-to-door), no caps."""
    if legs == "door-to-door":
        ends = [(c.lon, c.lat) for c in (case.city.centres if centres is None else centres)]
    else:
        ends = [(s.lon, s.lat) for s in (case.compiled.network.stations[k] for k in case.core)]
    best = np.full(len(cells.land), UNREACHED, np.int64)
    cx, cy = cells.land.grid.centre(cells.land.row, cells.land.column)
    modes = case.assumptions.modes_at(case.city.feeder)
    for x, y in zip(*cells.land.grid.project([e[0] for e in ends], [e[1] for e in ends]), strict=True):
        best = np.minimum(best, best_seconds(modes, np.hypot(cx - x, cy - y), capped=False))
    return best


def polygon_within(grid: Grid, row: Ints64, column: Ints64, seconds: Ints64, cutoff_s: int) -> Any:
    """Return the (multi)polygon, in grid metres, of the cells within `cutoff_s`: marching squares with holes kept.

    The field is clip((T - cutoff) / 2 min, -1, +1), unreached and everything outside the cells +1, its zero line the
    edge: polygons of rising cutoffs are nested and every cell centre is on the right side.
    """
    import contourpy
    import shapely

    inside = seconds <= cutoff_s
    if not inside.any():
        return shapely.MultiPolygon()
    reached = np.flatnonzero(seconds < UNREACHED)
    row0, column0 = int(row[reached].min()) - 1, int(column[reached].min()) - 1
    shape = (int(row[reached].max()) - row0 + 2, int(column[reached].max()) - column0 + 2)
    field_ = np.ones(shape)
    value = np.clip((seconds[reached] - cutoff_s) / _SOFT_S, -1.0, 1.0)
    # a cell exactly on the cutoff is inside
    field_[row[reached] - row0, column[reached] - column0] = np.where(value == 0.0, -1e-9, value)
    x = (np.arange(shape[1]) + column0 + 0.5) * grid.size_m
    y = (np.arange(shape[0]) + row0 + 0.5) * grid.size_m
    generator = contourpy.contour_generator(x, y, field_, fill_type=contourpy.FillType.OuterOffset)
    points, offsets = generator.filled(-np.inf, 0.0)
    parts = [
        shapely.Polygon(p[o[0] : o[1]], [p[o[k] : o[k + 1]] for k in range(1, len(o) - 1)])
        for p, o in zip(points, offsets, strict=True)
    ]
    parts = [part if part.is_valid else shapely.make_valid(part) for part in parts]
    merged = shapely.union_all([p for part in parts for p in _polygons(part)])
    return shapely.MultiPolygon(_polygons(merged))


def _polygons(shape: Any) -> list[Any]:
    """Return the polygons of any geometry, without its lines and points."""
    if shape.geom_type == "Polygon":
        return [] if shape.is_empty else [shape]
    return [p for part in getattr(shape, "geoms", []) for p in _polygons(part)]
