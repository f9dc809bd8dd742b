"""The command `atlas`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from railshed.api.requests import AtlasRequest, Surroundings
from railshed.cli.inputs import load, pictures_of, prepared, say_dropped, say_quiet, windows_of, workers_of
from railshed.util import progress
from railshed.util.errors import ParameterError


def atlas(request: AtlasRequest) -> None:
    """Write the atlas of all agglomerations: a page each, an index that compares them; stopped, it goes on."""
    from railshed.questions.data import tables as datatables
    from railshed.show import console

    folder = request.output.out
    if folder is None:
        raise ParameterError("an atlas is files: give a folder with -o")
    try:
        rows = _atlas(request, folder)
    except KeyboardInterrupt:
        _say(request)("what is finished stays: the same command goes on from there")
        raise
    if request.output.as_json:
        console.print_json(rows)
    elif not request.quiet:
        console.console_of().print("index.html, atlas.csv, run.json")
        console.show([datatables.saved(folder)], request.output.lang)


def _atlas(request: AtlasRequest, folder: Path) -> list[dict[str, Any]]:
    """Write the atlas and return its rows."""
    from railshed.network.cities import core_cities
    from railshed.report.atlas.build import PageStyle, Progress, chosen_regions, make, page_language
    from railshed.report.run_folder.record import command_line

    out = request.output
    network = load(request.data)
    regions = chosen_regions(network, request.regions or None)
    lang = out.map_lang or page_language(network)
    if not request.quiet:
        say_quiet(network, windows_of([c for r in regions for c in core_cities(network.cities, r)], "to"))
    run = prepared(network, Surroundings(allow_loss=request.allow_loss))
    again = (f"{command_line(request.record())} -o DIR", "railshed verify DIR/run.json")
    shown = request.progress and not request.quiet and not out.as_json
    marks = Progress(_say(request), shown, partial(say_dropped, out))
    style = PageStyle(lang, pictures_of(out, lang), again, out.csv_plain)
    with workers_of(request.workers) as executor:
        found = make(
            run, regions, folder, style, request.record(), fresh=request.fresh, progress=marks, executor=executor
        )  # fmt: skip
    return found.compared.rows()


def _say(request: AtlasRequest) -> Callable[[str], None]:
    return (lambda line: None) if request.quiet else progress.say
