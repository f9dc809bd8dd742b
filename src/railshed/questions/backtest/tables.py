"""Blocks of a back-test: hit, miss and false alarm by reading, run times, and the verdict
in words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from railshed.circles.analysis import HEADLINE_CUTOFFS
from railshed.circles.definitions import KINDS
from railshed.comparisons.place_changes import definition_of
from railshed.questions.labels import city_name, ending, outside_of, reading_label, times_met
from railshed.show.blocks import Block, Cell, Items, Paragraph, Table
from railshed.util import number_format as n
from railshed.util.bilingual import EMPTY, Words
from railshed.util.phrases import heads, phrase

if TYPE_CHECKING:
    from railshed.questions.backtest.backtest import BacktestResult

#: pairs of stations shown of a line; the file has all
_RUNS_SHOWN = 30
_STATES = ("hit", "miss", "false_alarm")


def plain_backtest(found: BacktestResult) -> dict[str, Any]:
    """Return a back-test as plain values."""
    circles = {"before": found.before, "predicted": found.predicted, "after": found.after}
    return {
        "title": found.title,
        "city": found.after.city.slug,
        "verdict": verdict(found).en,
        "definition": "; ".join(definition_of(found.after, found.after.surface.reading.name)),
        "table": found.table,
        "runs": found.runs,
        "run_summary": found.run_summary,
        "assumed": list(found.notes),
        "definition_hash": {
            name: circle.summary.definition_hash for name, circle in circles.items()
        },
    }


def first_screen(found: Sequence[BacktestResult], direction: str, saved: Words) -> Iterator[Block]:
    """Yield how well each forecast did in a sentence; of a single city rows, run times and doubt
    too.
    """
    for one in found:
        verdict_ = verdict(one)
        yield Paragraph(
            phrase(
                "backtest_answer", city=city_name(one.after.city), title=one.title, verdict=verdict_
            )
        )
    one = found[0]
    reading = found[0].after.surface.reading
    if len(found) == 1:
        shown = {*HEADLINE_CUTOFFS, one.after.headline_cutoff}
        rows = [
            row
            for row in one.table
            if row["reading"] == reading.name and row["cutoff_min"] in shown
        ]
        yield replace(_table(one, rows), title=EMPTY)
    yield ending(
        ("run_times", _run_times(one.run_summary) if len(found) == 1 else None),
        (
            "definition",
            phrase(
                "backtest_counted",
                reading=Words(reading.label_zh, reading.label),
                where=outside_of(one.after),
                met=times_met(reading, [one.after.city], direction),
            ),
        ),
        ("doubt", phrase("backtest_doubt", n=len(one.notes))),
        ("next", phrase("backtest_next")),
        ("files", saved),
    )


def every_table(found: BacktestResult) -> Iterator[Block]:
    """Yield hit, miss and false alarm by reading, run times, and what was assumed."""
    yield _table(found, found.table)
    yield _runs(found)
    yield Items(found.assumed)


def _table(found: BacktestResult, shown: Sequence[Mapping[str, Any]]) -> Table:
    skill = "skill" if found.before.counts.people is None else "skill_people"
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            reading_label(found.after, row["reading"]),
            str(row["cutoff_min"]),
            KINDS[row["kind"]],
            phrase(f"scope_of_{row['scope']}"),
            *(n.people(row[f"people_{state}"]) for state in _STATES),
            *(n.km2(row[f"area_km2_{state}"]) for state in _STATES),
            "" if row[skill] is None else f"{row[skill]:.2f}",
        )
        for row in shown
    )
    names = heads(
        "reading",
        "min",
        "kind",
        "of_the",
        "people_hit",
        "miss",
        "false_alarm",
        "km2_hit",
        "miss",
        "false_alarm",
        "skill",
    )
    title = phrase("backtest_title_outside" if found.after.has_city_proper else "backtest_title")
    return Table(title, names, rows, right=4)


def _runs(found: BacktestResult) -> Table:
    """Return the minutes of direct trains between stations, as predicted and as observed."""
    columns = [
        f"minutes_{end}_{when}" for when in ("predicted", "after") for end in ("fastest", "median")
    ]
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            row["line"],
            row["from"],
            row["to"],
            str(row["trains_predicted"]),
            str(row["trains_after"]),
            *("-" if row[column] is None else f"{row[column]:g}" for column in columns),
            "-" if row["off_min"] is None else f"{row['off_min']:+.1f}",
            "*" if row["hit"] else "",
        )
        for row in found.runs[:_RUNS_SHOWN]
    )
    names = heads(
        "line",
        "from",
        "to",
        "trains_predicted",
        "trains_observed",
        "fastest_predicted",
        "median",
        "fastest_observed",
        "median",
        "off",
        "hit",
    )
    return Table(phrase("run_times_title"), names, rows, right=3)


def _run_times(summary: Mapping[str, Any]) -> Words:
    """Return how many pairs of stations are hit, and by how much the median of trains is off."""
    n_pairs = summary["with_trains_after"]
    near = summary["neighbours_with_trains_after"]
    if not n_pairs:
        return phrase("no_run_times", n=summary["pairs"])
    more = phrase("run_times_of_neighbours", n=near, hit=summary["neighbours_hit"]) if near else ""
    return phrase(
        "run_times_hit",
        n=n_pairs,
        pairs=summary["pairs"],
        hit=summary["hit"],
        off=f"{summary['off_min_median']:+.1f}",
        more=more,
    )


def verdict(found: BacktestResult, reading: str | None = None, cutoff: int | None = None) -> Words:
    """Return how well the circle of a reading within a cutoff in minutes was predicted; the
    headline by default.
    """
    name = reading or found.after.surface.reading.name
    cutoff = cutoff or found.after.headline_cutoff
    circle = found.row(name, cutoff, "circle")
    gain = found.row(name, cutoff, "gain")
    counted = found.before.counts.people is not None
    what, suffix, unit = ("people", "_people", "people") if counted else ("area_km2", "", "km²")
    hit, miss, wrong = (gain[f"{what}_{state}"] or 0 for state in _STATES)

    def figure(value: float) -> Words:
        km2 = n.km2(value)
        return (
            Words(f"{n.people(value).zh}人", f"{value:,.0f}")
            if counted
            else Words(f"{km2} km²", km2)
        )

    skill = circle[f"skill{suffix}"]
    key = "verdict_same"
    if skill is not None:
        key = "verdict_worse" if skill < 0 else "verdict_better"
    text = phrase(
        "verdict" if hit + miss else "verdict_nothing",
        cutoff=cutoff,
        unit=unit,
        gained=figure(hit + miss),
        hit=figure(hit),
        wrong=figure(wrong),
    )
    return phrase(key, text=text, skill="" if skill is None else f"{skill:.0%}")
