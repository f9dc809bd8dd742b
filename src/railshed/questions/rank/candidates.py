"""Candidates files: TOML of lines that may be built, each a scenario with its length and cost."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from railshed.scenario.fields.table import Findings, Problems, TomlLines, is_number
from railshed.scenario.files import (
    Scenario,
    find_scenario,
    read_scenario,
    read_text,
    scenario_from_dict,
)
from railshed.scenario.modifications import scenario_schema
from railshed.util.errors import InputError, Issue, ParameterError, raise_errors, suggestion
from railshed.util.files import exists, networks_root
from railshed.util.names import refuse_controls

#: field -> JSON Schema; of the file, and of one candidate
TOP: Mapping[str, Mapping[str, Any]] = {
    "title": {"type": "string", "description": "default the file's name"},
    "candidate": {
        "type": "array",
        "minItems": 1,
        "description": "lines that may be built, in any order",
    },
}
FIELDS: Mapping[str, Mapping[str, Any]] = {
    "name": {"type": "string", "minLength": 1, "description": "of the candidate, once in the file"},
    "scenario": {
        "type": "string",
        "description": "scenario file, relative to this one, or the name of a shipped one; or give "
        "modification",
    },
    "modification": {
        "type": "array",
        "minItems": 1,
        "description": "as in scenario files; instead of scenario",
    },
    "seed": {
        "type": "integer",
        "description": "with modification: draws the phases of added trips; 0",
    },
    "km": {
        "type": "number",
        "exclusiveMinimum": 0,
        "maximum": 20_000,
        "description": "length of new line",
    },
    "cost": {
        "type": "number",
        "exclusiveMinimum": 0,
        "maximum": 1e6,
        "description": "亿元 (100 million yuan)",
    },
    "description": {"type": "string", "description": "for people"},
}
_BUDGET = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(km|公里|cost|亿元|亿)\s*")


@dataclass(frozen=True, slots=True)
class CandidateLine:
    """A line that may be built."""

    name: str
    scenario: Scenario
    #: None if unknown
    km: float | None = None
    #: in 亿元, 100 million yuan
    cost: float | None = None

    def price(self, unit: str) -> float | None:
        """Return the length (km) or the cost."""
        return self.km if unit == "km" else self.cost


@dataclass(frozen=True, slots=True)
class Budget:
    """How much may be built."""

    amount: float
    #: km, or cost (亿元)
    unit: str

    def __str__(self) -> str:
        return f"{self.amount:g} {'km' if self.unit == 'km' else '亿元'}"


def budget_of(text: str) -> Budget:
    """Return the budget of a text: ``120km``, ``500亿`` or ``500cost``.

    Raises ParameterError with what is allowed.
    """
    found = _BUDGET.fullmatch(text)
    if found is None or not 0 < float(found[1]) <= 1e6:
        raise ParameterError(
            f"budget {text!r}: write a length or a cost with its unit, such as 120km, 500亿 or "
            "500cost"
        )
    return Budget(float(found[1]), "km" if found[2] in ("km", "公里") else "cost")


def candidates_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of candidates files."""
    scenario = scenario_schema()
    inline = {**FIELDS["modification"], "items": scenario["properties"]["modification"]["items"]}
    one = {
        "type": "object",
        "additionalProperties": False,
        "required": ["name"],
        "oneOf": [{"required": ["scenario"]}, {"required": ["modification"]}],
        "properties": {**FIELDS, "modification": inline},
    }
    return {
        "$schema": scenario["$schema"],
        "title": "railshed candidates",
        "type": "object",
        "additionalProperties": False,
        "required": ["candidate"],
        "properties": {**TOP, "candidate": {**TOP["candidate"], "items": one}},
        "$defs": scenario["$defs"],
    }


def shipped_candidates() -> dict[str, Path]:
    """Return the candidates files of the shipped networks by name: network/file, such as
    china/cy.
    """
    return {
        f"{f.parents[1].name}/{f.stem}": f
        for f in sorted(networks_root().glob("*/candidates/*.toml"))
    }


def find_candidates(path: Path) -> Path:
    """Return the path of a candidates file: the path itself if it exists, else the shipped file of
    this name.
    """
    return path if path.suffix or exists(path) else shipped_candidates().get(path.as_posix(), path)


