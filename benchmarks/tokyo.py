"""All trains of Greater Tokyo on a weekday as a `Network`: the scale test. A loader for benchmarks only.

Reads the flattened tables of mini-tokyo-3d (see the folder's SOURCE.txt). Simplified where it does not change the work:
trains that run through from one railway to another stay two trips; changes take 60 s; every two stations of a group are
120 s apart (same part) or 300 s (another part); a leg lasts at least 30 s, for times are whole minutes.
"""

from __future__ import annotations

import datetime as dt
import json
from itertools import permutations
from pathlib import Path

import numpy as np

from railshed.model import Network, Service, Station, StopTimes, Transfers, Trips
from railshed.units import DAY, HOUR, MINUTE

CHANGE_S, NEAR_S, FAR_S, LEAST_LEG_S = 60, 120, 300, 30
DATE = dt.date(2026, 8, 5)
#: the targets of the benchmark: hubs and suburbs
TARGETS = (
    "JR-East.Yamanote.Tokyo", "JR-East.Yamanote.Shinjuku", "JR-East.Yamanote.Shibuya", "JR-East.Yamanote.Ikebukuro",
    "JR-East.Yamanote.Ueno", "JR-East.Yamanote.Shinagawa", "JR-East.Tokaido.Yokohama", "JR-East.Keiyo.Soga",
    "TokyoMetro.Ginza.Ginza", "JR-East.ChuoRapid.Tachikawa",
)  # fmt: skip


def load_tokyo(folder: Path) -> Network:
    """Return the weekday network."""
    import pandas as pd

    stations = pd.read_csv(folder / "stations.csv")
    columns = ["trip_id", "calendar", "seq", "station_id", "arrive", "depart"]
    calls = pd.read_csv(folder / "stop_times.csv.gz", usecols=columns)
    index = {station_id: k for k, station_id in enumerate(stations["station_id"])}
    calls = calls[(calls["calendar"] == "Weekday") & calls["station_id"].isin(index)]
    calls = calls[calls["arrive"].notna() | calls["depart"].notna()].sort_values(["trip_id", "seq"], kind="stable")
    long = calls.groupby("trip_id")["seq"].transform("size") > 1
    calls = calls[long].reset_index(drop=True)
    trip, names = pd.factorize(calls["trip_id"])
    arrival, departure = _unwrapped(trip, _seconds(calls["arrive"]), _seconds(calls["depart"]))
    n = len(calls)
    everyday = Service("weekday", DATE - dt.timedelta(days=9), DATE + dt.timedelta(days=9), (True,) * 7)
    return Network(
        "tokyo", "Greater Tokyo, weekday", DATE,
        tuple(
            Station(s.station_id, str(s.name_ja), s.lon, s.lat, str(s.name_en), change_s=CHANGE_S)
            for s in stations.itertuples()
        ),
        (everyday,),
        Trips(tuple(names), ("",) * len(names), ("",) * len(names), np.zeros(len(names), np.int32),
              np.full(len(names), 2, np.int32)),
        StopTimes(
            trip.astype(np.int32), calls["station_id"].map(index).to_numpy(np.int32), arrival, departure,
            np.ones(n, bool), np.ones(n, bool),
        ),
        _transfers(json.loads((folder / "station-groups.json").read_text(encoding="utf-8")), index),
    )  # fmt: skip


def _seconds(text):  # type: ignore[no-untyped-def]
    """Return float seconds of HH:MM, NaN where blank; before 03:00 is the night after."""
    parts = text.str.split(":", expand=True).astype(float)
    seconds = parts[0] * HOUR + parts[1] * MINUTE
    return seconds.where(~(seconds < 3 * HOUR), seconds + DAY).to_numpy()


def _unwrapped(trip, arrive, depart):  # type: ignore[no-untyped-def]
    """Return (arrival, departure) int32, the missing one filled, rising along every trip."""
    arrive = np.where(np.isnan(arrive), depart, arrive).astype(np.int64)
    depart = np.where(np.isnan(depart), arrive, depart).astype(np.int64)
    for k in range(len(trip)):
        if k and trip[k] == trip[k - 1]:
            arrive[k] = max(arrive[k], depart[k - 1] + LEAST_LEG_S)
        depart[k] = max(depart[k], arrive[k])
    return arrive.astype(np.int32), depart.astype(np.int32)


def _transfers(groups: list[list[list[str]]], index: dict[str, int]) -> Transfers:
    rows = []
    for group in groups:
        members = [(part, index[s]) for part, stations in enumerate(group) for s in stations if s in index]
        for (part, u), (other, v) in permutations(members, 2):
            rows.append((u, v, NEAR_S if part == other else FAR_S))
    table = np.array(sorted(set(rows)), dtype=np.int32)
    return Transfers(*(np.ascontiguousarray(table[:, k]) for k in range(3)))
