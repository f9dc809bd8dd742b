"""The options that commands share, in groups by purpose, and the reading of their texts."""

from __future__ import annotations

import datetime as dt
import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, is_dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from railshed.cli.inputs import Data, Measure, Output, People, Point, Surroundings
from railshed.export.formats import describe_formats
from railshed.util.errors import ParameterError


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
ModesOption = Annotated[
    str | None,
    typer.Option("--modes", help="Modes kept: rail,suburban,metro,tram,bus,ferry,cable,air,other; default all."),
]
DatumOption = Annotated[
    str, typer.Option("--datum", help="What the coordinates of the data refer to: wgs84, gcj02 or bd09.")
]
TransfersOption = Annotated[
    int | None, typer.Option("--max-transfers", help="Largest number of changes of train, exact; default any number.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for machines instead of tables.")]
LangOption = Annotated[Lang, typer.Option("--lang", help="Language of tables: zh or en.")]
CitiesArgument = Annotated[
    list[str] | None, typer.Argument(help="Cities: slug, Chinese or English name.", show_default=False)
]
RegionOption = Annotated[
    str | None, typer.Option("--region", help="All core cities of an agglomeration, e.g. csj, and their union.")
]
_SCENARIO = typer.Option(
    "--scenario", "-s",
    help="Scenario file (TOML, JSON, GeoJSON) or shipped name (china/chengdu-s5); several: each, then all.",
)  # fmt: skip
ScenarioOption = Annotated[list[Path], _SCENARIO]
ScenarioIfAny = Annotated[list[Path] | None, _SCENARIO]
EverythingOption = Annotated[bool, typer.Option("--all", help="All core cities of the network.")]
GeotiffOption = Annotated[
    bool, typer.Option("--geotiff", help="With -o: the surface as cloud-optimised GeoTIFF (extra `raster`).")
]
HtmlOption = Annotated[
    bool,
    typer.Option(
        "--html",
        help="With -o: an interactive map, one HTML file that needs no network; see `railshed guide interactive-map`.",
    ),
]
FormatOption = Annotated[
    str,
    typer.Option(
        "--format",
        help=f"With -o: files of the layers: {describe_formats()}; several joined by commas.",
    ),
]
MapKindsOption = Annotated[
    str,
    typer.Option(
        "--map-kinds",
        help="With -o: maps of each city: circle, share (of the window's minutes), stations (minutes and trips an "
        "hour), readings (side by side), several joined by commas.",
    ),
]
ProgressOption = Annotated[bool, typer.Option("--progress/--no-progress", help="Show a progress bar on long work.")]


@dataclass(frozen=True)
class NetworkOptions:
    """Which data: networks, service day, modes."""

    network: NetworkOption = None
    date: DateOption = None
    without_lines: Annotated[
        bool, typer.Option("--without-lines", help="Leave out lines known by minutes and headway only (lines.csv).")
    ] = False
    modes: ModesOption = None
    datum: DatumOption = "wgs84"
    boundaries: Annotated[
        str | None,
        typer.Option("--boundaries", help="Areas for a network without (municipalities, land): outside is no land."),
    ] = None

    def data(self) -> Data:
        """Return what is loaded."""
        return Data(
            tuple(self.network or ("china",)), date_of(self.date), not self.without_lines, words(self.modes),
            self.datum, self.boundaries,
        )  # fmt: skip


@dataclass(frozen=True)
class PointOptions:
    """A city anywhere."""

    at: Annotated[
        str | None,
        typer.Option("--at", help="A city anywhere: LON,LAT, or the name of a town of 15,000 people (extra `places`)."),
    ] = None
    stations_within: Annotated[
        float, typer.Option("--stations-within", help="With --at: core stations are those within so many km, straight.")
    ] = 1.0

    def point(self) -> Point:
        """Return the city's point."""
        return Point(self.at, self.stations_within)


@dataclass(frozen=True)
class PlaceOptions(PointOptions):
    """A city anywhere, what it is called, and the windows of any city."""

    name: Annotated[
        str | None, typer.Option("--name", help="With --at: what the city is called; default the nearest large town.")
    ] = None
    feeder: Annotated[
        str, typer.Option("--feeder", help="With --at: what runs to the core stations: metro, metro-small or bus.")
    ] = "bus"
    window_to: Annotated[
        str | None, typer.Option("--window-to", help="Deadlines in the city, e.g. 07:30-09:30; default the city's own.")
    ] = None
    window_from: Annotated[
        str | None,
        typer.Option("--window-from", help="Departures from the city, e.g. 17:00-19:30; default the city's own."),
    ] = None

    def point(self) -> Point:
        """Return the city's point and the windows."""
        return Point(
            self.at, self.stations_within, self.name, self.feeder, window_of(self.window_to, "--window-to"),
            window_of(self.window_from, "--window-from"),
        )  # fmt: skip


