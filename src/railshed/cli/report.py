"""The command `report`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from railshed.api.requests import ReportRequest
from railshed.cli.inputs import (
    check_one_question,
    chosen_cities,
    load,
    output_folder,
    pictures_of,
    prepared,
    with_people,
)
from railshed.util.errors import ParameterError
from railshed.util.progress import progress_bar

if TYPE_CHECKING:
    from railshed.circles.analysis import AnalysisInputs
    from railshed.comparisons.plans import Plans


def report(request: ReportRequest) -> None:
    """Write a report as HTML and PDF: definitions, readings side by side, maps, tables, limits, what a plan changes."""
    check_one_question(request)
    if request.output.out is None:
        raise ParameterError("a report is files: give a folder with -o")
    with output_folder(request.output.out):
        _report(request, request.output.out)


def _report(request: ReportRequest, folder: Path) -> None:
    from railshed.api.study import study_of
    from railshed.report import console
    from railshed.report.assemble import write_report
    from railshed.report.pictures import n_pictures
    from railshed.report.pictures import pictures_of as drawn
    from railshed.report.run_folder.circle import map_language
    from railshed.report.run_folder.report import record_of, write_record
    from railshed.scenario.apply import scenario_of
    from railshed.tables import data as datatables

    network, out, measure = load(request.data), request.output, request.reading
    chosen = chosen_cities(network, request)
    lang = out.map_lang or map_language(network, chosen)
    options = pictures_of(out, lang)
    run = prepared(network, request.around, **measure.of_run())
    scenarios = [scenario_of(path) for path in request.scenario]

    def own_people(run: AnalysisInputs, afters: Sequence[AnalysisInputs], plans: Plans | None) -> AnalysisInputs:
        points = [] if plans is None else plans.line_points
        return with_people(
            request.around, run, chosen, measure.direction, measure.cutoffs, lambda: afters, lambda: points
        )  # fmt: skip

    region, shown = request.which.region, request.progress and not out.as_json
    with progress_bar(len(chosen), shown, "cities") as step:
        study = study_of(
            run, chosen, scenarios, region=None if region is None else network.get_region(region),
            measure=measure.of_circles(), with_people=own_people, step=step,
        )  # fmt: skip
    pictures = []
    if options is not None:
        with progress_bar(n_pictures(study), shown, "maps") as step:
            pictures = drawn(study, options, step)
    stem = region or "-".join(city.slug for city in chosen[:4])
    write_report(study, pictures, folder / f"{stem}_report", lang=lang, parameters=request.record())
    write_record(study, request.record(), folder)
    if out.as_json:
        console.print_json(record_of(study))
        return
    console.console_of().print(f"{stem}_report.html, {stem}_report.pdf")
    console.show([datatables.saved(folder)], out.lang)
