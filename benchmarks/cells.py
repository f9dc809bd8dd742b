"""Workload `cells`: surfaces of millions of cells: two cities stage by stage, and the kernels against plain ones.

Each city is 300 x 300 km of cells of 250 m around its anchor, cut to the counties that are shipped, door to station in
the peak. The kernels' contenders get the same pairs and answer alike before a time is taken.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from measure import Result, Row, interleaved, peak_mib, summarise
from plaincells import Made, make_cells, numpy_cell_times, plain_cell_times, plain_cell_trips

from railshed import default_assumptions, load_network
from railshed.assumptions.readings import get_reading
from railshed.cells.cell_keys import cell_keys
from railshed.cells.network_cells import NetworkCells
from railshed.circles.cell_counts import CellCounts
from railshed.circles.city_model import CityModel
from railshed.circles.components import split_of, split_table
from railshed.circles.places import reach_table
from railshed.circles.polygons import polygons_within
from railshed.circles.study_area import access_of, cells_of, land_of
from railshed.circles.surface import blocks_of, surface_of
from railshed.export.geotiff import Extent, write_surface
from railshed.kernels import cell_times as kernels
from railshed.routing.compile import compile_network
from railshed.routing.profiles import percentile_ranks
from railshed.util.parallel import call_in_threads
from railshed.util.units import MINUTE, UNREACHED

CITIES = ("beijing", "chengdu")
CELL_M, SIDE_KM = 250, 300
READING, WAY, CUTOFF = "door-to-station", "to", 60
#: what the land of a circle with the default cutoffs is looked for within
LIMIT_S = 90 * MINUTE
OURS, OURS_BOTH, PLAIN, NUMPY = "package, 1 thread", "package, 2 threads", "plain kernel", "numpy"
RANKS, LIMITS = percentile_ranks([50, 75], 120), np.array([1800, 2700, 3600], np.int64)
ALLOWED_MIB = 4096
#: numpy takes ten times as long: it runs on no more cells than this
NUMPY_CELLS = 300_000


class Stages:
    """Wall time and peak memory by stage, in order."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, float, float]] = []

    @contextmanager
    def take(self, name: str) -> Iterator[None]:
        """Time one stage."""
        started = time.perf_counter()
        yield
        self.rows.append((name, time.perf_counter() - started, peak_mib() or 0))


def square(case: CityModel, side_km: int = SIDE_KM) -> Extent:
    """Return the cells of the square around the city's anchor."""
    lon, lat = case.compiled.network.anchor(case.city)
    row, column = (int(a[0]) for a in case.grid.index(*(np.atleast_1d(a) for a in case.grid.project(lon, lat))))
    half = side_km * 1000 // case.grid.size_m // 2
    return Extent(row - half, row + half - 1, column - half, column + half - 1)


def one_city(case: CityModel, folder: Path, stages: Stages, side_km: int = SIDE_KM) -> dict[str, Any]:
    """Compute the surface of one city with everything made from it; return sizes."""
    grid, reading = case.grid, get_reading(READING)
    with stages.take("profiles"):
        case.journeys(reading.legs, WAY)
        case.journeys("station", WAY)
    with stages.take("access table"):
        access_of(case, WAY, (WAY,), LIMIT_S)
    box = square(case, side_km)
    with stages.take("counties and people of cells"):
        land = land_of(case.cells, case.cells.numbers(cell_keys(*box.cells())))
    with stages.take("pairs on land"):
        cells = cells_of(case, land, (WAY,), LIMIT_S)[WAY]
    with stages.take("surface"):
        surface = surface_of(case, cells, reading, WAY)
    with stages.take("split of the journeys within the hour"):
        split = split_of(case, cells, reading, WAY, within_s=CUTOFF * MINUTE)
    with stages.take("people on land"):
        people = case.cells.people(land.numbers)
    ground = CellCounts(case, land, people)
    with stages.take("tables"):
        reach_table(ground, surface, reading.cutoffs)
        rows = split_table(split, [CUTOFF], None if people is None else people.per_cell(len(land)), grid.cell_km2)
    with stages.take("polygons"):
        for cutoff in reading.cutoffs:
            polygons_within(grid, land.row, land.column, surface.total_s, [cutoff * MINUTE])
    with stages.take("GeoTIFF"):
        bands = {"percentile 50": surface.by_rail_s, "percentile 75": surface.strict_s, "local": surface.local_s}
        path = write_surface(folder / f"{case.city.slug}.tif", grid, land.row, land.column, bands, extent=box)
    return {
        "cells": box.shape[0] * box.shape[1], "land": len(land), "pairs": len(cells.station),
        "within the hour": int((surface.by_rail_s <= CUTOFF * MINUTE).sum()),
        "GeoTIFF MiB": path.stat().st_size / 2**20, "out-of-vehicle share": rows[0]["out_of_vehicle_share"],
    }  # fmt: skip


