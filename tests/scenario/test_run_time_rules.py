"""Run times of the rules that are shipped, each term of the formula by hand: length, run, margin,
loss, dwell, step.
"""

from __future__ import annotations

import pytest

from railshed.scenario.run_times.allowances import RunRules
from railshed.scenario.run_times.kinematics import RollingStock, get_stock, run_seconds
from railshed.scenario.run_times.run_times import run_times

#: 0.5 m/s2 at every speed, brakes at 1 m/s2
PLAIN = RollingStock("plain", "", "", 400, ((0, 0.5),), 1.0)
BARE = RunRules("bare", 1.0, 0.0, 0.0, 0.0)


def test_a_metro_hop_by_hand() -> None:
    """2 km by metro-80: 11.11 s to 40 km/h, 7.94 to 60, 12.35 to 80, 59.76 at 80, 23.39 braking:
    114.55 s.

    Metres: 61.7, 110.2, 240.1, 1,328.1 and 259.9. Accelerations of 1.00, 0.70 and 0.45 m/s2, brakes
    of 0.95.
    """
    assert run_seconds(2000, 80, get_stock("metro-80")) == pytest.approx(114.55, abs=0.01)


def test_a_metro_line_by_hand() -> None:
    """1,834.86 m straight x 1.09 are 2 km of track: 114.55 s x 1.03 + 45 s = 162.99 s a hop, 30 s
    between two.

    By whole minutes 162.99 s are 3, 192.99 also 3, so the dwell is none, and 355.97 are 6.
    """
    degrees = 1.83486 / 111.1949
    places = [(k * degrees, 0.0) for k in range(3)]
    found = run_times(places, top_speed_kmh=80, round_to_s=0)
    assert (found.stock.stock_id, found.rules.class_id) == ("metro-80", "city")
    assert [hop.length_m for hop in found.hops] == pytest.approx([2000, 2000], rel=1e-4)
    clock = [s for hop in found.hops for s in (hop.depart_s, hop.arrive_s, hop.dwell_s)]
    assert clock == pytest.approx([0, 162.99, 30, 192.99, 355.97, 0], abs=0.03)
    minutes = run_times(places, top_speed_kmh=80)
    assert [s for hop in minutes.hops for s in (hop.depart_s, hop.arrive_s, hop.dwell_s)] == [
        0,
        180,
        0,
        180,
        360,
        0,
    ]
    assert minutes.hop_minutes == (3, 3)
    assert minutes.total_s == 360


def test_halves_of_a_step_are_rounded_up() -> None:
    """At 20 m/s 1,200 m take 60 + 30 = 90 s and 2,400 m 150 s: half minutes, 2 and 3, not both the
    even 2.
    """
    for metres, rounded in ((1.2, 120), (2.4, 180)):
        found = run_times(None, hop_km=[metres], top_speed_kmh=72, rolling_stock=PLAIN, rules=BARE)
        assert found.hops[0].fastest_s == pytest.approx(rounded - 30)
        assert found.total_s == rounded


def test_lengths_of_hops_and_of_the_line_need_no_detour() -> None:
    """3 + 5 km given hop by hop are these; 9 km in all over 1 and 2 straight parts are 3 and 6."""
    hops = run_times(None, hop_km=[3, 5], top_speed_kmh=80)
    assert [hop.length_m for hop in hops.hops] == [3000, 5000]
    places = [(0.0, 0.0), (0.02, 0.0), (0.06, 0.0)]
    whole = run_times(places, length_km=9, top_speed_kmh=80)
    assert [hop.length_m for hop in whole.hops] == pytest.approx([3000, 6000], rel=1e-6)
    assert whole.length_m == pytest.approx(9000)


def test_a_limit_counts_from_the_start_of_the_line() -> None:
    """36 km/h from km 2 to 4 over hops of 3 km: 1 km at the end of the first, 1 km at the start of
    the second.

    The first: 40 s and 400 m to 20 m/s, 1,450 m in 72.5 s, 10 s and 150 m to 10 m/s, 950 m in 95 s,
    10 s: 227.5. The second: 20 s and 100 m, 900 m in 90 s, 20 s and 300 m, 1,500 m in 75 s, 20 s
    and 200 m: 225.
    """
    found = run_times(
        None,
        hop_km=[3, 3],
        top_speed_kmh=72,
        rolling_stock=PLAIN,
        rules=BARE,
        speed_limits=[(2, 4, 36)],
        round_to_s=0,
    )
    assert [hop.run_s for hop in found.hops] == pytest.approx([227.5, 225])
