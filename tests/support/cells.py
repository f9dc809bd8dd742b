"""The cells of a grid around a point, and cities on cells of their own network, as tests
need them.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from railshed.access.straight import Access, Entrances
from railshed.access.street_access import StreetAccess
from railshed.access.streets import Streets
from railshed.assumptions.assumptions import Assumptions
from railshed.cells.cell_keys import key_cells
from railshed.cells.network_cells import NetworkCells
from railshed.circles.city_model import CityModel
from railshed.circles.study_area import StudyArea
from railshed.kernels.cell_pairs import least_by_cell
from railshed.network.cities import City
from railshed.network.model import Station
from railshed.routing.engine import AnyCompiled
from railshed.util.array_types import Floats, Ints64
from tests.support.small_networks import small_network


def cells_at(lon: float, lat: float, size_m: int, **fields: Any) -> NetworkCells:
    """Return the cells of a network with one station; its grid is Lambert around it, to half a
    degree.

    `fields` of the network: counties, population.
    """
    return NetworkCells(
        small_network({"only": Station("only", "only", lon, lat)}, {}, **fields), size_m
    )


class CellPairs(NamedTuple):
    """Pairs of cells and doors, sorted by row, column and door."""

    row: Ints64
    column: Ints64
    point: Ints64
    seconds: Ints64

    def of_nearest(self) -> CellPairs:
        """Return the least seconds of each cell, as of door 0."""
        order = np.lexsort((self.seconds, self.column, self.row))
        row, column = self.row[order], self.column[order]
        first = np.append(True, (np.diff(row) != 0) | (np.diff(column) != 0))[: len(row)]
        return CellPairs(
            row[first],
            column[first],
            np.zeros(int(first.sum()), np.int64),
            self.seconds[order][first],
        )


def pairs_of_access(cells: NetworkCells, access: Access) -> CellPairs:
    """Return the pairs of cells and doors by row and column."""
    cell, door, seconds = access.pairs()
    row, column = key_cells(cells.keys(cell))
    order = np.lexsort((door, column, row))
    return CellPairs(row[order], column[order], door[order], seconds[order])


class Near(NamedTuple):
    """Cells near points: offsets by point, keys of the cells (nearest first) and metres to their
    centres.
    """

    ptr: Ints64
    keys: Ints64
    point: Ints64
    metres: Ints64


def cells_near(cells: NetworkCells, lon: Floats, lat: Floats, radius_m: Floats) -> Near:
    """Return the cells within metres of points."""
    found = cells.around(lon, lat, radius_m)
    ptr = np.concatenate([[0], np.cumsum(found.last - found.first)]).astype(np.int64)
    cell, point, metres = found.pairs()
    return Near(ptr, cells.keys(cell), point, metres)


def seconds_without_ride(
    way: StreetAccess, cells: NetworkCells, keys: Ints64, doors: Entrances, limit_s: int
) -> list[int]:
    """Return the seconds of cells, each once and sorted, to the nearest door, as a circle
    has them.
    """
    land = StudyArea(cells, *key_cells(keys), np.zeros(len(keys), np.int64), 0)
    access = way.without_ride(cells, doors, limit_s)
    found = least_by_cell(*access.around, access.kind, access.seconds, land.place, len(land))
    return [int(value) for value in found]


def city_model(
    compiled: AnyCompiled,
    city: City,
    assumptions: Assumptions,
    max_transfers: int | None = None,
    streets: Streets | None = None,
) -> CityModel:
    """Return a city on the cells of the compiled network, of the size that the assumptions name."""
    cells = NetworkCells(compiled.network, assumptions.cell_size_m)
    return CityModel(compiled, city, assumptions, cells, max_transfers, streets)
