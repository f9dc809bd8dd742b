"""How well opened lines are forecast: `python networks/china/build_backtests.py` writes
`backtests/README.md`.

The figures are those of `railshed backtest china-2016 china china/openings` and of
`check_service_plans.py`. With `--check` it writes nothing and returns 1 where the file is not what
it would write. Both take minutes.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import check_service_plans

import railshed
from railshed.io.railways import RAILWAYS, read_openings, read_railways
from railshed.network.model import Network
from railshed.questions.backtest.opening_tables import score_rows
from railshed.questions.backtest.openings import OpeningsTest, forecast_openings

HERE = Path(__file__).resolve().parent
PAGE = HERE / "backtests" / "README.md"
SKILL_HEAD = (
    "skill of",
    "drawn plans",
    "middle 80 % over lines",
    "without the line of most people",
    "as announced",
    "known departures",
    "by distance",
)


def line_rows(
    found: OpeningsTest, names: Mapping[str, str], network: Network
) -> Iterator[list[str]]:
    """Yield one row a line and city: people who came, mean, 10 % and 90 % of the draws, probability
    of any.
    """
    for row in found.rows:
        people = (f"{row[f'people_{key}']:,.0f}" for key in ("came", "mean", "low", "high"))
        yield [
            names[row["line"]],
            network.get_city(row["city"]).name_en,
            *people,
            f"{row['p_any']:.2f}",
        ]


def reliability_rows(found: OpeningsTest) -> Iterator[list[str]]:
    """Yield one row a tenth of probability: people, mean probability, share who came, and which was
    more.
    """
    for row in found.reliability:
        mean, came = f"{row['p_mean']:.2f}", f"{row['came']:.2f}"
        words = (
            "right" if mean == came else "too high" if row["p_mean"] > row["came"] else "too low"
        )
        yield [
            f"{row['p_from']:.1f} to {row['p_to']:.1f}",
            f"{row['people']:,.0f}",
            mean,
            came,
            words,
        ]


def failures(found: OpeningsTest, names: Mapping[str, str], network: Network) -> dict[str, str]:
    """Return the figures of the paragraph on what fails: the lines but the one of most people, at
    60 minutes.
    """
    came = Counter[str]()
    for row in found.rows:
        came[row["line"]] += row["people_came"]
    largest = max(came, key=lambda line: came[line])
    rows = [row for row in found.rows if row["line"] != largest]
    gained, mean = (sum(row[f"people_{key}"] for row in rows) for key in ("came", "mean"))
    worst = sorted(rows, key=lambda row: row["people_came"] - row["people_mean"])[:3]
    cities = [network.get_city(row["city"]) for row in worst]
    first, second, third = (city.name_en for city in cities)
    return {
        "largest": names[largest],
        "n_others": str(len(came) - 1),
        "gained": f"{gained:,.0f}",
        "mean": f"{mean:,.0f}",
        "gained_zh": f"{gained / 10_000:.1f}",
        "mean_zh": f"{mean / 10_000:.1f}",
        "cities": f"{first}, {second} and {third}",
        "cities_zh": "、".join(city.name for city in cities),
        "excess": f"{sum(row['people_mean'] - row['people_came'] for row in worst):,.0f}",
    }


def against_nothing(skill: float, worse: str = "worse", better: str = "better") -> str:
    """Return whether a skill is worse or better than that of "nothing changes"."""
    return worse if skill < 0 else better


def table(head: Sequence[str], rows: Iterator[list[str]]) -> str:
    """Return a Markdown table."""
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows))


def page(
    found: OpeningsTest, plans: Mapping[str, float], names: Mapping[str, str], network: Network
) -> str:
    """Return the text of the page, of a test, of the figures of `check_service_plans.py` and of the
    lines' names.
    """
    drawn, announced, departures, _ = found.table
    line_head = ("line", "city", "came", "mean", "10 %", "90 %", "probability of any gain")
    reliability_head = (
        "probability",
        "people, of all minutes",
        "mean probability",
        "share who came",
        "it was",
    )
    return TEXT.format(
        skills=table(
            SKILL_HEAD,
            ([str(getattr(cell, "en", cell)) for cell in row] for row in score_rows(found)),
        ),
        lines=table(line_head, line_rows(found, names, network)),
        doors=f"{drawn['door_cities']} of {len(found.rows)}",
        reliability=table(reliability_head, reliability_rows(found)),
        n_lines=len(names),
        n_draws=found.n_draws,
        covered=drawn["covered"],
        pairs=drawn["pairs"],
        none=drawn["none_came"],
        width=f"{drawn['width']:,.0f}",
        skill=f"{drawn['brier_60']:.2f}",
        announced=f"{announced['brier_60']:.2f}",
        literally=against_nothing(announced["brier_60"]),
        departures=f"{departures['brier_60']:.2f}",
        literally_zh=against_nothing(announced["brier_60"], "更差", "更好"),
        without=f"{drawn['brier_60_without_largest']:.2f}",
        alone=against_nothing(drawn["brier_60_without_largest"]),
        low=f"{found.bootstrap('brier_60')[0]:.2f}",
        high=f"{found.bootstrap('brier_60')[1]:.2f}",
        n_check=check_service_plans.N_DRAWS,
        **failures(found, names, network),
        **plans,
    )


TEXT = """# How well is a line forecast? 新线预测准不准？

