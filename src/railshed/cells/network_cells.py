"""The cells of a network on its one grid: which are near a point, their county and their people.

They do not depend on a city, a timetable or a scenario: each is worked out when it is first needed and held for all
cities, unions and scenarios, whose people agree to the person.
"""

from __future__ import annotations

from threading import Lock
from typing import NamedTuple

import numpy as np

from railshed.cells.cell_keys import distinct, find_keys, key_cells
from railshed.cells.grid import Grid
from railshed.cells.population import NOWHERE, People, locate_cells, spread_people
from railshed.kernels import cell_distances as kernels
from railshed.network.model import Network
from railshed.util.array_types import Floats, Ints64


class Near(NamedTuple):
    """Cells near points, the nearest of each point first."""

    #: int64 (n_points + 1,) offsets of the cells of each point
    ptr: Ints64
    #: int64 (n,) keys of the cells (`cell_keys`), and whole metres from the point to the centre
    keys: Ints64
    metres: Ints64

    @property
    def point(self) -> Ints64:
        """int64 (n,) number of the point of each cell."""
        return np.repeat(np.arange(len(self.ptr) - 1), np.diff(self.ptr))


class _Places(NamedTuple):
    """Cells by key: degrees of their centres."""

    keys: Ints64
    lon: Floats
    lat: Floats


class _Land(NamedTuple):
    """Cells by key: row of the counties, NOWHERE outside all; people by county, those of a cell from its offset on."""

    keys: Ints64
    county: Ints64
    ptr: Ints64
    people_county: Ints64
    people: Floats


#: a radius worked out from seconds may fall short of whole metres by its last bits
_TOLERANCE_M = 1e-3
_NONE, _NO_FLOATS = np.empty(0, np.int64), np.empty(0)


class NetworkCells:
    """The cells of a network; safe to share between threads."""

    def __init__(self, network: Network, size_m: int) -> None:
        self.network = network
        self.grid = Grid.over(*network.lon_lat, size_m)
        self._lock = Lock()
        self._places = _Places(_NONE, _NO_FLOATS, _NO_FLOATS)
        self._land = _Land(_NONE, _NONE, np.zeros(1, np.int64), _NONE, _NO_FLOATS)
        #: by degrees of a point, the metres around it of which all cells are placed
        self._around: dict[tuple[float, float], float] = {}

    def near(self, lon: Floats, lat: Floats, radius_m: Floats) -> Near:
        """Return the cells whose centre is within so many whole metres of each point, all float64 (n,)."""
        row, column = self.grid.index(*self.grid.project(lon, lat))
        reach = np.ceil(self.grid.extent(lon, lat, radius_m) / self.grid.size_m).astype(np.int64) + 1
        points = list(zip(lon.tolist(), lat.tolist(), strict=True))
        new = np.array([
            k for k, (point, radius) in enumerate(zip(points, radius_m.tolist(), strict=True))
            if self._around.get(point, -1.0) < radius
        ], np.int64)  # fmt: skip
        if len(new):
            self._place(kernels.boxes(row[new], column[new], reach[new]))
            self._around |= {points[k]: float(radius_m[k]) for k in new.tolist()}
        places = self._places
        within = np.floor(radius_m + _TOLERANCE_M).astype(np.int64)
        ptr, cell, metres = kernels.cells_near(*places, lon, lat, row, column, reach, within)
        return Near(ptr, places.keys[cell], metres)

    def metres(self, keys: Ints64, lon: Floats, lat: Floats) -> Ints64:
        """Return int64 (n_points, n_cells) whole metres between points and the centres of cells."""
        found: Ints64 = kernels.metres_between(lon, lat, *self.grid.unproject(*self.grid.centre(*key_cells(keys))))
        return found

    def counties(self, keys: Ints64) -> Ints64:
        """Return int64 (n,) row of the network's counties at the centre of cells, NOWHERE outside all."""
        land = self._located(keys)
        return land.county[find_keys(land.keys, keys)[0]] if len(keys) else _NONE

    def people(self, keys: Ints64) -> People | None:
        """Return the people of these cells (sorted keys), None where the network has no population."""
        if self.network.population is None or self.network.counties is None or not len(keys):
            return None
        land = self._located(keys)
        at = find_keys(land.keys, keys)[0]
        first, n = land.ptr[at], land.ptr[at + 1] - land.ptr[at]
        cell = np.repeat(np.arange(len(keys)), n)
        part = np.arange(len(cell)) + np.repeat(first - np.concatenate([[0], np.cumsum(n)[:-1]]), n)
        return People(cell, land.people_county[part], land.people[part])

    def _place(self, keys: Ints64) -> None:
        """Hold the centres of these cells."""
        with self._lock:
            old = self._places
            new = _missing(old.keys, keys)
            lon, lat = self.grid.unproject(*self.grid.centre(*key_cells(new)))
            every = np.concatenate([old.keys, new])
            order = np.argsort(every, kind="stable")
            self._places = _Places(
                every[order], np.concatenate([old.lon, lon])[order], np.concatenate([old.lat, lat])[order]
            )

    def _located(self, keys: Ints64) -> _Land:
        """Return a table with the county and people of these cells, and of others."""
        with self._lock:
            new = _missing(self._land.keys, keys)
            if len(new):
                self._land = _joined(self._land, self._locate(new))
            return self._land

    def _locate(self, keys: Ints64) -> _Land:
        row, column = key_cells(keys)
        county = locate_cells(self.grid, row, column, self.network.counties)
        on = np.flatnonzero(county != NOWHERE)
        people = spread_people(self.network, self.grid, row[on], column[on], county[on])
        n = np.zeros(len(keys), np.int64)
        if people is None:
            return _Land(keys, county, np.zeros(len(keys) + 1, np.int64), _NONE, _NO_FLOATS)
        n[on] = np.bincount(people.cell, minlength=len(on))
        return _Land(keys, county, np.concatenate([[0], np.cumsum(n)]), people.county, people.people)


def _missing(keys: Ints64, queried: Ints64) -> Ints64:
    """Return the sorted distinct keys that are not among the sorted `keys`."""
    every = distinct(queried)
    return every[~find_keys(keys, every)[1]]


def _joined(one: _Land, other: _Land) -> _Land:
    """Return the cells of both, which have none in common."""
    keys = np.concatenate([one.keys, other.keys])
    order = np.argsort(keys, kind="stable")
    n = np.concatenate([np.diff(one.ptr), np.diff(other.ptr)])
    first = np.concatenate([one.ptr[:-1], other.ptr[:-1] + len(one.people)])
    ptr = np.concatenate([[0], np.cumsum(n[order])])
    part = np.arange(ptr[-1]) + np.repeat(first[order] - ptr[:-1], n[order])
    county, people_county, people = (
        np.concatenate([getattr(land, name) for land in (one, other)]) for name in ("county", "people_county", "people")
    )
    return _Land(keys[order], county[order], ptr, people_county[part], people[part])
