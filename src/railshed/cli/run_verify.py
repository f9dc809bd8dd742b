"""What `railshed verify` does: read a run.json, run again what it records, say what is not the same."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import json
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from railshed.cli.inputs import Data, Measure, Output, People, Point, Surroundings
from railshed.util.errors import InputError

if TYPE_CHECKING:
    from railshed.report.run_folder.verification import Difference
    from railshed.util.bilingual import Language

#: differences that are printed; the rest is counted
_SHOWN = 40
#: folders above a scenario in which what it extends may lie
_MOST_UP = 8


def run_verify(path: Path, *, as_json: bool, lang: Language) -> bool:
    """Print what differs between a run.json and the same run made again; return whether nothing does."""
    from railshed.report import console as printing
    from railshed.report.run_folder.verification import changed_parameters, count_values, differences, versions

    record = _read(path)
    found = changed_parameters(record)
    again = _again(record, path)
    found += differences(record, again)
    told = versions(record, again)
    if as_json:
        printing.print_json(
            {
                "same": not found,
                "values": count_values(record),
                "versions": told,
                "differences": [asdict(one) for one in found],
            }
        )
    else:
        _print(found, told, count_values(record), lang)
    return not found


def _print(found: list[Difference], told: list[str], n_values: int, lang: Language) -> None:
    from railshed.report import console as printing

    console, zh = printing.console_of(), lang == "zh"
    for text in told:
        console.print(f"{'版本' if zh else 'version'} {text}")
    for one in found[:_SHOWN]:
        console.print(str(one), soft_wrap=True)
    if len(found) > _SHOWN:
        console.print(f"… +{len(found) - _SHOWN}")
    if found:
        kinds = {kind: sum(d.kind == kind for d in found) for kind in ("input", "parameter", "figure")}
        words = ("输入", "参数", "数字") if zh else ("inputs", "parameters", "figures")
        counted = ", ".join(f"{word} {n:,}" for word, n in zip(words, kinds.values(), strict=True))
        console.print(f"不同：{counted}(共{n_values:,}个值)" if zh else f"different: {counted}, of {n_values:,} values")
    else:
        console.print(f"相同：{n_values:,}个值" if zh else f"the same: {n_values:,} values")


def _read(path: Path) -> dict[str, Any]:
    """Return the record.

    Raises
    ------
    InputError
        When the file is no run.json that can be run again.
    """
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(
            f"{path} is no run.json: {error} -> give the file that circle, compare, report or atlas wrote"
        ) from error
    command = record.get("parameters", {}).get("command") if isinstance(record, dict) else None
    if command not in _RUNS:
        allowed = ", ".join(_RUNS)
        raise InputError(f"{path}: records the command {command!r}; those that can be verified are {allowed}")
    return record  # type: ignore[no-any-return]


def _again(record: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """Return the record of the same run made now, in a folder that is thrown away.

    Raises
    ------
    InputError
        When an input is no longer there; says which.
    """
    from railshed.report.run_folder.record import input_rows

    parameters = record["parameters"]
    with tempfile.TemporaryDirectory() as name:
        out = Path(name) / "out"
        with contextlib.redirect_stdout(io.StringIO()):
            try:
                _RUNS[parameters["command"]](parameters, _scenarios(record, Path(name)), out)
            except (KeyError, TypeError) as error:
                raise InputError(
                    f"{path}: parameters are not complete ({error}) -> give a run.json as it was written"
                ) from error
        again: dict[str, Any] = json.loads((out / "run.json").read_text(encoding="utf-8"))
        return again | {"inputs": input_rows(parameters)}


def _scenarios(record: Mapping[str, Any], folder: Path) -> tuple[Path, ...]:
    """Return the scenario files: as they were given where they are there, else as run.json holds their text."""
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
    """Return whether a scenario is there; where it is as recorded, also whether all that it extends is."""
    from railshed.scenario.files import scenario_or_issues, shipped_scenarios

    if not path.is_file():
        return path.as_posix() in shipped_scenarios()
    found = scenario_or_issues(path)
    there = {part.file for part in found.parts}
    return found.text != files[-1]["text"] or there >= {str(part["file"]) for part in files}


def _places(record: Mapping[str, Any], path: Path) -> dict[str, str]:
    """Return where the files that a scenario extends lie, seen from it, by their names."""
    rows = [Path(row["path"]) for row in record.get("inputs", []) if row["option"] == "--scenario"]
    return {one.name: Path(os.path.relpath(one, path.parent)).as_posix() for one in rows if one != path}


def _written(files: Sequence[Mapping[str, Any]], places: Mapping[str, str], folder: Path) -> Path:
    """Write the texts of a scenario and of what it extends, where it looks for them; return its path, the last."""
    root = folder.joinpath(*["up"] * _MOST_UP)
    paths = [root / places.get(Path(part["file"]).name, Path(part["file"]).name) for part in files[:-1]]
    paths.append(root / Path(files[-1]["file"]).name)
    for path, part in zip(paths, files, strict=True):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(part["text"], encoding="utf-8", newline="\n")
    return paths[-1]


def _output(folder: Path, parameters: Mapping[str, Any]) -> Output:
    """Return where the rerun goes; its maps show the figures that are compared, and are not drawn."""
    return Output(folder, False, parameters.get("map_lang"))


def _data(p: Mapping[str, Any]) -> Data:
    networks = p["network"]
    date = p["date"]
    return Data(
        tuple(networks) if isinstance(networks, list) else (networks,),
        None if date is None else dt.date.fromisoformat(date),
        p["lines"],
        _words(p["modes"]),
        p["datum"],
        p["boundaries"],
    )


def _words(value: Any) -> tuple[str, ...] | None:
    return None if value is None else tuple(value)


def _point(p: Mapping[str, Any]) -> Point:
    if "at" not in p:
        return Point()
    windows = (None if p[key] is None else tuple(p[key]) for key in ("window_to", "window_from"))
    return Point(p["at"], p["stations_within_km"], p["name"], p["feeder"], *windows)


def _measure(p: Mapping[str, Any]) -> Measure:
    readings = p["readings"]
    return Measure(
        None if p["cutoffs"] is None else tuple(p["cutoffs"]),
        p["reading"],
        None if readings is None else Path(readings),
        p["direction"],
        p["max_transfers"],
    )


def _around(p: Mapping[str, Any]) -> Surroundings:
    people = People(
        tuple(p["population"] or ()), p["population_columns"], p["population_crs"], p["population_hexagons"]
    )
    return Surroundings(
        _words(p["access"]),
        _words(p["egress"]),
        tuple(map(Path, p["streets"] or ())),
        p["streets_place"],
        people,
        p["cell_size_m"],
        p["smooth_m"],
        p["simplify_m"],
    )


def _circle(p: Mapping[str, Any], scenarios: tuple[Path, ...], out: Path) -> None:
    from railshed.cli.run_circle import CircleRequest, run_circle

    run_circle(
        CircleRequest(
            data=_data(p),
            point=_point(p),
            cities=tuple(p["cities"]),
            region=p["region"],
            everything=p["all"],
            measure=_measure(p),
            around=_around(p),
            car=p["car"],
            html=False,
            raster=False,
            draws=p["draws"],
            seed=p["seed"],
            output=_output(out, p),
            progress=False,
            kinds=tuple(p.get("map_kinds") or ("circle",)),
            formats=tuple(p.get("format") or ("gpkg",)),
        )
    )


def _compare(p: Mapping[str, Any], scenarios: tuple[Path, ...], out: Path) -> None:
    from railshed.cli.run_compare import CompareRequest, run_compare

    run_compare(
        CompareRequest(
            data=_data(p),
            point=_point(p),
            cities=tuple(p["cities"]),
            region=p["region"],
            everything=p["all"],
            scenarios=scenarios,
            measure=_measure(p),
            around=_around(p),
            raster=False,
            phases=p["phases"],
            html=False,
            output=_output(out, p),
            progress=False,
            formats=tuple(p.get("format") or ("gpkg",)),
        )
    )


def _report(p: Mapping[str, Any], scenarios: tuple[Path, ...], out: Path) -> None:
    from railshed.cli.run_report import ReportRequest, run_report

    run_report(
        ReportRequest(
            data=_data(p),
            point=_point(p),
            cities=tuple(p["cities"]),
            region=p["region"],
            scenarios=scenarios,
            measure=_measure(p),
            around=_around(p),
            output=_output(out, p),
            progress=False,
        )
    )


def _atlas(p: Mapping[str, Any], scenarios: tuple[Path, ...], out: Path) -> None:
    from railshed.cli.run_atlas import AtlasRequest, run_atlas

    run_atlas(AtlasRequest(data=_data(p), regions=tuple(p["regions"]), output=_output(out, p), quiet=True))


_RUNS: dict[str, Callable[[Mapping[str, Any], tuple[Path, ...], Path], None]] = {
    "circle": _circle,
    "compare": _compare,
    "report": _report,
    "atlas": _atlas,
}
