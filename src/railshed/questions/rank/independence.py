"""Which added lines are independent, so that their joint effect follows from each alone.

Scenarios that only add trips fall into blocks. Two are of one block where one may change what the
other is worth:

- the trips of one call at, or begin or end within a walk of, a station whose journeys the other
  improves, so that a
  journey may use both;
- both bring a station of one id, or new stations within a walk of each other;
- both may change the seconds of a cell that may still count more than today.

All that a block improves is that of its largest sets: with fewer lines no journey is better. Where
none of this holds between blocks, every journey that matters uses the lines of one block alone: the
search (backwards, from the city) takes the better of journeys at every station, and a trip of one
block reads stations that no other block improves. So profiles with lines of several blocks are the
profiles of each block joined; a cell whose seconds several could change counts all it can already;
and the circle with all is the union of the circles with each. Blocks are joined until this holds of
whole blocks, not of pairs of lines alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations, product

import numpy as np
from numpy.typing import NDArray

from railshed.comparisons.incremental.city_change import Footprint
from railshed.questions.rank.set_functions import Chosen
from railshed.util.geodesy import great_circle_m

#: on a sphere, for a walk measured on the ellipsoid: no pair within it is missed
_MARGIN = 1.01


def find_blocks(
    n: int,
    footprints: Callable[[Chosen], Sequence[Footprint]],
    inside: dict[str, NDArray[np.int64]],
    walk_m: float,
) -> list[Chosen]:
    """Return the blocks of `n` scenarios, each with the smallest number first.

    footprints: those of the largest sets of a block that can be built; inside: by city the sorted
    keys of the cells that count all they can already; walk_m: straight metres of the longest walk
    between stations.
    """
    blocks = {frozenset([k]): footprints(frozenset([k])) for k in range(n)}
    while True:
        pair = next(
            (
                (a, b)
                for a, b in combinations(blocks, 2)
                if any(
                    _meet(one, other, inside, walk_m)
                    for one, other in product(blocks[a], blocks[b])
                )
            ),
            None,
        )
        if pair is None:
            return sorted(blocks, key=min)
        joined = pair[0] | pair[1]
        blocks = {key: value for key, value in blocks.items() if key not in pair}
        blocks[joined] = footprints(joined)


def _meet(
    one: Footprint, other: Footprint, inside: dict[str, NDArray[np.int64]], walk_m: float
) -> bool:
    """Return whether one may change what the other is worth."""
    if one.stations & other.improved or other.stations & one.improved:
        return True
    for a in one.new:
        for b in other.new:
            near = float(great_circle_m(a.lon, a.lat, b.lon, b.lat)) <= walk_m * _MARGIN
            if near or a.station_id == b.station_id:
                return True
    for (slug, reading), keys in one.touched.items():
        both = np.intersect1d(keys, other.touched[slug, reading], assume_unique=True)
        if len(both) and not np.isin(both, inside[slug], assume_unique=True).all():
            return True
    return False
