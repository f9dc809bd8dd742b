"""Results as layers of GIS programs and as rasters: the layers of a result and the description of its files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from railshed.cells.population import NOWHERE, locate_cells
from railshed.circles.result import CircleResult, county_frame
from railshed.circles.study_area import StudyArea
from railshed.circles.surface import directed_surface
from railshed.export.geotiff import Extent, write_surface
from railshed.export.styles import FileDescription
from railshed.util.errors import ParameterError

if TYPE_CHECKING:
    import geopandas as gpd

    from railshed.appraisal.backtest import BacktestResult
    from railshed.circles.overlap import OverlapResult
    from railshed.uncertainty.inclusion import InclusionResult


def circle_layers(circle: CircleResult) -> dict[str, gpd.GeoDataFrame]:
    """Return the layers of a circle by name."""
    return {
        "stations": circle.stations,
        "polygons": circle.polygons,
        "cells": circle.cells,
        "counties": county_frame(circle),
        "towns": circle.towns,
    }


def about_circle(circle: CircleResult) -> FileDescription:
    """Return title, definition and headline of a circle for its files."""
    name, words = circle.surface.reading.name, {n: (r.label_zh, r.label) for n, r in circle.readings.items()}
    summary = circle.summary.readings[name]
    return FileDescription(
        repr(circle)[1:-1], tuple(summary.definition_en), circle.summary.definition_hash, name,
        summary.cutoffs, circle.headline_cutoff, words, circle.ground.land.grid.size_m,
    )  # fmt: skip


def inclusion_layers(found: InclusionResult) -> dict[str, gpd.GeoDataFrame]:
    """Return the layers of an inclusion by name."""
    return {"inclusion": found.polygons, "inclusion_cells": found.cells}


def about_inclusion(found: InclusionResult) -> FileDescription:
    """Return title, definition and headline of an inclusion for its files."""
    return FileDescription(
        f"{found.city.label}: how often within {found.cutoff_min} min", tuple(found.definition["en"]),
        reading=found.reading.name, cutoff_min=found.cutoff_min, cell_m=found.ground.land.grid.size_m,
    )  # fmt: skip


def overlap_layers(found: OverlapResult) -> dict[str, gpd.GeoDataFrame]:
    """Return the layers of the circles of several cities by name."""
    return {"overlap": found.polygons, "circles": found.circles, "stations": found.stations}


def about_overlap(found: OverlapResult) -> FileDescription:
    """Return title, definition and headline of the circles of several cities for their files."""
    return FileDescription(
        f"{found.name_en or found.name}: circles and how many cities reach each place",
        tuple(words.en for words in found.definition), reading=next(iter(found.surfaces.values())).reading.name,
        cutoff_min=found.cutoff_min, cutoffs=(found.cutoff_min,), cell_m=found.ground.land.grid.size_m,
    )  # fmt: skip


def backtest_layers(found: BacktestResult) -> dict[str, gpd.GeoDataFrame]:
    """Return the layers of a back-test by name: its polygons and the stations of the three circles."""
    circles = {"before": found.before, "predicted": found.predicted, "after": found.after}
    return {"backtest": found.polygons, **{f"stations_{name}": circle.stations for name, circle in circles.items()}}


def write_circle_raster(circle: CircleResult, path: str | Path, percentiles: Sequence[int]) -> Path:
    """Write the headline surface as a cloud-optimised GeoTIFF in minutes; see `Circle.to_raster`."""
    if not percentiles or any(not 0 <= p <= 100 for p in percentiles):
        raise ParameterError(f"percentiles {list(percentiles)}: allowed are whole numbers 0-100")
    surface, land = circle.surface, circle.ground.land
    bands = {}
    for p in dict.fromkeys(percentiles):
        reading = replace(surface.reading, percentile=p)
        found = directed_surface(
            circle.ground.case, circle.cells_by_direction, reading, circle.direction, count_trips=False
        )
        bands[f"by rail, percentile {p}"] = found.by_rail_s
    bands[f"total, percentile {surface.reading.percentile}"] = surface.total_s
    bands["local"] = surface.local_s
    return write_bands(
        path, land, bands, circle.network.counties, title=repr(circle)[1:-1],
        definition=circle.summary.readings[surface.reading.name].definition_en,
        tags={"DEFINITION_HASH": circle.summary.definition_hash},
    )  # fmt: skip


def write_bands(path: str | Path, land: StudyArea, bands: Any, counties: Any, **about: Any) -> Path:
    """Write bands of cells as a GeoTIFF; where no county is known there is no data."""
    box = Extent.around(land.row, land.column)
    where = locate_cells(land.grid, *box.cells(), counties)
    known = np.ones(len(where), dtype=bool) if counties is None else where != NOWHERE
    return write_surface(
        path, land.grid, land.row, land.column, bands, extent=box, known=known.reshape(box.shape), **about
    )
