"""People on the cells of a surface, and the county of each cell.

A row of the network's population table is the part of a source cell in one county. Its people are
divided evenly among the surface cells whose centre is in both; where there is none (a sliver), they
go to the surface cell nearest to the source cell's centre. So totals are exact before rounding,
county by county.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
import shapely
from numpy.typing import NDArray

from railshed.cells.cell_keys import cell_keys, distinct, each_place, find_keys, key_cells
from railshed.cells.grid import Grid
from railshed.cells.polygons import points_in
from railshed.util.array_types import Floats, Ints64
from railshed.util.cache import arrays_of
from railshed.util.frames import columns_of
from railshed.util.geodesy import degrees_around

if TYPE_CHECKING:
    import geopandas as gpd

    from railshed.network.model import Network

#: county index of a cell outside all counties: sea, or no boundaries there
NOWHERE = -1
#: degrees east and north of the centres of cells, float64 (n_cells,)
Centres = tuple[Floats, Floats]


def locate_cells(
    grid: Grid,
    row: Ints64,
    column: Ints64,
    counties: gpd.GeoDataFrame | None,
    centres: Centres | None = None,
) -> Ints64:
    """Return int64 (n_cells,): row of `counties` at each cell's centre, NOWHERE outside all;
    `centres` where known.
    """
    out = np.full(len(row), NOWHERE, np.int64)
    if counties is None or not len(row):
        return out
    lon, lat = centres or grid.unproject(*grid.centre(row, column))
    geometry = counties.geometry.to_numpy()
    near = shapely.STRtree(geometry).query(shapely.box(lon.min(), lat.min(), lon.max(), lat.max()))
    runs = np.concatenate([[0], np.flatnonzero(np.diff(row)) + 1, [len(row)]])
    run_south = np.minimum.reduceat(lat, runs[:-1])
    run_north = np.maximum.reduceat(lat, runs[:-1])
    for county in np.sort(near).tolist():
        west, south, east, north = shapely.bounds(geometry[county])
        meeting = np.flatnonzero((run_south <= north) & (run_north >= south))
        if not len(meeting):
            continue
        some = slice(runs[meeting[0]], runs[meeting[-1] + 1])
        x = lon[some]
        y = lat[some]
        inside = np.flatnonzero(
            (out[some] == NOWHERE) & (x >= west) & (x <= east) & (y >= south) & (y <= north)
        )
        if len(inside):
            out[some][inside[points_in(geometry[county], x[inside], y[inside])]] = county
    return out


def known_counties(network: Network) -> NDArray[np.bool_] | None:
    """Return by row of the counties whether the network's people are known there: placed on cells,
    or counted as none.

    A county without a census has no data. None where the network has no people.
    """
    counties = columns_of(network, "counties")
    if counties is None or columns_of(network, "population") is None:
        return None
    if network not in _KNOWN:
        rows = county_rows(network)
        census = counties["population"].astype(float)
        _KNOWN[network] = (np.bincount(rows[rows != NOWHERE], minlength=len(census)) > 0) | (
            census == 0
        )
    return _KNOWN[network]


class _Source(NamedTuple):
    """The parts of a network's population, by source cell: degrees of the south-western corner of
    all.
    """

    west: float
    south: float
    #: sorted; row of the counties; people
    keys: Ints64
    county: Ints64
    people: Floats


#: by network, as long as it lives: looking the codes up takes longer than the people of a city
_COUNTY_ROWS: WeakKeyDictionary[Network, Ints64] = WeakKeyDictionary()
_SOURCES: WeakKeyDictionary[Network, _Source] = WeakKeyDictionary()
_KNOWN: WeakKeyDictionary[Network, NDArray[np.bool_]] = WeakKeyDictionary()


def county_rows(network: Network) -> Ints64:
    """Return the row of `counties` of each row of the population table, NOWHERE where there is
    none.
    """
    known = _COUNTY_ROWS.get(network)
    if known is None:
        [known] = arrays_of(network, "county rows", lambda: [_look_up(network)])
        _COUNTY_ROWS[network] = known
    return known


def _look_up(network: Network) -> Ints64:
    counties = columns_of(network, "counties")
    people = columns_of(network, "population")
    assert counties is not None
    assert people is not None
    row_of = {code: k for k, code in enumerate(counties["county_code"].tolist())}
    return np.array(
        [row_of.get(code, NOWHERE) for code in people["county_code"].tolist()], np.int64
    )


def _source_of(network: Network) -> _Source:
    found = _SOURCES.get(network)
    if found is None:
        assert network.population is not None
        table = network.population
        size = network.population_cell_deg
        county = county_rows(network)
        lon = table["lon"].to_numpy(float)
        lat = table["lat"].to_numpy(float)
        west = float(lon.min()) - size / 2
        south = float(lat.min()) - size / 2
        keys = _source_keys(lon, lat, west, south, size)
        order = np.argsort(keys, kind="stable")
        order = order[county[order] != NOWHERE]
        found = _Source(
            west, south, keys[order], county[order], table["people"].to_numpy(float)[order]
        )
        _SOURCES[network] = found
    return found


@dataclass(frozen=True, slots=True, eq=False)
class People:
    """People by cell and county: the parts of a surface's population."""

    #: int64 (n_parts,) index into the surface's cells, rising
    cell: Ints64
    #: int64 (n_parts,) row of Network.counties
    county: Ints64
    #: float64 (n_parts,)
    people: Floats

    def per_cell(self, n_cells: int) -> Floats:
        """Return people of each cell."""
        return np.bincount(self.cell, weights=self.people, minlength=n_cells).astype(np.float64)


