"""The command `why`."""

from __future__ import annotations

from dataclasses import MISSING, dataclass
from pathlib import Path

from railshed.api.requests import CITY, COUNTS, FILES, Data, Surroundings, full_option, json_option, lang_option
from railshed.cli import inputs
from railshed.util.bilingual import Language
from railshed.util.errors import ParameterError
from railshed.util.options import Request, option, part


@dataclass(frozen=True, kw_only=True)
class WhyRequest(Request):
    """`railshed why`."""

    command = "why"
    place: str = option(
        "Station, county or town by name, or LON,LAT (write -- before -51,30).", default=MISSING, unit="PLACE"
    )
    city: str = option("City whose circle it is outside of.", "--city", MISSING, unit="CITY", group=CITY)
    reading: str = option(
        "Reading: door-to-door or turn-up-and-go.", "--reading", "door-to-door", unit="READING", group=COUNTS
    )
    cutoff: int = option("Minutes of the circle.", "--cutoff", 60, unit="MINUTES", group=COUNTS)
    data: Data = part(Data)
    around: Surroundings = part(Surroundings)
    out: Path | None = option(
        "Scenario file of the change that brings it in; - is standard output.",
        "--out -o",
        unit="FILE.toml",
        group=FILES,
    )
    as_json: bool = json_option()
    lang: Language = lang_option()
    full: bool = full_option()


def why(request: WhyRequest) -> None:
    """Say why a place is outside a city's circle: minutes short, the journey, the least change that brings it in."""
    from railshed.appraisal.why_outside import why as asked
    from railshed.scenario.files import scenario_toml
    from railshed.tables import why as tables
    from railshed.util.files import write_file
    from railshed.util.phrases import phrase

    if request.around.population or request.around.opportunities:
        raise ParameterError("why counts the network's own people: leave --population and --opportunities out")
    run = inputs.prepared(inputs.load(request.data), request.around)
    found, saved = asked(run, request.place, request.city, reading=request.reading, cutoff_min=request.cutoff), None
    with inputs.output_file(request.out, ".toml") as path:
        if path is not None:
            scenario = None if found.best is None else found.best.remedy.scenario
            saved = phrase("why_unwritten") if scenario is None else phrase("written_to", folder=request.out)
            if scenario is not None:
                write_file(path, scenario_toml(scenario))
        inputs.answer(request, found.as_plain(), tables.why_screen(found, run, saved), tables.why_tables(found))
