"""What each command does: load, call `api`, print, write files. One function a command."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from railshed.distributions import MOST_DRAWS
from railshed.errors import InputError, ParameterError
from railshed.loading import Data, Measure, Output, Point, Surroundings, say_quiet

if TYPE_CHECKING:
    from railshed.api import Run
    from railshed.definitions import Language
    from railshed.model import City, Network, Station


@dataclass(frozen=True, slots=True)
class CircleRequest:
    """The arguments of `railshed circle`."""

    data: Data
    point: Point
    cities: tuple[str, ...]
    region: str | None
    everything: bool
    measure: Measure
    around: Surroundings
    #: rail against car; None: of a single city
    car: bool | None
    raster: bool
    #: drawn days, 0: none, and what they are drawn from
    draws: int
    seed: int
    output: Output
    progress: bool

    def parameters(self) -> dict[str, Any]:
        """Return what a rerun needs, for run.json."""
        return {
            "command": "circle", "cities": list(self.cities), "region": self.region, "all": self.everything,
            **self.point.parameters(), **self.data.parameters(), **self.measure.parameters(),
            **self.around.parameters(), "car": self.car, "draws": self.draws, "seed": self.seed,
        }  # fmt: skip


def _check_one_question(request: CircleRequest) -> None:
    asked = {
        "cities": bool(request.cities),
        "--region": request.region is not None,
        "--all": request.everything,
        "--at": request.point.at is not None,
    }
    given = [name for name, is_given in asked.items() if is_given]
    if len(given) == 1:
        return
    allowed = "give cities, or --region ID, or --all, or --at LON,LAT"
    if not given:
        raise ParameterError(f"{allowed}; `railshed cities` lists the cities")
    named = "; with --at, --name says what the city is called" if request.cities and "--at" in given else ""
    raise ParameterError(f"{' and '.join(given)}: {allowed}, one of them{named}")


def run_circle(request: CircleRequest) -> None:
    """Compute, print and write the circles of one or many cities."""
    _check_one_question(request)
    if not 0 <= request.draws <= MOST_DRAWS:
        raise ParameterError(f"--draws {request.draws}: allowed are 0 (none) to {MOST_DRAWS:,}")
    if request.raster:
        from railshed.extras import require
        from railshed.rasters import WRITING

        require("rasterio", WRITING)
        if request.output.folder is None:
            raise ParameterError("--geotiff writes a file: give a folder with -o")
    with _output_folder(request.output.folder):
        _circle(request)


def _circle(request: CircleRequest) -> None:
    from railshed import api, datatables, doortables, output, printing, tables

    network = request.data.load()
    chosen = _chosen_cities(network, request)
    say_quiet(network, _windows(chosen, request.measure.direction))
    map_lang = request.output.map_lang or output.map_language(network, chosen)
    run = api.prepare(network, **request.around.options(), **request.measure.of_run())
    run = request.around.with_people(run, chosen, request.measure.direction, request.measure.cutoffs)
    found = []
    with_car = len(chosen) == 1 if request.car is None else request.car
    with _progress(len(chosen), request.progress and len(chosen) > 1 and not request.output.as_json) as step:
        for circle in api.iter_circles(run, chosen, **request.measure.of_circles()):
            shown = request.progress and len(chosen) == 1 and not request.output.as_json
            drawn = circle.inclusion(request.draws, request.seed, progress=shown) if request.draws else None
            if request.output.folder is not None:
                output.write_circle(
                    circle,
                    request.output.folder,
                    maps=request.output.maps,
                    lang=map_lang,
                    basemap=request.output.basemap,
                    car=with_car,
                    raster=request.raster,
                    inclusion=drawn,
                )
            more = {"car": circle.car_table, "split": circle.split_table} if with_car else {}
            chance = {} if drawn is None else {"inclusion": drawn.summary}
            found.append({**circle.summary, **more, **chance})
            if len(chosen) == 1 and not request.output.as_json:
                tables.print_circle(circle, request.output.lang, car=with_car)
            if drawn is not None and not request.output.as_json:
                doortables.print_inclusion(drawn, request.output.lang)
            step()
    union = _union(run, chosen, request) if request.region is not None and len(chosen) > 1 else None
    if request.output.folder is not None:
        if request.everything and request.output.maps and network.regions and network.counties is not None:
            output.write_national_map(
                network, found, request.output.folder, lang=map_lang, basemap=request.output.basemap
            )
        output.write_run(run, request.parameters(), found, request.output.folder, union=union)
    if request.output.as_json:
        printing.print_json({"cities": found, "union": union})
    elif len(chosen) > 1:
        tables.print_comparison(found, request.output.lang, union=union)
    if not request.output.as_json:
        datatables.print_notes(network, request.output.lang)
        datatables.print_saved(request.output.folder, request.output.lang)


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
    if request.point.at is not None:
        return [request.point.city(network)]
    if request.cities:
        named = dict.fromkeys(network.get_city(name) for name in request.cities)
        return [request.point.with_windows(city) for city in named]
    if request.region is not None:
        region = network.get_region(request.region)
        chosen = [c for c in network.cities if region.region_id in c.regions and c.role == "core"]
    else:
        chosen = [c for c in network.cities if c.role == "core"]
    if not chosen:
        raise ParameterError(f"network {network.network_id} has no core city there; `railshed cities` lists them")
    return [request.point.with_windows(city) for city in chosen]


def _windows(cities: Sequence[City], direction: str) -> Iterator[tuple[int, int]]:
    for city in cities:
        yield from (city.window_to,) * (direction != "from") + (city.window_from,) * (direction != "to")


def _union(run: Run, cities: Sequence[City], request: CircleRequest) -> dict[str, Any]:
    from railshed import api
    from railshed.results import HEADLINE_CUTOFF_MIN

    cutoff = max(request.measure.cutoffs) if request.measure.cutoffs else HEADLINE_CUTOFF_MIN
    reading = request.measure.reading if request.measure.reading != "station-to-station" else "door-to-station"
    return api.union(run, cities, reading=reading, direction=request.measure.direction, cutoff_min=cutoff)


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


def _one_city(network: Network, city: str | None, point: Point) -> City:
    if (city is None) == (point.at is None):
        raise ParameterError("give a city, or --at LON,LAT; `railshed cities` lists the cities")
    return point.city(network) if city is None else point.with_windows(network.get_city(city))


def run_compare(
    city: str | None,
    scenario: Path,
    *,
    data: Data,
    point: Point,
    measure: Measure,
    around: Surroundings,
    output: Output,
) -> None:
    """Compute, print and write what a scenario changes for one city."""
    from railshed import api, datatables, differencetables, printing
    from railshed import output as files

    with _output_folder(output.folder):
        loaded = data.load()
        chosen = _one_city(loaded, city, point)
        say_quiet(loaded, _windows([chosen], measure.direction))
        run = api.prepare(loaded, **around.options(), **measure.of_run())
        run = around.with_people(run, [chosen], measure.direction, measure.cutoffs)
        found = api.compare(run, chosen, scenario, **measure.of_circles())
        if output.folder is not None:
            parameters = {
                "command": "compare", "city": city, "scenario": scenario.name, **point.parameters(),
                **data.parameters(), **measure.parameters(), **around.parameters(),
            }  # fmt: skip
            language = output.map_lang or files.map_language(loaded, [chosen])
            files.write_comparison(found, output.folder, maps=output.maps, lang=language, basemap=output.basemap)
            files.write_run(
                run,
                parameters,
                [found.before.summary, found.after.summary],
                output.folder,
                scenario=scenario,
                table=found.table,
                assumed=found.after.network.notes[len(loaded.notes) :],
            )
    if output.as_json:
        printing.print_json(differencetables.comparison_json(found))
        return
    differencetables.print_difference(found, output.lang)
    datatables.print_notes(loaded, output.lang)
    datatables.print_saved(output.folder, output.lang)


def run_reach(
    *,
    data: Data,
    stations: tuple[str, ...],
    city: str | None,
    point: Point,
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
    from railshed import api, printing, tables
    from railshed.export import write_csv

    if (city is not None) + (point.at is not None) + bool(stations) != 1:
        raise ParameterError("give either stations or a city, or --at LON,LAT")
    loaded = data.load()
    target = point.city(loaded) if point.at is not None else city
    say_quiet(loaded, [window])
    table = api.reach(
        loaded, stations, city=target, direction=direction, window=window, slack_minutes=slack_minutes,
        percentiles=percentiles, max_transfers=max_transfers, change_minutes=change_minutes, footpaths=footpaths,
        max_minutes=max_minutes,
    )  # fmt: skip
    if out is not None:
        write_csv(table, out)
    if as_json:
        printing.print_json(table.to_dict(orient="records"))
    elif out is None:
        tables.print_reach(table)


def run_check(data: Data, *, as_json: bool) -> bool:
    """Print every problem found in reading a network and in what was read; return whether any is an error."""
    from railshed import datatables, printing
    from railshed.issues import Issue
    from railshed.validate import validate

    notes: tuple[str, ...] = ()
    try:
        network = data.load(checking=True)
    except InputError as error:
        found = list(error.issues) or [Issue("error", "unreadable", str(error))]
    else:
        found = [*network.issues, *validate(network, _known_places(network))]
        notes = network.notes
    if as_json:
        printing.print_json([asdict(issue) for issue in found])
    else:
        datatables.print_issues(" ".join(data.networks), found, notes)
    return any(issue.severity == "error" for issue in found)


def _known_places(network: Network) -> Sequence[Station]:
    """Return the stations of the China network, by whose places an undeclared datum shows; none where of no use."""
    from railshed.sources.networks import list_networks, load_network
    from railshed.validate import needs_known_places

    shipped = {row["id"] for row in list_networks() if not row["problem"]}
    if network.network_id == "china" or "china" not in shipped or not needs_known_places(network):
        return ()
    return load_network("china", lines=False, areas=False).stations


def run_networks(*, as_json: bool, lang: Language) -> None:
    """Print the shipped networks."""
    from railshed import datatables, printing
    from railshed.sources.networks import list_networks

    found = list_networks()
    if as_json:
        printing.print_json(found)
    else:
        datatables.print_networks(found, lang)


def run_cities(data: Data, *, region: str | None, as_json: bool, lang: Language) -> None:
    """Print the cities of a network."""
    from railshed import datatables, printing

    loaded = data.load()
    cities = list(loaded.cities)
    if region is not None:
        wanted = loaded.get_region(region).region_id
        cities = [c for c in cities if wanted in c.regions]
    if as_json:
        printing.print_json([datatables.city_json(loaded, c) for c in cities])
    else:
        datatables.print_cities(loaded, cities, lang)
