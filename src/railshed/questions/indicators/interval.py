"""The interval around the share of an agglomeration's people who reach a core city."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from railshed.assumptions.names import HEADLINE, N_DRAWS
from railshed.cells.cell_keys import distinct, find_keys
from railshed.circles.analysis import AnalysisInputs, cases_of, circle_kinds, run_of
from railshed.network.cities import City, Region
from railshed.network.model import Network
from railshed.questions.indicators.regions import CUTOFFS, RegionIndicators, measured
from railshed.routing.directions import directions_of
from railshed.routing.profiles import percentile_ranks
from railshed.uncertainty.draws import Chance, build_study
from railshed.uncertainty.intervals import ENDS, drawn_rows
from railshed.util.array_types import Floats, Ints64
from railshed.util.units import MINUTE
from railshed.util.validation import checked, instance, many, optional, text


@checked(
    **circle_kinds("network", "reading", "direction", "draws", "seed"),
    region=text,
    cities=optional(many(instance(City))),
)
def indicators(
    network: Network | AnalysisInputs | str | Path,
    region: str,
    *,
    reading: str = HEADLINE,
    direction: str = "to",
    cities: Sequence[City] | None = None,
    draws: int = N_DRAWS,
    seed: int = 0,
) -> RegionIndicators:
    """Return the measures of an agglomeration: who reaches a core city, how evenly, over which
    borders. See `Analysis.indicators`.
    """
    run = run_of(network)
    return with_interval(
        run, measured(run, region, reading=reading, direction=direction, cities=cities), draws, seed
    )


def with_interval(
    run: AnalysisInputs, found: RegionIndicators, draws: int, seed: int = 0
) -> RegionIndicators:
    """Return the measures with percentiles 10 and 90 of the share who reach a core city, as they
    are without draws.

    A draw is a whole run under its own station times, speeds, waits, run times and phases, as
    around a circle's headline (`intervals.with_intervals`), by rail or without a ride. What is
    drawn for a city as a whole is drawn once for all core cities, which share the guess.
    """
    if not draws or not found.total > 0:
        return found
    alone = run.changed(opportunities=None)
    network = found.circles.network
    of_all = found.region.region_id if len(found.cities) > 1 else found.cities[0].slug
    chance = Chance(drawn_rows(network.assumptions), seed, draws, of_all)
    ways = directions_of(found.direction)
    limits = [cutoff * MINUTE for cutoff in CUTOFFS]
    reading = found.circles.reading
    studies = [
        build_study(case, reading, ways, limits, chance) for case in cases_of(alone, found.cities)
    ]
    keys = distinct(np.concatenate([study.land.keys for study in studies]))
    places = [find_keys(keys, study.land.keys)[0] for study in studies]
    people = people_in(alone, found.region, keys)
    shares = np.empty((draws, len(limits)))
    for k, each in enumerate(zip(*(study.drawn() for study in studies), strict=True)):
        inside = np.zeros((len(keys), len(limits)), dtype=bool)
        for place, (_, total) in zip(places, each, strict=True):
            inside[place] |= total
        shares[k] = people @ inside / found.total
    low, high = np.sort(shares, axis=0)[percentile_ranks(ENDS, draws)].tolist()
    interval = {
        c: {"n_draws": draws, "low": low[k], "high": high[k]} for k, c in enumerate(CUTOFFS)
    }
    return replace(found, interval=interval)


def people_in(run: AnalysisInputs, region: Region, keys: Ints64) -> Floats:
    """Return float64 (n,) a region's people in cells by key."""
    counties = run.compiled.network.counties
    people = run.cells.people(run.cells.numbers(keys))
    if people is None or counties is None:
        return np.zeros(len(keys))
    here = region.holds(counties)[people.county]
    return np.bincount(people.cell[here], people.people[here], len(keys)).astype(float)