Written by `python networks/china/build_backtests.py`; do not edit.

The test has {n_lines} lines that opened after March 2016. Each is forecast from what was announced of it (stations,
length, top speed, trains a day: `../openings.toml`, with sources) and from how all other railways of 2023 are run. Its
own trains, all trains that call at its new stations and its own growth are taken out first. {n_draws} draws of trains a
day, stops, departures and run times give each cell a probability. What came is the timetable of 2016 with the trains
that the line has in 2023. The test counts people outside the city proper, door to station, by rail in the morning, in
cells that were not within the minutes before. `railshed backtest china-2016 china china/openings -o out` gives the same
figures.

## Skill

Skill is the share of the error of "nothing changes" that is gone: 1 is no error, 0 is no better, below 0 is worse.
"By distance" gives a cell the share of people whom the other lines gained at its distance from a station. A dash
stands where no people came, where one line alone brought them, and where there is no such figure.

{skills}

{covered} of {pairs} lines and cities lie in the middle 80 % of their draws; in {none} of them no people came, and the
range begins at none. Left out are those where no people came and the range has none. It is {width} people wide on
average.

**A forecast is a range.** What is announced, taken literally (every train stops everywhere, evenly from 6 to 22), is
{literally} than "nothing changes": the skill at 60 minutes is {announced}. With the departures and stops that came it
is {departures}. Where and when trains stop decides, and neither is announced.

Turn up and go leaves at any minute of the window. Door to door goes on to an employment centre: {doors} lines and
cities have one within a walk or shared bicycle of a terminal, and the network of 2016 has no metro.

## By line and city

People gained within 60 minutes: those who came, then mean, 10 % and 90 % of the draws.

{lines}

## Where it fails

- Without {largest} the skill at 60 minutes is {without}, {alone} than "nothing changes". The other {n_others} lines
  gained {gained} people in all, and the forecast (mean of the draws) has {mean}. It has {excess} people too many in
  {cities}.
- {n_lines} lines are few: the middle 80 % of the skill at 60 minutes, lines drawn again, is {low} to {high}.
- Probabilities differ from the shares that came true, as the table says. They are not corrected: {n_lines} lines are
  too few for that. Each person counts once at each of seven limits from 45 to 75 minutes.
- Station classes and the rules of run times are those of 2023, later than the openings.

{reliability}

## Run times and service plans

Each of {railways} railways of 2023 is forecast from all others, without any train that runs on it
(`python networks/china/check_service_plans.py` prints each).

- Whole runs, with the stops that came, are {run_bias_median_pct:.1f} % off in the median, nine in ten within
  {run_bias_p90_pct:.1f} %. Hops at one end of the line are {end_hop_median_min:.1f} minutes off in the median.
- The middle 80 % of {n_check} draws holds {run_in_middle_80_pct:.1f} % of the trains.
- The share of trains that stop at a station is {stop_share_mean_error:.2f} off on average. The first arrival at a city
  is {first_arrival_median_h:.2f} hours off in the median.

## Example files

`jinshan`, `chengguan` and `fuxia` are lines as announced, and `*-removed` take their trains out of the timetable of
2023: examples for `railshed backtest BEFORE AFTER LINE` on one line, of the same timetable, so no test of a forecast.

## 中文摘要

2016年3月以后开通的{n_lines}条线路，逐条只用开通前公布的信息和其余铁路的运行规律预测，与2023年实际列车对照（门到站，中心城区外人口）。60分钟技巧为{skill}，
照公布值逐站均匀开行为{announced}，比“无变化”{literally_zh}；已知时刻与停站为{departures}。去掉人口最多的{largest}后为{without}：其余{n_others}条共增{gained_zh}万人，
预测为{mean_zh}万人，多出的主要在{cities_zh}。停站与时刻起决定作用，且事先不公布，故预测应给出区间。
"""


def written() -> str:
    """Return what the page should be: 200 plans, seed 0."""
    past, today = (railshed.load_network(name) for name in ("china-2016", "china"))
    openings = read_openings(HERE / "openings.toml", today)
    found = forecast_openings(
        past, today, openings, read_railways(HERE / RAILWAYS, today), n_draws=200, seed=0
    )
    plans = check_service_plans.summary(check_service_plans.checks())
    return page(found, plans, {line.line_id: line.name for line in openings}, today)


def main(arguments: list[str]) -> int:
    """Write the page, or hold it against what would be written."""
    text = written()
    if "--check" in arguments:
        same = PAGE.is_file() and PAGE.read_text(encoding="utf-8") == text
        print("backtests/README.md is as written" if same else "backtests/README.md differs")
        return 0 if same else 1
    PAGE.write_text(text, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
