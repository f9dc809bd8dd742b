"""The command line on the toy network: what each command prints and writes, and what a mistake
leads to.
"""

from __future__ import annotations

import contextlib
import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from railshed import __version__
from railshed.cli import main as cli
from railshed.util import files
from tests.support.clirunner import Command, assert_mistake

ROOT = Path(__file__).parents[2]
TOY = ROOT / "networks" / "toy"
CHINA = ROOT / "networks" / "china" / "timetable.zip"
PLAN = """
title = "northwest line"

[[modification]]
type = "add-trips"
name = "nw"
stops = [{ name = "西北原", id = "northwest", lon = 99.8, lat = 0.5 }, "中城"]
hop_minutes = [18]

[[modification.frequencies]]
start_time = "05:00"
end_time = "23:00"
headway_minutes = 10
"""
SLACK_0 = (
    '[mine]\nlabel = "no slack"\nlegs = "door-to-station"\nslack_minutes = 0\npercentile = '
    "50\ncutoffs = [60]\n"
)
CIRCLE_FILES = {
    "mid.gpkg",
    "mid.qgz",
    "mid_stations.csv",
    "mid_counties.csv",
    "mid_members.csv",
    "mid_readings.csv",
    "mid.png",
    "run.json",
    "mid_car.gpkg",
    "mid_car.csv",
    "mid_car.png",
    "mid_split.csv",
    "mid_sensitivity.csv",
}


