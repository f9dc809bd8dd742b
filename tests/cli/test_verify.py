"""`railshed verify`: the same run says the same; a changed input, parameter and figure are each
found and named.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import shutil
from pathlib import Path
from typing import Any, get_args

import pytest

from railshed.api.requests import SCREEN, VERIFIED, CircleRequest, Place
from railshed.report.run_folder.record import command_line as typed
from railshed.report.run_folder.record import input_rows, parameter_hashes
from railshed.report.run_folder.verification import (
    FIGURE,
    INPUT,
    PARAMETER,
    changed_parameters,
    differences,
)
from railshed.util.options import Columns, Option, options_of
from tests.support.clirunner import Command, assert_mistake

LINE = """
title = "nw"
[[modification]]
type = "add-trips"
name = "X"
stops = ["中城", "东桥"]
hop_minutes = [10]
frequencies = [{start_time = "06:00", end_time = "09:00", headway_minutes = 10}]
"""


def record_at(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    return found


def write(record: dict[str, Any], folder: Path) -> Path:
    path = folder / "run.json"
    path.write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")
    return path


@pytest.mark.slow
def test_a_circle_says_the_same_and_a_changed_figure_is_named(
    railshed: Command, tmp_path: Path
) -> None:
    """Exit code 0 and no difference; one person more in the record is exit code 1 and the only
    difference.
    """
    out = tmp_path / "out"
    assert (
        railshed(
            "circle", "mid", "-n", "toy", "--no-car", "--without-map", "--draws", 4, "-o", out
        ).code
        == 0
    )
    same = railshed("verify", out / "run.json")
    assert same.code == 0
    files, figures = same.out.splitlines()
    assert (files, figures.startswith("the same: ")) == ("files: the same (7)", True)
    record = record_at(out)
    assert record["results"][0]["corners"][0]["central"]["people"] == 67_000
    record["results"][0]["corners"][0]["central"]["people"] += 1
    done = railshed("verify", write(record, out))
    assert done.code == 1
    _, first, last = done.out.strip().splitlines()
    central = "corners[60 by_rail, outside the city proper].central.people"
    assert first == f"figure results[mid door-to-door to].{central}: 67,001 -> 67,000"
    assert last.startswith("different: inputs 0, parameters 0, figures 1, of ")
    told = json.loads(railshed("verify", out / "run.json", "--json").out)
    assert (told["same"], len(told["differences"])) == (False, 1)


@pytest.mark.slow
def test_files_are_compared_before_figures(railshed: Command, tmp_path: Path) -> None:
    """A cell edited by hand, a file that is gone and one that was added are named; the figures are
    the same.

    A file that was added alone is no difference. A record without a list says so, and its figures
    are compared.
    """
    out = tmp_path / "out"
    assert (
        railshed(
            "circle", "mid", "-n", "toy", "--no-car", "--without-map", "--draws", 4, "-o", out
        ).code
        == 0
    )
    (out / "note.txt").write_text("mine", encoding="utf-8")
    done = railshed("verify", out / "run.json")
    assert done.code == 0
    assert done.out.startswith("not in run.json: note.txt\nfiles: the same (7)\nthe same: ")
    stations = out / "mid_stations.csv"
    was = hashlib.sha256(stations.read_bytes()).hexdigest()
    stations.write_bytes(stations.read_bytes().replace(b"\n", b" \n", 1))
    (out / "mid_split.csv").unlink()
    done = railshed("verify", out / "run.json")
    assert done.code == 1
    gone, changed, added, files, figures = done.out.splitlines()
    assert gone.startswith("file mid_split.csv: ")
    assert gone.endswith(" -> (absent)")
    assert changed.startswith(f"file mid_stations.csv: {was} -> ")
    assert (added, files) == ("not in run.json: note.txt", "files: 2 of 7 changed or missing")
    assert figures.startswith("the same: ")
    told = json.loads(railshed("verify", out / "run.json", "--json").out)
    assert (told["same"], told["files"], told["unlisted"]) == (False, 7, ["note.txt"])
    assert [row["where"] for row in told["differences"]] == ["mid_split.csv", "mid_stations.csv"]
    record = record_at(out)
    del record["outputs"]
    done = railshed("verify", write(record, out), "--lang", "zh")
    assert (done.code, done.out.splitlines()[0][:6]) == (0, "文件：未核对")
    assert_mistake(
        railshed("verify", write({**record, "outputs": ["x"]}, out)),
        "outputs is not as it was written",
    )


def test_a_changed_parameter_is_named(railshed: Command, tmp_path: Path) -> None:
    """Cutoffs changed in the record are told by their name, and the figures that differ
    with them.
    """
    out = tmp_path / "out"
    assert (
        railshed(
            "circle", "mid", "-n", "toy", "--no-car", "--without-map", "--draws", 4, "-o", out
        ).code
        == 0
    )
    record = record_at(out)
    record["parameters"]["max_transfers"] = 0
    done = railshed("verify", write(record, out))
    assert done.code == 1
    lines = done.out.splitlines()
    assert lines[1].startswith("parameter parameters.max_transfers: hash ")
    assert lines[1].endswith(" -> 0")
    assert any(
        line.startswith("parameter results[mid door-to-door to].definition_hash") for line in lines
    )


@pytest.mark.slow
def test_a_changed_scenario_and_a_changed_network_are_inputs(
    railshed: Command, tmp_path: Path
) -> None:
    """Of compare: the scenario by its name and checksum; a file of the network by its name."""
    toy, line, out = tmp_path / "toy", tmp_path / "nw.toml", tmp_path / "out"
    shutil.copytree(Path(__file__).parents[2] / "networks" / "toy", toy)
    line.write_text(LINE, encoding="utf-8")
    assert (
        railshed(
            "compare", "mid", "-n", toy, "-s", line, "--without-map", "--plans", 0, "-o", out
        ).code
        == 0
    )
    assert railshed("verify", out / "run.json").code == 0
    line.write_text(LINE.replace("= 10}", "= 20}"), encoding="utf-8")
    centres = toy / "centres.csv"
    centres.write_bytes(centres.read_bytes() + b"\n")
    done = railshed("verify", out / "run.json")
    assert done.code == 1
    inputs = [text for text in done.out.splitlines() if text.startswith("input ")]
    assert any(str(line.name) in text for text in inputs)
    assert any("centres.csv" in text for text in inputs)


@pytest.mark.slow
def test_a_scenario_that_is_gone_is_taken_from_the_record(
    railshed: Command, tmp_path: Path
) -> None:
    """run.json holds its text, so the figures can be verified; that the file is gone is said."""
    line, out = tmp_path / "nw.toml", tmp_path / "out"
    line.write_text(LINE, encoding="utf-8")
    assert (
        railshed(
            "compare", "mid", "-n", "toy", "-s", line, "--without-map", "--plans", 0, "-o", out
        ).code
        == 0
    )
    line.unlink()
    done = railshed("verify", out / "run.json")
    assert done.code == 1
    assert "inputs 1, parameters 0, figures 0" in done.out


@pytest.mark.slow
def test_a_changed_file_that_a_scenario_extends_is_named(railshed: Command, tmp_path: Path) -> None:
    """The base that nw.toml extends: changed, it is an input that differs; gone, it is taken from
    the record and named.

    Its headway of 10 min in place of 20 changes the figures, as the record of both shows.
    """
    base, plan, out = tmp_path / "base" / "nw.toml", tmp_path / "plan.toml", tmp_path / "out"
    base.parent.mkdir()
    base.write_text(LINE, encoding="utf-8")
    plan.write_text('title = "on top"\nextends = "base/nw.toml"\n', encoding="utf-8")
    assert (
        railshed(
            "compare", "mid", "-n", "toy", "-s", plan, "--without-map", "--plans", 0, "-o", out
        ).code
        == 0
    )
    rows = record_at(out)["inputs"]
    assert [Path(row["path"]).name for row in rows] == ["plan.toml", "nw.toml"]
    assert railshed("verify", out / "run.json").code == 0
    base.write_text(LINE.replace("= 10}", "= 20}"), encoding="utf-8")
    done = railshed("verify", out / "run.json")
    assert done.code == 1
    named = [text for text in done.out.splitlines() if text.startswith("input ")]
    assert any(base.as_posix() in text for text in named)
    assert not any("plan.toml].sha256" in text for text in named)
    base.unlink()
    done = railshed("verify", out / "run.json")
    assert done.code == 1
    assert f"input inputs[--scenario {base.as_posix()}]" in done.out
    assert "inputs 1, parameters 0, figures 0" in done.out


def test_changed_files_of_options_are_named(railshed: Command, tmp_path: Path) -> None:
    """People and basemap of one's own, each changed by a byte, are inputs that differ, by their
    paths.
    """
    people, beneath, out = tmp_path / "people.csv", tmp_path / "land.geojson", tmp_path / "out"
    people.write_text("lon,lat,people\n100.0,0.3,500\n100.2,0.3,700\n", encoding="utf-8")
    land = {"type": "Polygon", "coordinates": [[[99, -1], [101, -1], [101, 1], [99, 1], [99, -1]]]}
    feature = {"type": "Feature", "properties": {}, "geometry": land}
    beneath.write_text(
        json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8"
    )
    asked = (
        "--population",
        people,
        "--basemap",
        beneath,
        "--approval",
        "GS(2025)1",
        "--no-car",
        "--without-map",
    )
    assert railshed("circle", "mid", "-n", "toy", *asked, "-o", out).code == 0
    assert railshed("verify", out / "run.json").code == 0
    people.write_text("lon,lat,people\n100.0,0.3,500\n100.2,0.3,701\n", encoding="utf-8")
    beneath.write_bytes(beneath.read_bytes() + b"\n")
    done = railshed("verify", out / "run.json")
    assert done.code == 1
    named = [text for text in done.out.splitlines() if text.startswith("input ")]
    assert any("people.csv" in text for text in named)
    assert any(beneath.as_posix() in text for text in named)


@pytest.mark.slow
def test_a_rerun_asks_what_was_asked(railshed: Command, tmp_path: Path) -> None:
    """Formats and kinds of maps are recorded, run again, and stand in the command; shares are among
    the figures.
    """
    out = tmp_path / "out"
    asked = ("--map-kinds", "share", "--format", "geojson", "--no-car", "--without-map")
    assert railshed("circle", "mid", "-n", "toy", *asked, "-o", out).code == 0
    record = record_at(out)
    assert (record["parameters"]["map_kinds"], record["parameters"]["format"]) == (
        ["share"],
        ["geojson"],
    )
    assert typed(record["parameters"]) == (
        "railshed circle mid --network toy --no-car --map-kinds share --format geojson "
        "--without-map"
    )
    assert railshed("verify", out / "run.json").code == 0
    row = record["results"][0]["share"][-1]
    key = next(
        key
        for key, value in row.items()
        if isinstance(value, int | float) and key.startswith("people")
    )
    row[key] += 1
    done = railshed("verify", write(record, out))
    assert done.code == 1
    assert "inputs 0, parameters 0, figures 1" in done.out


def test_what_cannot_be_run(railshed: Command, tmp_path: Path) -> None:
    """Exit code 2: no file, no JSON, a command that is not verified, a network that is gone."""
    assert_mistake(railshed("verify", tmp_path / "no.json"), "no.json is no run.json")
    path = tmp_path / "run.json"
    path.write_text("{", encoding="utf-8")
    assert_mistake(railshed("verify", path), "is no run.json")
    path.write_text('{"parameters": {"command": "rank"}}', encoding="utf-8")
    assert_mistake(railshed("verify", path), "'rank'", "circle, compare, report")
    path.write_text('{"parameters": {"command": "circle"}}', encoding="utf-8")
    assert_mistake(railshed("verify", path), "parameters are not complete")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("outputs", 5),
        ("outputs", None),
        ("outputs", [{"name": [], "sha256": "0"}]),
        ("parameters", 5),
        ("parameters_sha256", [1]),
        ("scenarios", [{"files": [5]}]),
        ("inputs", [{"option": "-n"}]),
        ("versions", "1"),
    ],
)
def test_a_record_that_was_changed_by_hand(
    railshed: Command, tmp_path: Path, key: str, value: object
) -> None:
    """A value of another kind is named."""
    path = tmp_path / "run.json"
    path.write_text(
        json.dumps({"parameters": {"command": "compare"}, key: value}), encoding="utf-8"
    )
    assert_mistake(railshed("verify", path), f"{key} is not as it was written")


def test_no_file_is_written_elsewhere(railshed: Command, tmp_path: Path) -> None:
    """A record whose scenario extends a file far above it: refused before anything is written
    there.
    """
    line, out, planted = tmp_path / "nw.toml", tmp_path / "out", tmp_path / "planted" / "evil.py"
    line.write_text(LINE, encoding="utf-8")
    assert (
        railshed(
            "compare", "mid", "-n", "toy", "-s", line, "--without-map", "--plans", 0, "-o", out
        ).code
        == 0
    )
    record = record_at(out)
    line.unlink()
    record["parameters"]["scenario_path"] = ["/a/b/c/d/e/f/g/h/i/j/k/l/nw.toml"]
    record["inputs"].append({"option": "--scenario", "path": str(planted)})
    record["scenarios"][0]["files"].insert(0, {"file": "evil.py", "text": "planted"})
    (out / "run.json").write_text(json.dumps(record), encoding="utf-8")
    assert_mistake(railshed("verify", out / "run.json"), "evil.py lies outside its folder")
    assert not planted.parent.exists()


def another(one: Option) -> Any:
    """Return a value of an option's kind that is not its default."""
    values = {
        bool: not one.default,
        int: 3,
        float: 2.5,
        str: "x",
        Path: Path("a b/x.toml"),
        dt.date: dt.date(2024, 5, 15),
        Columns: ("people", "jobs"),
        tuple[int, int]: (27_000, 30_600),
    }
    if one.choices:
        return next(choice for choice in one.choices if choice != one.default)
    if get_args(one.kind)[-1:] == (...,):
        return (values[get_args(one.kind)[0]],) * 2
    return values[one.kind]


