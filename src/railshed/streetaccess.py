"""The way to and from doors over a street network where one is given; straight lines elsewhere."""

from __future__ import annotations

from railshed.access import StraightAccess
from railshed.assumptions import Assumptions
from railshed.streets import Streets

AnyAccess = StraightAccess


def access_on(assumptions: Assumptions, streets: Streets | None) -> AnyAccess:
    """Return the access over the streets, on straight lines where there are none."""
    return StraightAccess(assumptions)
