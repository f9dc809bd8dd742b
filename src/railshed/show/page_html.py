"""The report as one page of HTML: pictures and Chinese characters inlined, no script, no
request.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import resources

from railshed.maps.fonts import FAMILY, font_face
from railshed.show.blocks import Document, Heading
from railshed.show.html import HtmlRenderer
from railshed.util.bilingual import Words

#: marks with what they hold, pictures among it
_TAGS = re.compile(r"<[^>]*>")


def html_of(document: Document) -> str:
    """Return the page, which opens from disk without a network; the same document gives the same
    bytes.
    """
    render = HtmlRenderer(document.lang)
    title = render.stacked(document.title)
    body = "".join(_body(document, render))
    return page_of(
        render,
        document.title,
        f"<header>\n<h1>{title}</h1>\n<p "
        f'class="soft">{render.stacked(document.subtitle)}</p>\n</header>\n'
        f"<main>\n{body}</main>\n",
        style=f"{faces_of(title + body)}\n{asset('report.css')}",
    )


def page_of(render: HtmlRenderer, title: Words, body: str, *, style: str, script: str = "") -> str:
    """Return a whole page, which asks no network for anything."""
    allowed = "default-src 'none'; img-src data:; font-src data:; style-src 'unsafe-inline'"
    if script:
        allowed += "; script-src 'unsafe-inline'"
        body += f"<script>\n{script}</script>\n"
    return (
        f'<!DOCTYPE html>\n<html lang="{language_tag(render.lang)}">\n<head>\n<meta '
        'charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{allowed}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{render.plain(title)}</title>\n<style>{style}</style>\n</head>\n<body>\n{body}</body>\n</html>\n"
    )


def asset(name: str) -> str:
    """Return the text of a style or script, a file below this folder."""
    return resources.files("railshed.report").joinpath(name).read_text(encoding="utf-8")


def language_tag(lang: str) -> str:
    """Return the language of a document as files name it: that of its main text."""
    return "en" if lang == "en" else "zh-CN"


def faces_of(page: str) -> str:
    """Return the fonts, as styles, for the characters of a page."""
    words = _TAGS.sub("", page)
    return "".join(font_face(words, FAMILY, bold=bold) for bold in (False, True))


def _body(document: Document, render: HtmlRenderer) -> Iterator[str]:
    """Yield the blocks; chapters are numbered for the links of the contents, which follow the first
    page.
    """
    yield from (render.block(block) for block in document.front)
    links = (
        f'<li><a href="#c{k}">{render.line(words)}</a></li>'
        for k, words in enumerate(document.chapters())
    )
    yield f"<nav><ol>{''.join(links)}</ol></nav>\n"
    chapter = 0
    for block in document.blocks:
        is_chapter = isinstance(block, Heading) and block.level <= 1
        if block not in document.front:  # a picture, which the PDF has in its full size again
            yield render.block(block, f"c{chapter}" if is_chapter else "")
        chapter += is_chapter
