"""The index: the agglomerations in one table that can be sorted, the map of all, what the columns mean."""

from __future__ import annotations

from railshed.indicators.agglomerations import CUTOFF_MIN
from railshed.report.atlas.about import About
from railshed.report.atlas.comparison import COLUMNS, Column, Comparison
from railshed.report.atlas.entries import Entry
from railshed.report.atlas.folder import NATIONAL, TABLE, map_name, page_name
from railshed.report.atlas.html import PageRenderer, asset
from railshed.report.atlas.region_page import city_words, value_words
from railshed.util import number_format as n
from railshed.util.bilingual import Words

#: of a region whose cities have lines known by headway only
_MARK = "†"
MAP_WORDS = Words("各城市群及核心城市的铁路可达人口", "The agglomerations, and people by rail of each core city")


def index_page(pen: PageRenderer, compared: Comparison, about: About, png: bytes | None) -> str:
    """Return the index; without the map of all where there is none."""
    count = len(compared.entries)
    title = Words(
        f"{count}个城市群的一小时铁路通勤圈" if count > 1 else f"{compared.entries[0].name.zh}的一小时铁路通勤圈",
        f"One hour by rail: {count} agglomerations"
        if count > 1
        else f"One hour by rail: {compared.entries[0].name.en}",
    )
    body = [
        f"<header>\n<h1>{pen.stacked(title)}</h1>\n",
        f'<p class="soft">{pen.stacked(about.dated)}</p>\n',
        pen.items(lead_words(compared)),
        "</header>\n<main>\n",
        _table(pen, compared),
        _notes(pen, compared),
    ]
    if png is not None:
        body.append(pen.picture(png, MAP_WORDS, map_name(NATIONAL)))
    body += [_columns(pen), about.closing(pen, compared.entries), "</main>\n"]
    return pen.page(title, "".join(body), script=asset("sort.js"))


def lead_words(compared: Comparison) -> list[Words]:
    """Return what the table comes to, in numbers: who has most, the median, who has no people, what the press says."""
    figures = [(entry, compared.values(entry)["united_people"]) for entry in compared.entries]
    known = [(entry, value) for entry, value in figures if value is not None]
    if len(known) < 3:
        return []
    most, people = max(known, key=lambda pair: pair[1])
    middle = n.people(compared.middle("united_people"))
    none = [entry.name for entry, value in known if value == 0]
    lead = [
        Words(
            f"铁路可达人口(各核心城市的圈合并，中心城区外)：{most.name.zh}最多，{n.people(people).zh}；中位数{middle.zh}。",
            f"People by rail (circles of the core cities united, outside the city propers): {most.name.en} has most, "
            f"{n.people(people).en}; the median is {middle.en}.",
        )
    ]
    if none:
        lead.append(
            Words(
                f"{len(none)}个城市群为0：从家门算起，{CUTOFF_MIN}分钟内没有人能乘铁路到达核心城市："
                f"{'、'.join(w.zh for w in none)}。",
                f"{len(none)} have no people within {CUTOFF_MIN} min by rail from their door: "
                f"{', '.join(w.en for w in none)}.",
            )
        )
    press, door = (n.people(compared.middle(key)) for key in ("press_per_city", "people_per_city"))
    lead.append(
        Words(
            f"每座核心城市的中位数：按新闻口径(全天最快车次、整县){press.zh}人，从家门算起{door.zh}人。",
            f"Medians per core city: {press.en} people by the press convention (fastest train of the day, whole "
            f"counties), {door.en} from their door.",
        )
    )
    return lead


def _table(pen: PageRenderer, compared: Comparison) -> str:
    """Return the table, its figures in full in `data-v` to sort by; last the median."""
    title = Words("各城市群并列(点击列头或按回车键排序)", "Side by side (click a head, or press Enter on it, to sort)")
    texts = [Words("城市群", "agglomeration"), Words("核心城市", "core cities")]
    heads = "".join(f'<th scope="col"><button type="button">{pen.stacked(words)}</button></th>' for words in texts)
    for k, column in enumerate(COLUMNS):
        first = ' aria-sort="descending"' if k == 0 else ""
        words = pen.plain(column.measure.words)
        heads += (
            f'<th scope="col" class="n" title="{words}"{first}><button type="button">{pen.stacked(column.head)}'
            "</button></th>"
        )
    rows = "\n".join(_row(pen, compared, entry) for entry in compared.entries)
    foot = ""
    if len(compared.entries) > 2:
        cells = "".join(f'<td class="n">{_printed(pen, c, compared.middle(c.key))}</td>' for c in COLUMNS)
        foot = f"<tfoot><tr><td>{pen.line(Words('中位数', 'median'))}</td><td></td>{cells}</tr></tfoot>"
    return (
        f'<div class="scroll"><table class="sort"><caption>{pen.line(title)}</caption><thead><tr>{heads}</tr></thead>\n'
        f"<tbody>\n{rows}\n</tbody>{foot}</table></div>\n"
    )


def _row(pen: PageRenderer, compared: Comparison, entry: Entry) -> str:
    values, largest = compared.values(entry), _largest(compared)
    mark = f" {_MARK}" if entry.lines else ""
    name = f'<a href="{page_name(entry.region)}">{pen.stacked(entry.name)}</a>{mark}'
    cells = [
        f'<td data-v="{pen.plain(entry.name)}">{name}</td>',
        f'<td data-v="{pen.plain(city_words(entry))}">{pen.stacked(city_words(entry))}</td>',
    ]
    for k, column in enumerate(COLUMNS):
        value = values[column.key]
        full = "" if value is None else repr(float(value))
        bar = ""
        if k == 0:
            share = (value or 0) / largest if largest else 0
            bar = f' style="--w:{share:.1%}"'
        cells.append(
            f'<td class="n{" bar" if k == 0 else ""}" data-v="{full}"{bar}>{_printed(pen, column, value)}</td>'
        )
    return f"<tr>{''.join(cells)}</tr>"


def _largest(compared: Comparison) -> float:
    return max((compared.values(entry)[COLUMNS[0].key] or 0 for entry in compared.entries), default=0)


def _printed(pen: PageRenderer, column: Column, value: float | None) -> str:
    return "–" if value is None else pen.figure(value_words(column.key, value))


def _notes(pen: PageRenderer, compared: Comparison) -> str:
    """Return what holds for the table as a whole."""
    notes = [
        Words(
            f"“–”：无数据，或分母为0。表中全部数字见 {TABLE}(另含更多指标)。",
            f"'–': no data, or a denominator of 0. {TABLE} has all figures, and more measures.",
        )
    ]
    if any(entry.lines for entry in compared.entries):
        notes.insert(
            0,
            Words(
                f"{_MARK} 含按间隔运行的通勤线；其他城市的地铁未建模，比较时请以 --without-lines(lines=False)重做。",
                f"{_MARK} with commuter lines known by headway; metros of other cities are not modelled: compare with "
                "--without-lines (lines=False).",
            ),
        )
    return "".join(f'<p class="soft">{pen.stacked(words)}</p>\n' for words in notes)


def _columns(pen: PageRenderer) -> str:
    """Return what each column means."""
    rows = "".join(
        f"<dt>{pen.line(column.head)}</dt><dd>{pen.stacked(column.measure.words)}</dd>" for column in COLUMNS
    )
    return f"<h2>{pen.line(Words('各列的含义', 'What the columns mean'))}</h2>\n<dl>{rows}</dl>\n"
