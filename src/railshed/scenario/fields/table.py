"""A table of a scenario file as written: getters report what is not allowed, with its line, and go
on.

Readers of TOML and JSON keep no line numbers: they are found again by headers, keys and texts.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from railshed.scenario.fields.kinds import Field, Fields
from railshed.util.bilingual import Words
from railshed.util.errors import Issue, suggestion
from railshed.util.units import DAY, HOUR, MINUTE, parse_clock

#: sub-tables from a modification down to the one that is meant: (field, number from 1)
Path = tuple[tuple[str, int], ...]
_HEADER = re.compile(r"^\s*\[+\s*([\w.\-\"' ]+?)\s*\]+\s*(?:#.*)?$")
_TRIPLE = re.compile(r'"""|\'\'\'')


def is_number(value: Any) -> bool:
    """Return whether the value is a finite number, and no bool."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) < 1e12  # False for nan; a whole number of TOML may be too large for a float


def is_limit(value: Any) -> bool:
    """Return whether the value is a list of three numbers: from km, to km, km/h."""
    return isinstance(value, list) and len(value) == 3 and all(map(is_number, value))


@dataclass(frozen=True, slots=True)
class Table:
    """One table: a modification (`path` empty), or one within it."""

    values: Mapping[str, Any]
    fields: Fields
    number: int
    problems: Problems
    path: Path = ()

    def error(
        self,
        key: str,
        code: str,
        message: str,
        value: Any = "",
        remedy: str = "",
        *,
        item: str = "",
        text: str = "",
    ) -> None:
        """Report an error of a field, or of its `item` such as "[2]", and its value where the key
        is known.
        """
        value = self.values.get(key, "") if value == "" and code != "unknown-key" else value
        prefix = "".join(f"{name}[{i}]." if i else f"{name}." for name, i in self.path)
        self.problems.error(
            self.number,
            f"{prefix}{key}{item}",
            code,
            message,
            value,
            remedy,
            key=key,
            path=self.path,
            text=text,
        )

    def refuse_unknown(self) -> None:
        """Report an error for every key that is not known, and for every required one that is
        missing.
        """
        for key in self.values:
            if key not in self.fields:
                self.error(key, "unknown-key", "is not known", remedy=suggestion(key, self.fields))
        for key, one in self.fields.items():
            if one.required and self.values.get(key) is None:
                self.error(key, "missing-key", "is missing", remedy=f"give {key}: {one.meaning}")

    def has(self, key: str) -> bool:
        """Return whether the field is given."""
        return self.values.get(key) is not None

    def text(self, key: str) -> str:
        """Return a text, "" if there is none."""
        value = self.values.get(key)
        if value is None:
            return ""
        if not isinstance(value, str) or not value.strip():
            self.error(key, "bad-value", "is not a text", value)
            return ""
        return value.strip()

    def texts(self, key: str) -> list[str]:
        """Return a list of texts, empty if there is none."""
        value = self.values.get(key)
        if value is None:
            return []
        least = self.fields[key].schema.get("minItems", 1)
        sound = isinstance(value, list) and all(isinstance(v, str) and v.strip() for v in value)
        if not sound or len(value) < least:
            self.error(
                key, "bad-value", f"is not a list of texts{' with at least one' * least}", value
            )
            return []
        return [text.strip() for text in value]

    def flag(self, key: str) -> bool:
        """Return true or false, the default if it is not given."""
        default = bool(self.fields[key].schema["default"])
        value = self.values.get(key, default)
        if not isinstance(value, bool):
            self.error(key, "bad-value", "is not true or false", value)
            return default
        return value

    def choice(self, key: str) -> str:
        """Return one of the words that the field allows, "" if it is not given."""
        value = self.values.get(key)
        allowed = list(self.fields[key].schema["enum"])
        if value is not None and value not in allowed:
            self.error(key, "bad-value", "is not allowed", value, f"allowed: {', '.join(allowed)}")
            return ""
        return "" if value is None else str(value)

    def number_of(self, key: str) -> float | None:
        """Return a number within the field's bounds, None if there is none."""
        value = self.values.get(key)
        return None if value is None else self._within(key, value, "")

    def numbers(self, key: str) -> list[float | None]:
        """Return a list of numbers within the field's bounds, None for each that is not."""
        value = self.values.get(key)
        if not isinstance(value, list):
            self.error(key, "bad-value", "is not a list of numbers", value)
            return []
        return [self._within(key, v, f"[{i}]") for i, v in enumerate(value, start=1)]

    def _within(self, key: str, value: Any, item: str) -> float | None:
        one = self.fields[key]
        unit = f" of {one.unit}" if one.unit else ""
        if not is_number(value):
            self.error(key, "bad-number", f"is not a number{unit}", value, item=item)
            return None
        if one.schema.get("type") == "integer" and value != int(value):
            self.error(key, "bad-number", "is not a whole number", value, item=item)
            return None
        least = round(value * MINUTE) if one.unit == "minutes" else value
        if not one.low <= value <= one.high or (one.open_below and least <= one.low):
            self.error(
                key, "out-of-range", "is out of range", value, f"allowed: {_bounds(one)}", item=item
            )
            return None
        return float(value)

    def seconds(self, key: str) -> int | None:
        """Return whole seconds of a number of minutes, None if there is none."""
        value = self.number_of(key)
        return None if value is None else round(value * MINUTE)

    def clock(self, key: str) -> int | None:
        """Return the clock seconds of a text or a TOML time, None if there is none."""
        value = self.values.get(key)
        return None if value is None else self._clock(key, value, "")

    def clocks(self, key: str) -> list[int | None]:
        """Return the clock seconds of a list of times, None for each that is wrong; [] if there is
        none.
        """
        value = self.values.get(key, [])
        if not isinstance(value, list) or (self.has(key) and not value):
            self.error(
                key, "bad-value", 'is not a list of clock times, as ["06:42", "07:10"]', value
            )
            return []
        return [self._clock(key, v, f"[{i}]") for i, v in enumerate(value, start=1)]

    def _clock(self, key: str, value: Any, item: str) -> int | None:
        if isinstance(value, dt.time):
            return value.hour * HOUR + value.minute * MINUTE + value.second
        try:
            seconds = parse_clock(value) if isinstance(value, str) else -1
        except ValueError:
            seconds = -1
        if not 0 <= seconds <= 2 * DAY:
            self.error(
                key,
                "bad-time",
                "is not a clock time",
                value,
                'allowed: "07:30" up to "48:00"',
                item=item,
            )
            return None
        return seconds

    def tables(self, key: str, fields: Fields) -> Iterator[Table]:
        """Yield the tables of a list of tables, one at least if it is given."""
        value = self.values.get(key)
        if value is None:
            return
        if (
            not isinstance(value, list)
            or not value
            or not all(isinstance(v, Mapping) for v in value)
        ):
            remedy = (
                "write each one below a line "
                f"[[{'.'.join(['modification', *(n for n, _ in self.path), key])}]]"
            )
            self.error(key, "bad-value", "is not a list of tables with at least one", value, remedy)
            return
        for i, table in enumerate(value, start=1):
            yield self._part(key, i, table, fields)

    def sub(self, key: str, fields: Fields) -> Table | None:
        """Return a table within this one, None if there is none."""
        value = self.values.get(key)
        if value is not None and not isinstance(value, Mapping):
            self.error(key, "bad-value", "is not a table", value)
            return None
        return None if value is None else self._part(key, 0, value, fields)

    def _part(self, key: str, i: int, values: Mapping[str, Any], fields: Fields) -> Table:
        part = Table(values, fields, self.number, self.problems, (*self.path, (key, i)))
        part.refuse_unknown()
        return part


