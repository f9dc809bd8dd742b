"""Runs between two stops: worked out by hand, against a march in small steps, and as properties."""

from __future__ import annotations

import math

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from railshed.scenario.run_times.kinematics import (
    RollingStock,
    get_stock,
    rolling_stock,
    run_seconds,
    stock_for,
)
from railshed.util.errors import NotFoundError, ParameterError

#: 0.5 m/s2 at every speed, brakes at 1 m/s2
PLAIN = RollingStock("plain", "", "", 400, ((0, 0.5),), 1.0)
#: 0.5 m/s2 up to 36 km/h, 0.25 above
TIRED = RollingStock("tired", "", "", 400, ((0, 0.5), (36, 0.25)), 1.0)


def test_trapezoid():
    """To 20 m/s in 40 s over 400 m, 2,000 m at 20 m/s in 100 s, braking in 20 s over 200
    m: 160 s.
    """
    assert run_seconds(2600, 72, PLAIN) == pytest.approx(160)


def test_triangle():
    """300 m are too short for 72 km/h: the top speed squared is 200, and the run takes three times
    its root.
    """
    assert run_seconds(300, 72, PLAIN) == pytest.approx(3 * math.sqrt(200))


def test_acceleration_falls_with_speed():
    """20 s over 100 m to 10 m/s, 40 s over 600 m to 20 m/s, 85 s over 1,700 m, braking 20
    s: 165 s.
    """
    assert run_seconds(2600, 72, TIRED) == pytest.approx(165)


def test_limit_within():
    """36 km/h from 1,000 to 1,500 m: 40 + 22.5, braking to it 10, 50 within, 20 + 30, braking 20:
    192.5 s.
    """
    assert run_seconds(2600, 72, PLAIN, limits=[(1000, 1500, 36)]) == pytest.approx(192.5)


def test_limits_at_the_ends():
    """36 km/h over the first and last 500 m: 20 s + 40 s within, 20 s, 1,150 m at 20 m/s, 10 s, 45
    s, 10 s.
    """
    found = run_seconds(2600, 72, PLAIN, limits=[(0, 500, 36), (2100, 2600, 36)])
    assert found == pytest.approx(20 + 40 + 20 + 1150 / 20 + 10 + 45 + 10)


def test_the_slower_of_line_and_train():
    """A train of 72 km/h on a line of 350 km/h runs as on a line of 72 km/h."""
    slow = RollingStock("slow", "", "", 72, ((0, 0.5),), 1.0)
    assert run_seconds(2600, 350, slow) == run_seconds(2600, 72, PLAIN)


def march(length_m, top_kmh, stock, limits, step_m=1.0):
    """Return the seconds of the same run from speeds at every metre, forwards and backwards."""
    n = round(length_m / step_m)
    top = [
        min(
            [
                top_kmh,
                stock.top_kmh,
                *(k for a, b, k in limits if a < (i + 1) * step_m and b > i * step_m),
            ]
        )
        / 3.6
        for i in range(n)
    ]
    speed = [min(top[max(i - 1, 0)], top[min(i, n - 1)]) for i in range(n + 1)]
    speed[0] = speed[n] = 0.0
    for i in range(n):
        rate = [a for kmh, a in stock.accelerations if kmh / 3.6 <= speed[i] + 1e-9][-1]
        speed[i + 1] = min(speed[i + 1], math.sqrt(speed[i] ** 2 + 2 * rate * step_m))
    for i in range(n, 0, -1):
        speed[i - 1] = min(speed[i - 1], math.sqrt(speed[i] ** 2 + 2 * stock.braking_ms2 * step_m))
    return sum(2 * step_m / (speed[i] + speed[i + 1]) for i in range(n))


STOCKS = st.sampled_from(sorted(rolling_stock()))
PLACES = st.integers(0, 12_000)


@st.composite
def runs(draw, max_limits=4):
    """Return length, top speed, stock, limits."""
    length = draw(st.integers(1, 12_000))
    pairs = draw(st.lists(st.tuples(PLACES, PLACES, st.integers(5, 350)), max_size=max_limits))
    limits = [(min(a, b), max(a, b), k) for a, b, k in pairs if a != b and max(a, b) <= length]
    return length, draw(st.integers(20, 400)), get_stock(draw(STOCKS)), limits


@settings(max_examples=40, deadline=None)
@given(runs())
def test_equals_a_march_in_steps(run):
    """The closed form is within 1 % and a second of speeds found metre by metre."""
    length, top, stock, limits = run
    assume(length >= 20)
    expected = march(length, top, stock, limits)
    assert run_seconds(length, top, stock, limits=limits) == pytest.approx(
        expected, rel=0.01, abs=1.0
    )


