"""The command `scenario`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from railshed.api.requests import CITY, FILES, Data, Point
from railshed.cli.inputs import answer, load, output_file, with_point
from railshed.cli.options import Printed
from railshed.util import progress
from railshed.util.errors import NotFoundError, ParameterError
from railshed.util.files import write_file
from railshed.util.options import option, part

if TYPE_CHECKING:
    from railshed.scenario.files import Scenario


class ScenarioFilesRequest(Printed):
    """`railshed scenario`."""

    files: tuple[Path, ...] = option("Scenarios, applied in this order: .toml, .json, .geojson, or names of --list.",
        default=(), unit="FILE")  # fmt: skip
    data: Data = part(Data)
    city: str | None = option("City that terminal = true means.", "--city", unit="CITY", group=CITY)
    point: Point = part(Point)
    only: tuple[str, ...] = option("Name of a modification; these alone are on; may be repeated.", "--only", (),
        unit="NAME")  # fmt: skip
    without: tuple[str, ...] = option("Name of a modification that is off; may be repeated.", "--without", (),
        unit="NAME")  # fmt: skip
    listed: bool = option("List the shipped scenarios by name.", "--list", False)
    schema: bool = option("Print the JSON Schema of scenario files.", "--schema", False)
    from_osm: Path | None = option("OpenStreetMap file with lines under construction or proposed.", "--from-osm",
        unit="FILE")  # fmt: skip
    candidate: str | None = option("With --from-osm: name or id of the line; default list them.", "--candidate",
        unit="NAME")  # fmt: skip
    top_speed: float | None = option("With --candidate: km/h in service; default that of the map.", "--top-speed",
        unit="KM/H")  # fmt: skip
    headway: float | None = option("With --candidate: minutes between trains, 06:00 to 23:00.", "--headway", unit="MIN")
    trips_per_day: int | None = option("With --candidate: trains a day and direction, instead.", "--trips-per-day",
        unit="N")  # fmt: skip
    out: Path | None = option("TOML file to write: the candidate, or FILE... in one; - is standard output.", "--out -o",
        unit="FILE", group=FILES)  # fmt: skip


def scenario(request: ScenarioFilesRequest) -> None:
    """Check scenarios and print what they come to: stations, run times, trips, assumptions; exit code 2 on mistakes."""
    if request.schema:
        from railshed.scenario.modifications import scenario_schema

        print(json.dumps(scenario_schema(), ensure_ascii=False, indent=1))
    elif request.listed:
        _list(request)
    elif request.from_osm is not None:
        _from_osm(request, request.from_osm)
    else:
        _resolve(request)


def _list(request: ScenarioFilesRequest) -> None:
    from railshed.scenario.apply import list_scenarios
    from railshed.tables.scenario import shipped_scenarios

    answer(request, list_scenarios(), [shipped_scenarios(list_scenarios())])


def _resolve(request: ScenarioFilesRequest) -> None:
    """Hold scenarios against a network and print what they come to."""
    from railshed.scenario.apply import resolve, scenario_of
    from railshed.scenario.files import compose
    from railshed.tables.scenario import plain_scenario, scenario_blocks

    if not request.files:
        raise ParameterError("give a scenario file, --list, --schema, or --from-osm FILE")
    whole = compose([scenario_of(path) for path in request.files])
    network, city = with_point(load(request.data), request.city, request.point)
    found = resolve(network, whole, city=city, only=request.only, without=request.without)
    with output_file(request.out, ".toml") as path:
        if path is not None:
            _write(whole, path)
        answer(request, plain_scenario(found, network, whole), scenario_blocks(found, network, whole))


def _from_osm(request: ScenarioFilesRequest, path: Path) -> None:
    """Write, or print, the scenario of a line that is not built yet; without a name list them."""
    from railshed.io.osm.read import read_osm
    from railshed.io.osm.scenario import scenario_from_candidate
    from railshed.report import console
    from railshed.scenario.files import scenario_toml
    from railshed.tables.scenario import candidates_table

    candidates = read_osm(path).candidates
    if request.candidate is None:
        console.show([candidates_table(path, candidates)], request.lang)
        return
    made = scenario_from_candidate(
        _candidate(candidates, request.candidate), top_speed_kmh=request.top_speed, headway_minutes=request.headway,
        trips_per_day=request.trips_per_day,
    )  # fmt: skip
    with output_file(request.out, ".toml") as path_out:
        if path_out is None:
            print(scenario_toml(made), end="")
        else:
            _write(made, path_out)


def _candidate(candidates: Any, name: str) -> Any:
    """Return the candidate of an id or name; NotFoundError when there is none, or several of this name."""
    found = [one for one in candidates if name in (one.candidate_id, one.name)]
    if len(found) == 1:
        return found[0]
    known = [text for one in candidates for text in (one.name, one.candidate_id) if text]
    ids = ", ".join(one.candidate_id for one in found)
    hint = f"{len(found)} bear this name: give one of the ids {ids}." if found else f"Known: {', '.join(known)}."
    raise NotFoundError("candidate", name, () if found else known, hint)


def _write(scenario: Scenario, out: Path) -> None:
    from railshed.scenario.files import scenario_toml

    if out.suffix.lower() != ".toml":
        raise ParameterError(f"-o {out}: a scenario is written as TOML; name it {out.stem}.toml")
    write_file(out, scenario_toml(scenario))
    progress.say(f"{out}: {sum(len(part.modifications) for part in scenario.parts)} modifications")
