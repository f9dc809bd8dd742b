"""What each command does: load, call `api`, print, write files. One function a command."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from railshed.assumptions.distributions import MOST_DRAWS
from railshed.cli.inputs import (
    Data,
    Measure,
    Output,
    Point,
    Surroundings,
    check_folder,
    check_one_question,
    chosen_cities,
    output_folder,
    say_quiet,
    windows_of,
)
from railshed.export.formats import endings_of
from railshed.util.errors import InputError, ParameterError
from railshed.util.progress import progress_bar

if TYPE_CHECKING:
    from railshed.api.union import Overlap
    from railshed.circles.analysis import AnalysisInputs
    from railshed.network.cities import City, Region
    from railshed.network.model import Network, Station
    from railshed.util.bilingual import Language


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
    #: an interactive map too
    html: bool
    #: drawn days, 0: none, and what they are drawn from
    draws: int
    seed: int
    output: Output
    progress: bool
    #: maps of each city, of `output.KINDS`
    kinds: tuple[str, ...] = ("circle",)
    #: of the layers' files, of `formats.FORMATS`
    formats: tuple[str, ...] = ("gpkg",)

    def parameters(self) -> dict[str, Any]:
        """Return what a rerun needs, for run.json."""
        return {
            "command": "circle", "cities": list(self.cities), "region": self.region, "all": self.everything,
            **self.point.parameters(), **self.data.parameters(), **self.measure.parameters(),
            **self.around.parameters(), "car": self.car, "draws": self.draws, "seed": self.seed,
            "map_kinds": list(self.kinds), "format": list(self.formats), "raster": self.raster, "html": self.html,
            **self.output.parameters(),
        }  # fmt: skip


def run_circle(request: CircleRequest) -> None:
    """Compute, print and write the circles of one or many cities."""
    check_one_question(request)
    _check_kinds(request.kinds)
    endings_of(request.formats)
    if not 0 <= request.draws <= MOST_DRAWS:
        raise ParameterError(f"--draws {request.draws}: allowed are 0 (none) to {MOST_DRAWS:,}")
    if request.raster:
        from railshed.export.geotiff import WRITING
        from railshed.util.optional_packages import require

        require("rasterio", WRITING)
    check_folder("--geotiff", request.raster, request.output.folder)
    check_folder("--html", request.html, request.output.folder)
    with output_folder(request.output.folder):
        _circle(request)


def _check_kinds(kinds: Sequence[str]) -> None:
    from railshed.report.run_folder.circle import KINDS

    bad = [kind for kind in kinds if kind not in KINDS]
    if bad:
        raise ParameterError(f"--map-kinds {', '.join(map(repr, bad))}: allowed are {', '.join(KINDS)}")


def _circle(request: CircleRequest) -> None:
    from railshed.api import circle as api
    from railshed.circles import analysis
    from railshed.report import console
    from railshed.report.run_folder import circle as output
    from railshed.tables import car_and_components
    from railshed.tables import circle as tables
    from railshed.tables import data as datatables

    network = request.data.load()
    chosen = chosen_cities(network, request)
    say_quiet(network, windows_of(chosen, request.measure.direction))
    pictures = request.output.pictures(output.map_language(network, chosen))
    html = request.output.page(output.map_language(network, chosen)) if request.html else None
    run = analysis.prepare(network, **request.around.options(), **request.measure.of_run())
    run = request.around.with_people(run, chosen, request.measure.direction, request.measure.cutoffs)
    found, pages = [], None
    if html is not None and request.output.folder is not None:
        pages = output.JointPages(_pages(network, chosen, request), request.output.folder, html)
    with_car = len(chosen) == 1 if request.car is None else request.car
    shown = request.progress and not request.output.as_json
    with progress_bar(len(chosen), shown and len(chosen) > 1, "cities") as step:
        for circle in api.iter_circles(run, chosen, **request.measure.of_circles()):
            alone = shown and len(chosen) == 1
            drawn = circle.inclusion(request.draws, request.seed, progress=alone) if request.draws else None
            if request.output.folder is not None:
                output.write_circle(
                    circle,
                    request.output.folder,
                    pictures,
                    kinds=request.kinds,
                    car=with_car,
                    raster=request.raster,
                    endings=endings_of(request.formats),
                    html=html,
                    inclusion=drawn,
                )
            more = {"car": circle.car_table, "split": circle.split_table} if with_car else {}
            more |= {"share": circle.share_table} if "share" in request.kinds else {}
            chance = {} if drawn is None else {"inclusion": drawn.summary}
            found.append({**circle.summary, **more, **chance})
            if pages is not None:
                pages.add(circle)
            if len(chosen) == 1 and not request.output.as_json:
                console.show(tables.circle_blocks(circle, with_car=with_car), request.output.lang)
            if drawn is not None and not request.output.as_json:
                console.show(car_and_components.inclusion(drawn), request.output.lang)
            step()
    region = None if request.region is None or len(chosen) == 1 else network.get_region(request.region)
    together = None if region is None else _overlap(run, chosen, request, region)
    union = None if together is None else together.union
    if request.output.folder is not None:
        if together is not None and region is not None:
            output.write_overlap(
                together, region.region_id, request.output.folder, pictures, endings_of(request.formats)
            )
        if request.everything and pictures is not None:
            if network.regions and network.counties is not None:
                output.write_national_map(network, found, request.output.folder, pictures)
            for name, one in _overlaps(run, chosen, request):
                output.write_overlap(one, name, request.output.folder, pictures, endings_of(request.formats))
        overlap = {} if together is None else {"overlap": together.table, "overlap_cities": together.city_table}
        output.write_run(run, request.parameters(), found, request.output.folder, union=union, more=overlap)
    if request.output.as_json:
        console.print_json({"cities": found, "union": union})
    elif len(chosen) > 1:
        console.show(tables.cities(found, union), request.output.lang)
    if not request.output.as_json:
        console.show(datatables.reading_notes(network), request.output.lang)
        console.show([datatables.saved(request.output.folder)], request.output.lang)


def _pages(network: Network, cities: Sequence[City], request: CircleRequest) -> dict[str, list[str]]:
    """Return the slugs of the cities that share an interactive map, by its name: of all cities the agglomerations."""
    if request.everything and network.regions:
        return {r.region_id: [c.slug for c in cities if r.region_id in c.regions] for r in _agglomerations(network)}
    return {request.region or "cities": [city.slug for city in cities]}


def _agglomerations(network: Network) -> list[Region]:
    return [region for region in network.regions if region.kind == "agglomeration"]


def _overlaps(run: AnalysisInputs, cities: Sequence[City], request: CircleRequest) -> Iterator[tuple[str, Overlap]]:
    """Yield the circles of each agglomeration of several cities; of all cities where the network has no regions."""
    network = run.compiled.network
    mine = {r: [c for c in cities if r.region_id in c.regions] for r in _agglomerations(network)}
    groups = {r.region_id: (r, own) for r, own in mine.items() if len(own) > 1}
    if not network.regions and len(cities) > 1:
        yield "all", _overlap(run, cities, request, None)
    with progress_bar(len(groups), request.progress and not request.output.as_json, "regions") as step:
        for name, (region, own) in groups.items():
            yield name, _overlap(run, own, request, region)
            step()


def _overlap(run: AnalysisInputs, cities: Sequence[City], request: CircleRequest, region: Region | None) -> Overlap:
    from railshed.api import union as union_
    from railshed.circles.analysis import HEADLINE_CUTOFF_MIN

    cutoff = max(request.measure.cutoffs) if request.measure.cutoffs else HEADLINE_CUTOFF_MIN
    reading = request.measure.reading if request.measure.reading != "station-to-station" else "door-to-station"
    name, name_en = ("", "") if region is None else (region.name, region.name_en)
    return union_.overlap(
        run, cities, reading=reading, direction=request.measure.direction, cutoff_min=cutoff, name=name, name_en=name_en
    )  # fmt: skip


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
    lang: Language = "en",
) -> None:
    """Compute station-to-station times and write them as CSV, JSON or a table."""
    from railshed.export.omx import SUFFIX, WRITING, write_omx
    from railshed.matrices import reach
    from railshed.matrices.reach import reach_pairs
    from railshed.report import console
    from railshed.tables import circle as tables
    from railshed.util.csv_json import write_csv
    from railshed.util.optional_packages import require

    as_matrix = out is not None and out.suffix.lower() == SUFFIX
    if as_matrix:
        require("h5py", WRITING)
    if (city is not None) + (point.at is not None) + bool(stations) != 1:
        raise ParameterError("give either stations or a city, or --at LON,LAT")
    loaded = data.load()
    target = point.city(loaded) if point.at is not None else city
    say_quiet(loaded, [window])
    table = (reach_pairs if as_matrix else reach.reach)(
        loaded, stations, city=target, direction=direction, window=window, slack_minutes=slack_minutes,
        percentiles=percentiles, max_transfers=max_transfers, change_minutes=change_minutes, footpaths=footpaths,
        max_minutes=max_minutes,
    )  # fmt: skip
    if as_matrix and out is not None:
        write_omx(table, out, title=f"{loaded.network_id}: station to station, {direction}")
    elif out is not None:
        write_csv(table, out)
    if as_json:
        console.print_json(table.to_dict(orient="records"))
    elif out is None:
        console.show([tables.reach(table)], lang)


def run_check(data: Data, *, as_json: bool) -> bool:
    """Print every problem found in reading a network and in what was read; return whether any is an error."""
    from railshed.network.checks import validate
    from railshed.report import console
    from railshed.tables import data as datatables
    from railshed.util.errors import Issue

    notes: tuple[str, ...] = ()
    try:
        network = data.load(checking=True)
    except InputError as error:
        found = list(error.issues) or [Issue("error", "unreadable", str(error))]
    else:
        found = [*network.issues, *validate(network, _known_places(network))]
        notes = network.notes
    if as_json:
        console.print_json([asdict(issue) for issue in found])
    else:
        console.show(datatables.issues_found(" ".join(data.networks), found, notes), "en")
    return any(issue.severity == "error" for issue in found)


def _known_places(network: Network) -> Sequence[Station]:
    """Return the stations of the China network, by whose places an undeclared datum shows; none where of no use."""
    from railshed.io.networks import list_networks, load_network
    from railshed.network.checks.datum import needs_known_places

    shipped = {row["id"] for row in list_networks() if not row["problem"]}
    if network.network_id == "china" or "china" not in shipped or not needs_known_places(network):
        return ()
    return load_network("china", lines=False, areas=False).stations


def run_networks(*, as_json: bool, lang: Language) -> None:
    """Print the shipped networks."""
    from railshed.io.networks import list_networks
    from railshed.report import console
    from railshed.tables import data as datatables

    found = list_networks()
    if as_json:
        console.print_json(found)
    else:
        console.show(datatables.networks(found), lang)


def run_cities(data: Data, *, region: str | None, as_json: bool, lang: Language) -> None:
    """Print the cities of a network."""
    from railshed.report import console
    from railshed.tables import data as datatables

    loaded = data.load()
    cities = list(loaded.cities)
    if region is not None:
        wanted = loaded.get_region(region).region_id
        cities = [c for c in cities if wanted in c.regions]
    if as_json:
        console.print_json([datatables.city_json(loaded, c) for c in cities])
    else:
        console.show([datatables.cities_of(loaded, cities)], lang)
