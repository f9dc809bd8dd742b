"""Sums that are the same to the last bit on every Python: builtin `sum` of floats is compensated
since 3.12.
"""

from __future__ import annotations

from collections.abc import Iterable


def plain_sum(values: Iterable[float]) -> float:
    """Return the values added from left to right, 0 for none."""
    total: float = 0
    for value in values:
        total += value
    return total
