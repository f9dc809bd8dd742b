"""What makes a city's figures doubtful: trips that reading left out, few trains from outside for its people."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from railshed.assumptions.readings import Reading
from railshed.circles.city_model import CityModel
from railshed.circles.places import station_seconds
from railshed.circles.summary import Summary
from railshed.routing.directions import directions_of
from railshed.util import number_format as n
from railshed.util.bilingual import Words
from railshed.util.errors import InputError, Issue, RailshedWarning
from railshed.util.geodesy import great_circle_m
from railshed.util.phrases import phrase
from railshed.util.units import MINUTE

#: shares of a station's trips that may be left out: at a terminal of the city, and at any station in its circle
TERMINAL_SHARE, STATION_SHARE = 0.05, 0.1


def left_out_rows(case: CityModel, reading: Reading, direction: str, cutoff_min: int) -> list[dict[str, Any]]:
    """Return a row for each terminal and station in the circle with trips left out in reading, largest share first.

    In the circle are stations within the cutoff by rail, and those of which every trip is left out that lie no farther
    from the main centre than the farthest of them. `allowed` is the share that may be left out. Trips of services that
    do not run on the date do not count.
    """
    network, rows = case.compiled.network, list[dict[str, Any]]()
    if not network.left_out:
        return rows
    inside = station_seconds(case, reading, directions_of(direction)) <= cutoff_min * MINUTE
    metres = great_circle_m(*network.anchor(case.city), *network.lon_lat)
    near, index = metres <= metres[inside].max(initial=0.0), network.station_index()
    idle = {service.service_id for service in network.services if not service.runs_on(case.compiled.date)}
    for row in (row for row in network.left_out if row["station_id"] in index):
        k, both = index[row["station_id"]], [n for name, n in row["by_service"].items() if name not in idle]
        lost, trips = np.array(both, np.int64).reshape(-1, 2).sum(axis=0).tolist()
        if lost and (k in case.core or inside[k] or (lost == trips and near[k])):
            of = {
                "station_id": row["station_id"],
                "trips_left_out": lost,
                "trips": trips,
                "share": round(lost / trips, 4),
            }
            of.update({key: row[key] for key in ("reason", "file")}, name=network.stations[k].name)
            of["name_en"] = network.stations[k].name_en
            rows.append({**of, "allowed": TERMINAL_SHARE if k in case.core else STATION_SHARE})
    return sorted(rows, key=lambda row: (-row["share"], row["station_id"]))


def judge_left_out(rows: Sequence[dict[str, Any]], city: str, allow: bool | None) -> None:
    """Raise an `InputError` if too many trips are left out; None: give a `RailshedWarning`; True: let it pass."""
    text = (
        "{trips_left_out:,} of {trips:,} trips at {name} ({station_id}) are left out in reading ({share:.1%}, at most "
    )
    text += "{allowed:.0%}), most of them for {reason}"
    remedy = "mend what `railshed check` names, or go on with --allow-loss (allow_loss=True)"
    bad = [row for row in rows if row["share"] > row["allowed"]]
    issues = [Issue("error", "left-out", text.format(**row), row["file"], remedy=remedy) for row in bad]
    error = InputError(f"city {city}: too many trips left out at {n.counted(len(issues), 'station')}", issues)
    if issues and allow is None:
        warnings.warn(str(error), RailshedWarning, stacklevel=2)
    elif issues and not allow:
        raise error


def doubts_of(summary: Summary) -> list[Words]:
    """Return the doubts in words, for screens, reports and maps: the station that lost most, too few arrivals."""
    found, sparse = [], summary.sparse_service
    for row in summary.left_out[:1]:
        names = {"name": Words(row["name"], row["name_en"] or row["name"]), "stations": len(summary.left_out)}
        found.append(phrase("doubt_left_out", **{**row, **names}))
    if sparse is not None:
        arrivals = f"{sparse['arrivals_an_hour']:g}"
        found.append(phrase("doubt_sparse", people=n.people_short(sparse["people"]), arrivals=arrivals))
    return found
