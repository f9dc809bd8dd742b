"""The command `backtest`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from railshed.api.requests import BacktestRequest
from railshed.cli.inputs import (
    answer,
    as_asked,
    city_at_point,
    load,
    output_folder,
    pictures_of,
    prepared,
    with_people,
)
from railshed.util.errors import ParameterError

if TYPE_CHECKING:
    from pathlib import Path

    from railshed.api.appraisal import Backtest
    from railshed.assumptions.names import N_PLANS
    from railshed.network.cities import City
    from railshed.network.model import Network
    from railshed.scenario.files import Scenario


def backtest(request: BacktestRequest) -> None:
    """Hold the old timetable plus a line against the new timetable: hit, miss, false alarm by
    people and area.
    """
    from itertools import chain

    from railshed.io.railways import find_openings
    from railshed.questions.backtest import tables
    from railshed.questions.data import tables as datatables

    out = request.output
    if request.cities and request.place.at is not None:
        raise ParameterError("give --city or --at, not both")
    openings = find_openings(request.lines)
    if openings is not None:
        _openings(request, openings)
        return
    with output_folder(out) as folder:
        found = _backtests(request, folder)
    saved = datatables.saved(out.out, ("GeoPackage", "CSV", "map", "run.json")).words
    screen = tables.first_screen(found, request.reading.direction, saved)
    plain = {"backtests": [tables.plain_backtest(one) for one in found]}
    answer(out, plain, screen, chain.from_iterable(map(tables.every_table, found)))


def _openings(request: BacktestRequest, path: Path) -> None:
    """Forecast each line of a file of opened lines from the others; line_speeds.csv of its folder
    has railways.
    """
    from railshed.io.railways import RAILWAYS, read_openings, read_railways
    from railshed.questions.backtest import opening_tables as tables
    from railshed.questions.backtest.openings import forecast_openings
    from railshed.report.run_folder.backtest import write_openings
    from railshed.report.run_folder.circle import map_language

    out = request.output
    if request.cities or request.place.at is not None:
        raise ParameterError(
            f"{path.name} names the cities of its lines: leave out --city and --at"
        )
    with output_folder(out) as folder:
        old, new = (load(data) for data in request.timetables())
        found = forecast_openings(
            old,
            new,
            read_openings(path, new),
            read_railways(path.with_name(RAILWAYS), new),
            n_draws=request.plans or N_PLANS,
            seed=request.seed,
            progress=request.progress and not out.as_json,
        )
        if folder is not None:
            pictures = pictures_of(out, map_language(new, []))
            write_openings(
                found=found,
                old=old,
                new=new,
                path=path,
                parameters=request.record(),
                folder=folder,
                pictures=pictures,
                plain=out.csv_plain,
            )
    answer(
        out,
        tables.plain_openings(found),
        tables.openings_screen(found),
        [tables.openings_table(found)],
    )


def _backtests(request: BacktestRequest, folder: Path | None) -> list[Backtest]:
    from railshed.api.appraisal import backtest
    from railshed.questions.backtest.backtest import runs_of
    from railshed.report.run_folder.backtest import write_backtest, write_record
    from railshed.report.run_folder.circle import map_language
    from railshed.scenario.apply import scenario_of
    from railshed.scenario.files import compose

    measure = request.reading
    out = request.output
    parts = [scenario_of(path) for path in request.lines]
    scenario = parts[0] if len(parts) == 1 else compose(parts)
    old, new = (load(data) for data in request.timetables())
    run = prepared(old, request.around, **measure.of_run())
    found = []
    for here, there in _cities(old, new, scenario, request):
        three = partial(runs_of, run, new, scenario, here, city_after=there)
        mine = with_people(request.around, run, [here], measure.direction, measure.cutoffs, three)
        found.append(backtest(mine, new, scenario, here, city_after=there, **measure.of_circles()))
        if folder is not None:
            pictures = pictures_of(out, map_language(old, [here]))
            write_backtest(found[-1], folder, pictures, plain=out.csv_plain)
    if folder is not None:
        write_record(run, new, scenario, request.record(), found, folder)
    return found


def _cities(
    old: Network, new: Network, scenario: Scenario, request: BacktestRequest
) -> Iterator[tuple[City, City | None]]:
    """Yield each city as the old and the new network have it, None where that is by slug
    or place.
    """
    from railshed.comparisons.networks import known_city

    place = request.place
    if place.at is not None:
        here = city_at_point(place, old)
        yield (
            here,
            replace(
                city_at_point(place, new), slug=here.slug, name=here.name, name_en=here.name_en
            ),
        )
        return
    named = [known_city(old, name, "before") for name in dict.fromkeys(request.cities)]
    chosen = named or list(_called(old, scenario))
    if not chosen:
        raise ParameterError(
            "the line calls at no core station of a city of BEFORE: give --city or --at"
        )
    for city in chosen:
        yield as_asked(place, old, city), None


def _called(old: Network, scenario: Scenario) -> Iterator[City]:
    """Yield the cities at whose core stations the lines call."""
    from railshed.questions.backtest.backtest import predict

    found = predict(old, scenario)
    stations = {stop.station.station_id for line in found.lines for stop in line.stops}
    for city in found.network.cities:
        if stations & set(city.core_station_ids):
            yield old.get_city(city.slug)