@dataclass(frozen=True)
class ReadingOptions:
    """What counts as within reach."""

    cutoffs: Annotated[
        str | None, typer.Option("--cutoffs", help="Minutes, inclusive, e.g. 30,45,60; default those of each reading.")
    ] = None
    reading: Annotated[
        str,
        typer.Option(
            "--reading", help="Headline reading: station-to-station, door-to-station, door-to-door, turn-up-and-go."
        ),
    ] = "door-to-station"
    readings: Annotated[
        Path | None, typer.Option("--readings", help="TOML file with readings of your own, beside the shipped ones.")
    ] = None
    direction: Annotated[
        str, typer.Option("--direction", help="to the city in the morning, from it in the evening, or both.")
    ] = "to"
    max_transfers: TransfersOption = None

    def measure(self) -> Measure:
        """Return what counts as within reach."""
        return Measure(
            numbers("--cutoffs", self.cutoffs), self.reading, self.readings, self.direction, self.max_transfers
        )


@dataclass(frozen=True)
class SurroundingsOptions:
    """How one gets to stations and centres, and who lives around."""

    access: Annotated[
        str | None,
        typer.Option(
            "--access",
            help="Modes between home and station: walk,bike,feeder,drive,park-and-ride,kiss-and-ride; "
            "default the first three.",
        ),
    ] = None
    egress: Annotated[
        str | None,
        typer.Option(
            "--egress",
            help="Modes between station and centre in the city: walk,bike,feeder,drive; default as --access.",
        ),
    ] = None
    streets: Annotated[
        list[Path] | None,
        typer.Option(
            "--streets",
            help="Streets for access and egress: .osm, .osm.pbf, .graphml or .gpkg of osmnx; may be repeated; "
            "default straight lines with a detour factor.",
        ),
    ] = None
    streets_place: Annotated[
        str | None,
        typer.Option("--streets-place", help="A place whose streets are fetched from OpenStreetMap, once."),
    ] = None
    population: Annotated[
        list[str] | None,
        typer.Option(
            "--population",
            help="People, jobs and the like: GeoTIFF (tiles may be repeated), CSV with lon and lat, GeoPackage, "
            "GeoJSON, shapefile; FILE:PART names a band or layer; in place of the network's own people.",
        ),
    ] = None
    population_columns: Annotated[
        list[str] | None,
        typer.Option(
            "--population-columns",
            help="Columns of --population that are counted, NAME=COLUMN where they are called otherwise: "
            "people=pop_2020,jobs; of a raster the name of its one column; default every column of numbers.",
        ),
    ] = None
    population_crs: Annotated[
        str | None, typer.Option("--population-crs", help="CRS of --population where its file states none: EPSG:32722.")
    ] = None
    population_hexagons: Annotated[
        bool,
        typer.Option(
            "--population-hexagons", help="Spread a CSV with H3 ids over its hexagons, also where it has lon and lat."
        ),
    ] = False
    cell_size: Annotated[
        int | None, typer.Option("--cell-size", help="Edge of the surface's cells in m; default 500.")
    ] = None
    smooth: Annotated[
        float,
        typer.Option("--smooth", help="Drawn edges smoothed over so many m; circles stay nested, figures unchanged."),
    ] = 0.0
    simplify: Annotated[
        float, typer.Option("--simplify", help="Drawn edges simplified by so many m, shared edges alike.")
    ] = 0.0

    def around(self) -> Surroundings:
        """Return the surroundings."""
        people = People(
            tuple(self.population or ()), columns_of(self.population_columns), self.population_crs,
            self.population_hexagons or None,
        )  # fmt: skip
        return Surroundings(
            words(self.access), words(self.egress), tuple(self.streets or ()), self.streets_place, people,
            self.cell_size, self.smooth, self.simplify,
        )  # fmt: skip


