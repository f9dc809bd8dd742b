"""The maps of an agglomeration's counties: each class holds the counties and people that its table
names.
"""

from __future__ import annotations

from typing import Any

import pytest

from railshed.api.analysis import Analysis
from railshed.maps.circle import draw_circle
from railshed.maps.palette import COUNTY_STEPS_MIN
from railshed.maps.style import MapStyle
from railshed.questions.indicators.map import region_map, remedy_map
from railshed.questions.indicators.regions import measured
from railshed.util.bilingual import Words
from tests.support.made_maps import said


def test_classes_of_minutes_hold_the_counties_of_the_table(toy_run: Analysis) -> None:
    """Cumulative: each class with the people of all counties whose median is within it; the outline
    is the region.
    """
    found = measured(toy_run, "toy")
    data = region_map(found)
    rows = {row["county_code"]: row for row in found.county_table}
    shown = 0
    for minutes in COUNTY_STEPS_MIN:
        mine = [
            code
            for code, row in rows.items()
            if row["minutes"] is not None and row["minutes"] <= minutes
        ]
        if not mine:
            continue
        band = data.bands.iloc[shown]
        shown += 1
        assert band["en"] == f"half of its people within {minutes} min"
        assert band["people"] == sum(rows[code]["people"] for code in mine)
        area = found.counties[found.counties["county_code"].isin(mine)].union_all().area
        assert band.geometry.area == pytest.approx(area)
    assert shown == len(data.bands)
    assert data.outlines[0].people == found.total
    assert [head.people.value for head in data.headlines if head.people] == [
        round(row["integration"] * found.total) for row in found.table
    ]
    assert "Grid Agglomeration: minutes from its counties to the nearest core city" in said(
        draw_circle(data, MapStyle("en"))
    )


def test_least_changes_are_apart_and_in_order(toy_run: Analysis) -> None:
    """A class for what each change is about, from the way to the station to a new line, those
    without one last.
    """
    network = toy_run.compiled.network
    rows: list[dict[str, Any]] = toy_run.why_counties("toy")
    region = network.get_region("toy")
    counties = network.counties[region.holds(network.counties)]
    circles = toy_run.union(["mid"], cutoff_min=60)
    data = remedy_map(circles, rows, counties, Words(region.name, region.name_en))
    assert data.bands["people"].sum() == sum(row["people"] for row in rows)
    assert [len(one) for one in (data.bands["en"].unique(), data.bands)] == [
        len({row["binds"] for row in rows})
    ] * 2
    for one in range(len(data.bands)):
        for other in range(one):
            assert data.bands.geometry[one].intersection(
                data.bands.geometry[other]
            ).area == pytest.approx(0)
