"""Where the streets of a network are known: the land among its nodes, without gaps that no file
covers.

Definition. Land is *not* covered where a disc of `EMPTY_DISC_M` without a street fits around it;
all else is covered. So lakes, parks and hills among streets are covered (no street there is
knowledge), and corners that an extract leaves out, holes in it and the land between distant
extracts are not (no street there is no information). Computed on tiles: the globe is cut into rows
`TILE_M` high, a row into tiles as wide; a tile has a street where it has a node, and discs are
those of tile centres. In terms of images: the closing of the tiles with nodes by that disc.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from railshed.cells.cell_keys import each_place
from railshed.util.array_types import Bools, Floats, Ints64
from railshed.util.geodesy import STREET_DEGREE_M

#: of tiles, at the middle of their row
TILE_M = 500.0
#: land is not covered where a disc of this radius without a street fits around it. Larger than
#: rivers, parks and lakes in cities, smaller than pieces that extracts miss (guide/decisions/0018:
#: what it is sensitive to). Half a tile beyond whole ones, so that a disc takes in a tile of every
#: row that it meets
EMPTY_DISC_M = 1_250.0
_N_ROWS = int(np.ceil(180 * STREET_DEGREE_M / TILE_M))
#: a tile's key is row * _ROW + column
_ROW = 1 << 20
_EPSILON = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Coverage:
    """Tiles as runs along their rows, apart from each other, rising."""

    #: int64 (n_runs,) keys of the first and last tile of each run
    first: Ints64
    last: Ints64

    def contains(self, lon: Any, lat: Any) -> Bools:
        """Return bool (n,): whether each point (degrees) is in a tile.

        Western and southern edges are in.
        """
        key = _keys(np.atleast_1d(np.asarray(lon, float)), np.atleast_1d(np.asarray(lat, float)))
        if not len(self.first):
            return np.zeros(len(key), dtype=bool)
        run = np.searchsorted(self.first, key, side="right") - 1
        found: Bools = (run >= 0) & (key <= self.last[run])
        return found

    def rim(self) -> tuple[Floats, Floats]:
        """Return degrees of points on the edge of the runs, in every row at both ends and 8 tiles
        apart between.
        """
        run, step = each_place(0, (self.last - self.first) // 8 + 2)
        row = self.first[run] // _ROW
        column = np.minimum(self.first[run] % _ROW + 8 * step, self.last[run] % _ROW + 1)
        lon = column * (360 / _n_columns(row)) - 180
        south = row * (TILE_M / STREET_DEGREE_M) - 90
        return np.tile(lon, 2), np.minimum(np.append(south, south + TILE_M / STREET_DEGREE_M), 90.0)


def coverage_of(lon: Floats, lat: Floats, *, empty_disc_m: float = EMPTY_DISC_M) -> Coverage:
    """Return the land that a street network with these nodes (degrees) covers."""
    tiles = np.unique(_keys(lon, lat))
    if not len(tiles):
        return Coverage(tiles, tiles)
    own = Coverage(tiles, tiles)
    wide = _dilated(own, empty_disc_m)
    closed = _others(_dilated(_others(wide, empty_disc_m), empty_disc_m), 0.0)
    return _merged(np.append(closed.first, own.first), np.append(closed.last, own.last))


def _n_columns(row: Any) -> Ints64:
    """Return how many tiles rows have."""
    middle = np.radians((np.asarray(row) + 0.5) * TILE_M / STREET_DEGREE_M - 90)
    columns: Ints64 = np.maximum(
        1, np.rint(360 * STREET_DEGREE_M * np.cos(middle) / TILE_M)
    ).astype(np.int64)
    return columns


def _keys(lon: Floats, lat: Floats) -> Ints64:
    """Return the key of the tile of each point."""
    row = np.clip(np.floor((lat + 90) * (STREET_DEGREE_M / TILE_M)), 0, _N_ROWS - 1).astype(
        np.int64
    )
    n = _n_columns(row)
    return row * _ROW + np.floor((lon + 180) * (n / 360)).astype(np.int64) % n


def _merged(first: Ints64, last: Ints64) -> Coverage:
    """Return runs that may overlap or touch as runs that do not."""
    order = np.argsort(first, kind="stable")
    first = first[order]
    last = np.maximum.accumulate(last[order])
    new = np.ones(len(first), dtype=bool)
    new[1:] = first[1:] > last[:-1] + 1
    starts = np.flatnonzero(new)
    return Coverage(
        first[starts], last[np.append(starts[1:], len(first)) - 1] if len(starts) else last
    )


def _dilated(tiles: Coverage, radius_m: float) -> Coverage:
    """Return every tile whose centre is within the radius of that of a tile."""
    row = tiles.first // _ROW
    west = tiles.first % _ROW
    east = tiles.last % _ROW
    firsts = []
    lasts = []
    for step in range(-int(radius_m // TILE_M), int(radius_m // TILE_M) + 1):
        other = row + step
        inside = (other >= 0) & (other < _N_ROWS)
        a, b = _across(
            row[inside],
            other[inside],
            west[inside],
            east[inside],
            (radius_m**2 - (step * TILE_M) ** 2) ** 0.5,
        )
        firsts.append(a)
        lasts.append(b)
    return _merged(np.concatenate(firsts), np.concatenate(lasts))


def _across(
    row: Ints64, other: Ints64, west: Ints64, east: Ints64, reach_m: float
) -> tuple[Ints64, Ints64]:
    """Return the runs of the other rows within so many metres east and west of the runs of rows."""
    n = _n_columns(row)
    m = _n_columns(other)
    between = np.radians((row + other + 1) / 2 * TILE_M / STREET_DEGREE_M - 90)
    reach = reach_m / (STREET_DEGREE_M * np.maximum(np.cos(between), 1e-6)) / 360 * m
    a = np.ceil((west + 0.5) * (m / n) - 0.5 - reach - _EPSILON).astype(np.int64)
    b = np.floor((east + 0.5) * (m / n) - 0.5 + reach + _EPSILON).astype(np.int64)
    whole = b - a + 1 >= m
    a = np.where(whole, 0, a)
    b = np.where(whole, m - 1, b)
    # runs across 180 degrees continue on the other side
    under = a < 0
    over = b >= m
    base = other * _ROW
    first = np.concatenate([base + np.maximum(a, 0), (base + a + m)[under], base[over]])
    last = np.concatenate(
        [base + np.minimum(b, m - 1), (base + m - 1)[under], (base + b - m)[over]]
    )
    return first, last


def _others(tiles: Coverage, margin_m: float) -> Coverage:
    """Return the tiles that are not among these, in their rows and those within the margin."""
    margin = int(margin_m // TILE_M)
    row = tiles.first // _ROW
    rows = np.arange(max(0, row.min() - margin), min(_N_ROWS - 1, row.max() + margin) + 1)
    edge = np.concatenate([tiles.first, rows * _ROW + _n_columns(rows)])  # a gap ends before these
    after = np.concatenate([rows * _ROW, tiles.last + 1])  # and begins at these
    first = np.sort(after)
    last = np.sort(edge) - 1
    inside = first <= last
    return Coverage(first[inside], last[inside])
