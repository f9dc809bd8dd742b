"""What commands work on: a network and its cities.

What was chosen for the user is printed on stderr.
"""

from __future__ import annotations

import hashlib
import shlex
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from railshed.api.requests import Place
from railshed.util import progress
from railshed.util.bilingual import EMPTY, Words, joined, say
from railshed.util.cache import cached_arrays
from railshed.util.errors import MAX_NAMED, OutputError, ParameterError, count_of
from railshed.util.folders import whole_folder
from railshed.util.number_format import counted, examples
from railshed.util.optional_packages import require

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from railshed.api.requests import (
        CircleRequest,
        CompareRequest,
        Data,
        Output,
        Point,
        ReportRequest,
        Surroundings,
    )
    from railshed.api.study import Study
    from railshed.cells.opportunities import Box, Opportunities
    from railshed.circles.analysis import AnalysisInputs
    from railshed.comparisons.plans import Plans
    from railshed.export.formats import Choice
    from railshed.maps.style import MapStyle
    from railshed.network.cities import City
    from railshed.network.model import Network
    from railshed.scenario.files import Scenario
    from railshed.show.blocks import Block

#: the -o of a file that stands for standard output
STDOUT = Path("-")
_MOST_PROCESSES = 1_000


def say_quiet(network: Network, windows: Iterable[tuple[int, int]]) -> None:
    """Print on stderr which modes with many trips that day have none in a window, and which window
    is nearly empty.
    """
    from railshed.network.service_windows import service_in
    from railshed.util.units import format_clock

    for start, end in dict.fromkeys(windows):
        modes, empty = service_in(network, (start, end))
        for text in modes:
            progress.say(f"{text}, none in the window {format_clock(start)}-{format_clock(end)}")
        if empty is not None:
            progress.say(f"nearly empty: {empty}")


def load(data: Data, *, areas: bool = True, checking: bool = False) -> Network:
    """Return the network. Print the service day, where it was chosen, and the number of warnings on
    stderr.

    While `checking`, which lists them: not the number, and also a network with errors.
    """
    from railshed.io.cache import load_network_once
    from railshed.network.dates import CHOSEN_DAY

    network = load_network_once(
        data.network,
        date=data.date,
        lines=data.lines,
        modes=data.modes,
        datum=data.datum,
        areas=areas,
        validated=not checking,
    )
    if data.boundaries is not None:
        from railshed.io.boundaries import with_boundaries

        n_before = len(network.issues)
        network = with_boundaries(network, data.boundaries)
        progress.say(*(f"  {issue}" for issue in network.issues[n_before:]))
    progress.say(*(note for note in network.notes if note.startswith(CHOSEN_DAY)))
    if network.issues and not checking:
        again = shlex.join(data.network)
        n = count_of(network.issues)
        progress.say(
            f"{counted(n, 'warning')} in reading: `railshed check {again}` lists "
            f"{'them' if n > 1 else 'it'}"
        )
    return network


def pictures_of(output: Output, lang: str) -> MapStyle | None:
    """Return how maps are drawn, in `lang` unless --map-lang names another language; None if none
    are drawn.
    """
    if output.out is None or not output.maps:
        return None
    from railshed.maps.style import MapStyle

    return MapStyle(
        output.map_lang or lang,
        output.map_size,
        output.crs,
        output.basemap,
        output.approval,
        output.map_format,
    )


def page_of(output: Output) -> dict[str, str]:
    """Return how interactive maps are written: as `explore` takes it; a basemap is not theirs, nor
    its number.
    """
    return {
        "lang": output.map_lang or "both",
        "approval": "" if output.basemap else output.approval,
    }


