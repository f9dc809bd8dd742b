"""The interval around the share of an agglomeration's people who reach a core city."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from railshed.assumptions.names import HEADLINE, N_DRAWS
from railshed.cells.cell_keys import find_keys
from railshed.circles.analysis import AnalysisInputs, case_of, circle_kinds, prepare
from railshed.indicators import regions
from railshed.indicators.regions import CUTOFFS, RegionIndicators
from railshed.network.cities import City, Region
from railshed.network.model import Network
from railshed.routing.directions import directions_of
from railshed.routing.profiles import percentile_ranks
from railshed.uncertainty.draws import Chance, build_study
from railshed.uncertainty.intervals import ENDS, drawn_rows
from railshed.util.units import MINUTE
from railshed.util.validation import checked, text


@checked(**circle_kinds("network", "reading", "direction", "draws", "seed"), region=text)
def indicators(
    network: Network | AnalysisInputs | str | Path, region: str, *, reading: str = HEADLINE, direction: str = "to",
    draws: int = N_DRAWS, seed: int = 0,
) -> RegionIndicators:  # fmt: skip
    """Return the measures of an agglomeration with the interval around the share who reach a core city.

    Parameters, errors: those of `indicators.regions.indicators`; `draws` and `seed` as `railshed.circle`.
    """
    run = network if isinstance(network, AnalysisInputs) else prepare(network)
    return with_interval(run, regions.indicators(run, region, reading=reading, direction=direction), draws, seed)


def known_indicators(
    run: AnalysisInputs, region: Region, cities: Sequence[City], reading: str, direction: str, draws: int
) -> RegionIndicators | None:
    """Return `regions.known_indicators` with its interval."""
    found = regions.known_indicators(run, region, cities, reading, direction)
    return None if found is None else with_interval(run, found, draws)


def with_interval(run: AnalysisInputs, found: RegionIndicators, draws: int, seed: int = 0) -> RegionIndicators:
    """Return the measures with percentiles 10 and 90 of the share who reach a core city, as they are without draws.

    A draw is a whole run under its own station times, speeds, waits, run times and phases, as around a circle's
    headline (`intervals.with_intervals`), by rail or without a ride. What is drawn for a city as a whole is drawn once
    for all core cities, which share the guess.
    """
    if not draws:
        return found
    alone, land, limits = replace(run, opportunities=None), found.circles.ground.land, [c * MINUTE for c in CUTOFFS]
    chance = Chance(drawn_rows(found.circles.network.assumptions), seed, draws, found.region.region_id)
    inside = np.zeros((draws, len(land), len(limits)), dtype=bool)
    for city in found.cities:
        ways = directions_of(found.direction)
        study = build_study(case_of(alone, city), found.circles.reading, ways, limits, chance)
        at, known = find_keys(land.keys, study.land.keys)
        for k, (_, total) in enumerate(study.drawn()):
            inside[k, at[known]] |= total[known]
    shares = np.array([found.people @ mine[found.cells] for mine in inside]) / found.total
    low, high = np.sort(shares, axis=0)[percentile_ranks(ENDS, draws)].tolist()
    interval = {c: {"n_draws": draws, "low": low[k], "high": high[k]} for k, c in enumerate(CUTOFFS)}
    return replace(found, interval=interval)
