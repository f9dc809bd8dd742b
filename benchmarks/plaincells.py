"""Surface contenders of workload `cells`: the plain kernels, the same in numpy, and cells of any number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from railshed.kernels.profile_views import travel_times
from railshed.kernels.types import NEVER, Profiles

Ints64 = NDArray[np.int64]


@numba.njit(nogil=True)
def plain_cell_times(cell_ptr, pair_station, pair_s, times, ranks, cutoffs):
    """Every pair minute by minute in signed seconds, a test for each; ranks by bisection over all seconds."""
    n_cells = len(cell_ptr) - 1
    n_minutes = times.shape[1]
    out = np.empty((n_cells, len(ranks)), np.int32)
    served = np.zeros((n_cells, len(cutoffs)), np.int32)
    best = np.empty(n_minutes, np.int32)
    for cell in range(n_cells):
        best[:] = NEVER
        for pair in range(cell_ptr[cell], cell_ptr[cell + 1]):
            station, extra = pair_station[pair], np.int32(pair_s[pair])
            for m in range(n_minutes):
                if times[station, m] != NEVER:
                    best[m] = min(best[m], np.int32(times[station, m] + extra))
        for c in range(len(cutoffs)):
            for m in range(n_minutes):
                served[cell, c] += best[m] <= cutoffs[c]
        reached, largest = 0, np.int64(0)
        for m in range(n_minutes):
            if best[m] != NEVER:
                reached += 1
                largest = max(largest, np.int64(best[m]))
        for r in range(len(ranks)):
            if ranks[r] >= reached:
                out[cell, r] = NEVER
                continue
            low, high = np.int64(0), largest
            while low < high:
                middle = (low + high) // 2
                number = 0
                for m in range(n_minutes):
                    number += best[m] <= middle
                if number > ranks[r]:
                    high = middle
                else:
                    low = middle + 1
            out[cell, r] = low
    return out, served


@numba.njit(nogil=True)
def plain_cell_trips(cell_ptr, pair_station, pair_s, profiles, start, end, limit_s):
    """All arrivals of a cell gathered, sorted, the different ones counted."""
    n_cells = len(cell_ptr) - 1
    out = np.zeros(n_cells, np.int32)
    seen = np.empty(max(1, len(profiles.arrival)), np.int64)
    for cell in range(n_cells):
        n = 0
        for pair in range(cell_ptr[cell], cell_ptr[cell + 1]):
            x = pair_station[pair]
            base = np.int64(profiles.ptr[x])
            for k in range(base, base + np.int64(profiles.count[x])):
                arrives = np.int64(profiles.arrival[k])
                taken = arrives - np.int64(profiles.departure[k]) + pair_s[pair]
                if start <= arrives <= end and taken <= limit_s and n < len(seen):
                    seen[n] = arrives
                    n += 1
        order = np.sort(seen[:n])
        for k in range(n):
            out[cell] += k == 0 or order[k] != order[k - 1]
    return out


def numpy_cell_times(
    cell_ptr: Ints64, pair_station: Ints64, pair_s: Ints64, times: NDArray[np.int32], ranks: Ints64, cutoffs: Ints64
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """The same in whole arrays, 4,096 cells at a time: gather, minimum by cell, partition."""
    n_cells = len(cell_ptr) - 1
    out = np.full((n_cells, len(ranks)), NEVER, np.int32)
    served = np.zeros((n_cells, len(cutoffs)), np.int32)
    wide = times.astype(np.uint32)
    for start in range(0, n_cells, 4096):
        ptr = cell_ptr[start : start + 4097]
        mine = slice(int(ptr[0]), int(ptr[-1]))
        some = np.flatnonzero(np.diff(ptr))
        if not len(some):
            continue
        values = wide[pair_station[mine]] + pair_s[mine, None].astype(np.uint32)
        best = np.minimum(np.minimum.reduceat(values, ptr[some] - ptr[0], axis=0), NEVER)
        out[start + some] = np.partition(best, ranks, axis=1)[:, ranks]
        served[start + some] = (best[:, None, :] <= cutoffs[None, :, None]).sum(axis=2)
    return out, served


@dataclass(frozen=True, eq=False)
class Made:
    """Generated cells: pairs of cells and stations, and the stations' journeys in a two-hour window."""

    ptr: Ints64
    station: Ints64
    seconds: Ints64
    profiles: Profiles
    times: NDArray[np.int32]
    span: tuple[int, int]


def make_cells(side: int, n_stations: int = 500, reach: float = 0.06, seed: int = 4) -> Made:
    """Return side x side cells of a square with stations at random, each near to the cells within `reach` of its side.

    Trains every 10 to 60 minutes take 10 to 70; access takes up to half an hour.
    """
    rng = np.random.default_rng(seed)
    radius = reach * side
    cells, stations, seconds = [], [], []
    for x, (row, column) in enumerate(rng.random((n_stations, 2)) * side):
        lines = np.arange(max(0, int(row - radius)), min(side, int(row + radius) + 1))
        places = np.arange(max(0, int(column - radius)), min(side, int(column + radius) + 1))
        far = np.hypot((lines - row)[:, None], (places - column)[None, :])
        near = far <= radius
        cells.append((lines[:, None] * side + places[None, :])[near])
        stations.append(np.full(len(cells[-1]), x, np.int16))
        seconds.append((far[near] / radius * 1800).astype(np.int16))
    cell = np.concatenate(cells)
    order = np.argsort(cell, kind="stable")
    ptr = np.concatenate([[0], np.cumsum(np.bincount(cell, minlength=side * side))]).astype(np.int64)
    station, way = np.concatenate(stations)[order].astype(np.int64), np.concatenate(seconds)[order].astype(np.int64)
    start, end = 36_000, 43_200
    profiles = _trains(rng, n_stations, start - 3600, end)
    deadlines = np.arange(start, end, 60, dtype=np.int64)
    return Made(
        ptr, station, way, profiles, travel_times(profiles, deadlines, 1800, 0.5, 7200, False), (start, end - 1)
    )


def _trains(rng: Any, n_stations: int, first: int, last: int) -> Profiles:
    """Return one train a headway from every station, latest first."""
    count, departures, arrivals = [], [], []
    for _ in range(n_stations):
        headway, ride = int(rng.integers(10, 61)) * 60, int(rng.integers(600, 4200))
        arrives = np.arange(last - int(rng.integers(headway)), first, -headway)
        count.append(len(arrives))
        arrivals.append(arrives)
        departures.append(arrives - ride)
    ptr = np.concatenate([[0], np.cumsum(count)])
    arrays = (ptr, np.array(count), np.concatenate(departures), np.concatenate(arrivals))
    return Profiles(*(a.astype(np.uint32) for a in arrays))
