"""The package speaks the field's words: names and prose on two lists are not used."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "railshed"
#: names of classes, functions, arguments, attributes and variables
NAMES = {
    "Run", "Case", "Land", "Ground", "kept", "told", "wanted", "cones", "staircase", "tally", "scanline", "spreading",
    "Pen", "Look", "foretold",
}  # fmt: skip
#: words of docstrings, comments and texts
PROSE = re.compile(r"\b(told|kept|wanted|whoever|nobody|foretold)\b", re.IGNORECASE)


def names(source: str) -> Iterator[tuple[int, str]]:
    """Yield (line, name) of every name in the syntax tree that is on the list."""
    for node in ast.walk(ast.parse(source)):
        found: list[str | None] = []
        if isinstance(node, ast.Name):
            found = [node.id]
        elif isinstance(node, ast.Attribute):
            found = [node.attr]
        elif isinstance(node, ast.arg | ast.keyword):
            found = [node.arg]
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found = [node.name]
        elif isinstance(node, ast.ImportFrom | ast.Import):
            found = [part for alias in node.names for part in (*alias.name.split("."), alias.asname)]
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar):
            found = [node.name]
        yield from ((getattr(node, "lineno", 0), name) for name in found if name in NAMES)


def prose(source: str) -> Iterator[tuple[int, str]]:
    """Yield (line, word) of every word on the list in texts, docstrings and comments."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type in (tokenize.STRING, tokenize.COMMENT, getattr(tokenize, "FSTRING_MIDDLE", -1)):
            yield from ((token.start[0], match[0]) for match in PROSE.finditer(token.string))


def test_the_lists_are_held() -> None:
    """A name and a word on the lists are found, wherever they stand; the same word in plain use is not."""
    assert list(names("def f(kept):\n    a.told = Run\n")) == [(1, "kept"), (2, "told"), (2, "Run")]
    assert list(names("from railshed.access import cones as c\nprofile = keep\n")) == [(1, "cones")]
    assert list(prose('x = "who was told"  # Nobody asks\n')) == [(1, "told"), (1, "Nobody")]
    assert list(prose('keep = "keeps it"\n')) == []


FILES = sorted(SOURCE.rglob("*.py"))
#: the English catalogue of printed texts
CATALOGUE = SOURCE / "util" / "phrases" / "en.json"


@pytest.mark.parametrize("room", sorted({path.relative_to(SOURCE).parts[0] for path in FILES}))
def test_no_private_words(room: str) -> None:
    """No name and no prose of a room is on the lists."""
    found = [
        f"{path.relative_to(ROOT)}:{line}: {word}"
        for path in FILES
        if path.relative_to(SOURCE).parts[0] == room
        for text in [path.read_text(encoding="utf-8")]
        for line, word in (*names(text), *prose(text))
    ]
    assert found == []


def test_no_private_words_are_printed() -> None:
    """No text of the English catalogue has a word of the list; it holds texts."""
    text = CATALOGUE.read_text(encoding="utf-8")
    assert "{name}" in text
    assert [match[0] for match in PROSE.finditer(text)] == []
