"""Distances on the sphere."""

from __future__ import annotations

from typing import Any

import numpy as np

from railshed.util.units import EARTH_M


def great_circle_m(lon_a: Any, lat_a: Any, lon_b: Any, lat_b: Any) -> Any:
    """Return metres on a sphere of 6,371 km between degrees (numbers or arrays), within 0.6 %."""
    lon_a, lat_a, lon_b, lat_b = (np.radians(v) for v in (lon_a, lat_a, lon_b, lat_b))
    half = np.sin((lat_b - lat_a) / 2) ** 2 + np.cos(lat_a) * np.cos(lat_b) * np.sin((lon_b - lon_a) / 2) ** 2
    return 2 * 6_371_000 * np.arcsin(np.sqrt(np.minimum(half, 1)))


def sphere_m(lon_a: Any, lat_a: Any, lon_b: Any, lat_b: Any) -> Any:
    """Return great-circle metres between degrees (numbers or arrays), by the formula and radius of osmnx."""
    lon_a, lat_a, lon_b, lat_b = (np.radians(v) for v in (lon_a, lat_a, lon_b, lat_b))
    half = np.sin((lat_b - lat_a) / 2) ** 2 + np.cos(lat_a) * np.cos(lat_b) * np.sin((lon_b - lon_a) / 2) ** 2
    return 2 * EARTH_M * np.arcsin(np.sqrt(np.minimum(half, 1)))
