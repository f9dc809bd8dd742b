"""The command `diff`."""

from __future__ import annotations

import datetime as dt
from dataclasses import MISSING
from itertools import chain
from typing import TYPE_CHECKING

from railshed.api import requests
from railshed.cli import inputs
from railshed.util.options import Request, option, part

if TYPE_CHECKING:
    from pathlib import Path

    from railshed.api.comparison import Comparison
    from railshed.network.model import Network
    from railshed.report.run_folder.comparison import ComparisonRecord


class DiffRequest(Request):
    """`railshed diff`."""

    command = "diff"
    before: str = option(
        "Earlier network: shipped id, folder or GTFS zip.", default=MISSING, unit="BEFORE"
    )
    after: str = option("Later network, likewise.", default=MISSING, unit="AFTER")
    cities: tuple[str, ...] = option(
        "City whose circles are compared too; may be repeated.",
        "--city",
        (),
        unit="CITY",
        group=requests.CITY,
    )
    date_before: dt.date | None = option(
        "Service day YYYY-MM-DD of BEFORE; default its own.",
        "--date-before",
        unit="DATE",
        group=requests.DATA,
    )
    date_after: dt.date | None = option(
        "Service day YYYY-MM-DD of AFTER; default its own.",
        "--date-after",
        unit="DATE",
        group=requests.DATA,
    )
    modes: tuple[str, ...] | None = requests.modes_option()
    reading: requests.Reading = part(requests.Reading)
    around: requests.Surroundings = part(requests.Surroundings)
    html: bool = requests.html_option()
    output: requests.Output = part(requests.Output)
    progress: bool = requests.progress_option()

    def data(self) -> tuple[requests.Data, requests.Data]:
        """Return what is loaded: before, after."""
        both = (self.before, self.date_before), (self.after, self.date_after)
        old, new = (
            requests.Data(network=(name,), date=date, modes=self.modes) for name, date in both
        )
        return old, new


def diff(request: DiffRequest) -> None:
    """Compare two networks, or two dates of one: stations, trips, hops, and the circles of cities
    on one land.
    """
    from railshed.comparisons.networks import network_changes
    from railshed.questions.compare import network_tables as tables
    from railshed.questions.compare.screen import screen_head, screen_of
    from railshed.questions.data import tables as datatables
    from railshed.report.run_folder.networks import write_changes

    out = request.output
    old, new = (inputs.load(data) for data in request.data())
    with inputs.output_folder(out) as folder:
        found = network_changes(old, new)
        record, compared = _cities(request, old, new, folder)
        if folder is not None:
            write_changes(found, old, new, request.record(), record, folder, plain=out.csv_plain)
    saved = datatables.saved(out.out, ("GeoPackage", "CSV", "map", "run.json")).words
    plain = tables.plain_changes(found) | {"comparisons": record.comparisons}
    cities = chain.from_iterable(screen_head(each, screen_of(each)) for each in compared)
    screen = chain(tables.changes_screen(old, new, found, saved), cities)
    inputs.answer(out, plain, screen, tables.changes_tables(found))


def _cities(
    request: DiffRequest, old: Network, new: Network, folder: Path | None
) -> tuple[ComparisonRecord, list[Comparison]]:
    """Return the figures of the cities' circles and the comparisons; their files are written into
    `folder`.
    """
    from railshed.api.comparison import compare_networks
    from railshed.comparisons.networks import known_city
    from railshed.report.run_folder.circle import map_language
    from railshed.report.run_folder.comparison import ComparisonRecord, Files
    from railshed.util.progress import progress_bar

    record = ComparisonRecord()
    found = list["Comparison"]()
    out = request.output
    cities = [known_city(old, name, "before") for name in dict.fromkeys(request.cities)]
    if not cities:
        return record, found
    measure = request.reading
    run = inputs.prepared(old, request.around, **measure.of_run())
    run = inputs.with_people(request.around, run, cities, measure.direction, measure.cutoffs)
    html = inputs.page_of(out) if request.html else None
    files = Files(inputs.pictures_of(out, map_language(old, cities)), html=html)
    shown = request.progress and not out.as_json
    with progress_bar(
        len(cities) if len(cities) > 1 else None, shown and len(cities) > 1, "cities"
    ) as step:
        for city in cities:
            found.append(compare_networks(run, new, city, **measure.of_circles()))
            record.add(found[-1])
            if folder is not None:
                files.write_comparison(found[-1], folder)
            step()
    return record, found
