"""Porto Alegre for routers: the network, its feed with every time filled in, railshed under other
routers' rules.
"""

from __future__ import annotations

import csv
import json
import subprocess
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import railshed
from railshed.access.streets import Streets
from railshed.assumptions.assumptions import default_assumptions
from railshed.network.model import Network
from railshed.questions.reach.legs import LegTables, Pairs, TravelTimeRules, table_of
from railshed.questions.reach.points import cut_timetable, run_matrix
from railshed.routing.compile import compile_network
from railshed.routing.journeys import Compiled
from railshed.util.units import HOUR, MINUTE, UNREACHED

DAY = "2019-05-13"
DEPARTURE_S = 14 * HOUR
BOUND_S = 120 * MINUTE
Times = NDArray[np.int64]
PEERS = Path(__file__).with_name("porto_alegre_peers.py")


@dataclass(frozen=True)
class Files:
    """The raw files."""

    rail: Path
    bus: Path
    streets: Path
    points: Path

    @classmethod
    def of(cls, folder: Path) -> Files:
        """Return the files in the folder of the raw data."""
        return cls(
            folder / "poa_trensurb_2019.zip",
            folder / "poa_eptc_2019.zip",
            folder / "porto_alegre.osm.pbf",
            folder / "poa_hexgrid.csv",
        )


def load(files: Files) -> tuple[Network, Any, Streets]:
    """Return rail and bus as one network, the hexagons' centres as points, and the streets."""
    import geopandas as gpd
    import pandas as pd

    from railshed.io.streets.read import read_streets

    network = railshed.load_network([f"rail={files.rail}", f"bus={files.bus}"], date=DAY)
    table = pd.read_csv(files.points)
    points = gpd.GeoDataFrame(
        table[["id"]], geometry=gpd.points_from_xy(table["lon"], table["lat"]), crs="EPSG:4326"
    )
    return network, points, read_streets(files.streets)


def _clock(second: int) -> str:
    return f"{second // HOUR:02d}:{second % HOUR // MINUTE:02d}:{second % MINUTE:02d}"


def write_filled_feed(network: Network, folder: Path) -> Path:
    """Return a folder with the trips of the network's day as plain GTFS, no time blank, railshed's
    ids.
    """
    folder.mkdir(parents=True, exist_ok=True)
    trips, calls = network.trips, network.stop_times
    runs = np.array([s.runs_on(network.date) for s in network.services])[trips.service_idx]
    rows = zip(
        calls.trip_idx.tolist(),
        calls.station_idx.tolist(),
        calls.arrival_s.tolist(),
        calls.departure_s.tolist(),
        strict=True,
    )
    day = network.date.strftime("%Y%m%d")
    used = [k for k in range(network.n_trips) if runs[k]]
    routes = sorted({(trips.route_ids[k], int(trips.route_types[k])) for k in used})
    tables: dict[str, tuple[str, Iterable[Sequence[Any]]]] = {
        "agency": (
            "agency_id,agency_name,agency_url,agency_timezone",
            [("a", "a", "http://a", network.timezone)],
        ),
        "calendar": (
            "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date",
            [("s", *(1,) * 7, day, day)],
        ),
        "stops": (
            "stop_id,stop_name,stop_lat,stop_lon",
            [(s.station_id, s.name, repr(s.lat), repr(s.lon)) for s in network.stations],
        ),
        "routes": (
            "route_id,agency_id,route_short_name,route_type",
            [(r, "a", r, kind) for r, kind in routes],
        ),
        "trips": (
            "route_id,service_id,trip_id",
            [(trips.route_ids[k], "s", trips.trip_ids[k]) for k in used],
        ),
        "stop_times": (
            "trip_id,arrival_time,departure_time,stop_id,stop_sequence",
            [
                (trips.trip_ids[t], _clock(a), _clock(d), network.stations[x].station_id, n)
                for n, (t, x, a, d) in enumerate(rows)
                if runs[t]
            ],
        ),
    }
    for name, (head, lines) in tables.items():
        with (folder / f"{name}.txt").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(head.split(","))
            writer.writerows(lines)
    with zipfile.ZipFile(folder.with_suffix(".zip"), "w", zipfile.ZIP_DEFLATED) as archive:
        for name in tables:
            archive.write(folder / f"{name}.txt", f"{name}.txt")
    return folder


