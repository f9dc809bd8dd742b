"""The command `indicators`."""

from __future__ import annotations

from dataclasses import dataclass

from railshed.api.requests import COUNTS, Data, Output, Surroundings, direction_option, progress_option
from railshed.cli import inputs
from railshed.util.errors import ParameterError
from railshed.util.options import Request, option, part


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
    data: Data = part(Data)
    around: Surroundings = part(Surroundings)
    output: Output = part(Output, recorded=False)
    progress: bool = progress_option()


def indicators(request: IndicatorsRequest) -> None:
    """Measure an agglomeration: who reaches a core city, how evenly, over which borders; or all of them, ranked."""
    if (request.region is None) != request.all_regions:
        raise ParameterError("give one of the two: an agglomeration, or --all")
    with inputs.output_folder(request.output) as folder:
        from railshed.indicators.regions import indicators as measured
        from railshed.report.run_folder.circle import write_run
        from railshed.report.run_folder.comparison import write_tables
        from railshed.tables import data as datatables
        from railshed.tables import indicators as tables
        from railshed.util.progress import progress_bar

        out, network = request.output, inputs.load(request.data)
        run = inputs.prepared(network, request.around)
        known = {region for city in network.cities if city.role == "core" for region in city.regions}
        every = [r.region_id for r in network.regions if r.region_id in known]
        names, found = every if request.region is None else [request.region], []
        with progress_bar(
            len(names), request.progress and len(names) > 1 and not out.as_json, "agglomerations"
        ) as step:
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
    screen = tables.region_screen(found[0], saved) if request.region else tables.regions_screen(found, saved)
    more = tables.region_tables(found[0]) if request.region else tables.country_tables(found)
    inputs.answer(out, plain if request.all_regions else plain[0], screen, more)
