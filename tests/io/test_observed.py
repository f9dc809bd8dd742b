"""Observed commuters of a network folder: rows with their documents, and every problem of
a file.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from railshed import Network, prepare
from railshed.circles.observed import people_in
from railshed.io.folder.tables import read_observed
from railshed.network.cities import ObservedFlow
from railshed.util.errors import InputError

HEAD = "home,home_en,home_codes,city,year,people_per_day,direction,minutes,share_note,quality,document,address\n"


def written(folder: Path, *rows: str) -> Path:
    path = folder / "observed_commuting.csv"
    path.write_text(HEAD + "\n".join(rows) + "\n", encoding="utf-8")
    return path


def test_rows(tmp_path: Path) -> None:
    """All fields; no direction means to the city, no codes a region without a border."""
    path = written(
        tmp_path,
        "甲县,A,1|2,c,2021,36800,from,40-60,half of 73600,phones,Report,https://e.org/r",
        "乙,,,c,2020,5,,,,,Report,https://e.org/r",
    )
    first, second = read_observed(path, {"c"}, {"1", "2"})
    assert first == ObservedFlow(
        "甲县",
        "A",
        ("1", "2"),
        "c",
        2021,
        36_800,
        "from",
        "40-60",
        "half of 73600",
        "phones",
        "Report",
        "https://e.org/r",
    )
    assert (second.home_codes, second.direction, second.minutes) == ((), "to", "")


def test_every_problem_is_named(tmp_path: Path) -> None:
    """An unknown city, a code of no county, numbers out of range, a row without a document: all at
    once.
    """
    path = written(tmp_path, "甲,,9,c,2021,1,,,,,Report,https://e.org", "乙,,,d,1800,-1,back,,,,,")
    with pytest.raises(InputError) as caught:
        read_observed(path, {"c"}, {"1"})
    assert [(i.row, i.field) for i in caught.value.issues] == [
        (1, "home_codes"),
        (2, "city"),
        (2, "year"),
        (2, "people_per_day"),
        (2, "direction"),
        (2, "document"),
        (2, "address"),
    ]


def test_codes_are_not_held_against_boundaries_that_are_not_read(tmp_path: Path) -> None:
    """Without counties every code stands."""
    (flow,) = read_observed(written(tmp_path, "甲,,9,c,2021,1,,,,,R,https://e.org"), {"c"}, None)
    assert flow.home_codes == ("9",)


def test_what_is_reached_stands_beside_it(toy: Network) -> None:
    """By county and by prefecture as tables of counties have it; none for a region without a
    border; largest first.
    """
    rest = {
        "home_en": "",
        "year": 2024,
        "direction": "to",
        "minutes": "",
        "note": "",
        "quality": "",
        "document": "R",
    }
    flows = [
        ObservedFlow(
            home=home, home_codes=codes, city=city, people_a_day=n, address="https://e.org", **rest
        )  # type: ignore[arg-type]
        for home, codes, city, n in (
            ("a", ("980101",), "mid", 5),
            ("b", ("980100",), "mid", 9),
            ("c", (), "mid", 7),
            ("d", (), "east", 1),
        )
    ]
    circle = prepare(replace(toy, observed=tuple(flows))).circle("mid")
    whole, nowhere, county = circle.summary.observed
    assert [row["home"] for row in circle.summary.observed] == ["b", "c", "a"]
    assert (
        nowhere["people_by_rail_60"]
        is nowhere["minutes_by_rail"]
        is nowhere["people_census"]
        is None
    )
    table = circle.counties.set_index("county_code")
    assert county["minutes_by_rail"] == round(table.loc["980101", "minutes_by_rail"], 1)
    own = table[table["prefecture_code"] == "980100"]
    for cutoff in (60, 90):
        assert county[f"people_by_rail_{cutoff}"] == table.loc["980101", f"people_by_rail_{cutoff}"]
        assert whole[f"people_by_rail_{cutoff}"] == own[f"people_by_rail_{cutoff}"].sum()
    assert county["people_census"] == table.loc["980101", "population"]

    assert toy.counties is not None
    counties = toy.counties.assign(population=toy.counties["population"].astype(float))
    counties.loc[counties["prefecture_code"] == "980100", "population"] = np.nan
    circle = prepare(replace(toy, observed=tuple(flows), counties=counties)).circle("mid")
    assert [row["people_census"] for row in circle.summary.observed] == [None, None, None]
    members = circle.members.set_index("prefecture_code")["people_census"]
    assert members.isna().to_dict() == {code: code == "980100" for code in members.index}


def test_people_of_counties_without_known_people_are_not_counted_as_none() -> None:
    """Of three counties 5 people, none known and nobody: 5, no data and 0, and no data of the two
    without people.
    """
    inside: Any = SimpleNamespace(people_by_county=np.array([5.0, np.nan, 0.0]))
    chosen = ([True, True, True], [False, True, False], [False, False, True], [False, True, True])
    assert [people_in(np.array(some), inside) for some in chosen] == [5, None, 0, None]
    assert people_in(np.array(chosen[0]), SimpleNamespace(people_by_county=None)) is None  # type: ignore[arg-type]
