"""What each command does: load, call `api`, print with `tables`, write files. One function a command."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from railshed.errors import InputError, ParameterError

if TYPE_CHECKING:
    from railshed.api import Run
    from railshed.definitions import Language
    from railshed.model import City, Network


@dataclass(frozen=True, slots=True)
class CircleRequest:
    """The arguments of `railshed circle`."""

    cities: tuple[str, ...]
    region: str | None
    everything: bool
    network: str
    date: dt.date | None
    lines: bool
    cutoffs: tuple[int, ...] | None
    reading: str
    readings: Path | None
    direction: str
    access: tuple[str, ...] | None
    max_transfers: int | None
    out: Path | None
    maps: bool
    map_lang: str
    basemap: Path | None
    as_json: bool
    lang: Language
    progress: bool

    def parameters(self) -> dict[str, Any]:
        """Return what a rerun needs, for run.json."""
        return {
            "command": "circle", "cities": list(self.cities), "region": self.region, "all": self.everything,
            "network": self.network, "date": self.date, "lines": self.lines,
            "cutoffs": None if self.cutoffs is None else list(self.cutoffs), "reading": self.reading,
            "readings": self.readings, "direction": self.direction,
            "access": None if self.access is None else list(self.access), "max_transfers": self.max_transfers,
        }  # fmt: skip


def _load(reference: str, date: dt.date | None, lines: bool) -> Network:
    from railshed.sources.networks import load_network

    return load_network(reference, date=date, lines=lines)


def run_circle(request: CircleRequest) -> None:
    """Compute, print and write the circles of one or many cities."""
    if (request.region is not None) + request.everything + bool(request.cities) != 1:
        raise ParameterError("give cities, or --region ID, or --all; `railshed cities` lists the cities")
    with _output_folder(request.out):
        _circle(request)


def _circle(request: CircleRequest) -> None:
    from railshed import api, output, tables

    network = _load(request.network, request.date, request.lines)
    chosen = _chosen_cities(network, request)
    run = api.prepare(
        network, access=request.access, readings=request.readings, date=request.date,
        max_transfers=request.max_transfers,
    )  # fmt: skip
    found = []
    with _progress(len(chosen), request.progress and len(chosen) > 1 and not request.as_json) as step:
        for circle in api.iter_circles(
            run, chosen, cutoffs=request.cutoffs, reading=request.reading, direction=request.direction
        ):
            if request.out is not None:
                output.write_circle(
                    circle, request.out, maps=request.maps, lang=request.map_lang, basemap=request.basemap
                )
            found.append(dict(circle.summary))
            if len(chosen) == 1 and not request.as_json:
                tables.print_circle(circle, request.lang)
            step()
    union = _union(run, chosen, request) if request.region is not None and len(chosen) > 1 else None
    if request.out is not None:
        if request.everything and request.maps and network.regions and network.counties is not None:
            output.write_national_map(network, found, request.out, lang=request.map_lang, basemap=request.basemap)
        output.write_run(run, request.parameters(), found, request.out, union=union)
    if request.as_json:
        tables.print_json({"cities": found, "union": union})
    elif len(chosen) > 1:
        tables.print_comparison(found, request.lang, union=union)
    if not request.as_json:
        tables.print_saved(request.out, request.lang)


@contextmanager
def _output_folder(out: Path | None) -> Iterator[None]:
    """Make the folder before the long work; take it away again where nothing came to stand in it."""
    if out is None:
        yield
        return
    from railshed.store import output_dir

    was_there = out.is_dir()
    output_dir(out)
    try:
        yield
    except BaseException:
        if not was_there and not any(out.iterdir()):
            out.rmdir()
        raise


def _chosen_cities(network: Network, request: CircleRequest) -> list[City]:
    if request.cities:
        return list(dict.fromkeys(network.get_city(name) for name in request.cities))
    if request.region is not None:
        region = network.get_region(request.region)
        chosen = [c for c in network.cities if region.region_id in c.regions and c.role == "core"]
    else:
        chosen = [c for c in network.cities if c.role == "core"]
    if not chosen:
        raise ParameterError(f"network {network.network_id} has no core city there; `railshed cities` lists them")
    return chosen


def _union(run: Run, cities: Sequence[City], request: CircleRequest) -> dict[str, Any]:
    from railshed import api
    from railshed.results import HEADLINE_CUTOFF_MIN

    cutoff = max(request.cutoffs) if request.cutoffs else HEADLINE_CUTOFF_MIN
    reading = request.reading if request.reading != "station-to-station" else "door-to-station"
    return api.union(run, cities, reading=reading, direction=request.direction, cutoff_min=cutoff)


@contextmanager
def _progress(total: int, shown: bool) -> Iterator[Any]:
    if not shown:
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("cities", total=total)
        yield lambda: bar.advance(task)


def run_compare(
    city: str,
    scenario: Path,
    *,
    network: str,
    date: dt.date | None,
    lines: bool,
    cutoffs: tuple[int, ...] | None,
    reading: str,
    direction: str,
    access: tuple[str, ...] | None,
    out: Path | None,
    maps: bool,
    map_lang: str,
    basemap: Path | None,
    as_json: bool,
    lang: Language,
) -> None:
    """Compute, print and write what a scenario changes for one city."""
    from railshed import api, output, tables

    with _output_folder(out):
        loaded = _load(network, date, lines)
        run = api.prepare(loaded, access=access, date=date)
        found = api.compare(run, city, scenario, cutoffs=cutoffs, reading=reading, direction=direction)
        if out is not None:
            parameters = {
                "command": "compare", "city": city, "scenario": scenario.name, "network": network, "date": date,
                "lines": lines, "cutoffs": None if cutoffs is None else list(cutoffs), "reading": reading,
                "direction": direction, "access": None if access is None else list(access),
            }  # fmt: skip
            output.write_comparison(found, out, maps=maps, lang=map_lang, basemap=basemap)
            output.write_run(
                run,
                parameters,
                [found.before.summary, found.after.summary],
                out,
                scenario=scenario,
                table=found.table,
                assumed=found.after.network.notes[len(loaded.notes) :],
            )
    if as_json:
        tables.print_json(tables.comparison_json(found))
        return
    tables.print_difference(found, lang)
    tables.print_saved(out, lang)


def run_reach(
    *,
    stations: tuple[str, ...],
    city: str | None,
    network: str,
    date: dt.date | None,
    lines: bool,
    direction: str,
    window: tuple[int, int],
    slack_minutes: float,
    percentiles: tuple[int, ...],
    max_transfers: int | None,
    change_minutes: float | None,
    footpaths: bool,
    max_minutes: int,
    out: Path | None,
    as_json: bool,
) -> None:
    """Compute station-to-station times and write them as CSV, JSON or a table."""
    loaded = _load(network, date, lines)
    from railshed import api, tables
    from railshed.export import write_csv

    table = api.reach(
        loaded, stations, city=city, direction=direction, window=window, slack_minutes=slack_minutes,
        percentiles=percentiles, max_transfers=max_transfers, change_minutes=change_minutes, footpaths=footpaths,
        max_minutes=max_minutes, date=date,
    )  # fmt: skip
    if out is not None:
        write_csv(table, out)
    if as_json:
        tables.print_json(table.to_dict(orient="records"))
    elif out is None:
        tables.print_reach(table)


def run_check(path: str, *, date: dt.date | None, as_json: bool) -> bool:
    """Print every problem found in reading a network and in what was read; return whether any is an error."""
    from railshed import tables
    from railshed.issues import Issue
    from railshed.validate import validate

    try:
        network = _load(path, date, lines=True)
    except InputError as error:
        found = list(error.issues) or [Issue("error", "unreadable", str(error))]
    else:
        found = validate(network)
    if as_json:
        tables.print_json([asdict(issue) for issue in found])
    else:
        tables.print_issues(path, found)
    return any(issue.severity == "error" for issue in found)


def run_networks(*, as_json: bool, lang: Language) -> None:
    """Print the shipped networks."""
    from railshed import tables
    from railshed.sources.networks import list_networks

    found = list_networks()
    if as_json:
        tables.print_json(found)
    else:
        tables.print_networks(found, lang)


def run_cities(*, network: str, region: str | None, as_json: bool, lang: Language) -> None:
    """Print the cities of a network."""
    from railshed import tables

    loaded = _load(network, None, lines=False)
    cities = list(loaded.cities)
    if region is not None:
        wanted = loaded.get_region(region).region_id
        cities = [c for c in cities if wanted in c.regions]
    if as_json:
        tables.print_json([tables.city_json(loaded, c) for c in cities])
    else:
        tables.print_cities(loaded, cities, lang)
