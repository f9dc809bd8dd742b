"""Candidates files and `railshed rank`: every mistake at once with its line; what is printed sums up."""

from __future__ import annotations

import json
import tomllib

import jsonschema
import pytest

from clirunner import Command, assert_mistake, command_line
from railshed.candidatefile import Budget, budget_of, candidates_schema, read_candidates
from railshed.errors import InputError, ParameterError
from railshed.ranking import rank_candidates

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
def cli(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    return command_line(monkeypatch, capsys)


@pytest.fixture
def file(tmp_path):
    (tmp_path / "b.toml").write_text(B, encoding="utf-8")
    (tmp_path / "all.toml").write_text(GOOD, encoding="utf-8")
    return tmp_path / "all.toml"


def test_both_ways_to_name_a_scenario(file):
    """Modifications in the file itself or a scenario file beside it; lengths and costs as written; the schema holds."""
    one, other = read_candidates(file)
    assert [(c.name, c.km, c.cost, len(c.scenario.modifications)) for c in (one, other)] == [
        ("A", 20, 10.5, 1), ("B", 25, 3, 1),
    ]  # fmt: skip
    jsonschema.validate(tomllib.loads(GOOD), candidates_schema())


def test_every_mistake_with_its_line(file):
    """Seven mistakes of three candidates, each with the line where it stands."""
    file.write_text(BAD, encoding="utf-8")
    with pytest.raises(InputError) as told:
        read_candidates(file, Budget(10, "km"))
    for words in (
        "candidate 1 (line 3): is not such a number (given: '-3')", "candidate 1 (line 4): is not known",
        "missing.toml", "candidate 2 (line 8): candidate 1 has this name",
        "candidate 2 (line 7): needs a scenario file",
        "candidate 2 (line 7): the budget is 10 km, and it has none", "candidate 3 (line 11): needs a name",
        "candidate 3 (line 14): needs a scenario file or modifications, one of the two",
    ):  # fmt: skip
        assert words in str(told.value)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(tomllib.loads(BAD), candidates_schema())


def test_lines_of_modifications_within(file):
    """A station that is not known stands at its own line of the candidates file."""
    file.write_text(GOOD.replace('"east"]', '"nowhere"]'), encoding="utf-8")
    with pytest.raises(InputError, match=r"all.toml field stops\[2\]: modification 1 \(line 11\).*nowhere"):
        rank_candidates("toy", file, cities=["mid"])


def test_ranked_by_hand(file):
    """On the grid city A alone brings 32,000 people within the hour, both bring no more; 20 km buy A, which is best."""
    found = rank_candidates("toy", file, cities="mid", budget="20km")
    assert next((row["name"], row["gain"], row["gain_per_km"]) for row in found.table) == ("A", 32_000, 1_600)
    assert sum(found.shapley) == found.total == 32_000
    assert all(value == int(value) for value in found.shapley)
    assert found.choice is not None
    assert (found.choice.greedy.parts, found.choice.best.parts, found.choice.gap) == ((0,), (0,), 0)
    assert rank_candidates("toy", file, region="mid-area", budget="20km").table == found.table


def test_arguments_are_told(file):
    """Both a city and a region, neither, and a budget without a unit: what is allowed."""
    for given in ({"cities": ["mid"], "region": "toy"}, {}):
        with pytest.raises(ParameterError, match="one of the two: cities="):
            rank_candidates("toy", file, **given)
    with pytest.raises(ParameterError, match="120km"):
        budget_of("120")
    assert (budget_of("500亿"), budget_of("1.5 km")) == (Budget(500, "cost"), Budget(1.5, "km"))


def test_the_command(file, cli):
    """The table prints the sum of the Shapley values beside the total gain, JSON both; a mistake leaves with 2."""
    done = cli("rank", file, "-n", "toy", "--city", "mid", "--budget", "20km")
    assert done.code == 0
    assert "total gain" in done.out
    assert "greedy is 0.0% below the optimum" in done.out
    plain = json.loads(cli("rank", file, "-n", "toy", "--city", "mid", "--json").out)
    assert plain["shapley_sum"] == plain["total_gain"] == 32_000
    assert_mistake(cli("rank", file, "-n", "toy", "--city", "mid", "--budget", "20"), "120km")
    assert_mistake(cli("rank"), "candidates file")
    assert json.loads(cli("rank", "--schema").out) == candidates_schema()


def test_bars_on_stderr(file, cli):
    """A bar counts the sets of candidates and the links, unless it is turned off or JSON is asked for."""
    rank = ("rank", file, "-n", "toy", "--city", "mid")
    done = cli(*rank, "--progress")
    assert "sets of candidates" in done.err
    assert "sets of candidates" not in done.out
    assert "links, at most" in cli("suggest", "toy", "-n", "toy").err
    for quiet in ((*rank, "--no-progress"), (*rank, "--json"), ("suggest", "toy", "-n", "toy", "--no-progress")):
        assert "━" not in cli(*quiet).err


def test_ctrl_c_while_links_are_looked_for(tmp_path, cli, monkeypatch):
    """130, a sentence, and no folder that was not there before."""

    def stopped(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("railshed.suggestions._Search.result", stopped)
    done = cli("suggest", "toy", "-n", "toy", "-o", tmp_path / "out")
    assert done.code == 130
    assert "stopped" in done.err
    assert not (tmp_path / "out").exists()


def test_suggestions_are_headed(tmp_path, cli):
    """`suggest` says first that it screens, on the screen and in run.json."""
    done = cli("suggest", "toy", "-n", "toy", "-o", tmp_path / "out")
    assert done.code == 0
    assert done.out.startswith("screening / 筛选, not a proposal")
    assert "screening" in (tmp_path / "out" / "run.json").read_text(encoding="utf-8")
