"""What the people of an agglomeration reach: jobs, beds, school places; and how many people reach
each place.

Each place of opportunities is the goal of a circle of its own: the same engine, readings, cells and
people as those of cities, to the stations within the egress modes' reach of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from railshed.assumptions.names import HEADLINE
from railshed.assumptions.readings import get_reading
from railshed.cells.cell_keys import cell_keys
from railshed.cells.opportunities import Areas, Opportunities, Points
from railshed.circles.analysis import (
    LARGEST_CUTOFF_MIN,
    AnalysisInputs,
    cases_of,
    circle_kinds,
    run_of,
)
from railshed.circles.common_cells import CommonCells
from railshed.circles.study_area import cells_of
from railshed.circles.surface import directed_surface
from railshed.network.cities import Centre, City, Region
from railshed.network.model import Network
from railshed.questions.indicators import access, competition, equity, integration
from railshed.questions.indicators.regions import COUNTY_NAMES, CUTOFFS, find_region, with_shapes
from railshed.routing.directions import directions_of
from railshed.util.array_types import Bools, Floats, Ints64
from railshed.util.errors import ParameterError
from railshed.util.geodesy import great_circle_m
from railshed.util.progress import progress_bar
from railshed.util.units import MINUTE
from railshed.util.validation import checked, flag, instance, text

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

#: of E2SFCA: minutes of the zones, and the weights of Luo and Qi 2009
ZONES_MIN = (30, 60, 90)
ZONE_WEIGHTS = (1.0, 0.68, 0.22)
#: places of opportunities: each takes the time of a circle
MOST_PLACES = 500
#: columns of places before those of the file
_N_ABOUT = 4


@dataclass(frozen=True)
class OpportunityAccess:
    """People by cell and county, and their minutes to each place of opportunities, by rail or
    without a ride.
    """

    region: Region
    reading: str
    direction: str
    #: of the network, one row each; those of the region
    counties: gpd.GeoDataFrame
    mine: Bools
    #: float64 (n,) people, of the region all; int64 (n,) row of `counties`
    people: Floats
    county: Ints64
    #: by column of `places` float64 (n,) each: ``within_60``, ``within_90``, minutes to the
    #: ``nearest`` (infinite beyond two hours), ``per_1000``: what 1,000 people have if all who
    #: reach a place share it, the farther ones less
    by_person: Mapping[str, Mapping[str, Floats]]
    #: one row a place of opportunities: lon, lat, county, county_en; ``people_60``, ``people_90``
    #: of any region who reach it; then a column each
    places: pd.DataFrame
    #: what the opportunities are named, a file or a label
    source: str = ""

    def __repr__(self) -> str:
        return (
            f"<OpportunityAccess {self.region.region_id}: {', '.join(self.columns)} at "
            f"{len(self.places)} places>"
        )

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the opportunities."""
        return tuple(self.by_person)

    @cached_property
    def table(self) -> list[dict[str, Any]]:
        """One row a column: what its people have within reach in the mean, minutes to the nearest,
        how evenly.

        ``within_N`` are means over people, ``share_N`` these by ``all`` there are; ``nearest`` the
        median over people, None where half of them reach none; ``without`` the share who reach none
        in two hours; ``gini`` and ``worst_tenth`` (by the mean of all) of ``per_1000``.
        """
        here = self.mine[self.county]
        rows = []
        for name, values in self.by_person.items():
            own = values["per_1000"][here]
            people = self.people[here]
            every = float(self.places[name].sum())
            means = self._means(values, here)
            rows.append(
                {
                    "column": name,
                    "all": every,
                    **means,
                    **{f"share_{c}": means[f"within_{c}"] / every for c in CUTOFFS},
                    "without": float(
                        people[np.isinf(values["nearest"][here])].sum() / people.sum()
                    ),
                    "gini": equity.gini(own, people),
                    "worst_tenth": equity.worst_tenth(own, people) / mean
                    if (mean := means["per_1000"])
                    else float("nan"),
                }
            )
        return rows

    def _means(self, values: Mapping[str, Floats], group: Bools) -> dict[str, Any]:
        """Return the means over the people of a group, of the nearest the median."""
        people = self.people[group]
        middle = equity.middle(values["nearest"][group], people)
        means = {
            k: float(v[group] @ people / people.sum()) for k, v in values.items() if k != "nearest"
        }
        return means | {"nearest": None if np.isinf(middle) else round(middle, 1)}

    @cached_property
    def county_table(self) -> list[dict[str, Any]]:
        """One row a county with people, those with least of the first column first: means by
        column, as `table`.
        """
        rows = []
        for k in np.flatnonzero(self.mine).tolist():
            group = self.county == k
            if self.people[group].sum() > 0:
                found = self.counties.iloc[k][list(COUNTY_NAMES)].to_dict() | {
                    "people": round(self.people[group].sum())
                }
                for name, values in self.by_person.items():
                    found |= {
                        f"{name}_{key}": value for key, value in self._means(values, group).items()
                    }
                rows.append(found)
        first = f"{self.columns[0]}_within_{CUTOFFS[0]}"
        return sorted(rows, key=lambda row: (row[first], row["county_code"]))

    @property
    def county_frame(self) -> gpd.GeoDataFrame:
        """The rows of `county_table` with their polygons; EPSG:4326."""
        return with_shapes(self.county_table, self.counties)

    @property
    def place_frame(self) -> gpd.GeoDataFrame:
        """The rows of `places` as points; EPSG:4326."""
        import geopandas as gpd

        points = gpd.points_from_xy(self.places["lon"], self.places["lat"])
        return gpd.GeoDataFrame(self.places, geometry=points, crs="EPSG:4326")

    @property
    def labour_table(self) -> list[dict[str, Any]]:
        """The rows of `places`, most people first."""
        return list(
            self.places.sort_values(f"people_{CUTOFFS[0]}", ascending=False, kind="stable").to_dict(
                "records"
            )
        )

    def as_plain(self) -> dict[str, Any]:
        """Return everything as plain values; NaN as None."""
        table = [
            {k: None if isinstance(v, float) and np.isnan(v) else v for k, v in row.items()}
            for row in self.table
        ]
        return {
            "region": self.region.region_id,
            "reading": self.reading,
            "direction": self.direction,
            "people": round(self.people[self.mine[self.county]].sum()),
            "columns": table,
            "counties": self.county_table,
            "labour": self.labour_table,
        }


