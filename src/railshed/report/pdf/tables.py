"""Tables in the PDF: columns as wide as they need, text wrapped where they must share, heads on
every page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from reportlab.platypus import CondPageBreak, Flowable, TableStyle
from reportlab.platypus import Table as Grid

from railshed.maps.fonts import text_width, wrap
from railshed.report.pdf.text import BOLD, INK, LEADING, LINE, REGULAR, SOFT, WIDTH, Lines, drawable
from railshed.show.blocks import Cell, Facts, Table, cell_texts, texts_of
from railshed.util.sums import plain_sum

_WORD = re.compile(r"[^\s\u2e80-\u9fff\uff00-\uffef]+")
#: of text in points, the largest that fits is taken
SIZES = (8.0, 7.5, 7.0, 6.5, 6.0)
_PAD = 3.0
#: points that must be left on a page for a table to begin there
_TOGETHER = 110.0
#: the least that a column of text keeps, in points at the largest size, if its words are longer
_LEAST = 34.0
#: a longer word, a checksum say, is broken
_MOST = 110.0
#: characters of a text that is not broken
_SHORT = 4


def table_flow(block: Table, lang: str) -> Iterator[Flowable]:
    """Yield the title, the table and its notes."""
    first, *more = texts_of(block.title, lang)
    runs = [(first, 8.5, True, INK), *((text, 7.5, False, SOFT) for text in more)]
    yield CondPageBreak(_TOGETHER)
    yield Lines(runs, WIDTH, before=6, after=2)
    yield _table(block, lang, WIDTH)
    for words in block.notes:
        yield Lines(
            [(text, 7.0, False, SOFT) for text in texts_of(words, lang)], WIDTH, before=1, after=1
        )
    yield Lines([("", 5.0, False, INK)], WIDTH)


def facts_flow(block: Facts, lang: str, size: float) -> Flowable:
    """Return bold labels with their texts, in points."""
    labels = ["\n".join(map(drawable, texts_of(label, lang))) for label, _ in block.rows]
    wide = (
        max(
            (text_width(line, size, bold=True) for text in labels for line in text.split("\n")),
            default=0.0,
        )
        + 12
    )
    texts = [
        [line for t in texts_of(text, lang) for line in wrap(drawable(t), size, WIDTH - wide)]
        for _, text in block.rows
    ]
    style = [*_style(size, 0, 1.5), ("FONT", (0, 0), (0, -1), BOLD, size, size * LEADING * 0.9)]
    rows = [(label, "\n".join(lines)) for label, lines in zip(labels, texts, strict=True)]
    return Grid(rows, colWidths=(wide, WIDTH - wide), hAlign="LEFT", style=TableStyle(style))


def _table(block: Table, lang: str, width: float) -> Flowable:
    def texts(value: Cell, column: int, *, head: bool) -> list[str]:
        return [
            drawable(t) for t in cell_texts(value, lang, figure=column >= block.right and not head)
        ]

    rows = [[texts(v, k, head=True) for k, v in enumerate(block.heads)]]
    rows += [[texts(v, k, head=False) for k, v in enumerate(row)] for row in block.rows]
    size, widths = _fitted(rows, block.right, width)
    cells = [
        [
            "\n".join(
                line for t in cell for line in wrap(t, size, wide - 2 * _PAD, bold=r == 0) or [""]
            )
            for cell, wide in zip(row, widths, strict=True)
        ]
        for r, row in enumerate(rows)
    ]
    style = [
        *_style(size, _PAD, 2.5),
        ("FONT", (0, 0), (-1, 0), BOLD, size, size * LEADING * 0.9),
        ("ALIGN", (block.right, 0), (-1, -1), "RIGHT"),
        ("VALIGN", (0, 0), (-1, 0), "BOTTOM"),
        ("LINEBELOW", (0, 0), (-1, 0), 0.9, INK),
        ("LINEBELOW", (0, 1), (-1, -1), 0.3, LINE),
    ]
    return Grid(
        cells, colWidths=widths, repeatRows=1, hAlign="LEFT", splitInRow=1, style=TableStyle(style)
    )


def _style(size: float, side: float, beneath: float) -> list[tuple[Any, ...]]:
    """Return the style of all cells: font, ink, and points left free around the text."""
    free = {"LEFT": side, "RIGHT": side, "TOP": 1.5, "BOTTOM": beneath}
    return [
        ("FONT", (0, 0), (-1, -1), REGULAR, size, size * LEADING * 0.9),
        ("TEXTCOLOR", (0, 0), (-1, -1), INK),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        *((f"{k}PADDING", (0, 0), (-1, -1), v) for k, v in free.items()),
    ]


def _fitted(
    rows: Sequence[Sequence[Sequence[str]]], right: int, width: float
) -> tuple[float, list[float]]:
    """Return the font size and the columns' widths: the largest size at which no figure is broken.

    Columns get what their longest line needs where all fit; else what lies beyond the least is
    shared out by need.
    """
    for size in SIZES:
        needed, least = _needs(rows, right, size)
        if plain_sum(least) <= width or size == SIZES[-1]:
            break
    if plain_sum(needed) <= width:
        spare = (width - plain_sum(needed)) / len(needed)
        return size, [w + min(spare, 24.0) for w in needed]
    if plain_sum(least) >= width:
        return size, [w * width / plain_sum(least) for w in least]
    over = [w - m for w, m in zip(needed, least, strict=True)]
    share = (width - plain_sum(least)) / plain_sum(over)
    return size, [m + o * share for m, o in zip(least, over, strict=True)]


def _needs(
    rows: Sequence[Sequence[Sequence[str]]], right: int, size: float
) -> tuple[list[float], list[float]]:
    """Return by column the width of its longest line, and the least it may have: whole figures,
    whole Latin words.
    """
    needed = []
    least = []
    for k in range(len(rows[0])):
        lines = [(text, r == 0) for r, row in enumerate(rows) for text in row[k]]
        widest = max((text_width(t, size, bold=b) for t, b in lines), default=0.0) + 2 * _PAD
        needed.append(widest)
        figures = k >= right
        wide = [
            text_width(t, size) if figures and not head else _longest_word(t, size)
            for t, head in lines
        ]
        bounds = (0.0, widest) if figures else (_LEAST * size / SIZES[0], _MOST)
        least.append(min(widest, max(bounds[0], *wide, 0.0) + 2 * _PAD, bounds[1]))
    return needed, least


def _longest_word(text: str, size: float) -> float:
    """Return the width of the longest Latin word or figure, which is not broken; of a short text,
    of all of it.
    """
    if len(text) <= _SHORT:
        return text_width(text, size, bold=True)
    return max((text_width(word, size, bold=True) for word in _WORD.findall(text)), default=0.0)
