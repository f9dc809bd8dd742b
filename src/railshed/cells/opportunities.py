"""People, jobs, schools and whatever else is reached: any number of columns at points, in areas or
in pixels.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import shapely
from numpy.typing import NDArray

from railshed.cells.cell_keys import cell_keys
from railshed.cells.rasterize import Lattice
from railshed.util.array_types import Floats, Ints64
from railshed.util.errors import InputError, Issue

Kind = Literal["points", "areas", "raster"]
#: west, south, east, north in degrees
Box = tuple[float, float, float, float]
#: the name that a column of people has after reading
PEOPLE = "people"
#: more people than there are, and more of anything than is counted: larger numbers are none
MOST_PEOPLE = 1e10
MOST = 1e15


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """Points in the coordinates of the source's CRS; float64 (n,) each."""

    x: Floats
    y: Floats

    def __len__(self) -> int:
        return len(self.x)

    def arrays(self) -> list[NDArray[Any]]:
        """Return the columns that sort them: coordinates or geometry."""
        return [self.x, self.y]


@dataclass(frozen=True, slots=True, eq=False)
class Areas:
    """Valid polygons and multipolygons of shapely, in the source's CRS."""

    polygons: NDArray[Any]

    def __len__(self) -> int:
        return len(self.polygons)

    def arrays(self) -> list[NDArray[Any]]:
        """Return the columns that sort them: coordinates or geometry."""
        return [np.frombuffer(b"".join(shapely.to_wkb(self.polygons, byte_order=1)), np.uint8)]


@dataclass(frozen=True, slots=True, eq=False)
class Pixels:
    """The pixels of a raster with a value, sorted by row, then column.

    Pixel (row, column) covers x in [x0 + column * dx, x0 + (column + 1) * dx) and y likewise: rows
    are counted from the south, in either order of the file.
    """

    x0: float
    y0: float
    dx: float
    dy: float
    row: Ints64
    column: Ints64

    def __len__(self) -> int:
        return len(self.row)

    def arrays(self) -> list[NDArray[Any]]:
        """Return the columns that sort them: coordinates or geometry."""
        return [np.array([self.x0, self.y0, self.dx, self.dy]), self.row, self.column]

    @property
    def lattice(self) -> Lattice:
        """The pixels' centres."""
        return Lattice(self.x0, self.y0, self.dx, self.dy)

    def centre(self, idx: Ints64) -> tuple[Floats, Floats]:
        """Return x, y of the centres of some pixels."""
        x = self.x0 + (self.column[idx] + 0.5) * self.dx
        y = self.y0 + (self.row[idx] + 0.5) * self.dy
        return np.asarray(x), np.asarray(y)

    def index(self, x: Floats, y: Floats) -> tuple[Ints64, Ints64, NDArray[np.bool_]]:
        """Return row and column of the pixels at these points, and which points are finite."""
        finite = np.isfinite(x) & np.isfinite(y)
        column = np.floor((np.where(finite, x, self.x0) - self.x0) / self.dx)
        row = np.floor((np.where(finite, y, self.y0) - self.y0) / self.dy)
        return row.astype(np.int64), column.astype(np.int64), finite


