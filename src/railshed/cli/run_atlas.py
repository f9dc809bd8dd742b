"""What `railshed atlas` does: load, make the atlas or go on with one that was stopped, write run.json."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from railshed.cli.inputs import Data, Output, output_folder, say_quiet, windows_of
from railshed.util.errors import ParameterError

if TYPE_CHECKING:
    from railshed.circles.analysis import AnalysisInputs
    from railshed.report.atlas.build import Atlas


@dataclass(frozen=True, slots=True)
class AtlasRequest:
    """The arguments of `railshed atlas`."""

    data: Data
    #: ids or names; none: all
    regions: tuple[str, ...]
    output: Output
    fresh: bool = False
    progress: bool = True
    #: nothing is said but errors
    quiet: bool = False

    def parameters(self) -> dict[str, Any]:
        """Return what a rerun needs, for run.json."""
        out = self.output
        return {
            "command": "atlas", "regions": list(self.regions), **self.data.parameters(), "maps": out.maps,
            "map_lang": out.map_lang, "map_size": out.map_size, "crs": out.crs,
            "basemap": [path.as_posix() for path in out.basemap], "approval": out.approval,
        }  # fmt: skip


def run_atlas(request: AtlasRequest) -> None:
    """Make the atlas of a network's agglomerations in a folder.

    Raises
    ------
    KeyboardInterrupt
        When it is stopped, after saying what is kept.
    """
    from railshed.report import console
    from railshed.tables import data as datatables

    if request.output.folder is None:
        raise ParameterError("an atlas is files: give a folder with -o")
    try:
        with output_folder(request.output.folder):
            _atlas(request)
    except KeyboardInterrupt:
        _say(request)("what is finished is kept: the same command goes on from there")
        raise
    if not request.quiet and not request.output.as_json:
        console.console_of().print("index.html, atlas.csv, run.json")
        console.show([datatables.saved(request.output.folder)], request.output.lang)


def _atlas(request: AtlasRequest) -> None:
    from railshed.circles import analysis
    from railshed.report import console
    from railshed.report.atlas.build import PageStyle, Progress, chosen_regions, make, page_language
    from railshed.report.atlas.entries import core_cities
    from railshed.report.run_folder.record import command_line

    out = request.output
    assert out.folder is not None
    network = request.data.load()
    regions = chosen_regions(network, request.regions or None)
    lang = out.map_lang or page_language(network)
    if not request.quiet:
        say_quiet(network, windows_of([c for r in regions for c in core_cities(network, r)], "to"))
    run = analysis.prepare(network)
    parameters = request.parameters()
    again = (f"{command_line(parameters)} -o DIR", "railshed verify DIR/run.json")
    told = Progress(_say(request), request.progress and not request.quiet and not out.as_json)
    found = make(
        run, regions, out.folder, PageStyle(lang, out.pictures(lang), again), fresh=request.fresh, progress=told
    )  # fmt: skip
    write_record(run, found, parameters)
    if out.as_json:
        console.print_json(found.compared.rows())


def _say(request: AtlasRequest) -> Callable[[str], None]:
    from railshed.util import progress as progress_

    return (lambda line: None) if request.quiet else progress_.say


def write_record(run: AnalysisInputs, found: Atlas, parameters: dict[str, Any]) -> None:
    """Write run.json: every figure of the atlas, as `railshed verify` computes them again."""
    from railshed.report.run_folder import circle as output

    side = found.compared
    cities = {city["city"]["slug"]: city for entry in side.entries for city in entry.cities}
    findings = [
        {
            "region": entry.region, "key": d.measure.key, "value": d.value, "median": d.middle, "distance": d.distance,
            "above": d.above, "n": d.n,
        }
        for entry in side.entries
        for d, _ in side.findings(entry)
    ]  # fmt: skip
    regions = [
        {"region": entry.region, "united": entry.united, "overlap": entry.overlap,
         "overlap_cities": entry.overlap_cities, "members": entry.members}
        for entry in side.entries
    ]  # fmt: skip
    more = {"atlas": side.rows(), "findings": findings, "regions": regions}
    output.write_run(run, parameters, list(cities.values()), found.folder, more=more)
