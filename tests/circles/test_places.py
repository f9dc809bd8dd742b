"""The last journey before the night's largest gap and the first one after it, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from railshed.circles.places import ALL_NIGHT, around_night
from railshed.util.units import parse_clock


@pytest.mark.parametrize(
    ("clocks", "last", "first"),
    [
        # an ordinary day: 22:47 to 05:12; the last train home stands first and leaves the service
        # day's order open
        ("05:12 06:00 12:00 22:47", "22:47", "05:12"),
        # past midnight: 24:31 to 04:55
        ("04:55 08:00 23:50 24:31", "24:31", "04:55"),
        # a train through the night at 03:26 of the next morning (27:26): 23:10 to 27:26 is 4:16,
        # then 1:34 to 05:00
        ("05:00 12:00 23:10 27:26", "23:10", "03:26"),
        # the same with a later evening: 01:20 to 03:26 is 2:06, 03:26 to 06:00 in the night 2:34
        ("07:30 12:00 23:10 25:20 27:26", "27:26", "07:30"),
        # no train in the evening: the gap from 13:00 counts from 22:00, not 9.5 hours before 22:30
        ("07:00 13:00 22:30", "22:30", "07:00"),
        ("07:00 13:00", "13:00", "07:00"),
        # gaps of two hours at most, one of two hours and a minute
        ("05:59 12:00 22:00 24:00 26:00 27:59", ALL_NIGHT, ALL_NIGHT),
        ("05:59 12:00 22:00 24:00 26:01 27:59", "24:00", "02:01"),
        # equal gaps of 2:40: the earlier one
        ("04:00 12:00 22:40 25:20", "22:40", "01:20"),
        # the only train of the day stands on both sides of its gap, at 04:30 in the night too
        ("12:00", "12:00", "12:00"),
        ("04:30", "04:30", "04:30"),
    ],
)
def test_around_the_night(clocks: str, last: str, first: str) -> None:
    """Journeys in any order; a last one after midnight has hours above 24, a first one has not."""
    seconds = np.array([parse_clock(text) for text in clocks.split()], np.int64)
    assert around_night(seconds) == around_night(seconds[::-1]) == (last, first)
