"""Each cell and sentence of a back-test, on figures written down by hand."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from railshed.questions.backtest.tables import _run_times, _runs, _table, every_table, verdict
from railshed.show.blocks import Items
from railshed.util.bilingual import Words

ROW = {
    "reading": "door-to-station",
    "cutoff_min": 60,
    "kind": "total",
    "scope": "circle",
    "people_hit": 12_345,
    "people_miss": 0,
    "people_false_alarm": None,
    "area_km2_hit": 1_234.0,
    "area_km2_miss": 5.0,
    "area_km2_false_alarm": 0.0,
    "skill": -0.125,
    "skill_people": 0.755,
}
RUN = {
    "line": "NW",
    "from": "a",
    "to": "b",
    "trains_predicted": 108,
    "trains_after": 54,
    "minutes_fastest_predicted": 24.0,
    "minutes_median_predicted": 24.5,
    "minutes_fastest_after": 20.25,
    "minutes_median_after": 22.0,
    "off_min": 2.5,
    "hit": True,
}


def found_of(
    rows: list[dict[str, Any]], runs: list[dict[str, Any]] | None = None, **options: Any
) -> Any:
    """Return a back-test with these rows; the headline is door to station within 60 minutes."""
    surface = SimpleNamespace(reading=SimpleNamespace(name="door-to-station"))
    return SimpleNamespace(
        table=rows,
        runs=runs or [],
        after=SimpleNamespace(
            surface=surface,
            headline_cutoff=60,
            has_city_proper=options.get("has_city_proper", True),
            readings={ROW["reading"]: SimpleNamespace(label_zh="门到站", label="door to station")},
        ),
        before=SimpleNamespace(counts=SimpleNamespace(people=options.get("people", "known"))),
        row=lambda reading, cutoff, scope: next(
            r
            for r in rows
            if (r["reading"], r["cutoff_min"], r["scope"]) == (reading, cutoff, scope)
        ),
    )


def english(cells: tuple[Any, ...]) -> list[str]:
    return [cell.en if isinstance(cell, Words) else cell for cell in cells]


def test_the_blocks_in_their_order() -> None:
    """Both tables, and what was assumed, in both languages."""
    found = found_of([ROW, ROW | {"scope": "gain"}], [RUN])
    found.assumed = (Words("假设", "assumed"),)
    assert list(every_table(found)) == [
        _table(found, found.table),
        _runs(found),
        Items((Words("假设", "assumed"),)),
    ]


def test_the_rows_of_hit_and_miss() -> None:
    """Four texts at the left, then people and km2 hit, missed and predicted in vain, and the skill
    in people.
    """
    gain = ROW | {"scope": "gain", "kind": "by_rail", "skill_people": None}
    table = _table(found_of([]), [ROW, gain])
    assert table.right == 4
    assert english(table.heads) == [
        "reading",
        "min",
        "kind",
        "of the",
        "people hit",
        "miss",
        "false alarm",
        "km² hit",
        "miss",
        "false alarm",
        "skill",
    ]
    people_km2 = ["12,345", "0", "no data", "1,234", "5", "0"]
    assert [english(row) for row in table.rows] == [
        ["door-to-station", "60", "total (by rail or local)", "circle", *people_km2, "0.76"],
        ["door-to-station", "60", "by rail", "gain", *people_km2, ""],
    ]
    assert table.title.en == "As predicted and as it came (outside the city proper)"
    assert (
        _table(found_of([], has_city_proper=False), [ROW]).title.en == "As predicted and as it came"
    )
    assert english(_table(found_of([], people=None), [ROW]).rows[0])[-1] == "-0.12"


def test_the_rows_of_run_times() -> None:
    """Three texts at the left; what did not come is a dash, a hit a star."""
    none = {key: None for key in RUN if key.startswith("minutes_")} | {"off_min": None, "hit": None}
    table = _runs(found_of([], [RUN, RUN | none, RUN | {"off_min": -0.04, "hit": False}]))
    assert table.right == 3
    assert english(table.heads) == [
        "line",
        "from",
        "to",
        "trains predicted",
        "came",
        "min fastest predicted",
        "median",
        "fastest came",
        "median",
        "off",
        "hit",
    ]
    assert [english(row) for row in table.rows] == [
        ["NW", "a", "b", "108", "54", "24", "24.5", "20.25", "22", "+2.5", "*"],
        ["NW", "a", "b", "108", "54", "-", "-", "-", "-", "-", ""],
        ["NW", "a", "b", "108", "54", "24", "24.5", "20.25", "22", "-0.0", ""],
    ]


def test_run_times_in_words() -> None:
    """How many of the pairs are hit, of neighbours too where there are any; nothing where no train
    came.
    """
    hit = (
        "3 of 4 pairs got direct trains, 2 of them are hit (within 2 min or a tenth); off by "
        "+1.5 min in the median"
    )
    slow = f"{hit}, plus is predicted too slow"
    none = "none of 4 pairs of stations got direct trains that the old timetable has not"
    for came, near, text in (
        (0, 0, f"{none}: there is nothing to hold the run times against"),
        (3, 0, slow),
        (3, 2, f"{slow}; of 2 neighbours, whose run no stop plan changes, 1"),
    ):
        summary = {
            "pairs": 4,
            "with_trains_after": came,
            "hit": 2,
            "off_min_median": 1.5 if came else None,
            "neighbours_with_trains_after": near,
            "neighbours_hit": 1,
        }
        assert _run_times(summary).en == text


PEOPLE = (
    "the forecast had 12,345 of the 12,351 people that came within 60 minutes, and 7 that "
    "did not come; "
)
KM2 = (
    "the forecast had 1,234 of the 1,239 km² that came within 60 minutes, and 0 that did not come; "
)


@pytest.mark.parametrize(
    ("people", "skill", "text"),
    [
        (True, None, PEOPLE + "the circle of the two timetables is the same"),
        (True, -0.01, PEOPLE + "a forecast of no change would have been better"),
        (True, 0.0, PEOPLE + "it errs 0% less than a forecast of no change"),
        (False, 0.756, KM2 + "it errs 76% less than a forecast of no change"),
    ],
)
def test_the_verdict(people: bool, skill: float | None, text: str) -> None:
    """In people, or km2 where no people are known: the gain of the headline, and the skill of its
    circle.
    """
    gain = ROW | {
        "scope": "gain",
        "people_miss": 6,
        "people_false_alarm": 7,
        "skill": 9.0,
        "skill_people": 9.0,
    }
    other = {"reading": "door-to-door", "skill": 8.0, "skill_people": 8.0}
    circle = ROW | (
        {"skill_people": skill, "skill": 7.0} if people else {"skill": skill, "skill_people": 7.0}
    )
    found = verdict(
        found_of([ROW | other, gain | other, circle, gain], people="known" if people else None)
    )
    assert found.en == text
    assert ("1.2万人" if people else "1,239 km²") in found.zh
