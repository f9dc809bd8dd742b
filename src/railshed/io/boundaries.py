"""Reader of boundaries for a network without them: named polygons from any file of features."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from railshed.io.opportunities.features import Reporter, file_and_part, read_frame, repaired
from railshed.network.lines import with_counties
from railshed.network.model import Network
from railshed.util.errors import InputError, Issue, ParameterError, raise_errors
from railshed.util.files import sha256_file
from railshed.util.validation import checked, instance
from railshed.util.validation import path as path_of

if TYPE_CHECKING:
    import geopandas as gpd

#: columns that name an area, in order of preference, case ignored; GADM's and Japan's are among
#: them
_NAMES = ("county", "name", "namelsad", "name_2", "n03_004", "name_1", "gemeinde", "nm_mun")
_PEOPLE = "population"
_BLANK = (
    "prefecture_code",
    "prefecture",
    "prefecture_en",
    "province_code",
    "province",
    "province_en",
)
#: share of land in several areas from which it is said; neighbours drawn apart overlap a little
_OVERLAP = 0.005
_REMEDY = "cut it at the coast or by municipalities, as polygons"


def _read(path: Path, layer: str | None) -> tuple[gpd.GeoDataFrame, list[Issue]]:
    """Return the polygons of a file as counties (EPSG:4326), and the issues."""
    import geopandas as gpd
    import shapely

    issues: list[Issue] = []
    report = Reporter(path.name, issues)
    frame = read_frame(path, layer, report)
    if frame is not None and frame.crs is None:
        report.say("error", "missing-crs", "states no CRS", "write it with its CRS, e.g. EPSG:4326")
    raise_errors(f"boundaries {path}", issues)
    absent = (frame.geometry.isna() | frame.geometry.is_empty).to_numpy()
    if absent.any():
        report.say(
            "warning", "no-geometry", f"{int(absent.sum()):,} areas without geometry are left out"
        )
    frame = frame[~absent]
    other = ~frame.geometry.geom_type.isin(["Polygon", "MultiPolygon"]).to_numpy()
    report.rows(
        "error",
        "bad-geometry",
        other,
        "is no polygon",
        _REMEDY,
        values=frame.geometry.geom_type.to_numpy(),
    )
    if not len(frame):
        report.say("error", "empty-file", "holds no areas", _REMEDY)
    raise_errors(f"boundaries {path}", issues)
    shapes = repaired(shapely.force_2d(frame.geometry.to_numpy()), np.flatnonzero(~absent), report)
    raise_errors(f"boundaries {path}", issues)
    shapes = gpd.GeoSeries(shapes, crs=frame.crs).to_crs("EPSG:4326").to_numpy()
    clean = shapely.coverage_is_valid(shapes)  # a fifth of the time of a union
    twice = (
        0.0
        if clean
        else float(shapely.area(shapes).sum() / max(shapely.union_all(shapes).area, 1e-12)) - 1
    )
    if twice > _OVERLAP:
        report.say(
            "warning",
            "overlap",
            f"areas overlap by {twice:.1%} of their land; a place counts for one of them",
        )
    by_case = {str(name).lower(): name for name in frame.columns}
    called = next((by_case[name] for name in _NAMES if name in by_case), None)
    names = (
        np.full(len(frame), "")
        if called is None
        else frame[called].fillna("").astype(str).to_numpy()
    )
    order = np.lexsort([*shapely.bounds(shapes).T[::-1], names])
    codes = [f"area-{k + 1:0{len(str(len(order)))}d}" for k in range(len(order))]
    called_so = [name or code for name, code in zip(names[order].tolist(), codes, strict=True)]
    table: dict[str, Any] = {
        "county_code": codes,
        "county": called_so,
        "county_en": called_so,
        **{column: [""] * len(order) for column in _BLANK},
        "population": _people(frame, by_case, report)[order],
    }
    raise_errors(f"boundaries {path}", issues)
    return gpd.GeoDataFrame(table, geometry=shapes[order], crs="EPSG:4326"), issues


def _people(frame: Any, by_case: dict[str, Any], report: Reporter) -> Any:
    """Return float64 (n_areas,) population of the areas, NaN if unknown."""
    import pandas as pd

    if _PEOPLE not in by_case:
        return np.full(len(frame), np.nan)
    column = frame[by_case[_PEOPLE]]
    people = pd.to_numeric(column, errors="coerce").to_numpy(float, na_value=np.nan)
    known = column.notna().to_numpy()
    bad = known & ~(np.isfinite(people) & (people >= 0))
    what = {"field": str(by_case[_PEOPLE]), "values": column.astype(str).to_numpy()}
    report.rows(
        "error", "bad-number", bad, "is no number of people", "leave it blank if unknown", **what
    )
    return people


@checked(network=instance(Network, hint="load_network(...) gives one"), path=path_of)
def with_boundaries(network: Network, path: str | Path) -> Network:
    """Return the network with the polygons of a file as its counties; outside them is no land.

    With municipalities cut at the coast, circles leave out the sea, and tables have a row for each
    area touched.

    Parameters
    ----------
    network
        Network without boundaries.
    path
        GeoPackage, shapefile, GeoJSON, FlatGeobuf or GeoParquet in any stated CRS; ``FILE:LAYER``
        if it has several. The name of an area is the first of the columns `county`, `name`,
        `namelsad`, `name_2`, `n03_004`, `name_1`, `gemeinde`, `nm_mun`, else a number; its census
        is the column `population`, if there is one. The order of rows has no effect.

    Raises ParameterError when the network has boundaries of its own; InputError with every problem
    of the file: no polygons, no CRS, a layer that is not there, no station in any area.
    """
    if network.counties is not None:
        raise ParameterError(
            f"network {network.network_id} has boundaries of its own: leave {path} out, or put "
            "other ones into a copy of its folder as boundaries.parquet"
        )
    file, layer = file_and_part(path)
    counties, issues = _read(file, layer)
    network = replace(
        network,
        counties=counties,
        issues=(*network.issues, *issues),
        checksums={**network.checksums, file.name: sha256_file(file)},
        sources=(*network.sources, {"title": f"boundaries: {file.name}"}),
    )
    stations = [
        replace(station, county_code="") for station in network.stations
    ]  # codes of other boundaries
    stations = with_counties(network, stations)
    if not any(station.county_code for station in stations):
        west, south, east, north = counties.total_bounds
        text = f"its areas reach from {west:.3f},{south:.3f} to {east:.3f},{north:.3f}"
        raise InputError(
            f"boundaries {path}: {text} and hold no station of network {network.network_id}"
        )
    return replace(network, stations=tuple(stations))
