"""The measures of an agglomeration: its people's minutes to the nearest core city, how evenly, over
which borders.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from railshed.assumptions.names import HEADLINE
from railshed.cells.cell_keys import cell_keys, find_keys
from railshed.circles.analysis import LARGEST_CUTOFF_MIN, AnalysisInputs
from railshed.circles.overlap import OverlapResult, overlap_of
from railshed.network.cities import City, Region, known_core_cities
from railshed.network.model import Network
from railshed.questions.indicators import access, equity, integration
from railshed.util.array_types import Floats, Ints64
from railshed.util.csv_json import frame_of
from railshed.util.errors import NotFoundError, ParameterError
from railshed.util.number_format import examples
from railshed.util.units import MINUTE, UNREACHED

if TYPE_CHECKING:
    import geopandas as gpd

#: minutes by which the potential of a core city is halved
HALF_LIFE_MIN = 30
CUTOFFS = (60, 90)
#: columns that say which county a row is of
COUNTY_NAMES = ("county_code", "county", "county_en", "prefecture", "prefecture_en")


@dataclass(frozen=True)
class RegionIndicators:
    """An agglomeration's people by cell and county, and their minutes to each core city, by rail or
    without a ride.
    """

    region: Region
    #: the circles of its core cities, or of one of them, on common cells
    circles: OverlapResult
    #: one row a county of the region: codes, names, census people, polygons
    counties: gpd.GeoDataFrame
    #: float64 (n, n_cities) infinite beyond two hours; float64 (n,) people; int64 (n,) row of
    #: `counties`
    minutes: Floats
    people: Floats
    county: Ints64
    #: float64 (n_cities, n_cities) minutes from the main centre of the row to the centres of the
    #: column
    between: Floats
    #: by cutoff: ``n_draws``, ``low``, ``high`` of the share who reach a core city
    #: (`uncertainty.integration`)
    interval: Mapping[int, Mapping[str, float]] = field(default_factory=dict)

    def __repr__(self) -> str:
        return (
            f"<RegionIndicators {self.region.region_id}: {len(self.cities)} core cities, "
            f"{len(self.counties)} counties>"
        )

    @property
    def cities(self) -> tuple[City, ...]:
        """The core cities that count."""
        return self.circles.cities

    @property
    def reading(self) -> str:
        """Name of the reading."""
        return self.circles.reading.name

    @property
    def direction(self) -> str:
        """``to`` the cities, ``from`` them, or ``both``."""
        return self.circles.direction

    @property
    def total(self) -> float:
        """People of the region by the census."""
        return float(np.nansum(self.counties["population"].to_numpy(float)))

    @cached_property
    def table(self) -> list[dict[str, Any]]:
        """One row a cutoff: integration index, boundary effect of prefectures, shares over
        prefecture, province lines.

        ``mutual`` counts the pairs of core cities within the cutoff of each other, both ways; with
        draws ``low`` and ``high`` are percentiles 10 and 90 of the index.
        """
        return [self._row(cutoff) for cutoff in CUTOFFS]

    def _row(self, cutoff: int) -> dict[str, Any]:
        lines = {name: self._codes(f"{name}_code") for name in ("prefecture", "province")}
        n = len(self.cities)
        minutes = self.minutes
        people = self.people
        of_cities = {city.prefecture_code for city in self.cities}
        known, with_city = (self.counties[name] for name in ("population", "prefecture_code"))
        own = float(np.nansum(known.to_numpy(float)[with_city.isin(of_cities)]))
        # of one prefecture alone, no city lies over its line
        elsewhere = self.total - own if len(of_cities) == 1 else self.total
        totals = (elsewhere, own)
        effect = integration.boundary_effect(minutes, people, *lines["prefecture"], cutoff, totals)
        return {
            "region": self.region.region_id,
            "cutoff_min": cutoff,
            "integration": integration.integration_index(minutes, people, cutoff, self.total),
            "boundary_effect": effect,
            **{
                f"over_{name}": integration.served_over_border(minutes, people, *codes, cutoff)
                for name, codes in lines.items()
            },
            "mutual": int(np.triu(integration.mutual(self.between, cutoff), 1).sum()),
            "pairs": n * (n - 1) // 2,
            **self.interval.get(cutoff, {}),
        }

    def _codes(self, column: str) -> tuple[Ints64, Ints64]:
        """Return the prefecture or province of each group of people, and that of each city, as
        numbers.
        """
        names, of = np.unique(self.counties[column].astype(str), return_inverse=True)
        known = {name: k for k, name in enumerate(names.tolist())}
        province = dict(
            zip(self.counties["prefecture_code"], self.counties["province_code"], strict=True)
        )
        own = [city.prefecture_code for city in self.cities]
        codes = own if column == "prefecture_code" else [province.get(code, "") for code in own]
        return of[self.county], np.array([known.get(str(code), -1) for code in codes])

    @cached_property
    def potential(self) -> Floats:
        """float64 (n,): people of the core cities that a group reaches, each halved for every 30
        minutes away.
        """
        masses = np.array([self._mass(city) for city in self.cities])
        return access.decayed(self.minutes, masses, "exponential", HALF_LIFE_MIN)

    def _mass(self, city: City) -> float:
        mine = self.counties["county_code"].isin(city.proper_counties)
        if not mine.any():
            mine = self.counties["prefecture_code"] == city.prefecture_code
        return float(self.counties.loc[mine, "population"].sum())

    @cached_property
    def county_table(self) -> list[dict[str, Any]]:
        """One row a county, the worst served first: people, share within each cutoff, minutes,
        potential.

        ``minutes``: the median of its people to the nearest core city, None where fewer than half
        have a journey.
        """
        best = self.minutes.min(axis=1, initial=np.inf)
        rows = []
        census = self.counties["population"].to_numpy(float)
        for k, row in enumerate(self.counties.drop(columns="geometry").to_dict("records")):
            mine = self.county == k
            people = self.people[mine]
            total = max(float(np.nan_to_num(census[k])), float(self.people[mine].sum()))
            shares = {
                f"share_{c}": float(people[best[mine] <= c].sum() / total) if total else 0.0
                for c in CUTOFFS
            }
            middle = equity.middle(best[mine], people, total)
            rows.append(
                {
                    **{name: row[name] for name in COUNTY_NAMES},
                    "people": round(total),
                    **{c: round(v, 4) for c, v in shares.items()},
                    "minutes": None if np.isinf(middle) else round(middle, 1),
                    "potential": round(float((self.potential[mine] * people).sum() / total))
                    if total
                    else 0,
                }
            )
        return sorted(rows, key=lambda row: (row["potential"], row["county_code"]))

    @property
    def county_frame(self) -> gpd.GeoDataFrame:
        """The rows of `county_table` with their polygons; EPSG:4326."""
        return with_shapes(self.county_table, self.counties)

    def quadrants(
        self, commuters: Mapping[str, float], cutoff: int = CUTOFFS[0]
    ) -> list[dict[str, Any]]:
        """Return observed commuters by county code against the people who reach a core city within
        the cutoff.

        One row a county of the region that is named, most commuters first; see
        `integration.quadrants`.
        """
        rows = [row for row in self.county_table if row["county_code"] in commuters]
        if unknown := sorted({*commuters} - {*self.counties["county_code"]}):
            raise ParameterError(
                f"commuters of {examples(unknown)}: no counties of {self.region.region_id}"
            )
        observed = np.array([commuters[row["county_code"]] for row in rows], float)
        reachable = np.array([row[f"share_{cutoff}"] * row["people"] for row in rows], float)
        names = integration.quadrants(observed, reachable)
        found = [
            {
                **{key: row[key] for key in (*COUNTY_NAMES, "people")},
                "commuters": seen,
                "reachable": round(reach),
                "quadrant": name,
            }
            for row, seen, reach, name in zip(
                rows, observed.tolist(), reachable.tolist(), names, strict=True
            )
        ]
        return sorted(found, key=lambda row: (-row["commuters"], row["county_code"]))

    @cached_property
    def equity(self) -> dict[str, float]:
        """Of the potential over the counties' people: Gini, Palma, Theil and its part between
        prefectures, worst tenth.

        ``worst_tenth`` is what the tenth of the people with least have, by the mean of all;
        ``without`` the share of people who reach no core city within two hours.
        """
        value, people = (
            np.array([row[key] for row in self.county_table], float)
            for key in ("potential", "people")
        )
        theil = equity.theil(value, people, [row["prefecture"] for row in self.county_table])
        mean = float((value * people).sum() / people.sum()) if people.sum() else float("nan")
        return {
            "gini": equity.gini(value, people),
            "palma": equity.palma(value, people),
            "theil": theil["all"],
            "theil_between": theil["between"] / theil["all"] if theil["all"] else float("nan"),
            "worst_tenth": equity.worst_tenth(value, people) / mean if mean else float("nan"),
            "mean": mean,
            "without": 1
            - integration.integration_index(
                self.minutes, self.people, LARGEST_CUTOFF_MIN, self.total
            ),
        }

    @property
    def mutual(self) -> list[dict[str, Any]]:
        """One row a pair of core cities: minutes each way, and within which cutoffs they are of
        each other.
        """
        pairs = [(a, b) for a in range(len(self.cities)) for b in range(a + 1, len(self.cities))]
        both = {cutoff: integration.mutual(self.between, cutoff) for cutoff in CUTOFFS}
        return [
            {
                "one": self.cities[a].slug,
                "other": self.cities[b].slug,
                **{
                    key: None if np.isinf(m) else round(float(m), 1)
                    for key, m in (
                        ("there_min", self.between[a, b]),
                        ("back_min", self.between[b, a]),
                    )
                },
                **{f"mutual_{cutoff}": bool(found[a, b]) for cutoff, found in both.items()},
            }
            for a, b in pairs
        ]

    def as_plain(self) -> dict[str, Any]:
        """Return everything as plain values; NaN and infinity as None."""

        def plain(row: dict[str, Any]) -> dict[str, Any]:
            return {
                k: None if isinstance(v, float) and not np.isfinite(v) else v
                for k, v in row.items()
            }

        return {
            "region": self.region.region_id,
            "cities": [city.slug for city in self.cities],
            "reading": self.reading,
            "direction": self.direction,
            "people": round(self.total),
            "integration": [plain(row) for row in self.table],
            "equity": plain(self.equity),
            "mutual": self.mutual,
            "counties": self.county_table,
        }


@dataclass(frozen=True)
class RegionChanges:
    """The measures of an agglomeration before and after a scenario, for the same core cities."""

    before: RegionIndicators
    after: RegionIndicators

    @property
    def by_class(self) -> list[dict[str, Any]]:
        """One row a class of county: who more, and who no longer, reaches a core city within each
        cutoff.

        Classes: counties of a city proper, others of a core city's prefecture, of its province, and
        elsewhere.
        """
        counties = self.before.counties
        cities = self.before.cities
        own = {city.prefecture_code for city in cities}
        provinces = set(counties.loc[counties["prefecture_code"].isin(own), "province_code"])
        proper = counties["county_code"].isin(
            {code for city in cities for code in city.proper_counties}
        )
        inside = [
            proper,
            counties["prefecture_code"].isin(own),
            counties["province_code"].isin(provinces),
        ]
        of = np.select([one.to_numpy() for one in inside], [0, 1, 2], len(inside))
        rows = []
        for k, name in enumerate(("proper", "prefecture", "province", "elsewhere")):
            row: dict[str, Any] = {
                "class": name,
                "people": round(float(counties.loc[of == k, "population"].sum())),
            }
            for cutoff in CUTOFFS:
                more = (self._reached(self.after, cutoff) - self._reached(self.before, cutoff))[
                    of == k
                ]
                row |= {
                    f"gained_{cutoff}": round(more[more > 0].sum()),
                    f"lost_{cutoff}": round(-more[more < 0].sum()),
                }
            rows.append(row)
        return rows

    def _reached(self, found: RegionIndicators, cutoff: int) -> Floats:
        """Return float64 (n_counties,) the people who reach a core city within the cutoff."""
        inside = found.minutes.min(axis=1, initial=np.inf) <= cutoff
        return np.bincount(found.county[inside], found.people[inside], len(found.counties)).astype(
            float
        )

    def as_plain(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return {
            "before": self.before.as_plain(),
            "after": self.after.as_plain(),
            "by_class": self.by_class,
        }


def measured(
    run: AnalysisInputs,
    region: str,
    *,
    reading: str = HEADLINE,
    direction: str = "to",
    cities: Sequence[City] | None = None,
) -> RegionIndicators:
    """Return the measures of an agglomeration without an interval, see
    `uncertainty.integration.indicators`.
    """
    known, own = find_region(run.compiled.network, region)
    found = overlap_of(
        run, cities or own, reading=reading, direction=direction, cutoff_min=LARGEST_CUTOFF_MIN
    )
    return region_indicators(found, known)


def known_indicators(
    run: AnalysisInputs, region: Region, cities: Sequence[City], reading: str, direction: str
) -> RegionIndicators | None:
    """Return the measures of a region by the network's own people; None where no counties or people
    are known.
    """
    network = run.compiled.network
    if network.counties is None or network.population is None:
        return None
    own = run.changed(opportunities=None)
    return measured(own, region.region_id, reading=reading, direction=direction, cities=cities)


def changes_of(before: RegionIndicators, after: AnalysisInputs) -> RegionChanges:
    """Return the measures before and after a scenario; `after` is the run with it."""
    later = known_indicators(after, before.region, before.cities, before.reading, before.direction)
    assert later is not None
    return RegionChanges(before, later)


def with_shapes(rows: Sequence[Mapping[str, Any]], counties: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return rows by ``county_code`` with the polygons of these counties, in the counties' order;
    EPSG:4326.
    """
    shapes = counties[["county_code", "geometry"]]
    return shapes.merge(frame_of(rows), on="county_code") if rows else shapes.iloc[:0]


