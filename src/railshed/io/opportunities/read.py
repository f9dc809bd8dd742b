"""Reader of people and other opportunities from rasters, points, polygons and hexagons."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import chain, product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from railshed.cells.opportunities import (
    PEOPLE,
    Areas,
    Box,
    Opportunities,
    Points,
    holes_between,
    hull_of,
    most_allowed,
)
from railshed.cells.polygons import overlapping_pairs
from railshed.io.opportunities import csv, features, raster
from railshed.io.opportunities import tiles as rastertiles
from railshed.io.opportunities.columns import (
    CHOOSE_PEOPLE,
    Columns,
    column_names,
    cut_notes,
    name_people,
)
from railshed.io.opportunities.features import Features, Reporter, file_and_part
from railshed.util.array_types import Bools
from railshed.util.errors import MAX_NAMED, InputError, Issue, ParameterError, raise_errors
from railshed.util.files import sha256_file
from railshed.util.validation import checked, files, flag, many, optional, text, whole

__all__ = ["read_opportunities"]
#: share of the smaller area above which two areas overlap
_OVERLAP = 1e-6
#: names of files that are rasters of people
_PEOPLE_FILE = re.compile(
    r"(^|[_\-. ])(pop|ppp|people|population|ghs_pop|gpw|worldpop|landscan|人口)([_\-. \d]|$)", re.I
)
_SHAPEFILE = (".dbf", ".shx", ".prj", ".cpg")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


def _columns_of(value: Any) -> Any:
    named = isinstance(value, str | Mapping) or value is None
    if isinstance(value, Mapping):
        many(text)([*value, *value.values()])
    return value if named else many(text, least=0)(value)


@checked(
    path=files,
    columns=_columns_of,
    band=optional(whole(1)),
    layer=optional(text),
    hexagons=optional(flag),
    label=optional(text),
    credit=text,
    year=optional(whole(1)),
)
def read_opportunities(
    path: str | Path | Sequence[str | Path],
    *,
    columns: Columns = None,
    crs: Any = None,
    within: Box | None = None,
    band: int | None = None,
    layer: str | None = None,
    hexagons: bool | None = None,
    label: str | None = None,
    credit: str = "",
    year: int | None = None,
) -> Opportunities:
    """Return the people and other opportunities of a file, or of several files of one kind.

    Parameters
    ----------
    path
        A raster (.tif, .tiff, .asc, .img; several are tiles of one), a table (.csv, .csv.gz) with
        lon and lat or with H3 ids, or features (.gpkg, .geojson, .shp, .fgb, .parquet).
        ``FILE:PART`` names a band or layer.
    columns
        Names, or new names by the file's: ``{"pop_2020": "people"}``. Default: every column of
        numbers but keys, coordinates and areas; a column of people (population, pop, people, 人口
        ...) is renamed to `people`. For a raster the name of its one column; default `people` if
        the file's name is one of people.
    crs
        CRS of a file that states none.
    within
        West, south, east, north in degrees. Points and pixel centres are read on the west and south
        edge and inside, areas if they touch the box; `cut` has the sums outside by column.
    band, layer
        Band or layer of a file that has several.
    hexagons
        Whether a table with H3 ids is read as hexagons (needs the package h3) or points. Default:
        points if it has lon and lat, so that the result does not depend on installed packages.
    label, credit, year
        Default: the file's name, none, and the year in the file's name.

    The result has a footprint; outside it there is no data. It is the area of all pixels of a
    raster, also those without data; areas and the small holes between them
    (`opportunities.holes_between`); or the convex hull of all points, before they are cut to the
    box.

    Raises
    ------
    InputError
        With every problem of the files.
    ParameterError
        When an option is out of range.
    """
    paths = [path] if isinstance(path, str | Path) else list(path)
    if not paths:
        raise ParameterError("no file is given")
    default = str(band) if band is not None else layer
    parts = [(file, default if part is None else part) for file, part in map(file_and_part, paths)]
    selected = column_names(columns)
    within = rastertiles.check_box(within)
    default_crs = _parse_crs(crs)
    kinds = {_reader_of(file) for file, _ in parts}
    if len(kinds) > 1:
        raise ParameterError(
            f"files of one kind can be read together, these are {' and '.join(sorted(kinds))}"
        )
    issues: list[Issue] = []
    if kinds == {"raster"}:
        if hexagons is not None:
            raise ParameterError(
                f"hexagons {hexagons}: a raster has no H3 ids; leave hexagons out, it is for tables"
            )
        result = _read_raster(parts, selected, default_crs, within, issues)
    else:
        renamed = selected if isinstance(columns, Mapping) else None
        result = _read_tables(
            parts,
            selected,
            renamed=renamed,
            crs=default_crs,
            within=within,
            hexagons=hexagons,
            issues=issues,
        )
    files = sorted(file for file, _ in parts)
    more = f" and {len(files) - 1} more" if len(files) > 1 else ""
    sidecars = [
        file.with_suffix(suffix) for file in files if file.suffix == ".shp" for suffix in _SHAPEFILE
    ]
    read = sorted({*files, *(part for part in sidecars if part.exists())})
    checksums = result.checksums or {file.name: sha256_file(file) for file in read}
    years = {int(text) for file in files for text in _YEAR.findall(file.name)}
    known_year = year
    if year is None and len(years) == 1:
        known_year = years.pop()
    return replace(
        result,
        label=label or files[0].name + more,
        credit=credit,
        year=known_year,
        checksums=dict(sorted(checksums.items())),
        within=within,
        issues=tuple(issues),
    )


def _parse_crs(crs: Any) -> Any:
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    try:
        return None if crs is None else CRS.from_user_input(crs)
    except (CRSError, TypeError, ValueError):
        raise ParameterError(
            f"crs {crs!r} is no coordinate system; give one like 'EPSG:4326'"
        ) from None


def _reader_of(path: Path) -> str:
    name = path.name.lower()
    endings = {
        "raster": tuple(rastertiles.DRIVERS),
        "table": csv.SUFFIXES,
        "features": features.SUFFIXES,
    }
    for kind, suffixes in endings.items():
        if name.endswith(suffixes):
            return kind
    if name.endswith(".vrt"):
        raise InputError(
            f"{path}: lists the tiles of a raster and holds none; give the tiles themselves, as "
            "files"
        )
    allowed = ", ".join(chain.from_iterable(endings.values()))
    raise InputError(f"{path}: not named like a raster, table or features; allowed: {allowed}")


def _read_raster(
    parts: Sequence[tuple[Path, str | None]],
    selected: Mapping[str, str] | None,
    crs: Any,
    within: Box | None,
    issues: list[Issue],
) -> Opportunities:
    if selected is not None and len(selected) != 1:
        raise ParameterError(
            f"a raster has one column, {len(selected)} are named: {', '.join(selected)}"
        )
    for file, part in parts:
        if part is not None and not part.isdecimal():
            raise ParameterError(f"{file.name}:{part}: the band of a raster is a number")
    tiles = [(file, None if part is None else int(part)) for file, part in parts]
    name, name_notes = _name_raster([file for file, _ in parts], selected, issues)
    result = raster.read_rasters(tiles, crs, within, name, name_notes, issues)
    if not len(result):
        message = f"no pixel {'within the box ' if within else ''}holds anything"
        stem = min(file.stem for file, _ in parts)
        issues.append(
            Issue("warning", "nothing", message, stem, remedy="check the box, or add tiles")
        )
    return result


def _name_raster(
    files: Sequence[Path], selected: Mapping[str, str] | None, issues: list[Issue]
) -> tuple[str, list[str]]:
    """Return the name of a raster's column, and notes on how it was chosen."""
    stem = min(file.stem for file in files)
    if selected is not None:
        return next(iter(selected.values())), []
    if any("dens" in file.name.lower() for file in files):
        message = (
            "is called a density; people per area cannot be added up, and are not taken for people"
        )
        remedy = f"read the raster of counts, or say that it is one: {CHOOSE_PEOPLE}"
        issues.append(Issue("warning", "density", message, stem, remedy=remedy))
        return stem, []
    if all(_PEOPLE_FILE.search(file.name) for file in files):
        return PEOPLE, [f"taken for people by its name: {stem}"]
    return stem, [f"the name does not say what it holds; if people: {CHOOSE_PEOPLE}"]


