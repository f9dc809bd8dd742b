"""Travel-time surfaces: the travel time of every land cell of a city under one reading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from railshed.arrays import Direction
from railshed.assumptions import Reading
from railshed.cases import Case
from railshed.kernels import surface as kernels
from railshed.land import Cells, local_times
from railshed.model import Centre
from railshed.routing import minutes_of, percentile_ranks
from railshed.units import MINUTE, UNREACHED

Ints64 = NDArray[np.int64]
#: percentile printed as the strict value beside the reading's own
STRICT_PERCENTILE = 75


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
    local = local_times(case, cells, reading.legs, direction, centres)
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
    return replace(cells, ptr=before[cells.ptr], station=cells.station[kept], seconds=cells.seconds[kept])


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
