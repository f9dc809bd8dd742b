"""Opportunities scaled so that each area sums to its census: grids of people are often wrong where cities grow."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from railshed.cells.cell_keys import cell_keys
from railshed.cells.opportunities import PEOPLE, Areas, Box, Opportunities, Pixels, points_inside
from railshed.cells.polygons import overlapping_pairs
from railshed.cells.rasterize import find_spans
from railshed.util.array_types import Floats, Ints64
from railshed.util.errors import MAX_NAMED, InputError, Issue, named, raise_errors
from railshed.util.validation import checked, instance, text

#: what happened to an area's people
SCALED, NO_CENSUS, EMPTY, OUTSIDE = "scaled", "no census", "census placed nowhere", "outside all areas"
#: areas overlap where they share more than this of the smaller one; less are borders that were drawn twice
_SHARED = 0.01


def _areas_of(value: Any) -> Any:
    if not hasattr(value, "geometry") or not hasattr(value, "crs"):
        raise ValueError("allowed is a GeoDataFrame")
    return value


@checked(
    opportunities=instance(Opportunities, hint="read_opportunities(...) gives them"),
    areas=_areas_of,
    census_column=text,
    column=text,
)
def rescale_to_census(
    opportunities: Opportunities, areas: gpd.GeoDataFrame, census_column: str, column: str = PEOPLE
) -> tuple[Opportunities, pd.DataFrame]:
    """Return the opportunities with one column scaled so that each area sums to its census, and what was done.

    A source belongs to the area with its point, its pixel's centre or a point inside its polygon; on a border it
    counts once. Areas without a census, and sources outside all areas, are not scaled.

    Parameters
    ----------
    opportunities
        Not cut through one of the areas when they were read: a part would get the people of the whole.
    areas
        With a CRS, any, and a number of people or none in `census_column`. Two may share a hundredth of the smaller one
        (borders that were drawn twice), not more.
    census_column, column
        Of the areas, and what is scaled of the opportunities.

    Returns
    -------
    Opportunities
        With notes on the sources that were scaled and those that were not.
    DataFrame
        One row an area in its order, indexed alike, and a last one for sources outside: `census`, `before`, `after`,
        `factor`, `n_sources`, `status` (scaled, no census, census placed nowhere, outside all areas).

    Raises
    ------
    InputError
        When the areas have no CRS or column, or a census is no number or negative, or areas overlap, or an area was
        read only in part.
    """
    census = _check(areas, census_column)
    k = opportunities.column(column)
    shapes = areas.geometry.to_crs(opportunities.crs).to_numpy()
    area = _area_of_sources(opportunities, shapes)
    inside = area >= 0
    values = opportunities.values[:, k]
    before = np.bincount(area[inside], weights=values[inside], minlength=len(areas))
    n_sources = np.bincount(area[inside], minlength=len(areas))
    _check_whole(opportunities, areas, n_sources)
    known = ~np.isnan(census)
    scaled = known & ((before > 0) | (census == 0))
    factor = np.where(scaled & (before > 0), np.where(known, census, 0.0) / np.where(before > 0, before, 1.0), 1.0)
    table = opportunities.values.copy()
    table[inside, k] = values[inside] * factor[area[inside]]
    after = np.bincount(area[inside], weights=table[inside, k], minlength=len(areas))
    status = np.where(scaled, SCALED, np.where(known, EMPTY, NO_CENSUS))
    outside = float(values[~inside].sum())
    report = pd.DataFrame(
        {"census": census, "before": before, "after": after, "factor": np.where(status == SCALED, factor, np.nan),
         "n_sources": n_sources, "status": status},
        index=areas.index.astype(object),
    )  # fmt: skip
    rest = [np.nan, outside, outside, np.nan, int((~inside).sum()), OUTSIDE]
    notes = _notes(report, column, outside, int((~inside).sum()))
    last = pd.DataFrame([rest], index=["outside"], columns=report.columns).astype(report.dtypes.to_dict())
    checksums = dict(opportunities.checksums)
    if checksums:  # what has no file is known by its numbers
        checksums[f"census of {column}"] = _fingerprint(shapes, census)
    scaled_ones = replace(opportunities, values=table, notes=opportunities.notes + notes, checksums=checksums)
    return scaled_ones, pd.concat([report, last])


def _fingerprint(shapes: NDArray[Any], census: Floats) -> str:
    """Return a hash of areas and their census in whatever order."""
    rows = sorted(zip(shapely.to_wkb(shapes, hex=True), census.tolist(), strict=True), key=repr)
    return hashlib.sha256(repr(rows).encode()).hexdigest()


def _check(areas: gpd.GeoDataFrame, census_column: str) -> Floats:
    if areas.crs is None:
        raise InputError("census areas have no CRS; say which with areas.set_crs('EPSG:4326')")
    if census_column not in areas.columns:
        have = ", ".join(str(name) for name in areas.columns if name != areas.geometry.name)
        raise InputError(f"census areas have no column {census_column!r} (columns: {have})")
    census: Floats = pd.to_numeric(areas[census_column], errors="coerce").to_numpy(float)
    has_value = areas[census_column].notna().to_numpy()
    issues: list[Issue] = []
    for bad, code, message in (
        (has_value & np.isnan(census), "bad-number", "is not a number"),
        (census < 0, "out-of-range", "is negative"),
        (np.isinf(census), "out-of-range", "is not finite"),
    ):
        issues += [
            Issue("error", code, message, "census areas", i + 1, census_column, str(value), "leave it blank if unknown")
            for i, value in areas[census_column].reset_index(drop=True)[bad].head(MAX_NAMED).items()
        ]
    kinds = areas.geometry.geom_type
    wrong = ~(kinds.isin(["Polygon", "MultiPolygon"]) & areas.geometry.is_valid).to_numpy()
    issues += [
        Issue("error", "bad-geometry", "is no valid polygon", "census areas", i + 1, remedy="mend it with make_valid()")
        for i in np.flatnonzero(wrong)[:MAX_NAMED].tolist()
    ]
    raise_errors("census areas", issues)
    raise_errors("census areas", _overlaps(areas.geometry.to_numpy()))
    return census


def _overlaps(shapes: NDArray[Any]) -> list[Issue]:
    """Return a problem for each area that another overlaps too much: their people would count for one alone."""
    pairs = list(zip(*(column.tolist() for column in overlapping_pairs(shapes, _SHARED, "census areas")), strict=True))
    remedy = "cut one off, or join both to one area with the sum of their censuses"
    texts = ((a + 1, f"shares {share:.0%} of the smaller one with row {b + 1}") for a, b, share in pairs)
    found = (Issue("error", "overlap", text, "census areas", row, remedy=remedy) for row, text in texts)
    return named(found, len(pairs), "pairs overlap")


def _check_whole(opportunities: Opportunities, areas: gpd.GeoDataFrame, n_sources: Ints64) -> None:
    """Refuse areas of which only a part was read."""
    if opportunities.within is None:
        return
    west, south, east, north = opportunities.within
    bounds = areas.geometry.to_crs("EPSG:4326").bounds.to_numpy()
    whole = (bounds[:, :2] >= (west, south)).all(axis=1) & (bounds[:, 2:] <= (east, north)).all(axis=1)
    parts = np.flatnonzero(~whole & (n_sources > 0))
    if len(parts):
        box: Box = (*bounds[parts, :2].min(axis=0).tolist(), *bounds[parts, 2:].max(axis=0).tolist())
        raise InputError(
            f"{len(parts)} census areas (the first in row {int(parts[0]) + 1}) reach beyond the box that was read, "
            f"{opportunities.within}, so that a part would get the census of the whole; "
            f"read within {tuple(round(v, 4) for v in box)} or more, or leave these areas out"
        )


def _area_of_sources(opportunities: Opportunities, shapes: NDArray[Any]) -> Ints64:
    """Return int64 (n_sources,) area of each source, -1 outside all.

    Of areas that overlap the one whose lower left corner comes first is meant, whatever the order of rows.
    """
    ranked = np.lexsort([*shapely.bounds(shapes).T[::-1]])
    out = np.full(len(opportunities), -1, np.int64)
    source = opportunities.geometry
    if isinstance(source, Pixels):
        spans = find_spans(shapes[ranked], source.lattice, lambda x, y: (x, y), np.inf)
        keys = cell_keys(source.row, source.column)
        first = np.searchsorted(keys, cell_keys(spans.row, spans.start))
        stop = np.searchsorted(keys, cell_keys(spans.row, spans.stop))
        for a, b, area in zip(first[::-1], stop[::-1], spans.polygon[::-1], strict=True):
            out[a:b] = area
    else:
        x, y = points_inside(source.polygons) if isinstance(source, Areas) else (source.x, source.y)
        tree = shapely.STRtree(shapes[ranked])
        point, area = tree.query(shapely.points(x, y), predicate="intersects")
        order = np.argsort(-area, kind="stable")  # the lowest is written last
        out[point[order]] = area[order]
    found = out >= 0
    out[found] = ranked[out[found]]
    return out


def _notes(report: pd.DataFrame, column: str, outside: float, n_outside: int) -> tuple[str, ...]:
    by_status = report.groupby("status")
    notes = []
    for status, words in (
        (SCALED, "{n} areas scaled to their census: {before:,.0f} -> {after:,.0f}"),
        (NO_CENSUS, "{n} areas without a census, not scaled: {before:,.0f}"),
        (EMPTY, "{n} areas hold none of the source, so their census of {census:,.0f} is placed nowhere"),
    ):
        if status in by_status.groups:
            rows = by_status.get_group(status)
            sums = rows[["census", "before", "after"]].sum()
            notes.append(f"{column}: " + words.format(n=f"{len(rows):,}", **sums))
    if n_outside:
        notes.append(f"{column}: outside all areas, not scaled: {outside:,.0f} in {n_outside:,} places")
    return tuple(notes)
