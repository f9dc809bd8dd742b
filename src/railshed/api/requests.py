"""What a question asks, one frozen dataclass a question: every option with its flag, unit, group,
help and default.

The command line makes its options of these classes, run.json holds a request's `record`, and
`verify` reads it back with `from_record`. Nothing here loads, computes or prints, and nothing else
states a default.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import MISSING
from functools import partial
from pathlib import Path
from typing import Any, Literal

from railshed.assumptions.names import HEADLINE, N_DRAWS
from railshed.util.bilingual import Language
from railshed.util.options import QUESTION, Columns, Request, option, part

#: headings of a command's help, in this order; an option without flags is an argument
CITY = "Which city"
DATA = "Data"
COUNTS = "What counts"
DOOR = "From door to station"
PEOPLE = "People and cells"
FILES = "Files and maps"
SCREEN = "Screen"
GROUPS = ("Arguments", CITY, QUESTION, COUNTS, DATA, DOOR, PEOPLE, FILES, SCREEN)

# fmt: off
# --- options that several questions have ----------------------------------------------------------

network_option = partial(option, "Shipped id (see `railshed networks`), network folder or GTFS "
"zip; several are "
    "joined, PREFIX=PATH names one; default "
    "china.", "--network -n", ("china",), unit="NETWORK", group=DATA)
date_option = partial(option, "Service day YYYY-MM-DD; default the network's "
    "own.", "--date", unit="DATE", group=DATA)
modes_option = partial(option, "Modes that are read: "
    "rail,suburban,metro,tram,bus,ferry,cable,air,other; default all.",
    "--modes", joined=True, unit="MODES", group=DATA)
datum_option = partial(option, "What the coordinates of the data refer to: wgs84, gcj02 or "
    "bd09.", "--datum", "wgs84",
    unit="DATUM", group=DATA)
transfers_option = partial(option, "Most changes of train; default: "
    "any.", "--max-transfers", unit="N", group=COUNTS)
direction_option = partial(option, "to the city in the morning, from it in the evening, or "
    "both.", "--direction", "to",
    unit="WAY", group=COUNTS)
draws_option = partial(option, "Draws of what is assumed, which make the interval around the "
    "headline; 0: no interval.",
    "--draws", N_DRAWS, unit="N", bounds=(0, 10_000))
plans_option = partial(option, "Draws of a line's trains and run times, 0 for none; default 200 "
"(rank, suggest: 100) "
    "where the network says how its railways run, else 0 (20, of "
    "departures).", "--plans", unit="N", bounds=(0, 10_000))
json_option = partial(option, "Print JSON instead of "
    "tables.", "--json", False, group=SCREEN, recorded=False)
lang_option = partial(option, "Language of tables: zh or "
    "en.", "--lang", "en", group=SCREEN, recorded=False)
full_option = partial(option, "Print every table.", "--full", False, group=SCREEN, recorded=False)
progress_option = partial(option, "Show a progress bar on long "
    "work.", "--progress/--no-progress", True, group=SCREEN,
    recorded=False)
workers_option = partial(option, "Processes that compute (cities, sets of candidates, ...), or the "
"address of a Dask "
    "scheduler (extra `cluster`); default "
    "threads.", "--workers", unit="N|ADDRESS", group=SCREEN, recorded=False)
region_option = partial(option, "All core cities of an agglomeration, "
    "united.", "--region", unit="REGION", group=CITY)
scenario_option = partial(option, "Scenario file (TOML, JSON, GeoJSON) or shipped name "
"(china/chengdu-s5); several: "
    "each, then all.", "--scenario -s", unit="FILE")
loss_option = partial(option, "Go on where reading left out many trips: over 5 % at a terminal, 10 "
"% at a station "
    "in the circle.", "--allow-loss", False, group=DATA, late=True, sparse=True)
raster_option = partial(option, "With -o: the surface as cloud-optimised GeoTIFF (extra "
    "`raster`).", "--geotiff", False,
    group=FILES, late=True)
html_option = partial(option, "With -o: an interactive map, one HTML file that needs no network; "
"see `railshed guide "
    "interactive-map`.", "--html", False, group=FILES, late=True)
format_option = partial(option, "With -o: files of the layers: gpkg (all in one, with a QGIS "
"project), or one a layer: "
    "geoparquet, flatgeobuf, geojson, pmtiles; xlsx: all tables in one (extra `report`); several "
    "joined by commas.",
    "--format", ("gpkg",), joined=True, unit="FORMATS", group=FILES, late=True)
csv_plain_option = partial(option, "Write names in CSV as they are; else those that begin with = + "
"- @ get an "
    "apostrophe, so that no spreadsheet runs "
    "them.", "--csv-plain", False, group=FILES, late=True, sparse=True)
objective_option = partial(option, "What counts: minutes (saved by people by rail), or a column "
"and minutes, people60, "
    "area45; -t or t behind it: turn-up-and-go, s: door to "
    "station.", "--objective", "minutes", unit="WHAT")


class NamedCities(Request):
    """Cities by name, or a region's."""

    cities: tuple[str, ...] = option("Cities: slug, Chinese or English "
        "name.", default=(), unit="CITY")
    region: str | None = region_option()


