"""The numba sketch that sets the mark: a forward profile scan with one label a station, so not exact.

It is no part of the project: its source is read from the folder given to the benchmark (`profile_fast.py`) at run time.
It ignores change times, knows one window of departures and no trace, and writes into arrays made beforehand.
"""

from __future__ import annotations

import runpy
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from railshed.kernels.types import ARRIVAL, DEPARTURE, FLAGS
from railshed.routing.directions import to_kernel_time
from railshed.routing.journeys import Compiled
from railshed.util.units import MINUTE

#: journeys that the sketch can hold a station
_ROOM = 160


def load_sketch(folder: Path, compiled: Compiled, span: tuple[int, int], bound_s: int) -> Callable[[int], object]:
    """Return the sketch's search from one station: uint16 (n_stations, n_minutes) seconds, 65535 where none."""
    sys.path.insert(0, str(folder))
    try:
        profile = runpy.run_path(str(folder / "profile_fast.py"))["prof"]
    finally:
        sys.path.remove(str(folder))
    rows, shift = compiled.to.connections.astype(np.int64), to_kernel_time(0, "to")
    rows[:, [DEPARTURE, ARRIVAL]] -= shift
    last = span[1] - MINUTE + bound_s
    rows = rows[(rows[:, DEPARTURE] >= span[0]) & (rows[:, DEPARTURE] <= last)]
    rows = rows[np.lexsort((np.arange(len(rows)), rows[:, ARRIVAL], rows[:, DEPARTURE]))]
    connections = np.ascontiguousarray(rows[:, :FLAGS], dtype=np.uint32)
    walk_ptr = compiled.to.walk_ptr
    walks = np.ascontiguousarray(np.column_stack([compiled.to.walk_to, compiled.to.walk_s]), dtype=np.uint32)
    n, n_minutes = compiled.network.n_stations, (span[1] - span[0]) // MINUTE
    entries, count, position = np.empty((n * _ROOM, 2), np.uint32), np.zeros(n, np.uint32), np.zeros(n, np.uint32)
    label, walked = np.zeros(compiled.n_runs, np.uint32), np.zeros(n, np.uint32)
    out: NDArray[np.uint16] = np.empty((n, n_minutes), np.uint16)

    def search(station: int) -> NDArray[np.uint16]:
        profile(
            connections, walk_ptr, walks, 0, len(connections), np.uint32(station), np.uint32(span[0]),
            np.uint32(n_minutes), np.uint32(bound_s), entries, count, position, label, walked, np.uint32(_ROOM), out,
        )  # fmt: skip
        return out

    return search
