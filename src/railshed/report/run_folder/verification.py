"""Two records of a run compared value by value: inputs by checksum, parameters, figures, each by
its name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from railshed.report.run_folder.record import RECORD, parameter_hashes
from railshed.util.files import sha256_file
from railshed.util.folders import file_names

INPUT = "input"
PARAMETER = "parameter"
FIGURE = "figure"
FILE = "file"
#: what names a row of a list, in this order
_NAMES = (
    "city",
    "slug",
    "region",
    "region_id",
    "prefecture_code",
    "scenario",
    "title",
    "file",
    "option",
    "path",
    "what",
    "line",
    "clause",
    "trip_id",
    "station_id",
    "key",
    "reading",
    "direction",
    "traffic",
    "cutoff_min",
    "kind",
    "minutes_saved",
    "draw",
)
#: keys of run.json that are compared apart
_APART = ("parameters", "parameters_sha256", "outputs")
_VERSIONS = ("railshed", "results_version")
_PARAMETERS = ("assumptions", "assumption_sources", "readings")
_MISSING = "(absent)"


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that is not what was recorded."""

    #: input, parameter, figure or file
    kind: str
    where: str
    recorded: Any
    now: Any

    def __str__(self) -> str:
        return f"{self.kind} {self.where}: {_shown(self.recorded)} -> {_shown(self.now)}"


def changed_parameters(record: Mapping[str, Any]) -> list[Difference]:
    """Return the parameters of a record that are not those it was written with, by its own hashes
    of them.
    """
    sealed = record.get("parameters_sha256")
    if sealed is None:
        return []
    parameters = record.get("parameters", {})
    own = parameter_hashes(parameters)
    return [
        Difference(
            PARAMETER,
            f"parameters.{key}",
            f"hash {sealed.get(key, _MISSING)}",
            parameters.get(key, _MISSING),
        )
        for key in dict.fromkeys([*sealed, *own])
        if sealed.get(key) != own.get(key)
    ]


def changed_files(record: Mapping[str, Any], folder: Path) -> tuple[list[Difference], list[str]]:
    """Return the files of a record that are missing or changed in its folder, and the names of
    unlisted files.

    Those are not looked for where none of its own is there.
    """
    listed = {row["name"]: row["sha256"] for row in record.get("outputs", [])}
    there = {name: sha256_file(folder / name) for name in listed if (folder / name).is_file()}
    found = [
        Difference(FILE, name, sha256, there.get(name, _MISSING))
        for name, sha256 in listed.items()
        if there.get(name) != sha256
    ]
    return found, sorted({*file_names(folder)} - {*listed, RECORD}) if there else []


def differences(record: Mapping[str, Any], again: Mapping[str, Any]) -> list[Difference]:
    """Return every value of a record that another one of the same parameters does not share, inputs
    first.

    Versions of railshed are no difference (see `versions`), files neither (`changed_files`), nor
    parameters and their hashes, since the other record was made from these parameters.
    """
    apart = (*_VERSIONS, *_APART, *(() if "inputs" in record else ("inputs",)))
    old, new = ({k: v for k, v in one.items() if k not in apart} for one in (record, again))
    found = [
        Difference(_kind(path), ".".join(path), was, now) for path, was, now in _walk((), old, new)
    ]
    order = (INPUT, PARAMETER, FIGURE)
    return sorted(found, key=lambda d: order.index(d.kind))


def versions(record: Mapping[str, Any], again: Mapping[str, Any]) -> list[str]:
    """Return what differs of the versions of railshed and of its results, in words."""
    return [
        f"{key}: {record.get(key, _MISSING)} -> {again.get(key, _MISSING)}"
        for key in _VERSIONS
        if record.get(key) != again.get(key)
    ]


def count_values(record: Mapping[str, Any]) -> int:
    """Return how many values a record holds besides its parameters and files."""
    return sum(_count(value) for key, value in record.items() if key not in _APART)


def _count(value: Any) -> int:
    if isinstance(value, Mapping):
        return sum(_count(v) for v in value.values())
    return sum(_count(v) for v in value) if isinstance(value, list) else 1


def _kind(path: Sequence[str]) -> str:
    if any("sha256" in part for part in path) or path[0].partition("[")[0] == "inputs":
        return INPUT
    return (
        PARAMETER
        if path[0] in _PARAMETERS or any(part.startswith("definition") for part in path)
        else FIGURE
    )


def _walk(path: tuple[str, ...], old: Any, new: Any) -> Iterator[tuple[tuple[str, ...], Any, Any]]:
    """Yield path, recorded and new value of each leaf that differs."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in dict.fromkeys([*old, *new]):
            yield from _walk((*path, key), old.get(key, _MISSING), new.get(key, _MISSING))
    elif isinstance(old, list) and isinstance(new, list):
        olds = _named(old)
        news = _named(new)
        for name in dict.fromkeys([*olds, *news]):
            yield from _walk(
                (*path[:-1], f"{path[-1]}[{name}]"),
                olds.get(name, _MISSING),
                news.get(name, _MISSING),
            )
    elif old != new:
        yield path, old, new


def _named(rows: Sequence[Any]) -> dict[str, Any]:
    """Return the rows of a list by their names, else their numbers; of the same name the later ones
    numbered.
    """
    found: dict[str, Any] = {}
    for k, row in enumerate(rows):
        name = _name(row) or str(k + 1)
        n = 2
        own = name
        while own in found:
            own = f"{name} #{n}"
            n = n + 1
        found[own] = row
    return found


def _name(row: Any) -> str:
    if not isinstance(row, Mapping):
        return ""
    values = [row.get(key) for key in _NAMES]
    values = [value.get("slug") if isinstance(value, Mapping) else value for value in values]
    return " ".join(
        dict.fromkeys(str(v) for v in values if v is not None and not isinstance(v, list))
    )


def _shown(value: Any) -> str:
    text = (
        f"{value:,}"
        if isinstance(value, int | float) and not isinstance(value, bool)
        else str(value)
    )
    return text if len(text) <= 80 else text[:77] + "..."
