"""The data of maps: maps know no network, no routing and no reading beyond these fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from railshed.util.bilingual import EMPTY, Words
from railshed.util.errors import InputError

if TYPE_CHECKING:
    import geopandas as gpd
    from shapely.geometry.base import BaseGeometry


@dataclass(frozen=True, slots=True)
class Estimate:
    """A central value with its low and high one; None where no range was computed."""

    value: float
    low: float | None = None
    high: float | None = None


def estimated(
    value: float | None, low: float | None = None, high: float | None = None
) -> Estimate | None:
    """Return a figure with its range where both ends are known; None where it is not
    known itself.
    """
    if value is None:
        return None
    return (
        Estimate(float(value))
        if low is None or high is None
        else Estimate(float(value), float(low), float(high))
    )


@dataclass(frozen=True, slots=True)
class Area:
    """An area over the bands, hatched or as the outline of one of several cities, with its entry in
    the legend.
    """

    words: Words
    #: EPSG:4326; not drawn where empty
    geometry: BaseGeometry
    people: float | None = None
    area_km2: float | None = None


@dataclass(frozen=True, slots=True)
class Headline:
    """A large figure of the head of the sheet: people, below them km2; km2 alone where no people
    are known.
    """

    words: Words
    people: Estimate | None
    area_km2: Estimate | None = None
    #: before the figure, where it is not 0
    sign: str = ""
    #: below the figure
    note: Words = EMPTY


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the strip below the head: what is assumed, stations and people that are left."""

    words: Words
    stations: int
    people: float | None = None
    #: whether the step is the answer
    answer: bool = False


@dataclass(frozen=True, slots=True)
class ChangeLayer:
    """A scenario's changes at one cutoff, or rail against car; figures are None where not
    computed.
    """

    before: Area
    after: Area
    gained: Area
    lost: Area
    #: name of the scenario, in the title
    scenario: Words = Words("规划方案", "Scenario")
    #: proposed lines, drawn bold: GeoDataFrame (EPSG:4326) of LineStrings with `name`, or None
    proposed: gpd.GeoDataFrame | None = None
    #: what people gained and lost are called at the head; None: those of a scenario, with signs
    heads: tuple[Words, Words] | None = None
    #: what must not be overlooked, bold beneath the title
    caution: Words | None = None


