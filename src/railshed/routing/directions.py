"""The directions of a request (to the city, from it, or both), and clock seconds as kernels count
them in each.

Kernel time: forward time is the clock plus one day; backward time is three days minus forward time,
so that a search *from* the city is the search *to* the city on the network with time reversed. Both
stay positive for clock times between -24:00 and 48:00.
"""

from __future__ import annotations

from typing import Literal

from railshed.util.units import DAY

Direction = Literal["to", "from"]
DIRECTIONS: tuple[Direction, ...] = ("to", "from")
FORWARD_SHIFT_S = DAY
BACKWARD_FROM_S = 3 * DAY


def directions_of(direction: str) -> tuple[Direction, ...]:
    """Return the directions of time of a request: both for "both", else the one."""
    if direction == "both":
        return DIRECTIONS
    return ("to",) if direction == "to" else ("from",)


def to_kernel_time(clock_s: int, direction: Direction) -> int:
    """Return the kernel second of a clock second."""
    forward = clock_s + FORWARD_SHIFT_S
    return forward if direction == "to" else BACKWARD_FROM_S - forward