def find_region(network: Network, name: str) -> tuple[Region, list[City]]:
    """Return a region and its core cities, or the region of a city and that city alone.

    Raises NotFoundError where the name is of neither, with the nearest names of regions;
    ParameterError where a city is in no region, or a region has no core city.
    """
    try:
        region = network.get_region(name)
    except NotFoundError as unknown:
        try:
            city = network.get_city(name)
        except NotFoundError:
            raise unknown from None
        if not city.regions:
            raise ParameterError(
                f"city {city.slug} is in no agglomeration; `railshed cities` lists them"
            ) from None
        return network.get_region(city.regions[0]), [city]
    return region, known_core_cities(network.cities, region)


def region_indicators(found: OverlapResult, region: Region) -> RegionIndicators:
    """Return the measures of a region from the circles of its core cities on common cells.

    Raises ParameterError where no counties or no people are known, or the circles were looked at
    less far than the largest cutoff.
    """
    network = found.network
    counts = found.counts
    if network.counties is None or counts.people is None:
        raise ParameterError(
            f"network {network.network_id}: measures of a region need its counties and people"
        )
    if found.cutoff_min < max(CUTOFFS):
        raise ParameterError(
            f"circles of {found.cutoff_min} min: measures need {max(CUTOFFS)} or more"
        )
    mine = region.holds(network.counties)
    place = np.cumsum(mine) - 1
    here = mine[counts.people.county]
    cell = counts.people.cell[here]
    county = place[counts.people.county[here]]
    people = counts.people.people[here]
    seconds = np.stack([found.surfaces[city.slug].total_s for city in found.cities], axis=1)
    limit = found.cutoff_min * MINUTE
    minutes = np.where(seconds <= min(limit, UNREACHED - 1), seconds / MINUTE, np.inf)
    counties = network.counties[mine].reset_index(drop=True)
    at = _centres(found)
    between = np.where((at < 0)[:, None], np.inf, minutes[at])
    return RegionIndicators(
        region=region,
        circles=found,
        counties=counties,
        minutes=minutes[cell],
        people=people,
        county=county,
        between=between,
    )


def _centres(found: OverlapResult) -> Ints64:
    """Return the cell of each city's main centre on the land, -1 where it is not there."""
    land = found.counts.land
    points = [found.network.anchor(city) for city in found.cities]
    x, y = land.grid.project(*zip(*points, strict=True))
    at, known = find_keys(land.keys, cell_keys(*land.grid.index(x, y)))
    return np.where(known, at, -1)
