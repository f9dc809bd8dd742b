"""Workload `surfaces`: stations with a minute of arrival to cells, people within minutes, polygons, beside their peers.

Cells of 500 m, 500 stations a million cells (so 4 million cells have 2,000 stations), an hour's budget: on foot at
4.32 km/h for at most 30 minutes, by car at 30 km/h as far as the hour reaches. Every contender gets the same stations.
The package measures on the ellipsoid, the others on the plane of the grid; answers are compared before a time is taken:
seconds cell by cell within 3 s, people, areas.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import cells
import numpy as np
from measure import Result, Row, peak_mib, summarise
from numpy.typing import NDArray

from railshed import Network, default_assumptions, load_network
from railshed.access import straight
from railshed.access.straight import Entrances
from railshed.assumptions.assumptions import Mode
from railshed.cells.cell_keys import key_cells
from railshed.cells.grid import Grid
from railshed.cells.network_cells import NetworkCells
from railshed.circles.city_model import CityModel
from railshed.circles.polygons import polygons_within
from railshed.circles.study_area import land_of
from railshed.circles.surface import blocks_of
from railshed.kernels import cell_times as window_kernels
from railshed.kernels.cell_pairs import pairs_by_cell
from railshed.routing.compile import compile_network
from railshed.routing.profiles import percentile_ranks
from railshed.util.parallel import call_in_threads
from railshed.util.units import HOUR, MINUTE, UNREACHED

CELL_M, STATIONS_A_MILLION = 500, 500
MODES = (
    Mode("on foot, 30 min", 4.32, 1.0, 0, 30 * MINUTE),
    Mode("by car", 30.0, 1.0, 0, HOUR),
)
LIMITS = [15 * MINUTE, 30 * MINUTE, 45 * MINUTE, HOUR]
OURS = "package"
#: seconds by which a cell may differ between ellipsoid and plane, and the share of cells that one alone may reach
ALLOWED_S, ALLOWED_RIM = 3, 0.01
#: contenders of some seconds are run so often
FEW, MANY = 3, 9
Seconds = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Made:
    """Stations at random, each left at a second of its own; people at random in the cells of a square."""

    side: int
    mode: Mode
    #: on a grid whose origin is the middle of the square
    cells: NetworkCells
    #: metres from the square's western and southern edge
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    start_s: NDArray[np.int64]
    people: NDArray[np.float64]

    @property
    def grid(self) -> Grid:
        """The grid of the cells."""
        return self.cells.grid

    @property
    def doors(self) -> Entrances:
        """The stations in degrees."""
        middle = self.side // 2 * CELL_M
        return Entrances(*self.grid.unproject(self.x - middle, self.y - middle), ["bus"] * len(self.x))

    @property
    def reach_m(self) -> NDArray[np.float64]:
        """How far one gets from each station within its cap and the hour."""
        budget = np.minimum(self.mode.cap_s, HOUR - self.start_s) + 1e-6
        return budget / self.mode.seconds_per_metre()

    def window(self, k: int) -> tuple[slice, slice, NDArray[np.float64], NDArray[np.float64]]:
        """Return the cells around a station: rows, columns, and how far their centres lie north and east of it."""
        rows, columns = (
            slice(
                max(0, int(np.ceil((at - self.reach_m[k]) / CELL_M - 0.5))),
                min(self.side, int(np.floor((at + self.reach_m[k]) / CELL_M - 0.5)) + 1),
            )
            for at in (self.y[k], self.x[k])
        )
        north, east = (
            (np.arange(part.start, part.stop) + 0.5) * CELL_M - at
            for part, at in ((rows, self.y[k]), (columns, self.x[k]))
        )
        return rows, columns, north, east


def make(side: int, mode: Mode, seed: int = 4) -> Made:
    """Return stations and people in a square of side x side cells."""
    rng = np.random.default_rng(seed)
    n = max(1, STATIONS_A_MILLION * side * side // 1_000_000)
    x, y = rng.uniform(0, side * CELL_M, (2, n))
    start = rng.integers(5 * MINUTE, 55 * MINUTE, n)
    return Made(side, mode, NetworkCells(toy(), CELL_M), x, y, start, rng.gamma(0.5, 40, (side, side)))


@cache
def toy() -> Network:
    """Return a network of which only the place counts: its grid is Lambert around 100 degrees east."""
    return load_network("toy")


def package_surface(made: Made) -> Seconds:
    """Seconds of every cell from the stations, by the package: metres of cells near, a table of seconds by metre."""
    doors = made.doors
    cell, point, metres = made.cells.around(doors.lon, doors.lat, made.reach_m).pairs()
    by_metre = straight.seconds_by_metre([made.mode], int(metres.max(initial=0)))
    seconds = (by_metre[metres] + made.start_s[point]).astype(np.int32)
    row, column = (part + made.side // 2 for part in key_cells(made.cells.keys(cell)))
    inside = (row >= 0) & (row < made.side) & (column >= 0) & (column < made.side)
    out = np.full(made.side**2, UNREACHED, np.int32)
    np.minimum.at(out, row[inside] * made.side + column[inside], seconds[inside])
    return out.reshape(made.side, made.side)


def check_alike(name: str, theirs: Seconds, ours: Seconds) -> int:
    """Return the largest difference in seconds between two surfaces, and raise where it is more than the plane's."""
    reached, other = ours != UNREACHED, theirs != UNREACHED
    both = reached & other
    off = int(np.abs(theirs[both].astype(np.int64) - ours[both]).max(initial=0))
    if off > ALLOWED_S or (reached != other).sum() > ALLOWED_RIM * reached.sum():
        raise SystemExit(f"surfaces: cells of {name} differ from the package's by {off} s")
    return off


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
    out -= 1e-6
    np.ceil(out, out=out)
    reached = np.isfinite(out)
    return np.where(reached, out, 0).astype(np.int32) + np.where(reached, 0, UNREACHED).astype(np.int32)


