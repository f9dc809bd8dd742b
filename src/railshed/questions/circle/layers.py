"""Results as layers of GIS programs and as rasters: the layers of a result and the description of
its files.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from railshed.cells.population import NOWHERE, locate_cells
from railshed.circles.analysis import headlines_of
from railshed.circles.result import CircleResult, county_frame
from railshed.circles.study_area import StudyArea
from railshed.circles.surface import directed_surface
from railshed.export.context import context_layers
from railshed.export.geotiff import Extent, write_surface
from railshed.export.styles import FileDescription
from railshed.maps.from_network import credits_of, needs_approval
from railshed.maps.words import outside, people, title
from railshed.util.bilingual import EMPTY, Words, joined
from railshed.util.errors import ParameterError
from railshed.util.phrases import phrase

if TYPE_CHECKING:
    import geopandas as gpd

    from railshed.circles.overlap import OverlapResult
    from railshed.uncertainty.inclusion import InclusionResult


def circle_layers(circle: CircleResult) -> dict[str, gpd.GeoDataFrame]:
    """Return the layers of a circle by name, with what lies around it."""
    own = own_layers(circle)
    around = context_layers(circle.network, [circle.city], circle.polygons.total_bounds)
    return {name: own.pop(name) for name in ("stations", "polygons")} | around | own


def own_layers(circle: CircleResult) -> dict[str, gpd.GeoDataFrame]:
    """Return the layers of a circle by name, without what lies around it."""
    return {
        "stations": circle.stations,
        "polygons": circle.polygons,
        "counties": county_frame(circle),
        "towns": circle.towns,
        "cells": circle.cells,
    }


def about_circle(circle: CircleResult) -> FileDescription:
    """Return title, definition and headline of a circle for its files."""
    name = circle.surface.reading.name
    words = {n: (r.label_zh, r.label) for n, r in circle.readings.items()}
    summary = circle.summary.readings[name]
    rows = [summary.table.at(cutoff)["by_rail"] for cutoff in headlines_of(summary.cutoffs)]
    return FileDescription(
        repr(circle)[1:-1],
        tuple(summary.definition_en),
        circle.summary.definition_hash,
        reading=name,
        cutoffs=summary.cutoffs,
        cutoff_min=circle.headline_cutoff,
        names=words,
        cell_m=circle.counts.land.grid.size_m,
        heading=title(Words(circle.city.name, circle.city.name_en), circle.headline_cutoff),
        figures=figures_of(rows, "sheet_people", "people_outside_city"),
        premises=tuple(
            Words(*pair) for pair in zip(summary.definition_zh, summary.definition_en, strict=True)
        ),
        date=circle.summary.date,
        sources=credits_of(circle.network),
        approval=needs_approval(circle.network),
    )


def figures_of(rows: Iterable[Mapping[str, Any]], text: str, *keys: str) -> Words:
    """Return people by rail outside the city proper by cutoff, as a sheet prints them; "" where
    none are known.
    """
    found = [
        phrase(
            text,
            cutoff=row["cutoff_min"],
            **{f"n{k}": people(row[key]) for k, key in enumerate(keys)},
        )
        for row in rows
        if row[keys[0]] is not None
    ]
    return outside(phrase("sheet_by_rail", figures=joined(found))) if found else EMPTY


def inclusion_layers(found: InclusionResult) -> dict[str, gpd.GeoDataFrame]:
    """Return the layers of an inclusion by name."""
    return {"inclusion": found.polygons, "inclusion_cells": found.cells}


def about_inclusion(found: InclusionResult) -> FileDescription:
    """Return title, definition and headline of an inclusion for its files."""
    return FileDescription(
        f"{found.city.label}: how often within {found.cutoff_min} min",
        tuple(found.definition["en"]),
        reading=found.reading.name,
        cutoff_min=found.cutoff_min,
        cell_m=found.counts.land.grid.size_m,
    )


def overlap_layers(found: OverlapResult) -> dict[str, gpd.GeoDataFrame]:
    """Return the layers of the circles of several cities by name."""
    around = context_layers(found.network, found.cities, found.polygons.total_bounds)
    return {
        "stations": found.stations,
        "circles": found.circles,
        "overlap": found.polygons,
        **around,
    }


def about_overlap(found: OverlapResult) -> FileDescription:
    """Return title, definition and headline of the circles of several cities for their files."""
    return FileDescription(
        f"{found.name_en or found.name}: circles and how many cities reach each place",
        tuple(words.en for words in found.definition),
        reading=found.reading.name,
        cutoff_min=found.cutoff_min,
        cutoffs=(found.cutoff_min,),
        cell_m=found.counts.land.grid.size_m,
        heading=title(Words(found.name, found.name_en), found.cutoff_min),
        premises=tuple(found.definition),
        sources=credits_of(found.network),
        approval=needs_approval(found.network),
    )


def write_circle_raster(circle: CircleResult, path: str | Path, percentiles: Sequence[int]) -> Path:
    """Write the headline surface as a cloud-optimised GeoTIFF in minutes; see
    `Circle.to_raster`.
    """
    if not percentiles or any(not 0 <= p <= 100 for p in percentiles):
        raise ParameterError(f"percentiles {list(percentiles)}: allowed are whole numbers 0-100")
    surface = circle.surface
    given = (circle.counts.case, circle.cells_by_direction)
    bands = {}
    for p in dict.fromkeys(percentiles):
        reading = replace(surface.reading, percentile=p)
        found = directed_surface(*given, reading, circle.direction, count_trips=False)
        bands[f"by rail, percentile {p}"] = found.by_rail_s
    bands |= {
        f"total, percentile {surface.reading.percentile}": surface.total_s,
        "local": surface.local_s,
    }
    return write_bands(
        path,
        circle.counts.land,
        bands,
        circle.network.counties,
        title=repr(circle)[1:-1],
        definition=circle.summary.readings[surface.reading.name].definition_en,
        tags={"DEFINITION_HASH": circle.summary.definition_hash},
    )


def write_bands(path: str | Path, land: StudyArea, bands: Any, counties: Any, **about: Any) -> Path:
    """Write bands of cells as a GeoTIFF; where no county is known there is no data."""
    box = Extent.around(land.row, land.column)
    where = locate_cells(land.grid, *box.cells(), counties)
    known = np.ones(len(where), dtype=bool) if counties is None else where != NOWHERE
    return write_surface(
        path,
        land.grid,
        land.row,
        land.column,
        bands,
        extent=box,
        known=known.reshape(box.shape),
        **about,
    )