def spread_people(
    network: Network,
    grid: Grid,
    row: Ints64,
    column: Ints64,
    county: Ints64,
    centres: Centres | None = None,
) -> People | None:
    """Return the people of these cells (rows sorted by row, column), None where the network has no
    population.

    `county` as `locate_cells` returns it for the cells; `centres` where known.
    """
    if network.population is None or network.counties is None or not len(row):
        return None
    size = network.population_cell_deg
    west, south, every, every_county, every_people = source = _source_of(network)
    lon, lat = centres or grid.unproject(*grid.centre(row, column))
    own = cell_keys(row, column)
    own_source = _source_keys(lon, lat, west, south, size)
    margin = int(degrees_around(grid.size_m, lat) / size) + 2
    touched = distinct(
        np.concatenate([own_source, _centred_in(own, own_source, source, grid, size, margin)])
    )
    first = np.searchsorted(every, touched)
    last = np.searchsorted(every, touched, "right")
    keep = each_place(first, last - first)[1]
    part_source = every[keep]
    part_county = every_county[keep]
    part_people = every_people[keep]
    if not len(keep):
        return People(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))

    sources = distinct(part_source)
    full_keys = _cells_near(grid, sources, west, south, size)
    at, known = find_keys(own, full_keys)
    full_source = np.empty(len(full_keys), np.int64)
    full_source[known] = own_source[at[known]]
    lon, lat = grid.unproject(*grid.centre(*key_cells(full_keys[~known])))
    full_source[~known] = _source_keys(lon, lat, west, south, size)
    mine = find_keys(sources, full_source)[1]
    centres = lon[mine[~known]], lat[mine[~known]]
    full_keys = full_keys[mine]
    full_source = full_source[mine]
    at = at[mine]
    known = known[mine]
    full_county = np.full(len(full_keys), NOWHERE, np.int64)
    full_county[known] = county[at[known]]
    full_county[~known] = locate_cells(
        grid, *key_cells(full_keys[~known]), network.counties, centres
    )

    n_counties = len(network.counties)
    piece_of_cell = full_source * n_counties + full_county
    piece_of_cell[full_county == NOWHERE] = -1
    piece_of_part = part_source * n_counties + part_county
    order = np.argsort(piece_of_part, kind="stable")
    slot, has_people = find_keys(piece_of_part[order], piece_of_cell)
    matched = np.flatnonzero(has_people)
    part_of_cell = order[slot[matched]]
    n_in_part = np.bincount(part_of_cell, minlength=len(part_people))
    share = part_people[part_of_cell] / n_in_part[part_of_cell]

    slivers = np.flatnonzero(n_in_part == 0)
    sliver_keys = cell_keys(
        *grid.index(*grid.project(*_centres_of(part_source[slivers], source, size)))
    )

    keys = np.concatenate([full_keys[matched], sliver_keys])
    counties = np.concatenate([part_county[part_of_cell], part_county[slivers]])
    people = np.concatenate([share, part_people[slivers]])
    at, known = find_keys(own, keys)
    ours = np.flatnonzero(known)
    ours = ours[np.argsort(at[ours] * n_counties + counties[ours], kind="stable")]
    return People(at[ours], counties[ours], people[ours])


_WIDE = 1 << 20


def _centred_in(
    own: Ints64, own_source: Ints64, source: _Source, grid: Grid, size: float, margin: int
) -> Ints64:
    """Return the source cells, so many around those of the surface cells at most, whose centre lies
    in one of these.
    """
    rows, columns = np.divmod(own_source, _WIDE)
    first, last = np.searchsorted(
        source.keys, [(rows.min() - margin) * _WIDE, (rows.max() + margin + 1) * _WIDE]
    )
    near = source.keys[first:last]
    near = distinct(
        near[
            np.abs(2 * (near % _WIDE) - columns.min() - columns.max())
            <= np.ptp(columns) + 2 * margin
        ]
    )
    return near[
        find_keys(own, cell_keys(*grid.index(*grid.project(*_centres_of(near, source, size)))))[1]
    ]


def _centres_of(keys: Ints64, source: _Source, size: float) -> Centres:
    lon = source.west + (keys % _WIDE + 0.5) * size
    lat = source.south + (keys // _WIDE + 0.5) * size
    return lon.astype(np.float64), lat.astype(np.float64)


def _source_keys(lon: Floats, lat: Floats, west: float, south: float, size: float) -> Ints64:
    column = np.floor((lon - west) / size + 1e-9).astype(np.int64)
    row = np.floor((lat - south) / size + 1e-9).astype(np.int64)
    return row * _WIDE + column


def _cells_near(grid: Grid, sources: Ints64, west: float, south: float, size: float) -> Ints64:
    """Return the sorted keys of all surface cells whose centre may lie in one of the source cells,
    and of some more.
    """
    lon = west + (sources % _WIDE) * size
    lat = south + (sources // _WIDE) * size
    corners_lon = np.concatenate([lon, lon + size, lon, lon + size])
    corners_lat = np.concatenate([lat, lat, lat + size, lat + size])
    x, y = grid.project(corners_lon, corners_lat)
    x = x.reshape(4, -1)
    y = y.reshape(4, -1)
    low_row, low_column = grid.index(x.min(0) - grid.size_m, y.min(0) - grid.size_m)
    high_row, high_column = grid.index(x.max(0) + grid.size_m, y.max(0) + grid.size_m)
    n_rows = int((high_row - low_row).max()) + 1
    n_columns = int((high_column - low_column).max()) + 1
    rows = low_row[:, None, None] + np.arange(n_rows)[None, :, None]
    columns = low_column[:, None, None] + np.arange(n_columns)[None, None, :]
    return distinct(cell_keys(rows, columns).ravel())
