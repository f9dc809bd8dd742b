"""The command `atlas`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from railshed.api.requests import AtlasRequest, Surroundings
from railshed.cli.inputs import (
    load,
    pictures_of,
    prepared,
    say_dropped,
    say_quiet,
    windows_of,
    workers_of,
)
from railshed.util import progress
from railshed.util.errors import ParameterError

if TYPE_CHECKING:
    from railshed.report.atlas import Atlas


def atlas(request: AtlasRequest) -> None:
    """Write the atlas of all agglomerations: a report each, a page that compares them; stopped, it
    goes on.
    """
    from railshed.questions.data import tables as datatables
    from railshed.show import console

    folder = request.output.out
    if folder is None:
        raise ParameterError("an atlas is files: give a folder with -o")
    try:
        made = _atlas(request, folder)
    except KeyboardInterrupt:
        _say(request)("what is finished stays: the same command goes on from there")
        raise
    if request.output.as_json:
        console.print_json(made.rows)
    elif not request.quiet:
        console.console_of().print("index.html, atlas.csv, run.json")
        console.show([datatables.saved(folder)], request.output.lang)


def _atlas(request: AtlasRequest, folder: Path) -> Atlas:
    """Write the atlas and return it."""
    from railshed.network.cities import core_cities
    from railshed.report.atlas import Progress, chosen_regions, write_atlas
    from railshed.report.run_folder.circle import map_language

    out = request.output
    network = load(request.data)
    regions = chosen_regions(network, request.regions or None)
    if not request.quiet:
        say_quiet(
            network, windows_of([c for r in regions for c in core_cities(network.cities, r)], "to")
        )
    run = prepared(network, Surroundings(allow_loss=request.allow_loss))
    shown = request.progress and not request.quiet and not out.as_json
    marks = Progress(_say(request), shown, partial(say_dropped, out))
    style = pictures_of(out, map_language(network, network.cities))
    with workers_of(request.workers) as executor:
        return write_atlas(run, regions, folder, request, style, progress=marks, executor=executor)


def _say(request: AtlasRequest) -> Callable[[str], None]:
    return (lambda line: None) if request.quiet else progress.say
