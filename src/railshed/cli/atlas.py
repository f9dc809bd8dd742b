"""The command `atlas`: arguments to calls, no logic."""

from __future__ import annotations

from typing import Annotated

import typer

from railshed.cli.options import NetworkOptions, OutputOptions, ProgressOption, grouped, words


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command(name="atlas")(atlas)


@grouped
def atlas(
    regions: Annotated[
        str | None,
        typer.Option("--regions", help="Agglomerations by id or name, several joined by commas; default all."),
    ] = None,
    *,
    network: NetworkOptions,
    output: OutputOptions,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Make everything again, and take the place of another atlas in the folder.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Say nothing but errors; no progress bar.")] = False,
    progress: ProgressOption = True,
) -> None:
    """Write the atlas of all agglomerations: a page each, an index that compares them; stopped, it goes on."""
    from railshed.cli import run_atlas

    run_atlas.run_atlas(
        run_atlas.AtlasRequest(
            data=network.data(),
            regions=words(regions) or (),
            output=output.output(),
            fresh=fresh,
            progress=progress,
            quiet=quiet,
        )
    )