def prepared(network: Network, around: Surroundings, **more: Any) -> AnalysisInputs:
    """Return the inputs of an analysis with the network's own people.

    Print what the streets hold on stderr.
    """
    from railshed.circles.analysis import prepare

    streets = None
    if around.streets or around.streets_place is not None:
        from railshed.io.cache import load_streets

        with TemporaryDirectory() as folder:
            fetched = (
                ()
                if around.streets_place is None
                else (_fetch_streets(around.streets_place, Path(folder)),)
            )
            streets = load_streets([*(around.streets or ()), *fetched])
        progress.say(
            f"streets: {streets.n_nodes:,} nodes",
            *(f"  {note}" for note in (*streets.notes, *streets.issues)),
        )
    return prepare(
        network,
        access=around.access,
        egress=around.egress,
        streets=streets,
        cell_size_m=around.cell_size_m,
        smooth_m=around.smooth_m,
        simplify_m=around.simplify_m,
        allow_loss=around.allow_loss,
        **more,
    )


def with_people(
    around: Surroundings,
    run: AnalysisInputs,
    cities: Sequence[City],
    direction: str,
    cutoffs: Sequence[int] | None,
    others: Callable[[], Sequence[AnalysisInputs]] = tuple,
    points: Callable[[], Sequence[tuple[float, float]]] = tuple,
) -> AnalysisInputs:
    """Return the run with the people of the files, read where the circles may reach. Print what was
    cut.

    `others` and `points` are those of `analysis.study_area`, called where there are files.

    Raises ParameterError when both --population and --opportunities are given.
    """
    if around.population and around.opportunities:
        raise ParameterError(
            "give --population, whose file may hold other columns too, or --opportunities, which "
            "leaves the network's own people"
        )
    if not (around.population or around.opportunities):
        given = [
            name for name in ("columns", "crs", "hexagons") if getattr(around, f"population_{name}")
        ]
        if given:
            raise ParameterError(
                f"--population-{given[0]}: with a file of --population or --opportunities alone"
            )
        return run
    from railshed.circles import analysis
    from railshed.circles.cell_counts import check_columns

    box = analysis.study_area(
        run, cities, direction=direction, cutoffs=cutoffs, others=others(), points=points()
    )
    found = read_files(around, within=box)
    check_columns(found)
    return run.changed(opportunities=found)


def read_files(around: Surroundings, *, within: Box | None = None) -> Opportunities:
    """Return what --population holds in a box, or --opportunities without people.

    Print what was cut.
    """
    from railshed.cells.opportunities import PEOPLE
    from railshed.io.opportunities.columns import choose
    from railshed.io.opportunities.read import read_opportunities

    found = read_opportunities(
        around.population or around.opportunities or (),
        columns=around.population_columns,
        crs=around.population_crs,
        hexagons=around.population_hexagons,
        within=within,
    )
    if around.opportunities:
        found = found.without_people()
        if not found.columns:
            raise ParameterError(
                f"--opportunities {found.label} has no column but people: circles take --population"
            )
    elif PEOPLE not in found.columns:
        what = f"--population {found.label}: no column is called like people"
        remedy = choose(found.columns[0])
        raise ParameterError(
            f"{what}; {remedy} says which holds them; --opportunities counts other columns"
        )
    progress.say(
        f"{found.label}: {', '.join(found.columns)}", *(f"  {note}" for note in found.notes)
    )
    progress.say(*(f"  {issue}" for issue in found.issues))
    return found


def study_for(
    request: CircleRequest | CompareRequest | ReportRequest,
    network: Network,
    cities: Sequence[City],
    scenarios: Sequence[Scenario] = (),
    *,
    step: Callable[[], None] = lambda: None,
    executor: Executor | None = None,
) -> Study:
    """Return what a command computes of the cities; `step` is called after each."""
    from railshed.api.study import study_of

    around = request.around
    measure = request.reading
    region = request.which.region

    def own_people(
        run: AnalysisInputs, afters: Sequence[AnalysisInputs], plans: Plans | None
    ) -> AnalysisInputs:
        points = [] if plans is None else plans.line_points
        return with_people(
            around=around,
            run=run,
            cities=cities,
            direction=measure.direction,
            cutoffs=measure.cutoffs,
            others=lambda: afters,
            points=lambda: points,
        )

    run = prepared(network, around, cities=None if scenarios else cities, **measure.of_run())
    progress.say(
        *run.compiled.network.notes[len(network.notes) :]
    )  # what part of a large network is used
    return study_of(
        run,
        cities,
        scenarios,
        measure=measure.of_circles(),
        step=step,
        region=None if region is None else network.get_region(region),
        with_people=own_people,
        executor=executor,
    )


