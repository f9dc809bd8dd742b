"""The command `scenario`: arguments to a call, no logic."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from railshed.cli.options import JsonOption, Lang, LangOption, NetworkOptions, PointOptions, grouped


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command(name="scenario")(grouped(scenario))


def scenario(
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="FILE...", help="Scenarios, applied in this order: .toml, .json, .geojson, or names of --list."
        ),
    ] = None,
    *,
    network: NetworkOptions,
    city: Annotated[str | None, typer.Option("--city", help="City that core_station = true means.")] = None,
    point: PointOptions,
    only: Annotated[
        list[str] | None, typer.Option("--only", help="Name of a modification; these alone are on; may be repeated.")
    ] = None,
    without: Annotated[
        list[str] | None, typer.Option("--without", help="Name of a modification that is off; may be repeated.")
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help="List the shipped scenarios by name.")] = False,
    schema: Annotated[bool, typer.Option("--schema", help="Print the JSON Schema of scenario files.")] = False,
    from_osm: Annotated[
        Path | None, typer.Option("--from-osm", help="OpenStreetMap file with lines under construction or proposed.")
    ] = None,
    candidate: Annotated[
        str | None, typer.Option("--candidate", help="With --from-osm: name or id of the line; default list them.")
    ] = None,
    top_speed: Annotated[
        float | None, typer.Option("--top-speed", help="With --candidate: km/h in service; default that of the map.")
    ] = None,
    headway: Annotated[
        float | None, typer.Option("--headway", help="With --candidate: minutes between trains, 06:00 to 23:00.")
    ] = None,
    trips_per_day: Annotated[
        int | None, typer.Option("--trips-per-day", help="With --candidate: trains a day and direction, instead.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="TOML file to write: the candidate, or FILE... in one.")
    ] = None,
    as_json: JsonOption = False,
    lang: LangOption = Lang.en,
) -> None:
    """Check scenarios and print what they come to: stations, run times, trips, assumptions; exit code 2 on mistakes."""
    from railshed.cli import run_scenario

    if schema:
        run_scenario.run_schema()
    elif listed:
        run_scenario.run_list(as_json=as_json, lang=lang.value)
    elif from_osm is not None:
        wanted = run_scenario.Wanted(candidate, top_speed, headway, trips_per_day)
        run_scenario.run_from_osm(from_osm, wanted, out, lang=lang.value)
    else:
        switches = (tuple(only or ()), tuple(without or ()))
        place = (city, point.point())
        run_scenario.run_scenario(
            tuple(files or ()), network.data(), place, switches, out, as_json=as_json, lang=lang.value
        )
