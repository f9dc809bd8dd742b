"""The command `circle`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from railshed.api.requests import CircleRequest
from railshed.cli.inputs import (
    check_folder,
    check_one_question,
    check_raster,
    chosen_cities,
    load,
    output_folder,
    page_of,
    pictures_of,
    prepared,
    with_people,
)
from railshed.util.errors import ParameterError
from railshed.util.progress import progress_bar

if TYPE_CHECKING:
    from railshed.api.union import Overlap
    from railshed.circles.analysis import AnalysisInputs
    from railshed.maps.style import MapStyle
    from railshed.network.cities import City, Region
    from railshed.network.model import Network


def circle(request: CircleRequest) -> None:
    """Print a city's one-hour circle: bridge, range and table under every reading; with -o write files and a map."""
    from railshed.export.formats import endings_of

    check_one_question(request)
    _check_kinds(request.map_kinds)
    endings_of(request.format)
    check_raster(request)
    check_folder("--html", request.html, request.output.out)
    with output_folder(request.output.out):
        _circle(request)


def _check_kinds(kinds: Sequence[str]) -> None:
    from railshed.report.run_folder.circle import KINDS

    bad = [kind for kind in kinds if kind not in KINDS]
    if bad:
        raise ParameterError(f"--map-kinds {', '.join(map(repr, bad))}: allowed are {', '.join(KINDS)}")


def _circle(request: CircleRequest) -> None:
    from railshed.report import console
    from railshed.report.run_folder.circle import map_language
    from railshed.tables import circle as tables
    from railshed.tables import data as datatables

    out, measure = request.output, request.reading
    network = load(request.data)
    chosen = chosen_cities(network, request)
    pictures = pictures_of(out, map_language(network, chosen))
    html = page_of(out, map_language(network, chosen)) if request.html else None
    run = prepared(network, request.around, **measure.of_run())
    run = with_people(request.around, run, chosen, measure.direction, measure.cutoffs)
    found = _each(request, run, chosen, pictures, html)
    union = _together(request, run, chosen, found, pictures)
    if out.as_json:
        console.print_json({"cities": found, "union": union})
        return
    if len(chosen) > 1:
        console.show(tables.cities(found, union), out.lang)
    console.show(datatables.reading_notes(network), out.lang)
    console.show([datatables.saved(out.out)], out.lang)


def _each(
    request: CircleRequest, run: AnalysisInputs, cities: Sequence[City], pictures: MapStyle | None,
    html: Mapping[str, str] | None,
) -> list[dict[str, Any]]:  # fmt: skip
    """Return the figures of each city's circle, whose files are written; that of a single city is printed."""
    from railshed.api.analysis import iter_circles
    from railshed.export.formats import endings_of
    from railshed.report import console
    from railshed.report.run_folder import circle as files
    from railshed.tables import car_and_components
    from railshed.tables import circle as tables

    folder, lang, printed = request.output.out, request.output.lang, not request.output.as_json
    single = len(cities) == 1
    car = single if request.car is None else request.car
    found, pages, shown = [], None, request.progress and printed
    if html is not None and folder is not None:
        pages = files.JointPages(_pages(run.compiled.network, cities, request), folder, html)
    with progress_bar(len(cities), shown and not single, "cities") as step:
        for one in iter_circles(run, cities, **request.reading.of_circles()):
            drawn = one.inclusion(request.draws, request.seed, progress=shown and single) if request.draws else None
            if folder is not None:
                files.write_circle(
                    one, folder, pictures, kinds=request.map_kinds, car=car, raster=request.raster, html=html,
                    endings=endings_of(request.format), inclusion=drawn,
                )  # fmt: skip
            found.append(files.plain_circle(one, car=car, share="share" in request.map_kinds, inclusion=drawn))
            if pages is not None:
                pages.add(one)
            if single and printed:
                console.show(tables.circle_blocks(one, with_car=car), lang)
            if drawn is not None and printed:
                console.show(car_and_components.inclusion(drawn), lang)
            step()
    return found


def _together(
    request: CircleRequest, run: AnalysisInputs, cities: Sequence[City], found: Sequence[Mapping[str, Any]],
    pictures: MapStyle | None,
) -> dict[str, Any] | None:  # fmt: skip
    """Return the united circles of a region, None where there is none; write the files over all cities and run.json."""
    from railshed.export.formats import endings_of
    from railshed.report.run_folder import circle as files

    network, folder, name, more = run.compiled.network, request.output.out, request.which.region, {}
    region = None if name is None or len(cities) == 1 else network.get_region(name)
    together = None if region is None else _overlap(run, cities, request, region)
    union = None if together is None else together.union
    if folder is None:
        return union
    if together is not None and region is not None:
        files.write_overlap(together, region.region_id, folder, pictures, endings_of(request.format))
        more = {"overlap": together.table, "overlap_cities": together.city_table}
    if request.which.all and pictures is not None:
        if network.regions and network.counties is not None:
            files.write_national_map(network, found, folder, pictures)
        for own, overlap in _overlaps(run, cities, request):
            files.write_overlap(overlap, own, folder, pictures, endings_of(request.format))
    files.write_run(run, request.record(), found, folder, union=union, more=more)
    return union


def _pages(network: Network, cities: Sequence[City], request: CircleRequest) -> dict[str, list[str]]:
    """Return the slugs of the cities that share an interactive map, by its name: of all cities the agglomerations."""
    if request.which.all and network.regions:
        return {r.region_id: [c.slug for c in cities if r.region_id in c.regions] for r in _agglomerations(network)}
    return {request.which.region or "cities": [city.slug for city in cities]}


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
    from railshed.api.analysis import overlap
    from railshed.circles.analysis import HEADLINE_CUTOFF_MIN

    measure = request.reading
    cutoff = max(measure.cutoffs) if measure.cutoffs else HEADLINE_CUTOFF_MIN
    reading = measure.reading if measure.reading != "station-to-station" else "door-to-station"
    name, name_en = ("", "") if region is None else (region.name, region.name_en)
    return overlap(
        run, cities, reading=reading, direction=measure.direction, cutoff_min=cutoff, name=name, name_en=name_en
    )  # fmt: skip
