"""Trips under way on a date, by hand."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from railshed.network.model import Service
from railshed.network.service_windows import has_trips
from tests.support.small_networks import DATE, small_network


@pytest.mark.parametrize(
    ("days_before", "n_runs", "under_way"),
    [(0, 1, True), (1, 1, False), (1, 11, False), (1, 12, True), (2, 12, False), (-1, 1, False)],
)
def test_the_last_run_of_a_template_is_under_way_after_midnight(
    days_before: int, n_runs: int, under_way: bool
) -> None:
    """22:00 to 22:10, every ten minutes: the twelfth run, of the day before, arrives at 24:00."""
    day = DATE - dt.timedelta(days=days_before)
    network = small_network(
        {"a": (0.0, 0.0), "b": (9.0, 0.0)},
        {"t": [("a", "22:00"), ("b", "22:10")]},
        services=[Service("once", day, day, (True,) * 7)],
    )
    assert has_trips(network, np.array([n_runs], np.int32), np.array([600], np.int32)) == under_way
