"""The headline with one rule or cap changed at a time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from railshed import Network, prepare
from railshed.api.analysis import Analysis
from railshed.assumptions.assumptions import default_assumptions
from railshed.assumptions.readings import get_reading
from railshed.circles.sensitivity import changes_of


def test_each_rule_and_cap_is_changed_once(toy_run: Analysis) -> None:
    """As it is, early minutes in full, two slacks, percentile 75, the caps of all modes at both
    ends.
    """
    reading = get_reading("door-to-door", toy_run.readings)
    caps = [
        f"cap_{mode}_{x}"
        for mode in ("walk", "bike", "feeder", "shared-bicycle")
        for x in ("0.67", "1.33")
    ]
    keys = [change.key for change in changes_of(reading, toy_run.assumptions)]
    assert keys == ["as_it_is", "early_weight_1", "slack_15", "slack_30", "percentile_75", *caps]


def test_rules_that_a_reading_does_not_have_are_not_changed(toy_run: Analysis) -> None:
    """Turning up there is no early minute; to a terminal no egress; a weight of 1 is no change."""
    turn_up = [
        c.key
        for c in changes_of(get_reading("turn-up-and-go", toy_run.readings), toy_run.assumptions)
    ]
    assert turn_up[:2] == ["as_it_is", "percentile_75"]
    to_terminal = replace(get_reading("door-to-station", toy_run.readings), early_weight=1.0)
    keys = [change.key for change in changes_of(to_terminal, toy_run.assumptions)]
    assert "early_weight_1" not in keys
    assert not [key for key in keys if "shared-bicycle" in key]


@pytest.mark.parametrize(
    ("key", "changed"), [("slack_15", {"slack_s": 900}), ("early_weight_1", {"early_weight": 1.0})]
)
def test_a_row_is_the_circle_under_the_change(
    toy: Network, toy_run: Analysis, key: str, changed: dict[str, float]
) -> None:
    """The figures of a reading changed alone are those of a run with it."""
    rows = {(row["key"], row["cutoff_min"]): row for row in toy_run.circle("mid").sensitivity}
    own = prepare(toy)
    readings = {**own.readings, "door-to-door": replace(own.readings["door-to-door"], **changed)}
    table = own.changed(readings=readings).circle("mid").summary.readings["door-to-door"].table
    for cutoff in (60, 90):
        found = table.at(cutoff)["by_rail"]
        for name in (
            "people_outside_city",
            "people_own_prefecture",
            "people_other_prefecture",
            "people_other_province",
        ):
            assert rows[key, cutoff][name] == found[name]
        assert rows[key, cutoff]["area_km2"] == found["area_km2_outside_city"]


def test_the_cap_of_the_shared_bicycle(toy: Network, toy_run: Analysis) -> None:
    """The main centre is 14.06 min from `mid`: a cap of 15 x 0.67 loses it, and with it all but
    `midsouth`'s places.
    """
    rows = {(row["key"], row["cutoff_min"]): row for row in toy_run.circle("mid").sensitivity}
    a = default_assumptions()
    mode = a.modes["shared-bicycle"]
    short = replace(
        a, modes={**a.modes, "shared-bicycle": replace(mode, cap_s=round(mode.cap_s * 0.67))}
    )
    table = prepare(toy, assumptions=short).circle("mid").summary.readings["door-to-door"].table
    found = rows["cap_shared-bicycle_0.67", 90]["people_outside_city"]
    assert found == table.at(90)["by_rail"]["people_outside_city"]
    assert found < rows["as_it_is", 90]["people_outside_city"]
