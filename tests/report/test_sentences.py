"""Each sentence of a report names the figure of its own key: made results with one number a key,
then toy.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

import railshed
from railshed.comparisons.changes import saved_rows
from railshed.questions.indicators import agglomerations
from railshed.questions.indicators.agglomerations import MEASURES, Deviation
from railshed.report import findings
from railshed.report.chapters.plans import is_unchanged, title_of
from railshed.util import number_format as n
from railshed.util.bilingual import Words
from tests.support.summaries import of_summary

CITY = SimpleNamespace(name="甲城", name_en="Alpha", slug="alpha", window_to=(27_000, 34_200))
OTHER_CITY = SimpleNamespace(name="乙城", name_en="", slug="beta", window_to=(27_000, 34_200))


def both(words: Words | None) -> tuple[str, str]:
    assert words is not None
    return words.zh, words.en


def alike(text: str) -> Words:
    return Words(text, text)


# --- numbers


@pytest.mark.parametrize(
    ("value", "zh", "en"),
    [
        (None, "无数据", "no data"),
        (float("nan"), "无数据", "no data"),
        (0, "0", "0"),
        (9_999, "9,999", "9,999"),
        (-9_999, "-9,999", "-9,999"),
        (10_000, "1.0万", "10,000"),
        (-10_000, "-1.0万", "-10,000"),
        (12_345_678, "1,234.6万", "12,345,678"),
    ],
)
def test_people(value: Any, zh: str, en: str) -> None:
    """From ten thousand on Chinese counts in 万; below it both languages write all digits."""
    assert n.people(value) == Words(zh, en)


@pytest.mark.parametrize(
    ("value", "zh", "en"),
    [
        (None, "无数据", "no data"),
        (float("nan"), "无数据", "no data"),
        (0, "0", "0"),
        (1, "+1", "+1"),
        (-1, "−1", "−1"),
        (128_000, "+12.8万", "+128,000"),
        (-64_000, "−6.4万", "−64,000"),
    ],
)
def test_signed_people(value: Any, zh: str, en: str) -> None:
    """More people have a plus, fewer a minus, no change has no sign."""
    assert n.signed(value) == Words(zh, en)


@pytest.mark.parametrize("form", [n.km2, n.share, n.number, n.minutes])
def test_a_dash_where_there_is_no_number(form: Any) -> None:
    """None and NaN print as a dash; zero prints as a number."""
    assert form(None) == "-"
    assert form(float("nan")) == "-"
    assert form(0) == {n.share: "0.0%"}.get(form, "0")


def test_plain_numbers() -> None:
    """Areas and counts are whole with commas, shares have one decimal, minutes are rounded up."""
    assert (n.km2(1_234.4), n.km2(999.5)) == ("1,234", "1,000")
    assert (n.number(1_234), n.number(-1_234.0)) == ("1,234", "-1,234")
    assert (n.share(0.1264), n.share(1), n.share(-0.0004)) == ("12.6%", "100.0%", "-0.0%")
    assert [n.minutes(v) for v in (60, 60 + 1e-10, 60.01, 60.99, 61)] == [
        "60",
        "60",
        "61",
        "61",
        "61",
    ]


def names(letters: str) -> list[Words]:
    return [alike(letter) for letter in letters]


def test_names_in_a_row() -> None:
    """Names up to the limit are all written; of more the rest is counted, in Chinese all of them
    are.
    """
    assert n.joined([]) == Words("无", "none")
    assert n.joined(names("a")) == alike("a")
    assert n.joined(names("abc"), 3) == Words("a、b、c", "a, b, c")
    assert n.joined(names("abcde"), 3) == Words("a、b、c等5处", "a, b, c and 2 more")
    assert n.joined(names("abcdefgh")) == Words("a、b、c、d、e、f、g、h", "a, b, c, d, e, f, g, h")
    assert both(n.joined(names("abcdefghi")))[1] == "a, b, c, d, e, f, g, h and 1 more"


def test_a_name_in_two_languages_is_parted() -> None:
    """Chinese that goes on in Latin letters is parted there; a name of one language
    stands in both.
    """
    assert n.parted("市域线 Suburban line") == Words("市域线", "Suburban line")
    assert n.parted("1号线 北段 Line 1 north") == Words("1号线 北段", "Line 1 north")
    assert n.parted("Suburban line") == alike("Suburban line")
    assert n.parted("市域线 S1线") == alike("市域线 S1线")


# --- the headline


def circle_of(**fields: Any) -> Any:
    """A circle of 60 minutes under one reading, of which a test gives what its sentence reads."""
    usual = {
        "city": CITY,
        "direction": "to",
        "has_city_proper": True,
        "headline_cutoff": 60,
        "counts": SimpleNamespace(people=object()),
        "surface": SimpleNamespace(reading=SimpleNamespace(name="mine")),
    }
    given = of_summary(fields.pop("summary", {}))
    return SimpleNamespace(**usual | given | fields)


def headline_circle(central: dict[str, Any], **fields: Any) -> Any:
    ends = {
        "cutoff_min": 60,
        "central": {"people": 31_000, "people_known_km2": 41.0, "area_km2": 41.0} | central,
    }
    low, high = (
        {"people_outside_city": p, "area_km2_outside_city": km2}
        for p, km2 in ((22_000, 32.0), (43_000, 53.0))
    )
    intervals = [{"cutoff_min": cutoff, "low": low, "high": high} for cutoff in (60, 90)]
    return circle_of(
        summary={"corners": [ends, ends | {"cutoff_min": 90}], "intervals": intervals}, **fields
    )


def test_headline_in_people() -> None:
    """The central people stand first, low and high behind, then the same of the area; a sentence a
    cutoff.
    """
    first, second = findings.headlines(headline_circle({}))
    assert second == Words(first.zh.replace("60", "90"), first.en.replace("60", "90"))
    assert first == Words(
        "甲城：60分钟内轨道交通可达(中心城区外)人口 3.1万(2.2万–4.3万)，面积 41 km²(32–53)。",
        "Alpha: by rail within 60 min outside the city proper 31,000 people (22,000 to 43,000), 41 "
        "km² (32 to 53).",
    )


def test_headline_where_people_are_known_of_a_part() -> None:
    """Where people are known of 20 of 41 km², the headline says so; where no city proper is known,
    it names none.
    """
    zh, en = both(
        findings.headlines(headline_circle({"people_known_km2": 20.0}, has_city_proper=False))[0]
    )
    assert zh.startswith("甲城：60分钟内轨道交通可达人口 3.1万(")
    assert zh.endswith("面积 41 km²(32–53)。人口数据覆盖41 km²中的20 km²；其余无数据，并非无人")
    assert en.startswith("Alpha: by rail within 60 min 31,000 people (")
    assert en.endswith(".")
    assert " 41 km² (32 to 53). people are known for 20 of 41 km²; " in en


def test_headline_without_people() -> None:
    """Where no people are known the area alone stands there."""
    assert findings.headlines(headline_circle({"people": None}))[0] == Words(
        "甲城：60分钟内轨道交通可达(中心城区外)面积 41 km²(32–53)；人口无数据。",
        "Alpha: by rail within 60 min outside the city proper 41 km² (32 to 53); people: no data.",
    )


def reading_rows(people: int, km2: float) -> dict[str, Any]:
    """The table of a reading: the figures by rail at 60 minutes, beside rows of other kinds and
    cutoffs.
    """
    kinds = (("by_rail", 60, people, km2), ("total", 60, 9_999, 999.0), ("by_rail", 45, 1, 1.0))
    return {
        "table": [
            {
                "kind": kind,
                "cutoff_min": cutoff,
                "people_outside_city": p,
                "area_km2_outside_city": a,
            }
            for kind, cutoff, p, a in kinds
        ]
    }


# --- what one number hides, one: the costliest rung of the bridge

RUNGS = (
    "fastest_of_day",
    "peak_percentile_50",
    "plus_entry_exit",
    "plus_access",
    "door_to_door",
    "door_to_door_90",
)


def bridge_circle(*stations: int) -> Any:
    rows = [{"key": key, "stations": s} for key, s in zip(RUNGS, stations, strict=True)]
    return circle_of(summary={"bridge": rows})


def test_the_rung_that_takes_away_most() -> None:
    """Of 40, 38, 37, 31, 30 stations the way to the station takes 6; the rung of 90 minutes is
    none.
    """
    assert findings.costliest_step(bridge_circle(40, 38, 37, 31, 30, 5)) == Words(
        "口径阶梯中减少最多的一级是“加到车站的接入”：车站由37减至31。",
        "The rung of the bridge that takes away most is 'plus the way to the station': stations "
        "from 37 to 31.",
    )
    _, en = both(findings.costliest_step(bridge_circle(1_040, 40, 37, 31, 1, 5)))
    assert en.endswith("'half of all times in the window': stations from 1,040 to 40.")


def test_no_rung_takes_away_most_where_none_takes_away() -> None:
    """A level bridge has no costliest rung, nor has a city without one; the 90 minutes of the last
    do not count.
    """
    assert findings.costliest_step(bridge_circle(9, 9, 9, 9, 9, 0)) is None
    assert findings.costliest_step(circle_of()) is None


# --- two: who the people inside are


def hidden_circle(**fields: Any) -> Any:
    """A circle whose table has one number a key, other ones at 45 minutes, and other ones under
    another reading.
    """
    kinds = ("total", "by_rail", "local", "added_by_rail")
    keys = (
        "people",
        "people_city_proper",
        "people_outside_city",
        "people_other_province",
        "area_km2_outside_city",
    )
    table = [
        {"kind": kind, "cutoff_min": cutoff}
        | {key: start + 100 * k + 10 * i for i, key in enumerate(keys)}
        for cutoff, start in ((45, 5_000), (60, 1_000))
        for k, kind in enumerate(kinds)
    ]
    strict = {"people_outside_city": 840, "area_km2_outside_city": 855}
    blocks = {"other": {"table": [], "strict": {}}, "mine": {"table": table, "strict": strict}}
    return circle_of(**{"summary": {"readings": blocks, "corners": [{"cutoff_min": 60}]}} | fields)


def test_who_the_people_inside_are() -> None:
    """All people inside, those of the city proper, those near, those who cannot cycle it, and other
    provinces.
    """
    assert findings._composition(hidden_circle()) == Words(
        "圈内(轨道交通或本地)1,000人中，1,010住在中心城区，1,220在城区外但不乘轨道交通也在范围内，"
        "骑行不可达、只能乘轨道交通的为1,320；其中外省共1,030。",
        "Of the 1,000 people inside by rail or locally, 1,010 live in the city proper and 1,220 "
        "outside it are within "
        "reach without a ride; 1,320 cannot cycle it. Other provinces hold 1,030 of them.",
    )


@pytest.mark.parametrize(
    "fields", [{"counts": SimpleNamespace(people=None)}, {"has_city_proper": False}]
)
def test_who_they_are_is_not_said_without_people_or_city_proper(fields: Any) -> None:
    """Without people, and without a city proper, there is nothing to part."""
    assert findings._composition(hidden_circle(**fields)) is None


# --- three: three quarters of the minutes


def test_the_strict_reading() -> None:
    """1,120 people by rail become 840: a quarter fewer; without people the km² stand there."""
    assert findings._strict(hidden_circle()) == Words(
        "要求时段内75%的时刻都可达，轨道交通可达人口由1,120变为840(-25.0%)。",
        "If 75 % of the window's minutes must work, people by rail go from 1,120 to 840 (-25.0%).",
    )
    assert findings._strict(hidden_circle(counts=SimpleNamespace(people=None))) == Words(
        "要求时段内75%的时刻都可达，轨道交通可达面积km²由1,140变为855(-25.0%)。",
        "If 75 % of the window's minutes must work, km² by rail go from 1,140 to 855 (-25.0%).",
    )


def test_the_strict_reading_of_nobody() -> None:
    """Where no one is inside by rail, there is no share to lose."""
    circle = hidden_circle()
    for row in circle.summary.readings["mine"].table:
        row["people_outside_city"] = 0
    assert findings._strict(circle) is None


# --- four: stations within by the fastest train alone


def stations_of(*rows: tuple[Any, ...]) -> Any:
    """Stations from (id, English name, core, inside, fastest, gap, trips, first arrival), and two
    not counted.
    """
    columns = [
        "station_id",
        "name_en",
        "is_core",
        "inside",
        "minutes_fastest",
        "max_gap_min",
        "trips",
        "first_arrival",
    ]
    frame = pd.DataFrame(rows, columns=columns)
    frame = frame.assign(name=[f"站{row[0]}" for row in rows], counted=True)
    metro = frame.iloc[:1].assign(
        station_id="m", minutes_fastest=1.0, inside=[True], max_gap_min=99.0, counted=False
    )
    return circle_of(
        stations=pd.concat([frame, metro, metro.assign(inside=False)], ignore_index=True)
    )


def test_stations_by_the_fastest_train_alone() -> None:
    """Outside and at most 60 minutes by the fastest train: not a core station, none inside, none of
    61 minutes.
    """
    circle = stations_of(
        ("a", "A", True, False, 5.0, 20.0, 1, ""),
        ("b", "B", False, True, 10.0, 20.0, 1, ""),
        ("c", "", False, False, 60.0, 20.0, 1, ""),
        ("d", "D", False, False, 60.01, 20.0, 1, ""),
        ("e", "E", False, False, 44.2, 20.0, 1, ""),
    )
    assert findings._fastest_only(circle) == Words(
        "2座车站全天最快一班在60分钟内，按本口径却在圈外，最快者：站e(45)、站c(60)。",
        "2 stations are within 60 min by the fastest train of the day and outside under this "
        "reading; the fastest: E (45), 站c (60).",
    )


def test_the_five_fastest_are_named_and_all_are_counted() -> None:
    """Of six stations the five fastest are named, equal ones by id; the number is of all six."""
    circle = stations_of(
        *((i, i.upper(), False, False, 50.0 if i in "fb" else 51.0, 1.0, 1, "") for i in "fedcba")
    )
    _, en = both(findings._fastest_only(circle))
    assert en.startswith("6 stations are ")
    assert en.endswith("the fastest: B (50), F (50), A (51), C (51), D (51).")


def test_no_station_by_the_fastest_train_alone() -> None:
    """Where each station within 60 minutes by the fastest train is inside, nothing is said."""
    inside, far = (
        ("b", "B", False, True, 10.0, 20.0, 1, ""),
        ("d", "D", False, False, 61.0, 20.0, 1, ""),
    )
    assert findings._fastest_only(stations_of(inside, far)) is None


# --- five: the longest gap, and who reaches the city late

GAPS = (
    ("a", "A", False, True, 1.0, 20.0, 6, "07:30"),
    ("b", "", False, True, 1.0, 59.2, 2, "07:31"),
    ("c", "C", False, True, 1.0, 59.2, 9, "08:00"),
    ("d", "D", False, True, 1.0, None, 7, "05:10"),
    ("e", "E", False, False, 1.0, 90.0, 8, "09:00"),
)


def test_the_longest_gap_and_the_late() -> None:
    """Of four stations inside b has the longest gap, 60 minutes rounded up; 07:30 is not later than
    07:30: two are.
    """
    assert findings._gap(stations_of(*GAPS)) == Words(
        "圈内4座车站中，站b在时段内有效车次2班、最大间隔60分钟，为最长；首班到达晚于07:30的有2座。",
        "Of the 4 stations inside, 站b has the longest gap: 60 min; useful trips of the window "
        "there: 2. The first arrival is later than 07:30 at 2 of them.",
    )


def test_no_gap_is_named() -> None:
    """From the city, where no station is inside, and where no gap is known, nothing is said."""
    circle = stations_of(*GAPS)
    circle.direction = "from"
    assert findings._gap(circle) is None
    assert findings._gap(stations_of(*GAPS[-1:])) is None
    assert findings._gap(stations_of(*GAPS[3:])) is None


# --- six: rail against the car in the peak


def car_rows(people: int | None, **fields: Any) -> dict[str, Any]:
    states = ("rail", "car", "both", "rail_only", "car_only")
    found = {
        f"people_outside_city_{s}": None if people is None else people + 1_000 * k
        for k, s in enumerate(states)
    }
    return {"reading": "mine", "traffic": "peak", "cutoff_min": 60} | found | fields


def test_rail_against_the_car() -> None:
    """Car 31,000, rail 30,000; those of rail whom a car does not bring `rail_only`, 33,000; others
    are not it.
    """
    others = (
        car_rows(7_000, reading="other"),
        car_rows(8_000, traffic="free-flow"),
        car_rows(9_000, cutoff_min=45),
    )
    assert findings._by_car(circle_of(car_table=[*others, car_rows(30_000)])) == Words(
        "高峰小汽车60分钟内可达3.1万人(中心城区外)，轨道交通3.0万；其中小汽车到不了、"
        "只有轨道交通可达的为3.3万。",
        "A car in the peak brings 31,000 people outside the city proper within 60 min, rail "
        "30,000; 33,000 of these a car does not.",
    )
    assert findings._by_car(circle_of(car_table=list(others))) is None
    assert findings._by_car(circle_of(car_table=[car_rows(None)])) is None


# --- how far from the median of the 19


def deviation(distance: float, **fields: Any) -> Deviation:
    strict = next(m for m in MEASURES if m.key == "strict")
    usual = {
        "measure": strict,
        "value": 0.9,
        "middle": 0.6,
        "distance": distance,
        "above": 2,
        "n": 19,
    }
    return Deviation(**usual | fields)


def test_deviations_above_below_and_at_the_median() -> None:
    """The value, then above or below the median, by how many deviations, and the place highest
    first.
    """
    name = Words("甲城", "Alpha")
    assert findings.deviation_words(name, deviation(3.04), of_a_city=False) == Words(
        "甲城：严格口径(75%时刻)人口与中位口径之比为90.0%，高于19个城市群的中位数60.0%，"
        "相差3.0个绝对中位差；在19个城市群中由高到低列第3。",
        "Alpha: people at percentile 75 of the window's minutes, against percentile 50: 90.0%, "
        "above the median "
        "60.0% of the 19 agglomerations by 3.0 median absolute deviations; number 3 of 19, highest "
        "first.",
    )
    zh, en = both(findings.deviation_words(name, deviation(-0.04, n=18), of_a_city=True))
    assert (
        "低于有此数的18个城市群的中位数60.0%，相差不到0.1个绝对中位差；18个城市群中有2个更高。"
        in zh
    )
    assert en.endswith(
        "90.0%, below the median 60.0% of the 18 agglomerations that have this figure by less than "
        "0.1 median absolute deviations; 2 of the 18 agglomerations have more."
    )
    zh, en = both(findings.deviation_words(name, deviation(0.0), of_a_city=True))
    assert zh.endswith("为90.0%，正是19个城市群的中位数；19个城市群中有2个更高。")
    assert en.endswith(
        "90.0%, which is the median of the 19 agglomerations; 2 of the 19 agglomerations have more."
    )


def test_a_median_that_some_do_not_have() -> None:
    """A value at the median of 18 says that 18 have this figure."""
    zh, en = both(findings.deviation_words(alike("x"), deviation(0.0, n=18), of_a_city=True))
    assert "正是有此数的18个城市群的中位数" in zh
    assert "which is the median of the 18 agglomerations that have this figure; 2 of the 18 " in en


def test_the_farthest_deviation_stands_first() -> None:
    """Of 1, 2, 3, 5, 9 nine lies 3 deviations above the median and 0.9 one below; equal ones stand
    by their key.
    """
    values = {key: v / 100 for key, v in zip("abcde", (1, 2, 3, 5, 9), strict=True)}
    table = {
        key: {m.key: None for m in MEASURES}
        | dict.fromkeys(("strict", "rail_only", "door_to_door"), v)
        for key, v in values.items()
    }
    own = {"strict": 0.01, "rail_only": 0.09, "door_to_door": 0.09}
    found = agglomerations.deviations_of(own, table, None)
    assert found == []  # each is printed as another's
    found = agglomerations.deviations_of(
        {"strict": 0.01, "rail_only": 0.09, "door_to_door": 0.07}, table, "e"
    )
    assert [(d.measure.key, round(d.distance, 6), d.above) for d in found] == [
        ("rail_only", 3, 0),
        ("door_to_door", 2, 0),
    ]
    found = agglomerations.deviations_of(
        {"strict": 0.011, "rail_only": 0.005, "door_to_door": 0.055}, table, None
    )
    assert [(d.measure.key, round(d.distance, 6), d.above) for d in found] == [
        ("door_to_door", 1.25, 1),
        ("rail_only", -1.25, 5),
        ("strict", -0.95, 4),
    ]
    few = {key: table[key] for key in "ab"}
    assert agglomerations.deviations_of({"strict": 0.5}, few, None) == []
    three = agglomerations.deviations_of({"strict": 0.5}, {key: table[key] for key in "abc"}, None)
    assert [(d.middle, d.n) for d in three] == [(0.02, 3)]
    level = dict.fromkeys("abc", table["a"])
    assert agglomerations.deviations_of({"strict": 0.5}, level, None) == []


@pytest.mark.parametrize(
    ("kind", "value", "zh", "en"),
    [
        ("people", 123_456, "12.3万", "123,456"),
        ("km2", 1_234.4, "1,234 km²", "1,234 km²"),
        ("number", 12.0, "12", "12"),
        ("number", 1_012.54, "1,012.5", "1,012.5"),
        ("share", 0.126, "12.6%", "12.6%"),
    ],
)
def test_a_measure_as_printed(kind: str, value: float, zh: str, en: str) -> None:
    """People, km², numbers with a decimal where they have one, and shares."""
    assert agglomerations.printed(agglomerations.Measure("x", "door", "n", kind), value) == Words(
        zh, en
    )


@pytest.mark.parametrize(
    ("value", "text"), [(999_999.4, "999999"), (1_234_567.6, "1234568"), (0.12345678, "0.123457")]
)
def test_a_measure_as_written_into_the_table(value: float, text: str) -> None:
    """Six digits, and all before the point from a million on; None stays None."""
    assert agglomerations.table_text(value) == text
    assert agglomerations.as_in_table(value) == float(text)
    assert agglomerations.as_in_table(None) is None


# --- what a plan changes


def difference_of(**fields: Any) -> Any:
    """A difference at 60 minutes without changes."""
    usual = {
        "counts": SimpleNamespace(people=object()),
        "headline_cutoff": 60,
        "counties": pd.DataFrame(),
        "losing_counties": [],
        "worth": [{"to_min": 90}],
        "stations": changed_stations(),
        "headline_places": {"trips_gained": 1_012, "trips_lost": 34},
    }
    return SimpleNamespace(**usual | fields)


def changed_stations(*rows: tuple[Any, ...]) -> pd.DataFrame:
    """Stations from (id, English name, change, minutes before and after, in the city proper)."""
    columns = [
        "station_id",
        "name_en",
        "change",
        "minutes_before",
        "minutes_after",
        "in_city_proper",
    ]
    kinds = {"minutes_before": float, "minutes_after": float, "in_city_proper": bool}
    frame = pd.DataFrame(rows, columns=columns).astype(kinds)
    return frame.assign(
        name="站" + frame["station_id"].astype(str),
        minutes_saved=frame["minutes_before"] - frame["minutes_after"],
    )


def changed_counties(*rows: tuple[Any, ...]) -> pd.DataFrame:
    """Counties from (code, English name, part, gained, lost, slower): people, and a hundredth of it
    in km².
    """
    columns = ["county_code", "county_en", "part", "people_gained", "people_lost", "people_slower"]
    frame = pd.DataFrame(rows, columns=columns)
    for k in ("gained", "lost", "slower"):
        frame[f"area_km2_{k}"] = frame[f"people_{k}"] / 100
    return frame.assign(county=[f"县{row[0]}" for row in rows], prefecture="市")


LOSING = [
    {"county": "县3", "county_en": "", "people_lost": 200, "people_slower": 100},
    {"county": "县4", "county_en": "Four", "people_lost": 0, "people_slower": 50},
]
COUNTIES = (
    ("1", "One", "city_proper", 9_000, 8_000, 7_000),
    ("2", "Two", "same_province", 300, 0, 0),
    ("3", "", "other_province", 700, 200, 100),
    ("4", "Four", "same_province", 0, 0, 50),
)


def test_the_county_that_gains_most() -> None:
    """700 of the 1,000 gained outside the city proper: 70 %, and two counties gain."""
    assert findings._largest_gain(difference_of(counties=changed_counties(*COUNTIES))) == Words(
        "60分钟内新增最多的是县3(市)：人口700，占全部新增的70%；有新增的区县共2个。",
        "Within 60 minutes 县3 gains most: people 700, 70% of all that is gained; number of "
        "counties that gain: 2.",
    )
    without = difference_of(
        counties=changed_counties(*COUNTIES), counts=SimpleNamespace(people=None)
    )
    assert both(findings._largest_gain(without))[1].startswith(
        "Within 60 minutes 县3 gains most: km² 7, 70% of all"
    )
    none = Words(
        "60分钟内没有区县有新增。",
        "No county gains anybody within 60 minutes.",
    )
    assert (
        findings._largest_gain(difference_of(counties=changed_counties(COUNTIES[0], COUNTIES[3])))
        == none
    )
    assert findings._largest_gain(difference_of()) == none


def test_the_first_of_two_counties_that_gain_alike() -> None:
    """Of two that gain alike the one with the lower code is named, with half of what is gained."""
    two = changed_counties(
        ("6", "Six", "same_province", 5, 0, 0), ("5", "Five", "same_province", 5, 0, 0)
    )
    assert both(findings._largest_gain(difference_of(counties=two)))[1].startswith(
        "Within 60 minutes Five gains most: people 5, 50% of"
    )


STATIONS = (
    ("a", "A", "gained", None, 33.0, False),
    ("b", "B", "lost", 32.0, None, False),
    ("c", "C", "", 40.0, 44.5, False),
    ("d", "D", "", 40.0, 35.0, False),
    ("e", "E", "gained", None, 20.0, True),
    ("f", "F", "lost", 20.0, 70.0, True),
)


def test_stations_that_come_inside_and_drop_out() -> None:
    """Gained come inside, lost drop out, those of the city proper are left out; trips more and
    fewer.
    """
    assert findings._stations_in(difference_of(stations=changed_stations(*STATIONS))) == Words(
        "新进入圈内的车站：站a；移出：站b。有效车次增1,012、减34。",
        "Stations that come inside: A; that drop out: B. Useful trips: 1,012 more, 34 fewer.",
    )


def test_who_loses() -> None:
    """Stations that drop out or are slower with minutes before and after, counties with people."""
    found = difference_of(losing_counties=LOSING, stations=changed_stations(*STATIONS))
    assert findings._losers(found) == Words(
        "受损者——车站(分钟)：站b(32→-)、站c(40→45)、站f(20→70)；"
        "区县(轨道交通出行)：县3(200超出90分钟，100变慢)、县4(50变慢)。",
        "Who loses: stations (min): B (32→-), C (40→45), F (20→70); counties, by rail: "
        "县3 (200 beyond 90 min, 100 slower), Four (50 slower).",
    )


def test_nobody_loses() -> None:
    """Where no station is slower and no one in a county loses, the sentence says so; a county alone
    makes it false.
    """
    none = Words(
        "没有车站变慢或移出，也没有区县有人乘轨道交通变慢或移出。",
        "No station becomes slower or drops out, and no one in any county loses by rail.",
    )
    better = changed_stations(STATIONS[0], STATIONS[3])
    assert findings._losers(difference_of(stations=better)) == none
    assert both(findings._losers(difference_of(stations=better, losing_counties=LOSING[1:])))[
        1
    ] == ("Who loses: stations (min): none; counties, by rail: Four (50 slower).")
    assert both(findings._losers(difference_of(stations=changed_stations(STATIONS[1]))))[1] == (
        "Who loses: stations (min): B (32→-); counties, by rail: none."
    )


def plan_of(city: Any, gained: float, lost: float, people: Any = True) -> Any:
    row = {
        "people_gained": gained,
        "people_lost": lost,
        "area_km2_gained": gained / 10,
        "area_km2_lost": lost / 10,
    }
    return SimpleNamespace(
        before=SimpleNamespace(city=city),
        counts=SimpleNamespace(people=people),
        headline_row=lambda: row,
    )


def test_net_change_by_city() -> None:
    """Gained less lost with its sign, the city that gains most first; a single city has no such
    sentence.
    """
    mine = [plan_of(OTHER_CITY, 100, 400), plan_of(CITY, 70_000, 20_000)]
    assert findings.most_moved(SimpleNamespace(comparisons=[[], mine]), 1) == Words(
        "各城市人口净变化：甲城 +5.0万、乙城 −300。",
        "Net change of people by city: Alpha +50,000, 乙城 −300.",
    )
    alike_ = [plan_of(OTHER_CITY, 5, 5), plan_of(CITY, 5, 5)]
    assert both(findings.most_moved(SimpleNamespace(comparisons=[alike_]), 0))[1].endswith(
        "Alpha 0, 乙城 0."
    )
    assert findings.most_moved(SimpleNamespace(comparisons=[mine[:1]]), 0) is None
    km2 = [plan_of(OTHER_CITY, 100, 400, None), plan_of(CITY, 70_000, 20_000, None)]
    assert findings.most_moved(SimpleNamespace(comparisons=[km2]), 0) == Words(
        "各城市面积km²净变化：甲城 +5,000、乙城 -30。",
        "Net change of km² by city: Alpha +5,000, 乙城 -30.",
    )


@pytest.mark.parametrize(
    ("gained", "lost", "faster", "slower", "unchanged"),
    [
        (0, 0, 0, 0, True),
        (1, 0, 0, 0, False),
        (0, 1, 0, 0, False),
        (0, 0, 1, 0, False),
        (0, 0, 0, 1, False),
    ],
)
def test_unchanged_is_a_plan_without_land_or_minutes(
    gained: float, lost: float, faster: float, slower: float, unchanged: bool
) -> None:
    """Land that moves at any cutoff of any reading, or a minute that changes, makes a plan one that
    changes.
    """
    still = {"area_km2_gained": 0.0, "area_km2_lost": 0.0}
    rows = {
        ("mine", 45, "total"): still,
        ("mine", 60, "total"): still,
        ("other", 30, "total"): still,
    }
    rows["other", 30, "total"] = {"area_km2_gained": gained, "area_km2_lost": lost}
    found = SimpleNamespace(
        surfaces={"mine": None, "other": None},
        cutoffs={"mine": (45, 60), "other": (30,), "no surface": (60,)},
        row=lambda *key: rows[key],
        minutes_saved={"area_km2_faster": faster, "area_km2_slower": slower},
    )
    assert is_unchanged(found) is unchanged


def test_whose_circle_a_difference_is_of() -> None:
    """A city's name, or a region's with how many circles are united."""
    assert title_of(SimpleNamespace(before=SimpleNamespace(city=OTHER_CITY))) == alike("乙城")
    united = SimpleNamespace(comparisons=[1, 2, 3], name="区域", name_en="Region")
    assert title_of(united) == Words(
        "区域，3座核心城市的并集", "Region, the circles of 3 core cities united"
    )


def test_bands_part_the_minutes_saved() -> None:
    """Each second saved is in one band: the lower end of a saving belongs to its band, and so does
    that of a loss.
    """
    import numpy as np

    seconds = np.array(
        [
            s + d
            for m in (-30, -10, -5, -1, 0, 1, 5, 10, 15, 30)
            for s in (60 * m,)
            for d in (-1, 0, 1)
        ]
    )
    old = SimpleNamespace(
        total_s=np.full(len(seconds), 3_600), reading=SimpleNamespace(name="mine")
    )
    new = SimpleNamespace(total_s=old.total_s - seconds)
    counts = SimpleNamespace(
        cell_part=np.ones(len(seconds)),
        people=None,
        inside=lambda cells: SimpleNamespace(
            others={},
            people_outside=seconds[cells].tolist(),
            known_km2_outside=None,
            km2_outside=0.0,
        ),
    )
    rows = saved_rows(counts, old, new, [60], 99 * 60)
    bands = {r["minutes_saved"]: r["people"] for r in rows if "min " not in r["minutes_saved"]}
    both_ways = [*bands.pop("slower"), 0, *bands.pop("faster")]
    assert both_ways == seconds.tolist()
    assert [second for band in bands.values() for second in band] == seconds.tolist()
    ends = {name: (band[0], band[-1]) for name, band in bands.items()}
    assert ends == {
        "slower by 10 or more": (-1_801, -600),
        "slower by 5 to 10": (-599, -300),
        "slower by 1 to 5": (-299, -60),
        "within 1 minute": (-59, 59),
        "1 to 5": (60, 299),
        "5 to 10": (300, 599),
        "10 to 15": (600, 899),
        "15 to 30": (900, 1_799),
        "30 or more": (1_800, 1_801),
    }


# --- toy


@pytest.fixture(scope="module")
def toy() -> Any:
    return railshed.circle("toy", "mid")


def test_what_the_circle_of_toy_hides(toy: Any) -> None:
    """Six sentences: 6 to 4 by the way to the desk, 323 = 256 + 67, a third of west strictly, those
    of more than 60 by the desk or by early minutes, gaps of 20, the car.
    """
    rung, who, strict, fastest, gap, car = findings.hidden(toy)
    assert rung.en.endswith("'plus the way to the desk: door to door': stations from 6 to 4.")
    assert who.zh == (
        "圈内(轨道交通或本地)32.3万人中，25.6万住在中心城区，0在城区外但不乘轨道交通也在范围内，"
        "骑行不可达、只能乘轨道交通的为6.7万；其中外省共2,000。"
    )
    assert strict.en.endswith("people by rail go from 67,000 to 66,333 (-1.0%).")
    assert fastest.en.endswith(
        "the fastest: Northlake (32), Ridgefield (32), Southport (33), Baymouth (54)."
    )
    assert (
        gap.zh == "圈内4座车站中，东桥在时段内有效车次6班、最大间隔20分钟，为最长；"
        "首班到达晚于07:30的有0座。"
    )
    (row,) = (
        r
        for r in toy.car_table
        if (r["reading"], r["traffic"], r["cutoff_min"]) == ("door-to-door", "peak", 60)
    )
    brings, by_rail, only = [
        f"{row[f'people_outside_city_{k}']:,}" for k in ("car", "rail", "rail_only")
    ]
    assert by_rail == "67,000"
    assert car.en == (
        f"A car in the peak brings {brings} people outside the city proper within 60 min, rail "
        f"{by_rail}; {only} of these a car does not."
    )


def test_the_headline_of_toy(toy: Any) -> None:
    """67,000 people, in some draws southwest's 64."""
    assert findings.headlines(toy)[0].zh.startswith(
        "中城：60分钟内轨道交通可达(中心城区外)人口 6.7万(6.4万–6.7万)，"
    )


