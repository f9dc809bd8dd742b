"""Straight-line field: whole seconds between cells and the nearest place, for millions of cells at once.

A place has a start second (0 without a head start) and modes. Each mode is a source of the field: overhead + distance *
detour / speed, as `straight.mode_seconds`, up to a cap or a limit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from railshed.assumptions.assumptions import Mode
from railshed.cells.grid import Grid
from railshed.kernels import straight_line as kernels
from railshed.util.array_types import Floats, Ints64
from railshed.util.parallel import call_in_threads
from railshed.util.units import UNREACHED

#: rows of cells worked out at a time, a whole number of the kernel's blocks
BAND = kernels.BLOCK
#: reach of sources with neither cap nor limit: 30 years, still an int32 when it is rounded
_MOST_S = 10**9
#: fewer cells than this are worked out on one thread
_WORTH_THREADS = 1 << 20


def sources_of(
    grid: Grid, x: Floats, y: Floats, modes: Sequence[Sequence[Mode]], *,
    start_s: Sequence[int] | Ints64 | None = None, capped: bool = True, limit_s: int | None = None,
) -> Floats:  # fmt: skip
    """Return float64 (n_sources, 5): the sources of places at x, y (grid metres), one a place and mode.

    `start_s` seconds, not negative, of leaving each place. A source ends at the mode's cap if `capped`, and where start
    and travel take more than `limit_s`; both inclusive. Those without reach are left out.
    """
    starts = np.zeros(len(x), np.int64) if start_s is None else np.asarray(start_s, np.int64)
    found = []
    # Python numbers: several times as fast as numpy scalars
    for at_x, at_y, start, mine in zip(x.tolist(), y.tolist(), starts.tolist(), modes, strict=True):
        for mode in mine:
            budget = min(mode.cap_s if capped else _MOST_S, _MOST_S if limit_s is None else limit_s - start)
            if mode.overhead_s <= budget:
                per = mode.seconds_per_metre()
                reach = (budget + kernels.ROUNDING_S - mode.overhead_s) / per
                size = grid.size_m
                found.append((at_x / size - 0.5, at_y / size - 0.5, start + mode.overhead_s, per * size, reach / size))
    return np.array(found, np.float64).reshape(-1, 5)


def seconds_of_cells(sources: Floats, row: Ints64, column: Ints64, workers: int | None = None) -> Ints64:
    """Return int64 (n_cells,) seconds of single cells in any order, UNREACHED beyond all sources.

    `workers` threads; None: one where there are few cells, else as in `util.parallel.count_threads`.
    """
    out = np.full(len(row), UNREACHED, np.int64)
    if (np.diff(row) < 0).any():
        order = np.argsort(row, kind="stable")
        out[order] = seconds_of_cells(sources, row[order], column[order], workers)
        return out
    bands = np.unique(row // BAND)
    ends = np.searchsorted(row, np.stack([bands, bands + 1]) * BAND)

    def work(band: int) -> None:
        mine = slice(ends[0, band], ends[1, band])
        first, left = int(bands[band]) * BAND, int(column[mine].min())
        strip = np.empty((BAND, int(column[mine].max()) - left + 1), np.int32)
        kernels.least_seconds(sources, first, left, strip)
        out[mine] = strip[row[mine] - first, column[mine] - left]

    _for_each(work, range(len(bands)), len(row), workers)
    return out


def cells_reached(sources: Floats, workers: int | None = None) -> tuple[Ints64, Ints64, Ints64]:
    """Return (row, column, seconds) of all cells that a source reaches, by row, then column; workers as above."""
    if not len(sources):
        return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.int64)
    x, y, reach = (sources[:, k] for k in (kernels.X, kernels.Y, kernels.REACH))
    low, high = int(np.ceil((y - reach).min())), int(np.floor((y + reach).max()))
    left, right = int(np.ceil((x - reach).min())), int(np.floor((x + reach).max()))
    found: dict[int, tuple[Ints64, Ints64, Ints64]] = {}

    def work(first: int) -> None:
        strip = np.empty((min(BAND, high + 1 - first), right + 1 - left), np.int32)
        kernels.least_seconds(sources, first, left, strip)
        row, column = np.nonzero(strip != UNREACHED)
        found[first] = row + first, column + left, strip[row, column].astype(np.int64)

    firsts = range(low, high + 1, BAND)
    _for_each(work, firsts, max(0, high - low) * max(0, right - left), workers)
    row, column, seconds = (np.concatenate([found[first][k] for first in firsts]) for k in range(3))
    return row, column, seconds


def _for_each(work: Callable[[int], None], items: Iterable[int], n_cells: int, workers: int | None) -> None:
    """Call `work` with every item, on one thread where there are few cells."""
    call_in_threads(work, items, workers or (None if n_cells >= _WORTH_THREADS else 1))