def _fetch_streets(place: str, folder: Path) -> Path:
    """Return the file with the streets of a place, written into a folder; fetched where the cache
    lacks it.
    """
    import numpy as np

    from railshed.io.streets.read import download_streets

    key = hashlib.sha256(f"streets of {place}".encode()).hexdigest()
    path = folder / f"{key[:16]}.osm.pbf"

    def fetch() -> list[Any]:
        progress.say(f"fetching the streets of {place} from OpenStreetMap")
        return [np.fromfile(download_streets(place, path), np.uint8)]

    [content] = cached_arrays(key, fetch)
    if not path.is_file():
        progress.say(
            f"streets of {place}, as fetched before; `railshed cache --clear` removes them"
        )
        content.tofile(path)
    return path


def city_at_point(point: Point, network: Network) -> City:
    """Return the city at the point. Print its name, place and core stations on stderr."""
    from railshed.circles.city_at import city_at

    lon, lat, name = _place_of(point, network)
    more: Any = {}
    if isinstance(point, Place):
        more = {
            "feeder": point.feeder,
            "window_to": point.window_to,
            "window_from": point.window_from,
        }
        name = point.name or name
    city = city_at(
        network, lon, lat, stations_within_km=point.stations_within_km, name=name, **more
    )
    names = {s.station_id: s.name for s in network.stations}
    core = list(dict.fromkeys(names[s] for s in city.core_station_ids))
    progress.say(
        f"{city.name}: {counted(len(city.core_station_ids), 'core station')} within "
        f"{point.stations_within_km:g} km of "
        f"{lon:.4f},{lat:.4f}: {examples(core, 12, ' and {:,} more names')}"
    )
    return city


def _place_of(point: Point, network: Network) -> tuple[float, float, str]:
    """Return longitude, latitude and name, "" of a place given by its coordinates."""
    assert point.at is not None
    with suppress(ValueError):  # else it is the name of a place
        lon, lat = map(float, point.at.split(","))
        return lon, lat, ""
    from railshed.network.gazetteer import find_place

    place = find_place(
        point.at, ([s.lon for s in network.stations], [s.lat for s in network.stations])
    )
    progress.say(f"--at {point.at}: {place}")
    return place.lon, place.lat, place.name


def as_asked(place: Place, network: Network, city: City) -> City:
    """Return the city with the windows of --window-to and --window-from and the counties of
    --city-proper.

    Raises InputError with every problem of a file of --city-proper; ParameterError for a code that
    is no county of the network.
    """
    to = place.window_to or city.window_to
    from_ = place.window_from or city.window_from
    proper = city.proper_counties
    source = city.proper_source
    if place.city_proper is not None:
        from railshed.io.folder.city_proper import city_proper_of

        proper = city_proper_of(place.city_proper, network, city.slug, proper)
        if proper != city.proper_counties:
            source = f"--city-proper {place.city_proper}"
    return replace(
        city, window_to=to, window_from=from_, proper_counties=proper, proper_source=source
    )


@contextmanager
def workers_of(given: str | None) -> Iterator[Executor | None]:
    """Yield the executor of --workers, which ends with the block: processes, or a Dask cluster;
    None without.

    Raises ParameterError where there is no Dask scheduler at the address, or too many or no
    processes are asked for.
    """
    if given is None:
        yield None
    elif given.isdecimal():
        if not 1 <= int(given) <= _MOST_PROCESSES:
            raise ParameterError(
                f"--workers {given}: allowed are 1 to {_MOST_PROCESSES:,} processes, or an address"
            )
        from railshed.util.processes import Processes

        with Processes(int(given), ["railshed.api.study"]) as processes:
            yield processes
    else:
        try:
            client = require("distributed", f"--workers {given}").Client(given, timeout=10)
        except (OSError, ValueError) as error:
            allowed = "allowed are a number of processes, or an address such as tcp://10.0.0.1:8786"
            raise ParameterError(
                f"--workers {given}: no Dask scheduler answers there ({error}); {allowed}"
            ) from error
        with client, client.get_executor() as cluster:
            yield cluster


