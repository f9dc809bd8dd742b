"""Commands that bring data in and take it out: arguments to calls, no logic."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from railshed.cli.inputs import Data
from railshed.cli.options import DateOption, DatumOption, ModesOption, NetworkOptions, clock_of, date_of, grouped, words

FolderOption = Annotated[Path, typer.Option("--out", "-o", help="Network folder to make, e.g. networks/ID.")]
IdOption = Annotated[str | None, typer.Option("--id", help="Id of the network; default the folder's name.")]
TitleOption = Annotated[str | None, typer.Option("--title", help="Title of the network; default the file's name.")]
LicenceOption = Annotated[
    str | None, typer.Option("--licence", help="Licence of the data, as its publisher words it; kept with the sources.")
]
OverwriteOption = Annotated[
    bool, typer.Option("--overwrite", help="Replace the network that stands in the folder, whole.")
]


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command(name="import-gtfs")(import_gtfs)
    app.command(name="import-traintable")(import_traintable)
    app.command(name="import-osm")(import_osm)
    app.command(name="export-gtfs")(export_gtfs)


def import_gtfs(
    sources: Annotated[
        list[str], typer.Argument(metavar="SRC...", help="GTFS zips or folders; several become one, PREFIX=PATH.")
    ],
    out: FolderOption,
    network_id: IdOption = None,
    title: TitleOption = None,
    date: DateOption = None,
    modes: ModesOption = None,
    datum: DatumOption = "wgs84",
    licence: LicenceOption = None,
    overwrite: OverwriteOption = False,
) -> None:
    """Make a network folder of GTFS feeds: timetable.zip and network.toml with sources, checksums and notes."""
    from railshed.cli import run_convert

    data = Data(tuple(sources), date_of(date), modes=words(modes), datum=datum)
    run_convert.run_import_gtfs(data, run_convert.Target(out, network_id, title, licence, overwrite))


def import_traintable(
    trains: Annotated[Path, typer.Argument(help="CSV, one row a train and station; .gz too.")],
    stations: Annotated[Path, typer.Argument(help="CSV, one row a station with lon and lat.")],
    out: FolderOption,
    columns: Annotated[
        list[str] | None,
        typer.Option(
            "--columns",
            help="How the columns are called: train=trip_id,sequence=seq; also station, arrive, depart, day, calendar, "
            "name, line, next_train, station_key, station_name, station_name_en, lon, lat, station_class, "
            "station_parent.",
        ),
    ] = None,
    calendar: Annotated[
        list[str] | None,
        typer.Option("--calendar", help="Weekdays of a text of the calendar column: Weekday=mon-fri,Holiday=sat|sun."),
    ] = None,
    where: Annotated[
        list[str] | None, typer.Option("--where", help="Rows to read: a column and its allowed texts, class=C|D|G.")
    ] = None,
    valid: Annotated[
        str | None, typer.Option("--valid", help="First and last day of the table, FIRST:LAST; default around --date.")
    ] = None,
    date: DateOption = None,
    transfers: Annotated[
        Path | None, typer.Option("--transfers", help="CSV of walks between stations: from, to, seconds.")
    ] = None,
    day_starts: Annotated[
        str, typer.Option("--day-starts", help="Clock times before it belong to the night after, e.g. 03:00.")
    ] = "00:00",
    change_minutes: Annotated[
        float | None, typer.Option("--change-minutes", help="Change time at every station; default by class.")
    ] = None,
    drop_unknown_stations: Annotated[
        bool,
        typer.Option("--drop-unknown-stations", help="Leave out calls at unknown stations, not the whole train."),
    ] = False,
    station_class: Annotated[
        str, typer.Option("--station-class", help="Class of all stations, e.g. metro; default by number of trains.")
    ] = "",
    merge_within_m: Annotated[
        float, typer.Option("--merge-within-m", help="Stations of one name within so many metres are one; 0: none.")
    ] = 0,
    mode: Annotated[
        str, typer.Option("--mode", help="Mode of all trains: rail, suburban, metro, tram, bus, ferry, cable, air.")
    ] = "rail",
    timezone: Annotated[str, typer.Option("--timezone", help="IANA name, e.g. Asia/Tokyo.")] = "",
    network_id: IdOption = None,
    title: TitleOption = None,
    datum: DatumOption = "wgs84",
    licence: LicenceOption = None,
    overwrite: OverwriteOption = False,
) -> None:
    """Make a network folder of a train table (train, sequence, station, arrive, depart) and its stations."""
    from railshed.cli import run_convert

    table = run_convert.TrainTable(
        trains, stations, tuple(columns or ()), tuple(calendar or ()), tuple(where or ()), valid, date_of(date),
        transfers, datum, clock_of(day_starts, "--day-starts"), change_minutes, drop_unknown_stations, station_class,
        merge_within_m, mode, timezone,
    )  # fmt: skip
    run_convert.run_import_traintable(
        table, run_convert.Target(out, network_id, title, licence, overwrite)
    )  # fmt: skip


def import_osm(
    out: FolderOption,
    source: Annotated[
        Path | None, typer.Argument(metavar="SRC", help="File of OpenStreetMap: .osm, .osm.gz, .osm.pbf.")
    ] = None,
    place: Annotated[
        str | None, typer.Option("--place", help="Fetch the rail of a place instead, e.g. 'Porto Alegre, Brazil'.")
    ] = None,
    routes: Annotated[
        str | None,
        typer.Option(
            "--routes",
            help="Kinds of route kept: train,light_rail,subway,monorail,tram,funicular; default all but the last.",
        ),
    ] = None,
    headways: Annotated[
        str | None,
        typer.Option("--headways", help="Minutes where tags give none, 06:00-09:00=5|09:00-23:00=10; an assumption."),
    ] = None,
    date: DateOption = None,
    network_id: IdOption = None,
    title: TitleOption = None,
    licence: LicenceOption = None,
    overwrite: OverwriteOption = False,
) -> None:
    """Make a network folder of OpenStreetMap's rail: lines.csv with estimated run times, candidates.geojson.

    A file without route relations gives its stations and candidates alone.
    """
    from railshed.cli import run_convert

    run_convert.run_import_osm(
        source, run_convert.Target(out, network_id, title, licence, overwrite), place=place, modes=words(routes),
        headways=headways, date=date_of(date),
    )  # fmt: skip


@grouped
def export_gtfs(
    network: NetworkOptions, out: Annotated[Path, typer.Option("--out", "-o", help="The zip to write.")]
) -> None:  # fmt: skip
    """Write a network's timetable as GTFS that reads back to the same network."""
    from railshed.cli import run_convert

    run_convert.run_export_gtfs(network.data(), out)
