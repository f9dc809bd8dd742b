"""The cells that added trips reach: which ones, the pairs of each, and sums in one order, against
plain references.
"""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from railshed.circles.cell_counts import PARTS
from railshed.kernels.cell_sums import count_cells, gather_pairs, mark_cells, sum_population
from railshed.util.units import UNREACHED
from tests.support.seeds import each_seed

pytestmark = [pytest.mark.kernels, pytest.mark.properties]

LIMITS = np.array([600, 1800], np.int64)
N_PARTS = len(PARTS)


def csr(rng: Random, n: int, n_other: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return offsets, a random other index and seconds of up to four pairs each."""
    sizes = [rng.randrange(5) for _ in range(n)]
    ptr = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    other = np.array([rng.randrange(n_other) for _ in range(ptr[-1])], np.int32)
    return ptr, other, np.array([rng.randrange(900) for _ in range(ptr[-1])], np.int32)


@each_seed(range(30))
def test_cells_within_the_budget_of_a_station_are_marked(seed: int) -> None:
    """A cell is marked where one of the stations named is near enough, and stays so where it was
    marked.
    """
    rng = Random(seed)
    n_cells, n_stations = 12, 5
    ptr, cell, seconds = csr(rng, n_stations, n_cells)
    stations = [rng.randrange(n_stations) for _ in range(3)]
    budgets = [rng.randrange(-1, 900) for _ in stations]
    marks = np.zeros(n_cells, dtype=bool)
    marks[3] = True
    mark_cells(marks, ptr, cell, seconds, np.array(stations, np.int64), np.array(budgets, np.int64))
    expected = {3} | {
        int(cell[k])
        for x, budget in zip(stations, budgets, strict=True)
        for k in range(ptr[x], ptr[x + 1])
        if seconds[k] <= budget
    }
    assert set(np.flatnonzero(marks).tolist()) == expected


@each_seed(range(30))
def test_pairs_of_some_cells_and_of_new_ones(seed: int) -> None:
    """Each slot has the pairs of its cell and those added, without stations where no ride
    begins.
    """
    rng = Random(seed)
    ptr, station, seconds = csr(rng, 10, 6)
    cells = sorted(rng.sample(range(10), rng.randrange(5)))
    n_slots = len(cells) + 3
    more = [
        (rng.randrange(n_slots), rng.randrange(6), rng.randrange(900))
        for _ in range(rng.randrange(6))
    ]
    columns = [np.array([m[k] for m in more], np.int64) for k in range(3)]
    rows = np.array([rng.choice((-1, x)) for x in range(6)], np.int64)
    home = np.array([rng.randrange(600) for _ in range(6)], np.int64)
    found = gather_pairs(
        np.array(cells, np.int64), ptr, station, seconds, *columns, n_slots, rows, home
    )
    own = [
        [(int(station[k]), int(seconds[k])) for k in range(ptr[c], ptr[c + 1])] for c in cells
    ] + [[], [], []]
    for slot, x, s in more:
        own[slot].append((x, s))
    assert len(found[0]) == n_slots + 1
    for slot in range(n_slots):
        mine = slice(found[0][slot], found[0][slot + 1])
        pairs = list(zip(found[1][mine].tolist(), found[2][mine].tolist(), strict=True))
        assert pairs == [(rows[x], s + home[x]) for x, s in own[slot] if rows[x] >= 0]


def kinds_of(rail: int, local: int, limit: int) -> list[bool]:
    """Return whether a cell is within the limit in all, by rail, without a ride, by rail alone."""
    return [min(rail, local) <= limit, rail <= limit, local <= limit, rail <= limit < local]


def random_seconds(rng: Random, n: int) -> np.ndarray:
    return np.array([rng.choice((0, 600, 601, 1800, 1801, UNREACHED)) for _ in range(n)], np.int32)


@each_seed(range(30))
def test_cells_are_counted_by_limit_kind_and_part(seed: int) -> None:
    """All cells and those where people are known; limits are inclusive; a second call adds to the
    first.
    """
    rng = Random(seed)
    n = 20
    rail, local = random_seconds(rng, n), random_seconds(rng, n)
    part = np.array([rng.randrange(3) for _ in range(n)], np.int8)
    known = np.array([rng.random() < 0.6 for _ in range(n)])
    out = np.zeros((2, 2, 4, 3), np.int64)
    for _ in range(2):
        count_cells(out, rail, local, part, known, LIMITS)
    expected = np.zeros_like(out)
    for k in range(n):
        for c, limit in enumerate(LIMITS.tolist()):
            for kind, inside in enumerate(kinds_of(int(rail[k]), int(local[k]), limit)):
                expected[0, c, kind, part[k]] += 2 * inside
                expected[1, c, kind, part[k]] += 2 * (inside and known[k])
    assert out.tolist() == expected.tolist()


@each_seed(range(30))
def test_people_are_added_up_in_the_order_of_their_cells(seed: int) -> None:
    """People of old and new cells are summed as `numpy.bincount` sums them over all cells in order,
    to the bit.
    """
    rng = Random(seed)
    n = 12
    own = sorted(rng.sample(range(n), rng.randrange(n + 1)))
    sides = []
    for keys in (own, sorted(set(range(n)) - set(own))):
        cell = [k for k in range(len(keys)) for _ in range(rng.randrange(3))]
        part = np.array([rng.randrange(N_PARTS) for _ in cell], np.int8)
        people = np.array([rng.random() * 10 ** rng.randrange(6) for _ in cell])
        rail, local = random_seconds(rng, len(keys)), random_seconds(rng, len(keys))
        rows = np.array([keys[k] for k in cell], np.int64)
        sides.append((rows, np.array(cell, np.int64), part, people, rail, local))
    found = sum_population(*sides[0], sides[1], LIMITS)
    order = np.argsort(np.concatenate([s[0] for s in sides]), kind="stable")
    part, people = (np.concatenate([s[k] for s in sides])[order] for k in (2, 3))
    rail, local = (np.concatenate([s[k][s[1]] for s in sides])[order].tolist() for k in (4, 5))
    for c, limit in enumerate(LIMITS.tolist()):
        inside = np.array(
            [kinds_of(r, s, limit) for r, s in zip(rail, local, strict=True)]
        ).reshape(-1, 4)
        for kind in range(4):
            mine = inside[:, kind].astype(bool)
            sums = np.bincount(part[mine], weights=people[mine], minlength=N_PARTS)
            assert found[c, kind].tolist() == sums.tolist()
