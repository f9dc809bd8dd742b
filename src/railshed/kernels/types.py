"""Arguments of the kernels: NamedTuples of C-contiguous arrays."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

U32 = NDArray[np.uint32]

#: columns of `Timetable.connections`
DEPARTURE = 0
ARRIVAL = 1
FROM = 2
TO = 3
RUN = 4
FLAGS = 5
#: bits of FLAGS
BOARD = 1
ALIGHT = 2
REPEAT = 4
#: "not reached"; fits int32 and uint32
NEVER = 2**31 - 1


class Timetable(NamedTuple):
    """Elementary connections (one run from one call to the next), in one direction of time."""

    #: uint32 (n_connections, 6): departure second, arrival second, from, to, run, flags; sorted by
    #: departure, run, order of travel. Flags: BOARD passengers may get on at `from`, ALIGHT off at
    #: `to`, REPEAT another connection of the same departure second takes no time and one can board
    #: again at its end in that second, so the group must be scanned until nothing changes
    connections: U32
    #: uint32 (n_stations,) seconds between two trips at the same station
    change_s: U32
    #: uint32 (n_stations + 1,) CSR offsets of the transfers out of a station
    walk_ptr: U32
    #: uint32 (n_transfers,) station
    walk_to: U32
    #: uint32 (n_transfers,) seconds
    walk_s: U32


class Departures(NamedTuple):
    """The connections by the station that they leave, in order, and the next connection of each
    one's run.
    """

    #: uint32 (n_stations + 1,) offsets; (n_connections,) connection
    ptr: U32
    place: U32
    #: uint32 (n_connections,) connection; n_connections where the run ends
    following: U32


class Query(NamedTuple):
    """A profile search: its targets, connections and bounds."""

    #: uint32 (n_stations,) seconds after arriving by train until the journey counts as arrived
    #: there, including a last transfer; NEVER where the station is no target and walks to none
    offset_s: U32
    #: connections [first, last) are scanned
    first: int
    last: int
    n_runs: int
    #: a journey takes at most this many seconds
    bound_s: int
    #: a journey arrives no later than this second
    latest: int
    #: the largest number of rides, for the scans that count them: layer k holds journeys of at most
    #: k + 1 rides
    n_layers: int


class Profiles(NamedTuple):
    """Per station the Pareto journeys (departure, arrival), latest departure first; both columns
    fall strictly.
    """

    #: uint32 (n_stations + 1,) offsets of each station's room
    ptr: U32
    #: uint32 (n_stations,) journeys in the room
    count: U32  # type: ignore[assignment]
    #: uint32 (ptr[-1],) seconds
    departure: U32
    #: uint32 (ptr[-1],) seconds, offset of the target included
    arrival: U32
