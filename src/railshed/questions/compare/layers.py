"""Comparisons as layers of GIS programs and as rasters."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from railshed.circles.analysis import headlines_of
from railshed.comparisons.changes import saved_seconds
from railshed.comparisons.place_changes import points_of, shapes_of
from railshed.comparisons.result import STATES, ComparisonResult, Difference, UnionComparisonResult
from railshed.export.context import context_layers
from railshed.export.styles import FileDescription
from railshed.maps.words import difference_title
from railshed.questions.circle.layers import about_circle, figures_of, own_layers, write_bands
from railshed.util.bilingual import Words, say
from railshed.util.phrases import phrase
from railshed.util.units import MINUTE

if TYPE_CHECKING:
    import geopandas as gpd

    from railshed.comparisons.forecast import Forecast

#: of the first band of a comparison's raster
_SAVED = (
    "minutes saved: before less after, negative is slower; no value where it is over {} min "
    "before or after"
)


def difference_layers(found: Difference) -> dict[str, gpd.GeoDataFrame]:
    """Return the layers of a comparison by name, with what lies around; of one city those of both
    circles too.
    """
    polygons = found.all_polygons
    line = {} if found.plan is None else {"line": found.plan.line_frame}
    cities = [one.before.city for one in found.by_city]
    by_rail = found.polygons_of("by_rail")
    layers = {
        "stations": points_of(found.with_definitions(found.all_stations)),
        **line,
        "changes": by_rail[by_rail["state"].isin(("gained", "lost", "unchanged"))],
        **{state: polygons[polygons["state"] == state] for state in STATES},
        "minutes_saved": found.cells,
        **context_layers(found.by_city[0].before.network, cities, polygons.total_bounds),
        "counties": shapes_of(found.with_definitions(found.all_counties), found.counts),
        "towns": found.with_definitions(found.all_towns),
    }
    if isinstance(found, ComparisonResult):
        for state, circle in (("before", found.before), ("after", found.after)):
            layers |= {
                f"{name}_{state}": frame
                for name, frame in own_layers(circle).items()
                if name != "counties"
            }
    return layers


def forecast_layers(found: Forecast) -> dict[str, gpd.GeoDataFrame]:
    """Return the layers of a forecast by name: polygons by cutoff and share of the draws, cells,
    stations.
    """
    import pandas as pd

    return {
        "forecast": pd.concat(found.bands.values(), ignore_index=True),
        "forecast_cells": found.cells,
        "forecast_stations": found.stations,
    }


def about_forecast(found: Forecast) -> FileDescription:
    """Return title, definition and headline of a forecast for its files."""
    case = found.city.case
    return FileDescription(
        f"{case.city.label}: how probably places come within {' | '.join(map(str, found.cutoffs))} "
        "min by rail",
        (phrase("forecast_layer", n=len(found.changes)).en,),
        reading=found.reading,
        cutoff_min=max(found.cutoffs),
        cutoffs=found.cutoffs,
        cell_m=case.grid.size_m,
    )


def about_difference(found: Difference) -> FileDescription:
    """Return title, definition and headline of a comparison for its files; no hash where it is of
    several cities.

    Shown is the first cutoff of the headline at which something comes in or drops out by rail.
    """
    reading = found.headline[0].reading.name
    first = found.by_city[0].before
    city = Words(first.city.name, first.city.name_en)
    more = []
    digest = first.summary.definition_hash
    if isinstance(found, UnionComparisonResult):
        city = Words(found.name, found.name_en)
        digest = ""
        more = [phrase("own_windows"), phrase("each_place_once")]
    rows = [
        found.row(reading, cutoff, "by_rail") for cutoff in headlines_of(found.cutoffs[reading])
    ]
    cutoff = next((row for row in rows if row["area_km2_gained"] or row["area_km2_lost"]), rows[0])[
        "cutoff_min"
    ]
    about = about_circle(first)
    return replace(
        about,
        title=f"{' '.join(say(city, 'both'))}: {found.title}",
        definition=(found.definitions[reading],),
        definition_hash=digest,
        heading=difference_title(city, cutoff, Words(*found.titles)),
        cutoff_min=cutoff,
        figures=figures_of(rows, "sheet_changes", "people_gained", "people_lost"),
        premises=(*about.premises, *more),
    )


def write_difference_raster(found: Difference, path: str | Path) -> Path:
    """Write minutes before, after and saved as a cloud-optimised GeoTIFF; see
    `Comparison.to_raster`.
    """
    (old, new) = found.headline
    land = found.counts.land
    bands = {
        "minutes saved": saved_seconds(old, new, found.limit_s),
        "total before": old.total_s,
        "total after": new.total_s,
        "by rail before": old.by_rail_s,
        "by rail after": new.by_rail_s,
    }
    return write_bands(
        path,
        land,
        bands,
        found.counts.case.compiled.network.counties,
        title=f"minutes saved: {found.title}",
        definition=[found.definitions[old.reading.name], _SAVED.format(found.limit_s // MINUTE)],
    )
