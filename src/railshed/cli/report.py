"""The commands `report` and `verify`: arguments to calls, no logic."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from railshed.cli.options import (
    CitiesArgument,
    JsonOption,
    Lang,
    LangOption,
    NetworkOptions,
    OutputOptions,
    PlaceOptions,
    ProgressOption,
    ReadingOptions,
    RegionOption,
    ScenarioIfAny,
    SurroundingsOptions,
    grouped,
)


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command(name="report")(report)
    app.command(name="verify")(verify)


@grouped
def report(
    cities: CitiesArgument = None,
    region: RegionOption = None,
    *,
    scenario: ScenarioIfAny = None,
    place: PlaceOptions,
    network: NetworkOptions,
    reading: ReadingOptions,
    surroundings: SurroundingsOptions,
    output: OutputOptions,
    progress: ProgressOption = True,
) -> None:
    """Write a report as HTML and PDF: definitions, readings side by side, maps, tables, limits, what a plan changes."""
    from railshed.cli import run_report

    run_report.run_report(
        run_report.ReportRequest(
            data=network.data(),
            point=place.point(),
            cities=tuple(cities or ()),
            region=region,
            scenarios=tuple(scenario or ()),
            measure=reading.measure(),
            around=surroundings.around(),
            output=output.output(),
            progress=progress,
        )
    )


def verify(
    run: Annotated[
        Path, typer.Argument(help="A run.json that circle, compare, report or atlas wrote.", show_default=False)
    ],
    as_json: JsonOption = False,
    lang: LangOption = Lang.en,
) -> None:
    """Run again what a run.json records and say whether every figure is the same; exit code 1 where one is not."""
    from railshed.cli import run_verify

    if not run_verify.run_verify(run, as_json=as_json, lang=lang.value):
        raise typer.Exit(1)