@dataclass(frozen=True, slots=True)
class MapData:
    """One city's circle as a map draws it. All GeoDataFrames and geometries are in EPSG:4326.

    Frames may have more columns than listed, in any order; columns marked optional may be absent.
    """

    city: Words
    #: lon, lat: centre of the projection
    centre: tuple[float, float]
    #: nested circles by rail: cutoff_min, geometry; optional people, area_km2 (cumulative, outside
    #: the city proper), printed in the legend; optional zh, en: what the legend calls a band in
    #: place of its minutes. No rows where the reading has no polygon.
    bands: gpd.GeoDataFrame
    #: county_code, county, county_en, prefecture, prefecture_en, population, geometry
    counties: gpd.GeoDataFrame
    #: name, name_en, minutes (NaN: not within the bound), trips, is_core, inside, geometry;
    #: optional trains (a day: in a crowd the busiest are named), station_class (metro: drawn
    #: smaller), bus_only (True: a dot, without a label where there are many), minutes_before
    #: (without the scenario, where they differ)
    stations: gpd.GeoDataFrame
    #: the rail network: trains (a day, both ways), geometry (LineString), optional metro; see
    #: `merge_legs`
    legs: gpd.GeoDataFrame
    #: the cutoff that people and area belong to
    cutoff_min: int
    #: outlined, counted apart; None where there is none
    city_proper: BaseGeometry | None = None
    #: by rail, outside the city proper where there is one
    people: Estimate | None = None
    area_km2: Estimate | None = None
    #: label of the reading, in the subtitle
    reading: Words = Words("", "")
    #: one sentence each: what is counted, window, slack, percentile, access modes, direction
    definition: tuple[Words, ...] = ()
    #: one source each, with licence and date, as short as may be; a text that is the same in both
    #: is printed once
    sources: tuple[Words, ...] = ()
    #: date of the timetable, as printed
    date: str = ""
    #: what the reader must know: estimates, gaps in the data
    warnings: tuple[Words, ...] = ()
    #: replaces the title built from city and cutoff
    title: Words | None = None
    #: replaces the subtitle built from the reading and the figures
    subtitle: Words | None = None
    #: what a scenario changes, for `draw_difference`
    change: ChangeLayer | None = None
    #: of the bands what is not reached without intercity and suburban trains, hatched; and the area
    #: within `cutoff_min` without a ride, outlined; None: not drawn
    trains: Area | None = None
    no_ride: Area | None = None
    #: large figures of the head, in place of `people` and `area_km2`; the strip below it
    headlines: tuple[Headline, ...] = ()
    strip: tuple[Step, ...] = ()
    #: bus lines, drawn thin: geometry (LineString); None: none. Where there are any, words say
    #: "public transport"
    roads: gpd.GeoDataFrame | None = None
    #: towns that help to find one's way where no counties are drawn: name, population, geometry
    #: (Point); or None
    towns: gpd.GeoDataFrame | None = None
    #: replaces what the legend says above the bands, and what it says of their figures
    band_head: Words | None = None
    band_note: Words | None = None
    #: hatched over the bands of a circle
    worse: Area | None = None
    #: lines drawn bold on the map of a circle, as `ChangeLayer.proposed`
    proposed: gpd.GeoDataFrame | None = None
    #: circles of several cities over the bands; many of them share one style
    outlines: tuple[Area, ...] = ()
    #: shown whole, whatever the bands
    extent: BaseGeometry | None = None
    #: whether the sheet shows land whose maps need an approval number, and so says that it has none
    approval: bool = True

    def check(self) -> None:
        """Raise where a column is missing or a CRS is not EPSG:4326.

        Raises InputError naming every problem found.
        """
        _check_frames(
            {
                "bands": (self.bands, ("cutoff_min",)),
                "counties": (self.counties, COUNTY_COLUMNS),
                "stations": (self.stations, STATION_COLUMNS),
                "legs": (self.legs, ("trains",)),
            }
        )


COUNTY_COLUMNS = ("county_code", "county", "county_en", "prefecture", "prefecture_en", "population")

STATION_COLUMNS = ("name", "name_en", "minutes", "trips", "is_core", "inside")


@dataclass(frozen=True, slots=True)
class NationalData:
    """The agglomerations of a nation: member prefectures, and a number for each core city."""

    #: one row a membership: region_id, region, region_en, prefecture, geometry (EPSG:4326)
    members: gpd.GeoDataFrame
    #: name, name_en, value (NaN: no data), geometry (Point, EPSG:4326)
    cities: gpd.GeoDataFrame
    #: what `value` is, with its unit
    value_label: Words
    #: decimals printed of `value`
    decimals: int = 0
    definition: tuple[Words, ...] = ()
    sources: tuple[Words, ...] = ()
    date: str = ""
    warnings: tuple[Words, ...] = ()
    title: Words | None = None
    subtitle: Words | None = None

    def check(self) -> None:
        """Raise where a column is missing or a CRS is not EPSG:4326."""
        columns = ("region_id", "region", "region_en", "prefecture")
        _check_frames(
            {
                "members": (self.members, columns),
                "cities": (self.cities, ("name", "name_en", "value")),
            }
        )


def _check_frames(frames: Mapping[str, tuple[gpd.GeoDataFrame, Iterable[str]]]) -> None:
    """Raise where a frame, by name, lacks one of its columns or is not in EPSG:4326."""
    problems = []
    for name, (frame, columns) in frames.items():
        missing = [column for column in columns if column not in frame.columns]
        if missing:
            problems.append(f"{name} has no column {', '.join(missing)}")
        if frame.crs is None:
            problems.append(f"{name} has no CRS; use frame.set_crs(4326)")
        elif frame.crs.to_epsg() != 4326:
            problems.append(f"{name} has CRS {frame.crs.to_string()}; use frame.to_crs(4326)")
    if problems:
        raise InputError("the map cannot be drawn: " + "; ".join(problems))
