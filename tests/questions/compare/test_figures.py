"""Each cell of the tables of plans: before and after, minutes saved, rules, trade-offs, rankings,
links.
"""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

import railshed
from railshed.api.appraisal import Ranking
from railshed.comparisons.objective import objective_of
from railshed.questions.compare.screen import forecast_words, forecasts
from railshed.questions.compare.side_by_side import comparisons, side_by_side
from railshed.questions.compare.tables import compliance, every_table, lost_stations
from railshed.questions.rank.candidates import Budget, CandidateLine
from railshed.questions.rank.set_functions import Attribution, Choice, ChosenParts
from railshed.questions.rank.suggestions import Link, LinkRules, Suggestions
from railshed.questions.rank.tables import (
    ranking_blocks,
    ranking_screen,
    suggestions_blocks,
    suggestions_screen,
    trade_offs_blocks,
)
from railshed.scenario.files import scenario_from_dict
from railshed.util import number_format as n
from railshed.util.bilingual import Language, Words
from railshed.util.phrases import phrase
from tests.support.printedtables import Altered, Printed, shown
from tests.support.toy_plan import PEOPLE_K, PLAN, comparison

LANGS = ("en", "zh")
STATES = ("before", "after", "gained", "lost")


def people(value: int, lang: Language) -> str:
    return f"{value:,}" if lang == "en" or value < 10_000 else f"{value / 10_000:,.1f}万"


@pytest.fixture(scope="module")
def found() -> Any:
    return comparison()


@pytest.fixture(scope="module")
def out(found: Any) -> dict[str, Printed]:
    return {lang: shown(every_table(found), lang) for lang in LANGS}


def test_before_and_after(found: Any, out: dict[str, Printed]) -> None:
    """Before, after, gained and lost each stand in their column, people and km² alike."""
    for lang, title in (("en", "Outside the city proper, before"), ("zh", "中心城区外，现状")):
        rows = out[lang].rows(title)
        reading = ""
        seen = {}
        for row, of in zip(rows, found.table, strict=True):
            reading = row[0] or reading
            assert reading == (
                of["reading"] if lang == "en" else found.before.readings[of["reading"]].label_zh
            )
            assert row[1] == str(of["cutoff_min"])
            assert row[3:7] == [people(of[f"people_{state}"], lang) for state in STATES]
            assert row[7:] == [n.km2(of[f"area_km2_{state}"]) for state in STATES[2:]]
            if of["kind"] == "total":
                seen[of["reading"], row[1]] = row[3:7]
        for key, thousands in PEOPLE_K.items():
            assert seen[key] == [people(1000 * k, lang) for k in thousands], key
    assert out["en"].heads("Outside")[3:7] == ["people before", "after", "gained", "lost"]
    assert out["zh"].heads("中心城区外")[3:] == [
        "现状人口",
        "规划人口",
        "新增",
        "减少",
        "新增km²",
        "减少km²",
    ]


def test_area_alone_has_four_columns(found: Any) -> None:
    """Where no people are known the columns are km² before, after, gained and lost."""
    row = {f"area_km2_{state}": 1000 * k for k, state in enumerate(STATES, 1)}
    row |= {f"people_{state}": None for state in STATES}
    table = [{**of, **row} for of in found.table]
    bare = Altered(found.before, counts=Altered(found.before.counts, people=None))
    printed = shown(every_table(Altered(found, before=bare, table=table)), "en")
    assert printed.rows("Outside")[0][3:] == ["1,000", "2,000", "3,000", "4,000"]


