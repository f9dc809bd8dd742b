"""The workbook of a run: every figure is the CSV's and run.json's, heads are words, the first sheet
says what it is.
"""

from __future__ import annotations

import csv
import json
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from railshed.cli import main
from railshed.export.formats import write_layers
from railshed.export.styles import FileDescription
from railshed.util.errors import InputError
from tests.support.clirunner import Command, assert_mistake
from tests.support.small_networks import NEW_CORE_STATION as PLAN


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of a circle in English and of a comparison in Chinese."""
    out = tmp_path_factory.mktemp("workbooks")
    (out / "plan.toml").write_text(PLAN, encoding="utf-8")
    shared = ("mid", "-n", "toy", "--without-map", "--format", "xlsx", "-o", str(out))
    with pytest.MonkeyPatch.context() as patch:
        for command, *more in (
            ("circle",),
            ("compare", "-s", str(out / "plan.toml"), "--lang", "zh"),
        ):
            patch.setattr(sys, "argv", ["railshed", command, *shared, *more])
            with suppress(SystemExit):
                main.main()
            (out / "run.json").rename(out / f"{command}.json")
    return out


def as_number(text: str) -> Any:
    if text in ("True", "False"):
        return text == "True"
    try:
        return float(text)
    except ValueError:
        return text or None


SHEETS = {
    "mid": {
        "readings": "readings",
        "stations": "stations",
        "counties": "counties",
        "members": "members",
        "parts of the journey": "split",
        "rail and car": "car",
        "sensitivity": "sensitivity",
    },
    "mid_compare": {
        "方案对比": "",
        "节省分钟数": "minutes_saved",
        "地点变化": "places",
        "车站": "stations",
        "区县": "counties",
        "轨道交通与小汽车": "car",
    },
}


@pytest.mark.parametrize("stem", list(SHEETS))
def test_every_figure_is_that_of_the_csv(stem: str, folder: Path) -> None:
    """Rows and columns in the same order; numbers as numbers, truth as truth, nothing where the CSV
    has nothing.
    """
    book = openpyxl.load_workbook(folder / f"{stem}.xlsx")
    first, *names, last = book.sheetnames
    assert (first, last) == (("about", "fields") if stem == "mid" else ("说明", "字段"))
    written = {path.stem.removeprefix(stem).strip("_") for path in folder.glob(f"{stem}*.csv")}
    written -= {name for name in written if name.startswith("compare")}
    assert {SHEETS[stem][name] for name in names} == written
    for name in names:
        table = SHEETS[stem][name]
        with (folder / f"{stem}{'_' * bool(table)}{table}.csv").open(
            encoding="utf-8-sig", newline=""
        ) as file:
            head, *rows = csv.reader(file)
        sheet = book[name]
        assert sheet.freeze_panes == "A2"
        assert (sheet.max_row, sheet.max_column) == (len(rows) + 1, len(head))
        for mine, theirs in zip(sheet.iter_rows(min_row=2, values_only=True), rows, strict=True):
            for column, value, text in zip(head, mine, theirs, strict=True):
                if isinstance(value, str):
                    assert value == text, column
                else:
                    number = as_number(text)  # a workbook has 16 digits, a CSV 17
                    assert value == (
                        pytest.approx(number, rel=1e-15) if type(number) is float else number
                    ), column
                    assert type(value) in (int, float, bool, type(None))


def test_figures_are_those_of_run_json(folder: Path) -> None:
    """People and km2 of every reading, cutoff and kind."""
    record = json.loads((folder / "circle.json").read_text(encoding="utf-8"))["results"][0]
    expected = {
        (name, row["cutoff_min"], row["kind"]): row
        for name, block in record["readings"].items()
        for row in block["table"]
    }
    sheet = openpyxl.load_workbook(folder / "mid.xlsx")["readings"]
    with (folder / "mid_readings.csv").open(encoding="utf-8-sig", newline="") as file:
        columns = next(csv.reader(file))
    n = 0
    for values in sheet.iter_rows(min_row=2, values_only=True):
        row = dict(zip(columns, values, strict=True))
        own = expected.pop((row["reading"], row["cutoff_min"], row["kind"]))
        for key, value in own.items():
            if not isinstance(value, str):
                assert row[key] == pytest.approx(value, abs=1e-6), key
                n += 1
    assert not expected
    assert n > 100


def test_heads_are_words_with_units(folder: Path) -> None:
    """In the run's language, no name of a column; widths within bounds; the last sheet lists names
    and meanings.
    """
    heads = [c.value for c in openpyxl.load_workbook(folder / "mid.xlsx")["stations"][1]]
    assert "travel time of the headline reading [min]" in heads
    book = openpyxl.load_workbook(folder / "mid_compare.xlsx")
    for sheet in book.worksheets[1:-1]:
        assert all(not str(cell.value).isascii() for cell in sheet[1]), sheet.title
        for widths in (
            sheet.column_dimensions.values()
        ):  # one of several columns where neighbours are as wide
            for rows in sheet.iter_cols(widths.min, widths.max, min_row=2, values_only=True):
                if all(isinstance(value, str) for value in rows):
                    longest = max(len(value.encode("gb18030")) for value in rows)
                    assert int(widths.width) == min(48, max(12, longest + 1)), (sheet.title, rows)
    fields = list(book["字段"].iter_rows(values_only=True))
    assert fields[0] == ("工作表", "列", "含义", "单位")
    assert ("方案对比", "cutoff_min", "时限（分钟，含）", "分钟") in fields


def test_the_first_sheet_says_what_it_is(folder: Path) -> None:
    """City, people by cutoff, date, definition, hash, sources, and what each sheet is."""
    rows = list(
        openpyxl.load_workbook(folder / "mid.xlsx").worksheets[0].iter_rows(values_only=True)
    )
    record = json.loads((folder / "circle.json").read_text(encoding="utf-8"))["results"][0]
    assert rows[0] == ("title", "Midtown: within one hour by rail")
    assert ("timetable of", record["date"]) in rows
    assert ("definition hash", record["definition_hash"]) in rows
    lines = record["readings"]["door-to-door"]["definition_en"]
    assert [text for key, text in rows if key == "definition"] == lines
    assert [text for key, text in rows if key == "source"]
    assert ("readings", "people and land by reading, cutoff and kind") in rows


def test_without_the_package_it_says_what_to_install(
    cli: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the long work, and from Python; no file is left."""
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    found = cli("circle", "mid", "-n", "toy", "-o", str(tmp_path / "out"), "--format", "xlsx")
    assert_mistake(found, "--format xlsx needs XlsxWriter -> pip install 'railshed[report]'")
    with pytest.raises(InputError, match="XlsxWriter"):
        write_layers(
            tmp_path / "a.xlsx", {"readings": pd.DataFrame({"people": [1]})}, FileDescription("t")
        )
    assert not list(tmp_path.iterdir())