def tree_surface(made: Made, tree: Any, places: NDArray[np.float64]) -> Seconds:
    """The least over the cells that a k-d tree finds around each station."""
    out = np.full(made.side**2, np.inf)
    balls = tree.query_ball_point(np.stack([made.x, made.y], 1), made.reach_m, return_sorted=False)
    for k, ball in enumerate(balls):
        near = np.asarray(ball, np.int64)
        far = np.hypot(places[near, 0] - made.x[k], places[near, 1] - made.y[k])
        out[near] = np.minimum(out[near], made.start_s[k] + far * made.mode.seconds_per_metre())
    whole = np.ceil(np.where(np.isfinite(out), out, 0) - 1e-6).astype(np.int32)
    return np.where(np.isfinite(out), whole, UNREACHED).reshape(made.side, made.side)


def people_of(seconds: Seconds, made: Made) -> list[float]:
    """Return people within each limit, in numpy."""
    return [float(made.people[seconds <= limit].sum()) for limit in LIMITS]


def buffers(made: Made) -> list[Any]:
    """Return the union of circles around the stations within each limit."""
    import geopandas as gpd

    found = []
    points = gpd.GeoSeries(gpd.points_from_xy(made.x, made.y))
    for limit in LIMITS:
        budget = np.minimum(made.mode.cap_s, limit - made.start_s)
        some = budget >= 0
        found.append(points[some].buffer(budget[some] / made.mode.seconds_per_metre()).union_all())
    return found


def people_of_buffers(made: Made) -> list[float]:
    """Return people of the cells whose centre is in the union of circles within each limit."""
    from rasterio import Affine
    from rasterio.features import rasterize

    found = []
    for shape in buffers(made):
        mask = np.zeros(made.people.shape, np.uint8)
        if not shape.is_empty:
            mask = rasterize([shape], out_shape=mask.shape, transform=Affine(CELL_M, 0, 0, 0, CELL_M, 0))
        found.append(float(made.people[mask.astype(bool)].sum()))
    return found


def turns(calls: Mapping[str, Callable[[], Any]], repeats: int) -> list[dict[str, float]]:
    """Return the seconds of each call, turn by turn; all are warm."""
    taken = []
    for _ in range(repeats):
        turn = {}
        for name, call in calls.items():
            started = time.perf_counter()
            call()
            turn[name] = time.perf_counter() - started
        taken.append(turn)
    return taken


def title(made: Made) -> str:
    """Return the name of a case."""
    return f"{made.side**2 / 1e6:.3g} million cells, {len(made.x):,} stations, {made.mode.name}"


