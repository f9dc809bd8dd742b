"""The command `report`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from railshed.api.requests import ReportRequest
from railshed.cli import inputs
from railshed.util.errors import ParameterError
from railshed.util.progress import progress_bar

if TYPE_CHECKING:
    from railshed.api.study import Study


def report(request: ReportRequest) -> None:
    """Write a report as HTML and PDF: definitions, readings side by side, maps, tables, limits,
    what a plan changes.
    """
    inputs.check_one_question(request)
    if request.output.out is None:
        raise ParameterError("a report is files: give a folder with -o")
    from railshed.questions.data import tables as datatables
    from railshed.report.run_folder.report import record_of
    from railshed.show import console

    out = request.output
    with inputs.output_folder(out) as folder:
        assert folder is not None
        study, names = _report(request, folder)
    if out.as_json:
        console.print_json(record_of(study))
        return
    console.console_of().print(", ".join(names))
    console.show([datatables.saved(out.out)], out.lang)


def _report(request: ReportRequest, folder: Path) -> tuple[Study, list[str]]:
    """Write the report; return its study and the names of its files."""
    from railshed.report.assemble import write_study
    from railshed.report.pictures import n_pictures
    from railshed.report.run_folder.circle import map_language
    from railshed.scenario.apply import scenario_of

    if request.reading.reading == "station-to-station":
        raise ParameterError(
            "reading=station-to-station (--reading) has no circle: give one from door to station "
            "or from door to door"
        )
    network = inputs.load(request.data)
    out = request.output
    chosen = inputs.chosen_cities(network, request)
    lang = out.map_lang or map_language(network, chosen)
    options = inputs.pictures_of(out, lang)
    scenarios = [scenario_of(path) for path in request.scenario]
    shown = request.progress and not out.as_json
    with (
        inputs.workers_of(request.workers) as executor,
        progress_bar(len(chosen), shown, "cities") as step,
    ):
        study = inputs.study_for(request, network, chosen, scenarios, step=step, executor=executor)
        study.compute()
    with progress_bar(n_pictures(study), shown and options is not None, "maps") as step:
        return study, write_study(study, folder, options, lang, request.record(), step)
