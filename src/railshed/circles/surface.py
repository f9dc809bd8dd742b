"""Travel-time surfaces: the travel time of every land cell of a city under one reading, in blocks
of cells.

A block needs memory for its own cells and pairs only, so a surface of millions of cells costs what
it returns. Blocks run on several threads; results do not depend on how many, nor on the size of a
block.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from railshed.assumptions.readings import Reading
from railshed.circles.city_model import ENDS_AT_TERMINALS, CityModel
from railshed.circles.study_area import Cells, local_times
from railshed.kernels import cell_times as kernels
from railshed.routing.directions import Direction, directions_of
from railshed.routing.engine import AnyJourneys
from railshed.routing.profiles import Window, minutes_of, percentile_ranks
from railshed.util.array_types import Ints32, Ints64
from railshed.util.parallel import call_in_threads
from railshed.util.units import MINUTE, UNREACHED

#: percentile printed as the strict value beside the reading's own
STRICT_PERCENTILE = 75

#: a block has at most this many cells, and pairs of cell and station (one cell at least)
BLOCK_CELLS = 1 << 17
BLOCK_PAIRS = 1 << 20


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """Travel times of the cells under one reading. Seconds, UNREACHED where there is no journey."""

    reading: Reading
    direction: str
    #: int32 (n_cells,) by rail at the reading's percentile; at the strict percentile; without a
    #: ride
    by_rail_s: Ints32
    strict_s: Ints32
    local_s: Ints32
    #: int32 (n_cells, n_cutoffs) minutes of the window within each cutoff, by rail
    served: NDArray[np.int32]
    n_minutes: int
    #: int32 (n_cells,) distinct journeys in the window within the largest cutoff, by rail; (0,)
    #: where not counted
    trips: Ints32
    #: int32 (n_cells,) by rail without intercity and suburban trains; None where not computed
    without_trains_s: Ints32 | None = None

    @property
    def total_s(self) -> Ints32:
        """By rail or without a ride, whichever is less."""
        return np.minimum(self.by_rail_s, self.local_s)


@dataclass(frozen=True, slots=True, eq=False)
class CellMinutes:
    """The minutes of every cell of a surface: journeys, the window, and the pairs of cells and
    stations that count.
    """

    journeys: AnyJourneys
    cells: Cells
    #: int64 (n_stations,) seconds between door and platform at home
    home_s: Ints64
    #: int64 (n_stations,) where no ride may begin; (0,) where it may everywhere
    no_boarding: Ints64
    span: Window
    #: int32 (n_stations, n_minutes) T_s; None where the traveller turns up and goes
    times: NDArray[np.int32] | None
    #: of the stations in use (`Cells.doors`): T_s from the door, UNREACHED where no ride may begin,
    #: and the same sorted
    at_door: tuple[NDArray[np.int32], NDArray[np.int32]] | None

    @property
    def minutes(self) -> Ints64:
        """Clock seconds of the window's minutes."""
        return minutes_of(self.span)

    def pairs(self, block: slice) -> tuple[Ints64, Ints64, Ints64]:
        """Return (ptr, station, seconds) of a block's cells, seconds between the cell and the
        platform.
        """
        ptr = self.cells.ptr[block.start : block.stop + 1]
        mine = slice(int(ptr[0]), int(ptr[-1]))
        ptr = ptr - ptr[0]
        station = self.cells.doors[self.cells.door[mine]]
        door_s = self.cells.seconds[mine]
        if len(self.no_boarding):
            allowed = np.ones(len(self.home_s), dtype=bool)
            allowed[self.no_boarding] = False
            open_ = allowed[station]
            ptr = np.concatenate([[0], np.cumsum(open_)]).astype(np.int64)[ptr]
            station = station[open_]
            door_s = door_s[open_]
        return ptr, np.ascontiguousarray(station), door_s + self.home_s[station]

    def summarise(
        self, block: slice, ranks: Ints64, limits: Ints64, within_s: int = UNREACHED
    ) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Return (ranked, served) of a block's cells as `kernels.cell_times.cell_times`."""
        if self.at_door is None:
            return self.journeys.turn_up_cells(self.minutes, *self.pairs(block), ranks, limits)
        cells = self.cells
        ptr = self.cells.ptr[block.start : block.stop + 1]
        ranked, served = kernels.cell_times(
            ptr, cells.door, cells.seconds, *self.at_door, ranks, limits, within_s
        )
        return ranked, served

    def within(self, block: slice, rank: int, limits: Ints64) -> NDArray[np.bool_]:
        """Return bool (n, n_limits): which of a block's cells have the minute of this rank within
        each limit.
        """
        if self.at_door is None:
            return self.summarise(block, np.empty(0, np.int64), limits)[1] > rank
        cells = self.cells
        ptr = self.cells.ptr[block.start : block.stop + 1]
        found: NDArray[np.bool_] = kernels.cells_within(
            ptr, cells.door, cells.seconds, *self.at_door, rank, limits
        )
        return found

    def at_rank(self, block: slice, rank: int) -> tuple[NDArray[np.int32], Ints64]:
        """Return (seconds, minute) at this rank of a block's cells as
        `kernels.cell_times.minutes_at_rank`.
        """
        if self.at_door is None:
            seconds = self.journeys.turn_up_minutes(self.minutes, *self.pairs(block))
            value, minute = kernels.minutes_at_rank(seconds, rank)
        else:
            cells = self.cells
            ptr = self.cells.ptr[block.start : block.stop + 1]
            value, minute = kernels.cells_at_rank(
                ptr, cells.door, cells.seconds, *self.at_door, rank
            )
        return value, minute


