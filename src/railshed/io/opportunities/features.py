"""Reader of points and polygons with columns of numbers: GeoPackage, GeoJSON, shapefile,
FlatGeobuf, GeoParquet.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from railshed.cells.polygons import check_edges
from railshed.io.opportunities.columns import (
    CHOOSE_COLUMNS,
    CHOOSE_CRS,
    DROP_CRS,
    is_opportunity,
    is_people,
)
from railshed.util.array_types import Bools, Floats, Ints64
from railshed.util.errors import MAX_NAMED, Issue, named
from railshed.util.names import clean_frame
from railshed.util.parallel import ONE_THREAD

#: endings of files that are read as features
SUFFIXES = (".gpkg", ".geojson", ".json", ".shp", ".fgb", ".parquet", ".geoparquet")
_PARQUET = (".parquet", ".geoparquet")
#: a band or layer after the name of a file
_PART = re.compile(r"(?P<file>.+\.[A-Za-z0-9]+):(?P<part>[^:/\\]+)")
_POINT = 0
_POLYGON = 3
_MULTIPOINT = 4
_MULTIPOLYGON = 6
_COLLECTION = 7


@dataclass(slots=True)
class Features:
    """Points or polygons of one file, one or more, with columns of numbers, NaN where blank."""

    file: str
    crs: Any
    #: shapely geometries (n,) of one kind
    shapes: NDArray[Any]
    #: float64 (n,) by name in the source
    columns: dict[str, Floats]
    notes: list[str] = field(default_factory=list)

    @property
    def are_points(self) -> bool:
        """Whether the shapes are points."""
        return bool(self.shapes[0].geom_type == "Point")


@dataclass(frozen=True, slots=True)
class Reporter:
    """Adds issues of one file to a list; only the first rows of a kind get their own issue."""

    file: str
    issues: list[Issue]

    def say(self, severity: Any, code: str, message: str, remedy: str = "", **where: Any) -> None:
        """Add an issue of the file."""
        self.issues.append(Issue(severity, code, message, self.file, remedy=remedy, **where))

    def rows(
        self, severity: Any, code: str, bad: Bools, message: str, remedy: str = "", **where: Any
    ) -> None:
        """Add an issue for each of the first bad rows, counted from 0, and one with the number of
        the rest.
        """
        rows = np.flatnonzero(bad).tolist()
        values = where.pop("values", None)
        issue = Issue(severity, code, message, self.file, remedy=remedy, **where)
        texts = ("" if values is None else str(values[row])[:80] for row in rows)
        each = (
            replace(issue, row=row + 1, value=text) for row, text in zip(rows, texts, strict=True)
        )
        self.issues.extend(named(each, len(rows)))


def file_and_part(name: str | Path) -> tuple[Path, str | None]:
    """Return a file and its band or layer, from a path or ``FILE:PART``."""
    match = _PART.fullmatch(str(name))
    if match and not Path(name).exists():
        return Path(match["file"]), match["part"]
    return Path(name), None


def read_features(
    path: Path, layer: str | None, selected: Mapping[str, str] | None, crs: Any, issues: list[Issue]
) -> Features | None:
    """Return the features of a file; None, and issues, if it cannot be used.

    Invalid polygons are repaired; features without geometry are left out; issues count both.
    """
    report = Reporter(path.name, issues)
    frame = read_frame(path, layer, report)
    if frame is None:
        return None
    own = frame.crs
    if own is None and crs is None:
        remedy = f"say which: {CHOOSE_CRS}; a shapefile needs its .prj"
        report.say("error", "missing-crs", "states no CRS", remedy)
    elif own is not None and crs is not None and not own.equals(crs, ignore_axis_order=True):
        message = f"states another CRS than {crs.name!r}, which was given"
        report.say("error", "crs-differs", message, DROP_CRS, value=own.name)
    if not len(frame):
        report.say("error", "empty-file", "holds no features")
    if any(issue.severity == "error" and issue.file == path.name for issue in issues):
        return None
    notes: list[str] = []
    columns = _number_columns(frame, selected, report, notes)
    return _shaped(path.name, own or crs, frame.geometry.to_numpy(), columns, report, notes)


def read_frame(path: Path, layer: str | None, report: Reporter) -> Any:
    """Return the GeoDataFrame of a file or of its layer; None, and issues, if it cannot be read."""
    import geopandas as gpd
    import pyogrio
    from shapely.errors import ShapelyError

    if not path.is_file():
        report.say(
            "error", "unreadable", "no such file", f"give one that ends in {', '.join(SUFFIXES)}"
        )
        return None
    try:
        with ONE_THREAD, warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            if path.suffix.lower() in _PARQUET:
                frame = gpd.read_parquet(path)
            else:
                layer = _choose_layer(
                    [str(row[0]) for row in pyogrio.list_layers(path)], layer, report
                )
                encoding = (
                    _dbf_encoding(path)
                    if layer is not None and path.suffix.lower() == ".shp"
                    else None
                )
                if encoding == "gb18030":
                    remedy = "write a .cpg file beside it"
                    report.say(
                        "warning", "gb18030", "does not say its encoding; read as GB18030", remedy
                    )
                frame = (
                    None
                    if layer is None
                    else pyogrio.read_dataframe(path, layer=layer, encoding=encoding)
                )
    except (
        OSError,
        ValueError,
        TypeError,
        KeyError,
        RuntimeError,
        ShapelyError,
    ) as error:  # also GDAL's, pyarrow's
        detail = " ".join(str(error).split())[:200]
        report.say(
            "error",
            "unreadable",
            f"is no readable file of features ({detail})",
            "write it as a GeoPackage",
        )
        return None
    for message in dict.fromkeys(
        " ".join(str(warning.message).split())[:200] for warning in caught
    ):
        report.say("warning", "reader", message)
    if frame is not None and not isinstance(frame, gpd.GeoDataFrame):
        report.say(
            "error",
            "no-geometry",
            "holds a table without geometry",
            "write it with points or polygons",
        )
        return None
    return None if frame is None else clean_frame(frame, report.file, report.issues)


def _choose_layer(layers: Sequence[str], layer: str | None, report: Reporter) -> str | None:
    names = ", ".join(layers[:MAX_NAMED])
    if layer is None and len(layers) == 1:
        return layers[0]
    if layer is None:
        example = f"choose one: {report.file}:{layers[0]}" if layers else ""
        report.say(
            "error", "several-layers", f"has {len(layers)} layers ({names}), one is read", example
        )
    elif layer not in layers:
        report.say(
            "error",
            "no-such-layer",
            f"has no such layer (layers: {names})",
            field="layer",
            value=layer,
        )
        return None
    return layer


def _dbf_encoding(path: Path) -> str | None:
    """Return the encoding of a shapefile by the names of its columns; None if the file
    states it.
    """
    dbf = path.with_suffix(".dbf")
    if any(path.with_suffix(suffix).exists() for suffix in (".cpg", ".CPG")) or not dbf.exists():
        return None
    with dbf.open("rb") as file:
        head = file.read(32)
        size = int.from_bytes(head[8:10], "little")
        names = b"".join(part[:11] for part in (file.read(32) for _ in range((size - 33) // 32)))
    if len(head) < 32 or head[29] or names.isascii():  # byte 29 is the code page
        return None
    try:
        names.decode("utf-8")
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8"


def _number_columns(
    frame: Any, selected: Mapping[str, str] | None, report: Reporter, notes: list[str]
) -> dict[str, Floats]:
    """Return float64 (n,) columns of numbers by name, NaN where blank."""
    import pandas as pd

    names = [name for name in frame.columns if name != frame.geometry.name]
    missing = [name for name in selected or () if name not in names]
    for name in missing:
        remedy = f"choose among {', '.join(map(str, names[:MAX_NAMED]))}"
        report.say("error", "missing-column", "the column is missing", remedy, field=name)
    columns: dict[str, Floats] = {}
    skipped = []
    for name in names:
        series = frame[name]
        number = pd.api.types.is_numeric_dtype(series) and not pd.api.types.is_bool_dtype(series)
        chosen = (
            name in selected
            if selected is not None
            else is_opportunity(str(name)) and (number or is_people(str(name)))
        )
        if chosen and number:
            columns[str(name)] = series.to_numpy(dtype=np.float64, na_value=np.nan)
        elif chosen:
            remedy = "write it as numbers"
            report.say(
                "error",
                "bad-number",
                f"is no column of numbers but {series.dtype}",
                remedy,
                field=str(name),
            )
        else:
            skipped.append(str(name))
    if skipped:
        notes.append(f"{report.file}: not read: {', '.join(skipped[:MAX_NAMED])}")
    if not columns and not missing:
        report.say("error", "no-column", "has no column of numbers", CHOOSE_COLUMNS)
    return columns


def _shaped(
    file: str,
    crs: Any,
    shapes: NDArray[Any],
    columns: dict[str, Floats],
    report: Reporter,
    notes: list[str],
) -> Features | None:
    """Return the features with valid geometries; None, and issues, if they are not of one kind."""
    import shapely

    shapes = shapely.force_2d(np.array(shapes, dtype=object))
    absent = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    if absent.any():
        sums = ", ".join(
            f"{name} {np.nansum(values[absent]):,.0f}" for name, values in columns.items()
        )
        report.say(
            "warning",
            "no-geometry",
            f"{int(absent.sum()):,} features without geometry are left out ({sums})",
        )
    keep = np.flatnonzero(~absent)
    shapes = shapes[keep]
    columns = {name: values[keep] for name, values in columns.items()}
    if not len(shapes):
        report.say("error", "empty-file", "holds no feature with a geometry")
        return None
    kind = shapely.get_type_id(shapes)
    single = (kind == _MULTIPOINT) & (shapely.get_num_geometries(shapes) == 1)
    shapes[single] = shapely.get_geometry(shapes[single], 0)
    kind[single] = _POINT
    points = kind == _POINT
    polygons = np.isin(kind, (_POLYGON, _MULTIPOLYGON))
    if points.all():
        x = shapely.get_x(shapes)
        y = shapely.get_y(shapes)
        _check_coordinates(crs, x, y, x, y, report)
        return Features(file, crs, shapes, columns, notes)
    if points.any() and polygons.any():
        message = f"mixes {int(points.sum()):,} points and {int(polygons.sum()):,} polygons"
        report.say(
            "error", "mixed-kinds", message, "read points and polygons from files of their own"
        )
        return None
    if not polygons.all():
        names = sorted({shape.geom_type for shape in shapes[~polygons]})
        message = (
            f"{int((~polygons).sum()):,} features are {', '.join(names)}, only points and "
            "polygons can be used"
        )
        report.say(
            "error", "bad-geometry", message, "take out other features, or explode multipoints"
        )
        return None
    west, south, east, north = shapely.bounds(shapes).T
    _check_coordinates(crs, west, south, east, north, report)
    return Features(file, crs, repaired(shapes, keep, report), columns, notes)


def _check_coordinates(
    crs: Any, west: Floats, south: Floats, east: Floats, north: Floats, report: Reporter
) -> None:
    finite = np.isfinite(west) & np.isfinite(south) & np.isfinite(east) & np.isfinite(north)
    report.rows("error", "out-of-range", ~finite, "has coordinates that are no numbers")
    if not crs.is_geographic:
        return
    bad = finite & ((west < -180) | (east > 180) | (south < -90) | (north > 90))
    swapped = (
        bool(bad.any())
        and (np.abs(west[finite]) <= 90).all()
        and (np.abs(south[finite]) <= 180).all()
    )
    remedy = "longitude and latitude look swapped" if swapped else f"say its CRS: {CHOOSE_CRS}"
    message = "is not within -180 to 180 degrees east and -90 to 90 degrees north"
    rows = np.flatnonzero(bad)[:MAX_NAMED].tolist()
    values = {row: f"{west[row]:g}, {south[row]:g}" for row in rows}
    report.rows("error", "out-of-range", bad, message, remedy, values=values)
    wide = finite & ~bad & (east - west > 180)
    remedy = "cut it at 180 degrees east if it crosses that"
    report.rows("warning", "wide-area", wide, "spans more than half of the globe", remedy)


def repaired(shapes: NDArray[Any], row: Ints64, report: Reporter) -> NDArray[Any]:
    """Return valid polygons; invalid ones are repaired, with a warning.

    `row` are their rows, counted from 0.
    """
    import shapely

    check_edges(shapes, report.file, row)
    invalid = ~shapely.is_valid(shapes)
    if invalid.any():
        reasons = shapely.is_valid_reason(shapes[invalid])
        before = shapes.copy()
        shapes = shapes.copy()
        first = int(row[invalid][0]) + 1
        try:
            shapes[invalid] = [
                _polygons_only(shape) for shape in shapely.make_valid(shapes[invalid])
            ]
        except shapely.errors.GEOSException as error:  # of millions of crossings: no memory
            message = f"invalid polygons cannot be mended (row {first}: {reasons[0]}; {error})"
            report.say("error", "bad-geometry", message, "mend them, or take them out")
            return before
        message = (
            f"{int(invalid.sum()):,} polygons were invalid and are mended (row {first}: "
            f"{reasons[0]})"
        )
        changed = np.abs(
            shapely.area(shapes[invalid])
            / np.maximum(np.abs(shapely.area(before[invalid])), 1e-300)
            - 1
        )
        report.say(
            "warning",
            "mended",
            f"{message}; the area of one changed by up to {min(changed.max(), 9.99):.1%}",
        )
    bad = np.zeros(int(row.max()) + 1, dtype=bool)
    bad[row[shapely.area(shapes) <= 0]] = True
    report.rows(
        "error", "bad-geometry", bad, "is a polygon without an area", "correct it or take it out"
    )
    return shapes


def _polygons_only(shape: Any) -> Any:
    """Return the polygons among the parts of a repaired shape."""
    import shapely

    if shape.geom_type in ("Polygon", "MultiPolygon"):
        return shape
    parts = [
        part for part in shapely.get_parts(shape) if part.geom_type in ("Polygon", "MultiPolygon")
    ]
    return shapely.unary_union(parts) if parts else shapely.MultiPolygon()
