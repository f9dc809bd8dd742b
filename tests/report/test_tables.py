"""Each cell of a report's tables is the figure of its head: made results with one number a key,
then toy.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from matplotlib.figure import Figure

import railshed
from railshed.api.study import Study, _moved
from railshed.comparisons import plans as plans_
from railshed.questions.circle import tables as circle_tables
from railshed.questions.circle.car_tables import car_table, components_table
from railshed.questions.compare.tables import counties
from railshed.questions.rank.tables import trade_offs_table
from railshed.report import assemble, pictures
from railshed.report.chapters import circles as readings
from railshed.report.chapters import closing, opening
from railshed.report.chapters import plans as plansections
from railshed.scenario.files import scenario_from_dict
from railshed.show import blocks as tableblocks
from railshed.show.blocks import Block, Cell, Code, Heading, Items, Paragraph, Table
from railshed.util.bilingual import Words
from railshed.util.errors import Issue
from tests.support.summaries import of_summary

ALPHA = SimpleNamespace(name="甲城", name_en="Alpha", slug="alpha", regions=("r", "s"))
BETA = SimpleNamespace(name="乙城", name_en="", slug="beta", regions=("r",))
MINE = {"mine": SimpleNamespace(label_zh="我的"), "other": SimpleNamespace(label_zh="别的")}
PEOPLE, NO_PEOPLE = (
    SimpleNamespace(people=object(), others={}, people_label=""),
    SimpleNamespace(people=None, others={}, people_label=""),
)


def text(cell: Cell, lang: str) -> str:
    return cell if isinstance(cell, str) else str(getattr(cell, lang))


def english(table: Table) -> list[list[str]]:
    return [[text(cell, "en") for cell in row] for row in table.rows]


def chinese(table: Table) -> list[list[str]]:
    return [[text(cell, "zh") for cell in row] for row in table.rows]


def heads(table: Table) -> list[str]:
    return [text(cell, "en") for cell in table.heads]


def of(kind: type, blocks: Iterable[Block]) -> list[Any]:
    return [block for block in blocks if isinstance(block, kind)]


def circle_of(city: Any = ALPHA, **fields: Any) -> Any:
    usual = {
        "city": city,
        "direction": "to",
        "headline_cutoff": 60,
        "counts": PEOPLE,
        "has_city_proper": True,
        "readings": MINE,
        "network": SimpleNamespace(counties=object(), population_label="other"),
        "surface": SimpleNamespace(reading=SimpleNamespace(name="mine")),
        "reading": SimpleNamespace(legs="door-to-station"),
        "assumptions": SimpleNamespace(access_modes=("walk", "bike")),
    }
    given = of_summary(fields.pop("summary", {}))
    return SimpleNamespace(**usual | given | fields)


def study_of(*circles: Any, **fields: Any) -> Any:
    usual = {
        "circles": circles,
        "first": circles[0] if circles else circle_of(),
        "counted": True,
        "region": None,
        "plans": None,
        "union": None,
        "overlap": None,
        "network": SimpleNamespace(counties=object()),
        "forecasts": [],
    }
    return SimpleNamespace(**usual | fields)


# --- blocks


def test_the_text_of_a_cell() -> None:
    """One language prints its text, both print both once; a figure in both languages prints the
    English digits.
    """
    words, same = Words("9.5万", "95,000"), Words("8", "8")
    assert tableblocks.texts_of("x", "zh") == ["x"]
    assert [tableblocks.texts_of(words, lang) for lang in ("zh", "en", "both")] == [
        ["9.5万"],
        ["95,000"],
        ["9.5万", "95,000"],
    ]
    assert tableblocks.texts_of(same, "both") == ["8"]
    assert tableblocks.cell_texts(words, "both", figure=True) == ["95,000"]
    assert tableblocks.cell_texts(words, "both", figure=False) == ["9.5万", "95,000"]
    assert tableblocks.cell_texts(words, "zh", figure=True) == ["9.5万"]


def test_columns_that_are_shown() -> None:
    """A column that is not shown goes with its head; rows of another length are a mistake."""
    found = tableblocks.shown_columns(
        ["a", "b", "c"], [["1", "2", "3"], ["4", "5", "6"]], [True, False, True]
    )
    assert found == (("a", "c"), (("1", "3"), ("4", "6")))
    with pytest.raises(ValueError, match="zip"):
        tableblocks.shown_columns(["a"], [["1", "2"]], [True])


def test_chapters_are_the_headings_of_level_one() -> None:
    """A heading of level 2 is no chapter."""
    one, two = Heading(Words("一", "one")), Heading(Words("二", "two"), 2)
    made = tableblocks.Document(
        Words("", ""), Words("", ""), "en", (one, two, Paragraph(Words("", "x")), one)
    )
    assert made.chapters() == [one.words, one.words]


# --- opening


def test_findings_by_kind() -> None:
    """Errors stand before warnings, the commonest first; the first of each is written with its file
    and row.
    """
    issues = [
        *[Issue("warning", "few", "a few", "trips.txt", 7, value="站甲")] * 2,
        *[Issue("warning", "many", "too many")] * 1_002,
        Issue("error", "bad", "it is bad", "stops.txt"),
    ]
    study = study_of(issues=issues, network=SimpleNamespace(notes=("a", "b", "c")))
    blocks = list(opening._quality(study))
    (table,) = of(Table, blocks)
    assert english(table) == [
        ["error", "bad", "1", "stops.txt: it is bad"],
        ["warning", "many", "1,002", "too many"],
        ["warning", "few", "2", "trips.txt row 7: a few"],
    ]
    # the messages are English: in Chinese where it lies, and what stands there
    assert chinese(table) == [
        ["错误", "bad", "1", "stops.txt"],
        ["警告", "many", "1,002", "-"],
        ["警告", "few", "2", "trips.txt 第7行 站甲"],
    ]
    assert opening._kind("short-trip") == Words("停站不足两站的车次", "short-trip")
    assert opening._first([Issue("warning", "x", "m", value="35 m in 10 s")]).zh == "35 m in 10 s"
    assert opening._first([Issue("warning", "x", "m", value="too fast")]).zh == "-"
    assert blocks[-1].words.en.endswith("when the data was made: 3 notes, in the appendix.")
    assert (blocks[0].level, table.right) == (2, 4)
    study = study_of(
        issues=[Issue("warning", f"c{k:02}", "m") for k in range(26)],
        network=SimpleNamespace(notes=()),
    )
    _, table = opening._quality(study)
    assert [row[1] for row in english(table)] == [f"c{k:02}" for k in range(25)]
    clean = list(opening._quality(study_of(issues=[], network=SimpleNamespace(notes=()))))
    assert [block.words.en for block in clean] == [
        "What checks of the data found",
        "The checks found nothing.",
    ]


def test_the_circles_united(toy: Study) -> None:
    """The union's people and km² by rail outside the city proper, not those of another kind."""
    by_kind = {
        kind: {
            "people": 9 * k,
            "people_outside_city": 1_000 * k,
            "area_km2_outside_city": 100.0 * k,
        }
        for k, kind in enumerate(("total", "by_rail", "local"), 1)
    }
    blocks = of(Paragraph, opening.answers(toy.circles, by_kind))
    assert blocks[0].words == Words(
        "各城市圈的并集(每处只计一次，中心城区外，轨道交通可达)：人口2,000，面积200 km²。",
        "The circles united, each place once, outside the city proper, by rail: 2,000 people, 200 "
        "km².",
    )