def test_who_saves_how_much(out: dict[str, Printed]) -> None:
    """Within 90 minutes 2 + 16 thousand are faster, by 8 minutes, the north's 4 by less than 2
    (over the east), and 1 thousand slower; within 60 by class 2 thousand, 1 thousand who drops out,
    and who comes in."""
    assert out["en"].line("within 90 min before and after") == (
        "within 90 min before and after, outside the city proper: faster for 22,000 people, slower "
        "for 1,000 people; quartiles of the minutes saved by the faster: 8.0 / 8.0 / 8.0"
    )
    assert out["zh"].line("现状与规划均在90分钟内") == (
        "现状与规划均在90分钟内，中心城区外：更快 2.2万人，更慢 1,000人；更快者节省分钟数四分位: "
        "8.0 / 8.0 / 8.0"
    )
    assert [row[:2] for row in out["en"].rows("Minutes saved (60 min)")] == [
        ["slower by 10 or more", "1,000"],
        ["within 1 minute", "0"],
        ["5 to 10", "2,000"],
        ["over 90 min before", "128,000"],
        ["over 90 min after", "64,000"],
    ]
    assert [row[:2] for row in out["zh"].rows("节省时间(60分钟内)")] == [
        ["慢10分钟及以上", "1,000"],
        ["变化不足1分钟", "0"],
        ["5至10分钟", "2,000"],
        ["现状超过90分钟", "12.8万"],
        ["规划超过90分钟", "6.4万"],
    ]


def test_every_class_of_minutes_saved_in_chinese(found: Any) -> None:
    """Slower classes say 慢 with positive minutes, the smaller number first where the class has
    two.
    """
    saved = [{**row, "area_km2": 1.0} for row in found.saved_table]
    printed = shown(every_table(Altered(found, saved_table=saved)), "zh")
    assert [row[0] for row in printed.rows("节省时间")] == [
        "慢10分钟及以上",
        "慢5至10分钟",
        "慢1至5分钟",
        "变化不足1分钟",
        "1至5分钟",
        "5至10分钟",
        "10至15分钟",
        "15至30分钟",
        "30分钟及以上",
        "现状超过90分钟",
        "规划超过90分钟",
    ]


def test_quartiles_stand_in_order(found: Any) -> None:
    """The quartiles are printed from the lowest; without any there is a dash."""
    saved = {
        **found.minutes_saved,
        "minutes_saved_p25": 1.0,
        "minutes_saved_p50": 2.5,
        "minutes_saved_p75": None,
    }
    printed = shown(every_table(Altered(found, minutes_saved=saved)), "en")
    assert printed.line("within 90 min before and").endswith("faster: 1.0 / 2.5 / -")


def test_places_gained_and_lost(found: Any, out: dict[str, Printed]) -> None:
    """Plus stands before minus: within 45 minutes to the station 西北原 comes, 西南坡 and 西山 go;
    26 and 12 trips.

    西北原 has 24 trips and 东北岭 2; 西南坡 has 12.
    """
    kinds = ("counties", "towns", "stations", "trips")
    for lang, title in (("en", "Gained (+) and lost (−)"), ("zh", "按口径与分钟数")):
        rows = out[lang].rows(title)
        for row, of in zip(rows, found.places, strict=True):
            figures = [of[f"{kind}_{state}"] for kind in kinds for state in ("gained", "lost")]
            assert row[1:] == [
                str(of["cutoff_min"]),
                *("-" if v is None else f"{v:,}" for v in figures),
            ]
        assert rows[4][1:] == ["45", "1", "2", "0", "0", "1", "2", "26", "12"]
    assert out["en"].heads("Gained")[2:] == [
        "counties +",
        "−",
        "towns +",
        "−",
        "stations +",
        "−",
        "trips +",
        "−",
    ]
    assert out["zh"].heads("按口径")[2:] == ["区县+", "−", "城镇+", "−", "车站+", "−", "班次+", "−"]


def test_rail_against_car_before_and_after(found: Any, out: dict[str, Printed]) -> None:
    """By rail 67 and 130 thousand; before stands before after in each pair, at the headline cutoff
    alone.

    In the peak a car reaches the 2 thousand of 东桥 and parts of 西南坡 alone (see `test_car`).
    """
    columns = [
        (state, end) for state in ("rail", "rail_only", "car_only") for end in ("before", "after")
    ]
    mine = [row for row in found.car_table if row["cutoff_min"] == 60]
    for lang, title in (
        ("en", "Rail against car, before and after"),
        ("zh", "轨道交通与小汽车，现状与规划方案"),
    ):
        rows = out[lang].rows(title)
        for row, of in zip(rows, mine, strict=True):
            assert row[3:] == [
                people(of[f"people_outside_city_{s}_{end}"], lang) for s, end in columns
            ]
        # in free flow a car reaches all 767 thousand: nowhere rail alone, 767 - 67 and 767 - 130
        # the car alone
        free = [people(v, lang) for v in (67_000, 130_000, 0, 0, 700_000, 637_000)]
        assert rows[0][2:] == ["60", *free]


