"""Scenarios computed from a baseline equal full runs and circles, every cell and figure: random
ones, all shipped.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

import railshed
from railshed import Network
from railshed.comparisons.incremental.baseline import Baseline, Change, baseline
from railshed.scenario.apply import load_scenario, resolve
from railshed.scenario.files import Scenario, compose
from tests.support.random_worlds import check, compared

pytestmark = pytest.mark.peers
CHINA = Path(__file__).parents[2] / "networks" / "china"
#: lines that are removed and added back
BACKTESTS = ("jinshan", "chengguan", "fuxia")
BLOCK = 50


def equal_to_full(base: Baseline, one: Scenario, name: str) -> Change:
    """Return the change by a scenario once it equals the full run's and the circles."""
    resolved = resolve(base.run.compiled.network, one)
    change = base.with_scenario(one)
    assert change.method == "incremental", f"{name}: {change.why}"
    return compared(base, change, railshed.prepare(resolved.network), name)


def back_test(base: Baseline, name: str) -> None:
    """Remove a line, and add it back: to what is left, and in one scenario."""
    removed = load_scenario(CHINA / "backtests" / f"{name}-removed.toml")
    change = equal_to_full(base, removed, f"{name}-removed")
    assert change.cities
    left = railshed.prepare(resolve(base.run.compiled.network, removed).network)
    less = baseline(left, list(change.cities), direction=base.question.direction)
    its = replace(base, cities=tuple(b for b in base.cities if b.slug in change.cities))
    added = load_scenario(CHINA / "backtests" / f"{name}.toml")
    equal_to_full(less, added, f"{name} added back")
    equal_to_full(its, compose([removed, added]), f"{name} in its place")


@pytest.mark.china
@pytest.mark.slow
def test_a_line_of_chengdu(china: Network) -> None:
    """Line S5 changes Chengdu."""
    base = baseline(railshed.prepare(china), ["chengdu"])
    change = equal_to_full(
        base, load_scenario(CHINA / "scenarios" / "chengdu-s5.toml"), "chengdu-s5"
    )
    assert list(change.cities) == ["chengdu"]


@pytest.mark.acceptance
@pytest.mark.parametrize("first", range(0, 1_000, BLOCK))
def test_a_thousand_random_worlds(first: int) -> None:
    """Lines, and scenarios of all types, of random worlds: most can be read, and nearly none needs
    a full run.
    """
    changes = [
        change
        for seed in range(first, first + BLOCK)
        for change in check(seed)
        if change is not None
    ]
    methods = Counter(change.method for change in changes)
    assert len(changes) > 1.5 * BLOCK
    assert methods["incremental"] > 0.95 * len(changes)
    assert any(change.cities for change in changes)


@pytest.mark.china
@pytest.mark.acceptance
@pytest.mark.parametrize("direction", ["to", "from", "both"])
def test_all_shipped_scenarios(china: Network, direction: str) -> None:
    """In all cities of the network, all readings: the scenarios, and the back-tests beside them."""
    base = baseline(railshed.prepare(china), [c.slug for c in china.cities], direction=direction)
    for path in sorted((CHINA / "scenarios").glob("*.toml")):
        equal_to_full(base, load_scenario(path), path.stem)
    for name in BACKTESTS:
        back_test(base, name)
