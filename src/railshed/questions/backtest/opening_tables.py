"""Blocks of a test of forecasts on opened lines: the scores in words, a row a line and city, what
is counted.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from railshed.assumptions.readings import TO_TERMINALS, get_reading
from railshed.questions.labels import ending
from railshed.show.blocks import Block, Cell, Paragraph, Table
from railshed.util import number_format as n
from railshed.util.bilingual import EMPTY, Words
from railshed.util.phrases import heads, phrase

if TYPE_CHECKING:
    from railshed.questions.backtest.openings import OpeningsTest

#: scores that have a row, with their ranges over lines drawn again, and what they are called
_SCORES = {
    "brier_60": "openings_brier_60",
    "brier_cutoffs": "openings_brier_cutoffs",
    "guess_60": "openings_guess_60",
    "crps": "openings_crps",
    "turn_up_60": "openings_turn_up_60",
    "door_60": "openings_door_60",
    "door_90": "openings_door_90",
}
_HEADS = (
    "openings_score", "openings_all", "openings_range", "openings_without", "openings_announced",
    "openings_departures", "openings_climatology",
)  # fmt: skip


def plain_openings(found: OpeningsTest) -> dict[str, Any]:
    """Return a test as plain values."""
    ranges = {name: found.bootstrap(name) for name in _SCORES}
    return {
        "reading": TO_TERMINALS,
        "draws": found.n_draws,
        "skills": found.table,
        "bootstrap_80": ranges,
        "lines": found.rows,
        "reliability": found.reliability,
    }


def score_rows(found: OpeningsTest) -> Iterator[tuple[Cell, ...]]:
    """Yield by score what it is called, the drawn plans, their range, without the largest line, the
    other forecasts.
    """
    for name, label in _SCORES.items():
        drawn, *others = (
            [row.get(key) for key in (name, f"{name}_without_largest")] for row in found.table
        )
        skills = (*drawn, *(skill for skill, _ in others))
        first, *rest = (
            "-" if skill is None or math.isnan(skill) else f"{skill:.2f}" for skill in skills
        )
        low, high = found.bootstrap(name)
        yield phrase(label), first, "-" if math.isnan(low) else f"{low:.2f} .. {high:.2f}", *rest


def openings_screen(found: OpeningsTest) -> Iterator[Block]:
    """Yield the answer, the scores, and what is counted."""
    pooled = found.pooled
    n_lines = len({row["line"] for row in found.rows})
    skill = pooled["brier_60"]
    share = f"{abs(pooled['brier_60']):.0%}"
    less = (
        phrase("openings_more", share=share) if skill < 0 else phrase("openings_less", share=share)
    )
    yield Paragraph(
        phrase(
            "openings_answer",
            n=n_lines,
            less=phrase("openings_none") if math.isnan(skill) else less,
            covered=f"{pooled['covered']:.0f}",
            pairs=f"{pooled['pairs']:.0f}",
            none=f"{pooled['none_came']:.0f}",
        )
    )
    yield Table(EMPTY, heads(*_HEADS), tuple(score_rows(found)))
    reading = get_reading(TO_TERMINALS)
    yield ending(
        (
            "definition",
            phrase(
                "openings_counted",
                reading=Words(reading.label_zh, reading.label),
                n=found.n_draws,
                doors=pooled["door_cities"],
                cities=len(found.scores),
            ),
        ),
        ("doubt", phrase("openings_doubt", n=n_lines)),
        ("next", phrase("openings_next")),
    )


def openings_table(found: OpeningsTest) -> Table:
    """Return a row a line and city: people who came, and what was forecast."""
    people = ("people_came", "people_mean", "people_low", "people_high")
    ends = (
        "line",
        "city",
        "openings_came",
        "openings_mean",
        "openings_low",
        "openings_high",
        "openings_any",
    )
    rows = (
        (
            row["line"],
            row["city"],
            *(n.people(round(row[name])) for name in people),
            f"{row['p_any']:.2f}",
        )
        for row in found.rows
    )
    return Table(phrase("openings_lines"), heads(*ends), tuple(rows), right=2)
