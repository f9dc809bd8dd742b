"""The circles of several cities on common cells: their union, and how many cities reach each place,
as data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import NDArray

from railshed.assumptions.readings import HEADLINE, Reading, get_reading
from railshed.circles.analysis import AnalysisInputs, cases_of
from railshed.circles.cell_counts import CellCounts
from railshed.circles.common_cells import CommonCells, united_model
from railshed.circles.definitions import DIRECTIONS, describe_reading
from railshed.circles.places import member_table, reach_table
from railshed.circles.polygons import circles_within, drawn_cells
from railshed.circles.remarks import nearest_stations
from railshed.circles.surface import Surface, least_of
from railshed.network.cities import City
from railshed.network.model import Network
from railshed.util.bilingual import Words
from railshed.util.frames import cached_frame, located, shaped
from railshed.util.phrases import phrase
from railshed.util.units import MINUTE, UNREACHED

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd


@dataclass(frozen=True, eq=False)
class OverlapResult:
    """The circles of several cities at one cutoff on common cells, each person counted once."""

    network: Network
    cities: tuple[City, ...]
    #: of the region, or of the cities
    name: str
    name_en: str
    direction: str
    cutoff_min: int
    #: what lies under the common cells; the city proper is that of all the cities
    counts: CellCounts = field(repr=False)
    #: by slug
    surfaces: Mapping[str, Surface] = field(repr=False)
    #: one row a station: the least minutes to any of the cities, `n_cities` within whose cutoff it
    #: is; EPSG:4326
    stations: gpd.GeoDataFrame = field(repr=False)

    def __repr__(self) -> str:
        return f"<Overlap {len(self.cities)} cities {self.cutoff_min} min {self.direction}>"

    @property
    def reading(self) -> Reading:
        """The reading of every city."""
        return next(iter(self.surfaces.values())).reading

    @cached_property
    def n_reaching(self) -> NDArray[np.int64]:
        """int64 (n_cells,) how many cities each cell is within the cutoff of, by rail or without a
        ride.
        """
        limit = self.cutoff_min * MINUTE
        found: NDArray[np.int64] = np.sum(
            [surface.total_s <= limit for surface in self.surfaces.values()], axis=0
        )
        return found

    @cached_property
    def together(self) -> Surface:
        """The least time to any of the cities."""
        return least_of(list(self.surfaces.values()))

    @cached_property
    def union(self) -> dict[str, dict[str, Any]]:
        """People and km2 of the united circles by kind, rows as in `places.reach_table`."""
        return {
            row["kind"]: row for row in reach_table(self.counts, self.together, [self.cutoff_min])
        }

    @cached_frame
    def members(self) -> pd.DataFrame:
        """One row a member city of the agglomerations: share of its people inside any circle (as
        `Circle.members`).
        """
        return member_table(self.counts, self.together, [self.cutoff_min])

    @cached_property
    def table(self) -> list[dict[str, Any]]:
        """One row a number of cities, up to the largest: people and km2 within the cutoff of at
        least so many.
        """
        n_cities = self.n_reaching
        about = self._about()
        return [
            {**about, "cities_from": k, **self.counts.inside(n_cities >= k).figures}
            for k in range(1, max(1, int(n_cities.max(initial=0))) + 1)
        ]

    @cached_property
    def city_table(self) -> list[dict[str, Any]]:
        """One row a city: people and km2 of its circle, and of what is in no other city's."""
        n_cities = self.n_reaching
        about = self._about()
        limit = self.cutoff_min * MINUTE
        rows = []
        for city in self.cities:
            mine = self.surfaces[city.slug].total_s <= limit
            no_other = self.counts.inside(mine & (n_cities == 1)).figures
            alone = {f"{key}_alone": value for key, value in no_other.items()}
            names = {"city": city.slug, "name": city.name, "name_en": city.name_en}
            rows.append({**about, **names, **self.counts.inside(mine).figures, **alone})
        return rows

    def _about(self) -> dict[str, Any]:
        return {
            "reading": self.reading.name,
            "direction": self.direction,
            "cutoff_min": self.cutoff_min,
        }

    @cached_property
    def definition(self) -> tuple[Words, ...]:
        """Return what is counted; each city has its own window, so none is named where
        they differ.
        """
        case = self.counts.case
        reading = self.reading
        texts = describe_reading(
            reading,
            self.cities[0],
            case.assumptions,
            self.direction,
            streets=case.streets is not None,
        )
        if len({(c.window_to, c.window_from) for c in self.cities}) > 1:
            texts[1] = phrase("own_windows")
        direction = phrase("direction_is", direction=DIRECTIONS[self.direction])
        return (*texts, direction, phrase("each_place_once"))

    @cached_frame
    def polygons(self) -> gpd.GeoDataFrame:
        """The rows of `table` with their polygons, nested; EPSG:4326."""
        most = len(self.table)
        land = self.counts.land
        # within the cutoff of k cities is where the k-th nearest of them is
        times = np.sort([s.total_s for s in self.surfaces.values()], axis=0)[:most]
        shapes = []
        for mine in self._groups():
            seconds = [np.where(mine, own, UNREACHED) for own in times[::-1]]
            limits = [self.cutoff_min * MINUTE]
            found = circles_within(land.grid, land.row, land.column, seconds, limits)
            shapes.append([one[0] for one in found[::-1]])
        united = [shapely.union_all([group[k] for group in shapes]) for k in range(most)]
        return shaped(self.table, united, land.grid.crs).to_crs("EPSG:4326")

    def _groups(self) -> list[NDArray[np.bool_]]:
        """Return the cells of each group of cities whose circles may meet: drawn apart, a wide land
        costs little.
        """
        land = self.counts.land
        limit = self.cutoff_min * MINUTE
        groups: list[tuple[list[int], NDArray[np.bool_]]] = []
        for surface in self.surfaces.values():
            cells = surface.total_s <= limit
            if not cells.any():
                continue
            row = land.row[cells]
            column = land.column[cells]
            box = [
                int(row.min()) - 2,
                int(column.min()) - 2,
                int(row.max()) + 2,
                int(column.max()) + 2,
            ]
            while near := [
                group for group in groups if _meet(group[0], box)
            ]:  # a box that grows may meet more
                for group in near:
                    groups = [other for other in groups if other is not group]
                    box = [*map(min, box[:2], group[0][:2]), *map(max, box[2:], group[0][2:])]
                    cells = cells | group[1]
            groups.append((box, cells))
        return [cells for _, cells in groups] or [np.zeros(len(land), dtype=bool)]

    @cached_frame
    def circles(self) -> gpd.GeoDataFrame:
        """The rows of `city_table` with the circle of each city; EPSG:4326."""
        limit = self.cutoff_min * MINUTE
        shapes = [
            drawn_cells(self.counts.land, self.surfaces[c.slug].total_s, [limit]).iloc[0]
            for c in self.cities
        ]
        return shaped(self.city_table, shapes)


