"""The commands about planned lines: `compare`, `trade-offs`, `compliance`."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING

from railshed.api.requests import CompareRequest, ComplianceRequest, Output, TradeOffsRequest
from railshed.cli import inputs
from railshed.util import progress
from railshed.util.errors import ParameterError
from railshed.util.names import file_name

if TYPE_CHECKING:
    from pathlib import Path

    from railshed.api.comparison import Comparison
    from railshed.api.study import Study
    from railshed.comparisons.plans import Plans
    from railshed.export.formats import Choice
    from railshed.report.run_folder.comparison import ComparisonRecord, Files
    from railshed.show.blocks import Block


def compare(request: CompareRequest) -> None:
    """Print what planned lines change for cities: before, after, gained, lost, who; with -o write
    files and maps.
    """
    inputs.check_one_question(request)
    choice = inputs.choice_of(request)
    with inputs.output_folder(request.output) as folder:
        answered = _compare(request, choice, folder)
    _print(request.output, *answered)


def _compare(
    request: CompareRequest, choice: Choice, folder: Path | None
) -> tuple[ComparisonRecord, Iterator[Block], Study]:
    """Return every figure, the blocks of the first screen and the study; the files are written into
    `folder`.
    """
    from railshed.comparisons.plans import each_once
    from railshed.report.run_folder.circle import map_language
    from railshed.report.run_folder.comparison import Files
    from railshed.scenario.apply import scenario_of

    network = inputs.load(request.data)
    out = request.output
    chosen = inputs.chosen_cities(network, request)
    pictures = inputs.pictures_of(out, map_language(network, chosen))
    scenarios, again = each_once([scenario_of(path) for path in request.scenario])
    progress.say(*again)
    html = inputs.page_of(out) if request.html else None
    files = Files(pictures, raster=request.raster, html=html, choice=choice)
    with inputs.workers_of(request.workers) as executor, inputs.bar_of(request, chosen) as step:
        study = inputs.study_for(request, network, chosen, scenarios, step=step, executor=executor)
        assert study.plans is not None
        found, blocks = _each(request, study, study.plans, files, folder)
    _write_record(request, study, study.plans, found, folder)
    return found, blocks, study


def _each(
    request: CompareRequest, study: Study, plans: Plans, files: Files, made: Path | None
) -> tuple[ComparisonRecord, Iterator[Block]]:
    """Return the figures of each city, and of all of a region together, under each plan; files are
    written.

    Blocks are those of a single city and plan.
    """
    from railshed.comparisons.forecast import n_plans_of
    from railshed.questions.compare.screen import comparison_screen, plans_screen
    from railshed.questions.compare.tables import every_table
    from railshed.report.run_folder.comparison import ComparisonRecord, plan_folders

    out = request.output
    several = len(plans.every) > 1
    regional = study.region is not None and len(study.cities) > 1
    folders = plan_folders(made, plans)
    by_city = []
    found = ComparisonRecord(clash=plans.clash, whole=made is not None or out.as_json)
    firsts: list[Comparison] = []
    n_plans = n_plans_of(study.run.compiled.network) if request.plans is None else request.plans
    for city, comparisons in zip(study.cities, study.iter_comparisons(), strict=True):
        for comparison, folder in zip(comparisons, folders, strict=True):
            found.add(comparison)
            if folder is not None:
                files.write_comparison(comparison, folder)
        if made is not None and several:
            files.write_page(comparisons, f"{file_name(city.slug)}_compare", made)
        firsts.append(comparisons[0])
        if n_plans and not plans.clash:
            forecast = study.run.forecast(city, study.scenarios, n_plans, **study.measure)
            found.forecast += forecast.rows
            stops = forecast.stations.drop(columns="geometry").to_dict("records")
            found.stops += [{"city": city.slug, **row} for row in stops]
            if folders[-1] is not None:
                files.write_forecast(forecast, comparisons[-1], folders[-1])
        by_city.append(comparisons if regional else [])
    if regional and study.region is not None:
        name = study.region.region_id
        for union, folder in zip(
            study.united(list(zip(*by_city, strict=True))), folders, strict=True
        ):
            found.add_union(union)
            if folder is not None:
                files.write_union(union, name, folder)
        if made is not None and several:
            files.write_page(found.united, f"{file_name(name)}_compare", made)
    stem = f"{file_name(study.region.region_id if study.region else study.cities[0].slug)}_compare"
    named = inputs.saved_words(
        out, stem, request.format, page=request.html, folders=folders if several else ()
    )
    if len(study.cities) > 1 or several:
        return found, plans_screen(firsts[0], study.cities, study.region, found.screens, named)
    screen = comparison_screen(firsts[0], study.compliance, named, found.forecast, found.stops)
    return found, chain(screen, every_table(firsts[0]) if out.full else ())


def _write_record(
    request: CompareRequest,
    study: Study,
    plans: Plans,
    found: ComparisonRecord,
    folder: Path | None,
) -> None:
    """Write the tables over all comparisons and run.json."""
    from railshed.report.run_folder.circle import write_run
    from railshed.report.run_folder.comparison import write_tables

    found.compliance = study.compliance
    if folder is not None:
        tables = {
            "side_by_side": found.rows + found.unions,
            "forecast": found.forecast,
            "forecast_stations": found.stops,
            "compliance": found.compliance,
        }
        write_tables(folder, tables, plain=request.output.csv_plain)
        scenarios = [plan.to_dict() for plan in plans.alone]
        write_run(
            study.run,
            request.record(),
            found.summaries,
            folder,
            scenarios=scenarios,
            more=found.recorded(),
        )


def _print(out: Output, found: ComparisonRecord, blocks: Iterator[Block], study: Study) -> None:
    """Print the first screen and what stands over all comparisons; with --full side by side, rules,
    plans, notes.
    """
    from railshed.questions.compare import side_by_side, tables
    from railshed.questions.compare.screen import forecasts
    from railshed.questions.data import tables as datatables
    from railshed.questions.labels import city_name
    from railshed.show import console
    from railshed.show.blocks import Paragraph
    from railshed.util.phrases import phrase

    if out.as_json:
        console.print_json({"comparisons": found.comparisons, **found.tables()})
        return
    assert study.plans is not None
    lang = out.lang
    cities = study.cities
    plans = study.plans
    console.show(blocks, lang)
    if out.full and not len(cities) == len(plans.every) == 1:
        console.show(side_by_side.comparisons(found.rows + found.unions), lang)
    if not len(cities) == len(plans.every) == 1:
        names = {city.slug: city_name(city) for city in cities}
        console.show(forecasts(found.forecast, names, together=len(plans.every) > 1), lang)
    if out.full:
        plan_blocks = [block for plan in plans.alone for block in tables.plan_blocks(plan)]
        console.show([*tables.compliance(found.compliance), *plan_blocks], lang)
    if plans.clash:
        console.show([Paragraph(phrase("plans_clash", why=plans.clash))], lang)
    if out.full:
        console.show(datatables.reading_notes(study.run.compiled.network, lang), lang)


def trade_offs(request: TradeOffsRequest) -> None:
    """Print what to buy: speed, trains, stops, feeders, station time, one change at a time; with -o
    CSV and plot.
    """
    from railshed.api import appraisal
    from railshed.comparisons.plans import runs_after
    from railshed.questions.data import tables as datatables
    from railshed.questions.labels import times_met
    from railshed.questions.rank.tables import trade_offs_blocks, trade_offs_screen
    from railshed.report.run_folder import circle as files
    from railshed.report.run_folder.comparison import write_trade_offs

    place = request.place
    measure = request.reading
    out = request.output
    if (request.city is None) == (place.at is None):
        raise ParameterError("give a city, or --at LON,LAT; `railshed cities` lists the cities")
    if measure.cutoffs is not None:
        raise ParameterError(
            "--cutoffs has no effect: minutes saved are those of times from 30 to 90; leave it out"
        )
    with inputs.output_folder(out) as folder:
        network = inputs.load(request.data)
        at = request.city is None
        city = inputs.city_at_point(place, network) if at else network.get_city(str(request.city))
        city = inputs.as_asked(place, network, city)
        inputs.say_quiet(network, inputs.windows_of([city], measure.direction))
        run = inputs.prepared(network, request.around, **measure.of_run())
        run = inputs.with_people(
            request.around,
            run,
            [city],
            measure.direction,
            measure.cutoffs,
            lambda: runs_after(run, [city], [request.scenario]),
        )
        found = appraisal.trade_offs(
            run,
            city,
            request.scenario,
            reading=measure.reading,
            direction=measure.direction,
            progress=request.progress,
        )
        if folder is not None:
            pictures = inputs.pictures_of(out, files.map_language(network, [city]))
            write_trade_offs(found, folder, pictures, plain=out.csv_plain)
            files.write_run(
                run,
                request.record(),
                [],
                folder,
                scenarios=[found.plan.to_dict()],
                more={"trade_offs": found.table, "definition": found.definition},
            )
    plain = {
        "city": found.city.slug,
        "objective": str(found.objective),
        "definition": found.definition,
        "table": found.table,
    }
    saved = datatables.saved(out.out, ("CSV", "chart", "run.json")).words
    screen = trade_offs_screen(
        found, times_met(run.readings[found.reading], [city], measure.direction), saved
    )
    inputs.answer(out, plain, screen, trade_offs_blocks(found))


def compliance(request: ComplianceRequest) -> None:
    """Hold planned lines against China's rules for suburban lines, clause by clause: met, not met,
    not known.
    """
    import pandas as pd

    from railshed.comparisons.compare import check_compliance
    from railshed.questions.compare import tables
    from railshed.util.csv_json import write_csv
    from railshed.util.phrases import phrase

    network, city = inputs.with_point(inputs.load(request.data), request.city, request.point)
    table = check_compliance(network, request.scenario, city=city)
    saved = phrase("compliance_save")
    with inputs.output_file(request.out) as path:
        if path is not None:
            write_csv(pd.DataFrame(table), path, plain=request.csv_plain)
            saved = phrase("written_to", folder=request.out)
        inputs.answer(
            request, table, tables.compliance_screen(table, saved), tables.compliance(table)
        )
