"""The connections that may be part of a short journey to some stations, found from the fastest hops."""

import numpy as np

from railshed.kernels.jit import kernel
from railshed.kernels.types import ARRIVAL, DEPARTURE, FROM, TO


@kernel
def fastest_hops(connections, n_stations):
    """Return int64 (n, 3): from, to and the least seconds of each hop, by the station that it ends at.

    A station has few neighbours, so the hops that end at one are a short list, walked for each connection.
    """
    first = np.full(n_stations, -1, np.int64)
    room = 4 * n_stations + 16
    came, least, after = np.empty(room, np.int64), np.empty(room, np.int64), np.empty(room, np.int64)
    n = 0
    for i in range(np.uint64(len(connections))):
        tail, head = np.int64(connections[i, FROM]), np.int64(connections[i, TO])
        seconds = np.int64(connections[i, ARRIVAL]) - np.int64(connections[i, DEPARTURE])
        hop = first[head]
        while hop >= 0 and came[hop] != tail:
            hop = after[hop]
        if hop >= 0:
            least[hop] = min(least[hop], seconds)
            continue
        if n == room:
            came, least, after = np.append(came, came), np.append(least, least), np.append(after, after)
            room *= 2
        came[n], least[n], after[n] = tail, seconds, first[head]
        first[head] = n
        n += 1
    out = np.empty((n, 3), np.int64)
    k = 0
    for head in range(n_stations):
        hop = first[head]
        while hop >= 0:
            out[k, 0], out[k, 1], out[k, 2] = came[hop], head, least[hop]
            k += 1
            hop = after[hop]
    return out


@kernel
def useful_connections(connections, left_s):
    """Return the connections whose seconds are at most those left at their end, in order.

    left_s int64 (n_stations,), negative where nothing may end. The result is the first part of an array as long as the
    connections, of which the rest is never touched.
    """
    out = np.empty(connections.shape, np.uint32)
    n = 0
    for i in range(np.uint64(len(connections))):
        if np.int64(connections[i, ARRIVAL] - connections[i, DEPARTURE]) <= left_s[connections[i, TO]]:
            for k in range(connections.shape[1]):
                out[n, k] = connections[i, k]
            n += 1
    return out[:n]
