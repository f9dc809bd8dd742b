"""The last chapters: limits, the method with its formulas, and the appendix that reproduces the
report.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from railshed._version import __version__
from railshed.assumptions.assumptions import assumption_rows
from railshed.circles.analysis import RESULTS_VERSION
from railshed.circles.definitions import GENERAL_LIMITS, MODES, STRAIGHT_LINES
from railshed.questions.labels import city_name
from railshed.show.blocks import Block, Code, Heading, Items, Paragraph, Table, remark
from railshed.show.page_html import asset
from railshed.util.bilingual import LANGUAGES, Words, joined
from railshed.util.phrases import PHRASES, heads, phrase

if TYPE_CHECKING:
    from railshed.api.study import Study

#: two English words in a row; a whole number that was written with a point
ENGLISH = re.compile(r"[A-Za-z]{2,},? [A-Za-z]{2,}")
_WHOLE = re.compile(r"^(\d+)\.0$")


def limits(study: Study) -> Iterator[Block]:
    """Yield what the numbers do not say."""
    own = [Words(*pair) for pair in study.network.limits] or list(GENERAL_LIMITS)
    if study.run.streets is not None:
        own = [words for words in own if words != STRAIGHT_LINES]
    keys = (
        "limit_seat",
        "limit_no_data",
        "limit_overlap",
        *(() if study.plans is None else ("limit_plan",)),
    )
    yield Heading(phrase("limits"))
    yield Items((*own, *map(phrase, keys)))
    beyond = [
        (city_name(circle.city), circle.summary.outside_boundaries_km2) for circle in study.circles
    ]
    areas = [phrase("area_of", name=name, km2=f"{km2:,.0f}") for name, km2 in beyond if km2]
    if areas:
        yield Paragraph(phrase("beyond_boundaries", areas=joined(areas)))


def method(study: Study) -> Iterator[Block]:
    """Yield how the numbers are computed."""
    yield Heading(phrase("method"))
    yield Paragraph(phrase("method_text", size=f"{study.first.assumptions.cell_size_m:g}"))
    yield Code(Words(*(asset(f"chapters/formulas_{lang}.txt").rstrip() for lang in LANGUAGES)))
    yield remark(phrase("symbols"))
    rows = tuple(_assumptions(study))
    if rows:
        notes = (phrase("assumption_sources"),)
        yield Table(
            phrase("assumptions_title"),
            heads("item", "value_of_item", "source"),
            rows,
            right=3,
            notes=notes,
        )


def _item(key: str) -> Words:
    if f"item_{key}" in PHRASES:
        return phrase(f"item_{key}")
    return MODES.get(key, Words(key.replace("_", " ")))


def _assumptions(study: Study) -> list[tuple[Words, Words, Words]]:
    """Return one row a station class, mode or car: its values in a row, and where they are from
    (Chinese: how sure).
    """
    found: dict[tuple[str, str, Words], list[Words]] = {}
    for row in assumption_rows(study.network.assumptions):
        table, _, rest = row["what"].partition(".")
        name, _, key = rest.rpartition(".")
        if table != "uncertainty" and row["value"] not in (
            "",
            None,
        ):  # draws are of drawn days alone
            status = f"status_{row['status']}"
            sure = phrase(status).zh if status in PHRASES else row["status"]
            of = (table, name, Words(sure, f"{row['source']} ({row['status']})"))
            found.setdefault(of, []).append(
                joined([_item(key), Words(f"{row['value']}")], " ", " ")
            )
    return [
        (joined([_item(table), _item(name)], " ", " "), joined(values, "；", "; "), source)
        for (table, name, source), values in found.items()
    ]


def rerun(study: Study, command: str, parameters: Mapping[str, Any], lang: str) -> Iterator[Block]:
    """Yield what a rerun needs: command, parameters, versions, checksums, hashes of definitions;
    notes of the data.
    """
    network = study.network
    yield Heading(phrase("rerun"))
    yield Code(f"{command} -o out")
    yield Paragraph(phrase("same_bytes"))
    versions = (
        f"railshed {__version__}; results version {RESULTS_VERSION}; network {network.network_id}"
    )
    hashes = (
        (phrase("definition_hash", name=city_name(c.city)), c.summary.definition_hash)
        for c in study.circles
    )
    names = heads("item", "value_of_parameter")
    yield Table(phrase("versions_title"), names, ((phrase("versions"), versions), *hashes), right=2)
    given = tuple(
        (key, ", ".join(map(str, v)) if isinstance(v, list | tuple) else str(v))
        for key, v in parameters.items()
        if v or (v == 0 and v is not False)
    )
    yield Table(
        phrase("parameters_title"), heads("parameter", "value_of_parameter"), given, right=2
    )
    sums = list(network.checksums.items())
    if study.run.opportunities is not None:
        sums += study.run.opportunities.checksums.items()
    for plan in () if study.plans is None else study.plans.alone:
        sums += [(str(row["file"]), str(row["sha256"])) for row in plan.to_dict()["files"]]
    yield Table(
        phrase("checksums_title"), heads("file", "sha256"), tuple(dict.fromkeys(sums)), right=2
    )
    yield from _notes(network.notes, lang)


def _notes(notes: Sequence[str], lang: str) -> Iterator[Block]:
    """Yield the notes of the data, which are English; in Chinese those that are names and figures
    alone.
    """
    parted = (note.removeprefix("network.toml ").partition(": ") for note in notes)
    rows = [
        (_note_name(key), _WHOLE.sub(r"\1", value.strip("[]")) or "-") for key, _, value in parted
    ]
    shown = [row for row in rows if lang != "zh" or (row[0].zh and not ENGLISH.search(row[1]))]
    if shown:
        yield Table(phrase("notes_title"), heads("item", "note"), tuple(shown), right=2)
    if len(rows) > len(shown):
        yield remark(phrase("notes_left", n=len(rows) - len(shown)))


def _note_name(key: str) -> Words:
    """Return a key as words: "included.trains_by_letter.G" as "included: trains by letter: G";
    Chinese where known.
    """
    english = key.replace("_", " ").replace(".", ": ")
    head, _, tail = key.rpartition(".")
    for name, more in ((key, ""), (head, f" {tail}")):
        if f"note_{name}" in PHRASES:
            return Words(phrase(f"note_{name}").zh + more, english)
    return Words("", english)
