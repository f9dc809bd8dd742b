"""Measures against plain loops over their formulas, and what each promises as properties."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from railshed.questions.indicators import access, competition, equity, frequency, integration
from railshed.util.errors import ParameterError

MINUTES = st.one_of(st.floats(0.0, 200.0), st.just(math.inf))


def tables(n: int = 4, m: int = 3) -> st.SearchStrategy[np.ndarray]:
    return st.lists(st.lists(MINUTES, min_size=m, max_size=m), min_size=n, max_size=n).map(
        lambda rows: np.array(rows)
    )


WEIGHTS = st.lists(st.floats(0.0, 50.0), min_size=3, max_size=3).map(np.array)
VALUES = st.lists(st.integers(0, 1000), min_size=5, max_size=5).map(
    lambda x: np.array(x, float) / 10
)
PEOPLE = st.lists(st.integers(1, 40), min_size=5, max_size=5).map(lambda n: np.array(n, float))


@given(tables(), WEIGHTS)
def test_counts_by_loops(t: np.ndarray, w: np.ndarray) -> None:
    """Within cutoffs, the mean over an interval, the least minutes for an amount, the
    k-th nearest.
    """
    counts = access.cumulative(t, w, [30, 60])
    mean = access.cumulative_interval(t, w, 40, 44)
    amount = access.dual(t, w, float(w.sum()) / 2)
    second = access.nearest(t, 2)
    for i, row in enumerate(t.tolist()):
        pairs = sorted(zip(row, w.tolist(), strict=True), key=lambda pair: pair[0])
        for k, cutoff in enumerate((30, 60)):
            assert counts[i, k] == pytest.approx(sum(x for m, x in pairs if m <= cutoff))
        assert mean[i] == pytest.approx(
            sum(x for c in range(40, 45) for m, x in pairs if m <= c) / 5
        )
        total, least = 0.0, math.inf
        for m, x in pairs:
            total += x if math.isfinite(m) else 0.0
            if total >= w.sum() / 2 * (1 - 1e-12):
                least = m
                break
        assert amount[i] == least
        assert second[i] == pairs[1][0]
    assert np.isinf(access.nearest(t, 4)).all()


@given(tables(), WEIGHTS, st.sampled_from(access.DECAYS))
def test_decays_by_loops(t: np.ndarray, w: np.ndarray, name: str) -> None:
    """Each of R5's five, pair by pair; infinite width or a cutoff without end counts all with a
    journey.
    """
    formulas = {
        "step": lambda m: float(m <= 45),
        "exponential": lambda m: 2 ** (-m / 45),
        "fixed-exponential": lambda m: math.exp(-m / 45),
        "linear": lambda m: min(1.0, max(0.0, (50 - m) / 10)),
        "logistic": lambda m: (
            (1 + math.exp(-45 * math.pi / (10 * 3**0.5)))
            / (1 + math.exp(min(700.0, (m - 45) * math.pi / (10 * 3**0.5))))
        ),
    }
    found = access.decayed(t, w, name, 45)
    for i, row in enumerate(t.tolist()):
        plain = sum(
            formulas[name](m) * x for m, x in zip(row, w.tolist(), strict=True) if math.isfinite(m)
        )
        assert found[i] == pytest.approx(plain, abs=1e-9)
    every = access.cumulative(t, w, [1e9])[:, 0]
    assert access.decayed(t, w, "logistic", 45, math.inf) == pytest.approx(every)
    assert access.decayed(t, w, "exponential", 1e12) == pytest.approx(every, rel=1e-6)
    assert access.decayed(t, w, "linear", 45, 0) == pytest.approx(
        access.cumulative(t, w, [45])[:, 0]
    )


@given(tables(), WEIGHTS, st.integers(0, 11), st.floats(0.0, 100.0))
def test_a_shorter_journey_never_lowers_access(
    t: np.ndarray, w: np.ndarray, place: int, shorter: float
) -> None:
    """As trips that are added do: cumulative, decayed, potential, daily, integration never fall;
    dual never rises.
    """
    faster = t.copy()
    faster.flat[place] = min(faster.flat[place], shorter)
    for measure in (
        lambda x: access.cumulative(x, w, [30, 60]),
        lambda x: access.cumulative_interval(x, w, 40, 60),
        lambda x: access.potential(x, w),
        lambda x: access.daily(x, w),
        lambda x: access.rings(x, w),
        *(lambda x, n=name: access.decayed(x, w, n, 45) for name in access.DECAYS),
    ):
        assert (measure(faster) >= measure(t) - 1e-9).all()
    people = np.arange(1.0, 5.0)
    one, two = (integration.integration_index(x, people, 60, 20.0) for x in (t, faster))
    assert two >= one
    assert (access.dual(faster, w, 10.0) <= access.dual(t, w, 10.0)).all()
    assert (access.nearest(faster, 2) <= access.nearest(t, 2)).all()


def test_potential_elasticity_and_times() -> None:
    """By hand: 10 at 5 min and 40 at 20 min; twice the potential for half the minutes is an
    elasticity of -1.
    """
    t, w = np.array([[5.0, 20.0, math.inf]]), np.array([10.0, 40.0, 99.0])
    assert access.potential(t, w).tolist() == [4.0]
    assert access.potential(t, w, 2.0).tolist() == [0.5]
    assert access.elasticity(access.potential(t, w), access.potential(t / 2, w), 0.5).tolist() == [
        -1.0
    ]
    assert access.weighted_time(t, w).tolist() == [(50 + 800) / 50]
    assert np.isnan(access.weighted_time(np.array([[math.inf]]), np.ones(1))).all()
    assert access.rings(np.array([[50.0, 100.0, 170.0]]), np.array([1.0, 2.0, 4.0])).tolist() == [
        [1, 3, 7]
    ]
    with pytest.raises(ParameterError, match="allowed are step"):
        access.decay(t, "power", 45)


@given(tables(), WEIGHTS, st.lists(st.integers(0, 30), min_size=4, max_size=4))
def test_competition_by_loops(t: np.ndarray, supply: np.ndarray, people: list[int]) -> None:
    """2SFCA, E2SFCA and spatial availability pair by pair; what is handed out is what is there."""
    demand = np.array(people, float)
    zone = competition.zones(t, [30, 60], [1.0, 0.5])
    for pair in product(range(4), range(3)):
        assert zone[pair] == (1.0 if t[pair] <= 30 else 0.5 if t[pair] <= 60 else 0.0)
    for weight in (zone, (t <= 60).astype(float)):
        found = competition.floating_catchment(weight, demand, supply)
        plain = np.zeros(4)
        for j in range(3):
            crowd = sum(demand[k] * weight[k, j] for k in range(4))
            if crowd > 0:
                for i in range(4):
                    plain[i] += weight[i, j] * supply[j] / crowd
        assert found == pytest.approx(plain)
    reached = [j for j in range(3) if (demand * (t[:, j] <= 60)).sum() > 0]
    assert (demand * found).sum() == pytest.approx(supply[reached].sum())
    spread = competition.spatial_availability(access.decay(t, "exponential", 45), demand, supply)
    near = [j for j in range(3) if (demand * access.decay(t, "exponential", 45)[:, j]).sum() > 0]
    assert spread.sum() == pytest.approx(supply[near].sum())


@given(VALUES, PEOPLE, st.floats(0.1, 10.0))
def test_equity_by_definition(x: np.ndarray, n: np.ndarray, scale: float) -> None:
    """Gini is half the mean difference by the mean; all are free of scale; Theil's parts add up;
    bounds hold.
    """
    if not x.any():
        assert math.isnan(equity.gini(x, n))
        return
    mean, total = (x * n).sum() / n.sum(), n.sum()
    pairs = sum(abs(a - b) * p * q for (a, p), (b, q) in product(zip(x, n, strict=True), repeat=2))
    assert equity.gini(x, n) == pytest.approx(pairs / (2 * mean * total**2), abs=1e-9)
    assert 0 <= equity.gini(x, n) + 1e-12 <= 1
    each = np.repeat(x, n.astype(int) * 10)  # a person a value, tenths and four tenths are whole
    each = np.sort(each)
    top, bottom = each[-len(each) // 10 :].sum(), each[: len(each) * 4 // 10].sum()
    if bottom > 1e-6 and len(each) % 10 == 0:
        assert equity.palma(x, n) == pytest.approx(top / bottom, rel=1e-6)
        assert equity.worst_tenth(x, n) == pytest.approx(each[: len(each) // 10].mean(), abs=1e-6)
    plain = (
        sum(p * (v / mean) * math.log(v / mean) for v, p in zip(x, n, strict=True) if v > 0) / total
    )
    parts = equity.theil(x, n, ["a", "b", "a", "b", "b"])
    assert parts["all"] == pytest.approx(plain, abs=1e-9)
    assert parts["between"] + parts["within"] == pytest.approx(parts["all"])
    assert parts["between"] >= -1e-9
    assert parts["within"] >= -1e-9
    for measure in (equity.gini, equity.palma, lambda a, b: equity.theil(a, b)["all"]):
        assert measure(x * scale, n) == pytest.approx(measure(x, n), rel=1e-6, abs=1e-9)
    assert equity.concentration(x, n, x) == pytest.approx(equity.gini(x, n), abs=1e-9)
    assert equity.concentration(x, n, -x) == pytest.approx(-equity.gini(x, n), abs=1e-9)


def test_ptal_by_hand() -> None:
    """4 min to 6 trains an hour: 30 / (4 + 5 + .75); a second one counts half; a bus beyond 8 min
    not at all.
    """
    rail = 30 / 9.75
    walk, often = np.array([4.0, 4.0, 9.0]), np.array([6.0, 6.0, 12.0])
    assert frequency.ptal_index(walk, often, ["rail", "rail", "bus"]) == pytest.approx(1.5 * rail)
    assert [frequency.ptal_level(index) for index in (0, 2.5, 2.6, 40, 40.1)] == [
        "0",
        "1a",
        "1b",
        "6a",
        "6b",
    ]
    assert frequency.ptal_index(walk, often * 2, ["rail", "rail", "bus"]) >= 1.5 * rail


def test_integration_by_hand() -> None:
    """Four cells of 1, 2, 3, 4 people, two cities in regions 0 and 1."""
    t = np.array([[30.0, 90.0], [70.0, 50.0], [math.inf, 40.0], [80.0, math.inf]])
    people, region, of_city = np.arange(1.0, 5.0), np.array([0, 0, 1, 2]), np.array([0, 1])
    assert integration.integration_index(t, people, 60, 10.0) == 0.6
    # own: cells 0 (within), 1 (not), 2 (within): 4 of 6; over: cell 1 alone: 2 of 10
    assert integration.boundary_effect(t, people, region, of_city, 60) == pytest.approx(
        (2 / 10) / (4 / 6)
    )
    more = integration.boundary_effect(
        t, people, region, of_city, 60, (20.0, 8.0)
    )  # on other cells live ten more
    assert more == pytest.approx((2 / 20) / (4 / 8))
    # one city, in region 0: over the line live cells 2 and 3, of whom 2 reaches it; own: cell 0 of
    # 0 and 1
    one = integration.boundary_effect(
        np.array([[10.0], [90.0], [50.0], [np.inf]]), people, region, of_city[:1], 60
    )
    assert one == pytest.approx((3 / 7) / (1 / 3))
    assert integration.served_over_border(t, people, region, of_city, 60) == pytest.approx(2 / 6)
    each = np.array([[0.0, 50.0, 70.0], [55.0, 0.0, 40.0], [50.0, 45.0, 0.0]])
    found = integration.mutual(each, 60)
    assert (found == found.T).all()
    assert found[0, 1]
    assert not found[0, 2]
    assert integration.labour(np.array([True, False, True, False]), people) == 4
    names = integration.quadrants(np.array([1.0, 9.0, 8.0, 0.0]), np.array([9.0, 8.0, 0.0, 1.0]))
    assert names == ["served unused", "both", "commuting unserved", "neither"]


@pytest.mark.parametrize(
    ("people", "total", "expected"),
    [
        ([1, 1, 1], None, 20),
        ([5, 1, 1], None, 30),
        ([1, 1, 5], None, 10),
        ([1, 1, 1], 5, 30),
        ([1, 1, 1], 7, np.inf),
    ],
)
def test_the_middle_of_people_by_hand(
    people: list[float], total: float | None, expected: float
) -> None:
    """Values of 30, 20 and 10: that of the person at a half; infinite where fewer than half have
    one.
    """
    assert equity.middle(np.array([30.0, 20.0, 10.0]), np.array(people, float), total) == expected
