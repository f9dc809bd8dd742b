"""The document put together from the chapters."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from railshed.api.study import Study
from railshed.report.chapters import circles, closing, front, opening, plans
from railshed.report.findings import name_of
from railshed.report.pdf import count_pages, pdf_of, svg_of
from railshed.report.pictures import pictures_of
from railshed.report.run_folder.record import command_line
from railshed.report.run_folder.report import write_record
from railshed.show.blocks import Block, Document, Heading, Items, Picture
from railshed.show.page_html import html_of
from railshed.util.bilingual import EMPTY, Words, joined
from railshed.util.files import write_file
from railshed.util.names import file_name
from railshed.util.phrases import phrase

if TYPE_CHECKING:
    from railshed.api.circle import Circle
    from railshed.maps.style import MapStyle

#: the first page and all that stands before the appendix
BODY_PAGES = 8


def write_report(
    study: Study,
    pictures: Sequence[Picture],
    stem: Path,
    *,
    lang: str,
    parameters: Mapping[str, Any],
) -> list[Path]:
    """Write the report of a study as a page of HTML and as a PDF, named by `stem`; if asked the
    brief; return them.
    """
    document = document_of(
        study, pictures, lang=lang, command=command_line(parameters), parameters=parameters
    )
    files: dict[str, str | bytes] = {".html": html_of(document), ".pdf": pdf_of(document)}
    if parameters.get("brief"):
        page = replace(document, front=front.brief(study, pictures), blocks=())
        files |= {"_brief.pdf": pdf_of(page), "_brief.svg": svg_of(page)}
    paths = [stem.with_name(stem.name + ending) for ending in files]
    for path, data in zip(paths, files.values(), strict=True):
        write_file(path, data)
    return paths


def write_study(
    study: Study,
    folder: Path,
    style: MapStyle | None,
    lang: str,
    parameters: Mapping[str, Any],
    step: Callable[[], None] = lambda: None,
) -> list[str]:
    """Write report and run.json of a study into a folder, and return the names of the report's
    files.

    `style` says how maps are drawn, None: none are; `step` is called after each.
    """
    study.compute()
    pictures = [] if style is None else pictures_of(study, style, step)
    names = [study.region.region_id] if study.region else [city.slug for city in study.cities[:4]]
    stem = folder / f"{'-'.join(map(file_name, names))}_report"
    written = write_report(study, pictures, stem, lang=lang, parameters=parameters)
    write_record(study, parameters, folder)
    return [path.name for path in written]


def document_of(
    study: Study,
    pictures: Sequence[Picture],
    *,
    lang: str,
    command: str,
    parameters: Mapping[str, Any],
) -> Document:
    """Return the report of a study with its maps, that of the first page first.

    `lang`: zh, en or both. The appendix says to run `command` with `parameters` again.
    """
    date = study.first.summary.date
    plan = EMPTY
    if study.plans is not None:
        titles = joined([Words(*one.titles) for one in study.plans.alone], "；", "; ")
        plan = phrase("subtitle_plan", titles=titles)
    plots = [picture for picture in pictures if not picture.is_sheet]
    sheets = [picture for picture in pictures if picture.is_sheet]
    title = phrase("report_title", name=name_of(study))
    subtitle = phrase("report_subtitle", date=date, plan=plan)
    body, rest = _fitted(
        Document(title, subtitle, lang, (), front.front(study, pictures)), study, plots
    )
    appendix = _appendix(
        study=study,
        plots=plots,
        sheets=sheets,
        rest=rest,
        lang=lang,
        command=command,
        parameters=parameters,
    )
    return replace(body, blocks=(*body.blocks, *appendix))


def _fitted(
    page: Document, study: Study, plots: Sequence[Picture]
) -> tuple[Document, list[Circle]]:
    """Return the first page with the body, of as many cities as its pages hold, the largest; and
    the other cities.
    """
    ordered = sorted(study.circles, key=front.size_of, reverse=True)
    for n_cities in range(len(ordered), 0, -1):
        shown, rest = (
            [c for c in study.circles if c in part]
            for part in (ordered[:n_cities], ordered[n_cities:])
        )
        body = replace(page, blocks=tuple(_body(study, shown, rest, plots)))
        if count_pages(body) <= BODY_PAGES:
            break
    return body, rest


def _body(
    study: Study, shown: Sequence[Circle], rest: Sequence[Circle], plots: Sequence[Picture]
) -> Iterator[Block]:
    yield from opening.answers(shown, study.union, rest)
    yield from plans.main_change(study, plots)
    yield from circles.from_press(shown)
    yield from circles.where_people_are(study, shown)
    yield from closing.limits(study)


def _appendix(
    study: Study,
    plots: Sequence[Picture],
    sheets: Sequence[Picture],
    rest: Sequence[Circle],
    lang: str,
    command: str,
    parameters: Mapping[str, Any],
) -> Iterator[Block]:
    """Yield everything else, first of cities that the body leaves out; the maps are the
    last pages.
    """
    yield Heading(phrase("appendix"), 0)
    if rest:
        yield from opening.answers(rest)
        yield from circles.from_press(rest)
        yield from circles.where_people_are(study, rest)
    yield from opening.definitions(study)
    yield from opening.data(study)
    yield from circles.side_by_side(study)
    yield from circles.held_together(study)
    yield from circles.among_agglomerations(study)
    yield from circles.by_place(study)
    yield from circles.sensitivity(study)
    yield from plans.changes(study, plots)
    yield from closing.method(study)
    yield from closing.rerun(study, command, parameters, lang)
    if sheets:
        yield Heading(phrase("maps"))
        yield Items(tuple(picture.caption for picture in sheets))
        yield from sheets