def _meet(a: Sequence[int], b: Sequence[int]) -> bool:
    """Return whether two boxes (low row, low column, high row, high column) share a cell."""
    return a[0] <= b[2] and b[0] <= a[2] and a[1] <= b[3] and b[1] <= a[3]


def overlap_of(
    run: AnalysisInputs,
    cities: Sequence[str | City],
    *,
    reading: str = HEADLINE,
    direction: str = "to",
    cutoff_min: int = 60,
    name: str = "",
    name_en: str = "",
) -> OverlapResult:
    """Return the circles of several cities on the cells of the network, with what each place is
    reached by.
    """
    cases = list({case.city.slug: case for case in cases_of(run, cities)}.values())
    common = CommonCells(
        cases, direction, cutoff_min * MINUTE, run.opportunities, united_model(cases)
    )
    chosen = get_reading(reading, run.readings)
    fastest = run.readings["station-to-station"]
    surfaces = dict[str, Surface]()
    stations = list[dict[str, Any]]()
    for case in cases:
        surfaces[case.city.slug] = common.surface(case, chosen, [cutoff_min])
        stations += nearest_stations(case, chosen, fastest, direction, cutoff_min)
    own = [case.city for case in cases]
    return OverlapResult(
        network=cases[0].compiled.network,
        cities=tuple(own),
        name=name or "、".join(c.name for c in own),
        name_en=name_en or ", ".join(c.name_en or c.name for c in own),
        direction=direction,
        cutoff_min=cutoff_min,
        counts=common.counts,
        surfaces=surfaces,
        stations=_united_stations(stations),
    )


def _united_stations(stations: Sequence[Mapping[str, Any]]) -> gpd.GeoDataFrame:
    """Return each station once: least minutes, all trips, inside and core of any city, of
    how many.
    """
    import pandas as pd

    columns = ["station_id", "name", "name_en", "station_class", "lon", "lat"]
    rows = pd.DataFrame(stations)
    rows["n_cities"] = (rows["inside"] | rows["is_core"]).astype(int)
    joined = {
        "minutes": "min",
        "trips": "sum",
        "is_core": "max",
        "inside": "max",
        "n_cities": "sum",
    }
    first = dict.fromkeys(columns[1:], "first")
    table = rows.groupby("station_id", sort=True).agg({**first, **joined}).reset_index()
    table = table.sort_values(["minutes", "station_id"], kind="stable").reset_index(drop=True)
    return located(table)
