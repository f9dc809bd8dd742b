"""Reader of opportunities from CSV: points by lon and lat, or hexagons by their H3 ids."""

from __future__ import annotations

import csv
import gzip
import io
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from railshed.io.csv.files import CsvTables
from railshed.io.csv.parser import MAX_HEADER_BYTES
from railshed.io.csv.rows import decode
from railshed.io.csv.table import FeedTable
from railshed.io.opportunities.columns import CHOOSE_COLUMNS, CHOOSE_CRS, CHOOSE_HEXAGONS, is_opportunity, is_people
from railshed.io.opportunities.features import Features, hexagons_of, looks_like_h3
from railshed.util.errors import Issue

#: endings of files that are read as tables
SUFFIXES = (".csv", ".csv.gz")
_LON = ("lon", "lng", "long", "longitude", "x", "经度")
_LAT = ("lat", "latitude", "y", "纬度")
_H3 = ("h3", "h3_id", "h3_index", "h3_address", "hex_id", "hex", "id")
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
    """Return the rows of a CSV file as points or hexagons; None, and issues, if it cannot be used."""
    tables = CsvTables(issues=issues)
    header = _header(path, tables)
    if header is None:
        return None
    lon, lat, h3 = (next((c for c in header if c.casefold() in names), "") for names in (_LON, _LAT, _H3))
    table = tables.table(
        path,
        list(selected or ()),
        [column for column in dict.fromkeys(header) if column and column not in (selected or ())],
    )
    checksums.update(tables.checksums)
    if table is None:
        return None
    if any(issue.severity == "error" and issue.file == path.name for issue in issues):
        return None
    if not table.n_rows:
        tables.error(path.name, "empty-file", "has a header but no rows")
        return None
    has_ids = bool(h3) and all(looks_like_h3(text) for text in table.encoded(h3)[1])
    notes: list[str] = []
    columns = _number_columns(table, header, selected, {lon, lat} if lon and lat else set(), notes)
    if hexagons or (hexagons is None and has_ids and not (lon and lat)):
        if not h3:
            tables.error(path.name, "missing-column", f"has no column of H3 ids (names known: {', '.join(_H3)})")
            return None
        return _as_hexagons(path.name, table, h3, columns, notes)
    if not (lon and lat):
        message = f"has no columns of longitude and latitude (header: {', '.join(header)[:200]})"
        known = f"name them lon and lat; known are {', '.join(_LON)} and {', '.join(_LAT)}"
        tables.error(path.name, "missing-column", message, field="lat" if lon else "lon", remedy=known)
        return None
    if has_ids:
        notes.append(f"{path.name}: rows are read as points; {CHOOSE_HEXAGONS} spreads them over their H3 cells")
    return _as_points(path.name, table, lon, lat, crs, columns, notes)


def _header(path: Path, tables: CsvTables) -> list[str] | None:
    """Return the names of the columns; None, and an issue, if the header cannot be read."""
    try:
        with path.open("rb") as file:
            data = (gzip.open(file) if path.suffix.lower() == ".gz" else file).read(MAX_HEADER_BYTES)  # noqa: SIM115
    except (OSError, EOFError) as error:
        reason = getattr(error, "strerror", None) or error
        tables.error(path.name, "unreadable", f"cannot be read ({reason})", remedy="give a .csv or .csv.gz file")
        return None
    line = data.lstrip(b"\r\n").splitlines()[:1]
    try:
        text = decode(line[0]) if line else ""
    except UnicodeDecodeError:
        return []  # reported when the table is read
    header = [column.strip() for column in next(csv.reader(io.StringIO(text)), [])]
    for mark, name in ((";", "semicolons"), ("\t", "tabs")):
        if len(header) == 1 and mark in text:
            tables.error(path.name, "not-csv", f"is separated by {name}", remedy="save it with commas")
            return None
    return header


def _number_columns(
    table: FeedTable, header: Sequence[str], selected: Mapping[str, str] | None, places: set[str], notes: list[str]
) -> dict[str, NDArray[np.float64]]:
    """Return float64 (n_rows,) columns of numbers by name, NaN where blank; bad cells are reported."""
    columns: dict[str, NDArray[np.float64]] = {}
    skipped: list[str] = []
    for name in header:
        chosen = name in selected if selected is not None else is_opportunity(name) and _is_number(table, name)
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
    numbers = sum(n for text, n in zip(texts, n_rows.tolist(), strict=True) if text and _is_amount(text))
    return is_people(column) or (filled > 0 and numbers > _MOSTLY * filled)


def _is_amount(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _parse_amount(text: str) -> float:
    value = _parse_number(text)
    if value < 0:
        raise ValueError("is negative; allowed are 0 and more")
    return value


def _parse_number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        hint = "; write 1234.5, without thousands separators" if any(c.isdigit() for c in text) else ""
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
    file: str, table: FeedTable, lon: str, lat: str, crs: Any, columns: dict[str, Any], notes: list[str]
) -> Features | None:
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
            table.feed.error(file, "swapped", message, field=lat, remedy="exchange the names of the two columns")
        elif not x_good.any():
            message = "no longitude is one: are these metres?"
            table.feed.error(file, "not-degrees", message, field=lon, remedy=f"say their CRS: {CHOOSE_CRS}")
    if not (x_good & y_good).all():
        return None
    nowhere = np.flatnonzero((x == 0) & (y == 0))
    table.warn(nowhere, "null-island", lambda _: "stands at 0, 0: are its coordinates missing?", lon)
    return Features(file, crs, x, y, None, columns, notes)


def _as_hexagons(file: str, table: FeedTable, h3: str, columns: dict[str, Any], notes: list[str]) -> Features | None:
    from pyproj import CRS

    def report(rows: list[int]) -> None:
        table.report(rows, "bad-value", lambda _: "is no id of an H3 cell (15 hexadecimal digits)", h3)

    polygons = hexagons_of([text.lower() for text in table.text(h3)], report)
    if len(polygons) != table.n_rows:
        return None
    return Features(file, CRS.from_epsg(4326), None, None, polygons, columns, notes)