def _read_tables(
    parts: Sequence[tuple[Path, str | None]],
    selected: Mapping[str, str] | None,
    renamed: Mapping[str, str] | None,
    crs: Any,
    within: Box | None,
    hexagons: bool | None,
    issues: list[Issue],
) -> Opportunities:
    import shapely

    checksums: dict[str, str] = {}
    pieces = []
    for file, part in parts:
        if _reader_of(file) == "table":
            piece = csv.read_places(file, selected, crs, hexagons, issues, checksums)
        else:
            piece = features.read_features(file, part, selected, crs, issues)
        if piece is not None:
            _fill_blanks(piece, issues)
            pieces.append(piece)
    raise_errors(f"people or opportunities of {', '.join(file.name for file, _ in parts)}", issues)
    whole = _joined(pieces)
    notes = whole.notes
    ours = renamed or name_people(whole.columns, whole.file, issues, notes)
    for piece, name in product(pieces, whole.columns):
        most = most_allowed(ours[name])
        message = f"is more than there can be ({most:g})"
        _report_values(piece, name, piece.columns[name] > most, "too-large", message, issues)
    values = {ours[name]: array for name, array in whole.columns.items()}
    before = np.array([array.sum() for array in values.values()])
    inside = _inside(whole, within, issues)
    raise_errors(f"people or opportunities of {whole.file}", issues)
    selected_values = {name: array[inside] for name, array in values.items()}
    shapes = whole.shapes[inside]
    if not whole.are_points:
        small, large = holes_between(shapes)
        if len(small):
            notes.append(
                f"{len(small):,} small holes between the areas (gaps, lakes): counted as "
                "uninhabited"
            )
        if len(large):
            notes.append(
                f"{len(large):,} holes between the areas could hold one that is missing: no data "
                "there"
            )
        result = Opportunities.of_areas(
            shapes, selected_values, whole.crs, footprint=small, checksums=checksums
        )
    else:
        hull = hull_of(shapely.get_x(whole.shapes), shapely.get_y(whole.shapes))
        notes.append(
            "points: what is there is known within their convex hull, beyond it is no data"
        )
        x = shapely.get_x(shapes)
        y = shapely.get_y(shapes)
        result = Opportunities.of_points(
            x, y, selected_values, whole.crs, footprint=hull, checksums=checksums
        )
    cut = np.array([array[~inside].sum() for array in values.values()])
    notes += cut_notes(within, int((~inside).sum()), "features", list(values), before, cut)
    _say_shared_places(result, whole.file, issues)
    return replace(result, notes=tuple(notes), cut=cut)