def test_stations_that_change(out: dict[str, Printed]) -> None:
    """Minutes before, after and saved, trips before, after and gained; "-" where a station is not
    there or not reached.

    Door to door half of the minutes early count. 西山: 10 + 18 + 4:58 + 5 + 14:04 (see
    `test_compare_rules`), 12 more with the slower trains, so -12 are saved; 东桥 2 less than 西山
    and 8 less with the faster ones.
    """
    rows = {row[0].split()[0]: row[1:] for row in out["en"].rows("Stations that change")}
    assert rows == {
        "东桥": ["51", "43", "8", "6", "6", "+0"],
        "东桥北": ["59", "51", "8", "6", "6", "+0"],
        "东北岭": ["77", "69", "8", "0", "2", "+2"],
        "东南湾": ["99", "91", "8", "0", "0", "+0"],
        "北湖": ["69", "68", "1", "0", "0", "+0"],
        "西山": ["53", "65", "-12", "6", "6", "+0"],
        "西北原": ["-", "49", "-", "-", "24", "+24"],
        "西南坡": ["35", "-", "-", "12", "-", "-12"],
    }
    assert [row[1:] for row in out["zh"].rows("车站变化")] == list(rows.values())


def test_counties_that_change(out: dict[str, Printed]) -> None:
    """People gained, lost, faster and slower, the mean minutes before and after, and the status
    before and after.
    """
    assert {
        row[0].split()[0]: row[1:] for row in out["en"].rows("Counties that change within 60")
    } == {
        "西北原县": ["Westplain", "128,000", "0", "0", "0", "-", "-", "outside", "inside"],
        "东桥县": ["Eastriver", "0", "0", "2,000", "0", "55.1", "47.1", "inside", "inside"],
        "西山县": ["Midtown", "0", "1,000", "0", "0", "-", "-", "inside", "outside"],
        "西南坡县": ["Westplain", "0", "64,000", "0", "0", "-", "-", "inside", "outside"],
    }
    rows = {row[0]: row[2:] for row in out["zh"].rows("60分钟内有变化的区县")}
    assert rows["西南坡县"] == ["0", "6.4万", "0", "0", "-", "-", "过半在内", "圈外"]
    assert rows["西北原县"] == ["12.8万", "0", "0", "0", "-", "-", "圈外", "过半在内"]


def test_who_loses(found: Any, out: dict[str, Printed]) -> None:
    """西南坡 drops out and 西山 becomes slower; no station or county that only gains is named."""
    assert (
        out["en"].line("stations that lose")
        == "stations that lose: Slopeside (35→-), Westhill (53→65)"
    )
    assert out["zh"].line("变慢或移出的车站") == "变慢或移出的车站: 西南坡(35→-)、西山(53→65)"
    assert out["en"].line("counties where people lose by rail") == (
        "counties where people lose by rail: Slopeside County (64,000 beyond 90 min), Westhill "
        "County (1,000 slower)"
    )
    assert out["zh"].line("轨道交通出行变慢或移出的区县") == (
        "轨道交通出行变慢或移出的区县: 西南坡县(6.4万超出90分钟)、西山县(1,000变慢)"
    )
    assert lost_stations(found)["name"].tolist() == ["西南坡", "西山"]


