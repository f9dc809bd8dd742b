"""The command line: arguments to calls, results to tables and files, errors to exit codes. No logic.

Exit codes: 0 done, 1 `check` found errors in the data (or a defect of railshed), 2 a mistake in arguments or input
(`errors.RailshedError`), 130 stopped by Ctrl-C. Heavy imports happen inside the commands, so that ``railshed --help``
needs none.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from railshed import __version__, cli_import, cli_runtime
from railshed.clioptions import (
    AccessOption,
    AtOption,
    BasemapOption,
    CellSizeOption,
    CutoffsOption,
    DateOption,
    DatumOption,
    DirectionOption,
    EgressOption,
    FeederOption,
    JsonOption,
    Lang,
    LangOption,
    MapLangOption,
    ModesOption,
    NameOption,
    NetworkOption,
    OutOption,
    PopulationOption,
    ProgressOption,
    ReadingOption,
    ReadingsFile,
    SimplifyOption,
    SmoothOption,
    StationsWithin,
    StreetsOption,
    StreetsPlaceOption,
    TransfersOption,
    WindowFrom,
    WindowTo,
    WithoutLines,
    date_of,
    numbers,
    window_of,
    words,
)
from railshed.errors import RailshedError
from railshed.loading import Data, Point, Surroundings

app = typer.Typer(
    name="railshed",
    help="One-hour commuting circles by rail: what is within an hour of a city, and what a proposed line changes.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

EXIT_ERRORS_FOUND = 1
EXIT_MISTAKE = 2
EXIT_STOPPED = 130


def _version(value: bool) -> None:
    if value:
        typer.echo(f"railshed {__version__}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    from railshed.kernelcache import use_kernel_cache

    use_kernel_cache()


@app.command()
def circle(
    cities: Annotated[
        list[str] | None, typer.Argument(help="Cities: slug, Chinese or English name.", show_default=False)
    ] = None,
    region: Annotated[
        str | None, typer.Option("--region", help="All core cities of an agglomeration, e.g. csj, and their union.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="All core cities of the network.")] = False,
    at: AtOption = None,
    stations_within: StationsWithin = 1.0,
    name: NameOption = None,
    feeder: FeederOption = "bus",
    window_to: WindowTo = None,
    window_from: WindowFrom = None,
    network: NetworkOption = None,
    date: DateOption = None,
    without_lines: WithoutLines = False,
    modes: ModesOption = None,
    datum: DatumOption = "wgs84",
    cutoffs: CutoffsOption = None,
    reading: ReadingOption = "door-to-station",
    readings: ReadingsFile = None,
    direction: DirectionOption = "to",
    access: AccessOption = None,
    egress: EgressOption = None,
    streets: StreetsOption = None,
    streets_place: StreetsPlaceOption = None,
    population: PopulationOption = None,
    cell_size: CellSizeOption = None,
    smooth: SmoothOption = 0.0,
    simplify: SimplifyOption = 0.0,
    max_transfers: TransfersOption = None,
    car: Annotated[
        bool | None,
        typer.Option("--car/--no-car", help="Rail against the car, free-flow and peak; default for a single city."),
    ] = None,
    geotiff: Annotated[
        bool, typer.Option("--geotiff", help="With -o: the surface as cloud-optimised GeoTIFF (extra `raster`).")
    ] = False,
    draws: Annotated[
        int, typer.Option("--draws", help="Days drawn, each with its own station times, feeders and delays; 0: none.")
    ] = 0,
    seed: Annotated[int, typer.Option("--seed", help="With --draws: what is drawn follows from it.")] = 0,
    out: OutOption = None,
    without_map: Annotated[bool, typer.Option("--without-map", help="With -o: write no PNG.")] = False,
    map_lang: MapLangOption = None,
    basemap: BasemapOption = None,
    as_json: JsonOption = False,
    lang: LangOption = Lang.en,
    progress: ProgressOption = True,
) -> None:
    """Print a city's one-hour circle: bridge, range and table under every reading; with -o write files and a map."""
    from railshed import commands

    request = commands.CircleRequest(
        data=Data(
            tuple(network or ("china",)), date_of(date), not without_lines, words(modes), datum
        ),
        point=Point(
            at, stations_within, name, feeder, window_of(window_to, "--window-to"),
            window_of(window_from, "--window-from"),
        ),
        cities=tuple(cities or ()), region=region, everything=everything, cutoffs=numbers("--cutoffs", cutoffs),
        reading=reading, readings=readings, direction=direction,
        around=Surroundings(
            words(access), words(egress), tuple(streets or ()), streets_place, tuple(population or ()), cell_size,
            smooth, simplify,
        ),
        max_transfers=max_transfers, car=car, raster=geotiff, draws=draws, seed=seed, out=out,
        maps=not without_map,
        map_lang=None if map_lang is None else map_lang.value, basemap=basemap,
        as_json=as_json, lang=lang.value, progress=progress,
    )  # fmt: skip
    commands.run_circle(request)


