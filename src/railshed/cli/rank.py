"""The commands `rank` and `suggest`: arguments to calls, no logic."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from railshed.cli.options import NetworkOptions, OutputOptions, ProgressOption, SurroundingsOptions, grouped

ObjectiveOption = Annotated[
    str,
    typer.Option(
        "--objective",
        help="What counts: a column and minutes, people60, area45; with d door to door, with t turn-up-and-go: "
        "people90d.",
    ),
]
DirectionOption = Annotated[
    str, typer.Option("--direction", help="to the city in the morning, from it in the evening, or both.")
]


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command(name="rank")(grouped(rank))
    app.command(name="suggest")(grouped(suggest))


def rank(
    candidates: Annotated[
        Path | None,
        typer.Argument(
            metavar="CANDIDATES.toml",
            help="Lines that may be built: [[candidate]] tables; or a shipped name, china/cy.",
        ),
    ] = None,
    *,
    city: Annotated[
        list[str] | None, typer.Option("--city", help="City whose circle counts; may be repeated: circles are united.")
    ] = None,
    region: Annotated[
        str | None, typer.Option("--region", help="All core cities of an agglomeration, their circles united.")
    ] = None,
    objective: ObjectiveOption = "people60",
    budget: Annotated[
        str | None, typer.Option("--budget", help="What may be built: 120km, or a cost: 500亿; default rank only.")
    ] = None,
    direction: DirectionOption = "to",
    permutations: Annotated[
        int, typer.Option("--permutations", help="With more than 10 candidates that meet: orders drawn for Shapley.")
    ] = 200,
    seed: Annotated[int, typer.Option("--seed", help="What is drawn follows from it.")] = 0,
    progress: ProgressOption = True,
    schema: Annotated[bool, typer.Option("--schema", help="Print the JSON Schema of candidates files.")] = False,
    network: NetworkOptions,
    surroundings: SurroundingsOptions,
    output: OutputOptions,
) -> None:
    """Rank candidate lines: gain alone, last and on average, per km and cost; what to build under a budget."""
    from railshed.cli import run_rank

    if schema:
        run_rank.run_schema()
        return
    request = run_rank.RankRequest(
        candidates, tuple(city or ()), region, objective, budget, direction, permutations, seed, progress
    )
    run_rank.run_rank(request, network.data(), surroundings.around(), output.output())


def suggest(
    region: Annotated[str, typer.Argument(help="Agglomeration: id, Chinese or English name.")],
    *,
    objective: ObjectiveOption = "people60",
    direction: DirectionOption = "to",
    top_speed: Annotated[
        float | None, typer.Option("--top-speed", help="Top speed of the links in service, km/h; default 200.")
    ] = None,
    headway: Annotated[
        float | None, typer.Option("--headway", help="Minutes between trains, 06:00 to 23:00; default 15.")
    ] = None,
    min_km: Annotated[float, typer.Option("--min-km", help="Straight distance between the stations, at least.")] = 10.0,
    detour: Annotated[
        float,
        typer.Option("--detour", help="By rail it takes so many times as long as straight at --top-speed, at least."),
    ] = 1.5,
    max_trains: Annotated[
        int, typer.Option("--max-trains", help="Direct trains a day between the stations, at most.")
    ] = 10,
    per_km: Annotated[bool, typer.Option("--per-km", help="Rank by gain a km of line instead of gain.")] = False,
    number: Annotated[int, typer.Option("--number", help="Links that are wanted.")] = 10,
    appraise: Annotated[int, typer.Option("--appraise", help="Links that are appraised in full, at most.")] = 200,
    progress: ProgressOption = True,
    network: NetworkOptions,
    surroundings: SurroundingsOptions,
    output: OutputOptions,
) -> None:
    """Suggest links between stations that rail joins badly: screening, not a proposal; with -o their circles."""
    from railshed.appraisal.suggestions import LinkRules
    from railshed.cli import run_rank

    usual = LinkRules()
    rules = LinkRules(
        usual.top_speed_kmh if top_speed is None else top_speed, usual.headway_minutes if headway is None else headway,
        min_km, detour, max_trains, number=number, most_appraised=appraise, per_km=per_km,
    )  # fmt: skip
    request = run_rank.SuggestRequest(region, objective, direction, rules, progress)
    run_rank.run_suggest(request, network.data(), surroundings.around(), output.output())
