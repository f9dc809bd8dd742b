"""Scenarios: ordered modifications, resolved against a network with all errors at once, applied to a copy."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from railshed.arguments import checked
from railshed.arguments import path as as_path
from railshed.errors import InputError
from railshed.issues import Issue, raise_errors
from railshed.lines import Line, add_lines
from railshed.model import City, Network
from railshed.modification import Problems
from railshed.planned import resolve_add_trips
from railshed.tomllines import TomlLines

KNOWN_TYPES = ("add-trips",)
#: R5's other modifications, which a later version will read
LATER_TYPES = (
    "remove-trips", "remove-stops", "reroute", "adjust-speed", "adjust-dwell-time", "adjust-frequency",
    "adjust-station-time", "add-transfer", "add-core-station",
)  # fmt: skip
_KEYS = ("title", "description", "seed", "modification")


@dataclass(frozen=True)
class Scenario:
    """An ordered list of modifications as written, not yet held against a network."""

    title: str
    modifications: tuple[Mapping[str, Any], ...] = ()
    #: draws the phases of the added trips
    seed: int = 0
    #: name of the file, and its text for line numbers; "" for a scenario made in Python
    file: str = ""
    text: str = ""
    #: keys at the top that are not known; reported with everything else
    unknown_keys: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<Scenario {self.title!r}: {len(self.modifications)} modifications>"


@checked(path=as_path)
def load_scenario(path: str | Path) -> Scenario:
    """Return the scenario of a TOML file, as written; `apply` reports what is wrong with it.

    Raises
    ------
    InputError
        When the file cannot be read, is no TOML, or its top level is not that of a scenario.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
        data = tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise InputError(f"scenario {path}: is not UTF-8 ({error.reason}); save it as UTF-8") from error
    except OSError as error:
        raise InputError(f"scenario {path}: cannot be read ({error.strerror or error})") from error
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"scenario {path}: no TOML: {error}") from error
    return scenario_from_dict(data, file=path.name, text=text, title=path.stem)


def scenario_from_dict(data: Mapping[str, Any], *, file: str = "", text: str = "", title: str = "") -> Scenario:
    """Return the scenario of the tables of a scenario file.

    Raises
    ------
    InputError
        When ``modification`` is no list of tables, or ``seed`` no whole number.
    """
    modifications, seed = data.get("modification", []), data.get("seed", 0)
    issues = []
    if not isinstance(modifications, list) or not all(isinstance(m, Mapping) for m in modifications):
        remedy = "write each one below a line [[modification]]"
        issues.append(Issue("error", "bad-value", "is no list of tables", file, field="modification", remedy=remedy))
    if not isinstance(seed, int) or isinstance(seed, bool):
        issues.append(Issue("error", "bad-value", "is not a whole number", file, field="seed", value=str(seed)))
    raise_errors(f"scenario {file or title}", issues)
    unknown = tuple(key for key in data if key not in _KEYS)
    return Scenario(str(data.get("title", title)), tuple(modifications), seed, file, text, unknown)


def apply(network: Network, scenario: Scenario, *, city: str | City | None = None) -> Network:
    """Return a copy of the network with the scenario's modifications; `network` is not changed.

    Parameters
    ----------
    network
        The baseline.
    scenario
        From `load_scenario`; one without modifications returns the baseline itself.
    city
        The city whose core stations a new one joins by ``core_station = true``; else ``core_city`` must say.

    Raises
    ------
    InputError
        With every problem of every modification: file, number and line, field, value, what is allowed.
    NotFoundError
        When `city` is unknown.
    """
    if network.links is not None and scenario.modifications:
        raise InputError(
            f"network {network.network_id} has links instead of a timetable: a scenario changes timetables; "
            "change the graph that it was made of instead"
        )
    lines, notes = resolve(network, scenario, city=city)
    if not lines:
        return network
    changed = add_lines(network, lines, seed=scenario.seed)
    return replace(changed, notes=(*changed.notes, *notes))


def resolve(network: Network, scenario: Scenario, *, city: str | City | None = None) -> tuple[list[Line], list[str]]:
    """Return the lines that the scenario adds, held against the network, and notes on what was assumed.

    Raises
    ------
    InputError
        With every problem of every modification.
    """
    slug = network.get_city(city).slug if isinstance(city, str) else city.slug if city is not None else ""
    problems = Problems(scenario.file or "scenario", TomlLines(scenario.text, "modification"))
    for key in scenario.unknown_keys:
        problems.issues.append(
            Issue(
                "error",
                "unknown-key",
                "is not known at the top",
                problems.file,
                field=key,
                remedy=nearest(key, _KEYS),
            )
        )
    lines: list[Line] = []
    for number, modification in enumerate(scenario.modifications, start=1):
        kind = modification.get("type")
        if kind in KNOWN_TYPES:
            line = resolve_add_trips(network, number, modification, lines, problems, slug)
            lines += [line] if line is not None else []
        else:
            _refuse_type(kind, number, problems)
    raise_errors(f"scenario {problems.file}", problems.issues)
    return lines, problems.notes


def _refuse_type(kind: Any, number: int, problems: Problems) -> None:
    known = f"known: {', '.join(KNOWN_TYPES)}"
    if kind is None:
        problems.error(number, "type", "missing-key", "is missing", remedy=known)
    elif kind in LATER_TYPES:
        problems.error(number, "type", "not-supported", "is not read yet, a later version will", kind, known)
    else:
        remedy = f"{known}; later: {', '.join(LATER_TYPES)}"
        hint = nearest(str(kind), (*KNOWN_TYPES, *LATER_TYPES))
        problems.error(number, "type", "unknown-type", "is not known", kind, f"{hint}; {remedy}" if hint else remedy)


def nearest(text: str, known: tuple[str, ...]) -> str:
    """Return a suggestion of the nearest known text, "" where none is near."""
    near = difflib.get_close_matches(text, known, n=1, cutoff=0.6)
    return f"did you mean {near[0]!r}?" if near else f"allowed: {', '.join(known)}"
