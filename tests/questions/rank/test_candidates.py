"""Candidates files and `railshed rank`: every mistake at once with its line; what is printed sums
up.
"""

from __future__ import annotations

import csv
import json
import re
import tomllib
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import jsonschema
import pytest

from railshed.api.appraisal import rank_candidates
from railshed.comparisons.objective import objective_of
from railshed.questions.rank.candidates import (
    Budget,
    budget_of,
    candidates_schema,
    read_candidates,
    shipped_candidates,
)
from railshed.questions.rank.ranking import definition_of
from railshed.util.errors import InputError, ParameterError
from railshed.util.phrases import phrase
from tests.support.clirunner import assert_mistake

GOOD = """title = "two lines"

[[candidate]]
name = "A"
km = 20
cost = 10.5

[[candidate.modification]]
type = "add-trips"
name = "A"
stops = ["mid", "east"]
hop_minutes = [10]

[[candidate.modification.frequencies]]
start_time = "05:00"
end_time = "23:00"
headway_minutes = 10

[[candidate]]
name = "B"
km = 25
cost = 3
scenario = "b.toml"
"""
B = """[[modification]]
type = "add-trips"
name = "B"
stops = ["east", "southeast"]
hop_minutes = [10]
frequencies = [{start_time = "05:00", end_time = "23:00", headway_minutes = 10}]
"""
BAD = """[[candidate]]
name = "A"
km = -3
colour = "red"
scenario = "missing.toml"

[[candidate]]
name = "A"
cost = 3

[[candidate]]
km = 5
scenario = "b.toml"
modification = []
"""


@pytest.fixture
def file(tmp_path):
    (tmp_path / "b.toml").write_text(B, encoding="utf-8")
    (tmp_path / "all.toml").write_text(GOOD, encoding="utf-8")
    return tmp_path / "all.toml"


def rows_of(path):
    with path.open(encoding="utf-8-sig", newline="") as table:
        return list(csv.DictReader(table))


def test_both_ways_to_name_a_scenario(file):
    """Modifications in the file itself or a scenario file beside it; lengths and costs as written;
    the schema holds.
    """
    one, other = read_candidates(file)
    assert [(c.name, c.km, c.cost, len(c.scenario.modifications)) for c in (one, other)] == [
        ("A", 20, 10.5, 1),
        ("B", 25, 3, 1),
    ]
    jsonschema.validate(tomllib.loads(GOOD), candidates_schema())


def test_every_mistake_with_its_line(file):
    """Seven mistakes of three candidates, each with the line where it stands."""
    file.write_text(BAD, encoding="utf-8")
    with pytest.raises(InputError) as error:
        read_candidates(file, Budget(10, "km"))
    for words in (
        "candidate 1 (line 3): is not such a number (given: '-3')",
        "candidate 1 (line 4): is not known",
        "missing.toml",
        "candidate 2 (line 8): candidate 1 has this name",
        "candidate 2 (line 7): needs a scenario file",
        "candidate 2 (line 7): the budget is 10 km, and it has none",
        "candidate 3 (line 11): needs a name",
        "candidate 3 (line 14): needs a scenario file or modifications, one of the two",
    ):
        assert words in str(error.value)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(tomllib.loads(BAD), candidates_schema())


def test_mistakes_at_the_top_of_a_scenario_stand_beside_those_of_the_file(file, tmp_path):
    """The seed of a scenario file and the length of another candidate are reported together."""
    (tmp_path / "b.toml").write_text(f"seed = 'x'\n{B}", encoding="utf-8")
    file.write_text(GOOD.replace("km = 20", "km = -1"), encoding="utf-8")
    with pytest.raises(InputError, match=r"2 problems") as error:
        read_candidates(file)
    assert "b.toml field seed: line 1" in str(error.value)


def test_lines_of_modifications_within(file):
    """A station that is not known stands at its own line of the candidates file."""
    file.write_text(GOOD.replace('"east"]', '"nowhere"]'), encoding="utf-8")
    with pytest.raises(
        InputError, match=r"all.toml field stops\[2\]: modification 1 \(line 11\).*nowhere"
    ):
        rank_candidates("toy", file, cities=["mid"])


def test_ranked_by_hand(file):
    """On the grid city A alone brings the 32,000 of southeast within 90 minutes door to door, both
    no more; 20 km buy A. Without it they are beyond: 83 minutes (networks/toy/README.md) and half
    of the 29 by which an hourly train is early at the 60th of 120 deadlines."""
    found = rank_candidates("toy", file, cities="mid", budget="20km", objective="people90")
    assert next((row["name"], row["gain"], row["gain_per_km"]) for row in found.rows) == (
        "A",
        32_000,
        1_600,
    )
    assert sum(found.shapley) == found.total == 32_000
    assert all(value == int(value) for value in found.shapley)
    assert found.choice is not None
    assert (found.choice.greedy.parts, found.choice.best.parts, found.choice.gap) == ((0,), (0,), 0)
    again = rank_candidates("toy", file, region="mid-area", budget="20km", objective="people90")
    assert again.table == found.table