@app.command()
def compare(
    scenario: Annotated[Path, typer.Option("--scenario", "-s", help="TOML file with [[modification]] tables.")],
    city: Annotated[str | None, typer.Argument(help="City: slug, Chinese or English name.", show_default=False)] = None,
    at: AtOption = None,
    stations_within: StationsWithin = 1.0,
    name: NameOption = None,
    feeder: FeederOption = "bus",
    window_to: WindowTo = None,
    window_from: WindowFrom = None,
    network: NetworkOption = None,
    date: DateOption = None,
    without_lines: WithoutLines = False,
    modes: ModesOption = None,
    datum: DatumOption = "wgs84",
    cutoffs: CutoffsOption = None,
    reading: ReadingOption = "door-to-station",
    direction: DirectionOption = "to",
    access: AccessOption = None,
    egress: EgressOption = None,
    streets: StreetsOption = None,
    streets_place: StreetsPlaceOption = None,
    population: PopulationOption = None,
    cell_size: CellSizeOption = None,
    smooth: SmoothOption = 0.0,
    simplify: SimplifyOption = 0.0,
    out: OutOption = None,
    without_map: Annotated[bool, typer.Option("--without-map", help="With -o: write no PNG.")] = False,
    map_lang: MapLangOption = None,
    basemap: BasemapOption = None,
    as_json: JsonOption = False,
    lang: LangOption = Lang.en,
) -> None:
    """Print what a proposed line changes for a city: before, after, gained, lost; with -o write files and a map."""
    from railshed import commands

    commands.run_compare(
        city, scenario,
        data=Data(tuple(network or ("china",)), date_of(date), not without_lines, words(modes), datum),
        point=Point(
            at, stations_within, name, feeder, window_of(window_to, "--window-to"),
            window_of(window_from, "--window-from"),
        ),
        cutoffs=numbers("--cutoffs", cutoffs), reading=reading, direction=direction,
        around=Surroundings(
            words(access), words(egress), tuple(streets or ()), streets_place, tuple(population or ()), cell_size,
            smooth, simplify,
        ),
        out=out,
        maps=not without_map, map_lang=None if map_lang is None else map_lang.value, basemap=basemap, as_json=as_json,
        lang=lang.value,
    )  # fmt: skip


