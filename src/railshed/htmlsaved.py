"""Minutes that a plan saves, cell by cell and in figures, as an HTML map holds them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from railshed.changes import figures_of, saved_seconds
from railshed.ground import Bools, Ground
from railshed.htmlblob import Blob
from railshed.layerstyles import SAVED_STEPS_MIN
from railshed.surfaces import Surface
from railshed.units import MINUTE, UNREACHED

Ints64 = NDArray[np.int64]
#: what stands for no minutes saved; values count tenths of minutes above it, or below where slower
ZERO = 30_000
#: over the limit before (after) and not after (before): more than any minutes are saved (lost)
FROM_BEYOND, TO_BEYOND = 65_535, 0
_TENTH_S = MINUTE // 10


def saved_of(
    ground: Ground, old: Surface, new: Surface, cells: Ints64, most: int, limit_s: int, blob: Blob
) -> dict[str, Any]:  # fmt: skip
    """Return minutes saved of `cells`, and people and km2 by class and minute, 0 to `most`.

    Classes are cumulative (`layerstyles.SAVED_STEPS_MIN`, then "slower"), of whoever is within the minute before or
    after, outside the city proper: those of the printed map.
    """
    tenths = tenths_saved(old, new, limit_s)
    classes = {str(step): tenths >= ZERO + 10 * step for step in SAVED_STEPS_MIN}
    classes["slower"] = tenths <= ZERO - 10
    inside = ground.cell_part != 0
    figures: dict[str, dict[str, list[Any]]] = {name: {"people": [], "km2": []} for name in classes}
    for minute in range(most + 1):
        mine = inside & (np.minimum(old.total_s, new.total_s) <= minute * MINUTE)
        for name, cells_of in classes.items():
            told = _figures(ground, mine & cells_of)
            figures[name]["people"].append(told[0])
            figures[name]["km2"].append(told[1])
    return {
        "tenths": blob.add(tenths[cells].astype(np.uint16)), "zero": ZERO, "steps": list(SAVED_STEPS_MIN),
        "limit": limit_s // MINUTE, "figures": figures,
    }  # fmt: skip


def _figures(ground: Ground, mine: Bools) -> tuple[Any, Any]:
    told = figures_of(ground, mine)
    return told["people"], told["area_km2"]


def tenths_saved(old: Surface, new: Surface, limit_s: int) -> Ints64:
    """Return tenths of minutes saved above ZERO, never more than are saved or lost in truth, so classes are exact.

    TO_BEYOND and FROM_BEYOND where after or before is over the limit; ZERO where both are.
    """
    saved = saved_seconds(old, new, limit_s)
    within = saved != UNREACHED
    whole = np.where(within, np.sign(saved) * (np.abs(saved) // _TENTH_S), 0)
    tenths = ZERO + np.clip(whole, 1 - ZERO, ZERO)
    tenths[~within & (new.total_s <= limit_s)] = FROM_BEYOND
    tenths[~within & (old.total_s <= limit_s)] = TO_BEYOND
    return np.asarray(tenths, np.int64)
