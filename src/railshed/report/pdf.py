"""The report as a PDF, and its first page as SVG, set by typst: `report.typ` is the layout.

The shipped fonts are embedded, Chinese can be selected, maps are vectors, headings and tables are
tagged for screen readers. The same document gives the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib import resources
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import typst

from railshed.maps.fonts import missing_glyphs
from railshed.show import blocks


def count_pages(document: blocks.Document) -> int:
    """Return how many pages the PDF has."""
    with _compiler(document) as compiler:
        return int(json.loads(compiler.query("<pages>", field="value", one=True)))


def pdf_of(document: blocks.Document) -> bytes:
    """Return the bytes of the PDF."""
    with _compiler(document) as compiler:
        return compiler.compile(format="pdf")  # type: ignore[no-any-return]


def svg_of(document: blocks.Document) -> str:
    """Return the first page of a document as SVG of A4, texts as outlines."""
    with _compiler(replace(document, blocks=())) as compiler:
        pages: Any = compiler.compile(format="svg")
    first: bytes = pages[0] if isinstance(pages, list) else pages
    return first.decode("utf-8")


@contextmanager
def _compiler(document: blocks.Document) -> Iterator[Any]:
    """Yield typst's compiler of a document, whose files stand in a temporary folder."""
    typefaces = resources.files("railshed.maps") / "typefaces"
    with resources.as_file(typefaces) as fonts, TemporaryDirectory() as folder:
        pictures: dict[int, str] = {}
        for block in (*document.front, *document.blocks):
            if isinstance(block, blocks.Picture) and id(block) not in pictures:
                pictures[id(block)] = f"{len(pictures)}.pdf"
                Path(folder, pictures[id(block)]).write_bytes(block.pdf)
        plain = _document(document, pictures)
        Path(folder, "document.json").write_text(json.dumps(plain), encoding="utf-8")
        layout = resources.files("railshed.report").joinpath("report.typ").read_bytes()
        Path(folder, "report.typ").write_bytes(layout)
        yield typst.Compiler(
            str(Path(folder, "report.typ")), font_paths=[str(fonts)], ignore_system_fonts=True
        )


def _document(document: blocks.Document, pictures: dict[int, str]) -> dict[str, Any]:
    lang = document.lang
    return {
        "title": _texts(document.title, lang),
        "subtitle": _texts(document.subtitle, lang),
        "language": "en" if lang == "en" else "zh",
        "region": "GB" if lang == "en" else "CN",
        "front": [_plain(block, lang, pictures) for block in document.front],
        "blocks": [_plain(block, lang, pictures) for block in document.blocks],
    }


def _plain(block: blocks.Block, lang: str, pictures: dict[int, str]) -> dict[str, Any]:
    """Return a block as `report.typ` reads it, its texts chosen by language."""
    found: dict[str, Any] = {"kind": type(block).__name__}
    if isinstance(block, blocks.Heading | blocks.Paragraph):
        found["texts"] = _texts(block.words, lang)
    if isinstance(block, blocks.Heading):
        found["level"] = block.level
    elif isinstance(block, blocks.Paragraph):
        found["soft"] = block.soft
    elif isinstance(block, blocks.Items):
        found["rows"] = [_texts(words, lang) for words in block.words]
    elif isinstance(block, blocks.Figures):
        found["rows"] = [
            {"value": "".join(_cell(value, lang)[:1]), "texts": _texts(words, lang)}
            for value, words in block.rows
        ]
    elif isinstance(block, blocks.Facts):
        found["rows"] = [
            {"label": _texts(label, lang), "text": _texts(text, lang)} for label, text in block.rows
        ]
    elif isinstance(block, blocks.Table):
        found["title"] = _texts(block.title, lang)
        found["heads"] = [_texts(head, lang) for head in block.heads]
        found["rows"] = [
            [_cell(v, lang) if k >= block.right else _texts(v, lang) for k, v in enumerate(row)]
            for row in block.rows
        ]
        found["notes"] = [_texts(words, lang) for words in block.notes]
        found["right"] = block.right
    elif isinstance(block, blocks.Code):
        found["texts"] = _texts(block.text, lang)
    elif isinstance(block, blocks.Picture):
        found["file"] = pictures[id(block)]
        found["caption"] = " · ".join(_texts(block.caption, lang))
        found |= {"width": block.width, "height": block.height, "sheet": block.is_sheet}
    return found


def _cell(value: blocks.Cell, lang: str) -> list[str]:
    return [_drawable(text) for text in blocks.cell_texts(value, lang, figure=True)]


def _texts(words: blocks.Cell, lang: str) -> list[str]:
    return [_drawable(text) for text in blocks.texts_of(words, lang)] or [""]


def _drawable(text: str) -> str:
    """Return the text with what the shipped font lacks replaced by its code."""
    lost = missing_glyphs(text)
    return "".join(f"[U+{ord(char):04X}]" if char in lost else char for char in text)
