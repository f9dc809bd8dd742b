"""`transfers.csv`: minutes between metro stations and the railway stations that they serve, each
way.

A metro station serves a railway station within 700 m of it, or one of its name within 2.5 km
(上海火车站 and 上海, 虹桥火车站 and 上海虹桥). Minutes are from platform to platform: exit, walk,
entry. None was measured: they are the default station times of both classes and a walk along the
straight line times its detour, source "guess".
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from build_metro_lines import MetroStation
from build_regions import write_csv

from railshed.assumptions.assumptions import default_assumptions
from railshed.util.geodesy import great_circle_m

COLUMNS = ["from", "to", "from_zh", "to_zh", "minutes", "metres_straight", "source", "confidence"]
NEAR_M, SAME_NAME_M = 700.0, 2_500.0
#: names of cities that begin the names of their railway stations, where they are not in
#: `cities.csv`
CITY_NAMES = {"xuzhou": "徐州"}
#: interchanges that neither rule finds: metro station -> railway station
SERVED = {"beijing-xizhimen": "beijingbei"}
_BRACKETS = re.compile(r"[(（].*?[)）]")
_STATION = re.compile(r"站([东西南北]广场)?$")
_KIND = re.compile(r"高铁|火车|铁路")


def railway_names(metro: MetroStation, city: str) -> set[str]:
    """Return the names of railway stations that the name of a metro station means; none
    without 站.
    """
    plain = _BRACKETS.sub("", metro.name)
    if not _STATION.search(plain) or "客运" in plain:
        return {metro.name}
    stem = _KIND.sub("", _STATION.sub("", plain))
    return {stem, city + stem, metro.name} - {""}


def pairs(
    metros: Sequence[tuple[str, MetroStation]], rail: pd.DataFrame
) -> Iterator[tuple[MetroStation, Any, float]]:
    """Yield (metro station, railway station, metres) of all pairs; `metros` are (name of the city,
    station).
    """
    lon, lat = rail["stop_lon"].to_numpy(), rail["stop_lat"].to_numpy()
    for city, metro in metros:
        metres = great_circle_m(metro.lon, metro.lat, lon, lat)
        names = railway_names(metro, city)
        for k in (metres <= SAME_NAME_M).nonzero()[0]:
            station = rail.iloc[k]
            is_served = SERVED.get(metro.station_id) == station["stop_id"]
            if metres[k] <= NEAR_M or station["stop_name"] in names or is_served:
                yield metro, station, float(metres[k])


def build_transfers(
    out_dir: Path, metros: Sequence[tuple[str, MetroStation]], rail: pd.DataFrame
) -> dict[str, Any]:
    """Write `transfers.csv`; return notes.

    `rail` has stop_id, stop_name, stop_lon, stop_lat, station_class of the railway stations with
    trains on the day.
    """
    times, walk = default_assumptions().station_times, default_assumptions().modes["walk"]
    rows = []
    for metro, station, metres in sorted(
        pairs(metros, rail), key=lambda p: (p[0].station_id, p[1]["stop_id"])
    ):
        walk_s = math.ceil(walk.overhead_s + metres * walk.seconds_per_metre())
        here, there = times["metro"], times[station["station_class"]]
        metro_end, rail_end = (
            (metro.station_id, metro.name),
            (station["stop_id"], station["stop_name"]),
        )
        for a, b, seconds in (
            (metro_end, rail_end, here.exit_s + walk_s + there.entry_s),
            (rail_end, metro_end, there.exit_s + walk_s + here.entry_s),
        ):
            minutes = f"{seconds / 60:.1f}"
            values = (a[0], b[0], a[1], b[1], minutes, round(metres), "guess", "low")
            rows.append(dict(zip(COLUMNS, values, strict=True)))
    write_csv(out_dir / "transfers.csv", COLUMNS, rows)
    served = {row["to"] for row in rows} & set(rail["stop_id"])
    return {"transfers": len(rows), "railway_stations_with_a_metro": len(served)}
