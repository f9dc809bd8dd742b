"""Run times fitted on half of the lines and held against the other half: `python
networks/china/build_run_times.py`.

Writes `src/railshed/scenario/run_times/run_rules.csv` (what was fitted), `run_time_validation.csv`
and `run_time_validation.md` (how wrong it is); with `--check` it writes nothing and returns 1 where
a file is not what it would write.

- Speeds and lengths come from `line_speeds.csv`, never from the timetable.
- Halves: a line is fitted on where the first byte of the SHA-256 of its Chinese name is even,
  tested on where odd.
- Detour: median of length over straight distance between the line's stations.
- Recovery margin and loss for each hop: the pair with the least sum of absolute errors against the
  median scheduled
  minutes of each pair of consecutive calls, direction and letter with at least three trains; each
  counts once.
- Dwell: median of all calls on the way.
- Announced run times of `announced_run_times.csv` are predicted last, and nothing is fitted to
  them.
"""

from __future__ import annotations

import math
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from statistics import fmean, median

HERE = Path(__file__).resolve().parent
if str(HERE) not in sys.path:
    sys.path.insert(0, str(HERE))

import build_city_runs as city  # noqa: E402
from build_announced_runs import ANNOUNCED_HEAD, CLASSES, announced_rows, class_of  # noqa: E402
from build_line_speeds import (  # noqa: E402
    REPORTED_ONLY,
    Line,
    Train,
    half_of,
    lines_by_pair,
    read_lines,
    read_timetable,
    stretches,
)
from build_run_errors import as_csv, as_markdown, band_of, errors_of, sort_key  # noqa: E402

from railshed.scenario.run_times.allowances import RunRules  # noqa: E402
from railshed.scenario.run_times.kinematics import RollingStock, get_stock, run_seconds, stock_for  # noqa: E402
from railshed.scenario.run_times.run_times import run_times  # noqa: E402
from railshed.util.bilingual import Words  # noqa: E402
from railshed.util.geodesy import great_circle_m  # noqa: E402

RULES = HERE.parents[1] / "src" / "railshed" / "scenario" / "run_times" / "run_rules.csv"
#: what trains of a letter run at most, whatever the line allows (from memory)
TOP_KMH = {"G": 350, "D": 250, "C": 350, "S": 160}
SPACINGS_KM = (0, 15, 25, 40, 60, 90, math.inf)
LINE_SPACINGS_KM = (0, 9, 20, 40, math.inf)
FEWEST_TRAINS = 3


@dataclass(frozen=True)
class Pair:
    """Two consecutive calls of trains of one letter, in one direction."""

    line: Line
    letter: str
    start: str
    end: str
    n_trains: int
    straight_m: float
    top_kmh: float
    stock: RollingStock
    #: mean between the stations of its line, straight
    spacing_m: float
    fastest_min: float
    median_min: float

    def predicted_min(self, rules: dict[str, RunRules]) -> float:
        """Return the minutes of the run, by the rules of its line's class."""
        own = rules[class_of(self.line.operating_kmh)]
        metres = self.straight_m * own.detour
        return own.scheduled_s(run_seconds(metres, self.top_kmh, self.stock)) / 60


@dataclass(frozen=True)
class Run:
    """A train's calls on one line, three or more."""

    line: Line
    letter: str
    calls: tuple[str, ...]
    minutes: float
    #: of these minutes those that the train stands
    standing_min: float


def straight_m(line: Line, start: str, end: str, places: dict[str, tuple[float, float]]) -> float:
    """Return the metres from station to station of the line, straight between neighbours."""
    first, last = sorted((line.passed.index(start), line.passed.index(end)))
    return sum(
        float(great_circle_m(*places[a], *places[b]))
        for a, b in pairwise(line.passed[first : last + 1])
    )


def observe(
    lines: Sequence[Line], places: dict[str, tuple[float, float]], trains: Sequence[Train]
) -> tuple[list[Pair], list[Run], list[tuple[Line, int]]]:
    """Return what the timetable says: pairs of consecutive calls, whole runs on a line, dwells in
    seconds.
    """
    owners, hops = lines_by_pair(lines), defaultdict(list)
    runs, dwells = [], []
    for train in trains:
        for line, first, last in stretches(train, owners):
            calls = train.calls[first : last + 1]
            for a, b in pairwise(calls):
                hops[line.line_id, train.letter, a[0], b[0]].append((b[1] - a[2]) / 60)
            dwells += [(line, departure - arrival) for _, arrival, departure in calls[1:-1]]
            if len(calls) > 2:
                names = tuple(call[0] for call in calls)
                minutes, stood = (
                    calls[-1][1] - calls[0][2],
                    sum(call[2] - call[1] for call in calls[1:-1]),
                )
                runs.append(Run(line, train.letter, names, minutes / 60, stood / 60))
    by_id = {line.line_id: line for line in lines}
    pairs = [
        pair_of(by_id[key[0]], *key[1:], minutes, places) for key, minutes in sorted(hops.items())
    ]
    return pairs, runs, dwells


