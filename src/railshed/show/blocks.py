"""Blocks that tables and reports are made of, in both languages.

Terminal, HTML, PDF, notebook and atlas render the same blocks (`report.console`, `tables.html`,
`report.pdf`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from railshed.util.bilingual import Words, say

#: a cell of a table: one text for both languages, or one in each
Cell = str | Words

#: points, a little less than the width of A4 landscape
_SHEET = 833.0


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; level 1 is a chapter, level 0 a part, which begins a page."""

    words: Words
    level: int = 1


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text; `soft` is a remark."""

    words: Words
    soft: bool = False


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    words: tuple[Words, ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """Large numbers in a row, each above what it counts."""

    rows: tuple[tuple[Cell, Words], ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """Lines of a first screen: a short label, which may be empty, and its text."""

    rows: tuple[tuple[Words, Words], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table: from column `right` on its columns are figures."""

    title: Words
    heads: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]
    right: int = 1
    #: beneath it
    notes: tuple[Words, ...] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """A map or plot as PNG and as a page of PDF, with its size in points."""

    caption: Words
    png: bytes = field(repr=False)
    pdf: bytes = field(repr=False)
    width: float
    height: float

    @property
    def is_sheet(self) -> bool:
        """Whether it is a page of its own: a sheet of A4 or wider, whose scale holds at its size
        alone.
        """
        return self.width >= _SHEET


@dataclass(frozen=True, slots=True)
class Code:
    """Text as it is typed or stored, or formulas with words in them."""

    text: Cell


Block = Heading | Paragraph | Items | Figures | Facts | Table | Picture | Code


@dataclass(frozen=True, slots=True)
class Document:
    """A report, of which HTML and PDF are made; `lang` is zh, en or both."""

    title: Words
    subtitle: Words
    lang: str
    blocks: tuple[Block, ...]
    #: the first page, whose picture is as large as its texts leave room
    front: tuple[Block, ...] = ()

    def chapters(self) -> list[Words]:
        """Return the headings of chapters and parts."""
        return [
            block.words for block in self.blocks if isinstance(block, Heading) and block.level <= 1
        ]


def remark(words: Words) -> Paragraph:
    """Return a remark."""
    return Paragraph(words, soft=True)


def remarks(texts: Iterable[Words]) -> list[Paragraph]:
    """Return a remark for each text that is not empty."""
    return [remark(words) for words in texts if words.zh or words.en]


def texts_of(words: Cell, lang: str) -> list[str]:
    """Return the texts to print, one for a single language, two for both where they differ."""
    return [words] if isinstance(words, str) else say(words, lang)


def cell_texts(cell: Cell, lang: str, *, figure: bool) -> list[str]:
    """Return the texts of a cell; of a figure in both languages the English one, whose digits read
    alike in both.
    """
    return texts_of(cell, "en" if lang == "both" and figure else lang)


def shown_columns(
    heads: Sequence[Cell], rows: Iterable[Sequence[Cell]], shown: Sequence[bool]
) -> tuple[tuple[Cell, ...], tuple[tuple[Cell, ...], ...]]:
    """Return the heads and rows of the columns that are shown."""

    def select(values: Sequence[Cell]) -> tuple[Cell, ...]:
        return tuple(value for value, show in zip(values, shown, strict=True) if show)

    return select(heads), tuple(select(row) for row in rows)


def unrepeated(rows: Iterable[Sequence[Cell]], n_columns: int = 1) -> list[tuple[Cell, ...]]:
    """Return the rows, the first columns empty where they repeat the row above."""
    found: list[tuple[Cell, ...]] = []
    before: tuple[Cell, ...] = ()
    for row in map(tuple, rows):
        same = 0
        while same < n_columns and row[: same + 1] == before[: same + 1]:
            same += 1
        found.append(("",) * same + row[same:])
        before = row
    return found
