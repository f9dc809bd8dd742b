"""Modes of public transport: their words in filters, GTFS route types and largest speeds.

Route types are those of the GTFS reference (0-12) and of Google's extended list (100-1702).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from railshed.util.errors import ParameterError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from railshed.network.model import Network, Trips
    from railshed.util.array_types import Bools

RAIL = "rail"
SUBURBAN = "suburban"
METRO = "metro"
TRAM = "tram"
BUS = "bus"
FERRY = "ferry"
CABLE = "cable"
AIR = "air"
OTHER = "other"
MODES = (RAIL, SUBURBAN, METRO, TRAM, BUS, FERRY, CABLE, AIR, OTHER)
#: intercity and suburban trains
TRAINS = (RAIL, SUBURBAN)
#: GTFS route type of trips without one: rail
DEFAULT_ROUTE_TYPE = 2
#: straight-line km/h between two calls above which the times or a coordinate are doubted
MAX_SPEED_KMH = {
    RAIL: 400,
    SUBURBAN: 200,
    METRO: 160,
    TRAM: 110,
    BUS: 130,
    FERRY: 100,
    CABLE: 60,
    AIR: 1100,
    OTHER: 400,
}
#: the plain GTFS route type of each mode
ROUTE_TYPES = {
    RAIL: 2,
    SUBURBAN: 109,
    METRO: 1,
    TRAM: 0,
    BUS: 3,
    FERRY: 4,
    CABLE: 7,
    AIR: 1100,
    OTHER: 1700,
}
_BASIC = {
    0: TRAM,
    1: METRO,
    2: RAIL,
    3: BUS,
    4: FERRY,
    5: TRAM,
    6: CABLE,
    7: CABLE,
    11: BUS,
    12: METRO,
}
#: (first, last, mode) of the extended list; the first range with the type decides
_EXTENDED = (
    (109, 109, SUBURBAN),
    (100, 199, RAIL),
    (200, 299, BUS),
    (300, 399, SUBURBAN),
    (400, 699, METRO),
    (700, 899, BUS),
    (900, 999, TRAM),
    (1000, 1099, FERRY),
    (1100, 1199, AIR),
    (1200, 1299, FERRY),
    (1300, 1499, CABLE),
    (1500, 1799, OTHER),
)


def find_mode(route_type: int) -> str | None:
    """Return the mode of a GTFS route type; None if the type is in no list."""
    if route_type in _BASIC:
        return _BASIC[route_type]
    return next((mode for first, last, mode in _EXTENDED if first <= route_type <= last), None)


def check_modes(modes: Sequence[str]) -> tuple[str, ...]:
    """Return the modes without repeats; ParameterError when there is none, or one is not known."""
    unknown = [mode for mode in modes if mode not in MODES]
    if unknown or not modes:
        raise ParameterError(
            f"unknown mode {', '.join(map(repr, unknown)) or '(none)'}; allowed: {', '.join(MODES)}"
        )
    return tuple(dict.fromkeys(modes))


def are_trains(route_types: NDArray[np.integer]) -> Bools:
    """Return bool (n,): whether each GTFS route type is an intercity or suburban train."""
    return are_of(route_types, TRAINS)


def are_buses(route_types: NDArray[np.integer]) -> Bools:
    """Return bool (n,): whether each GTFS route type is a bus."""
    return are_of(route_types, (BUS,))


def are_of(route_types: NDArray[np.integer], modes: Sequence[str]) -> Bools:
    """Return bool (n,): whether each GTFS route type is of one of the modes."""
    import numpy as np

    kinds, inverse = np.unique(route_types, return_inverse=True)
    return np.array([find_mode(int(kind)) in modes for kind in kinds], dtype=bool)[inverse]


def trips_by_bus(network: Network, trips: Trips | None = None) -> tuple[Bools, Bools]:
    """Return bool (n_trips,) whether each trip, of the network or these, is a bus and runs on the
    network's date.
    """
    import numpy as np

    trips = trips or network.trips
    bus = are_buses(trips.route_types)
    runs = np.array([service.runs_on(network.date) for service in network.services], dtype=bool)
    return bus, np.asarray(runs[trips.service_idx], dtype=np.bool_)


def has_buses(network: Network) -> bool:
    """Return whether buses run on the network's date."""
    series = network.trips.series  # of whose runs the first is like the others
    buses, running = trips_by_bus(network, None if series is None else series.trips)
    return bool((buses & running).any())