def test_towns_and_other_columns(found: Any) -> None:
    """Towns that come and go stand apart; another column has its own before, after, gained and
    lost.
    """
    towns = pd.DataFrame(
        {
            "name": ["A", "B", "C"],
            "population": [5000, 70, 8],
            "change": ["gained", "lost", "lost"],
        }
    )
    jobs = {f"jobs_{state}": 1000.4 * k for k, state in enumerate(STATES, 1)} | {"jobs_lost": None}
    before = Altered(found.before, counts=Altered(found.before.counts, others=("jobs",)))
    altered = Altered(
        found, towns=towns, before=before, table=[{**row, **jobs} for row in found.table]
    )
    en, zh = (shown(every_table(altered), lang) for lang in LANGS)
    assert en.line("towns gained") == "towns gained 1 (GeoNames): A 5,000"
    assert zh.line("减少城镇") == "减少城镇 2 (GeoNames): B 70, C 8"
    assert en.rows("Other columns")[0][3:] == ["jobs", "1,000", "2,001", "3,001", "no data"]
    assert zh.rows("其他各列")[0][3:] == ["jobs", "1,000", "2,001", "3,001", "无数据"]


def test_cities_and_plans_side_by_side(found: Any) -> None:
    """One row has the headline's people, km² and who is faster and slower; below are counties and
    stations by name.
    """
    row = side_by_side(found)
    assert (row["trips_gained"], row["trips_lost"]) == (24 + 2, 12)
    assert (row["stations_gained"], row["stations_lost"]) == (["西北原"], ["西山", "西南坡"])
    en, zh = (shown(comparisons([row]), lang) for lang in LANGS)
    km2 = [f"{row[f'area_km2_{state}']:.0f}" for state in ("gained", "lost")]
    assert en.rows("Within 60 min") == [
        ["mid", "plan", "67,000", "130,000", "128,000", "65,000", *km2, "22,000", "1,000"],
    ]
    assert zh.rows("60分钟内(") == [
        ["中城", "plan", "6.7万", "13.0万", "12.8万", "6.5万", *km2, "2.2万", "1,000"],
    ]
    assert [line.strip() for line in en.lines[1:]] == [
        "mid, plan, counties gained: 西北原县",
        "mid, plan, counties lost: 西山县, 西南坡县",
        "mid, plan, stations that lose: 西南坡, 西山",
    ]
    both = {
        **row,
        "n_scenarios": 2,
        "counties_gained": [f"c{k}" for k in range(43)],
        "scenario": "plan + plan",
    }
    three = shown(comparisons([row, row, both]), "en")
    assert [cells[1] for cells in three.rows("Within")] == ["plan", "plan", "all 2 together"]
    assert three.line("mid, all 2 together, counties gained").endswith("c39 … +3")


def test_what_may_come_of_a_plan() -> None:
    """A range where the tenth part of the draws gains something, perhaps nothing where it does not,
    nothing at all.
    """
    ends = {"mean": 20_000.0, "low": 10_000.0, "high": 40_000.0, "p_any": 1.0}
    none = {"mean": 0.0, "low": 0.0, "high": 0.0, "p_any": 0.0}
    perhaps, seldom = (
        ends | {"low": 0.0, "p_any": 0.6},
        {"mean": 1.5, "low": 0.0, "high": 0.2, "p_any": 0.005},
    )
    rows = [
        {"city": "mid", "cutoff_min": c, "n_plans": 4, "drawn": drawn}
        | {f"people_{k}": v for k, v in figures.items()}
        for c, figures, drawn in (
            (45, none, ["a"]),
            (60, seldom, ["a"]),
            (75, perhaps, ["a"]),
            (90, ends, ["a"]),
        )
    ]
    text = forecast_words(rows)
    assert text.en == (
        "within 45 minutes nothing; within 60 minutes nothing in at least nine of ten draws "
        "(probability of any 1%); "
        "within 75 minutes perhaps nothing, up to 40,000, mean 20,000 (probability of any 60%); "
        "within 90 minutes "
        "10,000 to 40,000, mean 20,000: the middle 80 % of 4 draws of trains a day, stops, times "
        "and run times, as railways are run"
    )
    assert text.zh.startswith(
        "45分钟无增量；60分钟九成以上抽样无增量（有增量的概率1%）；75分钟或无增量，至多4.0万，"
        "均值2.0万（有增量的概率60%）；90分钟1.0万至4.0万，均值2.0万；为4次抽样的80%"
    )
    (line,) = [block.words.en for block in forecasts(rows, {"mid": Words("中城", "Midtown")})]
    assert line == f"Midtown: {text.en}"
    km2 = [
        {**row, "drawn": []} | {f"area_km2_{k}": v for k, v in ends.items()} | {"people_mean": None}
        for row in rows
    ]
    assert "10,000 km² to 40,000 km²" in forecast_words(km2).en
    assert "departures and run times that the plan leaves open" in forecast_words(km2).en
    assert forecast_words([]).en == ""


