"""The report as a PDF: the shipped fonts embedded, Chinese selectable, maps as vectors, pages
numbered.

Lines are broken by the rules of the maps (`maps.fonts.wrap`): hanzi part anywhere but before
closing marks, Latin words at spaces.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from importlib import resources
from typing import Any

from reportlab import rl_config
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Flowable,
    NextPageTemplate,
    PageBreak,
    PageTemplate,
)

from railshed.maps.fonts import text_width
from railshed.report.pdf.tables import SIZES, facts_flow, table_flow
from railshed.report.pdf.text import (
    A4,
    ACCENT,
    BOLD,
    INK,
    MM,
    REGULAR,
    ROOM,
    SIDE,
    SOFT,
    WIDTH,
    Columns,
    Lines,
    frame,
)
from railshed.report.pdf.vectors import Placed, Space, with_pictures
from railshed.show import blocks
from railshed.show.page_html import language_tag
from railshed.util.sums import plain_sum

_SIZE = 9.5
_SMALL = 8.0
#: name of the pages that are maps, and their white edge in points
_SHEET = "sheet"
_EDGE = 24.0
#: at which scale the picture of the first page is large enough, and how small it may become; longer
#: texts go on on the next page
_GOOD = 0.5
_LEAST = 0.35
#: by level: size, gap above, and the least room below a heading, with what a table needs to begin
_HEADINGS = {
    0: (20.0, 0.0, 0.0),
    1: (15.0, 16.0, 190.0),
    2: (12.0, 9.0, 165.0),
    3: (10.5, 6.0, 150.0),
}


def count_pages(document: blocks.Document) -> int:
    """Return how many pages the PDF has."""
    for name, weight in ((REGULAR, "Regular"), (BOLD, "Bold")):
        if name not in pdfmetrics.getRegisteredFontNames():
            path = resources.files("railshed.maps").joinpath(
                "typefaces", f"RailshedSansSC-{weight}.ttf"
            )
            pdfmetrics.registerFont(TTFont(name, str(path)))
    return _built(document, 0, [])[1]


def pdf_of(document: blocks.Document) -> bytes:
    """Return the bytes of the PDF, the same for the same document; laid out twice, for pages say
    how many there are.
    """
    as_text = rl_config.useA85  # bytes as bytes: a fifth less
    rl_config.useA85 = 0
    try:
        placed: list[Placed] = []
        data, _ = _built(document, count_pages(document), placed)
    finally:
        rl_config.useA85 = as_text
    return with_pictures(data, placed)


def _built(document: blocks.Document, n_pages: int, placed: list[Placed]) -> tuple[bytes, int]:
    """Return the pages without their pictures, whose places are added to `placed`, and how many
    pages there are.
    """
    first, *_ = titles = blocks.texts_of(document.title, document.lang)

    def foot(canvas: Any, template: Any) -> None:
        width = canvas._pagesize[0]
        sheet = template.pageTemplate.id.startswith(_SHEET)
        left, y = (_EDGE, _EDGE / 2) if sheet else (SIDE, 9 * MM)  # in the white edge of a map
        canvas.setFont(REGULAR, 7.5)
        canvas.setFillColor(SOFT)
        canvas.drawString(left, y, _shortened(first, 7.5, width - 2 * left - 60))
        canvas.drawRightString(width - left, y, f"{template.page} / {n_pages or '?'}")

    def page(name: str, size: tuple[float, float]) -> PageTemplate:
        return PageTemplate(name, [frame(size, edges=name == "text")], onPage=foot, pagesize=size)

    out = io.BytesIO()
    language = language_tag(document.lang)
    template = BaseDocTemplate(
        out,
        pagesize=A4,
        title=" ".join(titles),
        author="railshed",
        lang=language,
        invariant=1,
        initialFontName=REGULAR,
    )
    sheets = {
        (b.width, b.height) for b in document.blocks if isinstance(b, blocks.Picture) and b.is_sheet
    }
    template.addPageTemplates(
        [page("text", A4), *(page(_sheet_name(*size), size) for size in sorted(sheets))]
    )
    template.build(list(_story(document, placed)))
    return out.getvalue(), template.page


def _shortened(text: str, size: float, width: float) -> str:
    if text_width(text, size) <= width:
        return text
    return next(
        cut
        for k in range(len(text), -1, -1)
        if text_width(cut := text[:k] + "…", size) <= width or not k
    )


def _story(document: blocks.Document, placed: list[Placed]) -> Iterator[Flowable]:
    """Yield the flowables in order; sheets are pages of their own, the text goes on after them."""
    yield from first_page(document, placed)
    every = list(document.blocks)
    if document.front and every:
        yield PageBreak()
    for k, block in enumerate(every):
        if not isinstance(block, blocks.Picture):
            yield from _flow(block, document.lang)
        elif not block.is_sheet:
            yield from _picture(block, document.lang, placed)
        else:
            yield NextPageTemplate(_sheet_name(block.width, block.height))
            yield PageBreak()
            yield Space(block, 1.0, placed)
            if k + 1 < len(every) and not (
                isinstance(after := every[k + 1], blocks.Picture) and after.is_sheet
            ):
                yield NextPageTemplate("text")
                yield PageBreak()


def first_page(document: blocks.Document, placed: list[Placed]) -> list[Flowable]:
    """Return titles and the blocks of the first page, whose picture is as large as the texts leave
    room.

    Facts are smaller where their usual size leaves too little.
    """
    lang = document.lang
    titles = [
        *_texts(blocks.texts_of(document.title, lang), 20.0, bold=True, second=13.0, after=3),
        *_texts(blocks.texts_of(document.subtitle, lang), _SIZE, colour=SOFT, after=6),
    ]
    drawn = next((block for block in document.front if isinstance(block, blocks.Picture)), None)
    for size in SIZES[:-1]:
        parts = [
            [] if block is drawn else list(_flow(block, lang, size)) for block in document.front
        ]
        texts = [*titles, *(flow for part in parts for flow in part)]
        left = (
            ROOM
            - 1
            - plain_sum(
                f.wrap(WIDTH, ROOM)[1] + f.getSpaceBefore() + f.getSpaceAfter() for f in texts
            )
        )
        if left >= (0 if drawn is None else _GOOD * drawn.height):
            break
    for block, part in zip(document.front, parts, strict=True):
        if isinstance(block, blocks.Picture):
            part.append(
                Space(block, min(A4[0] / block.width, max(_LEAST, left / block.height)), placed)
            )
    return [*titles, *(flow for part in parts for flow in part)]


def _sheet_name(width: float, height: float) -> str:
    return f"{_SHEET}-{width:.1f}-{height:.1f}"


def _flow(block: blocks.Block, lang: str, facts_size: float = SIZES[0]) -> Iterator[Flowable]:
    if isinstance(block, blocks.Heading):
        yield from _heading(block, lang)
    elif isinstance(block, blocks.Paragraph):
        size, colour = (_SMALL, SOFT) if block.soft else (_SIZE, INK)
        yield from _texts(blocks.texts_of(block.words, lang), size, colour=colour, after=4)
    elif isinstance(block, blocks.Items):
        for words in block.words:
            yield from _texts(blocks.texts_of(words, lang), _SIZE, bullet=True, after=2.5)
    elif isinstance(block, blocks.Figures):
        yield Columns(
            [
                [
                    (text, 22.0 if k == 0 else _SMALL - k + 1, k == 0, INK if k < 2 else SOFT)
                    for k, text in enumerate(texts)
                ]
                for value, words in block.rows
                for texts in [
                    [
                        *blocks.cell_texts(value, lang, figure=True)[:1],
                        *blocks.texts_of(words, lang),
                    ]
                ]
            ]
        )
    elif isinstance(block, blocks.Facts):
        yield facts_flow(block, lang, facts_size)
    elif isinstance(block, blocks.Table):
        yield from table_flow(block, lang)
    elif isinstance(block, blocks.Code):
        for text in blocks.texts_of(block.text, lang):
            yield from _texts(text.split("\n"), _SMALL, code=True, after=5)


def _heading(block: blocks.Heading, lang: str) -> Iterator[Flowable]:
    size, gap, room = _HEADINGS[block.level]
    first, *more = blocks.texts_of(block.words, lang)
    yield PageBreak() if block.level == 0 else CondPageBreak(room)
    runs = [
        (first, size, True, INK if block.level > 1 else ACCENT),
        *((t, size * 0.72, False, SOFT) for t in more),
    ]
    yield Lines(runs, WIDTH, before=gap, after=4, outline=max(0, block.level - 1))


def _texts(
    texts: Sequence[str],
    size: float,
    *,
    bold: bool = False,
    colour: str = INK,
    second: float | None = None,
    after: float,
    bullet: bool = False,
    code: bool = False,
) -> Iterator[Flowable]:
    """Yield a text and, smaller and softer, its second language; every line of code alike."""
    for k, text in enumerate(texts):
        main = k == 0 or code
        yield Lines(
            [
                (
                    text,
                    size if main else (second or size - 0.8),
                    bold and main,
                    colour if main else SOFT,
                )
            ],
            WIDTH,
            indent=10 if bullet or code else 0,
            bullet=bullet and k == 0,
            after=after if k == len(texts) - 1 else 1,
        )


def _picture(block: blocks.Picture, lang: str, placed: list[Placed]) -> Iterator[Flowable]:
    """Yield a picture among the text, no wider than it, and its caption."""
    text = " · ".join(blocks.texts_of(block.caption, lang))
    scale = min(1.0, WIDTH / block.width, (ROOM - 40) / block.height)
    yield Space(block, scale, placed)
    yield Lines([(text, 7.5, False, SOFT)], WIDTH, after=6)
