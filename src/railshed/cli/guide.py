"""The command `guide`: arguments to a call, no logic."""

from __future__ import annotations

from typing import Annotated

import typer

from railshed.cli.options import Lang, LangOption


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command(name="guide")(guide)


def guide(
    topic: Annotated[str | None, typer.Argument(help="Page of the guide; without it the list of pages.")] = None,
    lang: LangOption = Lang.en,
) -> None:
    """Print a page of the guide, or the list of its pages; with --lang zh the Chinese page where there is one."""
    from railshed.cli import run_guide

    run_guide.run_guide(topic, lang=lang.value)