class Cities(NamedCities):
    """Cities by name, a region's, or all."""

    all: bool = option("All core cities of the network.", "--all", False, group=CITY)


class Point(Request):
    """A city anywhere."""

    at: str | None = option("A city anywhere: LON,LAT, or the name of a town of 15,000 people "
        "(extra `places`).",
        "--at", unit="PLACE", group=CITY, late=True)
    stations_within_km: float = option("With --at: core stations are those within so many km, "
        "straight.",
        "--stations-within", 1.0, unit="KM", group=CITY, late=True)


class Place(Point):
    """A city anywhere, its name and feeders, and the windows of any city; run.json holds all of it
    or nothing.
    """

    name: str | None = option("With --at: what the city is called; default the nearest large "
        "town.", "--name",
        unit="NAME", group=CITY, late=True)
    feeder: str = option("With --at: what runs to the core stations: metro, metro-small or "
        "bus.", "--feeder", "bus",
        unit="FEEDER", group=CITY, late=True)
    window_to: tuple[int, int] | None = option("Deadlines in the city, e.g. 07:30-09:30; default "
        "the city's own.",
        "--window-to", unit="HH:MM-HH:MM", group=COUNTS, late=True)
    window_from: tuple[int, int] | None = option("Departures from the city, e.g. 17:00-19:30; "
        "default the city's own.",
        "--window-from", unit="HH:MM-HH:MM", group=COUNTS, late=True)
    city_proper: str | None = option("City proper in place of the city's own: codes or names of "
    "counties joined by "
        "commas, or a CSV with city and "
        "county_code.", "--city-proper", unit="COUNTIES|FILE", group=CITY, late=True)

    def record(self) -> dict[str, Any]:
        """Return all of it, or nothing where every option is at its default."""
        return {} if self == Place() else super().record()


class Network(Request):
    """Which network."""

    network: tuple[str, ...] = network_option()

    def _recorded(self, name: str, value: Any) -> dict[str, Any]:
        """Return one network as a text."""
        if name == "network" and len(value) == 1:
            return {name: value[0]}
        return super()._recorded(name, value)


class Data(Network):
    """What is loaded: networks, service day, modes."""

    date: dt.date | None = date_option()
    lines: bool = option("Leave out lines known by minutes and headway only "
        "(lines.csv).", "--without-lines", True,
        group=DATA)
    modes: tuple[str, ...] | None = modes_option()
    datum: str = datum_option()
    boundaries: str | None = option("Areas for a network without (municipalities, land): outside "
        "is no land.",
        "--boundaries", unit="FILE", group=DATA)


class Reading(Request):
    """What counts as within reach."""

    cutoffs: tuple[int, ...] | None = option("Minutes, inclusive, e.g. 30,45,60; default those of "
        "each reading.",
        "--cutoffs", joined=True, unit="MINUTES", group=COUNTS)
    reading: str = option("Headline reading: station-to-station, door-to-station, door-to-door, "
        "turn-up-and-go.",
        "--reading", HEADLINE, unit="READING", group=COUNTS)
    readings: Path | None = option("TOML file with readings of your own, beside the shipped "
        "ones.", "--readings",
        unit="FILE", group=COUNTS)
    direction: str = direction_option()
    max_transfers: int | None = transfers_option()

    def of_circles(self) -> dict[str, Any]:
        """Return the arguments of `railshed.circle` for a prepared run."""
        return {"cutoffs": self.cutoffs, "reading": self.reading, "direction": self.direction}

    def of_run(self) -> dict[str, Any]:
        """Return the arguments of `prepare`."""
        return {"readings": self.readings, "max_transfers": self.max_transfers}


