"""What a map must say of its data: rows of network.toml, not code that knows networks by their
names.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import railshed
from railshed.circles.definitions import GENERAL_LIMITS, STRAIGHT_LINES
from railshed.maps.from_network import limits_of
from railshed.questions.circle.map import circle_map
from railshed.util.bilingual import Words
from railshed.util.files import networks_root

OWN = """
[[limits]]
zh = "接入按直线距离估算"
en = "access on straight lines"

[[limits]]
zh = "试验"
en = "a trial"
"""


def test_a_network_of_ones_own_says_its_limits_on_its_map(tmp_path: Path) -> None:
    """Two rows appended to a copy of the toy under another name stand on its map, in their order;
    the toy has none.
    """
    folder = tmp_path / "mine"
    shutil.copytree(networks_root() / "toy", folder)
    with (folder / "network.toml").open("a", encoding="utf-8") as file:
        file.write(OWN)
    mine, toy = (railshed.load_network(ref) for ref in (folder, "toy"))
    assert mine.limits == (("接入按直线距离估算", "access on straight lines"), ("试验", "a trial"))
    warnings = circle_map(railshed.circle(mine, "mid")).warnings
    assert warnings == (
        Words("接入按直线距离估算", "access on straight lines"),
        Words("试验", "a trial"),
    )
    assert limits_of(toy, people=True) == GENERAL_LIMITS


@pytest.mark.parametrize("network_id", ["toy", "china"])
def test_streets_lift_the_limit_of_straight_lines(network_id: str) -> None:
    """Where streets are given no map says that access goes on straight lines; every other limit
    stays.
    """
    network = railshed.load_network(network_id, areas=False)
    without, along = (limits_of(network, people=True, streets=streets) for streets in (False, True))
    assert set(without) - set(along) == {STRAIGHT_LINES}
    assert not any("straight" in words.en for words in along)
