"""Reader of rasters of people and other opportunities (GeoTIFF of WorldPop, GHS-POP, GPW), window
by window.

Every tile is read once for its totals; the result has the pixels above zero within the box. Pixels
without data within a file count as zero (WorldPop writes desert and sea so); there is no data where
no file has pixels, or a file lacks a block of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from railshed.cells.opportunities import Box, Opportunities, most_allowed
from railshed.io.opportunities import tiles as rastertiles
from railshed.io.opportunities.columns import cut_notes
from railshed.io.opportunities.features import Reporter
from railshed.io.opportunities.tiles import DRIVERS, PixelBox, Rectangle, Tile
from railshed.util.array_types import Bools, Floats, Ints64
from railshed.util.errors import MAX_NAMED, InputError, Issue, raise_errors
from railshed.util.optional_packages import require

#: row, column, height and width in a file
Window = tuple[int, int, int, int]
#: GDAL's cache; its default is a twentieth of the machine's memory
_CACHE_MB = 256


def read_rasters(
    paths: Sequence[tuple[Path, int | None]],
    crs: Any,
    within: Box | None,
    name: str,
    name_notes: Sequence[str],
    issues: list[Issue],
) -> Opportunities:
    """Return the pixels above zero of one raster, or of several tiles joined, within a box of
    degrees.

    Parameters
    ----------
    paths
        Files, each with the number of its band, or None if it has one band.
    crs
        CRS of files that state none, or None.
    within
        Box of the pixel centres to read: west and south edge included, east and north edge not.
    name, name_notes
        Name of the one column, and notes on how it was chosen.
    issues
        List to which warnings are added.

    Raises InputError with every problem of the files.
    """
    rasterio = require("rasterio", "reading rasters")
    errors: list[Issue] = []
    opened = [rastertiles.open_tile(rasterio, path, band, crs, errors) for path, band in paths]
    tiles = [tile for tile in opened if tile is not None]
    raise_errors("raster", errors)
    tiles = rastertiles.place_tiles(
        sorted(tiles, key=lambda tile: (tile.y0, tile.x0, tile.path.name)), errors
    )
    first = tiles[0]
    origin = min(tile.x0 for tile in tiles), min(tile.y0 for tile in tiles)
    from pyproj.exceptions import ProjError

    try:
        box = PixelBox(first.crs, origin, (first.dx, first.dy), within)
    except ProjError as error:
        raise InputError(
            f"{first.path.name}: its coordinates ({first.crs.name}) cannot be turned into degrees "
            f"({error}) -> reproject it, to EPSG:4326 say"
        ) from error
    if not any(box.meets(*tile.span) for tile in tiles):
        raise InputError(
            f"{', '.join(tile.path.name for tile in tiles)}: lies wholly outside the box {within}"
        )
    gaps, notes = rastertiles.find_gaps(tiles, box)
    rastertiles.say_gaps(gaps, box, f"{first.path.name} and others", issues)
    return _read_tiles(rasterio, tiles, box, name, [*notes, *name_notes], issues)


def _windows(tile: Tile) -> Iterator[Window]:
    """Yield row, column (as in the file), height and width of the windows that are read."""
    for row in range(0, tile.height, tile.step[0]):
        for column in range(0, tile.width, tile.step[1]):
            yield (
                row,
                column,
                min(tile.step[0], tile.height - row),
                min(tile.step[1], tile.width - column),
            )


def _read_tiles(
    rasterio: Any,
    tiles: Sequence[Tile],
    box: PixelBox,
    name: str,
    notes: list[str],
    issues: list[Issue],
) -> Opportunities:
    filled: list[Rectangle] = []
    pixels: list[tuple[Ints64, Ints64, Floats]] = [
        (np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
    ]
    sums: list[float] = []
    cut: list[float] = []
    counts: Counter[str] = Counter()
    for tile in tiles:
        try:
            with (
                rasterio.Env(GDAL_CACHEMAX=_CACHE_MB),
                rasterio.open(tile.path, driver=DRIVERS[tile.path.suffix.lower()]) as dataset,
            ):
                per_file: Counter[str] = Counter(declared=int(dataset.nodata is not None))
                for window in _windows(tile):
                    values, holding = _read_window(rasterio, dataset, tile.band, window, per_file)
                    per_file["huge"] += _name_huge(
                        values, holding, window, tile, most_allowed(name), issues
                    )
                    sums.append(float(values[holding].astype(np.float64).sum()))
                    per_file["cut"] += _select(
                        values, holding, window=window, tile=tile, box=box, pixels=pixels, cut=cut
                    )
                blocks, absent = rastertiles.find_blocks(dataset, tile, box)
        except rastertiles.read_errors(rasterio) as error:
            detail = " ".join(str(error).split())[:200]
            raise InputError(
                f"{tile.path}: cannot be read, or is cut off ({detail}) -> fetch it again"
            ) from error
        filled += blocks
        rastertiles.say_gaps(absent, box, tile.path.name, issues)
        _report_numbers(tile, per_file, issues)
        counts += per_file
    raise_errors("raster", issues)
    if not counts["valid"]:
        raise InputError(
            f"{', '.join(t.path.name for t in tiles)}: all {counts['pixels']:,} pixels are without "
            "data"
        )
    row, column, values = (np.concatenate([part[k] for part in pixels]) for k in range(3))
    names = tiles[0].path.name if len(tiles) == 1 else f"{len(tiles)} tiles"
    empty = counts["pixels"] - counts["valid"]
    meaning = ": land or sea, counted as zero" if empty else ""
    outside = np.array([float(np.sum(cut))])
    notes = [
        f"{names}: {counts['pixels']:,} pixels, {empty:,} of them without data{meaning}",
        *notes,
        *cut_notes(
            box.within, counts["cut"], "pixels", [name], np.array([float(np.sum(sums))]), outside
        ),
    ]
    return Opportunities.of_pixels(
        box.origin,
        box.size,
        row,
        column,
        {name: values},
        box.crs,
        notes=tuple(notes),
        cut=outside,
        footprint=box.outlines(filled),
    )


def _name_huge(
    values: NDArray[Any],
    holding: Bools,
    window: Window,
    tile: Tile,
    most: float,
    issues: list[Issue],
) -> int:
    """Return how many pixels of a window hold more than `most`; add an issue for each of the first
    of a file.
    """
    bad = np.argwhere(holding & (values > most))
    n_named = sum(issue.code == "too-large" for issue in issues)
    for r, c in bad[: max(0, MAX_NAMED - n_named)].tolist():
        place = (
            f"the pixel in row {window[0] + r + 1}, column {window[1] + c + 1} (from the "
            "upper left)"
        )
        message = f"{place} holds more than there can be ({most:g})"
        remedy = "correct it; if it means no data: gdal_edit -a_nodata"
        value = f"{values[r, c]:g}"
        issues.append(
            Issue("error", "too-large", message, tile.path.name, value=value, remedy=remedy)
        )
    return len(bad)


def _select(
    values: NDArray[Any],
    holding: Bools,
    window: Window,
    tile: Tile,
    box: PixelBox,
    pixels: list[tuple[Ints64, Ints64, Floats]],
    cut: list[float],
) -> int:
    """Add a window's pixels in the box to `pixels` and the sum of the others to `cut`; return their
    number.
    """
    row, column, height, width = window
    amounts = values[holding].astype(np.float64)
    first_row = tile.row + (tile.height - row - height if tile.flip_rows else row)
    first_column = tile.column + (tile.width - column - width if tile.flip_columns else column)
    inside = np.zeros(len(amounts), dtype=bool)
    if box.meets(first_row, first_column, first_row + height, first_column + width):
        at_row, at_column = np.divmod(np.flatnonzero(holding), width)
        at_row = first_row + (height - 1 - at_row if tile.flip_rows else at_row)
        at_column = first_column + (width - 1 - at_column if tile.flip_columns else at_column)
        inside = box.holds(at_row, at_column)
        pixels.append((at_row[inside], at_column[inside], amounts[inside]))
    cut.append(float(amounts[~inside].sum()))
    return int((~inside).sum())


def _read_window(
    rasterio: Any, dataset: Any, band: int, place: Window, counts: Counter[str]
) -> tuple[NDArray[Any], Bools]:
    """Return the values of a window and bool, which of them are above zero; add their kinds to
    `counts`.
    """
    window = rasterio.windows.Window(place[1], place[0], place[3], place[2])
    raw = dataset.read(band, window=window)
    everywhere = [flag.name for flag in dataset.mask_flag_enums[band - 1]] == ["all_valid"]
    valid = (
        np.ones(raw.shape, dtype=bool)
        if everywhere
        else dataset.read_masks(band, window=window) != 0
    )
    if raw.dtype.kind in "iu" and dataset.nodata is None:
        counts["largest"] += int(np.count_nonzero((raw == np.iinfo(raw.dtype).max) & valid))
    scale = dataset.scales[band - 1]
    shift = dataset.offsets[band - 1]
    if scale != 1 or shift != 0:
        raw = raw * scale + shift
        counts["scaled"] = 1
    counts["pixels"] += raw.size
    if raw.dtype.kind == "f":
        number = ~np.isnan(raw)
        counts["nan"] += int(np.count_nonzero(~number & valid))
        valid &= number
    if raw.dtype.kind != "u":
        negative = (raw < 0) & valid
        counts["negative"] += int(np.count_nonzero(negative))
        valid &= ~negative
    holding = (raw > 0) & valid
    counts["valid"] += int(np.count_nonzero(valid))
    return raw, holding


def _report_numbers(tile: Tile, counts: Counter[str], issues: list[Issue]) -> None:
    say = Reporter(tile.path.name, issues).say
    nodata = "declare the nodata value with gdal_edit -a_nodata"
    n_named = sum((issue.code, issue.file) == ("too-large", tile.path.name) for issue in issues)
    if (left := counts["huge"] - n_named) > 0:
        say(
            "error",
            "out-of-range",
            f"and {left:,} more pixels hold more than there can be",
            nodata,
            count=left,
        )
    if counts["negative"]:
        declared = (
            "beside the declared nodata value"
            if counts["declared"]
            else "and no nodata value is declared"
        )
        message = f"{counts['negative']:,} pixels are negative {declared}; they count as zero"
        say("warning", "negative", message, nodata)
    if counts["nan"] and not counts["declared"]:
        say("warning", "not-a-number", f"{counts['nan']:,} pixels are NaN; they count as zero")
    if counts["largest"]:
        message = (
            f"{counts['largest']:,} pixels hold the largest number of their type and are counted"
        )
        say("warning", "largest-number", message, f"if they mean no data: {nodata}")
    if counts["scaled"]:
        say("warning", "scaled", "the file's scale and offset are applied")
