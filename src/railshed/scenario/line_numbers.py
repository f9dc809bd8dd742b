"""Line numbers of TOML and JSON files, which their readers do not keep: found again by headers, keys and texts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

_HEADER = re.compile(r"^\s*\[+\s*([\w.\-\"' ]+?)\s*\]+\s*(?:#.*)?$")
_TRIPLE = re.compile(r'"""|\'\'\'')


@dataclass(frozen=True)
class TomlLines:
    """The lines of a file of tables ``[[name]]`` and ``[[name.part]]``; a line that is not found is None."""

    text: str
    name: str

    @cached_property
    def _lines(self) -> list[str]:
        """The lines; those within texts of several lines are blank."""
        found, quote = [], ""
        for line in self.text.splitlines():
            found.append("" if quote else line)
            for mark in _TRIPLE.findall(line):
                quote = mark if not quote else "" if mark == quote else quote
        return found

    @cached_property
    def _headers(self) -> list[tuple[int, str]]:
        matches = ((i, _HEADER.match(line)) for i, line in enumerate(self._lines))
        return [(i, re.sub(r"[\"' ]", "", match.group(1))) for i, match in matches if match]

    def find(self, number: int, key: str = "", *, path: tuple[tuple[str, int], ...] = (), text: str = "") -> int | None:
        """Return the line of a key of the table `number` (both count from 1), or of its header.

        With `path`, of a table within it: (part, number from 1, 0 for a single one) downwards. With `text`, of that
        quoted text after the key.
        """
        found = self._block(number, path)
        if found is None:
            return None
        start, end = found
        at = self._key(start, end, key) if key else start
        at = start if at is None else at
        if text:
            quoted = (i for i in range(at, end) if f'"{text}"' in self._lines[i] or f"'{text}'" in self._lines[i])
            at = next(quoted, at)
        return at + 1

    def top(self, key: str) -> int | None:
        """Return the line of a key or table at the top of the file."""
        at = self._key(0, self._headers[0][0] if self._headers else len(self._lines), key)
        heads = [i for i, header in self._headers if header == key]
        return at + 1 if at is not None else heads[0] + 1 if heads else None

    def _block(self, number: int, path: tuple[tuple[str, int], ...]) -> tuple[int, int] | None:
        """Return the first line of a table and the line after its last one, counted from 0."""
        name, first, last = self.name, 0, len(self._headers)
        at: int | None = None
        for part, nth in (("", number), *path):
            name = f"{name}.{part}" if part else name
            heads = [k for k in range(first, last) if self._headers[k][1] == name]
            k = max(nth, 1) - 1
            if k >= len(heads):
                return None if at is None else self._inline(at, self._end(at), part, nth)
            at, first = heads[k], heads[k] + 1
            last = heads[k + 1] if k + 1 < len(heads) else last
        assert at is not None
        return self._headers[at][0], self._end(at)

    def _end(self, header: int) -> int:
        return self._headers[header + 1][0] if header + 1 < len(self._headers) else len(self._lines)

    def _inline(self, header: int, end: int, part: str, nth: int) -> tuple[int, int]:
        """Return the lines of a table that is written in braces after its key, one a line."""
        start = self._key(self._headers[header][0], end, part)
        if start is None:
            return self._headers[header][0], end
        braces = [i for i in range(start, end) for _ in range(self._lines[i].count("{"))]
        at = braces[nth - 1] if 0 < nth <= len(braces) else start
        return at, at + 1

    def _key(self, start: int, end: int, key: str) -> int | None:
        pattern = re.compile(rf"^\s*[\"']?{re.escape(key)}[\"']?\s*=")
        return next((i for i in range(start, end) if pattern.match(self._lines[i])), None)


@dataclass(frozen=True)
class JsonLines:
    """The lines of a JSON file whose tables are the items of the list `name`."""

    text: str
    name: str
    #: where the fields of a table stand within it
    within: str = ""

    @cached_property
    def _places(self) -> dict[tuple[str | int, ...], int]:
        try:
            return dict(_places(self.text))
        except (ValueError, IndexError):
            return {}

    def top(self, key: str) -> int | None:
        """Return the line of a key at the top of the file."""
        return self._places.get((key,))

    def find(self, number: int, key: str = "", *, path: tuple[tuple[str, int], ...] = (), text: str = "") -> int | None:
        """Return the line of a key of the table `number`, of a table within it, or of a text, as `TomlLines` does."""
        steps = [step for part, i in path for step in ((part, i - 1) if i else (part,))]
        inner = [self.within] if self.within and key else []
        place: list[str | int] = [self.name, number - 1, *inner, *steps, *([key] if key else [])]
        if (self.name, number - 1, key) in self._places:
            place = [self.name, number - 1, key]
        while place and tuple(place) not in self._places:
            place.pop()
        if not place:
            return None
        line = self._places[tuple(place)]
        if text:
            quoted = json.dumps(text, ensure_ascii=False)
            lines = self.text.splitlines()
            line = next((i for i in range(line, len(lines) + 1) if quoted in lines[i - 1]), line)
        return line


_TOKEN = re.compile(r'\s*("(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+)', re.DOTALL)


def _places(text: str) -> Iterator[tuple[tuple[str | int, ...], int]]:
    """Yield the line (from 1) of every key and list item of a sound JSON text, by its path."""
    path: list[str | int] = []
    line, at = 1, 0
    expects_key = False
    opened: list[str] = []
    while (match := _TOKEN.match(text, at)) is not None:
        token = match.group(1)
        line += text.count("\n", at, match.start(1))
        if opened and opened[-1] == "{" and expects_key and token.startswith('"'):
            path[-1] = json.loads(token)
            yield tuple(path), line
            expects_key = False
        elif token == ",":
            if opened[-1] == "[":
                assert isinstance(path[-1], int)
                path[-1] += 1
            else:
                expects_key = True
        elif token in "}]":
            opened.pop()
            path.pop()
        elif token != ":":
            if opened and opened[-1] == "[":
                yield tuple(path), line
            if token in "{[":
                opened.append(token)
                path.append(0 if token == "[" else "")
                expects_key = token == "{"
        line += text.count("\n", match.start(1), match.end(1))
        at = match.end(1)
