"""Cells and people within several limits at once, against plain masks of each limit."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pandas as pd
import pytest

from railshed.cells.population import People
from railshed.circles.cell_counts import PARTS, CellCounts
from railshed.circles.city_model import CityModel
from railshed.circles.study_area import StudyArea
from railshed.kernels.limit_sums import sum_within
from railshed.util.units import MINUTE, UNREACHED
from tests.support.cells import cells_at
from tests.support.seeds import each_seed

pytestmark = [pytest.mark.kernels, pytest.mark.properties]

N_COUNTIES, N_CELLS = 7, 60


def random_seconds(rng: np.random.Generator) -> np.ndarray:
    """Return seconds of cells, some on whole minutes, some unreached."""
    seconds = rng.integers(0, 40, N_CELLS) * rng.choice([MINUTE, MINUTE - 1, MINUTE + 1], N_CELLS)
    return np.where(rng.random(N_CELLS) < 0.2, UNREACHED, seconds).astype(np.int32)


def random_people(rng: np.random.Generator, n: int = 90) -> People:
    """Return people of random cells, several parts of a cell or none, in thirds that no float64 is
    equal to.
    """
    cell = np.sort(rng.integers(0, N_CELLS, n))
    return People(cell, rng.integers(0, N_COUNTIES, n), rng.integers(1, 999, n) / 3)


@each_seed(range(30))
def test_sums_within_limits_are_those_of_masks(seed: int) -> None:
    """By county and part, with and without an end, all cells known or some: equal to the
    last bit.
    """
    rng = np.random.default_rng(seed)
    since, until, people = random_seconds(rng), random_seconds(rng), random_people(rng)
    county, part = (
        rng.integers(0, N_COUNTIES, N_CELLS).astype(np.int32),
        rng.integers(0, len(PARTS), N_COUNTIES),
    )
    known = rng.random(N_CELLS) < 0.6
    limits = np.unique(rng.integers(0, 40, 5)) * MINUTE
    ends, of_some = (until if seed % 2 else until[:0]), (known if seed % 3 else known[:0])
    ptr = np.searchsorted(people.cell, np.arange(N_CELLS + 1)).astype(np.int32)
    of_people = people.county.astype(np.int32)
    cells, sums = sum_within(
        since, ends, limits, county, part, of_some, ptr, of_people, people.people
    )
    assert len(cells) == (2 if seed % 3 else 1)
    for k, limit in enumerate(limits.tolist()):
        inside = (since <= limit) & (until > limit) if seed % 2 else since <= limit
        for kind, mask in enumerate((inside, inside & known)[: len(cells)]):
            by_county = np.bincount(county[mask], minlength=N_COUNTIES)
            by_part = np.bincount(part[county[mask]], minlength=len(PARTS))
            assert cells[kind, k].tolist() == [*by_county, *by_part]
        mine = inside[people.cell]
        numbers, of = people.people[mine], people.county[mine]
        by_county = np.bincount(of, weights=numbers, minlength=N_COUNTIES)
        assert sums[k].tolist() == [
            *by_county,
            *np.bincount(part[of], weights=numbers, minlength=len(PARTS)),
        ]


@each_seed(range(10))
@pytest.mark.parametrize("with_counties", [True, False])
def test_figures_within_minutes_are_those_of_their_cells(seed: int, *, with_counties: bool) -> None:
    """`CellCounts.within` by minute, `inside` of the same cells and `outside` agree in every
    figure, jobs too.
    """
    rng = np.random.default_rng(seed)
    counties = {
        "county_code": np.array(list("abcdefg")),
        "prefecture_code": np.array(list("aabbccd")),
        "province_code": np.array(list("aaaabbb")),
        "population": rng.integers(0, 20_000, N_COUNTIES),
    }
    network = SimpleNamespace(counties=pd.DataFrame(counties) if with_counties else None)
    city = SimpleNamespace(proper_counties=("a",), prefecture_code="a")
    case = cast(
        CityModel,
        SimpleNamespace(
            compiled=SimpleNamespace(network=network), city=city, has_prefectures=with_counties
        ),
    )
    county = rng.integers(0, N_COUNTIES, N_CELLS) if with_counties else np.full(N_CELLS, -1)
    land = StudyArea(
        cells_at(0.0, 0.0, 500), np.zeros(N_CELLS, np.int64), np.arange(N_CELLS), county, 0
    )
    counts = CellCounts(
        case,
        land,
        random_people(rng),
        known=rng.random(N_CELLS) < 0.3,
        others={"jobs": rng.random(N_CELLS)},
        others_known=rng.random(N_CELLS) < 0.3,
    )
    since, until = random_seconds(rng), random_seconds(rng)
    names = (
        "n",
        "n_known",
        "people",
        "n_by_part",
        "people_by_part",
        "people_figures",
        "people_outside",
        "people_by_county",
        "known_km2",
        "known_km2_outside",
        "km2_outside",
        "others",
        "others_known_km2",
        "figures",
    )
    for one in (counts, replace(counts, people=None), replace(counts, known=None)):
        for minute, found in one.within(since, [30, 5, 5, 0], until).items():
            cells = (since <= minute * MINUTE) & (until > minute * MINUTE)
            assert found.cells.tolist() == cells.tolist()
            same = one.inside(cells)
            for name in names:
                np.testing.assert_equal(getattr(found, name), getattr(same, name), err_msg=name)
            assert_plain(one, found, cells)
        every = one.within(since, range(31), until).values()
        own = {
            "people": [each.people_outside for each in every],
            "km2": [each.km2_outside for each in every],
        }
        assert one.outside(since, range(31), until) == own


def assert_plain(counts: CellCounts, found: Any, cells: np.ndarray) -> None:
    """Compare people and area with sums over the cells, none where the source knows none
    of them.
    """
    known = cells if counts.known is None else cells & counts.known
    outside = counts.cell_part != 0
    assert found.figures["area_km2"] == cells.sum() / 4
    assert found.km2_outside == (cells & outside).sum() / 4
    if counts.people is None:
        assert (found.people_by_part, found.people_outside, found.known_km2) == (None, None, None)
        return
    assert (found.known_km2, found.known_km2_outside) == (
        known.sum() / 4,
        (known & outside).sum() / 4,
    )
    of_none = cells.any() and not known.any()
    assert (found.people_by_part is None) == of_none
    if not of_none:
        total = counts.people.people[cells[counts.people.cell]].sum()
        assert sum(found.people_by_part) == pytest.approx(total)
        assert found.people_figures["people"] == pytest.approx(total, abs=1)