def test_trade_offs() -> None:
    """Saved, against the plan (less with a minus), who saves and how much, who comes in, turning up
    and going.
    """
    row = {
        "zh": "变",
        "en": "changed",
        "saved": 1_234_567.4,
        "saved_vs_plan": -20_000.4,
        "savers": 80_000.0,
        "mean_minutes": 15.44,
        "within_60": 7_000.0,
        "within_90": 9_000.0,
        "saved_turn_up": 999_999.6,
    }
    made: Any = SimpleNamespace(
        city=SimpleNamespace(name="城", name_en="City"),
        plan=SimpleNamespace(titles=("方案", "plan")),
        definition="what is counted",
        definition_zh="口径",
        has_city_proper=True,
        objective=objective_of("minutes"),
        table=[
            row,
            {
                **row,
                "saved_vs_plan": 5_000.0,
                "savers": 0.0,
                "mean_minutes": None,
                "saved_turn_up": None,
            },
        ],
    )
    en, zh = (shown(trade_offs_blocks(made), lang) for lang in LANGS)
    assert en.rows("What to buy") == [
        ["changed", "1,234,567", "−20,000", "80,000", "15.4", "7,000", "9,000", "1,000,000"],
        ["changed", "1,234,567", "+5,000", "0", "-", "7,000", "9,000", "no data"],
    ]
    assert zh.rows("花在哪里值")[0] == [
        "变",
        "123.5万",
        "−2.0万",
        "8.0万",
        "15.4",
        "7,000",
        "9,000",
        "100.0万",
    ]
    assert en.line("means over") == (
        "means over 20 draws of the phases of the plan's trains; times clipped to 30 to 90 min"
    )


def test_rules_for_suburban_lines() -> None:
    """Required and value stand in their columns in both languages, and a verdict is what the row
    says.
    """
    row = {
        "line": "nw",
        "rule": "r1",
        "clause_zh": "条",
        "clause_en": "clause",
        "required": "at most 60",
        "value": "45",
        "required_zh": "不超过60",
        "value_zh": "四十五",
        "doubt": "a doubt",
        "doubt_zh": "疑",
        "note": "a note",
        "note_zh": "注",
    }
    rows = [{**row, "verdict": verdict} for verdict in ("met", "not met", "not known")]
    en, zh = (shown(compliance(rows), lang) for lang in LANGS)
    assert en.rows("Against China")[0] == ["nw", "clause", "at most 60", "45", "met"]
    assert [cells[-1] for cells in en.rows("Against China")] == ["met", "not met", "not known"]
    assert zh.rows("对照")[0] == ["nw", "条", "不超过60", "四十五", "符合"]
    assert [cells[-1] for cells in zh.rows("对照")] == ["符合", "不符合", "无法判定"]
    assert [line.strip() for line in en.lines] == ["r1: a doubt", "nw r1: a note"]
    assert [line.strip() for line in zh.lines] == ["条：疑", "nw 条：注"]