def _bounds(one: Field) -> str:
    unit = f" {one.unit}" if one.unit else ""
    return f"{'more than ' if one.open_below else ''}{one.low:g} to {one.high:g}{unit}"


@dataclass(slots=True)
class Findings:
    """What all files of a scenario share: problems, notes, and names that are missing because
    something failed.
    """

    issues: list[Issue] = field(default_factory=list)
    notes: list[Words] = field(default_factory=list)
    #: names and ids of lines and stations that a modification with errors would have added
    failed: set[str] = field(default_factory=set)
    #: and names that one which is switched off would have added
    off: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Problems:
    """The findings of one file."""

    file: str
    lines: Lines
    found: Findings
    #: what one table is called
    what: str = "modification"
    #: texts of the timetables that it names, by name
    texts: Mapping[str, str] = field(default_factory=dict)

    def error(
        self,
        number: int,
        where: str,
        code: str,
        message: str,
        value: Any = "",
        remedy: str = "",
        *,
        key: str = "",
        path: Path = (),
        text: str = "",
    ) -> None:
        """Report an error of modification `number`; key, path and text narrow its line down."""
        line = self.lines.find(number, key, path=path, text=text)
        at = f"{self.what} {number}" + (f" (line {line})" if line else "")
        issue = Issue(
            "error",
            code,
            f"{at}: {message}",
            self.file,
            field=where,
            value=shown(value),
            remedy=remedy,
        )
        self.found.issues.append(issue)


