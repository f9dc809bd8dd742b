"""What the seconds of a cell are made of: access, entry, wait, ride, change, exit, egress of its
percentile journey.

The journey of a cell is the one that makes the nearest-rank percentile: of the cell's minutes in
order of time, then clock, the one at the rank; of the stations that make that minute the one of the
lowest index; then `trace` of that station and minute (fewest rides, later departure, lower trip
index). So the parts sum exactly to the surface's time.

Components follow the traveller: *to* the city access and entry are at home, exit and egress in the
city; *from* it access and entry are in the city, exit and egress at home. A first or last transfer
counts as change. Wait: *to*, the time that the traveller is in the city before the deadline beyond
the slack; *from*, the time from the minute to the departure beyond it, both at the reading's early
weight; turning up at random, all of the wait on the first platform.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from railshed.assumptions.readings import Reading
from railshed.circles.city_model import CityModel
from railshed.circles.study_area import Cells
from railshed.circles.surface import CellMinutes, blocks_of, cell_minutes
from railshed.routing.directions import Direction
from railshed.routing.profiles import TracedJourney, percentile_ranks
from railshed.util.array_types import Bools, Ints64
from railshed.util.parallel import call_in_threads
from railshed.util.sums import plain_sum
from railshed.util.units import MINUTE, UNREACHED

COMPONENTS = ("access", "entry", "wait", "ride", "change", "exit", "egress")
ACCESS, ENTRY, WAIT, RIDE, CHANGE, EXIT, EGRESS = range(len(COMPONENTS))


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """The seconds of every cell's percentile journey by component."""

    reading: Reading
    direction: Direction
    #: int32 (n_cells, 7) seconds in the order of COMPONENTS, 0 where there is no journey
    seconds: NDArray[np.int32]
    #: int64 (n_cells,) their sum, UNREACHED where there is no journey: `Surface.by_rail_s`
    by_rail_s: Ints64
    #: int64 (n_cells,) station at home, -1 where there is no journey; clock second of the minute,
    #: UNREACHED there
    station: Ints64
    minute_s: Ints64
    #: int32 (n_cells,) rides of the journey, 0 where there is none
    n_rides: NDArray[np.int32]


def split_of(
    case: CityModel,
    cells: Cells,
    reading: Reading,
    direction: Direction,
    *,
    within_s: int = UNREACHED,
) -> Split:
    """Return the split of every cell whose journey takes at most `within_s`; other cells count as
    without a journey.

    The sums are `by_rail_s` of `surface.surface_of`. One journey is traced for
    each station and minute that makes a cell: a limit saves the time of those beyond it.
    """
    n = len(cells.land)
    out = Split(
        reading=reading,
        direction=direction,
        seconds=np.zeros((n, len(COMPONENTS)), np.int32),
        by_rail_s=np.full(n, UNREACHED, np.int64),
        station=np.full(n, -1, np.int64),
        minute_s=np.full(n, UNREACHED, np.int64),
        n_rides=np.zeros(n, np.int32),
    )
    asked = cell_minutes(case, cells, reading, direction)
    if asked is None:
        return out
    cell, station, door_s, minute_s, whole_s = choose(asked, reading.percentile, within_s)
    of, journeys, waits = _trace_all(asked, station, door_s, minute_s, reading)
    ends = _city_ends(case, reading.legs, direction)
    parts = np.array([_parts(journey, direction, ends) for journey in journeys], np.int64).reshape(
        -1, len(COMPONENTS)
    )
    seconds = parts[of]
    seconds[:, WAIT] += waits
    home = (ACCESS, ENTRY) if direction == "to" else (EGRESS, EXIT)
    seconds[:, home[0]] += door_s
    seconds[:, home[1]] += asked.home_s[station]
    out.seconds[cell] = seconds
    out.by_rail_s[cell] = whole_s
    out.station[cell] = station
    out.minute_s[cell] = minute_s
    out.n_rides[cell] = np.array([len(journey.rides) for journey in journeys], np.int32)[of]
    return out