def test_measures_of_toy(toy: Any) -> None:
    """Each ratio of these: 67 of 64 to 67, 73.667 to a station, 639 of the press, 8 and 6 stations,
    66.333 strict.

    At 90 minutes all 95 by trains; beyond 30 km 72; of 67 other provinces hold 2.
    """
    found = agglomerations.measures_of([toy])
    car = next(
        r
        for r in toy.car_table
        if (r["reading"], r["traffic"]) == ("door-to-door", "peak") and r["cutoff_min"] == 60
    )
    by_hand = {
        "people_per_city": 67_000,
        "beyond_per_city": 72_000,
        "high_per_city": 67_000,
        "press_per_city": 639_000,
        "stations_per_city": 8,
        "local_per_city": 0,
        "door_of_press": 67 / 639,
        "stations_of_press": 6 / 8,
        "door_to_door": 67_000 / 73_667,
        "strict": 66_333 / 67_000,
        "range_width": 3 / 67,
        "other_province": 2 / 67,
        "added_by_rail": 1,
        "added_by_trains": 1,
        "rail_to_car": 67_000 / car["people_outside_city_car"],
        "rail_only": car["people_outside_city_rail_only"] / 67_000,
    }
    assert {key: found[key] for key in by_hand} == pytest.approx(by_hand)
    assert (
        found["area_km2_per_city"]
        == next(r for r in toy.bridge.to_dict() if r["key"] == "door_to_door")["area_km2"]
    )
    share = next(
        r for r in toy.split_table if (r["reading"], r["cutoff_min"]) == ("door-to-door", 60)
    )
    assert found["out_of_vehicle"] == pytest.approx(share["out_of_vehicle_share"])
    assert agglomerations.measures_of([toy, toy])["people_per_city"] == 67_000
    assert (
        agglomerations._total([1, None]),
        agglomerations._ratio(1, 0),
        agglomerations._ratio(None, 2),
    ) == (
        None,
        None,
        None,
    )
