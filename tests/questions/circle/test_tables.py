"""Each cell of the tables of a circle: by hand on the toy network, or the key of the summary that
it stands for.
"""

from __future__ import annotations

import copy
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

import railshed
from railshed.questions.circle.car_tables import inclusion
from railshed.questions.circle.screen import circle_screen, cities_screen, city_row
from railshed.questions.circle.tables import bridge, every_table, grounds, headline_parts
from railshed.util.bilingual import Language, Words
from tests.support.printedtables import Altered, Printed, shown
from tests.support.summaries import of_summary

LANGS = ("en", "zh")
#: by rung: stations, counties, people
BRIDGE = {
    "fastest_of_day": (8, None, None),
    "peak_percentile_50": (7, None, None),
    "plus_entry_exit": (6, None, None),
    "plus_access": (6, 3, 73_667),
    "door_to_door": (4, 3, 67_000),
}


def people(value: int | None, lang: Language) -> str:
    if value is None:
        return "no data" if lang == "en" else "无数据"
    return f"{value:,}" if lang == "en" or value < 10_000 else f"{value / 10_000:,.1f}万"


@pytest.fixture(scope="module")
def circle() -> Any:
    return railshed.circle(railshed.load_network("toy"), "mid")


@pytest.fixture(scope="module")
def out(circle: Any) -> dict[str, Printed]:
    return {lang: shown(every_table(circle, with_car=True), lang) for lang in LANGS}


def test_headline_and_range(circle: Any, out: dict[str, Printed]) -> None:
    """67,000 people within 60 minutes, 95,000 within 90, with intervals; corners of 64,000 to
    92,333 by hand.

    Low: no station lies within a walk of the main centre, 2.2 km from mid, so the 64 thousand of
    southwest alone. High: no early minute counts and 5 minutes less of 62:04 leave 2:56 by taxi in
    the south, 4 of its 6 cells, and enough in the north and northeast: 67 + 4 + 16 + 8 * 2 / 3.
    Within 90 minutes only the 32 of southeast are left, and come.
    """
    assert [ends.cutoff_min for ends in circle.summary.corners] == [60, 90]
    figures = [
        [getattr(ends, end).people for end in ("central", "low", "high")]
        for ends in circle.summary.corners
    ]
    assert figures == [[67_000, 64_000, 92_333], [95_000, 64_000, 127_000]]
    rows = out["en"].rows("Most cautious and most generous")
    assert [row[:3] + row[6:7] for row in rows[:3]] == [
        ["Midtown", "60", "as assumed", "67,000"],
        ["", "60", "most cautious", "64,000"],
        ["", "60", "most generous", "92,333"],
    ]
    assert rows[4] == ["", "90", "most cautious", "walk", "0", "+5", "64,000", rows[4][-1]]
    assert rows[5][3:6] == ["walk, e-bike, feeder (bus or metro), taxi", "60", "−5"]
    assert out["zh"].rows("最保守与最宽松假设")[5][2:7] == [
        "最宽松",
        "步行、电动自行车、公交/地铁、出租车",
        "60",
        "−5",
        "12.7万",
    ]


def test_parts_of_the_headline(circle: Any) -> None:
    """Own prefecture west 1, north 4 and south 8 at 90; other southwest 64, of other provinces east
    2, northeast 16.

    All of it by trains, nothing without. Beyond 30 km of the main centre lives southwest (33 km),
    and within 90 minutes three of the six cells of northeast (29.9 km); the mean is of 3 and 64, of
    31 and 64.
    """
    own, trains, compared = headline_parts(circle)
    assert own.en == (
        "within 60 | 90 min, own prefecture: 1,000 | 13,000; other prefectures: 66,000 | 82,000, "
        "of which other provinces: 2,000 | 18,000"
    )
    assert (
        trains.en == "Without intercity and suburban trains it would be 0 | 0 within 60 | 90 min."
    )
    assert compared.en == (
        "beyond 30 km of the main centre: 64,000 | 72,000; mean over the 2 centres: 33,500 | "
        "47,500 (within 60 | 90 min)"
    )
    assert own.zh == (
        "60 | 90分钟内，本市：1,000 | 1.3万；外市：6.6万 | 8.2万，其中外省：2,000 | 1.8万"
    )