def pair_of(
    line: Line,
    letter: str,
    start: str,
    end: str,
    minutes: list[float],
    places: dict[str, tuple[float, float]],
) -> Pair:
    top = min(line.kmh_between(start, end), TOP_KMH[letter])
    stock = get_stock(line.stock) if line.stock else stock_for(top)
    metres = straight_m(line, start, end, places)
    spacing = straight_m(line, line.passed[0], line.passed[-1], places) / (len(line.passed) - 1)
    return Pair(
        line,
        letter,
        start,
        end,
        len(minutes),
        metres,
        top,
        stock,
        spacing,
        min(minutes),
        median(minutes),
    )


def fit(
    lines: Sequence[Line],
    places: dict[str, tuple[float, float]],
    pairs: Sequence[Pair],
    dwells: Sequence[tuple[Line, int]],
) -> dict[str, RunRules]:
    """Return the rules by class from the lines of the fitted half, rounded as they are written."""
    return {name: fit_class(name, start, lines, places, pairs, dwells) for name, start in CLASSES}


def fit_class(
    name: str,
    from_kmh: float,
    lines: Sequence[Line],
    places: dict[str, tuple[float, float]],
    pairs: Sequence[Pair],
    dwells: Sequence[tuple[Line, int]],
) -> RunRules:
    mine = [
        line
        for line in lines
        if half_of(line.name) == "fit" and class_of(line.operating_kmh) == name
    ]
    measured = [line for line in mine if line.length_km]
    detours = [
        line.length_km * 1000 / straight_m(line, line.passed[0], line.passed[-1], places)
        for line in measured
    ]
    detour = round(median(detours), 2)
    used = [pair for pair in pairs if pair.line in mine and pair.n_trains >= FEWEST_TRAINS]
    runs = [run_seconds(pair.straight_m * detour, pair.top_kmh, pair.stock) for pair in used]
    recovery, loss = least_absolute(runs, [pair.median_min * 60 for pair in used])
    stood = [seconds for line, seconds in dwells if line in mine]
    source = Words(
        f"以{len(mine)}条线路{len(used)}对停站拟合，里程系数用{len(measured)}条",
        f"fitted on {len(used)} pairs of calls of {len(mine)} lines, detour on {len(measured)}",
    )
    known = [
        p for p in pairs if p.n_trains >= FEWEST_TRAINS and class_of(p.line.operating_kmh) == name
    ]
    tops, hops_km = [p.top_kmh for p in known], [p.straight_m * detour / 1000 for p in known]
    return RunRules(
        name,
        detour,
        recovery,
        loss,
        float(median(stood)),
        source,
        from_kmh=from_kmh,
        known_kmh=(min(tops), max(tops)),
        known_km=(math.floor(min(hops_km)), math.ceil(max(hops_km))),
    )


def least_absolute(runs: Sequence[float], scheduled: Sequence[float]) -> tuple[float, float]:
    """Return the margin (whole per cent) and loss (steps of 5 s) with the least sum of absolute
    errors.
    """
    best = (math.inf, 0.0, 0.0)
    for per_cent in range(41):
        left = [
            wanted - run * (1 + per_cent / 100) for run, wanted in zip(runs, scheduled, strict=True)
        ]
        loss = max(0.0, 5.0 * round(median(left) / 5))
        best = min(best, (math.fsum(abs(x - loss) for x in left), per_cent / 100, loss))
    return best[1], best[2]


HEAD = ["half", "group", "value", "pairs", "trains"]
HEAD += [
    f"{what}_{of}_min"
    for of in ("fastest", "median")
    for what in ("bias", "median_error", "p90_error")
]
Group = tuple[str, Callable[[Pair], str]]


