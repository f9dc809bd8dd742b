"""The index of an atlas, on agglomerations written down by hand."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest

from railshed.questions.indicators.agglomerations import MEASURES
from railshed.report.atlas.comparison import COLUMNS, Comparison, compared
from railshed.report.atlas.entries import Entry
from railshed.report.atlas.html import PageRenderer
from railshed.report.atlas.index_page import _table, lead_words
from railshed.report.atlas.region_page import place_words
from railshed.util.bilingual import Words


def entry(
    region: str, people: float | None, km2: float = 10.0, *, lows: Sequence[float | None] = (1.0,),
    near: Sequence[float | None] = (), members: Sequence[tuple[int | None, int | None]] = (),
    lines: Sequence[str] = (), **measures: float,
) -> Entry:  # fmt: skip
    """Return an agglomeration with a core city for each of `lows`, members by census and inside, and these measures."""
    cities = [
        {
            "city": {"slug": f"{region}{k}", "name": f"城{k}", "name_en": f"City {k}"},
            "intervals": [{"low": {"people_outside_city": low}, "high": {}}], "lines_by_headway": lines,
            "beyond": {"people_by_rail_beyond_60": near[k]} if near else None,
        }
        for k, low in enumerate(lows)
    ]  # fmt: skip
    return Entry(
        region, Words(f"群{region}", f"Group {region}"), "", "", cities, {m.key: None for m in MEASURES} | measures,
        {"by_rail": {"people_outside_city": people, "area_km2_outside_city": km2}}, (), (),
        [{"people_census": census, "people_united": inside} for census, inside in members], None, {},
        comparable=False,
    )  # fmt: skip


def side_by_side(*entries: Entry) -> Comparison:
    return compared(entries, whole=True, lines=True)


A = entry(
    "a", 9_000_000, lines=["s1"], near=[3_000.0], beyond_per_city=1e6, press_per_city=2e6, out_of_vehicle=0.5,
    stations_of_press=0.25, stations_per_city=8.0,
)  # fmt: skip
B = entry("b", 4, 20.0, lows=(1e6, 3e6), near=[0.0, 9_000.0], members=[(200, 50), (None, None)], beyond_per_city=4e6)
C = entry("c", 0, 30.0, beyond_per_city=0.0)


@pytest.mark.parametrize(
    ("made", "low", "inside"),
    [
        (B, 2e6, 0.25),
        (entry("x", 1, lows=(2.0, None)), None, None),  # the mean of what is known in part is not known
        (entry("x", 1, members=[(100, 40), (300, 60), (100, None)]), 1.0, 0.2),
        (entry("x", 1, members=[(200, None)]), 1.0, None),
        (entry("x", 1, members=[(None, 50)]), 1.0, None),
        (entry("x", 1, members=[(0, 0)]), 1.0, None),
        (entry("x", 1, members=[(200, 0)]), 1.0, 0.0),
    ],
)
def test_figures_of_an_agglomeration(made: Entry, low: float | None, inside: float | None) -> None:
    """People and km2 by rail, the mean of the low ends of its cities, and the part of its members' census inside."""
    values = side_by_side(made).values(made)
    rail = made.united["by_rail"]
    assert (values["united_people"], values["united_area_km2"]) == tuple(rail.values())
    assert (values["low_per_city"], values["inside_of_census"]) == (low, inside)
    assert {m.key: values[m.key] for m in MEASURES} == made.measures
    assert side_by_side(made, C).middle("inside_of_census") == inside


def test_people_beyond_30_km_are_a_mean_over_the_core_cities() -> None:
    """0 and 9,000 people within 60 min are 4,500 a city; None where one is not known."""
    assert side_by_side(B).values(B)["beyond_60_per_city"] == 4_500
    half = entry("h", 1, lows=(1.0, 1.0), near=[5.0, None])
    assert side_by_side(half).values(half)["beyond_60_per_city"] is None
    assert side_by_side(C).values(C)["beyond_60_per_city"] is None


def test_the_order_of_the_index() -> None:
    """Most people beyond 30 km within 90 min first, then by the press convention, the id; not known comes last."""
    ordered = [
        entry("z", 0, beyond_per_city=5.0), entry("y", 9, beyond_per_city=4.0, press_per_city=9.0),
        entry("s", 4, beyond_per_city=4.0), entry("t", 4, beyond_per_city=4.0), entry("x", 4, beyond_per_city=0.0),
        entry("a", 7, press_per_city=3.0), entry("u", None),
    ]  # fmt: skip
    assert side_by_side(*ordered[::-1]).entries == ordered


