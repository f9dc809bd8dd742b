"""An `Analysis` gives what the public functions give."""

from __future__ import annotations

from pathlib import Path

import pytest

import railshed
from railshed.api.analysis import Analysis
from railshed.network.model import Network
from tests.support.small_networks import NEW_CORE_STATION


@pytest.fixture(scope="module")
def analysis(toy: Network) -> Analysis:
    return railshed.prepare(toy)


def test_methods_and_functions_give_the_same_figures(analysis: Analysis) -> None:
    assert isinstance(analysis, Analysis)
    alone = railshed.circle(analysis, "mid")
    again = analysis.circle("mid").summary
    assert again == alone.summary
    assert again.corners == alone.summary.corners
    assert [c.summary for c in analysis.circles(["mid"])] == [alone.summary]
    assert analysis.union(["mid", "east"]).union == analysis.union(["mid", "east"]).union


def test_compare_and_baseline(analysis: Analysis, tmp_path: Path) -> None:
    scenario = tmp_path / "line.toml"
    scenario.write_text(NEW_CORE_STATION, encoding="utf-8")
    row = railshed.compare(analysis, "mid", scenario).headline_row()
    assert analysis.compare("mid", scenario).headline_row() == row
    ((one,),) = analysis.comparisons(["mid"], [scenario])
    assert one.headline_row() == row
    change = analysis.baseline(["mid"]).with_scenario(scenario, city="mid")
    assert change.gained()["mid"] == row["people_gained"] - row["people_lost"]