def test_formats_that_stay_in_wgs_84_say_so(cli: Command, tmp_path: Path) -> None:
    """--crs with GeoJSON: one line on stderr; an unknown CRS is refused though no map is drawn."""
    asked = (
        "circle",
        "mid",
        "-n",
        "toy",
        "--without-map",
        "-o",
        str(tmp_path),
        "--format",
        "geojson,geoparquet",
    )
    found = cli(*asked, "--crs", "EPSG:4547")
    assert found.code == 0
    assert "geojson allows WGS 84 alone: --crs EPSG:4547 is not for it" in found.err
    assert "geoparquet allows" not in found.err
    assert_mistake(cli(*asked, "--crs", "EPSG:1"), "CRS 'EPSG:1': no such CRS")


def test_heads_and_cells_are_no_formulas(tmp_path: Path) -> None:
    """A column and a text that begin with = are texts in the workbook."""
    table = pd.DataFrame({"=1+1": ["=2+2", "{=3}"], "n": [1, 2]})
    write_layers(tmp_path / "a.xlsx", {"table": table}, FileDescription("a"))
    sheets = openpyxl.load_workbook(tmp_path / "a.xlsx").worksheets
    cells = [cell for sheet in sheets for row in sheet for cell in row if "=" in str(cell.value)]
    assert len(cells) >= 3
    assert {cell.data_type for cell in cells} == {"s"}
