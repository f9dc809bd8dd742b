"""Blocks in the terminal, and JSON for machines."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table as RichTable

from railshed.show.blocks import Block, Code, Facts, Heading, Items, Paragraph, Table, texts_of
from railshed.util.bilingual import Language
from railshed.util.csv_json import to_json
from railshed.util.names import visible


class _Visible(Console):
    """A console that obeys no control character of a text: it is written out."""

    def print(self, *objects: Any, **how: Any) -> None:
        """Print texts and tables."""
        super().print(*(visible(one) if isinstance(one, str) else one for one in objects), **how)


def console_of() -> Console:
    """Return the console: as wide as the terminal, 150 columns where there is none.

    Names are printed as they stand: `[tief]` is no markup, `:train:` no picture.
    """
    return _Visible(
        width=None if sys.stdout.isatty() else 150, markup=False, emoji=False, highlight=False
    )


def show(blocks: Iterable[Block], lang: Language) -> None:
    """Print blocks: headings bold, remarks indented, items with a dash, code unbroken."""
    console = console_of()
    for block in blocks:
        if isinstance(block, Heading):
            console.print(_text(block.words, lang), style="bold")
        elif isinstance(block, Paragraph):
            console.print(f"{'  ' if block.soft else ''}{_text(block.words, lang)}")
        elif isinstance(block, Items):
            for words in block.words:
                console.print(f"- {_text(words, lang)}")
        elif isinstance(block, Facts):
            _show_facts(console, block, lang)
        elif isinstance(block, Table):
            _show_table(console, block, lang)
        elif isinstance(block, Code):
            console.print(_text(block.text, lang), soft_wrap=True)


def _show_facts(console: Console, block: Facts, lang: Language) -> None:
    """Print labels and their texts, whose further lines begin below the first."""
    grid = RichTable.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for label, text in block.rows:
        grid.add_row(_text(label, lang), _text(text, lang))
    console.print(grid)


def _show_table(console: Console, block: Table, lang: Language) -> None:
    """Print a table: in a narrow terminal texts and heads break into lines, and figures do not."""
    title = _text(block.title, lang)
    rows = [[_text(cell, lang) for cell in row] for row in block.rows]
    if title:
        console.print(title, style="bold")
    table = RichTable(header_style="bold", box=None, pad_edge=False)
    for k, head in enumerate(block.heads):
        figure = k >= block.right
        least = max((cell_len(row[k]) for row in rows), default=0) if figure else None
        table.add_column(
            _text(head, lang),
            justify="right" if figure else "left",
            min_width=least,
            overflow="fold",
        )
    for row in rows:
        table.add_row(*row)
    console.print(table)
    for words in block.notes:
        console.print(f"  {_text(words, lang)}")


def _text(cell: Any, lang: Language) -> str:
    return visible("".join(texts_of(cell, lang)))


def print_json(data: Any) -> None:
    """Print plain values as JSON."""
    print(to_json(data))
