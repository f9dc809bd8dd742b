"""The document put together from the chapters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from railshed.api.study import Study
from railshed.report.chapters import circles, closing, opening, plans
from railshed.report.findings import name_of
from railshed.report.html import html_of
from railshed.report.pdf.render import pdf_of
from railshed.report.run_folder.record import command_line
from railshed.tables.blocks import Block, Document, Heading, Items, Picture
from railshed.util.bilingual import Words, joined
from railshed.util.files import write_file
from railshed.util.phrases import phrase


def write_report(
    study: Study, pictures: Sequence[Picture], stem: Path, *, lang: str, parameters: Mapping[str, Any]
) -> None:  # fmt: skip
    """Write the report of a study as a page of HTML and as a PDF, named by `stem`."""
    command = command_line(parameters)
    document = document_of(study, pictures, lang=lang, command=command, parameters=parameters)
    write_file(stem.with_name(f"{stem.name}.html"), html_of(document))
    write_file(stem.with_name(f"{stem.name}.pdf"), pdf_of(document))


def document_of(
    study: Study, pictures: Sequence[Picture], *, lang: str, command: str, parameters: Mapping[str, Any]
) -> Document:
    """Return the report of a study with its maps.

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
    return Document(
        phrase("report_title", name=name_of(study)),
        phrase("report_subtitle", date=date, plan=plan),
        lang,
        tuple(_blocks(study, pictures, command, parameters)),
    )


def _blocks(study: Study, pictures: Sequence[Picture], command: str, parameters: Mapping[str, Any]) -> Iterator[Block]:
    yield from opening.question(study)
    yield from opening.answers(study)
    yield from opening.definitions(study)
    yield from opening.data(study)
    yield from circles.side_by_side(study)
    if pictures:
        yield Heading(phrase("maps"))
        yield Items(tuple(picture.caption for picture in pictures))
        yield from pictures
    yield from circles.by_member(study)
    yield from circles.sensitivity(study)
    yield from plans.changes(study)
    yield from closing.limits(study)
    yield from closing.method(study)
    yield from closing.appendix(study, command, parameters)
