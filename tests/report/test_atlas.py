"""The atlas: its reports are those of the command, its figures those of circle and overlap;
stopped, it goes on.
"""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import railshed
from railshed.questions.indicators import agglomerations
from railshed.report import atlas
from railshed.util import number_format as n
from tests.support.clirunner import Command, assert_mistake
from tests.support.tables import rows_of as read
from tests.support.writers import contents

TOY = Path(__file__).parents[2] / "networks" / "toy"
REGIONS = (
    "region_id,kind,name_zh,name_en,country_region,tier,members,confidence,scope_version,source,notes\n"
    "west,agglomeration,西部城市群,West,,,990100|990200,high,invented,invented,\n"
    "east,agglomeration,东部城市群,East,,,980101|980102,medium,invented,invented,\n"
    "whole,agglomeration,全域城市群,Whole,,,990100|990200|980100,high,invented,invented,\n"
    "around,metropolitan_area,中城都市圈,Midtown Area,,,990100,high,invented,invented,\n"
)


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The toy network with three agglomerations: one core city, the other, and both."""
    folder = tmp_path_factory.mktemp("three") / "three"
    shutil.copytree(TOY, folder)
    (folder / "regions.csv").write_text(REGIONS, encoding="utf-8")
    cities = (folder / "cities.csv").read_text(encoding="utf-8")
    cities = cities.replace("core,toy|mid-area", "core,west|whole|around")
    cities = cities.replace("secondary,toy|mid-area", "core,east|whole")
    (folder / "cities.csv").write_text(cities, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def made(network: Path, tmp_path_factory: pytest.TempPathFactory) -> atlas.Atlas:
    return railshed.atlas(network, tmp_path_factory.mktemp("atlas") / "out", lang="zh", maps=False)


def test_the_page_leads_to_each_report(made: atlas.Atlas) -> None:
    """One link a row, in the order of the table, to a file that is there; nothing else is
    loaded.
    """
    page = made.index.read_text(encoding="utf-8")
    links = re.findall(r'(?:href|src)="([^"]*)"', page)
    assert links == [f"{region}/{region}_report.html" for region in made.table["region_id"]]
    assert set(links) == {f"{region}/{region}_report.html" for region in ("west", "east", "whole")}
    assert all((made.folder / link).is_file() for link in links)
    assert "default-src 'none'" in page
    assert "script" not in page
    far = [row["beyond_per_city"] for row in made.rows]
    assert far == sorted(far, reverse=True)


def test_figures_are_those_of_circle_and_overlap(network: Path, made: atlas.Atlas) -> None:
    """To the person: a city as `circle` has it, both together as `overlap`, and so in table, CSV
    and page.
    """
    run = railshed.prepare(network)
    mid, both = railshed.circle(run, "mid"), run.union(["mid", "east"])
    west, whole = (made.table.set_index("region_id").loc[region] for region in ("west", "whole"))
    assert west["definition_hashes"] == mid.summary.definition_hash
    assert (west["united_people"], west["low"], west["high"]) == (67_000, 64_000, 67_000)
    assert whole["united_people"] == both.union["by_rail"]["people_outside_city"]
    assert whole["united_area_km2"] == both.union["by_rail"]["area_km2_outside_city"]
    assert (pd.isna(whole["low"]), whole["core_cities"]) == (True, "east|mid")
    rows = {row["region_id"]: row for row in read(made.folder / "atlas.csv")}
    assert (rows["west"]["united_people"], rows["whole"]["low"]) == ("67000", "")
    page = made.index.read_text(encoding="utf-8")
    for people in (
        67_000,
        64_000,
        both.union["by_rail"]["people_outside_city"],
        west["beyond_per_city"],
    ):
        assert n.people(people).zh in page
    assert repr(made).startswith("<Atlas 3 agglomerations")


def test_an_english_page_has_no_chinese_but_names(network: Path, tmp_path: Path) -> None:
    """`lang="en"`, of one agglomeration."""
    english = railshed.atlas(network, tmp_path / "en", regions=["west"], lang="en", maps=False)
    page = re.sub(r"(?s)<style>.*?</style>", "", english.index.read_text(encoding="utf-8"))
    assert not re.search(r"[\u4e00-\u9fff]", page)
    assert list(english.table["region_id"]) == ["west"]


@pytest.mark.slow
def test_a_stopped_run_goes_on(
    cli: Command, network: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C in the second report: exit 130, the first is finished, no page is there; then all as
    in one go.
    """
    whole, out = tmp_path / "whole", tmp_path / "out"
    asked = ("atlas", "-n", network, "--without-map")
    assert cli(*asked, "-o", whole, "--quiet").err == ""
    real, calls = atlas._write_report, []

    def stopped(run: Any, region: Any, **rest: Any) -> None:
        calls.append(region.region_id)
        if len(calls) == 2:
            raise KeyboardInterrupt
        real(run, region, **rest)

    monkeypatch.setattr(atlas, "_write_report", stopped)
    done = cli(*asked, "-o", out, "--no-progress")
    assert done.code == 130
    assert "the same command goes on" in done.err
    assert not out.exists()
    done = cli(*asked, "-o", out, "--no-progress")
    assert done.code == 0, done.err
    assert "used from an earlier run: 1 of 3" in done.err
    assert calls[0] not in calls[2:]
    assert contents(whole) == contents(out)
    calls.clear()
    part = out / "east" / "east_report.html"
    part.write_bytes(part.read_bytes()[:-40])  # half a file is no file
    assert "2 of 3" in cli(*asked, "-o", out, "--no-progress").err
    assert calls == ["east"]
    assert contents(whole) == contents(out)