def bar_of(request: CircleRequest | CompareRequest, cities: Sequence[City], days: int = 0) -> Any:
    """Return the progress bar over cities; of a single one it only moves, and is left to the days
    that are drawn.
    """
    single = len(cities) == 1
    shown = request.progress and not request.output.as_json and not (single and days)
    return progress.progress_bar(None if single else len(cities), shown, "cities")


def saved_words(
    out: Output,
    stem: str,
    formats: Sequence[str],
    *,
    page: bool = False,
    folders: Sequence[Path | None] = (),
) -> Words:
    """Return which files are written, the page first, of several plans their folders; empty without
    a folder.
    """
    from railshed.export.formats import endings_of
    from railshed.util.phrases import phrase

    if out.out is None:
        return EMPTY
    maps = [f".{kind}" for kind in out.map_format] if out.maps else []
    names = [f"{stem}{ending}" for ending in ([] if folders else [*maps, *endings_of(formats)])]
    names = [
        *([f"{stem}.html"] * page),
        *names,
        *(f"{folder.name}/" for folder in folders if folder is not None),
    ]
    return phrase(
        "screen_files_page" if page else "screen_files",
        folder=out.out,
        first=names[0],
        names=joined(list(map(Words, names[page:]))),
    )


def answer(request: Any, plain: Any, blocks: Iterable[Block], more: Iterable[Block] = ()) -> None:
    """Print the answer to a request, or to its `Output`: plain values as JSON with --json, else
    blocks.

    With --full `more` follows the first screen, `blocks`.
    """
    from railshed.show import console

    if request.as_json:
        console.print_json(plain)
    else:
        console.show(
            [*blocks, *(more if getattr(request, "full", False) else ())],
            getattr(request, "lang", "en"),
        )


def choice_of(request: CircleRequest | CompareRequest) -> Choice:
    """Return how files of layers and tables are written. Print on stderr which formats stay in WGS
    84.

    Raises InputError where a GeoTIFF or a workbook cannot be written.
    """
    from railshed.export.formats import FORMATS, Choice, endings_of

    endings_of(request.format)
    if request.output.crs is not None:
        from railshed.maps.projection import check_crs

        check_crs(request.output.crs)
        fixed = [one.name for one in FORMATS if one.wgs84 and one.name in request.format]
        progress.say(
            *(
                f"{name} allows WGS 84 alone: --crs {request.output.crs} is not for it"
                for name in fixed
            )
        )
    if "xlsx" in request.format:
        require("xlsxwriter", "--format xlsx")
    if request.raster:
        from railshed.export.geotiff import WRITING

        require("rasterio", WRITING)
    return Choice(request.format, request.output.crs, request.output.lang, request.output.csv_plain)


