"""The command `why`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from railshed.api import requests
from railshed.cli import inputs
from railshed.util.bilingual import Language
from railshed.util.errors import ParameterError
from railshed.util.options import Request, option, part

if TYPE_CHECKING:
    from railshed.circles.analysis import AnalysisInputs
    from railshed.show.blocks import Block


class WhyRequest(Request):
    """`railshed why`."""

    command = "why"
    place: str | None = option(
        "Station, county or town by name, or LON,LAT (write -- before -51,30).", unit="PLACE"
    )
    city: str | None = option(
        "City whose circle it is outside of.", "--city", unit="CITY", group=requests.CITY
    )
    region: str | None = option(
        "All counties of an agglomeration, each of its nearest core city.",
        "--region",
        unit="REGION",
        group=requests.CITY,
    )
    reading: str = option(
        "Reading: door-to-door or turn-up-and-go.",
        "--reading",
        "door-to-door",
        unit="READING",
        group=requests.COUNTS,
    )
    cutoff: int = option(
        "Minutes of the circle.", "--cutoff", 60, unit="MINUTES", group=requests.COUNTS
    )
    data: requests.Data = part(requests.Data)
    around: requests.Surroundings = part(requests.Surroundings)
    out: Path | None = option(
        "Scenario file (TOML) of the change that brings it in; of a region its counties, by the "
        "ending: CSV, a map (.png, .svg, .pdf) or layers (.gpkg ...); - is standard output.",
        "--out -o",
        unit="FILE",
        group=requests.FILES,
    )
    as_json: bool = requests.json_option()
    lang: Language = requests.lang_option()
    full: bool = requests.full_option()
    progress: bool = requests.progress_option()


def why(request: WhyRequest) -> None:
    """Say why a place is outside a city's circle, or all counties of an agglomeration, and what
    brings each in.
    """
    if request.around.population or request.around.opportunities:
        raise ParameterError(
            "why counts the network's own people: leave --population and --opportunities out"
        )
    if (request.place is None) == (request.region is None) or (request.place is None) != (
        request.city is None
    ):
        raise ParameterError(
            "give a place with --city, or --region for all counties of an agglomeration"
        )
    run = inputs.prepared(inputs.load(request.data), request.around)
    with inputs.output_file(request.out, ".toml" if request.region is None else ".csv") as path:
        answered = (
            _place(request, run, path) if request.region is None else _counties(request, run, path)
        )
        inputs.answer(request, *answered)


def _place(
    request: WhyRequest, run: AnalysisInputs, path: Path | None
) -> tuple[Any, Iterable[Block], Iterable[Block]]:
    """Return what is printed of a place: figures, blocks, further blocks; the change is written as
    a scenario.
    """
    from railshed.questions.why import tables
    from railshed.questions.why.why_outside import why as asked
    from railshed.scenario.files import scenario_toml
    from railshed.util.files import write_file
    from railshed.util.phrases import phrase

    place = str(request.place)
    city = str(request.city)
    saved = None
    found = asked(run, place, city, reading=request.reading, cutoff_min=request.cutoff)
    if path is not None:
        scenario = None if found.best is None else found.best.remedy.scenario
        saved = (
            phrase("why_unwritten")
            if scenario is None
            else phrase("written_to", folder=request.out)
        )
        if scenario is not None:
            write_file(path, scenario_toml(scenario))
    return found.as_plain(), tables.why_screen(found, run, saved), tables.why_tables(found)


def _counties(
    request: WhyRequest, run: AnalysisInputs, path: Path | None
) -> tuple[Any, Iterable[Block], Iterable[Block]]:
    """Return what is printed of the counties of an agglomeration; with -o a CSV of all of them."""
    from railshed.questions.why import tables
    from railshed.questions.why.why_counties import why_counties
    from railshed.report.run_folder.indicators import check_remedies, write_remedies
    from railshed.util.phrases import phrase

    if path is not None:
        check_remedies(path)
    region = run.compiled.network.get_region(str(request.region))
    shown = request.progress and not request.as_json
    rows = why_counties(
        run, region.region_id, reading=request.reading, cutoff_min=request.cutoff, progress=shown
    )
    if path is not None:
        write_remedies(rows, run, region, request.reading, request.cutoff, path)
    saved = None if path is None else phrase("written_to", folder=request.out)
    return (
        rows,
        tables.counties_screen(rows, region, request.cutoff, saved),
        tables.counties_tables(rows),
    )
