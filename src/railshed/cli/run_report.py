"""What `railshed report` does: load, compute, draw, write a page of HTML, a PDF and run.json."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from railshed.cli.inputs import (
    Data,
    Measure,
    Output,
    Point,
    Surroundings,
    check_one_question,
    chosen_cities,
    output_folder,
    say_quiet,
    windows_of,
)
from railshed.util.errors import ParameterError
from railshed.util.progress import progress_bar

if TYPE_CHECKING:
    from railshed.api.study import Study
    from railshed.circles.analysis import AnalysisInputs
    from railshed.comparisons.plans import Plans


@dataclass(frozen=True, slots=True)
class ReportRequest:
    """The arguments of `railshed report`."""

    data: Data
    point: Point
    cities: tuple[str, ...]
    region: str | None
    scenarios: tuple[Path, ...]
    measure: Measure
    around: Surroundings
    output: Output
    progress: bool
    everything: bool = False

    def parameters(self) -> dict[str, Any]:
        """Return what a rerun needs, for run.json and the appendix."""
        return {
            "command": "report",
            "cities": list(self.cities),
            "region": self.region,
            "scenario": [path.name for path in self.scenarios],
            "scenario_path": [path.as_posix() for path in self.scenarios],
            **self.point.parameters(),
            **self.data.parameters(),
            **self.measure.parameters(),
            **self.around.parameters(),
            **self.output.parameters(),
        }


def run_report(request: ReportRequest) -> None:
    """Compute and write the report of cities or of a region, with what scenarios change."""
    check_one_question(request)
    if request.output.folder is None:
        raise ParameterError("a report is files: give a folder with -o")
    with output_folder(request.output.folder):
        _report(request, request.output.folder)


def _report(request: ReportRequest, folder: Path) -> None:
    from railshed.api.study import study_of
    from railshed.circles import analysis
    from railshed.report import console
    from railshed.report.assemble import document_of
    from railshed.report.html import write_html
    from railshed.report.pdf.render import write_pdf
    from railshed.report.pictures import n_pictures, pictures_of
    from railshed.report.run_folder import circle as output
    from railshed.report.run_folder.record import command_line
    from railshed.scenario.apply import scenario_of
    from railshed.tables import data as datatables

    network, out = request.data.load(), request.output
    chosen = chosen_cities(network, request)
    say_quiet(network, windows_of(chosen, request.measure.direction))
    lang = out.map_lang or output.map_language(network, chosen)
    options = out.pictures(lang)
    run = analysis.prepare(network, **request.around.options(), **request.measure.of_run())
    scenarios = [scenario_of(path) for path in request.scenarios]

    def with_people(run: AnalysisInputs, afters: Sequence[AnalysisInputs], plans: Plans | None) -> AnalysisInputs:
        every = () if plans is None else plans.every
        return request.around.with_people(
            run,
            chosen,
            request.measure.direction,
            request.measure.cutoffs,
            lambda: afters,
            lambda: [point for plan in every for line in plan.lines for point in plan.points(line)],
        )

    shown = request.progress and not out.as_json
    with progress_bar(len(chosen), shown, "cities") as step:
        study = study_of(
            run,
            chosen,
            scenarios,
            region=None if request.region is None else network.get_region(request.region),
            measure=request.measure.of_circles(),
            with_people=with_people,
            step=step,
        )
    pictures = []
    if options is not None:
        with progress_bar(n_pictures(study), shown, "maps") as step:
            pictures = pictures_of(study, options, step)
    parameters = request.parameters()
    document = document_of(study, pictures, lang=lang, command=command_line(parameters), parameters=parameters)
    stem = request.region or "-".join(city.slug for city in chosen[:4])
    write_html(document, folder / f"{stem}_report.html")
    write_pdf(document, folder / f"{stem}_report.pdf")
    found = record_of(study)
    output.write_run(
        study.run,
        parameters,
        found.pop("results"),
        folder,
        union=study.union,
        scenarios=[] if study.plans is None else [plan.to_dict() for plan in study.plans.alone],
        more=found,
    )
    if out.as_json:
        console.print_json(record_of(study))
        return
    console.console_of().print(f"{stem}_report.html, {stem}_report.pdf")
    console.show([datatables.saved(folder)], out.lang)


def record_of(study: Study) -> dict[str, Any]:
    """Return every figure of the report as plain values, for run.json."""
    from railshed.tables.side_by_side import side_by_side

    every = [found for mine in study.comparisons for found in mine]
    results: list[Mapping[str, Any]] = [
        {**circle.summary, "car": circle.car_table, "split": circle.split_table} for circle in study.circles
    ]
    more: dict[str, Any] = {
        "results": results + [{**found.after.summary, "scenario": found.title} for found in every],
        "measures": dict(study.measures),
        "deviations": [
            {
                "key": d.measure.key,
                "value": d.value,
                "median": d.middle,
                "distance": d.distance,
                "above": d.above,
                "n": d.n,
            }
            for d in study.deviations or ()
        ],
        "side_by_side": [side_by_side(found) for found in every],
        "unions": [side_by_side(u) for u in study.unions],
        "difference": [
            {"city": found.before.city.slug, "scenario": found.title, **row} for found in every for row in found.table
        ],
        "compliance": [dict(row) for row in study.compliance],
    }
    if study.overlap is not None:
        more |= {"overlap": study.overlap.table, "overlap_cities": study.overlap.city_table}
    if study.trade_offs:
        more["trade_offs"] = [
            {"city": found.city.slug, "scenario": found.plan.title, **row}
            for found in study.trade_offs
            for row in found.table
        ]
    return more