def test_arguments_are_told(file):
    """Both a city and a region, neither, and a budget without a unit: what is allowed."""
    for given in ({"cities": ["mid"], "region": "toy"}, {}):
        with pytest.raises(ParameterError, match="one of the two: cities="):
            rank_candidates("toy", file, **given)
    with pytest.raises(ParameterError, match="120km"):
        budget_of("120")
    assert (budget_of("500亿"), budget_of("1.5 km")) == (Budget(500, "cost"), Budget(1.5, "km"))


def test_the_command(file, cli):
    """The table prints the sum of the Shapley values beside the total gain, JSON both; a mistake
    leaves with 2.
    """
    done = cli(
        "rank",
        file,
        "-n",
        "toy",
        "--city",
        "mid",
        "--budget",
        "20km",
        "--objective",
        "people90",
        "--full",
    )
    assert done.code == 0
    assert "total gain" in done.out
    assert "greedy is 0.0% below the optimum" in done.out
    people90 = ("--objective", "people90")
    plain = json.loads(cli("rank", file, "-n", "toy", "--city", "mid", *people90, "--json").out)
    assert plain["shapley_sum"] == plain["total_gain"] == 32_000
    assert_mistake(cli("rank", file, "-n", "toy", "--city", "mid", "--budget", "20"), "120km")
    assert_mistake(cli("rank"), "candidates file")
    assert json.loads(cli("rank", "--schema").out) == candidates_schema()


def test_files_of_a_ranking(file, cli, tmp_path):
    """Lines, plans and pairs in whole persons; run.json holds the candidates file and each
    scenario's text.

    Either brings the same 32,000 people and both bring no more: last in each is worth nothing, the
    Shapley values are half of it, and the pair is 32,000 below its sum.
    """
    out = tmp_path / "out"
    options = (
        "--city",
        "mid",
        "--budget",
        "20km",
        "--objective",
        "people90",
        "-o",
        out,
        "--no-progress",
    )
    asked = ("rank", file, "-n", "toy", *options)
    done = cli(*asked)
    assert done.code == 0, done.err
    assert {f.name for f in out.iterdir()} == {
        "ranking.csv",
        "plans.csv",
        "pairs.csv",
        "ranking.png",
        "run.json",
    }
    lines, plans, pairs = (rows_of(out / f"{name}.csv") for name in ("ranking", "plans", "pairs"))
    assert [(r["name"], r["gain"], r["last_in"], r["shapley"]) for r in lines] == [
        ("A", "32000", "0", "16000"),
        ("B", "32000", "0", "16000"),
    ]
    assert [(r["plan"], r["names"], r["gain"], r["price"], r["gap"]) for r in plans] == [
        ("greedy", "A", "32000", "20.0", "0.0"),
        ("best", "A", "32000", "20.0", "0.0"),
    ]
    assert [(r["one"], r["other"], r["together"], r["beyond_alone"]) for r in pairs] == [
        ("A", "B", "32000", "-32000")
    ]
    run = json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert run["candidates_file"]["text"] == GOOD
    assert run["parameters"]["budget"] == "20km"
    assert run["parameters"]["candidates"] == "all.toml"
    assert [(one["name"], one["km"]) for one in run["scenarios"]] == [("A", 20), ("B", 25)]
    assert run["scenarios"][1]["files"][0]["text"] == B
    assert run["results"][0]["total_gain"] == 32_000
    first = {f.name: f.read_bytes() for f in out.iterdir()}
    assert cli(*asked).code == 0
    assert {f.name: f.read_bytes() for f in out.iterdir()} == first
    assert cli(*asked[:-3], "-o", tmp_path / "bare", "--without-map").code == 0
    assert not (tmp_path / "bare" / "ranking.png").exists()


def test_no_folder_is_left_where_nothing_is_ranked(file, cli, tmp_path):
    """A mistake leaves no empty folder behind."""
    assert_mistake(
        cli("rank", file, "-n", "toy", "--city", "nowhere", "-o", tmp_path / "out"), "nowhere"
    )
    assert not (tmp_path / "out").exists()