def rows_of(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV, which begins with a byte order mark for Excel."""
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def process(*arguments: str, **options: object) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "PYTHONIOENCODING": "utf-8"}
    return subprocess.Popen(
        [sys.executable, *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        **options,
    )  # type: ignore[call-overload]


def test_the_package_runs_as_a_module() -> None:
    """`python -m railshed` is the command, for who has no scripts on the path."""
    out, err = process("-m", "railshed", "--version").communicate(timeout=60)
    assert (out.split()[-1], err) == (__version__, "")


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["--version"], 0, "railshed 0"),
        (["circle"], 2, "give cities"),
        (["circle", "--nothing"], 2, "nothing"),
    ],
)
def test_the_process_ends_with_everything_said(arguments: list[str], code: int, told: str) -> None:
    """Exit codes and all that was written are those of the command, and what is registered for the
    end is done.
    """
    start = (
        "import atexit; atexit.register(print, 'the end'); from railshed.cli.main import run; run()"
    )
    done = subprocess.run(
        [sys.executable, "-c", start, *arguments],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == code
    assert told in done.stdout + done.stderr
    assert done.stdout.endswith("the end\n")


def test_an_option_of_one_value_is_given_once(railshed: Command) -> None:
    """A second one is a mistake, not the one that counts; options that take several take them."""
    assert_mistake(
        railshed("trade-offs", "mid", "-s", "a.toml", "-s", "b.toml", "-n", "toy"),
        "--scenario is given 2 times",
    )
    assert_mistake(
        railshed("circle", "mid", "-n", "toy", "--date", "2024-05-15", "--date", "2024-05-16"),
        "--date is given",
    )
    assert railshed("circle", "mid", "-n", "toy", "-n", "toy", "--draws", "0", "--help").code == 0


# --- circle -------------------------------------------------------------------------------------


def test_circle_prints_bridge_range_and_table(railshed: Command) -> None:
    """Headline with its range, the bridge, readings side by side, stations, and how to save: all of
    it by --full.
    """
    done = railshed("circle", "mid", "-n", "toy", "--full")
    assert done.code == 0
    assert "67,000 people outside the city proper within 60 minutes (64,000 to 67,000)" in done.out
    assert "plus station entry and exit" in done.out
    assert "Press convention" in done.out
    assert "4 stations within 60 min from their door" in done.out
    assert "save a map and tables with -o DIR" in done.out
    assert done.err == ""  # a single city shows that it moves on a terminal alone
    first = railshed("circle", "mid", "-n", "toy", "--no-progress")
    assert "<- this result" in first.out
    assert "by reading and cutoff" not in first.out
    assert first.err == ""


@pytest.mark.parametrize("name", ["mid", "中城", "Midtown", "midtown", "中城市"])
def test_city_names(railshed: Command, name: str) -> None:
    """Slug, Chinese and English name mean the same city."""
    found = json.loads(railshed("circle", name, "-n", "toy", "--json").out)
    assert [c["city"]["slug"] for c in found["cities"]] == ["mid"]


def test_circle_in_chinese(railshed: Command) -> None:
    """--lang zh prints Chinese, --lang en English; the figures are the same."""
    done = railshed("circle", "mid", "-n", "toy", "--lang", "zh", "--full")
    assert "中心城区外60分钟内可达6.7万人(6.4万–6.7万)" in done.out
    assert "最保守与最宽松假设" in done.out
    assert "用 -o 目录" in done.out
    assert "people" not in done.out.replace("invented people", "")


def test_several_cities_stand_side_by_side(railshed: Command) -> None:
    """Several cities are compared and not summed; a city named twice counts once."""
    done = railshed("circle", "mid", "east", "Midtown", "-n", "toy", "--no-progress")
    assert done.code == 0
    assert "circles overlap: no sum" in done.out
    assert done.out.count("Midtown") == 1
    assert done.out.count("Eastbridge") == 1


def test_region_and_all_take_core_cities(railshed: Command) -> None:
    """--all and --region take the cities of role core; the toy has one."""
    for option in (["--all"], ["--region", "toy"], ["--region", "格子城市群"]):
        found = json.loads(railshed("circle", *option, "-n", "toy", "--json").out)
        assert [c["city"]["slug"] for c in found["cities"]] == ["mid"]


@pytest.mark.slow
def test_region_of_two_cities_has_a_union(railshed: Command, tmp_path: Path) -> None:
    """The cities of an agglomeration are united before they are counted."""
    folder = copied(tmp_path)
    cities = folder / "cities.csv"
    cities.write_text(
        cities.read_text(encoding="utf-8").replace("secondary", "core"), encoding="utf-8"
    )
    arguments = ("circle", "--region", "toy", "-n", folder, "--no-progress")
    done = railshed(*arguments)
    assert done.out.splitlines()[1].startswith(
        "The circles united, each place once: 117,000 people by rail outside "
    )
    both = railshed(*arguments, "--full").out
    assert "With what is reached without a ride: " in both
    assert "+entry/exit" in both
    found = json.loads(railshed(*arguments, "--json").out)
    people = [
        next(
            r
            for r in c["readings"]["door-to-station"]["table"]
            if (r["cutoff_min"], r["kind"]) == (60, "total")
        )
        for c in found["cities"]
    ]
    assert (
        max(r["people"] for r in people)
        <= found["union"]["total"]["people"]
        < sum(r["people"] for r in people)
    )
    railshed(*arguments, "-o", tmp_path / "out", "--without-map")
    assert (
        json.loads((tmp_path / "out/run.json").read_text(encoding="utf-8"))["union"]
        == found["union"]
    )


def test_progress_goes_to_stderr(railshed: Command) -> None:
    """The bar of long work leaves stdout clean."""
    done = railshed("circle", "mid", "east", "-n", "toy", "--progress")
    assert "cities" in done.err
    assert "2/2" in done.err
    assert "2/2" not in done.out


def test_json_is_the_summary(railshed: Command) -> None:
    """--json prints one document with bridge, range and readings."""
    done = railshed(
        "circle", "mid", "-n", "toy", "--json", "--direction", "both", "--cutoffs", "60,30"
    )
    (city,) = json.loads(done.out)["cities"]
    assert city["direction"] == "both"
    assert ["people" in row for row in city["bridge"]] == [False] * 3 + [True] * 3
    stations = [row["stations"] for row in city["bridge"]][:5]
    assert (stations[0], stations) == (8, sorted(stations, reverse=True))
    assert city["press"]["people"] == 639_000
    assert city["readings"]["door-to-door"]["cutoffs"] == [30, 60]
    assert city["corners"][0]["low"]["people"] == 64_000


@pytest.mark.parametrize(("direction", "window"), [("to", "07:30-09:30"), ("from", "17:00-19:30")])
def test_directions(railshed: Command, direction: str, window: str) -> None:
    """To the city in the morning, from it in the evening; both prints both windows."""
    assert window in railshed("circle", "mid", "-n", "toy", "--direction", direction).out
    assert window in railshed("circle", "mid", "-n", "toy", "--direction", "both").out


def test_readings_of_ones_own(railshed: Command, tmp_path: Path) -> None:
    """A reading from a file stands beside the shipped ones and can be the headline."""
    own = tmp_path / "own.toml"
    own.write_text(SLACK_0, encoding="utf-8")
    done = railshed("circle", "mid", "-n", "toy", "--readings", own, "--reading", "mine", "--json")
    (city,) = json.loads(done.out)["cities"]
    assert city["reading"] == "mine"
    assert set(city["readings"]) == {"door-to-station", "door-to-door", "turn-up-and-go", "mine"}


def test_access_and_lines(railshed: Command) -> None:
    """--access walk makes the circle smaller; --without-lines leaves out 64 thousand people.

    On foot 7:58 from west reach 2 of the 6 cells of its 1 thousand, 9:58 from east 4 of 6 of 2; no
    ride that changes is within the hour.
    """
    figures = []
    for options in ([], ["--access", "walk"], ["--without-lines"], ["--max-transfers", "0"]):
        (city,) = json.loads(railshed("circle", "mid", "-n", "toy", "--json", *options).out)[
            "cities"
        ]
        figures.append(city["corners"][0]["central"])
    assert [f["people"] for f in figures] == [67_000, 65_667, 3_000, 67_000]
    assert figures[1]["area_km2"] < figures[0]["area_km2"]


def test_circle_files(railshed: Command, tmp_path: Path) -> None:
    """-o writes GeoPackage, CSVs, map and run.json with parameters, versions, checksums,
    assumptions and results.
    """
    import geopandas as gpd
    import pyogrio

    out = tmp_path / "deep" / "out"
    done = railshed("circle", "mid", "-n", "toy", "-o", out)
    assert done.code == 0
    assert f"{out}: mid.png, mid.gpkg, CSV, run.json" in done.out.replace("\n", "")
    assert {f.name for f in out.iterdir()} == CIRCLE_FILES
    layers = {name for name, _ in pyogrio.list_layers(out / "mid.gpkg")}
    context = {"railways", "city_proper", "centres", "boundaries", "terminals"}
    assert layers == {"stations", "polygons", "cells", "counties", "layer_styles"} | context
    stations = gpd.read_file(out / "mid.gpkg", layer="stations")
    assert stations.crs == "EPSG:4326"
    table = {r["station_id"]: r for r in rows_of(out / "mid_stations.csv")}
    assert table["northeast"]["minutes"] == "76.03"  # 10 + 32 + 5 + 14:04 and half of 29:56 early
    assert table["west"]["first_arrival"] == "05:49"
    readings = rows_of(out / "mid_readings.csv")
    (row,) = [
        r
        for r in readings
        if (r["reading"], r["cutoff_min"], r["kind"]) == ("door-to-door", "60", "by_rail")
    ]
    assert row["people_outside_city"] == "67000"
    run = json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert run["results_version"] >= 2
    assert run["parameters"]["cities"] == ["mid"]
    assert set(run["network"]["checksums_sha256"]) >= {
        "timetable.zip",
        "lines.csv",
        "population.parquet",
    }
    assert run["results"][0]["definition_hash"]
    assert run["assumption_sources"][0]["source"]
    assert (out / "mid.png").read_bytes().startswith(b"\x89PNG")


def test_without_map(railshed: Command, tmp_path: Path) -> None:
    """--without-map writes everything but the PNG; a second run into the same folder replaces its
    files.
    """
    for _ in range(2):
        assert railshed("circle", "mid", "-n", "toy", "-o", tmp_path, "--without-map").code == 0
        assert {f.name for f in tmp_path.iterdir()} == CIRCLE_FILES - {"mid.png", "mid_car.png"}


@pytest.mark.slow
def test_basemap(railshed: Command, tmp_path: Path) -> None:
    """--basemap draws an approved map beneath: the picture changes."""
    import geopandas as gpd
    from shapely.geometry import box

    approved = tmp_path / "approved.gpkg"
    gpd.GeoDataFrame(
        {"name": ["x"]}, geometry=[box(99.7, 0.0, 100.3, 0.6)], crs="EPSG:4326"
    ).to_file(approved)
    pictures = []
    for name, options in (("plain", []), ("based", ["--basemap", approved])):
        asked = ("--draws", 0, "--no-car", *options)
        assert railshed("circle", "mid", "-n", "toy", "-o", tmp_path / name, *asked).code == 0
        pictures.append((tmp_path / name / "mid.png").read_bytes())
    assert pictures[0] != pictures[1]


# --- reach --------------------------------------------------------------------------------------


def test_reach_csv(railshed: Command, tmp_path: Path) -> None:
    """Columns in order, two decimals, 0.00 at the named station, empty where unreached, ids without
    a prefix.
    """
    file = tmp_path / "r.csv"
    arguments = ("reach", "--station", "中城", "-n", "toy", "--percentiles", "0,50,75", "-o", file)
    assert railshed(*arguments).code == 0
    rows = rows_of(file)
    assert list(rows[0]) == [
        "station_id",
        "station_name",
        "station_name_en",
        "lon",
        "lat",
        "travel_time_p0",
        "travel_time_p50",
        "travel_time_p75",
        "trips",
    ]
    table = {r["station_id"]: [r["station_name"], *list(r.values())[5:]] for r in rows}
    assert len(table) == 10
    assert table["mid"] == ["中城", "0.00", "0.00", "0.00", "0"]
    assert table["south"] == ["南港", "33.00", "33.00", "33.00", "4"]
    # east 16 and 521 s on foot
    assert table["eastnorth"][1] == "24.68"
    assert table["southwest"] == ["西南坡", "", "", "", "0"]
    (mid,) = (r for r in rows if r["station_id"] == "mid")
    assert (mid["station_name_en"], float(mid["lon"]), float(mid["lat"])) == ("Midtown", 100.0, 0.3)
    times = [float(r["travel_time_p75"] or "inf") for r in rows]
    assert times == sorted(times)


def test_reach_whole_day(railshed: Command, tmp_path: Path) -> None:
    """The window may end at 24:00; with slack 1 and percentile 0 the fastest direct train of the
    day comes out.
    """
    file = tmp_path / "r.csv"
    day = (
        "--window",
        "00:00-24:00",
        "--slack-minutes",
        "1",
        "--percentiles",
        "0",
        "--max-transfers",
        "0",
    )
    assert (
        railshed(
            "reach", "--station", "mid", "-n", "toy", "--direction", "from", *day, "-o", file
        ).code
        == 0
    )
    times = {r["station_id"]: r["travel_time_p0"] for r in rows_of(file)}
    assert (times["east"], times["west"], times["north"]) == ("16.00", "18.00", "32.00")
    assert (times["northeast"], times["southeast"]) == ("", "")


def test_reach_of_a_city(railshed: Command) -> None:
    """--city takes its core stations; --json prints rows; --max-minutes empties longer times."""
    rows = json.loads(
        railshed("reach", "--city", "Midtown", "-n", "toy", "--json", "--max-minutes", "30").out
    )
    times = {r["station_id"]: r["travel_time_p50"] for r in rows}
    assert (times["mid"], times["midsouth"], times["southwest"], times["south"]) == (0, 0, 17, None)


def test_reach_on_foot_and_changes(railshed: Command) -> None:
    """--no-footpaths and --change-minutes change who is reached how: 66 by both loops, 96 with 7
    minutes to change.
    """
    base = ("reach", "--station", "mid", "-n", "toy", "--json", "--no-footpaths")
    whole_day = ("--window", "00:00-24:00", "--percentiles", "0", "--slack-minutes", "1")
    for options, minutes in (([], 66), (["--change-minutes", "7"], 96)):
        rows = json.loads(railshed(*base, *whole_day, *options).out)
        assert {r["station_id"]: r["travel_time_p0"] for r in rows}["southeast"] == minutes


def test_reach_prints_a_table(railshed: Command) -> None:
    """Without -o the table is printed."""
    done = railshed("reach", "--station", "mid", "--station", "east", "-n", "toy")
    assert done.code == 0
    assert "南港" in done.out


# --- compare, networks, cities ------------------------------------------------------------------


def plan(folder: Path, text: str = PLAN) -> Path:
    file = folder / "plan.toml"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.slow
def test_compare(railshed: Command, tmp_path: Path) -> None:
    """Before, after, gained, lost, in tables, JSON and files with a map."""
    import pyogrio

    scenario, out = plan(tmp_path), tmp_path / "out"
    done = railshed(
        "compare", "mid", "-n", "toy", "--scenario", scenario, "-o", out, "--full", "--plans", 0
    )
    assert done.code == 0
    assert done.out.splitlines()[1].startswith("northwest line: 128,000 people save ")
    assert {f.name for f in out.iterdir()} == {
        "mid_compare.gpkg",
        "mid_compare.qgz",
        "mid_compare.csv",
        "mid_compare_stations.csv",
        "mid_compare_counties.csv",
        "mid_compare_car.csv",
        "mid_compare_places.csv",
        "mid_compare.png",
        "mid_compare_minutes_saved.csv",
        "mid_compare_minutes_saved.png",
        "side_by_side.csv",
        "run.json",
    }
    layers = {name for name, _ in pyogrio.list_layers(out / "mid_compare.gpkg")}
    assert layers >= {
        "gained",
        "unchanged",
        "line",
        "stations_before",
        "stations_after",
        "polygons_before",
    }
    (row,) = [
        r
        for r in rows_of(out / "mid_compare.csv")
        if (r["reading"], r["cutoff_min"], r["kind"]) == ("door-to-door", "60", "by_rail")
    ]
    assert [row[f"people_{k}"] for k in ("before", "after", "gained", "lost")] == [
        "67000",
        "195000",
        "128000",
        "0",
    ]
    run = json.loads((out / "run.json").read_text(encoding="utf-8"))
    (planned,) = run["scenarios"]
    (kept,) = planned["files"]
    assert kept["file"] == "plan.toml"
    assert len(kept["sha256"]) == 64
    assert kept["text"] == scenario.read_text(encoding="utf-8")
    assert len(planned["trips"]) == 216
    found = json.loads(
        railshed("compare", "中城", "-n", "toy", "-s", scenario, "--json", "--plans", 0).out
    )
    assert json.dumps(found).count("128000") > 0
    zh = railshed(
        "compare", "mid", "-n", "toy", "-s", scenario, "--lang", "zh", "--full", "--plans", 0
    ).out
    for words in ("更快", "按口径与分钟数：新增(+)与减少(−)", "门到门 60分钟", "*_stations.csv"):
        assert words in zh
    assert "door-to-" not in zh
    readings = {row["reading"] for row in rows_of(out / "mid_compare_stations.csv")}
    assert readings >= {"station-to-station", "door-to-door"}
    assert len(rows_of(out / "mid_compare_places.csv")) == len(run["places"])


def test_networks(railshed: Command) -> None:
    """What is shipped, with date, sources and licences."""
    done = railshed("networks")
    assert done.code == 0
    assert "toy" in done.out
    assert "2024-05-15" in done.out
    assert "CC0-1.0" in done.out
    by_id = {n["id"]: n for n in json.loads(railshed("networks", "--json").out)}
    assert by_id["toy"]["title_en"].startswith("Grid city")
    assert by_id["toy"]["problem"] == ""
    assert "格子城" in railshed("networks", "--lang", "zh").out


def test_cities(railshed: Command) -> None:
    """Cities with core stations, centres and windows; --region keeps those of one agglomeration."""
    done = railshed("cities", "-n", "toy")
    assert done.code == 0
    assert "中城 Midtown" in " ".join(done.out.split())
    assert "toy Grid Agglomeration mid-area Midtown Metropolitan Area" in " ".join(done.out.split())
    found = json.loads(railshed("cities", "-n", "toy", "--region", "mid-area", "--json").out)
    assert [c["slug"] for c in found] == ["mid", "east"]
    assert found[0]["window_to"] == "07:30-09:30"
    assert [s["name"] for s in found[1]["core_stations"]] == ["东桥", "东桥北"]
    assert found[0]["centres"] == ["中城广场", "南园"]


# --- mistakes -----------------------------------------------------------------------------------


def copied(folder: Path, name: str = "mine") -> Path:
    """Return a copy of the toy network's folder."""
    return Path(shutil.copytree(TOY, folder / name))


MISTAKES = [
    (["circle", "nowhere"], ["unknown city 'nowhere'", "railshed cities"]),
    (["circle", "midd"], ["unknown city 'midd'", "Did you mean", "'mid'"]),
    (["circle", "中域"], ["unknown city '中域'", "'中城'"]),
    (["circle", "Midtwon"], ["unknown city 'Midtwon'", "'Midtown'"]),
    (["circle", ""], ["CITY: empty; give a value, or leave it out"]),
    (["circle", "mid", "--population", ""], ["--population: empty"]),
    (["compare", "mid", "-s", " "], ["--scenario: empty"]),
    (["circle"], ["give cities, or --region ID, or --all"]),
    (["circle", "mid", "--all"], ["give cities, or --region ID, or --all"]),
    (["circle", "mid", "--at", "1,2"], ["cities and --at", "--name says what the city is called"]),
    (["circle", "--region", "nope"], ["unknown region 'nope'"]),
    (
        ["circle", "mid", "--direction", "from", "--window-to", "07:00-09:00"],
        ["--window-to has no effect"],
    ),
    (
        ["circle", "mid", "--name", "X", "--feeder", "metro"],
        ["--name and --feeder: with --at alone"],
    ),
    (["circle", "mid", "--window-to", "31:30-33:30"], ["ends after 28:00"]),
    (["circle", "mid", "--cutoffs", "0"], ["cutoffs 0", "1 to 120"]),
    (["circle", "mid", "--cutoffs", "soon"], ["--cutoffs", "'soon'"]),
    (["circle", "mid", "--cutoffs", "500"], ["cutoffs 500", "1 to 120"]),
    (["circle", "mid", "--cutoffs", "30,-5"], ["--cutoffs", "'-5'"]),
    (["circle", "mid", "--cutoffs", "30.5"], ["--cutoffs", "'30.5'"]),
    (["circle", "mid", "--cutoffs", "²"], ["--cutoffs"]),
    (["circle", "mid", "--reading", "door-to-dor"], ["unknown reading", "'door-to-door'"]),
    (["circle", "mid", "--direction", "sideways"], ["direction 'sideways'", "to, from, both"]),
    (["circle", "mid", "--access", "horse"], ["access mode horse", "walk, bike, feeder, drive"]),
    (["circle", "mid", "--access", ","], ["access mode"]),
    (["circle", "mid", "--date", "2024-13-01"], ["--date '2024-13-01'"]),
    (
        ["circle", "mid", "--date", "2031-01-01"],
        ["no trip runs on 2031-01-01", "2024-01-01 to 2024-12-31"],
    ),
    (["circle", "mid", "--max-transfers", "-1"], ["max_transfers -1"]),
    (["circle", "mid", "--max-transfers", "one"], ["--max-transfers"]),
    (["circle", "mid", "--lang", "fr"], ["--lang", "zh"]),
    (["circle", "mid", "--wibble"], ["--wibble"]),
    (["circle", "mid", "--readings", "absent.toml"], ["absent.toml"]),
    (["compare", "mid", "--scenario", "absent.toml"], ["absent.toml", "cannot be read"]),
    (["compare", "mid"], ["--scenario"]),
    (["compare", "--scenario", "absent.toml"], ["give cities, or --region"]),
    (["reach"], ["give either stations or a city"]),
    (["reach", "--station", "mid", "--city", "mid"], ["give either stations or a city"]),
    (["reach", "--station", "中成"], ["unknown station '中成'", "'中城'"]),
    (["reach", "--city", "nope"], ["unknown city 'nope'"]),
    (
        ["reach", "--station", "mid", "--window", "09:00-07:00"],
        ["09:00-07:00", "ends before it starts"],
    ),
    (
        ["reach", "--station", "mid", "--window", "09:00-09:00"],
        ["09:00-09:00", "ends before it starts"],
    ),
    (["reach", "--station", "mid", "--window", "morning"], ["'morning' is not a window"]),
    (["reach", "--station", "mid", "--window", "07:00-25:61"], ["25:61"]),
    (["reach", "--station", "mid", "--window", "20:00-47:00"], ["longer than a day"]),
    (["reach", "--station", "mid", "--percentiles", "101"], ["percentiles", "0 to 100"]),
    (["reach", "--station", "mid", "--percentiles", "half"], ["--percentiles", "'half'"]),
    (["reach", "--station", "mid", "--slack-minutes", "-1"], ["slack_minutes"]),
    (["reach", "--station", "mid", "--slack-minutes", "nan"], ["slack_minutes"]),
    (["reach", "--station", "mid", "--change-minutes", "-1"], ["change_minutes"]),
    (["reach", "--station", "mid", "--max-minutes", "0"], ["max_minutes 0"]),
    (["reach", "--station", "mid", "--max-minutes", "9999"], ["max_minutes 9999"]),
    (["reach", "--station", "mid", "--direction", "both"], ["direction 'both'", "to, from"]),
    (["cities", "--region", "nope"], ["unknown region 'nope'", "toy (Grid Agglomeration)"]),
]


@pytest.mark.parametrize(("arguments", "words"), MISTAKES, ids=[" ".join(a) for a, _ in MISTAKES])
def test_a_mistake_is_told(
    railshed: Command,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    words: list[str],
) -> None:
    """What was given and what is allowed, on stderr, exit code 2, no file left."""
    monkeypatch.chdir(tmp_path)
    out = ["-o", "r.csv" if arguments[0] == "reach" else "out"] if arguments[0] != "cities" else []
    done = railshed(*arguments, "-n", "toy", *out)
    assert_mistake(done, *words)
    assert [f for f in tmp_path.rglob("*") if f.is_file()] == []


def test_unknown_command_and_network(railshed: Command) -> None:
    """A command or network that is not known: exit code 2 and what there is."""
    assert_mistake(railshed("frobnicate"), "frobnicate")
    for command in (
        ["circle", "mid"],
        ["reach", "--station", "mid"],
        ["cities"],
        ["compare", "mid", "-s", "x.toml"],
    ):
        assert_mistake(
            railshed(*command, "-n", "toyy"), "unknown network 'toyy'", "'toy'", "Shipped:"
        )


@pytest.mark.parametrize("damage", ["text", "cut", "empty", "absent"])
def test_corrupt_timetable(railshed: Command, tmp_path: Path, damage: str) -> None:
    """A timetable.zip that is text, cut short, empty or absent is named."""
    folder = copied(tmp_path)
    archive = folder / "timetable.zip"
    whole = archive.read_bytes()
    if damage == "absent":
        archive.unlink()
    else:
        archive.write_bytes(
            {"text": b"no zip at all", "cut": whole[: len(whole) // 2], "empty": b""}[damage]
        )
    out = tmp_path / "out"
    assert_mistake(railshed("circle", "mid", "-n", folder, "-o", out), "timetable.zip")
    assert_mistake(
        railshed("reach", "--station", "mid", "-n", folder, "-o", tmp_path / "r.csv"),
        "timetable.zip",
    )
    assert [f for f in out.rglob("*") if f.is_file()] == []
    assert not (tmp_path / "r.csv").exists()


def test_damaged_bytes_inside_the_timetable(railshed: Command, tmp_path: Path) -> None:
    """A zip whose contents fail their checksum is refused, not read in part."""
    folder = copied(tmp_path)
    archive = folder / "timetable.zip"
    whole = bytearray(archive.read_bytes())
    whole[200:260] = bytes(60)
    archive.write_bytes(bytes(whole))
    assert_mistake(railshed("circle", "mid", "-n", folder, "-o", tmp_path / "out"), "timetable.zip")


def test_unknown_station_in_the_lines(railshed: Command, tmp_path: Path) -> None:
    """A station of lines.csv that is neither known nor given by lon and lat is named with
    its line.
    """
    folder = copied(tmp_path)
    lines = folder / "lines.csv"
    text = lines.read_text(encoding="utf-8").replace(
        "southwest,西南坡,Slopeside,99.8,0.1", "southwestt,西南坡,Slopeside,,"
    )
    lines.write_text(text, encoding="utf-8")
    done = railshed("circle", "mid", "-n", folder, "-o", tmp_path / "out")
    assert_mistake(done, "'sw'", "southwestt")
    assert [f for f in (tmp_path / "out").rglob("*") if f.is_file()] == []


def test_unknown_core_station(railshed: Command, tmp_path: Path) -> None:
    """A core station that is not in the timetable is named with its row."""
    folder = copied(tmp_path)
    core = folder / "core_stations.csv"
    core.write_text(
        core.read_text(encoding="utf-8").replace("mid,mid,", "mid,midd,"), encoding="utf-8"
    )
    assert_mistake(railshed("circle", "mid", "-n", folder), "core_stations.csv", "'midd'")


def test_all_problems_of_a_scenario_at_once(railshed: Command, tmp_path: Path) -> None:
    """An unknown station, a hop too many and a headway of 0 are all reported, with their places in
    the file.
    """
    text = PLAN.replace('"中城"]', '"中成"]').replace("[18]", "[18, 3]").replace("= 10", "= 0")
    done = railshed(
        "compare", "mid", "-n", "toy", "-s", plan(tmp_path, text), "-o", tmp_path / "out"
    )
    assert_mistake(done, "plan.toml", "中成", "中城", "hop_minutes", "headway_minutes")
    assert [f for f in (tmp_path / "out").rglob("*") if f.is_file()] == []


def test_scenario_that_is_no_toml(railshed: Command, tmp_path: Path) -> None:
    """A file that is no TOML, or no text at all."""
    assert_mistake(
        railshed("compare", "mid", "-n", "toy", "-s", plan(tmp_path, "a = [")), "plan.toml"
    )
    binary = tmp_path / "binary.toml"
    binary.write_bytes(b"\xff\xfe\x00")
    assert_mistake(railshed("compare", "mid", "-n", "toy", "-s", binary), "binary.toml")
    assert_mistake(railshed("compare", "mid", "-n", "toy", "-s", tmp_path), str(tmp_path))
    assert_mistake(railshed("circle", "mid", "-n", "toy", "--readings", binary), "binary.toml")


@pytest.mark.parametrize("below", [False, True])
def test_output_that_cannot_be_written(railshed: Command, tmp_path: Path, below: bool) -> None:
    """A file where the output folder should be, or above it: told before the work, the file
    untouched.
    """
    blocker = tmp_path / "blocker"
    blocker.write_text("mine", encoding="utf-8")
    out = blocker / "sub" if below else blocker
    assert_mistake(railshed("circle", "mid", "-n", "toy", "-o", out), str(out))
    assert_mistake(
        railshed("compare", "mid", "-n", "toy", "-s", plan(tmp_path), "-o", out), str(out)
    )
    target = blocker / "r.csv" if below else tmp_path
    assert_mistake(railshed("reach", "--station", "mid", "-n", "toy", "-o", target), str(target))
    assert blocker.read_text(encoding="utf-8") == "mine"
    assert {f.name for f in tmp_path.iterdir()} == {"blocker", "plan.toml"}


def test_basemap_that_cannot_be_read(railshed: Command, tmp_path: Path) -> None:
    """A basemap that is absent or no map: told, and nothing written."""
    broken = tmp_path / "broken.gpkg"
    broken.write_text("no map", encoding="utf-8")
    for file in (tmp_path / "absent.gpkg", broken):
        done = railshed("circle", "mid", "-n", "toy", "-o", tmp_path / "out", "--basemap", file)
        assert_mistake(done, file.name)
        assert [f for f in (tmp_path / "out").rglob("*") if f.is_file()] == []


# --- the process --------------------------------------------------------------------------------


def printed_by(commands: list[list[str]]) -> str:
    """Return what a process prints that runs these commands one after the other, then its heavy
    modules.
    """
    script = (
        "import sys\nfrom railshed.cli import main as cli\n"
        f"for words in {commands!r}:\n"
        "    sys.argv = ['railshed', *words]\n"
        "    try:\n        cli.main()\n    except SystemExit as leave:\n        assert not "
        "leave.code\n"
        "heavy = {'numba', 'numpy', 'pandas', 'geopandas', 'shapely', 'pyproj', 'matplotlib', "
        "'networkx', 'pyarrow'}\nprint('HEAVY', *sorted(heavy & set(sys.modules)))\n"
    )
    child = process("-c", script)
    out, err = child.communicate()
    assert child.returncode == 0, err
    return str(out)


def test_help_needs_no_heavy_library() -> None:
    """--help of the tool and of every command imports none of numba, numpy, pandas, geopandas,
    matplotlib.
    """
    names = (["circle"], ["reach"], ["compare"], ["cities"], ["networks"], [])
    out = printed_by([["--version"], *([*name, "--help"] for name in names)])
    assert out.rstrip().endswith("HEAVY")
    assert "circle" in out


@pytest.mark.slow
@pytest.mark.usefixtures("own_cache")
def test_a_printed_circle_needs_no_table_of_pandas(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second one, of a cached network, imports numba, numpy, pyproj and shapely alone; so does
    its car.
    """
    monkeypatch.delenv("RAILSHED_NETWORK_CACHE")
    ask = ["circle", "mid", "-n", "toy", "--car"]
    first, second = (printed_by([ask]).rsplit("HEAVY", 1) for _ in range(2))
    assert second == [first[0], " numba numpy pyproj shapely\n"]


def test_no_arguments_print_the_help(railshed: Command) -> None:
    """`railshed` alone shows the commands."""
    done = railshed()
    assert "circle" in done.out + done.err
    assert "Traceback" not in done.err


def test_version(railshed: Command) -> None:
    """--version prints the package's version."""
    import railshed as package

    done = railshed("--version")
    assert (done.code, done.out.strip()) == (0, f"railshed {package.__version__}")


def test_a_defect_is_not_hidden(railshed: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error that is no user's mistake keeps its traceback."""

    def broken() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("railshed.io.networks.list_networks", broken)
    with pytest.raises(ZeroDivisionError):
        railshed("networks")


def test_interrupt_in_a_command(railshed: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C ends with 130 and a sentence."""

    def stopped() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("railshed.io.networks.list_networks", stopped)
    done = railshed("networks")
    assert done.code == cli.EXIT_STOPPED
    assert "stopped" in done.err


@pytest.mark.slow
@pytest.mark.china
@pytest.mark.skipif(not CHINA.is_file(), reason="networks/china is absent")
@pytest.mark.skipif(os.name == "nt", reason="signals of a terminal")
def test_ctrl_c_on_long_work(tmp_path: Path) -> None:
    """SIGINT while all cities are computed: exit code 130, no traceback, no folder and nothing
    beside it.
    """
    out = tmp_path / "out"
    arguments = ("-m", "railshed", "circle", "--all", "--without-map", "-o", str(out))
    heard = partial(
        signal.signal, signal.SIGINT, signal.SIG_DFL
    )  # ignored where the tests run in the background
    child = process(*arguments, start_new_session=True, preexec_fn=heard)
    deadline = time.monotonic() + 300
    while (
        time.monotonic() < deadline
        and child.poll() is None
        and not list(tmp_path.glob(".railshed-*.new/*.csv"))
    ):
        time.sleep(0.1)
    assert child.poll() is None, child.communicate()[1]
    child.send_signal(signal.SIGINT)
    _, err = child.communicate(timeout=240)
    assert child.returncode == cli.EXIT_STOPPED, err
    assert "Traceback" not in err
    assert "stopped" in err
    assert list(tmp_path.iterdir()) == []


def test_check_lists_every_problem_and_ends_with_1(railshed: Command, tmp_path: Path) -> None:
    """A sound network ends with 0; wrong cells of cities.csv are all listed, with row and field,
    and end with 1.
    """
    good = railshed("check", "toy")
    assert (good.code, good.out.splitlines()[0].strip()) == (0, "toy: 0 errors, 0 warnings.")
    folder = copied(tmp_path)
    cities = folder / "cities.csv"
    text = cities.read_text(encoding="utf-8")
    assert text.count("07:30-09:30") >= 2
    cities.write_text(text.replace("07:30-09:30", "09:30-07:30"), encoding="utf-8")
    bad = railshed("check", folder, "--json")
    assert bad.code == 1
    found = json.loads(bad.out)
    assert [(i["severity"], i["file"], i["row"], i["field"]) for i in found[:2]] == [
        ("error", "cities.csv", 1, "window_to"),
        ("error", "cities.csv", 2, "window_to"),
    ]
    assert f"{len(found)} errors, 0 warnings" in railshed("check", folder).out
    assert railshed("check", tmp_path / "nothing").code == 2


@pytest.mark.parametrize("lost", [ImportError("initialization failed"), None])
def test_a_stop_that_compiled_code_lost_is_a_stop(
    railshed: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, lost: Exception | None
) -> None:
    """Another error in place of the interrupt, or none: exit code of the signal, and no file takes
    its place.
    """
    target = tmp_path / "file.txt"
    target.write_text("old", encoding="utf-8")

    def stopped(**_: object) -> int:
        files.STOPPED_BY.append(signal.SIGTERM)
        if lost is not None:
            raise lost
        with contextlib.suppress(KeyboardInterrupt):
            files.write_file(target, "new")
        return 0

    monkeypatch.setattr(files, "STOPPED_BY", [])
    monkeypatch.setattr(cli, "STOPPED_BY", files.STOPPED_BY)
    monkeypatch.setattr(cli, "application", lambda _: stopped)
    done = railshed("cities")
    assert (done.code, done.err) == (143, "stopped; nothing half-written was left\n")
    assert target.read_text(encoding="utf-8") == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["file.txt"]