@dataclass(frozen=True)
class OutputOptions:
    """Where results go."""

    out: Annotated[Path | None, typer.Option("--out", "-o", help="Folder for files: layers, CSV, maps, run.json.")] = (
        None
    )
    without_map: Annotated[bool, typer.Option("--without-map", help="With -o: write no PNG.")] = False
    map_lang: Annotated[
        MapLang | None,
        typer.Option(
            "--map-lang", help="Language of the map: zh, en or both; default both where names are Chinese, else en."
        ),
    ] = None
    map_format: Annotated[
        str, typer.Option("--map-format", help="Files of each map: png, svg, pdf, several joined by commas.")
    ] = "png"
    map_size: Annotated[str, typer.Option("--map-size", help="Sheet of the maps: a4, a3 or slide (16:9).")] = "a4"
    crs: Annotated[
        str | None,
        typer.Option(
            "--crs",
            help="CRS in which maps are drawn, projected or geographic: EPSG:4547, EPSG:4490 (CGCS2000); default an "
            "equal-area one around the city.",
        ),
    ] = None
    basemap: Annotated[
        list[Path] | None,
        typer.Option(
            "--basemap",
            help="An approved map, water, coast or borders (GeoPackage, GeoJSON, shapefile) drawn beneath; "
            "may be repeated.",
        ),
    ] = None
    approval: Annotated[
        str,
        typer.Option(
            "--approval",
            help="Approval number (审图号) of the maps, or of the --basemap beneath; without it a map of China's land "
            "says 示意图 无审图号.",
        ),
    ] = ""
    as_json: JsonOption = False
    lang: LangOption = Lang.en

    def output(self) -> Output:
        """Return where results go."""
        return Output(
            self.out, not self.without_map, None if self.map_lang is None else self.map_lang.value,
            tuple(self.basemap or ()), self.as_json, self.lang.value, self.map_size, words(self.map_format) or (),
            self.crs, self.approval.strip(),
        )  # fmt: skip


def grouped(command: Callable[..., None]) -> Callable[..., None]:
    """Return the command with the options of each group, a dataclass, in place of the parameter of that type."""
    hints = get_type_hints(command, include_extras=True)
    parameters: list[inspect.Parameter] = []
    groups: dict[str, Any] = {}

    def add(name: str, default: Any, annotation: Any) -> None:
        parameters.append(
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
        )

    for parameter in inspect.signature(command).parameters.values():
        kind = hints[parameter.name]
        if not is_dataclass(kind):
            add(parameter.name, parameter.default, kind)
            continue
        groups[parameter.name] = kind
        own = get_type_hints(kind, include_extras=True)
        for field in fields(kind):
            add(field.name, field.default, own[field.name])

    def call(**values: Any) -> None:
        made = {
            name: kind(**{field.name: values.pop(field.name) for field in fields(kind)})
            for name, kind in groups.items()
        }
        command(**values, **made)

    call.__name__, call.__doc__ = command.__name__, command.__doc__
    call.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    call.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return call


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


def pairs_of(option: str, texts: Sequence[str]) -> dict[str, str]:
    """Return ``key=value`` texts, each of which may hold several joined by commas."""
    found: dict[str, str] = {}
    for text in texts:
        for part in text.split(","):
            key, equals, value = part.partition("=")
            if not equals or not key.strip():
                raise ParameterError(f"{option} {part!r}: write NAME=VALUE, several joined by commas")
            found[key.strip()] = value.strip()
    return found


def columns_of(texts: Sequence[str] | None) -> Any:
    """Return columns as `read_opportunities` takes them: names, or ours by the file's where one is OURS=THEIRS."""
    parts = [part.strip() for text in texts or () for part in text.split(",")]
    if not any("=" in part for part in parts):
        return parts or None
    ours = pairs_of("--population-columns", [part if "=" in part else f"{part}={part}" for part in parts])
    return {theirs: name for name, theirs in ours.items()}


def date_of(text: str | None, option: str = "--date") -> Any:
    """Return a date."""
    if text is None:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise ParameterError(f"{option} {text!r} is no date; write it as 2023-12-15") from error


def window_of(text: str | None, option: str = "--window") -> Any:
    """Return a window as clock seconds, end not included."""
    from railshed.util.units import parse_window

    if text is None:
        return None
    try:
        return parse_window(text)
    except ValueError as error:
        raise ParameterError(f"{option}: {error}") from error


def clock_of(text: str, option: str) -> int:
    """Return clock seconds."""
    from railshed.util.units import parse_clock

    try:
        return parse_clock(text)
    except ValueError as error:
        raise ParameterError(f"{option}: {error}") from error