def test_the_data_and_its_age() -> None:
    """Title, day of service, stations, trips, whose people; a row a source; lines by headway where
    there are some.
    """
    sources = (
        {"title": "t", "date": dt.date(2024, 5, 15), "licence": "CC0", "credit_zh": "源"},
        {"title": "u"},
        {"title": "two words", "files": "a.csv"},
    )
    fields = {"title": "网", "title_en": "", "n_stations": 1_010, "n_trips": 2_020, "notes": ()}
    case = SimpleNamespace(compiled=SimpleNamespace(date="2024-05-15"))
    counts = SimpleNamespace(case=case, people_label="census")

    def blocks(lines: list[str], **more: Any) -> list[Any]:
        circle = circle_of(counts=counts, summary={"lines_by_headway": lines})
        usual = {"issues": [], "network": SimpleNamespace(**fields, sources=sources)}
        return list(opening.data(study_of(circle, **usual | more)))

    first, _, table, lines = blocks(["甲线 Line a", "Line b"])[1:5]
    assert first.words == Words(
        "网；运行日2024-05-15；车站1,010座，车次2,020列。人口：census。",
        "网; service day 2024-05-15; 1,010 stations, 2,020 trips. People: census.",
    )
    assert english(table) == [["t", "2024-05-15", "CC0"], ["u", "-", "-"], ["two words", "-", "-"]]
    assert [row[0] for row in chinese(table)] == ["源", "u", "本网络的数据文件：a.csv"]
    assert lines.words == Words(
        "含按间隔运行的通勤线：甲线、Line b。", "With lines known by headway only: Line a, Line b."
    )
    bare = blocks(
        [], counted=False, network=SimpleNamespace(**fields | {"title_en": "Net"}, sources=())
    )
    assert (
        bare[1].words.en
        == "Net; service day 2024-05-15; 1,010 stations, 2,020 trips. People: no data."
    )
    assert not of(Table, bare)
    assert len(of(Paragraph, bare)) == 3


# --- readings side by side


def reading_block(start: int) -> dict[str, Any]:
    """A reading at 45 and 60 minutes, strict at 60: one number a kind, cutoff and key."""
    keys = (
        "people",
        "people_outside_city",
        "area_km2_outside_city",
        "counties_inside",
        "counties_touched",
    )
    rows = [
        {"kind": kind, "cutoff_min": cutoff, "jobs_outside_city": start + c + k + 9}
        | {key: start + c + k + i for i, key in enumerate(keys)}
        for c, cutoff in ((0, 45), (500, 60))
        for k, kind in ((0, "total"), (100, "by_rail"), (200, "local"), (300, "added_by_rail"))
    ]
    return {
        "cutoffs": (45, 60),
        "strict": {"cutoff_min": 60, "people_outside_city": start + 99},
        "table": rows,
    }


def test_readings_side_by_side() -> None:
    """A row a reading and cutoff: people of all, outside, by rail, those who cannot cycle it,
    strict, km², counties.

    Added by trains stands where it is known, strict at the reading's own cutoff.
    """
    blocks = {"mine": reading_block(1_000), "other": reading_block(3_000)}
    blocks["mine"]["table"].append(
        {"kind": "added_by_trains", "cutoff_min": 60, "people_outside_city": 1_777}
    )
    circle = circle_of(
        counts=SimpleNamespace(people=object(), others={"jobs": None}), summary={"readings": blocks}
    )
    table = circle_tables.readings(circle)
    assert english(table) == [
        [
            "mine",
            "45",
            "1,000",
            "1,001",
            "1,101",
            "1,301",
            "",
            "",
            "1,002",
            "1,102",
            "1,003",
            "1,004",
            "1,009",
        ],
        [
            "",
            "60",
            "1,500",
            "1,501",
            "1,601",
            "1,801",
            "1,777",
            "1,099",
            "1,502",
            "1,602",
            "1,503",
            "1,504",
            "1,509",
        ],
        [
            "other",
            "45",
            "3,000",
            "3,001",
            "3,101",
            "3,301",
            "",
            "",
            "3,002",
            "3,102",
            "3,003",
            "3,004",
            "3,009",
        ],
        [
            "",
            "60",
            "3,500",
            "3,501",
            "3,601",
            "3,801",
            "",
            "3,099",
            "3,502",
            "3,602",
            "3,503",
            "3,504",
            "3,509",
        ],
    ]
    assert [row[0] for row in chinese(table)] == ["我的", "", "别的", ""]
    assert heads(table) == [
        "reading",
        "min",
        "people, total",
        "outside city",
        "by rail",
        "cannot cycle it",
        "added by trains",
        "strict by rail",
        "km² total",
        "km² by rail",
        "counties in",
        "touched",
        "",
    ]
    assert [note.en for note in table.notes] == [
        (
            "All but 'people, total' leave the city proper out; strict: percentile 75 at the reading's "
            "main cutoff."
        )
    ]
    bare = circle_tables.readings(
        circle_of(counts=NO_PEOPLE, has_city_proper=False, summary={"readings": blocks})
    )
    assert english(bare)[0] == ["mine", "45", "1,002", "1,102"]
    assert bare.notes == ()
    boundless = circle_of(summary={"readings": blocks}, network=SimpleNamespace(counties=None))
    assert english(circle_tables.readings(boundless))[1][-3:] == ["1,099", "1,502", "1,602"]


def test_each_centre_alone() -> None:
    """People at 60 and 90 minutes, then km² at 60 and 90."""
    row = {"name": "甲", "name_en": "", "confidence": "low"}
    row |= {
        f"{what}_by_rail_outside_city_{c}": k + c
        for k, what in ((1_000, "people"), (100, "area_km2"))
        for c in (60, 90)
    }
    table = circle_tables.centres(
        circle_of(summary={"centres": [row, row | {"name_en": "A", "confidence": ""}]})
    )
    assert english(table) == [
        ["甲", "1,060", "1,090", "160", "190", "low"],
        ["A", "1,060", "1,090", "160", "190", "-"],
    ]
    assert heads(table)[1:5] == ["people 60 min", "people 90 min", "km² 60 min", "km² 90 min"]


def test_what_a_circle_hides_stands_under_the_bridge(toy: Study) -> None:
    """The bridge, then by city six sentences; the city, its table and its centres stand in the
    appendix.
    """
    blocks = list(readings.from_press(toy.circles))
    assert [type(block) for block in blocks] == [Heading, Table, Heading, Items]
    assert len(blocks[-1].words) == 6
    assert [type(block) for block in readings.side_by_side(toy)] == [Heading, Heading, Table, Table]
    fields = {"circles": toy.circles, "counted": False}
    assert len(of(Table, readings.side_by_side(SimpleNamespace(**fields)))) == 1


# --- sensitivity


def test_the_range() -> None:
    """Central, low and high a cutoff, each with its access, slack, station time, people and km²."""
    ends = {
        "cutoff_min": 60,
        "low": {
            "access": "walk",
            "slack_min": 31,
            "station_time_min": 5,
            "people": 1_001,
            "area_km2": 11.0,
        },
        "central": {
            "access": "walk, bike",
            "slack_min": 30,
            "station_time_min": 0,
            "people": 2_002,
            "area_km2": 22.0,
        },
        "high": {
            "access": "drive",
            "slack_min": 60,
            "station_time_min": -5,
            "people": 3_003,
            "area_km2": 33.0,
        },
    }
    corners = [ends, ends | {"cutoff_min": 90}]
    table = circle_tables.ranges(
        [circle_of(summary={"corners": corners}), circle_of(BETA, summary={"corners": [ends]})]
    )
    assert english(table) == [
        ["Alpha", "60", "as assumed", "walk, e-bike", "30", "0", "2,002", "22"],
        ["", "60", "most cautious", "walk", "31", "+5", "1,001", "11"],
        ["", "60", "most generous", "taxi", "60", "−5", "3,003", "33"],
        ["", "90", "as assumed", "walk, e-bike", "30", "0", "2,002", "22"],
        ["", "90", "most cautious", "walk", "31", "+5", "1,001", "11"],
        ["", "90", "most generous", "taxi", "60", "−5", "3,003", "33"],
        ["乙城", "60", "as assumed", "walk, e-bike", "30", "0", "2,002", "22"],
        ["", "60", "most cautious", "walk", "31", "+5", "1,001", "11"],
        ["", "60", "most generous", "taxi", "60", "−5", "3,003", "33"],
    ]
    assert chinese(table)[0][:4] == ["甲城", "60", "所取假设", "步行、电动自行车"]
    assert (
        table.title.en
        == "Most cautious and most generous assumptions: by rail, outside the city proper"
    )
    bare = circle_tables.ranges([circle_of(counts=NO_PEOPLE, summary={"corners": [ends]})])
    assert english(bare)[1] == ["", "60", "most cautious", "walk", "31", "+5", "11"]


