"""What the command `backtest` does: two networks and a scenario to tables, files and plain words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from railshed._version import __version__
from railshed.cli.inputs import Data, Measure, Output, Point, Surroundings, output_folder
from railshed.util.errors import ParameterError

if TYPE_CHECKING:
    from railshed.api.appraisal import Backtest
    from railshed.circles.analysis import AnalysisInputs
    from railshed.maps.save import Pictures
    from railshed.network.cities import City
    from railshed.network.model import Network
    from railshed.scenario.files import Scenario

#: of the table of runs
_RUNS = (
    "minutes from leaving one station to arriving at the other in a direct train, all trains of the service day; as "
    "they came: trains of the new timetable that the old one has not; hit: medians within 2 min or a tenth"
)


def run_backtest(
    before: Data, after: Data, lines: Sequence[Path], cities: Sequence[str], *, point: Point, measure: Measure,
    around: Surroundings, output: Output,
) -> None:  # fmt: skip
    """Compute, print and write how well a line was foretold, city by city."""
    if cities and point.at is not None:
        raise ParameterError("give --city or --at, not both")
    with output_folder(output.folder):
        found = _backtests(before, after, lines, cities, point=point, measure=measure, around=around, output=output)
    if output.as_json:
        from railshed.report import console as printing

        printing.print_json({"backtests": [as_plain(one) for one in found]})


def _backtests(
    before: Data, after: Data, lines: Sequence[Path], cities: Sequence[str], *, point: Point, measure: Measure,
    around: Surroundings, output: Output,
) -> list[Backtest]:  # fmt: skip
    from railshed.api.appraisal import backtest_of
    from railshed.appraisal.backtest import runs_of
    from railshed.circles import analysis
    from railshed.report.console import show
    from railshed.report.run_folder.circle import map_language
    from railshed.scenario.apply import scenario_of
    from railshed.scenario.files import compose
    from railshed.tables.backtest import backtest
    from railshed.util import progress

    loaded = [scenario_of(path) for path in lines]
    scenario = loaded[0] if len(loaded) == 1 else compose(loaded)
    old, new = before.load(), after.load()
    run = analysis.prepare(old, **around.options(), **measure.of_run())
    found = []
    for here, there in _cities(old, new, scenario, cities, point):
        three = partial(runs_of, run, new, scenario, here, city_after=there)
        mine = around.with_people(run, [here], measure.direction, measure.cutoffs, three)
        found.append(backtest_of(mine, new, scenario, here, city_after=there, **measure.of_circles()))
        if output.folder is not None:
            pictures = output.pictures(map_language(old, [here]))
            write_backtest(found[-1], output.folder, pictures)
        if not output.as_json:
            show(backtest(found[-1]), output.lang)
    if output.folder is not None:
        parameters = {
            "command": "backtest", "before": before.parameters(), "after": after.parameters(), "cities": list(cities),
            **point.parameters(), **measure.parameters(), **around.parameters(),
        }  # fmt: skip
        _write_run(run, new, scenario, parameters, found, output.folder)
        progress.say(f"{output.folder}: tables, GeoPackage{', map' if output.maps else ''}, run.json")
    return found


def _cities(
    old: Network, new: Network, scenario: Scenario, named: Sequence[str], point: Point
) -> Iterator[tuple[City, City | None]]:  # fmt: skip
    """Yield each city as the old and the new network have it, None where that is by slug or place."""
    if point.at is not None:
        here = point.city(old)
        yield here, replace(point.city(new), slug=here.slug, name=here.name, name_en=here.name_en)
        return
    from railshed.appraisal.backtest import known_city

    chosen = [known_city(old, name, "before") for name in dict.fromkeys(named)] or list(_called(old, scenario))
    if not chosen:
        raise ParameterError("the line calls at no core station of a city of BEFORE: give --city or --at")
    for city in chosen:
        yield point.with_windows(city), None


def _called(old: Network, scenario: Scenario) -> Iterator[City]:
    """Yield the cities at whose core stations the lines call."""
    from railshed.appraisal.backtest import foretold

    found = foretold(old, scenario)
    stations = {stop.station.station_id for line in found.lines for stop in line.stops}
    for city in found.network.cities:
        if stations & set(city.core_station_ids):
            yield old.get_city(city.slug)


def write_backtest(found: Backtest, folder: Path, pictures: Pictures | None) -> None:
    """Write one city's files into `folder`, named by its slug."""
    import pandas as pd

    from railshed.circles.definitions import OUTSIDE
    from railshed.comparisons.place_changes import definition_of
    from railshed.util.csv_json import write_csv

    slug = found.after.city.slug
    figure = None if pictures is None else found.plot(**pictures.options)
    found.to_file(folder / f"{slug}_backtest.gpkg")
    told = {name: "; ".join(definition_of(found.after, name)) for name in found.before.surfaces}
    outside = f"; {OUTSIDE[1]}" if found.after.has_city_proper else ""
    rows = [row | {"definition": told[row["reading"]] + outside} for row in found.table]
    write_csv(pd.DataFrame(rows), folder / f"{slug}_backtest.csv")
    write_csv(pd.DataFrame([row | {"definition": _RUNS} for row in found.runs]), folder / f"{slug}_backtest_runs.csv")
    if pictures is not None:
        pictures.write(figure, folder, f"{slug}_backtest")


def _write_run(
    run: AnalysisInputs, new: Network, scenario: Scenario, parameters: dict[str, Any], found: Sequence[Backtest],
    folder: Path
) -> None:  # fmt: skip
    """Write run.json: inputs with checksums, every assumption with its source, every figure."""
    from railshed.assumptions.assumptions import assumption_rows
    from railshed.circles.analysis import RESULTS_VERSION
    from railshed.util.csv_json import write_json

    old = run.compiled.network
    data = {
        "railshed": __version__, "results_version": RESULTS_VERSION, "parameters": parameters,
        "before": _network(old), "after": _network(new),
        "scenario": [{"file": part.file, "title": part.title, "text": part.text} for part in scenario.parts],
        "assumptions": asdict(run.assumptions), "assumption_sources": assumption_rows(old.assumptions),
        "readings": {name: asdict(reading) for name, reading in run.readings.items()},
        "results": [as_plain(one) for one in found],
    }  # fmt: skip
    write_json(data, folder / "run.json")


def _network(network: Network) -> dict[str, Any]:
    return {
        "id": network.network_id, "title": network.title, "date": network.date,
        "checksums_sha256": dict(network.checksums), "sources": [dict(s) for s in network.sources],
        "notes": list(network.notes),
    }  # fmt: skip


def as_plain(found: Backtest) -> dict[str, Any]:
    """Return a back-test as plain values."""
    from railshed.tables.backtest import verdict

    circles = {"before": found.before, "predicted": found.predicted, "after": found.after}
    return {
        "title": found.title, "city": found.after.city.slug, "verdict": verdict(found).en, "table": found.table,
        "runs": found.runs, "run_summary": found.run_summary, "assumed": list(found.notes),
        "definition_hash": {name: circle.summary["definition_hash"] for name, circle in circles.items()},
    }  # fmt: skip