def read_candidates(path: Path, budget: Budget | None = None) -> tuple[CandidateLine, ...]:
    """Return the candidates of a file or shipped name; with a budget each must have the length or
    cost that it is in.

    Raises InputError with every problem of the file and of the scenario files that it names; those
    of the modifications come when they are resolved on a network.
    """
    path = find_candidates(path)
    text = read_text(path, "candidates")
    try:
        data = refuse_controls(tomllib.loads(text), path.name)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"candidates {path}: no TOML: {error}") from error
    problems = Problems(path.name, TomlLines(text, "candidate"), Findings(), "candidate")
    issues = problems.found.issues
    for key in data:
        if key not in TOP:
            issues.append(
                _issue(path, "unknown-key", "is not known at the top", key, suggestion(key, TOP))
            )
    tables = data.get("candidate")
    if (
        not isinstance(tables, list)
        or not tables
        or not all(isinstance(t, Mapping) for t in tables)
    ):
        remedy = "write each candidate below a line [[candidate]]"
        issues.append(
            _issue(path, "missing-key", "there is no list of candidates", "candidate", remedy)
        )
        tables = []
    readers = [_Reader(path, text, n, table, problems) for n, table in enumerate(tables, start=1)]
    found = [reader.candidate(budget) for reader in readers]
    names = [str(table.get("name")) for table in tables]
    for k, (name, reader) in enumerate(zip(names, readers, strict=True)):
        if name in names[:k]:
            reader.error(
                "name", "name-twice", f"candidate {names.index(name) + 1} has this name", name
            )
    raise_errors(f"candidates {path.name}", issues)
    return tuple(one for one in found if one is not None)


def _issue(path: Path, code: str, message: str, key: str, remedy: str) -> Issue:
    return Issue("error", code, message, path.name, field=key, remedy=remedy)


@dataclass(frozen=True, slots=True)
class _Reader:
    """One candidate as written: its number from 1 and its table."""

    path: Path
    #: of the whole file
    text: str
    number: int
    table: Mapping[str, Any]
    problems: Problems

    def error(self, key: str, code: str, message: str, value: Any = "", remedy: str = "") -> None:
        """Record an error of a field."""
        self.problems.error(self.number, key, code, message, str(value), remedy, key=key)

    def candidate(self, budget: Budget | None) -> CandidateLine | None:
        """Return the candidate, None where it cannot be used."""
        before = len(self.problems.found.issues)
        for key in self.table:
            if key not in FIELDS:
                self.error(key, "unknown-key", "is not known", remedy=suggestion(key, FIELDS))
        name = self.table.get("name")
        if not isinstance(name, str) or not name.strip():
            self.error("name", "missing-key", "needs a name", "" if name is None else name)
        km, cost = (self._number(key) for key in ("km", "cost"))
        if budget is not None and self.table.get(budget.unit) is None:
            message = f"the budget is {budget}, and it has none"
            remedy = "give it, or a budget in the other unit"
            self.error(budget.unit, "missing-key", message, remedy=remedy)
        scenario = self._scenario()
        if len(self.problems.found.issues) > before or scenario is None:
            return None
        return CandidateLine(str(name).strip(), scenario, km, cost)

    def _number(self, key: str) -> float | None:
        value = self.table.get(key)
        if value is None:
            return None
        if not is_number(value) or not 0 < value <= FIELDS[key]["maximum"]:
            allowed = f"allowed: more than 0, up to {FIELDS[key]['maximum']:g}"
            self.error(key, "bad-number", "is not such a number", value, allowed)
            return None
        return float(value)

    def _scenario(self) -> Scenario | None:
        file = self.table.get("scenario")
        inline = self.table.get("modification")
        if (file is None) == (inline is None):
            key = "scenario" if file is None else "modification"
            self.error(key, "missing-key", "needs a scenario file or modifications, one of the two")
            return None
        if file is not None and (not isinstance(file, str) or not file.strip()):
            self.error("scenario", "bad-value", "is not the name of a file", file)
            return None
        try:
            if file is not None:
                found = read_scenario(find_scenario(Path(file), self.path.parent))
            else:
                inner = {
                    key: self.table[key] for key in ("modification", "seed") if key in self.table
                }
                title = str(self.table.get("name", self.number))
                found = scenario_from_dict(
                    inner,
                    file=self.path.name,
                    text=self._own_text(),
                    title=title,
                    folder=self.path.parent,
                )
            self.problems.found.issues.extend(
                issue for part in found.parts for issue in part.issues
            )
            return found
        except InputError as error:
            self.problems.found.issues.extend(error.issues)
            if not error.issues:
                self.error("scenario", "no-scenario", str(error).removeprefix("scenario "), file)
        return None

    def _own_text(self) -> str:
        """Return the text of the candidate as that of a scenario file, its lines where they are."""
        heads = [
            i
            for i, line in enumerate(self.text.splitlines())
            if re.match(r"\s*\[\[\s*candidate\s*\]\]", line)
        ]
        start = heads[self.number - 1] if self.number <= len(heads) else 0
        end = heads[self.number] if self.number < len(heads) else None
        lines = self.text.splitlines()[:end]
        return "\n".join(
            "" if i <= start else re.sub(r"^(\s*\[+\s*)candidate\s*\.\s*", r"\1", line)
            for i, line in enumerate(lines)
        )
