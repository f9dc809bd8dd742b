"""The plane that a map is drawn on: a local equal-area one, or a CRS that the user names."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pyproj

from railshed.maps import words
from railshed.util.array_types import Floats
from railshed.util.bilingual import Words, fill
from railshed.util.errors import ParameterError
from railshed.util.phrases import MAP

#: EPSG code, text that PROJ reads, or None: the map's own
Crs = str | int | None

#: a share by which the scale may differ within a map before the sheet says so
_UNEVEN = 0.01
#: degrees between north and up from which a CRS is refused outside the area that it is for
_ASIDE_DEG = 30


@dataclass(frozen=True, slots=True)
class Projection:
    """A projected CRS as PROJ reads it, and its texts on the sheet."""

    crs: str
    #: in the foot
    text: Words
    #: next to the scale bar
    brief: Words
    #: drawn by the map itself: the bar holds for all of it
    own: bool = False


#: of the map of all agglomerations: Albers equal-area
NATIONAL = Projection(
    "+proj=aea +lat_1=25 +lat_2=47 +lat_0=0 +lon_0=105 +datum=WGS84 +units=m +no_defs",
    MAP["projection_national"],
    MAP["albers"],
    own=True,
)


def check_crs(crs: Crs) -> pyproj.CRS | None:
    """Return the CRS, None for none.

    Raises ParameterError when nothing is known by that name, or it is neither projected nor
    geographic.
    """
    if crs is None:
        return None
    try:
        found = pyproj.CRS.from_user_input(crs)
    except pyproj.exceptions.CRSError as error:
        raise ParameterError(
            f"CRS {crs!r}: no such CRS; write e.g. EPSG:4490, EPSG:4547 or 32648"
        ) from error
    if not (found.is_projected or found.is_geographic) or found.is_vertical:
        raise ParameterError(
            f"CRS {crs!r} ({found.name}): allowed are projected and geographic ones"
        )
    return found


def local_crs(lon: float, lat: float) -> str:
    """Return the equal-area CRS centred here, in metres; lengths are true within 0.1 % up to 350 km
    away.
    """
    return f"+proj=laea +lat_0={lat:.4f} +lon_0={lon:.4f} +datum=WGS84 +units=m +no_defs"


def local_projection(crs: Crs, lon: float, lat: float) -> Projection:
    """Return the projection of a map around a place: the requested CRS, else the local equal-area
    one.
    """
    if crs is not None:
        return named_projection(crs, lon, lat)
    return Projection(
        local_crs(lon, lat), fill(MAP["projection"], words.degrees(lon, lat)), MAP["laea"], own=True
    )


def named_projection(crs: Crs, lon: float, lat: float) -> Projection:
    """Return the projection of a CRS; a geographic one is drawn with degrees of latitude and
    longitude true here.

    Raises ParameterError as `check_crs`, or when the CRS has no place for this one.
    """
    found = check_crs(crs)
    assert found is not None
    code = found.to_authority()
    name = f"{':'.join(code)} {found.name}" if code else found.name
    geodetic = found.geodetic_crs
    datum = "" if geodetic is None else geodetic.name
    if found.datum:
        datum = found.datum.name
    flat: pyproj.CRS = found.to_2d()
    text = fill(MAP["named_crs"], name, datum)
    if found.is_geographic:
        # in plain degrees east and north differ in scale; a parallel at the middle latitude makes
        # them equal there
        conversion = pyproj.crs.coordinate_operation.EquidistantCylindricalConversion(
            latitude_first_parallel=round(lat, 2), longitude_natural_origin=0.0
        )
        flat = pyproj.crs.ProjectedCRS(
            conversion, name=f"{found.name} / plate carree", geodetic_crs=flat
        )
        text = fill(MAP["geographic"], name, datum, words.degrees(lon, lat).partition(" ")[2])
    projection = Projection(flat.to_wkt(), text, Words(name))
    if not np.isfinite(to_metres(projection.crs, lon, lat)).all():
        raise ParameterError(
            f"map CRS {crs!r} ({found.name}) has no place for {words.degrees(lon, lat)}"
        )
    aside = abs(
        float(ground_at(projection.crs, to_metres(projection.crs, lon, lat), 1_000.0)[1][0])
    )
    if aside > _ASIDE_DEG and found.area_of_use is not None:
        west, south, east, north = (
            found.area_of_use.bounds
        )  # west is more than east across 180 degrees
        wide = (east - west) % 360 if east < west else east - west
        if not (south <= lat <= north and (lon - west) % 360 <= wide):
            far = (
                f"map CRS {crs!r} ({found.name}) is for {west:g} to {east:g} east, {south:g} to "
                f"{north:g} north: at "
            )
            raise ParameterError(
                f"{far}{words.degrees(lon, lat)} north lies {aside:.0f} degrees aside of up; take "
                "a CRS of that place"
            )
    return projection


@cache
def transformer(crs: str) -> pyproj.Transformer:
    """Return the way from WGS 84 degrees (longitude first) to the CRS."""
    return pyproj.Transformer.from_crs("EPSG:4326", crs, always_xy=True)


@cache
def unit_m(crs: str) -> float:
    """Return the metres of the CRS's unit."""
    axes = pyproj.CRS.from_user_input(crs).axis_info
    return float(axes[0].unit_conversion_factor) if axes else 1.0


def to_metres(crs: str, lon: Any, lat: Any) -> Floats:
    """Return degrees as metres of the plane, (n, 2)."""
    return np.column_stack(transformer(crs).transform(lon, lat)) * unit_m(crs)


def to_degrees(crs: str, xy: Floats) -> Floats:
    """Return metres of the plane (n, 2) as lon, lat."""
    plane = xy / unit_m(crs)
    return np.column_stack(
        transformer(crs).transform(plane[:, 0], plane[:, 1], direction="INVERSE")
    )


def ground_at(crs: str, xy: Floats, step_m: float) -> tuple[Floats, Floats]:
    """Return scale and north at points (n, 2) of the plane, measured over `step_m`.

    Scale: metres on the ground over metres of the plane, eastwards. North: degrees by which it lies
    to the right of up.
    """
    geod = pyproj.Geod(ellps="WGS84")
    side = np.array([step_m / 2, 0.0])
    up = np.array([0.0, step_m / 2])
    west = to_degrees(crs, xy - side)
    east = to_degrees(crs, xy + side)
    south = to_degrees(crs, xy - up)
    north = to_degrees(crs, xy + up)
    metres = geod.inv(west[:, 0], west[:, 1], east[:, 0], east[:, 1])[2]
    azimuth = geod.inv(south[:, 0], south[:, 1], north[:, 0], north[:, 1])[0]
    return np.asarray(metres) / step_m, -np.asarray(azimuth)


def uneven_words(scales: Floats, middle: float) -> Words | None:
    """Return by how much lengths differ from the bar over the map, None where by next to
    nothing.
    """
    if not np.isfinite(scales).all():
        return MAP["uneven_beyond"]
    off = float(np.abs(scales / middle - 1).max())
    return None if off < _UNEVEN else fill(MAP["uneven"], f"{100 * off:.0f}")