def make_ranking(**changes: Any) -> Ranking:
    """Return two lines to the same 128 thousand people, and one that earns 32 thousand, the middle
    one 20 km long.
    """
    plan = scenario_from_dict(PLAN)
    lines = (
        CandidateLine("A", plan, 10.0, 50.0),
        CandidateLine("B", plan, 20.0, None),
        CandidateLine("C", plan, None, 64.0),
    )
    earned = Attribution(
        160_000.0,
        (128_000.0, 128_000.0, 32_000.0),
        (0.0, 0.0, 32_000.0),
        (64_000.0, 64_000.0, 32_000.0),
        (0.0, 0.0, 0.0),
        True,
        8,
    )
    greedy = ChosenParts((0,), 128_000.0, 50.0, phrase("how_gain"))
    best = ChosenParts((0, 2), 160_000.0, 114.0, phrase("how_optimum"))
    choice = Choice(greedy, best, True, 160_000.0, 8)
    ranking = Ranking(
        objective_of("people60"),
        lines,
        (railshed.load_network("toy").get_city("mid"),),
        95_000.0,
        earned,
        Budget(120, "cost"),
        choice,
        True,
        7,
        ("n1", "n2"),
        {(0, 1): 128_000.0},
        (),
        ((), ("站",), ()),
        {},
        (),
        "what",
        "口径",
        3,
    )
    return replace(ranking, **changes)


def test_candidates_ranked() -> None:
    """Alone, last in, Shapley, length, cost, gain by both, which plan has it; sums below are those
    of columns.
    """
    en, zh = (shown(ranking_blocks(make_ranking()), lang) for lang in LANGS)
    assert en.rows("Midtown") == [
        ["A", "128,000", "0", "64,000", "exact", "10", "50", "12,800", "2,560", "yes", "yes"],
        ["B", "128,000", "0", "64,000", "exact", "20", "-", "6,400", "-", "", ""],
        ["C", "32,000", "32,000", "32,000", "exact", "-", "64", "-", "500", "", "yes"],
        ["sum", "288,000", "32,000", "160,000", *[""] * 7],
        ["total gain", "", "", "160,000", *[""] * 7],
    ]
    assert zh.rows("中城")[0] == [
        "A",
        "12.8万",
        "0",
        "6.4万",
        "精确",
        "10",
        "50",
        "12,800",
        "2,560",
        "是",
        "是",
    ]
    assert en.line("- 7 circles") == "- 7 circles worked out in full, 3 from a baseline"
    assert zh.line("- 7个圈") == "- 7个圈完整计算，3个由基准推得"
    assert en.line("- budget") == "- budget 120 亿元: greedy, gain: A: +128,000 people for 50 亿元"
    assert en.line("- exact optimum") == "- exact optimum: A, C: +160,000 people for 114 亿元"
    assert zh.line("- 精确最优") == "- 精确最优：A, C：+16.0万人，用114 亿元"
    assert en.line("- greedy is") == "- greedy is 20.0% below the optimum"
    assert zh.line("- 贪心比") == "- 贪心比最优低20.0%"


MET, SAVED = Words("何时", "at some times"), Words("存", "saved")


def facts(blocks: Any, lang: Language) -> list[tuple[str, str]]:
    """Return the labelled lines of a screen."""
    *_, last = blocks
    return [tuple(text.zh if lang == "zh" else text.en for text in row) for row in last.rows]


def test_the_first_screen_of_a_ranking() -> None:
    """The best alone, the columns of each alone, all together, the plan, new terminals that count
    for nothing.
    """
    en, zh = (list(ranking_screen(make_ranking(), MET, SAVED)) for _ in LANGS)
    assert shown(en, "en").lines == (
        "Built alone, A brings most: 128,000 people within 60 minutes by rail.",
    )
    assert shown(zh, "zh").lines == ("单独建设以A收益最大：60分钟内轨道交通可达增加12.8万人。",)
    assert shown(en, "en").first() == [
        ["A", "128,000", "0", "10", "50", "12,800", "2,560", "yes"],
        ["B", "128,000", "0", "20", "-", "6,400", "-", ""],
        ["C", "32,000", "32,000", "-", "64", "-", "500", "yes"],
    ]
    found, chinese = facts(en, "en"), facts(zh, "zh")
    assert found[:3] == [
        ("Together", "160,000 people more than the 95,000 of today"),
        ("", "A and B share what they gain most: together 128,000 less than the sum of both alone"),
        ("Budget", "exact optimum: A, C: +160,000 people for 114 亿元"),
    ]
    assert chinese[:2] == [
        ("合建", "比现状9.5万多16.0万人"),
        ("", "A与B重叠最多：合建比各自单独之和少12.8万"),
    ]
    texts = [text for _, text in found]
    assert "people within 60 minutes by rail at some times, outside the city proper" in texts
    assert "new terminals, not counted as the city: B (站)" in texts
    assert any(text.startswith("2 assumptions") for text in texts)
    assert found[-1] == ("Files", "saved")


