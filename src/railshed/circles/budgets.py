"""The limits that default runs of `reach` and `circle` meet, for `check`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from railshed.assumptions.assumptions import default_assumptions
from railshed.assumptions.readings import load_readings
from railshed.cells.network_cells import NetworkCells
from railshed.circles.analysis import points_of
from railshed.network.model import Network
from railshed.routing.compile import find_walks
from railshed.util.errors import InputError, Issue
from railshed.util.limits import check_limit
from railshed.util.units import MINUTE

#: the longest default window, clock seconds: that of the evening
_LONG_WINDOW = (61_200, 70_200)


def find_over_limits(network: Network) -> list[Issue]:
    """Return an issue for each limit of `util.limits` that runs of the network are above, found by arithmetic.

    Cells are a warning: a circle looks at those around the stations that it reaches, which may be fewer than all.
    """
    assumptions = default_assumptions(network.assumptions)
    windows = [_LONG_WINDOW, *(w for city in network.cities for w in (city.window_to, city.window_from))]
    minutes = max(end - start for start, end in windows) // MINUTE
    points = points_of(network, assumptions, load_readings(None).values())
    cells = NetworkCells(network, assumptions.cell_size_m)
    return [
        *_issues(lambda: find_walks(network, assumptions, network.date)),
        *_issues(lambda: check_limit("times", network.n_stations * minutes, "a window")),
        *(replace(issue, severity="warning") for issue in _issues(lambda: cells.check_number(*points, times=2))),
    ]


def _issues(check: Callable[[], object]) -> tuple[Issue, ...]:
    try:
        check()
    except InputError as error:
        return error.issues
    return ()