def choose(
    asked: CellMinutes, percentile: int, within_s: int
) -> tuple[Ints64, Ints64, Ints64, Ints64, Ints64]:
    """Return what makes the percentile of each cell with a journey of at most `within_s`, in order
    of cells.

    int64 (n,) each: cell, station, seconds between cell and station door, clock second of the
    minute, seconds in all.
    """
    minutes = asked.minutes
    rank = int(percentile_ranks([percentile], len(minutes))[0])
    n = len(asked.cells.land)
    seconds = np.full(n, UNREACHED, np.int64)
    minute = np.zeros(n, np.int64)
    station = np.zeros(n, np.int64)
    door_s = np.zeros(n, np.int64)

    def work(block: slice) -> None:
        seconds[block], minute[block] = asked.at_rank(block, rank)
        ptr, stations, pair_s = asked.pairs(block)
        mine = np.repeat(np.arange(block.stop - block.start), np.diff(ptr))
        at = minute[block][mine]
        makes = _pair_seconds(asked, stations, pair_s, at) == seconds[block][mine]
        makes &= seconds[block][mine] != UNREACHED
        order = np.lexsort((stations[makes], mine[makes]))
        cell, first = np.unique(mine[makes][order], return_index=True)
        best = np.flatnonzero(makes)[order][first]
        station[block.start + cell] = stations[best]
        door_s[block.start + cell] = pair_s[best] - asked.home_s[stations[best]]

    call_in_threads(work, blocks_of(asked.cells.ptr))
    cell = np.flatnonzero((seconds != UNREACHED) & (seconds <= within_s))
    return cell, station[cell], door_s[cell], minutes[minute[cell]], seconds[cell]


def _pair_seconds(asked: CellMinutes, station: Ints64, pair_s: Ints64, minute: Ints64) -> Ints64:
    """Return int64 (n,) seconds by each pair of cell and station at one minute each; UNREACHED or
    more if none.
    """
    if asked.times is not None:
        return asked.times[station, minute] + pair_s
    leave = asked.minutes[minute]
    arrival = asked.journeys.next_journeys(leave, station, leave + pair_s)[:, 1]
    return np.where(arrival == UNREACHED, UNREACHED, arrival - leave)


def _trace_all(
    asked: CellMinutes, station: Ints64, door_s: Ints64, minute_s: Ints64, reading: Reading
) -> tuple[Ints64, list[TracedJourney], Ints64]:
    """Return (index of each cell's journey, the journeys, seconds of wait to add by cell): each
    traced once.
    """
    journeys = asked.journeys
    ready = minute_s + door_s + asked.home_s[station]
    if asked.times is not None:
        first, of = _alike(station, minute_s)
        pairs = list(zip(station[first].tolist(), minute_s[first].tolist(), strict=True))
        traced = [*map(_known, journeys.trace(pairs, reading.slack_s, reading.early_weight))]
        return of, traced, np.zeros_like(ready)
    departure = journeys.next_journeys(minute_s, station, ready)[:, 0]
    first, of = _alike(station, journeys.draws_of(minute_s), departure)
    rows = list(
        zip(
            station[first].tolist(),
            minute_s[first].tolist(),
            departure[first].tolist(),
            strict=True,
        )
    )
    return of, [*map(_known, journeys.trace_next(rows))], departure - ready


def _alike(*columns: Ints64) -> tuple[Ints64, Ints64]:
    """Return (first row of each kind, kind of each row) of rows whose columns are all equal, kinds
    in rising order.
    """
    kind = np.zeros(len(columns[0]), np.int64)
    for column in columns:
        values, of = np.unique(column, return_inverse=True)
        kind = kind * len(values) + of.reshape(-1)
    _, first, kinds = np.unique(kind, return_index=True, return_inverse=True)
    return first, kinds.reshape(-1)


def _known(journey: TracedJourney | None) -> TracedJourney:
    """Return the journey, which exists where a cell has a time."""
    assert journey is not None
    return journey


def _city_ends(case: CityModel, legs: str, direction: Direction) -> list[tuple[int, int]]:
    """Return (station, egress) seconds in the city by the station where a ride ends (*from*:
    begins) there.

    The core station that the journey ends at is the one of least seconds, a transfer included: the
    station itself, else the one of the lowest index. (0, 0) where there is none within a transfer.
    """
    targets = case.targets(legs, direction)
    inside = dict(zip(targets, case.station_s(list(targets), direction).tolist(), strict=True))
    if legs == "station":
        inside = dict.fromkeys(targets, 0)
    ptr, to, seconds = case.compiled.walks_of(direction)
    near = np.flatnonzero(np.isin(to, list(targets)))
    walks = np.column_stack(
        [np.searchsorted(ptr, near, "right") - 1, to[near], seconds[near]]
    ).tolist()
    options = {station: [(taken, False, station)] for station, taken in targets.items()}
    for station, target, walk in walks:
        options.setdefault(station, []).append((targets[target] + walk, target != station, target))
    ends = [(0, 0)] * case.compiled.network.n_stations
    for station, found in options.items():
        end = min(found)[2]
        ends[station] = inside[end], targets[end] - inside[end]
    return ends


