"""The tiles of a raster: positions of their pixels, checks that they fit together, and the box on
their pixels.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from railshed.cells.opportunities import Box
from railshed.io.opportunities.columns import CHOOSE_CRS, DROP_CRS
from railshed.io.opportunities.features import Reporter
from railshed.util.array_types import Bools, Floats
from railshed.util.errors import MAX_NAMED, Issue, ParameterError, named, raise_errors
from railshed.util.parallel import ONE_THREAD

#: GDAL driver by ending of files that are read as rasters
DRIVERS = {".tif": "GTiff", ".tiff": "GTiff", ".asc": "AAIGrid", ".img": "HFA"}
#: pixels read at once
_WINDOW = 1 << 22
_SIDE = 1 << 11
#: largest distance of a tile from the common grid, in pixels
_ALIGNED = 0.05
#: rows and columns that can be numbered from the origin of the coordinates
_MOST_PLACES = 2**31
_GEOREFERENCE = "georeference it, as with gdal_translate -a_ullr"
#: row and column of the first pixel, and those after the last
Rectangle = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Tile:
    """The position of the pixels of one file; rows count from the south in any file."""

    path: Path
    band: int
    #: pyproj.CRS
    crs: Any
    #: lower left corner and size of pixels
    x0: float
    y0: float
    dx: float
    dy: float
    height: int
    width: int
    flip_rows: bool
    flip_columns: bool
    #: rows and columns that are read at once
    step: tuple[int, int]
    #: row and column of the lower left pixel on the common grid
    row: int = 0
    column: int = 0

    @property
    def span(self) -> Rectangle:
        """The pixels of the file on the common grid."""
        return self.row, self.column, self.row + self.height, self.column + self.width


def open_tile(
    rasterio: Any, path: Path, band: int | None, crs: Any, issues: list[Issue]
) -> Tile | None:
    """Return the position of the pixels of a file; None, and issues, if it cannot be used."""
    report = Reporter(path.name, issues)
    if not path.is_file():
        report.say("error", "unreadable", "no such file", "give the path of a GeoTIFF")
        return None
    failures: tuple[type[Exception], ...] = (*read_errors(rasterio), ValueError)
    try:
        with ONE_THREAD, warnings.catch_warnings():
            warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
            with rasterio.open(path, driver=DRIVERS[path.suffix.lower()]) as dataset:
                return _describe_tile(dataset, path, band, crs, report)
    except failures as error:
        detail = " ".join(str(error).split())[:200]
        report.say(
            "error", "unreadable", f"is no readable raster, or cut off ({detail})", "fetch it again"
        )
        return None


def read_errors(rasterio: Any) -> tuple[type[Exception], ...]:
    """Return what rasterio raises for a damaged file: also GDAL's own errors, which are no
    RasterioError.
    """
    return rasterio.errors.RasterioError, rasterio._err.CPLE_BaseError, OSError


def _describe_tile(
    dataset: Any, path: Path, band: int | None, crs: Any, report: Reporter
) -> Tile | None:
    n_before = len(report.issues)
    say = partial(report.say, "error")
    labels = [f"{i} {name}" if name else str(i) for i, name in enumerate(dataset.descriptions, 1)]
    bands = ", ".join(labels[:MAX_NAMED])
    if band is None and dataset.count != 1:
        example = f"choose one: {path.name}:1 or band=1"
        say("several-bands", f"has {dataset.count} bands ({bands}), one is read", example)
    elif band is not None and not 1 <= band <= dataset.count:
        say(
            "no-such-band",
            f"has no such band (bands: {bands})",
            "choose one",
            field="band",
            value=str(band),
        )
    else:
        _check_numbers(dataset, band or 1, say)
    transform = dataset.transform
    own_crs = _crs_of(dataset, crs, say)
    sizes = np.abs([transform.a, transform.e])
    start = np.array([transform.c, transform.f])
    with np.errstate(all="ignore"):
        places = np.abs([start, start + sizes * (dataset.width, dataset.height)]) / sizes
    if not np.isfinite(transform[:6]).all():
        say("bad-transform", "places its pixels at coordinates that are no numbers", _GEOREFERENCE)
    elif transform.is_identity:
        say("not-georeferenced", "does not say where its pixels lie", _GEOREFERENCE)
    elif transform.b or transform.d:
        say("rotated", "its rows do not run west to east", "turn it upright with gdalwarp")
    elif not (places < _MOST_PLACES).all():
        say(
            "bad-transform",
            f"has pixels of {sizes[0]:g} x {sizes[1]:g}, too small for its coordinates",
            _GEOREFERENCE,
        )
    elif own_crs is not None and own_crs.is_geographic:
        _check_degrees(dataset.bounds, abs(transform.a), say)
    if len(report.issues) > n_before or own_crs is None:
        return None
    t = transform
    h = dataset.height
    w = dataset.width
    block_h, block_w = dataset.block_shapes[0]
    if block_w >= w:
        step = max(1, _WINDOW // w // block_h) * block_h, w
    else:
        step = max(1, _SIDE // block_h) * block_h, max(1, _SIDE // block_w) * block_w
    return Tile(
        path=path,
        band=band or 1,
        crs=own_crs,
        x0=min(t.c, t.c + t.a * w),
        y0=min(t.f, t.f + t.e * h),
        dx=abs(t.a),
        dy=abs(t.e),
        height=h,
        width=w,
        flip_rows=t.e < 0,
        flip_columns=t.a < 0,
        step=step,
    )


def _check_numbers(dataset: Any, band: int, say: Any) -> None:
    dtype = (
        np.dtype(dataset.dtypes[band - 1])
        if "complex" not in dataset.dtypes[band - 1]
        else np.dtype(complex)
    )
    if dtype.kind not in "iuf":
        remedy = "give a raster of whole or decimal numbers"
        say("wrong-dtype", "holds complex numbers", remedy, field="dtype", value=str(dtype))
    if dataset.colorinterp[band - 1].name == "palette":
        say(
            "wrong-dtype",
            "holds classes with a table of colours, no amounts",
            "give a raster of people",
        )


def _crs_of(dataset: Any, crs: Any, say: Any) -> Any:
    from pyproj import CRS

    if dataset.crs is None:
        if crs is None:
            say("missing-crs", "states no CRS", f"say which: {CHOOSE_CRS}")
        return crs
    own = CRS.from_wkt(dataset.crs.to_wkt())
    if crs is not None and not own.equals(crs, ignore_axis_order=True):
        message = f"states another CRS than {crs.name!r}, which was given"
        say("crs-differs", message, DROP_CRS, field="crs", value=own.name)
    return own


def _check_degrees(bounds: Any, pixel: float, say: Any) -> None:
    if (
        bounds.left < -180 - pixel
        or bounds.right > 180 + pixel
        or min(bounds.bottom, bounds.top) < -90 - pixel
        or max(bounds.bottom, bounds.top) > 90 + pixel
    ):
        value = f"{bounds.left:g}, {bounds.bottom:g}, {bounds.right:g}, {bounds.top:g}"
        say(
            "out-of-range",
            "is not within -180 to 180 degrees east and -90 to 90 degrees north",
            "shift it with gdalwarp -t_srs EPSG:4326, or correct its CRS",
            field="bounds",
            value=value,
        )


def place_tiles(tiles: Sequence[Tile], issues: list[Issue]) -> list[Tile]:
    """Return the tiles with their places on the common grid, and report those that do not fit on it
    or overlap.
    """
    first = tiles[0]
    x0 = min(tile.x0 for tile in tiles)
    y0 = min(tile.y0 for tile in tiles)
    placed = []
    for tile in tiles:
        row = (tile.y0 - y0) / first.dy
        column = (tile.x0 - x0) / first.dx
        drift = max(
            abs(tile.dx / first.dx - 1) * tile.width, abs(tile.dy / first.dy - 1) * tile.height
        )
        what = ""
        if not tile.crs.equals(first.crs, ignore_axis_order=True):
            what = f"CRS {tile.crs.name!r}, {first.path.name} {first.crs.name!r}"
        elif drift > _ALIGNED:
            what = (
                f"pixels of {tile.dx:g} x {tile.dy:g}, {first.path.name} of {first.dx:g} x "
                f"{first.dy:g}"
            )
        elif max(abs(row - round(row)), abs(column - round(column))) > _ALIGNED:
            what = f"pixels that stand between those of {first.path.name}"
        if what:
            remedy = "bring the tiles to one grid with gdalwarp, or read one alone"
            issues.append(
                Issue("error", "tiles-differ", f"has {what}", tile.path.name, remedy=remedy)
            )
        placed.append(replace(tile, row=round(row), column=round(column)))
    raise_errors("raster", issues)
    for tile, other in combinations(placed, 2):
        rows = min(tile.span[2], other.span[2]) - max(tile.row, other.row)
        columns = min(tile.span[3], other.span[3]) - max(tile.column, other.column)
        if rows > 0 and columns > 0:
            name = str(other.path) if other.path.name == tile.path.name else other.path.name
            message = f"{rows:,} x {columns:,} pixels are also in {name}: they would count twice"
            if other.path == tile.path:
                message = "is given twice: its pixels would count twice"
            remedy = "leave one of the two out, or cut it"
            issues.append(Issue("error", "tiles-overlap", message, tile.path.name, remedy=remedy))
    raise_errors("raster", issues)
    return placed


class PixelBox:
    """The requested box (None for everything) on the pixels of a raster."""

    def __init__(
        self, crs: Any, origin: tuple[float, float], size: tuple[float, float], within: Box | None
    ) -> None:
        from pyproj import CRS, Transformer

        self.crs = crs
        self.origin = origin
        self.size = size
        self.within = within
        self._plain = crs.equals(CRS.from_epsg(4326), ignore_axis_order=True)
        self._to_degrees = Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
        #: first row and column, and those after the last, of pixels that may lie in the box; None
        #: for all
        self.bounds: tuple[int, int, int, int] | None = None
        if within is not None:
            back = Transformer.from_crs("EPSG:4326", crs, always_xy=True)
            edges = within if self._plain else back.transform_bounds(*within, densify_pts=101)
            if np.isfinite(edges).all():
                low = [int(np.floor((edges[k] - origin[k]) / size[k])) - 1 for k in (1, 0)]
                high = [int(np.ceil((edges[k + 2] - origin[k]) / size[k])) + 1 for k in (1, 0)]
                self.bounds = low[0], low[1], high[0], high[1]

    def degrees(self, row: Any, column: Any) -> tuple[Floats, Floats]:
        """Return lon and lat of pixel centres."""
        x = self.origin[0] + (np.asarray(column) + 0.5) * self.size[0]
        y = self.origin[1] + (np.asarray(row) + 0.5) * self.size[1]
        if self._plain:
            return np.asarray(x), np.asarray(y)
        lon, lat = self._to_degrees.transform(x, y)
        return np.asarray(lon), np.asarray(lat)

    def outlines(self, rectangles: Sequence[Rectangle]) -> NDArray[Any]:
        """Return shapely boxes of rectangles of pixels."""
        import shapely

        south, west, north, east = np.array(rectangles, np.float64).reshape(-1, 4).T
        x0, y0 = self.origin
        dx, dy = self.size
        return np.asarray(
            shapely.box(x0 + west * dx, y0 + south * dy, x0 + east * dx, y0 + north * dy)
        )

    def meets(self, first_row: int, first_column: int, end_row: int, end_column: int) -> bool:
        """Return whether a rectangle may have pixels in the box."""
        if self.bounds is None:
            return True
        south, west, north, east = self.bounds
        return first_row < north and end_row > south and first_column < east and end_column > west

    def holds(self, row: Any, column: Any) -> Bools:
        """Return bool (n,) which pixels have their centre in the box."""
        if self.within is None:
            return np.ones(len(row), dtype=bool)
        west, south, east, north = self.within
        lon, lat = self.degrees(row, column)
        return np.asarray((lon >= west) & (lon < east) & (lat >= south) & (lat < north))


def find_gaps(tiles: Sequence[Tile], box: PixelBox) -> tuple[list[Rectangle], list[str]]:
    """Return the rectangles between the tiles that no tile covers, and a note if the box reaches
    beyond all tiles.

    A rectangle is a missing tile, or a part of one, within the outermost edges of the tiles.
    """
    spans = [tile.span for tile in tiles]
    rows = sorted({edge for s in spans for edge in (s[0], s[2])})
    columns = sorted({edge for s in spans for edge in (s[1], s[3])})
    gaps = [
        (a, c, b, d)
        for a, b in pairwise(rows)
        for c, d in pairwise(columns)
        if not any(s[0] <= a and b <= s[2] and s[1] <= c and d <= s[3] for s in spans)
    ]
    whole = rows[0], columns[0], rows[-1], columns[-1]
    south, west, north, east = box.bounds or whole
    beyond = [
        (south, west, whole[0], east),
        (whole[2], west, north, east),
        (south, west, north, whole[1]),
        (south, whole[3], north, east),
    ]
    if not any(_place(*side, box) for side in beyond):
        return gaps, []
    known = _place(*whole, box)
    return gaps, [f"within the box asked for it tells of {known}; no data beyond"]


def find_blocks(dataset: Any, tile: Tile, box: PixelBox) -> tuple[list[Rectangle], list[Rectangle]]:
    """Return the rectangles of a file's pixels that are present, and those of missing blocks (of a
    sparse GeoTIFF).
    """
    if dataset.driver != "GTiff" or not box.meets(*tile.span):
        return [tile.span], []
    height, width = dataset.block_shapes[tile.band - 1]
    present = np.array(
        [
            [
                dataset.get_tag_item(f"BLOCK_OFFSET_{column}_{row}", "TIFF", bidx=tile.band)
                is not None
                for column in range(-(-tile.width // width))
            ]
            for row in range(-(-tile.height // height))
        ]
    )
    if present.all():
        return [tile.span], []

    def on_grid(rectangles: list[Rectangle]) -> list[Rectangle]:
        out = []
        for top, left, bottom, right in rectangles:
            rows = np.minimum([top * height, bottom * height], tile.height)
            columns = np.minimum([left * width, right * width], tile.width)
            rows = tile.height - rows[::-1] if tile.flip_rows else rows
            columns = tile.width - columns[::-1] if tile.flip_columns else columns
            south, north = (rows + tile.row).tolist()
            west, east = (columns + tile.column).tolist()
            out.append((south, west, north, east))
        return out

    return on_grid(_rectangles(present)), on_grid(_rectangles(~present))


def _rectangles(chosen: Bools) -> list[Rectangle]:
    """Return disjoint rectangles (first row, first column, row after, column after) that cover the
    chosen places.

    Equal rows share rectangles.
    """
    rectangles = []
    edges = np.flatnonzero((chosen[1:] != chosen[:-1]).any(axis=1)) + 1
    for top, bottom in pairwise([0, *edges.tolist(), len(chosen)]):
        steps = np.flatnonzero(np.diff(chosen[top].astype(np.int8), prepend=0, append=0)).tolist()
        rectangles += [
            (top, left, bottom, right) for left, right in zip(steps[::2], steps[1::2], strict=True)
        ]
    return rectangles


def say_gaps(gaps: Sequence[Rectangle], box: PixelBox, file: str, issues: list[Issue]) -> None:
    """Warn of every rectangle of missing pixels that touches the box."""
    places = [place for gap in gaps if (place := _place(*gap, box))]
    texts = (f"no pixels between {place}: no data there, no people are counted" for place in places)
    remedy = "add the tile, or fetch the file again"
    found = (Issue("warning", "missing-tile", message, file, remedy=remedy) for message in texts)
    issues += named(found, len(places), "places like this")


def _place(south: int, west: int, north: int, east: int, box: PixelBox) -> str | None:
    """Return the part of a rectangle of pixels in the box as text in degrees; None without one."""
    if south >= north or west >= east:
        return None
    rows = np.unique(np.linspace(south, north - 1, 33).astype(np.int64))
    columns = np.unique(np.linspace(west, east - 1, 33).astype(np.int64))
    row, column = (axis.ravel() for axis in np.meshgrid(rows, columns, indexing="ij"))
    lon, lat = box.degrees(row, column)
    inside = np.isfinite(lon) & np.isfinite(lat) & box.holds(row, column)
    if not inside.any():
        return None
    lon = lon[inside]
    lat = lat[inside]
    return (
        f"{lon.min():.3f} and {lon.max():.3f} degrees east, {lat.min():.3f} and "
        f"{lat.max():.3f} degrees north"
    )


def check_box(within: Box | None) -> Box | None:
    """Return the box as floats; ParameterError when it is no box of degrees, or empty."""
    if within is None:
        return None
    try:
        west, south, east, north = (float(edge) for edge in within)
    except (TypeError, ValueError):
        raise ParameterError(
            f"within {within!r} is not (west, south, east, north) in degrees"
        ) from None
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise ParameterError(
            f"within {within!r} is not west < east within -180 to 180 and south < north within -90 "
            "to 90"
        )
    return west, south, east, north