def test_what_two_lines_are_to_each_other(file):
    """Of two lines each earns what it gains alone and half of what the pair gains beyond."""
    found = rank_candidates("toy", file, cities="mid")
    alone = {row["name"]: row["gain"] for row in found.table}
    (pair,) = found.pairs
    assert pair["together"] == found.total > 0
    assert abs(pair["beyond_alone"] - (found.total - alone["A"] - alone["B"])) <= 1
    for row in found.rows:
        assert row["savers"] * row["mean_minutes"] == pytest.approx(
            row["gain"], rel=0.01
        )  # written to 0.01 min
        assert row["within_90"] == 32_000  # as in people90: in every draw
        assert (
            abs(row["shapley"] - alone[row["name"]] - pair["beyond_alone"] / 2) <= 1
        )  # whole persons


def test_alternatives_are_ranked_and_never_built_together(file, cli, tmp_path):
    """A second way to build A, named alike: who excludes whom is printed and written, and one of
    them is chosen.
    """
    again = GOOD[GOOD.index("[[candidate]]") : GOOD.index('[[candidate]]\nname = "B"')]
    file.write_text(
        GOOD + again.replace('name = "A"', 'name = "A2"', 1).replace("[10]", "[12]"),
        encoding="utf-8",
    )
    people90 = ("--objective", "people90")
    done = cli(
        "rank",
        file,
        "-n",
        "toy",
        "--city",
        "mid",
        "--budget",
        "80km",
        *people90,
        "--full",
        "-o",
        tmp_path / "out",
    )
    assert done.code == 0, done.err
    assert "A and A2 exclude each other: error duplicate-key" in done.out
    (row,) = rows_of(tmp_path / "out" / "alternatives.csv")
    assert (row["one"], row["other"]) == ("A", "A2")
    chosen = [set(r["names"].split("|")) for r in rows_of(tmp_path / "out" / "plans.csv")]
    assert len(chosen) == 2
    assert not [names for names in chosen if names >= {"A", "A2"}]
    plain = json.loads(cli("rank", file, "-n", "toy", "--city", "mid", *people90, "--json").out)
    assert plain["shapley_sum"] == plain["total_gain"] == 32_000
    assert [(r["one"], r["other"]) for r in plain["alternatives"]] == [("A", "A2")]
    assert {(r["one"], r["other"]) for r in plain["pairs"]} == {("A", "B"), ("B", "A2")}
    zh = cli("rank", file, "-n", "toy", "--city", "mid", "--full", "--lang", "zh").out
    assert "A、A2 只能建其一" in zh


def test_a_new_terminal_is_named_and_counts_for_nothing(file, cli):
    """A line that adds a terminal says so, and is worth what it is without: the goal is that of the
    city today.
    """
    station = '{name = "new", id = "new", lon = 100.5, lat = 0.31, core_city = "mid"}'
    found = {}
    for text in (station, station.replace(', core_city = "mid"', "")):
        file.write_text(GOOD.replace('"mid", "east"]', f'"mid", {text}]'), encoding="utf-8")
        for row in rank_candidates("toy", file, cities="mid", objective="minutes-s").table:
            found.setdefault(row["name"], []).append(row)
    assert [row.pop("new_terminals") for row in found["A"]] == [["new"], []]
    assert found["A"][0] == found["A"][1]
    file.write_text(GOOD.replace('"mid", "east"]', f'"mid", {station}]'), encoding="utf-8")
    out = cli("rank", file, "-n", "toy", "--city", "mid").out
    assert "new terminals, not counted as the city: A (new)" in out


def test_in_chinese(file, cli):
    """Tables, remarks and the heading in Chinese, people in 万; the words of `choose` are
    translated whole.
    """
    options = ("-n", "toy", "--city", "mid", "--budget", "20km", "--full", "--lang", "zh")
    assert (
        "居民每人一次出行乘轨道交通(门到门)节省的分钟之和，在07:30—09:30之间一半到达时刻"
        in cli("rank", file, *options).out
    )
    out = cli("rank", file, *options, "--objective", "people90").out
    for words in (
        "90分钟内的人口",
        "沙普利",
        "3.2万",
        "总收益",
        "全部子集",
        "精确最优：A：+3.2万人，用20 km",
        "贪心比最优低0.0%",
    ):
        assert words in out
    assert not [
        word for word in ("Shapley", "alone", "greedy", "optimum", "gain", "yes") if word in out
    ]
    out = cli("suggest", "toy", "-n", "toy", "--full", "--lang", "zh").out
    assert "此为筛选，不是建议方案。" in out.splitlines()[0]
    for words in ("直达车", "上界", "同一走廊"):
        assert words in out
    assert not [
        word for word in ("trains", "at most", "corridor", "ranked", "people within") if word in out
    ]


@pytest.mark.parametrize("key", ["gain", "gain_per_cost", "pairs", "optimum", "best_found"])
def test_every_way_of_choosing_has_chinese_words(key):
    """No English word is left of what `choose` says about a plan."""
    assert not re.search("[a-z]", phrase(f"how_{key}", how="", n=4).zh)


