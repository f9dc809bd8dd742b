"""The range around the headline: which outcome is an end where several are alike, and what is
computed for it.
"""

from __future__ import annotations

import pytest

import railshed
from railshed.circles import bridge, surface
from railshed.circles.bridge import ends_of
from railshed.circles.summary import Outcome


def outcome(name: str, people: int | None, area_km2: float) -> Outcome:
    return Outcome(name, 30, 0, people, area_km2, None)


def test_ends_alike_in_people_are_told_apart_by_area() -> None:
    """Of three with 0 people the one of 2 km2 is low; of two with 9 people the one of 8 km2 is
    high.
    """
    outcomes = [
        outcome("a", 0, 3.0),
        outcome("b", 0, 2.0),
        outcome("c", 0, 4.0),
        outcome("d", 9, 8.0),
    ]
    low, high = ends_of([*outcomes, outcome("e", 9, 7.0)])
    assert (low.access, high.access) == ("b", "d")


@pytest.mark.parametrize("people", [None, 0, 5])
def test_ends_alike_in_all_are_the_strictest_and_the_most_generous(people: int | None) -> None:
    """Nothing differs: low is the first of the outcomes, which stand from strict to generous, and
    high the last.
    """
    low, high = ends_of([outcome(name, people, 1.0) for name in "abc"])
    assert (low.access, high.access) == ("a", "c")


def test_ends_without_people_go_by_area() -> None:
    """No people are known, so the smallest and the largest area are the ends."""
    low, high = ends_of(
        [
            outcome("a", None, 2.0),
            outcome("b", None, 1.0),
            outcome("c", None, 3.0),
            outcome("d", None, 2.5),
        ]
    )
    assert (low.access, high.access) == ("b", "c")


def test_the_range_of_a_circle_nobody_reaches_has_ends_by_the_rule() -> None:
    """Nobody comes to Midtown within a minute under any assumption: strictest and most generous
    stand at the ends.
    """
    circle = railshed.circle(railshed.load_network("toy"), "mid", cutoffs=[1])
    ends = circle.corners
    assert {outcome.people for outcome in (ends.low, ends.central, ends.high)} == {0}
    assert (ends.low.access, ends.low.slack_min, ends.low.station_time_min) == ("walk", 0, 5)
    assert (ends.high.access, ends.high.slack_min, ends.high.station_time_min) == (
        "walk, bike, feeder, drive",
        60,
        -5,
    )
    assert circle.summary.to_dict()["corners"] == [ends.to_dict()]
    assert circle.summary.to_dict()["bridge"] == circle.bridge.to_dict()
    assert [("area_km2" in rung) for rung in circle.bridge.to_dict()] == [False] * 3 + [True] * 3


def test_the_central_case_is_computed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three kinds of access by two slacks are six surfaces for both cutoffs, one of which the
    circle has already.
    """
    asked = []
    own = surface.directed_surface

    def counted(case, cells, reading, direction, **options):  # type: ignore[no-untyped-def]
        if reading.legs == "door-to-door":  # one rung of the bridge is door to target
            asked.append((case.assumptions.access_modes, reading.slack_s))
        return own(case, cells, reading, direction, **options)

    monkeypatch.setattr(bridge, "directed_surface", counted)
    circle = railshed.circle(railshed.load_network("toy", areas=False), "mid")
    assert not asked
    assert circle.summary.corners is circle.summary.corners
    base = ("walk", "bike", "feeder")
    taxi = (*base, "drive")
    assert asked == [(("walk",), 0), (("walk",), 3600), (base, 3600), (taxi, 0), (taxi, 3600)]