def shown(value: Any) -> str:
    """Return a value as it is printed beside an error."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)[:80]


@dataclass(frozen=True)
class TomlLines:
    """The lines of a file of tables ``[[name]]`` and ``[[name.part]]``; a line that is not found is
    None.
    """

    text: str
    name: str

    @cached_property
    def _lines(self) -> list[str]:
        """The lines; those within texts of several lines are blank."""
        found = []
        quote = ""
        for line in self.text.splitlines():
            found.append("" if quote else line)
            for mark in _TRIPLE.findall(line):
                if not quote:
                    quote = mark
                elif mark == quote:
                    quote = ""
        return found

    @cached_property
    def _headers(self) -> list[tuple[int, str]]:
        matches = ((i, _HEADER.match(line)) for i, line in enumerate(self._lines))
        return [(i, re.sub(r"[\"' ]", "", match.group(1))) for i, match in matches if match]

    def find(self, number: int, key: str = "", *, path: Path = (), text: str = "") -> int | None:
        """Return the line of a key of the table `number` (both count from 1), or of its header.

        With `path`, of a table within it: (part, number from 1, 0 for a single one) downwards. With
        `text`, of that quoted text after the key.
        """
        found = self._block(number, path)
        if found is None:
            return None
        start, end = found
        at = self._key(start, end, key) if key else start
        at = start if at is None else at
        if text:
            quoted = (
                i
                for i in range(at, end)
                if f'"{text}"' in self._lines[i] or f"'{text}'" in self._lines[i]
            )
            at = next(quoted, at)
        return at + 1

    def top(self, key: str) -> int | None:
        """Return the line of a key or table at the top of the file."""
        at = self._key(0, self._headers[0][0] if self._headers else len(self._lines), key)
        heads = [i for i, header in self._headers if header == key]
        if at is not None:
            return at + 1
        return heads[0] + 1 if heads else None

    def _block(self, number: int, path: Path) -> tuple[int, int] | None:
        """Return the first line of a table and the line after its last one, counted from 0."""
        name = self.name
        first = 0
        last = len(self._headers)
        at: int | None = None
        for part, nth in (("", number), *path):
            name = f"{name}.{part}" if part else name
            heads = [k for k in range(first, last) if self._headers[k][1] == name]
            k = max(nth, 1) - 1
            if k >= len(heads):
                return None if at is None else self._inline(at, self._end(at), part, nth)
            at = heads[k]
            first = heads[k] + 1
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

    def find(self, number: int, key: str = "", *, path: Path = (), text: str = "") -> int | None:
        """Return the line of a key of the table `number`, of a table within it, or of a text, as
        `TomlLines` does.
        """
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
    line = 1
    at = 0
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


#: finds the line of a key, or of a quoted text after it, in a table of a file
Lines = TomlLines | JsonLines