def test_the_bridge() -> None:
    """Stations on every rung; counties and people where cells are counted, of which none may be
    known.
    """
    rows = [
        {"key": "fastest_of_day", "stations": 10, "cutoff_min": 60},
        {
            "key": "plus_access",
            "stations": 11,
            "cutoff_min": 61,
            "counties": 21,
            "people": 95_000,
            "area_km2": 1.0,
        },
        {
            "key": "door_to_door_90",
            "stations": 12,
            "cutoff_min": 62,
            "counties": 22,
            "area_km2": 1.0,
        },
    ]
    table = circle_tables.bridge([circle_of(summary={"bridge": rows})])
    assert english(table) == [
        ["Alpha", "fastest train, to a station near a centre", "60", "10", "", ""],
        ["", "plus the way to the station", "61", "11", "21", "95,000"],
        ["", "door to door within 90 min", "62", "12", "22", "no data"],
    ]
    assert [row[-1] for row in chinese(table)] == ["", "9.5万", "无数据"]
    assert heads(table) == ["city", "assumption", "min", "stations", "counties", "people"]
    unknown = [{name: row[name] for name in row if name != "people"} for row in rows]
    bare = circle_of(summary={"bridge": unknown}, network=SimpleNamespace(counties=None))
    assert english(circle_tables.bridge([bare]))[1] == [
        "",
        "plus the way to the station",
        "61",
        "11",
    ]


def test_the_parts_of_the_minutes() -> None:
    """Seven parts in the order of the journey, their sum, the share out of the train; of several
    cities one reading.
    """
    parts = {
        f"{key}_min": k + 0.26
        for k, key in enumerate(("access", "entry", "wait", "ride", "change", "exit", "egress"))
    }
    row = {
        "reading": "mine",
        "direction": "to",
        "cutoff_min": 60,
        "total_min": 22.04,
        "out_of_vehicle_share": 0.525,
    } | parts
    rows = [row | {"reading": "other"}, row | {"cutoff_min": 45, "total_min": None}, row]
    table = components_table([circle_of(split_table=rows)] * 2)
    parts = ["0.3", "1.3", "2.3", "3.3", "4.3", "5.3", "6.3", "22.0", "52.5%"]
    assert english(table)[0] == ["Alpha", "mine", "to the city", "60", *parts]
    assert [row[1] for row in english(components_table([circle_of(split_table=rows)]))] == [
        "other",
        "mine",
    ]
    assert heads(table)[4:] == [
        "access",
        "entry",
        "wait",
        "ride",
        "change",
        "exit",
        "egress",
        "total",
        "outside the train",
    ]


def test_rail_against_car() -> None:
    """By rail, by car, both, one alone, of several cities at the headline cutoff; people where
    known, else km².
    """
    states = ("rail", "car", "both", "rail_only", "car_only")
    row = {"reading": "mine", "traffic": "peak", "cutoff_min": 60}
    row |= {
        f"{what}_outside_city_{s}": v + k
        for what, v in (("people", 1_001), ("area_km2", 101))
        for k, s in enumerate(states)
    }
    rows = [row | {"cutoff_min": 45}, row, row | {"reading": "other", "traffic": "own"}]
    figures = ["1,001", "1,002", "1,003", "1,004", "1,005"]
    table = car_table([circle_of(car_table=rows), circle_of(BETA, car_table=[])])
    assert english(table) == [
        ["Alpha", "mine", "peak", "60", *figures],
        ["", "other", "own", "60", *figures],
    ]
    assert [row[3] for row in english(car_table([circle_of(car_table=rows)]))] == ["45", "60", "60"]
    assert heads(table)[4:] == ["by rail", "by car", "both", "rail only", "car only"]
    bare = car_table([circle_of(car_table=rows, counts=NO_PEOPLE)])
    assert english(bare)[0][4:] == ["101", "102", "103", "104", "105"]
    assert bare.title.en == "Rail against car (km², outside the city proper)"


def test_sensitivity_of_toy(toy: Study) -> None:
    """Door to station 67 to 95 around 73.667 thousand; the bridge, 8, 7, 6, 6, 4 stations, is that
    of door to door.
    """
    ends, rules, split, car = of(Table, readings.sensitivity(toy))
    (bridge,) = of(Table, readings.from_press(toy.circles))
    assert [row[5:7] for row in english(ends)] == [
        ["0", "73,667"],
        ["+5", "67,000"],
        ["−5", "95,000"],
    ]
    # early minutes in full: north 47 + 14 and south 48 + 14 are out; with 15 or 30 of slack the
    # northeast is in too
    assert [row[:3] for row in english(rules)[:5]] == [
        ["as it is", "60", "73,667"],
        ["a minute early counts in full", "60", "67,000"],
        ["up to 15 min early not counted", "60", "95,000"],
        ["up to 30 min early not counted", "60", "95,000"],
        ["percentile 75", "60", "67,000"],
    ]
    assert english(rules)[0][3:] == ["7,667", "64,000", "2,000"]
    assert [row[3:] for row in english(bridge)] == [
        ["8", "", ""],
        ["7", "", ""],
        ["6", "", ""],
        ["6", "3", "73,667"],
        ["4", "3", "67,000"],
        ["7", "5", "95,000"],
    ]
    # within 45: 67,000 people; entry 10, exit 5, ride (1 x 18 + 2 x 16 + 64 x 17) / 67 = 16.99;
    # half of the minutes early: 4:30 of the 20-minute trains, 2:04 of southwest's
    assert english(split)[0][5:10] == ["10.0", "2.2", "17.0", "0.0", "5.0"]
    assert [row[1:4] for row in english(car)][:2] == [
        ["door-to-station", "free flow", "30"],
        ["", "", "45"],
    ]
    assert [row[4] for row in english(car) if row[3] == "60"] == [
        "73,667",
        "73,667",
        "67,000",
        "67,000",
    ]


# --- by member, county, station


def test_how_circles_overlap() -> None:
    """People and km² of each circle and of what no other has; united, of both kinds, last."""
    row = {"people_outside_city": 1_001, "people_outside_city_alone": 902}
    row |= {"area_km2_outside_city": 101.0, "area_km2_outside_city_alone": 92.0}
    whole = {"total": {"people_outside_city": 2_003, "area_km2_outside_city": 203.0}, "by_rail": {}}
    fields = {"name": "区域", "name_en": "Region", "cutoff_min": 60, "union": whole}
    rows = [{"name": "甲城", "name_en": "Alpha", **row}, {"name": "乙城", "name_en": "", **row}]
    table = readings._overlap(SimpleNamespace(**fields, counts=PEOPLE, city_table=rows))
    assert english(table) == [
        ["Alpha", "1,001", "902", "101", "92"],
        ["乙城", "1,001", "902", "101", "92"],
        ["united", "2,003", "", "203", ""],
    ]
    assert heads(table)[1:3] == ["people inside", "in no other"]
    bare = readings._overlap(SimpleNamespace(**fields, counts=NO_PEOPLE, city_table=rows))
    assert english(bare)[1:] == [["乙城", "101", "92"], ["united", "203", ""]]


def members(*rows: tuple[Any, ...]) -> pd.DataFrame:
    columns = [
        "region",
        "prefecture_code",
        "prefecture_en",
        "scope",
        "people_census",
        "people_total_60",
        "share_total_60",
    ]
    return pd.DataFrame(rows, columns=columns).assign(
        prefecture="地级市", people_total_45=1, share_total_45=0.01
    )


