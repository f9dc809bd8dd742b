"""The command line: arguments to calls, results to tables and files, errors to exit codes. No logic.

Exit codes: 0 done, 1 `check` found errors in the data (or a defect of railshed), 2 a mistake in arguments or input
(`errors.RailshedError`), 130 stopped by Ctrl-C. Heavy imports happen inside the commands, so that ``railshed --help``
needs none.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from railshed._version import __version__
from railshed.cli import atlas, backtest, compare, convert, guide, rank, report, run_time, scenario
from railshed.cli.inputs import Data
from railshed.cli.options import (
    CitiesArgument,
    DateOption,
    DatumOption,
    EverythingOption,
    FormatOption,
    GeotiffOption,
    HtmlOption,
    JsonOption,
    Lang,
    LangOption,
    MapKindsOption,
    ModesOption,
    NetworkOption,
    NetworkOptions,
    OutputOptions,
    PlaceOptions,
    PointOptions,
    ProgressOption,
    ReadingOptions,
    RegionOption,
    SurroundingsOptions,
    TransfersOption,
    date_of,
    grouped,
    numbers,
    window_of,
    words,
)
from railshed.util.errors import RailshedError

app = typer.Typer(
    name="railshed",
    help="One-hour commuting circles by rail: what is within an hour of a city, and what a proposed line changes.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

#: rarer than Python's own: what imports and networks are made of stays, and looking through it took a tenth of a run
_COLLECTIONS = (50_000, 20, 20)
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
    from railshed.cli.kernel_cache import use_kernel_cache

    use_kernel_cache()


@app.command()
@grouped
def circle(
    cities: CitiesArgument = None,
    region: RegionOption = None,
    everything: EverythingOption = False,
    *,
    place: PlaceOptions,
    network: NetworkOptions,
    reading: ReadingOptions,
    surroundings: SurroundingsOptions,
    output: OutputOptions,
    car: Annotated[
        bool | None,
        typer.Option("--car/--no-car", help="Rail against the car, free-flow and peak; default for a single city."),
    ] = None,
    geotiff: GeotiffOption = False,
    html: HtmlOption = False,
    file_format: FormatOption = "gpkg",
    draws: Annotated[
        int, typer.Option("--draws", help="Days drawn, each with its own station times, feeders and delays; 0: none.")
    ] = 0,
    seed: Annotated[int, typer.Option("--seed", help="With --draws: what is drawn follows from it.")] = 0,
    map_kinds: MapKindsOption = "circle",
    progress: ProgressOption = True,
) -> None:
    """Print a city's one-hour circle: bridge, range and table under every reading; with -o write files and a map."""
    from railshed.cli import run_circle

    request = run_circle.CircleRequest(
        data=network.data(), point=place.point(), cities=tuple(cities or ()), region=region, everything=everything,
        measure=reading.measure(), around=surroundings.around(), car=car, raster=geotiff, html=html,
        draws=draws, seed=seed, output=output.output(), progress=progress, kinds=words(map_kinds) or (),
        formats=words(file_format) or (),
    )  # fmt: skip
    run_circle.run_circle(request)


@app.command()
@grouped
def reach(
    point: PointOptions,
    network: NetworkOptions,
    station: Annotated[
        list[str] | None, typer.Option("--station", help="Target station, id or name; may be repeated.")
    ] = None,
    city: Annotated[str | None, typer.Option("--city", help="The core stations of this city as targets.")] = None,
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
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="CSV file, or OMX matrix (.omx); default the screen.")
    ] = None,
    as_json: JsonOption = False,
    lang: LangOption = Lang.en,
) -> None:
    """Station-to-station travel times of all stations: rides and changes only, no access, entry or exit."""
    from railshed.cli import run_circle

    run_circle.run_reach(
        data=network.data(), stations=tuple(station or ()), city=city, point=point.point(), direction=direction,
        window=window_of(window), slack_minutes=slack_minutes, percentiles=numbers("--percentiles", percentiles) or (),
        max_transfers=max_transfers, change_minutes=change_minutes, footpaths=not no_footpaths,
        max_minutes=max_minutes, out=out, as_json=as_json, lang=lang.value,
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
    from railshed.cli import run_circle

    data = Data(tuple(paths), date_of(date), True, words(modes), datum)
    if run_circle.run_check(data, as_json=as_json):
        raise typer.Exit(EXIT_ERRORS_FOUND)


@app.command()
def networks(as_json: JsonOption = False, lang: LangOption = Lang.en) -> None:
    """List the shipped networks with date, counts, sources and licences."""
    from railshed.cli import run_circle

    run_circle.run_networks(as_json=as_json, lang=lang.value)


@app.command(name="cities")
def list_cities(
    network: NetworkOption = None,
    region: Annotated[str | None, typer.Option("--region", help="Only those of one agglomeration.")] = None,
    as_json: JsonOption = False,
    lang: LangOption = Lang.en,
) -> None:
    """List the cities of a network with their core stations, centres and windows."""
    from railshed.cli import run_circle

    run_circle.run_cities(
        Data(tuple(network or ("china",)), lines=False), region=region, as_json=as_json, lang=lang.value
    )


atlas.register(app)
backtest.register(app)
compare.register(app)
guide.register(app)
convert.register(app)
report.register(app)
run_time.register(app)
scenario.register(app)
rank.register(app)


def main() -> None:
    """Run the command line and leave with its exit code."""
    gc.set_threshold(*_COLLECTIONS)
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


def run() -> None:
    """Run the command line as a process of its own, which does not take apart at its end what the system takes back.

    That took 0.3 s. What others registered for the end is done, and everything written is flushed.
    """
    try:
        main()
    except SystemExit as leave:
        try:
            for stream in (sys.stdout, sys.stderr):
                if stream is not None:
                    stream.flush()
        except OSError:  # whoever read it is gone: Python's own end says so
            raise leave from None
        atexit._run_exitfuncs()
        os._exit(leave.code if isinstance(leave.code, int) else 0)
