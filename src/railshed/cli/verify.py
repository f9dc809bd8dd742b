"""The command `verify`: compare files with a run.json, run again what it records, print what is not
the same.
"""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from railshed.api.requests import VERIFIED
from railshed.cli.options import Printed
from railshed.util.bilingual import Language, Words, say
from railshed.util.errors import InputError
from railshed.util.number_format import examples
from railshed.util.options import option
from railshed.util.phrases import phrase

if TYPE_CHECKING:
    from railshed.report.run_folder.verification import Difference

EXIT_DIFFERENT = 1

#: differences that are printed; the rest is counted
_SHOWN = 40
#: folders above a scenario in which what it extends may lie
_MOST_UP = 8


class VerifyRequest(Printed):
    """`railshed verify`."""

    run: Path = option(
        "A run.json of circle, compare, report or atlas, or its folder.",
        default=MISSING,
        unit="RUN",
    )


def verify(request: VerifyRequest) -> None:
    """Say whether the files are those of a run.json, then whether its figures are the same; exit
    code 1 if not.
    """
    from railshed.report.run_folder import verification as checks
    from railshed.show import console as printing

    run = request.run / "run.json" if request.run.is_dir() else request.run
    record = _read(run)
    files, unlisted = checks.changed_files(record, run.parent)
    again = _again(record, run)
    found = [*checks.changed_parameters(record), *checks.differences(record, again)]
    changed = checks.versions(record, again)
    n_values = checks.count_values(record)
    n_files = len(record["outputs"]) if "outputs" in record else None
    if request.as_json:
        rows = [asdict(one) for one in (*files, *found)]
        printing.print_json(
            {
                "same": not rows,
                "files": n_files,
                "unlisted": unlisted,
                "values": n_values,
                "versions": changed,
                "differences": rows,
            }
        )
    else:
        _print_files(files, unlisted, n_files, request.lang)
        _print(found, changed, n_values, request.lang)
    if files or found:
        raise typer.Exit(EXIT_DIFFERENT)


def _print_files(
    changed: list[Difference], unlisted: list[str], n_files: int | None, lang: Language
) -> None:
    from railshed.show import console as printing

    words = [Words(str(one)) for one in changed[:_SHOWN]]
    if unlisted:
        words.append(phrase("verify_unlisted", names=examples(unlisted, _SHOWN, ", +{}")))
    key = "verify_files_differ" if changed else "verify_files_same"
    if n_files is None:
        key = "verify_no_list"
    for one in (*words, phrase(key, n=len(changed), all=n_files)):
        printing.console_of().print(*say(one, lang), soft_wrap=True)


def _print(found: list[Difference], changed: list[str], n_values: int, lang: Language) -> None:
    from railshed.show import console as printing

    console = printing.console_of()
    zh = lang == "zh"
    for text in changed:
        console.print(f"{'版本' if zh else 'version'} {text}")
    for one in found[:_SHOWN]:
        console.print(str(one), soft_wrap=True)
    if len(found) > _SHOWN:
        console.print(f"… +{len(found) - _SHOWN}")
    if found:
        kinds = {
            kind: sum(d.kind == kind for d in found) for kind in ("input", "parameter", "figure")
        }
        words = ("输入", "参数", "数字") if zh else ("inputs", "parameters", "figures")
        counted = ", ".join(f"{word} {n:,}" for word, n in zip(words, kinds.values(), strict=True))
        console.print(
            f"不同：{counted}(共{n_values:,}个值)"
            if zh
            else f"different: {counted}, of {n_values:,} values"
        )
    else:
        console.print(f"相同：{n_values:,}个值" if zh else f"the same: {n_values:,} values")


#: of keys of a record: a table, or a list of tables with these keys, whose values are texts or
#: again such lists
_SHAPES: dict[str, dict[str, Any]] = {
    "parameters": {},
    "parameters_sha256": {},
    "versions": {},
    "outputs": {"name": str, "sha256": str},
    "inputs": {"option": str, "path": str},
    "scenarios": {"files": {"file": str, "text": str}},
}


def _has_shape(value: Any, shape: Any) -> bool:
    if not shape:
        return isinstance(value, dict)
    if shape is str:
        return isinstance(value, str)
    rows = value if isinstance(value, list) else [None]
    return all(
        isinstance(row, dict) and all(_has_shape(row.get(k), s) for k, s in shape.items())
        for row in rows
    )


