"""Blocks as HTML: of a report, a page of the atlas, a notebook."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from railshed.show import blocks
from railshed.util.bilingual import Words

#: characters of a cell that is not broken: a date
_SHORT = 10
#: of labels and texts; inline, as a notebook has no style sheet
_SIDE_BY_SIDE = "display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem"


@dataclass(frozen=True, slots=True)
class HtmlRenderer:
    """Texts and blocks in Chinese (zh), English (en), or both, the second language softer."""

    lang: str

    def line(self, words: blocks.Cell) -> str:
        """Return a text, its second language in the same line."""
        first, *more = map(escape, blocks.texts_of(words, self.lang) or [""])
        return first + "".join(f' <small class="second">{text}</small>' for text in more)

    def stacked(self, words: blocks.Cell) -> str:
        """Return a text, its second language in a line of its own."""
        first, *more = map(escape, blocks.texts_of(words, self.lang) or [""])
        return first + "".join(f'<span class="second">{text}</span>' for text in more)

    def plain(self, words: blocks.Cell) -> str:
        """Return a text without marks, for titles and attributes."""
        return escape(" · ".join(blocks.texts_of(words, self.lang)), quote=True)

    def figure(self, words: blocks.Cell) -> str:
        """Return a figure once: where both languages are written, with all digits."""
        return escape("".join(blocks.cell_texts(words, self.lang, figure=True)[:1]))

    def items(self, texts: Sequence[Words], kind: str = "") -> str:
        """Return a list; nothing of none."""
        if not texts:
            return ""
        mark = f' class="{kind}"' if kind else ""
        return (
            f"<ul{mark}>"
            + "".join(f"<li>{self.stacked(words)}</li>" for words in texts)
            + "</ul>\n"
        )

    def facts(self, block: blocks.Facts) -> str:
        """Return labels and their texts."""
        rows = "".join(
            f'<dt><b>{self.stacked(label)}</b></dt><dd style="margin:0">{self.stacked(text)}</dd>\n'
            for label, text in block.rows
        )
        return f'<dl style="{_SIDE_BY_SIDE}">{rows}</dl>\n'

    def figures(self, block: blocks.Figures) -> str:
        """Return large numbers in a row."""
        return (
            '<div style="display:flex;flex-wrap:wrap;gap:.5rem 2.5rem">'
            + "".join(
                '<div style="flex:1 1 10rem"><b '
                f'style="font-size:1.9rem">{self.figure(value)}</b><br>'
                f"<small>{self.stacked(words)}</small></div>"
                for value, words in block.rows
            )
            + "</div>\n"
        )

    def notes(self, texts: Iterable[Words]) -> str:
        """Return remarks, a paragraph each."""
        return "".join(f'<p class="soft">{self.stacked(words)}</p>\n' for words in texts)

    def table(self, block: blocks.Table, *, last: bool = False) -> str:
        """Return a table with its notes; `last`: its last row sums up."""
        heads = "".join(
            f'<th scope="col"{self._kind(head, column >= block.right)}>{self.stacked(head)}</th>'
            for column, head in enumerate(block.heads)
        )
        rows = []
        for nth, row in enumerate(block.rows):
            kind = ' class="last"' if last and nth == len(block.rows) - 1 else ""
            cells = "".join(self._cell(v, k >= block.right) for k, v in enumerate(row))
            rows.append(f"<tr{kind}>{cells}</tr>")
        return (
            f'<div class="scroll"><table><caption>{self.line(block.title)}</caption>'
            f"<thead><tr>{heads}</tr></thead>\n"
            f"<tbody>{chr(10).join(rows)}</tbody></table></div>\n{self.notes(block.notes)}"
        )

    def _cell(self, value: blocks.Cell, figure: bool) -> str:
        text = self.figure(value) if figure else self.stacked(value)
        return f"<td{self._kind(value, figure)}>{text}</td>"

    def _kind(self, value: blocks.Cell, figure: bool) -> str:
        if figure:
            return ' class="n"'
        return (
            ' class="s"'
            if all(len(text) <= _SHORT for text in blocks.texts_of(value, self.lang))
            else ""
        )

    def block(self, block: blocks.Block, anchor: str = "") -> str:
        """Return a block; `anchor` is the id of a heading."""
        if isinstance(block, blocks.Heading):
            tag = f"h{max(2, block.level + 1)}"
            mark = f' id="{anchor}"' if anchor else ""
            return f"<{tag}{mark}>{self.line(block.words)}</{tag}>\n"
        if isinstance(block, blocks.Paragraph):
            first, *more = map(escape, blocks.texts_of(block.words, self.lang))
            kind = ' class="soft"' if block.soft else ""
            return (
                f"<p{kind}>{first}</p>"
                + "".join(f'<p class="second">{text}</p>' for text in more)
                + "\n"
            )
        if isinstance(block, blocks.Items):
            return self.items(block.words)
        if isinstance(block, blocks.Figures):
            return self.figures(block)
        if isinstance(block, blocks.Facts):
            return self.facts(block)
        if isinstance(block, blocks.Table):
            return self.table(block)
        if isinstance(block, blocks.Picture):
            image = f'<img alt="{self.plain(block.caption)}" src="{inlined(block.png)}">'
            return f"<figure>{image}<figcaption>{self.line(block.caption)}</figcaption></figure>\n"
        assert isinstance(block, blocks.Code)
        return "".join(
            f"<pre>{escape(text)}</pre>\n" for text in blocks.texts_of(block.text, self.lang)
        )


def inlined(png: bytes) -> str:
    """Return a PNG as the address of an image."""
    return f"data:image/png;base64,{base64.b64encode(png).decode('ascii')}"
