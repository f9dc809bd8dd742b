"""Workload `surfaces`: stations with a second of arrival to cells, people within minutes, polygons,
beside their peers.

Cells of 500 m, 500 stations a million cells, an hour's budget: on foot at 4.32 km/h for at most 30
minutes, by car at 30 km/h as far as the hour reaches. Every contender gets the same stations. The
call is what a circle does with one minute: pairs of cells and stations, then the least over them.
The kernel is the latter alone. The package measures on the ellipsoid, the others on the plane of
the grid; answers are compared before a time is taken: seconds cell by cell within 3 s, people,
areas.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from measure import Result, by_turns, step
from numpy.typing import NDArray

from railshed import load_network
from railshed.access import straight
from railshed.access.straight import Entrances
from railshed.assumptions.assumptions import Mode
from railshed.cells.network_cells import NetworkCells
from railshed.circles.polygons import circles_within
from railshed.circles.study_area import land_of
from railshed.circles.surface import blocks_of
from railshed.kernels.cell_pairs import pairs_by_cell
from railshed.kernels.cell_times import cell_times
from railshed.routing.profiles import percentile_ranks
from railshed.util.units import HOUR, MINUTE, UNREACHED

CELL_M, STATIONS_A_MILLION = 500, 500
MODES = (
    Mode("on foot, 30 min", 4.32, 1.0, 0, 30 * MINUTE),
    Mode("by car", 30.0, 1.0, 0, HOUR),
)
LIMITS = [15 * MINUTE, 30 * MINUTE, 45 * MINUTE, HOUR]
CALL, KERNEL, NUMPY = "cells as a circle finds them", "the least over pairs", "numpy windows"
#: seconds by which a cell may differ between ellipsoid and plane, and the share of cells that one
#: alone may reach
ALLOWED_S, ALLOWED_RIM = 3, 0.01
Seconds = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Made:
    """Stations at random, each left at a second of its own; people at random in the cells of a
    square.
    """

    side: int
    mode: Mode
    #: on a grid whose origin is the middle of the square
    cells: NetworkCells
    #: metres from the square's western and southern edge
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    start_s: NDArray[np.int64]
    people: NDArray[np.float64]

    @cached_property
    def doors(self) -> Entrances:
        """The stations in degrees."""
        middle = self.side // 2 * CELL_M
        return Entrances(
            *self.cells.grid.unproject(self.x - middle, self.y - middle), ["bus"] * len(self.x)
        )

    @property
    def reach_m(self) -> NDArray[np.float64]:
        """How far one gets from each station within its cap and the hour."""
        budget = np.minimum(self.mode.cap_s, HOUR - self.start_s) + 1e-6
        return budget / self.mode.seconds_per_metre()

    @cached_property
    def land(self) -> Any:
        """The cells near any station."""
        reach = np.full(len(self.x), self.mode.reach_m(self.mode.cap_s))
        return land_of(
            self.cells, self.cells.around(self.doors.lon, self.doors.lat, reach).pairs()[0]
        )

    def window(self, k: int) -> tuple[slice, slice, NDArray[np.float64], NDArray[np.float64]]:
        """Return the cells around a station: rows, columns, and how far their centres lie north and
        east of it.
        """
        (rows, north), (columns, east) = (
            self._within(at, self.reach_m[k]) for at in (self.y[k], self.x[k])
        )
        return rows, columns, north, east

    def _within(self, at: float, reach: float) -> tuple[slice, NDArray[np.float64]]:
        first = max(0, int(np.ceil((at - reach) / CELL_M - 0.5)))
        last = min(self.side, int(np.floor((at + reach) / CELL_M - 0.5)) + 1)
        return slice(first, last), (np.arange(first, last) + 0.5) * CELL_M - at


def make(side: int, mode: Mode, seed: int = 4) -> Made:
    """Return stations and people in a square of side x side cells."""
    rng = np.random.default_rng(seed)
    n = max(1, STATIONS_A_MILLION * side * side // 1_000_000)
    x, y = rng.uniform(0, side * CELL_M, (2, n))
    start = rng.integers(5 * MINUTE, 55 * MINUTE, n)
    anywhere = replace(load_network("toy"), counties=None)  # of the network only the place counts
    return Made(
        side, mode, NetworkCells(anywhere, CELL_M), x, y, start, rng.gamma(0.5, 40, (side, side))
    )


def pairs_of(made: Made) -> Any:
    """Return (ptr, station, seconds) of the cells of the land."""
    access = straight.straight_access(made.cells, made.doors, [[made.mode]] * len(made.x))
    return pairs_by_cell(
        *access.around, access.kind, access.seconds, made.land.place, len(made.land)
    )


def least_of(made: Made, pairs: Any) -> Seconds:
    """Return the seconds of the cells of the land over their pairs, in blocks."""
    ptr, station, seconds = pairs
    times, limits = made.start_s[:, None].astype(np.int32), np.array([HOUR])
    ranks = percentile_ranks([50], 1)
    blocks = (ptr[b.start : b.stop + 1] for b in blocks_of(ptr))
    return np.concatenate(
        [
            cell_times(own, station, seconds, times, times, ranks, limits, HOUR)[0][:, 0]
            for own in blocks
        ]
    )


def package_surface(made: Made) -> Seconds:
    """Seconds of every cell of the square, by the package."""
    found = least_of(made, pairs_of(made))
    row, column = made.land.row + made.side // 2, made.land.column + made.side // 2
    inside = (row >= 0) & (row < made.side) & (column >= 0) & (column < made.side)
    out = np.full((made.side, made.side), UNREACHED, np.int32)
    out[row[inside], column[inside]] = found[inside]
    return out


def check_alike(name: str, theirs: Seconds, ours: Seconds) -> int:
    """Return the largest difference in seconds between two surfaces, and stop where it is more than
    the plane's.
    """
    reached, other = ours != UNREACHED, theirs != UNREACHED
    both = reached & other
    off = int(np.abs(theirs[both].astype(np.int64) - ours[both]).max(initial=0))
    if off > ALLOWED_S or (reached != other).sum() > ALLOWED_RIM * reached.sum():
        raise SystemExit(f"surfaces: cells of {name} differ from the package's by {off} s")
    return off


def whole(seconds: NDArray[np.float64]) -> Seconds:
    """Return whole seconds rounded up, UNREACHED above the hour."""
    reached = seconds <= HOUR + 1e-6
    return np.where(reached, np.ceil(np.where(reached, seconds, 0) - 1e-6), UNREACHED).astype(
        np.int32
    )


def numpy_surface(made: Made) -> Seconds:
    """The least over windows around the stations, whole seconds at the end."""
    out = np.full((made.side, made.side), np.inf)
    per, reach = made.mode.seconds_per_metre(), made.reach_m
    for k in range(len(made.x)):
        rows, columns, north, east = made.window(k)
        far = np.sqrt(north[:, None] ** 2 + east**2)
        far[far > reach[k]] = np.inf
        far *= per
        far += made.start_s[k]
        np.minimum(out[rows, columns], far, out=out[rows, columns])
    return whole(out)


def tree_surface(made: Made, tree: Any, places: NDArray[np.float64]) -> Seconds:
    """The least over the cells that a k-d tree finds around each station."""
    out = np.full(made.side**2, np.inf)
    balls = tree.query_ball_point(np.stack([made.x, made.y], 1), made.reach_m, return_sorted=False)
    for k, ball in enumerate(balls):
        near = np.asarray(ball, np.int64)
        far = np.hypot(places[near, 0] - made.x[k], places[near, 1] - made.y[k])
        out[near] = np.minimum(out[near], made.start_s[k] + far * made.mode.seconds_per_metre())
    return whole(out).reshape(made.side, made.side)


def people_of(seconds: Seconds, made: Made) -> list[float]:
    """Return people within each limit, in numpy."""
    return [float(made.people[seconds <= limit].sum()) for limit in LIMITS]


def people_of_buffers(made: Made) -> list[float]:
    """Return people of the cells whose centre is in the union of circles around the stations within
    each limit.
    """
    import geopandas as gpd
    from rasterio import Affine
    from rasterio.features import rasterize

    found, points = [], gpd.GeoSeries(gpd.points_from_xy(made.x, made.y))
    for limit in LIMITS:
        budget = np.minimum(made.mode.cap_s, limit - made.start_s)
        shape = (
            points[budget >= 0]
            .buffer(budget[budget >= 0] / made.mode.seconds_per_metre())
            .union_all()
        )
        mask = np.zeros(made.people.shape, np.uint8)
        if not shape.is_empty:
            mask = rasterize(
                [shape], out_shape=mask.shape, transform=Affine(CELL_M, 0, 0, 0, CELL_M, 0)
            )
        found.append(float(made.people[mask.astype(bool)].sum()))
    return found


def add_surface(result: Result, made: Made, repeats: int) -> None:
    """Add one surface of every contender."""
    pairs = pairs_of(made)
    calls: dict[str, Callable[[], Any]] = {
        CALL: lambda: package_surface(made),
        KERNEL: lambda: least_of(made, pairs),
        NUMPY: lambda: numpy_surface(made),
    }
    peers = {NUMPY: calls[NUMPY]}
    if made.mode is MODES[0]:
        from scipy.spatial import cKDTree

        places = (
            np.stack(np.indices((made.side, made.side))[::-1], 2).reshape(-1, 2) + 0.5
        ) * CELL_M
        tree = cKDTree(places)
        peers["scipy cKDTree"] = lambda: tree_surface(made, tree, places)
    seconds = package_surface(made)
    off = max(check_alike(name, call(), seconds) for name, call in peers.items())
    notes = {
        CALL: "cells near the stations and metres to them are found before, once a network",
        KERNEL: f"{len(pairs[1]):,} pairs",
        "scipy cKDTree": "the tree is made before",
    }
    case = f"seconds: {title(made)}"
    result.add(case, [by_turns(calls | peers, repeats)], notes, KERNEL)
    result.facts[case] = (
        f"{(seconds != UNREACHED).mean():.0%} of the cells reached; all equal within {off} s"
    )


def add_people(result: Result, made: Made, repeats: int) -> None:
    """Add people within four limits of every contender."""
    people, theirs = people_of(package_surface(made), made), people_of_buffers(made)
    short = max(abs(b / a - 1) for a, b in zip(people, theirs, strict=True) if a)
    if short > 0.02:
        raise SystemExit(f"surfaces: people within buffers differ by {short:.1%}")
    peer = "geopandas buffer + union, rasterio"
    calls: dict[str, Callable[[], Any]] = {
        CALL: lambda: people_of(package_surface(made), made),
        NUMPY: lambda: people_of(numpy_surface(made), made),
        peer: lambda: people_of_buffers(made),
    }
    notes = {peer: f"people within {short:.2%}: circles are polygons of 64 sides"}
    result.add(
        f"people within 15, 30, 45, 60 min: {title(made)}", [by_turns(calls, repeats)], notes
    )


def title(made: Made) -> str:
    """Return the name of a case."""
    return f"{made.side**2 / 1e6:.3g} million cells, {len(made.x):,} stations, {made.mode.name}"


def contourpy_rings(field: NDArray[np.float64]) -> list[Any]:
    """Return the polygons of all limits as contourpy gives them: arrays of points and offsets."""
    import contourpy

    generator = contourpy.contour_generator(z=field, fill_type=contourpy.FillType.OuterOffset)
    return [generator.filled(-np.inf, limit) for limit in LIMITS]


def rasterio_shapes(seconds: Seconds) -> int:
    """Return how many polygons of pixels the limits make."""
    from rasterio.features import shapes

    kind = np.searchsorted(LIMITS, seconds).astype(np.uint8)
    return sum(1 for _ in shapes(kind, mask=kind < len(LIMITS)))


def add_polygons(result: Result, made: Made, repeats: int) -> None:
    """Add the polygons of four limits."""
    seconds = package_surface(made)
    row, column = (a.ravel() for a in np.indices(seconds.shape))
    flat = seconds.ravel().astype(np.int64)
    # unreached cells are a little beyond the hour for contourpy, as the package has it
    field = np.minimum(seconds, HOUR + 2 * MINUTE).astype(np.float64)
    ours = "circles_within"
    calls: dict[str, Callable[[], Any]] = {
        ours: lambda: circles_within(made.cells.grid, row, column, [flat], LIMITS)[0],
        "contourpy": lambda: contourpy_rings(field),
        "rasterio shapes": lambda: rasterio_shapes(seconds),
    }
    found = calls[ours]()
    counted = [int((seconds <= limit).sum()) for limit in LIMITS]
    if not all(shape.is_valid for shape in found):
        raise SystemExit("surfaces: a polygon is not valid")
    notes = {
        ours: "multipolygons with holes, valid, nested",
        "contourpy": "points and offsets, no shapes",
        "rasterio shapes": "along pixels, as dictionaries",
    }
    case = f"polygons of 4 limits: {title(made)}"
    result.add(case, [by_turns(calls, repeats)], notes)
    off = ", ".join(
        f"{s.area / CELL_M**2 / n - 1:+.2%}" for s, n in zip(found, counted, strict=True)
    )
    result.facts[case] = (
        f"{sum(len(s.geoms) for s in found):,} polygons; area against the cells' {off}"
    )


def run(quick: bool, shared: Path | None) -> Result:
    """Measure: a million cells, and growth to four."""
    result = Result()
    for side in (300,) if quick else (1000, 2000):
        for mode in MODES[
            : 1 if side > 1000 else 2
        ]:  # by car the plane is seconds off at the edge of 1,000 km
            made, repeats = make(side, mode), 3 if quick or side > 1000 else 7
            step(f"surfaces: {title(made)}")
            add_surface(result, made, repeats)
            if side <= 1000:
                add_people(result, made, 3)
                add_polygons(result, made, 3)
    return result