def test_parameters_make_the_request_that_they_are_of() -> None:
    """Through JSON and back, with every option away from its default, and with every one at it.

    All are in the record but those of the screen, the folder, and at their defaults a city anywhere
    and sparse ones.
    """
    every = options_of(CircleRequest)
    request = CircleRequest.build({one.name: another(one) for one in every if one.recorded})
    for one in (
        request,
        CircleRequest(),
        *(cls() for name, cls in VERIFIED.items() if name != "compare"),
    ):
        plain = json.loads(json.dumps(one.record(), default=str))
        assert type(one).from_record(plain) == one
    screen = {one.name for one in every if one.group == SCREEN} | {"out"}
    place = {one.name for one in options_of(Place)}
    assert set(request.record()) == {one.name for one in every} - screen | {"command"}
    assert set(request.record()) - set(CircleRequest().record()) == place | {
        one.name for one in every if one.sparse
    }


def test_the_command_of_parameters() -> None:
    """As one would type it: defaults left out, repeated options repeated, lists joined by
    commas.
    """
    parameters = {
        "command": "report",
        "cities": ["mid"],
        "region": None,
        "scenario": ["x.toml"],
        "scenario_path": ["a b/x.toml"],
        "network": ["one.zip", "two.zip"],
        "lines": False,
        "datum": "wgs84",
        "cutoffs": [30, 60],
        "window_to": (27_000, 34_200),
        "smooth_m": 0.0,
        "all": False,
    }
    assert typed(parameters) == (
        "railshed report mid --scenario 'a b/x.toml' --network one.zip --network two.zip "
        "--without-lines --cutoffs 30,60 --window-to 07:30-09:30"
    )


