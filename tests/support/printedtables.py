"""What the command line prints, as tables of cells and lines before they are laid out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import pytest
from rich.console import Console
from rich.table import Table

from railshed.show.blocks import Block
from railshed.show.console import show as show_blocks
from railshed.util.bilingual import Language


@dataclass(frozen=True)
class Printed:
    """Tables and lines in the order of printing."""

    tables: tuple[Table, ...]
    lines: tuple[str, ...]

    def _find(self, title: str) -> Table:
        (found,) = (table for table in self.tables if str(table.title).startswith(title))
        return found

    def heads(self, title: str) -> list[str]:
        """Return the heads of the one table whose title begins so."""
        return [str(column.header) for column in self._find(title).columns]

    def rows(self, title: str) -> list[list[str]]:
        """Return its rows, one text a cell."""
        return [
            list(map(str, row))
            for row in zip(*(c.cells for c in self._find(title).columns), strict=True)
        ]

    def first(self) -> list[list[str]]:
        """Return the rows of the first table, one text a cell."""
        return [
            list(map(str, row))
            for row in zip(*(c.cells for c in self.tables[0].columns), strict=True)
        ]

    def line(self, start: str) -> str:
        """Return the one line that begins so, indent left out."""
        (found,) = (line.strip() for line in self.lines if line.strip().startswith(start))
        return found


def printed(show: Callable[..., None], *arguments: Any, **options: Any) -> Printed:
    """Return what a function prints by rich; the bold line before a table is its title."""
    found: list[Any] = []

    def print_(_: Console, what: Any, style: str = "", **__: Any) -> None:
        if isinstance(what, Table) and found and found[-1][1] == "bold":
            what.title = found.pop()[0]
        found.append((what, style))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Console, "print", print_)
        show(*arguments, **options)
    found = [what for what, _ in found]
    return Printed(
        tuple(one for one in found if isinstance(one, Table)),
        tuple(str(one) for one in found if not isinstance(one, Table)),
    )


def shown(blocks: Iterable[Block], lang: Language) -> Printed:
    """Return what the terminal prints of blocks."""
    return printed(show_blocks, blocks, lang)


class Altered:
    """An object with some of its attributes replaced."""

    def __init__(self, of: Any, **given: Any) -> None:
        self._of = of
        self.__dict__.update(given)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._of, name)