def test_candidates_that_gain_nothing() -> None:
    """That no candidate gains anything is the answer; those with 0 are named with the reason."""
    nothing = replace(make_ranking().attribution, alone=(0.0, -5.0, 0.0))
    found = list(ranking_screen(make_ranking(attribution=nothing), MET, SAVED))
    assert shown(found, "en").lines == ("None of 3 candidates, built alone, gains anything.",)
    assert (
        "Zero",
        "A, C: nothing that is counted comes nearer within 60 minutes by rail",
    ) in facts(found, "en")


def test_candidates_ranked_by_minutes() -> None:
    """Where minutes saved are counted each line has who saves, how much, and who comes within 60
    and 90 minutes.
    """
    worth = {
        "saved": 128_000.0,
        "savers": 8_000.0,
        "mean_minutes": 16.04,
        "within_60": 5_000.0,
        "within_90": 25_000.0,
        "saved_p10": 120_000.0,
        "saved_p90": 130_000.0,
    }
    ranking = make_ranking(objective=objective_of("minutes"), worth=(worth, worth, worth))
    en, zh = (shown(ranking_blocks(ranking), lang) for lang in LANGS)
    assert en.rows("Midtown")[0][1:9] == [
        "128,000",
        "0",
        "64,000",
        "exact",
        "8,000",
        "16.0",
        "5,000",
        "25,000",
    ]
    assert zh.rows("中城")[0][5:9] == ["8,000", "16.0", "5,000", "2.5万"]
    en, zh = (shown(ranking_screen(ranking, MET, SAVED), lang) for lang in LANGS)
    assert en.lines == (
        "Built alone, A saves most: 128,000 person-minutes; 25,000 people come within 90 minutes.",
    )
    assert zh.lines == ("单独建设以A节省最多：12.8万人·分钟；2.5万人进入90分钟圈。",)


def test_the_choice_as_recorded() -> None:
    """Both plans with names, gain, price and how; what they share stands beside them; nothing where
    none was asked.
    """
    assert make_ranking().as_plain()["choice"] == {
        "budget": "120 亿元",
        "gap": 0.2,
        "bound": 160_000,
        "proved": True,
        "greedy": {"names": ["A"], "gain": 128_000, "price": 50.0, "how": "gain"},
        "best": {"names": ["A", "C"], "gain": 160_000, "price": 114.0, "how": "exact optimum"},
    }
    assert make_ranking(choice=None, budget=None).as_plain()["choice"] is None


def test_candidates_that_need_each_other() -> None:
    """Together they gain more than the sum of both alone; drawn orders have a standard error."""
    drawn = replace(
        make_ranking().attribution, exact=False, n_permutations=50, standard_error=(150.4, 2.5, 3.0)
    )
    choice = make_ranking().choice
    assert choice is not None
    ranking = make_ranking(
        attribution=drawn,
        pair_gains={(0, 2): 200_000.0},
        monotone=False,
        n_from_baseline=0,
        choice=replace(choice, proved=False),
        clashes={(0, 1): "one track"},
        together=("look",),
    )
    en, zh = (shown(ranking_blocks(ranking), lang) for lang in LANGS)
    screen = list(ranking_screen(ranking, MET, SAVED))
    assert [row[4] for row in en.rows("Midtown")[:3]] == ["150", "2.5", "3"]
    assert facts(screen, "en")[1:3] == [
        ("", "A and C need each other most: together 40,000 more than the sum of both alone"),
        (
            "",
            (
                "a set with both counts as the best of it that can be built: the sum is the gain of "
                "the best such set"
            ),
        ),
    ]
    assert facts(screen, "zh")[1] == ("", "A与C互补最强：合建比各自单独之和多4.0万")
    assert en.line("- Shapley").startswith("- Shapley: mean gain over 50 drawn orders")
    assert en.line("- 7 circles").startswith(
        "- 7 circles worked out in full; a candidate may take from another"
    )
    assert en.line("- greedy is") == (
        "- greedy is 20.0% below what all affordable ones gain together, an upper bound"
    )
    assert en.line("- A and B") == "- A and B exclude each other: one track"
    assert zh.line("- A、B") == "- A、B 只能建其一: one track"
    assert en.line("- built together") == "- built together: look"