@pytest.mark.slow
def test_another_definition_is_made_again(cli: Command, network: Path, tmp_path: Path) -> None:
    """Without the lines by headway, or with another approval number, nothing is used again; with
    --fresh neither.
    """
    asked = (
        "atlas",
        "-n",
        network,
        "--without-map",
        "--no-progress",
        "--regions",
        "西部城市群",
        "-o",
        tmp_path / "o",
    )
    assert "used from" not in cli(*asked).err
    assert "used from an earlier run: 1 of 1" in cli(*asked).err
    for more in (("--fresh",), ("--approval", "GS(2025)7号"), ("--without-lines",)):
        assert "used from" not in cli(*asked, *more).err
    rows = json.loads(cli(*asked, "--without-lines", "--json").out)
    assert [row["region_id"] for row in rows] == ["west"]


def test_an_atlas_from_python_has_its_record(
    cli: Command, network: Path, made: atlas.Atlas, tmp_path: Path
) -> None:
    """Its run.json lists every file and verifies; a changed figure is found; a network made in
    Python has its id.
    """
    record = json.loads((made.folder / "run.json").read_text(encoding="utf-8"))
    files = {
        path.relative_to(made.folder).as_posix()
        for path in made.folder.rglob("*")
        if path.is_file()
    }
    assert {row["name"] for row in record["outputs"]} == files - {"run.json"}
    assert record["parameters"]["network"] == str(network)
    done = cli("verify", made.folder / "run.json")
    assert (done.code, "files: the same" in done.out) == (0, True), done.out
    record["atlas"][0]["united_people"] += 1
    (tmp_path / "run.json").write_text(json.dumps(record), encoding="utf-8")
    done = cli("verify", tmp_path / "run.json")
    assert (done.code, "united_people" in done.out) == (1, True)
    loaded = railshed.load_network(network)
    one = railshed.atlas(loaded, tmp_path / "out", regions=["east"], lang="zh", maps=False)
    parameters = json.loads((one.folder / "run.json").read_text(encoding="utf-8"))["parameters"]
    assert (parameters["network"], parameters["date"], parameters["regions"]) == (
        "toy",
        "2024-05-15",
        ["east"],
    )


def test_each_report_is_that_of_the_command(cli: Command, network: Path, tmp_path: Path) -> None:
    """Byte for byte, and so it verifies alone."""
    asked = ("-n", network, "--without-map", "--no-progress", "-o")
    assert cli("atlas", "--regions", "whole", *asked, tmp_path / "atlas").code == 0
    assert cli("report", "--region", "whole", *asked, tmp_path / "whole").code == 0
    assert contents(tmp_path / "whole") == contents(tmp_path / "atlas" / "whole")


def test_mistakes(cli: Command, network: Path, tmp_path: Path) -> None:
    """Each says what was given, what is allowed and what to do, exit code 2; nothing is left
    behind.
    """
    out = tmp_path / "out"
    assert_mistake(cli("atlas", "-n", network), "-o")
    assert_mistake(
        cli("atlas", "-n", network, "-o", out, "--regions", "wst,nowhere"),
        "'wst'",
        "'West'",
        "'nowhere'",
        "east, west, whole",
    )
    assert not out.exists()
    file = tmp_path / "file"
    file.write_text("", encoding="utf-8")
    assert_mistake(cli("atlas", "-n", network, "-o", file), "is no folder")
    bare = tmp_path / "bare"
    shutil.copytree(network, bare)
    (bare / "regions.csv").unlink()
    cities = (bare / "cities.csv").read_text(encoding="utf-8")
    (bare / "cities.csv").write_text(
        re.sub(r",core,[a-z|]+,|,secondary,[a-z|]+,", ",core,,", cities), encoding="utf-8"
    )
    assert_mistake(cli("atlas", "-n", bare, "-o", out), "no agglomeration", "railshed circle")


def test_a_page_that_no_atlas_wrote_stays(network: Path, tmp_path: Path) -> None:
    """An index.html of one's own is refused; other files stay, and of an earlier atlas its own
    reports go.
    """
    (tmp_path / "index.html").write_text("mine", encoding="utf-8")
    with pytest.raises(railshed.OutputError, match=r"index\.html that no atlas wrote"):
        railshed.atlas(network, tmp_path, regions=["west"], maps=False)
    assert contents(tmp_path) == {"index.html": b"mine"}
    out = tmp_path / "out"
    railshed.atlas(network, out, regions=["west"], maps=False)
    (out / "west" / "note.txt").write_text("mine", encoding="utf-8")
    railshed.atlas(network, out, regions=["east"], maps=False)
    assert {path.name for path in out.iterdir()} == {
        "index.html",
        "atlas.csv",
        "run.json",
        "east",
        "west",
    }
    assert list(contents(out / "west")) == ["note.txt"]


def test_people_in_the_table_are_whole() -> None:
    """Six digits, but people to the person: text and table of a page agree."""
    texts = [
        agglomerations.table_text(v) for v in (2_220_573.5, 695_910.25, 334.875, 0.0244178123, 0.0)
    ]
    assert texts == ["2220574", "695910", "334.875", "0.0244178", "0"]
    assert agglomerations.as_in_table(2_220_573.5) == 2_220_574
