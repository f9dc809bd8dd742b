"""The command `indicators`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from railshed.api import requests
from railshed.cli import inputs
from railshed.util.bilingual import Words
from railshed.util.errors import ParameterError
from railshed.util.names import file_name
from railshed.util.options import Request, option, part

if TYPE_CHECKING:
    from railshed.circles.analysis import AnalysisInputs
    from railshed.export.formats import Choice
    from railshed.scenario.plan import Plan
    from railshed.show.blocks import Block

    #: figures, blocks of the first screen, further blocks
    _Answered = tuple[Any, Iterable[Block], Iterable[Block]]


class IndicatorsRequest(Request):
    """`railshed indicators`."""

    command = "indicators"
    region: str | None = option(
        "Agglomeration, or a core city of one: id, Chinese or English name.", unit="REGION"
    )
    all_regions: bool = option(
        "All agglomerations that have a core city, ranked, and the regions of the country.",
        "--all",
        False,
    )
    reading: str = option(
        "Reading: door-to-door or turn-up-and-go.",
        "--reading",
        "door-to-door",
        unit="READING",
        group=requests.COUNTS,
    )
    direction: str = requests.direction_option()
    draws: int = requests.draws_option()
    commuters: Path | None = option(
        "CSV of county_code and commuters, as observed: many or few against who reaches a core "
        "city.",
        "--commuters",
        unit="FILE",
        group=requests.PEOPLE,
    )
    scenario: tuple[Path, ...] = requests.scenario_option(default=())
    plans: int | None = requests.plans_option()
    data: requests.Data = part(requests.Data)
    around: requests.Surroundings = part(requests.Surroundings)
    format: tuple[str, ...] = requests.format_option()
    output: requests.Output = part(requests.Output, recorded=False)
    progress: bool = requests.progress_option()


def indicators(request: IndicatorsRequest) -> None:
    """Measure an agglomeration: who reaches a core city, or opportunities, how evenly, over which
    borders; or all.
    """
    if (request.region is None) != request.all_regions:
        raise ParameterError("give one of the two: an agglomeration, or --all")
    if request.all_regions and request.scenario:
        raise ParameterError("a scenario goes with one agglomeration, not with --all")
    if request.around.population:
        raise ParameterError("indicators count the network's own people: leave --population out")
    as_it_is = not (request.all_regions or request.scenario or request.around.opportunities)
    if request.commuters is not None and not as_it_is:
        raise ParameterError("--commuters goes with one agglomeration as it is")
    if request.all_regions and request.around.opportunities:
        raise ParameterError("--opportunities go with one agglomeration, not with --all")
    run = inputs.prepared(inputs.load(request.data), request.around)
    if request.region is None:
        answer = _regions
    else:
        answer = _changes if request.scenario else _region
    if request.around.opportunities:
        answer = _access
    with inputs.output_folder(request.output) as folder:
        answered = answer(request, run, folder)
    inputs.answer(request.output, *answered)


def _region(request: IndicatorsRequest, run: AnalysisInputs, folder: Path | None) -> _Answered:
    """Return what is printed of one agglomeration: figures, blocks, further blocks; files are
    written.
    """
    from railshed.questions.indicators import tables
    from railshed.questions.indicators.interval import indicators as drawn
    from railshed.report.run_folder.circle import map_language
    from railshed.report.run_folder.indicators import write_region

    found = drawn(
        run,
        str(request.region),
        reading=request.reading,
        direction=request.direction,
        draws=request.draws,
    )
    plain = found.as_plain()
    blocks = list["Block"]()
    if request.commuters is not None:
        from railshed.io.folder.observed import read_commuters

        plain["quadrants"] = found.quadrants(read_commuters(request.commuters, found.counties))
        blocks += tables.quadrant_tables(plain["quadrants"])
    if folder is not None:
        pictures = inputs.pictures_of(
            request.output, map_language(found.circles.network, found.cities)
        )
        write_region(found, folder, file_name(str(request.region)), pictures, _choice(request))
        _write(request, run, [plain], folder)
    return (
        plain,
        [*tables.region_screen(found, _saved(request), blocks)],
        tables.region_tables(found),
    )


def _regions(request: IndicatorsRequest, run: AnalysisInputs, folder: Path | None) -> _Answered:
    """Return what is printed of all agglomerations, ranked; files are written."""
    from railshed.network.cities import core_cities
    from railshed.questions.indicators import tables
    from railshed.questions.indicators.interval import indicators as drawn
    from railshed.util.progress import progress_bar

    network = run.compiled.network
    found = []
    names = [region.region_id for region in network.regions if core_cities(network.cities, region)]
    if not names:
        raise ParameterError(f"network {network.network_id} has no agglomeration with a core city")
    with progress_bar(
        len(names), request.progress and not request.output.as_json, "agglomerations"
    ) as step:
        for name in names:
            found.append(
                drawn(
                    run,
                    name,
                    reading=request.reading,
                    direction=request.direction,
                    draws=request.draws,
                )
            )
            step()
    plain = [one.as_plain() for one in found]
    if folder is not None:
        _write(request, run, plain, folder)
    return plain, tables.regions_screen(found, _saved(request)), tables.country_tables(found)


def _changes(request: IndicatorsRequest, run: AnalysisInputs, folder: Path | None) -> _Answered:
    """Return what is printed of an agglomeration before and after scenarios built together; files
    are written.
    """
    from railshed.comparisons.forecast import n_plans_of
    from railshed.comparisons.plans import run_after
    from railshed.questions.indicators import tables
    from railshed.questions.indicators.drawn_integration import drawn_integration
    from railshed.questions.indicators.regions import changes_of, measured
    from railshed.report.run_folder.comparison import write_tables

    plan = _plan(request, run)
    region = str(request.region)
    before = measured(run, region, reading=request.reading, direction=request.direction)
    found = changes_of(before, run_after(run, plan))
    n = n_plans_of(run.compiled.network) if request.plans is None else request.plans
    drawn = drawn_integration(run, before, plan, n) if n else []
    plain = found.as_plain() | {"drawn": drawn}
    if folder is not None:
        rows = {
            f"{key}_{state}": plain[state][key]
            for key in ("integration", "counties")
            for state in ("before", "after")
        }
        write_tables(
            folder,
            rows | {"by_class": plain["by_class"], "drawn": drawn},
            plain=request.output.csv_plain,
        )
        _write(request, run, [plain], folder, scenarios=[plan.to_dict()])
    screen = tables.changes_screen(found, Words(*plan.titles), drawn, _saved(request))
    return plain, screen, tables.region_tables(found.after)


def _access(request: IndicatorsRequest, run: AnalysisInputs, folder: Path | None) -> _Answered:
    """Return what is printed of opportunities, before and after scenarios where some are given;
    files are written.
    """
    from railshed.comparisons.plans import run_after
    from railshed.questions.indicators import tables
    from railshed.questions.indicators.places import opportunity_access
    from railshed.report.run_folder.circle import map_language
    from railshed.report.run_folder.comparison import write_tables
    from railshed.report.run_folder.indicators import write_access

    opportunities = inputs.read_files(request.around)
    region = str(request.region)
    plan = _plan(request, run) if request.scenario else None
    shown = request.progress and not request.output.as_json
    runs = [run] if plan is None else [run, run_after(run, plan)]
    states = [
        opportunity_access(
            one,
            region,
            opportunities,
            reading=request.reading,
            direction=request.direction,
            progress=shown,
        )
        for one in runs
    ]
    plain: Any = [one.as_plain() for one in states]
    plainly = request.output.csv_plain
    if folder is not None:
        pictures = inputs.pictures_of(
            request.output, map_language(run.compiled.network, run.compiled.network.cities)
        )
        for one, state, name in zip(states, runs, ("", "_after"), strict=False):
            stem = f"{file_name(region)}_access{name}"
            tables_of = {
                "counties": one.county_table,
                "places": one.labour_table,
                "columns": one.table,
            }
            write_tables(
                folder, {f"{stem}_{key}": rows for key, rows in tables_of.items()}, plain=plainly
            )
            write_access(one, state, folder, stem, pictures, _choice(request))
        _write(request, run, plain, folder, scenarios=[] if plan is None else [plan.to_dict()])
    title = None if plan is None else Words(*plan.titles)
    plain = plain[0] if plan is None else dict(zip(("before", "after"), plain, strict=True))
    return (
        plain,
        tables.access_screen(states, _saved(request), title),
        tables.access_tables(states[-1]),
    )


def _plan(request: IndicatorsRequest, run: AnalysisInputs) -> Plan:
    from railshed.scenario.apply import resolve, scenario_of
    from railshed.scenario.files import compose

    return resolve(run.compiled.network, compose([scenario_of(path) for path in request.scenario]))


def _choice(request: IndicatorsRequest) -> Choice:
    from railshed.export.formats import Choice

    return Choice(request.format, request.output.crs, request.output.lang, request.output.csv_plain)


def _saved(request: IndicatorsRequest) -> Words:
    from railshed.questions.data import tables as datatables

    bare = request.region is None or (request.scenario and not request.around.opportunities)
    kinds = ("CSV", "run.json") if bare else ("CSV", "layers", "map", "run.json")
    return datatables.saved(request.output.out, kinds).words


def _write(
    request: IndicatorsRequest,
    run: AnalysisInputs,
    plain: Sequence[dict[str, Any]],
    folder: Path,
    **more: Any,
) -> None:
    """Write the tables over all agglomerations, and run.json."""
    from railshed.report.run_folder.circle import write_run
    from railshed.report.run_folder.comparison import write_tables

    rows = {
        key: [{"region": one["region"], **row} for one in plain for row in one[key]]
        for key in ("integration", "counties", "mutual", "quadrants")
        if all(key in one for one in plain)
    }
    if all("equity" in one for one in plain):
        rows["equity"] = [{"region": one["region"], **one["equity"]} for one in plain]
    if not request.around.opportunities:
        write_tables(folder, rows, plain=request.output.csv_plain)
    write_run(run, request.record(), plain, folder, **more)
