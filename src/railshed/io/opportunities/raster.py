"""Reader of rasters of people and other opportunities (GeoTIFF of WorldPop, GHS-POP, GPW), window by window.

Every tile is read once for its totals; the result has the pixels above zero within the box. Pixels without data within
a file count as zero (WorldPop writes desert and sea so); there is no data where no file has pixels, or a file lacks a
block of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from railshed.cells.opportunities import Box
from railshed.io.opportunities.tiles import (
    DRIVERS,
    PixelBox,
    Rectangle,
    Tile,
    check_overlaps,
    find_blocks,
    find_gaps,
    open_tile,
    say_gaps,
    tile_offsets,
)
from railshed.util.array_types import Floats, Ints64
from railshed.util.errors import InputError, Issue, raise_errors
from railshed.util.optional_packages import require

_MAX_NAMED = 20
#: GDAL's cache; its default is a twentieth of the machine's memory
_CACHE_MB = 256


@dataclass(slots=True)
class RasterData:
    """Pixels of one grid with values above zero, and the totals with those outside the box."""

    crs: Any
    origin: tuple[float, float]
    size: tuple[float, float]
    row: Ints64
    column: Ints64
    values: Floats
    total: float
    cut: float
    n_cut: int
    #: shapely boxes of the pixels that the files have
    footprint: NDArray[Any]
    notes: list[str] = field(default_factory=list)


def read_rasters(
    paths: Sequence[tuple[Path, int | None]], crs: Any, within: Box | None, most: float, issues: list[Issue]
) -> RasterData:
    """Return the pixels of one raster, or of several tiles joined, within a box of degrees.

    Parameters
    ----------
    paths
        Files, each with the number of its band, or None if it has one band.
    crs
        CRS of files that state none, or None.
    within
        Box of the pixel centres to read: west and south edge included, east and north edge not.
    most
        The largest value that a pixel may have.
    issues
        List to which warnings are added.

    Raises
    ------
    InputError
        With every problem of the files.
    """
    rasterio = require("rasterio", "reading rasters")
    errors: list[Issue] = []
    tiles = [tile for path, band in paths if (tile := open_tile(rasterio, path, band, crs, errors)) is not None]
    raise_errors("raster", errors)
    tiles.sort(key=lambda tile: (tile.y0, tile.x0, tile.path.name))
    offsets = tile_offsets(tiles, errors)
    raise_errors("raster", errors)
    check_overlaps(tiles, offsets, errors)
    raise_errors("raster", errors)
    first = tiles[0]
    origin = min(tile.x0 for tile in tiles), min(tile.y0 for tile in tiles)
    from pyproj.exceptions import ProjError

    try:
        box = PixelBox(first.crs, origin, (first.dx, first.dy), within)
    except ProjError as error:
        raise InputError(
            f"{first.path.name}: its coordinates ({first.crs.name}) cannot be turned into degrees ({error}) -> "
            "reproject it, to EPSG:4326 say"
        ) from error
    shapes = [(*offset, tile.height, tile.width) for tile, offset in zip(tiles, offsets, strict=True)]
    if not any(box.meets(*shape) for shape in shapes):
        raise InputError(f"{', '.join(tile.path.name for tile in tiles)}: lies wholly outside the box {within}")
    gaps, notes = find_gaps(tiles, offsets, box)
    say_gaps(gaps, box, f"{tiles[0].path.name} and others", issues)
    data = _read_tiles(rasterio, tiles, offsets, box, most, issues)
    data.notes += notes
    return data


def _windows(tile: Tile) -> Iterator[tuple[int, int, int, int]]:
    """Yield row, column (as in the file), height and width of the windows that are read."""
    for row in range(0, tile.height, tile.step[0]):
        for column in range(0, tile.width, tile.step[1]):
            yield row, column, min(tile.step[0], tile.height - row), min(tile.step[1], tile.width - column)


def _read_tiles(
    rasterio: Any, tiles: Sequence[Tile], offsets: Sequence[tuple[int, int]], box: PixelBox, most: float,
    issues: list[Issue],
) -> RasterData:  # fmt: skip
    filled: list[Rectangle] = []
    pixels: list[tuple[Ints64, Ints64, Floats]] = []
    sums: list[float] = []
    cut: list[float] = []
    counts: Counter[str] = Counter()
    for tile, offset in zip(tiles, offsets, strict=True):
        try:
            with (
                rasterio.Env(GDAL_CACHEMAX=_CACHE_MB),
                rasterio.open(tile.path, driver=DRIVERS[tile.path.suffix.lower()]) as dataset,
            ):
                per_file = _read_tile(
                    rasterio, dataset, tile, offset, box, _Limit(most, tile, issues), pixels, sums, cut
                )
                blocks, absent = find_blocks(dataset, tile, offset, box)
        except (rasterio.errors.RasterioError, OSError) as error:
            detail = " ".join(str(error).split())[:200]
            raise InputError(f"{tile.path}: cannot be read, or is cut off ({detail}) -> fetch it again") from error
        filled += blocks
        say_gaps(absent, box, tile.path.name, issues)
        _report_numbers(tile, per_file, issues)
        counts += per_file
    raise_errors("raster", issues)
    if not counts["valid"]:
        raise InputError(f"{', '.join(t.path.name for t in tiles)}: all {counts['pixels']:,} pixels are without data")
    row, column, values = (np.concatenate([part[k] for part in pixels]) for k in range(3)) if pixels else (
        np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0),
    )  # fmt: skip
    names = tiles[0].path.name if len(tiles) == 1 else f"{len(tiles)} tiles"
    empty = counts["pixels"] - counts["valid"]
    meaning = ": land or sea, counted as zero" if empty else ""
    notes = [f"{names}: {counts['pixels']:,} pixels, {empty:,} of them without data{meaning}"]
    return RasterData(
        box.crs, box.origin, box.size, row, column, values, float(np.sum(sums)), float(np.sum(cut)), counts["cut"],
        box.outlines(filled), notes,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Limit:
    """Adds an issue for each of the first pixels of a file that hold more than `most`."""

    most: float
    tile: Tile
    issues: list[Issue]

    def check(self, values: NDArray[Any], holding: NDArray[np.bool_], first: tuple[int, int]) -> int:
        """Return how many pixels of a window are too large; `first` is its row and column in the file."""
        bad = holding & (values > self.most)
        if not bad.any():
            return 0
        rows, columns = np.nonzero(bad)
        n_named = sum(issue.code == "too-large" for issue in self.issues)
        for r, c in list(zip(rows.tolist(), columns.tolist(), strict=True))[: max(0, _MAX_NAMED - n_named)]:
            place = f"the pixel in row {first[0] + r + 1}, column {first[1] + c + 1} (from the upper left)"
            message = f"{place} holds more than there can be ({self.most:g})"
            remedy = "correct it; if it means no data: gdal_edit -a_nodata"
            value = f"{values[r, c]:g}"
            self.issues.append(Issue("error", "too-large", message, self.tile.path.name, value=value, remedy=remedy))
        return len(rows)


def _read_tile(
    rasterio: Any,
    dataset: Any,
    tile: Tile,
    offset: tuple[int, int],
    box: PixelBox,
    limit: _Limit,
    pixels: list[tuple[Ints64, Ints64, Floats]],
    sums: list[float],
    cut: list[float],
) -> Counter[str]:
    """Add a tile's pixels in the box to `pixels` and its totals to `sums` and `cut`; return counts of its pixels."""
    counts: Counter[str] = Counter()
    for row, column, height, width in _windows(tile):
        window = rasterio.windows.Window(column, row, width, height)
        values, holding = _read_window(dataset, tile.band, window, counts)
        counts["huge"] += limit.check(values, holding, (row, column))
        amounts = values[holding].astype(np.float64)
        sums.append(float(amounts.sum()))
        first_row = offset[0] + (tile.height - row - height if tile.flip_rows else row)
        first_column = offset[1] + (tile.width - column - width if tile.flip_columns else column)
        if not box.meets(first_row, first_column, height, width):
            counts["cut"] += len(amounts)
            cut.append(sums[-1])
            continue
        at_row, at_column = np.divmod(np.flatnonzero(holding), width)
        at_row = first_row + (height - 1 - at_row if tile.flip_rows else at_row)
        at_column = first_column + (width - 1 - at_column if tile.flip_columns else at_column)
        inside = box.holds(at_row, at_column)
        pixels.append((at_row[inside], at_column[inside], amounts[inside]))
        cut.append(float(amounts[~inside].sum()))
        counts["cut"] += int((~inside).sum())
    counts["declared"] = int(dataset.nodata is not None)
    return counts


