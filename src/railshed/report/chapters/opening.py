"""The first chapters of a report: the question, what stands out, what every number means, the data and its defects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from railshed.circles.definitions import KINDS, OUTSIDE, describe_cars, describe_reading, describe_split
from railshed.report import findings
from railshed.tables.blocks import Block, Heading, Items, Paragraph, Table, remark
from railshed.tables.circle import headline_parts
from railshed.tables.labels import city_name, reading_label
from railshed.util import number_format as n
from railshed.util.bilingual import Words, joined
from railshed.util.phrases import heads, phrase

if TYPE_CHECKING:
    from railshed.api.study import Study
    from railshed.util.errors import Issue

_ISSUES_SHOWN = 25


def question(study: Study) -> Iterator[Block]:
    """Yield what the report answers."""
    first = study.first
    yield Heading(phrase("question"))
    yield Paragraph(phrase(
        "question_text", name=findings.name_of(study), way=phrase(f"question_{first.direction}"),
        cutoff=first.headline_cutoff, cities=joined([city_name(circle.city) for circle in study.circles]),
    ))  # fmt: skip
    if study.plans is not None:
        titles = joined([Words(*plan.titles) for plan in study.plans.every], "；", "; ")
        yield Paragraph(phrase("question_of_plans", titles=titles))


def answers(study: Study) -> Iterator[Block]:
    """Yield the headline of each city with its parts, what is unlike the other agglomerations, and the plan's worth."""
    yield Heading(phrase("answers"))
    for circle in study.circles:
        yield Items((*findings.headlines(circle), *headline_parts(circle, n.people)))
    if study.union is not None:
        row = study.union["by_rail"]
        people, km2 = n.people(row["people_outside_city"]), n.km2(row["area_km2_outside_city"])
        yield Paragraph(phrase("answers_united", people=people, km2=km2))
    yield from _unlike(study)
    wholes: Sequence[Any] = study.unions or [mine[0] for mine in study.comparisons]  # of the region, or the first city
    for found in wholes:
        yield Heading(phrase("the_plan", title=Words(*found.titles)), 2)
        yield Items(tuple(findings.changes(found)[:4]))


def _unlike(study: Study) -> Iterator[Block]:
    if study.deviations is None:
        yield remark(phrase("not_compared_with_the_19"))
        pairs = [(findings.readings_apart(circle), findings.costliest_step(circle)) for circle in study.circles]
        apart = [sentence for pair in pairs for sentence in pair if sentence is not None]
        if apart:
            yield Items(tuple(apart))
        return
    yield Heading(phrase("farthest_from_median"), 2)
    sentences = findings.unlike_the_others(study)
    yield Items(tuple(sentences)) if sentences else Paragraph(phrase("no_deviation"))
    lines = phrase("medians_with_lines" if study.network.lines_included else "medians_without_lines")
    yield remark(phrase("medians_of", date=study.network.date, lines=lines))


def definitions(study: Study) -> Iterator[Block]:
    """Yield what every number means, in words."""
    first, along_streets = study.first, study.run.streets is not None
    yield Heading(phrase("definitions"))
    rows = []
    for name in (name for name in first.readings if name in first.cutoffs_by_reading):
        lines = describe_reading(
            first.readings[name], first.city, first.assumptions, first.direction, streets=along_streets
        )
        cutoffs = ", ".join(map(str, first.cutoffs_by_reading[name]))
        rows.append((reading_label(first, name), joined(lines[1:], "；", "; "), cutoffs))
    yield Table(phrase("readings_defined"), heads("reading", "what_counts", "min"), tuple(rows), right=3)
    cars = describe_cars(first.assumptions, along_streets)
    yield Items((
        *(phrase("named", name=KINDS[key], text=phrase(f"kind_{key}")) for key in KINDS),
        *GENERAL[0 if first.has_city_proper else 1 :], *cars.values(),
    ))  # fmt: skip
    parts = describe_split(
        [first.surface.reading], ["to"] if first.direction == "to" else ["from"], both=first.direction == "both",
        outside=first.has_city_proper,
    )  # fmt: skip
    yield remark(phrase("parts_of_the_minutes", parts=joined(parts, "；", "; ")))


#: what every table of circles means by its words, the city proper first
GENERAL = (
    phrase("city_proper_defined", proper=phrase("city_proper"), outside=OUTSIDE),
    phrase("inside_defined"),
    phrase("strict_and_range_defined"),
)


def data(study: Study) -> Iterator[Block]:
    """Yield what the numbers are made from, of which date, under which licence; then what was found wrong with it."""
    network, ground = study.network, study.first.ground
    yield Heading(phrase("data"))
    yield Paragraph(phrase(
        "data_of", title=Words(network.title, network.title_en or network.title), date=ground.case.compiled.date,
        stations=f"{network.n_stations:,}", trips=f"{network.n_trips:,}",
        people=Words(ground.people_label, ground.people_label) if study.counted else n.MISSING,
    ))  # fmt: skip
    yield remark(phrase("dates_of_sources"))
    if network.sources:
        rows = tuple(
            (s.get("title", ""), str(s.get("date", "")) or "-", s.get("licence", "") or "-") for s in network.sources
        )
        yield Table(phrase("sources"), heads("source", "date", "licence"), rows, right=3)
    lines = [n.parted(line) for line in study.first.summary.lines_by_headway]
    if lines:
        yield Paragraph(phrase("lines_by_headway", lines=joined(lines)))
    yield from _quality(study)


def _quality(study: Study) -> Iterator[Block]:
    yield Heading(phrase("checks"), 2)
    grouped: dict[tuple[str, str], list[Issue]] = {}
    for issue in study.issues:
        grouped.setdefault((issue.severity, issue.code), []).append(issue)
    if not grouped:
        yield Paragraph(phrase("checks_found_nothing"))
    rows = [
        (phrase(f"severity_{severity}"), code, f"{len(mine):,}", _first(mine))
        for (severity, code), mine in sorted(grouped.items(), key=lambda pair: (pair[0][0], -len(pair[1]), pair[0][1]))
    ]
    if rows:
        names = heads("severity", "code", "n_issues", "first_issue")
        yield Table(phrase("checks_title"), names, tuple(rows[:_ISSUES_SHOWN]), right=4)
    n_notes = len(study.network.notes)
    if n_notes:
        yield Paragraph(phrase("notes_in_appendix", n=n_notes))


def _first(issues: Sequence[Issue]) -> str:
    issue = issues[0]
    where = " ".join(part for part in (issue.file, "" if issue.row is None else f"row {issue.row}") if part)
    return f"{where + ': ' if where else ''}{issue.message}"
