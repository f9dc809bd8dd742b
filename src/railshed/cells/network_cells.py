"""The cells of a network on its one grid: which are near a point, their county and their people.

They do not depend on a city, a timetable or a scenario: each is worked out once, and numbered, for
all cities, unions and scenarios, whose people agree to the person. What is near the stations of a
network and the ends of its cities is read from the cache afterwards; for many cities it is found
together.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import cached_property
from threading import Lock
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from railshed.cells.cell_keys import distinct, each_place, find_keys, key_cells
from railshed.cells.grid import Grid
from railshed.cells.population import NOWHERE, People, locate_cells, spread_people
from railshed.kernels import cell_distances as kernels
from railshed.network.fingerprint import places_digest
from railshed.network.model import Network
from railshed.util.array_types import Floats, Ints64
from railshed.util.cache import arrays_if_cached, cached_arrays, code_hash
from railshed.util.frames import columns_of
from railshed.util.limits import check_limit

Numbers = NDArray[np.uint32]


class Around(NamedTuple):
    """Cells around points: those of a point are a part of arrays that all points share, the nearest
    first.
    """

    #: int64 (n_points,) first place of each point in the arrays, and the one after the last
    first: Ints64
    last: Ints64
    #: uint32 (n,) numbers of the cells, and whole metres from the point to the centre
    cell: Numbers
    metres: Numbers

    def pairs(self) -> tuple[Ints64, Ints64, Ints64]:
        """Return int64 (n,) each: number of the cell, number of the point, metres; point
        by point.
        """
        point, at = each_place(self.first, self.last - self.first)
        return self.cell[at].astype(np.int64), point, self.metres[at].astype(np.int64)

    def of(self, numbers: Ints64, within: Ints64) -> Around:
        """Return the cells within so many metres of points, both by number, in the same arrays."""
        first = self.first[numbers]
        last = kernels.last_within(first, self.last[numbers], self.metres, within)
        return Around(first, last, self.cell, self.metres)

    def apart(self) -> Around:
        """Return the same in arrays of their own."""
        cell, _, metres = self.pairs()
        end = np.cumsum(self.last - self.first)
        return Around(
            end - (self.last - self.first), end, cell.astype(np.uint32), metres.astype(np.uint32)
        )


class _Cells(NamedTuple):
    """Cells by number, in the order in which they were met."""

    keys: Ints64
    lon: Floats
    lat: Floats
    #: row of the counties, NOWHERE outside all
    county: NDArray[np.int32]
    #: places of its people, and of those after them
    ptr: NDArray[np.int32]
    end: NDArray[np.int32]
    people_county: NDArray[np.int32]
    people: Floats
    #: sorted keys, and the number of each
    sorted_keys: Ints64
    order: NDArray[np.int32]

    def columns(self) -> tuple[NDArray[Any], ...]:
        """Return all but the order."""
        return self[:-2]


#: points to find together, and metres around each
Points = tuple[Floats, Floats, Floats]

#: a radius worked out from seconds may fall short of whole metres by its last bits
_TOLERANCE_M = 1e-3
#: points with fewer or more pairs of point and cell are not cached, and not found together
_FEW_PAIRS = 2_000
_MOST_PAIRS = 15_000_000
#: pairs near points of plans, of 8 bytes
_MOST_OF_PLANS = 500_000
_NONE = np.empty(0, np.int64)
_NO_FLOATS = np.empty(0)


class NetworkCells:
    """The cells of a network; safe to share between threads.

    `points`: those of the network; the cells near all of them are found by `find_together`, and
    read from the cache later. Where they are not there, the cells near those requested are found
    and cached.
    """

    def __init__(self, network: Network, size_m: int, points: Points | None = None) -> None:
        self.network = network
        self.grid = Grid.over(*network.whole.lon_lat, size_m)
        self._lock = Lock()
        #: whether what is near all points was looked for; a network without points caches none
        self._points = points
        self._is_read = points is None
        #: cells found together, which later points leave as they are, and cells found later,
        #: numbered on from there
        self._cells = _NO_CELLS, _NO_CELLS
        #: what is near points, by each look at some; those after the last look at points of the
        #: network are of plans
        self._pairs: tuple[Around, ...] = ()
        self._settled = 0
        #: numbers by degrees of a point, one more each time that it is looked at farther around;
        #: metres of each number
        self._number: dict[tuple[float, float], tuple[int, ...]] = {}
        self._radius_m: list[float] = []

    def __getstate__(self) -> dict[str, Any]:
        """Return what another process needs: cells found are part of it, the lock is not."""
        with self._lock:
            self._read_points()
            return {
                name: value
                for name, value in vars(self).items()
                if name not in ("_lock", "_own_points")
            }

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state, _lock=Lock())

    def __len__(self) -> int:
        """The number of cells that have a number."""
        return sum(len(cells.keys) for cells in self._cells)

    def find_together(self) -> None:
        """Find what is near all points of the network, for many cities; cache it, if nothing was
        requested before.
        """
        with self._lock:
            self._read_points()
            if self._points is not None and _may_be_cached(self._points, self.grid):
                self._add_unknown(*self._points)

    def around(self, lon: Floats, lat: Floats, radius_m: Floats) -> Around:
        """Return the cells whose centre is within so many whole metres of each point, all float64
        (n,).
        """
        with self._lock:
            self._read_points()
            at = self._add_unknown(lon, lat, radius_m)
            pairs = self._pairs
        within = np.floor(radius_m + _TOLERANCE_M).astype(np.int64)
        start = np.cumsum([0, *(len(one.first) for one in pairs)]).tolist()
        look = np.searchsorted(start, at, side="right") - 1
        first, last = np.zeros((2, len(at)), np.int64)
        parts = [_NO_PAIRS]
        n = 0
        for k in np.unique(look).tolist():
            mine = np.flatnonzero(look == k)
            part: Around = pairs[k].of(at[mine] - start[k], within[mine])
            if len(mine) == len(at):
                return part
            part = part.apart()
            first[mine] = part.first + n
            last[mine] = part.last + n
            n = n + len(part.cell)
            parts.append(part)
        return Around(first, last, *(np.concatenate([one[k] for one in parts]) for k in (2, 3)))

    def metres(self, numbers: Ints64, lon: Floats, lat: Floats) -> Ints64:
        """Return int64 (n_points, n_cells) whole metres between points and the centres of cells, by
        number.
        """
        return np.asarray(
            kernels.metres_between(
                lon, lat, self._values("lon", numbers), self._values("lat", numbers)
            )
        )

    def numbers(self, keys: Ints64) -> Ints64:
        """Return int64 (n,) the numbers of cells by key; cells without one get the next."""
        found = self._find(keys)
        if (found < 0).any():
            with self._lock:
                self._read_points()
                every = distinct(keys)
                self._hold(every, *self.grid.unproject(*self.grid.centre(*key_cells(every))))
            found = self._find(keys)
        return found

    def keys(self, numbers: Ints64) -> Ints64:
        """Return int64 (n,) the keys of cells by number."""
        return np.asarray(self._values("keys", numbers))

    def counties(self, numbers: Ints64) -> Ints64:
        """Return int64 (n,) row of the network's counties at the centre of cells, NOWHERE outside
        all.
        """
        return self._values("county", numbers).astype(np.int64)

    def people(self, numbers: Ints64) -> People | None:
        """Return the people of cells by number (sorted by key), None where the network has no
        population.
        """
        if not len(numbers) or any(
            columns_of(self.network, name) is None for name in ("population", "counties")
        ):
            return None
        start = self._values("ptr", numbers)
        cell, part = each_place(start, self._values("end", numbers) - start)
        return People(
            cell, self._values("people_county", part).astype(np.int64), self._values("people", part)
        )

    def _values(self, name: str, at: Ints64) -> NDArray[Any]:
        """Return what a column of the cells has at some places, those found later after those found
        together.
        """
        first, later = (getattr(cells, name) for cells in self._cells)
        if not len(later) or not len(first):
            return np.asarray((first if len(first) else later)[at])
        mine = at < len(first)
        return np.asarray(
            np.where(mine, first[np.where(mine, at, 0)], later[np.where(mine, 0, at - len(first))])
        )

    def _find(self, keys: Ints64) -> Ints64:
        """Return int64 (n,) the numbers of cells by key, -1 of those without one."""
        found = np.full(len(keys), -1, np.int64)
        start = 0
        for cells in self._cells:
            at, known = find_keys(cells.sorted_keys, keys)
            found[known] = cells.order[at[known]] + start
            start += len(cells.keys)
        return found

    def _numbers_of(self, points: Sequence[tuple[float, float]], radius_m: Floats) -> Ints64:
        """Return int64 (n,) the first number of each point around which so many metres were looked
        at, -1 of none.
        """
        found = np.full(len(points), -1, np.int64)
        for place, (point, metres) in enumerate(zip(points, radius_m.tolist(), strict=True)):
            for k in self._number.get(point, ()):
                if self._radius_m[k] >= metres:
                    found[place] = k
                    break
        return found

    def _read_points(self) -> None:
        """Read the cells around all of the network's own points from the cache, once, if they are
        there.
        """
        if (
            not self._is_read
            and self._points is not None
            and _may_be_cached(self._points, self.grid)
        ):
            self._take(self._points, arrays_if_cached)
        self._is_read = True

    def _add_unknown(self, lon: Floats, lat: Floats, radius_m: Floats) -> Ints64:
        """Return int64 (n,) the numbers of points; cells of those unknown, or known less far, are
        found before.
        """
        self._forget_plans()
        points = list(zip(lon.tolist(), lat.tolist(), strict=True))
        at = self._numbers_of(points, radius_m)
        new = np.flatnonzero(at < 0)
        if not len(new):
            return at
        farthest: dict[tuple[float, float], float] = {}
        for k in new.tolist():
            farthest[points[k]] = max(float(radius_m[k]), farthest.get(points[k], -1.0))
        asked_lon, asked_lat, far = np.array(
            [(*point, far) for point, far in farthest.items()]
        ).T.copy()
        asked = (asked_lon, asked_lat, far)
        own = self._points is None or self._own_points.issuperset(farthest)
        reach = self.check_number(*asked)
        if own and self._points is not None and _may_be_cached(asked, self.grid):
            self._take(
                asked,
                lambda key: cached_arrays(key, lambda: self._packed(*self._near(*asked, reach))),
            )
        else:
            numbers, near = self._near(*asked, reach)
            self._look(asked, near._replace(cell=numbers[near.cell].astype(np.uint32)))
        self._settled = len(self._pairs) if own else self._settled
        return self._numbers_of(points, radius_m)

    @cached_property
    def _own_points(self) -> set[tuple[float, float]]:
        """The network's own points: those of plans are not worth a file, nor memory for ever."""
        assert self._points is not None
        lon, lat, _ = self._points
        return set(zip(lon.tolist(), lat.tolist(), strict=True))

    def _forget_plans(self) -> None:
        """Forget the pairs of plans' points where they are many: a server answers any number of
        plans.
        """
        if sum(len(look.cell) for look in self._pairs[self._settled :]) <= _MOST_OF_PLANS:
            return
        self._pairs = self._pairs[: self._settled]
        n_points = sum(len(look.first) for look in self._pairs)
        self._radius_m = self._radius_m[:n_points]
        known = (
            (point, tuple(k for k in numbers if k < n_points))
            for point, numbers in self._number.items()
        )
        self._number = {point: numbers for point, numbers in known if numbers}

    def _packed(self, numbers: Ints64, near: Around) -> list[NDArray[Any]]:
        """Return columns of cells, numbered as if there were no others, and which are
        near points.
        """
        start = self._values("ptr", numbers)
        n = self._values("end", numbers) - start
        part = each_place(start, n)[1]
        end = np.cumsum(n)
        cells = [self._values(name, numbers) for name in ("keys", "lon", "lat", "county")]
        people = [self._values(name, part) for name in ("people_county", "people")]
        return [*cells, *(ptr.astype(np.int32) for ptr in (end - n, end)), *people, *near]

    def _take(self, points: Points, read: Callable[[str], list[NDArray[Any]] | None]) -> None:
        """Hold what `_packed` returned of points, by a key: the first cells as they stand there,
        then those unknown.
        """
        about = f"cells {code_hash()} {self.grid!r} {self.network.population_cell_deg}".encode()
        of = b"".join(
            [about, places_digest(self.network), *(values.tobytes() for values in points)]
        )
        first = not (len(self) or len(self._number))
        if (found := read(hashlib.sha256(of).hexdigest())) is None:
            return
        columns = found[:-4]
        near = Around(*found[-4:])
        if first:
            self._cells = (_sorted_cells(columns), _NO_CELLS)
            self._settled = 1
            self._look(points, near)
            return
        keys, lon, lat, county, start, end, people_county, people = columns
        new = self._find(keys) < 0
        if new.any():
            n = (end - start)[new]
            part = each_place(start[new], n)[1]
            self._append(
                (keys[new], lon[new], lat[new], county[new]), n, people_county[part], people[part]
            )
        cell = self._find(keys)[near.cell].astype(
            np.uint32
        )  # copies: no more of the file stays in memory
        self._look(points, Around(near.first.copy(), near.last.copy(), cell, near.metres.copy()))

    def check_number(self, lon: Floats, lat: Floats, radius_m: Floats, times: int = 1) -> Ints64:
        """Return int64 (n_points,) how many cells a radius reaches to each side; InputError if all
        are above the limit.

        `times`: points are looked at again with a larger radius, and what is known stays.
        """
        reach = (
            np.ceil(self.grid.extent(lon, lat, radius_m) / self.grid.size_m).astype(np.int64) + 1
        )
        number = sum(len(pairs.cell) for pairs in self._pairs) + times * int(
            ((2 * reach + 1) ** 2).sum()
        )
        check_limit(
            "cells",
            number,
            "the surface",
            "take larger cells (cell_size_m=..., --cell-size);",
            field="cells",
        )
        return reach

    def _near(
        self, lon: Floats, lat: Floats, radius_m: Floats, reach: Ints64
    ) -> tuple[Ints64, Around]:
        """Return the numbers of the cells around points, sorted by key, and which of these are near
        each point.
        """
        row, column = self.grid.index(*self.grid.project(lon, lat))
        keys = distinct(kernels.boxes(row, column, reach))
        old = self._find(keys)
        known = old >= 0
        cell_lon = np.empty(len(keys))
        cell_lat = np.empty(len(keys))
        cell_lon[known] = self._values("lon", old[known])
        cell_lat[known] = self._values("lat", old[known])
        cell_lon[~known], cell_lat[~known] = self.grid.unproject(
            *self.grid.centre(*key_cells(keys[~known]))
        )
        within = np.floor(radius_m + _TOLERANCE_M).astype(np.int64)
        ptr, cell, metres = kernels.cells_near(
            keys,
            cell_lon,
            cell_lat=cell_lat,
            lon=lon,
            lat=lat,
            row=row,
            column=column,
            reach=reach,
            radius=within,
        )
        used = np.zeros(len(keys), bool)
        used[cell] = True
        self._hold(keys[used], cell_lon[used], cell_lat[used])
        place = (np.cumsum(used) - 1).astype(np.uint32)
        return self._find(keys[used]), Around(
            ptr[:-1], ptr[1:], place[cell], metres.astype(np.uint32)
        )

    def _look(self, points: Points, near: Around) -> None:
        """Hold which cells are near points: new points, or known ones farther around; each look
        numbers them anew.
        """
        self._pairs = *self._pairs, near
        lon, lat, radius_m = (values.tolist() for values in points)
        for k, point in enumerate(zip(lon, lat, strict=True), len(self._radius_m)):
            self._number[point] = (*self._number.get(point, ()), k)
        self._radius_m = [*self._radius_m, *radius_m]

    def _hold(self, keys: Ints64, lon: Floats, lat: Floats) -> None:
        """Number those of the cells (sorted keys, degrees of their centres) that have no number:
        county and people.
        """
        unknown = self._find(keys) < 0
        if not unknown.any():
            return
        new = keys[unknown]
        row, column = key_cells(new)
        lon = lon[unknown]
        lat = lat[unknown]
        county = locate_cells(self.grid, row, column, self.network.counties, (lon, lat))
        on = np.flatnonzero(county != NOWHERE)
        people = spread_people(
            self.network, self.grid, row[on], column[on], county[on], (lon[on], lat[on])
        )
        n = np.zeros(len(new), np.int64)
        mine = [_NONE, _NO_FLOATS] if people is None else [people.county, people.people]
        if people is not None:
            n[on] = np.bincount(people.cell, minlength=len(on))
        self._append((new, lon, lat, county), n, *mine)

    def _append(
        self, cells: Sequence[NDArray[Any]], n: Ints64, people_county: NDArray[Any], people: Floats
    ) -> None:
        """Number cells (key, degrees, county) with so many people each."""
        together, old = self._cells
        end = len(together.people) + len(old.people) + np.cumsum(n)
        both = zip(old.columns(), [*cells, end - n, end, people_county, people], strict=True)
        self._cells = together, _sorted_cells([np.concatenate(pair) for pair in both])


