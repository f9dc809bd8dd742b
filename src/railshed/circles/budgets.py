"""The limits that default runs of `reach` and `circle` meet, for `check`."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from railshed.assumptions.assumptions import Assumptions, default_assumptions
from railshed.cells.network_cells import NetworkCells
from railshed.network.model import Network
from railshed.routing.compile import find_walks
from railshed.util.errors import InputError, Issue
from railshed.util.limits import check_limit
from railshed.util.units import MINUTE

#: the longest default window, clock seconds: that of the evening
_LONG_WINDOW = (61_200, 70_200)


def find_over_limits(network: Network) -> list[Issue]:
    """Return an error for the first limit of `util.limits` that a run of the network is above, found by arithmetic.

    Cells are a warning: a circle looks at those around the stations that it reaches, which are fewer than all.
    """
    assumptions = default_assumptions(network.assumptions)
    windows = [_LONG_WINDOW, *(w for city in network.cities for w in (city.window_to, city.window_from))]
    try:
        find_walks(network, assumptions, network.date)
        check_limit("times", network.n_stations * max(b - a for a, b in windows) // MINUTE, "a window")
    except InputError as error:
        return list(error.issues)
    try:
        _check_cells(network, assumptions)
    except InputError as error:
        return [replace(issue, severity="warning") for issue in error.issues]
    return []


def _check_cells(network: Network, assumptions: Assumptions) -> None:
    """Check the cells around all stations within the caps of the modes that count by default."""
    modes = [assumptions.modes_at(station.feeder) for station in network.stations]
    radius_m = np.array([max((m.reach_m(m.cap_s) for m in own), default=0.0) for own in modes])
    NetworkCells(network, assumptions.cell_size_m).check_number(*network.lon_lat, radius_m)
