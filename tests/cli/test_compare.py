"""`compare` with several scenarios and cities, `trade-offs` and `compliance` on the
command line.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.clirunner import Command, assert_mistake
from tests.support.tables import rows_of

PERIOD = (
    '[[modification.frequencies]]\nstart_time = "05:00"\nend_time = "23:00"\nheadway_minutes = 10\n'
)
NORTHWEST = (
    'title = "northwest"\n[[modification]]\ntype = "add-trips"\nname = "nw"\nhop_minutes = [18]\n'
    'stops = [{ name = "西北原", id = "northwest", lon = 99.8, lat = 0.5 }, "中城"]\n' + PERIOD
)
#: another place for the same station of the same line
ELSEWHERE = NORTHWEST.replace('"northwest"\n', '"further"\n').replace("99.8", "99.7")
GONE = 'title = "gone"\n[[modification]]\ntype = "remove-trips"\nroutes = ["sw"]\n'


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    found = tmp_path / "nw.toml", tmp_path / "gone.toml"
    for file, text in zip(found, (NORTHWEST, GONE), strict=True):
        file.write_text(text, encoding="utf-8")
    return found


@pytest.mark.slow
def test_several_scenarios(railshed: Command, files: tuple[Path, Path], tmp_path: Path) -> None:
    """A folder for each, numbered in order, and one for all; side by side 128 gained, 64 lost, and
    both.
    """
    out = tmp_path / "out"
    done = railshed(
        "compare",
        "mid",
        "-n",
        "toy",
        "-s",
        files[0],
        "-s",
        files[1],
        "-o",
        out,
        "--without-map",
        "--plans",
        0,
    )
    assert done.code == 0, done.err
    assert {f.name for f in out.iterdir()} == {
        "1-nw",
        "2-gone",
        "all",
        "side_by_side.csv",
        "run.json",
    }
    rows = rows_of(out / "side_by_side.csv")
    assert [row["scenario"] for row in rows] == ["northwest", "gone", "northwest + gone"]
    assert [row["people_gained"] for row in rows] == ["128000", "0", "128000"]
    assert [row["people_lost"] for row in rows] == ["0", "64000", "64000"]
    assert [row["stations_slower"] for row in rows] == ["", "西南坡", "西南坡"]
    full = railshed(
        "compare", "mid", "-n", "toy", "-s", files[0], "-s", files[1], "--full", "--plans", 0
    )
    assert "mid, all 2 together, stations that lose: 西南坡" in full.out
    assert [line.split()[:2] for line in done.out.splitlines()[3:6]] == [
        ["Midtown", name] for name in ("northwest", "gone", "northwest")
    ]
    assert (out / "all" / "mid_compare.gpkg").is_file()
    run = json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert [plan["title"] for plan in run["scenarios"]] == ["northwest", "gone"]
    assert run["parameters"]["scenario"] == ["nw.toml", "gone.toml"]


@pytest.mark.slow
def test_a_region_is_united(railshed: Command, files: tuple[Path, Path], tmp_path: Path) -> None:
    """Two cities of the toy, both made core: a row each and one of both together, with files of its
    own.
    """
    import shutil

    folder, out = tmp_path / "toy", tmp_path / "out"
    shutil.copytree(Path(__file__).parents[2] / "networks" / "toy", folder)
    cities = folder / "cities.csv"
    cities.write_text(
        cities.read_text(encoding="utf-8").replace("secondary", "core"), encoding="utf-8"
    )
    done = railshed(
        "compare", "--region", "toy", "-n", folder, "-s", files[0], "-o", out, "--plans", 2
    )
    assert done.code == 0, done.err
    rows = rows_of(out / "side_by_side.csv")
    assert [row["city"] for row in rows] == ["east", "mid", "格子城市群 (2)"]
    assert rows[2]["people_gained"] == "128000"
    assert "Grid Agglomeration  " in done.out
    assert "格子城市群" not in done.out
    assert {f"toy_compare{end}" for end in (".gpkg", ".csv", ".png", "_minutes_saved.png")} <= {
        f.name for f in out.iterdir()
    }
    assert [row["city"] for row in rows_of(out / "forecast.csv")] == ["east", "east", "mid", "mid"]
    assert "the middle 80 % of 2 draws" in " ".join(done.out.split())


@pytest.mark.slow
def test_trade_offs(railshed: Command, files: tuple[Path, Path], tmp_path: Path) -> None:
    """The table in print, CSV and JSON, the plot, and the scenario in run.json."""
    out = tmp_path / "out"
    done = railshed("trade-offs", "mid", "-n", "toy", "-s", files[0], "-o", out)
    assert done.code == 0, done.err
    assert "twice the trains" in done.out
    assert {f.name for f in out.iterdir()} == {
        "mid_trade_offs.csv",
        "mid_trade_offs.png",
        "run.json",
    }
    rows = rows_of(out / "mid_trade_offs.csv")
    assert (rows[0]["key"], float(rows[0]["savers"]), float(rows[0]["within_60"])) == (
        "central",
        128_000,
        128_000,
    )
    run = json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert run["scenarios"][0]["lines"][0]["line"] == "nw"
    found = json.loads(railshed("trade-offs", "mid", "-n", "toy", "-s", files[0], "--json").out)
    assert [row["key"] for row in found["table"]] == [row["key"] for row in rows]
    assert (
        "班次加倍" in railshed("trade-offs", "mid", "-n", "toy", "-s", files[0], "--lang", "zh").out
    )


def test_trade_offs_of_given_departures(
    railshed: Command, files: tuple[Path, Path], tmp_path: Path
) -> None:
    """A line whose departures are given has no headways to halve: its sentence names none."""
    line = (
        files[0]
        .read_text(encoding="utf-8")
        .replace(PERIOD, 'departures = ["07:30"]\nbidirectional = false\n')
    )
    (tmp_path / "timed.toml").write_text(line, encoding="utf-8")
    done = railshed("trade-offs", "mid", "-n", "toy", "-s", tmp_path / "timed.toml")
    assert done.code == 0, done.err
    assert " saves " in done.out
    assert "twice the trains" not in done.out


def test_compliance(railshed: Command, files: tuple[Path, Path], tmp_path: Path) -> None:
    """Verdicts clause by clause on the screen, in Chinese, as JSON and CSV."""
    done = railshed("compliance", "-n", "toy", "-s", files[0])
    assert done.code == 0, done.err
    assert done.out.count(" met") == 4 + 2  # and twice in the answer
    assert "not known" in done.out
    assert "不小于" in done.out
    zh = railshed("compliance", "-n", "toy", "-s", files[0], "--full", "--lang", "zh").out
    for words in ("符合", "18.0分钟", "公里/小时", "规定只针对市域"):
        assert words in zh
    assert not [
        word for word in (" min", "hops", "straight", "stations", "mean", "rule") if word in zh
    ]
    found = json.loads(railshed("compliance", "-n", "toy", "-s", files[0], "--json").out)
    assert len(found) == 5
    assert railshed("compliance", "-n", "toy", "-s", files[0], "-o", tmp_path / "c.csv").code == 0
    assert len(rows_of(tmp_path / "c.csv")) == 5


def test_mistakes(railshed: Command, files: tuple[Path, Path]) -> None:
    """What is missing or too much is said, with exit code 2."""
    assert_mistake(railshed("compare", "-n", "toy", "-s", files[0]), "give cities, or --region ID")
    assert_mistake(railshed("compare", "mid", "-n", "toy"), "--scenario")
    assert_mistake(
        railshed("compare", "mid", "-n", "toy", "-s", files[0], "--plans", 99_999), "--plans 99999"
    )
    assert_mistake(railshed("compare", "mid", "-n", "toy", "-s", files[0], "--geotiff"), "-o")
    assert_mistake(railshed("trade-offs", "-n", "toy", "-s", files[0]), "give a city")
    assert_mistake(railshed("trade-offs", "mid", "-n", "toy", "-s", files[1]), "adds no line")


def test_the_mistakes_of_all_files_at_once(
    railshed: Command, files: tuple[Path, Path], tmp_path: Path
) -> None:
    """No TOML, no file, no such name, an unknown route and a headway of 0: each with its file,
    nothing written.
    """
    bad = {"torn.toml": 'title = "x\n', "route.toml": GONE.replace('"sw"', '"nowhere"')}
    bad["never.toml"] = NORTHWEST.replace("= 10", "= 0")
    for name, text in bad.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    given = [
        tmp_path / name
        for name in ("torn.toml", "route.toml", "gone-away.toml", "never.toml", "nw.toml")
    ]
    out = tmp_path / "out"
    told = (
        "torn.toml: no TOML: Illegal",
        "(at line 1, column 11)",
        "gone-away.toml: cannot be read",
        "route.toml field routes[1]: modification 1 (line 4)",
        "toy/x: there is no such file, nor a shipped scenario",
        "never.toml field frequencies[1].headway_minutes: modification 1 (line 10)",
    )
    options = [part for name in (*given, "toy/x") for part in ("-s", name)]
    for command in (("compare", "mid", "-o", out), ("compliance", "-o", out)):
        done = railshed(*command, "-n", "toy", *options)
        assert_mistake(done, "5 problems", *told)
        assert not out.exists()
    assert_mistake(railshed("scenario", *given, "toy/x", "-n", "toy"), "5 problems", *told)
    back = railshed("backtest", "toy", "toy", *given, "toy/x", "--city", "mid", "-o", out)
    assert_mistake(back, "7 problems", "nw.toml field hop_minutes: modification 1 (line 5)", *told)
    assert not out.exists()


@pytest.mark.slow
def test_alternatives_of_one_line(railshed: Command, tmp_path: Path) -> None:
    """Two files that add the same station and line: each alone, no "all"; which file clashes with
    which, and why.
    """
    files = {"a.toml": NORTHWEST, "b.toml": ELSEWHERE, "gone.toml": GONE}
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    options = [part for name in files for part in ("-s", tmp_path / name)]
    out = tmp_path / "out"
    done = railshed(
        "compare", "mid", "-n", "toy", *options, "-o", out, "--without-map", "--plans", 2
    )
    assert done.code == 0, done.err
    assert {f.name for f in out.iterdir()} == {
        "1-a",
        "2-b",
        "3-gone",
        "side_by_side.csv",
        "run.json",
    }
    assert [row["scenario"] for row in rows_of(out / "side_by_side.csv")] == [
        "northwest",
        "further",
        "gone",
    ]
    words = " ".join(done.out.split())
    assert (
        "All together is left out, since these scenarios cannot be built together: b.toml after a"
        in words
    )
    assert "gone.toml after" not in words
    clash = json.loads((out / "run.json").read_text(encoding="utf-8"))["clash"]
    assert clash.startswith("b.toml after a.toml: b.toml field ")
    assert "modification 1 (line" in clash
    found = json.loads(
        railshed("compare", "mid", "-n", "toy", *options, "--json", "--plans", 0).out
    )
    assert (found["clash"], len(found["comparisons"])) == (clash, 3)
    assert (
        "不能同时建设"
        in railshed("compare", "mid", "-n", "toy", *options, "--lang", "zh", "--plans", 0).out
    )


def test_the_same_trips_twice(railshed: Command, tmp_path: Path) -> None:
    """Two files that take the same trips away: the second finds none, so each alone."""
    for name in ("a", "b"):
        (tmp_path / f"{name}.toml").write_text(GONE, encoding="utf-8")
    done = railshed(
        "compare",
        "mid",
        "-n",
        "toy",
        "-s",
        tmp_path / "a.toml",
        "-s",
        tmp_path / "b.toml",
        "--json",
        "--plans",
        0,
    )
    assert done.code == 0, done.err
    found = json.loads(done.out)
    assert found["clash"].startswith("b.toml after a.toml: b.toml field routes")
    assert [row["title"] for row in found["comparisons"]] == ["gone", "gone"]


def test_the_same_scenario_twice(railshed: Command, files: tuple[Path, Path]) -> None:
    """It is compared once, which is said: no second row, no sum of both, no word of a clash."""
    done = railshed(
        "compare", "mid", "-n", "toy", "-s", files[0], "-s", files[0], "--json", "--plans", 0
    )
    assert done.code == 0, done.err
    assert "nw.toml is given 2 times: taken once" in done.err
    found = json.loads(done.out)
    assert ([row["title"] for row in found["comparisons"]], found["clash"]) == (["northwest"], "")


def test_a_city_that_nothing_changes(railshed: Command, tmp_path: Path) -> None:
    """A line far away: no station, county or person gained or lost, and no crash."""
    line = tmp_path / "far.toml"
    ends = (
        'stops = [{ name = "远", lon = 110.0, lat = 0.5 }, { name = "更远", lon = 110.2, lat = '
        "0.5 }]"
    )
    line.write_text(NORTHWEST.replace(NORTHWEST.splitlines()[5], ends), encoding="utf-8")
    done = railshed("compare", "mid", "-n", "toy", "-s", line, "--json", "--plans", 0)
    assert done.code == 0, done.err
    (found,) = json.loads(done.out)["comparisons"]
    assert found["stations"] == []
    assert {row[f"people_{state}"] for row in found["table"] for state in ("gained", "lost")} == {0}


def test_compliance_of_no_line(railshed: Command, files: tuple[Path, Path], tmp_path: Path) -> None:
    """Rules are for lines: which scenario adds none is said, with exit code 2 and no file, also
    among others.
    """
    words = "gone.toml: adds no line, and the rules are for lines -> give scenarios with add-trips"
    assert_mistake(
        railshed("compliance", "-n", "toy", "-s", files[1], "-o", tmp_path / "c.csv"), words
    )
    assert_mistake(railshed("compliance", "-n", "toy", "-s", files[0], "-s", files[1]), words)
    assert not (tmp_path / "c.csv").exists()


@pytest.mark.china
@pytest.mark.slow
def test_shipped_scenarios_by_name(railshed: Command) -> None:
    """china/chengdu-s5 is a scenario wherever a file is; an unknown name suggests; a list
    of all.
    """
    shown = railshed("scenario", "china/chengdu-s5")
    assert shown.code == 0, shown.err
    assert "S5" in shown.out
    assert railshed("compliance", "-s", "china/chengdu-s5").code == 0
    for name in ("china/chengdu-s6", "chengdu-s5"):
        assert_mistake(
            railshed("compare", "chengdu", "-s", name),
            f"{name}: there is no such file",
            "china/chengdu-s5",
        )
        assert_mistake(railshed("trade-offs", "chengdu", "-s", name), "did you mean")
    assert "china/chengdu-s5" in railshed("scenario", "--list").out
    rows = json.loads(railshed("scenario", "--list", "--json").out)
    assert {"china/chengdu-s5", "china/ningbo-zhoushan"} <= {row["name"] for row in rows}
    assert all(row["title"] and row["network"] == "china" for row in rows)


@pytest.mark.parametrize("command", ["compare", "report"])
def test_an_unknown_direction_is_refused_with_what_is_allowed(
    command: str, cli: Command, tmp_path: Path
) -> None:
    """Before anything is computed, also where a scenario is given; cutoffs likewise."""
    plan = tmp_path / "plan.toml"
    plan.write_text('[[modification]]\ntype = "remove-trips"\nroutes = ["sw"]\n', encoding="utf-8")
    given = (command, "mid", "-n", "toy", "-s", str(plan), "-o", str(tmp_path / "out"))
    assert_mistake(cli(*given, "--direction", "foo"), "direction 'foo': allowed are to, from, both")
    assert_mistake(
        cli(*given, "--cutoffs", "500"), "cutoffs 500: allowed are whole numbers from 1 to 120"
    )