def test_member_cities() -> None:
    """A row a member of the region, a column of people and one of the share a city; none where a
    city has no row.
    """
    alpha = members(
        ("r", "1", "One", "whole", 3_000, 2_001, 0.667),
        ("r", "2", "", "2 of 5 counties", 5_000, 1_002, 0.2004),
        ("t", "3", "Three", "whole", 9_000, 9_000, 1.0),
    )
    beta = members(("r", "1", "One", "whole", 3_000, 1_503, 0.501))
    study = study_of(
        circle_of(members=alpha),
        circle_of(BETA, members=beta),
        region=SimpleNamespace(region_id="r"),
    )
    table = readings._members(study, study.circles)
    assert table is not None
    assert english(table) == [
        ["One", "whole", "3,000", "2,001", "66.7%", "1,503", "50.1%"],
        ["地级市", "2 of 5 counties", "5,000", "1,002", "20.0%", "no data", "-"],
    ]
    assert [row[:2] for row in chinese(table)] == [["地级市", "全域"], ["地级市", "2/5县"]]
    assert heads(table)[3:] == ["inside Alpha", "share", "inside 乙城", "share"]

    def members_of(study: Any) -> Table | None:
        return readings._members(study, study.circles)

    assert (
        members_of(study_of(circle_of(members=alpha), region=SimpleNamespace(region_id="u")))
        is None
    )
    assert members_of(study_of(circle_of(members=pd.DataFrame()))) is None
    every = SimpleNamespace(regions=[SimpleNamespace(region_id=name) for name in "tr"])
    own = members_of(study_of(circle_of(BETA, members=alpha, network=every)))
    assert own is not None
    assert len(own.rows) == 2  # of the regions of the city, r alone


def test_counties_inside() -> None:
    """Outside the city proper and touched, the largest share first, then by code; 25 are shown,
    more are counted.
    """
    columns = [
        "county_code",
        "county_en",
        "part",
        "status_60",
        "population",
        "people_total_60",
        "share_total_60",
    ]
    rows = [
        ("3", "", "same_province", "touched", 5_003, 403, 0.2),
        ("2", "Two", "other_province", "inside", 5_002, 502, 0.6),
        ("1", "One", "same_province", "inside", 5_001, 501, 0.6),
        ("4", "Four", "same_province", "outside", 5_004, 0, 0.0),
        ("5", "Five", "city_proper", "inside", 5_005, 5_005, 1.0),
        ("6", "Six", "same_province", "no data", 5_006, pd.NA, None),
    ]
    frame = pd.DataFrame(rows, columns=columns).assign(
        prefecture="市", prefecture_en="City", share_by_rail_60=0.125
    )
    frame["county"], frame["share_total_60"] = "县", frame["share_total_60"].astype(float)
    table = readings._counties(circle_of(counties=frame.assign(share_total_45=1.0)))
    assert english(table) == [
        ["One", "City", "inside", "5,001", "501", "60.0%", "12.5%"],
        ["Two", "City", "inside", "5,002", "502", "60.0%", "12.5%"],
        ["县", "City", "touched", "5,003", "403", "20.0%", "12.5%"],
    ]
    assert [row[:3] for row in chinese(table)] == [
        ["县", "市", status] for status in ("过半在内", "过半在内", "触及")
    ]
    assert table.notes == ()
    many = pd.concat([frame.iloc[:1]] * 27, ignore_index=True)
    shown = readings._counties(circle_of(counties=many))
    assert (len(shown.rows), shown.notes) == (25, (Words("另有2个区县。", "And 2 more counties."),))
    assert readings._counties(circle_of(counties=many.iloc[:25])).notes == ()


def station_rows(*rows: tuple[Any, ...]) -> pd.DataFrame:
    columns = ["station_id", "name_en", "coord_confidence", "inside", "minutes"]
    return pd.DataFrame(rows, columns=columns).assign(
        name="站",
        minutes_strict=51.2,
        minutes_fastest=32.0,
        trips=7,
        share_served=0.7333,
        max_gap_min=60.0,
        first_arrival="05:45",
        last_return="",
        counted=True,
    )


def test_stations_inside() -> None:
    """Those inside that are counted, the nearest first; a weak coordinate bears a mark, which a
    note then explains.
    """
    frame = station_rows(
        ("b", "B", "high", True, 47.0),
        ("c", "", "medium", True, 31.5),
        ("a", "A", "high", True, 47.0),
        ("d", "D", "low", False, 10.0),
        ("m", "M", "low", True, 1.0),
    )
    frame.loc[frame["station_id"] == "m", "counted"] = False
    table = circle_tables.stations(circle_of(stations=frame), 25)
    rest = ["52", "32", "7", "73%", "60", "05:45", "-"]
    assert english(table) == [["站 ≈", "32", *rest], ["站 A", "47", *rest], ["站 B", "47", *rest]]
    assert table.title == Words(
        "甲城：60分钟内车站 3 座", "Alpha: 3 stations within 60 min from their door"
    )
    assert heads(table) == [
        "station",
        "minutes",
        "p75",
        "fastest",
        "trips",
        "share served",
        "max gap",
        "first arrival",
        "last return",
    ]
    assert [note.en[:1] for note in table.notes] == ["≈"]
    many = pd.concat([frame.iloc[:1]] * 26, ignore_index=True)
    shown = circle_tables.stations(circle_of(stations=many), 25)
    assert (len(shown.rows), shown.notes) == (25, (Words("另有1座车站。", "And 1 more station."),))
    assert circle_tables.stations(circle_of(stations=many.iloc[:25]), 25).notes == ()


def test_counties_and_stations_of_toy(toy: Study) -> None:
    """Three counties whole, 2 of 6 cells of Southport's, 4 of the 516 thousand of Northlake's;
    minutes, trips and gaps.

    Half of the minutes early, of 20 the tenth, of ten the fifth (4:08): west 33 + 4:30, southwest
    32 + 2:04; of 30 the 15th, 14: north 47 + 7, south 48 + 7. At p75 the 15th, the eighth (7:08),
    the 23rd.
    """
    tables = of(Table, readings.by_place(toy))
    assert [row[2:] for row in english(tables[0])] == [
        ["inside", "2,000", "2,000", "100.0%", "100.0%"],
        ["inside", "1,000", "1,000", "100.0%", "100.0%"],
        ["inside", "64,000", "64,000", "100.0%", "100.0%"],
        ["touched", "8,000", "2,667", "33.3%", "33.3%"],
        ["touched", "516,000", "4,000", "0.8%", "0.8%"],
    ]
    stations = {row[0].split(" ", 1)[-1]: row[1:] for row in english(tables[2])}
    train = "a direct train Ridgefield - Midtown every 30 min (32 min)"
    assert english(tables[1]) == [
        ["Ridgefield County", "Midtown", train, "16,000", "65.8", "56.1"],
        ["Northlake County", "Midtown", "-", "516,000", "over 120", "-"],
    ]
    assert len(stations) == 6
    assert stations["Westhill"] == ["38", "40", "18", "6", "100%", "20", "05:35", "22:52"]
    assert stations["Slopeside ≈"][:6] == ["35", "36", "17", "12", "100%", "10"]
    assert stations["Northlake"] == ["54", "58", "32", "6", "93%", "30", "05:45", "24:05"]
    assert stations["Southport"] == ["55", "59", "33", "4", "83%", "30", "05:50", "23:05"]


# --- what plans change


def difference_of(**fields: Any) -> Any:
    """A difference under one reading at 45 and 60 minutes, with one number a key."""
    states = ("before", "after", "gained", "lost")

    def row(name: str, cutoff: int, kind: str) -> dict[str, Any]:
        start = 1_000 * {"total": 1, "by_rail": 2}[kind] + 10 * cutoff
        people = {f"people_{s}": start + k for k, s in enumerate(states, 1)}
        return people | {f"area_km2_{s}": start / 10 + k for k, s in enumerate(states, 1)}

    usual = {
        "before": SimpleNamespace(city=ALPHA),
        "counts": PEOPLE,
        "surfaces": {"mine": None},
        "cutoffs": {"mine": (45, 60), "other": (30,)},
        "headline_cutoff": 60,
        "row": row,
    }
    return SimpleNamespace(**usual | fields)


