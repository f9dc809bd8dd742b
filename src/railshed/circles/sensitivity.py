"""How much the headline hangs on each rule and cap: the same circle with one of them changed at a
time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from railshed.assumptions.assumptions import Assumptions
from railshed.assumptions.readings import Reading
from railshed.cells.opportunities import Opportunities
from railshed.circles.analysis import headlines_of
from railshed.circles.cell_counts import PARTS
from railshed.circles.city_model import ENDS_AT_TERMINALS, CityModel
from railshed.circles.common_cells import CommonCells
from railshed.circles.surface import STRICT_PERCENTILE, directed_surface
from railshed.util.bilingual import Words
from railshed.util.phrases import phrase
from railshed.util.units import MINUTE

#: minutes early that do not count
SLACKS_MIN = (15, 30)
#: by which the caps of access and egress modes are multiplied
CAP_FACTORS = (0.67, 1.33)


@dataclass(frozen=True, slots=True)
class Change:
    """One rule or cap changed: its key and words, and what is changed."""

    key: str
    words: Words
    reading: Reading
    assumptions: Assumptions


def changes_of(reading: Reading, assumptions: Assumptions) -> Iterator[Change]:
    """Yield the circle as it is, then with one rule of the reading or the cap of one mode
    changed.
    """
    yield Change("as_it_is", phrase("sensitivity_as_it_is"), reading, assumptions)
    if not reading.random_departure:
        if reading.early_weight != 1:
            full = replace(reading, early_weight=1.0)
            yield Change("early_weight_1", phrase("sensitivity_early_weight"), full, assumptions)
        for slack in SLACKS_MIN:
            late = replace(reading, slack_s=slack * MINUTE)
            yield Change(
                f"slack_{slack}", phrase("sensitivity_slack", slack=slack), late, assumptions
            )
    strict = replace(reading, percentile=STRICT_PERCENTILE)
    percentile = f"percentile_{STRICT_PERCENTILE}"
    yield Change(
        percentile,
        phrase("sensitivity_percentile", percentile=STRICT_PERCENTILE),
        strict,
        assumptions,
    )
    to_centres = reading.legs not in ENDS_AT_TERMINALS
    used = [*assumptions.access_modes, *(assumptions.egress_modes if to_centres else ())]
    for mode in dict.fromkeys(used):
        for factor in CAP_FACTORS:
            capped = {
                name: replace(one, cap_s=round(one.cap_s * factor))
                for name, one in assumptions.modes.items()
                if name.split(":")[0] == mode
            }
            words = phrase("sensitivity_cap", mode=phrase(f"mode_{mode}"), factor=f"{factor:g}")
            yield Change(
                f"cap_{mode}_{factor:g}",
                words,
                reading,
                replace(assumptions, modes={**assumptions.modes, **capped}),
            )


def sensitivity_rows(
    case: CityModel,
    reading: Reading,
    direction: str,
    cutoffs: Sequence[int],
    opportunities: Opportunities | None,
) -> list[dict[str, Any]]:
    """Return one row a change and headline cutoff: people by rail by part and outside the city
    proper, and km2.

    ``key``, ``en``, ``zh``, ``cutoff_min``, ``people_outside_city``, ``people_own_prefecture`` and
    so on, ``area_km2`` outside the city proper. None where no people are known.
    """
    changes = list(changes_of(reading, case.assumptions))
    models = [case.with_modes(change.assumptions) for change in changes]
    chosen = headlines_of(cutoffs)
    limit_s = max(chosen) * MINUTE
    common = CommonCells(models, direction, limit_s, opportunities, case)
    rows = []
    for change, model in zip(changes, models, strict=True):
        surface = directed_surface(
            model, common.cells(model), change.reading, direction, within_s=limit_s
        )
        for cutoff, inside in common.counts.within(surface.by_rail_s, chosen).items():
            people = inside.people_figures
            parts = {
                name: people[name]
                for name in ("people_outside_city", *(f"people_{part}" for part in PARTS[1:]))
            }
            rows.append(
                {
                    "key": change.key,
                    "en": change.words.en,
                    "zh": change.words.zh,
                    "cutoff_min": cutoff,
                    **parts,
                    "area_km2": inside.km2_outside,
                }
            )
    return rows
