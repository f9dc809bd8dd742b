"""A report as a title and blocks; HTML and PDF are drawn from it."""

from __future__ import annotations

from dataclasses import dataclass

from railshed.tables.blocks import Block, Heading
from railshed.util.bilingual import Words


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
