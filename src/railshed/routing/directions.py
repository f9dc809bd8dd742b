"""The directions of a request: to the city, from it, or both."""

from __future__ import annotations

from railshed.routing.compile import DIRECTIONS, Direction


def directions_of(direction: str) -> tuple[Direction, ...]:
    """Return the directions of time of a request: both for "both", else the one."""
    return DIRECTIONS if direction == "both" else ("to",) if direction == "to" else ("from",)
