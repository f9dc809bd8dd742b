"""Counts in messages: numbers with their nouns."""

from __future__ import annotations


def count(n: int, one: str, many: str = "") -> str:
    """Return "1 trip" or "1,200 trips"."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"
