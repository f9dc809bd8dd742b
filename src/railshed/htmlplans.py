"""What a plan changes under the circles of an HTML map: railways before and after, and where no train runs any more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from railshed.differencemaps import hops
from railshed.mapdata import network_legs

if TYPE_CHECKING:
    import geopandas as gpd

    from railshed.model import Network


@dataclass(frozen=True, slots=True)
class PlanLines:
    """The railways of both sides of a comparison, EPSG:4326."""

    #: as `mapdata.network_legs`
    before: gpd.GeoDataFrame
    after: gpd.GeoDataFrame
    #: between stations where trains ran without a call between them and none runs any more; None where there are none
    withdrawn: gpd.GeoDataFrame | None

    @property
    def changes(self) -> bool:
        """Whether the railways, or their trains a day, differ."""
        same = len(self.before) == len(self.after) and (self.before["trains"] == self.after["trains"]).all()
        return not (same and self.before.geometry.geom_equals(self.after.geometry).all())


def plan_lines(before: Network, after: Network) -> PlanLines:
    """Return the railways of a network before and after a plan."""
    return PlanLines(network_legs(before), network_legs(after), withdrawn_legs(before, after))


def withdrawn_legs(before: Network, after: Network) -> gpd.GeoDataFrame | None:
    """Return the legs between neighbouring calls before a plan that no trip after it serves both of; None for none."""
    import geopandas as gpd
    import shapely

    was, now = (hops(network, np.ones(len(network.trips.trip_ids), dtype=bool)) for network in (before, after))
    gone = sorted(was - now)
    serving = _trips_by_station(after) if gone else {}
    legs = [(a, b) for a, b in gone if not serving.get(a, set()) & serving.get(b, set())]
    if not legs:
        return None
    place = {s.station_id: (s.lon, s.lat) for s in before.stations}
    lines = [shapely.LineString([place[a], place[b]]) for a, b in legs]
    return gpd.GeoDataFrame(geometry=lines, crs="EPSG:4326")


def _trips_by_station(network: Network) -> dict[str, set[int]]:
    """Return the trips that call at each station."""
    calls, found = network.stop_times, {s.station_id: set[int]() for s in network.stations}
    for trip, station in zip(calls.trip_idx.tolist(), calls.station_idx.tolist(), strict=True):
        found[network.stations[station].station_id].add(trip)
    return found
