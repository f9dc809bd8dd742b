"""What the commands about planned lines do: load, compute, print, write files. One function a command."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from railshed.cli.inputs import (
    Data,
    Measure,
    Output,
    Point,
    Surroundings,
    check_folder,
    check_one_question,
    chosen_cities,
    output_folder,
    say_quiet,
    windows_of,
    with_point,
)
from railshed.export.formats import endings_of
from railshed.util.errors import ParameterError
from railshed.util.files import output_dir
from railshed.util.progress import progress_bar

if TYPE_CHECKING:
    from railshed.api.comparison import Comparison
    from railshed.circles.analysis import AnalysisInputs
    from railshed.comparisons.plans import Plans
    from railshed.network.cities import City
    from railshed.scenario.files import Scenario
    from railshed.util.bilingual import Language


@dataclass(frozen=True, slots=True)
class CompareRequest:
    """The arguments of `railshed compare`."""

    data: Data
    point: Point
    cities: tuple[str, ...]
    region: str | None
    everything: bool
    scenarios: tuple[Path, ...]
    measure: Measure
    around: Surroundings
    raster: bool
    html: bool
    #: draws of the phases of added trains
    phases: int
    output: Output
    progress: bool
    #: of the layers' files, of `formats.FORMATS`
    formats: tuple[str, ...] = ("gpkg",)

    def parameters(self) -> dict[str, Any]:
        """Return what a rerun needs, for run.json."""
        return {
            "command": "compare", "cities": list(self.cities), "region": self.region, "all": self.everything,
            "scenario": [path.name for path in self.scenarios],
            "scenario_path": [path.as_posix() for path in self.scenarios], **self.point.parameters(),
            **self.data.parameters(), **self.measure.parameters(), **self.around.parameters(), "phases": self.phases,
            "format": list(self.formats), "raster": self.raster, "html": self.html, **self.output.parameters(),
        }  # fmt: skip


@dataclass(slots=True)
class _Found:
    """Everything that a comparison comes to, as plain values."""

    summaries: list[dict[str, Any]] = field(default_factory=list)
    comparisons: list[dict[str, Any]] = field(default_factory=list)
    unions: list[dict[str, Any]] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    phases: list[dict[str, Any]] = field(default_factory=list)
    compliance: list[dict[str, Any]] = field(default_factory=list)


def run_compare(request: CompareRequest) -> None:
    """Compute, print and write what scenarios change for cities, each alone and all together."""
    from railshed.comparisons.compare import MOST_PHASES

    check_one_question(request)
    if not 0 <= request.phases <= MOST_PHASES:
        raise ParameterError(f"--phases {request.phases}: allowed are 0 (none) to {MOST_PHASES}")
    _check_raster(request)
    endings_of(request.formats)
    check_folder("--html", request.html, request.output.folder)
    with output_folder(request.output.folder):
        _compare(request)


def _check_raster(request: CompareRequest) -> None:
    if not request.raster:
        return
    from railshed.export.geotiff import WRITING
    from railshed.util.optional_packages import require

    require("rasterio", WRITING)
    if request.output.folder is None:
        raise ParameterError("--geotiff writes a file: give a folder with -o")


def _compare(request: CompareRequest) -> None:
    from railshed.api.comparison import compare_plans, unite
    from railshed.circles import analysis
    from railshed.comparisons import compliance as compliance_
    from railshed.comparisons import plans as plans_
    from railshed.report import console
    from railshed.report.run_folder import circle as output
    from railshed.report.run_folder import comparison as differencefiles
    from railshed.scenario.apply import scenario_of
    from railshed.tables import comparison as differencetables
    from railshed.tables import data as datatables
    from railshed.tables import side_by_side
    from railshed.util import progress as progress_

    network, out = request.data.load(), request.output
    chosen = chosen_cities(network, request)
    say_quiet(network, windows_of(chosen, request.measure.direction))
    pictures = out.pictures(output.map_language(network, chosen))
    run = analysis.prepare(network, **request.around.options(), **request.measure.of_run())
    scenarios, again = plans_.each_once([scenario_of(path) for path in request.scenarios])
    progress_.say(*again)
    held = plans_.resolve_plans(run, chosen, scenarios)
    plans, clash = held.every, _clash_text(held.clash, out.lang)
    afters = [plans_.run_after(run, plan) for plan in plans]
    run = request.around.with_people(
        run, chosen, request.measure.direction, request.measure.cutoffs, lambda: afters,
        lambda: [point for plan in plans for line in plan.lines for point in plan.points(line)],
    )  # fmt: skip
    folders = _folders(out.folder, held)
    html = out.page(output.map_language(network, chosen)) if request.html else None
    files = differencefiles.Files(pictures, raster=request.raster, html=html, endings=endings_of(request.formats))
    found, kept = _Found(), []
    alone = len(chosen) == 1 and len(plans) == 1
    with progress_bar(len(chosen), request.progress and len(chosen) > 1 and not out.as_json, "cities") as step:
        for city in chosen:
            comparisons = compare_plans(run, city, plans, afters, **request.measure.of_circles())
            for comparison, folder in zip(comparisons, folders, strict=True):
                _keep(found, comparison)
                if folder is not None:
                    files.write_comparison(comparison, folder)
            if out.folder is not None and len(plans) > 1:
                files.write_page(comparisons, f"{city.slug}_compare", out.folder)
            if alone and not out.as_json:
                console.show(differencetables.difference(comparisons[0]), out.lang)
            found.phases += [] if clash else _phases(run, city, scenarios, request)
            kept.append(comparisons if request.region is not None else [])
            step()
    if request.region is not None and len(chosen) > 1:
        region, unions = network.get_region(request.region), []
        for k, folder in enumerate(folders):
            mine = [comparisons[k] for comparisons in kept]
            unions.append(union := unite(mine, run, name=region.name, name_en=region.name_en))
            found.unions.append(side_by_side.side_by_side(union))
            if folder is not None:
                files.write_union(union, region.region_id, folder)
        if out.folder is not None and len(plans) > 1:
            files.write_page(unions, f"{region.region_id}_compare", out.folder)
    found.compliance = [
        {"scenario": plan.title, **row}
        for plan in held.alone
        if compliance_.rules_apply(network)
        for row in compliance_.compliance_rows(plan, run.opportunities)
    ]
    if out.folder is not None:
        differencefiles.write_tables(out.folder, found.rows + found.unions, found.phases, found.compliance)
        output.write_run(
            run, request.parameters(), found.summaries, out.folder,
            scenarios=[plan.to_dict() for plan in held.alone],
            more={
                "side_by_side": found.rows, "unions": found.unions, "phases": found.phases,
                "compliance": found.compliance, "clash": held.clash,
                "difference": [
                    {"city": c["city"], "scenario": c["title"], **row} for c in found.comparisons for row in c["table"]
                ],
                "places": [
                    {"city": c["city"], "scenario": c["title"], **row} for c in found.comparisons for row in c["places"]
                ],
            },
        )  # fmt: skip
    if out.as_json:
        console.print_json({
            "comparisons": found.comparisons, "side_by_side": found.rows, "unions": found.unions,
            "phases": found.phases, "compliance": found.compliance, "clash": held.clash,
        })  # fmt: skip
        return
    if not alone:
        console.show(side_by_side.comparisons(found.rows + found.unions), out.lang)
    console.show(side_by_side.phases(found.phases, {city.slug: city.name for city in chosen}), out.lang)
    console.show(differencetables.compliance(found.compliance), out.lang)
    for plan in held.alone:
        console.show(differencetables.plan_blocks(plan), out.lang)
    if clash:
        console.console_of().print(clash)
    console.show(datatables.reading_notes(network), out.lang)
    console.show([datatables.saved(out.folder)], out.lang)


def _clash_text(clash: str, lang: Language) -> str:
    """Return that there is no comparison of all together, and why; "" where there is one."""
    if not clash:
        return ""
    if lang == "zh":
        return f"各方案不能同时建设，未比较全部合计（也无发车相位抽样）：{clash}"
    return f"all together (and phases) left out, since these scenarios cannot be built together: {clash}"


def _folders(out: Path | None, plans: Plans) -> list[Path | None]:
    """Return the folder of each plan: the one given, or one within it for each of several, numbered in order."""
    if out is None or len(plans.every) == 1:
        return [out] * len(plans.every)
    names = [f"{k}-{plan.name}" for k, plan in enumerate(plans.alone, start=1)]
    folders = [out / name for name in (*names, *["all"] * (plans.together is not None))]
    for folder in folders:
        output_dir(folder)
    return [*folders]


def _keep(found: _Found, comparison: Comparison) -> None:
    from railshed.tables.comparison import comparison_json
    from railshed.tables.side_by_side import side_by_side

    own = comparison_json(comparison)
    found.comparisons.append(own)
    found.summaries += [dict(comparison.before.summary), dict(comparison.after.summary)]
    found.rows.append(side_by_side(comparison))


def _phases(
    run: AnalysisInputs, city: City, scenarios: Sequence[Scenario], request: CompareRequest
) -> list[dict[str, Any]]:
    if not request.phases:
        return []
    from railshed.comparisons import compare as compare_

    draws = compare_.phase_draws(run, city, scenarios, request.phases, **request.measure.of_circles())
    return [{"city": city.slug, **row} for row in draws]


def run_trade_offs(
    city: str | None, scenario: Path, *, data: Data, point: Point, measure: Measure, around: Surroundings,
    output: Output,
) -> None:  # fmt: skip
    """Compute, print and write what a planned line is worth under one change after the other."""
    from railshed.api.appraisal import trade_offs
    from railshed.circles import analysis
    from railshed.comparisons import plans as plans_
    from railshed.report import console
    from railshed.report.run_folder import circle as files
    from railshed.report.run_folder import comparison as differencefiles
    from railshed.tables import comparison as differencetables
    from railshed.tables import data as datatables

    if (city is None) == (point.at is None):
        raise ParameterError("give a city, or --at LON,LAT; `railshed cities` lists the cities")
    with output_folder(output.folder):
        network = data.load()
        chosen = point.city(network) if city is None else point.with_windows(network.get_city(city))
        say_quiet(network, windows_of([chosen], measure.direction))
        run = analysis.prepare(network, **around.options(), **measure.of_run())
        run = around.with_people(
            run, [chosen], measure.direction, measure.cutoffs, lambda: plans_.runs_after(run, [chosen], [scenario])
        )
        found = trade_offs(run, chosen, scenario, **measure.of_circles())
        if output.folder is not None:
            pictures = output.pictures(files.map_language(network, [chosen]))
            differencefiles.write_trade_offs(found, output.folder, pictures)
            parameters = {
                "command": "trade-offs", "city": city, "scenario": scenario.name, **point.parameters(),
                **data.parameters(), **measure.parameters(), **around.parameters(),
            }  # fmt: skip
            files.write_run(
                run, parameters, [], output.folder, scenarios=[found.plan.to_dict()],
                more={"trade_offs": found.table, "definition": found.definition},
            )  # fmt: skip
    if output.as_json:
        console.print_json({"city": found.city.slug, "definition": found.definition, "table": found.table})
        return
    console.show(differencetables.trade_offs(found), output.lang)
    console.show([datatables.saved(output.folder, ("CSV", "chart", "run.json"))], output.lang)


def run_compliance(
    scenarios: tuple[Path, ...], *, city: str | None, point: Point, data: Data, out: Path | None, as_json: bool,
    lang: Language,
) -> None:  # fmt: skip
    """Print or write how planned lines stand against the national rules."""
    import pandas as pd

    from railshed.comparisons import compare as compare_
    from railshed.report import console
    from railshed.tables import comparison as differencetables
    from railshed.util.csv_json import write_csv

    network, city = with_point(data.load(), city, point)
    table = compare_.check_compliance(network, scenarios, city=city)
    if out is not None:
        write_csv(pd.DataFrame(table), out)
    if as_json:
        console.print_json(table)
    elif out is None:
        console.show(differencetables.compliance(table), lang)
