"""Results as layers of GIS programs and as rasters: the layers of a result and the description of its files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from railshed.appraisal.backtest import BacktestResult
from railshed.cells.population import NOWHERE, locate_cells
from railshed.circles.overlap import OverlapResult
from railshed.circles.result import CircleResult, county_frame
from railshed.circles.study_area import StudyArea
from railshed.circles.surface import directed_surface
from railshed.comparisons.changes import saved_seconds
from railshed.comparisons.place_changes import points_of, shapes_of
from railshed.comparisons.result import STATES, ComparisonResult, Difference
from railshed.comparisons.union import UnionComparisonResult
from railshed.export.geotiff import Extent, write_surface
from railshed.export.styles import FileDescription
from railshed.uncertainty.inclusion import InclusionResult
from railshed.util.errors import ParameterError
from railshed.util.units import MINUTE

if TYPE_CHECKING:
    import geopandas as gpd

#: of the first band of a comparison's raster
_SAVED = "minutes saved: before less after, negative is slower; no value where it is over {} min before or after"


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
    summary = circle.summary["readings"][name]
    return FileDescription(
        repr(circle)[1:-1], tuple(summary["definition_en"]), circle.summary["definition_hash"], name,
        tuple(summary["cutoffs"]), circle.headline_cutoff, words, circle.ground.land.grid.size_m,
    )  # fmt: skip


def difference_layers(found: Difference) -> dict[str, gpd.GeoDataFrame]:
    """Return the layers of a comparison by name; those of both circles too where it is of one city."""
    polygons, line = found.all_polygons, {} if found.plan is None else {"line": found.plan.line_frame}
    layers = {
        **{state: polygons[polygons["state"] == state] for state in STATES},
        "minutes_saved": found.cells, "stations": points_of(found.with_definitions(found.all_stations)),
        "counties": shapes_of(found.with_definitions(found.all_counties), found.ground),
        "towns": found.with_definitions(found.all_towns),
        **line,
    }  # fmt: skip
    if isinstance(found, ComparisonResult):
        for state, circle in (("before", found.before), ("after", found.after)):
            layers |= {f"{name}_{state}": frame for name, frame in circle_layers(circle).items() if name != "counties"}
    return layers


def about_difference(found: Difference) -> FileDescription:
    """Return title, definition and headline of a comparison for its files; no hash where it is of several cities."""
    words = (found.definitions[found.headline[0].reading.name],)
    if isinstance(found, UnionComparisonResult):
        first, of, digest = found.comparisons[0].before, found.name_en or found.name, ""
    else:
        assert isinstance(found, ComparisonResult)
        first, of, digest = found.before, found.before.city.label, found.before.summary["definition_hash"]
    return replace(about_circle(first), title=f"{of}: {found.title}", definition=words, definition_hash=digest)


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
    return _write(
        path, land, bands, circle.network.counties, title=repr(circle)[1:-1],
        definition=circle.summary["readings"][surface.reading.name]["definition_en"],
        tags={"DEFINITION_HASH": circle.summary["definition_hash"]},
    )  # fmt: skip


def write_difference_raster(found: Difference, path: str | Path) -> Path:
    """Write minutes before, after and saved as a cloud-optimised GeoTIFF; see `Comparison.to_raster`."""
    (old, new), land = found.headline, found.ground.land
    bands = {
        "minutes saved": saved_seconds(old, new, found.limit_s),
        "total before": old.total_s, "total after": new.total_s,
        "by rail before": old.by_rail_s, "by rail after": new.by_rail_s,
    }  # fmt: skip
    return _write(
        path, land, bands, found.ground.case.compiled.network.counties, title=f"minutes saved: {found.title}",
        definition=[found.definitions[old.reading.name], _SAVED.format(found.limit_s // MINUTE)],
    )  # fmt: skip


def _write(path: str | Path, land: StudyArea, bands: Any, counties: Any, **about: Any) -> Path:
    """Write the bands of cells; where no county is known there is no data."""
    box = Extent.around(land.row, land.column)
    where = locate_cells(land.grid, *box.cells(), counties)
    known = np.ones(len(where), dtype=bool) if counties is None else where != NOWHERE
    return write_surface(
        path, land.grid, land.row, land.column, bands, extent=box, known=known.reshape(box.shape), **about
    )
