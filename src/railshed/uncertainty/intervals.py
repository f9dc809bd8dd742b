"""The interval around a circle's headline: how far its figures spread over draws of what is
assumed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from railshed.assumptions.assumptions import default_uncertainty
from railshed.assumptions.distributions import Distribution
from railshed.assumptions.names import N_DRAWS
from railshed.circles.analysis import headlines_of
from railshed.circles.cell_counts import PARTS, build_counts
from railshed.circles.result import CircleResult
from railshed.circles.summary import Interval
from railshed.routing.directions import directions_of
from railshed.routing.profiles import percentile_ranks
from railshed.uncertainty.draws import Chance, build_study
from railshed.util.units import MINUTE

#: ends of an interval in percent
ENDS = (10, 90)
#: figures outside the city proper
FIGURES = (
    "people_outside_city",
    *(f"people_{part}" for part in PARTS[1:]),
    "area_km2_outside_city",
)


def drawn_rows(assumptions: Mapping[str, Any] | None) -> dict[str, Distribution]:
    """Return the distributions of what is assumed; delays of trains are no assumption."""
    rows = default_uncertainty(assumptions)
    return {name: replace(row, kind="none") if row.is_delay else row for name, row in rows.items()}


def with_intervals(circle: CircleResult, draws: int = N_DRAWS, seed: int = 0) -> CircleResult:
    """Return the circle with the interval around its headline (`Summary.intervals`), as it is where
    `draws` is 0.

    A draw is a whole run by rail under its own station times, speeds, waits and changes, run times
    and phases of the lines known by headway; delays of trains are no assumption and are not drawn.
    Ends are nearest-rank percentiles.
    """
    if not draws:
        return circle
    rows = drawn_rows(circle.network.assumptions)
    case = circle.counts.case
    reading = circle.surface.reading
    cutoffs = headlines_of(circle.summary.readings[reading.name].cutoffs)
    study = build_study(
        case,
        reading,
        directions_of(circle.direction),
        [cutoff * MINUTE for cutoff in cutoffs],
        Chance(rows, seed, draws, case.city.slug),
        without_ride=False,
    )
    counts = build_counts(case, study.land, circle.counts.opportunities)
    #: by draw and cutoff; None for people who are not known
    drawn = [
        [
            {**own.people_figures, "area_km2_outside_city": own.km2_outside}
            for own in map(counts.inside, by_rail.T)
        ]
        for by_rail, _ in study.drawn()
    ]
    low, high = percentile_ranks(ENDS, draws).tolist()
    intervals = []
    for k, cutoff in enumerate(cutoffs):
        every = {name: [figures[k][name] for figures in drawn] for name in FIGURES}
        known = {name: sorted(v for v in values if v is not None) for name, values in every.items()}
        ends = (
            {name: values[at] for name, values in known.items() if len(values) == draws}
            for at in (low, high)
        )
        intervals.append(Interval(cutoff, draws, seed, *ends))
    return replace(circle, summary=replace(circle.summary, intervals=intervals))
