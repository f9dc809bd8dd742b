"""Seconds on straight lines: by whole metre by hand, and the cells of each door by its
own modes.
"""

from __future__ import annotations

import numpy as np
import pytest

from railshed.access.straight import (
    Entrances,
    best_seconds,
    seconds_between,
    seconds_by_metre,
    straight_access,
)
from railshed.access.street_access import StreetAccess
from railshed.assumptions.assumptions import Mode, default_assumptions
from railshed.cells.cell_keys import cell_keys, key_cells
from railshed.util.units import UNREACHED
from tests.support.cells import cells_at, pairs_of_access, seconds_without_ride

WALK = Mode("walk", 3.6, 1.0, 0, 1200)
BUS = Mode("bus", 36.0, 1.0, 300, 1800)


def test_a_walk_and_a_bus_by_metre() -> None:
    """On foot a second a metre to 20 min, by bus 5 min and 10 m a second to 15 km, rounded up: bus
    from 335 m on.
    """
    found = seconds_by_metre([WALK, BUS], 15_001)
    at = {
        0: 0,
        300: 300,
        333: 333,
        334: 334,
        335: 334,
        1_000: 400,
        1_001: 401,
        15_000: 1_800,
        15_001: UNREACHED,
    }
    assert {metres: int(found[metres]) for metres in at} == at
    on_foot = seconds_by_metre([WALK], 1_201)
    assert (on_foot[:1_201].tolist(), on_foot[1_201]) == (list(range(1_201)), UNREACHED)
    assert seconds_by_metre([], 2).tolist() == [UNREACHED] * 3


def test_a_limit_stands_in_place_of_the_caps() -> None:
    """Within 40 min: 40 min on foot, beyond the cap of 20, and 21 km by bus; within 4 min there is
    no bus.
    """
    both = seconds_by_metre([WALK, BUS], 21_001, 2_400)
    assert both[[2_000, 21_000, 21_001]].tolist() == [500, 2_400, UNREACHED]
    assert seconds_by_metre([WALK], 2_401, 2_400)[[2_400, 2_401]].tolist() == [2_400, UNREACHED]
    assert seconds_by_metre([WALK, BUS], 241, 240)[[240, 241]].tolist() == [240, UNREACHED]


@pytest.mark.parametrize("limit_s", [None, 900])
def test_each_door_has_its_own_modes(limit_s: int | None) -> None:
    """Of a walk, of both, of none and of a walk again: the cells of a wide square within the caps,
    or the limit.
    """
    cells = cells_at(104.0, 30.5, 500)
    doors = Entrances(
        np.array([104.0, 104.03, 104.1, 104.2]), np.array([30.5, 30.52, 30.5, 30.4]), ["bus"] * 4
    )
    modes = [[WALK], [WALK, BUS], [], [WALK]]
    span = np.arange(-60, 100)
    keys = cell_keys(*(axis.ravel() for axis in np.meshgrid(span, span, indexing="ij")))
    metres = cells.metres(cells.numbers(keys), doors.lon, doors.lat)
    expected = set()
    for door, mine in enumerate(modes):
        seconds = best_seconds(mine, metres[door], capped=limit_s is None)
        for k in np.flatnonzero(
            seconds <= (UNREACHED - 1 if limit_s is None else limit_s)
        ).tolist():
            row, column = (int(part) for part in key_cells(keys[k]))
            expected.add((row, column, door, int(seconds[k])))
    found = pairs_of_access(cells, straight_access(cells, doors, modes, limit_s))
    rows = list(
        zip(
            *(getattr(found, n).tolist() for n in ("row", "column", "point", "seconds")),
            strict=True,
        )
    )
    assert len(rows) == len(set(rows)) > 100
    assert set(rows) == expected
    assert {door for _, _, door, _ in rows} == {0, 1, 3}


def test_without_doors_there_are_no_cells() -> None:
    """No door, no pair and no row of a table."""
    none = Entrances(np.empty(0), np.empty(0), [])
    assert len(straight_access(cells_at(104.0, 30.5, 500), none, []).pairs()[0]) == 0
    assert seconds_between(none, none, []).shape == (0, 0)


def test_single_cells_have_the_seconds_of_all() -> None:
    """Within 40 min of three doors: cells, and one beyond, have the seconds that all cells have."""
    cells, way = cells_at(104.0, 30.5, 1_000), StreetAccess(default_assumptions())
    doors = Entrances(
        np.array([104.0, 104.2, 104.21]),
        np.array([30.6, 30.7, 30.7]),
        ["metro", "bus", "metro-small"],
    )
    every = pairs_of_access(cells, way.without_ride(cells, doors, 2_400)).of_nearest()
    keys = cell_keys(every.row, every.column)
    assert len(keys) > 300
    far = cell_keys(np.array([900]), np.array([-900]))
    found = seconds_without_ride(way, cells, np.append(keys, far), doors, 2_400)
    assert found == [*every.seconds.tolist(), UNREACHED]
    none = doors.take(np.empty(0, np.int64))
    assert seconds_without_ride(way, cells, far, none, 2_400) == [UNREACHED]