GROUPS: tuple[Group, ...] = (
    ("all", lambda pair: "all"),
    ("class of line", lambda pair: class_of(pair.line.operating_kmh)),
    ("letter", lambda pair: pair.letter),
    ("spacing", lambda pair: band_of(pair.straight_m, SPACINGS_KM)),
    ("mean spacing of the line", lambda pair: band_of(pair.spacing_m, LINE_SPACINGS_KM)),
    ("top speed", lambda pair: f"{pair.top_kmh:.0f} km/h"),
    ("confidence of speed", lambda pair: pair.line.confidence),
)


def pair_rows(pairs: Sequence[Pair], rules: dict[str, RunRules]) -> list[list[str]]:
    """Return the errors by half and group, of pairs with enough trains."""
    predicted = {id(pair): pair.predicted_min(rules) for pair in pairs}
    rows = []
    for half in ("test", "fit"):
        mine = [p for p in pairs if half_of(p.line.name) == half and p.n_trains >= FEWEST_TRAINS]
        for group, key in GROUPS:
            for value in sorted({key(pair) for pair in mine}, key=sort_key):
                some = [pair for pair in mine if key(pair) == value]
                guess = [predicted[id(pair)] for pair in some]
                trains = sum(pair.n_trains for pair in some)
                found = [
                    errors_of(guess, [getattr(p, f"{of}_min") for p in some])
                    for of in ("fastest", "median")
                ]
                rows.append([half, group, value, str(len(some)), str(trains), *found[0], *found[1]])
    return rows


RUN_HEAD = [
    "half",
    "group",
    "value",
    "trains",
    "bias_min",
    "median_error_min",
    "p90_error_min",
    "median_error_percent",
    "bias_without_dwell_min",
]
RUN_LENGTHS_KM = (0, 100, 200, 400, math.inf)


def run_rows(
    pairs: Sequence[Pair],
    runs: Sequence[Run],
    rules: dict[str, RunRules],
    places: dict[str, tuple[float, float]],
) -> list[list[str]]:
    """Return the errors of whole runs on one line with a call or more on the way, usual dwell
    included.
    """
    hop = {(p.line.line_id, p.letter, p.start, p.end): p.predicted_min(rules) for p in pairs}

    def rides_min(run: Run) -> float:
        return sum(hop[run.line.line_id, run.letter, a, b] for a, b in pairwise(run.calls))

    def dwell_min(run: Run) -> float:
        return (len(run.calls) - 2) * rules[class_of(run.line.operating_kmh)].dwell_s / 60

    groups: tuple[tuple[str, Callable[[Run], str]], ...] = (
        ("all", lambda run: "all"),
        ("letter", lambda run: run.letter),
        (
            "length",
            lambda run: band_of(
                straight_m(run.line, run.calls[0], run.calls[-1], places), RUN_LENGTHS_KM
            ),
        ),
    )
    rows = []
    for half in ("test", "fit"):
        mine = [(run, rides_min(run)) for run in runs if half_of(run.line.name) == half]
        for group, key in groups:
            found = defaultdict(list)
            for run, rides in mine:
                found[key(run)].append((run, rides))
            for value in sorted(found, key=sort_key):
                some = found[value]
                whole = [rides + dwell_min(run) for run, rides in some]
                share = median(
                    abs(p - run.minutes) / run.minutes
                    for p, (run, _) in zip(whole, some, strict=True)
                )
                errors = errors_of(whole, [run.minutes for run, _ in some])
                bare = errors_of(
                    [rides for _, rides in some],
                    [run.minutes - run.standing_min for run, _ in some],
                )
                rows.append(
                    [half, group, value, str(len(some)), *errors, f"{share * 100:.0f}", bare[0]]
                )
    return rows


LINE_HEAD = ["line", "half", "km/h", "pairs", "bias_median_min", "median_error_median_min"]


def line_rows(pairs: Sequence[Pair], rules: dict[str, RunRules]) -> list[list[str]]:
    """Return the errors of every line, worst first: where a speed of the table or a slow section is
    wrong.
    """
    found: dict[str, list[Pair]] = defaultdict(list)
    for pair in pairs:
        if pair.n_trains >= FEWEST_TRAINS:
            found[pair.line.line_id].append(pair)
    rows = []
    for mine in found.values():
        line = mine[0].line
        bias, size, _ = errors_of(
            [p.predicted_min(rules) for p in mine], [p.median_min for p in mine]
        )
        rows.append(
            [line.name, half_of(line.name), f"{line.operating_kmh:.0f}", str(len(mine)), bias, size]
        )
    return sorted(rows, key=lambda row: (-float(row[5]), row[0]))


RULE_HEAD = ["class_id", "service", "from_kmh", "detour", "recovery", "stop_loss_s", "dwell_s"]
RULE_HEAD += ["known_kmh", "known_km", "source", "source_zh", "tested", "tested_zh"]


