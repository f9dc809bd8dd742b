"""Connections in the order in which they are searched, in either direction of time."""

import numpy as np

from railshed.kernels.jit import kernel
from railshed.kernels.types import ALIGHT, ARRIVAL, BOARD, DEPARTURE, FLAGS, FROM, RUN, TO

#: with fewer than one connection in so many seconds the seconds are sorted, not counted one by one
_FEW = 64


@kernel
def by_departure(rows, from_s):
    """Return connections sorted by departure, run, order of travel, uint32 (n, 6).

    rows: uint32 (n, 6), by run, those of a run in the order of travel. `from_s` not negative: with
    time reversed and counted back from that second, so ends, flags and the order of travel are
    turned round.
    """
    n = np.uint64(len(rows))
    mirrored = from_s >= 0
    out = np.empty_like(rows)
    if n == 0:
        return out
    clock = ARRIVAL if mirrored else DEPARTURE
    first_s = np.int64(rows[:, clock].max() if mirrored else rows[:, clock].min())
    last_s = np.int64(rows[:, clock].min() if mirrored else rows[:, clock].max())
    if n * np.uint64(_FEW) < np.uint64(
        abs(last_s - first_s)
    ):  # seconds at which none leaves need no place
        seconds = np.unique(rows[:, clock])
        nth = np.searchsorted(seconds, rows[:, clock])
        nth = len(seconds) - 1 - nth if mirrored else nth
    else:
        nth = np.abs(rows[:, clock].astype(np.int64) - first_s)
    place = np.cumsum(np.bincount(nth + 1))
    start = np.uint64(0)
    while start < n:
        end = start + np.uint64(1)
        while mirrored and end < n and rows[end, RUN] == rows[start, RUN]:
            end += np.uint64(1)
        for k in range(start, end):
            i = start + end - np.uint64(1) - k if mirrored else k
            at = place[nth[i]]
            place[nth[i]] += 1
            out[at, RUN] = rows[i, RUN]
            if mirrored:
                out[at, DEPARTURE], out[at, ARRIVAL] = (
                    from_s - rows[i, ARRIVAL],
                    from_s - rows[i, DEPARTURE],
                )
                out[at, FROM], out[at, TO] = rows[i, TO], rows[i, FROM]
                out[at, FLAGS] = (rows[i, FLAGS] & BOARD) * ALIGHT + (
                    rows[i, FLAGS] & ALIGHT
                ) // ALIGHT * BOARD
            else:
                out[at, DEPARTURE] = rows[i, DEPARTURE]
                out[at, ARRIVAL] = rows[i, ARRIVAL]
                out[at, FROM] = rows[i, FROM]
                out[at, TO] = rows[i, TO]
                out[at, FLAGS] = rows[i, FLAGS]
        start = end
    return out
