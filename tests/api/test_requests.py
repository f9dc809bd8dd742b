"""Options of questions: declared once, with the bounds and defaults of what they set; further
columns beside people.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from railshed.api import requests
from railshed.api.requests import CircleRequest, CompareRequest, SuggestRequest
from railshed.assumptions.distributions import MOST_DRAWS
from railshed.comparisons.forecast import MOST_PLANS
from railshed.questions.rank.suggestions import LinkRules
from railshed.util.options import Option, Request, options_of
from tests.support.clirunner import Command, assert_mistake

QUESTIONS = [
    cls
    for cls in vars(requests).values()
    if isinstance(cls, type) and issubclass(cls, Request) and cls.command
]


def options(cls: type[Request]) -> dict[str, Option]:
    return {one.name: one for one in options_of(cls)}


@pytest.mark.parametrize("cls", QUESTIONS, ids=lambda cls: cls.command)
def test_an_option_stands_once_in_a_group(cls: type[Request]) -> None:
    """No name and no flag comes twice; each group is a heading of the help."""
    every = options_of(cls)
    flags = [flag for one in every for flag in one.flags.replace("/", " ").split()]
    assert len({one.name for one in every}) == len(every)
    assert len(set(flags)) == len(flags)
    assert {one.group for one in every} <= set(requests.GROUPS)


def test_bounds_and_defaults_are_those_of_what_they_set() -> None:
    """Draws, phases and the rules of suggested links."""
    assert options(CircleRequest)["draws"].bounds == (0, MOST_DRAWS)
    assert options(CompareRequest)["plans"].bounds == (0, MOST_PLANS)
    found, rules = options(SuggestRequest), LinkRules()
    names = {
        "min_km": "least_km",
        "detour": "least_detour",
        "max_trains": "most_trains",
        "per_km": "per_km",
        "number": "number",
        "appraise": "most_appraised",
    }
    assert {name: found[name].default for name in names} == {
        k: getattr(rules, v) for k, v in names.items()
    }
    assert f"default {rules.top_speed_kmh:g}" in found["top_speed"].help
    assert f"default {rules.headway_minutes:g}" in found["headway"].help


@pytest.mark.slow
def test_opportunities_are_counted_beside_the_people_of_the_network(
    railshed: Command, tmp_path: Path
) -> None:
    """500 jobs at the centre of mid: its 67,000 people stay, also where the file has people;
    run.json has the file.
    """
    jobs, both, out = tmp_path / "jobs.csv", tmp_path / "both.csv", tmp_path / "out"
    jobs.write_text("lon,lat,jobs\n100.0,0.3,500\n", encoding="utf-8")
    both.write_text("lon,lat,people,jobs\n100.0,0.3,7,500\n", encoding="utf-8")
    asked = ("circle", "mid", "-n", "toy", "--no-car", "--without-map")
    plain = json.loads(railshed(*asked, "--json").out)["cities"][0]
    for file in (jobs, both):
        done = railshed(*asked, "--opportunities", file, "-o", out)
        assert done.code == 0, done.err
        record = json.loads((out / "run.json").read_text(encoding="utf-8"))
        assert record["parameters"]["opportunities"] == [str(file)]
        assert record["population"]["columns"] == ["jobs"]
        found = record["results"][0]["corners"][0]["central"]["people"]
        assert found == plain["corners"][0]["central"]["people"] == 67_000
        assert "opportunities" not in CircleRequest().record()
    row = record["results"][0]["readings"]["door-to-station"]["table"][0]
    assert "jobs" in row
    assert railshed("verify", out / "run.json").code == 0
    assert_mistake(
        railshed(*asked, "--opportunities", jobs, "--population", both),
        "--population",
        "--opportunities",
    )
    both.write_text("lon,lat,people\n100.0,0.3,7\n", encoding="utf-8")
    assert_mistake(railshed(*asked, "--opportunities", both), "no column but people")


def test_help_lists_options_by_purpose(railshed: Command) -> None:
    """Headings in the order of GROUPS, -o first among the files."""
    text = railshed("circle", "--help").out
    places = [text.index(f"\n{group}:\n") for group in requests.GROUPS]
    assert places == sorted(places)
    assert text.split("Files and maps:\n")[1].startswith("  -o, --out DIR")
