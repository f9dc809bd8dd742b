"""Coordinates as maps of China give them."""

from __future__ import annotations

from numpy.typing import ArrayLike

from railshed.network import datum as formulas
from railshed.util.array_types import Floats


def from_wgs84(lon: ArrayLike, lat: ArrayLike, datum: str) -> tuple[Floats, Floats]:
    """Return the coordinates in `datum` of WGS84 longitudes and latitudes, degrees."""
    return formulas._moved(lon, lat, formulas._steps(formulas.check_datum(datum)))