@pytest.mark.china
@pytest.mark.parametrize("name", sorted(shipped_candidates()))
def test_shipped_candidates(name):
    """Each file is found by its name, holds to the schema, and every line has a length and its
    source.
    """
    path = shipped_candidates()[name]
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    jsonschema.validate(data, candidates_schema())
    found = read_candidates(Path(name))
    assert [one.name for one in found] == [table["name"] for table in data["candidate"]]
    assert all(one.km for one in found)
    assert all(table["description"] for table in data["candidate"])
    source = (
        Path(__file__).parents[3].parent
        / "shared"
        / "data"
        / "china"
        / "reference"
        / "proposed_lines.csv"
    )
    if source.is_file():
        text = source.read_text(encoding="utf-8")
        assert all(f"{one.cost:g}" in text for one in found if one.cost is not None)
        assert all(f"{one.km:g}" in text for one in found)


def test_figures_as_written():
    """Persons are whole, other columns have three decimals; a bound is never rounded
    below itself.
    """
    people, area = objective_of("people60"), objective_of("area60")
    assert (
        people.rounded(1234.5678),
        people.rounded(1234.2, up=True),
        people.rounded(5.0, up=True),
    ) == (1235, 1235, 5)
    assert (area.rounded(0.12345), area.rounded(0.12301, up=True), area.rounded(2.0, up=True)) == (
        0.123,
        0.124,
        2,
    )


@pytest.mark.slow
def test_bars_on_stderr(file, cli):
    """A bar counts the sets of candidates and the links, unless it is turned off or JSON is asked
    for.
    """
    rank = ("rank", file, "-n", "toy", "--city", "mid")
    done = cli(*rank, "--progress")
    assert "sets of candidates" in done.err
    assert "sets of candidates" not in done.out
    assert "links, at most" in cli("suggest", "toy", "-n", "toy").err
    for quiet in (
        (*rank, "--no-progress"),
        (*rank, "--json"),
        ("suggest", "toy", "-n", "toy", "--no-progress"),
    ):
        assert "━" not in cli(*quiet).err


def test_ctrl_c_while_links_are_looked_for(tmp_path, cli, monkeypatch):
    """130, a sentence, and no folder that was not there before."""

    def stopped(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("railshed.questions.rank.suggestions._Search.result", stopped)
    done = cli("suggest", "toy", "-n", "toy", "-o", tmp_path / "out")
    assert done.code == 130
    assert "stopped" in done.err
    assert not (tmp_path / "out").exists()


def test_suggestions_are_headed(tmp_path, cli):
    """`suggest` says first that it screens, on the screen and in run.json."""
    few = (
        "--number",
        1,
        "--detour",
        1,
        "--max-trains",
        500,
        "--min-km",
        5,
        "--top-speed",
        350,
        "--plans",
        2,
    )
    done = cli("suggest", "toy", "-n", "toy", *few, "-o", tmp_path / "out")
    assert done.code == 0
    assert "Screening, not a proposal." in done.out.splitlines()[0]
    assert "screening" in (tmp_path / "out" / "run.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("cities", [["mid"], ["mid", "east"]])
def test_a_core_station_without_a_city_is_that_of_the_one_city(file, cities):
    """terminal = true joins the city that is ranked for; with two of them the city has to
    be named.
    """
    station = '{name = "new", id = "new", lon = 100.5, lat = 0.31, terminal = true}'
    file.write_text(GOOD.replace('"mid", "east"]', f'"mid", {station}]'), encoding="utf-8")
    if len(cities) > 1:
        with pytest.raises(InputError, match="does not say of which city"):
            rank_candidates("toy", file, cities=cities)
    else:
        found = {
            row["name"]: row["new_terminals"]
            for row in rank_candidates("toy", file, cities=cities).table
        }
        assert found == {"A": ["new"], "B": []}


@pytest.mark.parametrize(
    ("counties", "bare", "said"),
    [(True, (), True), (True, ("east",), True), (True, ("mid", "east"), False), (False, (), False)],
)
def test_a_definition_says_where_a_city_proper_is_left_out(toy, toy_run, counties, bare, said):
    """Where the network has counties and one city at least has some of its own."""
    network = toy if counties else replace(toy, counties=None)
    cities = [toy.get_city(slug) for slug in ("mid", "east")]
    cities = [replace(city, proper_counties=()) if city.slug in bare else city for city in cities]
    run = SimpleNamespace(
        compiled=SimpleNamespace(network=network),
        readings=toy_run.readings,
        streets=None,
        assumptions=toy_run.assumptions,
    )
    en, zh = definition_of(run, cities, objective_of("people60"), "to")
    assert (phrase("outside_city_proper").en in en, phrase("outside_city_proper").zh in zh) == (
        said,
        said,
    )