def test_reading_that_is_not_defined(circle: Any) -> None:
    """Where no station is near a centre the reading is named, with no figure."""
    summary = circle.summary.to_dict() | {
        "not_defined": ["door-to-door"],
        "beyond": None,
        "bridge": [],
    }
    altered = Altered(circle, **of_summary(summary))
    assert shown(circle_screen(altered), "en").line(
        "door-to-door: not defined: the network has no employment centre"
    )
    assert shown(circle_screen(altered), "zh").line("门到门：未定义")
    assert not [line for line in shown(every_table(altered), "zh").lines if "主中心" in line]


def test_bridge(circle: Any) -> None:
    """Each rung has its stations, fewer down to door to door; people where it has cells.

    To mid and midsouth, the stations near a centre. Hourly trains take the southeast out at the
    median (54 minutes and half of 29 early), and entry and exit the northeast (46:30 + 15); north
    and south leave with the way to the desk (14:04). Of the two of the city a ride out and back to
    mid takes 48 minutes and leaves with entry and exit. Door to station 67, the north (39 + 15) and
    2 of the 6 cells of the south (40 + 15): 67 + 4 + 8 / 3.
    """
    for lang in LANGS:
        rows = shown([bridge([circle])], lang).first()
        assert len(rows) == 6
        for row, (key, (stations, counties, population)) in zip(rows, BRIDGE.items(), strict=False):
            given = ["", ""] if counties is None else [str(counties), people(population, lang)]
            assert row[2:] == ["60", str(stations), *given], key
        assert rows[-1][2:] == ["90", "7", "5", people(95_000, lang)]


def test_readings_side_by_side(circle: Any, out: dict[str, Printed]) -> None:
    """Each figure is one of the summary: all people, those outside by kind, km², counties inside
    and touched.

    Within 60 minutes door to door 256 + 67 thousand people in the counties of mid, west, east and
    southwest, the first without a ride. At percentile 75, the 15th of 20 early minutes, 54:32 leave
    a third of west: 64 + 2 + 1 / 3.
    """
    for lang, title in (("en", "Midtown: by reading"), ("zh", "中城")):
        expected = []
        for name, block in circle.summary.to_dict()["readings"].items():
            label = name if lang == "en" else circle.readings[name].label_zh
            of = {(row["cutoff_min"], row["kind"]): row for row in block["table"]}
            for cutoff in dict.fromkeys(row["cutoff_min"] for row in block["table"]):
                total, rail, added = (
                    of[cutoff, kind] for kind in ("total", "by_rail", "added_by_rail")
                )
                trains, strict = of.get((cutoff, "added_by_trains")), block["strict"]
                outside = [row["people_outside_city"] for row in (total, rail, added)]
                expected.append(
                    [
                        label,
                        str(cutoff),
                        people(total["people"], lang),
                        *(people(value, lang) for value in outside),
                        "" if trains is None else people(trains["people_outside_city"], lang),
                        people(strict["people_outside_city"], lang)
                        if strict["cutoff_min"] == cutoff
                        else "",
                        *(f"{row['area_km2_outside_city']:,.0f}" for row in (total, rail)),
                        str(total["counties_inside"]),
                        str(total["counties_touched"]),
                    ]
                )
                label = ""
        rows = [
            row
            for table in out[lang].tables
            for row in out[lang].rows(str(table.title))
            if str(table.title).startswith(title) and len(table.columns) == 12
        ]
        assert rows == expected
        (sixty,) = (row for row in rows if row[1:3] == ["60", people(323_000, lang)] and row[7])
        assert sixty[2:8] == [
            people(v, lang) for v in (323_000, 67_000, 67_000, 67_000, 67_000, 66_333)
        ]
        assert sixty[-2:] == ["3", "3"]


def test_columns_that_only_some_circles_have(circle: Any) -> None:
    """Another column than people stands last, "no data" for None."""
    summary = copy.deepcopy(circle.summary.to_dict())
    for block in summary["readings"].values():
        for n, row in enumerate(row for row in block["table"] if row["kind"] == "total"):
            row["jobs_outside_city"] = None if n else 12_345.6
    counts = Altered(circle.counts, others=("jobs",))
    found = shown(every_table(Altered(circle, **of_summary(summary), counts=counts)), "en")
    assert found.heads("Midtown: by reading")[-1] == "jobs"
    assert {row[-1] for row in found.rows("Midtown: by reading")} == {"12,346", "no data"}


