"""The command `circle`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from railshed.api.requests import CircleRequest
from railshed.cli import inputs
from railshed.util.errors import ParameterError
from railshed.util.names import file_name
from railshed.util.progress import progress_bar

if TYPE_CHECKING:
    from pathlib import Path

    from railshed.api.circle import Circle, Overlap
    from railshed.api.study import Study
    from railshed.export.formats import Choice
    from railshed.maps.style import MapStyle
    from railshed.network.cities import City, Region
    from railshed.show.blocks import Block, Cell


def circle(request: CircleRequest) -> None:
    """Print a city's one-hour circle: interval, bridge and table under every reading; with -o write
    files and a map.
    """
    from railshed.report.run_folder.circle import KINDS

    inputs.check_one_question(request)
    bad = [kind for kind in request.map_kinds if kind not in KINDS]
    if bad:
        raise ParameterError(
            f"--map-kinds {', '.join(map(repr, bad))}: allowed are {', '.join(KINDS)}"
        )
    choice = inputs.choice_of(request)
    with inputs.output_folder(request.output) as folder:
        answered = _circle(request, choice, folder)
    inputs.answer(request.output, *answered)


def _circle(
    request: CircleRequest, choice: Choice, folder: Path | None
) -> tuple[Any, list[Block], Iterator[Block]]:
    """Return what is printed: figures, blocks, further blocks; the files are written into
    `folder`.
    """
    from railshed.questions.circle.screen import cities_screen
    from railshed.questions.data import tables as datatables
    from railshed.report.run_folder.circle import map_language

    out = request.output
    network = inputs.load(request.data)
    chosen = inputs.chosen_cities(network, request)
    pictures = inputs.pictures_of(out, map_language(network, chosen))
    html = inputs.page_of(out) if request.html else None
    with (
        inputs.workers_of(request.workers) as executor,
        inputs.bar_of(request, chosen, request.days) as step,
    ):
        study = inputs.study_for(request, network, chosen, step=step, executor=executor)
        found, rows, last, blocks = _each(request, study, pictures, html, choice, folder)
    union = _together(request, study, found, pictures, choice, folder)
    if len(chosen) > 1:
        stem = f"{study.region.region_id}_overlap" if study.region else file_name(chosen[0].slug)
        named = inputs.saved_words(out, stem, request.format)
        blocks = [*cities_screen(chosen, study.region, last, rows, union, named, full=out.full)]
    return {"cities": found, "union": union}, blocks, datatables.reading_notes(network, out.lang)


def _each(
    request: CircleRequest,
    study: Study,
    pictures: MapStyle | None,
    html: Mapping[str, str] | None,
    choice: Choice,
    folder: Path | None,
) -> tuple[list[dict[str, Any]], list[tuple[Cell, ...]], Circle, list[Block]]:
    """Return the figures of each city's circle, whose files are written, its row, a circle, its
    blocks.

    There are figures where they are written or printed, and blocks of a single city. The circle has
    the reading that was asked for, if that of any city has.
    """
    from railshed.questions.circle import car_tables as car_and_components
    from railshed.questions.circle.screen import circle_screen, city_row
    from railshed.questions.circle.tables import every_table
    from railshed.report.run_folder import circle as files

    out = request.output
    single = len(study.cities) == 1
    car = single if request.car is None else request.car
    found: list[dict[str, Any]] = []
    rows: list[tuple[Cell, ...]] = []
    blocks: list[Block] = []
    pages = None
    shown_circle = None
    recorded = folder is not None or out.as_json
    shown = request.progress and not out.as_json and single
    if html is not None and folder is not None:
        groups = _pages(study, request)

        def unite(name: str, minutes: int) -> Overlap:
            return study.overlap_of(groups[name][1], groups[name][0], cutoff_min=minutes)

        slugs = {name: [city.slug for city in own] for name, (_, own) in groups.items()}
        pages = files.JointPages(slugs, unite, folder, html)
    for one in study.iter_circles(draws=request.draws, seed=request.seed):
        drawn = None
        if request.days:
            drawn = one.inclusion(
                request.days, request.seed, progress=shown, executor=study.executor
            )
        if folder is not None:
            files.write_circle(
                one,
                folder,
                pictures,
                kinds=request.map_kinds,
                car=car,
                raster=request.raster,
                html=html,
                choice=choice,
                inclusion=drawn,
            )
        if recorded:
            found.append(
                files.plain_circle(
                    one, car=car, share="share" in request.map_kinds, inclusion=drawn
                )
            )
        rows.append(city_row(one, request.reading.reading))
        if shown_circle is None or one.reading.name == request.reading.reading:
            shown_circle = one
        if pages is not None:
            pages.add(one)
        if single and not out.as_json:
            named = inputs.saved_words(
                out, file_name(one.city.slug), request.format, page=request.html
            )
            blocks += [
                *circle_screen(one, with_car=car, files=named),
                *(every_table(one, with_car=car) if out.full else ()),
            ]
        if drawn is not None and not out.as_json:
            blocks += car_and_components.inclusion(drawn)
    assert shown_circle is not None
    return found, rows, shown_circle, blocks


def _together(
    request: CircleRequest,
    study: Study,
    found: Sequence[Mapping[str, Any]],
    pictures: MapStyle | None,
    choice: Choice,
    folder: Path | None,
) -> dict[str, Any] | None:
    """Return the united circles of a region, None where there is none; write the files over all
    cities and run.json.
    """
    from railshed.report.run_folder import circle as files

    network = study.run.compiled.network
    more = {}
    region = None if len(study.cities) == 1 else study.region
    together = (
        None
        if region is None
        else study.overlap_of(study.cities, region, cutoff_min=_cutoff(request))
    )
    union = None if together is None else together.union
    if folder is None:
        return union
    if together is not None and region is not None:
        files.write_overlap(together, region.region_id, folder, pictures, choice)
        more = {"overlap": together.table, "overlap_cities": together.city_table}
    if request.which.all and pictures is not None:
        if network.regions and network.counties is not None:
            files.write_national_map(network, found, folder, pictures)
        for own, overlap in _overlaps(study, request):
            files.write_overlap(overlap, own, folder, pictures, choice)
    files.write_run(study.run, request.record(), found, folder, union=union, more=more)
    return union


def _pages(study: Study, request: CircleRequest) -> dict[str, tuple[Region | None, Sequence[City]]]:
    """Return the cities that share an interactive map, by its name: of all cities the
    agglomerations.
    """
    if request.which.all and study.run.compiled.network.regions:
        return {region.region_id: (region, own) for region, own in _by_agglomeration(study)}
    return {study.region.region_id if study.region else "cities": (study.region, study.cities)}


def _by_agglomeration(study: Study) -> list[tuple[Region, list[City]]]:
    """Return the agglomerations, each with those of the cities that lie in it."""
    return [
        (region, [city for city in study.cities if region.region_id in city.regions])
        for region in study.run.compiled.network.regions
        if region.kind == "agglomeration"
    ]


def _overlaps(study: Study, request: CircleRequest) -> Iterator[tuple[str, Overlap]]:
    """Yield the circles of each agglomeration of several cities; of all cities where the network
    has no regions.
    """
    groups = [(region, own) for region, own in _by_agglomeration(study) if len(own) > 1]
    if not study.run.compiled.network.regions and len(study.cities) > 1:
        yield "all", study.overlap_of(study.cities, None, cutoff_min=_cutoff(request))
    with progress_bar(
        len(groups), request.progress and not request.output.as_json, "regions"
    ) as step:
        for region, own in groups:
            yield region.region_id, study.overlap_of(own, region, cutoff_min=_cutoff(request))
            step()


def _cutoff(request: CircleRequest) -> int:
    """Return the cutoff at which circles are united."""
    from railshed.circles.analysis import HEADLINE_CUTOFF_MIN

    return max(request.reading.cutoffs) if request.reading.cutoffs else HEADLINE_CUTOFF_MIN