def test_rows_are_told_by_their_names_and_kinds() -> None:
    """A moved row is no difference; values are inputs, parameters or figures by where
    they stand.
    """
    old = {
        "results_version": 1,
        "network": {"checksums_sha256": {"a": "1"}},
        "assumptions": {"speed": 4},
        "results": [{"city": {"slug": "x"}, "n": 1}, {"city": {"slug": "y"}, "n": 2}],
    }
    new = {
        "results_version": 2,
        "network": {"checksums_sha256": {"a": "2"}},
        "assumptions": {"speed": 5},
        "results": [{"city": {"slug": "y"}, "n": 3}, {"city": {"slug": "x"}, "n": 1}],
    }
    found = [(d.kind, d.where, d.recorded, d.now) for d in differences(old, new)]
    assert found == [
        (INPUT, "network.checksums_sha256.a", "1", "2"),
        (PARAMETER, "assumptions.speed", 4, 5),
        (FIGURE, "results[y].n", 2, 3),
    ]


def test_hashes_of_parameters_and_checksums_of_inputs(tmp_path: Path) -> None:
    """A record without hashes tells no changed parameter; a shipped scenario has no checksum of its
    own.
    """
    assert changed_parameters({"parameters": {"a": 1}}) == []
    sealed = {"parameters": {"a": 2}, "parameters_sha256": parameter_hashes({"a": 1, "b": None})}
    assert [d.where for d in changed_parameters(sealed)] == ["parameters.a", "parameters.b"]
    file = tmp_path / "areas.gpkg"
    file.write_bytes(b"abc")
    for suffix in (".shp", ".dbf"):
        (tmp_path / f"land{suffix}").write_bytes(b"abc")
    land = input_rows({"basemap": [str(tmp_path / "land.shp")]})
    assert [Path(row["path"]).name for row in land] == ["land.shp", "land.dbf"]
    rows = input_rows(
        {"scenario_path": ["china/chengdu-s5"], "boundaries": f"{file}:layer", "readings": None}
    )
    sha = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert [(row["option"], row["sha256"]) for row in rows] == [
        ("--scenario", ""),
        ("--boundaries", sha),
    ]
