"""Cities, employment centres and regions of a network."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from railshed.util.array_types import Bools
from railshed.util.bilingual import Words
from railshed.util.errors import ParameterError
from railshed.util.frames import among

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Centre:
    """An employment centre of a city."""

    name: str
    name_en: str
    lon: float
    lat: float
    confidence: str = ""


@dataclass(frozen=True, slots=True)
class City:
    """A core city with its core stations and employment centres, the main one first."""

    slug: str
    name: str
    name_en: str
    core_station_ids: tuple[str, ...]
    centres: tuple[Centre, ...]
    #: clock seconds, end exclusive: deadline at the core station or desk; departure from it in the
    #: evening
    window_to: tuple[int, int] = (27_000, 34_200)
    window_from: tuple[int, int] = (61_200, 70_200)
    role: str = "core"
    regions: tuple[str, ...] = ()
    #: feeder in the city: metro, metro-small, bus
    feeder: str = "bus"
    prefecture_code: str = ""
    #: counties (districts) of the city proper
    proper_counties: tuple[str, ...] = ()
    #: who draws the city proper so: a document, a rule or the user
    proper_source: str = ""
    #: the network has the city's metro, so that no feeder stands for it
    metro: bool = False

    @property
    def label(self) -> str:
        """Chinese and English name."""
        return f"{self.name} {self.name_en}".strip()


@dataclass(frozen=True, slots=True)
class ObservedFlow:
    """Commuters between a place and a city, as a document reports them."""

    home: str
    home_en: str
    #: counties and prefectures that it names; none where it names a region without a border
    home_codes: tuple[str, ...]
    #: slug
    city: str
    year: int
    people_a_day: int
    #: to the city, from it, or both
    direction: str
    #: as the document has them
    minutes: str
    #: how the number follows from the document; how it was observed
    note: str
    quality: str
    document: str
    address: str

    def to_dict(self) -> dict[str, Any]:
        """Return the fields by name."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Region:
    """An urban agglomeration or metropolitan area and its members."""

    region_id: str
    kind: str
    name: str
    name_en: str
    #: prefecture codes (whole) and county codes (part)
    member_codes: tuple[str, ...]
    country_region: str = ""
    confidence: str = ""
    scope_version: str = ""
    source: str = ""

    @property
    def words(self) -> Words:
        """Its name in Chinese and English."""
        return Words(self.name, self.name_en or self.name)

    def holds(self, counties: Mapping[str, NDArray[Any]] | pd.DataFrame) -> Bools:
        """Return bool (n_counties,) which counties are members, by their own code or their
        prefecture's.
        """
        return holds(counties, self.member_codes)


def holds(counties: Mapping[str, NDArray[Any]] | pd.DataFrame, codes: Collection[str]) -> Bools:
    """Return bool (n_counties,) which counties have one of the codes, of their own or of their
    prefecture.
    """
    return among(counties["county_code"], codes) | among(counties["prefecture_code"], codes)


def called(counties: pd.DataFrame, text: str) -> Bools:
    """Return bool (n_counties,) which counties have this code or name; capitals of an English name
    do not matter.
    """
    same = (counties["county"] == text) | (counties["county_code"].astype(str) == text)
    return np.asarray(same | (counties["county_en"].fillna("").str.lower() == text.lower()), bool)


def core_cities(cities: Sequence[City], region: Region) -> list[City]:
    """Return those of the cities that are core cities of a region."""
    return [city for city in cities if region.region_id in city.regions and city.role == "core"]


def known_core_cities(cities: Sequence[City], region: Region) -> list[City]:
    """Return the core cities of a region; ParameterError where it has none."""
    found = core_cities(cities, region)
    if not found:
        raise ParameterError(
            f"region {region.region_id} has no core city; `railshed cities` lists them"
        )
    return found


def city_hint(counties: gpd.GeoDataFrame | None, text: str) -> str:
    """Return how cities are listed, and where to ask for the county whose name begins so."""
    hint = "`railshed cities`, with the same -n, lists them."
    for county in [] if counties is None or not text else map(str, counties["county"]):
        if county.startswith(text):
            return (
                f"{hint} {county} is a county: `railshed why {county} --city CITY`, "
                f"run.why({county!r}, city=...)."
            )
    return hint
