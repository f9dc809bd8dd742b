"""Reader of network.toml, and the checksums of a network folder."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from railshed.util import files as store
from railshed.util.errors import InputError, Issue, raise_errors

_CITY_FILES = ("cities.csv", "core_stations.csv", "centres.csv")


def read_meta(folder: Path) -> dict[str, Any]:
    """Return the content of network.toml.

    Raises
    ------
    InputError
        When it is no TOML, or with every field of a wrong type.
    """
    path = folder / "network.toml"
    try:
        meta = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{path}: no readable TOML ({error})") from error
    issues = [
        Issue("error", "bad-value", f"must be {what}", path.name, field=key, value=str(meta[key])[:80])
        for key, kind, what in (
            ("sources", list, "tables [[sources]]"),
            ("notes", dict, "a table [notes]"),
            ("counts", dict, "a table [counts]"),
            ("limits", list, "tables [[limits]] with zh and en"),
            ("assumptions", dict, "a table [assumptions]"),
            ("population_cell_deg", int | float, "a number of degrees"),
        )
        if key in meta and not isinstance(meta[key], kind)
    ]  # fmt: skip
    issues += [
        Issue("error", "bad-value", "must be a table", path.name, field=f"sources[{i}]", value=str(source)[:80])
        for i, source in enumerate(meta.get("sources", []) if isinstance(meta.get("sources", []), list) else [])
        if not isinstance(source, dict)
    ]
    raise_errors(f"network {folder}", issues)
    return meta


def sources_of(meta: Mapping[str, Any]) -> tuple[Mapping[str, str], ...]:
    """Return the sources of network.toml with every value as text."""

    def text(value: Any) -> str:
        if isinstance(value, dict):
            return ", ".join(f"{key} {item}" for key, item in value.items())
        return ", ".join(str(item) for item in value) if isinstance(value, list) else str(value)

    return tuple({key: text(value) for key, value in source.items()} for source in meta.get("sources", []))


def limits_of(meta: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return the limits as (Chinese, English) pairs; a missing text is replaced by the other one."""
    rows = [row for row in meta.get("limits", []) if isinstance(row, dict)]
    return tuple((str(row.get("zh", row.get("en", ""))), str(row.get("en", row.get("zh", "")))) for row in rows)


def leaves(table: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    """Return the values of nested tables with dotted keys."""
    pairs: list[tuple[str, Any]] = []
    for key, value in table.items():
        if isinstance(value, dict):
            pairs += leaves(value, f"{prefix}{key}.")
        else:
            pairs.append((f"{prefix}{key}", value))
    return pairs


def checksums(folder: Path, lines: bool, areas: bool) -> dict[str, str]:
    """Return the sha256 by name of every file that is read."""
    names = ["network.toml", "timetable.zip", *_CITY_FILES, "regions.csv"]
    names += ["lines.csv"] if lines else []
    names += ["boundaries.parquet", "population.parquet"] if areas else []
    return {name: store.sha256_file(folder / name) for name in names if (folder / name).is_file()}
