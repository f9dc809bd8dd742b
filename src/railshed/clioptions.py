"""The options that commands share, and the reading of their texts."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from railshed.errors import ParameterError


class Lang(StrEnum):
    """Language of tables and messages."""

    zh = "zh"
    en = "en"


class MapLang(StrEnum):
    """Language of maps."""

    zh = "zh"
    en = "en"
    both = "both"


NetworkOption = Annotated[
    list[str] | None,
    typer.Option(
        "--network",
        "-n",
        help="Shipped id (see `railshed networks`), network folder or GTFS zip; repeated feeds are one network, "
        "PREFIX=PATH names one; default china.",
    ),
]
DateOption = Annotated[str | None, typer.Option("--date", help="Service day YYYY-MM-DD; default the network's own.")]
WithoutLines = Annotated[
    bool, typer.Option("--without-lines", help="Leave out lines known by minutes and headway only (lines.csv).")
]
ModesOption = Annotated[
    str | None,
    typer.Option("--modes", help="Modes kept: rail,suburban,metro,tram,bus,ferry,cable,air,other; default all."),
]
DatumOption = Annotated[
    str, typer.Option("--datum", help="What the coordinates of the data refer to: wgs84, gcj02 or bd09.")
]
AtOption = Annotated[
    str | None,
    typer.Option("--at", help="A city anywhere: LON,LAT, or the name of a town of 15,000 people (extra `places`)."),
]
StationsWithin = Annotated[
    float, typer.Option("--stations-within", help="With --at: core stations are those within so many km, straight.")
]
NameOption = Annotated[
    str | None, typer.Option("--name", help="With --at: what the city is called; default the nearest large town.")
]
FeederOption = Annotated[
    str, typer.Option("--feeder", help="With --at: what runs to the core stations: metro, metro-small or bus.")
]
WindowTo = Annotated[
    str | None, typer.Option("--window-to", help="Deadlines in the city, e.g. 07:30-09:30; default the city's own.")
]
WindowFrom = Annotated[
    str | None,
    typer.Option("--window-from", help="Departures from the city, e.g. 17:00-19:30; default the city's own."),
]
CutoffsOption = Annotated[
    str | None, typer.Option("--cutoffs", help="Minutes, inclusive, e.g. 30,45,60; default those of each reading.")
]
ReadingOption = Annotated[
    str,
    typer.Option(
        "--reading", help="Headline reading: station-to-station, door-to-station, door-to-door, turn-up-and-go."
    ),
]
ReadingsFile = Annotated[
    Path | None, typer.Option("--readings", help="TOML file with readings of your own, beside the shipped ones.")
]
DirectionOption = Annotated[
    str, typer.Option("--direction", help="to the city in the morning, from it in the evening, or both.")
]
AccessOption = Annotated[
    str | None,
    typer.Option(
        "--access",
        help="Modes between home and station: walk,bike,feeder,drive,park-and-ride,kiss-and-ride; "
        "default the first three.",
    ),
]
EgressOption = Annotated[
    str | None,
    typer.Option(
        "--egress", help="Modes between station and centre in the city: walk,bike,feeder,drive; default as --access."
    ),
]
StreetsOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--streets",
        help="Streets for access and egress: .osm, .osm.pbf, .graphml or .gpkg of osmnx; may be repeated; "
        "default straight lines with a detour factor.",
    ),
]
StreetsPlaceOption = Annotated[
    str | None,
    typer.Option("--streets-place", help="A place whose streets are fetched from OpenStreetMap, once (extra `osm`)."),
]
PopulationOption = Annotated[
    list[str] | None,
    typer.Option(
        "--population",
        help="People, jobs and the like: GeoTIFF (tiles may be repeated), CSV with lon and lat, GeoPackage, GeoJSON, "
        "shapefile; FILE:PART names a band or layer; in place of the network's own people.",
    ),
]
CellSizeOption = Annotated[
    int | None, typer.Option("--cell-size", help="Edge of the surface's cells in m; default 500.")
]
SmoothOption = Annotated[
    float, typer.Option("--smooth", help="Drawn edges smoothed over so many m; circles stay nested, figures unchanged.")
]
SimplifyOption = Annotated[
    float, typer.Option("--simplify", help="Drawn edges simplified by so many m, shared edges alike.")
]
TransfersOption = Annotated[
    int | None, typer.Option("--max-transfers", help="Largest number of changes of train, exact; default any number.")
]
OutOption = Annotated[Path | None, typer.Option("--out", "-o", help="Folder for GeoPackage, CSV, map and run.json.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for machines instead of tables.")]
LangOption = Annotated[Lang, typer.Option("--lang", help="Language of tables: zh or en.")]
MapLangOption = Annotated[
    MapLang | None,
    typer.Option(
        "--map-lang", help="Language of the map: zh, en or both; default both where names are Chinese, else en."
    ),
]
ProgressOption = Annotated[bool, typer.Option("--progress/--no-progress", help="Show a progress bar on long work.")]
BasemapOption = Annotated[
    Path | None, typer.Option("--basemap", help="An approved map (GeoPackage, GeoJSON, shapefile) drawn beneath.")
]


def numbers(option: str, text: str | None) -> tuple[int, ...] | None:
    """Return whole numbers split at commas."""
    if text is None:
        return None
    parts = [part.strip() for part in text.split(",")]
    bad = [part for part in parts if not part.isdecimal()]
    if bad:
        raise ParameterError(f"{option}: {', '.join(map(repr, bad))} is not a whole number; write e.g. 30,45,60")
    return tuple(int(part) for part in parts)


def words(text: str | None) -> tuple[str, ...] | None:
    """Return texts split at commas."""
    return None if text is None else tuple(part.strip() for part in text.split(",") if part.strip())


def date_of(text: str | None, option: str = "--date") -> Any:
    """Return a date."""
    import datetime as dt

    if text is None:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise ParameterError(f"{option} {text!r} is no date; write it as 2023-12-15") from error


def window_of(text: str | None, option: str = "--window") -> Any:
    """Return a window as clock seconds, end not included."""
    from railshed.units import parse_window

    if text is None:
        return None
    try:
        return parse_window(text)
    except ValueError as error:
        raise ParameterError(f"{option}: {error}") from error


def clock_of(text: str, option: str) -> int:
    """Return clock seconds."""
    from railshed.units import parse_clock

    try:
        return parse_clock(text)
    except ValueError as error:
        raise ParameterError(f"{option}: {error}") from error
