"""The directions of a request: to the city, from it, or both."""

from __future__ import annotations

from railshed.routing.compile import DIRECTIONS, Direction


def ways(direction: str) -> tuple[Direction, ...]:
    """Return the directions of time that a direction asks for."""
    return DIRECTIONS if direction == "both" else ("to",) if direction == "to" else ("from",)