def test_members(out: dict[str, Printed]) -> None:
    """The agglomeration's: of 781 thousand of 中城市 256 + 1 are inside, of 东江市 2 of 18, of
    西原市 64 of 192.
    """
    assert out["en"].rows("Member cities within 60 min") == [
        ["西原市 Westplain", "whole", "64,000", "192,000", "33.3%"],
        ["中城市 Midtown", "whole", "257,000", "781,000", "32.9%"],
        ["东江市 Eastriver", "2 of 3 counties", "2,000", "18,000", "11.1%"],
    ]
    assert out["zh"].rows("各成员城市 60 分钟") == [
        ["西原市", "全域", "6.4万", "19.2万", "33.3%"],
        ["中城市", "全域", "25.7万", "78.1万", "32.9%"],
        ["东江市", "2/3县", "2,000", "1.8万", "11.1%"],
    ]


def test_centres(circle: Any, out: dict[str, Printed]) -> None:
    """Within 60 minutes of the main centre live 1 + 2 thousand, 4 + 8 + 16 more within 90; 64 of
    the second.
    """
    assert [row[:3] for row in out["en"].rows("Door to door, each")] == [
        ["Midtown Square", "3,000", "31,000"],
        ["South Park", "64,000", "64,000"],
    ]
    assert [row[:3] for row in out["zh"].rows("门到门，各中心")] == [
        ["中城广场", "3,000", "3.1万"],
        ["南园", "6.4万", "6.4万"],
    ]
    sizes = [row["area_km2_by_rail_outside_city_90"] for row in circle.summary.to_dict()["centres"]]
    assert [row[4] for row in out["en"].rows("Door to door, each")] == [
        f"{size:,.0f}" for size in sizes
    ]


def test_towns(circle: Any) -> None:
    """A town has its people, its minutes rounded up, and whether it is by rail."""
    towns = pd.DataFrame(
        {
            "name": ["A", "B"],
            "country": ["X", "Y"],
            "population": [12_345, 678],
            "minutes": [41.2, 60.0],
            "by_rail": [True, False],
        }
    )
    for lang, title, yes, no in (
        ("en", "2 towns within 60 min", "yes", "no"),
        ("zh", "60分钟内城镇 2 座", "是", "否"),
    ):
        found = shown(every_table(Altered(circle, towns=towns)), lang)
        assert found.rows(title) == [["A", "X", "12,345", "42", yes], ["B", "Y", "678", "60", no]]
    many = pd.concat([towns] * 12)
    found = shown(every_table(Altered(circle, towns=many)), "en")
    assert len(found.rows("24 towns")) == 20
    assert found.line("… 4 more")
    assert shown(every_table(Altered(circle, towns=many.head(21))), "en").line("… 1 more")
    twenty = shown(every_table(Altered(circle, towns=many.head(20))), "en")
    assert not [line for line in twenty.lines if line.strip().startswith("… 0 more")]


def test_stations(circle: Any, out: dict[str, Printed]) -> None:
    """Minutes of the median, the stricter percentile and the fastest, trips, share served, longest
    gap, first and last.

    Door to door by shared bicycle from mid, 3 + 11:04. West is 10 + 18 + 5 + 14:04 = 47:04 off; a
    train every 20 min reaches the centre 0:56, 1:56 ... 19:56 before the minute: half of the tenth
    makes 52:02, of the 15th 54:32. East is two minutes nearer, 东桥北 521 s on foot farther: 58:43,
    and 60 of 100 minutes while at most half of 12 are early. Slopeside takes 32 and half of 4:08,
    of 7:08. The first trains reach mid 14:04 + 5 before the centre, the last leave as much later:
    05:20 and 19:04, 23:12 less 24:04.
    """
    given = {
        "southwest": ["35", "36", "17", "12", "100%", "10", "05:26", "22:40"],
        "east": ["51", "53", "16", "6", "100%", "20", "05:39", "22:47"],
        "west": ["53", "55", "18", "6", "100%", "20", "05:49", "22:37"],
        "eastnorth": ["59", "62", "25", "6", "60%", "20", "05:39", "22:47"],
    }
    names = circle.stations.set_index("station_id")["name"]
    for lang, title in (("en", "Midtown: 4 stations within 60"), ("zh", "中城：60分钟内车站 4 座")):
        rows = {row[0].split()[0]: row[1:] for row in out[lang].rows(title)}
        assert rows == {names[key]: row for key, row in given.items()}
        marked = [row[0] for row in out[lang].rows(title) if "≈" in row[0]]
        assert marked == ["西南坡 Slopeside ≈" if lang == "en" else "西南坡 ≈"]


