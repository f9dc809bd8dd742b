"""Seconds, minutes and clock times.

Clock times are int seconds after 00:00 of the service day and may pass 24:00.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

#: "Not reached": tested before anything is added to it. Fits int32.
UNREACHED = 2**31 - 1

MINUTE = 60

HOUR = 3600

DAY = 86_400

#: clock second at which windows end at the latest: trains home run past midnight, and what is later
#: is the next day
LATEST_S = 28 * HOUR

_CLOCK = re.compile(r"^\s*(\d{1,3}):([0-5]\d)(?::([0-5]\d))?\s*$", re.ASCII)


def parse_clock(text: str) -> int:
    """Return the seconds after 00:00 of ``H:MM`` or ``H:MM:SS``; hours may exceed 24.

    Raises ValueError when `text` is not a clock time.
    """
    match = _CLOCK.match(text)
    if match is None:
        raise ValueError(f"{text!r} is not a clock time like 07:30 or 25:10:00")
    hours, minutes, seconds = match.groups(default="0")
    return int(hours) * HOUR + int(minutes) * MINUTE + int(seconds)


def format_clock(seconds: int) -> str:
    """Return ``HH:MM``, or ``HH:MM:SS`` where there are odd seconds."""
    sign = "-" if seconds < 0 else ""
    hours, rest = divmod(abs(int(seconds)), HOUR)
    minutes, odd = divmod(rest, MINUTE)
    return f"{sign}{hours:02d}:{minutes:02d}" + (f":{odd:02d}" if odd else "")


def compact_clocks(seconds: Sequence[int] | np.ndarray[Any, Any]) -> list[str]:
    """Return HHMMSS of each time, with more digits from 100 hours on."""
    hours, rest = np.divmod(seconds, HOUR)
    minutes, rest = np.divmod(rest, MINUTE)
    return list(map("%06d".__mod__, (hours * 10_000 + minutes * 100 + rest).tolist()))


def decimal(value: float) -> str:
    """Return a number as printed: one decimal, none where it is whole."""
    return f"{value:.1f}".removesuffix(".0")


def parse_window(text: str) -> tuple[int, int]:
    """Return (start, end) seconds of ``07:30-09:30``; the end is not part of the window and may be
    24:00 or later.

    Raises ValueError when the text is no window, or the window is empty, longer than a day or ends
    after `LATEST_S`.
    """
    parts = text.split("-")
    if len(parts) != 2:
        raise ValueError(f"{text!r} is not a window like 07:30-09:30")
    start, end = (parse_clock(part) for part in parts)
    if end <= start:
        raise ValueError(f"window {text!r} ends before it starts; past midnight write 22:00-25:00")
    if end - start > DAY or end > LATEST_S:
        raise ValueError(
            f"window {text!r} is longer than a day or ends after 28:00, the next day's hours"
        )
    return start, end


def to_minutes(seconds: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return minutes with two decimals, NaN where unreached."""
    return np.where(seconds == UNREACHED, np.nan, np.round(seconds / MINUTE, 2))
