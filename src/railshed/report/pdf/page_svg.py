"""A page of the report as SVG: the lines and the picture that the PDF has, at the same places."""

from __future__ import annotations

import re
from html import escape
from typing import Any

from railshed.maps.fonts import FAMILY, text_width
from railshed.report.pdf.render import first_page
from railshed.report.pdf.text import A4, BOLD, frame
from railshed.report.pdf.vectors import Placed
from railshed.show.blocks import Document
from railshed.show.page_html import faces_of

# ruff: noqa: N802 -- methods are named as reportlab's canvas has them
_ROOT = re.compile(r"<svg[^>]*>")
_SIZE = re.compile(r' (width|height)="[^"]*"')


class SvgCanvas:
    """The part of reportlab's canvas that lines of text draw with; all else is left out."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._at = (0.0, 0.0)
        self._saved = [(0.0, 0.0)]
        self._font = ("", 1.0)
        self._colour = ""

    def __getattr__(self, name: str) -> Any:
        return lambda *given, **options: 1

    def saveState(self) -> None:
        """Note the origin."""
        self._saved.append(self._at)

    def restoreState(self) -> None:
        """Return to the origin that was noted last."""
        self._at = self._saved.pop()

    def translate(self, x: float, y: float) -> None:
        """Move the origin."""
        self._at = self.absolutePosition(x, y)

    def absolutePosition(self, x: float, y: float) -> tuple[float, float]:
        """Return a place on the page."""
        return self._at[0] + x, self._at[1] + y

    def setFont(self, name: str, size: float, leading: float | None = None) -> None:
        """Set the font."""
        self._font = name, size

    def setFillColor(self, colour: Any) -> None:
        """Set the colour."""
        self._colour = colour if isinstance(colour, str) else f"#{colour.hexval()[2:]}"

    def drawString(self, x: float, y: float, text: str, **options: Any) -> None:
        """Write a line, as wide as the shipped font has it."""
        (name, size) = self._font
        (left, up) = self.absolutePosition(x, y)
        bold = name == BOLD
        weight = ' font-weight="700"' * bold
        wide = text_width(text, size, bold=bold)
        self.texts.append(
            f'<text x="{left:.2f}" y="{A4[1] - up:.2f}" font-size="{size:g}" '
            f'fill="{self._colour}"{weight}'
            + f' textLength="{wide:.2f}" lengthAdjust="spacingAndGlyphs"' * (len(text) > 1)
            + f">{escape(text)}</text>"
        )


def svg_of(document: Document) -> str:
    """Return the first page of a document as SVG of A4, hanzi embedded, its picture nested."""
    canvas = SvgCanvas()
    placed = list[Placed]()
    frame(A4).addFromList(first_page(document, placed), canvas)
    size = (
        f'width="{A4[0] / 72 * 25.4:g}mm" height="{A4[1] / 72 * 25.4:g}mm" viewBox="0 0 '
        f'{A4[0]:.2f} {A4[1]:.2f}"'
    )
    body = "\n".join([*map(_nested, placed), *canvas.texts])
    family = f'font-family="{FAMILY}, Noto Sans, sans-serif"'
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f"{size} {family}>\n"
        f'<style>{faces_of("".join(canvas.texts))}</style>\n<rect width="100%" height="100%" '
        'fill="white"/>\n'
        f"{body}\n</svg>\n"
    )


def _nested(one: Placed) -> str:
    """Return a picture as an SVG within the page."""
    wide = one.picture.width * one.scale
    high = one.picture.height * one.scale
    place = (
        f'<svg x="{one.x:.2f}" y="{A4[1] - one.y - high:.2f}" width="{wide:.2f}" '
        f'height="{high:.2f}"'
    )
    root = _ROOT.search(one.picture.svg)
    assert root is not None
    return place + _SIZE.sub("", root[0]).removeprefix("<svg") + one.picture.svg[root.end() :]