class Surroundings(Request):
    """How one gets to stations and centres, and who and what is around."""

    access: tuple[str, ...] | None = option("Modes between home and station: "
        "walk,bike,feeder,drive,park-and-ride,kiss-and-ride; default the first "
        "three.", "--access", joined=True,
        unit="MODES", group=DOOR)
    egress: tuple[str, ...] | None = option("Modes between station and centre in the city: "
    "walk,shared-bicycle,drive; "
        "default walk,shared-bicycle.", "--egress", joined=True, unit="MODES", group=DOOR)
    streets: tuple[Path, ...] | None = option("Streets for access and egress: .osm, .osm.pbf, "
    ".graphml or .gpkg of "
        "osmnx; may be repeated; default straight lines with a detour "
        "factor.", "--streets", unit="FILE", group=DOOR)
    population: tuple[str, ...] | None = option("People in place of the network's own, and other "
    "columns of the file: "
        "GeoTIFF (tiles may be repeated), CSV with lon and lat, GeoPackage, GeoJSON, shapefile; "
        "FILE:PART names a band "
        "or layer.", "--population", unit="FILE", group=PEOPLE)
    opportunities: tuple[str, ...] | None = option("Jobs, schools and the like, counted beside the "
    "network's own "
        "people: files as of "
        "--population.", "--opportunities", unit="FILE", group=PEOPLE, late=True, sparse=True)
    population_columns: Columns | None = option("Columns of --population or --opportunities that "
    "are counted, "
        "NAME=COLUMN where they are called otherwise: people=pop_2020,jobs; of a raster the name "
        "of its one column; "
        "default every column of numbers.", "--population-columns", unit="COLUMNS", group=PEOPLE)
    population_crs: str | None = option("CRS of --population or --opportunities where the file "
    "states none: "
        "EPSG:32722.", "--population-crs", unit="CRS", group=PEOPLE)
    population_hexagons: bool | None = option("Spread a CSV with H3 ids over its hexagons, also "
    "where it has lon and "
        "lat.", "--population-hexagons", group=PEOPLE)
    streets_place: str | None = option("A place whose streets are fetched from OpenStreetMap, once "
        "(extra `osm`).",
        "--streets-place", unit="PLACE", group=DOOR)
    cell_size_m: int | None = option("Edge of the surface's cells in m; default "
        "500.", "--cell-size", unit="M",
        group=PEOPLE)
    smooth_m: float = option("Drawn edges smoothed over so many m; circles stay nested, figures "
        "unchanged.", "--smooth",
        0.0, unit="M", group=FILES)
    simplify_m: float = option("Drawn edges simplified by so many m, shared edges "
        "alike.", "--simplify", 0.0, unit="M",
        group=FILES)
    allow_loss: bool = loss_option()


class Output(Request):
    """Where results go."""

    out: Path | None = option("Folder for files: layers, CSV, maps, "
        "run.json.", "--out -o", unit="DIR", group=FILES,
        recorded=False)
    maps: bool = option("With -o: write no PNG.", "--without-map", True, group=FILES, late=True)
    map_lang: Literal["zh", "en", "both"] | None = option("Language of the map: zh, en or both; "
    "default both where "
        "names are Chinese, else en; of an interactive map that of the "
        "browser.", "--map-lang", group=FILES, late=True)
    map_size: str = option("Sheet of the maps: a4, a3 or slide "
        "(16:9).", "--map-size", "a4", unit="SIZE", group=FILES,
        late=True)
    map_format: tuple[str, ...] = option("Files of each map: png, svg, pdf, several joined by "
        "commas.", "--map-format",
        ("png",), joined=True, unit="FORMATS", group=FILES, late=True)
    crs: str | None = option("CRS of maps and layers, projected or geographic: EPSG:4547, "
    "EPSG:4490 (CGCS2000); "
        "GeoJSON and PMTiles stay in WGS 84; default WGS 84 for layers, an equal-area one around "
        "the city for maps.",
        "--crs", unit="CRS", group=FILES, late=True)
    basemap: tuple[Path, ...] = option("An approved map, water, coast or borders (GeoPackage, "
    "GeoJSON, shapefile) "
        "drawn beneath; may be repeated.", "--basemap", (), unit="FILE", group=FILES, late=True)
    approval: str = option("Approval number (审图号) of the maps, or of the --basemap beneath; "
    "without it a map of "
        "China's land says 示意图 无审图号.", "--approval", "", unit="TEXT", group=FILES, late=True)
    csv_plain: bool = csv_plain_option()
    as_json: bool = json_option()
    lang: Language = lang_option()
    full: bool = full_option()


