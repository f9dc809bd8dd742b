"""`city_runs.csv`: run times of metro-like lines that were read, what is fitted to them, and how
wrong it is.

The table is kept by hand; `build_run_times.py` writes what comes of it. Only minutes that a source
gives are in it: none that is shared out by length and speed, estimated or remembered. Columns:

- `stations`: names in order, joined by `|`; blank where only their distances matter
- `straight_km`: straight distance between them, where `hop_km` is blank
- `hop_km`: track between them; blank where it is the straight distance times the detour or shares
  out `length_km`
- `length_km`: of the whole line, where it was read
- `minutes`: since the first station, joined by `|`, blank where not read; all blank where only the
  length was read
- `last`: whether the last minute is an arrival or, like those before it, a departure
- `top_kmh`, `confidence`: highest speed in service, and how sure it is

A span is what lies between two neighbouring minutes: one hop and the stand at its end, or several
where stations between have no minute of their own.
"""

from __future__ import annotations

import csv
import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from statistics import median

from build_line_speeds import REPORTED_ONLY, half_of
from build_run_errors import band_of, errors_of, sort_key

from railshed.scenario.run_times.allowances import RunRules
from railshed.scenario.run_times.kinematics import CITY, run_seconds, stock_for
from railshed.util.bilingual import Words

HERE = Path(__file__).resolve().parent
#: seconds standing at a call: departures alone do not part it from the loss of a hop, only the sum
#: of both is fitted
DWELL_S = 30.0
MARGINS = tuple(percent / 100 for percent in range(61))
SPACINGS_KM = (0, 1.5, 2.5, 4, math.inf)
LOSSES_S = tuple(5.0 * step for step in range(25))


@dataclass(frozen=True)
class Span:
    """One stretch between two minutes that were read, of one direction of one line."""

    line: str
    row: int
    top_kmh: float
    #: track of its hops
    hop_m: tuple[float, ...]
    #: times that the train stands within these minutes
    n_stands: int
    minutes: float

    def fastest_s(self) -> float:
        """Return the seconds of its bare runs."""
        stock = stock_for(self.top_kmh, CITY)
        return math.fsum(run_seconds(metres, self.top_kmh, stock) for metres in self.hop_m)

    def predicted_min(self, rules: RunRules) -> float:
        """Return its minutes by rules."""
        return scheduled_min(self, self.fastest_s(), rules.recovery, rules.stop_loss_s)


def scheduled_min(span: Span, fastest_s: float, recovery: float, loss_s: float) -> float:
    return (fastest_s * (1 + recovery) + loss_s * len(span.hop_m) + DWELL_S * span.n_stands) / 60


