"""What all tables share: the console, columns that are empty left out, figures as text, JSON, lines for the reader."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from railshed.util.csv_json import to_json


def console_of() -> Console:
    """Return the console: as wide as the terminal, 150 columns where there is none.

    Names are printed as they stand: `[tief]` is no markup, `:train:` no picture.
    """
    return Console(width=None if sys.stdout.isatty() else 150, markup=False, emoji=False, highlight=False)


def table_of(title: str, columns: Sequence[str], *, right: int = 1) -> Table:
    """Return a table whose columns from number `right` on are figures."""
    table = Table(title=title, title_justify="left", title_style="bold", header_style="bold", box=None, pad_edge=False)
    for k, column in enumerate(columns):
        table.add_column(column, justify="right" if k >= right else "left", no_wrap=k < right)
    return table


def figures_first(table: Table, *, words: int = 1) -> Table:
    """Return the table with its figures whole: the first columns, words, break into lines where it is too wide."""
    for k, column in enumerate(table.columns):
        column.no_wrap = k >= words
    return table


def kept(shown: Sequence[bool], values: Sequence[Any]) -> list[Any]:
    """Return the values of the columns that are shown: none is printed that is empty from top to bottom."""
    return [value for value, show in zip(values, shown, strict=True) if show]


def print_json(data: Any) -> None:
    """Print plain values as JSON."""
    print(to_json(data))