class ScenarioRequest(Request):
    """A request about scenario files, of which run.json holds names and paths."""

    def _recorded(self, name: str, value: Any) -> dict[str, Any]:
        """Return the scenarios by name and as given."""
        if name != "scenario":
            return super()._recorded(name, value)
        paths = [path.as_posix() for path in value or ()]
        return {"scenario": [path.name for path in value or ()], "scenario_path": paths}


# --- questions ----------------------------------------------------------------------------------


class CircleRequest(Request):
    """`railshed circle`."""

    command = "circle"
    which: Cities = part(Cities)
    place: Place = part(Place)
    data: Data = part(Data)
    reading: Reading = part(Reading)
    around: Surroundings = part(Surroundings)
    car: bool | None = option("Rail against the car, free-flow and peak; default for a single "
        "city.", "--car/--no-car")
    draws: int = draws_option()
    days: int = option("Days drawn, each with delays too: how often each place is within the hour; "
        "0: none.", "--days",
        0, unit="N", bounds=(0, 10_000))
    seed: int = option("What is drawn for --draws and --days follows from "
        "it.", "--seed", 0, unit="N")
    map_kinds: tuple[str, ...] = option("With -o: maps of each city: circle, share (of the "
    "window's minutes), stations "
        "(minutes and trips an hour), readings (side by side), several joined by "
        "commas.", "--map-kinds", ("circle",),
        joined=True, unit="KINDS", group=FILES, late=True)
    format: tuple[str, ...] = format_option()
    raster: bool = raster_option()
    html: bool = html_option()
    output: Output = part(Output)
    progress: bool = progress_option()
    workers: str | None = workers_option()


class CompareRequest(ScenarioRequest):
    """`railshed compare`."""

    command = "compare"
    which: Cities = part(Cities)
    scenario: tuple[Path, ...] = scenario_option(default=MISSING)
    place: Place = part(Place)
    data: Data = part(Data)
    reading: Reading = part(Reading)
    around: Surroundings = part(Surroundings)
    plans: int | None = plans_option()
    format: tuple[str, ...] = format_option()
    raster: bool = raster_option()
    html: bool = html_option()
    output: Output = part(Output)
    progress: bool = progress_option()
    workers: str | None = workers_option()


class ReportRequest(ScenarioRequest):
    """`railshed report`."""

    command = "report"
    which: NamedCities = part(NamedCities)
    scenario: tuple[Path, ...] = scenario_option(default=())
    place: Place = part(Place)
    data: Data = part(Data)
    reading: Reading = part(Reading)
    around: Surroundings = part(Surroundings)
    output: Output = part(Output)
    brief: bool = option("The first page with its definition and sources as a PDF and an SVG of "
        "their own.", "--brief",
        False, group=FILES)
    progress: bool = progress_option()
    workers: str | None = workers_option()


class AtlasRequest(Request):
    """`railshed atlas`."""

    command = "atlas"
    regions: tuple[str, ...] = option("Agglomerations by id or name, several joined by commas; "
        "default all.",
        "--regions", (), joined=True, unit="REGIONS", group=CITY)
    data: Data = part(Data)
    output: Output = part(Output)
    allow_loss: bool = loss_option()
    fresh: bool = option("Make everything again.", "--fresh", False, recorded=False)
    quiet: bool = option("Say nothing but errors; no progress "
        "bar.", "--quiet", False, group=SCREEN, recorded=False)
    progress: bool = progress_option()
    workers: str | None = workers_option()


class TradeOffsRequest(Request):
    """`railshed trade-offs`."""

    command = "trade-offs"
    city: str | None = option("City: slug, Chinese or English name.", unit="CITY")
    scenario: Path = option("Scenario file, or the name of a shipped "
        "one.", "--scenario -s", MISSING, unit="FILE")
    place: Place = part(Place)
    data: Data = part(Data)
    reading: Reading = part(Reading)
    around: Surroundings = part(Surroundings)
    output: Output = part(Output, recorded=False)
    progress: bool = progress_option()

    def _recorded(self, name: str, value: Any) -> dict[str, Any]:
        return {name: value.name} if name == "scenario" else super()._recorded(name, value)


