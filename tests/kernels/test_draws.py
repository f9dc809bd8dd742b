"""Connections at other times and ways at other speeds: against plain loops and numpy,
case by case.
"""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from railshed.kernels.draws import moved_connections, shorten
from railshed.kernels.types import ARRIVAL, DEPARTURE, FLAGS, REPEAT, RUN, TO
from tests.support.seeds import each_seed

pytestmark = [pytest.mark.kernels, pytest.mark.properties]


@each_seed(range(60))
def test_moved_connections(seed: int) -> None:
    """Every connection once at its new seconds, in order of departure, then as before; REPEAT where
    one can go on.
    """
    rng = Random(seed)
    n, n_runs, n_stations = rng.choice((0, 1, 8, 300)), rng.randint(1, 20), rng.randint(2, 9)
    rows = np.array(
        [
            (
                leaves,
                leaves + rng.choice((0, 5, 60)),
                rng.randrange(n_stations),
                rng.randrange(n_stations),
                rng.randrange(n_runs),
                rng.randrange(8),
            )
            for leaves in sorted(rng.randrange(500) for _ in range(n))
        ],
        np.uint32,
    ).reshape(-1, 6)
    shift = np.array([rng.choice((0, -600, -3, 7, 120)) for _ in range(n_runs)], np.int64)
    pace = np.array([rng.choice((1.0, 0.9, 1.25)) for _ in range(n_runs)])
    start = np.array([rng.randrange(500) for _ in range(n_runs)], np.int64)
    instant = np.array([rng.random() < 0.3 for _ in range(n_stations)])
    before = rows.copy()
    found = moved_connections(rows, np.arange(n_runs, dtype=np.int32), shift, pace, start, instant)
    assert np.array_equal(rows, before)

    def moved(second: int, run: int) -> int:
        return max(
            0, int(np.rint((second - start[run]) * pace[run])) + int(start[run] + shift[run])
        )

    plain = [
        [moved(row[DEPARTURE], row[RUN]), moved(row[ARRIVAL], row[RUN]), *row[2:]]
        for row in before.tolist()
    ]
    plain.sort(key=lambda row: row[DEPARTURE])
    again = {row[DEPARTURE] for row in plain if row[DEPARTURE] == row[ARRIVAL] and instant[row[TO]]}
    for row in plain:
        row[FLAGS] = row[FLAGS] & ~REPEAT | (REPEAT if row[DEPARTURE] in again else 0)
    assert found.dtype == np.uint32
    assert found.tolist() == plain


@each_seed(range(30))
def test_shorten(seed: int) -> None:
    """The least of what is there and of the ways within the cap, rounded up as numpy does it."""
    rng = np.random.default_rng(seed)
    n, n_pairs, n_doors = (
        int(rng.integers(0, 200)),
        int(rng.integers(1, 40)),
        int(rng.integers(1, 6)),
    )
    pair, door = rng.integers(0, n_pairs, n), rng.integers(0, n_doors, n)
    metres, per_metre = rng.integers(0, 3_000, n).astype(float), rng.uniform(0.1, 1.5, n_doors)
    overhead, cap_s = rng.uniform(0, 300, n_doors), int(rng.integers(1, 3_000))
    best = rng.integers(0, 4_000, n_pairs)
    plain = best.copy()
    seconds = np.ceil(overhead[door] + metres * per_metre[door] - 1e-6).astype(np.int64)
    np.minimum.at(plain, pair[seconds <= cap_s], seconds[seconds <= cap_s])
    shorten(best, pair, door, metres, per_metre, overhead, cap_s)
    assert np.array_equal(best, plain)
