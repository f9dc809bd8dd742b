"""What a report is made of, in both languages; HTML and PDF are drawn from the same blocks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from railshed.util.bilingual import Words, say

#: a cell of a table: one text for both languages, or one in each
Cell = str | Words


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; level 1 is a chapter."""

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


@dataclass(frozen=True, slots=True)
class Code:
    """Text as it is typed or stored, or formulas with words in them."""

    text: Cell


Block = Heading | Paragraph | Items | Table | Picture | Code


@dataclass(frozen=True, slots=True)
class Document:
    """A title and what stands beneath it; `lang` is zh, en or both."""

    title: Words
    subtitle: Words
    lang: str
    blocks: tuple[Block, ...]

    def chapters(self) -> list[Words]:
        """Return the headings of level 1."""
        return [block.words for block in self.blocks if isinstance(block, Heading) and block.level == 1]


def texts_of(words: Cell, lang: str) -> list[str]:
    """Return the texts to print, one for a single language, two for both where they differ."""
    return [words] if isinstance(words, str) else say(words, lang)


def cell_texts(cell: Cell, lang: str, *, figure: bool) -> list[str]:
    """Return the texts of a cell; of a figure in both languages the English one, whose digits read alike in both."""
    return texts_of(cell, "en" if lang == "both" and figure else lang)


def columns_kept(
    heads: Sequence[Cell], rows: Sequence[Sequence[Cell]], shown: Sequence[bool]
) -> tuple[tuple[Cell, ...], tuple[tuple[Cell, ...], ...]]:
    """Return the heads and rows of the columns that are shown."""

    def keep(values: Sequence[Cell]) -> tuple[Cell, ...]:
        return tuple(value for value, show in zip(values, shown, strict=True) if show)

    return keep(heads), tuple(keep(row) for row in rows)