def test_fewer_than_three_are_compared_with_nothing() -> None:
    """Three are with each other, in the digits that the shipped table has."""
    assert side_by_side(A, B).table is None
    table = side_by_side(A, B, entry("c", 0, beyond_per_city=1_234_567.8)).table
    assert table is not None
    assert {region: row["beyond_per_city"] for region, row in table.items()} == {
        "a": 1_000_000, "b": 4_000_000, "c": 1_234_568,
    }  # fmt: skip
    assert side_by_side(A, B).findings(A) == []


def cells(html: str, tag: str) -> list[str]:
    """Return the contents of the cells of one kind."""
    return [re.sub(r"<[^>]*>", "", text) for text in re.findall(rf"<{tag}\b[^>]*>(.*?)</{tag}>", html)]


def test_the_table_by_hand() -> None:
    """Rows by people, whose column is marked as sorted and has bars; the median of each column last."""
    html = _table(PageRenderer("en"), side_by_side(A, B, C))
    heads = re.findall(r"<th [^>]*>", html)
    assert len(heads) == 2 + len(COLUMNS)
    assert ["aria-sort" in head for head in heads] == [k == 2 for k in range(len(heads))]
    assert cells(html, "th") == [
        "agglomeration", "core cities", "beyond 30 km, 90 min", "beyond 30 km, 60 min",
        "people of members inside, 60 min", "press, per city", "stations, fastest of the day", "of these from the door",
        "minutes not in a train",
    ]  # fmt: skip
    _, *rows, foot = re.findall(r"<tr>.*?</tr>", html)
    assert [cells(row, "td") for row in (*rows, foot)] == [
        ["Group b", "City 0, City 1", "4,000,000", "4,500", "25.0%", "–", "–", "–", "–"],
        ["Group a †", "City 0", "1,000,000", "3,000", "–", "2,000,000", "8", "25.0%", "50.0%"],
        ["Group c", "City 0", "0", "–", "–", "–", "–", "–", "–"],
        ["median", "", "1,000,000", "3,750", "25.0%", "2,000,000", "8", "25.0%", "50.0%"],
    ]
    assert [re.findall(r'href="([^"]*)"', row) for row in rows] == [["b.html"], ["a.html"], ["c.html"]]
    assert [re.findall(r"--w:([^\"]*)", row) for row in rows] == [["100.0%"], ["25.0%"], ["0.0%"]]
    assert [row.count('class="n bar"') for row in rows] == [1, 1, 1]
    assert re.findall(r'data-v="([^"]*)"', rows[0])[:5] == ["Group b", "City 0, City 1", "4000000.0", "4500.0", "0.25"]
    assert 'class="n bar" data-v="4000000.0" style=' in rows[0]


def test_two_agglomerations_have_no_median_and_nobody_no_bar() -> None:
    """A median of two says nothing; where all have 0, or none is known, no bar is drawn."""
    html = _table(PageRenderer("en"), side_by_side(A, B))
    assert "<tfoot>" not in html
    html = _table(PageRenderer("en"), side_by_side(C, entry("d", None)))
    assert re.findall(r"--w:([^\"]*)", html) == ["0.0%", "0.0%"]


def test_what_the_table_comes_to() -> None:
    """Who has most and the median of those known, who has none, what is inside and the press; of two known nothing."""
    most = (
        "People by rail within 90 min beyond 30 km of the main centre, per core city: Group b has most, 4,000,000; the "
        "median is {}."
    )
    press = (
        "Median share of the member cities' people within 60 min, each once: 25.0%; by the press convention (fastest "
        "train of the day, whole counties) the median is 2,000,000 people a core city."
    )

    def lead(*entries: Entry) -> list[str]:
        return [words.en for words in lead_words(side_by_side(*entries))]

    unknown, other = entry("d", None), entry("e", 0, beyond_per_city=3e6)
    assert lead(A, B, C) == [most.format("1,000,000"), "1 have none: Group c.", press]
    assert lead(A, B, other, unknown) == [most.format("3,000,000"), press]
    assert lead(A, B, C, entry("f", 9, beyond_per_city=0.0))[:2] == [
        most.format("500,000"), "2 have none: Group c, Group f.",
    ]  # fmt: skip
    assert lead(A, B) == lead(A, B, unknown) == lead(unknown) == []


def test_the_place_of_a_figure() -> None:
    """Highest first, equal ones share a place; of two known ones, or of what is not known, there is none."""
    same = entry("e", 1, beyond_per_city=1e6)
    four = side_by_side(A, B, C, same)
    places = {one.region: place_words(four, one, "beyond_per_city") for one in four.entries}
    assert {region: words and words.en for region, words in places.items()} == {
        "b": "number 1 of 4", "a": "joint number 2 of 4", "e": "joint number 2 of 4", "c": "number 4 of 4",
    }  # fmt: skip
    assert place_words(side_by_side(A, B, entry("d", None)), A, "beyond_per_city") is None
    assert place_words(side_by_side(A, B, same, entry("d", None)), entry("d", None), "beyond_per_city") is None