@dataclass(frozen=True, slots=True, eq=False)
class Opportunities:
    """Opportunities in columns by name, in a fixed order.

    `of_points`, `of_areas` and `of_pixels` build them.
    """

    geometry: Points | Areas | Pixels
    #: pyproj.CRS of the geometry
    crs: Any
    columns: tuple[str, ...]
    #: float64 (n, n_columns), finite and not negative
    values: Floats
    #: shapely polygons, in the source's CRS, of the land that the source tells of. Pixels: the
    #: rectangle around them, a reader's those of its files. Points: their convex hull. Areas: the
    #: small holes between them (`holes_between`), as the areas are their own footprint
    footprint: NDArray[Any]
    label: str = ""
    credit: str = ""
    year: int | None = None
    #: sha256 by file name
    checksums: Mapping[str, str] = field(default_factory=dict)
    #: what was cut, left out, mended or is worth knowing, in words with counts
    notes: tuple[str, ...] = ()
    issues: tuple[Issue, ...] = ()
    #: the box that was read, None for all, and the sums outside it: float64 (n_columns,)
    within: Box | None = None
    cut: Floats | None = None

    @classmethod
    def of_points(
        cls, x: Any, y: Any, values: Mapping[str, Any], crs: Any = "EPSG:4326", **about: Any
    ) -> Opportunities:
        """Return opportunities at points.

        Raises InputError when a number is not finite or is negative, or lengths differ.
        """
        x = np.asarray(x, np.float64)
        y = np.asarray(y, np.float64)
        return _make(cls, lambda order: Points(x[order], y[order]), [x, y], values, crs, about)

    @classmethod
    def of_areas(
        cls, polygons: Any, values: Mapping[str, Any], crs: Any = "EPSG:4326", **about: Any
    ) -> Opportunities:
        """Return opportunities in polygons, each divided evenly over its area.

        Raises InputError when a geometry is no valid (multi)polygon with an area, a number is not
        finite or is negative, or lengths differ.
        """
        shapes = np.asarray(polygons, dtype=object)
        bad = ~(np.isin(shapely.get_type_id(shapes), (3, 6)) & shapely.is_valid(shapes)) | (
            shapely.area(shapes) <= 0
        )
        if bad.any():
            row = int(np.flatnonzero(bad)[0]) + 1
            raise InputError(
                f"{int(bad.sum()):,} of {len(shapes):,} areas are no valid polygons with an area, "
                f"the first in row {row}; mend them with shapely.make_valid, or read the file with "
                "read_opportunities"
            )
        bounds = shapely.bounds(shapes).reshape(-1, 4)
        shape_rank = np.unique(shapely.to_wkb(shapes), return_inverse=True)[1]
        keys = [
            shape_rank,
            bounds[:, 3],
            bounds[:, 2],
            bounds[:, 0],
            bounds[:, 1],
        ]  # from south to north
        return _make(cls, lambda order: Areas(shapes[order]), keys, values, crs, about)

    @classmethod
    def of_pixels(
        cls,
        origin: tuple[float, float],
        size: tuple[float, float],
        row: Any,
        column: Any,
        values: Mapping[str, Any],
        crs: Any,
        **about: Any,
    ) -> Opportunities:
        """Return opportunities in pixels: `origin` is the lower left corner of row 0, column 0,
        rows go north.

        Raises InputError when a pixel comes twice, a number is not finite or is negative, or
        lengths differ.
        """
        row = np.asarray(row, np.int64)
        column = np.asarray(column, np.int64)
        x0, y0 = origin
        dx, dy = size
        if not (dx > 0 and dy > 0):
            raise InputError(f"pixel size {dx:g} x {dy:g} is not above zero")
        if row.shape != column.shape:
            raise InputError(f"{row.shape} rows and {column.shape} columns of pixels are given")

        def geometry(order: Ints64) -> Pixels:
            pixels = Pixels(x0, y0, dx, dy, row[order], column[order])
            if not (np.diff(cell_keys(pixels.row, pixels.column)) > 0).all():
                raise InputError("a pixel of the raster is given twice")
            return pixels

        return _make(cls, geometry, [cell_keys(row, column)], values, crs, about)

    @property
    def kind(self) -> Kind:
        """points, areas or raster."""
        kinds: dict[type, Kind] = {Points: "points", Areas: "areas", Pixels: "raster"}
        return kinds[type(self.geometry)]

    @property
    def totals(self) -> Floats:
        """Return float64 (n_columns,) sums."""
        return np.asarray(self.values.sum(axis=0))

    def without_people(self) -> Opportunities:
        """Return the other columns, which are counted beside the network's own people."""
        chosen = [k for k, name in enumerate(self.columns) if name != PEOPLE]
        return replace(
            self,
            columns=tuple(self.columns[k] for k in chosen),
            values=np.ascontiguousarray(self.values[:, chosen]),
            cut=None if self.cut is None else self.cut[chosen],
        )

    def fingerprint(self) -> str:
        """Return a hash of the files and columns that were read; of what has no file, of places and
        numbers.

        The box that was read changes no hash: circles are within it.
        """
        digest = hashlib.sha256(
            repr((sorted(self.checksums.items()), self.columns, str(self.crs))).encode()
        )
        if not self.checksums:
            digest.update(self.values.tobytes())
            for part in self.geometry.arrays():
                digest.update(part.tobytes())
        return digest.hexdigest()

    def __len__(self) -> int:
        return len(self.values)

    def __repr__(self) -> str:
        sums = ", ".join(
            f"{name} {total:,.0f}" for name, total in zip(self.columns, self.totals, strict=True)
        )
        return f"<Opportunities {self.label or 'unnamed'}: {len(self):,} {self.kind}; {sums}>"

    def column(self, name: str = PEOPLE) -> int:
        """Return the index of a column; people are never guessed.

        Raises InputError when there is none of this name.
        """
        if name not in self.columns:
            hint = (
                "; say which one it is with columns=... or --population-columns"
                if self.columns
                else ""
            )
            raise InputError(
                f"{self.label or 'opportunities'}: no column is {name!r} (columns: "
                f"{', '.join(self.columns)}){hint}"
            )
        return self.columns.index(name)


