"""One run of another router on Porto Alegre, in that router's own interpreter: it imports nothing
of railshed.

    python tests/peers/porto_alegre_peers.py NAME JOB.json

The job names feeds, streets, points and rules; the answer is an .npz with ``matrix`` (int32
seconds, 2**31 - 1 where not reached), ``build_s`` and ``matrix_s`` (seconds taken), ``peak_mib``,
``again`` (pairs that differ in a second, equal call) and, where asked for, the seconds on foot that
the router uses: from points to stations, between stations, between points; of ferrobus also
``near``, the stations that it keeps for each point, nearest first, and how many are too ``far``
from a street.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
import sys
import time
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

UNREACHED = 2**31 - 1
Job = dict[str, Any]


def read_rows(path: str) -> list[dict[str, str]]:
    """Return the rows of a CSV file."""
    with Path(path).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def percentile(times: np.ndarray, p: int) -> np.ndarray:
    """Return the nearest-rank percentile over the first axis."""
    return np.sort(times, axis=0)[max(0, (p * len(times) + 99) // 100 - 1)]


def run_cafein(job: Job) -> dict[str, Any]:
    """Return what cafein finds; `job` may ask for its own seconds on foot."""
    import cafein
    import geopandas as gpd

    rows = read_rows(job["points"])
    points = gpd.GeoDataFrame(
        {"id": [r["id"] for r in rows]},
        geometry=gpd.points_from_xy(
            [float(r["lon"]) for r in rows], [float(r["lat"]) for r in rows]
        ),
        crs="EPSG:4326",
    )
    started = time.process_time()
    network = cafein.TransportNetwork.from_gtfs(
        job["feeds"],
        osm_pbf=job["streets"],
        trip_distances=False,
        leg_geometries=False,
        street_modes=(),
        walking_speed_kmph=job.get("walk_kmh"),
        max_walking_time=job.get("transfer_min"),
    )
    built = time.process_time()
    origins = points.iloc[:: job.get("every", 1)]
    options = {"walking_speed_kmph": job.get("walk_kmh"), "max_walking_time": job.get("walk_min")}
    if job.get("window_min"):
        options |= {"departure_time_window": job["window_min"], "percentiles": [50]}

    def ask(**more: Any) -> np.ndarray:
        found = network.travel_time_matrix(
            origins, job["departure"], destinations=points, **options, **more
        )
        if found.ndim == 3:
            found = found[:, :, 0]
        return np.where(found > UNREACHED, UNREACHED, found).astype(np.int32)

    found = {"matrix": ask(), "build_s": built - started, "matrix_s": time.process_time() - built}
    if job.get("again"):
        found["again"] = int((ask() != found["matrix"]).sum())
    if job.get("tables"):
        ids = [stop[0] for stop in network.stops]
        number = {stop: k for k, stop in enumerate(ids)}
        access = []
        for k, row in enumerate(rows):
            try:
                near = network.access_stops(float(row["lat"]), float(row["lon"]), **options)
            except ValueError:  # no street within 1600 m
                continue
            access += [(k, number[stop], seconds) for stop, seconds in near.items()]
        paths = cafein.streets.walking_footpaths(
            job["streets"],
            network.stops,
            walking_speed_kmph=job["walk_kmh"],
            max_walking_time=job["transfer_min"],
        )
        place = np.array([number[stop] for stop in paths.stop_ids])
        walks = np.column_stack([place[paths.from_index], place[paths.to_index], paths.seconds])
        on_foot = ask(
            exclude_routes=[
                route[0] if isinstance(route, tuple) else route for route in network.routes
            ]
        )
        one, two = np.nonzero(on_foot < UNREACHED)
        found |= {
            "stops": np.array(ids),
            "access": np.array(access, dtype=np.int64),
            "walks": walks.astype(np.int64),
            "direct": np.column_stack([one, two, on_foot[one, two]]).astype(np.int64),
        }
    return found


def run_ferrobus(job: Job) -> dict[str, Any]:
    """Return what ferrobus finds; `job` may ask for its own seconds on foot."""
    import ferrobus

    rows = read_rows(job["points"])[:: job.get("every", 1)]
    walk_s, k_stops = round(60 * job["walk_min"]), job["nearest_stops"]
    clock = dt.datetime.fromisoformat(job["departure"])
    second = clock.hour * 3600 + clock.minute * 60
    started = time.process_time()
    model = ferrobus.create_transit_model(
        job["streets"], job["feeds"], clock.date(), round(60 * job["transfer_min"])
    )
    points, kept = ferrobus_points(model, rows, walk_s, k_stops)
    built = time.process_time()

    def ask(at: int, ask_points: Sequence[Any], rides: int) -> np.ndarray:
        table = ferrobus.travel_time_matrix(model, ask_points, at, rides)
        return np.array(
            [[UNREACHED if v is None else v for v in row] for row in table], dtype=np.int32
        )

    def whole() -> np.ndarray:
        seconds = second + 60 * np.arange(0, job.get("window_min") or 1, job.get("step_min", 1))
        times = np.stack([ask(int(at), points, job["rides"]) for at in seconds])
        out = np.full((len(rows), len(rows)), UNREACHED, np.int32)
        out[np.ix_(kept, kept)] = percentile(times, 50)
        return out

    found = {"matrix": whole(), "build_s": built - started, "matrix_s": time.process_time() - built}
    if job.get("again"):
        found["again"] = int((whole() != found["matrix"]).sum())
    if job.get("tables"):
        near = [
            (k, stop)
            for k, point in zip(kept, points, strict=True)
            for stop in point.nearest_stops()
        ]
        found |= ferrobus_tables(model, job, rows) | {"near": np.array(near, dtype=np.int64)}
    return found


def ferrobus_tables(model: Any, job: Job, rows: Sequence[dict[str, str]]) -> dict[str, Any]:
    """Return the seconds on foot that ferrobus uses: from node to node, of points and of stations,
    without rides.

    The way from a point to its node counts for access; that of a station does not, but it must be
    within the longest walk between stations, else no walk reaches the station.
    """
    import ferrobus

    walk_s, transfer_s = round(60 * job["walk_min"]), round(60 * job["transfer_min"])
    places = [
        {"id": s["stop_id"], "lon": s["stop_lon"], "lat": s["stop_lat"]}
        for s in read_rows(str(Path(job["feeds"][0]) / "stops.txt"))
    ]
    points, kept = ferrobus_points(model, rows, walk_s, 0)  # 0: no stations, so that all is on foot
    own = np.array([snap_seconds(model, rows[k], walk_s) for k in kept])
    doors, near = [], []
    for k, place in enumerate(places):
        away = snap_seconds(model, place, transfer_s + 1)
        if away <= transfer_s:
            doors += ferrobus_points(model, [place], away + transfer_s, 0)[0]
            near.append(k)
    table = ferrobus.travel_time_matrix(model, [*points, *doors], 0, 0)
    foot = np.array([[UNREACHED if v is None else v for v in row] for row in table], dtype=np.int64)
    del table
    n, numbers, stations = len(points), np.array(kept), np.array(near)
    access = np.where(foot[:n, n:] < UNREACHED, foot[:n, n:] + own[:, None], UNREACHED)
    one, two = np.nonzero(access <= walk_s)
    a, b = np.nonzero(foot[:n, :n] < UNREACHED)
    start, end = np.nonzero(foot[n:, n:] <= transfer_s)
    apart = start != end
    return {
        "stops": np.array([p["id"] for p in places]),
        "access": np.column_stack([numbers[one], stations[two], access[one, two]]),
        "direct": np.column_stack([numbers[a], numbers[b], foot[a, b]]),
        "walks": np.column_stack([stations[start], stations[end], foot[n:, n:][start, end]])[apart],
        "far": np.int64(len(places) - len(near)),
    }


def ferrobus_points(
    model: Any, rows: Sequence[dict[str, str]], walk_s: int, k_stops: int
) -> tuple[list[Any], list[int]]:
    """Return the points that ferrobus accepts, and their places among the rows."""
    import ferrobus

    points, kept = [], []
    for k, row in enumerate(rows):
        try:
            points.append(
                ferrobus.create_transit_point(
                    float(row["lat"]), float(row["lon"]), model, walk_s, k_stops
                )
            )
        except (RuntimeError, ValueError):  # no street near
            continue
        kept.append(k)
    return points, kept


def snap_seconds(model: Any, row: dict[str, str], most: int) -> int:
    """Return the seconds to the nearest node: the smallest limit of walking with which the point is
    accepted.
    """
    low, high = 0, 64
    while high < most and not ferrobus_points(model, [row], high, 1)[1]:
        low, high = high + 1, 2 * high
    high = min(high, most)
    while low < high:
        middle = (low + high) // 2
        if ferrobus_points(model, [row], middle, 1)[1]:
            high = middle
        else:
            low = middle + 1
    return low


def peak_mib() -> float:
    """Return the largest resident memory of this program, NaN where the system does not tell.

    Not `getrusage`: it counts what the process that started this one held.
    """
    status = Path("/proc/self/status")
    lines = status.read_text(encoding="utf-8").splitlines() if status.is_file() else []
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), np.nan)


def main() -> None:
    """Run the job."""
    warnings.simplefilter("ignore")
    job = json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))
    found = {"cafein": run_cafein, "ferrobus": run_ferrobus}[sys.argv[1]](job)
    found["peak_mib"] = peak_mib()
    np.savez(job["out"], **found)


if __name__ == "__main__":
    main()