@checked(
    **circle_kinds("network", "reading", "direction"),
    region=text,
    progress=flag,
    opportunities=instance(Opportunities, hint="read_opportunities(...) gives them"),
)
def opportunity_access(
    network: Network | AnalysisInputs | str | Path,
    region: str,
    opportunities: Opportunities,
    *,
    reading: str = HEADLINE,
    direction: str = "to",
    progress: bool = False,
) -> OpportunityAccess:
    """Return what the people of an agglomeration reach of some opportunities, and who reaches each
    place of them. See `Analysis.opportunity_access`.
    """
    run = run_of(network)
    base = run.compiled.network
    known = find_region(base, region)[0]
    places = places_of(opportunities, run)
    cases = cases_of(run, _goals(run, places))
    common = CommonCells(cases, direction, LARGEST_CUTOFF_MIN * MINUTE)
    chosen = get_reading(reading, run.readings)
    people = common.counts.people
    ways = directions_of(direction)
    if base.counties is None or people is None:
        raise ParameterError(
            f"network {base.network_id}: what people reach needs its counties and people"
        )
    mine = known.holds(base.counties)
    left = np.nan_to_num(base.counties["population"].to_numpy(float))
    left = np.where(mine, left - np.bincount(people.county, people.people, len(mine)), 0.0)
    rest = np.flatnonzero(
        left > 0.5
    )  # people of the census who are in no cell from which a place is reached
    sums = _Sums(places.iloc[:, _N_ABOUT:], np.append(people.people, left[rest]))
    with progress_bar(len(cases), progress, "places") as step:
        for case in cases:
            cells = cells_of(
                case, common.study_area, ways, common.limit_s
            )  # of one place at a time
            surface = directed_surface(
                case, cells, chosen, direction, cutoffs=[LARGEST_CUTOFF_MIN], count_trips=False
            )
            seconds = surface.total_s[people.cell]
            near = np.flatnonzero(seconds <= LARGEST_CUTOFF_MIN * MINUTE)
            sums.add(near, seconds[near] / MINUTE)
            step()
    for k, cutoff in enumerate(CUTOFFS):
        places.insert(
            _N_ABOUT + k,
            f"people_{cutoff}",
            np.round(np.array(sums.reached)[:, k]).astype(np.int64),
        )
    counties = np.append(people.county, rest)
    return OpportunityAccess(
        region=known,
        reading=chosen.name,
        direction=direction,
        counties=base.counties,
        mine=mine,
        people=sums.people,
        county=counties,
        by_person=sums.by_person,
        places=places,
        source=opportunities.label,
    )


