"""Printed rows add up: total is local and added, after is before and gained less lost, in whole
people.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import railshed
from railshed.circles.cell_counts import PARTS, added_figures, balanced, figures_of_parts
from railshed.comparisons.changes import county_changes
from railshed.comparisons.incremental.counts import ReadingTotals
from railshed.scenario.files import scenario_from_dict

PERIOD = {"start_time": "05:00", "end_time": "23:00", "headway_minutes": 10}
NORTHWEST = {
    "type": "add-trips",
    "name": "nw",
    "stops": [{"name": "西北原", "id": "northwest", "lon": 99.8, "lat": 0.5}, "mid"],
    "hop_minutes": [18],
    "frequencies": [PERIOD],
}
PLAN = scenario_from_dict(
    {"title": "plan", "modification": [NORTHWEST, {"type": "remove-trips", "routes": ["sw"]}]}
)
ADDED = ("people_city_proper", "people_outside_city", "people")
#: people of twelve cells, three a part of the city
CELLS = st.lists(st.floats(0, 3), min_size=12, max_size=12).map(
    lambda people: np.array(people).reshape(4, 3)
)
MASKS = st.lists(st.booleans(), min_size=12, max_size=12).map(
    lambda cells: np.array(cells, bool).reshape(4, 3)
)


def by_part(people: Any, cells: Any) -> list[float]:
    return [float(v) for v in np.where(cells, people, 0.0).sum(axis=1)]


def rounded(people: Any, cells: Any) -> dict[str, Any]:
    n = cells.sum(axis=1)
    return figures_of_parts(by_part(people, cells), n, n)


@given(CELLS, MASKS, MASKS)
def test_total_is_local_and_added(people: Any, local: Any, rail: Any) -> None:
    """In the city proper, outside and in all; nothing is negative, none where nobody is, parts sum
    to their sums.
    """
    added = ~local & rail
    total, near = rounded(people, local | rail), rounded(people, local)
    told = added_figures(rounded(people, added), by_part(people, added), total, near)
    for name in ADDED:
        assert total[name] == (near[name] or 0) + (told[name] or 0)
    for row in (total, near, told):
        assert row["people_outside_city"] == sum(row[f"people_{part}"] for part in PARTS[1:])
        assert row["people"] == row["people_city_proper"] + row["people_outside_city"]
        assert all(value is not None and value >= 0 for value in row.values())
    if not by_part(people, added)[0]:
        assert told["people_city_proper"] == 0
    true = sum(by_part(people, added)[1:])
    assert abs((told["people_outside_city"] or 0) - true) <= 1


@given(CELLS, MASKS, MASKS)
def test_after_is_before_and_gained_less_lost(people: Any, was: Any, now: Any) -> None:
    """Before and after stay as they are anywhere else; gained and lost are off by less than two,
    never below none.
    """
    states = {"before": was, "after": now, "gained": now & ~was, "lost": was & ~now}
    own = {state: rounded(people, cells)["people_outside_city"] for state, cells in states.items()}
    told: dict[str, Any] = balanced(own)
    assert (told["before"], told["after"]) == (own["before"], own["after"])
    assert told["before"] + told["gained"] - told["lost"] == told["after"]
    for state in ("gained", "lost"):
        assert told[state] >= 0
        assert abs(told[state] - sum(by_part(people, states[state])[1:])) < 2


def test_by_hand() -> None:
    """0.4 and 0.4 are 1 in all: the one that is gained; who is not known stays so, and counts as
    nobody.
    """
    assert balanced({"before": 0, "after": 1, "gained": 0, "lost": 0})["gained"] == 1
    assert balanced({"before": 95, "after": 224, "gained": 129, "lost": 1})["gained"] == 130
    none = balanced({"before": None, "after": 7, "gained": 7, "lost": None})
    assert none == {"before": None, "after": 7, "gained": 7, "lost": None}


@pytest.fixture(scope="module")
def found() -> Any:
    """The plan on the grid city with 3.85 people a million more.

    By rail door to door within 60 minutes of 1, 2 and 64 thousand west, east and southwest the last
    are lost and 128 thousand northwest come: 67,000.26 before, 131,000.50 after, 128,000.49 gained,
    64,000.25 lost.
    """
    toy = railshed.load_network("toy")
    population = toy.population
    assert population is not None
    return railshed.compare(
        replace(toy, population=population.assign(people=population["people"] * 1.00000385)),
        "mid",
        PLAN,
    )


def test_tables_of_a_comparison(found: Any) -> None:
    """Every row adds up and has the figures of the circles: 128,001 are gained, which 131,000.50
    after ask for.
    """
    row = found.headline_row("by_rail")
    assert [row[f"people_{state}"] for state in ("before", "after", "gained", "lost")] == [
        67_000,
        131_001,
        128_001,
        64_000,
    ]
    for row in found.table:
        assert (
            row["people_before"] + row["people_gained"] - row["people_lost"] == row["people_after"]
        )
        for state, circle in (("before", found.before), ("after", found.after)):
            table = circle.summary.readings[row["reading"]].table
            own = {(r["cutoff_min"], r["kind"]): r["people_outside_city"] for r in table}
            assert row[f"people_{state}"] == own[row["cutoff_min"], row["kind"]]
    counties = county_changes(found.counts, *found.headline, 60)
    assert (counties["people_before"] + counties["people_gained"] - counties["people_lost"]).equals(
        counties["people_after"]
    )


def test_tables_of_circles(found: Any) -> None:
    """Total is local and added under every reading and cutoff."""
    for circle in (found.before, found.after):
        for block in circle.summary.to_dict()["readings"].values():
            rows = {(row["cutoff_min"], row["kind"]): row for row in block["table"]}
            for cutoff in block["cutoffs"]:
                for name in ADDED:
                    total, local, added = (
                        rows[cutoff, kind][name] for kind in ("total", "local", "added_by_rail")
                    )
                    assert total == local + added


def test_tallies_round_as_tables_do() -> None:
    """0.6 outside without a ride and 0.6 by rail: 1 in all and 1 local, so 0 added."""
    people = np.zeros((1, 4, 4))
    people[0, :, 1] = (1.2, 0.6, 0.6, 0.6)  # total, by rail, local, added
    n = (people > 0).astype(np.int64)
    tally = ReadingTotals((60,), 0.25, n, n, people)
    told = {
        kind: tally.row(60, kind)["people_outside_city"]
        for kind in ("total", "local", "added_by_rail")
    }
    assert told == {"total": 1, "local": 1, "added_by_rail": 0}
