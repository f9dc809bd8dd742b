"""Chapters: the headline and its parts, what stands out, what every number means, the data and its
defects.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from railshed.circles.definitions import (
    KINDS,
    OUTSIDE,
    describe_cars,
    describe_reading,
    describe_split,
    people_words,
)
from railshed.questions.circle.tables import headline_parts
from railshed.questions.labels import city_name, reading_label
from railshed.report import findings
from railshed.report.chapters.closing import ENGLISH
from railshed.show.blocks import Block, Heading, Items, Paragraph, Table, remark
from railshed.util import number_format as n
from railshed.util.bilingual import Words, joined
from railshed.util.phrases import PHRASES, heads, phrase

if TYPE_CHECKING:
    from railshed.api.circle import Circle
    from railshed.api.study import Study
    from railshed.util.errors import Issue

_ISSUES_SHOWN = 25


def answers(
    circles: Sequence[Circle], union: Mapping[str, Any] | None = None, rest: Sequence[Circle] = ()
) -> Iterator[Block]:
    """Yield the headline of each city with its parts, of all together, and which others stand in
    the appendix.
    """
    yield Heading(phrase("answers"))
    for circle in circles:
        yield Items((*findings.headlines(circle), *headline_parts(circle)))
    if rest:
        yield remark(
            phrase("in_the_appendix", names=joined([city_name(circle.city) for circle in rest]))
        )
    if union is not None:
        row = union["by_rail"]
        people = n.people(row["people_outside_city"])
        km2 = n.km2(row["area_km2_outside_city"])
        yield Paragraph(phrase("answers_united", people=people, km2=km2))


def definitions(study: Study) -> Iterator[Block]:
    """Yield what every number means, in words."""
    first = study.first
    along_streets = study.run.streets is not None
    yield Heading(phrase("definitions"))
    rows = []
    for name in (name for name in first.readings if name in first.cutoffs_by_reading):
        given = (first.readings[name], first.city, first.assumptions, first.direction)
        text = joined(describe_reading(*given, streets=along_streets)[1:], "；", "; ")
        rows.append(
            (reading_label(first, name), text, ", ".join(map(str, first.cutoffs_by_reading[name])))
        )
    yield Table(
        phrase("readings_defined"), heads("reading", "what_counts", "min"), tuple(rows), right=3
    )
    cars = describe_cars(first.assumptions, along_streets)
    yield Items(
        (
            *(phrase("named", name=KINDS[key], text=phrase(f"kind_{key}")) for key in KINDS),
            *GENERAL[0 if first.has_city_proper else 1 :],
            *cars.values(),
        )
    )
    way = "to" if first.direction == "to" else "from"
    both = first.direction == "both"
    parts = describe_split([first.surface.reading], [way], both=both, outside=first.has_city_proper)
    yield remark(phrase("parts_of_the_minutes", parts=joined(parts, "；", "; ")))


#: what every table of circles means by its words, the city proper first
GENERAL = (
    phrase("city_proper_defined", proper=phrase("city_proper"), outside=OUTSIDE),
    phrase("inside_defined"),
    phrase("strict_and_range_defined"),
)


def data(study: Study) -> Iterator[Block]:
    """Yield what the numbers are made from, of which date, under which licence; then what was found
    wrong with it.
    """
    network = study.network
    counts = study.first.counts
    yield Heading(phrase("data"))
    yield Paragraph(
        phrase(
            "data_of",
            title=Words(network.title, network.title_en or network.title),
            date=counts.case.compiled.date,
            stations=f"{network.n_stations:,}",
            trips=f"{network.n_trips:,}",
            people=people_words(counts.people_label) if study.counted else n.MISSING,
        )
    )
    yield remark(phrase("dates_of_sources"))
    if network.sources:
        rows = tuple(
            (_source(s), str(s.get("date", "")) or "-", s.get("licence", "") or "-")
            for s in network.sources
        )
        yield Table(phrase("sources"), heads("source", "date", "licence"), rows, right=3)
    if lines := list(map(n.parted, study.first.summary.lines_by_headway)):
        yield Paragraph(phrase("lines_by_headway", lines=joined(lines)))
    yield from _quality(study)


def _source(source: Mapping[str, Any]) -> Words:
    """Return the title of a source; in Chinese its credit, or the files that are made from it."""
    title = source.get("title", "")
    files = phrase("source_of_files", files=source["files"]).zh if source.get("files") else title
    return Words(source.get("credit_zh") or (files if ENGLISH.search(title) else title), title)


def _quality(study: Study) -> Iterator[Block]:
    yield Heading(phrase("checks"), 2)
    grouped: dict[tuple[str, str], list[Issue]] = {}
    for issue in study.issues:
        grouped.setdefault((issue.severity, issue.code), []).append(issue)
    if not grouped:
        yield Paragraph(phrase("checks_found_nothing"))
    rows = [
        (phrase(f"severity_{severity}"), _kind(code), f"{len(mine):,}", _first(mine))
        for (severity, code), mine in sorted(
            grouped.items(), key=lambda pair: (pair[0][0], -len(pair[1]), pair[0][1])
        )
    ]
    if rows:
        names = heads("severity", "code", "n_issues", "first_issue")
        yield Table(phrase("checks_title"), names, tuple(rows[:_ISSUES_SHOWN]), right=4)
    if study.network.notes:
        yield Paragraph(phrase("notes_in_appendix", n=len(study.network.notes)))


def _kind(code: str) -> Words:
    """Return the name of a check."""
    return Words(phrase(f"check_{code}").zh if f"check_{code}" in PHRASES else code, code)


def _first(issues: Sequence[Issue]) -> Words:
    """Return the first problem; its message is English, so in Chinese where it lies and what stands
    there.
    """
    issue = issues[0]
    row, zh = (
        ("", "") if issue.row is None else (f"row {issue.row}", phrase("row_n", n=issue.row).zh)
    )
    where = " ".join(part for part in (issue.file, row) if part)
    there = " ".join(
        p for p in (issue.file, zh, "" if ENGLISH.search(issue.value) else issue.value) if p
    )
    return Words(there or "-", f"{where + ': ' if where else ''}{issue.message}")
