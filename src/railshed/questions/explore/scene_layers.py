"""What a plan changes on an HTML map: railways of both sides, and minutes saved by cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from railshed.circles.cell_counts import CellCounts
from railshed.circles.surface import Surface
from railshed.comparisons.changes import saved_seconds
from railshed.maps.from_network import network_legs
from railshed.maps.palette import SAVED_STEPS_MIN
from railshed.maps.web.encoding import Blob
from railshed.network.trip_series import first_runs
from railshed.questions.circle.map import by_rail_alone
from railshed.questions.compare.map import hop_ids
from railshed.util.array_types import Ints64
from railshed.util.units import MINUTE, UNREACHED

if TYPE_CHECKING:
    import geopandas as gpd

    from railshed.network.model import Network


@dataclass(frozen=True, slots=True)
class PlanLines:
    """The railways of both sides of a comparison, EPSG:4326."""

    #: as `from_network.network_legs`
    before: gpd.GeoDataFrame
    after: gpd.GeoDataFrame
    #: between stations where trains ran without a call between them and none runs any more; None
    #: where there are none
    withdrawn: gpd.GeoDataFrame | None

    @property
    def changes(self) -> bool:
        """Whether the railways, or their trains a day, differ."""
        same = (
            len(self.before) == len(self.after)
            and (self.before["trains"] == self.after["trains"]).all()
        )
        return not (same and self.before.geometry.geom_equals(self.after.geometry).all())


def plan_lines(before: Network, after: Network) -> PlanLines:
    """Return the railways of a network before and after a plan."""
    return PlanLines(network_legs(before), network_legs(after), withdrawn_legs(before, after))


def withdrawn_legs(before: Network, after: Network) -> gpd.GeoDataFrame | None:
    """Return the legs between neighbouring calls before a plan that no trip after it serves both
    of; None for none.
    """
    import geopandas as gpd
    import shapely

    was = hop_ids(before)
    now = hop_ids(after)
    calls = first_runs(after)[1]
    index = after.station_index()

    def trips_at(station_id: str) -> Ints64:
        return np.asarray(calls.trip_idx[calls.station_idx == index.get(station_id, -1)])

    legs = [
        (a, b) for a, b in sorted(was - now) if not np.intersect1d(trips_at(a), trips_at(b)).size
    ]
    if not legs:
        return None
    place = {s.station_id: (s.lon, s.lat) for s in before.stations}
    lines = [shapely.LineString([place[a], place[b]]) for a, b in legs]
    return gpd.GeoDataFrame(geometry=lines, crs="EPSG:4326")


#: what stands for no minutes saved; values count tenths of minutes above it, or below where slower
ZERO = 30_000
#: over the limit before (after) and not after (before): more than any minutes are saved (lost)
FROM_BEYOND = 65_535
TO_BEYOND = 0
_TENTH_S = MINUTE // 10


def saved_of(
    counts: CellCounts,
    old: Surface,
    new: Surface,
    cells: Ints64,
    most: int,
    limit_s: int,
    blob: Blob,
) -> dict[str, Any]:
    """Return minutes saved by rail of `cells`, and people and km2 by class and minute, 0 to `most`.

    Classes are cumulative (`palette.SAVED_STEPS_MIN`, then "slower"), of cells within the minute
    before or after, outside the city proper: those of the printed map.
    """
    old, new = map(by_rail_alone, (old, new))
    tenths = tenths_saved(old, new, limit_s)
    classes = {str(step): tenths >= ZERO + 10 * step for step in SAVED_STEPS_MIN}
    classes["slower"] = tenths <= ZERO - 10
    since = np.where(counts.cell_part != 0, np.minimum(old.total_s, new.total_s), UNREACHED)
    figures = {}
    for name, mine in classes.items():
        figures[name] = counts.outside(np.where(mine, since, UNREACHED), range(most + 1))
    return {
        "tenths": blob.add(tenths[cells].astype(np.uint16)),
        "zero": ZERO,
        "steps": list(SAVED_STEPS_MIN),
        "limit": limit_s // MINUTE,
        "figures": figures,
    }


def tenths_saved(old: Surface, new: Surface, limit_s: int) -> Ints64:
    """Return tenths of minutes saved above ZERO, never more than are saved or lost in truth, so
    classes are exact.

    TO_BEYOND and FROM_BEYOND where after or before is over the limit; ZERO where both are.
    """
    saved = saved_seconds(old, new, limit_s)
    within = saved != UNREACHED
    whole = np.where(within, np.sign(saved) * (np.abs(saved) // _TENTH_S), 0)
    tenths = ZERO + np.clip(whole, 1 - ZERO, ZERO)
    tenths[~within & (new.total_s <= limit_s)] = FROM_BEYOND
    tenths[~within & (old.total_s <= limit_s)] = TO_BEYOND
    return np.asarray(tenths, np.int64)