def measure_surface(result: Result, made: Made, repeats: int) -> None:
    """Add one surface, then people within four limits, of every contender."""
    small = made.side <= 1000
    calls: dict[str, Callable[[], Any]] = {
        OURS: lambda: package_surface(made), "numpy windows": lambda: numpy_surface(made)
    }  # fmt: skip
    if small and made.mode is MODES[0]:
        from scipy.spatial import cKDTree

        places = (np.stack(np.indices((made.side, made.side))[::-1], 2).reshape(-1, 2) + 0.5) * CELL_M
        tree = cKDTree(places)
        calls["scipy cKDTree"] = lambda: tree_surface(made, tree, places)
    seconds = package_surface(made)
    off = max(check_alike(name, call(), seconds) for name, call in calls.items())
    notes = {OURS: "the cells are placed before", "scipy cKDTree": "the tree is made before"}
    case = f"seconds: {title(made)}"
    result.rows += summarise("surfaces", case, turns(calls, repeats), OURS, notes)
    result.facts[case] = f"{(seconds != UNREACHED).mean():.0%} of the cells reached; all equal within {off} s"

    people, theirs = people_of(seconds, made), people_of_buffers(made)
    short = max(abs(b / a - 1) for a, b in zip(people, theirs, strict=True) if a)
    if short > 0.02:
        raise SystemExit(f"surfaces: people within buffers differ by {short:.1%}")
    calls = {
        OURS: lambda: people_of(package_surface(made), made),
        "buffer + union + rasterize": lambda: people_of_buffers(made), "buffer + union alone": lambda: buffers(made),
    }  # fmt: skip
    if small:  # some ten seconds a call where there are more cells
        calls["numpy windows"] = lambda: people_of(numpy_surface(made), made)
    notes = {"buffer + union + rasterize": f"people within {short:.2%}: circles are polygons of 64 sides"}
    case = f"people within 15, 30, 45, 60 min: {title(made)}"
    result.rows += summarise("surfaces", case, turns(calls, min(repeats, FEW)), OURS, notes)


def measure_window(result: Result, made: Made, repeats: int) -> None:
    """Add what a circle does instead on the same cells: pairs, then percentiles and shares of 120 minutes."""
    doors, n = made.doors, len(made.x)
    times = (made.start_s[:, None] + np.random.default_rng(1).integers(0, 20 * MINUTE, (n, 120))).astype(np.int32)
    ranks, limits = percentile_ranks([50, 75], 120), np.array(LIMITS, np.int64)

    def pairs() -> Any:
        access = straight.straight_access(made.cells, doors, [[made.mode]] * n)
        return pairs_by_cell(*access.around, access.kind, access.seconds, land.place, len(land))

    land = land_of(made.cells, made.cells.around(doors.lon, doors.lat, made.reach_m).pairs()[0])
    ptr, station, seconds = pairs()
    ordered = np.sort(times)

    def percentiles(workers: int) -> None:
        def work(block: slice) -> None:
            mine = ptr[block.start : block.stop + 1]
            window_kernels.cell_times(mine, station, seconds, times, ordered, ranks, limits, UNREACHED)

        call_in_threads(work, blocks_of(ptr), workers)

    percentiles(1)
    calls = {
        "one reading": lambda: package_surface(made), "pairs of cells and stations": pairs,
        "120 minutes, 1 thread": lambda: percentiles(1), "120 minutes, 2 threads": lambda: percentiles(2),
    }  # fmt: skip
    notes = {"120 minutes, 1 thread": f"{len(station):,} pairs: percentiles 50 and 75, minutes within 4 limits"}
    case = f"what a circle does: {title(made)}"
    result.rows += summarise("surfaces", case, turns(calls, min(repeats, FEW)), "one reading", notes)


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


def measure_polygons(result: Result, made: Made, repeats: int) -> None:
    """Add the polygons of four limits."""
    seconds = package_surface(made)
    row, column = (a.ravel() for a in np.indices(seconds.shape))
    flat = seconds.ravel().astype(np.int64)
    # unreached cells are a little beyond the hour for contourpy, as the package has it
    field = np.minimum(seconds, HOUR + 2 * MINUTE).astype(np.float64)
    calls: dict[str, Callable[[], Any]] = {
        "package": lambda: polygons_within(made.grid, row, column, flat, LIMITS),
        "contourpy": lambda: contourpy_rings(field), "rasterio shapes": lambda: rasterio_shapes(seconds),
    }  # fmt: skip
    shapes = calls["package"]()
    counted = [int((seconds <= limit).sum()) for limit in LIMITS]
    off = [s.area / CELL_M**2 / n - 1 for s, n in zip(shapes, counted, strict=True)]
    if not all(shape.is_valid for shape in shapes):
        raise SystemExit("surfaces: a polygon is not valid")
    for name in ("contourpy", "rasterio shapes"):
        calls[name]()
    notes = {
        "package": "multipolygons with holes, valid, nested", "contourpy": "points and offsets, no shapes",
        "rasterio shapes": "along pixels, as dictionaries",
    }  # fmt: skip
    case = f"polygons of 4 limits: {title(made)}"
    result.rows += summarise("surfaces", case, turns(calls, repeats), "package", notes)
    said = ", ".join(f"{part:+.2%}" for part in off)
    result.facts[case] = f"{sum(len(s.geoms) for s in shapes):,} polygons; area against the cells' {said}"


