"""What the shipped scenarios come to: `python networks/china/build_scenarios.py`, after `railshed
compare` of each.

Writes `scenarios/README.md`; with `--check` it writes nothing and returns 1 where the file is not
what it would write. With `--run-times` the comparisons are left out and the run times printed.
`scenarios/index.csv` names the cities that each scenario is compared for, and what was announced.
Run times are those of its trains; nothing was fitted to them. Intervals are of draws of its trains
as the railways of the network are run (`comparisons.forecast`).
"""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path

import numpy as np

import railshed
from railshed.assumptions.names import N_PLANS
from railshed.circles.analysis import AnalysisInputs
from railshed.comparisons.forecast import Route, forecast, routes_of
from railshed.network.lines import Line, expand, lines_apart
from railshed.questions.backtest.skill import middle
from railshed.scenario.apply import resolve
from railshed.scenario.files import Scenario
from railshed.scenario.plan import Plan
from railshed.scenario.service_plans.fit import Fit

HERE = Path(__file__).resolve().parent
FOLDER = HERE / "scenarios"
PAGE = FOLDER / "README.md"
MINUTE = 60
READING, CUTOFFS_MIN = "door-to-door", (60, 90)
#: draws of run times; forecasts have `N_PLANS`
N_RUNS = 100
RUN_HEAD = (
    "scenario",
    "from - to",
    "announced min",
    "predicted min, by stop pattern",
    "fastest minus announced",
    "middle 80 % of draws",
    "in it",
    "source",
)
CHANGE_HEAD = (
    "scenario",
    "title",
    "city",
    "trains a day",
    "people in 60, 1,000",
    "gained",
    "lost",
    "in 90, 1,000",
    "gained",
    "lost",
    "km² gained in 90",
    "forecast in 60, 1,000",
    "in 90, 1,000",
)
LEFT_OUT = """Metros opened since the service day stand apart: `china/metro-since-2023`, which takes a minute to apply,
and one a city, such as `china/metro-since-2023/wuxi`; `build_metro_scenario.py` writes them.

吴忠-中卫 of the list of proposals opened in 2019 and is in the timetable: no scenario. Chengdu S3
opened in 2024 and is among the metros."""


def read_index() -> list[dict[str, str]]:
    """Return the rows of the index: scenario, cities, and one announced run time or none."""
    return list(csv.DictReader(io.StringIO((FOLDER / "index.csv").read_text(encoding="utf-8"))))


def run_minutes(lines: Iterable[Line], start: str, end: str) -> list[float]:
    """Return the minutes from a station to another by stop pattern, the fastest first; trains back
    count too.
    """
    found = set()
    for line in lines:
        names = {stop.station.station_id: stop.station.name for stop in line.stops}
        for run in expand(line):
            called = [names[station] for station in run.station_ids]
            if start in called and end in called[called.index(start) :] and len(run.trip_ids):
                a, b = called.index(start), called.index(end)
                found.add(float(run.arrival_s[0, b] - run.departure_s[0, a]) / MINUTE)
    return sorted(found)


def drawn_minutes(network: railshed.Network, found: Plan, row: dict[str, str]) -> list[float]:
    """Return the minutes of the fastest direct train from a station to another, of each draw that
    has one.

    Lines with listed minutes have none: nothing is drawn of them.
    """
    fit, cities = Fit.from_json(network.service_plans), row["cities"].split("|")
    names = {station.station_id: station.name for line in found.lines for station in line.passed}
    with_stations = lines_apart(network, found.lines, found.seeds)
    routes = [route for route in routes_of(found, with_stations) if route.corridor is not None]
    every = (
        [
            m
            for route in routes
            for m in route_minutes(route, fit, cities, names, (row["from"], row["to"]), draw)
        ]
        for draw in range(N_RUNS)
    )
    return [min(minutes) for minutes in every if minutes]


def route_minutes(
    route: Route,
    fit: Fit,
    cities: Sequence[str],
    names: dict[str, str],
    ends: tuple[str, str],
    draw: int,
) -> Iterator[float]:
    """Yield the minutes of each train of a draw that calls at one end and then at the other."""
    start, end = ends
    for service in route.services(fit, route.city_of(cities), (0,), draw):
        line = [names[station] for station in service.station_ids]
        for train in service.trains:
            called = [line[place] for place in train.place.tolist()]
            if start in called and end in called[called.index(start) :]:
                run_s = train.arrival_s[called.index(end)] - train.departure_s[called.index(start)]
                yield float(run_s) / MINUTE


def interval(minutes: Sequence[float], announced: float, at_most: bool) -> list[str]:
    """Return the middle 80 % of the draws, and whether what was announced lies in it."""
    if not minutes:
        return ["-", "-"]
    low, high = middle(np.array(minutes))
    met = low <= announced and (at_most or announced <= high)
    return [f"{low:g} - {high:g}", "yes" if met else "no"]


def trains_a_day(found: Plan) -> int:
    """Return the trains that a scenario adds, both ways."""
    return sum(
        len(run.trip_ids)
        for line, seed in zip(found.lines, found.seeds, strict=True)
        for run in expand(line, seed)
    )


