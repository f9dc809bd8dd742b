"""Sets of dates, one bit a date: timetables list hundreds of thousands of single days."""

from __future__ import annotations

import datetime as dt
from collections import deque
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from railshed.util.array_types import Bools, Ints64

#: first and last service day of a network; Python's dates cover the weeks before and after them
FIRST_DAY = dt.date(1900, 1, 1)
LAST_DAY = dt.date(2199, 12, 31)
#: beginning of the note on a service day that railshed chose
CHOSEN_DAY = "service day"
#: feed_publisher_name of feeds whose feed_version is a service day (`gtfs.write`)
RAILSHED = "railshed"
_T = TypeVar("_T")


def in_bulk(kind: type[_T], *columns: Iterable[Any]) -> list[_T]:
    """Return objects of a dataclass with slots from its columns, twice as fast as by its
    constructor.

    The first column is a sequence; the others may be longer.
    """
    rows = [object.__new__(kind) for _ in columns[0]]
    for name, column in zip(kind.__slots__, columns, strict=True):  # type: ignore[attr-defined]
        deque(map(getattr(kind, name).__set__, rows, column), maxlen=0)
    return rows


@dataclass(frozen=True, slots=True, eq=False)
class Days(Set[dt.date]):
    """An immutable set of dates; equal to any set of the same dates, iterated in order."""

    #: ordinal of the date of bit 0, which is set unless the set is empty
    first: int = 1
    bits: int = 0

    @classmethod
    def of(cls, dates: Iterable[dt.date]) -> Days:
        """Return the set of some dates."""
        ordinals = [date.toordinal() for date in dates]
        if not ordinals:
            return cls()
        first = min(ordinals)
        bits = 0
        for ordinal in ordinals:
            bits |= 1 << (ordinal - first)
        return cls(first, bits)

    @classmethod
    def _from_iterable(cls, it: Iterable[Any]) -> Days:  # type: ignore[override]
        return cls.of(it)

    def __contains__(self, date: object) -> bool:
        if not isinstance(date, dt.date):
            return False
        at = date.toordinal() - self.first
        return at >= 0 and self.bits >> at & 1 == 1

    def __iter__(self) -> Iterator[dt.date]:
        rest = self.bits
        at = self.first
        while rest:
            step = (rest & -rest).bit_length()
            at += step
            rest >>= step
            yield dt.date.fromordinal(at - 1)

    def __len__(self) -> int:
        return self.bits.bit_count()

    def __bool__(self) -> bool:
        return self.bits != 0

    def __hash__(self) -> int:
        return self._hash()

    def __repr__(self) -> str:
        return f"Days({', '.join(map(str, self))})"

    @property
    def last(self) -> int:
        """Ordinal of the last date; `first` - 1 without any."""
        return self.first + self.bits.bit_length() - 1

    def moved(self, n_days: int) -> Days:
        """Return the set with every date `n_days` later."""
        return Days(self.first + n_days, self.bits) if self.bits else self

    def within(self, first: dt.date, last: dt.date) -> Days:
        """Return the dates from `first` to `last`, both included."""
        return Days.of(date for date in self if first <= date <= last)


NO_DAYS = Days()


def span_of(sets: Iterable[Days]) -> tuple[int, int] | None:
    """Return the ordinals of the first and last date of all sets; None without any."""
    filled = [s for s in sets if s.bits]
    if not filled:
        return None
    return min([s.first for s in filled]), max([s.last for s in filled])


def listed(sets: Sequence[Days], dates: Ints64) -> Bools:
    """Return bool (n_sets, n_dates), whether each set contains each date; `dates` are ordinals."""
    is_listed = np.zeros((len(dates), len(sets)), dtype=np.bool_)
    all_bits = [s.bits for s in sets]
    filled = np.flatnonzero(np.fromiter(map(bool, all_bits), np.bool_, len(sets)))
    if not len(filled):
        return is_listed.T
    bits = list(filter(None, all_bits))
    first = np.array([s.first for s in sets], dtype=np.int64)[filled]
    n_bytes = np.fromiter(map(int.bit_length, bits), np.int64, len(bits)) // 8 + 1
    start = np.cumsum(n_bytes) - n_bytes
    parts = [b.to_bytes(n, "little") for b, n in zip(bits, n_bytes.tolist(), strict=True)]
    packed = np.frombuffer(b"".join(parts), np.uint8)
    for k, date in enumerate(dates.tolist()):  # one date at a time, to save memory
        at = date - first
        inside = (at >= 0) & (at < 8 * n_bytes)
        byte = packed[start + np.where(inside, at >> 3, 0)]
        is_listed[k, filled] = inside & (byte >> (at & 7).astype(np.uint8) & 1 == 1)
    return is_listed.T