def one_circle(size_m: int) -> dict[str, Any]:
    """Return stages and sizes of a circle of Beijing in a square of 400 km, all kernels compiled before."""
    network = load_network("china")
    for number, cell_m in enumerate((2000, size_m)):
        assumptions = replace(default_assumptions(network.assumptions), cell_size_m=cell_m)
        found = NetworkCells(network, cell_m)
        case = CityModel(compile_network(network, assumptions), network.get_city("beijing"), assumptions, found)
        stages = cells.Stages()
        with tempfile.TemporaryDirectory() as folder:
            sizes = cells.one_city(case, Path(folder), stages, side_km=400)
        if number:
            return {"sizes": sizes, "stages": [(name, s) for name, s, _ in stages.rows], "peak": peak_mib()}
    raise AssertionError


def one_peak(what: str, side: int) -> float:
    """Return by how many MiB a contender raises the peak memory of a process."""
    made = make(side, MODES[0])
    if what.startswith("polygons"):
        seconds = package_surface(made)
        if what == "polygons, package":
            row, column = (a.ravel() for a in np.indices(seconds.shape, dtype=np.int64))
            flat = seconds.ravel().astype(np.int64)
            tiny = np.zeros(1, np.int64)
            polygons_within(made.grid, tiny, tiny, tiny, LIMITS)
            call: Callable[[], Any] = lambda: polygons_within(made.grid, row, column, flat, LIMITS)  # noqa: E731
        else:
            field = np.minimum(seconds, HOUR + 2 * MINUTE).astype(np.float64)
            contourpy_rings(field[:2, :2])
            call = lambda: contourpy_rings(field)  # noqa: E731
    else:
        package_surface(make(100, MODES[0]))
        call = {
            "seconds, package": lambda: package_surface(made), "seconds, numpy windows": lambda: numpy_surface(made)
        }[what]  # fmt: skip
    before = peak_mib() or 0.0
    call()
    return (peak_mib() or 0.0) - before


PEAKS = ("seconds, package", "seconds, numpy windows", "polygons, package", "polygons, contourpy")


def apart(name: str, number: int) -> Any:
    """Return what `one_circle` or `one_peak` gives in a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__, name, str(number)], stdout=subprocess.PIPE, text=True, encoding="utf-8", check=True
    )
    return json.loads(done.stdout.splitlines()[-1])


def measure_circles(result: Result, sizes: tuple[int, ...]) -> None:
    """Add whole circles of rising number of cells, the stages named."""
    first = None
    for size_m in sizes:
        found = apart("circle", size_m)
        whole = sum(seconds for _, seconds in found["stages"])
        base = {} if first is None else {"base": f"{sizes[0]} m", "ratio": whole / first}
        first = first or whole
        case = f"a circle of Beijing, 400 x 400 km, {found['sizes']['cells'] / 1e6:.3g} million cells of {size_m} m"
        note = ", ".join(f"{name} {s:.2g} s" for name, s in sorted(found["stages"], key=lambda r: -r[1])[:6])
        result.rows.append(
            Row("surfaces", case, f"{size_m} m", whole, note=f"peak {found['peak']:,.0f} MiB; {note}", **base)
        )


def run(quick: bool, shared: Path | None) -> Result:
    """Measure."""
    result = Result()
    for side in (300,) if quick else (1000, 2000):
        for mode in MODES:
            made, repeats = make(side, mode), FEW if quick or side > 1000 else MANY
            measure_surface(result, made, repeats)
            if side <= 1000 and mode is MODES[0]:
                measure_window(result, made, repeats)
            measure_polygons(result, made, FEW)
    for what in PEAKS:
        taken = [apart(what, side) for side in ((300,) if quick else (1000, 2000))]
        result.facts[f"memory on foot, {what}"] = ", ".join(f"{mib:,.0f} MiB" for mib in taken) + (
            "" if quick else " at 1 and 4 million cells"
        )
    measure_circles(result, (2000,) if quick else (400, 200, 100))
    return result


if __name__ == "__main__":
    word, number = sys.argv[1], int(sys.argv[2])
    print(json.dumps(one_circle(number) if word == "circle" else one_peak(word, number)))
