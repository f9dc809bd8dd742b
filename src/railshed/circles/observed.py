"""Commuters that were observed between places and a city, beside what is reached from there."""

from __future__ import annotations

from typing import Any

from railshed.circles.analysis import HEADLINE_CUTOFFS
from railshed.circles.cell_counts import CellCounts, Inside, known_sum
from railshed.circles.surface import Surface
from railshed.network.cities import ObservedFlow, holds
from railshed.util.array_types import Bools
from railshed.util.units import MINUTE, UNREACHED


def observed_rows(counts: CellCounts, surface: Surface) -> list[dict[str, Any]]:
    """Return one row a flow that a document reports for the city, largest first, with what the
    surface says of it.

    The fields of `ObservedFlow`; ``people_census`` of the counties it names, ``people_by_rail_60``
    and ``_90`` of them within the cutoffs, and ``minutes_by_rail``, the least of their cells. None
    where it names no county, or no people are known; minutes are None where no cell is reached on
    the land looked at.
    """
    network = counts.case.compiled.network
    city = counts.case.city
    flows = sorted(
        (f for f in network.observed if f.city == city.slug),
        key=lambda f: (-f.people_a_day, f.home),
    )
    return [{**flow.to_dict(), **_reached(counts, surface, flow)} for flow in flows]


def _reached(counts: CellCounts, surface: Surface, flow: ObservedFlow) -> dict[str, Any]:
    counties = counts.counties
    names = ("people_census", *(f"people_by_rail_{c}" for c in HEADLINE_CUTOFFS), "minutes_by_rail")
    if counties is None or not flow.home_codes:
        return dict.fromkeys(names)
    mine = holds(counties, flow.home_codes)
    cells = mine[counts.land.county]
    best = surface.by_rail_s[cells].min(initial=UNREACHED)
    people = [
        people_in(mine, inside)
        for inside in counts.within(surface.by_rail_s, HEADLINE_CUTOFFS).values()
    ]
    minutes = None if best == UNREACHED else round(float(best) / MINUTE, 1)
    census = known_sum(counties["population"][mine].astype(float))
    return dict(
        zip(names, (None if census is None else int(census), *people, minutes), strict=True)
    )


def people_in(counties: Bools, inside: Inside) -> int | None:
    """Return the people inside of some counties, bool by row of the network's; None where none are
    known.
    """
    people = inside.people_by_county
    known = None if people is None else known_sum(people[counties])
    return None if known is None else round(known)