def _parts(
    journey: TracedJourney, direction: Direction, ends: Sequence[tuple[int, int]]
) -> list[int]:
    """Return the seconds of a traced journey by COMPONENTS, without the way between home and
    platform.
    """
    out = [0] * len(COMPONENTS)
    out[WAIT] = journey.wait_s
    out[RIDE] = journey.ride_s
    if direction == "to":
        out[EXIT], out[EGRESS] = ends[journey.rides[-1].to_idx]
        transfers = journey.before_s + journey.after_s - out[EXIT] - out[EGRESS]
    else:
        out[ENTRY], out[ACCESS] = ends[journey.rides[0].from_idx]
        transfers = journey.before_s + journey.after_s - out[ENTRY] - out[ACCESS]
    out[CHANGE] = journey.change_s + transfers
    return out


def both_ways(splits: Mapping[Direction, Split]) -> dict[Direction, Split]:
    """Return the splits of both directions with the time of the slower one in each: what counts as
    within both ways.
    """
    slower: Ints64 = np.max([split.by_rail_s for split in splits.values()], axis=0)
    return {way: replace(split, by_rail_s=slower) for way, split in splits.items()}


def cell_columns(splits: Mapping[Direction, Split], cells: Ints64) -> dict[str, Any]:
    """Return by name of column the minutes of some cells by component, and whose direction they
    are.

    Both ways it is the slower direction, *to* where they are alike, so the parts sum to the time by
    rail both ways. NaN and "" where there is no journey within the limit of the splits in every
    direction.
    """
    each = [split.by_rail_s[cells] for split in splits.values()]
    slowest = np.argmax(each, axis=0)
    known = np.max(each, axis=0) != UNREACHED
    parts = np.stack([split.seconds[cells] for split in splits.values()])[
        slowest, np.arange(len(cells))
    ]
    columns: dict[str, Any] = {
        f"minutes_{name}": np.where(known, np.round(parts[:, k] / MINUTE, 2), np.nan)
        for k, name in enumerate(COMPONENTS)
    }
    columns["split_direction"] = np.where(known, np.array(list(splits))[slowest], "")
    return columns


def split_table(
    split: Split,
    cutoffs: Sequence[int],
    people: NDArray[np.float64] | None,
    cell_km2: float,
    inside: Bools | None = None,
) -> list[dict[str, Any]]:
    """Return one row a cutoff (minutes): means by component over the cells within it by rail, and
    what is no ride.

    Each cell counts by its `people` (float64 (n_cells,)), or by its area where no people are known
    or none live within the cutoff; the row says which. `inside` (n_cells,) leaves cells out, those
    of the city proper, say. `out_of_vehicle_share` is the share of all their time that is not spent
    in a train. Means and share are None where no cell is within the cutoff.
    """
    rows = []
    for cutoff in cutoffs:
        within = split.by_rail_s <= cutoff * MINUTE
        if inside is not None:
            within &= inside
        by = "area" if people is None or people[within].sum() == 0 else "people"
        weight = (
            np.full(int(within.sum()), cell_km2)
            if by == "area" or people is None
            else people[within]
        )
        totals = [float((weight * split.seconds[within, k]).sum()) for k in range(len(COMPONENTS))]
        rows.append(_row(cutoff, by, float(weight.sum()), totals))
    return rows


def _row(cutoff: int, by: str, weight: float, totals: Sequence[float]) -> dict[str, Any]:
    """Return one row of `split_table`, of sums of weight times seconds by component."""
    every = plain_sum(totals)
    means = {
        f"{name}_min": t / weight / MINUTE if weight else None
        for name, t in zip(COMPONENTS, totals, strict=True)
    }
    return {
        "cutoff_min": cutoff,
        "weighted_by": by,
        "weight": weight,
        **means,
        "total_min": every / weight / MINUTE if weight else None,
        "out_of_vehicle_share": 1 - totals[RIDE] / every if every else None,
    }