def check_one_question(request: CircleRequest | CompareRequest | ReportRequest) -> None:
    """Raise where cities are named in no way, or in several, or an option of the place has no
    effect.

    Raises ParameterError saying what was given.
    """
    place = request.place
    direction = request.reading.direction
    with_at = {"--name": "name", "--stations-within": "stations_within_km", "--feeder": "feeder"}
    alone = [
        flag for flag, name in with_at.items() if getattr(place, name) != getattr(Place(), name)
    ]
    if place.at is None and alone:
        raise ParameterError(
            f"{' and '.join(alone)}: with --at alone, for a city that the network does not have"
        )
    for flag, window, way in (
        ("--window-to", place.window_to, "from"),
        ("--window-from", place.window_from, "to"),
    ):
        if window is not None and direction == way:
            raise ParameterError(
                f"{flag} has no effect with --direction {way}; leave it out, or --direction both"
            )
    ways = {
        "cities": bool(request.which.cities),
        "--region": request.which.region is not None,
        "--all": getattr(request.which, "all", False),
        "--at": place.at is not None,
    }
    given = [name for name, is_given in ways.items() if is_given]
    if len(given) == 1:
        return
    allowed = "give cities, or --region ID, or --all, or --at LON,LAT"
    if not given:
        raise ParameterError(f"{allowed}; `railshed cities` lists the cities")
    named = (
        "; with --at, --name says what the city is called"
        if request.which.cities and "--at" in given
        else ""
    )
    raise ParameterError(f"{' and '.join(given)}: {allowed}, one of them{named}")


def chosen_cities(
    network: Network, request: CircleRequest | CompareRequest | ReportRequest
) -> list[City]:
    """Return the requested cities with the requested windows.

    Print modes without service on stderr.
    """
    which = request.which
    place = request.place
    if place.at is not None:
        chosen = [as_asked(place, network, city_at_point(place, network))]
    else:
        region = None if which.region is None else network.get_region(which.region).region_id
        core = (
            c
            for c in network.cities
            if c.role == "core" and (region is None or region in c.regions)
        )
        named = dict.fromkeys(map(network.get_city, which.cities) if which.cities else core)
        if not named:
            raise ParameterError(
                f"network {network.network_id} has no core city there; `railshed cities` lists them"
            )
        chosen = [as_asked(place, network, city) for city in named]
    say_quiet(network, windows_of(chosen, request.reading.direction))
    return chosen


def with_point(network: Network, city: str | None, point: Point) -> tuple[Network, str | None]:
    """Return the network and the city that ``terminal = true`` means: the one named, or one
    anywhere, listed too.

    Raises ParameterError where both are given.
    """
    if point.at is None:
        return network, city
    if city is not None:
        raise ParameterError("--city and --at: give one of them")
    from railshed.util.frames import altered

    found = city_at_point(point, network)
    others = (c for c in network.cities if c.slug != found.slug)
    return altered(network, cities=(*others, found)), found.slug


def windows_of(cities: Sequence[City], direction: str) -> Iterator[tuple[int, int]]:
    """Yield the windows of the cities."""
    for city in cities:
        if direction != "from":
            yield city.window_to
        if direction != "to":
            yield city.window_from


@contextmanager
def output_folder(output: Output) -> Iterator[Path | None]:
    """Yield the folder in which a run is made; it takes the place of -o when the block ends well.

    None without -o.
    """
    if output.out is None:
        yield None
        return
    if output.out == STDOUT:
        raise OutputError("-o -: standard output takes one file; give a folder")
    from railshed.report.run_folder.record import RECORD, owned_by_run

    with whole_folder(
        output.out, owned_by_run, last=RECORD, removed=partial(say_dropped, output)
    ) as folder:
        yield folder


def say_dropped(output: Output, names: Sequence[str]) -> None:
    """Print on stderr which files of an earlier run are gone."""
    from railshed.util.phrases import phrase

    words = phrase("dropped_files", folder=output.out, names=examples(names, MAX_NAMED, ", +{}"))
    progress.say(*say(words, output.lang))


@contextmanager
def output_file(out: Path | None, suffix: str = "") -> Iterator[Path | None]:
    """Yield where a file is to be written: -o, or of `-` a temporary file whose content then goes
    to standard output.

    What else is printed meanwhile goes to standard error.
    """
    if out != STDOUT:
        yield out
        return
    with TemporaryDirectory() as folder:
        path = Path(folder, f"stdout{suffix}")
        with redirect_stdout(sys.stderr):
            yield path
        try:
            sys.stdout.buffer.write(path.read_bytes())
            sys.stdout.flush()
        except OSError as error:
            raise OutputError(
                f"standard output cannot be written ({error.strerror or error})"
            ) from error