def _may_be_cached(points: Points, grid: Grid) -> bool:
    """Return whether points have enough cells around them to be cached, and not too many."""
    return bool(_FEW_PAIRS < np.pi * float((points[2] ** 2).sum()) / grid.size_m**2 < _MOST_PAIRS)


def _sorted_cells(columns: Sequence[NDArray[Any]]) -> _Cells:
    """Return the table of these columns, and its order by key."""
    keys, lon, lat, county, ptr, end, people_county, people = columns
    in_order = bool((keys[1:] > keys[:-1]).all())
    order = (
        np.arange(len(keys), dtype=np.int32)
        if in_order
        else np.argsort(keys, kind="stable").astype(np.int32)
    )
    county, ptr, end, people_county = (
        v.astype(np.int32, copy=False) for v in (county, ptr, end, people_county)
    )
    sorted_keys = keys if in_order else keys[order]
    return _Cells(
        keys=keys,
        lon=lon,
        lat=lat,
        county=county,
        ptr=ptr,
        end=end,
        people_county=people_county,
        people=people,
        sorted_keys=sorted_keys,
        order=order,
    )


_NO_CELLS = _sorted_cells([_NONE, _NO_FLOATS, _NO_FLOATS, *[_NONE] * 4, _NO_FLOATS])
_NO_PAIRS = Around(_NONE, _NONE, np.empty(0, np.uint32), np.empty(0, np.uint32))
