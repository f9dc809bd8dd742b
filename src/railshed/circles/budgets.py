"""The limits that default runs of `reach` and `circle` meet, for `check`."""

from __future__ import annotations

from dataclasses import replace

from railshed.assumptions.assumptions import default_assumptions
from railshed.assumptions.readings import load_readings
from railshed.cells.network_cells import NetworkCells
from railshed.circles.analysis import points_of
from railshed.circles.part import is_large
from railshed.network.model import Network
from railshed.routing.compile import find_walks
from railshed.util.errors import InputError, Issue
from railshed.util.limits import check_limit

#: minutes of the longest default window, that of the evening
_MINUTES = 150


def find_over_limits(network: Network) -> list[Issue]:
    """Return an issue for each limit of `util.limits` that runs of the network are above, found by
    arithmetic.

    Cells are a warning: a circle looks at those around the stations that it reaches, which may be
    fewer than all; so are all limits of a large network, of which circles use a part
    (`part.part_within_reach`).
    """
    assumptions = default_assumptions(network.assumptions)
    found = list[Issue]()
    points = points_of(network, assumptions, load_readings(None).values())
    for check in (
        lambda: find_walks(network, assumptions, network.date),
        lambda: check_limit("times", network.n_stations * _MINUTES, "a window"),
        lambda: NetworkCells(network, assumptions.cell_size_m).check_number(*points, times=2),
    ):
        try:
            check()
        except InputError as error:
            found += error.issues
    may_be_less = is_large(network)
    return [
        replace(issue, severity="warning") if may_be_less or issue.field == "cells" else issue
        for issue in found
    ]
