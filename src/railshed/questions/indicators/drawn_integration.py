"""How many more of an agglomeration's people reach a core city in each draw of a plan's trains and
run times.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from railshed.cells.cell_keys import distinct, find_keys, not_among
from railshed.circles.analysis import AnalysisInputs
from railshed.comparisons.forecast import changes_of, spread
from railshed.comparisons.incremental.baseline import Change, baseline
from railshed.questions.indicators.interval import people_in
from railshed.questions.indicators.regions import CUTOFFS, RegionIndicators
from railshed.scenario.files import compose
from railshed.scenario.plan import Plan
from railshed.util.array_types import Ints64
from railshed.util.units import MINUTE


def drawn_integration(
    run: AnalysisInputs, before: RegionIndicators, plan: Plan, n_plans: int, *, seed: int = 0
) -> list[dict[str, Any]]:
    """Return a row a cutoff: people of the region who come to reach a core city by rail; see
    `forecast.spread`.

    The draws are those of `forecast.changes_of`, of all core cities together, each person once.
    """
    alone = run.changed(opportunities=None)
    land = before.circles.counts.land
    base = baseline(
        alone, before.cities, readings=[before.reading], cutoffs=CUTOFFS, direction=before.direction
    )
    changes, *_ = changes_of(base, plan, compose(plan.scenarios), n_plans=n_plans, seed=seed)
    rows = []
    for cutoff in CUTOFFS:
        inside = land.keys[before.circles.together.total_s <= cutoff * MINUTE]
        new = [not_among(inside, _within(change, before.reading, cutoff)) for change in changes]
        every = distinct(np.concatenate([np.empty(0, np.int64), *new]))
        people = people_in(run, before.region, every)
        gained = np.array(
            [round(float(people[find_keys(every, keys)[0]].sum())) for keys in new], float
        )
        rows.append(
            {
                "cutoff_min": cutoff,
                "n_plans": len(changes),
                **spread(gained if len(gained) else None),
            }
        )
    return rows


def _within(change: Change, reading: str, cutoff: int) -> Ints64:
    """Return the keys of changed cells within a cutoff by rail of any city."""
    found = [
        one.cells[reading][one.after_s[reading].rail_s <= cutoff * MINUTE]
        for one in change.cities.values()
        if reading in one.cells
    ]
    return distinct(np.concatenate([np.empty(0, np.int64), *found]))