def measure_cities(result: Result, cities: tuple[str, ...]) -> None:
    """Add the stages of every city: the second time, when all kernels are compiled, counts."""
    network = load_network("china")
    assumptions = replace(default_assumptions(network.assumptions), cell_size_m=CELL_M)
    compiled = compile_network(network, assumptions)
    with tempfile.TemporaryDirectory() as folder:
        for number, slug in enumerate((cities[0], *cities)):
            stages, city = Stages(), network.get_city(slug)
            case = CityModel(compiled, city, assumptions, NetworkCells(network, CELL_M))
            sizes = one_city(case, Path(folder), stages)
            if not number:
                continue
            title = f"{case.city.name_en}, {SIDE_KM} x {SIDE_KM} km, {CELL_M} m"
            whole = sum(seconds for _, seconds, _ in stages.rows)
            for name, seconds, peak in stages.rows:
                note = f"{seconds / whole:.0%}; peak memory so far {peak:,.0f} MiB"
                result.rows.append(Row("cells", title, name, seconds, note=note))
            result.rows.append(Row("cells", title, "all stages", whole))
            result.facts[title] = "; ".join(
                f"{name} {value:,.0f}" if value >= 2 else f"{name} {value:.2f}" for name, value in sizes.items()
            )
    peak = peak_mib() or 0
    kept = "kept" if peak < ALLOWED_MIB else "EXCEEDED"
    result.facts["peak memory, two cities in one process"] = f"{peak:,.0f} MiB of the {ALLOWED_MIB:,} allowed: {kept}"


def contenders(made: Made) -> dict[str, Callable[[], Any]]:
    """Return the calls that make percentiles and minutes served of generated cells."""
    pairs, ordered = (made.station, made.seconds, made.times, RANKS, LIMITS), np.sort(made.times)

    def in_blocks(workers: int) -> tuple[Any, Any]:
        n = len(made.ptr) - 1
        out, served = np.empty((n, len(RANKS)), np.int32), np.empty((n, len(LIMITS)), np.int32)

        def work(block: slice) -> None:
            ptr = made.ptr[block.start : block.stop + 1]
            out[block], served[block] = kernels.cell_times(ptr, *pairs[:3], ordered, *pairs[3:], UNREACHED)

        call_in_threads(work, blocks_of(made.ptr), workers)
        return out, served

    calls: dict[str, Callable[[], Any]] = {
        OURS: lambda: in_blocks(1), OURS_BOTH: lambda: in_blocks(2),
        PLAIN: lambda: plain_cell_times(made.ptr, *pairs),
    }  # fmt: skip
    if len(made.ptr) <= NUMPY_CELLS:
        calls[NUMPY] = lambda: numpy_cell_times(made.ptr, *pairs)
    return calls


def trip_contenders(made: Made) -> dict[str, Callable[[], Any]]:
    """Return the calls that count the trips of generated cells."""
    rest = (made.station, made.seconds, made.profiles, *made.span, 3600)

    def in_blocks(workers: int) -> Any:
        out = np.empty(len(made.ptr) - 1, np.int32)

        def work(block: slice) -> None:
            out[block] = kernels.cell_trips(made.ptr[block.start : block.stop + 1], *rest)

        call_in_threads(work, blocks_of(made.ptr), workers)
        return out

    return {
        OURS: lambda: in_blocks(1), OURS_BOTH: lambda: in_blocks(2), PLAIN: lambda: plain_cell_trips(made.ptr, *rest)
    }  # fmt: skip


def check_alike(calls: dict[str, Callable[[], Any]], what: str) -> None:
    """Raise unless all calls answer alike."""
    answers = {name: call() for name, call in calls.items()}
    first = answers.pop(OURS)
    for name, answer in answers.items():
        parts = zip(first, answer, strict=True) if isinstance(first, tuple) else [(first, answer)]
        if not all(np.array_equal(a, b) for a, b in parts):
            raise SystemExit(f"cells: {what} of {name} differ from the package's")


def measure_kernels(result: Result, sides: tuple[int, ...], repeats: int) -> None:
    """Add the kernels on generated cells of rising number: cost by cell, and ratios to the plain ones."""
    for side in sides:
        made = make_cells(side)
        n, n_pairs = side * side, len(made.station)
        size = f"{n / 1e6:.3g} million generated cells, {n_pairs / n:.1f} pairs each"
        for what, calls in (("percentiles", contenders(made)), ("trips", trip_contenders(made))):
            check_alike(calls, what)
            taken = interleaved(calls, repeats)
            notes = {name: f"{seconds / n * 1e9:.0f} ns a cell" for name, seconds in taken.items()}
            result.rows += summarise("cells", f"{what}: {size}", [taken], OURS, notes)


def run(quick: bool, shared: Path | None) -> Result:
    """Measure."""
    result = Result()
    measure_cities(result, CITIES[:1] if quick else CITIES)
    measure_kernels(result, (250,) if quick else (500, 1000, 2000), 3)
    return result