def ask_peer(python: str, name: str, job: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Return what another router answers to the job, run in its own interpreter."""
    path, out = folder / "job.json", folder / "answer.npz"
    path.write_text(json.dumps(job | {"out": str(out)}), encoding="utf-8")
    done = subprocess.run(
        [python, str(PEERS), name, str(path)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{name}: {done.stderr[-2000:]}")
    with np.load(out) as found:
        return {key: found[key] for key in found.files}


def peer_version(python: str, name: str) -> str | None:
    """Return the version of a peer in that interpreter, None where it is not installed."""
    code = f"import {name}; from importlib.metadata import version; print(version({name!r}))"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else None


def bounded(times: NDArray[Any]) -> Times:
    """Return int64 seconds with those above the bound unreached."""
    found = times.astype(np.int64)
    found[found > BOUND_S] = UNREACHED
    return found


def compiled_without_changes(network: Network) -> Compiled:
    """Return the network cast with changes of 0 s and no walks."""
    return compile_network(network, default_assumptions(), change_s=0, footpaths=False)


def solve(compiled: Compiled, legs: LegTables, walks: Pairs, rides: int) -> Times:
    """Return railshed's times for these legs and walks."""
    seconds = np.array([DEPARTURE_S])
    cut, n_runs = cut_timetable(compiled, compiled.to.change_s, walks, seconds, BOUND_S)
    found = run_matrix(cut, n_runs, legs, seconds, (50,), TravelTimeRules(max_transfers=rides - 1))
    return found[:, :, 0].astype(np.int64)


def columns(rows: NDArray[Any]) -> Pairs:
    """Return the three columns of rows (from, to, seconds)."""
    return rows[:, 0].astype(np.int64), rows[:, 1].astype(np.int64), rows[:, 2].astype(np.int64)


def with_walk(legs: Pairs, walks: Pairs) -> Pairs:
    """Return legs (point, station, seconds), and each with one walk between stations beyond its
    station.
    """
    point, near, seconds = legs
    one, two, walk_s = walks
    order = np.argsort(two, kind="stable")
    starts = np.searchsorted(two[order], np.arange(int(max(near.max(), two.max())) + 2))
    n = (starts[1:] - starts[:-1])[near]
    leg = np.repeat(np.arange(len(near)), n)
    k = order[starts[near][leg] + np.arange(len(leg)) - np.repeat(np.cumsum(n) - n, n)]
    return (
        np.concatenate([point, point[leg]]),
        np.concatenate([near, one[k]]),
        np.concatenate([seconds, seconds[leg] + walk_s[k]]),
    )


def peer_legs(network: Network, answer: dict[str, Any]) -> tuple[Pairs, Pairs, Pairs]:
    """Return a peer's own seconds on foot: access, between stations, all the way; stations by
    railshed's index.
    """
    index = network.station_index()
    number = np.array([index[str(stop)] for stop in answer["stops"]])
    point, near, seconds = columns(answer["access"])
    one, two, walk_s = columns(answer["walks"])
    return (
        (point, number[near], seconds),
        (number[one], number[two], walk_s),
        columns(answer["direct"]),
    )


def through_stations(start: Pairs, end: Pairs, n_stations: int) -> Pairs:
    """Return the seconds from point to point on foot by way of a station: legs to it, then legs of
    the other point.
    """
    order = np.argsort(end[0], kind="stable")
    point, near, seconds = (column[order] for column in end)
    ends, begins = np.unique(point, return_index=True)
    found = []
    for k in np.unique(start[0]):
        mine = start[0] == k
        reached = np.full(n_stations, UNREACHED, dtype=np.int64)
        np.minimum.at(reached, start[1][mine], start[2][mine])
        total = np.minimum.reduceat(reached[near] + seconds, begins)
        found += [(np.full(len(ends), k), ends, total)]
    one, two, total = (np.concatenate(column) for column in zip(*found, strict=True))
    return one, two, total


def joined(first: Pairs, second: Pairs) -> Pairs:
    """Return the pairs of both."""
    one, two, seconds = (np.concatenate(pair) for pair in zip(first, second, strict=True))
    return one, two, seconds


def near_stations(network: Network, answer: dict[str, Any]) -> NDArray[np.int64]:
    """Return the stations that a peer keeps for each point, nearest first: point,
    railshed's index.
    """
    index = network.station_index()
    number = np.array([index[str(stop)] for stop in answer["stops"]])
    return np.column_stack([answer["near"][:, 0], number[answer["near"][:, 1]]])


def kept_stations(legs: Pairs, near: NDArray[np.int64]) -> tuple[Pairs, Pairs]:
    """Return the legs (point, station, seconds) that are among `near`, and those of them that stand
    first there.
    """
    width = int(max(legs[1].max(), near[:, 1].max())) + 1
    order = np.argsort(legs[0] * width + legs[1])
    place = order[
        np.searchsorted((legs[0] * width + legs[1])[order], near[:, 0] * width + near[:, 1])
    ]
    first = np.ones(len(near), dtype=bool)
    first[1:] = near[1:, 0] != near[:-1, 0]
    kept, nearest = (tuple(column[k] for column in legs) for k in (place, place[first]))
    return (kept[0], kept[1], kept[2]), (nearest[0], nearest[1], nearest[2])


def legs_of(access: Pairs, egress: Pairs, direct: Pairs, n: int) -> LegTables:
    """Return the tables that the kernels take."""
    return LegTables(
        table_of(access, n, BOUND_S), table_of(egress, n, BOUND_S), table_of(direct, n, BOUND_S)
    )