class _Sums:
    """What each group of people has, place by place: no table of all groups and places."""

    def __init__(self, columns: pd.DataFrame, people: Floats) -> None:
        self.people = people
        self.columns = columns
        #: of each place the people within each cutoff
        self.reached: list[list[float]] = []
        keys = (*(f"within_{c}" for c in CUTOFFS), "per_1000")
        self.by_person: dict[str, dict[str, Floats]] = {
            name: {key: np.zeros(len(people)) for key in keys}
            | {"nearest": np.full(len(people), np.inf)}
            for name in columns
        }

    def add(self, near: Ints64, minutes: Floats) -> None:
        """Add the next place: the groups near it, and their minutes to it."""
        row = self.columns.iloc[len(self.reached)]
        people = self.people[near]
        to = minutes[:, None]
        zone = competition.zones(to, ZONES_MIN, ZONE_WEIGHTS)
        self.reached.append([integration.labour(minutes <= cutoff, people) for cutoff in CUTOFFS])
        for name, found in self.by_person.items():
            has = np.array([row[name]], float)
            if has[0] > 0:
                for cutoff, within in zip(
                    CUTOFFS, access.cumulative(to, has, CUTOFFS).T, strict=True
                ):
                    found[f"within_{cutoff}"][near] += within
                found["per_1000"][near] += 1000 * competition.floating_catchment(zone, people, has)
                found["nearest"][near] = np.minimum(found["nearest"][near], minutes)


def places_of(opportunities: Opportunities, run: AnalysisInputs) -> pd.DataFrame:
    """Return the places of opportunities in degrees and their county, with each column summed by
    cell of the grid.

    Raises ParameterError where there is no column but people, a column sums to nothing, or there
    are too many places.
    """
    import geopandas as gpd
    import shapely

    own = opportunities.without_people()
    label = opportunities.label or "opportunities"
    columns = list(own.columns)
    empty = [name for name, total in zip(own.columns, own.totals, strict=True) if not total]
    if not columns or empty:
        what = (
            f"column {', '.join(empty)} sums to nothing"
            if empty
            else "there is no column but people"
        )
        raise ParameterError(f"{label}: {what} -> name others (--population-columns)")
    source = own.geometry
    if isinstance(source, Areas):
        points = gpd.GeoSeries(shapely.point_on_surface(source.polygons), crs=own.crs)
    else:
        x, y = (
            (source.x, source.y)
            if isinstance(source, Points)
            else source.centre(np.arange(len(source)))
        )
        points = gpd.GeoSeries.from_xy(x, y, crs=own.crs)
    grid = run.cells.grid
    points = points.to_crs(4326)
    frame = gpd.GeoDataFrame({"lon": points.x, "lat": points.y}, geometry=points)
    frame["key"] = cell_keys(*grid.index(*grid.project(frame["lon"], frame["lat"])))
    frame[columns] = own.values
    counties = run.compiled.network.counties
    for name in ("county", "county_en"):
        frame[name] = ""
    if counties is not None:
        point, row = counties.sindex.query(points, predicate="intersects")
        for name in ("county", "county_en"):
            frame.loc[frame.index[point], name] = counties[name].to_numpy()[row]
    how = {
        "lon": "mean",
        "lat": "mean",
        "county": "first",
        "county_en": "first",
        **dict.fromkeys(columns, "sum"),
    }
    some = frame[frame[columns].sum(axis=1) > 0]
    places = some.groupby("key", sort=True).agg(how).reset_index(drop=True)
    if len(places) > MOST_PLACES:
        raise ParameterError(
            f"{label}: {len(places):,} places, at most {MOST_PLACES} -> sum the file by town or "
            "county"
        )
    return places


def _goals(run: AnalysisInputs, places: pd.DataFrame) -> list[City]:
    """Return places as goals: their stations are those within reach of the egress modes, else the
    nearest one.
    """
    network = run.compiled.network
    served = run.compiled.served_stations()
    reach = max(mode.reach_m(mode.cap_s) for mode in run.assumptions.city_modes("bus"))
    found = []
    for lon, lat in zip(places["lon"], places["lat"], strict=True):
        away = np.where(served, great_circle_m(lon, lat, *network.lon_lat), np.inf)
        core = np.flatnonzero(served & (away <= max(reach, away.min(initial=np.inf))))
        name = f"{lon:.5f},{lat:.5f}"
        ids = tuple(network.stations[k].station_id for k in core.tolist())
        found.append(
            City(name, name, name, ids, centres=(Centre(name, name, lon, lat),), feeder="bus")
        )
    return found