def _fill_blanks(piece: Features, issues: list[Issue]) -> None:
    """Replace blanks by 0 in place, and report numbers that are not allowed."""
    for name, values in piece.columns.items():
        blank = np.isnan(values)
        if blank.any():
            message = f"{int(blank.sum()):,} of {len(values):,} rows are blank: counted as none"
            issues.append(Issue("warning", "blank", message, piece.file, field=name))
        bad = ~blank & ~((values >= 0) & np.isfinite(values))
        _report_values(
            piece,
            name,
            bad,
            "out-of-range",
            "is negative or infinite; allowed are 0 and more",
            issues,
        )
        piece.columns[name] = np.where(blank, 0.0, values)


def _report_values(
    piece: Features, name: str, bad: Bools, code: str, message: str, issues: list[Issue]
) -> None:
    """Add an error for each of the first bad values of a column, and one with the number of the
    rest.
    """
    texts = [f"{value:g}" for value in piece.columns[name][bad][:MAX_NAMED].tolist()]
    values = dict(zip(np.flatnonzero(bad).tolist(), texts, strict=False))
    Reporter(piece.file, issues).rows("error", code, bad, message, field=name, values=values)


def _joined(pieces: Sequence[Features]) -> Features:
    """Return the features of all files as one."""
    first, *others = pieces
    issues: list[Issue] = []
    for piece in others:
        what = ""
        if piece.are_points != first.are_points:
            what = "points where the other has polygons"
        elif list(piece.columns) != list(first.columns) and set(piece.columns) != set(
            first.columns
        ):
            what = f"columns {', '.join(piece.columns)}, the other {', '.join(first.columns)}"
        elif not piece.crs.equals(first.crs, ignore_axis_order=True):
            what = f"CRS {piece.crs.name!r}, the other {first.crs.name!r}"
        if what:
            message = f"has {what} ({first.file})"
            issues.append(
                Issue("error", "files-differ", message, piece.file, remedy="read them one by one")
            )
    raise_errors("files that are read together", issues)
    if not others:
        return first
    columns = {
        name: np.concatenate([piece.columns[name] for piece in pieces])
        for name in sorted(first.columns)
    }
    shapes = np.concatenate([piece.shapes for piece in pieces])
    file = " + ".join(sorted(piece.file for piece in pieces))
    return Features(
        file, first.crs, shapes, columns, [note for piece in pieces for note in piece.notes]
    )


