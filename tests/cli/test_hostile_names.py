"""Names that attack: no output obeys them, each warning says where they stand; ids never leave the
output folder.
"""

from __future__ import annotations

import csv
import json
import re
import sqlite3
import zipfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import openpyxl
import pypdf
import pytest

import railshed
from railshed.cli import main
from railshed.network.cities import City
from railshed.report.run_folder.circle import write_circle
from railshed.show import console
from railshed.show.blocks import Code, Facts, Heading, Items, Paragraph, Table
from railshed.util.bilingual import Words
from railshed.util.progress import say
from tests.support.clirunner import Command, command_line
from tests.support.hostile_names import CLEANED, SCENARIO, attacked_toy

#: what no text holds that we write: controls but line ends and tabs, C1, bidirectional ones
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
TEXTS = (".csv", ".json", ".geojson", ".html", ".svg")


@pytest.fixture
def network(tmp_path: Path) -> Path:
    """Return the network, beside which the scenario stands."""
    attacked_toy(tmp_path / "net")
    (tmp_path / "plan.toml").write_text(SCENARIO, "utf-8")
    return tmp_path / "net"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Return the command line."""
    return command_line(monkeypatch, capsys)


def check_texts(folder: Path) -> int:
    """Check each text file, table of a GeoPackage and workbook of a folder; return the cells that
    begin with =.
    """
    n_formulas = 0
    for path in sorted(folder.rglob("*")):
        if path.suffix in TEXTS:
            text = path.read_text("utf-8-sig")
            assert not CONTROL.search(text.replace("\r\n", "\n")), path
            if path.suffix in (".html", ".svg"):
                assert "<img src=x" not in text, path
        if path.suffix == ".csv":
            cells = [cell for row in csv.reader(text.splitlines()) for cell in row]
            assert not [cell for cell in cells if re.match("[=@]|[+-][^0-9.]", cell)], path
            n_formulas += sum(cell.startswith("'=1+1") for cell in cells)
        if path.suffix == ".gpkg":
            with closing(sqlite3.connect(path)) as base:
                assert not [
                    line for line in base.iterdump() if "X'" not in line and CONTROL.search(line)
                ], path
        if path.suffix == ".xlsx":
            sheets = openpyxl.load_workbook(path).worksheets
            assert {cell.data_type for sheet in sheets for row in sheet for cell in row} <= {
                "s",
                "n",
                "b",
                "inlineStr",
            }
        if path.suffix == ".qgz":
            with zipfile.ZipFile(path) as archive:
                assert not CONTROL.search(
                    archive.read(next(n for n in archive.namelist() if n.endswith("qgs"))).decode()
                )
        if path.suffix == ".pdf":
            pages = [page.extract_text() for page in pypdf.PdfReader(path).pages]
            assert not CONTROL.search("".join(pages)), path
    return n_formulas


def check_screen(out: str, err: str) -> None:
    """Check that a terminal is sent no control."""
    assert not CONTROL.search(out + err)


def test_check_names_file_row_and_value(network: Path, run: Command) -> None:
    """Every kind of file warns; the value is shown with its controls written out."""
    found = run("check", network, "--full")
    assert found.code == 0
    check_screen(found.out, found.err)
    assert r"=1+1\x1b]0;owned\x07\u202e\x9b31" in found.out
    issues = json.loads(run("check", network, "--json").out)
    assert {issue["code"] for issue in issues} == {"control-character"}
    assert {
        ("stops.txt", 1, "stop_name"),
        ("routes.txt", 1, "route_short_name"),
        ("cities.csv", 1, "name_zh"),
        ("regions.csv", 1, "name_zh"),
        ("centres.csv", 1, "name_en"),
        ("lines.csv", 1, "station_zh"),
        ("network.toml", None, "title_en"),
        ("boundaries.parquet", 1, "county"),
    } <= {(issue["file"], issue["row"], issue["field"]) for issue in issues}


def test_the_model_holds_clean_names(network: Path) -> None:
    """Stations, cities, centres, regions, counties and titles are without controls, and else as
    they were.
    """
    found = railshed.load_network(network)
    names = (
        [s.name for s in found.stations]
        + [c.name for c in found.cities]
        + [r.name_en for r in found.regions]
    )
    names += [centre.name for city in found.cities for centre in city.centres] + [found.title_en]
    names += [*found.counties["county"], *found.trips.names]
    assert not [name for name in names if CONTROL.search(name)]
    assert {name[: len(CLEANED)] for name in names if name.startswith("=")} == {CLEANED}
    assert {issue.code for issue in found.issues} == {"control-character"}


@pytest.mark.slow
def test_circle(network: Path, run: Command, tmp_path: Path) -> None:
    """Tables, layers in three formats, a workbook, maps in three formats, a page and the screen."""
    found = run(
        "circle",
        "mid",
        "-n",
        network,
        "-o",
        tmp_path / "out",
        "--html",
        "--format",
        "gpkg,geojson,xlsx",
        "--map-format",
        "png,svg,pdf",
        "--full",
        "--draws",
        0,
        "--no-progress",
    )
    assert found.code == 0, found.err
    check_screen(found.out, found.err)
    assert check_texts(tmp_path / "out") > 10
    found = run(
        "reach", "-n", network, "--city", "mid", "-o", tmp_path / "plain.csv", "--csv-plain"
    )
    check_screen(found.out, found.err)
    assert "\n" in (tmp_path / "plain.csv").read_text("utf-8-sig")
    assert "'=" not in (tmp_path / "plain.csv").read_text("utf-8-sig")
    assert ",=1+1" in (tmp_path / "plain.csv").read_text("utf-8-sig")


@pytest.mark.slow
def test_compare_report_and_atlas(network: Path, run: Command, tmp_path: Path) -> None:
    """Names of a scenario too; what it lost is printed with its assumptions."""
    plan = tmp_path / "plan.toml"
    for command in (
        ["compare", "mid", "-s", plan, "--html", "--full", "--plans", "4"],
        ["report", "mid", "-s", plan, "--without-map"],
        ["atlas"],
    ):
        out = tmp_path / str(command[0])
        found = run(*command, "-n", network, "-o", out, "--no-progress")
        assert found.code == 0, found.err
        check_screen(found.out, found.err)
        check_texts(out)
        if command[0] == "compare":
            assert r"+1\x9b<b>" in found.out


def test_everything_printed_is_written_out(capsys: pytest.CaptureFixture[str]) -> None:
    """Blocks of every kind, lines on stderr, JSON and texts printed by themselves."""
    attack, cell = "\x1b]0;owned\x07\u202e", Words("\x1b[31m")
    console.show(
        [
            Heading(cell),
            Paragraph(cell),
            Items((cell,)),
            Facts(((cell, cell),)),
            Code(attack),
            Table(cell, (cell,), ((attack,),), notes=(cell,)),
        ],
        "en",
    )
    console.console_of().print(attack)
    console.print_json({attack: attack})
    say(attack)
    printed = capsys.readouterr()
    check_screen(printed.out, printed.err)
    assert printed.err == "\\x1b]0;owned\\x07\\u202e\n"
    assert printed.out.count(r"\x1b") == 11


def test_messages_of_the_parser_are_written_out(
    monkeypatch: pytest.MonkeyPatch, run: Command
) -> None:
    """Older parsers of the command line quote an argument as it is."""

    class UsageError(Exception):
        exit_code, message = 2, "No such option: \x1b[31m"

        def show(self) -> None:
            print(self.message)

    def app(*, standalone_mode: bool) -> None:
        raise UsageError

    monkeypatch.setattr(main, "application", lambda _: app)
    assert run("--any").out == "No such option: \\x1b[31m\n"


def test_errors_are_shown_without_controls(network: Path, run: Command, tmp_path: Path) -> None:
    """Arguments, files and names in messages of every source are written out."""
    attack = "\x1b]0;owned\x07"
    bad = tmp_path / "bad.toml"
    bad.write_text('[[modification]]\ntype = "\\u001b[31m"\n', "utf-8")
    for arguments in (
        ["circle", attack, "-n", network],
        ["circle", f"--{attack}"],
        ["check", tmp_path / attack],
        [attack],
        ["compare", "mid", "-s", bad, "-n", network],
        ["circle", "mid", "-n", "toy", "--cutoffs", attack],
        ["circle", "mid", "-n", "toy", "--reading", attack],
    ):
        found = run(*arguments)
        assert found.code == 2
        check_screen(found.out, found.err)
        assert r"\x1b" in found.err or "[31m" in found.err


@pytest.mark.parametrize(
    "slug", ["../up", "/tmp/abs", "Mid", "中城", "con", "a/b", "aux.x", "x.", "a" * 65, ""]
)
def test_a_slug_that_names_no_file_is_an_error(run: Command, tmp_path: Path, slug: str) -> None:
    """`check` and a run name file, row, field and value, and write nothing."""
    folder = tmp_path / "net"
    attacked_toy(folder)
    for name in ("cities", "core_stations", "centres"):
        path = folder / f"{name}.csv"
        path.write_text(
            re.sub("^mid,", f"{slug},", path.read_text("utf-8"), flags=re.MULTILINE), "utf-8"
        )
    checked = run("check", folder)
    assert checked.code == 1
    assert "cities.csv row 1 field slug" in " ".join(checked.out.split())
    ran = run("circle", "中城", "-n", folder, "-o", tmp_path / "out")
    assert ran.code == 2
    assert "cities.csv row 1 field slug" in ran.err
    assert not (tmp_path / "out").exists()


def test_a_region_that_names_no_file_is_an_error(run: Command, tmp_path: Path) -> None:
    """An id of regions.csv likewise."""
    attacked_toy(tmp_path / "net")
    path = tmp_path / "net" / "regions.csv"
    path.write_text(path.read_text("utf-8").replace("\ntoy,", "\n../toy,"), "utf-8")
    found = run("check", tmp_path / "net", "--json")
    assert found.code == 1
    [error] = [one for one in json.loads(found.out) if one["severity"] == "error"]
    assert (error["file"], error["row"], error["field"], error["value"]) == (
        "regions.csv",
        1,
        "region_id",
        "../toy",
    )


def test_a_city_made_in_python_stays_in_the_folder(tmp_path: Path) -> None:
    """A slug that leads elsewhere names files in the folder all the same."""
    toy = railshed.load_network("toy")
    outside = tmp_path / "outside" / "mid"
    outside.parent.mkdir()
    city: City = replace(toy.get_city("mid"), slug=str(outside))
    write_circle(railshed.circle(toy, city), tmp_path, None)
    assert list(outside.parent.iterdir()) == []
    names = [path.name for path in tmp_path.iterdir() if path.suffix == ".csv"]
    assert names
    assert all(re.match(r"[a-z0-9-]+-[0-9a-f]{16}_", name) for name in names)