def test_before_and_after_by_cutoff() -> None:
    """Before, after, gained and lost of the total, gained and lost by rail, km² gained and lost of
    the total.
    """
    table = plansections._table(study_of(circle_of()), difference_of())
    assert english(table) == [
        ["mine", "45", "1,451", "1,452", "1,453", "1,454", "2,453", "2,454", "148", "149"],
        ["", "60", "1,601", "1,602", "1,603", "1,604", "2,603", "2,604", "163", "164"],
    ]
    assert heads(table) == [
        "reading",
        "min",
        "before",
        "after",
        "gained",
        "lost",
        "gained by rail",
        "lost by rail",
        "km² gained",
        "km² lost",
    ]
    assert [text(head, "zh") for head in table.heads][2:6] == ["现状", "规划", "新增", "减少"]
    united = difference_of(comparisons=[1, 2], name="区域", name_en="Region")
    bare = plansections._table(study_of(circle_of(), counted=False), united)
    assert english(bare)[0][2:] == ["146", "147", "148", "149", "248", "249", "148", "149"]


def test_an_unchanged_plan_has_one_sentence() -> None:
    """Where nothing moves, the section is a heading and a sentence with every cutoff, without a
    table.
    """
    still = difference_of(
        row=lambda *key: {"area_km2_gained": 0.0, "area_km2_lost": 0.0},
        minutes_saved={"area_km2_faster": 0.0, "area_km2_slower": 0.0},
        surfaces={"mine": None, "other": None},
    )
    heading, paragraph = plansections._one(study_of(circle_of()), still)
    assert (heading.words.en, heading.level) == ("Alpha", 3)
    assert paragraph.words.en == (
        "Nothing is gained or lost under any reading within 30, 45, 60 min, and no place becomes "
        "faster or slower: no table or map."
    )


def county_rows(n: int) -> pd.DataFrame:
    states = ("gained", "lost", "faster", "slower")
    row = {
        "county": "县",
        "county_en": "County",
        "prefecture": "市",
        "part": "same_province",
        "minutes_before": 41.26,
    }
    row |= {"minutes_after": float("nan"), "status_before": "outside", "status_after": "inside"} | {
        f"people_{s}": 1_001 + k for k, s in enumerate(states)
    }
    return pd.DataFrame([row | {f"area_km2_{s}": 11.0 + k for k, s in enumerate(states)}] * n)


def test_counties_that_change() -> None:
    """Gained, lost, faster, slower, minutes before and after; not of the city proper; 20 are shown,
    more counted.
    """
    names = pd.DataFrame({"prefecture": ["市"], "prefecture_en": ["City"]})
    of = SimpleNamespace(before=circle_of(network=SimpleNamespace(counties=names)))
    frame = county_rows(2)
    frame.loc[0, "part"] = "city_proper"
    (table,) = counties(difference_of(by_city=[of], counties=frame), 20)
    row = [
        "县 County",
        "City",
        "1,001",
        "1,002",
        "1,003",
        "1,004",
        "41.3",
        "-",
        "outside",
        "inside",
    ]
    assert english(table) == [row]
    assert chinese(table) == [["县", "市", *row[2:8], "圈外", "过半在内"]]
    assert heads(table)[2:] == [
        "gained",
        "lost",
        "faster",
        "slower",
        "mean min before",
        "after",
        *heads(table)[-2:],
    ]
    (bare,) = counties(difference_of(by_city=[of], counties=frame, counts=NO_PEOPLE), 20)
    assert english(bare)[0][2:6] == ["11", "12", "13", "14"]
    (many,) = counties(difference_of(by_city=[of], counties=county_rows(23)), 20)
    assert (len(many.rows), [note.en for note in many.notes]) == (20, ["And 3 more."])
    (whole,) = counties(difference_of(by_city=[of], counties=county_rows(20)), 20)
    assert whole.notes == ()
    assert list(counties(difference_of(by_city=[of], counties=frame.iloc[:1]), 20)) == []
    assert list(counties(difference_of(by_city=[of], counties=frame.iloc[:0]), 20)) == []


def changed(*rows: tuple[Any, ...]) -> pd.DataFrame:
    """Stations from (id, change, minutes before, after, trips before, after)."""
    columns = [
        "station_id",
        "change",
        "minutes_before",
        "minutes_after",
        "trips_before",
        "trips_after",
    ]
    frame = pd.DataFrame(rows, columns=columns).astype(
        {
            "minutes_before": float,
            "minutes_after": float,
            "trips_before": "Int64",
            "trips_after": "Int64",
        }
    )
    saved = frame["minutes_before"] - frame["minutes_after"]
    return frame.assign(
        name="站",
        in_city_proper=False,
        name_en=frame["station_id"].str.upper(),
        minutes_saved=saved,
    )


def test_stations_that_change() -> None:
    """Savers first, then those that lose, the worst first; those of no use before and after are
    counted alone.
    """
    frame = changed(
        ("a", "gained", 70.0, 44.5, 0, 6),
        ("b", "", 40.0, 40.0, 3, 4),
        ("c", "core", None, None, None, None),
        ("d", "", 40.0, 42.5, 3, 3),
        ("e", "lost", 50.0, None, 1_000, None),
        ("f", "", None, None, None, None),
        ("g", "", None, 90.0, None, 0),
        ("h", "", None, None, None, 2),
    )
    (table,) = plansections._stations(difference_of(stations=frame))
    assert english(table) == [
        ["A", "gained", "70", "45", "+25.5", "0", "6"],
        ["B", "", "40", "40", "+0.0", "3", "4"],
        ["C", "core", "-", "-", "-", "-", "-"],
        ["H", "", "-", "-", "-", "-", "2"],
        ["E", "lost", "50", "-", "-", "1,000", "-"],
        ["D", "", "40", "43", "-2.5", "3", "3"],
    ]
    assert [row[0] for row in chinese(table)] == ["站"] * 6
    words = [row[1] for row in chinese(table)]
    assert words == ["新增", "", "成为中心客站", "", "减少", ""]
    assert [note.en for note in table.notes] == ["Number of new stations beyond 60 min: 2."]
    assert list(plansections._stations(difference_of(stations=frame.iloc[5:7]))) == []
    many = changed(
        *((f"s{k:02}", "", 40.0, 39.0, 1, 1) for k in range(21)), ("x", "", 40.0, 41.0, 1, 1)
    )
    (long,) = plansections._stations(difference_of(stations=many))
    assert (len(long.rows), long.notes) == (21, (Words("另有1座。", "And 1 more."),))
    assert english(long)[-1][0] == "X"


def trade_row(key: str, start: int, saved: float) -> dict[str, Any]:
    found = {
        "saved": saved,
        "saved_vs_plan": -start,
        "savers": start + 1,
        "mean_minutes": 2.25 if start else None,
    }
    found |= {"within_60": start + 2, "within_90": start + 3, "saved_turn_up": start + 4}
    return {"key": key, "zh": f"变化{key}", "en": f"change {key}", **found}


