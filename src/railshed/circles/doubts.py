"""What makes a city's figures doubtful: trips that reading left out, few trains from outside for
its people.
"""

from __future__ import annotations

import datetime as dt
import warnings
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

from railshed.assumptions.readings import Reading
from railshed.circles.city_model import CityModel
from railshed.circles.places import station_seconds
from railshed.circles.summary import Summary
from railshed.network.model import Network
from railshed.routing.directions import directions_of
from railshed.util import number_format as n
from railshed.util.bilingual import Words
from railshed.util.errors import InputError, Issue, RailshedWarning
from railshed.util.geodesy import great_circle_m
from railshed.util.phrases import phrase
from railshed.util.units import MINUTE

#: shares of a station's trips that may be left out: at a terminal of the city, and at any station
#: in its circle
TERMINAL_SHARE = 0.05
STATION_SHARE = 0.1
_TEXT = (
    "{trips_left_out:,} of {trips:,} trips at {name} ({station_id}) are left out in reading "
    "({share:.1%}, at most "
)


def left_out_rows(
    case: CityModel, reading: Reading, direction: str, cutoff_min: int
) -> list[dict[str, Any]]:
    """Return a row for each terminal and station in the circle with trips left out in reading,
    largest share first.

    In the circle are stations within the cutoff by rail, and those of which every trip is left out
    that lie no farther from the main centre than the farthest of them. `allowed` is the share that
    may be left out.
    """
    network = case.compiled.network
    rows = list[dict[str, Any]]()
    if not network.left_out:
        return rows
    inside = station_seconds(case, reading, directions_of(direction)) <= cutoff_min * MINUTE
    metres = great_circle_m(*network.anchor(case.city), *network.lon_lat)
    near = metres <= metres[inside].max(initial=0.0)
    index = network.station_index()
    for row in _lost_on(network, case.compiled.date):
        k = index[row["station_id"]]
        whole = row["trips_left_out"] == row["trips"]
        if k in case.core or inside[k] or (whole and near[k]):
            rows.append({**row, "allowed": TERMINAL_SHARE if k in case.core else STATION_SHARE})
    return rows


def _lost_on(network: Network, date: dt.date) -> list[dict[str, Any]]:
    """Return a row for each station with trips of the date left out in reading, largest share
    first.
    """
    index = network.station_index()
    rows = list[dict[str, Any]]()
    idle = {service.service_id for service in network.services if not service.runs_on(date)}
    for row in (row for row in network.left_out if row["station_id"] in index):
        of = {"station_id": row["station_id"]}
        station = network.stations[index[row["station_id"]]]
        both = [n for name, n in row["by_service"].items() if name not in idle]
        of["trips_left_out"], of["trips"] = lost, trips = (
            np.array(both, np.int64).reshape(-1, 2).sum(axis=0).tolist()
        )
        of |= {
            "share": round(lost / max(trips, 1), 4),
            "reason": row["reason"],
            "file": row["file"],
        }
        if lost > 0:
            rows.append({**of, "name": station.name, "name_en": station.name_en})
    return sorted(rows, key=lambda row: (-row["share"], row["station_id"]))


def find_left_out(
    network: Network, allow: bool = False, stations: Collection[str] | None = None
) -> list[Issue]:
    """Return an issue for each station (of `stations`) that lost more trips of the date than a
    terminal may.

    It is an error at a terminal of the network's cities, unless `allow`: their circles end with it.
    Elsewhere it is a warning: it ends the circle of another city with this terminal, and over 10 %
    any circle that it lies in.
    """
    own = {
        station_id for city in network.cities for station_id in city.core_station_ids if not allow
    }
    text = (
        f"{_TEXT}{TERMINAL_SHARE:.0%} at a terminal, {STATION_SHARE:.0%} in a circle), most of "
        "them for {reason}"
    )
    remedy = "mend what is named, or let circles go on with --allow-loss (allow_loss=True)"
    found = []
    for row in _lost_on(network, network.date):
        if row["share"] <= TERMINAL_SHARE or (
            stations is not None and row["station_id"] not in stations
        ):
            continue
        severity: Any = "error" if row["station_id"] in own else "warning"
        found.append(Issue(severity, "left-out", text.format(**row), row["file"], remedy=remedy))
    return found


def judge_left_out(rows: Sequence[dict[str, Any]], city: str, allow: bool | None) -> None:
    """Raise an `InputError` if too many trips are left out; None: give a `RailshedWarning`; True:
    let it pass.
    """
    text = _TEXT + "{allowed:.0%}), most of them for {reason}"
    remedy = "mend what `railshed check` names, or go on with --allow-loss (allow_loss=True)"
    bad = [row for row in rows if row["share"] > row["allowed"]]
    issues = [
        Issue("error", "left-out", text.format(**row), row["file"], remedy=remedy) for row in bad
    ]
    error = InputError(
        f"city {city}: too many trips left out at {n.counted(len(issues), 'station')}", issues
    )
    if issues and allow is None:
        warnings.warn(str(error), RailshedWarning, stacklevel=2)
    elif issues and not allow:
        raise error


def doubts_of(summary: Summary) -> list[Words]:
    """Return the doubts in words, for screens, reports and maps: the station that lost most, too
    few arrivals.
    """
    found = []
    sparse = summary.sparse_service
    for row in summary.left_out[:1]:
        names = {
            "name": Words(row["name"], row["name_en"] or row["name"]),
            "stations": len(summary.left_out),
        }
        found.append(phrase("doubt_left_out", **{**row, **names}))
    if sparse is not None:
        arrivals = f"{sparse['arrivals_an_hour']:g}"
        found.append(
            phrase("doubt_sparse", people=n.people_short(sparse["people"]), arrivals=arrivals)
        )
    return found
