"""The document put together from the chapters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from railshed.api.study import Study
from railshed.report.chapters import circles, closing, front, opening, plans
from railshed.report.findings import name_of
from railshed.report.html import html_of
from railshed.report.pdf.page_svg import svg_of
from railshed.report.pdf.render import pdf_of
from railshed.report.run_folder.record import command_line
from railshed.tables.blocks import Block, Document, Heading, Items, Picture
from railshed.util.bilingual import Words, joined
from railshed.util.files import write_file
from railshed.util.phrases import phrase


def write_report(
    study: Study, pictures: Sequence[Picture], stem: Path, *, lang: str, parameters: Mapping[str, Any]
) -> list[Path]:  # fmt: skip
    """Write the report of a study as a page of HTML and as a PDF, named by `stem`; if asked the brief; return them."""
    document = document_of(study, pictures, lang=lang, command=command_line(parameters), parameters=parameters)
    files: dict[str, str | bytes] = {".html": html_of(document), ".pdf": pdf_of(document)}
    if parameters.get("brief"):
        page = replace(document, front=front.brief(study, pictures), blocks=())
        files |= {"_brief.pdf": pdf_of(page), "_brief.svg": svg_of(page)}
    paths = [stem.with_name(stem.name + ending) for ending in files]
    for path, data in zip(paths, files.values(), strict=True):
        write_file(path, data)
    return paths


def document_of(
    study: Study, pictures: Sequence[Picture], *, lang: str, command: str, parameters: Mapping[str, Any]
) -> Document:
    """Return the report of a study with its maps, that of the first page first.

    Parameters
    ----------
    lang
        zh, en or both.
    command, parameters
        What the appendix says to run again.
    """
    date, plan = study.first.summary.date, Words("")
    if study.plans is not None:
        titles = joined([Words(*one.titles) for one in study.plans.alone], "；", "; ")
        plan = phrase("subtitle_plan", titles=titles)
    plots = [picture for picture in pictures if not picture.is_sheet]
    sheets = [picture for picture in pictures if picture.is_sheet]
    return Document(
        phrase("report_title", name=name_of(study)),
        phrase("report_subtitle", date=date, plan=plan),
        lang,
        (*_body(study, plots), *_appendix(study, plots, sheets, lang, command, parameters)),
        front.front(study, pictures),
    )


def _body(study: Study, plots: Sequence[Picture]) -> Iterator[Block]:
    yield from opening.answers(study)
    yield from plans.main_change(study, plots)
    yield from circles.from_press(study)
    yield from circles.where_people_are(study)
    yield from closing.limits(study)


def _appendix(
    study: Study, plots: Sequence[Picture], sheets: Sequence[Picture], lang: str, command: str,
    parameters: Mapping[str, Any],
) -> Iterator[Block]:  # fmt: skip
    """Yield everything else; the maps are the last pages."""
    yield Heading(phrase("appendix"), 0)
    yield from opening.definitions(study)
    yield from opening.data(study)
    yield from circles.side_by_side(study)
    yield from circles.by_place(study)
    yield from circles.sensitivity(study)
    yield from plans.changes(study, plotted=bool(plots))
    yield from closing.method(study)
    yield from closing.rerun(study, command, parameters, lang)
    if sheets:
        yield Heading(phrase("maps"))
        yield Items(tuple(picture.caption for picture in sheets))
        yield from sheets
