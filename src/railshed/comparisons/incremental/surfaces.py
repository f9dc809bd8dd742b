"""A city before and after an edit as two surfaces on the same land, of which tables and maps are
made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np

from railshed.cells.cell_keys import with_keys
from railshed.cells.opportunities import Opportunities
from railshed.circles.cell_counts import CellCounts, build_counts
from railshed.circles.places import station_seconds
from railshed.circles.polygons import circles_within
from railshed.circles.study_area import land_of
from railshed.circles.surface import Surface
from railshed.comparisons.incremental.city_baseline import CityBase, Seconds
from railshed.comparisons.incremental.city_change import CityChange
from railshed.routing.directions import directions_of
from railshed.util.array_types import Floats, Ints64
from railshed.util.units import MINUTE


@dataclass(frozen=True, slots=True, eq=False)
class ChangedSurfaces:
    """What lies under a city's cells, and by reading with an area its surfaces before and after.

    Surfaces have times by rail and without a ride, UNREACHED beyond the largest cutoff of the
    baseline, and no others.
    """

    counts: CellCounts
    surfaces: Mapping[str, tuple[Surface, Surface]]

    def polygons(self, reading: str, cutoffs: Sequence[int]) -> gpd.GeoDataFrame:
        """Return one row a cutoff and state with the land by rail before, after, gained, lost;
        EPSG:4326.
        """
        land = self.counts.land
        limits = [cutoff * MINUTE for cutoff in cutoffs]
        times = [surface.by_rail_s for surface in self.surfaces[reading]]
        before, after = circles_within(land.grid, land.row, land.column, times, limits)
        rows: list[dict[str, Any]] = []
        shapes: list[Any] = []
        for cutoff, old, new in zip(cutoffs, before, after, strict=True):
            states = {
                "before": old,
                "after": new,
                "gained": new.difference(old),
                "lost": old.difference(new),
            }
            rows += [{"reading": reading, "cutoff_min": cutoff, "state": state} for state in states]
            shapes += states.values()
        return gpd.GeoDataFrame(rows, geometry=land.grid.to_degrees(shapes))


def counts_of(
    base: CityBase, opportunities: Opportunities | None, keys: Ints64 | None = None
) -> CellCounts:
    """Return what lies under the cells of a baseline, or under those of sorted keys."""
    cells = base.case.cells
    return build_counts(
        base.case,
        land_of(cells, cells.numbers(base.facts.keys if keys is None else keys)),
        opportunities,
    )


def people_outside(base: CityBase, counts: CellCounts) -> tuple[Ints64, Floats] | None:
    """Return cell and number of the people outside the city proper; None where no people
    are known.
    """
    network = base.case.compiled.network
    people = counts.people
    if people is None:  # of no cells none are looked up
        known = (
            network.population is not None and network.counties is not None and not len(counts.land)
        )
        return (np.empty(0, np.int64), np.empty(0)) if known else None
    outside = counts.county_part[people.county] > 0
    return people.cell[outside], people.people[outside]


def changed_surfaces(
    base: CityBase, change: CityChange | None, counts: CellCounts, readings: Sequence[str]
) -> ChangedSurfaces:
    """Return the surfaces of a city before and after a change, the same twice for None.

    `counts` are those of the baseline's cells; where the change brings others, counts of all of
    them are built.
    """
    sides: dict[str, list[tuple[Ints64, Seconds]]] = {}
    for name in readings:
        before = base.facts.keys, base.seconds[name]
        sides[name] = [before, before if change is None else change.seconds_after(name)]
    every = base.facts.keys
    for _, (keys, _) in sides.values():
        every = with_keys(every, keys)
    if every is not base.facts.keys:
        counts = counts_of(base, counts.opportunities, every)
    return ChangedSurfaces(
        counts,
        {
            name: (_surface(base, every, name, *both[0]), _surface(base, every, name, *both[1]))
            for name, both in sides.items()
        },
    )


def _surface(base: CityBase, every: Ints64, name: str, keys: Ints64, seconds: Seconds) -> Surface:
    found = seconds if keys is every else seconds.at(keys, every)
    served = np.zeros((len(found.rail_s), 0), np.int32)
    return Surface(
        reading=base.question.readings[name],
        direction=base.question.direction,
        by_rail_s=found.rail_s,
        strict_s=found.rail_s,
        local_s=found.local_s,
        served=served,
        n_minutes=1,
        trips=np.empty(0, np.int32),
    )


def stations_after(base: CityBase, change: CityChange | None, reading: str) -> dict[str, int]:
    """Return by id the seconds after a change, from (to) its door, of each station whose journeys
    differ.

    Of a change computed by a full run those of all stations.
    """
    if change is None:
        return {}
    if change.update is not None:
        return change.update.station_seconds(reading)
    case = change.known.case
    network = change.known.case.compiled.network
    seconds = station_seconds(
        case, base.question.readings[reading], directions_of(base.question.direction)
    )
    return dict(zip((s.station_id for s in network.stations), seconds.tolist(), strict=True))
