"""Lines of text as reportlab's flowables, broken by the rules of the maps, with outline entries of
the PDF.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from itertools import accumulate
from typing import Any

from reportlab.platypus import Flowable, Frame

from railshed.maps.fonts import missing_glyphs, wrap
from railshed.util.sums import plain_sum

#: line height over font size; how far a line's foot lies below its baseline
LEADING = 1.5
_DESCENT = 0.42
REGULAR = "RailshedSansSC"
BOLD = "RailshedSansSC-Bold"
INK = "#1d2327"
SOFT = "#5b656d"
LINE = "#d9dde0"
ACCENT = "#2b5f8a"
MM = 72 / 25.4
#: points: A4 upright, its margins, width and height of the text
A4 = (210 * MM, 297 * MM)
SIDE = 17 * MM
TOP = 16 * MM
BOTTOM = 18 * MM
WIDTH = A4[0] - 2 * SIDE
ROOM = A4[1] - TOP - BOTTOM
#: text, size in points, bold, colour
StyledText = tuple[str, float, bool, str]


def drawable(text: str) -> str:
    """Return the text with what the shipped font lacks replaced by its code, so that nothing is
    lost in silence.
    """
    lost = missing_glyphs(text)
    return (
        "".join(f"[U+{ord(char):04X}]" if char in lost else char for char in text) if lost else text
    )


def frame(size: tuple[float, float], *, edges: bool = True) -> Frame:
    """Return the part of a page that is filled: between the margins, or without `edges`
    all of it.
    """
    place = (SIDE, BOTTOM, size[0] - 2 * SIDE, size[1] - TOP - BOTTOM) if edges else (0, 0, *size)
    return Frame(*place, *(0,) * 4)


class Lines(Flowable):  # type: ignore[misc]
    """Some texts beneath each other, each wrapped; parted between pages at lines."""

    def __init__(
        self,
        runs: Sequence[StyledText],
        width: float,
        *,
        indent: float = 0,
        bullet: bool = False,
        before: float = 0,
        after: float = 0,
        outline: int | None = None,
    ) -> None:
        """Take the texts; `outline` is the level of their entry in the outline of the PDF, None for
        none.
        """
        super().__init__()
        self.wide = width
        self.indent = indent
        self.bullet = bullet
        self.spaceBefore = before
        self.spaceAfter = after
        self.entry = None if outline is None else (" ".join(run[0] for run in runs), outline)
        self.lines = [
            (line, size, bold, colour)
            for text, size, bold, colour in runs
            for line in wrap(drawable(text), size, width - indent, bold=bold) or [""]
        ]

    def wrap(self, available_width: float, available_height: float) -> tuple[float, float]:
        """Return the size."""
        return self.wide, plain_sum(size * LEADING for _, size, _, _ in self.lines)

    def split(self, available_width: float, available_height: float) -> list[Flowable]:
        """Return the lines that fit, and the rest."""
        heights = accumulate(size * LEADING for _, size, _, _ in self.lines)
        n_lines = sum(1 for height in heights if height <= available_height)
        if n_lines == 0 or n_lines == len(self.lines):
            return []
        first = copy(self)
        rest = copy(self)
        first.lines = self.lines[:n_lines]
        first.spaceAfter = 0
        rest.lines = self.lines[n_lines:]
        rest.spaceBefore = 0
        rest.bullet = False
        rest.entry = None
        return [first, rest]

    def draw(self) -> None:
        """Draw the lines and make the entry in the outline."""
        canvas: Any = self.canv
        y = self.wrap(0, 0)[1]
        if self.entry is not None:
            title, level = self.entry
            key = f"{level}-{canvas.getPageNumber()}-{title}"
            canvas.bookmarkHorizontal(key, 0, y)
            canvas.addOutlineEntry(title, key, level=level, closed=level > 0)
        for k, (text, size, bold, colour) in enumerate(self.lines):
            y -= size * LEADING
            canvas.setFont(BOLD if bold else REGULAR, size)
            canvas.setFillColor(colour)
            if k == 0 and self.bullet:
                canvas.drawString(self.indent - 8, y + size * _DESCENT, "•")
            canvas.drawString(self.indent, y + size * _DESCENT, text)


class Columns(Flowable):  # type: ignore[misc]
    """Texts in columns of one width, each column as `Lines`."""

    def __init__(self, columns: Sequence[Sequence[StyledText]]) -> None:
        super().__init__()
        wide = WIDTH / len(columns)
        self.columns = [
            Lines(runs, (k + 1) * wide - 8, indent=k * wide) for k, runs in enumerate(columns)
        ]
        self.spaceAfter = 4

    def wrap(self, available_width: float, available_height: float) -> tuple[float, float]:
        """Return the size."""
        return WIDTH, max(column.wrap(0, 0)[1] for column in self.columns)

    def draw(self) -> None:
        """Draw the columns from one top."""
        height = self.wrap(0, 0)[1]
        for column in self.columns:
            column.drawOn(self.canv, 0, height - column.wrap(0, 0)[1])