class BacktestRequest(Request):
    """`railshed backtest`."""

    command = "backtest"
    before: str = option("Timetable before the line: shipped id, folder or GTFS "
        "zip.", default=MISSING, unit="BEFORE")
    after: str = option("Timetable with the line, likewise.", default=MISSING, unit="AFTER")
    lines: tuple[Path, ...] = option("Scenarios with the line as announced, without run times of "
    "its own; or a file of "
        "opened lines (china/openings), each forecast from the "
        "others.", default=MISSING, unit="LINE", recorded=False)
    plans: int | None = plans_option()
    seed: int = option("What is drawn follows from it.", "--seed", 0, unit="N")
    cities: tuple[str, ...] = option("City of both timetables; may be repeated; default those at "
        "whose core it calls.",
        "--city", (), unit="CITY", group=CITY)
    date_before: dt.date | None = option("Service day YYYY-MM-DD of BEFORE; default its "
        "own.", "--date-before",
        unit="DATE", group=DATA, recorded=False)
    date_after: dt.date | None = option("Service day YYYY-MM-DD of AFTER; default its "
        "own.", "--date-after",
        unit="DATE", group=DATA, recorded=False)
    modes: tuple[str, ...] | None = modes_option(recorded=False)
    datum: str = datum_option(recorded=False)
    place: Place = part(Place)
    reading: Reading = part(Reading)
    around: Surroundings = part(Surroundings)
    output: Output = part(Output, recorded=False)
    progress: bool = progress_option()

    def timetables(self) -> tuple[Data, Data]:
        """Return what is loaded: before, after."""
        both = ((self.before, self.date_before), (self.after, self.date_after))
        old, new = (
            Data(network=(name,), date=date, modes=self.modes, datum=self.datum)
            for name, date in both
        )
        return old, new

    def record(self) -> dict[str, Any]:
        """Return the parameters, those of each timetable by themselves."""
        old, new = self.timetables()
        return {**super().record(), "before": old.record(), "after": new.record()}


class RankRequest(Request):
    """`railshed rank`."""

    command = "rank"
    candidates: Path | None = option("[[candidate]] tables, or a shipped name: "
        "china/cy.", unit="CANDIDATES.toml")
    cities: tuple[str, ...] = option("City whose circle counts; may be repeated: circles are "
        "united.", "--city", (),
        unit="CITY", group=CITY)
    region: str | None = option("All core cities of an agglomeration, their circles "
        "united.", "--region", unit="REGION",
        group=CITY)
    objective: str = objective_option()
    budget: str | None = option("What may be built: 120km, or a cost: "
        "500亿.", "--budget", unit="BUDGET")
    direction: str = direction_option()
    permutations: int = option("With more than 10 candidates that meet: orders drawn for "
        "Shapley.", "--permutations",
        200, unit="N")
    plans: int | None = plans_option()
    seed: int = option("What is drawn follows from it.", "--seed", 0, unit="N")
    schema: bool = option("Print the JSON Schema of candidates "
        "files.", "--schema", False, recorded=False)
    data: Data = part(Data)
    around: Surroundings = part(Surroundings)
    output: Output = part(Output, recorded=False)
    progress: bool = progress_option()
    workers: str | None = workers_option()

    def _recorded(self, name: str, value: Any) -> dict[str, Any]:
        if name == "candidates":
            return {name: value and value.name}
        return super()._recorded(name, value)


class SuggestRequest(Request):
    """`railshed suggest`."""

    command = "suggest"
    region: str = option("Agglomeration: id, Chinese or English "
        "name.", default=MISSING, unit="REGION")
    objective: str = objective_option()
    direction: str = direction_option()
    top_speed: float | None = option("Top speed of the links in service, km/h; default "
        "200.", "--top-speed",
        unit="KM/H", recorded=False)
    headway: float | None = option("Minutes between trains, 06:00 to 23:00; default "
        "15.", "--headway", unit="MIN",
        recorded=False)
    min_km: float = option("Straight distance between the stations, at "
        "least.", "--min-km", 10.0, unit="KM",
        recorded=False)
    detour: float = option("By rail it takes so many times as long as straight at --top-speed, at "
        "least.", "--detour",
        1.5, unit="X", recorded=False)
    max_trains: int = option("Direct trains a day between the stations, at "
        "most.", "--max-trains", 10, unit="N",
        recorded=False)
    per_km: bool = option("Rank by gain a km of line instead of "
        "gain.", "--per-km", False, recorded=False)
    number: int = option("Links that are listed.", "--number", 10, unit="N", recorded=False)
    appraise: int = option("Links that are appraised in full, at "
        "most.", "--appraise", 200, unit="N", recorded=False)
    plans: int | None = plans_option()
    data: Data = part(Data)
    around: Surroundings = part(Surroundings)
    output: Output = part(Output, recorded=False)
    progress: bool = progress_option()
    workers: str | None = workers_option()