def rule_rows(rules: Iterable[RunRules]) -> list[list[str]]:
    """Return the rows of `run_rules.csv`."""
    return [
        [
            r.class_id,
            r.service,
            *(f"{x:g}" for x in (r.from_kmh, r.detour, r.recovery, r.stop_loss_s, r.dwell_s)),
            *("{:g}-{:g}".format(*known) for known in (r.known_kmh, r.known_km)),
            *(text for words in (r.source, r.tested) for text in (words.en, words.zh)),
        ]
        for r in rules
    ]


def with_errors(rules: RunRules, table: Sequence[Sequence[str]]) -> RunRules:
    """Return the rules with how wrong they are on the tested half, in words."""
    row = next(row for row in table if row[:3] == ["test", "class of line", rules.class_id])
    tested = Words(
        f"在未参与拟合的线路上，半数站间时间与通常图定时间相差不超过{row[9]}分钟，"
        f"九成不超过{row[10]}分钟",
        f"on lines that nothing was fitted to, half of the hops between calls are within {row[9]} "
        f"min of the usual scheduled time, nine in ten within {row[10]} min",
    )
    return replace(rules, tested=tested)


def make() -> dict[Path, str]:
    """Return the text of every file that this script writes."""
    lines = read_lines()
    places, trains = read_timetable()
    pairs, runs, dwells = observe(lines, places, trains)
    rules = fit(lines, places, pairs, dwells)
    table = pair_rows(pairs, rules)
    rules = {name: with_errors(own, table) for name, own in rules.items()}
    spans = city.read_spans()
    city_rules = city.fit_city(spans)
    city_table = city.error_rows(spans, city_rules)
    rules = {"city": city.with_errors(city_rules, spans, city_table), **rules}
    run_table = run_rows(pairs, runs, rules, places)
    text = MARKDOWN.format(
        n_lines=len(lines),
        n_fit=sum(half_of(line.name) == "fit" for line in lines),
        n_test=sum(half_of(line.name) == "test" for line in lines),
        held=", ".join(REPORTED_ONLY),
        rules=as_markdown(RULE_HEAD[:-3], [row[:-3] for row in rule_rows(rules.values())]),
        city_words=rules["city"]
        .tested.en.replace(", half of", ",\nhalf of")
        .replace("; whole", ";\nwhole"),
        city=as_markdown(city.ERROR_HEAD, city_table),
        city_lines=as_markdown(city.LINE_HEAD, city.line_rows(spans, city_rules)),
        left_out=as_markdown(city.LEFT_HEAD, city.left_out_rows(spans, city_rules)),
        test=as_markdown(HEAD[1:], [row[1:] for row in table if row[0] == "test"]),
        fit=as_markdown(HEAD[1:], [row[1:] for row in table if row[0] == "fit"]),
        runs=as_markdown(RUN_HEAD, run_table),
        announced=as_markdown(ANNOUNCED_HEAD, announced_rows(rules, lines)),
        stops=as_markdown(["letter", "km/h", "predicted", "2016"], stop_rows(rules)),
        lines=as_markdown(LINE_HEAD, line_rows(pairs, rules)),
        mean_dwell=f"{fmean(seconds for _, seconds in dwells) / 60:.1f}",
        words=in_words(table, run_table),
    )
    return {
        RULES: as_csv(RULE_HEAD, rule_rows(rules.values())),
        HERE / "run_time_validation.csv": as_csv(HEAD, table),
        HERE / "city_run_validation.csv": as_csv(city.ERROR_HEAD, city_table),
        HERE / "run_time_validation.md": text,
    }


def in_words(table: Sequence[Sequence[str]], runs: Sequence[Sequence[str]]) -> str:
    """Return how wrong the predictions for the tested half are."""
    whole = next(row for row in table if row[0] == "test" and row[1] == "all")
    run = next(row for row in runs if row[0] == "test" and row[1] == "all")
    return (
        "On lines that nothing was fitted to, half of all hops between two calls are predicted "
        f"within {whole[9]} min\n"
        f"of the usual scheduled time and nine in ten within {whole[10]} min; the bias is "
        f"{whole[8]} min against the\n"
        f"median and {whole[5]} min against the fastest train. Whole runs on a line, with their "
        "stops, are within\n"
        f"{run[5]} min ({run[7]} %) for half of the trains and within {run[6]} min for nine in "
        f"ten; the bias is\n{run[4]} min."
    )