def test_what_the_minutes_are_made_of(circle: Any, out: dict[str, Printed]) -> None:
    """Each part is its key; door to station within 45 min 67 thousand ride 17 minutes (64), 16 (2),
    18 (1).

    22.6 of 39.6 minutes are not in trains: 57.1 %.
    """
    parts = ("access", "entry", "wait", "ride", "change", "exit", "egress", "total")
    made = [row for row in circle.split_table if row["total_min"] is not None]
    for lang, title in (("en", "What the minutes are made of"), ("zh", "时间构成")):
        rows = out[lang].rows(title)
        for row, of in zip(rows, made, strict=True):
            assert row[3] == str(of["cutoff_min"])
            assert row[4:-1] == [f"{of[f'{part}_min']:.1f}" for part in parts]
            assert row[-1] == f"{1 - of['ride_min'] / of['total_min']:.1%}"
        assert rows[0][5:11] == ["10.0", "2.2", "17.0", "0.0", "5.0", "0.0"]
        assert rows[0][-2:] == ["39.6", "57.1%"]


def test_rail_against_car(circle: Any, out: dict[str, Printed]) -> None:
    """By rail, by car, both, only one: each its key.

    On free roads all 767 thousand outside are within 60 minutes.
    """
    states = ("rail", "car", "both", "rail_only", "car_only")
    for lang, title in (("en", "Rail against car"), ("zh", "轨道交通与小汽车")):
        rows = out[lang].rows(title)
        for row, of in zip(rows, circle.car_table, strict=True):
            assert row[3:] == [
                str(of["cutoff_min"]),
                *(people(of[f"people_outside_city_{s}"], lang) for s in states),
            ]
        free, peak = [row[4:] for row in rows if row[3] == "60"][:2]
        assert free == [people(v, lang) for v in (67_000, 767_000, 67_000, 0, 700_000)]
        assert peak == [people(v, lang) for v in (67_000, 57_667, 31_444, 35_556, 26_222)]
        assert not [line for line in out[lang].lines if "not compared" in line or "不比较" in line]


def test_what_is_not_compared_with_the_car(circle: Any) -> None:
    """Up to 5,432 people whom rail reaches have no way for cars: the largest of all rows is
    printed.
    """
    table = [
        {**row, "people_outside_city_not_compared": 100 * k}
        for k, row in enumerate(circle.car_table)
    ]
    table[2]["people_outside_city_not_compared"] = 5432
    known = "people_known_km2_outside_city_car"
    widest = max(table, key=lambda row: row["area_km2_outside_city_car"])
    widest[known] = widest["area_km2_outside_city_car"] / 2
    of = Altered(circle, car_table=table)
    assert (
        shown(every_table(of, with_car=True), "en")
        .line("up to 5")
        .startswith("up to 5,432 people by rail")
    )
    found = shown(every_table(of, with_car=True), "zh")
    assert found.line("另有至多").startswith("另有至多 5,432 人口轨道交通可达")
    area = f"{widest[known]:,.0f}"
    assert [line for line in found.lines if area in line and "人口" in line]


