"""Timetables with trips taken out and others put in, and the profiles that differ from those
before.
"""

import numpy as np

from railshed.kernels.jit import kernel
from railshed.kernels.types import DEPARTURE, FLAGS, NEVER, RUN


@kernel
def edited_connections(connections, gone, added):
    """Return the connections without some runs and with others, by departure: of one second, the
    added ones last.

    gone bool (n_runs,), the runs of `added` included; both uint32 (n, 6), by departure.
    """
    out = np.empty((len(connections) + len(added), FLAGS + 1), np.uint32)
    n = np.uint64(0)
    j = np.uint64(0)
    end = np.uint64(len(added))
    for i in range(np.uint64(len(connections))):
        while j < end and added[j, DEPARTURE] < connections[i, DEPARTURE]:
            for column in range(FLAGS + 1):
                out[n, column] = added[j, column]
            j += np.uint64(1)
            n += np.uint64(1)
        for column in range(FLAGS + 1):
            out[n, column] = connections[i, column]
        n += np.uint64(not gone[connections[i, RUN]])
    while j < end:
        for column in range(FLAGS + 1):
            out[n, column] = added[j, column]
        j += np.uint64(1)
        n += np.uint64(1)
    return out[:n]


@kernel
def changed_profiles(old, new):
    """Return (stations, least): int64 stations whose journeys differ, rising, and the seconds of
    the shortest of these.

    old, new: `Profiles`, each station's journeys by falling departure; those of `new` may be of
    more stations. The shortest is that of all journeys that only one of the two has.
    """
    old_ptr, old_count, old_departure, old_arrival = old
    new_ptr, new_count, new_departure, new_arrival = new
    one = np.uint64(1)
    stations = np.empty(len(new_count), np.int64)
    leasts = np.empty(len(new_count), np.int64)
    n = 0
    for x in range(len(new_count)):
        j = np.uint64(new_ptr[x])
        j_end = np.uint64(new_ptr[x]) + np.uint64(new_count[x])
        i = np.uint64(0)
        i_end = np.uint64(0)
        if x < len(old_count):
            i = np.uint64(old_ptr[x])
            i_end = np.uint64(old_ptr[x]) + np.uint64(old_count[x])
        least = np.uint32(NEVER)
        while i < i_end or j < j_end:
            if j == j_end or (i < i_end and old_departure[i] > new_departure[j]):
                least = min(least, old_arrival[i] - old_departure[i])
                i += one
            elif i == i_end or new_departure[j] > old_departure[i]:
                least = min(least, new_arrival[j] - new_departure[j])
                j += one
            else:
                if old_arrival[i] != new_arrival[j]:
                    least = min(least, min(old_arrival[i], new_arrival[j]) - new_departure[j])
                i += one
                j += one
        if least != np.uint32(NEVER):
            stations[n] = x
            leasts[n] = least
            n += 1
    return stations[:n], leasts[:n]
