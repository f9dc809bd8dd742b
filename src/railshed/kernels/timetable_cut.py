"""The connections that may be part of a short journey to some stations, found by their hops and the
fastest of each.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from railshed.kernels.jit import kernel
from railshed.kernels.types import ARRIVAL, DEPARTURE, FLAGS, FROM, TO, U32

#: place of the only bit of a word, by the word modulo 67: the powers of 2 below 2**64 have
#: different remainders
_PLACE_OF_BIT = np.zeros(67, np.uint8)
_PLACE_OF_BIT[[2**k % 67 for k in range(64)]] = range(64)
#: columns of a hop while hops are collected: from, next hop with the same end, number of
#: connections, seconds
_TAIL = 0
_AFTER = 1
_COUNT = 2
_LEAST = 3
_MOST = 4


class Hops(NamedTuple):
    """The hops of a timetable, by the station that they end at, and the connections of each, in
    order.
    """

    #: int64 (n_hops,) stations, least and most seconds
    tail: NDArray[np.int64]
    head: NDArray[np.int64]
    least_s: NDArray[np.int64]
    most_s: NDArray[np.int64]
    #: uint32 (n_hops + 1,) offsets of a hop's connections
    ptr: U32
    #: uint32 (n_connections,) index into the timetable's connections
    place: U32
    #: uint16 (n_connections,) seconds of each, 65,535 if it takes longer
    seconds: NDArray[np.uint16]


@kernel
def hops_of(connections, n_stations):
    """Return the fields of `Hops`.

    A station has few neighbours, so the hops that end at one are a short list, walked for each
    connection.
    """
    n_connections = np.uint64(len(connections))
    first = np.full(n_stations, -1, np.int64)
    room = 4 * n_stations + 16
    found = np.empty((room, 5), np.int64)
    of = np.empty(n_connections, np.uint32)
    n = 0
    for i in range(n_connections):
        tail = np.int64(connections[i, FROM])
        head = np.int64(connections[i, TO])
        taken = np.int64(connections[i, ARRIVAL]) - np.int64(connections[i, DEPARTURE])
        hop = first[head]
        while hop >= 0 and found[hop, _TAIL] != tail:
            hop = found[hop, _AFTER]
        if hop < 0:
            if n == room:
                found = np.concatenate((found, found))
                room *= 2
            hop = n
            found[hop, _TAIL] = tail
            found[hop, _AFTER] = first[head]
            found[hop, _COUNT] = 0
            found[hop, _LEAST] = taken
            found[hop, _MOST] = taken
            first[head] = hop
            n += 1
        found[hop, _COUNT] += 1
        found[hop, _LEAST], found[hop, _MOST] = (
            min(found[hop, _LEAST], taken),
            max(found[hop, _MOST], taken),
        )
        of[i] = hop
    tails = np.empty(n, np.int64)
    heads = np.empty(n, np.int64)
    least_s = np.empty(n, np.int64)
    most_s = np.empty(n, np.int64)
    ptr = np.zeros(n + 1, np.uint32)
    end = np.empty(n, np.uint64)
    k = 0
    for station in range(n_stations):
        hop = first[station]
        while hop >= 0:
            tails[k], heads[k], end[hop] = found[hop, _TAIL], station, ptr[k]
            least_s[k] = found[hop, _LEAST]
            most_s[k] = found[hop, _MOST]
            ptr[k + 1] = ptr[k] + np.uint32(found[hop, _COUNT])
            k += 1
            hop = found[hop, _AFTER]
    place = np.empty(n_connections, np.uint32)
    seconds = np.empty(n_connections, np.uint16)
    for i in range(n_connections):
        k = end[of[i]]
        end[of[i]] += np.uint64(1)
        place[k] = i
        seconds[k] = min(connections[i, ARRIVAL] - connections[i, DEPARTURE], np.uint32(65_535))
    return tails, heads, least_s, most_s, ptr, place, seconds


@kernel
def useful_connections(connections, hops, left_s, first, last):
    """Return (rows, places): those of connections[first:last] whose seconds are at most those left
    at their end.

    Places are uint32, rising; left_s int64 (n_stations,), negative where nothing may end. No other
    connections are read, but those of a hop of which only some are fast enough. Each sets a bit, in
    the order of the connections.
    """
    one = np.uint64(1)
    log_bits = np.uint64(6)
    last_bit = np.uint64(63)
    begin = np.uint64(first) & ~last_bit
    bits = np.zeros(((np.uint64(last) - begin) >> log_bits) + one, np.uint64)
    n = 0
    for hop in range(len(hops.head)):
        left = left_s[hops.head[hop]]
        if hops.least_s[hop] > left:
            continue
        every = hops.most_s[hop] <= left
        mine = hops.place[hops.ptr[hop] : hops.ptr[hop + 1]]
        start = np.uint64(hops.ptr[hop]) + np.uint64(np.searchsorted(mine, first))
        for k in range(start, np.uint64(hops.ptr[hop + 1])):
            i = np.uint64(hops.place[k])
            useful = every or hops.seconds[k] <= left
            if i >= np.uint64(last):
                break
            bits[(i - begin) >> log_bits] |= np.uint64(useful) << (i & last_bit)
            n += useful
    places = np.empty(n, np.uint32)
    n = 0
    for word in range(np.uint64(len(bits))):
        rest = bits[word]
        while rest != 0:
            less = rest & (rest - one)
            places[n] = (
                begin
                + (np.uint64(word) << log_bits)
                + np.uint64(_PLACE_OF_BIT[(rest ^ less) % np.uint64(67)])
            )
            rest = less
            n += 1
    out = np.empty((len(places), FLAGS + 1), np.uint32)
    for k in range(
        np.uint64(len(places))
    ):  # apart from the loop above, as many rows are fetched at a time
        for column in range(FLAGS + 1):
            out[k, column] = connections[places[k], column]
    return out, places


@kernel
def more_connections(rows, places, before_s, connections, hops, left_s, first, last):
    """Return the rows of `useful_connections` from its result with `before_s`; where that is more,
    its rows stay.
    """
    more = np.empty(last - first, np.uint32)
    n = 0
    for hop in range(len(hops.head)):
        before = before_s[hops.head[hop]]
        left = left_s[hops.head[hop]]
        if left > before and hops.most_s[hop] > before and hops.least_s[hop] <= left:
            for k in range(np.uint64(hops.ptr[hop]), np.uint64(hops.ptr[hop + 1])):
                new = (
                    before < hops.seconds[k] or before < hops.least_s[hop]
                )  # seconds end at 65,535
                if new and hops.seconds[k] <= left and first <= hops.place[k] < last:
                    more[n] = hops.place[k]
                    n += 1
    more = np.sort(more[:n])
    out = np.empty((len(rows) + len(more), FLAGS + 1), np.uint32)
    i = 0
    for k in range(len(more) + 1):
        while i < len(rows) and (k == len(more) or places[i] < more[k]):
            for column in range(FLAGS + 1):
                out[i + k, column] = rows[i, column]
            i += 1
        if k < len(more):
            for column in range(FLAGS + 1):
                out[i + k, column] = connections[more[k], column]
    return out
