"""Distances on the sphere: worked out by hand."""

import math

import numpy as np
import pytest

from railshed.util.geodesy import degrees_around, great_circle_m, sphere_m, steps_m


def test_a_degree_of_a_great_circle_on_both_spheres() -> None:
    """A degree is pi * radius / 180, along a meridian and along the equator."""
    assert great_circle_m(0, 0, 0, 1) == pytest.approx(math.pi * 6_371_000 / 180)
    assert sphere_m(0, 0, 1, 0) == pytest.approx(math.pi * 6_371_009 / 180)
    assert steps_m([(0, 0), (0, 1), (0, 1)]) == pytest.approx([math.pi * 6_371_000 / 180, 0])
    assert steps_m([(0, 0)]) == []


def test_degrees_around_reach_far_enough() -> None:
    """1,100 m are 0.01 degrees at the equator, twice as many at 60 degrees, no more than 20 times
    near the pole.
    """
    lat = [0.0, -60.0]
    assert degrees_around(1_100, np.array(lat[:1])) == pytest.approx(0.01)
    assert degrees_around(1_100, np.array(lat)) == pytest.approx(0.02)
    assert degrees_around(1_100, np.array([90.0])) == pytest.approx(0.2)
