"""Surfaces as cloud-optimised GeoTIFF: a band of minutes each, and a band that says what a cell
without minutes means.

Two things are no number of minutes, and no statistic takes either for one:

- *no data* (not computed: sea, abroad, beyond the boundaries) is `NO_DATA`, which the file declares
  as its nodata. It
  is large and not negative: a reader that overlooks the declaration gets an absurd mean, and no
  cell within 60 minutes;
- *unreachable* (computed, and no journey) is NaN. Programs either skip it, as GDAL's statistics do,
  or return NaN; a
  test like ``minutes <= 60`` is false, which is right.

A mean over cells is thus one over those that are reached. The share that is reached comes from the
band ``status``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from railshed.cells.grid import Grid
from railshed.util.array_types import Ints64
from railshed.util.errors import ParameterError
from railshed.util.files import write_file
from railshed.util.optional_packages import require
from railshed.util.units import MINUTE, UNREACHED

#: what rasterio is needed for
WRITING = "writing GeoTIFF"
#: minutes where nothing is known; the declared nodata of every band
NO_DATA = 999_999.0
STATUS = "status"
#: values of the band `status`
STATUS_NO_DATA = 0
STATUS_UNREACHABLE = 1
STATUS_REACHED = 2
#: pixels a side of a tile
TILE = 256
#: pixels that a raster may have: a box around two far cells may be huge
_MAX_PIXELS = 50_000_000
_SUFFIXES = (".tif", ".tiff")


#: int (n_cells,) seconds by the name of a band, UNREACHED where there is no journey
Bands = Mapping[str, NDArray[np.integer[Any]]]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Extent:
    """A rectangle of grid cells, both ends of rows and columns inside it."""

    row_min: int
    row_max: int
    column_min: int
    column_max: int

    @classmethod
    def around(cls, row: Ints64, column: Ints64) -> Extent:
        """Return the least rectangle that holds these cells."""
        return cls(int(row.min()), int(row.max()), int(column.min()), int(column.max()))

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.row_max - self.row_min + 1, self.column_max - self.column_min + 1

    def cells(self) -> tuple[Ints64, Ints64]:
        """Return (row, column) of every cell, north to south, then west to east: the pixels of a
        raster in order.
        """
        from_north = np.arange(self.row_max, self.row_min - 1, -1)
        rows, columns = np.meshgrid(
            from_north, np.arange(self.column_min, self.column_max + 1), indexing="ij"
        )
        return rows.ravel(), columns.ravel()


def write_surface(
    path: str | Path,
    grid: Grid,
    row: Ints64,
    column: Ints64,
    bands: Bands,
    *,
    title: str = "",
    definition: Sequence[str] = (),
    extent: Extent | None = None,
    known: Mask | None = None,
    tags: Mapping[str, str] | None = None,
) -> Path:
    """Write a cloud-optimised GeoTIFF of minutes and return its path; same input, same bytes.

    Parameters
    ----------
    row, column
        int64 (n_cells,) the cells that have seconds, each once.
    bands
        int (n_cells,) seconds by name, UNREACHED where there is no journey: ``{"percentile 50":
        ...}``. Written as float32 minutes, which hold every second: ``round(minutes * 60)`` is the
        exact number.
    title, definition
        What the file is, and what its minutes mean, line by line.
    extent
        The rectangle to write; default the least one around the cells, cells beyond it are left
        out.
    known
        bool, of the extent's shape, north up (see `Extent.cells`): cells that were computed. A
        known cell that is not among `row`, `column` is unreachable; default: every other cell is no
        data.
    tags
        More metadata by name.

    Raises ParameterError when the path does not end like a GeoTIFF, or the arrays do not fit; names
    every problem; InputError when rasterio is not installed; OutputError when the file cannot be
    written.
    """
    if Path(path).suffix.lower() not in _SUFFIXES:
        raise ParameterError(
            f"{path}: a GeoTIFF is written; allowed endings are {', '.join(_SUFFIXES)}"
        )
    require("rasterio", WRITING)
    row = np.asarray(row, np.int64)
    column = np.asarray(column, np.int64)
    _check(row, column, bands, extent, known)
    box = extent or Extent.around(row, column)
    layers = _layers(box, row, column, bands, known)
    meta = {**_tags(grid, title, definition), **(tags or {})}
    return write_file(path, _cog(grid, box, layers, meta))


def _check(
    row: Ints64, column: Ints64, bands: Bands, extent: Extent | None, known: Mask | None
) -> None:
    problems = []
    if not bands:
        problems.append("no band given; allowed: at least one array of seconds by name")
    if STATUS in bands:
        problems.append(
            f"a band is named {STATUS!r}, which is the name of the band added; give another name"
        )
    if len(row) != len(column):
        problems.append(f"{len(row)} rows and {len(column)} columns; allowed: one of each a cell")
    elif not np.diff(np.sort(row * 2**32 + column)).all():
        problems.append("a cell is given twice; allowed: each cell once")
    problems += [
        f"band {name!r} has {len(seconds)} values for {len(row)} cells; allowed: one a cell"
        for name, seconds in bands.items()
        if len(seconds) != len(row)
    ]
    if extent is None and not len(row):
        problems.append("no cell and no extent given; give one of them")
    elif not problems:
        shape = (extent or Extent.around(row, column)).shape
        if min(shape) < 1 or shape[0] * shape[1] > _MAX_PIXELS:
            problems.append(
                f"the raster would have {shape[0]} x {shape[1]} cells; allowed: at most "
                f"{_MAX_PIXELS:,}, at least one; "
                "give an extent or larger cells"
            )
        if known is not None and known.shape != shape:
            problems.append(f"known has shape {known.shape}; allowed: {shape}, that of the raster")
    if problems:
        raise ParameterError("surface raster: " + "; ".join(problems))


def _layers(
    box: Extent, row: Ints64, column: Ints64, bands: Bands, known: Mask | None
) -> dict[str, NDArray[np.float32]]:
    """Return the pixels of each band and of `status`, north up."""
    inside = (
        (row >= box.row_min)
        & (row <= box.row_max)
        & (column >= box.column_min)
        & (column <= box.column_max)
    )
    # lines run from north to south, rows of the grid from south to north
    at = box.row_max - row[inside], column[inside] - box.column_min
    known_cells = np.zeros(box.shape, np.bool_) if known is None else known.copy()
    known_cells[at] = True
    counts = np.where(known_cells, np.float32(np.nan), np.float32(NO_DATA))
    status = np.where(known_cells, np.float32(STATUS_UNREACHABLE), np.float32(STATUS_NO_DATA))
    layers = {}
    for name, seconds in bands.items():
        mine = np.asarray(seconds)[inside]
        reached = mine != UNREACHED
        minutes = counts.copy()
        minutes[at] = np.where(reached, mine / MINUTE, np.nan)
        layers[name] = minutes
        status[at[0][reached], at[1][reached]] = STATUS_REACHED
    return {**layers, STATUS: status}


def _tags(grid: Grid, title: str, definition: Sequence[str]) -> dict[str, str]:
    """Return the metadata of the whole file."""
    return {
        "TIFFTAG_IMAGEDESCRIPTION": title or "travel time surface",
        "TIFFTAG_SOFTWARE": "railshed",
        "definition": "\n".join(definition),
        "units": "minutes",
        "no_data": f"{NO_DATA:.0f}, the declared nodata: not asked about",
        "unreachable": "NaN: asked about, no journey; no statistic counts it as a time",
        "status": f"last band: {STATUS_NO_DATA} no data, {STATUS_UNREACHABLE} unreachable in every "
        f"band, {STATUS_REACHED} reached in one of them",
        "crs": grid.crs.srs,
        "cell_size_m": str(grid.size_m),
        "AREA_OR_POINT": "Area",
    }


def _named_wkt(grid: Grid) -> str:
    """Return the projection as WKT with a descriptive name; no register has one for it."""
    from pyproj import CRS

    crs = grid.crs.to_json_dict()
    kind = "Lambert azimuthal equal-area"
    if grid.parallels is not None:
        kind = "Albers equal-area conic of parallels {:g} and {:g}".format(*grid.parallels)
    name = f"{kind} at lon {grid.centre_lon:g} lat {grid.centre_lat:g}"
    crs["name"] = f"railshed grid, {name}"
    crs["base_crs"]["name"] = "WGS 84"
    crs["conversion"]["name"] = name
    return CRS.from_json_dict(crs).to_wkt()


def _cog(
    grid: Grid, box: Extent, layers: Mapping[str, NDArray[np.float32]], tags: Mapping[str, str]
) -> bytes:
    """Return the file's bytes.

    It is built in memory: the layout of a COG is known only when all bands are.
    """
    import rasterio
    from rasterio.io import MemoryFile
    from rasterio.shutil import copy

    profile = {
        "driver": "GTiff",
        "dtype": "float32",
        "count": len(layers),
        "height": box.shape[0],
        "width": box.shape[1],
        "crs": rasterio.crs.CRS.from_wkt(_named_wkt(grid)),
        "nodata": NO_DATA,
        "transform": rasterio.Affine(
            grid.size_m,
            0.0,
            box.column_min * grid.size_m,
            0.0,
            -grid.size_m,
            (box.row_max + 1) * grid.size_m,
        ),
    }
    with MemoryFile() as memory, MemoryFile(ext=".tif") as out:
        with memory.open(**profile) as raster:
            raster.update_tags(**tags)
            for number, (name, values) in enumerate(layers.items(), start=1):
                raster.write(values, number)
                unit = "code" if name == STATUS else "minutes"
                raster.set_band_description(number, f"{name} ({unit})")
                if name != STATUS:
                    raster.set_band_unit(number, "min")
        with memory.open() as raster:
            copy(
                raster,
                out.name,
                driver="COG",
                compress="deflate",
                predictor="yes",
                blocksize=TILE,
                overviews="auto",
                overview_resampling="nearest",
                resampling="nearest",
                num_threads=1,
                bigtiff="if_safer",
            )
        return bytes(out.getbuffer())