def _inside(whole: Features, within: Box | None, issues: list[Issue]) -> Bools:
    """Return bool (n,) which features are within the box."""
    import shapely
    from pyproj import Transformer

    if within is None:
        return np.ones(len(whole.shapes), dtype=bool)
    west, south, east, north = within
    to_degrees = Transformer.from_crs(whole.crs, "EPSG:4326", always_xy=True)
    placed = shapely.transform(
        whole.shapes, lambda x, y: to_degrees.transform(x, y), interleaved=False
    )
    lon, lat, right, top = shapely.bounds(placed).T
    if whole.are_points:
        inside = (lon >= west) & (lon < east) & (lat >= south) & (lat < north)
    else:
        inside = (lon <= east) & (right >= west) & (lat <= north) & (top >= south)
    if not inside.any():
        swapped = ((lat >= west) & (lat < east) & (lon >= south) & (lon < north)).any()
        remedy = (
            "longitude and latitude look swapped"
            if swapped
            else "check the box and the coordinates"
        )
        message = (
            f"none of {len(lon):,} features lies in {west:.3f} to {east:.3f}° east, {south:.3f} to "
            f"{north:.3f} north; "
            f"they lie in {lon.min():.3f} to {lon.max():.3f} east, {lat.min():.3f} to "
            f"{lat.max():.3f} north"
        )
        issues.append(Issue("error", "outside", message, whole.file, remedy=remedy))
    return np.asarray(inside)


def _say_shared_places(opportunities: Opportunities, file: str, issues: list[Issue]) -> None:
    """Warn of points at one place and of overlapping areas: all of them count."""
    if isinstance(opportunities.geometry, Points) and len(opportunities):
        places = np.column_stack([opportunities.geometry.x, opportunities.geometry.y])
        n_shared = len(places) - len(np.unique(places, axis=0))
        if n_shared:
            message = (
                f"{n_shared:,} points share their place with another; all are counted, so "
                "their values add up"
            )
            issues.append(Issue("warning", "same-place", message, file))
    elif isinstance(opportunities.geometry, Areas) and len(opportunities):
        _say_overlaps(opportunities.geometry.polygons, Reporter(file, issues))


def _say_overlaps(polygons: NDArray[Any], report: Reporter) -> None:
    import shapely

    if hasattr(shapely, "coverage_is_valid") and shapely.coverage_is_valid(polygons):
        return
    one, other, _ = overlapping_pairs(polygons, _OVERLAP, report.file)
    if len(one):
        first = shapely.point_on_surface(shapely.intersection(polygons[one[0]], polygons[other[0]]))
        message = (
            f"{len(one):,} pairs of areas overlap (the first near {first.x:.4f}, "
            f"{first.y:.4f}); both count there"
        )
        report.say("warning", "overlap", message, "cut them if they are one place", count=len(one))
