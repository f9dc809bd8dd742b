"""`announced_run_times.csv`: announced run times, and what is predicted for them with everything
frozen.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from build_line_speeds import Line, half_of

from railshed.scenario.run_times.allowances import RunRules
from railshed.scenario.run_times.kinematics import CITY, get_stock
from railshed.scenario.run_times.run_times import RunTimes, run_times

HERE = Path(__file__).resolve().parent
#: classes of railways, by the top speed from which they hold
CLASSES = (("intercity", 0.0), ("high-speed", 240.0))


def class_of(kmh: float) -> str:
    return [name for name, start in CLASSES if start <= kmh][-1]


ANNOUNCED_HEAD = [
    "line",
    "from",
    "to",
    "announced_min",
    "predicted_min",
    "difference_min",
    "km",
    "km/h",
    "stock",
    "calls",
]
ANNOUNCED_HEAD += ["status", "assumed"]


def announced_rows(rules: dict[str, RunRules], lines: Sequence[Line]) -> list[list[str]]:
    """Return every announced run time with the predicted one."""
    with (HERE / "announced_run_times.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    halves = {line.name: half_of(line.name) for line in lines}
    made = []
    for row in rows:
        minutes = predicted(row, rules).total_s / 60
        said = " ".join(filter(None, (row["announced"], row["announced_min"]))) or "-"
        difference = (
            f"{minutes - float(row['announced_min']):+.0f}" if row["announced_min"] else "-"
        )
        status = row["status"] + (f" ({halves[row['line']]} half)" if row["line"] in halves else "")
        length = row["length_km"] + (
            "" if row["length_from"] == "announced" else f" ({row['length_from']})"
        )
        made.append(
            [
                row["line"],
                row["from"],
                row["to"],
                said,
                f"{minutes:.0f}",
                difference,
                length,
                row["top_kmh"],
                row["stock"],
                row["calls"],
                status,
                row["assumed"],
            ]
        )
    return made


def predicted(row: dict[str, str], rules: dict[str, RunRules]) -> RunTimes:
    """Return the run of one row, its calls evenly spaced."""
    hops = int(row["calls"]) + 1
    limits = []
    for text in filter(None, row["limits"].split("|")):
        reach, kmh = text.split("=")
        start, end = reach.split("-")
        limits.append((float(start), float(end), float(kmh)))
    top, stock = float(row["top_kmh"]), get_stock(row["stock"])
    own = rules["city" if stock.service == CITY else class_of(top)]
    return run_times(
        None,
        hop_km=[float(row["length_km"]) / hops] * hops,
        top_speed_kmh=top,
        rolling_stock=stock,
        speed_limits=limits,
        rules=own,
        round_to_s=0,
    )
