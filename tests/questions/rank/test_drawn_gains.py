"""Gains in draws against full circles, and the probability that one candidate gains more against
all pairs.
"""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from itertools import product

import numpy as np
import pytest

import railshed
from railshed.api.analysis import Analysis
from railshed.comparisons.objective import objective_of
from railshed.comparisons.plans import run_after
from railshed.network.model import Network
from railshed.questions.rank.candidates import CandidateLine
from railshed.questions.rank.drawn_gains import Drawn, draw_gains, first_of, n_drawn_of
from railshed.questions.rank.portfolio import ObjectiveEvaluator
from railshed.scenario.apply import resolve
from railshed.scenario.files import Scenario
from railshed.scenario.plan import with_seed
from tests.comparisons.test_forecast import NORTHWEST

N = 4


def line(name: str, headway: int) -> Scenario:
    """A line known by headway, whose departures are drawn."""
    period = {"start_time": "06:00", "end_time": "22:00", "headway_minutes": headway}
    return Scenario.from_dict(
        {"modification": [NORTHWEST | {"name": name, "frequencies": [period]}]}
    )


@pytest.mark.parametrize("goal", ["minutes", "people60", "area90", "minutes-t"])
def test_a_draw_gains_what_full_circles_gain(toy_run: Analysis, goal: str) -> None:
    """Of two cities united, draw by draw of a line's departures; the draws are sorted."""
    cities = [toy_run.compiled.network.get_city(slug) for slug in ("mid", "east")]
    evaluator, scenario = ObjectiveEvaluator(toy_run, cities, objective_of(goal)), line("nw", 25)
    (found,) = draw_gains(evaluator, [scenario], N)
    assert found.gains is not None
    full = []
    for draw in range(N):
        run = run_after(toy_run, resolve(toy_run.compiled.network, with_seed([scenario], draw)))
        full.append(evaluator.value([evaluator.inside_of([run], city) for city in cities]))
    before = evaluator.value([evaluator.inside_of([toy_run], city) for city in cities])
    assert found.gains.tolist() == pytest.approx(sorted(value - before for value in full), rel=1e-9)
    assert found.gains.any()


def test_one_beats_another_as_often_as_pairs_say() -> None:
    """Over all pairs of draws, a tie counting half; both ways add up to one."""
    rng = np.random.default_rng(3)
    one, other = (np.sort(rng.integers(0, 9, 30).astype(float)) for _ in range(2))
    wins = [1.0 if a > b else 0.5 if a == b else 0.0 for a, b in product(one, other)]
    assert Drawn(one).beats(Drawn(other)) == pytest.approx(np.mean(wins))
    assert Drawn(other).beats(Drawn(one)) == pytest.approx(1 - np.mean(wins))
    assert Drawn(one).beats(Drawn(None)) is None


def test_the_first_is_told_from_the_others_or_not() -> None:
    """Below 0.8 they are close; where nothing gains anything there is nothing to say."""
    best, near, far = (Drawn(np.arange(10.0) + more) for more in (10, 8, 0))
    found = first_of([("a", best), ("b", near), ("c", far)])
    assert found is not None
    assert [name for name, _ in found.close] == ["b"]
    assert found.least_p == pytest.approx(0.68, abs=0.01)
    assert first_of([("a", Drawn(np.zeros(3)))]) is None
    assert first_of([("a", Drawn(None))]) is None


def test_ranks_say_what_draws_say(toy_run: Analysis) -> None:
    """The table has mean and middle 80 %, pairs a probability; a frequent line gains more than a
    rare one.
    """
    lines = [
        CandidateLine(name, line(name, headway)) for name, headway in (("rare", 90), ("often", 10))
    ]
    found = toy_run.rank(lines, cities=["mid"], n_plans=N)
    first, second = found.rows
    assert (first["name"], second["name"]) == ("often", "rare")
    assert first["drawn_low"] <= first["drawn_mean"] <= first["drawn_high"]
    assert found.pairs[0]["p_one"] in (0.0, 1.0)
    assert found.first is not None
    assert found.first.n_draws == N
    assert not found.first.close
    plain = toy_run.rank(lines, cities=["mid"], n_plans=0)
    assert plain.first is None
    assert "drawn_low" not in plain.rows[0]
    assert plain.rows[0]["gain"] == first["gain"]


def test_workers_draw_the_same(toy_run: Analysis) -> None:
    """The same draws from two processes, and none of a network without plans but its phases."""
    evaluator = ObjectiveEvaluator(
        toy_run, [toy_run.compiled.network.get_city("mid")], objective_of("minutes")
    )
    scenarios = [line("nw", 25), line("nw", 40)]
    alone = draw_gains(evaluator, scenarios, N)
    with ProcessPoolExecutor(2) as pool:
        apart = draw_gains(evaluator, scenarios, N, executor=pool)
    assert [one.gains.tolist() for one in apart if one.gains is not None] == [
        one.gains.tolist() for one in alone if one.gains is not None
    ]
    network = toy_run.compiled.network
    assert (n_drawn_of(network, None), n_drawn_of(network, 7)) == (20, 7)


@pytest.mark.slow
@pytest.mark.china
def test_a_network_that_says_how_it_runs_draws_service_plans(china: Network) -> None:
    """S11 gains more than S5 in every draw, and each has a range."""
    run = railshed.prepare(china)
    found = run.rank("china/cy", cities=["chengdu"], n_plans=10)
    by_name = {row["name"]: row for row in found.rows}
    assert found.first is not None
    assert found.first.name == "成德S11"
    assert not found.first.close
    assert by_name["成德S11"]["drawn_low"] < by_name["成德S11"]["drawn_high"]