def _read(path: Path) -> dict[str, Any]:
    """Return the record; InputError when the file is no run.json that can be run again."""
    import json

    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(
            f"{path} is no run.json: {error} -> give the file that circle, compare, report or "
            "atlas wrote"
        ) from error
    for key, kind in _SHAPES.items() if isinstance(record, dict) else ():
        if key in record and not _has_shape(record[key], kind):
            raise InputError(
                f"{path}: {key} is not as it was written -> give a run.json as it was written"
            )
    command = record.get("parameters", {}).get("command") if isinstance(record, dict) else None
    if not isinstance(command, str) or command not in VERIFIED:
        allowed = ", ".join(VERIFIED)
        raise InputError(
            f"{path}: records the command {command!r}; those that can be verified are {allowed}"
        )
    return record  # type: ignore[no-any-return]


def _again(record: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """Return the record of the same run made now, in a folder that is thrown away; InputError names
    a lost input.
    """
    import json
    import tempfile

    from railshed.report.run_folder.record import input_rows

    parameters = record["parameters"]
    with tempfile.TemporaryDirectory() as name:
        out = Path(name) / "out"
        with contextlib.redirect_stdout(io.StringIO()):
            try:
                _rerun(parameters, _scenarios(record, Path(name)), out)
            except (KeyError, TypeError) as error:
                raise InputError(
                    f"{path}: parameters are not complete ({error}) -> give a run.json as it was "
                    "written"
                ) from error
        again: dict[str, Any] = json.loads((out / "run.json").read_text(encoding="utf-8"))
        return again | {"inputs": input_rows(parameters)}


def _scenarios(record: Mapping[str, Any], folder: Path) -> tuple[Path, ...]:
    """Return the scenario files: as they were given where they are there, else as run.json holds
    their text.
    """
    given = record["parameters"].get("scenario_path") or []
    plans = record.get("scenarios", [])
    found = []
    for k, plan in enumerate(plans):
        path = Path(given[k] if k < len(given) else record["parameters"]["scenario"][k])
        if not _is_whole(path, plan["files"]):
            path = _written(plan["files"], _places(record, path), folder / f"scenario{k}")
        found.append(path)
    return tuple(found)


def _is_whole(path: Path, files: Sequence[Mapping[str, Any]]) -> bool:
    """Return whether a scenario is there; where it is as recorded, also whether all that it extends
    is.
    """
    from railshed.scenario.files import scenario_or_issues, shipped_scenarios

    if not path.is_file():
        return path.as_posix() in shipped_scenarios()
    found = scenario_or_issues(path)
    there = {name for part in found.parts for name in (part.file, *part.timetables)}
    return found.text != files[-1]["text"] or there >= {str(part["file"]) for part in files}


def _places(record: Mapping[str, Any], path: Path) -> dict[str, str]:
    """Return where the files that a scenario extends lie, seen from it, by their names."""
    rows = [Path(row["path"]) for row in record.get("inputs", []) if row["option"] == "--scenario"]
    return {
        one.name: Path(os.path.relpath(one, path.parent)).as_posix() for one in rows if one != path
    }


def _written(files: Sequence[Mapping[str, Any]], places: Mapping[str, str], folder: Path) -> Path:
    """Write the texts of a scenario and of what it extends, where it looks for them; return its
    path, the last.
    """
    root = folder.joinpath(*["up"] * _MOST_UP)
    paths = [
        root / places.get(Path(part["file"]).name, Path(part["file"]).name) for part in files[:-1]
    ]
    paths.append(root / Path(files[-1]["file"]).name)
    for path, part in zip(paths, files, strict=True):
        if not path.resolve().is_relative_to(folder.resolve()):
            raise InputError(
                f"run.json: {part['file']} lies outside its folder -> give it as it was written"
            )
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(part["text"], encoding="utf-8", newline="\n")
    return paths[-1]


def _rerun(record: Mapping[str, Any], scenarios: tuple[Path, ...], out: Path) -> None:
    """Answer the question of a record again; its maps show the figures that are compared, and are
    not drawn.
    """
    from railshed.cli import atlas, circle, compare, report

    answers: dict[str, Callable[[Any], None]] = {
        "circle": circle.circle,
        "compare": compare.compare,
        "report": report.report,
        "atlas": atlas.atlas,
    }
    command = record["command"]
    changes = {
        "scenario": scenarios,
        "out": out,
        "progress": False,
        "quiet": True,
        "maps": False,
        "html": False,
    }
    answers[command](VERIFIED[command].from_record(record, **changes, raster=False))
