"""The command `indicators`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from railshed.api.requests import (
    COUNTS,
    Data,
    Output,
    Surroundings,
    direction_option,
    progress_option,
    scenario_option,
)
from railshed.cli import inputs
from railshed.util.bilingual import Words
from railshed.util.errors import ParameterError
from railshed.util.options import Request, option, part

if TYPE_CHECKING:
    from railshed.tables.blocks import Block


@dataclass(frozen=True, kw_only=True)
class IndicatorsRequest(Request):
    """`railshed indicators`."""

    command = "indicators"
    region: str | None = option("Agglomeration: id, Chinese or English name.", unit="REGION")
    all_regions: bool = option(
        "All agglomerations that have a core city, ranked, and the regions of the country.", "--all", False
    )
    reading: str = option(
        "Reading: door-to-door or turn-up-and-go.", "--reading", "door-to-door", unit="READING", group=COUNTS
    )
    direction: str = direction_option()
    scenario: tuple[Path, ...] = scenario_option(default=())
    data: Data = part(Data)
    around: Surroundings = part(Surroundings)
    output: Output = part(Output, recorded=False)
    progress: bool = progress_option()


def indicators(request: IndicatorsRequest) -> None:
    """Measure an agglomeration: who reaches a core city, how evenly, over which borders; or all of them, ranked."""
    if (request.region is None) != request.all_regions:
        raise ParameterError("give one of the two: an agglomeration, or --all")
    if request.all_regions and request.scenario:
        raise ParameterError("a scenario goes with one agglomeration, not with --all")
    if request.around.population or request.around.opportunities:
        raise ParameterError("indicators count the network's own people: leave --population and --opportunities out")
    with inputs.output_folder(request.output) as folder:
        answered = _changes(request, folder) if request.scenario else _regions(request, folder)
    inputs.answer(request.output, *answered)


def _regions(request: IndicatorsRequest, folder: Path | None) -> tuple[Any, Iterable[Block], Iterable[Block]]:
    """Return what is printed of one agglomeration or all: figures, blocks, further blocks; files are written."""
    from railshed.indicators.regions import indicators as measured
    from railshed.network.cities import core_cities
    from railshed.report.run_folder.circle import write_run
    from railshed.report.run_folder.comparison import write_tables
    from railshed.tables import data as datatables
    from railshed.tables import indicators as tables
    from railshed.util.progress import progress_bar

    out, network = request.output, inputs.load(request.data)
    run = inputs.prepared(network, request.around)
    every = [region.region_id for region in network.regions if core_cities(network.cities, region)]
    names, found = every if request.region is None else [request.region], []
    shown = request.progress and len(names) > 1 and not out.as_json
    with progress_bar(len(names), shown, "agglomerations") as step:
        for name in names:
            found.append(measured(run, name, reading=request.reading, direction=request.direction))
            step()
    plain = [one.as_plain() for one in found]
    if folder is not None:
        rows = {key: [{"region": one["region"], **row} for one in plain for row in one[key]]
                for key in ("integration", "counties", "mutual")}  # fmt: skip
        rows |= {"equity": [{"region": one["region"], **one["equity"]} for one in plain]}
        write_tables(folder, rows, plain=out.csv_plain)
        write_run(run, request.record(), plain, folder)
    saved = datatables.saved(out.out, ("CSV", "run.json")).words
    if request.region is None:
        return plain, tables.regions_screen(found, saved), tables.country_tables(found)
    return plain[0], tables.region_screen(found[0], saved), tables.region_tables(found[0])


def _changes(request: IndicatorsRequest, folder: Path | None) -> tuple[Any, Iterable[Block], Iterable[Block]]:
    """Return what is printed of an agglomeration before and after scenarios built together; files are written."""
    from railshed.comparisons.plans import run_after
    from railshed.indicators.regions import RegionChanges
    from railshed.indicators.regions import indicators as measured
    from railshed.report.run_folder.circle import write_run
    from railshed.report.run_folder.comparison import write_tables
    from railshed.scenario.apply import resolve, scenario_of
    from railshed.scenario.files import compose
    from railshed.tables import data as datatables
    from railshed.tables import indicators as tables

    out, region = request.output, str(request.region)
    run = inputs.prepared(inputs.load(request.data), request.around)
    plan = resolve(run.compiled.network, compose([scenario_of(path) for path in request.scenario]))
    asked: Any = {"reading": request.reading, "direction": request.direction}
    before = measured(run, region, **asked)
    after = measured(run_after(run, plan), region, cities=before.cities, **asked)
    found = RegionChanges(before, after)
    plain = found.as_plain()
    if folder is not None:
        rows = {
            f"{key}_{state}": plain[state][key] for key in ("integration", "counties") for state in ("before", "after")
        }
        write_tables(folder, rows | {"by_class": plain["by_class"]}, plain=out.csv_plain)
        write_run(run, request.record(), [plain], folder, scenarios=[plan.to_dict()])
    saved = datatables.saved(out.out, ("CSV", "run.json")).words
    return plain, tables.changes_screen(found, Words(*plan.titles), saved), tables.region_tables(after)
