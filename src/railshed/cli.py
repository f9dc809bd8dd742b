"""The command line: arguments to calls, results to tables and files, errors to exit codes. No logic.

Exit codes: 0 done, 1 `check` found errors in the data (or a defect of railshed), 2 a mistake in arguments or input
(`errors.RailshedError`), 130 stopped by Ctrl-C. Heavy imports happen inside the commands, so that ``railshed --help``
needs none.
"""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from railshed import __version__
from railshed.errors import ParameterError, RailshedError

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
    str, typer.Option("--network", "-n", help="Shipped id (see `railshed networks`), network folder or GTFS zip.")
]
DateOption = Annotated[str | None, typer.Option("--date", help="Service day YYYY-MM-DD; default the network's own.")]
WithoutLines = Annotated[
    bool, typer.Option("--without-lines", help="Leave out lines known by minutes and headway only (lines.csv).")
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
    str | None, typer.Option("--access", help="Modes to the station: walk,bike,feeder,drive; default the first three.")
]
TransfersOption = Annotated[
    int | None, typer.Option("--max-transfers", help="Largest number of changes of train, exact; default any number.")
]
OutOption = Annotated[Path | None, typer.Option("--out", "-o", help="Folder for GeoPackage, CSV, map and run.json.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for machines instead of tables.")]
LangOption = Annotated[Lang, typer.Option("--lang", help="Language of tables: zh or en.")]
MapLangOption = Annotated[MapLang, typer.Option("--map-lang", help="Language of the map: zh, en or both.")]
ProgressOption = Annotated[bool, typer.Option("--progress/--no-progress", help="Show a progress bar on long work.")]
BasemapOption = Annotated[
    Path | None, typer.Option("--basemap", help="An approved map (GeoPackage, GeoJSON, shapefile) drawn beneath.")
]


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
    network: NetworkOption = "china",
    date: DateOption = None,
    without_lines: WithoutLines = False,
    cutoffs: CutoffsOption = None,
    reading: ReadingOption = "door-to-station",
    readings: ReadingsFile = None,
    direction: DirectionOption = "to",
    access: AccessOption = None,
    max_transfers: TransfersOption = None,
    out: OutOption = None,
    without_map: Annotated[bool, typer.Option("--without-map", help="With -o: write no PNG.")] = False,
    map_lang: MapLangOption = MapLang.both,
    basemap: BasemapOption = None,
    as_json: JsonOption = False,
    lang: LangOption = Lang.en,
    progress: ProgressOption = True,
) -> None:
    """Print a city's one-hour circle: bridge, range and table under every reading; with -o write files and a map."""
    from railshed import commands

    request = commands.CircleRequest(
        cities=tuple(cities or ()), region=region, everything=everything, network=network, date=_date(date),
        lines=not without_lines, cutoffs=_numbers("--cutoffs", cutoffs), reading=reading, readings=readings,
        direction=direction, access=_words(access), max_transfers=max_transfers, out=out, maps=not without_map,
        map_lang=map_lang.value, basemap=basemap, as_json=as_json, lang=lang.value, progress=progress,
    )  # fmt: skip
    commands.run_circle(request)


@app.command()
def compare(
    city: Annotated[str, typer.Argument(help="City: slug, Chinese or English name.")],
    scenario: Annotated[Path, typer.Option("--scenario", "-s", help="TOML file with [[modification]] tables.")],
    network: NetworkOption = "china",
    date: DateOption = None,
    without_lines: WithoutLines = False,
    cutoffs: CutoffsOption = None,
    reading: ReadingOption = "door-to-station",
    direction: DirectionOption = "to",
    access: AccessOption = None,
    out: OutOption = None,
    without_map: Annotated[bool, typer.Option("--without-map", help="With -o: write no PNG.")] = False,
    map_lang: MapLangOption = MapLang.both,
    basemap: BasemapOption = None,
    as_json: JsonOption = False,
    lang: LangOption = Lang.en,
) -> None:
    """Print what a proposed line changes for a city: before, after, gained, lost; with -o write files and a map."""
    from railshed import commands

    commands.run_compare(
        city, scenario, network=network, date=_date(date), lines=not without_lines,
        cutoffs=_numbers("--cutoffs", cutoffs), reading=reading, direction=direction, access=_words(access), out=out,
        maps=not without_map, map_lang=map_lang.value, basemap=basemap, as_json=as_json, lang=lang.value,
    )  # fmt: skip


@app.command()
def reach(
    station: Annotated[
        list[str] | None, typer.Option("--station", help="Target station, id or name; may be repeated.")
    ] = None,
    city: Annotated[str | None, typer.Option("--city", help="The core stations of this city as targets.")] = None,
    network: NetworkOption = "china",
    date: DateOption = None,
    without_lines: WithoutLines = False,
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
        stations=tuple(station or ()), city=city, network=network, date=_date(date), lines=not without_lines,
        direction=direction, window=_window(window), slack_minutes=slack_minutes,
        percentiles=_numbers("--percentiles", percentiles) or (), max_transfers=max_transfers,
        change_minutes=change_minutes, footpaths=not no_footpaths, max_minutes=max_minutes, out=out, as_json=as_json,
    )  # fmt: skip


@app.command()
def check(
    path: Annotated[str, typer.Argument(help="Network folder, GTFS zip or folder, or shipped id.")],
    date: DateOption = None,
    as_json: JsonOption = False,
) -> None:
    """List everything that is wrong with a network: file, row, field, value, what to do; exit code 1 on errors."""
    from railshed import commands

    if commands.run_check(path, date=_date(date), as_json=as_json):
        raise typer.Exit(EXIT_ERRORS_FOUND)


@app.command()
def networks(as_json: JsonOption = False, lang: LangOption = Lang.en) -> None:
    """List the shipped networks with date, counts, sources and licences."""
    from railshed import commands

    commands.run_networks(as_json=as_json, lang=lang.value)


@app.command(name="cities")
def list_cities(
    network: NetworkOption = "china",
    region: Annotated[str | None, typer.Option("--region", help="Only those of one agglomeration.")] = None,
    as_json: JsonOption = False,
    lang: LangOption = Lang.en,
) -> None:
    """List the cities of a network with their core stations, centres and windows."""
    from railshed import commands

    commands.run_cities(network=network, region=region, as_json=as_json, lang=lang.value)


def _numbers(option: str, text: str | None) -> tuple[int, ...] | None:
    if text is None:
        return None
    parts = [part.strip() for part in text.split(",")]
    bad = [part for part in parts if not part.isdecimal()]
    if bad:
        raise ParameterError(f"{option}: {', '.join(map(repr, bad))} is not a whole number; write e.g. 30,45,60")
    return tuple(int(part) for part in parts)


def _words(text: str | None) -> tuple[str, ...] | None:
    return None if text is None else tuple(part.strip() for part in text.split(",") if part.strip())


def _date(text: str | None) -> Any:
    import datetime as dt

    if text is None:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise ParameterError(f"--date {text!r} is no date; write it as 2023-12-15") from error


def _window(text: str) -> tuple[int, int]:
    from railshed.units import parse_window

    try:
        return parse_window(text)
    except ValueError as error:
        raise ParameterError(f"--window: {error}") from error


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
