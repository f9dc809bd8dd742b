"""Line numbers of a TOML file, which tomllib does not keep: found again by headers, keys and texts."""

from __future__ import annotations

import re
from dataclasses import dataclass

_HEADER = re.compile(r"^\s*\[+\s*([\w.\-]+)\s*\]+\s*(?:#.*)?$")


@dataclass(frozen=True, slots=True)
class TomlLines:
    """The lines of a file of tables ``[[name]]`` and ``[[name.part]]``; a line that is not found is None."""

    text: str
    name: str

    def find(self, number: int, key: str = "", *, part: str = "", part_number: int = 0, text: str = "") -> int | None:
        """Return the line of a key of the table `number` (both count from 1), or of its header.

        With `part`, of the sub-table ``[[name.part]]`` of that number; with `text`, of that quoted text after
        the key.
        """
        lines = self.text.splitlines()
        start, end = self._block(lines, number, part, part_number)
        if start is None:
            return None
        found = self._key(lines, start, end, key) if key else start
        if found is not None and text:
            quoted = [i for i in range(found, end) if f'"{text}"' in lines[i] or f"'{text}'" in lines[i]]
            found = quoted[0] if quoted else found
        return (start if found is None else found) + 1

    def _block(self, lines: list[str], number: int, part: str, part_number: int) -> tuple[int | None, int]:
        """Return the first line of a table and the line after its last one, counted from 0."""
        headers = [(i, match.group(1)) for i, line in enumerate(lines) if (match := _HEADER.match(line))]
        tables = [k for k, (_, header) in enumerate(headers) if header == self.name]
        if not 0 < number <= len(tables):
            return None, len(lines)
        k = tables[number - 1]
        last = tables[number] if number < len(tables) else len(headers)
        if part:
            inner = [j for j in range(k + 1, last) if headers[j][1] == f"{self.name}.{part}"]
            if not 0 < part_number <= len(inner):
                return None, len(lines)
            k = inner[part_number - 1]
        return headers[k][0], headers[k + 1][0] if k + 1 < len(headers) else len(lines)

    @staticmethod
    def _key(lines: list[str], start: int, end: int, key: str) -> int | None:
        pattern = re.compile(rf"^\s*[\"']?{re.escape(key)}[\"']?\s*=")
        return next((i for i in range(start, end) if pattern.match(lines[i])), None)
