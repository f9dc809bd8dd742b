"""Pieces of the atlas's pages: the frame, texts in one or both languages, tables, and where a value lies among others.

A page is one file: its map is inlined, so that it can be sent alone, and it asks no network for anything. The maps
stand beside the pages too, for documents of one's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from railshed.show.html import HtmlRenderer, inlined
from railshed.show.page_html import asset, faces_of, page_of
from railshed.util.bilingual import Words

#: of a strip: its width and height, and what is left free at both ends
_WIDTH, _HEIGHT, _SIDE = 320, 46, 8


class PageRenderer(HtmlRenderer):
    """Texts and blocks, and the frame of a page."""

    __slots__ = ()

    def page(self, title: Words, body: str, *, script: str = "") -> str:
        """Return a whole page."""
        style = f"\n{faces_of(self.plain(title) + body)}\n{asset('atlas/atlas.css')}"
        return page_of(self, title, body, style=style, script=script)

    def picture(self, png: bytes, caption: Words, file: str) -> str:
        """Return a picture, inlined, and a link to its file for a larger view."""
        words = self.plain(caption)
        return (
            f'<figure><a href="{escape(file, quote=True)}"><img alt="{words}" title="{words}" '
            f'src="{inlined(png)}"></a></figure>\n'
        )


def strip(values: Sequence[float], own: float, middle: float, ends: tuple[str, str], label: str) -> str:
    """Return the values as dots on a line, the own one filled, with a tick at the median; `ends` and `label` in text.

    The line goes from the least to the largest; all dots have one scale, so what lies together is alike.
    """
    low, high = min(*values, own), max(*values, own)
    wide = (high - low) or 1.0

    def x(value: float) -> str:
        return f"{_SIDE + (value - low) / wide * (_WIDTH - 2 * _SIDE):.1f}"

    others = list(values)
    others.remove(min(others, key=lambda v: abs(v - own)))
    dots = "".join(f'<circle cx="{x(v)}" cy="22" r="3.4" class="other"/>' for v in sorted(others))
    part = (middle - low) / wide
    anchor = "start" if part < 0.25 else "end" if part > 0.75 else "middle"
    return (
        f'<svg class="strip" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(label, quote=True)}">'
        f'<line x1="{_SIDE}" y1="22" x2="{_WIDTH - _SIDE}" y2="22" class="axis"/>'
        f'<line x1="{x(middle)}" y1="12" x2="{x(middle)}" y2="32" class="middle"/>'
        f'<text x="{x(middle)}" y="9" text-anchor="{anchor}">{escape(label)}</text>{dots}'
        f'<circle cx="{x(own)}" cy="22" r="5.6" class="own"/>'
        f'<text x="{_SIDE - 4}" y="43">{escape(ends[0])}</text>'
        f'<text x="{_WIDTH - _SIDE + 4}" y="43" text-anchor="end">{escape(ends[1])}</text></svg>'
    )