def test_what_to_buy() -> None:
    """The minutes that the plan saves, the change with most, and a row a change; the plan itself is
    no change.
    """
    rows = [
        trade_row("plan", 4_000, 900),
        trade_row("a", 1_000, 300),
        trade_row("b", 2_000, 500),
        trade_row("c", 0, 0),
    ]
    plan = SimpleNamespace(titles=("甲案", "plan a"))
    fields = {
        "city": ALPHA,
        "table": rows,
        "plan": plan,
        "has_city_proper": True,
        "definition": "",
        "reading": "mine",
    }
    found = SimpleNamespace(**fields, objective=SimpleNamespace(column="people", n_phases=20))
    study = study_of(circle_of(), trade_offs=[found])
    heading, paragraph = plansections._what_to_buy(study, found, [])
    table = trade_offs_table(found)
    assert heading.words == Words("钱花在哪里：甲城", "What to buy: Alpha")
    assert paragraph.words == Words(
        "方案本身节省900人口·分钟；一次只变一项，节省最多的是“变化b”：500。",
        "The plan as written saves 900 minutes of people; of the changes, one at a time, most are "
        "saved with 'change b': 500.",
    )
    assert english(table) == [
        ["change plan", "900", "−4,000", "4,001", "2.2", "4,002", "4,003", "4,004"],
        ["change a", "300", "−1,000", "1,001", "2.2", "1,002", "1,003", "1,004"],
        ["change b", "500", "−2,000", "2,001", "2.2", "2,002", "2,003", "2,004"],
        ["change c", "0", "0", "1", "-", "2", "3", "4"],
    ]
    km2 = SimpleNamespace(**fields, objective=SimpleNamespace(column="area", n_phases=20))
    heading, paragraph = plansections._what_to_buy(
        study_of(circle_of(), trade_offs=[km2, km2]), km2, []
    )
    assert heading.words == Words("钱花在哪里：甲城: 甲案", "What to buy: Alpha: plan a")
    assert paragraph.words.en.startswith("The plan as written saves 900 minutes of km²;")


def test_clause_by_clause() -> None:
    """Line, clause, what is required, the line's value, the verdict; each doubt once beneath."""
    row = {
        "line": "L",
        "clause": "c",
        "clause_zh": "款",
        "clause_en": "clause",
        "required": "160",
        "required_zh": "一六",
        "value": "120",
    }
    row |= {"value_zh": "一二", "verdict": "not met", "doubt": "", "doubt_zh": ""}
    doubt = {"verdict": "not known", "doubt": "d", "doubt_zh": "疑"}
    blocks = list(plansections._compliance([row, row | doubt, row | doubt | {"verdict": "met"}]))
    (table,), (items,) = of(Table, blocks), of(Items, blocks)
    assert english(table) == [
        ["L", "clause", "160", "120", "not met"],
        ["", "clause", "160", "120", "not known"],
        ["", "clause", "160", "120", "met"],
    ]
    assert chinese(table) == [
        ["L", "款", "一六", "一二", "不符合"],
        ["", "款", "一六", "一二", "无法判定"],
        ["", "款", "一六", "一二", "符合"],
    ]
    assert items.words == (Words("疑", "d"),)
    assert not of(Items, plansections._compliance([row]))
    assert list(plansections._compliance([])) == []
    (left,) = of(Table, plansections._compliance([row], n_left=2))
    assert left.notes == (Words("另有2个。", "And 2 more."),)


def test_trade_offs_are_of_the_city_where_most_changes() -> None:
    """One for each scenario that adds a line, in the city where it moves most, the first of equal
    ones.
    """
    asked = []
    run: Any = SimpleNamespace(
        trade_offs=lambda city, scenario, **how: asked.append((city, scenario, how))
    )

    def one(city: str, gained: int, lost: int, lines: Any = (1,)) -> Any:
        row = {"people_gained": gained, "people_lost": lost}
        plan = None if lines is None else SimpleNamespace(lines=lines)
        return SimpleNamespace(
            before=SimpleNamespace(city=city), plan=plan, headline_row=lambda: row
        )

    comparisons = [
        [one("a", 5, 0), one("b", 1, 5), one("c", 6, 0)],
        [one("a", 1, 0, ()), one("b", 2, 0, ())],
        [one("a", 1, 0, None)],
        [one("a", 9, 9)],
    ]
    measure = {"reading": "r", "direction": "to", "cutoffs": None}
    study = Study(run=run, cities=(), measure=measure, scenarios=["x", "y", "z"])  # type: ignore[list-item]
    vars(study)["comparisons"] = comparisons
    assert len(study.trade_offs) == 1
    assert asked == [("b", "x", {"reading": "r", "direction": "to"})]


def test_where_a_plan_moves_most() -> None:
    """What is gained and what is lost add up, in people, in km² where no people are known."""
    row = {"people_gained": 5, "people_lost": 3, "area_km2_gained": 0.5, "area_km2_lost": 0.25}
    assert _moved(SimpleNamespace(headline_row=lambda: row)) == 8
    bare = row | {"people_gained": None, "people_lost": None}
    assert _moved(SimpleNamespace(headline_row=lambda: bare)) == 0.75


PERIOD = {"start_time": "05:00", "end_time": "23:00", "headway_minutes": 10}
NORTHWEST = {
    "type": "add-trips",
    "name": "nw",
    "stops": [{"name": "西北原", "id": "northwest", "lon": 99.8, "lat": 0.5}, "mid"],
    "hop_minutes": [18],
    "frequencies": [PERIOD],
}
GONE = {"type": "remove-trips", "routes": ["sw"]}


@pytest.fixture(scope="module")
def toy() -> Study:
    """A line to northwest, no trains to southwest any more, and both together."""
    network = railshed.load_network("toy")
    run = railshed.prepare(network)
    city = network.cities[0]
    scenarios = [
        scenario_from_dict({"title": title, "modification": [change]})
        for title, change in (("plus", NORTHWEST), ("minus", GONE))
    ]
    plans = plans_.resolve_plans(run, [city], scenarios)
    afters = [plans_.run_after(run, plan) for plan in plans.every]
    measure = {"cutoffs": None, "reading": "door-to-station", "direction": "to"}
    return Study(run=run, cities=[city], measure=measure, plans=plans, afters=afters)


def test_plans_of_toy(toy: Study) -> None:
    """73.667 and 128 from northwest, less 64 of southwest, both: thousand people door to station
    within 60 minutes.

    Door to door 95 within 90, and 128 and 64 likewise: northwest ends at mid, west's minutes less
    or more a few.
    """
    by_plan = [
        {tuple(row[:2]): row[2:8] for row in labelled(english(table))}
        for table in of(Table, plansections.changes(toy, []))
        if table.title.en.startswith("Midtown: before")
    ]
    assert [rows["door-to-station", "60"] for rows in by_plan] == [
        ["73,667", "201,667", "128,000", "0", "128,000", "0"],
        ["73,667", "9,667", "0", "64,000", "0", "64,000"],
        ["73,667", "137,667", "128,000", "64,000", "128,000", "64,000"],
    ]
    assert [rows["door-to-station", "45"] for rows in by_plan] == [
        ["67,000", "195,000", "128,000", "0", "128,000", "0"],
        ["67,000", "3,000", "0", "64,000", "0", "64,000"],
        ["67,000", "131,000", "128,000", "64,000", "128,000", "64,000"],
    ]
    assert [rows["door-to-door", "90"][:2] for rows in by_plan] == [
        ["95,000", "223,000"],
        ["95,000", "31,000"],
        ["95,000", "159,000"],
    ]


def labelled(rows: list[list[str]]) -> Iterable[list[str]]:
    """Rows with the label of the row above where they have none."""
    label = ""
    for row in rows:
        label = row[0] or label
        yield [label, *row[1:]]


def test_sentences_on_plans_of_toy(toy: Study) -> None:
    """Twelve trips of northwest come, twelve of southwest go; minutes are 33 and 32 and half of
    those early.
    """
    sentences = [
        items.words for items in of(Items, plansections.changes(toy, [])) if len(items.words) == 4
    ]
    assert len(sentences) == 3
    assert sentences[2][1].en == (
        "Within 60 minutes Plainview County gains most: people 128,000, 100% of all that is "
        "gained; number of counties that gain: 1."
    )
    assert sentences[1][1].en == "No county gains anybody within 60 minutes."
    assert sentences[0][2].zh == "新进入圈内的车站：西北原；移出：无。有效车次增12、减0。"
    assert sentences[1][2].en == (
        "Stations that come inside: none; that drop out: Slopeside. Useful trips: 0 more, 12 fewer."
    )
    assert (
        sentences[0][3].en
        == "No station becomes slower or drops out, and no one in any county loses by rail."
    )
    assert (
        sentences[1][3].zh
        == "受损者——车站(分钟)：西南坡(35→-)；区县(轨道交通出行)：西南坡县(6.4万超出60分钟)。"
    )
    tables = [
        t for t in of(Table, plansections.changes(toy, [])) if t.title.en.startswith("Stations")
    ]
    assert [row[2:] for row in english(tables[2])] == [
        ["-", "36", "-", "-", "12"],
        ["35", "-", "-", "12", "-"],
    ]