def test_links_suggested() -> None:
    """Length, minutes of the line and of today, direct trains, gain, gain a km and the bound, each
    in its column.
    """
    region = railshed.load_network("toy").regions[0]
    link = Link(
        "a",
        "b",
        "甲",
        "乙",
        30.2,
        40.0,
        17.4,
        88.6,
        3,
        90_000.0,
        60_000.0,
        ("mid",),
        scenario_from_dict(PLAN),
    )
    found = Suggestions(
        region,
        objective_of("people60"),
        LinkRules(),
        (link, replace(link, minutes_now=None)),
        95_000.0,
        1234,
        56,
        7,
        80_000.0,
        True,
    )
    names = {"a": Words("甲", "甲 A"), "b": Words("乙", "乙 B")}
    screens = [list(suggestions_screen(found, names, MET, SAVED)) for _ in LANGS]
    en, zh = (shown(screen, lang) for screen, lang in zip(screens, LANGS, strict=True))
    (answer,) = en.lines
    assert answer.startswith(
        "Of 7 links worked out in full, 甲 A - 乙 B brings most: 60,000 people within 60 minutes. "
    )
    assert answer.endswith(" Screening, not a proposal.")
    assert zh.lines == (
        "完整评价的7条连线中，甲—乙收益最大：60分钟内增加6.0万人。此为筛选，不是建议方案。",
    )
    assert [str(column.header) for column in en.tables[0].columns][3:] == [
        "km",
        "minutes",
        "today",
        "trains",
        "+people",
        "per km",
        "at most",
    ]
    assert en.first() == [
        ["1", "甲 A", "乙 B", "40", "17", "89", "3", "60,000", "1,500", "90,000"],
        ["2", "甲 A", "乙 B", "40", "17", "-", "3", "60,000", "1,500", "90,000"],
    ]
    assert zh.first()[0][7:] == ["6.0万", "1,500", "9.0万"]
    screened, by = (text for _, text in facts(screens[0], "en")[:2])
    assert screened.startswith(
        f"1,234 pairs of stations in {region.name_en}, 56 of them badly joined by rail, 7 worked"
    )
    assert by.startswith(
        "ranked by gain; the largest bound of what was not appraised is 80,000, so none of them"
    )
    assert facts(screens[1], "zh")[0] == (
        "筛选",
        f"{region.name}车站对1,234个，其中铁路衔接不佳56个，完整评价7个",
    )
    open_ = replace(found, proved=False, rules=LinkRules(per_km=True), left_bound=2000.4)
    screen = list(suggestions_screen(open_, names, MET, SAVED))
    assert facts(screen, "en")[1][1].endswith("is 2,000, so one of them might rank among these")
    assert facts(screen, "zh")[1][1].endswith("为2,000，故其中或有可进入上表者")
    en, zh = (shown(suggestions_blocks(found, names), lang) for lang in LANGS)
    assert en.line("- 1,234 pairs").startswith("- 1,234 pairs of stations; 56 at least 10 km apart")
    assert zh.line("- 车站对1,234个").startswith("- 车站对1,234个；其中56个相距不少于10 km")
    many = replace(found, links=(link,) * 12)
    assert len(shown(suggestions_screen(many, names, MET, SAVED), "en").first()) == 10
    assert len(shown(suggestions_blocks(many, names), "en").first()) == 12
    (none, _) = suggestions_screen(replace(found, links=()), names, MET, SAVED)
    assert shown([none], "en").lines == (
        "No link gains anything; 7 were worked out in full. Screening, not a proposal.",
    )
