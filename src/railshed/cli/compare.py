"""The commands about planned lines, `compare`, `trade-offs` and `compliance`: arguments to calls, no logic."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from railshed.cli.options import (
    CitiesArgument,
    EverythingOption,
    FormatOption,
    GeotiffOption,
    HtmlOption,
    JsonOption,
    Lang,
    LangOption,
    NetworkOptions,
    OutputOptions,
    PlaceOptions,
    PointOptions,
    ProgressOption,
    ReadingOptions,
    RegionOption,
    ScenarioOption,
    SurroundingsOptions,
    grouped,
    words,
)


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command(name="compare")(compare)
    app.command(name="trade-offs")(trade_offs)
    app.command(name="compliance")(compliance)


@grouped
def compare(
    cities: CitiesArgument = None,
    region: RegionOption = None,
    everything: EverythingOption = False,
    *,
    scenario: ScenarioOption,
    place: PlaceOptions,
    network: NetworkOptions,
    reading: ReadingOptions,
    surroundings: SurroundingsOptions,
    output: OutputOptions,
    geotiff: GeotiffOption = False,
    html: HtmlOption = False,
    file_format: FormatOption = "gpkg",
    phases: Annotated[
        int,
        typer.Option("--phases", help="Draws of the phases of added trains: how much they decide; 0: none."),
    ] = 0,
    progress: ProgressOption = True,
) -> None:
    """Print what planned lines change for cities: before, after, gained, lost, who; with -o write files and maps."""
    from railshed.cli import run_compare

    request = run_compare.CompareRequest(
        data=network.data(), point=place.point(), cities=tuple(cities or ()), region=region, everything=everything,
        scenarios=tuple(scenario), measure=reading.measure(), around=surroundings.around(), raster=geotiff,
        html=html, phases=phases, output=output.output(), progress=progress, formats=words(file_format) or (),
    )  # fmt: skip
    run_compare.run_compare(request)


@grouped
def trade_offs(
    city: Annotated[str | None, typer.Argument(help="City: slug, Chinese or English name.", show_default=False)] = None,
    *,
    scenario: Annotated[Path, typer.Option("--scenario", "-s", help="Scenario file, or the name of a shipped one.")],
    place: PlaceOptions,
    network: NetworkOptions,
    reading: ReadingOptions,
    surroundings: SurroundingsOptions,
    output: OutputOptions,
) -> None:
    """Print what to buy: speed, trains, stops, feeders, station time, one change at a time; with -o CSV and plot."""
    from railshed.cli import run_compare

    run_compare.run_trade_offs(
        city, scenario, data=network.data(), point=place.point(), measure=reading.measure(),
        around=surroundings.around(), output=output.output(),
    )  # fmt: skip


@grouped
def compliance(
    scenario: ScenarioOption,
    network: NetworkOptions,
    point: PointOptions,
    city: Annotated[str | None, typer.Option("--city", help="The city that core_station = true means.")] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="CSV file; default the screen.")] = None,
    as_json: JsonOption = False,
    lang: LangOption = Lang.en,
) -> None:
    """Hold planned lines against China's rules for suburban lines, clause by clause: met, not met, not known."""
    from railshed.cli import run_compare

    run_compare.run_compliance(
        tuple(scenario), city=city, point=point.point(), data=network.data(), out=out, as_json=as_json, lang=lang.value
    )  # fmt: skip