def test_answers_on_plans_of_toy(toy: Study) -> None:
    """The headline, its parts, without trains and beyond 30 km; of the plans as a whole all four
    sentences.
    """
    assert [len(items.words) for items in of(Items, opening.answers(toy.circles))] == [4]
    blocks = list(plansections.main_change(toy, []))
    assert [h.words.en for h in of(Heading, blocks)] == [
        "What the plan changes",
        "Midtown: plus + minus",
    ]
    (items,) = of(Items, blocks)
    assert items.words[0].en.startswith(
        "plus + minus: 128,000 people save 19.5 minutes on average, 128,000 people come"
    )
    assert len(items.words) == 4


def test_the_region_stands_before_its_cities() -> None:
    """Of a plan, the united circles come first, then city by city; only the plan's own union and
    comparisons do.
    """
    fields = {
        "row": lambda *key: {"area_km2_gained": 0.0, "area_km2_lost": 0.0},
        "minutes_saved": {"area_km2_faster": 0.0, "area_km2_slower": 0.0},
    }
    united = [
        difference_of(**fields, comparisons=[1, 2], name=name, name_en=name)
        for name in ("One", "Two")
    ]
    row = {"people_gained": 9, "people_lost": 2}
    cities = [
        difference_of(**fields, before=SimpleNamespace(city=city), headline_row=lambda: row)
        for city in (ALPHA, BETA)
    ]
    plans = SimpleNamespace(
        clash="", every=[SimpleNamespace(titles=(t, t), effects=[]) for t in ("p", "q")]
    )
    study = study_of(
        circle_of(),
        plans=plans,
        comparisons=[cities, cities[:1]],
        unions=united,
        trade_offs=[],
        compliance=[],
    )
    blocks = list(plansections.changes(study, []))
    assert [(h.words.en.split(",")[0], h.level) for h in of(Heading, blocks)] == [
        ("What is new with the plan", 1),
        ("p", 2),
        ("One", 3),
        ("Alpha", 3),
        ("乙城", 3),
        ("q", 2),
        ("Two", 3),
        ("Alpha", 3),
    ]
    moved = [p.words.en for p in of(Paragraph, blocks) if "Net change" in p.words.en]
    assert moved == ["Net change of people by city: Alpha +7, 乙城 +7."]


def test_plans_that_clash() -> None:
    """What cannot be built together is said, and each plan has its heading and its effects."""
    effects = (Words("取消216列", "takes 216 trips away"),)
    plans = SimpleNamespace(
        clash="a and b", every=[SimpleNamespace(titles=("甲", "a"), effects=effects)]
    )
    fields = {"comparisons": [[]], "unions": [], "trade_offs": [], "compliance": [], "plans": plans}
    blocks = list(plansections.changes(study_of(circle_of(), **fields), []))
    assert [b.words.en for b in of(Paragraph, blocks)] == [
        "All together is left out, since these scenarios cannot be built together: a and b"
    ]
    assert of(Items, blocks) == [Items((Words("取消216列", "takes 216 trips away"),))]
    assert list(plansections.changes(study_of(circle_of()), [])) == []


# --- pictures


def captions(study: Any) -> list[str]:
    found = [caption.en for caption, _ in pictures._captions(study, {"lang": "en"})]
    assert pictures.n_pictures(study) == len(found)
    return found


def picture_study(n_plans: int, **fields: Any) -> Any:
    def draw(**options: Any) -> None: ...

    moved = {"area_km2_gained": 1.0, "area_km2_lost": 0.0}
    plots = dict.fromkeys(("plot", "plot_saved", "plot_readings", "plot_car"), draw)
    change = difference_of(
        row=lambda *key: moved, minutes_saved={}, titles=("甲案", "plan a"), **plots
    )
    still = difference_of(
        row=lambda *key: dict.fromkeys(moved, 0.0),
        minutes_saved={"area_km2_faster": 0.0, "area_km2_slower": 0.0},
    )
    change.headline_row, still.headline_row = (lambda: moved), (lambda: dict.fromkeys(moved, 0.0))
    circles = (
        circle_of(surfaces={"mine": 1, "other": 2}, **plots),
        circle_of(BETA, surfaces={"mine": 1}, **plots),
    )
    trade = SimpleNamespace(city=BETA, plan=SimpleNamespace(titles=("甲案", "plan a")), plot=draw)
    usual = {
        "comparisons": [[change, still]] * n_plans,
        "unions": [],
        "trade_offs": [trade] * n_plans,
    }
    usual |= {"every_plan": range(n_plans), "integration": None}
    return study_of(*circles, **usual | fields)


def test_which_pictures_there_are() -> None:
    """A circle, its readings where there are several, the car; a plan that changes something; the
    trade-offs.
    """
    of_circles = [
        "Alpha: the circle of 60 min and of less",
        "Alpha: the readings side by side",
        "Alpha: rail against the car in the peak",
        "乙城: the circle of 60 min and of less",
        "乙城: rail against the car in the peak",
    ]
    assert captions(picture_study(0)) == of_circles
    # what the plan gains stands on the first page
    assert captions(picture_study(1)) == [
        "Alpha: gained and lost",
        *of_circles,
        "Alpha: minutes saved",
        "乙城: one change at a time",
    ]
    two = captions(picture_study(2))
    gained, saved = "Alpha: plan a: gained and lost", "Alpha: plan a: minutes saved"
    assert two == [
        gained,
        *of_circles,
        saved,
        saved,
        *["乙城: plan a: one change at a time"] * 2,
    ]  # one change of both
    over = SimpleNamespace(name="区域", name_en="Region", plot=print)
    united = difference_of(
        row=lambda *key: {"area_km2_gained": 0.0, "area_km2_lost": 1.0},
        minutes_saved={},
        titles=("", ""),
        comparisons=[1, 2],
        name="区域",
        name_en="Region",
        plot=over.plot,
        plot_saved=over.plot,
        headline_row=lambda: {"area_km2_gained": 0.0, "area_km2_lost": 1.0},
    )
    region = captions(picture_study(1, overlap=over, unions=[united]))
    assert region[:2] == [
        "Region, the circles of 2 core cities united: gained and lost",
        "Region: the circles, their union and overlap",
    ]
    assert region[7] == "Region, the circles of 2 core cities united: minutes saved"


# --- closing


def test_limits() -> None:
    """Straight lines are no limit with streets, a plan has one more; km² beyond the boundaries
    stand apart.
    """
    pairs = (("接入按直线距离估算", "access on straight lines"), ("未考虑运能", "no capacity"))
    circles = (
        circle_of(summary={"outside_boundaries_km2": 1_044.4}),
        circle_of(BETA, summary={"outside_boundaries_km2": 0}),
    )
    fields = {"network": SimpleNamespace(limits=pairs), "run": SimpleNamespace(streets=None)}
    (items,), (beyond,) = (
        of(kind, closing.limits(study_of(*circles, **fields))) for kind in (Items, Paragraph)
    )
    assert [words.en for words in items.words][:2] == ["access on straight lines", "no capacity"]
    assert len(items.words) == 5
    assert beyond.words == Words(
        "可达而在已知边界之外(海域、境外)、未计入的面积：甲城 1,044 km²。",
        "Within reach but beyond the known boundaries (sea, abroad) and not counted: Alpha 1,044 "
        "km².",
    )
    fields |= {"run": SimpleNamespace(streets=object()), "plans": object()}
    blocks = list(closing.limits(study_of(circles[1], **fields)))
    (items,) = of(Items, blocks)
    assert items.words[0].en == "no capacity"
    assert items.words[-1].en.startswith("Trains, places of stations and run times of a plan")
    assert not of(Paragraph, blocks)
    (items,) = of(
        Items,
        closing.limits(study_of(circles[1], **fields | {"network": SimpleNamespace(limits=())})),
    )
    assert items.words[0].en == "no capacity, fare or demand"


