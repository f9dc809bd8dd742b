"""Hold announced run times against the China network: `python tests/check_published_run_times.py [RAW_DIR]`.

The announcements are those of before 2023-12 in the reference table of announced lines (RAW_DIR/
reference/validation_lines_published.csv), embedded here as facts with their sources, so that the script
runs without it; with RAW_DIR the figures are compared with that table too. Run times are station to
station by one train.
"""

from __future__ import annotations

import csv
import io
import re
import sys
import unicodedata
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
TIMETABLE = ROOT / "networks" / "china" / "timetable.zip"
#: the service day of the network
DAY = "2023-12"


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
    Announced("京雄城际", "北京西", "雄安", 50, "2020-12-27", "bjnews.com.cn; jinrongribao.com", ""),
    Announced("京雄城际", "大兴机场", "雄安", 19, "2020-12-27", "bjnews.com.cn; jinrongribao.com", ""),
    Announced(
        "京雄城际", "北京西", "大兴机场", 28, "2019-09-26", "Xinhua repost",
        "met in the reverse direction",
    ),
    Announced(
        "京唐城际", "北京", "唐山", 63, "2022-12-30", "love.hnmdtv.com",
        "met in the reverse direction",
    ),
    Announced("京滨城际", "北京", "北辰", 92, "2022-12-30", "love.hnmdtv.com", ""),
    Announced("成渝高铁", "成都东", "沙坪坝", 62, "2020-12-24", "bg3.co (Xinhua)", ""),
    Announced("福厦高铁", "福州南", "厦门北", 55, "2023-09-28", "m.stnn.cc; china-railway.com.cn", ""),
    Announced("福厦高铁", "福州南", "漳州", 89, "2023-09-28", "m.stnn.cc", ""),
    Announced(
        "银中高铁", "银川", "中卫南", 87, "2019-12-29", "news.wenweipo.com (Xinhua)",
        "four years later: part of Yinchuan-Lanzhou since 2022-12, with faster trains (memory)",
    ),
    Announced(
        "金山铁路", "上海南", "金山卫", 32, "2012-09-28", "gov.cn repost",
        "eleven years later: nonstop trains still run, in 41 min (38 back); why slower is not known",
    ),
    Announced(
        "昆玉城际", "昆明南", "玉溪", 49, "2018-08-15", "cs.zjol.com.cn",
        "49 min was one train (G1421) of 2018; the nonstop trains of 2023 are faster",
    ),
    Announced(
        "沪昆客专贵昆段", "贵阳北", "昆明南", 120, "2016-12-28", "xww.asu.edu.cn; m.yzctcx.com",
        "'about 120' at the opening; slower since (a later article: 146), 盘州-富源北 at 81 km/h",
    ),
    Announced("乌鲁木齐-石河子-奎屯", "乌鲁木齐", "石河子", None, "2018-05-30", "qlesddgj.cn", ""),
)  # fmt: skip

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
        clock = [int(t[:-6]) * 60 + int(t[-5:-3]) for t in (row["arrival_time"], row["departure_time"])]
        calls[row["trip_id"]].append((int(row["stop_sequence"]), names[row["stop_id"]], clock[0], clock[1]))
    return {trip: [call[1:] for call in sorted(rows)] for trip, rows in calls.items()}


def fastest(calls: Calls, start: str, end: str) -> tuple[int | None, int, int]:
    """Return the fewest minutes of one train from start to end, the count of trains, stops of the fastest."""
    runs = []
    for rows in calls.values():
        left = None
        for i, (name, arrival, departure) in enumerate(rows):
            if name == end and left is not None:
                runs.append((arrival - left[0], i - left[1] - 1))
                break
            if name == start:
                left = departure, i
    if not runs:
        return None, 0, 0
    return min(runs)[0], len(runs), min(runs)[1]


def table_rows(calls: Calls) -> Iterator[list[str]]:
    """Return one row an announcement: announced, network there and back, difference, explanation."""
    for a in ANNOUNCED:
        there, trains, stops = fastest(calls, a.start, a.end)
        back, _, _ = fastest(calls, a.end, a.start)
        both = [t for t in (there, back) if t is not None]
        difference = "" if a.minutes is None or there is None else f"{there - a.minutes:+d}"
        if a.minutes is None or not both:
            why = "no run time announced" if both else "no direct train in the network"
        elif there == a.minutes:
            why = "agrees"
        else:
            why = a.why or "not explained"
        yield [
            a.line, f"{a.start}-{a.end}", a.date, "" if a.minutes is None else str(a.minutes),
            "" if there is None else str(there), "" if back is None else str(back), difference, str(trains),
            str(stops), why, a.source,
        ]  # fmt: skip


def compare_with_reference(raw_dir: Path) -> list[str]:
    """Return what differs between the figures here and the reference table's rows of before 2023-12."""
    path = raw_dir / "reference" / "validation_lines_published.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["date"][:7] < DAY]
    given = {}
    for row in rows:
        found = re.search(r"\d+", row["fastest_min"])
        given[row["from"], row["to"], row["date"]] = int(found[0]) if found else None
    here = {(a.start, a.end, a.date): a.minutes for a in ANNOUNCED}
    keys = sorted(given.keys() | here.keys())
    return [
        f"{key}: reference {given.get(key, 'absent')}, here {here.get(key, 'absent')}"
        for key in keys
        if key not in given or key not in here or given[key] != here[key]
    ]


def width(text: str) -> int:
    """Return the columns that a text takes on a terminal."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def main(arguments: list[str]) -> int:
    """Print the table; return 1 where the embedded figures are not those of the reference."""
    head = [
        "line",
        "pair",
        "date",
        "announced",
        "network",
        "reverse",
        "diff",
        "trains",
        "stops",
        "why",
        "source",
    ]
    rows = [head, *table_rows(read_network(TIMETABLE))]
    widths = [max(width(row[i]) for row in rows) for i in range(len(head))]
    for row in rows:
        cells = [cell + " " * (w - width(cell)) for cell, w in zip(row, widths, strict=True)]
        sys.stdout.write("  ".join(cells).rstrip() + "\n")
    if not arguments:
        return 0
    wrong = compare_with_reference(Path(arguments[0]))
    sys.stdout.write("\n".join(["", *(wrong or ["figures equal those of the reference table"])]) + "\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