@given(runs(), st.integers(1, 200), st.floats(1.0, 3.0))
def test_faster_is_never_slower(run, more, stronger):
    """A higher top speed, higher limits, stronger acceleration or brakes never lengthen a run."""
    length, top, stock, limits = run
    usual = run_seconds(length, top, stock, limits=limits)
    limit = usual * (1 + 1e-9)
    assert run_seconds(length, min(top + more, 450), stock, limits=limits) <= limit
    assert (
        run_seconds(length, top, stock, limits=[(a, b, min(k + more, 450)) for a, b, k in limits])
        <= limit
    )
    assert run_seconds(length, top, stock, limits=limits[1:]) <= limit
    bands = tuple((kmh, a * stronger) for kmh, a in stock.accelerations)
    better = RollingStock("better", "", "", stock.top_kmh, bands, stock.braking_ms2)
    assert run_seconds(length, top, better, limits=limits) <= limit
    better = RollingStock(
        "better", "", "", stock.top_kmh, stock.accelerations, stock.braking_ms2 * stronger
    )
    assert run_seconds(length, top, better, limits=limits) <= limit


@given(runs(), st.floats(0.001, 0.999))
def test_a_stop_on_the_way_costs_time(run, share):
    """Two runs with a stop between them take at least as long as one without, before any dwell."""
    length, top, stock, limits = run
    cut = length * share
    first = [(a, min(b, cut), k) for a, b, k in limits if a < cut]
    second = [(max(a, cut) - cut, b - cut, k) for a, b, k in limits if b > cut]
    both = run_seconds(cut, top, stock, limits=first) + run_seconds(
        length - cut, top, stock, limits=second
    )
    assert both >= run_seconds(length, top, stock, limits=limits) * (1 - 1e-9)


@given(runs(), st.floats(0.001, 0.999))
def test_cutting_a_limit_changes_nothing(run, share):
    """A limit written as two that meet anywhere, or in another order, gives the same time."""
    length, top, stock, limits = run
    cut = [(a, a + (b - a) * share, k) for a, b, k in limits] + [
        (a + (b - a) * share, b, k) for a, b, k in limits
    ]
    usual = run_seconds(length, top, stock, limits=limits)
    assert run_seconds(length, top, stock, limits=cut[::-1]) == usual


@given(runs())
def test_never_faster_than_the_top_speed(run):
    """No run beats its length at top speed, and a longer one takes longer."""
    length, top, stock, limits = run
    seconds = run_seconds(length, top, stock, limits=limits)
    assert seconds > length * 3.6 / min(top, stock.top_kmh)
    assert run_seconds(length + 1, top, stock, limits=limits) > seconds


def test_all_problems_at_once():
    """Length, speed and both limits are named together."""
    with pytest.raises(ParameterError) as caught:
        run_seconds(-5, 900, PLAIN, limits=[(10, 5, 80), (0, 1, 0)])
    text = str(caught.value)
    assert "length -5 m" in text
    assert "top speed 900 km/h: must be between 20 and 450" in text
    assert "speed limit 1 from 10 to 5 m" in text
    assert "speed limit 2 of 0 km/h" in text


def test_every_row_of_the_table():
    """Ids are found in any case; speeds rise from 0 and accelerations fall; every row names a
    source or says guess.
    """
    for stock_id, stock in rolling_stock().items():
        assert get_stock(stock_id.upper()) is stock
        speeds, rates = zip(*stock.accelerations, strict=True)
        assert speeds[0] == 0
        assert list(speeds) == sorted(set(speeds))
        assert speeds[-1] < stock.top_kmh
        assert list(rates) == sorted(rates, reverse=True)
        assert rates[-1] > 0
        assert stock.braking_ms2 > 0
        assert stock.source
        assert stock.service == (
            "city" if stock_id.startswith(("metro", "suburban")) else "railway"
        )
    with pytest.raises(NotFoundError, match=r"Did you mean .*'CR400'"):
        get_stock("CR40")


def test_cr400_reaches_350_as_published():
    """0 to 350 km/h takes 380 s (4 min 40 s of CR450 and 100 s more), within 10 s; CR450 within 10
    s of 280 s.
    """
    for stock_id, seconds in (("CR400", 380), ("CR450", 280)):
        stock = get_stock(stock_id)
        ends = [*(kmh for kmh, _ in stock.accelerations[1:] if kmh < 350), 350]
        used = zip(stock.accelerations, ends, strict=False)
        assert sum((end - start) / 3.6 / a for (start, a), end in used) == pytest.approx(
            seconds, abs=10
        )


def test_usual_stock_of_a_line():
    """A line takes the slowest of the usual stocks of its kind that reaches its speed, else the
    fastest.
    """
    railway = {
        80: "CRH6F",
        160: "CRH6F",
        200: "CRH6A",
        250: "CR300",
        350: "CR400",
        400: "CR450",
        450: "CR450",
    }
    city = {
        80: "metro-80",
        81: "metro-100",
        120: "suburban-120",
        160: "suburban-160",
        200: "suburban-160",
    }
    assert {kmh: stock_for(kmh).stock_id for kmh in railway} == railway
    assert {kmh: stock_for(kmh, "city").stock_id for kmh in city} == city
