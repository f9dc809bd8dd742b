"""Announced run times against the China network: each agrees to the minute or says why not.

The announcements are those of before 2023-12 in the reference table of announced lines, embedded
here as facts with their sources. Run times are station to station by one train.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support.shared import SHARED, needs

pytestmark = [pytest.mark.peers, pytest.mark.china]

ROOT = Path(__file__).resolve().parents[2]
TIMETABLE = ROOT / "networks" / "china" / "timetable.zip"
#: the service day of the network
DAY = "2023-12"
REFERENCE = "china/reference/validation_lines_published.csv"


class Announced(NamedTuple):
    """One announced fastest run time."""

    line: str
    start: str
    end: str
    minutes: int | None
    date: str
    source: str
    why: str


ANNOUNCED = (
    Announced(
        "京雄城际", "北京西", "雄安", 50, "2020-12-27", "bjnews.com.cn; jinrongribao.com", ""
    ),
    Announced(
        "京雄城际", "大兴机场", "雄安", 19, "2020-12-27", "bjnews.com.cn; jinrongribao.com", ""
    ),
    Announced(
        "京雄城际",
        "北京西",
        "大兴机场",
        28,
        "2019-09-26",
        "Xinhua repost",
        "met in the reverse direction",
    ),
    Announced(
        "京唐城际",
        "北京",
        "唐山",
        63,
        "2022-12-30",
        "love.hnmdtv.com",
        "met in the reverse direction",
    ),
    Announced("京滨城际", "北京", "北辰", 92, "2022-12-30", "love.hnmdtv.com", ""),
    Announced("成渝高铁", "成都东", "沙坪坝", 62, "2020-12-24", "bg3.co (Xinhua)", ""),
    Announced(
        "福厦高铁", "福州南", "厦门北", 55, "2023-09-28", "m.stnn.cc; china-railway.com.cn", ""
    ),
    Announced("福厦高铁", "福州南", "漳州", 89, "2023-09-28", "m.stnn.cc", ""),
    Announced(
        "银中高铁",
        "银川",
        "中卫南",
        87,
        "2019-12-29",
        "news.wenweipo.com (Xinhua)",
        "four years later: part of Yinchuan-Lanzhou since 2022-12, with faster trains (memory)",
    ),
    Announced(
        "金山铁路",
        "上海南",
        "金山卫",
        32,
        "2012-09-28",
        "gov.cn repost",
        "eleven years later: nonstop trains still run, in 41 min (38 back); why slower is not "
        "known",
    ),
    Announced(
        "昆玉城际",
        "昆明南",
        "玉溪",
        49,
        "2018-08-15",
        "cs.zjol.com.cn",
        "49 min was one train (G1421) of 2018; the nonstop trains of 2023 are faster",
    ),
    Announced(
        "沪昆客专贵昆段",
        "贵阳北",
        "昆明南",
        120,
        "2016-12-28",
        "xww.asu.edu.cn; m.yzctcx.com",
        "'about 120' at the opening; slower since (a later article: 146), 盘州-富源北 at 81 km/h",
    ),
    Announced("乌鲁木齐-石河子-奎屯", "乌鲁木齐", "石河子", None, "2018-05-30", "qlesddgj.cn", ""),
)

Calls = dict[str, list[tuple[str, int, int]]]


def read_network(path: Path) -> Calls:
    """Return trip -> calls in order (station name, arrival, departure in minutes)."""
    with zipfile.ZipFile(path) as archive:
        stops, times = (
            list(csv.DictReader(io.StringIO(archive.read(name).decode("utf-8"))))
            for name in ("stops.txt", "stop_times.txt")
        )
    names = {row["stop_id"]: row["stop_name"] for row in stops}
    calls: dict[str, list[tuple[int, str, int, int]]] = defaultdict(list)
    for row in times:
        clock = [
            int(t[:-6]) * 60 + int(t[-5:-3]) for t in (row["arrival_time"], row["departure_time"])
        ]
        calls[row["trip_id"]].append(
            (int(row["stop_sequence"]), names[row["stop_id"]], clock[0], clock[1])
        )
    return {trip: [call[1:] for call in sorted(rows)] for trip, rows in calls.items()}


def fastest(calls: Calls, start: str, end: str) -> int | None:
    """Return the fewest minutes of one train from start to end, None where none runs."""
    runs = []
    for rows in calls.values():
        left = None
        for name, arrival, departure in rows:
            if name == end and left is not None:
                runs.append(arrival - left)
                break
            if name == start:
                left = departure
    return min(runs, default=None)


@pytest.fixture(scope="module")
def calls() -> Calls:
    return read_network(TIMETABLE)


@pytest.mark.parametrize("a", ANNOUNCED, ids=lambda a: f"{a.start}-{a.end}")
def test_it_agrees_or_says_why(calls: Calls, a: Announced) -> None:
    """A reason stands where a direct train takes other minutes than announced, and nowhere else."""
    minutes = fastest(calls, a.start, a.end)
    differs = None not in (minutes, a.minutes) and minutes != a.minutes
    assert differs == bool(a.why), (minutes, a)


@needs(REFERENCE)
def test_the_figures_are_those_of_the_reference_table() -> None:
    with (SHARED / REFERENCE).open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["date"][:7] < DAY]
    found = {
        (row["from"], row["to"], row["date"]): re.search(r"\d+", row["fastest_min"]) for row in rows
    }
    assert {key: int(m[0]) if m else None for key, m in found.items()} == {
        (a.start, a.end, a.date): a.minutes for a in ANNOUNCED
    }