def cell_minutes(
    case: CityModel, cells: Cells, reading: Reading, direction: Direction
) -> CellMinutes | None:
    """Return the minutes of the cells; arguments as `surface_of`. None where journeys end at no
    station.

    To a terminal no ride begins at one: a traveller there has arrived, and that is `local`.
    Otherwise the land around a terminal would count as reached by rail, by a ride to the next one.
    """
    journeys = case.journeys_of(reading, direction)
    if journeys is None:
        return None
    no_boarding = reading.legs in ENDS_AT_TERMINALS
    span = case.window(reading, direction)
    times = (
        None
        if reading.turns_up(direction)
        else journeys.travel_times(span, reading.slack_s, reading.early_weight)
    )
    home_s = case.home_s(reading.legs, direction)
    closed = np.array(sorted(case.core) if no_boarding else [], np.int64)
    at_door = None
    if times is not None:
        mine = times[cells.doors]
        mine[np.isin(cells.doors, closed)] = UNREACHED
        at_door = door_minutes(mine, home_s[cells.doors])
    return CellMinutes(
        journeys=journeys,
        cells=cells,
        home_s=home_s,
        no_boarding=closed,
        span=span,
        times=times,
        at_door=at_door,
    )


def door_minutes(
    times: NDArray[np.int32], home_s: Ints64
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return int32 (n, n_minutes): the minutes of stations with `home_s` (n,) added, as they follow
    and in order.
    """
    rows = np.where(times == UNREACHED, times, times + home_s[:, None].astype(np.int32))
    return rows, np.sort(rows, axis=1)


def surface_of(
    case: CityModel,
    cells: Cells,
    reading: Reading,
    direction: Direction,
    *,
    cutoffs: Sequence[int] | None = None,
    count_trips: bool = True,
    within_s: int | None = None,
) -> Surface:
    """Return the surface of one reading in one direction.

    `cutoffs` in minutes; trips are counted unless `count_trips` is false. `within_s`: the times by
    rail at the reading's percentile alone, exact up to so many seconds; no times without a ride,
    trips, minutes served or strict percentile.
    """
    alone = within_s is not None
    count_trips = count_trips and not alone
    of_limits = () if alone else cutoffs or reading.cutoffs
    limits = np.array([c * MINUTE for c in of_limits], dtype=np.int64)
    n_cells = len(cells.land)
    n_minutes = len(minutes_of(case.window(reading, direction)))
    local = (
        np.full(n_cells, UNREACHED, np.int32)
        if alone
        else local_times(case, cells, reading.legs, direction)
    )
    asked = cell_minutes(case, cells, reading, direction)
    by_rail, strict = (np.full(n_cells, UNREACHED, np.int32) for _ in range(2))
    served = np.zeros((n_cells, len(limits)), np.int32)
    trips = np.zeros(n_cells if count_trips else 0, np.int32)
    if asked is not None:
        percentiles = [reading.percentile] if alone else [reading.percentile, STRICT_PERCENTILE]
        ranks = percentile_ranks(percentiles, n_minutes)

        def work(block: slice) -> None:
            values, served[block] = asked.summarise(
                block, ranks, limits, UNREACHED if within_s is None else within_s
            )
            by_rail[block] = values[:, 0]
            if not alone:
                strict[block] = values[:, 1]
            if count_trips:
                trips[block] = asked.journeys.cell_trips(
                    asked.span, *asked.pairs(block), int(limits.max())
                )

        call_in_threads(work, blocks_of(cells.ptr))
    return Surface(
        reading=reading,
        direction=direction,
        by_rail_s=by_rail,
        strict_s=strict,
        local_s=local,
        served=served,
        n_minutes=n_minutes,
        trips=trips,
    )


def blocks_of(ptr: Ints64) -> list[slice]:
    """Return the cells in order, cut into blocks of at most `BLOCK_CELLS` cells and `BLOCK_PAIRS`
    pairs.

    ptr int64 (n_cells + 1,): offsets of the pairs of each cell.
    """
    blocks = []
    start = 0
    n_cells = len(ptr) - 1
    while start < n_cells:
        full = int(np.searchsorted(ptr, ptr[start] + BLOCK_PAIRS, side="right")) - 1
        end = min(n_cells, start + BLOCK_CELLS, max(full, start + 1))
        blocks.append(slice(start, end))
        start = end
    return blocks


def both_ways(to: Surface, from_: Surface) -> Surface:
    """Return the surface of places that are within the cutoff in both directions.

    DESIGN: max(T_to - limit_to, T_from - limit_from) + cutoff; with both limits at the cutoff it is
    the larger time. By rail both ways, or without a ride both ways: where streets run one way, a
    place that is within the cutoff by rail alone on one way and without a ride alone on the other
    is in neither, nor in the total. On straight lines, the same there and back, there is no such
    place.
    """
    served = np.minimum(to.served * from_.n_minutes, from_.served * to.n_minutes)
    n_minutes = to.n_minutes * from_.n_minutes
    trips = np.minimum(to.trips, from_.trips)
    of_both = _times_of([to, from_], np.max)
    return replace(to, direction="both", **of_both, served=served, n_minutes=n_minutes, trips=trips)


def least_of(surfaces: Sequence[Surface]) -> Surface:
    """Return the surface of the least times of several; minutes served and trips are those of the
    first.
    """
    return replace(surfaces[0], **_times_of(surfaces, np.min))


def _times_of(surfaces: Sequence[Surface], chosen: Callable[..., Ints32]) -> dict[str, Any]:
    """Return by name the seconds of several surfaces, of which `chosen` takes one by cell."""
    return {
        name: chosen([getattr(s, name) for s in surfaces], axis=0)
        for name in ("by_rail_s", "strict_s", "local_s")
    }


def directed_surface(
    case: CityModel,
    cells: Mapping[Direction, Cells],
    reading: Reading,
    direction: str,
    **options: Any,
) -> Surface:
    """Return the surface to, from or both ways; `options` are those of `surface_of`."""
    found = [
        surface_of(case, cells[way], reading, way, **options) for way in directions_of(direction)
    ]
    return found[0] if len(found) == 1 else both_ways(*found)
