"""The files of back-tests: per city a GeoPackage, tables and a map; run.json."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from railshed.assumptions.assumptions import assumption_rows
from railshed.circles.definitions import OUTSIDE
from railshed.comparisons.place_changes import definition_of
from railshed.questions.backtest.map import draw_openings
from railshed.questions.backtest.opening_tables import plain_openings
from railshed.questions.backtest.tables import plain_backtest
from railshed.report.run_folder import record
from railshed.report.run_folder.circle import maps_of
from railshed.util.csv_json import write_rows
from railshed.util.encodings import decode
from railshed.util.names import file_name

if TYPE_CHECKING:
    from railshed.api.appraisal import Backtest
    from railshed.circles.analysis import AnalysisInputs
    from railshed.maps.style import MapStyle
    from railshed.network.model import Network
    from railshed.questions.backtest.openings import OpeningsTest
    from railshed.scenario.files import Scenario

#: of the table of runs
_RUNS = (
    "minutes from leaving one station to arriving at the other in a direct train, all trains of "
    "the service day; as "
    "they came: trains of the new timetable that the old one has not; hit: medians within 2 min or "
    "a tenth"
)


def write_backtest(
    found: Backtest, folder: Path, pictures: MapStyle | None, *, plain: bool = False
) -> None:
    """Write one city's files into `folder`, named by its slug."""
    slug = file_name(found.after.city.slug)
    definitions = {
        name: "; ".join(definition_of(found.after, name)) for name in found.before.surfaces
    }
    outside = f"; {OUTSIDE.en}" if found.after.has_city_proper else ""
    rows = [row | {"definition": definitions[row["reading"]] + outside} for row in found.table]
    with maps_of(pictures, folder, {f"{slug}_backtest": found.plot}):
        found.to_file(folder / f"{slug}_backtest.gpkg")
        write_rows(rows, folder / f"{slug}_backtest.csv", plain=plain)
        runs = [row | {"definition": _RUNS} for row in found.runs]
        write_rows(runs, folder / f"{slug}_backtest_runs.csv", plain=plain)


def write_record(
    run: AnalysisInputs,
    new: Network,
    scenario: Scenario,
    parameters: Mapping[str, Any],
    found: Sequence[Backtest],
    folder: Path,
) -> None:
    """Write run.json: inputs with checksums, every assumption with its source, every figure."""
    old = run.compiled.network
    data = {
        "before": network_json(old),
        "after": network_json(new),
        "scenario": [
            {"file": part.file, "title": part.title, "text": part.text} for part in scenario.parts
        ],
        "assumptions": asdict(run.assumptions),
        "assumption_sources": assumption_rows(old.assumptions),
        "readings": {name: asdict(reading) for name, reading in run.readings.items()},
        "results": [plain_backtest(one) for one in found],
    }
    record.write_record(parameters, data, folder)


def write_openings(
    found: OpeningsTest,
    old: Network,
    new: Network,
    path: Path,
    parameters: Mapping[str, Any],
    folder: Path,
    pictures: MapStyle | None,
    *,
    plain: bool = False,
) -> None:
    """Write openings.csv, a row a line and city, openings_skills.csv, the chart of reliability, and
    run.json.
    """
    definition = (
        "people outside the city proper in cells that were not within the minutes "
        "before; middle 80 % of draws"
    )
    with maps_of(pictures, folder, {"openings": partial(draw_openings, found)}):
        for name, rows in (("openings", found.rows), ("openings_skills", found.table)):
            write_rows(
                [row | {"definition": definition} for row in rows],
                folder / f"{name}.csv",
                plain=plain,
            )
    data = {
        "before": network_json(old),
        "after": network_json(new),
        "openings": decode(path.read_bytes()),
        "results": plain_openings(found),
    }
    record.write_record(parameters, data, folder)


def network_json(network: Network) -> dict[str, Any]:
    """Return what run.json says of a network."""
    return {
        "id": network.network_id,
        "title": network.title,
        "date": network.date,
        "checksums_sha256": dict(network.checksums),
        "sources": [dict(s) for s in network.sources],
        "notes": list(network.notes),
    }
