"""The report as one page of HTML: pictures and Chinese characters inlined, no script, no request."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from html import escape
from pathlib import Path

from railshed.maps.fonts import FAMILY, font_face
from railshed.report.document import Document
from railshed.tables.blocks import (
    Block,
    Cell,
    Code,
    Heading,
    Items,
    Paragraph,
    Picture,
    Table,
    cell_texts,
    texts_of,
)
from railshed.util.bilingual import Words
from railshed.util.files import atomic_path

#: characters of a cell that is not broken: a date
_SHORT = 10
_TAGS = re.compile(r"<[^>]*>")
_STYLE = """
:root { --ink: #1d2327; --soft: #5b656d; --line: #d9dde0; --accent: #2b5f8a; }
body { margin: 0 auto; max-width: 62rem; padding: 1.5rem; color: var(--ink); background: #fff;
  font: 16px/1.6 "Noto Sans", "Segoe UI", "Railshed Sans SC", "Microsoft YaHei", "PingFang SC", sans-serif; }
h1 { font-size: 1.7rem; line-height: 1.3; margin: .5rem 0; }
h2 { font-size: 1.3rem; border-bottom: 2px solid var(--accent); padding-bottom: .2rem; margin-top: 2.2rem; }
h3 { font-size: 1.1rem; margin: 1.4rem 0 .3rem; } h4 { margin: 1.2rem 0 .2rem; }
.second { color: var(--soft); font-size: .92em; } .soft { color: var(--soft); font-size: .92rem; }
span.second { display: block; font-weight: normal; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; font-size: .86rem; width: 100%; }
caption { text-align: left; font-weight: 600; padding: .4rem 0; }
th, td { text-align: left; vertical-align: top; padding: .2rem .5rem; border-bottom: 1px solid var(--line); }
th { border-bottom: 1.5px solid var(--ink); } .n { text-align: right; font-variant-numeric: tabular-nums; }
figure { margin: 1.4rem 0; } img { max-width: 100%; height: auto; border: 1px solid var(--line); }
pre { background: #f4f6f7; padding: .7rem; white-space: pre-wrap; overflow-wrap: anywhere; font-size: .85rem; }
td { overflow-wrap: anywhere; } td.n, th.n { overflow-wrap: normal; }
.s { white-space: nowrap; } nav ol { columns: 2 18rem; padding-left: 1.8rem; }
@media print { body { max-width: none; font-size: 11px; } figure, tr { break-inside: avoid; } nav { display: none; } }
"""


def write_html(document: Document, path: str | Path) -> Path:
    """Write the report as one page that opens from disk without a network; the same document gives the same bytes.

    Raises
    ------
    OutputError
        When the file cannot be written.
    """
    with atomic_path(path) as temporary:
        temporary.write_text(html_of(document), encoding="utf-8", newline="\n")
    return Path(path)


def html_of(document: Document) -> str:
    """Return the page."""
    lang = {"zh": "zh-CN", "en": "en"}.get(document.lang, "zh-CN")
    title = " · ".join(texts_of(document.title, document.lang))
    body = "".join(_blocks(document))
    words = _TAGS.sub("", _stacked(document.title, document.lang) + body)
    faces = "".join(font_face(words, FAMILY, bold=bold) for bold in (False, True))
    contents = "".join(
        f'<li><a href="#c{k}">{_joined(words, document.lang)}</a></li>' for k, words in enumerate(document.chapters())
    )
    return (
        f'<!DOCTYPE html>\n<html lang="{lang}">\n<head>\n<meta charset="utf-8">\n'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; img-src data:; font-src data:; '
        "style-src 'unsafe-inline'\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{faces}{_STYLE}</style>\n</head>\n<body>\n<header>\n"
        f"<h1>{_stacked(document.title, document.lang)}</h1>\n"
        f'<p class="soft">{_stacked(document.subtitle, document.lang)}</p>\n</header>\n'
        f"<nav><ol>{contents}</ol></nav>\n<main>\n{body}</main>\n</body>\n</html>\n"
    )


def _blocks(document: Document) -> Iterator[str]:
    chapter = 0
    for block in document.blocks:
        anchor = ""
        if isinstance(block, Heading) and block.level == 1:
            anchor, chapter = f' id="c{chapter}"', chapter + 1
        yield _block(block, document.lang, anchor) + "\n"


def _block(block: Block, lang: str, anchor: str) -> str:
    if isinstance(block, Heading):
        tag = f"h{block.level + 1}"
        return f"<{tag}{anchor}>{_joined(block.words, lang)}</{tag}>"
    if isinstance(block, Paragraph):
        return _paragraph(block, lang)
    if isinstance(block, Items):
        return f"<ul>{''.join(f'<li>{_stacked(words, lang)}</li>' for words in block.words)}</ul>"
    if isinstance(block, Table):
        return _table(block, lang)
    if isinstance(block, Picture):
        return _picture(block, lang)
    assert isinstance(block, Code)
    return "".join(f"<pre>{escape(text)}</pre>" for text in texts_of(block.text, lang))


def _joined(words: Cell, lang: str) -> str:
    """Return a text and its second language in one line."""
    first, *more = map(escape, texts_of(words, lang))
    return first + "".join(f' <small class="second">{text}</small>' for text in more)


def _stacked(words: Words, lang: str) -> str:
    first, *more = map(escape, texts_of(words, lang))
    return first + "".join(f'<span class="second">{text}</span>' for text in more)


def _paragraph(block: Paragraph, lang: str) -> str:
    first, *more = map(escape, texts_of(block.words, lang))
    kind = ' class="soft"' if block.soft else ""
    return f"<p{kind}>{first}</p>" + "".join(f'<p class="second">{text}</p>' for text in more)


def _table(block: Table, lang: str) -> str:
    def cell(tag: str, value: Cell, column: int) -> str:
        figure = column >= block.right
        texts = cell_texts(value, lang, figure=figure and tag == "td")
        short = all(len(text) <= _SHORT for text in texts)
        kind = ' class="n"' if figure else ' class="s"' if short else ""
        return f"<{tag}{kind}>{'<br>'.join(map(escape, texts))}</{tag}>"

    head = "".join(cell("th", value, k) for k, value in enumerate(block.heads))
    body = "".join("<tr>" + "".join(cell("td", v, k) for k, v in enumerate(row)) + "</tr>\n" for row in block.rows)
    notes = "".join(f'<p class="soft">{_stacked(words, lang)}</p>' for words in block.notes)
    return (
        f'<div class="scroll"><table><caption>{_joined(block.title, lang)}</caption><thead><tr>{head}</tr></thead>'
        f"<tbody>\n{body}</tbody></table></div>{notes}"
    )


def _picture(block: Picture, lang: str) -> str:
    alt = escape(" · ".join(texts_of(block.caption, lang)), quote=True)
    coded = base64.b64encode(block.png).decode("ascii")
    return (
        f'<figure><img alt="{alt}" src="data:image/png;base64,{coded}">'
        f"<figcaption>{_joined(block.caption, lang)}</figcaption></figure>"
    )
