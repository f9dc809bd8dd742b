"""Conversion between the datums of maps of China: WGS84, GCJ-02 (Amap, Tencent, Google in China)
and BD-09 (Baidu).

GCJ-02 and BD-09 are not published. The formulas are the ones in circulation, which agree with maps
(see Wikipedia, "Restrictions on geographic data in China"): GCJ-02 adds a polynomial and sines of
the position, in metres, converted to degrees on the ellipsoid of Krasovsky 1940; BD-09 takes GCJ-02
degrees as plane coordinates, converts them to polar ones, adds a sine to the radius and a cosine to
the angle, and a constant to both axes.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from railshed.util.array_types import Bools, Floats
from railshed.util.errors import ParameterError

WGS84 = "wgs84"
GCJ02 = "gcj02"
BD09 = "bd09"
DATUMS = (WGS84, GCJ02, BD09)
#: west, south, east, north of the box within which the formulas apply; coordinates outside it do
#: not change
SHIFTED_BOX = (72.004, 0.8293, 137.8347, 55.8271)
#: Krasovsky 1940: semi-major axis in metres, first eccentricity squared
_AXIS_M = 6_378_245.0
_ECCENTRICITY_2 = 0.006_693_421_622_965_943_23
#: each round brings the inverse nearer by a factor of 50 or more: from 1.5 km to below the rounding
#: of float64
_ROUNDS = 12
#: BD-09: radians a degree of the sine, and constant shifts in degrees
_BD_FREQUENCY = math.pi * 3000 / 180
_BD_LON = 0.0065
_BD_LAT = 0.006
_Shift = Callable[[Floats, Floats], tuple[Floats, Floats]]


def check_datum(name: str) -> str:
    """Return the name of the datum if it is known; ParameterError when it is none of `DATUMS`."""
    if name not in DATUMS:
        raise ParameterError(f"unknown datum {name!r}; allowed: {', '.join(DATUMS)}")
    return name


def to_wgs84(lon: ArrayLike, lat: ArrayLike, datum: str) -> tuple[Floats, Floats]:
    """Return WGS84 longitudes and latitudes, float64 degrees, of coordinates in `datum`.

    Parameters
    ----------
    lon, lat
        Degrees, of one shape; NaN stays NaN.
    datum
        One of `DATUMS`.

    Raises ParameterError when the datum is not known.

    Notes ----- The exact inverse of the formulas, by fixed-point iteration, to 1e-9 degrees (0.1
    mm). `SHIFTED_BOX` is a crude box around China that covers its neighbours too: there, and in
    Hong Kong, Macao and Taiwan, most providers use WGS84, and declaring GCJ-02 moves such places by
    up to 700 m. Coordinates outside the box do not change, so the inverse is not exact within 1.5
    km of its edge, far from any railway of mainland China.
    """
    return _moved(lon, lat, tuple(_inverse(step) for step in reversed(_steps(check_datum(datum)))))


def turned_note(lon: ArrayLike, lat: ArrayLike, datum: str) -> str:
    """Return a note on the number of places that were converted from a datum other than WGS84."""
    inside = in_shifted_box(lon, lat)
    n = int(np.count_nonzero(inside))
    n_all = int(np.isfinite(np.asarray(lon) + np.asarray(lat)).sum())
    if n == n_all:
        return f"{n:,} coordinates turned from {datum} into WGS84"
    return (
        f"{n:,} of {n_all:,} coordinates turned from {datum} into WGS84; the others lie "
        "outside the box around China"
    )


def in_shifted_box(lon: ArrayLike, lat: ArrayLike) -> Bools:
    """Return bool, of the coordinates' shape, which of them lie within `SHIFTED_BOX`."""
    west, south, east, north = SHIFTED_BOX
    lon = np.asarray(lon)
    lat = np.asarray(lat)
    return np.asarray((west <= lon) & (lon <= east) & (south <= lat) & (lat <= north))


def _steps(datum: str) -> tuple[_Shift, ...]:
    return {WGS84: (), GCJ02: (_add_gcj02,), BD09: (_add_gcj02, _add_bd09)}[datum]


def _moved(lon: ArrayLike, lat: ArrayLike, steps: tuple[_Shift, ...]) -> tuple[Floats, Floats]:
    """Return copies with the steps applied in turn to the coordinates within the box."""
    lon = np.array(lon, dtype=np.float64)
    lat = np.array(lat, dtype=np.float64)
    inside = in_shifted_box(lon, lat)
    for step in steps:
        lon[inside], lat[inside] = step(lon[inside], lat[inside])
    return lon, lat


def _inverse(step: _Shift) -> _Shift:
    def undo(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
        x = lon
        y = lat
        for _ in range(_ROUNDS):
            ahead_lon, ahead_lat = step(x, y)
            x = x + (lon - ahead_lon)
            y = y + (lat - ahead_lat)
        return x, y

    return undo


def _add_gcj02(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    x = lon - 105
    y = lat - 35
    both = _sines(x, (20, 6), (20, 2))
    east_m = 300 + x + 2 * y + 0.1 * (x * x + x * y + np.sqrt(np.abs(x)))
    east_m += both + _sines(x, (20, 1), (40, 1 / 3), (150, 1 / 12), (300, 1 / 30))
    north_m = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x))
    north_m += both + _sines(y, (20, 1), (40, 1 / 3), (160, 1 / 12), (320, 1 / 30))
    phi = np.radians(lat)
    bend = 1 - _ECCENTRICITY_2 * np.sin(phi) ** 2
    parallel_m = _AXIS_M / np.sqrt(bend) * np.cos(phi)
    meridian_m = _AXIS_M * (1 - _ECCENTRICITY_2) / bend**1.5
    return lon + np.degrees(east_m / parallel_m), lat + np.degrees(north_m / meridian_m)


def _sines(at: Floats, *terms: tuple[float, float]) -> Floats:
    """Return two thirds of the sum of amplitude times sin(pi * frequency * at)."""
    return np.asarray(sum(a * np.sin(math.pi * f * at) for a, f in terms) * (2 / 3))


def _add_bd09(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    radius = np.hypot(lon, lat) + 2e-5 * np.sin(_BD_FREQUENCY * lat)
    angle = np.arctan2(lat, lon) + 3e-6 * np.cos(_BD_FREQUENCY * lon)
    return radius * np.cos(angle) + _BD_LON, radius * np.sin(angle) + _BD_LAT
