"""Rasters of people and other opportunities (GeoTIFF of WorldPop, GHS-POP, GPW), read window by window.

Every tile is passed over once for its totals; only pixels that hold something and lie in the box asked for are kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from railshed.errors import InputError
from railshed.issues import Issue, raise_errors
from railshed.opportunities import Box
from railshed.sources.rastertiles import (
    DRIVERS,
    PixelBox,
    Tile,
    check_overlaps,
    find_gaps,
    open_tile,
    require_rasterio,
    tile_offsets,
)

Floats = NDArray[np.float64]
Ints64 = NDArray[np.int64]
#: no number of people, jobs or money: a nodata value that the file does not declare
_MAX_VALUE = 1e15


@dataclass(slots=True)
class RasterData:
    """What was read: pixels of one grid that hold something, and what was left out."""

    crs: Any
    origin: tuple[float, float]
    size: tuple[float, float]
    row: Ints64
    column: Ints64
    values: Floats
    total: float
    cut: float
    n_cut: int
    notes: list[str] = field(default_factory=list)


def read_rasters(
    paths: Sequence[tuple[Path, int | None]], crs: Any, within: Box | None, issues: list[Issue]
) -> RasterData:
    """Return the pixels of one raster, or of several tiles as one, within a box of degrees.

    Parameters
    ----------
    paths
        Files, each with the number of its band, None where it has one.
    crs
        Of files that state none, else None.
    within
        A pixel is kept when its centre lies in it: west and south edge included, east and north edge not.
    issues
        Gets the warnings.

    Raises
    ------
    InputError
        With every problem of the files.
    """
    rasterio = require_rasterio()
    found: list[Issue] = []
    tiles = [tile for path, band in paths if (tile := open_tile(rasterio, path, band, crs, found)) is not None]
    raise_errors("raster", found)
    tiles.sort(key=lambda tile: (tile.y0, tile.x0, tile.path.name))
    offsets = tile_offsets(tiles, found)
    raise_errors("raster", found)
    check_overlaps(tiles, offsets, found)
    raise_errors("raster", found)
    first = tiles[0]
    origin = min(tile.x0 for tile in tiles), min(tile.y0 for tile in tiles)
    box = PixelBox(first.crs, origin, (first.dx, first.dy), within)
    shapes = [(*offset, tile.height, tile.width) for tile, offset in zip(tiles, offsets, strict=True)]
    if not any(box.meets(*shape) for shape in shapes):
        raise InputError(f"{', '.join(tile.path.name for tile in tiles)}: lies wholly outside the box {within}")
    issues += find_gaps(tiles, offsets, box)
    return _read_tiles(rasterio, tiles, offsets, box, issues)


def _windows(tile: Tile) -> Iterator[tuple[int, int, int, int]]:
    """Yield row, column (as in the file), height and width of what is read at once."""
    for row in range(0, tile.height, tile.step[0]):
        for column in range(0, tile.width, tile.step[1]):
            yield row, column, min(tile.step[0], tile.height - row), min(tile.step[1], tile.width - column)


def _read_tiles(
    rasterio: Any, tiles: Sequence[Tile], offsets: Sequence[tuple[int, int]], box: PixelBox, issues: list[Issue]
) -> RasterData:
    kept: list[tuple[Ints64, Ints64, Floats]] = []
    sums: list[float] = []
    cut: list[float] = []
    counts: Counter[str] = Counter()
    for tile, offset in zip(tiles, offsets, strict=True):
        try:
            with rasterio.open(tile.path, driver=DRIVERS[tile.path.suffix.lower()]) as dataset:
                per_file = _read_tile(rasterio, dataset, tile, offset, box, kept, sums, cut)
        except (rasterio.errors.RasterioError, OSError) as error:
            detail = " ".join(str(error).split())[:200]
            raise InputError(f"{tile.path}: cannot be read, or is cut off ({detail}) -> fetch it again") from error
        _report_numbers(tile, per_file, issues)
        counts += per_file
    raise_errors("raster", issues)
    if not counts["valid"]:
        raise InputError(f"{', '.join(t.path.name for t in tiles)}: all {counts['pixels']:,} pixels are without data")
    row, column, values = (np.concatenate([part[k] for part in kept]) for k in range(3)) if kept else (
        np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0),
    )  # fmt: skip
    names = tiles[0].path.name if len(tiles) == 1 else f"{len(tiles)} tiles"
    notes = [f"{names}: {counts['pixels']:,} pixels, {counts['pixels'] - counts['valid']:,} of them without data"]
    size = box.size
    return RasterData(
        box.crs, box.origin, size, row, column, values, float(np.sum(sums)), float(np.sum(cut)), counts["cut"], notes
    )


def _read_tile(
    rasterio: Any,
    dataset: Any,
    tile: Tile,
    offset: tuple[int, int],
    box: PixelBox,
    kept: list[tuple[Ints64, Ints64, Floats]],
    sums: list[float],
    cut: list[float],
) -> Counter[str]:
    """Add a tile's pixels to what is kept, summed and cut; return counts of its pixels."""
    counts: Counter[str] = Counter()
    band = tile.band - 1
    scale, shift = dataset.scales[band], dataset.offsets[band]
    dtype = np.dtype(dataset.dtypes[band])
    largest = np.iinfo(dtype).max if dtype.kind in "iu" and dataset.nodata is None else None
    for row, column, height, width in _windows(tile):
        window = rasterio.windows.Window(column, row, width, height)
        raw = dataset.read(tile.band, window=window, masked=True)
        values = np.asarray(raw.data, np.float64)
        valid = ~np.ma.getmaskarray(raw)
        counts["largest"] += 0 if largest is None else int((raw.data[valid] == largest).sum())
        if scale != 1 or shift != 0:
            values = values * scale + shift
        number = np.isfinite(values) | ~valid
        counts["nan"] += int((~number & np.isnan(values)).sum())
        counts["huge"] += int((valid & (np.isinf(values) | (np.abs(values) > _MAX_VALUE)) & (values > 0)).sum())
        negative = valid & (values < 0)
        counts["negative"] += int(negative.sum())
        valid &= ~np.isnan(values) & ~negative
        counts["pixels"] += values.size
        counts["valid"] += int(valid.sum())
        at_row, at_column = np.nonzero(valid & (values > 0))
        amounts = values[at_row, at_column]
        sums.append(float(amounts.sum()))
        at_row, at_column = at_row + row, at_column + column
        grid_row = offset[0] + (tile.height - 1 - at_row if tile.flip_rows else at_row)
        grid_column = offset[1] + (tile.width - 1 - at_column if tile.flip_columns else at_column)
        inside = np.zeros(len(amounts), dtype=bool)
        if len(amounts) and box.meets(
            int(grid_row.min()), int(grid_column.min()), int(np.ptp(grid_row)) + 1, int(np.ptp(grid_column)) + 1
        ):
            inside = box.holds(grid_row, grid_column)
            kept.append((grid_row[inside], grid_column[inside], amounts[inside]))
        cut.append(float(amounts[~inside].sum()))
        counts["cut"] += int((~inside).sum())
    counts["declared"] = int(dataset.nodata is not None)
    counts["scaled"] = int(scale != 1 or shift != 0)
    return counts


def _report_numbers(tile: Tile, counts: Counter[str], issues: list[Issue]) -> None:
    def say(severity: Any, code: str, message: str, remedy: str = "") -> None:
        issues.append(Issue(severity, code, message, tile.path.name, remedy=remedy))

    nodata = "declare the nodata value with gdal_edit -a_nodata"
    if counts["huge"]:
        message = f"{counts['huge']:,} pixels hold more than {_MAX_VALUE:g} or infinity: an undeclared nodata value?"
        say("error", "out-of-range", message, nodata)
    if counts["negative"]:
        declared = "beside the declared nodata value" if counts["declared"] else "and no nodata value is declared"
        message = f"{counts['negative']:,} pixels are negative {declared}; taken as no data"
        say("warning", "negative", message, nodata)
    if counts["nan"] and not counts["declared"]:
        say("warning", "not-a-number", f"{counts['nan']:,} pixels are NaN; taken as no data")
    if counts["largest"]:
        message = f"{counts['largest']:,} pixels hold the largest number of their type and are counted"
        say("warning", "largest-number", message, f"if they mean no data: {nodata}")
    if counts["scaled"]:
        say("warning", "scaled", "the file's scale and offset are applied")
