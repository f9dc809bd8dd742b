"""Comparisons before and after a scenario as data: of one city's circle, and of the united circles
of several.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from railshed.circles.analysis import headlines_of
from railshed.circles.cell_counts import CellCounts
from railshed.circles.definitions import OUTSIDE
from railshed.circles.polygons import circles_within
from railshed.circles.result import CircleResult
from railshed.circles.surface import Surface
from railshed.comparisons import changes, place_changes
from railshed.network.gazetteer import has_places
from railshed.scenario.plan import Plan
from railshed.util.frames import cached_frame
from railshed.util.units import MINUTE, to_minutes

STATES = ("before", "after", "gained", "lost", "unchanged")


def _of(table: Any, reading: str, cutoff_min: int) -> Any:
    """Return the rows of a reading and cutoff."""
    return (
        table[(table["reading"] == reading) & (table["cutoff_min"] == cutoff_min)]
        if len(table)
        else table
    )


class Difference(ABC):
    """Surfaces before and after a plan on the same cells, and everything that follows from them."""

    title: str
    #: None for a comparison of a scenario that was not resolved by `plans`
    plan: Plan | None

    @property
    def titles(self) -> tuple[str, str]:
        """The title in Chinese and in English."""
        return (self.title, self.title) if self.plan is None else self.plan.titles

    @property
    @abstractmethod
    def counts(self) -> CellCounts:
        """What lies under the cells."""

    @property
    @abstractmethod
    def surfaces(self) -> Mapping[str, tuple[Surface, Surface]]:
        """Before and after by reading, the headline one first."""

    @property
    @abstractmethod
    def definitions(self) -> Mapping[str, str]:
        """What the figures of a reading mean."""

    @property
    @abstractmethod
    def by_city(self) -> Sequence[ComparisonResult]:
        """The comparison of each city, on cells of its own."""

    @property
    def cutoffs(self) -> Mapping[str, tuple[int, ...]]:
        """Cutoffs by reading."""
        return self.by_city[0].before.cutoffs_by_reading

    @property
    def limit_s(self) -> int:
        """Seconds of the study area; beyond it no minutes are saved."""
        return self.by_city[0].before.limit_s

    @abstractmethod
    def shapes(self, reading: str, kind: str = "total") -> tuple[dict[int, Any], dict[int, Any]]:
        """Return by cutoff the polygons before and after in grid metres: total (by rail or local)
        or by_rail.
        """

    @property
    def headline(self) -> tuple[Surface, Surface]:
        """The surfaces of the headline reading."""
        return next(iter(self.surfaces.values()))

    @property
    def headline_cutoffs(self) -> tuple[int, ...]:
        """The cutoffs of the headline: 60 and 90 minutes where its reading has them, else its
        largest.
        """
        return headlines_of(self.cutoffs[self.headline[0].reading.name])

    @property
    def headline_cutoff(self) -> int:
        """The first cutoff of the headline."""
        return self.headline_cutoffs[0]

    def row(self, reading: str, cutoff_min: int, kind: str) -> dict[str, Any]:
        """Return one row of `table`."""
        return next(
            r
            for r in self.table
            if (r["reading"], r["cutoff_min"], r["kind"]) == (reading, cutoff_min, kind)
        )

    def headline_row(self, kind: str = "total") -> dict[str, Any]:
        """Return the row of the headline reading and cutoff."""
        return self.row(self.headline[0].reading.name, self.headline_cutoff, kind)

    @cached_property
    def table(self) -> list[dict[str, Any]]:
        """One row a reading, cutoff and kind: people, km2 and other columns before, after, gained,
        lost.

        All outside the city proper, where there is one; counties of which half of the people are
        inside. What comes in at places, trips too: `places`.
        """
        return [
            row | {"definition": self.definitions[name]}
            for name, (old, new) in self.surfaces.items()
            for row in changes.change_rows(self.counts, old, new, self.cutoffs[name])
        ]

    @cached_property
    def saved_table(self) -> list[dict[str, Any]]:
        """One row a reading, cutoff and band of minutes saved: people, km2, others (see
        `changes.saved_rows`).
        """
        return [
            row | {"definition": self.definitions[name]}
            for name, (old, new) in self.surfaces.items()
            for row in changes.saved_rows(self.counts, old, new, self.cutoffs[name], self.limit_s)
        ]

    @cached_property
    def worth(self) -> list[dict[str, Any]]:
        """One row a reading: who saves and who loses how many minutes by rail (see
        `changes.worth_row`).
        """
        return [
            changes.worth_row(self.counts, old, new, max(self.cutoffs[name]))
            for name, (old, new) in self.surfaces.items()
        ]

    @cached_property
    def losing_counties(self) -> list[dict[str, Any]]:
        """Counties whose people lose by rail as `worth` counts them in the headline reading, the
        largest loss first.
        """
        return changes.losing_counties(
            self.counts, *self.headline, max(self.cutoffs[self.headline[0].reading.name])
        )

    @cached_property
    def minutes_saved(self) -> dict[str, Any]:
        """People and km2 faster and slower of those within the largest cutoff before and after,
        quartiles.

        By rail or local, outside the city proper. People who come within or drop out are gained or
        lost (`table`).
        """
        return changes.summary_of_saved(
            self.counts, *self.headline, max(self.cutoffs[self.headline[0].reading.name])
        )

    @cached_frame
    def counties(self) -> pd.DataFrame:
        """Counties that change within the headline cutoff, who gains most first (see
        `changes.county_changes`).
        """
        return changes.county_changes(self.counts, *self.headline, self.headline_cutoff)

    @cached_frame
    def all_counties(self) -> pd.DataFrame:
        """`counties` for every reading and cutoff."""
        found = [
            table
            for table in self._by_cutoff(partial(changes.county_changes, self.counts))
            if len(table)
        ]
        return pd.concat(found, ignore_index=True) if found else pd.DataFrame()

    def _by_cutoff(
        self, table_of: Callable[[Surface, Surface, int], pd.DataFrame]
    ) -> Iterator[pd.DataFrame]:
        """Yield the table of every reading and cutoff, which stand in its first columns."""
        for name, (old, new) in self.surfaces.items():
            for cutoff in self.cutoffs[name]:
                table = table_of(old, new, cutoff)
                table.insert(0, "cutoff_min", cutoff)
                table.insert(0, "reading", name)
                yield table

    @cached_frame
    def stations(self) -> pd.DataFrame:
        """Stations whose minutes or trips differ: before and after, the largest saving first;
        losers are among them.

        Of several cities: whose least minutes to any of them differ, or whose trips to all of them
        together do.
        """
        before, after = zip(
            *(place_changes.counted_stations(c.before, c.after) for c in self.by_city), strict=True
        )
        return self._with_part(place_changes.station_changes(before, after))

    def _with_part(self, stations: pd.DataFrame) -> pd.DataFrame:
        return stations.assign(
            in_city_proper=place_changes.in_city_proper(
                self.counts, stations["county_code"].tolist()
            )
        )

    @cached_frame
    def all_stations(self) -> pd.DataFrame:
        """Stations whose minutes or trips differ, by reading and cutoff; `change`: gained, lost."""
        before, after = zip(*(c.station_figures for c in self.by_city), strict=True)
        return self._with_part(
            place_changes.station_changes(before, after, keys=("reading", "cutoff_min"))
        )

    @cached_property
    def places(self) -> list[dict[str, Any]]:
        """One row a reading and cutoff: counties, towns, stations and trips gained and lost (see
        `place_row`).
        """
        rows = []
        counties = self.all_counties
        towns = self.all_towns
        stations = self.all_stations
        for name, cutoffs in self.cutoffs.items():
            for cutoff in cutoffs:
                has_area = name in self.surfaces
                has_counties = self.counts.people is not None and has_area
                row = place_changes.place_row(
                    _of(stations, name, cutoff),
                    _of(towns, name, cutoff) if has_places() and has_area else None,
                    _of(counties, name, cutoff) if has_counties else None,
                )
                rows.append(
                    {
                        "reading": name,
                        "cutoff_min": cutoff,
                        **row,
                        "definition": self.definitions[name],
                    }
                )
        return rows

    @property
    def headline_places(self) -> dict[str, Any]:
        """The row of `places` of the headline reading and cutoff."""
        headline = self.headline[0].reading.name, self.headline_cutoff
        return next(row for row in self.places if (row["reading"], row["cutoff_min"]) == headline)

    @cached_frame
    def polygons(self) -> gpd.GeoDataFrame:
        """`all_polygons` of the headline reading."""
        mine: gpd.GeoDataFrame = self.all_polygons[
            self.all_polygons["reading"] == self.headline[0].reading.name
        ]
        return mine

    @cached_frame
    def all_polygons(self) -> gpd.GeoDataFrame:
        """Before, after, gained, lost, unchanged by reading and cutoff (by rail or local);
        EPSG:4326.
        """
        return self.polygons_of("total")

    def polygons_of(self, kind: str) -> gpd.GeoDataFrame:
        """Return `all_polygons` of a kind: total (by rail or local) or by_rail."""
        rows = []
        shapes = []
        for name in self.surfaces:
            before, after = self.shapes(name, kind)
            for cutoff, old in before.items():
                new = after[cutoff]
                row = self.row(name, cutoff, kind)
                by_state = {
                    "before": old,
                    "after": new,
                    "gained": new.difference(old),
                    "lost": old.difference(new),
                    "unchanged": old.intersection(new),
                }
                shared = {
                    "reading": name,
                    "direction": self.headline[0].direction,
                    "cutoff_min": cutoff,
                }
                for state, shape in by_state.items():
                    figures = {
                        k.removesuffix(f"_{state}"): v
                        for k, v in row.items()
                        if k.endswith(f"_{state}")
                    }
                    rows.append(
                        {**shared, "state": state, **figures, "definition": row["definition"]}
                    )
                    shapes.append(shape)
        return gpd.GeoDataFrame(rows, geometry=self.counts.land.grid.to_degrees(shapes))

    @cached_frame
    def cells(self) -> gpd.GeoDataFrame:
        """Cells within the largest cutoff before or after whose minutes change; EPSG:4326.

        `minutes_saved` is NaN where there was, or is, none within the study area (`limit_s`).
        """
        (old, new) = self.headline
        land = self.counts.land
        limit = max(self.cutoffs[old.reading.name]) * MINUTE
        within = (old.total_s <= limit) | (new.total_s <= limit)
        keep = np.flatnonzero(within & (old.total_s != new.total_s))
        lon, lat = land.grid.unproject(*land.grid.centre(land.row[keep], land.column[keep]))
        cutoff_s = self.headline_cutoff * MINUTE
        return gpd.GeoDataFrame(
            {
                "row": land.row[keep],
                "column": land.column[keep],
                "minutes_before": to_minutes(old.total_s[keep]),
                "minutes_after": to_minutes(new.total_s[keep]),
                "minutes_saved": to_minutes(changes.saved_seconds(old, new, self.limit_s)[keep]),
                "inside_before": old.total_s[keep] <= cutoff_s,
                "inside_after": new.total_s[keep] <= cutoff_s,
                "people": np.round(self.counts.people_per_cell()[keep], 3),
            },
            geometry=shapely.points(lon, lat),
            crs="EPSG:4326",
        )

    @cached_frame
    def towns(self) -> gpd.GeoDataFrame:
        """Towns that are within the headline cutoff before or after, but not both (see
        `place_changes.Towns`).
        """
        mine: gpd.GeoDataFrame = _of(
            self.all_towns, self.headline[0].reading.name, self.headline_cutoff
        )
        return mine.drop(columns=["reading", "cutoff_min"]).reset_index(drop=True)

    @cached_frame
    def all_towns(self) -> gpd.GeoDataFrame:
        """`towns` for every reading and cutoff."""
        return pd.concat(
            list(self._by_cutoff(place_changes.Towns(self.counts).changes)), ignore_index=True
        )

    def with_definitions(self, table: Any) -> Any:
        """Return a table with a column `definition`: what the figures of each row's
        reading mean.
        """
        return (
            table.assign(definition=table["reading"].map(self.definitions)) if len(table) else table
        )


@dataclass(frozen=True, eq=False)
class ComparisonResult(Difference):
    """A city's circle before and after a scenario, on the same cells."""

    title: str
    before: CircleResult
    after: CircleResult
    plan: Plan | None = field(default=None, repr=False)
    #: where the plan has terminals of its own, which do not move the goal: their names, and people
    #: and km2 that would be gained by rail, door to station within 60 minutes, if they counted as
    #: the city
    if_city: Mapping[str, Any] | None = field(default=None, repr=False)
    #: where the plan has stations near a centre, at which journeys may end: their names, and people
    #: by rail, door to door within 60 and 90 minutes, who would not be inside without these ends
    new_targets: Mapping[str, Any] | None = field(default=None, repr=False)

    def __repr__(self) -> str:
        row = self.headline_row("by_rail")
        gained = row["people_gained"]
        lost = row["people_lost"]
        return (
            f"<Comparison {self.before.city.slug} {self.title!r}: people gained {gained}, lost "
            f"{lost} by rail>"
        )

    @property
    def counts(self) -> CellCounts:
        """What lies under the cells."""
        return self.before.counts

    @cached_property
    def surfaces(self) -> Mapping[str, tuple[Surface, Surface]]:
        """Before and after by reading that both have, the headline one first, else that of the
        circle after.
        """
        old = self.before.surfaces
        new = self.after.surfaces
        names = dict.fromkeys(
            [self.before.surface.reading.name, self.after.surface.reading.name, *old]
        )
        return {name: (old[name], new[name]) for name in names if name in old and name in new}

    @property
    def by_city(self) -> Sequence[ComparisonResult]:
        """This one alone."""
        return (self,)

    @property
    def definitions(self) -> Mapping[str, str]:
        """What the figures of a reading mean."""
        more = [OUTSIDE.en] if self.counts.has_city_proper else []
        return {
            name: "; ".join([*place_changes.definition_of(self.after, name), *more])
            for name in self.cutoffs
        }

    @cached_property
    def car_table(self) -> list[dict[str, Any]]:
        """One row a reading, traffic and cutoff: the figures of `Circle.car_table`, named
        ``*_before``, ``*_after``.
        """
        keys = ("reading", "direction", "traffic", "cutoff_min")
        after = {tuple(new[key] for key in keys): new for new in self.after.car_table}
        rows = []
        for old in self.before.car_table:
            row = {key: old[key] for key in keys}
            if (
                new := after.get(tuple(row.values()))
            ) is None:  # a reading that is defined on one side alone
                continue
            for what in old:
                if what not in (*keys, "definition"):
                    row[f"{what}_before"], row[f"{what}_after"] = old[what], new[what]
            rows.append(row | {"definition": new["definition"]})
        return rows

    @cached_property
    def station_figures(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """The stations before and after, under every reading and cutoff."""
        one, other = place_changes.counted_stations(self.before, self.after)
        return place_changes.station_figures(self.before, one), place_changes.station_figures(
            self.after, other
        )

    def shapes(self, reading: str, kind: str = "total") -> tuple[dict[int, Any], dict[int, Any]]:
        """Return by cutoff the polygons before and after of a kind in grid metres."""
        before, after = (c.shapes(reading) for c in (self.before, self.after))
        return {c: row[kind] for c, row in before.items()}, {
            c: row[kind] for c, row in after.items()
        }


@dataclass(frozen=True, eq=False)
class UnionComparisonResult(Difference):
    """The united circles of several cities before and after a plan: on common cells, each place
    counted once.
    """

    title: str
    #: of the region, or of the cities
    name: str
    name_en: str
    #: by city, on cells of their own
    comparisons: Sequence[ComparisonResult]
    common: CellCounts = field(repr=False)
    #: before and after by reading, the headline one first
    united: Mapping[str, tuple[Surface, Surface]] = field(repr=False)
    plan: Plan | None = field(default=None, repr=False)

    def __repr__(self) -> str:
        row = self.headline_row()
        people = f"people gained {row['people_gained']}, lost {row['people_lost']}"
        return f"<UnionComparison {len(self.comparisons)} cities {self.title!r}: {people}>"

    @property
    def counts(self) -> CellCounts:
        """What lies under the common cells; the city proper is that of all the cities."""
        return self.common

    @property
    def surfaces(self) -> Mapping[str, tuple[Surface, Surface]]:
        """Before and after by reading, the headline one first."""
        return self.united

    @property
    def by_city(self) -> Sequence[ComparisonResult]:
        """The comparison of each city, on cells of its own."""
        return self.comparisons

    @property
    def definitions(self) -> Mapping[str, str]:
        """What the figures of a reading mean."""
        cities = ", ".join(c.before.city.label for c in self.comparisons)
        first = self.comparisons[0].definitions
        return {
            name: f"united circles of {cities}, each with its own window; {text}"
            for name, text in first.items()
        }

    def shapes(self, reading: str, kind: str = "total") -> tuple[dict[int, Any], dict[int, Any]]:
        """Return by cutoff the polygons before and after of a kind in grid metres."""
        first = self.comparisons[0].before
        land = self.counts.land
        cutoffs = self.cutoffs[reading]
        before, after = (
            circles_within(
                land.grid,
                land.row,
                land.column,
                [getattr(surface, f"{kind}_s")],
                [c * MINUTE for c in cutoffs],
                smooth_m=first.smooth_m,
                simplify_m=first.simplify_m,
            )[0]
            for surface in self.surfaces[reading]
        )
        return dict(zip(cutoffs, before, strict=True)), dict(zip(cutoffs, after, strict=True))