def test_assumptions_and_what_a_rerun_needs(toy: Study) -> None:
    """Entry 10, exit 5 and change 6 of small stations, cells of 500 m; the parameters that have a
    value.
    """
    *_, table = closing.method(toy)
    assert ["站内时间 小站", "进站分钟 10；出站分钟 5；换乘分钟 6"] in [
        row[:2] for row in chinese(table)
    ]
    rows = {row[0]: row[1] for row in english(table)}
    assert rows["station times small"] == "entry, min 10; exit, min 5; change, min 6"
    assert "来源原文" in table.notes[0].zh
    assert rows["mode e-bike"] == (
        "speed, km/h 15; detour factor 1.25; overhead, min 3; at most, min 20; streets open to bike"
    )
    assert not any("uncertainty" in name for name in rows)
    method = next(iter(of(Paragraph, closing.method(toy)))).words
    assert "格网为500米等积投影" in method.zh
    assert "Cells are 500 m wide" in method.en
    parameters = {
        "cities": ["mid", "x"],
        "region": None,
        "a": [],
        "b": "",
        "c": False,
        "day": dt.date(2024, 5, 15),
    }
    parameters |= {"draws": 0, "slack": 0.0}  # a zero is no default
    blocks = list(closing.rerun(toy, "railshed report mid", parameters, "both"))
    versions, given, sums = of(Table, blocks)
    assert of(Code, blocks) == [Code("railshed report mid -o out")]
    assert given.rows == (
        ("cities", "mid, x"),
        ("day", "2024-05-15"),
        ("draws", "0"),
        ("slack", "0.0"),
    )
    assert english(versions)[1] == ["definition_hash Midtown", toy.first.summary.definition_hash]
    assert english(versions)[0][1].endswith("network toy")
    assert sums.rows[:1] == (("network.toml", toy.network.checksums["network.toml"]),)
    plus = [
        (str(f["file"]), str(f["sha256"]))
        for plan in toy.plans.alone
        for f in plan.to_dict()["files"]
    ]
    assert set(sums.rows) == {*toy.network.checksums.items(), *plus}


def test_notes_of_the_data() -> None:
    """A note's key becomes words, its value loses brackets and a whole number its point; a key
    alone has a dash.
    """
    assert closing._note_name("one.trains_by_letter.G") == Words("", "one: trains by letter: G")
    assert closing._note_name("dropped.trains_by_letter.G") == Words(
        "剔除：列车，字头 G", "dropped: trains by letter: G"
    )
    summary = {"definition_hash": "x"}
    notes = (
        "network.toml dropped.far_off: 12.0",
        "network.toml mended: [a, b]",
        "guessed",
        "network.toml cities: 10",
        "network.toml regions: two or three",
        "v: 1.10",
        "w: version 2.0",
    )
    network = SimpleNamespace(network_id="n", checksums={}, notes=notes)
    fields = {
        "network": network,
        "run": SimpleNamespace(opportunities=SimpleNamespace(checksums={"jobs.csv": "1"})),
    }
    blocks = list(closing.rerun(study_of(circle_of(summary=summary), **fields), "c", {}, "en"))
    *_, sums, table = of(Table, blocks)
    assert english(table) == [
        ["dropped: far off", "12"],
        ["mended", "a, b"],
        ["guessed", "-"],
        ["cities", "10"],
        ["regions", "two or three"],
        ["v", "1.10"],
        ["w", "version 2.0"],
    ]
    assert sums.rows == (("jobs.csv", "1"),)
    # in Chinese names and figures alone; the rest is counted
    blocks = list(closing.rerun(study_of(circle_of(summary=summary), **fields), "c", {}, "zh"))
    assert chinese(of(Table, blocks)[-1]) == [["城市", "10"]]
    assert blocks[-1].words.zh == "另有6条为英文原文，见 run.json 的 network.notes。"


# --- the document


def test_the_title_and_the_order_of_chapters(toy: Study) -> None:
    """The city, the date of the timetable, the plans each alone; chapters of the body, then those
    of the appendix.
    """
    made = assemble.document_of(toy, [], lang="en", command="c", parameters={})
    rights = {table.title.en.split(":")[0]: table.right for table in of(Table, made.blocks)}
    assert {title: right for title, right in rights.items() if right > 1} == {
        "Readings (windows are those of the first city)": 3,
        "Sources": 3,
        "Member cities": 2,
        "Most cautious and most generous assumptions": 4,
        "Bridge": 2,
        "The nearest first": 3,
        "What the minutes are made of (means by rail, outside the city proper)": 3,
        "Rail against car (people, outside the city proper)": 3,
        "Counties that change within 60 min (people)": 2,
        "Stations": 2,
        "Assumptions and their sources": 3,
        "Versions and definitions": 2,
        "Parameters (all others are the defaults)": 2,
        "Checksums": 2,
    }
    assert made.title == Words(
        "中城：一小时通勤圈报告", "Midtown: the one-hour commuting circle, a report"
    )
    assert made.subtitle == Words(
        "列车时刻 2024-05-15 · 方案：plus；minus", "timetable of 2024-05-15 · plan: plus; minus"
    )
    assert [chapter.en for chapter in made.chapters()] == [
        "What the numbers say",
        "What the plan changes",
        "From the press's hour to this number",
        "Where the people live, and who commutes today",
        "Limits",
        "Appendix",
        "What every number means",
        "The data and its age",
        "Readings side by side",
        "By member city, county and station",
        "Sensitivity",
        "What is new with the plan",
        "Method and formulas",
        "How to reproduce this",
    ]
    drawn = io.BytesIO()
    Figure(figsize=(1, 1)).savefig(drawn, format="pdf")
    sheet, plot = (
        tableblocks.Picture(Words("图", "map"), b"", drawn.getvalue(), width, 1)
        for width in (842, 800)
    )
    with_map = assemble.document_of(toy, [sheet, plot], lang="en", command="c", parameters={})
    assert with_map.blocks[-3:] == (Heading(Words("地图", "Maps")), Items((sheet.caption,)), sheet)
    assert with_map.front[1] is sheet
    assert plot not in with_map.blocks  # no plan of this study has trade-offs


def test_what_every_number_means(toy: Study) -> None:
    """A row a reading with its cutoffs; without a city proper nothing is said of one; the network's
    counts.
    """
    table, *_ = of(Table, opening.definitions(toy))
    assert [row[0] for row in english(table)] == [
        "station-to-station",
        "door-to-station",
        "door-to-door",
        "turn-up-and-go",
    ]
    assert [row[2] for row in english(table)] == [
        "30, 45, 60",
        "30, 45, 60",
        "45, 60, 75, 90",
        "45, 60, 75, 90",
    ]
    (items,) = of(Items, opening.definitions(toy))
    assert [words.en.split(":")[0] for words in items.words] == [
        "by rail",
        "cannot cycle it (by rail, not without a ride)",
        "total (by rail or local)",
        "local (without a ride)",
        "added by intercity and suburban trains",
        "city proper",
        "Inside",
        "Strict",
        "car, free flow",
        "car, peak",
    ]
    first, _, lines, *_ = of(Paragraph, opening.data(toy))
    assert first.words.en.startswith(
        "Grid city: an example small enough to check with a pencil; service day 2024-05-15; 10 "
    )
    assert first.words.en.endswith(" trips. People: invented people, 2024.")
    assert f"{toy.network.n_trips:,} trips." in first.words.en
    assert lines.words == Words(
        "含按间隔运行的通勤线：市域线。", "With lines known by headway only: Suburban line."
    )
