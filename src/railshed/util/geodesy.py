"""Distances on the sphere, of places in degrees."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from railshed.util.errors import ParameterError

#: a point as a user writes it
LON_LAT = re.compile(r"\s*([-+]?\d+(?:\.\d+)?)\s*,\s*([-+]?\d+(?:\.\d+)?)\s*", re.ASCII)

#: metres, mean radius of the earth
MEAN_RADIUS_M = 6_371_000.0

#: metres, radius of the sphere that lengths of streets are measured on, as in osmnx
STREET_RADIUS_M = 6_371_009.0

#: metres of a degree of latitude on the sphere of the streets
STREET_DEGREE_M = STREET_RADIUS_M * np.pi / 180

#: metres, less than a degree of latitude anywhere
LEAST_DEGREE_M = 110_000


def great_circle_m(lon_a: Any, lat_a: Any, lon_b: Any, lat_b: Any) -> Any:
    """Return metres on a sphere of 6,371 km between degrees (numbers or arrays), within 0.6 %."""
    return _on_sphere_m(MEAN_RADIUS_M, lon_a, lat_a, lon_b, lat_b)


def sphere_m(lon_a: Any, lat_a: Any, lon_b: Any, lat_b: Any) -> Any:
    """Return great-circle metres between degrees (numbers or arrays), by the formula and radius of
    osmnx.
    """
    return _on_sphere_m(STREET_RADIUS_M, lon_a, lat_a, lon_b, lat_b)


def _on_sphere_m(radius_m: float, lon_a: Any, lat_a: Any, lon_b: Any, lat_b: Any) -> Any:
    lon_a, lat_a, lon_b, lat_b = (np.radians(v) for v in (lon_a, lat_a, lon_b, lat_b))
    half = (
        np.sin((lat_b - lat_a) / 2) ** 2
        + np.cos(lat_a) * np.cos(lat_b) * np.sin((lon_b - lon_a) / 2) ** 2
    )
    return 2 * radius_m * np.arcsin(np.sqrt(np.minimum(half, 1)))


def steps_m(points: Sequence[tuple[float, float]]) -> list[float]:
    """Return great-circle metres from each (longitude, latitude) to the next."""
    return [float(great_circle_m(*a, *b)) for a, b in pairwise(points)]


def degrees_around(reach_m: float, lat: Any) -> float:
    """Return degrees that are at least `reach_m` metres in any direction, at any latitude
    of `lat`.
    """
    return reach_m / (
        LEAST_DEGREE_M * max(0.05, float(np.cos(np.radians(np.abs(lat).max(initial=0)))))
    )


def lon_lat(text: str) -> tuple[float, float] | None:
    """Return the degrees of a text LON,LAT, None of another text; ParameterError where they are no
    degrees.
    """
    point = LON_LAT.fullmatch(text)
    if point is None:
        return None
    lon = float(point[1])
    lat = float(point[2])
    if abs(lon) > 180 or abs(lat) > 90:
        raise ParameterError(f"{text!r} is no LON,LAT in degrees")
    return lon, lat
