"""What run.json says so that a run can be repeated: the command, files with checksums, hashes of
parameters.
"""

from __future__ import annotations

import hashlib
import json
import os
import shlex
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from railshed._version import __version__
from railshed.api.requests import VERIFIED
from railshed.circles.analysis import RESULTS_VERSION
from railshed.util.csv_json import to_json, write_json
from railshed.util.files import sha256_file
from railshed.util.folders import file_names
from railshed.util.options import Option, options_of
from railshed.util.units import format_clock

#: parameters that name files; networks and people have checksums of their own in run.json
_FILES = ("scenario_path", "readings", "streets", "boundaries", "basemap")

RECORD = "run.json"


def write_record(parameters: Mapping[str, Any], data: Mapping[str, Any], folder: Path) -> None:
    """Write run.json, the last file of a run: versions, what is given, each other file with its
    size and checksum.
    """
    versions = {"railshed": __version__, "results_version": RESULTS_VERSION}
    rows = [
        {"name": name, "size": (folder / name).stat().st_size, "sha256": sha256_file(folder / name)}
        for name in sorted(file_names(folder))
        if name != RECORD
    ]
    write_json(
        {**versions, "parameters": dict(parameters), **data, "outputs": rows}, folder / RECORD
    )


def owned_by_run(folder: Path) -> Callable[[str], bool]:
    """Return the function that says of a file's name whether the run.json of a folder lists it, or
    is it.
    """
    names = {RECORD}
    with suppress(OSError, ValueError, TypeError, KeyError):
        names |= {
            row["name"]
            for row in json.loads((folder / RECORD).read_text(encoding="utf-8"))["outputs"]
        }
    return names.__contains__


def parameter_hashes(parameters: Mapping[str, Any]) -> dict[str, str]:
    """Return by parameter the first 16 hex digits of the SHA-256 of its value: a changed
    one shows.
    """
    return {
        key: hashlib.sha256(to_json(value).encode("utf-8")).hexdigest()[:16]
        for key, value in parameters.items()
    }


def input_rows(parameters: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the files that options name, as given, with their checksums; a shipped name
    has none.
    """
    rows = []
    for key in _FILES:
        given = parameters.get(key) or ()
        for path in [given] if isinstance(given, str | Path) else given:
            text = str(path)
            file = next(
                (f for f in (Path(text), Path(text.rpartition(":")[0])) if f.is_file()), None
            )  # FILE:LAYER
            found = {text: file} | ({} if file is None else _with_it(key, file))
            sums = {name: "" if one is None else sha256_file(one) for name, one in found.items()}
            option = f"--{key.removesuffix('_path')}"
            rows += [
                {"option": option, "path": name, "sha256": sha256} for name, sha256 in sums.items()
            ]
    return rows


def _with_it(key: str, file: Path) -> dict[str, Path]:
    """Return the files that are read with a file: what a scenario extends, the other parts of a
    shapefile.
    """
    if key == "scenario_path":
        from railshed.scenario.files import scenario_or_issues

        paths = [
            (Path(part.path), part.timetables)
            for part in scenario_or_issues(file).parts
            if part.path
        ]
        read = [
            one for path, names in paths for one in (path, *(path.parent / name for name in names))
        ]
        return {_beside(file, path): path for path in read if path != file.resolve()}
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
    options = {one.name: one for cls in VERIFIED.values() for one in options_of(cls)}
    options["scenario_path"] = options.pop("scenario")
    for key, value in parameters.items():
        one = options.get(key)
        if one is not None and one.flags and value is not None and value != _usual(one):
            words += typed_words(one, value)
    return shlex.join(words)


def _usual(one: Option) -> Any:
    """Return the default of an option as run.json holds it."""
    if isinstance(one.default, tuple):
        return one.default[0] if one.name == "network" else list(one.default)
    return one.default


def typed_words(one: Option, value: Any) -> list[str]:
    """Return an option with its value as typed."""
    flag = one.flags.split(" ")[0]
    if isinstance(value, bool):
        return [flag.split("/")[0 if value or "/" not in flag else 1]]
    if isinstance(value, Mapping):
        return [flag, ",".join(f"{ours}={theirs}" for theirs, ours in value.items())]
    if isinstance(value, Sequence) and not isinstance(value, str):
        if one.repeated:
            return [word for each in value for word in (flag, str(each))]
        text = (
            "-".join(map(format_clock, value))
            if one.kind == tuple[int, int]
            else ",".join(map(str, value))
        )
        return [flag, text] if value else []
    return [flag, str(value)]