def _make(
    cls: type[Opportunities],
    geometry: Any,
    keys: list[Any],
    values: Mapping[str, Any],
    crs: Any,
    about: Mapping[str, Any],
) -> Opportunities:
    from pyproj import CRS

    n = len(keys[0])
    arrays = [np.asarray(values[name], np.float64) for name in values]
    for name, array in zip([*values, *[""] * len(keys)], [*arrays, *keys], strict=True):
        what = f"column {name!r}" if name else "geometry"
        if array.shape != (n,):
            raise InputError(f"{what} has {array.shape} values, {n} are needed")
        bad = ~np.isfinite(array) if array.dtype.kind == "f" else np.zeros(n, dtype=bool)
        if name:
            bad |= (array < 0) | (array > most_allowed(name))
        if bad.any():
            row = int(np.flatnonzero(bad)[0])
            allowed = f"between 0 and {most_allowed(name):g}" if name else "finite"
            raise InputError(
                f"{what}: {int(bad.sum()):,} values are not {allowed}, the first in row {row + 1} "
                f"({array[row]})"
            )
    if len(keys) == 1:  # one key is enough, and already sorted where a raster is read row by row
        order = np.argsort(keys[0], kind="stable")
    else:
        by_name = [
            array for _, array in sorted(zip(values, arrays, strict=True), key=lambda pair: pair[0])
        ]
        order = np.lexsort([*by_name, *keys])
    table = np.column_stack(arrays)[order] if arrays else np.empty((n, 0))
    ordered = geometry(order)
    about = dict(about)
    land = about.pop("footprint") if "footprint" in about else _land_of(ordered)
    return cls(
        ordered, CRS.from_user_input(crs), tuple(values), np.ascontiguousarray(table), land, **about
    )


def most_allowed(column: str) -> float:
    """Return the largest value that a column may have."""
    return MOST_PEOPLE if column == PEOPLE else MOST


def hull_of(x: Floats, y: Floats) -> NDArray[Any]:
    """Return the convex hull of points as an array of one polygon, none where they have no area."""
    hull = shapely.convex_hull(shapely.multipoints(np.column_stack([x, y]))) if len(x) else None
    return np.array([hull] if isinstance(hull, shapely.Polygon) else [], dtype=object)


def holes_between(polygons: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the holes that areas enclose as polygons: the small ones, and those that may be an
    area left out.

    A small one has less than half the area of the middling polygon (the median): a gap, or a lake
    without people.
    """
    valid = hasattr(shapely, "coverage_is_valid") and shapely.coverage_is_valid(polygons)
    whole = shapely.coverage_union_all(polygons) if valid else shapely.union_all(polygons)
    rings = []
    parts = shapely.get_parts(whole)
    for part in parts[shapely.get_num_interior_rings(parts) > 0]:
        rings += list(part.interiors)
    holes = shapely.polygons(rings) if rings else np.empty(0, dtype=object)
    small = (
        shapely.area(holes) < np.median(shapely.area(polygons)) / 2
        if rings
        else np.empty(0, dtype=bool)
    )
    return holes[small], holes[~small]


def _land_of(geometry: Points | Areas | Pixels) -> NDArray[Any]:
    """Return what a source tells of, as far as its geometry shows (see
    `Opportunities.footprint`).
    """
    if isinstance(geometry, Points):
        return hull_of(geometry.x, geometry.y)
    if not len(geometry):
        return np.empty(0, dtype=object)
    if isinstance(geometry, Areas):
        return holes_between(geometry.polygons)[0]
    low, high = (np.array([f(geometry.column), f(geometry.row)]) for f in (np.min, np.max))
    size = np.array([geometry.dx, geometry.dy])
    origin = np.array([geometry.x0, geometry.y0])
    return np.array(
        [shapely.box(*(origin + low * size), *(origin + (high + 1) * size))], dtype=object
    )


def points_inside(polygons: NDArray[Any]) -> tuple[Floats, Floats]:
    """Return x, y of a point inside each polygon."""
    points = shapely.point_on_surface(polygons)
    return shapely.get_x(points), shapely.get_y(points)