def _read_window(dataset: Any, band: int, window: Any, counts: Counter[str]) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """Return the values of a window and bool, which of them are above zero; add their kinds to `counts`."""
    raw = dataset.read(band, window=window)
    everywhere = [flag.name for flag in dataset.mask_flag_enums[band - 1]] == ["all_valid"]
    valid = np.ones(raw.shape, dtype=bool) if everywhere else dataset.read_masks(band, window=window) != 0
    if raw.dtype.kind in "iu" and dataset.nodata is None:
        counts["largest"] += int(np.count_nonzero((raw == np.iinfo(raw.dtype).max) & valid))
    scale, shift = dataset.scales[band - 1], dataset.offsets[band - 1]
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
    def say(severity: Any, code: str, message: str, remedy: str = "") -> None:
        issues.append(Issue(severity, code, message, tile.path.name, remedy=remedy))

    nodata = "declare the nodata value with gdal_edit -a_nodata"
    if counts["huge"] > _MAX_NAMED:
        say("error", "out-of-range", f"{counts['huge']:,} pixels in all hold more than there can be", nodata)
    if counts["negative"]:
        declared = "beside the declared nodata value" if counts["declared"] else "and no nodata value is declared"
        message = f"{counts['negative']:,} pixels are negative {declared}; they count as zero"
        say("warning", "negative", message, nodata)
    if counts["nan"] and not counts["declared"]:
        say("warning", "not-a-number", f"{counts['nan']:,} pixels are NaN; they count as zero")
    if counts["largest"]:
        message = f"{counts['largest']:,} pixels hold the largest number of their type and are counted"
        say("warning", "largest-number", message, f"if they mean no data: {nodata}")
    if counts["scaled"]:
        say("warning", "scaled", "the file's scale and offset are applied")
