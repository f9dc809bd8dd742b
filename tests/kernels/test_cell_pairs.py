"""Pairs of cells and doors, and of ends and doors, against plain loops over random lists."""

from __future__ import annotations

import numpy as np
import pytest

from railshed.kernels.cell_pairs import least_by_cell, mark_cells, pairs_by_cell
from railshed.kernels.draws import open_pairs, pairs_of_ways
from railshed.kernels.types import NEVER
from tests.support.seeds import each_seed

pytestmark = pytest.mark.kernels


@each_seed(range(40))
def test_cells_of_doors(seed: int) -> None:
    """Cells marked, least seconds and pairs are those of every (door, cell) whose seconds are not
    NEVER.
    """
    rng = np.random.default_rng(seed)
    n_doors, n_numbers, n_land = int(rng.integers(0, 6)), 30, int(rng.integers(1, 20))
    n = rng.integers(0, 8, n_doors)
    last = np.cumsum(n)
    cell = rng.integers(0, n_numbers, int(n.sum())).astype(np.uint32)
    value = rng.integers(0, 5, len(cell)).astype(np.uint32)
    kind = rng.integers(0, 2, n_doors)
    seconds = rng.choice(np.array([60, 300, NEVER]), (2, 5))
    place = np.zeros(20, np.int32)
    place[rng.permutation(20)[:n_land]] = np.arange(1, n_land + 1)
    plain = [
        (int(cell[i]), door, int(seconds[kind[door], value[i]]))
        for door in range(n_doors)
        for i in range(last[door] - n[door], last[door])
        if seconds[kind[door], value[i]] != NEVER
    ]
    on_land = sorted(
        (int(place[c]) - 1, door, s) for c, door, s in plain if c < len(place) and place[c] > 0
    )
    around = last - n, last, cell, value, kind, seconds
    held = np.zeros(n_numbers, bool)
    mark_cells(*around, held)
    assert np.flatnonzero(held).tolist() == sorted({c for c, _, _ in plain})
    least = least_by_cell(*around, place, n_land)
    assert least.tolist() == [
        min((s for c, _, s in on_land if c == at), default=NEVER) for at in range(n_land)
    ]
    ptr, door, taken = pairs_by_cell(*around, place, n_land)
    at = np.repeat(np.arange(n_land), np.diff(ptr))
    assert sorted(zip(at.tolist(), door.tolist(), taken.tolist(), strict=True)) == on_land
    assert all((np.diff(door[ptr[k] : ptr[k + 1]]) >= 0).all() for k in range(n_land))


@each_seed(range(40))
def test_ways_share_pairs(seed: int) -> None:
    """Each way has the pair of its end and door, each pair once, end by end; pairs of NEVER are
    left out.
    """
    rng = np.random.default_rng(seed)
    n_ends, n_doors, n_ways = (
        int(rng.integers(1, 6)),
        int(rng.integers(1, 5)),
        int(rng.integers(0, 25)),
    )
    end, door = rng.integers(0, n_ends, n_ways), rng.integers(0, n_doors, n_ways)
    ptr, of_pair, pair = pairs_of_ways(end, door, n_ends, n_doors)
    end_of_pair = np.repeat(np.arange(n_ends), np.diff(ptr))
    assert of_pair[pair].tolist() == door.tolist()
    assert end_of_pair[pair].tolist() == end.tolist()
    pairs = list(zip(end_of_pair.tolist(), of_pair.tolist(), strict=True))
    assert len(set(pairs)) == len(pairs) == len(set(zip(end.tolist(), door.tolist(), strict=True)))
    seconds = rng.choice(np.array([60, NEVER]), len(pairs))
    open_ptr, open_door, left = open_pairs(ptr, of_pair, seconds)
    at = np.repeat(np.arange(n_ends), np.diff(open_ptr)).tolist()
    expected = [pair for pair, s in zip(pairs, seconds.tolist(), strict=True) if s != NEVER]
    assert list(zip(at, open_door.tolist(), strict=True)) == expected
    assert left.tolist() == [60] * len(expected)
