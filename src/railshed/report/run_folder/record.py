"""What run.json says so that a run can be repeated: the command, files with checksums, hashes of parameters."""

from __future__ import annotations

import hashlib
import os
import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from railshed.scenario.files import scenario_or_issues
from railshed.util.csv_json import to_json
from railshed.util.files import sha256_file
from railshed.util.units import format_clock

#: parameters that name files, by option; networks and people have checksums of their own in run.json
FILE_OPTIONS = {
    "scenario_path": "scenario",
    "readings": "readings",
    "streets": "streets",
    "boundaries": "boundaries",
    "basemap": "basemap",
}
#: parameters whose option has another name
_NAMES = {
    "lines": "without-lines",
    "maps": "without-map",
    "all": "all",
    "stations_within_km": "stations-within",
    "smooth_m": "smooth",
    "simplify_m": "simplify",
    "cell_size_m": "cell-size",
    "scenario_path": "scenario",
    "raster": "geotiff",
}
#: parameters that repeat their option for each value
_REPEATED = ("network", "streets", "population", "scenario_path", "basemap")
#: what is left out of a command: none of these changes anything
_DEFAULTS: dict[str, Any] = {
    "network": "china",
    "lines": True,
    "maps": True,
    "datum": "wgs84",
    "reading": "door-to-station",
    "direction": "to",
    "smooth_m": 0.0,
    "simplify_m": 0.0,
    "phases": 0,
    "draws": 0,
    "seed": 0,
    "stations_within_km": 1.0,
    "feeder": "bus",
    "map_size": "a4",
    "map_format": ["png"],
    "approval": "",
    "format": ["gpkg"],
    "map_kinds": ["circle"],
}


def parameter_hashes(parameters: Mapping[str, Any]) -> dict[str, str]:
    """Return by parameter the first 16 hex digits of the SHA-256 of its value: a changed one can be told."""
    return {key: hashlib.sha256(to_json(value).encode("utf-8")).hexdigest()[:16] for key, value in parameters.items()}


def input_rows(parameters: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the files that options name, as given, with their checksums; a shipped name has none."""
    rows = []
    for key, option in FILE_OPTIONS.items():
        given = parameters.get(key) or ()
        for path in [given] if isinstance(given, str | Path) else given:
            text = str(path)
            file = next((f for f in (Path(text), Path(text.rpartition(":")[0])) if f.is_file()), None)  # FILE:LAYER
            found = {text: file} | ({} if file is None else _with_it(key, file))
            rows += [
                {"option": f"--{option}", "path": name, "sha256": "" if one is None else sha256_file(one)}
                for name, one in found.items()
            ]
    return rows


def _with_it(key: str, file: Path) -> dict[str, Path]:
    """Return the files that are read with a file: what a scenario extends, the other parts of a shapefile."""
    if key == "scenario_path":
        extended = [Path(part.path) for part in scenario_or_issues(file).parts if part.path]
        return {_beside(file, path): path for path in extended if path != file.resolve()}
    if file.suffix.lower() == ".shp":
        parts = (file.with_suffix(suffix) for suffix in (".dbf", ".shx", ".prj", ".cpg"))
        return {part.as_posix(): part for part in parts if part.is_file()}
    return {}


def _beside(file: Path, other: Path) -> str:
    """Return the path of another file as one would write it by the path of the first."""
    try:
        return (file.parent / os.path.relpath(other, file.parent.resolve())).as_posix()
    except ValueError:  # on another drive
        return other.as_posix()


def command_line(parameters: Mapping[str, Any]) -> str:
    """Return the command that these parameters stand for, without the folder of its output."""
    words = ["railshed", str(parameters["command"]), *map(str, parameters.get("cities") or ())]
    for key, value in parameters.items():
        if key in ("command", "cities", "scenario") or value is None or value == _DEFAULTS.get(key):
            continue
        words += _words(key, value)
    return shlex.join(words)


def _words(key: str, value: Any) -> Iterator[str]:
    option = "--" + _NAMES.get(key, key.replace("_", "-"))
    if key in ("lines", "maps"):
        return iter([option])
    if isinstance(value, bool):
        return iter([f"--no-{key}"] if key == "car" and not value else [option] * value)
    if key in ("window_to", "window_from"):
        return iter([option, "-".join(format_clock(second) for second in value)])
    if key == "population_columns" and isinstance(value, Mapping):
        value = [f"{ours}={theirs}" for theirs, ours in value.items()]
    if isinstance(value, Sequence) and not isinstance(value, str):
        texts = [str(v) for v in value]
        return iter(
            [w for text in texts for w in (option, text)]
            if key in _REPEATED
            else [option, ",".join(texts)] * bool(texts)
        )
    return iter([option, str(value)])
