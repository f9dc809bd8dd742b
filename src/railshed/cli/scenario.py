"""The command `scenario`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from railshed.api.requests import CITY, FILES, Data, Point
from railshed.cli.inputs import answer, load, output_file, with_point
from railshed.cli.options import Printed
from railshed.util import progress
from railshed.util.errors import ParameterError
from railshed.util.files import write_file
from railshed.util.options import option, part

if TYPE_CHECKING:
    from railshed.scenario.files import Scenario


class ScenarioFilesRequest(Printed):
    """`railshed scenario`."""

    files: tuple[Path, ...] = option(
        "Scenarios, applied in this order: .toml, .json, .geojson, or names of --list.",
        default=(),
        unit="FILE",
    )
    data: Data = part(Data)
    city: str | None = option("City that terminal = true means.", "--city", unit="CITY", group=CITY)
    point: Point = part(Point)
    only: tuple[str, ...] = option(
        "Name of a modification; these alone are on; may be repeated.", "--only", (), unit="NAME"
    )
    without: tuple[str, ...] = option(
        "Name of a modification that is off; may be repeated.", "--without", (), unit="NAME"
    )
    listed: bool = option("List the shipped scenarios by name.", "--list", False)
    schema: bool = option("Print the JSON Schema of scenario files.", "--schema", False)
    out: Path | None = option(
        "TOML file to write, FILE... in one; - is standard output.",
        "--out -o",
        unit="FILE",
        group=FILES,
    )


def scenario(request: ScenarioFilesRequest) -> None:
    """Check scenarios and print what they come to: stations, run times, trips, assumptions; exit
    code 2 on mistakes.
    """
    if request.schema:
        from railshed.scenario.modifications import scenario_schema

        print(json.dumps(scenario_schema(), ensure_ascii=False, indent=1))
    elif request.listed:
        _list(request)
    else:
        _resolve(request)


def _list(request: ScenarioFilesRequest) -> None:
    from railshed.questions.data.scenario_tables import shipped_scenarios
    from railshed.scenario.apply import list_scenarios

    answer(request, list_scenarios(), [shipped_scenarios(list_scenarios())])


def _resolve(request: ScenarioFilesRequest) -> None:
    """Hold scenarios against a network and print what they come to."""
    from railshed.questions.data.scenario_tables import plain_scenario, scenario_blocks
    from railshed.scenario.apply import resolve, scenario_of
    from railshed.scenario.files import compose

    if not request.files:
        raise ParameterError("give a scenario file, --list or --schema")
    whole = compose([scenario_of(path) for path in request.files])
    network, city = with_point(load(request.data), request.city, request.point)
    found = resolve(network, whole, city=city, only=request.only, without=request.without)
    with output_file(request.out, ".toml") as path:
        if path is not None:
            _write(whole, path)
        answer(
            request, plain_scenario(found, network, whole), scenario_blocks(found, network, whole)
        )


def _write(scenario: Scenario, out: Path) -> None:
    from railshed.scenario.files import scenario_toml

    if out.suffix.lower() != ".toml":
        raise ParameterError(f"-o {out}: a scenario is written as TOML; name it {out.stem}.toml")
    write_file(out, scenario_toml(scenario))
    progress.say(f"{out}: {sum(len(part.modifications) for part in scenario.parts)} modifications")
