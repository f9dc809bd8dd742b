"""The index: the agglomerations in one table that can be sorted, the map of all, what the columns mean."""

from __future__ import annotations

from railshed.report.atlas.about import About
from railshed.report.atlas.comparison import COLUMNS, MEASURE, Comparison
from railshed.report.atlas.entries import Entry
from railshed.report.atlas.folder import NATIONAL, TABLE, map_name, page_name
from railshed.report.atlas.html import PageRenderer
from railshed.report.atlas.region_page import core_city_words, value_words
from railshed.show.page_html import asset
from railshed.util import number_format as n
from railshed.util.bilingual import Words, joined
from railshed.util.phrases import heads, phrase

#: of a region whose cities have lines known by headway only
_MARK = "†"


def index_page(pen: PageRenderer, compared: Comparison, about: About, png: bytes | None) -> str:
    """Return the index; without the map of all where there is none."""
    count = len(compared.entries)
    title = phrase("index_title", n=count) if count > 1 else phrase("index_of_one", name=compared.entries[0].name)
    notes = [phrase("index_with_lines", mark=_MARK)] if any(entry.lines for entry in compared.entries) else []
    notes.append(phrase("index_no_data", file=TABLE))
    drawn = "" if png is None else pen.picture(png, phrase("index_map"), map_name(NATIONAL))
    body = (
        f'<header>\n<h1>{pen.stacked(title)}</h1>\n<p class="soft">{pen.stacked(about.dated)}</p>\n'
        f"{pen.items(lead_words(compared))}</header>\n<main>\n{_table(pen, compared)}{pen.notes(notes)}{drawn}"
        f"{_columns(pen)}{about.closing(pen, compared.entries)}</main>\n"
    )
    return pen.page(title, body, script=asset("atlas/sort.js"))


def lead_words(compared: Comparison) -> list[Words]:
    """Return what the table comes to, in numbers: who has most, the median, who has no people, what the press says."""
    figures = [(entry, compared.values(entry)[COLUMNS[0]]) for entry in compared.entries]
    known = [(entry, value) for entry, value in figures if value is not None]
    if len(known) < 3:
        return []
    most, people = max(known, key=lambda pair: pair[1])
    middle = n.people(compared.middle(COLUMNS[0]))
    none = [entry.name for entry, value in known if value == 0]
    lead = [phrase("lead_people", name=most.name, people=n.people(people), middle=middle)]
    if none:
        lead.append(phrase("lead_none", n=len(none), names=joined(none)))
    press, share = n.people(compared.middle("press_per_city")), n.share(compared.middle("inside_of_census"))
    return [*lead, phrase("lead_press", press=press, share=share)]


def _table(pen: PageRenderer, compared: Comparison) -> str:
    """Return the table, its figures in full in `data-v` to sort by; last the median."""
    title, texts = phrase("index_table_title"), heads("agglomeration", "core_cities")
    columns = [("", words) for words in texts]
    for k, column in enumerate(COLUMNS):
        first = "" if k else ' aria-sort="descending"'
        columns.append((f' class="n" title="{pen.plain(MEASURE[column].words)}"{first}', _head(column)))
    head = "".join(
        f'<th scope="col"{kind}><button type="button">{pen.stacked(words)}</button></th>' for kind, words in columns
    )
    rows = "\n".join(_row(pen, compared, entry) for entry in compared.entries)
    foot = ""
    if len(compared.entries) > 2:
        cells = "".join(f'<td class="n">{_printed(pen, c, compared.middle(c))}</td>' for c in COLUMNS)
        foot = f"<tfoot><tr><td>{pen.line(*heads('median_of_all'))}</td><td></td>{cells}</tr></tfoot>"
    return (
        f'<div class="scroll"><table class="sort"><caption>{pen.line(title)}</caption><thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{rows}\n</tbody>{foot}</table></div>\n"
    )


def _head(column: str) -> Words:
    return heads(f"index_{column}")[0]


def _row(pen: PageRenderer, compared: Comparison, entry: Entry) -> str:
    values, cities = compared.values(entry), core_city_words(entry)
    largest = max(compared.values(one)[COLUMNS[0]] or 0 for one in compared.entries)
    mark = f" {_MARK}" if entry.lines else ""
    name = f'<a href="{page_name(entry.region)}">{pen.stacked(entry.name)}</a>{mark}'
    cells = (
        f'<td data-v="{pen.plain(entry.name)}">{name}</td><td data-v="{pen.plain(cities)}">{pen.stacked(cities)}</td>'
    )
    for k, column in enumerate(COLUMNS):
        value = values[column]
        full = "" if value is None else repr(float(value))
        kind, bar = ("n", "") if k else ("n bar", f' style="--w:{(value or 0) / (largest or 1):.1%}"')
        cells += f'<td class="{kind}" data-v="{full}"{bar}>{_printed(pen, column, value)}</td>'
    return f"<tr>{cells}</tr>"


def _printed(pen: PageRenderer, column: str, value: float | None) -> str:
    return "–" if value is None else pen.figure(value_words(column, value))


def _columns(pen: PageRenderer) -> str:
    """Return what each column means."""
    rows = "".join(
        f"<dt>{pen.line(_head(column))}</dt><dd>{pen.stacked(MEASURE[column].words)}</dd>" for column in COLUMNS
    )
    return f"<h2>{pen.line(phrase('columns_meaning'))}</h2>\n<dl>{rows}</dl>\n"