def stop_rows(rules: dict[str, RunRules]) -> list[list[str]]:
    """Return what a call in the middle of 120 km costs, predicted and as it was in 2016."""
    rows = []
    for letter, kmh, observed in (("G", 300.0, "7.5"), ("D", 250.0, "6.5"), ("C", 200.0, "5.2")):
        both, one = (
            run_times(
                None,
                hop_km=[60, 60],
                stops_at=at,
                top_speed_kmh=kmh,
                rolling_stock=stock_for(kmh),
                rules=rules[class_of(kmh)],
                round_to_s=0,
            )
            for at in (None, [])
        )
        rows.append([letter, f"{kmh:.0f}", f"{(both.total_s - one.total_s) / 60:.1f}", observed])
    return rows


MARKDOWN = """# How wrong are predicted run times?

Written by `build_run_times.py`; do not edit. {n_lines} railways with speeds from outside the timetable
(`line_speeds.csv`, half of them from memory); {n_fit} are fitted on, {n_test} tested (SHA-256 of the name, first byte
even or odd). Metro-like lines, few, stand apart (`city_runs.csv`, below). Tested whatever their name says, never fitted
on: {held}. The first three are the lines of the back-tests.

**Railways. {words}**

**Metro-like lines: {city_words}.**

What lies in these errors besides the model: speeds remembered wrongly, slow sections and curves that no table names,
trains slower than their line, waits for overtaking, whole minutes. Slow exceptions are long and fast ones short, and
the rules take the median of both runs and dwells (a call on the way lasts {mean_dwell} min on average), so whole runs
are predicted too fast; the last column of their table leaves the dwell out.

Predicted minus scheduled: a plus is a prediction that is too slow. A pair is two consecutive calls of trains of one
letter in one direction, at least three trains; each pair counts once. Bias is the median difference.

## What was fitted

{rules}

A line is run like a metro (`city`) or like a railway; which, says the rolling stock where it is named, else the
spacing of its stations (`src/railshed/runrules.py`). `known` are the top speeds, and the kilometres between calls, of
the lines fitted on or tested: beyond them a prediction says that nothing is known of how wrong it is.

## Railways, the tested half

Railways with stations under 9 km apart on average are those that stop like suburban lines: tested 金山铁路, 穗深城际,
佛肇城际, 成灌铁路, 广清城际; fitted 莞惠城际, 广珠城际, 长株潭城际.

{test}

## Railways, the fitted half

{fit}

## Whole runs on one line, a call or more on the way

{runs}

## Metro-like lines

Only minutes that a source gives: seven lines have some (three of them from Beijing's timetable,
Mick235711/Beijing-Subway-Tools), and that timetable gives those of three more. They are whole minutes, mostly from
departure to departure, so an error of half a minute a span is none of the model's, and dwell is not told apart from
the loss of a hop. A span lies between two minutes that were read: one hop and the stand after it, or several.

{city}

Whole lines, all directions that were read together. 杭海, 江跳, S6 and others are absent: their minutes are computed.
北京首都机场线 is an airport line whose trains stand and wait.

{city_lines}

With so few lines, margin and loss are known together rather than each: leaving one line out and fitting on all
others of both halves gives

{left_out}

Abroad, where nothing was fitted either: all-stop trains of Greater Tokyo (top speeds from memory, 65 to 130 km/h),
21 lines and 442 hops: half of the whole lines within 11 %, all within 24 %, in the middle 11 % too slow
(`tests/scenario/test_run_times_tokyo.py`).

## What a call costs

A call in the middle of 120 km, in minutes, with the usual dwell; the right column is of the 2016 timetable, by station
pair, and nothing was fitted to it.

{stops}

## Announced run times, predicted with everything frozen

Nothing was fitted to these. Announced times are of the fastest train, mostly nonstop, and often for the design speed.

{announced}

Not predicted: 前海-南沙 30 min (no station of the line), 岐江新城-珠江新城 45 min (no length found), S5 and S11 (no
time found).

## By line, worst first

{lines}
"""


def main(arguments: Sequence[str]) -> int:
    """Write or check the files; return 1 where a check finds one that is not current."""
    files = make()
    if "--check" not in arguments:
        for path, text in files.items():
            path.write_bytes(text.encode("utf-8"))
        return 0
    stale = [
        path.name
        for path, text in files.items()
        if not path.is_file() or path.read_bytes() != text.encode("utf-8")
    ]
    print("\n".join(f"{name}: not current, run build_run_times.py" for name in stale) or "current")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
