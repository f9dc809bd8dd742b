"""What a circle's summary and station table say beside its figures: lines, quiet modes, streets,
both directions.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from railshed.access.street_access import DOOR_SNAP_M
from railshed.access.streets import Streets
from railshed.assumptions.readings import Reading
from railshed.circles.cell_counts import CellCounts, round_parts
from railshed.circles.city_model import CityModel
from railshed.circles.places import station_rows
from railshed.circles.surface import Surface
from railshed.network.service_windows import Service, service_in
from railshed.network.trip_series import with_first_runs
from railshed.routing.directions import directions_of
from railshed.routing.profiles import Window
from railshed.util.array_types import Bools, Floats
from railshed.util.units import MINUTE, format_clock

if TYPE_CHECKING:
    import geopandas as gpd


def _service(case: CityModel, reading: Reading, direction: str) -> Iterator[tuple[Window, Service]]:
    """Yield each window of the reading with its service."""
    for window in dict.fromkeys(case.window(reading, way) for way in directions_of(direction)):
        yield window, service_in(case.compiled.network.whole, window, case.compiled.date)


def quiet_mode_rows(case: CityModel, reading: Reading, direction: str) -> list[dict[str, Any]]:
    """Return the modes with many trips on the date but none in a window of the reading: an extract
    of some hours?
    """
    return [
        {
            "mode": quiet.mode,
            "trips": quiet.n_trips,
            "first_departure": format_clock(quiet.first_s),
            "last_arrival": format_clock(quiet.last_s),
            "window": [format_clock(end) for end in window],
        }
        for window, (modes, _) in _service(case, reading, direction)
        for quiet in modes
    ]


def empty_window_rows(case: CityModel, reading: Reading, direction: str) -> list[dict[str, Any]]:
    """Return the windows of the reading that are nearly empty (`low_service_window`),
    with numbers.
    """
    return [
        {
            "window": [format_clock(end) for end in row.window],
            "trips": row.n_trips,
            "busiest_window": [format_clock(end) for end in row.busiest],
            "trips_busiest": row.n_busiest,
            "trips_usual": row.n_usual,
        }
        for _, (_, row) in _service(case, reading, direction)
        if row is not None
    ]


def street_distances(
    case: CityModel, stations: gpd.GeoDataFrame
) -> tuple[Bools, dict[str, Floats]]:
    """Return where streets are known at the stations of a table, and metres to each mode's network,
    NaN if too far.
    """
    index = case.compiled.network.station_index()
    return case.access.snaps(case.doors([index[s] for s in stations["station_id"]]))


def street_summary(
    counts: CellCounts, streets: Streets, stations: gpd.GeoDataFrame, surface: Surface, cutoff: int
) -> dict[str, Any]:
    """Return how the stations of the table meet the streets.

    And how much of the circle, by rail or not, lies where no streets are known and rests on
    straight lines.
    """
    case = counts.case
    land = counts.land
    access = counts.case.access
    unknown = ~access.known_cells(land.grid, land.row, land.column) & (
        surface.total_s <= cutoff * MINUTE
    )
    people = counts.inside(unknown).people_by_part
    on, metres = street_distances(case, stations)
    networks = {}
    for net, far in metres.items():
        near = on & ~np.isnan(far)
        lost = on & np.isnan(far)
        networks[net] = {
            "stations": int(near.sum()),
            "median_m": round(float(np.median(far[near])), 1) if near.any() else None,
            "largest_m": round(float(far[near].max()), 1) if near.any() else None,
            "without_street": [
                f"{name} ({key})"
                for name, key in stations.loc[lost, ["name", "station_id"]].to_numpy()
            ],
        }
    return {
        "files": dict(streets.checksums),
        "notes": list(streets.notes),
        "issues": [str(issue) for issue in streets.issues],
        "stations_outside": int((~on).sum()),
        "within_m": DOOR_SNAP_M,
        "networks": networks,
        "straight": {
            "cutoff_min": cutoff,
            "cells": int(unknown.sum()),
            "area_km2": float(unknown.sum() * land.grid.cell_km2),
            "people": None if people is None else sum(round_parts(people)),
        },
    }


def lines_of(case: CityModel) -> list[str]:
    """Return the headway-only lines of a timetable that call at one of the city's core stations."""
    network, _, _ = with_first_runs(case.compiled.network)
    if not network.lines_included:
        return []
    calls = network.stop_times
    at_core = np.zeros(network.n_stations, dtype=bool)
    at_core[list(case.core)] = True
    trips = np.unique(calls.trip_idx[at_core[calls.station_idx]])
    names = {network.trips.names[k] for k in trips.tolist()}
    return sorted(names & set(network.lines_included))


def nearest_stations(
    case: CityModel, reading: Reading, fastest: Reading, direction: str, cutoff: int
) -> list[dict[str, Any]]:
    """Return the rows of `places.station_rows`, nearest first; both ways the worse of the two
    values.
    """
    rows, *others = [
        station_rows(case, reading, fastest, way, cutoff) for way in directions_of(direction)
    ]
    for other in others:
        back = {row["station_id"]: row for row in other}
        rows = [_worse(row, back[row["station_id"]]) for row in rows if row["station_id"] in back]
    return sorted(rows, key=_nearness)


def _worse(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Return a station with the worse of the values of both directions, NaN where either is."""
    longest = ("minutes_fastest", "minutes", "minutes_strict", "max_gap_min")
    most = {c: np.maximum(one[c], other[c]).item() for c in longest}
    return (
        one
        | most
        | {c: np.minimum(one[c], other[c]).item() for c in ("share_served", "trips", "inside")}
    )


def _nearness(row: dict[str, Any]) -> tuple[Any, ...]:
    minutes = [np.inf if np.isnan(row[c]) else row[c] for c in ("minutes", "minutes_fastest")]
    return *minutes, row["station_id"]