def read_rows() -> list[dict[str, str]]:
    with (HERE / "city_runs.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read_straight() -> dict[str, list[float]]:
    """Return the metres from stop to stop along the straight line, of each line where they were
    needed.
    """
    rows = {row["line_id"]: row["straight_km"] for row in read_rows() if row["straight_km"]}
    return {line_id: [float(km) * 1000 for km in text.split("|")] for line_id, text in rows.items()}


def read_detours() -> dict[str, float]:
    """Return track over straight line of the lines whose length was read, by name."""
    straight = read_straight()
    return {
        row["line_zh"]: float(row["length_km"]) * 1000 / math.fsum(straight[row["line_id"]])
        for row in read_rows()
        if row["length_km"]
    }


def fitted_detour() -> tuple[float, int]:
    """Return the median detour of the fitted half, and of how many lines."""
    found = [detour for name, detour in read_detours().items() if half_of(name) == "fit"]
    return round(median(found), 2), len(found)


def read_spans() -> list[Span]:
    """Return every span of the table."""
    straight, detours, (usual, _) = read_straight(), read_detours(), fitted_detour()
    spans = []
    for number, row in enumerate(read_rows()):
        minutes = row["minutes"].split("|")
        at = [k for k, text in enumerate(minutes) if text]
        if row["hop_km"]:
            metres = [float(km) * 1000 for km in row["hop_km"].split("|")]
        else:
            metres = [d * detours.get(row["line_zh"], usual) for d in straight[row["line_id"]]]
        if at and len(minutes) != len(metres) + 1:
            raise ValueError(
                f"city_runs.csv: {len(minutes)} minutes for {len(metres)} hops of {row['line_zh']}"
            )
        for a, b in pairwise(at):
            stands = b - a - (row["last"] == "arrival" and b == at[-1])
            took = float(minutes[b]) - float(minutes[a])
            spans.append(
                Span(
                    row["line_zh"], number, float(row["top_kmh"]), tuple(metres[a:b]), stands, took
                )
            )
    return spans


def fit_city(spans: Sequence[Span]) -> RunRules:
    """Return the rules of metro-like lines from the fitted half, rounded as they are written."""
    mine = [span for span in spans if half_of(span.line) == "fit"]
    recovery, loss_s = least_absolute(mine)
    detour, n_lengths = fitted_detour()
    n_lines = len({span.line for span in mine})
    source = Words(
        f"以{n_lines}条线路{len(mine)}个区段拟合，里程系数用{n_lengths}条，停站时间为估计值，"
        "区间附加时间随之拟合",
        f"fitted on {len(mine)} spans of {n_lines} lines, detour on {n_lengths}, "
        "dwell a guess that the loss was fitted to",
    )
    hops_km = [metres / 1000 for span in spans for metres in span.hop_m]
    tops = [span.top_kmh for span in spans]
    return RunRules(
        "city",
        detour,
        recovery,
        loss_s,
        DWELL_S,
        source,
        service=CITY,
        known_kmh=(min(tops), max(tops)),
        known_km=(math.floor(min(hops_km) * 10) / 10, math.ceil(max(hops_km))),
    )


def least_absolute(spans: Sequence[Span]) -> tuple[float, float]:
    """Return the margin and the loss of a hop with the least sum of absolute errors; each span
    counts once.
    """
    runs = [(span, span.fastest_s()) for span in spans]

    def wrong(recovery: float, loss_s: float) -> float:
        return math.fsum(
            abs(scheduled_min(span, run, recovery, loss_s) - span.minutes) for span, run in runs
        )

    return min((wrong(r, loss), r, loss) for r in MARGINS for loss in LOSSES_S)[1:]


ERROR_HEAD = [
    "half",
    "group",
    "value",
    "lines",
    "spans",
    "hops",
    "bias_min",
    "median_error_min",
    "p90_error_min",
]


def error_rows(spans: Sequence[Span], rules: RunRules) -> list[list[str]]:
    """Return the errors of spans of metro-like lines, by half and group."""
    groups: tuple[tuple[str, Callable[[Span], str]], ...] = (
        ("all", lambda span: "all"),
        ("spacing", lambda span: band_of(sum(span.hop_m) / len(span.hop_m), SPACINGS_KM)),
        ("top speed", lambda span: f"{span.top_kmh:.0f} km/h"),
    )
    rows = []
    for half in ("test", "fit"):
        mine = [span for span in spans if half_of(span.line) == half]
        for group, key in groups:
            for value in sorted({key(span) for span in mine}, key=sort_key):
                some = [span for span in mine if key(span) == value]
                errors = errors_of(
                    [span.predicted_min(rules) for span in some], [span.minutes for span in some]
                )
                lines = len({span.line for span in some})
                rows.append(
                    [half, group, value, str(lines), str(len(some)), str(n_hops(some)), *errors]
                )
    return rows


def with_errors(rules: RunRules, spans: Sequence[Span], table: Sequence[Sequence[str]]) -> RunRules:
    """Return the rules with how wrong they are on the tested half, in words."""
    row = table[0]
    tested = [mine for line, mine in by_line(spans).items() if half_of(line) == "test"]
    wrong = [percent(mine, rules) for mine in tested]
    tops = [mine[0].top_kmh for mine in tested]
    off = [f"{percent:+.0f}" for percent in sorted(wrong)]
    return replace(
        rules,
        tested=Words(
            f"在未参与拟合的{row[3]}条线路上({min(tops):g}至{max(tops):g} km/h，{row[5]}个区间)，"
            "半数站间时间与时刻表相差"
            f"不超过{row[7]}分钟，九成不超过{row[8]}分钟；全线误差{'、'.join(off)}%",
            f"on {row[3]} lines that nothing was fitted to ({min(tops):g} to {max(tops):g} km/h, "
            f"{row[5]} hops), half of "
            f"the times from stop to stop are within {row[7]} min of the timetable, nine in ten "
            f"within {row[8]} min; whole "
            f"lines are off by {', '.join(off)} %",
        ),
    )


LINE_HEAD = [
    "line",
    "half",
    "km/h",
    "hops",
    "km a hop",
    "minutes read",
    "predicted",
    "difference_percent",
]


def line_rows(spans: Sequence[Span], rules: RunRules) -> list[list[str]]:
    """Return what was read and what is predicted of each line, all its directions together."""
    return [
        [
            line,
            half_of(line),
            f"{mine[0].top_kmh:.0f}",
            str(n_hops(mine)),
            f"{km(mine) / n_hops(mine):.1f}",
            f"{read_min(mine):.0f}",
            f"{predicted_min(mine, rules):.0f}",
            f"{percent(mine, rules):+.0f}",
        ]
        for line, mine in by_line(spans).items()
    ]


def by_line(spans: Sequence[Span]) -> dict[str, list[Span]]:
    found: dict[str, list[Span]] = defaultdict(list)
    for span in spans:
        found[span.line].append(span)
    return dict(sorted(found.items(), key=lambda item: (half_of(item[0]) == "fit", item[0])))


def n_hops(spans: Sequence[Span]) -> int:
    return sum(len(span.hop_m) for span in spans)


def km(spans: Sequence[Span]) -> float:
    return math.fsum(metres for span in spans for metres in span.hop_m) / 1000


def read_min(spans: Sequence[Span]) -> float:
    return math.fsum(span.minutes for span in spans)


def predicted_min(spans: Sequence[Span], rules: RunRules) -> float:
    return math.fsum(span.predicted_min(rules) for span in spans)


def percent(spans: Sequence[Span], rules: RunRules) -> float:
    """Return by how much the whole line is predicted too slow."""
    return (predicted_min(spans, rules) / read_min(spans) - 1) * 100


LEFT_HEAD = ["left out", "recovery", "stop_loss_s", "difference_percent"]


def left_out_rows(spans: Sequence[Span], rules: RunRules) -> list[list[str]]:
    """Return, for each line, what all others of both halves give and how wrong that is of it."""
    rows = []
    for line, mine in by_line(spans).items():
        recovery, loss_s = least_absolute(
            [s for s in spans if s.line not in (line, *REPORTED_ONLY)]
        )
        own = RunRules("", rules.detour, recovery, loss_s, DWELL_S)
        rows.append([line, f"{recovery:g}", f"{loss_s:g}", f"{percent(mine, own):+.0f}"])
    return rows
