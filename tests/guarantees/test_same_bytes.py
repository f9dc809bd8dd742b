"""The same input gives files of the same bytes: its rows in another order, and two processes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

import railshed
from railshed.export.formats import Choice
from railshed.maps.save import save_figure
from railshed.maps.style import MapStyle
from railshed.report.run_folder.circle import write_circle
from railshed.report.run_folder.comparison import Files
from tests.guarantees.test_circles import write_shuffled
from tests.support.small_networks import NEW_CORE_STATION as PLAN

SOURCE = Path(__file__).parents[2] / "src"

#: after numba, so that both processes use the compiled kernels of all tests
RUN = """
import sys
import numba
from railshed.cli.main import main
commands, folder = sys.argv[1:]
for arguments in commands.split(";"):
    sys.argv = ["railshed", *arguments.split("|")]
    try:
        main()
    except SystemExit as leave:
        assert not leave.code, leave.code

import railshed
from railshed.maps.save import save_figure
circle = railshed.circle("toy", "mid", draws=0)
for kind in ("svg", "pdf"):
    save_figure(circle.plot(), f"{folder}/mid.{kind}")
"""


@pytest.mark.slow
def test_rows_in_another_order_give_the_same_files(tmp_path: Path) -> None:
    """Circle and comparison from shuffled input: layers in four formats, CSV, TIF, PNG, SVG, PDF
    are the same bytes.
    """
    plan = tmp_path / "plan.toml"
    plan.write_text(PLAN, encoding="utf-8")
    for name, source in (("one", "toy"), ("two", write_shuffled(tmp_path / "toy", 3))):
        folder = tmp_path / name
        folder.mkdir()
        network = railshed.load_network(source)
        circle = railshed.circle(network, "mid", draws=4)
        pictures, endings = MapStyle("both"), (".gpkg", ".parquet", ".fgb", ".geojson")
        write_circle(
            circle,
            folder,
            pictures,
            raster=True,
            choice=Choice(("gpkg", "geoparquet", "flatgeobuf", "geojson")),
        )
        for kind in ("svg", "pdf"):
            save_figure(circle.plot(), folder / f"mid.{kind}")
        Files(raster=True).write_comparison(railshed.compare(network, "mid", plan), folder)
    assert_same_files(
        tmp_path / "one",
        tmp_path / "two",
        {*endings, ".qgz", ".csv", ".tif", ".png", ".svg", ".pdf"},
    )


def assert_same_files(one: Path, other: Path, kinds: set[str]) -> None:
    """Both folders hold the same files, of these kinds, with the same bytes."""
    files = [
        sorted(f.relative_to(folder) for f in folder.rglob("*") if f.is_file())
        for folder in (one, other)
    ]
    assert files[0] == files[1]
    assert {f.suffix for f in files[0]} == kinds
    for file in files[0]:
        assert (one / file).read_bytes() == (other / file).read_bytes(), file


#: what must change no byte: hash seed, number of threads of railshed and of libraries, time zone,
#: language
WORLDS: tuple[Mapping[str, str], ...] = (
    {
        "PYTHONHASHSEED": "1",
        "RAILSHED_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "TZ": "UTC",
        "LC_ALL": "C",
    },
    {
        "PYTHONHASHSEED": "2",
        "RAILSHED_THREADS": "8",
        "OMP_NUM_THREADS": "8",
        "TZ": "Pacific/Kiritimati",
        "LC_ALL": "tr_TR.UTF-8",
        "LANG": "zh_CN.UTF-8",
        "PYTHONUTF8": "0",
    },
)
#: another interpreter, with the same libraries: python3.13 where the tests run on 3.11
OTHER_PYTHON = os.environ.get("RAILSHED_OTHER_PYTHON")


def run_commands(
    commands: Sequence[Sequence[str]],
    world: Mapping[str, str],
    cache: Path,
    folder: Path,
    python: str = sys.executable,
) -> None:
    """Run the command line several times in one process of its own with these variables; maps as
    SVG and PDF too.
    """
    environment = {
        **os.environ, **world, "RAILSHED_CACHE_DIR": str(cache), "PYTHONPATH": str(SOURCE),
        "PYTHONIOENCODING": "utf-8",
    }  # fmt: skip
    arguments = ";".join("|".join(words) for words in commands)
    done = subprocess.run(
        [python, "-c", RUN, arguments, str(folder)],
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_two_runs_give_the_same_bytes(tmp_path: Path) -> None:
    """GeoPackage, CSV, TIF, maps and run.json of processes are the same in each of the worlds and
    on another Python.
    """
    plan = tmp_path / "plan.toml"
    plan.write_text(PLAN, encoding="utf-8")
    runs = [(world, sys.executable) for world in WORLDS] + [(WORLDS[0], OTHER_PYTHON)] * bool(
        OTHER_PYTHON
    )
    for k, (world, python) in enumerate(runs):
        folder = tmp_path / str(k)
        circle = [
            "circle",
            "mid",
            "--draws",
            "4",
            "--direction",
            "both",
            "--geotiff",
            "-o",
            str(folder / "circle"),
        ]
        compare = ["compare", "mid", "--plans", "4", "-s", str(plan), "-o", str(folder / "compare")]
        run_commands(
            [[*words, "-n", "toy"] for words in (circle, compare)],
            world,
            tmp_path / "cache",
            folder,
            str(python),
        )
        kinds = {".gpkg", ".qgz", ".csv", ".tif", ".png", ".svg", ".pdf", ".json"}
        assert_same_files(tmp_path / "0", folder, kinds)