def run_time_rows(network: railshed.Network) -> Iterator[list[str]]:
    """Yield one row an announced run time."""
    for row in read_index():
        if row["announced_min"]:
            found = resolve(network, load(row["scenario"]))
            minutes = run_minutes(found.lines, row["from"], row["to"])
            announced = float(row["announced_min"])
            words = f"{row['announced']}: " if row["announced"] else ""
            yield [
                row["scenario"],
                f"{row['from']}-{row['to']}",
                f"{words}{announced:g}",
                ", ".join(f"{m:g}" for m in minutes),
                f"{minutes[0] - announced:+g}",
                *interval(
                    drawn_minutes(network, found, row),
                    announced,
                    row["announced"].startswith("at most"),
                ),
                row["source"],
            ]


def load(name: str) -> Scenario:
    """Return a shipped scenario."""
    return railshed.load_scenario(FOLDER / f"{name}.toml")


def change_rows(network: railshed.Network) -> Iterator[list[str]]:
    """Yield one row a scenario and city: trains, people by rail before and gained within 60 and 90
    minutes, km2.
    """
    run = railshed.prepare(network)
    for name, rows in groupby(read_index(), key=lambda row: row["scenario"]):
        cities = next(rows)["cities"].split("|")
        scenario = load(name)
        trains = trains_a_day(resolve(network, scenario))
        for city in cities:
            found = railshed.compare(run, city, scenario)
            yield [
                name,
                scenario.title,
                city,
                str(trains),
                *change_figures(found),
                *forecast_figures(run, city, scenario),
            ]


def change_figures(found: railshed.Comparison) -> list[str]:
    """Return people before, gained and lost by cutoff, and km2 gained within the largest one."""
    if READING not in found.surfaces:
        return ["not defined", *[""] * (3 * len(CUTOFFS_MIN))]
    rows = [found.row(READING, cutoff, "by_rail") for cutoff in CUTOFFS_MIN]
    figures = [
        thousands(row[f"people_{state}"]) for row in rows for state in ("before", "gained", "lost")
    ]
    return [*figures, f"{rows[-1]['area_km2_gained']:,.0f}"]


def forecast_figures(run: AnalysisInputs, city: str, scenario: Scenario) -> list[str]:
    """Return by cutoff the middle 80 % and the mean of the people forecast to be gained."""
    found = forecast(run, city, scenario, N_PLANS)
    if found.reading != READING:
        return [""] * len(CUTOFFS_MIN)  # not defined
    rows = {row["cutoff_min"]: row for row in found.rows}
    return [
        "{} - {} ({})".format(
            *(thousands(rows[cutoff][f"people_{end}"]) for end in ("low", "high", "mean"))
        )
        for cutoff in CUTOFFS_MIN
    ]


def thousands(people: float | None) -> str:
    """Return thousands of people."""
    return "no data" if people is None else f"{people / 1000:,.0f}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def page(network: railshed.Network) -> str:
    """Return the text of the README."""
    run_times = list(run_time_rows(network))
    drawn = [row[RUN_HEAD.index("in it")] for row in run_times]
    predicted, changes = table(RUN_HEAD, run_times), table(CHANGE_HEAD, change_rows(network))
    return f"""# Scenarios of the China network 规划方案示例

Written by `build_scenarios.py`; do not edit. Each file says what was announced and by whom, and what is ours: **every
service plan, and the places of most new stations, are**. Confidence of a place stands next to it: high, medium, low
(low: off by kilometres). 班次方案及多数新站坐标为自拟，详见各文件。

```sh
railshed compare chengdu --scenario china/chengyu-middle -o out    # by name, in an installed package too
railshed scenario --list --json                                    # all names, with their files
```

## Run times

Predicted by `railshed.run_times` from the announced length, speed and stations; nothing was fitted to them. Announced
times are the best case, of trains without stops, and predicted ones hold a timetable's margin. How wrong they are:
`../run_time_validation.md`.

The middle 80 % is of the fastest direct train in {N_RUNS} draws, run as the railways of the network are. "In it" says
whether the announced minutes lie there: {drawn.count("yes")} of {len(drawn) - drawn.count("-")} do.
"At most" is met where the lower end is no more. A line without a stop plan gets a drawn one, so its fastest train may
pass stations at which the predicted one stops. No interval (-): the trains run through over a metro, whose minutes are
not drawn.

{predicted}

## What they change

Door to door, by rail within 60 and 90 min in the morning peak, outside the city proper, on the timetable of 2023-12-15
with nothing else new. People are those of 2020. No capacity, fare or demand. No scenario moves the goal: journeys end
at the centres of the city as it is, by the stations that are near one. Not defined: no station is.

The forecast has the people gained, low - high (mean): the middle 80 % of {N_PLANS} draws of trains a day, stops,
departures and run times as the railways of the network are run; departures and run times alone where the plan gives its
trains. Where fewer than a tenth of the draws gain people, the mean lies above the range.

{changes}

{LEFT_OUT}
"""


def main(arguments: list[str]) -> int:
    """Write the page, or hold it against what would be written."""
    network = railshed.load_network("china")
    if "--run-times" in arguments:
        print("\n".join("  ".join(row) for row in run_time_rows(network)))
        return 0
    text = page(network)
    if "--check" in arguments:
        same = PAGE.is_file() and PAGE.read_text(encoding="utf-8") == text
        print("scenarios/README.md is as written" if same else "scenarios/README.md differs")
        return 0 if same else 1
    PAGE.write_text(text, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
