"""The command `run-time`: arguments to a call, no logic."""

from __future__ import annotations

from typing import Annotated

import typer

from railshed.cli.inputs import Data
from railshed.cli.options import JsonOption, Lang, LangOption, NetworkOption, words


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command(name="run-time")(run_time)


def run_time(
    stations: Annotated[
        list[str],
        typer.Argument(
            metavar="STATION...",
            help="Stations in order: id or name in the network, or LON,LAT (write -- before -51,30).",
        ),
    ],
    top_speed: Annotated[float, typer.Option("--top-speed", help="Highest speed of the line in service, km/h.")],
    stock: Annotated[
        str | None,
        typer.Option("--stock", help="Rolling stock, such as CR400 or CRH6F; default the usual one of that speed."),
    ] = None,
    length_km: Annotated[
        float | None, typer.Option("--length-km", help="Track of the whole line; default straight distance x detour.")
    ] = None,
    hop_km: Annotated[
        str | None, typer.Option("--hop-km", help="Track from each station to the next, e.g. 12.5,8,31.")
    ] = None,
    limit: Annotated[
        list[str] | None,
        typer.Option("--limit", help="Lower speed along the line, KM-KM=KMH from the first station; may be repeated."),
    ] = None,
    stops_at: Annotated[
        str | None,
        typer.Option(
            "--stops-at", help="Stations on the way where the train calls, as given, A,B; `none`; default all."
        ),
    ] = None,
    dwell_minutes: Annotated[
        float | None, typer.Option("--dwell-minutes", help="Minutes at each call; default that of the class of line.")
    ] = None,
    round_to: Annotated[
        int, typer.Option("--round-to", help="Step of the timetable in seconds: 60, 30; 0 for none.")
    ] = 60,
    network: NetworkOption = None,
    as_json: JsonOption = False,
    lang: LangOption = Lang.en,
) -> None:
    """Predict the minutes of every hop of a line from spacing, top speed, rolling stock and stops, with assumptions."""
    from railshed.cli import run_run_time

    plan = run_run_time.Plan(
        tuple(stations), top_speed, stock, length_km, words(hop_km), tuple(limit or ()), words(stops_at), dwell_minutes,
        round_to,
    )  # fmt: skip
    run_run_time.run_run_time(Data(tuple(network or ("china",))), plan, as_json=as_json, lang=lang.value)