def test_streets_and_what_lies_elsewhere() -> None:
    """Stations on streets, their median and largest distance, those without a street, straight land
    and its people.
    """
    net = {
        "stations": 1234,
        "median_m": 56,
        "largest_m": 789,
        "without_street": ["a", "b", "c", "d"],
    }
    streets = {
        "networks": {"walk": net}, "within_m": 400.0, "stations_outside": 17,
        "straight": {"cells": 4, "area_km2": 21.4, "people": 30_000},
    }  # fmt: skip
    summary = {
        "people_label": "",
        "counted_elsewhere": {"jobs": 4321.2, "beds": 0.4},
        "streets": streets,
    }
    of: Any = SimpleNamespace(**of_summary(summary))
    en = shown(grounds(of), "en")
    zh = shown(grounds(of), "zh")
    assert en.line("jobs") == "jobs: 4,321 more beyond this land"
    assert zh.line("另有") == "另有4,321 jobs在所算范围之外"
    assert not [line for line in en.lines if "beds" in line]
    assert en.line("streets (walk)") == (
        "streets (walk): 1,234 stations, 56 m to their street (median), at most 789 m; "
        "4 without one within 400 m, not served: a, b, c … 1"
    )
    assert zh.line("道路(walk)") == (
        "道路(walk)：1,234 座车站上路，距离中位 56 m、最大 789 m；4 座 400 m 内无路，不服务：a, b, "
        "c … 1"
    )
    assert en.line("17 stations outside")
    assert zh.line("17 座车站在道路数据范围外")
    assert en.line("21 km² of the circle (people 30,000)")
    assert zh.line("圈内 21 km²(人口 3.0万)")


def test_a_row_of_several_cities(circle: Any) -> None:
    """People within 60 and 90 minutes with intervals, without trains; by --full the bridge, km² and
    the main centre.
    """
    union = {
        kind: {"people_outside_city": n, "area_km2_outside_city": km2, "cutoff_min": 60}
        for kind, n, km2 in (("by_rail", 400_000, 1234.4), ("total", 500_000, 2345.4))
    }
    cities, rows = [circle.city, circle.city], [city_row(circle, "door-to-door")]
    full = shown(cities_screen(cities, None, circle, rows, union, Words(""), full=True), "en")
    (row,) = full.rows("By rail, outside the city proper (people)")
    people = ["67,000", "(64,000 to 67,000)", "95,000", "(64,000 to 127,000)", "0"]
    assert [cell.strip() for cell in row] == ["Midtown†", *people, "8", "7", "6", "45", "31,000"]
    united = (
        "The circles united, each place once: 400,000 people by rail outside every city "
        "proper within 60 minutes"
    )
    assert full.lines[1:3] == (
        f"{united}; 1,234 km²",
        "With what is reached without a ride: 500,000 people within 60 minutes; 2,345 km²",
    )
    other = city_row(circle, "door-to-station")  # of a reading that was not asked for: no figures
    dashes = shown(cities_screen(cities, None, circle, [*rows, other], None, Words("")), "en")
    assert [cell.strip() for cell in dashes.rows("By rail")[1]] == ["Midtown†", *["-"] * 5]
    assert dashes.line("-: not defined")
    first = shown(cities_screen(cities, None, circle, rows, None, Words("")), "zh")
    assert first.lines[0] == "2座城市 · 火车，门到门，07:30–09:30到达 · 2024-05-15 星期三"
    assert [cell.strip() for cell in first.rows("轨道交通可达")[0]][:2] == ["中城†", "6.7万"]
    assert len(first.rows("轨道交通可达")[0]) == 6
    assert "  圈相互重叠，不作合计" in first.lines


def test_draws() -> None:
    """Nothing drawn, mean, percentiles 10 and 90, and where most, half and few of the draws are:
    each its key.
    """
    ends = ("central", "mean", "p10", "p90", "at_90", "at_50", "at_10")
    keys = ("people", "area_km2", "people_outside_city", "area_km2_outside_city")
    row = {
        f"{key}_{end}": 10_000 * (k + 1) + 1000 * n
        for k, key in enumerate(keys)
        for n, end in enumerate(ends)
    }
    row |= {"kind": "by_rail", "people_known_km2_central": row["area_km2_central"]}
    city = SimpleNamespace(name="城", name_en="City", proper_counties=("1",))
    found: Any = SimpleNamespace(
        city=city, cutoff_min=45, table=[row], draws_words=[Words("抽", "drawn")]
    )
    for lang, title in (("en", "City: how often within 45 min"), ("zh", "城：45分钟可达概率")):
        rows = shown(inclusion(found), lang).rows(title)
        for k, (key, cells) in enumerate(zip(keys, rows, strict=True)):
            values = [10_000 * (k + 1) + 1000 * n for n in range(7)]
            assert cells[2:] == [
                f"{v:,}" if key.startswith("area") else people(v, lang) for v in values
            ]
        assert shown(inclusion(found), lang).lines[-1].strip() == {"en": "drawn", "zh": "抽"}[lang]
