"""Parsers of OpenStreetMap tags of speed and service, in km/h and clock seconds; None for texts not
understood.

Tags are typed by hand: the parsers read the common forms of the OpenStreetMap wiki, and callers
count the others. Hours and intervals are those of a Tuesday, or of the first day of the week on
which a line runs.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import pairwise
from typing import TypeVar

from railshed.io.csv.rows import Weekdays
from railshed.network.lines import Period
from railshed.util.units import DAY, MINUTE, parse_clock

TUESDAY = 1
_DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_HOLIDAYS = ("PH", "SH")
_SPEED = re.compile(r"(\d+(?:\.\d+)?) ?(km/h|kmh|kph|mph|knots)?", re.ASCII)
_KMH = {None: 1.0, "km/h": 1.0, "kmh": 1.0, "kph": 1.0, "mph": 1.609344, "knots": 1.852}
_MAX_KMH = 600
_RULE = re.compile(
    r"(?P<days>(?:(?:Mo|Tu|We|Th|Fr|Sa|Su|PH|SH)[-, ]*)*)(?P<times>[\d:,\- ]*|off|closed|24/7)",
    re.ASCII,
)
_CONDITION = re.compile(r"([^@;]+)@\s*(?:\(([^)]*)\)|([^;]*))")
_T = TypeVar("_T")
Windows = tuple[tuple[int, int], ...]


def parse_maxspeed(text: str) -> float | None:
    """Return km/h; `inf` for ``none``, None for texts without a number (``RU:urban``, ``signals``).

    Of several values (``120;160``, by kind of train) it is the lowest.
    """
    values = [_speed(part.strip()) for part in text.split(";")]
    return min((value for value in values if value is not None), default=None)


def _speed(text: str) -> float | None:
    if text == "none":
        return math.inf
    match = _SPEED.fullmatch(text)
    value = float(match[1]) * _KMH[match[2]] if match else 0.0
    return value if 1 <= value <= _MAX_KMH else None


def track_limit(tags: Mapping[str, str]) -> tuple[float | None, bool]:
    """Return the speed limit of a track in km/h, the lower of its directions, and whether every tag
    was understood.
    """
    texts = [
        tags[key] for key in ("maxspeed", "maxspeed:forward", "maxspeed:backward") if tags.get(key)
    ]
    if "maxspeed" in tags:
        texts = texts[:1]
    values = [parse_maxspeed(text) for text in texts]
    return min((value for value in values if value is not None), default=None), None not in values


def parse_interval(text: str) -> int | None:
    """Return the seconds of ``10`` (minutes), ``00:10`` or ``00:10:00``; of a range ``10-15`` the
    longer time.
    """
    parts = [_interval(part.strip()) for part in text.split("-")]
    seconds = [value for value in parts if value is not None]
    return max(seconds) if len(seconds) == len(parts) else None


def _interval(text: str) -> int | None:
    try:
        seconds = parse_clock(text) if ":" in text else round(float(text) * MINUTE)
    except (ValueError, OverflowError):
        return None
    return seconds if MINUTE // 2 <= seconds <= DAY else None


def parse_opening_hours(text: str, weekday: int = TUESDAY) -> Windows | None:
    """Return the (start, end) clock seconds of a weekday, Monday 0; () when closed, None when not
    understood.

    Rules of days and times joined by ``;``: ``Mo-Fr 05:00-24:00; Sa,Su,PH 06:00-01:00``, ``Mo-Fr``
    (all day), ``24/7``, ``off``. A later rule replaces an earlier one for its days; holidays are
    ignored.
    """
    windows: Windows = ()
    for rule in filter(None, (part.strip() for part in text.split(";"))):
        match = _RULE.fullmatch(rule)
        if match is None:
            return None
        try:
            if _holds_on(match["days"], weekday):
                windows = _windows(match["times"])
        except ValueError:
            return None
    return windows


def _holds_on(days: str, weekday: int) -> bool:
    parts = [part for part in re.split(r"[, ]+", days.strip(", ")) if part]
    if not parts:
        return True
    weekdays: set[int] = set()
    for part in parts:
        if part in _HOLIDAYS:
            continue
        first, _, last = part.partition("-")
        start = _DAYS.index(first)
        end = _DAYS.index(last or first)
        weekdays.update(day % 7 for day in range(start, end + 1 if end >= start else end + 8))
    return weekday in weekdays


def _windows(times: str) -> Windows:
    if times in ("", "24/7"):
        return ((0, DAY),)
    if times in ("off", "closed"):
        return ()
    windows = []
    for part in times.split(","):
        start, _, end = part.partition("-")
        first = parse_clock(start)
        last = parse_clock(end)
        last += 0 if last > first else DAY
        if last > 2 * DAY:
            raise ValueError(f"{part!r} ends after 48:00")
        windows.append((first, last))
    return tuple(windows)


def weekdays_open(tags: Mapping[str, str]) -> Weekdays:
    """Return whether ``opening_hours`` is not empty, Monday first; all True if it is missing or not
    understood.
    """
    hours = (
        [parse_opening_hours(tags["opening_hours"], day) for day in range(7)]
        if tags.get("opening_hours")
        else []
    )
    if not hours or None in hours:
        return (True,) * 7
    monday, tuesday, wednesday, thursday, friday, saturday, sunday = (
        bool(windows) for windows in hours
    )
    return monday, tuesday, wednesday, thursday, friday, saturday, sunday


def headway_periods(
    tags: Mapping[str, str], default: Sequence[Period], weekday: int = TUESDAY
) -> tuple[tuple[Period, ...], bool, list[str]]:
    """Return the headways of a weekday, whether they are from tags, and the tags that were not
    understood.

    ``interval`` applies within ``opening_hours``; ``interval:conditional`` (``00:05 @ (Mo-Fr
    07:00-09:00)``) goes first. If a tag is missing, hours or headways are those of `default`
    (outside its hours, its longest headway).
    """
    unread: list[str] = []
    opened = _read(tags, "opening_hours", partial(parse_opening_hours, weekday=weekday), unread)
    hours: Windows = tuple((p.start_s, p.end_s) for p in default) if opened is None else opened
    base = _read(tags, "interval", parse_interval, unread)
    special = (
        _read(tags, "interval:conditional", partial(_conditional, weekday=weekday), unread) or []
    )

    def headway_at(second: int) -> int:
        for start, end, seconds in reversed(special):
            if start <= second < end:
                return seconds
        if base is not None:
            return base
        headways = (p.headway_s for p in default if p.start_s <= second < p.end_s)
        return next(headways, max(p.headway_s for p in default))

    bounds = [
        *hours,
        *((start, end) for start, end, _ in special),
        *((p.start_s, p.end_s) for p in default),
    ]
    periods: list[Period] = []
    for start, end in pairwise(sorted({edge for window in bounds for edge in window})):
        if any(first <= start < last for first, last in hours):
            _append(periods, Period(start, end, headway_at(start)))
    return tuple(periods), base is not None or bool(special), unread


def _read(
    tags: Mapping[str, str], key: str, parser: Callable[[str], _T | None], unread: list[str]
) -> _T | None:
    text = tags.get(key, "").strip()
    value = parser(text) if text else None
    if text and value is None:
        unread.append(f"{key}={text[:80]}")
    return value


def _append(periods: list[Period], period: Period) -> None:
    """Append a period; merge it with the one before if both have the same headway."""
    before = periods[-1] if periods else None
    if before and before.end_s == period.start_s and before.headway_s == period.headway_s:
        periods[-1] = Period(before.start_s, period.end_s, period.headway_s)
    else:
        periods.append(period)


def _conditional(text: str, weekday: int) -> list[tuple[int, int, int]] | None:
    """Return (start, end, headway) seconds of a weekday."""
    periods = []
    matches = list(_CONDITION.finditer(text))
    for value, bracketed, bare in (match.groups() for match in matches):
        seconds = parse_interval(value.strip())
        windows = parse_opening_hours(bracketed or bare or "", weekday)
        if seconds is None or windows is None:
            return None
        periods += [(start, end, seconds) for start, end in windows]
    return periods if matches else None


def line_name(tags: Mapping[str, str]) -> str:
    """Return the name of a route, else its ref, without an appended direction: ``S6: Essen =>
    Köln`` is S6.
    """
    text = " ".join((tags.get("name") or tags.get("ref") or "").split())
    head, colon, _ = text.partition(":")
    return head.strip() if colon and ("=>" in text or "→" in text) and head.strip() else text


def shared_name(texts: Iterable[str]) -> str:
    """Return the most frequent text; of equally frequent ones the first in order, "" for none."""
    names = sorted(filter(None, texts))
    return max(names, key=names.count, default="")
