"""Comparisons as layers of GIS programs and as rasters."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from railshed.comparisons.changes import saved_seconds
from railshed.comparisons.place_changes import points_of, shapes_of
from railshed.comparisons.result import STATES, ComparisonResult, Difference, UnionComparisonResult
from railshed.export.results import about_circle, circle_layers, write_bands
from railshed.export.styles import FileDescription
from railshed.util.units import MINUTE

if TYPE_CHECKING:
    import geopandas as gpd

#: of the first band of a comparison's raster
_SAVED = "minutes saved: before less after, negative is slower; no value where it is over {} min before or after"


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
        first, of, digest = found.before, found.before.city.label, found.before.summary.definition_hash
    return replace(about_circle(first), title=f"{of}: {found.title}", definition=words, definition_hash=digest)


def write_difference_raster(found: Difference, path: str | Path) -> Path:
    """Write minutes before, after and saved as a cloud-optimised GeoTIFF; see `Comparison.to_raster`."""
    (old, new), land = found.headline, found.ground.land
    bands = {
        "minutes saved": saved_seconds(old, new, found.limit_s),
        "total before": old.total_s, "total after": new.total_s,
        "by rail before": old.by_rail_s, "by rail after": new.by_rail_s,
    }  # fmt: skip
    return write_bands(
        path, land, bands, found.ground.case.compiled.network.counties, title=f"minutes saved: {found.title}",
        definition=[found.definitions[old.reading.name], _SAVED.format(found.limit_s // MINUTE)],
    )  # fmt: skip
