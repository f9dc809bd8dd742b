"""The command `backtest`: arguments to a call, no logic."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from railshed.cli.inputs import Data
from railshed.cli.options import (
    DatumOption,
    ModesOption,
    OutputOptions,
    PlaceOptions,
    ReadingOptions,
    SurroundingsOptions,
    date_of,
    grouped,
    words,
)


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command(name="backtest")(grouped(backtest))


def backtest(
    before: Annotated[
        str, typer.Argument(metavar="BEFORE", help="Timetable before the line: shipped id, network folder or GTFS zip.")
    ],
    after: Annotated[str, typer.Argument(metavar="AFTER", help="Timetable with the line, likewise.")],
    lines: Annotated[
        list[Path],
        typer.Argument(
            metavar="LINES...", help="Scenarios with the line as it was announced, without run times of its own."
        ),
    ],
    *,
    city: Annotated[
        list[str] | None,
        typer.Option("--city", help="City of both timetables; may be repeated; default those at whose core it calls."),
    ] = None,
    date_before: Annotated[
        str | None, typer.Option("--date-before", help="Service day YYYY-MM-DD of BEFORE; default its own.")
    ] = None,
    date_after: Annotated[
        str | None, typer.Option("--date-after", help="Service day YYYY-MM-DD of AFTER; default its own.")
    ] = None,
    modes: ModesOption = None,
    datum: DatumOption = "wgs84",
    place: PlaceOptions,
    counts: ReadingOptions,
    around: SurroundingsOptions,
    results: OutputOptions,
) -> None:
    """Hold the old timetable plus a line against the new timetable: hit, miss, false alarm by people and area."""
    from railshed.cli import run_backtest

    kept = words(modes)
    run_backtest.run_backtest(
        Data((before,), date_of(date_before, "--date-before"), modes=kept, datum=datum),
        Data((after,), date_of(date_after, "--date-after"), modes=kept, datum=datum),
        tuple(lines), tuple(city or ()), point=place.point(), measure=counts.measure(), around=around.around(),
        output=results.output(),
    )  # fmt: skip
