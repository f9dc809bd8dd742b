"""The night of a timetable: its last journey before the largest gap, and its first one after it."""

from __future__ import annotations

import numpy as np

from railshed.util.array_types import Ints64
from railshed.util.units import DAY, HOUR, MINUTE, format_clock

#: the night, clock seconds
NIGHT = (22 * HOUR, 30 * HOUR)
#: the largest time without a journey in a night that has journeys all night
SHORT_GAP_S = 2 * HOUR
#: in place of a last journey and of a first one where there are journeys all night
ALL_NIGHT = "all night"


def around_night(clock_s: Ints64) -> tuple[str, str]:
    """Return the last journey before the night's largest gap and the first one after it, HH:MM; `ALL_NIGHT` twice.

    `clock_s` are the journeys of one service day, 04:00 to 28:00, at least one. The day repeats: each journey stands
    once in 24 hours, and the night, 22:00 to 06:00, has the early journeys of the same clock. A gap is the time between
    two successive journeys as far as it lies in the night; of equal gaps the earlier counts. Journeys run all night
    where no gap is longer than two hours. The last journey is before 28:00 (24:10 is ten past midnight), the first
    one before 24:00.
    """
    start, end = NIGHT
    rising = np.sort((clock_s - end) % DAY) + end - DAY
    gaps = np.diff(np.concatenate([[start], np.clip(rising, start, end), [end]]))
    k = int(gaps.argmax())
    if gaps[k] <= SHORT_GAP_S:
        return ALL_NIGHT, ALL_NIGHT
    last, first = int(rising[k - 1]), int(rising[k % len(rising)])
    return _clock(last - DAY if last >= 28 * HOUR else last), _clock(first % DAY)


def _clock(seconds: int) -> str:
    return format_clock(seconds // MINUTE * MINUTE)
