"""Reader of opportunities from CSV: points by lon and lat, or hexagons by their H3 ids."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from railshed.io.csv.parser import CsvTables
from railshed.io.csv.table import FeedTable
from railshed.io.opportunities.columns import (
    CHOOSE_COLUMNS,
    CHOOSE_CRS,
    CHOOSE_HEXAGONS,
    is_opportunity,
    is_people,
)
from railshed.io.opportunities.features import Features
from railshed.util.array_types import Floats
from railshed.util.errors import Issue
from railshed.util.optional_packages import require

#: endings of files that are read as tables
SUFFIXES = (".csv", ".csv.gz")
_LON = ("lon", "lng", "long", "longitude", "x", "经度")
_LAT = ("lat", "latitude", "y", "纬度")
_H3 = ("h3", "h3_id", "h3_index", "h3_address", "hex_id", "hex", "id")
_H3_ID = re.compile("8[0-9a-fA-F]{14}")
#: least share of numbers among the filled cells of a column of numbers, by default
_MOSTLY = 0.5


def read_places(
    path: Path,
    selected: Mapping[str, str] | None,
    crs: Any,
    hexagons: bool | None,
    issues: list[Issue],
    checksums: dict[str, str],
) -> Features | None:
    """Return the rows of a CSV file as points or hexagons; None, and issues, if it cannot
    be used.
    """
    tables = CsvTables(issues=issues)
    table = tables.table(path, (), None)
    checksums.update(tables.checksums)
    if table is None:
        return None
    header = list(table.columns)
    for mark, name in ((";", "semicolons"), ("\t", "tabs")):
        if len(header) == 1 and mark in header[0]:
            tables.error(
                path.name, "not-csv", f"is separated by {name}", remedy="save it with commas"
            )
            return None
    if not set(selected or ()) <= set(header):
        tables.table(path, list(selected or ()))  # for its problems
        return None
    lon, lat, h3 = (
        next((c for c in header if c.casefold() in names), "") for names in (_LON, _LAT, _H3)
    )
    if any(issue.severity == "error" and issue.file == path.name for issue in issues):
        return None
    if not table.n_rows:
        tables.error(path.name, "empty-file", "has a header but no rows")
        return None
    has_ids = bool(h3) and all(_H3_ID.fullmatch(text) for text in table.encoded(h3)[1])
    notes: list[str] = []
    columns = _number_columns(table, header, selected, {lon, lat} if lon and lat else set(), notes)
    if hexagons or (hexagons is None and has_ids and not (lon and lat)):
        if not h3:
            tables.error(
                path.name,
                "missing-column",
                f"has no column of H3 ids (names known: {', '.join(_H3)})",
            )
            return None
        return _as_hexagons(path.name, table, h3, columns, notes)
    if not (lon and lat):
        message = f"has no columns of longitude and latitude (header: {', '.join(header)[:200]})"
        known = f"name them lon and lat; known are {', '.join(_LON)} and {', '.join(_LAT)}"
        tables.error(
            path.name, "missing-column", message, field="lat" if lon else "lon", remedy=known
        )
        return None
    if has_ids:
        notes.append(
            f"{path.name}: rows are read as points; {CHOOSE_HEXAGONS} spreads them over their H3 "
            "cells"
        )
    return _as_points(path.name, table, lon=lon, lat=lat, crs=crs, columns=columns, notes=notes)


def _number_columns(
    table: FeedTable,
    header: Sequence[str],
    selected: Mapping[str, str] | None,
    places: set[str],
    notes: list[str],
) -> dict[str, Floats]:
    """Return float64 (n_rows,) columns of numbers by name, NaN where blank; bad cells are
    reported.
    """
    columns: dict[str, Floats] = {}
    skipped: list[str] = []
    for name in header:
        chosen = (
            name in selected
            if selected is not None
            else is_opportunity(name) and _is_number(table, name)
        )
        if name and chosen and name not in places:
            columns[name] = table.parse(name, _parse_amount, math.nan, "bad-number")[0]
        elif name and name not in places:
            skipped.append(name)
    if skipped:
        notes.append(f"{table.name}: not read: {', '.join(skipped[:20])}")
    if not columns:
        table.feed.error(table.name, "no-column", "has no column of numbers", remedy=CHOOSE_COLUMNS)
    return columns


def _is_number(table: FeedTable, column: str) -> bool:
    """Return whether most filled cells are numbers, or the name is one of people."""
    codes, texts = table.encoded(column)
    n_rows = np.bincount(codes, minlength=len(texts))
    filled = sum(n for text, n in zip(texts, n_rows.tolist(), strict=True) if text)
    numbers = 0
    for text, n in zip(texts, n_rows.tolist(), strict=True):
        with suppress(ValueError):
            float(text)
            numbers += n
    return is_people(column) or (filled > 0 and numbers > _MOSTLY * filled)


def _parse_amount(text: str) -> float:
    value = _parse_number(text)
    if value < 0:
        raise ValueError("is negative; allowed are 0 and more")
    return value


def _parse_number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        hint = (
            "; write 1234.5, without thousands separators" if any(c.isdigit() for c in text) else ""
        )
        raise ValueError(f"is not a number{hint}") from None
    if not math.isfinite(value) or "_" in text:
        raise ValueError("is not a finite number")
    return value


def _between(low: float, high: float) -> Callable[[str], float]:
    def parse(text: str) -> float:
        value = _parse_number(text)
        if not low <= value <= high:
            raise ValueError(f"is not within {low:g} to {high:g}")
        return value

    return parse


def _as_points(
    file: str,
    table: FeedTable,
    lon: str,
    lat: str,
    crs: Any,
    columns: dict[str, Any],
    notes: list[str],
) -> Features | None:
    import shapely
    from pyproj import CRS

    crs = crs or CRS.from_epsg(4326)
    n_errors = len(table.feed.issues)
    bounds = ((-180.0, 180.0), (-90.0, 90.0)) if crs.is_geographic else ((-math.inf, math.inf),) * 2
    (x, x_good), (y, y_good) = (
        table.parse(name, _between(*limits), None, "out-of-range")
        for name, limits in zip((lon, lat), bounds, strict=True)
    )
    if len(table.feed.issues) > n_errors and crs.is_geographic:
        if x_good.any() and not y_good.any():
            message = "all latitudes are out of range: longitude and latitude look swapped"
            table.feed.error(
                file, "swapped", message, field=lat, remedy="exchange the names of the two columns"
            )
        elif not x_good.any():
            message = "no longitude is one: are these metres?"
            table.feed.error(
                file, "not-degrees", message, field=lon, remedy=f"say their CRS: {CHOOSE_CRS}"
            )
    if not (x_good & y_good).all():
        return None
    table.warn(
        (x == 0) & (y == 0), "null-island", "stands at 0, 0: are its coordinates missing?", lon
    )
    return Features(file, crs, shapely.points(x, y), columns, notes)


def _as_hexagons(
    file: str, table: FeedTable, h3: str, columns: dict[str, Any], notes: list[str]
) -> Features | None:
    import shapely
    from pyproj import CRS

    cells = require("h3", "reading hexagons by their H3 ids, without lon and lat,")
    bad = table.where(h3, lambda text: not cells.is_valid_cell(text.lower()))
    if bad.any():
        table.report(bad, "bad-value", "is no id of an H3 cell (15 hexadecimal digits)", h3)
        return None
    rings = [
        [(lon, lat) for lat, lon in cells.cell_to_boundary(text.lower())] for text in table.text(h3)
    ]
    polygons = np.array([shapely.Polygon(ring) for ring in rings], dtype=object)
    return Features(file, CRS.from_epsg(4326), polygons, columns, notes)
