"""The share of the window's minutes in which each cell is served."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from railshed.circles.cell_counts import CellCounts
from railshed.circles.polygons import circles_within
from railshed.circles.surface import Surface
from railshed.util.units import MINUTE

if TYPE_CHECKING:
    import geopandas as gpd


#: shares of the window's minutes, largest first; the last is any minute at all
SHARES = (1.0, 0.9, 0.75, 0.5, 0.25, 0.0)


def missing_of(surface: Surface, column: int, cutoff_min: int) -> NDArray[np.int64]:
    """Return int64 (n_cells,) minutes of the window that are not within a cutoff, by rail or without a ride.

    `column` is the cutoff's in `surface.served`.
    """
    served = surface.served[:, column].astype(np.int64)
    return np.where(surface.local_s <= cutoff_min * MINUTE, 0, surface.n_minutes - served)


def _most_missing(share: float, n_minutes: int) -> int:
    """Return how many minutes may be missing; for no share at all one minute must be there."""
    return min(n_minutes - 1, int(np.floor((1 - share) * n_minutes + 1e-9)))


def share_rows(
    ground: CellCounts, surface: Surface, missing: NDArray[np.int64], cutoff_min: int, direction: str
) -> list[dict[str, Any]]:
    """Return one row a share (see `CircleResult.share_table`)."""
    rows = []
    for share in SHARES:
        inside = missing <= _most_missing(share, int(surface.n_minutes))
        rows.append({
            "reading": surface.reading.name, "direction": direction, "cutoff_min": cutoff_min,
            "share_from": share, **figures_within(ground, inside),
        })  # fmt: skip
    return rows


def figures_within(ground: CellCounts, inside: NDArray[np.bool_]) -> dict[str, Any]:
    """Return people and area of cells, with the city proper and without it."""
    return {
        "people": ground.people_figures(inside)["people"], "people_known_km2": ground.people_known_km2(inside),
        "area_km2": float(inside.sum()) * ground.land.grid.cell_km2,
        "people_outside_city": ground.people_outside(inside), "area_km2_outside_city": ground.km2_outside(inside),
    }  # fmt: skip


def drawn_cells(ground: CellCounts, values: Any, levels: Sequence[int]) -> gpd.GeoSeries:
    """Return the polygons of cells at most at each level, EPSG:4326; each covers the one before it."""
    import geopandas as gpd

    land = ground.land
    steps = sorted(set(levels))
    shapes = circles_within(land.grid, land.row, land.column, [values], steps, equal_area=True)[0]
    found = dict(zip(steps, shapes, strict=True))
    return gpd.GeoSeries([found[level] for level in levels], crs=land.grid.crs).to_crs("EPSG:4326")


def share_frame(
    ground: CellCounts, surface: Surface, missing: NDArray[np.int64], rows: Sequence[Mapping[str, Any]]
) -> gpd.GeoDataFrame:
    """Return the rows of `share_rows` with their polygons, EPSG:4326."""
    import geopandas as gpd

    levels = [_most_missing(share, int(surface.n_minutes)) for share in SHARES]
    return gpd.GeoDataFrame(rows, geometry=list(drawn_cells(ground, missing, levels)), crs="EPSG:4326")