@app.command()
def reach(
    station: Annotated[
        list[str] | None, typer.Option("--station", help="Target station, id or name; may be repeated.")
    ] = None,
    city: Annotated[str | None, typer.Option("--city", help="The core stations of this city as targets.")] = None,
    at: AtOption = None,
    stations_within: StationsWithin = 1.0,
    network: NetworkOption = None,
    date: DateOption = None,
    without_lines: WithoutLines = False,
    modes: ModesOption = None,
    datum: DatumOption = "wgs84",
    direction: Annotated[str, typer.Option("--direction", help="to the targets, or from them.")] = "to",
    window: Annotated[
        str, typer.Option("--window", help="Deadlines (to) or departures (from), end not included; 24:00 is allowed.")
    ] = "07:30-09:30",
    slack_minutes: Annotated[float, typer.Option("--slack-minutes", help="Minutes early that do not count.")] = 30,
    percentiles: Annotated[str, typer.Option("--percentiles", help="Of the window's minutes, e.g. 0,50,75.")] = "0,50",
    max_transfers: TransfersOption = None,
    change_minutes: Annotated[
        float | None, typer.Option("--change-minutes", help="Change time at every station; default by class.")
    ] = None,
    no_footpaths: Annotated[bool, typer.Option("--no-footpaths", help="No walks between stations.")] = False,
    max_minutes: Annotated[int, typer.Option("--max-minutes", help="Longer travel times are left empty.")] = 120,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="CSV file; default the screen.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Station-to-station travel times of all stations: rides and changes only, no access, entry or exit."""
    from railshed import commands

    commands.run_reach(
        data=Data(tuple(network or ("china",)), date_of(date), not without_lines, words(modes), datum),
        stations=tuple(station or ()), city=city, point=Point(at, stations_within),
        direction=direction, window=window_of(window), slack_minutes=slack_minutes,
        percentiles=numbers("--percentiles", percentiles) or (), max_transfers=max_transfers,
        change_minutes=change_minutes, footpaths=not no_footpaths, max_minutes=max_minutes, out=out, as_json=as_json,
    )  # fmt: skip


@app.command()
def check(
    paths: Annotated[
        list[str], typer.Argument(metavar="PATH...", help="Network folder, GTFS zip or folder, or shipped id.")
    ],
    date: DateOption = None,
    modes: ModesOption = None,
    datum: DatumOption = "wgs84",
    as_json: JsonOption = False,
) -> None:
    """List everything that is wrong with a network: file, row, field, value, what to do; exit code 1 on errors."""
    from railshed import commands

    data = Data(tuple(paths), date_of(date), True, words(modes), datum)
    if commands.run_check(data, as_json=as_json):
        raise typer.Exit(EXIT_ERRORS_FOUND)


@app.command()
def networks(as_json: JsonOption = False, lang: LangOption = Lang.en) -> None:
    """List the shipped networks with date, counts, sources and licences."""
    from railshed import commands

    commands.run_networks(as_json=as_json, lang=lang.value)


@app.command(name="cities")
def list_cities(
    network: NetworkOption = None,
    region: Annotated[str | None, typer.Option("--region", help="Only those of one agglomeration.")] = None,
    as_json: JsonOption = False,
    lang: LangOption = Lang.en,
) -> None:
    """List the cities of a network with their core stations, centres and windows."""
    from railshed import commands

    commands.run_cities(
        Data(tuple(network or ("china",)), lines=False), region=region, as_json=as_json, lang=lang.value
    )


cli_import.register(app)
cli_runtime.register(app)


def main() -> None:
    """Run the command line and leave with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        # newer typer turns Ctrl-C into this code, older click into Abort; both return the code of typer.Exit
        code = app(standalone_mode=False)
        if code == EXIT_STOPPED:
            raise KeyboardInterrupt
        sys.exit(code if isinstance(code, int) else 0)
    except typer.Exit as leave:
        sys.exit(leave.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        typer.echo("stopped; nothing half-written was left", err=True)
        sys.exit(EXIT_STOPPED)
    except RailshedError as error:
        typer.echo(f"railshed: error: {error}", err=True)
        sys.exit(EXIT_MISTAKE)
    except Exception as error:
        # a mistake in the command line: click's own class, or the copy of it inside newer typer
        show, exit_code = getattr(error, "show", None), getattr(error, "exit_code", None)
        if show is None or exit_code is None:
            raise
        show()
        sys.exit(exit_code)


if __name__ == "__main__":
    main()
