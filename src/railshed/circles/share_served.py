"""The share of the window's minutes in which each cell is served."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from railshed.circles.cell_counts import Ground
from railshed.circles.polygons import circles_within
from railshed.util.errors import ParameterError
from railshed.util.units import MINUTE

if TYPE_CHECKING:
    import geopandas as gpd

    from railshed.circles.result import Circle

#: shares of the window's minutes that are told apart, most first; the last is any minute at all
SHARES = (1.0, 0.9, 0.75, 0.5, 0.25, 0.0)


def shown_cutoff(circle: Circle, reading: str) -> int:
    """Return the cutoff that a map of a reading is about: the headline's where the reading has it, else its largest."""
    cutoffs: list[int] = circle.summary["readings"][reading]["cutoffs"]
    return circle.headline_cutoff if circle.headline_cutoff in cutoffs else max(cutoffs)


def missing_minutes(circle: Circle, cutoff_min: int) -> tuple[NDArray[np.int64], int]:
    """Return int64 (n_cells,) minutes of the window that are not within the cutoff of the headline surface, and all.

    By rail or without a ride, which is within it in every minute or in none. Both ways it is the worse direction, its
    minutes counted in those of one window times those of the other.
    """
    surface = circle.surface
    cutoffs = circle.summary["readings"][surface.reading.name]["cutoffs"]
    if cutoff_min not in cutoffs:
        raise ParameterError(f"cutoff {cutoff_min}: allowed are {', '.join(map(str, cutoffs))}")
    served = surface.served[:, cutoffs.index(cutoff_min)].astype(np.int64)
    missing = np.where(surface.local_s <= cutoff_min * MINUTE, 0, surface.n_minutes - served)
    return missing, int(surface.n_minutes)


def _most_missing(share: float, n_minutes: int) -> int:
    """Return how many minutes may be missing; for no share at all one minute must be there."""
    return min(n_minutes - 1, int(np.floor((1 - share) * n_minutes + 1e-9)))


def share_rows(circle: Circle) -> list[dict[str, Any]]:
    """Return one row a share (see `Circle.share_table`)."""
    cutoff = shown_cutoff(circle, circle.surface.reading.name)
    missing, n_minutes = missing_minutes(circle, cutoff)
    ground, rows = circle.ground, []
    for share in SHARES:
        inside = missing <= _most_missing(share, n_minutes)
        rows.append({
            "reading": circle.surface.reading.name, "direction": circle.direction, "cutoff_min": cutoff,
            "share_from": share, **figures_within(ground, inside),
        })  # fmt: skip
    return rows


def figures_within(ground: Ground, inside: NDArray[np.bool_]) -> dict[str, Any]:
    """Return people and area of cells, with the city proper and without it."""
    return {
        "people": ground.people_figures(inside)["people"], "people_known_km2": ground.people_known_km2(inside),
        "area_km2": float(inside.sum()) * ground.land.grid.cell_km2,
        "people_outside_city": ground.people_outside(inside), "area_km2_outside_city": ground.km2_outside(inside),
    }  # fmt: skip


def drawn_cells(ground: Ground, values: Any, levels: Sequence[int]) -> gpd.GeoSeries:
    """Return the polygons of cells at most at each level, EPSG:4326; each covers the one before it."""
    import geopandas as gpd

    land = ground.land
    steps = sorted(set(levels))
    shapes = circles_within(land.grid, land.row, land.column, [values], steps, equal_area=True)[0]
    found = dict(zip(steps, shapes, strict=True))
    return gpd.GeoSeries([found[level] for level in levels], crs=land.grid.crs).to_crs("EPSG:4326")


def share_frame(circle: Circle) -> gpd.GeoDataFrame:
    """Return the rows of `share_rows` with their polygons, EPSG:4326."""
    import geopandas as gpd

    missing, n_minutes = missing_minutes(circle, shown_cutoff(circle, circle.surface.reading.name))
    shapes = drawn_cells(circle.ground, missing, [_most_missing(share, n_minutes) for share in SHARES])
    return gpd.GeoDataFrame(share_rows(circle), geometry=list(shapes), crs="EPSG:4326")