class ComplianceRequest(Request):
    """`railshed compliance`."""

    command = "compliance"
    scenario: tuple[Path, ...] = scenario_option(default=MISSING)
    data: Data = part(Data)
    point: Point = part(Point)
    city: str | None = option("The city that terminal = true "
        "means.", "--city", unit="CITY", group=CITY)
    out: Path | None = option("CSV file with every clause; - is standard "
        "output.", "--out -o", unit="FILE", group=FILES)
    csv_plain: bool = csv_plain_option()
    as_json: bool = json_option()
    lang: Language = lang_option()
    full: bool = full_option()


class ReachRequest(Request):
    """`railshed reach`."""

    command = "reach"
    station: tuple[str, ...] = option("Target station, id or name; may be "
        "repeated.", "--station", (), unit="STATION",
        group=CITY)
    city: str | None = option("The core stations of this city as "
        "targets.", "--city", unit="CITY", group=CITY)
    point: Point = part(Point)
    data: Data = part(Data)
    direction: str = option("to the targets, or from "
        "them.", "--direction", "to", unit="WAY", group=COUNTS)
    window: tuple[int, int] = option("Deadlines (to) or departures (from), end not included; 24:00 "
        "is allowed.",
        "--window", (27_000, 34_200), unit="HH:MM-HH:MM", group=COUNTS)
    slack_minutes: float = option("Minutes early that do not "
        "count.", "--slack-minutes", 30.0, unit="MIN", group=COUNTS)
    percentiles: tuple[int, ...] = option("Of the window's minutes, e.g. "
        "0,50,75.", "--percentiles", (0, 50),
        joined=True, unit="N,N", group=COUNTS)
    max_transfers: int | None = transfers_option()
    change_minutes: float | None = option("Change time at every station; default by "
        "class.", "--change-minutes",
        unit="MIN", group=COUNTS)
    footpaths: bool = option("No walks between stations.", "--no-footpaths", True, group=COUNTS)
    max_minutes: int = option("Longer travel times are left "
        "empty.", "--max-minutes", 120, unit="MIN", group=COUNTS)
    out: Path | None = option("CSV file of all stations, or OMX matrix (.omx); - is "
        "stdout.", "--out -o", unit="FILE",
        group=FILES)
    csv_plain: bool = csv_plain_option()
    as_json: bool = json_option()
    lang: Language = lang_option()
    full: bool = full_option()


class ServeRequest(Request):
    """`railshed serve`."""

    command = "serve"
    city: str | None = option("City that the page opens with; default the first core "
        "city.", "--city", unit="CITY",
        group=CITY)
    region: str | None = option("Agglomeration that the page opens "
        "with.", "--region", unit="REGION", group=CITY)
    port: int = option("Port on which it listens; 0: any free "
        "one.", "--port", 8650, unit="N", bounds=(0, 65_535))
    host: str = option("Address on which it listens; beyond this machine every request needs a "
        "token.", "--host",
        "127.0.0.1", unit="ADDRESS")
    browser: bool = option("Open the page in the browser.", "--browser/--no-browser", True)
    cors: tuple[str, ...] = option("Another origin whose pages may ask, e.g. "
        "http://localhost:3000; may be repeated.",
        "--cors", (), unit="ORIGIN")
    jobs: Path | None = option("Folder of the jobs; default in the user's data "
        "folder.", "--jobs", unit="DIR",
        group=FILES)
    data: Data = part(Data)
    around: Surroundings = part(Surroundings)
    lang: Language = lang_option()


#: the questions of which run.json holds all that a rerun needs, by command
VERIFIED: dict[str, type[Request]] = {
    cls.command: cls for cls in (CircleRequest, CompareRequest, ReportRequest, AtlasRequest)
}
