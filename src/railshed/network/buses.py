"""Buses in a network: which trips are buses and run on its date."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from railshed.network.model import Network
from railshed.network.route_types import BUS, find_mode


def trips_by_bus(network: Network) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return bool (n_trips,) whether each trip is a bus, and whether it runs on the network's date."""
    kinds, inverse = np.unique(network.trips.route_types, return_inverse=True)
    bus = np.array([find_mode(int(kind)) == BUS for kind in kinds], dtype=bool)[inverse]
    runs = np.array([service.runs_on(network.date) for service in network.services], dtype=bool)
    return bus, np.asarray(runs[network.trips.service_idx], dtype=np.bool_)


def has_buses(network: Network) -> bool:
    """Return whether buses run on the network's date."""
    return bool(np.logical_and(*trips_by_bus(network)).any())
